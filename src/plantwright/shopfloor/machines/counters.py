"""Counters of pieces: what several of them tell together."""

from __future__ import annotations

import numpy as np

from plantwright.monitoring.steps import Numbers, Times

Counted = tuple[Times, Numbers]
"""Instants and increments."""


def good_and_bad(
    every: Counted | None, good: Counted | None, bad: Counted | None
) -> tuple[Counted | None, Counted | None]:
    """Good and bad pieces; all of them in place of the good where nothing tells these apart. A counter that does not say what it counts
    counts all, as MTConnect has it.
    """
    if every is not None and good is None and bad is not None:
        return _less(every, bad), bad
    if every is not None and good is not None and bad is None:
        return good, _less(every, good)
    return good or every, bad


def _less(every: Counted, some: Counted) -> Counted:
    """What was counted of all, less some of it."""
    time = np.concatenate([every[0], some[0]])
    order = np.argsort(time, kind="stable")
    return time[order], np.concatenate([every[1], -some[1]])[order]
