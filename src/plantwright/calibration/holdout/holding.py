"""Hold windows of a log out: fit on what was known at the cut, simulate what comes, compare it with what came."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from plantwright.calibration.holdout.distances import all_distances
from plantwright.calibration.holdout.replaying import drawn_starts, replayed, resampled, truncated
from plantwright.calibration.holdout.scores import FLOOR, MODEL, REPLAY, TRUNCATED, Floats, HoldOut, Score, Window
from plantwright.calibration.holdout.simulating import Start, simulated_rest
from plantwright.calibration.holdout.traces import WEEK, Split, Trace, cut_at, date_of, moment, split, traces_of_visits
from plantwright.errors import Interrupted, LogError, Place, Problem
from plantwright.events import EventLog

if TYPE_CHECKING:
    from plantwright.calibration.calibrating import Calibration
    from plantwright.calibration.matching import Progress
    from plantwright.calibration.visits import History
    from plantwright.simulation import Cancel

FEWEST_ORDERS = 8
"""A window with fewer orders in it, or before it, says nothing."""
_DRAWS = 200
_MOST_WINDOWS = 3
_EARLIEST = 0.35
_STEPS = 100


@dataclass(frozen=True)
class Options:
    """How the windows are fitted and simulated."""

    unattended: bool = False
    replications: int = 20
    seed: int = 1
    threads: int | None = None
    executor: Executor | None = None


def hold_out(
    log: EventLog,
    share: float = 0.2,
    *,
    options: Options | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> HoldOut:
    """How well a plant made of the first part of a log predicts the rest, beside past orders replayed.

    Parameters
    ----------
    log : EventLog
    share : float
        Of the ends of activities, how many lie in a window. The last window ends with the log; those before it, up to three in all,
        each end where the next begins.
    options : Options, optional
    progress, cancel
        As `plantwright.calibration.calibrate` takes them.

    Returns
    -------
    HoldOut

    Raises
    ------
    LogError
        If no window has enough orders in it and before it.
    Interrupted
        If it was stopped.
    """
    chosen = options or Options()
    edges = [
        cut_at(log.table["end"], 1 - share * back) for back in range(_MOST_WINDOWS + 1) if 1 - share * back >= _EARLIEST
    ]
    spans = list(zip(edges[1:], edges[:-1], strict=True))[::-1]
    windows, left_out = [], []
    for number, (cut, until) in enumerate(spans):
        step = _part(progress, number, len(spans))
        try:
            windows.append(_window(log, cut, until, chosen, number, step, cancel))
        except _TooFewError as few:
            left_out.append(f"{date_of(cut):%Y-%m-%d} to {date_of(until):%Y-%m-%d}: {few}")
    if not windows:
        raise LogError([Problem("PW3034", Place(log.name), "", "nothing can be held out: " + "; ".join(left_out))])
    return HoldOut(share, chosen.replications, chosen.seed, tuple(windows), tuple(left_out))


class _TooFewError(Exception):
    """A window has too few orders, or too little before it."""


def _until(log: EventLog, end: int) -> EventLog:
    """The log as it was at a moment: what had ended by then."""
    table = log.table.filter(log.table["end"] <= date_of(end))
    return replace(log, table=table, rows_read=table.height, aside=(), joined=0, unread=())


def _history(log: EventLog, options: Options) -> History:
    from plantwright.calibration.cleaning import clean
    from plantwright.calibration.finding import find_history

    return find_history(clean(log, options.unattended)).history


def _window(
    log: EventLog,
    cut: int,
    until: int,
    options: Options,
    number: int,
    progress: Progress | None,
    cancel: Cancel | None,
) -> Window:
    from plantwright.calibration.calibrating import calibrate

    parts = split(traces_of_visits(_history(_until(log, until), options)), cut, until)
    if min(len(parts.train), len(parts.test)) < FEWEST_ORDERS:
        raise _TooFewError(
            f"{len(parts.train)} orders end before it and {len(parts.test)} begin in it; {FEWEST_ORDERS} are needed"
        )
    try:
        fitted = calibrate(
            _until(log, cut), unattended=options.unattended, replications=2, seed=options.seed, threads=options.threads,
            executor=options.executor, progress=progress, cancel=cancel,
        )  # fmt: skip
    except LogError as error:
        raise _TooFewError(error.problems[0].reason) from error
    history = fitted.found.history
    begin = moment(history.first)
    if cut - begin < WEEK:
        raise _TooFewError("less than a week lies before it")
    if cancel is not None and cancel.stopped:
        raise Interrupted("stopped before the hold-out was done")
    scores = _scores(fitted, parts, options, np.random.default_rng([options.seed, number]), cancel)
    return Window(date_of(cut), date_of(until), len(parts.train), len(parts.test), parts.crossing, tuple(scores))


def _scores(
    fitted: Calibration, parts: Split, options: Options, random: np.random.Generator, cancel: Cancel | None
) -> Iterator[Score]:
    history = fitted.found.history
    begins = sorted((moment(first), order) for order, (first, _) in history.reported.items())
    known = [first for first, _ in begins]

    def starts() -> list[Start]:
        drawn = drawn_starts(known, moment(history.first), parts.cut, parts.until, random)
        return [(start, begins[index][1]) for start, index in drawn]

    runs = []
    for replication in range(1, options.replications + 1):
        if cancel is not None and cancel.stopped:
            raise Interrupted("stopped before the hold-out was done")
        runs.append(
            simulated_rest(
                fitted.draft, fitted.found, starts(), parts.cut, parts.until,
                seed=options.seed, replication=replication, cancel=cancel,
            )
        )  # fmt: skip

    def again() -> list[Trace]:
        return replayed(parts.train, [start for start, _ in starts()], random)

    replays = [again() for _ in range(_DRAWS)]
    cut_short = [truncated(traces, parts.until) for traces in replays]
    yield _score(MODEL, parts, [run for run in runs if run], random)
    yield _score(TRUNCATED, parts, [traces for traces in cut_short if traces], random)
    yield _score(REPLAY, parts, [traces for traces in replays if traces], random)
    span = parts.cut, parts.until
    chance = np.array([all_distances(parts.test, resampled(parts.test, random), *span) for _ in range(_DRAWS)])
    yield Score(FLOOR, chance.mean(axis=0), chance)


def _score(source: str, parts: Split, others: list[list[Trace]], random: np.random.Generator) -> Score:
    """The mean distance from what happened, and draws in which both what happened and the other log are drawn anew."""
    if not others:
        raise _TooFewError(f"the {source} has no orders in it")
    test, span = parts.test, (parts.cut, parts.until)
    point = np.mean([all_distances(test, other, *span) for other in others], axis=0)
    draws: Floats = np.array(
        [all_distances(resampled(test, random), others[number % len(others)], *span) for number in range(_DRAWS)]
    )
    return Score(source, point, draws)


def _part(progress: Progress | None, number: int, of: int) -> Callable[[int, int], None] | None:
    """Progress within one of several windows."""
    if progress is None:
        return None
    return lambda done, most: progress(round(_STEPS * (number + done / max(1, most))), _STEPS * of)
