"""Locks, transactions and time limits that end with their block."""

# --- a lock

# --8<-- [start:held]
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock


@contextmanager
def held(lock: Lock, seconds: float) -> Iterator[None]:
    """Hold `lock` in the block; raises TimeoutError if not free within `seconds`."""
    if not lock.acquire(timeout=seconds):
        raise TimeoutError(f"not free within {seconds:g} s")
    try:
        yield
    finally:
        lock.release()
# --8<-- [end:held]

# --8<-- [start:held-use]
stock = Lock()

try:
    with held(stock, 1):
        raise ValueError("no such item")
except ValueError as error:
    print(error, "| locked:", stock.locked())

try:
    with stock, held(stock, 0.1):  # as if another thread had it
        print("never here")
except TimeoutError as error:
    print(error, "| locked:", stock.locked())
# --8<-- [end:held-use]

# --- a file lock

# file: ~/one_at_a_time.py
# --8<-- [start:file-lock]
"""Let one process at a time do something."""

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def one_at_a_time(path: str | os.PathLike[str]) -> Iterator[None]:
    """Hold the lock on the file `path`, which is made if need be, in the block.

    Raises BlockingIOError at once when another holds it. It is free again when the
    block or the process ends, however that ends. The file stays: do not remove it.
    See https://docs.python.org/3/library/fcntl.html#fcntl.flock
    """
    with open(path, "a") as file:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
# --8<-- [end:file-lock]

# browser: no processes
# --8<-- [start:file-lock-use]
import subprocess
import sys

from one_at_a_time import one_at_a_time

job = """
from one_at_a_time import one_at_a_time
try:
    with one_at_a_time("backup.lock"):
        print("the job runs")
except BlockingIOError:
    print("another one is at it")
"""

with one_at_a_time("backup.lock"):
    subprocess.run([sys.executable, "-c", job], check=True)
subprocess.run([sys.executable, "-c", job], check=True)
# --8<-- [end:file-lock-use]

# browser: no processes
# --8<-- [start:file-lock-killed]
killed = """
import os, signal
from one_at_a_time import one_at_a_time
with one_at_a_time("backup.lock"):
    os.kill(os.getpid(), signal.SIGKILL)
"""
ended = subprocess.run([sys.executable, "-c", killed]).returncode
print("the holder ended with", ended)
subprocess.run([sys.executable, "-c", job], check=True)
# --8<-- [end:file-lock-killed]

# --- sqlite3

# --8<-- [start:commits]
import sqlite3

db = sqlite3.connect("shop.db")
db.execute("CREATE TABLE stock (item TEXT PRIMARY KEY, n INTEGER CHECK (n >= 0))")

with db:
    db.execute("INSERT INTO stock VALUES ('tea', 5), ('milk', 1)")

try:
    with db:
        db.execute("UPDATE stock SET n = n - 2 WHERE item = 'tea'")
        db.execute("UPDATE stock SET n = n - 2 WHERE item = 'milk'")
except sqlite3.IntegrityError as error:
    print(error)
print(db.execute("SELECT * FROM stock").fetchall())
# --8<-- [end:commits]

# --8<-- [start:closing]
from contextlib import closing

with sqlite3.connect("shop.db") as still_open:
    pass
print(still_open.execute("SELECT count(*) FROM stock").fetchone())

with closing(sqlite3.connect("shop.db")) as shop, shop:
    shop.execute("UPDATE stock SET n = 9 WHERE item = 'milk'")
print(db.execute("SELECT n FROM stock WHERE item = 'milk'").fetchone())
try:
    shop.execute("SELECT 1")
except sqlite3.ProgrammingError as error:
    print(error)
# --8<-- [end:closing]

# --8<-- [start:savepoint]
@contextmanager
def transaction(db: sqlite3.Connection) -> Iterator[None]:
    """Keep all that the block changes, or nothing.

    Blocks may be nested; the outermost commits, or whoever had begun before it.
    """
    db.execute("SAVEPOINT block")
    try:
        yield
        db.execute("RELEASE block")
    except BaseException:
        if db.in_transaction:  # a full disk has ended it already
            db.execute("ROLLBACK TO block")
            db.execute("RELEASE block")
        raise
# --8<-- [end:savepoint]

# --8<-- [start:savepoint-use]
orders = [("tea", 1), ("coal", 1), ("milk", 100), ("milk", 2)]

