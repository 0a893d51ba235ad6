"""What is asked of parts: through DuckDB in memory, which opens the files for reading only and takes no lock."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from plantwright.shopfloor.connectors import needs
from plantwright.shopfloor.history.manifest import Part
from plantwright.shopfloor.history.parts import FOLDER, damaged_part
from plantwright.shopfloor.history.rollups import MINUTE, Minutes, joined_minutes
from plantwright.shopfloor.readings import NO_EVENTS, NO_SAMPLES, Events, Samples

# An integer below 2^53 and a power of ten are exact doubles: what their division gives is the double that was packed.
SAMPLES = "time * step AS time, coalesce(real, digits / per, 'nan'::DOUBLE) AS value, quality"
SAMPLE_KINDS = {"time": np.int64, "value": np.float64, "quality": np.uint8}
EVENTS = "tag, time * step AS time, value, detail, quality"
NUMBERS = ("least", "most", "mean", "first", "last")
MINUTES = f"tag, minute * {MINUTE} AS time, count, " + ", ".join(
    f"coalesce({name}, first) AS {name}" for name in NUMBERS
)
MINUTE_KINDS = {"tag": np.int32, "time": np.int64, "count": np.int64, **dict.fromkeys(NUMBERS, np.float64)}
FEW_TAGS = 256

Tags = npt.NDArray[np.int32]


class Queries:
    """Reads the parts of one folder; for one thread at a time."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder / FOLDER
        self._connection: Any = None

    def samples(self, parts: Sequence[Part], tags: Tags, start: int, end: int) -> Samples:
        """Samples of some tags in a window, part by part in the order given."""
        one = len(tags) == 1  # then its column need not be read
        found = self._columns(SAMPLES if one else f"tag, {SAMPLES}", _overlapping(parts, start, end), tags, start, end)
        if found is None:
            return NO_SAMPLES
        tag = np.full(len(found), tags[0], np.int32) if one else _array(found["tag"], np.int32)
        samples = Samples(tag, *(_array(found[name], kind) for name, kind in SAMPLE_KINDS.items()))
        return samples if len(tags) <= FEW_TAGS else samples.where(np.isin(samples.tag, tags))

    def events(self, parts: Sequence[Part], tags: Tags, start: int, end: int) -> Any:
        """Events of some tags in a window, part by part in the order given, as a frame with whole numbers for times; None for none."""
        import polars

        found = self._columns(EVENTS, _overlapping(parts, start, end), tags, start, end)
        if found is None:
            return None
        frame = polars.from_arrow(found)
        assert isinstance(frame, polars.DataFrame)
        return frame if len(tags) <= FEW_TAGS else frame.filter(np.isin(frame["tag"].to_numpy(), tags))

    def minutes(self, parts: Sequence[Part], tags: Tags, start: int, end: int) -> Minutes:
        """Minutes of some tags that begin in a window, part by part in the order given."""
        chosen = _overlapping(parts, start, end)
        if not chosen:
            return joined_minutes([])
        first, last = -(-start // MINUTE), -(-end // MINUTE)
        found = self._ask(
            f"SELECT {MINUTES} FROM {self._files(chosen)} WHERE {_of(tags)} AND minute >= {first} AND minute < {last}",
            chosen,
        )
        minutes = Minutes(*(_array(found[name], kind) for name, kind in MINUTE_KINDS.items()))
        return minutes if len(tags) <= FEW_TAGS else minutes.where(np.isin(minutes.tag, tags))

    def newest(self, parts: Sequence[Part], tags: Tags, instant: int) -> Events:
        """The events of the latest instant of each tag before an instant, in the order of parts and rows."""
        chosen = [part for part in parts if part.first < instant]
        if not chosen:
            return NO_EVENTS
        where = f"{_of(tags)} AND time * step < {instant}"
        latest = self._ask(
            f"SELECT tag, max(time * step) AS time FROM {self._files(chosen)} WHERE {where} GROUP BY tag", chosen
        )
        when = dict(zip(latest["tag"].to_pylist(), latest["time"].to_pylist(), strict=True))
        if not when:
            return NO_EVENTS
        times = ", ".join(map(str, sorted(set(when.values()))))
        found = _events(
            self._ask(f"SELECT {EVENTS} FROM {self._files(chosen)} WHERE {where} AND time * step IN ({times})", chosen)
        )
        exact = [when[tag] == time for tag, time in zip(found.tag.tolist(), found.time.tolist(), strict=True)]
        return _of_tags(found.where(np.array(exact, bool)), tags)

    def latest(self, parts: Sequence[Part], tags: Tags, otherwise: int) -> int:
        """The latest instant of some tags in parts of samples and events."""
        chosen = ", ".join(map(str, tags.tolist()))
        found = [
            self._ask(f"SELECT max(time * step) AS time FROM {self._files(some)} WHERE tag IN ({chosen})", some)[
                "time"
            ][0].as_py()
            for kind in ("samples", "events")
            if (some := [part for part in parts if part.kind == kind])
        ]
        return max([time for time in found if time is not None], default=otherwise)

    def _columns(self, columns: str, parts: Sequence[Part], tags: Tags, start: int, end: int) -> Any:
        if not parts:
            return None
        return self._ask(
            f"SELECT {columns} FROM {self._files(parts)} WHERE {_of(tags)}{_when(parts, start, end)}", parts
        )

    def _ask(self, query: str, parts: Sequence[Part]) -> Any:
        """The answer as an Arrow table. Raises FileNotFoundError where one of the parts has vanished, HistoryDamaged."""
        duckdb = needs("duckdb", "shopfloor")
        if self._connection is None:
            self._connection = duckdb.connect(":memory:")
            self._connection.execute("SET enable_progress_bar = false; SET autoinstall_known_extensions = false")
        try:
            return self._connection.sql(query).to_arrow_table()
        except duckdb.Error as error:
            for part in parts:
                if not (self._folder / part.name).exists():
                    raise FileNotFoundError(part.name) from error
            raise damaged_part(self._damaged(parts), error) from error

    def _damaged(self, parts: Sequence[Part]) -> Path:
        """The first of some parts that cannot be read whole."""
        for part in parts:
            try:
                self._connection.sql(f"SELECT count(COLUMNS(*)) FROM {self._files([part])}").fetchall()
            except Exception:
                return self._folder / part.name
        return self._folder / parts[0].name

    def _files(self, parts: Sequence[Part]) -> str:
        names = ", ".join("'" + str(self._folder / part.name).replace("'", "''") + "'" for part in parts)
        return f"read_parquet([{names}])"


def _overlapping(parts: Sequence[Part], start: int, end: int) -> list[Part]:
    return [part for part in parts if part.first < end and part.last >= start]


def _of(tags: Tags) -> str:
    """The condition on tags; of many only their range, by which whole groups of rows are left out."""
    if len(tags) == 1:
        return f"tag = {tags[0]}"
    if len(tags) <= FEW_TAGS:
        return f"tag IN ({', '.join(map(str, tags.tolist()))})"
    return f"tag BETWEEN {tags.min()} AND {tags.max()}"


def _when(parts: Sequence[Part], start: int, end: int) -> str:
    """The condition on time, where a part holds readings outside of the window."""
    found = f" AND time * step >= {start}" if any(part.first < start for part in parts) else ""
    return found + (f" AND time * step < {end}" if any(part.last >= end for part in parts) else "")


def _events(table: Any) -> Events:
    return Events(
        _array(table["tag"], np.int32),
        _array(table["time"], np.int64),
        table["value"].to_pylist(),
        table["detail"].to_pylist(),
        _array(table["quality"], np.uint8),
    )


def _of_tags(events: Events, tags: Tags) -> Events:
    """Of many tags only their range was asked for."""
    return events if len(tags) <= FEW_TAGS else events.where(np.isin(events.tag, tags))


def _array(column: Any, kind: Any) -> npt.NDArray[Any]:
    return np.ascontiguousarray(column.to_numpy(), dtype=kind)
