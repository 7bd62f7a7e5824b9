"""Lab git: one machine, a bare remote, your clone and a colleague's, with a history whose hashes never change."""

import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache

from opsbook.labs.machines import File, Machine, ground
from opsbook.labs.process import LabError, need

CONFIG = """[user]
\tname = Alice
\temail = alice@example.com
[init]
\tdefaultBranch = main
[gc]
\tauto = 0
[advice]
\tdetachedHead = true
"""
# Commits are dated by the number of moves that HEAD has made: the same steps give the same hashes on any
# day, and no two commits made in one clone share a date, so an amended one is always a new one
# (git-commit(1), DATE FORMATS).
PROFILE = """export GIT_OPTIONAL_LOCKS=0 GIT_EDITOR=true GIT_PAGER=cat GIT_TERMINAL_PROMPT=0
export GIT_AUTHOR_DATE GIT_COMMITTER_DATE
__date() {
  local moves=()
  [[ -f .git/logs/HEAD ]] && mapfile -t moves < .git/logs/HEAD
  printf -v GIT_COMMITTER_DATE '@%d +0000' $((1767603600 + 60 * ${#moves[@]}))
  GIT_AUTHOR_DATE=$GIT_COMMITTER_DATE
}
trap __date DEBUG
"""
SEED = """set -e
git init --quiet --bare /srv/git/project.git
git clone --quiet /srv/git/project.git ~/project 2>/dev/null
cd ~/project
printf '# project\\n' > README.md
git add README.md
git commit --quiet --message 'Add README'
printf 'print("hello")\\n' > app.py
git add app.py
git commit --quiet --message 'Add app'
git push --quiet --set-upstream origin main
git clone --quiet /srv/git/project.git ~/colleague
cd ~/colleague
git config user.name Bob
git config user.email bob@example.com
"""


@dataclass(frozen=True)
class GitLab:
    """The facts of lab git: its only machine, the versions in use, and what a reader finds there."""

    machines: Mapping[str, Machine]
    versions: Mapping[str, str]
    banner: str = "~/project is your clone, ~/colleague is Bob's, /srv/git/project.git is the remote of both."

    @property
    def laptop(self) -> Machine:
        """The machine that everything is on."""
        return self.machines["laptop"]


@lru_cache
def versions() -> dict[str, str]:
    """Return the version that `git --version` tells."""
    done = subprocess.run([need("git", "git"), "--version"], capture_output=True, text=True, check=True)
    return {"git": done.stdout.strip()}


@contextmanager
def git_lab() -> Iterator[GitLab]:
    """Yield a machine with a bare remote and two clones of it; no system or global configuration but alice's own.

    Raises LabUnavailable when git or namespaces are missing.
    """
    found = versions()
    files = {
        "/srv/git": File(None, owner="alice", mode=0o755),
        "/home/alice/.gitconfig": File(CONFIG, owner="alice"),
    }
    with ground() as here:
        laptop = here.machine("laptop", ["root", "alice", "bob"], files=files, profile=PROFILE)
        with laptop.shell() as shell:
            seeded = shell.paste(SEED)
        if seeded.exit:
            raise LabError(f"the git lab's history could not be made:\n{seeded.output}")
        yield GitLab({"laptop": laptop}, found)
