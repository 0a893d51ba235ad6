"""Rows of a table as readings: one column of times, and either a column for each tag or one of tags and one of values."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from plantwright.errors import PlantwrightError
from plantwright.plant.readers import Text
from plantwright.plant.structures import NAMES, MapOf, Word
from plantwright.shopfloor.connectors import Inlet
from plantwright.shopfloor.machines.words import ZoneName
from plantwright.shopfloor.readings import NO_EVENTS, NO_SAMPLES, Events, Quality, Samples, Tag

if TYPE_CHECKING:
    import polars

TIMES = ("time", "timestamp", "datetime", "date time", "instant", "ts", "zeit", "zeitstempel", "date", "datum")
"""Names of columns that are taken for the times where none is named."""

UNAVAILABLE = frozenset({"unavailable", "n/a", "#n/a"})


class TableError(PlantwrightError):
    """A table that cannot be read as readings."""

    code = "PW5040"


@dataclass(frozen=True, slots=True)
class TableShape:
    """How the rows of a table are read.

    Parameters
    ----------
    time : str
        The column of times; empty: the first that is called as one of `TIMES`.
    time_format : str
        How times are written, with the codes of ``strftime``; empty: ISO 8601, or seconds, milli-, micro- or nanoseconds since 1970.
    zone : str
        Of times that say none.
    machine_column : str
        The column that names the machine; empty: all rows are of the source's own.
    tag_column, value_column : str
        Where each row is one reading; both empty: each other column is a tag.
    types, units : mapping of str to str
        By column, or by tag.
    events : sequence of str
        Columns or tags that hold words, though they may look like numbers.
    """

    time: str = ""
    time_format: str = ""
    zone: str = "UTC"
    machine_column: str = ""
    tag_column: str = ""
    value_column: str = ""
    types: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    events: Sequence[str] = ()

    def __post_init__(self) -> None:
        if bool(self.tag_column) != bool(self.value_column):
            raise ValueError("'tag column' and 'value column' go together; without both each column is a tag")


TABLE_WORDS = (
    Word("time", Text(), "", "timestamp", "the column of times", "the first that is called like one"),
    Word("time format", Text(), "", '"%d.%m.%Y %H:%M:%S"', "how times are written", "ISO 8601, or a number since 1970"),
    Word("zone", ZoneName(), "", "Europe/Berlin", "of times that say none", "UTC"),
    Word("machine column", Text(), "", "machine", "the column that names the machine", "all rows are of one"),
    Word("tag column", Text(), "", "signal", "where each row is one reading: what was read", "each column is a tag"),
    Word("value column", Text(), "", "value", "where each row is one reading: its value"),
    Word("types", MapOf(Text()), "", "{state: EXECUTION, parts: PART_COUNT}", "what tags mean, by column or tag"),
    Word("units", MapOf(Text()), "", "{load: kN}", "the units of tags, by column or tag"),
    Word("events", NAMES, "", "[order]", "tags that hold words, though they may look like numbers"),
)  # fmt: skip


def shape_of(values: dict[str, Any]) -> TableShape:
    """The shape that words give; they are taken out of `values`."""
    return TableShape(**{word.field: values.pop(word.field) for word in TABLE_WORDS if word.field in values})


class TableReader:
    """Puts the rows of a table, piece by piece, into an inlet.

    Parameters
    ----------
    source : str
    shape : TableShape
    """

    def __init__(self, source: str, shape: TableShape) -> None:
        self._source, self._shape = source, shape
        self._tags: dict[str, tuple[int, bool]] = {}

    def put(self, rows: polars.DataFrame, inlet: Inlet, position: Mapping[str, Any]) -> int:
        """Hand over the readings in rows, with the position after them; how many. Raises TableError where the columns are not there."""
        import polars

        long = self._long(rows)
        times, told = self._times(long["time"])
        long = long.with_columns(times.alias("time"))
        if told:
            inlet.reject(-1, told, "not a time; say how times are written by 'time format'")
            long = long.filter(polars.col("time").is_not_null())
        samples, events = self._parted(long.sort("row", maintain_order=True), inlet)
        inlet.put(samples, events, position)
        return len(samples) + len(events)

    def _long(self, rows: polars.DataFrame) -> polars.DataFrame:
        """One row for each cell that holds something: ``row``, ``time``, ``name``, ``short`` (without the machine), ``machine``, ``value`` as text."""
        import polars

        shape = self._shape
        time = shape.time or next((name for name in rows.columns if name.strip().lower() in TIMES), "")
        wanted = [name for name in (time, shape.machine_column, shape.tag_column, shape.value_column) if name]
        missing = [name for name in wanted if name not in rows.columns]
        if missing or not time:
            what = (
                f"has no column {missing[0]!r}"
                if missing
                else "has no column that is called like a time; name it by 'time'"
            )
            raise TableError(f"{what}; there are: {', '.join(map(repr, rows.columns))} [PW5040]")
        numbered = rows.with_row_index("\0row")
        if shape.tag_column:
            cells = numbered.select(
                "\0row", time, *([shape.machine_column] if shape.machine_column else []),
                polars.col(shape.tag_column).cast(polars.String).alias("\0tag"), polars.col(shape.value_column).cast(polars.String).alias("\0value"),
            )  # fmt: skip
        else:
            others = [name for name in rows.columns if name not in wanted]
            texts = numbered.with_columns(polars.col(name).cast(polars.String) for name in others)
            cells = texts.unpivot(others, index=["\0row", *wanted], variable_name="\0tag", value_name="\0value")
        machine = (
            polars.col(shape.machine_column).cast(polars.String) if shape.machine_column else polars.lit(self._source)
        )
        return (
            cells.with_columns(machine.alias("\0machine"), polars.col("\0value").str.strip_chars())
            .filter(polars.col("\0value").is_not_null() & (polars.col("\0value") != "") & polars.col("\0tag").is_not_null() & polars.col("\0machine").is_not_null())
            .select(
                row="\0row", time=time, machine="\0machine", short="\0tag", value="\0value",
                name=polars.concat_str("\0machine", "\0tag", separator="/"),
            )
        )  # fmt: skip

    def _times(self, given: polars.Series) -> tuple[polars.Series, str]:
        """Times as nanoseconds since 1970, null where they are none, and one that is none."""
        times = instants(given, self._shape.zone, self._shape.time_format)
        wrong = times.is_null()
        return times, str(given.filter(wrong)[0]) if wrong.any() else ""

    def _parted(self, long: polars.DataFrame, inlet: Inlet) -> tuple[Samples, Events]:
        """The samples and the events. What is to be a number and is none is rejected."""
        import polars

        self._declare(long, inlet)
        if not long.height:
            return NO_SAMPLES, NO_EVENTS
        names = long["name"]
        tag = names.replace_strict(
            {n: t for n, (t, _) in self._tags.items()}, default=-1, return_dtype=polars.Int32
        ).to_numpy()
        is_event = names.replace_strict(
            {n: e for n, (_, e) in self._tags.items()}, default=True, return_dtype=polars.Boolean
        ).to_numpy()
        time, text = long["time"].to_numpy(), long["value"]
        number = text.cast(polars.Float64, strict=False).fill_null(math.nan).to_numpy()
        lost = text.str.to_lowercase().is_in(list(UNAVAILABLE)).to_numpy()
        no_number = ~is_event & np.isnan(number) & ~lost & (tag >= 0)
        for at in np.flatnonzero(no_number).tolist():
            inlet.reject(int(tag[at]), text[at], f"no number at {names[at]}")
        kept = ~is_event & ~no_number & (tag >= 0)
        quality = np.where(lost, Quality.UNAVAILABLE, Quality.GOOD).astype(np.uint8)
        samples = Samples.of(tag[kept], time[kept], number[kept], quality[kept])
        words = is_event & (tag >= 0)
        chosen = np.flatnonzero(words)
        return samples, Events.of(tag[words], time[words], text.gather(chosen).to_list(), None, quality[words])

    def _declare(self, long: polars.DataFrame, inlet: Inlet) -> None:
        """Declare tags that are new. One all of whose values so far are numbers holds samples."""
        import polars

        new = long.filter(~polars.col("name").is_in(list(self._tags)))
        if not new.height:
            return
        value = polars.col("value")
        numeric = (
            value.cast(polars.Float64, strict=False).is_not_null() | value.str.to_lowercase().is_in(list(UNAVAILABLE))
        ).all()
        found = new.group_by("name", maintain_order=True).agg(
            polars.first("machine", "short"), numeric.alias("numeric")
        )
        tags = [self._tag(row) for row in found.iter_rows(named=True)]
        wanted = [tag for tag in tags if inlet.wants(tag)]
        ids = dict(zip((tag.name for tag in wanted), inlet.declare(wanted), strict=True))
        for tag in tags:
            self._tags[tag.name] = ids.get(tag.name, -1), tag.kind == "event"

    def _tag(self, row: Mapping[str, Any]) -> Tag:
        name, short = row["name"], row["short"]
        kind, _, subtype = self._shape.types.get(name, self._shape.types.get(short, "")).partition(".")
        unit = self._shape.units.get(name, self._shape.units.get(short, ""))
        words = not row["numeric"] or name in self._shape.events or short in self._shape.events or kind in HOLDING_TYPES
        return Tag(
            name, "event" if words else "sample", self._source, row["machine"], kind, unit, short, subtype=subtype
        )


HOLDING_TYPES = frozenset({"EXECUTION", "PROGRAM", "PART_COUNT", "PART_GROUP_ID", "PART_KIND_ID", "PACKML_STATE", "FUNCTIONAL_MODE", "CONTROLLER_MODE", "AVAILABILITY", "USER"})  # fmt: skip
"""Types whose values hold until the next, also where they are numbers."""


def instants(given: polars.Series, zone: str, written: str = "") -> polars.Series:
    """Times of any kind as nanoseconds since 1970 in UTC; null where they are none.

    Datetimes, texts as `written` says or in ISO 8601, and numbers since 1970 in s, ms, us or ns by their size (what lies between 1973
    and 5138 is told apart). Those without an offset are of `zone`; an hour that the clock shows twice is taken for the first, one that it
    leaves out for the hour after.
    """
    import polars

    if given.dtype == polars.String:
        stripped = given.str.strip_chars()
        number = stripped.cast(polars.Float64, strict=False)
        if number.null_count() == stripped.null_count():
            # whole numbers of nanoseconds are longer than a float holds
            whole = stripped.cast(polars.Int64, strict=False)
            return _since_1970(whole if whole.null_count() == stripped.null_count() else number)
        return _texts(stripped, zone, written)
    if given.dtype.is_numeric():
        return _since_1970(given)
    if given.dtype == polars.Date:
        given = given.cast(polars.Datetime("us"))
    aware = getattr(given.dtype, "time_zone", None) is not None
    utc = (
        given.dt.convert_time_zone("UTC")
        if aware
        else given.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null").dt.convert_time_zone("UTC")
    )
    return utc.dt.cast_time_unit("ns").to_physical()


def _since_1970(given: polars.Series) -> polars.Series:
    import polars

    size = polars.col("t").abs()
    scale = (
        polars.when(size < 100_000_000_000).then(1_000_000_000)
        .when(size < 100_000_000_000_000).then(1_000_000)
        .when(size < 100_000_000_000_000_000).then(1_000).otherwise(1)
    )  # fmt: skip
    frame = polars.DataFrame({"t": given})
    if given.dtype.is_integer():
        return frame.select(polars.col("t").cast(polars.Int64) * scale).to_series()
    finite = polars.when(polars.col("t").is_finite()).then(polars.col("t"))
    whole = finite.floor()
    rest = ((finite - whole) * scale).round().cast(polars.Int64, strict=False)
    return frame.select(whole.cast(polars.Int64, strict=False) * scale + rest).to_series()


def _texts(given: polars.Series, zone: str, written: str) -> polars.Series:
    import polars

    if written:
        local = given.str.to_datetime(written, time_unit="ns", strict=False)
        aware = getattr(local.dtype, "time_zone", None) is not None
        return local.dt.convert_time_zone("UTC").to_physical() if aware else _of_zone(local, zone)
    with_offset = given.str.contains(r"(?:Z|[+-]\d\d:?\d\d)$")
    aware_ones = given.str.replace(" ", "T").str.to_datetime("%+", time_unit="ns", time_zone="UTC", strict=False)
    plain = given.str.replace("T", " ")
    local = polars.select(
        polars.coalesce(
            plain.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="ns", strict=False),
            plain.str.to_datetime("%Y-%m-%d %H:%M", time_unit="ns", strict=False),
            plain.str.to_date("%Y-%m-%d", strict=False).cast(polars.Datetime("ns")),
        )
    ).to_series()
    return polars.select(
        polars.when(with_offset).then(aware_ones.to_physical()).otherwise(_of_zone(local, zone))
    ).to_series()


def _of_zone(local: polars.Series, zone: str) -> polars.Series:
    return (
        local.dt.replace_time_zone(zone, ambiguous="earliest", non_existent="null")
        .dt.convert_time_zone("UTC")
        .to_physical()
    )
