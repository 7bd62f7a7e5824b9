"""Lab podman: lab docker with Podman beside the engine, set up so that it does without cgroups, as root.

Podman passes runc an option that only crun has, `--cgroup-manager`, whenever it is to make no cgroups; a script of
three lines leaves it out. See containers.conf(5).
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace

from opsbook.labs.docker import DockerHost, DockerLab, docker_lab, version
from opsbook.labs.machines import File
from opsbook.labs.process import need

RUNC = """#!/bin/sh
for word; do
    shift
    case $word in --cgroup-manager | disabled) ;; *) set -- "$@" "$word" ;; esac
done
exec runc "$@"
"""
SETTINGS = """[containers]
cgroups = "disabled"
cgroupns = "host"
netns = "host"
log_driver = "k8s-file"
default_sysctls = []
[engine]
cgroup_manager = "cgroupfs"
events_logger = "file"
runtime = "runc"
runtime_supports_nocgroup = ["runc"]
[engine.runtimes]
runc = ["/etc/containers/runc"]
"""
STORAGE = """[storage]
driver = "vfs"
graphroot = "/var/lib/containers/storage"
runroot = "/run/containers/storage"
"""
FILES = {
    "/etc/containers/containers.conf": File(SETTINGS),
    "/etc/containers/policy.json": File('{"default": [{"type": "insecureAcceptAnything"}]}\n'),
    # As Debian has them: no registry is asked for a name without one, but for the names on a list; here cut down.
    "/etc/containers/registries.conf": File("# Nothing but comments.\n"),
    "/etc/containers/registries.conf.d/shortnames.conf": File(
        '[aliases]\n"debian" = "docker.io/library/debian"\n'
    ),
    "/etc/containers/runc": File(RUNC, mode=0o755),
    "/etc/containers/storage.conf": File(STORAGE),
    "/var/tmp": File(None, mode=0o1777),  # noqa: S108  # of the lab
}


@dataclass(frozen=True)
class PodmanHost(DockerHost):
    """A machine with an engine and Podman; what lasts on it are Podman's containers and images too."""

    def state(self) -> dict[str, str]:
        """Return what lasts here."""
        code = (
            "podman ps -a --format 'podman container {{.Names}}\t{{.Image}} {{.State}}'\n"
            "podman images --format 'podman image {{.Repository}}:{{.Tag}}\t{{.ID}}' | grep -v '<none>'\n"
            "podman volume ls --format 'podman volume {{.Name}}\tis'\n"
        )
        told = self.run("sh", "-c", code, user="root").stdout.splitlines()
        return super().state() | dict(line.split("\t", 1) for line in told)


@contextmanager
def podman_lab() -> Iterator[DockerLab]:
    """Yield a machine with a Docker engine and Podman; raises LabUnavailable as lab docker does, or without Podman."""
    podman = f"podman {version(need('podman', 'podman'))}"
    with docker_lab() as lab:
        box = PodmanHost(
            lab.box.name,
            lab.box.enter,
            lab.box.root,
            volatile=(*lab.box.volatile, "./var/lib/containers", "./var/cache"),
        )
        box.put(FILES)
        # Debian only recommends catatonit, so it is there on some machines: here on none.
        box.run("sh", "-c", "! test -d $0 || mount -t tmpfs none $0", "/usr/libexec/podman", user="root")
        banner = f"{lab.banner}\nPodman is there too, as root, and without images."
        yield replace(lab, machines={"box": box}, versions={"podman": podman, **lab.versions}, banner=banner)
