"""The ledger as readers see it: a row for each block, output, claim and page, with its state and what stands behind it."""

from collections import Counter
from collections.abc import Iterable, Mapping
from xml.etree.ElementTree import Element, SubElement

from markdown.util import AtomicString

from opsbook.book import Book
from opsbook.proof import Ledger, Record, State
from opsbook.tables import MARKS, anchor, filterable, link_to_test, name_of_topic, row, topic_of

KINDS = {"regions": "block", "outputs": "output", "claims": "claim", "replays": "page"}
COLUMNS = ["What", "Kind", "State", "Shown by", "On", "Day"]
Thing = tuple[str, str]  # kind and id
Platform = tuple[str, tuple[str, ...]]  # its name and the versions on it


def places(book: Book, topic: str) -> Mapping[Thing, str]:
    """Return where readers meet each thing of `topic`, as page under docs/ and anchor, in the order of reading."""
    found: dict[Thing, str] = {}
    mine = [page for path, page in book.pages.items() if topic_of(book, "replays", path) == topic]
    # The home page shows blocks of another page, which stands for them.
    for page in sorted(mine, key=lambda page: not page.topic):
        for name in page.includes:
            kind = "regions" if name in book.regions else "outputs"
            found.setdefault((kind, name), f"{page.path}#{anchor(kind, name)}")
        for claim in book.claims_of(topic):
            if book.page_of(topic, claim.page) is page:
                found["claims", claim.id] = f"{page.path}#claim-{claim.id}"
        if page.includes:
            found["replays", page.path] = page.path
    return found


def ledger_table(ledger: Ledger, topic: str) -> Element:
    """Return the rows of all things of `topic`, in the order of reading."""
    where = places(ledger.book, topic)
    order = {thing: place for place, thing in enumerate(where)}
    things = [thing for thing in ledger.everything if topic_of(ledger.book, *thing) == topic]
    return rows_for(ledger, sorted(things, key=lambda thing: order.get(thing, len(order))), where, up="../")


def unproven_table(ledger: Ledger) -> Element:
    """Return the rows of all things of all topics that are not proven, or a line that there are none."""
    states = ledger.everything
    things = [thing for thing, state in states.items() if state is not State.PROVEN]
    if not things:
        line = Element("p")
        line.text = f"Nothing: all {len(states):,} things in the ledger are proven."
        return line
    where = {t: place for topic in ledger.book.topics for t, place in places(ledger.book, topic).items()}
    box = rows_for(ledger, things, where, up="")
    # So few that nobody filters them.
    if (fields := box.find("div")) is not None:
        box.remove(fields)
    return box


def overview(ledger: Ledger) -> Element:
    """Return a row a topic, which leads to its ledger: how many things it has of each kind, how many are not proven."""
    table = Element("table", {"data-kind": "topics"})
    heads = ["Topic", *(f"{kind.capitalize()}s" for kind in KINDS.values()), "Not proven"]
    row(SubElement(table, "thead"), heads, "th")
    body, states = SubElement(table, "tbody"), ledger.everything
    for topic in ledger.book.topics:
        mine = {thing: state for thing, state in states.items() if topic_of(ledger.book, *thing) == topic}
        told = [sum(kind == each for kind, _ in mine) for each in KINDS]
        line = row(
            body, ["", *map(str, told), str(sum(state is not State.PROVEN for state in mine.values()))]
        )
        if page := ledger.book.asked_on.get(f"ledger: {topic}"):
            SubElement(line[0], "a", {"href": page, "class": "part"}).text = name_of_topic(ledger.book, topic)
    return filterable(table)


def rows_for(ledger: Ledger, things: list[Thing], where: Mapping[Thing, str], up: str) -> Element:
    """Return a table of `things`, to be filtered; `where` readers meet them is under docs/, which `up` leads to."""
    usual = usual_platform(record for thing in things for record in ledger.proof.of(*thing).items())
    table = Element("table", {"data-kind": "ledger"})
    row(SubElement(table, "thead"), COLUMNS, "th")
    body, states = SubElement(table, "tbody"), ledger.everything
    for thing in things:
        line = row(body, [""] * len(COLUMNS))
        line.attrib |= {
            "id": anchor(*thing),
            "data-proof": " ".join(thing),
            "data-state": states[thing].value,
        }
        fill(line, ledger, thing, usual, up)
        if thing in where:
            SubElement(line[0], "a", {"href": f"{up}{where[thing]}"}).text = line[0].text
            line[0].text = None
    box = filterable(table)
    if usual:
        box.insert(0, Element("p"))
        box[0].text = AtomicString(f"Where nothing else is said, {usual[0]} has: {', '.join(usual[1])}.")
    return box


def fill(line: Element, ledger: Ledger, thing: Thing, usual: Platform | None, up: str) -> None:
    """Fill the cells of the row of one thing."""
    kind, name = thing
    region, records = ledger.book.regions.get(name), ledger.proof.of(kind, name)
    state = State(line.attrib["data-state"])
    why = f": {region.not_run}" if region and region.not_run else ""
    short = name.partition("/")[2] or f"/{name}"
    told = [
        ledger.book.claims[name].says.replace("`", "") if kind == "claims" else short,
        KINDS[kind],
        f"{MARKS[state]} {state.value}{why}",
        "",
        "; ".join(platform_told(pair, usual) for pair in sorted(records.items())),
        max((record.date for record in records.values()), default=""),
    ]
    for cell, text in zip(line, told, strict=True):
        cell.text = AtomicString(text)
    failing = {test for record in records.values() for test in record.failing}
    for test in sorted({test for record in records.values() for test in record.tests}):
        link = link_to_test(line[3], test, up)
        link.text = AtomicString(("failed in " if test in failing else "") + test.partition("::")[2])
        link.tail = " "


def platform_told(pair: tuple[str, Record], usual: Platform | None) -> str:
    """Return a platform by its name, and with its versions where they are not the usual ones."""
    name, versions = platform_of(pair)
    return name if (name, versions) == usual or not versions else f"{name}: {', '.join(versions)}"


def platform_of(pair: tuple[str, Record]) -> Platform:
    """Return the platform of a record."""
    return pair[0], tuple(pair[1].versions.values())


def usual_platform(pairs: Iterable[tuple[str, Record]]) -> Platform | None:
    """Return the platform and versions that most of the records have; None where there are none."""
    counted = Counter(platform_of(pair) for pair in pairs if pair[1].versions)
    return counted.most_common(1)[0][0] if counted else None
