"""A shop that is known, because the test simulates it in plain Python: calibration finds it again in the log that it wrote."""

from __future__ import annotations

import math
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest

from plantwright.calibration import Calibration, calibrate
from plantwright.calibration.calendars import find_calendars, find_weeks
from plantwright.calibration.cleaning import clean
from plantwright.calibration.drafting import Draft, draft
from plantwright.calibration.finding import find, find_history
from plantwright.calibration.staffing import find_staff
from plantwright.exchange import read_log
from plantwright.plant import read_plant
from tests.calibration import small_shop
from tests.calibration.logs import write
from tests.calibration.small_shop import GOOD, MEAN, MILLED, REWORK, SETUP, WORKERS, simulated


@pytest.fixture(scope="module", params=[True, False], ids=["people clock out", "reports run over night"])
def shop(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    path = tmp_path_factory.mktemp("shop") / "small shop.csv"
    write(path, simulated(clocked=request.param))
    return calibrate(read_log(path), replications=10, seed=1)


def standard_error(share: float, number: int) -> float:
    return math.sqrt(share * (1 - share) / number)


def test_the_shop_writes_a_log_of_itself() -> None:
    """The small shop is its own truth: its mills are set up where the product changes, and nothing else is."""
    rows = simulated(orders=50)
    assert {row["Resource"] for row in rows if row["Report Type"] == "S"} <= {
        "Machine 2 - Milling",
        "Machine 3 - Milling",
    }
    assert small_shop.clock(8.0) == small_shop.clock(0.0).replace(day=6)
    assert [f"{a:%d %H:%M} {b:%d %H:%M}" for a, b in small_shop.reports(7.0, 17.0, True)] == [
        "05 14:00 05 14:59", "06 07:00 06 14:59", "07 07:00 07 07:59",
    ]  # fmt: skip


def test_machines_and_hours(shop: Calibration) -> None:
    assert {center.name: center.machines for center in shop.found.centers} == {
        "Sawing": 1, "Milling": 2, "Inspection": 1, "Packing": 1,
    }  # fmt: skip
    for calendar in (shop.found.plant_hours, *shop.found.calendars.values()):
        assert [pattern.name for pattern in calendar.patterns] == ["Mon-Fri 07:00 to 15:00"]
        assert calendar.inside > 0.99
    assert set(shop.plant.shifts) == {"Mon-Fri 07:00 to 15:00"}


def test_branches_and_returns_lie_within_four_standard_errors(shop: Calibration) -> None:
    shares = {
        (row["product"], row["after"], row["comes"]): (row["share"], row["times"])
        for row in shop.table("routings").iter_rows(named=True)
    }
    number = {product: shares[product, "begin", "Sawing at Sawing"][1] for product in ("Bolt", "Nut")}
    assert sum(number.values()) == 400
    milled = shares["Nut", "Sawing at Sawing", "Milling at Milling"][0]
    assert abs(milled - MILLED) < 4 * standard_error(MILLED, number["Nut"])
    rework = shares["Bolt", "Inspection at Inspection", "Milling at Milling again"][0]
    assert abs(rework - REWORK) < 4 * standard_error(REWORK, number["Bolt"])
    assert shares["Bolt", "Milling at Milling again", "Inspection at Inspection again"][0] == 1.0


def test_operation_times_lie_within_four_standard_errors(shop: Calibration) -> None:
    cv = {"Sawing": 0.5, "Milling": 0.444, "Inspection": 1.0, "Packing": 0.0}
    for row in shop.table("operation times").iter_rows(named=True):
        name = row["of"].split(" at ")[0]
        error = 4 * cv[name] / math.sqrt(row["measured"]) + 0.02  # minutes of the clock round each report
        assert row["mean of measured (s)"] / 3600 == pytest.approx(MEAN[name], rel=error), name
    fitted = {step[0]: time.distribution for step, time in shop.found.times.pooled.items()}
    assert fitted["Sawing"].kind == "gamma"
    assert fitted["Sawing"].cv == pytest.approx(0.5, rel=0.1)
    assert fitted["Milling"].kind == "lognormal"
    assert fitted["Inspection"].kind == "exponential"


def test_setups_yield_and_people(shop: Calibration) -> None:
    setup = shop.found.times.setups["Milling"]
    assert set(shop.found.times.setups) == {"Milling"}
    assert setup.setups == setup.changes  # each change of product is set up, and nothing else is
    assert setup.distribution.mean / 3600 == pytest.approx(SETUP, rel=4 / math.sqrt(setup.setups))
    pieces = 425 * small_shop.PIECES
    yields = shop.found.times.yields
    assert set(yields) == {(product, ("Inspection", "Inspection")) for product in ("Bolt", "Nut")}
    for found in yields.values():
        assert abs(found.value - GOOD) < 4 * standard_error(GOOD, round(found.seen.trials))
    assert abs(sum(found.seen.trials for found in yields.values()) - pieces) < 0.02 * pieces
    assert shop.found.staff is not None
    assert sorted("".join(person.reports) for person in shop.found.staff.people) == [
        "Inspection", "Milling", "Milling", "Packing", "Sawing",
    ]  # fmt: skip
    assert not any(person.rotates for person in shop.found.staff.people)
    assert shop.found.staff.attended == {"Sawing", "Milling", "Inspection", "Packing"}


def test_the_plant_reproduces_the_shop_without_any_unexplained_waiting(shop: Calibration) -> None:
    assert shop.fit.reproduces
    assert shop.fit.staffed
    assert shop.fit.waiting < 0.15
    assert {total.name for total in shop.fit.totals()} == {"throughput", "cycle time", "work in process"}
    # Rates of the releases themselves: 400 orders in the log's days.
    releases = shop.draft.files["orders.csv"].splitlines()
    assert len(releases) == 401
    assert releases[0] == "order,product,release,quantity"
    assert releases[1].startswith("Order 000,")


def test_lots_wait_for_machines_and_over_night(shop: Calibration) -> None:
    """The shop takes first come, first served, and nothing but machines and closed hours keeps a lot."""
    shares = shop.found.waiting.shares
    assert shares["queueing"].value + shares["off shift"].value > 0.9
    # A machine whose one person is bound to it is never free without them, but where a report over night hides when it was.
    assert shares["unexplained"].value < 0.02
    assert shares["batching"].value == shares["breakdown"].value == shares["priority"].value == 0


def test_the_plant_file_is_read_back_as_the_plant(shop: Calibration, tmp_path: Path) -> None:
    from plantwright.calibration import save

    written = save(shop, tmp_path / "shop.yaml")
    # Where reports run over night, what is cut off them makes packing times that nothing fits.
    overnight = "times.csv" in shop.draft.files
    assert {path.name for path in written} == {"shop.yaml", "shop-orders.csv", "shop-posterior.csv"} | (
        {"shop-times.csv"} if overnight else set()
    )
    plant = read_plant(tmp_path / "shop.yaml")
    assert plant.work_centers == shop.plant.work_centers
    assert {name: product.routing for name, product in plant.products.items()} == {
        name: product.routing for name, product in shop.plant.products.items()
    }
    text = (tmp_path / "shop.yaml").read_text("utf-8")
    assert ("delay:" in text) == (shop.fit.factor > 0)
    assert not any(worker in text for worker in WORKERS.values())
    assert "release: {orders: shop-orders.csv}" in text


def milling(drafted: Draft) -> list[dict[str, object]]:
    """Whom the mills need."""
    return list(drafted.words["work centers"]["Milling"]["staff"])


def test_one_person_at_two_mills_is_told_from_one_at_each(tmp_path: Path) -> None:
    """The same shop, in which one of the millers books the work of both mills: one person tends both, and one at each of the others."""
    rows = [
        row | {"Worker ID": "ID1002"} if row["Worker ID"] == "ID1003" else row
        for row in small_shop.simulated(orders=150, seed=4)
    ]
    cleaned = clean(read_log(write(tmp_path / "log.csv", rows)))
    assert {defect.kind for defect in cleaned.quality.defects} == {"overlaps of one worker"}
    center_of = find_history(cleaned).center_of
    weeks = find_weeks(cleaned.table.select("start", "end").rows())
    staff = find_staff(cleaned.table, center_of, weeks, True)
    assert staff is not None
    assert staff.attended == {"Sawing", "Inspection", "Packing"}
    assert staff.tends == {"Milling": 2}
    found = find(cleaned, "log.csv")
    need = {"skill": "Milling 2", "for": ["setup", "run"], "tends": "2 machines"}
    assert milling(draft(found, {}, staff)) == [need]
    assert milling(draft(found, {}, replace(staff, tends={}))) == [{"skill": "Milling 2", "for": ["setup"]}]
    assert [person.reports.keys() for person in staff.people if person.name == "ID1002"] == [{"Milling"}]


def test_a_mill_shop_that_stood_still_for_a_week_is_off_then(tmp_path: Path) -> None:
    """Nobody milled in the fourth week, nothing was begun there; the saw went on. The week is found, and no other day."""
    away = {f"2026/01/{day}" for day in range(26, 31)}
    rows = [
        row
        for row in small_shop.simulated(seed=6)
        if not (row["Resource"].endswith("Milling") and row["Start Timestamp"][:10] in away)
    ]
    cleaned = clean(read_log(write(tmp_path / "log.csv", rows)))
    center_of = find_history(cleaned).center_of
    spans: dict[str, list[tuple[datetime, datetime]]] = {}
    for station, start, end in cleaned.table.select("station", "start", "end").iter_rows():
        spans.setdefault(center_of[station], []).append((start, end))
    calendars = find_calendars(spans, find_weeks([span for own in spans.values() for span in own]))
    assert [f"{day:%Y/%m/%d}" for day in calendars["Milling"].off] == sorted(away)
    assert {name: calendar.off for name, calendar in calendars.items() if name != "Milling"} == {
        "Sawing": (),
        "Inspection": (),
        "Packing": (),
    }
    assert calendars["Milling"].patterns[0].name == "Mon-Fri 07:00 to 15:00"
