"""What the gym costs: a plain run against the same run whose decisions are made in Python, in one process, CPU time of one thread.

    python -m benchmarks.gym_cost FOLDER [DAYS]

FOLDER holds `HVLM/` with the tables of SMT2020. The agent says at every decision what the plant says itself, or takes the first lot of the
queue; whether the run is the plain one to the bit is said of each.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path
from typing import Any

import numpy as np

from plantwright.actions import import_plant
from plantwright.gym import DispatchEnv
from plantwright.plant import Plant
from plantwright.simulation import begin

SEED = 1
LITHO = "Litho"


def values(estimates: Any) -> list[str]:
    """What estimates say, to the bit."""
    return [repr((e.name, e.of, e.quantile, e.values)) for e in estimates]


def plain(plant: Plant, days: int) -> tuple[float, list[str]]:
    """CPU seconds of a plain run, the making ready included, and what it says."""
    began = time.process_time()
    state = begin(plant, horizon=f"{days} d", seed=SEED).run_until(days * 86400.0)
    return time.process_time() - began, values(state.estimates())


def decided(plant: Plant, days: int, first: bool = False, **options: Any) -> tuple[float, int, list[str]]:
    """CPU seconds of the same run in the gym, its decisions, and what it says; the `first` lot goes, or the rule decides."""
    began = time.process_time()
    env = DispatchEnv(plant, horizon=f"{days} d", **options)
    env.reset(seed=SEED)
    action: Any = np.zeros(len(env.centers), np.int64) if env.mode == "rule" else 0 if first else env.action_space.n - 1
    over, decisions = False, 0
    while not over:
        _, _, over, _, _ = env.step(action)
        decisions += 1
    return time.process_time() - began, decisions, values(env.estimates())


def main(folder: Path, days: int) -> None:
    plant = import_plant("smt2020", folder / "HVLM").plant
    begin(plant, horizon="1 h").run_until(3600.0)
    spent, said = plain(plant, days)
    print(f"{days} d of SMT2020, plain: {spent:.1f} s", flush=True)
    litho = [name for name in plant.work_centers if name.startswith(LITHO)]
    some, lots = f"{len(litho)} families of {LITHO}", {"mode": "lot", "centers": litho}
    ways: dict[str, dict[str, Any]] = {
        "rules of all families every 8 h": {"every": "8 h"},
        "rules of all families every hour": {"every": "1 h"},
        f"lots at {some}, the rule decides": lots,
        f"lots at {some}, the first goes": lots | {"first": True},
        "lots at all families, the rule decides": {"mode": "lot"},
    }
    for name, options in ways.items():
        cost, decisions, same = decided(plant, days, **options)
        print(
            f"{name}: {cost:.1f} s, {cost / spent:.2f} times, {decisions} decisions, "
            f"{1e6 * (cost - spent) / decisions:.1f} us each, {'the same to the bit' if same == said else 'another result'}",
            flush=True,
        )


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]) if len(sys.argv) > 2 else 730)
