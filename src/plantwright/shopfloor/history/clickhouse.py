"""A history in ClickHouse: the same interface, for what outgrows one PC. Over its HTTP interface, so that no driver is needed.

Its place is ``clickhouse://user@host:8123/database`` (``clickhouses://`` for TLS), the password stands in ``CLICKHOUSE_PASSWORD`` or in the URL.

ClickHouse has no transaction over tables. Readings go first, then the positions: should either fail, a source says the same again, and what
came twice stands there once.
"""

from __future__ import annotations

import http.client
import json
import os
import re
import threading
import time
import uuid
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote, urlencode, urlsplit

import numpy as np

from plantwright.shopfloor.history import HistoryError, HistoryFull, HistoryUnavailable
from plantwright.shopfloor.history.frames import frame_of
from plantwright.shopfloor.history.keeping import Keep
from plantwright.shopfloor.history.memory import events_frame, samples_frame
from plantwright.shopfloor.history.numbering import numbered
from plantwright.shopfloor.history.ordering import tidy_events, tidy_samples
from plantwright.shopfloor.history.places import without_password
from plantwright.shopfloor.history.rollups import Minutes, minutes_of
from plantwright.shopfloor.readings import NANOSECONDS, NO_EVENTS, NO_SAMPLES, Batch, Events, Samples, Tag

if TYPE_CHECKING:
    import polars

DAY = 86_400 * NANOSECONDS
DATABASE = "plantwright_history"
PACE = 0.5
"""Seconds from one append to the next at least: each makes a part on the server's disk, which it must merge."""
LEASE = 15.0
"""Seconds after which a writer that says nothing is taken for dead."""
HOUR = 3_600.0
NO_ROOM = 243

NUMBERS = ("least", "most", "mean", "first", "last")
SAMPLE = np.dtype([("tag", "<i4"), ("time", "<i8"), ("value", "<f8"), ("quality", "u1"), ("arrival", "<i8")])
MINUTE = np.dtype([("tag", "<i4"), ("time", "<i8"), ("count", "<i8"), *((name, "<f8") for name in NUMBERS)])
TABLES = {
    "tags": "id Int32, told String, arrival Int64) ENGINE = MergeTree ORDER BY (id, arrival)",
    "positions": "source String, position String, arrival Int64) ENGINE = MergeTree ORDER BY (source, arrival)",
    "settings": "name String, value String, arrival Int64) ENGINE = MergeTree ORDER BY (name, arrival)",
    "samples": "tag Int32, time Int64{times}, value Float64{values}, quality UInt8, arrival Int64{times}) ENGINE = MergeTree "
    f"PARTITION BY intDiv(time, {30 * DAY}) ORDER BY (tag, time, arrival)",
    "events": "tag Int32, time Int64{times}, value String, detail String, quality UInt8, arrival Int64{times}) ENGINE = MergeTree "
    f"PARTITION BY intDiv(time, {30 * DAY}) ORDER BY (tag, time, arrival)",
    "minutes": f"tag Int32, time Int64, count Int64, {', '.join(f'{name} Float64' for name in NUMBERS)}) ENGINE = MergeTree ORDER BY (tag, time)",
}


