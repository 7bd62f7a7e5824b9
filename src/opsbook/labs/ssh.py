"""Lab ssh: four machines with a real sshd each but the laptop, and links between them that can be cut.

        laptop (alice)  ── outside 192.0.2.0/24 ──┬── web      192.0.2.10
        192.0.2.2                                 └── bastion  192.0.2.20
                                                          │ 10.0.10.252
                                              inside 10.0.10.0/24
                                                          └── db   10.0.10.25

The addresses outside are from the documentation range of RFC 5737.
"""

import subprocess
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import lru_cache

from opsbook.labs.machines import File, Ground, Machine, ground
from opsbook.labs.process import LabError, need, start

ADDRESSES = {
    "laptop": {"outside": "192.0.2.2"},
    "web": {"outside": "192.0.2.10"},
    "bastion": {"outside": "192.0.2.20", "inside": "10.0.10.252"},
    "db": {"inside": "10.0.10.25"},
}
SERVERS = ("web", "bastion", "db")
USERS = ("root", "alice", "bob", "mallory")
SSHD_CONFIG = """# What Debian sets, but PAM: these machines have none.
Port 22
HostKey /etc/ssh/ssh_host_ed25519_key
PasswordAuthentication no
KbdInteractiveAuthentication no
UsePAM no
PrintMotd no
PrintLastLog no
AcceptEnv LANG LC_*
Subsystem sftp /usr/lib/openssh/sftp-server
"""
# All key exchanges stay on offer, but the quick one goes first: the default costs a tenth of a second of CPU a login.
SSH_CONFIG = """Host *
  KexAlgorithms ^curve25519-sha256
"""


@dataclass(frozen=True)
class SshLab:
    """The facts of lab ssh: its machines, the versions in use, and what a reader finds there.

    Alice's key on the laptop opens her account on web, bastion and db; the laptop knows all host keys.
    """

    machines: Mapping[str, Machine]
    versions: Mapping[str, str]
    ground: Ground = field(repr=False)
    banner: str = (
        "You are alice on laptop. web and bastion answer here; db only answers bastion.\n"
        "Alice's key ~/.ssh/id_ed25519 opens all three: try  ssh web  or  ssh -J bastion db\n"
        "Where a block says 'on web, as root':  ssh root@web"
    )

    @property
    def laptop(self) -> Machine:
        """The client: alice's laptop, outside."""
        return self.machines["laptop"]

    @property
    def web(self) -> Machine:
        """A server outside."""
        return self.machines["web"]

    @property
    def bastion(self) -> Machine:
        """The server with a leg in both networks."""
        return self.machines["bastion"]

    @property
    def db(self) -> Machine:
        """The server that only the bastion reaches."""
        return self.machines["db"]

    def cut(self, name: str, network: str = "outside") -> None:
        """Drop all packets from and to machine `name` from now on; neither end is told."""
        self.ground.run("ip", "link", "set", f"{name}-{network}", "nomaster")

    def heal(self, name: str, network: str = "outside") -> None:
        """Undo `cut` and `slow`."""
        port = f"{name}-{network}"
        self.ground.run("ip", "link", "set", port, "master", network)
        for enter, device in ((self.ground.enter, port), (self.machines[name].enter, network)):
            subprocess.run(
                [*enter, "tc", "qdisc", "del", "dev", device, "root"], capture_output=True, check=False
            )

    def slow(self, name: str, rate: str = "1mbit", network: str = "outside") -> None:
        """Let at most `rate` (as tc-tbf(8) spells it) through to and from machine `name`."""
        shape = ["tc", "qdisc", "replace", "dev"]
        limit = ["root", "tbf", "rate", rate, "burst", "16kb", "latency", "200ms"]
        self.ground.run(*shape, f"{name}-{network}", *limit)
        self.machines[name].run(*shape, network, *limit, user="root")

    def log(self, name: str) -> str:
        """Return what the sshd of machine `name` has logged so far."""
        return self.machines[name].read("/var/log/auth.log")


@lru_cache
def versions() -> dict[str, str]:
    """Return the version that `ssh -V` tells, without its crypto library's."""
    need("sshd", "openssh-server")
    done = subprocess.run([need("ssh", "openssh-client"), "-V"], capture_output=True, text=True, check=True)
    return {"openssh": done.stderr.strip().split(",")[0]}


