"""Move /home to a disk of its own, with everything that belongs to a file."""

import pytest

from opsbook.labs.vm import VmLab
from opsbook.pytest_plugin import RecordingWalk

SSHD = """
ssh-keygen -q -t ed25519 -N '' -f /root/key && cp /root/key.pub /etc/ssh/alice.keys
/usr/sbin/sshd -p 2200 -o UsePAM=yes -o AuthorizedKeysFile=/etc/ssh/alice.keys
"""
LOGIN = "ssh -p 2200 -i /root/key -o BatchMode=yes -o StrictHostKeyChecking=no {user}@127.0.0.1 id -un"
RSYNC = "rsync -aHAXS --numeric-ids --exclude=/lost+found /home/ /mnt/home/"


def root(lab: VmLab, script: str, *, code: int = 0) -> str:
    """Return what `script` says as root, once it ended with `code`."""
    done = lab.box.run("bash", "-c", script, user="root", check=False, seconds=60)
    assert done.returncode == code, done.stdout + done.stderr
    return done.stdout + done.stderr


@pytest.mark.claim("disk-partitioning-diff-r-verifies", "incomplete")
@pytest.mark.claim("disk-partitioning-umount-then-mount-home", "holds")
@pytest.mark.claim("disk-partitioning-rm-old-home", "unsafe")
@pytest.mark.claim("disk-partitioning-rsync-home", "incomplete")
@pytest.mark.claim("disk-partitioning-cp-home", "incomplete")
def test_a_home_moves_with_all_that_belongs_to_it_and_back(walk: RecordingWalk, lab: VmLab) -> None:
    """Copied, compared and mounted by its UUID, the new /home serves alice; it goes back with what is new, and forward."""
    the_copy_waits_for_the_mount(walk, lab)
    what_changes_meanwhile_is_copied_too(walk, lab)
    diff_calls_good_and_bad_copies_the_same(walk, lab)
    the_new_home_serves(walk, lab)
    the_way_back(walk, lab)
    deletion_waits_for_the_mount(walk, lab)
    what_survives_which_copy(walk, lab)
    without_nofail_the_boot_needs_home(walk, lab)
    who_is_at_work_holds_it(walk, lab)
    walk.to_the_end()
    # What else is said of it, on the machine as the page has left it.
    nobody_logs_in_meanwhile(walk, lab)
    with_nofail_it_is_only_wanted(walk, lab)
    a_copy_to_nowhere_is_all_that_is_left(lab)


def the_copy_waits_for_the_mount(walk: RecordingWalk, lab: VmLab) -> None:
    """Without a mount at /mnt/home, both copies refuse and leave nothing."""
    walk.to("mount")
    root(lab, "umount /mnt/home")
    for name in ("copy", "copy-again"):
        assert root(lab, walk.snippet[name].code, code=32) == "/mnt/home is not a mountpoint\n"
    assert root(lab, "ls -A /mnt/home; mount /dev/sdb1 /mnt/home") == ""


def what_changes_meanwhile_is_copied_too(walk: RecordingWalk, lab: VmLab) -> None:
    """The second copy, with the users out, has what came since the first and not what went."""
    root(lab, "touch /home/bob/early")
    walk.to("copy")
    assert "sleep 1000" in walk.to("who").output
    # Why the page does not ask fuser here: it would list whatever runs from the disk of /.
    assert "systemd" in root(lab, "fuser -vm /home")
    assert "Specified filename /home is not a mountpoint." in root(lab, "fuser -vmM /home", code=1)
    root(lab, "test -e /mnt/home/bob/early; rm /home/bob/early; touch /home/bob/late")
    walk.to("users-out")
    assert root(lab, "pgrep -u alice", code=1) == ""
    assert walk.to("check").output.count("\n") == 1
    assert root(lab, "cd /mnt/home && ls -Ad .notice lost+found bob/*").split() == [
        *(".notice", "bob/late", "bob/photo.jpg", "bob/plan", "bob/team", "lost+found"),
    ]
    assert root(lab, "cat /mnt/home/alice/letter.txt") == "private\none more line\n"
    assert root(lab, "stat -c %h /mnt/home/alice/plan.txt") == "2\n"
    assert root(lab, "du --threshold=1M /mnt/home/alice/disk.img") == ""


