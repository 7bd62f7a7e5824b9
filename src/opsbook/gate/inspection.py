"""All checks, one after the other."""

from collections.abc import Iterator
from datetime import date
from pathlib import Path

from opsbook.gate.badges import badges
from opsbook.gate.blocks import blocks
from opsbook.gate.ci import unplugged
from opsbook.gate.commands import diagrams, transcripts
from opsbook.gate.findings import Finding, unproven, untimely
from opsbook.gate.headings import headings
from opsbook.gate.inventory import claims, ledger_rows, missing_and_strange
from opsbook.gate.links import links
from opsbook.gate.markup import elements, escapes, literals
from opsbook.gate.policies import policies
from opsbook.gate.site import Site
from opsbook.gate.styles import style_sheets
from opsbook.proof import Ledger


def inspect(site: Path, ledger: Ledger, *, max_age: int | None, today: date) -> list[Finding]:
    """Return all that keeps the built `site` from being published, in a stable order; empty means open."""
    found = {Finding(p.path, p.line, p.what, "", p.do) for p in ledger.book.problems}
    states = ledger.everything
    found |= {*unproven(ledger.book, states), *untimely(ledger, max_age, today), *unplugged(ledger.book.root)}
    return sorted(found | set(of_site(Site(site, ledger, states))))


def of_site(site: Site) -> Iterator[Finding]:
    """Yield all that is wrong with the site."""
    yield from missing_and_strange(site)
    yield from style_sheets(site.styles)
    for page in site.pages.values():
        yield from policies(page)
        yield from escapes(page)
        yield from elements(site, page)
        yield from blocks(site, page)
        yield from badges(site, page)
        yield from transcripts(site, page)
        yield from headings(site, page)
        yield from links(site, page)
        yield from claims(site, page)
        yield from ledger_rows(site, page)
        yield from diagrams(page)
        yield from literals(page)
