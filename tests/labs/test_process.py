"""Starting a component: it is ready, or the reader learns why not, and it always ends."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from opsbook.labs.process import LabError, LabUnavailable, last_lines, need, running, start, stop, wait_until

from .conftest import popen, running_argv, soon

STUBBORN = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True); time.sleep(60)"


def python(code: str, tag: Path) -> list[str]:
    """Return the argv of a small program; the folder of the test makes it findable."""
    return [sys.executable, "-c", textwrap.dedent(code), str(tag)]


def test_a_program_that_dies_first_is_explained(tmp_path: Path) -> None:
    """The error names program, exit code, argv, the last 20 lines it printed and the way out."""
    argv = python("for n in range(1, 31): print('line', n)\nraise SystemExit(3)", tmp_path)
    with pytest.raises(LabError) as error:
        start(argv, tmp_path / "log", lambda: False, hint="apt-get install it")
    told = str(error.value)
    assert f"{sys.executable} exited 3 before it was ready" in told
    assert f"'for n in range(1, 31): print('\"'\"'line'\"'\"', n)\nraise SystemExit(3)' {tmp_path}" in told
    assert "  | line 11\n" in told
    assert "line 10\n" not in told
    assert told.endswith("  | line 30\n(apt-get install it)")


def test_an_exit_0_before_ready_is_an_error_too(tmp_path: Path) -> None:
    """Whoever ends before it is ready is not ready, however content it was."""
    with pytest.raises(LabError, match=r"exited 0 before it was ready(.|\n)*\(it printed nothing\)"):
        start(python("", tmp_path), tmp_path / "log", lambda: False)


def test_a_program_that_is_never_ready_is_stopped(tmp_path: Path) -> None:
    """Being late is an error that shows the log, and nothing of the program runs on."""
    argv = python("import time; print('thinking', flush=True); time.sleep(60)", tmp_path)
    with pytest.raises(LabError, match=r"was not ready after 0\.5 s(.|\n)*  \| thinking"):
        start(argv, tmp_path / "log", lambda: False, seconds=0.5)
    assert running_argv(str(tmp_path)) == []


def test_a_dead_program_is_never_ready() -> None:
    """Death is asked for before readiness: an answer of somebody else's does not hide it."""
    with pytest.raises(LabError, match="it died"):
        wait_until(lambda: True, "it", dead=lambda: "it died")


def test_who_ignores_term_is_killed(tmp_path: Path) -> None:
    """A stubborn program gets its grace and then KILL."""
    log = tmp_path / "log"
    process = start(python(STUBBORN, tmp_path), log, lambda: "up" in log.read_text())
    before = time.monotonic()
    stop(process, grace=0.3)
    assert process.returncode == -signal.SIGKILL
    assert 0.25 < time.monotonic() - before < 10


def test_a_stubborn_child_of_an_obedient_parent_is_killed(tmp_path: Path) -> None:
    """The whole group ends, also when the leader went at once."""
    code = f"import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', {STUBBORN!r}, sys.argv[1]]); time.sleep(60)"
    log = tmp_path / "log"
    with running(python(code, tmp_path), log, lambda: "up" in log.read_text()):
        assert len(running_argv(str(tmp_path))) == 2
    assert soon(lambda: running_argv(str(tmp_path)) == [])


def test_a_megabyte_of_log_blocks_nothing(tmp_path: Path) -> None:
    """What a program prints goes to a file, so that no full pipe stops it."""
    log = tmp_path / "log"
    code = "import time; print('x' * 79 + '\\n', end='') or [print('y' * 79) for _ in range(13_000)]; print('up', flush=True); time.sleep(60)"
    with running(python(code, tmp_path), log, lambda: log.read_text().endswith("up\n")):
        assert log.stat().st_size > 1_000_000


def test_a_program_that_ended_by_itself_stops_without_complaint(tmp_path: Path) -> None:
    """Stopping what has gone is no error."""
    process = popen(python("", tmp_path))
    process.wait()
    stop(process)
    assert process.returncode == 0


def test_a_missing_program_names_its_package() -> None:
    """Who lacks a program is told what to install."""
    with pytest.raises(
        LabUnavailable, match=r"no-such-daemon is not installed \(apt-get install nothing-server\)"
    ):
        need("no-such-daemon", "nothing-server")


def test_programs_for_administrators_are_found_without_their_folders_on_path(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """An ordinary user's PATH leaves out /usr/sbin, where daemons are."""
    monkeypatch.setenv("PATH", "/nowhere")
    assert need("ip", "iproute2").endswith("/ip")


def test_a_log_that_is_not_there_is_said_so(tmp_path: Path) -> None:
    """A missing log does not hide the error that it belongs to."""
    assert last_lines(tmp_path / "none") == "  | (no log: No such file or directory)"


@pytest.mark.parametrize("error", [KeyboardInterrupt, ZeroDivisionError])
def test_an_interruption_while_starting_leaves_nothing(tmp_path: Path, error: type[BaseException]) -> None:
    """Ctrl-C, or any error while waiting, ends what was started and goes on its way."""
    argv = python("import time; time.sleep(60)", tmp_path)

    def interrupted() -> bool:
        if not running_argv(str(tmp_path)):
            return False  # not yet past its exec, and so without an argv
        raise error

    with pytest.raises(error):
        start(argv, tmp_path / "log", interrupted)
    assert running_argv(str(tmp_path)) == []


def test_an_error_inside_the_block_stops_the_program(tmp_path: Path) -> None:
    """A program runs for exactly as long as the block, however that ends."""
    argv = python("import time; time.sleep(60)", tmp_path)
    with pytest.raises(ZeroDivisionError), running(argv, tmp_path / "log", lambda: True) as process:  # noqa: PT012  # all lines
        assert process.poll() is None
        os.kill(process.pid, 0)
        raise ZeroDivisionError
    assert isinstance(process, subprocess.Popen)
    assert process.returncode == -signal.SIGTERM
