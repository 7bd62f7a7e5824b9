"""Your values, in a real browser: blocks and copies follow, nothing hostile does, and what destroys is held back."""

import json
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, BrowserContext, Page

from opsbook.book import Book
from opsbook.values import KINDS, Value

from ..hostile_values import GOOD, HOSTILE, STRANGE  # noqa: TID252  # tests is no package that is installed

# One worker builds the site and starts the browser for all of them.
pytestmark = [pytest.mark.recorded, pytest.mark.xdist_group("browser"), pytest.mark.timeout(300)]
BOOK = Book(Path(__file__).parents[2])
NOT_PROVEN = "≠ with your values: not what was proven"
BUTTON = "button[data-md-type=copy], button.md-clipboard"
# The texts of all blocks that are no outputs.
BLOCKS = "[...document.querySelectorAll('.highlight:not(.output) code')].map(code => code.textContent)"
STORE = (
    "text => { localStorage.setItem('opsbook.values', text); dispatchEvent(new StorageEvent('storage')); }"
)
# Press each copy button as often as it takes, at most twice, and list what came to the clipboard.
COPY_ALL = """async () => {
  const copied = [];
  document.addEventListener('copy', event => copied.push(event.target.value));
  document.querySelectorAll('details').forEach(details => { details.open = true; });
  for (const button of document.querySelectorAll(BUTTON)) {
    const before = copied.length;
    button.click();
    if (copied.length === before) button.click();
  }
  return copied;
}""".replace("BUTTON", json.dumps(BUTTON))


def address(path: str) -> str:
    """Return where a page of the book is."""
    folder = path.removesuffix("index.md") if BOOK.pages[path].is_index else path.removesuffix(".md") + "/"
    return f"/{folder}"


def codes(path: str) -> list[str]:
    """Return the code of the blocks of a page, as CI ran it."""
    return [BOOK.regions[name].code for name in BOOK.pages[path].includes if name in BOOK.regions]


def put(mine: dict[str, str], path: str) -> list[str]:
    """Return the blocks of a page with these values instead of the names, all at once."""
    values = [value for value in BOOK.pages[path].values if value.name in mine]
    groups = [f"(?P<v{number}>{value.find})" for number, value in enumerate(values)]

    def one(found: re.Match[str]) -> str:
        value = next(value for number, value in enumerate(values) if found[f"v{number}"] is not None)
        name, own = value.name.removeprefix("/dev/"), mine[value.name].removeprefix("/dev/")
        part = found[0][len(name) :]
        if value.kind not in {"disk", "device"} or not part:
            return own + part
        return own + ("-part" if own.startswith("disk/") else "p" if own[-1].isdigit() else "") + part

    return [re.sub("|".join(groups), one, code) for code in codes(path)]


def shown(page: Page) -> list[str]:
    """Return the blocks as the page has them now."""
    return [text.rstrip("\n") for text in page.evaluate(BLOCKS)]


def clipboard(page: Page) -> str:
    """Return what would be pasted now."""
    text: str = page.evaluate("navigator.clipboard.readText()")
    return text


def heard(page: Page) -> str:
    """Return what a screen reader was told last."""
    return page.locator(".values-voice[role=status]").text_content() or ""


def badges(page: Page) -> list[str]:
    """Return what the badges of blocks say that are no outputs."""
    # Folded ones too, of which a browser tells what is not seen.
    script = """[...document.querySelectorAll('.highlight:not(.output) + details.proof > summary')].map(
      badge => (badge.querySelector('.yours') || badge).textContent)"""
    return [" ".join(text.split()) for text in page.evaluate(script)]


def field(page: Page, name: str) -> str:
    """Return the selector of the field of a value."""
    return f".values li:has(label > code:text-is({json.dumps(name)})) input"


def type_in(page: Page, name: str, text: str) -> None:
    """Fill in a field and leave it."""
    page.fill(field(page, name), text)
    page.press(field(page, name), "Tab")


