"""Actions on what machines did: now, timelines, stops with their reasons, KPIs."""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from plantwright.actions.registry import action
from plantwright.errors import PlantwrightError

if TYPE_CHECKING:
    import polars

    from plantwright.events import EventLog
    from plantwright.shopfloor.config import CollectorConfig
    from plantwright.shopfloor.history import History
    from plantwright.shopfloor.machines.now import MachineNow
    from plantwright.shopfloor.machines.reports import Account, By
    from plantwright.shopfloor.machines.settings import FloorSettings
    from plantwright.shopfloor.machines.stops import Reasons, Stop
    from plantwright.shopfloor.machines.timelines import Timeline
    from plantwright.shopfloor.machines.tracks import Track


class WindowError(PlantwrightError):
    """A window, machine or stop that is none."""

    code = "PW5201"


@dataclass(frozen=True)
class Floor:
    """A shop floor to look at: its history, how its machines are understood, and where the reasons of stops lie."""

    place: str
    history: History
    settings: FloorSettings
    reasons: Path
    no_data_after: Mapping[str, float]

    def window(self, text: str, now: int | None = None) -> tuple[int, int]:
        """A window by its name. Raises WindowError."""
        from plantwright.shopfloor.machines.windows import read_window

        try:
            return read_window(text, now or time.time_ns(), self.settings.zone, self.settings.shifts)
        except ValueError as error:
            raise WindowError(f"{error} [PW5201]") from error


@action("machine.read")
def open_floor(path: str | Path, environment: Mapping[str, str] | None = None) -> Floor:
    """The shop floor of a collector's file, or of a history's folder or URL. Raises ConfigError, HistoryError."""
    from plantwright.shopfloor.config import CollectorConfig, read_config
    from plantwright.shopfloor.history.opening import open_history

    text = str(path)
    is_file = "://" not in text and (Path(text).is_file() or Path(text).suffix in (".yaml", ".yml"))
    config = read_config(path, environment) if is_file else CollectorConfig(text, {})
    return Floor(
        config.history,
        open_history(config.history),
        config.floor,
        _reasons_of(config, Path(text) if is_file else None),
        {name: source.no_data_after for name, source in config.sources.items()},
    )


def _reasons_of(config: CollectorConfig, file: Path | None) -> Path:
    """Beside the readings in a history's folder; else beside the collector's file."""
    if "://" not in config.history:
        return Path(config.history) / "reasons.jsonl"
    return (file.parent if file else Path()) / "reasons.jsonl"


@action("machine.read")
def look_at_machines(floor: Floor, now: int | None = None) -> list[MachineNow]:
    """What every machine does now."""
    from plantwright.shopfloor.machines.now import machines_now

    return machines_now(floor.history, now or time.time_ns(), floor.settings, floor.no_data_after)


@action("machine.read")
def machine_timelines(floor: Floor, window: tuple[int, int], machines: Sequence[str] = ()) -> list[Timeline]:
    """What machines did over a window; all of them where none is named. Raises WindowError for a machine that is not there."""
    from plantwright.shopfloor.machines.timelines import timelines

    try:
        return timelines(floor.history, *window, floor.settings, machines)
    except KeyError as error:
        from plantwright.plant.readers import nearest
        from plantwright.shopfloor.machines.signals import signals

        there = list(signals(floor.history.tags()))
        near = nearest(error.args[0], there)
        hint = f" (did you mean {near!r}?)" if near else f"; there are: {', '.join(there) or 'none'}"
        raise WindowError(f"there is no machine {error.args[0]!r}{hint} [PW5201]") from error


@action("machine.read")
def machine_stops(floor: Floor, window: tuple[int, int], machines: Sequence[str] = ()) -> list[Stop]:
    """The stops of machines over a window, with their reasons."""
    from plantwright.shopfloor.machines.stops import stops

    several = machine_timelines(floor, window, machines)
    reasons = _reasons(floor, several)
    found = [stop for one in several for stop in stops(one, reasons, floor.settings)]
    return sorted(found, key=lambda stop: (stop.start, stop.machine))


