"""How orders come: how many a day, on which weekdays and at which hours, more or fewer as time goes by, one by one or several at once."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import numpy as np
import numpy.typing as npt

from plantwright.calibration.calendars import Weeks, day_words
from plantwright.calibration.intervals import Told
from plantwright.calibration.proportions import Proportion
from plantwright.calibration.visits import History, order_pieces

Floats = npt.NDArray[np.float64]

ALARM, ALARM_OF_TREND = 0.01, 0.05
"""Each test tells what is not there in one of a hundred logs; that of the trend, of which a log tells least, in one of twenty."""
_SHUFFLES = 999
_FEWEST_WEEKS = 4
"""In a log of so many weeks the first one is left out: orders that had begun before seem to come in it."""
_FEWEST_DAYS = 5
_MOST_SHARE = 0.8
_SEED = 20


@dataclass(frozen=True)
class Measured:
    """A number with the interval in which the true one lies with 95 %."""

    value: float
    low: float
    high: float


@dataclass(frozen=True)
class Arrivals:
    """How the orders of a log come.

    ``orders`` came in ``weeks`` weeks of the log (its first one and its last day are not counted, nor are days on which the plant was closed).
    ``rate`` is orders on a full day, which is one of the weekdays ``full``; ``by_weekday`` the mean of each weekday from Monday on, None where
    the log has none. ``growth`` is by what the rate is multiplied in four weeks. ``dispersion`` is the variance of the counts of full days over
    their mean (1 where each order comes by itself, more where they come in bursts, less where they come evenly); ``together`` how many orders begin
    at one moment. ``hours`` are the orders that begin in each hour of the day, ``span`` the shortest span of hours with four in five of them.
    Chances (`season`, ``among``, ``daily``, ``trend``, ``bursts``) are those of seeing as much where all weekdays, all full weekdays, all
    hours are alike, the rate does not change, and orders come each by itself: below `ALARM`, and `ALARM_OF_TREND`, it is told.
    """

    orders: int
    weeks: int
    full: tuple[int, ...]
    rate: Measured | None
    by_weekday: tuple[float | None, ...]
    growth: Measured | None
    dispersion: float | None
    together: float
    hours: tuple[int, ...]
    span: tuple[int, int] | None
    season: float
    among: float
    daily: float
    trend: float
    bursts: float
    mix: Mapping[str, Proportion]
    sizes: Mapping[str, Measured]

    @property
    def words(self) -> str:
        """All of it in a sentence."""
        if self.rate is None:
            return f"{self.orders} orders in {self.weeks} weeks: too few to tell how they come"
        rate = self.rate
        days = day_words(self.full)
        parts = [f"{rate.value:.3g} orders a full day ({rate.low:.3g} to {rate.high:.3g}), {days}"]
        rest = {day: mean for day, mean in enumerate(self.by_weekday) if day not in self.full and mean is not None}
        if rest:
            some = [f"{mean:.2g} on {day_words([day])}" for day, mean in rest.items() if mean > 0]
            parts[0] += f", {', '.join([*some, *(['none on others'] if len(some) < len(rest) else [])])}"
        if self.among < ALARM:
            means = {day: mean for day in self.full if (mean := self.by_weekday[day]) is not None}
            most, least = max(means, key=lambda day: means[day]), min(means, key=lambda day: means[day])
            parts.append(
                f"most on {day_words([most])} ({means[most]:.2g}), least on {day_words([least])} ({means[least]:.2g})"
            )
        if self.daily < ALARM:
            long = f"four in five begin from {self.span[0]:02d}:00 to {self.span[1]:02d}:00" if self.span else ""
            parts.append(long or "round the clock, more at some hours than at others")
        if self.growth is not None and self.trend < ALARM_OF_TREND:
            growth = self.growth
            parts.append(
                f"{100 * (growth.value - 1):+.0f} % in four weeks ({100 * (growth.low - 1):+.0f} to {100 * (growth.high - 1):+.0f})"
            )
        else:
            parts.append("no trend told")
        if self.dispersion is not None:
            told = self.bursts < ALARM
            how = "each by itself" if not told else "in bursts" if self.dispersion > 1 else "more evenly than by chance"
            parts.append(f"they come {how} (dispersion {self.dispersion:.2g})")
        return "; ".join(parts)

    def rows(self) -> list[dict[str, Any]]:
        """A row for each number, with its interval where it has one, and the chance of seeing as much where there is nothing."""
        made = [_row("orders a full day", day_words(self.full), self.rate)]
        made += [
            _row("orders a day", day_words([day]), mean) for day, mean in enumerate(self.by_weekday) if mean is not None
        ]
        made += [
            _row("weekdays alike", "all", None, self.season),
            _row("weekdays alike", day_words(self.full), None, self.among),
            _row("growth in four weeks", "", self.growth, self.trend),
            _row("dispersion", "", self.dispersion, self.bursts),
            _row("orders at one moment", "", self.together),
            _row("hours alike", "", None, self.daily),
        ]
        made += [_row("orders in the hour", f"{hour:02d}:00", float(count)) for hour, count in enumerate(self.hours)]
        for product, share in self.mix.items():
            low, high = share.interval()
            made.append(_row("share of orders", product, Measured(share.value, low, high)))
        return [*made, *(_row("pieces in an order", product, size) for product, size in self.sizes.items())]


def _row(what: str, of: str, value: Measured | float | None, chance: float | None = None) -> dict[str, Any]:
    one = value if isinstance(value, Measured) else None
    number = value.value if isinstance(value, Measured) else value
    return {
        "what": what, "of": of, "value": number, "low": one and one.low, "high": one and one.high, "chance": chance,
    }  # fmt: skip


def find_arrivals(history: History, weeks: Weeks) -> Arrivals:
    """How orders come: when their first reports start. Orders that began before the log do not count.

    Notes
    -----
    Intervals of the rate and of its growth are those of a log-linear model of the counts of weeks whose variance is a multiple of the mean
    (quasi-Poisson; McCullagh and Nelder 1989, section 6.2), with Student's quantiles. The tests are exact whatever the counts are distributed like:
    days are shuffled within their weeks (weekdays alike), weeks among each other (no trend), hours of each day turned round the clock
    (hours alike); and counts of a weekday are shared out anew among its days (each order by itself: the counts are then multinomial).
    """
    came = {order: start for order, (start, _) in history.reported.items() if order not in history.begun}
    days = _days(history, weeks)
    number = Counter(start.date() for start in came.values())
    counts = np.array([number[day] for day in days], dtype=float)
    inside = [order for order, start in came.items() if days and days[0] <= start.date() <= days[-1]]
    closed = set(weeks.closed)
    is_open = np.array([day not in closed for day in days], dtype=bool)
    weekday = np.array([day.weekday() for day in days], dtype=int)
    full = tuple(sorted(weeks.full)) or tuple(range(7))
    is_full = is_open & np.isin(weekday, full)
    random = np.random.default_rng(_SEED)
    means = [counts[is_open & (weekday == day)] for day in range(7)]
    by_weekday = tuple(float(own.mean()) if own.size else None for own in means)
    by_week = _by_week(counts * is_open, len(days) // 7)
    expected = _by_week(np.array([by_weekday[day] or 0.0 for day in weekday]) * is_open, len(days) // 7)
    chance_of_trend = _trend_chance(by_week, expected, random)
    growth = _growth(by_week, expected)
    rate = _rate(counts[is_full], by_week, expected, growth if chance_of_trend < ALARM_OF_TREND else None)
    grown = np.arange(counts.size) / 28.0
    weights = np.ones(counts.size) if growth is None or chance_of_trend >= ALARM_OF_TREND else growth.value**grown
    dispersion, bursts = _dispersion(counts[is_full], weekday[is_full], weights[is_full], random)
    hours, turned = _hours(history, inside, random)
    mix, sizes = _mix(history, sorted(came))
    moments = len({came[order] for order in inside})
    return Arrivals(
        len(inside), len(days) // 7, full, rate, by_weekday, growth, dispersion, len(inside) / max(1, moments), hours,
        _span(hours), _season_chance(counts, weekday, is_open, random), _season_chance(counts, weekday, is_full, random),
        turned, chance_of_trend, bursts, mix, sizes,
    )  # fmt: skip


def _days(history: History, weeks: Weeks) -> list[date]:
    """Whole weeks up to the day before the log's last."""
    first, last = max(history.first.date(), weeks.first), history.last.date() - timedelta(days=1)
    number = ((last - first).days + 1) // 7
    number -= number >= _FEWEST_WEEKS
    return [last - timedelta(days=back) for back in range(7 * number - 1, -1, -1)]


