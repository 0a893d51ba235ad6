"""How fast the engine is, beside a loop in C written for one model alone, and SimPy: all in one run, in CPU time on one thread.

    python -m benchmarks.engine_speed [--quick]

First a full shop runs, then one server (M/M/1 at .9) and a line of ten that fail and block each other, by the same compiled code: the
program ends with an error if anything was compiled in between. The C loop (`event_loop.c`, gcc -O3 -ffp-contract=off, a binary
heap of events) uses the engine's random draws and must give its answers to the last digits. SimPy is written as its documentation
does, on random numbers of its own; its answer agrees within chance.

An event is counted alike for all, when it happens in the model: a lot comes from outside, a step ends, a machine fails, a repair
ends. That is also what the engine's own count says of these two models; of the shop the engine's own count is taken, in which ends of
setup, load and unload, shifts, and timers of batches count as well. The time of the engine is that of `simulate` as a whole, with
the building of the model and the statistics; the time of C and SimPy is that of the loop. Each is measured several times in turn;
medians are shown.
"""

from __future__ import annotations

import random
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import simpy
from benchmarks.full_shop import full_shop
from benchmarks.models import BETWEEN, DOWN, PLACES, QUEUE, SERVICE, STATIONS, UP, line

from plantwright.plant import Plant, read_text
from plantwright.simulation import Run, compiling, simulate
from plantwright.simulation.streams import entity_key, run_key

DAY = 86400.0
REPEATS, REPLICATIONS, SEED = 5, 2, 1
GOALS = {"M/M/1": (0.4, 0.6), "line of ten": (0.5, 0.6)}
SHOP_LIMIT = 200.0


@dataclass(frozen=True)
class Measured:
    """Events, CPU seconds, and the answer: the mean wait in seconds of M/M/1, the parts of the line per hour."""

    events: float
    seconds: float
    answer: float

    @property
    def nanoseconds(self) -> float:
        return self.seconds / self.events * 1e9


def of_engine(plant: Plant, days: float, answer: Callable[[Run], float]) -> Measured:
    began = time.process_time()
    run = simulate(plant, horizon=days * DAY, warmup=0.0, replications=REPLICATIONS, seed=SEED, threads=1)
    return Measured(run.events, time.process_time() - began, answer(run))


class Happenings:
    """How often each kind of thing that a run's log tells has happened."""

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()

    def write(self, rows: Any) -> None:
        self.counts.update(rows["what"].to_list())

    def complete(self) -> None:
        pass


def happenings(plant: Plant, days: float) -> str:
    """What happens for each lot that is finished, most often first."""
    log = Happenings()
    simulate(plant, horizon=days * DAY, warmup=days * DAY, replications=REPLICATIONS, seed=SEED, threads=1, log=log)
    told = [f"{count / log.counts['completed']:.1f} {kind}" for kind, count in log.counts.most_common()]
    return ", ".join(word for word in told if not word.startswith("0.0"))


def mean_wait(run: Run) -> float:
    return run.estimate("queue time", work_center="desk").mean


def parts_per_hour(run: Run) -> float:
    return run.estimate("throughput").mean / 24


