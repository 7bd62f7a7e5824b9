"""Mount a disk at boot: the line, its test, and what a wrong line does."""

import re

import pytest

from opsbook.labs.process import wait_until
from opsbook.labs.vm import VmLab
from opsbook.pytest_plugin import RecordingWalk, Snippet

UUID = r" UUID=\"([-0-9a-f]{36})"
MISSING = "UUID=0b5b00c0-dead-4000-8000-000000000000"
PARTUUID = r"PARTUUID=\"([-0-9a-f]{36})"


def root(lab: VmLab, command: str) -> tuple[int, str]:
    """Return how `command`, run by root's bash, ended and what it printed."""
    done = lab.box.run("bash", "-c", command, user="root", check=False)
    return done.returncode, done.stdout + done.stderr


def told(lab: VmLab, command: str) -> str:
    """Return the output of `command`, which must succeed."""
    code, output = root(lab, command)
    assert code == 0, output
    return output.strip()


def fstab(lab: VmLab, *lines: str) -> str:
    """Write `lines` below the machine's own two to a file of root's and return its path."""
    told(lab, f"head -n 2 /etc/fstab >/root/fstab; echo '{chr(10).join(lines)}' >>/root/fstab")
    return "/root/fstab"


@pytest.mark.claim("disk-partitioning-fstab-untested", "incomplete")
@pytest.mark.claim("disk-partitioning-blkid-uuid", "holds")
@pytest.mark.claim("disk-partitioning-fstab-field-device", "incomplete")
@pytest.mark.claim("disk-partitioning-fstab-field-type-etx4", "wrong")
def test_a_good_line_survives_a_reboot_and_a_bad_one_ends_in_emergency_mode(
    walk: RecordingWalk, lab: VmLab
) -> None:
    """The tested line is mounted after a reboot and may go again; one that mount -a refused stops the next boot."""
    before = lab.box.read("/etc/fstab")
    known = the_line_is_added_once(walk, lab, before)
    a_name_may_be_another_disk_tomorrow(walk, lab)
    assert walk.to("after").output.startswith("running\n")
    assert told(lab, "findmnt -no LABEL /data") == "data"
    the_line_can_go_again(walk, lab, before)
    mkfs_changes_the_uuid_alone(lab, known)
    quotes_and_a_wrong_type(walk, lab)
    a_partuuid_is_no_uuid(lab)
    a_missing_disk_ends_in_emergency_mode(walk, lab)
    emergency_mode_is_left_without_a_reboot(walk, lab)


def the_line_is_added_once(walk: RecordingWalk, lab: VmLab, before: str) -> str:
    """The line is added once and only for what is mounted; return what blkid knows then."""
    line = walk.snippet["line"].code
    assert root(lab, line)[0] == 1
    seen = walk.to("fields", uuid=r"UUID=\"?([-0-9a-f]{36})").output
    assert root(lab, line)[0] == 1
    after = lab.box.read("/etc/fstab")
    assert after.startswith(before)
    assert after.count("/data") == 1
    for name in ("UUID", "PARTUUID"):
        value = told(lab, f"lsblk -no {name} /dev/sdb1")
        assert f' {name}="{value}"' in seen
    for word in ('TYPE="ext4"', 'PARTLABEL="data"', 'BLOCK_SIZE="4096"'):
        assert word in seen
    return seen


def a_name_may_be_another_disk_tomorrow(walk: RecordingWalk, lab: VmLab) -> None:
    """Found in another order, the disks swap names: UUID, LABEL and PARTUUID follow the file system, sdb1 does not."""
    partition = told(lab, "lsblk -no PARTUUID /dev/sdb1")
    seen = walk.to("names").output
    assert "sdb1 other" in seen
    assert "/dev/sdc1 data" in seen
    told(lab, "umount /data")
    for source, label in (
        ("/dev/sdb1", "other"),
        ("LABEL=data", "data"),
        (f"PARTUUID={partition}", "data"),
    ):
        told(lab, f"mount -a -T {fstab(lab, f'{source} /data ext4 defaults 0 2')}")
        assert told(lab, "findmnt -no LABEL /data; umount /data") == label
    told(lab, "mount -a")


