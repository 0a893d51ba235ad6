"""What a model has to beat: past orders replayed, and the least distance that chance alone leaves."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plantwright.calibration.holdout.traces import WEEK, Trace

Random = np.random.Generator


def resampled(traces: Sequence[Trace], random: Random) -> list[Trace]:
    """As many orders, drawn with replacement."""
    return [traces[number] for number in random.integers(len(traces), size=len(traces))]


def drawn_starts(known: Sequence[int], begin: int, cut: int, until: int, random: Random) -> list[tuple[int, int]]:
    """Starts of orders from the cut to `until`: whole past weeks, drawn at random, one after the other.

    Parameters
    ----------
    known : sequence of int
        The starts of all orders that began by the cut, in microseconds.
    begin, cut, until : int
        When the log begins, when it is cut, and when the drawn starts end. Its first week is left out where there are three or
        more: orders that had begun before seem to begin in it.
    random : numpy.random.Generator

    Returns
    -------
    list of (int, int)
        The start, and which of `known` it repeats.

    Raises
    ------
    ValueError
        If there is less than a week before the cut.
    """
    weeks = (cut - begin) // WEEK
    if weeks < 1:
        raise ValueError("less than a week lies before the cut")
    usable = weeks - 1 if weeks >= 3 else weeks
    made = []
    for number, _ in enumerate(range(cut, until, WEEK)):
        back = int(random.integers(1, usable + 1))
        since = cut - back * WEEK
        for index, start in enumerate(known):
            if since < start <= since + WEEK:
                moved = start + (back + number) * WEEK
                if moved <= until:
                    made.append((moved, index))
    return sorted(made)


def replayed(train: Sequence[Trace], starts: Sequence[int], random: Random) -> list[Trace]:
    """For each start an order of the past at random, later by whole weeks, so that it begins as near to the start as it can.

    Weekdays and hours stay what they were.
    """
    made = []
    for start in starts:
        trace = train[int(random.integers(len(train)))]
        made.append(trace.moved(round((start - trace.first) / WEEK) * WEEK))
    return made


def truncated(traces: Sequence[Trace], until: int) -> list[Trace]:
    """What had ended by a moment, as a log that ends there has it."""
    kept = (trace.until(until) for trace in traces)
    return [trace for trace in kept if trace is not None]
