"""Of a log with far more reports than a model needs, the plant is made of the most recent orders; worked out by hand."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import polars
import pytest

from plantwright.calibration import calibrate, calibrating, save, update, updating
from plantwright.calibration.holdout import holding
from plantwright.calibration.recent import most_recent
from plantwright.events import EventLog
from plantwright.exchange import read_log
from plantwright.plant import read_plant
from tests.calibration.logs import MONDAY, row, write


def two_reports_each(orders: int, every: timedelta, lasts: timedelta) -> polars.DataFrame:
    """Orders that begin one after another, each with a report when it begins and one that ends when it does."""
    rows = []
    for order in range(orders):
        begin = MONDAY + order * every
        rows += [(f"W{order}", begin, begin), (f"W{order}", begin + lasts / 2, begin + lasts)]
    return polars.DataFrame(rows, schema=["order", "start", "end"], orient="row")


def test_so_many_reports_are_half_as_many_orders() -> None:
    """3,000 reports are those of the last 1,500 of 3,000 orders: they began from hour 1,500 on."""
    table = two_reports_each(3000, timedelta(hours=1), timedelta(hours=1))
    rows, part = most_recent(table, 3000)
    assert part is not None
    assert (part.orders, part.reports, part.of_orders, part.of_reports) == (1500, 3000, 3000, 6000)
    assert part.since == MONDAY + timedelta(hours=1500)
    assert rows["start"].min() == part.since
    assert rows.height == 3000


def test_a_log_with_no_more_is_taken_as_it_is() -> None:
    table = two_reports_each(300, timedelta(hours=1), timedelta(hours=1))
    rows, part = most_recent(table, 600)
    assert part is None
    assert rows is table


def test_fewer_than_a_thousand_orders_are_too_few() -> None:
    rows, part = most_recent(two_reports_each(3000, timedelta(hours=1), timedelta(hours=1)), 100)
    assert part is not None
    assert part.orders == rows["order"].n_unique() == 1000


def test_four_weeks_are_needed_for_the_hours_of_weekdays() -> None:
    """An order every ten minutes: 3,000 are all of 20.8 days; of 6,000, those begun in the four weeks before the last one is done."""
    ten = timedelta(minutes=10)
    assert most_recent(two_reports_each(3000, ten, ten), 100)[1] is None
    part = most_recent(two_reports_each(6000, ten, ten), 100)[1]
    assert part is not None
    assert part.orders == 28 * 24 * 6
    assert part.since == MONDAY + 6000 * ten - timedelta(weeks=4)


def test_most_orders_must_have_time_to_be_done() -> None:
    """Each is under way for 6 days: those begun in the 60 days before the last one is done, on 54 of which orders begin."""
    part = most_recent(two_reports_each(3000, timedelta(hours=1), timedelta(days=6)), 100)[1]
    assert part is not None
    assert part.since == MONDAY + timedelta(hours=2999) + timedelta(days=6) - timedelta(days=60)
    assert part.orders == 54 * 24 + 1


@pytest.fixture(scope="module")
def faster_since(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """1,600 orders, one an hour; the first 600 take 40 min each, the last 1,000 take 20 min. And a log of the last 1,000 only."""
    whole, part = (tmp_path_factory.mktemp(name) / "log.csv" for name in ("whole", "part"))
    rows = []
    for order in range(1600):
        begin = MONDAY + timedelta(hours=order)
        rows.append(
            row(f"W{order:04d}", "Turning", "Machine 1", begin, begin + timedelta(minutes=40 if order < 600 else 20))
        )
    return write(whole, rows), write(part, rows[600:])


def test_the_plant_is_that_of_the_recent_orders_and_says_so(faster_since: tuple[Path, Path]) -> None:
    whole, part = (read_log(path) for path in faster_since)
    made = calibrate(whole, most_reports=500, replications=2)
    alone = calibrate(part, replications=2)
    assert made.draft.words == alone.draft.words
    assert made.draft.files == alone.draft.files
    (time,) = {time.distribution.mean for time in made.found.times.steps.values()}
    assert time == 20 * 60
    assert made.quality.rows_read == 1600
    said = "the plant is made of the last 1,000 of 1,600 reports: the 1,000 orders begun since 2026-01-30 00:00"
    assert f"# Of these, {said}." in made.text()
    assert said in str(made)
    assert made.to_dict()["recent"]["reports"] == 1000
    assert alone.recent is None
    assert "last 1,000" not in alone.text()


def test_what_is_held_out_is_of_the_recent_orders_too(
    faster_since: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[EventLog] = []
    monkeypatch.setattr(holding, "hold_out", lambda log, share, **_: held.append(log))
    for path in faster_since:
        calibrate(read_log(path), most_reports=500, replications=2, hold_out=0.2)
    of_whole, of_part = (log.table.drop("row") for log in held)
    assert of_whole.height == held[0].rows_read == 1000
    assert of_whole.equals(of_part)


def test_fewer_reports_are_held_out_than_make_the_plant(
    faster_since: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    held: list[EventLog] = []
    monkeypatch.setattr(holding, "hold_out", lambda log, share, **_: held.append(log))
    monkeypatch.setattr(calibrating, "MOST_HELD_OUT", 500)
    made = calibrate(read_log(faster_since[0]), replications=2, hold_out=0.2)
    assert made.recent is None
    assert len(made.found.history.orders) == 1600
    assert held[0].table["order"].n_unique() == 1000
    assert held[0].table["start"].min() == MONDAY + timedelta(hours=600)


def test_an_update_looks_at_recent_orders_and_says_since_when(
    faster_since: tuple[Path, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, part = (read_log(path) for path in faster_since)
    path = faster_since[1].with_name("shop.yaml")
    save(calibrate(part, replications=2), path)
    plant = read_plant(path)
    assert update(plant, whole).since == MONDAY  # all orders are looked at where these are not too many
    monkeypatch.setattr(updating, "MOST_REPORTS", 500)
    for since, told in ((None, 600), (MONDAY, 600), (MONDAY + timedelta(hours=1000), 1000)):
        found = update(plant, whole, since=since)
        assert found.since == MONDAY + timedelta(hours=told)
        assert found.orders == 1600 - told
        assert not found.edits  # 20 min since then, as the plant says
