"""Dates, times and durations as records write them."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from plantwright.errors import LogError, Place, Problem
from plantwright.events import SPREADSHEET_SPAN
from plantwright.exchange.odd_times import NUMBER, numbered, read_odd
from plantwright.exchange.reading import Reading
from plantwright.exchange.spelt_times import in_english
from plantwright.exchange.tables import as_text
from plantwright.exchange.zones import offsets, tell_offsets, to_zone

if TYPE_CHECKING:
    import polars

_TIMES = ("%H:%M:%S%.f", "%H:%M:%S", "%H:%M", "%I:%M:%S %p", "%I:%M %p")
_COMPACT = "%Y%m%d"
_YEAR_FIRST = ("%Y-%m-%d", "%Y/%m/%d", "%Y.%m.%d", _COMPACT)
_DAY_FIRST = ("%d.%m.%Y", "%d/%m/%Y", "%d-%m-%Y", "%d-%b-%Y", "%d %b %Y", "%d.%m.%y", "%d/%m/%y", "%d-%b-%y")
_MONTH_FIRST = ("%m.%d.%Y", "%m/%d/%Y", "%m-%d-%Y", "%m.%d.%y", "%m/%d/%y")
_ENOUGH = 200_000
"""Times of a column that are looked at to find out how all are written."""

ASSUMED = "is assumed: nothing in the log tells"

_MIDNIGHT = re.compile(r"([ T])24:00(?::00(?:[.,]0+)?)?$")
_CUT = re.compile(r"^\d{1,2}:\d{2}(?:[.:]\d+)?$")
_ZONE = re.compile(r"\s*(?:Z|[+-]\d{2}(?::?\d{2})?)$")
_CLOCK_SPAN = re.compile(r"^(\d+):(\d{2})(?::(\d{2}))?$")


@dataclass(frozen=True)
class Times:
    """Local instants of a column, null where a cell holds none, and how they are written; UTC where the cells say it."""

    values: polars.Series
    written: str
    evidence: str
    utc: polars.Series | None = None


def read_times(columns: list[polars.Series], reading: Reading | str) -> list[Times]:
    """The instants of columns that are written alike, such as starts and ends.

    The order of day and month is told by a number above 12; where none is, by the order that gives the shorter log, else days
    come first where points divide. Raises LogError where times were cut to minutes and seconds, or are no times.
    """
    import polars

    reading = Reading(reading) if isinstance(reading, str) else reading
    file = reading.file
    if all(column.dtype.is_temporal() for column in columns):
        return [_native(column, reading) for column in columns]
    columns = [_iso(column) if column.dtype.is_temporal() else as_text(column) for column in columns]
    every = max(1, columns[0].len() // _ENOUGH)
    texts = polars.concat([column.drop_nulls().gather_every(every).rename("time") for column in columns]).unique()
    if texts.is_empty():
        raise LogError([Problem("PW3020", Place(file), columns[0].name, "holds no times")])
    cut = int(texts.str.contains(_CUT.pattern).sum())
    if cut > 0.5 * texts.len():
        raise LogError(
            [
                Problem("PW3021", Place(file, 2), column.name,
                        f"times are cut to minutes and seconds, such as {column.drop_nulls()[0]!r}: the dates and hours are gone. A spreadsheet "
                        "shows a time as mm:ss.0 and then saves what it shows. Export the log anew, with dates", column.drop_nulls()[0])
                for column in columns
            ]
        )  # fmt: skip
    if reading.time_format is not None:
        return _as_given(columns, reading.time_format, reading)
    if (texts.str.contains(NUMBER).mean() or 0.0) > 0.5:  # type: ignore[operator]
        local = [read_odd(column, numbered(column), reading, _alike(file)) for column in columns]
        return [
            Times(values, "numbers", "days since 1900, as spreadsheets count them, or seconds since 1970")
            for values in local
        ]
    try:
        date, evidence = _date(texts, file, columns[0].name)
    except LogError:
        # Names of days and months, and of halves of the day, in other words.
        columns, texts = [in_english(column) for column in columns], in_english(texts).unique()
        if max(_best(texts, dates)[0] for dates in (_YEAR_FIRST, _DAY_FIRST, _MONTH_FIRST)) <= 0.5:
            raise
        date, evidence = _date(texts, file, columns[0].name)
    reading.date = None if date in _YEAR_FIRST else date
    sample = texts.sort().gather_every(max(1, texts.len() // 300))
    written = max(_formats(date), key=lambda format_: _parse(sample, format_).is_not_null().sum())
    # Without fractions of a second, texts are read three times as fast.
    plain = written.replace("%.f", "")
    as_many = _parse(sample, plain).is_not_null().sum() == _parse(sample, written).is_not_null().sum()
    usual = _parse_together(columns, plain if as_many else written)
    local = [_parse_date(column, date, parsed) for column, parsed in zip(columns, usual, strict=True)]
    local = [_midnights(column, values, date, reading) for column, values in zip(columns, local, strict=True)]
    local = [read_odd(column, values, reading, _alike(file)) for column, values in zip(columns, local, strict=True)]
    if not texts.str.contains(_ZONE.pattern).any() or date != _YEAR_FIRST[0]:
        return [Times(values, written, evidence) for values in local]
    return _with_offsets(columns, local, written, evidence, reading)


def _midnights(column: polars.Series, values: polars.Series, date: str, reading: Reading) -> polars.Series:
    """The values of a column with those that it writes as 24:00 of the day before."""
    late = (values.is_null() & column.str.contains(_MIDNIGHT.pattern)).fill_null(False)
    if not late.any():
        return values
    at = late.arg_true()
    found = _parse_date(column.gather(at).str.replace(_MIDNIGHT.pattern, "${1}00:00"), date).dt.offset_by("1d")
    at = at.filter(found.is_not_null())
    reading.odd.append(("midnight", at))
    return values.scatter(at, found.drop_nulls())


def written_so(column: polars.Series, date: str) -> polars.Series:
    """The instants of a column whose dates are written one way (`Reading.date`), with or without times; null where one is not."""
    return _parse_date(column, date)


def _alike(file: str) -> Callable[[polars.Series], polars.Series]:
    """What reads texts that are written alike, if something tells how."""

    def read(texts: polars.Series) -> polars.Series:
        date, evidence = _date(texts, file, texts.name)
        if evidence.endswith(ASSUMED):
            raise LogError([Problem("PW3022", Place(file), texts.name, evidence)])
        return _parse_date(texts, date)

    return read


def _as_given(columns: list[polars.Series], form: str, reading: Reading) -> list[Times]:
    """The instants of columns written as somebody said."""
    import polars

    try:
        local = [_parse(column, form) for column in columns]
    except polars.exceptions.PolarsError as error:
        raise LogError(
            [
                Problem(
                    "PW3024", Place(reading.file), "time format", f"{form!r} is no way to write a time: {error}", form
                )
            ]
        ) from error
    problems = [
        Problem("PW3024", Place(reading.file), column.name,
                f"no time is written as {form!r}, such as {column.drop_nulls()[0]!r}", column.drop_nulls()[0])
        for column, values in zip(columns, local, strict=True)
        if values.null_count() == values.len() and column.null_count() < column.len()
    ]  # fmt: skip
    if problems:
        raise LogError(problems)
    if form.endswith("%z"):
        return _with_offsets(columns, local, form, "as given", reading)
    return [Times(values, form, "as given") for values in local]


def _with_offsets(
    columns: list[polars.Series], local: list[polars.Series], written: str, evidence: str, reading: Reading
) -> list[Times]:
    """The instants of columns that may say how far their clocks are ahead of UTC."""
    import polars

    ahead = [offsets(column) for column in columns]
    every = polars.concat([one.rename("ahead") for one in ahead]).filter(
        polars.concat([one.rename("c") for one in columns]).is_not_null()
    )
    if every.null_count() == every.len():
        return [Times(values, written, evidence) for values in local]
    said = tell_offsets(every, reading.zone, reading.warnings)
    if reading.zone is not None:
        evidence = f"{evidence}; with offsets {said}, turned to {reading.zone}"
    elif every.null_count() == 0 and every.abs().max() == 0:
        written = f"UTC {written}"
    else:
        evidence = f"{evidence}; each with its zone ({said}), of which the local clock is kept"
    pairs = [to_zone(values, one, reading.zone) for values, one in zip(local, ahead, strict=True)]
    return [Times(values, written, evidence, utc) for values, utc in pairs]


def _native(column: polars.Series, reading: Reading) -> Times:
    """Instants that the file has as such."""
    import polars

    zone = getattr(column.dtype, "time_zone", None)
    if zone is None:
        return Times(column.cast(polars.Datetime("us")), "dates", "the file has them as instants")
    utc = column.dt.convert_time_zone("UTC").dt.replace_time_zone(None).cast(polars.Datetime("us"))
    if reading.zone is not None:
        values = column.dt.convert_time_zone(reading.zone).dt.replace_time_zone(None).cast(polars.Datetime("us"))
        return Times(values, "dates", f"the file has them as instants in {zone}, turned to {reading.zone}", utc)
    values = column.dt.replace_time_zone(None).cast(polars.Datetime("us"))
    if zone in ("UTC", "Etc/UTC"):
        return Times(values, "UTC dates", "the file has them as instants", utc)
    return Times(values, "dates", f"the file has them as instants in {zone}, of which the local clock is kept", utc)


def _iso(column: polars.Series) -> polars.Series:
    """Instants as texts, beside a column that is one of texts."""
    return column.dt.strftime("%Y-%m-%d %H:%M:%S%.f")


def _parse(column: polars.Series, format_: str) -> polars.Series:
    import polars

    return column.to_frame().select(_instant(polars.all(), format_)).to_series()


def _instant(texts: polars.Expr, format_: str) -> polars.Expr:
    """The local instants of texts written one way; null where one is not."""
    import polars

    if format_.endswith("%z"):
        # The hours that people saw on the clock are what shifts are about; a text without a zone is not written so.
        texts = polars.when(texts.str.contains(_ZONE.pattern)).then(texts.str.replace(_ZONE.pattern, ""))
        format_ = format_.removesuffix("%z")
    parsed = texts.str.to_datetime(format_, strict=False, time_unit="us").cast(polars.Datetime("us"))
    # A year of two digits is none of the first century.
    return polars.when(parsed >= datetime(1000, 1, 1)).then(parsed).name.keep()


def _parse_together(columns: list[polars.Series], format_: str) -> list[polars.Series]:
    """The instants of columns written one way, which several processors read at once; null where a cell is written otherwise."""
    import polars

    frame = polars.DataFrame([column.alias(str(number)) for number, column in enumerate(columns)])
    found = frame.lazy().select(_instant(polars.all(), format_)).collect(engine="streaming")
    return found.get_columns()


def _parse_date(column: polars.Series, date: str, parsed: polars.Series | None = None) -> polars.Series:
    """The instants of a column whose dates are written one way, whatever its times are: without seconds, or midnight left out.

    Where most are known already (`parsed`), only the others are looked at.
    """
    import polars

    parsed = polars.Series([None] * column.len(), dtype=polars.Datetime("us")) if parsed is None else parsed
    for format_ in _formats(date):
        rest = (parsed.is_null() & column.is_not_null()).arg_true()
        if rest.is_empty():
            break
        found = _parse(column.gather(rest), format_)
        if found.null_count() < found.len():
            parsed = parsed.scatter(rest, found)
    return parsed


def _formats(date: str) -> list[str]:
    made = [f"{date}{gap}{time}" for gap in (" ", "T") for time in _TIMES]
    if date == _YEAR_FIRST[0]:
        made += [f"{date}{gap}{time}%z" for gap in ("T", " ") for time in _TIMES[:3]]
    if date == _COMPACT:
        made += [f"{date}{gap}{time}" for gap in ("", " ", "T") for time in ("%H%M%S", "%H%M")]
    return [*made, date]


def _best(texts: polars.Series, dates: tuple[str, ...]) -> tuple[float, str]:
    """The way to write a date in which most of the texts are one, and their share."""
    sample = texts.sort().gather_every(max(1, texts.len() // 300))
    share, date = max(((_share(sample, date), date) for date in dates), key=lambda pair: pair[0])
    return (_share(texts, date), date) if share else (0.0, "")


def _share(texts: polars.Series, date: str) -> float:
    return float(_parse_date(texts, date).is_not_null().mean() or 0.0)  # type: ignore[arg-type]


def _date(texts: polars.Series, file: str, column: str) -> tuple[str, str]:
    share, date = _best(texts, _YEAR_FIRST)
    if share > 0.5:
        return date, "the year comes first"
    day, month = _best(texts, _DAY_FIRST), _best(texts, _MONTH_FIRST)
    if max(day[0], month[0]) <= 0.5:
        raise LogError(
            [
                Problem(
                    "PW3022",
                    Place(file, 2),
                    column,
                    f"no known way to write a time: {texts.sort()[0]!r}; dates such as 2026-01-31 14:05, 31.01.2026 14:05 or 01/31/2026 2:05 PM are read",
                    texts.sort()[0],
                )
            ]
        )
    if day[0] != month[0]:
        first, (_, date) = ("day", day) if day[0] > month[0] else ("month", month)
        return (
            date,
            f"{first} first: read the other way, {100 * (1 - min(day[0], month[0])):.0f} % of the times are no dates",
        )
    spans = [_length(texts, date) for _, date in (day, month)]
    if spans[0] != spans[1]:
        first, (_, date) = ("day", day) if spans[0] < spans[1] else ("month", month)
        return date, f"{first} first: so the log spans {min(spans):.0f} days, the other way {max(spans):.0f}"
    first, (_, date) = ("day", day) if "/" not in texts[0] else ("month", month)
    return date, f"{first} first {ASSUMED}"


def _length(texts: polars.Series, date: str) -> float:
    parsed = _parse_date(texts, date).drop_nulls()
    return float((parsed.max() - parsed.min()).total_seconds() / 86400.0)  # type: ignore[operator, union-attr]


def span_seconds(text: str | None, minutes: bool) -> float | None:
    """A stated duration in seconds: ``006:19`` (hours and minutes), ``1899/12/31 01:49:00`` (a spreadsheet's way to show
    01:49), or a plain number (minutes where `minutes`, else seconds); None where it is none of them.
    """
    if text is None:
        return None
    match = SPREADSHEET_SPAN.match(text) or _CLOCK_SPAN.match(text)
    if match is not None:
        return int(match[1]) * 3600.0 + int(match[2]) * 60.0 + int(match[3] or 0)
    try:
        return float(text.replace(",", ".")) * (60.0 if minutes else 1.0)
    except ValueError:
        return None
