"""The Markdown extension: badges under included blocks, tables of claims and of the book's state.

Accepts, beside ordinary Markdown:
    a fence that includes a region or an output     gets its title, classes and badge
    [[claims: ssh/keep-alive]] or [[claims: ssh]]   the claims of a page or topic, one row each
    [[claims]]                                      the claims of all topics, wrong and unsafe ones first
    [[errors]]                                      every error message of the book, with the way to its section
    [[counts]]                                      one line: how much is proven in all, since when and on what
    [[status]]                                      how many things of each topic are proven
Works in any generator that runs Python-Markdown; imports none.
"""

import json
import os
import re
import secrets
from functools import cache
from pathlib import Path
from typing import Any
from xml.etree.ElementTree import Element, SubElement

from markdown import Markdown
from markdown.extensions import Extension
from markdown.preprocessors import Preprocessor
from markdown.treeprocessors import Treeprocessor
from markdown.util import AtomicString

from opsbook import proof as proofs
from opsbook.book import TOKENS, Book, Claim, Fence, Region, fences
from opsbook.messages import messages
from opsbook.messages import title_of as title_of_page
from opsbook.proof import KINDS, Ledger, Record, State
from opsbook.status import counts

DIRECTIVE = re.compile(r"^\[\[(?P<name>claims|counts|errors|status)(?:: *(?P<what>[\w/-]+))?\]\]$")
MARKS = {State.PROVEN: "✓", State.NOT_RUN: "○", State.CHANGED: "≠", State.UNPROVEN: "?", State.FAILING: "✗"}
PYODIDE = "assets/pyodide/pyodide.mjs"
WORST_FIRST = ("unsafe", "wrong", "dated", "incomplete", "holds")
VERDICT_MARKS = {"holds": "✓", "wrong": "✗", "dated": "◷", "unsafe": "⚠", "incomplete": "◐"}


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


def newest(root: Path, proof: Path) -> tuple[int, int]:
    """Return how many files the book has and when the last was written: what a cached ledger hangs on."""
    files = [p for folder in ("snippets", "tests", "docs") for p in (root / folder).rglob("*") if p.is_file()]
    times = [path.stat().st_mtime_ns for path in (*files, proof) if path.exists()]
    return len(files), max(times, default=0)


@cache
def read_ledger(root: Path, proof: Path, stamp: tuple[int, int]) -> Ledger:
    """Return book and proof as they stand at `stamp`; raises ProofError for a damaged proof."""
    return Ledger(Book(root), proofs.load(proof))


class _Includes(Preprocessor):
    """Gives each fence that includes something its title and classes, and leaves a line for the badge below."""

    def __init__(self, md: Markdown, ledger: Ledger, token: str) -> None:
        super().__init__(md)
        self.book, self.token = ledger.book, token

    def run(self, lines: list[str]) -> list[str]:
        text = "\n".join(lines)
        out = text.split("\n")
        for fence in reversed(list(fences(text))):
            if fence.include in self.book.regions or fence.include in self.book.outputs:
                out[fence.end + 1 : fence.end + 1] = ["", f"{fence.indent}{self.token} {fence.include}", ""]
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
        for parent in list(root.iter()):
            for place, child in enumerate(list(parent)):
                text = (child.text or "").strip()
                if child.tag == "p" and text.startswith(f"{self.token} "):
                    new = badge(self.ledger, text.partition(" ")[2])
                elif child.tag == "p" and len(child) == 0 and (found := DIRECTIVE.match(text)):
                    new = self.table(found["name"], found["what"] or "")
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
        if not what:
            return all_claims(self.ledger)
        claims = self.ledger.book.claims_of(what)
        if not claims:
            raise ValueError(f"[[claims: {what}]]: claims.yaml has no claim for it")
        return claims_table(self.ledger, claims)


def badge(ledger: Ledger, name: str) -> Element:
    """Return the proof of an included block: a line that says the state, unfolding to what stands behind it."""
    region = ledger.book.regions.get(name)
    kind, state = ("regions", ledger.region(name)) if region else ("outputs", ledger.output(name))
    records = ledger.proof.of(kind, name)
    box = Element("details", {"class": "proof", "data-proof": f"{kind} {name}", "data-state": state.value})
    box.attrib |= told_to_browser(ledger.book, name)
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
            link_to_test(entry, test)
    if region:
        raw = SubElement(SubElement(facts, "li"), "a", {"href": f"../snippets/{region.snippet}"})
        raw.text = AtomicString(f"the whole file: snippets/{region.snippet}")
        fact(facts, f"print it: opsbook show {name}")
        fact(facts, f"practise: opsbook lab {lab_for(ledger, name)}")
    return box


def told_to_browser(book: Book, name: str) -> dict[str, str]:
    """Return what docs/assets/run.js has to know of a block, where Pyodide is in the site: of code whether it runs there
    or the file that it is, and what its program imports; of an output the patterns of its tokens.
    """
    if not (book.root / "docs" / PYODIDE).exists():
        return {}
    if region := book.regions.get(name):
        how, beside = book.in_browser(region), " ".join(book.beside_program(region))
        run = {"data-run": region.file if how == "yes" and region.file else how} if how else {}
        return run | {"data-beside": beside} if run and beside else run
    tokens = {token: TOKENS[token] for token in TOKENS if f"<{token}>" in book.outputs[name].text}
    return {"data-tokens": json.dumps(tokens)} if tokens else {}


def link_to_test(parent: Element, test: str, up: str = "../") -> Element:
    """Add a link to the source of `test`, which is published with the site; `up` leads from the page to docs/."""
    link = SubElement(parent, "a", {"href": f"{up}{test.partition('::')[0]}"})
    link.text = AtomicString(test)
    return link