def _by_week(values: Floats, weeks: int) -> Floats:
    return np.asarray(values[: 7 * weeks].reshape(weeks, 7).sum(axis=1))


def _shuffled(chances: Floats, seen: float) -> float:
    """The share of shuffles, and the log itself, that are as far from what is expected as the log is."""
    return float((1 + (chances >= seen - 1e-9 * abs(seen)).sum()) / (1 + chances.size))


def _season_chance(counts: Floats, weekday: npt.NDArray[np.int_], kept: npt.NDArray[np.bool_], random: Any) -> float:
    """Of seeing weekdays as far apart if they are alike: the kept days of each week change places."""
    weeks = counts.size // 7
    if weeks < 2 or len(set(weekday[kept])) < 2:
        return 1.0
    grid, mask, days = counts.reshape(weeks, 7), kept.reshape(weeks, 7), weekday.reshape(weeks, 7)
    number = np.array([max(1, int((mask & (days == day)).sum())) for day in range(7)])

    def apart(values: Floats) -> Floats:
        totals = np.stack([(values * (mask & (days == day))).sum(axis=(-2, -1)) for day in range(7)])
        return np.asarray((totals**2 / number[:, None]).sum(axis=0))

    # Days that are kept stand first, in an order drawn by lot, and go back to the places of the days that are kept.
    turn = random.random((_SHUFFLES, weeks, 7)) + 2.0 * ~mask
    drawn = np.take_along_axis(np.broadcast_to(grid, turn.shape), turn.argsort(axis=2), axis=2)
    places = np.argsort(~mask, axis=1, kind="stable").argsort(axis=1)
    back = np.take_along_axis(drawn, np.broadcast_to(places, turn.shape), axis=2)
    return _shuffled(apart(back), float(apart(grid[None])[0]))


