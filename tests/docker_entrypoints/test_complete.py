"""One entrypoint with everything: arguments, secrets, root, hooks, waiting, configuration, exec."""

import re
from concurrent.futures import ThreadPoolExecutor

from opsbook.book import Book
from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import RecordingWalk

from .conftest import run, shellcheck, told

PASSWORD = r"fake-([0-9a-f]{8})"
SCRIPT = "/usr/local/bin/entrypoint.sh"
SETPRIV = '/usr/bin/setpriv --reuid=app --regid=app --init-groups --no-new-privs "$0" "$@"'
SU = 'su -p -s /bin/sh app -c \'exec "$0" "$@"\' -- "$0" "$@"'
# Each case tells its exit code and what script, hooks and program said, but for their PID.
CASES = r"""
run() {
    name=$1 && shift
    said=$(env "$@" 2>&1) && code=0 || code=$?
    echo "== $name: $code"
    printf '%s\n' "$said" | grep -E '^(entrypoint|app|shell)' | sed 's/PID [0-9]*/PID/'
}
script=/usr/local/bin/entrypoint.sh
echo fake-secret >/secret && chmod 600 /secret && chown root /var/lib/app
export DB_PASSWORD_FILE=/secret
run options "$script" --port 'a  b'
run path "$script" /usr/local/bin/app x
run command "$script" printf 'app: [%s]' 'a  b' ''
run both DB_PASSWORD=x "$script"
run empty DB_PASSWORD_FILE=/dev/null "$script"
run unreadable DB_PASSWORD_FILE=/none "$script"
run ready WAIT_FOR='test -e /run/app/app.conf' APP_PORT=80 "$script"
run late WAIT_FOR=false WAIT_LIMIT=0 "$script"
run hook CODE=7 "$script"
unset DB_PASSWORD_FILE
run missing "$script"
run literal DB_PASSWORD='$(id) `id` " \n' "$script"
echo "mode $(stat -c '%a %U' /run/app/app.conf)" && rm /run/app/app.conf
export DB_PASSWORD=x
run user /usr/bin/setpriv --reuid=1234 --regid=1234 --clear-groups "$script" -v
echo "mode $(stat -c '%a %u' /run/app/app.conf)" && rm /run/app/app.conf
export DB_PASSWORD=fake
exec "$script"
"""
APP = """\
app: PID, user {user}, HOME={home}, arguments: --config /run/app/app.conf{more}
app: GREETING=hello, password in the environment: none
app: /var/lib/app belongs to user 900
app.conf: port = {port}
app.conf: password = {password}
"""


def app(
    *,
    more: str = "",
    port: int = 8080,
    password: str = "fake-secret",  # noqa: S107  # visibly none
    user: int = 900,
    home: str = "/home/app",
) -> str:
    """Return what the program says of itself."""
    return APP.format(more=more, port=port, password=password, user=user, home=home)


EXPECTED = (
    "== options: 0\n" + app(more=" --port a  b") + "== path: 0\n" + app(more=" x") +
    "== command: 0\napp: [a  b]app: []\n"
    "== both: 1\nentrypoint: DB_PASSWORD and DB_PASSWORD_FILE are both set\n"
    "== empty: 1\nentrypoint: DB_PASSWORD is missing; set DB_PASSWORD_FILE\n"
    "== unreadable: 1\n"
    "== ready: 0\nentrypoint: waits for: test -e /run/app/app.conf\n" + app(port=80) +
    "== late: 1\nentrypoint: waits for: false\nentrypoint: gave up after 0 s\n"
    "== hook: 7\n"
    "== missing: 1\nentrypoint: DB_PASSWORD is missing; set DB_PASSWORD_FILE\n"
    "== literal: 0\n" + app(password='$(id) `id` " \\n') + "mode 600 app\n"
    "== user: 0\n" + app(more=" -v", user=1234, home="/root", password="x") + "mode 600 1234\n"
)  # fmt: skip


def build(lab: DockerLab, name: str, recipe: str) -> None:
    """Build an image from a Dockerfile and what is in ~/app."""
    lab.box.run("docker", "build", "-q", "-t", name, "-f", "-", "app", input=recipe, seconds=60)


def test_every_part_in_three_shells(walk: RecordingWalk, lab: DockerLab) -> None:
    """Under dash, ash and bash arguments, secret, user, files, hooks, wait and refusals are as shown; the program is PID 1."""
    the_parts(walk)
    refusals(walk)
    walk.to_the_end()
    what_ends_it(walk, lab)
    three_shells(lab)
    busybox_alone(walk, lab)


def the_parts(walk: RecordingWalk) -> None:
    """Arguments, user, files, configuration, hooks, wait and stop are as the page says."""
    seen = walk.to("check", hash=PASSWORD).output.splitlines()
    assert seen[:4] == [
        "10-check.sh: user 900",
        "app: PID 1, user 900, HOME=/home/app, arguments: --config /run/app/app.conf --verbose",
        "app: GREETING=hello, password in the environment: none",
        "app: /var/lib/app belongs to user 900",
    ]
    assert walk.to("arguments").output.startswith("uid=0(root) ")
    seen = walk.to("user", hash=PASSWORD).output.splitlines()
    assert seen[:2] == [
        "10-check.sh: user 1000",
        "app: PID 1, user 1000, HOME=/, arguments: --config /run/app/app.conf",
    ]
    config = walk.to("config", hash=PASSWORD).output
    assert config.startswith("app: /var/lib/app belongs to user 900\napp.conf: port = 80\n")
    failed = walk.to("fails").output
    assert failed == "entrypoint: ignored: /docker-entrypoint.d/01-README\nexit code 5\n"
    waited = walk.to("wait").output
    assert waited.startswith("entrypoint: waits for: test -e /shared/ready\napp: PID 1, user 900,")
    assert walk.to("stop").output == "exit code 143\n"