def diff_calls_good_and_bad_copies_the_same(walk: RecordingWalk, lab: VmLab) -> None:
    """A diff -r says the same of an exact copy and of one with five faults, which rsync lists and mends."""
    exact = walk.snippet.run("diff")
    assert exact.output == "Only in /mnt/home: lost+found\n"
    assert walk.to("diff") == exact
    listed = walk.to("check-faults").output
    for fault in (
        ".f....o.... alice/disk.img",
        ".f...p...a. alice/letter.txt",
        ".f........x alice/plan.txt",
        "alice/same-plan.txt => alice/plan.txt",
        ".f...p..... bob/photo.jpg",
    ):
        assert fault in listed
    # What is not there at all diff does see; the next copy brings it.
    root(lab, "rm /mnt/home/.notice")
    assert "Only in /home: .notice\n" in root(lab, "diff -r /home /mnt/home", code=1)
    assert walk.to("check").output.count("\n") == 1
    # A mended copy still has the new disk's own folder.
    assert "lost+found" in root(lab, "ls /mnt/home")


def the_new_home_serves(walk: RecordingWalk, lab: VmLab) -> None:
    """Renamed, and mounted by the line that was checked, /home has the files with all that belongs to them."""
    assert walk.to("switch").output == "/home\n/home.old\n"
    assert "Success" in walk.to("fstab").output
    assert "/dev/sdb1" in walk.to("mount-home").output
    assert "/home/alice\n" in walk.to("as-alice").output
    told = root(
        lab,
        "getfacl -cp /home/alice/letter.txt; getfattr -d /home/alice/plan.txt; stat -c '%A %G' /home/bob/team",
    )
    assert "user:bob:r--" in told
    assert 'user.source="meeting"' in told
    assert "drwxrws--- alice" in told


def the_way_back(walk: RecordingWalk, lab: VmLab) -> None:
    """Going back keeps what is new since the switch; what lay below the mount was hidden and is there again."""
    assert "alice/after-the-move.txt" in walk.to("carry-back").output
    # What was written below the mount would be lost by an rmdir that does not refuse.
    root(lab, "umount /home && echo below >/home/below && mount /home && ! test -e /home/below")
    assert "Directory not empty" in root(lab, walk.snippet["undo"].code)
    assert root(lab, "cat /home/below") == "below\n"
    assert "/home" in root(lab, "cat /etc/fstab")
    root(lab, "test -e /etc/nologin && rm /home/below && mount /home")
    walk.to("undo")
    assert root(lab, "grep -c /home /etc/fstab", code=1) == "0\n"
    assert root(lab, "test -e /home/alice/after-the-move.txt && ls -A /home && ls -d /home*").split() == [
        *(".notice", "alice", "bob", "mallory"),
        "/home",
    ]
    walk.to("again")
    assert root(lab, "findmnt -no SOURCE /home") == "/dev/sdb1\n"


def deletion_waits_for_the_mount(walk: RecordingWalk, lab: VmLab) -> None:
    """The old home stays while the new one is not mounted, or would not be after a reboot."""
    root(lab, "umount /home")
    assert root(lab, walk.snippet["delete"].code, code=32) == "/home is not a mountpoint\n"
    root(lab, "mount /home && cp /etc/fstab /root && sed -i '/home/d' /etc/fstab")
    root(lab, walk.snippet["delete"].code, code=1)
    assert root(lab, "cat /home.old/alice/letter.txt") == "private\none more line\n"
    root(lab, "cp /root/fstab /etc/fstab")
    walk.to("delete")
    assert root(lab, "ls -d /home*") == "/home\n"
    assert root(lab, "cat /home/alice/letter.txt") == "private\none more line\n"


