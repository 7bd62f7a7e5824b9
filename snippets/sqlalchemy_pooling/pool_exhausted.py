"""A pool with nothing left: who holds its connections, and how they come back."""

from embedded import THREADS, only_a_server_shows

# --8<-- [start:red]
import os

from pool_watch import PoolWatch
from sqlalchemy import create_engine, text
from sqlalchemy.exc import TimeoutError
from sqlalchemy.orm import Session

URL = os.environ.get(
    "DATABASE_URL", "mysql+pymysql://127.0.0.1/shop?read_default_file=~/.my.cnf"
)
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

if THREADS:
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
else:
    print("Only threads show: two that wait for each other.")

# browser: differs the connections are SQLite's, at addresses of this run
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

only_a_server_shows("which connections have a transaction open.")
