"""Local times across changes of the clock: which hours come twice, which do not exist, how much time passed."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import TYPE_CHECKING

from plantwright.errors import LogError, Place, Problem
from plantwright.exchange.reading import Reading

if TYPE_CHECKING:
    import polars

_OFFSET = r"\d{2}:\d{2}(?::\d{2})?(?:[.,]\d+)?\s*(Z|[+-]\d{2}(?::?\d{2})?)$"
_PARTS = re.compile(r"([+-])(\d{2}):?(\d{2})?")
_BEFORE_ANY_CHANGE = "3h"


def check_zone(zone: str | None, file: str) -> None:
    """Refuse a zone that is not known, with the nearest that is."""
    wrong = None if zone is None else zone_problem(zone, Place(file))
    if wrong is not None:
        raise LogError([wrong])


def zone_problem(zone: str, place: Place) -> Problem | None:
    """What is wrong with the name of a time zone."""
    from difflib import get_close_matches
    from zoneinfo import ZoneInfo, available_timezones

    try:
        ZoneInfo(zone)
    except Exception:  # zoneinfo raises KeyError, ValueError, OSError, by what is wrong with the name
        known = {name.lower(): name for name in available_timezones()}
        near = get_close_matches(zone.lower(), known, 1)
        reason = f"there is no time zone {zone!r}" + (
            "" if near else "; one is called as in Europe/Berlin or America/Chicago"
        )
        return Problem("PW3023", place, "zone", reason, zone, known[near[0]] if near else None)
    return None


def offsets(texts: polars.Series) -> polars.Series:
    """Minutes that each text says its clock is ahead of UTC; null where it says nothing."""
    import polars as pl

    said = texts.str.extract(_OFFSET)
    known = {one: _minutes(one) for one in said.drop_nulls().unique().to_list()}
    return said.replace_strict(known, default=None, return_dtype=pl.Int64)


def _minutes(said: str) -> int:
    parts = _PARTS.fullmatch(said)
    if parts is None:
        return 0
    return (1 if parts[1] == "+" else -1) * (60 * int(parts[2]) + int(parts[3] or 0))


def to_zone(local: polars.Series, ahead: polars.Series, zone: str | None) -> tuple[polars.Series, polars.Series]:
    """The local times of a zone, and UTC, of clocks of which some say how far they are `ahead` of UTC.

    Without a zone each keeps its own clock. UTC is null where nothing is said; in a zone such a time is taken for one of it.
    """
    import polars as pl

    utc = local - (ahead * 60_000_000).cast(pl.Duration("us"))
    if zone is None:
        return local, utc
    moved = utc.dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.replace_time_zone(None)
    return pl.select(pl.coalesce(moved, local).alias(local.name)).to_series(), utc


def tell_offsets(ahead: polars.Series, zone: str | None, reading_warnings: list[str]) -> str | None:
    """What the offsets of a log are; warns where they are not those of one zone with summer time."""
    total = ahead.len()
    counts: Mapping[int, int] = dict(ahead.drop_nulls().value_counts(sort=True).iter_rows())
    if not counts:
        return None
    said = ", ".join(f"{_written(minutes)} ({number:,})" for minutes, number in counts.items())
    without = ahead.null_count()
    if without and zone is None:
        reading_warnings.append(
            f"{without:,} of {total:,} times say no zone, others say {said}: each keeps its own clock; say --zone if they are of one place"
        )
    elif zone is None and (len(counts) > 2 or max(counts) - min(counts) > 60):
        reading_warnings.append(
            f"times are of clocks that differ by more than summer time ({said}): each keeps its own; say --zone if they are of one place"
        )
    return said + (f", none ({without:,})" if without else "")


def _written(minutes: int) -> str:
    hours, rest = divmod(abs(minutes), 60)
    return f"{'-' if minutes < 0 else '+'}{hours:02d}:{rest:02d}"


def elapsed(frame: polars.DataFrame, reading: Reading) -> tuple[polars.DataFrame, polars.DataFrame | None]:
    """The rows with times that exist, and the seconds that really passed in those that span a change of the clock.

    `frame` has ``row``, ``start``, ``end`` and, where offsets are known, ``start utc`` and ``end utc``. Within the hour that comes twice
    the first is taken, unless the end lies before the start then. A time in the hour that does not exist is taken for the one that a
    clock that was not put forward shows: one hour later.
    """
    import polars as pl

    known = {"start utc", "end utc"} <= set(frame.columns)
    if not known and reading.zone is None:
        return frame, None
    zone = reading.zone
    if not known:
        frame = frame.with_columns(
            pl.lit(None, pl.Datetime("us")).alias("start utc"), pl.lit(None, pl.Datetime("us")).alias("end utc")
        )
    if zone is not None:
        frame = _resolved(frame, zone, reading)
    frame = frame.with_columns(
        (pl.col("end utc") - pl.col("start utc")).dt.total_seconds().cast(pl.Float64).alias("seconds")
    )
    wall = (pl.col("end") - pl.col("start")).dt.total_seconds()
    across = frame.filter(pl.col("seconds").is_not_null() & (pl.col("seconds") != wall)).select(
        "row", "start", "end", "seconds"
    )
    if across.height:
        reading.notes["changes of the clock"] = f"{across.height:,} reports span one; their time is what really passed"
    return frame.drop("start utc", "end utc", "seconds"), across if across.height else None


def _resolved(frame: polars.DataFrame, zone: str, reading: Reading) -> polars.DataFrame:
    """The rows with UTC of all times, and local times that exist; what is not sure is counted."""
    import polars as pl

    doubtful = missing = 0
    for what in ("start", "end"):
        said = pl.col(f"{what} utc").is_not_null()
        first, last = (
            pl.col(what).dt.replace_time_zone(zone, ambiguous=which, non_existent="null").dt.convert_time_zone("UTC").dt.replace_time_zone(None)
            for which in ("earliest", "latest")
        )  # fmt: skip
        # What a clock shows that was not put forward: the rule of the hours before the change.
        before = (
            pl.col(what).dt.offset_by(f"-{_BEFORE_ANY_CHANGE}")
            .dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC").dt.replace_time_zone(None)
            .dt.offset_by(_BEFORE_ANY_CHANGE)
        )  # fmt: skip
        frame = frame.with_columns(
            (~said & (first != last)).fill_null(False).alias("twice"),
            (~said & first.is_null() & pl.col(what).is_not_null()).alias("never"),
            pl.coalesce(f"{what} utc", first, before).alias(f"{what} utc"),
            last.alias("later"),
        )
        if what == "end":
            frame = frame.with_columns(
                pl.when(pl.col("twice") & (pl.col("end utc") < pl.col("start utc")))
                .then("later")
                .otherwise("end utc")
                .alias("end utc")
            )
        doubtful += int(frame["twice"].sum())
        missing += int(frame["never"].sum())
        local = pl.col(f"{what} utc").dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.replace_time_zone(None)
        frame = frame.with_columns(pl.when("never").then(local).otherwise(what).alias(what)).drop(
            "twice", "never", "later"
        )
    reading.notes["zone"] = zone
    if doubtful:
        reading.warnings.append(
            f"{doubtful:,} times lie in an hour that comes twice in {zone} when summer time ends: the first is taken, or the second where the "
            "work would end before it starts"
        )
    if missing:
        reading.warnings.append(
            f"{missing:,} times lie in an hour that does not exist in {zone} when summer time begins: a clock that was not put forward; "
            "they are taken one hour later. If there are many, the zone is another"
        )
    return frame
