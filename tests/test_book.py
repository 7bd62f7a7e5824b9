"""The book as data, and everything that can be wrong with its files."""

import ast
from pathlib import Path

import pytest
from lxml import html
from markdown import Markdown

from opsbook.book import TOKENS, Book, Output, fences, read_regions, squash, tidy, token_pattern

from .tiny import FILES, make_book

REPO = Path(__file__).parents[1]
PAGE, SNIPPET, CLAIMS = "docs/git/note.md", "snippets/git/note.sh", "snippets/git/claims.yaml"
CASES = {
    "unclosed": (SNIPPET, "# --8<-- [end:hello]\n", "", "region hello is never closed"),
    "doubled": (SNIPPET, "echo hello", "# --8<-- [start:hello]\necho hello", "region hello is there twice"),
    "empty": (SNIPPET, "echo hello\n", "\n", "region hello is empty"),
    "malformed-start": (SNIPPET, "--8<-- [start:hello]", "-8< [start:hello]", "a malformed region mark"),
    "malformed-capital": (SNIPPET, "[start:hello]", "[Start:hello]", "a malformed region mark"),
    "malformed-name": (SNIPPET, "[start:hello]", "[start:1st]", "a malformed region mark"),
    "escaped-mark": (SNIPPET, "# --8<-- [start", "# ;--8<-- [start", "a malformed region mark"),
    "end-only": (SNIPPET, "echo hello", "echo hello\n# --8<-- [end:x]", "region x ends but never started"),
    "bad-effect": (SNIPPET, "effect: reads", "effect: looks", "effect 'looks' is none of reads, changes"),
    "bad-exit": (SNIPPET, "# effect", "# exit: one\n# effect", "exit 'one' is no exit code"),
    "bad-exit-of-one": (SNIPPET, "# effect", "# exit: web one\n# effect", "exit 'web one' is no exit code"),
    "fact-twice": (SNIPPET, "# effect", "# effect: destroys\n# effect", "effect is said twice"),
    "bad-reboots": (SNIPPET, "# effect", "# reboots: no\n# effect", "reboots says only yes"),
    "bad-browser": (SNIPPET, "# effect", "# browser: differs\n# effect", "browser says differs or no, and why"),
    "empty-fact": (SNIPPET, "# effect", "# not-run:\n# effect", "not-run says nothing"),
    "no-effect": (SNIPPET, "# effect: reads\n", "", "git/note.sh:hello states no effect"),
    "too-wide": (SNIPPET, "echo hello", f"echo {'x' * 84}", "a line of 89 columns"),
    "on-no-page": (SNIPPET, "# effect", "# effect: reads\n# --8<-- [start:x]\ntrue\n# --8<-- [end:x]\n# effect", ":x is on no page"),
    "empty-snippet": (SNIPPET, FILES[SNIPPET], "", "an empty snippet"),
    "typed": (PAGE, '--8<-- "git/note.sh:hello"', "git status", "a typed block"),
    "typed-in-tab": (PAGE, "Do this.", '=== "A"\n\n    ~~~\n    ls\n    ~~~\n', "a typed block"),
    "malformed-include": (PAGE, '--8<-- "git', "--8<-- git", "a malformed include"),
    "escaped-include": (PAGE, '--8<-- "git/note.sh', ';--8<-- "git/note.sh', "a malformed include"),
    "beside-an-include": (PAGE, '--8<-- "git/note.sh', 'ls\n--8<-- "git/note.sh', "a malformed include"),
    "indented-include": (PAGE, '--8<-- "git/note.sh', '  --8<-- "git/note.sh', "a malformed include"),
    "space-after-include": (PAGE, 'hello"\n', 'hello" \n', "a malformed include"),
    "unknown-region": (PAGE, "note.sh:hello", "note.sh:bye", "git/note.sh:bye is no region and no output"),
    "lines-of-a-file": (PAGE, "note.sh:hello", "note.sh:1:3", "git/note.sh:1:3 is no region and no output"),
    "unknown-output": (PAGE, "note.hello.out", "note.bye.out", "git/note.bye.out is no region and no output"),
    "beside-the-topics": ("docs/index.md", "", '```bash\n--8<-- "git/note.sh:hello"\n```\n', "a block on a page of no topic and no lab"),
    "misplaced-output": (PAGE, "```bash", '```text\n--8<-- "git/note.hello.out"\n```\n\n```bash', "is not the output of the block above"),
    "output-on-no-page": ("snippets/git/note.bye.out", "", "bye\n", "git/note.bye.out is on no page"),
    "wordy": (PAGE, "Do this.", "word " * 26, "26 words stand above the first command"),
    "bad-verdict": (CLAIMS, "verdict: holds", "verdict: true-ish", "git-note: verdict 'true-ish'"),
    "claim-twice": (CLAIMS, FILES[CLAIMS], FILES[CLAIMS] * 2, "claim git-note is there twice"),
    "claim-without-truth": (CLAIMS, "  truth: They are.\n", "", "a malformed claim: "),
    "claim-with-more": (CLAIMS, "  truth", "  source: me\n  truth", "a malformed claim: "),
    "claim-in-one-word": (CLAIMS, FILES[CLAIMS], "- nonsense\n", "a malformed claim: "),
    "claim-of-no-page": (CLAIMS, "page: note", "page: notes-of-mine", "git-note names page 'notes-of-mine'"),
    "claim-shown-nowhere": (PAGE, "[[claims: git/note]]\n", "", "git-note is shown on no page"),
}  # fmt: skip


