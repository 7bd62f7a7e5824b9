"""The pytest plugin: gives tests their lab and snippet, compares or renews outputs, and writes the proof.

A region is proven by a passing test that handed it to a lab (Python: that ran a line of its body), an output by
a passing test that recorded it, a claim by a passing test marked `@pytest.mark.claim(id, verdict)` in a lab,
a replay by the test of its page, or one that walks through it and looks in between. A skipped or xfailed test proves nothing.
"""

import ast
import ctypes
import os
import re
import signal
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

import pytest
from syrupy.assertion import SnapshotAssertion
from syrupy.data import SnapshotCollections
from syrupy.extensions.single_file import SingleFileSnapshotExtension, WriteMode
from syrupy.location import PyTestLocation
from syrupy.types import SnapshotIndex

from opsbook import proof as proofs
from opsbook.book import TOKENS, Book, Page, Region, sha256, squash, tidy
from opsbook.labs import LABS, Lab
from opsbook.labs.machines import Pasted
from opsbook.labs.process import LabUnavailable
from opsbook.proof import KINDS, Ledger, Proof, ProofError, Record, State, this_platform
from opsbook.reader import Reader, reading
from opsbook.replay import Block, Walk
from opsbook.replay import State as LabState

if TYPE_CHECKING:
    from coverage import Coverage

EVIDENCE = "opsbook"


def pytest_addoption(parser: pytest.Parser) -> None:
    """Add the options that the Makefile's TOPIC=, CHANGED= and `make prove` pass on."""
    group = parser.getgroup("opsbook")
    group.addoption("--topic", help="only the tests of this topic: ssh, disk_partitioning …")
    group.addoption(
        "--changed", action="store_true", help="only the tests of what is not proven as it stands"
    )
    group.addoption("--prove", action="store_true", help="renew recorded outputs and proof.json")


def pytest_configure(config: pytest.Config) -> None:
    """Register the marker; with --prove let syrupy write."""
    config.addinivalue_line("markers", "claim(id, verdict): this test decides that claim")
    config.addinivalue_line("markers", "recorded: needs all recorded outputs; make prove runs these last")
    if config.getoption("--prove"):
        config.option.update_snapshots = True
    if hasattr(config, "workerinput"):
        end_with_parent()
    else:
        try:
            proofs.load(config.rootpath / "proof.json")
        except ProofError as error:
            raise pytest.UsageError(str(error)) from None
        config.pluginmanager.register(Clerk(config), "opsbook-clerk")


def end_with_parent() -> None:
    """Let the kernel kill this worker, and with it the labs it holds, once its session was killed; prctl(2)."""
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(1, signal.SIGKILL)


@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Keep the tests that --topic and --changed ask for, and no replay of a page that another test walks through."""
    walked = {page_walked(item, config) for item in items if "walk" in getattr(item, "fixturenames", ())}
    keep = [item for item in items if replayed_page(item) not in walked]
    if topic := config.getoption("--topic"):
        keep = [item for item in keep if topic_of(item) == topic]
    if config.getoption("--changed"):
        keep = [item for item in keep if is_needed(item, config)]
    if dropped := [item for item in items if item not in keep]:
        config.hook.pytest_deselected(items=dropped)
        items[:] = keep


def the_book(config: pytest.Config) -> Book:
    """Return the book of this run, read once."""
    if not hasattr(config, "_opsbook"):
        config._opsbook = Book(config.rootpath)  # type: ignore[attr-defined]  # where pytest plugins keep state
    return config._opsbook  # type: ignore[attr-defined,no-any-return]


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Fail a test whose claim mark names no claim, or another verdict than claims.yaml gives it."""
    # Not while collecting: there xdist turns an error of ours into a crash of its own.
    for mark in item.iter_markers("claim"):
        name, verdict = (*mark.args, None, None)[:2]
        claim = the_book(item.config).claims.get(str(name))
        if claim is None:
            pytest.fail(f"no claims.yaml has the claim {name!r}", pytrace=False)
        if claim.verdict != verdict:
            told = f"the test decides {name} as {verdict!r}, claims.yaml says {claim.verdict!r}"
            pytest.fail(told, pytrace=False)


def replayed_page(item: pytest.Item) -> str | None:
    """Return the path of the page that a test replays, if it does that."""
    return getattr(getattr(item, "callspec", None), "params", {}).get("page_path")


def page_walked(item: pytest.Item, config: pytest.Config) -> str:
    """Return the path of the page that a test walks through: that which its file mirrors."""
    page = the_book(config).page_of(topic_of(item), item.path.stem.removeprefix("test_"))
    return page.path if page else ""


