"""A test here wakes a machine under QEMU, which without KVM is slow: more time, and few of them at once."""

import zlib

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test of this folder 300 s, and each file one of two workers."""
    for item in items:
        if item.path.parent.name == "disk_partitioning":
            item.add_marker(pytest.mark.timeout(300))
            item.add_marker(pytest.mark.xdist_group(f"vm-{zlib.crc32(item.path.name.encode()) % 2}"))
