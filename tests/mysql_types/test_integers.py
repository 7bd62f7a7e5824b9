"""Integers: ranges, overflow, and the number in INT(11)."""

import re

import pytest

from opsbook.book import Output, tidy
from opsbook.pytest_plugin import Snippet
from opsbook.replay import ReplayError, hold_to_output

from .conftest import Client

BITS = {"TINYINT": 8, "SMALLINT": 16, "MEDIUMINT": 24, "INT": 32, "BIGINT": 64}
OUT_OF_RANGE, NOT_AUTO, ONE_AUTO = 1264, 1063, 1075


@pytest.mark.claim("mysql-types-tinyint-signed", "holds")
@pytest.mark.claim("mysql-types-bigint-signed", "incomplete")
@pytest.mark.claim("mysql-types-unsigned-doubles-max", "incomplete")
@pytest.mark.claim("mysql-types-tinyint-unsigned-range", "wrong")
def test_each_type_takes_its_ends_and_nothing_beyond(snippet: Snippet, clients: list[Client]) -> None:
    """Both ends of each type are stored and one beyond is 1264; UNSIGNED takes no other bytes."""
    snippet.run_on_each("make")
    shown = snippet.run_and_record_on_each("ranges")
    sizes = snippet.run_and_record_on_each("bytes")
    for name, bits in BITS.items():
        half, whole = 2 ** (bits - 1), 2**bits
        for client in clients:
            client.holds(name, [str(-half), str(half - 1)], [str(-half - 1), str(half)], OUT_OF_RANGE)
            client.holds(f"{name} UNSIGNED", ["0", str(whole - 1)], ["-1", str(whole)], OUT_OF_RANGE)
            assert client.bytes_of(name) == client.bytes_of(f"{name} UNSIGNED") == bits // 8
            ends = [name, str(-half), str(half - 1), str(whole - 1)]
            rows = [line.strip("|").split("|") for line in shown[client.name].output.splitlines()]
            assert ends in [[cell.strip() for cell in row] for row in rows]
            assert f"| {name.lower()} " in sizes[client.name].output


def test_a_recorded_output_is_what_the_server_says_now(snippet: Snippet, clients: list[Client]) -> None:
    """Under another sql_mode a block is no longer held to be what was recorded; strict again, it is."""
    snippet.run_on_each("over-make")
    (answer,) = {ran.output for ran in snippet.run_on_each("over-red").values()}
    region = snippet["over-red"]
    recorded = Output(region.output_id, tidy(answer))
    for client in clients:
        client.do("SET sql_mode = '';")
        with pytest.raises(ReplayError, match="but it printed:\nWarning"):
            hold_to_output("here", recorded, region, {client.name: client.session.paste(region.code)})
        client.do("DELETE FROM halls; SET sql_mode = DEFAULT;")
        hold_to_output("here", recorded, region, {client.name: client.session.paste(region.code)})


@pytest.mark.claim("mysql-types-int-display-width-range", "holds")
@pytest.mark.claim("mysql-types-int-display-width-useless", "incomplete")
def test_beyond_the_end_and_the_width(snippet: Snippet, clients: list[Client]) -> None:
    """1264 until the type is wider; without strict mode the nearest value; a width limits nothing and pads with ZEROFILL."""
    snippet.run_on_each("over-make")
    snippet.run_and_record_on_each("over-red")
    snippet.run_and_record_on_each("over-cure")
    snippet.run_and_record_on_each("clip")
    snippet.run_and_record_on_each("width")
    kept = snippet.run_and_record_on_each("width-kept")
    assert "int(5) unsigned zerofill" in kept["mysql"].output
    snippet.run_on_each("minus-make")
    snippet.run_and_record_on_each("minus-red")
    snippet.run_and_record_on_each("minus-cure")
    for client in clients:
        assert client.update("widths", "padded", "-1") == OUT_OF_RANGE
        assert client.update("widths", "five", "-2147483648") == 0
        assert client.code("CREATE TABLE w (v INT(256));") == 1439
        client.do("CREATE TABLE names (a INTEGER, b BOOLEAN, c SERIAL);")
        columns = client.rows(
            "SELECT column_type AS t FROM information_schema.columns WHERE table_name = 'names';"
        )
        assert sorted(row[0].replace("(11)", "").replace("(20)", "") for row in columns) == [
            "bigint unsigned",
            "int",
            "tinyint(1)",
        ]
        assert re.search(
            r"bigint\S* unsigned NOT NULL AUTO_INCREMENT.*UNIQUE KEY", client.made("names"), re.DOTALL
        )
        deprecated = client.warnings("CREATE TABLE w (v INT(5));")
        assert deprecated == ([1681] if client.name == "mysql" else [])
        client.do("SET sql_mode = 'NO_UNSIGNED_SUBTRACTION';")
        assert client.value("SELECT have - sold AS n FROM stock;") == "-2"
    snippet.run_on_each("make")
    snippet.run_on_each("end-make")
    snippet.run_on_each("undo")


@pytest.mark.claim("mysql-types-auto-increment-integers", "incomplete")
def test_auto_increment_ends_where_its_type_does(snippet: Snippet, clients: list[Client]) -> None:
    """After the last number MariaDB says 167 and MySQL 1062 until the type is wider; only keys of a number type count."""
    snippet.run_on_each("end-make")
    snippet.run_and_record_on_each("end-red")
    snippet.run_and_record_on_each("end-look")
    snippet.run_and_record_on_each("end-cure")
    for client in clients:
        end = {"mariadb": 167, "mysql": 1062}[client.name]
        for name, bits in BITS.items():
            for declared, last in ((name, 2 ** (bits - 1) - 1), (f"{name} UNSIGNED", 2**bits - 1)):
                client.do(
                    f"DROP TABLE IF EXISTS a; CREATE TABLE a (id {declared} AUTO_INCREMENT PRIMARY KEY, v INT);"
                )
                largest = declared == "BIGINT UNSIGNED"
                assert client.insert("a", f"{last - 2 if largest else last - 1}, 0") == 0
                assert client.insert("a", "NULL, 1") == 0
                assert client.insert("a", "NULL, 2") == (1467 if largest else end), (client.name, declared)
        assert client.code("CREATE TABLE b (id DECIMAL(9) AUTO_INCREMENT PRIMARY KEY);") == NOT_AUTO
        assert client.code("CREATE TABLE b (id VARCHAR(9) AUTO_INCREMENT PRIMARY KEY);") == NOT_AUTO
        assert client.code("CREATE TABLE b (id INT AUTO_INCREMENT);") == ONE_AUTO
        assert (
            client.code("CREATE TABLE b (a INT AUTO_INCREMENT KEY, b INT AUTO_INCREMENT UNIQUE);") == ONE_AUTO
        )
        floating = client.code("CREATE TABLE b (id DOUBLE AUTO_INCREMENT PRIMARY KEY);")
        assert floating == (NOT_AUTO if client.name == "mysql" else 0)
