"""A data set in the tables of SMT2020 as a plant: its file, and the tables beside it."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from plantwright.errors import Place, Problem
from plantwright.exchange.smt2020.machines import Machines
from plantwright.exchange.smt2020.orders import Orders
from plantwright.exchange.smt2020.routes import COLUMNS, ROUTE, Step, routing, steps_of
from plantwright.exchange.smt2020.tables import Columns, Tables, TablesError, by
from plantwright.plant.document import node_of
from plantwright.plant.writing import flow_text, mapping_text

FROM_TO = Columns(("FROMLOC", "TOLOC", "DTIME", "DUNITS"), ("DDIST", "DTIME2"))
_FILE = re.compile(r"[^\W_][\w .+-]*")
NO_SETUP = "no setup"
"""What steps that name no setup need: a setup of its own, into which no time is needed, so that the one before is lost."""
_WIP = "wip.csv"
_WIP_COLUMNS = ("lot", "product", "operation", "quantity", "due", "priority")


@dataclass(frozen=True, slots=True)
class Imported:
    """A plant file of foreign tables.

    Attributes
    ----------
    text : str
        The plant file.
    files : mapping of str
        The texts of the tables beside it, by their names.
    read, not_read : sequence of str
        Names of the tables that were read, and of others in the folder.
    """

    text: str
    files: Mapping[str, str]
    read: Sequence[str]
    not_read: Sequence[str]


def import_smt2020(folder: str | Path) -> Imported:
    """The plant that tables in the form of SMT2020 (AutoSched AP) describe.

    Parameters
    ----------
    folder : path
        Where the tables lie: tool, part, order, WIP, setup, setupgrp, attach, downcal, pmcal, fromto, and the routes that part names.

    Returns
    -------
    Imported

    Raises
    ------
    TablesError
        With everything that is not understood, each with its file and row.

    Notes
    -----
    The data sets: Kopp, Hassoun, Kalir and Moench, SMT2020, a semiconductor manufacturing testbed, IEEE Transactions on Semiconductor
    Manufacturing 33 (2020).
    """
    folder = Path(folder)
    if not folder.is_dir():
        raise TablesError([Problem("PW1401", Place(str(folder)), "", "is not a folder with tables")])
    tables = Tables(folder)
    orders = Orders(tables)
    machines = Machines(tables)
    routes = _routes(tables, orders)
    steps = [step for own in routes.values() for step in own]
    centers = machines.to_words(steps)
    loads, batches = machines.loads(), machines.batches(steps)
    files = {f"routes/{part}.csv": _csv(COLUMNS, routing(tables, own, loads, batches)) for part, own in routes.items()}
    lots = orders.at_start(routes)
    if lots:
        files[_WIP] = _csv(_WIP_COLUMNS, lots)
    plant = {
        "format": "1",
        "plant": folder.resolve().name,
        "start": orders.start.isoformat(" "),
        "rule": ["priority", "FIFO at step"],
        "transport": _transport(tables, centers),
        "work centers": centers,
        "products": _products(orders, routes, {lot["product"] for lot in lots}),
    }
    if tables.problems:
        raise TablesError(dict.fromkeys(sorted(tables.problems, key=_in_order)))
    text = mapping_text({word: value for word, value in plant.items() if value}, _comments(folder.resolve().name))
    return Imported(text, files, sorted(tables.read), tables.not_read())


def _in_order(problem: Problem) -> tuple[str, int, str]:
    return problem.place.file, problem.place.line or 0, problem.path


def _comments(name: str) -> dict[str, str]:
    return {
        "format": f"{name}, imported from its tables: 'plantwright import smt2020'.",
        "rule": "Which lot goes next; a setup counts where a lot that comes chooses among free machines.",
        "transport": "What a lot takes from one step to the next.",
    }


def _routes(tables: Tables, orders: Orders) -> dict[str, list[Step]]:
    """The steps of the route of each part."""
    files = {name: by(tables.table(name, ROUTE), "ROUTE") for name in by(orders.parts, "ROUTEFILE") if name}
    found: dict[str, list[Step]] = {}
    for row in orders.parts:
        part, name, route = (tables.text(row, column) for column in ("PART", "ROUTEFILE", "ROUTE"))
        rows = files.get(name, {}).get(route, [])
        if not _FILE.fullmatch(part):
            tables.wrong(
                row.place, f"{part!r} cannot be the name of a file, as that of a routing must", "PW1405", "PART", part
            )
        if part in found:
            tables.wrong(row.place, f"the part {part!r} is given twice", "PW1406", "PART", part)
        if not rows and files.get(name):
            tables.wrong(row.place, f"there is no route {route!r} in {name}", "PW1407", "ROUTE", route, files[name])
        found[part] = steps_of(tables, rows)
    return found


def _transport(tables: Tables, centers: Mapping[str, Any]) -> dict[str, Any]:
    """What lots take from one location to another."""
    found: dict[str, Any] = {}
    places = {words.get("location", "") for words in centers.values()}
    for row in tables.table("fromto.txt", FROM_TO):
        start, end = tables.text(row, "FROMLOC"), tables.text(row, "TOLOC")
        for column, place in (("FROMLOC", start), ("TOLOC", end)):
            if place and place not in places:
                tables.wrong(row.place, f"no tools stand at {place!r}", "PW1407", column, place, places)
        name = f"{start} to {end}"
        if name in found:
            tables.wrong(row.place, f"the way from {start!r} to {end!r} is given twice", "PW1406", "FROMLOC", start)
        found[name] = {"time": tables.chance(row, "DDIST", "DTIME", "DUNITS", "DTIME2"), "from": start, "to": end}
    return found


def _products(orders: Orders, routes: Mapping[str, Sequence[Step]], in_process: set[str]) -> dict[str, Any]:
    pieces, releases = orders.pieces(), orders.releases()
    return {
        part: {
            "lot": f"{pieces.get(part, '1')} pieces",
            "family": NO_SETUP,
            "release": releases.get(part, []),
            **({"at start": _WIP} if part in in_process else {}),
            "routing": f"routes/{part}.csv",
        }
        for part in routes
    }


def _csv(columns: Sequence[str], rows: Iterable[Mapping[str, Any]]) -> str:
    """Rows as a table, without the columns that are empty in all; values that are keys or lists as the plant file writes them."""
    rows = list(rows)
    used = [column for column in columns if any(row.get(column) for row in rows)]
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(used)
    for row in rows:
        cells = (row.get(column) or "" for column in used)
        writer.writerow([cell if isinstance(cell, str) else flow_text(node_of(cell)) for cell in cells])
    return text.getvalue()
