"""The pytest plugin, seen from outside: small real books, run by a pytest of their own."""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from opsbook.book import Book
from opsbook.labs.git import git_lab
from opsbook.labs.process import LabUnavailable
from opsbook.proof import Ledger, Proof, Record, State, load
from opsbook.pytest_plugin import masked, working_lines

from .tiny import write

REGIONS = (
    "good",
    "idle",
    "failing",
    "late",
    "broken",
    "swallowed",
    "skipped",
    "xfailed",
    "changed",
    "masked",
    "odd",
    "twice",
)
CLAIMS = {
    "git-lab": "holds",
    "git-nolab": "wrong",
    "git-alone": "dated",
    "git-failing": "unsafe",
    "git-twice": "incomplete",
}
POOL = '''"""A pool."""
# --8<-- [start:setup]
import os
LIMIT = 5
# --8<-- [end:setup]

# --8<-- [start:used]
def used():
    """Used."""
    return LIMIT
# --8<-- [end:used]

# --8<-- [start:unused]
class Unused:
    size = 1

    def method(self):
        """Never called."""
        return os
# --8<-- [end:unused]

# --8<-- [start:method]
class Used:
    def method(self):
        return 1
# --8<-- [end:method]

# --8<-- [start:main]
if __name__ == "__main__":
    used()
# --8<-- [end:main]

# --8<-- [start:imports]
import sys
from os import path
# --8<-- [end:imports]
'''
TESTS = """
import pytest
from threading import Thread


def test_good(snippet):
    snippet.run_and_record("good")


def test_idle(snippet):
    assert snippet["idle"].code


def test_failing(snippet):
    snippet.run("failing")
    assert False


@pytest.fixture
def fails_late():
    yield
    assert False


def test_late(fails_late, snippet):
    snippet.run("late")


def test_broken(snippet):
    snippet.run("broken")


def test_swallowed(snippet):
    with pytest.raises(AssertionError):
        snippet.run("swallowed")


def test_skipped(snippet):
    snippet.run("skipped")
    pytest.skip("not today")


@pytest.mark.xfail(reason="known")
def test_xfailed(snippet):
    snippet.run("xfailed")
    assert False


def test_changed(snippet):
    snippet.run_and_record("changed")


def test_mask_of_nothing(snippet):
    snippet.run_and_record("masked", pid="nothing ([0-9]+)")


def test_mask_of_no_token(snippet):
    snippet.run_and_record("odd", pid="pid ([a-z]+)")


@pytest.mark.parametrize("n", [1, 2])
@pytest.mark.claim("git-twice", "incomplete")
def test_twice(snippet, n):
    snippet.run("twice")
    assert n == 1


@pytest.mark.claim("git-lab", "holds")
def test_claim_in_a_lab(lab):
    assert lab.laptop.run("true")


@pytest.mark.claim("git-nolab", "wrong")
def test_claim_without_a_lab():
    pass


@pytest.mark.claim("git-alone", "dated")
def test_claim_with_no_more_than_a_book(evidence, book):
    pass


@pytest.mark.claim("git-failing", "unsafe")
def test_claim_that_fails(lab):
    assert False


def test_names(snippet):
    assert snippet["good"].code == "echo good"
    assert snippet["pool.py:used"].code.startswith("def used")
    with pytest.raises(KeyError, match="no snippet git/note.. has a region used"):
        snippet["used"]


def test_module(snippet):
    pool = snippet.module("pool.py")
    threads = [Thread(target=pool.used), Thread(target=pool.Used().method)]
    for thread in threads:
        thread.start()
        thread.join()
"""


def snippet_of(regions: dict[str, str]) -> str:
    """Return a snippet with these regions."""
    return "".join(
        f"# effect: reads\n# --8<-- [start:{n}]\n{c}\n# --8<-- [end:{n}]\n" for n, c in regions.items()
    )


def claims_of(claims: dict[str, str]) -> str:
    """Return a claims.yaml with these claims and verdicts."""
    return "".join(
        f"- id: {c}\n  page: note\n  says: x\n  verdict: {v}\n  truth: y\n" for c, v in claims.items()
    )


