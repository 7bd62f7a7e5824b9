"""The Markdown extension: badges under included blocks, tables of claims and of the book's state.

Accepts, beside ordinary Markdown:
    a fence that includes a region or an output     gets its title, classes and badge
    [[claims: ssh/keep-alive]]                      the claims of a page, one row each
    [[claims: ssh]]                                 the claims of a topic, wrong and unsafe ones first
    [[claims]]                                      the wrong and unsafe claims of all topics, and the way to the others
    [[errors]]                                      every error message of the book, with the way to its section
    [[values: web host, /dev/sdb disk]]             names in the page's blocks that stand for a reader's own, with their kinds
    [[counts]]                                      one line: how much is proven in all, since when and on what
    [[ledger: ssh]]                                 the state of each thing of a topic, and what stands behind it
    [[ledger]]                                      how many things each topic has, and the way to its ledger
    [[unproven]]                                    the rows of all things that are not proven
    [[status]]                                      how many things of each topic are proven
Works in any generator that runs Python-Markdown; imports none.
"""

import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from opsbook import proof as proofs
from opsbook.book import TOKENS, Book, Fence, Region, fences
from opsbook.ledger import ledger_table, overview, unproven_table
from opsbook.proof import Ledger
from opsbook.tables import (
    MARKS,
    UNSEARCHED,
    all_claims,
    anchor,
    claims_of_topic,
    claims_table,
    counts_line,
    errors_table,
    link_to_test,
    row_of,
    status_table,
    when_and_where,
)
from opsbook.values import KINDS as VALUE_KINDS
from opsbook.values import VALUES, Value, declared

DIRECTIVE = re.compile(
    r"^\[\[(?P<name>claims|counts|errors|ledger|status|unproven)(?:: *(?P<what>[\w/-]+))?\]\]$"
)
PYODIDE = "assets/pyodide/pyodide.mjs"


class OpsbookExtension(Extension):
    """Python-Markdown extension `opsbook.markdown`; `root` is the book's folder, `proof` the file to believe."""

    def __init__(self, **options: Any) -> None:
        self.config = {
            "root": [".", "the folder with docs/, snippets/ and proof.json"],
            "proof": ["", "the proof file, default OPSBOOK_PROOF or proof.json"],
        }
        super().__init__(**options)

    def extendMarkdown(self, md: Markdown) -> None:
        """Register both processors."""
        root = Path(self.getConfig("root")).resolve()
        proof = root / (self.getConfig("proof") or os.environ.get("OPSBOOK_PROOF") or "proof.json")
        ledger = read_ledger(root, proof, newest(root, proof))
        token = f"opsbook-{secrets.token_hex(8)}"
        # Before pymdownx.snippets (32) has put the code where its name stands.
        md.preprocessors.register(_Includes(md, ledger, token), "opsbook", 33)
        # Before inline patterns (20), so that backquotes in claims still become code.
        md.treeprocessors.register(_Badges(md, ledger, token), "opsbook", 25)


makeExtension = OpsbookExtension


Stamp = tuple[int, int]
LOOKS: dict[tuple[Path, Path], tuple[float, Stamp]] = {}


def newest(root: Path, proof: Path) -> Stamp:
    """Return what a cached ledger hangs on, at most a moment old.

    Asked for each page, of a book that has as many files as pages; so it looks again only after twenty times as long as
    a look takes: 2 s after an edit of a thousand pages, half a second after one of a hundred.
    """
    due, stamp = LOOKS.get((root, proof), (0.0, (0, 0)))
    start = time.monotonic()
    if start >= due:
        stamp = look(root, proof)
        end = time.monotonic()
        LOOKS[root, proof] = end + 20 * (end - start), stamp
    return stamp


def look(root: Path, proof: Path) -> Stamp:
    """Return how many files the book has and when the last was written."""
    files = [p for folder in ("snippets", "tests", "docs") for p in (root / folder).rglob("*") if p.is_file()]
    times = [path.stat().st_mtime_ns for path in (*files, proof) if path.exists()]
    return len(files), max(times, default=0)


@lru_cache(maxsize=1)
def read_ledger(root: Path, proof: Path, stamp: Stamp) -> Ledger:
    """Return book and proof as they stand at `stamp`; raises ProofError for a damaged proof."""
    return Ledger(Book(root), proofs.load(proof))


