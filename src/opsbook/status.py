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
            proven = ledger.everything["claims", claim.id] is State.PROVEN
            claims[claim.verdict if proven else "undecided"] += 1
    return {
        "pages": sum(bool(page.includes) and not page.is_index for page in pages),
        "replays": by_state([ledger.everything["replays", page.path] for page in pages if page.includes]),
        "blocks": by_state(states_of(ledger, "regions", topic)),
        "outputs": by_state(states_of(ledger, "outputs", topic)),
        "claims": claims,
    }


def states_of(ledger: Ledger, kind: str, topic: str) -> list[State]:
    """Return the states of the things of a kind whose id starts with the topic's folder."""
    things = ledger.everything.items()
    return [state for (of, name), state in things if of == kind and name.startswith(f"{topic}/")]


def by_state(states: list[State]) -> dict[str, int]:
    """Return how many of `states` there are of each, `not run` spelt `not_run`."""
    return {state.name.lower(): states.count(state) for state in State}
