"""Docker errors by message: each is made, then its cure removes it; and what the exit codes say."""

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import RecordingWalk

from .conftest import ended

HASH = r"\b([0-9a-f]{64}|[0-9a-f]{12})\b"
NO_SHIM = "failed to create shim task: OCI runtime create failed: runc create failed: "


def test_each_error_is_made_and_cured(walk: RecordingWalk, lab: DockerLab) -> None:
    """Each message comes from the mistake that the page says, goes with its cure, and exit codes say who failed."""
    exit_codes(walk, lab)
    programs_that_do_not_start(walk, lab)
    users_and_read_only_files(walk, lab)
    an_engine_that_does_not_answer(walk, lab)
    names_and_ports(walk, lab)
    what_is_in_use_or_not_there(walk, lab)
    builds_that_fail(walk, lab)
    walk.to_the_end()


def exit_codes(walk: RecordingWalk, lab: DockerLab) -> None:
    """Docker's codes are 125 to 127, a signal's 128 and more, which PID 1 does not get from within."""
    state, reason, *logs = walk.to("look").output.splitlines()
    assert state == "web: Created"
    assert reason.startswith(f"127 {NO_SHIM}")
    assert logs == []
    rows = walk.to("codes").output.splitlines()
    codes = [int(row.split(None, 1)[0]) for row in rows]
    assert codes == [0, 1, 125, 126, 127, 130, 137, 139, 143]
    # It is no signal that Perl was sent: as PID 1 it survives that one, as it does the others.
    spared = (
        "docker run --rm busybox sh -c 'for s in TERM SEGV KILL; do kill -$s $$; done; echo \"$$ lives\"'"
    )
    assert ended(lab, spared) == (0, "1 lives\n")


def programs_that_do_not_start(walk: RecordingWalk, lab: DockerLab) -> None:
    """Wrong head, line end, mode and name are told apart and cured, in a mount and in an image."""
    walk.to("start-make")
    baked = 'cd ~/app && echo "FROM busybox\nCOPY . /c" | docker build -q -t baked -f - . >/dev/null'
    assert ended(lab, baked) == (0, "")
    assert walk.to("format-red").output.count(": exec format error\n") == 2
    assert ended(lab, "docker run --rm baked /c/no-shebang") == (
        1,
        "exec /c/no-shebang: exec format error\n",
    )
    walk.to("format-look")
    assert walk.to("format-cure").output == "ready\nready\n"
    assert walk.to("file-red").output.count(": no such file or directory\n") == 3
    by_shell = "docker run --rm baked sh -c '/c/no-shebang; /c/crlf'"
    assert ended(lab, by_shell) == (127, "ready\nsh: /c/crlf: not found\n")
    assert walk.to("file-look").output.splitlines()[:2] == ["#!/bin/sh^M$", "#!/bin/bash$"]
    assert walk.to("file-cure").output == "ready\n" * 3
    first, *others = walk.to("permission-red").output.splitlines()
    assert first.endswith('exec: "/app/not-executable": permission denied: unknown.')
    assert others == ["sh: /tmp/echo: Permission denied", "exit code 126"]
    code, seen = ended(lab, "docker run --rm baked /c/not-executable")
    assert (code, 'exec: "/c/not-executable": permission denied' in seen) == (126, True)
    assert walk.to("permission-cure").output == "ready\nready\n"
    seen = walk.to("path-red").output
    assert seen.endswith('exec: "echo ready": executable file not found in $PATH: unknown.\n')
    assert walk.to("path-cure").output == "ready\n"


def users_and_read_only_files(walk: RecordingWalk, lab: DockerLab) -> None:
    """A user must be known by name or be a number; a read-only container writes to a tmpfs."""
    seen = walk.to("user-red").output
    assert seen.endswith("unable to find user app: no matching entries in passwd file.\n")
    assert ended(lab, "docker run --rm --user alice busybox true")[0] == 125
    assert walk.to("user-cure").output.startswith("uid=1000 gid=1000 ")
    assert ended(lab, "docker run --rm --user 1000 debian:12-slim id -g") == (0, "0\n")
    assert "Read-only file system" in walk.to("readonly-red").output
    assert walk.to("readonly-cure").output == "app.pid\n"