def lab_for(ledger: Ledger, name: str) -> str:
    """Return the lab of the first page that includes the region `name`."""
    return next((ledger.book.lab_of(p) for p in ledger.book.pages.values() if name in p.includes), "--list")


def when_and_where(records: dict[str, Record]) -> str:
    """Return the last day and all platforms and versions of some records, for one line."""
    if not records:
        return "no test has shown this yet"
    day = max(record.date for record in records.values())
    versions = sorted({v for record in records.values() for v in record.versions.values()})
    return " · ".join([day, *sorted(records), *versions])


def fact(parent: Element, text: str) -> None:
    """Add a list item with literal text."""
    SubElement(parent, "li").text = AtomicString(text)


def row(parent: Element, cells: list[str], tag: str = "td") -> Element:
    """Add a table row; backquotes in its cells become code."""
    line = SubElement(parent, "tr")
    for cell in cells:
        SubElement(line, tag).text = cell
    return line


def claims_table(ledger: Ledger, claims: list[Claim], up: str = "../") -> Element:
    """Return what people say beside our verdict, what is true, and the tests that decided it; `up` leads to docs/."""
    table = Element("table", {"data-kind": "claims"})
    row(SubElement(table, "thead"), ["People say", "Verdict", "What a test saw"], "th")
    rows = SubElement(table, "tbody")
    for claim in claims:
        state = ledger.claim(claim.id)
        mark = f"{VERDICT_MARKS[claim.verdict]} {claim.verdict}"
        line = row(rows, [claim.says, mark, claim.truth])
        line.attrib |= {
            "id": f"claim-{claim.id}",
            "data-proof": f"claims {claim.id}",
            "data-state": state.value,
        }
        line[1].set("class", f"verdict {claim.verdict}")
        tests = sorted({t for record in ledger.proof.of("claims", claim.id).values() for t in record.tests})
        proof = SubElement(line[2], "small", {"class": "proof"})
        proof.text = AtomicString(f"{MARKS[state]} {state.value}: " + ("" if tests else "no test yet "))
        for test in tests:
            link_to_test(proof, test, up).tail = " "
        anchor = SubElement(proof, "a", {"href": f"#claim-{claim.id}", "title": f"Link to claim {claim.id}"})
        anchor.text = "#"
    return table


def worst_first(claim: Claim) -> int:
    """Return the place of a claim among others: those that mislead most come first."""
    return WORST_FIRST.index(claim.verdict)


def all_claims(ledger: Ledger) -> Element:
    """Return the claims of all topics under one heading a topic, those that mislead most first."""
    box = Element("div")
    for topic in ledger.book.topics:
        if claims := sorted(ledger.book.claims_of(topic), key=worst_first):
            SubElement(box, "h2", {"id": topic.replace("_", "-")}).text = topic.replace("_", " ").capitalize()
            box.append(claims_table(ledger, claims, up=""))
    return box


def errors_table(book: Book) -> Element:
    """Return one row an error message: its words as recorded, and the page whose section says what to do."""
    table = Element("table", {"data-kind": "errors"})
    row(SubElement(table, "thead"), ["The message", "What to do"], "th")
    rows = SubElement(table, "tbody")
    for message in messages(book):
        line = row(rows, ["", ""])
        SubElement(line[0], "code").text = AtomicString(message.text)
        link = SubElement(line[1], "a", {"href": f"{message.page.path}#{message.anchor}"})
        link.text = AtomicString(title_of_page(message.page))
    return table


def counts_line(ledger: Ledger) -> Element:
    """Return how many blocks, outputs and claims are proven, the last day and the platforms, as one paragraph."""
    topics = counts(ledger)["topics"].values()
    line = Element("p", {"class": "counts"})
    for kind in ("blocks", "outputs"):
        SubElement(line, "b").text = f"{sum(told[kind]['proven'] for told in topics):,}"
        line[-1].tail = f" {kind}, "
    decided = sum(sum(told["claims"].values()) - told["claims"]["undecided"] for told in topics)
    line[-1].tail = " outputs and "
    SubElement(line, "b").text = f"{decided:,}"
    everything = [
        record
        for kind in KINDS
        for things in ledger.proof.records[kind].values()
        for record in things.items()
    ]
    day = max((record.date for _, record in everything), default="never")
    platforms = ", ".join(sorted({platform for platform, _ in everything}))
    line[-1].tail = f" claims, each shown by a passing test; the last run was on {day}, on {platforms}."
    return line


def status_table(ledger: Ledger) -> Element:
    """Return one row a topic: pages, and how much of its blocks, outputs and claims is proven."""
    table = Element("table", {"data-kind": "status"})
    row(
        SubElement(table, "thead"),
        ["Topic", "Pages", "Blocks proven", "Outputs proven", "Claims decided"],
        "th",
    )
    rows = SubElement(table, "tbody")
    for topic, told in counts(ledger)["topics"].items():
        blocks, outputs = told["blocks"], told["outputs"]
        decided = sum(told["claims"].values())
        line = row(
            rows,
            [
                "",
                str(told["pages"]),
                f"{blocks['proven']} of {sum(blocks.values())}",
                f"{outputs['proven']} of {sum(outputs.values())}",
                f"{decided - told['claims']['undecided']} of {decided}",
            ],
        )
        SubElement(line[0], "a", {"href": f"{topic.replace('_', '-')}/index.md"}).text = topic.replace(
            "_", " "
        )
    return table
