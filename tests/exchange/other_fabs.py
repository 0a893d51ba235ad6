"""The same fab in other tables: spelt otherwise, or with each part as several."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

Table = list[list[str]]
"""Rows of cells, the names of the columns first."""
MOMENT = "%m/%d/%y %H:%M:%S"
NAMES = ("STNFAM", "STN", "RESNAME", "STNGRP", "SETUP", "CURSETUP", "NEWSETUP", "SETUPGRP", "CALNAME", "DOWNCALNAME", "PMCALNAME", "LOT",
         "FROMLOC", "TOLOC", "STNFAMLOC")  # fmt: skip
"""Columns whose words mean nothing."""
STEPS = ("STEP", "FORSTEP", "RWKSTEP", "STEP_CQT", "CURSTEP")
LATER = {"min": ("SEC", 60), "hr": ("Minutes", 60), "day": ("hours", 24), "sec": ("S", 1)}


def read_tables(folder: Path) -> dict[str, Table]:
    """The tables in a folder."""
    return {
        path.name: [line.split("\t") for line in path.read_text(encoding="utf-8").splitlines() if line.strip()]
        for path in sorted(folder.iterdir())
    }


def write_tables(folder: Path, tables: dict[str, Table], end: str = "\n") -> Path:
    """Write tables into a new folder."""
    folder.mkdir()
    for name, rows in tables.items():
        (folder / name).write_bytes(end.join(["\t".join(row) for row in rows] + [""]).encode())
    return folder


def cells(table: Table) -> list[dict[str, str]]:
    """The rows of a table by column."""
    return [dict(zip(table[0], row, strict=False)) for row in table[1:]]


def spelt_otherwise(tables: dict[str, Table]) -> dict[str, Table]:
    """All names others, columns in the reverse order and in small letters, empty ones left out, units shorter, numbers with marks between
    thousands or with exponents, steps as decimal numbers, cells in quotation marks, empty lines, and files with other names.
    """
    words: dict[str, str] = {}

    def renamed(word: str) -> str:
        return words.setdefault(word, f"n{len(words):04d}") if word else ""

    found = {}
    for name, table in tables.items():
        rows = [{column: _spelt(column, cell, row, renamed) for column, cell in row.items()} for row in cells(table)]
        used = [column for column in reversed(table[0]) if any(row.get(column) for row in rows)]
        header = [column.lower() for column in used]
        body = [[row.get(column, "") for column in used] for row in rows]
        own = name.replace("route_", "Way of ").replace("tool.txt.1l", "TOOL.TXT").replace("tool.txt", "TOOL.TXT")
        found[own] = [header, *[line for row in body for line in (row, [""])]]
    return found


def _spelt(column: str, cell: str, row: dict[str, str], renamed: Callable[[str], str]) -> str:
    if column in NAMES and cell:
        return f'"{renamed(cell)}"'
    if column in STEPS and cell.isdigit():
        return f"{cell}.0"
    if column == "ROUTEFILE":
        return f"ways\\{cell.replace('route_', 'Way of ')}"
    unit = next((unit for unit, columns in _UNITS.items() if column in (unit, *columns) and unit in row), None)
    factor = LATER.get(row.get(unit or "", ""), ("", 1))
    if unit is None or not cell or row.get(unit) == "pieces" or not row.get(unit):
        return cell
    if column == unit:
        return factor[0]
    value = float(cell) * factor[1]
    return f"{value:,.12g}" if value != int(value) or value < 1e6 else f"{value:.12e}"


_UNITS = {
    "PTUNITS": ("PTIME", "PTIME2"), "STUNITS": ("STIME",), "BatchIntUnits": ("BatchInterval",), "PartIntUnits": ("PartInterval",),
    "CQTUNITS": ("CQT",), "LTUNITS": ("LTIME",), "ULTUNITS": ("ULTIME",), "MTTFUNITS": ("MTTF",), "MTTRUNITS": ("MTTR", "MTTR2"),
    "FOAUNITS": ("FOA",), "MTBPMUNITS": ("MTBPM",), "DUNITS": ("DTIME", "DTIME2"), "RUNITS": ("REPEAT",),
}  # fmt: skip
"""Columns of units, and those of the numbers that they are of."""


def as_several_parts(tables: dict[str, Table], number: int) -> dict[str, Table]:
    """Each part as several with a route in a file of its own, of which each takes its turn of the lots: the same lots come at the same times."""
    found = dict(tables)
    part, order, wip = (cells(tables[name]) for name in ("part.txt", "order.txt", "WIP.txt"))
    parts: list[dict[str, str]] = []
    for row in part:
        header, *steps = tables[row["ROUTEFILE"]]
        del found[row["ROUTEFILE"]]
        for k in range(number):
            file = f"{row['ROUTEFILE'].removesuffix('.txt')}_{k}.txt"
            parts.append(row | {"PART": f"{row['PART']}/{k}", "ROUTEFILE": file, "ROUTE": f"{row['ROUTE']}{k}"})
            at = header.index("ROUTE")
            found[file] = [header, *[[*step[:at], f"{row['ROUTE']}{k}", *step[at + 1 :]] for step in steps]]
    orders: list[dict[str, str]] = []
    for row in order:
        assert (row["RDIST"], row["RUNITS"]) == ("constant", "min")
        for k in range(number):
            late = timedelta(minutes=k * float(row["REPEAT"]))
            moments = {
                word: (datetime.strptime(row[word], MOMENT) + late).strftime(MOMENT) for word in ("START", "DUE")
            }
            times = {"REPEAT": f"{number * float(row['REPEAT']):.6f}", "PART": f"{row['PART']}/{k}"}
            orders.append(row | moments | times)
    lots = [row | {"PART": f"{row['PART']}/{i % number}"} for i, row in enumerate(wip)]
    for name, rows in (("part.txt", parts), ("order.txt", orders), ("WIP.txt", lots)):
        header = tables[name][0]
        found[name] = [header, *[[row.get(column, "") for column in header] for row in rows]]
    return found


def work_offered(tables: dict[str, Table]) -> dict[str, float]:
    """How many tools of each family work at a time, in the mean, on what the orders start: worked out from the tables alone, for the steps
    whose lots do not overlap (no interval, no batch); without setups.
    """
    minutes = {"min": 1.0, "hr": 60.0, "sec": 1 / 60, "day": 1440.0}
    routes = {row["PART"]: cells(tables[row["ROUTEFILE"]]) for row in cells(tables["part.txt"])}
    left_out: set[str] = set()
    work: dict[str, float] = {}
    for order in cells(tables["order.txt"]):
        per_minute = int(order.get("LOTSPERRPT") or 1) / (float(order["REPEAT"]) * minutes[order["RUNITS"]])
        steps = routes[order["PART"]]
        visits = _visits(steps)
        for step, visited in zip(steps, visits, strict=True):
            if step["BATCHMX"] or step.get("PartInterval") or step.get("BatchInterval"):
                left_out.add(step["STNFAM"])
            pieces = float(order["PIECES"]) if step["PTPER"] == "per_piece" else 1.0
            time = float(step["PTIME"]) * minutes[step["PTUNITS"]] * pieces
            work[step["STNFAM"]] = work.get(step["STNFAM"], 0.0) + per_minute * visited * time
    return {family: amount for family, amount in work.items() if family not in left_out}


def _visits(steps: list[dict[str, str]]) -> list[float]:
    """How often a lot comes to each step: its share, and once more from where rework sends it back."""
    share = [float(step["StepPercent"] or 100) / 100 for step in steps]
    again = [0.0] * len(steps)
    for at, step in enumerate(steps):
        if step["RWKSTEP"]:
            back = next(i for i, other in enumerate(steps) if other["STEP"] == step["RWKSTEP"])
            odds = share[at] * float(step["REWORK"]) / 100
            for i in range(back, at + 1):
                again[i] += odds / (1 - odds)
    return [share[i] * (1 + again[i]) for i in range(len(steps))]
