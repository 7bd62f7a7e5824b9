"""Entrypoints that docker stop can stop: what PID 1 is, which signals come, and how the container ends."""

import re

import pytest

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import Snippet

from .conftest import kills, signals, told

# Seconds that docker stop -t 5 takes when nobody listens: the limit, and what the engine adds.
TOOK = r"docker stop took (\S+) s"


def app(snippet: Snippet) -> None:
    """Write the right entrypoint and the app."""
    snippet.run("entrypoint")
    snippet.run("app")


@pytest.mark.claim("docker-entrypoints-exec-makes-the-app-pid-1", "holds")
def test_with_exec_the_app_is_pid_1_and_closes_in_order(snippet: Snippet, lab: DockerLab) -> None:
    """With exec, app and script have the same PID, 1, TERM is the only signal, and the app's own code is the exit code."""
    app(snippet)
    snippet.run("exec.dockerfile:image")
    snippet.run("build")
    seen = snippet.run_and_record("check").output.splitlines()
    assert seen == [
        "app",
        "entrypoint: PID 1 makes ready",
        "app: runs as PID 1",
        "app: told to stop, closing",
        "exit code 0",
    ]
    assert signals(lab, "try-exec") == [15]
    assert told(lab, "docker run --rm try-exec echo other") == "entrypoint: PID 1 makes ready\nother\n"
    snippet.run("undo")
    assert "try-exec" not in told(lab, "docker ps -a --format '{{.Names}}'")
    # What fails before exec ends the container, with its code, and the app does not start.
    told(lab, "cd ~/app && sed -i '/^echo/s/.*/false/' entrypoint.sh && docker build -q -t broken .")
    broken = lab.box.run("docker", "run", "--rm", "broken", check=False)
    assert (broken.returncode, broken.stdout) == (1, "")


@pytest.mark.claim("docker-entrypoints-non-pid-1-gets-no-signal", "incomplete")
def test_what_docker_stop_does_to_each_form(snippet: Snippet, lab: DockerLab) -> None:
    """The app closes only where it is PID 1 and has a handler; --init ends the rest at once, the app unasked."""
    # The limit where none is given, meanwhile.
    told(lab, "docker run -d --name deaf busybox tail -f /dev/null")
    told(lab, "docker stop deaf >/dev/null 2>&1 &")
    app(snippet)
    snippet.run("exec.dockerfile:forms")
    snippet.run("forms-make")
    snippet.run("measure")
    rows = snippet.run_and_record("table").output.splitlines()
    table = {}
    for row in rows[1:]:
        form, first, gone, code, closed = re.split(r"  +| (?=yes|no$)", row)
        table[form.strip()] = (first, gone, int(code), closed)
    in_order = ("app", "at once", 0, "yes")
    in_shell = ("sh", "after 5 s", 137, "no")
    assert table == {
        "cmd-exec-form": in_order,
        "cmd-no-handler": ("tail", "after 5 s", 137, "no"),
        "cmd-no-handler --init": ("docker-init", "at once", 143, "no"),
        "cmd-shell-form-ash": in_order,
        "cmd-shell-form-ash-2": in_shell,
        "cmd-shell-form-dash": in_shell,
        "cmd-shell-form-exec": in_order,
        "entrypoint-shell-form": in_shell,
        "script-exec": in_order,
        "script-exec-shell-form": in_shell,
        "script-no-exec": ("no-exec.sh", "after 5 s", 137, "no"),
        "script-no-exec --init": ("docker-init", "at once", 143, "no"),
    }
    # TERM came to all, KILL to those that did not go, and only to those.
    sent = signals(lab, "try-form")
    assert sent.count(15) == len(table)
    assert sent.count(9) == sum(gone == "after 5 s" for _, gone, _, _ in table.values())
    inspect = "docker inspect -f '{{json .Config.Cmd}}' try-form:"
    assert told(lab, f"{inspect}cmd-shell-form-dash") == '["/bin/sh","-c","/app"]\n'
    assert told(lab, f"{inspect}cmd-exec-form") == '["/app"]\n'
    for image, first in (("busybox", "cat\n"), ("debian:12-slim", "sh\n")):
        assert told(lab, f"docker run --rm {image} sh -c 'cd / && cat /proc/1/comm'") == first
        forms = f'FROM {image}\nENTRYPOINT echo app\nCMD ["one", "two"]\n'
        lab.box.run("docker", "build", "-q", "-t", "no-cmd", "-", input=forms)
        assert told(lab, "docker run --rm no-cmd") == "app\n"
    assert told(lab, "docker wait deaf") == "137\n"
    (_, term), (_, kill) = kills(lab, "deaf")
    assert 9.9 < kill - term < 13


def test_the_kernel_spares_a_pid_1_without_a_handler(snippet: Snippet, lab: DockerLab) -> None:
    """PID 1 survives TERM and KILL from within; with --init the same program is another PID and dies of TERM."""
    seen = snippet.run_and_record("kernel").output
    assert seen == "PID 1 lives\nwith --init: exit code 143\n"
    # A handler is what makes the difference.
    code = "trap 'exit 7' TERM; kill -TERM $$; sleep 1; echo lives"
    handled = lab.box.run("docker", "run", "--rm", "busybox", "sh", "-c", code, check=False)
    assert (handled.returncode, handled.stdout) == (7, "")


