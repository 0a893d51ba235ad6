"""How orders come: logs whose truth was planted, as they come by chance, in bursts, by the week, and more and more."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta

import numpy as np
import pytest

from plantwright.calibration.arrivals import ALARM, ALARM_OF_TREND, Arrivals, find_arrivals
from plantwright.calibration.calendars import Weeks
from plantwright.calibration.visits import History, Visit

BEGIN = date(2026, 1, 5)
FULL = (0, 1, 2, 3, 4)


def logged(counts: Callable[[int, np.random.Generator], int], random: np.random.Generator, weeks: int = 13) -> Arrivals:
    """What is found in a log with so many orders on each day, which begin from six to six."""
    starts = []
    for day in range(7 * weeks):
        number = counts(day, random) if day % 7 in FULL else 0
        midnight = datetime.combine(BEGIN, datetime.min.time()) + timedelta(days=day)
        starts += [midnight + timedelta(hours=6 + hour) for hour in random.uniform(0, 12, size=number)]
    orders = {
        str(k): (Visit(str(k), "A", ("saw", "Saw"), start, start, ("S1",), 60.0, 0.0, 5.0, 0.0, 5.0, True, False),)
        for k, start in enumerate(starts)
    }
    last = datetime.combine(BEGIN + timedelta(days=7 * weeks), datetime.min.time())
    reported = {order: (visits[0].start, visits[0].end) for order, visits in orders.items()}
    history = History(orders, last - timedelta(days=7 * weeks), last, frozenset(), None, {}, reported)
    return find_arrivals(history, Weeks(BEGIN, last.date(), FULL, (5, 6)))


def many(counts: Callable[[int, np.random.Generator], int], number: int, weeks: int = 13) -> list[Arrivals]:
    return [logged(counts, np.random.default_rng(k), weeks) for k in range(number)]


def by_chance(day: int, random: np.random.Generator) -> int:
    return int(random.poisson(3.0))


def in_bursts(day: int, random: np.random.Generator) -> int:
    return int(random.negative_binomial(1.5, 1 / 3))  # mean 3, variance 9


def more_and_more(day: int, random: np.random.Generator) -> int:
    return int(random.poisson(2.0 * 2 ** (day / 42)))


def mostly_on_mondays(day: int, random: np.random.Generator) -> int:
    return int(random.poisson(6.0 if day % 7 == 0 else 2.0))


@pytest.mark.parametrize("counts", [by_chance, in_bursts])
def test_intervals_hold_and_nothing_is_told_that_is_not_there(counts: Callable[..., int]) -> None:
    found = many(counts, 60)
    rates = sum(item.rate is not None and item.rate.low <= 3.0 <= item.rate.high for item in found)
    growths = sum(item.growth is not None and item.growth.low <= 1.0 <= item.growth.high for item in found)
    # Of 60 intervals that hold with 95 %, fewer than 50 do once in five thousand times; of 60 tests with 1 %, more than 4 tell less often yet.
    assert min(rates, growths) >= 50
    assert sum(item.among < ALARM for item in found) <= 4
    assert sum(item.trend < ALARM_OF_TREND for item in found) <= 10
    told = sum(item.bursts < ALARM for item in found)
    assert told <= 4 if counts is by_chance else told >= 58


def test_what_is_there_is_told() -> None:
    growing, weekly = many(more_and_more, 20), many(mostly_on_mondays, 20)
    assert sum(item.trend < ALARM_OF_TREND for item in growing) == 20
    true = 2 ** (28 / 42)
    assert sum(item.growth is not None and item.growth.low <= true <= item.growth.high for item in growing) >= 15
    assert all(item.among < ALARM and item.season < ALARM and item.daily < ALARM for item in weekly)
    assert all(item.span is not None and item.span[0] >= 5 and item.span[1] <= 18 for item in weekly)
    assert "most on Mon" in weekly[0].words


def test_a_clock_is_told_from_chance() -> None:
    found = logged(lambda day, random: 3, np.random.default_rng(1))
    assert found.bursts < ALARM
    assert found.dispersion == 0.0
    assert found.rate is not None
    assert found.rate.low < 3.0 < found.rate.high < 3.05
    assert "more evenly than by chance" in found.words


def test_a_week_or_two_have_a_rate_and_no_trend() -> None:
    found = logged(by_chance, np.random.default_rng(2), weeks=2)
    assert found.rate is not None
    assert found.rate.low < 3.0 < found.rate.high
    assert found.growth is None
    assert "no trend told" in found.words


def test_the_first_week_and_the_last_day_do_not_count() -> None:
    """Orders that had begun before seem to come in the first week: 20 a day instead of three. In a log of three weeks it counts all the same."""
    found = logged(lambda day, random: 20 if day < 7 else 3, np.random.default_rng(1))
    assert (found.weeks, found.orders) == (12, 12 * 15)
    assert found.rate is not None
    assert found.rate.value == pytest.approx(3.0)
    short = logged(lambda day, random: 20 if day < 7 else 3, np.random.default_rng(1), weeks=3)
    assert (short.weeks, short.orders) == (3, 5 * 20 + 10 * 3)