def refusals(walk: RecordingWalk) -> None:
    """What is missing, there twice, not to be read or late ends the container, and says so."""
    assert "_PASSWORD is missing" in walk.to("missing-red").output
    assert "both set" in walk.to("both-red").output
    denied = walk.to("denied-red").output
    assert denied == "cat: /run/secrets/db_password: Permission denied\n"
    late = walk.to("late-red").output
    assert late.endswith("entrypoint: gave up after 2 s\n")
    assert "No such file" in walk.to("late-look").output
    assert "app: PID 1" in walk.to("late-green").output


def what_ends_it(walk: RecordingWalk, lab: DockerLab) -> None:
    """A try that hangs, a hook that lost its mode and the program's own handler end it; without its trap the script is deaf."""
    # A try that hangs.
    hangs = ("-e", "DB_PASSWORD=x", "-e", "WAIT_FOR=sleep 900", "-e", "WAIT_LIMIT=1", "try-complete")
    code, said = run(lab, *hangs)
    assert (code, said.splitlines()[-1]) == (1, "entrypoint: gave up after 1 s")
    # A hook that lost its mode, and a program with a handler.
    mounts = ("-e", "DB_PASSWORD=fake", "-v", "/home/alice/fails:/docker-entrypoint.d:ro")
    lab.box.run("chmod", "-x", "fails/10-fails.sh")
    code, said = run(lab, *mounts, "try-complete")
    assert (code, "10-fails.sh: Permission denied" in said) == (126, True)
    handler = "#!/bin/sh\ntrap 'exit 9' TERM\nkill -TERM 1\nsleep 9\n"
    lab.box.run("sh", "-c", "rm fails/*; cat >handler; chmod +x handler", input=handler)
    mounted = "/home/alice/handler:/usr/local/bin/app:ro"
    assert run(lab, *mounts, "-v", mounted, "try-complete")[0] == 9
    # Without its trap the script is deaf.
    lab.box.run("sh", "-c", "sed '/^trap/d' app/entrypoint.sh >deaf; chmod +x deaf")
    stop = walk.snippet["stop"].code.replace("docker stop", "docker stop -t 1")
    deaf = stop.replace("docker create", f"docker create -v ~/deaf:{SCRIPT}:ro")
    assert told(lab, deaf) == "exit code 137\n"


def three_shells(lab: DockerLab) -> None:
    """Each case ends and says the same under dash, ash and bash, the program being PID 1."""
    more = (
        "cd ~/app && echo 'echo \"shell $(readlink /proc/$$/exe)\" >&2' >hooks/30-shell.envsh &&"
        "printf '#!/bin/sh\\nexit \"${CODE:-0}\"\\n' >hooks/40-code.sh && chmod +x hooks/40-code.sh"
    )
    lab.box.run("sh", "-c", more)
    mounts = (
        "-v",
        "/home/alice/app/hooks:/docker-entrypoint.d:ro",
        "-v",
        "/usr/bin/busybox:/usr/bin/busybox:ro",
    )
    # At once, for each of them mostly waits.
    with ThreadPoolExecutor() as pool:
        list(pool.map(lambda shell: one_shell(lab, mounts, shell), ("dash", "busybox", "bash")))


def one_shell(lab: DockerLab, mounts: tuple[str, ...], shell: str) -> None:
    """Under one shell each case ends as expected and says that; the last of them is PID 1."""
    cases = f"ln -sf {shell} /usr/bin/sh\n{CASES}"
    said = run(lab, *mounts, "--entrypoint", "sh", "try-complete", "-c", cases)[1]
    expected = EXPECTED + app(password="fake").replace("PID", "PID 1")
    assert re.sub("(?m)^(shell|10-).*\n", "", said) == expected
    assert said.count(f"shell /usr/bin/{shell}\n") == 8


def busybox_alone(walk: RecordingWalk, lab: DockerLab) -> None:
    """In the image with nothing but BusyBox, whose setpriv is a lesser one, the one line with su does the same."""
    script = walk.snippet["entrypoint"].code
    lesser = lab.box.run("busybox", "setpriv", "--reuid=app", "true", check=False)
    assert "unrecognized option '--reuid=app'" in lesser.stderr
    assert script.count(SETPRIV) == 1
    lab.box.run("sh", "-c", "cat >~/app/entrypoint.sh", input=script.replace(SETPRIV, SU))
    users = "echo app:x:900:900::/home/app:/bin/false >/etc/passwd; echo app:x:900: >/etc/group"
    bare = (
        f"FROM busybox\nRUN {users}; mkdir -p /var/lib/app /run/app; chmod 1777 /run/app; chmod 755 /bin\n"
        f'COPY entrypoint.sh app /usr/local/bin/\nENTRYPOINT ["{SCRIPT}"]\n'
    )
    build(lab, "bare", bare)
    expected = app(password="fake", more=" -p a b").replace("PID", "PID 1")
    assert run(lab, "-e", "DB_PASSWORD=fake", "-e", "GREETING=hello", "bare", "-p", "a b") == (0, expected)
    assert SU in walk.book.pages["docker-entrypoints/complete.md"].text


def test_shellcheck_is_content(book: Book) -> None:
    """ShellCheck finds nothing in the script, for any of the shells that the page names."""
    code = book.regions["docker_entrypoints/complete.sh:entrypoint"].code
    for dialect in ("sh", "dash", "busybox", "bash"):
        assert shellcheck(code, f"--shell={dialect}") == ""
