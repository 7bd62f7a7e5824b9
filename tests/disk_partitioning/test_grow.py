"""Grow a partition and its file system."""

import pytest

from opsbook.labs.vm import VmLab
from opsbook.pytest_plugin import RecordingWalk

from .conftest import root, size, told


def refused(lab: VmLab, command: str) -> str:
    """Return all that the shell command prints when root runs it and it ends with code 1."""
    return root(lab, command, 1)


def room(lab: VmLab, *mount_points: str) -> list[int]:
    """Return the size of the file system mounted at each, in 1 KiB blocks."""
    return [int(line) for line in told(lab, f"df --output=size {' '.join(mount_points)}").split()[1:]]


def end(lab: VmLab, disk: str) -> str:
    """Return where the first partition of the disk ends, in bytes."""
    return told(lab, f"parted --script --machine {disk} unit B print").splitlines()[2].split(":")[2]


@pytest.mark.claim("disk-partitioning-resizepart-only-moves-the-end", "holds")
@pytest.mark.claim("disk-partitioning-resize2fs-resizes-filesystem", "wrong")
@pytest.mark.claim("disk-partitioning-resize2fs-needs-device-of-partition", "wrong")
@pytest.mark.claim("disk-partitioning-gpt-needs-backup-header-moved", "incomplete")
@pytest.mark.claim("disk-partitioning-resizepart-in-use", "incomplete")
def test_a_partition_grows_then_its_filesystem_and_both_come_back(walk: RecordingWalk, lab: VmLab) -> None:
    """Each tool moves one end, in use; the undo brings both back, files and all; each refusal changes nothing till cured."""
    the_partition_grows_then_the_filesystem_and_both_come_back(walk, lab)
    parted_wants_its_header_moved(walk, lab)
    parted_wants_a_yes_while_in_use(walk, lab)
    xfs_grows_while_mounted(walk, lab)
    what_resize2fs_says(walk, lab)
    walk.to_the_end()
    the_kernel_takes_a_new_size(lab)


def the_partition_grows_then_the_filesystem_and_both_come_back(walk: RecordingWalk, lab: VmLab) -> None:
    """Growpart moves the end alone, resize2fs the ext4 alone, both in use; the undo brings both back, files and all."""
    page = told(lab, "sha256sum /srv/www/*")
    before, system = room(lab, "/srv", "/")
    assert "1022M" in walk.to("look").output
    assert "not on the end of the device" in walk.to("keep").output
    walk.to("partition")
    assert size(lab, "/dev/sdd1") > 2_000_000_000
    table = told(lab, "sfdisk --dump /dev/sdd")
    # Another partition's device, or the disk's, does not make it grow.
    assert "Nothing to do!" in told(lab, "resize2fs /dev/sda1 2>&1")
    assert "superblock" in walk.snippet.run("disk-red").output
    assert room(lab, "/srv", "/") == [before, system]
    walk.to("filesystem")
    assert told(lab, "sfdisk --dump /dev/sdd") == table
    assert room(lab, "/srv")[0] > 2 * before - 100_000
    assert " 2.0G " in walk.to("check").output
    assert "No problems found" in told(lab, "sgdisk --verify /dev/sdd")
    assert "1022M" in walk.to("undone").output
    assert room(lab, "/srv", "/") == [before, system]
    assert told(lab, "sha256sum /srv/www/*") == page


def parted_wants_its_header_moved(walk: RecordingWalk, lab: VmLab) -> None:
    """Parted --script fails on a grown GPT disk and changes nothing; --fix helps."""
    walk.to("grown-disk")
    was = size(lab, "/dev/sdb1")
    assert "Unable to satisfy all constraints" in walk.to("constraints-red").output
    assert size(lab, "/dev/sdb1") == was
    walk.to("constraints-cure")
    assert "No problems found" in told(lab, "sgdisk --verify /dev/sdb")
    assert " 141MiB  " in walk.to("units").output


def parted_wants_a_yes_while_in_use(walk: RecordingWalk, lab: VmLab) -> None:
    """Parted --script fails on a mounted partition; one yes helps, but not to make it smaller; the XFS stays as it is."""
    fixed = size(lab, "/dev/sdb1")
    walk.to("mount")
    smaller = refused(lab, "echo Yes | parted ---pretend-input-tty /dev/sdb resizepart 1 500MiB")
    assert "Shrinking a partition can cause data loss" in smaller
    before = room(lab, "/mnt")
    assert "is being used" in walk.to("in-use-red").output
    assert size(lab, "/dev/sdb1") == fixed
    walk.to("in-use-check")
    assert size(lab, "/dev/sdb1") > fixed + 90_000_000
    assert room(lab, "/mnt") == before