@pytest.mark.claim("docker-entrypoints-quoted-at", "holds")
@pytest.mark.claim("docker-entrypoints-exec-keeps-redirection", "incomplete")
def test_what_else_exec_hands_over(snippet: Snippet, lab: DockerLab) -> None:
    """Quoted, "$@" keeps each argument whole; a redirection by exec lasts beyond the script; its traps do not."""
    assert snippet.run_and_record("quotes").output == "[two words][]\n[two][words]\n"
    assert snippet.run_and_record("redirect").output == "/notes\nclosed with 3>&-\n"
    for image in ("busybox", "debian:12-slim"):
        arguments = ["docker", "run", "--rm", image, "sh", "-c"]
        count = lab.box.run(*arguments, 'exec sh -c "echo \\$#" sh $@', "sh", "two words", "")
        assert count.stdout == "2\n"
        count = lab.box.run(*arguments, 'exec sh -c "echo \\$#" sh "$@"', "sh", "two words", "")
        assert count.stdout == "2\n"
        lasting = "exec >/log; echo script; sh -c 'echo app; cat /log >&2'"
        assert lab.box.run(*arguments, lasting).stderr == "script\napp\n"
        # A handler is gone with the script, what is ignored stays so.
        assert lab.box.run(*arguments, "trap 'echo bye' EXIT; exec echo app").stdout == "app\n"
        for trap, ignored in (("trap 'exit 0' TERM", 0), ("trap '' TERM", 1)):
            mask = lab.box.run(*arguments, f"{trap}; exec grep SigIgn /proc/self/status").stdout.split()[1]
            assert (int(mask, 16) >> 14) & 1 == ignored


def test_an_entrypoint_without_exec(snippet: Snippet, lab: DockerLab) -> None:
    """Without exec the app has another PID, hears nothing and is killed at the limit with 137; exec cures it."""
    app(snippet)
    snippet.run("slow-entrypoint")
    snippet.run("exec.dockerfile:slow-image")
    snippet.run("slow-build")
    snippet.run("how")
    red = snippet.run_and_record("slow-red", seconds=TOOK, pid=r"app: runs as PID (\d+)").output
    assert red.startswith("PID 1 is entrypoint.sh\n")
    assert "\nExited (137)\n" in red
    assert "closing" not in red
    assert "runs as PID 1\n" not in red
    assert float(re.findall(TOOK, red)[0]) >= 5
    assert signals(lab, "try-stop") == [15, 9]
    snippet.run("slow-cure")
    green = snippet.run_and_record("slow-green", seconds=TOOK).output
    assert green.startswith("PID 1 is app\n")
    assert "\nExited (0)\n" in green
    assert green.endswith("app: runs as PID 1\napp: told to stop, closing\n")
    assert float(re.findall(TOOK, green)[0]) < 5
    assert signals(lab, "try-stop") == [15, 9, 15]


def test_a_shell_from_cmd(snippet: Snippet) -> None:
    """CMD in shell form puts dash between a right entrypoint and the app; the exec form takes it away."""
    app(snippet)
    snippet.run("exec.dockerfile:wrapped-image")
    snippet.run("wrapped-build")
    snippet.run("how")
    assert snippet.run_and_record("wrapped-look").output == '["/bin/sh","-c","/app"]\n'
    red = snippet.run_and_record("wrapped-red", seconds=TOOK, pid=r"app: runs as PID (\d+)").output
    assert red.startswith("PID 1 is sh\n")
    assert "\nExited (137)\n" in red
    snippet.run("wrapped-cure")
    assert snippet.run("wrapped-look").output == '["/app"]\n'
    green = snippet.run_and_record("wrapped-green", seconds=TOOK).output
    assert green.startswith("PID 1 is app\n")
    assert "\nExited (0)\n" in green


@pytest.mark.claim("docker-entrypoints-su-exec-without-exec", "wrong")
def test_gosu_needs_exec_too(snippet: Snippet, lab: DockerLab) -> None:
    """Without exec before gosu the script stays PID 1 and the app is killed; with it the app closes, as nobody."""
    app(snippet)
    for name, last in (("handed", 'exec gosu nobody "$@"'), ("kept", 'gosu nobody "$@"')):
        lab.box.run("tee", f"/home/alice/app/{name}", input=f"#!/bin/sh\n{last}\n")
    install = "apt-get -qq update && apt-get -qq install -y --no-install-recommends gosu >/dev/null"
    image = f"FROM debian:12-slim\nRUN {install}\nCOPY app handed kept /\n"
    lab.box.run("tee", "/home/alice/app/Dockerfile", input=image)
    told(lab, "cd ~/app && chmod 755 app handed kept && docker build -q -t gosu .")
    for name, first, code, sent in (
        ("kept", "kept", "137", [15, 9]),
        ("handed", "app", "0", [15]),
    ):
        told(lab, f"docker run -d --name {name} --entrypoint /{name} gosu /app")
        told(lab, f"timeout 10 sh -c 'until docker logs {name} 2>&1 | grep -q app:; do sleep 0.1; done'")
        assert told(lab, f"docker exec {name} cat /proc/1/comm").strip() == first
        told(lab, f"docker stop -t 2 {name}")
        assert told(lab, f"docker inspect -f '{{{{.State.ExitCode}}}}' {name}").strip() == code
        assert ("closing" in told(lab, f"docker logs {name}")) == (name == "handed")
        assert signals(lab, name) == sent
    assert told(lab, "docker run --rm --entrypoint /handed gosu id -un") == "nobody\n"
