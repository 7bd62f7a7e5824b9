"""Which pages, raw files, claims and rows of the ledger the site has, against those that the book has."""

import re
from collections.abc import Iterator

from opsbook.gate.findings import STALE, Finding, place
from opsbook.gate.page import Built, in_ledger, is_claim, words
from opsbook.gate.site import Site, html_path

GENERATED = {"404.html"}  # pages that the generators make of no Markdown


def missing_and_strange(site: Site) -> Iterator[Finding]:
    """Yield pages and claims that are not in the site, and files there that the book did not make."""
    made = {html_path(name): f"docs/{name}" for name in site.ledger.book.pages}
    alone = {region.raw_path: region.clipboard for region in site.ledger.book.regions.values()}
    if not site.pages:
        yield Finding(".", 1, "the site has no page", "", STALE)
    for path in made.keys() - site.pages.keys():
        yield Finding(path, 1, f"{made[path]} is missing in the site, or empty there", "", STALE)
    for path in site.files:
        file, raw = site.root / path, site.ledger.book.root / path
        if re.search(r"\.([sx]?html?)$", path) and path not in {*made, *GENERATED}:
            yield Finding(path, 1, "a page that no Markdown made", "", "write it under docs/")
        if path.startswith("snippets/") and not (raw.is_file() and raw.read_bytes() == file.read_bytes()):
            yield Finding(path, 1, "a raw file that is not the book's", "", STALE)
        if path.startswith("raw/") and (path not in alone or alone[path] != file.read_text()):
            yield Finding(path, 1, "a raw block that is not the book's", "", STALE)
    rows = {row.get("id") for page in site.pages.values() for row in page.tree.iter("tr")}
    for name in site.ledger.book.claims:
        if f"claim-{name}" not in rows:
            yield Finding(*place(site.ledger.book, "claims", name), f"claim {name} has no row", "", STALE)
    if any(asked.startswith("ledger") for asked in site.ledger.book.asked_on):
        told = {r.get("data-proof") for p in site.pages.values() for r in p.tree.iter("tr") if in_ledger(r)}
        for kind, name in site.states:
            if f"{kind} {name}" not in told:
                what = f"{name} has no row in the ledger"
                yield Finding(
                    *place(site.ledger.book, kind, name), what, "", "give its topic a page with [[ledger: …]]"
                )


def claims(site: Site, page: Built) -> Iterator[Finding]:
    """Yield claim rows that say something else than claims.yaml."""
    for row in filter(is_claim, page.tree.iter()):
        claim = site.ledger.book.claims.get(row.get("id", "").removeprefix("claim-"))
        if claim is None or row.get("data-proof") != f"claims {claim.id}":
            yield page.finding(row, f"{row.get('id')} is no claim of the book's", "write it in claims.yaml")
            continue
        told = [words(site.visible(cell, skip="proof")) for cell in row]
        told[1:2] = [re.sub(r"^\W+", "", verdict) for verdict in told[1:2]]  # without its mark
        if told != [words(claim.says), claim.verdict, words(claim.truth)]:
            yield page.finding(row, f"claim {claim.id} is not told as in claims.yaml", STALE)


def ledger_rows(site: Site, page: Built) -> Iterator[Finding]:
    """Yield rows of the ledger whose first cell names something else than they vouch for."""
    for row in filter(in_ledger, page.tree.iter("tr")):
        kind, _, name = row.get("data-proof", "").partition(" ")
        claim = site.ledger.book.claims.get(name) if kind == "claims" else None
        wanted = claim.says if claim else name.partition("/")[2] or f"/{name}"
        if row.get("data-proof") and words(site.visible(row[0], skip="proof")) != words(wanted):
            yield page.finding(row, f"a row of the ledger for {name} that does not name it", STALE)
