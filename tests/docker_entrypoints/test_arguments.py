"""An entrypoint that takes options, defaults from the environment, and other commands."""

import json

import pytest

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import Snippet

from .conftest import ended, in_each_shell, run, shellcheck, the_same

SHELL_FORM = ["/bin/sh", "-c"]
NO_PROGRAM = "executable file not found in $PATH"


def config(lab: DockerLab, image: str, field: str) -> object:
    """Return what the engine keeps as `field` of the configuration of `image`."""
    return json.loads(
        lab.box.run("docker", "image", "inspect", "-f", f"{{{{json .Config.{field}}}}}", image).stdout
    )


def image(snippet: Snippet) -> None:
    """Build the page's image."""
    for name in ("entrypoint", "arguments.dockerfile:image", "app", "build"):
        snippet.run(name)


@pytest.mark.claim("docker-entrypoints-set-command-in-front", "holds")
@pytest.mark.claim("docker-entrypoints-pass-help", "holds")
def test_options_reach_the_program_and_commands_replace_it(snippet: Snippet, lab: DockerLab) -> None:
    """Options get app in front, other commands run as they are, each as PID 1, and words with blanks stay whole."""
    image(snippet)
    seen = snippet.run_and_record("check").output
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


@pytest.mark.claim("docker-entrypoints-start-as-bash", "incomplete")
def test_a_command_goes_through_the_entrypoint(snippet: Snippet, lab: DockerLab) -> None:
    """A shell is not root where the entrypoint drops root, unless it is told not to or gone round; without bash it fails."""
    image(snippet)
    seen = snippet.run_and_record("round").output
    assert seen == "app, PID 1\nbash, PID 1\n"
    drop = (
        '#!/bin/sh\nset -- "$@"\nid=${APP_UID:-101}\n[ "$id" = 0 ] ||\n'
        '    set -- setpriv --reuid "$id" --regid "$id" --clear-groups "$@"\nexec "$@"\n'
    )
    lab.box.run("sh", "-c", "mkdir drop; cat >drop/run; chmod +x drop/run", input=drop)
    recipe = 'FROM app\nCOPY run /run.sh\nENTRYPOINT ["/run.sh"]\nCMD ["app"]\n'
    lab.box.run("sh", "-c", "cat >drop/Dockerfile; docker build -q -t drop drop", input=recipe)
    assert run(lab, "drop", "bash", "-c", "id -u") == (0, "101\n")
    assert run(lab, "-e", "APP_UID=0", "drop", "bash", "-c", "id -u") == (0, "0\n")
    assert run(lab, "--entrypoint", "bash", "drop", "-c", "id -u") == (0, "0\n")
    code, seen = run(lab, "busybox", "bash")
    assert (code, f'exec: "bash": {NO_PROGRAM}' in seen) == (127, True)
    # --entrypoint takes one word, not a line.
    code, seen = run(lab, "--entrypoint", "bash -c id", "app")
    assert (code, 'exec: "bash -c id": ' in seen) == (127, True)


@pytest.mark.claim("docker-entrypoints-leading-dash-test", "holds")
def test_the_test_for_a_dash(snippet: Snippet, lab: DockerLab) -> None:
    """A first word with a dash in front is an option, a lone dash too; a dash inside and no word are not."""
    seen = snippet.run_and_record("dash").output
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


def test_the_same_script_in_three_shells(snippet: Snippet, lab: DockerLab) -> None:
    """The entrypoint does the same under dash, busybox's ash and bash, in containers too, and shellcheck is content."""
    image(snippet)
    assert shellcheck(snippet["entrypoint"].code) == ""
    assert snippet["entrypoint"].code.startswith("#!/bin/sh\n")
    mounts = ("-v", "/home/alice/app:/opt:ro", "-e", "PATH=/opt:/bin", "-e", "LOGLEVEL=info")
    for shells, name in ((("dash", "bash"), "debian:12-slim"), (("ash",), "busybox")):
        for shell in shells:
            words = (*mounts, "--entrypoint", shell, name, "/opt/entrypoint.sh")
            assert run(lab, *words, "-p", "a b") == (0, "app [--log-level] [info] [-p] [a b], PID 1\n")
            assert run(lab, *words, "app") == (0, "app [--log-level] [info], PID 1\n")
            assert run(lab, *words, "echo", "a  b") == (0, "a  b\n")
            assert run(lab, *words) == (0, "")


def test_all_forms(snippet: Snippet) -> None:
    """Docker starts ENTRYPOINT's words, then those of docker run or else CMD; a shell form is three words of /bin/sh."""
    snippet.run("words")
    seen = snippet.run_and_record("table", timeout=100).output
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


@pytest.mark.claim("docker-entrypoints-env-from-docker-run", "holds")
def test_a_default_from_the_environment(snippet: Snippet, lab: DockerLab) -> None:
    """-e sets a variable, -e NAME hands on the caller's, neither gives nothing; an empty one counts as none."""
    image(snippet)
    seen = snippet.run_and_record("environment").output
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


@pytest.mark.claim("docker-entrypoints-append-log-level", "incomplete")
def test_appended_the_environment_has_the_last_word(snippet: Snippet, lab: DockerLab) -> None:
    """Appended options come after the caller's, even after his --; put in front, the caller's come last."""
    image(snippet)
    snippet.run("append")
    seen = snippet.run_and_record("append-red").output
    assert seen == "app [--log-level] [debug] [--log-level] [info], PID 1\n"
    seen = snippet.run_and_record("append-green").output
    assert seen == "app [--log-level] [info] [--log-level] [debug], PID 1\n"
    script = "/home/alice/append/entrypoint.sh:/usr/local/bin/entrypoint.sh:ro"
    words = ("-e", "LOGLEVEL=info", "-v", script, "app")
    assert run(lab, *words, "-c", "x")[1] == "app [-c] [x] [--log-level] [info], PID 1\n"
    assert run(lab, *words, "-c", "--", "x")[1] == "app [-c] [--] [x] [--log-level] [info], PID 1\n"
    assert run(lab, *words, "bash", "-c", 'echo "$#"')[1] == "0\n"


