"""Actions on a shop's own records: look at their quality, make a plant of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plantwright.actions.clusters import workers_at
from plantwright.actions.registry import action
from plantwright.actions.studies import OutputError, check_output
from plantwright.errors import Place, Problem

if TYPE_CHECKING:
    from plantwright.calibration import Calibration, Purpose, Quality, Update
    from plantwright.events import EventLog
    from plantwright.exchange import LogMapping as LogMapping

_PLANTS, _PAGES = (".yaml", ".yml"), (".html",)


@action("log.read")
def read_event_log(path: str | Path, mapping: Mapping[str, str] | LogMapping | None = None, **options: Any) -> EventLog:
    """The records of work in a file; options as `plantwright.exchange.read_log` takes them. Raises LogError."""
    from plantwright.exchange import read_log

    return read_log(path, mapping, **options)


@action("log.read")
def read_log_mapping(path: str | Path, columns: Mapping[str, str] | None = None) -> LogMapping:
    """The mapping in a file, with single columns said anew. Raises LogError."""
    from dataclasses import replace

    from plantwright.exchange import read_mapping

    known = read_mapping(path)
    places = {role: place for role, place in known.places.items() if role not in (columns or {})}
    return replace(known, columns={**known.columns, **(columns or {})}, places=places)


@action("log.read")
def save_log_mapping(log: EventLog, path: str | Path, source: str | Path, zone: str | None = None) -> Path:
    """Write which column was taken for what, and why, as a mapping file. Raises OutputError where it cannot be written, or would replace
    the log.
    """
    from plantwright.exchange import mapping_text
    from plantwright.plant.writing import write_whole

    target = check_output(path, _PLANTS)
    if target.resolve() == Path(source).resolve():
        raise OutputError([Problem("PW1900", Place(str(target)), "", "is the log itself: write to another place")])
    try:
        write_whole(target, mapping_text(log, zone))
    except OSError as error:
        raise OutputError(
            [Problem("PW1900", Place(str(target)), "", f"cannot be written: {error.strerror or error}")]
        ) from error
    return target


@action("log.query")
def query_event_log(
    url: str, query: str, mapping: Mapping[str, str] | LogMapping | None = None, **options: Any
) -> EventLog:
    """The records of work that a query of a database gives. Only the command line offers it: who can name a database could reach any
    from the machine on which this runs. Raises LogError.
    """
    from plantwright.exchange import read_query

    return read_query(url, query, mapping, **options)


@action("log.read")
def inspect_event_log(
    log: str | Path | EventLog, mapping: Mapping[str, str] | LogMapping | None = None, **options: Any
) -> Quality:
    """The quality of an event log: its defects, their rows, and what would be done about each. Raises LogError."""
    from plantwright.calibration import inspect_log

    return inspect_log(_read(log, mapping), **options)


@action("log.read")
def calibrate_log(
    log: str | Path | EventLog,
    mapping: Mapping[str, str] | LogMapping | None = None,
    *,
    cluster: str | None = None,
    insecure_cluster: bool = False,
    **options: Any,
) -> Calibration:
    """A plant made of an event log, with the log's quality and how well the plant reproduces it. `cluster` is the address of a Dask
    cluster that runs its replications, as `clusters.cluster_executor` takes it. Raises LogError.
    """
    from plantwright.calibration import calibrate

    records = _read(log, mapping)
    with workers_at(cluster, insecure_cluster) as executor:
        return calibrate(records, executor=executor, **options)


def stated_purpose(words: str | None, *, names: bool) -> Purpose | None:
    """The purpose for which pace and scrap of people are shown by name, as of today; None where none is stated. Raises InputError for one that says
    nothing, or without `names`.
    """
    from datetime import datetime

    from plantwright.calibration.skills import Purpose, check_purpose

    if words is None:
        return None
    purpose = Purpose(words, datetime.now().astimezone().date())
    check_purpose(purpose, names)
    return purpose


def _read(log: str | Path | EventLog, mapping: Mapping[str, str] | LogMapping | None) -> EventLog:
    return read_event_log(log, mapping) if isinstance(log, str | Path) else log


def check_calibration_outputs(log: str | Path, path: str | Path, report: str | Path | None = None) -> None:
    """Refuse, before any work is done, outputs that cannot be written or that would replace the log. Raises OutputError."""
    from plantwright.calibration.calibrating import orders_path, posterior_path, times_path

    target = check_output(path, _PLANTS)
    targets = [target, orders_path(target), times_path(target), posterior_path(target)]
    if report is not None:
        targets.append(check_output(report, _PAGES))
    source = Path(log).resolve()
    problems = [
        Problem("PW1900", Place(str(each)), "", "is the log itself: write to another place, or call the plant another name")
        for each in targets
        if each.resolve() == source
    ]  # fmt: skip
    if problems:
        raise OutputError(problems)


@action("plant.write")
def save_calibration(
    calibration: Calibration, path: str | Path, report: str | Path | None = None, command: str | None = None
) -> tuple[Path, ...]:
    """Write the plant file of a calibration, its list of releases beside it and, if asked, a page that shows the fit; the files
    written. Raises OutputError where one cannot be written; then no new one is left.
    """
    from plantwright.calibration.calibrating import files_of
    from plantwright.plant.writing import write_whole

    files: dict[Path, str] = dict(files_of(calibration, check_output(path, _PLANTS)))
    if report is not None:
        from plantwright.report import calibration_html

        files[check_output(report, _PAGES)] = calibration_html(calibration, command)
    before = {place for place in files if place.exists()}
    at = Path(path)
    try:
        for at, text in files.items():
            write_whole(at, text)
    except OSError as error:
        for place in set(files) - before:
            place.unlink(missing_ok=True)
        reason = f"cannot be written: {error.strerror or error}"
        raise OutputError([Problem("PW1900", Place(str(at)), "", reason)]) from error
    return tuple(files)


@action("log.read")
def update_plant(path: str | Path, log: str | Path | EventLog, **options: Any) -> Update:
    """The numbers of a plant held against new records; options as `plantwright.calibration.update` takes them. Raises PlantError,
    LogError.
    """
    from plantwright.calibration import update
    from plantwright.plant import read_plant

    return update(read_plant(path), _read(log, None), **options)


def check_update_output(log: str | Path, path: str | Path) -> Path:
    """Refuse, before any work is done, a plant file that cannot be written or that would replace the log. Raises OutputError."""
    target = check_output(path, _PLANTS)
    if target.resolve() == Path(log).resolve():
        raise OutputError([Problem("PW1900", Place(str(target)), "", "is the log itself: write to another place")])
    return target


@action("plant.write")
def save_update(update: Update, path: str | Path) -> Path:
    """Write the plant file with the numbers that an update changes; every other byte stays. Raises OutputError."""
    from plantwright.plant import save_plant

    target = check_output(path, _PLANTS)
    try:
        save_plant(update.plant, target, update.edits)
    except OSError as error:
        reason = f"cannot be written: {error.strerror or error}"
        raise OutputError([Problem("PW1900", Place(str(target)), "", reason)]) from error
    return target
