"""The tables that pages can ask for: claims, error messages, the ledger, and how much of the book is proven."""

from collections import Counter
from xml.etree.ElementTree import Element, SubElement

from markdown.util import AtomicString

from opsbook.book import Book, Claim
from opsbook.messages import messages
from opsbook.messages import title_of as title_of_page
from opsbook.proof import KINDS, Ledger, Record, State
from opsbook.status import counts

MARKS = {State.PROVEN: "✓", State.NOT_RUN: "○", State.CHANGED: "≠", State.UNPROVEN: "?", State.FAILING: "✗"}
# For the search of Material and Zensical: what only sets a scene or is said under each block finds nothing, and the
# index that each reader fetches is a third smaller.
UNSEARCHED = {"data-search-exclude": ""}
WORST_FIRST = ("unsafe", "wrong", "dated", "incomplete", "holds")
HARMFUL = 2  # so many of them stand on the page of all topics, which would be too heavy with all
VERDICT_MARKS = {"holds": "✓", "wrong": "✗", "dated": "◷", "unsafe": "⚠", "incomplete": "◐"}


def topic_of(book: Book, kind: str, name: str) -> str:
    """Return the topic that a thing belongs to; the home page to that of the first block on it."""
    if kind == "claims":
        return book.claims[name].topic
    if "/" not in name:
        name = next(iter(book.pages[name].includes), "")
    return name.partition("/")[0].replace("-", "_")


def anchor(kind: str, name: str) -> str:
    """Return the id of a thing's row in the ledger of its topic, and of its badge on a page."""
    # The topic's own first page is index.md too.
    name = "home" if name == "index.md" else name
    return f"{kind}-{name.partition('/')[2] or name}"


def row_of(book: Book, kind: str, name: str) -> str:
    """Return the page under docs/ and the anchor of a thing's row; empty where no page lists its topic's ledger."""
    page = book.asked_on.get(f"ledger: {topic_of(book, kind, name)}")
    return f"{page}#{anchor(kind, name)}" if page else ""


def link_to_test(parent: Element, test: str, up: str = "../") -> Element:
    """Add a link to the source of `test`, which is published with the site; `up` leads from the page to docs/."""
    link = SubElement(parent, "a", {"href": f"{up}{test.partition('::')[0]}"})
    link.text = AtomicString(test)
    return link


def when_and_where(records: dict[str, Record]) -> str:
    """Return the last day and all platforms and versions of some records, for one line."""
    if not records:
        return "no test has shown this yet"
    day = max(record.date for record in records.values())
    versions = sorted({v for record in records.values() for v in record.versions.values()})
    return " · ".join([day, *sorted(records), *versions])


def name_of_topic(book: Book, topic: str) -> str:
    """Return the title of a topic's index, its folder's name where it has none."""
    index = book.pages.get(f"{topic.replace('_', '-')}/index.md")
    return title_of_page(index) if index else topic.replace("_", " ")


def row(parent: Element, cells: list[str], tag: str = "td") -> Element:
    """Add a table row; backquotes in its cells become code."""
    line = SubElement(parent, "tr")
    for cell in cells:
        SubElement(line, tag).text = cell
    return line


def claims_table(ledger: Ledger, claims: list[Claim], up: str = "../", *, of_many: bool = False) -> Element:
    """Return what people say beside our verdict, what is true, and the tests that decided it.

    `up` leads from the page to docs/; a table `of_many` pages names the one on which a claim is discussed.
    """
    table = Element("table", {"data-kind": "claims"})
    row(SubElement(table, "thead"), ["People say", "Verdict", "What a test saw"], "th")
    rows = SubElement(table, "tbody")
    for claim in claims:
        mark = f"{VERDICT_MARKS[claim.verdict]} {claim.verdict}"
        line = row(rows, [claim.says, mark, claim.truth])
        line.attrib |= {
            "id": f"claim-{claim.id}",
            "data-proof": f"claims {claim.id}",
            "data-state": ledger.claim(claim.id).value,
        }
        line[1].set("class", f"verdict {claim.verdict}")
        proof = SubElement(line[2], "small", {"class": "proof", **UNSEARCHED})
        page = ledger.book.page_of(claim.topic, claim.page) if of_many else None
        if page:
            link = SubElement(proof, "a", {"href": f"{up}{page.path}#claim-{claim.id}"})
            of_page = "" if page.is_index else f": {title_of_page(page)}"
            link.text = AtomicString(f"{name_of_topic(ledger.book, claim.topic)}{of_page}")
            link.tail = " · "
        claim_proof(proof, ledger, claim, up)
        if not page:
            link = SubElement(
                proof, "a", {"href": f"#claim-{claim.id}", "title": f"Link to claim {claim.id}"}
            )
            link.text = "#"
    return table


def claim_proof(parent: Element, ledger: Ledger, claim: Claim, up: str) -> None:
    """Add the state of a claim, which leads to its row in the ledger, and links to the tests that decided it."""
    state = ledger.claim(claim.id)
    tests = sorted({t for record in ledger.proof.of("claims", claim.id).values() for t in record.tests})
    told = f"{MARKS[state]} {state.value}"
    if row_there := row_of(ledger.book, "claims", claim.id):
        link = SubElement(parent, "a", {"href": f"{up}{row_there}"})
        link.text = AtomicString(told)
    else:
        link = SubElement(parent, "span")
        link.text = AtomicString(told)
    link.tail = AtomicString(": " + ("" if tests else "no test yet "))
    for test in tests:
        link_to_test(parent, test, up).tail = " "


def worst_first(claim: Claim) -> int:
    """Return the place of a claim among others: those that mislead most come first."""
    return WORST_FIRST.index(claim.verdict)


def claims_of_topic(ledger: Ledger, topic: str) -> Element:
    """Return the claims of a topic, those that mislead most first, to be filtered."""
    claims = sorted(ledger.book.claims_of(topic), key=worst_first)
    return filterable(claims_table(ledger, claims, of_many=True))


def all_claims(ledger: Ledger) -> Element:
    """Return the claims of all topics that do harm or are wrong, to be filtered, and the way to the others by topic."""
    worst = [c for c in sorted(ledger.book.claims.values(), key=worst_first) if worst_first(c) < HARMFUL]
    box = filterable(claims_table(ledger, worst, up="", of_many=True))
    SubElement(box, "h2", {"id": "by-topic"}).text = "All claims by topic"
    entries = SubElement(box, "ul")
    for topic in ledger.book.topics:
        if page := ledger.book.asked_on.get(f"claims: {topic}"):
            entry = SubElement(entries, "li")
            told = Counter(claim.verdict for claim in ledger.book.claims_of(topic))
            link = SubElement(entry, "a", {"href": page, "class": "part"})
            link.text = AtomicString(name_of_topic(ledger.book, topic))
            link.tail = ": " + ", ".join(
                f"{told[verdict]} {verdict}" for verdict in WORST_FIRST if told[verdict]
            )
    return box


def filterable(table: Element) -> Element:
    """Return `table` in a box with a place above it, where table.js puts what filters it."""
    box = Element("div", {"class": "filterable"})
    SubElement(box, "div", {"class": "filter"})
    box.append(table)
    return box


def errors_table(book: Book) -> Element:
    """Return one row an error message: its words as recorded, and the page whose section says what to do."""
    table = Element("table", {"data-kind": "errors"})
    row(SubElement(table, "thead"), ["The message", "What to do"], "th")
    rows = SubElement(table, "tbody")
    for message in messages(book):
        line = row(rows, ["", ""])
        line.set("data-topic", message.topic_word)
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
