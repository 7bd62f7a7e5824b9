"""Lab vm: a small Debian machine under QEMU with its own kernel, systemd, empty disks, and reboots that happen.

Built once from Debian packages and kept in the user's cache, started once, and frozen there: each lab wakes a
copy of that machine where it stood, so it need not boot. Whatever a copy writes is in memory and ends with it.
The guest is reached by ssh without keys, over QEMU's user network inside the lab's own network namespace.
See qemu(1), "-incoming", "-action"; mmdebstrap(1).
"""

import inspect
import json
import os
import platform
import re
import shlex
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from opsbook.labs import debian
from opsbook.labs.machines import USERS, File, Ground, Machine, ground
from opsbook.labs.process import LabError, LabUnavailable, last_lines, need, wait_until

PACKAGES = (
    "systemd-sysv", "udev", "dbus", "linux-image-cloud-amd64", "initramfs-tools", "zstd", "kmod",
    "openssh-server", "iproute2", "procps", "psmisc", "lsof", "bsdextrautils", "bsdutils",
    "parted", "gdisk", "fdisk", "cloud-guest-utils", "e2fsprogs", "xfsprogs", "rsync", "acl", "attr",
)  # fmt: skip
# What pages say they were proven with.
VERSIONS = ("parted", "fdisk", "e2fsprogs", "xfsprogs", "rsync", "systemd")
MASKED = (
    # Timers and services that would write, or reach for the network, in the middle of a page.
    "apt-daily.timer", "apt-daily-upgrade.timer", "dpkg-db-backup.timer", "e2scrub_all.timer",
    "e2scrub_reap.service", "fstrim.timer", "systemd-timesyncd.service", "logrotate.timer",
    # What a machine without seats, other file systems or other programs' formats does without: a boot costs half.
    "dev-hugepages.mount", "dev-mqueue.mount", "sys-fs-fuse-connections.mount", "sys-kernel-config.mount",
    "sys-kernel-debug.mount", "sys-kernel-tracing.mount", "modprobe@.service",
    "systemd-binfmt.service", "proc-sys-fs-binfmt_misc.automount", "systemd-modules-load.service",
    "systemd-network-generator.service", "systemd-sysusers.service", "systemd-sysctl.service",
    "systemd-update-utmp.service", "systemd-update-utmp-runlevel.service",
    "getty.target", "systemd-ask-password-wall.path",
)  # fmt: skip
# What writes units at boot and after each daemon-reload; only the reader of /etc/fstab has work here.
IDLE_GENERATORS = (
    "cryptsetup", "debug", "getty", "gpt-auto", "hibernate-resume", "integritysetup", "rc-local", "run",
    "system-update", "sysv", "veritysetup",
)  # fmt: skip
SYSTEM_UUID = "0b5b00c0-0000-4000-8000-000000000001"
SRV_UUID = "0b5b00c0-0000-4000-8000-000000000002"
MIB = 1 << 20
# Name, size in bytes, serial number. Two are empty; `grown` has a GPT and an ext4 of half its size; `huge` is sparse.
DISKS = (
    ("system", 2048 * MIB, "OPS0SYSTEM"),
    ("first", 2048 * MIB, "OPS1EMPTY"),
    ("second", 3072 * MIB, "OPS2EMPTY"),
    ("grown", 2048 * MIB, "OPS3SRV"),
    ("huge", 3 * 10**12, "OPS4HUGE"),
)
SSHD_CONFIG = """# Only QEMU's user network inside a namespace reaches this machine, so it asks for no key.
PermitRootLogin yes
PermitEmptyPasswords yes
UsePAM no
HostKey /etc/ssh/ssh_host_ed25519_key
"""
NETWORK = """ExecStartPre=ip link set eth0 up
ExecStartPre=ip address replace 10.0.2.15/24 dev eth0
"""
# In emergency mode only the console answers; here the same shell is reached as ever, so that a page can go on there.
RESCUE = f"""[Unit]
Description=The way into the emergency shell
DefaultDependencies=no
[Service]
Type=notify
{NETWORK}ExecStartPre=mkdir -p /run/sshd
ExecStart=/usr/sbin/sshd -D
KillMode=process
[Install]
WantedBy=emergency.target
"""
# Of some 300 devices that a boot announces, those that a page may meet; tty9 for its rule below.
COLDPLUG = """[Service]
ExecStart=
ExecStart=-udevadm trigger --type=devices --action=add -s block -s net
ExecStart=-udevadm trigger --type=devices --action=add -s tty --sysname-match=tty9
"""
# The kernel alone makes the nodes that the initrd needs; Debian's would start a second udevd for them.
NO_UDEV = """#!/bin/sh
[ "$1" = prereqs ] || """
# The kernel names disks as they answer, all asked at once; a machine to try things on has to have the same sdb each time.
IN_ORDER = f"""#!/bin/sh
[ "$1" = prereqs ] && exit
for id in {" ".join(str(number) for number in range(len(DISKS)))}; do
    echo "0 $id 0" >/sys/class/scsi_host/host0/scan
    until [ -e /sys/class/scsi_disk/0:0:$id:0 ]; do :; done
done
"""
FILES = {
    "/etc/hostname": File("box\n"),
    "/etc/hosts": File("127.0.0.1 localhost\n127.0.1.1 box\n"),
    "/etc/fstab": File(
        f"UUID={SYSTEM_UUID} / ext4 errors=remount-ro 0 1\nUUID={SRV_UUID} /srv ext4 defaults,nofail 0 2\n"
    ),
    "/etc/ssh/sshd_config.d/lab.conf": File(SSHD_CONFIG),
    "/etc/systemd/system/lab-rescue.service": File(RESCUE),
    "/etc/systemd/system/ssh.service.d/lab.conf": File(f"[Service]\n{NETWORK}"),
    "/etc/systemd/system/systemd-udev-trigger.service.d/lab.conf": File(COLDPLUG),
    # On a busy machine without KVM a disk may take longer than the default 90 s to answer.
    "/etc/systemd/system.conf.d/lab.conf": File("[Manager]\nDefaultDeviceTimeoutSec=10min\n"),
    # The terminal that shells of tests read from, where nobody types.
    "/etc/udev/rules.d/90-lab.rules": File('KERNEL=="tty9", MODE="0666"\n'),
    "/etc/initramfs-tools/conf.d/lab": File("MODULES=list\nCOMPRESS=zstd\n"),
    "/etc/initramfs-tools/modules": File(
        "virtio_pci\nvirtio_scsi\nsd_mod\next4\ncrc32c_generic\nvirtio_net\n"
    ),
    "/etc/initramfs-tools/scripts/init-premount/disks": File(IN_ORDER, mode=0o755),
    "/etc/initramfs-tools/scripts/init-top/udev": File(NO_UDEV + "exit 0\n", mode=0o755),
    "/etc/initramfs-tools/scripts/init-bottom/udev": File(
        NO_UDEV + 'mount -o move /dev "$rootmnt/dev"\n', mode=0o755
    ),
    "/etc/systemd/system-generators": File(None, mode=0o755),
    "/var/log/journal": File(None, mode=0o755),
}
KERNEL = (
    f"root=UUID={SYSTEM_UUID} rw console=ttyS0 loglevel=4 net.ifnames=0 nowatchdog mitigations=off lsm= audit=0 "
    "init_on_alloc=0 scsi_mod.scan=manual "
    # What QEMU has translated of a program serves again where the program is found at the same address.
    "norandmaps nokaslr"
)
MEMORY_MIB = 384
# Emulated, a newer one is slower: programs would use its wide registers.
CPU = "Nehalem"
# Under emulation, on two cores that are busy with other tests; on idle ones 25 s do.
BOOT_SECONDS = 600
TTY = "/dev/tty9"
# What systemd says on the console once sshd listens; bold in between. The emergency shell takes the console, and then
# systemd is silent: on a busy machine that may be before its sshd listens, which is asked for itself from there on.
LISTENS = re.compile(r"Started (\x1b\S*m)?(ssh|lab-rescue)\.service|You are in emergency mode")


