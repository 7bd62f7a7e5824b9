"""Say what Opsbook's own machinery costs where a book has a thousand pages.

The topics of this book are copied beside themselves under other names (snippets, tests, claims and proof with them) until there are as
many pages as asked for. MkDocs builds that book with Opsbook's extension and without it, in turn; the gate judges it, and this book.
"""

import argparse
import os
import re
import shutil
import subprocess
import sys
import tempfile
from dataclasses import replace
from pathlib import Path

from opsbook import proof as proofs
from opsbook.book import Book
from opsbook.proof import Proof

ROOT = Path(__file__).parents[1]
LEFT_OUT = shutil.ignore_patterns("pyodide", "__pycache__")


def main() -> None:
    """Make the large book in a folder that goes away, and print seconds of processor time and their ratios."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--pages", type=int, default=1000, help="how many pages the large book has at least")
    pages = parser.parse_args().pages
    with tempfile.TemporaryDirectory(prefix="opsbook-scale-") as folder:
        small, large = Path(folder, "small"), Path(folder, "large")
        counts = {book: multiply(book, size) for book, size in ((small, 1), (large, pages))}
        for book in (small, large):
            plain, ours = (build(book, name) for name in ("plain", "ours"))
            judged = gate(book)
            print(
                f"{counts[book]} pages: plain Material {plain:.1f} s, with the extension {ours:.1f} s, ratio {ours / plain:.2f}; "
                f"gate {judged:.1f} s, {1000 * judged / counts[book]:.0f} ms a page",
                flush=True,
            )


def multiply(target: Path, pages: int) -> int:
    """Write a book of at least so many pages into the new folder `target`; return how many it has."""
    for folder in ("docs", "snippets", "tests", "theme", ".github"):
        shutil.copytree(ROOT / folder, target / folder, symlinks=True, ignore=LEFT_OUT)
    for file in ("Makefile", "README.md"):
        shutil.copy(ROOT / file, target)
    shutil.copytree(ROOT / ".ci", target / ".ci")
    config = re.sub(r"(?ms)^nav:\n.*", "", (ROOT / "mkdocs.yml").read_text()).replace(
        "strict: true", "strict: false"
    )
    (target / "ours.yml").write_text(config)
    (target / "mkdocs.yml").write_text(config)
    (target / "plain.yml").write_text(config.replace("  - opsbook.markdown\n", ""))
    book, proof = Book(ROOT), proofs.load(ROOT / "proof.json")
    many = proofs.load(ROOT / "proof.json")
    number, made = 1, len(book.pages)
    while made < pages:
        number += 1
        made += sum(copy_topic(target, topic, number) for topic in book.topics)
        add_records(many, proof, number)
    # A replay's hash has the names of the blocks in it.
    large = Book(target)
    for name, platforms in many.records["replays"].items():
        for where, record in platforms.items():
            platforms[where] = replace(record, sha256=large.replay_hash(large.pages[name]))
    (target / "proof.json").write_text(many.dump())
    return made


def copy_topic(target: Path, topic: str, number: int) -> int:
    """Copy the pages, snippets and tests of a topic to folders whose names end in `number`; return how many pages."""
    docs = target / "docs" / hyphened(f"{topic}_{number}")
    shutil.copytree(ROOT / "docs" / hyphened(topic), docs)
    for folder in ("snippets", "tests"):
        shutil.copytree(ROOT / folder / topic, target / folder / f"{topic}_{number}", ignore=LEFT_OUT)
    claims = target / "snippets" / f"{topic}_{number}" / "claims.yaml"
    claims.write_text(re.sub(r"(?m)^- id: (.*)$", rf"- id: \1-{number}", claims.read_text()))
    pages = list(docs.glob("*.md"))
    for page in pages:
        text = re.sub(
            rf'(--8<-- "|\[\[(?:claims|ledger): ){topic}\b', rf"\g<1>{topic}_{number}", page.read_text()
        )
        page.write_text(re.sub(r"(\((?:[\w-]+\.md)?#claim-[\w.-]+)\)", rf"\1-{number})", text))
    return len(pages)


def add_records(many: Proof, proof: Proof, number: int) -> None:
    """Add to `many` what `proof` says, of the copies of that number."""
    for kind, things in proof.records.items():
        for name, platforms in things.items():
            for where, record in platforms.items():
                tests = {
                    re.sub(r"^tests/(\w+)/", rf"tests/\1_{number}/", t): h for t, h in record.tests.items()
                }
                if copied := copy_of(kind, name, number):
                    many.add(kind, copied, where, replace(record, tests=tests))


def copy_of(kind: str, name: str, number: int) -> str:
    """Return the id of a thing in the copy of that number; the home page has none."""
    if kind == "claims":
        return f"{name}-{number}"
    topic, slash, rest = name.partition("/")
    mark = "-" if kind == "replays" else "_"
    return f"{topic}{mark}{number}/{rest}" if slash else ""


def hyphened(topic: str) -> str:
    """Return the name of a topic's folder of pages."""
    return topic.replace("_", "-")


def build(book: Path, name: str) -> float:
    """Build `book` with the configuration of that name; return seconds of processor time."""
    argv = [sys.executable, "-m", "mkdocs", "build", "--quiet", "--no-strict"]
    return spent(book, [*argv, "--config-file", f"{name}.yml", "--site-dir", f"site-{name}"])


def gate(book: Path) -> float:
    """Let the gate judge what was built with the extension; return seconds of processor time."""
    opsbook = str(Path(sys.executable).with_name("opsbook"))
    for command in ("text", "feed", "policy"):
        spent(book, [opsbook, command, "site-ours"])
    return spent(book, [opsbook, "gate", "site-ours"])


def spent(folder: Path, argv: list[str]) -> float:
    """Run a command in `folder` and return the seconds of processor time it took; ends the program where it fails."""
    before = os.times()
    told = subprocess.run(
        argv,
        cwd=folder,
        env={**os.environ, "NO_MKDOCS_2_WARNING": "1"},
        capture_output=True,
        text=True,
        check=False,
    )
    after = os.times()
    if told.returncode:
        sys.exit(
            f"{' '.join(argv)} ended with {told.returncode}:\n{told.stdout[-2000:]}{told.stderr[-2000:]}"
        )
    return after.children_user + after.children_system - before.children_user - before.children_system


if __name__ == "__main__":
    main()
