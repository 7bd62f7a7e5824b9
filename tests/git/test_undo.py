"""Undo in git, by situation."""

import re

import pytest

from opsbook.book import Book
from opsbook.labs.git import GitLab
from opsbook.pytest_plugin import Snippet

PROJECT = "/home/alice/project"


def git(lab: GitLab, *words: str, exit_code: int = 0) -> str:
    """Run git in the reader's clone, hold it to its exit code, and return all that it printed."""
    done = lab.laptop.run("git", "-C", PROJECT, *words, check=False)
    assert done.returncode == exit_code, done
    return (done.stdout + done.stderr).strip()


def text(lab: GitLab, file: str) -> str:
    """Return what a file of the reader's clone holds now."""
    return lab.laptop.read(f"{PROJECT}/{file}")


def append(lab: GitLab, line: str, file: str) -> None:
    """Add a line to a file of the reader's clone, as an editor would."""
    lab.laptop.run("sh", "-c", 'echo "$1" >>"$2"', "append", line, f"{PROJECT}/{file}")


def test_the_page_from_top_to_bottom(snippet: Snippet, lab: GitLab) -> None:
    """Each situation of the table is made, and its command leads out of it."""
    snippet.run("situation")
    snippet.run_and_record("look")
    snippet.run_and_record("message")
    assert git(lab, "log", "-1", "--format=%s") == "Say bye"
    said = git(lab, "rev-parse", "HEAD")

    snippet.run_and_record("soft")
    assert git(lab, "log", "-1", "--format=%s") == "Add app"
    assert "bye" in text(lab, "app.py")
    snippet.run("soft-back")
    assert git(lab, "status", "--short") == "M README.md"
    snippet.run_and_record("keep")
    assert "bye" not in text(lab, "app.py")
    snippet.run_and_record("back")
    assert git(lab, "rev-parse", "HEAD") == said
    snippet.run_and_record("wrong-branch")
    assert git(lab, "rev-parse", "bye", "main").splitlines() == [said, git(lab, "rev-parse", "origin/main")]
    snippet.run("on-main-again")
    snippet.run_and_record("forgotten")
    assert git(lab, "show", "--name-only", "--format=%s", "HEAD").split() == [
        "Say",
        "bye",
        "README.md",
        "app.py",
    ]
    assert git(lab, "rev-list", "--count", "origin/main..main") == "1"

    snippet.run("dirty")
    snippet.run_and_record("unstage")
    assert git(lab, "status", "--short") == "M README.md"
    snippet.run("discard")
    assert text(lab, "README.md") == "# project\nDraft\n"
    snippet.run_and_record("older")
    assert text(lab, "app.py") == 'print("hello")\n'
    snippet.run("not-older")
    assert git(lab, "status", "--short") == ""

    snippet.run("push")
    snippet.run_and_record("revert")
    assert git(lab, "diff", "--stat", "HEAD~2") == ""
    assert git(lab, "rev-parse", "origin/main") == git(lab, "rev-parse", "main")

    snippet.run("two-branches")
    before = git(lab, "rev-parse", "main")
    snippet.run("merge")
    snippet.run_and_record("merge-abort")
    snippet.run("rebase")
    snippet.run_and_record("rebase-abort")
    assert git(lab, "rev-parse", "HEAD", "main").splitlines() == [before, before]
    snippet.run("merge-notes")
    assert len(git(lab, "log", "-1", "--format=%P").split()) == 2
    snippet.run_and_record("unmerge")
    assert git(lab, "rev-parse", "main") == before

    snippet.run("push-merge")
    snippet.run_and_record("revert-refused")
    snippet.run_and_record("revert-merge")
    assert git(lab, "diff", "--stat", before) == ""
    snippet.run("edit-same-file")
    snippet.run_and_record("keep-refused")
    assert text(lab, "app.py").startswith("# greets\n")
    snippet.run_and_record("stash")
    assert text(lab, "app.py") == '# greets\nprint("good day")\n'
    snippet.run("new-file")
    snippet.run_and_record("clean-refused")
    snippet.run_and_record("would-clean")
    snippet.run_and_record("clean")
    assert git(lab, "status", "--short") == "M app.py"
    snippet.run("before-hard")
    snippet.run_and_record("hard")
    assert "hour" not in text(lab, "README.md")


def test_each_command_of_the_table_is_a_line_of_a_block(book: Book) -> None:
    """What the table tells to type stands as a whole line in a block of the same page."""
    page = book.pages["git/undo.md"]
    rows = [line for line in page.text.splitlines() if line.startswith("| [")]
    lines = {
        line
        for name in page.includes
        if name in book.regions
        for line in book.regions[name].code.splitlines()
    }
    told = {command for row in rows for command in re.findall(r"`(.+?)`", row.split("|")[2])}
    assert len(rows) == 14
    assert told <= lines


def test_after_what_is_not_safe_the_next_plain_push_is_rejected(snippet: Snippet, lab: GitLab) -> None:
    """Each command that the table calls unsafe after push moves the branch away from what was pushed."""
    snippet.run("situation")
    snippet.run("push")
    for region in "message", "forgotten", "soft", "keep", "wrong-branch":
        snippet.run(region)
        assert "non-fast-forward" in git(lab, "push", exit_code=1)
        git(lab, "reset", "--hard", "origin/main")
        append(lab, "Draft", "README.md")