def problems_of(root: Path, path: str, old: str, new: str) -> list[str]:
    """Return the problems of the tiny book in which one text is replaced, which must be there, by another."""
    text = FILES.get(path, "")
    assert old in text
    return [str(problem) for problem in make_book(root, {path: text.replace(old, new, 1)}).problems]


@pytest.mark.parametrize("case", CASES)
def test_what_is_wrong_with_a_file_is_named(tmp_path: Path, case: str) -> None:
    """Each way to spoil a book is found, at its file and line, with what to do."""
    path, old, new, what = CASES[case]
    found = problems_of(tmp_path, path, old, new)
    assert any(what in problem for problem in found), found
    place = CLAIMS if case == "claim-shown-nowhere" else path
    (problem, *_) = [problem for problem in found if what in problem]
    assert problem.startswith(f"{place}:")
    assert problem.endswith(")")


def test_an_honest_book_has_no_problems(tmp_path: Path) -> None:
    """Nothing is found where nothing is wrong."""
    assert make_book(tmp_path).problems == []


def test_problems_are_at_their_line(tmp_path: Path) -> None:
    """The number is that of the line to look at."""
    problems = make_book(tmp_path, {SNIPPET: "#!/bin/bash\n\ntrue\n# --8<-- [start:x]\n"}).problems
    assert [p.line for p in problems if "never closed" in p.what] == [4]
    wide = make_book(
        tmp_path, {SNIPPET: FILES[SNIPPET].replace("echo", f"true\n: {'x' * 90}\necho")}
    ).problems
    assert [p.line for p in wide if "columns" in p.what] == [5]


@pytest.mark.parametrize(
    "text",
    [
        "word " * 25,
        f"<!-- {'word ' * 30}-->",
        f"[link](../{'very-long-' * 30}.md)",
        f"\n# {'heading ' * 30}\n",
        "```mermaid\nflowchart\n```",
    ],
)
def test_what_a_reader_does_not_read_is_no_word(tmp_path: Path, text: str) -> None:
    """Titles, addresses, comments and pictures do not count among the words above the first command."""
    assert problems_of(tmp_path, PAGE, "Do this.", text) == []


