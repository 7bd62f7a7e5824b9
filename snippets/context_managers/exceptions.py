"""Which exception comes out of a `with` block, and what stands behind it."""

# --8<-- [start:behind]
def behind(error: BaseException) -> str:
    """Return an exception and those that a traceback shows above it, newest first."""
    told = repr(error)
    if error.__cause__:
        return f"{told} caused by {behind(error.__cause__)}"
    if error.__context__ and not error.__suppress_context__:
        return f"{told} while handling {behind(error.__context__)}"
    return told


# --8<-- [end:behind]

# --8<-- [start:table]
class Stage:
    """A context manager that raises what it is given, on entering or on leaving."""

    def __init__(
        self,
        enter: Exception | None = None,
        leave: Exception | None = None,
        answer: bool = False,
    ) -> None:
        self.enter, self.leave, self.answer = enter, leave, answer

    def __enter__(self) -> None:
        if self.enter:
            raise self.enter

    def __exit__(self, *details: object) -> bool:
        if self.leave:
            raise self.leave
        return self.answer


def block(*stages: Stage, error: Exception | None = None) -> str:
    """Tell what comes out of a block that raises `error` within one or two stages."""
    outer, inner = (*stages, Stage())[:2]
    try:
        with outer, inner:
            if error:
                raise error
    except Exception as out:
        return behind(out)
    return "nothing"


bad, full, busy = ValueError, OSError, ConnectionError
for where, out in {
    "block": block(Stage(), error=bad("block")),
    "enter": block(Stage(enter=busy("enter")), error=bad("never")),
    "exit": block(Stage(leave=full("exit"))),
    "block, exit": block(Stage(leave=full("exit")), error=bad("block")),
    "block, exit true": block(Stage(answer=True), error=bad("block")),
    "2nd enter": block(Stage(), Stage(enter=busy("enter 2"))),
    "2nd enter, exit": block(Stage(leave=full("exit")), Stage(enter=busy("enter 2"))),
    "2nd enter, exit true": block(Stage(answer=True), Stage(enter=busy("enter 2"))),
    "both exits": block(Stage(leave=full("exit")), Stage(leave=full("exit 2"))),
    "exit 2, exit true": block(Stage(answer=True), Stage(leave=full("exit 2"))),
}.items():
    print(f"{where:21} {out}")
# --8<-- [end:table]

# --8<-- [start:replace]
from collections.abc import Iterator
from contextlib import contextmanager


class DeployError(Exception):
    """What callers of deploy have to know."""


@contextmanager
def deploying(host: str) -> Iterator[None]:
    """Turn what goes wrong in the block into a DeployError that says where."""
    try:
        yield
    except (OSError, ValueError) as error:
        raise DeployError(host) from error


for error in [ValueError("bad port"), KeyError("port")]:
    try:
        with deploying("web1"):
            raise error
    except Exception as out:
        print(behind(out))
# --8<-- [end:replace]

# --8<-- [start:replace-class]
class Deploying:
    """The same as a class."""

    def __init__(self, host: str) -> None:
        self.host = host

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: object, traceback: object) -> None:
        if isinstance(error, OSError | ValueError):
            raise DeployError(self.host) from error


try:
    with Deploying("web1"):
        raise ValueError("bad port")
except DeployError as out:
    print(behind(out))
# --8<-- [end:replace-class]

# --8<-- [start:three-ways]
def replaced(how: str) -> str:
    """Raise a DeployError for a ValueError in one of three ways."""
    try:
        try:
            raise ValueError("bad port")
        except ValueError as error:
            match how:
                case "raise … from error":
                    raise DeployError("web1") from error
                case "raise … from None":
                    raise DeployError("web1") from None
            raise DeployError("web1")
    except DeployError as out:
        return f"{behind(out)}\n  __context__ is {out.__context__!r}"


for how in ["raise … from error", "raise …", "raise … from None"]:
    print(f"{how}:\n  {replaced(how)}")
# --8<-- [end:three-ways]

# --8<-- [start:again]
import traceback


