"""How the book stands, in numbers: per topic its pages, blocks, outputs and claims."""

from typing import Any

from opsbook.book import VERDICTS
from opsbook.proof import Ledger, State


def counts(ledger: Ledger) -> dict[str, Any]:
    """Return `{"platforms": [...], "topics": {topic: {"pages", "replays", "blocks", "outputs", "claims"}}}`.

    Pages are counted that have a block, blocks and outputs by state, claims by verdict; those whose
    test does not stand are undecided.
    """
    records = ledger.proof.records.values()
    platforms = {where for things in records for thing in things.values() for where in thing}
    return {
        "platforms": sorted(platforms),
        "topics": {topic: of_topic(ledger, topic) for topic in ledger.book.topics},
    }


def of_topic(ledger: Ledger, topic: str) -> dict[str, Any]:
    """Return the counts of one topic."""
    pages = [page for page in ledger.book.pages.values() if page.topic == topic]
    claims = dict.fromkeys((*VERDICTS, "undecided"), 0)
    for claim in ledger.book.claims.values():
        if claim.topic == topic:
            claims[claim.verdict if ledger.claim(claim.id) is State.PROVEN else "undecided"] += 1
    mine = f"{topic}/"
    return {
        "pages": sum(bool(page.includes) and not page.is_index for page in pages),
        "replays": by_state([ledger.replay(page.path) for page in pages if page.includes]),
        "blocks": by_state([ledger.region(name) for name in ledger.book.regions if name.startswith(mine)]),
        "outputs": by_state([ledger.output(name) for name in ledger.book.outputs if name.startswith(mine)]),
        "claims": claims,
    }


def by_state(states: list[State]) -> dict[str, int]:
    """Return how many of `states` there are of each, `not run` spelt `not_run`."""
    return {state.name.lower(): states.count(state) for state in State}