NESTED = {
    "tab": '=== "Debian"\n\n    ```bash\n    --8<-- "git/note.sh:hello"\n    ```\n',
    "details": '??? example "More"\n\n    Words.\n\n    ```bash\n    --8<-- "git/note.sh:hello"\n    ```\n',
    "tab in details": '??? note\n\n    === "A"\n\n        ```bash\n        --8<-- "git/note.sh:hello"\n        ```\n',
    "list": '1. First\n\n    ```bash\n    --8<-- "git/note.sh:hello"\n    ```\n',
    "tildes": '~~~bash\n--8<-- "git/note.sh:hello"\n~~~\n',
    "tildes around backquotes": '~~~~ { .bash }\n--8<-- "git/note.sh:hello"\n~~~~\n',
    "blank lines": '```bash\n\n--8<-- "git/note.sh:hello"\n\n```\n',
    "no language": '```\n--8<-- "git/note.sh:hello"\n```\n',
    "after inline code": 'Use ```x``` here.\n\n```bash\n--8<-- "git/note.sh:hello"\n```\n',
    "next to a form feed": 'A\x0cline\u2028of words.\n\n```bash\n--8<-- "git/note.sh:hello"\n```\n',
}


@pytest.mark.parametrize("case", NESTED)
def test_blocks_are_found_wherever_they_stand(tmp_path: Path, case: str) -> None:
    """Fences of either kind count in tabs, lists and folded boxes too, at their right lines."""
    book = make_book(tmp_path, {PAGE: NESTED[case]})
    assert book.pages["git/note.md"].includes == ["git/note.sh:hello"]
    (fence,) = book.pages["git/note.md"].fences
    lines = NESTED[case].split("\n")
    assert lines[fence.start].strip().startswith(fence.marker)
    assert lines[fence.end].strip() == fence.marker


def test_a_fence_in_a_fence_is_text() -> None:
    """A longer fence, or one of the other kind, shows a shorter one as it is."""
    assert [f.body for f in fences("````md\n```bash\nls\n```\n````\n")] == [("```bash", "ls", "```")]
    assert [f.body for f in fences("~~~\n```\n~~~\n")] == [("```",)]
    assert list(fences("```bash\nnever closed\n")) == []


INCLUDED = {
    "indent": "if x:\n    # --8<-- [start:r]\n    if y:\n        z()\n    # --8<-- [end:r]\n",
    "inner region": "# --8<-- [start:r]\na\n# --8<-- [start:in]\nb\n# --8<-- [end:in]\nc\n# --8<-- [end:r]\n",
    "facts of an inner region": "# --8<-- [start:r]\na\n# effect: reads\n# --8<-- [start:in]\nb\n# --8<-- [end:in]\n# --8<-- [end:r]\n",
    "overlap": "# --8<-- [start:r]\na\n# --8<-- [start:o]\nb\n# --8<-- [end:r]\nc\n# --8<-- [end:o]\n",
    "blank lines at the edges": "# --8<-- [start:r]\n\n\na\n\nb\n\n# --8<-- [end:r]\n",
    "blanks in blank lines": "# --8<-- [start:r]\n  a\n \n    \n  b\n# --8<-- [end:r]\n",
    "trailing spaces": "# --8<-- [start:r]\na  \nb \n# --8<-- [end:r]\n",
    "no final newline": "# --8<-- [start:r]\na\n# --8<-- [end:r]",
    "nothing after": "# --8<-- [start:r]\na",
    "not ASCII": "# --8<-- [start:r]\necho 'ü ✓ 𝄞 \u00a0 \u2028 <&>\"'\n# --8<-- [end:r]\n",
    "form feed": "# --8<-- [start:r]\na\x0cb\n# --8<-- [end:r]\n",
    "windows": "# --8<-- [start:r]\r\na\r\nb\r\n# --8<-- [end:r]\r\n",
    "mark in code": "a -- --8<-- [start:r]\nselect 1;\n-- ---8<--- [ end : r ]\n",
    "whole file": "\n\n#!/bin/sh\n# effect: reads\n\necho a\n  \n  b\n\n",
    "whole file without newline": "a",
    "markdown": "# --8<-- [start:r]\n**a** `b` [c](d) <e>\n\n[[claims: x]]\n# --8<-- [end:r]\n",
    "fence": "# --8<-- [start:r]\n```\na\n```\n# --8<-- [end:r]\n",
}


