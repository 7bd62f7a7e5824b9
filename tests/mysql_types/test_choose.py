"""Which type for which column."""

import re

import pytest

from opsbook.pytest_plugin import Snippet

from .conftest import Client

TOO_LARGE, TOO_LONG, TRUNCATED = 1264, 1406, 1265


def test_the_table_to_copy_keeps_its_types_and_refuses_what_does_not_fit(
    snippet: Snippet, clients: list[Client]
) -> None:
    """Each column takes the last value that fits and refuses the next, on both servers, and no refusal touches the row."""
    snippet.run_on_each("table")
    snippet.run_and_record_on_each("columns")
    snippet.run_and_record_on_each("insert")
    before = [client.rows("SELECT * FROM orders;") for client in clients]
    refused = snippet.run_and_record_on_each("refused")
    for ran in refused.values():
        codes = re.findall(r"^ERROR (\d+)", ran.output, re.MULTILINE)
        assert len(codes) == len(snippet["refused"].code.splitlines())
    assert [client.rows("SELECT * FROM orders;") for client in clients] == before
    for client in clients:
        edges = [
            ("id", "9223372036854775807", "9223372036854775808", TOO_LARGE),
            ("customer", "REPEAT('é', 100)", "REPEAT('é', 101)", TOO_LONG),
            ("email", "REPEAT('a', 254)", "REPEAT('a', 255)", TOO_LONG),
            ("public_id", "REPEAT('a', 16)", "REPEAT('a', 17)", TOO_LONG),
            ("items", "4294967295", "4294967296", TOO_LARGE),
            ("total", "9999999999.99", "9999999999.995", TOO_LARGE),
            ("total", "-9999999999.99", "-10000000000", TOO_LARGE),
            ("is_gift", "127", "128", TOO_LARGE),
            ("status", "3", "4", TRUNCATED),
            ("note", "REPEAT('a', 65535)", "REPEAT('a', 65536)", TOO_LONG),
            ("deliver_on", "NULL", "'2026-13-01'", 1292),
            ("weight_kg", "1e308", "1e309", 1367),
        ]
        for column, last, beyond, code in edges:
            assert client.update("orders", column, last) == 0, (client.name, column)
            assert client.update("orders", column, beyond) == code, (client.name, column)
    snippet.run_on_each("undo")


def test_what_gets_in_without_an_error(snippet: Snippet, clients: list[Client]) -> None:
    """Cents are rounded, a BOOLEAN takes 2, an ENUM takes a place for a word; created_at stays and changed_at moves on."""
    snippet.run_on_each("table")
    snippet.run_on_each("insert")
    for client in clients:
        client.do("UPDATE orders SET created_at = '2026-01-02 03:04:05', changed_at = '2026-01-02 03:04:05';")
    snippet.run_and_record_on_each("quiet")
    for client in clients:
        moved = "SELECT created_at = '2026-01-02 03:04:05' AS a, changed_at > created_at AS b FROM orders;"
        assert client.rows(moved) == [["1", "1"]]
        assert client.rows("SELECT LENGTH(public_id) AS a FROM orders;") == [["16"]]


@pytest.mark.claim("mysql-types-three-families", "incomplete")
def test_types_beyond_the_three_families(clients: list[Client]) -> None:
    """Both make columns of JSON, POINT, BIT, YEAR, ENUM and SET; MariaDB's JSON is text with a check."""
    for client in clients:
        client.do("CREATE TABLE more (a JSON, b POINT, c BIT(3), d YEAR, e ENUM('x'), f SET('x'));")
        found = client.rows(
            "SELECT data_type AS t FROM information_schema.columns WHERE table_name = 'more' ORDER BY ordinal_position;"
        )
        json = {"mariadb": "longtext", "mysql": "json"}[client.name]
        assert [row[0] for row in found] == [json, "point", "bit", "year", "enum", "set"]
        assert ("json_valid" in client.made("more")) == (client.name == "mariadb")
        assert bool(client.code("CREATE TABLE n (v INET6);")) == (client.name == "mysql")
        assert bool(client.code("CREATE TABLE v (v VECTOR(3));")) == (client.name == "mariadb")
