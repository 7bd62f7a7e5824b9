"""Context managers that the standard library has, and how often each can be used."""

# --8<-- [start:closing]
import logging
from contextlib import closing

with closing(logging.FileHandler("deploy.log")) as handler:
    handler.handle(logging.makeLogRecord({"msg": "started"}))
# --8<-- [end:closing]

# --8<-- [start:check]
from pathlib import Path

print(Path("deploy.log").read_text(), end="")
print("closed:", handler.stream is None)
# --8<-- [end:check]

# --8<-- [start:captured]
import sys
from contextlib import redirect_stderr, redirect_stdout
from io import StringIO

with redirect_stdout(StringIO()) as printed:
    print("port 8080")
    print("no such host", file=sys.stderr)
print("captured:", repr(printed.getvalue()))

with redirect_stdout(StringIO()) as both, redirect_stderr(both):
    print("port 8080")
    print("no such host", file=sys.stderr)
print("both, in order:", repr(both.getvalue()))
# --8<-- [end:captured]

# --8<-- [start:optional]
import sqlite3
from contextlib import nullcontext


def count(db: sqlite3.Connection | None = None) -> int:
    """Return the number of hosts; close the connection only if it was made here."""
    with nullcontext(db) if db else closing(sqlite3.connect("hosts.db")) as ours:
        return ours.execute("SELECT count(*) FROM host").fetchone()[0]


# --8<-- [end:optional]

# --8<-- [start:optional-use]
with closing(sqlite3.connect("hosts.db")) as db:
    db.execute("CREATE TABLE host (name TEXT)")
    db.execute("INSERT INTO host VALUES ('web1')")
    print("given:", count(db))
    db.commit()
    print("still open:", count(db))
print("its own:", count())
# --8<-- [end:optional-use]

# --8<-- [start:table-setup]
import tempfile
import threading
from collections.abc import Callable, Iterator
from contextlib import ExitStack, chdir, contextmanager, suppress
from typing import Any

Path("ports.txt").write_text("8080\n")
lit: list[str] = []


@contextmanager
def lamp() -> Iterator[None]:
    """Keep the lamp lit."""
    lit.append("lamp")
    try:
        yield
    finally:
        lit.clear()


class Stack(ExitStack):
    """An ExitStack with a file that is made on entering."""

    def __enter__(self) -> ExitStack:
        self.file = self.enter_context(StringIO())
        return super().__enter__()


class Hosts(sqlite3.Connection):
    """A connection that writes a row on entering, so that a transaction is open."""

    def __enter__(self) -> sqlite3.Connection:
        self.execute("CREATE TABLE IF NOT EXISTS host (name TEXT)")
        self.execute("INSERT INTO host VALUES ('web1')")
        return super().__enter__()


def swallows(manager: suppress) -> bool:
    """Tell whether it swallows, as a block that it is given to would."""
    return bool(manager.__exit__(OSError, OSError(), None))


screen = sys.stdout
# Name, how to make one, and how to tell that it holds what it is for.
MANAGERS: list[tuple[str, Callable[[], Any], Callable[[Any], bool]]] = [
    ("open file", lambda: open("ports.txt"), lambda file: not file.closed),
    ("@contextmanager", lamp, lambda _: lit == ["lamp"]),
    ("closing", lambda: closing(StringIO()), lambda own: not own.thing.closed),
    (
        "TemporaryDirectory",
        tempfile.TemporaryDirectory,
        lambda folder: Path(folder.name).is_dir(),
    ),
    ("Lock", threading.Lock, lambda lock: lock.locked()),
    ("ExitStack", Stack, lambda stack: not stack.file.closed),
    ("sqlite3 connection", lambda: Hosts(":memory:"), lambda db: db.in_transaction),
    ("RLock", threading.RLock, lambda lock: "unlocked" not in repr(lock)),
    (
        "redirect_stdout",
        lambda: redirect_stdout(StringIO()),
        lambda _: sys.stdout is not screen,
    ),
    ("chdir", lambda: chdir("/"), lambda _: Path.cwd() == Path("/")),
    ("suppress", lambda: suppress(OSError), swallows),
    ("nullcontext", nullcontext, lambda _: True),
]


def would_wait(manager: Any) -> bool:
    """Tell whether entering it now would wait for ourselves."""
    if not hasattr(manager, "acquire"):
        return False
    if manager.acquire(timeout=0.1):
        manager.release()
        return False
    return True


# --8<-- [end:table-setup]


# --8<-- [start:table]
def one_more(manager: Any, holds: Callable[[Any], bool]) -> str:
    """Use it for a block, then for another."""
    with manager:
        pass
    with manager:
        return "works" if holds(manager) else "holds nothing"


def inside(manager: Any, holds: Callable[[Any], bool]) -> str:
    """Use it for a block inside its own block; look at the rest of the outer one."""
    with manager:
        if would_wait(manager):
            return "waits for ever"
        with manager:
            pass
        return "works" if holds(manager) else "ended by the inner"


print(f"{'':20}{'one more block':16}inside its own block")
for name, make, holds in MANAGERS:
    said = []
    for use in [one_more, inside]:
        try:
            said.append(use(make(), holds))
        except (ValueError, AttributeError) as error:
            said.append(type(error).__name__)
    print(f"{name:20}{said[0]:16}{said[1]}")
# --8<-- [end:table]

# --8<-- [start:file-red]
file = open("ports.txt")
for turn in ["first", "second"]:
    try:
        with file:
            print(turn, file.readline().strip())
    except ValueError as error:
        print(error)
# --8<-- [end:file-red]

# --8<-- [start:file-green]
for turn in ["first", "second"]:
    with open("ports.txt") as file:
        print(turn, file.readline().strip())
# --8<-- [end:file-green]

# --8<-- [start:quiet-red]
try:

    @redirect_stdout(StringIO())
    def deploy() -> None:
        """Print a lot."""
        print("step 1 of 99")

except TypeError as error:
    print(error)
# --8<-- [end:quiet-red]

# --8<-- [start:decorators]
from contextlib import ContextDecorator

managers = {
    "of @contextmanager": lamp(),
    "closing": closing(StringIO()),
    "suppress": suppress(OSError),
    "redirect_stdout": redirect_stdout(None),
    "nullcontext": nullcontext(),
}
for name, manager in managers.items():
    print(f"{name}:", isinstance(manager, ContextDecorator))
# --8<-- [end:decorators]


# --8<-- [start:quiet-cure]
class Redirected(redirect_stdout, ContextDecorator):
    """redirect_stdout, also as a decorator."""


# --8<-- [end:quiet-cure]

# --8<-- [start:quiet-green]
log = StringIO()


@Redirected(log)
def deploy() -> None:
    """Print a lot."""
    print("step 1 of 99")


deploy()
deploy()
print(repr(log.getvalue()))
# --8<-- [end:quiet-green]

# --8<-- [start:number-red]
import os

try:
    with closing(os.open("ports.txt", os.O_RDONLY)) as number:
        print(os.read(number, 4))
except AttributeError as error:
    print(error)
# --8<-- [end:number-red]

# --8<-- [start:number-green]
os.close(number)
with open("ports.txt", "rb", buffering=0) as file:
    print(os.read(file.fileno(), 4))
# --8<-- [end:number-green]
