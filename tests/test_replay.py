"""Every page is done top to bottom in a fresh lab, as a reader would."""

from pathlib import Path

import pytest

from opsbook.book import Book
from opsbook.pytest_plugin import Evidence, skipping_without_lab
from opsbook.replay import replay

BOOK = Book(Path(__file__).parents[1])


PAGES = [name for name, page in BOOK.pages.items() if page.includes]
SLOW = [name for name in PAGES if BOOK.lab_of(BOOK.pages[name]) == "vm"]


def parameter(name: str) -> object:
    """Return the page `name` as a parameter; those played by a machine under QEMU are slow, so two of them at once."""
    if name not in SLOW:
        return pytest.param(name, marks=pytest.mark.timeout(900))
    # Beside the tests of another page, with which they share the workers.
    group = pytest.mark.xdist_group(f"vm-{(SLOW.index(name) + 1) % 2}")
    return pytest.param(name, marks=[pytest.mark.timeout(1800), group])


@pytest.mark.recorded
@pytest.mark.parametrize("page_path", [parameter(name) for name in PAGES])
def test_a_page_does_what_it_says(page_path: str, book: Book, evidence: Evidence) -> None:
    """Pasted from top to bottom, the blocks of a page end, print and change what the page says."""
    page = book.pages[page_path]
    evidence.things["replays"][page_path] = book.replay_hash(page)
    with skipping_without_lab():
        done = replay(book, page)
    assert done > 0