def mirrored_path(item: pytest.Item) -> Path:
    """Return the path of the page that a test replays, else that of its own file under tests/."""
    page = replayed_page(item)
    return Path(page) if page else item.path.relative_to(item.config.rootpath / "tests")


def topic_of(item: pytest.Item) -> str:
    """Return the topic of a test: its folder under tests/, or that of the page it replays."""
    path = mirrored_path(item)
    return path.parts[0].replace("-", "_") if len(path.parts) > 1 else ""


def is_needed(item: pytest.Item, config: pytest.Config) -> bool:
    """Tell whether `item` shows something that is not proven as it stands, or may: a test that no proof names,
    beside a snippet, claim or page that wants one.
    """
    if not hasattr(config, "_opsbook_wanting"):
        config._opsbook_wanting = wanting(the_book(config), config)  # type: ignore[attr-defined]
    known, stale, places = config._opsbook_wanting  # type: ignore[attr-defined]
    if item.nodeid in known:
        return item.nodeid in stale
    stem = mirrored_path(item).stem.removeprefix("test_")
    return (topic_of(item), squash(stem)) in places


def wanting(book: Book, config: pytest.Config) -> tuple[set[str], set[str], set[tuple[str, str]]]:
    """Return the tests that the proof names, those of them that show what is not proven now, and where that is:
    topic and squashed stem of each snippet, claim or page.
    """
    ledger = Ledger(book, proofs.load(config.rootpath / "proof.json"))
    known, stale, places = set(), set(), set()
    for (kind, name), state in ledger.everything.items():
        tests = {test for record in ledger.proof.of(kind, name).values() for test in record.tests}
        known |= tests
        if state not in (State.PROVEN, State.NOT_RUN):
            stale |= tests
            path = f"{book.claims[name].topic}/{book.claims[name].page}" if kind == "claims" else name
            topic, _, file = path.rpartition("/")
            places.add((topic.replace("-", "_"), squash(file.partition(".")[0])))
    return known, stale, places


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item) -> Iterator[None]:
    """Turn a skip or xfail into a failure where OPSBOOK_REQUIRE=all asks for everything."""
    report: pytest.TestReport = yield  # type: ignore[assignment]
    if report.skipped and os.environ.get("OPSBOOK_REQUIRE") == "all":
        report.outcome = "failed"
        report.longrepr = f"OPSBOOK_REQUIRE=all allows no skip: {report.longrepr}"
        if hasattr(report, "wasxfail"):
            del report.wasxfail
    return report  # type: ignore[return-value]


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Iterator[None]:
    """Turn the skip of a whole file into a failure where OPSBOOK_REQUIRE=all asks for everything."""
    report: pytest.CollectReport = yield  # type: ignore[assignment]
    if report.skipped and os.environ.get("OPSBOOK_REQUIRE") == "all":
        report.outcome = "failed"
        report.longrepr = f"OPSBOOK_REQUIRE=all allows no skip: {report.longrepr}"
    return report  # type: ignore[return-value]


@dataclass
class Evidence:
    """What a test did: hash by id for each kind of thing, and the versions of the lab it did it in.

    `broken` are the regions that did not end as they say, whatever the test made of that.
    """

    things: dict[str, dict[str, str]] = field(default_factory=lambda: {kind: {} for kind in KINDS})
    versions: dict[str, str] = field(default_factory=dict)
    broken: list[str] = field(default_factory=list)

    @contextmanager
    def of(self, region: Region) -> Iterator[None]:
        """Note that the block shows `region`; one that raises leaves it broken."""
        self.things["regions"][region.id] = region.sha256
        self.broken.append(region.id)
        yield
        self.broken.remove(region.id)


@pytest.fixture
def evidence(request: pytest.FixtureRequest) -> Iterator[Evidence]:
    """What this test has done so far; it travels to the proof with the test's report."""
    gathered = Evidence()
    # Handed over now and filled later: user_properties are read when each report is made.
    request.node.user_properties.append((EVIDENCE, gathered.__dict__))
    book = the_book(request.config)
    for mark in request.node.iter_markers("claim"):
        gathered.things["claims"][mark.args[0]] = book.claims[mark.args[0]].sha256
    yield gathered


@pytest.fixture
def book(request: pytest.FixtureRequest) -> Book:
    """The book under test."""
    return the_book(request.config)


@contextmanager
def skipping_without_lab() -> Iterator[None]:
    """Skip the test, naming the package or permission that is missing, when the lab inside cannot be had here."""
    try:
        yield
    except LabUnavailable as missing:
        pytest.skip(f"not proven here: {missing}")


