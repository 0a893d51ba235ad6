"""Replications of one blueprint on threads, and the word that stops them."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

from plantwright.simulation import codes
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.buckets import Buckets
from plantwright.simulation.carrying import carried
from plantwright.simulation.collect import Counts, counts_of
from plantwright.simulation.deadlock import raise_if_locked
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
    threads: int | None,
    cancel: Cancel,
    progress: Callable[[int], None] | None = None,
    sinks: Mapping[int, Sink] | None = None,
    between: Sequence[float] = (),
    seeds: Seeds = TOGETHER,
) -> list[Counts]:
    """Run the replications of these numbers on threads (the engine releases the GIL) and give the finished ones in order.

    Parameters
    ----------
    progress : callable, optional
        Called with how many are done.
    sinks : mapping, optional
        Where the log of a replication goes, by its number; those of no sink write none.
    between : sequence of float
        Edges of the buckets that are counted besides.
    seeds : Seeds, optional
        With what the uncertain numbers of the plant are drawn, where not with the luck of the run.
    """
    workers = max(1, min(threads or os.cpu_count() or 1, len(numbers)))
    done: dict[int, Counts] = {}
    together = _Together(outer=cancel)
    with ThreadPoolExecutor(workers) as pool:
        waiting: dict[Future[Counts], int] = {}
        ahead = iter(numbers)
        try:
            while True:
                # A few at a time, so that a stop finds little that has been promised.
                room = 2 * workers - len(waiting) if not cancel.stopped else 0
                for replication in islice(ahead, max(0, room)):
                    sink = (sinks or {}).get(replication)
                    waiting[pool.submit(one, blueprint, seed, replication, together, sink, between, seeds)] = (
                        replication
                    )
                if not waiting:
                    break
                finished, _ = wait(waiting, timeout=_POLL_SECONDS, return_when=FIRST_COMPLETED)
                for future in finished:
                    replication = waiting.pop(future)
                    counts = future.result()
                    if counts.finished:
                        done[replication] = replace(counts, replication=replication)
                if progress is not None and finished:
                    progress(len(done))
        except BaseException as stopped:
            together.stop()
            for future in waiting:
                future.cancel()
            if not isinstance(stopped, KeyboardInterrupt):
                raise
            cancel.stop()
            for future, replication in waiting.items():
                if not future.cancelled() and future.result().finished:
                    done[replication] = replace(future.result(), replication=replication)
    return [done[replication] for replication in sorted(done)]


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
