"""Many tests at once: which of them still count."""

from __future__ import annotations

from collections.abc import Sequence

BY_CHANCE = 0.05
"""The chance that any of several tests says that something differs, where nothing does."""


def limit_of(p_values: Sequence[float]) -> float:
    """The largest p-value that counts if of all tests together one in twenty logs is to show anything by chance (Holm 1979, A simple sequentially rejective
    multiple test procedure); -1 where none does.
    """
    limit = -1.0
    for at, p_value in enumerate(sorted(p_values)):
        if p_value > BY_CHANCE / (len(p_values) - at):
            break
        limit = p_value
    return limit
