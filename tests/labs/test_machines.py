"""Machines: their own files, users, network and shells, and nothing of them left afterwards."""

import os
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from pathlib import Path

import pytest

from opsbook.labs.git import GitLab, git_lab
from opsbook.labs.machines import File, Machine, Shell, ground
from opsbook.labs.process import LabError, LabUnavailable
from opsbook.pytest_plugin import skipping_without_lab

from .conftest import host, inside, soon, spaces_of, spaces_of_lab, still

MOVE = "opsbook-test-host-file"


@pytest.fixture(scope="module")
def lab() -> Iterator[GitLab]:
    """One lab for all that only looks, or puts back what it changed."""
    with skipping_without_lab(), git_lab() as here:
        yield here


@pytest.fixture
def laptop(lab: GitLab) -> Machine:
    """The machine of the lab."""
    return lab.laptop


@pytest.fixture
def shell(laptop: Machine) -> Iterator[Shell]:
    """A fresh shell of alice's."""
    with laptop.shell() as here:
        yield here


def test_nothing_is_left_of_a_lab() -> None:
    """After its block no process, namespace, mount, interface or file of a lab is there, nor was any on this machine."""
    before = host()
    with git_lab() as lab, lab.laptop.shell() as shell:
        shell.paste("sleep 60 &")
        spaces = spaces_of_lab(lab)
        assert len(spaces) >= 5
        there = inside(spaces)
        assert any("sleep 60" in argv for argv in there.values())
        assert host() == before
    assert still(there) == {}
    assert host() == before


def test_nothing_is_left_when_the_block_fails() -> None:
    """An error or Ctrl-C inside the block, or while a machine boots, takes the lab down too."""
    with pytest.raises(KeyboardInterrupt), git_lab() as lab:  # noqa: PT012  # both lines
        there = inside(spaces_of_lab(lab))
        raise KeyboardInterrupt
    assert len(there) > 2
    assert still(there) == {}
    with pytest.raises(LabError, match="false exited 1"), ground(["outside"]) as here:  # noqa: PT012  # both lines
        here.machine("laptop", ["root"])
        there = inside(spaces_of(here.enter[1].partition("=")[2]) - spaces_of("self"))
        here.run("false")
    assert len(there) > 1
    assert still(there) == {}


def test_twins_do_not_meet() -> None:
    """Two labs at the same time have the same names and addresses, and neither sees the other's files."""
    with ExitStack() as stack, ThreadPoolExecutor() as pool:
        labs = list(pool.map(lambda _: stack.enter_context(git_lab()), range(3)))
        for number, lab in enumerate(labs):
            lab.laptop.put({"/home/alice/mine": File(str(number))})
        assert [lab.laptop.read("/home/alice/mine") for lab in labs] == ["0", "1", "2"]
        assert len({frozenset(spaces_of_lab(lab)) for lab in labs}) == 3


def test_files_of_the_host_are_not_there(laptop: Machine, tmp_path: Path) -> None:
    """A machine has its own users and homes; what this machine has in ~/.ssh, /etc or /tmp it does not see."""
    (tmp_path / MOVE).write_text("secret")
    seen = laptop.run("find", "/", "-xdev", "-name", MOVE, user="root", check=False).stdout
    assert seen == ""
    assert laptop.run("test", "-e", str(tmp_path), user="root", check=False).returncode == 1
    assert [line.split(":")[0] for line in laptop.read("/etc/passwd").splitlines()] == [
        "root",
        "alice",
        "bob",
        "sshd",
    ]
    assert laptop.run("ls", "-A", "/root", user="root").stdout == ""
    assert laptop.run("hostname").stdout == "laptop\n"


def test_files_of_the_host_are_untouched(laptop: Machine) -> None:
    """Not even root there can write where this machine's programs are, or see its processes."""
    try:
        done = laptop.run("touch", f"/usr/{MOVE}", user="root", check=False)
        assert "Read-only file system" in done.stderr
    finally:
        Path("/usr", MOVE).unlink(missing_ok=True)
    assert str(os.getpid()) not in laptop.run("ps", "-eo", "args", user="root").stdout
    assert "bwrap" in laptop.run("ps", "-p", "1", "-o", "comm", user="root").stdout


