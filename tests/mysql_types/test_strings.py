"""CHAR and VARCHAR: length, spaces, case."""

import pytest

from opsbook.pytest_plugin import Snippet

from .conftest import Client

TOO_LONG, ROW_TOO_LARGE, TOO_BIG = 1406, 1118, 1074
KANJI = "漢"


@pytest.mark.claim("mysql-types-char-pads-and-strips", "holds")
@pytest.mark.claim("mysql-types-char-255-bytes", "incomplete")
def test_spaces_case_and_what_n_counts(snippet: Snippet, clients: list[Client]) -> None:
    """N counts characters; CHAR loses trailing spaces, VARCHAR keeps them; the collation tells what is equal."""
    snippet.run_and_record_on_each("length")
    snippet.run_and_record_on_each("padded")
    snippet.run_and_record_on_each("compare")
    snippet.run_and_record_on_each("case")
    snippet.run_and_record_on_each("case-bin")
    snippet.run_and_record_on_each("unique")
    snippet.run_and_record_on_each("unique-bin")
    for client in clients:
        for declared in ("CHAR", "VARCHAR"):
            client.holds(
                f"{declared}(4)",
                ["'abcd'", f"REPEAT('{KANJI}', 4)", "REPEAT('😀', 4)"],
                ["'abcde'"],
                TOO_LONG,
            )
            assert client.value("SELECT MAX(LENGTH(v)) AS n FROM edge;") == "16"
            # What is too much but spaces is cut.
            assert client.insert("edge", "'abcd   '") == 0
        client.holds("CHAR(255)", [f"REPEAT('{KANJI}', 255)"], [f"REPEAT('{KANJI}', 256)"], TOO_LONG)
        assert client.value("SELECT LENGTH(v) AS n FROM edge;") == "765"
        assert client.code("CREATE TABLE t (v CHAR(256));") == TOO_BIG
        client.column("VARCHAR(5) COLLATE utf8mb4_general_ci")
        client.only("'ab  '")
        # Whether spaces at the end count is the collation's matter, not the server's.
        assert client.value("SELECT v = 'ab' AS n FROM edge;") == "1"
        client.column("VARBINARY(5)")
        client.only("'ab  '")
        assert client.value("SELECT v = 'ab' AS n FROM edge;") == "0"


@pytest.mark.claim("mysql-types-varchar-65535", "wrong")
@pytest.mark.claim("mysql-types-varchar-length-prefix", "incomplete")
@pytest.mark.claim("mysql-types-varchar4-three-chars", "incomplete")
@pytest.mark.claim("mysql-types-varchar-fixed-length", "wrong")
@pytest.mark.claim("mysql-types-char4-always-4-bytes", "wrong")
def test_a_row_has_65535_bytes_for_all_its_columns(snippet: Snippet, clients: list[Client]) -> None:
    """The longest VARCHAR has 16383 characters of utf8mb4; its prefix grows with what may be 255 bytes; CHAR is padded."""
    snippet.run_on_each("length")
    snippet.run_on_each("unique")
    snippet.run_on_each("unique-bin")
    snippet.run_and_record_on_each("longest")
    snippet.run_and_record_on_each("turned")
    snippet.run_and_record_on_each("prefix")
    snippet.run_on_each("size-make")
    snippet.run_and_record_on_each("size")
    for client in clients:
        # The largest second column that fits tells what the first one may take.
        room = (
            ("VARCHAR(255) CHARACTER SET latin1", 255 + 1),
            ("VARCHAR(256) CHARACTER SET latin1", 256 + 2),
            ("VARCHAR(85) CHARACTER SET utf8mb3", 255 + 1),
            ("VARCHAR(86) CHARACTER SET utf8mb3", 258 + 2),
            ("VARCHAR(63)", 252 + 1),
            ("VARCHAR(64)", 256 + 2),
            ("CHAR(4)", 16),
            ("CHAR(4) CHARACTER SET latin1", 4),
        )
        for declared, taken in room:
            rest = 65535 - taken - 2
            fits = [
                client.code(
                    f"DROP TABLE IF EXISTS t; CREATE TABLE t (a {declared} NOT NULL, b VARBINARY({n}) NOT NULL);"
                )
                for n in (rest, rest + 1)
            ]
            assert fits == [0, ROW_TOO_LARGE], (client.name, declared)
        # A nullable column takes one bit of a byte more.
        assert client.code("CREATE TABLE n (v VARBINARY(65532));") == 0
        assert client.code("CREATE TABLE o (v VARBINARY(65533));") in (ROW_TOO_LARGE, TOO_BIG)
        client.column("VARCHAR(4)")
        client.only(f"REPEAT('{KANJI}', 3)")
        assert client.value("SELECT LENGTH(v) + 1 AS n FROM edge;") == "10"
        assert client.bytes_of("CHAR(4) CHARACTER SET latin1") == 4
        assert client.bytes_of("CHAR(4) CHARACTER SET utf8mb4") == 16
    snippet.run_on_each("undo")
