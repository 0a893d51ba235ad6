"""Replications of one blueprint on threads or any executor, and the word that stops them."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Executor, Future, ThreadPoolExecutor, wait
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from functools import partial
from itertools import islice
from typing import Any

from plantwright.simulation import codes
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.buckets import Buckets
from plantwright.simulation.carrying import carried
from plantwright.simulation.collect import Counts, counts_of
from plantwright.simulation.deadlock import raise_if_locked
from plantwright.simulation.executing import MOST_AHEAD, Workers, is_elsewhere, jobs_of, recipe_of, run_job
from plantwright.simulation.identity import translated
from plantwright.simulation.ledger import carry_ledger
from plantwright.simulation.recording import Sink, open_log
from plantwright.simulation.uncertainty import TOGETHER, Seeds
from plantwright.simulation.world import World

_POLL_SECONDS = 0.05


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
                world.arrays["cancel"][0] = 1

    def watch(self, world: World) -> None:
        """Let `stop` reach a world while it runs."""
        with self._lock:
            self._worlds[id(world)] = world
            if self.stopped:
                world.arrays["cancel"][0] = 1

    def forget(self, world: World) -> None:
        """No longer watch a world."""
        with self._lock:
            self._worlds.pop(id(world), None)


@dataclass
class _Together(Cancel):
    """Stops replications that are run together, where one of them fails, and heeds the word from outside."""

    outer: Cancel = field(default_factory=Cancel)

    def watch(self, world: World) -> None:
        super().watch(world)
        self.outer.watch(world)

    def forget(self, world: World) -> None:
        self.outer.forget(world)
        super().forget(world)


def replicate(
    blueprint: Blueprint,
    seed: int,
    numbers: Sequence[int],
    *,
    threads: Workers,
    cancel: Cancel,
    progress: Callable[[int], None] | None = None,
    sinks: Mapping[int, Sink] | None = None,
    between: Sequence[float] = (),
    seeds: Seeds = TOGETHER,
) -> list[Counts]:
    """Run the replications of these numbers and give the finished ones in order.

    Parameters
    ----------
    threads : int or Executor, optional
        So many threads (the engine releases the GIL), as many as there are processors, or an executor; the counts are the same.
    progress : callable, optional
        Called with how many are done.
    sinks : mapping, optional
        Where the log of a replication goes, by its number; those of no sink write none. A log is written in this process: the
        replications that have one run on threads here, whatever the executor.
    between : sequence of float
        Edges of the buckets that are counted besides.
    seeds : Seeds, optional
        With what the uncertain numbers of the plant are drawn, where not with the luck of the run.
    """
    sinks = sinks or {}
    if not isinstance(threads, Executor) or not is_elsewhere(threads):
        return _on_threads(blueprint, seed, numbers, threads, cancel, progress, sinks, between, seeds)
    here = [number for number in numbers if number in sinks]
    there = [number for number in numbers if number not in sinks]
    made = _on_threads(blueprint, seed, here, None, cancel, progress, sinks, between, seeds) if here else []
    recipe = recipe_of(blueprint) if there else b""
    jobs = jobs_of(recipe, seed, there, between, seeds)
    more = None if progress is None else lambda done: progress(len(made) + done)
    calls = [(job.numbers, partial(threads.submit, run_job, job, recipe)) for job in jobs]
    made = made + _gathered(calls, MOST_AHEAD, cancel, more)
    return sorted(made, key=lambda counts: counts.replication)


def _on_threads(
    blueprint: Blueprint,
    seed: int,
    numbers: Sequence[int],
    threads: Workers,
    cancel: Cancel,
    progress: Callable[[int], None] | None,
    sinks: Mapping[int, Sink],
    between: Sequence[float],
    seeds: Seeds,
) -> list[Counts]:
    """Replications on threads of this process, all of which see the cancel word while they run."""
    together = _Together(outer=cancel)
    given, count = (threads, None) if isinstance(threads, Executor) else (None, threads)
    limit: int | None = getattr(given, "_max_workers", None) if given else count
    workers = max(1, min(limit or os.cpu_count() or 1, len(numbers)))
    with nullcontext(given) if given else ThreadPoolExecutor(workers) as pool:
        calls = [
            (
                (number,),
                partial(pool.submit, _alone, blueprint, seed, number, together, sinks.get(number), between, seeds),
            )
            for number in numbers
        ]
        # A few at a time, so that a stop finds little that has been promised.
        return _gathered(calls, 2 * workers, cancel, progress, together)


def _gathered(
    calls: Iterable[tuple[Sequence[int], Callable[[], Future[list[Counts]]]]],
    most: int,
    cancel: Cancel,
    progress: Callable[[int], None] | None,
    together: Cancel | None = None,
) -> list[Counts]:
    """Begin calls, each the replications of some numbers, so many at a time, and give in order what was finished.

    With `together`, the word that all of them watch, those under way are waited for when it stops; without, they run elsewhere and see no
    word: they are taken back, and what nobody waits for any more is dropped.
    """
    done: dict[int, Counts] = {}
    waiting: dict[Future[list[Counts]], Sequence[int]] = {}
    ahead = iter(calls)
    try:
        while True:
            room = most - len(waiting) if not cancel.stopped else 0
            for numbers, begin in islice(ahead, max(0, room)):
                waiting[begin()] = numbers
            if not waiting or (cancel.stopped and together is None):
                break
            finished, _ = wait(waiting, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
            for future in finished:
                _keep(done, waiting.pop(future), future)
            if progress is not None and finished:
                progress(len(done))
    except BaseException as stopped:
        if together is not None:
            together.stop()
        for future in waiting:
            future.cancel()
        if together is not None:
            wait(waiting)
        if not isinstance(stopped, KeyboardInterrupt):
            raise
        cancel.stop()
    for future, numbers in waiting.items():
        future.cancel()
        if future.done() and not future.cancelled() and future.exception() is None:
            _keep(done, numbers, future)
    return [done[number] for number in sorted(done)]


def _keep(done: dict[int, Counts], numbers: Sequence[int], future: Future[list[Counts]]) -> None:
    for number, counts in zip(numbers, future.result(), strict=True):
        if counts.finished:
            done[number] = replace(counts, replication=number)


def _alone(*arguments: Any) -> list[Counts]:
    return [one(*arguments)]


def one(
    blueprint: Blueprint,
    seed: int,
    replication: int,
    cancel: Cancel,
    sink: Sink | None = None,
    between: Sequence[float] = (),
    seeds: Seeds = TOGETHER,
) -> Counts:
    """What one replication counts, and in each bucket between the instants given; where there is a `sink`, its log goes there,
    piece by piece.
    """
    blueprint = blueprint.in_replication(seed, replication, seeds)
    last = blueprint.last
    world = blueprint.world(seed + seeds.luck, replication)
    if sink is not None:
        open_log(world)
    buckets = Buckets(between)
    for time, after in blueprint.later:
        if buckets.run_on(world, time, cancel, _as_last(sink, blueprint, last)) != codes.PAUSED:
            return counts_of(world, False)
        changed = carried(world, blueprint, after)
        carry_ledger(world, blueprint, after, changed, cancel)
        buckets.change(blueprint, after)
        world = changed
        if sink is not None:
            open_log(world)
        blueprint = after
    code = buckets.run_on(world, math.inf, cancel, sink)
    if code == codes.FINISHED:
        if sink is not None:
            sink.close()
        raise_if_locked(world, blueprint.plant)
    return replace(counts_of(world, code == codes.FINISHED, blueprint), parts=tuple(buckets.parts))


def _as_last(sink: Sink | None, blueprint: Blueprint, last: Blueprint) -> Callable[[Any], None] | None:
    """A sink for rows that a world of `blueprint` writes, which hands them on in the numbers of the rows of `last`."""
    if sink is None or blueprint is last:
        return sink
    return lambda rows: sink(translated(rows, blueprint, last))
