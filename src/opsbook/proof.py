"""proof.json and its records: what was proven, by which tests, on what, and on which day.

Kinds of things proven: `regions`, `outputs`, `claims` and `replays` (pages). Each has one record per platform.
"""

import ast
import json
import platform as python_platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, field
from enum import StrEnum
from functools import cache, cached_property
from pathlib import Path

from opsbook.book import Book, sha256

KINDS = ("regions", "outputs", "claims", "replays")


class State(StrEnum):
    """How a thing stands, from best to worst; the value is what readers see."""

    PROVEN = "proven"
    NOT_RUN = "not run"
    CHANGED = "changed"
    UNPROVEN = "unproven"
    FAILING = "failing"


class ProofError(Exception):
    """proof.json cannot be believed; the message ends with the way out."""


@dataclass(frozen=True)
class Record:
    """What one platform showed: hash of the thing, the tests with the hash of each, which failed, versions, day."""

    sha256: str
    tests: Mapping[str, str]
    versions: Mapping[str, str]
    date: str
    failing: tuple[str, ...] = ()

    def without(self, gone: Iterable[str]) -> "Record":
        """Return this record as if the tests in `gone` had never run."""
        left = {test: digest for test, digest in self.tests.items() if test not in set(gone)}
        return Record(
            self.sha256, left, self.versions, self.date, tuple(t for t in self.failing if t in left)
        )

    def joined(self, other: "Record") -> "Record":
        """Return this record with the later `other` of the same thing; the later hash, versions and day win."""
        failing = tuple(sorted({*self.failing, *other.failing}))
        return Record(
            other.sha256,
            {**self.tests, **other.tests},
            {**self.versions, **other.versions},
            other.date,
            failing,
        )


Records = dict[str, dict[str, dict[str, Record]]]


@dataclass(frozen=True)
class Proof:
    """All records: kind, then id, then platform."""

    records: Records = field(default_factory=lambda: {kind: {} for kind in KINDS})

    def add(self, kind: str, name: str, platform: str, record: Record) -> None:
        """Add `record`, joined with what is there."""
        there = self.records[kind].setdefault(name, {})
        there[platform] = there[platform].joined(record) if platform in there else record

    def drop_tests(self, platform: str, gone: set[str]) -> None:
        """Forget what the tests in `gone` showed on `platform`; a thing that no test shows any more is dropped."""
        for things in self.records.values():
            for name in list(things):
                if platform in things[name]:
                    left = things[name].pop(platform).without(gone)
                    if left.tests:
                        things[name][platform] = left
                if not things[name]:
                    del things[name]

    def merge(self, fresh: "Proof", platform: str, ran: set[str], book: Book) -> None:
        """Take in a `fresh` run of the tests `ran`: their old records go, those of vanished tests too."""
        known = set(test_hashes(book.root))
        named = {
            t
            for things in self.records.values()
            for p in things.values()
            for r in p.values()
            for t in r.tests
        }
        self.drop_tests(platform, ran | {test for test in named if function_of(test) not in known})
        for kind, things in fresh.records.items():
            for name, platforms in things.items():
                for where, record in platforms.items():
                    kept = self.of(kind, name).get(where)
                    # What other tests showed of an earlier text says nothing of this one.
                    if kept and kept.sha256 != record.sha256:
                        del self.records[kind][name][where]
                    self.add(kind, name, where, record)

    def of(self, kind: str, name: str) -> dict[str, Record]:
        """Return the records of a thing by platform, empty where there is none."""
        return self.records[kind].get(name, {})

    def state(self, kind: str, name: str, digest: str, hashes: Mapping[str, str]) -> State:
        """Return how the thing with this present hash stands; the worst platform wins.

        `hashes` are the present `test_hashes`: a test that changed or vanished proves nothing any more.
        """
        records = self.of(kind, name).values()
        if not records:
            return State.UNPROVEN
        if any(record.failing for record in records):
            return State.FAILING
        for record in records:
            tests_stand = all(hashes.get(function_of(t)) == h for t, h in record.tests.items())
            if record.sha256 != digest or not record.tests or not tests_stand:
                return State.CHANGED
        return State.PROVEN

    def dump(self) -> str:
        """Return the file's text: sorted, one thing per line group, closed by a checksum of itself."""
        body = {
            k: {n: {p: asdict(r) for p, r in v.items()} for n, v in things.items()}
            for k, things in self.records.items()
        }
        return json.dumps({**body, "checksum": checksum(body)}, indent=1, sort_keys=True) + "\n"


