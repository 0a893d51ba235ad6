"""Setup times by product: planted ones are found, alike ones are left alone, and no hour is lost."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from plantwright.calibration import calibrate, save
from plantwright.calibration.setups import SetupFound, find_setups
from plantwright.calibration.visits import History, Visit
from plantwright.exchange import read_log
from plantwright.plant import read_plant
from tests.calibration.logs import at, row, write

STEP = ("Milling", "Milling")
SHARES = {"Bolt": 0.5, "Nut": 0.35, "Rare": 0.15}
ALIKE = dict.fromkeys(SHARES, 30.0)
UNLIKE = {"Bolt": 20.0, "Nut": 60.0, "Rare": 30.0}


def drawn(
    seed: int, minutes: Mapping[str, float], *, visits: int = 160, every: float = 1.0
) -> tuple[SetupFound, History]:
    """Visits to a mill that is set up where the product changes (gamma times, cv .5), at such a share of the changes."""
    chance = np.random.default_rng(seed)
    made, before = [], ""
    for number in range(visits):
        product = str(chance.choice(list(SHARES), p=list(SHARES.values())))
        setup = (
            60 * minutes[product] * chance.gamma(4.0, 0.25) if product != before and chance.random() < every else 0.0
        )
        made.append(
            Visit(
                f"A{number}", product, STEP, at(number), at(number, 5), ("Mill",), 3600.0, setup, 1, 0, 1, True, False
            )
        )
        before = product
    history = History(
        {visit.order: (visit,) for visit in made}, datetime(2026, 1, 1), datetime(2026, 8, 1), frozenset(), None
    )
    return find_setups(history, 1.0, {}, {})["Milling"], history


@pytest.mark.parametrize("every", [1.0, 0.7], ids=["at each change", "at seven changes of ten"])
def test_planted_setups_are_found_and_no_hour_is_lost(every: float) -> None:
    found, history = drawn(1, UNLIKE, every=every)
    assert set(found.into) >= {"Bolt", "Nut"}
    for product, own in found.into.items():
        low, high = own.told.interval()
        assert low < 60 * UNLIKE[product] * every < high
        assert own.distribution.mean == pytest.approx(own.told.value)
        assert own.distribution.cv == pytest.approx(0.5, rel=0.2)
    # As a simulation has the log's changes: what each takes on average, summed, is the log's hours of setup.
    before, simulated = "", 0.0
    for visit in history.visits():
        if visit.product != before:
            simulated += (
                found.into[visit.product].distribution.mean if visit.product in found.into else found.distribution.mean
            )
        before = visit.product
    assert simulated == pytest.approx(sum(visit.setup for visit in history.visits()))
    assert found.by_product[0].startswith("setup into ")


def test_setups_at_each_visit_belong_to_the_lot(tmp_path: Path) -> None:
    """One product, set up for some 20 minutes before each of its orders: not once, at the only change of product, for all of them."""
    chance = np.random.default_rng(6)
    rows = []
    total = 0.0
    for day in range(60):
        minutes = 20 * chance.gamma(9.0, 1 / 9.0)
        total += minutes
        ready = 7 + minutes / 60
        rows.append(
            row(
                f"A{day}",
                "SETUP Milling - Machine 2",
                "Machine 2 - Mill",
                at(day, 7),
                at(day, ready),
                kind="S",
                span="",
            )
        )
        rows.append(
            row(f"A{day}", "Milling - Machine 2", "Machine 2 - Mill", at(day, ready), at(day, ready + 2), span="")
        )
    made = calibrate(
        read_log(write(tmp_path / "log.csv", rows)), replications=2, posterior=0, threads=1, unattended=True
    )
    (setup,) = made.found.times.setups.values()
    assert setup.each
    assert 60 * setup.load.mean == pytest.approx(60 * total, rel=0.01)
    (words,) = made.draft.words["work centers"].values()
    assert "setup" not in words
    (step,) = made.draft.words["products"]["Bolt"]["routing"]
    (operation,) = step.values()
    assert operation["load"].endswith("/lot")
    assert words["staff"][0]["for"] == ["load", "run"]


def test_alike_products_are_left_alone() -> None:
    """In one log of twenty products differ by chance: in 12 at most of 100 (99.9 %)."""
    assert sum(bool(drawn(seed, ALIKE)[0].into) for seed in range(100)) <= 12


def test_intervals_hold_the_true_means() -> None:
    """Of 60 logs with two products each, 95 % of the intervals hold: 105 of 120 at least (99.9 %)."""
    held = []
    for seed in range(60):
        found, _ = drawn(1000 + seed, UNLIKE)
        assert found.into, "20 min against 60 min is seen in any such log"
        for product in ("Bolt", "Nut"):
            low, high = found.into[product].told.interval()
            held.append(low <= 60 * UNLIKE[product] <= high)
    assert sum(held) >= 105


def test_the_plant_sets_up_into_each_product(tmp_path: Path) -> None:
    """The words are those of the plant file, each product is the family of its own, and the posterior draws each by itself."""
    chance = np.random.default_rng(4)
    rows = []
    for day in range(60):
        product = ("Bolt", "Nut")[day % 2]
        ready = 7 + UNLIKE[product] / 60 * chance.gamma(9.0, 1 / 9.0)
        cells = {"part_desc": product, "span": ""}
        rows.append(
            row(
                f"A{day}",
                "SETUP Milling - Machine 2",
                "Machine 2 - Mill",
                at(day, 7),
                at(day, ready),
                kind="S",
                **cells,
            )
        )
        rows.append(
            row(f"A{day}", "Milling - Machine 2", "Machine 2 - Mill", at(day, ready), at(day, ready + 2), **cells)
        )
        rows.append(row(f"A{day}", "Packing", "Packing", at(day, 12), at(day, 12.2), worker="W2", **cells))
    made = calibrate(
        read_log(write(tmp_path / "log.csv", rows)), replications=2, posterior=20, threads=1, unattended=True
    )
    save(made, tmp_path / "shop.yaml")
    plant = read_plant(tmp_path / "shop.yaml")
    (center,) = (own for own in plant.work_centers.values() if own.setup is not None)
    words = made.draft.words["work centers"][center.name]["setup"]
    assert set(words) == {"default", "into"}
    into = made.found.times.setups[center.name].into
    for product, own in into.items():
        assert own.distribution.mean == pytest.approx(60 * UNLIKE[product], rel=0.15)
    assert set(into) == {"Bolt", "Nut"}
    header = made.posterior.partition("\n")[0]
    assert f"work centers > {center.name} > setup > into > Nut" in header
    assert [place for place in made.table("parameters")["place"] if "into > Bolt" in place]
    assert made.fit.staffed  # the packer, who comes for twelve minutes at noon, has hours of their own
