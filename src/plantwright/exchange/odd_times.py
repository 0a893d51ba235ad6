"""Times that are not written as the others of their column are: as a spreadsheet's day numbers, as seconds since 1970, in another order."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from plantwright.errors import LogError
from plantwright.events import Mending

if TYPE_CHECKING:
    import polars

    from plantwright.exchange.reading import Reading

NUMBER = r"^\d{5}(?:[.,]\d+)?$|^\d{10}(?:\d{3})?(?:[.,]\d+)?$"
"""A day number of a spreadsheet (of 1927 to 2173), seconds or milliseconds since 1970."""

_FIRST_DAY, _LAST_DAY = 10_000, 100_000
_SECONDS, _MILLISECONDS = 1e8, 1e11

_SAID = {
    "day numbers": ("dates as day numbers", "a date that a spreadsheet shows as a number of days since 1900", "read as the date that it stands for"),
    "seconds": ("dates as seconds since 1970", "a date as a program counts it, in UTC", "read as the date that it stands for, in UTC unless --zone is said"),
    "another form": ("mixed date formats", "a date that is written in another way than most of its column", "read in its own way, which a number above "
                     "12 or the span of the log tells"),
    "midnight": ("midnight as 24:00", "the end of a day is written as 24:00 of it", "read as 00:00 of the next day"),
}  # fmt: skip


def numbered(texts: polars.Series) -> polars.Series:
    """The instants of texts that are numbers of days since 1900, or of seconds since 1970; null for others."""
    import polars as pl

    value = texts.str.extract(f"({NUMBER})").str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
    frame = pl.DataFrame([value.alias("value")]).select(
        pl.when(pl.col("value").is_between(_FIRST_DAY, _LAST_DAY)).then((pl.col("value") - 25569.0) * 86400.0)
        .when(pl.col("value") >= _MILLISECONDS).then(pl.col("value") / 1000.0)
        .when(pl.col("value") >= _SECONDS).then("value").alias("seconds")
    )  # fmt: skip
    # A day number holds no more than the second, and what is beyond it is the fraction's own rounding.
    micros = (frame["seconds"].round() * 1e6).cast(pl.Int64)
    return micros.cast(pl.Datetime("us")).alias(texts.name)


def read_odd(
    column: polars.Series, values: polars.Series, reading: Reading, forms: Callable[[polars.Series], polars.Series]
) -> polars.Series:
    """The values of a column with those that `column` writes in another way than most; `forms` reads texts that are written alike."""
    import polars as pl

    odd = (values.is_null() & column.is_not_null()).alias("odd")
    if not odd.any():
        return values
    texts = column.filter(odd)
    numbers = numbered(texts)
    rest = texts.filter(numbers.is_null())
    others = _others(rest, forms)
    found = numbers.clone()
    if others is not None:
        found = found.scatter(numbers.is_null().arg_true(), others)
    long = texts.str.contains(r"^\d{10}").fill_null(False)
    marks = {
        "day numbers": numbers.is_not_null() & ~long, "seconds": numbers.is_not_null() & long, "another form": numbers.is_null() & found.is_not_null(),
    }  # fmt: skip
    at = odd.arg_true()
    for what, mark in marks.items():
        if mark.any():
            reading.odd.append((what, at.filter(mark)))
    return values.scatter(at.filter(found.is_not_null()), found.drop_nulls()) if found.len() else pl.Series(values)


def _others(texts: polars.Series, forms: Callable[[polars.Series], polars.Series]) -> polars.Series | None:
    """The instants of texts in forms of their own; None where nothing tells how they are to be read."""
    if texts.is_empty():
        return None
    try:
        return forms(texts)
    except LogError:
        return None  # no known way to write a time: their rows are set aside with what they say


def mended(reading: Reading, rows: polars.Series) -> list[Mending]:
    """What was found odd, with the rows in which it is."""
    import polars as pl

    found: dict[str, list[polars.Series]] = {}
    for what, at in reading.odd:
        found.setdefault(what, []).append(rows.gather(at))
    return [
        Mending(_SAID[what][0], pl.concat(own).unique().sort(), _SAID[what][1], _SAID[what][2]) for what, own in found.items()
    ]  # fmt: skip
