"""What `with` calls, in which order and with what."""

import pytest

from opsbook.labs.python import PythonLab
from opsbook.pytest_plugin import Snippet

NONE = "traced: __exit__(None, None, None)"


@pytest.mark.claim("context-managers-enter-return-is-the-as-target", "holds")
@pytest.mark.claim("context-managers-exit-called-with-exception-details", "holds")
def test_exit_runs_for_every_way_out(snippet: Snippet, lab: PythonLab) -> None:
    """End, return and break hand three times None to __exit__, an exception itself; os._exit and SIGTERM call nothing."""
    snippet.run("traced")
    assert snippet.run_and_record("check").output.splitlines() == [
        "traced: __enter__()",
        "block has 'what traced returned'",
        NONE,
        "after it",
    ]
    ways = snippet.run_and_record("ways").output.split("-- ")[1:]
    seen = {way: calls for way, *calls in map(str.splitlines, ways)}
    assert {calls[0] for calls in seen.values()} == {"traced: __enter__()"}
    assert {way: calls[1:] for way, calls in seen.items()} == {
        "end of block": [NONE, "leave() reached the line after the block"],
        "return": [NONE, "leave() returned"],
        "break": [NONE, "leave() went on after the loop"],
        "raise": [
            "traced: __exit__(ValueError, ValueError('bad port'), a traceback)",
            "leave() raised ValueError('bad port')",
        ],
        "sys.exit(3)": [
            "traced: __exit__(SystemExit, SystemExit(3), a traceback)",
            "leave() raised SystemExit(3)",
        ],
        "Ctrl-C": [
            "traced: __exit__(KeyboardInterrupt, KeyboardInterrupt(), a traceback)",
            "leave() raised KeyboardInterrupt()",
        ],
    }
    same = """
given = object()
class Gives:
    def __enter__(self): return given
    def __exit__(self, *details): self.details = details
manager = Gives()
try:
    with manager as got:
        raise failed
except ValueError as caught:
    print(got is given, got is manager)
    print(manager.details == (ValueError, caught, caught.__traceback__))
"""
    with lab.box.python() as python:
        assert python.paste(f"failed = ValueError()\n{same}").output == "True False\nTrue\n"
    for last, code in (
        ("os._exit(3)", 3),
        ("os.kill(os.getpid(), 15)", 143),
        ("os.kill(os.getpid(), 9)", 137),
    ):
        script = f"{snippet['traced'].code}\nimport os\nwith Traced():\n    print(end='', flush=True)\n    {last}\n"
        killed = lab.box.run("bash", "-c", 'python3 -u -c "$1"; exit $?', "bash", script, check=False)
        assert (killed.returncode, killed.stdout) == (code, "traced: __enter__()\n")


@pytest.mark.claim("context-managers-exit-none-does-not-suppress", "wrong")
@pytest.mark.claim("context-managers-exit-truthy-return-suppresses", "wrong")
def test_only_a_true_answer_swallows(snippet: Snippet, lab: PythonLab) -> None:
    """Each false value of __exit__ lets the exception out, None among them; each true value swallows it."""
    out = snippet.run_and_record("answers").output.splitlines()
    assert [line.endswith("ValueError comes out") for line in out] == [True] * 5 + [False] * 5
    assert [line.endswith("swallowed: the program goes on") for line in out] == [False] * 5 + [True] * 5
    red = snippet.run_and_record("vanished-red").output
    assert red == "all is well\n"
    snippet.run("vanished-cure")
    assert "all is well" not in snippet.run_and_record("vanished-green").output
    with lab.box.python() as python:
        python.paste(snippet["answers"].code)
        # It is truth that is asked, by __bool__, and only where there was an exception.
        asked = "class Asked:\n    def __bool__(self):\n        print('asked')\n        return True\n"
        assert python.paste(f"{asked}with Answers(Asked()):\n    raise KeyError").output == "asked\n"
        assert python.paste("with Answers(Asked()):\n    pass").output == ""
        assert python.paste("with Answers(None):\n    raise KeyError(1)").exit == 1
        assert python.paste("with Answers(1):\n    raise KeyError(1)").exit == 0


