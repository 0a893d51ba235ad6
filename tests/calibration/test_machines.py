"""Machines of one work center that are not alike: planted speeds and dedications are found, alike machines are left alone."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from plantwright.calibration import Calibration, calibrate, save, update
from plantwright.calibration.centers import Center
from plantwright.calibration.fitting import fit_times
from plantwright.calibration.machines import MachineFound, at_speed, find_machines, speeds_of
from plantwright.calibration.times import Times
from plantwright.calibration.visits import History, Visit
from plantwright.exchange import read_log
from plantwright.plant import read_plant
from tests.calibration.logs import at, row, write

MILLS = ("Machine 1 - Mill", "Machine 2 - Mill", "Machine 3 - Mill")
STEP = ("Milling", "Milling")
CENTERS = (Center("Milling", MILLS, 3, ""),)


def drawn(
    seed: int, speeds: tuple[float, ...], *, people: int = 4, own: bool = False, dedicated: bool = False
) -> tuple[MachineFound, ...]:
    """150 visits of three products (gamma times, cv .4) at three mills, by people at any mill or each at their own; Rare is made 24 times, at any mill or at the
    first two only.
    """
    chance = np.random.default_rng(seed)
    visits = []
    for number in range(150):
        product = "Rare" if number % 6 == 0 else ("Bolt", "Nut")[number % 2]
        mill = int(chance.integers(2 if dedicated and product == "Rare" else 3))
        who = mill if own else int(chance.integers(people))
        hours = {"Rare": 5.0, "Bolt": 1.0, "Nut": 2.0}[product] * chance.gamma(6.25, 1 / 6.25) / speeds[mill]
        visits.append(
            Visit(f"A{number}", product, STEP, at(number), at(number, hours), (MILLS[mill],), 3600 * hours, 0.0, 1.0, 0.0, 1.0, True, False, worker=f"W{who}")
        )  # fmt: skip
    orders = {visit.order: (visit,) for visit in visits}
    history = History(orders, datetime(2026, 1, 1), datetime(2026, 6, 1), frozenset(), None)
    times = Times({}, {STEP: fit_times([visit.work for visit in visits])})
    return find_machines(history, times, CENTERS)


@pytest.mark.parametrize("people", [4, 1], ids=["people at any mill", "one for all"])
def test_planted_speeds_are_found(people: int) -> None:
    speeds = (0.8, 1.0, 1.25)  # of geometric mean 1
    found = drawn(1, speeds, people=people)
    assert [machine.differs for machine in found] == [True, False, True]
    for machine, speed in zip(found, speeds, strict=True):
        assert machine.pace is not None
        low, high = machine.pace.told.interval()
        assert low < speed < high
    assert speeds_of(found) == pytest.approx(dict(zip(MILLS, speeds, strict=True)), rel=0.1)
    assert "Machine 3 - Mill: 1" in found[2].words
    assert found[1].words == ""


def test_of_a_machine_and_its_own_person_neither_is_called_slow() -> None:
    found = drawn(1, (0.8, 1.0, 1.25), own=True)
    assert [machine.pace for machine in found] == [None, None, None]
    assert speeds_of(found) == {}


def test_alike_machines_are_left_alone() -> None:
    """Of 100 logs at most one in twenty says that any machine differs, or is never given a product: 12 at most of 100 (99.9 %)."""
    found = [drawn(seed, (1.0, 1.0, 1.0)) for seed in range(100)]
    assert sum(bool(speeds_of(machines)) for machines in found) <= 12
    assert sum(any(machine.never for machine in machines) for machines in found) <= 12
    assert speeds_of(found[0]) == {}


def test_a_product_that_a_machine_is_never_given() -> None:
    """Of 25 orders none comes by chance to a machine with a third of all visits once in 25,000 times."""
    found = drawn(3, (1.0, 1.0, 1.0), dedicated=True)
    assert [machine.never for machine in found] == [(), (), ("Rare",)]
    assert found[2].words == "Machine 3 - Mill: never had 'Rare', which the others had often"


@pytest.mark.parametrize(("orders", "told"), [(7, ()), (8, ("Rare",))])
def test_fewer_than_eight_orders_of_a_product_say_nothing(orders: int, told: tuple[str, ...]) -> None:
    """The third mill has nine visits in ten; that a product of seven orders never came to it is no chance either, and is not told."""
    visits = [
        Visit(f"A{number}", product, STEP, at(number), at(number, 1), (MILLS[mill],), 3600.0, 0.0, 1.0, 0.0, 1.0, True, False)
        for number, (product, mill) in enumerate([("Bolt", 2)] * 180 + [("Bolt", 0), ("Bolt", 1)] * 5 + [("Rare", 0)] * orders)
    ]  # fmt: skip
    history = History({v.order: (v,) for v in visits}, datetime(2026, 1, 1), datetime(2026, 12, 1), frozenset(), None)
    found = find_machines(history, Times({}, {STEP: fit_times([visit.work for visit in visits])}), CENTERS)
    assert found[2].never == told


def test_a_visit_at_the_speed_of_its_machines() -> None:
    visit = Visit(
        "A", "Bolt", STEP, at(0), at(0, 4), MILLS[:2], 3600.0, 60.0, 1.0, 0.0, 1.0, True, False, latest=7200.0
    )
    fast = at_speed(visit, {MILLS[0]: 1.44})
    assert (fast.work, fast.setup, fast.latest) == pytest.approx((1.2 * 3600, 60, 1.2 * 7200))
    assert at_speed(visit, {}) is visit


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    """A mill of half the speed and one of twice the speed of a third; an hour of work for the latter, booked to the second."""
    chance = np.random.default_rng(5)
    rows = []
    for number in range(240):
        mill, start = number % 3, 7.0 + 2.5 * (number // 3 % 3)
        hours = chance.gamma(9.0, 1 / 9.0) / (0.5, 1.0, 2.0)[mill]
        day = number // 9 + 2 * (number // 45)
        rows.append(
            row(
                f"A{number}",
                "Milling - " + MILLS[mill][:9],
                MILLS[mill],
                at(day, start),
                at(day, start + hours),
                worker=f"W{number % 5}",
                span="",
            )
        )
        rows.append(
            row(f"A{number}", "Packing", "Packing", at(day, start + 3), at(day, start + 3.1), worker="W9", span="")
        )
    path = tmp_path_factory.mktemp("mills") / "log.csv"
    return calibrate(read_log(write(path, rows)), replications=2, posterior=0, threads=1)


def test_the_plant_has_the_speeds_and_times_for_speed_one(shop: Calibration, tmp_path: Path) -> None:
    save(shop, tmp_path / "shop.yaml")
    plant = read_plant(tmp_path / "shop.yaml")
    mills = {machine.name: machine.speed for machine in plant.work_centers["Milling"].unlike}
    assert mills == pytest.approx(dict(zip(MILLS, (0.5, 1.0, 2.0), strict=True)), rel=0.1)
    time = shop.found.times.steps["Bolt", STEP]
    assert time.distribution.mean == pytest.approx(3600, rel=0.08)
    # As no machine alone has a speed of its own, the spread of all times is that of one visit and not of the mills.
    assert time.distribution.cv == pytest.approx(1 / 3, rel=0.15)
    assert "% of the others' mean speed" in (tmp_path / "shop.yaml").read_text("utf-8")
    assert "Machine 1 - Mill" in str(shop)
    assert shop.table("machines")["differs"].to_list() == [True, False, True]


def test_an_update_knows_the_speeds(shop: Calibration, tmp_path: Path) -> None:
    """The log of which the plant was made moves none of its times."""
    save(shop, tmp_path / "shop.yaml")
    log = shop.found.history
    rows = [
        row(visit.order, "Milling - " + visit.stations[0][:9] if visit.step == STEP else "Packing", visit.stations[0], visit.start, visit.end,
            worker=visit.worker or "W1", span="")
        for visit in log.visits()
    ]  # fmt: skip
    made = update(read_plant(tmp_path / "shop.yaml"), read_log(write(tmp_path / "again.csv", rows)))
    assert not made.edits