def cache_folder() -> Path:
    """Return the folder that keeps the built machine of this recipe and this QEMU; it need not exist."""
    qemu = subprocess.run(
        [need("qemu-system-x86_64", "qemu-system-x86"), "--version"],
        capture_output=True,
        text=True,
        check=True,
    )
    steps = (debian.install, unpack, make_disks, freeze, save, qemu_argv)
    made_by = "".join(inspect.getsource(step) for step in steps)
    return debian.kept(
        "vm",
        repr(
            (made_by, PACKAGES, MASKED, IDLE_GENERATORS, DISKS, FILES, KERNEL, MEMORY_MIB, CPU, qemu.stdout)
        ),
    )


# --- the machine, running


class Monitor:
    """A connection to QEMU's machine protocol on the socket `path`; see the QEMU QMP reference manual."""

    def __init__(self, path: Path) -> None:
        """Connect; raises OSError while nothing listens there."""
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(60)
        try:
            self.socket.connect(str(path))
        except OSError:
            self.socket.close()
            raise
        self.stream = self.socket.makefile("rw")
        self.why_it_ended = ""
        try:
            self._read()
            self.ask("qmp_capabilities")
        except (OSError, LabError):
            self.close()
            raise

    def ask(self, command: str, **arguments: object) -> Any:  # whatever JSON the command returns
        """Return the answer to `command`; raises LabError with QEMU's words when it refuses."""
        self.stream.write(json.dumps({"execute": command, "arguments": arguments}) + "\n")
        self.stream.flush()
        while "return" not in (answer := self._read()):
            if "error" in answer:
                raise LabError(f"QEMU refused {command}: {answer['error']['desc']}")
        return answer["return"]

    def end(self) -> str:
        """Return why QEMU, which has exited, did so: guest-reset, guest-shutdown …; hangs up."""
        with suppress(LabError, OSError):
            while True:
                self._read()
        self.close()
        return self.why_it_ended

    def _read(self) -> dict[str, Any]:
        line = self.stream.readline()
        if not line:
            raise LabError("QEMU has hung up")
        said: dict[str, Any] = json.loads(line)
        if said.get("event") == "SHUTDOWN":
            self.why_it_ended = said["data"]["reason"]
        return said

    def close(self) -> None:
        """Hang up."""
        self.stream.close()
        self.socket.close()


