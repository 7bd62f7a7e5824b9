"""Disk errors by message: each is provoked, then its cure removes it."""

from opsbook.labs.vm import VmLab
from opsbook.pytest_plugin import RecordingWalk


def test_each_message_is_provoked_and_cured(walk: RecordingWalk, lab: VmLab) -> None:
    """From top to bottom each message is red and changes nothing, then green by its cure, which does what the page says."""
    the_partition_table(walk, lab)
    a_disk_that_grew(walk, lab)
    a_disk_in_use(walk, lab)
    a_table_that_the_kernel_has_not_read(walk, lab)
    mount_and_umount(walk, lab)
    another_filesystem_than_thought(walk, lab)
    a_damaged_filesystem(walk, lab)
    a_full_filesystem_and_one_that_grows(walk, lab)
    walk.to_the_end()


def the_partition_table(walk: RecordingWalk, lab: VmLab) -> None:
    """A missing table, a taken place, a full start and an odd start are red; named free sectors are green."""
    walk.to("constraints-cure")
    assert starts(lab, "sdb") == {"sdb1": 2048, "sdb2": 264192, "sdb3": 34, "sdb4": 468992}
    assert "34s % 2048s" in walk.to("align-red").output
    assert starts(lab, "sdc") == {"sdc1": 34}
    assert walk.to("align-cure").output.endswith("1 aligned\n")
    assert starts(lab, "sdc") == {"sdc1": 2048}


def a_disk_that_grew(walk: RecordingWalk, lab: VmLab) -> None:
    """The backup table at the old end is red; moved, all of the disk can be used and /srv was never unmounted."""
    before = told(lab, "findmnt -no ID,SOURCE /srv")
    seen = walk.to("gpt-green").output
    assert "PMBR" not in seen
    assert "Warning" not in seen
    assert starts(lab, "sdd") == {"sdd1": 2048, "sdd2": 2095104}
    assert "No problems found" in told(lab, "sgdisk --verify /dev/sdd")
    assert told(lab, "findmnt -no ID,SOURCE /srv") == before


def a_disk_in_use(walk: RecordingWalk, lab: VmLab) -> None:
    """While a partition is mounted, no tool formats or wipes it; unmounted, it may be wiped and formatted."""
    walk.to("mkfs-red")
    assert label(lab, "/dev/sdb1") == "data"
    walk.to("mkfs-cure")
    assert label(lab, "/dev/sdb1") == "new"
    walk.to("busy-red")
    assert label(lab, "/dev/sdb1") == "data"
    walk.to("busy-cure")
    assert starts(lab, "sdb") == {}


def a_table_that_the_kernel_has_not_read(walk: RecordingWalk, lab: VmLab) -> None:
    """A new partition beside a mounted one shows after partprobe; a deleted mounted one can be written back.

    Then the kernel knows again what the disk says; so it does when the deleted one is unmounted.
    """
    walk.to("inform-cure")
    assert starts(lab, "sdb") == {"sdb1": 2048, "sdb2": 264192}
    assert "it cannot be grown" in told(lab, "growpart /dev/sdb 1 || [ $? = 1 ]")
    walk.to("existing-cure")
    told(lab, "umount /mnt; sgdisk --delete=1 /dev/sdb; partprobe /dev/sdb")
    assert starts(lab, "sdb") == {"sdb2": 264192}
    told(lab, "sgdisk --new=1:2048:264191 /dev/sdb; partprobe /dev/sdb; udevadm settle; mount /dev/sdb1 /mnt")


def mount_and_umount(walk: RecordingWalk, lab: VmLab) -> None:
    """What mount and umount refuse is red; the right device, option, folder, line or UUID is green."""
    walk.to("option-cure")
    assert "discard" in told(lab, "findmnt -no OPTIONS /mnt")
    walk.to("uuid-red", uuid=r"data +(\S+)")
    walk.to("uuid-cure")
    told(lab, "findmnt --verify")
    walk.to("target-red", pid=r"\nsleep (\d+) ")
    walk.to("target-cure")
    told(lab, "! findmnt /data")


def another_filesystem_than_thought(walk: RecordingWalk, lab: VmLab) -> None:
    """An XFS, which resize2fs does not know, grows by its own command."""
    walk.to("xfs-cure")
    assert size_of(lab, "/mnt") > 450 * 1024 * 1024


def a_damaged_filesystem(walk: RecordingWalk, lab: VmLab) -> None:
    """A lost superblock, an error that stops all writing and a wrong checksum are red; e2fsck makes them green."""
    assert walk.to("magic-look").output.startswith("-b 8193 -B 1024\n")
    walk.to("magic-cure")
    # Taken back, it is as broken as before, and can be repaired again.
    told(lab, "e2undo /root/sdb1.undo /dev/sdb1; rm /root/sdb1.undo")
    walk.snippet.run("magic-red")
    walk.snippet.run("magic-cure")
    assert walk.to("magic-green").output.endswith("precious\n")
    assert " rw," in walk.to("readonly-red").output
    told(lab, "mount -o remount,rw /mnt")
    walk.snippet.run("readonly-red")
    assert "note" in walk.to("readonly-cure").output
    walk.to("clean-cure", random=r"should be (0x[0-9a-f]{4})")
    assert lab.box.read("/mnt/note") == "precious\n"


def a_full_filesystem_and_one_that_grows(walk: RecordingWalk, lab: VmLab) -> None:
    """Without a free inode no file can be made; a filesystem grows once it is checked and its partition has grown."""
    walk.to("nothing-cure")
    before = size_of(lab, "/mnt")
    walk.to("nochange-red")
    assert size_of(lab, "/mnt") == before
    walk.to("nochange-cure")
    assert size_of(lab, "/mnt") > 9 * before
    assert told(lab, "ls /mnt/sessions").split()[0] == "201"


def told(lab: VmLab, script: str) -> str:
    """Return what the shell script, each command of which has to succeed, prints when root runs it."""
    return lab.box.run("bash", "-ec", script, user="root").stdout


def starts(lab: VmLab, disk: str) -> dict[str, int]:
    """Return the first sector of each partition of `disk`, as the kernel knows it."""
    # Whoever closes a disk that was open for writing lets udev read its table again.
    rows = told(lab, f"udevadm settle; lsblk -nro NAME,START /dev/{disk}").splitlines()
    return {row.split()[0]: int(row.split()[1]) for row in rows if len(row.split()) == 2}


def label(lab: VmLab, device: str) -> str:
    """Return the label of the filesystem on `device`, read from the device itself."""
    return told(lab, f"e2label {device}").strip()


def size_of(lab: VmLab, mounted: str) -> int:
    """Return the size in bytes of the filesystem mounted at `mounted`."""
    return int(told(lab, f"df --block-size=1 --output=size {mounted}").split()[-1])
