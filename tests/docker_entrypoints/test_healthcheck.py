"""Health checks: their states, what their exit codes and time limit do, and what nobody does about them."""

import itertools
import json
import time
from datetime import datetime
from typing import Any

import pytest

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import RecordingWalk

from .conftest import told

LIMIT = 30
TAIL = "debian:12-slim tail -f /dev/null"


def container(lab: DockerLab, name: str) -> dict[str, Any]:
    """Return all that the engine tells of a container."""
    facts: dict[str, Any] = json.loads(told(lab, f"docker container inspect {name}"))[0]
    return facts


def checked(lab: DockerLab, name: str, streak: int) -> dict[str, Any]:
    """Return what the engine tells of a container once `streak` checks in a row have failed."""
    deadline = time.monotonic() + LIMIT
    while (facts := container(lab, name))["State"]["Health"]["FailingStreak"] < streak:
        assert time.monotonic() < deadline, facts["State"]
        time.sleep(0.3)
    return facts


@pytest.mark.claim("docker-entrypoints-unhealthy-is-restarted", "wrong")
@pytest.mark.claim("docker-entrypoints-checks-wait-for-start-period", "wrong")
@pytest.mark.claim("docker-entrypoints-timeout-ends-the-check", "incomplete")
@pytest.mark.claim("docker-entrypoints-only-exit-1-is-unhealthy", "wrong")
def test_what_checks_find_and_what_nobody_does_about_it(walk: RecordingWalk, lab: DockerLab) -> None:
    """Checks count once started, by exit code and time limit, as the image's user; nobody restarts or cleans up after them."""
    walk.to("build")
    # Where nothing is said, the first check comes 30 s after the start: it is looked at in the end.
    told(lab, f"docker run -d --name plain --health-cmd 'exit 0' {TAIL}")
    the_states(walk, lab)
    checks_that_cannot_run(walk, lab)
    a_check_that_hangs(walk, lab)
    codes_flags_and_none(walk)
    children_of_checks(lab)
    walk.to_the_end()
    deadline = time.monotonic() + 3 * LIMIT
    while not (log := container(lab, "plain")["State"]["Health"]["Log"]):
        assert time.monotonic() < deadline
        time.sleep(1)
    assert when(log[0]["Start"]) - when(container(lab, "plain")["State"]["StartedAt"]) >= 29.9


def the_states(walk: RecordingWalk, lab: DockerLab) -> None:
    """Failures while starting do not count, one success makes healthy, failures in a row unhealthy; only an end restarts."""
    refused = "wget: can't connect to remote host (127.0.0.1): Connection refused\\n"
    seen = walk.to("starting").output
    assert seen == f'starting, counted 0\n1 "{refused}"\n'
    # Long before the 60 s of the start period are over.
    first = container(lab, "try-web")["State"]
    assert when(first["Health"]["Log"][0]["Start"]) - when(first["StartedAt"]) < LIMIT
    assert walk.to("healthy").output == 'try-web is healthy\n0 ""\n'
    cost = walk.to("cost", seconds=r"^(\S+) s\n").output.splitlines()
    wget = "wget -q -O /dev/null http://127.0.0.1:8080/"
    assert cost[1:] == [f"exec_create: {wget}", "exec_die", f"exec_start: {wget}"]
    assert 0 < float(cost[0].split()[0]) < 10
    config = json.loads(told(lab, "docker image inspect -f '{{json .Config.Healthcheck}}' try-web"))
    assert {key: config[key] for key in ("Interval", "Timeout", "StartPeriod", "Retries")} == {
        "Interval": 30 * 10**9,
        "Timeout": 10 * 10**9,
        "StartPeriod": 60 * 10**9,
        "Retries": 3,
    }
    assert config["Test"][:2] == ["CMD", "wget"]
    # An image upon it takes over what its own HEALTHCHECK leaves out.
    lab.box.run("docker", "build", "-q", "-t", "heir", "-", input="FROM try-web\nHEALTHCHECK CMD exit 1\n")
    heir = json.loads(told(lab, "docker image inspect -f '{{json .Config.Healthcheck}}' heir"))
    assert heir == {**config, "Test": ["CMD-SHELL", "exit 1"]}
    red = walk.to("unhealthy-red").output.splitlines()
    assert red[0] == "unhealthy, running, restarts: 0"
    assert "404 Not Found" in red[1]
    assert red[2:] == ["try-web"]
    # Nor later on. The last 5 checks are kept; one starts an interval after the one before has ended.
    later = checked(lab, "try-web", 4)
    log = later["State"]["Health"]["Log"]
    assert len(log) == 5
    assert all(when(b["Start"]) - when(a["End"]) > 0.99 for a, b in itertools.pairwise(log))
    assert (later["State"]["Status"], later["RestartCount"]) == ("running", 0)
    assert later["State"]["StartedAt"] == first["StartedAt"]
    assert walk.to("unhealthy-green").output == 'restarts: 1\n0 ""\n'


