"""Lab docker: an engine of its own that needs no root and leaves nothing."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from opsbook.labs.docker import DockerLab, docker_lab
from opsbook.labs.machines import Shell
from opsbook.labs.process import LabUnavailable
from opsbook.pytest_plugin import skipping_without_lab

from .conftest import popen, soon

OPSBOOK = Path(sys.executable).with_name("opsbook")


@pytest.fixture(scope="module")
def lab() -> Iterator[DockerLab]:
    """One lab for all of these tests."""
    with skipping_without_lab(), docker_lab() as here:
        yield here


@pytest.fixture
def alice(lab: DockerLab) -> Iterator[Shell]:
    """A shell of alice on the machine."""
    with lab.box.shell() as shell:
        yield shell


def test_alice_talks_to_an_engine_that_has_two_images_and_no_container(alice: Shell) -> None:
    """Without sudo, docker shows debian:12-slim, busybox and nothing that runs."""
    listed = alice.paste("docker images --format '{{.Repository}}:{{.Tag}}' | sort; docker ps -aq")
    assert listed.output == "busybox:latest\ndebian:12-slim\n"


def test_images_are_built_and_packages_installed_without_a_network(alice: Shell) -> None:
    """A Dockerfile as a reader would write it installs a package of Debian's."""
    built = alice.paste(
        "printf 'FROM debian:12-slim\nRUN apt-get -qq update && apt-get -qq install -y gosu >/dev/null\n' |"
        " docker build -qt with-gosu - >/dev/null && docker run --rm with-gosu gosu nobody id -un"
    )
    alice.paste("docker rmi with-gosu")
    assert (built.output, built.exit) == ("nobody\n", 0)


def test_containers_have_a_network_and_ports(alice: Shell) -> None:
    """A published port answers on the machine's loopback."""
    served = alice.paste(
        "docker run -d --name web -p 8080:80 busybox sh -c 'echo hello >index.html; httpd -f' >/dev/null\n"
        # The engine accepts on the port before the server behind it does, and then hangs up.
        "ask() { exec 5<>/dev/tcp/127.0.0.1/8080 && printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&5 && grep hello <&5; }\n"
        "until (ask) 2>/dev/null; do sleep 0.1; done; docker rm -f web"
    )
    assert served.output == "hello\nweb\n"


def test_what_lasts_in_the_engine_is_part_of_the_state(lab: DockerLab, alice: Shell) -> None:
    """A container and a volume that stay are seen by the replay; one that was removed is not."""
    before = lab.box.state()
    alice.paste("docker run --rm --user 65534 busybox true")
    assert lab.box.state() == before
    alice.paste("docker run -d --name stays -v kept:/kept busybox sleep 99; docker tag busybox mine")
    new = lab.box.state().keys() - before.keys()
    assert {"container stays", "volume kept", "image mine:latest"} <= new
    alice.paste("docker rm -f stays; docker volume rm kept; docker rmi mine")
    assert lab.box.state().keys() == before.keys()


def test_root_in_a_container_is_nobody_outside(lab: DockerLab, alice: Shell) -> None:
    """The engine and its containers run in a user namespace of their own."""
    alice.paste("docker run -d --name idle busybox sleep 99")
    spaces = lab.box.run("sh", "-c", "readlink /proc/[0-9]*/ns/user | sort -u", user="root").stdout.split()
    assert str(Path("/proc/self/ns/user").readlink()) not in spaces
    alice.paste("docker rm -f idle")


def test_no_cgroup_is_made(lab: DockerLab) -> None:
    """The engine uses none, so none can be left behind."""
    assert lab.box.run("docker", "info", "-f", "{{.CgroupDriver}}").stdout == "none\n"


def test_what_one_engine_has_another_does_not(lab: DockerLab) -> None:
    """Two labs share neither images nor containers."""
    with docker_lab() as twin:
        twin.box.run("docker", "tag", "busybox", "only-there")
        assert "only-there" not in lab.box.run("docker", "images").stdout
        assert "only-there" in twin.box.run("docker", "images").stdout


