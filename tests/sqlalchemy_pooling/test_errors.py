"""Errors of engines, connections and sessions by message: red first, then the cure, then green."""

import pytest

from opsbook.labs.databases import DatabaseLab
from opsbook.pytest_plugin import Snippet

DRIVER = "OperationalError: (pymysql.err.OperationalError) "
HELLO = "hello, alice@127.0.0.1\n"


def red_then_green(snippet: Snippet, name: str) -> tuple[str, str]:
    """Return what the red block and the green one of a section printed."""
    return snippet.run_and_record(f"{name}-red").output, snippet.run_and_record(f"{name}-green").output


@pytest.mark.claim("sqlalchemy-pooling-mysqldb-url", "incomplete")
@pytest.mark.claim("sqlalchemy-pooling-curly-quotes", "wrong")
def test_urls(snippet: Snippet, lab: DatabaseLab) -> None:
    """A URL without dialect, with a driver or dialect that is not there, or with an unescaped password is refused; mended it works."""
    snippet.run("shown")
    red = "ArgumentError: Could not parse SQLAlchemy URL from given URL string\n"
    assert red_then_green(snippet, "parse") == (red, HELLO)
    snippet.run("mysqldb-make")
    red = "ModuleNotFoundError: No module named 'MySQLdb'\n"
    assert red_then_green(snippet, "mysqldb") == (red, HELLO)
    snippet.run("mysqldb-undo")
    red = "NoSuchModuleError: Can't load plugin: sqlalchemy.dialects:postgres\n"
    assert red_then_green(snippet, "plugin") == (red, "psycopg\n")
    red, green = red_then_green(snippet, "quotes")
    assert red == "SyntaxError: invalid character '‘' (U+2018) (app.py, line 1)\n"
    assert green == 'create_engine("postgresql+psycopg://127.0.0.1/shop")\n'
    snippet.run("at-make")
    red, green = red_then_green(snippet, "at")
    assert red.startswith(f"{DRIVER}(2003, \"Can't connect to MySQL server on 'ss@127.0.0.1' (")
    assert green == "hello, shop@127.0.0.1\nmysql+pymysql://shop:***@127.0.0.1/shop\n"
    # With the driver there the same URL works, once it names the file without a ~.
    with lab.machines["mariadb"].python() as python:
        python.paste(snippet["shown"].code)
        code = snippet["mysqldb-red"].code
        assert "1045" in python.paste(code).output
        assert python.paste(code.replace("~", "/home/alice")).output == HELLO


def test_servers(snippet: Snippet) -> None:
    """A wrong port, password or database has a number each; a row that is locked by a sleeper is free when that ends."""
    snippet.run("shown")
    red = (
        f"{DRIVER}(2003, \"Can't connect to MySQL server on '127.0.0.1' ([Errno 111] Connection refused)\")\n"
    )
    assert red_then_green(snippet, "refused") == (red, HELLO)
    red = f"{DRIVER}(1045, \"Access denied for user 'alice'@'127.0.0.1' (using password: YES)\")\n"
    assert red_then_green(snippet, "denied") == (red, HELLO)
    red = f"{DRIVER}(1049, \"Unknown database 'shopp'\")\n"
    assert red_then_green(snippet, "unknown") == (red, "True False\n")
    snippet.run("locked-make")
    red = snippet.run_and_record("locked-red").output
    assert red == f"{DRIVER}(1205, 'Lock wait timeout exceeded; try restarting transaction')\n"
    assert snippet.run_and_record("locked-look").output == "[('alice', 'Sleep', 1)]\n"
    assert snippet.run_and_record("locked-green").output == "3\n"


def test_connections_and_transactions(snippet: Snippet, lab: DatabaseLab) -> None:
    """What SQLAlchemy 1 allowed, what comes after the block, and a second begin are refused; the way of version 2 works."""
    for region in ("shown", "locked-make", "locked-green"):
        snippet.run(region)
    red = "AttributeError: 'Engine' object has no attribute 'execute'\n"
    assert red_then_green(snippet, "execute") == (red, "[(3,)]\n")
    red = "ObjectNotExecutableError: Not an executable object: 'SELECT n FROM item'\n"
    assert red_then_green(snippet, "text") == (red, "3\n")
    red = "ResourceClosedError: This Connection is closed\n"
    assert red_then_green(snippet, "closed") == (red, "[(3,)]\n")
    red = "ResourceClosedError: This result object does not return rows. It has been closed automatically.\n"
    assert red_then_green(snippet, "rows") == (red, "1 changed\n")
    red, green = red_then_green(snippet, "begun")
    assert red.startswith(
        "InvalidRequestError: This connection has already initialized a SQLAlchemy Transaction()"
    )
    assert green == "1\n"
    red = "InvalidRequestError: A transaction is already begun on this Session.\n"
    assert red_then_green(snippet, "session") == (red, "0\n")
    red, green = red_then_green(snippet, "async")
    assert red.startswith("InvalidRequestError: The asyncio extension requires an async driver to be used.")
    assert green == "0\n"
    assert lab.machines["mariadb"].ask("SELECT n FROM shop.item;") == [["0"]]
