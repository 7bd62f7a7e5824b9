"""Packaging errors by message: red first, then the cure, then green."""

import pytest

from opsbook.labs.index import IndexLab
from opsbook.pytest_plugin import Snippet


@pytest.mark.claim("python-packaging-pinned-install-requires", "incomplete")
@pytest.mark.claim("python-packaging-wheel-short-file-name", "wrong")
def test_the_page_from_top_to_bottom(snippet: Snippet, lab: IndexLab) -> None:
    """Nothing that fits, nothing to build, nothing to upload: each is told, each goes with its cure."""
    snippet.run("environment")
    assert "ERROR: No matching distribution found for tomliw\n" in snippet.run_and_record("name-red").output
    assert "Successfully installed tomli-w-" in snippet.run_and_record("name-cure").output
    assert (
        "ERROR: No matching distribution found for tomli-w>=99\n"
        in snippet.run_and_record("version-red").output
    )
    assert "Available versions: " in snippet.run_and_record("version-cure").output
    snippet.run("conflict")
    red = snippet.run_and_record("conflict-red").output
    assert (
        "ERROR: Cannot install shop==1.0 and till==1.0 because these package versions have conflicting" in red
    )
    assert "ERROR: ResolutionImpossible" in red
    assert "shop-1.0 till-1.1" in snippet.run_and_record("conflict-cure").output
    snippet.run("python")
    red = "ERROR: Package 'newer' requires a different Python: 3.11.2 not in '>=3.13'\n"
    assert snippet.run_and_record("python-red").output.endswith(red)
    assert snippet.run_and_record("python-cure").output == "Successfully installed newer-0.9\n"
    snippet.run("platform")
    red = "ERROR: shop-1.0-cp312-cp312-win_amd64.whl is not a supported wheel on this platform.\n"
    assert snippet.run_and_record("platform-red").output.endswith(red)
    assert "cp311-cp311-linux_x86_64" in snippet.run_and_record("platform-cure").output
    red = "ERROR: Invalid wheel filename (wrong number of parts): 'shop-none-any'\n"
    assert snippet.run_and_record("wheel-name-red").output == red
    assert "shop is already installed" in snippet.run_and_record("wheel-name-cure").output

    red = "ERROR: Directory '.' is not installable. Neither 'setup.py' nor 'pyproject.toml' found.\n"
    assert snippet.run_and_record("folder-red").output == red
    assert snippet.run_and_record("folder-cure").output == "Successfully installed shop-1.0\n"
    assert "Cannot import build backend 'flit_core.buildapi'." in snippet.run_and_record("backend-red").output
    assert snippet.run_and_record("backend-cure").output == "Successfully installed shop-1.0\n"
    snippet.run("flat")
    red = "error: Multiple top-level packages discovered in a flat-layout: ['app', 'data'].\n"
    assert snippet.run_and_record("flat-red").output == red
    assert snippet.run_and_record("flat-cure").output == "app-1.0-py3-none-any.whl\n"
    assert "NonInteractive: Credential not found for username." in snippet.run_and_record("user-red").output
    snippet.run_and_record("user-cure")
    red = "InvalidDistribution: Cannot find file (or expand pattern): 'dist/*'"
    assert red in snippet.run_and_record("dist-red").output
    snippet.run_and_record("dist-cure")
    uploaded = lab.box.run("ls", "/srv/private").stdout.split()
    assert [name.partition("-")[0] for name in uploaded] == ["app", "shop"]
