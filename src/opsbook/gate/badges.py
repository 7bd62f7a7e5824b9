"""Badges: where they stand and what they say, against the ledger."""

import re
from collections.abc import Iterator

from lxml.html import HtmlElement

from opsbook.gate.findings import DROP, STALE, Finding
from opsbook.gate.page import CODE, Built, classes, in_ledger, is_a, words
from opsbook.gate.site import Site


def badges(site: Site, page: Built) -> Iterator[Finding]:
    """Yield badges that are not what an include made, and includes that show nowhere."""
    under = {named(badge): badge for pre in page.tree.iter("pre") if (badge := badge_under(pre)) is not None}
    badges = {badge_under(pre) for pre in page.tree.iter("pre")}
    for node in page.tree.xpath("//*[@data-proof]"):
        if named(node) not in site.states:
            yield page.finding(node, f"a badge of {node.get('data-proof')!r}, which is not in the book", DROP)
        elif node not in badges and named(node)[0] in {"regions", "outputs"} and not in_ledger(node):
            yield page.finding(node, "a badge under no block", DROP)
        else:
            yield from one_badge(site, page, node, *named(node))
    for node in page.tree.find_class("proof"):
        if not any(n.get("data-proof") for n in (node, *node.iterancestors())):
            yield page.finding(node, "a badge that names nothing", DROP)
        if any(n.tag in {"br", *CODE} for n in node.iterdescendants()):
            yield page.finding(node, "a badge that holds code", DROP)
    for name in page.includes:
        if not {("regions", name), ("outputs", name)} & under.keys():
            yield Finding(page.path, 1, f"{name} is included but not shown with its badge", "", STALE)


def one_badge(site: Site, page: Built, node: HtmlElement, kind: str, name: str) -> Iterator[Finding]:
    """Yield what one badge says that the ledger does not, and what it should say and does not."""
    state, region = site.states[kind, name], site.ledger.book.regions.get(name)
    wanted = f"not run: {region.not_run}" if region and region.not_run else str(state)
    said = words(site.visible(node, skip="effect", between=" ")).replace(" :", ":").casefold()
    pattern = rf"(?<!\w){re.escape(words(wanted).casefold())}(?!\w)"
    if node.get("data-state") != state or not re.search(pattern, said):
        yield page.finding(node, f"the badge of {name} does not visibly say {wanted!r}", STALE)
    days = {record.date for record in site.ledger.proof.of(kind, name).values()}
    told = set(re.findall(r"\d{4}-\d\d-\d\d", node.text_content())) if kind != "claims" else set()
    effects = {each.text_content() for each in node.find_class("effect")} - {region.effect if region else ""}
    for wrong in (told - days) | effects:
        yield page.finding(node, f"the badge of {name} says {wrong}, the book does not", STALE)


def named(badge: HtmlElement) -> tuple[str, str]:
    """Return kind and id of what a badge is for."""
    kind, _, name = badge.get("data-proof", "").partition(" ")
    return kind, name


def badge_under(block: HtmlElement) -> HtmlElement | None:
    """Return the badge right under a block, past the wrappers that highlighting put around it."""
    node: HtmlElement | None = block
    while node is not None and not (node.tail or "").strip():
        after = node.getnext()
        if after is not None:
            return after if after.get("data-proof") else None
        parent = node.getparent()
        if parent is None or not is_a(parent, re.compile("div|table|tbody|td|tr")):
            return None
        ours = not classes(parent) or classes(parent) & {"highlight", "highlighttable", "code"}
        node = parent if ours else None
    return None
