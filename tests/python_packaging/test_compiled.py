"""Build a wheel with a C extension, and read its tag."""

from opsbook.labs.index import IndexLab
from opsbook.pytest_plugin import RecordingWalk

TAGS = """
import sys
from packaging.tags import cpython_tags
from packaging.utils import parse_wheel_filename
for version in (3, 10), (3, 11), (3, 14):
    ours = set(cpython_tags(version, platforms=["linux_x86_64"]))
    print(*(bool(ours & parse_wheel_filename(name)[3]) for name in sys.argv[1:]))
"""
REFUSED = "ERROR: {}-linux_x86_64.whl is not a supported wheel on this platform.\n"


def test_the_page_from_top_to_bottom(walk: RecordingWalk, lab: IndexLab) -> None:
    """What is compiled fits this Python alone, with abi3 later ones too, no other platform; gcc and the headers are needed."""
    sdist = "adder-1.0.tar.gz"
    assert walk.to("build").output.split() == ["adder-1.0-cp311-cp311-linux_x86_64.whl", sdist]
    assert walk.to("check").output == "5\n"
    assert walk.to("look").output.split() == ["adder-1.0/adder.c", "adder.cpython-311-x86_64-linux-gnu.so"]

    wheels = [line.removeprefix("dist/") for line in walk.to("abi3-build").output.split()]
    fits = lab.box.run("/opt/tools/bin/python", "-c", TAGS, *wheels).stdout.splitlines()
    assert fits == ["False False", "True True", "False True"]
    assert walk.to("abi3-green").output.endswith("/adder.abi3.so\n")
    again = "import adder; print(adder.add(-7, 3))"
    assert lab.box.run("adder/.venv/bin/python", "-c", again).stdout == "-4\n"

    assert walk.to("python-red").output.endswith(REFUSED.format("adder-1.0-cp311-cp311"))
    assert "no wheels with a matching Python version tag (e.g., `cp312`)" in walk.to("python-uv").output
    assert walk.to("platform-red").output.endswith(REFUSED.format("adder-1.1-cp311-abi3"))

    assert "No such file or directory: 'x86_64-linux-gnu-gcc'" in walk.to("no-compiler-red").output
    assert walk.to("no-header-red").output == "fatal error: Python.h: No such file or directory\n"
    assert walk.to("green").output.endswith("/adder.cpython-311-x86_64-linux-gnu.so\n")
    walk.to_the_end()
