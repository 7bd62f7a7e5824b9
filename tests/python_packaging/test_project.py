"""Write pyproject.toml, build sdist and wheel, look inside."""

import pytest

from opsbook.labs.index import IndexLab
from opsbook.pytest_plugin import RecordingWalk

TAGS = """
import sys
from packaging.utils import parse_wheel_filename
for name in sys.argv[1:]:
    print(*sorted(map(str, parse_wheel_filename(name)[3])))
"""


def last(output: str) -> str:
    """Return the last line of what was printed."""
    return output.splitlines()[-1]


@pytest.mark.claim("python-packaging-src-layout", "dated")
@pytest.mark.claim("python-packaging-sdist-and-wheel", "holds")
@pytest.mark.claim("python-packaging-wheel-skips-build", "holds")
@pytest.mark.claim("python-packaging-wheel-is-a-zip", "holds")
@pytest.mark.claim("python-packaging-wheel-tag-any", "wrong")
@pytest.mark.claim("python-packaging-pip-download", "holds")
@pytest.mark.claim("python-packaging-license-classifier", "dated")
@pytest.mark.claim("python-packaging-init-optional-since-33", "incomplete")
def test_the_page_from_top_to_bottom(walk: RecordingWalk, lab: IndexLab) -> None:
    """The project builds, installs and runs; each file is where the page says, and each failure has its cure."""
    built = walk.to("build").output
    names = ["greet_ops-1.0-py3-none-any.whl", "greet_ops-1.0.tar.gz"]
    assert built.split() == names
    in_project = ("env", "-C", "/home/alice/greet")
    assert (
        "No module named 'greet'"
        in lab.box.run(*in_project, "python3", "-c", "import greet", check=False).stderr
    )
    assert walk.to("install").output == "Hello from greet-ops 1.0\n"
    lab.box.run("greet/.venv/bin/python", "-c", "import tomli_w")
    metadata = walk.to("metadata").output
    assert "License-Expression: MIT\n" in metadata
    assert "[console_scripts]\ngreet = greet.cli:main\n" in metadata
    sdist, wheel = walk.to("look").output.split("File\n")
    assert {"greet_ops-1.0/pyproject.toml", "greet_ops-1.0/tests/test_greet.py"} <= {*sdist.split()}
    assert {"greet/word.txt", "greet/cli.py", "greet_ops-1.0.dist-info/licenses/LICENSE"} <= {*wheel.split()}
    assert "pyproject.toml" not in wheel
    assert "test_greet" not in wheel
    assert "build dependencies" not in walk.to("wheel-offline").output
    offline = walk.to("sdist-offline").output
    assert "Installing build dependencies" in offline
    assert "No matching distribution found for setuptools>=77" in offline

    wheels = [name.rpartition("/")[2] for name in walk.to("tags").output.split()]
    assert (
        "No module named"
        in lab.box.run("greet/.venv/bin/python", "-c", "import markupsafe", check=False).stderr
    )
    compiled, pure = lab.box.run("/opt/tools/bin/python", "-c", TAGS, *wheels).stdout.splitlines()
    assert pure == "py3-none-any"
    assert "cp311-cp311-manylinux_2_17_x86_64" in compiled.split()

    red = walk.to("no-data-red").output
    assert last(red).startswith(
        "FileNotFoundError: [Errno 2] No such file or directory: '/home/alice/greet/.venv/"
    )
    assert walk.to("no-data-cure").output == "Hello from greet-ops 1.0\n"
    red = "setuptools.errors.InvalidConfigError: License classifiers have been superseded by license expressions"
    assert walk.to("classifier-red").output.startswith(red)
    assert "Successfully built" in walk.to("classifier-cure").output
    assert walk.to("no-init").output == "['greet'] ['greet', 'greet.extra']\n"
    asked = "import sys; sys.path.append('greet/src'); import greet.extra; print(greet.extra.__file__)"
    assert lab.box.run("python3", "-c", asked).stdout == "None\n"
    walk.to_the_end()
