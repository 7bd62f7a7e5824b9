"""The book as plain Markdown, for terminals and other programs: each page with its blocks in it, an index, all in one file, and each block alone.

`index.md` stands beside each page's `index.html`; `llms.txt` follows the proposal of that name: a title, a line on what it is, and
links; `llms-full.txt` is every page but the lists, one after the other; below `raw/` each region is what the copy button copies.
"""

import posixpath
import re
from collections.abc import Iterator, Mapping
from pathlib import Path

from opsbook.book import Book, Claim, Fence, Page
from opsbook.markdown import DIRECTIVE, title_of
from opsbook.messages import messages
from opsbook.messages import title_of as title_of_page
from opsbook.tables import worst_first
from opsbook.values import KINDS, VALUES, Value

ABOUT = "Ops notes whose every command has been run on the real thing; outputs are recorded, never typed."
_FRONT = re.compile(r"\A---\n.*?\n---\n", re.DOTALL)
_LINK = re.compile(r"(?<=\]\()(?P<path>[^)\s#:]+\.md)(?P<anchor>#[^)\s]*)?(?=\))")
# Classes and the like, which mean something to the generator alone.
_ATTRIBUTES = re.compile(r"\{ *[.#:][^}]*\}")


def text_path(page: Page) -> str:
    """Return where the text of `page` is in the site: `ssh/keep-alive/index.md`."""
    return page.path if page.is_index else f"{page.path.removesuffix('.md')}/index.md"


def plain(book: Book, page: Page) -> str:
    """Return `page` as Markdown that needs nothing else: blocks, outputs, claims and lists written out, links to the other texts."""
    starts: Mapping[int, Fence] = {fence.start: fence for fence in page.fences}
    out: list[str] = []
    lines, number = page.text.split("\n"), 0
    while number < len(lines):
        if fence := starts.get(number):
            out += block(book, page, fence)
            number = fence.end
        elif found := DIRECTIVE.match(lines[number].strip()):
            out += directive(book, page, found["name"], found["what"] or "")
        elif VALUES.match(lines[number].strip()):
            out.append(values_line(page.values))
        else:
            line = _ATTRIBUTES.sub("", lines[number]).rstrip()
            out.append(_LINK.sub(lambda link: to_text(page, link["path"]) + (link["anchor"] or ""), line))
        number += 1
    return _FRONT.sub("", "\n".join(out)).strip("\n") + "\n"


def block(book: Book, page: Page, fence: Fence) -> Iterator[str]:
    """Yield the lines of a block with the code or output that it includes, and above it where it runs and where it stands alone."""
    region, output = book.regions.get(fence.include), book.outputs.get(fence.include)
    if region:
        told = ", ".join(part for part in (title_of(region), region.effect) if part)
        raw = posixpath.relpath(region.raw_path, posixpath.dirname(text_path(page)) or ".")
        yield f"{fence.indent}{f'({told}) ' if told else ''}[raw]({raw})"
        yield ""
    yield f"{fence.indent}{fence.marker}{fence.info.split(' ')[0].strip('{}.')}"
    text = region.code if region else output.text.rstrip("\n") if output else "\n".join(fence.body)
    yield from (f"{fence.indent}{line}".rstrip() for line in text.split("\n"))
    yield f"{fence.indent}{fence.marker}"


def directive(book: Book, page: Page, name: str, what: str) -> Iterator[str]:
    """Yield the lines that stand for a directive."""
    if name == "claims":
        everything = sorted(book.claims.values(), key=worst_first)
        yield from map(claim_line, book.claims_of(what) if what else everything)
    elif name == "errors":
        for message in messages(book):
            yield f"- `{message.text}`: [{title_of_page(message.page)}]({to_text(page, message.page.path, '')}#{message.anchor})"
    else:
        yield "(The numbers stand on the web page and in `opsbook status`.)"


def values_line(values: list[Value]) -> str:
    """Return what names in the blocks stand for a reader's own."""
    told = ", ".join(f"`{value.name}` ({KINDS[value.kind].called})" for value in values)
    return f"(In the blocks, put your own for: {told}.)"


def claim_line(claim: Claim) -> str:
    """Return a claim as an item of a list."""
    truth = f" {claim.truth}" if claim.truth else ""
    return " ".join(f"- {claim.says} **{claim.verdict}**.{truth}".split())


def to_text(page: Page, path: str, base: str | None = None) -> str:
    """Return the link from the text of `page` to that of the page at `path`, which is relative to `page`, or to `base`."""
    folder = posixpath.dirname(page.path) if base is None else base
    target = posixpath.normpath(posixpath.join(folder, path))
    stem = posixpath.splitext(target)[0]
    there = target if posixpath.basename(stem) == "index" else f"{stem}/index.md"
    return posixpath.relpath(there, posixpath.dirname(text_path(page)) or ".")


def contents(book: Book) -> str:
    """Return the index of the texts, topic by topic."""
    out = [f"# Opsbook\n\n> {ABOUT}\n", "One file with all: [llms-full.txt](llms-full.txt)\n"]
    for topic in ("", *book.topics):
        pages = sorted(
            (p for p in book.pages.values() if p.topic == topic), key=lambda p: (not p.is_index, p.path)
        )
        out.append(f"## {topic.replace('_', ' ').capitalize() or 'The book'}\n")
        out += [f"- [{title_of_page(page)}]({text_path(page)})" for page in pages]
        out.append("")
    return "\n".join(out)


def write(book: Book, site: Path) -> int:
    """Put the texts into the built `site` and return how many pages there are.

    Raises FileNotFoundError where a page of the book was not built.
    """
    texts = {text_path(page): plain(book, page) for page in book.pages.values()}
    for path, text in texts.items():
        (site / path).write_text(text)
    (site / "llms.txt").write_text(contents(book))
    lists = {text_path(page) for page in book.pages.values() if page.is_list}
    whole = (f"<!-- {path} -->\n\n{text}" for path, text in sorted(texts.items()) if path not in lists)
    (site / "llms-full.txt").write_text("\n".join(whole))
    for region in book.regions.values():
        (site / region.raw_path).parent.mkdir(parents=True, exist_ok=True)
        (site / region.raw_path).write_text(region.clipboard)
    return len(texts)
