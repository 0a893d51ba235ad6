"""A history in PostgreSQL: the same interface, for plants that have a database to look after and want one thing less in a folder.

Tables lie in a schema of their own (``plantwright_history``, or the URL's fragment: ``postgresql://...#line2``). What is appended at once is
one transaction, read and written in PostgreSQL's binary format by whole columns.
"""

from __future__ import annotations

import contextlib
import json
import re
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any, TypeVar

import numpy as np
import numpy.typing as npt

from plantwright.shopfloor.connectors import needs
from plantwright.shopfloor.history import HistoryError, HistoryFull, HistoryUnavailable
from plantwright.shopfloor.history.frames import frame_of
from plantwright.shopfloor.history.keeping import Keep
from plantwright.shopfloor.history.memory import events_frame, samples_frame
from plantwright.shopfloor.history.numbering import numbered
from plantwright.shopfloor.history.ordering import tidy_events, tidy_samples
from plantwright.shopfloor.history.places import without_password
from plantwright.shopfloor.history.rollups import Minutes, joined_minutes, minutes_of, tidy_minutes
from plantwright.shopfloor.readings import NANOSECONDS, NO_EVENTS, NO_SAMPLES, Batch, Events, Samples, Tag

if TYPE_CHECKING:
    import polars

T = TypeVar("T")

DAY = 86_400 * NANOSECONDS
HOUR = 3_600.0
PATIENCE = 2.0
SCHEMA = "plantwright_history"
EXTREME = 2**63 - 1
TABLES = """
CREATE TABLE IF NOT EXISTS {s}.tags (id int4 PRIMARY KEY, name text NOT NULL UNIQUE, told jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS {s}.positions (source text PRIMARY KEY, position jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS {s}.settings (name text PRIMARY KEY, value jsonb NOT NULL);
CREATE TABLE IF NOT EXISTS {s}.samples
    (tag int4 NOT NULL, time int8 NOT NULL, value float8 NOT NULL, quality int2 NOT NULL, arrival int8 NOT NULL);
CREATE INDEX IF NOT EXISTS samples_by_tag ON {s}.samples (tag, time);
CREATE TABLE IF NOT EXISTS {s}.events
    (tag int4 NOT NULL, time int8 NOT NULL, value text NOT NULL, detail text NOT NULL, quality int2 NOT NULL, arrival int8 NOT NULL);
CREATE INDEX IF NOT EXISTS events_by_tag ON {s}.events (tag, time);
CREATE TABLE IF NOT EXISTS {s}.minutes
    (tag int4 NOT NULL, time int8 NOT NULL, count int8 NOT NULL, least float8 NOT NULL, most float8 NOT NULL, mean float8 NOT NULL,
     first float8 NOT NULL, last float8 NOT NULL);
CREATE INDEX IF NOT EXISTS minutes_by_tag ON {s}.minutes (tag, time);
"""

HEADER = b"PGCOPY\n\xff\r\n\0" + bytes(8)
TRAILER = b"\xff\xff"
COLUMNS = {
    "samples": {"tag": ">i4", "time": ">i8", "value": ">f8", "quality": ">i2", "arrival": ">i8"},
    "minutes": {"tag": ">i4", "time": ">i8", "count": ">i8", **dict.fromkeys(("least", "most", "mean", "first", "last"), ">f8")},
}  # fmt: skip


def _row(kinds: Mapping[str, str]) -> np.dtype[Any]:
    """A row of PostgreSQL's binary format: the number of fields, then each with its length before it."""
    fields: list[tuple[str, str]] = [("fields", ">i2")]
    for name, kind in kinds.items():
        fields += [(f"size of {name}", ">i4"), (name, kind)]
    return np.dtype(fields)


def packed(kinds: Mapping[str, str], columns: Mapping[str, npt.NDArray[Any]]) -> bytes:
    """Columns as rows of PostgreSQL's binary format."""
    rows = np.empty(len(columns["tag"]), _row(kinds))
    rows["fields"] = len(kinds)
    for name, kind in kinds.items():
        rows[f"size of {name}"], rows[name] = np.dtype(kind).itemsize, columns[name]
    return HEADER + rows.tobytes() + TRAILER


def unpacked(kinds: Mapping[str, str], data: bytes) -> dict[str, npt.NDArray[Any]]:
    """The columns of such rows."""
    rows = np.frombuffer(
        data, _row(kinds), (len(data) - len(HEADER) - len(TRAILER)) // _row(kinds).itemsize, len(HEADER)
    )
    return {name: np.ascontiguousarray(rows[name], rows[name].dtype.newbyteorder("=")) for name in kinds}


