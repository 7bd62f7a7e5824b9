"""Packaging errors by message: red first, then the cure, then green."""

import pytest

from opsbook.labs.index import IndexLab
from opsbook.pytest_plugin import RecordingWalk


@pytest.mark.claim("python-packaging-pinned-install-requires", "incomplete")
@pytest.mark.claim("python-packaging-wheel-short-file-name", "wrong")
def test_the_page_from_top_to_bottom(walk: RecordingWalk, lab: IndexLab) -> None:
    """Nothing that fits, nothing to build, nothing to upload: each is told, each goes with its cure."""
    assert "ERROR: No matching distribution found for tomliw\n" in walk.to("name-red").output
    assert "Successfully installed tomli-w-" in walk.to("name-cure").output
    assert "ERROR: No matching distribution found for tomli-w>=99\n" in walk.to("version-red").output
    assert "Available versions: " in walk.to("version-cure").output
    red = walk.to("conflict-red").output
    assert (
        "ERROR: Cannot install shop==1.0 and till==1.0 because these package versions have conflicting" in red
    )
    assert "ERROR: ResolutionImpossible" in red
    assert "shop-1.0 till-1.1" in walk.to("conflict-cure").output
    red = "ERROR: Package 'newer' requires a different Python: 3.11.2 not in '>=3.13'\n"
    assert walk.to("python-red").output.endswith(red)
    assert walk.to("python-cure").output == "Successfully installed newer-0.9\n"
    red = "ERROR: shop-1.0-cp312-cp312-win_amd64.whl is not a supported wheel on this platform.\n"
    assert walk.to("platform-red").output.endswith(red)
    assert "cp311-cp311-linux_x86_64" in walk.to("platform-cure").output
    red = "ERROR: Invalid wheel filename (wrong number of parts): 'shop-none-any'\n"
    assert walk.to("wheel-name-red").output == red
    assert "shop is already installed" in walk.to("wheel-name-cure").output

    red = "ERROR: Directory '.' is not installable. Neither 'setup.py' nor 'pyproject.toml' found.\n"
    assert walk.to("folder-red").output == red
    assert walk.to("folder-cure").output == "Successfully installed shop-1.0\n"
    assert "Cannot import build backend 'flit_core.buildapi'." in walk.to("backend-red").output
    assert walk.to("backend-cure").output == "Successfully installed shop-1.0\n"
    red = "error: Multiple top-level packages discovered in a flat-layout: ['app', 'data'].\n"
    assert walk.to("flat-red").output == red
    assert walk.to("flat-cure").output == "app-1.0-py3-none-any.whl\n"
    assert "NonInteractive: Credential not found for username." in walk.to("user-red").output
    walk.to("user-cure")
    red = "InvalidDistribution: Cannot find file (or expand pattern): 'dist/*'"
    assert red in walk.to("dist-red").output
    walk.to("dist-cure")
    uploaded = lab.box.run("ls", "/srv/private").stdout.split()
    assert [name.partition("-")[0] for name in uploaded] == ["app", "shop"]
    walk.to_the_end()
