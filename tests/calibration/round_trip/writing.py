"""The run of a shop as its own people would have booked it: reports of work, setups and breakdowns at machines."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from tests.calibration.logs import MONDAY, span, stamp
from tests.calibration.round_trip.shops import Shop

Rows = list[dict[str, str]]


@dataclass
class _Job:
    lot: int
    row: dict[str, Any]
    since: datetime
    spans: list[tuple[str, datetime, datetime]] = field(default_factory=list)


@dataclass
class Measured:
    """What truly happened, for what the log could tell at best: times by product and center with their pieces, by center the setups, the repairs and
    the work between failures.
    """

    times: dict[tuple[str, str], list[tuple[float, float]]] = field(default_factory=dict)
    setups: dict[str, list[float]] = field(default_factory=dict)
    repairs: dict[str, list[float]] = field(default_factory=dict)


_KINDS = {"working": "D", "setup": "S", "in repair": "B"}


def book(shop: Shop, run: Any, machines: dict[str, str]) -> tuple[Rows, Measured]:
    """The reports of a run (`plantwright.history(...).table()`), as exact as moments are, and what truly happened.

    Where people clock out, each piece of work between pauses is a report; else one report runs from begin to end. `machines` tells the
    number of each machine.
    """
    rows: Rows = []
    truth = Measured()
    jobs: dict[str, _Job] = {}
    state: dict[str, tuple[str, datetime]] = {}
    workers: dict[str, str] = {}
    wanted: dict[str, int] = {}
    last: dict[int, dict[str, str]] = {}
    names: dict[int, str] = {}
    due: dict[tuple[str, datetime, float], list[str]] = {}
    for order, product, release, pieces in reversed(shop.orders):
        due.setdefault((product, release, float(pieces)), []).append(order)

    def stretch(machine: str, until: datetime) -> None:
        kind, since = state.get(machine, ("", until))
        job = jobs.get(machine)
        if job is not None and kind in _KINDS and until > max(since, job.since):
            job.spans.append((_KINDS[kind], max(since, job.since), until))

    def close(machine: str, done: bool, pieces: float) -> None:
        job = jobs.pop(machine)
        center, product = job.row["work_center"], job.row["product"]
        for kind, store in (("S", truth.setups), ("B", truth.repairs)):
            for own, begin, end in job.spans:
                if own == kind:
                    store.setdefault(center, []).append((end - begin).total_seconds())
        if done:
            work = sum((end - begin).total_seconds() for kind, begin, end in job.spans if kind == "D")
            truth.times.setdefault((product, center), []).append((work, pieces))
        spans = job.spans if shop.clocked else _joined(job.spans)
        for at, (kind, begin, end) in enumerate(spans):
            final = done and at == len(spans) - 1
            setup = "SETUP " if kind == "S" else ""
            report = {
                "Case ID": names[job.lot], "Activity": f"{setup}{center} - Machine {machines[machine]}",
                "Resource": f"Machine {machines[machine]} - {center}", "Start Timestamp": stamp(begin), "Complete Timestamp": stamp(end),
                "Span": span(begin, end), "Work Order  Qty": str(wanted[names[job.lot]]), "Part Desc.": product,
                "Worker ID": workers.get(machine, ""), "Report Type": kind, "Qty Completed": f"{pieces if final else 0:g}",
                "Qty Rejected": "0", "Rework": "",
            }  # fmt: skip
            rows.append(report)
            if final:
                last[job.lot] = report

    wanted.update({name: pieces for name, _, _, pieces in shop.orders})
    moment = MONDAY
    for row in run.iter_rows(named=True):
        machine = row["machine"]
        moment = MONDAY + timedelta(seconds=row["time"])
        match row["what"]:
            case "released":
                names[row["lot"]] = due[row["product"], moment, row["amount"]].pop()
            case "split":
                names[row["lot"]] = names[int(row["detail"])]
            case "people seized":
                workers[machine] = row["detail"]
            case "started" if machine is not None:
                jobs[machine] = _Job(row["lot"], row, moment)
            case "state":
                stretch(machine, moment)
                state[machine] = row["detail"], moment
            case "ended" if machine in jobs:
                stretch(machine, moment)
                close(machine, True, row["amount"])
            case "scrapped":
                report = last[row["lot"]]
                report["Qty Rejected"] = f"{row['amount']:g}"
                report["Qty Completed"] = f"{float(report['Qty Completed']) - row['amount']:g}"
    for machine in list(jobs):
        stretch(machine, moment)
        close(machine, False, 0.0)
    return rows, truth


def _joined(spans: list[tuple[str, datetime, datetime]]) -> list[tuple[str, datetime, datetime]]:
    """Reports of people who do not clock out: pieces of one kind are one, from begin to end."""
    made: list[tuple[str, datetime, datetime]] = []
    for kind, begin, end in spans:
        if made and made[-1][0] == kind:
            made[-1] = (kind, made[-1][1], end)
        else:
            made.append((kind, begin, end))
    return made
