"""Lab docker: a machine with a Docker engine of its own, which needs no root and leaves nothing.

The engine runs in its rootless mode in a user namespace, so it makes no cgroups, and with its network, images and
containers inside the lab's namespaces; see dockerd(8) and user_namespaces(7). It reaches no registry: what pages
build upon, debian:12-slim and busybox, is made from Debian packages once and kept in the user's cache.

Where asked to, it lives in one container of the user's own engine instead, with an engine in that, so that none of its names meets one
of theirs; it then has the images of those names that their engine has.
"""

import http.client
import inspect
import json
import re
import secrets
import socket
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from typing import Any

from opsbook.labs import debian
from opsbook.labs.machines import VOLATILE, File, Ground, Machine, ground, system_files
from opsbook.labs.process import LabUnavailable, need, start, stop, wait_until

USERS = ("root", "alice")
IMAGES = ("debian:12-slim", "busybox")
DOCKER_GROUP = 998
ENGINE = ("dockerd", "--rootless", "--iptables=false", "--storage-driver=overlay2", "--config-file=/etc/docker/daemon.json",
          "--data-root=/var/lib/docker", "--exec-root=/run/docker", "--pidfile=/run/docker.pid",
          "--host=unix:///var/run/docker.sock")  # fmt: skip
# What a Dockerfile of a page may install: the image has them in a repository of its own, for want of a network.
PACKAGES = ("gosu", "tini", "procps", "sudo", "psmisc", "dumb-init", "jsonnet")
REPOSITORY = r"""
cd "$1" && mkdir -p var/local/apt
chroot . sh -c 'cd /var/local/apt && apt-get -qq --print-uris --no-install-recommends install PACKAGES | cut -d" " -f2 | sed "s/_.*//" |
    xargs apt-get -qq -o APT::Sandbox::User=root download'
for deb in var/local/apt/*.deb; do
    dpkg-deb -f "$deb"
    echo "Filename: ./${deb##*/}"
    echo "Size: $(stat -c %s "$deb")"
    echo "SHA256: $(sha256sum "$deb" | cut -d' ' -f1)"
    echo
done >var/local/apt/Packages
echo 'deb [trusted=yes] file:/var/local/apt ./' >etc/apt/sources.list
rm -rf etc/apt/sources.list.d/* var/lib/apt/lists/* var/cache/apt/*.bin
chroot . apt-get -qq update
"""


def cache_folder() -> Path:
    """Return the folder that keeps the images of this recipe, unpacked as the engine wants them; it need not exist."""
    made_by = "".join(inspect.getsource(step) for step in (debian.install, make))
    return debian.kept("docker", repr((ENGINE, PACKAGES, REPOSITORY, versions(), made_by)))


class EngineConnection(http.client.HTTPConnection):
    """A connection to an engine's API on the unix socket `path`; see the Docker Engine API reference."""

    def __init__(self, path: Path) -> None:
        super().__init__("engine", timeout=60)
        self.path = path

    def connect(self) -> None:
        """Connect; raises OSError while nothing listens there."""
        self.sock = socket.socket(socket.AF_UNIX)
        self.sock.settimeout(self.timeout)
        self.sock.connect(str(self.path))

    def ask(self, path: str) -> Any:  # whatever JSON the engine returns
        """Return the answer to GET `path`."""
        self.request("GET", path)
        return json.load(self.getresponse())


@dataclass(frozen=True)
class DockerHost(Machine):
    """A machine with an engine; what lasts on it are its containers, images and volumes too."""

    def state(self) -> dict[str, str]:
        """Return what lasts here: files and processes as on any machine, and what the engine keeps."""
        # Asked by its API, because each call of `docker` is a process as dear as all the rest of this.
        with closing(EngineConnection(self.root / "var/run/docker.sock")) as engine:
            kept = {
                f"container {name.lstrip('/')}": f"{container['Image']} {container['State']}"
                for container in engine.ask("/containers/json?all=1")
                for name in container["Names"]
            }
            kept |= {
                f"image {tag}": image["Id"]
                for image in engine.ask("/images/json")
                for tag in image["RepoTags"] or ()
                if "<none>" not in tag
            }
            kept |= {f"volume {volume['Name']}": "is" for volume in engine.ask("/volumes")["Volumes"] or ()}
            kept |= {f"network {network['Name']}": "is" for network in engine.ask("/networks")}
        return super().state() | kept


@dataclass(frozen=True)
class DockerLab:
    """The facts of lab docker: its one machine `box`, the versions in use, and what a reader finds there."""

    machines: Mapping[str, Machine]
    versions: Mapping[str, str]
    banner: str = (
        "You are alice on box, whose docker talks to an engine of its own, not to your host's.\n"
        "Images debian:12-slim and busybox are there; no registry is."
    )

    @property
    def box(self) -> Machine:
        """The machine."""
        return self.machines["box"]