@pytest.fixture
def lab(request: pytest.FixtureRequest, book: Book, evidence: Evidence) -> Iterator[Lab]:
    """A fresh lab of this test's page or topic."""
    topic = topic_of(request.node)
    page = book.page_of(topic, request.path.stem.removeprefix("test_")) or book.page_of(topic, "index")
    name = (book.lab_of(page) if page else "") or topic
    if name not in LABS:
        pytest.fail(f"no lab is called {name!r}; say  lab: NAME  at the top of the topic's index.md")
    with skipping_without_lab(), LABS[name]() as here:
        evidence.versions.update(here.versions)
        yield here


class RecordedOutput(SingleFileSnapshotExtension):
    """Keeps a recorded output in the file that pages include; its index is that file's path."""

    file_extension = "out"
    _write_mode = WriteMode.TEXT

    @classmethod
    def get_location(cls, *, test_location: PyTestLocation, index: SnapshotIndex) -> str:
        """Return the path that the test named."""
        return str(index)

    @classmethod
    def matches_test_location(cls, *, test_location: PyTestLocation, snapshot_location: str) -> bool:
        """Accept the place beside the snippet, which no test's name tells."""
        return True

    def discover_snapshots(
        self, *, test_location: PyTestLocation, ignore_extensions: list[str] | None = None
    ) -> SnapshotCollections:
        """Return nothing: whether an output is still in use is the gate's question, not one run's."""
        return SnapshotCollections()


@dataclass
class Snippet:
    """The snippet that mirrors this test, and a reader who does its regions in the test's lab."""

    book: Book
    topic: str
    stem: str
    reader: Reader
    evidence: Evidence
    snapshot: SnapshotAssertion
    recorded_on: Proof

    def __getitem__(self, name: str) -> Region:
        """Return the region called `name` of the mirrored snippet, or `file.ext:name` of the same topic."""
        if ":" in name:
            return self.book.regions[f"{self.topic}/{name}"]
        for region in self.book.regions.values():
            folder, _, file = region.snippet.rpartition("/")
            if folder == self.topic and squash(Path(file).stem) == squash(self.stem) and region.name == name:
                return region
        raise KeyError(f"no snippet {self.topic}/{self.stem}.* has a region {name}")

    def run(self, name: str, *, timeout: float = 180) -> Pasted:
        """Do the region as a reader would and return what came back, once it ended as the snippet says it does."""
        (ran,) = self.run_on_each(name, timeout=timeout).values()
        return ran

    def run_on_each(self, name: str, *, timeout: float = 180) -> dict[str, Pasted]:
        """Do the region on each machine that it is for and return what came back on each."""
        region = self[name]
        with self.evidence.of(region):
            answers = self.reader.do(region, timeout)
            for machine, ran in answers.items():
                promised = region.exit_on(machine)
                assert ran.exit == promised, f"{region.id} exited {ran.exit}, not {promised}:\n{ran.output}"
        return answers

    def record(self, name: str, seen: str, **masks: str) -> None:
        """Hold `seen` against the output recorded for the region, or renew it under --prove.

        Each mask is a token type and a pattern whose group 1 is the part that varies: `pid="pid ([0-9]+)"`.
        """
        self.hold(self[name].output_id, tidy(masked(seen, masks)))

    def record_on_each(self, name: str, seen: Mapping[str, str], **masks: str) -> None:
        """Hold what each machine printed against the one output of the region, or each its own where they differ."""
        texts = {machine: tidy(masked(text, masks)) for machine, text in seen.items()}
        if len(set(texts.values())) == 1:
            self.hold(self[name].output_id, next(iter(texts.values())))
            return
        for machine, text in texts.items():
            self.hold(self[name].output_on(machine), text)

    def hold(self, output: str, text: str) -> None:
        """Hold `text` against the recorded output of the id `output`, or renew it under --prove."""
        same = self.snapshot(name=str(self.book.root / "snippets" / output)) == text
        elsewhere = self.recorded_on.of("outputs", output)
        if not same and elsewhere and this_platform() not in elsewhere:
            pytest.skip(
                f"not proven here: {output} was recorded on {', '.join(elsewhere)} and differs on {this_platform()}"
            )
        self.evidence.things["outputs"][output] = sha256(text)
        assert same, f"{output} is no longer what it prints (make prove renews it):\n{text}"

    def module(self, file: str) -> ModuleType:
        """Import the Python snippet `file` of this topic; each of its regions that does some work from now on is proven."""
        from coverage import Coverage

        path = self.book.root / "snippets" / self.topic / file
        module = ModuleType(f"snippet_{path.stem}_{id(self)}")
        module.__file__ = str(path)
        sys.modules[module.__name__] = module  # dataclasses look there
        watch = Coverage(data_file=None, config_file=False, include=[str(path)])
        self.reader.stack.callback(self._count, path, watch, module)
        watch.start()
        exec(compile(path.read_text(), path, "exec", dont_inherit=True), module.__dict__)  # noqa: S102  # our own file
        return module

    def _count(self, path: Path, watch: "Coverage", module: ModuleType) -> None:
        watch.stop()
        del sys.modules[module.__name__]
        worked = working_lines(path.read_text()) & {*(watch.get_data().lines(str(path)) or ())}
        for region in self.book.regions.values():
            if region.snippet == f"{self.topic}/{path.name}" and worked & {
                *range(region.line, region.end + 1)
            }:
                self.evidence.things["regions"][region.id] = region.sha256

    def run_and_record(self, name: str, *, timeout: float = 180, **masks: str) -> Pasted:
        """Run the region and record what it printed."""
        ran = self.run(name, timeout=timeout)
        self.record(name, ran.output, **masks)
        return ran

    def run_and_record_on_each(self, name: str, *, timeout: float = 180, **masks: str) -> dict[str, Pasted]:
        """Run the region on each of its machines and record what it printed there."""
        answers = self.run_on_each(name, timeout=timeout)
        self.record_on_each(name, {machine: ran.output for machine, ran in answers.items()}, **masks)
        return answers


