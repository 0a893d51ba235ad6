"""Hours of work found in a log: on which weekdays and hours each work center usually works."""

from __future__ import annotations

import itertools
from bisect import bisect_right
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta

import numpy as np
import numpy.typing as npt

from plantwright.calibration.spans import joined
from plantwright.units import clock

Span = tuple[datetime, datetime]
Hours = npt.NDArray[np.float64]
Instants = npt.NDArray[np.datetime64]
Spans = Sequence[Span] | Instants
"""Starts and ends: pairs, or an array with a row for each."""

OPEN = 0.25
"""An hour counts as open where at least this share of what is usual in the busiest hours is worked."""
_FULL = 0.6
_OFTEN = 0.5
_FEW = 30
_REST = 0.02
_IDLE, _CHANCE = 0.1, 0.01
_POOLED = "found with those of other seldom used stations"
_OF_PLANT = "those of the plant, as only the dates of its own work are known"
_HOUR = 3_600_000_000
_DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")


@dataclass(frozen=True)
class Pattern:
    """Hours of some weekdays (0 is Monday): from and to in hours after midnight; on these `dates` only, if any are named."""

    days: tuple[int, ...]
    start: float
    end: float
    dates: tuple[date, ...] = ()

    @property
    def name(self) -> str:
        """``Sun-Thu around the clock``, ``Fri 00:00-13:00``."""
        if self.start == 0 and self.end == 24:
            return f"{day_words(self.days)} around the clock"
        return f"{day_words(self.days)} {clock(3600 * self.start)} to {clock(3600 * self.end)}"

    def later(self, hours: int) -> Pattern:
        """The pattern some hours later, on the days on which it then begins."""
        days, start = divmod(self.start + hours, 24.0)
        weekdays = tuple((day + int(days)) % 7 for day in self.days)
        dates = tuple(day + timedelta(days=days) for day in self.dates)
        return Pattern(weekdays, start, start + self.end - self.start, dates)

    def holds(self, weekday: int, hour: int) -> bool:
        """Whether an hour of a weekday lies in it, also where it runs past midnight."""
        return any(
            (weekday - late) % 7 in self.days and self.start < hour + 24 * late + 1 and hour + 24 * late < self.end
            for late in (0, 1)
        )

    def words(self, weeks: Weeks) -> dict[str, object]:
        """The shift as the plant file has it: its weekdays, but for the dates of the log on which it was not worked."""
        made: dict[str, object] = {
            "days": day_words(self.days),
            "from": clock(3600 * self.start),
            "to": clock(3600 * self.end),
        }
        open_dates = self.dates or weeks.dates(self.days)
        lost = [day for day in weeks.every() if day.weekday() in self.days and day not in open_dates]
        if lost:
            made["except"] = {day.isoformat(): "closed" for day in lost}
        return made


@dataclass(frozen=True)
class Calendar:
    """When a work center works, and how much of its measured work lies inside.

    ``whose`` tells where the hours are from, if not from its own work. ``usual`` is how many hours are worked in each hour of each weekday (from Monday on), as a mean over its days. ``off`` are full weekdays
    on which it stood still while the plant worked, though it hardly ever does. ``seldom`` are hours on fewer than half of their days, with the
    number of days on which they were worked and of all such days: they are not among the patterns.
    """

    patterns: tuple[Pattern, ...]
    inside: float
    whose: str = ""
    usual: tuple[tuple[float, ...], ...] = ()
    off: tuple[date, ...] = ()
    seldom: tuple[tuple[Pattern, int, int], ...] = ()


@dataclass(frozen=True)
class Weeks:
    """The days of a log: full weekdays (all alike), the others, and days on which the plant stood still. A day begins `begins` hours
    after midnight, so that a shift over midnight belongs to the day on which it begins.
    """

    first: date
    last: date
    full: tuple[int, ...]
    others: tuple[int, ...]
    closed: tuple[date, ...] = field(default=())
    begins: int = 0

    def every(self) -> list[date]:
        """All dates of the log."""
        return [self.first + timedelta(days=k) for k in range((self.last - self.first).days + 1)]

    def dates(self, weekdays: Iterable[int]) -> list[date]:
        """The dates of some weekdays on which the plant was not closed."""
        wanted = set(weekdays)
        return [day for day in self.every() if day.weekday() in wanted and day not in self.closed]


