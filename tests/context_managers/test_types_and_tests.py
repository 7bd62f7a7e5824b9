"""Annotate a context manager, test it, and know when a generator's finally runs."""

import subprocess
import sys
from pathlib import Path

from opsbook.labs.python import PythonLab
from opsbook.pytest_plugin import Snippet

VARIANTS = """
from collections.abc import AsyncIterator, Generator
from contextlib import AbstractContextManager, asynccontextmanager
from typing import Literal
from drained import Drained

@contextmanager
def other(balancer: Balancer, host: str) -> Generator[str, None, None]:
    yield host

@asynccontextmanager
async def later() -> AsyncIterator[int]:
    yield 1

def take(manager: AbstractContextManager[int]) -> None: ...

class Sub(Drained): ...

class Nothing(Swallows):
    def __exit__(self, *details: object) -> Literal[False]:
        return False

class Perhaps:
    def __enter__(self) -> Self: return self
    def __exit__(self, *details: object) -> bool | None: return True

class Never:
    def __enter__(self) -> Self: return self
    def __exit__(self, *details: object) -> bool: return False  # LINE: always

def nothing() -> int:
    with Nothing(): return 1

def perhaps() -> int:
    with Perhaps(): return 1

def swallows_() -> int:  # LINE: missing
    with Swallows(): return 1

def use(balancer: Balancer) -> None:
    with Sub(balancer, "web1") as sub: reveal_type(sub)
    with forgets(balancer, "web1") as first: reveal_type(first)
    with other(balancer, "web1") as second: reveal_type(second)
    take(forgets(balancer, "web1"))  # LINE: take
"""


def test_the_tests_find_the_mistakes(snippet: Snippet, lab: PythonLab) -> None:
    """Both managers pass; each broken one is found by one test of its own; an assert behind the raise finds nothing."""
    for region in ("module", "tests", "broken"):
        snippet.run(region)
    assert snippet.run_and_record("check").output.splitlines() == [
        *("drained: passes", "Drained: passes", "forgets: test_back_after_an_exception"),
        *("swallows: test_swallows_nothing", "hasty: test_not_entered"),
    ]
    assert snippet.run_and_record("nothing-red").output == "passed: ['remove web1']\n"
    assert snippet.run_and_record("nothing-green").output == "failed: ['remove web1']\n"
    red = snippet.run_and_record("mock-red").output
    assert red == "'Mock' object does not support the context manager protocol\n"
    assert snippet.run_and_record("mock-green").output == "[1, 2]\nTrue\n"


def test_what_a_checker_makes_of_it(snippet: Snippet, tmp_path: Path) -> None:
    """Mypy warns of a missing return for bool only, not for @contextmanager, whose function did return None."""
    for region in ("module", "broken", "answers"):
        snippet.run(region)
    assert snippet.run_and_record("answers-red").output == "8080 None\n"
    assert snippet.run_and_record("answers-green").output == "8080 80\n"
    code = {name: snippet[name].code for name in ("module", "tests", "broken", "answers")}
    base = f"{code['broken']}\n{code['answers']}\n"
    variants = f"{base}\n{VARIANTS}"
    files = {
        "drained.py": code["module"],
        "test_drained.py": code["tests"],
        "red.py": base + snippet["answers-red"].code,
        "green.py": base + snippet["answers-green"].code,
        "variants.py": variants,
    }
    for name, text in files.items():
        (tmp_path / name).write_text(text)
    options = (
        "--strict",
        "--python-version=3.11",
        "--no-incremental",
        "--config-file=",
        "--hide-error-context",
    )
    checked = subprocess.run(
        [sys.executable, "-m", "mypy", *options, *files],
        cwd=tmp_path,
        text=True,
        capture_output=True,
        check=False,
    )
    told = checked.stdout.splitlines()
    marks = {
        line.partition("# LINE: ")[2]: number
        for number, line in enumerate(variants.splitlines(), 1)
        if "# LINE: " in line
    }
    errors = [line for line in told if ": error: " in line]
    assert [line.partition(": error: ")[0] for line in errors] == [
        f"variants.py:{marks[name]}" for name in ("always", "missing", "take")
    ], checked
    assert "always returns False" in errors[0]
    assert "Missing return statement" in errors[1]
    assert [line.partition('"')[2].strip('"') for line in told if "Revealed" in line] == [
        *("variants.Sub", "str", "str")
    ]


def test_left_half_way(snippet: Snippet, lab: PythonLab) -> None:
    """Finally runs at close, at the last name's end, or by the collector; GeneratorExit comes in; nobody hears of a failing cleanup."""
    for region in ("module", "broken", "rows"):
        snippet.run(region)
    put = ["  removed web1", "  added web1"]
    late = ["  removed web1", "  nothing yet", "  added web1"]
    assert snippet.run_and_record("abandoned").output.splitlines() == [
        *("never started:", "closed:", *put, "last name gone:", *put),
        *("still named elsewhere:", *late, "in a cycle:", *late),
    ]
    assert snippet.run_and_record("exit").output == "at the yield: GeneratorExit()\nwent on\n"
    red = snippet.run_and_record("ignored-red").output
    assert red == "row\ngenerator ignored GeneratorExit\n"
    assert snippet.run_and_record("ignored-green").output == "row\nclosed\n"
    more = """
from contextlib import closing, contextmanager
@contextmanager
def failing():
    try:
        yield
    finally:
        raise OSError("disk full")
manager = failing()
manager.__enter__()
del manager
print("went on", issubclass(GeneratorExit, Exception))
class Kept:
    def __enter__(self): return self
    def __exit__(self, *details): print("left")
manager = Kept()
manager.__enter__()
del manager
def rows():
    with Kept():
        yield 1
with closing(rows()) as reader:
    for row in reader:
        break
print("over")
"""
    with lab.box.python() as python:
        seen = python.paste(more)
    assert seen.exit == 0
    assert "Exception ignored" in seen.output
    assert "OSError: disk full" in seen.output
    assert seen.output.endswith("went on False\nleft\nover\n")
