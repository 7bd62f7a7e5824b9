"""Six pages as they look, on a phone and a desktop, light and dark, against pictures that somebody has looked at and approved."""

import os
from pathlib import Path
from typing import Literal

import pytest
from PIL import Image, ImageChops
from playwright.sync_api import Browser, Page, Route

from .test_reading import pytestmark  # noqa: F401  # the same browser, so the same worker

ROOT = Path(__file__).parents[2]
APPROVED, SEEN = Path(__file__).with_name("approved"), ROOT / "build/screenshots"
PAGES = [
    "",
    "ssh/",
    "ssh/keep-alive/",
    "disk-partitioning/partition-format-mount/",
    "context-managers/exceptions/",
    "errors/",
]
SIZES = {"360": (360, 640), "1280": (1280, 800)}
# Of 255: what another version of the browser makes of the edge of a letter is less.
DIFFERENT, TOLERATED = 64, 0.01
# What is otherwise after each run: days, versions, counts.
STEADY = """() => {
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) walker.currentNode.data = walker.currentNode.data.replace(/\\d{4}-\\d\\d-\\d\\d/g, "2026-01-01");
  for (const told of document.querySelectorAll("details.proof > summary > span:not(.effect)")) told.textContent = "2026-01-01";
  for (const count of document.querySelectorAll(".counts b")) count.textContent = "1,000";
}"""


def with_fonts(route: Route) -> None:
    """Let text wait for its font, which readers' browsers may leave for the next page."""
    answer = route.fetch()
    route.fulfill(
        response=answer, body=answer.text().replace("font-display: optional", "font-display: block")
    )


def shot(page: Page, path: str, to: Path) -> None:
    """Save the first screen of a page as a picture."""
    page.goto(f"/{path}", wait_until="networkidle")
    page.evaluate(STEADY)
    page.evaluate("document.fonts.ready.then(() => null)")
    to.parent.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=to, animations="disabled", caret="hide")


def difference(one: Path, other: Path) -> float:
    """Return which share of the pixels of two pictures differs visibly; all of them where the sizes do."""
    first, second = (Image.open(path).convert("RGB") for path in (one, other))
    if first.size != second.size:
        return 1.0
    channels = ImageChops.difference(first, second).split()
    most = ImageChops.lighter(ImageChops.lighter(channels[0], channels[1]), channels[2])
    return sum(most.histogram()[DIFFERENT:]) / (first.width * first.height)


@pytest.mark.timeout(900)
def test_pages_look_as_approved(browser: Browser, site: str) -> None:
    """The first screen of six pages differs in less than one pixel of a hundred; OPSBOOK_APPROVE=1 takes the new ones."""
    folder = APPROVED if os.environ.get("OPSBOOK_APPROVE") == "1" else SEEN
    changed = []
    schemes: tuple[Literal["light", "dark"], ...] = ("light", "dark")
    for scheme in schemes:
        for width, (across, down) in SIZES.items():
            context = browser.new_context(
                base_url=site,
                viewport={"width": across, "height": down},
                color_scheme=scheme,
                reduced_motion="reduce",
            )
            context.route("**/fonts.css", with_fonts)
            page = context.new_page()
            for path in PAGES:
                name = f"{path.strip('/').replace('/', '_') or 'home'}-{width}-{scheme}.png"
                shot(page, path, folder / name)
                if (share := difference(APPROVED / name, folder / name)) >= TOLERATED:
                    changed.append(f"{name}: {share:.1%}")
            context.close()
    assert not changed, f"look at build/screenshots and tests/browser/approved side by side: {changed}"
