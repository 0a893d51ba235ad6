"""Orders that go on in office hours, in a shop that works day and night: the hours are found, and the waits of the plant pass in them."""

from __future__ import annotations

from datetime import datetime

import pytest

from plantwright.calibration import calibrate
from plantwright.calibration.matching import Miss, _fitted
from plantwright.events import EventLog
from plantwright.exchange.run_records import records_of_run
from plantwright.plant import Plant
from plantwright.plant.reading import read_text
from plantwright.simulation import history

SHOP = """
plant: Day and night
start: 2026-01-05 00:00
shifts: {office: {days: Mon-Fri, from: "07:00", to: "16:00"}}
work centers: {saw: {machines: 2}, mill: {machines: 9, delay: gamma 15 h cv 1.2OFFICE}}
products:
  bolt:
    lot: 10 pieces
    release: {every: exponential 3 h}
    routing: [cut: {at: saw, time: exponential 1 h/lot}, mill: {at: mill, time: lognormal 3 h cv 0.5 /lot}]
"""
WEEKS = 10


def log_of(plant: Plant) -> EventLog:
    rows = history(plant, horizon=WEEKS * 7 * 86400.0, seed=4, replication=1).table()
    return records_of_run(rows, "log")


def in_office(log: EventLog) -> float:
    """The share of the begins of milling that lie in the office's hours."""
    starts: list[datetime] = log.table.filter(log.table["activity"] == "mill")["start"].to_list()
    return sum(start.weekday() < 5 and 7 <= start.hour < 16 for start in starts) / len(starts)


def test_waits_pass_in_the_hours_in_which_orders_go_on() -> None:
    log = log_of(read_text(SHOP.replace("OFFICE", ", delay shift: office")))
    found = calibrate(log, replications=4, posterior=0)
    (hours,) = found.found.going_on.patterns
    assert hours.name == "Mon-Fri 07:00 to 16:00"
    # Machines work on over night all the same.
    assert [pattern.name for pattern in found.found.calendars["mill"].patterns] != [hours.name]
    mill = found.plant.work_centers["mill"]
    assert mill.delay_shift == ("orders go on Mon-Fri 07:00 to 16:00",)
    assert mill.delay is not None
    assert mill.delay.mean == pytest.approx(15 * 3600, rel=0.15)
    # By chance 27 % of the begins would lie in 45 of 168 hours.
    assert in_office(log) > 0.95
    assert in_office(log_of(found.plant)) > 0.9
    assert "orders go on: Mon-Fri 07:00 to 16:00" in str(found)


def test_orders_that_go_on_day_and_night_have_no_hours() -> None:
    found = calibrate(log_of(read_text(SHOP.replace("OFFICE", ""))), replications=2, posterior=0)
    assert not found.found.going_on.patterns
    assert not found.plant.work_centers["mill"].delay_shift


@pytest.mark.parametrize(("best_with_less", "spread"), [(0.05, 0.5), (0.2, 1.0)])
def test_the_spread_of_waits_is_the_logs_unless_only_a_smaller_one_agrees(best_with_less: float, spread: float) -> None:
    """Totals agree within 15 %, a logarithm of .14: a spread that only brings them nearer is not taken."""

    def missed(factor: float, tried: float) -> Miss:
        least = 0.3 if tried == 1.0 else best_with_less
        return Miss(factor - 1, max(least, abs(factor - 1)), least < 0.14, 1.0)

    assert _fitted(missed, missed(0.0, 1.0)) == (pytest.approx(1.0), spread)
