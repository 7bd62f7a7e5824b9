"""How large a pool is: what it opens, keeps, closes and refuses, seen from the client and from the server."""

import pytest

from opsbook.labs.databases import DatabaseLab
from opsbook.pytest_plugin import Snippet

WATCH = "watch.py:watch"
BOTH = """               out  idle  server
new              0     0       0
3 taken          3     0       3
TimeoutError: QueuePool limit of size 2 overflow 1 reached, connection timed out, timeout 0.20
waited that long: True
1 returned       2     1       3
2 returned       1     2       3
3 returned       0     2       2
dispose()        0     0       0
"""
DEFAULTS = """
from sqlalchemy import create_engine
URL = "mysql+pymysql://127.0.0.1/shop?read_default_file=~/.my.cnf"
pool = create_engine(URL).pool
print(pool.size(), pool._max_overflow, pool._timeout, pool._recycle, pool._pool.use_lifo)
try:
    compile("create_engine(URL, -pool_size=5, -max_overflow=10)", "pasted", "eval")
except SyntaxError as error:
    print(type(error).__name__)
given = create_engine(URL, pool_size=6, max_overflow=11, pool_timeout=31, pool_recycle=7200).pool
print(given.size(), given._max_overflow, given._timeout, given._recycle)
for unlimited in ({}, {"pool_size": 0}, {"max_overflow": -1}):
    engine = create_engine(URL, pool_timeout=0.1, **unlimited)
    held = []
    try:
        while len(held) < 20:
            held.append(engine.connect())
    except Exception as error:
        print(type(error).__name__, end=" ")
    print(len(held), engine.pool.checkedout())
    for connection in held: connection.close()
    engine.dispose()
# Which one is closed: the last to come back, not the last that was opened.
engine = create_engine(URL, pool_size=1, max_overflow=1)
old, new = engine.connect(), engine.connect()
dropped = old.connection.dbapi_connection
new.close(); old.close()
print("the first one was closed:", not dropped.open)
engine.dispose()
"""


@pytest.mark.claim("sqlalchemy-pooling-max-overflow", "holds")
@pytest.mark.claim("sqlalchemy-pooling-pool-timeout", "holds")
@pytest.mark.claim("sqlalchemy-pooling-recycle-default", "holds")
@pytest.mark.claim("sqlalchemy-pooling-pool-size-default", "incomplete")
@pytest.mark.claim("sqlalchemy-pooling-parameter-spelling", "wrong")
def test_size_and_overflow(snippet: Snippet, lab: DatabaseLab) -> None:
    """The pool opens up to size + overflow, keeps up to size, refuses after the timeout; the defaults are those of the table."""
    assert snippet.run_and_record("budget").output == "140 of 151: fits\n"
    snippet.run(WATCH)
    assert snippet.run_and_record("both-sides").output == BOTH
    order = snippet.run_and_record("order").output
    assert order == "first in, first out: 3 used\nlast in, first out: 1 used\n"
    with lab.machines["mariadb"].python() as python:
        assert python.paste(DEFAULTS).output.splitlines() == [
            "5 10 30.0 -1 False",
            "SyntaxError",
            "6 11 31 7200",
            "TimeoutError 15 15",
            "20 20",
            "20 20",
            "the first one was closed: True",
        ]


@pytest.mark.claim("sqlalchemy-pooling-recycle-is-idle-time", "wrong")
def test_age_and_cost(snippet: Snippet) -> None:
    """A login costs more than checkouts and queries, pre-ping less than a query. A connection is replaced at a checkout after pool_recycle seconds, however busy it was, and never while it is out."""
    snippet.run("budget")
    snippet.run(WATCH)
    snippet.run("both-sides")
    costs = snippet.run_and_record("costs").output
    assert [line.rpartition(" ")[2] for line in costs.splitlines()] == [
        "than",
        "True",
        "True",
        "than",
        "False",
    ]
    seen = snippet.run_and_record("recycle").output
    assert seen.splitlines() == [
        "in use all the time, and replaced: True",
        "after 1 s or more: True",
        "checked out for longer, and yet kept: True",
        "replaced at the next checkout: True",
    ]


def test_more_than_the_server_takes(snippet: Snippet, lab: DatabaseLab) -> None:
    """Pools that are each within their limit exceed the server's together; smaller ones fit."""
    for region in ("budget", WATCH, "both-sides", "limit-make"):
        snippet.run(region)
    red = snippet.run_and_record("limit-red").output
    assert red == "OperationalError: (pymysql.err.OperationalError) (1040, 'Too many connections')\n"
    assert snippet.run_and_record("limit-green").output == "8 connections\n"
    snippet.run("limit-undo")
    assert lab.machines["mariadb"].ask("SELECT @@max_connections;") == [["151"]]
