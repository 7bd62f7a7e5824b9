"""git errors, by message: each section alone, red first, then the cure, then green."""

from opsbook.labs.git import GitLab
from opsbook.pytest_plugin import Snippet


def log(lab: GitLab, repository: str, revisions: str) -> list[str]:
    """Return the subjects of `revisions` in a repository of Alice, newest first."""
    done = lab.laptop.run("git", "-C", f"/home/alice/{repository}", "log", "--format=%s", revisions)
    return done.stdout.splitlines()


def test_fetch_first(snippet: Snippet, lab: GitLab) -> None:
    """A push on top of commits never seen is refused; after pull --rebase both people's work is on the remote."""
    snippet.run("fetch-first-make")
    seen = snippet.run_and_record("fetch-first")
    assert "! [rejected]        main -> main (fetch first)" in seen.output
    assert log(lab, "push.git", "main")[0] == "Say how to install"
    snippet.run_and_record("fetch-first-cure")
    assert log(lab, "push.git", "main")[:2] == ["Add license", "Say how to install"]


def test_src_refspec(snippet: Snippet, lab: GitLab) -> None:
    """Pushing a branch that is not there names the refspec; pushing the one you are on works."""
    snippet.run("refspec-make")
    seen = snippet.run_and_record("refspec")
    assert "error: src refspec master does not match any\n" in seen.output
    snippet.run_and_record("refspec-cure")
    assert log(lab, "refspec.git", "main")[0] == "Add license"


def test_no_upstream(snippet: Snippet, lab: GitLab) -> None:
    """Plain push refuses a branch without upstream; once pushed with --set-upstream, plain push works."""
    snippet.run("no-upstream-make")
    seen = snippet.run_and_record("no-upstream")
    assert "fatal: The current branch topic has no upstream branch.\n" in seen.output
    snippet.run_and_record("no-upstream-cure")
    again = lab.laptop.run("git", "-C", "/home/alice/upstream", "push")
    assert again.stderr == "Everything up-to-date\n"


def test_no_origin(snippet: Snippet, lab: GitLab) -> None:
    """A repository made by git init has no origin; with the remote added, fetch brings its branch."""
    snippet.run("origin-make")
    seen = snippet.run_and_record("origin")
    assert "fatal: 'origin' does not appear to be a git repository\n" in seen.output
    snippet.run_and_record("origin-cure")
    assert log(lab, "origin", "origin/main") == ["Add app", "Add README"]


def test_divergent_branches(snippet: Snippet, lab: GitLab) -> None:
    """Pull refuses to guess between rebase and merge; with pull.rebase set it puts yours on top."""
    snippet.run("divergent-make")
    seen = snippet.run_and_record("divergent")
    assert seen.output.endswith("fatal: Need to specify how to reconcile divergent branches.\n")
    assert log(lab, "pull", "main")[0] == "Add license"
    snippet.run_and_record("divergent-cure")
    assert log(lab, "pull", "main")[:2] == ["Add license", "Say how to install"]


def test_rebase_with_changes(snippet: Snippet, lab: GitLab) -> None:
    """Pull --rebase refuses a dirty tree; with --autostash it pulls and the edit is still there."""
    snippet.run("rebase-dirty-make")
    seen = snippet.run_and_record("rebase-dirty")
    assert "error: cannot pull with rebase: You have unstaged changes.\n" in seen.output
    snippet.run_and_record("rebase-dirty-cure")
    assert log(lab, "rebase", "main")[0] == "Add app"
    assert "Not finished" in lab.laptop.read("/home/alice/rebase/README.md")


def test_overwritten_by_merge(snippet: Snippet, lab: GitLab) -> None:
    """A merge that would change an edited file is refused; with --autostash both changes are there."""
    snippet.run("merge-dirty-make")
    seen = snippet.run_and_record("merge-dirty")
    message = "error: Your local changes to the following files would be overwritten by merge:\n"
    assert message in seen.output
    assert lab.laptop.read("/home/alice/merge/list.txt").split() == [*"12345678", "nine"]
    snippet.run_and_record("merge-dirty-cure")
    assert lab.laptop.read("/home/alice/merge/list.txt").split() == ["one", *"2345678", "nine"]


def test_conflict(snippet: Snippet, lab: GitLab) -> None:
    """The same line changed twice stops the merge; the file settled and added, the commit has two parents."""
    snippet.run("conflict-make")
    seen = snippet.run_and_record("conflict")
    assert "CONFLICT (content): Merge conflict in app.py\n" in seen.output
    snippet.run_and_record("conflict-look")
    snippet.run_and_record("conflict-cure")
    parents = lab.laptop.run("git", "-C", "/home/alice/conflict", "log", "-1", "--format=%p").stdout
    assert len(parents.split()) == 2
    assert lab.laptop.read("/home/alice/conflict/app.py") == 'print("good day")\n'