@action("machine.write")
def name_stop(floor: Floor, machine: str, instant: int, reason: str, by: str, note: str = "") -> Stop:
    """Give the stop of a machine at an instant a reason; an empty one takes back what was said. Returns the stop as it is then. Raises
    ReasonError.
    """
    from plantwright.plant.readers import nearest
    from plantwright.shopfloor.machines.stops import Reason, ReasonError, read_reasons, say_reason, stops
    from plantwright.shopfloor.readings import NANOSECONDS

    if reason and reason not in floor.settings.reasons:
        known = list(floor.settings.reasons)
        near = nearest(reason, known)
        hint = f" (did you mean {near!r}?)" if near else ""
        raise ReasonError(f"there is no reason {reason!r}{hint}; there are: {', '.join(known)} [PW5200]")
    day = 86_400 * NANOSECONDS
    now = time.time_ns()
    (timeline,) = machine_timelines(floor, (instant - 7 * day, min(now, instant + 7 * day)), [machine])
    found = stops(timeline, read_reasons(floor.reasons), floor.settings)
    # a time is told to the second: a stop that began within it is meant, too
    at = [stop for stop in found if stop.start < instant + NANOSECONDS and stop.end > instant]
    if not at:
        raise ReasonError(f"{machine} did not stand then; 'plantwright stops' lists when it did [PW5200]")
    say_reason(floor.reasons, Reason(machine, at[0].start, at[0].end, reason, by, now, note, at[0].open))
    again = stops(timeline, read_reasons(floor.reasons), floor.settings)
    return next(stop for stop in again if stop.start <= at[0].start < stop.end)


@action("machine.read")
def machine_accounts(
    floor: Floor, window: tuple[int, int], machines: Sequence[str] = (), by: Sequence[By] = ("machine",)
) -> list[Account]:
    """The KPIs of machines over a window, by machine or work center, and by shift or product."""
    from plantwright.shopfloor.machines.reports import accounts

    found = machine_timelines(floor, window, machines)
    return accounts(found, floor.settings, _reasons(floor, found), by)


def _reasons(floor: Floor, found: Sequence[Timeline]) -> Reasons:
    """What was said of stops, also of those that began before the windows of some timelines."""
    from plantwright.shopfloor.machines.stops import carried, read_reasons

    return carried(floor.history, found, read_reasons(floor.reasons), floor.settings)


TABLE_ENDINGS = (".csv", ".parquet", ".xlsx", ".json")
TIMELINE_ENDINGS = (".html", ".svg", *TABLE_ENDINGS)


def check_timeline_output(path: str | Path, table: bool = False) -> Path:
    """The path of a timeline, or of a table only, if it can be written; OutputError before any work is done if not."""
    from plantwright.actions.studies import check_output

    return check_output(path, TABLE_ENDINGS if table else TIMELINE_ENDINGS)


@action("machine.read")
def save_timelines(floor: Floor, found: Sequence[Timeline], path: Path, command: str = "") -> Path:
    """Write timelines as the file's ending says: a page, a picture, or a table. Raises OutputError."""
    from plantwright.actions.studies import write_output

    return write_output(path, _timeline_content(floor, found, path.suffix.lower(), command))


@action("machine.read")
def machine_tracks(floor: Floor, found: Sequence[Timeline], of: Track) -> polars.DataFrame:
    """When which job, product, operation, program, tool or worker was at machines, or which alarm was active."""
    from plantwright.shopfloor.machines.tracks import tracks

    return tracks(floor.history, found, of)


@action("machine.read")
def save_tracks(frame: polars.DataFrame, path: Path) -> Path:
    """Write what `machine_tracks` gives as a table. Raises OutputError."""
    from plantwright.actions.studies import write_output

    return write_output(path, _table_content(frame, path.suffix.lower()))


def _timeline_content(floor: Floor, found: Sequence[Timeline], ending: str, command: str) -> str | bytes:
    from plantwright.shopfloor.machines.timelines import frame_of

    if ending in (".html", ".svg"):
        return _timeline_picture(floor, found, ending, command)
    return _table_content(frame_of(found), ending)


def _table_content(frame: polars.DataFrame, ending: str) -> str | bytes:
    import io

    import polars

    if ending == ".json":
        return str(frame.with_columns(polars.col("start", "end").dt.to_string("iso")).write_json())
    if ending == ".csv":
        return frame.write_csv()
    if ending == ".xlsx":
        from plantwright.report.workbook import frame_workbook

        return frame_workbook(
            frame.with_columns(polars.col("start", "end").dt.replace_time_zone(None).cast(polars.Datetime("us"))),
            "timeline",
        )
    sink = io.BytesIO()
    frame.write_parquet(sink)
    return sink.getvalue()


