"""The Markdown extension: what stands around an included block, and the tables of claims and states."""

from pathlib import Path

import pytest
from lxml import html
from lxml.html import HtmlElement
from markdown import Markdown

from opsbook.book import Book
from opsbook.labs.process import wait_until
from opsbook.markdown import LOOKS
from opsbook.proof import Proof, ProofError

from .tiny import FILES, TEST, make_book, prove

SNIPPET, PAGE, CLAIMS = "snippets/git/note.sh", "docs/git/note.md", "snippets/git/claims.yaml"
BLOCK = '```bash\n--8<-- "git/note.sh:hello"\n```\n'
OUTPUT = '```text\n--8<-- "git/note.hello.out"\n```\n'
LEDGER = {"docs/git/proof.md": "# Proof\n\n[[ledger: git]]\n"}
EXTENSIONS = [
    "admonition",
    "attr_list",
    "md_in_html",
    "tables",
    "pymdownx.details",
    "pymdownx.highlight",
    "pymdownx.snippets",
    "pymdownx.superfences",
    "pymdownx.tabbed",
    "opsbook.markdown",
]


def render(book: Book, text: str, proof: Proof | None = None, *, new_build: bool = True) -> HtmlElement:
    """Return `text` as the site shows it, with this proof, by default of all as it is; or as the build under way does."""
    if new_build:
        LOOKS.clear()
    (book.root / "proof.json").write_text((proof or prove(book)).dump())
    snippets = {"base_path": [str(book.root / "snippets")], "check_paths": True, "dedent_subsections": True}
    settings: dict[str, dict[str, object]] = {
        "opsbook.markdown": {"root": str(book.root), "proof": "proof.json"},
        "pymdownx.snippets": snippets,
        "pymdownx.highlight": {"anchor_linenums": False, "auto_title": False},
        "pymdownx.tabbed": {"alternate_style": True},
    }
    page = Markdown(extensions=EXTENSIONS, extension_configs=settings).convert(text)
    return html.fromstring(f"<main>{page}</main>")


def badges(page: HtmlElement) -> list[tuple[str | None, str | None]]:
    """Return of each badge what it proves and how that stands."""
    found = page.xpath("//details[contains(@class, 'proof')]")
    return [(badge.get("data-proof"), badge.get("data-state")) for badge in found]


def text_of(element: HtmlElement) -> str:
    """Return the text of an element with single blanks."""
    return " ".join(element.text_content().split())


def test_a_proven_block_says_by_what(tmp_path: Path) -> None:
    """The badge tells state, effect, day, platform and version; unfolded, the tests, the file and the lab."""
    page = render(make_book(tmp_path), BLOCK)
    (badge,) = page.xpath("//details")
    summary, facts = text_of(badge.find("summary")), text_of(badge.find("ul"))
    assert summary.startswith("✓ proven")
    for part in ("reads", "2026-11-20", "debian-12", "git version 2.39.5"):
        assert part in summary
    for part in (
        f"shown by {TEST}",
        "snippets/git/note.sh",
        "opsbook show git/note.sh:hello",
        "opsbook lab git",
    ):
        assert part in facts
    (block,) = page.xpath("//div[contains(@class, 'highlight')]")
    assert {"highlight", "reads"} <= {*block.get("class").split()}
    assert block.getnext() is badge


def test_each_state_is_shown(tmp_path: Path) -> None:
    """Changed, failing, unproven and not-run blocks say so, in words."""
    book = make_book(tmp_path)
    proven = prove(book)
    assert badges(render(book, BLOCK, Proof())) == [("regions git/note.sh:hello", "unproven")]
    assert "no test has shown this yet" in text_of(render(book, BLOCK, Proof()))
    failing = render(book, BLOCK, prove(book, failing=(TEST,)))
    assert badges(failing) == [("regions git/note.sh:hello", "failing")]
    assert f"✗ failing {TEST}"[:9] in text_of(failing)
    assert f"failed in {TEST}" in text_of(failing)
    changed = make_book(tmp_path / "b", {SNIPPET: FILES[SNIPPET].replace("echo", "printf")})
    assert badges(render(changed, BLOCK, proven)) == [("regions git/note.sh:hello", "changed")]
    reason = FILES[SNIPPET].replace("# effect", "# not-run: it takes a year & a <day>\n# effect")
    page = render(make_book(tmp_path / "c", {SNIPPET: reason}), BLOCK, proven)
    assert badges(page) == [("regions git/note.sh:hello", "not run")]
    assert "○ not run: it takes a year & a <day>" in text_of(page.xpath("//summary")[0])


