"""Grow a partition and its file system."""

import pytest

from opsbook.labs.vm import VmLab
from opsbook.pytest_plugin import Snippet


def told(lab: VmLab, command: str) -> str:
    """Return what the shell command prints when root runs it."""
    return lab.box.run("bash", "-c", command, user="root").stdout.strip()


def size(lab: VmLab, node: str) -> int:
    """Return the bytes of a disk or partition, as the kernel counts them."""
    return int(told(lab, f"blockdev --getsize64 {node}"))


def room(lab: VmLab, mount_point: str) -> int:
    """Return the size of the file system mounted there, in 1 KiB blocks."""
    return int(told(lab, f"df --output=size {mount_point} | tail -n 1"))


def end(lab: VmLab, disk: str) -> str:
    """Return where the first partition of the disk ends, in bytes."""
    return told(lab, f"parted --script --machine {disk} unit B print").splitlines()[2].split(":")[2]


@pytest.mark.claim("disk-partitioning-resizepart-only-moves-the-end", "holds")
@pytest.mark.claim("disk-partitioning-resize2fs-resizes-filesystem", "wrong")
def test_the_partition_grows_then_the_filesystem_and_both_come_back(snippet: Snippet, lab: VmLab) -> None:
    """Growpart moves the end alone, resize2fs the ext4 alone, both in use; the undo brings both back, files and all."""
    page = told(lab, "sha256sum /srv/www/*")
    before = room(lab, "/srv")
    assert "1022M" in snippet.run_and_record("look").output
    assert "not on the end of the device" in snippet.run_and_record("keep").output
    snippet.run_and_record("partition")
    assert size(lab, "/dev/sdd1") > 2_000_000_000
    assert room(lab, "/srv") == before
    table = told(lab, "sfdisk --dump /dev/sdd")
    snippet.run_and_record("filesystem")
    assert told(lab, "sfdisk --dump /dev/sdd") == table
    assert room(lab, "/srv") > 2 * before - 100_000
    assert " 2.0G " in snippet.run_and_record("check").output
    assert "No problems found" in told(lab, "sgdisk --verify /dev/sdd")
    snippet.run_and_record("undo")
    assert "1022M" in snippet.run_and_record("undone").output
    assert room(lab, "/srv") == before
    assert told(lab, "sha256sum /srv/www/*") == page


@pytest.mark.claim("disk-partitioning-gpt-needs-backup-header-moved", "incomplete")
@pytest.mark.claim("disk-partitioning-resizepart-in-use", "incomplete")
def test_parted_wants_its_header_moved_and_a_yes_while_in_use(snippet: Snippet, lab: VmLab) -> None:
    """Parted --script fails on a grown GPT disk and on a mounted partition; --fix and one yes help; then XFS grows."""
    snippet.run("guard.sh:only-if-empty")
    snippet.run("grown-disk")
    was = size(lab, "/dev/sdb1")
    assert "Unable to satisfy all constraints" in snippet.run_and_record("constraints-red").output
    assert size(lab, "/dev/sdb1") == was
    snippet.run("constraints-cure")
    assert "No problems found" in told(lab, "sgdisk --verify /dev/sdb")
    assert " 141MiB  " in snippet.run_and_record("units").output
    fixed = size(lab, "/dev/sdb1")
    snippet.run("mount")
    smaller = told(
        lab, "echo Yes | parted ---pretend-input-tty /dev/sdb resizepart 1 500MiB 2>&1 || echo code $?"
    )
    assert "Shrinking a partition can cause data loss" in smaller
    assert smaller.endswith("code 1")
    before = room(lab, "/mnt")
    assert "is being used" in snippet.run_and_record("in-use-red").output
    assert size(lab, "/dev/sdb1") == fixed
    snippet.run("in-use-cure")
    assert size(lab, "/dev/sdb1") > fixed + 90_000_000
    told(lab, "udevadm settle")
    snippet.run_and_record("in-use-check")
    assert room(lab, "/mnt") == before
    snippet.run_and_record("xfs")
    snippet.run_and_record("xfs-check")
    assert room(lab, "/mnt") > before + 900_000
    unmounted = lab.box.run("bash", "-c", "umount /mnt && xfs_growfs /dev/sdb1", user="root", check=False)
    assert "is not a mounted XFS filesystem" in unmounted.stderr


