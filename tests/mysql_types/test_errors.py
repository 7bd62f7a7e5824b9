"""Errors of types by message."""

import re

from opsbook.pytest_plugin import Snippet

from .conftest import Client

VALUES = {
    "long": 1406, "range": 1264, "integer": 1366, "string": 1366, "date": 1292, "truncated": 1292,
    "null": 1048, "missing": 1364, "zone": 1298,
}  # fmt: skip
DEFINITIONS = {
    "big": 1074, "row": 1118, "inline": 1118, "key": 1071, "length": 1170, "default": 1101, "invalid": 1067,
    "precision": 1426, "scale": 1425, "more": 1427, "auto": 1075, "specifier": 1063, "foreign": 3780,
}  # fmt: skip
MARIADB = {"foreign": 1005}


def red_then_green(snippet: Snippet, name: str, number: int) -> None:
    """Record the failure `name`, which has that number on each of its servers, and its cure."""
    for machine, ran in snippet.run_and_record_on_each(f"{name}-red").items():
        expected = MARIADB.get(name, number) if machine == "mariadb" else number
        assert re.findall(r"^ERROR (\d+) ", ran.output, re.MULTILINE) == [str(expected)], name
    cured = snippet.run_on_each(f"{name}-cure")
    if any(ran.output for ran in cured.values()):
        snippet.record_on_each(f"{name}-cure", {machine: ran.output for machine, ran in cured.items()})


def test_values_that_do_not_fit(snippet: Snippet, clients: list[Client]) -> None:
    """Each value is refused with its number and leaves no row; after the cure it or what was meant is there."""
    for name, number in VALUES.items():
        red_then_green(snippet, name, number)
    for client in clients:
        names = client.rows("SELECT name FROM members ORDER BY name;")
        assert [row[0] for row in names] == ["Ann", "Bo", "Cy", "Di", "Maximiliane", "unknown", "unknown"]
        # Only reading, the comparison of text with a number is a warning.
        assert client.warnings("SELECT COUNT(*) FROM members WHERE code = 7;").count(1292) >= 1
        deleted = client.code("DELETE FROM members WHERE code = 7;")
        assert deleted == (1292 if client.name == "mysql" else 0)
        assert client.code("DELETE FROM members WHERE code = '7';") == 0
        assert client.code("UPDATE members SET code = 'x1' AND name = 'Eve';") == 1292
        client.do("ALTER TABLE members ADD KEY (code), ADD emoji VARCHAR(9) CHARACTER SET utf8mb3;")
        look = "EXPLAIN FORMAT=TRADITIONAL SELECT * FROM members WHERE code = "
        assert re.search(r"\| ref +\| code ", client.tell(f"{look}'7';"))
        assert re.search(r"\| ALL +\| code +\| NULL ", client.tell(f"{look}7;"))
        assert client.update("members", "emoji", "'😀'") == 1366


def test_definitions_that_are_refused(snippet: Snippet, clients: list[Client]) -> None:
    """Each definition is refused with its number and makes no table; the cured one makes it."""
    snippet.run_on_each("long-red")
    for name, number in DEFINITIONS.items():
        red_then_green(snippet, name, number)
    for client in clients:
        made = client.rows("SELECT COUNT(*) AS n FROM information_schema.tables WHERE table_schema = 'shop';")
        assert made == [[str(1 + len(DEFINITIONS))]]
        mysql = client.name == "mysql"
        assert client.code("CREATE TABLE d (v TEXT DEFAULT 'x');") == (1101 if mysql else 0)
        assert client.code("CREATE TABLE z (v DATE DEFAULT '0000-00-00');") == (1067 if mysql else 0)
        assert client.code("CREATE TABLE p (v DATETIME(7));") == 1426
    snippet.run_on_each("undo")
