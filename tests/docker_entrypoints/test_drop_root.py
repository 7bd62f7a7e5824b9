"""An entrypoint that gives up root: what stays above the program, whose its files are, and its log."""

import pytest

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import RecordingWalk

from .conftest import ended, run, shellcheck, signals

AS_APP = ("setpriv", "--reuid=app", "--regid=app", "--init-groups")
DENIED = "Operation not permitted"


def shell(lab: DockerLab, image: str, code: str, *options: str) -> tuple[int, str]:
    """Return how `code` ended in a container's sh, past the entrypoint, and what it printed."""
    return run(lab, *options, "--entrypoint", "sh", image, "-c", f"exec 2>&1\n{code}")


@pytest.mark.claim("docker-entrypoints-uid-zero-test", "holds")
@pytest.mark.claim("docker-entrypoints-run-as-other-user-fails", "incomplete")
@pytest.mark.claim("docker-entrypoints-usermod-uid-taken", "incomplete")
@pytest.mark.claim("docker-entrypoints-chown-stdout", "incomplete")
@pytest.mark.claim("docker-entrypoints-su-exec-without-exec", "wrong")
def test_the_program_gives_up_root_and_keeps_files_and_log(walk: RecordingWalk, lab: DockerLab) -> None:
    """setpriv, gosu, chroot and BusyBox's su leave nothing above the program, su and sudo stay; its mounts and log must be its own."""
    the_program_is_pid_1_without_root(walk, lab)
    every_way(walk, lab)
    gosu_needs_exec_too(lab)
    no_way_back(lab)
    whose_the_files_are(walk, lab)
    other_ids(walk, lab)
    started_as_another_user(walk, lab)
    su_as_pid_1(walk, lab)
    whose_the_log_is(walk, lab)
    walk.to_the_end()


def the_program_is_pid_1_without_root(walk: RecordingWalk, lab: DockerLab) -> None:
    """The program is PID 1, has no user ID 0, group, capability or way back, and closes when told."""
    walk.to("build")
    lab.box.run("timeout", "30", "sh", "-c", "until docker logs try-drop | grep app:; do sleep 0.1; done")
    assert lab.box.run("docker", "exec", "try-drop", "id", "-u").stdout == "0\n"
    assert lab.box.run("docker", "exec", "-u", "app", "try-drop", "id", "-un").stdout == "app\n"
    seen = walk.to("check").output
    assert [line.split() for line in seen.splitlines()[:4]] == [
        ["Uid:", "999", "999", "999", "999"],
        ["Groups:", "999"],
        ["CapEff:", "0000000000000000"],
        ["NoNewPrivs:", "1"],
    ]
    assert "above: none, HOME=/home/app, MODE=live, 1: two words\n" in seen
    assert seen.endswith("app: told to stop, closing\nexit code 0\n")
    walk.to("undo")
    assert lab.box.run("docker", "ps", "-aq").stdout == ""
    assert shellcheck(walk.snippet["entrypoint"].code) == ""
    # The other test, for an ID from outside: any text but a plain 0 means no root.
    few = ("--cap-drop=ALL", "--cap-add=SETUID", "--cap-add=SETGID")
    code = f"""
        drop() {{ if [ "$APP_UID" != 0 ]; then set -- {" ".join(AS_APP)} "$@"; fi; "$@"; }}
        unset APP_UID; drop id -un; APP_UID=; drop id -un; APP_UID=0; drop id -un
    """
    assert shell(lab, "try-drop", code, *few) == (0, "app\napp\nroot\n")


