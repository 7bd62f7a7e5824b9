"""Style sheets: what they conceal, set like code, fetch from elsewhere or put on a page."""

import re
from collections.abc import Iterable, Iterator, Mapping

from lxml.html import HtmlElement

from opsbook.gate.findings import HERE, Finding
from opsbook.gate.page import classes, tag

Rules = Mapping[str, list[set[str]]]
_RULE = re.compile(r"([^{}]+)\{([^{}]*)\}")
CONCEALS = re.compile(
    r"display:\s*none|visibility:\s*(?:hidden|collapse)|opacity:\s*0?\.?0*\s*(?:;|!|$)|font-size:\s*0(?![.\d])|"
    r"clip(?:-path)?:|text-indent:\s*-"
)
AS_CODE = re.compile(
    r"white-space(?:-collapse)?:\s*(?:pre|break|preserve)|font(?:-family)?:[^;]*(?:mono|courier|consol|code)",
    re.IGNORECASE,
)
LOADS = re.compile(r"""(?:@import\s+|url\(\s*)["']?\s*(?:https?:)?//[^"')\s]+""", re.IGNORECASE)
_CSS_WORDS = re.compile(r"""content:\s*["'][^"']*\S\s+\S[^"']*["']""")


def style_sheets(styles: Mapping[str, str]) -> Iterator[Finding]:
    """Yield what style sheets fetch from elsewhere, and text that they would put on a page."""
    for path, css in styles.items():
        for found in [*LOADS.finditer(css), *_CSS_WORDS.finditer(css)]:
            what = "text from a style sheet" if found[0].startswith("content") else "loaded from another host"
            if not (path.startswith("assets/stylesheets/") and found[0].startswith("content")):
                yield Finding(path, css.count("\n", 0, found.start()) + 1, f"{what}: {found[0]}", "", HERE)


def simple_selectors(css: str, declared: re.Pattern[str]) -> Iterator[set[str]]:
    """Yield what the rules pick that declare this, as sets of tag, .class and #id: the last part of each selector."""
    for selectors, declarations in _RULE.findall(re.sub(r"/\*.*?\*/", "", css, flags=re.DOTALL)):
        for selector in selectors.split(",") if declared.search(declarations) else ():
            last = re.split(r"[\s>+~]+", selector.strip())[-1]
            if re.fullmatch(r"[\w.#-]+", last):
                yield set(re.findall(r"[.#]?[\w-]+", last))


def by_part(rules: Iterable[set[str]]) -> Rules:
    """Return simple selectors by one part of each, so that an element is held against few of them."""
    found: dict[str, list[set[str]]] = {}
    for rule in rules:
        found.setdefault(max(rule), []).append(rule)
    return found


def matches(node: HtmlElement, rules: Rules) -> bool:
    """Tell whether one of the simple selectors picks `node`."""
    mine = {tag(node), *(f".{name}" for name in classes(node)), f"#{node.get('id')}"}
    return any(rule <= mine for part in mine & rules.keys() for rule in rules[part])
