"""What a log does not know: the spread of bootstrapped times is the standard error that theory gives, and a run draws from it."""

from __future__ import annotations

import csv
import io
from pathlib import Path

import numpy as np
import pytest

from plantwright.calibration import Calibration, calibrate, save
from plantwright.calibration.knowing import is_measured
from plantwright.calibration.parameters import parameters_of
from plantwright.exchange import read_log
from plantwright.plant import read_plant
from plantwright.plant.reading import from_document
from plantwright.simulation.uncertainty import drawn
from tests.calibration.logs import at, row, write
from tests.calibration.small_shop import MEAN, simulated

ROWS = 2000


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    path = tmp_path_factory.mktemp("shop") / "small shop.csv"
    return calibrate(read_log(write(path, simulated(orders=200))), replications=2, posterior=ROWS, threads=1)


def columns(made: Calibration) -> dict[str, np.ndarray]:
    header, *rows = csv.reader(io.StringIO(made.posterior))
    return dict(zip(header, np.array(rows, dtype=float).T, strict=True))


def test_the_spread_is_the_standard_error_of_a_mean(shop: Calibration) -> None:
    # Each order is sawn once: the mean of n independent gamma times of shape 4 has a coefficient of variation of 1 / sqrt(4 n).
    sawn = [visit for visit in shop.found.history.visits() if visit.step[0] == "Sawing" and is_measured(visit)]
    for product in ("Bolt", "Nut"):
        times = [visit.work for visit in sawn if visit.product == product]
        factors = columns(shop)[f"products > {product} > routing > Sawing > time"]
        assert len(factors) == ROWS
        assert factors.mean() == pytest.approx(1, abs=4 * factors.std() / np.sqrt(ROWS) + 0.01)
        own = np.std(times, ddof=1) / np.mean(times) / np.sqrt(len(times))
        assert factors.std() == pytest.approx(own, rel=0.08)
        assert factors.std() == pytest.approx(1 / np.sqrt(4 * len(times)), rel=0.3)


def test_the_true_mean_lies_in_the_interval(shop: Calibration) -> None:
    for product in ("Bolt", "Nut"):
        found = next(t for (p, step), t in shop.found.times.steps.items() if p == product and step[0] == "Sawing")
        factors = columns(shop)[f"products > {product} > routing > Sawing > time"]
        per_lot = found.distribution.mean * (20 if found.per == "piece" else 1)
        low, high = per_lot * np.quantile(factors, (0.001, 0.999))
        assert low < 3600 * MEAN["Sawing"] < high


def test_few_visits_leave_a_time_unsure(tmp_path: Path) -> None:
    rows = []
    for day in range(12):
        product = "Rare" if day == 6 else "Bolt"
        for number, hours in enumerate((1.0, 1.5, 2.0)):
            start = 7 + 2 * number
            if product == "Bolt" or number == 0:
                order = f"{day}-{number}"
                rows.append(row(order, "Sawing", "Saw", at(day, start), at(day, start + hours), part_desc=product))
                rows.append(row(order, "Packing", "Bench", at(day, start + hours), at(day, start + hours + 0.2), part_desc=product))  # fmt: skip
    made = columns(calibrate(read_log(write(tmp_path / "log.csv", rows)), replications=2, posterior=500, threads=1))
    often, rare = (made[f"products > {product} > routing > Sawing > time"] for product in ("Bolt", "Rare"))
    # One visit says of a mean what a visit varies, and the other product's visits some of the rest: the three times of a day have a
    # coefficient of variation of .28.
    assert 3 * often.std() < rare.std() < 1.2 * 0.28
    assert often.std() == pytest.approx(0.28 / np.sqrt(33), rel=0.2)


@pytest.fixture(scope="module")
def waiting(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    """Sawn for an hour, milled and packed for an hour each; before both an order waits as long again: a day and a half on average, and nothing shows why."""
    random = np.random.default_rng(3)
    rows = []
    for day, hours in enumerate(random.gamma(2.0, 18.0, size=80)):
        moments = (8.0, 9.0 + hours, 10.0 + 2 * hours)
        for name, start in zip(("Sawing", "Milling", "Packing"), moments, strict=True):
            rows.append(row(f"A{day}", name, f"Machine {name}", at(day, start), at(day, start + 1), qty_rejected=0))
    path = tmp_path_factory.mktemp("waits") / "log.csv"
    return calibrate(read_log(write(path, rows)), replications=2, posterior=ROWS, threads=1, unattended=True)


def test_waits_are_as_unsure_as_so_many_orders_leave_them(waiting: Calibration) -> None:
    """The mean of n waits has the coefficient of variation of one over the root of n; orders that wait long wait long everywhere."""
    made = columns(waiting)
    mill, pack = (made[f"work centers > Machine {name} > delay"] for name in ("Milling", "Packing"))
    waits = [
        (v.start - v.reached).total_seconds()
        for v in waiting.found.history.visits()
        if v.step[0] == "Milling" and v.reached
    ]
    assert mill.mean() == pytest.approx(1, abs=0.02)
    assert mill.std() == pytest.approx(np.std(waits) / np.mean(waits) / np.sqrt(80), rel=0.1)
    assert mill.std() == pytest.approx(1 / np.sqrt(2 * 80), rel=0.3)
    assert np.corrcoef(mill, pack)[0, 1] > 0.95


def test_the_plant_draws_from_it(shop: Calibration, tmp_path: Path) -> None:
    written = save(shop, tmp_path / "shop.yaml")
    assert tmp_path / "shop-posterior.csv" in written
    plant = read_plant(tmp_path / "shop.yaml")
    assert plant.posterior is not None
    assert len(plant.posterior.rows) == ROWS
    means = {
        drawn(plant, 1, r).products["Bolt"].routing[0].time.distribution.mean
        for r in range(20)  # type: ignore[union-attr]
    }
    assert len(means) > 10


def test_times_failures_yields_and_shares_are_drawn(tmp_path: Path) -> None:
    """The spread of each column is what the number's interval has; shares of one step add up to what they did."""
    from tests.calibration.round_trip.judging import drawn_log

    made = calibrate(read_log(drawn_log(37, tmp_path)), replications=2, posterior=4000, threads=1)
    found = columns(made)
    checked = set()
    for own in parameters_of(made.found):
        path = own.path
        if path not in found or own.what.startswith("cv"):
            continue
        low, high = own.value * np.quantile(found[path], (0.025, 0.975))
        assert np.log(high / low) == pytest.approx(np.log(own.high / own.low), rel=0.35), own
        checked.add(own.what)
    assert checked >= {"mean time", "yield", "share", "work between failures", "mean repair", "mean setup"}


def test_a_plant_is_multiplied_as_if_its_file_were_read_anew(tmp_path: Path) -> None:
    from tests.calibration.round_trip.judging import drawn_log

    made = calibrate(read_log(drawn_log(37, tmp_path)), replications=2, posterior=20, threads=1)
    save(made, tmp_path / "plant.yaml")
    plant = read_plant(tmp_path / "plant.yaml")
    for replication in range(3):
        quick = drawn(plant, 1, replication)
        assert quick.document is not None
        slow = from_document(quick.document)
        assert quick.products == slow.products != plant.products
        assert quick.work_centers == slow.work_centers != plant.work_centers
        for product in quick.products.values():
            assert all(abs(sum(step.next.values()) - 1) < 1e-12 for step in product.routing if step.next)
