"""Get back lost commits, branches, stashes and edits."""

import time

import pytest

from opsbook.labs.git import GitLab
from opsbook.pytest_plugin import Snippet

PROJECT = "/home/alice/project"
DAY = 24 * 60 * 60


def git(lab: GitLab, *words: str, exit_code: int = 0) -> str:
    """Run git in the reader's clone, hold it to its exit code, and return all that it printed."""
    done = lab.laptop.run("git", "-C", PROJECT, *words, check=False)
    assert done.returncode == exit_code, done
    return (done.stdout + done.stderr).strip()


def commit(lab: GitLab, file: str, days_ago: int = 0) -> str:
    """Commit a new file as of `days_ago`, its reflog line too, and return the commit's name."""
    lab.laptop.run("touch", f"{PROJECT}/{file}")
    git(lab, "add", file)
    when = f"GIT_COMMITTER_DATE=@{int(time.time()) - days_ago * DAY} +0000"
    lab.laptop.run("env", "-C", PROJECT, when, "git", "commit", "--quiet", "-m", f"Add {file}")
    return git(lab, "rev-parse", "HEAD")


def test_the_page_from_top_to_bottom(snippet: Snippet, lab: GitLab) -> None:
    """Each loss is made and taken back, and what cannot be taken back is shown to be gone."""
    snippet.run("lose-commits")
    assert git(lab, "log", "-1", "--format=%s") == "Add app"
    snippet.run_and_record("reflog")
    snippet.run("reset")
    snippet.run_and_record("check")
    assert git(lab, "log", "-1", "--format=%s") == "Print two"
    assert 'print("two")' in lab.laptop.read(f"{PROJECT}/app.py")
    snippet.run("undo")

    snippet.run("lose-branch")
    assert git(lab, "branch", "--list", "report") == ""
    snippet.run_and_record("find-branch")
    snippet.run_and_record("branch")
    assert git(lab, "show", "report:report.txt") == "total: 3"

    snippet.run("lose-stash")
    assert git(lab, "stash", "list") == ""
    snippet.run_and_record("find-stash")
    snippet.run_and_record("stash")
    assert 'print("draft")' in lab.laptop.read(f"{PROJECT}/app.py")

    snippet.run("lose-by-rebase")
    assert git(lab, "show", "report:report.txt") == "total: 3"
    snippet.run_and_record("find-rebase")
    assert git(lab, "rev-parse", "report@{1}") == git(lab, "rev-parse", "ORIG_HEAD")
    snippet.run_and_record("rebase")
    assert git(lab, "show", "report:report.txt") == "total: 4"

    snippet.run("lose-edits")
    assert git(lab, "status", "--short") == ""
    found = snippet.run_and_record("find-edits")
    assert "never staged" not in found.output
    snippet.run_and_record("edits")
    assert "offline: staged" in lab.laptop.read(f"{PROJECT}/report.txt")
    assert "offline" not in lab.laptop.read(f"{PROJECT}/README.md")

    snippet.run_and_record("other-clone")
    snippet.run_and_record("colleague")
    snippet.run_and_record("this-clone")
    snippet.run("lose-for-good")
    snippet.run_and_record("gone")
    snippet.run("keep-longer")
    snippet.run("lose-again")
    assert git(lab, "branch", "--list", "report") == ""
    snippet.run_and_record("kept")


@pytest.mark.claim("git-reflog-recover-hard-reset", "holds")
def test_a_hard_reset_is_taken_back_by_the_reflog(snippet: Snippet, lab: GitLab) -> None:
    """The commit that the reflog names can be reset to, and files and branch are as before."""
    snippet.run("lose-commits")
    lost = git(lab, "reflog").splitlines()[1].split()[0]
    assert "one" not in lab.laptop.read(f"{PROJECT}/app.py")
    git(lab, "reset", "--hard", lost)
    assert git(lab, "log", "--format=%s", "-2") == "Print two\nPrint one"
    assert lab.laptop.read(f"{PROJECT}/app.py") == 'print("hello")\nprint("one")\nprint("two")\n'


@pytest.mark.claim("git-everything-is-kept", "incomplete")
def test_what_is_kept_ends_with_time_with_the_clone_and_with_the_commit(lab: GitLab) -> None:
    """A lost commit goes with its reflog line, another clone never had it, and an edit was never in it."""
    lost = commit(lab, "lost")
    lab.laptop.run("sh", "-c", f"echo edited >>{PROJECT}/README.md")
    git(lab, "reset", "--hard", "HEAD~1")
    assert "edited" not in lab.laptop.read(f"{PROJECT}/README.md")
    assert "edited" not in git(lab, "log", "--all", "--reflog", "--patch")
    git(lab, "gc", "--quiet", "--prune=now")
    assert git(lab, "cat-file", "-t", lost) == "commit"

    lab.laptop.run("git", "clone", "--quiet", "--no-local", PROJECT, "/home/alice/copy")
    assert lab.laptop.run("git", "-C", "/home/alice/copy", "reflog").stdout.count("\n") == 1
    assert lab.laptop.run("git", "-C", "/home/alice/copy", "cat-file", "-t", lost, check=False).returncode

    git(lab, "reflog", "expire", "--expire=now", "--all")
    git(lab, "gc", "--quiet", "--prune=now")
    git(lab, "cat-file", "-t", lost, exit_code=128)


@pytest.mark.parametrize(
    ("in_branch", "days", "kept"),
    [(True, 89, True), (True, 91, False), (False, 29, True), (False, 31, False)],
)
def test_a_line_of_the_reflog_lasts_90_days_or_30(
    lab: GitLab, in_branch: bool, days: int, kept: bool
) -> None:
    """Lines go after 90 days, those of commits that the branch no longer has after 30."""
    made = commit(lab, "made", days)
    if not in_branch:
        git(lab, "reset", "--quiet", "--keep", "HEAD~1")
    git(lab, "reflog", "expire", "--all")
    assert (made in git(lab, "reflog", "--no-abbrev")) is kept


@pytest.mark.parametrize(("days", "kept"), [(13, True), (15, False)])
def test_gc_lets_what_no_line_holds_lie_for_two_weeks(lab: GitLab, days: int, kept: bool) -> None:
    """A commit that nothing names survives gc until its file is two weeks old."""
    made = commit(lab, "made")
    git(lab, "reset", "--quiet", "--keep", "HEAD~1")
    git(lab, "reflog", "expire", "--expire=now", "--all")
    git(lab, "update-ref", "-d", "ORIG_HEAD")
    lab.laptop.run(
        "find", f"{PROJECT}/.git/objects", "-type", "f", "-exec", "touch", "-d", f"{days} days ago", "{}", "+"
    )
    git(lab, "gc", "--quiet")
    git(lab, "cat-file", "-t", made, exit_code=0 if kept else 128)
