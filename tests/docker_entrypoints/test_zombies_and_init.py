"""Zombies in a container: who reaps them, and what the inits do with signals and exit codes."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import RecordingWalk

from .conftest import run, told


@pytest.mark.claim("docker-entrypoints-init-leaves-no-zombies", "incomplete")
@pytest.mark.claim("docker-entrypoints-shell-as-pid-1-reaps", "incomplete")
@pytest.mark.claim("docker-entrypoints-tini-g-tells-all", "incomplete")
def test_who_reaps_and_what_inits_hand_on(walk: RecordingWalk, lab: DockerLab) -> None:
    """Orphans become PID 1's, which shells that wait and inits reap; an init hands on codes, and signals to its child or, with -g, to all."""
    assert walk.to("image-check").output == "tini\n"
    orphans_go_to_pid_1(walk, lab)
    who_reaps(walk, lab)
    what_inits_hand_on(walk, lab)
    below_another_pid_1(walk, lab)
    walk.to_the_end()


def orphans_go_to_pid_1(walk: RecordingWalk, lab: DockerLab) -> None:
    """Orphans become PID 1's and stay defunct below tail, not below --init; a living parent keeps its own with it too."""
    assert walk.to("check").output == "docker-init\nzombies: 0\n"
    assert told(lab, "docker inspect -f '{{.HostConfig.Init}}' try-init") == "true\n"
    assert walk.to("red").output == "tail\nzombies: 3\n"
    seen = walk.to("defunct").output.splitlines()
    assert [line.split() for line in seen[1:]] == [["Z", "[sleep]", "<defunct>"]] * 3
    # They stay: no signal ends what has ended.
    told(lab, "docker exec try-zombies sh -c 'killall -9 sleep'")
    assert walk.snippet.run("defunct").output.count("<defunct>") == 3
    parent, then = walk.to("adopt", pid=r"PPid:\t(\d+)\nP").output.splitlines()
    assert parent != then == "PPid:\t1"
    assert walk.to("green").output == "docker-init\nzombies: 0\n"
    assert walk.to("living-red").output == "docker-init\nzombies: 1\n"
    # That one goes with its parent: its parent is not PID 1.
    parents = told(lab, "docker exec try-parent sh -c 'cat /proc/[0-9]*/status' | grep -A4 '^State:.Z'")
    assert "PPid:\t1\n" not in parents
    assert walk.to("living-green").output == "docker-init\nzombies: 0\n"


def who_reaps(walk: RecordingWalk, lab: DockerLab) -> None:
    """Shells that wait and inits reap what others left; a program does not, nor the shell that gives way to one."""
    rows = walk.to("reapers").output.splitlines()
    assert [tuple(row.split()[::2]) for row in rows] == [
        ("perl", "3"),
        ("dash", "0"),
        ("bash", "0"),
        ("sh", "0"),
        ("docker-init", "0"),
        ("tini", "0"),
        ("dumb-init", "0"),
    ]
    # The shell that gives way to a program is no shell any more.
    code, seen = run(lab, "try-inits", "bash", "-c", """exec perl -e 'system "/orphans"'""")
    assert (code, seen.split()) == (0, ["perl", "zombies:", "3"])


def what_inits_hand_on(walk: RecordingWalk, lab: DockerLab) -> None:
    """An init ends with its child, and as that ended; -g tells all, which helps below a shell that waits."""
    rows = walk.to("term").output.splitlines()[1:]
    table = {row[18:]: (int(row[:4]), row[6:17].strip()) for row in rows}
    short, waits = "sh -c /closing; exit", "sh -c trap : TERM; /closing; exit"
    assert table == {
        f"tini -- {short}": (143, "cut off"),
        f"tini -- {waits}": (3, "never told"),
        f"tini -g -- {short}": (143, "cut off"),
        f"tini -g -- {waits}": (0, "closed"),
        f"dumb-init -- {short}": (143, "cut off"),
        f"dumb-init -- {waits}": (0, "closed"),
        "tini -- sh -c exec /closing": (0, "closed"),
    }
    below = ("sh", "-c", "trap : TERM; /closing; exit")
    single = ("try-inits", "dumb-init", "--single-child", *below)
    group = ("--init", "-e", "TINI_KILL_PROCESS_GROUP=1", "try-inits", *below)
    # At once, for both mostly wait.
    with ThreadPoolExecutor() as pool:
        ends = [*pool.map(lambda words: run(lab, *words), (single, group))]
    assert ends == [(3, "never told\n"), (0, "closed\n")]
    assert walk.to("rewrite").output == "QUIT came\n"
    codes = walk.to("codes").output.splitlines()
    assert [int(line.split()[0]) for line in codes] == [0, 7, 143, 137, 0]
    # The same of the others, all in one container.
    how = "'exit 7' 'kill -TERM $$' 'kill -KILL $$'"
    each = f'exec 2>&-; for init in "tini -s --" dumb-init; do for end in {how}; do $init sh -c "$end"; echo $?; done; done'
    code, seen = run(lab, "try-inits", "sh", "-c", each)
    assert (code, seen.split()) == (0, ["7", "143", "137"] * 2)


def below_another_pid_1(walk: RecordingWalk, lab: DockerLab) -> None:
    """As no PID 1 tini adopts nothing, and says so, unless -s makes it the one that orphans go to."""
    red = walk.to("twice-red", pid=r"tini \((\d+)\)").output
    assert "Tini is not running as PID 1 and isn't registered as a child subreaper." in red
    assert walk.to("twice-green").output == "docker-init\n"
    assert run(lab, "--init", "try-inits", "tini", "--", "/orphans")[1].split()[:3:2] == ["docker-init", "0"]
    assert walk.to("below-red").output.split() == ["perl", "zombies:", "3"]
    assert walk.to("below-green").output.split() == ["perl", "zombies:", "0"]
