"""Disk errors by message: each is provoked, then its cure removes it."""

from opsbook.labs.vm import VmLab
from opsbook.pytest_plugin import Snippet

CATCH = "guard.sh:only-if-empty"


def test_the_partition_table(snippet: Snippet, lab: VmLab) -> None:
    """A missing table, a taken place, a full start and an odd start are red; named free sectors are green."""
    snippet.run_and_record("look")
    snippet.run(CATCH)
    snippet.run_and_record("label-red")
    snippet.run_and_record("label-cure")
    snippet.run_and_record("closest-red")
    snippet.run_and_record("closest-cure")
    snippet.run("constraints-make")
    snippet.run_and_record("constraints-red")
    snippet.run_and_record("constraints-cure")
    assert starts(lab, "sdb") == {"sdb1": 2048, "sdb2": 264192, "sdb3": 34, "sdb4": 468992}
    snippet.run("align-make")
    assert "34s % 2048s" in snippet.run_and_record("align-red").output
    assert starts(lab, "sdc") == {"sdc1": 34}
    assert snippet.run_and_record("align-cure").output.endswith("1 aligned\n")
    assert starts(lab, "sdc") == {"sdc1": 2048}


def test_a_disk_that_grew(snippet: Snippet, lab: VmLab) -> None:
    """The backup table at the old end is red; moved, all of the disk can be used and /srv was never unmounted."""
    before = lab.box.run("findmnt", "-no", "ID,SOURCE", "/srv", user="root").stdout
    snippet.run_and_record("gpt-red")
    snippet.run_and_record("gpt-cure")
    seen = snippet.run_and_record("gpt-green").output
    assert "PMBR" not in seen
    assert "Warning" not in seen
    assert starts(lab, "sdd") == {"sdd1": 2048, "sdd2": 2095104}
    assert "No problems found" in lab.box.run("sgdisk", "--verify", "/dev/sdd", user="root").stdout
    assert lab.box.run("findmnt", "-no", "ID,SOURCE", "/srv", user="root").stdout == before


def test_a_disk_in_use(snippet: Snippet, lab: VmLab) -> None:
    """While a partition is mounted, no tool formats or wipes it; unmounted, it may be wiped and formatted."""
    snippet.run(CATCH)
    snippet.run("fresh")
    snippet.run_and_record("mkfs-red")
    assert label(lab, "/dev/sdb1") == "data"
    snippet.run_and_record("mkfs-cure")
    assert label(lab, "/dev/sdb1") == "new"
    snippet.run("fresh")
    snippet.run_and_record("used-red")
    snippet.run_and_record("busy-red")
    assert label(lab, "/dev/sdb1") == "data"
    snippet.run_and_record("busy-cure")
    assert starts(lab, "sdb") == {}


def test_a_table_that_the_kernel_has_not_read(snippet: Snippet, lab: VmLab) -> None:
    """A new partition beside a mounted one shows after partprobe; a deleted mounted one can be written back.

    Then the kernel knows again what the disk says.
    """
    snippet.run(CATCH)
    snippet.run("fresh")
    snippet.run_and_record("old-red")
    snippet.run_and_record("old-cure")
    snippet.run("inform-make")
    snippet.run_and_record("inform-red")
    snippet.run_and_record("inform-cure")
    assert starts(lab, "sdb") == {"sdb1": 2048, "sdb2": 264192}
    other = lab.box.run("growpart", "/dev/sdb", "1", user="root", check=False)
    assert "it cannot be grown" in other.stdout
    lab.box.run("umount", "/mnt", user="root")
    lab.box.run("sgdisk", "--delete=1", "/dev/sdb", user="root")
    lab.box.run("partprobe", "/dev/sdb", user="root")
    assert starts(lab, "sdb") == {"sdb2": 264192}
    lab.box.run("mkfs.ext4", "-q", "-L", "twice", "/dev/sdb2", user="root")
    snippet.run_and_record("existing-red")
    snippet.run_and_record("existing-cure")
    snippet.run("xfs-make")
    snippet.run_and_record("xfs-red")
    snippet.run_and_record("xfs-cure")
    assert size_of(lab, "/mnt") > 450 * 1024 * 1024


