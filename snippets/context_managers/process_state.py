"""Environment, folder, umask, signal handlers, stdout: changed for one block, then put back."""

# file: ~/changed_environment.py
# --8<-- [start:module]
"""Change environment variables for one block."""

import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager


@contextmanager
def changed_environment(changes: Mapping[str, str | None]) -> Iterator[None]:
    """Set variables, or unset those given as None; put these back after the block.

    All threads see the change, and so do programs started in the block. Variables that
    are not in `changes` are left alone.

    Raises TypeError for a value that is no str, ValueError for a name with "=" in it;
    nothing stays changed then.
    See https://docs.python.org/3/library/os.html#os.environ
    """
    before = {name: os.environ.get(name) for name in changes}
    try:
        _set(changes)
        yield
    finally:
        _set(before)


def _set(values: Mapping[str, str | None]) -> None:
    for name, value in values.items():
        if value is None:
            os.environ.pop(name, None)
        else:
            os.environ[name] = value
# --8<-- [end:module]

# --8<-- [start:setup]
import os

os.environ["STAGE"] = "prod"
os.environ["http_proxy"] = "http://proxy.example:3128"
# --8<-- [end:setup]

# --8<-- [start:use]
from changed_environment import changed_environment

try:
    with changed_environment({"STAGE": "test", "http_proxy": None}):
        print("inside:", os.environ["STAGE"], os.environ.get("http_proxy"))
        raise ConnectionError("no route")
except ConnectionError as error:
    print(error)
print("after: ", os.environ["STAGE"], os.environ.get("http_proxy"))
# --8<-- [end:use]

# browser: no processes
# --8<-- [start:child]
import subprocess

changed = {**os.environ, "STAGE": "test"}
look = ["sh", "-c", "echo $STAGE in $(pwd)"]
seen = subprocess.check_output(look, env=changed, cwd="/tmp", text=True)
print("child:", seen, end="")
print("here: ", os.environ["STAGE"], "in", os.getcwd())
# --8<-- [end:child]

# browser: no processes
# --8<-- [start:putenv]
from collections.abc import Mapping


def child_sees(env: Mapping[str, str] | None = None) -> str:
    return subprocess.check_output(["sh", "-c", "echo $STAGE"], env=env, text=True)


os.putenv("STAGE", "put")
print("os.environ:    ", os.environ["STAGE"])
print("a child:       ", child_sees(), end="")
print("env=os.environ:", child_sees(os.environ), end="")
os.environ["STAGE"] = "prod"
print("set in environ:", child_sees(), end="")
# --8<-- [end:putenv]

# --- the other ones

# browser: no threads
# --8<-- [start:chdir]
from contextlib import chdir
from pathlib import Path
from threading import Thread

Path("site").mkdir(exist_ok=True)
try:
    with chdir("site"):
        print("inside:", Path.cwd().name)
        other = Thread(target=lambda: print("another thread:", Path.cwd().name))
        other.start()
        other.join()
        raise ValueError("a broken page")
except ValueError as error:
    print(error)
print("after:", Path.cwd().name)
# --8<-- [end:chdir]

# browser: no umask
# --8<-- [start:umask]
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def umask(mask: int) -> Iterator[None]:
    """Have files made in the block without the permission bits in `mask`."""
    before = os.umask(mask)
    try:
        yield
    finally:
        os.umask(before)


with umask(0o077):
    Path("secret.txt").write_text("not a real one\n")
Path("public.txt").write_text("hello\n")
for name in ("secret.txt", "public.txt"):
    print(name, f"{Path(name).stat().st_mode & 0o777:o}")
# --8<-- [end:umask]

# --8<-- [start:signal]
import signal
from collections.abc import Callable
from types import FrameType

Handler = Callable[[int, FrameType | None], None] | signal.Handlers


@contextmanager
def handling(number: signal.Signals, handler: Handler) -> Iterator[None]:
    """Have signal `number` handled by `handler` in the block.

    Raises ValueError in any thread but the main one.
    """
    before = signal.signal(number, handler)
    try:
        yield
    finally:
        signal.signal(number, before)
# --8<-- [end:signal]

# --8<-- [start:signal-use]
stopping = []


def stop_soon(number: int, frame: FrameType | None) -> None:
    stopping.append(signal.Signals(number).name)


with handling(signal.SIGTERM, stop_soon):
    for job in ("backup", "upload", "mail"):
        if stopping:
            break
        signal.raise_signal(signal.SIGTERM)  # somebody says kill PID
        print(job, "done")
print("stopped by", *stopping)
print("after:", signal.getsignal(signal.SIGTERM).name)
# --8<-- [end:signal-use]

# browser: no threads
# --8<-- [start:decimal]
from decimal import Decimal, localcontext

with localcontext(prec=4):
    print("inside:", Decimal(1) / 3)
    other = Thread(target=lambda: print("another thread:", Decimal(1) / 3))
    other.start()
    other.join()
print("after:", Decimal(1) / 3)
# --8<-- [end:decimal]

# browser: no processes
# --8<-- [start:stdout]
from contextlib import redirect_stdout
from io import StringIO

text = StringIO()
with redirect_stdout(text):
    print("print() goes to the text")
    subprocess.run(["echo", "a child does not"], check=True)
print("the text has:", text.getvalue(), end="")
# --8<-- [end:stdout]

# browser: no processes
# --8<-- [start:stdout-green]
with redirect_stdout(StringIO()) as text:
    print(subprocess.check_output(["echo", "now the child too"], text=True), end="")
print("the text has:", text.getvalue(), end="")
# --8<-- [end:stdout-green]

# --- at the same time

# --8<-- [start:tasks-red]
import asyncio


async def deploy(stage: str) -> None:
    with changed_environment({"STAGE": stage}):
        await asyncio.sleep(0)  # the other one's turn
        print(stage, "sees", os.environ["STAGE"])


async def both() -> None:
    await asyncio.gather(deploy("blue"), deploy("green"))


asyncio.run(both())
print("after:", os.environ["STAGE"])
# --8<-- [end:tasks-red]

# --8<-- [start:tasks-green]
from contextvars import ContextVar

STAGE = ContextVar("STAGE", default="prod")


@contextmanager
def staged(stage: str) -> Iterator[None]:
    """Let STAGE be `stage` in the block, for this task or thread alone."""
    token = STAGE.set(stage)
    try:
        yield
    finally:
        STAGE.reset(token)


async def deploy(stage: str) -> None:
    with staged(stage):
        await asyncio.sleep(0)
        print(stage, "sees", STAGE.get())


asyncio.run(both())
print("after:", STAGE.get())
# --8<-- [end:tasks-green]

# --- when it fails

# --8<-- [start:no-str-red]
try:
    os.environ["RETRIES"] = 3
except TypeError as error:
    print(f"{type(error).__name__}: {error}")
# --8<-- [end:no-str-red]

# browser: no processes
# --8<-- [start:no-str-green]
with changed_environment({"RETRIES": str(3)}):
    print(subprocess.check_output(["sh", "-c", "echo $RETRIES"], text=True), end="")
# --8<-- [end:no-str-green]