class _Includes(Preprocessor):
    """Gives each fence that includes something its title and classes, and leaves a line for the badge below."""

    def __init__(self, md: Markdown, ledger: Ledger, token: str) -> None:
        super().__init__(md)
        self.book, self.token = ledger.book, token

    def run(self, lines: list[str]) -> list[str]:
        text = "\n".join(lines)
        out, up = text.split("\n"), way_up(self.book, text)
        for fence in reversed(list(fences(text))):
            if fence.include in self.book.regions or fence.include in self.book.outputs:
                out[fence.end + 1 : fence.end + 1] = [
                    "",
                    f"{fence.indent}{self.token} {up}{fence.include}",
                    "",
                ]
                out[fence.start] = self.opening(fence)
        return out

    def opening(self, fence: Fence) -> str:
        region = self.book.regions.get(fence.include)
        if region is None:
            machine = self.book.machine_of.get(fence.include)
            told = f"Output on {machine}" if machine else "Output"
            return f'{fence.indent}{fence.marker} {{ .text .output .no-copy title="{told}" }}'
        # attr_list knows no escape for a quote inside quotes.
        told = title_of(region).replace('"', "'")
        title = f' title="{told}"' if told else ""
        language = fence.info.strip("{} ").removeprefix(".") or "text"
        return f"{fence.indent}{fence.marker} {{ .{language} .{region.effect or 'file'}{title} }}"


def way_up(book: Book, text: str) -> str:
    """Return the way from the page of this text to docs/: none for a page that lies there, such as the home page."""
    beside = (page.text for page in book.pages.values() if not page.topic)
    return "" if any(source.strip().endswith(text.strip()) for source in beside) else "../"


def title_of(region: Region) -> str:
    """Return what stands above a block: the file it goes to, the machine and user it is for, the exit to expect."""
    parts = []
    if path := region.file or region.append:
        parts.append(f"{'add to ' if region.append else ''}{path}")
    if region.on:
        parts.append(f"on {' and '.join(region.machines)}")
    if region.user:
        parts.append(f"as {region.user}")
    if region.exit:
        parts.append(f"fails with exit code {region.exit}")
    parts += [f"fails on {machine}" for machine, code in region.exits if code]
    return ", ".join(parts)


class _Badges(Treeprocessor):
    """Turns the lines left below blocks into badges, and the directives into tables."""

    def __init__(self, md: Markdown, ledger: Ledger, token: str) -> None:
        super().__init__(md)
        self.ledger, self.token = ledger, token

    def run(self, root: Element) -> None:
        for scene in list(root.iter("details")):
            if "example" in scene.get("class", "").split():
                leave_out_of_search(scene)
        named: set[str] = set()
        for parent in list(root.iter()):
            for place, child in enumerate(list(parent)):
                text = (child.text or "").strip()
                if child.tag == "p" and text.startswith(f"{self.token} "):
                    way = text.partition(" ")[2]
                    name = way.removeprefix("../")
                    new = badge(self.ledger, name, up=way.removesuffix(name))
                    mark = anchor(*new.attrib["data-proof"].split(" ", 1))
                    if mark not in named:
                        new.set("id", mark)
                        named.add(mark)
                elif child.tag == "p" and len(child) == 0 and (found := DIRECTIVE.match(text)):
                    new = self.table(found["name"], found["what"] or "")
                elif child.tag == "p" and VALUES.match(text):
                    new = values_box(declared(text))
                else:
                    continue
                new.tail = child.tail
                parent[place] = new

    def table(self, name: str, what: str) -> Element:
        if name == "status":
            return status_table(self.ledger)
        if name == "counts":
            return counts_line(self.ledger)
        if name == "errors":
            return errors_table(self.ledger.book)
        if name == "unproven":
            return unproven_table(self.ledger)
        if name == "ledger":
            return ledger_table(self.ledger, what) if what else overview(self.ledger)
        if not what:
            return all_claims(self.ledger)
        claims = self.ledger.book.claims_of(what)
        if not claims:
            raise ValueError(f"[[claims: {what}]]: claims.yaml has no claim for it")
        return claims_table(self.ledger, claims) if "/" in what else claims_of_topic(self.ledger, what)


def leave_out_of_search(scene: Element) -> None:
    """Let no search find what is folded in `scene`.

    Material's search takes the end of any element within for the end of the one that is left out, if both have the same tag,
    and the badges within are folds too. So the content gets an element of a tag that it has nowhere else.
    """
    content = Element("section", UNSEARCHED)
    for child in list(scene):
        if child.tag == "summary":
            child.attrib |= UNSEARCHED
        else:
            scene.remove(child)
            content.append(child)
    scene.append(content)