def test_an_output_has_its_own_badge(tmp_path: Path) -> None:
    """A recorded output is titled, not for copying, and proven by itself."""
    page = render(make_book(tmp_path), BLOCK + "\n" + OUTPUT)
    assert badges(page) == [("regions git/note.sh:hello", "proven"), ("outputs git/note.hello.out", "proven")]
    output = page.xpath("//div[contains(@class, 'output')]")[0]
    assert "no-copy" in output.get("class")
    assert output.xpath("string(.//span[@class='filename'])") == "Output"
    assert output.xpath("string(.//code)") == "hello\n"


def indented(text: str, depth: int = 1) -> str:
    """Return `text` four blanks a level further in."""
    return "".join(
        f"{'    ' * depth}{line}" if line.strip() else line for line in text.splitlines(keepends=True)
    )


NESTED = {
    "tab": f'=== "A"\n\n{indented(BLOCK)}\n=== "B"\n\n{indented(BLOCK)}',
    "details": f"??? example\n\n{indented(BLOCK)}\n{indented(OUTPUT)}",
    "admonition": f"!!! note\n\n    Words.\n\n{indented(BLOCK)}\n    Words.\n",
    "list": f"1. One\n\n{indented(BLOCK)}\n2. Two\n\n{indented(BLOCK)}",
    "list without blank line": f"1. One\n{indented(BLOCK)}",
    "tab in details in list": f'- x\n\n    ??? note\n\n        === "A"\n\n{indented(BLOCK, 3)}',
    "tildes": BLOCK.replace("```", "~~~~"),
    "HTML": f'<div markdown="1">\n\n{BLOCK}\n</div>\n',
    "no blank line around": f"Words.\n{BLOCK}Words.\n",
    "braces": BLOCK.replace("```bash", '``` { .bash hl_lines="1" }'),
    "options": BLOCK.replace("```bash", '```bash hl_lines="1"'),
    "dot": BLOCK.replace("```bash", "``` .bash"),
}


@pytest.mark.parametrize("case", NESTED)
def test_a_badge_stands_right_under_its_block(tmp_path: Path, case: str) -> None:
    """In tabs, folded boxes, lists and other places a block keeps its code and its badge."""
    page = render(make_book(tmp_path), NESTED[case])
    blocks = page.xpath("//div[contains(@class, 'highlight')]")
    assert len(blocks) == NESTED[case].count("--8<--")
    for block in blocks:
        assert block.xpath("string(.//code)") in {"echo hello\n", "hello\n"}
        badge = block.getnext()
        assert badge.get("class") == "proof"
        assert "reads" in block.get("class") or "output" in block.get("class")
    assert "opsbook-" not in page.text_content().replace("opsbook lab", "")
    assert "--8<--" not in page.text_content()


LEFT_ALONE = {
    "typed": "```bash\necho hello\n```\n",
    "escaped": '```text\n;--8<-- "git/note.sh:hello"\n```\n',
    "whole file of regions": '```bash\n--8<-- "git/note.sh"\n```\n',
    "typed beside": '```bash\nls\n--8<-- "git/note.sh:hello"\n```\n',
    "two at once": '```bash\n--8<-- "git/note.sh:hello"\n--8<-- "git/note.sh:hello"\n```\n',
    "deeper than its fence": '```bash\n  --8<-- "git/note.sh:hello"\n```\n',
    "never closed": '```bash\n--8<-- "git/note.sh:hello"\n',
    "no fence": '--8<-- "git/note.sh:hello"\n',
    "inline": 'Write `--8<-- "git/note.sh:hello"` there.\n',
    "token by hand": "opsbook-0123456789abcdef git/note.sh:hello\n",
}


