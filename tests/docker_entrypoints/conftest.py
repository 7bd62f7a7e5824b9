"""What the tests of this folder share: time enough, and ways to ask the lab's machine.

A test here may start a dozen containers, a quarter of a second of one core each, on a machine that is busy with other labs.
"""

import subprocess
import sys
from pathlib import Path

import pytest

from opsbook.labs.docker import DockerLab

LIMIT = 120
LONG = {"test_healthcheck.py", "test_exec.py", "test_zombies_and_init.py", "test_wait_for_a_dependency.py"}
SHELLS = (("dash",), ("busybox", "sh"), ("bash",))


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test of this folder 900 s, and begin with those that take long: begun last, all would wait for them."""
    for item in items:
        if item.path.parent.name == "docker_entrypoints":
            item.add_marker(pytest.mark.timeout(900))
    items.sort(key=lambda item: item.path.name not in LONG)


def told(lab: DockerLab, *command: str) -> str:
    """Return what a command of alice's printed on stdout, which must succeed; a single word is a line for bash."""
    return lab.box.run(*argv_of(command), seconds=LIMIT).stdout


def ended(lab: DockerLab, *command: str, user: str = "alice", input: str = "") -> tuple[int, str]:
    """Return how a command ended and what it printed, its errors last; a single word is a line for bash."""
    done = lab.box.run(*argv_of(command), user=user, input=input, seconds=LIMIT, check=False)
    return done.returncode, done.stdout + done.stderr


def argv_of(command: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of `command`, which may be a line."""
    return command if command[1:] else ("bash", "-c", *command)


def run(lab: DockerLab, *words: str) -> tuple[int, str]:
    """Return how `docker run --rm` with these words ended and what it printed, its errors last.

    On the machine's own network, because to make one takes the engine as long as all the rest of a container.
    """
    return ended(lab, "docker", "run", "--rm", "--network=host", *words)


def in_each_shell(lab: DockerLab, code: str, *words: str, **environment: str) -> list[tuple[int, str]]:
    """Return how `code` ended in dash, busybox and bash with these arguments, and what it printed, its errors last."""
    settings = [f"{name}={value}" for name, value in environment.items()]
    return [ended(lab, "env", *settings, *shell, "-c", code, "sh", *words) for shell in SHELLS]


def the_same(lab: DockerLab, code: str, *words: str, **environment: str) -> tuple[int, str]:
    """Return what dash, busybox and bash agree on."""
    first, *others = in_each_shell(lab, code, *words, **environment)
    assert others == [first, first]
    return first


def kills(lab: DockerLab) -> list[tuple[str, int, float]]:
    """Return container, number and second of each signal that the engine sent, in their order."""
    until = told(lab, "date", "+%s.%N").strip()
    form = "--format={{.Actor.Attributes.name}} {{.Actor.Attributes.signal}} {{.TimeNano}}"
    sent = told(lab, "docker", "events", "--since=0", f"--until={until}", "--filter=event=kill", form)
    rows = (line.split() for line in sent.splitlines())
    return [(name, int(number), int(nanoseconds) / 1e9) for name, number, nanoseconds in rows]


def signals(lab: DockerLab, container: str) -> list[int]:
    """Return the numbers of the signals that the engine sent to `container`, in their order."""
    return [number for name, number, _ in kills(lab) if name == container]


def shellcheck(code: str, *options: str) -> str:
    """Return what ShellCheck finds in `code`, a script for sh unless `options` say otherwise."""
    argv = [str(Path(sys.executable).with_name("shellcheck")), "--shell=sh", *options, "-"]
    done = subprocess.run(argv, input=code, text=True, capture_output=True, check=False)
    return done.stdout + done.stderr
