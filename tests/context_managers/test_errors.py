"""Errors of context managers by message: red first, then the cure, then green."""

from opsbook.labs.python import PythonLab
from opsbook.pytest_plugin import Snippet

PROTOCOL = "object does not support the context manager protocol"


def red_then_green(snippet: Snippet, name: str) -> tuple[str, str]:
    """Return what the red block and the green one of a section printed."""
    return snippet.run_and_record(f"{name}-red").output, snippet.run_and_record(f"{name}-green").output


def test_no_context_manager(snippet: Snippet, lab: PythonLab) -> None:
    """The message names the type and the method that is missing; the body never runs."""
    snippet.run("shown")
    red = f"TypeError: 'Session' {PROTOCOL}\n"
    assert red_then_green(snippet, "protocol") == (red, "at work\nclosed\n")
    red = f"TypeError: 'Timer' {PROTOCOL} (missed __exit__ method)\n"
    assert red_then_green(snippet, "exit") == (red, "at work\nstopped\n")
    red = f"TypeError: 'generator' {PROTOCOL}\n"
    assert red_then_green(snippet, "generator") == (red, "test.toml\n")
    red = f"TypeError: 'function' {PROTOCOL}\n"
    assert red_then_green(snippet, "function") == (red, "prod.toml\n")
    red = "TypeError: '_GeneratorContextManager' object is not an iterator\n"
    assert red_then_green(snippet, "iterator") == (red, "test.toml\n")
    code = "class C: pass\nc = C()\nc.__enter__ = c.__exit__ = print\nwith c: pass"
    with lab.box.python() as python:
        assert python.paste(code).output.endswith(f"TypeError: 'C' {PROTOCOL}\n")


def test_entering_and_leaving(snippet: Snippet) -> None:
    """Too few parameters of __exit__ show after the body, a missing return of __enter__ in it; both go with the cure."""
    snippet.run("shown")
    red = "at work\nTypeError: Door.__exit__() takes 1 positional argument but 4 were given\n"
    assert red_then_green(snippet, "arguments") == (red, "at work\nshut\n")
    red = "start\nAttributeError: 'NoneType' object has no attribute 'lines'\n"
    assert red_then_green(snippet, "none") == (red, "start work\n")


def test_generators(snippet: Snippet) -> None:
    """No yield, a second yield, a yield after an exception and a second use each have a message of their own."""
    snippet.run("shown")
    snippet.run("generator-green")
    red, green = red_then_green(snippet, "yield")
    assert (red, green) == (
        "RuntimeError: generator didn't yield\n",
        "ValueError: no host\nconnection to db\n",
    )
    red = "web\nRuntimeError: generator didn't stop\n"
    assert red_then_green(snippet, "stop") == (red, "web\ndb\n")
    red = "again\nRuntimeError: generator didn't stop after throw()\n"
    assert red_then_green(snippet, "throw") == (red, "attempt 2 went well\n")
    red = "test.toml\nAttributeError: '_GeneratorContextManager' object has no attribute 'args'\n"
    assert red_then_green(snippet, "reuse") == (red, "test.toml\ntest.toml\n")


def test_async_with(snippet: Snippet) -> None:
    """An ordinary manager, and a generator without its decorator, are refused; outside an async def it does not compile."""
    snippet.run("shown")
    snippet.run("generator-green")
    protocol = "object does not support the asynchronous context manager protocol\n"
    red, green = red_then_green(snippet, "async")
    assert (red, green) == (f"TypeError: '_GeneratorContextManager' {protocol}", "test.toml\nlocked\n")
    red, green = red_then_green(snippet, "undecorated")
    assert (red, green) == (f"TypeError: 'async_generator' {protocol}", "connection to db\n")
    red = "SyntaxError: 'async with' outside async function\n"
    assert red_then_green(snippet, "outside") == (red, "compiled\n")


def test_after_the_block(snippet: Snippet, lab: PythonLab) -> None:
    """What is lazy meets a closed file or database; a file that nobody closed is told of only when asked for."""
    for region in ("shown", "protocol-red", "protocol-green"):
        snippet.run(region)
    red = "ValueError: I/O operation on closed file.\n"
    assert red_then_green(snippet, "closed") == (red, "['web', 'db']\n")
    red = "sqlite3.ProgrammingError: Cannot operate on a closed database.\n"
    assert red_then_green(snippet, "database") == (red, "[]\n")
    snippet.run("unclosed-module")
    assert lab.box.run("python3", "count.py").stderr == ""
    warning = "ResourceWarning: unclosed file <_io.TextIOWrapper name='/etc/hosts' mode='r' encoding='UTF-8'>"
    told = snippet.run_and_record("unclosed-red").output
    assert warning in told
    assert told.endswith("True\n")
    one = lab.box.run("python3", "-W", "always::ResourceWarning", "-X", "tracemalloc=5", "count.py").stderr
    assert warning in one
    assert "Object allocated at" in one
    snippet.run("unclosed-cure")
    assert snippet.run_and_record("unclosed-green").output == "True\n"


def test_locks_and_signals(snippet: Snippet, lab: PythonLab) -> None:
    """A lock released twice or without being held, and a handler set in a thread; with and the main thread cure them."""
    snippet.run("shown")
    red = "RuntimeError: release unlocked lock\n"
    assert red_then_green(snippet, "lock") == (red, "locked: True\nlocked: False\n")
    red = "RuntimeError: cannot release un-acquired lock\n"
    assert red_then_green(snippet, "rlock") == (red, "ConnectionError: in the block\n")
    red = "ValueError: signal only works in main thread of the main interpreter\n"
    assert red_then_green(snippet, "signal") == (red, "at work, TERM ignored\n")
    held = """
from threading import RLock, Thread
lock = RLock()
def run():
    try: lock.release()
    except RuntimeError as error: print(error)
with lock:
    thread = Thread(target=run); thread.start(); thread.join()
"""
    with lab.box.python() as python:
        assert python.paste(held).output == "cannot release un-acquired lock\n"
