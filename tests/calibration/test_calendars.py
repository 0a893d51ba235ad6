"""Hours of work found in made-up logs whose hours are known."""

from __future__ import annotations

import random
from datetime import date, datetime

import pytest

from plantwright.calibration.calendars import (
    Pattern,
    day_words,
    find_calendar,
    find_calendars,
    find_days_off,
    find_weeks,
    inside_share,
    on_days,
    open_seconds,
    worked_by_hour,
)
from plantwright.plant import build_plant
from plantwright.units import clock
from tests.calibration.logs import at

MON_FRI = (0, 1, 2, 3, 4)


def worked(
    days: range, start: float, end: float, weekdays: tuple[int, ...] = MON_FRI
) -> list[tuple[datetime, datetime]]:
    """Reports of an hour or less, one after another, from start to end of each of some weekdays."""
    spans = []
    for day in days:
        if at(day).weekday() in weekdays:
            hour = start
            while hour < end:
                spans.append((at(day, hour), at(day, min(end, hour + 0.9))))
                hour += 1
    return spans


def test_hours_worked_are_counted_in_the_hours_in_which_they_lie() -> None:
    """From 8:30 to 10:15, from 9 to 9:30, and from 23:30 to 1:00 of the next day; nothing where an end is not after its start."""
    spans = [
        (at(0, 8.5), at(0, 10.25)),
        (at(0, 9), at(0, 9.5)),
        (at(0, 23.5), at(1, 1)),
        (at(3, 8), at(3, 8)),
        (at(4, 9), at(4, 8)),
    ]
    found = {
        day: {hour: each for hour, each in enumerate(own.tolist()) if each}
        for day, own in worked_by_hour(spans).items()
    }
    assert found == {at(0).date(): {8: 0.5, 9: 1.5, 10: 0.25, 23: 0.5}, at(1).date(): {0: 1.0}}
    assert worked_by_hour([]) == {}


def patterns(spans: list[tuple[datetime, datetime]]) -> list[str]:
    return [pattern.name for pattern in find_calendar(spans, find_weeks(spans)).patterns]


@pytest.mark.parametrize(
    ("start", "end", "name"),
    [
        (7, 15, "Mon-Fri 07:00 to 15:00"),
        (6, 22, "Mon-Fri 06:00 to 22:00"),
        (22, 30, "Mon-Fri 22:00 to 06:00"),
        (6, 26, "Mon-Fri 06:00 to 02:00"),
        (0, 24, "Mon-Fri around the clock"),
    ],
)
def test_one_shift_two_shifts_nights_and_full_days(start: float, end: float, name: str) -> None:
    assert patterns(worked(range(70), start, end)) == [name]


def test_a_pause_at_noon_does_not_divide_the_day() -> None:
    spans = worked(range(70), 7, 11.5) + worked(range(70), 12.5, 16)
    assert patterns(spans) == ["Mon-Fri 07:00 to 16:00"]