def an_engine_that_does_not_answer(walk: RecordingWalk, lab: DockerLab) -> None:
    """A wrong address, a missing socket and a dead one say the same; a socket is for its group, and that is root's power."""
    where = "Cannot connect to the Docker daemon at {}. Is the docker daemon running?\n"
    assert walk.to("connect-red").output == where.format("tcp://127.0.0.1:2375")
    walk.to("connect-cure")
    bind = "import socket; socket.socket(socket.AF_UNIX).bind('/tmp/dead')"
    for path in ("/tmp/missing", "/tmp/dead"):
        seen = ended(lab, f'python3 -c "{bind}"; docker -H unix://{path} ps', user="root")[1]
        assert seen.endswith(where.format(f"unix://{path}"))
    assert ended(lab, "cat /etc/shadow") == (1, "cat: /etc/shadow: Permission denied\n")
    assert "root:" in ended(lab, "docker run --rm -v /etc:/host busybox cat /host/shadow")[1]
    seen = walk.to("socket-red").output
    assert seen.startswith("permission denied while trying to connect to the Docker daemon socket at unix://")
    assert ended(lab, "docker ps -q") == (1, seen.replace("/json?all=1", "/json"))
    assert ended(lab, "docker ps -q", user="root") == (0, "")
    # alice's shell was there before.
    walk.snippet.run("look")
    walk.to("socket-cure")
    assert ended(lab, "docker ps -q") == (0, "")


def names_and_ports(walk: RecordingWalk, lab: DockerLab) -> None:
    """A taken name or port and an unknown image are refused, and cured by name."""
    seen = walk.to("name-red", hash=HASH).output
    assert 'Conflict. The container name "/job" is already in use by container' in seen
    assert walk.to("name-cure").output == "ready\n"
    assert ended(lab, "docker ps -aq --filter name=job") == (0, "")
    assert walk.to("image-red").output == "Unable to find image 'app:latest' locally\n"
    code, seen = ended(lab, "docker run --pull never app")
    assert (code, "No such image: app:latest" in seen) == (125, True)
    assert walk.to("image-cure").output == "app:1.0\nready\n"
    assert walk.to("reference-red").output.count("invalid reference format") == 2
    assert walk.to("reference-cure").output == "data\n"
    seen = walk.to("port-red", hash=HASH).output
    assert "Bind for 0.0.0.0:8080 failed: port is already allocated\n" in seen
    assert "listen tcp4 0.0.0.0:8081: bind: address already in use\n" in seen
    walk.to("port-look", pid=r"pid=(\d+)")
    who = "ss -H -l -t -n -p 'sport = 8080'"
    assert "users:" not in ended(lab, who)[1]
    assert "docker-proxy" in ended(lab, who, user="root")[1]
    walk.to("port-cure")
    up = ended(lab, "docker ps --format '{{.Names}} {{.Ports}}' | sort")[1]
    assert up.splitlines()[0].startswith("api 0.0.0.0:8082->80/tcp")
    assert up.splitlines()[1].startswith("back 0.0.0.0:8080->80/tcp")


def what_is_in_use_or_not_there(walk: RecordingWalk, lab: DockerLab) -> None:
    """What is in use or not there is refused; by force a name goes while its container runs, the image once that has ended."""
    seen = walk.to("container-red", hash=HASH).output
    assert seen.startswith("Error: No such container: backend\n")
    assert seen.endswith(" is not running\n")
    seen = walk.to("container-cure").output
    assert seen.startswith("api: Up\nback: Up\nweb: Created\n")
    assert seen.endswith("\nready\n")
    seen = walk.to("remove-red", hash=HASH).output
    assert 'conflict: unable to remove repository reference "old" (must force)' in seen
    assert "You cannot remove a running container" in seen
    walk.to("remove-cure")
    assert ended(lab, "docker ps -a --format '{{.Names}}' | sort; docker images -q old") == (0, "api\nweb\n")
    # By force the name goes while the container runs, the image once it has ended.
    make = "printf 'FROM busybox\nENV OLD=yes\n' | docker build -q -t old -"
    again = "docker create --name keeper old tail -f /dev/null && docker start keeper"
    assert ended(lab, f"{make} && {again}")[0] == 0
    assert ended(lab, "docker rmi -f old") == (0, "Untagged: old:latest\n")
    nameless = "docker rmi -f $(docker inspect -f '{{.Image}}' keeper)"
    assert "(cannot be forced)" in ended(lab, nameless)[1]
    assert "Deleted: sha256:" in ended(lab, f"docker kill keeper; {nameless}")[1]


def builds_that_fail(walk: RecordingWalk, lab: DockerLab) -> None:
    """COPY sees the context only, less what is ignored, and a line that is no instruction is the rest of one."""
    assert "COPY failed: file not found in build context" in walk.to("copy-red", hash=r"---> (\w+)").output
    away = "echo 'FROM busybox\nCOPY {} /' | docker build -q -f - ~/build"
    assert (
        "COPY failed: forbidden path outside the build context" in ended(lab, away.format("../.profile"))[1]
    )
    assert walk.to("copy-cure").output == "ready\n"
    other = "mkdir ~/other && docker build -q -f ~/build/Dockerfile ~/other"
    assert "COPY failed: file not found in build context" in ended(lab, other)[1]
    assert "line 3: unknown instruction: ECHO\n" in walk.to("instruction-red").output
    assert walk.to("instruction-cure").output.endswith("built\n")
