"""The book, its proof and CI: what is broken, unproven, old or unplugged keeps the site from being published."""

import json
from dataclasses import asdict, replace
from datetime import timedelta

import pytest

from opsbook.book import Book
from opsbook.gate import inspect
from opsbook.proof import Ledger, Proof

from .conftest import CLIENT, TEST, TODAY, TinyBook

SNIPPET, PAGE, TESTS = "snippets/ssh/keep_alive.sh", "docs/ssh/keep-alive.md", "tests/ssh/test_keep_alive.py"
CLAIMS, OUTPUT = "snippets/ssh/claims.yaml", "snippets/ssh/keep_alive.client.out"
BROKEN = {
    "region-never-closed": (SNIPPET, "# --8<-- [end:client]\n", "", "is never closed"),
    "region-doubled": (SNIPPET, "[start:reboot]", "[start:client]", "is there twice"),
    "region-malformed": (SNIPPET, "--8<-- [end:client]", "--8< [end client]", "malformed"),
    "region-empty": (SNIPPET, "ssh web sudo reboot\n", "\n", "is empty"),
    "snippet-on-no-page": (PAGE, "keep_alive.sh:reboot", "keep_alive.sh:client", "is on no page"),
    "typed-fence": (PAGE, '--8<-- "ssh/keep_alive.sh:client"', "ls", "a typed block"),
    "changed-snippet": (SNIPPET, "=60", "=61", "region ssh/keep_alive.sh:client is changed"),
    "changed-output": (OUTPUT, "running", "ran", "output ssh/keep_alive.client.out is changed"),
    "changed-claim": (CLAIMS, "still ends", "ends", "claim ssh-idle is changed"),
    "changed-page": (
        PAGE,
        "keep_alive.client.out",
        "keep_alive.sh:client",
        "replay ssh/keep-alive.md is changed",
    ),
    "emptied-test": (TESTS, "assert True", "pass", "is changed"),
    "renamed-test": (TESTS, "test_client", "test_server", "is changed"),
    "not-run-without-reason": (SNIPPET, "# not-run: it would restart your machine\n", "", "is unproven"),
}


@pytest.mark.parametrize(("path", "old", "new", "what"), BROKEN.values(), ids=BROKEN)
def test_broken_books_are_found(book: TinyBook, path: str, old: str, new: str, what: str) -> None:
    """A file that is malformed, or was changed after the proof, is a finding at its place in the book."""
    proof = book.prove().proof
    book.edit(path, old, new)
    findings = book.inspect(Ledger(Book(book.root), proof))
    found = [finding for finding in findings if what in finding.what]
    assert found, findings
    assert (book.root / found[0].page).is_file()
    assert found[0].line >= 1
    assert found[0].do


def test_what_no_test_shows_is_found(book: TinyBook) -> None:
    """Without proof each region, output, claim and replay is a finding; a region with its reason is none."""
    whats = {f.what for f in book.inspect(Ledger(Book(book.root), Proof()))}
    things = ("region ssh/keep_alive.sh:client", "output ssh/keep_alive.client.out", "claim ssh-idle")
    assert {f"{thing} is unproven" for thing in (*things, "replay ssh/keep-alive.md")} <= whats
    assert "a block that is unproven" in whats
    assert not any("reboot" in what for what in whats)


def test_what_a_test_showed_false_is_found(book: TinyBook) -> None:
    """A failing test turns all that it ran into findings, whatever the built badges say."""
    whats = {f.what for f in book.inspect(book.prove(failing=(TEST,)))}
    assert {"region ssh/keep_alive.sh:client is failing", "a block that is failing"} <= whats
    assert any("does not visibly say 'failing'" in what for what in whats)


def test_a_changed_claim_is_found_where_it_begins(book: TinyBook) -> None:
    """A finding about a claim names the line of claims.yaml where the claim begins."""
    proof = book.prove().proof
    book.write(CLAIMS, "# what people say\n" + (book.root / CLAIMS).read_text().replace("never", "seldom"))
    findings = book.inspect(Ledger(Book(book.root), proof))
    assert [(f.page, f.line) for f in findings if f.what == "claim ssh-idle is changed"] == [(CLAIMS, 2)]