class _Server:
    """Asks a server over HTTP."""

    def __init__(self, url: str) -> None:
        self.shown = without_password(url)
        parts = urlsplit(url)
        self.database = parts.path.strip("/") or DATABASE
        if not re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]{0,62}", self.database):
            raise HistoryError(
                f"{self.shown}: {self.database!r} is no name of a database; letters, digits and _ [PW5100]"
            )
        kind = http.client.HTTPSConnection if parts.scheme == "clickhouses" else http.client.HTTPConnection
        self._connection = kind(
            parts.hostname or "localhost", parts.port or (8443 if parts.scheme == "clickhouses" else 8123), timeout=60
        )
        password = unquote(parts.password) if parts.password else os.environ.get("CLICKHOUSE_PASSWORD", "")
        self._headers = {"X-ClickHouse-User": unquote(parts.username or "default"), "X-ClickHouse-Key": password}
        self.using = threading.RLock()

    def ask(self, query: str, data: bytes = b"") -> bytes:
        """The answer to a query; an INSERT's rows go as data. Raises HistoryFull, HistoryUnavailable or HistoryError."""
        target, body = ("/?" + urlencode({"query": query}), data) if data else ("/", query.encode())
        with self.using:
            try:
                self._connection.request("POST", target, body, self._headers)
                answer = self._connection.getresponse()
                found = answer.read()
            except (OSError, http.client.HTTPException) as error:
                self._connection.close()
                raise HistoryUnavailable(f"{self.shown}: the database does not answer: {error} [PW5105]") from error
        if answer.status == 200:
            return found
        said = found.decode("utf-8", "replace").strip().split("\n")[0][:300]
        code = re.search(r"Code: (\d+)", said)
        if code and int(code[1]) == NO_ROOM:
            raise HistoryFull(f"{self.shown}: the database's disk is full: {said}; make room there [PW5101]")
        if answer.status in (502, 503, 504):
            raise HistoryUnavailable(f"{self.shown}: the database does not answer: {said} [PW5105]")
        raise HistoryError(f"{self.shown}: {said or answer.status} [PW5100]")

    def rows(self, query: str) -> list[list[Any]]:
        """The rows of an answer."""
        found: list[list[Any]] = json.loads(self.ask(f"{query} FORMAT JSONCompact"))["data"]
        return found

    def close(self) -> None:
        self._connection.close()


