"""Imports: which file Python takes, and what to do when it takes none or the wrong one."""

import pytest

from opsbook.labs.python import PythonLab
from opsbook.pytest_plugin import Snippet


def last(output: str) -> str:
    """Return the last line of what was printed."""
    return output.splitlines()[-1]


def python(lab: PythonLab, code: str, **environment: str) -> str:
    """Run code in a Python of its own in ~/work, with some more environment, and return all that it printed."""
    settings = [f"{name}={value}" for name, value in environment.items()]
    done = lab.box.run("env", "-C", "/home/alice/work", *settings, "python3", "-c", code, check=False)
    return done.stdout + done.stderr


@pytest.mark.claim("python-packaging-sys-path-holds-builtin-modules", "wrong")
@pytest.mark.claim("python-packaging-sys-path-append", "holds")
@pytest.mark.claim("python-packaging-pythonpath-appends", "wrong")
def test_the_order_of_the_search(snippet: Snippet, lab: PythonLab) -> None:
    """Current or script's folder, PYTHONPATH, library, installed; built-in modules come before and need no path."""
    snippet.run("tree")
    which = snippet.run_and_record("which").output.splitlines()
    assert which[1] == "/home/alice/work/shop/orders.py"
    assert which[2] == "''"
    assert which[-1] == "'/usr/lib/python3/dist-packages'"
    seen = snippet.run_and_record("pythonpath").output
    assert seen == "['', '/home/alice/first', '/home/alice/second', '/usr/lib/python311.zip']\n"
    lab.box.run("sh", "-c", "mkdir -p deep; echo 'import sys; print(sys.path[0])' >deep/where.py")
    assert (
        lab.box.run("env", "-C", "/", "python3", "/home/alice/deep/where.py").stdout == "/home/alice/deep\n"
    )
    assert lab.box.run("python3", "-m", "deep.where").stdout == "/home/alice\n"
    assert "/home/alice/first/random.py" in snippet.run_and_record("shadow").output
    assert "/usr/lib/python3.11/random.py" in python(lab, "import random; print(random.__file__)")
    built_in = snippet.run_and_record("builtin").output
    assert built_in == "<module 'time' (built-in)>\nNo module named 'statistics'\n"
    assert last(snippet.run_and_record("append").output) == "42 True"
    assert (
        "No module named 'shop'"
        in lab.box.run("env", "-C", "/", "python3", "-c", "import shop", check=False).stderr
    )


@pytest.mark.claim("python-packaging-package-and-module", "holds")
@pytest.mark.claim("python-packaging-path-attribute", "holds")
@pytest.mark.claim("python-packaging-absolute-imports", "holds")
@pytest.mark.claim("python-packaging-init-runs-on-import", "holds")
@pytest.mark.claim("python-packaging-dunder-all", "holds")
def test_packages(snippet: Snippet, lab: PythonLab) -> None:
    """A package is a module with a path, whose __init__ runs once; __all__ speaks to the star alone."""
    snippet.run("tree")
    assert snippet.run_and_record("kinds").output == "<class 'module'> <class 'module'>\nTrue False\n"
    assert "AttributeError" in python(lab, "import urllib.request; urllib.request.__path__")
    assert snippet.run_and_record("forms").output == "shop/__init__.py runs\n42 42 42\n"
    assert python(lab, "import shop.report, shop, shop.orders").count("runs") == 1
    assert snippet.run_and_record("all").output == "['a', 'sub']\n2\n"
    lab.box.run("sh", "-c", "sed -i 's/, .sub.//' work/kit/__init__.py")
    assert python(lab, "from kit import *; print(a, 'sub' in globals())") == "1 False\n"


@pytest.mark.claim("python-packaging-relative-import-dots", "incomplete")
@pytest.mark.claim("python-packaging-relative-import-limits", "holds")
def test_relative_imports(snippet: Snippet, lab: PythonLab) -> None:
    """They work with -m from above the package, not in a script, not beyond the top, not without from."""
    snippet.run("tree")
    assert last(snippet.run_and_record("relative").output) == "total 42"
    red = "ImportError: attempted relative import with no known parent package"
    assert last(snippet.run_and_record("parent-red").output) == red
    snippet.run_and_record("parent-cure")
    red = "ImportError: attempted relative import beyond top-level package"
    assert last(snippet.run_and_record("beyond-red").output) == red
    assert last(snippet.run_and_record("beyond-cure").output) == "total 42"
    assert last(snippet.run_and_record("syntax-red").output) == "SyntaxError: invalid syntax"
    assert last(snippet.run_and_record("syntax-cure").output) == "42"
    # One dot is the module's own package: there is no shop.admin.orders.
    one_dot = "sed 's/from ../from ./' work/shop/admin/audit.py >work/shop/admin/near.py"
    lab.box.run("sh", "-c", one_dot)
    assert "No module named 'shop.admin.orders'" in python(lab, "import shop.admin.near")


@pytest.mark.claim("python-packaging-namespace-package-without-init", "incomplete")
@pytest.mark.claim("python-packaging-namespace-import-example", "wrong")
def test_namespace_packages(snippet: Snippet, lab: PythonLab) -> None:
    """Two folders without __init__.py make one package; one with it, on either side, is the whole package."""
    snippet.run("tree")
    both = snippet.run_and_record("namespace").output
    assert both.endswith("['/home/alice/one/acme', '/home/alice/two/acme'] None\n")
    red = snippet.run_and_record("hidden-red").output
    assert red.startswith("stock is there\n")
    assert last(red) == "ModuleNotFoundError: No module named 'acme.billing'"
    assert snippet.run_and_record("hidden-cure").output == "both are there\n"
    lab.box.run("touch", "one/acme/__init__.py")
    other = python(
        lab, "import acme.billing; import acme.stock", PYTHONPATH="/home/alice/one:/home/alice/two"
    )
    assert last(other) == "ModuleNotFoundError: No module named 'acme.stock'"
    lab.box.run("rm", "one/acme/__init__.py")
    red = "TypeError: list.extend() takes exactly one argument (0 given)"
    assert last(snippet.run_and_record("extend-red").output) == red
    assert (
        snippet.run_and_record("extend-cure").output == "['/home/alice/one/acme', '/home/alice/two/acme']\n"
    )


def test_modules_not_found_or_half_imported(snippet: Snippet) -> None:
    """A missing path, a file that shadows, a circle and a submodule nobody imported: each message, then its cure."""
    snippet.run("tree")
    assert last(snippet.run_and_record("none-red").output) == "ModuleNotFoundError: No module named 'shop'"
    assert snippet.run_and_record("none-cure").output == "shop/__init__.py runs\n" * 2
    snippet.run("same-name")
    assert "'random' has no attribute 'choice'" in last(snippet.run_and_record("same-red").output)
    assert snippet.run_and_record("same-cure").output == "a\n"
    snippet.run("no-package")
    assert last(snippet.run_and_record("not-package-red").output).endswith("'acme' is not a package")
    assert snippet.run_and_record("not-package-cure").output == "found\n"
    snippet.run("circle")
    assert "cannot import name 'x'" in last(snippet.run_and_record("circle-red").output)
    assert snippet.run_and_record("circle-cure").output == "3\n"
    red = "AttributeError: module 'xml' has no attribute 'etree'"
    assert last(snippet.run_and_record("submodule-red").output) == red
    assert snippet.run_and_record("submodule-cure").output == "xml.etree\n"
