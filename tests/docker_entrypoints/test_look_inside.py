"""Looking into images and containers: past the entrypoint, idle, dead, without a shell."""

import re
import subprocess

import pytest

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import RecordingWalk

from .conftest import ended, kills, signals, told


def typed(lab: DockerLab, command: str, keys: str) -> tuple[int, str]:
    """Return how `command` ended on a terminal where alice typed `keys`, and what the screen showed."""
    argv = lab.box.argv(["script", "-qec", command, "/dev/null"])
    done = subprocess.run(argv, input=keys, capture_output=True, text=True, timeout=60, check=False)
    return done.returncode, done.stdout


@pytest.mark.claim("docker-usage-user-root", "holds")
@pytest.mark.claim("docker-usage-tail-dev-null", "holds")
@pytest.mark.claim("docker-usage-reset-entrypoint-to-idle", "holds")
@pytest.mark.claim("docker-usage-itd-busybox", "holds")
def test_a_look_past_the_entrypoint(walk: RecordingWalk, lab: DockerLab) -> None:
    """A shell or a sleep takes the entrypoint's place, a dead container and one without a shell still give what is in them."""
    a_shell_in_its_place(walk, lab)
    one_that_idles(walk, lab)
    which_stays(walk, lab)
    a_container_that_died(walk, lab)
    as_root(walk, lab)
    without_a_shell(walk, lab)
    walk.to_the_end()


def a_shell_in_its_place(walk: RecordingWalk, lab: DockerLab) -> None:
    """With --entrypoint only the shell runs, without CMD, which a command would not."""
    seen = walk.to("look").output
    assert seen == f"nobody\n/\n{walk.snippet['entrypoint'].code}\n"
    assert "app starts" not in seen.replace(walk.snippet["entrypoint"].code, "")
    assert walk.to("behind").output.startswith("app starts: sh\ngrep: ")
    seen = walk.to("words").output
    assert seen == '/own: ["/run.sh"] ["--serve"]\n/new: ["sh"] null\n'
    # Typed into, as people do.
    code, screen = typed(
        lab, "docker run --rm -it --entrypoint sh app", "echo $# arguments; id -un; exit 7\n"
    )
    assert code == 7
    assert re.search(r"0 arguments\r?\nnobody\r?\n", screen)
    assert "app starts" not in screen


def one_that_idles(walk: RecordingWalk, lab: DockerLab) -> None:
    """A sleep keeps a container up for docker exec, deaf without --init; so does a shell with a terminal."""
    walk.to("idle")
    # It has started before its processes have: a look too early takes them for what the next block did.
    told(lab, "timeout 30 sh -c 'until ps -eo args= | grep -qx \"sleep infinity\"; do sleep 0.1; done'")
    seen = walk.to("exec").output
    assert seen.endswith("+ grep ^port= /etc/app.conf\ngrep: /etc/app.conf: No such file or directory\n")
    assert ended(lab, "docker exec -u 0 idle id -u") == (0, "0\n")
    assert ended(lab, "docker logs idle") == (0, "")
    walk.to("idle-undo")
    assert signals(lab, "idle") == [15]
    lines = walk.to("stop").output.splitlines()
    assert [line.split()[:2] for line in lines] == [
        ["137", "sleep"],
        ["137", "sh"],
        ["143", "docker-init"],
    ]
    sent = [(number, second) for name, number, second in kills(lab) if name == "try-stop"]
    assert [number for number, _ in sent] == [15, 9, 15, 9, 15]
    assert all(sent[kill][1] - sent[kill - 1][1] > 0.9 for kill in (1, 3))
    # A shell that was given a terminal stays as well; there are no words for it to run.
    told(lab, "docker create -it --name shell --entrypoint /bin/sh app; docker start shell")
    inspect = "docker inspect -f '{{json .Config.Cmd}} {{.Args}} {{.State.Running}}' shell"
    assert ended(lab, inspect) == (0, "null [] true\n")
    assert ended(lab, "docker exec shell cat /proc/1/comm") == (0, "sh\n")
    told(lab, "docker rm -f shell")
    assert signals(lab, "shell") == [9]


