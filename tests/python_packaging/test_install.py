"""Install packages into an environment: venv, editable, extras, groups, markers."""

import pytest

from opsbook.labs.index import IndexLab
from opsbook.pytest_plugin import RecordingWalk

MANAGED = "error: externally-managed-environment"


@pytest.mark.claim("python-packaging-sudo-pip-install-supervisor", "dated")
@pytest.mark.claim("python-packaging-install-twine-user", "dated")
@pytest.mark.claim("python-packaging-virtualenv-has-pip-wheel-setuptools", "dated")
def test_the_page_from_top_to_bottom(walk: RecordingWalk, lab: IndexLab) -> None:
    """What is installed is in the environment and nowhere else, and leaves it again; each refusal has its cure."""
    installed = walk.to("venv").output
    assert "Successfully installed tomli-w-" in installed
    seen = walk.to("check").output.splitlines()
    assert seen[0] == "/home/alice/.venv"
    assert seen[1].startswith("/home/alice/.venv/lib/")
    assert [line.split()[0] for line in seen[4:]] == ["pip", "setuptools", "tomli_w"]
    assert "No module named 'tomli_w'" in lab.box.run("python3", "-c", "import tomli_w", check=False).stderr
    walk.to("undo")
    gone = lab.box.run(".venv/bin/python", "-c", "import tomli_w", check=False)
    assert "No module named 'tomli_w'" in gone.stderr

    assert walk.to("editable").output == "Hello\nHi\n"
    assert walk.to("editable-look").output.endswith("\n/home/alice/greet")
    extra = walk.to("extra").output
    assert "tomli-w==" in extra
    assert "markupsafe==" in extra
    assert "colorama" not in extra
    assert "zipp" not in extra
    group = walk.to("group").output
    assert "mdurl==" in group
    marker = walk.to("marker").output
    assert "mdurl" not in marker
    assert 'tomli-w ; extra == "toml"' in marker
    by_pip = ("install", "--dry-run", "--group", "/home/alice/greet/pyproject.toml:dev")
    assert "no such option: --group" in lab.box.run(".venv/bin/pip", *by_pip, check=False).stderr
    newest = lab.box.run("/opt/tools/bin/pip", "--python", ".venv/bin/python", *by_pip)
    assert "Requirement already satisfied: mdurl" in newest.stdout

    red = walk.to("managed-red").output
    assert red.startswith(f"{MANAGED}\n")
    as_root = lab.box.run("python3", "-m", "pip", "install", "tomli-w", user="root", check=False)
    assert (as_root.returncode, as_root.stderr.splitlines()[0]) == (1, MANAGED)
    for_user = lab.box.run("python3", "-m", "pip", "install", "--user", "--upgrade", "twine", check=False)
    assert (for_user.returncode, for_user.stderr.splitlines()[0]) == (1, MANAGED)
    assert walk.to("managed-cure").output.startswith("/home/alice/tools/lib/")
    red = (
        "ERROR: Can not perform a '--user' install. User site-packages are not visible in this virtualenv.\n"
    )
    assert walk.to("user-red").output == red
    assert "Requirement already satisfied: tomli-w" in walk.to("user-cure").output
    assert walk.to("extra-red").output == "WARNING: greet 1.0 does not provide the extra 'tmol'\n"
    assert "tomli" in walk.to("extra-cure").output
    walk.to_the_end()