def run(root: Path, *argv: str, **settings: str) -> subprocess.CompletedProcess[str]:
    """Run pytest on the book in `root` and return it with its output; nothing of this session reaches it."""
    environment = {k: v for k, v in os.environ.items() if not k.startswith(("OPSBOOK", "PYTEST"))}
    options = [
        "--rootdir",
        ".",
        "-c",
        "/dev/null",
        "--import-mode=importlib",
        "-p",
        "no:cacheprovider",
        "-rA",
    ]
    return subprocess.run(
        [sys.executable, "-m", "pytest", *options, *argv],
        cwd=root,
        env=environment | settings,
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )


def outcomes(done: subprocess.CompletedProcess[str]) -> dict[str, int]:
    """Return how many tests ended how."""
    counts = re.findall(r"(\d+) ([a-z]+)", done.stdout.splitlines()[-1].split(" in ")[0])
    return {what.rstrip("s"): int(count) for count, what in counts}


@pytest.fixture(autouse=True, scope="module")
def _needs_a_lab() -> None:
    """Without namespaces there is no lab to prove anything in."""
    try:
        with git_lab():
            pass
    except LabUnavailable as missing:
        pytest.skip(f"not tested here: {missing}")


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Ledger:
    """The book after a run of all of the tests above on two workers, with the proof that this run left."""
    root = tmp_path_factory.mktemp("book")
    codes = dict.fromkeys(REGIONS, "true") | {
        "good": "echo good",
        "broken": "exit 3",
        "swallowed": "false",
        "changed": "echo new",
        "masked": "echo pid 7",
        "odd": "echo pid x",
    }
    write(root, {"docs/git/index.md": "---\nlab: git\n---\n", "docs/git/note.md": "# Note\n"})
    (root / "snippets/git").mkdir(parents=True)
    (root / "tests/git").mkdir(parents=True)
    (root / "snippets/git/note.sh").write_text(snippet_of(codes))
    (root / "snippets/git/pool.py").write_text(POOL)
    (root / "snippets/git/note.good.out").write_text("good\n")
    (root / "snippets/git/note.changed.out").write_text("old\n")
    (root / "snippets/git/claims.yaml").write_text(claims_of(CLAIMS))
    (root / "tests/git/test_note.py").write_text(TESTS)
    (root / "proof.json").write_text(Proof().dump())
    done = run(root, "-n", "2")
    assert done.returncode == 1, done.stdout
    assert outcomes(done) == {"failed": 7, "passed": 10, "skipped": 1, "xfailed": 1, "error": 1}, done.stdout
    assert load(root / "proof.json") == Proof()
    return Ledger(Book(root), load(root / "build/proof.json"))


STATES = {
    "good": State.PROVEN,
    "idle": State.UNPROVEN,
    "failing": State.FAILING,
    "late": State.FAILING,
    "broken": State.FAILING,
    "swallowed": State.FAILING,
    "skipped": State.UNPROVEN,
    "xfailed": State.UNPROVEN,
    "changed": State.FAILING,
    "masked": State.FAILING,
    "odd": State.FAILING,
    "twice": State.FAILING,
}


def test_a_region_is_proven_by_a_passing_test_that_ran_it(ran: Ledger) -> None:
    """Not by one that failed at any stage, that was skipped or xfailed, or that passed without running it."""
    assert {name: ran.region(f"git/note.sh:{name}") for name in REGIONS} == STATES


def test_a_proof_says_by_what_where_and_when(ran: Ledger) -> None:
    """Test id, platform, the lab's versions and the day are kept."""
    ((platform, record),) = ran.proof.of("regions", "git/note.sh:good").items()
    assert list(record.tests) == ["tests/git/test_note.py::test_good"]
    assert record.versions["git"].startswith("git version ")
    assert re.fullmatch(r"\d{4}-\d\d-\d\d", record.date)
    assert platform
    failing = ran.proof.of("regions", "git/note.sh:twice")[platform]
    assert failing.failing == ("tests/git/test_note.py::test_twice[2]",)
    assert len(failing.tests) == 2


