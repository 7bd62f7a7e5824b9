"""Small machines that share this kernel and nothing else with it: the ground that labs stand on.

One `unshare` holds the namespaces and its PID 1 reads a pipe from us; however we die, the pipe closes,
PID 1 ends, and the kernel takes every process, mount and interface of the lab with it. Each machine is a
bubblewrap sandbox inside: own files, users, host name and network, with the host's /usr read-only.
See namespaces(7), unshare(1), bwrap(1).
"""

import base64
import io
import json
import os
import re
import secrets
import select
import shlex
import subprocess
import tarfile
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import IO

from opsbook.labs.process import POLL_SECONDS, LabError, LabUnavailable, need, stop, wait_until

ENVIRONMENT = {
    "PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "LANG": "C.UTF-8",
    "TZ": "UTC",
}
# The namespaces that ground and machines have of their own; an ordinary user may not enter all there are.
OWN = ("--mount", "--uts", "--ipc", "--net", "--pid")
BOOTED = "/etc/opsbook-machine"
PROMPT = "PS1='\\u@\\h:\\w\\$ '\n"
IDS = 65536
# Debian's default, whatever this machine's user prefers: modes are seen on pages.
UMASK = 0o022
USERS = {"root": 0, "alice": 1000, "bob": 1001, "mallory": 1002}
# Never part of a machine's state: shells, clients and logins, what programs note down by themselves, what ends with them.
REPEATED = re.compile(r"^-{14}\n.*?\n-{14}\n\n", re.DOTALL | re.MULTILINE)
BEFORE_MARK = f"{'*' * 27} 1. row {'*' * 27}\nmark: "
SQL_ERROR = re.compile(r"^ERROR [0-9]+ ", re.MULTILINE)
PASSING = ("bash", "sshd", "-bash", "setpriv", "mariadb", "mysql")
# Prints what files there are, their sums, and the processes; no field of these is a newline alone.
STATE_PART = "\0\n\0"
STATE = r"""
set -e
cd /
FIND -printf '%p\0%y %m %U:%G %l\0'
printf '\0\n\0'
FIND -type f -exec sha256sum -z {} +
printf '\0\n\0'
ps -eo user,args --no-headers
"""
VOLATILE = ("./proc", "./dev", "./sys", "./usr", "./run", "./tmp", "./var/log")


@dataclass(frozen=True)
class File:
    """One file, or a directory when `text` is None, to put on a machine."""

    text: str | None
    owner: str = "root"
    mode: int = 0o644


@dataclass(frozen=True)
class Pasted:
    """What a shell gave back for one pasted block: its output (stdout and stderr as seen) and exit code."""

    output: str
    exit: int


