"""TEXT and BLOB: limits, defaults, indexes, bytes."""

import re

import pytest

from opsbook.pytest_plugin import Snippet

from .conftest import Client

TOO_LONG, ROW_TOO_LARGE, KEY_TOO_LONG, NO_KEY_LENGTH = 1406, 1118, 1071, 1170
KANJI = "漢"


@pytest.mark.claim("mysql-types-tinytext-255-characters", "wrong")
@pytest.mark.claim("mysql-types-text-65535-characters", "wrong")
@pytest.mark.claim("mysql-types-mediumtext-limit", "incomplete")
@pytest.mark.claim("mysql-types-longtext-limit", "incomplete")
@pytest.mark.claim("mysql-types-tinyblob-255", "holds")
@pytest.mark.claim("mysql-types-longblob-limit", "holds")
@pytest.mark.claim("mysql-types-text-cannot-take-length", "wrong")
@pytest.mark.claim("mysql-types-text-plus-two-bytes", "incomplete")
def test_each_type_holds_its_bytes_and_not_one_more(snippet: Snippet, clients: list[Client]) -> None:
    """The limits are bytes; TEXT(n) picks the type and limits nothing; a packet has 1 GiB at most."""
    snippet.run_and_record_on_each("limits")
    snippet.run_and_record_on_each("edge")
    snippet.run_and_record_on_each("packet")
    snippet.run_and_record_on_each("size")
    for client in clients:
        for size, limit in (("TINY", 2**8 - 1), ("", 2**16 - 1), ("MEDIUM", 2**24 - 1)):
            for kind in ("TEXT", "BLOB"):
                last, beyond = f"REPEAT('a', {limit})", f"REPEAT('a', {limit + 1})"
                client.holds(f"{size}{kind}", [last], [beyond], TOO_LONG)
                assert client.value("SELECT LENGTH(v) AS n FROM edge;") == str(limit)
        client.holds("TINYTEXT", [f"REPEAT('{KANJI}', 85)"], [f"REPEAT('{KANJI}', 86)"], TOO_LONG)
        client.holds("TEXT", [f"REPEAT('{KANJI}', 21845)"], [f"REPEAT('{KANJI}', 21846)"], TOO_LONG)
        types = (
            ("TEXT(63)", "tinytext"),
            ("TEXT(64)", "text"),
            ("TEXT(16383)", "text"),
            ("TEXT(16384)", "mediumtext"),
        )
        for declared, kept in types:
            client.column(declared)
            assert f"`v` {kept}" in client.made("edge")
        # Of the row's 65535 bytes it takes its length and eight more, wherever the text itself is.
        for taken, size in enumerate(("TINY", "", "MEDIUM", "LONG"), 9):
            fits = [
                client.code(
                    f"DROP TABLE IF EXISTS t; CREATE TABLE t (a {size}TEXT NOT NULL, b VARBINARY({n}) NOT NULL);"
                )
                for n in (65533 - taken, 65534 - taken)
            ]
            assert fits == [0, ROW_TOO_LARGE], (client.name, size)
        assert client.warnings("SELECT LENGTH(REPEAT('a', @@max_allowed_packet + 1));") == [1301]
        client.tell("SET @was = @@GLOBAL.max_allowed_packet; SET GLOBAL max_allowed_packet = 4294967296;")
        assert client.value("SELECT @@GLOBAL.max_allowed_packet AS n;") == str(2**30)
        client.do("SET GLOBAL max_allowed_packet = @was;")


@pytest.mark.claim("mysql-types-text-no-default", "dated")
@pytest.mark.claim("mysql-types-varchar-indexed-directly", "incomplete")
@pytest.mark.claim("mysql-types-text-index-needs-prefix", "incomplete")
@pytest.mark.claim("mysql-types-text-index-ineffective", "wrong")
def test_defaults_and_indexes(snippet: Snippet, clients: list[Client]) -> None:
    """MySQL wants parentheses for a default and a length for a key, MariaDB neither; a prefix index finds one row of 1000."""
    snippet.run("default-bare")
    snippet.run_and_record("default-red")
    snippet.run_and_record_on_each("default")
    snippet.run_and_record_on_each("whole")
    snippet.run_on_each("prefix")
    used = snippet.run_and_record_on_each("used")
    for ran in used.values():
        assert re.search(r"\| ref +\| body +\| body +\| 82 +\| const +\| +1 +\|", ran.output)
        assert re.search(r"\| range +\| body +\| body +\| 82 +\| NULL +\| +10 +\|", ran.output)
    snippet.run_and_record_on_each("unique")
    for client in clients:
        mysql = client.name == "mysql"
        assert client.code("CREATE TABLE a (v TEXT, UNIQUE (v));") == (NO_KEY_LENGTH if mysql else 0)
        assert client.code("CREATE TABLE b (v BLOB, PRIMARY KEY (v));") == NO_KEY_LENGTH
        assert client.code("CREATE TABLE c (v TEXT, KEY (v(768)));") == 0
        assert client.code("CREATE TABLE d (v TEXT, KEY (v(769)));") == (KEY_TOO_LONG if mysql else 0)
        assert client.code("CREATE TABLE e (v VARCHAR(769) PRIMARY KEY);") == KEY_TOO_LONG
        assert client.code("CREATE TABLE f (v VARCHAR(3072) CHARACTER SET latin1 PRIMARY KEY);") == 0
        if not mysql:
            assert "USING HASH" in client.made("a")
            long = "CONCAT(REPEAT('x', 5000), 'a')"
            assert client.insert("a", long) == 0
            assert client.insert("a", long) == 1062
            assert client.insert("a", long.replace("'a'", "'b'")) == 0
    snippet.run_on_each("limits")
    snippet.run_on_each("size")
    snippet.run_on_each("bytes")
    snippet.run_on_each("undo")
    snippet.run("undo-mariadb")


@pytest.mark.claim("mysql-types-blob-case-insensitive", "wrong")
@pytest.mark.claim("mysql-types-blob-whole-read", "wrong")
@pytest.mark.claim("mysql-types-blob-no-charset", "holds")
def test_a_blob_is_bytes(snippet: Snippet, clients: list[Client]) -> None:
    """BLOB compares bytes and has no case and no character set; TEXT follows its collation and refuses what is no text."""
    snippet.run_and_record_on_each("bytes")
    snippet.run_and_record_on_each("part")
    for client in clients:
        assert client.code("CREATE TABLE t (v BLOB CHARACTER SET utf8mb4);") == 1064
        assert client.update("blobs", "b", "x'ff00fe'") == 0
        assert client.value("SELECT HEX(b) AS n FROM blobs;") == "FF00FE"
        assert client.update("blobs", "t", "x'ff00fe'") == 1366
        assert client.value("SELECT b = CONCAT(b, ' ') AS n FROM blobs;") == "0"
