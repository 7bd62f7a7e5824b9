"""proof.json: stable, hard to damage unseen, and never kinder than the runs were."""

import json
import random
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from opsbook.book import Book
from opsbook.proof import Ledger, Proof, ProofError, Record, State, checksum, load, test_hashes, this_platform

from .tiny import FILES, TEST, make_book, prove

SNIPPET, CLAIMS, TESTS = "snippets/git/note.sh", "snippets/git/claims.yaml", "tests/git/test_note.py"
REGION = "git/note.sh:hello"
T1, T2 = "tests/git/test_note.py::test_note", "tests/git/test_note.py::test_more"
TWO_TESTS = {TESTS: "def test_note():\n    pass\n\n\ndef test_more():\n    pass\n"}


def shown(tests: list[str], sha: str = "a", failing: tuple[str, ...] = (), day: str = "2026-11-20") -> Record:
    """Return what a run of these tests showed."""
    return Record(sha, {test: f"hash of {test}" for test in tests}, {"git": "2.39"}, day, failing)


def kept(*records: tuple[str, str, Record]) -> Proof:
    """Return a proof with these regions, platforms and records."""
    proof = Proof()
    for name, platform, record in records:
        proof.add("regions", name, platform, record)
    return proof


def test_a_proof_reads_as_it_was_written(tmp_path: Path) -> None:
    """What is dumped loads as the same proof, failing tests and all platforms included."""
    proof = prove(make_book(tmp_path), failing=(TEST,))
    proof.add("regions", REGION, "alpine-3", shown([T1]))
    (tmp_path / "proof.json").write_text(proof.dump())
    assert load(tmp_path / "proof.json") == proof


def test_the_same_proof_is_the_same_text() -> None:
    """The order in which tests ran does not show: keys are sorted, one fact a line, one newline at the end."""
    records = [(f"git/{n}.sh:x", platform, shown([T2, T1])) for n in range(5) for platform in ("b-1", "a-1")]
    texts = {kept(*random.sample(records, len(records))).dump() for _ in range(5)}
    assert len(texts) == 1
    (text,) = texts
    assert json.dumps(json.loads(text), indent=1, sort_keys=True) + "\n" == text


def test_no_file_is_no_proof(tmp_path: Path) -> None:
    """Where there is no proof.json nothing is proven, and that is no error."""
    assert load(tmp_path / "proof.json") == Proof()


