"""Annotate a context manager, test it, and know when a generator's finally runs."""

# file: ~/drained.py
# --8<-- [start:module]
"""Take a host out of a load balancer for the time of a block.

drained(balancer: Balancer, host: str) -> yields host; Drained is the same as a class,
and `as` gives its object. The host is put back however the block ended, and nothing is
swallowed. What the balancer raises comes out: on entering, before the block runs.
https://docs.python.org/3/library/contextlib.html
"""

from collections.abc import Iterator
from contextlib import contextmanager
from types import TracebackType
from typing import Protocol, Self


class Balancer(Protocol):
    """What is needed of a load balancer."""

    def remove(self, host: str) -> None:
        """Send nothing to `host` any more."""

    def add(self, host: str) -> None:
        """Send to `host` again."""


@contextmanager
def drained(balancer: Balancer, host: str) -> Iterator[str]:
    """Yield `host`, which is out of `balancer` meanwhile."""
    balancer.remove(host)
    try:
        yield host
    finally:
        balancer.add(host)


class Drained:
    """Context manager that keeps `host` out of `balancer`."""

    def __init__(self, balancer: Balancer, host: str) -> None:
        self.balancer = balancer
        self.host = host

    def __enter__(self) -> Self:
        self.balancer.remove(self.host)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.balancer.add(self.host)


# --8<-- [end:module]

# file: ~/test_drained.py
# --8<-- [start:tests]
"""Tests of drained and Drained; a manager under test is given as `manager`."""

from collections.abc import Callable
from contextlib import AbstractContextManager

from drained import Balancer

Manager = Callable[[Balancer, str], AbstractContextManager[object]]


class Fake:
    """A balancer that takes notes, and fails on entering if told so."""

    def __init__(self, fails: bool = False) -> None:
        self.calls: list[str] = []
        self.fails = fails

    def remove(self, host: str) -> None:
        """Note it, or fail."""
        if self.fails:
            raise ConnectionError("no balancer")
        self.calls.append(f"remove {host}")

    def add(self, host: str) -> None:
        """Note it."""
        self.calls.append(f"add {host}")


def test_order(manager: Manager) -> None:
    """The host is out before the block, and back after it."""
    fake = Fake()
    with manager(fake, "web1"):
        fake.calls.append("block")
    assert fake.calls == ["remove web1", "block", "add web1"]


def test_back_after_an_exception(manager: Manager) -> None:
    """The host is put back when the block raises."""
    fake = Fake()
    try:
        with manager(fake, "web1"):
            raise ValueError("bad port")
    except ValueError:
        pass
    assert fake.calls == ["remove web1", "add web1"]


def test_swallows_nothing(manager: Manager) -> None:
    """The very exception of the block comes out, even one that is no Exception."""
    for error in [ValueError("bad port"), KeyboardInterrupt()]:
        seen = None
        try:
            with manager(Fake(), "web1"):
                raise error
        except BaseException as came:
            seen = came
        assert seen is error


def test_not_entered(manager: Manager) -> None:
    """If entering fails, the block does not run and nothing is undone."""
    fake = Fake(fails=True)
    try:
        with manager(fake, "web1"):
            fake.calls.append("block")
    except ConnectionError:
        fake.calls.append("caller told")
    assert fake.calls == ["caller told"]


# --8<-- [end:tests]

# --8<-- [start:broken]
from collections.abc import Iterator
from contextlib import contextmanager

from drained import Balancer


@contextmanager
def forgets(balancer: Balancer, host: str) -> Iterator[str]:
    """Have no try and finally."""
    balancer.remove(host)
    yield host
    balancer.add(host)


@contextmanager
def swallows(balancer: Balancer, host: str) -> Iterator[str]:
    """Catch what it should not."""
    balancer.remove(host)
    try:
        yield host
    except Exception:
        pass
    balancer.add(host)


@contextmanager
def hasty(balancer: Balancer, host: str) -> Iterator[str]:
    """Enter within the try."""
    try:
        balancer.remove(host)
        yield host
    finally:
        balancer.add(host)


# --8<-- [end:broken]

# --8<-- [start:check]
import test_drained
from drained import Drained, drained

