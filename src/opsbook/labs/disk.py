"""Lab disk: a machine with disks of its own, as loop devices over sparse files in memory; needs root.

Quicker than lab vm and without its kernel: no udev, no systemd, no reboot. The machine sees no other block device,
neither in /dev nor in lsblk. Each loop device clears itself when its last user is gone, which the kernel does
however we die; see loop(4), LO_FLAGS_AUTOCLEAR.
"""

import errno
import fcntl
import os
import re
import stat
import struct
import subprocess
import threading
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from opsbook.labs.machines import File, Ground, Machine, ground
from opsbook.labs.process import POLL_SECONDS, LabError, LabUnavailable, need, wait_until

# linux/loop.h
LOOP_CTL_GET_FREE, LOOP_CONFIGURE = 0x4C82, 0x4C0A
LO_FLAGS_AUTOCLEAR, LO_FLAGS_PARTSCAN = 4, 8
# struct loop_config: fd, block_size, struct loop_info64 (52 bytes before lo_flags, 232 in all), 8 reserved words.
LOOP_CONFIG = struct.Struct("=II 52x I 176x 64x")
MIB = 1 << 20
# Two to work on and one that is larger than an msdos label can say, in bytes; all are sparse.
DISKS = {"first": 256 * MIB, "second": 64 * MIB, "huge": 3 * 10**12}
SETUP = """
mount -o remount,dev,exec /dev
mount -t sysfs -o nosuid,noexec sysfs /sys
mount -t tmpfs -o size=64k blocks /sys/block
"""


@dataclass
class Disk:
    """A loop device that this process holds: its name below /dev and its backing file as seen from here."""

    name: str
    image: Path

    @property
    def device(self) -> str:
        """The device's path on the machine."""
        return f"/dev/{self.name}"

    def nodes(self) -> dict[str, int]:
        """Return the device numbers, by name, of this disk and of the partitions that the kernel knows now."""
        folder = Path("/sys/class/block") / self.name
        found = [folder, *folder.glob(f"{self.name}p*")]
        numbers = {}
        for node in found:
            # A partition may go between these two looks.
            try:
                major, minor = (node / "dev").read_text().split(":")
            except OSError:
                continue
            numbers[node.name] = os.makedev(int(major), int(minor))
        return numbers


@dataclass(frozen=True)
class DiskLab:
    """The facts of lab disk: its one machine `box`, its disks by name, and what a reader finds there."""

    machines: Mapping[str, Machine]
    versions: Mapping[str, str]
    disks: Mapping[str, Disk]
    dev: Path

    @property
    def box(self) -> Machine:
        """The machine."""
        return self.machines["box"]

    @property
    def banner(self) -> str:
        """What a reader finds there."""
        named = ", ".join(f"{disk.device} ({name})" for name, disk in self.disks.items())
        return (
            f"You are on box, whose disks live in memory: {named}.\n"
            "They are empty; work on them as root:  opsbook lab --user root disk"
        )

    def settle(self) -> None:
        """Return once /dev shows the partitions that the kernel knows, as `udevadm settle` does elsewhere."""
        wait_until(lambda: all(in_dev(self.dev, d) == d.nodes() for d in self.disks.values()), "/dev")


def in_dev(dev: Path, disk: Disk) -> dict[str, int]:
    """Return the device numbers, by name, of the nodes of `disk` and its partitions in the folder `dev`."""
    found = dev.glob(f"{disk.name}*")
    ours = re.compile(rf"{disk.name}(p\d+)?")
    return {node.name: node.stat().st_rdev for node in found if ours.fullmatch(node.name)}


