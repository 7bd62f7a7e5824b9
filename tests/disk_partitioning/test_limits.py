"""What cannot shrink, and the 2 TiB limit."""

import subprocess

import pytest

from opsbook.labs.vm import VmLab
from opsbook.pytest_plugin import RecordingWalk

from .conftest import size, told


def tried(lab: VmLab, command: str) -> subprocess.CompletedProcess[str]:
    """Return what came of the shell command when root ran it."""
    return lab.box.run("bash", "-c", command, user="root", check=False)


def mebibytes(lab: VmLab, node: str) -> int:
    """Return the MiB of a disk or partition, as the kernel counts them."""
    return size(lab, node) >> 20


def blocks(lab: VmLab, mount_point: str) -> int:
    """Return the blocks of the file system mounted there, data and all else."""
    return int(told(lab, f"stat --file-system --format %b {mount_point}"))


@pytest.mark.claim("disk-partitioning-resize2fs-online-and-shrink", "incomplete")
@pytest.mark.claim("disk-partitioning-msdos-label-limit", "incomplete")
def test_what_shrinks_and_how_far_a_table_reaches(walk: RecordingWalk, lab: VmLab) -> None:
    """Ext4 shrinks unmounted and before its partition, XFS hardly; an msdos table ends at 2 TiB, a GPT does not."""
    ext4_shrinks_unmounted_and_before_its_partition(walk, lab)
    a_partition_cut_first_loses_what_is_behind_its_end(walk, lab)
    xfs_gives_back_no_more_than_its_tail(walk, lab)
    msdos_ends_at_two_tebibytes(walk, lab)


def ext4_shrinks_unmounted_and_before_its_partition(walk: RecordingWalk, lab: VmLab) -> None:
    """Mounted it is refused; unmounted, checked, file system first, it shrinks, keeps its files, and comes back."""
    page, before = told(lab, "sha256sum /srv/www/*"), blocks(lab, "/srv")
    walk.to("online-red")
    assert blocks(lab, "/srv") == before
    walk.to("shrink-check")
    assert mebibytes(lab, "/dev/sdd1") == 700
    assert blocks(lab, "/srv") < before
    assert told(lab, "sha256sum /srv/www/*") == page
    walk.to("shrink-undone")
    assert blocks(lab, "/srv") == before
    assert told(lab, "sha256sum /srv/www/*") == page


def a_partition_cut_first_loses_what_is_behind_its_end(walk: RecordingWalk, lab: VmLab) -> None:
    """Parted refuses the cut, sfdisk does it; the old table brings all back unless somebody wrote behind the cut."""
    walk.to("order-red")
    assert mebibytes(lab, "/dev/sdb1") == 200
    walk.to("order-cure")
    assert mebibytes(lab, "/dev/sdb1") == 160
    walk.to("cut-make")
    assert mebibytes(lab, "/dev/sdb1") == 32
    assert "exceeds size of device (32768 blocks)" in walk.to("cut-why").output
    assert "OK" in walk.to("data").output
    assert "journal" in walk.to("gap-check").output
    assert "FAILED" in walk.to("gap").output
    # The file system is none the wiser: it keeps checksums of its own records only.
    assert told(lab, "umount /mnt && e2fsck -f -n /dev/sdb1 && mount /dev/sdb1 /mnt")


def xfs_gives_back_no_more_than_its_tail(walk: RecordingWalk, lab: VmLab) -> None:
    """XFS shrinks within its last group at most, so that a copy on a smaller one is the way."""
    walk.to("xfs-make")
    whole = blocks(lab, "/mnt")
    walk.to("xfs-red")
    assert blocks(lab, "/mnt") == whole
    told(lab, "xfs_growfs -D 370000 /mnt")
    assert whole - blocks(lab, "/mnt") == 392960 - 370000
    told(lab, "xfs_growfs /mnt")
    assert blocks(lab, "/mnt") == whole
    walk.to("xfs-green")


def msdos_ends_at_two_tebibytes(walk: RecordingWalk, lab: VmLab) -> None:
    """On 3 TB an msdos table gets no partition of the whole and none that begins past 2 TiB; turned into GPT it does."""
    assert " dos" in walk.to("label").output
    behind = tried(lab, "parted --script /dev/sde mkpart primary 1MiB 2TiB mkpart primary 2TiB 100%")
    assert "starting sector number, 4294967296 exceeds" in behind.stdout + behind.stderr
    assert mebibytes(lab, "/dev/sde1") == 2 * 1024 * 1024 - 1
    told(lab, "parted --script /dev/sde rm 1")
    assert " gpt" in walk.to("msdos-green").output
    assert mebibytes(lab, "/dev/sde1") > 2_800_000
    walk.to_the_end()


def test_msdos_holds_four_partitions_and_turns_into_gpt(lab: VmLab) -> None:
    """Sgdisk --mbrtogpt keeps a partition and its file, or refuses for want of room; a fifth primary one is refused."""
    turning_msdos_into_gpt_keeps_the_data(lab)
    msdos_has_room_for_four_partitions(lab)


def turning_msdos_into_gpt_keeps_the_data(lab: VmLab) -> None:
    """Sgdisk --mbrtogpt keeps a partition and its file; without 33 free sectors at the end it refuses and changes nothing."""
    told(lab, "parted --script /dev/sdb mklabel msdos mkpart primary 1MiB 50% && udevadm settle")
    told(lab, "mkfs.ext4 -q /dev/sdb1")
    told(lab, "mount /dev/sdb1 /mnt && echo precious >/mnt/file && umount /mnt")
    told(lab, "sgdisk --mbrtogpt /dev/sdb")
    assert told(lab, "wipefs --noheadings --output TYPE /dev/sdb").startswith("gpt")
    assert told(lab, "mount /dev/sdb1 /mnt && cat /mnt/file && umount /mnt") == "precious"
    told(lab, "echo ,+ | sfdisk --quiet --label dos /dev/sdc")
    full = tried(lab, "sgdisk --mbrtogpt /dev/sdc")
    assert full.returncode == 4
    assert "overlaps the last partition by\n33 blocks" in full.stdout + full.stderr
    assert "label: dos" in told(lab, "sfdisk --dump /dev/sdc")


def msdos_has_room_for_four_partitions(lab: VmLab) -> None:
    """A fifth primary partition is refused."""
    four = " ".join(f"mkpart primary {start}MiB {start + 100}MiB" for start in range(1, 401, 100))
    told(lab, f"udevadm settle; parted --script /dev/sdb mklabel msdos {four}")
    fifth = tried(lab, "parted --script /dev/sdb mkpart primary 401MiB 501MiB")
    assert fifth.returncode == 1
    assert "Can't create any more partitions." in fifth.stdout + fifth.stderr
