"""How often intervals of 95 % hold the truth, as a table for the documentation.

    python -m benchmarks.intervals [SEEDS] [WORD ...]

Each study of ``tests/simulation/studies.py`` is run with so many seeds (600), with a warm-up that is given and with one that is
found; with words, those whose name has one of them.
"""

from __future__ import annotations

import sys

from tests.simulation.studies import STUDIES, held

LEAST, MOST = 0.93, 0.97


def main(words: list[str]) -> int:
    """Run the studies; 1 if the intervals of a number hold its truth too seldom or too often."""
    seeds = int(words[0]) if words else 600
    print("| plant | number | warm-up given | warm-up found |\n| --- | --- | --- | --- |")
    good = True
    for make in STUDIES:
        study = make()
        if words[1:] and not any(word in study.name for word in words[1:]):
            continue
        columns = [held(study, warmup, seeds) for warmup in (study.warmup, "auto")]
        for number, _ in study.truths:
            shares = [column[str(number)] / seeds for column in columns]
            print(
                f"| {study.name} | {number} | " + " | ".join(f"{100 * share:.1f} %" for share in shares) + " |",
                flush=True,
            )
            good = good and all(LEAST <= share <= MOST for share in shares)
    print(f"\nRuns that held the truth, of {seeds} with 20 replications each.")
    return int(not good)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
