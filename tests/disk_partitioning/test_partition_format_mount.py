"""Partition, format and mount a new disk, and get back what a wrong line took away."""

import pytest

from opsbook.labs.vm import VmLab
from opsbook.pytest_plugin import RecordingWalk

from .conftest import root

ONE = "mkpart data ext4 1MiB 100%"
IDS = "blkid -p -o value -s UUID -s PART_ENTRY_UUID /dev/sdb1"


def made(lab: VmLab, arguments: str, exit_code: int = 0) -> str:
    """Run parted's script mode and return what it said, once udev has made the new partitions' nodes.

    udev has the kernel read each written table anew, and while it does, the nodes are away.
    """
    return root(lab, f"parted --script {arguments}; done=$?; udevadm settle; exit $done", exit_code)


def start(lab: VmLab) -> int:
    """Return the first sector of the partition on /dev/sdb."""
    return int(root(lab, "cat /sys/block/sdb/sdb1/start"))


def label(lab: VmLab) -> str:
    """Return the label of the filesystem that is on /dev/sdb1 itself, not in any cache."""
    return root(lab, "blkid -p -o value -s LABEL /dev/sdb1").strip()


@pytest.mark.claim("disk-partitioning-mkpart-fstype-does-not-format", "holds")
@pytest.mark.claim("disk-partitioning-start-1049kb-is-1mib", "holds")
@pytest.mark.claim("disk-partitioning-mount-temporarily", "holds")
@pytest.mark.claim("disk-partitioning-double-dash-needed", "holds")
@pytest.mark.claim("disk-partitioning-parted-em-dash", "wrong")
@pytest.mark.claim("disk-partitioning-parted-minus-1s-fails-on-gpt", "wrong")
@pytest.mark.claim("disk-partitioning-optimal-alignment-not-guaranteed", "incomplete")
@pytest.mark.claim("disk-partitioning-start-1-is-one-megabyte", "holds")
@pytest.mark.claim("disk-partitioning-failed-command-leaves-empty-label", "unsafe")
def test_a_new_disk_becomes_a_mounted_filesystem_and_comes_back_when_lost(
    walk: RecordingWalk, lab: VmLab
) -> None:
    """An empty disk is partitioned, filled, mounted and emptied; each wrong line fails as told, and what it took comes back."""
    a_new_disk_becomes_a_mounted_filesystem(walk, lab)
    a_long_dash_is_no_double_dash(walk, lab)
    the_last_sector_of_a_gpt_disk_is_taken(walk, lab)
    alignment_is_a_wish(walk, lab)
    a_lost_partition_comes_back_with_its_bounds(walk, lab)
    the_guard_refuses_what_holds_a_filesystem(walk, lab)


def a_new_disk_becomes_a_mounted_filesystem(walk: RecordingWalk, lab: VmLab) -> None:
    """Partitioning makes an aligned partition without a filesystem; mkfs fills it, mount shows it, undo empties all."""
    walk.to("partition")
    assert start(lab) == 2048
    assert root(lab, "udevadm settle; wipefs --noheadings --no-act /dev/sdb1") == ""
    assert "TYPE=" not in root(lab, "blkid -p /dev/sdb1").replace("PART_ENTRY_TYPE", "")
    assert "/data  /dev/sdb1 ext4   rw,relatime\n" in walk.to("check-mount").output
    assert walk.to("aligned").output == "1 aligned\n"
    assert " 1      1049kB  2146MB  2145MB  ext4         data" in walk.to("check-table").output
    root(lab, "echo kept > /data/file && umount /data && mount /dev/sdb1 /mnt")
    assert root(lab, "cat /mnt/file; ls /data; umount /mnt") == "kept\n"
    assert "/data" not in root(lab, "cat /etc/fstab; mount /dev/sdb1 /data")

    assert "/dev/sdb1 xfs " in walk.to("check-xfs").output
    walk.to("undo")
    assert root(
        lab, "udevadm settle; lsblk -nro NAME /dev/sdb; wipefs -n /dev/sdb; ls -d /data*", 2
    ).startswith("sdb\nls: cannot access")


