"""The calculators, in a real browser, beside the servers that they speak of."""

import re
import time
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from datetime import datetime, timedelta
from decimal import Decimal, localcontext

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from opsbook.labs.databases import DatabaseMachine, databases_lab, mariadb_lab
from opsbook.pytest_plugin import skipping_without_lab

from ..mysql_types.conftest import Client  # noqa: TID252  # tests is no package that is installed

pytestmark = [pytest.mark.recorded, pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]

# Hosts, processes on each, pool_size, max_overflow, max_connections, what is kept for others.
POOL_CASES = (
    ("2", "2", "1", "1", "12", "4"),
    ("2", "2", "1", "2", "12", "4"),
    ("1", "3", "2", "1", "10", "1"),
    ("1", "3", "5", "10", "10", "0"),
    ("4", "2", "1", "0", "11", "2"),
    ("1", "11", "1", "0", "10", "0"),
    ("1", "1", "0", "10", "10", "3"),
    ("1", "1", "5", "-1", "10", "3"),
)
POOL_FIELDS = (
    "Hosts",
    "Processes on each",
    "pool_size",
    "max_overflow",
    "max_connections",
    "Kept for others",
)
# As an application does, whose account has none of an administrator's rights and so no connection in reserve.
OPEN_POOLS = """
from sqlalchemy import NullPool, create_engine
from sqlalchemy.exc import OperationalError, TimeoutError

def opened(processes, size, overflow, kept):
    url = "mysql+pymysql://app:fake@127.0.0.1/shop"
    others = create_engine(url, poolclass=NullPool)
    pools = [create_engine(url, pool_size=size, max_overflow=overflow, pool_timeout=0.05) for _ in range(processes)]
    held, refused = [others.connect() for _ in range(kept)], 0
    while pools and not refused:
        for pool in list(pools):
            try:
                held.append(pool.connect())
            except TimeoutError:
                pools.remove(pool)
            except OperationalError as error:
                refused = error.orig.args[0]
                break
    try:
        others.connect().close()
        more = 0
    except OperationalError as error:
        more = error.orig.args[0]
    print(len(held) - kept, refused, more)
    engines = {connection.engine for connection in held}
    for connection in held:
        connection.close()
    for engine in engines:
        engine.dispose()
"""

TYPES, POOLS = "/mysql-types/choose/", "/sqlalchemy-pooling/size-the-pool/"
# Each as a reader enters it: type, numbers, charset, UNSIGNED, and NULL where NOT NULL is taken off.
COLUMNS = """
TINYINT; TINYINT UNSIGNED; SMALLINT; SMALLINT UNSIGNED NULL; MEDIUMINT; MEDIUMINT UNSIGNED; INT NULL; INT UNSIGNED
BIGINT; BIGINT UNSIGNED; FLOAT; FLOAT UNSIGNED; DOUBLE NULL; DOUBLE UNSIGNED
DECIMAL 1 0; DECIMAL 5 2; DECIMAL 10 0 NULL; DECIMAL 12 2; DECIMAL 12 2 UNSIGNED; DECIMAL 13 7; DECIMAL 18 9; DECIMAL 20 3
DECIMAL 30 30; DECIMAL 65 0; DECIMAL 65 30; DECIMAL 66 0; DECIMAL 66 30; DECIMAL 31 31; DECIMAL 40 38; DECIMAL 40 39
DECIMAL 5 6; DECIMAL 5 31; DECIMAL 66 35; DECIMAL 999 998
BIT 1; BIT 8; BIT 9 NULL; BIT 64; BIT 65
CHAR 0; CHAR 1 ascii; CHAR 36 ascii; CHAR 36 utf8mb4; CHAR 255 utf8mb3; CHAR 255 NULL; CHAR 256 latin1
VARCHAR 0; VARCHAR 63; VARCHAR 64; VARCHAR 85 utf8mb3; VARCHAR 86 utf8mb3; VARCHAR 255 latin1; VARCHAR 256 latin1 NULL
VARCHAR 768; VARCHAR 769; VARCHAR 1024 utf8mb3; VARCHAR 1025 utf8mb3; VARCHAR 3072 ascii; VARCHAR 3073 ascii
VARCHAR 16383; VARCHAR 16383 NULL; VARCHAR 16384; VARCHAR 21844 utf8mb3; VARCHAR 21845 utf8mb3; VARCHAR 21846 utf8mb3 NULL
VARCHAR 65532 latin1; VARCHAR 65532 latin1 NULL; VARCHAR 65533 latin1; VARCHAR 65533 latin1 NULL; VARCHAR 65534 latin1
VARCHAR 65535 ascii; VARCHAR 65536 ascii; VARCHAR 9999999
BINARY 0; BINARY 16; BINARY 255; BINARY 256; VARBINARY 255; VARBINARY 256; VARBINARY 3073; VARBINARY 65533; VARBINARY 65536
TINYTEXT; TINYTEXT latin1; TEXT; TEXT utf8mb3 NULL; TEXT ascii; MEDIUMTEXT; LONGTEXT latin1
TINYBLOB; BLOB NULL; MEDIUMBLOB; LONGBLOB
DATE; YEAR; YEAR NULL; TIME 0; TIME 1; TIME 6; TIME 7; DATETIME 0; DATETIME 3 NULL; DATETIME 6; DATETIME 7
TIMESTAMP 0; TIMESTAMP 2 NULL; TIMESTAMP 3; TIMESTAMP 6; TIMESTAMP 7
ENUM 1; ENUM 255; ENUM 256 NULL; SET 1; SET 8; SET 9; SET 16; SET 17; SET 24; SET 25; SET 32; SET 33; SET 64; SET 65
"""
WIDEST = {"utf8mb4": "😀", "utf8mb3": "漢", "latin1": "é", "ascii": "a"}
ROW = 65535
ROW_TOO_LARGE, TOO_LONG, WRONG_VALUE, WRONG_STRING = 1118, 1406, 1292, 1366
OUT_OF_RANGE = {1264, 1367, TOO_LONG}