def test_a_conflict_can_be_aborted(snippet: Snippet, lab: GitLab) -> None:
    """Git merge --abort brings the branch and its file back as they were."""
    snippet.run("conflict-make")
    snippet.run("conflict")
    lab.laptop.run("git", "-C", "/home/alice/conflict", "merge", "--abort")
    assert lab.laptop.read("/home/alice/conflict/app.py") == 'print("good evening")\n'
    assert lab.laptop.run("git", "-C", "/home/alice/conflict", "status", "--short").stdout == ""


def test_unrelated_histories(snippet: Snippet, lab: GitLab) -> None:
    """Two histories without a common commit do not merge; rebased, the local commit is on top of the remote's."""
    snippet.run("unrelated-make")
    seen = snippet.run_and_record("unrelated")
    assert seen.output == "fatal: refusing to merge unrelated histories\n"
    snippet.run_and_record("unrelated-cure")
    assert log(lab, "unrelated", "main") == ["Add license", "Add app", "Add README"]


def test_unrelated_histories_can_be_merged(snippet: Snippet, lab: GitLab) -> None:
    """With --allow-unrelated-histories a merge joins both."""
    snippet.run("unrelated-make")
    merge = ("merge", "--quiet", "--no-edit", "--allow-unrelated-histories", "origin/main")
    lab.laptop.run("git", "-C", "/home/alice/unrelated", *merge)
    assert len(log(lab, "unrelated", "main")) == 4


def test_nothing_to_squash(snippet: Snippet, lab: GitLab) -> None:
    """Squashing main into the topic branch finds nothing; the other way round makes one commit."""
    snippet.run("squash-make")
    seen = snippet.run_and_record("squash")
    assert seen.output == "Already up to date. (nothing to squash)\n"
    snippet.run_and_record("squash-cure")
    assert log(lab, "squash", "main")[0] == "Add license"


def test_overwritten_by_checkout(snippet: Snippet, lab: GitLab) -> None:
    """Switching is refused while an edited file would change; stashed, the edit comes back afterwards."""
    snippet.run("checkout-dirty-make")
    seen = snippet.run_and_record("checkout-dirty")
    message = "error: Your local changes to the following files would be overwritten by checkout:\n"
    assert message in seen.output
    snippet.run_and_record("checkout-dirty-cure")
    assert lab.laptop.read("/home/alice/checkout/app.py") == 'print("good morning")\n'
    snippet.run_and_record("checkout-dirty-back")
    assert lab.laptop.read("/home/alice/checkout/app.py") == 'print("hello")\n# not finished\n'


def test_untracked_file_in_the_way(snippet: Snippet, lab: GitLab) -> None:
    """Switching is refused while it would overwrite an untracked file; moved aside, both files are there."""
    snippet.run("untracked-make")
    seen = snippet.run_and_record("untracked")
    message = "error: The following untracked working tree files would be overwritten by checkout:\n"
    assert message in seen.output
    snippet.run_and_record("untracked-look")
    snippet.run_and_record("untracked-cure")
    assert lab.laptop.read("/home/alice/untracked/settings.ini") == "debug = false\n"
    assert lab.laptop.read("/home/alice/untracked/settings.ini.mine") == "debug = true\n"


def test_pathspec(snippet: Snippet) -> None:
    """A branch made on the remote after cloning is unknown here until it is fetched."""
    snippet.run("pathspec-make")
    seen = snippet.run_and_record("pathspec")
    assert seen.output == "error: pathspec 'feature' did not match any file(s) known to git\n"
    cured = snippet.run_and_record("pathspec-cure")
    assert "branch 'feature' set up to track 'origin/feature'.\n" in cured.output


def test_detached_head(snippet: Snippet, lab: GitLab) -> None:
    """A commit made on a detached HEAD is left behind on no branch; a branch at HEAD@{1} keeps it."""
    snippet.run("detached-make")
    seen = snippet.run_and_record("detached")
    message = "You are in 'detached HEAD' state. You can look around, make experimental\n"
    assert message in seen.output
    left = snippet.run_and_record("detached-leave")
    assert "Warning: you are leaving 1 commit behind" in left.output
    assert "Add license" not in log(lab, "detached", "--branches")
    snippet.run_and_record("detached-cure")
    assert log(lab, "detached", "license") == ["Add license", "Add README"]


def test_not_fully_merged(snippet: Snippet, lab: GitLab) -> None:
    """Deleting a branch with commits of its own is refused; forced, the hash it tells brings it back."""
    snippet.run("not-merged-make")
    seen = snippet.run_and_record("not-merged")
    assert "error: The branch 'topic' is not fully merged.\n" in seen.output
    snippet.run_and_record("not-merged-look")
    gone = snippet.run_and_record("not-merged-cure")
    commit = gone.output.rpartition("(was ")[2].rstrip(").\n")
    lab.laptop.run("git", "-C", "/home/alice/merged", "branch", "topic", commit)
    assert log(lab, "merged", "main..topic") == ["Add license"]


