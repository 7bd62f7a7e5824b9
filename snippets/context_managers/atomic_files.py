"""Temporary files, and a file that is replaced in one step."""

# file: ~/atomic.py
# --8<-- [start:atomic]
"""Replace a file in one step: readers find the old content or the new, never a part."""

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TextIO


@contextmanager
def replacing(path: str | os.PathLike[str], new_mode: int = 0o600) -> Iterator[TextIO]:
    """Yield a UTF-8 text file whose content becomes that of `path` after the block.

    If the block raises, `path` stays as it was. An existing file keeps its mode, a new
    one gets `new_mode`; what a symbolic link points to is replaced, not the link.

    Raises OSError: the folder cannot be written, the disk is full. Then `path` stays as
    it was too, unless only the folder's fsync failed: that comes last.
    See https://docs.python.org/3/library/os.html#os.replace
    """
    target = Path(path).resolve()
    handle, name = tempfile.mkstemp(prefix=f".{target.name}.", dir=target.parent)
    try:
        with open(handle, "w", encoding="utf-8") as file:
            yield file
            file.flush()
            os.fchmod(file.fileno(), mode_of(target, new_mode))
            os.fsync(file.fileno())
        os.replace(name, target)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise
    sync_folder(target.parent)


def mode_of(path: Path, default: int) -> int:
    """Return the permission bits of `path`, `default` where there is no such file."""
    try:
        return stat.S_IMODE(path.stat().st_mode)
    except FileNotFoundError:
        return default


