"""Lab index: packaging tools and two package indexes that nobody else sees."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from opsbook.labs.index import COMMANDS, IndexLab, index_lab
from opsbook.labs.machines import Shell
from opsbook.labs.process import LabUnavailable
from opsbook.pytest_plugin import skipping_without_lab

PYPROJECT = """
[build-system]
requires = ["flit_core"]
build-backend = "flit_core.buildapi"
[project]
name = "greet"
version = "1.0"
description = "Greets"
"""
UPLOAD = f"""
mkdir -p greet && cd greet && printf '{PYPROJECT}' >pyproject.toml && echo 'hello = 1' >greet.py && uv build -q
export TWINE_USERNAME=nobody TWINE_PASSWORD=not-a-secret
twine upload --repository-url http://localhost:8082/ dist/*
"""


@pytest.fixture(scope="module")
def lab() -> Iterator[IndexLab]:
    """One lab for all of these tests."""
    with skipping_without_lab(), index_lab() as here:
        yield here


@pytest.fixture
def alice(lab: IndexLab) -> Iterator[Shell]:
    """A shell of alice on the machine."""
    with lab.box.shell() as shell:
        yield shell


def test_it_has_debians_python_and_the_tools_that_it_says(lab: IndexLab, alice: Shell) -> None:
    """Each tool is on the PATH; the versions on the badge are those that the programs tell."""
    assert alice.paste(f"command -v {' '.join(COMMANDS)} >/dev/null").exit == 0
    told = alice.paste(
        "python3 -VV; uv --version; pyproject-build --version; head -1 /opt/tools/bin/twine"
    ).output
    assert lab.versions["python"].replace("CPython", "Python") in told
    assert f"{lab.versions['uv']} (" in told
    assert f"{lab.versions['build']} (" in told
    assert "#!/opt/tools/bin/python\n" in told


def test_pip_and_uv_install_from_the_first_index_unasked(alice: Shell) -> None:
    """Without an option both get a wheel with compiled code, which the machine's Python imports."""
    assert alice.paste("python3 -m pip install -q --target by-pip markupsafe").output == ""
    assert alice.paste("uv pip install -q --target by-uv markupsafe").output == ""
    seen = alice.paste(
        "for by in pip uv; do PYTHONPATH=by-$by python3 -c 'import markupsafe._speedups'; done"
    )
    assert (seen.output, seen.exit) == ("", 0)


def test_an_upload_to_the_second_index_is_found_there_only(lab: IndexLab, alice: Shell) -> None:
    """What twine uploads can be installed from there; the first index and a twin of the lab have no such thing."""
    uploaded = alice.paste(UPLOAD)
    assert uploaded.exit == 0, uploaded.output
    get = ("python3", "-m", "pip", "download", "-q", "--no-deps", "-d", "got", "greet")
    private = ("--index-url", "http://localhost:8082/simple/")
    assert lab.box.run(*get, *private).stdout == ""
    assert lab.box.run("ls", "got").stdout == "greet-1.0-py2.py3-none-any.whl\n"
    assert "No matching distribution" in lab.box.run(*get, check=False).stderr
    with index_lab() as twin:
        assert "No matching distribution" in twin.box.run(*get, *private, check=False).stderr


def test_what_is_not_on_the_indexes_is_nowhere(lab: IndexLab) -> None:
    """An unknown name is an answer at once, not a redirect to somewhere else, and no other network is up."""
    asked = "import urllib.request as r; r.urlopen('http://localhost:8081/simple/no-such-thing/')"
    assert "HTTP Error 404" in lab.box.run("python3", "-c", asked, check=False).stderr
    assert [line.split()[0] for line in lab.box.run("ip", "-brief", "link").stdout.splitlines()] == ["lo"]


def test_kept_wheels_cannot_be_changed_from_inside(lab: IndexLab) -> None:
    """Even root there has them read-only, so that no lab spoils the next one's."""
    done = lab.box.run("sh", "-c", "rm /opt/wheels/pip-* || touch /opt/tools/x", user="root", check=False)
    assert done.stderr.count("Read-only file system") == 2


def test_what_tools_keep_is_no_part_of_the_state_but_what_they_install_is(
    lab: IndexLab, alice: Shell
) -> None:
    """Caches and the thousand files of a fresh environment's pip are left out, its packages are in."""
    alice.paste("virtualenv -q env")
    before = lab.box.state()
    assert "/home/alice/env/pyvenv.cfg" in before
    assert not [path for path in before if "site-packages/pip/" in path or "/.cache/" in path]
    alice.paste("env/bin/pip install -q markupsafe; env/bin/python -c 'import markupsafe'")
    new = lab.box.state().keys() - before.keys()
    assert "/home/alice/env/lib/python3.11/site-packages/markupsafe/__init__.py" in new


def test_without_wheels_it_says_how_to_get_them(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty cache makes a test skip with the command that fills it."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path))
    with pytest.raises(LabUnavailable, match="opsbook lab --build index"), index_lab():
        pass
    assert list(tmp_path.iterdir()) == []