def test_a_short_friday_and_some_saturday_nights() -> None:
    """Full days Sunday to Thursday, Friday until 13:00, Saturday from 21:00 in every second week: a shift. In every third week it is none."""
    usual = worked(range(98), 0, 24, (6, 0, 1, 2, 3)) + worked(range(98), 0, 13, (4,))
    nights = worked(range(98), 21, 24, (5,))
    spans = usual + [span for span in nights if (span[0] - at(0)).days // 7 % 2]
    weeks = find_weeks(spans)
    calendar = find_calendar(spans, weeks)
    assert [p.name for p in calendar.patterns] == [
        "Sun-Thu around the clock", "Fri 00:00 to 13:00", "Sat 21:00 to 24:00",
    ]  # fmt: skip
    assert calendar.inside == pytest.approx(1.0)
    assert calendar.patterns[2].words(weeks) == {"days": "Sat", "from": "21:00", "to": "24:00"}
    assert calendar.usual[4][12] == pytest.approx(0.9)
    assert calendar.usual[4][13] == 0
    rarely = find_calendar(usual + [span for span in nights if (span[0] - at(0)).days // 7 % 3 == 2], weeks)
    assert [p.name for p in rarely.patterns] == ["Sun-Thu around the clock", "Fri 00:00 to 13:00"]
    assert [(p.name, on, of) for p, on, of in rarely.seldom] == [("Sat 21:00 to 24:00", 4, 14)]


def test_where_only_dates_are_known_the_hours_are_the_plants() -> None:
    """The plant works Monday to Friday and Saturday morning; packing is booked by the date, 50 times from Monday to Thursday and
    once on a Saturday.
    """
    plant = find_calendar(
        worked(range(98), 6, 22) + worked(range(98), 6, 12, (5,)), find_weeks(worked(range(98), 6, 22))
    )
    assert [p.name for p in plant.patterns] == ["Mon-Fri 06:00 to 22:00", "Sat 06:00 to 12:00"]
    packing = on_days(plant, [day % 4 for day in range(50)] + [5])
    assert [p.name for p in packing.patterns] == ["Mon-Thu 06:00 to 22:00"]
    assert packing.whose.startswith("those of the plant")


def test_a_holiday_is_closed() -> None:
    spans = [span for span in worked(range(70), 7, 15) if span[0].date() != at(28).date()]
    weeks = find_weeks(spans)
    assert weeks.closed == (at(28).date(),)
    pattern = find_calendar(spans, weeks).patterns[0]
    assert pattern.words(weeks) == {
        "days": "Mon-Fri",
        "from": "07:00",
        "to": "15:00",
        "except": {"2026-02-02": "closed"},
    }


def test_a_work_center_that_stood_still_for_a_week_is_off_then() -> None:
    """The plant works on; in the file its shift is closed on those five days, and on no others."""
    plant = worked(range(70), 7, 15)
    weeks = find_weeks(plant)
    calendar = find_calendar([span for span in plant if not 28 <= (span[0] - at(0)).days < 35], weeks)
    week = tuple(at(day).date() for day in range(28, 33))
    assert calendar.off == week
    assert [pattern.name for pattern in calendar.patterns] == ["Mon-Fri 07:00 to 15:00"]
    assert calendar.patterns[0].words(weeks)["except"] == {day.isoformat(): "closed" for day in week}
    assert calendar.inside == pytest.approx(1.0)
    assert calendar.usual[0][8] == pytest.approx(0.9 * 9 / 10)  # the shares of all ten weeks
    assert find_calendar(plant, weeks).off == ()


def test_a_work_center_that_is_idle_by_chance_is_not_off() -> None:
    """Days without work come at random, at 5 to 50 %: of two hundred work centers hardly one is called off."""
    chance = random.Random(1)
    dates = [at(day).date() for day in range(140) if at(day).weekday() < 5]
    called = 0
    for number in range(200):
        share = 0.05 + 0.45 * number / 200
        called += bool(find_days_off({day: 8.0 for day in dates if chance.random() >= share}, dates))
    assert called <= 4  # 200 at one in a hundred: two, and five or more once in twenty


def test_overtime_now_and_then_does_not_open_the_evening() -> None:
    spans = worked(range(70), 7, 15) + worked(range(0, 70, 14), 15, 20)
    assert patterns(spans) == ["Mon-Fri 07:00 to 15:00"]


def test_seldom_used_stations_share_their_hours() -> None:
    spans = {"often": worked(range(70), 7, 15), "a": worked(range(3), 7, 10), "b": worked(range(7, 9), 9, 14)}
    weeks = find_weeks(spans["often"])
    found = find_calendars(spans, weeks)
    assert [bool(found[name].whose) for name in ("often", "a", "b")] == [False, True, True]
    assert found["a"].patterns == found["b"].patterns


def test_the_plant_file_understands_every_pattern() -> None:
    spans = worked(range(98), 0, 24, (6, 0, 1, 2, 3)) + worked(range(98), 0, 13, (4,)) + worked(range(7, 9), 22, 30)
    weeks = find_weeks(spans)
    shifts = {p.name: p.words(weeks) for p in (*find_calendar(spans, weeks).patterns, Pattern((5,), 22.0, 30.5))}
    plant = build_plant({
        "plant": "p", "shifts": shifts, "work centers": {"a": {"machines": "1", "shift": list(shifts)}},
        "products": {"x": {"demand": {"rate": "1 piece/d"}, "routing": [{"cut": {"at": "a", "time": "1 min/piece"}}]}},
    })  # fmt: skip
    assert set(plant.shifts) == {"Sun-Thu around the clock", "Fri 00:00 to 13:00", "Sat 22:00 to 06:30"}


def test_words_for_days_and_times() -> None:
    assert [day_words(days) for days in ((0,), MON_FRI, (6, 0, 1), (0, 2), range(7))] == [
        "Mon", "Mon-Fri", "Sun-Tue", "Mon, Wed", "Mon-Sun",
    ]  # fmt: skip
    assert [clock(3600 * hours) for hours in (0, 6.5, 24, 30.5)] == ["00:00", "06:30", "24:00", "06:30"]


def test_open_time_between_two_instants() -> None:
    """Monday 14:00 to Tuesday 08:00 holds one hour of each day, if work is from 07:00 to 15:00."""
    pattern = Pattern(MON_FRI, 7.0, 15.0)
    clock_ = open_seconds([pattern], [at(2).date()], at(0).date(), at(20).date())
    assert clock_(at(0, 14), at(1, 8)) == 2 * 3600
    assert clock_(at(1, 15), at(3, 7)) == 0  # day 2 was closed
    assert clock_(at(0), at(7)) == 4 * 8 * 3600
    assert open_seconds([], [], at(0).date(), at(1).date())(at(0), at(1)) == 86400
    nights = open_seconds([Pattern((0,), 22.0, 30.0)], [], at(0).date(), at(3).date())
    assert nights(at(0), at(3)) == 8 * 3600


def test_the_share_of_work_inside_hours() -> None:
    pattern = Pattern((0,), 22.0, 30.0)
    assert inside_share([(at(0, 20), at(1, 4))], [pattern]) == pytest.approx(6 / 8)
    assert inside_share([], [pattern]) == 1.0


def test_a_pattern_knows_its_hours_past_midnight() -> None:
    pattern = Pattern((0,), 22.0, 30.0, (date(2026, 1, 5),))
    assert [pattern.holds(0, hour) for hour in (21, 22, 23)] == [False, True, True]
    assert [pattern.holds(1, hour) for hour in (0, 5, 6)] == [True, True, False]
    assert pattern.name == "Mon 22:00 to 06:00"
