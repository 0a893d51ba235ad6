"""How long it takes to read a plant of 5,000 operations, beside PyYAML's own parse of the same text.

    python benchmarks/reading.py

Reads typed and checked plants, so it cannot be as quick as PyYAML, which only makes dicts of text (``CBaseLoader``, in C where
libyaml is installed). The limit: 1 s of CPU time on an idle machine. CPU time of a shared machine swings by half; the ratio does
not. The fastest of several runs counts.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable

import yaml

from plantwright.plant import changed, fingerprint, read_text

PRODUCTS, STEPS, CENTERS, RUNS = 50, 100, 100, 7
LIMIT = 1.0


def fab() -> str:
    """A plant of 50 products with 100 steps each over 100 work centers."""
    lines = ["plant: Fab", "people:", "  operators: {count: 50, skills: {run: 2, repair: 2}}", "work centers:"]
    lines += [
        f"  center {k}: {{machines: 2, setup: 10 min, failures: [{{every: exponential 40 h, repair: lognormal 1.5 h cv 0.8, by: repair 2}}]}}"
        for k in range(CENTERS)
    ]
    lines.append("products:")
    for k in range(PRODUCTS):
        lines += [f"  product {k}:", "    lot: 25 wafers", "    demand: {rate: 100 wafers/day}", "    routing:"]
        lines += [
            f"      - step {s}: {{at: center {(s * 7 + k) % CENTERS}, time: triangular 50..60..80 min/lot, load: 2 min/lot, "
            "staff: [{skill: run 2, for: [load]}], yield: 99.9 %}"
            for s in range(STEPS)
        ]
    return "\n".join(lines) + "\n"


def fastest(work: Callable[[], object]) -> float:
    """CPU seconds of the fastest of some runs."""
    best = float("inf")
    for _ in range(RUNS):
        begun = time.process_time()
        work()
        best = min(best, time.process_time() - begun)
    return best


def main() -> int:
    """Measure and print; 1 if the limit is passed."""
    text = fab()
    loader = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    plant = read_text(text)
    operations = sum(len(product.routing) for product in plant.products.values())
    theirs = fastest(lambda: yaml.load(text, Loader=loader))
    print(f"{operations} operations, {len(text) / 1e3:.0f} kB")
    slow = 0
    for name, work, limit in (
        ("read, typed and checked", lambda: read_text(text), LIMIT),
        ("changed in one place", lambda: changed(plant, {"work centers > center 1 > machines": 3}), LIMIT),
        ("its fingerprint", lambda: fingerprint(read_text(text)), 2 * LIMIT),
    ):
        taken = fastest(work)
        slow += taken > limit
        print(f"{name:<26} {taken:6.3f} s   {taken / theirs:4.2f} x PyYAML   {operations / taken:9,.0f} operations/s")
    print(f"{'PyYAML, dicts of text':<26} {theirs:6.3f} s")
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main())