def test_sgdisk_moves_the_header_alone(snippet: Snippet, lab: VmLab) -> None:
    """After sgdisk -e parted grows the partition without --fix, unmounted even without a question."""
    told(lab, "umount /srv")
    was = size(lab, "/dev/sdd1")
    refused = lab.box.run(
        "parted", "--script", "/dev/sdd", "resizepart", "1", "100%", user="root", check=False
    )
    assert "Unable to satisfy all constraints" in refused.stdout + refused.stderr
    told(lab, "sgdisk -e /dev/sdd")
    assert size(lab, "/dev/sdd1") == was
    told(lab, "parted --script /dev/sdd resizepart 1 100%")
    assert size(lab, "/dev/sdd1") > was + 1_000_000_000


@pytest.mark.claim("disk-partitioning-resizepart-unit-g-is-decimal", "holds")
def test_g_is_decimal(lab: VmLab) -> None:
    """G counts in 1000^3 bytes, GiB in 1024^3, 100% leaves nothing; an end in the room of the GPT's copy is refused."""
    told(lab, "parted --script /dev/sde mklabel gpt mkpart data 1MiB 1GiB resizepart 1 1100G")
    # The sector that begins there is the last one.
    assert end(lab, "/dev/sde") == f"{1100 * 1000**3 + 511}B"
    told(lab, "parted --script /dev/sde resizepart 1 1200GiB")
    assert end(lab, "/dev/sde") == f"{1200 * 1024**3 - 1}B"
    told(lab, "parted --script /dev/sde resizepart 1 100%")
    assert "free" not in told(lab, "parted --script --machine /dev/sde unit MiB print free").splitlines()[-1]
    told(lab, "parted --script /dev/sdb mklabel gpt mkpart data 1MiB 1GiB")
    too_far = lab.box.run(
        "parted", "--script", "/dev/sdb", "resizepart", "1", "2GiB", user="root", check=False
    )
    assert too_far.returncode == 1
    assert "outside of the device" in too_far.stdout + too_far.stderr
    assert size(lab, "/dev/sdb1") == (1024 - 1) << 20


@pytest.mark.claim("disk-partitioning-resize2fs-needs-device-of-partition", "wrong")
def test_the_mount_point_tells_the_device(snippet: Snippet, lab: VmLab) -> None:
    """resize2fs on an ungrown, another or no partition grows nothing; with the mount point's device it does."""
    before, root = room(lab, "/srv"), room(lab, "/")
    assert "Nothing to do!" in snippet.run_and_record("nothing-red").output
    told(lab, "sfdisk --dump /dev/sdd >/root/sdd.table")
    told(lab, "growpart /dev/sdd 1")
    assert "Nothing to do!" in told(lab, "resize2fs /dev/sda1 2>&1")
    assert "superblock" in snippet.run_and_record("disk-red").output
    assert (room(lab, "/srv"), room(lab, "/")) == (before, root)
    assert snippet.run_and_record("disk-cure").output.split() == ["/dev/sdd1", "ext4"]
    told(lab, "umount /srv && sfdisk --quiet /dev/sdd </root/sdd.table && udevadm settle && mount /srv")
    snippet.run_and_record("nothing-cure")
    assert room(lab, "/srv") > before + 900_000
    assert room(lab, "/") == root


def test_unmounted_it_wants_a_check(snippet: Snippet, lab: VmLab) -> None:
    """Mounted since its last check, an ext4 is not resized offline; checked, it is."""
    was = room(lab, "/srv")
    snippet.run("unchecked-make")
    snippet.run_and_record("unchecked-red")
    snippet.run_and_record("unchecked-cure")
    assert room(lab, "/srv") > was + 900_000


def test_the_kernel_takes_a_new_size(snippet: Snippet, lab: VmLab) -> None:
    """Where nothing is free growpart says so; enlarged from outside, the disk has room again, and so has the root's."""
    snippet.run("partition")
    snippet.run_and_record("nochange-red")
    snippet.run_and_record("rescan")
    for disk, drive in (("sdd", "grown"), ("sda", "system")):
        lab.link.monitor.ask("block_resize", device=drive, size=3 << 30)
        told(lab, f"echo 1 >/sys/class/block/{disk}/device/rescan")
        assert size(lab, f"/dev/{disk}") == 3 << 30
        told(lab, f"growpart /dev/{disk} 1 && resize2fs /dev/{disk}1")
    assert min(room(lab, "/srv"), room(lab, "/")) > 2_900_000


def test_a_neighbour_leaves_no_room(lab: VmLab) -> None:
    """Growpart does not grow a partition into the next one."""
    told(lab, "parted --script /dev/sdb mklabel gpt mkpart one 1MiB 50% mkpart two 50% 100%")
    refused = lab.box.run("growpart", "/dev/sdb", "1", user="root", check=False)
    assert refused.returncode == 1
    assert refused.stdout.startswith("NOCHANGE: partition 1 is size")
