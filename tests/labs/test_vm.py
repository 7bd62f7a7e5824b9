"""Lab vm: a machine of its own, woken where it was frozen."""

import os
import pty
import re
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner

from opsbook.cli import main
from opsbook.labs import debian, vm
from opsbook.labs.process import LabError, LabUnavailable
from opsbook.labs.vm import VmLab, vm_lab
from opsbook.pytest_plugin import skipping_without_lab

from .conftest import popen

OPSBOOK = Path(sys.executable).with_name("opsbook")
pytestmark = [pytest.mark.xdist_group("vm-0"), pytest.mark.timeout(900)]


@pytest.fixture(scope="module")
def lab() -> Iterator[VmLab]:
    """One machine for all that leave it as it is."""
    with skipping_without_lab(), vm_lab() as here:
        yield here


def test_it_is_a_debian_with_systemd_and_disks_of_its_own(lab: VmLab) -> None:
    """PID 1 is systemd, the kernel is its own, and the disks are those that the pages speak of."""
    assert lab.box.run("cat", "/proc/1/comm").stdout == "systemd\n"
    kernel = lab.box.run("uname", "-r").stdout.strip()
    assert (
        kernel != subprocess.run(["uname", "-r"], capture_output=True, text=True, check=True).stdout.strip()
    )
    listed = lab.box.run("lsblk", "-bdnPo", "NAME,SIZE,SERIAL", user="root").stdout.splitlines()
    assert listed == [
        f'NAME="sd{letter}" SIZE="{size}" SERIAL="{serial}"'
        for letter, (_, size, serial) in zip("abcde", vm.DISKS, strict=True)
    ]
    assert lab.box.run("systemctl", "is-system-running").stdout == "running\n"


def test_its_clock_is_right(lab: VmLab) -> None:
    """A machine frozen days ago does not think that it is still that day."""
    assert abs(int(lab.box.run("date", "+%s").stdout) - time.time()) < 30


def test_it_reaches_nobody(lab: VmLab) -> None:
    """From inside there is no way out: neither to this host nor further."""
    for address in ("10.0.2.2", "192.0.2.1"):
        tried = f"timeout 2 bash -c 'echo >/dev/tcp/{address}/2222' 2>&1"
        assert lab.box.run("bash", "-c", tried, check=False).returncode != 0


def test_users_and_shells_are_as_on_the_other_labs(lab: VmLab) -> None:
    """Root and alice have shells that keep their state, on a terminal where nobody types."""
    for user, home in (("root", "/root"), ("alice", "/home/alice")):
        with lab.box.shell(user) as shell:
            shell.paste("x=kept; cd /")
            assert shell.paste('echo "$x $PWD $HOME $USER"; test -t 0').output == f"kept / {home} {user}\n"
            assert shell.paste("false; true").exit == 1


def test_a_command_keeps_its_words_and_its_exit_code(lab: VmLab) -> None:
    """Blanks, quotes and dollars arrive as they are; so do stdin, stderr and the exit code."""
    done = lab.box.run("sh", "-c", 'cat; echo "$1" >&2; exit 7', "sh", "a  'b' $c", input="in", check=False)
    assert (done.stdout, done.stderr, done.returncode) == ("in", "a  'b' $c\n", 7)


def test_what_one_lab_writes_the_next_does_not_see(lab: VmLab) -> None:
    """Two machines woken from the same state share nothing, not even a disk."""
    with vm_lab() as twin:
        twin.box.run("sh", "-c", "echo mine >/root/file; mkfs.ext4 -q /dev/sdb", user="root")
        changed = twin.box.state()
    state = lab.box.state()
    assert "f /root/file" in changed
    assert "f /root/file" not in state
    assert changed["disk /dev/sdb"] != state["disk /dev/sdb"]


def test_each_change_of_a_file_shows(lab: VmLab) -> None:
    """The state tells a file's rights, owner, length, links and time, even by a nanosecond, and nothing of others."""
    lab.box.run(
        "sh", "-c", "echo a >/root/it; touch -d '2020-02-29 12:00:00.123456789' /root/it", user="root"
    )
    before = lab.box.state()
    for change in (
        "chmod u+s /root/it",
        "chown alice /root/it",
        "chgrp alice /root/it",
        "touch -d '2020-02-29 12:00:00.123456790' /root/it",
        "truncate -s 9 /root/it; touch -d '2020-02-29 12:00:00.123456790' /root/it",
        "ln /root/it /tmp/it",
    ):
        lab.box.run("sh", "-c", change, user="root")
        after = lab.box.state()
        changed = {key for key in {*before, *after} if before.get(key) != after.get(key)}
        assert changed == {"f /root/it"}, change
        before = after
    lab.box.run("rm", "/root/it", "/tmp/it", user="root")


def test_without_a_built_machine_it_says_how_to_build_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty cache makes a test skip with the command that fills it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(LabUnavailable, match="opsbook lab --build vm"), vm_lab():
        pass
    assert list(tmp_path.iterdir()) == []


def test_building_without_packages_says_so_and_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where no packages are to be had, the build names the reason and is not taken for complete."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    monkeypatch.setattr(debian, "SUITE", "no-such-suite")
    monkeypatch.setattr(debian, "sources", list)
    for _ in range(2):
        tried = CliRunner().invoke(main, ["lab", "--build", "vm"])
        assert tried.exit_code == 0, tried.output
        assert "vm: not built: no packages to build it from" in tried.output
    with pytest.raises(LabUnavailable, match="not built yet"), vm_lab():
        pass


def test_a_machine_that_died_is_named_with_its_log(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """When QEMU does not start, here for want of a kernel, the error has its words."""
    (tmp_path / debian.FACTS).write_text('{"accel": "tcg", "versions": {}}')
    for name, _, _ in vm.DISKS:
        (tmp_path / f"{name}.empty").write_text("")
    monkeypatch.setattr(vm, "cache_folder", lambda: tmp_path)
    with (
        skipping_without_lab(),
        pytest.raises(LabError, match=r"QEMU exited 1\n(?s:.*)could not open kernel"),
        vm_lab(),
    ):
        pass


def test_who_reboots_is_back_with_the_machine() -> None:
    """After a reboot the reader has a shell again: another boot, with the disks as they were left."""
    with skipping_without_lab():
        debian.facts_of(vm.cache_folder())
    keyboard, terminal = pty.openpty()
    argv: list[str | Path] = [OPSBOOK, "lab", "--user", "root", "vm"]
    session = popen(argv, stdin=terminal, stdout=terminal, stderr=terminal)
    os.close(terminal)
    try:
        boot = "cat /proc/sys/kernel/random/boot_id"
        os.write(keyboard, f"echo kept >/root/file; {boot}; systemctl reboot\n".encode())
        before = seen_on(
            keyboard,
            r"([0-9a-f]{8}-[0-9a-f-]{27})\r\n[^\0]*box is down; once it has rebooted you are back in it",
        )
        os.write(keyboard, f"{boot}; cat /root/file; exit 7\n".encode())
        assert seen_on(keyboard, r"([0-9a-f]{8}-[0-9a-f-]{27})\r\nkept\r\n") != before
        assert session.wait(60) == 7
    finally:
        os.close(keyboard)
        session.terminate()
        session.wait()


def seen_on(keyboard: int, pattern: str) -> str:
    """Return group 1 of `pattern` once the terminal behind `keyboard` shows it; the test's own limit ends the wait."""
    seen = b""
    while not (found := re.search(pattern, seen.decode(errors="replace"))):
        seen += os.read(keyboard, 65536)
    return found[1]