def a_long_dash_is_no_double_dash(walk: RecordingWalk, lab: VmLab) -> None:
    """A long dash or none makes of -1s an option; before 100% the long dash leaves a label, no partition and exit 0."""
    said = walk.to("dash-red").output
    assert said.startswith("parted: invalid option -- '1'\n")
    assert said == made(lab, "/dev/sdb mklabel gpt mkpart data ext4 1MiB -1s", 1)
    assert said == made(lab, "-a optimal /dev/sdb mklabel gpt — mkpart primary ext4 1 -1s", 1)
    assert root(lab, "wipefs -n /dev/sdb") == ""

    assert made(lab, f"/dev/sdb mklabel gpt — {ONE}").startswith("Usage: parted ")
    assert "gpt" in root(lab, "wipefs -n /dev/sdb")
    assert root(lab, "udevadm settle; lsblk -nro NAME /dev/sdb") == "sdb\n"
    assert made(lab, f"/dev/sdb mklabel gpt {ONE}") == ""
    root(lab, "udevadm settle; wipefs --all --quiet /dev/sdb")


def the_last_sector_of_a_gpt_disk_is_taken(walk: RecordingWalk, lab: VmLab) -> None:
    """-1s fails on GPT and leaves an empty label, which mkpart alone completes; with an msdos table it works."""
    assert walk.to("closest-look").output == "NAME SIZE PTTYPE\nsdb    2G gpt\n"
    assert "sdb1" in walk.to("closest-green").output
    assert start(lab) == 2048
    last = int(root(lab, "cat /sys/block/sdb/sdb1/size")) + 2048 - 1
    assert last <= 2 * 2**30 // 512 - 34
    made(lab, "-a optimal /dev/sdb mklabel gpt -- mkpart primary ext4 1 -1s", 1)
    assert made(lab, "-a optimal /dev/sdb mklabel msdos -- mkpart primary ext4 1 -1s") == ""
    made(lab, f"/dev/sdb mklabel gpt {ONE}")


def alignment_is_a_wish(walk: RecordingWalk, lab: VmLab) -> None:
    """An end in sectors keeps the odd start 1953 of a bare 1, and exits 0; MiB and 100% start at 2048."""
    walk.to("align-red")
    assert start(lab) == 1953
    assert walk.to("align-look").output.startswith("1 not aligned: 1953s % 2048s")
    assert made(lab, "/dev/sdb align-check optimal 1", 1) == ""
    walk.to("aligned")
    assert start(lab) == 2048
    assert made(lab, "/dev/sdb align-check optimal 1") == ""
    for align, ends, sector in (
        ("none", "1 100%", 1953),
        ("optimal", "1 -1", 2048),
        ("optimal", "1 100%", 2048),
    ):
        made(lab, f"-a {align} /dev/sdb mklabel gpt -- mkpart data ext4 {ends}")
        assert start(lab) == sector, (align, ends)


def a_lost_partition_comes_back_with_its_bounds(walk: RecordingWalk, lab: VmLab) -> None:
    """A line that fails half way takes the partition; the dump brings it back as it was, its bounds all but PARTUUID."""
    walk.to("lost-make")
    uuid, partuuid = root(lab, IDS).split()
    walk.to("lost-by")
    assert root(lab, "udevadm settle; lsblk -nro NAME /dev/sdb") == "sdb\n"
    assert walk.to("lost-green").output == "treasure\n"
    assert root(lab, IDS).split() == [uuid, partuuid]

    walk.to("lost-again")
    walk.snippet.run("lost-red")
    assert "ext4" in walk.to("same-bounds-look").output
    found, new = root(lab, IDS).split()
    assert found == uuid
    assert new != partuuid
    assert walk.snippet.run("lost-green").output == "treasure\n"
    assert root(lab, "umount /data && e2fsck -fn /dev/sdb1 >/dev/null 2>&1 && echo clean") == "clean\n"


def the_guard_refuses_what_holds_a_filesystem(walk: RecordingWalk, lab: VmLab) -> None:
    """With a filesystem on it the partition is refused and stays; once its mark is gone, it may be formatted."""
    before = root(lab, "blkid -p -o value -s UUID /dev/sdb1")
    assert walk.to("refused-red").output.startswith("refused: /dev/sdb1 holds ext4")
    assert root(lab, "blkid -p -o value -s UUID /dev/sdb1") == before
    walk.to_the_end()
    assert root(lab, "blkid -p -o value -s UUID /dev/sdb1") != before


