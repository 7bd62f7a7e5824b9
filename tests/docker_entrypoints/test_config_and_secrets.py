"""Configuration and secrets at the start of a container, and who sees them."""

import pytest

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import RecordingWalk

from .conftest import SHELLS, ended, in_each_shell, shellcheck, the_same

FAKE = r"fake-([0-9a-f]{16})"
ODD = "a$HOME \"b\" 'c' d/e & \\1 \\n `date` * -n"


@pytest.mark.claim("docker-entrypoints-unset-hides-the-secret", "incomplete")
@pytest.mark.claim("docker-entrypoints-cat-keeps-the-content", "incomplete")
@pytest.mark.claim("docker-entrypoints-file-env-in-sh", "wrong")
@pytest.mark.claim("docker-entrypoints-required-variable-ends-with-1", "incomplete")
@pytest.mark.claim("docker-entrypoints-sed-fills-the-template", "unsafe")
@pytest.mark.claim("docker-entrypoints-env-file-quotes", "wrong")
@pytest.mark.claim("docker-entrypoints-arg-is-gone-after-the-build", "unsafe")
def test_a_secret_reaches_the_configuration_and_who_sees_it(walk: RecordingWalk, lab: DockerLab) -> None:
    """Values, files and templates come through whole in three shells, for their owner alone; by -e, ARG or ENV a secret stays."""
    the_configuration_is_whole(walk, lab)
    who_sees_it(walk, lab)
    here_documents(walk, lab)
    required(walk, lab)
    refusals_and_owners(walk, lab)
    templates(walk, lab)
    env_files(walk)
    what_an_image_keeps(walk, lab)
    in_other_images(lab)
    variable_file_or_default(walk, lab)
    it_outlives_the_program(lab)
    walk.to_the_end()
    assert ended(lab, "docker", "ps", "-aq") == (0, "")


def the_configuration_is_whole(walk: RecordingWalk, lab: DockerLab) -> None:
    """The program finds a configuration that is its own alone, and no secret in its environment."""
    seen = walk.to("check", hash=FAKE).output.splitlines()
    secret = lab.box.read("/home/alice/db_password").strip()
    wrote = f"host = db\nuser = app\npassword = {secret}\n"
    assert seen == [*wrote.splitlines(), "-rw------- root /run/app.conf", "DB_HOST=db", "0022"]
    assert lab.box.run("stat", "-c", "%a", "/home/alice/db_password").stdout == "600\n"


def who_sees_it(walk: RecordingWalk, lab: DockerLab) -> None:
    """By -e a secret is in inspect and each exec, as a file it is not; unset hides it from the program alone."""
    looks = walk.to("sees").output.splitlines()
    found = {look: answer for answer, look in (line.split(None, 1) for line in looks)}
    assert found == {
        "docker inspect by-env": "yes",
        "docker exec by-env env": "yes",
        "docker exec by-env cat /proc/1/environ": "no",
        "docker cp by-env:/run/app.conf -": "yes",
        "docker exec by-env cat /run/app.conf": "yes",
        "docker exec by-env cat /run/secrets/db_password": "no",
        "docker inspect by-file": "no",
        "docker exec by-file env": "no",
        "docker exec by-file cat /proc/1/environ": "no",
        "docker cp by-file:/run/app.conf -": "no",
        "docker exec by-file cat /run/app.conf": "yes",
        "docker exec by-file cat /run/secrets/db_password": "yes",
    }
    # What a no stands for: the look itself worked.
    assert "DB_HOST=db" in lab.box.run("docker", "exec", "by-env", "cat", "/proc/1/environ").stdout
    assert "DB_HOST=db" in lab.box.run("docker", "exec", "by-file", "env").stdout
    for unset, count in (("", 1), ("unset A; ", 0)):
        look = f"{unset}exec grep -c A=fake-kept /proc/self/environ"
        assert the_same(lab, look, A="fake-kept")[1] == f"{count}\n"


def here_documents(walk: RecordingWalk, lab: DockerLab) -> None:
    """A here document brings each value through as it is, and expands nothing in it."""
    values = walk.to("values").output.splitlines()
    assert values == ['password = fake $HOME "quoted" a/b & \\1 `date`', "format = $remote_addr"]
    document = "cat <<EOF\n[$V] \\$V\nEOF\n"
    for value in (ODD, "two\nlines", "EOF", "\\"):
        assert the_same(lab, document, V=value) == (0, f"[{value}] $V\n")
    assert the_same(lab, "cat <<'EOF'\n$V\nEOF\n", V="x") == (0, "$V\n")