class RecordingWalk(Walk):
    """A replay that a test stops in to look closer; it proves blocks, outputs and, at its end, the page."""

    def __init__(self, snippet: Snippet, page: Page) -> None:
        """Stand before the first block of `page`."""
        super().__init__(snippet.book, page, snippet.reader, self.record)
        self.snippet = snippet
        self.masks: dict[str, dict[str, str]] = {}

    def to(self, name: str, **masks: str) -> Pasted:
        """Do the page's next blocks up to the region `name`, its outputs too; return what came back from it, on its one machine.

        Masks are those of `Snippet.record`, and only needed where the output on the page has such tokens.
        """
        region = self.snippet[name]
        self.masks[region.id] = masks
        (ran,) = self.through(region.id).values()
        return ran

    def to_the_end(self) -> None:
        """Do what is left of the page: only then is the page itself proven."""
        super().to_the_end()
        # Read anew: under --prove the outputs are those just recorded.
        book = Book(self.book.root)
        self.snippet.evidence.things["replays"][self.page.path] = book.replay_hash(book.pages[self.page.path])

    def do(self, block: Block, before: LabState) -> tuple[dict[str, Pasted], LabState]:
        """Do one block, and note that it was shown."""
        with self.snippet.evidence.of(block.region):
            return super().do(block, before)

    def record(self, where: str, name: str, region: Region, ran: Mapping[str, Pasted]) -> None:
        """Hold what came back against the output on the page, or renew that under --prove."""
        recorded, masks = self.book.outputs.get(name), self.masks.get(region.id, {})
        for machine, pasted in ran.items():
            if name not in (region.output_id, region.output_on(machine)):
                continue
            same = recorded and not masks and recorded.matches(pasted.output)
            text = recorded.text if recorded and same else tidy(masked(pasted.output, masks))
            self.snippet.hold(name, text)


def working_lines(source: str) -> set[int]:
    """Return the lines that do more than be there once imported: those of functions, and of the module what is
    no def, class or import (of an if or with, what is in it).
    """
    nodes = list(ast.walk(ast.parse(source)))
    functions = [node for node in nodes if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))]
    in_function = {inner for function in functions for stmt in function.body for inner in ast.walk(stmt)}
    in_class = {stmt for node in nodes if isinstance(node, ast.ClassDef) for stmt in node.body}
    lines: set[int] = set()
    for node in nodes:
        says_nothing = isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        if not isinstance(node, ast.stmt) or isinstance(node, (ast.Import, ast.ImportFrom)) or says_nothing:
            continue
        last = node.lineno if hasattr(node, "body") else node.end_lineno or 0
        if node in in_function or (node not in in_class and not hasattr(node, "body")):
            lines |= {*range(node.lineno, last + 1)}
    return lines