def _timeline_picture(floor: Floor, found: Sequence[Timeline], ending: str, command: str) -> str:
    from datetime import datetime
    from zoneinfo import ZoneInfo

    from plantwright.report.timeline_page import MachineLine, timeline_html, timeline_svg
    from plantwright.shopfloor.machines.reports import accounts
    from plantwright.shopfloor.machines.stops import stops, with_reasons
    from plantwright.shopfloor.readings import NANOSECONDS

    reasons, settings = _reasons(floor, found), floor.settings
    lines = [MachineLine(one.machine, with_reasons(one, reasons, settings.reasons), one.shift) for one in found]
    start, end = (found[0].start, found[0].end) if found else (0, NANOSECONDS)
    if ending == ".svg":
        return timeline_svg(lines, start, end, settings.zone)
    zone = ZoneInfo(settings.zone)
    rows = [
        {
            "machine": stop.machine, "start": f"{datetime.fromtimestamp(stop.start / NANOSECONDS, zone):%Y-%m-%d %H:%M:%S}",
            "seconds": stop.seconds, "reason": stop.reason, "use": stop.use, "shift": stop.shift,
        }
        for one in found
        for stop in stops(one, reasons, settings)
    ]  # fmt: skip
    told = [account.to_dict() for account in accounts(found, settings, reasons)]
    return timeline_html(
        lines, start, end, settings.zone, rows, told, command or f"plantwright timeline {floor.place} -o timeline.html"
    )


@action("log.read")
def history_log(floor: Floor, window: tuple[int, int], machines: Sequence[str] = ()) -> EventLog:
    """The work of machines over a window as an event log, from which `calibrate` makes a plant. Raises LogError where they tell no jobs."""
    import polars

    from plantwright.errors import LogError, Place, Problem
    from plantwright.exchange.event_log import log_of_table
    from plantwright.exchange.mapping_file import LogMapping
    from plantwright.exchange.tables import Table
    from plantwright.shopfloor.machines.stops import read_reasons
    from plantwright.shopfloor.machines.work import failures_of, work_of

    found = machine_timelines(floor, window, machines)
    frame = work_of(found, floor.settings)
    if frame.height < 2:
        reason = f"the history tells {frame.height} finished jobs at machines; calibrating needs a tag that tells the job of each machine (signals: {{job: ...}})"
        raise LogError([Problem("PW3003", Place(floor.place), "", reason)])
    written = frame.with_columns(polars.col("start", "end").dt.to_string("%Y-%m-%dT%H:%M:%S%.6f+00:00"))
    table = Table(
        written.cast(polars.String),
        polars.int_range(2, frame.height + 2, eager=True).alias("row"),
        {"file": "the history of machines"},
    )
    columns = {
        "case": "order", "activity": "activity", "resource": "station", "worker": "worker", "product": "product", "type": "type",
        "start": "start", "end": "end", "quantity": "quantity", "rejected": "rejected",
    }  # fmt: skip
    columns = {role: name for role, name in columns.items() if frame[name].null_count() < frame.height}
    centers = {name: machine.work_center for name, machine in floor.settings.machines.items() if machine.work_center}
    there = set(frame["station"].to_list())
    mapping = LogMapping(columns, centers={name: center for name, center in centers.items() if name in there})
    log = log_of_table(table, floor.place, mapping, floor.settings.zone)
    return _with_failures(log, failures_of(found, read_reasons(floor.reasons), floor.settings), floor.settings.zone)


def _with_failures(log: EventLog, failures: Sequence[Stop], zone: str) -> EventLog:
    """The log with the stops of its machines, those between jobs, too."""
    from dataclasses import replace

    import polars

    if not failures:
        return log
    stops = polars.DataFrame(
        {
            "row": polars.int_range(0, len(failures), eager=True),
            "station": [stop.machine for stop in failures],
            "start": [stop.start for stop in failures],
            "end": [stop.end for stop in failures],
            "reason": [stop.reason for stop in failures],
        }
    ).with_columns(
        polars.from_epoch(polars.col(name), "ns").dt.replace_time_zone("UTC").dt.convert_time_zone(zone).dt.replace_time_zone(None).dt.cast_time_unit("us")
        for name in ("start", "end")
    )  # fmt: skip
    return replace(log, stops=stops)


@action("machine.read")
def is_shop_floor(place: str | Path) -> bool:
    """Whether a path is a history of machines or a collector's file, and neither a log nor a plant."""
    path = Path(place)
    if path.is_dir():
        return True
    if path.suffix.lower() not in (".yaml", ".yml") or not path.is_file():
        return False
    try:
        text = path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError):
        return False
    return any(line.startswith("sources:") for line in text.splitlines())