def which_stays(walk: RecordingWalk, lab: DockerLab) -> None:
    """With -d alone sh ends at once with 0, its input being /dev/null; with -i, -t or both it waits for words."""
    seen = walk.to("stay-look").output
    assert [line.split(maxsplit=1) for line in seen.splitlines()] == [
        ["-d", "exited, 0"],
        ["-id", "running"],
        ["-td", "running"],
        ["-itd", "running"],
    ]
    assert ended(lab, "docker logs try-d") == (0, "")
    assert ended(lab, "docker run --rm busybox readlink /proc/self/fd/0") == (0, "/dev/null\n")
    # What they wait for: a word on the input, or on the terminal.
    assert ended(lab, "docker attach try-id", input="exit 7\n")[0] == 7
    assert typed(lab, "docker attach try-itd", "exit 8\n")[0] == 8
    assert ended(lab, "docker exec try-td readlink /proc/1/fd/0")[1].startswith("/dev/pts/")
    walk.to("stay-undo")
    assert ended(lab, "docker ps -aq") == (0, "")


def a_container_that_died(walk: RecordingWalk, lab: DockerLab) -> None:
    """A dead container tells log, command and exit code, gives and takes files, and can be committed and run."""
    seen = walk.to("died-look").output.splitlines()
    assert seen[1:] == [
        "grep: /etc/app.conf: No such file or directory",
        "/run.sh --serve: exit code 2",
        "--serve",
    ]
    assert walk.to("died-commit").output == "app.args\n--serve\n"
    red = walk.to("died-red", hash=r"Container ([0-9a-f]{64}) is").output
    assert red.startswith("Error response from daemon: Container ")
    assert walk.to("died-cure").output == "port=80\n"
    assert ended(lab, "docker inspect -f '{{.State.Status}}' died") == (0, "running\n")
    walk.to("died-undo")
    # An image of it has its environment and entrypoint, not what is in a volume.
    told(
        lab,
        "docker run --name kept -e TOKEN=not-a-secret -v notes:/notes --user 0 --entrypoint touch app /notes/x /y",
    )
    told(lab, "docker commit kept kept")
    inside = ended(lab, "docker run --rm --entrypoint sh kept -c 'ls /notes /y; echo $TOKEN'")[1]
    assert inside == "/y\n\n/notes:\nnot-a-secret\n"
    assert ended(lab, "docker inspect -f '{{.Config.Entrypoint}}' kept") == (0, "[touch]\n")
    # With --rm nothing is left to ask; what never started says why, and has no log.
    assert ended(lab, "docker run --rm --name gone app")[0] == 2
    assert "No such container: gone" in ended(lab, "docker logs gone")[1]
    for program, code, why in (("/nope", 127, "no such file"), ("/etc", 126, "permission denied")):
        assert ended(lab, f"docker run --name never --entrypoint {program} app")[0] == code
        state = ended(
            lab, "docker inspect -f '{{.State.Status}} {{.State.ExitCode}} {{.State.Error}}' never"
        )[1]
        assert state.startswith(f"created {code} ")
        assert why in state
        assert ended(lab, "docker logs never; docker rm never") == (0, "never\n")


def as_root(walk: RecordingWalk, lab: DockerLab) -> None:
    """With --user 0 it is root, with the name too where that is known inside."""
    assert "Permission denied" in walk.to("user-red").output
    assert walk.to("user-green").output == "root:\n"
    for root in ("0", "root"):
        run = f"docker run --rm --user {root} --entrypoint id"
        assert ended(lab, f"{run} app -un") == (0, "root\n")
    # The name must be known inside.
    assert "unable to find user root: no matching entries in passwd file" in ended(lab, f"{run} busybox")[1]
    assert ended(lab, "docker run --rm --user 0 busybox id -u") == (0, "0\n")


def without_a_shell(walk: RecordingWalk, lab: DockerLab) -> None:
    """Without a shell a container that is only created still gives its files; a mounted static busybox runs there."""
    assert 'exec: "sh": executable file not found in $PATH' in walk.to("bare-red").output
    listed = walk.to("bare-green").output.splitlines()
    assert listed.pop() == "port=80"
    dockers = {"hostname", "hosts", "mtab", "resolv.conf"}
    assert {path for path in listed if path.startswith("etc/") and path != "etc/"} == {
        "etc/app.conf",
        *(f"etc/{name}" for name in dockers),
    }
    seen = walk.to("bare-shell").output.splitlines()
    assert seen == ["app.conf", *sorted(dockers), "port=80"]
    assert "No command specified" in ended(lab, "docker create bare")[1]
    told(lab, "docker create --name bare bare x; docker cp bare:/etc/app.conf copy")
    assert ended(lab, "stat -c %U copy; cat copy") == (0, "alice\nport=80\n")
