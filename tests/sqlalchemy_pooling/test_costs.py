"""The picture of what a pool saves."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from statistics import median

import pytest

from opsbook.labs.databases import DatabaseLab
from opsbook.proof import this_platform
from opsbook.pytest_plugin import Snippet

from .costs_picture import Costs, draw, read

ROOT = Path(__file__).parents[2]
PICTURE = ROOT / "docs/assets/pooling-costs.svg"
PAGE = ROOT / "docs/sqlalchemy-pooling/size-the-pool.md"
ROUNDS = 10
# How far a bar may be off on another day, under load, or on another machine.
FACTOR = 3


def measure(snippet: Snippet, lab: DatabaseLab) -> Costs:
    """Run the page's own measurement some times in one Python and compare with the checkout of the same round."""
    seen: dict[str, list[float]] = {}
    with lab.machines["mariadb"].python() as python:
        for code in (snippet["size_the_pool.py:budget"].code, "import json, time"):
            python.paste(code)
        for _ in range(ROUNDS):
            assert python.paste(snippet["size_the_pool.py:costs"].code).exit == 0
            cost = json.loads(python.paste("print(json.dumps(cost))").output)
            for name, seconds in cost.items():
                seen.setdefault(name, []).append(seconds / cost["checkout"])
    ratios = {name: [round(pick(each), 2) for pick in (min, median, max)] for name, each in seen.items()}
    machine = f"{this_platform()} with {os.cpu_count()} cores"
    versions = ", ".join(lab.versions[name] for name in ("mariadb", "sqlalchemy", "pymysql"))
    return Costs(datetime.now(UTC).date().isoformat(), machine, versions, ROUNDS, ratios)


def alike(shown: Costs | None, today: Costs) -> bool:
    """Tell whether both have the same order, and no bar differs by more than FACTOR."""
    if shown is None or [name for name, _ in shown.in_order()] != [name for name, _ in today.in_order()]:
        return False
    pairs = [(shown.ratios[name][1], ratio[1]) for name, ratio in today.ratios.items()]
    return all(1 / FACTOR <= now / then <= FACTOR for then, now in pairs)


def test_the_picture_shows_what_things_cost_today(
    snippet: Snippet, lab: DatabaseLab, request: pytest.FixtureRequest
) -> None:
    """Checkout, pre-ping, query and login take as many times as long as pictured, within a factor of three and in that order; nothing in the picture is typed."""
    today, shown = measure(snippet, lab), read(PICTURE)
    # As with an output, a new picture is drawn only where the old one is no longer true.
    if request.config.getoption("--prove"):
        shown = shown if alike(shown, today) else today
        assert shown is not None
        PICTURE.write_text(draw(shown))
    assert shown is not None, "make prove draws it"
    assert alike(shown, today), (shown, today)
    assert PICTURE.read_text() == draw(shown)
    # The page says in words what the picture shows.
    assert f"![{shown.told()}](../assets/pooling-costs.svg)" in PAGE.read_text()
