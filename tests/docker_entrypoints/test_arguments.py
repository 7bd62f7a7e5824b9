"""An entrypoint that takes options, defaults from the environment, and other commands."""

import json
import re

import pytest

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import RecordingWalk

from .conftest import SHELLS, ended, in_each_shell, run, shellcheck, the_same

SHELL_FORM = ["/bin/sh", "-c"]
NO_PROGRAM = "executable file not found in $PATH"


def config(lab: DockerLab, image: str, field: str) -> object:
    """Return what the engine keeps as `field` of the configuration of `image`."""
    return json.loads(
        lab.box.run("docker", "image", "inspect", "-f", f"{{{{json .Config.{field}}}}}", image).stdout
    )


def by_hand(lab: DockerLab, shell: tuple[str, ...], folder: str, *words: str) -> tuple[int, str]:
    """Return how the entrypoint in `folder` ended without a container and what it printed, but for its PID."""
    settings = ("PATH=/home/alice/app:/usr/bin:/bin", "LOGLEVEL=info")
    code, said = ended(lab, "env", *settings, *shell, f"/home/alice/{folder}/entrypoint.sh", *words)
    return code, re.sub(r", PID \d+", "", said)


@pytest.mark.claim("docker-entrypoints-pass-help", "holds")
@pytest.mark.claim("docker-entrypoints-set-command-in-front", "holds")
@pytest.mark.claim("docker-entrypoints-env-from-docker-run", "holds")
@pytest.mark.claim("docker-entrypoints-append-log-level", "incomplete")
@pytest.mark.claim("docker-entrypoints-start-as-bash", "incomplete")
@pytest.mark.claim("docker-entrypoints-leading-dash-test", "holds")
@pytest.mark.claim("docker-entrypoints-set-resets-arguments", "wrong")
@pytest.mark.claim("docker-entrypoints-set-abc", "holds")
@pytest.mark.claim("docker-entrypoints-set-newtoken", "holds")
@pytest.mark.claim("docker-entrypoints-default-expansion-assigns", "wrong")
@pytest.mark.claim("docker-entrypoints-test-o", "dated")
@pytest.mark.claim("docker-entrypoints-cmd-single-quotes", "wrong")
def test_options_reach_the_program_and_other_commands_run(walk: RecordingWalk, lab: DockerLab) -> None:
    """Options get app in front and defaults before them, another command runs; Docker joins ENTRYPOINT and the rest as the table says."""
    options_reach_the_program(walk, lab)
    what_dash_and_set_do(walk, lab)
    all_forms(walk)
    defaults_come_before_them(walk, lab)
    words_that_reach_nobody(walk, lab)
    names(walk, lab)
    a_command_goes_through(walk, lab)
    in_each_shell_and_image(walk, lab)
    walk.to_the_end()


def options_reach_the_program(walk: RecordingWalk, lab: DockerLab) -> None:
    """Options get app in front, and words with blanks stay whole, with a terminal or without."""
    seen = walk.to("check").output
    assert seen.splitlines() == [
        "app, PID 1",
        "app [--help], PID 1",
        "app [--title] [two words], PID 1",
        "bash, PID 1",
        "app [--log-level] [info] [--port] [80], PID 1",
    ]
    assert config(lab, "app", "Cmd") == ["app"]
    # With a terminal, as people type it.
    terminal = "docker run --rm -it app --help; docker run --rm -it app bash -c tty"
    shown = ended(lab, "script", "-qec", terminal, "/dev/null")[1].splitlines()
    assert [line.removeprefix("^@") for line in shown] == ["app [--help], PID 1", "/dev/pts/0"]
    # Before the image, the option is Docker's.
    assert "Usage:  docker run" in run(lab, "--help", "app")[1]


def what_dash_and_set_do(walk: RecordingWalk, lab: DockerLab) -> None:
    """A dash in front makes an option, and set replaces all arguments."""
    seen = walk.to("dash").output
    kinds = {line.split("'")[1]: line.rsplit(" ", 1)[1] for line in seen.splitlines()}
    assert kinds == {
        "--help": "option",
        "-p": "option",
        "-": "option",
        "app": "command",
        "a-b": "command",
        "": "command",
    }
    assert "without its first dash: '-help'" in seen
    test = '[ "${1#-}" != "$1" ]'
    for word, kind in kinds.items():
        assert the_same(lab, test, word)[0] == (0 if kind == "option" else 1)
    assert the_same(lab, 'echo "${1#-*h} ${1##-*h}"', "--hh")[1] == "h \n"
    seen = walk.to("set").output
    assert seen.splitlines()[:5] == ["3: a, b, c", "4: app a b c", "1: x", "0", "2: -q y"]
    assert "set: Illegal option -q" in seen
    assert the_same(lab, 'set a b c; echo "$1$2$3 $#"; set x; echo "$* $#"')[1] == "abc 3\nx 1\n"
    assert the_same(lab, 'set -- x; echo "$#"; set --; echo "$#"', "1", "2")[1] == "1\n0\n"
    assert the_same(lab, 'exec 2>&-; set a b c; set -- newToken "$@"; echo "$#: $*"; exec "${@}"')[1] == (
        "4: newToken a b c\n"
    )
    assert the_same(lab, 'exec 2>&-; set a b c; set -- newToken "$@"; exec "${@}"')[0] == 127
    assert the_same(lab, 'set a "b  c"; set -- echo "$@"; exec "${@}"') == (0, "a b  c\n")