BROKEN: dict[str, Callable[[str], str]] = {
    "cut off": lambda text: text[: len(text) // 2],
    "empty": lambda _: "",
    "not JSON": lambda _: "<<<<<<< HEAD\n",
    "a list": lambda _: "[]",
    "no checksum": lambda text: json.dumps({k: v for k, v in json.loads(text).items() if k != "checksum"}),
    "no claims": lambda text: json.dumps({k: v for k, v in json.loads(text).items() if k != "claims"}),
    "a strange record": lambda text: text.replace('"date"', '"day"'),
    "failing removed": lambda text: text.replace('"failing": []', '"failing": null'),
    "edited": lambda text: text.replace("2026-11-20", "2026-11-21"),
    "proof copied": lambda text: text.replace(REGION, "git/other.sh:x"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_a_damaged_proof_is_refused(tmp_path: Path, case: str) -> None:
    """A cut-off or hand-edited file is an error that names the file and the way out."""
    path = tmp_path / "proof.json"
    path.write_text(BROKEN[case](prove(make_book(tmp_path)).dump()))
    with pytest.raises(ProofError, match=r"proof\.json .* make prove$") as error:
        load(path)
    assert str(path) in str(error.value)


def test_order_and_blanks_are_no_damage(tmp_path: Path) -> None:
    """The checksum is of the content, not of the way it is laid out."""
    proof = prove(make_book(tmp_path))
    (tmp_path / "proof.json").write_text(json.dumps(json.loads(proof.dump())))
    assert load(tmp_path / "proof.json") == proof
    assert checksum({"b": 1, "a": 2}) == checksum({"a": 2, "b": 1})


def test_a_partial_run_renews_only_its_own(tmp_path: Path) -> None:
    """What other tests showed stays, byte for byte, with its day."""
    book = make_book(tmp_path, TWO_TESTS)
    proof = kept(("x", "p", shown([T1], day="2026-01-01")), ("y", "p", shown([T2], day="2026-01-01")))
    proof.merge(kept(("x", "p", shown([T1], day="2026-02-02"))), "p", {T1}, book)
    assert proof.of("regions", "x")["p"].date == "2026-02-02"
    assert proof.of("regions", "y")["p"] == shown([T2], day="2026-01-01")


def test_a_region_that_two_tests_show_keeps_both(tmp_path: Path) -> None:
    """The test that did not run this time still stands beside the one that did."""
    proof = kept(("x", "p", shown([T1, T2])))
    proof.merge(kept(("x", "p", shown([T1]))), "p", {T1}, make_book(tmp_path, TWO_TESTS))
    assert set(proof.of("regions", "x")["p"].tests) == {T1, T2}


def test_what_was_shown_of_an_earlier_text_is_forgotten(tmp_path: Path) -> None:
    """A test that has not seen the new code does not vouch for it."""
    proof = kept(("x", "p", shown([T1, T2], "old", failing=(T2,))))
    proof.merge(kept(("x", "p", shown([T1], "new"))), "p", {T1}, make_book(tmp_path, TWO_TESTS))
    assert proof.of("regions", "x")["p"] == shown([T1], "new")


def test_a_test_that_no_longer_touches_a_region_loses_it(tmp_path: Path) -> None:
    """What a test that ran did not show again is gone; with its last test a region is unproven."""
    proof = kept(("x", "p", shown([T1, T2])), ("y", "p", shown([T1])))
    proof.merge(Proof(), "p", {T1}, make_book(tmp_path, TWO_TESTS))
    assert set(proof.of("regions", "x")["p"].tests) == {T2}
    assert proof.of("regions", "y") == {}
    assert "y" not in proof.records["regions"]


def test_the_proof_of_a_vanished_test_is_dropped(tmp_path: Path) -> None:
    """A deleted or renamed test shows nothing any more, whichever tests ran; parameters do not matter."""
    book = make_book(tmp_path)
    proof = kept(("x", "p", shown([T2])), ("y", "p", shown([f"{T1}[a]"])))
    proof.merge(Proof(), "p", set(), book)
    assert proof.of("regions", "x") == {}
    assert set(proof.of("regions", "y")) == {"p"}


def test_platforms_stand_side_by_side(tmp_path: Path) -> None:
    """A run on one platform leaves what another one showed."""
    book = make_book(tmp_path)
    proof = kept(("x", "p", shown([T1])), ("x", "q", shown([T1], "old")))
    proof.merge(kept(("x", "p", shown([T1], "new"))), "p", {T1}, book)
    assert {where: record.sha256 for where, record in proof.of("regions", "x").items()} == {
        "p": "new",
        "q": "old",
    }


def test_the_worst_outcome_wins(tmp_path: Path) -> None:
    """One failing test or platform makes a region fail, however many others passed before or after it."""
    for order in ((T1, T2), (T2, T1)):
        proof = kept(*(("x", "p", shown([test], failing=(test,) if test == T1 else ())) for test in order))
        assert proof.state("regions", "x", "a", {T1: f"hash of {T1}", T2: f"hash of {T2}"}) is State.FAILING
    proof = kept(("x", "p", shown([T1])), ("x", "q", shown([T1], failing=(T1,))))
    assert proof.state("regions", "x", "a", {T1: f"hash of {T1}"}) is State.FAILING
    proof.merge(kept(("x", "q", shown([T1]))), "q", {T1}, make_book(tmp_path))
    assert proof.state("regions", "x", "a", {T1: f"hash of {T1}"}) is State.PROVEN


EDITS = {
    "code": (SNIPPET, "echo hello", "echo hallo", "regions"),
    "fact": (SNIPPET, "effect: reads", "effect: changes", "regions"),
    "exit": (SNIPPET, "# effect", "# exit: 1\n# effect", "regions"),
    "output": ("snippets/git/note.hello.out", "hello", "hallo", "outputs"),
    "what people say": (CLAIMS, "`short`", "`long`", "claims"),
    "verdict": (CLAIMS, "holds", "wrong", "claims"),
    "truth": (CLAIMS, "They are.", "They were.", "claims"),
    "claims taken in": (CLAIMS, "git-brevity", "git-length", "claims"),
    "page": ("docs/git/note.md", '\n```text\n--8<-- "git/note.hello.out"\n```\n', "", "replays"),
    "test": (TESTS, "pass", "pass  # emptied", "regions outputs claims replays"),
    "test's marks": (TESTS, "def", "@staticmethod\ndef", "regions outputs claims replays"),
    "test's name": (TESTS, "test_note", "test_other", "regions outputs claims replays"),
}


@pytest.mark.parametrize("case", EDITS)
def test_what_changed_since_is_not_proven(tmp_path: Path, case: str) -> None:
    """An edit of code, facts, output, claim or test turns what was proven into changed."""
    path, old, new, kinds = EDITS[case]
    proof = prove(make_book(tmp_path))
    assert set(Ledger(Book(tmp_path), proof).everything.values()) == {State.PROVEN}
    assert old in FILES[path]
    book = make_book(tmp_path / "later", {path: FILES[path].replace(old, new)})
    states = Ledger(book, proof).everything
    changed = {kind for (kind, _), state in states.items() if state is State.CHANGED}
    assert set(kinds.split()) <= changed


def test_prose_is_not_proven_so_it_may_change(tmp_path: Path) -> None:
    """Words around the blocks, and other tests, do not unprove a page."""
    proof = prove(make_book(tmp_path))
    changes = {
        "docs/git/note.md": FILES["docs/git/note.md"].replace("Do this.", "Better do this."),
        TESTS: f"\n{FILES[TESTS]}\n\ndef test_another():\n    pass\n",
        SNIPPET: f"# A comment\n{FILES[SNIPPET]}\n",
        CLAIMS: f"# A comment\n{FILES[CLAIMS]}",
    }
    assert set(Ledger(make_book(tmp_path, changes), proof).everything.values()) == {State.PROVEN}


def test_what_no_test_showed_is_unproven(tmp_path: Path) -> None:
    """Without a record nothing is proven; a region with its reason is not run."""
    reason = FILES[SNIPPET].replace("# effect", "# not-run: it takes a year\n# effect")
    states = Ledger(make_book(tmp_path, {SNIPPET: reason}), Proof()).everything
    assert states.pop(("regions", REGION)) is State.NOT_RUN
    assert set(states.values()) == {State.UNPROVEN}


def test_a_record_without_tests_proves_nothing() -> None:
    """The right hash alone is no proof."""
    proof = kept(("x", "p", replace(shown([T1]), tests={})))
    assert proof.state("regions", "x", "a", {}) is State.CHANGED


def test_hashes_are_of_functions(tmp_path: Path) -> None:
    """Each test function is hashed with its decorators; helpers and neighbours are not part of it."""
    make_book(
        tmp_path,
        {TESTS: "import x\n\n\n@x.mark(1)\ndef test_note():\n    pass\n\n\ndef helper():\n    pass\n"},
    )
    before = test_hashes(tmp_path)
    assert set(before) == {TEST}
    make_book(tmp_path / "b", {TESTS: "import x\n\n\n@x.mark(2)\ndef test_note():\n    pass\n"})
    assert test_hashes(tmp_path / "b")[TEST] != before[TEST]
    make_book(tmp_path / "c", {TESTS: "\n\nimport x\n@x.mark(1)\ndef test_note():\n    pass\n"})
    assert test_hashes(tmp_path / "c")[TEST] == before[TEST]


def test_the_platform_has_a_name_and_version() -> None:
    """Proofs are filed under distribution and release."""
    assert "-" in this_platform() or this_platform().isalpha()
    assert " " not in this_platform()
