"""The steps of a route as rows of a routing of the plant file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from plantwright.exchange.smt2020.cells import Known, plain
from plantwright.exchange.smt2020.machines import Machines
from plantwright.exchange.smt2020.routes import Step
from plantwright.exchange.smt2020.tables import Row, Tables

COLUMNS = (
    "step", "at", "time", "load", "unload", "interval", "batch", "setup", "same machine as", "share", "rework", "queue time",
)  # fmt: skip
"""The columns of a routing's table, in their order."""
ENDLESS = 1000
"""So many reworks in a row stand for any number."""
_PER = {"per_piece": "piece", "per_lot": "lot", "per_batch": "batch"}


def routing(
    tables: Tables, steps: Sequence[Step], machines: Machines, loads: Mapping[str, tuple[str, str]]
) -> list[dict[str, Any]]:
    """The steps of a route as rows of a routing: words of the plant file and their values.

    `loads` are the times to load and unload, of each family.
    """
    known = Known("step", " in this route", {step.number: step for step in steps})
    bound = _bound(tables, steps, known)
    place = {step.number: at for at, step in enumerate(steps)}
    rows = []
    for step in steps:
        per = "lot" if step.batch is None else "batch"
        load, unload = loads[step.center]
        counted = _PER[tables.one_of(step.row, "PTPER", _PER)]
        time = tables.chance(step.row, "PDIST", "PTIME", "PTUNITS", "PTIME2")
        batch = machines.own_batch(step)
        words: dict[str, Any] = {
            "step": step.name,
            "at": step.center,
            "time": f"{time}/{per if counted == 'batch' else counted}",
            "load": load and f"{load}/{per}",
            "unload": unload and f"{unload}/{per}",
            "interval": _interval(tables, step.row, per),
            "batch": batch and batch.to_words(),
            "setup": machines.setups.name(step),
            "same machine as": bound.get(step.number),
            "share": _share(tables, step.row),
            "rework": _rework(tables, step, known, place),
            "queue time": _queue_time(tables, step, known),
        }
        rows.append({word: value for word, value in words.items() if value})
    return rows


def _bound(tables: Tables, steps: Sequence[Step], known: Known[Step]) -> dict[str, str]:
    """By the number of a step the name of the one whose machine must do it: the last that says so."""
    bound: dict[str, str] = {}
    for step in steps:
        if not step.row["SVESTN"] and not step.row["FORSTEP"]:
            continue
        if tables.one_of(step.row, "SVESTN", ["yes", "no"]) == "no":
            continue
        later = tables.find(step.row, "FORSTEP", known)
        if later is None:
            continue
        reason = ""
        if later.center != step.center:
            reason = f"step {later.number} is done at {later.center!r}, where no machine of {step.center!r} can do it"
        elif later.batch is not None:
            reason = f"step {later.number} is done in batches, whose lots may come from different machines"
        elif later.number in bound and _share(tables, step.row):
            reason = f"step {later.number} is bound to {bound[later.number]!r}, too, and not every lot needs this step"
        if reason:
            tables.wrong(step.row.place, reason, "PW1406", "FORSTEP", later.number)
        bound[later.number] = step.name
    return bound


def _interval(tables: Tables, row: Row, per: str) -> str:
    """The time after which the next lot may begin, where machines cascade."""
    of_piece, of_batch = (tables.number(row, column, usual="0") for column in ("PartInterval", "BatchInterval"))
    if of_piece and of_batch:
        reason = "is given by the piece and by the batch; one of them is right"
        tables.wrong(row.place, reason, "PW1406", "BatchInterval")
    if of_piece:
        return f"{plain(of_piece)} {tables.unit(row, 'PartIntUnits')}/piece"
    return f"{plain(of_batch)} {tables.unit(row, 'BatchIntUnits')}/{per}" if of_batch else ""


def _share(tables: Tables, row: Row) -> str:
    """The share of lots that need a step, empty where all do."""
    share = tables.percent(row, "StepPercent") if row["StepPercent"] else Decimal(100)
    return "" if share == 100 else f"{plain(share)} %"


def _rework(tables: Tables, step: Step, known: Known[Step], place: Mapping[str, int]) -> dict[str, str] | None:
    """The way back for the share of lots that are done again."""
    share = tables.percent(step.row, "REWORK") if step.row["REWORK"] else None
    if share == 0 or (share is None and not step.row["RWKSTEP"]):
        return None
    tables.one_of(step.row, "RWKTYPE", ["lot"], "lot")
    back = tables.find(step.row, "RWKSTEP", known)
    if share is None:
        tables.text(step.row, "REWORK")
    if back is None or share is None:
        return None
    if place[back.number] > place[step.number]:
        reason = f"rework goes back, but step {back.number} comes after this one"
        tables.wrong(step.row.place, reason, "PW1406", "RWKSTEP", back.number)
    return {"share": f"{plain(share)} %", "back to": back.name, "at most": str(ENDLESS)}


def _queue_time(tables: Tables, step: Step, known: Known[Step]) -> dict[str, str] | None:
    """The time within which a later step must begin."""
    row = step.row
    if not row["STEP_CQT"] and not row["CQT"]:
        return None
    until = tables.find(row, "STEP_CQT", known)
    within = f"{plain(tables.number(row, 'CQT'))} {tables.unit(row, 'CQTUNITS')}"
    return {"until": until.name, "within": within} if until else None
