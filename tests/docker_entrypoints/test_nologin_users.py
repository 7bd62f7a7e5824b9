"""Users with nologin: what runs as them all the same, what is refused, and what ssh lets them do."""

import pytest

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import RecordingWalk

from .conftest import run

REFUSED = "This account is currently not available."
OWN = ("ipc", "mnt", "net", "pid", "uts")


def inside(lab: DockerLab, code: str) -> tuple[int, str]:
    """Return how `code` ended in the bash of a fresh container of the page's image, as root, and what it printed."""
    return run(lab, "try-nologin", "bash", "-c", f"exec 2>&1\n{code}")


@pytest.mark.claim("nologin-users-not-a-nonlogin-shell", "holds")
@pytest.mark.claim("nologin-users-run-idle-container", "holds")
@pytest.mark.claim("nologin-users-docker-exec-is-no-login", "holds")
@pytest.mark.claim("nologin-users-su-dash-refused", "holds")
@pytest.mark.claim("nologin-users-etc-nologin-txt", "wrong")
@pytest.mark.claim("nologin-users-exit-code-1", "holds")
@pytest.mark.claim("nologin-users-bin-false", "holds")
@pytest.mark.claim("nologin-users-sudo-u", "holds")
@pytest.mark.claim("nologin-users-docker-exec-ppid-1", "wrong")
@pytest.mark.claim("nologin-users-ssh-and-scp-do-not-work", "unsafe")
@pytest.mark.claim("nologin-users-no-sshd-in-containers", "incomplete")
def test_what_a_user_without_a_shell_can_do(walk: RecordingWalk, lab: DockerLab) -> None:
    """What asks for the login shell is refused with 1; docker exec, sudo -u, ssh's forwards and a named shell are not."""
    what_runs(walk, lab)
    ssh_lets_the_user_in(walk, lab)
    what_is_refused(walk, lab)
    an_image_without_a_shell(walk)
    idle = walk.to("idle").output
    assert idle.splitlines() == ["tail", "exit code 137", "docker-init", "exit code 143"]
    walk.to_the_end()


def what_runs(walk: RecordingWalk, lab: DockerLab) -> None:
    """What asks for the login shell is refused with 1; docker exec, sudo -u, setpriv and a named shell are not."""
    assert walk.to("answer").output.count("uid=1000(app)") == 3
    rows = walk.to("table").output.splitlines()
    table = {row[3:].partition(": ")[0].rstrip(":"): (row[0], row.partition(": ")[2]) for row in rows}
    assert {way for way, (code, _) in table.items() if code == "1"} == {
        "su - app",
        "su app -c whoami",
        "sudo -u app -i whoami",
        "runuser app -c whoami",
        "runuser -l app -c whoami",
        "su - mute",
    }
    for code, said in table.values():
        assert said in ("app", "mute") if code == "0" else said in (REFUSED, "")
    assert table["su - mute"] == ("1", "")
    login = walk.to("login").output.splitlines()
    assert [line.split() for line in login] == [
        ["login_shell", "off"],
        ["app:x:1000:1000::/home/app:/usr/sbin/nologin"],
        ["login_shell", "on"],
    ]
    seen = walk.to("parent").output
    assert seen.splitlines() == ["PPID 0", *(f"in its {name}" for name in (*OWN[:4], "user", "uts"))]
    # And those are not the machine's.
    pid = lab.box.run("docker", "inspect", "-f", "{{.State.Pid}}", "try-nologin").stdout.strip()
    for name in OWN:
        links = (f"/proc/{pid}/ns/{name}", f"/proc/1/ns/{name}")
        assert len(set(lab.box.run("readlink", *links, user="root").stdout.split())) == 2


