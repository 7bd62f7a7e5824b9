"""Run and Edit, in a real browser: what Python prints there, held against what CI recorded."""

import gzip
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Locator, Page, Request, expect

from opsbook.book import Book, Region, tidy

BOOK = Book(Path(__file__).parents[2])
PYODIDE = BOOK.root / "docs/assets/pyodide/pyodide.mjs"
# Two workers share the pages, each with one browser, in which Python is compiled once.
FIRST, SECOND = pytest.mark.xdist_group("browser-run-1"), pytest.mark.xdist_group("browser-run-2")
pytestmark = [
    pytest.mark.recorded,
    # Python starts once a page, 2 s by itself, 20 s on a machine with much else to do.
    pytest.mark.timeout(600),
    pytest.mark.skipif(
        not PYODIDE.exists(), reason="not proven here: no Pyodide (make docs/assets/pyodide/.lock)"
    ),
]
PATIENCE = 120_000  # milliseconds
RUNNABLE = {
    path: blocks
    for path, page in BOOK.pages.items()
    if (
        blocks := [
            BOOK.regions[name]
            for name in page.includes
            if name in BOOK.regions and BOOK.in_browser(BOOK.regions[name]) in {"yes", "differs"}
        ]
    )
}


@pytest.fixture(scope="module")
def profile(browser: Browser, site: str) -> Iterator[BrowserContext]:
    """One browser profile of a phone's width for all pages: together with the page before, Python is compiled but once."""
    made = browser.new_context(viewport={"width": 360, "height": 640}, base_url=site)
    yield made
    made.close()


@pytest.fixture
def context(profile: BrowserContext) -> Iterator[BrowserContext]:
    """That profile; of its pages the last one stays open until the next test's is."""
    yield profile
    for page in profile.pages[:-1]:
        page.close()


@pytest.fixture
def asked(context: BrowserContext) -> Iterator[list[str]]:
    """The addresses that pages of this test ask for. None leads anywhere but to this machine (`QUIET`)."""
    addresses: list[str] = []

    def note(request: Request) -> None:
        addresses.append(request.url)

    context.on("request", note)
    yield addresses
    context.remove_listener("request", note)


def strangers(asked: list[str], site: str) -> list[str]:
    """Return those of the addresses that are not the site's."""
    return [url for url in asked if not url.startswith((site, "data:", "blob:"))]


def opened(context: BrowserContext, path: str) -> Page:
    """Return the page at `path` of docs/, its folded parts open."""
    page = context.new_page()
    page.set_default_timeout(PATIENCE)
    page.goto(f"/{path.removesuffix('.md')}/")
    page.evaluate("document.querySelectorAll('article details:not(.proof)').forEach(d => d.open = true)")
    return page


def button(page: Page, text: str, region: str) -> Locator:
    """Return the button `text` of a block."""
    return page.get_by_role("button", name=f"{text} {region}", exact=True)


def result(page: Page, region: Region) -> Locator:
    """Return what came of running a block."""
    return page.locator(f"details[data-proof='regions {region.id}'] + .ran")


def run(page: Page, region: Region) -> tuple[str, str]:
    """Press Run and return what is said of it and what it printed."""
    # No click: it may be in a tab that is not shown.
    page.locator(f".run:has(+ details[data-proof='regions {region.id}']) button").first.dispatch_event(
        "click"
    )
    said = result(page, region).locator("p", has_text=re.compile(r"In CI:|^Written|^Python could not"))
    said.wait_for(state="attached")
    lines = result(page, region).locator("pre span").all_text_contents()
    return said.text_content() or "", "\n".join(lines)


def verdict(region: Region, said: str, printed: str) -> str:
    """Return how what a reader is told of a block differs from what the book says of it; empty where it does not."""
    output = BOOK.outputs.get(region.output_id)
    if region.file:
        good = said == f"Written to {region.file}, for the blocks below."
    elif output is None:
        good = said.startswith("This ran and printed nothing.")
    elif BOOK.in_browser(region) == "differs":
        recorded = "\n".join(line[2:] for line in printed.splitlines() if line[0] != "+")
        why = region.browser.partition(" ")[2]
        good = said.startswith(f"Not the same as CI, as our test has seen too: {why}. Here: ")
        good = good and tidy(recorded) == output.text
    else:
        good = said.startswith("Same as CI. ") and output.matches(printed)
    return "" if good else f"{said}\n{printed}"