@dataclass(frozen=True)
class Machine:
    """One machine of a lab: a name, and the way in.

    `enter` is the argv prefix that runs a command in it as root; `root` is its / seen from here;
    `profile` is bash code that each of its shells starts with; what is below `volatile`, paths that start with
    ./, is not part of its state.
    """

    name: str
    enter: tuple[str, ...]
    root: Path
    profile: str = ""
    volatile: tuple[str, ...] = VOLATILE

    @property
    def prompt(self) -> tuple[str, ...]:
        """What a reader sits at who asks for no command."""
        return ("bash",)

    def through(self, command: Sequence[str], *, terminal: bool = False) -> list[str]:
        """Return the argv that runs `command` here as root, as it is; with `terminal`, on a terminal of this machine."""
        # script makes a terminal of the machine's own, so that jobs, prompts and Ctrl-C work.
        inside = ["script", "-q", "-c", shlex.join(command), "/dev/null"] if terminal else command
        return [*self.enter, *inside]

    def argv(self, command: Sequence[str], user: str = "alice", *, terminal: bool = False) -> list[str]:
        """Return the full argv that runs `command` here as `user`, in the user's home, with a clean environment."""
        uid = USERS[user]
        home = home_of(user)
        settings = {**ENVIRONMENT, "HOME": home, "USER": user, "LOGNAME": user, "SHELL": "/bin/bash"}
        # Real terminals pass TERM on; without one, programs must not think that they have one.
        settings |= {"TERM": os.environ["TERM"]} if "TERM" in os.environ else {}
        as_user = ["setpriv", f"--reuid={uid}", f"--regid={uid}", "--init-groups"] if uid else []
        clean = ["env", "-i", "-C", home, *(f"{k}={v}" for k, v in settings.items())]
        return self.through([*as_user, *clean, *command], terminal=terminal)

    def run(
        self, *command: str, user: str = "alice", input: str = "", seconds: float = 60, check: bool = True
    ) -> subprocess.CompletedProcess[str]:
        """Run `command` to its end and return it; stdout and stderr are text.

        Raises LabError when `check` is set and it fails, subprocess.TimeoutExpired after `seconds`.
        """
        done = subprocess.run(
            self.argv(command, user),
            input=input,
            capture_output=True,
            text=True,
            timeout=seconds,
            check=False,
            umask=UMASK,
        )
        if check and done.returncode:
            raise LabError(
                f"{self.name}: {' '.join(command)} exited {done.returncode}\n{done.stdout}{done.stderr}"
            )
        return done

    def start(self, *command: str, user: str = "alice") -> subprocess.Popen[str]:
        """Start `command` and return it running, its stdout and stderr in one pipe; it ends with the lab."""
        return subprocess.Popen(
            self.argv(command, user),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            umask=UMASK,
        )

    def put(self, files: Mapping[str, File]) -> None:
        """Write `files` (absolute path to File); missing folders are made too, and are root's."""
        untar = ["tar", "--extract", "--preserve-permissions", "--numeric-owner", "-C", "/"]
        subprocess.run(self.through(untar), input=archive(files), check=True)

    def read(self, path: str) -> str:
        """Return the text of the file at the absolute `path`; raises LabError when it cannot be read."""
        return self.run("cat", path, user="root").stdout

    def state(self) -> dict[str, str]:
        """Return what lasts on this machine: path to 'kind mode owner target-or-sha256' for each file, and
        'process USER COMMAND' for each background process of its users but their shells and logins.
        """
        prune = [part for path in self.volatile for part in ("-path", path, "-o")][:-1]
        find = shlex.join(["find", ".", "(", *prune, ")", "-prune", "-o", "-not", "-type", "s"])
        # In one shell: to enter a machine costs as much as what is asked there.
        told = self.run("sh", "-c", STATE.replace("FIND", find), user="root").stdout
        facts, sums, processes = (part.split("\0") for part in told.split(STATE_PART))
        state = dict(zip(facts[:-1:2], facts[1::2], strict=True))
        for line in sums[:-1]:
            digest, path = line.split("  ", 1)
            state[path] += digest
        files = {path.removeprefix("."): fact for path, fact in state.items()}
        # What has ended and waits to be reaped is none.
        listed = processes[0].splitlines()
        words = [line.split(None, 1) for line in listed if not line.endswith("<defunct>")]
        lasting = [w for w in words if w[0] != "root" and w[1].split()[0].rstrip(":") not in PASSING]
        return files | {f"process {user} {command}": "runs" for user, command in lasting}

    def await_reboot(self) -> None:
        """Return once this machine has started anew; raises LabError where a machine cannot."""
        raise LabError(f"{self.name} cannot be rebooted: it shares this kernel")

    def is_down(self) -> bool:
        """Tell whether this machine no longer answers, as one that reboots; none does that shares this kernel."""
        return False

    @contextmanager
    def shell(self, user: str = "alice") -> Iterator["Shell"]:
        """Yield one bash on this machine that keeps its state from paste to paste.

        Its input is a terminal on which nobody types, as a reader's is while a block runs, but not a
        controlling one: what would ask a question fails at once, with the words it has for that.
        """
        with self.bash(user) as (process, commands):
            try:
                shell = Shell(process, commands)
                if (started := shell.paste(self.profile)).exit:
                    raise LabError(
                        f"no shell for {user} on {self.name}: exit {started.exit}\n{started.output}"
                    )
                yield shell
            finally:
                hang_up(process, commands)

    @contextmanager
    def python(self, user: str = "alice") -> Iterator["PythonShell"]:
        """Yield one python3 on this machine that keeps its namespace from paste to paste; terminal as for `shell`."""
        with self.fed(["python3", "-u", "-c", PYTHON_SHELL], user) as (process, commands):
            try:
                yield PythonShell(process, commands)
            finally:
                hang_up(process, commands)

    @contextmanager
    def sql(self, user: str = "alice") -> Iterator["SqlShell"]:
        """Yield one SQL client on this machine that keeps its session from paste to paste; most machines have none."""
        raise LabError(f"{self.name} has no database")
        yield

    @contextmanager
    def bash(self, user: str) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
        """Yield a bash and the unbuffered file that it reads its commands from."""
        with self.fed(["bash", "--noprofile", "--norc"], user) as fed:
            yield fed

    @contextmanager
    def fed(self, command: Sequence[str], user: str) -> Iterator[tuple[subprocess.Popen[bytes], IO[bytes]]]:
        """Yield `command`, running, and the unbuffered file that it is fed by, whose path is its last argument."""
        keyboard, terminal = os.openpty()
        read, write = os.pipe()
        # The user there may be another than here, and opens it by its name.
        os.fchmod(read, 0o644)
        process = subprocess.Popen(
            self.argv([*command, f"/dev/fd/{read}"], user),
            stdin=terminal,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            pass_fds=[read],
            start_new_session=True,
            umask=UMASK,
        )
        os.close(read)
        os.close(terminal)
        with os.fdopen(write, "wb", buffering=0) as commands, os.fdopen(keyboard, "rb", buffering=0):
            yield process, commands