class _Database:
    """A connection that is made when it is needed, and made again when it was lost."""

    def __init__(self, url: str) -> None:
        address, _, fragment = url.partition("#")
        self.shown, self._address = (
            without_password(url),
            re.sub(r"^postgres(ql)?(\+\w+)?://", "postgresql://", address),
        )
        self.schema = fragment or SCHEMA
        if not re.fullmatch(r"[a-z_][a-z0-9_]{0,62}", self.schema):
            raise HistoryError(
                f"{self.shown}: {fragment!r} is no name of a schema; small letters, digits and _ [PW5100]"
            )
        self._psycopg = needs("psycopg", "postgres")
        self._connection: Any = None
        self.using = threading.RLock()

    def connect(self) -> Any:
        """The connection."""
        if self._connection is None or self._connection.closed:
            try:
                self._connection = self._psycopg.connect(self._address, autocommit=True, connect_timeout=10)
            except self._psycopg.Error as error:
                raise HistoryUnavailable(
                    f"{self.shown}: the database does not answer: {_line(error)} [PW5105]"
                ) from error
            self.made(self._connection)
        return self._connection

    def made(self, connection: Any) -> None:
        """Called with each new connection."""

    def work(self, act: Callable[[Any], T]) -> T:
        """Do something with a cursor in one transaction. Raises HistoryFull, HistoryUnavailable or HistoryError."""
        with self.using:
            connection = self.connect()
            try:
                with connection.transaction(), connection.cursor() as cursor:
                    return act(cursor)
            except self._psycopg.errors.DiskFull as error:
                raise HistoryFull(
                    f"{self.shown}: the database's disk is full: {_line(error)}; make room there [PW5101]"
                ) from error
            except (self._psycopg.OperationalError, self._psycopg.InterfaceError) as error:
                self.close()
                raise HistoryUnavailable(
                    f"{self.shown}: the database does not answer: {_line(error)} [PW5105]"
                ) from error
            except self._psycopg.Error as error:
                raise HistoryError(f"{self.shown}: {_line(error)} [PW5100]") from error

    def close(self) -> None:
        """End the connection."""
        if self._connection is not None:
            with contextlib.suppress(self._psycopg.Error):
                self._connection.close()
            self._connection = None