@pytest.mark.parametrize(
    "path", [pytest.param(path, marks=(SECOND, FIRST)[number % 2]) for number, path in enumerate(RUNNABLE)]
)
def test_each_block_prints_what_ci_recorded(
    context: BrowserContext, asked: list[str], site: str, path: str
) -> None:
    """Pressed from top to bottom, each block of a page prints what CI recorded, or differs where the snippet says so;
    both versions of Python are told, and no other host is asked.
    """
    page = opened(context, path)
    shown = page.locator(".run").count()
    wrong = {}
    for region in RUNNABLE[path]:
        said, printed = run(page, region)
        if what := verdict(region, said, printed):
            wrong[region.id] = what
        if not region.file:
            assert re.search(r"Here: Python 3\.14\.\d+.*\. In CI: CPython 3\.\d+\.\d+", said)
    assert wrong == {}
    assert shown == len(RUNNABLE[path])
    assert strangers(asked, site) == []


@FIRST
def test_a_page_is_as_light_as_before_the_press(context: BrowserContext, asked: list[str], site: str) -> None:
    """Before the press a page asks for nothing of Python and weighs less than 3 kB more; then Python comes from this
    site, and an endless loop is stopped by the button that started it, from the keyboard.
    """
    page = opened(context, "context-managers/protocol.md")
    page.wait_for_load_state("networkidle")
    before = [url.removeprefix(site) for url in asked]
    ours = [url for url in before if re.search(r"run|pyodide|python", url.rpartition("/")[2])]
    assert sorted(ours) == ["/assets/run.css", "/assets/run.js"]

    html = context.request.get(page.url).text()
    plain = re.sub(
        r' data-(run|why|beside|tokens)="[^"]*"|<[^>]*assets/run\.(css|js)"[^>]*>(</script>)?', "", html
    )
    files = [context.request.get(url).body() for url in ours]
    more = len(gzip.compress(html.encode())) - len(gzip.compress(plain.encode()))
    assert plain.count("run.js") == 0
    assert 0 < more + sum(len(gzip.compress(file)) for file in files) < 3000

    button(page, "Edit", "check").press("Enter")
    code = page.get_by_label("Code of check")
    expect(code).to_be_focused()
    code.fill('print("so far")\nwhile True:\n    pass')
    code.press("Control+Enter")
    region = BOOK.regions["context_managers/protocol.py:check"]
    expect(result(page, region)).to_contain_text("so far", timeout=PATIENCE)
    button(page, "Stop", "check").press("Enter")
    expect(result(page, region).locator("p")).to_have_text("Stopped.")
    expect(button(page, "Run", "check")).to_be_focused()
    assert {f"{site}/assets/{name}" for name in ("run-worker.js", "pyodide/pyodide.asm.wasm")} <= set(asked)
    assert strangers(asked, site) == []


@FIRST
def test_code_is_edited_and_put_back(context: BrowserContext) -> None:
    """An edit changes what is printed, here and in the blocks below; an error shows its traceback; Reset brings back the
    proven text, which prints what CI recorded although Python was busy with the edit before.
    """
    page = opened(context, "context-managers/protocol.md")
    above, region = (BOOK.regions[f"context_managers/protocol.py:{name}"] for name in ("traced", "check"))
    block = page.locator(".run", has=button(page, "Edit", "check")).locator("xpath=preceding-sibling::*[1]")
    button(page, "Edit", "check").click()
    code = page.get_by_label("Code of check")
    assert code.input_value() == region.code
    expect(block.locator("pre")).to_be_hidden()
    code.fill(f"{region.code}\nhalf = 1 / 0")
    said, printed = run(page, region)
    assert said.startswith("The edited code prints otherwise than in CI. Here: Python 3.")
    last = region.code.count("\n") + 2
    assert f'+   File "protocol.py", line {last}, in <module>\n+     half = 1 / 0' in printed
    assert printed.endswith("+ ZeroDivisionError: division by zero")
    assert result(page, region).get_attribute("role") == "status"

    button(page, "Reset", "check").click()
    expect(code).to_have_count(0)
    expect(result(page, region)).to_have_count(0)
    assert block.locator("pre code").inner_text().rstrip("\n") == region.code
    said, printed = run(page, region)
    assert verdict(region, said, printed) == ""

    button(page, "Edit", "traced").click()
    page.get_by_label("Code of traced").fill(above.code.replace('"traced"', '"watched"'))
    said, printed = run(page, region)
    assert said.startswith("After the edits above this prints otherwise than in CI. Here: ")
    assert "+ watched: __enter__()" in printed


@FIRST
def test_without_scripts_there_is_nothing_to_press(browser: Browser, site: str) -> None:
    """With scripts off a page has no buttons and no room kept for them."""
    context = browser.new_context(java_script_enabled=False, base_url=site)
    page = context.new_page()
    page.goto("/context-managers/protocol/")
    assert page.get_by_role("button", name="Run", exact=False).count() == 0
    summary = page.locator("details[data-run=yes] > summary").first
    other = page.locator("details.proof:not([data-run]) > summary").first
    assert summary.evaluate("e => getComputedStyle(e).paddingRight") == other.evaluate(
        "e => getComputedStyle(e).paddingRight"
    )
    context.close()
