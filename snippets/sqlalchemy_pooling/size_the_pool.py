"""How large a pool is, seen from the client and from the server."""

from embedded import ON_SERVER, URL, only_a_server_shows
from sqlalchemy import create_engine, text

if ON_SERVER:
    # --8<-- [start:budget]
    import os

    from sqlalchemy import create_engine, text

    URL = os.environ.get(
        "DATABASE_URL", "mysql+pymysql://127.0.0.1/shop?read_default_file=~/.my.cnf"
    )
    PROCESSES = 8  # of all machines that use this server
    SPARE = 20  # for backups, cron jobs and you

    engine = create_engine(URL, pool_size=5, max_overflow=10, pool_timeout=30)

    most = PROCESSES * (5 + 10) + SPARE
    with engine.connect() as connection:
        limit = connection.scalar(text("SELECT @@max_connections"))
    print(f"{most} of {limit}:", "fits" if most <= limit else "too many")
    engine.dispose()
    # --8<-- [end:budget]

# --8<-- [start:both-sides]
import time

from sqlalchemy.exc import TimeoutError
from watch import SERVER, settled

small = create_engine(URL, pool_size=2, max_overflow=1, pool_timeout=0.2)


def look(step: str, server: int) -> None:
    """Print both sides after `step`; `server` is what we wait for there."""
    out, idle = small.pool.checkedout(), small.pool.checkedin()
    print(f"{step:14}{out:4}{idle:6}{settled(server):8}")


print(f"{'':14}{'out':>4}{'idle':>6}{'server':>8}")
look("new", 0)
held = [small.connect() for _ in range(3)]
look("3 taken", 3)
began = time.monotonic()
try:
    small.connect()
except TimeoutError as error:
    print(f"TimeoutError: {error.args[0]}")
    print("waited that long:", time.monotonic() - began >= 0.2)
held.pop().close()
look("1 returned", 3)
held.pop().close()
look("2 returned", 3)
held.pop().close()
look("3 returned", 2)
small.dispose()
look("dispose()", 0)
# --8<-- [end:both-sides]

# --8<-- [start:order]
for lifo in (False, True):
    three = create_engine(URL, pool_size=3, pool_use_lifo=lifo)
    for connection in [three.connect() for _ in range(3)]:
        connection.close()
    used = set()
    for _ in range(6):
        with three.connect() as connection:
            used.add(connection.scalar(text("SELECT connection_id()")))
    print("last in, first out:" if lifo else "first in, first out:", len(used), "used")
    three.dispose()
# --8<-- [end:order]

# --8<-- [start:recycle]
young = create_engine(URL, pool_recycle=1)


def number() -> int:
    """Return the server's number of the connection that we get."""
    with young.connect() as connection:
        return connection.scalar(text("SELECT connection_id()"))


began = time.monotonic()
first = number()
while (now := number()) == first and time.monotonic() < began + 30:
    time.sleep(0.05)
print("in use all the time, and replaced:", now != first)
print("after 1 s or more:", time.monotonic() - began >= 1)

with young.connect() as connection:
    before = connection.scalar(text("SELECT connection_id()"))
    time.sleep(1.5)
    after = connection.scalar(text("SELECT connection_id()"))
print("checked out for longer, and yet kept:", before == after)
print("replaced at the next checkout:", number() != before)
young.dispose()
# --8<-- [end:recycle]

if ON_SERVER:
    # --8<-- [start:costs]
    from statistics import median

    from sqlalchemy import NullPool

    kinds = {
        "checkout": create_engine(URL),
        "checkout with pre-ping": create_engine(URL, pool_pre_ping=True),
        "login": create_engine(URL, poolclass=NullPool),
    }
    times = {name: [] for name in (*kinds, "SELECT 1")}
    for _ in range(100):
        for name, each in kinds.items():
            began = time.perf_counter()
            with each.connect() as connection:
                times[name].append(time.perf_counter() - began)
                if name == "checkout":
                    began = time.perf_counter()
                    connection.scalar(text("SELECT 1"))
                    times["SELECT 1"].append(time.perf_counter() - began)
    cost = {name: median(spent) for name, spent in times.items()}

    print("a login takes longer than")
    print("  5 checkouts:", cost["login"] > 5 * cost["checkout"])
    print("  3 SELECT 1: ", cost["login"] > 3 * cost["SELECT 1"])
    print("a checkout with pre-ping takes longer than")
    print("  1 SELECT 1: ", cost["checkout with pre-ping"] > cost["SELECT 1"])
    for each in kinds.values():
        each.dispose()
    # --8<-- [end:costs]

    # --8<-- [start:limit-make]
    with SERVER.connect() as server:
        server.execute(text("SET GLOBAL max_connections = 10"))
    # --8<-- [end:limit-make]

    # --8<-- [start:limit-red]
    from contextlib import ExitStack

    from sqlalchemy.exc import OperationalError


    def rush(size: int, overflow: int) -> None:
        """Let two pools, as in two processes, open all they may."""
        pools = [create_engine(URL, pool_size=size, max_overflow=overflow) for _ in "ab"]
        with ExitStack() as stack:
            for pool in pools:
                stack.callback(pool.dispose)
            try:
                for pool in pools * (size + overflow):
                    stack.enter_context(pool.connect())
                print(sum(pool.pool.checkedout() for pool in pools), "connections")
            except OperationalError as error:
                print(f"OperationalError: {error.args[0]}")


    rush(size=5, overflow=10)
    # --8<-- [end:limit-red]

    # --8<-- [start:limit-green]
    settled(0)
    rush(size=2, overflow=2)
    # --8<-- [end:limit-green]

    # --8<-- [start:limit-undo]
    settled(0)
    with SERVER.connect() as server:
        server.execute(text("SET GLOBAL max_connections = 151"))
    # --8<-- [end:limit-undo]

only_a_server_shows("its limit, what a login costs, and that it counts the same.")
