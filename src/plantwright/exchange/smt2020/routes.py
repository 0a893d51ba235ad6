"""Routes: the steps of a product as rows of a routing of the plant file."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from plantwright.exchange.smt2020.tables import Columns, Row, Tables, plain

ROUTE = Columns(
    ("ROUTE", "STEP", "STNFAM", "PTIME", "PTUNITS", "PTPER"),
    (
        "DESC", "PDIST", "PTIME2", "BATCHMN", "BATCHMX", "SETUP", "WHEN", "STIME", "STUNITS", "SVESTN", "FORSTEP", "BatchInterval",
        "BatchIntUnits", "PartInterval", "PartIntUnits", "RWKSTEP", "REWORK", "RWKTYPE", "StepPercent", "STEP_CQT", "CQT", "CQTUNITS",
    ),
)  # fmt: skip
PER = {"per_piece": "piece", "per_lot": "lot", "per_batch": "batch"}
COLUMNS = (
    "step", "at", "time", "load", "unload", "interval", "batch", "setup", "same machine as", "share", "rework", "queue time",
)  # fmt: skip
"""The columns of a routing's table, in their order."""
ENDLESS = 1000
"""So many reworks in a row stand for any number."""


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a route, its name in the plant file, and the work center that does it."""

    name: str
    number: str
    center: str
    row: Row


@dataclass(frozen=True, slots=True)
class Batch:
    """Pieces of a batch: it starts with the least when a machine is free, and takes up to the most."""

    least: str
    most: str

    def to_words(self) -> dict[str, str]:
        """The words of the plant file."""
        return {"max": f"{self.most} pieces", "min": f"{self.least} pieces"}


def steps_of(tables: Tables, rows: list[Row]) -> list[Step]:
    """The steps of one route, in their order; each is called by its number and description."""
    seen: dict[str, Row] = {}
    steps = []
    for row in rows:
        number = tables.text(row, "STEP")
        if number in seen:
            reason = f"step {number!r} stands in row {seen[number].place.line} already"
            tables.wrong(row.place, reason, "PW1406", "STEP", number)
            continue
        seen[number] = row
        steps.append(Step(f"{number} {row['DESC']}".strip(), number, tables.text(row, "STNFAM"), row))
    return steps


def batch_of(tables: Tables, row: Row) -> Batch | None:
    """The batch of a step, if it is done in batches."""
    if not row["BATCHMN"] and not row["BATCHMX"]:
        if row["PTPER"] == "per_batch":
            tables.wrong(row.place, "the time is by the batch, but no batch is given", "PW1406", "BATCHMX")
        return None
    least, most = tables.number(row, "BATCHMN", 1, "1"), tables.number(row, "BATCHMX", 1)
    if least > most:
        tables.wrong(
            row.place, f"the least batch, {least}, is more than the most, {most}", "PW1406", "BATCHMN", str(least)
        )
    return Batch(plain(least), plain(most))


def routing(
    tables: Tables, steps: list[Step], loads: dict[str, tuple[str, str]], batches: dict[str, Batch | None]
) -> list[dict[str, Any]]:
    """The steps of a route as rows of a routing: words of the plant file and their values.

    `loads` are the times to load and unload of each work center; `batches` the batch of each, as far as its steps agree.
    """
    by_number = {step.number: step for step in steps}
    bound = _bound(tables, steps, by_number)
    rows = []
    for step in steps:
        batch = batch_of(tables, step.row)
        per = "batch" if batch else "lot"
        load, unload = loads.get(step.center, ("", ""))
        words: dict[str, Any] = {
            "step": step.name,
            "at": step.center,
            "time": f"{tables.chance(step.row, 'PDIST', 'PTIME', 'PTUNITS', 'PTIME2')}/{PER[tables.one_of(step.row, 'PTPER', PER)]}",
            "load": load and f"{load}/{per}",
            "unload": unload and f"{unload}/{per}",
            "interval": _interval(tables, step.row, per),
            "batch": batch.to_words() if batch and batches.get(step.center) is None else None,
            "setup": step.row["SETUP"],
            "same machine as": bound.get(step.number),
            "share": _share(tables, step.row),
            "rework": _rework(tables, step, by_number),
            "queue time": _queue_time(tables, step, by_number),
        }
        if step.row["SETUP"]:
            tables.one_of(step.row, "WHEN", ["need"], "need")
        rows.append({word: value for word, value in words.items() if value})
    return rows


def _named(tables: Tables, step: Step, column: str, by_number: dict[str, Step]) -> Step | None:
    """The step that a column of a row names by its number."""
    found = by_number.get(step.row[column])
    if found is None:
        reason = (
            f"there is no step {step.row[column]!r} in this route" if step.row[column] else "is empty; a step is needed"
        )
        tables.wrong(step.row.place, reason, "PW1407", column, step.row[column])
    return found


def _bound(tables: Tables, steps: list[Step], by_number: dict[str, Step]) -> dict[str, str]:
    """By the number of a step the name of the one whose machine must do it."""
    bound: dict[str, str] = {}
    for step in steps:
        if not step.row["SVESTN"] and not step.row["FORSTEP"]:
            continue
        if tables.one_of(step.row, "SVESTN", ["yes", "no"]) == "no":
            continue
        later = _named(tables, step, "FORSTEP", by_number)
        if later is None:
            continue
        if later.center != step.center:
            reason = f"step {later.number} is done at {later.center!r}, where no machine of {step.center!r} can do it"
            tables.wrong(step.row.place, reason, "PW1406", "FORSTEP", later.number)
        elif later.number in bound:
            tables.wrong(
                step.row.place,
                f"step {later.number} is bound to another step already",
                "PW1406",
                "FORSTEP",
                later.number,
            )
        bound[later.number] = step.name
    return bound


def _interval(tables: Tables, row: Row, per: str) -> str:
    """The time after which the next lot may begin, where machines cascade."""
    if row["PartInterval"] and row["BatchInterval"]:
        tables.wrong(
            row.place, "is given by the piece and by the batch; one of them is right", "PW1406", "BatchInterval"
        )
    if row["PartInterval"]:
        return f"{plain(tables.number(row, 'PartInterval'))} {tables.unit(row, 'PartIntUnits')}/piece"
    if row["BatchInterval"]:
        return f"{plain(tables.number(row, 'BatchInterval'))} {tables.unit(row, 'BatchIntUnits')}/{per}"
    return ""


def _percent(tables: Tables, row: Row, column: str) -> str:
    share = tables.number(row, column)
    if share > 100:
        tables.wrong(row.place, f"{share} is more than 100 %", "PW1405", column, str(share))
    return f"{plain(share)} %"


def _share(tables: Tables, row: Row) -> str:
    share = _percent(tables, row, "StepPercent") if row["StepPercent"] else ""
    return "" if share == "100 %" else share


def _rework(tables: Tables, step: Step, by_number: dict[str, Step]) -> dict[str, str] | None:
    row = step.row
    if not row["RWKSTEP"] and not row["REWORK"]:
        return None
    tables.one_of(row, "RWKTYPE", ["lot"], "lot")
    back = _named(tables, step, "RWKSTEP", by_number)
    share = _percent(tables, row, "REWORK")
    return {"share": share, "back to": back.name, "at most": str(ENDLESS)} if back else None


def _queue_time(tables: Tables, step: Step, by_number: dict[str, Step]) -> dict[str, str] | None:
    row = step.row
    if not row["STEP_CQT"] and not row["CQT"]:
        return None
    until = _named(tables, step, "STEP_CQT", by_number)
    within = f"{plain(tables.number(row, 'CQT'))} {tables.unit(row, 'CQTUNITS')}"
    return {"until": until.name, "within": within} if until else None
