"""The way of somebody who has an error line and has never been here: home, error, page, copy, proof, lab."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from opsbook.book import Book

from .test_reading import pytestmark  # noqa: F401  # the same browser, so the same worker

ROOT = Path(__file__).parents[2]
PICTURES = ROOT / "build/newcomer"
LINE = "ssh: connect to host db7.corp.example port 2222: Connection refused"
PATIENCE = 60_000  # ms, on a loaded machine
LOOK = "ssh/errors.sh:refused-look"


def picture(page: Page, step: str) -> None:
    """Save what is on the screen, for somebody to look at."""
    PICTURES.mkdir(parents=True, exist_ok=True)
    width = (page.viewport_size or {"width": 0})["width"]
    page.screenshot(path=PICTURES / f"{width}-{step}.png", animations="disabled")


@pytest.mark.parametrize("size", [(360, 640), (1280, 800)], ids=["phone", "desktop"])
def test_from_an_error_line_to_a_lab(context: BrowserContext, size: tuple[int, int]) -> None:
    """A line with the reader's own names leads to its section; the copied block is the proven one, its badge names test,
    versions, day and lab, and the lab that it names runs the block.
    """
    page = context.new_page()
    page.set_viewport_size({"width": size[0], "height": size[1]})
    page.goto("/")
    picture(page, "1-home")

    page.get_by_label("Paste it").fill(LINE)
    page.keyboard.press("Enter")
    page.wait_for_url("**/errors/?line=*")
    first = page.locator("table[data-kind=errors] tbody tr:not([hidden]) a").first
    expect(first).to_have_text("SSH errors by message", timeout=PATIENCE)
    picture(page, "2-found")

    first.click()
    page.wait_for_url("**/ssh/errors/#connection-refused")
    expect(page.get_by_role("heading", name="Connection refused")).to_be_in_viewport(timeout=PATIENCE)
    picture(page, "3-section")

    badge = page.locator(f"details[data-proof='regions {LOOK}']")
    block = badge.locator("xpath=preceding-sibling::*[1]")
    block.scroll_into_view_if_needed()
    block.locator("button[data-md-type=copy], button.md-clipboard").click()
    copied = page.evaluate("navigator.clipboard.readText()")
    region = Book(ROOT).regions[LOOK]
    assert copied == region.clipboard
    picture(page, "4-copied")

    badge.locator("summary").click()
    facts = badge.locator("ul").inner_text()
    assert "tests/ssh/test_errors.py" in facts
    assert re.search(r"debian-12, \d{4}-\d\d-\d\d: OpenSSH", facts)
    picture(page, "5-proof")

    command = facts.partition("practise: ")[2].splitlines()[0]
    assert command == "opsbook lab --on web --user root ssh"
    program, *there = command.split()
    argv = [str(Path(sys.executable).with_name(program)), *there, "--", "bash", "-c", copied]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert ":22 " in done.stdout
