"""The replay's rules: what a page says of its blocks must come true, from top to bottom."""

from collections.abc import Callable
from pathlib import Path
from textwrap import dedent

import pytest

from opsbook.labs.process import LabUnavailable
from opsbook.reader import Reader
from opsbook.replay import ReplayError, replay

from .tiny import make_book

Replayed = Callable[..., int]
SNIPPET = "snippets/git/note.sh"


@pytest.fixture
def replayed(tmp_path: Path) -> Replayed:
    """A replay of a page made of these regions and outputs, in order; a region is facts, name and code."""

    def play(
        *blocks: str | tuple[str, str, str], tell: Callable[[str], None] = lambda _: None, lab: str = "git"
    ) -> int:
        page, code, files = ["# Note", ""], [], {}
        for block in blocks:
            if isinstance(block, str):
                name, _, text = block.partition("=")
                include = f"git/note.{name}.out"
                if text:
                    files[f"snippets/{include}"] = text
            else:
                facts, name, text = block
                include = f"git/note.sh:{name}"
                lines = [f"# {fact}" for fact in facts.split("; ") if fact]
                code += [*lines, f"# --8<-- [start:{name}]", dedent(text), f"# --8<-- [end:{name}]", ""]
            page += ["```text", f'--8<-- "{include}"', "```", ""]
        index = f"---\nlab: {lab}\n---\n# Git\n" if lab else "# Git\n"
        files |= {"docs/git/note.md": "\n".join(page), SNIPPET: "\n".join(code), "docs/git/index.md": index}
        book = make_book(tmp_path, files)
        try:
            return replay(book, book.pages["git/note.md"], tell)
        except LabUnavailable as missing:
            pytest.skip(f"not tested here: {missing}")

    return play


def test_a_true_page_passes(replayed: Replayed) -> None:
    """Blocks share a shell, outputs are compared, and each block is announced with its place."""
    heard: list[str] = []
    done = replayed(
        ("effect: changes", "a", "cd project; name=x; touch new"),
        ("effect: reads", "b", "pwd; echo $name; ls new"),
        "b=/home/alice/project\nx\nnew\n",
        ("effect: destroys; user: root", "c", "rm /home/alice/project/README.md"),
        tell=heard.append,
    )
    assert done == 3
    assert [place.split(": ")[-1] for place in heard] == [f"git/note.sh:{name}" for name in "abc"]
    assert heard[0].startswith("docs/git/note.md:3: ")


def test_a_block_may_be_for_two_machines(replayed: Replayed) -> None:
    """It runs on each; one output holds for both, an output of one machine for that alone, and exits may differ."""
    for told in ("hostname.web=web\n", "hostname.laptop=laptop\n"):
        assert replayed(("effect: reads; on: laptop web", "hostname", "hostname"), told, lab="ssh") == 1
    two = "on: laptop web; exit: laptop 0, web 3; effect: reads"
    assert replayed((two, "a", "echo hello\n[ $HOSTNAME = laptop ] || (exit 3)"), "a=hello\n", lab="ssh") == 1
    for facts, code, output in (
        ("on: laptop web", "hostname", "a=web\n"),
        ("on: laptop web", "hostname", "a.laptop=web\n"),
        ("on: laptop web; exit: web 3", "true", "a.web=\n"),
    ):
        with pytest.raises(ReplayError, match=r"but it printed:\n(laptop|)|exited 0, not 3"):
            replayed((f"{facts}; effect: reads", "a", code), output, lab="ssh")


UNTRUE: dict[str, tuple[list[str | tuple[str, str, str]], str]] = {
    "a failing block": ([("effect: reads", "a", "ls /nowhere")], r"note\.sh:a exited 2, not 0, and printed:\n.*No such file"),
    "a failure in the middle": ([("effect: reads", "a", "false\ntrue")], "exited 1, not 0"),
    "another failure": ([("effect: reads; exit: 3", "a", "exit 4")], "exited 4, not 3"),
    "no failure": ([("effect: reads; exit: 3", "a", "true")], "exited 0, not 3"),
    "another output": ([("effect: reads", "a", "echo one"), "a=two\n"], "the page promises:\ntwo\n\nbut it printed:\none\n"),
    "more output": ([("effect: reads", "a", "echo one; echo two"), "a=one\n"], "but it printed:\none\ntwo"),
    "no output": ([("effect: reads", "a", "true"), "a=one\n"], "but it printed:\n$"),
    "a value of another type": ([("effect: reads", "a", "echo pid x"), "a=pid <pid>\n"], "the page promises:\npid <pid>"),
    "an output that was never recorded": ([("effect: reads", "a", "true"), "a"], r"note\.a\.out is not recorded; run make prove"),
    "reads that changes": ([("effect: reads", "a", "echo x >> project/README.md")], "says it reads, but it changed laptop:/home/alice/project/README.md"),
    "reads that makes": ([("effect: reads", "a", "touch x")], "says it reads, but it changed .*laptop:/home/alice/x"),
    "reads that starts": ([("effect: reads", "a", "sleep 50 &")], "says it reads, but it changed laptop:process alice sleep 50"),
    "changes that does not": ([("effect: changes", "a", "ls >/tmp/x")], "says it changes, but nothing changed; call it reads"),
    "destroys that does not": ([("effect: destroys", "a", "touch x")], "says it destroys, but everything is still there"),
    "no such machine": ([("effect: reads; on: web", "a", "true")], "note.sh:a is for web, which lab git does not have"),
    "shells that ended": ([("effect: reads; exit: 3", "a", "exit 3"), ("effect: reads", "b", "true")], "note.sh:b exited 3, not 0"),
}  # fmt: skip