def checksum(body: object) -> str:
    """Return the hash of a proof's content; it tells accidents and hand edits, it is no signature."""
    return sha256(json.dumps(body, sort_keys=True))


def load(path: Path) -> Proof:
    """Return the proof in `path`, empty where there is no such file; raises ProofError when it was cut or edited."""
    if not path.exists():
        return Proof()
    try:
        body = json.loads(path.read_text())
        told = body.pop("checksum")
        records: Records = {
            kind: {
                name: {
                    where: Record(**{**record, "failing": tuple(record["failing"])})
                    for where, record in platforms.items()
                }
                for name, platforms in body[kind].items()
            }
            for kind in KINDS
        }
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ProofError(
            f"{path} is damaged ({error}); restore it with git, or delete it and run: make prove"
        ) from None
    if told != checksum(body):
        raise ProofError(
            f"{path} was changed by hand: its checksum is not that of its content; restore it with git, or delete it and run: make prove"
        )
    return Proof(records)


@cache
def this_platform() -> str:
    """Return the name that proofs from this machine go by, such as debian-12."""
    try:
        told = python_platform.freedesktop_os_release()
    except OSError:
        return python_platform.system().lower()
    return f"{told['ID']}-{told.get('VERSION_ID', 'unstable')}"


def function_of(test: str) -> str:
    """Return a test's id without its parameters, which is how the source names it."""
    return test.partition("[")[0]


def test_hashes(root: Path) -> dict[str, str]:
    """Return the id of each test function under tests/ with the hash of its source."""
    stamp = tuple((p, p.stat().st_mtime_ns) for p in sorted((root / "tests").rglob("test_*.py")))
    return _test_hashes(root, stamp)


@cache
def _test_hashes(root: Path, stamp: tuple[tuple[Path, int], ...]) -> dict[str, str]:
    found = {}
    for path, _ in stamp:
        source = path.read_text()
        try:
            tree = ast.parse(source)
        except SyntaxError:
            # pytest says so in its own words; until then the tests in it prove nothing.
            continue
        for node in tree.body:
            if isinstance(node, ast.FunctionDef) and node.name.startswith("test"):
                lines = source.splitlines()
                first = min([node.lineno, *(d.lineno for d in node.decorator_list)])
                name = f"{path.relative_to(root).as_posix()}::{node.name}"
                found[name] = sha256("\n".join(lines[first - 1 : node.end_lineno]))
    return found


test_hashes.__test__ = False  # type: ignore[attr-defined]  # its name is no test's


@dataclass(frozen=True)
class Ledger:
    """A book and its proof side by side: the state of everything."""

    book: Book
    proof: Proof

    @cached_property
    def hashes(self) -> dict[str, str]:
        """The hashes of the tests, as they stood on first use."""
        return test_hashes(self.book.root)

    def region(self, name: str) -> State:
        """Return the state of a region."""
        region = self.book.regions[name]
        return (
            State.NOT_RUN if region.not_run else self.proof.state("regions", name, region.sha256, self.hashes)
        )

    def output(self, name: str) -> State:
        """Return the state of a recorded output."""
        return self.proof.state("outputs", name, self.book.outputs[name].sha256, self.hashes)

    def claim(self, name: str) -> State:
        """Return the state of a claim's verdict."""
        return self.proof.state("claims", name, self.book.claims[name].sha256, self.hashes)

    def replay(self, name: str) -> State:
        """Return the state of a page's replay."""
        return self.proof.state("replays", name, self.book.replay_hash(self.book.pages[name]), self.hashes)

    @cached_property
    def everything(self) -> dict[tuple[str, str], State]:
        """The state of each thing by kind and id, as it stood on first use."""
        replayed = [name for name, page in self.book.pages.items() if page.includes]
        return {
            **{("regions", name): self.region(name) for name in self.book.regions},
            **{("outputs", name): self.output(name) for name in self.book.outputs},
            **{("claims", name): self.claim(name) for name in self.book.claims},
            **{("replays", name): self.replay(name) for name in replayed},
        }
