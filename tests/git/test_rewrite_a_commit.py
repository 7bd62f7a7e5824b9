"""Drop, reword or split an old commit."""

import pytest

from opsbook.labs.git import GitLab
from opsbook.pytest_plugin import Snippet

REPORT = ["Add license", "Add total and mean", "Add debug switch", "Add report"]


def git(lab: GitLab, *command: str, clone: str = "project") -> str:
    """Return what git prints in a clone of Alice."""
    return lab.laptop.run("git", "-C", f"/home/alice/{clone}", *command).stdout


def subjects(lab: GitLab, revisions: str = "main..", clone: str = "project") -> list[str]:
    """Return the subjects of `revisions`, newest first."""
    return git(lab, "log", "--format=%s", revisions, clone=clone).splitlines()


def rebase(lab: GitLab, editor: str, *arguments: str, check: bool = True) -> str:
    """Rebase ~/project with `editor` for the list, and return what is printed."""
    command = ("git", "-C", "/home/alice/project", "rebase", "-i", *arguments)
    done = lab.laptop.run("env", f"GIT_SEQUENCE_EDITOR={editor}", *command, check=check)
    return done.stdout + done.stderr


def test_the_page(snippet: Snippet, lab: GitLab) -> None:
    """One old commit after the other is dropped, brought back, reworded, amended, split and reverted."""
    snippet.run("make")
    before = git(lab, "rev-parse", "HEAD")
    snippet.run("drop")
    assert subjects(lab) == ["Add license", "Add total and mean", "Ad report"]
    seen = snippet.run_and_record("check")
    assert [line.split()[2] for line in seen.output.splitlines()] == ["=", "<", "=", "="]
    snippet.run_and_record("undo")
    assert git(lab, "rev-parse", "HEAD") == before

    snippet.run("reword")
    snippet.run_and_record("reword-check")
    assert subjects(lab) == REPORT

    snippet.run("fixup")
    snippet.run_and_record("fixup-check")
    assert subjects(lab) == REPORT
    assert git(lab, "show", "HEAD~3:report.py") == 'print("report")\nprint("end")\n'

    tree = git(lab, "rev-parse", "HEAD^{tree}")
    snippet.run("split")
    seen = snippet.run_and_record("split-check")
    assert "changed" not in seen.output.partition("Add license")[0]
    assert subjects(lab) == ["Add license", "Add mean", "Add total", *REPORT[2:]]
    assert git(lab, "rev-parse", "HEAD^{tree}") == tree

    assert git(lab, "branch", "--remotes", "--contains", "HEAD~3") == ""
    snippet.run("push")
    assert snippet.run_and_record("pushed").output == "  origin/report\n"
    snippet.run_and_record("revert")
    assert subjects(lab, "origin/report")[0] == 'Revert "Add debug switch"'
    assert "debug.py" not in git(lab, "ls-tree", "--name-only", "origin/report")


def test_a_conflict_and_the_way_back(snippet: Snippet, lab: GitLab) -> None:
    """Dropping what a later commit builds on conflicts; --abort brings branch and file back."""
    snippet.run("conflict-make")
    before = git(lab, "rev-parse", "HEAD", clone="conflict")
    seen = snippet.run_and_record("conflict")
    assert "CONFLICT (content): Merge conflict in app.py\n" in seen.output
    snippet.run_and_record("abort")
    assert git(lab, "rev-parse", "HEAD", clone="conflict") == before
    assert lab.laptop.read("/home/alice/conflict/app.py") == 'print("good evening")\n'


def test_a_conflict_can_be_settled(snippet: Snippet, lab: GitLab) -> None:
    """With the file settled and added, --continue finishes the rebase without the dropped commit."""
    snippet.run("conflict-make")
    snippet.run("conflict")
    settle = """cd ~/conflict && echo 'print("good evening")' >app.py && git add app.py"""
    lab.laptop.run("bash", "-c", f"{settle} && GIT_EDITOR=true git rebase --continue")
    assert subjects(lab, clone="conflict") == ["Say good evening"]


