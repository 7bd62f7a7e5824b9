"""Move /home to a disk of its own, with everything that belongs to a file."""

import pytest

from opsbook.labs.vm import VmLab
from opsbook.pytest_plugin import Snippet

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


def prepared(snippet: Snippet) -> None:
    """Do the page up to the mounted new disk."""
    for name in ("lab-home", "guard.sh:only-if-empty", "partition", "mount"):
        snippet.run(name)


def switched(snippet: Snippet) -> None:
    """Do the page up to the new /home, in the short way."""
    prepared(snippet)
    for name in ("copy", "switch", "fstab", "mount-home"):
        snippet.run(name)


def test_a_home_moves_with_all_that_belongs_to_it(snippet: Snippet, lab: VmLab) -> None:
    """Copied, compared, renamed and mounted by its UUID, the new /home serves alice; then the old one may go."""
    assert "/dev/sda1" in snippet.run_and_record("look").output
    for name in ("lab-home", "guard.sh:only-if-empty", "partition"):
        snippet.run(name)
    snippet.run_and_record("mount")
    root(lab, "touch /home/bob/early")
    snippet.run("copy")
    snippet.run("lab-working")
    assert "sleep 1000" in snippet.run_and_record("who").output
    # Why the page does not ask fuser here: it would list whatever runs from the disk of /.
    assert "systemd" in root(lab, "fuser -vm /home")
    assert "Specified filename /home is not a mountpoint." in root(lab, "fuser -vmM /home", code=1)
    root(lab, "rm /home/bob/early; touch /home/bob/late")
    snippet.run_and_record("users-out")
    assert root(lab, "pgrep -u alice", code=1) == ""
    snippet.run("copy-again")
    assert snippet.run_and_record("check").output.count("\n") == 1
    assert root(lab, "cd /mnt/home && ls -Ad .notice lost+found bob/*").split() == [
        *(".notice", "bob/late", "bob/photo.jpg", "bob/plan", "bob/team", "lost+found"),
    ]
    assert root(lab, "cat /mnt/home/alice/letter.txt") == "private\none more line\n"
    assert root(lab, "stat -c %h /mnt/home/alice/plan.txt") == "2\n"
    assert root(lab, "du --threshold=1M /mnt/home/alice/disk.img") == ""

    assert snippet.run_and_record("switch").output == "/home\n/home.old\n"
    assert "Success" in snippet.run_and_record("fstab").output
    assert "/dev/sdb1" in snippet.run_and_record("mount-home").output
    assert "/home/alice\n" in snippet.run_and_record("as-alice").output
    told = root(
        lab,
        "getfacl -cp /home/alice/letter.txt; getfattr -d /home/alice/plan.txt; stat -c '%A %G' /home/bob/team",
    )
    assert "user:bob:r--" in told
    assert 'user.source="meeting"' in told
    assert "drwxrws--- alice" in told


def test_nobody_logs_in_meanwhile(snippet: Snippet, lab: VmLab) -> None:
    """The note in /etc/nologin turns alice away with its words and lets root in; without it she is in."""
    root(lab, SSHD)
    alice, as_root = LOGIN.format(user="alice"), LOGIN.format(user="root")
    snippet.run("users-out")
    assert "/home is being moved, back at 14:00" in root(lab, alice, code=255)
    assert root(lab, as_root).startswith("root\n")
    snippet.run("logins")
    assert root(lab, alice).startswith("alice\n")


@pytest.mark.claim("disk-partitioning-diff-r-verifies", "incomplete")
def test_diff_calls_good_and_bad_copies_the_same(snippet: Snippet, lab: VmLab) -> None:
    """A diff -r says the same of an exact copy and of one with five faults, which rsync lists and mends."""
    prepared(snippet)
    snippet.run("copy")
    exact = snippet.run("diff")
    assert exact.output == "Only in /mnt/home: lost+found\n"
    snippet.run("lab-faults")
    assert snippet.run_and_record("diff") == exact
    listed = snippet.run_and_record("check-faults").output
    for fault in (
        ".f....o.... alice/disk.img",
        ".f...p...a. alice/letter.txt",
        ".f........x alice/plan.txt",
        "alice/same-plan.txt => alice/plan.txt",
        ".f...p..... bob/photo.jpg",
    ):
        assert fault in listed
    snippet.run("copy-again")
    snippet.run("check")
    # A mended copy still has the new disk's own folder, and diff does see what is not there at all.
    assert "lost+found" in root(lab, "ls /mnt/home")
    root(lab, "rm /mnt/home/.notice")
    assert "Only in /home: .notice\n" in root(lab, "diff -r /home /mnt/home", code=1)


