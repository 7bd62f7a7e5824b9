"""Squash a branch into one commit."""

import pytest

from opsbook.labs.git import GitLab
from opsbook.pytest_plugin import Snippet

PROJECT = "/home/alice/project"


def git(lab: GitLab, *words: str, exit_code: int = 0) -> str:
    """Run git in the reader's clone, hold it to its exit code, and return all that it printed."""
    done = lab.laptop.run("git", "-C", PROJECT, *words, check=False)
    assert done.returncode == exit_code, done
    return (done.stdout + done.stderr).strip()


def test_the_page_from_top_to_bottom(snippet: Snippet, lab: GitLab) -> None:
    """A branch becomes one commit, twice over, and each thing that git forgot about it is shown and cured."""
    snippet.run("situation")
    before = git(lab, "rev-parse", "main")
    branch = git(lab, "rev-parse", "search")
    snippet.run_and_record("squash")
    assert git(lab, "rev-list", f"{before}..main").count("\n") == 0
    snippet.run_and_record("check")
    assert git(lab, "diff", "main", "search") == ""
    squashed = git(lab, "rev-parse", "main")

    snippet.run_and_record("undo")
    assert git(lab, "rev-parse", "main") == before
    snippet.run("redo")
    assert git(lab, "rev-parse", "main") == squashed

    snippet.run_and_record("soft")
    snippet.run_and_record("soft-check")
    assert git(lab, "rev-parse", "search~1", "search^{tree}").splitlines() == [
        before,
        git(lab, "rev-parse", f"{branch}^{{tree}}"),
    ]
    snippet.run_and_record("soft-undo")
    assert git(lab, "rev-parse", "search") == branch
    assert git(lab, "status", "--short") == ""

    snippet.run("go-on")
    assert "CONFLICT (add/add)" in snippet.run_and_record("again").output
    snippet.run_and_record("abort")
    snippet.run_and_record("reset-merge")
    assert git(lab, "status", "--short") == ""
    snippet.run_and_record("onto")
    assert git(lab, "rev-list", "--count", f"{squashed}..main") == "1"
    assert lab.laptop.read(f"{PROJECT}/search.py").endswith("# fast\n")

    snippet.run_and_record("delete")
    snippet.run("same")
    snippet.run_and_record("force-delete")
    assert git(lab, "branch", "--list", "search") == ""


@pytest.mark.claim("git-merge-squash", "holds")
def test_a_squash_makes_one_commit_with_one_parent(snippet: Snippet, lab: GitLab) -> None:
    """Three commits become one with a single parent, the branch's files and, unasked, their messages."""
    snippet.run("situation")
    assert git(lab, "rev-list", "--count", "main..search") == "3"
    git(lab, "switch", "--quiet", "main")
    git(lab, "merge", "--squash", "search")
    git(lab, "-c", "core.editor=true", "commit")
    assert len(git(lab, "log", "-1", "--format=%P").split()) == 1
    assert git(lab, "rev-parse", "main~1") == git(lab, "merge-base", "main", "search")
    assert git(lab, "rev-parse", "main^{tree}") == git(lab, "rev-parse", "search^{tree}")
    message = git(lab, "log", "-1", "--format=%B")
    assert all(title in message for title in ("Squashed commit", "Start search", "Fix it\n", "Fix it again"))


@pytest.mark.claim("git-merge-squash-no-merge-head", "holds")
def test_a_squash_commits_nothing_by_itself(snippet: Snippet, lab: GitLab) -> None:
    """After merge --squash HEAD is where it was, the result is staged and there is no MERGE_HEAD."""
    snippet.run("situation")
    git(lab, "switch", "--quiet", "main")
    before = git(lab, "rev-parse", "HEAD")
    assert "Squash commit -- not updating HEAD" in git(lab, "merge", "--squash", "search")
    assert git(lab, "rev-parse", "HEAD") == before
    assert git(lab, "status", "--short") == "A  search.py"
    git(lab, "rev-parse", "--verify", "--quiet", "MERGE_HEAD", exit_code=1)


@pytest.mark.claim("git-merge-squash-forgets-branch", "incomplete")
def test_git_does_not_know_that_the_branch_was_taken_in(snippet: Snippet, lab: GitLab) -> None:
    """After the squash the branch counts as unmerged, -d refuses it, and squashing it again conflicts."""
    snippet.run("situation")
    snippet.run("squash")
    assert git(lab, "branch", "--merged", "main") == "* main"
    assert "not fully merged" in git(lab, "branch", "-d", "search", exit_code=1)
    git(lab, "switch", "--quiet", "search")
    snippet.run("go-on")
    assert "CONFLICT" in snippet.run("again").output


def test_taking_a_squash_back_keeps_edits_that_were_not_staged(snippet: Snippet, lab: GitLab) -> None:
    """An edit from before the conflict is still there after reset --merge, the squash is not."""
    snippet.run("situation")
    snippet.run("squash")
    git(lab, "switch", "--quiet", "search")
    snippet.run("go-on")
    lab.laptop.run("sh", "-c", f"echo edit >>{PROJECT}/README.md")
    snippet.run("again")
    snippet.run("reset-merge")
    assert git(lab, "status", "--short") == "M README.md"
    assert lab.laptop.read(f"{PROJECT}/search.py").endswith("# slow\n")


@pytest.mark.claim("git-commit-s-signoff", "holds")
def test_the_sign_off_is_a_line_and_no_signature(snippet: Snippet, lab: GitLab) -> None:
    """A commit with -s ends with a Signed-off-by line of its author and carries no signature."""
    snippet.run("situation")
    snippet.run("soft")
    message = git(lab, "log", "-1", "--format=%B")
    assert message == "Add search\n\nSigned-off-by: Alice <alice@example.com>"
    assert "gpgsig" not in git(lab, "cat-file", "-p", "HEAD")


@pytest.mark.claim("git-soft-reset-squash", "holds")
def test_a_soft_reset_and_one_commit_squash_too(snippet: Snippet, lab: GitLab) -> None:
    """Three commits become one with the same files when the branch goes back softly to where it began."""
    snippet.run("situation")
    tree = git(lab, "rev-parse", "search^{tree}")
    snippet.run("soft")
    assert git(lab, "rev-list", "--count", "main..search") == "1"
    assert git(lab, "rev-parse", "search^{tree}") == tree


def test_a_soft_reset_to_a_main_that_moved_takes_its_work_back(snippet: Snippet, lab: GitLab) -> None:
    """Reset to main instead of the merge base, the squashed commit deletes what main got meanwhile."""
    snippet.run("situation")
    git(lab, "switch", "--quiet", "main")
    lab.laptop.run("touch", f"{PROJECT}/news.txt")
    git(lab, "add", "news.txt")
    git(lab, "commit", "--quiet", "-m", "Add news")
    git(lab, "switch", "--quiet", "search")
    git(lab, "reset", "--soft", "main")
    assert git(lab, "status", "--short") == "D  news.txt\nA  search.py"
    git(lab, "reset", "--soft", "ORIG_HEAD")
    snippet.run("soft")
    assert git(lab, "show", "--name-status", "--format=", "HEAD") == "A\tsearch.py"