class ClickHouseRecorder:
    """Writes a history into ClickHouse; a lease that is renewed holds others off. Raises HistoryError."""

    def __init__(self, url: str, keep: Keep | None = None, *, pace: float = PACE) -> None:
        self._server, self._pace = _Server(url), pace
        self._d, self._own = self._server.database, uuid.uuid4().hex
        self._last, self._beat, self._swept, self._arrival = 0.0, 0.0, time.monotonic(), 0
        self._make()
        self._take_lease()
        if keep is not None:
            self._set("keep", json.dumps(asdict(keep)))
        self._tags: dict[str, tuple[int, Tag]] = {}
        for number, told in self._server.rows(
            f"SELECT id, argMax(told, arrival) FROM {self._d}.tags GROUP BY id ORDER BY id"
        ):
            tag = Tag(**json.loads(told))
            self._tags[tag.name] = int(number), tag
        self.let_go()

    def declare(self, tags: Sequence[Tag]) -> list[int]:
        with self._server.using:
            found, new = numbered(self._tags, tags)
            if new:
                arrival = self._arrivals(len(new))
                rows = b"".join(
                    number.to_bytes(4, "little") + _text(json.dumps(asdict(tag))) + (arrival + k).to_bytes(8, "little")
                    for k, (number, tag) in enumerate(new.values())
                )
                self._insert("tags", rows)
            self._tags = found
            return [found[tag.name][0] for tag in tags]

    def append(self, batches: Sequence[Batch]) -> None:
        frame = frame_of(batches)
        with self._server.using:
            time.sleep(max(0.0, self._last + self._pace - time.monotonic()))
            self._last = time.monotonic()
            if self._last - self._beat > LEASE / 3:
                self._set("writer", self._own)
                self._beat = self._last
            arrival = self._arrivals(len(frame.samples) + len(frame.events) + len(frame.positions))
            if len(frame.samples):
                rows = np.empty(len(frame.samples), SAMPLE)
                for name in Samples.__slots__:
                    rows[name] = getattr(frame.samples, name)
                rows["arrival"] = np.arange(arrival, arrival + len(rows))
                self._insert("samples", rows.tobytes())
            if len(frame.events):
                self._insert("events", _packed(frame.events, arrival + len(frame.samples)))
            if frame.positions:
                at = (arrival + len(frame.samples) + len(frame.events)).to_bytes(8, "little")
                rows_of = (
                    _text(source) + _text(json.dumps(position)) + at for source, position in frame.positions.items()
                )
                self._insert("positions", b"".join(rows_of))
        if time.monotonic() - self._swept > HOUR:
            self._swept = time.monotonic()
            self.let_go()

    def positions(self) -> Mapping[str, Mapping[str, Any]]:
        rows = self._server.rows(f"SELECT source, argMax(position, arrival) FROM {self._d}.positions GROUP BY source")
        return {source: json.loads(position) for source, position in rows}

    def close(self) -> None:
        self._set("writer", "")
        self._server.close()

    def let_go(self, clock: Callable[[], int] = time.time_ns) -> None:
        """Remove the days that are kept no longer; of samples their minutes stay."""
        told = self._get("keep")
        keep, today = Keep(**json.loads(told[0])) if told else Keep(), clock() // DAY
        limits = {kind: (today - int(days)) * DAY for kind, days in asdict(keep).items() if days is not None}
        if "samples" in limits:
            old = f"{self._d}.samples WHERE time < {limits['samples']}"
            minutes = minutes_of(
                _samples(self._server.ask(f"SELECT * FROM {old} ORDER BY tag, time, arrival FORMAT RowBinary"))
            )
            if len(minutes):
                rows = np.empty(len(minutes), MINUTE)
                for name in Minutes.__slots__:
                    rows[name] = getattr(minutes, name)
                self._insert("minutes", rows.tobytes())
        for kind, limit in limits.items():
            self._server.ask(f"ALTER TABLE {self._d}.{kind} DELETE WHERE time < {limit}")

    def _make(self) -> None:
        """Make what is not there yet; newer servers are asked for more."""
        server = self._server
        major = int(server.rows("SELECT version()")[0][0].partition(".")[0])
        codecs = (
            {"times": " CODEC(DoubleDelta, ZSTD)", "values": " CODEC(Gorilla, ZSTD)"}
            if major >= 20
            else {"times": "", "values": ""}
        )
        sync = " SETTINGS fsync_after_insert = 1, fsync_part_directory = 1" if major >= 21 else ""
        server.ask(f"CREATE DATABASE IF NOT EXISTS {self._d}")
        for name, columns in TABLES.items():
            server.ask(f"CREATE TABLE IF NOT EXISTS {self._d}.{name} ({columns.format(**codecs)}{sync}")

    def _take_lease(self) -> None:
        holder = self._get("writer")
        if holder and holder[0] not in ("", self._own) and time.time_ns() - holder[1] < LEASE * NANOSECONDS:
            self._server.close()
            raise HistoryError(
                f"{self._server.shown}: is being written by another process, which was there {(time.time_ns() - holder[1]) / 1e9:.0f} s "
                f"ago; one at a time can. One that was killed is forgotten after {LEASE:.0f} s [PW5100]"
            )
        self._set("writer", self._own)
        self._beat = time.monotonic()

    def _get(self, name: str) -> tuple[str, int] | None:
        """The last value of a setting, and when it was given."""
        found = self._server.rows(
            f"SELECT argMax(value, arrival), max(arrival) FROM {self._d}.settings WHERE name = '{name}' GROUP BY name"
        )
        return (found[0][0], int(found[0][1])) if found else None

    def _set(self, name: str, value: str) -> None:
        self._insert("settings", _text(name) + _text(value) + self._arrivals(1).to_bytes(8, "little"))

    def _insert(self, table: str, rows: bytes) -> None:
        self._server.ask(f"INSERT INTO {self._d}.{table} FORMAT RowBinary", rows)

    def _arrivals(self, count: int) -> int:
        """The first of so many numbers that only rise, from one process to the next, too."""
        first = max(self._arrival, time.time_ns())
        self._arrival = first + count
        return first


