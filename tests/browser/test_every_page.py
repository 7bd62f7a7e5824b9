"""Every page of the built book, as a browser, a keyboard and axe find it: light and dark, on a phone and a desktop."""

import json
from collections import defaultdict
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from opsbook.book import Book

from .conftest import SilentHandler, served

# One worker builds the site and starts the browser for all of them.
pytestmark = [pytest.mark.recorded, pytest.mark.xdist_group("browser")]
BOOK = Book(Path(__file__).parents[2])
AXE = (files("axe_playwright_python") / "axe.min.js").read_bytes()
COLOURS = ["color-contrast", "color-contrast-enhanced", "link-in-text-block"]
COSTLY = [*COLOURS, "region", "target-size"]
# What a page has once, or as a whole, cannot be asked once parts of it are hidden.
WHOLE = ["page-has-heading-one", "scrollable-region-focusable"]
# Hides what looks like something that this tab has shown before: the same element, of the same classes and roles, within
# the same others. Returns how many new kinds of element are left to look at.
SHOW_NEW_KINDS = """() => {
  const seen = new Set(JSON.parse(sessionStorage.getItem("seen") || "[]"));
  const before = seen.size;
  const told = ["class", "role", "type", "tabindex", "data-state", "data-kind"];
  const shows = (element, above) => {
    const named = element.getAttributeNames().filter((name) => name.startsWith("aria-")).sort();
    const kind = [above, element.localName, ...told.map((name) => element.getAttribute(name)), ...named].join(" ");
    const isNew = !seen.has(kind);
    seen.add(kind);
    const parts = [...element.children].map((child) => shows(child, kind));
    const kept = isNew || parts.includes(true);
    if (!kept) element.style.setProperty("display", "none", "important");
    return kept;
  };
  for (const element of document.body.children) shows(element, "");
  sessionStorage.setItem("seen", JSON.stringify([...seen]));
  return seen.size - before;
}"""


class Handler(SilentHandler):
    """Serves the book with axe, and with nothing to search: each page would index the whole book anew."""

    def do_GET(self) -> None:
        """Answer with axe, an empty index or a file."""
        if self.path == "/axe.js":
            self.answer("text/javascript", AXE)
        elif self.path == "/search/search_index.json":
            index = {"config": {"lang": ["en"], "separator": " ", "pipeline": [], "fields": {}}, "docs": []}
            self.answer("application/json", json.dumps(index).encode())
        else:
            super().do_GET()

    def answer(self, kind: str, body: bytes) -> None:
        """Send `body` as a file of this MIME type."""
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def end_headers(self) -> None:
        """Let all but pages be kept, as the servers in deploy/ do."""
        if not self.path.endswith("/"):
            self.send_header("Cache-Control", "max-age=600")
        super().end_headers()


def look(page: Page, width: int, scheme: str, rules: dict[str, bool]) -> list[str]:
    """Return what axe finds on `page` in one view, with the rules that `rules` switches on or off: each with a piece of the page and why."""
    page.set_viewport_size({"width": width, "height": 800})
    page.evaluate("scheme => document.body.setAttribute('data-md-color-scheme', scheme)", scheme)
    options = {"resultTypes": ["violations"], "rules": {name: {"enabled": on} for name, on in rules.items()}}
    found = page.evaluate("options => axe.run(document, options)", options)
    return [
        f"{width} {scheme} {violation['id']}: {node['html'][:120]}: {node['failureSummary']}"
        for violation in found["violations"]
        for node in violation["nodes"]
    ]


@pytest.mark.timeout(900)  # two seconds a page on a busy machine
def test_axe_finds_nothing_and_nothing_goes_wrong(browser: Browser, folder: Path) -> None:
    """No page has a finding of axe, contrast of 7:1 included, an error, a stranger's file, or scrolls sideways at 320 px."""
    wrong: dict[str, list[str]] = defaultdict(list)
    context = browser.new_context(reduced_motion="reduce")
    page = context.new_page()
    page.on("console", lambda said: wrong[page.url].append(said.text) if said.type == "error" else None)
    page.on("pageerror", lambda error: wrong[page.url].append(str(error)))
    asked = set[str]()
    page.on("request", lambda request: asked.add(request.url))
    with served(folder, Handler) as address:
        for path in sorted(folder.rglob("*.html")):
            page.set_viewport_size({"width": 1280, "height": 800})
            page.goto(f"{address}/{path.relative_to(folder)}")
            found = wrong[page.url]
            page.add_script_tag(url="/axe.js")
            page.evaluate("document.querySelectorAll('details').forEach(fold => fold.open = true)")
            for width in (1280, 320):
                page.set_viewport_size({"width": width, "height": 800})
                if (wide := page.evaluate("document.documentElement.scrollWidth")) > width:
                    found.append(f"{wide} px wide at {width}")
            found += look(page, 360, "default", dict.fromkeys(COSTLY, False))
            if page.evaluate(SHOW_NEW_KINDS):
                for width in (1280, 360):
                    for scheme in ("default", "slate"):
                        found += look(page, width, scheme, {COLOURS[1]: True, **dict.fromkeys(WHOLE, False)})
    context.close()
    pages = defaultdict(list)
    for url, found in wrong.items():
        for one in found:
            pages[one].append(url)
    told = [f"{one}\n  on {len(where)} pages, such as {where[0]}" for one, where in pages.items()]
    assert not told, "\n".join(told)
    assert {url for url in asked if not url.startswith(address)} == set()


KINDS = ["/", "/errors/", "/people-say/", "/ssh/", "/ssh/keep-alive/", "/git/errors/"]


def test_a_page_of_each_kind_works_without_javascript(browser: Browser, site: str) -> None:
    """With scripts off a page can be read on a phone, its proof unfolds, and the menu leads to another page."""
    context = browser.new_context(
        java_script_enabled=False, base_url=site, viewport={"width": 360, "height": 800}
    )
    page = context.new_page()
    for address in KINDS:
        page.goto(address)
        assert page.locator("article h1").is_visible()
        for fold in page.locator("article details.proof").all()[:1]:
            fold.locator("summary").click()
            assert fold.locator("li").first.is_visible()
        page.locator("label.md-header__button[for=__drawer]").click()
        page.locator("nav.md-nav--primary a[href]:visible", has_text="How a note is made").click()
        page.wait_for_url("**/how-a-note-is-made/")
        assert page.locator("article h1").inner_text().startswith("How a note is made")
    context.close()


def test_the_keyboard_reaches_everything(browser: Browser, site: str) -> None:
    """The Tab key comes to each link, button, field, fold and block that scrolls, once round the page without a trap."""
    context = browser.new_context(base_url=site, viewport={"width": 1280, "height": 800})
    page = context.new_page()
    for address in ("/", "/ssh/keep-alive/"):
        page.goto(address)
        page.evaluate("""() => {
          window.reached = new Set();
          document.addEventListener("focusin", (event) => window.reached.add(event.target));
          window.missed = () => [...document.querySelectorAll("a[href], button, input, summary, [tabindex='0']")]
            .filter((it) => it.tabIndex >= 0 && it.checkVisibility({ opacityProperty: true, visibilityProperty: true }))
            .filter((it) => it.getClientRects().length && !window.reached.has(it) && it.type !== "radio");
        }""")
        for _ in range(page.evaluate("window.missed().length") * 2):
            page.keyboard.press("Tab")
            if page.evaluate("document.activeElement === document.body"):
                break
        assert page.evaluate("window.missed().map((it) => it.outerHTML.slice(0, 150))") == []
        assert page.evaluate("document.activeElement === document.body"), (
            "the keyboard does not get out again"
        )
    context.close()