def _trend_chance(by_week: Floats, expected: Floats, random: Any) -> float:
    """Of seeing as steep a trend if there is none: weeks change places."""
    if by_week.size < 3 or not by_week.sum():
        return 1.0
    apart = by_week - expected * by_week.sum() / expected.sum()
    time = np.arange(by_week.size) - (by_week.size - 1) / 2
    drawn = apart[random.random((_SHUFFLES, by_week.size)).argsort(axis=1)]
    return _shuffled(np.abs(drawn @ time), abs(float(apart @ time)))


def _growth(by_week: Floats, expected: Floats) -> Measured | None:
    """By what the rate is multiplied in four weeks, by Fisher's scoring of a log-linear model of the counts of weeks."""
    use = expected > 0
    if use.sum() < 4 or not by_week.sum():
        return None
    counts, base = by_week[use], expected[use]
    time = np.flatnonzero(use) - (by_week.size - 1) / 2
    design = np.stack([np.ones(time.size), time / 4], axis=1)
    at = np.array([math.log(counts.sum() / base.sum()), 0.0])
    for _ in range(50):
        mean = base * np.exp(np.clip(design @ at, -30, 30))
        information = design.T @ (design * mean[:, None])
        step = np.linalg.solve(information + 1e-12 * np.eye(2), design.T @ (counts - mean))
        at = at + np.clip(step, -1, 1)
        if np.abs(step).max() < 1e-10:
            break
    mean = base * np.exp(np.clip(design @ at, -30, 30))
    spread = float(((counts - mean) ** 2 / mean).sum()) / (time.size - 2)
    error = math.sqrt(spread * float(np.linalg.inv(information)[1, 1]))
    return _interval(Told(float(at[1]), error, float(time.size - 2)))


def _interval(told: Told) -> Measured:
    return Measured(told.value, *told.interval())