MINE = {
    "bastion": "jump.example.net",
    "db": "db-3",
    "web": "web1.example.org",
    "alice": "ops_2",
    "192.0.2.20": "203.0.113.9",
    "10.0.10.25": "10.1.2.3",
    "~/.ssh/work_key": "~/.ssh/id_ops",
}
DISKS = {"/dev/sdd": "/dev/nvme0n1", "/srv": "/srv/big-data", "/dev/sdb": "/dev/sdd", "/dev/sdc": "/dev/xvdb"}


def test_blocks_copies_and_badges_follow(context: BrowserContext) -> None:
    """Own values stand in every block and copy of each page that has their name, until one press brings CI's back."""
    jump, alive, limits = "ssh/jump-host.md", "ssh/keep-alive.md", "disk-partitioning/limits.md"
    page = context.new_page()
    page.goto(address(jump))
    assert shown(page) == codes(jump)
    before = badges(page)
    page.locator(".values summary b").click()
    for name, own in MINE.items():
        type_in(page, name, own)
    assert heard(page).startswith("~/.ssh/work_key is ~/.ssh/id_ops now, in ")
    for _ in range(2):
        expected = put(MINE, jump)
        assert shown(page) == expected
        same = [mine == theirs for mine, theirs in zip(expected, codes(jump), strict=True)]
        assert any(same)
        assert not all(same)
        for unchanged, was, now in zip(same, before, badges(page), strict=True):
            assert now == was if unchanged else now.startswith(NOT_PROVEN)
        assert page.evaluate(COPY_ALL) == [code.rstrip() for code in expected]
        page.reload()
    assert json.loads(page.evaluate("localStorage.getItem('opsbook.values')")) == MINE
    page.goto(address(alive))
    assert shown(page) == put({"web": MINE["web"]}, alive) != codes(alive)
    # Another window follows at once, and a disk's partitions go with the disk.
    other = context.new_page()
    other.goto(address(limits))
    other.locator(".values summary b").click()
    for name, own in DISKS.items():
        type_in(other, name, own)
    assert shown(other) == put(DISKS, limits)
    assert any("/dev/nvme0n1p1 600M" in code and "/dev/sdd" not in code for code in shown(other))
    page.get_by_role("button", name="Back to CI's values").click()
    assert shown(page) == codes(alive)
    assert heard(page) == "All blocks are what CI ran again."
    assert page.evaluate(COPY_ALL) == [code.rstrip() for code in codes(alive)]
    assert not any(NOT_PROVEN in badge for badge in badges(page))
    assert shown(other) == put(DISKS, limits)
    page.goto(address(jump))
    assert shown(page) == put({name: own for name, own in MINE.items() if name != "web"}, jump)


def pages_by_kind() -> Iterator[tuple[str, str, Value]]:
    """Yield each kind with the first page that has a value of it, and that value."""
    for kind in KINDS:
        found = ((path, value) for path, page in BOOK.pages.items() for value in page.values)
        yield next((kind, path, value) for path, value in found if value.kind == kind)


def test_nothing_hostile_reaches_a_block(context: BrowserContext) -> None:
    """What is not allowed is refused with the reason, for each kind, typed or put into the storage by hand."""
    page = context.new_page()
    for kind, path, value in pages_by_kind():
        page.goto(address(path))
        refused = page.evaluate(
            """([name, texts]) => {
              const item = [...document.querySelectorAll('.values li')].find(
                item => item.querySelector('code').textContent === name);
              const input = item.querySelector('input');
              return texts.map(text => {
                input.value = text;
                input.dispatchEvent(new Event('change', { bubbles: true }));
                return [input.value, item.querySelector('p').textContent, input.hasAttribute('aria-invalid'),
                  localStorage.getItem('opsbook.values')];
              });
            }""",
            [value.name, HOSTILE + STRANGE[kind]],
        )
        for text, (held, why, invalid, stored) in zip(HOSTILE + STRANGE[kind], refused, strict=True):
            # A field keeps no line breaks: what it holds is judged.
            if re.fullmatch(KINDS[kind].allowed, held):
                assert held == text.replace("\n", "").replace("\r", "")
                continue
            assert why.endswith(f"A {KINDS[kind].called} is {KINDS[kind].rule}."), (kind, text)
            assert invalid
            assert json.loads(stored) == {}
        for text in HOSTILE + STRANGE[kind]:
            page.evaluate(STORE, json.dumps({value.name: text}))
            assert shown(page) == codes(path), (kind, text)
        for text in (
            "[",
            "null",
            "[1]",
            '"x"',
            "7",
            json.dumps({value.name: {"a": 1}}),
            '{"__proto__": {"web": "x"}}',
        ):
            page.evaluate(STORE, text)
            assert shown(page) == codes(path), text
        page.evaluate(STORE, json.dumps({value.name: HOSTILE[0]}))
        page.reload()
        assert shown(page) == codes(path)
        assert not any(NOT_PROVEN in badge for badge in badges(page))
        for text in GOOD[kind]:
            page.evaluate(STORE, json.dumps({value.name: text}))
            assert shown(page) == put({value.name: text}, path) != codes(path)
        page.evaluate("localStorage.clear()")