def required(walk: RecordingWalk, lab: DockerLab) -> None:
    """A required variable that is missing ends dash and ash with 2, bash with 1, or 127 by -c."""
    seen = walk.to("required").output
    codes = [line for line in seen.splitlines() if ": exit code " in line]
    assert codes == ["dash: exit code 2", "busybox sh: exit code 2", "bash: exit code 1"]
    assert seen.count("DB_HOST: set it to the name of the database server") == 3
    script = '#!/bin/sh\n: "${A:?text}"\n'
    lab.box.run("tee", "/tmp/required", input=script)
    assert [ended(lab, *shell, "/tmp/required")[0] for shell in SHELLS] == [2, 2, 1]
    assert [code for code, _ in in_each_shell(lab, ': "${A:?text}"')] == [2, 2, 127]


def refusals_and_owners(walk: RecordingWalk, lab: DockerLab) -> None:
    """Both or none, a file that is not there and what cannot be written are refused with their reason; so is indirection but in bash."""
    secret = lab.box.read("/home/alice/db_password").strip()
    wrote = f"host = db\nuser = app\npassword = {secret}\n"
    missing = "entrypoint: DB_PASSWORD is missing; set it, or DB_PASSWORD_FILE to the path of a file\n"
    assert walk.to("missing-red").output == missing
    seen_both = walk.to("both-red").output
    assert seen_both == "entrypoint: DB_PASSWORD and DB_PASSWORD_FILE are both set; keep one\n"
    assert "\nentrypoint: DB_PASSWORD_FILE: cannot read " in walk.to("file-red").output
    assert walk.to("file-green", hash=FAKE).output == wrote
    assert walk.to("bashism-red").output == "sh: 1: Bad substitution\n"
    assert walk.to("bashism-green").output == "reached\nreached\n"
    indirect = in_each_shell(lab, "f() { v=${!1:-}; }; f A; echo reached", A="x")
    assert [code for code, _ in indirect] == [2, 2, 0]
    assert "bad substitution" in indirect[1][1]
    # Whose the file is.
    assert walk.to("read-red").output == "cat: /run/app.conf: Permission denied\n"
    assert walk.to("read-green", hash=FAKE).output == wrote
    denied = walk.to("write-red").output
    assert denied.endswith("cannot create /run/app.conf: Permission denied\n")
    assert walk.to("write-green", hash=FAKE).output == wrote


def templates(walk: RecordingWalk, lab: DockerLab) -> None:
    """To sed /, & and a line break in a value are its own; in a configuration a line break makes a line, so it is refused."""
    red = walk.to("sed-red").output.splitlines()
    assert red[0] == "password = fake@PASSWORD@1"
    assert red[1].endswith("unknown option to `s'")
    assert walk.to("sed-green").output == "password = fake&1\npassword = fake/1\n"
    for sed in ("sed", "busybox sed"):
        fill = f'echo @X@ | {sed} "s/@X@/$V/"'
        assert ended(lab, "env", "V=a/b", "sh", "-c", fill)[0] != 0
        assert ended(lab, "env", "V=a\nb", "sh", "-c", fill)[0] != 0
        assert ended(lab, "env", "V=a&b", "sh", "-c", fill) == (0, "a@X@b\n")
        assert ended(lab, "env", "V=a\\.b", "sh", "-c", fill) == (0, "a.b\n")
    lines = walk.to("lines").output.splitlines()
    refused = "entrypoint: a line break in DB_HOST, DB_USER or DB_PASSWORD"
    assert lines == ["user = app", "admin = yes", refused]


def env_files(walk: RecordingWalk) -> None:
    """An env file's lines are taken as they are, and export is refused."""
    red = walk.to("env-export-red").output
    assert "variable 'export APP_TITLE' contains whitespaces" in red
    assert walk.to("env-export-green").output == "APP_TITLE=two words\n"
    assert walk.to("env-file-look").output.splitlines() == [
        'APP_TITLE="two words"',
        "APP_DIR=$HOME/data",
        "APP_PORT=80 # the port",
        "APP_CALLER=mine",
    ]


def what_an_image_keeps(walk: RecordingWalk, lab: DockerLab) -> None:
    """ARG stays in the history, ENV in each container."""
    seen = walk.to("history", hash=FAKE).output.splitlines()
    secret = lab.box.read("/home/alice/db_password").strip()
    assert seen[0].startswith(f"|1 TOKEN={secret} ")
    assert seen[1] == "fake-key"
    inside = ended(lab, "docker", "run", "--rm", "try-history", "env")[1]
    assert (secret in inside, "API_KEY=fake-key" in inside) == (False, True)


