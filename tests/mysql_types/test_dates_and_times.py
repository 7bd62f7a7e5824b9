"""DATE, DATETIME, TIMESTAMP: ranges, zones, fractions, defaults."""

import pytest

from opsbook.pytest_plugin import Snippet

from .conftest import Client

INCORRECT, OUT_OF_RANGE, PRECISION = 1292, 1264, 1426


@pytest.mark.claim("mysql-types-date-3-bytes-range", "incomplete")
@pytest.mark.claim("mysql-types-date-literal-unpadded", "holds")
@pytest.mark.claim("mysql-types-time-3-bytes-range", "holds")
@pytest.mark.claim("mysql-types-datetime-8-bytes", "dated")
@pytest.mark.claim("mysql-types-datetime-range", "holds")
@pytest.mark.claim("mysql-types-timestamp-4-bytes", "holds")
@pytest.mark.claim("mysql-types-timestamp-range-2037", "wrong")
def test_ranges_and_sizes(snippet: Snippet, clients: list[Client]) -> None:
    """Each type takes its ends and refuses one second or day more; DATETIME takes 5 bytes, a fraction up to 3 more."""
    snippet.run_and_record_on_each("edges")
    snippet.run_and_record_on_each("longer")
    snippet.run_on_each("size-make")
    snippet.run_and_record_on_each("size")
    snippet.run_and_record_on_each("fraction")
    snippet.run_and_record_on_each("format")
    for client in clients:
        date = ["'1000-01-01'", "'9999-12-31'", "'0999-12-31'", "'0001-01-01'", "'2024-02-29'"]
        client.holds("DATE", date, ["'10000-01-01'", "'2023-02-29'", "'2026-13-01'"], INCORRECT)
        last = "'9999-12-31 23:59:59"
        client.holds(
            "DATETIME(6)",
            [f"{last}.999999'", "'1000-01-01'"],
            ["'9999-12-31 24:00:00'", "'10000-01-01'"],
            INCORRECT,
        )
        client.do("SET time_zone = '+00:00';")
        good = ["'1970-01-01 00:00:01'", "'2038-01-19 03:14:07'", "'2038-01-19 03:14:07.499'"]
        client.holds("TIMESTAMP NULL", good, ["'1970-01-01 00:00:00'", "'2038-01-19 03:14:08'"], INCORRECT)
        client.do("SET time_zone = '+08:00';")
        client.holds("TIMESTAMP NULL", ["'2038-01-19 11:14:07'"], ["'2038-01-19 11:14:08'"], INCORRECT)
        client.do("SET time_zone = DEFAULT;")
        client.holds(
            "TIME", ["'-838:59:59'", "'838:59:59'"], ["'-839:00:00'", "'839:00:00'", "'10:60:00'"], INCORRECT
        )
        client.holds("YEAR", ["1901", "2155", "0"], ["1900", "2156"], OUT_OF_RANGE)
        for digits, more in enumerate((0, 1, 1, 2, 2, 3, 3)):
            for name, size in (("TIME", 3), ("TIMESTAMP", 4), ("DATETIME", 5)):
                assert client.bytes_of(f"{name}({digits})") == size + more
        assert [client.bytes_of(name) for name in ("DATE", "YEAR")] == [3, 1]
        assert client.code("CREATE TABLE t (v DATETIME(7));") == PRECISION
        client.do("SET sql_mode = '';")
        client.column("TIME")
        client.only("'999:00:00'")
        assert client.value("SELECT v FROM edge;") == "838:59:59"


@pytest.mark.claim("mysql-types-timestamp-auto-update", "dated")
@pytest.mark.claim("mysql-types-timestamp-on-update-same-value", "incomplete")
def test_zones_and_what_a_timestamp_does_by_itself(snippet: Snippet, clients: list[Client]) -> None:
    """TIMESTAMP is a moment and DATETIME a wall clock; nothing is automatic but what the column says, or an old setting."""
    snippet.run_and_record_on_each("zones")
    snippet.run_and_record_on_each("auto")
    snippet.run_and_record_on_each("old")
    snippet.run_and_record_on_each("dst")
    for client in clients:
        # Turned into DATETIME in another zone than UTC, the moment takes that zone's clock.
        client.do("CREATE TABLE c (v TIMESTAMP NULL); INSERT INTO c VALUES ('2026-06-01 12:00:00');")
        client.do(
            "SET time_zone = 'Europe/Berlin'; ALTER TABLE c MODIFY v DATETIME; SET time_zone = DEFAULT;"
        )
        assert client.value("SELECT v FROM c;") == "2026-06-01 14:00:00"
        assert client.code("SET time_zone = 'Asia/Tokyo';") == 1298
        assert client.value("SELECT CONVERT_TZ('2026-06-01 12:00', 'UTC', 'Asia/Tokyo') AS n;") == "NULL"
        assert (
            client.value("SELECT CONVERT_TZ('2026-06-01 12:00', 'UTC', 'Europe/Berlin') AS n;")
            == "2026-06-01 14:00:00"
        )
        zoned = client.code("INSERT INTO c VALUES ('2026-06-01 12:00:00+02:00');")
        assert zoned == (INCORRECT if client.name == "mariadb" else 0)
        assert client.code("INSERT INTO c VALUES ('2026-06-01T12:00:00Z');") == INCORRECT
        assert client.code("INSERT INTO c VALUES ('2026-06-01T12:00:00');") == 0


@pytest.mark.claim("mysql-types-zero-value-on-invalid", "dated")
def test_zero_dates(snippet: Snippet, clients: list[Client]) -> None:
    """MariaDB takes 0000-00-00 by default, MySQL does not; only without strict mode does 30 February become that."""
    snippet.run_and_record_on_each("zero")
    snippet.run_and_record_on_each("zero-lax")
    snippet.run_and_record_on_each("zero-cure")
    for client in clients:
        compared = client.code("SELECT born FROM people WHERE born = '0000-00-00';")
        assert compared == (1525 if client.name == "mysql" else 0)
        client.do("SET sql_mode = 'STRICT_TRANS_TABLES,NO_ZERO_DATE,NO_ZERO_IN_DATE';")
        client.holds("DATE", ["'2026-02-28'"], ["'0000-00-00'", "'1970-00-00'", "'2026-02-30'"], INCORRECT)
        client.do("SET sql_mode = 'STRICT_TRANS_TABLES';")
        client.holds("DATE", ["'0000-00-00'", "'1970-00-00'"], ["'2026-02-30'"], INCORRECT)
        client.do("SET sql_mode = '';")
        client.column("TIMESTAMP NULL")
        client.only("'2038-01-19 03:14:08'")
        assert client.value("SELECT v FROM edge;") == "0000-00-00 00:00:00"
        client.do("SET sql_mode = DEFAULT;")
    for region in (
        "zones",
        "edges",
        "longer",
        "fraction",
        "auto",
        "old",
        "format",
        "dst",
        "size-make",
        "undo",
    ):
        snippet.run_on_each(region)
