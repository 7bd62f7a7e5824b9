"""What became of the old packaging commands, and what to type instead."""

import pytest

from opsbook.labs.index import IndexLab
from opsbook.pytest_plugin import RecordingWalk


def last(output: str) -> str:
    """Return the last line of what was printed."""
    return output.splitlines()[-1]


@pytest.mark.claim("python-packaging-setup-py-sdist", "dated")
@pytest.mark.claim("python-packaging-setup-py-bdist-wheel", "dated")
@pytest.mark.claim("python-packaging-setup-py-find-packages-src", "dated")
def test_the_page_from_top_to_bottom(walk: RecordingWalk, lab: IndexLab) -> None:
    """An old project builds as it is, its translation gives the same files, and each old command has its successor."""
    built = ["greet_ops-1.0-py3-none-any.whl", "greet_ops-1.0.tar.gz"]
    assert walk.to("build").output.split() == built
    files = walk.to("translate").output.splitlines()
    assert files[: len(files) // 2] == files[len(files) // 2 :]
    assert "greet_ops-1.0.dist-info/entry_points.txt" in files
    assert walk.to("sdist").output.split() == ["greet-ops-1.0.tar.gz", *built]
    in_project = ("env", "-C", "/home/alice/greet", "/home/alice/.venv/bin/python", "setup.py", "--quiet")
    assert lab.box.run(*in_project, "sdist", "--dist-dir", "/home/alice/by-84").returncode == 0
    assert lab.box.run("ls", "by-84").stdout == "greet_ops-1.0.tar.gz\n"
    told = lab.box.run(*in_project, "bdist_wheel", "--dist-dir", "/home/alice/by-84").stderr
    assert "setup.py install is deprecated" in told
    assert built[0] in lab.box.run("ls", "by-84").stdout

    assert "SetuptoolsDeprecationWarning: setup.py install is deprecated." in walk.to("deprecated-red").output
    assert walk.to("deprecated-cure").output == "Hello\n"
    assert walk.to("easy-red").output == "/usr/bin/python3: No module named easy_install\n"
    walk.to("easy-cure")
    assert last(walk.to("upload-red").output) == "error: invalid command 'upload'"
    walk.to("upload-cure")
    assert lab.box.run("ls", "/srv/private").stdout.split() == built
    assert last(walk.to("wheel-red").output) == "error: invalid command 'bdist_wheel'"
    walk.to("wheel-cure")
    red = "ModuleNotFoundError: No module named 'setuptools'"
    assert last(walk.to("setuptools-red").output) == red
    walk.to("setuptools-cure")
    red = "ModuleNotFoundError: No module named 'pkg_resources'"
    assert last(walk.to("resources-red").output) == red
    assert walk.to("resources-cure").output == "1.0 greet 1\n"
    walk.to("egg")
    assert "ERROR: Invalid requirement: 'dist/greet_ops-1.0-py3.11.egg'" in walk.to("egg-red").output
    assert "Successfully installed greet-ops-1.0" in walk.to("egg-cure").output
    walk.to_the_end()
