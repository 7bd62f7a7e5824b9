"""Run Python code as a program: a package, a folder, one zip file."""

import pytest

from opsbook.labs.index import IndexLab
from opsbook.pytest_plugin import Snippet


def last(output: str) -> str:
    """Return the last line of what was printed."""
    return output.splitlines()[-1]


@pytest.mark.claim("python-packaging-run-a-package", "holds")
@pytest.mark.claim("python-packaging-init-cannot-be-the-entry", "holds")
@pytest.mark.claim("python-packaging-run-a-directory", "holds")
@pytest.mark.claim("python-packaging-zip-a-directory", "holds")
def test_package_folder_and_zip(snippet: Snippet, lab: IndexLab) -> None:
    """__main__.py runs with the arguments, after __init__.py in a package; a folder or zip is its own sys.path[0]."""
    snippet.run("package")
    assert snippet.run_and_record("run").output == "init of greet\nHello Bob\n"
    snippet.run("folder")
    ran = "/home/alice/work/tool 3 ['-v']\n"
    assert snippet.run_and_record("folder-run").output == ran
    lab.box.run("sh", "-c", "echo 'print(1 / 0)' >work/tool/__init__.py")
    assert lab.box.run("python3", "work/tool", "-v").stdout == ran
    lab.box.run("rm", "work/tool/__init__.py")
    assert snippet.run_and_record("zipapp").output == "/home/alice/work/./tool.pyz 3 ['-v']\n"
    listed = snippet.run_and_record("zipapp-look").output.splitlines()
    assert listed[0] == "#!/usr/bin/env python3"
    assert {".hidden", "__main__.py", "__pycache__/"} <= {*listed}
    listed = snippet.run_and_record("zipfile").output.splitlines()
    assert listed[0] == "/home/alice/work/tool.zip 3 ['-v']"
    assert ".hidden" not in listed
    assert {"__main__.py", "__pycache__/"} <= {*listed}
    snippet.run("no-main")
    red = "No module named greet.__main__; 'greet' is a package and cannot be directly executed\n"
    assert snippet.run_and_record("no-main-red").output.endswith(red)
    assert snippet.run_and_record("no-main-cure").output == "Hello world\n"
    red = "can't find '__main__' module in '/home/alice/work'\n"
    assert snippet.run_and_record("find-red").output.endswith(red)
    snippet.run_and_record("find-cure")


@pytest.mark.claim("python-packaging-zip-needs-no-other-dependencies", "wrong")
def test_what_has_to_be_in_the_zip(snippet: Snippet, lab: IndexLab) -> None:
    """Modules that are not in it are missed, compiled ones in it too, and data is read through importlib.resources."""
    snippet.run("package")
    snippet.run("depends")
    toml = 'name = "greet"\nwords = 2\n'
    assert snippet.run_and_record("with-dependency").output == toml
    assert lab.box.run("env", "-C", "/", "/home/alice/work/totoml.pyz").stdout == toml
    snippet.run("without")
    red = "ModuleNotFoundError: No module named 'tomli_w'"
    assert last(snippet.run_and_record("without-red").output) == red
    assert snippet.run_and_record("without-cure").output == toml
    snippet.run("compiled")
    listed = lab.box.run("python3", "-m", "zipfile", "-l", "work/fast.pyz").stdout
    assert "markupsafe/_speedups.cpython-311-x86_64-linux-gnu.so" in listed
    red = "ModuleNotFoundError: No module named 'markupsafe._speedups'"
    assert last(snippet.run_and_record("compiled-red").output) == red
    assert "/fast/markupsafe/_speedups" in snippet.run_and_record("compiled-cure").output
    snippet.run("data")
    assert last(snippet.run_and_record("data-red").output).startswith("NotADirectoryError: [Errno 20]")
    assert snippet.run_and_record("data-cure").output == "Back at 3\n"
