"""Every page of the built book, as a browser, a keyboard, axe and a reader without scripts find it.

Each page is loaded once, and once more without scripts; all that is asked of every page is asked there.
"""

import json
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib.resources import files
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from .conftest import SilentHandler, served
from .test_values import BOOK, BUTTON, COPY_ALL, tab_to

# One worker builds the site and starts the browser for all of them; a page takes a second or two, on a busy machine five.
pytestmark = [pytest.mark.recorded, pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]
AXE = (files("axe_playwright_python") / "axe.min.js").read_bytes()
# These depend on the theme or the width, and take axe most of its time. The second wants 7:1 of what the first lets pass.
VARYING = ["color-contrast", "color-contrast-enhanced", "link-in-text-block", "target-size"]
LOOKS = [(1280, "default"), (1280, "slate"), (360, "slate"), (360, "default")]
FOLDERS = sorted({path.partition("/")[0] if "/" in path else "." for path in BOOK.pages})
NAMES = {value.name: value.name for page in BOOK.pages.values() for value in page.values}
WIDTH = "document.documentElement.scrollWidth"
# What the theme's scripts miss when it is gone.
SHELL = "[data-md-component], .md-toggle, .md-sidebar__scrollwrap, .md-content__inner"
# Takes away what looks like something that this tab has shown before: the same element, of the same classes and roles,
# within the same others. Returns how many new kinds of element are left to look at.
KEEP_NEW_KINDS = """() => {
  const seen = new Set(JSON.parse(sessionStorage.getItem("seen") || "[]"));
  const before = seen.size;
  const told = ["class", "role", "type", "tabindex", "data-state", "data-kind"];
  const keeps = (element, above) => {
    const named = element.getAttributeNames().filter((name) => name.startsWith("aria-")).sort();
    const kind = [above, element.localName, ...told.map((name) => element.getAttribute(name)), ...named].join(" ");
    const isNew = !seen.has(kind);
    seen.add(kind);
    const parts = [...element.children].map((child) => keeps(child, kind));
    const kept = isNew || parts.includes(true) || element.matches(SHELL);
    if (!kept && element.localName !== "summary") element.remove();
    return kept;
  };
  for (const element of [...document.body.children]) keeps(element, "");
  // Of text beside a picture that a style puts there axe would not tell the contrast.
  const bare = new CSSStyleSheet();
  bare.replaceSync("*::before, *::after { content: none !important }");
  document.adoptedStyleSheets = [bare];
  sessionStorage.setItem("seen", JSON.stringify([...seen]));
  return seen.size - before;
}""".replace("SHELL", json.dumps(SHELL))
# What the Tab key should come to, and, as it comes there, whether a reader sees where it is.
WATCH_FOCUS = """() => {
  const shown = (it) => it.checkVisibility({ opacityProperty: true, visibilityProperty: true }) && it.getClientRects().length;
  const settle = () => document.getAnimations().forEach((motion) => motion.finish());
  // A label with a picture stands for the one, a row of labels for the other.
  const standsFor = (it) => it.matches(".md-option") ? it.nextElementSibling : it.parentElement.querySelector(":scope > .tabbed-labels") || it;
  window.reached = new Set();
  window.unseen = [];
  window.missed = () => [...document.querySelectorAll("a[href], button, input, select, summary, [tabindex='0']")]
    .filter((it) => it.tabIndex >= 0 && shown(it) && !window.reached.has(it) && it.type !== "radio")
    .filter((it) => !it.closest(".md-search__output")); // closes at Tab
  // Tells whether the last press came to the end or to where it had been.
  window.look = async () => {
    const it = document.activeElement;
    if (it === document.body || window.reached.has(it)) return true;
    window.reached.add(it);
    const style = getComputedStyle(standsFor(it));
    const seen = () => style.outlineStyle !== "none" && parseFloat(style.outlineWidth) > 0 && shown(standsFor(it));
    for (let frame = 0; frame < 60; frame += 1) { // the search unfolds once it has the focus
      settle();
      if (seen()) return false;
      await new Promise((done) => requestAnimationFrame(done));
    }
    window.unseen.push(it.outerHTML.slice(0, 150));
    return false;
  };
  settle();
  document.body.tabIndex = -1; // where the first Tab starts from
  document.body.focus();
  document.body.removeAttribute("tabindex");
  return window.missed().length;
}"""
# What a reader without scripts cannot do, in words.
READ = """() => {
  const wrong = [];
  const shown = (it) => it.checkVisibility({ visibilityProperty: true, opacityProperty: true }) && it.getClientRects().length;
  if (!shown(document.querySelector("article h1"))) wrong.push("no heading");
  for (const fold of document.querySelectorAll("article details")) {
    if (fold.open || !fold.querySelector(":scope > summary")) continue;
    fold.querySelector(":scope > summary").click();
    if (!fold.open) wrong.push("a fold does not open");
  }
  let hidden = [...document.querySelectorAll("article :is(p, li, pre, td, h2, h3)")].filter((it) => it.textContent.trim() && !shown(it));
  for (const tab of document.querySelectorAll(".tabbed-set > input")) {
    tab.click();
    hidden = hidden.filter((it) => !shown(it));
  }
  wrong.push(...hidden.map((it) => `not to be seen: ${it.outerHTML.slice(0, 120)}`));
  document.querySelector("label[for=__drawer]").click();
  document.getAnimations().forEach((motion) => motion.finish());
  const ways = [...document.querySelectorAll("nav.md-nav--primary a[href]")].filter(shown);
  if (ways.length < 10) wrong.push(`the menu shows ${ways.length} ways`);
  return wrong;
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


@dataclass
class Visit:
    """Two tabs for all pages, one of them without scripts, and what went wrong by address."""

    site: str
    page: Page
    plain: Page
    wrong: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def go(self, address: str) -> list[str]:
        """Load a page at a desktop's width and return the list for what is wrong on it."""
        # Growing to that width would catch the menu on its way out.
        self.page.set_viewport_size({"width": 1280, "height": 800})
        self.page.goto(f"{self.site}{address}")
        self.page.add_script_tag(url="/axe.js")
        return self.wrong[address]

    def note(self, text: str) -> None:
        """Note what went wrong by itself."""
        self.wrong[self.page.url.removeprefix(self.site)].append(text)

    def widths(self) -> list[str]:
        """Return the widths at which the page scrolls sideways."""
        found = []
        for width in (1280, 320):
            self.page.set_viewport_size({"width": width, "height": 800})
            if (wide := self.page.evaluate(WIDTH)) > width:
                found.append(f"{wide} px wide at {width}")
        return found

    def axe(self, width: int, scheme: str, options: dict[str, object]) -> list[str]:
        """Return what axe finds in one look at the page: each with the piece of the page and why."""
        self.page.set_viewport_size({"width": width, "height": 800})
        self.page.evaluate("scheme => document.body.setAttribute('data-md-color-scheme', scheme)", scheme)
        # To copy has scrolled the page, maybe so far that the header covers half a button.
        self.page.evaluate("scrollTo({ top: 0, behavior: 'instant' })")
        fixed = {"resultTypes": ["violations"], "preload": False}
        found = self.page.evaluate("options => axe.run(document, options)", {**fixed, **options})
        return [
            f"{width} {scheme} {violation['id']}: {node['html'][:120]}: {node['failureSummary']}"
            for violation in found["violations"]
            for node in violation["nodes"]
        ]

    def copies(self, expected: list[str]) -> list[str]:
        """Press each copy button and return what is not the text that was proven."""
        # The theme takes its time to add them where a page has many blocks.
        script = "([buttons, number]) => document.querySelectorAll(buttons).length >= number"
        self.page.wait_for_function(script, arg=[BUTTON, len(expected)])
        copied = self.page.evaluate(COPY_ALL)
        self.page.evaluate(
            "document.querySelector('.md-dialog')?.remove()"
        )  # says "Copied", and is on its way out
        wrong = [
            f"copied {one!r}, not {other!r}"
            for one, other in zip(copied, expected, strict=False)
            if one != other
        ]
        return (
            wrong[:1] if len(copied) == len(expected) else [f"{len(copied)} copies of {len(expected)} blocks"]
        )

    def tab_through(self, width: int) -> list[str]:
        """Press Tab once round the page; return what it does not come to, behind a trap maybe, and where it is not seen."""
        self.page.set_viewport_size({"width": width, "height": 800})
        for _ in range(self.page.evaluate(WATCH_FOCUS) + 10):
            self.page.keyboard.press("Tab")
            if self.page.evaluate("window.look()"):
                break
        missed = self.page.evaluate("window.missed().map((it) => it.outerHTML.slice(0, 150))")
        unseen = self.page.evaluate("window.unseen")
        return [f"{width} not reached: {it}" for it in missed] + [
            f"{width} reached unseen: {it}" for it in unseen
        ]

    def without_scripts(self, address: str) -> list[str]:
        """Return what a reader without scripts misses on a phone."""
        self.plain.goto(f"{self.site}{address}", wait_until="domcontentloaded")
        wide = self.plain.evaluate(WIDTH)
        found: list[str] = self.plain.evaluate(READ) + ([f"{wide} px wide at 320"] if wide > 320 else [])
        return [f"without scripts: {one}" for one in found]


