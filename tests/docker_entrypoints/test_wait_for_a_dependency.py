"""An entrypoint that waits for a dependency, with a limit, before it gives way to the program."""

import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import RecordingWalk, Snippet

from .conftest import SHELLS, ended, shellcheck

WAITING = "entrypoint: waiting for http://api:{}/ready, at most {} s\n"
GAVE_UP = "entrypoint: gave up on http://api:{}/ready after 1 s, last exit code {}\n"


def run(lab: DockerLab, *words: str) -> tuple[int, str]:
    """Return how `docker run --rm` on the page's network with these words ended and what it printed."""
    return ended(lab, "docker", "run", "--rm", "--network", "shop", *words)


@pytest.mark.claim("docker-entrypoints-open-port-is-ready", "wrong")
@pytest.mark.claim("docker-entrypoints-published-port-means-a-listener", "wrong")
@pytest.mark.claim("docker-entrypoints-started-means-ready", "wrong")
@pytest.mark.claim("docker-entrypoints-nc-z-everywhere", "wrong")
@pytest.mark.claim("docker-entrypoints-dev-tcp-is-a-file", "incomplete")
@pytest.mark.claim("docker-entrypoints-waited-once", "wrong")
@pytest.mark.claim("docker-entrypoints-sleep-loop-and-stop", "wrong")
def test_it_waits_until_it_is_answered_or_gives_up(walk: RecordingWalk, lab: DockerLab) -> None:
    """Started first it waits for an answer, which an open port is not, ends with 69 at its limit, and goes at once when told."""
    it_waits_for_an_answer(walk, lab)
    an_open_port_is_none(walk, lab)
    it_goes_at_once_when_told(walk, lab)
    after_the_start_nobody_waits(walk, lab)
    it_gives_up(walk)
    what_asks_a_port(walk, lab)
    # The traps ended with exec: the program's own handler hears TERM.
    lab.box.run("docker", "stop", "-t", "20", "app")
    assert state(lab, "app")["ExitCode"] == 0
    walk.to_the_end()
    assert ended(lab, "docker", "ps", "-aq") == (0, "")


def state(lab: DockerLab, name: str) -> dict[str, Any]:
    """Return what the engine tells of the state of a container."""
    told: dict[str, Any] = json.loads(lab.box.run("docker", "inspect", "-f", "{{json .State}}", name).stdout)
    return told


def it_waits_for_an_answer(walk: RecordingWalk, lab: DockerLab) -> None:
    """Started before its dependency, the program comes once that answers, whichever program asks."""
    waiting = WAITING.format(8080, 30)
    assert walk.to("check").output == f"{waiting}app: runs as PID 1\n"
    assert state(lab, "app")["StartedAt"] < state(lab, "api")["StartedAt"]
    assert walk.to("have").output.splitlines() == [
        "busybox has wget nc timeout",
        "debian:12-slim has bash perl timeout",
    ]
    debian = walk.to("debian").output.splitlines()
    assert debian[0].endswith(" /http-ok api 8080 /ready")
    assert debian[-1] == "app: started"


def an_open_port_is_none(walk: RecordingWalk, lab: DockerLab) -> None:
    """A port may be open where nobody answers, and published where nobody listens."""
    assert walk.to("open").output.splitlines() == [
        "8080 /ready: open yes, ready yes",
        "8080 /other: open yes, ready no",
        "8081 /ready: open yes, ready no",
        "8082 /ready: open no, ready no",
    ]
    assert walk.to("published").output.splitlines() == [
        "port 8088 is open",
        "nobody answers",
        "nothing listens inside",
    ]
    assert state(lab, "api")["Status"] == state(lab, "nobody")["Status"] == "running"


def it_goes_at_once_when_told(walk: RecordingWalk, lab: DockerLab) -> None:
    """As PID 1 a waiting shell goes at once only with a trap and with its sleep behind, in ash, dash and bash."""
    rows = [line.rsplit(None, 3) for line in walk.to("stop").output.splitlines()]
    assert [row[-1] for row in rows] == ["137", "137", "137", "143", "143", "143"]
    assert ["at once" if row[-2] == "once" else "late" for row in rows] == ["late"] * 3 + ["at once"] * 3
    # The same under Debian's dash, in the middle of a question that takes longer than the limit of docker stop.
    script = "type=bind,src=/home/alice/wait/entrypoint.sh,dst=/entrypoint.sh,ro"
    longer = "s/timeout 3/timeout 60/; s/ wget .*/ sleep 60/"
    hang = f"sed '{longer}' /entrypoint.sh >/run/wait; exec sh /run/wait"
    words = ("--name", "stop", "--mount", script, "debian:12-slim", "sh", "-c", hang)
    lab.box.run("docker", "create", *words)
    lab.box.run("docker", "start", "stop")
    until = f"{walk.snippet['api'].code}\nsays stop 'waiting for'; docker stop -t 20 stop; docker wait stop"
    assert lab.box.run("bash", "-c", until, seconds=60).stdout == "stop\n143\n"
    lab.box.run("docker", "rm", "stop")


