"""Lab docker: an engine of its own that needs no root and leaves nothing."""

import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

from opsbook.labs.docker import DockerLab, docker_lab
from opsbook.labs.machines import Shell
from opsbook.labs.process import LabUnavailable
from opsbook.pytest_plugin import skipping_without_lab


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
    assert (built.output, built.exit) == ("nobody\n", 0)


def test_containers_have_a_network_and_ports(alice: Shell) -> None:
    """A published port answers on the machine's loopback."""
    served = alice.paste(
        "docker run -d --name web -p 8080:80 busybox sh -c 'echo hello >index.html; httpd -f' >/dev/null\n"
        "until exec 5<>/dev/tcp/127.0.0.1/8080; do sleep 0.1; done 2>/dev/null\n"
        "printf 'GET / HTTP/1.0\\r\\n\\r\\n' >&5; tail -n 1 <&5; docker rm -f web"
    )
    assert served.output == "hello\nweb\n"


def test_what_lasts_in_the_engine_is_part_of_the_state(lab: DockerLab, alice: Shell) -> None:
    """A container and a volume that stay are seen by the replay; one that was removed is not."""
    before = lab.box.state()
    alice.paste("docker run --rm busybox true")
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
