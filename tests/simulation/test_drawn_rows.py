"""What a posterior draws is written over a plant that is ready: with it a replication is that of the plant read anew, to the bit."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plantwright.plant import changed, read_text
from plantwright.plant.plant import Plant
from plantwright.plant.reading import from_document
from plantwright.simulation import Cancel
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.collect import Counts
from plantwright.simulation.replications import one
from plantwright.simulation.streams import run_key
from plantwright.simulation.uncertainty import Luck, drawn, posterior_factors

DAY = 86400.0
SHOP = """
plant: Two products through three work centers
posterior: believed.csv
rule: RULE
work centers:
  saw: {machines: 1}
  mill:
    machines: 2
    setup: {default: 20 min, into: {Red: 20 min}}
    failures: [{every: exponential 30 h, repair: lognormal 2 h cv 0.8}, {every: 30 h, clock: calendar, repair: 20 min}]
  lathe: {machines: 1}
products:
  Red:
    release: {every: exponential 1 h, due: 1 d}
    routing:
      - saw: {at: saw, time: empirical times.csv:saw, yield: 98 %}
      - mill: {at: [mill, {center: lathe, time: 40 min}], time: 30 min, yield: 95 %, next: {saw: 10 %, turn: 40 %, end: 50 %}}
      - turn: {at: lathe, time: lognormal 30 min cv 0.5, load: 30 min}
  Blue:
    release: {conwip: 6 lots, due: 1 d}
    routing: [mill: {at: [mill, lathe], time: 40 min}, turn: {at: lathe, time: gamma 20 min cv 1, yield: 100 %}]
"""
RED = "products > Red > routing"
PATHS = (
    f"{RED} > saw > time", f"{RED} > saw > yield", f"{RED} > mill > time", f"{RED} > mill > yield", f"{RED} > mill > next > saw",
    f"{RED} > mill > next > end", f"{RED} > turn > time", "products > Blue > routing > mill > time",
    "products > Blue > routing > turn > yield", "work centers > mill > setup > default",
    "work centers > mill > failures > 1 > every", "work centers > mill > failures > 1 > repair",
)  # fmt: skip


def shop(folder: Path, rule: str = "FIFO") -> Plant:
    rng = np.random.default_rng(4)
    rows = np.exp(rng.normal(0, 0.3, (12, len(PATHS))))
    table = [",".join(f'"{path}"' for path in PATHS), *(",".join(f"{x:.6f}" for x in row) for row in rows)]
    (folder / "believed.csv").write_text("\n".join(table), encoding="utf-8")
    (folder / "times.csv").write_text("saw\n" + "".join(f"{k} min\n" for k in (12, 15, 20, 31, 44)), encoding="utf-8")
    return read_text(SHOP.replace("RULE", rule), folder=folder)


def counted(counts: Counts) -> list[Any]:
    tables = (counts.product, counts.center, counts.state_time, counts.store, counts.record)
    return [table.tobytes() for table in tables]


def read_anew(plant: Plant, replication: int) -> Plant:
    key = run_key(1, replication)
    assert plant.document is not None
    return from_document(replace(plant.document, luck=Luck(key, posterior_factors(plant, key))))


@pytest.mark.parametrize(("rule", "saturated"), [("FIFO", False), ("slack", False), ("SPT", True)])
def test_a_replication_is_that_of_the_plant_read_anew(rule: str, saturated: bool, tmp_path: Path) -> None:
    plant = shop(tmp_path, rule)
    ready = Blueprint(plant, 60 * DAY, 5 * DAY, 0.0, saturated, 20)
    seen = set()
    for replication in range(4):
        there = ready.in_replication(1, replication)
        assert there.template is ready.template  # it was not made ready again
        made = counted(one(ready, 1, replication, Cancel()))
        anew = Blueprint(read_anew(plant, replication), 60 * DAY, 5 * DAY, 0.0, saturated, 20)
        anew.__dict__["is_uncertain"] = False  # its numbers are drawn
        assert made == counted(one(anew, 1, replication, Cancel()))
        seen.add(made[0])
    assert len(seen) == 4


def test_where_more_hangs_on_what_is_drawn_the_plant_is_made_ready_again(tmp_path: Path) -> None:
    plant = changed(
        shop(tmp_path), {"products > Blue > release": None, "products > Blue > demand": {"rate": "20 pieces/day"}}
    )
    ready = Blueprint(plant, 30 * DAY, 0.0, 0.0, False, None)
    there = ready.in_replication(1, 0)
    assert there.template is not ready.template
    assert there.plant == drawn(plant, 1, 0)


def test_numbers_that_are_doubted_are_written_over_too(tmp_path: Path) -> None:
    """Multiplied in each replication, a plant runs as the plant whose file says so."""
    plant = changed(shop(tmp_path), {"posterior": None})
    paths = (f"{RED} > saw > time", f"{RED} > turn > time", "products > Blue > routing > mill > time")
    factors = [{path: 0.5 + 0.3 * k + 0.1 * r for k, path in enumerate(paths)} for r in range(3)]
    ready = Blueprint(plant, 60 * DAY, 5 * DAY, 0.0, False, None, factors=factors)
    seen = set()
    for replication, given in enumerate(factors):
        made = counted(one(ready, 1, replication, Cancel()))
        assert plant.document is not None
        anew = from_document(replace(plant.document, factors=given))
        assert made == counted(one(Blueprint(anew, 60 * DAY, 5 * DAY, 0.0, False, None), 1, replication, Cancel()))
        seen.add(made[0])
    assert len(seen) == 3
