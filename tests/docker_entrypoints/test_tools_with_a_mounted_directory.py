"""Tools from images on a directory of one's own: owners, paths, single files, terminals and pipes."""

import subprocess

import pytest
import yaml

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import RecordingWalk

from .conftest import ended

MOUNT = 'docker run --rm --mount type=bind,src="$PWD",dst=/work -w /work'
ABSOLUTE = "mount path must be absolute"


def in_chart(lab: DockerLab, command: str, input: str = "") -> tuple[int, str]:
    """Return how `command` of alice's in ~/chart ended and what it printed."""
    return ended(lab, f"cd ~/chart && {{ {command}; }} 2>&1", input=input)


def network(lab: DockerLab) -> str:
    """Return the name of the network that the latest container was in."""
    until = in_chart(lab, "date +%s.%N")[1].strip()
    asked = f"docker events --since 0 --until {until} --filter type=network --filter event=connect"
    return in_chart(lab, f"{asked} --format '{{{{.Actor.Attributes.name}}}}'")[1].split()[-1]


@pytest.mark.claim("docker-usage-jsonnet-v-and-s", "holds")
@pytest.mark.claim("docker-usage-sed-strip-quotes", "unsafe")
@pytest.mark.claim("docker-usage-relative-bind-mount", "wrong")
@pytest.mark.claim("docker-usage-log-volume-tilde", "incomplete")
@pytest.mark.claim("docker-usage-bind-mount-single-file", "incomplete")
@pytest.mark.claim("docker-usage-it-in-a-tool-container", "incomplete")
def test_a_tool_on_my_files(walk: RecordingWalk, lab: DockerLab) -> None:
    """The tool reads and writes in the mounted directory as its owner, by an absolute path, whole or a file, in pipes with -i alone."""
    the_tool_writes_as_the_owner(walk, lab)
    what_each_option_is_for(walk, lab)
    plain_text(walk)
    whose_files(walk, lab)
    which_path(walk, lab)
    what_is_not_there(walk, lab)
    single_files(walk, lab)
    terminals(walk, lab)
    pipes(walk, lab)
    walk.to_the_end()


def the_tool_writes_as_the_owner(walk: RecordingWalk, lab: DockerLab) -> None:
    """What the tool writes is the caller's, made without a network, and nothing else is left."""
    walk.to("make")
    assert network(lab) == "bridge"
    walk.to("run")
    assert network(lab) == "none"
    seen = walk.to("check").output
    assert seen.startswith("alice -rw-r--r-- chart.json\n")
    assert yaml.safe_load(seen.partition("\n")[2]) == {"name": "shop", "version": "1.10", "debug": "no"}
    assert in_chart(lab, "docker ps -aq; docker volume ls -q") == (0, "")
    walk.to("undo")


def what_each_option_is_for(walk: RecordingWalk, lab: DockerLab) -> None:
    """Without -w and --mount the tool sees no file; its user has no name and no home, but where it is told one."""
    tool = f"{MOUNT} --network none --user $(id -u):$(id -g)"
    # In one stream, for docker run brings two in no certain order.
    inside = "exec 2>&1; id -u; whoami; echo $HOME; touch ~/x; ls /sys/class/net"
    assert in_chart(lab, f"{tool} tools sh -c '{inside}'")[1].splitlines() == [
        "1000",
        "whoami: cannot find name for user ID 1000",
        "/",
        "touch: cannot touch '//x': Permission denied",
        "lo",
    ]
    assert in_chart(lab, f"{tool} -e HOME=/tmp tools sh -c 'touch ~/x; ls ~'") == (0, "x\n")
    # What -w, --mount and -i each are for.
    inside = "jsonnet chart.jsonnet; jsonnet -o /kept -e 1"
    assert "Opening input file: chart.jsonnet" in in_chart(lab, f"docker run --rm tools sh -c '{inside}'")[1]
    assert in_chart(lab, "ls") == (0, "chart.jsonnet\nyaml.jsonnet\n")
    assert yaml.safe_load(walk.to("tool").output) == {"a": 1}
    assert network(lab) == "none"
    loop = "while read -r line; do docker run --rm -i busybox wc -l; done"
    assert in_chart(lab, loop, "1\n2\n3\n") == (0, "2\n")
    assert walk.to("owner").output == "root default/x\nalice mine/x\n"


def plain_text(walk: RecordingWalk) -> None:
    """Quoted YAML keeps its types, which it loses with its quotes."""
    plain = walk.to("plain").output
    assert yaml.safe_load(plain) == {"name": "shop", "version": "1.10", "debug": "no"}
    stripped = walk.to("sed").output
    assert yaml.safe_load(stripped) == {"name": "shop", "version": 1.1, "debug": False}
    assert "{'version': 1.1}" in walk.to("loads").output
    assert "expected string result, got: object" in walk.to("string-red").output