def attach(image: Path, stack: ExitStack) -> Disk:
    """Return a free loop device over the file `image`, which holds until `stack` ends or this process does.

    Raises LabUnavailable where there are no loop devices.
    """
    try:
        control = os.open("/dev/loop-control", os.O_RDWR | os.O_CLOEXEC)
    except OSError as error:
        raise LabUnavailable(
            f"no loop devices: /dev/loop-control: {error.strerror} (modprobe loop)"
        ) from None
    backing = os.open(image, os.O_RDWR | os.O_CLOEXEC)
    try:
        # Between asking for a free one and taking it, another lab may have taken it.
        for _ in range(100):
            number = fcntl.ioctl(control, LOOP_CTL_GET_FREE)
            device = os.open(f"/dev/loop{number}", os.O_RDWR | os.O_CLOEXEC)
            try:
                flags = LO_FLAGS_AUTOCLEAR | LO_FLAGS_PARTSCAN
                fcntl.ioctl(device, LOOP_CONFIGURE, LOOP_CONFIG.pack(backing, 0, flags))
            except OSError as error:
                os.close(device)
                if error.errno != errno.EBUSY:
                    raise LabError(f"/dev/loop{number}: {error.strerror}") from None
                continue
            stack.callback(os.close, device)
            return Disk(f"loop{number}", image)
        raise LabError("no loop device stayed free")
    finally:
        os.close(backing)
        os.close(control)


@contextmanager
def nodes_kept(dev: Path, disks: Mapping[str, Disk]) -> Iterator[None]:
    """Keep `dev` as udev would: a node for each of `disks` and for each partition, while it exists."""
    done = threading.Event()

    def refresh() -> None:
        for disk in disks.values():
            wanted, there = disk.nodes(), in_dev(dev, disk)
            for name in there.keys() - {n for n, number in wanted.items() if there.get(n) == number}:
                (dev / name).unlink()
                there.pop(name)
            for name in wanted.keys() - there.keys():
                os.mknod(dev / name, stat.S_IFBLK | 0o660, wanted[name])

    def watch() -> None:
        while not done.wait(POLL_SECONDS):
            refresh()

    refresh()
    watcher = threading.Thread(target=watch, daemon=True)
    watcher.start()
    try:
        yield
    finally:
        done.set()
        watcher.join()


@lru_cache
def versions() -> dict[str, str]:
    """Return the versions of the programs that the machine shares with this host."""
    told = {}
    for name, argv in (
        ("parted", [need("parted", "parted"), "--version"]),
        ("e2fsprogs", [need("mke2fs", "e2fsprogs"), "-V"]),
        ("xfsprogs", [need("mkfs.xfs", "xfsprogs"), "-V"]),
        ("util-linux", [need("lsblk", "util-linux"), "--version"]),
    ):
        done = subprocess.run(argv, capture_output=True, text=True, check=True)
        told[name] = f"{name} {re.findall(r'[0-9]+(?:[.][0-9]+)+', done.stdout + done.stderr)[0]}"
    return told


def boot(here: Ground, disks: Mapping[str, Disk]) -> Machine:
    """Return the machine, with /sys showing no block device but `disks`."""
    known = "".join(f"{name.upper()}={disk.device}\n" for name, disk in disks.items())
    box = here.machine("box", ("root", "alice"), files={"/sys": File(None, mode=0o755)}, profile=known)
    links = "".join(f"ln -s ../devices/virtual/block/{d.name} /sys/block/{d.name}\n" for d in disks.values())
    box.run("sh", "-ec", SETUP + links, user="root")
    return box


@contextmanager
def disk_lab() -> Iterator[DiskLab]:
    """Yield a machine with three empty disks in memory, of 256 MB, 64 MB and 3 TB; needs root.

    Raises LabUnavailable for an ordinary user, and where there are no loop devices.
    """
    if os.geteuid() != 0:
        raise LabUnavailable("loop devices need root; lab vm has disks for everybody (sudo opsbook lab disk)")
    found = versions()
    # The devices are let go after the ground, with whatever is mounted there, has ended.
    with ExitStack() as held, ground() as here:
        disks = {}
        for name, size in DISKS.items():
            image = here.root / "mnt" / f"{name}.img"
            image.touch(0o600)
            os.truncate(image, size)
            disks[name] = attach(image, held)
        box = boot(here, disks)
        # Its own /dev is only seen from inside, so by way of its first process.
        first = next(word for word in reversed(box.enter) if word.startswith("--target=")).partition("=")[2]
        dev = here.root / "proc" / first / "root/dev"
        with nodes_kept(dev, disks):
            yield DiskLab({"box": box}, found, disks, dev)
