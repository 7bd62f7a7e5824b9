"""An entrypoint that waits for a dependency, with a limit, before it gives way to the program."""

import json

import pytest

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import Snippet

from .conftest import SHELLS, ended, shellcheck

WAITING = "entrypoint: waiting for http://api:{}/ready, at most {} s\n"
GAVE_UP = "entrypoint: gave up on http://api:{}/ready after 1 s, last exit code {}\n"


def run(lab: DockerLab, *words: str) -> tuple[int, str]:
    """Return how `docker run --rm` on the page's network with these words ended and what it printed."""
    return ended(lab, "docker", "run", "--rm", "--network", "shop", *words)


def image(snippet: Snippet) -> None:
    """Build the page's image, make its network and write the functions that the page uses."""
    for name in ("entrypoint", "wait_for_a_dependency.dockerfile:image", "app", "build", "api"):
        snippet.run(name)


@pytest.mark.claim("docker-entrypoints-open-port-is-ready", "wrong")
@pytest.mark.claim("docker-entrypoints-published-port-means-a-listener", "wrong")
@pytest.mark.claim("docker-entrypoints-started-means-ready", "wrong")
@pytest.mark.claim("docker-entrypoints-nc-z-everywhere", "wrong")
@pytest.mark.claim("docker-entrypoints-dev-tcp-is-a-file", "incomplete")
@pytest.mark.claim("docker-entrypoints-waited-once", "wrong")
def test_it_waits_until_it_is_answered_or_gives_up(snippet: Snippet, lab: DockerLab) -> None:
    """Started first it waits for an answer, which an open port is not, or ends with 69; nc -z and sh's /dev/tcp fail."""
    image(snippet)
    assert snippet.run_and_record("have").output.splitlines() == [
        "busybox has wget nc timeout",
        "debian:12-slim has bash perl timeout",
    ]
    snippet.run("http-ok")
    snippet.run("wait_for_a_dependency.dockerfile:debian-image")
    waiting = WAITING.format(8080, 30)
    assert snippet.run_and_record("check").output == f"{waiting}app: runs as PID 1\n"
    inspect = ("docker", "inspect", "-f", "{{json .State}}")
    app, api = (json.loads(lab.box.run(*inspect, name).stdout) for name in ("app", "api"))
    assert app["StartedAt"] < api["StartedAt"]
    debian = snippet.run_and_record("debian").output.splitlines()
    assert debian[0].endswith(" /http-ok api 8080 /ready")
    assert debian[-1] == "app: started"
    assert snippet.run_and_record("open").output.splitlines() == [
        "8080 /ready: open yes, ready yes",
        "8080 /other: open yes, ready no",
        "8081 /ready: open yes, ready no",
        "8082 /ready: open no, ready no",
    ]
    assert snippet.run_and_record("published").output.splitlines() == [
        "port 8088 is open",
        "nobody answers",
        "nothing listens inside",
    ]
    state = lab.box.run("docker", "inspect", "-f", "{{.State.Status}}", "api", "nobody").stdout
    assert state == "running\nrunning\n"
    assert "invalid option -- 'z'" in snippet.run_and_record("nc-red").output
    assert snippet.run_and_record("nc-green").output == "HTTP/1.1 200 OK\n"
    assert "cannot open /dev/tcp/api/8080: No such file" in snippet.run_and_record("tcp-red").output
    assert snippet.run_and_record("tcp-green").output == "open\n"
    code, seen = run(lab, "busybox", "sh", "-c", "nc -z api 8080 2>/dev/null; echo $?; : </dev/tcp/api/8080")
    assert (code, seen) == (1, "1\nsh: can't open /dev/tcp/api/8080: no such file\n")
    assert snippet.run_and_record("green").output == f"{waiting}app: started\n"
    red = snippet.run_and_record("refused-red").output
    why = "wget: can't connect to remote host (172.18.0.3): Connection refused\n"
    assert red == WAITING.format(8082, 1) + why + GAVE_UP.format(8082, 1)
    red = snippet.run_and_record("silent-red").output
    assert red == f"{WAITING.format(8081, 1)}Terminated\n{GAVE_UP.format(8081, 143)}"
    red = snippet.run_and_record("name-red").output
    assert red == WAITING.format(8080, 1) + "wget: bad address 'api:8080'\n" + GAVE_UP.format(8080, 1)
    # After the start nobody waits any more.
    later = snippet.run_and_record("later").output
    assert later.splitlines()[1:] == ["exit code 1", "app is running"]
    assert "Connection refused" in later
    assert ended(lab, "docker", "exec", "app", "wget", "-q", "-O", "-", "http://api:8080/ready") == (
        0,
        "yes\n",
    )
    # Names are for networks that one has made.
    resolver = ("cat", "/etc/resolv.conf")
    assert "nameserver 127.0.0.11" in ended(lab, "docker", "exec", "app", *resolver)[1]
    assert "127.0.0.11" not in ended(lab, "docker", "run", "--rm", "busybox", *resolver)[1]
    # The traps ended with exec: the program's own handler hears TERM.
    lab.box.run("docker", "stop", "-t", "20", "app")
    assert json.loads(lab.box.run(*inspect, "app").stdout)["ExitCode"] == 0
    snippet.run("undo")
    assert ended(lab, "docker", "ps", "-aq") == (0, "")


