"""An entrypoint that gives up root: what stays above the program, whose its files are, and its log."""

import pytest

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import Snippet

from .conftest import run, shellcheck

AS_APP = ("setpriv", "--reuid=app", "--regid=app", "--init-groups")
DENIED = "Operation not permitted"


def shell(lab: DockerLab, image: str, code: str, *options: str) -> tuple[int, str]:
    """Return how `code` ended in a container's sh, past the entrypoint, and what it printed."""
    return run(lab, *options, "--entrypoint", "sh", image, "-c", f"exec 2>&1\n{code}")


def image(snippet: Snippet) -> None:
    """Build the page's image and start it."""
    for name in ("entrypoint", "drop_root.dockerfile:image", "app", "build"):
        snippet.run(name)


def ways(snippet: Snippet) -> None:
    """Build the image that has the other ways too."""
    snippet.run("drop_root.dockerfile:ways")
    snippet.run("ways-build")


@pytest.mark.claim("docker-entrypoints-uid-zero-test", "holds")
@pytest.mark.claim("docker-entrypoints-usermod-uid-taken", "incomplete")
@pytest.mark.claim("docker-entrypoints-chown-stdout", "incomplete")
def test_the_program_gives_up_root_and_keeps_files_and_log(snippet: Snippet, lab: DockerLab) -> None:
    """The program is PID 1 without root, closes when told, and has its mounts and its log once their owner is its user."""
    image(snippet)
    lab.box.run("timeout", "30", "sh", "-c", "until docker logs try-drop | grep app:; do sleep 0.1; done")
    assert lab.box.run("docker", "exec", "try-drop", "id", "-u").stdout == "0\n"
    assert lab.box.run("docker", "exec", "-u", "app", "try-drop", "id", "-un").stdout == "app\n"
    seen = snippet.run_and_record("check").output
    assert [line.split() for line in seen.splitlines()[:4]] == [
        ["Uid:", "999", "999", "999", "999"],
        ["Groups:", "999"],
        ["CapEff:", "0000000000000000"],
        ["NoNewPrivs:", "1"],
    ]
    assert "above: none, HOME=/home/app, MODE=live, 1: two words\n" in seen
    assert seen.endswith("app: told to stop, closing\nexit code 0\n")
    snippet.run("undo")
    assert lab.box.run("docker", "ps", "-aq").stdout == ""
    assert shellcheck(snippet["entrypoint"].code) == ""
    # The other test, for an ID from outside: any text but a plain 0 means no root.
    few = ("--cap-drop=ALL", "--cap-add=SETUID", "--cap-add=SETGID")
    code = f"""
        drop() {{ if [ "$APP_UID" != 0 ]; then set -- {" ".join(AS_APP)} "$@"; fi; "$@"; }}
        unset APP_UID; drop id -un; APP_UID=; drop id -un; APP_UID=0; drop id -un
    """
    assert shell(lab, "try-drop", code, *few) == (0, "app\napp\nroot\n")
    red = snippet.run_and_record("mount-red").output
    assert red == "touch: cannot touch '/data/note': Permission denied\n"
    assert snippet.run_and_record("mount-green").output == "/home/alice/data/note is alice:alice\n"
    # What is given away in the mount is given away on the host.
    assert shell(lab, "try-drop", "chown app /data/note", "-v", "/home/alice/data:/data") == (0, "")
    assert lab.box.run("stat", "-c", "%u", "/home/alice/data/note").stdout == "999\n"
    price = snippet.run_and_record("mount-price").output
    assert price.startswith("HOME=/\nmkdir: cannot create directory '//.cache': Permission denied\n")
    assert price.endswith("whoami: cannot find name for user ID 1000\n")
    snippet.run("ids-entrypoint")
    snippet.run("drop_root.dockerfile:ids")
    snippet.run("ids-build")
    assert snippet.run_and_record("ids-green").output == "/home/alice/data/numbers is alice:alice\n"
    assert run(lab, "try-ids", "id", "-un") == (0, "app\n")
    assert snippet.run_and_record("taken-red").output == "usermod: UID '1000' already exists\n"
    assert snippet.run_and_record("usermod").output.splitlines() == [
        "uid=1000(app) gid=1000(app) groups=1000(app)",
        "/home/app/in-home is 1000:999",
        "/srv/elsewhere is 999:999",
    ]
    locked = "cannot lock /etc/passwd; try again later."
    assert snippet.run_and_record("read-only-red").output == f"usermod: {locked}\n"
    assert shell(lab, "try-drop", "groupmod -g 1000 app", "--read-only") == (
        10,
        "groupmod: cannot lock /etc/group; try again later.\n",
    )
    assert snippet.run_and_record("ids-cures").output == "uid=1(daemon) gid=1(daemon) groups=1(daemon)\n"
    red = snippet.run_and_record("stdout-red").output
    assert red == "sh: 1: cannot create /dev/stdout: Permission denied\n"
    assert snippet.run_and_record("stdout-inherited").output == "a line\n"
    red = snippet.run_and_record("chown-red").output
    assert red == f"chown: changing ownership of '/dev/stdout': {DENIED}\n"
    snippet.run("stdout-cure")
    assert snippet.run_and_record("stdout-green").output == "a line\n"
    assert run(lab, "try-drop", "sh", "-c", "echo a line >/dev/stderr") == (0, "a line\n")
    assert snippet.run_and_record("chown-green").output == "a line\n"
    assert snippet.run_and_record("chown").output.splitlines() == [
        "/dev/stdout is a fifo of app",
        "/log is a regular empty file of app",
    ]
    # With a terminal it is that which changes hands.
    code = "stat -L -c '%F %U' /dev/stdout; chown app /dev/stdout; stat -L -c '%F %U' /dev/stdout"
    assert shell(lab, "try-drop", code, "-t")[1].splitlines() == [
        "character special file root",
        "character special file app",
    ]


@pytest.mark.claim("docker-entrypoints-run-as-other-user-fails", "incomplete")
def test_every_way(snippet: Snippet, lab: DockerLab) -> None:
    """setpriv, gosu, chroot and BusyBox's su leave nothing above the program; su, runuser and sudo stay."""
    image(snippet)
    ways(snippet)
    snippet.run("measure")
    seen = snippet.run_and_record("table").output.splitlines()
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
    # With a shell in between su kills a program that was never told, long before docker stop would.
    snippet.run("how")
    red = snippet.run_and_record("su-red").output
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
    green = snippet.run_and_record("su-green").output
    assert green.endswith("app: told to stop, closing\nexit code 0\n")
    terminals = snippet.run_and_record("terminal").output
    assert [line.split(": ")[0] for line in terminals.splitlines() if "none" in line] == ["su -c"]
    assert terminals.count("has the terminal") == 5
    assert snippet.run_and_record("other-red").output.splitlines() == [
        f"setpriv: setresuid failed: {DENIED}",
        f'error: failed switching to "app": {DENIED.lower()}',
    ]
    assert run(lab, "--user=1000:1000", "try-ways", "gosu", "app", "id")[0] == 1
    assert snippet.run_and_record("other-green").output == "uid=1000 gid=1000 groups=1000\n"
    # No way back with --no-new-privs, which gosu leaves to Docker; and groups must be said.
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