for manager in [drained, Drained, forgets, swallows, hasty]:
    red = []
    for name, test in vars(test_drained).items():
        if name.startswith("test_"):
            try:
                test(manager)
            except (AssertionError, KeyboardInterrupt):
                red.append(name)
    print(f"{manager.__name__}:", ", ".join(red) or "passes")
# --8<-- [end:check]

# --8<-- [start:answers]
from contextlib import suppress
from typing import Self


class Swallows:
    """Swallow a ValueError; True means swallowed."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: object, error: object, traceback: object) -> bool:
        return isinstance(error, ValueError)


@contextmanager
def swallowing() -> Iterator[None]:
    """Swallow a ValueError."""
    with suppress(ValueError):
        yield


# --8<-- [end:answers]

# --8<-- [start:answers-red]
def port(text: str) -> int:
    """Return the port that `text` names."""
    with swallowing():
        return int(text)


print(port("8080"), port("http"))
# --8<-- [end:answers-red]

# --8<-- [start:answers-green]
def port(text: str) -> int:
    """Return the port that `text` names, else 80."""
    with Swallows():
        return int(text)
    return 80


print(port("8080"), port("http"))
# --8<-- [end:answers-green]

# --8<-- [start:nothing-red]
from unittest import TestCase

fake = test_drained.Fake()
with TestCase().assertRaises(ValueError):
    with forgets(fake, "web1"):
        raise ValueError("bad port")
    assert fake.calls == ["remove web1", "add web1"]
print("passed:", fake.calls)
# --8<-- [end:nothing-red]

# --8<-- [start:nothing-green]
fake = test_drained.Fake()
with TestCase().assertRaises(ValueError):
    with forgets(fake, "web1"):
        raise ValueError("bad port")
try:
    assert fake.calls == ["remove web1", "add web1"]
except AssertionError:
    print("failed:", fake.calls)
# --8<-- [end:nothing-green]

# browser: differs Python 3.14 says which method is missing
# --8<-- [start:mock-red]
from unittest.mock import MagicMock, Mock

try:
    with Mock():
        print("never printed")
except TypeError as error:
    print(error)
# --8<-- [end:mock-red]

# --8<-- [start:mock-green]
connect = MagicMock()
connect.return_value.__enter__.return_value.rows = [1, 2]
try:
    with connect("db") as db:
        print(db.rows)
        raise ValueError("bad port")
except ValueError as error:
    print(connect.return_value.__exit__.call_args.args[1] is error)
# --8<-- [end:mock-green]

# --8<-- [start:rows]
from drained import drained


def rows() -> Iterator[int]:
    """Yield rows, with a manager around them."""
    with drained(Printing(), "web1"):
        yield 1
        yield 2


class Printing:
    """A balancer that prints."""

    def remove(self, host: str) -> None:
        """Print it."""
        print("  removed", host)

    def add(self, host: str) -> None:
        """Print it."""
        print("  added", host)


# --8<-- [end:rows]

# --8<-- [start:abandoned]
import gc

print("never started:")
rows().close()

print("closed:")
reader = rows()
next(reader)
reader.close()

print("last name gone:")
reader = rows()
next(reader)
del reader

print("still named elsewhere:")
reader = other = rows()
next(reader)
del reader
print("  nothing yet")
other.close()

print("in a cycle:")
box = {"reader": rows()}
box["box"] = box
next(box["reader"])
del box
print("  nothing yet")
gc.collect()
# --8<-- [end:abandoned]

# --8<-- [start:exit]
@contextmanager
def noted() -> Iterator[None]:
    """Say what came in at the yield."""
    try:
        yield
    except BaseException as error:
        print("at the yield:", repr(error))
        raise


manager = noted()
manager.__enter__()
del manager
print("went on")
# --8<-- [end:exit]

# --8<-- [start:ignored-red]
def rows() -> Iterator[str]:
    """Yield a row, and a last one for sure."""
    try:
        yield "row"
    finally:
        yield "end"


reader = rows()
print(next(reader))
try:
    reader.close()
except RuntimeError as error:
    print(error)
# --8<-- [end:ignored-red]

# --8<-- [start:ignored-green]
def rows() -> Iterator[str]:
    """Yield a row, and a last one if anybody still reads."""
    yield "row"
    yield "end"


reader = rows()
print(next(reader))
reader.close()
print("closed")
# --8<-- [end:ignored-green]
