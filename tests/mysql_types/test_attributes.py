"""NULL, DEFAULT, CHECK and what else a column can say."""

import pytest

from opsbook.pytest_plugin import Snippet

from .conftest import Client

NULL, NO_DEFAULT, OUT_OF_RANGE, BAD_DEFAULT = 1048, 1364, 1264, 1067


@pytest.mark.claim("mysql-types-null-not-null", "holds")
def test_null_and_default(snippet: Snippet, clients: list[Client]) -> None:
    """NOT NULL refuses NULL, and a row without the value unless there is a default; a default may be an expression."""
    snippet.run_and_record_on_each("table")
    snippet.run_and_record_on_each("refused")
    snippet.run_and_record_on_each("null")
    snippet.run_and_record_on_each("lax")
    for client in clients:
        assert client.code("INSERT INTO people (name) VALUES (NULL);") == NULL
        assert client.code("INSERT INTO people (name, country) VALUES ('Bo', NULL);") == NULL
        assert client.code("INSERT INTO people (country) VALUES ('FR');") == NO_DEFAULT
        assert client.code("INSERT INTO people (name, country) VALUES ('Bo', DEFAULT);") == 0
        assert client.value("SELECT COUNT(DISTINCT token) = COUNT(*) AS n FROM people;") == "1"
        # One row alone is refused a NULL even without strict mode, the second of two is not.
        client.do("SET sql_mode = '';")
        assert client.code("INSERT INTO staff VALUES (NULL, 1);") == NULL
        client.do("SET sql_mode = DEFAULT;")
        # A CHECK lets pass what it cannot tell.
        assert client.update("people", "percent", "NULL") == 0
        assert client.update("people", "percent", "100") == 0
        for bad in (
            "INT DEFAULT 'abc'",
            "TINYINT DEFAULT 300",
            "VARCHAR(3) DEFAULT 'abcd'",
            "INT NOT NULL DEFAULT NULL",
        ):
            assert client.code(f"CREATE TABLE t (v {bad});") == BAD_DEFAULT, bad
        assert client.code("CREATE TABLE t (v INT DEFAULT 1 + 1);") == 1064


@pytest.mark.claim("mysql-types-attribute-list", "holds")
def test_unsigned_check_generated_and_character_set(snippet: Snippet, clients: list[Client]) -> None:
    """The catalogue tells key, default, sign and character set; CHECK replaces UNSIGNED on DECIMAL and makes a BOOLEAN firm."""
    snippet.run_on_each("table")
    snippet.run_on_each("null")
    snippet.run_on_each("lax")
    snippet.run_and_record_on_each("boolean")
    snippet.run_and_record_on_each("unsigned")
    snippet.run_and_record_on_each("generated")
    for client in clients:
        told = "SELECT column_key AS a, column_default AS b, column_type LIKE '%unsigned' AS c, character_set_name AS d"
        rows = client.rows(
            f"{told} FROM information_schema.columns WHERE table_name = 'people' ORDER BY ordinal_position;"
        )
        assert rows[0] == ["PRI", "NULL", "1", "NULL"]
        assert [rows[2][0], rows[2][1].strip("'"), *rows[2][2:]] == ["", "DE", "0", "utf8mb4"]
        assert rows[6][3] == "latin1"
        for declared in ("DECIMAL(5,2)", "FLOAT", "DOUBLE"):
            client.holds(f"{declared} UNSIGNED", ["0", "1.5"], ["-1", "-0.1"], OUT_OF_RANGE)
        warned = client.warnings("CREATE TABLE w (v DOUBLE UNSIGNED);")
        assert warned == ([1681] if client.name == "mysql" else [])
    snippet.run_on_each("undo")
