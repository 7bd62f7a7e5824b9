"""A pool with nothing left: what it says, who holds its connections, and what the server sees."""

import time

from opsbook.labs.databases import DatabaseLab
from opsbook.pytest_plugin import Snippet

LIMIT = "TimeoutError: QueuePool limit of size {} overflow {} reached, connection timed out, timeout {}"
SERVER = """+-------+---------+-------------+--------------+
| user  | command | connections | transactions |
+-------+---------+-------------+--------------+
| alice | Sleep   |{:12} |{:13} |
+-------+---------+-------------+--------------+
"""
FOR = r"held for up to ([0-9.]+) s"


def test_a_leak(snippet: Snippet) -> None:
    """A program that keeps its sessions is out of connections at the 16th; the watch names the line, the server the transactions."""
    snippet.run("pool_watch.py:pool-watch")
    red = snippet.run_and_record("red", seconds=FOR).output.splitlines()
    assert red[0] == f"visitor 15: {LIMIT.format(5, 10, '0.20')}"
    assert red[1].startswith("15 held for up to ")
    assert red[1].endswith(" s (threads: 1), taken at")
    assert red[2:] == ["    pool_exhausted.py:23 stock < pool_exhausted.py:28 <module>"]
    code = snippet["red"].code.splitlines()
    assert (code[22], code[27]) == (
        '    return sessions[visitor].scalar(text("SELECT n FROM item"))',
        "        stock(visitor)",
    )
    assert snippet.run_and_record("server").output == SERVER.format(15, 15)
    green = snippet.run_and_record("green").output
    assert green == "last visitor: 99 | open: 5\nheld: none\n"
    # Asked again within a tenth of a second, the server repeats what it said of transactions.
    until = time.monotonic() + 30
    while (seen := snippet.run("server").output) != SERVER.format(5, 0) and time.monotonic() < until:
        time.sleep(0.3)
    assert seen == SERVER.format(5, 0)


def test_two_each(snippet: Snippet) -> None:
    """Threads that hold one connection and want another wait for each other; on the one they have they go through."""
    snippet.run("pool_watch.py:pool-watch")
    snippet.run("red")
    red = snippet.run_and_record("second-red", seconds=FOR).output.splitlines()
    assert red[::3] == [LIMIT.format(2, 0, "0.50")] * 2
    assert all(line.startswith("2 held for") and "(threads: 2)" in line for line in red[1::3])
    assert all(line.startswith("    pool_exhausted.py:11 sell < ") for line in red[2::3])
    assert snippet.run_and_record("second-green").output == "went well\nwent well\n"
    echo = snippet.run_and_record("echo", hash="at 0x([0-9a-f]+)>").output
    assert [line.partition(" object at ")[2][15:] for line in echo.splitlines()[1:]] == [
        " checked out from pool",
        " being returned to pool",
        " reset, transaction already reset",
    ]


OTHERS = """
import gc
def count(step): print(step, engine.pool.checkedout(), len(watch.holders))
engine = create_engine(URL)
watch = PoolWatch(engine)
connection = engine.connect(); count("taken")
connection.invalidate(); count("invalidated")
connection.close(); count("closed")
connection = engine.connect(); connection.detach(); count("detached")
connection.close()
session = Session(engine); session.execute(text("SELECT 1")); count("session")
del session; gc.collect(); count("forgotten")
kept = []
def fails():
    session = Session(engine)
    session.execute(text("SELECT 1"))
    raise ValueError
try:
    fails()
except ValueError as error:
    kept.append(error)
gc.collect(); count("in a kept traceback")
kept.clear(); gc.collect(); count("dropped")
"""


def test_the_watch_forgets_nobody_and_keeps_nobody(snippet: Snippet, lab: DatabaseLab) -> None:
    """The watch agrees with the pool after each way to give back a connection: closing, invalidating, detaching, collecting."""
    snippet.run("pool_watch.py:pool-watch")
    with lab.machines["mariadb"].python() as python:
        python.paste(snippet["red"].code)
        assert python.paste(OTHERS).output.splitlines() == [
            "taken 1 1",
            "invalidated 0 0",
            "closed 0 0",
            "detached 0 0",
            "session 1 1",
            "forgotten 0 0",
            "in a kept traceback 1 1",
            "dropped 0 0",
        ]
