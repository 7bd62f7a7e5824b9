"""Each page as plain Markdown: what a terminal or another program reads is what the site shows."""

import re
from pathlib import Path

import pytest
from click.testing import CliRunner

from opsbook.book import Book, fences
from opsbook.cli import main
from opsbook.plain import plain, text_path, write

from .tiny import make_book

BOOK = Book(Path(__file__).parents[1])


def test_every_block_stands_in_the_text() -> None:
    """In the order of the page each region and output is there byte for byte, and no directive is left."""
    for page in BOOK.pages.values():
        text = plain(BOOK, page)
        wanted = [
            BOOK.regions[name].code if name in BOOK.regions else BOOK.outputs[name].text.rstrip("\n")
            for name in page.includes
        ]
        shown = ["\n".join(line.removeprefix(f.indent) for line in f.body) for f in fences(text)]
        code = "\n".join(line.rstrip() for line in "\0".join(wanted).split("\n"))
        assert "\0".join(shown) == code, page.path
        assert not re.search(r"\[\[(claims|counts|errors|ledger|status|unproven)|8<--", text), page.path


def test_links_lead_from_text_to_text(tmp_path: Path) -> None:
    """Every link between pages leads to a text that is there."""
    for page in BOOK.pages.values():
        (tmp_path / text_path(page)).parent.mkdir(parents=True, exist_ok=True)
    assert write(BOOK, tmp_path) == len(BOOK.pages)
    for path in [*tmp_path.rglob("index.md"), tmp_path / "llms.txt"]:
        for link in re.findall(r"\]\(([^)\s:#]+\.(?:md|txt)|[./]+/raw/[^)]+)\)", path.read_text()):
            assert (path.parent / link).is_file(), f"{path.relative_to(tmp_path)}: {link}"
    assert "errors/index.md" in (tmp_path / "llms.txt").read_text()
    whole = (tmp_path / "llms-full.txt").read_text()
    read = [page for page in BOOK.pages.values() if not page.is_list]
    assert [text_path(page) for page in read] == sorted(
        re.findall(r"<!-- (\S+) -->", whole), key=[*map(text_path, read)].index
    )
    for region in BOOK.regions.values():
        assert (tmp_path / region.raw_path).read_text() == region.clipboard


def test_a_page_is_written_out(tmp_path: Path) -> None:
    """Where a block runs and what it does stand above it, claims are a list, front matter and classes are gone."""
    book = make_book(tmp_path)
    text = (
        "---\nlab: git\n---\n"
        + book.pages["git/note.md"].text
        + "\n[Up](index.md){ .x } [x](../git/note.md#a)\n"
    )
    (tmp_path / "docs/git/note.md").write_text(text)
    assert (
        plain(Book(tmp_path), Book(tmp_path).pages["git/note.md"])
        == """# Note something

Do this.

(reads) [raw](../../raw/git/note.hello.sh)

```bash
echo hello
```

```text
hello
```

- Notes are `short`. **holds**. They are.

[Up](../index.md) [x](index.md#a)
"""
    )


def test_a_site_that_lacks_a_page_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`opsbook text` of a folder that is not the built book names the missing page and exits 1."""
    make_book(tmp_path)
    (tmp_path / "site").mkdir()
    monkeypatch.chdir(tmp_path)
    done = CliRunner().invoke(main, ["text", "site"])
    assert done.exit_code == 1
    assert "git/index.md: no such page in site; build it first" in done.output