def test_a_pasted_line_break_is_refused(context: BrowserContext) -> None:
    """Two lines, pasted into a field, do not become one word; the reason names the character that is wrong."""
    page = context.new_page()
    page.goto("/ssh/keep-alive/")
    page.locator(".values summary b").click()
    page.evaluate("navigator.clipboard.writeText('web1\\nreboot')")
    page.focus(field(page, "web"))
    page.keyboard.press("Control+V")
    assert page.input_value(field(page, "web")) == ""
    assert "line break" in (page.locator(".values li p").text_content() or "")
    for text, reason in {
        "web 1": "a blank",
        "web;1": "“;” may not",
        "-web": "option",
        "w\u0435b": "U+0435 may not",
        "web\u200b": "U+200B may not",
        "web-": "A host name is letters",
    }.items():
        type_in(page, "web", text)
        assert reason in (page.locator(".values li p").text_content() or "")
        assert heard(page) == page.locator(".values li p").text_content()
        assert page.get_attribute(field(page, "web"), "aria-invalid") is not None
        assert shown(page) == codes("ssh/keep-alive.md")
    type_in(page, "web", "web1")
    assert page.locator(".values li p").text_content() == ""
    assert shown(page) == put({"web": "web1"}, "ssh/keep-alive.md")


def test_what_destroys_is_copied_with_own_values_only(context: BrowserContext) -> None:
    """The button first leads to the empty fields; then it copies, without the newline that would run the block."""
    path = "disk-partitioning/partition-format-mount.md"
    page = context.new_page()
    page.goto(address(path))
    button = page.locator(f".highlight.destroys:has-text('rmdir') >> {BUTTON}")
    page.evaluate("navigator.clipboard.writeText('nothing yet')")
    button.click()
    assert clipboard(page) == "nothing yet"
    assert page.locator(".values details").get_attribute("open") is not None
    assert page.evaluate("document.activeElement.id") == page.get_attribute(field(page, "/dev/sdb"), "id")
    assert "Put in your own values first: /dev/sdb, /data" in heard(page)
    assert page.locator(".values-voice").bounding_box()["width"] > 200  # type: ignore[index]
    page.keyboard.type("/dev/vdb")
    page.keyboard.press("Tab")
    button.click()
    assert clipboard(page) == "nothing yet"
    assert page.evaluate("document.activeElement.id") == page.get_attribute(field(page, "/data"), "id")
    assert heard(page).endswith("first: /data")
    # By hand it is the same, but for a single word that is to be looked up.
    block = page.locator(".highlight.destroys code", has_text="rmdir /data")
    block.click(click_count=3)
    page.keyboard.press("Control+C")
    assert clipboard(page) == "nothing yet"
    block.locator("text=umount").first.dblclick(position={"x": 3, "y": 3})
    # What CI has may be the reader's too, once they have said so.
    type_in(page, "/data", "/data")
    button.click()
    expected = "umount /data && wipefs -a /dev/vdb1 /dev/vdb && rmdir /data"
    assert clipboard(page) == expected
    assert heard(page) == f"Copied: {expected}"
    page.evaluate("navigator.clipboard.writeText('nothing yet')")
    block.click(click_count=3)
    page.keyboard.press("Control+C")
    assert clipboard(page) == expected
    # A block without any value asks twice, and a double click is one answer.
    page.goto("/git/undo/")
    page.evaluate("navigator.clipboard.writeText('nothing yet')")
    clean = page.locator(f".highlight.destroys:has-text('git clean --force') >> {BUTTON}")
    clean.dblclick()
    assert clipboard(page) == "nothing yet"
    assert "once more" in heard(page)
    clean.click()
    assert clipboard(page) == "git clean --force"


