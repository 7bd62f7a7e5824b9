"""Content-Security-Policies: each page's own, and before whatever it is to govern."""

from collections.abc import Iterator

from opsbook.gate.findings import Finding
from opsbook.gate.page import Built
from opsbook.policy import policy_for

PUT = "put it there: opsbook policy site"
_META = "//meta[translate(@http-equiv, 'CENOPSTURILY', 'cenopsturily') = 'content-security-policy']"


def policies(page: Built) -> Iterator[Finding]:
    """Yield what lets a page run or load more, or less, than its own files and inline scripts."""
    found = page.tree.xpath(_META)
    if not found:
        yield Finding(page.path, 1, "a page without a Content-Security-Policy", "", PUT)
        return
    inline = page.tree.xpath("//script[not(@src) and not(@type = 'application/json')]")
    wanted = policy_for(script.text or "" for script in inline)
    if len(found) > 1 or found[0].get("content") != wanted:
        yield page.finding(found[0], "a Content-Security-Policy that is not this page's", PUT)
    for node in found[0].xpath("preceding::*[self::script or self::link or self::style]")[:1]:
        yield page.finding(node, "what no policy governs, because it stands before it", PUT)
