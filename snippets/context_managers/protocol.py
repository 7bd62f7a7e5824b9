"""What `with` calls, in which order and with what: each way in, each way out."""

# --8<-- [start:traced]
from types import TracebackType


class Traced:
    """A context manager that prints each call; its `__exit__` returns `answer`."""

    def __init__(self, name: str = "traced", answer: object = None) -> None:
        self.name = name
        self.answer = answer

    def __enter__(self) -> str:
        print(f"{self.name}: __enter__()")
        return f"what {self.name} returned"

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> object:
        frames = traceback and "a traceback"
        print(f"{self.name}: __exit__({kind and kind.__name__}, {error!r}, {frames})")
        return self.answer


# --8<-- [end:traced]

# --8<-- [start:check]
with Traced() as thing:
    print("block has", repr(thing))
print("after it")
# --8<-- [end:check]

# --8<-- [start:ways]
import sys


def leave(way: str) -> str:
    """Leave a `with` block in the way that is asked for."""
    for _ in "once":
        with Traced():
            match way:
                case "return":
                    return "returned"
                case "break":
                    break
                case "raise":
                    raise ValueError("bad port")
                case "sys.exit(3)":
                    sys.exit(3)
                case "Ctrl-C":
                    raise KeyboardInterrupt
        return "reached the line after the block"
    return "went on after the loop"


for way in ["end of block", "return", "break", "raise", "sys.exit(3)", "Ctrl-C"]:
    print(f"-- {way}")
    try:
        print("leave()", leave(way))
    except BaseException as error:
        print(f"leave() raised {error!r}")
# --8<-- [end:ways]

# --8<-- [start:answers]
class Answers:
    """A context manager whose `__exit__` returns `answer`."""

    def __init__(self, answer: object) -> None:
        self.answer = answer

    def __enter__(self) -> None: ...

    def __exit__(self, *details: object) -> object:
        return self.answer


for answer in [None, False, 0, "", [], True, 1, "x", [0], NotImplementedError]:
    try:
        with Answers(answer):
            raise ValueError("bad port")
        print(f"{answer!r:36} swallowed: the program goes on")
    except ValueError:
        print(f"{answer!r:36} ValueError comes out")
# --8<-- [end:answers]

# --8<-- [start:several]
with (
    Traced("config") as config,
    Traced(f"lock of {config!r}", answer=True),
    Traced("file"),
):
    raise ValueError("bad port")
# --8<-- [end:several]

# --8<-- [start:enter-raises]
class Refuses(Traced):
    """A context manager that cannot be entered."""

    def __enter__(self) -> str:
        print(f"{self.name}: __enter__() raises")
        raise ConnectionRefusedError("no server there")


try:
    with Traced("config"), Refuses("server"):
        print("never printed")
except ConnectionRefusedError as error:
    print("caller has", repr(error))
# --8<-- [end:enter-raises]

# --8<-- [start:target-raises]
try:
    hosts: list[str] = []
    with Traced("server") as hosts[0]:
        print("never printed")
except IndexError as error:
    print("caller has", repr(error))
# --8<-- [end:target-raises]

# --8<-- [start:by-hand]
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import TypeVar

T = TypeVar("T")


def by_hand(manager: AbstractContextManager[T], block: Callable[[T], None]) -> None:
    """Do what `with manager as target: block(target)` does."""
    enter, leave = type(manager).__enter__, type(manager).__exit__
    target = enter(manager)
    try:
        block(target)
    except BaseException as error:
        if not leave(manager, type(error), error, error.__traceback__):
            raise
    else:
        leave(manager, None, None, None)


# --8<-- [end:by-hand]

# --8<-- [start:by-hand-run]
def fails(target: str) -> None:
    """Stand for a block that fails."""
    raise ValueError(f"{target} is bad")


by_hand(Traced(answer=True), fails)
by_hand(Traced(), print)
# --8<-- [end:by-hand-run]

# --8<-- [start:steps]
from types import FrameType


