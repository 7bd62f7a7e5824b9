"""What a page weighs before anybody has pressed anything."""

import gzip
from pathlib import Path

from playwright.sync_api import BrowserContext

from .test_reading import pytestmark  # noqa: F401  # the same browser, so the same worker


def compressed(body: bytes) -> int:
    """Return how many bytes a server with gzip sends; fonts and the like are compressed already."""
    return min(len(body), len(gzip.compress(body, 6)))


def test_a_first_page_is_light_and_the_search_comes_when_it_is_wanted(
    context: BrowserContext, folder: Path, site: str
) -> None:
    """Each page is under 30 kB and with all that belongs to it under 250 kB; the search's index comes with the first key."""
    page, index = context.new_page(), "search_index.json"
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url.removeprefix(site).partition("?")[0]))
    page.goto("/ssh/keep-alive/", wait_until="networkidle")
    belongs = {path for path in asked if path.startswith("/") and not path.endswith("/")}
    assert "/assets/fonts.css" in belongs
    assert not [path for path in belongs if index in path or "pyodide" in path]
    shared = sum(compressed((folder / path[1:]).read_bytes()) for path in belongs)
    pages = {path: compressed(path.read_bytes()) for path in folder.rglob("index.html")}
    assert {str(path): size for path, size in pages.items() if size > 30_000} == {}
    assert shared + max(pages.values()) < 250_000, (shared, max(pages.values()), sorted(belongs))

    with page.expect_response(lambda response: response.url.endswith(index)):
        page.keyboard.press("/")
    page.keyboard.type("ServerAliveInterval")
    page.locator(".md-search-result__item").first.wait_for(timeout=60_000)
