"""The Content-Security-Policy of a built page: files of this site, and of inline scripts only those that are in the page.

A page's own <meta> carries it, because the generators' scripts differ with the page's depth. Who may frame a page is
for the server to say (deploy/): browsers heed `frame-ancestors` in a header alone.
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from pathlib import Path

# WebAssembly is what Python runs on in a reader's browser. The one inline style is that of Zensical 0.0.73's search.
_POLICY = (
    "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'{hashes}; "
    "style-src 'self' 'sha256-NwSx/R2V/U4jnW0Tq5pQ53Y/rzPVJ4dqE7D6UTA/J1k='; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; worker-src 'self'; form-action 'self'; base-uri 'none'"
)
_SCRIPT = re.compile(r"<script\b(?P<attributes>[^>]*)>(?P<text>.*?)</script", re.DOTALL | re.IGNORECASE)
_NOT_INLINE = re.compile(r"""\bsrc\s*=|\btype\s*=\s*["']?application/(?:ld\+)?json\b""", re.IGNORECASE)
_OLD = re.compile(r'<meta http-equiv="Content-Security-Policy"[^>]*>\n?', re.IGNORECASE)
# The encoding has to stand within the first 1,024 bytes, the policy before all that it governs.
_PLACE = re.compile(r"<head\b[^>]*>(?:\s*<meta charset=[^>]*>)?\s*", re.IGNORECASE)


def policy_for(scripts: Iterable[str]) -> str:
    """Return the policy of a page with these inline scripts."""
    digests = {base64.b64encode(hashlib.sha256(script.encode()).digest()).decode() for script in scripts}
    return _POLICY.format(hashes="".join(f" 'sha256-{digest}'" for digest in sorted(digests)))


def with_policy(page: str) -> str:
    """Return the HTML of a page with its policy, in place of any that it has; raises ValueError without a <head>."""
    page = _OLD.sub("", page)
    scripts = [
        found["text"] for found in _SCRIPT.finditer(page) if not _NOT_INLINE.search(found["attributes"])
    ]
    meta = f'<meta http-equiv="Content-Security-Policy" content="{policy_for(scripts)}">\n'
    head = _PLACE.search(page)
    if head is None:
        raise ValueError("a page without a <head>")
    return f"{page[: head.end()]}{meta}{page[head.end() :]}"


def write(site: Path) -> int:
    """Put each page's policy into the built `site`; return how many pages there are."""
    pages = list(site.rglob("*.html"))
    for path in pages:
        path.write_text(with_policy(path.read_text()))
    return len(pages)
