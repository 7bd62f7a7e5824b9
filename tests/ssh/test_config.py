"""A complete ~/.ssh/config: every line counts, and the order of its blocks too."""

import re
import time
from collections.abc import Iterator

import pytest

from opsbook.labs.machines import File
from opsbook.labs.ssh import SshLab
from opsbook.pytest_plugin import Snippet

# How ssh -G spells what is written another way in the file.
SPELLINGS = {"yes": ("yes", "true"), "10m": ("600",)}


def settings(code: str) -> Iterator[tuple[int, str, str, str]]:
    """Yield line number, host that it fits, keyword and value of each setting under a Host line."""
    host = ""
    for number, line in enumerate(code.splitlines()):
        keyword, _, value = line.strip().partition(" ")
        if keyword == "Host":
            host = value.replace("*", "any")
        elif host and keyword and keyword != "#":
            yield number, host, keyword.lower(), value


def shown(lab: SshLab, code: str, host: str, user: str) -> dict[str, str]:
    """Return what ssh -G of `user` says of `host` when `code` is the configuration."""
    lab.laptop.put({"/tmp/config": File(code)})
    lines = lab.laptop.run("ssh", "-F", "/tmp/config", "-G", host, user=user).stdout.splitlines()
    return dict(line.split(" ", 1) for line in lines if " " in line)


def says(value: str, seen: str) -> bool:
    """Tell whether `seen` is how ssh -G shows `value`."""
    if value.startswith("+"):
        return seen.endswith(f",{value[1:]}")
    if "%C" in value:
        return re.fullmatch(r"\S+/cm-[0-9a-f]{40}", seen) is not None
    return seen in SPELLINGS.get(value, (value,))


def test_every_line_counts(snippet: Snippet, lab: SshLab) -> None:
    """Each setting shows in ssh -G of a host that it fits, and without its line ssh -G says something else."""
    snippet.run("complete")
    code = snippet["complete"].code
    lines = code.splitlines()
    found = list(settings(code))
    assert len(found) == sum(bool(re.match(r" +[A-Z]", line)) for line in lines)
    for number, host, keyword, value in found:
        # Bob, because alice's own name is one of the values.
        seen = shown(lab, code, host, "bob")
        assert says(value, seen[keyword]), f"{lines[number]}: {seen[keyword]}"
        less = "\n".join(lines[:number] + lines[number + 1 :])
        assert shown(lab, less, host, "bob") != seen, f"{lines[number]} does nothing"


def test_ssh_uses_the_file(snippet: Snippet, lab: SshLab) -> None:
    """With the page's file ssh says its values, reaches the host behind bastion, and can do without the file."""
    snippet.run("complete")
    seen = snippet.run_and_record("check").output
    assert "hostname 192.0.2.10\n" in seen
    assert snippet.run_and_record("use").output == "db\n"
    assert lab.laptop.run("ssh", "-F", "none", "db", "hostname", check=False).returncode == 255
    snippet.run_and_record("without")


def test_include_counts_where_it_stands(snippet: Snippet, lab: SshLab) -> None:
    """An included file counts for all hosts at the top of the file, and under a Host line for that host only."""
    snippet.run("complete")
    snippet.run("work")
    assert snippet.run_and_record("included").output == "hostname 192.0.2.10\n"
    assert shown(lab, "Host other\nInclude config.d/*.conf\n", "ci", "alice")["hostname"] == "ci"


@pytest.mark.claim("ssh-host-star-first", "incomplete")
def test_the_first_value_wins(snippet: Snippet) -> None:
    """With Host * first the host's own value is ignored; with Host * last it counts."""
    snippet.run("star-first")
    assert snippet.run_and_record("first-wins").output == "serveraliveinterval 15\n"
    snippet.run("star-last")
    assert snippet.run_and_record("last-fills").output == "serveraliveinterval 60\n"


def test_command_line_then_user_then_system(lab: SshLab) -> None:
    """The command line wins over the user's file, and that over the system's, which fills the rest."""
    home = "/home/alice/.ssh/config"
    lab.laptop.put(
        {
            "/etc/ssh/ssh_config": File("Host *\nServerAliveInterval 1\nConnectTimeout 1\nPort 1\n"),
            home: File("Host *\nServerAliveInterval 2\nConnectTimeout 2\n", owner="alice", mode=0o600),
        }
    )
    seen = lab.laptop.run("ssh", "-o", "ServerAliveInterval=3", "-G", "web").stdout.splitlines()
    assert {"serveraliveinterval 3", "connecttimeout 2", "port 1"} <= {*seen}


def test_all_identity_files_count(lab: SshLab) -> None:
    """IdentityFile is not first-wins: those of all blocks that fit are tried."""
    code = "Host web\nIdentityFile ~/.ssh/a\nHost *\nIdentityFile ~/.ssh/b\n"
    lab.laptop.put({"/tmp/config": File(code)})
    seen = lab.laptop.run("ssh", "-F", "/tmp/config", "-G", "web").stdout
    assert re.findall(r"^identityfile (.*)$", seen, re.MULTILINE) == ["~/.ssh/a", "~/.ssh/b"]


def test_a_file_that_others_can_write_is_refused(snippet: Snippet) -> None:
    """Ssh refuses to start with a configuration that others can write, until it is closed again."""
    snippet.run("complete")
    snippet.run("open-to-all")
    assert "Bad owner or permissions" in snippet.run_and_record("refused").output
    snippet.run("close")
    snippet.run_and_record("accepted")


@pytest.mark.claim("ssh-compression-yes", "dated")
def test_compression_is_for_slow_lines(lab: SshLab) -> None:
    """Compression is off by default, slows a fast line down, and helps a slow one with text."""
    assert "\ncompression no\n" in lab.laptop.run("ssh", "-F", "none", "-G", "web").stdout
    lab.laptop.run(
        "sh", "-c", "head -c 24M /dev/urandom > random; yes 'a line of a log' | head -c 300K > text"
    )

    def seconds(file: str, compression: str) -> float:
        began = time.monotonic()
        copy = f"ssh -o Compression={compression} web 'cat > /dev/null' < {file}"
        lab.laptop.run("sh", "-c", copy)
        return time.monotonic() - began

    assert seconds("random", "yes") > 1.5 * seconds("random", "no")
    lab.slow("web", "1mbit")
    plain = seconds("text", "no")
    assert plain > 1.5
    assert plain > 2 * seconds("text", "yes")
