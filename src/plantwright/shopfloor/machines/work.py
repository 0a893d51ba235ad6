"""From timelines to an event log: each visit of a job at a machine, its setup, and the failures of the machine."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

import numpy as np

from plantwright.monitoring.steps import UNKNOWN, Codes, Mask, Numbers, Times, joined
from plantwright.monitoring.uses import USES
from plantwright.shopfloor.machines.settings import FloorSettings
from plantwright.shopfloor.machines.stops import Reasons, Stop, stops
from plantwright.shopfloor.machines.timelines import Timeline

if TYPE_CHECKING:
    import polars

COLUMNS = ("order", "activity", "station", "worker", "product", "type", "start", "end", "quantity", "rejected")


def work_of(several: Sequence[Timeline], settings: FloorSettings | None = None) -> polars.DataFrame:
    """The work of machines as reports, in the order in which they began, with the columns `COLUMNS`; times are instants in UTC.

    A visit of a job (with one product and operation) at a machine is one report of type ``work``, from the first instant of production to
    the last; what interrupts it lies within. Setup before it is one of type ``setup``, a failure during it one of type ``breakdown``.
    A visit that was under way when the window began or ended is left out: how long it took is not known. The activity is the operation
    where it is told, else the work center.
    """
    import polars

    settings = settings or FloorSettings()
    found: dict[str, list[object]] = {name: [] for name in COLUMNS}
    for timeline in several:
        _visits(timeline, settings, found)
    at = polars.Datetime("ns", "UTC")
    kinds: dict[str, Any] = {"start": at, "end": at, "quantity": polars.Float64, "rejected": polars.Float64}
    columns = {
        name: polars.Series(name, values, kinds.get(name, polars.String), strict=False)
        for name, values in found.items()
    }
    return polars.DataFrame(columns).sort("start", "station", maintain_order=True)


def failures_of(
    several: Sequence[Timeline], reasons: Reasons | None = None, settings: FloorSettings | None = None
) -> list[Stop]:
    """The stops of machines that count as failures, with what was said of them."""
    return [
        stop for one in several for stop in stops(one, reasons, settings) if stop.use == "failure" and not stop.open
    ]


def _visits(timeline: Timeline, settings: FloorSettings, found: dict[str, list[object]]) -> None:
    parts = [timeline.use, timeline.job, timeline.product, timeline.operation, timeline.worker]
    time, (use, job, product, operation, worker) = joined(parts)
    if not len(time) or not len(timeline.job):
        return
    ends = np.append(time[1:], timeline.end)
    same = (job[1:] == job[:-1]) & (product[1:] == product[:-1]) & (operation[1:] == operation[:-1])
    starts = np.flatnonzero(np.concatenate([[True], ~same]))
    center = settings.machine(timeline.machine).work_center or timeline.machine
    for first, last in zip(starts.tolist(), [*starts[1:].tolist(), len(time)], strict=True):
        name = _name(timeline.job.names, job[first])
        if not name or (first == 0 and job[0] != UNKNOWN and use[0] != UNKNOWN) or last == len(time):
            continue
        span = slice(first, last)
        common = {
            "order": name,
            "activity": _name(timeline.operation.names, operation[first]) or center,
            "station": timeline.machine,
            "product": _name(timeline.product.names, product[first]) or None,
        }
        rows = _reports(
            time[span], ends[span], use[span], worker[span], timeline, int(time[first]), int(ends[last - 1])
        )
        for row in rows:
            for column in COLUMNS:
                found[column].append({**common, **row}.get(column))


def _reports(
    time: Times, ends: Times, use: Codes, worker: Codes, timeline: Timeline, begin: int, end: int
) -> list[dict[str, object]]:
    """The reports of one visit, which lasts from `begin` to `end`."""
    rows: list[dict[str, object]] = []
    setup, run = use == USES.index("setup"), use == USES.index("production")
    if setup.any():
        rows.append(_span(time, ends, setup) | {"type": "setup", "worker": _most(timeline, worker, setup, ends - time)})
    if run.any():
        good, bad = _counted(timeline.parts, begin, end), _counted(timeline.bad_parts, begin, end)
        row = _span(time, ends, run) | {"type": "work", "worker": _most(timeline, worker, run, ends - time)}
        rows.append(row | {"quantity": good, "rejected": bad})
    failing = use == USES.index("failure")
    edges = np.flatnonzero(np.diff(np.concatenate([[False], failing, [False]]).astype(np.int8)))
    rows += [
        {"type": "breakdown", "start": int(time[a]), "end": int(ends[b - 1])}
        for a, b in zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)
    ]
    return rows


def _span(time: Times, ends: Times, chosen: Mask) -> dict[str, object]:
    rows = np.flatnonzero(chosen)
    return {"start": int(time[rows[0]]), "end": int(ends[rows[-1]])}


def _most(timeline: Timeline, worker: Codes, chosen: Mask, lengths: Times) -> str | None:
    """Who was there for the longest part."""
    names = {code: int(lengths[chosen & (worker == code)].sum()) for code in set(worker[chosen].tolist()) - {UNKNOWN}}
    return _name(timeline.worker.names, max(names, key=names.__getitem__)) or None if names else None


def _counted(counted: tuple[Times, Numbers] | None, begin: int, end: int) -> float | None:
    """Pieces that were counted during a visit, at its end, too: a counter moves with the last piece."""
    if counted is None:
        return None
    times, pieces = counted
    return float(pieces[(times > begin) & (times <= end)].sum())


def _name(names: tuple[str, ...], code: int) -> str:
    return "" if code == UNKNOWN else names[code]