@pytest.mark.parametrize("width", [360, 1280])
def test_nothing_moves(browser: Browser, site: str, width: int) -> None:
    """With values set, pages load without a shift, folded, and are as high as without; without JavaScript they say the names."""
    heights: dict[str, list[int]] = {}
    for mine in ("{}", json.dumps(MINE | {"/dev/sdb": "/dev/vdb", "/data": "/srv"})):
        context = browser.new_context(viewport={"width": width, "height": 800}, base_url=site)
        page = context.new_page()
        page.add_init_script(f"localStorage.setItem('opsbook.values', {json.dumps(mine)})")
        for path in ("/ssh/jump-host/", "/ssh/keep-alive/", "/disk-partitioning/errors/"):
            page.goto(path)
            shift = page.evaluate(
                """() => new Promise(done => new PerformanceObserver(list => done(
                  list.getEntries().reduce((sum, entry) => sum + entry.value, 0))
                ).observe({type: 'layout-shift', buffered: true}) ?? requestIdleCallback(() => done(0), {timeout: 2000}))"""
            )
            assert shift < 0.02, path
            assert page.locator(".values details").get_attribute("open") is None
            assert any(NOT_PROVEN in badge for badge in badges(page)) == (mine != "{}")
            heights.setdefault(path, []).append(
                page.evaluate("document.querySelector('article').offsetHeight")
            )
            assert page.evaluate("document.documentElement.scrollWidth") <= width
        context.close()
    assert all(with_values == without for without, with_values in heights.values()), heights
    context = browser.new_context(java_script_enabled=False, base_url=site)
    page = context.new_page()
    page.goto("/ssh/jump-host/")
    page.locator(".values summary").click()
    assert page.locator(".values li").all_inner_texts()[:2] == ["bastion host name", "db host name"]
    assert page.locator(".values input, .values button").count() == 0
    context.close()


def tab_to(page: Page, selector: str) -> None:
    """Press Tab until the element has the focus."""
    for _ in range(200):
        page.keyboard.press("Tab")
        if page.locator(selector).first.evaluate("element => element === document.activeElement"):
            return
    raise AssertionError(f"Tab does not reach {selector}")


def test_the_keyboard_does_it_all(context: BrowserContext) -> None:
    """Tab, Enter and typing set a value, copy a block, hear both, and go back."""
    page = context.new_page()
    page.set_viewport_size({"width": 1280, "height": 800})
    page.goto("/ssh/keep-alive/")
    tab_to(page, ".values summary")
    page.keyboard.press("Enter")
    tab_to(page, ".values input")
    assert page.evaluate("document.activeElement.labels[0].textContent") == "web host name"
    page.keyboard.type("web1.example.com")
    page.keyboard.press("Enter")
    assert heard(page).startswith("web is web1.example.com now, in ")
    tab_to(page, ".values button")
    tab_to(page, ".highlight:has-text('ssh -G') button")
    page.keyboard.press("Enter")
    assert clipboard(page) == "ssh -G web1.example.com | grep serveralive"
    assert heard(page) == "Copied: ssh -G web1.example.com | grep serveralive"
    page.focus(".values button")
    page.keyboard.press("Enter")
    assert shown(page) == codes("ssh/keep-alive.md")
    assert page.evaluate("document.activeElement.matches('.values summary')")
