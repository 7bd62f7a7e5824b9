"""Lab disk: disks in memory that nothing of the host is among."""

import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from opsbook.labs.disk import DISKS, DiskLab, disk_lab
from opsbook.labs.machines import Shell
from opsbook.labs.process import LabUnavailable
from opsbook.pytest_plugin import skipping_without_lab

from .conftest import Process, children_of, host, popen, processes, soon, still

OPSBOOK = Path(sys.executable).with_name("opsbook")
FORMAT = """disk=$(lsblk -dnpo NAME,FSTYPE,MOUNTPOINTS | awk 'NF == 1 { print $1; exit }')
mkfs.ext4 -q $disk; mkdir /data; mount $disk /data; sleep 61"""
# What keeps each lab busy while it is killed.
BUSY = {"disk": FORMAT, "vm": FORMAT, "docker": "docker run busybox sleep 61"}
# Loop devices are the whole machine's, so whoever counts them wants to be alone with them.
pytestmark = pytest.mark.xdist_group("loops")


@pytest.fixture
def lab() -> Iterator[DiskLab]:
    """A fresh lab."""
    with skipping_without_lab(), disk_lab() as here:
        yield here


@pytest.fixture
def root(lab: DiskLab) -> Iterator[Shell]:
    """A shell of root on the machine; FIRST, SECOND and HUGE are its disks."""
    with lab.box.shell("root") as shell:
        yield shell


def loops() -> set[str]:
    """Return the attached loop devices of this host, each with the number that its attachment alone has; diskseq in
    sysfs-block(5).
    """
    found = set()
    for loop in Path("/sys/block").glob("loop*"):
        # A device that is being detached goes between these two looks.
        with suppress(OSError):
            if (loop / "loop/backing_file").exists():
                found.add(f"{loop.name} {(loop / 'diskseq').read_text().strip()}")
    return found


def test_the_machine_sees_its_own_disks_and_no_other(lab: DiskLab) -> None:
    """On it, lsblk and /dev show three disks of the stated sizes and no block device of the host."""
    listed = lab.box.run("lsblk", "-bndo", "PATH,SIZE", user="root").stdout
    assert sorted(line.split() for line in listed.splitlines()) == sorted(
        [disk.device, str(DISKS[name])] for name, disk in lab.disks.items()
    )
    nodes = lab.box.run("find", "/dev", "-type", "b", user="root").stdout.split()
    assert sorted(nodes) == sorted(disk.device for disk in lab.disks.values())


def test_partitions_come_and_go_in_dev(lab: DiskLab, root: Shell) -> None:
    """A new partition gets its node, can be formatted, mounted and written to, and loses its node when deleted."""
    made = root.paste(
        "parted -s $FIRST mklabel gpt mkpart data ext4 1MiB 50% mkpart more xfs 50% 100% 2>/dev/null"
    )
    lab.settle()
    used = root.paste(
        "mkfs.ext4 -q ${FIRST}p1 && mkdir /data && mount ${FIRST}p1 /data && echo kept >/data/file\n"
        "findmnt -no SOURCE,FSTYPE /data; umount /data\n"
        "parted -s $FIRST rm 1 2>/dev/null"
    )
    lab.settle()
    first = lab.disks["first"].device
    assert (made.exit, used.exit) == (0, 0), used.output
    assert used.output.split() == [f"{first}p1", "ext4"]
    assert root.paste("ls ${FIRST}*").output.split() == [first, f"{first}p2"]


def test_the_huge_disk_costs_only_what_is_written(lab: DiskLab, root: Shell) -> None:
    """A GPT fits on the 3 TB disk, whose file stays below a megabyte."""
    assert root.paste("parted -s $HUGE mklabel gpt mkpart all ext4 1MiB 100% 2>/dev/null").exit == 0
    assert lab.disks["huge"].image.stat().st_blocks * 512 < 1 << 20


def test_labs_do_not_share_disks(lab: DiskLab) -> None:
    """A second lab at the same time has other devices."""
    with disk_lab() as twin:
        both = [disk.name for here in (lab, twin) for disk in here.disks.values()]
    assert len(set(both)) == 6


def test_an_ordinary_user_is_told_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without root the lab is not to be had, and the message names the other lab."""
    monkeypatch.setattr(os, "geteuid", lambda: 1000)
    with pytest.raises(LabUnavailable, match=r"need root; lab vm has disks for everybody"), disk_lab():
        pass


def test_a_lab_that_ended_leaves_no_loop_device() -> None:
    """A file system still mounted when the lab ends holds nothing back."""
    before = loops()
    with skipping_without_lab(), disk_lab() as lab:
        done = lab.box.run(
            "sh",
            "-ec",
            f"mkfs.ext4 -q {lab.disks['first'].device}; mkdir /data; mount {lab.disks['first'].device} /data",
            user="root",
        )
        assert done.returncode == 0
        # Other labs' devices come and go meanwhile.
        names = {disk.name for disk in lab.disks.values()}
        ours = {loop for loop in loops() - before if loop.split()[0] in names}
        assert len(ours) == len(names) == 3
    assert soon(lambda: not ours & loops()), loops()


def family(process: subprocess.Popen[bytes]) -> set[Process]:
    """Return a program and all below it."""
    numbers = {process.pid, *children_of(process.pid)}
    return {running for running in processes() if running[0] in numbers}


@pytest.mark.timeout(200)
@pytest.mark.parametrize(
    ("lab_name", "times", "longest"),
    [("disk", 14, 0.9), ("vm", 6, 3.0), ("docker", 5, 2.5), ("databases", 4, 2.0)],
)
def test_killed_at_any_moment_it_leaves_nothing(
    tmp_path: Path, lab_name: str, times: int, longest: float
) -> None:
    """After SIGKILL at random moments no loop device, mount, virtual machine, process or file is left."""
    before, attached = host(), loops()
    cached = {*Path.home().glob(".cache/opsbook/**")}
    for _ in range(times):
        environment = os.environ | {"TMPDIR": str(tmp_path)}
        mounting = 'mkfs.ext4 -q "$1"; mkdir /data; mount "$1" /data; sleep 61'
        disk = "\"$(lsblk -dnpo NAME,FSTYPE,MOUNTPOINTS | awk 'NF == 1 { print $1; exit }')\""
        inside = ["bash", "-c", f"set -- {disk}; {mounting}"]
        argv: list[str | Path] = [OPSBOOK, "lab", "--user", "root", lab_name, "--", *inside]
        process = popen(argv, env=environment, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        there: set[Process] = set()
        deadline = time.monotonic() + random.uniform(0.05, longest)  # noqa: S311  # any moment will do
        while time.monotonic() < deadline:
            there |= family(process)
            time.sleep(0.005)
        process.send_signal(signal.SIGKILL)
        process.wait()
        assert soon(lambda seen=there: not still(seen)), still(there)  # type: ignore[misc]
        assert soon(lambda: loops() <= attached), loops() - attached
        assert list(tmp_path.iterdir()) == []
    assert host() == before
    assert {*Path.home().glob(".cache/opsbook/**")} == cached