def versions() -> dict[str, str]:
    """Return the versions of engine, containerd and runc; raises LabUnavailable where one is missing."""
    programs = {"docker": "dockerd", "containerd": "containerd", "runc": "runc"}
    return {name: f"{name} {version(need(program, 'docker.io'))}" for name, program in programs.items()}


@cache
def version(program: str) -> str:
    """Return the version that the program at that path tells; kept, for each lab asks and Docker's programs are slow to start."""
    said = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    return str(re.findall(r"[0-9]+[.][0-9]+[.][0-9]+", said)[0])


def machine_files() -> dict[str, File]:
    """Return what a machine with an engine has beyond any machine's files."""
    basic = system_files("box", USERS, {})
    return {
        "/etc/docker/daemon.json": File("{}\n"),
        "/etc/group": replace(
            basic["/etc/group"], text=f"{basic['/etc/group'].text}docker:x:{DOCKER_GROUP}:alice\n"
        ),
        "/sys": File(None, mode=0o755),
        "/var/run": File(None, mode=0o755),
        "/var/lib/docker": File(None, mode=0o710),
    }


def boot(here: Ground) -> Machine:
    """Return a machine that an engine can run on, without one."""
    # The engine looks for cgroups there, though it uses none.
    box = here.machine("box", USERS, files=machine_files(), sandboxed=("--ro-bind", "/sys", "/sys"))
    return DockerHost(box.name, box.enter, box.root, volatile=(*VOLATILE, "./var/lib/docker", "./var/run"))


def answers(box: Machine) -> bool:
    """Tell whether the engine of `box` does."""
    return box.run("docker", "info", user="root", check=False).returncode == 0


def listens(box: Machine) -> bool:
    """Tell whether the engine of `box` answers, as `answers` does, but without a program: asked all the time, that would cost
    as much as the engine that it waits for.
    """
    try:
        with closing(EngineConnection(box.root / "var/run/docker.sock")) as engine:
            return bool(engine.ask("/version"))
    except OSError:
        return False


def let_in_alice(box: Machine) -> None:
    """Give the engine's socket to the group docker, as Debian's service does."""
    box.run("sh", "-c", "chgrp docker /var/run/docker.sock; chmod 660 /var/run/docker.sock", user="root")


def engine_on(box: Machine) -> subprocess.Popen[bytes]:
    """Start the engine of `box` and return it once it answers; alice may talk to it."""
    # It lives for a minute and runs itself once more for each container: collecting garbage is a third of its work.
    argv = ["env", "XDG_RUNTIME_DIR=/run", "GOGC=1000", *ENGINE]
    log = box.root / "var/log/docker.log"
    engine = start(
        box.argv(argv, "root"),
        log,
        lambda: listens(box),
        seconds=90,
        hint="does this kernel mount overlay in user namespaces? It takes Linux 5.11",
    )
    let_in_alice(box)
    return engine


@contextmanager
def docker_lab() -> Iterator[DockerLab]:
    """Yield a machine with a Docker engine of its own and two images; no root needed, no registry reached.

    Raises LabUnavailable when Docker or namespaces are missing, or `build` has not been run.
    """
    folder = cache_folder()
    facts = debian.facts_of(folder)
    with ground(own_users=True) as here:
        box = boot(here)
        with (folder / "data.tar").open("rb") as data:
            untar = ["tar", "-xp", "--numeric-owner", "--xattrs", "-C", "/var/lib/docker"]
            subprocess.run(box.through(untar), stdin=data, check=True)
        here.processes.append(engine_on(box))
        yield DockerLab({"box": box}, versions() | facts["versions"])


@dataclass(frozen=True)
class HostedMachine(Machine):
    """A machine that is a container of the user's engine; `enter` is their `docker exec` and its name."""

    def through(self, command: Sequence[str], *, terminal: bool = False) -> list[str]:
        """Return the argv that runs `command` there as root."""
        docker, name = self.enter[:-1], self.enter[-1]
        return [*docker, "-it" if terminal else "-i", name, *command]


