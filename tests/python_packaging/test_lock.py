"""Lock dependencies with hashes and install from the lock."""

import re

from opsbook.labs.index import IndexLab
from opsbook.pytest_plugin import Snippet


def test_the_page_from_top_to_bottom(snippet: Snippet, lab: IndexLab) -> None:
    """Only the locked files are installed; another hash, an unpinned name and a stale lock are refused, each cured."""
    snippet.run("wanted")
    locked = snippet.run_and_record("compile").output
    assert re.findall(r"^(\S+)==", locked, re.MULTILINE) == ["markdown-it-py", "mdurl"]
    assert len(re.findall(r"--hash=sha256:[0-9a-f]{64}$", locked, re.MULTILINE)) == 2
    snippet.run("environment")
    assert "Successfully installed markdown-it-py-" in snippet.run_and_record("install").output
    after = snippet.run_and_record("surplus").output
    assert "mdurl==" in after
    assert "tomli" not in after

    snippet.run("project")
    assert "uv.lock" in snippet.run_and_record("uv-lock").output
    assert lab.box.read("/home/alice/service/pylock.toml").count("sha256 = ") >= 2

    snippet.run("tampered")
    red = snippet.run_and_record("hash-red").output
    assert "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE." in red
    assert "No module named" in lab.box.run(".venv/bin/python", "-c", "import mdurl", check=False).stderr
    snippet.run_and_record("hash-cure")
    red = snippet.run_and_record("pinned-red").output
    assert "ERROR: In --require-hashes mode, all requirements must have their versions pinned" in red
    assert snippet.run_and_record("pinned-cure").output.startswith("tomli-w==")
    red = "error: The lockfile at `uv.lock` needs to be updated, but `--locked` was provided."
    assert red in snippet.run_and_record("locked-red").output
    assert "tomli-w==" in snippet.run_and_record("locked-cure").output
