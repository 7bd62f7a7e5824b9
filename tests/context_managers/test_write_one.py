"""Write a context manager: as a generator function, as a class, and what goes wrong with each."""

import pytest

from opsbook.labs.python import PythonLab
from opsbook.pytest_plugin import Snippet


def test_function_and_class_do_the_same(snippet: Snippet, lab: PythonLab) -> None:
    """Both set the level, give the logger, put the level back after an exception, and refuse what is no level."""
    snippet.run("function")
    snippet.run("class")
    one = "in the block: DEBUG True\nafter ValueError('bad port') it is WARNING\n"
    assert snippet.run_and_record("check").output == one * 2
    nested = snippet.run_and_record("nested-red")
    assert nested.output == "DEBUG\n"
    assert snippet.run_and_record("nested-cure").output == "WARNING\n"
    refused = """
import logging
from log_level import log_level
from log_level_class import LogLevel
logger = logging.getLogger("x")
logger.setLevel(30)
for manager in (log_level, LogLevel):
    for bad in ("LOUD", None):
        try:
            with manager(logger, bad):
                print("never printed")
        except (ValueError, TypeError) as error:
            print(type(error).__name__, logger.level)
both = LogLevel(logger, 10)
for _ in range(2):
    with both:
        pass
    print(logger.level)
"""
    with lab.box.python() as python:
        seen = python.paste(refused).output.splitlines()
    assert seen == ["ValueError 30", "TypeError 30"] * 2 + ["30"] * 2


@pytest.mark.claim("context-managers-contextlib-decorator", "holds")
@pytest.mark.claim("context-managers-decorated-function-is-a-generator", "wrong")
@pytest.mark.claim("context-managers-contextlib-source-excerpt", "dated")
def test_what_the_decorator_makes(snippet: Snippet, lab: PythonLab) -> None:
    """A plain function whose call runs nothing and returns a manager; the block's exception is thrown in at the yield."""
    assert snippet.run_and_record("steps").output.splitlines() == [
        "called: nothing has run",
        "server: entered",
        "block has 'what server yielded'",
        "server: at the yield came ValueError('bad port')",
        "server: left",
        "caller has ValueError('bad port')",
    ]
    assert snippet.run_and_record("what-it-is").output.splitlines() == [
        "function - makes generators: False",
        "_GeneratorContextManager",
        "AbstractContextManager: True",
        "ContextDecorator: True",
        "'_GeneratorContextManager' object is not an iterator",
    ]
    thrown = """
import inspect, warnings
warnings.simplefilter("error")
print(inspect.isgeneratorfunction(steps.__wrapped__))
generator = steps.__wrapped__("x")
print(hasattr(generator, "__next__"), hasattr(generator, "next"))
class Watched:
    def __init__(self, gen): self.gen = gen
    def __next__(self): return next(self.gen)
    def throw(self, *given):
        self.given = given
        return self.gen.throw(*given)
manager = steps("y")
watched = manager.gen = Watched(manager.gen)
try:
    with manager:
        raise KeyError(1)
except KeyError as error:
    print(watched.given[:2] == (KeyError, error), watched.given[2].tb_frame.f_code.co_name, len(watched.given))
next(generator)
error = KeyError(2)
try:
    generator.throw(error)
except KeyError as out:
    print(out is error)
"""
    with lab.box.python() as python:
        python.paste(snippet["steps"].code)
        seen = python.paste(thrown)
    assert [line for line in seen.output.splitlines() if ": " not in line] == [
        *("True", "True False", "True <module> 3", "True")
    ]