@pytest.mark.claim("docker-entrypoints-default-expansion-assigns", "wrong")
def test_a_default_is_not_assigned(snippet: Snippet, lab: DockerLab) -> None:
    """`:-` leaves the variable unset where `:=` sets it, and both survive set -u, which stops at the bare name."""
    seen = snippet.run_and_record("assigns").output
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


@pytest.mark.claim("docker-entrypoints-set-resets-arguments", "wrong")
@pytest.mark.claim("docker-entrypoints-set-abc", "holds")
@pytest.mark.claim("docker-entrypoints-set-newtoken", "holds")
def test_set_replaces_all_arguments(snippet: Snippet, lab: DockerLab) -> None:
    """All words are always replaced, old ones kept only as "$@", and -- ends its options; exec runs the first word."""
    seen = snippet.run_and_record("set").output
    assert seen.splitlines()[:5] == ["3: a, b, c", "4: app a b c", "1: x", "0", "2: -q y"]
    assert "set: Illegal option -q" in seen
    assert the_same(lab, 'set a b c; echo "$1$2$3 $#"; set x; echo "$* $#"')[1] == "abc 3\nx 1\n"
    assert the_same(lab, 'set -- x; echo "$#"; set --; echo "$#"', "1", "2")[1] == "1\n0\n"
    assert the_same(lab, 'exec 2>&-; set a b c; set -- newToken "$@"; echo "$#: $*"; exec "${@}"')[1] == (
        "4: newToken a b c\n"
    )
    assert the_same(lab, 'exec 2>&-; set a b c; set -- newToken "$@"; exec "${@}"')[0] == 127
    assert the_same(lab, 'set a "b  c"; set -- echo "$@"; exec "${@}"') == (0, "a b  c\n")


@pytest.mark.claim("docker-entrypoints-test-o", "dated")
def test_two_names_of_the_program(snippet: Snippet, lab: DockerLab) -> None:
    """-o knows both names but fails with status 2 at `(` and `!` in each shell; case and || do not."""
    assert "closing paren expected" in snippet.run_and_record("names-red").output
    seen = snippet.run_and_record("names").output
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


def test_an_option_that_nobody_takes(snippet: Snippet, lab: DockerLab) -> None:
    """Without an entrypoint an option is taken for a program, with a bare exec by dash, and bash takes it for exec's."""
    image(snippet)
    seen = snippet.run_and_record("option-red").output
    assert f'exec: "--help": {NO_PROGRAM}' in seen
    assert run(lab, "debian:12-slim", "--help")[0] == 127
    assert snippet.run_and_record("option-green").output == "app [--help], PID 1\n"
    seen = snippet.run_and_record("bare-red").output
    assert seen.splitlines()[0].endswith("exec: --help: not found")
    assert seen.splitlines()[1].startswith("exec: exec [-cl] [-a name] ")
    # bash's own -c of exec: an empty environment for env.
    words = ("-e", "A=1", "--entrypoint", "bash", "app", "-c", 'exec "$@"', "sh", "-c", "/usr/bin/env")
    assert run(lab, *words) == (0, "")


def test_a_shell_that_the_image_lacks(snippet: Snippet) -> None:
    """An image without bash says so as it does for any missing program, and has sh."""
    snippet.run("words")
    assert f'exec: "bash": {NO_PROGRAM}' in snippet.run_and_record("bash-red").output
    assert snippet.run_and_record("bash-green").output == "a shell, PID 1\n"


@pytest.mark.claim("docker-entrypoints-cmd-single-quotes", "wrong")
def test_single_quotes_make_a_shell_form(snippet: Snippet, lab: DockerLab) -> None:
    """CMD with single quotes is a line for /bin/sh, which finds no [app]; with double quotes it is one word."""
    image(snippet)
    snippet.run("arguments.dockerfile:quotes-make")
    snippet.run("quotes-build")
    seen = snippet.run_and_record("quotes-red").output
    assert "[app]: not found" in seen
    assert config(lab, "quotes", "Cmd") == [*SHELL_FORM, "['app']"]
    built = ended(lab, "docker", "build", "--no-cache", "/home/alice/quotes")[1]
    assert "Successfully built" in built
    assert "warning" not in built.lower()
    snippet.run("arguments.dockerfile:quotes-cure")
    assert snippet.run_and_record("quotes-green").output == '["app"]\napp, PID 1\n'


def test_an_entrypoint_takes_away_the_inherited_cmd(snippet: Snippet, lab: DockerLab) -> None:
    """An image that sets ENTRYPOINT loses its base's CMD, so exec gets no word and the container ends with 0."""
    image(snippet)
    snippet.run("arguments.dockerfile:silent-make")
    snippet.run("silent-build")
    seen = snippet.run_and_record("silent-red").output
    assert seen == "ended with 0, and said nothing\nCMD is null\n"
    assert config(lab, "app", "Cmd") == ["app"]
    snippet.run("arguments.dockerfile:silent-cure")
    assert snippet.run_and_record("silent-green").output == "app, PID 1\n"
