"""JSON, ENUM, SET and BIT."""

from opsbook.pytest_plugin import Snippet

from .conftest import Client

TRUNCATED, TOO_LONG = 1265, 1406


def test_json_is_checked_text_on_one_and_a_type_on_the_other(snippet: Snippet, clients: list[Client]) -> None:
    """MariaDB keeps the text and reads the first of two equal names, MySQL keeps the last; both refuse what is no JSON."""
    snippet.run_and_record_on_each("json")
    snippet.run_and_record_on_each("json-refused")
    snippet.run_and_record_on_each("json-read")
    snippet.run_and_record_on_each("json-index")
    for client in clients:
        mysql = client.name == "mysql"
        refused = 3140 if mysql else 4025
        client.holds(
            "JSON",
            ["NULL", "'null'", "'1'", "'\"x\"'", "'[]'", "'{}'"],
            ["''", "'x'", "'{'", "'[1,]'"],
            refused,
        )
        client.column("JSON")
        client.only("""'{"n": 18446744073709551616}'""")
        kept = client.value("SELECT JSON_EXTRACT(v, '$.n') AS n FROM edge;")
        assert kept == ("1.8446744073709552e19" if mysql else "18446744073709551616")
        assert client.code("CREATE TABLE t (v JSON, KEY (v));") == (3152 if mysql else 0)
        # Only what is of type JSON compares as documents, not as text.
        client.only("""'{"a": 1, "b": 2}'""")
        assert client.value("""SELECT v = '{"b":2, "a":1}' AS n FROM edge;""") == "0"
        if mysql:
            assert client.value("""SELECT v = CAST('{"b":2, "a":1}' AS JSON) AS n FROM edge;""") == "1"


def test_enum_set_and_bit(snippet: Snippet, clients: list[Client]) -> None:
    """ENUM sorts by place and takes numbers for places; a word in use cannot be dropped; SET and BIT are numbers."""
    snippet.run_on_each("json")
    snippet.run_and_record_on_each("enum")
    snippet.run_and_record_on_each("enum-refused")
    snippet.run_and_record_on_each("enum-digits")
    snippet.run_and_record_on_each("enum-alter")
    snippet.run_and_record_on_each("set")
    snippet.run_and_record_on_each("bit")
    for client in clients:
        client.holds(
            "ENUM('a', 'b')", ["'A'", "1", "'2'", "NULL"], ["0", "3", "''", "'c'", "'a,b'"], TRUNCATED
        )
        client.holds("SET('a', 'b')", ["'b,a'", "''", "3", "0"], ["4", "'a,c'", "'a, b'"], TRUNCATED)
        client.holds("BIT(3)", ["7", "b'101'", "0"], ["8", "-1", "b'1000'"], TOO_LONG)
        client.do("SET sql_mode = '';")
        client.column("ENUM('a', 'b')")
        client.only("'c'")
        assert client.rows("SELECT v + 0 AS a, v = '' AS b FROM edge;") == [["0", "1"]]
        client.do("SET sql_mode = DEFAULT;")
        words = [", ".join(f"'w{n}'" for n in range(count)) for count in (255, 256)]
        assert [client.bytes_of(f"ENUM({listed})") for listed in words] == [1, 2]
        members = [", ".join(f"'w{n}'" for n in range(count)) for count in (8, 9, 17, 33, 64, 65)]
        assert [client.bytes_of(f"SET({listed})") for listed in members[:5]] == [1, 2, 3, 8, 8]
        assert client.code(f"CREATE TABLE t (v SET({members[5]}));") == 1097
        assert client.code("CREATE TABLE t (v BIT(65));") == 1439
        assert client.code("CREATE TABLE t (v BIT(64));") == 0
    snippet.run_on_each("undo")
