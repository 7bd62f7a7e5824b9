"""One built page, and what its elements are and say."""

import re
from dataclasses import dataclass
from functools import cached_property

from lxml.html import HtmlElement

from opsbook.book import Page
from opsbook.gate.findings import Finding

INLINE = re.compile("a|abbr|b|cite|del|dfn|em|i|ins|label|mark|q|s|small|span|strong|su[bp]|time|u|var")
HEADING = re.compile("h[1-6]")
CODE = {"code", "kbd", "samp"}


@dataclass(frozen=True)
class Built:
    """A page as built: its path in the site, its source, its elements, and its Markdown where it has one."""

    path: str
    source: str
    tree: HtmlElement
    page: Page | None

    @cached_property
    def written(self) -> list[HtmlElement]:
        """The elements that the author wrote; the generator's own frame stands around them."""
        articles = self.tree.xpath("//article[not(ancestor::article)]") or [self.tree.body]
        return [
            node for article in articles for node in article.iterdescendants() if isinstance(node.tag, str)
        ]

    @cached_property
    def plain(self) -> list[HtmlElement]:
        """Those of them that are not inside a block or a piece of code."""
        inside = {n for node in self.written if node.tag in {"pre", *CODE} for n in node.iterdescendants()}
        return [node for node in self.written if node not in inside]

    @property
    def includes(self) -> list[str]:
        """What its Markdown includes, once each."""
        return list(dict.fromkeys(self.page.includes)) if self.page else []

    @cached_property
    def anchors(self) -> set[str]:
        """The names that a link may end in."""
        return {"", "top", *self.tree.xpath("//@id"), *self.tree.xpath("//a/@name")}

    def finding(self, node: HtmlElement, what: str, do: str, nearest: str = "") -> Finding:
        """Return a finding at the line of `node`."""
        return Finding(self.path, int(node.sourceline or 1), what, nearest, do)


def classes(node: HtmlElement) -> set[str]:
    """Return the classes of an element."""
    return set((node.get("class") or "").split())


def tag(node: HtmlElement) -> str:
    """Return the tag of an element; that of a comment matches nothing."""
    return str(node.tag)


def is_a(node: HtmlElement, tags: re.Pattern[str]) -> bool:
    """Tell whether the tag of an element is one of `tags`."""
    return tags.fullmatch(tag(node)) is not None


def is_claim(node: HtmlElement) -> bool:
    """Tell whether `node` is the row of a claim."""
    return (node.get("id") or "").startswith("claim-")


def in_ledger(node: HtmlElement) -> bool:
    """Tell whether `node` is a row of the ledger."""
    return node.tag == "tr" and any(
        table.get("data-kind") == "ledger" for table in node.iterancestors("table")
    )


def own_text(holder: HtmlElement) -> str:
    """Return the text of a block element without that of blocks inside it; a <br> is a newline."""
    text = holder.text or ""
    for child in holder:
        if child.tag == "br":
            text += "\n"
        elif child.tag in CODE or is_a(child, INLINE):
            text += own_text(child)
        text += child.tail or ""
    return text


def parts(holder: HtmlElement) -> tuple[list[HtmlElement], str]:
    """Return the pieces of code in a block element, and the words around them."""
    codes: list[HtmlElement] = []
    said = holder.text or ""
    for child in holder:
        if child.tag in CODE:
            codes.append(child)
        elif is_a(child, INLINE):
            inner, more = parts(child)
            codes, said = codes + inner, f"{said} {more}"
        said += child.tail or ""
    return codes, words(said) if re.search(r"\w", said) else ""


def words(text: str) -> str:
    """Return `text` without Markdown's marks and with single spaces."""
    return " ".join(re.sub(r"[`*]", "", text).split())
