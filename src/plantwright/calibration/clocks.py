"""Clocks that are coarse, or that differ: rounded times, machines whose clock is hours off, a plant whose hours moved."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from plantwright.calibration.quality import Defect
from plantwright.calibration.sampling import some_orders

if TYPE_CHECKING:
    import polars

_ENOUGH = 300_000
_COARSE = (3600, 1800, 900, 600, 300)
_FEWEST, _MOSTLY = 60, 0.97
_STEP, _FURTHEST = 1800, 13 * 3600
_ORDERS, _PAIRS = 2000, 400_000
_CLASHES, _SHARE, _LEFT = 12, 0.15, 0.25
_DAYS, _EXACT = 10, 600.0


_USED = ("seconds", "imputed", "is copy", "near copy", "far", "nowhen")


def clock_defects(table: polars.DataFrame) -> tuple[list[Defect], dict[str, float]]:
    """What is coarse or shifted among the clocks of a log, and by how many seconds stamps are rounded at each station that rounds; of large
    logs a part is looked at.
    """
    measured = table.lazy().filter(_measured())
    few = (
        measured if table.height <= _ENOUGH else table.lazy().gather_every(table.height // _ENOUGH).filter(_measured())
    )
    rounded, steps = _rounded(measured, few)
    columns = ("row", "order", "station", "worker", "start", "end")
    some = some_orders(table.select(*columns, *_USED), _ORDERS).filter(_measured())
    return [rounded, _shifted(measured, some.select(columns)), _moved(measured, few)], steps


def _measured() -> polars.Expr:
    """Rows whose time was measured, and lies where the log does."""
    import polars as pl

    return (pl.col("seconds") > 0) & ~pl.any_horizontal(name for name in _USED if name != "seconds")


def _rounded(measured: polars.LazyFrame, few: polars.LazyFrame) -> tuple[Defect, dict[str, float]]:
    """Stations whose starts and ends are, but for 3 %, whole multiples of five minutes or more; by chance one in five would be."""
    import polars as pl

    whole = {clock: [(pl.col(name).dt.epoch("s") % clock == 0).sum() for name in ("start", "end")] for clock in _COARSE}
    marks = [(start + end).alias(str(clock)) for clock, (start, end) in whole.items()]
    counts = few.group_by("station").agg((2 * pl.len()).alias("all"), *marks).collect()
    steps: dict[str, float] = {}
    for row in counts.sort("station").iter_rows(named=True):
        found = next((clock for clock in _COARSE if row[str(clock)] >= _MOSTLY * row["all"]), None)
        if found is not None and row["all"] >= _FEWEST:
            steps[row["station"]] = float(found)
    rows = _rows(measured, "station", list(steps))
    shown = sorted({int(step // 60) for step in steps.values()})
    everywhere = len(steps) == counts.height
    where = "" if everywhere else " at " + ", ".join(list(steps)[:3]) + (", ..." if len(steps) > 3 else "")
    cause = f"times in steps of {' or '.join(map(str, shown))} min{where}: noted from memory, or rounded by a program"
    done = (
        "kept; fits take each time as an interval of that width"
        if everywhere
        else "kept; on average rounding adds nothing, but short times are blurred"
    )
    return Defect("rounded times", len(rows), rows, cause, done), steps


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
        apart = pairs.filter(pl.col(by) != pl.col(f"other {by}"))
        apart = apart.select(
            by,
            (pl.col("start") - pl.col("other end")).dt.total_seconds().alias("from"),
            (pl.col("end") - pl.col("other start")).dt.total_seconds().alias("to"),
        )
        total = dict(some.group_by(by).len().iter_rows())
        for (name,), own in apart.sort(by).group_by(by, maintain_order=True):
            hours = _hours_off(own["from"].to_numpy(), own["to"].to_numpy(), total.get(name, 0))
            if hours:
                found.append((by, str(name), hours))
        if found:
            break
    by = found[0][0] if found else "station"
    names = {name for _, name, _ in found}
    # Where most clocks are off, the few are: nobody can say which are right, so nothing is named.
    if len(names) > 0.5 * some[by].n_unique():
        names = set()
    rows = _rows(measured, by, sorted(names))
    said = ", ".join(f"{name} by {'+' if hours > 0 else '-'}{abs(hours):g} h" for _, name, hours in found[:3])
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


def _hours_off(begin: Any, end: Any, reports: int) -> float:
    """By how many hours a clock is off, so that all but a quarter of the clashes go where it is put right; 0 where it is not."""
    shifts = np.arange(-_FURTHEST, _FURTHEST + 1, _STEP)
    clashes = np.array([np.count_nonzero((begin < shift) & (shift < end)) for shift in shifts])
    now = int(clashes[shifts == 0][0])
    if now < _CLASHES or now < _SHARE * reports:
        return 0.0
    fewest = int(clashes.min())
    if fewest > _LEFT * now:
        return 0.0
    best = shifts[clashes <= max(fewest, 0.05 * now)]
    return float(best[np.argmin(np.abs(best))]) / 3600.0


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
        spread = np.median(np.abs(first[:cut] - before)) + np.median(np.abs(first[cut:] - after))
        if spread <= _EXACT and (best is None or spread < best[0]):
            best = float(spread), cut, float(by)
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
