"""Blocks, and code that reads as one: proven or recorded, byte for byte, with their own badges."""

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from opsbook.gate.badges import badge_under, named
from opsbook.gate.findings import ADVICE, DROP, INCLUDE, Finding
from opsbook.gate.page import CODE, HEADING, INLINE, Built, classes, is_a, is_claim, parts
from opsbook.gate.site import Site
from opsbook.gate.styles import matches

CELL = re.compile("caption|dt|figcaption|li|summary|t[dh]")


def blocks(site: Site, page: Built) -> Iterator[Finding]:
    """Yield each block that is not proven code or a recorded output with its own badge."""
    for pre in page.tree.iter("pre"):
        if not (is_line_numbers(pre) or "mermaid" in classes(pre)):
            yield from one_block(site, page, pre, pre.text_content())
            for node in pre.iterdescendants():
                if node.tag not in {"a", "code", "span"} or site.conceals(node):
                    yield page.finding(node, "part of a block is not shown as it is", DROP)
    holders: dict[HtmlElement, None] = {}
    for node in page.plain:
        if node.tag in CODE and ("\n" in node.text_content().strip() or node.find(".//br") is not None):
            yield from one_block(site, page, node, node.text_content())
        elif node.tag in CODE:
            holders[next(n for n in node.iterancestors() if not is_a(n, INLINE))] = None
        elif node.tag != "pre" and matches(node, site.code_like):
            yield from one_block(site, page, node, node.text_content())
    for holder in holders:
        yield from code_alone(site, page, holder)


def one_block(site: Site, page: Built, node: HtmlElement, text: str) -> Iterator[Finding]:
    """Yield what is wrong with one block."""
    things, badge = site.texts.get(text.strip("\n"), []), badge_under(node)
    if not things:
        first = text.strip().partition("\n")[0][:60]
        what = f"a block that is no region and no recorded output: {first!r}"
        yield page.finding(node, what, INCLUDE, site.nearest(text))
    elif badge is None:
        yield page.finding(node, "a block without its badge right under it", INCLUDE, things[0][1])
    elif named(badge) not in things:
        what = f"a block with the badge of {badge.get('data-proof')!r}"
        yield page.finding(node, what, "let the include put its badge there", things[0][1])
    elif (state := site.states[named(badge)]) in ADVICE:
        yield page.finding(node, f"a block that is {state}", ADVICE[state], named(badge)[1])


def code_alone(site: Site, page: Built, holder: HtmlElement) -> Iterator[Finding]:
    """Yield code that stands alone in `holder` and so reads as a block, or as a line of one."""
    codes, prose = parts(holder)
    if prose or is_a(holder, HEADING) or any(is_claim(n) for n in (holder, *holder.iterancestors())):
        return
    if not is_a(holder, CELL):
        if len([c for c in codes if c.tag != "kbd"]) > 1 or is_line(holder.text_content()):
            yield from one_block(site, page, holder, holder.text_content())
        return
    for code in codes:
        text = code.text_content().strip()
        # `rm -rf /` is no part of `rm -rf /tmp/x`
        pattern = re.compile(rf"(?<![\w/.~*$-]){re.escape(text)}(?![\w/~*$-]|\.\S)")
        # Messages are held to the recorded outputs where they are headings.
        known = text in site.messages or ("\n" not in text and pattern.search(site.proven_lines))
        if is_line(text) and not known:
            yield page.finding(
                code, f"a line that nothing proven has: {text[:60]!r}", INCLUDE, site.nearest(text)
            )


def is_line(text: str) -> bool:
    """Tell whether code is more than one plain word; blanks of any alphabet count."""
    return re.search(r"[^!-~]", text.strip()) is not None


def is_line_numbers(pre: HtmlElement) -> bool:
    """Tell whether a <pre> is the column of line numbers beside a block."""
    cells = pre.xpath("ancestor::td[1][contains(@class, 'linenos')]")
    return bool(cells) and not re.search(r"[^\d\s]", pre.text_content())
