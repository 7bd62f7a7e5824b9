"""Connect a branch to its upstream."""

import pytest

from opsbook.labs.git import GitLab
from opsbook.pytest_plugin import Snippet

PROJECT = "/home/alice/project"


def git(lab: GitLab, *words: str, where: str = PROJECT, exit_code: int = 0) -> str:
    """Run git in a clone, the reader's unless told, hold it to its exit code, and return all that it printed."""
    done = lab.laptop.run("git", "-C", where, *words, check=False)
    assert done.returncode == exit_code, done
    return (done.stdout + done.stderr).strip()


def upstream(lab: GitLab, branch: str, where: str = PROJECT) -> str:
    """Return the upstream of `branch`, such as origin/main; empty where it has none."""
    return git(lab, "for-each-ref", "--format=%(upstream:short)", f"refs/heads/{branch}", where=where)


def test_the_page_from_top_to_bottom(snippet: Snippet, lab: GitLab) -> None:
    """A branch gets, loses and regains its upstream, and each message of a missing one is cured."""
    snippet.run("situation")
    snippet.run_and_record("push-u")
    snippet.run_and_record("check")
    assert upstream(lab, "search") == "origin/search"
    assert git(lab, "config", "branch.search.remote") == "origin"
    assert git(lab, "config", "branch.search.merge") == "refs/heads/search"
    snippet.run("undo")
    assert upstream(lab, "search") == ""

    snippet.run_and_record("pull")
    snippet.run_and_record("set-upstream")
    snippet.run_and_record("pull-again")
    snippet.run("not-cloned")
    snippet.run_and_record("pull-fresh")
    snippet.run_and_record("switch-fresh")
    assert upstream(lab, "main", "/home/alice/fresh") == "origin/main"

    snippet.run("new-branch")
    snippet.run_and_record("push")
    snippet.run_and_record("auto")
    assert upstream(lab, "report") == "origin/report"

    snippet.run("other-name")
    assert upstream(lab, "fix") == "origin/main"
    snippet.run_and_record("push-other-name")
    snippet.run_and_record("push-own-name")
    assert upstream(lab, "fix") == "origin/fix"

    snippet.run_and_record("master")
    snippet.run_and_record("default")
    snippet.run_and_record("main")
    snippet.run("unlink")
    snippet.run_and_record("old-option")
    snippet.run_and_record("new-option")
    assert upstream(lab, "search") == "origin/search"


@pytest.mark.claim("git-push-u", "holds")
def test_push_u_pushes_and_links_at_once(snippet: Snippet, lab: GitLab) -> None:
    """After one push -u the remote has the commit and the branch has its upstream."""
    snippet.run("situation")
    snippet.run("push-u")
    assert git(lab, "rev-parse", "search", where="/srv/git/project.git") == git(lab, "rev-parse", "search")
    assert upstream(lab, "search") == "origin/search"


@pytest.mark.claim("git-push-default-same-name", "incomplete")
def test_a_plain_push_also_wants_an_upstream_of_that_name(snippet: Snippet, lab: GitLab) -> None:
    """With push.default simple or unset a branch without upstream is not pushed, with autoSetupRemote it is."""
    snippet.run("situation")
    for setting in (), ("-c", "push.default=simple"):
        assert "has no upstream branch" in git(lab, *setting, "push", exit_code=128)
    git(lab, "-c", "push.autoSetupRemote=true", "push")
    assert upstream(lab, "search") == "origin/search"
    git(lab, "branch", "--set-upstream-to=origin/main", "search")
    assert "does not match" in git(lab, "push", exit_code=128)


@pytest.mark.claim("git-set-upstream-to", "holds")
def test_set_upstream_to_links_to_a_branch_that_the_clone_knows(snippet: Snippet, lab: GitLab) -> None:
    """The link is made when the remote branch is known here, refused when not, and the old option is fatal."""
    git(lab, "branch", "--unset-upstream", "main")
    git(lab, "branch", "--set-upstream-to=origin/main", "main")
    assert upstream(lab, "main") == "origin/main"
    refused = git(lab, "branch", "--set-upstream-to=origin/nope", "main", exit_code=128)
    assert "the requested upstream branch 'origin/nope' does not exist" in refused
    assert "no longer supported" in git(lab, "branch", "--set-upstream", "main", "origin/main", exit_code=128)


@pytest.mark.claim("git-missing-upstream-breaks-pull", "holds")
def test_a_new_remote_leaves_push_and_pull_without_an_upstream(snippet: Snippet, lab: GitLab) -> None:
    """A project not cloned cannot pull, and one whose remote was put anew can neither pull nor push."""
    snippet.run("not-cloned")
    assert "no tracking information" in snippet.run("pull-fresh").output
    git(lab, "remote", "remove", "origin")
    git(lab, "remote", "add", "origin", "/srv/git/project.git")
    git(lab, "fetch", "--quiet")
    assert "no tracking information" in git(lab, "pull", exit_code=1)
    assert "has no upstream branch" in git(lab, "push", exit_code=128)


@pytest.mark.claim("git-default-branch-master", "dated")
def test_the_main_branch_has_the_name_that_its_maker_set(lab: GitLab) -> None:
    """Unconfigured git 2.39 says master with a warning, init.defaultBranch says otherwise, as the remote here does."""
    plain = ("env", "-C", "/home/alice", "GIT_CONFIG_GLOBAL=/dev/null", "git")
    done = lab.laptop.run(*plain, "init", "old")
    assert git(lab, "symbolic-ref", "HEAD", where="/home/alice/old") == "refs/heads/master"
    assert "is subject to change" in done.stderr
    lab.laptop.run(*plain, "-c", "init.defaultBranch=main", "init", "new")
    assert git(lab, "symbolic-ref", "HEAD", where="/home/alice/new") == "refs/heads/main"
    assert git(lab, "ls-remote", "--symref", "origin", "HEAD").startswith("ref: refs/heads/main\tHEAD")
