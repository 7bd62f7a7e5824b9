"""Write a context manager: as a generator function, as a class, and what goes wrong with each."""

# file: ~/log_level.py
# --8<-- [start:function]
"""Set a logger's level for the time of a block.

log_level(logger: logging.Logger, level: int) -> yields the logger. The level that it
had is back after the block, however that ended; nothing is swallowed. ValueError and
TypeError come from Logger.setLevel, for a level that is none, before the block runs.
https://docs.python.org/3/library/contextlib.html#contextlib.contextmanager
"""

import logging
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def log_level(logger: logging.Logger, level: int) -> Iterator[logging.Logger]:
    """Yield `logger` with its level set to `level`."""
    before = logger.level
    logger.setLevel(level)
    try:
        yield logger
    finally:
        logger.setLevel(before)


# --8<-- [end:function]

# file: ~/log_level_class.py
# --8<-- [start:class]
"""Set a logger's level for the time of a block, as log_level.py does.

LogLevel(logger: logging.Logger, level: int); as gives the logger. Raises what
Logger.setLevel raises for a level that is none. One object is for one `with` at a time.
https://docs.python.org/3/reference/datamodel.html#with-statement-context-managers
"""

import logging
from types import TracebackType


class LogLevel:
    """Context manager that sets the level of `logger` to `level`."""

    def __init__(self, logger: logging.Logger, level: int) -> None:
        self.logger = logger
        self.level = level

    def __enter__(self) -> logging.Logger:
        self.before = self.logger.level
        self.logger.setLevel(self.level)
        return self.logger

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.logger.setLevel(self.before)


# --8<-- [end:class]

# --8<-- [start:check]
import logging

from log_level import log_level
from log_level_class import LogLevel

logger = logging.getLogger("deploy")
logger.setLevel(logging.WARNING)

for manager in [log_level, LogLevel]:
    try:
        with manager(logger, logging.DEBUG) as log:
            print("in the block:", logging.getLevelName(log.level), log is logger)
            raise ValueError("bad port")
    except ValueError as error:
        print("after", repr(error), "it is", logging.getLevelName(logger.level))
# --8<-- [end:check]

# --8<-- [start:steps]
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def steps(name: str) -> Iterator[str]:
    """Print what is run when."""
    print(f"{name}: entered")
    try:
        yield f"what {name} yielded"
    except BaseException as error:
        print(f"{name}: at the yield came {error!r}")
        raise
    finally:
        print(f"{name}: left")


manager = steps("server")
print("called: nothing has run")
try:
    with manager as target:
        print("block has", repr(target))
        raise ValueError("bad port")
except ValueError as error:
    print("caller has", repr(error))
# --8<-- [end:steps]

# --8<-- [start:what-it-is]
import inspect
from contextlib import AbstractContextManager, ContextDecorator

print(type(steps).__name__, "- makes generators:", inspect.isgeneratorfunction(steps))
manager = steps("server")
print(type(manager).__name__)
for base in [AbstractContextManager, ContextDecorator]:
    print(f"{base.__name__}:", isinstance(manager, base))
try:
    next(manager)
except TypeError as error:
    print(error)
# --8<-- [end:what-it-is]

# --8<-- [start:file-class]
from pathlib import Path
from typing import TextIO


class Opened:
    """Open a file for writing, and close it."""

    def __init__(self, path: Path) -> None:
        self.file: TextIO = path.open("w")

    def __enter__(self) -> TextIO:
        return self.file

    def __exit__(self, *details: object) -> None:
        self.file.close()


try:
    with Opened(Path("ports.txt")) as file:
        file.write({"web": "8080"}["db"])
except KeyError as error:
    print(repr(error), "- closed:", file.closed)

forgotten = Opened(Path("ports.txt"))
print("no with - closed:", forgotten.file.closed)
forgotten.file.close()
# --8<-- [end:file-class]

# --8<-- [start:leak-red]
@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """Open a file for writing, and close it if all goes well."""
    file = path.open("w")
    yield file
    file.close()


def write(ports: dict[str, str]) -> None:
    """Write the port of db, and tell whether the file was closed."""
    try:
        with opened(Path("ports.txt")) as file:
            file.write(ports["db"])
    except KeyError as error:
        print(repr(error), end=" - ")
    print("closed:", file.closed)


write({"db": "3306"})
write({"web": "8080"})
# --8<-- [end:leak-red]

# --8<-- [start:leak-cure]
@contextmanager
def opened(path: Path) -> Iterator[TextIO]:
    """Open a file for writing, and close it."""
    file = path.open("w")
    try:
        yield file
    finally:
        file.close()


# --8<-- [end:leak-cure]

# --8<-- [start:leak-green]
write({"db": "3306"})
write({"web": "8080"})
# --8<-- [end:leak-green]

# --8<-- [start:swallow]
@contextmanager
def reported(job: str) -> Iterator[None]:
    """Print a ValueError of the block instead of raising it."""
    try:
        yield
    except ValueError as error:
        print(f"{job}: {error}")


for error in [ValueError("bad port"), KeyError("port"), StopIteration(7)]:
    try:
        with reported("deploy"):
            raise error
        print("swallowed")
    except Exception as out:
        print(f"{out!r} came out, the same object: {out is error}")
# --8<-- [end:swallow]