def hang_up(process: subprocess.Popen[bytes], commands: IO[bytes], grace: float = 1) -> None:
    """Tell a shell that no more commands come, wait `grace` seconds for it, then end it the other way."""
    assert process.stdout
    # The shell that ended by itself has closed this pipe.
    with suppress(BrokenPipeError):
        commands.close()
    try:
        process.wait(grace)
    except subprocess.TimeoutExpired:
        stop(process)
    process.stdout.close()


def home_of(user: str) -> str:
    """Return the home directory of `user` on every machine."""
    return "/root" if user == "root" else f"/home/{user}"


@dataclass(frozen=True)
class Shell:
    """A running bash that blocks can be pasted into, one after the other."""

    process: subprocess.Popen[bytes]
    commands: IO[bytes]
    mark: str = field(default_factory=lambda: f"opsbook-{secrets.token_hex(8)}")
    unread: bytearray = field(default_factory=bytearray)

    def paste(self, code: str, seconds: float = 60) -> Pasted:
        """Run `code` in this shell as if pasted, and return what it printed and how it ended.

        The exit code is that of the first command that failed, so that a broken line in the middle shows.
        Raises LabError when nothing comes back within `seconds`.
        """
        block = code.replace("\\", r"\\").replace("'", r"\'").replace("\n", r"\n")
        # eval, not a file or a function: the block then sees and leaves variables, jobs and cwd like typed lines.
        self._feed(
            f"__failed=0; trap '__failed=${{__failed/#0/$?}}' ERR\n"
            f"eval $'{block}'\n"
            # In two parts, so that the trace of a block that says `set -x` does not look like it.
            f"trap - ERR; printf '%s-%s %s\\n' {self.mark.replace('-', ' ')} \"$__failed\"\n"
        )
        return self._until_mark(code, seconds)

    def _feed(self, line: str) -> None:
        # The shell that ended at an exit in an earlier block has closed this pipe.
        with suppress(BrokenPipeError):
            self.commands.write(line.encode())

    def _until_mark(self, code: str, seconds: float) -> Pasted:
        assert self.process.stdout
        marked = re.compile(rf"{self.mark} ([0-9]+)\n".encode())
        deadline = time.monotonic() + seconds
        while not (found := marked.search(self.unread)):
            # After an `exit`, a background job may hold the pipe open: its end does not tell that bash has gone.
            ended = self.process.poll() is not None
            readable = select.select([self.process.stdout], [], [], 0 if ended else POLL_SECONDS)[0]
            chunk = os.read(self.process.stdout.fileno(), 65536) if readable else b""
            self.unread.extend(chunk)
            if not chunk and (ended or readable):
                return Pasted(self._take(len(self.unread)), self.process.wait())
            if time.monotonic() > deadline:
                seen = self.unread.decode(errors="replace")
                raise LabError(f"no answer after {seconds:g} s to:\n{code}\nso far:\n{seen}")
        # What a background job prints after the mark belongs to the next block.
        start, end, failed = found.start(), found.end(), int(found[1])
        output = self._take(start)
        self._take(end - start)
        return Pasted(output, failed)

    def _take(self, count: int) -> str:
        taken = self.unread[:count].decode(errors="replace")
        del self.unread[:count]
        return taken


