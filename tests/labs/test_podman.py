"""Lab podman: lab docker with Podman beside the engine."""

import pytest

from opsbook.labs.podman import podman_lab
from opsbook.labs.process import LabUnavailable
from opsbook.pytest_plugin import skipping_without_lab


def test_podman_runs_what_docker_has_and_the_state_tells_both() -> None:
    """An image moves over and runs, as one of Podman's own; what stays of it is seen by the replay, with the engine's."""
    with skipping_without_lab(), podman_lab() as lab:
        assert lab.versions["podman"].startswith("podman ")
        before = lab.box.state()
        moved = "docker save busybox | podman load -q; podman run --rm busybox cat /proc/1/comm"
        assert lab.box.run("sh", "-c", moved, user="root").stdout.endswith("\ncat\n")
        lab.box.run("sh", "-c", "podman create --name stays busybox; docker tag busybox mine", user="root")
        new = lab.box.state().keys() - before.keys()
        assert new == {"podman image localhost/busybox:latest", "podman container stays", "image mine:latest"}


def test_without_podman_the_lab_is_unavailable(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where no podman is installed, the lab says which package is missing."""
    monkeypatch.setenv("PATH", "/nonexistent")
    with pytest.raises(LabUnavailable, match="apt-get install podman"), podman_lab():
        pass
