"""Configuration and secrets at the start of a container, and who sees them."""

import pytest

from opsbook.labs.docker import DockerLab
from opsbook.pytest_plugin import Snippet

from .conftest import SHELLS, ended, in_each_shell, shellcheck, the_same

FAKE = r"fake-([0-9a-f]{16})"
ODD = "a$HOME \"b\" 'c' d/e & \\1 \\n `date` * -n"


def image(snippet: Snippet) -> None:
    """Build the page's image, and make its secret."""
    for name in ("entrypoint", "config_and_secrets.dockerfile:image", "build", "secret"):
        snippet.run(name)


@pytest.mark.claim("docker-entrypoints-unset-hides-the-secret", "incomplete")
def test_a_secret_reaches_the_configuration_and_who_sees_it(snippet: Snippet, lab: DockerLab) -> None:
    """The configuration is whole and its owner's alone; by -e a secret is in inspect and each exec, as a file it is not."""
    image(snippet)
    seen = snippet.run_and_record("check", hash=FAKE).output.splitlines()
    secret = lab.box.read("/home/alice/db_password").strip()
    wrote = f"host = db\nuser = app\npassword = {secret}\n"
    assert seen == [*wrote.splitlines(), "-rw------- root /run/app.conf", "DB_HOST=db", "0022"]
    assert lab.box.run("stat", "-c", "%a", "/home/alice/db_password").stdout == "600\n"
    missing = "entrypoint: DB_PASSWORD is missing; set it, or DB_PASSWORD_FILE to the path of a file\n"
    assert snippet.run_and_record("missing-red").output == missing
    seen_both = snippet.run_and_record("both-red").output
    assert seen_both == "entrypoint: DB_PASSWORD and DB_PASSWORD_FILE are both set; keep one\n"
    assert "\nentrypoint: DB_PASSWORD_FILE: cannot read " in snippet.run_and_record("file-red").output
    assert snippet.run_and_record("file-green", hash=FAKE).output == wrote
    # Whose the file is.
    assert snippet.run_and_record("read-red").output == "cat: /run/app.conf: Permission denied\n"
    assert snippet.run_and_record("read-green", hash=FAKE).output == wrote
    denied = snippet.run_and_record("write-red").output
    assert denied.endswith("cannot create /run/app.conf: Permission denied\n")
    assert snippet.run_and_record("write-green", hash=FAKE).output == wrote
    lines = snippet.run_and_record("lines").output.splitlines()
    refused = "entrypoint: a line break in DB_HOST, DB_USER or DB_PASSWORD"
    assert lines == ["user = app", "admin = yes", refused]
    # The other two shells, in containers, with a value that is hard on them; and nothing may be written.
    script = "type=bind,src=/home/alice/app/entrypoint.sh,dst=/entrypoint.sh,ro"
    words = ("docker", "run", "--rm", "-e", "DB_HOST=db", "-e", f"DB_PASSWORD={ODD}", "--mount", script)
    wrote = f"host = db\nuser = app\npassword = {ODD}\n"
    for shell, name in (("bash", "debian:12-slim"), ("sh", "busybox")):
        options = ("--tmpfs", "/run", "--entrypoint", shell, name)
        assert ended(lab, *words, *options, "/entrypoint.sh", "cat", "/run/app.conf") == (0, wrote)
    code, seen_it = ended(lab, *words, "--read-only", "try-config")
    assert (code, "Read-only file system" in seen_it) == (2, True)
    assert ended(lab, *words, "--read-only", "--tmpfs", "/run", "try-config") == (0, wrote)
    snippet.run("two")
    looks = snippet.run_and_record("sees").output.splitlines()
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
    # It outlives the program, where it is not in memory.
    lab.box.run("docker", "kill", "by-env", "by-file")
    secret = lab.box.read("/home/alice/db_password").strip()
    assert secret in lab.box.run("docker", "cp", "by-env:/run/app.conf", "-").stdout
    code, gone = ended(lab, "docker", "cp", "by-file:/run/app.conf", "-")
    assert (code, secret in gone) == (1, False)
    snippet.run("undo")
    assert ended(lab, "docker", "ps", "-aq") == (0, "")


