"""Elements that a page has no need of, and Markdown that was not understood."""

import re
from collections import Counter
from collections.abc import Iterator

from opsbook.gate.findings import DROP, Finding
from opsbook.gate.page import CODE, Built, is_a, tag
from opsbook.gate.site import Site, as_shown

ALLOWED = re.compile(
    "a|abbr|article|aside|b|blockquote|br|caption|cite|code|col|colgroup|dd|del|details|dfn|div|dl|dt|em|figcaption|"
    "figure|footer|h[1-6]|header|hr|i|img|input|ins|kbd|label|li|mark|nav|ol|p|picture|pre|q|s|samp|section|small|"
    "source|span|strong|sub|summary|sup|table|tbody|td|tfoot|th|thead|time|tr|u|ul|var|"
    "svg|circle|defs|ellipse|g|line|path|polygon|polyline|rect|title|use"
)
_LITERAL = re.compile(
    r"-8<-|\[\s*(?:start|end)\s*:|\[\[\s*(?:claims|counts|errors|ledger|status|unproven)|^\s*(?:```|~~~|///|:::|(?:===|!!!|\?\?\?)\+?!?\s)",
    re.MULTILINE,
)


def escapes(page: Built) -> Iterator[Finding]:
    """Yield the end tag by which an author would get out of the article, to where less is forbidden."""
    start, end = page.source.find("<article"), page.source.rfind("</article")
    depth: Counter[str] = Counter()
    for found in re.finditer(r"<(/?)([a-zA-Z][\w-]*)", page.source[start:end] if start >= 0 else ""):
        depth[found[2].lower()] += -1 if found[1] else 1
        if depth[found[2].lower()] < 0 or not depth["article"]:
            line = page.source.count("\n", 0, start + found.start()) + 1
            yield Finding(page.path, line, f"{found[0]}> closes what the article did not open", "", DROP)
            return


def elements(site: Site, page: Built) -> Iterator[Finding]:
    """Yield elements and attributes that a page has no need of; they could hide or fake a block."""
    for node in page.written:
        typed = node.tag == "input" and node.get("type") not in {"radio", "checkbox"}
        if typed or not is_a(node, ALLOWED):
            yield page.finding(node, f"<{tag(node)}> has no place in a page", "use Markdown")
        for name, value in node.items():
            styled = name == "style" and not re.fullmatch(r"\s*text-align:\s*\w+;?\s*", value)
            copied = name.startswith(("data-clipboard", "data-copy")) and as_shown(value) not in site.texts
            if styled or copied or re.fullmatch("on.*|hidden|srcdoc|ping|dir|popover", name):
                yield page.finding(node, f"{name}= has no place in a page", DROP)


def literals(page: Built) -> Iterator[Finding]:
    """Yield Markdown that was not understood and so stands on the page as it was typed."""
    for node in page.plain:
        if node.tag not in {"pre", *CODE}:
            texts = [node.text or "", *(child.tail or "" for child in node)]
            for found in filter(None, map(_LITERAL.search, texts)):
                what = f"Markdown left on the page: {found[0].strip()!r}"
                yield page.finding(node, what, "mend its syntax or indent")