with transaction(db):
    for item, n in orders:
        try:
            with transaction(db):
                change = "UPDATE stock SET n = n - ? WHERE item = ?"
                if not db.execute(change, (n, item)).rowcount:
                    raise LookupError(f"no {item}")
        except (sqlite3.IntegrityError, LookupError) as error:
            print("skipped:", error)
print(db.execute("SELECT * FROM stock").fetchall(), db.in_transaction)
# --8<-- [end:savepoint-use]

# --8<-- [start:close]
db.close()
# --8<-- [end:close]

# --- time limits

# --8<-- [start:asyncio]
import asyncio


async def fetch(seconds: float) -> str:
    try:
        await asyncio.sleep(seconds)
        return "a page"
    finally:
        print("tidied up")


async def main() -> None:
    try:
        async with asyncio.timeout(0.1):
            print(await fetch(60))
    except TimeoutError:
        print("too late")


asyncio.run(main())
# --8<-- [end:asyncio]

# browser: no processes
# --8<-- [start:process]
try:
    subprocess.run(["sleep", "60"], timeout=0.1)
except subprocess.TimeoutExpired:
    print("killed")
# --8<-- [end:process]

# --8<-- [start:alarm]
import signal
from types import FrameType


@contextmanager
def time_limit(seconds: float) -> Iterator[None]:
    """Raise TimeoutError in the block after `seconds`.

    For the main thread on Unix, and one at a time: the process has one such timer.
    """

    def ring(number: int, frame: FrameType | None) -> None:
        raise TimeoutError(f"longer than {seconds:g} s")

    before = signal.signal(signal.SIGALRM, ring)
    try:
        signal.setitimer(signal.ITIMER_REAL, seconds)
        yield
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)
        signal.signal(signal.SIGALRM, before)
# --8<-- [end:alarm]

# browser: no alarm signal
# --8<-- [start:alarm-use]
import time

try:
    with time_limit(0.1):
        time.sleep(60)
except TimeoutError as error:
    print(error)
print("timer:", signal.getitimer(signal.ITIMER_REAL)[0])
# --8<-- [end:alarm-use]

# --8<-- [start:blocking]
async def block() -> None:
    async with asyncio.timeout(0.1) as limit:
        time.sleep(0.3)
        print("done, and nobody was stopped")
    print("expired:", limit.expired())


asyncio.run(block())
# --8<-- [end:blocking]

# browser: no alarm signal
# --8<-- [start:swallowed]
with time_limit(0.1):
    try:
        time.sleep(60)
    except Exception as error:  # "retry whatever happens"
        print("swallowed:", error)
    print("goes on, with no limit")
# --8<-- [end:swallowed]

# browser: no threads
# --8<-- [start:thread]
from concurrent.futures import ThreadPoolExecutor
from threading import Event

finished: list[str] = []
go = Event()


def slow() -> None:
    go.wait()
    finished.append("slow")


try:
    with ThreadPoolExecutor() as pool:
        try:
            pool.submit(slow).result(timeout=0.1)
        finally:
            print("after the limit:", finished)
            go.set()  # without this the block would never end
except TimeoutError:
    print("after the block:", finished)
# --8<-- [end:thread]

# --- when it fails

# browser: differs Python 3.14 says which method is missing
# --8<-- [start:bool-red]
try:
    with stock.acquire(timeout=1):
        print("never here")
except TypeError as error:
    print(f"{type(error).__name__}: {error}")
print("locked:", stock.locked())
# --8<-- [end:bool-red]

# --8<-- [start:bool-green]
stock.release()
with held(stock, 1):
    print("locked:", stock.locked())
print("locked:", stock.locked())
# --8<-- [end:bool-green]

# --8<-- [start:busy-make]
writer = sqlite3.connect("shop.db", isolation_level=None)
writer.execute("BEGIN IMMEDIATE")
late = sqlite3.connect("shop.db", timeout=0.1)
# --8<-- [end:busy-make]

# --8<-- [start:busy-red]
try:
    with late:
        late.execute("UPDATE stock SET n = 3 WHERE item = 'tea'")
except sqlite3.OperationalError as error:
    print(f"sqlite3.{type(error).__name__}: {error}")
# --8<-- [end:busy-red]

# --8<-- [start:busy-green]
writer.execute("COMMIT")
with late:
    late.execute("UPDATE stock SET n = 3 WHERE item = 'tea'")
print(late.execute("SELECT n FROM stock WHERE item = 'tea'").fetchone())
writer.close()
late.close()
# --8<-- [end:busy-green]
