"""The command line, as a reader or a script uses it."""

import json
import os
import pty
import subprocess
import sys
from pathlib import Path

import click
import pytest
from click.testing import CliRunner, Result

from opsbook.cli import main
from opsbook.labs import LABS
from opsbook.proof import Proof

from .tiny import FILES, TEST, make_book, prove

OPSBOOK = Path(sys.executable).with_name("opsbook")
SNIPPET = "snippets/git/note.sh"


@pytest.fixture
def root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of a small honest book, all of it proven; the tests are in it."""
    book = make_book(tmp_path)
    (tmp_path / "proof.json").write_text(prove(book).dump())
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPSBOOK_PROOF", raising=False)
    # main() takes these over for good, which is right for a command and wrong for a session of tests.
    monkeypatch.setattr("opsbook.cli.end_on_signals", lambda: None)
    return tmp_path


def opsbook(*argv: str) -> Result:
    """Run the command in this process."""
    return CliRunner().invoke(main, argv, catch_exceptions=False)


@pytest.mark.parametrize(
    "command", ["lab", "replay", "gate", "status", "show", "find", "text", "feed", "policy", "lint"]
)
def test_help_has_an_example(command: str) -> None:
    """Each command says what it does and shows a line to copy."""
    told = opsbook(command, "--help")
    assert told.exit_code == 0
    assert f"\n    opsbook {command}" in told.output, told.output


def test_every_command_is_tried_above() -> None:
    """A new command needs its help and example too."""
    assert isinstance(main, click.Group)
    assert set(main.commands) == {
        "lab",
        "replay",
        "gate",
        "status",
        "show",
        "find",
        "text",
        "feed",
        "policy",
        "lint",
    }
    told = opsbook("--help")
    assert all(command in told.output for command in main.commands)


def test_labs_are_listed() -> None:
    """Each lab has a line that says what is in it."""
    told = opsbook("lab", "--list")
    assert told.exit_code == 0
    assert [line.split()[0] for line in told.output.splitlines()] == list(LABS)
    assert all(len(line.split()) > 3 for line in told.output.splitlines())


@pytest.mark.parametrize(
    ("argv", "said"),
    [
        (["lab", "nolab"], "no lab is called 'nolab'; there are: databases, disk, "),
        (["lab", "--on", "web", "git", "true"], "lab git has no machine 'web': laptop"),
        (["lab", "--user", "eve", "git", "true"], "no lab has a user 'eve'; there are: root, alice"),
        (["lab", "--oops"], "no lab is called '--oops'"),
        (["replay"], "name a page, such as docs/ssh/keep-alive.md, or say --all"),
        (["replay", "docs/git/none.md"], "Path 'docs/git/none.md' does not exist"),
        (["replay", "mkdocs.yml"], "mkdocs.yml is no page of this book"),
        (["gate", "nosite"], "Directory 'nosite' does not exist"),
        (["status", "--check", "none.json"], "File 'none.json' does not exist"),
    ],
)
def test_wrong_use_is_explained(root: Path, argv: list[str], said: str) -> None:
    """One line says what is wrong and, where there is a choice, what there is."""
    told = opsbook(*argv)
    assert told.exit_code == 2
    assert said in told.output
    assert root.exists()


def test_a_lab_without_a_name_lists_the_labs() -> None:
    """Who forgot the name learns the names, and a script learns that nothing ran."""
    assert opsbook("lab").exit_code == 2
    assert "git" in opsbook("lab").output


def in_lab(*argv: str) -> subprocess.CompletedProcess[str]:
    """Run the command as a process of its own."""
    return subprocess.run(
        [OPSBOOK, "lab", *argv], capture_output=True, text=True, stdin=subprocess.DEVNULL, check=False
    )


@pytest.mark.parametrize("code", [0, 7])
def test_a_command_in_a_lab_gives_its_exit_code(code: int) -> None:
    """Output, errors and exit code pass through as they are; options after the command are the command's."""
    done = in_lab("git", "--", "sh", "-c", f"echo out; echo err >&2; exit {code}")
    assert (done.stdout, done.stderr, done.returncode) == ("out\n", "err\n", code)


def test_a_command_runs_where_and_as_asked() -> None:
    """Machine and user can be chosen."""
    done = in_lab("--on", "db", "--user", "bob", "ssh", "--", "sh", "-c", "hostname; whoami")
    assert done.stdout == "db\nbob\n"


def test_files_and_folders_are_copied_into_the_home(tmp_path: Path) -> None:
    """What --copy names is there, the user's own, with its modes; what cannot be read is named."""
    (tmp_path / "app").mkdir()
    (tmp_path / "app/main.sh").write_text("echo runs\n")
    (tmp_path / "app/main.sh").chmod(0o750)
    (tmp_path / "one").write_text("1\n")
    look = "stat -c '%n %U %a' one app/main.sh; sh app/main.sh; cat one"
    done = in_lab(
        "--copy", str(tmp_path / "app"), "--copy", str(tmp_path / "one"), "git", "--", "sh", "-c", look
    )
    assert done.stdout == "one alice 644\napp/main.sh alice 750\nruns\n1\n"
    assert "Path 'nosuch' does not exist" in in_lab("--copy", "nosuch", "git", "--", "true").stderr


