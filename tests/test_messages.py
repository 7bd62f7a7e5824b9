"""Somebody's error line, with their own names in it, finds the section that has its message."""

from pathlib import Path

from opsbook.book import Book
from opsbook.messages import find, messages

from .error_lines import LINES
from .tiny import make_book

BOOK = Book(Path(__file__).parents[1])


def test_nine_lines_in_ten_find_their_message_first() -> None:
    """Of real error lines 90 % have the right message first, 98 % among the first three."""
    known = messages(BOOK)
    places = {}
    for line, wanted in LINES:
        texts = [message.text for message in find(known, line)]
        places[line] = next((place for place, text in enumerate(texts) if wanted in text), 99)
    first = [line for line, place in places.items() if place > 0]
    third = [line for line, place in places.items() if place > 2]
    assert len(LINES) >= 60
    assert len(first) <= len(LINES) * 0.10, first
    assert len(third) <= len(LINES) * 0.02, third


def test_a_whole_message_comes_before_a_likeness_and_that_of_the_topic_named_first() -> None:
    """The reason that stands in a line whole counts more than the words before it; of two alike the topic in the line decides."""
    known = messages(BOOK)
    for line, page in (
        ("ssh: connect to host db7.corp.example port 2222: Connection refused", "ssh/errors.md"),
        ("ssh: connect to host 10.9.8.7 port 22: No route to host", "ssh/errors.md"),
        (
            "docker: wait for db: Connection   REFUSED.",
            "docker-entrypoints/wait-for-a-dependency.md",
        ),
    ):
        best = find(known, line)[0]
        assert best.page.path == page
        assert best.text.lower() in " ".join(line.lower().split())


def test_a_line_like_none_finds_nothing() -> None:
    """Words that no message has, or a few that many have, are not forced onto one."""
    known = messages(BOOK)
    for line in ("", "???", "hello world", "error", "10.0.0.1:22", "the file is"):
        assert find(known, line) == [], line


def test_messages_are_headings_that_are_nothing_else(tmp_path: Path) -> None:
    """Each code of such a heading is one, with the anchor that the page gets; prose, other levels and fences are none."""
    text = """# Note
### `fatal: a`, `fatal: b`
### `fatal: a`, `fatal: b`
### `x` is no message
## `fatal: c`
### ``error: `f` is g``
### `fatal: 'd/e' <pid>` {#there}
~~~
### `fatal: f`
~~~
"""
    book = make_book(tmp_path, {"docs/git/errors.md": text})
    found = [(m.text, m.anchor) for m in messages(book) if m.page.path == "git/errors.md"]
    assert found == [
        ("fatal: a", "fatal-a-fatal-b"),
        ("fatal: b", "fatal-a-fatal-b"),
        ("fatal: a", "fatal-a-fatal-b_1"),
        ("fatal: b", "fatal-a-fatal-b_1"),
        ("error: `f` is g", "error-f-is-g"),
        ("fatal: 'd/e' <pid>", "there"),
    ]