def make_keys(here: Ground, names: tuple[str, ...]) -> dict[str, tuple[str, str]]:
    """Return name to (private, public) ed25519 key, all fresh; they are made on the ground, so none outlives it."""
    here.run("mkdir", "/mnt/keys")
    maker = [*here.enter, "ssh-keygen", "-q", "-t", "ed25519", "-N", ""]
    makers = [
        subprocess.Popen([*maker, "-C", n, "-f", f"/mnt/keys/{n}"], stdin=subprocess.DEVNULL) for n in names
    ]
    # All are waited for before any is judged.
    if sum(process.wait() for process in makers):
        raise LabError("ssh-keygen made no keys")
    folder = here.root / "mnt/keys"
    return {n: ((folder / n).read_text(), (folder / f"{n}.pub").read_text()) for n in names}


def server_files(host_key: tuple[str, str], alice_pub: str) -> dict[str, File]:
    """Return what a server of the lab has beside an empty system."""
    return {
        "/etc/ssh/sshd_config": File(SSHD_CONFIG),
        "/etc/ssh/ssh_config": File(SSH_CONFIG),
        "/etc/ssh/ssh_host_ed25519_key": File(host_key[0], mode=0o600),
        "/etc/ssh/ssh_host_ed25519_key.pub": File(host_key[1]),
        "/home/alice/.ssh": File(None, owner="alice", mode=0o700),
        "/home/alice/.ssh/authorized_keys": File(alice_pub, owner="alice", mode=0o600),
        # For the blocks that an administrator runs: ssh root@web.
        "/root/.ssh": File(None, mode=0o700),
        "/root/.ssh/authorized_keys": File(alice_pub, mode=0o600),
    }


def client_files(alice: tuple[str, str], known_hosts: str) -> dict[str, File]:
    """Return the ~/.ssh that alice's laptop starts with."""
    return {
        "/etc/ssh/ssh_config": File(SSH_CONFIG),
        "/home/alice/.ssh": File(None, owner="alice", mode=0o700),
        "/home/alice/.ssh/id_ed25519": File(alice[0], owner="alice", mode=0o600),
        "/home/alice/.ssh/id_ed25519.pub": File(alice[1], owner="alice"),
        "/home/alice/.ssh/known_hosts": File(known_hosts, owner="alice", mode=0o600),
    }


def known_hosts_lines(host_keys: Mapping[str, tuple[str, str]]) -> str:
    """Return a known_hosts file with the key of each server under its name and its addresses; sshd(8)."""
    lines = []
    for name, (_, public) in host_keys.items():
        kind, blob, _ = public.split(maxsplit=2)
        lines.append(f"{','.join([name, *ADDRESSES[name].values()])} {kind} {blob}\n")
    return "".join(lines)


def start_sshd(machines: Mapping[str, Machine], name: str) -> subprocess.Popen[bytes]:
    """Start a real sshd on machine `name` and return it once a neighbour has done a key exchange with it."""
    server, neighbour = machines[name], machines["bastion" if name == "db" else "laptop"]
    address = next(iter(ADDRESSES[name].values()))
    program = need("sshd", "openssh-server")
    server.run(program, "-t", user="root")
    log = server.root / "var/log/auth.log"

    def answers() -> bool:
        # With no way to log in, or with a host key it does not know, ssh ends right after the key exchange.
        no_login = ("-o", "PreferredAuthentications=none", "-o", "ConnectTimeout=2", "-o", "LogLevel=ERROR")
        told = neighbour.run("ssh", *no_login, address, "true", check=False).stderr
        return "Permission denied" in told or "Host key verification failed" in told

    return start(server.argv([program, "-D", "-E", "/var/log/auth.log"], user="root"), log, answers)


@contextmanager
def ssh_lab() -> Iterator[SshLab]:
    """Yield a laptop and three servers with their own sshd, host keys, users and network.

    Raises LabUnavailable when OpenSSH or namespaces are missing.
    """
    found = versions()
    with ground(["outside", "inside"]) as here:
        made = make_keys(here, ("alice@laptop", *SERVERS))
        alice = made.pop("alice@laptop")
        # db is no name that the laptop could look up: only the bastion knows the inside.
        outside = {name: ADDRESSES[name]["outside"] for name in ("web", "bastion")}
        inside = {**outside, "db": ADDRESSES["db"]["inside"]}
        files = {name: server_files(made[name], alice[1]) for name in SERVERS}
        files["laptop"] = client_files(alice, known_hosts_lines(made))
        machines = {
            name: here.machine(
                name,
                USERS,
                hosts=inside if name in ("bastion", "db") else outside,
                files=files[name],
            )
            for name in ("laptop", *SERVERS)
        }
        for name, legs in ADDRESSES.items():
            for network, address in legs.items():
                here.link(machines[name], network, network, f"{address}/24")
        # Most of the time goes into key exchanges, so all three at once.
        with ThreadPoolExecutor() as pool:
            here.processes.extend(pool.map(lambda name: start_sshd(machines, name), SERVERS))
        yield SshLab(machines, found, here)