def test_a_lab_opens_a_shell() -> None:
    """A reader gets a banner, a terminal with a prompt that says where he is, and the exit code of his shell."""
    keyboard, terminal = pty.openpty()
    with subprocess.Popen(
        [OPSBOOK, "lab", "git"], stdin=terminal, stdout=terminal, stderr=terminal
    ) as process:
        os.close(terminal)
        os.write(keyboard, b"tty; cd project; git log --oneline | cat; exit 4\n")
        seen = b""
        while True:
            try:
                chunk = os.read(keyboard, 65536)
            except OSError:
                break
            if not chunk:
                break
            seen += chunk
        process.wait(20)
    os.close(keyboard)
    text = seen.decode()
    assert "~/project is your clone" in text
    assert "alice@laptop:~$" in text
    assert "/dev/pts/" in text
    assert "Add README" in text


def test_a_missing_component_is_explained(tmp_path: Path) -> None:
    """Without the program a lab needs, the command fails and names the package."""
    done = subprocess.run(
        [OPSBOOK, "lab", "git", "--", "true"],
        capture_output=True,
        text=True,
        env={"PATH": str(tmp_path)},
        check=False,
    )
    assert done.returncode == 1
    assert done.stderr == "Error: git is not installed (apt-get install git)\n"


def test_show_prints_what_the_copy_button_copies(root: Path) -> None:
    """Byte for byte, with no newline that would run a destructive block."""
    snippet = (
        FILES[SNIPPET]
        .replace("effect: reads", "effect: destroys")
        .replace("echo hello", "  echo 'ü'\n    rm x  \n")
    )
    (root / SNIPPET).write_text(snippet)
    done = subprocess.run([OPSBOOK, "show", "git/note.sh:hello"], capture_output=True, check=True)
    assert done.stdout == "echo 'ü'\n  rm x".encode()
    assert (
        subprocess.run([OPSBOOK, "show", "git/note.hello.out"], capture_output=True, check=True).stdout
        == b"hello"
    )


def test_show_names_what_is_near(root: Path) -> None:
    """An unknown name fails and offers those that are like it."""
    told = opsbook("show", "git/nota.sh:hello")
    assert told.exit_code == 1
    assert told.output.startswith(
        "Error: nothing is called 'git/nota.sh:hello'; did you mean git/note.sh:hello"
    )
    assert opsbook("show", "zzz").output == "Error: nothing is called 'zzz'\n"
    assert root.exists()


def test_find_names_the_sections_best_first(root: Path) -> None:
    """A line with other names in it gives the messages most like it, at most so many; one like none exits 1 and says so."""
    page = root / "docs/git/errors.md"
    page.write_text("# Git errors\n\n### `fatal: bad object`\n\n### `fatal: bad revision 'fix'`\n")
    found = opsbook("find", "fatal: bad revision", "'mine'")
    assert found.exit_code == 0
    assert found.output.startswith(
        "fatal: bad revision 'fix'\n    Git errors: docs/git/errors.md#fatal-bad-revision-fix\n"
    )
    assert len(opsbook("find", "-n", "1", "fatal: bad revision").output.splitlines()) == 2
    none = opsbook("find", "hello world")
    assert (none.exit_code, none.output) == (
        1,
        "Error: no page has a message like that (opsbook find takes error messages only)\n",
    )


def test_status_has_a_form_for_machines(root: Path) -> None:
    """The keys are those that others rely on."""
    told = json.loads(opsbook("status", "--json").output)
    assert set(told) == {"platforms", "topics"}
    topic = told["topics"]["git"]
    assert {"pages", "blocks", "outputs", "claims"} <= set(topic)
    states = {"proven", "changed", "failing", "unproven", "not_run"}
    assert set(topic["blocks"]) == set(topic["outputs"]) == states
    assert set(topic["claims"]) == {"holds", "wrong", "dated", "unsafe", "incomplete", "undecided"}
    assert (topic["pages"], topic["blocks"]["proven"]) == (1, 1)
    assert root.exists()


def test_status_names_what_is_not_proven(root: Path) -> None:
    """For readers: numbers per topic, then each thing that needs work."""
    (root / SNIPPET).write_text(FILES[SNIPPET].replace("echo", "printf"))
    told = opsbook("status").output
    assert "platforms: debian-12\ngit: 1 pages\n  blocks   1 changed\n" in told
    assert "changed: regions git/note.sh:hello\n" in told
    assert "claims   1 holds" in told