@pytest.mark.claim("docker-entrypoints-sleep-loop-and-stop", "wrong")
def test_docker_stop_while_it_waits(snippet: Snippet, lab: DockerLab) -> None:
    """As PID 1 a waiting shell goes at once only with a trap and with its sleep behind, in ash, dash and bash."""
    image(snippet)
    snippet.run("measure")
    rows = [line.rsplit(None, 3) for line in snippet.run_and_record("stop").output.splitlines()]
    assert [row[-1] for row in rows] == ["137", "137", "137", "143", "143", "143"]
    assert ["at once" if row[-2] == "once" else "late" for row in rows] == ["late"] * 3 + ["at once"] * 3
    # The same under Debian's dash, in the middle of a question that takes longer than the limit of docker stop.
    script = "type=bind,src=/home/alice/wait/entrypoint.sh,dst=/entrypoint.sh,ro"
    longer = "s/timeout 3/timeout 60/; s/ wget .*/ sleep 60/"
    hang = f"sed '{longer}' /entrypoint.sh >/run/wait; exec sh /run/wait"
    words = ("--name", "stop", "--mount", script, "debian:12-slim", "sh", "-c", hang)
    lab.box.run("docker", "create", *words)
    lab.box.run("docker", "start", "stop")
    until = f"{snippet['api'].code}\nsays stop 'waiting for'; docker stop -t 20 stop; docker wait stop"
    assert lab.box.run("bash", "-c", until, seconds=60).stdout == "stop\n143\n"
    # The function alone, in each shell.
    code_of_page = snippet["entrypoint"].code
    assert shellcheck(code_of_page) == ""
    head = code_of_page.split("\nurl=")[0]
    late = "n=$(cat n 2>/dev/null || echo 0); echo $((n + 1)) >n; [ $n = 1 ]"
    for shell in SHELLS:
        failing = f"{head}\nwait_for 0 it sh -c 'echo why; exit 7'; echo started"
        status, seen = ended(lab, *shell, "-c", failing)
        gave_up = "entrypoint: gave up on it after 0 s, last exit code 7"
        assert (status, seen.splitlines()[-2:]) == (69, ["why", gave_up])
        reached = f"{head}\ncd /tmp; rm -f n\nwait_for 30 it sh -c '{late}'; echo started"
        status, seen = ended(lab, *shell, "-c", reached)
        assert (status, seen.splitlines()[0]) == (0, "started")
        for signal, expected in (("TERM", 143), ("INT", 130)):
            told_to_end = ("timeout", "--preserve-status", "-s", signal, "1", *shell)
            assert ended(lab, *told_to_end, "-c", f"{head}\nwait_for 60 it sleep 60")[0] == expected
    # The other timeout; the first try alone uses up the limit.
    status, seen = ended(lab, "dash", "-c", f"{head}\nwait_for 1 it sleep 60")
    assert (status, seen.splitlines()[-1]) == (
        69,
        "entrypoint: gave up on it after 1 s, last exit code 124",
    )
