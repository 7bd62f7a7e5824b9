"""What cannot shrink, and the 2 TiB limit."""

import subprocess

import pytest

from opsbook.labs.vm import VmLab
from opsbook.pytest_plugin import Snippet


def tried(lab: VmLab, command: str) -> subprocess.CompletedProcess[str]:
    """Return what came of the shell command when root ran it."""
    return lab.box.run("bash", "-c", command, user="root", check=False)


def told(lab: VmLab, command: str) -> str:
    """Return what the shell command prints when root runs it."""
    return lab.box.run("bash", "-c", command, user="root").stdout.strip()


def size(lab: VmLab, node: str) -> int:
    """Return the MiB of a disk or partition, as the kernel counts them."""
    return int(told(lab, f"blockdev --getsize64 {node}")) >> 20


def blocks(lab: VmLab, mount_point: str) -> int:
    """Return the blocks of the file system mounted there, data and all else."""
    return int(told(lab, f"stat --file-system --format %b {mount_point}"))


@pytest.mark.claim("disk-partitioning-resize2fs-online-and-shrink", "incomplete")
def test_ext4_shrinks_unmounted_and_before_its_partition(snippet: Snippet, lab: VmLab) -> None:
    """Mounted it is refused; unmounted, checked, file system first, it shrinks, keeps its files, and comes back."""
    snippet.run_and_record("look")
    page, before = told(lab, "sha256sum /srv/www/*"), blocks(lab, "/srv")
    snippet.run_and_record("online-red")
    assert blocks(lab, "/srv") == before
    snippet.run_and_record("minimum")
    snippet.run_and_record("shrink")
    snippet.run_and_record("shrink-check")
    assert size(lab, "/dev/sdd1") == 700
    assert blocks(lab, "/srv") < before
    assert told(lab, "sha256sum /srv/www/*") == page
    snippet.run_and_record("shrink-undo")
    snippet.run_and_record("shrink-undone")
    assert blocks(lab, "/srv") == before
    assert told(lab, "sha256sum /srv/www/*") == page


def test_a_partition_cut_first_loses_what_is_behind_its_end(snippet: Snippet, lab: VmLab) -> None:
    """Parted refuses the cut, sfdisk does it; the old table brings all back unless somebody wrote behind the cut."""
    snippet.run("guard.sh:only-if-empty")
    snippet.run("data-make")
    snippet.run_and_record("order-red")
    assert size(lab, "/dev/sdb1") == 200
    snippet.run_and_record("order-cure")
    assert size(lab, "/dev/sdb1") == 160
    snippet.run_and_record("data")
    snippet.run("cut-make")
    assert size(lab, "/dev/sdb1") == 32
    snippet.run_and_record("cut-red")
    assert "exceeds size of device (32768 blocks)" in snippet.run_and_record("cut-why").output
    snippet.run_and_record("cut-cure")
    assert "OK" in snippet.run("data").output
    snippet.run("gap-make")
    assert "journal" in snippet.run_and_record("gap-check").output
    assert "FAILED" in snippet.run_and_record("gap").output
    # The file system is none the wiser: it keeps checksums of its own records only.
    assert tried(lab, "umount /mnt; e2fsck -f -n /dev/sdb1").returncode == 0


def test_xfs_gives_back_no_more_than_its_tail(snippet: Snippet, lab: VmLab) -> None:
    """XFS shrinks within its last group at most, so that a copy on a smaller one is the way."""
    snippet.run("guard.sh:only-if-empty")
    # The block unmounts what the page has there.
    told(lab, "mount -t tmpfs none /mnt")
    snippet.run("xfs-make")
    whole = blocks(lab, "/mnt")
    snippet.run_and_record("xfs-red")
    assert blocks(lab, "/mnt") == whole
    told(lab, "xfs_growfs -D 370000 /mnt")
    assert whole - blocks(lab, "/mnt") == 392960 - 370000
    told(lab, "xfs_growfs /mnt")
    assert blocks(lab, "/mnt") == whole
    snippet.run("xfs-cure")
    snippet.run_and_record("xfs-green")


@pytest.mark.claim("disk-partitioning-msdos-label-limit", "incomplete")
def test_msdos_ends_at_two_tebibytes(snippet: Snippet, lab: VmLab) -> None:
    """On 3 TB an msdos table gets no partition of the whole and none that begins past 2 TiB; turned into GPT it does."""
    snippet.run("guard.sh:only-if-empty")
    snippet.run_and_record("msdos-red")
    told(lab, "udevadm settle")
    assert " dos" in snippet.run_and_record("label").output
    behind = tried(lab, "parted --script /dev/sde mkpart primary 1MiB 2TiB mkpart primary 2TiB 100%")
    assert "starting sector number, 4294967296 exceeds" in behind.stdout + behind.stderr
    assert size(lab, "/dev/sde1") == 2 * 1024 * 1024 - 1
    told(lab, "parted --script /dev/sde rm 1")
    snippet.run_and_record("msdos-cure")
    told(lab, "udevadm settle")
    assert " gpt" in snippet.run_and_record("msdos-green").output
    assert size(lab, "/dev/sde1") > 2_800_000


def test_turning_msdos_into_gpt_keeps_the_data(lab: VmLab) -> None:
    """Sgdisk --mbrtogpt keeps a partition and its file; without 33 free sectors at the end it refuses and changes nothing."""
    told(lab, "parted --script /dev/sdb mklabel msdos mkpart primary 1MiB 50% && mkfs.ext4 -q /dev/sdb1")
    told(lab, "mount /dev/sdb1 /mnt && echo precious >/mnt/file && umount /mnt")
    told(lab, "sgdisk --mbrtogpt /dev/sdb")
    assert told(lab, "wipefs --noheadings --output TYPE /dev/sdb").startswith("gpt")
    assert told(lab, "mount /dev/sdb1 /mnt && cat /mnt/file") == "precious"
    told(lab, "echo ,+ | sfdisk --quiet --label dos /dev/sdc")
    full = tried(lab, "sgdisk --mbrtogpt /dev/sdc")
    assert full.returncode == 4
    assert "overlaps the last partition by\n33 blocks" in full.stdout + full.stderr
    assert "label: dos" in told(lab, "sfdisk --dump /dev/sdc")


def test_msdos_has_room_for_four_partitions(lab: VmLab) -> None:
    """A fifth primary partition is refused."""
    told(lab, "parted --script /dev/sdb mklabel msdos")
    for start in range(1, 401, 100):
        told(lab, f"parted --script /dev/sdb mkpart primary {start}MiB {start + 100}MiB")
    fifth = tried(lab, "parted --script /dev/sdb mkpart primary 401MiB 501MiB")
    assert fifth.returncode == 1
    assert "Can't create any more partitions." in fifth.stdout + fifth.stderr