def told(page: Page) -> dict[str, str]:
    """Return what the calculator tells: text by label, the answer itself under Answer."""
    facts: dict[str, str] = page.locator("form.calculator dl").evaluate(
        "dl => Object.fromEntries([...dl.querySelectorAll('dt')].map(dt => [dt.textContent, dt.nextSibling.textContent]))"
    )
    return {**facts, "Answer": page.locator("#calculator-answer").text_content() or ""}


def enter_column(page: Page, entered: str) -> dict[str, str]:
    """Enter one of COLUMNS and return what the calculator tells."""
    kind, *rest = entered.split()
    page.get_by_label("Type", exact=True).select_option(kind)
    numbers = [word for word in rest if word.isdigit()]
    for field, number in zip(page.locator(".fields input:not([type=checkbox])").all(), numbers, strict=True):
        field.fill(number)
    for word in rest[len(numbers) :]:
        if word in WIDEST:
            page.get_by_label("Charset").select_option(word)
        else:
            page.get_by_label("UNSIGNED" if word == "UNSIGNED" else "NOT NULL").click()
    return told(page)


@dataclass(frozen=True)
class Column:
    """What the calculator told of a column, to be held against the server behind `client`."""

    entered: str
    facts: dict[str, str]
    client: Client

    @property
    def server(self) -> str:
        """The name of the server as the calculator writes it."""
        return {"mariadb": "MariaDB", "mysql": "MySQL"}[self.client.name]

    @property
    def declared(self) -> str:
        """The column's type, with the words of an ENUM or SET written out."""
        words = lambda found: "(" + ", ".join(f"'w{n}'" for n in range(int(found[1]))) + ")"  # noqa: E731
        return re.sub(r"\((\d+) words?\)", words, self.facts["Column"])

    @property
    def refused(self) -> tuple[int, int]:
        """The number of the error that this server is said to refuse it with, and how much it would take; 0 if it does not."""
        pattern = rf"(?:Both refuse|{self.server} refuses) it, error (\d+): at most (\d+)"
        found = re.search(pattern, self.facts["Answer"])
        return (int(found[1]), int(found[2])) if found else (0, 0)

    def number(self, label: str, pattern: str) -> int:
        """Return the number that `pattern` finds in a fact."""
        found = re.search(pattern, self.facts[label])
        assert found, (self.entered, label, self.facts[label])
        return int(found[1])

    def end(self, label: str) -> str:
        """Return the lowest or highest value on this server."""
        own = re.search(rf"{self.server} ([^,]*)", self.facts[label])
        return re.sub(" UTC$|, and 0000$", "", own[1] if own else self.facts[label])

    def make(self, more: str = "", declared: str = "") -> int:
        """Return the number of the error that making it (or one declared so), and `more` beside it, ends in, 0 for none."""
        return self.client.code(
            f"DROP TABLE IF EXISTS edge; CREATE TABLE edge (v {declared or self.declared}{more});"
        )

    def check(self) -> None:
        """Assert all that was told."""
        code, most = self.refused
        assert self.make() == code, (self.entered, self.client.name)
        if code:
            self.check_refusal(most)
            return
        self.check_warnings()
        self.check_range()
        if "Longest" in self.facts:
            self.check_longest()
            self.check_key()
        self.check_row()

    def check_refusal(self, most: int) -> None:
        """Assert that the most which it is said to take is taken, and one more is not."""
        if re.search(r"\(\d+\)", self.declared):
            taken = [
                self.make(declared=re.sub(r"\(\d+\)", f"({n})", self.declared)) for n in (most, most + 1)
            ]
            assert taken[0] == 0 < taken[1], (self.entered, self.client.name, most)

    def check_warnings(self) -> None:
        """Assert that the server warns as told, and of nothing else."""
        seen = self.client.warnings(f"DROP TABLE edge; CREATE TABLE edge (v {self.declared});")
        warned = re.findall(rf"{self.server}, (\d+)", self.facts.get("Warning", ""))
        assert seen == [int(code) for code in warned], (self.entered, self.client.name)

    def check_range(self) -> None:
        """Assert that both ends of the range are taken, and what lies one step beyond is not."""
        for label, sign in (("Lowest", -1), ("Highest", 1)):
            if label in self.facts:
                value, beyond, codes = one_step_beyond(self.end(label), sign)
                assert self.client.insert("edge", value) == 0, (self.entered, self.client.name, value)
                assert self.client.insert("edge", beyond) in codes, (self.entered, self.client.name, beyond)

    def check_longest(self) -> None:
        """Assert that the longest value has as many characters and bytes as told, and that one more is refused."""
        charset = re.search(r"CHARACTER SET (\w+)", self.declared)
        letter, longest = WIDEST[charset[1]] if charset else "a", self.number("Longest", r"^(\d+)")
        most = self.number("Stored", r"bytes?: (\d+)" if ":" in self.facts["Stored"] else r"(\d+) bytes?")
        octets = "SELECT character_octet_length AS n FROM information_schema.columns WHERE table_name = 'edge' AND column_name = 'v';"
        assert self.client.value(octets) == str(most), (self.entered, self.client.name)
        if most > ROW:
            return  # a statement of that size is another limit
        assert self.client.insert("edge", f"REPEAT('{letter}', {longest})") == 0
        width = len(letter.encode()) if charset and charset[1] != "latin1" else 1
        assert self.client.value("SELECT LENGTH(v) AS n FROM edge;") == str(longest * width)
        # Where bytes end within a character MariaDB finds fault with that one.
        assert self.client.insert("edge", f"REPEAT('{letter}', {longest + 1})") in {TOO_LONG, WRONG_STRING}
        if found := re.search(r"(\d+) of one", self.facts["Longest"]):
            taken = [self.client.insert("edge", f"REPEAT('a', {int(found[1]) + more})") for more in (0, 1)]
            assert taken == [0, TOO_LONG], (self.entered, self.client.name)

    def check_key(self) -> None:
        """Assert that it makes a key as told: whole, in part up to so many characters, or not at all."""
        error = re.search(r"error (\d+)", self.facts["In a key"])
        assert self.make(", PRIMARY KEY (v)") == (int(error[1]) if error else 0), (
            self.entered,
            self.client.name,
        )
        if part := re.search(r"at most the first (\d+)", self.facts["In a key"]):
            taken = [self.make(f", PRIMARY KEY (v({int(part[1]) + more}))") for more in (0, 1)]
            # What is shorter than a key may be is no limit of keys.
            assert taken == [0, 1071] or (taken[0] == 0 and self.entered.startswith("TINY"))

    def check_row(self) -> None:
        """Assert that it leaves as many bytes of the row as told, by filling them up to the last."""
        used, left = self.number("In a row", r"^(\d+)"), self.number("In a row", r"(\d+) are left")
        assert used + left == ROW
        fill = (
            f", b VARBINARY({left - 257}) NOT NULL, c BINARY(255) NOT NULL"
            if left > 1000
            else f", c BINARY({left}) NOT NULL"
        )
        one_more = re.sub(r"\d+", lambda n: str(int(n[0]) + 1), fill, count=1)
        assert [self.make(fill), self.make(one_more)] == [0, ROW_TOO_LARGE], (self.entered, self.client.name)
        if not self.facts.get("Stored", "").startswith("up to"):
            assert self.number("Stored", r"^(\d+)") == used - ("NOT NULL" not in self.declared)


