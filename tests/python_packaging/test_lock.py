"""Lock dependencies with hashes and install from the lock."""

import re

from opsbook.labs.index import IndexLab
from opsbook.pytest_plugin import RecordingWalk


def test_the_page_from_top_to_bottom(walk: RecordingWalk, lab: IndexLab) -> None:
    """Only the locked files are installed; another hash, an unpinned name and a stale lock are refused, each cured."""
    locked = walk.to("compile").output
    assert re.findall(r"^(\S+)==", locked, re.MULTILINE) == ["markdown-it-py", "mdurl"]
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}$", locked, re.MULTILINE)) == 2
    assert "Successfully installed markdown-it-py-" in walk.to("install").output
    after = walk.to("surplus").output
    assert "mdurl==" in after
    assert "tomli" not in after

    assert "uv.lock" in walk.to("uv-lock").output
    assert lab.box.read("/home/alice/service/pylock.toml").count("sha256 = ") >= 2

    red = walk.to("hash-red").output
    assert "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE." in red
    assert "No module named" in lab.box.run(".venv/bin/python", "-c", "import mdurl", check=False).stderr
    walk.to("hash-cure")
    red = walk.to("pinned-red").output
    assert "ERROR: In --require-hashes mode, all requirements must have their versions pinned" in red
    assert walk.to("pinned-cure").output.startswith("tomli-w==")
    red = "error: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided."
    assert red in walk.to("locked-red").output
    assert "tomli-w==" in walk.to("locked-cure").output
    walk.to_the_end()