@dataclass
class Link:
    """The way to a guest: its QEMU, started by `argv`, and one ssh connection that all commands share."""

    ground: Ground
    argv: Sequence[str]
    qemu: subprocess.Popen[bytes]
    monitor: Monitor
    master: subprocess.Popen[bytes] | None = None
    observer: subprocess.Popen[str] | None = None
    boot: str = ""

    @property
    def ssh(self) -> tuple[str, ...]:
        """The argv prefix that runs a command line of the guest's shell as its root."""
        options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "LogLevel=ERROR",
                   "KexAlgorithms=curve25519-sha256", "ConnectTimeout=5", "ControlPath=/mnt/ssh")  # fmt: skip
        said = tuple(part for option in options for part in ("-o", option))
        return (*self.ground.enter, "ssh", "-F", "none", *said, "-p", "2222", "root@127.0.0.1")

    def connect(self, seconds: float) -> None:
        """Return once commands run in the guest and its clock is right."""
        wait_until(self._answers, "the machine", dead=self._dead, seconds=seconds)
        asked = [*self.ssh, f"date -s @{time.time():.0f}; cat /proc/sys/kernel/random/boot_id"]
        told = subprocess.run(asked, stdin=subprocess.DEVNULL, capture_output=True, text=True, check=False)
        self.boot = told.stdout.splitlines()[-1] if told.returncode == 0 else self.boot

    def await_boot(self, seconds: float) -> None:
        """Return once the guest has started and commands run in it; raises LabError when that takes longer."""
        # Each knock at a guest that still starts costs it a process later on, so its console is asked first.
        wait_until(
            lambda: bool(LISTENS.search(self.console())), "the machine", dead=self._dead, seconds=seconds
        )
        self.connect(seconds)

    def console(self) -> str:
        """Return what the guest has written to its serial console since it was woken, or started anew."""
        return (self.ground.root / "mnt/console.log").read_text(errors="replace").replace("\r", "")

    def _dead(self) -> str | None:
        if self.qemu.poll() is None:
            return None
        return f"QEMU exited {self.qemu.returncode}\n{last_lines(self.ground.root / 'mnt/qemu.log')}"

    def _answers(self) -> bool:
        if self.master is not None and self.master.poll() is None:
            checked = [*self.ssh[:-1], "-O", "check", self.ssh[-1]]
            return subprocess.run(checked, capture_output=True, check=False).returncode == 0
        if self.master:
            self.ground.processes.remove(self.master)
        self.master = subprocess.Popen(
            [*self.ssh[:-1], "-MN", self.ssh[-1]],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True,
        )  # fmt: skip
        self.ground.processes.append(self.master)
        return False

    def await_reboot(self) -> None:
        """Return once the machine was reset and answers again; raises LabError when it is not, or switched off.

        QEMU exits at a reset and is started anew on the same disks: of the old boot it has translated programs, and to throw
        each of them away as the new one overwrites it would take longer than all else.
        """
        wait_until(lambda: self.qemu.poll() is not None, "the end of this boot", seconds=BOOT_SECONDS)
        self.dismiss_observer()
        why = self.monitor.end()
        if why == "guest-shutdown":
            raise LabError("the machine was switched off")
        if why != "guest-reset":
            raise LabError(self._dead() or why)
        if self.master:
            self.master.kill()
            self.master.wait()
        self.qemu, self.monitor = switch_on(self.ground, self.argv)
        self.await_boot(BOOT_SECONDS)

    def observe(self, argv: Sequence[str]) -> list[str]:
        """Return the lines that the guest's observer tells of what lasts; `argv` starts it where there is none.

        Raises LabError when it has gone.
        """
        if self.observer is None:
            self.observer = subprocess.Popen(
                argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True,
                errors="surrogateescape", start_new_session=True,
            )  # fmt: skip
        assert self.observer.stdin
        assert self.observer.stdout
        with suppress(BrokenPipeError):
            self.observer.stdin.write("\n")
            self.observer.stdin.flush()
        lines: list[str] = []
        for line in self.observer.stdout:
            if line == ".\n":
                return lines
            lines.append(line.rstrip("\n"))
        self.dismiss_observer()
        raise LabError("the machine no longer tells what is on it")

    def dismiss_observer(self) -> None:
        """End the observer, if there is one; the next look starts another."""
        if self.observer:
            self.observer.kill()
            # Closes its pipes and waits.
            with suppress(BrokenPipeError), self.observer:
                pass
            self.observer = None