def _rate(counts: Floats, by_week: Floats, expected: Floats, growth: Measured | None) -> Measured | None:
    """Orders on a full day: weeks say how sure that is; of a log with fewer than three, Poisson's law does."""
    if not counts.size or not counts.sum():
        return None
    total, value = float(counts.sum()), float(counts.mean())
    if by_week.size < 3:
        return _interval(Told(math.log(value), 1 / math.sqrt(total), math.inf))
    time = np.arange(by_week.size) - (by_week.size - 1) / 2
    wanted = expected * (1.0 if growth is None else growth.value ** (time / 4))
    wanted = wanted * by_week.sum() / wanted.sum()
    freedom = by_week.size - (1 if growth is None else 2)
    use = wanted > 0
    spread = float(((by_week - wanted)[use] ** 2 / wanted[use]).sum()) / freedom
    # Half an order is the least that the ends of the weeks leave open.
    error = max(math.sqrt(spread * total), 0.5) / total
    return _interval(Told(math.log(value), error, float(freedom)))


def _dispersion(
    counts: Floats, weekday: npt.NDArray[np.int_], weights: Floats, random: Any
) -> tuple[float | None, float]:
    """Variance over mean of the counts of days, each weekday around its own mean, and the chance of one as far from 1 by chance.

    `weights` are what the days are expected to differ by as time goes by.
    """
    own = [(counts[weekday == day], weights[weekday == day]) for day in sorted(set(weekday))]
    own = [(days, weight / weight.sum()) for days, weight in own if days.sum() > 0]
    freedom = sum(days.size - 1 for days, _ in own)
    if freedom < _FEWEST_DAYS:
        return None, 1.0
    seen, drawn = 0.0, np.zeros(_SHUFFLES)
    for days, shares in own:
        mean = days.sum() * shares
        seen += float(((days - mean) ** 2 / mean).sum())
        again = random.multinomial(int(days.sum()), shares, size=_SHUFFLES)
        drawn += ((again - mean) ** 2 / mean).sum(axis=1)
    tails = _shuffled(drawn, seen), _shuffled(-drawn, -seen)
    return seen / freedom, min(1.0, 2 * min(tails))


def _hours(history: History, orders: Sequence[str], random: Any) -> tuple[tuple[int, ...], float]:
    """Orders by the hour in which they begin, and the chance of hours as far apart if they are alike: each day is turned round the clock.

    A start at midnight of which only the date is known tells no hour.
    """
    days: dict[date, list[int]] = {}
    for order in orders:
        start, visit = history.reported[order][0], history.orders[order][0]
        if visit.timed or (start.hour, start.minute) != (0, 0):
            days.setdefault(start.date(), []).append(start.hour)
    grid = np.array([np.bincount(own, minlength=24) for own in days.values()]).reshape(-1, 24)
    totals = grid.sum(axis=0)
    if len(days) < _FEWEST_DAYS:
        return tuple(int(count) for count in totals), 1.0
    drawn = np.zeros((_SHUFFLES, 24))
    hours = np.arange(24)
    for own in grid:
        turns = random.integers(24, size=_SHUFFLES)
        drawn += own[(hours[None, :] + turns[:, None]) % 24]
    return tuple(int(count) for count in totals), _shuffled((drawn**2).sum(axis=1), float((totals**2).sum()))


def _span(hours: Sequence[int]) -> tuple[int, int] | None:
    """The shortest span of hours of the day, from and to, with four in five of the orders; None where that is over half the day."""
    if not sum(hours):
        return None
    twice = np.cumsum([0, *hours, *hours])
    for length in range(1, 13):
        inside = twice[length : length + 24] - twice[:24]
        if inside.max() >= _MOST_SHARE * sum(hours):
            begin = int(inside.argmax())
            return begin, (begin + length - 1) % 24 + 1
    return None


def _mix(history: History, orders: Sequence[str]) -> tuple[dict[str, Proportion], dict[str, Measured]]:
    """The share of each product in the orders, the greatest first, and the pieces of an order of it where three tell them."""
    of: dict[str, list[float]] = {}
    for order in orders:
        visits = history.orders[order]
        of.setdefault(visits[0].product, []).append(order_pieces(visits))
    ordered = sorted(of, key=lambda name: (-len(of[name]), name))
    mix = {name: Proportion(len(of[name]), len(orders)) for name in ordered}
    return mix, {name: _size(of[name]) for name in ordered if len(of[name]) >= 3}


def _size(pieces: Sequence[float]) -> Measured:
    mean, number = float(np.mean(pieces)), len(pieces)
    error = float(np.std(pieces, ddof=1)) / mean / math.sqrt(number)
    return _interval(Told(math.log(mean), error, float(number - 1)))