def test_unstaged_changes(snippet: Snippet, lab: GitLab) -> None:
    """A rebase refuses a dirty tree; with rebase.autoStash it runs and the edit is still there."""
    snippet.run("dirty-make")
    seen = snippet.run_and_record("dirty")
    assert "error: cannot rebase: You have unstaged changes.\n" in seen.output
    snippet.run("dirty-cure")
    snippet.run_and_record("dirty-check")
    assert subjects(lab, "main", clone="dirty") == ["Add README"]
    assert "# not finished" in lab.laptop.read("/home/alice/dirty/README.md")


def test_the_first_commit(snippet: Snippet, lab: GitLab) -> None:
    """HEAD~2 of two commits is no upstream; --root lets the first one be reworded."""
    snippet.run("root-make")
    seen = snippet.run_and_record("root")
    assert seen.output == "fatal: invalid upstream 'HEAD~2'\n"
    snippet.run("root-cure")
    snippet.run_and_record("root-check")
    assert subjects(lab, "main", clone="root") == ["Add app", "Begin"]


def test_missing_lines(snippet: Snippet, lab: GitLab) -> None:
    """With missingCommitsCheck a deleted line stops the rebase, an empty list does nothing; drop does it."""
    snippet.run("missing-config")
    snippet.run("missing-make")
    seen = snippet.run_and_record("missing")
    assert seen.output.startswith("Warning: some commits may have been dropped accidentally.\n")
    snippet.run("missing-cure")
    snippet.run_and_record("missing-check")
    assert subjects(lab, "main", clone="missing") == ["Add license", "Add README"]

    seen = snippet.run_and_record("nothing")
    assert seen.output == "error: nothing to do\n"
    assert subjects(lab, "main", clone="missing") == ["Add license", "Add README"]
    snippet.run("nothing-cure")
    snippet.run_and_record("nothing-check")
    assert subjects(lab, "main", clone="missing") == ["Add README"]


@pytest.mark.claim("git-rebase-i-drop", "incomplete")
def test_a_deleted_line_drops_its_commit(snippet: Snippet, lab: GitLab) -> None:
    """HEAD~4 lists four commits, and one whose line is deleted is silently gone; with the check set git stops."""
    snippet.run("make")
    listed = rebase(lab, "grep -c ^pick", "HEAD~4")
    assert listed.startswith("4\n")
    rebase(lab, "sed -i /debug/d", "HEAD~4")
    assert subjects(lab) == ["Add license", "Add total and mean", "Ad report"]
    snippet.run("missing-config")
    stopped = rebase(lab, "sed -i /license/d", "HEAD~2", check=False)
    assert "Warning: some commits may have been dropped accidentally." in stopped


@pytest.mark.claim("git-rebase-i-drop", "incomplete")
def test_merges_are_listed_flat(snippet: Snippet, lab: GitLab) -> None:
    """Behind a merge HEAD~1 lists all commits that it brought in, and the merge is gone afterwards."""
    snippet.run("make")
    git(lab, "switch", "--quiet", "main")
    git(lab, "merge", "--quiet", "--no-ff", "--no-edit", "report")
    assert rebase(lab, "grep -c ^pick", "HEAD~1").startswith("4\n")
    assert git(lab, "log", "--merges", "--format=%s") == ""


def test_merges_can_be_kept(snippet: Snippet, lab: GitLab) -> None:
    """With --rebase-merges the merge is still there after a commit behind it was dropped."""
    snippet.run("make")
    git(lab, "switch", "--quiet", "main")
    git(lab, "merge", "--quiet", "--no-ff", "--no-edit", "report")
    rebase(lab, "sed -i /debug/s/^pick/drop/", "--rebase-merges", "HEAD~1")
    assert len(git(lab, "log", "--merges", "--format=%s").splitlines()) == 1
    assert subjects(lab, "HEAD^1..HEAD^2") == ["Add license", "Add total and mean", "Ad report"]