# Runs each block as the module that a reader would save it as; the driver's own frame is no part of its tracebacks.
PYTHON_SHELL = """
import base64, linecache, sys, traceback
commands, module = open(sys.argv.pop()), {"__name__": "__main__"}
for line in commands:
    file, mark, block = line.split()
    code, failed = base64.b64decode(block).decode(), 0
    linecache.cache[file] = len(code), None, code.splitlines(True), file
    try:
        exec(compile(code, file, "exec", dont_inherit=True), module)
    except SystemExit:
        raise
    except BaseException as error:
        failed = 1
        traceback.print_exception(error.with_traceback(error.__traceback__.tb_next))
    print(mark, failed, flush=True)
"""


@dataclass(frozen=True)
class PythonShell(Shell):
    """A running python3 that blocks can be pasted into, one after the other, with one namespace for all."""

    def paste(self, code: str, seconds: float = 60, file: str = "<pasted>") -> Pasted:
        """Run `code` as the content of `file`, and return what it printed, 1 for an exception that nobody caught, else 0.

        After an exit it is the exit code, and the next block finds nobody. Raises LabError when nothing comes back
        within `seconds`.
        """
        self._feed(f"{file} {self.mark} {base64.b64encode(code.encode()).decode()}\n")
        return self._until_mark(code, seconds)


@dataclass(frozen=True)
class SqlShell(Shell):
    """A running SQL client (mariadb or mysql) that statements can be pasted into, with one session for all."""

    def paste(self, code: str, seconds: float = 60) -> Pasted:
        """Run the statements `code` and return what was printed, and 1 if one of them failed, else 0.

        Raises LabError when nothing comes back within `seconds`.
        """
        self._feed(f"{code}\nSELECT '{self.mark} 0' AS mark\\G\n")
        seen = self._until_mark(code, seconds)
        # Fed from a pipe the client repeats what failed; on a terminal it does not: there it stands above anyway.
        output = REPEATED.sub("", seen.output.removesuffix(BEFORE_MARK))
        return Pasted(output, seen.exit or int(SQL_ERROR.search(output) is not None))


def archive(files: Mapping[str, File]) -> bytes:
    """Return `files` as a tar archive with numeric owners, folders first."""
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w") as tar:
        for path, file in files.items():
            info = tarfile.TarInfo(path.lstrip("/"))
            info.uid = info.gid = USERS[file.owner]
            info.mode = file.mode
            if file.text is None:
                info.type = tarfile.DIRTYPE
                tar.addfile(info)
            else:
                data = file.text.encode()
                info.size = len(data)
                tar.addfile(info, io.BytesIO(data))
    return buffer.getvalue()


def system_files(name: str, users: Sequence[str], hosts: Mapping[str, str]) -> dict[str, File]:
    """Return the smallest /etc and home folders that make a machine called `name` feel like one."""
    passwd = "".join(f"{u}:x:{USERS[u]}:{USERS[u]}:{u}:{home_of(u)}:/bin/bash\n" for u in users)
    known = "".join(f"{address} {host}\n" for host, address in hosts.items())
    return {
        BOOTED: File(f"{name}\n"),
        "/tmp": File(None, mode=0o1777),
        "/run/sshd": File(None, mode=0o755),
        "/var/log": File(None, mode=0o755),
        "/etc/passwd": File(passwd + "sshd:x:105:65534::/run/sshd:/usr/sbin/nologin\n"),
        "/etc/group": File("".join(f"{u}:x:{USERS[u]}:\n" for u in users) + "nogroup:x:65534:\n"),
        "/etc/shadow": File("".join(f"{u}:*:19000:0:99999:7:::\n" for u in users), mode=0o600),
        "/etc/hosts": File(f"127.0.0.1 localhost\n127.0.1.1 {name}\n{known}"),
        "/etc/profile": File(PROMPT),
        "/etc/bash.bashrc": File(PROMPT),
        "/etc/nsswitch.conf": File("passwd: files\ngroup: files\nshadow: files\nhosts: files\n"),
        **{home_of(user): File(None, owner=user, mode=0o700) for user in users},
    }