def test_several_managers_and_failing_entries(snippet: Snippet, lab: PythonLab) -> None:
    """Left in reverse; one that swallows leaves nothing for the outer ones; who failed to enter is not left."""
    snippet.run("traced")
    seen = snippet.run_and_record("several").output.splitlines()
    assert [line.partition(":")[0].split()[0] for line in seen] == [
        *("config", "lock", "file"),
        *("file", "lock", "config"),
    ]
    assert seen[-1] == "config: __exit__(None, None, None)"
    # The same as one inside the other, and as without parentheses.
    lock = "Traced(f'lock of {config!r}', answer=True)"
    nested = f"with Traced('config') as config:\n  with {lock}:\n    with Traced('file'):\n      raise ValueError('bad port')"
    flat = f"with Traced('config') as config, {lock}, Traced('file'): raise ValueError('bad port')"
    with lab.box.python() as python:
        python.paste(snippet["traced"].code)
        assert python.paste(nested).output.splitlines() == seen
        assert python.paste(flat).output.splitlines() == seen
    refused = snippet.run_and_record("enter-raises").output
    assert "never printed" not in refused
    assert "server: __exit__" not in refused
    assert "config: __exit__(ConnectionRefusedError" in refused
    target = snippet.run_and_record("target-raises").output
    assert "never printed" not in target
    assert "server: __exit__(IndexError" in target


def test_the_function_that_with_is_short_for(snippet: Snippet, lab: PythonLab) -> None:
    """by_hand makes the same calls as with, ends the same and lets the same out, for each way and answer."""
    snippet.run("traced")
    snippet.run("by-hand")
    seen = snippet.run_and_record("by-hand-run").output.splitlines()
    assert seen[:2] == [
        "traced: __enter__()",
        "traced: __exit__(ValueError, ValueError('what traced returned is bad'), a traceback)",
    ]
    assert seen[2:] == ["traced: __enter__()", "what traced returned", NONE]
    compare = """
import contextlib, io
def by_with(manager, block):
    with manager as target:
        block(target)
def trace(how, error, answer):
    def block(target):
        print(target)
        if error:
            raise error
    told = io.StringIO()
    with contextlib.redirect_stdout(told):
        try:
            how(Traced(answer=answer), block)
        except BaseException as out:
            print("out", out is error, out.__context__, out.__cause__)
    return told.getvalue()
pairs = [
    (trace(by_hand, error, answer), trace(by_with, error, answer))
    for error in (None, ValueError("x"), KeyboardInterrupt(), SystemExit(3), GeneratorExit(), StopIteration(1))
    for answer in (None, False, "", True, "x")
]
print(len(pairs), all(hand == real for hand, real in pairs), len(set(pairs)))
"""
    with lab.box.python() as python:
        python.paste(snippet["traced"].code)
        python.paste(snippet["by-hand"].code)
        assert python.paste(compare).output == "30 True 11\n"
    snippet.run("ways")
    snippet.run("answers")
    assert snippet.run_and_record("steps").output.splitlines() == [
        *("line 1", "   calls __enter__", "line 2", "line 1", "   calls __exit__", "line 3", "done")
    ]


@pytest.mark.claim("context-managers-protocol-methods", "holds")
def test_both_methods_are_looked_up_on_the_class_and_first(snippet: Snippet, lab: PythonLab) -> None:
    """Methods of the object do not count, a change by the block comes too late, and an object that is none is told."""
    snippet.run("traced")
    assert snippet.run_and_record("looked-up-first").output == f"traced: __enter__()\n{NONE}\n"
    told = "object does not support the context manager protocol"
    assert snippet.run_and_record("on-the-type").output == f"'Config' {told}\n"
    assert snippet.run_and_record("none-red").output.splitlines() == [
        f"'Session' {told}",
        f"'HalfDone' {told} (missed __exit__ method)",
        f"'type' {told}",
        f"'str' {told}",
    ]
    assert snippet.run_and_record("none-green").output == "session is a Session\nclosed\n"
    red = snippet.run_and_record("arguments-red").output
    assert red.splitlines() == [
        *("started", "works"),
        "Timer.__exit__() takes 1 positional argument but 4 were given",
    ]
    # It takes the place of the block's own exception.
    with lab.box.python() as python:
        python.paste(snippet["arguments-red"].code)
        failed = python.paste(
            "try:\n    with Timer():\n        raise ValueError\n"
            "except TypeError as error:\n    print(repr(error.__context__))"
        )
    assert failed.output == "started\nValueError()\n"
    snippet.run("arguments-cure")
    assert snippet.run_and_record("arguments-green").output == "started\nworks\nstopped\n"


@pytest.mark.claim("context-managers-with-open-closes-file", "holds")
def test_a_file_is_closed_after_the_block(snippet: Snippet, lab: PythonLab) -> None:
    """The file is closed at the end of the block and after an exception; it is its own manager, open before with."""
    assert snippet.run_and_record("file").output == "True 8080\nTrue\n"
    with lab.box.python() as python:
        opened = "f = open('/etc/passwd')\nprint(f.closed)\nwith f as g:\n    print(g is f, g.closed)\nprint(f.closed)"
        assert python.paste(opened).output == "False\nTrue False\nTrue\n"
