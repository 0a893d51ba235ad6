"""The engine against answers that are known exactly, as a table for the documentation.

    PLANTWRIGHT_TEST_DATA=... python -m benchmarks.truths

The cases, lengths and seeds are those of ``tests/simulation/test_truth.py``, which holds every interval against its truth.
"""

from __future__ import annotations

import sys

from tests.simulation.plants import line, queue
from tests.simulation.test_truth import LEVEL, lines, rate, run, waiting

from plantwright.simulation import Run
from plantwright.simulation.statistics import estimate

Triple = tuple[float, float, float]


def row(name: str, truth: float, found: Triple) -> bool:
    """Print one line; whether the interval holds the truth."""
    mean, low, high = found
    print(
        f"| {name} | {truth:.7g} | {mean:.5g} | {100 * (high - low) / 2 / truth:.2f} % | {100 * (mean / truth - 1):+.2f} % |"
    )
    return low <= truth <= high


def in_system(result: Run, center: str) -> Triple:
    """Lots waiting and in work at a station."""
    waits = result.estimate("buffer level", work_center=center).values
    works = result.estimate("state share", work_center=center, state="working").values
    total = estimate("L", {}, "lot", [a + b for a, b in zip(waits, works, strict=True)], LEVEL)
    return total.mean, total.low, total.high


def main() -> int:
    """Run all cases; 1 if an interval misses its truth."""
    print("| case | exact | simulated | half-width | off by |\n| --- | --- | --- | --- | --- |")
    arrivals = f"exponential {1 / 0.9!r} min"
    good = [
        row("M/M/1 at .9, wait", 9.0, waiting(run(queue("exponential 1 min", arrivals), 1.6e6))),
        row(
            "M/M/3 at 2.7, wait",
            2.7235367,
            waiting(run(queue("exponential 1 min", f"exponential {1 / 2.7!r} min", 3), 7e5)),
        ),
        row("M/D/1 at .9, wait", 4.5, waiting(run(queue("1 min", arrivals), 1.6e6))),
    ]
    lossy = queue("exponential 1 min", arrivals, 1, ", buffer: 4 lots", ", when full: lost")
    lost = run(lossy, 5.5e5).estimate("lost share")
    good.append(row("M/M/1/5 at .9, share lost", 0.1260225, (lost.mean, lost.low, lost.high)))
    tandem = run(line((1.0, 1.25, 2.0), release=f"{{every: exponential {1 / 0.8!r} min}}"), 2.1e6)
    for center, truth in (("m1", 4.0), ("m2", 1.7777778), ("m3", 0.6666667)):
        good.append(row(f"Jackson tandem, lots at {center}", truth, in_system(tandem, center)))
    conwip = run(line((1.0,) * 10, release="{conwip: 20 lots}"), 2e5)
    good.append(row("CONWIP, 10 stations, 20 cards, rate", 0.6896552, rate(conwip)))
    for case in lines():
        unreliable, places = any(case["p"]), [int(count) for count in case["cap"]]  # type: ignore[call-overload]
        plant = line(case["mu"], case["p"], case["r"], places)  # type: ignore[arg-type]
        result = run(plant, 8e5 if unreliable else 3e5 if max(places) >= 10 else 1.5e5)
        wip = result.estimate("work in process")
        good.append(row(f"line {case['case']}, rate", float(case["th"]), rate(result)))  # type: ignore[arg-type]
        good.append(row(f"line {case['case']}, lots", float(case["wip"]), (wip.mean, wip.low, wip.high)))  # type: ignore[arg-type]
    print(f"\n{sum(good)} of {len(good)} intervals hold the truth, all together at 99.9 %.")
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main())