def what_survives_which_copy(walk: RecordingWalk, lab: VmLab) -> None:
    """Only rsync -aHAXS and cp -a, told to copy the folder and not a *, keep all eight."""
    header, *rows = walk.to("compare").output.splitlines()
    names = header.split()[2:]
    lost = {
        row[:22].rstrip(): {
            name for name, said in zip(names, row[22:].split(), strict=True) if said == "LOST"
        }
        for row in rows
    }
    assert lost == {
        "rsync -av /home/*": {"dotfile", "hardlink", "ACL", "xattr", "sparse"},
        "rsync -a /home/": {"hardlink", "ACL", "xattr", "sparse"},
        "rsync -aHAXS /home/": set(),
        "cp -r /home/.": {"hardlink", "ACL", "xattr", "owner", "mode", "times"},
        "cp -aR /home/*": {"dotfile"},
        "cp -a /home/.": set(),
    }
    # The mask of the lost ACL has become a right of the group.
    root(lab, "mkdir /tmp/bare && rsync -a /home/ /tmp/bare/")
    assert "group::---" in root(lab, "getfacl -cp /home/alice/letter.txt")
    assert "group::r--" in root(lab, "getfacl -cp /tmp/bare/alice/letter.txt")


def without_nofail_the_boot_needs_home(walk: RecordingWalk, lab: VmLab) -> None:
    """For systemd the page's mount is required, and what comes after local file systems waits for it."""
    told = walk.to("order").output
    assert "RequiredBy=local-fs.target\n" in told
    assert "OnFailure=emergency.target\n" in told
    assert "local-fs.target" in root(lab, "systemctl show home.mount -p Before")


def who_is_at_work_holds_it(walk: RecordingWalk, lab: VmLab) -> None:
    """Busy, it tells by whom; unmounted, the page's fuser with its M ends nothing."""
    assert walk.to("busy").output == "umount: /home: target is busy.\n"
    assert "sleep 1000" in walk.to("busy-who").output
    assert "alice" in root(lab, "fuser -vmM /home")
    assert walk.to("busy-cure").output == "unmounted\n"
    root(lab, "fuser -k -TERM -mM /home", code=1)


def nobody_logs_in_meanwhile(walk: RecordingWalk, lab: VmLab) -> None:
    """The note in /etc/nologin turns alice away with its words and lets root in; without it she is in."""
    root(lab, SSHD)
    alice, as_root = LOGIN.format(user="alice"), LOGIN.format(user="root")
    walk.snippet.run("users-out")
    assert "/home is being moved, back at 14:00" in root(lab, alice, code=255)
    assert root(lab, as_root).startswith("root\n")
    walk.snippet.run("logins")
    assert root(lab, alice).startswith("alice\n")


def with_nofail_it_is_only_wanted(walk: RecordingWalk, lab: VmLab) -> None:
    """With nofail systemd wants the mount and nothing waits for it; without its disk, alice finds no home."""
    root(
        lab,
        "sed -i '/home/s/defaults/defaults,nofail/' /etc/fstab && systemctl daemon-reload && umount /home",
    )
    assert "WantedBy=local-fs.target\n" in root(lab, walk.snippet["order"].code)
    assert "local-fs.target" not in root(lab, "systemctl show home.mount -p Before")
    gone = root(lab, "runuser -l alice -c pwd")
    assert "cannot change directory to /home/alice: No such file or directory" in gone


def a_copy_to_nowhere_is_all_that_is_left(lab: VmLab) -> None:
    """Where nobody looked whether the disk was mounted at /mnt/home, rm -rf /home/* leaves a .notice, the disk nothing."""
    root(
        lab,
        "mkfs.ext4 -q -F /dev/sdb1 && mkdir /home/alice && touch /home/.notice /home/alice/plan.txt",
    )
    root(lab, RSYNC)
    root(lab, "rm -rf /home/*")
    assert root(lab, "ls -A /home") == ".notice\n"
    assert root(lab, "mount /dev/sdb1 /home && ls -A /home") == "lost+found\n"
    assert root(lab, "ls /mnt/home/alice; findmnt -no SOURCE -T /mnt/home") == "plan.txt\n/dev/sda1\n"
