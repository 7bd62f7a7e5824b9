"""Whatever ends a program that holds a lab, SIGKILL too, nothing of the lab is left."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from .conftest import Process, children_of, host, inside, popen, processes, soon, spaces_of, still

REPO = Path(__file__).parents[2]
OPSBOOK = Path(sys.executable).with_name("opsbook")
BOOK = {
    "mkdocs.yml": "",
    "docs/git/index.md": "---\nlab: git\n---\n# Git\n",
    "snippets/git/hold.sh": "true\n",
    "tests/git/test_hold.py": "def test_hold(lab):\n    lab.laptop.run('sleep', '{seconds}', seconds=100)\n",
}


def sleeper() -> str:
    """Return a number of seconds that no other test sleeps."""
    return f"60.{os.getpid()}{time.monotonic_ns() % 1_000_000}"


def start_session(folder: Path, seconds: str, workers: str) -> subprocess.Popen[bytes]:
    """Start pytest on a tiny book with a test that holds a lab."""
    for path, text in BOOK.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_text(text.format(seconds=seconds))
    options = ["-q", "-p", "no:cacheprovider", "-n", workers, "--rootdir", ".", "tests"]
    return popen(
        [sys.executable, "-m", "pytest", *options],
        cwd=folder,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )


def start_cli(folder: Path, seconds: str, lab: str) -> subprocess.Popen[bytes]:
    """Start a command in a lab."""
    environment = os.environ | {"TMPDIR": str(folder)}
    argv: list[str | Path] = [OPSBOOK, "lab", lab, "--", "sleep", seconds]
    return popen(argv, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def family(process: subprocess.Popen[bytes]) -> set[Process]:
    """Return a program and all below it."""
    numbers = {process.pid, *children_of(process.pid)}
    return {running for running in processes() if running[0] in numbers}


def held(process: subprocess.Popen[bytes], seconds: str) -> set[Process]:
    """Return a program, all below it and all in its lab, once the command of `seconds` runs there."""
    sleeping = f"sleep {seconds}"
    assert soon(lambda: sleeping in processes().values(), 30)
    spaces = {space for (n, _), argv in processes().items() if argv == sleeping for space in spaces_of(n)}
    assert len(spaces - spaces_of("self")) == len(spaces)
    return family(process) | {*inside(spaces)}


@pytest.mark.parametrize(
    ("sign", "lab"),
    [
        (signal.SIGKILL, "ssh"),
        (signal.SIGKILL, "index"),
        (signal.SIGTERM, "ssh"),
        (signal.SIGHUP, "git"),
        (signal.SIGINT, "git"),
    ],
)
def test_a_killed_command_leaves_nothing(tmp_path: Path, sign: signal.Signals, lab: str) -> None:
    """Soon its lab's processes, mounts, namespaces and interfaces have gone; it tells of no success."""
    before, seconds = host(), sleeper()
    process = start_cli(tmp_path, seconds, lab)
    there = held(process, seconds)
    assert len(there) > 5
    process.send_signal(sign)
    code = process.wait(30)
    assert soon(lambda: not still(there)), still(there)
    assert code == (-sign if sign is signal.SIGKILL else 1)
    assert host() == before
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("sign", "workers"),
    [(signal.SIGKILL, "2"), (signal.SIGTERM, "0"), (signal.SIGINT, "0")],
)
def test_a_killed_test_session_leaves_nothing(tmp_path: Path, sign: signal.Signals, workers: str) -> None:
    """Soon its workers and the labs that they hold have gone too."""
    before, seconds = host(), sleeper()
    process = start_session(tmp_path, seconds, workers)
    there = held(process, seconds)
    process.send_signal(sign)
    assert process.wait(30) != 0
    assert soon(lambda: not still(there)), still(there)
    assert host() == before


@pytest.mark.parametrize("wait", [0.2, 0.4, 0.6])
def test_a_command_killed_while_its_lab_starts_leaves_nothing(tmp_path: Path, wait: float) -> None:
    """There is no moment at which a kill leaves anything."""
    seconds = sleeper()
    process = start_cli(tmp_path, seconds, "ssh")
    there: set[Process] = set()
    deadline = time.monotonic() + wait
    while time.monotonic() < deadline:
        there |= family(process)
        time.sleep(0.005)
    process.kill()
    process.wait()
    assert soon(lambda: not still(there)), still(there)
    assert list(tmp_path.iterdir()) == []