# --8<-- [start:decorator]
@steps("server")
def deploy(host: str) -> str:
    """Stand for some work."""
    return f"deployed to {host}"


print(deploy("web1"))
print(deploy("web2"))
# --8<-- [end:decorator]

# --8<-- [start:context-decorator]
class Steps(ContextDecorator):
    """A class that can decorate: the same object each time."""

    count = 0

    def __enter__(self) -> None:
        self.count += 1
        print("entered for time", self.count)

    def __exit__(self, *details: object) -> None:
        print("left")


@Steps()
def check(host: str) -> None:
    """Stand for some work."""
    print("checked", host)


check("web1")
check("web2")
# --8<-- [end:context-decorator]

# --8<-- [start:decorated-generator]
@steps("server")
def rows() -> Iterator[str]:
    """Read rows, it seems, while the server is there."""
    yield "row 1"


for row in rows():
    print(row)
# --8<-- [end:decorated-generator]

# --8<-- [start:no-yield-red]
@contextmanager
def config(path: Path) -> Iterator[str]:
    """Yield the text of a config file, if there is one."""
    if path.exists():
        yield path.read_text()


try:
    with config(Path("missing.conf")) as text:
        print("config:", text)
except RuntimeError as error:
    print(error)
# --8<-- [end:no-yield-red]

# --8<-- [start:no-yield-cure]
@contextmanager
def config(path: Path) -> Iterator[str | None]:
    """Yield the text of a config file, or None."""
    yield path.read_text() if path.exists() else None


# --8<-- [end:no-yield-cure]

# --8<-- [start:no-yield-green]
with config(Path("missing.conf")) as text:
    if text is None:
        print("no config")
# --8<-- [end:no-yield-green]

# --8<-- [start:two-yields-red]
@contextmanager
def connected(hosts: list[str]) -> Iterator[str]:
    """Yield a connection to each host, so somebody hoped."""
    for host in hosts:
        yield f"connection to {host}"


try:
    with connected(["web1", "web2"]) as connection:
        print(connection)
except RuntimeError as error:
    print(error)
# --8<-- [end:two-yields-red]

# --8<-- [start:two-yields-cure]
@contextmanager
def connected(hosts: list[str]) -> Iterator[list[str]]:
    """Yield the connections to all hosts."""
    yield [f"connection to {host}" for host in hosts]


# --8<-- [end:two-yields-cure]

# --8<-- [start:two-yields-green]
with connected(["web1", "web2"]) as connections:
    for connection in connections:
        print(connection)
# --8<-- [end:two-yields-green]

# --8<-- [start:retry-red]
answers = iter(["busy", "busy", "ok"])


def ask() -> None:
    """Stand for a server that is busy twice."""
    if (answer := next(answers)) != "ok":
        raise ConnectionError(answer)
    print(answer)


@contextmanager
def retrying(times: int) -> Iterator[None]:
    """Run the block again, so somebody hoped."""
    for _ in range(times):
        try:
            yield
            return
        except ConnectionError as error:
            print(error, "- again")


try:
    with retrying(3):
        ask()
except RuntimeError as error:
    print(error)
# --8<-- [end:retry-red]

# --8<-- [start:retry-cure]
from collections.abc import Callable


def retrying(times: int, work: Callable[[], None]) -> None:
    """Call `work` until it raises no ConnectionError, `times` times at most."""
    for left in reversed(range(times)):
        try:
            return work()
        except ConnectionError as error:
            if not left:
                raise
            print(error, "- again")


# --8<-- [end:retry-cure]

# --8<-- [start:retry-green]
answers = iter(["busy", "busy", "ok"])
retrying(3, ask)
# --8<-- [end:retry-green]

# --8<-- [start:once-red]
manager = steps("server")
with manager:
    print("first block")
try:
    with manager:
        print("never printed")
except AttributeError as error:
    print(error)
# --8<-- [end:once-red]

# --8<-- [start:once-green]
for block in ["first", "second"]:
    with steps("server"):
        print(block, "block")
# --8<-- [end:once-green]

# --8<-- [start:nested-red]
verbose = LogLevel(logger, logging.DEBUG)
with verbose:
    with verbose:
        pass
print(logging.getLevelName(logger.level))
# --8<-- [end:nested-red]

# --8<-- [start:nested-cure]
logger.setLevel(logging.WARNING)
with LogLevel(logger, logging.DEBUG):
    with LogLevel(logger, logging.DEBUG):
        pass
print(logging.getLevelName(logger.level))
# --8<-- [end:nested-cure]

# --8<-- [start:stop-iteration-red]
def lines(text: str) -> Iterator[str]:
    """Yield the lines of a text."""
    yield from text.splitlines()


@contextmanager
def first_line(text: str) -> Iterator[str]:
    """Yield the first line of a text."""
    yield next(lines(text))


try:
    with first_line("") as line:
        print("never printed")
except RuntimeError as error:
    print(error)
# --8<-- [end:stop-iteration-red]

# --8<-- [start:stop-iteration-cure]
@contextmanager
def first_line(text: str) -> Iterator[str]:
    """Yield the first line of a text, or nothing."""
    yield next(lines(text), "")


# --8<-- [end:stop-iteration-cure]

# --8<-- [start:stop-iteration-green]
with first_line("") as line:
    print(repr(line))
# --8<-- [end:stop-iteration-green]