@dataclass(frozen=True)
class Ground:
    """The namespaces that a lab's machines live in; `enter` runs a command there.

    `processes` end with the ground and are waited for then. Killing one of them earlier would orphan what it
    runs inside to the host's PID 1, and the namespace cannot end before that has looked. `shown` are folders of
    this host that its machines see, read-only, beside /usr.
    """

    enter: tuple[str, ...]
    root: Path
    processes: list[subprocess.Popen[bytes]] = field(default_factory=list)
    shown: Sequence[str] = ()

    def run(self, *argv: str, input: bytes = b"") -> None:
        """Run `argv` on the ground itself; raises LabError with its words when it fails."""
        done = subprocess.run(
            [*self.enter, *argv], input=input, capture_output=True, check=False, umask=UMASK
        )
        if done.returncode:
            raise LabError(f"{' '.join(argv)} exited {done.returncode}: {done.stderr.decode().strip()}")

    def machine(
        self,
        name: str,
        users: Sequence[str],
        hosts: Mapping[str, str] = MappingProxyType({}),
        files: Mapping[str, File] = MappingProxyType({}),
        profile: str = "",
        sandboxed: Sequence[str] = (),
    ) -> Machine:
        """Boot a machine: its files first, then the sandbox around them, with more options `sandboxed` for bwrap."""
        home = f"/mnt/{name}"
        self.run("mkdir", home)
        self.run(
            "tar",
            "-xp",
            "--numeric-owner",
            "-C",
            home,
            input=archive({**system_files(name, users, hosts), **files}),
        )
        facts, report = os.pipe()
        shown = [part for path in self.shown for part in bind(path)]
        argv = [*self.enter, *sandbox(name, home, report, [*sandboxed, *shown])]
        process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, pass_fds=[report], start_new_session=True, stderr=subprocess.PIPE
        )
        self.processes.append(process)
        os.close(report)
        with os.fdopen(facts) as lines:
            # Up to the closing brace: the sandbox keeps its end open for as long as it lives.
            told = "".join(iter(lambda: lines.read(1), "}"))
        if not told:
            assert process.stderr
            raise LabError(f"{name} did not boot: {process.stderr.read().decode()}")
        pid = json.loads(told + "}")["child-pid"]
        enter = (*self.enter, "nsenter", f"--target={pid}", *OWN, "--")
        machine = Machine(name, enter, self.root / home.lstrip("/"), profile)
        # bwrap tells its PID before it has moved into the machine, and its pivot_root takes the root of this very
        # probe along: only a file that no earlier root has, looked for once, tells that the last one is reached.
        inside = ("test", "-e", BOOTED)

        def dead() -> str | None:
            assert process.stderr
            return f"{name} did not boot: {process.stderr.read().decode()}" if process.poll() else None

        wait_until(lambda: machine.run(*inside, user="root", check=False).returncode == 0, name, dead=dead)
        return machine

    def link(self, machine: Machine, interface: str, bridge: str, address: str) -> None:
        """Plug `machine` into `bridge` with a virtual cable and give it `address` (with its prefix length)."""
        port = f"{machine.name}-{interface}"
        pid = next(word for word in reversed(machine.enter) if word.startswith("--target=")).partition("=")[2]
        ip = f"link add name {port} type veth peer name {interface} netns {pid}\nlink set {port} master {bridge} up\n"
        self.run("ip", "-batch", "-", input=ip.encode())
        inside = f"addr add {address} dev {interface}\nlink set {interface} up\n"
        subprocess.run([*machine.enter, "ip", "-batch", "-"], input=inside.encode(), check=True)


def bind(folder: str) -> list[str]:
    """Return the bwrap options that show a `folder` of this host, read-only, to every user of a machine."""
    # By itself bwrap makes the folders above it for root alone.
    above = [str(path) for path in reversed(Path(folder).parents)][1:]
    return [
        *(part for path in above for part in ("--perms", "755", "--dir", path)),
        "--ro-bind",
        folder,
        folder,
    ]


def sandbox(name: str, home: str, report: int, more: Sequence[str]) -> list[str]:
    """Return the bwrap argv for a machine whose files are in `home`, telling its PID on descriptor `report`."""
    merged = [part for d in ("bin", "sbin", "lib", "lib64") for part in ("--symlink", f"usr/{d}", f"/{d}")]
    # Programs behind Debian's alternatives (nc, editor, awk) are links into this folder.
    shared = ("/etc/alternatives", "/etc/ld.so.cache")
    return [
        "bwrap", "--unshare-pid", "--unshare-net", "--unshare-ipc", "--unshare-uts", "--hostname", name,
        "--cap-add", "ALL", "--bind", home, "/", "--ro-bind", "/usr", "/usr", *merged,
        *(part for path in shared for part in ("--ro-bind-try", path, path)),
        # As on a Debian where nothing was installed by hand.
        "--tmpfs", "/usr/local", *more,
        "--proc", "/proc", "--dev", "/dev", "--info-fd", str(report),
        "sleep", "infinity",
    ]  # fmt: skip