def in_other_images(lab: DockerLab) -> None:
    """A value that is hard on shells comes through BusyBox's sh and bash too; read-only, /run is a tmpfs or it fails."""
    script = "type=bind,src=/home/alice/app/entrypoint.sh,dst=/entrypoint.sh,ro"
    words = ("docker", "run", "--rm", "-e", "DB_HOST=db", "-e", f"DB_PASSWORD={ODD}", "--mount", script)
    wrote = f"host = db\nuser = app\npassword = {ODD}\n"
    for shell, name in (("bash", "debian:12-slim"), ("sh", "busybox")):
        options = ("--tmpfs", "/run", "--entrypoint", shell, name)
        assert ended(lab, *words, *options, "/entrypoint.sh", "cat", "/run/app.conf") == (0, wrote)
    code, seen_it = ended(lab, *words, "--read-only", "try-config")
    assert (code, "Read-only file system" in seen_it) == (2, True)
    assert ended(lab, *words, "--read-only", "--tmpfs", "/run", "try-config") == (0, wrote)


def variable_file_or_default(walk: RecordingWalk, lab: DockerLab) -> None:
    """Variable, file or default, both or none is an error, in dash, ash and bash; umask makes the file its owner's."""
    code = walk.snippet["entrypoint"].code
    # SC2154: both variables are set by eval, which it cannot see.
    assert shellcheck(code, "--exclude=SC2154") == ""
    head = code.split("\nfile_env DB_PASSWORD")[0]
    take = f'{head}\nfile_env A; printf "[%s]" "$A"'
    assert the_same(lab, take, A=ODD) == (0, f"[{ODD}]")
    for content, value in (
        (ODD, ODD),
        ("x\n", "x"),
        ("x\n\n\n", "x"),
        ("\nx\ny\n", "\nx\ny"),
        ("x\r\n", "x\r"),
    ):
        lab.box.run("tee", "/tmp/secret", input=content)
        done = [
            lab.box.run("env", "A_FILE=/tmp/secret", *shell, "-c", f"{take} | od -An -c", check=False)
            for shell in SHELLS
        ]
        dump = lab.box.run("od", "-An", "-c", input=f"[{value}]").stdout.split()
        assert [each.stdout.split() for each in done] == [dump] * 3
    lab.box.run("tee", "/tmp/secret", input="x\n")
    assert the_same(lab, take, A="", A_FILE="/tmp/secret") == (0, "[x]")
    both = "entrypoint: A and A_FILE are both set; keep one\n"
    assert the_same(lab, take, A="x", A_FILE="/tmp/secret") == (78, both)
    missing = "entrypoint: A is missing; set it, or A_FILE to the path of a file\n"
    assert the_same(lab, take) == (78, missing)
    assert the_same(lab, take, A="", A_FILE="") == (78, missing)
    assert the_same(lab, take, A_FILE="/dev/null") == (78, missing)
    for code_of_shell, seen in in_each_shell(lab, take, A_FILE="/tmp/none"):
        assert code_of_shell == 78
        assert seen.endswith("entrypoint: A_FILE: cannot read /tmp/none\n")
    assert the_same(lab, f'{head}\nfile_env A "a b"; echo "$A"') == (0, "a b\n")
    # From a file it goes no further than the script, and the path does not either.
    further = f"{head}\nfile_env A; exec sh -c 'echo \"${{A-none}} ${{A_FILE-none}}\"'"
    assert the_same(lab, further, A_FILE="/tmp/secret") == (0, "none none\n")
    assert the_same(lab, further, A="x") == (0, "x none\n")
    mode = "cd /tmp && rm -f f && {} (umask 077 && cat >f) </dev/null; stat -c %a f; umask"
    assert the_same(lab, mode.format("")) == (0, "600\n0022\n")
    assert the_same(lab, mode.format("touch f &&")) == (0, "644\n0022\n")


def it_outlives_the_program(lab: DockerLab) -> None:
    """The configuration outlives the program, where it is not in memory."""
    lab.box.run("docker", "kill", "by-env", "by-file")
    secret = lab.box.read("/home/alice/db_password").strip()
    assert secret in lab.box.run("docker", "cp", "by-env:/run/app.conf", "-").stdout
    code, gone = ended(lab, "docker", "cp", "by-file:/run/app.conf", "-")
    assert (code, secret in gone) == (1, False)