@pytest.mark.claim("context-managers-generator-needs-try-finally", "unsafe")
@pytest.mark.claim("context-managers-file-class-closes-on-exit", "holds")
def test_the_yield_needs_try_and_finally(snippet: Snippet) -> None:
    """Without finally the file stays open after an exception, with it it is closed; a class closes in __exit__."""
    snippet.run("steps")
    seen = snippet.run_and_record("file-class").output
    assert seen == "KeyError('db') - closed: True\nno with - closed: False\n"
    red = snippet.run_and_record("leak-red").output
    assert red == "closed: True\nKeyError('db') - closed: False\n"
    snippet.run("leak-cure")
    green = snippet.run_and_record("leak-green").output
    assert green == "closed: True\nKeyError('db') - closed: True\n"


@pytest.mark.claim("context-managers-generator-did-not-yield", "holds")
@pytest.mark.claim("context-managers-generator-suppresses-by-not-reraising", "holds")
def test_yield_once(snippet: Snippet, lab: PythonLab) -> None:
    """What is caught is swallowed; no yield, two yields and one after an exception are each a RuntimeError of its own."""
    snippet.run("steps")
    snippet.run("file-class")
    assert snippet.run_and_record("swallow").output.splitlines() == [
        "deploy: bad port",
        "swallowed",
        "KeyError('port') came out, the same object: True",
        "StopIteration(7) came out, the same object: True",
    ]
    pairs = {
        "no-yield": ("generator didn't yield\n", "no config\n"),
        "two-yields": (
            "connection to web1\ngenerator didn't stop\n",
            "connection to web1\nconnection to web2\n",
        ),
        "retry": (
            "busy - again\ngenerator didn't stop after throw()\n",
            "busy - again\nbusy - again\nok\n",
        ),
        "stop-iteration": ("generator raised StopIteration\n", "''\n"),
    }
    for name, (red, green) in pairs.items():
        assert snippet.run_and_record(f"{name}-red").output == red
        snippet.run(f"{name}-cure")
        assert snippet.run_and_record(f"{name}-green").output == green
    retry = "def refuse():\n    print('asked')\n    raise ConnectionError('down')\nretrying(2, refuse)"
    with lab.box.python() as python:
        python.paste(snippet["retry-cure"].code)
        asked = python.paste(retry)
        assert python.paste("retrying(3, lambda: print('once'))").output == "once\n"
    assert asked.exit == 1
    assert asked.output.count("asked\n") == 2
    assert asked.output.endswith("ConnectionError: down\n")


@pytest.mark.claim("context-managers-recreate-for-decorator-use", "holds")
def test_as_a_decorator(snippet: Snippet, lab: PythonLab) -> None:
    """A decorated function gets a new manager at each call, a ContextDecorator class the same; an object is for one with."""
    snippet.run("steps")
    snippet.run("what-it-is")
    deployed = snippet.run_and_record("decorator").output
    assert deployed == "".join(
        f"server: entered\nserver: left\ndeployed to {host}\n" for host in ("web1", "web2")
    )
    seen = snippet.run_and_record("context-decorator").output
    assert seen == "".join(f"entered for time {n}\nchecked web{n}\nleft\n" for n in (1, 2))
    in_vain = snippet.run_and_record("decorated-generator").output
    assert in_vain == "server: entered\nserver: left\nrow 1\n"
    red = snippet.run_and_record("once-red").output.splitlines()
    assert red[-1] == "'_GeneratorContextManager' object has no attribute 'args'"
    assert "never printed" not in red
    green = snippet.run_and_record("once-green").output
    assert green == "".join(f"server: entered\n{n} block\nserver: left\n" for n in ("first", "second"))
    anew = """
made = []
@contextmanager
def given(*args, **kwds):
    made.append((args, kwds))
    yield
@given(1, host="web1")
def work(): pass
work(), work()
print(made)
@steps("async")
async def later():
    print("later")
import asyncio
asyncio.run(later())
"""
    with lab.box.python() as python:
        python.paste(snippet["steps"].code)
        told = python.paste(anew).output
    once = "((1,), {'host': 'web1'})"
    assert told == f"[{once}, {once}]\nasync: entered\nasync: left\nlater\n"