def every_way(walk: RecordingWalk, lab: DockerLab) -> None:
    """setpriv, gosu, chroot and BusyBox's su leave nothing above the program; su, runuser and sudo stay."""
    seen = walk.to("table").output.splitlines()
    table = {row[:27].strip(): (row[27:35].strip(), *row[35:].split()) for row in seen[1:]}
    gone = ("none", "/home/app", "kept", "whole", "yes", "0")
    assert table == {
        "docker run --user app": gone,
        "gosu app": gone,
        "su app -c ..., busybox": gone,
        "setpriv": ("none", "/root", *gone[2:]),
        "chroot --userspec=app /": ("none", "/root", *gone[2:]),
        'su app -c "$*"': ("sh su", "/home/app", "kept", "split", "no", "143"),
        'su app -s ... -c exec "$@"': ("su", "/home/app", "kept", "whole", "yes", "143"),
        "runuser -u app": ("runuser", "/home/app", "kept", "whole", "yes", "143"),
        "sudo -u app": ("sudo", "/home/app", "lost", "whole", "yes", "0"),
    }
    terminals = walk.to("terminal").output
    assert [line.split(": ")[0] for line in terminals.splitlines() if "none" in line] == ["su -c"]
    assert terminals.count("has the terminal") == 5


def gosu_needs_exec_too(lab: DockerLab) -> None:
    """Without exec before gosu the script stays PID 1 and the app is killed; with it the app closes, as nobody."""
    for name, last in (("handed", 'exec gosu nobody "$@"'), ("kept", 'gosu nobody "$@"')):
        script = f"#!/bin/sh\n{last}\n"
        lab.box.run("sh", "-c", f"cat >{name}; chmod +x {name}", input=script)
        mount = f"/home/alice/{name}:/{name}:ro"
        lab.box.run("docker", "create", "--name", name, "-v", mount, "try-ways", f"/{name}", "app")
    lab.box.run("docker", "start", "handed", "kept")
    for name, first in (("kept", "kept"), ("handed", "app")):
        lab.box.run("timeout", "30", "sh", "-c", f"until docker logs {name} | grep app:; do sleep 0.1; done")
        assert lab.box.run("docker", "exec", name, "cat", "/proc/1/comm").stdout == f"{first}\n"
    lab.box.run("docker", "stop", "-t", "2", "handed", "kept")
    for name, code, sent in (("kept", "137", [15, 9]), ("handed", "0", [15])):
        assert ended(lab, "docker", "inspect", "-f", "{{.State.ExitCode}}", name) == (0, f"{code}\n")
        log = lab.box.run("docker", "logs", name).stdout
        assert log.startswith("app: user nobody, ")
        assert ("closing" in log) == (name == "handed")
        assert signals(lab, name) == sent
    lab.box.run("docker", "rm", "handed", "kept")


def no_way_back(lab: DockerLab) -> None:
    """There is no way back with --no-new-privs, which gosu leaves to Docker; and groups must be said."""
    as_app = " ".join(AS_APP)
    code = f"""
        echo 'app ALL=(ALL) NOPASSWD: ALL' >/etc/sudoers.d/app
        gosu app sudo id -u
        {as_app} --no-new-privs sudo id -u
        setpriv --reuid=app --regid=app id
        setpriv --reuid=app id -G
    """
    said = shell(lab, "try-ways", code)[1].splitlines()
    assert said[0] == "0"
    assert said[1].startswith('sudo: The "no new privileges" flag is set')
    assert said[-2:] == [
        "setpriv: --[re]gid requires --keep-groups, --clear-groups, --init-groups, or --groups",
        "0",
    ]
    busybox = lab.box.run("busybox", "setpriv", "--reuid=0", "id", check=False)
    assert "unrecognized option '--reuid=0'" in busybox.stderr
    option = "--security-opt=no-new-privileges"
    assert shell(lab, "try-ways", "gosu app grep NoNewPrivs /proc/self/status", option)[1].split()[1] == "1"


def whose_the_files_are(walk: RecordingWalk, lab: DockerLab) -> None:
    """A mount is writable to its owner alone, who may be none that the image knows; what is given away is so on the host."""
    red = walk.to("mount-red").output
    assert red == "touch: cannot touch '/data/note': Permission denied\n"
    assert walk.to("mount-green").output == "/home/alice/data/note is alice:alice\n"
    # What is given away in the mount is given away on the host.
    assert shell(lab, "try-drop", "chown app /data/note", "-v", "/home/alice/data:/data") == (0, "")
    assert lab.box.run("stat", "-c", "%u", "/home/alice/data/note").stdout == "999\n"
    price = walk.to("mount-price").output
    assert price.startswith("HOME=/\nmkdir: cannot create directory '//.cache': Permission denied\n")
    assert price.endswith("whoami: cannot find name for user ID 1000\n")