def xfs_grows_while_mounted(walk: RecordingWalk, lab: VmLab) -> None:
    """Mounted an XFS grows into its partition; unmounted it is refused."""
    (before,) = room(lab, "/mnt")
    walk.to("xfs-check")
    assert room(lab, "/mnt")[0] > before + 900_000
    unmounted = refused(lab, "umount /mnt && xfs_growfs /dev/sdb1")
    assert "is not a mounted XFS filesystem" in unmounted
    told(lab, "mount /dev/sdb1 /mnt")


def what_resize2fs_says(walk: RecordingWalk, lab: VmLab) -> None:
    """It grows nothing on an ungrown partition, and with the mount point's device; unmounted, ext4 is checked first."""
    was, system = room(lab, "/srv", "/")
    assert "Nothing to do!" in walk.to("nothing-red").output
    walk.to("nothing-cure")
    grown, same = room(lab, "/srv", "/")
    assert grown > was + 900_000
    assert same == system
    walk.to("undo")
    assert room(lab, "/srv") == [was]
    walk.to("unchecked-cure")
    assert room(lab, "/srv")[0] > was + 900_000
    assert "superblock" in walk.to("disk-red").output
    assert walk.to("disk-cure").output.split() == ["/dev/sdd1", "ext4"]


def the_kernel_takes_a_new_size(lab: VmLab) -> None:
    """Enlarged from outside, a disk has room again once it is rescanned, and so has the root's."""
    for disk, drive in (("sdd", "grown"), ("sda", "system")):
        lab.link.monitor.ask("block_resize", device=drive, size=3 << 30)
        told(lab, f"echo 1 >/sys/class/block/{disk}/device/rescan")
        assert size(lab, f"/dev/{disk}") == 3 << 30
        told(lab, f"growpart /dev/{disk} 1 && resize2fs /dev/{disk}1")
    assert min(room(lab, "/srv", "/")) > 2_900_000


@pytest.mark.claim("disk-partitioning-resizepart-unit-g-is-decimal", "holds")
def test_what_stands_in_the_way_of_an_end(lab: VmLab) -> None:
    """Once sgdisk has moved the header parted grows; G is decimal; the GPT's copy and a neighbour leave no room."""
    sgdisk_moves_the_header_alone(lab)
    g_is_decimal(lab)
    a_neighbour_leaves_no_room(lab)


def sgdisk_moves_the_header_alone(lab: VmLab) -> None:
    """After sgdisk -e parted grows the partition without --fix, unmounted even without a question."""
    told(lab, "umount /srv")
    was = size(lab, "/dev/sdd1")
    grow = "parted --script /dev/sdd resizepart 1 100%"
    assert "Unable to satisfy all constraints" in refused(lab, grow)
    told(lab, "sgdisk -e /dev/sdd")
    assert size(lab, "/dev/sdd1") == was
    told(lab, grow)
    assert size(lab, "/dev/sdd1") > was + 1_000_000_000


def g_is_decimal(lab: VmLab) -> None:
    """G counts in 1000^3 bytes, GiB in 1024^3, 100% leaves nothing; an end in the room of the GPT's copy is refused."""
    told(lab, "parted --script /dev/sde mklabel gpt mkpart data 1MiB 1GiB resizepart 1 1100G")
    # The sector that begins there is the last one.
    assert end(lab, "/dev/sde") == f"{1100 * 1000**3 + 511}B"
    told(lab, "parted --script /dev/sde resizepart 1 1200GiB")
    assert end(lab, "/dev/sde") == f"{1200 * 1024**3 - 1}B"
    told(lab, "parted --script /dev/sde resizepart 1 100%")
    assert "free" not in told(lab, "parted --script --machine /dev/sde unit MiB print free").splitlines()[-1]
    told(lab, "parted --script /dev/sdb mklabel gpt mkpart data 1MiB 1GiB")
    assert "outside of the device" in refused(lab, "parted --script /dev/sdb resizepart 1 2GiB")
    assert size(lab, "/dev/sdb1") == (1024 - 1) << 20


def a_neighbour_leaves_no_room(lab: VmLab) -> None:
    """Growpart does not grow a partition into the next one."""
    told(lab, "parted --script /dev/sdb mklabel gpt mkpart one 1MiB 50% mkpart two 50% 100%")
    assert refused(lab, "growpart /dev/sdb 1").startswith("NOCHANGE: partition 1 is size")