@pytest.mark.parametrize("case", LEFT_ALONE)
def test_what_is_no_include_gets_no_badge(tmp_path: Path, case: str) -> None:
    """Typed text, and an include that is not all of its block, earn nothing."""
    page = render(make_book(tmp_path), LEFT_ALONE[case])
    assert badges(page) == []
    assert "filename" not in html.tostring(page, encoding="unicode")


TITLES = {
    "": "",
    "file: ~/.ssh/config": "~/.ssh/config",
    "append: ~/.ssh/config": "add to ~/.ssh/config",
    "on: web": "on web",
    "on: web db": "on web and db",
    "exit: web 0, db 1": "fails on db",
    "user: root": "as root",
    "exit: 255": "fails with exit code 255",
    "file: ~/<b>&\"x'": "~/<b>&'x'",
    "not-run: it would": "",
}


@pytest.mark.parametrize("fact", TITLES)
def test_a_title_says_where_a_block_belongs(tmp_path: Path, fact: str) -> None:
    """File, machine, user and expected failure stand above the code; hostile names stay text."""
    snippet = FILES[SNIPPET].replace("# effect", f"# {fact}\n# effect" if fact else "# effect")
    page = render(make_book(tmp_path, {SNIPPET: snippet}), BLOCK)
    assert page.xpath("string(//span[@class='filename'])") == TITLES[fact]
    assert len(page.xpath("//code")) == 1 + len(page.xpath("//li//code"))


def test_a_block_that_runs_in_the_browser_says_so(tmp_path: Path) -> None:
    """Where Pyodide is in the site, badges tell how a block does there, and which tokens its output has; else nothing."""
    region = "# --8<-- [start:r]\nimport os\n# --8<-- [end:r]\n"
    text = f'---\nlab: python\n---\n{BLOCK}\n{OUTPUT}\n```python\n--8<-- "git/a.py:r"\n```\n'
    files = {PAGE: text, "snippets/git/note.hello.out": "hello <pid>\n"}
    pages = []
    for facts in (
        "",
        "# browser: differs it is newer\n",
        "# file: ~/a.py\n",
        "# file: ~/a.py\n# browser: no shell\n",
    ):
        pages.append(render(make_book(tmp_path, {**files, "snippets/git/a.py": facts + region}), text))
        (tmp_path / "docs/assets/pyodide").mkdir(parents=True, exist_ok=True)
        (tmp_path / "docs/assets/pyodide/pyodide.mjs").touch()
    said = [
        badge.get("data-run")
        for page in pages
        for badge in page.xpath("//details[contains(@data-proof, '.py')]")
    ]
    assert said == [None, "differs", "~/a.py", "no"]
    assert [page.xpath("string(//@data-why)") for page in pages] == ["", "it is newer", "", ""]
    assert [page.xpath("string(//@data-tokens)") for page in pages[:2]] == ["", '{"pid": "[0-9]{1,7}"}']
    assert pages[1].xpath("//details[contains(@data-proof, '.sh')]/@data-run") == []


def test_facts_join_into_one_title(tmp_path: Path) -> None:
    """The parts come in a fixed order."""
    snippet = FILES[SNIPPET].replace("# effect", "# exit: 1\n# user: root\n# on: web\n# file: /x\n# effect")
    page = render(make_book(tmp_path, {SNIPPET: snippet}), BLOCK)
    assert page.xpath("string(//span[@class='filename'])") == "/x, on web, as root, fails with exit code 1"


def test_code_is_shown_as_it_is(tmp_path: Path) -> None:
    """Markup, Markdown and directives in code or claims stay text."""
    code = "echo '<script>alert(1)</script> **x** `y` &amp; [[status]]'"
    page = render(make_book(tmp_path, {SNIPPET: FILES[SNIPPET].replace("echo hello", code)}), BLOCK)
    assert page.xpath("string(//code)") == f"{code}\n"
    assert page.xpath("//script") == []


