"""From timelines to an event log: each visit of a job at a machine, its setup, and the failures of the machine."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from plantwright.monitoring.steps import UNKNOWN, Codes, Mask, Numbers, Times, joined
from plantwright.monitoring.uses import USES
from plantwright.shopfloor.machines.settings import FloorSettings
from plantwright.shopfloor.machines.stops import Reasons, Stop, stops
from plantwright.shopfloor.machines.timelines import Timeline

if TYPE_CHECKING:
    import polars

TOGETHER = "; "
"""What parts jobs that are told at once."""

COLUMNS = ("order", "activity", "station", "worker", "product", "type", "start", "end", "quantity", "rejected")


def work_of(several: Sequence[Timeline], settings: FloorSettings | None = None) -> polars.DataFrame:
    """The work of machines as reports, in the order in which they began, with the columns `COLUMNS`; times are instants in UTC.

    A visit of a job (with one product and operation) at a machine is one report of type ``work``, from the first instant of production to
    the last; what interrupts it lies within, but a failure, which is a report of type ``breakdown`` between pieces of it, of which the last has
    its quantities. Setup before it is one of type ``setup``. A visit that was under way when the window began or ended is left out: how long it
    took is not known. The activity is the operation where it is told, else the work center. Jobs that are told together, parted by a semicolon
    and a space, as of a batch, have a visit each.
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
    center = settings.machine(timeline.machine).work_center or timeline.machine
    for first, last, names, alone in _jobs(timeline, job, product, operation):
        if (first == 0 and use[0] != UNKNOWN) or last == len(time):
            continue
        span = slice(first, last)
        order, made, step = names
        common = {"order": order, "activity": step or center, "station": timeline.machine, "product": made or None}
        rows = _reports(
            time[span], ends[span], use[span], worker[span], timeline, int(time[first] if alone else ends[last - 1] - 1)
        )
        for row in rows:
            for column in COLUMNS:
                found[column].append({**common, **row}.get(column))


def _jobs(
    timeline: Timeline, job: Codes, product: Codes, operation: Codes
) -> Iterator[tuple[int, int, tuple[str, str, str], bool]]:
    """The visits of jobs: the rows in which each is there, the job, its product and operation, and whether it was never told with others."""
    same = (job[1:] == job[:-1]) & (product[1:] == product[:-1]) & (operation[1:] == operation[:-1])
    edges = [*np.flatnonzero(np.concatenate([[True], ~same])).tolist(), len(job)]
    there: dict[tuple[str, str, str], tuple[int, bool]] = {}
    for first, last in pairwise([*edges, len(job)]):
        codes = (job[first], product[first], operation[first]) if last > first else (UNKNOWN,) * 3
        tracks = (timeline.job.names, timeline.product.names, timeline.operation.names)
        now = _several(*(_name(names, code) for names, code in zip(tracks, codes, strict=True)))
        for gone in [one for one in there if one not in now]:
            since, alone = there.pop(gone)
            yield since, first, gone, alone
        for one in now:
            since, alone = there.get(one, (first, True))
            there[one] = since, alone and len(now) == 1


def _several(jobs: str, products: str, operations: str) -> list[tuple[str, str, str]]:
    """Each of the jobs that are told at once, with its product and operation: its own where as many are told, else what is told of all."""
    each = [job for job in jobs.split(TOGETHER) if job]
    if len(each) < 2:
        return [(jobs, products, operations)] if jobs else []
    several = [text.split(TOGETHER) for text in (products, operations)]
    made, steps = (list(own) if len(own) == len(each) else [TOGETHER.join(own)] * len(each) for own in several)
    return list(dict.fromkeys(zip(each, made, steps, strict=True)))


def _reports(
    time: Times, ends: Times, use: Codes, worker: Codes, timeline: Timeline, counted_from: int
) -> list[dict[str, object]]:
    """The reports of one visit; its pieces are those that are counted after an instant."""
    rows: list[dict[str, object]] = []
    setup, run = use == USES.index("setup"), use == USES.index("production")
    failing = use == USES.index("failure")
    edges = np.flatnonzero(np.diff(np.concatenate([[False], failing, [False]]).astype(np.int8)))
    stops = list(zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True))
    if setup.any():
        person = _most(timeline, worker, setup, ends - time)
        rows += [piece | {"type": "setup", "worker": person} for piece in _pieces(time, ends, setup, stops)]
    if run.any():
        end = int(ends[-1])
        good, bad = _counted(timeline.parts, counted_from, end), _counted(timeline.bad_parts, counted_from, end)
        person = _most(timeline, worker, run, ends - time)
        rows += [piece | {"type": "work", "worker": person} for piece in _pieces(time, ends, run, stops)]
        rows[-1] |= {"quantity": good, "rejected": bad}
    rows += [{"type": "breakdown", "start": int(time[a]), "end": int(ends[b - 1])} for a, b in stops]
    return rows


def _pieces(time: Times, ends: Times, chosen: Mask, stops: Sequence[tuple[int, int]]) -> list[dict[str, object]]:
    """From the first chosen row to the last, cut at the stops."""
    within = np.flatnonzero(chosen)
    at, last = int(within[0]), int(within[-1]) + 1
    found: list[dict[str, object]] = []
    for begin, until in [*stops, (last, last)]:
        if at < min(begin, last):
            found.append({"start": int(time[at]), "end": int(ends[min(begin, last) - 1])})
        at = max(at, until)
    return found


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