# What lasts: this boot, mounts, swaps, block devices (the head of an unmounted one holds its label or superblock),
# sizes of file systems, files. One process that stays and starts no other tells it each time it reads a line, because
# under emulation each new process costs a twentieth of a second.
OBSERVER = r"""
my %passing = map { $_ => 1 } qw(/proc /sys /dev /run /tmp /usr /var/log /var/lib/systemd /var/lib/dpkg);
my %kinds = (0040000 => "d", 0120000 => "l", 0100000 => "f", 0060000 => "b", 0020000 => "c", 0010000 => "p");
my ($events, $facts) = ("", "\0" x 144);
sub text { local @ARGV = @_; <> }
sub settle {
    return if $events eq join "", text("/sys/kernel/uevent_seqnum");
    system "udevadm", "settle";
    $events = join "", text("/sys/kernel/uevent_seqnum");
}
sub file_system {
    my ($where, $facts) = (shift, "\0" x 120);
    # statfs(2) of x86_64; block size and number of blocks are its second and third word.
    return if syscall(137, $where, $facts);
    my (undef, $size, $blocks) = unpack "q3", $facts;
    print "size $where ", $size * $blocks, "\n";
}
sub disk {
    my ($folder, $mounted) = @_;
    my ($name) = $folder =~ m{([^/]+)$};
    my $head = "mounted";
    unless ($mounted->{"/dev/$name"}) {
        open my $device, "/dev/$name" or return;
        read $device, $head, 20480;
        $head = unpack("%32C*", $head) . "/" . unpack("%32N*", $head);
    }
    my @numbers = map { -e "$folder/$_" ? text("$folder/$_") : () } "size", "start";
    chomp @numbers;
    print "disk /dev/$name @numbers $head\n";
}
sub file {
    my $path = shift;
    # lstat(2) of x86_64, since perl's own tells fractions of seconds as such, and those are slow to emulate.
    return if $passing{$path} or syscall 6, $path, $facts;
    my ($links, $mode, $user, $group, $size, @changed) = unpack "x16 q L3 x12 q x32 q2", $facts;
    return unless my $kind = $kinds{$mode & 0170000};
    print "$kind $path $mode $user:$group $size @changed $links ", $kind eq "l" ? readlink $path : "", "\n";
    return unless $kind eq "d" and opendir my $folder, $path;
    file($path eq "/" ? "/$_" : "$path/$_") for grep { $_ ne "." and $_ ne ".." } readdir $folder;
}
while (<STDIN>) {
    settle();
    print map "boot $_", text("/proc/sys/kernel/random/boot_id");
    my %mounted;
    for (text("/proc/self/mountinfo")) {
        my ($where, $options, $type, $from) = ((split)[4, 5], / - (\S+) (\S+)/);
        next unless $from =~ m{^/dev/};
        $mounted{$from} = 1;
        print "mount $where $from $type $options\n";
        file_system($where);
    }
    print map "swap $_", grep m{^/}, text("/proc/swaps");
    disk($_, \%mounted) for sort glob "/sys/class/block/sd*";
    file("/");
    # All in one go: each packet wakes ssh on both sides.
    local $| = 1;
    print ".\n";
}
"""


