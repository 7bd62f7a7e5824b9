"""What holds for all the disk pages."""

import pytest

from opsbook.labs.vm import VmLab


@pytest.mark.claim("disk-partitioning-sources-tecmint", "dated")
def test_old_parted_recipes_no_longer_run(lab: VmLab) -> None:
    """Parted has no resize, mkpartfs, move or cp any more, and a script is told so for one of them only."""
    gone = lab.box.run("parted", "-s", "/dev/sdd", "resize", "1", "1MiB", "100MiB", user="root", check=False)
    assert gone.returncode == 1
    assert gone.stderr == "Error: The resize command has been removed in parted 3.0\n"
    for command in ("mkpartfs primary ext2 1 100", "move 1 2", "cp 1 2", "check 1"):
        told = lab.box.run("parted", "-s", "/dev/sdb", *command.split(), user="root", check=False)
        # The usage text, and an exit code that says all went well.
        assert told.returncode == 0
        assert told.stdout.startswith("Usage: parted")
    assert lab.box.run("parted", "--version").stdout.startswith("parted (GNU parted) 3.5\n")