def other_ids(walk: RecordingWalk, lab: DockerLab) -> None:
    """IDs from the environment fit any mount; usermod refuses one that is taken, leaves files behind and has to write."""
    assert walk.to("ids-green").output == "/home/alice/data/numbers is alice:alice\n"
    assert run(lab, "try-ids", "id", "-un") == (0, "app\n")
    assert walk.to("taken-red").output == "usermod: UID '1000' already exists\n"
    assert walk.to("usermod").output.splitlines() == [
        "uid=1000(app) gid=1000(app) groups=1000(app)",
        "/home/app/in-home is 1000:999",
        "/srv/elsewhere is 999:999",
    ]
    locked = "cannot lock /etc/passwd; try again later."
    assert walk.to("read-only-red").output == f"usermod: {locked}\n"
    assert shell(lab, "try-drop", "groupmod -g 1000 app", "--read-only") == (
        10,
        "groupmod: cannot lock /etc/group; try again later.\n",
    )
    assert walk.to("ids-cures").output == "uid=1(daemon) gid=1(daemon) groups=1(daemon)\n"


def started_as_another_user(walk: RecordingWalk, lab: DockerLab) -> None:
    """Nobody but root changes users; the entrypoint that asks first starts the program as who it is."""
    assert walk.to("other-red").output.splitlines() == [
        f"setpriv: setresuid failed: {DENIED}",
        f'error: failed switching to "app": {DENIED.lower()}',
    ]
    assert run(lab, "--user=1000:1000", "try-ways", "gosu", "app", "id")[0] == 1
    assert walk.to("other-green").output == "uid=1000 gid=1000 groups=1000\n"


def su_as_pid_1(walk: RecordingWalk, lab: DockerLab) -> None:
    """With a shell in between su kills a program that was never told, long before docker stop would."""
    red = walk.to("su-red").output
    assert "Session terminated, killing shell... ...killed." in red
    assert "closing" not in red
    assert red.endswith("exit code 143\n")
    until = lab.box.run("date", "+%s.%N").stdout.strip()
    asked = ("docker", "events", "--since=0", f"--until={until}", "--filter=container=try-stop")
    told, died = (
        int(lab.box.run(*asked, f"--filter=event={event}", "--format={{.TimeNano}}").stdout)
        for event in ("kill", "die")
    )
    assert 1.9 < (died - told) / 1e9 < 9
    green = walk.to("su-green").output
    assert green.endswith("app: told to stop, closing\nexit code 0\n")


def whose_the_log_is(walk: RecordingWalk, lab: DockerLab) -> None:
    """The program opens /dev/stdout once its user owns what that is: a pipe, a terminal or a file."""
    red = walk.to("stdout-red").output
    assert red == "sh: 1: cannot create /dev/stdout: Permission denied\n"
    assert walk.to("stdout-inherited").output == "a line\n"
    assert walk.to("stdout-green").output == "a line\n"
    assert run(lab, "try-drop", "sh", "-c", "echo a line >/dev/stderr") == (0, "a line\n")
    assert walk.to("chown").output.splitlines() == [
        "/dev/stdout is a fifo of app",
        "/log is a regular empty file of app",
    ]
    # With a terminal it is that which changes hands.
    code = "stat -L -c '%F %U' /dev/stdout; chown app /dev/stdout; stat -L -c '%F %U' /dev/stdout"
    assert shell(lab, "try-drop", code, "-t")[1].splitlines() == [
        "character special file root",
        "character special file app",
    ]
    red = walk.to("chown-red").output
    assert red == f"chown: changing ownership of '/dev/stdout': {DENIED}\n"
    assert walk.to("chown-green").output == "a line\n"