@dataclass(frozen=True)
class Guest(Machine):
    """The machine inside QEMU; `enter` is the ssh command that all of its commands go through."""

    link: Link = field(kw_only=True, repr=False)

    def through(self, command: Sequence[str], *, terminal: bool = False) -> list[str]:
        """Return the argv that runs `command` there as root; ssh hands one line to the shell there."""
        return [*self.enter[:-1], *(["-t"] if terminal else []), self.enter[-1], shlex.join(command)]

    def await_reboot(self) -> None:
        """Return once the machine has started anew; raises LabError when it does not."""
        self.link.await_reboot()

    def is_down(self) -> bool:
        """Tell whether the machine no longer answers, as while it reboots."""
        return self.run("true", check=False).returncode != 0

    def state(self) -> dict[str, str]:
        """Return what lasts: partition tables, file systems, mounts, this boot, and path to facts for each file."""
        state: dict[str, str] = {}
        for line in self.link.observe(self.argv(["perl", "-e", OBSERVER], "root")):
            kind, name, *facts = line.split(" ")
            # One mount point may carry several mounts.
            state[f"{kind} {name}"] = state.get(f"{kind} {name}", "") + " ".join(facts).strip()
        return state

    @contextmanager
    def bash(self, user: str) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
        """Yield a bash of the guest; its commands go over ssh's stdin, to a descriptor beside its own."""
        # In a subshell, which leads no session: to a leader the terminal would become the controlling one.
        # One stream, so that output and complaints stay in their order. Through cat, whose pipe is the user's own: that of sshd may not be opened by name.
        started = f"exec 9<&0 2>&1; (exec bash --noprofile --norc <(exec cat <&9) <{TTY}); exit $?"
        process = subprocess.Popen(
            self.argv(["bash", "-c", started], user),
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, bufsize=0, start_new_session=True,
        )  # fmt: skip
        assert process.stdin
        yield process, process.stdin


