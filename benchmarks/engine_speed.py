"""How fast the engine is, and how much faster than SimPy on the same models, measured in the same run on one thread.

    python benchmarks/engine_speed.py [--quick]

An event is a lot that comes or a step that ends, counted alike for both. Both give the same answer within chance, and the
table shows it.
"""

from __future__ import annotations

import random
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import simpy

from plantwright.plant import Plant, read_text
from plantwright.simulation import Run, simulate

MINUTE = 60.0
STATIONS = 5
QUEUE = """
plant: M/M/1
work centers: {desk: {machines: 1}}
products:
  job:
    release: {every: exponential 1.111111111 min}
    routing: [serve: {at: desk, time: exponential 1 min}]
"""


def line() -> str:
    """Five exponential stations of a minute, two places between them, always work at the first."""
    centers = "\n".join(f"  m{k}: {{machines: 1{', buffer: 2 lots' if k else ''}}}" for k in range(STATIONS))
    steps = "\n".join(f"      - s{k}: {{at: m{k}, time: exponential 1 min}}" for k in range(STATIONS))
    return f"plant: line\nwork centers:\n{centers}\nproducts:\n  part:\n    release: saturated\n    routing:\n{steps}\n"


@dataclass(frozen=True)
class Measured:
    """Events, seconds, and the answer (waiting minutes of the queue, parts per minute of the line)."""

    events: float
    seconds: float
    answer: float

    @property
    def rate(self) -> float:
        return self.events / self.seconds


def with_engine(
    plant: Plant, minutes: float, events_of: Callable[[Run], float], answer: Callable[[Run], float]
) -> Measured:
    """One thread, two replications, the building of the model counted in, the compilation (once per machine) not."""
    began = time.perf_counter()
    run = simulate(plant, horizon=minutes * MINUTE, warmup=0.0, replications=2, threads=1)
    return Measured(events_of(run), time.perf_counter() - began, answer(run))


def parts(run: Run) -> float:
    """Lots finished, all replications together."""
    return run.estimate("throughput").mean * run.working_days * run.replications


def simpy_queue(minutes: float) -> Measured:
    """M/M/1 at .9 with a resource."""
    rng = random.Random(1)
    env = simpy.Environment()
    desk = simpy.Resource(env)
    waits: list[float] = []

    def job() -> Iterator[Any]:
        came = env.now
        with desk.request() as request:
            yield request
            waits.append(env.now - came)
            yield env.timeout(rng.expovariate(1.0))

    def arrivals() -> Iterator[Any]:
        while True:
            yield env.timeout(rng.expovariate(0.9))
            env.process(job())

    env.process(arrivals())
    began = time.perf_counter()
    env.run(minutes)
    return Measured(2.0 * len(waits), time.perf_counter() - began, sum(waits) / len(waits))


def simpy_line(minutes: float) -> Measured:
    """The line with a store for each pair of neighbours; a finished part blocks its station until there is a place."""
    rng = random.Random(1)
    env = simpy.Environment()
    stores = [simpy.Store(env, 2) for _ in range(STATIONS - 1)]
    done = [0] * STATIONS

    def station(k: int) -> Iterator[Any]:
        while True:
            if k > 0:
                yield stores[k - 1].get()
            yield env.timeout(rng.expovariate(1.0))
            done[k] += 1
            if k < STATIONS - 1:
                yield stores[k].put(0)

    for k in range(STATIONS):
        env.process(station(k))
    began = time.perf_counter()
    env.run(minutes)
    return Measured(float(sum(done)), time.perf_counter() - began, done[-1] / minutes)


def main() -> int:
    """Measure and print the table."""
    scale = 0.1 if "--quick" in sys.argv[1:] else 1.0
    queue, plant = read_text(QUEUE), read_text(line())
    began = time.perf_counter()
    simulate(queue, horizon=MINUTE, warmup=0.0, replications=2)
    first = time.perf_counter() - began
    cases = [
        (
            "M/M/1 at .9: wait, min",
            with_engine(
                queue,
                2e6 * scale,
                lambda run: 2 * parts(run),
                lambda run: run.estimate("queue time", work_center="desk").mean / MINUTE,
            ),
            simpy_queue(2e5 * scale),
        ),
        (
            "five stations: parts/min",
            with_engine(
                plant,
                1e6 * scale,
                lambda run: STATIONS * parts(run),
                lambda run: parts(run) / run.replications / (run.horizon / MINUTE),
            ),
            simpy_line(1e5 * scale),
        ),
    ]
    print(f"{'model':<26} {'Plantwright':>22} {'SimPy':>22} {'ratio':>7}")
    print(f"{'':<26} {'events/s':>13} {'answer':>8} {'events/s':>13} {'answer':>8}")
    for name, ours, theirs in cases:
        print(
            f"{name:<26} {ours.rate:>13,.0f} {ours.answer:>8.3f} {theirs.rate:>13,.0f} {theirs.answer:>8.3f} "
            f"{ours.rate / theirs.rate:>6.0f}x"
        )
    print(f"One thread. The first run of this process took {first:.1f} s to load or compile the engine.")
    return 0


if __name__ == "__main__":
    sys.exit(main())