def one_step_beyond(end: str, sign: int) -> tuple[str, str, set[int]]:
    """Return an end of a range as SQL, the next value beyond, and the errors that this may be refused with."""
    is_number = re.fullmatch(r"-?\d[\d.E+]*", end)
    return number_beyond(end, sign) if is_number else time_beyond(end, sign)


def number_beyond(end: str, sign: int) -> tuple[str, str, set[int]]:
    """Return an end of a range of numbers, the next number beyond, and the errors that this may be refused with."""
    with localcontext(prec=100):
        value = Decimal(end)
        # The last digit of a DOUBLE's end is rounded: one more means the same DOUBLE.
        step = Decimal((0, (2 if "E" in end else 1,), int(value.as_tuple().exponent)))
        return end, str(value + sign * step), OUT_OF_RANGE


def time_beyond(end: str, sign: int) -> tuple[str, str, set[int]]:
    """Return an end of a range of times, the next time beyond, and the errors that this may be refused with.

    Before the year 1000 nothing is promised and all is taken, so no error is the answer there.
    """
    digits = len(end.partition(".")[2])
    if end.startswith("1000-"):
        return f"'{end}'", f"'0001{end[4:]}'", {0}
    if end.startswith("9999-"):
        return f"'{end}'", f"'10000-01-01{end[10:] and ' 00:00:00'}'", {WRONG_VALUE}
    if end.count("-") > 1:
        moved = datetime.fromisoformat(end) + sign * timedelta(microseconds=10 ** (6 - digits))
        return f"'{end}'", f"'{f'{moved:%Y-%m-%d %H:%M:%S.%f}'[: len(end)]}'", {WRONG_VALUE}
    hours, minutes, seconds = end.lstrip("-").split(":")
    total = Decimal(seconds) + 60 * int(minutes) + 3600 * int(hours) + Decimal(1).scaleb(-digits)
    moved_time = f"{total // 3600}:{total % 3600 // 60:02}:{total % 60}"
    return f"'{end}'", f"'{'-' if sign < 0 else ''}{moved_time}'", {WRONG_VALUE}