def test_mount_and_umount(snippet: Snippet, lab: VmLab) -> None:
    """What mount and umount refuse is red; the right device, option, folder, line or UUID is green."""
    snippet.run("mount-make")
    snippet.run_and_record("wrong-red")
    snippet.run_and_record("wrong-cure")
    snippet.run_and_record("option-red")
    snippet.run_and_record("option-cure")
    assert "discard" in lab.box.run("findmnt", "-no", "OPTIONS", "/mnt", user="root").stdout
    snippet.run_and_record("unknown-red")
    snippet.run_and_record("unknown-cure")
    snippet.run_and_record("special-red")
    snippet.run_and_record("special-cure")
    snippet.run("special-undo")
    snippet.run_and_record("fstab-red")
    snippet.run("fstab-line")
    snippet.run_and_record("point-red")
    snippet.run_and_record("point-cure")
    snippet.run("uuid-make")
    snippet.run_and_record("uuid-red", uuid=r"data +(\S+)")
    snippet.run_and_record("uuid-cure")
    lab.box.run("findmnt", "--verify", user="root")
    snippet.run("target-make")
    snippet.run_and_record("target-red", pid=r"\nsleep (\d+) ")
    snippet.run_and_record("target-cure")
    assert lab.box.run("findmnt", "/data", user="root", check=False).returncode == 1


def test_a_damaged_filesystem(snippet: Snippet, lab: VmLab) -> None:
    """A lost superblock, an error that stops all writing and a wrong checksum are red; e2fsck makes them green."""
    snippet.run("fresh")
    snippet.run("magic-make")
    snippet.run_and_record("magic-red")
    assert snippet.run_and_record("magic-look").output.startswith("-b 8193 -B 1024\n")
    snippet.run_and_record("magic-cure")
    lab.box.run("e2undo", "/root/sdb1.undo", "/dev/sdb1", user="root")
    lab.box.run("rm", "/root/sdb1.undo", user="root")
    snippet.run("magic-red")
    snippet.run("magic-cure")
    assert snippet.run_and_record("magic-green").output.endswith("precious\n")
    snippet.run("readonly-make")
    assert " rw," in snippet.run_and_record("readonly-red").output
    lab.box.run("mount", "-o", "remount,rw", "/mnt", user="root")
    snippet.run("readonly-red")
    assert "note" in snippet.run_and_record("readonly-cure").output
    snippet.run("clean-make")
    snippet.run_and_record("clean-red")
    snippet.run_and_record("clean-cure", random=r"should be (0x[0-9a-f]{4})")
    assert lab.box.read("/mnt/note") == "precious\n"


def test_a_full_filesystem_and_one_that_grows(snippet: Snippet, lab: VmLab) -> None:
    """Without a free inode no file can be made; a filesystem grows once it is checked and its partition has grown."""
    snippet.run("fresh")
    snippet.run("inodes-make")
    snippet.run_and_record("inodes-red")
    snippet.run_and_record("inodes-look")
    snippet.run_and_record("inodes-cure")
    snippet.run("first-make")
    snippet.run_and_record("first-red")
    snippet.run_and_record("first-cure")
    snippet.run_and_record("nothing-red")
    snippet.run_and_record("nothing-cure")
    before = size_of(lab, "/mnt")
    snippet.run_and_record("nochange-red")
    assert size_of(lab, "/mnt") == before
    snippet.run_and_record("nochange-cure")
    assert size_of(lab, "/mnt") > 9 * before
    assert lab.box.run("ls", "/mnt/sessions", user="root").stdout.split()[0] == "201"


def starts(lab: VmLab, disk: str) -> dict[str, int]:
    """Return the first sector of each partition of `disk`, as the kernel knows it."""
    # Whoever closes a disk that was open for writing lets udev read its table again.
    lab.box.run("udevadm", "settle", user="root")
    told = lab.box.run("lsblk", "-nro", "NAME,START", f"/dev/{disk}", user="root").stdout
    rows = [line.split() for line in told.splitlines()]
    return {row[0]: int(row[1]) for row in rows if len(row) == 2}


def label(lab: VmLab, device: str) -> str:
    """Return the label of the filesystem on `device`, read from the device itself."""
    return lab.box.run("e2label", device, user="root").stdout.strip()


def size_of(lab: VmLab, mounted: str) -> int:
    """Return the size in bytes of the filesystem mounted at `mounted`."""
    told = lab.box.run("df", "--block-size=1", "--output=size", mounted, user="root").stdout
    return int(told.split()[-1])
