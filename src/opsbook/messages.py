"""The error messages of the book: what its headings promise, and which of them a pasted error line is most like.

A line as somebody sees it has their own host names, numbers and paths in it. Words that no message has are passed over;
a word counts the more, the fewer messages have it, and the less where the message itself has a name or path there. The
A message that stands in the line whole counts twice, and a little more where the line names its topic (`ssh:`, `docker:`). The
same is done in the browser by docs/assets/find.js; tests/test_messages.py and tests/browser hold the two together.
"""

import math
import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property

from markdown.extensions.toc import slugify, unique

from opsbook.book import Book, Page

_HEADING = re.compile(r"^(?P<level>#{1,6}) +(?P<text>.*?) *(\{#(?P<id>[\w-]+)\})?$")
# Code whose text has a backquote in it stands between two of them.
_CODE = r"``.+?``|`[^`]+`"
_MESSAGES = re.compile(rf"(?:{_CODE})(?:, (?:{_CODE}))*")
_WORD = re.compile(r"[a-z][a-z_]*[a-z]|[0-9]{2,5}")
# Names, paths and addresses: at these places another reader's line differs.
_VARIABLE = re.compile(r"'[^']*'|\"[^\"]*\"|<[^>]*>|\S*[/@]\S*|\S+\.[a-z]{2,}\b")
VARIABLE_WEIGHT = 0.2
LEAST = 0.3
WHOLE, TOPIC = 2.0, 1.2


@dataclass(frozen=True)
class Message:
    """An error message, the page that has it as a heading, and the heading's anchor there."""

    text: str
    page: Page
    anchor: str

    @cached_property
    def words(self) -> dict[str, float]:
        """Its words, each with the weight of the place where it stands."""
        weights = dict.fromkeys(_WORD.findall(self.text.lower()), VARIABLE_WEIGHT)
        weights |= dict.fromkeys(_WORD.findall(_VARIABLE.sub(" ", self.text.lower())), 1.0)
        return weights

    @property
    def topic_word(self) -> str:
        """The word by which a line may name its topic, such as `docker`."""
        return self.page.topic.partition("_")[0]


def title_of(page: Page) -> str:
    """Return the first heading of `page`, without Markdown."""
    return next((found["text"].replace("`", "") for found in headings(page)), page.path)


def headings(page: Page) -> Iterator[re.Match[str]]:
    """Yield the headings of `page` in order, those inside fences left out."""
    inside = {number for fence in page.fences for number in range(fence.start, fence.end + 1)}
    for number, line in enumerate(page.text.splitlines()):
        if number not in inside and (found := _HEADING.match(line)):
            yield found


def messages(book: Book) -> list[Message]:
    """Return the messages of `book`; pages that are all errors come first in their topic."""
    found = []
    pages = sorted(
        book.pages.values(), key=lambda page: (page.topic, not page.path.endswith("/errors.md"), page.path)
    )
    for page in pages:
        taken: set[str] = set()
        for heading in headings(page):
            text = heading["text"]
            anchor = heading["id"] or unique(slugify(text.replace("`", ""), "-"), taken)
            if heading["level"] == "###" and _MESSAGES.fullmatch(text):
                codes = re.findall(_CODE, text)
                found += [Message(code.strip("`").strip(), page, anchor) for code in codes]
    return found


def find(known: list[Message], line: str) -> list[Message]:
    """Return the messages among `known` that `line` is most like, best first; none where it is like none."""
    counts = Counter(word for message in known for word in message.words)
    seen, said = set(_WORD.findall(line.lower())), even(line)
    scores = []
    for place, message in enumerate(known):
        worth = {
            word: weight * math.log(1 + len(known) / counts[word]) for word, weight in message.words.items()
        }
        matched = sum(value for word, value in worth.items() if word in seen)
        covered = matched / (sum(worth.values()) or 1)
        if covered >= LEAST:
            score = matched * covered
            if len(message.words) > 1 and even(message.text) in said:
                score *= WHOLE
            if message.topic_word in seen:
                score *= TOPIC
            scores.append((-score, place, message))
    return [message for _, _, message in sorted(scores, key=lambda score: score[:2])]


def even(text: str) -> str:
    """Return a text as it is compared: small letters, single spaces, no backquotes, no full stop at its end."""
    return " ".join(text.lower().replace("`", "").split()).rstrip(".")
