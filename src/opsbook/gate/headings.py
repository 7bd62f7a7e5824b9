"""Headings: an error message in one must be in a recorded output of the page."""

import difflib
import re
from collections.abc import Iterator

from opsbook.book import TOKEN, token_pattern
from opsbook.gate.findings import Finding
from opsbook.gate.page import HEADING, Built, is_a, parts, words
from opsbook.gate.site import Site

_ERROR = re.compile(
    "fatal:|error:|warning:|denied|refused|timed out|no such file|broken pipe|did not match", re.IGNORECASE
)


def headings(site: Site, page: Built) -> Iterator[Finding]:
    """Yield error messages in headings that no recorded output of the page has."""
    book = site.ledger.book
    outputs = [book.outputs[name].text for name in page.includes if name in book.outputs]
    shown = "\n".join(book.regions[name].code for name in page.includes if name in book.regions)
    for node in (n for n in page.written if is_a(n, HEADING) or n.get("role") == "heading"):
        codes, prose = parts(node)
        if _ERROR.search(prose):
            what = f"an error message in plain words: {prose!r}"
            yield page.finding(node, what, "put it in backquotes, exactly as recorded")
        for text in (words(code.text_content()) for code in codes):
            is_option = not _ERROR.search(text) and (prose or text in shown)
            if not is_option and not any(stands_in(text, output) for output in outputs):
                lines = [line for output in outputs for line in output.splitlines()]
                near = "".join(difflib.get_close_matches(text, lines, 1, 0.3))
                what = f"{text!r} is in no recorded output of this page"
                yield page.finding(node, what, "provoke it in a test and include that output", near)


def stands_in(text: str, output: str) -> bool:
    """Tell whether `text` is part of a recorded output, each token of either being any value of its type."""
    if text in words(output) or re.search(token_pattern(text), output):
        return True
    for line in (line.split() for line in output.splitlines() if TOKEN.search(line)):
        spans = (" ".join(line[i:j]) for i in range(len(line)) for j in range(i + 1, len(line) + 1))
        # Most begin otherwise than the text; to make a pattern of each would take a third of the gate's time.
        likely = (s for s in spans if TOKEN.search(s) and text.startswith(s.partition("<")[0]))
        if any(re.fullmatch(token_pattern(span), text) for span in likely):
            return True
    return False