def step(frame: FrameType, event: str, _: object) -> object:
    """Print each line and each call that Python comes to; see sys.settrace."""
    name = frame.f_code.co_name
    if name == "work" and event == "line":
        print("line", frame.f_lineno - frame.f_code.co_firstlineno)
    if event == "call" and name in ("__enter__", "__exit__"):
        print("   calls", name)
    return step


def work() -> None:
    with Answers(True):  # line 1
        int("eighty")  # line 2
    print("done")  # line 3


sys.settrace(step)
work()
sys.settrace(None)
# --8<-- [end:steps]

# browser: differs Python 3.14 says which method is missing
# --8<-- [start:on-the-type]
class Config:
    """A class that knows nothing of `with`."""


config = Config()
config.__enter__ = lambda: print("entered")
config.__exit__ = lambda *details: print("left")
try:
    with config:
        print("never printed")
except TypeError as error:
    print(error)
# --8<-- [end:on-the-type]

# --8<-- [start:looked-up-first]
kept = Traced.__exit__
with Traced():
    Traced.__exit__ = lambda *details: print("never printed")
Traced.__exit__ = kept
# --8<-- [end:looked-up-first]

# --8<-- [start:file]
from pathlib import Path

path = Path("ports.txt")
with open(path, "w") as file:
    file.write("8080\n")
print(file.closed, path.read_text(), end="")

try:
    with open(path) as file:
        int(file.read() + "x")
except ValueError:
    print(file.closed)
# --8<-- [end:file]

# browser: differs Python 3.14 says which method is missing
# --8<-- [start:none-red]
class Session:
    """A client of the kind that has `close()` and nothing else."""

    def close(self) -> None:
        print("closed")


class HalfDone(Session):
    """One that was never finished."""

    def __enter__(self) -> None:
        print("never printed")


for thing in [Session(), HalfDone(), Traced, "ports.txt"]:
    try:
        with thing:
            print("never printed")
    except TypeError as error:
        print(error)
# --8<-- [end:none-red]

# --8<-- [start:none-green]
from contextlib import closing

with closing(Session()) as session:
    print("session is a", type(session).__name__)
# --8<-- [end:none-green]

# --8<-- [start:arguments-red]
class Timer:
    """A context manager whose `__exit__` takes nothing."""

    def __enter__(self) -> None:
        print("started")

    def __exit__(self) -> None:
        print("stopped")


try:
    with Timer():
        print("works")
except TypeError as error:
    print(error)
# --8<-- [end:arguments-red]

# --8<-- [start:arguments-cure]
class Timer:
    """The same, with an `__exit__` that takes what comes."""

    def __enter__(self) -> None:
        print("started")

    def __exit__(self, *details: object) -> None:
        print("stopped")


# --8<-- [end:arguments-cure]

# --8<-- [start:arguments-green]
with Timer():
    print("works")
# --8<-- [end:arguments-green]

# --8<-- [start:vanished-red]
class Batch:
    """Rows that are written at the end; `flush` tells how many."""

    def __enter__(self) -> list[str]:
        self.rows: list[str] = []
        return self.rows

    def flush(self) -> int:
        return len(self.rows)

    def __exit__(self, *details: object) -> int:
        return self.flush()


with Batch() as rows:
    rows.append("web1")
    rows.append(int("eighty"))
print("all is well")
# --8<-- [end:vanished-red]

# --8<-- [start:vanished-cure]
class Batch:
    """The same, with an `__exit__` that has nothing to say."""

    def __enter__(self) -> list[str]:
        self.rows: list[str] = []
        return self.rows

    def flush(self) -> int:
        return len(self.rows)

    def __exit__(self, *details: object) -> None:
        self.flush()


# --8<-- [end:vanished-cure]

# --8<-- [start:vanished-green]
try:
    with Batch() as rows:
        rows.append("web1")
        rows.append(int("eighty"))
    print("all is well")
except ValueError as error:
    print(error)
# --8<-- [end:vanished-green]