@pytest.mark.claim("docker-entrypoints-cat-keeps-the-content", "incomplete")
@pytest.mark.claim("docker-entrypoints-file-env-in-sh", "wrong")
@pytest.mark.claim("docker-entrypoints-required-variable-ends-with-1", "incomplete")
@pytest.mark.claim("docker-entrypoints-sed-fills-the-template", "unsafe")
def test_variables_files_and_templates_in_three_shells(snippet: Snippet, lab: DockerLab) -> None:
    """Variable, file or default, both or none is an error; a here document brings each value through, sed does not."""
    code = snippet["entrypoint"].code
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

    assert snippet.run_and_record("bashism-red").output == "sh: 1: Bad substitution\n"
    assert snippet.run_and_record("bashism-green").output == "reached\nreached\n"
    indirect = in_each_shell(lab, "f() { v=${!1:-}; }; f A; echo reached", A="x")
    assert [code for code, _ in indirect] == [2, 2, 0]
    assert "bad substitution" in indirect[1][1]
    required = snippet.run_and_record("required").output
    codes = [line for line in required.splitlines() if ": exit code " in line]
    assert codes == ["dash: exit code 2", "busybox sh: exit code 2", "bash: exit code 1"]
    assert required.count("DB_HOST: set it to the name of the database server") == 3
    script = '#!/bin/sh\n: "${A:?text}"\n'
    lab.box.run("tee", "/tmp/required", input=script)
    assert [ended(lab, *shell, "/tmp/required")[0] for shell in SHELLS] == [2, 2, 1]
    assert [code for code, _ in in_each_shell(lab, ': "${A:?text}"')] == [2, 2, 127]
    values = snippet.run_and_record("values").output.splitlines()
    assert values == ['password = fake $HOME "quoted" a/b & \\1 `date`', "format = $remote_addr"]
    document = "cat <<EOF\n[$V] \\$V\nEOF\n"
    for value in (ODD, "two\nlines", "EOF", "\\"):
        assert the_same(lab, document, V=value) == (0, f"[{value}] $V\n")
    assert the_same(lab, "cat <<'EOF'\n$V\nEOF\n", V="x") == (0, "$V\n")
    red = snippet.run_and_record("sed-red").output.splitlines()
    assert red[0] == "password = fake@PASSWORD@1"
    assert red[1].endswith("unknown option to `s'")
    assert snippet.run_and_record("sed-green").output == "password = fake&1\npassword = fake/1\n"
    for sed in ("sed", "busybox sed"):
        fill = f'echo @X@ | {sed} "s/@X@/$V/"'
        assert ended(lab, "env", "V=a/b", "sh", "-c", fill)[0] != 0
        assert ended(lab, "env", "V=a\nb", "sh", "-c", fill)[0] != 0
        assert ended(lab, "env", "V=a&b", "sh", "-c", fill) == (0, "a@X@b\n")
        assert ended(lab, "env", "V=a\\.b", "sh", "-c", fill) == (0, "a.b\n")
    mode = "cd /tmp && rm -f f && {} (umask 077 && cat >f) </dev/null; stat -c %a f; umask"
    assert the_same(lab, mode.format("")) == (0, "600\n0022\n")
    assert the_same(lab, mode.format("touch f &&")) == (0, "644\n0022\n")


@pytest.mark.claim("docker-entrypoints-env-file-quotes", "wrong")
@pytest.mark.claim("docker-entrypoints-arg-is-gone-after-the-build", "unsafe")
def test_env_files_and_what_an_image_keeps(snippet: Snippet, lab: DockerLab) -> None:
    """An env file's lines are taken as they are, export is refused; ARG stays in the history, ENV in each container."""
    snippet.run("env-file")
    assert snippet.run_and_record("env-file-look").output.splitlines() == [
        'APP_TITLE="two words"',
        "APP_DIR=$HOME/data",
        "APP_PORT=80 # the port",
        "APP_CALLER=mine",
    ]
    snippet.run("env-export")
    red = snippet.run_and_record("env-export-red").output
    assert "variable 'export APP_TITLE' contains whitespaces" in red
    assert snippet.run_and_record("env-export-green").output == "APP_TITLE=two words\n"
    snippet.run("secret")
    snippet.run("history-make")
    seen = snippet.run_and_record("history", hash=FAKE).output.splitlines()
    secret = lab.box.read("/home/alice/db_password").strip()
    assert seen[0].startswith(f"|1 TOKEN={secret} ")
    assert seen[1] == "fake-key"
    inside = ended(lab, "docker", "run", "--rm", "try-history", "env")[1]
    assert (secret in inside, "API_KEY=fake-key" in inside) == (False, True)