def the_line_can_go_again(walk: RecordingWalk, lab: VmLab, before: str) -> None:
    """Undo takes the line away, and nothing else."""
    walk.to("undo")
    assert lab.box.read("/etc/fstab") == before
    assert root(lab, "findmnt /data")[0] == 1
    assert told(lab, "systemctl show -P LoadState data.mount") == "not-found"


def mkfs_changes_the_uuid_alone(lab: VmLab, known: str) -> None:
    """Wiped, a partition has no UUID; formatted anew, another one, and the PARTUUID that it had."""
    told(lab, "wipefs -qa /dev/sdb1")
    assert root(lab, "blkid -s UUID -o value /dev/sdb1") == (0, "")
    again = told(lab, "mkfs.ext4 -q -L data /dev/sdb1; udevadm settle; blkid /dev/sdb1")
    assert len(re.findall(UUID, again)) == 1
    assert re.findall(UUID, again) != re.findall(UUID, known)
    assert re.findall(PARTUUID, again) == re.findall(PARTUUID, known)


def quotes_and_a_wrong_type(walk: RecordingWalk, lab: VmLab) -> None:
    """With nofail a UUID that is nowhere mounts nothing and says nothing but to findmnt; a wrong type fails at once."""
    walk.to("silent")
    # Who writes there now fills the system's disk.
    assert told(lab, "findmnt -no TARGET --target /data") == "/"
    walk.to("quotes-red", uuid=r"UUID=“(\S+)”")
    walk.to("green")
    straight = """sed 's/UUID=\\(\\S*\\) .data/UUID="\\1" \\/data/' /etc/fstab >/root/fstab"""
    told(lab, f"{straight}; grep '=\"' /root/fstab && findmnt --verify -F /root/fstab")

    walk.to("type-red")
    # Not read since the line was edited.
    assert told(lab, "systemctl show -P Type data.mount") == "ext4"
    code, seen = root(lab, "findmnt --verify")
    assert code == 1
    assert "[E] etx4 does not match with on-disk ext4" in seen
    walk.to("green")


def a_partuuid_is_no_uuid(lab: VmLab) -> None:
    """A PARTUUID after UUID= is found nowhere, and mounts nothing; after PARTUUID= it mounts /data."""
    partition = told(lab, "umount /data; lsblk -no PARTUUID /dev/sdb1")
    for key, code, target in (("UUID", 1, ""), ("PARTUUID", 0, "/data")):
        file = fstab(lab, f"{key}={partition} /data ext4 defaults,nofail 0 2")
        assert root(lab, f"findmnt --verify -F {file}")[0] == code
        assert root(lab, f"mount -a -T {file}") == (0, "")
        assert root(lab, "findmnt -no TARGET /data")[1].strip() == target


def a_missing_disk_ends_in_emergency_mode(walk: RecordingWalk, lab: VmLab) -> None:
    """Without nofail, a line for a disk that is gone stops the boot; no unit has failed, and ssh is not up."""
    walk.to("missing-make")
    assert root(lab, "findmnt --verify")[0] == 1
    seen = walk.to("emergency").output
    assert seen.startswith("maintenance\n")
    assert "\nDependency failed for local-fs.target " in seen
    last_boot = lab.console()[-8000:]
    assert "You are in emergency mode. After logging in" in last_boot
    assert "Press Enter for maintenance" in last_boot
    # No unit has failed, so the usual question finds nothing; the nofail disk is there.
    assert told(lab, "systemctl --failed --no-legend") == ""
    assert told(lab, "findmnt -no LABEL /data") == "data"
    # The boot waits for what it requires; what it only wants it does not wait for.
    assert told(lab, "systemctl show -P RequiredBy backup.mount") == "local-fs.target"
    assert "local-fs.target" in told(lab, "systemctl show -P Before backup.mount")
    assert "local-fs.target" not in told(lab, "systemctl show -P Before data.mount")
    assert root(lab, "systemctl is-active ssh")[1].strip() == "inactive"


