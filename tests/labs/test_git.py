"""Lab git: a remote and two clones whose history is the same on any day."""

from collections.abc import Iterator

import pytest

from opsbook.labs.git import GitLab, git_lab
from opsbook.pytest_plugin import skipping_without_lab


@pytest.fixture(scope="module")
def lab() -> Iterator[GitLab]:
    """One lab for all that only looks."""
    with skipping_without_lab(), git_lab() as here:
        yield here


def history(lab: GitLab) -> str:
    """Do some work as a reader would and return all hashes."""
    with lab.laptop.shell() as shell:
        shell.paste(
            "cd ~/project; echo more >> app.py; git commit -qam 'More'; git commit -q --amend -m 'Much more'"
        )
        ran = shell.paste(
            "git switch -qc topic HEAD~1; git commit -q --allow-empty -m Topic; git log --all --format=%H\\ %cd"
        )
    assert ran.exit == 0, ran.output
    return ran.output


def test_the_same_steps_give_the_same_hashes(lab: GitLab) -> None:
    """Two labs agree on each hash and date, of the history they start with and of work done in them."""
    with git_lab() as twin:
        assert history(lab) == history(twin)


def test_no_two_commits_of_a_clone_share_a_date(lab: GitLab) -> None:
    """Whatever moves HEAD moves the clock, so that an amended commit is always a new one."""
    with lab.laptop.shell() as shell:
        shell.paste("cd ~/colleague; git commit -q --allow-empty -m same; git rev-parse HEAD > ~/hashes")
        shell.paste(
            "for i in 1 2; do git commit -q --amend --allow-empty --no-edit; git rev-parse HEAD >> ~/hashes; done"
        )
        seen = shell.paste("git log -g -3 --format=%cd; cat ~/hashes; rm ~/hashes")
    assert len(set(seen.output.splitlines())) == 6


def test_both_clones_share_a_remote(lab: GitLab) -> None:
    """Both clones are on main, level with the bare remote; the second one is Bob's."""
    for clone, name in (("project", "Alice"), ("colleague", "Bob")):
        git = ["git", "-C", f"/home/alice/{clone}"]
        assert lab.laptop.run(*git, "config", "user.name").stdout == f"{name}\n"
        assert lab.laptop.run(*git, "remote", "get-url", "origin").stdout == "/srv/git/project.git\n"
        assert lab.laptop.run(*git, "rev-parse", "--abbrev-ref", "main@{upstream}").stdout == "origin/main\n"
    assert (
        lab.laptop.run("git", "-C", "/srv/git/project.git", "rev-parse", "--is-bare-repository").stdout
        == "true\n"
    )


def test_only_alices_own_configuration_counts(lab: GitLab) -> None:
    """Neither this machine's system settings nor anybody's global ones are seen."""
    seen = lab.laptop.run("git", "config", "--list", "--show-scope").stdout
    assert {line.split()[0] for line in seen.splitlines()} == {"global"}
    assert "user.email=alice@example.com" in seen


def test_it_tells_its_version(lab: GitLab) -> None:
    """The version that proofs name is the one that runs in the lab."""
    assert lab.versions == {"git": lab.laptop.run("git", "--version").stdout.strip()}
