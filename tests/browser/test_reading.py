"""The main job, in a real browser: find a page, read it, copy from it."""

from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext

from opsbook.book import Book
from opsbook.messages import find, messages

from ..error_lines import LINES  # noqa: TID252  # tests is no package that is installed
from .conftest import build

# One worker builds the site and starts the browser for all of them.
pytestmark = [pytest.mark.recorded, pytest.mark.xdist_group("browser")]
BOOK = Book(Path(__file__).parents[2])
ADDRESSES = {
    path: "/" + (page.path.removesuffix("index.md") if page.is_index else page.path.removesuffix(".md") + "/")
    for path, page in BOOK.pages.items()
}


def test_the_fonts_come_with_the_site(context: BrowserContext, strangers: list[str]) -> None:
    """Text and code are set in the site's own fonts; nobody else is asked for one."""
    page = context.new_page()
    page.goto("/ssh/keep-alive/")
    loaded = "document.fonts.ready.then(all => [...all].filter(f => f.status === 'loaded').map(f => f.family).sort())"
    assert [name.strip('"') for name in page.evaluate(loaded)] == ["IBM Plex Mono", "IBM Plex Sans"]
    for selector, family in ((".md-typeset", "IBM Plex Sans"), (".md-typeset pre code", "IBM Plex Mono")):
        used = page.locator(selector).first.evaluate("element => getComputedStyle(element).fontFamily")
        assert used.strip('"').startswith(family)
    assert strangers == []


def test_the_copy_button_copies_what_show_prints(context: BrowserContext) -> None:
    """The button of each block on a page copies exactly the text of `opsbook show`, prompt and output never."""
    path = "ssh/keep-alive.md"
    page = context.new_page()
    page.goto(ADDRESSES[path])
    copied = []
    # Folded blocks are opened first, as a reader would.
    page.evaluate("document.querySelectorAll('details').forEach(d => d.open = true)")
    for button in page.locator("button[data-md-type=copy], button.md-clipboard").all():
        button.click()
        copied.append(page.evaluate("navigator.clipboard.readText()"))
    blocks = [BOOK.regions[name].clipboard for name in BOOK.pages[path].includes if name in BOOK.regions]
    assert copied == blocks


def test_an_error_message_finds_its_section(context: BrowserContext) -> None:
    """A message typed into the search box leads to the section that has it as its heading."""
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/")
    page.locator("input.md-search__input").click()
    page.keyboard.type("Host key verification failed")
    first = page.locator(".md-search-result__link").first
    first.wait_for()
    first.click()
    page.wait_for_url("**/ssh/errors/**")
    assert "Host key verification failed" in page.locator("article").inner_text()


def test_a_pasted_line_is_ranked_as_in_the_terminal(context: BrowserContext) -> None:
    """From the home page a line leads to the list of errors, where the browser finds what `opsbook find` finds."""
    page = context.new_page()
    page.goto("/")
    page.get_by_label("Paste it").fill(LINES[0][0])
    page.keyboard.press("Enter")
    page.wait_for_url("**/errors/?line=*")
    known = messages(BOOK)
    field = page.get_by_label("Paste your error line")
    assert field.input_value() == LINES[0][0]
    for line, _ in [*LINES, ("no such thing", "")]:
        field.fill(line)
        shown = page.locator("table[data-kind=errors] tbody tr:not([hidden]) td:first-child")
        assert shown.all_text_contents() == [message.text for message in find(known, line.replace("\n", " "))]
        assert page.get_by_role("status").text_content()


@pytest.mark.timeout(300)  # another build of the book
def test_the_book_opens_from_the_file_system(
    context: BrowserContext, strangers: list[str], tmp_path: Path
) -> None:
    """Built for that, the search finds a section and the error door its message without any server; what needs one,
    Python for the browser, is left out with its buttons.
    """
    build(tmp_path, "offline.yml")
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto(f"file://{tmp_path}/index.html")
    page.locator("input.md-search__input").click()
    page.keyboard.type("Host key verification failed")
    page.locator(".md-search-result__link").first.click()
    page.wait_for_url("**/ssh/errors.html*")
    page.goto(f"file://{tmp_path}/index.html")
    page.get_by_label("Paste it").fill("umount: /srv: target is busy.")
    page.keyboard.press("Enter")
    page.wait_for_url("**/errors.html?line=*")
    assert "most alike first" in (page.get_by_role("status").text_content() or "")
    assert not (tmp_path / "assets/pyodide").exists()
    page.goto(f"file://{tmp_path}/context-managers/protocol.html")
    assert "with Traced" in (page.locator("article").text_content() or "")
    assert page.get_by_role("button", name="Run").count() == 0
    assert strangers == []


def test_the_raw_snippet_is_one_click_away(context: BrowserContext) -> None:
    """The link in a badge leads to the whole file, served as it is."""
    page = context.new_page()
    page.goto("/ssh/keep-alive/")
    link = page.locator("details.proof a", has_text="the whole file").first.get_attribute("href")
    answer = context.request.get(page.evaluate("href => new URL(href, location).href", link))
    assert answer.text() == (BOOK.root / "snippets/ssh/keepalive.sh").read_text()