@pytest.mark.claim("disk-partitioning-mkfs-ext4", "unsafe")
@pytest.mark.claim("disk-partitioning-script-mode-no-questions", "incomplete")
@pytest.mark.claim("disk-partitioning-gpt-mkpart-first-word-is-name", "holds")
def test_what_is_asked_and_what_the_first_word_is(lab: VmLab) -> None:
    """mkfs.ext4 asks on a terminal only; parted's script mode goes ahead or stops; its first word is a name on GPT."""
    mkfs_asks_only_on_a_terminal(lab)
    script_mode_goes_ahead_or_stops(lab)
    the_first_word_is_a_name_on_gpt_and_a_kind_on_msdos(lab)


def mkfs_asks_only_on_a_terminal(lab: VmLab) -> None:
    """mkfs.ext4 asks when input and output are a terminal; else it overwrites, but for what is mounted; mkfs.xfs never."""
    made(lab, f"/dev/sdb mklabel gpt {ONE}")
    root(lab, "mkfs.ext4 -q -L old /dev/sdb1 </dev/null")
    asked = root(lab, "echo n | timeout 20 script -qec 'mkfs.ext4 -q -L new /dev/sdb1' /dev/null", 1)
    assert "Proceed anyway? (y,N)" in asked
    assert label(lab) == "old"
    assert root(lab, "mkfs.ext4 -q -L script /dev/sdb1 </dev/null") == ""
    assert label(lab) == "script"
    root(lab, "timeout 20 script -qec 'mkfs.ext4 -q -L pipe /dev/sdb1 | cat' /dev/null </dev/null")
    assert label(lab) == "pipe"
    assert "appears to contain an existing filesystem (ext4)" in root(lab, "mkfs.xfs -q /dev/sdb1", 1)
    root(lab, "mount /dev/sdb1 /mnt")
    assert "is mounted; will not make a filesystem here!" in root(lab, "mkfs.ext4 -q /dev/sdb1", 1)
    root(lab, "umount /mnt && udevadm settle")
    root(lab, "mkfs.ext4 -q /dev/sdb </dev/null")
    assert root(lab, "wipefs --noheadings --output TYPE /dev/sdb") == "ext4\n"


def script_mode_goes_ahead_or_stops(lab: VmLab) -> None:
    """Script mode stops at a mounted partition and at shrinking, and writes a new label over an unmounted one."""
    made(lab, "/dev/sdb mklabel gpt mkpart data ext4 1MiB 1GiB")
    root(lab, "mkfs.ext4 -q /dev/sdb1 && mount /dev/sdb1 /mnt")
    table = root(lab, "sfdisk --dump /dev/sdb")
    assert "Partition(s) on /dev/sdb are being used." in made(lab, "/dev/sdb mklabel gpt", 1)
    for command in ("rm 1", "resizepart 1 100%"):
        assert "Partition /dev/sdb1 is being used." in made(lab, f"/dev/sdb {command}", 1)
    root(lab, "umount /mnt && udevadm settle")
    assert "can cause data loss" in made(lab, "/dev/sdb resizepart 1 512MiB", 1)
    assert root(lab, "sfdisk --dump /dev/sdb") == table
    assert made(lab, "/dev/sdb mklabel gpt") == ""
    assert root(lab, "udevadm settle; lsblk -nro NAME /dev/sdb") == "sdb\n"


def the_first_word_is_a_name_on_gpt_and_a_kind_on_msdos(lab: VmLab) -> None:
    """On GPT the first word becomes the partition's name, on msdos only a kind is taken; ext4 and xfs mean one type."""
    types = set()
    for word, kind in (("primary", "ext4"), ("home", "xfs")):
        made(lab, f"/dev/sdb mklabel gpt mkpart {word} {kind} 1MiB 100%")
        assert root(lab, "blkid -p -o value -s PART_ENTRY_NAME /dev/sdb1") == f"{word}\n"
        types.add(root(lab, "blkid -p -o value -s PART_ENTRY_TYPE /dev/sdb1"))
    assert len(types) == 1
    made(lab, f"/dev/sdb mklabel msdos {ONE}", 1)
    made(lab, "/dev/sdb mklabel msdos mkpart primary ext4 1MiB 100%")
    assert "PART_ENTRY_NAME" not in root(lab, "blkid -p /dev/sdb1")