def all_forms(walk: RecordingWalk) -> None:
    """Docker starts ENTRYPOINT's words, then those of docker run or else CMD; a shell form is three words of /bin/sh."""
    seen = walk.to("table").output
    assert rows(seen) == expected_rows()


def rows(seen: str) -> list[tuple[str, ...]]:
    """Return the cells of each row but the head."""
    found = []
    for line in seen.splitlines()[1:]:
        forms, starts, ran = (part.strip() for part in line.split("|"))
        cells = (forms[:10], forms[11:22], forms[23:])
        found.append((*(cell.strip() for cell in cells), starts, ran))
    return found


def expected_rows() -> list[tuple[str, ...]]:
    """Return what Docker's documentation leads one to expect, worked out from the rule alone."""
    found: list[tuple[str, ...]] = []
    for ep in ("-", "ep e", '["ep","e"]'):
        for cmd in ("-", "cmd c", '["cmd","c"]'):
            for more in ("-", "run r"):
                front = words_of(ep)
                back = more.split() if more != "-" else words_of(cmd)
                argv = [*front, *back]
                if not argv:
                    found.append((ep, cmd, more, "No command specified", "nobody"))
                    continue
                ran = argv[2].split() if argv[:2] == SHELL_FORM else argv
                found.append((ep, cmd, more, ",".join(argv), f"{ran[0]}: {','.join(ran[1:])}"))
    return found


def words_of(form: str) -> list[str]:
    """Return the words that Docker makes of one form."""
    if form == "-":
        return []
    return list(json.loads(form)) if form.startswith("[") else [*SHELL_FORM, form]


def defaults_come_before_them(walk: RecordingWalk, lab: DockerLab) -> None:
    """A default from the environment goes before the options, so that theirs win; `:-` assigns nothing."""
    seen = walk.to("environment").output
    assert seen.splitlines() == [
        "app, PID 1",
        "app [--log-level] [debug], PID 1",
        "app [--log-level] [info], PID 1",
        "app, PID 1",
        "bash, 0, LOGLEVEL=info",
    ]
    recipe = "FROM app\nENV LOGLEVEL=warn\n"
    lab.box.run("docker", "build", "-q", "-t", "warn", "-", input=recipe)
    assert run(lab, "warn")[1] == "app [--log-level] [warn], PID 1\n"
    assert run(lab, "-e", "LOGLEVEL=info", "warn")[1] == "app [--log-level] [info], PID 1\n"
    seen = walk.to("assigns").output
    assert seen.splitlines()[:3] == [
        "info, and X is unset",
        "info, and X is info",
        "[] does not stop at set -u",
    ]
    assert "X: parameter not set" in seen
    assert the_same(lab, 'unset X; l="${X:-}"; echo "${X+set}"; : "${X:=}"; echo "${X+set}"')[1] == "\nset\n"
    assert [code != 0 for code, _ in in_each_shell(lab, 'unset X; set -u; echo "$X"')] == [True] * 3
    # Without the colon, a variable that is set but empty counts as set.
    assert the_same(lab, 'X=; echo "${X:-a} ${X-b}"')[1] == "a \n"
    seen = walk.to("append-red").output
    assert seen == "app [--log-level] [debug] [--log-level] [info], PID 1\n"
    seen = walk.to("append-green").output
    assert seen == "app [--log-level] [info] [--log-level] [debug], PID 1\n"
    for words, said in (
        (("-c", "x"), "app [-c] [x] [--log-level] [info]\n"),
        (("-c", "--", "x"), "app [-c] [--] [x] [--log-level] [info]\n"),
        (("bash", "-c", 'echo "$#"'), "0\n"),
    ):
        assert by_hand(lab, ("dash",), "append", *words) == (0, said)