def badge(ledger: Ledger, name: str, up: str = "../") -> Element:
    """Return the proof of an included block: a line that says the state, unfolding to what stands behind it.

    `up` leads from the page to docs/.
    """
    region = ledger.book.regions.get(name)
    kind, state = ("regions", ledger.region(name)) if region else ("outputs", ledger.output(name))
    records = ledger.proof.of(kind, name)
    box = Element("details", {"class": "proof", "data-proof": f"{kind} {name}", "data-state": state.value})
    box.attrib |= UNSEARCHED | told_to_browser(ledger.book, name)
    line = SubElement(box, "summary")
    SubElement(line, "b").text = AtomicString(f"{MARKS[state]} {state.value}")
    if region and region.not_run:
        SubElement(line, "span").text = AtomicString(f": {region.not_run}")
    if region and region.effect:
        SubElement(line, "span", {"class": f"effect {region.effect}"}).text = AtomicString(region.effect)
    if not (region and region.not_run):
        told = when_and_where(records)
        SubElement(line, "span").text = AtomicString(told if region else told.split(" · ")[0])
    facts = SubElement(box, "ul")
    for platform, record in sorted(records.items()):
        fact(facts, f"{platform}, {record.date}: {', '.join(record.versions.values())}")
        for test in record.tests:
            entry = SubElement(facts, "li")
            entry.text = "failed in " if test in record.failing else "shown by "
            link_to_test(entry, test, up)
    if region:
        raw = SubElement(SubElement(facts, "li"), "a", {"href": f"{up}snippets/{region.snippet}"})
        raw.text = AtomicString(f"the whole file: snippets/{region.snippet}")
        fact(facts, f"print it: opsbook show {name}")
        fact(facts, f"practise: opsbook lab {' '.join(where_to_practise(ledger, region))}")
    if there := row_of(ledger.book, kind, name):
        SubElement(SubElement(facts, "li"), "a", {"href": f"{up}{there}"}).text = "its row in the ledger"
    return box


def told_to_browser(book: Book, name: str) -> dict[str, str]:
    """Return what docs/assets/run.js has to know of a block, where Pyodide is in the site: of code whether it runs there
    or the file that it is, why it does otherwise there, and what its program imports; of an output the patterns of its tokens.
    """
    if not (book.root / "docs" / PYODIDE).exists():
        return {}
    if region := book.regions.get(name):
        if not (how := book.in_browser(region)):
            return {}
        run = {"data-run": region.file if how == "yes" and region.file else how}
        more = {
            "data-why": region.browser.partition(" ")[2] if how == "differs" else "",
            "data-beside": " ".join(book.beside_program(region)),
        }
        return run | {name: value for name, value in more.items() if value}
    tokens = {token: TOKENS[token] for token in TOKENS if f"<{token}>" in book.outputs[name].text}
    return {"data-tokens": json.dumps(tokens)} if tokens else {}


def where_to_practise(ledger: Ledger, region: Region) -> Iterator[str]:
    """Yield what `opsbook lab` has to be told to be where the region runs: machine and user, and the lab of its first page."""
    if region.on:
        yield f"--on {region.machines[0]}"
    if region.user:
        yield f"--user {region.user}"
    pages = ledger.book.shown_on.get(region.id, ())
    yield next((ledger.book.lab_of(page) for page in pages), "--list")


def fact(parent: Element, text: str) -> None:
    """Add a list item with literal text."""
    SubElement(parent, "li").text = AtomicString(text)


def values_box(values: list[Value]) -> Element:
    """Return the folded list of the names that stand for a reader's own; values.js makes fields of it.

    Raises KeyError for an unknown kind.
    """
    # Fields and their reasons are no text of the page, so the search passes over them.
    box = Element("div", {"class": "values", **UNSEARCHED})
    fold = SubElement(box, "details")
    summary = SubElement(fold, "summary")
    SubElement(summary, "b").text = "Your values"
    SubElement(summary, "span").text = AtomicString(", ".join(value.name for value in values))
    SubElement(fold, "p").text = "In the blocks of this page these names stand for yours:"
    names = SubElement(fold, "ul")
    for value in values:
        kind = VALUE_KINDS[value.kind]
        facts = {
            "name": value.name,
            "kind": value.kind,
            "find": value.find,
            "called": kind.called,
            "allowed": kind.allowed,
            "characters": kind.characters,
            "rule": kind.rule,
        }
        line = SubElement(names, "li", {f"data-{name}": fact for name, fact in facts.items()})
        SubElement(line, "code").text = AtomicString(value.name)
        line[0].tail = AtomicString(f" {kind.called}")
    return box
