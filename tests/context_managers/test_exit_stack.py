"""Close an unknown number of things: ExitStack."""

from opsbook.labs.python import PythonLab
from opsbook.pytest_plugin import Snippet


def test_open_all_and_close_all(snippet: Snippet, lab: PythonLab) -> None:
    """All files are open together and closed after it, also when the last is not there."""
    snippet.run("open-all")
    assert snippet.run_and_record("check").output == "10:00 start\n10:01 start\n10:02 stop\n"
    watched = """
opened = []
class Watched(type(Path())):
    def open(self):
        opened.append(super().open())
        return opened[-1]
print(merged([Watched("web1.log"), Watched("web2.log")]))
print([file.closed for file in opened])
try:
    merged([Watched("web1.log"), Watched("missing.log")])
except FileNotFoundError:
    print([file.closed for file in opened])
"""
    with lab.box.python() as python:
        python.paste(snippet["open-all"].code)
        lines = python.paste(watched).output.splitlines()
    assert lines[1:] == ["[True, True]", "[True, True, True]"]


def test_order_and_what_each_sees(snippet: Snippet, lab: PythonLab) -> None:
    """Left in reverse, each sees what the later ones let through, callbacks see nothing: as nested with statements."""
    snippet.run("open-all")
    snippet.run("traced")
    seen = snippet.run_and_record("order").output.splitlines()
    assert seen[3:] == [
        "web3: left, sees ValueError('bad port')",
        "callback: is told nothing",
        *("web2: left, sees None", "web1: left, sees None", "went on"),
    ]
    assert snippet.run_and_record("kinds").output.splitlines() == [
        "not entered: left, sees ValueError('bad port')",
        "report: sees ValueError('bad port')",
        "close: no arguments",
    ]
    assert snippet.run_and_record("early").output.splitlines() == [
        *("web1: entered", "web1: left, sees None", "the block goes on"),
        *("web2: entered", "web2: left, sees None"),
    ]
    nested = """
with Traced("web1"), Traced("web2"), Traced("web3", answer=True):
    raise ValueError("bad port")
print("went on")
"""
    swallows = "with ExitStack() as stack:\n    stack.callback(lambda: True)\n    raise KeyError(1)"
    with lab.box.python() as python:
        python.paste(snippet["open-all"].code)
        python.paste(snippet["traced"].code)
        assert python.paste(nested).output.splitlines() == [line for line in seen if "callback" not in line]
        assert python.paste(swallows).exit == 1
        forgotten = "stack = ExitStack()\nstack.callback(print, 'called')\ndel stack\nimport gc\ngc.collect()"
        assert python.paste(forgotten).output == ""


def test_partial_failure_and_hand_over(snippet: Snippet, lab: PythonLab) -> None:
    """What was entered is left with the error, the rest never touched; after pop_all the new stack has it all."""
    snippet.run("open-all")
    snippet.run("traced")
    partial = snippet.run_and_record("partial").output
    assert "never printed" not in partial
    assert "web4" not in partial
    assert partial.splitlines()[2:] == [
        "web2: left, sees ConnectionError('no web3')",
        "web1: left, sees ConnectionError('no web3')",
        "caller has ConnectionError('no web3')",
    ]
    snippet.run("hand-over")
    assert snippet.run_and_record("hand-over-run").output.splitlines() == [
        *("web1: entered", "web2: entered", "pool of ['web1', 'web2']"),
        *("web2: left, sees None", "web1: left, sees None"),
        *("web1: entered", "web1: left, sees ConnectionError('no web3')"),
        "caller has ConnectionError('no web3')",
    ]
    assert snippet.run_and_record("undo").output.splitlines() == [
        *("start web1", "add to balancer web1", "done"),
        *("start web2", "add to balancer web2", "take from balancer web2", "stop web2", "web2 is ill"),
    ]
    told = """
try:
    with Pool(["web1"]):
        raise KeyError(1)
except KeyError:
    print("comes out")
with ExitStack() as stack:
    stack.callback(print, "called")
    new = stack.pop_all()
print("old one is over")
new.close()
new.close()
"""
    with lab.box.python() as python:
        for region in ("open-all", "traced", "partial", "hand-over"):
            python.paste(snippet[region].code)
        seen = python.paste(told).output.splitlines()
    assert seen[1:] == ["web1: left, sees KeyError(1)", "comes out", "old one is over", "called"]


def test_callbacks_that_fail(snippet: Snippet, lab: PythonLab) -> None:
    """All are run, the last raised comes out with the others behind it as in nested with; a result is no callback."""
    snippet.run("open-all")
    assert snippet.run_and_record("failing").output.splitlines() == [
        *("third fails", "second is run", "first fails"),
        "OSError('first') <- OSError('third') <- ValueError('bad port')",
    ]
    nested = """
class Fails:
    def __init__(self, text): self.text = text
    def __enter__(self): ...
    def __exit__(self, *details): raise OSError(self.text)
try:
    with Fails("first"), Fails("third"):
        raise ValueError("bad port")
except OSError as error:
    print(error, repr(error.__context__), repr(error.__context__.__context__))
"""
    with lab.box.python() as python:
        assert python.paste(nested).output == "first OSError('third') ValueError('bad port')\n"
    red = snippet.run_and_record("called-red").output
    assert red == "too early\nin the block\n'NoneType' object is not callable\n"
    assert snippet.run_and_record("called-green").output == "in the block\nat the end\n"


def test_what_is_no_manager_or_perhaps_one(snippet: Snippet) -> None:
    """With nullcontext stdout stays open; closing makes a manager of a client; files outlive a function as a manager."""
    snippet.run("open-all")
    snippet.run("check")
    snippet.run("traced")
    snippet.run("kinds")
    assert snippet.run_and_record("nullcontext").output == "8080\n- closed: False\nports.txt closed: True\n"
    red = snippet.run_and_record("none-red").output
    assert red == "'__main__.Client' object does not support the context manager protocol\n"
    assert snippet.run_and_record("none-green").output == "in the block\nclose: no arguments\n"
    assert snippet.run_and_record("closed-red").output == "I/O operation on closed file.\n"
    snippet.run("closed-cure")
    assert snippet.run_and_record("closed-green").output == "10:00 start\nclosed: True\n"