def words_that_reach_nobody(walk: RecordingWalk, lab: DockerLab) -> None:
    """Single quotes, an ENTRYPOINT without CMD, no entrypoint and no bash each lose the words in their way, and are cured."""
    seen = walk.to("option-red").output
    assert f'exec: "--help": {NO_PROGRAM}' in seen
    assert run(lab, "debian:12-slim", "--help")[0] == 127
    assert walk.to("option-green").output == "app [--help], PID 1\n"
    assert f'exec: "bash": {NO_PROGRAM}' in walk.to("bash-red").output
    assert walk.to("bash-green").output == "a shell, PID 1\n"
    seen = walk.to("bare-red").output
    assert seen.splitlines()[0].endswith("exec: --help: not found")
    assert seen.splitlines()[1].startswith("exec: exec [-cl] [-a name] ")
    # bash's own -c of exec: an empty environment for env.
    words = ("-e", "A=1", "--entrypoint", "bash", "app", "-c", 'exec "$@"', "sh", "-c", "/usr/bin/env")
    assert run(lab, *words) == (0, "")
    seen = walk.to("quotes-red").output
    assert "[app]: not found" in seen
    assert config(lab, "quotes", "Cmd") == [*SHELL_FORM, "['app']"]
    built = ended(lab, "docker", "build", "/home/alice/quotes")[1]
    assert "Successfully built" in built
    assert "warning" not in built.lower()
    assert walk.to("quotes-green").output == '["app"]\napp, PID 1\n'
    seen = walk.to("silent-red").output
    assert seen == "ended with 0, and said nothing\nCMD is null\n"
    assert config(lab, "app", "Cmd") == ["app"]
    assert walk.to("silent-green").output == "app, PID 1\n"


def names(walk: RecordingWalk, lab: DockerLab) -> None:
    """-o breaks at `(` and `!`, which case and two tests do not."""
    assert "closing paren expected" in walk.to("names-red").output
    seen = walk.to("names").output
    assert seen.splitlines() == [
        "app is ours",
        "appctl is ours",
        "( is another command",
        "! is another command",
    ]
    test = '[ "$1" = app -o "$1" = appctl ] 2>&-'
    two = '[ "$1" = app ] || [ "$1" = appctl ]'
    for word, code, better in (("app", 0, 0), ("appctl", 0, 0), ("ls", 1, 1), ("(", 2, 1), ("!", 2, 1)):
        assert the_same(lab, test, word)[0] == code
        assert the_same(lab, two, word)[0] == better


def a_command_goes_through(walk: RecordingWalk, lab: DockerLab) -> None:
    """A command goes through the entrypoint, which may drop root, unless one goes round it."""
    seen = walk.to("round").output
    assert seen == "app, PID 1\nbash, PID 1\n"
    drop = (
        '#!/bin/sh\nset -- "$@"\nid=${APP_UID:-101}\n[ "$id" = 0 ] ||\n'
        '    set -- setpriv --reuid "$id" --regid "$id" --clear-groups "$@"\nexec "$@"\n'
    )
    lab.box.run("sh", "-c", "mkdir drop; cat >drop/run; chmod +x drop/run", input=drop)
    dropping = ("-v", "/home/alice/drop/run:/run.sh:ro", "--entrypoint", "/run.sh", "app")
    assert run(lab, *dropping, "bash", "-c", "id -u") == (0, "101\n")
    assert run(lab, "-e", "APP_UID=0", *dropping, "bash", "-c", "id -u") == (0, "0\n")
    assert run(lab, *dropping[:2], "--entrypoint", "bash", "app", "-c", "id -u") == (0, "0\n")
    code, seen = run(lab, "busybox", "bash")
    assert (code, f'exec: "bash": {NO_PROGRAM}' in seen) == (127, True)
    # --entrypoint takes one word, not a line.
    code, seen = run(lab, "--entrypoint", "bash -c id", "app")
    assert (code, 'exec: "bash -c id": ' in seen) == (127, True)


def in_each_shell_and_image(walk: RecordingWalk, lab: DockerLab) -> None:
    """The script does the same under dash, ash and bash; ShellCheck is content."""
    assert shellcheck(walk.snippet["entrypoint"].code) == ""
    assert walk.snippet["entrypoint"].code.startswith("#!/bin/sh\n")
    mounts = ("-v", "/home/alice/app:/opt:ro", "-e", "PATH=/opt:/bin", "-e", "LOGLEVEL=info")
    for entrypoint, name in (("bash", "debian:12-slim"), ("ash", "busybox")):
        words = (*mounts, "--entrypoint", entrypoint, name, "/opt/entrypoint.sh")
        assert run(lab, *words, "-p", "a b") == (0, "app [--log-level] [info] [-p] [a b], PID 1\n")
    for shell in SHELLS:
        assert by_hand(lab, shell, "app", "-p", "a b") == (0, "app [--log-level] [info] [-p] [a b]\n")
        assert by_hand(lab, shell, "app", "app") == (0, "app [--log-level] [info]\n")
        assert by_hand(lab, shell, "app", "echo", "a  b") == (0, "a  b\n")
        assert by_hand(lab, shell, "app") == (0, "")
