"""Whether the engine's cost is in proportion to events, and what a second thread costs; CPU time.

    python -m benchmarks.engine_scaling [--quick]

The full shop of `full_shop.py` runs for 1, 2, 4 and 8 horizons, then 1, 4 and 16 copies of it stand in one plant. The slope is that
of the logarithm of the time over the logarithm of the events: 1 is in proportion. Two threads must give the same numbers.
"""

from __future__ import annotations

import statistics
import sys
import time

import numpy as np
from benchmarks.full_shop import full_shop

from plantwright.plant import Plant
from plantwright.simulation import Run, simulate

DAY = 86400.0
REPEATS = 3


def measured(plant: Plant, days: float, replications: int = 2, threads: int = 1) -> tuple[Run, float]:
    """A run, and its CPU time: the median of a few."""
    seconds = []
    for _ in range(REPEATS):
        began = time.process_time()
        run = simulate(plant, horizon=days * DAY, warmup=0.0, replications=replications, threads=threads)
        seconds.append(time.process_time() - began)
    return run, statistics.median(seconds)


def report(name: str, counts: list[int], found: list[tuple[Run, float]]) -> float:
    """Print a row for each, and return the slope."""
    events = [run.events for run, _ in found]
    seconds = [spent for _, spent in found]
    slope = float(np.polyfit(np.log(events), np.log(seconds), 1)[0])
    for count, happened, spent in zip(counts, events, seconds, strict=True):
        print(
            f"{count:>3} {name:<9} {happened:>10,} events {spent:>8.3f} s {spent / happened * 1e9:>7.0f} ns per event"
        )
    print(f"    slope {slope:.3f}")
    return slope


def main() -> int:
    """Measure and print; 1 if two threads give other numbers or cost more than a tenth more."""
    days = 18.0 if "--quick" in sys.argv[1:] else 90.0
    plant = full_shop()
    measured(plant, 10.0)
    horizons = [1, 2, 4, 8]
    report("horizons", horizons, [measured(plant, days * count) for count in horizons])
    copies = [1, 4, 16]
    report("copies", copies, [measured(full_shop(count), days / 2) for count in copies])

    ones, twos = [], []
    for _ in range(REPEATS):
        one, spent = measured(plant, days, replications=8)
        two, spent_by_two = measured(plant, days, replications=8, threads=2)
        ones.append(spent)
        twos.append(spent_by_two)
    ratio = statistics.median(twos) / statistics.median(ones)
    same = one.to_dict() == two.to_dict()
    print(
        f"two threads take {ratio:.3f} times the CPU time of one (at most 1.1); the same numbers: {'yes' if same else 'NO'}"
    )
    return 0 if same and ratio <= 1.1 else 1


if __name__ == "__main__":
    sys.exit(main())