def emergency_mode_is_left_without_a_reboot(walk: RecordingWalk, lab: VmLab) -> None:
    """Made writable and with nofail in the line, the machine goes on to where it is up, in the same boot."""
    # As a machine that starts with a read-only root has it.
    told(lab, "echo u >/proc/sysrq-trigger")
    wait_until(lambda: root(lab, "touch /etc/fstab")[0] == 1, "a read-only root")
    boot = told(lab, "cat /proc/sys/kernel/random/boot_id")
    assert walk.to("emergency-green").output.startswith("running\n")
    assert told(lab, "cat /proc/sys/kernel/random/boot_id") == boot
    assert told(lab, "systemctl is-active multi-user.target") == "active"
    walk.to_the_end()


@pytest.mark.claim("disk-partitioning-fstab-line", "holds")
@pytest.mark.claim("disk-partitioning-fstab-dump-field", "wrong")
@pytest.mark.claim("disk-partitioning-fstab-pass-field", "holds")
@pytest.mark.claim("disk-partitioning-fstab-defaults", "holds")
def test_what_each_field_says(snippet: Snippet, lab: VmLab) -> None:
    """Each of the six fields does what the page says of it, and where root is locked the emergency shell opens for nobody."""
    snippet.run("guard.sh:only-if-empty")
    snippet.run("situation")
    uuid = told(lab, "findmnt -no UUID /data")
    defaults_are_seven_options(lab, uuid)
    fields_five_and_six(lab, uuid)
    field_two_is_a_folder(lab, uuid)
    systemd_makes_the_folder_and_waits_for_the_disk(lab, uuid)
    the_emergency_shell_asks_for_a_password_that_there_is(lab)


def defaults_are_seven_options(lab: VmLab, uuid: str) -> None:
    """Each of the seven opposites, after `defaults`, changes what the mount shows or does."""
    told(lab, "cp /bin/true /bin/id /data; mknod /data/null c 1 3; chmod u+s /data/id; umount /data")

    def mounted(options: str) -> list[str]:
        file = fstab(lab, f"UUID={uuid} /data ext4 {options} 0 2")
        told(lab, f"mount -a -T {file}")
        return root(lab, "findmnt -no OPTIONS /data")[1].strip().split(",")

    works = {
        "ro": "touch /data/x",
        "noexec": "/data/true",
        "nodev": "cat /data/null",
        "nosuid": '[ "$(setpriv --reuid=1000 --clear-groups /data/id -u)" = 0 ]',
    }
    assert mounted("nofail") == ["rw", "relatime"]
    told(lab, "umount /data")
    assert mounted("defaults") == ["rw", "relatime"]
    for command in works.values():
        told(lab, command)
    told(lab, "umount /data")
    for option in ("ro", "nosuid", "nodev", "noexec", "sync"):
        assert option in mounted(f"defaults,{option}")
        if option in works:
            assert root(lab, works[option])[0] != 0
        told(lab, "umount /data")
    assert mounted("defaults,noauto") == [""]
    for option, code in (("nouser", 32), ("user", 0)):
        told(lab, "sed -i '/data/d' /etc/fstab")
        told(lab, f"echo 'UUID={uuid} /data ext4 defaults,{option} 0 2' >>/etc/fstab")
        asked = lab.box.run("mount", "/data", user="alice", check=False)
        assert asked.returncode == code, asked.stderr
        told(lab, "umount /data || true")
    told(lab, "sed -i '/data/d' /etc/fstab")


