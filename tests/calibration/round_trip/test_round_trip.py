"""Every true number lies in its interval as often as the interval says, over shops that are drawn, simulated, booked, damaged and calibrated."""

from __future__ import annotations

import os
from concurrent.futures import ProcessPoolExecutor
from functools import cache

from scipy import stats

from tests.calibration.round_trip.judging import Judged, Trip, round_trip, table

STUDY = bool(os.environ.get("PLANTWRIGHT_STUDIES"))
SHOPS = range(1, 241) if STUDY else range(1, 37)
FEWEST = 20


@cache
def trips() -> tuple[Trip, ...]:
    if STUDY:
        with ProcessPoolExecutor() as several:
            return tuple(several.map(round_trip, SHOPS))
    return tuple(map(round_trip, SHOPS))


def judged() -> list[Judged]:
    return [own for trip in trips() for own in trip.judged]


def test_true_numbers_lie_in_their_intervals() -> None:
    """Over all, 93 to 97 % of the intervals of 95 % hold the true number.

    Of no kind of number, and of no kind of distribution, do fewer than 88 %: in the study as counted, in the small one as far as
    so few can tell (a binomial test at .1 % for all kinds together).
    """
    rows = [row for by in ("what", "kind") for row in table(judged(), by)]
    print_table(rows)
    overall = next(row for row in rows if row["name"] == "all")
    assert overall["intervals"] > 20 * len(SHOPS)
    assert 0.93 <= overall["hold"] <= 0.97, overall
    for row in rows:
        if STUDY and row["intervals"] >= 50:
            assert row["hold"] >= 0.88, row
        held = round(row["hold"] * row["intervals"])
        assert stats.binom.cdf(held, row["intervals"], 0.88) > 0.001 / len(rows), row


def test_intervals_are_not_wide() -> None:
    """On average no wider than one and a half times the interval of greatest likelihood of the undamaged data, whose kind is known: over
    all, and for each kind of number where there are eight records or more.
    """
    assert 0.8 < table(judged(), "what")[0]["width"] < 1.5
    for row in table([own for own in judged() if own.records >= 8], "what"):
        if row["intervals"] >= FEWEST:
            assert 0.8 < row["width"] < 1.5, row


def test_what_there_is_is_found() -> None:
    """Machines, hours of work, and every time, setup and failure that a log shows often enough; and nothing else."""
    lost = [f"{at}: {what}" for at, trip in zip(SHOPS, trips(), strict=True) for what in (*trip.lost, *trip.wrong)]
    assert len(lost) <= 0.02 * len(SHOPS), lost
    strange = [own for own in judged() if own.kind in ("not there", "of another unit")]
    assert len(strange) <= 0.01 * len(judged()), strange


def test_hardly_any_time_is_left_out() -> None:
    """Every time that was booked is honest; fewer than one in two thousand is taken for an outlier."""
    left_out = sum(len(one.times) for trip in trips() for one in trip.found.times.outliers)
    visits = sum(len(trip.found.history.visits()) for trip in trips())
    assert left_out <= 0.0005 * visits, (left_out, visits)


def test_nothing_is_said_to_have_changed() -> None:
    """Nothing changes in any shop; in one of twenty, something may be taken for a change."""
    changed = sum(bool(dict(trip.found.times.changes.named())) for trip in trips())
    assert stats.binom.sf(changed - 1, len(SHOPS), 0.05) > 0.001, changed


def test_equal_people_are_left_alone() -> None:
    """All people work alike; in one shop of twenty somebody may be called different in pace or scrap."""
    staffed = [trip.found.skills for trip in trips() if trip.found.skills is not None]
    assert len(staffed) > len(SHOPS) / 4
    called = sum(any(own.paced or own.scraps for own in skills.rows) for skills in staffed)
    assert stats.binom.sf(called - 1, len(staffed), 0.05) > 0.001, called
    assert any(own.pace is not None for skills in staffed for own in skills.rows)


def print_table(rows: list[dict[str, object]]) -> None:
    print()
    for row in rows:
        print(f"{row['name']:24} {row['intervals']:6} {100 * float(str(row['hold'])):6.1f} %  {row['width']:5.2f}")