def test_without_built_images_it_says_how_to_build_them(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """An empty cache makes a test skip with the command that fills it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(LabUnavailable, match="opsbook lab --build docker"), docker_lab():
        pass
    assert list(tmp_path.iterdir()) == []


def test_the_host_has_no_more_processes_and_mounts_than_before() -> None:
    """A lab with a running container ends without a trace in the host's own tables."""
    with skipping_without_lab():
        mounts = Path("/proc/self/mountinfo").read_text()
        with docker_lab() as lab:
            lab.box.run("docker", "run", "-d", "busybox", "sleep", "987")
        assert Path("/proc/self/mountinfo").read_text() == mounts
        assert subprocess.run(["pgrep", "-f", "sleep 987"], capture_output=True, check=False).stdout == b""


@pytest.fixture
def hosting(lab: DockerLab) -> Iterator[dict[str, str]]:
    """The environment of somebody whose `docker` talks to an engine that has things of theirs."""
    lab.box.run("docker", "create", "--name", "app", "busybox")
    lab.box.run("docker", "tag", "busybox", "mine")
    # Here it is the lab's own engine that stands for theirs.
    lab.box.run("chmod", "666", "/var/run/docker.sock", user="root")
    yield os.environ | {"DOCKER_HOST": f"unix://{lab.box.root}/var/run/docker.sock"}
    lab.box.run("docker", "rm", "-f", "app")
    lab.box.run("docker", "rmi", "mine")


def things(lab: DockerLab) -> list[str]:
    """Return all that an engine keeps."""
    images = "docker images --format '{{.Repository}} {{.ID}}'"
    asked = f"docker ps -a --format {{{{.Names}}}}; {images}; docker volume ls -q; docker network ls -q"
    return sorted(lab.box.run("sh", "-c", asked).stdout.splitlines())


def test_on_the_users_engine_names_do_not_meet(lab: DockerLab, hosting: dict[str, str]) -> None:
    """With --host-engine a name of theirs is free, what is made and removed is the lab's own, and nothing stays."""
    before = things(lab)
    inside = "docker images mine -q; docker run --name app busybox echo hello && docker tag busybox mine && docker rm app"
    argv: list[str | Path] = [OPSBOOK, "lab", "--host-engine", "docker", "--", "sh", "-c", inside]
    ran = subprocess.run(argv, env=hosting, capture_output=True, text=True, check=False, timeout=110)
    assert (ran.stdout, ran.returncode) == ("hello\napp\n", 0), ran.stderr
    assert things(lab) == before


def test_killed_it_leaves_nothing_on_the_users_engine(lab: DockerLab, hosting: dict[str, str]) -> None:
    """After SIGKILL the engine removes the lab's container, its volume and all that ran in it."""
    before = things(lab)
    argv: list[str | Path] = [OPSBOOK, "lab", "--host-engine", "docker", "--"]
    process = popen([*argv, "docker", "run", "busybox", "sleep", "986"], env=hosting)
    running = "ps -eo args --no-headers | grep -q '^sleep 986'"
    assert soon(lambda: lab.box.run("sh", "-c", running, check=False).returncode == 0, 90)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert soon(lambda: things(lab) == before, 60), things(lab)
    assert soon(lambda: lab.box.run("sh", "-c", running, check=False).returncode != 0)


def test_an_engine_without_the_images_says_what_to_pull(lab: DockerLab, hosting: dict[str, str]) -> None:
    """The way out is named, and nothing was made."""
    before = things(lab)
    lab.box.run("docker", "tag", "debian:12-slim", "kept")
    lab.box.run("docker", "rmi", "debian:12-slim")
    try:
        argv: list[str | Path] = [OPSBOOK, "lab", "--host-engine", "docker", "--", "true"]
        ran = subprocess.run(argv, env=hosting, capture_output=True, text=True, check=False, timeout=60)
    finally:
        lab.box.run("docker", "tag", "kept", "debian:12-slim")
        lab.box.run("docker", "rmi", "kept")
    assert ran.returncode == 1
    assert "(docker pull debian:12-slim)" in ran.stderr
    assert things(lab) == before
