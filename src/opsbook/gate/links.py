"""Links: whether they lead somewhere, and what a browser would fetch from another host."""

import posixpath
import re
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

from lxml import etree
from lxml.html import HtmlElement
from lxml.html.defs import link_attrs

from opsbook.gate.findings import DROP, HERE, Finding
from opsbook.gate.page import Built, tag
from opsbook.gate.site import Site
from opsbook.gate.styles import LOADS

LOADING = re.compile(
    r"\b(?:stylesheet|icon|preload|prefetch|preconnect|dns-prefetch|modulepreload|manifest)\b"
)

# Those of lxml.html.defs.link_attrs, and what is younger; found by XPath, for a page has thousands.
MAY_BE_EMPTY = {"poster", "xlink:href"}
# Attributes that hold several addresses, and what stands between those.
SEVERAL = {"srcset": ",", "imagesrcset": ",", "archive": " ", "ping": " "}
NAMES = {*link_attrs, *MAY_BE_EMPTY, *SEVERAL}
ADDRESSES = etree.XPath(
    f"//@*[{' or '.join(f'name() = {name!r}' for name in sorted(NAMES))}] | //param[@valuetype]/@value"
)


def links(site: Site, page: Built) -> Iterator[Finding]:
    """Yield dead links, and whatever a browser would fetch from another host."""
    for node, name, raw in addresses(page.tree):
        url = re.sub(r"[\t\r\n]", "", raw).strip().replace("\\", "/")  # as browsers read it
        scheme, host = urlsplit(url).scheme, urlsplit(url).netloc
        hint = node.tag == "link" and not LOADING.search(node.get("rel", "").lower())
        if scheme in {"javascript", "data", "vbscript", "blob"}:
            yield page.finding(node, f"content in an address: {url[:60]}", "make it a file")
        elif not (scheme or host):
            if why := dead(site, page, url):
                yield page.finding(node, f"a dead link: {url} ({why})", "mend the link or its target")
        elif not (hint or name == "cite" or node.tag in {"a", "area"}):
            yield page.finding(node, f"loaded from another host: {url}", HERE)
    for node in page.tree.xpath("//base | //meta[translate(@http-equiv, 'REFSH', 'refsh') = 'refresh']"):
        yield page.finding(node, f"<{tag(node)}> leads the reader elsewhere", DROP)
    for node in page.tree.iter("style"):
        for found in LOADS.finditer(node.text or ""):
            yield page.finding(node, f"loaded from another host: {found[0]}", HERE)


def dead(site: Site, page: Built, url: str) -> str:
    """Return why a link inside the site leads nowhere; empty when it leads somewhere."""
    path, fragment = unquote(urlsplit(url).path), unquote(urlsplit(url).fragment)
    if path.startswith("/"):
        target = path.removeprefix(site.base) if path.startswith(site.base) else ".."
    else:
        target = posixpath.join(posixpath.dirname(page.path), path) if path else page.path
    target = posixpath.normpath(target)
    if target not in site.files:
        target = posixpath.normpath(f"{target}/index.html")
    if target not in site.files:
        return "no such file"
    known = target not in site.pages or fragment in site.pages[target].anchors
    return "" if known else "no such fragment"


def addresses(tree: HtmlElement) -> Iterator[tuple[HtmlElement, str, str]]:
    """Yield each element that names an address, with the attribute and the address."""
    for found in ADDRESSES(tree):
        node, name = found.getparent(), found.attrname
        if name in SEVERAL:
            yield from ((node, name, part.split()[0]) for part in found.split(SEVERAL[name]) if part.strip())
        elif found or name not in MAY_BE_EMPTY:
            yield node, name, found
