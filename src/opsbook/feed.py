"""The Atom feed (RFC 4287) of what changed for readers: new pages, and claims whose verdict is now another one.

The source is the book's git history: the day of a page is that of the commit that added it. A shallow clone does not tell
what came in before it begins, so the feed has nothing of that.
"""

import os
import subprocess
import uuid
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree as ET

import yaml

from opsbook.book import Book, Page, read_yaml
from opsbook.messages import title_of

NEWEST = 50
NAMESPACE = "http://www.w3.org/2005/Atom"
# Times of one zone, so that they can be sorted as text.
FORMAT = ("--format=%x00%H %cd", "--date=iso-strict-local")
UNBORN = "1970-01-01T00:00:00Z"  # of a feed without any entry


@dataclass(frozen=True, order=True)
class Change:
    """Something that changed: when (RFC 3339), where it stands in the site, what is said of it, and what makes it unique."""

    when: str
    path: str
    title: str
    summary: str
    key: str


class NoHistory(Exception):
    """There is no git history to read; the message is git's."""


def git(root: Path, *words: str) -> str:
    """Return what git prints in the book's folder; raises NoHistory where it fails or is missing."""
    try:
        done = subprocess.run(
            ["git", "-C", str(root), *words],
            env={**os.environ, "TZ": "UTC"},
            capture_output=True,
            text=True,
            check=False,
        )
    except FileNotFoundError:
        raise NoHistory("git is not installed") from None
    if done.returncode:
        raise NoHistory(done.stderr.strip())
    return done.stdout


def boundary(root: Path) -> list[str]:
    """Return the commits that a shallow clone begins with; none in a whole one."""
    path = root / git(root, "rev-parse", "--git-path", "shallow").strip()
    return path.read_text().split() if path.exists() else []


def shallow_since(root: Path) -> str:
    """Return the day on which a shallow clone begins, empty for a whole one; raises NoHistory."""
    begins = boundary(root)
    return min(git(root, "show", "--no-patch", "--format=%cs", *begins).split()) if begins else ""


def commits(root: Path, *what: str) -> Iterator[tuple[str, str, list[str]]]:
    """Yield hash, time and files of each commit that touched `what`, the newest first; not those a shallow clone begins with."""
    begins = boundary(root)
    told = git(root, "log", "--no-merges", "--no-renames", "--name-only", *FORMAT, *what)
    for commit in told.split("\0")[1:]:
        head, *files = commit.split("\n")
        digest, _, when = head.partition(" ")
        if digest not in begins:
            yield digest, when, [file for file in files if file]


def changes(book: Book) -> list[Change]:
    """Return what changed, the newest first; raises NoHistory."""
    return sorted([*new_pages(book), *new_verdicts(book)], reverse=True)


def new_pages(book: Book) -> Iterator[Change]:
    """Yield each page with blocks that the book has, at the time when it came in."""
    added: dict[str, str] = {}
    for _, when, files in commits(book.root, "--diff-filter=A", "--", "docs/*.md"):
        added.update(dict.fromkeys(files, when))
    for page in book.pages.values():
        if page.includes and (came := added.get(f"docs/{page.path}")):
            yield Change(
                came,
                address(page),
                title_of(page),
                f"A new page on {page.topic.replace('_', ' ')}.",
                page.path,
            )


def new_verdicts(book: Book) -> Iterator[Change]:
    """Yield each change of the verdict on a claim that the book still has."""
    for digest, when, files in commits(book.root, "--diff-filter=M", "--", "snippets/*/claims.yaml"):
        for file in files:
            before, after = (
                verdicts(git(book.root, "show", f"{at}:{file}")) for at in (f"{digest}^", digest)
            )
            for name in before.keys() & after.keys() & book.claims.keys():
                claim = book.claims[name]
                page = book.page_of(claim.topic, claim.page)
                if before[name] != after[name] and page:
                    says = claim.says.replace("`", "")
                    told = f"The verdict was {before[name]}, and is {after[name]} since. People say: {says}"
                    title = f"{title_of(page)}: now {after[name]}"
                    yield Change(when, f"{address(page)}#claim-{name}", title, told, f"{digest} {name}")


def verdicts(text: str) -> dict[str, str]:
    """Return the verdicts in a claims.yaml by claim, none where it cannot be read."""
    try:
        return {entry["id"]: entry["verdict"] for entry in read_yaml(text) or []}
    except (yaml.YAMLError, TypeError, KeyError):
        return {}


def address(page: Page) -> str:
    """Return where `page` stands, seen from the top of the site."""
    return page.path.removesuffix("index.md" if page.is_index else ".md") + ("" if page.is_index else "/")


def atom(found: list[Change], title: str) -> str:
    """Return the feed of the newest changes; its links lead on from where the feed itself stands."""
    ET.register_namespace("", NAMESPACE)
    feed = ET.Element(f"{{{NAMESPACE}}}feed")
    add(feed, "title", f"{title}: what changed")
    add(feed, "id", urn("feed"))
    add(feed, "updated", found[0].when if found else UNBORN)
    add(add(feed, "author"), "name", title)
    add(feed, "link", rel="self", href="feed.xml", type="application/atom+xml")
    add(feed, "link", rel="alternate", href="./", type="text/html")
    for change in found[:NEWEST]:
        entry = add(feed, "entry")
        add(entry, "title", change.title)
        add(entry, "id", urn(change.key))
        add(entry, "updated", change.when)
        add(entry, "link", rel="alternate", href=change.path, type="text/html")
        add(entry, "summary", change.summary)
    ET.indent(feed)
    return ET.tostring(feed, encoding="unicode", xml_declaration=True) + "\n"


def add(parent: ET.Element, name: str, text: str | None = None, **attributes: str) -> ET.Element:
    """Add an Atom element."""
    made = ET.SubElement(parent, f"{{{NAMESPACE}}}{name}", attributes)
    made.text = text
    return made


def urn(key: str) -> str:
    """Return a name that stays the same wherever the site is published."""
    return uuid.uuid5(uuid.NAMESPACE_URL, f"opsbook:{key}").urn