@dataclass(frozen=True)
class VmLab:
    """The facts of lab vm: its one machine `box`, the versions in it, and what a reader finds there."""

    machines: Mapping[str, Guest]
    versions: Mapping[str, str]
    link: Link = field(repr=False)
    banner: str = (
        "You are on box, a Debian machine of its own: reboot it, break it, fill it; nothing here is your host's.\n"
        "/dev/sdb and /dev/sdc are empty disks; try  lsblk  as root:  opsbook lab --user root vm"
    )

    @property
    def box(self) -> Guest:
        """The machine."""
        return self.machines["box"]

    def console(self) -> str:
        """Return what the machine has written to its serial console since it was woken, or started anew."""
        return self.link.console()


def qemu_argv(folder: Path, accel: str, disks: str) -> list[str]:
    """Return the QEMU command for the machine whose kernel is in `folder` and whose disks are in `disks`."""
    drives = [
        part
        for number, (name, _, serial) in enumerate(DISKS)
        for part in (
            "-drive", f"if=none,id={name},file={disks}/{name}.qcow2,cache=unsafe",
            "-device", f"scsi-hd,drive={name},bus=scsi.0,scsi-id={number},serial={serial},vendor=OPSBOOK,product=DISK",
        )
    ]  # fmt: skip
    return [
        "qemu-system-x86_64", "-machine", "q35", "-accel", accel, "-cpu", "host" if accel == "kvm" else CPU,
        "-smp", "1", "-m", str(MEMORY_MIB), "-nodefaults", "-no-user-config", "-display", "none",
        "-kernel", f"{folder}/vmlinuz", "-initrd", f"{folder}/initrd.img", "-append", KERNEL,
        "-serial", "file:/mnt/console.log", "-qmp", "unix:/mnt/qmp,server=on,wait=off",
        "-device", "virtio-scsi-pci,id=scsi", *drives,
        "-netdev", "user,id=net,restrict=on,hostfwd=tcp:127.0.0.1:2222-:22",
        "-device", "virtio-net-pci,netdev=net,romfile=", "-device", "virtio-rng-pci",
        "-action", "reboot=shutdown",
    ]  # fmt: skip


def switch_on(here: Ground, argv: Sequence[str]) -> tuple[subprocess.Popen[bytes], Monitor]:
    """Start QEMU on the ground `here` and return it, with its monitor, once its virtual CPU runs."""
    log = here.root / "mnt/qemu.log"
    with log.open("wb") as sink:
        # Temporary files go to the ground's own memory.
        process = subprocess.Popen(
            [*here.enter, "env", "TMPDIR=/mnt", *argv],
            stdin=subprocess.DEVNULL, stdout=sink, stderr=sink, start_new_session=True,
        )  # fmt: skip
    here.processes.append(process)
    found: list[Monitor] = []

    def runs() -> bool:
        # What went wrong, if it did, is told by the log.
        with suppress(OSError, LabError):
            found.extend([] if found else [Monitor(here.root / "mnt/qmp")])
            return bool(found[0].ask("query-status")["running"])
        return False

    def dead() -> str | None:
        code = process.poll()
        return None if code is None else f"QEMU exited {code}\n{last_lines(log)}"

    try:
        wait_until(runs, "QEMU", dead=dead, seconds=90)
    except LabError:
        for monitor in found:
            monitor.close()
        raise
    return process, found[0]


