"""Lab ssh: three servers, who reaches whom, and links that can be cut, slowed and healed."""

import select
import subprocess
import time
from collections.abc import Iterator

import pytest

from opsbook.labs.ssh import SERVERS, SshLab, ssh_lab
from opsbook.pytest_plugin import skipping_without_lab

from .conftest import host, inside, spaces_of_lab, still


@pytest.fixture(scope="module")
def lab() -> Iterator[SshLab]:
    """One lab for all; who cuts a link heals it."""
    with skipping_without_lab(), ssh_lab() as here:
        yield here


def ssh(lab: SshLab, *argv: str) -> subprocess.CompletedProcess[str]:
    """Run ssh on the laptop."""
    return lab.laptop.run("ssh", *argv, check=False)


def test_nothing_is_left_of_a_lab() -> None:
    """After its block no process, namespace, mount, interface or file of four machines is there."""
    before = host()
    with ssh_lab() as lab:
        spaces = spaces_of_lab(lab)
        assert len(spaces) >= 3 + 4 * 2
        session = lab.laptop.start("ssh", "web", "sleep", "60")
        there = inside(spaces)
        assert sum("sshd" in argv for argv in there.values()) >= 3
        assert host() == before
    assert still(there) == {}
    session.communicate()
    assert host() == before


@pytest.mark.parametrize("name", ["web", "bastion"])
def test_alice_s_key_opens_the_servers_outside(lab: SshLab, name: str) -> None:
    """From the laptop web and bastion let alice in, without a question."""
    done = ssh(lab, name, "hostname; whoami")
    assert (done.stdout, done.stderr, done.returncode) == (f"{name}\nalice\n", "", 0)
    assert ssh(lab, f"root@{name}", "whoami").stdout == "root\n"


def test_db_is_reached_through_the_bastion_only(lab: SshLab) -> None:
    """The laptop neither knows the name db nor has a way to its address; by a jump it gets there."""
    assert "Could not resolve hostname db" in ssh(lab, "db", "true").stderr
    assert "Network is unreachable" in ssh(lab, "10.0.10.25", "true").stderr
    assert ssh(lab, "-J", "bastion", "db", "hostname").stdout == "db\n"
    assert lab.web.run("ping", "-c1", "-W1", "10.0.10.25", user="root", check=False).returncode != 0


def test_each_server_has_its_own_key(lab: SshLab) -> None:
    """Host keys and users' keys are made for each lab, and are nobody else's."""
    keys = {lab.machines[name].read("/etc/ssh/ssh_host_ed25519_key.pub") for name in SERVERS}
    assert len({key.split()[1] for key in keys}) == 3
    with ssh_lab() as twin:
        assert twin.web.read("/etc/ssh/ssh_host_ed25519_key.pub") not in keys
        assert ssh(twin, "web", "hostname").stdout == "web\n"


def test_logs_are_readable(lab: SshLab) -> None:
    """What sshd logs of a login can be asserted on."""
    ssh(lab, "bob@web", "true")
    assert "Failed publickey for bob" in lab.log("web") or "closed by authenticating user bob" in lab.log(
        "web"
    )


def test_a_cut_link_is_silent(lab: SshLab) -> None:
    """With the link cut a new connection gets no answer at all, and an old one hangs; healed, it goes on."""
    old = subprocess.Popen(
        lab.laptop.argv(["ssh", "web", "cat"]), stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0
    )
    assert old.stdin
    assert old.stdout
    old.stdin.write(b"before\n")
    assert old.stdout.read(7) == b"before\n"
    lab.cut("web")
    try:
        done = ssh(lab, "-o", "ConnectTimeout=1", "web", "true")
        assert done.stderr.strip() == "ssh: connect to host web port 22: Connection timed out"
        old.stdin.write(b"during\n")
        assert not select.select([old.stdout], [], [], 0.5)[0]
        assert old.poll() is None
        assert ssh(lab, "bastion", "true").returncode == 0
    finally:
        lab.heal("web")
    assert select.select([old.stdout], [], [], 10)[0]
    assert old.stdout.read(7) == b"during\n"
    old.stdin.close()
    old.stdout.close()
    assert old.wait(10) == 0
    assert ssh(lab, "web", "true").returncode == 0


def test_a_closed_port_is_told_from_a_cut_link(lab: SshLab) -> None:
    """Where nobody listens the refusal comes at once."""
    assert "Connection refused" in ssh(lab, "-p", "2222", "web", "true").stderr


def seconds(lab: SshLab) -> float:
    """Return how long 150 kB from web take, from the first byte to the last."""
    argv = lab.laptop.argv(["ssh", "web", "head -c 150000 /dev/zero"])
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as copy:
        assert copy.stdout
        copy.stdout.read(1)
        before = time.monotonic()
        assert len(copy.stdout.read()) == 149_999
        return time.monotonic() - before


def test_a_slow_link_is_slow_until_it_is_healed(lab: SshLab) -> None:
    """A rate takes effect, and healing lifts it."""
    fast = seconds(lab)
    lab.slow("web", "1mbit")
    try:
        slow = seconds(lab)
    finally:
        lab.heal("web")
    assert slow > 3 * fast
    assert slow > 3 * seconds(lab)


def test_it_tells_its_version(lab: SshLab) -> None:
    """The version that proofs name is the one that the servers greet with."""
    greeting = lab.laptop.run("bash", "-c", "exec 3<>/dev/tcp/192.0.2.10/22; head -n1 <&3").stdout
    assert lab.versions["openssh"].split()[0] in greeting
