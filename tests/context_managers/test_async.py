"""Async context managers: async with, stacks, generators left early, cancellation."""

from opsbook.labs.machines import PythonShell
from opsbook.labs.python import PythonLab
from opsbook.pytest_plugin import Snippet

LINKED = ["web1 opened", "web1 closing", "web1 closed"]


def setup(snippet: Snippet, python: PythonShell) -> None:
    """Paste what the later blocks build on."""
    for region in ("link", "function"):
        assert python.paste(snippet[region].code).exit == 0


def test_function_and_class_do_the_same(snippet: Snippet, lab: PythonLab) -> None:
    """Both close after an exception, which comes out; others run meanwhile; a true answer swallows."""
    for region in ("link", "function", "class"):
        snippet.run(region)
    one = ["web1 opened", "in the block: web1", *LINKED[1:], "caller has ValueError('bad port')"]
    assert snippet.run_and_record("check").output.splitlines() == one * 2
    turns = snippet.run_and_record("turns").output.splitlines()
    assert turns.index("web1 closing") < turns.index("other task 2") < turns.index("web1 closed")
    answers = """
class Says:
    def __init__(self, answer): self.answer = answer
    async def __aenter__(self): ...
    async def __aexit__(self, *details):
        await asyncio.sleep(0)
        return self.answer
async def main():
    for answer in (None, 0, 1, "x"):
        try:
            async with Says(answer):
                raise KeyError(1)
            print(answer, "swallowed")
        except KeyError:
            print(answer, "out")
asyncio.run(main())
"""
    with lab.box.python() as python:
        setup(snippet, python)
        assert python.paste(answers).output == "None out\n0 out\n1 swallowed\nx swallowed\n"


def test_stack_and_early_exit(snippet: Snippet, lab: PythonLab) -> None:
    """A stack leaves both kinds in reverse; a generator left early is closed after the loop, with aclosing at the end of it."""
    for region in ("link", "function"):
        snippet.run(region)
    assert snippet.run_and_record("stack").output.splitlines() == [
        *("web1 opened", "web2 opened", "first of all", "backup closing", "backup closed"),
        *("web2 closing", "web2 closed", "web1 closing", "web1 closed", "log closed: True"),
    ]
    red = snippet.run_and_record("early-red").output.splitlines()
    assert red[2:] == ["the loop is over", "db closing", "db closed", "much later"]
    green = snippet.run_and_record("early-green").output.splitlines()
    assert green == ["db opened", "row 0", "db closing", "db closed", "the loop is over"]
    more = """
from contextlib import AsyncExitStack
async def gone(*details):
    print("exit method sees", repr(details[1]))
    return True
async def main():
    stack = AsyncExitStack()
    await stack.enter_async_context(linked("web1"))
    await stack.aclose()
    async with stack:
        stack.push_async_exit(gone)
        raise KeyError(1)
asyncio.run(main())
"""
    logged = """
async def failing():
    try:
        yield 1
    finally:
        raise OSError("disk full")
async def main():
    asyncio.get_running_loop().set_exception_handler(lambda loop, told: print("log:", repr(told["exception"])))
    async for row in failing():
        break
    for _ in range(9):
        await asyncio.sleep(0)
    print("nobody told")
asyncio.run(main())
"""
    stuck = """
import asyncio, threading
lock = threading.Lock()
async def work():
    with lock:
        print("in", flush=True)
        await asyncio.sleep(0)
        print("never")
async def main():
    await asyncio.gather(work(), work())
asyncio.run(main())
"""
    with lab.box.python() as python:
        setup(snippet, python)
        assert python.paste(more).output.splitlines() == [*LINKED, "exit method sees KeyError(1)"]
        assert "log: OSError('disk full')" in (seen := python.paste(logged).output)
        assert "nobody told" in seen
    stood = lab.box.run("timeout", "5", "python3", "-c", stuck, check=False)
    assert (stood.returncode, stood.stdout.strip()) == (124, "in")


def test_cancelled_in_the_block(snippet: Snippet, lab: PythonLab) -> None:
    """The cleanup awaits after a time limit; a second cancel breaks it off unless shielded; swallowing one undoes the limit."""
    for region in ("link", "function"):
        snippet.run(region)
    out = "caller has TimeoutError()\n"
    assert snippet.run_and_record("timeout").output.splitlines() == [
        *("web1 opened", "in the block: CancelledError()", "web1 closing", "web1 closed", out.strip())
    ]
    assert snippet.run_and_record("hangs").output == f"no answer to our goodbye\n{out}"
    snippet.run("again")
    assert snippet.run_and_record("again-red").output.splitlines() == [*LINKED[:2], "cancelled: True"]
    snippet.run("again-cure")
    assert snippet.run_and_record("again-green").output.splitlines() == [*LINKED, "cancelled: True"]
    red = snippet.run_and_record("swallow-red").output
    assert red == "reported: CancelledError()\ntime is up, and on it goes\n"
    snippet.run("swallow-cure")
    assert snippet.run_and_record("swallow-green").output == out
    more = """
async def main():
    async with careful():
        raise ValueError("bad port")
    slow = asyncio.Event()
    try:
        async with asyncio.timeout(0.01):
            try:
                await slow.wait()
            finally:
                try:
                    async with asyncio.timeout(0.01):
                        await slow.wait()
                except BaseException as error:
                    print(type(error).__name__)
                    raise
    except BaseException:
        pass
asyncio.run(main())
"""
    with lab.box.python() as python:
        setup(snippet, python)
        python.paste(snippet["swallow-cure"].code)
        assert python.paste(more).output == "reported: ValueError('bad port')\nCancelledError\n"


def test_errors(snippet: Snippet) -> None:
    """Each kind of manager wants its own with, a coroutine an await, the methods async, and async with an async def."""
    for region in ("link", "function", "class"):
        snippet.run(region)
    no = "object does not support the {}context manager protocol\n"
    pairs = {
        "file": (f"'_io.TextIOWrapper' {no.format('asynchronous ')}", [*LINKED, "closed: True"]),
        "lock": (f"'Lock' {no.format('')}", ["locked, as gives None"]),
        "coroutine": (
            f"'coroutine' {no.format('asynchronous ')}",
            ["web1 opened", "in the block: web1", *LINKED[1:]],
        ),
        "plain": (
            "'async with' received an object from __aenter__ that does not implement __await__: str\n",
            ["in the block: link", "left"],
        ),
        "outside": ("'async with' outside async function\n", ["web1 opened", "deployed", *LINKED[1:]]),
    }
    for name, (red, green) in pairs.items():
        assert snippet.run_and_record(f"{name}-red").output == red
        if name == "plain":
            snippet.run("plain-cure")
        assert snippet.run_and_record(f"{name}-green").output.splitlines() == green
