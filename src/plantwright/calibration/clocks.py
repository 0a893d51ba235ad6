"""Clocks that are coarse, or that differ: rounded times, machines whose clock is hours off, a plant whose hours moved."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from plantwright.calibration.quality import Defect
from plantwright.calibration.sampling import some_orders
from plantwright.events import each

if TYPE_CHECKING:
    import polars

_ENOUGH = 300_000
_COARSE = (3600, 1800, 900, 600, 300)
_FEWEST, _MOSTLY, _NEARLY_ALL = 60, 0.97, 0.99
_STEP, _FURTHEST = 1800, 3 * 3600
_ORDERS, _PAIRS = 2000, 400_000
_CLASHES, _SHARE, _LEFT = 15, 0.08, 0.05
_DAYS, _EXACT = 10, 600.0
_MOST = 5


_USED = ("seconds", "imputed", "is copy", "near copy", "far", "nowhen")


@dataclass(frozen=True)
class Steps:
    """By how many seconds each station rounds its times, and all do, if they do alike (else 0)."""

    stations: Mapping[str, float]
    all: float = 0.0

    def of(self, station: str) -> float:
        """The step of a station; 0 where it does not round."""
        return self.stations.get(station, self.all)

    @property
    def longest(self) -> float:
        """The longest step of any."""
        return max([self.all, *self.stations.values()])


def clock_defects(table: polars.DataFrame) -> tuple[list[Defect], Steps]:
    """What is coarse or shifted among the clocks of a log, and by how many seconds stamps are rounded; of large logs a part is looked at."""
    measured = table.lazy().filter(_measured())
    few = (
        measured if table.height <= _ENOUGH else table.lazy().gather_every(table.height // _ENOUGH).filter(_measured())
    )
    rounded, steps = _rounded(measured, few)
    columns = ("row", "order", "station", "worker", "start", "end")
    some = some_orders(table.select(*columns, *_USED), _ORDERS).filter(_measured())
    return [rounded, _shifted(measured, some.select(columns)), _moved(measured, few)], steps


def below_the_step(table: polars.DataFrame, steps: Steps) -> tuple[polars.DataFrame, Defect]:
    """The rows with times for reports that rounding made moments, and the report on these.

    A time t shorter than the step s comes out as nothing with probability 1 - t/s, and as a step else: on average it is t, so hours add
    up where nothing counts as nothing. Where all times have that step, fits take one second for anything up to it. Where only some
    stations round, fits do not know; there it counts as s/3, its mean if all such times are as frequent.
    """
    import polars as pl

    usual = each(table["station"], steps.of, pl.Float64)
    short = (
        table["zero"] & (usual > 0) & ~table["noend"] & ~table["nowhen"] & ~table["is copy"] & ~table["near copy"]
    ).alias("short")
    rows = tuple(table.filter(short)["row"].to_list())
    counts = (
        "next to nothing, so that hours add up; fits take it for anything up to a step"
        if steps.all
        else "a third of a step, its mean"
    )
    defect = Defect(
        "times below the step of the clock", len(rows), rows, "start and end are the same where times are rounded: it took less than a step",
        f"kept; it counts as {counts}",
    )  # fmt: skip
    if not rows:
        return table, defect
    given = pl.lit(1.0) if steps.all else usual / 3.0
    seconds = pl.select(pl.when(short).then(given).otherwise(table["seconds"]).alias("seconds")).to_series()
    until = (table["start"] + (seconds * 1e6).cast(pl.Int64).cast(pl.Duration("us"))).alias("until")
    end = pl.select(pl.when(short).then(until).otherwise(table["end"]).alias("end")).to_series()
    return table.with_columns(
        seconds, end, (table["zero"] & ~short).alias("zero"), (table["moved"] | short).alias("moved")
    ), defect


def _measured() -> polars.Expr:
    """Rows whose time was measured, and lies where the log does."""
    import polars as pl

    return (pl.col("seconds") > 0) & ~pl.any_horizontal(name for name in _USED if name != "seconds")


def _rounded(measured: polars.LazyFrame, few: polars.LazyFrame) -> tuple[Defect, Steps]:
    """Stations whose starts and ends are, but for 3 %, whole multiples of five minutes or more; by chance one in five would be."""
    import polars as pl

    whole = {clock: [(pl.col(name).dt.epoch("s") % clock == 0).sum() for name in ("start", "end")] for clock in _COARSE}
    marks = [(start + end).alias(str(clock)) for clock, (start, end) in whole.items()]
    counts = few.group_by("station").agg((2 * pl.len()).alias("all"), *marks).collect()
    totals = counts.drop("station").sum().row(0, named=True)
    of = {row["station"]: _step(row, _MOSTLY) for row in counts.sort("station").iter_rows(named=True)}
    steps = Steps({station: step for station, step in of.items() if step}, _step(totals, _NEARLY_ALL))
    names = [] if steps.all else list(steps.stations)
    rows = _rows(measured, "station", counts["station"].to_list() if steps.all else names)
    shown = sorted({int(step // 60) for step in ([steps.all] if steps.all else steps.stations.values())})
    where = " at " + ", ".join(names[:3]) + (", ..." if len(names) > 3 else "") if names else ""
    cause = f"times in steps of {' or '.join(map(str, shown))} min{where}: noted from memory, or rounded or cut by a program"
    done = (
        "fits take each time as an interval of that width"
        if steps.all
        else "on average rounding adds nothing, but short times are blurred"
    )
    return Defect("rounded times", len(rows), rows, cause, f"kept; {done}"), steps


def _step(row: Mapping[str, Any], share: float) -> float:
    """The longest step of which so many of the stamps counted are whole multiples; 0 where none is, or they are too few to tell."""
    found = next((clock for clock in _COARSE if (row[str(clock)] or 0) >= share * (row["all"] or 0)), 0)
    return float(found) if (row["all"] or 0) >= _FEWEST else 0.0


def _shifted(measured: polars.LazyFrame, some: polars.DataFrame) -> Defect:
    """Stations and people whose reports clash with the same orders' reports elsewhere, and would not if their clock were some hours earlier
    or later.
    """
    import polars as pl

    sizes = (
        some.group_by("order")
        .len()
        .with_columns((pl.col("len").cast(pl.Int64) ** 2).alias("pairs"))
        .sort("pairs", "order")
    )
    kept = sizes.filter(pl.col("pairs").cum_sum() <= _PAIRS)["order"]
    some = some.filter(pl.col("order").is_in(kept.implode()))
    pairs = some.join(
        some.select("order", *(pl.col(name).alias(f"other {name}") for name in ("station", "worker", "start", "end"))),
        on="order",
    )
    found: list[tuple[str, str, float]] = []
    for by in ("station", "worker"):
        found = _off(pairs.filter(pl.col(by) != pl.col(f"other {by}")), by, dict(some.group_by(by).len().iter_rows()))
        if found:
            break
    by = found[0][0] if found else "station"
    names = {name for _, name, _ in found}
    # Where most clocks are off, the few are: nobody can say which are right, so nothing is named.
    if len(names) > 0.5 * some[by].n_unique():
        names = set()
    rows = _rows(measured, by, sorted(names))
    said = ", ".join(
        f"{name} ({abs(hours):g} h too {'late' if hours > 0 else 'early'})" for _, name, hours in found[:3]
    )
    return Defect(
        "shifted clocks", len(rows), rows,
        f"reports of {said} clash with the same orders' reports elsewhere, and would not if that were taken back: a clock in another zone, or "
        "one that was not put forward",
        "kept: durations are right, hours of the day and waits are not; mend the clock, or export all times in one zone",
    )  # fmt: skip


def _rows(measured: polars.LazyFrame, by: str, names: list[str]) -> tuple[int, ...]:
    import polars as pl

    if not names:
        return ()
    return tuple(measured.filter(pl.col(by).is_in(names)).select(pl.col("row").sort()).collect()["row"])


def _off(pairs: polars.DataFrame, by: str, reports: Mapping[str, int]) -> list[tuple[str, str, float]]:
    """Whose clock is off, and by how many hours: the worst first, and then those that clash with others all the same."""
    import polars as pl

    pairs = pairs.select(
        by, f"other {by}",
        (pl.col("start") - pl.col("other end")).dt.total_seconds().alias("from"), (pl.col("end") - pl.col("other start")).dt.total_seconds().alias("to"),
    )  # fmt: skip
    found: list[tuple[str, str, float]] = []
    while len(found) < _MOST:
        worst: tuple[int, str, float] | None = None
        for (name,), own in pairs.sort(by, maintain_order=True).group_by(by, maintain_order=True):
            clashes, hours = _hours_off(own["from"].to_numpy(), own["to"].to_numpy(), reports.get(str(name), 0))
            if hours and (worst is None or clashes > worst[0]):
                worst = clashes, str(name), hours
        if worst is None:
            break
        found.append((by, *worst[1:]))
        pairs = pairs.filter((pl.col(by) != worst[1]) & (pl.col(f"other {by}") != worst[1]))
    return found


def _hours_off(begin: Any, end: Any, reports: int) -> tuple[int, float]:
    """How often reports clash, and by how many hours the clock is off, if hardly any would where it is put right; 0 where none is."""
    shifts = np.arange(-_FURTHEST, _FURTHEST + 1, _STEP)
    clashes = np.array([np.count_nonzero((begin < shift) & (shift < end)) for shift in shifts])
    now = int(clashes[shifts == 0][0])
    if now < _CLASHES or now < _SHARE * reports:
        return now, 0.0
    fewest = int(clashes.min())
    if fewest > _LEFT * now:
        return now, 0.0
    best = shifts[clashes <= max(fewest, 0.05 * now)]
    return now, float(best[np.argmin(np.abs(best))]) / 3600.0


def _moved(measured: polars.LazyFrame, few: polars.LazyFrame) -> Defect:
    """A day from which on work begins and ends an hour or more later (or earlier) than before, to ten minutes."""
    import polars as pl

    days = (
        few.group_by(pl.col("start").dt.date().alias("day"))
        .agg(
            (pl.col("start").dt.epoch("s") % 86400).min().alias("first"), (pl.col("start").dt.epoch("s") % 86400).max().alias("last"),
            pl.len().alias("reports"),
        )
        .sort("day")
        .collect()
    )  # fmt: skip
    days = days.filter(pl.col("reports") >= 3)
    first, last = (days[name].to_numpy().astype(float) for name in ("first", "last"))
    best: tuple[float, int, float] | None = None
    for cut in range(_DAYS, days.height - _DAYS + 1):
        before, after = np.median(first[:cut]), np.median(first[cut:])
        by = round((after - before) / 3600.0)
        if by == 0 or abs(by) > 12 or abs(after - before - 3600.0 * by) > _EXACT:
            continue
        if abs(np.median(last[cut:]) - np.median(last[:cut]) - 3600.0 * by) > 3 * _EXACT:
            continue
        off = np.abs(np.concatenate([first[:cut] - before, first[cut:] - after]))
        spread = float(np.sum(off))
        if np.median(off) <= _EXACT and (best is None or spread < best[0]):
            best = spread, cut, float(by)
    if best is None:
        return Defect("hours that moved", 0, (), "", "")
    day, by = days["day"][best[1]], best[2]
    rows = tuple(measured.filter(pl.col("start").dt.date() >= day).select(pl.col("row").sort()).collect()["row"])
    return Defect(
        "hours that moved", len(rows), rows,
        f"from {day} on work begins and ends {abs(by):g} h {'later' if by > 0 else 'earlier'}: the plant changed its hours, or the clock of the log "
        "was changed, as by summer time or another zone",
        "kept: durations are right; hours of work are a mean of both. If it is the clock, say --zone or export local times",
    )  # fmt: skip
