"""Entrypoints that docker stop can stop: what PID 1 is, which signals come, and how the container ends."""

import re

import pytest

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import RecordingWalk

from .conftest import kills, run, signals, the_same, told

# Seconds that docker stop -t 3 takes when nobody listens: the limit, and what the engine adds.
TOOK = r"docker stop took (\S+) s"
PID = r"app: runs as PID (\d+)"


@pytest.mark.claim("docker-entrypoints-exec-makes-the-app-pid-1", "holds")
@pytest.mark.claim("docker-entrypoints-non-pid-1-gets-no-signal", "incomplete")
@pytest.mark.claim("docker-entrypoints-quoted-at", "holds")
@pytest.mark.claim("docker-entrypoints-exec-keeps-redirection", "incomplete")
def test_exec_makes_the_app_pid_1_which_alone_is_told_to_stop(walk: RecordingWalk, lab: DockerLab) -> None:
    """Only as PID 1, by exec and brackets, and with a handler does the app hear TERM; else 137, or --init ends it unasked."""
    the_right_one(walk, lab)
    every_form(walk, lab)
    what_the_kernel_spares_and_what_exec_hands_over(walk, lab)
    without_exec(walk, lab)
    with_a_shell_from_cmd(walk)
    walk.to_the_end()


def the_right_one(walk: RecordingWalk, lab: DockerLab) -> None:
    """With exec, app and script have the same PID, 1, TERM is the only signal, and the app's own code is the exit code."""
    seen = walk.to("check").output.splitlines()
    assert seen == [
        "app",
        "entrypoint: PID 1 makes ready",
        "app: runs as PID 1",
        "app: told to stop, closing",
        "exit code 0",
    ]
    assert signals(lab, "try-exec") == [15]
    assert told(lab, "docker run --rm try-exec echo other") == "entrypoint: PID 1 makes ready\nother\n"
    # What fails before exec ends the container, with its code, and the app does not start.
    told(lab, "sed '/^echo/s/.*/false/' ~/app/entrypoint.sh >~/broken; chmod +x ~/broken")
    assert run(lab, "-v", "/home/alice/broken:/entrypoint.sh:ro", "try-exec") == (1, "")
    walk.to("undo")
    assert "try-exec" not in told(lab, "docker ps -a --format '{{.Names}}'")


def every_form(walk: RecordingWalk, lab: DockerLab) -> None:
    """The app closes only where it is PID 1 and has a handler; --init ends the rest at once, the app unasked."""
    rows = walk.to("table").output.splitlines()
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
        if name.startswith("form-"):
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


def what_the_kernel_spares_and_what_exec_hands_over(walk: RecordingWalk, lab: DockerLab) -> None:
    """PID 1 survives TERM and KILL from within; exec hands on whole arguments and what is open, but no trap."""
    seen = walk.to("kernel").output
    assert seen == "PID 1 lives\nwith --init: exit code 143\n"
    # A handler is what makes the difference.
    handled = "trap 'exit 7' TERM; kill -TERM $$; sleep 1; echo lives"
    assert run(lab, "busybox", "sh", "-c", handled) == (7, "")
    assert walk.to("quotes").output == "[two words][]\n[two][words]\n"
    assert walk.to("redirect").output == "/notes\nclosed with 3>&-\n"
    for unquoted in ("$@", '"$@"'):
        assert the_same(lab, f'exec sh -c "echo \\$#" sh {unquoted}', "two words", "") == (0, "2\n")
    lasting = "exec >/tmp/log; echo script; exec sh -c 'echo app; cat /tmp/log >&2'"
    assert the_same(lab, lasting) == (0, "script\napp\n")
    # A handler is gone with the script, what is ignored stays so.
    assert the_same(lab, "trap 'echo bye' EXIT; exec echo app") == (0, "app\n")
    for trap, ignored in (("trap 'exit 0' TERM", 0), ("trap '' TERM", 1)):
        code, mask = the_same(lab, f"{trap}; exec grep SigIgn /proc/self/status")
        assert (code, (int(mask.split()[1], 16) >> 14) & 1) == (0, ignored)


def without_exec(walk: RecordingWalk, lab: DockerLab) -> None:
    """Without exec the app hears nothing and is killed with 137; exec cures it."""
    red = walk.to("slow-red", seconds=TOOK, pid=PID).output
    assert red.startswith("PID 1 is entrypoint.sh\n")
    assert "\nExited (137)\n" in red
    assert "closing" not in red
    assert "runs as PID 1\n" not in red
    assert float(re.findall(TOOK, red)[0]) >= 3
    assert signals(lab, "try-stop") == [15, 9]
    green = walk.to("slow-green", seconds=TOOK).output
    assert green.startswith("PID 1 is app\n")
    assert "\nExited (0)\n" in green
    assert green.endswith("app: runs as PID 1\napp: told to stop, closing\n")
    assert signals(lab, "try-stop") == [15, 9, 15]


def with_a_shell_from_cmd(walk: RecordingWalk) -> None:
    """With a CMD that is a shell the app is killed as well; brackets cure it."""
    assert walk.to("wrapped-look").output == '["/bin/sh","-c","/app"]\n'
    red = walk.to("wrapped-red", seconds=TOOK, pid=PID).output
    assert red.startswith("PID 1 is sh\n")
    assert "\nExited (137)\n" in red
    walk.to("wrapped-cure")
    assert walk.snippet.run("wrapped-look").output == '["/app"]\n'
    green = walk.to("wrapped-green", seconds=TOOK).output
    assert green.startswith("PID 1 is app\n")
    assert "\nExited (0)\n" in green