def sync_folder(path: Path) -> None:
    """Have the names in the folder `path` written to disk; raises OSError."""
    folder = os.open(path, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
# --8<-- [end:atomic]

# --8<-- [start:setup]
from pathlib import Path

hosts = Path("hosts.txt")
hosts.write_text("web 10.0.0.1\n")
hosts.chmod(0o640)
# --8<-- [end:setup]

# --8<-- [start:use]
from atomic import replacing

with replacing(hosts) as file:
    file.write("web 10.0.0.2\n")
    print("inside:", hosts.read_text(), end="")
print("after: ", hosts.read_text(), end="")
print(f"mode:   {hosts.stat().st_mode & 0o777:o}")
# --8<-- [end:use]

# --8<-- [start:raises]
try:
    with replacing(hosts) as file:
        file.write("web 10.0.")
        raise ConnectionError("the inventory went away")
except ConnectionError as error:
    print("raised:", error)
print("still: ", hosts.read_text(), end="")
print("beside:", [path.name for path in Path().glob(".hosts.txt.*")])
# --8<-- [end:raises]

# --- killed at every line

# --8<-- [start:kill-at]
import os
import signal
import sys
from collections.abc import Callable


def killed_at(line: int, write: Callable[[], None]) -> bool:
    """Have a child `write` and killed before its line number `line`.

    Returns False once there is no such line: `write` was done before.
    """
    passed = 0

    def trace(frame: object, event: str, _: object) -> object:
        nonlocal passed
        passed += event == "line"
        if passed > line:
            os.kill(os.getpid(), signal.SIGKILL)
        return trace

    if not (child := os.fork()):
        sys.settrace(trace)
        write()
        os._exit(0)
    return os.waitpid(child, 0)[1] == signal.SIGKILL
# --8<-- [end:kill-at]

# --8<-- [start:writers]
OLD, NEW = "old\n" * 5000, "new\n" * 5000


def plainly() -> None:
    with open("big.txt", "w") as file:
        for at in range(0, len(NEW), 10_000):
            file.write(NEW[at : at + 10_000])


def atomically() -> None:
    with replacing("big.txt") as file:
        for at in range(0, len(NEW), 10_000):
            file.write(NEW[at : at + 10_000])
# --8<-- [end:writers]

# browser: no processes
# --8<-- [start:torn]
from itertools import count, takewhile

names = {OLD: "old", NEW: "new", "": "nothing"}
for write in (plainly, atomically):
    big, seen = Path("big.txt"), set()
    big.write_text(OLD)
    for _ in takewhile(lambda line: killed_at(line, write), count()):
        seen.add(names.get(big.read_text(), "a part"))
        big.write_text(OLD)
    print(f"{write.__name__:11} {', '.join(sorted(seen))}")
# --8<-- [end:torn]

# browser: no processes
# --8<-- [start:left]
left = list(Path().glob(".big.txt.*"))
print("left behind:", len(left) > 0)
print("parts of the new content:", all(NEW.startswith(p.read_text()) for p in left))
# --8<-- [end:left]

# browser: no processes, so nothing is left behind
# --8<-- [start:sweep]
import time


def sweep(path: Path, older_than: float = 24 * 3600) -> None:
    """Remove what killed writers of `path` left beside it, if it is older (seconds)."""
    for left in path.parent.glob(f".{path.name}.????????"):
        if time.time() - left.stat().st_mtime > older_than:
            left.unlink(missing_ok=True)


sweep(big)
print("young ones stay:", any(Path().glob(".big.txt.*")))
sweep(big, older_than=-1)
print("swept:", not any(Path().glob(".big.txt.*")))
# --8<-- [end:sweep]

# --- temporary files and folders

# --8<-- [start:folder]
from tempfile import TemporaryDirectory

try:
    with TemporaryDirectory(prefix="report-") as name:
        work = Path(name)
        (work / "parts").mkdir()
        (work / "parts" / "1.csv").write_text("web,1\n")
        print(f"mode {work.stat().st_mode & 0o777:o}")
        raise ValueError("bad row")
except ValueError as error:
    print(error, "and the folder", "is there" if work.exists() else "has gone")
# --8<-- [end:folder]

# browser: no processes
# --8<-- [start:folder-killed]
def with_a_folder() -> None:
    with TemporaryDirectory(prefix="killed-", dir="."):
        os.kill(os.getpid(), signal.SIGKILL)


killed_at(10_000, with_a_folder)
print("left behind:", len(list(Path().glob("killed-*"))))
# --8<-- [end:folder-killed]

# browser: no processes
# --8<-- [start:named]
import subprocess
from tempfile import NamedTemporaryFile

with NamedTemporaryFile("w", suffix=".sql") as file:
    file.write("SELECT 1;\n")
    look = ["cat", file.name]
    print("not flushed:", subprocess.check_output(look, text=True) or "nothing")
    file.flush()
    print("flushed:", subprocess.check_output(look, text=True), end="")
print("after the block:", "there" if Path(file.name).exists() else "gone")
# --8<-- [end:named]

# browser: no processes
# --8<-- [start:named-better]
with TemporaryDirectory() as name:
    query = Path(name, "query.sql")
    query.write_text("SELECT 1;\n")
    print(subprocess.check_output(["cat", query], text=True), end="")
# --8<-- [end:named-better]

# --- when it fails

# exit: 1
# browser: no second file system
# --8<-- [start:device-red]
os.replace("/usr/lib/os-release", "os-release")
# --8<-- [end:device-red]

# browser: no second file system
# --8<-- [start:device-green]
with replacing("os-release") as file:
    file.write(Path("/usr/lib/os-release").read_text())
print(Path("os-release").read_text() == Path("/usr/lib/os-release").read_text())
# --8<-- [end:device-green]

# browser: differs Python 3.14 minds no longer that the file is gone
# --8<-- [start:gone-red]
try:
    with NamedTemporaryFile("w", dir=".") as file:
        file.write("web 10.0.0.3\n")
        os.replace(file.name, "hosts.txt")
        print("hosts.txt:", hosts.read_text() or "nothing")
except FileNotFoundError as error:
    print(f"FileNotFoundError: [Errno {error.errno}] {error.strerror}")
# --8<-- [end:gone-red]

# --8<-- [start:gone-green]
with replacing("hosts.txt") as file:
    file.write("web 10.0.0.3\n")
print("hosts.txt:", hosts.read_text(), end="")
# --8<-- [end:gone-green]
