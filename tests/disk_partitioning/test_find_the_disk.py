"""Find the right disk, and a name for it that stays."""

import pytest

from opsbook.labs.vm import SRV_UUID, VmLab
from opsbook.pytest_plugin import RecordingWalk

from .conftest import root

BY_ID = "/dev/disk/by-id/scsi-0OPSBOOK_DISK_"


def row(listed: str, name: str) -> list[str]:
    """Return the fields that lsblk prints for the device `name`."""
    return next(line.split() for line in listed.splitlines() if line.lstrip("└─├").startswith(f"{name} "))


@pytest.mark.claim("disk-partitioning-device-names-change", "wrong")
@pytest.mark.claim("disk-partitioning-parted-l-shows-result", "incomplete")
@pytest.mark.claim("disk-partitioning-parted-interactive-select", "unsafe")
@pytest.mark.claim("disk-partitioning-mklabel-on-sda", "unsafe")
def test_the_new_disk_is_found_and_has_a_name_that_stays(walk: RecordingWalk, lab: VmLab) -> None:
    """The empty disk is told from the others; by-id, UUID and fstab find it when letters move; parted takes the wrong one."""
    the_new_disk_is_the_one_with_nothing_on_it(walk, lab)
    the_system_disk_and_the_name_that_stays(walk)
    the_letters_move_and_the_other_names_stay(walk, lab)
    a_disk_that_is_not_there_is_found_by_looking_again(walk, lab)
    parted_without_a_disk_shows_and_takes_the_wrong_ones(walk, lab)
    walk.to_the_end()
    # What else is said of it, which leaves the disks other than the page has them.
    without_a_table_is_not_empty(lab)
    a_partition_has_a_name_that_stays(lab)
    only_a_mounted_partition_stops_a_new_label(lab)


def the_new_disk_is_the_one_with_nothing_on_it(walk: RecordingWalk, lab: VmLab) -> None:
    """The list tells empty disks and serial numbers; wipefs finds marks on the used disk only, cmp but zeros."""
    seen = walk.to("list").output
    assert row(seen, "sdb") == ["sdb", "2G", "OPSBOOK", "DISK", "OPS1EMPTY"]
    assert row(seen, "sdd1")[-2:] == ["ext4", "/srv"]
    marks = walk.to("nothing").output.splitlines()[1:]
    assert {line.split()[0] for line in marks} == {"sdd"}
    assert walk.to("zeros").output == "only zeros\n"
    assert "differ" in root(lab, "cmp --bytes=64M /dev/zero /dev/sdd", 1)


def the_system_disk_and_the_name_that_stays(walk: RecordingWalk) -> None:
    """The system disk is found from what is mounted on /, and by-id names the new disk."""
    system = walk.to("system").output
    assert row(system, "sda") == ["└─sda", "2G", "disk", "OPS0SYSTEM"]
    assert walk.to("by-id").output == f"{BY_ID}OPS1EMPTY\n"
    assert row(walk.to("use").output, "sdb") == ["sdb", "2G", "OPS1EMPTY"]


def the_letters_move_and_the_other_names_stay(walk: RecordingWalk, lab: VmLab) -> None:
    """Two disks that come back in the other order swap letters; by-id, UUID and fstab find the data, the guard too."""
    assert root(lab, f"readlink -f {BY_ID}OPS3SRV; echo treasure > /srv/file") == "/dev/sdd\n"
    seen = walk.to("moved").output
    assert row(seen, "sdc") == ["sdc", "2G", "OPS3SRV"]
    assert row(seen, "sdc1")[-1] == "ext4"
    assert row(seen, "sdd") == ["sdd", "3G", "OPS2EMPTY"]
    assert walk.to("stays").output == "/dev/sdc\n/dev/sdc1\n"
    assert SRV_UUID in walk.to("mount").output
    assert root(lab, "findmnt -no SOURCE /srv; cat /srv/file") == "/dev/sdc1\ntreasure\n"
    guard = walk.snippet["guard.sh:only-if-empty"].code
    assert root(lab, f"{guard}\nonly_if_empty /dev/sdd && echo free") == "free\n"
    assert root(lab, f"{guard}\nonly_if_empty /dev/sdc && echo free", 1).startswith("refused: /dev/sdc ")
    walk.to("move-back")
    assert root(lab, "findmnt -no SOURCE /srv; cat /srv/file") == "/dev/sdd1\ntreasure\n"
    assert "OPS2EMPTY" in root(lab, "lsblk -dno SERIAL /dev/sdc")