@pytest.mark.parametrize("case", INCLUDED)
def test_a_region_is_what_pages_show(tmp_path: Path, case: str) -> None:
    """The code that is run and hashed is, byte for byte, what pymdownx.snippets puts on the page."""
    (tmp_path / "x.sh").write_bytes(INCLUDED[case].encode())
    found = {region.name: region for region in read_regions("x.sh", (tmp_path / "x.sh").read_text())[0]}
    name = "" if "whole file" in case else "r"
    snippets = {"base_path": [str(tmp_path)], "check_paths": True, "dedent_subsections": True}
    md = Markdown(
        extensions=["pymdownx.superfences", "pymdownx.highlight", "pymdownx.snippets"],
        extension_configs={"pymdownx.snippets": snippets},
    )
    page = html.fromstring(md.convert(f'~~~~bash\n--8<-- "x.sh{":" if name else ""}{name}"\n~~~~'))
    shown = page.xpath("string(//code)")
    if case == "nothing after":
        assert not found, "what is never closed is no region"
        return
    code = "\n".join(line if line.strip(" ") else "" for line in found[name].code.split("\n"))
    assert shown == f"{code}\n"


def test_tabs_are_kept(tmp_path: Path) -> None:
    """A heredoc or a Makefile needs its tabs, so the code that runs has them, whatever a page makes of them."""
    (tmp_path / "x.sh").write_text("\t# --8<-- [start:r]\n\tcat <<-X\n\t\ta\n\tX\n\t# --8<-- [end:r]\n")
    (region,), _ = read_regions("x.sh", (tmp_path / "x.sh").read_text())
    assert region.code == "cat <<-X\n\ta\nX"


def test_facts_say_how_a_region_runs() -> None:
    """The comment lines right above a start mark, in any language's comments, and no others."""
    text = """# user: root

-- effect: destroys
-- on: db
-- user: mysql
-- exit: 3
-- file: ~/x y
-- --8<-- [start:r]
select 1;
-- --8<-- [end:r]
"""
    (region,), problems = read_regions("git/x.sql", text)
    assert (region.effect, region.on, region.user, region.exit, region.file) == (
        "destroys",
        "db",
        "mysql",
        3,
        "~/x y",
    )
    assert problems == []
    assert (region.id, region.output_id, region.language) == ("git/x.sql:r", "git/x.r.out", ".sql")
    assert (region.line, region.end) == (8, 10)


@pytest.mark.parametrize(
    "fact",
    [
        "effect: destroys",
        "on: web",
        "user: bob",
        "exit: 1",
        "exit: web 1",
        "not-run: no",
        "append: x",
        "reboots: yes",
    ],
)
def test_a_region_changes_with_its_facts(fact: str) -> None:
    """How a block runs is part of what was proven."""
    marked = "# --8<-- [start:r]\ntrue\n# --8<-- [end:r]\n"
    (plain,), _ = read_regions("x.sh", f"# effect: reads\n{marked}")
    (other,), _ = read_regions(
        "x.sh", f"# {fact}\n" + ("" if "effect" in fact else "# effect: reads\n") + marked
    )
    assert plain.sha256 != other.sha256


@pytest.mark.parametrize(
    ("token", "good", "bad"),
    [
        ("pid", "12345", "12345678"),
        ("port", "65535", "port"),
        ("seconds", "0.25", "1."),
        ("uuid", "123e4567-e89b-12d3-a456-426614174000", "123e4567"),
        ("date", "2026-11-20", "20.11.2026"),
        ("time", "23:59:59", "23:59"),
        ("hash", "0a9faef", "0a9fae"),
        ("fingerprint", f"SHA256:{'a' * 43}", f"SHA256:{'a' * 42}"),
        ("key", "A" * 68, "A" * 20),
        ("random", "x7Yz12Qq", "x7"),
    ],
)
def test_tokens_stand_for_their_type_only(token: str, good: str, bad: str) -> None:
    """A token matches any value of its type and no other text."""
    output = Output("x", f"a (<{token}>) [b]*\n")
    assert output.matches(f"a ({good}) [b]*\n")
    assert not output.matches(f"a ({bad}) [b]*\n")
    assert not output.matches(f"a ({good}) [b]*\nmore\n")