def test_an_output_is_proven_by_the_test_that_saw_it(ran: Ledger) -> None:
    """An output that is no longer printed so makes its test fail, and is failing itself."""
    assert ran.output("git/note.good.out") is State.PROVEN
    assert ran.output("git/note.changed.out") is State.FAILING
    assert (ran.book.root / "snippets/git/note.changed.out").read_text() == "old\n"


def test_a_claim_is_decided_in_a_lab_only(ran: Ledger) -> None:
    """A marked test that used no lab has shown nothing on the real thing."""
    assert {name: ran.claim(name) for name in CLAIMS} == {
        "git-lab": State.PROVEN,
        "git-nolab": State.UNPROVEN,
        "git-alone": State.UNPROVEN,
        "git-failing": State.FAILING,
        "git-twice": State.FAILING,
    }


def test_python_is_proven_by_the_lines_that_worked(ran: Ledger) -> None:
    """A body or a statement that ran counts, in threads too; what is only defined or imported does not."""
    names = ("setup", "used", "unused", "method", "main", "imports")
    proven = {name for name in names if ran.region(f"git/pool.py:{name}") is State.PROVEN}
    assert proven == {"setup", "used", "method"}
    assert not list(ran.book.root.rglob("snippets/**/__pycache__"))


def test_a_mask_hides_only_what_varies_and_is_what_it_says() -> None:
    """Group 1 of each match becomes the token; a mask that matches nothing, or no such value, is an error."""
    seen = "pid 12 of 345, port 22\n"
    assert (
        masked(seen, {"pid": r"(?:pid|of) (\d+)", "port": r"port (\d+)"})
        == "pid <pid> of <pid>, port <port>\n"
    )
    assert masked(seen, {}) == seen
    with pytest.raises(AssertionError, match=r"the mask pid='gone \(.*' matches nothing in:"):
        masked(seen, {"pid": "gone ([0-9]+)"})
    with pytest.raises(AssertionError, match="'of' is no <pid>"):
        masked(seen, {"pid": "12 ([a-z]+)"})


def test_lines_that_work_are_told_from_those_that_define() -> None:
    """Of a module all but def, class, import and docstrings; of functions all but their docstrings."""
    source = '''"""Doc."""
import a
x = (
    1
)
@a.b
def f(y=1):
    """Doc."""
    import c
    if y:
        def g():
            return 2
    return g
class C:
    z = 3
    async def m(self):
        await x
with x:
    x
    def h(): return 1
try:
    import d
except E:
    pass
'''
    assert working_lines(source) == {3, 4, 5, 10, 11, 12, 13, 17, 19, 20, 24}


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """A book with two topics: two tests in one, one in the other; nothing proven yet, no output recorded."""
    test = "def test_{0}(snippet):\n    snippet.run_and_record('{0}')\n\n\n"
    write(
        tmp_path,
        {
            "docs/git/index.md": "---\nlab: git\n---\n",
            "docs/other-x/index.md": "---\nlab: git\n---\n",
            "snippets/git/note.sh": snippet_of({"one": "echo 1", "two": "echo 2"}),
            "snippets/other_x/more.sh": snippet_of({"three": "echo 3"}),
            "tests/git/test_note.py": test.format("one") + test.format("two"),
            "tests/other_x/test_more.py": test.format("three"),
            "tests/test_machinery.py": "def test_machinery():\n    pass\n",
        },
    )
    return tmp_path


def states(root: Path) -> dict[str, str]:
    """Return how everything stands by the kept proof."""
    ledger = Ledger(Book(root), load(root / "proof.json"))
    return {name: state.value for (_, name), state in ledger.everything.items()}


