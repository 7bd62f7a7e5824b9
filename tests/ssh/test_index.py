"""The SSH topic: its lab is what the table says, and what people say of SSH in general."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from opsbook.book import Book
from opsbook.labs.process import wait_until
from opsbook.labs.ssh import SshLab

UNIT = "/usr/lib/systemd/system/ssh.service"


def packages(*command: str) -> str:
    """Return what dpkg knows on the system that the labs run on, or skip where there is none."""
    if not shutil.which("dpkg-query"):
        pytest.skip("not proven here: it needs dpkg-query (Debian or Ubuntu)")
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def test_the_lab_is_as_the_table_says(lab: SshLab, book: Book) -> None:
    """Each machine has the addresses of its row, and db answers bastion only."""
    rows = re.findall(
        r"^\| `(\w+)` \| ([\d.]*) ?\| ([\d.]*) ?\|", book.pages["ssh/index.md"].text, re.MULTILINE
    )
    assert [name for name, *_ in rows] == list(lab.machines)
    for name, outside, inside in rows:
        seen = lab.machines[name].run("ip", "-4", "-o", "addr", "show", "scope", "global").stdout
        assert set(re.findall(r"inet ([\d.]+)/", seen)) == {outside, inside} - {""}
    db = ("ssh", "-o", "ConnectTimeout=2", "10.0.10.25", "hostname")
    assert lab.laptop.run(*db, check=False).returncode == 255
    assert lab.laptop.run("ssh", "-J", "bastion", "db", "hostname").stdout == "db\n"


def test_the_page_links_every_page_of_the_topic(book: Book) -> None:
    """Each page of the topic is a row of the index."""
    linked = set(re.findall(r"\]\(([\w-]+)\.md\)", book.pages["ssh/index.md"].text))
    pages = {Path(name).stem for name, page in book.pages.items() if page.topic == "ssh"}
    assert pages - {"index"} <= linked


@pytest.mark.claim("ssh-what-it-is", "holds")
def test_ssh_is_encrypted_login_commands_and_transfer(lab: SshLab) -> None:
    """A command and a file go through, sshd at the other end, and nothing of them is readable on the way."""
    # A relay on the way that writes down all bytes it passes on, both ways.
    relay = "mkfifo back; nc -l -p 2222 <back | tee up | nc 192.0.2.10 22 | tee down >back"
    lab.bastion.run("sh", "-c", f"({relay}) >/dev/null 2>&1 &")
    wait_until(
        lambda: "LISTEN" in lab.bastion.run("ss", "-ltn", "sport = :2222").stdout,
        "the relay",
    )
    via = ("-o", "HostKeyAlias=web", "-p", "2222", "bastion")
    words = "of this nobody reads a word"
    assert lab.laptop.run("ssh", *via, f"echo {words}; ps -o comm= -p $PPID").stdout == f"{words}\nsshd\n"
    wire = lab.bastion.run("sh", "-c", "cat up down | tr -cd '[:print:]'").stdout
    assert wire.count("SSH-2.0-OpenSSH") == 2
    assert words not in wire
    lab.laptop.run("sftp", "-b", "-", "web", input="put .ssh/id_ed25519.pub sent\n")
    assert lab.web.read("/home/alice/sent") == lab.laptop.read("/home/alice/.ssh/id_ed25519.pub")


@pytest.mark.claim("ssh-openssh-only-login", "wrong")
def test_openssh_copies_and_forwards_too(lab: SshLab) -> None:
    """With scp and sftp files are copied, scp speaks SFTP, and -L carries another program's traffic."""
    seen = lab.laptop.run("scp", "-v", ".ssh/id_ed25519.pub", "web:copied").stderr
    assert "Sending subsystem: sftp" in seen
    lab.laptop.run("sftp", "-b", "-", "web", input="get copied back\n")
    assert lab.laptop.read("/home/alice/back") == lab.laptop.read("/home/alice/.ssh/id_ed25519.pub")
    # db's own port 22, which the laptop does not reach, through bastion.
    lab.laptop.run("ssh", "-fN", "-L", "8022:10.0.10.25:22", "-E", "log", "bastion")
    banner = lab.laptop.run("sh", "-c", "echo | timeout 5 nc -N 127.0.0.1 8022", check=False).stdout
    assert banner.startswith("SSH-2.0-OpenSSH")


@pytest.mark.claim("ssh-ubuntu-default-install", "incomplete")
def test_client_and_server_are_two_packages(lab: SshLab) -> None:
    """The client neither holds nor pulls in the server, and a machine with the client alone takes no logins."""
    show = ("dpkg-query", "--show", "--showformat")
    assert "/usr/bin/ssh" in packages("dpkg-query", "--listfiles", "openssh-client").splitlines()
    assert "/usr/sbin/sshd" not in packages("dpkg-query", "--listfiles", "openssh-client")
    assert "/usr/sbin/sshd" in packages("dpkg-query", "--listfiles", "openssh-server").splitlines()
    assert "openssh-server" not in packages(*show, "${Depends} ${Recommends}", "openssh-client")
    assert packages(*show, "${Priority}", "openssh-server") == "optional"
    lab.laptop.run("ssh", "web", "true")
    refused = lab.web.run("ssh", "192.0.2.2", "true", check=False)
    assert "port 22: Connection refused" in refused.stderr


@pytest.mark.claim("ssh-unit-not-found", "holds")
def test_the_unit_comes_with_the_server(lab: SshLab) -> None:
    """The unit ssh.service is in openssh-server, in no other package, and brings sshd.service as its alias."""
    unit = lab.web.read(UNIT)
    assert "\nExecStart=/usr/sbin/sshd " in unit
    assert "\nAlias=sshd.service\n" in unit
    listed = packages("dpkg-query", "--search", "*/systemd/system/ssh.service")
    assert [line.partition(":")[0] for line in listed.splitlines()] == ["openssh-server"]
