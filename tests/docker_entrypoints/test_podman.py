"""The same entrypoint with Podman: what holds there too, and which codes, messages and defaults differ."""

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import RecordingWalk

from .conftest import ended


def as_root(lab: DockerLab, command: str) -> tuple[int, str]:
    """Return how `command` ended in root's shell and what it printed."""
    return ended(lab, command, user="root")


def test_what_holds_with_podman_and_what_differs(walk: RecordingWalk, lab: DockerLab) -> None:
    """PID 1, signals and the program's codes are the same; Podman's refusals, read-only, names, init and checks are not."""
    pid_1_signals_and_codes(walk, lab)
    read_only_and_names(walk, lab)
    an_init(walk, lab)
    health_checks(walk, lab)
    forms(lab)
    walk.to_the_end()


def pid_1_signals_and_codes(walk: RecordingWalk, lab: DockerLab) -> None:
    """What is PID 1, what comes to it and what the program ends with are as with Docker; what Podman refuses has other codes."""
    assert walk.to("move").output == "Loaded image: localhost/app:latest\n"
    assert walk.to("check").output.splitlines() == [
        "conmon",
        "app",
        "entrypoint: PID 1 makes ready",
        "app: runs as PID 1",
        "app: told to stop, closing",
        "exit code 0",
    ]
    walk.to("undo")
    assert as_root(lab, "podman ps -a --format '{{.Names}}'") == (0, "")
    head, *rows = walk.to("codes").output.splitlines()
    assert head.split() == ["docker", "podman"]
    codes = [tuple(int(code) for code in row.split()[:2]) for row in rows]
    assert codes[:5] == [(3, 3), (127, 127), (126, 126), (1, 1), (125, 125)]
    assert codes[5:] == [(125, 126), (1, 255), (1, 125), (1, 125), (0, 0)]
    assert walk.to("deaf").output.splitlines() == [
        'msg="StopSignal SIGTERM failed to stop container deaf in 1 seconds, resorting to SIGKILL"',
        "exit code 137",
    ]
    limit = "podman create --name limit app >/dev/null && podman inspect -f '{{.Config.StopTimeout}}' limit"
    assert as_root(lab, limit) == (0, "10\n")


def read_only_and_names(walk: RecordingWalk, lab: DockerLab) -> None:
    """Read-only leaves three tmpfs writable unless told; a short name needs the registry in front."""
    seen = walk.to("readonly").output
    assert seen == "docker:\npodman:\n /run tmpfs\n /tmp tmpfs\n /var/tmp tmpfs\n"
    bare = "podman run --rm --read-only --read-only-tmpfs=false --entrypoint cat app /proc/mounts"
    code, mounts = as_root(lab, bare)
    assert (code, " /run tmpfs" in mounts) == (0, False)
    seen = walk.to("short-red").output
    assert seen.startswith('Error: short-name "my-app" did not resolve to an alias and no unqualified-search')
    assert walk.to("short-cure").output.startswith("localhost/app:latest\n")
    for name, pulled in (("debian", "docker.io/library/debian"), ("docker.io/library/nginx",) * 2):
        code, seen = as_root(lab, f"podman run --rm {name}")
        assert (code, f"Trying to pull {pulled}:latest..." in seen) == (125, True)
    seen = walk.to("name-red", hash=r"by ([0-9a-f]{64})\.").output
    assert 'the container name "ended" is already in use by' in seen
    assert walk.to("name-cure").output.endswith("\nready\n")


def an_init(walk: RecordingWalk, lab: DockerLab) -> None:
    """An init has to be there on the host, and be named."""
    seen = walk.to("init-red").output
    assert seen.startswith("Error: container-init binary not found on the host: ")
    assert walk.to("init-cure").output == "podman-init\n"
    dies = "podman run --rm --init --init-path /usr/bin/tini-static --entrypoint sh app -c 'kill -TERM $$'"
    assert as_root(lab, dies)[0] == 143


def health_checks(walk: RecordingWalk, lab: DockerLab) -> None:
    """HEALTHCHECK is kept in Docker's format alone, and without systemd run by nobody but us."""
    red = walk.to("health-red").output
    assert red.startswith('msg="HEALTHCHECK is not supported for OCI image format and will be ignored.')
    assert walk.to("health-cure").output == "[CMD-SHELL true]\n"
    by_docker = "docker build -q -t healthy -f ~/Dockerfile . >/dev/null; docker inspect -f '{{.Config.Healthcheck.Test}}' healthy"
    assert as_root(lab, by_docker) == (0, "[CMD-SHELL true]\n")
    # Where no systemd is, nobody calls it but us.
    started = as_root(lab, "podman run -d --name checked healthy tail -f /dev/null")[1]
    assert "unable to get systemd connection to start healthchecks" in started
    assert as_root(lab, "podman healthcheck run checked")[0] == 0


def forms(lab: DockerLab) -> None:
    """A shell form is sh -c, and single quotes make one."""
    for cmd, words in (("echo $$", "[/bin/sh -c echo $$]"), ("['echo']", "[/bin/sh -c ['echo']]")):
        build = f'cat <<"EOF" | podman build -q -f - . >/dev/null -t form\nFROM app\nCMD {cmd}\nEOF\n'
        assert as_root(lab, f"{build}podman image inspect -f '{{{{.Config.Cmd}}}}' form") == (0, f"{words}\n")
