"""Errors of context managers by message: each is made, seen, cured."""

# --8<-- [start:shown]
import traceback
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def shown() -> Iterator[None]:
    """Print the last line of an exception's traceback, and go on."""
    try:
        yield
    except BaseException as error:
        print(traceback.format_exception_only(error)[-1], end="")
# --8<-- [end:shown]

# --- with

# browser: differs Python 3.14 says which method is missing
# --8<-- [start:protocol-red]
class Session:
    def close(self) -> None:
        print("closed")


with shown():
    with Session() as session:
        print("never here")
# --8<-- [end:protocol-red]

# --8<-- [start:protocol-green]
from contextlib import closing

with closing(Session()) as session:
    print("at work")
# --8<-- [end:protocol-green]

# --8<-- [start:exit-red]
class Timer:
    def __enter__(self) -> "Timer":
        return self

    def __exit(self, *error: object) -> None:
        print("stopped")


with shown():
    with Timer():
        print("never here")
# --8<-- [end:exit-red]

# --8<-- [start:exit-green]
class Timer:
    def __enter__(self) -> "Timer":
        return self

    def __exit__(self, *error: object) -> None:
        print("stopped")


with Timer():
    print("at work")
# --8<-- [end:exit-green]

# --8<-- [start:arguments-red]
class Door:
    def __enter__(self) -> "Door":
        return self

    def __exit__(self) -> None:
        print("shut")


with shown():
    with Door():
        print("at work")
# --8<-- [end:arguments-red]

# --8<-- [start:arguments-green]
from types import TracebackType


class Door:
    def __enter__(self) -> "Door":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        print("shut")


with Door():
    print("at work")
# --8<-- [end:arguments-green]

# --8<-- [start:none-red]
class Log:
    def __enter__(self) -> None:
        self.lines = ["start"]

    def __exit__(self, *error: object) -> None:
        print(*self.lines)


with shown():
    with Log() as log:
        log.lines.append("work")
# --8<-- [end:none-red]

# --8<-- [start:none-green]
class Log:
    def __enter__(self) -> "Log":
        self.lines = ["start"]
        return self

    def __exit__(self, *error: object) -> None:
        print(*self.lines)


with Log() as log:
    log.lines.append("work")
# --8<-- [end:none-green]

# --- contextmanager

# browser: differs Python 3.14 says which method is missing
# --8<-- [start:generator-red]
def settings(stage: str) -> Iterator[str]:
    yield f"{stage}.toml"


with shown():
    with settings("test") as name:
        print("never here")
# --8<-- [end:generator-red]

# --8<-- [start:generator-green]
@contextmanager
def settings(stage: str) -> Iterator[str]:
    yield f"{stage}.toml"


with settings("test") as name:
    print(name)
# --8<-- [end:generator-green]

# browser: differs Python 3.14 says which method is missing
# --8<-- [start:function-red]
with shown():
    with settings as name:
        print("never here")
# --8<-- [end:function-red]

# --8<-- [start:function-green]
with settings("prod") as name:
    print(name)
# --8<-- [end:function-green]

# --8<-- [start:iterator-red]
with shown():
    print(next(settings("test")))
# --8<-- [end:iterator-red]

# --8<-- [start:iterator-green]
from contextlib import ExitStack

stack = ExitStack()
print(stack.enter_context(settings("test")))
stack.close()
# --8<-- [end:iterator-green]

# --8<-- [start:yield-red]
@contextmanager
def connected(host: str) -> Iterator[str]:
    if host:
        yield f"connection to {host}"


with shown():
    with connected("") as connection:
        print("never here")
# --8<-- [end:yield-red]

# --8<-- [start:yield-green]
@contextmanager
def connected(host: str) -> Iterator[str]:
    if not host:
        raise ValueError("no host")
    yield f"connection to {host}"


with shown():
    with connected("") as connection:
        print("never here")
with connected("db") as connection:
    print(connection)
# --8<-- [end:yield-green]

# --8<-- [start:stop-red]
@contextmanager
def each(names: list[str]) -> Iterator[str]:
    for name in names:
        yield name


with shown():
    with each(["web", "db"]) as name:
        print(name)
# --8<-- [end:stop-red]

# --8<-- [start:stop-green]
@contextmanager
def one(name: str) -> Iterator[str]:
    yield name


for name in ["web", "db"]:
    with one(name) as server:
        print(server)
# --8<-- [end:stop-green]

# --8<-- [start:throw-red]
@contextmanager
def retrying(times: int) -> Iterator[int]:
    for attempt in range(times):
        try:
            yield attempt
            return
        except ConnectionError:
            print("again")


with shown():
    with retrying(3) as attempt:
        raise ConnectionError("refused")
# --8<-- [end:throw-red]

# --8<-- [start:throw-green]
from contextlib import suppress

for attempt in range(3):
    with suppress(ConnectionError):
        if attempt < 2:
            raise ConnectionError("refused")
        print("attempt", attempt, "went well")
        break
