"""What each defect of a log does to the result: hours of work, reports, and the time of the operation that it changes most."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from plantwright.calibration.clocks import Steps
from plantwright.calibration.names import machine_number, operation_name, tidy
from plantwright.calibration.quality import Defect, Effect
from plantwright.calibration.spelling import NAMED
from plantwright.events import each
from plantwright.units import show_duration

if TYPE_CHECKING:
    import polars

_NOTHING = 5e-5


@dataclass(frozen=True)
class _Sums:
    """Of an operation: seconds of its measured reports, how many these are, how many others, and the seconds that each of these is given."""

    seconds: float
    measured: int
    others: int
    typical: float

    @property
    def all(self) -> float:
        return self.seconds + self.others * self.typical

    @property
    def reports(self) -> int:
        return self.measured + self.others


class Effects:
    """The totals of a log as it is used, against which each defect is held.

    `table` has all rows with their marks, `used` those that are used; ``seconds`` of `used` leave out quiet hours. `twice` maps kinds
    of overlaps to the seconds that would count twice, `cycle` the mean time of orders in seconds with and without those cut off,
    `steps` the seconds to which stations round their times, and `names` how many names of each kind there were and are.
    """

    def __init__(
        self,
        table: polars.DataFrame,
        used: polars.DataFrame,
        twice: Mapping[str, float],
        cycle: tuple[float, float],
        steps: Steps,
        names: Mapping[str, tuple[int, int]],
    ) -> None:
        self._table, self._used, self._twice, self._cycle, self._steps = table, used, twice, cycle, steps
        self._names = names
        self._sums = _sums(used)
        self._seconds = sum(own.all for own in self._sums.values())

    def of(self, defect: Defect) -> Defect:
        """The defect with its effect."""
        told = _TOLD.get(defect.kind)
        return defect if told is None or not defect.count else replace(defect, effect=told(self, defect))

    def rows(self, defect: Defect, used: bool = True) -> polars.DataFrame:
        """The rows of a defect, of those that are used or of all."""
        import polars

        frame = self._used if used else self._table
        return frame.filter(polars.col("row").is_in(polars.Series(defect.rows, dtype=polars.Int64).implode()))

    def share(self, seconds: float) -> float:
        """The share of all work that so many seconds are."""
        return abs(seconds) / self._seconds if self._seconds else 0.0

    def changed(self, changes: Mapping[str, tuple[float, int]], opening: str = "without it") -> Effect:
        """The effect of so many seconds and reports more in each operation."""
        seconds = sum(more for more, _ in changes.values())
        reports = sum(more for _, more in changes.values())
        most: tuple[float, str, float, float] | None = None
        for name, (added, others) in changes.items():
            own = self._sums.get(name, _Sums(0.0, 0, 0, 0.0))
            number = own.reports + others
            if not own.reports or number <= 0:
                continue
            now, then = own.all / own.reports, (own.all + added) / number
            weight = abs(then - now) * own.reports
            if weight > 0 and (most is None or weight > most[0]):
                most = weight, name, now, then
        said = []
        if reports:
            said.append(f"{abs(reports):,} report{'s' * (abs(reports) != 1)} {'more' if reports > 0 else 'fewer'}")
        more = "more" if seconds > 0 else "less"
        said.append(
            f"{_hours(abs(seconds))} of work {more} ({_percent(self.share(seconds))})"
            if seconds
            else "as many hours of work"
        )
        effect = Effect(
            "",
            max(self.share(seconds), abs(reports) / max(1, self._used.height)),
            hours=seconds / 3600,
            reports=reports,
        )
        if most is not None and show_duration(most[2]) != show_duration(most[3], most[2]):
            _, name, now, then = most
            said.append(f"{name!r} would take {show_duration(then)} a report, not {show_duration(now)}")
            effect = replace(effect, operation=name, hours_now=now / 3600, hours_without=then / 3600)
            effect = replace(effect, share=max(effect.share, self.share(most[0])))
        return replace(effect, words=f"{opening}: {'; '.join(said)}")


def _sums(used: polars.DataFrame) -> dict[str, _Sums]:
    """The work of each operation. A report without a time of its own is given the median of the measured ones, as
    `visits.read_history` does.
    """
    import polars

    untimed = polars.col("imputed") | polars.col("zero")
    work = used.lazy().filter(polars.col("type") != "breakdown")
    rows = (
        work.group_by("activity")
        .agg(
            polars.col("seconds").filter(~untimed).sum().alias("s"),
            (~untimed).sum().alias("n"),
            untimed.sum().alias("u"),
        )
        .collect()
    )
    grouped: dict[str, list[tuple[float, int, int]]] = {}
    lacking = set()
    for activity, seconds, number, others in rows.sort("activity").iter_rows():
        grouped.setdefault(operation_name(activity), []).append((seconds, number, others))
        if others:
            lacking.add(operation_name(activity))
    typical: dict[str, float] = {}
    if lacking:
        of = [activity for activity in rows["activity"].to_list() if operation_name(activity) in lacking]
        some = work.filter(polars.col("activity").is_in(of) & (polars.col("seconds") > 0)).select(
            "activity", "seconds", untimed.alias("untimed")
        ).collect()  # fmt: skip
        some = some.with_columns(each(some["activity"], operation_name, polars.String).alias("operation"))
        for part in (some, some.filter(~some["untimed"])):
            typical |= dict(part.group_by("operation").agg(polars.col("seconds").median()).iter_rows())
    return {
        name: _Sums(
            sum(seconds for seconds, _, _ in own), sum(number for _, number, _ in own), sum(others for _, _, others in own), typical.get(name, 0.0)
        )
        for name, own in grouped.items()
    }  # fmt: skip


def _hours(seconds: float) -> str:
    hours = seconds / 3600
    return f"{hours:,.0f} h" if hours >= 9.95 else show_duration(seconds)


def _percent(share: float) -> str:
    return f"{100 * share:.0f} %" if share >= 0.0995 else f"{100 * share:.1f} %" if share >= 0.0005 else "under 0.1 %"


def _by_operation(rows: polars.DataFrame, seconds: Any, reports: int) -> dict[str, tuple[float, int]]:
    """Seconds and reports of some rows by operation."""
    import polars

    rows = rows.filter(polars.col("type") != "breakdown")
    made: dict[str, tuple[float, int]] = {}
    for activity, total, number in (
        rows.group_by("activity").agg(seconds.sum().alias("s"), polars.len()).sort("activity").iter_rows()
    ):
        name = operation_name(activity)
        before = made.get(name, (0.0, 0))
        made[name] = before[0] + (total or 0.0), before[1] + reports * number
    return made


def _made_up(effects: Effects, defect: Defect) -> Effect:
    """Reports whose time is not believed: without it, that time would be."""
    import polars

    given = {name: own.typical for name, own in effects._sums.items()}
    booked = _by_operation(effects.rows(defect), polars.col("seconds"), 1)
    return effects.changed(
        {name: (total - number * given.get(name, 0.0), 0) for name, (total, number) in booked.items()}
    )


def _set_aside(effects: Effects, defect: Defect) -> Effect:
    import polars

    return effects.changed(_by_operation(effects.rows(defect, used=False), polars.col("seconds"), 1))


def _brought_back(effects: Effects, defect: Defect) -> Effect:
    """Reports that could not be used as they were written."""
    import polars

    changes = _by_operation(effects.rows(defect), -polars.col("seconds"), -1)
    return effects.changed(changes, "without it they would be set aside")


def _stated(effects: Effects, defect: Defect) -> Effect:
    import polars

    rows = effects.rows(defect).filter(polars.col("span").is_not_null())
    return effects.changed(
        _by_operation(rows, polars.col("span") - polars.col("seconds"), 0), "were the stated durations believed"
    )


def _resting(effects: Effects, defect: Defect) -> Effect:
    import polars

    wall = (polars.col("end") - polars.col("start")).dt.total_seconds()
    return effects.changed(_by_operation(effects.rows(defect), wall - polars.col("seconds"), 0))


def _held(effects: Effects, defect: Defect) -> Effect:
    """Reports that are kept though they look wrong: what the result has of them."""
    import polars

    changes = _by_operation(effects.rows(defect), -polars.col("seconds"), -1)
    return effects.changed(changes, "without these reports")


def _worked(opening: str) -> Callable[[Effects, Defect], Effect]:
    """The work of the rows, all of which is in doubt."""

    def told(effects: Effects, defect: Defect) -> Effect:
        import polars

        rows = effects.rows(defect)
        seconds = float(rows.filter(polars.col("type") != "breakdown")["seconds"].sum())
        share = effects.share(seconds)
        return Effect(f"{_hours(seconds)} of work ({_percent(share)}) {opening}", share, hours=seconds / 3600)

    return told


def _doubled(effects: Effects, defect: Defect) -> Effect:
    seconds = effects._twice[defect.kind]
    share = effects.share(seconds)
    return Effect(
        f"without it: {_hours(seconds)} ({_percent(share)} of all work) would count more than once",
        share,
        hours=seconds / 3600,
    )


def _places(effects: Effects, defect: Defect) -> Effect:
    """Where several work at once nothing counts twice, so single machines are told apart."""
    seconds, machines = (effects._twice.get(kind, 0.0) for kind in (defect.kind, "overlaps on stations named Machine"))
    if seconds == machines or not machines:
        return _doubled(effects, defect)
    share = effects.share(machines)
    words = (
        f"without it: {_hours(machines)} ({_percent(share)} of all work) would count more than once at single machines; {_hours(seconds - machines)} "
        "lie at places where several may work at once"
    )
    return Effect(words, share, hours=machines / 3600)


def _sequence(effects: Effects, defect: Defect) -> Effect:
    """In sequence, what was done at once is done after each other."""
    seconds = effects._twice[defect.kind] / max(1, effects._used["order"].n_unique())
    share = seconds / effects._cycle[0] if effects._cycle[0] else 0.0
    words = f"an order works {_hours(seconds)} on average at two places at once, {_percent(share)} of the time that it takes: in sequence it takes up to so much longer"
    return Effect(words, share, hours=seconds / 3600)


def _begun(effects: Effects, defect: Defect) -> Effect:
    orders = effects._used["order"].n_unique()
    share = defect.count / max(1, orders)
    return Effect(
        f"{defect.count:,} of {orders:,} orders ({_percent(share)}) would begin as new orders do, or new ones as they do",
        share,
    )


def _censored(effects: Effects, defect: Defect) -> Effect:
    every, whole = effects._cycle
    share = abs(every - whole) / whole if whole else 0.0
    words = f"the orders that reach it take {whole / 86400:.1f} d on average; with those cut off it would be {every / 86400:.1f} d"
    return Effect(words, share)


def _spelt(effects: Effects, defect: Defect) -> Effect:
    """Names that would stand for things of their own."""
    counts = effects._names
    if defect.kind == "irregular names":
        names = {
            what: effects._used[what].drop_nulls().unique().cast(str).to_list() for what in ("station", "activity")
        }
        counts = {what: (len(own), len({tidy(name) for name in own})) for what, own in names.items()}
    said = [f"{before:,} {NAMED[what]}, not {after:,}" for what, (before, after) in counts.items() if before > after]
    if not said:
        return Effect("none: no other spelling of these names is in the log", 0.0)
    seconds = float(effects.rows(defect)["seconds"].sum())
    share = effects.share(seconds)
    words = f"without it: {', '.join(said)}; {_hours(seconds)} of work ({_percent(share)}) would stand under names of their own"
    return Effect(words, share, hours=seconds / 3600)


def _rework(effects: Effects, defect: Defect) -> Effect:
    share = defect.count / max(1, effects._used.height)
    return Effect(
        f"without it: {defect.count:,} of {effects._used.height:,} reports ({_percent(share)}) would not count as rework",
        share,
        reports=defect.count,
    )


def _numbers(effects: Effects, defect: Defect) -> Effect:
    share = defect.count / max(1, effects._used.height)
    return Effect(
        f"{_percent(share)} of the reports lack a number: yields and times per piece are found from the others", share
    )


def _pieces(effects: Effects, defect: Defect) -> Effect:
    rows = effects.rows(defect)
    pieces, total = (float(frame["quantity"].sum() or 0.0) for frame in (rows, effects._used))
    share = abs(pieces) / total if total else 0.0
    return Effect(f"{pieces:,.0f} of {total:,.0f} pieces reported ({_percent(share)}) are in these reports", share)


def _midnight(effects: Effects, defect: Defect) -> Effect:
    import polars

    rows = effects.rows(defect)
    made = int((rows["imputed"] | rows["zero"]).sum())
    if not made:
        return Effect("none: their times are measured, and are taken as they are", 0.0)
    seconds = float(rows.filter(polars.col("imputed"))["seconds"].sum())
    return Effect(
        f"without it: {made:,} of them, whose end is made up, would make {_hours(seconds)} of night work",
        effects.share(seconds),
    )


def _rounded(effects: Effects, defect: Defect) -> Effect:
    rows = effects.rows(defect)
    step = effects._steps.longest
    middle = float(rows["seconds"].median() or 0.0)  # type: ignore[arg-type]
    off = step / 6**0.5
    share = off / middle / max(1, rows.height) ** 0.5 if middle else 0.0
    words = f"a single time is off by {show_duration(off)} as a rule, where the middle one is {show_duration(middle)}; the mean of all by {_percent(share)}"
    return Effect(words, share)


def _confused(effects: Effects, defect: Defect) -> Effect:
    share = defect.count / max(1, effects._used.height)
    return Effect(
        f"without it: {_percent(share)} of the reports would lie in another month, and waits and hours of work be wrong",
        share,
    )


def _elsewhere(effects: Effects, defect: Defect) -> Effect:
    rows = effects.rows(defect)
    named = each(rows["activity"], machine_number, rows["activity"].dtype)
    seconds = float(rows["seconds"].sum())
    share = effects.share(seconds)
    words = f"without it: {_hours(seconds)} of work ({_percent(share)}) would be at machine {', '.join(sorted(set(named.drop_nulls()))[:4])}"
    return Effect(words, share, hours=seconds / 3600)


_TOLD: dict[str, Callable[[Effects, Defect], Effect]] = {
    "imputed ends": _made_up, "zero durations": _made_up, "placeholder dates": _made_up,
    "contradicting spans": _stated, "spreadsheet dates": _stated,
    "surplus copies": _set_aside, "near copies": _set_aside, "negative durations": _set_aside, "dates far away": _set_aside,
    "no date at all": _set_aside, "swapped intervals": _brought_back, "ends of the day before": _brought_back,
    "day and month confused": _confused, "day or month first": _confused, "runs through quiet hours": _resting, "longer than a day": _held,
    "starts at midnight": _midnight, "overlaps on a station": _places, "overlaps on stations named Machine": _doubled,
    "overlaps of one worker": _doubled, "days of one worker over 24 hours": _doubled, "overlaps within an order": _sequence,
    "irregular names": _spelt, "several spellings": _spelt, "machine in the activity is not the station": _elsewhere,
    "merged names": _worked("are of things that nobody can tell apart any more"),
    "rework by name, not marked": _rework, "rework by mark, not by name": _rework, "unreadable numbers": _numbers,
    "censored orders": _censored, "missing resources": _worked("would be at places of their own"),
    "missing activities": _worked("would be of an activity called 'unnamed'"),
    "missing products": _worked("would be of a product called 'order'"), "missing people": _worked("are no one's"),
    "rounded times": _rounded, "shifted clocks": _worked("have hours of the day that are wrong, and waits before and after"),
    "ends taken from the next start": _worked("hold waits that nobody can tell from it"), "orders begun before the log": _begun,
    "blank below": _worked("would be of no order"), "mixed date formats": _worked("would be set aside"),
    "dates as day numbers": _worked("would be set aside"), "dates as seconds since 1970": _worked("would be set aside"),
    "midnight as 24:00": _worked("would be set aside"), "dates of another year": _worked("would lie a year away from the rest of their orders"),
    "words for nothing": _worked("would be at a machine, of a product or by a person called 'NULL' or the like"),
    "characters written as HTML": _worked("would stand under names of their own"), "blanks that are none": _worked("would stand under names of their own"),
    "numbers in several ways": _worked("would stand under names of their own"),
    "hours that moved": _worked("lie at other hours than before"),
    "quantities below nothing": _pieces, "order quantities that differ": _pieces, "more pieces than ordered": _pieces,
}  # fmt: skip


def with_effects(defects: Sequence[Defect], effects: Effects) -> tuple[Defect, ...]:
    """The defects with their effects, the greatest first."""
    told = [effects.of(defect) for defect in defects if defect.count]
    return tuple(sorted(told, key=lambda defect: -(defect.effect.share if defect.effect else 0.0)))