class PostgresRecorder:
    """Writes a history into PostgreSQL; an advisory lock holds others off. Raises HistoryError."""

    def __init__(self, url: str, keep: Keep | None = None) -> None:
        self._database = _Database(url)
        self._database.made = self._own  # type: ignore[method-assign]
        self._s = self._database.schema
        self._swept = time.monotonic()
        self._tags: dict[str, tuple[int, Tag]] = {}
        self._database.work(lambda cursor: self._begin(cursor, keep))
        self.let_go()

    def declare(self, tags: Sequence[Tag]) -> list[int]:
        with self._database.using:
            found, new = numbered(self._tags, tags)
            if new:
                rows = [(number, tag.name, json.dumps(asdict(tag))) for number, tag in new.values()]
                insert = f"INSERT INTO {self._s}.tags VALUES (%s, %s, %s) ON CONFLICT (id) DO UPDATE SET told = excluded.told"
                self._database.work(lambda cursor: cursor.executemany(insert, rows))
            self._tags = found
            return [found[tag.name][0] for tag in tags]

    def append(self, batches: Sequence[Batch]) -> None:
        frame = frame_of(batches)

        def act(cursor: Any) -> None:
            count = len(frame.samples) + len(frame.events)
            first = cursor.execute(
                f"UPDATE {self._s}.settings SET value = to_jsonb(value::text::int8 + %s) WHERE name = 'arrivals' RETURNING value::text::int8",
                [count],
            ).fetchone()[0] - count  # fmt: skip
            arrival = np.arange(first, first + count)
            if len(frame.samples):
                columns = {name: getattr(frame.samples, name) for name in Samples.__slots__}
                data = packed(COLUMNS["samples"], {**columns, "arrival": arrival[: len(frame.samples)]})
                with cursor.copy(f"COPY {self._s}.samples FROM STDIN (FORMAT BINARY)") as copy:
                    copy.write(data)
            if len(frame.events):
                self._copy_events(cursor, frame.events, arrival[len(frame.samples) :].tolist())
            for source, position in frame.positions.items():
                cursor.execute(
                    f"INSERT INTO {self._s}.positions VALUES (%s, %s) ON CONFLICT (source) DO UPDATE SET position = excluded.position",
                    [source, json.dumps(position)],
                )

        self._database.work(act)
        if time.monotonic() - self._swept > HOUR:
            self._swept = time.monotonic()
            self.let_go()

    def positions(self) -> Mapping[str, Mapping[str, Any]]:
        return dict(
            self._database.work(
                lambda cursor: cursor.execute(f"SELECT source, position FROM {self._s}.positions").fetchall()
            )
        )

    def close(self) -> None:
        self._database.close()

    def let_go(self, clock: Callable[[], int] = time.time_ns) -> None:
        """Remove the days that are kept no longer; of samples their minutes stay."""

        def act(cursor: Any) -> None:
            told = cursor.execute(f"SELECT value FROM {self._s}.settings WHERE name = 'keep'").fetchone()
            keep, today = Keep(**told[0]) if told else Keep(), clock() // DAY
            limits = {kind: (today - int(days)) * DAY for kind, days in asdict(keep).items() if days is not None}
            if "samples" in limits:
                gone = _samples(cursor, f"DELETE FROM {self._s}.samples WHERE time < {limits['samples']} RETURNING *")
                minutes = minutes_of(tidy_samples(gone))
                data = packed(COLUMNS["minutes"], {name: getattr(minutes, name) for name in Minutes.__slots__})
                with cursor.copy(f"COPY {self._s}.minutes FROM STDIN (FORMAT BINARY)") as copy:
                    copy.write(data)
            for kind in ("events", "minutes"):
                if kind in limits:
                    cursor.execute(f"DELETE FROM {self._s}.{kind} WHERE time < {limits[kind]}")

        self._database.work(act)

    def _own(self, connection: Any) -> None:
        """Hold others off for as long as this connection lives; one that ended a moment ago may still be there."""
        until, query = time.monotonic() + PATIENCE, "SELECT pg_try_advisory_lock(hashtext(%s))"
        while not connection.execute(query, [f"plantwright {self._s}"]).fetchone()[0]:
            if time.monotonic() > until:
                self._database.close()
                raise HistoryError(
                    f"{self._database.shown}: is being written by another process; one at a time can [PW5100]"
                )
            time.sleep(0.05)

    def _begin(self, cursor: Any, keep: Keep | None) -> None:
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {self._s}")
        cursor.execute(TABLES.format(s=self._s))
        cursor.execute(f"INSERT INTO {self._s}.settings VALUES ('arrivals', '0') ON CONFLICT DO NOTHING")
        if keep is not None:
            cursor.execute(
                f"INSERT INTO {self._s}.settings VALUES ('keep', %s) ON CONFLICT (name) DO UPDATE SET value = excluded.value",
                [json.dumps(asdict(keep))],
            )
        for number, told in cursor.execute(f"SELECT id, told FROM {self._s}.tags").fetchall():
            self._tags[told["name"]] = number, Tag(**told)

    def _copy_events(self, cursor: Any, events: Events, arrival: list[int]) -> None:
        with cursor.copy(f"COPY {self._s}.events FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["int4", "int8", "text", "text", "int2", "int8"])
            columns = (map(_text, events.value), map(_text, events.detail), events.quality.tolist(), arrival)
            for row in zip(events.tag.tolist(), events.time.tolist(), *columns, strict=True):
                copy.write_row(row)


class PostgresHistory:
    """Reads a history in PostgreSQL. Raises HistoryError where there is none."""

    def __init__(self, url: str) -> None:
        self._database = _Database(url)
        self._s = self._database.schema
        if not self._database.work(
            lambda cursor: cursor.execute("SELECT to_regclass(%s)", [f"{self._s}.tags"]).fetchone()[0]
        ):
            raise HistoryError(f"{self._database.shown}: there is no history; 'plantwright collect' makes one [PW5100]")

    def tags(self) -> Sequence[Tag]:
        return [Tag(**told) for (told,) in self._rows(f"SELECT told FROM {self._s}.tags ORDER BY id")]

    def samples(self, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
        return samples_frame([self._samples(tags, start, end)])

    def events(self, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
        return events_frame(
            [self._events(f"{_where(tags, start, end)} ORDER BY tag, time, arrival") if tags else NO_EVENTS]
        )

    def before(self, tags: Sequence[int], instant: int) -> polars.DataFrame:
        latest = f"JOIN LATERAL (SELECT time FROM {self._s}.events WHERE tag = t AND time < {_clipped(instant)} ORDER BY time DESC LIMIT 1) l ON true"
        chosen = f"SELECT e.* FROM unnest(ARRAY[{_list(tags)}]::int4[]) t {latest} JOIN {self._s}.events e ON e.tag = t AND e.time = l.time"
        found = self._events("ORDER BY tag, time, arrival", f"({chosen}) chosen") if tags else NO_EVENTS
        last = np.append(found.tag[1:] != found.tag[:-1], True)[: len(found)]
        return events_frame([found.where(last)])

    def minutes(self, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
        now = minutes_of(self._samples(tags, start, end))
        columns = ", ".join(COLUMNS["minutes"])
        query = f"SELECT {columns} FROM {self._s}.minutes WHERE {_where(tags, start, end)}"
        before = unpacked(COLUMNS["minutes"], self._copied(query)) if tags else {}
        return tidy_minutes(joined_minutes([Minutes(**before), now] if before else [now])).frame()

    def newest(self, tags: Sequence[int] = ()) -> int | None:
        return self._extreme("max", tags)

    def oldest(self) -> int | None:
        return self._extreme("min", ())

    def keeps(self) -> Keep:
        told = self._rows(f"SELECT value FROM {self._s}.settings WHERE name = 'keep'")
        return Keep(**told[0][0]) if told else Keep()

    def amounts(self) -> Mapping[str, tuple[int, int]]:
        kinds = ("samples", "events", "minutes")
        found = {}
        for kind in kinds:
            query = f"SELECT count(*), pg_total_relation_size('{self._s}.{kind}') FROM {self._s}.{kind}"
            ((rows, size),) = self._rows(query)
            found[kind] = rows, size
        return found

    def _samples(self, tags: Sequence[int], start: int, end: int) -> Samples:
        if not tags:
            return NO_SAMPLES
        query = f"SELECT * FROM {self._s}.samples WHERE {_where(tags, start, end)} ORDER BY tag, time, arrival"
        return tidy_samples(self._database.work(lambda cursor: _samples(cursor, query)))

    def _events(self, rest: str, table: str = "") -> Events:
        source = table or f"{self._s}.events WHERE"
        rows = self._rows(f"SELECT tag, time, value, detail, quality FROM {source} {rest}")
        tag, at, value, detail, quality = zip(*rows, strict=True) if rows else ((), (), (), (), ())
        return tidy_events(Events.of(tag, at, list(value), list(detail), quality))

    def _extreme(self, which: str, tags: Sequence[int]) -> int | None:
        where = f" WHERE tag = ANY(ARRAY[{_list(tags)}]::int4[])" if tags else ""
        both = f"SELECT {which}(time) AS time FROM {self._s}.samples{where} UNION ALL SELECT {which}(time) FROM {self._s}.events{where}"
        found: int | None = self._rows(f"SELECT {which}(time) FROM ({both}) b")[0][0]
        return found

    def _rows(self, query: str) -> list[Any]:
        return self._database.work(lambda cursor: cursor.execute(query).fetchall())

    def _copied(self, query: str) -> bytes:
        return self._database.work(lambda cursor: _copied(cursor, query))


def _samples(cursor: Any, query: str) -> Samples:
    found = unpacked(COLUMNS["samples"], _copied(cursor, query))
    return Samples(found["tag"], found["time"], found["value"], found["quality"].astype(np.uint8))


def _copied(cursor: Any, query: str) -> bytes:
    with cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT BINARY)") as copy:
        return b"".join(bytes(piece) for piece in copy)


def _where(tags: Sequence[int], start: int, end: int) -> str:
    return f"tag = ANY(ARRAY[{_list(tags)}]::int4[]) AND time >= {_clipped(start)} AND time < {_clipped(end)}"


def _list(tags: Sequence[int]) -> str:
    return ", ".join(str(int(tag)) for tag in tags)


def _clipped(instant: int) -> int:
    return max(-EXTREME, min(EXTREME, instant))


def _text(text: str) -> str:
    """A text as PostgreSQL keeps it: it knows no zero character."""
    return text.replace("\0", "\ufffd").encode("utf-8", "replace").decode()


def _line(error: Exception) -> str:
    """The first line of a database's error: what follows may show the query."""
    return str(error).strip().split("\n")[0] or type(error).__name__