@pytest.fixture
def clients() -> Iterator[list[Client]]:
    """A client on each server of the lab."""
    with skipping_without_lab(), ExitStack() as stack:
        machines = stack.enter_context(databases_lab()).machines
        yield [Client(name, stack.enter_context(machine.sql())) for name, machine in machines.items()]


def test_both_servers_say_of_a_column_what_the_calculator_says(
    context: BrowserContext, clients: list[Client]
) -> None:
    """Range, longest value, bytes, room in a row and a key, warnings and refusals are those of MariaDB and MySQL, at each edge and beyond."""
    page = context.new_page()
    page.goto(TYPES)
    for entered in re.split(r"; |\n", COLUMNS.strip()):
        facts = enter_column(page, entered)
        for client in clients:
            Column(entered, facts, client).check()


@pytest.fixture
def mariadb() -> Iterator[DatabaseMachine]:
    """A machine with a MariaDB and SQLAlchemy, and an account that is no administrator's."""
    with skipping_without_lab(), mariadb_lab() as lab:
        machine = lab.machines["mariadb"]
        machine.ask(
            "CREATE USER app@127.0.0.1 IDENTIFIED BY 'fake'; GRANT SELECT ON shop.* TO app@127.0.0.1;"
        )
        yield machine


def limit(machine: DatabaseMachine, most: str) -> None:
    """Set max_connections once nobody is connected any more."""
    deadline = time.monotonic() + 60
    while machine.connections() and time.monotonic() < deadline:
        time.sleep(0.05)
    assert machine.connections() == 0
    machine.ask(f"SET GLOBAL max_connections = {most};")


