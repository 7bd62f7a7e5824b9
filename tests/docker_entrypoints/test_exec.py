"""Entrypoints that docker stop can stop: what PID 1 is, which signals come, and how the container ends."""

import re

import pytest

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import Snippet

from .conftest import kills, run, signals, the_same, told

# Seconds that docker stop -t 3 takes when nobody listens: the limit, and what the engine adds.
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
    in_shell = ("sh", "after 10 s", 137, "no")
    assert table == {
        "cmd-exec-form": in_order,
        "cmd-no-handler": ("tail", "after 10 s", 137, "no"),
        "cmd-no-handler --init": ("docker-init", "at once", 143, "no"),
        "cmd-shell-form-ash": in_order,
        "cmd-shell-form-ash-2": in_shell,
        "cmd-shell-form-dash": in_shell,
        "cmd-shell-form-exec": in_order,
        "entrypoint-shell-form": in_shell,
        "script-exec": in_order,
        "script-exec-shell-form": in_shell,
        "script-no-exec": ("no-exec.sh", "after 10 s", 137, "no"),
        "script-no-exec --init": ("docker-init", "at once", 143, "no"),
    }
    # TERM came to all; ten seconds later, the limit where none is given, KILL to those that did not go, and only to those.
    sent: dict[str, list[tuple[int, float]]] = {}
    for name, number, second in kills(lab):
        sent.setdefault(name, []).append((number, second))
    assert sent.keys() == {f"form-{form.replace(' ', '')}" for form in table}
    for form, (_, gone, _, _) in table.items():
        numbers, seconds = zip(*sent[f"form-{form.replace(' ', '')}"], strict=True)
        assert numbers == ((15,) if gone == "at once" else (15, 9))
        assert gone == "at once" or 9.9 < seconds[1] - seconds[0] < 30
    inspect = "docker inspect -f '{{json .Config.Cmd}}' try-form:"
    assert told(lab, f"{inspect}cmd-shell-form-dash try-form:cmd-exec-form").splitlines() == [
        '["/bin/sh","-c","/app"]',
        '["/app"]',
    ]
    # Which shell gives way, and that no shell gets the words of CMD.
    for image, first in (("busybox", "cat\n"), ("debian:12-slim", "sh\n")):
        forms = f'FROM {image}\nENTRYPOINT cd / && cat /proc/1/comm\nCMD ["one", "two"]\n'
        lab.box.run("docker", "build", "-q", "-t", "no-cmd", "-", input=forms)
        assert told(lab, "docker run --rm no-cmd") == first


@pytest.mark.claim("docker-entrypoints-quoted-at", "holds")
@pytest.mark.claim("docker-entrypoints-exec-keeps-redirection", "incomplete")
def test_what_the_kernel_spares_and_what_exec_hands_over(snippet: Snippet, lab: DockerLab) -> None:
    """PID 1 survives TERM and KILL from within; exec hands on whole arguments and what is open, but no trap."""
    seen = snippet.run_and_record("kernel").output
    assert seen == "PID 1 lives\nwith --init: exit code 143\n"
    # A handler is what makes the difference.
    handled = "trap 'exit 7' TERM; kill -TERM $$; sleep 1; echo lives"
    assert run(lab, "busybox", "sh", "-c", handled) == (7, "")
    assert snippet.run_and_record("quotes").output == "[two words][]\n[two][words]\n"
    assert snippet.run_and_record("redirect").output == "/notes\nclosed with 3>&-\n"
    for unquoted in ("$@", '"$@"'):
        assert the_same(lab, f'exec sh -c "echo \\$#" sh {unquoted}', "two words", "") == (0, "2\n")
    lasting = "exec >/tmp/log; echo script; exec sh -c 'echo app; cat /tmp/log >&2'"
    assert the_same(lab, lasting) == (0, "script\napp\n")
    # A handler is gone with the script, what is ignored stays so.
    assert the_same(lab, "trap 'echo bye' EXIT; exec echo app") == (0, "app\n")
    for trap, ignored in (("trap 'exit 0' TERM", 0), ("trap '' TERM", 1)):
        code, mask = the_same(lab, f"{trap}; exec grep SigIgn /proc/self/status")
        assert (code, (int(mask.split()[1], 16) >> 14) & 1) == (0, ignored)


def test_without_exec_or_with_a_shell_from_cmd(snippet: Snippet, lab: DockerLab) -> None:
    """Without exec, or with a CMD that is a shell, the app hears nothing and is killed with 137; exec and brackets cure it."""
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
    assert float(re.findall(TOOK, red)[0]) >= 3
    assert signals(lab, "try-stop") == [15, 9]
    snippet.run("slow-cure")
    green = snippet.run_and_record("slow-green", seconds=TOOK).output
    assert green.startswith("PID 1 is app\n")
    assert "\nExited (0)\n" in green
    assert green.endswith("app: runs as PID 1\napp: told to stop, closing\n")
    assert signals(lab, "try-stop") == [15, 9, 15]
    snippet.run("exec.dockerfile:wrapped-image")
    snippet.run("wrapped-build")
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
