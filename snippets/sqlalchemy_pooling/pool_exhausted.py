"""A pool with nothing left: who holds its connections, and how they come back."""

# file: ~/pool_watch.py
# --8<-- [start:pool-watch]
"""Tell who holds the connections of a pool."""

import threading
import time
import traceback
from collections import defaultdict
from itertools import islice
from pathlib import Path
from typing import Any, NamedTuple

import sqlalchemy
from sqlalchemy import Engine, event

# Frames that are not the program's own.
SKIPPED = (str(Path(sqlalchemy.__file__).parent), __file__, "<")


class Holder(NamedTuple):
    """Who took a connection, when, and on which line of the program."""

    thread: str
    since: float
    place: str


class PoolWatch:
    """Watches the pool of `engine` from now on: at each checkout it looks who calls."""

    def __init__(self, engine: Engine) -> None:
        self.holders: dict[int, Holder] = {}
        event.listen(engine, "checkout", self._taken)
        event.listen(engine, "checkin", self._returned)
        event.listen(engine, "detach", self._returned)

    def _taken(self, connection: Any, record: Any, proxy: Any) -> None:
        thread = threading.current_thread().name
        self.holders[id(record)] = Holder(thread, time.monotonic(), place())

    def _returned(self, connection: Any, record: Any) -> None:
        self.holders.pop(id(record), None)

    def report(self) -> str:
        """Return how many are held, since when, and by which lines; the most first."""
        places = defaultdict(list)
        for holder in list(self.holders.values()):
            places[holder.place].append(holder)
        now = time.monotonic()
        return "\n".join(
            f"{len(held)} held for up to {now - min(h.since for h in held):.1f} s"
            f" (threads: {len({h.thread for h in held})}), taken at\n    {where}"
            for where, held in sorted(places.items(), key=lambda item: -len(item[1]))
        )


def place(depth: int = 2) -> str:
    """Return the program's innermost `depth` lines that led here."""
    lines = (
        f"{Path(frame.f_code.co_filename).name}:{line} {frame.f_code.co_name}"
        for frame, line in traceback.walk_stack(None)
        if not frame.f_code.co_filename.startswith(SKIPPED)
    )
    return " < ".join(islice(lines, depth))
# --8<-- [end:pool-watch]

# --8<-- [start:red]
from pool_watch import PoolWatch
from sqlalchemy import create_engine, text
from sqlalchemy.exc import TimeoutError
from sqlalchemy.orm import Session

URL = "mysql+pymysql://127.0.0.1/shop?read_default_file=~/.my.cnf"
engine = create_engine(URL, pool_timeout=0.2)
watch = PoolWatch(engine)

with engine.begin() as connection:
    connection.execute(text("CREATE TABLE item (name CHAR(9) PRIMARY KEY, n INT)"))
    connection.execute(text("INSERT INTO item VALUES ('tea', 5)"))

sessions = {}  # one for each visitor, "for later"


def stock(visitor: int) -> int:
    sessions[visitor] = Session(engine)
    return sessions[visitor].scalar(text("SELECT n FROM item"))


try:
    for visitor in range(100):
        stock(visitor)
except TimeoutError as error:
    print(f"visitor {visitor}: TimeoutError: {error.args[0]}")
    print(watch.report())
# --8<-- [end:red]

# --8<-- [start:green]
while sessions:
    sessions.popitem()[1].close()


def stock(visitor: int) -> int:
    with Session(engine) as session:
        return session.scalar(text("SELECT n FROM item"))


for visitor in range(100):
    stock(visitor)
print("last visitor:", visitor, "| open:", engine.pool.checkedin())
print("held:", watch.report() or "none")
# --8<-- [end:green]

# --8<-- [start:second-red]
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier

tight = create_engine(URL, pool_size=2, max_overflow=0, pool_timeout=0.5)
tight_watch = PoolWatch(tight)
together = Barrier(2, timeout=60)


def sell(name: str) -> str:
    with Session(tight) as session:
        session.execute(text("SELECT n FROM item"))
        together.wait()  # both have got their first one
        try:
            with tight.connect() as second:  # for an audit log, say
                second.execute(text("SELECT 1"))
            return "went well"
        except TimeoutError as error:
            return f"TimeoutError: {error.args[0]}\n{tight_watch.report()}"
        finally:
            together.wait()


with ThreadPoolExecutor(2) as threads:
    print(*threads.map(sell, ["tea", "milk"]), sep="\n")
# --8<-- [end:second-red]

# --8<-- [start:second-green]
def sell(name: str) -> str:
    with Session(tight) as session:
        session.execute(text("SELECT n FROM item"))
        together.wait()
        session.connection().execute(text("SELECT 1"))  # the one it has
        return "went well"


with ThreadPoolExecutor(2) as threads:
    print(*threads.map(sell, ["tea", "milk"]), sep="\n")
tight.dispose()
# --8<-- [end:second-green]

# --8<-- [start:echo]
import logging
import sys

log = logging.getLogger("sqlalchemy.pool")
log.setLevel(logging.DEBUG)
log.addHandler(logging.StreamHandler(sys.stdout))

logged = create_engine(URL, pool_size=1)
with logged.connect() as connection:
    connection.execute(text("SELECT 1"))
log.setLevel(logging.WARNING)
# --8<-- [end:echo]