def test_each_token_is_tried_above() -> None:
    """A new token needs its example."""
    tried = test_tokens_stand_for_their_type_only.pytestmark[0].args[1]  # type: ignore[attr-defined]
    assert [case[0] for case in tried] == list(TOKENS)


def test_what_looks_like_a_token_and_is_none_is_text() -> None:
    """Only the known names in angle brackets vary."""
    assert token_pattern("<file>") == "<file>"
    assert Output("x", "<file> <pid>").matches("<file> 7")
    assert not Output("x", "<file> <pid>").matches("name 7")


def test_blanks_at_line_ends_do_not_count() -> None:
    """An output is compared as it is recorded: without what no reader sees."""
    assert tidy("a  \nb\t\n\n\n") == "a\nb\n"
    assert Output("x", "a\nb\n").matches("a  \nb\t\n\n")
    assert not Output("x", "a\nb\n").matches("a\n\nb\n")


def test_names_meet_however_their_words_are_parted() -> None:
    """Pages use hyphens, tests underscores, snippets either or none."""
    assert squash("Keep-alive") == squash("keep_alive") == squash("keepalive")


@pytest.mark.parametrize(
    ("facts", "how"),
    [
        ("", "yes"),
        ("# file: ~/x.py\n", "yes"),
        ("# browser: differs (newer)\n", "differs"),
        ("# browser: no threads\n", "no"),
        ("# user: root\n", ""),
        ("# not-run: too slow\n", ""),
    ],
)
def test_python_in_lab_python_runs_in_the_browser(tmp_path: Path, facts: str, how: str) -> None:
    """A Python block does so unless it says otherwise, which changes nothing of what was proven; no other block does."""
    marked = "# --8<-- [start:r]\n1 + 1\n# --8<-- [end:r]\n"
    snippet, page = "snippets/git/note.py", '```python\n--8<-- "git/note.py:r"\n```\n'
    plain = make_book(tmp_path, {snippet: marked, PAGE: page}).regions["git/note.py:r"]
    assert Book(tmp_path).in_browser(plain) == ""
    book = make_book(tmp_path, {snippet: facts + marked, PAGE: f"---\nlab: python\n---\n{page}"})
    region = book.regions["git/note.py:r"]
    assert book.in_browser(region) == how
    assert (region.sha256 == plain.sha256) == (not facts or "browser" in facts)
    assert book.in_browser(book.regions["git/note.sh:hello"]) == ""


def test_a_program_runs_in_the_browser_where_its_page_says_what_it_imports(tmp_path: Path) -> None:
    """Blocks of it do, and are told what lies beside them there; one under a condition does not."""
    inner = "if x:\n    # --8<-- [start:inner]\n    1\n    # --8<-- [end:inner]\n"
    snippet = f"# --8<-- [start:r]\nx = 0\n# --8<-- [end:r]\n{inner}"
    page = '```python\n--8<-- "git/note.py:r"\n```\n```python\n--8<-- "git/note.py:inner"\n```\n'
    files = {"snippets/git/note.py": snippet, PAGE: f"---\nbrowser: a.py b.py\n---\n{page}"}
    book = make_book(tmp_path, files)
    regions = [book.regions[f"git/note.py:{name}"] for name in ("r", "inner")]
    assert [book.in_browser(region) for region in regions] == ["yes", "no"]
    assert book.beside_program(regions[0]) == ["git/a.py", "git/b.py"]


