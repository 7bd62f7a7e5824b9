"""Let all sessions to a host share the first one's connection."""

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager
from subprocess import Popen, TimeoutExpired

import pytest

from opsbook.labs.machines import File
from opsbook.labs.process import wait_until
from opsbook.labs.ssh import SshLab
from opsbook.pytest_plugin import Snippet

SOCKET = r"/cm/([0-9a-f]{40})"


def config(lab: SshLab, *lines: str) -> None:
    """Make these lines the ~/.ssh/config of alice on the laptop."""
    lab.laptop.put({"/home/alice/.ssh/config": File("\n".join(["Host *", *lines, ""]), owner="alice")})


def client_port(lab: SshLab) -> str:
    """Return the laptop's port of the connection that a session to web has."""
    return lab.laptop.run("ssh", "web", "echo $SSH_CONNECTION").stdout.split()[1]


def is_open(lab: SshLab) -> bool:
    """Tell whether there is a connection to share."""
    return lab.laptop.run("ssh", "-O", "check", "web", check=False).returncode == 0


def logins(lab: SshLab) -> int:
    """Return how often alice has logged in on web."""
    return lab.log("web").count("Accepted publickey for alice")


def reloaded(lab: SshLab) -> None:
    """Return once the sshd of web answers: for a moment after a reload it listens nowhere."""
    wait_until(lambda: "ssh-ed25519" in lab.laptop.run("ssh-keyscan", "web", check=False).stdout, "sshd")


@contextmanager
def session(lab: SshLab, until: str) -> Iterator[Popen[str]]:
    """Yield a session on web that has said up, and that says bye once the file `until` is there."""
    command = f"echo up; until test -e {until}; do sleep 0.05; done; echo bye"
    with lab.laptop.start("ssh", "web", command) as process:
        assert process.stdout
        assert process.stdout.readline() == "up\n"
        try:
            yield process
        finally:
            process.kill()


def test_sessions_share_the_first_connection(snippet: Snippet, lab: SshLab) -> None:
    """With the page's lines the server sees one login and one port for any number of sessions, until -O exit."""
    snippet.run("config")
    snippet.run_and_record("check", pid=r"pid=(\d+)")
    assert {client_port(lab) for _ in range(3)} == {client_port(lab)}
    assert logins(lab) == 1
    assert lab.laptop.run("stat", "-c", "%a", ".ssh/cm").stdout == "700\n"
    with session(lab, "/tmp/never") as riding:
        snippet.run_and_record("exit")
        assert riding.wait(5) == 255
    snippet.run_and_record("gone", hash=SOCKET)
    snippet.run("check")
    assert logins(lab) == 2
    snippet.run("undo")
    assert not is_open(lab)
    assert client_port(lab) != client_port(lab)


def test_the_shared_connection_is_faster(snippet: Snippet) -> None:
    """Of three tries each, the best with the shared connection takes a fifth of the other's time at most."""
    snippet.run("config")
    snippet.run("check")
    seen = [snippet.run("gain").output for _ in range(3)]
    snippet.record("gain", seen[0], seconds=r": (\S+) s")
    own, shared = (
        min(float(found[1]) for text in seen if (found := re.search(rf"{label}: ([0-9.]+) s", text)))
        for label in ("own", "one")
    )
    assert own > 5 * shared, seen


@pytest.mark.claim("ssh-controlmaster-two-lines", "holds")
def test_two_lines_are_enough_but_the_first_window_waits(lab: SshLab) -> None:
    """Without ControlPersist sessions share too, and the first ssh ends only after the last of them."""
    config(lab, "ControlMaster auto", "ControlPath ~/.ssh/%h-%p-%r")
    with session(lab, "/tmp/first") as first, session(lab, "/tmp/second") as second:
        assert logins(lab) == 1
        lab.web.run("touch", "/tmp/first")
        assert first.stdout
        assert first.stdout.readline() == "bye\n"
        with pytest.raises(TimeoutExpired):
            first.wait(0.3)
        lab.web.run("touch", "/tmp/second")
        assert second.wait(5) == 0
        assert first.wait(5) == 0
    assert not is_open(lab)


@pytest.mark.claim("ssh-controlpath-tokens", "incomplete")
def test_a_long_path_fails_and_the_hash_does_not(snippet: Snippet, lab: SshLab) -> None:
    """Names in the path make it too long for a socket; %C has 40 characters whatever the name."""
    snippet.run("config")
    snippet.run_and_record("long", random=r"\.([A-Za-z0-9]{16})\"")
    snippet.run_and_record("long-cure")
    told = lab.laptop.run("ssh", "-o", "ControlPath=%C", "-G", "x" * 200).stdout
    assert re.search(r"(?m)^controlpath [0-9a-f]{40}$", told)
    # /home/alice/.ssh/cm/ has 20 bytes: 90 in all still work, 91 do not, 108 are refused before connecting.
    for length, error in ((70, ""), (71, "too long for Unix domain socket"), (88, "ControlPath too long")):
        options = ["-o", "ControlMaster=auto", "-o", f"ControlPath=~/.ssh/cm/{'x' * length}"]
        done = lab.laptop.run("ssh", *options, "web", "true", check=False)
        assert (done.returncode, error in done.stderr) == (255 if error else 0, True), done.stderr


@pytest.mark.claim("ssh-controlmaster-max-sessions", "incomplete")
def test_ten_sessions_fit_on_one_connection(snippet: Snippet, lab: SshLab) -> None:
    """Of twelve sessions two are refused and connect by themselves; with MaxSessions 20 none is."""
    snippet.run("config")
    snippet.run("check")
    snippet.run_and_record("many", hash=SOCKET)
    assert logins(lab) == 3
    snippet.run("more-sessions")
    reloaded(lab)
    snippet.run_and_record("many-again")
    assert logins(lab) == 4
    snippet.run("undo-server")
    assert "MaxSessions" not in lab.web.read("/etc/ssh/sshd_config")
    lab.cut("web")
    # Not into our pipes: the process that owns the connection would hold them open.
    hangs = lab.laptop.run("bash", "-c", "timeout 1 ssh web true > /dev/null 2>&1", check=False)
    assert hangs.returncode == 124
    assert is_open(lab)
    snippet.run("exit")
    lab.heal("web")
    reloaded(lab)
    assert lab.laptop.run("ssh", "web", "hostname").stdout == "web\n"


@pytest.mark.claim("ssh-controlpersist-4h", "incomplete")
def test_persist_counts_from_the_last_session(lab: SshLab) -> None:
    """With 2 s a connection in use lives on past them, and ends 1 to 2 s after its last session."""
    config(lab, "ControlMaster auto", "ControlPath ~/.ssh/door", "ControlPersist 2")
    opened = time.monotonic()
    with session(lab, "/tmp/enough") as only:
        wait_until(lambda: time.monotonic() > opened + 2.5, "more than ControlPersist")
        assert is_open(lab)
        door = lab.laptop.run("ssh", "-S", "/home/alice/.ssh/door", "alice@web", "whoami", user="root")
        assert door.stdout == "alice\n"
        last = time.monotonic()
        lab.web.run("touch", "/tmp/enough")
        assert only.wait(5) == 0
    # Asking with -O check would start the clock anew.
    closed = ["test", "!", "-e", "/home/alice/.ssh/door"]
    wait_until(lambda: lab.laptop.run(*closed, check=False).returncode == 0, "the end of the connection")
    # ssh counts in whole seconds, so up to one of them is missing.
    assert 0.9 < time.monotonic() - last < 5