def test_prove_renews_what_ran_and_keeps_the_rest(root: Path) -> None:
    """Outputs are recorded and proofs carried over; a part of the tests renews its part; edits are seen."""
    done = run(root, "--prove")
    assert outcomes(done) == {"passed": 4}, done.stdout
    assert (root / "snippets/git/note.two.out").read_text() == "2\n"
    assert set(states(root).values()) == {"proven"}
    assert len(states(root)) == 6
    before = load(root / "proof.json")

    (root / "snippets/git/note.sh").write_text(snippet_of({"one": "echo one", "two": "echo 2"}))
    red = run(root, "--changed")
    assert outcomes(red) == {"failed": 1, "deselected": 3}, red.stdout
    assert "git/note.one.out is no longer what it prints (make prove renews it):" in red.stdout
    assert load(root / "proof.json") == before

    renewed = run(root, "--changed", "--prove")
    assert outcomes(renewed)["passed"] == 1, renewed.stdout
    assert (root / "snippets/git/note.one.out").read_text() == "one\n"
    after = load(root / "proof.json")
    assert set(states(root).values()) == {"proven"}
    assert after.of("regions", "git/note.sh:two") == before.of("regions", "git/note.sh:two")

    fresh = load(root / "build/proof.json")
    assert set(fresh.records["regions"]) == {"git/note.sh:one"}
    for workers in ("0", "2"):
        nothing = run(root, "--changed", "-n", workers)
        assert nothing.returncode == 0, nothing.stdout
    assert load(root / "build/proof.json") == fresh


WALKS = """
import pytest


def test_walk(walk, lab):
    assert walk.to("one").output == "1\\n"
    lab.machines["laptop"].run("touch", "between")
    walk.to("pid", pid="([0-9]+)")
    walk.to_the_end()


@pytest.mark.parametrize("page_path", ["git/note.md"])
def test_replay(page_path):
    raise AssertionError
"""
WALKED = {
    "docs/git/note.md": "\n".join(
        f'```bash\n--8<-- "git/note.sh:{name}"\n```\n\n```text\n--8<-- "git/note.{name}.out"\n```\n'
        for name in ("one", "two", "pid", "three")
    ),
    "snippets/git/note.sh": "# effect: reads\n"
    + snippet_of({"one": "echo 1", "two": "echo 2", "pid": "echo $$", "three": "echo 3"}),
    "tests/git/test_note.py": WALKS,
}


def test_a_test_may_walk_through_its_page(root: Path) -> None:
    """It takes the place of the replay, renews what the page shows, and proves blocks, outputs and the page."""
    write(root, WALKED)
    done = run(root, "--prove", "--topic", "git")
    assert outcomes(done) == {"passed": 1, "deselected": 3}, done.stdout
    assert (root / "snippets/git/note.pid.out").read_text() == "<pid>\n"
    told = states(root)
    assert {state for name, state in told.items() if name.startswith("git/")} == {"proven"}, told
    assert len(told) == 10
    again = run(root, "--topic", "git")
    assert outcomes(again) == {"passed": 1, "deselected": 3}, again.stdout

    (root / "snippets/git/note.two.out").write_text("3\n")
    red = run(root, "--topic", "git")
    assert "git/note.two.out is no longer what it prints" in red.stdout


def test_a_walk_that_stops_half_way_proves_no_page(root: Path) -> None:
    """What came before is proven, the page is not; and nobody walks backwards."""
    write(root, {**WALKED, "tests/git/test_note.py": WALKS.replace("    walk.to_the_end()\n", "")})
    run(root, "--prove", "--topic", "git")
    told = states(root)
    assert told["git/note.sh:two"] == "proven"
    assert {told["git/note.sh:three"], told["git/note.md"]} == {"unproven"}
    write(root, {"tests/git/test_note.py": WALKS.replace("walk.to_the_end()", 'walk.to("one")')})
    back = run(root, "--prove", "--topic", "git")
    assert "git/note.sh:one is not ahead" in back.stdout


def test_a_run_without_a_result_is_no_success(root: Path) -> None:
    """Only --changed may find nothing to do; a misspelt topic is an error."""
    assert run(root, "--topic", "gti").returncode == pytest.ExitCode.NO_TESTS_COLLECTED
    assert not (root / "build").exists()


def test_a_topic_is_run_alone(root: Path) -> None:
    """--topic keeps the tests of that folder, and only those."""
    done = run(root, "--topic", "other_x", "--collect-only", "-q")
    assert [line for line in done.stdout.splitlines() if "::" in line] == [
        "tests/other_x/test_more.py::test_three"
    ]


