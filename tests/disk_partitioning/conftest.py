"""A test here wakes a machine under QEMU, which without KVM is slow: more time, and two of them at once, no more.

And ways to ask that machine.
"""

import pytest

from opsbook.labs.vm import VmLab

# As dear together as the others: about 200 s of CPU, beside tests/labs/test_vm.py, which is in their group.
FIRST = {"test_errors.py", "test_limits.py", "test_move_home.py"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test of this folder 1800 s, and its file one of two workers."""
    for item in items:
        if item.path.parent.name == "disk_partitioning":
            item.add_marker(pytest.mark.timeout(1800))
            if not item.get_closest_marker("xdist_group"):
                item.add_marker(pytest.mark.xdist_group(f"vm-{int(item.path.name not in FIRST)}"))


def root(lab: VmLab, command: str, exit_code: int = 0) -> str:
    """Run a command line as root, hold it to its exit code, and return all that it printed."""
    done = lab.box.run("bash", "-c", f"exec 2>&1; {command}", user="root", check=False)
    assert done.returncode == exit_code, done.stdout
    return done.stdout


def told(lab: VmLab, command: str) -> str:
    """Return what the shell command prints when root runs it."""
    return lab.box.run("bash", "-c", command, user="root").stdout.strip()


def size(lab: VmLab, node: str) -> int:
    """Return the bytes of a disk or partition, as the kernel counts them once it has read a changed table anew."""
    return int(told(lab, f"udevadm settle; blockdev --getsize64 {node}"))