def test_claims_are_a_table(tmp_path: Path) -> None:
    """One row a claim: what people say, the verdict, what is true, its tests and an anchor of its own."""
    page = render(make_book(tmp_path), "Words.\n\n[[claims: git/note]]\n\nMore.\n")
    (row,) = page.xpath("//table[@data-kind='claims']/tbody/tr")
    assert (row.get("id"), row.get("data-proof"), row.get("data-state")) == (
        "claim-git-note",
        "claims git-note",
        "proven",
    )
    said, verdict, truth = row.xpath("td")
    assert said.xpath("string(code)") == "short"
    assert (text_of(verdict), verdict.get("class")) == ("✓ holds", "verdict holds")
    assert text_of(truth).startswith(f"They are.✓ proven: {TEST}")
    assert truth.xpath(".//a/@href") == [f"../{TEST.partition('::')[0]}", "#claim-git-note"]
    assert len(page.xpath("//thead//th")) == 3
    assert [text_of(p) for p in page.xpath("//p")] == ["Words.", "More."]


def test_a_topic_s_claims_are_all_listed(tmp_path: Path) -> None:
    """Without a page all claims of the topic come, the harmful first, with the page of each; those without proof say so."""
    second = (
        FILES[CLAIMS]
        .replace("git-note", "git-<i>x")
        .replace("page: note", "page: other")
        .replace("holds", "unsafe")
    )
    page = render(make_book(tmp_path, {CLAIMS: FILES[CLAIMS] + second}), "[[claims: git]]", Proof())
    assert [row.get("data-state") for row in page.xpath("//tr[@id]")] == ["unproven", "unproven"]
    assert page.xpath("//tr/@id") == ["claim-git-<i>x", "claim-git-note"]
    assert text_of(page.xpath("//tr[2]//a")[0]) == "Git: Note something"
    assert "⚠ unsafe" in text_of(page)
    assert "? unproven: no test yet" in text_of(page)
    assert page.xpath("//i") == []


def test_the_harmful_claims_of_all_topics_are_listed(tmp_path: Path) -> None:
    """Links lead from a page at the top of the book; the others stand by topic, with how many there are."""
    second = FILES[CLAIMS].replace("git-note", "git-x").replace("holds", "unsafe")
    changes = {
        CLAIMS: FILES[CLAIMS] + second,
        "docs/git/people-say.md": "# Git\n\n[[claims: git]]\n",
        **LEDGER,
    }
    page = render(make_book(tmp_path, changes), "[[claims]]")
    assert page.xpath("//tr/@id") == ["claim-git-x"]
    assert page.xpath("//small/a/@href") == [
        "git/note.md#claim-git-x",
        "git/proof.md#claims-git-x",
        TEST.partition("::")[0],
    ]
    (entry,) = page.xpath("//li")
    assert text_of(entry) == "Git: 1 unsafe, 1 holds"
    assert entry.xpath("string(a[@class='part']/@href)") == "git/people-say.md"


def test_each_thing_has_a_row_in_its_ledger(tmp_path: Path) -> None:
    """In the order of reading: where it stands, its state, tests, platform and day; each badge leads to its row."""
    book = make_book(tmp_path, LEDGER)
    page = render(book, "[[ledger: git]]")
    rows = page.xpath("//table[@data-kind='ledger']/tbody/tr")
    assert [[text_of(cell) for cell in row] for row in rows] == [
        ["note.sh:hello", "block", "✓ proven", "test_note", "debian-12", "2026-11-20"],
        ["note.hello.out", "output", "✓ proven", "test_note", "debian-12", "2026-11-20"],
        ["Notes are short.", "claim", "✓ proven", "test_note", "debian-12", "2026-11-20"],
        ["note.md", "page", "✓ proven", "test_note", "debian-12", "2026-11-20"],
    ]
    assert page.xpath("//tbody//td[1]/a/@href") == [
        "../git/note.md#regions-note.sh:hello",
        "../git/note.md#outputs-note.hello.out",
        "../git/note.md#claim-git-note",
        "../git/note.md",
    ]
    assert text_of(page.xpath("//p")[0]) == "Where nothing else is said, debian-12 has: git version 2.39.5."
    note = render(book, BLOCK + BLOCK + OUTPUT)
    assert note.xpath("//details/@id") == ["regions-note.sh:hello", "outputs-note.hello.out"]
    links = note.xpath("//details//a[text()='its row in the ledger']/@href")
    assert {link.partition("#")[2] for link in links} <= set(page.xpath("//tr/@id"))
    assert len(links) == 3