def a_disk_that_is_not_there_is_found_by_looking_again(walk: RecordingWalk, lab: VmLab) -> None:
    """A disk that the kernel dropped is unknown until the controllers look again; mounted ones stay mounted."""
    assert walk.to("gone").output == "lsblk: /dev/sdb: not a block device\n"
    assert "OPS1EMPTY" in walk.to("back").output
    assert root(lab, "findmnt -no SOURCE /srv") == "/dev/sdd1\n"


def parted_without_a_disk_shows_and_takes_the_wrong_ones(walk: RecordingWalk, lab: VmLab) -> None:
    """The list of parted -l cries over empty disks and misses a loop disk; with no disk named, the system's is taken."""
    root(lab, "truncate -s 100M /tmp/image && losetup --partscan /dev/loop0 /tmp/image")
    root(lab, "parted --script /dev/loop0 mklabel gpt mkpart data ext4 1MiB 100%")
    listed = walk.to("unlabelled").output
    assert "Error: /dev/sdb: unrecognised disk label\n" in listed
    assert "Disk /dev/sda: " in listed
    assert "loop0" not in listed
    assert "Disk /dev/loop0: 105MB" in root(lab, "parted --script /dev/loop0 print; losetup -d /dev/loop0")
    walk.to("no-disk")
    assert "Disk /dev/sdd: " in walk.to("named").output
    assert walk.to("unnamed").output.splitlines() == [
        "Using /dev/sda",
        "Error: Could not stat device /dev/sdx - No such file or directory.",
        "Disk /dev/sda: 2147MB",
    ]
    told = root(lab, r"printf 'select /dev/sdc\nprint\n' | parted")
    assert told.index("Using /dev/sda") < told.index("Using /dev/sdc") < told.index("Disk /dev/sdc: ")


def without_a_table_is_not_empty(lab: VmLab) -> None:
    """What parted calls unrecognised may be an encrypted volume, whose mark wipefs knows."""
    root(lab, r"printf 'LUKS\xba\xbe\x00\x01' | dd of=/dev/sdb conv=notrunc")
    assert "Error: /dev/sdb: unrecognised disk label" in root(lab, "parted --script --list")
    assert root(lab, "wipefs --noheadings --output TYPE /dev/sdb").strip() == "crypto_LUKS"


def a_partition_has_a_name_that_stays(lab: VmLab) -> None:
    """Partitioned by its by-id name, the disk's partition has one too."""
    root(lab, f"parted --script {BY_ID}OPS1EMPTY mklabel gpt mkpart data ext4 1MiB 100% && udevadm settle")
    assert root(lab, f"readlink -f {BY_ID}OPS1EMPTY-part1") == "/dev/sdb1\n"


def only_a_mounted_partition_stops_a_new_label(lab: VmLab) -> None:
    """A new label for the system disk is refused while it is mounted; an unmounted filesystem goes without a word."""
    before = root(lab, "sfdisk --dump /dev/sda")
    said = root(lab, "parted --script /dev/sda mklabel gpt", 1)
    assert said == "Error: Partition(s) on /dev/sda are being used.\n"
    assert root(lab, "sfdisk --dump /dev/sda") == before
    root(lab, "umount /srv && udevadm settle")
    assert "ext4" in root(lab, "lsblk -no FSTYPE /dev/sdd")
    assert root(lab, "parted --script /dev/sdd mklabel gpt") == ""
    assert root(lab, "udevadm settle; lsblk -nro NAME /dev/sdd") == "sdd\n"
