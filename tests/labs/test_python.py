"""Lab python: the Python of this Debian, one namespace for the blocks of a page."""

from collections.abc import Iterator

import pytest

from opsbook.labs.machines import PythonShell
from opsbook.labs.python import PythonLab, python_lab
from opsbook.pytest_plugin import skipping_without_lab


@pytest.fixture
def lab() -> Iterator[PythonLab]:
    """A fresh lab."""
    with skipping_without_lab(), python_lab() as here:
        yield here


@pytest.fixture
def python(lab: PythonLab) -> Iterator[PythonShell]:
    """Alice's Python."""
    with lab.box.python() as python:
        yield python


def test_it_says_which_python_it_has(lab: PythonLab) -> None:
    """The version on the badge is that of the interpreter which ran the blocks."""
    with lab.box.python() as python:
        code = "import platform; print(platform.python_implementation(), platform.python_version())"
        assert python.paste(code).output.strip() == lab.versions["python"]


def test_blocks_share_a_namespace_and_a_folder(python: PythonShell) -> None:
    """What one block names and writes, the next has; a module saved at home can be imported."""
    assert python.paste("x = 20\nopen('mine.py', 'w').write('y = 1\\n')").exit == 0
    assert python.paste("import mine\nprint(x + mine.y)").output == "21\n"


def test_an_exception_is_shown_as_from_the_file_alone(python: PythonShell) -> None:
    """The traceback has the block's file, line and text and none of the lab's own; the next block still runs."""
    raised = python.paste("def f():\n    raise KeyError('a')\n\nf()", file="note.py")
    assert raised.exit == 1
    assert raised.output == (
        "Traceback (most recent call last):\n"
        '  File "note.py", line 4, in <module>\n    f()\n'
        "  File \"note.py\", line 2, in f\n    raise KeyError('a')\n"
        "KeyError: 'a'\n"
    )
    assert python.paste("print('on')").output == "on\n"
    wrong = python.paste("x = = 1", file="note.py")
    assert (wrong.exit, wrong.output.splitlines()[-1]) == (1, "SyntaxError: invalid syntax")


def test_an_exit_ends_it_with_its_code(python: PythonShell) -> None:
    """After sys.exit(3) the code is 3."""
    assert python.paste("import sys\nprint('bye')\nsys.exit(3)").exit == 3


def test_nobody_answers_a_question(python: PythonShell) -> None:
    """The terminal is one, but no controlling one, and the user is alice at home."""
    seen = python.paste("import os, sys\nprint(sys.stdin.isatty(), os.getcwd(), os.environ['USER'])")
    assert seen.output == "True /home/alice alice\n"