@contextmanager
def vm_lab() -> Iterator[VmLab]:
    """Yield a Debian machine of its own with systemd and empty disks, under QEMU; it reboots for real.

    Raises LabUnavailable when QEMU or namespaces are missing, or `build` has not been run.
    """
    folder = cache_folder()
    facts = debian.facts_of(folder)
    argv = qemu_argv(folder, facts["accel"], "/mnt")
    woken = ["-incoming", f"exec:cat {shlex.quote(str(folder))}/state"]
    with ground() as here:
        # What a copy of the machine writes goes to the ground's own memory.
        for name, _, _ in DISKS:
            shutil.copyfile(folder / f"{name}.empty", here.root / f"mnt/{name}.qcow2")
        link = Link(here, argv, *switch_on(here, [*argv, *woken]))
        try:
            link.connect(BOOT_SECONDS)
            yield VmLab({"box": Guest("box", link.ssh, Path("/"), link=link)}, facts["versions"], link)
        finally:
            link.dismiss_observer()
            link.monitor.close()


# --- the machine, built


def build(tell: debian.Tell) -> Path:
    """Build the machine and keep it, unless it is there; return its folder. `tell` hears of each step.

    Raises LabUnavailable when a program is missing or packages cannot be had.
    """
    if platform.machine() != "x86_64":
        raise LabUnavailable(f"the machine is built for x86_64, this is {platform.machine()}")
    for program, package in (("qemu-img", "qemu-utils"), ("mke2fs", "e2fsprogs"), ("sfdisk", "fdisk")):
        need(program, package)
    return debian.keep(cache_folder(), lambda folder: make(folder, tell), tell)


def make(folder: Path, tell: debian.Tell) -> dict[str, object]:
    """Make all files of the machine in the empty `folder` and return its facts."""
    tell("vm 1/3: packages, about 1 minute")
    packages = unpack(folder)
    with ground() as here:
        tell("vm 2/3: disks")
        make_disks(here, folder)
    tell("vm 3/3: first boot, half a minute under emulation")
    accel = freeze(folder)
    for name in ("root.tar", "files.tar"):
        (folder / name).unlink()
    linux = next(version for name, version in packages.items() if name.startswith("linux-image-6"))
    versions = {
        "debian": f"Debian {packages['release']} in QEMU",
        "linux": f"Linux {linux}",
        **{name: f"{name} {packages[name]}" for name in VERSIONS},
    }
    return {"accel": accel, "versions": versions, "packages": packages}


def unpack(folder: Path) -> dict[str, str]:
    """Install the packages into `folder`/root.tar, kernel and initrd beside it; return name to version."""
    users = [user for user in USERS if user != "root"]
    hooks = [
        *(f'chroot "$1" useradd -m -s /bin/bash -u {USERS[user]} {user}' for user in users),
        'chroot "$1" passwd -q -d root',
        f'chroot "$1" systemctl -q mask {" ".join(MASKED)}',
        'chroot "$1" systemctl -q enable lab-rescue',
        *(
            f'ln -s /dev/null "$1/etc/systemd/system-generators/systemd-{name}-generator"'
            for name in IDLE_GENERATORS
        ),
        # Both start when they are asked for.
        'cd "$1"/lib/systemd/system/multi-user.target.wants && rm dbus.service systemd-logind.service',
        # Every login pays for these otherwise.
        'rm -f "$1"/etc/update-motd.d/* "$1"/etc/motd',
        f"download /vmlinuz {shlex.quote(str(folder / 'vmlinuz'))}",
        f"download /initrd.img {shlex.quote(str(folder / 'initrd.img'))}",
    ]
    return debian.install(folder, PACKAGES, files=FILES, hooks=hooks)


