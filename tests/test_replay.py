"""Every page is done top to bottom in a fresh lab, as a reader would."""

from pathlib import Path

import pytest

from opsbook.book import Book
from opsbook.pytest_plugin import Evidence, skipping_without_lab
from opsbook.replay import replay

PAGES = [name for name, page in Book(Path(__file__).parents[1]).pages.items() if page.includes]


@pytest.mark.recorded
@pytest.mark.timeout(180)
@pytest.mark.parametrize("page_path", PAGES)
def test_a_page_does_what_it_says(page_path: str, book: Book, evidence: Evidence) -> None:
    """Pasted from top to bottom, the blocks of a page end, print and change what the page says."""
    page = book.pages[page_path]
    evidence.things["replays"][page_path] = book.replay_hash(page)
    with skipping_without_lab():
        done = replay(book, page)
    assert done > 0
