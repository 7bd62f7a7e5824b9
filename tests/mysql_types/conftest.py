"""A client on each server, to ask for more than what a page shows."""

# ruff: noqa: S608 - the statements are made of what these tests say, in a lab

import re
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass

import pytest

from opsbook.labs.databases import DatabaseLab
from opsbook.labs.machines import SqlShell


@dataclass(frozen=True)
class Client:
    """A session of alice's on one of the servers; `name` is that of its machine."""

    name: str
    session: SqlShell

    def tell(self, statements: str) -> str:
        """Return what the client prints."""
        return self.session.paste(statements).output

    def do(self, statements: str) -> None:
        """Run statements of which none may fail."""
        seen = self.session.paste(statements)
        assert seen.exit == 0, f"{self.name}: {statements}\n{seen.output}"

    def code(self, statement: str) -> int:
        """Return the number of the error that `statement` ends in, 0 for none."""
        found = re.search(r"^ERROR (\d+) ", self.tell(statement), re.MULTILINE)
        return int(found[1]) if found else 0

    def warnings(self, statement: str) -> list[int]:
        """Return the numbers of notes and warnings that `statement` leaves."""
        told = self.tell(statement)
        return [int(n) for n in re.findall(r"^(?:Note|Warning) \(Code (\d+)\)", told, re.MULTILINE)]

    def rows(self, query: str) -> list[list[str]]:
        """Return the values of the result of `query`, row by row, without the heading."""
        lines = [line for line in self.tell(query).splitlines() if line.startswith("|")]
        return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines[1:]]

    def value(self, query: str) -> str:
        """Return the one value that `query` gives."""
        ((found,),) = self.rows(query)
        return found

    def made(self, table: str) -> str:
        """Return what SHOW CREATE TABLE tells."""
        return self.tell(f"SHOW CREATE TABLE {table};")

    def insert(self, table: str, values: str) -> int:
        """Return the number of the error that inserting this one row ends in, 0 for none."""
        return self.code(f"INSERT INTO {table} VALUES ({values});")

    def update(self, table: str, column: str, value: str) -> int:
        """Return the number of the error that setting `column` in all rows ends in, 0 for none."""
        return self.code(f"UPDATE {table} SET {column} = {value};")

    def column(self, declared: str) -> None:
        """Make table `edge` anew, of one column `v` declared so."""
        self.do(f"DROP TABLE IF EXISTS edge; CREATE TABLE edge (v {declared});")

    def only(self, value: str) -> None:
        """Let `edge` hold this one value."""
        self.do(f"DELETE FROM edge; INSERT INTO edge VALUES ({value});")

    def holds(self, declared: str, good: Iterable[str], bad: Iterable[str], code: int) -> None:
        """Assert that a column declared so takes each of `good` and refuses each of `bad` with that error."""
        self.column(declared)
        for value in good:
            assert self.insert("edge", value) == 0, (self.name, declared, value)
        for value in bad:
            assert self.insert("edge", value) == code, (self.name, declared, value)

    def bytes_of(self, column: str) -> int:
        """Return how many bytes a NOT NULL column takes in a row of fixed length, beside one byte and two INTs."""
        self.do(
            f"DROP TABLE IF EXISTS size; CREATE TABLE size (a INT NOT NULL, b INT NOT NULL, v {column} NOT NULL) ENGINE=MyISAM;"
        )
        length = "SELECT avg_row_length AS n FROM information_schema.tables WHERE table_name = 'size' AND row_format = 'Fixed';"
        self.do("SET sql_mode = ''; INSERT INTO size (a, b) VALUES (1, 1); SET sql_mode = DEFAULT;")
        return int(self.value(length)) - 9


@pytest.fixture
def clients(lab: DatabaseLab) -> Iterator[list[Client]]:
    """One client on each server of the lab."""
    with ExitStack() as stack:
        yield [Client(name, stack.enter_context(machine.sql())) for name, machine in lab.machines.items()]
