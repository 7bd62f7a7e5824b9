"""Findings, the advice that goes with them, and those that book and ledger alone give."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from opsbook.book import Book
from opsbook.proof import Ledger, State

ADVICE = {
    State.UNPROVEN: "no test shows it: write one, then make prove",
    State.CHANGED: "it or its test changed since: make prove",
    State.FAILING: "make its tests pass, then make prove",
}
STALE = "build it anew: make site"
INCLUDE = "put it into a snippet, include that, make prove"
HERE = "keep a copy in docs/assets"
DROP = "drop it"


@dataclass(frozen=True, order=True)
class Finding:
    """Something that must not be published: where, what, the known thing that comes nearest, and what to do."""

    page: str
    line: int
    what: str
    nearest: str
    do: str

    def __str__(self) -> str:
        nearest = f"; nearest: {self.nearest}" if self.nearest else ""
        return f"{self.page}:{self.line}: {self.what}{nearest} ({self.do})"


def unproven(book: Book, states: Mapping[tuple[str, str], State]) -> Iterator[Finding]:
    """Yield each thing in the book that is not proven; a region may say why it is not run."""
    for (kind, name), state in states.items():
        if state in ADVICE:
            yield Finding(*place(book, kind, name), f"{kind[:-1]} {name} is {state}", "", ADVICE[state])


def untimely(ledger: Ledger, max_age: int | None, today: date) -> Iterator[Finding]:
    """Yield each proof older than `max_age` days, of a day to come or of no day at all."""
    for kind, name in ledger.everything:
        for platform, record in ledger.proof.of(kind, name).items():
            try:
                age = (today - date.fromisoformat(record.date)).days
            except ValueError:
                age = -1
            if age < 0 or (max_age is not None and age > max_age):
                what = f"the proof of {name} on {platform} is of {record.date}, today is {today}"
                yield Finding(*place(ledger.book, kind, name), what, "", "make prove")


def place(book: Book, kind: str, name: str) -> tuple[str, int]:
    """Return the file and line where a thing of the book is written."""
    if kind == "regions":
        return f"snippets/{book.regions[name].snippet}", book.regions[name].line
    if kind == "claims":
        path = f"snippets/{book.claims[name].topic}/claims.yaml"
        return path, line_of((book.root / path).read_text(), f"id: {name}")
    return (f"snippets/{name}" if kind == "outputs" else f"docs/{name}"), 1


def line_of(text: str, needle: str) -> int:
    """Return the number of the first line of `text` with `needle`, 1 where there is none."""
    return next((n for n, line in enumerate(text.splitlines(), 1) if needle in line), 1)
