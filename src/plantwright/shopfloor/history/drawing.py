"""What a chart of samples needs: for each of some hundred spans of time the first, least, most and last, so that no peak is lost."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from plantwright.shopfloor.history import History
from plantwright.shopfloor.history.rollups import MINUTE, Minutes, minutes_of, tidy_minutes
from plantwright.shopfloor.readings import Samples

if TYPE_CHECKING:
    import polars


def drawn(
    history: History, tags: Sequence[int], start: int, end: int, points: int = 1_000, *, raw: bool = False
) -> polars.DataFrame:
    """Good samples of some tags in a window by at most so many spans each.

    Spans of a minute and more are whole minutes and come from rollups, so that a year is drawn as quickly as a day.

    Parameters
    ----------
    history : History
    tags : sequence of int
    start, end : int
        Nanoseconds since 1970.
    points : int
    raw : bool
        From the samples, whatever the width.

    Returns
    -------
    polars.DataFrame
        As `History.minutes`, with the begin of each span as ``time``.
    """
    width = max(1, -(-(end - start) // max(1, points - 1)))
    if raw or width < MINUTE:
        frame = history.samples(tags, start, end)
        samples = Samples(*(_column(frame, name) for name in ("tag", "time", "value", "quality")))
        found = minutes_of(samples, width)
    else:
        width = -(-width // MINUTE) * MINUTE
        frame = history.minutes(tags, start, end)
        names = ("tag", "minute", "count", "least", "most", "mean", "first", "last")
        minutes = Minutes(*(_column(frame, name) for name in names))
        found = tidy_minutes(replace(minutes, time=minutes.time - minutes.time % width))
    return found.frame().rename({"minute": "time"})


def _column(frame: polars.DataFrame, name: str) -> npt.NDArray[Any]:
    return np.ascontiguousarray(frame[name].to_physical().to_numpy())