@pytest.mark.parametrize("case", UNTRUE)
def test_an_untrue_page_fails(replayed: Replayed, case: str) -> None:
    """The first block that does otherwise than the page says is named, with page and line."""
    blocks, said = UNTRUE[case]
    with pytest.raises(ReplayError, match=f"(?s){said}") as error:
        replayed(*blocks)
    assert str(error.value).startswith("docs/git/note.md:")


def test_only_the_untrue_block_is_named(replayed: Replayed) -> None:
    """Blocks before it ran, blocks after it did not."""
    heard: list[str] = []
    blocks = [("effect: reads", name, code) for name, code in (("a", "true"), ("b", "false"), ("c", "true"))]
    with pytest.raises(ReplayError, match=r"docs/git/note\.md:7: git/note\.sh:b exited 1"):
        replayed(*blocks, tell=heard.append)
    assert len(heard) == 2


def test_a_block_that_hangs_is_named(replayed: Replayed, monkeypatch: pytest.MonkeyPatch) -> None:
    """No answer in time is the page's failure, at the page's line."""
    do = Reader.do
    monkeypatch.setattr(Reader, "do", lambda self, region: do(self, region, 0.3))
    with pytest.raises(ReplayError, match=r"(?s)docs/git/note\.md:3: git/note\.sh:a: no answer after 0\.3 s"):
        replayed(("effect: reads", "a", "sleep 30"))


def test_an_expected_failure_is_no_failure(replayed: Replayed) -> None:
    """A block that says how it fails, and fails so, is true; so is its output."""
    assert replayed(
        ("effect: reads; exit: 2", "a", "ls /nowhere"),
        "a=ls: cannot access '/nowhere': No such file or directory\n",
    )


def test_a_block_with_a_reason_is_passed_over(replayed: Replayed) -> None:
    """What is not run is not run here either, and the rest is."""
    heard: list[str] = []
    blocks = [("effect: changes; not-run: no", "a", "exit 9"), ("effect: reads", "b", "echo b"), "b=b\n"]
    replayed(*blocks, tell=heard.append)
    assert [place.split(":")[-1] for place in heard] == ["b"]


def test_tokens_are_honoured(replayed: Replayed) -> None:
    """What varies may vary, within its type, and blanks at line ends do not count."""
    assert replayed(("effect: reads", "a", 'echo "pid $$ at $(date +%F)  "; echo'), "a=pid <pid> at <date>\n")


def test_files_are_written_as_the_page_titles_them(replayed: Replayed) -> None:
    """A block titled with a path becomes that file, or is added to it, owned by its user; folders are made."""
    assert replayed(
        ("file: ~/bin/hi; effect: changes", "a", "#!/bin/sh\necho hi"),
        ("append: ~/bin/hi", "b", "echo there"),
        ("append: /etc/new.conf; user: root", "c", "x = 1"),
        ("file: ~/plain", "d", "text"),
        ("effect: reads", "e", "bin/hi; cat /etc/new.conf; stat -c '%U %a' bin bin/hi plain /etc/new.conf"),
        "e=hi\nthere\nx = 1\nalice 755\nalice 755\nalice 644\nroot 644\n",
    )


def test_a_file_that_is_written_again_has_its_new_content(replayed: Replayed) -> None:
    """`file:` replaces, it does not add."""
    blocks = [
        ("file: ~/x", "a", "one\ntwo"),
        ("file: ~/x", "b", "three"),
        ("effect: reads", "c", "cat x"),
        "c=three\n",
    ]
    assert replayed(*blocks) == 3


@pytest.mark.parametrize(("lab", "named"), [("", "''"), ("moon", "'moon'")])
def test_a_page_without_a_lab_cannot_be_replayed(replayed: Replayed, lab: str, named: str) -> None:
    """The way out is a line of front matter."""
    with pytest.raises(ReplayError, match=f"no lab called {named}; say  lab: NAME  in its front matter"):
        replayed(("effect: reads", "a", "true"), lab=lab)


def test_each_replay_has_a_fresh_lab(replayed: Replayed) -> None:
    """Nothing of one run is there in the next."""
    for _ in range(2):
        assert replayed(("effect: changes", "a", "mkdir once")) == 1


def test_python_blocks_share_a_namespace(tmp_path: Path) -> None:
    """A page's Python runs as one session; what it prints is compared, what it raises fails the page."""
    code = (
        "# --8<-- [start:a]\nx = 20\n# --8<-- [end:a]\n# --8<-- [start:b]\nprint(x + 1)\n# --8<-- [end:b]\n"
    )
    include = '```python\n--8<-- "git/note.{}"\n```\n\n'
    page = "# Note\n\n" + "".join(include.format(name) for name in ("py:a", "py:b", "b.out"))
    files = {"docs/git/note.md": page, "snippets/git/note.py": code, "snippets/git/note.b.out": "21\n"}
    book = make_book(tmp_path, files)
    assert replay(book, book.pages["git/note.md"]) == 2
    book = make_book(tmp_path / "b", {**files, "snippets/git/note.py": code.replace("x + 1", "y")})
    with pytest.raises(ReplayError, match=r"(?s)note\.py:b exited 1, not 0.*NameError"):
        replay(book, book.pages["git/note.md"])
