"""The book in numbers."""

from pathlib import Path

from opsbook.proof import Ledger, Proof
from opsbook.status import counts

from .tiny import FILES, TEST, make_book, prove

STATES = {"proven", "not_run", "changed", "unproven", "failing"}
NOTHING = dict.fromkeys(STATES, 0)


def test_everything_proven_is_counted_as_such(tmp_path: Path) -> None:
    """Blocks, outputs and replays count by state, claims by verdict, platforms by name."""
    book = make_book(tmp_path)
    told = counts(Ledger(book, prove(book)))
    assert told["platforms"] == ["debian-12"]
    assert told["topics"] == {
        "git": {
            "pages": 1,
            "replays": NOTHING | {"proven": 1},
            "blocks": NOTHING | {"proven": 1},
            "outputs": NOTHING | {"proven": 1},
            "claims": {"holds": 1, "wrong": 0, "dated": 0, "unsafe": 0, "incomplete": 0, "undecided": 0},
        }
    }


def test_a_claim_whose_test_does_not_stand_is_undecided(tmp_path: Path) -> None:
    """Our verdict counts only with its proof."""
    book = make_book(tmp_path)
    for proof in (Proof(), prove(book, failing=(TEST,))):
        claims = counts(Ledger(book, proof))["topics"]["git"]["claims"]
        assert (claims["holds"], claims["undecided"]) == (0, 1)


def test_what_is_not_run_or_not_shown_is_counted_too(tmp_path: Path) -> None:
    """Every region is in exactly one of the numbers."""
    marked = "\n# effect: reads\n# not-run: no\n# --8<-- [start:x]\nreboot\n# --8<-- [end:x]\n"
    book = make_book(tmp_path, {"snippets/git/note.sh": FILES["snippets/git/note.sh"] + marked})
    told = counts(Ledger(book, Proof()))
    assert told["platforms"] == []
    assert told["topics"]["git"]["blocks"] == NOTHING | {"not_run": 1, "unproven": 1}


def test_topics_do_not_mix(tmp_path: Path) -> None:
    """A topic whose name begins like another's has its own numbers."""
    files = {
        "snippets/git_more/x.sh": "true\n",
        "docs/git-more/x.md": '# X\n\n```bash\n--8<-- "git_more/x.sh"\n```\n',
    }
    told = counts(Ledger(make_book(tmp_path, files), Proof()))["topics"]
    assert list(told) == ["git", "git_more"]
    assert (told["git"]["blocks"]["unproven"], told["git_more"]["blocks"]["unproven"]) == (1, 1)
    assert told["git_more"]["pages"] == 1
