"""Which pool an engine has, and what each of them does with connections, on SQLite and on a server."""

import pytest

from opsbook.labs.databases import DatabaseLab
from opsbook.pytest_plugin import Snippet

KINDS = """mysql+pymysql://shop        QueuePool
mysql+mysqldb://shop        QueuePool
sqlite:///shop.db           QueuePool
sqlite://                   SingletonThreadPool
mysql+aiomysql://shop       AsyncAdaptedQueuePool
sqlite+aiosqlite:///shop.db AsyncAdaptedQueuePool
sqlite+aiosqlite://         StaticPool
"""
COMPARED = """connections:          two here  one there  left open
QueuePool                    2         +1          3
NullPool                     2         +1          0
SingletonThreadPool          1         +1          2
StaticPool                   1         +0          1
"""


@pytest.mark.claim("sqlalchemy-pooling-default-queuepool", "incomplete")
@pytest.mark.claim("sqlalchemy-pooling-nullpool", "holds")
@pytest.mark.claim("sqlalchemy-pooling-nullpool-unclosed-session", "wrong")
def test_what_each_opens_and_keeps(snippet: Snippet, lab: DatabaseLab) -> None:
    """The URL chooses the pool; queue and no pool give connections of one's own, the other two share them."""
    assert snippet.run_and_record("kinds").output == KINDS
    snippet.run("watch.py:watch")
    null = snippet.run_and_record("null").output
    assert null == "hello from the database\nin the block: 1\nafter it:     0\n"
    assert snippet.run_and_record("forgotten").output == "in use:    1\nforgotten: 0\n"
    assert snippet.run_and_record("compare").output == COMPARED
    assert lab.machines["mariadb"].connections() == 0
    size = snippet.run_and_record("size-red").output
    assert size.startswith("TypeError: Invalid argument(s) 'pool_size' sent to create_engine()")
    assert snippet.run_and_record("size-green").output == "QueuePool\n"


REFUSED = """
from sqlalchemy import QueuePool
from sqlalchemy.ext.asyncio import create_async_engine
try:
    create_async_engine("mysql+aiomysql://shop", poolclass=QueuePool)
except Exception as error:
    print(type(error).__name__, error.args[0])
"""


def test_where_sharing_is_right_and_where_wrong(snippet: Snippet, lab: DatabaseLab) -> None:
    """Threads need one shared connection to see a database in memory; on a server sharing mixes their transactions."""
    for region in ("kinds", "watch.py:watch", "null", "compare"):
        snippet.run(region)
    assert snippet.run_and_record("memory-red").output == "OperationalError: no such table: item\n"
    assert snippet.run_and_record("memory-green").output == "0 rows\n"
    assert snippet.run_and_record("static-red").output == "rolled back, and there: 1\n"
    assert snippet.run_and_record("static-green").output == "rolled back, and there: 0\n"
    with lab.machines["mariadb"].python() as python:
        assert (
            python.paste(REFUSED).output
            == "ArgumentError Pool class QueuePool cannot be used with asyncio engine\n"
        )