# --8<-- [end:throw-green]

# --8<-- [start:reuse-red]
test = settings("test")
with test as name:
    print(name)
with shown():
    with test as name:
        print("never here")
# --8<-- [end:reuse-red]

# --8<-- [start:reuse-green]
for _ in range(2):
    with settings("test") as name:
        print(name)
# --8<-- [end:reuse-green]

# --- async

# browser: differs Python 3.14 says what is missing and what to try
# --8<-- [start:async-red]
import asyncio


async def wrong() -> None:
    async with settings("test") as name:
        print("never here")


with shown():
    asyncio.run(wrong())
# --8<-- [end:async-red]

# --8<-- [start:async-green]
async def right() -> None:
    with settings("test") as name:
        print(name)
    async with asyncio.Lock():
        print("locked")


asyncio.run(right())
# --8<-- [end:async-green]

# browser: differs Python 3.14 says which method is missing
# --8<-- [start:undecorated-red]
from collections.abc import AsyncIterator


async def opened(host: str) -> AsyncIterator[str]:
    await asyncio.sleep(0)
    yield f"connection to {host}"


async def wrong() -> None:
    async with opened("db") as connection:
        print("never here")


with shown():
    asyncio.run(wrong())
# --8<-- [end:undecorated-red]

# --8<-- [start:undecorated-green]
from contextlib import asynccontextmanager


@asynccontextmanager
async def opened(host: str) -> AsyncIterator[str]:
    await asyncio.sleep(0)
    yield f"connection to {host}"


async def right() -> None:
    async with opened("db") as connection:
        print(connection)


asyncio.run(right())
# --8<-- [end:undecorated-green]

# --8<-- [start:outside-red]
code = """
def main():
    async with lock:
        pass
"""
with shown():
    compile(code, "app.py", "exec")
# --8<-- [end:outside-red]

# --8<-- [start:outside-green]
compile(code.replace("def main", "async def main"), "app.py", "exec")
print("compiled")
# --8<-- [end:outside-green]

# --- used after it was closed

# --8<-- [start:closed-red]
from pathlib import Path

Path("hosts").write_text("web\ndb\n")
with open("hosts") as hosts:
    lines = (line.strip() for line in hosts)
with shown():
    print(list(lines))
# --8<-- [end:closed-red]

# --8<-- [start:closed-green]
with open("hosts") as hosts:
    lines = [line.strip() for line in hosts]
print(lines)
# --8<-- [end:closed-green]

# --8<-- [start:database-red]
import sqlite3

with closing(sqlite3.connect(":memory:")) as db:
    db.execute("CREATE TABLE hosts (name)")
with shown():
    db.execute("SELECT * FROM hosts")
# --8<-- [end:database-red]

# --8<-- [start:database-green]
with closing(sqlite3.connect(":memory:")) as db:
    db.execute("CREATE TABLE hosts (name)")
    rows = db.execute("SELECT * FROM hosts").fetchall()
print(rows)
# --8<-- [end:database-green]

# file: ~/count.py
# browser: no shell to run it from
# --8<-- [start:unclosed-module]
def lines(path: str) -> int:
    return len(open(path).readlines())


print(lines("/etc/hosts") > 0)
# --8<-- [end:unclosed-module]

# file: ~/count.py
# browser: no shell to run it from
# --8<-- [start:unclosed-cure]
def lines(path: str) -> int:
    with open(path) as file:
        return len(file.readlines())


print(lines("/etc/hosts") > 0)
# --8<-- [end:unclosed-cure]

# --- locks and signals

# --8<-- [start:lock-red]
from threading import Lock, RLock

lock = Lock()
with shown():
    with lock:
        lock.release()
# --8<-- [end:lock-red]

# --8<-- [start:lock-green]
with lock:
    print("locked:", lock.locked())
print("locked:", lock.locked())
# --8<-- [end:lock-green]

# --8<-- [start:rlock-red]
lock = RLock()
with shown():
    try:
        raise ConnectionError("before it was acquired")
        lock.acquire()
    finally:
        lock.release()
# --8<-- [end:rlock-red]

# --8<-- [start:rlock-green]
with shown():
    with lock:
        raise ConnectionError("in the block")
# --8<-- [end:rlock-green]

# browser: no threads
# --8<-- [start:signal-red]
import signal
from threading import Thread


def work() -> None:
    with shown():
        signal.signal(signal.SIGTERM, signal.SIG_IGN)


thread = Thread(target=work)
thread.start()
thread.join()
# --8<-- [end:signal-red]

# browser: no threads
# --8<-- [start:signal-green]
before = signal.signal(signal.SIGTERM, signal.SIG_IGN)
try:
    thread = Thread(target=lambda: print("at work, TERM ignored"))
    thread.start()
    thread.join()
finally:
    signal.signal(signal.SIGTERM, before)
# --8<-- [end:signal-green]