class Again:
    """A context manager that raises what it was given, which is not its job."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException, traceback: object) -> None:
        raise error


class Leaves(Again):
    """One that lets it go on."""

    def __exit__(self, *details: object) -> None: ...


for manager in [Again(), Leaves()]:
    error = ValueError("bad port")
    try:
        with manager:
            raise error
    except ValueError as out:
        frames = [frame.name for frame in traceback.extract_tb(out.__traceback__)]
        print(type(manager).__name__, out is error, behind(out), frames)
# --8<-- [end:again]

# --8<-- [start:hidden-red]
class Upload:
    """An upload whose end may fail, because the disk is full."""

    def close(self) -> None:
        raise OSError("disk full")


@contextmanager
def upload() -> Iterator[Upload]:
    """Yield an upload and close it."""
    opened = Upload()
    try:
        yield opened
    finally:
        opened.close()


def send(port: str) -> None:
    """Upload a port, and tell what came of it."""
    try:
        with upload():
            int(port)
    except ValueError as error:
        print("tell the user:", error, getattr(error, "__notes__", ""))
    except OSError as error:
        print("tell the admin:", behind(error))


send("eighty")
# --8<-- [end:hidden-red]

# --8<-- [start:hidden-cure]
@contextmanager
def upload() -> Iterator[Upload]:
    """Yield an upload and close it; an exception of the block goes first."""
    opened = Upload()
    try:
        yield opened
    except BaseException as error:
        try:
            opened.close()
        except OSError as second:
            error.add_note(f"and closing failed: {second}")
        raise
    else:
        opened.close()


# --8<-- [end:hidden-cure]

# --8<-- [start:hidden-green]
send("eighty")
send("80")
# --8<-- [end:hidden-green]

# --8<-- [start:group]
@contextmanager
def both_told() -> Iterator[Upload]:
    """Yield an upload and close it; raise an ExceptionGroup if both fail."""
    opened = Upload()
    try:
        yield opened
    except Exception as error:
        try:
            opened.close()
        except OSError as second:
            raise ExceptionGroup("upload", [error, second]) from None
        raise
    else:
        opened.close()


try:
    with both_told():
        int("eighty")
except* ValueError as user:
    print("tell the user:", user.exceptions)
except* OSError as admin:
    print("tell the admin:", admin.exceptions)
# --8<-- [end:group]

# --8<-- [start:group-in]
@contextmanager
def retried() -> Iterator[None]:
    """Note the connection errors of the block, in a group or not; raise the rest."""
    try:
        yield
    except* ConnectionError as later:
        print("try again:", later.exceptions)


errors = [ConnectionError("web1"), ValueError("bad port")]
try:
    with retried():
        raise ExceptionGroup("deploy", errors)
except ExceptionGroup as out:
    print(repr(out))
# --8<-- [end:group-in]

# --8<-- [start:interrupt-red]
import signal
from contextlib import closing

signal.signal(signal.SIGINT, signal.default_int_handler)
opened: list[str] = []


class Lease:
    """Something that is held until it is closed."""

    def __init__(self, host: str) -> None:
        self.host = host
        opened.append(host)

    def close(self) -> None:
        opened.remove(self.host)


def work() -> None:
    lease = Lease("web1")
    signal.raise_signal(signal.SIGINT)  # the moment of Ctrl-C
    with closing(lease):
        print("never printed")


try:
    work()
except KeyboardInterrupt:
    print("still held:", opened)
# --8<-- [end:interrupt-red]

# --8<-- [start:interrupt-cure]
def work() -> None:
    with closing(Lease("web2")):
        signal.raise_signal(signal.SIGINT)  # the moment of Ctrl-C
        print("never printed")


# --8<-- [end:interrupt-cure]

# --8<-- [start:interrupt-green]
opened.clear()
try:
    work()
except KeyboardInterrupt:
    print("still held:", opened)
# --8<-- [end:interrupt-green]

# --8<-- [start:suppress-red]
from contextlib import suppress
from pathlib import Path

pids = [Path("web.pid"), Path("worker.pid")]
Path("worker.pid").write_text("4711\n")

with suppress(FileNotFoundError):
    for pid in pids:
        pid.unlink()
print([pid.name for pid in pids if pid.exists()])
# --8<-- [end:suppress-red]

# --8<-- [start:suppress-cure]
for pid in pids:
    with suppress(FileNotFoundError):
        pid.unlink()
# --8<-- [end:suppress-cure]

# --8<-- [start:suppress-green]
print([pid.name for pid in pids if pid.exists()])
# --8<-- [end:suppress-green]
