"""The engine against answers that are known exactly, as a table for the documentation.

    python -m benchmarks.truths [WORD ...]

The cases are those of ``tests/simulation/truths.py``, in full length; with words, those whose name has one of them.
"""

from __future__ import annotations

import sys

from tests.simulation.truths import CASES, Case, Truth, run

Found = tuple[float, float, float]


def row(case: Case, truth: Truth, found: Found) -> bool:
    """Print one line; whether the interval holds the truth and is as narrow as it should be."""
    mean, low, high = found
    half = (high - low) / 2 / truth.value
    print(
        f"| {case.name}: {truth.name} | {truth.value:.7g} | {mean:.5g} | {100 * half:.2f} % "
        f"| {100 * (mean / truth.value - 1):+.2f} % |",
        flush=True,
    )
    if half > truth.within:
        print(f"{case.name}: {truth.name}: half-width above {100 * truth.within:g} %", file=sys.stderr)
    return low <= truth.value <= high and half <= truth.within


def main(words: list[str]) -> int:
    """Run the cases; 1 if an interval misses its truth or is too wide."""
    print("| case | exact | simulated | half-width | off by |\n| --- | --- | --- | --- | --- |")
    good = []
    for case in CASES:
        if words and not any(word in case.name for word in words):
            continue
        result = run(case)
        good += [row(case, truth, truth.found(result)) for truth in case.truths]
    print(f"\n{sum(good)} of {len(good)} intervals hold the truth, all together at 99.9 %.")
    return int(not all(good))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
