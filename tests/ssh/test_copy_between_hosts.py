"""Copy a file between two servers."""

import pytest

from opsbook.labs.ssh import SshLab
from opsbook.pytest_plugin import Snippet

FROM_LAPTOP = "Accepted publickey for alice from 192.0.2.2\n"
FROM_WEB = "Accepted publickey for alice from 192.0.2.10\n"


def test_scp_takes_the_way_through_the_laptop(snippet: Snippet, lab: SshLab) -> None:
    """With no option scp copies as with -3: no agent, and the bastion is visited by the laptop, never by web."""
    snippet.run("copy")
    first, second = snippet.run_and_record("check").output.splitlines()
    assert first.split()[0] == second.split()[0]
    assert snippet.run_and_record("route").output == FROM_LAPTOP
    lab.laptop.run("scp", "-3", "web:/etc/hosts", "bastion:by-3")
    assert snippet.run("route").output == FROM_LAPTOP
    assert lab.bastion.read("/home/alice/by-3") == lab.web.read("/etc/hosts")
    assert "from 192.0.2.10" not in lab.log("bastion")


def test_scp_copies_to_and_from_a_host_behind_the_bastion(snippet: Snippet, lab: SshLab) -> None:
    """With ProxyJump in the file scp copies from web to db and from db to web."""
    snippet.run("config")
    snippet.run("jump")
    lines = snippet.run_and_record("check-jump").output.splitlines()
    of_web, of_db, same_web, same_db = (line.split()[0] for line in lines)
    assert (of_web, of_db) == (same_web, same_db)
    assert of_web != of_db
    assert lab.web.read("/home/alice/hosts-of-db") == lab.db.read("/etc/hosts")


def test_a_pipe_copies_a_file_and_a_folder(snippet: Snippet, lab: SshLab) -> None:
    """Through ssh | ssh a file and, by tar, a folder arrive as they were."""
    snippet.run("pipe")
    assert lab.bastion.read("/home/alice/piped") == lab.web.read("/etc/hosts")
    snippet.run("tar")
    lab.bastion.run("diff", "-r", "/usr/share/base-files", "base-files")


@pytest.mark.claim("ssh-forward-agent-copy-between-servers", "incomplete")
def test_straight_copies_need_the_host_key_and_the_agent(snippet: Snippet, lab: SshLab) -> None:
    """With -R web must know the bastion and get the agent; the data then goes past the laptop."""
    assert "Host key verification failed.\n" in snippet.run_and_record("unknown-host").output
    snippet.run("tell-web")
    assert "alice@bastion: Permission denied (publickey).\n" in snippet.run_and_record("no-key").output
    without = lab.laptop.run(
        "ssh", "-A", "web", "echo agent: $SSH_AUTH_SOCK; scp /etc/hosts bastion:", check=False
    )
    assert without.stdout == "agent:\n"
    assert "Permission denied" in without.stderr
    assert "from 192.0.2.10" not in lab.log("bastion"), "ForwardAgent without an agent lets nobody on"
    snippet.run_and_record("direct", pid=r"Agent pid (\d+)")
    assert snippet.run_and_record("route-direct").output == FROM_WEB
    assert lab.bastion.read("/home/alice/direct") == lab.web.read("/etc/hosts")

    lab.web.run("dd", "if=/dev/urandom", "of=big", "bs=1M", "count=5", "status=none")
    agent = 'eval "$(ssh-agent)" >/dev/null; ssh-add -q; '
    before = traffic(lab)
    lab.laptop.run("bash", "-c", agent + "scp -A -R web:big bastion:big-direct")
    straight = traffic(lab)
    assert straight - before < 1e6, "web sends it to the bastion itself"
    lab.laptop.run("scp", "web:big", "bastion:big")
    assert traffic(lab) - straight > 10e6, "5 MB in and 5 MB out"
    lab.bastion.run("cmp", "big", "big-direct")

    assert "Agent pid" in snippet.run_and_record("undo", pid=r"Agent pid (\d+)").output
    assert lab.web.run("ssh-keygen", "-F", "bastion", check=False).returncode == 1


def test_a_pipe_without_a_source_empties_the_target_and_scp_does_not(snippet: Snippet) -> None:
    """With no file to copy ssh | ssh ends with 0 and an empty target; scp ends with 1 and the target as it was."""
    snippet.run("copy")
    snippet.run_and_record("empties")
    assert snippet.run_and_record("empty").output == "0 hosts-of-web\n"
    snippet.run("refill")
    assert snippet.run_and_record("stops").output == "scp: missing: No such file or directory\n"
    assert not snippet.run_and_record("kept").output.startswith("0 ")


def traffic(lab: SshLab) -> int:
    """Return how many bytes have come in and gone out at the laptop."""
    for line in lab.laptop.run("cat", "/proc/net/dev").stdout.splitlines():
        name, _, numbers = line.partition(":")
        if name.strip() == "outside":
            counts = numbers.split()
            return int(counts[0]) + int(counts[8])
    raise AssertionError("the laptop has no interface called outside")
