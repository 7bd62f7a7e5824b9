"""build and twine, uv, hatch, poetry, pdm and flit on one project."""

import pytest

from opsbook.labs.index import IndexLab
from opsbook.pytest_plugin import RecordingWalk


@pytest.mark.claim("python-packaging-tox", "holds")
def test_the_page_from_top_to_bottom(walk: RecordingWalk, lab: IndexLab) -> None:
    """Front ends agree byte by byte, back ends in the code; each tool's lock is a file, its dependency is in [project]."""
    wheels = walk.to("front-ends").output.splitlines()
    assert [line.split()[1].partition("/")[0] for line in wheels] == ["build", "flit", "hatch", "pdm", "uv"]
    assert len({line.split()[0] for line in wheels}) == 1
    listed = walk.to("back-ends").output
    assert listed.count("greet/__init__.py  ") == 5
    sizes = {line.split()[1] for line in listed.splitlines() if line.startswith("greet/__init__.py")}
    assert len(sizes) == 1
    sums = "sha256sum {setuptools,hatchling,poetry,pdm,flit}/dist/*.whl | cut -d' ' -f1 | sort -u | wc -l"
    assert lab.box.run("bash", "-c", sums).stdout == "5\n"
    both = walk.to("poetry").output.splitlines()
    assert len({line.split()[0] for line in both}) == 1
    assert len(both) == 2

    assert {"uv.lock", ".venv"} <= {*walk.to("add-uv").output.split()}
    assert {"pdm.lock", ".pdm-python"} <= {*walk.to("add-pdm").output.split()}
    assert "poetry.lock" in walk.to("add-poetry").output.split()
    assert walk.to("added").output.count("mdurl") == 3
    assert walk.to("publish").output == "Hello\n"
    assert walk.to("tox").output == "Hello\n"
    walk.to_the_end()
