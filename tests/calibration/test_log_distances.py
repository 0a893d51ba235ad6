"""The five published log distances: by hand, against the authors' own package, and against figures published on the real log."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import numpy as np
import pytest

from plantwright.calibration.holdout import distances as five
from plantwright.calibration.holdout.replaying import drawn_starts, replayed, resampled, truncated
from plantwright.calibration.holdout.traces import HOUR, WEEK, Split, Trace, cut_at, moment, split, traces_of_reports
from plantwright.exchange import read_log
from tests.calibration.logs import at, real_log


def whole_by(traces: Sequence[Trace], until: int) -> list[Trace]:
    """Only the orders that had ended by a moment, whole."""
    return [trace for trace in traces if trace.last <= until]


def trace(order: str, *steps: tuple[str, datetime, float]) -> Trace:
    """An order as (activity, start, hours)."""
    starts = np.array([moment(start) for _, start, _ in steps])
    return Trace(order, tuple(name for name, _, _ in steps), starts, starts + np.array([int(h * HOUR) for *_, h in steps]))  # fmt: skip


ONE = [trace("1", ("saw", at(0, 6), 2), ("mill", at(0, 9), 1))]  # Monday 6 to 8, 9 to 10


def test_runs_of_activities_by_hand() -> None:
    # saw, mill: (-, -, s) (-, s, m) (s, m, -) (m, -, -); saw alone: (-, -, s) (-, s, -) (s, -, -). One is common: 3 + 2 of 7.
    other = [trace("2", ("saw", at(0, 6), 2))]
    assert five.n_gram_distance(ONE, other) == pytest.approx(5 / 7)
    # Of two: (-, s) (s, m) (m, -) and (-, s) (s, -): 2 + 1 of 5.
    assert five.n_gram_distance(ONE, other, long=2) == pytest.approx(3 / 5)


def test_times_by_hand() -> None:
    later = [trace("2", ("saw", at(1, 7), 2), ("mill", at(1, 10), 2))]  # Tuesday 7 to 9, 10 to 12
    # Stamps 6, 8, 9, 10 become 31, 33, 34, 36 hours.
    assert five.absolute_distance(ONE, later) == pytest.approx((25 + 25 + 25 + 26) / 4)
    # Monday is worked in one only, Tuesday in the other only; five days agree in having nothing.
    assert five.circadian_distance(ONE, later) == pytest.approx(2 * 23 / 7)
    # Since the start: 0, 2, 3, 4 and 0, 2, 3, 5.
    assert five.relative_distance(ONE, later) == pytest.approx(1 / 4)
    # 4 h and 5 h, 0 and 1 above the shortest.
    assert five.cycle_time_distance(ONE, later) == pytest.approx(1)
    same_day = [trace("2", ("saw", at(7, 7), 2), ("mill", at(7, 10), 1))]
    assert five.circadian_distance(ONE, same_day) == pytest.approx(1 / 7)


def test_arrivals_and_the_work_still_to_be_done_by_hand() -> None:
    # One order each: at six and at seven of the next day.
    assert five.arrival_distance(ONE, [trace("2", ("saw", at(1, 7), 2))]) == pytest.approx(25)
    cut, until = moment(at(0, 6)), moment(at(0, 12))
    later = [trace("2", ("saw", at(0, 7), 2), ("mill", at(0, 10), 1))]
    # From 6 to 12: 3 2 1 1 0 0 0 h are left of the one (3 h come at 6), 0 3 2 1 1 0 0 of the other.
    assert five.workload_distance(ONE, later, cut, until) == pytest.approx((3 + 1 + 1 + 0 + 1) / 7)
    assert five.workload_distance(ONE, [*ONE, *ONE], cut, until) == pytest.approx((3 + 2 + 1 + 1) / 7)
    # What ends after the log does is not known: of the other 2 1 h are left at 7 and at 8.
    assert five.workload_distance(ONE, later, cut, moment(at(0, 10))) == pytest.approx((3 + 0 + 0 + 1 + 0) / 5)


def test_what_is_left_to_do_is_machine_hours() -> None:
    """A saw from 6 to 8 that worked one of the two hours: 1, 1/2, 0 are left at 6, 7, 8; of one that worked all of them 2, 1, 0."""
    (whole,) = [trace("1", ("saw", at(0, 6), 2))]
    half = Trace("2", whole.activities, whole.starts, whole.ends, np.array([HOUR]))
    span = moment(at(0, 6)), moment(at(0, 8))
    assert five.workload_distance([whole], [half], *span) == pytest.approx((1 + 0.5 + 0) / 3)
    assert five.workload_distance([half], [half.moved(HOUR)], span[0], moment(at(0, 9))) == pytest.approx(
        (1 + 0.5 + 0.5 + 0) / 4
    )


def test_a_log_without_orders_is_refused() -> None:
    with pytest.raises(ValueError, match="without orders"):
        five.distances(ONE, [])


@pytest.fixture(scope="module")
def published() -> Split:
    table = read_log(real_log()).table
    return split(traces_of_reports(table), cut_at(table["end"], 0.8))


def test_the_published_split(published: Split) -> None:
    assert (len(published.train), len(published.test), published.crossing) == (127, 38, 60)
    hours = [np.mean([(t.last - t.first) / HOUR for t in part]) for part in (published.test, published.train)]
    assert [round(value) for value in hours] == [103, 419]


# Computed with the authors' package log-distance-measures 2.2.0 (Python 3.11, pandas 2.3.3) on the same file, read with pandas, with its
# defaults, n=3 and bin_size=1 h: the 38 orders against the 127; against those 10 weeks later; against themselves 5.5 h
# later; and against the 19 of them with an odd number.
OF_THE_PACKAGE = {
    "training": (0.781148429035753, 1223.3403928876032, 1.3662760076728264, 193.1242119998517, 315.0696228760879),
    "10 weeks later": (0.781148429035753, 459.96956001779955, 1.3662760076728264, 193.1242119998517, 315.0696228760879),
    "5.5 h later": (0.0, 5.4537953795379535, 2.6842396654006553, 0.0, 0.0),
    "odd": (0.3707052441229656, 11.165671714230244, 1.608109613540389, 11.676701125994953, 14.23684210526316),
}


ARRIVALS = {
    "training": 1383.107335267302,
    "10 weeks later": 324.61997513468714,
    "5.5 h later": 5.2894736842105265,
    "odd": 11.789473684210531,
}
"""Its `case_arrival_distribution_distance` of the same, in whole hours."""


@pytest.mark.parametrize("name", OF_THE_PACKAGE)
def test_as_the_authors_package_has_them(published: Split, name: str) -> None:
    other = {
        "training": published.train,
        "10 weeks later": [trace.moved(10 * WEEK) for trace in published.train],
        "5.5 h later": [trace.moved(int(5.5 * HOUR)) for trace in published.test],
        "odd": [trace for trace in published.test if trace.order[-1] in "13579"],
    }[name]
    assert five.distances(published.test, other) == pytest.approx(OF_THE_PACKAGE[name], rel=1e-12)
    assert five.distances(other, published.test) == pytest.approx(OF_THE_PACKAGE[name], rel=1e-12)
    assert five.arrival_distance(published.test, other) == pytest.approx(ARRIVALS[name], rel=1e-12)


# Published with the figures of Simod, RIMS and AgentSimulator on this split. They are means of a few runs (the field takes ten) with
# seeds of their own, so each must lie within 2.6 standard errors (99 %) of a mean of ten of ours.
PUBLISHED = {
    "floor": (0.229, 15.6, 1.03, 7.5, 14.2),
    "replay": (0.723, 48.4, 3.84, 15.8, 27.6),
}


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_floor_and_replay(published: Split, name: str) -> None:
    random = np.random.default_rng(1)
    starts = [trace.first for trace in published.test]

    def once() -> list[Trace]:
        if name == "floor":
            return resampled(published.test, random)
        return whole_by(replayed(published.train, starts, random), published.until)

    found = np.array([five.distances(published.test, once()) for _ in range(100)])
    off = abs(found.mean(axis=0) - PUBLISHED[name])
    assert np.all(off < 2.6 * found.std(axis=0) * np.sqrt(1 / 10 + 1 / 100)), off


def test_replay_keeps_weekdays_and_hours_and_ends_with_the_log() -> None:
    random = np.random.default_rng(3)
    (moved,) = replayed(ONE, [moment(at(15, 7))], random)
    assert moved.first == moment(at(14, 6))  # the Monday two weeks later
    assert moved.activities == ONE[0].activities
    (seen,) = truncated([moved], moment(at(14, 9)))
    assert (seen.activities, seen.last) == (("saw",), moment(at(14, 8)))
    assert truncated([moved], moment(at(14, 7))) == []
    assert whole_by([moved], moment(at(14, 9))) == []
    assert whole_by([moved], moment(at(14, 10))) == [moved]


def test_starts_are_drawn_from_whole_weeks_of_the_past() -> None:
    known = [moment(at(day, 8)) for day in range(28)]  # one each day for four weeks; the first week is not taken
    begin, cut = moment(at(0)), moment(at(28))
    made = drawn_starts(known, begin, cut, moment(at(38, 7)), np.random.default_rng(5))
    assert [start for start, _ in made] == [moment(at(day, 8)) for day in range(28, 38)]
    assert all((start - known[index]) % WEEK == 0 and index >= 7 for start, index in made)
    with pytest.raises(ValueError, match="less than a week"):
        drawn_starts(known, begin, moment(at(6)), cut, np.random.default_rng(5))
