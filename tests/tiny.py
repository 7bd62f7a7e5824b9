"""Tiny books for the tests of the machinery."""

from collections.abc import Mapping
from pathlib import Path
from textwrap import dedent

from opsbook.book import Book
from opsbook.proof import Ledger, Proof, Record, State, test_hashes

TEST = "tests/git/test_note.py::test_note"
FILES = {
    "mkdocs.yml": "site_name: Tiny\n",
    "docs/git/index.md": "---\nlab: git\n---\n# Git\n",
    "docs/git/note.md": """# Note something

Do this.

```bash
--8<-- "git/note.sh:hello"
```

```text
--8<-- "git/note.hello.out"
```

[[claims: git/note]]
""",
    "snippets/git/note.sh": """#!/bin/bash
# effect: reads
# --8<-- [start:hello]
echo hello
# --8<-- [end:hello]
""",
    "snippets/git/note.hello.out": "hello\n",
    "snippets/git/claims.yaml": """- id: git-note
  page: note
  says: Notes are `short`.
  verdict: holds
  truth: They are.
  also: [git-brevity]
""",
    "tests/git/test_note.py": "def test_note():\n    pass\n",
}


def write(root: Path, files: Mapping[str, str]) -> None:
    """Write `files` below `root`; the texts may be indented."""
    for path, text in files.items():
        (root / path).parent.mkdir(parents=True, exist_ok=True)
        (root / path).write_text(dedent(text))


def make_book(root: Path, changes: Mapping[str, str] | None = None) -> Book:
    """Return a small honest book in `root`, with some of its files changed or added."""
    write(root, {**FILES, **(changes or {})})
    return Book(root)


def prove(book: Book, day: str = "2026-11-20", failing: tuple[str, ...] = ()) -> Proof:
    """Return the proof of a run in which one test showed everything in `book` as it is now."""
    proof, things = Proof(), {"regions": book.regions, "outputs": book.outputs, "claims": book.claims}
    tests = {TEST: test_hashes(book.root)[TEST]}
    for (kind, name), state in Ledger(book, proof).everything.items():
        digest = book.replay_hash(book.pages[name]) if kind == "replays" else things[kind][name].sha256  # type: ignore[index]
        if state is not State.NOT_RUN:
            proof.add(
                kind, name, "debian-12", Record(digest, tests, {"git": "git version 2.39.5"}, day, failing)
            )
    return proof