@pytest.fixture(scope="module")
def visit(browser: Browser, folder: Path) -> Iterator[Visit]:
    """Two tabs on the book; it has values of the reader's own that are CI's, so that what destroys can be copied."""
    with served(folder, Handler) as site:
        context = browser.new_context(reduced_motion="reduce")
        context.grant_permissions(["clipboard-read", "clipboard-write"], origin=site)
        context.add_init_script(f"localStorage.setItem('opsbook.values', {json.dumps(json.dumps(NAMES))})")
        bare = browser.new_context(java_script_enabled=False, viewport={"width": 320, "height": 800})
        visit = Visit(site, context.new_page(), bare.new_page())
        visit.page.on("console", lambda said: visit.note(said.text) if said.type == "error" else None)
        visit.page.on("pageerror", lambda error: visit.note(str(error)))
        visit.page.on(
            "request", lambda one: None if one.url.startswith(site) else visit.note(f"asks for {one.url}")
        )
        yield visit
        context.close()
        bare.close()


@pytest.mark.parametrize("name", FOLDERS)
def test_every_page_is_sound(visit: Visit, folder: Path, name: str) -> None:
    """No page has a finding of axe, light or dark, wide or narrow, an error, a stranger's file, or scrolls sideways; each
    block's button copies what was proven; Tab comes to everything and shows where it is; all can be read without scripts.
    """
    here = {path for path in BOOK.pages if (path.partition("/")[0] if "/" in path else ".") == name}
    for path in sorted(here):
        page = BOOK.pages[path]
        address = "/" + (path.removesuffix("index.md") if page.is_index else path.removesuffix(".md") + "/")
        found = visit.go(address)
        found += visit.widths()
        found += visit.copies(
            [BOOK.regions[name].clipboard for name in page.includes if name in BOOK.regions]
        )
        found += visit.axe(360, "default", {"rules": {rule: {"enabled": False} for rule in VARYING}})
        if visit.page.evaluate(KEEP_NEW_KINDS):
            for width, scheme in LOOKS:
                found += visit.axe(width, scheme, {"runOnly": {"type": "rule", "values": VARYING}})
            found += [one for width in (1280, 360) for one in visit.tab_through(width)]
        found += visit.without_scripts(address)
    pages = defaultdict(list)
    for address, found in visit.wrong.items():
        for one in found:
            pages[one].append(address)
    visit.wrong.clear()
    told = [f"{one}\n  on {len(where)} pages, such as {where[0]}" for one, where in pages.items()]
    assert not told, "\n".join(told)


def test_the_menu_of_a_phone_opens_and_closes_by_keyboard(visit: Visit) -> None:
    """On a narrow screen Enter opens the menu, Tab then comes to its links, and Escape closes it and goes back."""
    visit.go("/ssh/keep-alive/")
    page = visit.page
    page.set_viewport_size({"width": 360, "height": 800})
    button, link = (
        "label.md-header__button[for=__drawer]",
        ".md-nav--primary a[href='../reuse-a-connection/']",
    )
    assert not page.locator(link).is_visible()
    tab_to(page, button)
    page.keyboard.press("Enter")
    tab_to(page, link)
    assert page.locator(link).is_visible()
    page.keyboard.press("Escape")
    assert page.locator(button).evaluate("it => it === document.activeElement")
    page.locator(link).wait_for(state="hidden")