def after_the_start_nobody_waits(walk: RecordingWalk, lab: DockerLab) -> None:
    """The program meets a dependency that went away, and its return, by itself; names are for networks that one has made."""
    later = walk.to("later").output
    assert later.splitlines()[1:] == ["exit code 1", "app is running"]
    assert "Connection refused" in later
    assert ended(lab, "docker", "exec", "app", "wget", "-q", "-O", "-", "http://api:8080/ready") == (
        0,
        "yes\n",
    )
    resolver = ("cat", "/etc/resolv.conf")
    assert "nameserver 127.0.0.11" in ended(lab, "docker", "exec", "app", *resolver)[1]
    assert "127.0.0.11" not in ended(lab, "docker", "run", "--rm", "busybox", *resolver)[1]


def it_gives_up(walk: RecordingWalk) -> None:
    """At the limit it tells the last try's own words and exit code, be the port closed, silent or of no such host."""
    red = walk.to("refused-red").output
    why = "wget: can't connect to remote host (172.18.0.3): Connection refused\n"
    assert red == WAITING.format(8082, 1) + why + GAVE_UP.format(8082, 1)
    assert walk.to("green").output == f"{WAITING.format(8080, 30)}app: started\n"
    red = walk.to("silent-red").output
    assert red == f"{WAITING.format(8081, 1)}Terminated\n{GAVE_UP.format(8081, 143)}"
    red = walk.to("name-red").output
    assert red == WAITING.format(8080, 1) + "wget: bad address 'api:8080'\n" + GAVE_UP.format(8080, 1)


def what_asks_a_port(walk: RecordingWalk, lab: DockerLab) -> None:
    """BusyBox's nc has no -z, and /dev/tcp is for bash alone."""
    assert "invalid option -- 'z'" in walk.to("nc-red").output
    assert walk.to("nc-green").output == "HTTP/1.1 200 OK\n"
    assert "cannot open /dev/tcp/api/8080: No such file" in walk.to("tcp-red").output
    assert walk.to("tcp-green").output == "open\n"
    code, seen = run(lab, "busybox", "sh", "-c", "nc -z api 8080 2>/dev/null; echo $?; : </dev/tcp/api/8080")
    assert (code, seen) == (1, "1\nsh: can't open /dev/tcp/api/8080: no such file\n")


def test_the_function_in_each_shell(snippet: Snippet, lab: DockerLab) -> None:
    """In dash, ash and bash the function ends with 69, 143 or 130 when late or told to, and says why; ShellCheck is content."""
    code_of_page = snippet["entrypoint"].code
    assert shellcheck(code_of_page) == ""
    head = code_of_page.split("\nurl=")[0]
    # Each of them mostly waits.
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda shell: the_function(lab, head, shell), SHELLS))
    # The other timeout; the first try alone uses up the limit.
    status, seen = ended(lab, "dash", "-c", f"{head}\nwait_for 1 it sleep 60")
    assert (status, seen.splitlines()[-1]) == (
        69,
        "entrypoint: gave up on it after 1 s, last exit code 124",
    )


def the_function(lab: DockerLab, head: str, shell: tuple[str, ...]) -> None:
    """In one shell the function gives up, goes on, and ends when told."""
    failing = f"{head}\nwait_for 0 it sh -c 'echo why; exit 7'; echo started"
    status, seen = ended(lab, *shell, "-c", failing)
    gave_up = "entrypoint: gave up on it after 0 s, last exit code 7"
    assert (status, seen.splitlines()[-2:]) == (69, ["why", gave_up])
    late = f"n=$(cat {shell[0]} 2>/dev/null || echo 0); echo $((n + 1)) >{shell[0]}; [ $n = 1 ]"
    reached = f"{head}\ncd /tmp\nwait_for 30 it sh -c '{late}'; echo started"
    status, seen = ended(lab, *shell, "-c", reached)
    assert (status, seen.splitlines()[0]) == (0, "started")
    for signal, expected in (("TERM", 143), ("INT", 130)):
        told_to_end = ("timeout", "--preserve-status", "-s", signal, "1", *shell)
        assert ended(lab, *told_to_end, "-c", f"{head}\nwait_for 60 it sleep 60")[0] == expected
