"""A test here may start a dozen containers, half a second of one core each, on a machine that is busy with other labs."""

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Give each test of this folder 900 s."""
    for item in items:
        if item.path.parent.name == "docker_entrypoints":
            item.add_marker(pytest.mark.timeout(900))