class ClickHouseHistory:
    """Reads a history in ClickHouse. Raises HistoryError where there is none."""

    def __init__(self, url: str) -> None:
        self._server = _Server(url)
        self._d = self._server.database
        if not self._server.rows(f"SELECT name FROM system.tables WHERE database = '{self._d}' AND name = 'tags'"):
            raise HistoryError(f"{self._server.shown}: there is no history; 'plantwright collect' makes one [PW5100]")

    def tags(self) -> Sequence[Tag]:
        rows = self._server.rows(f"SELECT id, argMax(told, arrival) FROM {self._d}.tags GROUP BY id ORDER BY id")
        return [Tag(**json.loads(told)) for _, told in rows]

    def samples(self, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
        return samples_frame([self._samples(tags, start, end)])

    def events(self, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
        return events_frame([self._events(_where(tags, start, end)) if len(tags) else NO_EVENTS])

    def before(self, tags: Sequence[int], instant: int) -> polars.DataFrame:
        where = _where(tags, -(2**63), instant)
        latest = f"(tag, time) IN (SELECT tag, max(time) FROM {self._d}.events WHERE {where} GROUP BY tag)"
        found = self._events(latest) if len(tags) else NO_EVENTS
        last = np.append(found.tag[1:] != found.tag[:-1], True)[: len(found)]
        return events_frame([found.where(last)])

    def minutes(self, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
        now = minutes_of(self._samples(tags, start, end)).frame()
        if not len(tags):
            return now
        data = self._server.ask(f"SELECT * FROM {self._d}.minutes WHERE {_where(tags, start, end)} FORMAT RowBinary")
        rows = np.frombuffer(data, MINUTE)
        before = Minutes(*(np.ascontiguousarray(rows[name]) for name in MINUTE.names or ())).frame()
        # Samples whose minutes are kept may still be there for a while: a minute counts once.
        return before.vstack(now).unique(["tag", "minute"], keep="first").sort("tag", "minute")

    def newest(self, tags: Sequence[int] = ()) -> int | None:
        return self._extreme("max", tags)

    def oldest(self) -> int | None:
        return self._extreme("min", ())

    def keeps(self) -> Keep:
        told = self._server.rows(
            f"SELECT argMax(value, arrival) FROM {self._d}.settings WHERE name = 'keep' GROUP BY name"
        )
        return Keep(**json.loads(told[0][0])) if told else Keep()

    def amounts(self) -> Mapping[str, tuple[int, int]]:
        parts = f"SELECT table, sum(rows), sum(bytes_on_disk) FROM system.parts WHERE active AND database = '{self._d}' GROUP BY table"
        found = {table: (int(rows), int(size)) for table, rows, size in self._server.rows(parts)}
        return {kind: found.get(kind, (0, 0)) for kind in ("samples", "events", "minutes")}

    def _samples(self, tags: Sequence[int], start: int, end: int) -> Samples:
        if not len(tags):
            return NO_SAMPLES
        where = _where(tags, start, end)
        return _samples(
            self._server.ask(
                f"SELECT * FROM {self._d}.samples WHERE {where} ORDER BY tag, time, arrival FORMAT RowBinary"
            )
        )

    def _events(self, where: str) -> Events:
        rows = self._server.rows(
            f"SELECT tag, time, value, detail, quality FROM {self._d}.events WHERE {where} ORDER BY tag, time, arrival"
        )
        tag, at, value, detail, quality = zip(*rows, strict=True) if rows else ((), (), (), (), ())
        return tidy_events(Events.of(tag, [int(t) for t in at], list(value), list(detail), quality))

    def _extreme(self, which: str, tags: Sequence[int]) -> int | None:
        where = f"WHERE {_where(tags, -(2**63), 2**63)}" if len(tags) else ""
        found = [
            self._server.rows(f"SELECT count(), {which}(time) FROM {self._d}.{kind} {where}")[0]
            for kind in ("samples", "events")
        ]
        times = [int(at) for count, at in found if int(count)]
        return (max if which == "max" else min)(times, default=None)


def _samples(data: bytes) -> Samples:
    rows = np.frombuffer(data, SAMPLE)
    return tidy_samples(Samples(*(np.ascontiguousarray(rows[name]) for name in Samples.__slots__)))


def _packed(events: Events, arrival: int) -> bytes:
    """Events as RowBinary."""
    columns = (events.tag.tolist(), events.time.tolist(), events.value, events.detail, events.quality.tolist())
    return b"".join(
        tag.to_bytes(4, "little", signed=True)
        + at.to_bytes(8, "little", signed=True)
        + _text(value)
        + _text(detail)
        + bytes([quality])
        + (arrival + k).to_bytes(8, "little")
        for k, (tag, at, value, detail, quality) in enumerate(zip(*columns, strict=True))
    )


def _text(text: str) -> bytes:
    """A text as RowBinary: its length in groups of seven bits, then its bytes."""
    data = text.encode("utf-8", "replace")
    size, front = len(data), bytearray()
    while size >= 0x80:
        front.append(size & 0x7F | 0x80)
        size >>= 7
    return bytes(front) + bytes([size]) + data


def _where(tags: Sequence[int], start: int, end: int) -> str:
    chosen = ", ".join(str(int(tag)) for tag in tags) or "-1"
    window = [f" AND time >= {start}"] if start > -(2**63) else []
    window += [f" AND time < {end}"] if end < 2**63 - 1 else []
    return f"tag IN ({chosen})" + "".join(window)
