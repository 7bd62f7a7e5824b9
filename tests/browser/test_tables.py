"""The long tables: the ledger and what people say, filtered, sorted, shared and read without scripts."""

import gzip

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from opsbook.proof import Ledger, State, load

from .test_reading import BOOK, pytestmark  # noqa: F401  # the same browser, so the same worker

LEDGER = Ledger(BOOK, load(BOOK.root / "proof.json"))
# Enough for the rows of all topics on a loaded machine, in ms.
PATIENCE = 60_000


def shown(page: Page) -> int:
    """Return how many rows a reader sees of the first table."""
    return page.locator(".filterable").first.locator("tbody tr:visible").count()


def told(page: Page, text: str) -> None:
    """Wait until the line under the fields says `text`."""
    page.locator(".filter [role=status]", has_text=text).wait_for(timeout=PATIENCE)


def test_each_badge_leads_to_its_row_and_back(context: BrowserContext, strangers: list[str]) -> None:
    """A press on the link in a badge shows its row in the ledger, whose name leads back to the block."""
    page = context.new_page()
    page.goto("/ssh/keep-alive/")
    badge = page.locator("details.proof").first
    thing = badge.get_attribute("data-proof")
    badge.locator("summary").click()
    badge.get_by_text("its row in the ledger").click()
    page.wait_for_url("**/ssh/proof/#regions-*")
    row = page.locator("tr:target")
    assert row.get_attribute("data-proof") == thing
    assert row.is_visible()
    row.locator("td:first-child a").click()
    page.wait_for_url("**/ssh/keep-alive/#regions-*")
    assert page.locator("details:target").get_attribute("data-proof") == thing
    assert strangers == []


def test_the_ledger_of_a_topic_is_filtered_and_sorted_by_keyboard(context: BrowserContext) -> None:
    """Kind, state and words pick the rows that proof.json has; the address can be shared; a head sorts up, then down."""
    outputs = [name for name in BOOK.outputs if name.startswith("git/") and "push" in name]
    unproven = [
        state
        for (_, name), state in LEDGER.everything.items()
        if name.startswith("git") and state is not State.PROVEN
    ]
    page = context.new_page()
    page.goto("/git/proof/?kind=output&text=push")
    told(page, f"{len(outputs)} of ")
    assert {row.get_attribute("data-proof") for row in page.locator("tbody tr:not([hidden])").all()} == {
        f"outputs {name}" for name in outputs
    }
    page.get_by_role("searchbox", name="Text").focus()
    page.get_by_role("searchbox", name="Text").fill("")
    page.get_by_role("combobox", name="Kind").select_option("all")
    page.get_by_role("combobox", name="State").select_option("not proven")
    told(page, f"{len(unproven)} of ")
    assert page.url.endswith("/git/proof/?state=not+proven")
    page.get_by_role("combobox", name="State").select_option("all")
    what = page.get_by_role("button", name="What")
    what.focus()
    for direction, best in (("ascending", min), ("descending", max)):
        page.keyboard.press("Enter")
        assert page.locator("th[aria-sort]").get_attribute("aria-sort") == direction
        names = page.locator("tbody td:first-child").all_text_contents()
        by_browser = page.evaluate(
            "names => names.toSorted((a, b) => a.localeCompare(b, 'en', {numeric: true}))", names
        )
        assert names[0] == (by_browser[0] if best is min else by_browser[-1])


# What has moved on the page by itself so far, as Chromium counts it, once all that is there has been drawn.
SHIFTS = """() => new Promise((done) => requestAnimationFrame(() => setTimeout(() => {
  let sum = 0;
  new PerformanceObserver((list) => { for (const entry of list.getEntries()) if (!entry.hadRecentInput) sum += entry.value; })
    .observe({ type: "layout-shift", buffered: true });
  requestAnimationFrame(() => setTimeout(() => done(sum)));
})))"""


@pytest.mark.parametrize("width", [360, 1280])
def test_a_filter_in_the_address_moves_nothing(context: BrowserContext, width: int) -> None:
    """Where an address asks for few rows of a long table, nothing that a reader has seen moves when the others go."""
    page = context.new_page()
    page.set_viewport_size({"width": width, "height": 800})
    for address in (
        "/ssh/people-say/?verdict=wrong",
        "/ssh/proof/?state=not+proven",
        "/people-say/?verdict=dated",
    ):
        page.goto(address)
        told(page, " of ")
        assert page.evaluate(SHIFTS) < 0.02, address


def test_all_topics_are_filtered_on_one_page(context: BrowserContext) -> None:
    """A shared address brings the rows of all topics together and keeps what fits; their links still lead to the blocks."""
    page = context.new_page()
    page.goto("/proof/?topic=SSH&kind=claim")
    claims = BOOK.claims_of("ssh")
    told(page, f"{len(claims)} of {len(LEDGER.everything):,} rows")
    assert shown(page) == len(claims)
    first = page.locator(".filterable tbody tr:visible td:first-child a").first
    assert "/ssh/" in (first.get_attribute("href") or "")
    first.click()
    page.wait_for_url("**/ssh/*/#claim-*")
    assert page.locator("tr:target").count() == 1


def test_claims_are_filtered_by_topic_and_verdict(context: BrowserContext) -> None:
    """The page opens with the harmful of all topics; a verdict and a topic pick from all of them, the worst first."""
    page = context.new_page()
    page.goto("/people-say/")
    harmful = [claim for claim in BOOK.claims.values() if claim.verdict in {"unsafe", "wrong"}]
    assert shown(page) == len(harmful)
    page.get_by_role("combobox", name="Verdict").select_option("dated")
    dated = [claim for claim in BOOK.claims.values() if claim.verdict == "dated"]
    told(page, f"{len(dated)} of {len(BOOK.claims)} rows")
    assert page.url.endswith("/people-say/?verdict=dated")
    page.get_by_role("combobox", name="Verdict").select_option("all")
    page.get_by_role("combobox", name="Topic").select_option("Docker entrypoints")
    told(page, f"{len(BOOK.claims_of('docker_entrypoints'))} of ")
    verdicts = [
        cell.split()[1] for cell in page.locator("tbody tr:not([hidden]) .verdict").all_text_contents()
    ]
    assert verdicts == sorted(verdicts, key=["unsafe", "wrong", "dated", "incomplete", "holds"].index)


def test_the_tables_are_whole_without_javascript(browser: Browser, site: str) -> None:
    """With scripts off each ledger has all its rows and takes under 30 kB compressed; what is not proven is one link away."""
    context = browser.new_context(java_script_enabled=False, base_url=site)
    page = context.new_page()
    page.goto("/proof/")
    rows = 0
    for part in page.locator("a.part").all():
        address = f"{site}/proof/{part.get_attribute('href')}"
        html = context.request.get(address).body()
        assert len(gzip.compress(html)) < 30_000, f"{address}: split it by page"
        rows += html.count(b"data-proof=")
    assert rows == len(LEDGER.everything)
    page.goto("/ssh/proof/")
    page.get_by_role("link", name="What is not proven").click()
    page.wait_for_url("**/proof/#not-proven")
    context.close()