def test_the_home_page_shows_a_block_of_a_topic(tmp_path: Path) -> None:
    """Its links start where it lies; its replay stands in the ledger of that topic, its block leads to the topic's page."""
    home = {"docs/index.md": f"---\nlab: git\n---\n# Home\n\n{BLOCK}"}
    book = make_book(tmp_path, {**LEDGER, **home})
    links = render(book, home["docs/index.md"].partition("---\n# ")[2]).xpath("//details//a/@href")
    assert links == ["tests/git/test_note.py", "snippets/git/note.sh", "git/proof.md#regions-note.sh:hello"]
    ledger = render(book, "[[ledger: git]]")
    assert text_of(ledger.xpath("//tr[@id='replays-home']/td[1]")[0]) == "/index.md"
    assert ledger.xpath("//tr[@id='regions-note.sh:hello']/td[1]/a/@href") == [
        "../git/note.md#regions-note.sh:hello"
    ]


def test_what_is_not_proven_is_listed_with_its_reason(tmp_path: Path) -> None:
    """Rows of all topics that do not stand; where all stand, a line says so. The overview counts them by topic."""
    book = make_book(tmp_path, LEDGER)
    assert text_of(render(book, "[[unproven]]").xpath("//p")[0]).startswith("Nothing: all 4 things")
    changes = {SNIPPET: FILES[SNIPPET].replace("# effect", "# not-run: it would\n# effect")}
    book = make_book(tmp_path, {**LEDGER, **changes})
    failing = prove(book, failing=(TEST,))
    rows = render(book, "[[unproven]]", failing).xpath("//table[@data-kind='ledger']/tbody/tr")
    assert [text_of(row[2]) for row in rows][:2] == ["○ not run: it would", "✗ failing"]
    assert text_of(rows[1][3]) == "failed in test_note"
    (told,) = render(book, "[[ledger]]", failing).xpath("//table[@data-kind='topics']/tbody/tr")
    assert [text_of(cell) for cell in told] == ["Git", "1", "1", "1", "1", "4"]
    assert told.xpath("string(.//a/@href)") == "git/proof.md"


def test_all_messages_are_listed_with_their_sections(tmp_path: Path) -> None:
    """One row a message, its words untouched, and a link to the heading on its page."""
    page = render(
        make_book(tmp_path, {"docs/git/errors.md": "# Errors\n\n### `fatal: <b> && *x*`\n"}), "[[errors]]"
    )
    (line,) = page.xpath("//table[@data-kind='errors']/tbody/tr")
    assert [text_of(cell) for cell in line] == ["fatal: <b> && *x*", "Errors"]
    assert line.xpath("string(.//a/@href)") == "git/errors.md#fatal-b-x"


def test_the_output_of_one_of_two_machines_says_which(tmp_path: Path) -> None:
    """Where two machines answer differently each answer names its own."""
    changes = {
        SNIPPET: FILES[SNIPPET].replace("# effect", "# on: web db\n# effect"),
        "snippets/git/note.hello.db.out": "hi\n",
    }
    page = render(make_book(tmp_path, changes), BLOCK + OUTPUT.replace("hello.out", "hello.db.out"))
    assert page.xpath("//span[@class='filename']/text()") == ["on web and db", "Output on db"]