class CompiledC:
    """`event_loop.c`, compiled into a folder that goes with this."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory()
        self._program = str(Path(self._folder.name) / "event_loop")
        source = str(Path(__file__).with_name("event_loop.c"))
        subprocess.run(["gcc", "-O3", "-ffp-contract=off", "-o", self._program, source, "-lm"], check=True)

    def _run(self, model: str, days: float, words: list[object]) -> list[list[float]]:
        """What it tells of each replication: events, seconds, jobs done, steps begun, sum of waits, sum of times."""
        told = []
        for replication in range(REPLICATIONS):
            command = [self._program, model, repr(days * DAY), run_key(SEED, replication), *words]
            out = subprocess.run([str(word) for word in command], capture_output=True, text=True, check=True).stdout
            told.append([float(word) for word in out.split()])
        return told

    def queue(self, days: float) -> Measured:
        keys = [entity_key("release", "job", 0), entity_key("operation", "job", "serve")]
        told = self._run("queue", days, [*keys, BETWEEN, SERVICE])
        wait = statistics.mean(waits / begun for _, _, _, begun, waits, _ in told)
        return Measured(sum(t[0] for t in told), sum(t[1] for t in told), wait)

    def line(self, days: float) -> Measured:
        keys: list[object] = []
        for k in range(STATIONS):
            keys += [entity_key("operation", "part", f"s{k}"), entity_key("failure", f"m{k}", 0, 0)]
        told = self._run("line", days, [PLACES, SERVICE, UP, DOWN, *keys])
        parts = statistics.mean(done for _, _, done, _, _, _ in told) / days / 24
        return Measured(sum(t[0] for t in told), sum(t[1] for t in told), parts)


def simpy_queue(days: float) -> Measured:
    """A resource that every job requests."""
    rng = random.Random(1)
    env = simpy.Environment()
    desk = simpy.Resource(env)
    waits: list[float] = []
    events = 0

    def job() -> Iterator[Any]:
        nonlocal events
        events += 1
        came = env.now
        with desk.request() as request:
            yield request
            waits.append(env.now - came)
            yield env.timeout(rng.expovariate(1 / SERVICE))
            events += 1

    def arrivals() -> Iterator[Any]:
        while True:
            yield env.timeout(rng.expovariate(1 / BETWEEN))
            env.process(job())

    env.process(arrivals())
    began = time.process_time()
    env.run(days * DAY)
    return Measured(events, time.process_time() - began, sum(waits) / len(waits))


def simpy_line(days: float) -> Measured:
    """A store for each pair of neighbours, and machines that are interrupted as in SimPy's machine shop.

    A failure that would strike a machine that does not work is dropped: with exponential times that is the clock of working time.
    """
    rng = random.Random(1)
    env = simpy.Environment()
    stores = [simpy.Store(env, PLACES) for _ in range(STATIONS - 1)]
    working = [False] * STATIONS
    events = parts = 0

    def machine(k: int) -> Iterator[Any]:
        nonlocal events, parts
        while True:
            if k > 0:
                yield stores[k - 1].get()
            left = rng.expovariate(1 / SERVICE)
            while left > 0:
                start = env.now
                working[k] = True
                try:
                    yield env.timeout(left)
                    left = 0.0
                except simpy.Interrupt:
                    left -= env.now - start
                    working[k] = False
                    events += 1
                    yield env.timeout(rng.expovariate(1 / DOWN))
                events += 1
            working[k] = False
            if k < STATIONS - 1:
                yield stores[k].put(0)
            else:
                parts += 1

    def failures(k: int, process: simpy.Process) -> Iterator[Any]:
        while True:
            yield env.timeout(rng.expovariate(1 / UP))
            if working[k]:
                process.interrupt()

    for k in range(STATIONS):
        env.process(failures(k, env.process(machine(k))))
    began = time.process_time()
    env.run(days * DAY)
    return Measured(events, time.process_time() - began, parts / days / 24)


def median(samples: list[Measured]) -> float:
    return statistics.median(sample.nanoseconds for sample in samples)


def each_more(shorter: list[Measured], longer: list[Measured]) -> float:
    """Nanoseconds for each event more: what does not grow with the events, as the making of the model, left out."""
    seconds = [statistics.median(sample.seconds for sample in samples) for samples in (shorter, longer)]
    return (seconds[1] - seconds[0]) / (longer[0].events - shorter[0].events) * 1e9


def main() -> int:
    """Measure and print the table; 1 if something was compiled twice, or C does not answer as the engine does."""
    if shutil.which("gcc") is None:
        print("gcc is needed to compile the loop that the engine is measured against")
        return 2
    scale = 0.1 if "--quick" in sys.argv[1:] else 1.0
    in_c = CompiledC()
    plants = {"full shop": full_shop(), "M/M/1": read_text(QUEUE), "line of ten": read_text(line())}
    days = {"full shop": max(90.0, 720 * scale), "M/M/1": 1000 * scale, "line of ten": 280 * scale}

    of_engine(plants["full shop"], 10, parts_per_hour)
    compiled = compiling.entry()
    shops, shorter, ours, theirs, simple = [], [], {}, {}, {}
    cases: dict[str, tuple[Callable[[Run], float], Callable[[float], Measured], Callable[[float], Measured]]] = {
        "M/M/1": (mean_wait, in_c.queue, simpy_queue),
        "line of ten": (parts_per_hour, in_c.line, simpy_line),
    }
    for _ in range(REPEATS):
        shops.append(of_engine(plants["full shop"], days["full shop"], parts_per_hour))
        shorter.append(of_engine(plants["full shop"], days["full shop"] / 4, parts_per_hour))
        for name, (answer, c, python) in cases.items():
            ours.setdefault(name, []).append(of_engine(plants[name], days[name], answer))
            theirs.setdefault(name, []).append(c(days[name]))
            simple.setdefault(name, []).append(python(days[name] / (20 if name == "M/M/1" else 80)))
    same_code = compiling.entry() is compiled

    print(f"{'nanoseconds per event':<22} {'engine':>8} {'C':>8} {'SimPy':>8} {'of C':>6} {'goal':>9} {'of SimPy':>9}")
    print(f"{'full shop':<22} {median(shops):>8.0f} {'':>8} {'':>8} {'':>6} {f'at most {SHOP_LIMIT:.0f} ns':>9}")
    print(f"  {each_more(shorter, shops):.0f} for each event more, as a run of a quarter of the time tells")
    print(f"  for each lot that the shop finishes: {happenings(plants['full shop'], 20)}")
    agree = True
    for name in cases:
        engine, c, python = median(ours[name]), median(theirs[name]), median(simple[name])
        least, goal = GOALS[name]
        print(
            f"{name:<22} {engine:>8.1f} {c:>8.1f} {python:>8.0f} {c / engine:>6.2f} {f'{least}, {goal}':>9} "
            f"{python / engine:>8.0f}x"
        )
        one, other = ours[name][0], theirs[name][0]
        close = abs(one.answer / other.answer - 1) < 1e-9 and one.events == other.events
        agree = agree and close
        print(
            f"{'':<22} answers {one.answer:.9g} and {other.answer:.9g} ({'the same' if close else 'NOT THE SAME'}), "
            f"SimPy {statistics.mean(s.answer for s in simple[name]):.3g}; {one.events:,.0f} events"
        )
    print(f"One compiled entry served all: {'yes' if same_code else 'NO'}. Medians of {REPEATS}; CPU time, one thread.")
    return 0 if same_code and agree else 1


if __name__ == "__main__":
    sys.exit(main())