def namespaces(own_users: bool) -> list[str]:
    """Return the unshare argv for the ground; an ordinary user gets a user namespace with a range of ids."""
    argv = [need("unshare", "util-linux"), "--pid", "--fork", "--kill-child", "--mount", "--mount-proc"]
    argv += ["--net", "--ipc", "--uts"]
    if os.geteuid() != 0:
        need("newuidmap", "uidmap")
        argv += ["--user", "--map-root-user", "--map-auto"]
    # With SIGCHLD ignored the kernel reaps orphans of the lab by itself.
    argv += [need("env", "coreutils"), "--ignore-signal=CHLD", "cat"]
    if own_users and os.geteuid() == 0:
        # Root has no subordinate ids that unshare could map, but may write the map itself, once there is a namespace.
        waiting = 'echo ready >&2; read -r _; exec setpriv --reuid 0 --regid 0 --clear-groups "$@"'
        argv = ["unshare", "--user", "bash", "-c", waiting, "bash", *argv]
    return argv


def map_users(holder: subprocess.Popen[bytes]) -> None:
    """Map all ids of root's new user namespace to themselves, and let `holder` go on; user_namespaces(7)."""
    assert holder.stdin
    assert holder.stderr
    holder.stderr.readline()
    with suppress(OSError):
        for kind in ("uid_map", "gid_map"):
            Path(f"/proc/{holder.pid}/{kind}").write_text(f"0 0 {IDS}\n")
        holder.stdin.write(b"\n")
        holder.stdin.flush()


@contextmanager
def ground(
    bridges: Sequence[str] = (), *, own_users: bool = False, shown: Sequence[str] = ()
) -> Iterator[Ground]:
    """Yield fresh namespaces with a tmpfs at /mnt and the named network bridges; all of it ends with the block.

    Its machines see the folders `shown` of this host, beside /usr.

    With `own_users` root too gets a user namespace, so that what is root inside has no power outside. Raises LabUnavailable when a program is missing or the kernel refuses namespaces to this user.
    """
    for program, package in (
        ("bwrap", "bubblewrap"),
        ("nsenter", "util-linux"),
        ("ip", "iproute2"),
        ("tar", "tar"),
    ):
        need(program, package)
    holder = subprocess.Popen(
        namespaces(own_users), stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )
    assert holder.stdin
    assert holder.stderr
    processes: list[subprocess.Popen[bytes]] = []
    try:
        if own_users and os.geteuid() == 0:
            map_users(holder)
        pid = first_process(holder)
        as_root = ("--user",) if own_users or os.geteuid() else ()
        enter = (need("nsenter", "util-linux"), f"--target={pid}", *as_root, *OWN, "--")
        here = Ground(enter, Path(f"/proc/{pid}/root"), processes, shown)
        here.run("mount", "-t", "tmpfs", "-o", "mode=755", "lab", "/mnt")
        network = ["link set lo up", *(f"link add name {b} type bridge\nlink set {b} up" for b in bridges)]
        here.run("ip", "-batch", "-", input="\n".join(network).encode())
        yield here
    finally:
        holder.stdin.close()
        for process in (*processes, holder):
            process.wait()
            if process.stderr:
                process.stderr.close()


def first_process(holder: subprocess.Popen[bytes]) -> int:
    """Return the PID, seen from here, of the process that holds the namespaces; waits until it is there."""
    children = Path(f"/proc/{holder.pid}/task/{holder.pid}/children")

    def dead() -> str | None:
        if holder.poll() is None:
            return None
        assert holder.stderr
        return holder.stderr.read().decode().strip()

    def ready() -> bool:
        # unshare has short-lived helpers, which may go between these two looks.
        with suppress(OSError):
            pids = children.read_text().split()
            return bool(pids) and Path(f"/proc/{pids[0]}/comm").read_text() == "cat\n"
        return False

    try:
        wait_until(ready, "the lab's namespace", dead=dead)
    except LabError as error:
        if os.geteuid() == 0:
            raise
        raise LabUnavailable(
            f"this kernel gives ordinary users no namespaces ({error}); run as root, or give yourself"
            " subordinate ids: usermod --add-subuids 100000-165535 --add-subgids 100000-165535 $USER"
        ) from None
    return int(children.read_text().split()[0])