def day_words(days: Sequence[int]) -> str:
    """``Sun-Thu`` for Sunday to Thursday, also where a run crosses the end of the week."""
    wanted = set(days)
    if len(wanted) == 7:
        return "Mon-Sun"
    for start in range(7):
        run = [(start + k) % 7 for k in range(len(wanted))]
        if set(run) == wanted:
            return _DAYS[run[0]] if len(run) == 1 else f"{_DAYS[run[0]]}-{_DAYS[run[-1]]}"
    return ", ".join(_DAYS[day] for day in sorted(wanted))


def _instants(spans: Spans) -> Instants:
    """Spans as an array of starts and ends."""
    if isinstance(spans, np.ndarray):
        return spans.astype("datetime64[us]", copy=False)
    starts, ends = (np.array([span[k] for span in spans], "datetime64[us]") for k in (0, 1))
    return np.stack([starts, ends], axis=1)


def worked_by_hour(spans: Spans) -> dict[date, Hours]:
    """Hours worked in each hour of each date."""
    listed = _instants(spans).astype(np.int64)
    listed = listed[listed[:, 0] < listed[:, 1]]
    if not listed.size:
        return {}
    starts, ends = listed.T
    first, last = starts // _HOUR, -(-ends // _HOUR)
    number = last - first
    before = np.cumsum(number) - number
    hour = np.repeat(first - before, number) + np.arange(number.sum())
    begin = np.maximum(np.repeat(starts, number), hour * _HOUR)
    until = np.minimum(np.repeat(ends, number), (hour + 1) * _HOUR)
    zero = int(hour.min()) // 24 * 24
    number_of_days = (int(hour.max()) - zero) // 24 + 1
    days = np.zeros(24 * number_of_days)
    np.add.at(days, hour - zero, (until - begin) / 1e6 / 3600.0)
    midnight = date(1970, 1, 1) + timedelta(days=zero // 24)
    some = np.unique((hour - zero) // 24)
    return {midnight + timedelta(days=int(day)): days[24 * day : 24 * day + 24] for day in some}


def find_weeks(spans: Spans) -> Weeks:
    """Which weekdays are worked fully: those with at least 60 % of the work of the busiest weekday; a date of these with less than a
    tenth of what is usual was closed.
    """
    spans = _instants(spans)
    begins = _day_begins(spans)
    worked = {day: float(hours.sum()) for day, hours in worked_by_hour(_shifted(spans, begins)).items()}
    first, last = min(worked), max(worked)
    every = [first + timedelta(days=k) for k in range((last - first).days + 1)]
    number = Counter(day.weekday() for day in every)
    mean = {
        weekday: sum(worked.get(day, 0.0) for day in every if day.weekday() == weekday) / number[weekday]
        for weekday in number
    }
    most = max(mean.values())
    full = tuple(weekday for weekday in range(7) if mean.get(weekday, 0.0) >= _FULL * most)
    usual = float(np.median([worked.get(day, 0.0) for day in every if day.weekday() in full]))
    closed = tuple(day for day in every[1:-1] if day.weekday() in full and worked.get(day, 0.0) < 0.1 * usual)
    return Weeks(first, last, full, tuple(day for day in range(7) if day not in full), closed, begins)


def _day_begins(spans: Instants) -> int:
    """Midnight, unless work goes on over it and rests at other hours: then the middle of the longest rest."""
    hours = np.sum(list(worked_by_hour(spans).values()), axis=0)
    rests = hours < _REST * hours.max()
    if rests[0] or rests[23] or not rests.any():
        return 0
    runs: list[list[int]] = []
    for hour in np.flatnonzero(rests):
        if runs and hour == runs[-1][1]:
            runs[-1][1] = int(hour) + 1
        else:
            runs.append([int(hour), int(hour) + 1])
    start, end = max(runs, key=lambda run: run[1] - run[0])
    return (start + end) // 2


def _shifted(spans: Instants, hours: int) -> Instants:
    return np.asarray(spans - np.timedelta64(hours, "h"))


def find_calendars(spans: Mapping[str, Spans], weeks: Weeks) -> dict[str, Calendar]:
    """The calendar of each work center; those with few reports share one, found in all of theirs together."""
    seldom = [name for name, own in spans.items() if len(own) < _FEW]
    pool = [_instants(spans[name]) for name in seldom]
    if sum(map(len, pool)) < _FEW:
        pool = [_instants(own) for own in spans.values()]
    # That none of them worked for some days does not mean that each was closed.
    shared = find_calendar(np.concatenate(pool), weeks, days_off=False) if seldom else None
    made = {}
    for name, own in spans.items():
        if len(own) >= _FEW or shared is None:
            made[name] = find_calendar(own, weeks)
        else:
            made[name] = Calendar(shared.patterns, inside_share(own, shared.patterns), _POOLED, usual_week(own, weeks))
    return made


def on_days(plant: Calendar, weekdays: Sequence[int]) -> Calendar:
    """The hours of the plant for a work center of which only the dates of work are known: on the `weekdays` on which it works, those
    that have a tenth of the reports of the busiest.
    """
    number = Counter(weekdays)
    own = {weekday for weekday, reports in number.items() if reports >= _IDLE * max(number.values())}
    patterns = [replace(p, days=days) for p in plant.patterns if (days := tuple(day for day in p.days if day in own))]
    return Calendar(tuple(patterns), 1.0, _OF_PLANT)


def find_calendar(spans: Spans, weeks: Weeks, *, days_off: bool = True) -> Calendar:
    """The usual hours of one work center, from the hours in which it works; whether `days_off` are looked for."""
    spans = _instants(spans)
    worked = worked_by_hour(_shifted(spans, weeks.begins))
    every = weeks.dates(weeks.full)
    off = find_days_off({day: float(worked[day].sum()) for day in every if day in worked}, every) if days_off else ()
    full_dates = [day for day in every if day not in off]
    usual = _mean(worked, full_dates)
    level = OPEN * float(np.sort(usual)[-6:].mean())
    patterns, seldom = [], []
    interval = _interval(usual >= level, True)
    if interval is not None and level > 0:
        patterns.append(Pattern(weeks.full, *interval, tuple(full_dates) if off else ()))
    for weekday in weeks.others:
        dates = weeks.dates([weekday])
        mean = _mean(worked, dates)
        interval = _interval(mean >= level, False) if level > 0 else None
        if interval is None:
            continue
        first, last = int(interval[0]), int(interval[1])
        on = sum(day in worked and worked[day][first:last].sum() > 0 for day in dates)
        pattern = Pattern((weekday,), *interval)
        if on >= _OFTEN * len(dates):
            patterns.append(pattern)
        else:
            seldom.append((pattern.later(weeks.begins), on, len(dates)))
    patterns = [pattern.later(weeks.begins) for pattern in _alike(patterns)]
    return Calendar(
        tuple(patterns), inside_share(spans, patterns), usual=usual_week(spans, weeks), off=off, seldom=tuple(seldom)
    )


def _alike(patterns: Sequence[Pattern]) -> list[Pattern]:
    """Patterns of the same hours as one, unless they name dates."""
    made: list[Pattern] = []
    for pattern in patterns:
        same = next((k for k, own in enumerate(made) if (own.start, own.end) == (pattern.start, pattern.end)), None)
        if same is None or pattern.dates or made[same].dates:
            made.append(pattern)
        else:
            made[same] = replace(made[same], days=tuple(sorted({*made[same].days, *pattern.days})))
    return made


def find_days_off(worked: Mapping[date, float], dates: Sequence[date]) -> tuple[date, ...]:
    """Days in a row on which a work center stood still, and that chance does not explain: a repair, a holiday of its people.

    `worked` are its hours of each date. It stands still where it works less than a tenth of its usual day, and does so by chance on a share q of
    all its other n days, of which one more is counted so that q is not nothing. By chance, n q^k runs of k such days come; where these
    are fewer than one in a hundred, the run is no chance. Before its first day and after its last nothing is known of it.
    """
    active = [day for day in dates if worked.get(day, 0.0) > 0]
    if len(active) < _FEW:
        return ()
    usual = float(np.median([worked[day] for day in active]))
    known = [day for day in dates if active[0] <= day <= active[-1]]
    idle = [worked.get(day, 0.0) < _IDLE * usual for day in known]
    number, total = len(known), sum(idle)
    found: list[date] = []
    for is_idle, group in itertools.groupby(range(number), key=lambda k: idle[k]):
        run = list(group)
        share = (total - len(run) + 1) / (number - len(run) + 1)
        if is_idle and number * share ** len(run) < _CHANCE:
            found += [known[k] for k in run]
    return tuple(found)


def usual_week(spans: Spans, weeks: Weeks) -> tuple[tuple[float, ...], ...]:
    """Hours worked in each hour of each weekday, from Monday on: the mean over the days that were not closed."""
    worked = worked_by_hour(spans)
    return tuple(tuple(_mean(worked, weeks.dates([weekday])).tolist()) for weekday in range(7))


def open_spans(
    patterns: Sequence[Pattern], closed: Sequence[date], first: date, last: date
) -> list[tuple[float, float]]:
    """The hours of some patterns from one date to the day after another, as seconds after midnight of the first."""
    made = []
    for k in range(-1, (last - first).days + 2):
        day = first + timedelta(days=k)
        for pattern in patterns:
            if day.weekday() in pattern.days and day not in closed and (not pattern.dates or day in pattern.dates):
                made.append((max(0.0, 86400.0 * k + 3600 * pattern.start), 86400.0 * k + 3600 * pattern.end))
    return joined(made)


def open_seconds(
    patterns: Sequence[Pattern], closed: Sequence[date], first: date, last: date
) -> Callable[[datetime, datetime], float]:
    """A function of two instants: seconds between them in the hours of some patterns (all of them, if there are none)."""
    if not patterns:
        return lambda start, end: (end - start).total_seconds()
    spans = open_spans(patterns, closed, first, last)
    starts = [start for start, _ in spans]
    before = list(itertools.accumulate((end - start for start, end in spans), initial=0.0))
    origin = datetime(first.year, first.month, first.day)

    def until(at: datetime) -> float:
        seconds = (at - origin).total_seconds()
        number = bisect_right(starts, seconds)
        return before[number] - max(0.0, spans[number - 1][1] - seconds) if number else 0.0

    return lambda start, end: until(end) - until(start)


def _mean(worked: Mapping[date, Hours], dates: Sequence[date]) -> Hours:
    nothing = np.zeros(24)
    return np.asarray(np.mean([worked.get(day, nothing) for day in dates], axis=0)) if dates else nothing


def _interval(is_open: npt.NDArray[np.bool_], circular: bool) -> tuple[float, float] | None:
    """The longest run of open hours, gaps of up to two hours bridged; around midnight where days follow each other."""
    hours = np.flatnonzero(is_open)
    if hours.size == 0:
        return None
    runs: list[list[int]] = []
    for hour in (*hours, *(hours + 24)) if circular else hours:
        if runs and hour - runs[-1][1] <= 2:
            runs[-1][1] = int(hour) + 1
        else:
            runs.append([int(hour), int(hour) + 1])
    first, last = max(runs, key=lambda run: (min(24, run[1] - run[0]), -run[0]))
    if last - first >= 23:
        return 0.0, 24.0
    return first % 24.0, first % 24.0 + (last - first)


def inside_share(spans: Spans, patterns: Sequence[Pattern]) -> float:
    """The share of the worked hours that lies in the hours of some patterns."""
    worked = worked_by_hour(spans)
    total = inside = 0.0
    for day, hours in worked.items():
        total += float(hours.sum())
        open_hours = np.zeros(24, bool)
        for pattern in patterns:
            for on, shift in ((day, 0), (day - timedelta(days=1), 24)):
                if on.weekday() in pattern.days and (not pattern.dates or on in pattern.dates):
                    low, high = int(pattern.start) - shift, int(np.ceil(pattern.end)) - shift
                    open_hours[max(0, low) : max(0, min(24, high))] = True
        inside += float(hours[open_hours].sum())
    return inside / total if total else 1.0
