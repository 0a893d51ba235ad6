"""Failures in logs that were worked by hand, and what is known of visits that the log cuts off or made up."""

from __future__ import annotations

import math
from datetime import timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from plantwright.calibration.centers import find_centers
from plantwright.calibration.cleaning import clean
from plantwright.calibration.knowing import known_of, resolution
from plantwright.calibration.stops import StopsFound, find_stops
from plantwright.calibration.visits import History, read_history
from plantwright.exchange import read_log
from tests.calibration.logs import at, row, write

MILL = "Machine 1 - Milling"


def read(folder: Path, rows: list[dict[str, str]]) -> tuple[Any, Any, History]:
    table = clean(read_log(write(folder / "log.csv", rows))).table
    centers = find_centers(table)
    center_of = {station: center.name for center in centers for station in center.stations}
    return table, centers, read_history(table, center_of, dict.fromkeys(center_of, 1))


def stops_of(folder: Path, rows: list[dict[str, str]]) -> dict[str, StopsFound]:
    table, centers, history = read(folder, rows)
    return find_stops(table, history, centers, {station: 1 for center in centers for station in center.stations})


def work(order: str, start: float, end: float, station: str = MILL, **cells: Any) -> dict[str, str]:
    return row(order, "Milling", station, at(0, start), at(0, end), **cells)


def test_work_between_breakdowns_is_counted_and_not_the_clock(tmp_path: Path) -> None:
    """Two hours of work, a breakdown of one; four hours of work with a breakdown booked in two parts after the first three of them,
    though the job's report runs on through it; one hour is left when the log ends.
    """
    rows = [
        work("A", 6, 8),
        work("", 8, 8.5, kind="B") | {"Case ID": "A"},
        work("", 8.5, 9, kind="B") | {"Case ID": "A"},
        work("B", 20, 24),
        work("B", 23, 23.25, kind="B"),
        work("C", 30, 30.5),
    ]
    found = stops_of(tmp_path, rows)["Milling"]
    assert found.stops == 2
    assert found.worked == pytest.approx(6.5 * 3600)
    assert found.every.kind == found.repair.kind == "exponential"
    assert found.every.mean == pytest.approx(6.5 * 3600 / 2)
    assert found.repair.mean == pytest.approx((1.0 + 0.25) * 3600 / 2)


def test_thirty_new_machines_in_a_log(tmp_path: Path) -> None:
    """Each works until it fails or 100 h have passed. The machines that never fail are in the log, so they count."""
    times = 100 * np.random.default_rng(12).weibull(1.5, 30)
    rows = []
    for number, hours in enumerate(times, 1):
        station = f"Machine {number} - Milling"
        end = round(min(hours, 100.0) * 60) / 60
        rows.append(work(f"O{number}", 0, end, station))
        if hours < 100:
            rows.append(work(f"O{number}", end, end + 1, station, kind="B"))
    found = stops_of(tmp_path, rows)["Milling"]
    assert found.stops == (times < 100).sum()
    assert found.worked == pytest.approx(np.minimum(times, 100).sum() * 3600, rel=1e-3)
    assert found.gaps is not None
    assert found.gaps.bounds == (times >= 100).sum()
    assert found.every.kind in ("weibull", "exponential")
    # Thirty machines tell the mean to a fifth (tests/calibration/test_censoring.py repeats such logs).
    assert found.every.mean / 3600 == pytest.approx(100 * math.gamma(1 + 1 / 1.5), rel=0.4)


def test_the_clock_of_a_log(tmp_path: Path) -> None:
    table, _, _ = read(tmp_path, [work(f"O{k}", k, k + 0.25 + k / 60) for k in range(1, 9)])
    assert resolution(table) == 60.0
    table, _, _ = read(tmp_path, [work(f"O{k}", k, k + 0.25 * (1 + k % 3)) for k in range(1, 9)])
    assert resolution(table) == 900.0


def test_what_is_known_of_visits() -> None:
    """Measured; still running; partly made up; wholly made up, with and without a next visit."""
    from plantwright.calibration.visits import Visit

    def visit(**what: Any) -> Visit:
        given: dict[str, Any] = {
            "order": "A", "product": "P", "step": ("Milling", "Milling"), "start": at(0, 8), "end": at(0, 9), "stations": (MILL,),
            "work": 3600.0, "setup": 0.0, "pieces": 5.0, "rejected": 0.0, "order_quantity": 10.0, "due": 10.0, "timed": True, "rework": False,
        }  # fmt: skip
        return Visit(**given | what)

    visits = [
        visit(),
        visit(reports=2),
        visit(running=True),
        visit(made_up=1800.0, latest=7200.0),
        visit(made_up=3600.0, timed=False, latest=7200.0),
        visit(made_up=3600.0, timed=False),
    ]
    known = known_of(visits, 60.0)
    off = 60 / math.sqrt(2)
    assert known.low == pytest.approx([3600 - off, 3600 - 60, 3600 - off, 1800 - off, 0.0])
    assert known.high == pytest.approx([3600 + off, 3600 + 60, math.inf, 7200.0, 7200.0])
    assert known.measured.tolist() == [True, True, False, False, False]
    assert known.pieces.tolist() == [10.0] * 5


def orders(last_pieces: int) -> list[dict[str, str]]:
    """Eleven orders of ten pieces are milled and packed; a twelfth is on the mill when the log ends."""
    rows = []
    for number in range(11):
        rows.append(row(f"O{number}", "Milling", MILL, at(number, 7), at(number, 9), qty_completed=10))
        rows.append(row(f"O{number}", "Packing", "Packing", at(number, 10), at(number, 11), qty_completed=10))
    rows.append(row("O11", "Milling", MILL, at(10, 10), at(10, 11), qty_completed=last_pieces))
    return rows


@pytest.mark.parametrize(("pieces", "running"), [(4, True), (10, False)])
def test_an_order_on_a_machine_when_the_log_ends(tmp_path: Path, pieces: int, running: bool) -> None:
    _, _, history = read(tmp_path, orders(pieces))
    assert history.open_orders == {"O11"}
    assert {visit.order for visit in history.visits() if visit.running} == ({"O11"} if running else set())
    milled = history.orders["O0"][0]
    assert milled.latest == timedelta(hours=3).total_seconds()
    assert history.orders["O0"][1].latest is None
