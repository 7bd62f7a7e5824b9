"""The book as MkDocs and as Zensical build it, from the same files: what a reader gets is the same."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any
from urllib.parse import urljoin

import pytest
from lxml import html
from playwright.sync_api import Browser

from opsbook.policy import write as write_policies

from .conftest import ROOT, served

pytestmark = [pytest.mark.recorded, pytest.mark.xdist_group("browser")]


@pytest.fixture(scope="module")
def zensical(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The book, built by Zensical just now; it takes and leaves files only beside its configuration, so that stands elsewhere."""
    here = tmp_path_factory.mktemp("zensical")
    shutil.copytree(ROOT / "docs", here / "docs", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("mkdocs.yml", "snippets", "tests", "theme", "proof.json"):
        (here / name).symlink_to(ROOT / name)
    (here / "zensical.yml").write_text("INHERIT: mkdocs.yml\nsite_dir: site\n")
    argv = [sys.executable, "-m", "zensical", "build", "--config-file", "zensical.yml"]
    done = subprocess.run(argv, cwd=here, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    write_policies(here / "site")
    return here / "site"


def shown(site: Path, page: Path) -> dict[str, list[object]]:
    """Return the blocks, badges, headings and links of a built page, in order; the generators write links in two ways."""
    tree = html.parse(site / page, html.HTMLParser(encoding="utf-8")).getroot()
    article = tree.find(".//article")
    assert article is not None
    return {
        "blocks": [block.text_content() for block in article.iter("pre")],
        "badges": [
            (badge.get("data-proof"), badge.get("data-state"), badge.text_content())
            for badge in article.xpath(".//*[@data-proof]")
        ],
        "headings": [
            (head.tag, head.get("id"), head.text_content()) for head in article.iter("h1", "h2", "h3", "h4")
        ],
        "links": [
            (urljoin(f"/{page}", link.get("href")), link.text_content())
            for link in article.iter("a")
            if link.text_content()
        ],
    }


def known(entry: dict[str, Any]) -> tuple[str, tuple[list[str], list[str]]]:
    """Return the address of a section that can be found, its words and the page's tags; of the HTML among the words the
    generators keep different parts.
    """
    words = re.sub("<[^>]*>", "", f"{entry['title']} {entry['text']}").split()
    return entry["location"], (words, entry.get("tags") or [])


def test_both_generators_build_the_same_book(folder: Path, zensical: Path) -> None:
    """Page by page the blocks, badges, headings and links are the same, and so is what the searches know."""
    pages = {path.relative_to(folder) for path in folder.rglob("*.html")}
    assert {path.relative_to(zensical) for path in zensical.rglob("*.html")} == pages
    for page in pages - {Path("404.html")}:
        assert shown(folder, page) == shown(zensical, page), page
    ours = json.loads((folder / "search/search_index.json").read_text())["docs"]
    theirs = json.loads((zensical / "search.json").read_text())["items"]
    assert len(ours) == len(theirs)
    assert dict(map(known, ours)) == dict(map(known, theirs))


def test_search_finds_a_message_on_zensicals_site_too(browser: Browser, zensical: Path) -> None:
    """A message typed into Zensical's search leads to its section, with no error and nothing that the policy stops."""
    errors: list[str] = []
    with served(zensical) as address:
        page = browser.new_page(viewport={"width": 1280, "height": 800})
        page.on("console", lambda said: errors.append(said.text) if said.type == "error" else None)
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(address)
        page.get_by_role("button", name="Search").first.click()
        page.get_by_role("combobox", name="Search").fill("Host key verification failed")
        page.get_by_role("option", name="Host key verification failed").first.click()
        page.wait_for_url("**/ssh/errors/**")
        assert "Host key verification failed" in page.locator("article").inner_text()
        page.close()
    assert errors == []
