"""Simulate a plant: replications on threads, warm-up, and the result."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from itertools import islice

import numpy as np

from plantwright import __version__
from plantwright.errors import Interrupted
from plantwright.plant import fingerprint
from plantwright.plant.plant import Plant
from plantwright.simulation import codes
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.collect import Collector, Counts, counts_of, window_of
from plantwright.simulation.coverage import not_simulated
from plantwright.simulation.deadlock import raise_if_locked
from plantwright.simulation.loads import lots_to_saturate
from plantwright.simulation.recording import Sink, open_log
from plantwright.simulation.run import Run
from plantwright.simulation.running import run_on
from plantwright.simulation.statistics import mser5
from plantwright.simulation.trust import trust_of
from plantwright.simulation.world import World

DAY, WEEK = 86400.0, 7 * 86400.0
USUAL_HORIZON = "90 d"
FROM_THE_START = "none: order list"
"""The rule of a warm-up that is none."""
_POLL_SECONDS = 0.05
_PILOT_REPLICATIONS = 5
_LOTS_REPLICATIONS, _MOST_DOUBLINGS = 3, 6
SATURATED = 0.005
"""A plant is saturated where twice as many lots bring less than this share more."""
_CYCLES = 3  # mean cycle times that a warm-up lasts at least

Progress = Callable[[int, int], None]


@dataclass
class Cancel:
    """A word that stops running simulations within a tenth of a second: call `stop` from any thread."""

    _worlds: dict[int, World] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    stopped: bool = False

    def stop(self) -> None:
        """Stop all runs that watch this word, now and in the future."""
        with self._lock:
            self.stopped = True
            for world in self._worlds.values():
                world.cancel[0] = 1

    def watch(self, world: World) -> None:
        """Let `stop` reach a world while it runs."""
        with self._lock:
            self._worlds[id(world)] = world
            world.cancel[0] = int(self.stopped)

    def forget(self, world: World) -> None:
        """No longer watch a world."""
        with self._lock:
            self._worlds.pop(id(world), None)


def seconds_of(text: str | float) -> float:
    """A time given as text (``"90 d"``, ``"90d"``) or in seconds, in seconds."""
    if isinstance(text, str):
        from plantwright.units import read

        return read(text, "duration")
    return float(text)


def only_orders(plant: Plant) -> bool:
    """Whether lists of orders alone start the lots of a plant."""
    return plant.release_rules() == {"orders"}


def horizon_of(plant: Plant, horizon: str | float) -> float:
    """How long to count, in seconds: ``"auto"`` is 90 days, or, where lists of orders alone start lots, until the end of the day
    of the last release, as there is nothing to be known of the time after it. Raises ValueError for no time at all.
    """
    if horizon == "auto" and only_orders(plant):
        last = max(order.release for p in plant.products.values() for r in p.releases for order in r.orders)
        return max(DAY, math.ceil((last - plant.start).total_seconds() / DAY) * DAY)
    span = seconds_of(USUAL_HORIZON if horizon == "auto" else horizon)
    if span <= 0:
        raise ValueError(f"horizon: {horizon!r}: must be longer than nothing")
    return span


def simulate(
    plant: Plant,
    *,
    horizon: str | float = "auto",
    warmup: str | float = "auto",
    replications: int = 20,
    seed: int = 1,
    level: float = 0.95,
    saturated: bool = False,
    lots: int | None = None,
    threads: int | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Run:
    """Simulate a plant.

    Parameters
    ----------
    plant : Plant
    horizon : str or float
        How long to count, after the warm-up: text with a unit, or seconds; ``"auto"`` as `horizon_of` takes it.
    warmup : str or float
        How long to run before counting: text, seconds, or ``"auto"`` for MSER-5 (White 1997) on the work in process and the
        output of a pilot run, at least three mean cycle times (one if saturated) but no more of them than the horizon, rounded up
        to whole weeks where the plant has shifts. A plant released by an order list starts empty and is counted from the start.
    replications : int
        Independent repetitions, at least 2; each differs in its random draws alone.
    seed : int
        The same seed gives the same result to the bit, on any number of threads; two plants with the same seed see the same
        luck where they are the same.
    level : float
        Confidence level of the Student intervals.
    saturated : bool
        Give the plant more lots than it can work on, in the mix of the demand: its capacity.
    lots : int, optional
        How many lots are kept in process when saturated; if not given, so many that twice as many would bring no more
        (`find_lots`), and the run's options say how many.
    threads : int, optional
        As many as there are processors, if not given.
    progress : callable, optional
        Called with the replications done and their number.
    cancel : Cancel, optional
        Stops the run from another thread; Ctrl-C does the same. The replications that were done are the result, marked as
        partial.

    Returns
    -------
    Run

    Raises
    ------
    SimulationError
        If the plant locks up, or nothing starts lots of a product.
    Interrupted
        If it was stopped before two replications were done.
    """
    if replications < 2:
        raise ValueError(f"replications: {replications}: at least 2 are needed for an interval")
    span = horizon_of(plant, horizon)
    cancel = cancel or Cancel()
    rule, steady = ("given", True)
    kept = (lots or find_lots(plant, span, seed, threads, cancel)) if saturated else None
    if warmup == "auto":
        length, rule, steady = find_warmup(plant, span, seed, kept, threads, cancel)
    else:
        length = seconds_of(warmup)
    blueprint = Blueprint(plant, length + span, length, 0.0, saturated, kept)
    counts = _replicate(blueprint, seed, replications, threads, progress, cancel)
    window = window_of(plant, length, length + span)
    collector = Collector(plant, window, counts, level)
    estimates = collector.all()
    run = Run(
        plant=fingerprint(plant),
        name=plant.name,
        trust="sketch",
        seed=seed,
        replications=len(counts),
        level=level,
        horizon=span,
        warmup=length,
        warmup_rule=rule,
        not_simulated=not_simulated(plant),
        estimates=estimates,
        unknown=collector.unknown,
        options={"saturated": saturated} | ({"lots in process": kept} if kept else {}),
        version=__version__,
        working_days=window.days,
        events=sum(c.events for c in counts),
        partial=len(counts) < replications,
        steady=steady,
    )
    return replace(run, trust=trust_of(plant, run)[0])


def find_lots(plant: Plant, span: float, seed: int, threads: int | None, cancel: Cancel) -> int:
    """How many lots in process saturate a plant: the first of a series, each twice the one before, past which output over the later
    half of pilot runs grows by less than `SATURATED`. A line of N equal random stations needs some 200 N (Hopp and Spearman's
    practical worst case, w / (w + N - 1)).
    """
    lots = lots_to_saturate(plant)
    if plant.release_rules() == {"saturated"}:
        return lots
    made = _output(plant, span, seed, lots, threads, cancel)
    for _ in range(_MOST_DOUBLINGS):
        more = _output(plant, span, seed, 2 * lots, threads, cancel)
        if more <= made * (1 + SATURATED):
            break
        lots, made = 2 * lots, more
    return lots


def _output(plant: Plant, span: float, seed: int, lots: int, threads: int | None, cancel: Cancel) -> float:
    blueprint = Blueprint(plant, 2 * span, span, 0.0, True, lots)
    counts = _replicate(blueprint, seed, _LOTS_REPLICATIONS, threads, None, cancel)
    return float(sum(c.product["done_lots"].sum() for c in counts))


def find_warmup(
    plant: Plant, span: float, seed: int, lots: int | None, threads: int | None, cancel: Cancel
) -> tuple[float, str, bool]:
    """The warm-up by MSER-5 on work in process and output of a pilot run: its length in seconds, the rule, and whether it settles.

    Where they do not settle within the first half of the pilot, nor of one three times as long, a quarter of the horizon is
    taken, and the run is not steady. `lots` are kept in process where the plant is saturated.
    """
    saturated = lots is not None
    if not saturated and any(release.rule == "orders" for p in plant.products.values() for release in p.releases):
        return 0.0, FROM_THE_START, True
    length = max(2 * span, 26 * WEEK) if plant.shifts else 2 * span
    # What has not settled gets one more chance in a longer pilot: slow swings look like growth for a while.
    for pilot in (length, 3 * length):
        settled, through = _pilot(plant, pilot, seed, lots, threads, cancel)
        # Of a saturated plant the output counts, which is steady long before the heap in front of it is through.
        least = min(through if saturated else _CYCLES * through, span)
        if settled is not None:
            return _whole(plant, max(settled, least)), "MSER-5", True
    return _whole(plant, max(span / 4, least)), "a quarter: work in process or output does not settle", False


def _pilot(
    plant: Plant, length: float, seed: int, lots: int | None, threads: int | None, cancel: Cancel
) -> tuple[float | None, float]:
    """When a pilot run of that length settles (None if it does not), and its mean cycle time, in seconds."""
    # With shifts, five buckets are one week, so that a batch of MSER-5 does not see the days of the week.
    bucket = 1.4 * DAY if plant.shifts else length / 1000
    blueprint = Blueprint(plant, length, 0.0, bucket, lots is not None, lots)
    counts = _replicate(blueprint, seed, _PILOT_REPLICATIONS, threads, None, cancel)
    buckets = min(c.buckets for c in counts)
    # Work in process alone would call a loop with a fixed number of lots settled from the start; output alone, a growing queue.
    found = [
        mser5(np.array([np.diff(c.record[series][:buckets], prepend=0.0) for c in counts]) / bucket)
        for series in ("wip_area", "done")
    ]
    # A plant that starts empty sends nothing out before its first lots are through, and takes longer to mix.
    through = max(float(c.record["done_time"][buckets - 1] / max(1, c.record["done"][buckets - 1])) for c in counts)
    if not all(series.found for series in found):
        return None, through
    return max(series.truncation for series in found) * bucket, through


def _whole(plant: Plant, seconds: float) -> float:
    return float(np.ceil(seconds / WEEK) * WEEK) if plant.shifts else seconds


def _replicate(
    blueprint: Blueprint,
    seed: int,
    replications: int,
    threads: int | None,
    progress: Progress | None,
    cancel: Cancel,
) -> list[Counts]:
    """Run the replications on threads (the engine releases the GIL) and give the finished ones in order."""
    workers = max(1, min(threads or os.cpu_count() or 1, replications))
    done: dict[int, Counts] = {}
    with ThreadPoolExecutor(workers) as pool:
        waiting: dict[Future[Counts], int] = {}
        ahead = iter(range(replications))
        try:
            while True:
                # A few at a time, so that a stop finds little that has been promised.
                room = 2 * workers - len(waiting) if not cancel.stopped else 0
                for replication in islice(ahead, max(0, room)):
                    waiting[pool.submit(one, blueprint, seed, replication, cancel)] = replication
                if not waiting:
                    break
                finished, _ = wait(waiting, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
                for future in finished:
                    replication = waiting.pop(future)
                    counts = future.result()
                    if counts.finished:
                        done[replication] = counts
                if progress is not None and finished:
                    progress(len(done), replications)
        except BaseException as stopped:
            cancel.stop()
            for future in waiting:
                future.cancel()
            if not isinstance(stopped, KeyboardInterrupt):
                raise
            for future, replication in waiting.items():
                if not future.cancelled() and future.result().finished:
                    done[replication] = future.result()
    if len(done) < 2:
        raise Interrupted("stopped before two replications were done")
    return [done[replication] for replication in sorted(done)]


def one(blueprint: Blueprint, seed: int, replication: int, cancel: Cancel, sink: Sink | None = None) -> Counts:
    """What one replication counts; where there is a `sink`, its log goes there, piece by piece."""
    world = blueprint.world(seed, replication)
    if sink is not None:
        open_log(world)
    code = run_on(world, math.inf, cancel, sink)
    if code == codes.FINISHED:
        raise_if_locked(world, blueprint.plant)
    return counts_of(world, code == codes.FINISHED)