def test_the_host_s_environment_stays_outside(laptop: Machine, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only language, time zone, path and the user's own facts are set."""
    monkeypatch.setenv("SSH_AUTH_SOCK", "/tmp/agent")
    monkeypatch.delenv("TERM", raising=False)
    names = [line.partition("=")[0] for line in laptop.run("env").stdout.splitlines()]
    assert sorted(names) == ["HOME", "LANG", "LOGNAME", "PATH", "SHELL", "TZ", "USER"]


def test_users_are_themselves(laptop: Machine) -> None:
    """Each command runs as its user, in that user's home."""
    for user, home in (("root", "/root"), ("alice", "/home/alice"), ("bob", "/home/bob")):
        assert laptop.run("sh", "-c", "id -un; pwd", user=user).stdout == f"{user}\n{home}\n"
    assert laptop.run("ls", "/home/bob", check=False).returncode != 0


def test_a_failing_command_says_what_it_said(laptop: Machine) -> None:
    """The error of a checked command names machine, command, exit code and output."""
    with pytest.raises(LabError, match=r"laptop: ls /nowhere exited 2\n.*No such file"):
        laptop.run("ls", "/nowhere")


def test_what_is_put_is_there(laptop: Machine) -> None:
    """Files and folders come with owner and mode, text as it is; missing folders are root's."""
    text = "ünï\t'$x'\n\nno newline at the end"
    laptop.put({"/srv/new/file": File(text, owner="bob", mode=0o640), "/srv/dir": File(None, "alice", 0o750)})
    assert laptop.read("/srv/new/file") == text
    seen = laptop.run("stat", "-c", "%U:%a", "/srv/new/file", "/srv/new", "/srv/dir", user="root").stdout
    assert seen == "bob:640\nroot:755\nalice:750\n"


def test_a_shell_keeps_its_state(shell: Shell) -> None:
    """Variables, functions and the folder outlive a block, as they do where one pastes."""
    shell.paste("cd /usr/bin; name=value; greet() { echo hello; }")
    assert shell.paste('pwd; echo "$name"; greet').output == "/usr/bin\nvalue\nhello\n"


def test_the_first_failure_is_the_exit_code(shell: Shell) -> None:
    """A broken line in the middle shows, although the block went on; handled failures do not count."""
    ran = shell.paste("echo one\n(exit 7)\n(exit 8)\necho two")
    assert (ran.output, ran.exit) == ("one\ntwo\n", 7)
    assert shell.paste("! true; false || true; if false; then :; fi").exit == 0
    assert shell.paste("true").exit == 0
    assert shell.paste("no-such-command").exit == 127


def test_a_syntax_error_is_a_failure(shell: Shell) -> None:
    """A block that bash cannot read fails, and the shell goes on."""
    ran = shell.paste("if true; then")
    assert ran.exit != 0
    assert "syntax error" in ran.output
    assert shell.paste("echo on").output == "on\n"


def test_exit_ends_the_shell(shell: Shell) -> None:
    """A block that exits gives that code, and so does all that is pasted after it."""
    ran = shell.paste("echo bye; exit 3\necho never")
    assert (ran.output, ran.exit) == ("bye\n", 3)
    assert shell.paste("echo on").exit == 3


def test_exit_with_a_background_job_ends_the_shell(shell: Shell) -> None:
    """A job that holds the shell's output open does not hide that the shell has gone."""
    before = time.monotonic()
    assert shell.paste("sleep 30 & echo bye; exit 3", seconds=10).exit == 3
    assert shell.paste("echo on", seconds=10).exit == 3
    assert time.monotonic() - before < 15


def test_a_background_job_hangs_nothing(shell: Shell) -> None:
    """A block ends with its last command; what a job prints later is seen with a later block."""
    job = "(until [ -e /tmp/go ]; do sleep 0.02; done; echo from the job; touch /tmp/done) &"
    ran = shell.paste(f"{job}\necho started", seconds=10)
    assert (ran.output, ran.exit) == ("started\n", 0)
    seen = shell.paste(
        "touch /tmp/go; until [ -e /tmp/done ]; do sleep 0.02; done; rm /tmp/go /tmp/done"
    ).output
    assert seen == "from the job\n"


def test_a_chatty_background_job_confuses_nothing(shell: Shell) -> None:
    """Output that comes together with the end of a block neither breaks nor delays it."""
    shell.paste("(while :; do echo noise; done) & job=$!")
    for _ in range(5):
        ran = shell.paste("(exit 4)", seconds=10)
        assert ran.exit == 4
        assert "opsbook" not in ran.output
    shell.paste("kill $job; wait $job", seconds=10)


@pytest.mark.parametrize(
    ("code", "seen"),
    [
        ("""echo 'it'"'"'s' "a \\"b\\"" \\$HOME `echo x`""", """it's a "b" $HOME x\n"""),
        ("cat <<'EOF'\n$HOME 'quoted'\nEOF", "$HOME 'quoted'\n"),
        ("cat <<-EOF\n\ttabbed\n\tEOF", "tabbed\n"),
        ("echo 'ünïcødé ✓ 𝄞'", "ünïcødé ✓ 𝄞\n"),
        ("printf 'no newline'", "no newline"),
        ("echo to stderr >&2; echo a \\\n  b", "to stderr\na b\n"),
        ("echo 'opsbook-12 0'", "opsbook-12 0\n"),
        ("for i in 1 2; do\n\n  echo $i # comment\ndone", "1\n2\n"),
        ("", ""),
    ],
)  # fmt: skip
def test_a_block_arrives_as_it_is(shell: Shell, code: str, seen: str) -> None:
    """Quotes, heredocs, tabs, comments and other alphabets survive the pasting."""
    ran = shell.paste(code)
    assert (ran.output, ran.exit) == (seen, 0)


def test_long_blocks_and_outputs_arrive_whole(shell: Shell) -> None:
    """Neither the code nor what it prints has to fit into a pipe."""
    ran = shell.paste(f"cat <<'EOF'\n{'ü' * 79}\n" + f"{'x' * 79}\n" * 2000 + "EOF\n")
    assert ran.output == f"{'ü' * 79}\n" + f"{'x' * 79}\n" * 2000


def test_a_traced_block_ends_as_any_other(shell: Shell) -> None:
    """`set -x` shows what runs, and hides neither the end of the block nor its exit code."""
    ran = shell.paste("set -x\n(exit 5)")
    assert ran.exit == 5
    assert shell.paste("set +x").exit == 0
    assert shell.paste("echo plain").output == "plain\n"


def test_a_question_gets_no_answer(shell: Shell) -> None:
    """What would ask at the terminal fails at once and says so."""
    assert "No such device or address" in shell.paste("read -r answer </dev/tty", seconds=10).output
    assert shell.paste("test -t 0 && ! test -t 1").exit == 0


def test_no_answer_in_time_is_an_error(laptop: Machine) -> None:
    """The error shows the block and what it had printed until then."""
    with laptop.shell() as shell, pytest.raises(LabError) as error:
        shell.paste("echo so far; sleep 30", seconds=0.3)
    assert str(error.value) == "no answer after 0.3 s to:\necho so far; sleep 30\nso far:\nso far\n"


CHANGES = {
    "content": ("echo changed > /srv/state/file", "/srv/state/file"),
    "same size": ("printf 'TEXT\\n' > /srv/state/file", "/srv/state/file"),
    "mode": ("chmod 600 /srv/state/file", "/srv/state/file"),
    "owner": ("chown bob /srv/state/file", "/srv/state/file"),
    "new": ("touch /srv/state/'new file'", "/srv/state/new file"),
    "gone": ("rm /srv/state/file", "/srv/state/file"),
    "renamed": ("mv /srv/state/file /srv/state/other", "/srv/state/other"),
    "link": ("ln -sfn /elsewhere /srv/state/link", "/srv/state/link"),
    "folder": ("mkdir /srv/state/dir", "/srv/state/dir"),
}


@pytest.mark.parametrize("case", CHANGES)
def test_the_state_of_a_machine_shows_what_lasts(laptop: Machine, case: str) -> None:
    """Content, mode, owner, target, coming and going of each file are seen."""
    command, path = CHANGES[case]
    laptop.run("rm", "-rf", "/srv/state", user="root")
    laptop.put({"/srv/state": File(None, mode=0o755), "/srv/state/file": File("text\n")})
    laptop.run("ln", "-s", "/here", "/srv/state/link", user="root")
    before = laptop.state()
    laptop.run("sh", "-c", command, user="root")
    after = laptop.state()
    assert path in {key for key in {*before, *after} if before.get(key) != after.get(key)}


def test_the_state_of_a_machine_ignores_what_passes(laptop: Machine) -> None:
    """Reading, /tmp, /run, /var/log and sockets leave a machine as it was; so do two looks."""
    before = laptop.state()
    assert before["/home/alice/.gitconfig"].startswith("f 644 1000:1000 ")
    laptop.run(
        "sh", "-c", "echo x > /tmp/x; echo x > /run/x; echo x > /var/log/x; cat /etc/hosts", user="root"
    )
    with laptop.shell() as shell:
        shell.paste("true")
        assert laptop.state() == before


def test_the_state_of_a_machine_shows_background_processes(laptop: Machine) -> None:
    """What a user leaves running counts as a change for as long as it runs."""
    before = laptop.state()
    with laptop.shell() as shell:
        shell.paste("sleep 45 & job=$!")
        assert laptop.state().keys() - before.keys() == {"process alice sleep 45"}
        shell.paste("kill $job; wait $job")
    assert soon(lambda: laptop.state() == before)


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Without its tools a lab says which package has them."""
    monkeypatch.setenv("PATH", str(tmp_path))
    with (
        pytest.raises(LabUnavailable, match=r"bwrap is not installed \(apt-get install bubblewrap\)"),
        ground(),
    ):
        pass


def test_modes_are_debian_s_whatever_the_umask_here(lab: GitLab) -> None:
    """Somebody with umask 077 gets the lab, and the modes, that everybody gets."""
    before = os.umask(0o077)
    try:
        with git_lab() as private, private.laptop.shell() as shell:
            theirs = shell.paste("umask; touch x; stat -c %a / /home/alice x ~/project").output
    finally:
        os.umask(before)
    with lab.laptop.shell() as shell:
        assert shell.paste("umask; touch x; stat -c %a / /home/alice x ~/project; rm x").output == theirs
    assert theirs == "0022\n755\n700\n644\n755\n"
