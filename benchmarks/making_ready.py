"""How long it takes to change a plant in one place, to make it ready for the engine, and to tell what its runs counted.

    python -m benchmarks.making_ready

A study tries hundreds of plants that differ from one plant in one place each. What does not differ is kept, so that this is measured on changed
plants, each new; the plant that they are changed from was made ready once before. Beside each time stands how many times a replication of the
plant as it is (90 days after a warm-up of 14) it is, simulated in the same process. CPU time of a shared machine swings by half, ratios by less;
the median of the changes counts. The limits are for an idle machine.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeVar

from plantwright.plant import Plant, changed, read_plant, read_text
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.collect import Collector
from plantwright.simulation.replications import Cancel, one
from plantwright.simulation.window import window_of

PRODUCTS, STEPS, CENTERS, PEOPLE = 43, 19, 23, 30
DAY = 86400.0
WARMUP, END = 14 * DAY, 104 * DAY
REPLICATIONS, CHANGES = 8, 24
LIMITS = {"shop": 0.030, "others": 0.003, "telling": 0.001}
"""Seconds: a changed plant of 800 operations that is made ready, a small one, and to tell what a run of a small one counted."""
EXAMPLES = Path(__file__).parents[1] / "examples"
Made = TypeVar("Made")


def skill(center: int) -> str:
    """Who can set up a work center has a skill with its letter."""
    return f"craft {chr(ord('a') + center % CENTERS)}"


def shop() -> str:
    """A job shop: products with many steps, work centers that most of them come to, people with a few skills each."""
    lines = ["plant: Job shop", "shifts:", '  day: {days: Mon-Fri, from: "07:00", to: "15:00"}', "people:"]
    lines += [
        f"  person {k}: {{shift: day, skills: {{{skill(k)}: 2, {skill(k + 1)}: 1}}, wage: {30 + k % 7} EUR/h}}"
        for k in range(PEOPLE)
    ]
    lines.append("work centers:")
    lines += [f"  center {c}: {{machines: {1 + c % 3}, shift: day, setup: {5 + c} min}}" for c in range(CENTERS)]
    lines.append("products:")
    for p in range(PRODUCTS):
        lines += [
            f"  product {p}:",
            "    lot: 10 pieces",
            "    price: 20 EUR",
            "    release: {every: exponential 40 h}",
        ]
        lines.append("    routing:")
        for s in range(STEPS):
            c = (s * 7 + p) % CENTERS
            lines.append(
                f"      - step {s}: {{at: center {c}, time: lognormal {1 + (p + s) % 5} min cv 0.5/piece, "
                f"staff: [{{skill: {skill(c)}, for: setup}}], yield: 99 %}}"
            )
    return "\n".join(lines) + "\n"


def changes(plant: Plant) -> list[Mapping[str, Any]]:
    """Changes of one place each, in turn: one machine more, a step with another yield, a person with a skill more."""
    found: list[Mapping[str, Any]] = []
    centers = [name for name, center in plant.work_centers.items() if center.machines and not center.unlike]
    steps = [(name, step.name) for name, product in plant.products.items() for step in product.routing]
    people = list(plant.people)
    skills = list(dict.fromkeys(skill for crew in plant.people.values() for skill in crew.skills))
    for k in range(CHANGES // 3):
        center, (product, step) = centers[k % len(centers)], steps[k * 13 % len(steps)]
        found.append({f"work centers > {center} > machines": (plant.work_centers[center].machines or 1) + 1 + k})
        found.append({f"products > {product} > routing > {step} > yield": f"{90 + k} %"})
        found.append({f"people > {people[k % len(people)]} > skills > {skills[k * 7 % len(skills)]}": 3})
    return found


def taken(work: Callable[[], Made]) -> tuple[float, Made]:
    """CPU seconds of some work, and what it makes."""
    begun = time.process_time()
    made = work()
    return time.process_time() - begun, made


def ready(plant: Plant) -> Blueprint:
    """The plant made ready for a run."""
    return Blueprint(plant, END, WARMUP, 0.0, False)


def measured(plant: Plant) -> dict[str, float]:
    """Seconds of each thing: medians over the changes, the replications, and some times of telling."""
    blueprint, cancel = ready(plant), Cancel()
    runs = [taken(lambda r=r: one(blueprint, 1, r, cancel)) for r in range(REPLICATIONS)]  # type: ignore[misc]
    counts = [made for _, made in runs]
    window = window_of(plant, WARMUP, END)
    told = [taken(Collector(plant, window, counts, 0.95).all)[0] for _ in range(CHANGES)]
    tried = [taken(lambda edits=edits: changed(plant, edits)) for edits in changes(plant)]  # type: ignore[misc]
    made = [taken(lambda other=other: ready(other))[0] for _, other in tried]  # type: ignore[misc]
    return {
        "changed": statistics.median(seconds for seconds, _ in tried),
        "made ready": statistics.median(made),
        "both": statistics.median(a + b for (a, _), b in zip(tried, made, strict=True)),
        "told": statistics.median(told),
        "one replication": statistics.median(seconds for seconds, _ in runs[1:]),
    }


def main() -> int:
    """Measure and print; 1 if a limit is passed."""
    plants = {"shop": read_text(shop())}
    plants |= {path.stem: read_plant(path) for path in sorted(EXAMPLES.glob("*.yaml"))}
    slow = 0
    for name, plant in plants.items():
        found = measured(plant)
        alone = found["one replication"]
        steps = sum(len(product.routing) for product in plant.products.values())
        shown = "   ".join(f"{what} {1000 * s:7.2f} ms ({s / alone:5.2f})" for what, s in found.items())
        print(f"{name:<24} {steps:4d} operations   {shown}")
        slow += found["both"] > LIMITS.get(name, LIMITS["others"])
        slow += name != "shop" and found["told"] > LIMITS["telling"]
    return int(slow > 0)


if __name__ == "__main__":
    sys.exit(main())
