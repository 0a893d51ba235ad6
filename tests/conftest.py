"""What holds for all tests."""

from __future__ import annotations

import pytest


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """The files with studies and with the documentation's examples go first: begun last, one process would wait for the other."""
    long = {item.path for item in items if any(item.iter_markers("study")) or any(item.iter_markers("docs"))}
    items.sort(key=lambda item: item.path not in long)
