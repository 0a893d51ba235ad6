"""What `improve` costs on a shop whose numbers are drawn anew in each replication, and on what its replications are spent.

    python -m benchmarks.improving_a_shop [PLANT] [--seconds CPU] [--family NAME ...]

PLANT is a plant that `calibrate` wrote; if none is given, a job shop of 43 products and 817 operations with a list of orders and a posterior for each time, yield
and setup. First a replication of it is taken as the unit: with its numbers drawn, with the plant made ready anew for them, and with nothing drawn. Then the study runs
on one thread, to its end or for so many seconds of CPU time as if they were a time limit; beside each stage stand its replications and its CPU time, and
how many replications of the plant would have taken as long. CPU time of a shared machine swings by half, ratios by less.
"""

from __future__ import annotations

import argparse
import re
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
from benchmarks.making_ready import shop, taken

from plantwright.improvement import improve
from plantwright.plant import Plant, read_plant, read_text
from plantwright.simulation import Cancel, trials
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.replicate import horizon_of
from plantwright.simulation.replications import one

ORDERS, DRAWS, SPREAD = 5, 40, 0.15
"""Orders of each product in 90 days, rows of the posterior, and the spread of each number in them (sigma of its logarithm)."""
SEARCH, LAST = 0.65, 0.92
STAGES = {
    "_baseline": "as it is", "_contest": "contest", "_run_in_full": "in full", "_limit": "relief", "_followed": "relief of what follows",
    "under_rule": "under a work-in-process rule", "time_flip": "thresholds", "demand_flip": "thresholds", "best_pairs": "pairs",
    "at_demands": "demand levels", "at_variabilities": "variability", "with_sources": "where the variance comes from",
    "what_to_measure": "what to measure first",
}  # fmt: skip


def shop_of_orders(folder: Path) -> Plant:
    """The job shop of `making_ready` with lists of orders instead of prices, and what is believed of its numbers."""
    begin, rng = datetime(2026, 1, 5), np.random.default_rng(1)
    text, paths = shop().replace("    price: 20 EUR\n", ""), []
    text = re.sub(r"setup: (\d+ min)", r"setup: {default: \1}", text)
    for p in range(text.count("release: {every")):
        days = sorted(rng.uniform(0, 90, ORDERS))
        lines = [f"{begin + timedelta(days=day):%Y-%m-%d %H:%M},10" for day in days]
        (folder / f"orders {p}.csv").write_text("\n".join(["release,quantity", *lines]), encoding="utf-8")
        text = text.replace("release: {every: exponential 40 h}", f"release: {{orders: orders {p}.csv}}", 1)
    plant = read_text(text, folder=folder)
    for product in plant.products.values():
        for step in product.routing:
            paths += [f"products > {product.name} > routing > {step.name} > {word}" for word in ("time", "yield")]
    paths += [f"work centers > {name} > setup > default" for name in plant.work_centers]
    drawn = np.exp(rng.normal(0, SPREAD, (DRAWS, len(paths))))
    table = [",".join(paths), *(",".join(f"{number:.4f}" for number in row) for row in drawn)]
    (folder / "believed.csv").write_text("\n".join(table), encoding="utf-8")
    return read_text(f"start: 2026-01-05\nposterior: believed.csv\n{text}", folder=folder)


def replication(plant: Plant, *, drawn: bool, anew: bool = False) -> float:
    """CPU seconds of a replication, the second of each of four: with the numbers drawn and, if `anew`, the plant made ready for them."""
    ready = Blueprint(plant, horizon_of(plant, "auto"), 0.0, 0.0, False, None)
    if not drawn:
        ready.__dict__["is_uncertain"] = False
    if anew:
        ready._drawn = None
    cancel, found = Cancel(), []
    for r in range(4):
        one(ready, 1, r, cancel)
        found.append(taken(lambda r=r: one(ready, 1, r, cancel))[0])  # type: ignore[misc]
    return sorted(found)[1]


class Spent:
    """Replications and CPU time by stage of a study."""

    def __init__(self) -> None:
        self.replications: Counter[str] = Counter()
        self.seconds: Counter[str] = Counter()
        self._then, self._replicate = time.process_time(), trials.replicate

    def __enter__(self) -> Spent:
        trials.replicate = self._counted
        return self

    def __exit__(self, *error: object) -> None:
        trials.replicate = self._replicate
        self._take("telling")

    def _counted(self, blueprint: Any, seed: int, numbers: Any, **options: Any) -> Any:
        frame, stage = sys._getframe(1), "else"
        while frame is not None and stage == "else":
            stage, frame = STAGES.get(frame.f_code.co_name, "else"), frame.f_back  # type: ignore[assignment]
        made = self._replicate(blueprint, seed, numbers, **options)
        self.replications[stage] += len(numbers)
        self._take(stage)
        return made

    def _take(self, stage: str) -> None:
        """What was spent since the last time, to make plants ready among it, counts for a stage."""
        now = time.process_time()
        self.seconds[stage] += now - self._then
        self._then = now


def limited(seconds: float, cancel: Cancel) -> Callable[[], bool]:
    """Whether the search is over, of so many seconds of CPU time; at the last of them everything is stopped."""
    begun = time.process_time()

    def over() -> bool:
        if time.process_time() - begun > LAST * seconds:
            cancel.stop()
        return time.process_time() - begun > SEARCH * seconds

    return over


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("plant", nargs="?", type=Path)
    parser.add_argument("--seconds", type=float, help="of CPU time, as a time limit")
    parser.add_argument("--family", action="append", help="only moves of this family; may be given again")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        plant = read_plant(given.plant) if given.plant else shop_of_orders(Path(folder))
        unit = replication(plant, drawn=True)
        beside = {
            "made ready anew": replication(plant, drawn=True, anew=True),
            "nothing drawn": replication(plant, drawn=False),
        }
        shown = "".join(f", {what} {1000 * s:.1f} ms ({s / unit:.2f})" for what, s in beside.items())
        print(f"one replication {1000 * unit:.1f} ms{shown}")
        cancel, begun = Cancel(), time.process_time()
        over = limited(given.seconds, cancel) if given.seconds else None
        with Spent() as spent:
            study = improve(
                plant, families=given.family, threads=1, enough=over, progress=lambda *_: over and over(), cancel=cancel
            )
        whole = time.process_time() - begun
    print(
        f"{study.options['moves']} moves, {whole:.1f} s of CPU time ({whole / unit:.0f} replications), best: {study.moves[0].move.title}"
    )
    for stage, seconds in spent.seconds.most_common():
        print(
            f"  {stage:<30} {spent.replications[stage]:6} replications {seconds:7.1f} s ({seconds / unit:6.0f} replications)"
        )
    for warning in study.warnings:
        print(f"  {warning}")


if __name__ == "__main__":
    main()
