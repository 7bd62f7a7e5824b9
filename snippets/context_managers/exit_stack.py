"""Close an unknown number of things: ExitStack."""

# --8<-- [start:open-all]
from contextlib import ExitStack
from pathlib import Path


def merged(paths: list[Path]) -> list[str]:
    """Return the lines of all files, sorted; every file is open at the same time."""
    with ExitStack() as stack:
        files = [stack.enter_context(path.open()) for path in paths]
        return sorted(line.rstrip("\n") for file in files for line in file)


# --8<-- [end:open-all]

# --8<-- [start:check]
Path("web1.log").write_text("10:00 start\n10:02 stop\n")
Path("web2.log").write_text("10:01 start\n")

for line in merged([Path("web1.log"), Path("web2.log")]):
    print(line)
# --8<-- [end:check]

# --8<-- [start:traced]
class Traced:
    """A context manager that prints what it sees; its `__exit__` returns `answer`."""

    def __init__(self, name: str, answer: bool = False) -> None:
        self.name, self.answer = name, answer

    def __enter__(self) -> str:
        print(f"{self.name}: entered")
        return self.name

    def __exit__(self, kind: object, error: object, traceback: object) -> bool:
        print(f"{self.name}: left, sees {error!r}")
        return self.answer


# --8<-- [end:traced]

# --8<-- [start:order]
with ExitStack() as stack:
    for name in ["web1", "web2"]:
        stack.enter_context(Traced(name))
    stack.callback(print, "callback: is told nothing")
    stack.enter_context(Traced("web3", answer=True))
    raise ValueError("bad port")
print("went on")
# --8<-- [end:order]

# --8<-- [start:partial]
def connect(host: str) -> Traced:
    """Return a connection, but not to web3."""
    if host == "web3":
        raise ConnectionError(f"no {host}")
    return Traced(host)


try:
    with ExitStack() as stack:
        for host in ["web1", "web2", "web3", "web4"]:
            stack.enter_context(connect(host))
        print("never printed")
except ConnectionError as error:
    print("caller has", repr(error))
# --8<-- [end:partial]

# --8<-- [start:hand-over]
class Pool:
    """Connections to all hosts, or none: those made are left again where one fails."""

    def __init__(self, hosts: list[str]) -> None:
        self.hosts = hosts

    def __enter__(self) -> list[str]:
        with ExitStack() as stack:
            connected = [stack.enter_context(connect(host)) for host in self.hosts]
            self._stack = stack.pop_all()
        return connected

    def __exit__(self, *details: object) -> bool | None:
        return self._stack.__exit__(*details)


# --8<-- [end:hand-over]

# --8<-- [start:hand-over-run]
with Pool(["web1", "web2"]) as connected:
    print("pool of", connected)

try:
    with Pool(["web1", "web3"]):
        print("never printed")
except ConnectionError as error:
    print("caller has", repr(error))
# --8<-- [end:hand-over-run]

# --8<-- [start:kinds]
class Client:
    """A client that has close() and no `with`."""

    def close(self) -> None:
        print("close: no arguments")


def report(kind: object, error: object, traceback: object) -> bool:
    """Swallow a ValueError, as an `__exit__` would."""
    print(f"report: sees {error!r}")
    return isinstance(error, ValueError)


with ExitStack() as stack:
    client = Client()
    stack.callback(client.close)
    stack.push(report)
    stack.push(Traced("not entered"))
    raise ValueError("bad port")
# --8<-- [end:kinds]

# --8<-- [start:early]
with ExitStack() as stack:
    stack.enter_context(Traced("web1"))
    stack.close()
    print("the block goes on")
    stack.enter_context(Traced("web2"))
# --8<-- [end:early]

# --8<-- [start:undo]
def deploy(host: str, healthy: bool) -> None:
    """Start a host; take each step back unless all went well."""
    with ExitStack() as undo:
        print("start", host)
        undo.callback(print, "stop", host)
        print("add to balancer", host)
        undo.callback(print, "take from balancer", host)
        if not healthy:
            raise RuntimeError(f"{host} is ill")
        undo.pop_all()
    print("done")


deploy("web1", healthy=True)
try:
    deploy("web2", healthy=False)
except RuntimeError as error:
    print(error)
# --8<-- [end:undo]

# --8<-- [start:nullcontext]
import sys
from contextlib import AbstractContextManager, nullcontext
from typing import TextIO


def target(name: str) -> AbstractContextManager[TextIO]:
    """Return the file to write to; `-` is stdout, which is not ours to close."""
    return nullcontext(sys.stdout) if name == "-" else open(name, "w")


for name in ["-", "ports.txt"]:
    with target(name) as out:
        out.write("8080\n")
    print(name, "closed:", out.closed)
# --8<-- [end:nullcontext]

# --8<-- [start:failing]
def fail(text: str) -> None:
    """Stand for a cleanup that fails."""
    print(text, "fails")
    raise OSError(text)


try:
    with ExitStack() as stack:
        stack.callback(fail, "first")
        stack.callback(print, "second is run")
        stack.callback(fail, "third")
        raise ValueError("bad port")
except OSError as error:
    behind = error.__context__
    print(repr(error), "<-", repr(behind), "<-", repr(behind.__context__))
# --8<-- [end:failing]

# --8<-- [start:called-red]
try:
    with ExitStack() as stack:
        stack.callback(print("too early"))
        print("in the block")
except TypeError as error:
    print(error)
# --8<-- [end:called-red]

# --8<-- [start:called-green]
with ExitStack() as stack:
    stack.callback(print, "at the end")
    print("in the block")
# --8<-- [end:called-green]

# --8<-- [start:none-red]
try:
    with ExitStack() as stack:
        stack.enter_context(Client())
except TypeError as error:
    print(error)
# --8<-- [end:none-red]

# --8<-- [start:none-green]
from contextlib import closing

with ExitStack() as stack:
    stack.enter_context(closing(Client()))
    print("in the block")
# --8<-- [end:none-green]

# --8<-- [start:closed-red]
def opened(paths: list[Path]) -> list[TextIO]:
    """Return the files, open, so somebody hoped."""
    with ExitStack() as stack:
        return [stack.enter_context(path.open()) for path in paths]


try:
    print(opened([Path("web1.log")])[0].read())
except ValueError as error:
    print(error)
# --8<-- [end:closed-red]

# --8<-- [start:closed-cure]
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def opened(paths: list[Path]) -> Iterator[list[TextIO]]:
    """Yield the files, open until the caller's block is over."""
    with ExitStack() as stack:
        yield [stack.enter_context(path.open()) for path in paths]


# --8<-- [end:closed-cure]

# --8<-- [start:closed-green]
with opened([Path("web1.log")]) as files:
    print(files[0].readline(), end="")
print("closed:", files[0].closed)
# --8<-- [end:closed-green]