def test_after_what_is_safe_the_next_plain_push_goes_through(snippet: Snippet, lab: GitLab) -> None:
    """Each command that the table calls safe after push leaves the branch where a push is taken."""
    snippet.run("situation")
    snippet.run("push")
    for region in "unstage", "discard", "older", "not-older", "clean", "revert":
        snippet.run(region)
        assert "rejected" not in git(lab, "push")


def test_aborts_and_reverts_leave_a_pushed_branch_pushable_and_an_undone_merge_does_not(
    snippet: Snippet, lab: GitLab
) -> None:
    """Of the ways out of a merge only the reset that takes a pushed one away gets the next push rejected."""
    snippet.run("situation")
    git(lab, "stash", "--quiet")
    snippet.run("two-branches")
    for stop, out in ("merge", "merge-abort"), ("rebase", "rebase-abort"):
        snippet.run(stop)
        snippet.run(out)
        assert "rejected" not in git(lab, "push")
    snippet.run("merge-notes")
    git(lab, "push")
    snippet.run("unmerge")
    assert "non-fast-forward" in git(lab, "push", exit_code=1)
    git(lab, "reset", "--keep", "ORIG_HEAD")
    git(lab, "stash", "pop", "--quiet")
    snippet.run("revert-merge")
    assert "Draft" in text(lab, "README.md")
    assert "rejected" not in git(lab, "push")


@pytest.mark.parametrize(
    ("region", "kept"),
    [
        ("message", True),
        ("soft", True),
        ("keep", True),
        ("wrong-branch", True),
        ("unstage", True),
        ("discard", False),
        ("revert", True),
        ("hard", False),
    ],
)
def test_edits_stay_or_go(snippet: Snippet, lab: GitLab, region: str, kept: bool) -> None:
    """An edit in another file than the commit's is still there afterwards, or gone, as the page says."""
    snippet.run("situation")
    snippet.run(region)
    assert ("Draft" in text(lab, "README.md")) is kept


def test_commands_that_need_the_file_refuse_to_lose_an_edit_in_it(snippet: Snippet, lab: GitLab) -> None:
    """Both reset --keep and revert stop, and the edit is still there, when the commit changed the same file."""
    snippet.run("situation")
    append(lab, "# edit", "app.py")
    snippet.run("keep-refused")
    refused = git(lab, "revert", "--no-edit", "HEAD", exit_code=128)
    assert "Your local changes to the following files would be overwritten by merge" in refused
    assert text(lab, "app.py").endswith("# edit\n")


def test_an_aborted_merge_keeps_older_edits_and_a_rebase_starts_without_any(
    snippet: Snippet, lab: GitLab
) -> None:
    """The edit that was there before the merge is there after its abort; a rebase does not even begin."""
    snippet.run("situation")
    git(lab, "stash", "--quiet")
    snippet.run("two-branches")
    git(lab, "stash", "pop", "--quiet")
    snippet.run("merge")
    snippet.run("merge-abort")
    assert "Draft" in text(lab, "README.md")
    assert "You have unstaged changes" in git(lab, "rebase", "hi", exit_code=1)
    assert "Draft" in text(lab, "README.md")


def test_a_reverted_merge_counts_as_merged(snippet: Snippet, lab: GitLab) -> None:
    """Merged again after its revert, the branch brings nothing; with the revert reverted its work is back."""
    snippet.run("situation")
    git(lab, "commit", "--quiet", "-am", "Draft")
    snippet.run("merge-notes")
    snippet.run("revert-merge")
    assert "Already up to date" in git(lab, "merge", "notes")
    assert "notes.txt" not in lab.laptop.run("ls", PROJECT).stdout
    git(lab, "revert", "--no-edit", "HEAD")
    assert text(lab, "notes.txt") == "Ask Bob\n"


@pytest.mark.claim("git-reset-soft-head1", "holds")
def test_a_soft_reset_leaves_the_commits_changes_staged(snippet: Snippet, lab: GitLab) -> None:
    """The commit is gone, its change is staged, and ORIG_HEAD takes the step back."""
    snippet.run("situation")
    tip = git(lab, "rev-parse", "HEAD")
    snippet.run("soft")
    assert git(lab, "status", "--short").splitlines() == ["M README.md", "M  app.py"]
    assert git(lab, "rev-parse", "HEAD") != tip
    snippet.run("soft-back")
    assert git(lab, "rev-parse", "HEAD") == tip


@pytest.mark.claim("git-reset-hard-to-undo-last", "unsafe")
def test_a_hard_reset_also_throws_away_edits(snippet: Snippet, lab: GitLab) -> None:
    """The edit is in no file and no object afterwards; --keep drops the commit and leaves the edit."""
    snippet.run("situation")
    snippet.run("keep")
    assert "Draft" in text(lab, "README.md")
    snippet.run("back")
    snippet.run("hard")
    assert text(lab, "README.md") == "# project\n"
    blobs = [line.split()[2] for line in git(lab, "fsck", "--lost-found").splitlines() if " blob " in line]
    assert not any("Draft" in git(lab, "cat-file", "-p", blob) for blob in blobs)
    assert "Draft" not in git(lab, "log", "--all", "--reflog", "--patch")