def test_a_page_knows_topic_and_lab(tmp_path: Path) -> None:
    """The folder is the topic; the lab is the page's own, else the one of the topic's index."""
    book = make_book(
        tmp_path, {"docs/disk-x/a.md": "---\nlab: disk\n---\n# A\n", "docs/index.md": "# Home\n"}
    )
    assert {name: (page.topic, book.lab_of(page)) for name, page in book.pages.items()} == {
        "index.md": ("", ""),
        "disk-x/a.md": ("disk_x", "disk"),
        "git/index.md": ("git", "git"),
        "git/note.md": ("git", "git"),
    }
    assert book.topics == ["disk_x", "git"]
    page = book.page_of("git", "no_te")
    assert page
    assert page.path == "git/note.md"


def test_a_replay_changes_with_order_and_content(tmp_path: Path) -> None:
    """The hash of what a replay does knows lab, blocks and outputs, and nothing of the prose."""

    def digest(name: str, old: str = "", new: str = "", path: str = PAGE) -> str:
        book = make_book(tmp_path / name, {path: FILES[path].replace(old, new)})
        return book.replay_hash(book.pages["git/note.md"])

    same = digest("same")
    assert digest("prose", "Do this.", "Do that.") == same
    assert same not in {
        digest("code", "echo hello", "echo  hello", SNIPPET),
        digest("output", "hello", "bye", "snippets/git/note.hello.out"),
        digest("less", '```text\n--8<-- "git/note.hello.out"\n```', ""),
        digest("lab", "lab: git", "lab: ssh", "docs/git/index.md"),
    }


def imports_of(path: Path) -> set[str]:
    """Return the modules that a file imports, wherever in it."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            found |= {f"{node.module}.{alias.name}" for alias in node.names} | {node.module or "."}
    return found


MAY = {  # beside what lies lower: DESIGN, section 4
    "values": set(),
    "book": {"values"},
    "labs": set(),
    "messages": {"book"},
    "policy": set(),
    "proof": {"book"},
    "reader": {"book", "labs"},
    "status": {"book", "proof"},
    "tables": {"book", "messages", "proof", "status"},
    "ledger": {"book", "proof", "tables"},
    "markdown": {"book", "ledger", "messages", "proof", "status", "tables", "values"},
    "gate": {"book", "messages", "policy", "proof"},
    "replay": {"book", "proof", "labs", "reader"},
    "feed": {"book", "messages"},
    "plain": {"book", "markdown", "messages", "tables", "values"},
    "pytest_plugin": {"book", "proof", "labs", "reader", "replay"},
    "cli": {
        "book",
        "feed",
        "messages",
        "proof",
        "labs",
        "reader",
        "status",
        "markdown",
        "gate",
        "plain",
        "policy",
        "replay",
    },
}


def test_arrows_only_go_down() -> None:
    """Each module imports only from the floors below it."""
    for path in (REPO / "src/opsbook").rglob("*.py"):
        floor = path.relative_to(REPO / "src/opsbook").parts[0].removesuffix(".py")
        if floor == "__init__":
            continue
        used = {name.split(".")[1] for name in imports_of(path) if name.startswith("opsbook.")}
        assert used - {floor} <= MAY[floor], f"{path} looks up"


def test_nobody_imports_the_tests_or_the_generator() -> None:
    """The machinery runs without its tests, and under any generator."""
    for path in (REPO / "src/opsbook").rglob("*.py"):
        roots = {name.split(".")[0] for name in imports_of(path)}
        assert not roots & {"tests", "mkdocs", "zensical", "material"}, path


def test_snippets_stand_alone() -> None:
    """What readers copy imports nothing of ours."""
    for path in (REPO / "snippets").rglob("*.py"):
        assert not {"opsbook", "tests"} & {name.split(".")[0] for name in imports_of(path)}, path


def test_files_that_are_no_snippets_are_no_regions(tmp_path: Path) -> None:
    """Outputs, claims and compiled Python beside the snippets are passed over."""
    book = make_book(tmp_path, {"snippets/git/__pycache__/x.py": "x"})
    assert list(book.regions) == ["git/note.sh:hello"]
    assert list(Book(tmp_path / "nowhere").regions) == []
