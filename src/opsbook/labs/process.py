"""Start a real component, wait until it answers or explain why not, and always stop it.

The contract of every lab: no shell strings; output goes to a file, never to an unread pipe; the wait
loop asks dead? ready? late? in that order; any exit before ready is an error, exit 0 too; ready means
one real protocol exchange; an error names what died, its argv, its last 20 log lines and the way out;
stop is TERM to the group, grace, KILL, wait.
"""

import os
import shlex
import shutil
import signal
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

POLL_SECONDS = 0.02
LOG_LINES = 20


class LabError(Exception):
    """A lab could not do what it promises; the message ends with the way out."""


class LabUnavailable(LabError):
    """This machine lacks what the lab needs; the message names the package or permission."""


def need(program: str, package: str) -> str:
    """Return the path of `program`, or raise LabUnavailable naming the Debian `package` that has it."""
    # sshd and ip live in /usr/sbin, which an ordinary user's PATH on Debian leaves out.
    found = shutil.which(program, path=os.environ.get("PATH", os.defpath) + ":/usr/sbin:/sbin")
    if not found:
        raise LabUnavailable(f"{program} is not installed (apt-get install {package})")
    return found


def last_lines(log: Path, count: int = LOG_LINES) -> str:
    """Return the last `count` lines of `log`, each marked with a bar, or a note that it is empty."""
    try:
        lines = log.read_text(errors="replace").splitlines()[-count:]
    except OSError as error:
        return f"  | (no log: {error.strerror})"
    return "\n".join(f"  | {line}" for line in lines) or "  | (it printed nothing)"


def wait_until(
    ready: Callable[[], bool],
    what: str,
    *,
    dead: Callable[[], str | None] = lambda: None,
    seconds: float = 30,
) -> None:
    """Poll until `ready()`; raise LabError when `dead()` gives a reason or `seconds` have passed."""
    deadline = time.monotonic() + seconds
    while True:
        if reason := dead():
            raise LabError(reason)
        if ready():
            return
        if time.monotonic() > deadline:
            raise LabError(f"{what} was not ready after {seconds:g} s")
        time.sleep(POLL_SECONDS)


def stop(process: subprocess.Popen[bytes], grace: float = 2) -> None:
    """End `process` and its group: TERM, `grace` seconds, KILL; returns once it is reaped."""
    with suppress(ProcessLookupError, subprocess.TimeoutExpired):
        os.killpg(process.pid, signal.SIGTERM)
        process.wait(grace)
    # Its children may be more stubborn than it was.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def start(
    argv: Sequence[str], log: Path, ready: Callable[[], bool], *, seconds: float = 30, hint: str = ""
) -> subprocess.Popen[bytes]:
    """Start `argv` with its output in `log` and return it once `ready()` says so.

    Raises LabError with the argv, the exit code, the end of the log and `hint` when it dies first or is late;
    nothing of it runs on then.
    """
    with log.open("ab") as sink:
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True
        )

    def dead() -> str | None:
        code = process.poll()
        return None if code is None else f"{argv[0]} exited {code} before it was ready"

    try:
        wait_until(ready, argv[0], dead=dead, seconds=seconds)
    except BaseException as error:
        stop(process)
        if not isinstance(error, LabError):
            raise
        way_out = f"\n({hint})" if hint else ""
        raise LabError(f"{error}\n  $ {shlex.join(argv)}\n{last_lines(log)}{way_out}") from None
    return process


@contextmanager
def running(
    argv: Sequence[str], log: Path, ready: Callable[[], bool], *, seconds: float = 30, hint: str = ""
) -> Iterator[subprocess.Popen[bytes]]:
    """Run `argv` for as long as the block lasts; arguments and errors as for `start`."""
    process = start(argv, log, ready, seconds=seconds, hint=hint)
    try:
        yield process
    finally:
        stop(process)
