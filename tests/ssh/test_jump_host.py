"""Reach a server behind another server."""

import re

import pytest

from opsbook.labs.ssh import SshLab
from opsbook.pytest_plugin import Snippet


@pytest.mark.claim("ssh-jump-topology", "holds")
def test_db_sees_the_inner_address_of_the_bastion(snippet: Snippet, lab: SshLab) -> None:
    """Through the jump, by option or by file, db is reached and sees 10.0.10.252 as the source."""
    assert snippet.run_and_record("now").output == "db\n"
    snippet.run("config")
    seen = snippet.run_and_record("check", port=r"252 (\d+) ")
    assert re.fullmatch(r"db\n10\.0\.10\.252 \d+ 10\.0\.10\.25 22\n", seen.output)
    assert snippet.run_and_record("forms").output == "db\ndb\n"
    assert "from 192.0.2.10 " in lab.log("bastion"), "the second form goes by way of web"
    lab.laptop.run("scp", ".ssh/config", "db:")
    assert lab.db.read("/home/alice/config") == lab.laptop.read("/home/alice/.ssh/config")


@pytest.mark.claim("ssh-jump-direct-impossible", "holds")
def test_only_the_bastion_reaches_db(snippet: Snippet, lab: SshLab) -> None:
    """The laptop reaches db neither by address nor by name; with -J it does, and both names work."""
    seen = snippet.run_and_record("direct")
    assert seen.output.splitlines() == [
        "ssh: connect to host 10.0.10.25 port 22: Network is unreachable",
        "ssh: Could not resolve hostname db: Name or service not known",
    ]
    assert snippet.run_and_record("not-direct").output == "db\ndb\n"
    assert lab.log("db").count("Accepted publickey for alice from 10.0.10.252") == 2


@pytest.mark.claim("ssh-jump-direct-impossible", "holds")
def test_the_jump_needs_no_key_and_no_agent_on_the_bastion(snippet: Snippet, lab: SshLab) -> None:
    """With no key file on the bastion, no agent there and agent forwarding refused, the jump works."""
    snippet.run("config")
    seen = snippet.run_and_record("exposed")
    assert seen.output == "authorized_keys\nagent: none\n"
    reload_sshd(lab, "AllowAgentForwarding no")
    assert lab.laptop.run("ssh", "db", "hostname").stdout == "db\n"
    assert snippet.run_and_record("stdio").output == "db\n"


@pytest.mark.claim("ssh-jump-teaser", "incomplete")
def test_options_of_the_command_line_are_for_the_last_hop(snippet: Snippet, lab: SshLab) -> None:
    """-J, -W and nc all reach db, but -i and -o never get to the jump host: config does, for both hops."""
    snippet.run("config")
    assert snippet.run("stdio").output == snippet.run("netcat").output == "db\n"
    snippet.run("other-name")
    assert snippet.run_and_record("first-hop").output == "bastion\n"
    for name in ("dash-i", "dash-o"):
        seen = snippet.run_and_record(name)
        assert seen.output.startswith("alice@192.0.2.20: Permission denied (publickey).\n")
        assert seen.output.endswith("\nConnection closed by UNKNOWN port 65535\n")
    assert snippet.run_and_record("once").output == "db\n"
    snippet.run("both-hops")
    assert snippet.run_and_record("both-hops-work").output == "db\n"
    assert "Host bastion db" in lab.laptop.read("/home/alice/.ssh/config")


def test_a_bastion_that_forwards_no_tcp_stops_jumps_but_not_nc(snippet: Snippet, lab: SshLab) -> None:
    """AllowTcpForwarding no breaks -J and -W and not nc; PermitOpen then lets through the one target."""
    snippet.run("config")
    snippet.run("forbid")
    seen = snippet.run_and_record("forbidden")
    assert "open failed: administratively prohibited" in seen.output
    assert "\nstdio forwarding failed\n" in seen.output
    by_hand = ("ssh", "-o", "ProxyCommand=ssh -W %h:%p bastion", "db", "hostname")
    assert lab.laptop.run(*by_hand, check=False).returncode == 255
    assert snippet.run_and_record("netcat").output == "db\n"
    snippet.run("allow")
    assert snippet.run_and_record("allowed").output == "db\n"
    other = lab.laptop.run("ssh", "-J", "bastion", "web", "hostname", check=False)
    assert "stdio forwarding failed" in other.stderr


def reload_sshd(lab: SshLab, line: str) -> None:
    """Add `line` to the bastion's sshd_config and wait until its sshd listens again with it."""
    code = (
        f"echo '{line}' >>/etc/ssh/sshd_config; mv /run/sshd.pid /run/sshd.old; "
        'kill -HUP "$(cat /run/sshd.old)"; until [ -s /run/sshd.pid ]; do sleep 0.1; done'
    )
    lab.bastion.run("bash", "-c", code, user="root")