def test_status_believes_the_proof_it_is_given(root: Path) -> None:
    """--proof and OPSBOOK_PROOF name another file."""
    (root / "fresh.json").write_text(Proof().dump())
    assert "1 unproven" in opsbook("status", "--proof", "fresh.json").output
    told = CliRunner().invoke(main, ["status"], env={"OPSBOOK_PROOF": "fresh.json"})
    assert "1 unproven" in told.output


def test_status_check_is_green_when_both_say_the_same(root: Path) -> None:
    """Another day, another version or another test order is no difference."""
    book = make_book(root)
    (root / "fresh.json").write_text(prove(book, day="2026-12-01").dump())
    told = opsbook("status", "--check", "fresh.json")
    assert (told.exit_code, told.output) == (0, "proof.json says what a fresh run shows\n")


@pytest.mark.parametrize("case", ["nothing shown", "failing", "kept too much", "code changed"])
def test_status_check_is_red_when_proof_json_is_not_true(root: Path, case: str) -> None:
    """What the committed proof says and a fresh run does not, or the other way, is named."""
    book = make_book(root)
    fresh = {"nothing shown": Proof(), "failing": prove(book, failing=(TEST,))}.get(case, prove(book))
    if case == "kept too much":
        del fresh.records["regions"]["git/note.sh:hello"]
    if case == "code changed":
        fresh = prove(make_book(root, {SNIPPET: FILES[SNIPPET].replace("hello\n", "hallo\n")}))
    (root / "fresh.json").write_text(fresh.dump())
    told = opsbook("status", "--check", "fresh.json")
    assert told.exit_code == 1
    assert "regions git/note.sh:hello: proof.json says" in told.output
    assert told.output.endswith("run make prove and commit it\n")


def test_a_damaged_proof_is_one_clear_line(root: Path) -> None:
    """No traceback: what is wrong with it and how to get a good one."""
    (root / "proof.json").write_text('{"half": ')
    told = opsbook("status")
    assert told.exit_code == 1
    assert told.output.startswith("Error: ")
    assert told.output.endswith("make prove\n")


def test_lint_is_silent_where_all_is_well(root: Path) -> None:
    """Exit 0 and no words."""
    told = opsbook("lint")
    assert (told.exit_code, told.output) == (0, "")
    assert root.exists()


def test_lint_names_each_problem(root: Path) -> None:
    """Exit 1, one line a problem."""
    (root / SNIPPET).write_text(FILES[SNIPPET].replace("effect: reads", "effect: looks"))
    told = opsbook("lint")
    assert told.exit_code == 1
    assert told.output.startswith("snippets/git/note.sh:3: effect 'looks'")


def test_commands_work_from_any_folder_of_the_book(root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The nearest folder upwards with a book counts."""
    monkeypatch.chdir(root / "docs/git")
    assert opsbook("lint").exit_code == 0


@pytest.mark.parametrize("argv", [["lint"], ["status"], ["show", "x"], ["replay", "--all"]])
def test_outside_a_book_it_says_where_to_go(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, argv: list[str]
) -> None:
    """A wrong folder is told from a broken book."""
    monkeypatch.chdir(tmp_path)
    told = opsbook(*argv)
    assert told.exit_code == 1
    assert told.output == "Error: no book here; go to the folder that has mkdocs.yml and snippets/\n"


def test_a_good_page_is_replayed(root: Path) -> None:
    """Each block is named as it runs; the result is one line a page."""
    told = CliRunner().invoke(main, ["replay", "docs/git/note.md"])
    assert told.exit_code == 0
    assert told.stdout == "ok      docs/git/note.md: 1 blocks\n"
    assert "docs/git/note.md:5: git/note.sh:hello" in told.stderr
    assert root.exists()


def test_a_bad_page_fails_the_replay_and_others_still_run(root: Path) -> None:
    """Exit 1 when any page fails; what failed comes with the place and both texts."""
    page = '# Bad\n\n```bash\n--8<-- "git/bad.sh:x"\n```\n\n```text\n--8<-- "git/bad.x.out"\n```\n'
    snippet = "# effect: reads\n# --8<-- [start:x]\necho one\n# --8<-- [end:x]\n"
    make_book(
        root, {"docs/git/bad.md": page, "snippets/git/bad.sh": snippet, "snippets/git/bad.x.out": "two\n"}
    )
    told = CliRunner().invoke(main, ["replay", "--all"])
    assert told.exit_code == 1
    assert (
        "FAILED  docs/git/bad.md:7: git/bad.x.out\nthe page promises:\ntwo\n\nbut it printed:\none\n"
        in told.stdout
    )
    assert "ok      docs/git/note.md: 1 blocks\n" in told.stdout


def test_the_gate_is_shut_for_an_empty_site(root: Path) -> None:
    """Findings are printed one a line, or as JSON, and exit 1 tells a script."""
    (root / "site").mkdir()
    told = opsbook("gate", "site")
    assert told.exit_code == 1
    assert told.output.splitlines()[-1].startswith("gate: ")
    assert json.loads(opsbook("gate", "site", "--json").output)[0].keys() >= {"page", "line", "what", "do"}