def whose_files(walk: RecordingWalk, lab: DockerLab) -> None:
    """What root made in a container only root can remove, in a container; a read-only mount takes nothing."""
    assert "default/x': Permission denied" in walk.to("owner-red").output
    walk.to("owner-green")
    assert in_chart(lab, "ls") == (0, "chart.jsonnet\nyaml.jsonnet\n")
    assert walk.to("readonly").output == "touch: chart.json: Read-only file system\n"
    assert in_chart(lab, 'docker run --rm -v "$PWD:/work:ro" -w /work busybox touch x')[0] == 1


def which_path(walk: RecordingWalk, lab: DockerLab) -> None:
    """A relative path is refused, a tilde is for the shell, a bare name is a volume, and --mount takes none of them."""
    assert in_chart(lab, "id -nG") == (0, "alice docker\n")
    red = walk.to("relative-red").output
    assert red.count("includes invalid characters for a local volume name") == 2
    assert in_chart(lab, "docker run --rm -v ./logs:/logs busybox ls /logs")[0] == 125
    for shell in ("sh", "bash"):
        refused = lab.box.run(shell, "-c", "docker run --rm -v=~/chart/logs:/logs busybox", check=False)
        assert (refused.returncode, "create ~/chart/logs: " in refused.stderr) == (125, True)
    assert walk.to("relative-green").output == "today\ntoday\n"
    in_chart(lab, "docker run --rm -v ~/fresh:/logs busybox touch /logs/x")
    assert in_chart(lab, "stat -c %U ~/fresh ~/fresh/x") == (0, "root\nroot\n")
    assert walk.to("bare-red").output.split() == ["DRIVER", "VOLUME", "NAME", "local", "logs"]
    assert walk.to("bare-green").output == "today\n"
    assert in_chart(lab, "docker volume ls -q") == (0, "")
    for relative in ("logs", "./logs", "'~/chart/logs'"):
        code, seen = in_chart(
            lab, f"docker run --rm --mount type=bind,src={relative},dst=/logs busybox ls /logs"
        )
        assert (code, ABSOLUTE in seen) == (125, True)


def what_is_not_there(walk: RecordingWalk, lab: DockerLab) -> None:
    """What is not there -v makes, as root and a directory, also where a file was meant; --mount refuses."""
    assert "bind source path does not exist" in walk.to("missing-red").output
    assert in_chart(lab, "ls out")[0] == 2
    assert walk.to("missing-made").output == "root out\nroot out/x\n"
    assert walk.to("missing-green").output == "alice mine\nalice mine/x\n"
    # A file that is not there: a directory here and in the container.
    red = walk.to("onto-red").output
    assert red.endswith("root directory my.hosts\nroot directory my.issue\n")
    assert "Are you trying to mount a directory onto a file" in red
    assert walk.to("onto-green").output == "welcome\n"


def single_files(walk: RecordingWalk, lab: DockerLab) -> None:
    """A mounted file is not followed when another takes its name, until the container starts anew."""
    seen = walk.to("file-red").output
    assert [line for line in seen.splitlines() if line and not line.startswith("==>")] == [
        "two",
        "two",
        "two",
        "three",
    ]
    assert "Device or resource busy" in walk.to("busy-red", random=r"conf(\w{6})'").output
    assert walk.to("busy-green").output == "four\n"
    in_chart(lab, "docker restart -t 0 conf")
    assert in_chart(lab, "docker exec conf cat /conf") == (0, "four\n")


def terminals(walk: RecordingWalk, lab: DockerLab) -> None:
    """-t needs a terminal, adds CR, and mixes in errors."""
    assert walk.to("tty-red").output == "the input device is not a TTY\n"
    assert walk.to("tty-green").output == "hi\n"
    walk.to("crlf")
    for options, ends in (("", b"/bin\n"), ("-t", b"ls: /nope: No such file or directory\r\n/bin\r\n")):
        command = f"docker run --rm {options} busybox ls -d /bin /nope 2>/dev/null"
        argv = lab.box.argv(["sh", "-c", command])
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, capture_output=True, timeout=60, check=False)
        assert done.stdout == ends
    # On a terminal it passes, which is why it is noticed late.
    on_terminal = "docker run --rm -it busybox echo hi"
    assert in_chart(lab, f"script -qec '{on_terminal}' /dev/null")[0] == 0


def pipes(walk: RecordingWalk, lab: DockerLab) -> None:
    """A tool reads a pipe with -i alone."""
    assert "unexpected end of file" in walk.to("pipe-red").output
    assert network(lab) == "bridge"
    assert yaml.safe_load(walk.to("tool").output) == {"a": 1}
    assert network(lab) == "none"