def make_disks(here: Ground, folder: Path) -> None:
    """Make the disk images of the machine from its unpacked packages."""
    raw = {name: folder / f"{name}.raw" for name in ("system", "grown")}
    here.run("mkdir", "/mnt/root", "/mnt/srv", "/mnt/srv/www")
    here.run(
        "tar", "-xpf", str(folder / "root.tar"), "--numeric-owner", "--exclude=./dev/*", "-C", "/mnt/root"
    )
    here.run("tee", "/mnt/srv/www/index.html", input=b"<h1>It works</h1>\n")
    sizes = {name: size for name, size, _ in DISKS}
    # The disk of /srv was half this size when it was partitioned.
    for name, size, uuid, tree in (
        ("system", sizes["system"], SYSTEM_UUID, "/mnt/root"),
        ("grown", sizes["grown"] // 2, SRV_UUID, "/mnt/srv"),
    ):
        with raw[name].open("wb") as image:
            image.truncate(size)
        here.run("sfdisk", "-q", str(raw[name]), input=b"label: gpt\nstart=1MiB, name=%b\n" % name.encode())
        inside = f"{(size - 2 * MIB) // 1024}k"
        here.run(
            "mke2fs", "-q", "-F", "-t", "ext4", "-U", uuid, "-L", name, "-d", tree,
            "-E", f"offset={MIB},hash_seed={uuid},nodiscard", str(raw[name]), inside,
        )  # fmt: skip
        with raw[name].open("r+b") as image:
            image.truncate(sizes[name])


def freeze(folder: Path) -> str:
    """Boot the machine once, save it as it then stands, and return the accelerator that worked."""
    # /dev/kvm may open and still run nothing, so the boot itself is the probe.
    tries = [("kvm", 40)] if os.access("/dev/kvm", os.R_OK | os.W_OK) else []
    for accel, seconds in (*tries, ("tcg,thread=multi", BOOT_SECONDS)):
        with ground() as here:
            for name, size, _ in DISKS:
                based = ["-b", f"{name}.raw", "-F", "raw"] if (folder / f"{name}.raw").exists() else []
                here.run(
                    "qemu-img", "create", "-q", "-f", "qcow2", *based, f"{folder}/{name}.qcow2", str(size)
                )
            try:
                save(here, folder, accel, seconds)
            except LabError:
                if accel == "kvm":
                    continue
                raise
            for name, _, _ in DISKS:
                disk = ["-b", f"{folder}/{name}.qcow2", "-F", "qcow2", f"{folder}/{name}.empty"]
                here.run("qemu-img", "create", "-q", "-f", "qcow2", *disk)
            return accel
    raise LabError("the machine did not start")


def save(here: Ground, folder: Path, accel: str, seconds: float) -> None:
    """Boot the machine within `seconds` and write its memory to `folder`/state."""
    argv = qemu_argv(folder, accel, str(folder))
    link = Link(here, argv, *switch_on(here, argv))
    try:
        link.await_boot(seconds)
        guest = Guest("box", link.ssh, Path("/"), link=link)
        serials = guest.run("lsblk", "-dno", "SERIAL", user="root", seconds=60).stdout.split()
        if serials != [serial for _, _, serial in DISKS]:
            raise LabError(f"the disks came up as {serials}; try again")
        guest.run("systemctl", "is-system-running", "--wait", user="root", seconds=seconds, check=False)
        guest.run("sh", "-c", "journalctl -q --sync; sync; fstrim / || true", user="root", seconds=60)
        assert link.master
        # A guest with an open connection would wait for an answer that no longer comes.
        link.master.terminate()
        link.master.wait()
        link.monitor.ask("migrate", uri=f"exec:cat >{shlex.quote(str(folder))}/state")
        wait_until(
            lambda: link.monitor.ask("query-migrate")["status"] == "completed",
            "the saved machine",
            seconds=60,
        )
        with suppress(LabError, OSError, ValueError):
            link.monitor.ask("quit")
        link.qemu.wait(30)
    finally:
        link.monitor.close()
