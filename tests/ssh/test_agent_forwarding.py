"""Agent forwarding: what it exposes, and what to use instead."""

import re
import time

import pytest

from opsbook.labs.ssh import SshLab
from opsbook.pytest_plugin import Snippet

FINGERPRINT = r"(SHA256:\S{43})"


def test_a_jump_lends_no_agent_to_any_server(snippet: Snippet, lab: SshLab) -> None:
    """With an agent loaded at home, -J asks neither bastion nor db to forward it, and db is reached."""
    assert snippet.run_and_record("jump").output == "db\n"
    snippet.run_and_record("agent", pid=r"Agent pid (\d+)")
    assert snippet.run_and_record("none").output == "agent on db: none\nagent on bastion: none\n"
    asks = "Requesting authentication agent forwarding"
    with_agent = ("ssh-agent", "sh", "-c")
    jumped = lab.laptop.run(*with_agent, "ssh-add -q; ssh -v -J bastion db true")
    forwarded = lab.laptop.run(*with_agent, "ssh-add -q; ssh -v -A bastion true")
    assert asks not in jumped.stderr
    assert asks in forwarded.stderr


def test_root_on_the_server_uses_a_forwarded_agent_and_others_do_not(snippet: Snippet, lab: SshLab) -> None:
    """While alice's session is open root lists her key and is let in on web; mallory finds the socket closed."""
    snippet.run("agent")
    assert "\ndb\n" in snippet.run_and_record("use").output
    snippet.run("session")
    seen = snippet.run_and_record("root", fingerprint=FINGERPRINT)
    assert "alice@laptop (ED25519)" in seen.output
    assert seen.output.endswith("\nalice\nweb\n")
    assert "Accepted publickey for alice from 192.0.2.20 " in lab.log("web"), "it came from the bastion"
    assert "Permission denied" in snippet.run_and_record("mallory", random=r"/tmp/ssh-(\w+)'").output
    (socket,) = sockets(lab, "bastion")
    for user, code in (("mallory", 2), ("bob", 2), ("alice", 0), ("root", 0)):
        listed = lab.bastion.run("env", f"SSH_AUTH_SOCK={socket}", "ssh-add", "-l", user=user, check=False)
        assert listed.returncode == code, listed.stderr
    snippet.run_and_record("end-session")
    until_no_socket(lab, "bastion")


@pytest.mark.claim("ssh-forward-agent-plus-controlpersist", "unsafe")
def test_with_controlpersist_the_socket_outlives_the_logout(snippet: Snippet, lab: SshLab) -> None:
    """After a command that has ended, root still lists the key; -O exit takes the socket away."""
    snippet.run("agent")
    snippet.run("everywhere")
    assert snippet.run("short-visit").output == "bastion\n"
    processes = lab.bastion.run("ps", "-u", "alice", "-o", "args=").stdout
    assert "bash" not in processes, "no shell or command of alice is left there"
    snippet.run_and_record("still-there", fingerprint=FINGERPRINT)
    snippet.run("exit")
    seen = snippet.run_and_record("gone")
    assert seen.output == "Error connecting to agent: No such file or directory\n"
    assert not sockets(lab, "bastion")


@pytest.mark.claim("ssh-forward-agent-host-star", "unsafe")
def test_host_star_lends_the_agent_to_every_server(snippet: Snippet, lab: SshLab) -> None:
    """With ForwardAgent under Host * root of any server visited can sign with the key; by name only that one."""
    snippet.run("agent")
    snippet.run("everywhere")
    for machine in (lab.web, lab.bastion):
        # Its connection stays open after this, and with that the agent's socket.
        shell = 'eval "$(ssh-agent)" >/dev/null; ssh-add -q; ssh "$0" true'
        lab.laptop.run("bash", "-c", shell, machine.name)
        (socket,) = sockets(lab, machine.name)
        listed = machine.run("env", f"SSH_AUTH_SOCK={socket}", "ssh-add", "-l", user="root")
        assert "alice@laptop" in listed.stdout
    (socket,) = sockets(lab, "bastion")
    login = ("ssh", "-o", "StrictHostKeyChecking=accept-new", "alice@web", "id -un")
    assert lab.bastion.run("env", f"SSH_AUTH_SOCK={socket}", *login, user="root").stdout == "alice\n"
    snippet.run("one-host")
    assert snippet.run_and_record("check-one-host").output == "forwardagent yes\nforwardagent no\n"


def test_a_constrained_key_opens_nothing_else_from_the_server(snippet: Snippet, lab: SshLab) -> None:
    """With ssh-add -h root on the bastion is let in on db as alice, and neither as another user nor on web."""
    snippet.run("agent")
    snippet.run("session")
    assert snippet.run("root").output.endswith("\nalice\nweb\n")
    snippet.run("end-session")
    until_no_socket(lab, "bastion")
    snippet.run_and_record("constrain")
    snippet.run("session")
    seen = snippet.run_and_record("root-constrained")
    assert "\ndb\n" in seen.output
    assert seen.output.endswith("\nalice@web: Permission denied (publickey).\n")
    (socket,) = sockets(lab, "bastion")
    as_root = ("env", f"SSH_AUTH_SOCK={socket}", "ssh", "root@db", "true")
    assert lab.bastion.run(*as_root, user="root", check=False).returncode == 255
    snippet.run("end-session")
    snippet.run("one-host")
    assert re.fullmatch(r"Agent pid \d+ killed\n", snippet.run_and_record("undo", pid=r"pid (\d+)").output)
    assert lab.laptop.read("/home/alice/.ssh/config") == "Host bastion\n"


def test_without_an_agent_at_home_there_is_none_to_forward(snippet: Snippet) -> None:
    """With no agent at home ssh -A leaves the server without one; with an agent the key is listed there."""
    seen = snippet.run_and_record("no-agent")
    assert seen.output == "Could not open a connection to your authentication agent.\n"
    listed = snippet.run_and_record("with-agent", pid=r"Agent pid (\d+)", fingerprint=FINGERPRINT)
    assert "alice@laptop (ED25519)" in listed.output


def test_a_key_to_be_confirmed_is_refused_without_askpass(snippet: Snippet, lab: SshLab) -> None:
    """After ssh-add -c each use is refused without an askpass, asked with one, and refused when that says no."""
    snippet.run("with-agent")
    snippet.run("use")
    snippet.run_and_record("ask-me")
    assert "agent refused operation" in snippet.run_and_record("refused").output
    snippet.run("askpass")
    seen = snippet.run_and_record("asked", pid=r"Agent pid (\d+)", fingerprint=FINGERPRINT)
    assert "\ndb\n" in seen.output
    assert seen.output.count("Allow use of key alice@laptop?") == 2
    lab.laptop.run("sed", "-i", "$ a exit 1", "bin/ask")
    assert "agent refused operation" in snippet.run("refused").output
    snippet.run("end")


def sockets(lab: SshLab, name: str) -> list[str]:
    """Return the forwarded agents' sockets on a machine."""
    found = lab.machines[name].run("find", "/tmp", "-path", "/tmp/ssh-*", "-type", "s", user="root")
    return found.stdout.split()


def until_no_socket(lab: SshLab, name: str) -> None:
    """Wait until sshd has taken the sockets of ended sessions away."""
    deadline = time.monotonic() + 10
    while sockets(lab, name):
        assert time.monotonic() < deadline, "the agent's socket stays after the connection has ended"
        time.sleep(0.05)
