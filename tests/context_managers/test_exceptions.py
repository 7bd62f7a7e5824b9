"""Which exception comes out of a `with` block, and what stands behind it."""

from opsbook.labs.python import PythonLab
from opsbook.pytest_plugin import Snippet


def test_each_place_that_can_fail(snippet: Snippet, lab: PythonLab) -> None:
    """The last exception raised comes out with the one before behind it; a true answer lets none out."""
    snippet.run("behind")
    rows = snippet.run_and_record("table").output.splitlines()
    assert {row[:21].strip(): row[22:] for row in rows} == {
        "block": "ValueError('block')",
        "enter": "ConnectionError('enter')",
        "exit": "OSError('exit')",
        "block, exit": "OSError('exit') while handling ValueError('block')",
        "block, exit true": "nothing",
        "2nd enter": "ConnectionError('enter 2')",
        "2nd enter, exit": "OSError('exit') while handling ConnectionError('enter 2')",
        "2nd enter, exit true": "nothing",
        "both exits": "OSError('exit') while handling OSError('exit 2')",
        "exit 2, exit true": "nothing",
    }
    # What behind() tells is what a traceback prints.
    traced = """
try:
    raise ValueError("first")
except ValueError as error:
    raise OSError("second") from {}
"""
    cause, context = "direct cause", "During handling"
    for clause, printed in (("error", cause), ("None", None), ("KeyError('else')", cause)):
        with lab.box.python() as python:
            seen = python.paste(traced.format(clause)).output
            assert [word for word in (cause, context) if word in seen] == ([printed] if printed else [])
            assert ("first" in seen) == (clause == "error")
    with lab.box.python() as python:
        assert context in python.paste(traced.replace(" from {}", "")).output


def test_replacing_it_and_letting_it_go_on(snippet: Snippet, lab: PythonLab) -> None:
    """A cause is set by raise … from, from None hides the context and keeps it; raising the same again adds a frame to it."""
    snippet.run("behind")
    caused = "DeployError('web1') caused by ValueError('bad port')\n"
    assert snippet.run_and_record("replace").output == f"{caused}KeyError('port')\n"
    assert snippet.run_and_record("replace-class").output == caused
    context = "  __context__ is ValueError('bad port')"
    assert snippet.run_and_record("three-ways").output.splitlines() == [
        *("raise … from error:", f"  {caused.strip()}", context),
        *("raise …:", "  DeployError('web1') while handling ValueError('bad port')", context),
        *("raise … from None:", "  DeployError('web1')", context),
    ]
    assert snippet.run_and_record("again").output.splitlines() == [
        "Again True ValueError('bad port') ['<module>', '__exit__', '<module>']",
        "Leaves True ValueError('bad port') ['<module>']",
    ]
    swallows = """
from contextlib import contextmanager
@contextmanager
def swallows():
    try:
        yield
    finally:
        return
for error in (ValueError(), KeyboardInterrupt(), SystemExit(3)):
    with swallows():
        raise error
print("all swallowed")
"""
    with lab.box.python() as python:
        assert python.paste(swallows).output == "all swallowed\n"


def test_cleanup_that_fails(snippet: Snippet, lab: PythonLab) -> None:
    """A failing close hides the block's exception; cured, it is a note on it, or both are in a group."""
    snippet.run("behind")
    snippet.run("replace")
    typed = "invalid literal for int() with base 10: 'eighty'"
    red = snippet.run_and_record("hidden-red").output
    assert red == f"tell the admin: OSError('disk full') while handling ValueError(\"{typed}\")\n"
    snippet.run("hidden-cure")
    assert snippet.run_and_record("hidden-green").output.splitlines() == [
        f"tell the user: {typed} ['and closing failed: disk full']",
        "tell the admin: OSError('disk full')",
    ]
    seen = snippet.run_and_record("group").output
    assert seen == f"tell the user: (ValueError(\"{typed}\"),)\ntell the admin: (OSError('disk full'),)\n"
    assert snippet.run_and_record("group-in").output.splitlines() == [
        "try again: (ConnectionError('web1'),)",
        "ExceptionGroup('deploy', [ValueError('bad port')])",
    ]
    more = """
with retried():
    raise ConnectionError("alone")
try:
    with retried():
        raise error
except ValueError as out:
    print(out is error)
try:
    with both_told():
        pass
except OSError as out:
    print(repr(out))
try:
    try:
        with both_told():
            raise KeyError(1)
    except (KeyError, OSError):
        print("never printed")
except ExceptionGroup as out:
    print(out.exceptions)
from contextlib import suppress
try:
    with suppress(ConnectionError):
        raise ExceptionGroup("deploy", [ConnectionError("web1")])
except ExceptionGroup:
    print("past suppress")
"""
    with lab.box.python() as python:
        for region in ("replace", "behind", "replace", "hidden-red", "group", "group-in"):
            python.paste(snippet[region].code)
        told = python.paste(f"error = ValueError()\n{more}").output
        note = python.paste("error.add_note('and a note')\nraise error").output
    assert told.splitlines() == [
        "try again: (ConnectionError('alone'),)",
        "True",
        "OSError('disk full')",
        "(KeyError(1), OSError('disk full'))",
        "past suppress",
    ]
    assert note.endswith("ValueError\nand a note\n")


def test_ctrl_c_between_acquire_and_with(snippet: Snippet, lab: PythonLab) -> None:
    """Interrupted before with, the lease stays held; inside it is given back; inside __enter__ it is not."""
    assert snippet.run_and_record("interrupt-red").output == "still held: ['web1']\n"
    snippet.run("interrupt-cure")
    assert snippet.run_and_record("interrupt-green").output == "still held: []\n"
    inside = """
from contextlib import contextmanager
class Held:
    def __enter__(self):
        opened.append("class")
        signal.raise_signal(signal.SIGINT)
    def __exit__(self, *details):
        opened.clear()
@contextmanager
def held():
    opened.append("function")
    signal.raise_signal(signal.SIGINT)
    try:
        yield
    finally:
        opened.clear()
opened.clear()
for manager in (Held(), held()):
    try:
        with manager:
            print("never printed")
    except KeyboardInterrupt:
        print(opened)
"""
    with lab.box.python() as python:
        python.paste(snippet["interrupt-red"].code)
        assert python.paste(inside).output == "['class']\n['class', 'function']\n"


def test_suppress_ends_the_block(snippet: Snippet) -> None:
    """With one suppress around the loop the second file stays; with one for each it is deleted."""
    assert snippet.run_and_record("suppress-red").output == "['worker.pid']\n"
    snippet.run("suppress-cure")
    assert snippet.run_and_record("suppress-green").output == "[]\n"
