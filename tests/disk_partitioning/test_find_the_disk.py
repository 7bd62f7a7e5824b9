"""Find the right disk."""

from opsbook.pytest_plugin import Snippet


def test_the_new_disk_is_the_one_with_nothing_on_it(snippet: Snippet) -> None:
    """lsblk shows five disks, and nothing on the new ones."""
    seen = snippet.run_and_record("list")
    assert "sdb" in seen.output
