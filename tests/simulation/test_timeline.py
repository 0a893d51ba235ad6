"""Calendars: shifts over midnight, exceptions, and the days on which clocks change."""

from __future__ import annotations

from datetime import date, datetime

import numpy as np
import pytest

from plantwright.plant.calendar import Overtime, Shift, Span
from plantwright.simulation.timeline import Calendar, advance, calendar, open_time, working_days
from tests.simulation.plants import shop

HOUR, DAY = 3600.0, 86400.0
WEEKDAYS = (0, 1, 2, 3, 4)
MONDAY = datetime(2026, 1, 5)


def shift(start: float, end: float, days: tuple[int, ...] = WEEKDAYS, **words: object) -> Shift:
    return Shift("s", days, Span(start * HOUR, end * HOUR), **words)  # type: ignore[arg-type]


def open_hours(*shifts: Shift, start: datetime = MONDAY, zone: str = "UTC", days: int = 7) -> list[tuple[float, float]]:
    """The open spans from the start, in hours."""
    made = calendar(shifts, start=start, time_zone=zone, horizon=days * DAY)
    edges = [*made.times / HOUR, days * 24]
    spans = [(float(edges[i]), float(min(edges[i + 1], days * 24))) for i in range(len(made.on)) if made.on[i]]
    return [(start, end) for start, end in spans if start < end]


def test_no_shift_is_always_open() -> None:
    assert open_hours() == [(0, 168)]


def test_a_week_of_day_shifts() -> None:
    assert open_hours(shift(7, 15)) == [(7 + 24 * k, 15 + 24 * k) for k in range(5)]


def test_breaks_divide_a_shift() -> None:
    pause = (Span(11 * HOUR, 11.5 * HOUR), Span(14 * HOUR, 16 * HOUR))
    assert open_hours(shift(7, 15, (0,), breaks=pause)) == [(7, 11), (11.5, 14)]


def test_a_shift_over_midnight_belongs_to_the_day_on_which_it_begins() -> None:
    """Sunday's night shift is still open at the start on Monday."""
    assert open_hours(shift(22, 30, (0, 6))) == [(0, 6), (22, 30), (166, 168)]


def test_a_start_within_a_shift() -> None:
    assert open_hours(shift(7, 15, (0,)), start=datetime(2026, 1, 5, 9, 30)) == [(0, 5.5), (165.5, 168)]


def test_shifts_that_meet_or_overlap_are_one() -> None:
    assert open_hours(shift(6, 14, (0,)), shift(14, 22, (0,))) == [(6, 22)]
    assert open_hours(shift(6, 15, (0,)), shift(14, 22, (0,))) == [(6, 22)]


def test_a_break_of_one_shift_does_not_close_another() -> None:
    pause = (Span(11 * HOUR, 12 * HOUR),)
    assert open_hours(shift(7, 15, (0,), breaks=pause), shift(9, 13, (0,))) == [(7, 15)]


def test_exceptions_close_a_day_open_another_or_change_hours() -> None:
    exceptions = {
        date(2026, 1, 6): "closed",
        date(2026, 1, 7): Span(9 * HOUR, 12 * HOUR),
        date(2026, 1, 10): Span(8 * HOUR, 10 * HOUR),
    }
    assert open_hours(shift(7, 15, exceptions=exceptions)) == [
        (7, 15),
        (48 + 9, 48 + 12),
        (72 + 7, 72 + 15),
        (96 + 7, 96 + 15),
        (120 + 8, 120 + 10),
    ]


def test_overtime_comes_on_top() -> None:
    extra = (Overtime((0, 5), Span(15 * HOUR, 17 * HOUR)),)
    assert open_hours(shift(7, 15, (0,), overtime=extra)) == [(7, 17), (120 + 15, 120 + 17)]


class TestClocksChange:
    """New York: on 8 March 2026 02:00 becomes 03:00; on 1 November 02:00 becomes 01:00."""

    def test_a_night_in_spring_is_an_hour_shorter(self) -> None:
        found = open_hours(shift(22, 30, (5,)), start=datetime(2026, 3, 7), zone="America/New_York", days=2)
        assert found == [(22, 29)]

    def test_a_night_in_autumn_is_an_hour_longer(self) -> None:
        found = open_hours(shift(22, 30, (5,)), start=datetime(2026, 10, 31), zone="America/New_York", days=2)
        assert found == [(22, 31)]

    def test_the_day_shift_keeps_its_hours(self) -> None:
        found = open_hours(shift(7, 15, (6, 0)), start=datetime(2026, 3, 8), zone="America/New_York", days=2)
        assert found == [(6, 14), (30, 38)]

    def test_what_ends_before_it_begins_is_not_there(self) -> None:
        """From 2:15, which is skipped and so 3:15, to 3:05: nothing; the shift from 0 to 14 is open all the time, 13 hours."""
        long, none = shift(0, 14, (6,)), shift(2.25, 3 + 1 / 12, (6,))
        found = open_hours(none, long, start=datetime(2026, 3, 8), zone="America/New_York", days=1)
        assert found == [(0, 13)]

    def test_days_end_at_local_midnight(self) -> None:
        plant = shop("""
plant: x
time zone: America/New_York
start: 2026-03-07 00:00
work centers: {m: {machines: 1}}
products: {p: {demand: {rate: 1 piece/day}, routing: [a: {at: m, time: 1 h}]}}
""")
        assert (working_days(plant, 3.5 * DAY).ends / HOUR).tolist() == [24, 47, 71]


class TestOpenTime:
    MADE = Calendar(np.array([0.0, 10, 20, 30, 40]), np.array([0, 1, 0, 1, 0]))

    @pytest.mark.parametrize(
        ("start", "end", "seconds"), [(0, 50, 20), (0, 10, 0), (12, 15, 3), (15, 35, 10), (20, 30, 0), (39, 99, 1)]
    )
    def test_between_two_instants(self, start: float, end: float, seconds: float) -> None:
        assert open_time(self.MADE, start, end) == seconds

    @pytest.mark.parametrize(
        ("start", "work", "at"),
        [(0, 0, 10), (0, 4, 14), (0, 10, 30), (0, 15, 35), (15, 5, 30), (15, 4, 19), (25, 0, 30), (35, 4, 39)],
    )
    def test_the_instant_after_so_much_open_time(self, start: float, work: float, at: float) -> None:
        """What falls on the closing falls on the next opening."""
        assert advance(self.MADE, start, work) == at

    def test_past_the_end_there_is_none(self) -> None:
        assert advance(self.MADE, 0, 20.0) == np.inf
        assert advance(self.MADE, 0, np.array([1.0, 21.0])).tolist() == [11.0, np.inf]

    def test_there_and_back(self) -> None:
        made = calendar([shift(7, 15), shift(22, 30, (5,))], start=MONDAY, time_zone="UTC", horizon=14 * DAY)
        work = np.linspace(0, 90 * HOUR, 181)
        for seconds, instant in zip(work, advance(made, 0.0, work), strict=True):
            assert open_time(made, 0.0, instant) == pytest.approx(seconds)


def test_working_days_are_those_on_which_a_shift_begins() -> None:
    plant = shop("""
plant: x
shifts: {day: {days: Mon-Fri, from: "07:00", to: "15:00", except: {2026-01-07: closed}}}
work centers: {m: {machines: 1, shift: day}}
products: {p: {release: saturated, routing: [a: {at: m, time: 1 h}]}}
""")
    assert working_days(plant, 8 * DAY).working.tolist() == [True, True, False, True, True, False, False, True]