@contextmanager
def hosted_docker_lab() -> Iterator[DockerLab]:
    """Yield lab docker in one privileged container of the engine that `docker` talks to here, gone with the block.

    Nothing else of that engine is seen from inside, so names cannot meet. The container's first process reads a pipe from us
    and the engine removes the container and its volume when that ends, however we die. Raises LabUnavailable when the
    engine does not answer or has not the images.
    """
    client, name = need("docker", "docker.io"), f"opsbook-{secrets.token_hex(4)}"
    told = versions()
    for image in IMAGES:
        found = subprocess.run(
            [client, "image", "inspect", image], capture_output=True, text=True, check=False
        )
        if found.returncode:
            raise LabUnavailable(f"your engine: {found.stderr.strip()} (docker pull {image})")
    argv = [
        client, "run", "--rm", "--interactive", "--privileged", "--network=none", f"--name={name}", "--hostname=box",
        "--volume=/usr:/usr:ro", "--volume=/var/lib/docker", "--tmpfs=/tmp", IMAGES[0],
        # As on the ground of every lab: with SIGCHLD ignored the kernel reaps orphans by itself.
        "env", "--ignore-signal=CHLD", "cat",
    ]  # fmt: skip
    holder = subprocess.Popen(
        argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, start_new_session=True
    )
    assert holder.stdin
    assert holder.stderr
    box = HostedMachine("box", (client, "exec", name), Path("/"))

    def dead() -> str | None:
        assert holder.stderr
        return None if holder.poll() is None else f"your engine: {holder.stderr.read().decode().strip()}"

    try:
        up = [client, "exec", name, "true"]
        wait_until(
            lambda: subprocess.run(up, capture_output=True, check=False).returncode == 0, name, dead=dead
        )
        files = {**system_files("box", USERS, {}), **machine_files()}
        # Theirs is mounted there.
        del files["/etc/hosts"]
        box.put(files)
        # Where their engine is rootless this one has to be as well: it may not make cgroups either.
        rootless = box.run("cut", "-c12-22", "/proc/self/uid_map", user="root").stdout.strip() != "0"
        engine = [word for word in ENGINE if rootless or word != "--rootless"]
        started = f"XDG_RUNTIME_DIR=/run {' '.join(engine)} >/var/log/docker.log 2>&1 &"
        box.run("sh", "-c", started, user="root")
        wait_until(lambda: answers(box), "its engine", dead=dead)
        let_in_alice(box)
        with subprocess.Popen([client, "save", *IMAGES], stdout=subprocess.PIPE) as saved:
            subprocess.run(
                box.argv(["docker", "load", "-q"], "root"),
                stdin=saved.stdout,
                capture_output=True,
                check=True,
            )
        yield DockerLab({"box": box}, told)
    finally:
        holder.stdin.close()
        holder.wait()
        holder.stderr.close()


def build(tell: debian.Tell) -> Path:
    """Make the images and keep them, unless they are there; return their folder. `tell` hears of each step.

    Raises LabUnavailable when a program is missing or packages cannot be had.
    """
    return debian.keep(cache_folder(), lambda folder: make(folder, tell), tell)


def make(folder: Path, tell: debian.Tell) -> dict[str, object]:
    """Make the images from packages, have the engine import them, and keep its data in `folder`/data.tar."""
    tell("docker 1/2: packages, about 1 minute")
    busybox = need("busybox", "busybox-static")
    script = folder / "repository.sh"
    script.write_text(REPOSITORY.replace("PACKAGES", " ".join(PACKAGES)))
    packages = debian.install(folder, (), hooks=[f'sh -e {script} "$1"'])
    tell("docker 2/2: images")
    with ground(own_users=True) as here:
        box = boot(here)
        engine = engine_on(box)
        with (folder / "root.tar").open("rb") as tree:
            docker_import(box, "debian:12-slim", tree.fileno(), 'CMD ["bash"]')
        small = [
            "tar",
            "-c",
            "-C",
            "/",
            "--transform=s,usr/bin,bin,",
            busybox.lstrip("/").replace("usr/bin", "bin"),
        ]
        packed = subprocess.run(small, capture_output=True, check=True)
        (folder / "busybox.tar").write_bytes(packed.stdout)
        with (folder / "busybox.tar").open("rb") as tree:
            docker_import(box, "busybox:bare", tree.fileno(), 'CMD ["sh"]')
        # For everybody: the folder came into being with the one file in it, for root alone.
        context = 'FROM busybox:bare\nRUN ["/bin/busybox", "sh", "-c", "busybox --install -s /bin; chmod 755 /bin"]\n'
        box.run("docker", "build", "-q", "-t", "busybox:latest", "-", user="root", input=context)
        box.run("sh", "-c", "docker rmi busybox:bare; docker container prune -f", user="root")
        stop(engine, grace=20)
        with (folder / "data.tar").open("wb") as data:
            tar = [
                "tar",
                "-c",
                "--numeric-owner",
                "--xattrs",
                "-C",
                "/var/lib/docker",
                "--exclude=./buildkit",
                ".",
            ]
            subprocess.run(box.through(tar), stdout=data, check=True)
    for name in ("root.tar", "busybox.tar", "files.tar", "repository.sh"):
        (folder / name).unlink()
    image = f"debian:12-slim made here from Debian {packages['release']} packages"
    return {"versions": {"image": image}, "packages": packages}


def docker_import(box: Machine, image: str, tree: int, change: str) -> None:
    """Import the tar archive on descriptor `tree` as `image`; raises LabUnavailable where the engine refuses it."""
    argv = box.argv(["docker", "import", "--change", change, "-", image], "root")
    done = subprocess.run(argv, stdin=tree, capture_output=True, text=True, check=False)
    if done.returncode:
        raise LabUnavailable(f"docker import: {done.stderr.strip()}")