def ssh_lets_the_user_in(walk: RecordingWalk, lab: DockerLab) -> None:
    """With a key, forwarding works, and sftp and scp where sshd serves them; DenyUsers, expiry and the like lock out."""
    walk.to("service")
    assert ":!:" in lab.box.run("grep", "^svc:", "/etc/shadow", user="root").stdout
    assert walk.to("ssh-red").output == f"{REFUSED}\n"
    assert walk.to("forward").output == "rows of a database\n"
    # As a forward that stays, too.
    stays = "ssh -f -N -M -S ~/way-in -L 15432:localhost:5432 svc@localhost >/dev/null 2>&1"
    lab.box.run("sh", "-c", stays)
    assert lab.box.run("busybox", "nc", "localhost", "15432").stdout == "rows of a database\n"
    lab.box.run("ssh", "-S", "/home/alice/way-in", "-O", "exit", "svc@localhost")
    seen = walk.to("sftp-red").output
    # The message begins with the letters This.
    assert f"Received message too long {int.from_bytes(b'This', 'big')}\n" in seen
    assert walk.to("sftp-green").output.endswith("directory: /home/svc\n")
    lab.box.run("scp", "-q", "/etc/hosts", "svc@localhost:")
    assert lab.box.read("/home/svc/hosts") == lab.box.read("/etc/hosts")
    seen = walk.to("doors").output
    assert {line[:25].strip(): tuple(line[25:].split()) for line in seen.splitlines()[1:]} == {
        "DisableForwarding yes": ("shut", "open"),
        "/etc/nologin": ("shut", "shut"),
        "usermod --expiredate 1": ("shut", "shut"),
        "DenyUsers svc": ("shut", "shut"),
    }
    said = lab.box.run("ssh", "svc@localhost", "true", check=False).stderr
    assert said == "svc@localhost: Permission denied (publickey).\n"
    # A user for files alone, who asks for another command too.
    only = "\nMatch User svc\nForceCommand internal-sftp\nDisableForwarding yes\n"
    lab.box.run("tee", "-a", "/etc/ssh/sshd_config", user="root", input=only)
    lab.box.run("sh", "-c", "/usr/sbin/sshd -p 2222 -o PidFile=/run/2.pid", user="root")
    lab.box.run("timeout", "30", "sh", "-c", "until ss -ltn | grep -q :2222; do sleep 0.1; done")
    client = ("-o", "StrictHostKeyChecking=no", "-o", "Port=2222", "-o", "LogLevel=ERROR")
    assert lab.box.run("sftp", *client, "-b", "-", "svc@localhost", input="pwd\n").returncode == 0
    said = lab.box.run("ssh", *client, "-W", "localhost:5432", "svc@localhost", check=False).stderr
    assert said == "stdio forwarding failed\n"
    lab.box.run("sh", "-c", "kill $(cat /run/2.pid)", user="root")
    walk.to("service-undo")
    assert "svc" not in lab.box.read("/etc/passwd")


def what_is_refused(walk: RecordingWalk, lab: DockerLab) -> None:
    """Whatever nologin is given, it refuses with 1, and is no shell of /etc/shells; another shell, once named, runs."""
    assert walk.to("red").output == f"{REFUSED}\n"
    assert walk.to("green").output == "app\n/home/app\n"
    assert walk.to("files").output.splitlines() == [
        REFUSED,
        "login: /usr/sbin/nologin",
        "other",
    ]
    seen = walk.to("restricted-red").output
    assert seen == f"Password: su: using restricted shell /usr/sbin/nologin\n{REFUSED}\n"
    assert walk.to("restricted-green").output.startswith("uid=1000(app)")
    code = """
        nologin; echo $?; nologin -c id; echo $?; cat /etc/shells | grep -c -e nologin -e false
        echo app:secret | chpasswd; echo secret | setpriv --reuid=other --clear-groups su - app; echo $?
        sudo -u app bash -c 'ls /tmp; id -un'
    """
    told = f"{REFUSED}\n1\n{REFUSED}\n1\n0\nPassword: {REFUSED}\n1\napp\n"
    assert inside(lab, code) == (0, told)


def an_image_without_a_shell(walk: RecordingWalk) -> None:
    """Neither docker exec nor nsenter with the image's files finds a shell; a second container and nsenter without them do."""
    assert 'exec: "sh": executable file not found in $PATH' in walk.to("bare-red").output
    seen = walk.to("bare-green").output.splitlines()
    assert seen[0].split() == ["1", "/busybox", "httpd", "-f", "-p", "8080"]
    assert seen[1:3] == [":::8080", "busybox"]
    red = walk.to("nsenter-red").output
    assert red == "nsenter: failed to execute sh: No such file or directory\n"
    assert walk.to("nsenter-green").output.startswith("*:8080\nbusybox\n")