def test_a_mark_that_disagrees_with_its_claim_is_an_error(root: Path) -> None:
    """A test decides a claim that is there, and says the verdict that readers see; with workers too it says why not."""
    (root / "snippets/git/claims.yaml").write_text(claims_of({"git-x": "holds"}))
    marks = ("'git-x', 'wrong'", "'git-x'", "'git-y', 'holds'")
    tests = [f"@pytest.mark.claim({mark})\ndef test_{n}(lab):\n    pass\n" for n, mark in enumerate(marks)]
    (root / "tests/git/test_note.py").write_text("\n\n".join(["import pytest", *tests]))
    done = run(root, "-n", "2", "tests/git")
    assert outcomes(done) == {"error": 3}, done.stdout
    assert "the test decides git-x as 'wrong', claims.yaml says 'holds'\n" in done.stdout
    assert "the test decides git-x as None, claims.yaml says 'holds'\n" in done.stdout
    assert "no claims.yaml has the claim 'git-y'\n" in done.stdout
    assert load(root / "build/proof.json").records["claims"] == {}


def test_where_everything_is_required_no_skip_passes(root: Path) -> None:
    """With OPSBOOK_REQUIRE=all a skip, an xfail and the skip of a whole file are failures."""
    tests = {
        "test_skip.py": "import pytest\ndef test_skip():\n    pytest.skip('why one')\n",
        "test_mark.py": "import pytest\n@pytest.mark.skip(reason='why two')\ndef test_mark():\n    pass\n",
        "test_xfail.py": "import pytest\n@pytest.mark.xfail(reason='why three')\ndef test_x():\n    assert 0\n",
    }
    shutil.rmtree(root / "tests")
    write(root, {f"tests/git/{name}": text for name, text in tests.items()})
    done = run(root, "-n", "2", OPSBOOK_REQUIRE="all")
    assert outcomes(done) == {"failed": 2, "error": 1}, done.stdout
    assert done.stdout.count("OPSBOOK_REQUIRE=all allows no skip") >= 3
    assert "why one" in done.stdout

    write(
        root, {"tests/git/test_file.py": "import pytest\npytest.skip('why four', allow_module_level=True)\n"}
    )
    done = run(root, "-n", "2", "tests/git/test_file.py", OPSBOOK_REQUIRE="all")
    assert done.returncode not in {0, pytest.ExitCode.NO_TESTS_COLLECTED}
    assert "why four" in done.stdout


def test_a_missing_component_skips_and_is_named(root: Path) -> None:
    """Without bubblewrap tests skip, the summary names the package once; where all is required they fail."""
    programs = root / "bin"
    programs.mkdir()
    for name in ("git", "unshare", "nsenter", "ip", "tar", "env", "cat"):
        (programs / name).symlink_to(str(shutil.which(name)))
    done = run(root, PATH=str(programs))
    assert done.returncode == 0
    assert outcomes(done) == {"passed": 1, "skipped": 3}, done.stdout
    assert "3 tests not proven here: bwrap is not installed (apt-get install bubblewrap)\n" in done.stdout
    done = run(root, "tests/git", PATH=str(programs), OPSBOOK_REQUIRE="all")
    assert outcomes(done) == {"error": 2}, done.stdout
    assert "bwrap is not installed (apt-get install bubblewrap)" in done.stdout


def test_a_damaged_proof_stops_the_run_at_once(root: Path) -> None:
    """One clear line before the first test, not a traceback after the last."""
    (root / "proof.json").write_text('{"half": ')
    done = run(root, "--prove")
    assert done.returncode == pytest.ExitCode.USAGE_ERROR
    assert "proof.json is damaged" in done.stderr
    assert "Traceback" not in done.stderr + done.stdout


def test_another_platform_s_recording_is_no_failure(root: Path) -> None:
    """What was recorded elsewhere and differs here is not proven here; what is the same is."""
    proof = Proof()
    for name in ("one", "two"):
        proof.add("outputs", f"git/note.{name}.out", "elsewhere-1", Record("x", {}, {}, "2026-11-20"))
    (root / "proof.json").write_text(proof.dump())
    write(root, {"snippets/git/note.one.out": "uno\n", "snippets/git/note.two.out": "2\n"})
    done = run(root, "tests/git")
    assert outcomes(done) == {"passed": 1, "skipped": 1}, done.stdout
    assert "git/note.one.out was recorded on elsewhere-1 and differs on" in done.stdout
