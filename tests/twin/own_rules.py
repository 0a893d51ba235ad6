"""Rules of a user's own, as another package would offer them."""

from __future__ import annotations

import importlib.metadata
from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch


def urgency(
    now: float, arrived: float, released: float, due: float, priority: float, pieces: float, run: float, ahead: float
) -> float:
    return (min(due, released + 30000.0) - now) / (ahead + 3600.0) - (now - arrived) / 1200.0


def size(
    now: float, arrived: float, released: float, due: float, priority: float, pieces: float, run: float, ahead: float
) -> float:
    return pieces * 60.0 + run


OWN_RULES = {"twin urgency": urgency, "twin size": size}


class Offered:
    """An entry point."""

    def __init__(self, name: str) -> None:
        self.name = name
        self.value = f"tests.twin.own_rules:{name}"

    def load(self) -> object:
        return OWN_RULES[self.name]


_usual = importlib.metadata.entry_points


def _entry_points(**words: str) -> object:
    if words.get("group") != "plantwright.rules":
        return _usual(**words)
    return [Offered(name) for name in OWN_RULES if words.get("name", name) == name]


@contextmanager
def offered() -> Iterator[None]:
    """While this lasts the rules are found, as if a package that offers them were installed."""
    with (
        patch("importlib.metadata.entry_points", _entry_points),
        patch("plantwright.plant.checks.entry_points", _entry_points),
    ):
        yield