@pytest.mark.parametrize(("days", "found"), [(-1, True), (0, False), (30, False), (31, True)])
def test_proof_of_another_time_is_found(book: TinyBook, days: int, found: bool) -> None:
    """Proof may be as old as the limit and no older, and not of a day to come."""
    ledger = book.prove(str(TODAY - timedelta(days=days)))
    assert any("the proof of ssh-idle on debian-12 is of" in f.what for f in book.inspect(ledger)) is found


def test_proof_of_no_day_is_found(book: TinyBook) -> None:
    """A date that is none is a finding even where age has no limit."""
    findings = inspect(book.site, book.prove("yesterday"), max_age=None, today=TODAY)
    assert any("is of yesterday" in f.what for f in findings)


def test_without_a_limit_old_proof_passes(book: TinyBook) -> None:
    """Old proof is fine where no limit was asked for."""
    ledger = book.prove("2020-01-01")
    book.edit("site/ssh/keep-alive/index.html", "2026-11-18", "2020-01-01")
    assert inspect(book.site, ledger, max_age=None, today=TODAY) == []


def test_findings_are_sorted_and_fit_for_json(book: TinyBook) -> None:
    """Findings come in the same order each time and are plain data."""
    book.add("<pre>b</pre><pre>a</pre>")
    ledger = Ledger(Book(book.root), Proof())
    findings = book.inspect(ledger)
    assert findings == sorted(findings) == book.inspect(ledger)
    assert json.loads(json.dumps([asdict(f) for f in findings]))[0].keys() == {
        "page",
        "line",
        "what",
        "nearest",
        "do",
    }
    assert "; nearest:" not in str(replace(findings[0], nearest=""))


SCRIPT, FLOW = ".ci/run", ".github/workflows/ci.yml"
UNPLUGGED = {
    "no-tests": (SCRIPT, "OPSBOOK_REQUIRE=all make test\n", "", "tests or gate are not run"),
    "tests-as-comment": (
        SCRIPT,
        "OPSBOOK_REQUIRE=all make",
        "# OPSBOOK_REQUIRE=all make",
        "tests or gate are not run",
    ),
    "tests-as-words": (SCRIPT, "all make", "all\necho make", "tests or gate are not run"),
    "tests-in-a-pipe": (SCRIPT, "make test", "make test | tee log", "tests or gate are not run"),
    "tests-in-the-background": (SCRIPT, "make test", "make test &", "tests or gate are not run"),
    "skips-allowed": (SCRIPT, "OPSBOOK_REQUIRE=all ", "", "tests or gate are not run"),
    "no-gate": (SCRIPT, "make site\n", "", "tests or gate are not run"),
    "goes-on": (SCRIPT, "set -eu\n", "", "it goes on after a failure"),
    "or-true": (SCRIPT, "make site", "make site || true", "a failure is swallowed: || true"),
    "set-plus-e": (SCRIPT, "make site", "set +e\nmake site", "a failure is swallowed: set +e"),
    "workflow-without-run": (FLOW, "run: .ci/run", "run: ls", "no workflow runs tests and gate"),
    "workflow-echoes": (FLOW, "run: .ci/run", "run: echo .ci/run", "no workflow runs tests and gate"),
    "workflow-with-conditional-job": (
        FLOW,
        "debian:\n",
        "debian:\n    if: github.actor == 'x'\n",
        "no workflow",
    ),
    "workflow-with-conditional-step": (
        FLOW,
        "- run",
        "- if: github.actor == 'x'\n        run",
        "no workflow runs",
    ),
    "workflow-without-jobs": (FLOW, "jobs:", "jobs:\nx:", "no workflow runs tests and gate"),
    "workflow-not-on-push": (FLOW, "  push:\n", "", "no workflow runs tests and gate"),
    "workflow-not-on-pull-requests": (FLOW, "  pull_request:\n", "", "no workflow runs tests and gate"),
    "workflow-for-some-pull-requests": (
        FLOW,
        "pull_request:",
        "pull_request: {branches: [x]}",
        "no workflow runs",
    ),
    "workflow-deploys-unguarded": (FLOW, "    needs: debian\n", "", "no workflow runs tests and gate"),
    "workflow-deploys-always": (FLOW, "if: github.ref", "if: always() || github.ref", "no workflow runs"),
    "workflow-filters-paths": (
        FLOW,
        "push:",
        "push: {paths: [examples/**]}",
        "paths: ['examples/**'] unplugs it",
    ),
    "workflow-goes-on": (
        FLOW,
        "debian:\n",
        "debian:\n    continue-on-error: true\n",
        "continue-on-error: True",
    ),
    "workflow-step-goes-on": (
        FLOW,
        "- run",
        "- continue-on-error: true\n        run",
        "continue-on-error: True",
    ),
    "workflow-off": (FLOW, "debian:\n", "debian:\n    if: false\n", "if: False unplugs it"),
    "workflow-off-by-expression": (
        FLOW,
        "debian:\n",
        "debian:\n    if: ${{ false }}\n",
        "if: ${{ false }} unplugs",
    ),
    "workflow-or-true": (FLOW, ".ci/run", ".ci/run || true", "a failure is swallowed: || true"),
    "site-without-gate": ("Makefile", "\t@opsbook gate site\n", "", "no recipe runs the gate"),
    "gate-as-words": ("Makefile", "@opsbook", "@echo opsbook", "no recipe runs the gate"),
    "gate-ignored": ("Makefile", "@opsbook", "-@opsbook", "no recipe runs the gate"),
    "gate-swallowed": ("Makefile", "gate site", "gate site || :", "no recipe runs the gate"),
}


