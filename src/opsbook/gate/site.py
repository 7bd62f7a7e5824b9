"""A built site beside its ledger: its pages, what its blocks may say, and what a reader sees."""

import difflib
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from urllib.parse import urlsplit

from lxml import html
from lxml.html import HtmlElement

from opsbook.gate.page import Built, classes
from opsbook.gate.styles import AS_CODE, CONCEALS, Rules, by_part, matches, simple_selectors
from opsbook.messages import messages
from opsbook.proof import Ledger, State


@dataclass(frozen=True)
class Site:
    """A built site beside its ledger."""

    root: Path
    ledger: Ledger
    states: Mapping[tuple[str, str], State]

    @cached_property
    def pages(self) -> dict[str, Built]:
        """All HTML pages by their path in the site, without empty files."""
        made = {html_path(name): page for name, page in self.ledger.book.pages.items()}
        pages = {}
        for path in sorted(self.root.rglob("*.html")):
            if (source := path.read_text()).strip():
                name, parser = path.relative_to(self.root).as_posix(), html.HTMLParser(encoding="utf-8")
                tree = html.document_fromstring(path.read_bytes(), parser=parser)
                pages[name] = Built(name, source, tree, made.get(name))
        return pages

    @cached_property
    def files(self) -> set[str]:
        """All files by their path in the site."""
        return {path.relative_to(self.root).as_posix() for path in self.root.rglob("*") if path.is_file()}

    @cached_property
    def texts(self) -> dict[str, list[tuple[str, str]]]:
        """What a block may say, with the things that it then shows."""
        known: dict[str, list[tuple[str, str]]] = {}
        for name, region in self.ledger.book.regions.items():
            known.setdefault(as_shown(region.code), []).append(("regions", name))
        for name, output in self.ledger.book.outputs.items():
            # Markdown turns tabs into spaces, as a terminal does; in code that would be another program.
            known.setdefault(as_shown(output.text.expandtabs(4)), []).append(("outputs", name))
        return known

    @cached_property
    def proven_lines(self) -> str:
        """Each line of proven code and of proven outputs, once: one text, which is faster to search than a thousand."""
        texts = [text for text, things in self.texts.items() if State.PROVEN in map(self.states.get, things)]
        return "\n".join(dict.fromkeys(line for text in texts for line in text.splitlines()))

    @cached_property
    def messages(self) -> set[str]:
        """The error messages that pages have as headings."""
        return {message.text for message in messages(self.ledger.book)}

    @cached_property
    def styles(self) -> dict[str, str]:
        """All style sheets by their path in the site."""
        return {
            path.relative_to(self.root).as_posix(): path.read_text()
            for path in sorted(self.root.rglob("*.css"))
        }

    @cached_property
    def concealed(self) -> Rules:
        """What style sheets make invisible, as simple selectors."""
        return by_part(rule for css in self.styles.values() for rule in simple_selectors(css, CONCEALS))

    @cached_property
    def code_like(self) -> Rules:
        """What style sheets set like code, as simple selectors."""
        return by_part(rule for css in self.styles.values() for rule in simple_selectors(css, AS_CODE))

    @cached_property
    def base(self) -> str:
        """The path of the site on its host, from the generators' configuration."""
        config = self.ledger.book.root / "mkdocs.yml"
        found = (
            re.search(r"(?m)^site_url:\s*[\"']?([^\s\"']+)", config.read_text()) if config.exists() else None
        )
        return urlsplit(found[1]).path.rstrip("/") + "/" if found else "/"

    def nearest(self, text: str) -> str:
        """Return the id of the region or output most like `text`."""
        best = difflib.get_close_matches(text.strip(), self.texts, 1, 0.3)
        return self.texts[best[0]][0][1] if best else ""

    def conceals(self, node: HtmlElement) -> bool:
        """Tell whether a reader does not see, or is not read, what is in `node`."""
        off = node.get("hidden") is not None or node.get("aria-hidden") == "true"
        return off or matches(node, self.concealed)

    def visible(self, node: HtmlElement, skip: str, between: str = "") -> str:
        """Return the text that a reader sees of `node`: without folded parts, without those of class `skip`."""
        if not isinstance(node.tag, str) or self.conceals(node) or skip in classes(node):
            return ""
        if node.tag == "details" and node.get("open") is None:
            return between.join(self.visible(child, skip, between) for child in node.findall("summary"))
        seen = [node.text or ""]
        for child in node:
            seen += [self.visible(child, skip, between), child.tail or ""]
        return between.join(seen)


def html_path(name: str) -> str:
    """Return where a page of docs/ stands in the site."""
    stem = name.removesuffix(".md")
    return f"{stem}.html" if posixpath.basename(stem) == "index" else f"{stem}/index.html"


def as_shown(text: str) -> str:
    """Return `text` as Markdown leaves it: lines of mere blanks and newlines at either end are lost."""
    return re.sub(r"(?m)^ +$", "", text).strip("\n")