@pytest.mark.claim("disk-partitioning-umount-then-mount-home", "holds")
def test_the_way_back(snippet: Snippet, lab: VmLab) -> None:
    """Going back keeps what is new since the switch; what lay below the mount was hidden and is there again."""
    switched(snippet)
    snippet.run("as-alice")
    snippet.run("users-out")
    assert "alice/after-the-move.txt" in snippet.run_and_record("carry-back").output
    # What was written below the mount would be lost by an rmdir that does not refuse.
    root(lab, "umount /home && echo below >/home/below && mount /home && ! test -e /home/below")
    told = root(lab, snippet["undo"].code)
    assert "Directory not empty" in told
    assert root(lab, "cat /home/below") == "below\n"
    assert "/home" in root(lab, "cat /etc/fstab")
    root(lab, "test -e /etc/nologin && rm /home/below && mount /home")
    snippet.run_and_record("undo")
    assert root(lab, "grep -c /home /etc/fstab", code=1) == "0\n"
    assert root(lab, "test -e /home/alice/after-the-move.txt && ls -A /home && ls -d /home*").split() == [
        *(".notice", "alice", "bob", "mallory"),
        "/home",
    ]
    snippet.run("again")
    assert root(lab, "findmnt -no SOURCE /home") == "/dev/sdb1\n"

    snippet.run("lab-working")
    assert snippet.run_and_record("busy").output == "umount: /home: target is busy.\n"
    assert "sleep 1000" in snippet.run_and_record("busy-who").output
    assert "alice" in root(lab, "fuser -vmM /home")
    assert snippet.run_and_record("busy-cure").output == "unmounted\n"
    # Not mounted, the same command with its M ends nothing.
    root(lab, "fuser -k -TERM -mM /home", code=1)
    snippet.run("busy-back")


def test_without_nofail_the_boot_needs_home(snippet: Snippet, lab: VmLab) -> None:
    """For systemd the page's mount is required, and only wanted with nofail; without its disk, alice finds no home."""
    switched(snippet)
    told = snippet.run_and_record("order").output
    assert "RequiredBy=local-fs.target\n" in told
    assert "OnFailure=emergency.target\n" in told
    ordered = "systemctl show home.mount -p Before"
    assert "local-fs.target" in root(lab, ordered)
    root(
        lab,
        "sed -i '/home/s/defaults/defaults,nofail/' /etc/fstab && systemctl daemon-reload && umount /home",
    )
    assert "WantedBy=local-fs.target\n" in root(lab, snippet["order"].code)
    assert "local-fs.target" not in root(lab, ordered)
    gone = root(lab, "runuser -l alice -c pwd")
    assert "cannot change directory to /home/alice: No such file or directory" in gone


@pytest.mark.claim("disk-partitioning-rm-old-home", "unsafe")
def test_deletion_waits_for_the_mount(snippet: Snippet, lab: VmLab) -> None:
    """The page's copy and deletion refuse without a mount; rm -rf /home/* after a copy to nowhere leaves nothing."""
    prepared(snippet)
    root(lab, "umount /mnt/home")
    for name in ("copy", "copy-again"):
        assert root(lab, snippet[name].code, code=32) == "/mnt/home is not a mountpoint\n"
    assert root(lab, "ls -A /mnt/home") == ""
    root(lab, "mount /dev/sdb1 /mnt/home")
    for name in ("copy", "switch", "fstab"):
        snippet.run(name)
    assert root(lab, snippet["delete"].code, code=32) == "/home is not a mountpoint\n"
    snippet.run("mount-home")
    root(lab, "cp /etc/fstab /root && sed -i '/home/d' /etc/fstab")
    root(lab, snippet["delete"].code, code=1)
    assert root(lab, "cat /home.old/alice/letter.txt") == "private\n"
    root(lab, "cp /root/fstab /etc/fstab")
    snippet.run_and_record("delete")
    assert root(lab, "ls -d /home*") == "/home\n"
    assert root(lab, "cat /home/alice/letter.txt") == "private\n"

    # The other way: nobody looked whether the disk was mounted at /mnt/home.
    root(
        lab,
        "umount /home && mkfs.ext4 -q -F /dev/sdb1 && mkdir /home/alice && touch /home/.notice /home/alice/plan.txt",
    )
    root(lab, RSYNC)
    root(lab, "rm -rf /home/*")
    assert root(lab, "ls -A /home") == ".notice\n"
    assert root(lab, "mount /dev/sdb1 /home && ls -A /home") == "lost+found\n"
    assert root(lab, "ls /mnt/home/alice; findmnt -no SOURCE -T /mnt/home") == "plan.txt\n/dev/sda1\n"


@pytest.mark.claim("disk-partitioning-rsync-home", "incomplete")
@pytest.mark.claim("disk-partitioning-cp-home", "incomplete")
def test_what_survives_which_copy(snippet: Snippet, lab: VmLab) -> None:
    """Only rsync -aHAXS and cp -a, told to copy the folder and not a *, keep all eight."""
    snippet.run("lab-home")
    snippet.run("survives")
    header, *rows = snippet.run_and_record("compare").output.splitlines()
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