@pytest.mark.parametrize("directive", ["[[claims: git/nothing]]", "[[claims: nothing]]"])
def test_claims_that_are_not_there_stop_the_build(tmp_path: Path, directive: str) -> None:
    """A page cannot promise claims that nobody wrote down."""
    with pytest.raises(ValueError, match=r"claims.*has no claim for it"):
        render(make_book(tmp_path), directive)


@pytest.mark.parametrize(
    "text", ["See [[claims: git]] there.", "`[[claims: git]]`", "[[claim: git]]", "[[claims:\ngit]]"]
)
def test_what_is_no_directive_stays_text(tmp_path: Path, text: str) -> None:
    """Only a paragraph that is nothing else is a directive."""
    page = render(make_book(tmp_path), text)
    assert page.xpath("//table") == []
    assert "[[claim" in page.text_content()


def test_one_line_says_how_much_is_proven(tmp_path: Path) -> None:
    """Blocks, outputs and claims that a passing test has shown, the last day and the platform; all others count for nothing."""
    book = make_book(tmp_path)
    line = text_of(render(book, "[[counts]]").xpath("//p[@class='counts']")[0])
    assert line == (
        "1 blocks, 1 outputs and 1 claims, each shown by a passing test; the last run was on 2026-11-20, on debian-12."
    )
    assert text_of(render(book, "[[counts]]", Proof())).startswith("0 blocks, 0 outputs and 0 claims")


def test_the_status_is_a_table(tmp_path: Path) -> None:
    """One row a topic, with links to it and the numbers that the proof gives."""
    book = make_book(tmp_path, {"docs/disk-x/index.md": "# Disks\n", "docs/disk-x/a.md": "# A\n"})
    rows = render(book, "[[status]]").xpath("//table[@data-kind='status']/tbody/tr")
    assert [[text_of(cell) for cell in row] for row in rows] == [
        ["disk x", "0", "0 of 0", "0 of 0", "0 of 0"],
        ["git", "1", "1 of 1", "1 of 1", "1 of 1"],
    ]
    assert rows[0].xpath("string(.//a/@href)") == "disk-x/index.md"


def test_the_proof_to_believe_can_be_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """OPSBOOK_PROOF names another file; without it proof.json counts."""
    book = make_book(tmp_path)
    (tmp_path / "proof.json").write_text(prove(book).dump())
    (tmp_path / "other.json").write_text(prove(book, failing=(TEST,)).dump())
    settings: dict[str, dict[str, object]] = {
        "opsbook.markdown": {"root": str(tmp_path)},
        "pymdownx.snippets": {"base_path": [str(tmp_path / "snippets")]},
    }
    for name, state in (("", "proven"), ("other.json", "failing")):
        monkeypatch.setenv("OPSBOOK_PROOF", name)
        md = Markdown(extensions=EXTENSIONS, extension_configs=settings)
        assert badges(html.fromstring(md.convert(BLOCK))) == [("regions git/note.sh:hello", state)]


def test_a_damaged_proof_stops_the_build(tmp_path: Path) -> None:
    """No page is built on a proof that was edited."""
    book = make_book(tmp_path)
    (tmp_path / "proof.json").write_text(prove(book).dump().replace("2026", "2027"))
    with pytest.raises(ProofError, match="changed by hand"):
        Markdown(
            extensions=["opsbook.markdown"], extension_configs={"opsbook.markdown": {"root": str(tmp_path)}}
        )


def test_edits_are_seen_by_a_running_server(tmp_path: Path) -> None:
    """A rebuild in the same process sees snippets, tests and proof as they were a moment ago."""
    book = make_book(tmp_path)
    proof = prove(book)
    assert badges(render(book, BLOCK, proof)) == [("regions git/note.sh:hello", "proven")]
    (tmp_path / SNIPPET).write_text(FILES[SNIPPET].replace("hello\n", "hello there\n"))
    changed = [("regions git/note.sh:hello", "changed")]
    wait_until(
        lambda: badges(render(book, BLOCK, proof, new_build=False)) == changed,
        "the badge of the edited block",
    )