def test_pools_open_what_the_calculator_says(context: BrowserContext, mariadb: DatabaseMachine) -> None:
    """What fits opens on a server with that limit; what is too many gets error 1040 after just as many; the largest that fits does, and one larger does not."""
    page = context.new_page()
    page.goto(POOLS)
    with mariadb.python() as python:
        assert python.paste(OPEN_POOLS).output == ""

        def opened(case: tuple[str, ...]) -> list[int]:
            limit(mariadb, case[4])
            call = f"opened({case[0]} * {case[1]}, {case[2]}, {case[3]}, {case[5]})"
            return [int(number) for number in python.paste(call).output.split()]

        def entered(case: tuple[str, ...]) -> dict[str, str]:
            for label, value in zip(POOL_FIELDS, case, strict=True):
                page.get_by_label(label, exact=True).fill(value)
            return told(page)

        for case in POOL_CASES:
            facts = entered(case)
            most, room = (
                int(re.sub(r".* = |\D+", "", facts[label]) or 0) for label in ("At most open", "Room")
            )
            connections, refused, more = opened(case)
            if "No limit" in facts["Answer"]:
                assert (connections, refused) == (room, 1040), (case, facts)
                continue
            over = re.fullmatch(r"Too many by (\d+)\.", facts["Answer"])
            assert connections == (most - int(over[1]) if over else most) == min(most, room), (case, facts)
            assert refused == (1040 if over else 0), (case, facts)
            spare = re.fullmatch(r"Fits, with (\d+|none) to spare\.", facts["Answer"])
            assert more == (0 if spare and spare[1] != "none" else 1040), (case, facts)
            if largest := re.search(r"= (\d+)", facts["Largest that fits"]):
                sizes = [int(largest[1]), int(largest[1]) + 1]
                tried = [(*case[:2], str(size), "0", *case[4:]) for size in sizes]
                assert [opened(each)[1] for each in tried] == [0, 1040], (case, facts)
                assert ["Fits" in entered(each)["Answer"] for each in tried] == [True, False]


def test_wrong_input_is_named_and_without_javascript_there_is_the_formula(
    context: BrowserContext, browser: Browser, site: str
) -> None:
    """A field that holds no fitting number is marked and told what it takes, until it does; with scripts off a sentence with the formula stands there."""
    page = context.new_page()
    page.goto(TYPES)
    page.get_by_label("Type", exact=True).focus()
    page.keyboard.press("Tab")
    field, status = page.get_by_label("Characters"), page.locator("#calculator-answer")
    assert field.evaluate("field => field === document.activeElement")
    for wrong in ("", "-1", "1.5", "a", "12345678"):
        field.fill(wrong)
        assert status.text_content() == "Characters: write a whole number from 0 to 9999999."
        assert field.get_attribute("aria-invalid") == "true"
        assert page.locator("form.calculator dd").count() == 0
    field.fill("10")
    assert field.get_attribute("aria-invalid") == "false"
    assert "both make" in (status.text_content() or "")
    page.goto(POOLS)
    page.get_by_label("max_overflow").fill("-2")
    page.get_by_label("Hosts").fill("0")
    assert status.text_content() == (
        "Hosts: write a whole number from 1 to 99999. max_overflow: write a whole number from -1 to 99999."
    )
    plain = browser.new_context(java_script_enabled=False, base_url=site)
    page = plain.new_page()
    for address, formula in (
        (TYPES, "n times the bytes of the widest character"),
        (POOLS, "is to be at most max_connections"),
    ):
        page.goto(address)
        sentence = page.locator("p#type-calculator, p#pool-calculator")
        assert sentence.is_visible()
        assert formula in " ".join(sentence.inner_text().split())
        assert page.locator("form.calculator").count() == 0
    plain.close()