@pytest.mark.parametrize(("path", "old", "new", "what"), UNPLUGGED.values(), ids=UNPLUGGED)
def test_unplugged_ci_is_found(guarded: TinyBook, path: str, old: str, new: str, what: str) -> None:
    """CI that no longer runs all tests and the gate, or lets them fail, is a finding in its file."""
    guarded.edit(path, old, new)
    found = [finding for finding in guarded.inspect() if what in finding.what]
    assert found, guarded.inspect()
    assert path.startswith(found[0].page)


def test_a_workflow_that_was_renamed_away_is_found(guarded: TinyBook) -> None:
    """A folder of workflows of which none runs is a finding."""
    (guarded.root / FLOW).rename(guarded.root / f"{FLOW}.disabled")
    assert [f.page for f in guarded.inspect()] == [".github/workflows"]


def test_a_workflow_may_call_the_targets_itself(guarded: TinyBook) -> None:
    """Tests with nothing skipped and then the gated site are as good as .ci/run."""
    (guarded.root / SCRIPT).unlink()
    guarded.edit(
        FLOW,
        "- run: .ci/run",
        "- run: make test\n        env: {OPSBOOK_REQUIRE: all}\n      - run: make site",
    )
    assert guarded.inspect() == []
    good = (guarded.root / FLOW).read_text()
    for part in ("OPSBOOK_REQUIRE: all", "make test", "make site"):
        guarded.write(FLOW, good.replace(part, "ls"))
        assert [f.page for f in guarded.inspect()] == [".github/workflows"]


def test_a_workflow_that_is_no_yaml_is_found(guarded: TinyBook) -> None:
    """A workflow that GitHub could not read guards nothing."""
    guarded.write(FLOW, "on: [push\n")
    assert [f.page for f in guarded.inspect()] == [".github/workflows"]


HONEST_CI = {
    "as-it-is": ("on:", "on:"),
    "events-as-list": ("on:\n  push:\n  pull_request:\n", "on: [push, pull_request]\n"),
    "push-to-one-branch": ("push:", "push: {branches: [main]}"),
    "needs-as-list": ("needs: debian", "needs: [debian]"),
    "failures-count": ("debian:\n", "debian:\n    continue-on-error: false\n"),
    "a-job-elsewhere": ("jobs:\n", "jobs:\n  more:\n    uses: ./.github/workflows/more.yml\n"),
}


@pytest.mark.parametrize(("old", "new"), HONEST_CI.values(), ids=HONEST_CI)
def test_an_honest_ci_passes(guarded: TinyBook, old: str, new: str) -> None:
    """Tests and gate on each push and pull request, and before each deploy, give no finding."""
    guarded.edit(FLOW, old, new)
    assert guarded.inspect() == []


def test_a_workflow_of_a_script_that_is_gone_is_found(guarded: TinyBook) -> None:
    """A workflow that calls .ci/run where there is none guards nothing."""
    (guarded.root / SCRIPT).unlink()
    assert [f.page for f in guarded.inspect()] == [".github/workflows"]


def test_the_code_of_the_canaries_is_the_books(book: TinyBook) -> None:
    """The block that canaries break is what the snippet says, so that they break what they mean to."""
    assert book.prove().book.regions["ssh/keep_alive.sh:client"].code == CLIENT
