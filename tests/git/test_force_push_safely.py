"""Push a rewritten branch without losing a colleague's work."""

from subprocess import CompletedProcess

import pytest

from opsbook.labs.git import GitLab
from opsbook.pytest_plugin import Snippet

BOTH = ("--force-with-lease", "--force-if-includes")
LEASE = ("--force-with-lease",)
FORCE = ("--force",)


def git(lab: GitLab, clone: str, *command: str, check: bool = True) -> CompletedProcess[str]:
    """Run git in one of the two clones."""
    return lab.laptop.run("git", "-C", f"/home/alice/{clone}", *command, check=check)


def on_the_remote(lab: GitLab) -> list[str]:
    """Return the subjects of what the remote's report has beyond main, newest first."""
    bare = ("git", "--git-dir=/srv/git/project.git", "log", "--format=%s", "main..report")
    return lab.laptop.run(*bare).stdout.splitlines()


def bob_pushes(lab: GitLab) -> None:
    """Let Bob put one commit on top of what the remote has."""
    git(lab, "colleague", "fetch", "--quiet")
    git(lab, "colleague", "switch", "--quiet", "--force-create", "report", "origin/report")
    git(lab, "colleague", "commit", "--quiet", "--allow-empty", "--message", "Bob's work")
    git(lab, "colleague", "push", "--quiet")


def test_the_page(snippet: Snippet, lab: GitLab) -> None:
    """Both options refuse what Bob pushed meanwhile; plain --force and the lease alone throw it away."""
    snippet.run("make")
    snippet.run_and_record("push")
    assert on_the_remote(lab) == ["Add report"]
    assert snippet.run_and_record("check").output == "## report...origin/report\n"

    snippet.run("plain-make")
    seen = snippet.run_and_record("plain")
    assert " ! [rejected]        report -> report (non-fast-forward)\n" in seen.output
    snippet.run_and_record("plain-cure")
    assert on_the_remote(lab) == ["Add the report"]

    snippet.run("stale-make")
    seen = snippet.run_and_record("stale")
    assert " ! [rejected]        report -> report (stale info)\n" in seen.output
    assert on_the_remote(lab) == ["Print the total", "Add the report"]
    snippet.run_and_record("look")
    snippet.run_and_record("take")
    snippet.run_and_record("take-check")
    assert on_the_remote(lab) == ["Print the total", "Add a report"]

    snippet.run("includes-make")
    seen = snippet.run_and_record("includes")
    assert " ! [rejected]        report -> report (remote ref updated since checkout)\n" in seen.output
    snippet.run_and_record("includes-cure")
    assert on_the_remote(lab) == ["Print the average", "Print the sum", "Add a report"]

    snippet.run("force-make")
    assert on_the_remote(lab)[0] == "Print the median"
    snippet.run_and_record("force")
    assert on_the_remote(lab)[0] == "Print the mean"
    snippet.run_and_record("bob-pull")
    mine = git(lab, "colleague", "log", "--format=%s", "main..").stdout.splitlines()
    assert mine == ["Print the mean", "Print the sum", "Add a report"]
    snippet.run_and_record("bob-cure")
    assert on_the_remote(lab)[:2] == ["Print the median", "Print the mean"]

    snippet.run("lease-make")
    assert on_the_remote(lab)[0] == "Print the range"
    snippet.run_and_record("lease")
    assert on_the_remote(lab)[0] == "Print the middle"
    snippet.run_and_record("lease-undo")
    assert on_the_remote(lab)[:2] == ["Print the range", "Print the middle"]


@pytest.mark.claim("git-rebase-not-pushed", "incomplete")
@pytest.mark.parametrize(
    ("fetched", "options", "loses"),
    [
        (False, FORCE, True),
        (False, LEASE, False),
        (False, BOTH, False),
        (True, FORCE, True),
        (True, LEASE, True),
        (True, BOTH, False),
    ],
)
def test_who_refuses_what_bob_pushed(
    snippet: Snippet, lab: GitLab, options: tuple[str, ...], *, fetched: bool, loses: bool
) -> None:
    """A plain push of a rewritten branch is refused; each forced one overwrites or refuses as the table says."""
    snippet.run("make")
    bob_pushes(lab)
    if fetched:
        git(lab, "project", "fetch", "--quiet")
    assert git(lab, "project", "push", check=False).returncode == 1
    done = git(lab, "project", "push", *options, check=False)
    assert (done.returncode == 0) is loses
    assert ("Bob's work" in on_the_remote(lab)) is not loses


@pytest.mark.parametrize("options", [FORCE, LEASE, BOTH])
def test_what_was_taken_in_may_be_replaced(snippet: Snippet, lab: GitLab, options: tuple[str, ...]) -> None:
    """Once the branch has been rebased on Bob's commit, a rewrite of it can be pushed with any of the three."""
    snippet.run("make")
    bob_pushes(lab)
    git(lab, "project", "fetch", "--quiet")
    git(lab, "project", "rebase", "--quiet", "--reapply-cherry-picks", "origin/report")
    amend = ("commit", "--quiet", "--amend", "--allow-empty", "--message", "Rewritten")
    git(lab, "project", *amend)
    git(lab, "project", "push", *options)
    assert on_the_remote(lab)[0] == "Rewritten"


def test_pull_brings_the_old_commits_back(snippet: Snippet, lab: GitLab) -> None:
    """After a rewrite, git pull as the hint says puts the old commit beside the new one."""
    snippet.run("make")
    git(lab, "project", "pull", "--quiet", "--no-rebase", "--no-edit")
    subjects = git(lab, "project", "log", "--format=%s", "main..").stdout
    assert {"Ad report", "Add report"} <= set(subjects.splitlines())


def test_the_default(snippet: Snippet, lab: GitLab) -> None:
    """With push.useForceIfIncludes the lease alone refuses after a background fetch; plain --force does not."""
    snippet.run("make")
    bob_pushes(lab)
    git(lab, "project", "fetch", "--quiet")
    snippet.run("default")
    refused = git(lab, "project", "push", *LEASE, check=False)
    assert "(remote ref updated since checkout)" in refused.stderr
    git(lab, "project", "push", *FORCE)
    assert "Bob's work" not in on_the_remote(lab)