def test_nothing_to_commit(snippet: Snippet, lab: GitLab) -> None:
    """An ignored file leaves nothing to commit; check-ignore names the rule and add --force overrules it."""
    snippet.run("nothing-make")
    seen = snippet.run_and_record("nothing")
    assert seen.output.endswith("nothing to commit, working tree clean\n")
    looked = snippet.run_and_record("nothing-look")
    assert looked.output.startswith("!! release.log\n.git/info/exclude:")
    snippet.run_and_record("nothing-cure")
    assert log(lab, "nothing", "main")[0] == "Add release log"


def test_tell_me_who_you_are(snippet: Snippet, lab: GitLab) -> None:
    """Without name and address git makes no commit; told once, it does."""
    snippet.run("who-make")
    seen = snippet.run_and_record("who")
    assert "\n*** Please tell me who you are.\n" in seen.output
    assert "fatal: unable to auto-detect email address" in seen.output
    snippet.run_and_record("who-cure")
    author = lab.laptop.run("git", "-C", "/home/bob/who", "log", "--format=%an <%ae>", user="bob")
    assert author.stdout == "Bob <bob@example.com>\n"


def test_index_lock(snippet: Snippet, lab: GitLab) -> None:
    """A lock left behind stops git; removed while no git runs, the same command works."""
    snippet.run("lock-make")
    seen = snippet.run_and_record("lock")
    message = "fatal: Unable to create '/home/alice/lock/.git/index.lock': File exists.\n"
    assert message in seen.output
    snippet.run_and_record("lock-cure")
    staged = lab.laptop.run("git", "-C", "/home/alice/lock", "diff", "--cached", "--name-only")
    assert staged.stdout == "LICENSE\n"


def test_index_lock_stays_while_git_runs(snippet: Snippet, lab: GitLab) -> None:
    """While another git runs, the cure names it and leaves the lock alone."""
    snippet.run("lock-make")
    reader = "mkfifo ~/never && exec git -C ~/project cat-file --batch <>~/never"
    running = lab.laptop.start("bash", "-c", reader)
    lab.laptop.run("bash", "-c", "until pgrep --exact git; do :; done")
    ran = snippet.reader.do(snippet["lock-cure"])["laptop"]
    lab.laptop.run("pkill", "--exact", "git")
    running.communicate()
    assert "git -C /home/alice/project cat-file --batch\n" in ran.output
    assert "removed" not in ran.output
    assert ran.exit == 128
    assert lab.laptop.run("test", "-e", "/home/alice/lock/.git/index.lock").returncode == 0


def test_not_a_repository(snippet: Snippet) -> None:
    """Outside a clone git finds no repository; inside one it does."""
    snippet.run("not-a-repo-make")
    seen = snippet.run_and_record("not-a-repo")
    assert seen.output == "fatal: not a git repository (or any of the parent directories): .git\n"
    snippet.run_and_record("not-a-repo-cure")


def test_dubious_ownership(snippet: Snippet, lab: GitLab) -> None:
    """Git refuses a repository of root; taken over or declared safe it works, and the trust can be taken back."""
    snippet.run("dubious-make")
    seen = snippet.run_and_record("dubious")
    assert "fatal: detected dubious ownership in repository at '/srv/tools'\n" in seen.output
    snippet.run("dubious-own")
    snippet.run_and_record("dubious-check")
    snippet.run("dubious-return")
    snippet.run_and_record("dubious-trust")
    snippet.run("dubious-distrust")
    again = lab.laptop.run("git", "-C", "/srv/tools", "status", check=False)
    assert "fatal: detected dubious ownership" in again.stderr


def test_ambiguous_argument(snippet: Snippet) -> None:
    """A shallow clone does not know the parent of its only commit; unshallowed, it does."""
    snippet.run("shallow-make")
    seen = snippet.run_and_record("shallow")
    message = "fatal: ambiguous argument 'HEAD~1': unknown revision or path not in the working tree.\n"
    assert seen.output.startswith(message)
    snippet.run_and_record("shallow-cure")


def test_bad_revision(snippet: Snippet, lab: GitLab) -> None:
    """A branch that only the remote has is no revision by its short name; by its full name it is."""
    snippet.run("revision-make")
    seen = snippet.run_and_record("revision")
    assert seen.output == "fatal: bad revision 'fix'\n"
    snippet.run_and_record("revision-look")
    snippet.run_and_record("revision-cure")
    assert log(lab, "revision", "main")[0] == "Greet the world"