def masked(seen: str, masks: dict[str, str]) -> str:
    """Return `seen` with the group of each mask's pattern replaced by its token; a mask must match something."""
    for token, pattern in masks.items():
        spans = [found.span(1) for found in re.finditer(pattern, seen)]
        assert spans, f"the mask {token}={pattern!r} matches nothing in:\n{seen}"
        for start, end in reversed(spans):
            value = seen[start:end]
            assert re.fullmatch(TOKENS[token], value), f"{value!r} is no <{token}>"
            seen = f"{seen[:start]}<{token}>{seen[end:]}"
    return seen


@pytest.fixture
def snippet(
    request: pytest.FixtureRequest, book: Book, lab: Lab, evidence: Evidence, snapshot: SnapshotAssertion
) -> Iterator[Snippet]:
    """The snippet that mirrors this test, ready to be run in its lab."""
    stem = request.path.stem.removeprefix("test_")
    recorded = proofs.load(request.config.rootpath / "proof.json")
    with reading(lab) as reader:
        kept = snapshot.use_extension(RecordedOutput)
        yield Snippet(book, topic_of(request.node), stem, reader, evidence, kept, recorded)


@pytest.fixture
def walk(request: pytest.FixtureRequest, book: Book, snippet: Snippet) -> RecordingWalk:
    """The page that this test's file mirrors, to be done from top to bottom with looks in between.

    It takes the place of that page's replay, so the test has to go to the end.
    """
    page = book.page_of(snippet.topic, snippet.stem)
    assert page, f"no page mirrors {request.path.name}"
    return RecordingWalk(snippet, page)


@dataclass(eq=False)  # pluggy keeps plugins in sets
class Clerk:
    """Gathers the reports of a run, of all its workers, and writes the proof at the end."""

    config: pytest.Config
    outcomes: dict[str, set[str]] = field(default_factory=dict)
    evidence: dict[str, dict[str, Any]] = field(default_factory=dict)
    skipped: dict[str, str] = field(default_factory=dict)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Note outcome and evidence of each phase of each test."""
        outcome = "skipped" if hasattr(report, "wasxfail") else report.outcome
        # xdist hangs the group of a test behind its id.
        test = re.sub(r"@[^@\]]*$", "", report.nodeid)
        self.outcomes.setdefault(test, set()).add(outcome)
        gathered: Any = dict(report.user_properties).get(EVIDENCE, {})
        self.evidence[test] = gathered
        if report.skipped and isinstance(report.longrepr, tuple):
            self.skipped[test] = report.longrepr[2]

    def fresh(self) -> Proof:
        """Return what this run alone has shown."""
        proof, today = Proof(), datetime.now(UTC).date().isoformat()
        hashes = proofs.test_hashes(self.config.rootpath)
        for test, seen in self.evidence.items():
            outcomes = self.outcomes[test]
            digest = hashes.get(proofs.function_of(test))
            if not seen or "skipped" in outcomes or digest is None:
                continue
            for kind, things in seen["things"].items():
                # A verdict reached outside a lab was not reached on the real thing.
                if kind == "claims" and not seen["versions"]:
                    continue
                for name, sha in things.items():
                    failed = "failed" in outcomes or (kind == "regions" and name in seen["broken"])
                    failing = (test,) if failed else ()
                    record = Record(sha, {test: digest}, seen["versions"], today, failing)
                    proof.add(kind, name, this_platform(), record)
        return proof

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Write build/proof.json; with --prove carry it into proof.json."""
        root = self.config.rootpath
        if not self.outcomes:
            # Nothing may have changed, and a topic whose pages are all walked through has nothing left to replay.
            may_be_none = self.config.getoption("--changed") or self.config.getoption("--prove")
            if session.exitstatus == pytest.ExitCode.NO_TESTS_COLLECTED and may_be_none:
                session.exitstatus = pytest.ExitCode.OK
            return
        fresh = self.fresh()
        (root / "build").mkdir(exist_ok=True)
        (root / "build/proof.json").write_text(fresh.dump())
        if self.config.getoption("--prove"):
            kept = proofs.load(root / "proof.json")
            # A test that skipped has shown nothing new: what it once showed stands or falls by its hashes.
            ran = {test for test, outcomes in self.outcomes.items() if "skipped" not in outcomes}
            kept.merge(fresh, this_platform(), ran, Book(root))
            # In one step: whoever reads meanwhile sees the old proof or the new one, never half of it.
            (root / "build/kept.json").write_text(kept.dump())
            (root / "build/kept.json").replace(root / "proof.json")

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Name what could not be proven here, with the way to prove it, each reason once."""
        reasons = sorted(set(self.skipped.values()))
        for reason in reasons:
            count = sum(r == reason for r in self.skipped.values())
            terminalreporter.write_line(f"{count} tests {reason.removeprefix('Skipped: ')}", yellow=True)