def when(stamp: str) -> float:
    """Return the seconds of a time as the engine writes it, to the nanosecond."""
    return datetime.fromisoformat(f"{stamp[:19]}+00:00").timestamp() + float(f"0.{stamp[20:-1] or 0}")


def checks_that_cannot_run(walk: RecordingWalk, lab: DockerLab) -> None:
    """A shell form without sh and a check without its program fail with words of their own; what is there does."""
    test = "docker image inspect -f '{{index .Config.Healthcheck.Test 0}}' try-bare"
    red = walk.to("shell-red").output.splitlines()
    assert red[0] == "unhealthy"
    assert red[1].startswith('-1 "OCI runtime exec failed: ')
    assert 'exec: \\"/bin/sh\\": stat /bin/sh: no such file or directory' in red[1]
    assert told(lab, test) == "CMD-SHELL\n"
    assert walk.to("shell-green").output == 'healthy\n0 ""\n'
    assert told(lab, test) == "CMD\n"
    # On the command line it is always the shell form; and any container whose address is asked does.
    told(lab, "docker create --name brackets --health-cmd '[]' try-web")
    assert container(lab, "brackets")["Config"]["Healthcheck"]["Test"] == ["CMD-SHELL", "[]"]
    red = walk.to("curl-red").output.splitlines()
    assert red == ["unhealthy", '127 "/bin/sh: 1: curl: not found\\n"']
    assert walk.to("curl-green").output == 'healthy\n0 "HTTP/1.1 200\\n"\n'


def a_check_that_hangs(walk: RecordingWalk, lab: DockerLab) -> None:
    """At the limit the check's own process gets KILL and what it started stays with PID 1; with exec there is nothing."""
    check = "echo $$ >>/dev/shm/pids; trap 'echo TERM >>/dev/shm/got' TERM; while :; do sleep 0.1; done"
    options = "--health-interval 1s --health-timeout 2s --health-retries 1"
    told(lab, f'docker run -d --name deaf {options} --health-cmd "{quoted(check)}" {TAIL}')
    left = "After 3 or more checks PID 1 was left with"
    red = walk.to("hang-red").output.splitlines()
    assert red == ['-1 "Health check exceeded timeout (2s)"', f"{left} 3 or more processes"]
    # It is KILL: a check that would survive TERM, and say so, does neither.
    checked(lab, "deaf", 1)
    look = "ls /dev/shm; p=$(head -n 1 /dev/shm/pids); ! grep ^State /proc/$p/status 2>/dev/null"
    assert told(lab, f"docker exec deaf sh -c '{look}'") == "pids\n"
    told(lab, "docker rm -f deaf")
    green = walk.to("hang-green").output.splitlines()
    assert green == ['124 ""', f"{left} 0 processes"]


def quoted(code: str) -> str:
    """Return `code` to stand between double quotes."""
    return code.replace("$", "\\$")


def codes_flags_and_none(walk: RecordingWalk) -> None:
    """Any code but 0 is a failure; checks run as the image's user; --no-healthcheck leaves no state."""
    seen = walk.to("codes").output.splitlines()
    assert seen == ["0: healthy", "1: unhealthy", "2: unhealthy", "0: healthy", "255: unhealthy"]
    assert walk.to("user").output == 'healthy\n0 "65534\\nPPid:\\t0\\n"\n'
    flags = walk.to("flags").output
    assert [line.split()[0] for line in flags.splitlines()] == [
        "--health-cmd",
        "--health-interval",
        "--health-retries",
        "--health-start-period",
        "--health-timeout",
        "--no-healthcheck",
    ]
    assert walk.to("none").output == '["NONE"]\ntry-none is running, not healthy\n'


def children_of_checks(lab: DockerLab) -> None:
    """Children that a check leaves become zombies of a PID 1 that does not wait, and only of such a one."""
    options = "--health-interval 1s --health-retries 1 --health-cmd 'sleep 0 & exit 1'"
    told(
        lab,
        f"docker run -d --name without {options} {TAIL}; docker run -d --name with --init {options} {TAIL}",
    )
    for name, least, most in (("without", 1, 99), ("with", 0, 0)):
        checked(lab, name, 2)
        zombies = f"docker exec {name} sh -c 'cat /proc/[0-9]*/status 2>/dev/null' | grep -c ^State:.Z || :"
        assert least <= int(told(lab, zombies)) <= most
