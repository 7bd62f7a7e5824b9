"""The search box: what is typed leads to the page that answers it."""

import pytest
from playwright.sync_api import BrowserContext, Page

from opsbook.plain import plain

from ..questions import QUESTIONS  # noqa: TID252  # tests is no package that is installed
from .test_reading import BOOK, pytestmark  # noqa: F401  # the same browser, so the same worker

PATIENCE = 60_000  # ms, on a loaded machine


def ask(page: Page, question: str) -> list[str]:
    """Type `question` into the search box and return the pages found, best first, without slashes around them."""
    field, items = page.locator("input.md-search__input"), page.locator(".md-search-result__item")
    field.fill("")
    field.press("End")
    items.first.wait_for(state="detached", timeout=PATIENCE)
    field.fill(question)
    field.press("End")
    items.first.wait_for(timeout=PATIENCE)
    links = items.evaluate_all("items => items.map(item => item.querySelector('a').pathname)")
    return [link.strip("/") for link in links]


@pytest.mark.timeout(600)  # a hundred questions on a loaded machine
def test_the_right_page_comes_first(context: BrowserContext) -> None:
    """Of real questions, options and messages nine in ten find their page first, and 98 in a hundred among the first three."""
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/")
    page.locator("input.md-search__input").click()
    missed = {}
    for question, pages in QUESTIONS:
        found = ask(page, question)
        rank = min([found.index(path) for path in pages if path in found], default=len(found))
        if rank:
            missed[question] = (rank, found[:3])
    first = 1 - len(missed) / len(QUESTIONS)
    among_three = 1 - sum(rank >= 3 for rank, _ in missed.values()) / len(QUESTIONS)
    assert first >= 0.9, missed
    assert among_three >= 0.98, missed


def test_a_key_opens_the_search_and_the_matching_section(context: BrowserContext) -> None:
    """Without a mouse: the slash opens the search, a slip of the hand is forgiven, Enter goes to the section."""
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/how-a-note-is-made/")
    page.keyboard.press("/")
    page.keyboard.type("fatal: refusing to merge unrelatd histories")
    page.locator(".md-search-result__item").first.wait_for(timeout=PATIENCE)
    page.keyboard.press("Enter")
    page.wait_for_url("**/git/errors/*#fatal-refusing-to-merge-unrelated-histories")
    assert page.get_by_role("heading", name="refusing to merge unrelated histories").is_visible()


def test_a_page_has_what_its_tags_promise() -> None:
    """Each name that the search is told a page is the answer to stands on that page."""
    tagged = [page for page in BOOK.pages.values() if page.meta.get("tags")]
    assert len(tagged) > len(BOOK.topics)
    for page in tagged:
        text = plain(BOOK, page).lower()
        assert not [tag for tag in page.meta["tags"] if tag.lower() not in text], page.path
