"""Every page is done top to bottom in a fresh lab, as a reader would."""

import zlib
from pathlib import Path

import pytest

from opsbook.book import Book
from opsbook.pytest_plugin import Evidence, skipping_without_lab
from opsbook.replay import replay

BOOK = Book(Path(__file__).parents[1])


def parameter(name: str) -> object:
    """Return the page `name` as a parameter; those that a machine under QEMU plays are slow, so few run at once."""
    slow = BOOK.lab_of(BOOK.pages[name]) == "vm"
    group = pytest.mark.xdist_group(f"vm-{zlib.crc32(name.encode()) % 2}")
    return pytest.param(name, marks=[pytest.mark.timeout(400), group] if slow else [])


PAGES = [parameter(name) for name, page in BOOK.pages.items() if page.includes]


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
