"""What each defect does to the result, against figures worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from plantwright.calibration import Quality
from plantwright.calibration.quality import Effect
from tests.calibration.logs import at, inspected, row, sound


def saw(day: int, start: float, end: float, order: str = "A1", **cells: object) -> dict[str, str]:
    cells = {"worker": f"W{order}", "qty_completed": 0} | cells
    return row(order, "Sawing - Machine 1", "Machine 1 - Sawing", at(day, start), at(day, end), **cells)  # type: ignore[arg-type]


def effect(quality: Quality, kind: str) -> Effect:
    found = quality.defect(kind).effect
    assert found is not None
    return found


def test_without_it_a_copy_would_count_once_more(tmp_path: Path) -> None:
    """Nine reports of 18 h; a copy of two hours more is 2/18, of ten reports."""
    rows = sound()
    found = effect(inspected(tmp_path, [*rows, rows[0]]), "surplus copies")
    assert (found.hours, found.reports) == (2.0, 1)
    assert found.share == pytest.approx(2 / 18)
    assert (
        found.words == "without it: 1 report more; 2 h of work more (11 %)"
    )  # the mean of the saw is two hours with and without


def test_made_up_times_change_the_mean_of_their_operation(tmp_path: Path) -> None:
    """Ten saw reports of 75 min beside three of 2 h: given the median, the mean stays 2 h; believed, it is (3 * 120 + 10 * 75) / 13 = 85.4 min."""
    extra = [saw(3 + day, 7, 8.25, span="000:00") for day in range(10)]
    found = effect(inspected(tmp_path, sound() + extra), "imputed ends")
    assert found.operation == "Sawing"
    assert found.hours_now == pytest.approx(2.0)
    assert found.hours_without == pytest.approx((3 * 120 + 10 * 75) / 13 / 60)
    assert found.hours == pytest.approx(-7.5)  # 10 reports, 45 min each
    assert found.share == pytest.approx(7.5 / 38)  # 18 h and ten times 2 h
    assert found.matters
    assert "'Sawing' would take 85.4 min a report, not 2 h" in found.words


def test_overlaps_would_count_machine_hours_twice(tmp_path: Path) -> None:
    """From 8 to 9 o'clock and from 10 to 11, of 18 + 5 + 1 + 1 h of work."""
    rows = [saw(3, 7, 12, "A1"), saw(3, 8, 9, "A2"), saw(3, 10, 11, "A3")]
    found = effect(inspected(tmp_path, sound() + rows), "overlaps on a station")
    assert found.hours == pytest.approx(2.0)
    assert found.share == pytest.approx(2 / 25)


def test_stated_durations_and_reports_over_a_day(tmp_path: Path) -> None:
    quality = inspected(tmp_path, [*sound(), saw(3, 7, 8, "A2", span="003:00"), saw(5, 7, 7 + 30, "A3")])
    stated = effect(quality, "contradicting spans")
    assert (stated.hours, stated.share) == (pytest.approx(2.0), pytest.approx(2 / 49))  # 18 + 1 + 30 h
    long = effect(quality, "longer than a day")
    assert (long.hours, long.reports, long.share) == (pytest.approx(-30.0), -1, pytest.approx(30 / 49))
    assert long.hours_without == pytest.approx(7 / 4)  # 3 * 2 h and 1 h
    assert long.hours_now == pytest.approx(37 / 5)
    # The greater one is told first.
    assert [defect.kind for defect in quality.defects][:1] == ["longer than a day"]


def test_orders_cut_off_change_the_time_that_orders_take(tmp_path: Path) -> None:
    """Three whole orders take 6 h each, one cut off 2 h: the mean of all is 5 h, a sixth less."""
    found = effect(inspected(tmp_path, [*sound(), saw(3, 7, 9, "A4")]), "censored orders")
    assert found.share == pytest.approx(1 / 6)
    assert "take 0.2 d on average" in found.words


def test_a_reversed_report_would_be_lost(tmp_path: Path) -> None:
    found = effect(inspected(tmp_path, [*sound(), saw(3, 9, 7, "A2", span="002:00")]), "swapped intervals")
    assert (found.hours, found.reports) == (-2.0, -1)
    assert found.words.startswith("without it they would be set aside: 1 report fewer; 2 h of work less (10 %)")


def test_what_hardly_matters_is_told_last(tmp_path: Path) -> None:
    odd = row("A1", "Milling  - Machine 2", "Machine 2 - Milling", at(3, 7), at(3, 8), qty_completed=0)
    quality = inspected(tmp_path, [*sound(), odd, saw(4, 7, 7 + 30, "A3")])
    text = str(quality)
    assert text.index("MATTERS") < text.index("longer than a day")
    assert quality.defect("irregular names").matters  # one name in three activities would be another
    document = quality.to_dict()["defects"][0]
    assert document["kind"] == "longer than a day"
    assert document["effect"]["matters"]
    assert set(document["effect"]) == {
        "words",
        "share",
        "matters",
        "hours",
        "reports",
        "operation",
        "mean hours",
        "mean hours without",
    }


def test_quiet_hours_count_twice_nowhere(tmp_path: Path) -> None:
    """Forty pairs of reports from 13:00 to 09:00 in a shop that closes at 15:00: of each, two hours lie upon the other's."""
    rows = []
    for day in range(40):
        monday = 7 * (day // 4) + day % 4
        for half in ("a", "b"):
            rows.append(
                row(
                    f"B{day}{half}",
                    "Sawing - Machine 1",
                    "Machine 1 - Sawing",
                    at(monday, 13),
                    at(monday + 1, 9),
                    worker=f"W{half}",
                )
            )
        rows.append(row(f"B{day}a", "Packing", "Packing", at(monday + 1, 9), at(monday + 1, 15), worker="W3"))
    quality = inspected(tmp_path, rows)
    assert effect(
        quality,
        "overlaps on stations named Machine"
        if quality.count("overlaps on stations named Machine")
        else "overlaps on a station",
    ).hours == (pytest.approx(40 * 2.0))
    assert quality.count("days of one worker over 24 hours") == 0
