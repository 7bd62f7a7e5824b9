"""The feed of what changed: pages and verdicts from a real git history."""

import os
import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from lxml import etree

from opsbook.cli import main

from .tiny import FILES, make_book

CLAIMS, PAGE = "snippets/git/claims.yaml", "docs/git/note.md"
NAMES = {"a": "http://www.w3.org/2005/Atom"}


def git(root: Path, *words: str, day: str = "") -> None:
    """Run git as somebody far east of Greenwich."""
    who = {f"GIT_{role}_{what}": "x@test" for role in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}
    when = (
        {"GIT_COMMITTER_DATE": f"{day}T05:00:00+0900", "GIT_AUTHOR_DATE": "2001-01-01T00:00:00Z"}
        if day
        else {}
    )
    quiet = {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null"}
    subprocess.run(["git", "-C", str(root), *words], env={**os.environ, **who, **when, **quiet}, check=True)


def commit(root: Path, day: str, **changes: str) -> None:
    """Write the book with `changes` and commit all of it."""
    make_book(
        root,
        {{"page": PAGE, "claims": CLAIMS, "other": "docs/git/other.md"}[k]: v for k, v in changes.items()},
    )
    git(root, "add", "-A")
    git(root, "commit", "-q", "-m", "x", day=day)


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A book whose page came on the 2nd, whose verdict changed on the 4th, and which got a page more on the 6th."""
    root = tmp_path / "book"
    root.mkdir()
    git(root, "init", "-q")
    commit(root, "2026-01-02")
    commit(root, "2026-01-03", page=FILES[PAGE].replace("Do this", "Do that"))
    commit(root, "2026-01-04", claims=FILES[CLAIMS].replace("holds", "unsafe"))
    changed = FILES[CLAIMS].replace("holds", "unsafe").replace("They are", "They are & were")
    commit(root, "2026-01-05", claims=changed)
    other = FILES[PAGE].replace("# Note something", "# <Other> note").replace("[[claims: git/note]]", "")
    commit(root, "2026-01-06", claims=changed, other=other)
    return root


def feed_of(root: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[etree._Element, str]:
    """Return the feed that `opsbook feed` makes, and what it says."""
    (root / "site").mkdir()
    monkeypatch.chdir(root)
    # main() takes these over for good, which is right for a command and wrong for a session of tests.
    monkeypatch.setattr("opsbook.cli.end_on_signals", lambda: None)
    done = CliRunner().invoke(main, ["feed", "site"])
    assert done.exit_code == 0, done.output
    return etree.fromstring((root / "site/feed.xml").read_bytes()), done.output


def told(feed: etree._Element) -> list[tuple[str | None, str | None, str]]:
    """Return of each entry its title, time and link."""
    entries = feed.findall("a:entry", NAMES)
    links = [entry.find("a:link", NAMES) for entry in entries]
    return [
        (
            entry.findtext("a:title", None, NAMES),
            entry.findtext("a:updated", None, NAMES),
            link.attrib["href"],
        )
        for entry, link in zip(entries, links, strict=True)
        if link is not None
    ]


def test_new_pages_and_changed_verdicts_are_told(history: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The newest first, at the time of their commits; edits of words, lists and claims that stay as they were are no news."""
    feed, said = feed_of(history, monkeypatch)
    assert said == ""
    assert told(feed) == [
        ("<Other> note", "2026-01-05T20:00:00+00:00", "git/other/"),
        ("Note something: now unsafe", "2026-01-03T20:00:00+00:00", "git/note/#claim-git-note"),
        ("Note something", "2026-01-01T20:00:00+00:00", "git/note/"),
    ]
    # RFC 4287, 4.1.1 and 4.1.2: what a feed and an entry must have
    for element in [feed, *feed.findall("a:entry", NAMES)]:
        for name in ("id", "title", "updated"):
            assert len(element.findall(f"a:{name}", NAMES)) == 1
    assert feed.findtext("a:updated", None, NAMES) == "2026-01-05T20:00:00+00:00"
    assert feed.findtext("a:author/a:name", None, NAMES) == "Opsbook"
    ids = [each.text for each in feed.iter("{http://www.w3.org/2005/Atom}id")]
    assert len(set(ids)) == 4
    summary = feed.findall("a:entry", NAMES)[1].findtext("a:summary", None, NAMES)
    assert summary == "The verdict was holds, and is unsafe since. People say: Notes are short."


def test_a_shallow_clone_says_what_it_lacks(
    history: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What came in with the first commit of a shallow clone is not taken for new, and the day is named."""
    git(tmp_path, "clone", "-q", "--depth=2", f"file://{history}", "shallow")
    feed, said = feed_of(tmp_path / "shallow", monkeypatch)
    assert [title for title, _, _ in told(feed)] == ["<Other> note"]
    assert "nothing before 2026-01-05: this clone is shallow" in said


def test_without_a_history_the_feed_is_empty_and_valid(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A book that was unpacked from an archive builds too; the command says why nothing is in the feed."""
    make_book(tmp_path)
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(tmp_path.parent))
    feed, said = feed_of(tmp_path, monkeypatch)
    assert told(feed) == []
    assert "for want of a git history" in said
    assert feed.findtext("a:updated", None, NAMES)