def fields_five_and_six(lab: VmLab, uuid: str) -> None:
    """0 in field five forgives no missing disk, nofail does; field six orders the checks, and 0 means none."""
    file = fstab(lab, f"UUID={uuid} /data ext4 defaults 0 2")
    told(lab, f"findmnt --verify -F {file} && mount -a -T {file}")
    assert told(lab, "findmnt -no OPTIONS /data; umount /data") == "rw,relatime"
    for dump in (0, 1):
        for options, code in (("defaults", 32), ("defaults,nofail", 0)):
            file = fstab(lab, f"{MISSING} /data ext4 {options} {dump} 2")
            assert root(lab, f"mount -a -T {file}")[0] == code

    for number, checked in ((0, ["/"]), (2, ["/", "/data"])):
        # The line stands above that of /, so the order is not that of the file.
        told(lab, f"(echo UUID={uuid} /data ext4 defaults 0 {number}; head -n 1 /etc/fstab) >/root/fstab")
        seen = told(lab, "FSTAB_FILE=/root/fstab fsck -A -N")
        assert re.findall(r"-- (/\S*)\]", seen) == checked
        # What systemd does at boot: it runs this, then starts the units that this has written.
        generator = "/lib/systemd/system-generators/systemd-fstab-generator /tmp/units /tmp/units /tmp/units"
        told(lab, f"rm -rf /tmp/units; mkdir /tmp/units; SYSTEMD_FSTAB=/root/fstab {generator}")
        assert ("systemd-fsck@" in lab.box.read("/tmp/units/data.mount")) == (number > 0)
    # Content with anything: there is no xfs.
    told(lab, "fsck.xfs -a /dev/sdb1")


def field_two_is_a_folder(lab: VmLab, uuid: str) -> None:
    r"""A space in it is written \040; where the folder is missing, mount -a fails."""
    file = fstab(lab, f"UUID={uuid} /my\\040data ext4 defaults 0 2")
    told(lab, f"mkdir '/my data'; mount -a -T {file}")
    assert told(lab, "findmnt -no TARGET /dev/sdb1; umount '/my data'") == "/my data"
    told(lab, "rmdir /data")
    code, seen = root(lab, f"mount -a -T {fstab(lab, f'UUID={uuid} /data auto defaults 0 2')}")
    assert code == 32
    assert "mount point does not exist" in seen


def systemd_makes_the_folder_and_waits_for_the_disk(lab: VmLab, uuid: str) -> None:
    """Where the folder is missing, systemd makes it; for a disk that is not there it waits 90 s."""
    told(lab, f"echo 'UUID={uuid} /data auto defaults 0 2' >>/etc/fstab")
    # The lab's machine is more patient than Debian's.
    told(lab, "rm /etc/systemd/system.conf.d/lab.conf")
    told(lab, f"echo '{MISSING} /backup ext4 defaults 0 2' >>/etc/fstab; systemctl daemon-reload")
    told(lab, "systemctl start data.mount")
    assert told(lab, "findmnt -no FSTYPE /data") == "ext4"
    device = told(
        lab, f"systemd-escape --path --suffix=device /dev/disk/by-uuid/{MISSING.removeprefix('UUID=')}"
    )
    assert told(lab, f"systemctl show -P JobRunningTimeoutUSec '{device}'") == "1min 30s"


def the_emergency_shell_asks_for_a_password_that_there_is(lab: VmLab) -> None:
    """What guards the emergency shell opens it for nobody while root is locked, and asks for a password that there is."""
    enter = "(sleep 1; echo; sleep 1) | timeout 20 script -qec sulogin /dev/null"
    told(lab, "passwd -q -l root")
    assert told(lab, "passwd -S root").split()[1] == "L"
    assert "Cannot open access to console, the root account is locked." in root(lab, enter)[1]
    told(lab, "echo root:right | chpasswd")
    assert "Give root password for maintenance" in root(lab, enter)[1]
