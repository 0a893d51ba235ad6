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
from plantwright.exchange.smt2020.cells import Known
from plantwright.exchange.smt2020.families import Families, loads, read_families
from plantwright.exchange.smt2020.machines import PLANT_RULE, Machines
from plantwright.exchange.smt2020.orders import Orders
from plantwright.exchange.smt2020.routes import ROUTE, Step, steps_of
from plantwright.exchange.smt2020.routing import COLUMNS, routing
from plantwright.exchange.smt2020.setups import Setups
from plantwright.exchange.smt2020.tables import Columns, Tables, TablesError, by
from plantwright.plant.document import node_of
from plantwright.plant.writing import flow_text, mapping_text

FROM_TO = Columns(("FROMLOC", "TOLOC", "DTIME", "DUNITS"), ("DDIST", "DTIME2"))
NO_SETUP = "no setup"
"""What steps that name no setup need: a setup of its own, into which no time is needed, so that the one before is lost."""
_NOT_IN_FILE_NAMES = re.compile(r"[^\w .+-]|^[_.\s]+")
_WIP = "wip.csv"
_WIP_COLUMNS = ("lot", "product", "operation", "quantity", "due", "priority")
_MAIN_TABLES = ("tool.txt", "part.txt", "order.txt")


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
    passed_over : sequence of str
        What the tables tell that nothing comes of, with file and row.
    """

    text: str
    files: Mapping[str, str]
    read: Sequence[str]
    not_read: Sequence[str]
    passed_over: Sequence[str]


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
    _look(folder)
    tables = Tables(folder)
    families = read_families(tables)
    orders = Orders(tables)
    routes = _routes(tables, orders, families)
    steps = [step for own in routes.values() for step in own]
    machines = Machines(tables, families, steps, Setups(tables, steps))
    centers, times = machines.to_words(), loads(tables, families)
    names = _file_names(routes)
    files = {names[part]: _csv(COLUMNS, routing(tables, own, machines, times)) for part, own in routes.items()}
    lots = orders.at_start(routes)
    if lots:
        files[_WIP] = _csv(_WIP_COLUMNS, lots)
    plant = {
        "format": "1",
        "plant": folder.resolve().name,
        "start": orders.start.isoformat(" "),
        "rule": PLANT_RULE,
        "transport": _transport(tables, centers),
        "work centers": centers,
        "products": {part: _product(orders, part, name) for part, name in names.items()},
    }
    if tables.problems:
        raise TablesError(_told(tables.problems))
    comments = _comments(folder.resolve().name) | {
        f"work centers > {family}": f"Group {group}:" for family, group in machines.groups().items() if group
    }
    text = mapping_text({word: value for word, value in plant.items() if value}, comments)
    return Imported(text, files, sorted(tables.read), tables.not_read(), tables.passed_over)


def _look(folder: Path) -> None:
    """Look whether there is a folder with tables; if these lie one folder further down, say so."""

    def holds(place: Path) -> bool:
        tables = Tables(place)
        return any(tables.file_of(name) for name in _MAIN_TABLES)

    reason = "is not a folder with tables"
    try:
        if folder.is_dir():
            if holds(folder):
                return
            inside = sorted(path.name for path in folder.iterdir() if path.is_dir() and holds(path))
            reason = f"holds none of the tables {', '.join(_MAIN_TABLES)}"
            reason += f"; say which of the folders in it: {', '.join(inside)}" if inside else ""
    except OSError as error:
        reason = f"cannot be read: {error.strerror or error}"
    raise TablesError([Problem("PW1401", Place(str(folder)), "", reason)])


def _told(problems: Sequence[Problem]) -> list[Problem]:
    """Problems in the order of their places; where a table could not be read, without names that may stand in it."""
    lacking = any(problem.code == "PW1401" for problem in problems)
    left = dict.fromkeys(sorted(problems, key=_in_order))
    return [problem for problem in left if not lacking or problem.code != "PW1407"]


def _in_order(problem: Problem) -> tuple[str, int, str]:
    return problem.place.file, problem.place.line or 0, problem.path


def _comments(name: str) -> dict[str, str]:
    return {
        "format": f"{name}, imported from its tables by 'plantwright import smt2020'.",
        "start": "Time 0: the lots of 'at start' are at their steps, the first orders come.",
        "rule": "Which lot goes next; a setup counts where a lot that comes chooses among free machines.",
        "transport": "What a lot takes from one step to the next.",
        "work centers": "The families of tools. 'luck' keeps the random numbers of a family, whatever it is called.",
        "products": "The parts: what starts their lots, class by class, and their steps in a table each.\n"
        f"A step without a setup of its own needs {NO_SETUP!r}, which takes no time and clears the one before.",
    }


def _routes(tables: Tables, orders: Orders, families: Families) -> dict[str, list[Step]]:
    """The steps of the route of each part that there are orders or lots of."""
    files: dict[str, Known[list[Any]]] = {}
    found: dict[str, list[Step]] = {}
    for part, row in orders.parts.items():
        if not orders.orders[part] and not orders.lots[part]:
            tables.pass_over(row.place, f"no order starts lots of {part!r}, and none are in process")
            continue
        name = tables.text(row, "ROUTEFILE")
        if name and name not in files:
            files[name] = Known("route", f" in {name}", by(tables.table(name, ROUTE), "ROUTE"))
        rows = tables.find(row, "ROUTE", files[name]) if name and files[name].names else None
        found[part] = steps_of(tables, rows or [], families)
    return found


def _file_names(parts: Iterable[str]) -> dict[str, str]:
    """The file of the routing of each part: called like it, as far as it can be the name of a file that no other has."""
    found: dict[str, str] = {}
    taken: set[str] = set()
    for number, part in enumerate(parts, 1):
        name = _NOT_IN_FILE_NAMES.sub("-", part)
        name = f"{number} {name}" if name != part or name.lower() in taken else name
        taken.add(name.lower())
        found[part] = f"routes/{name}.csv"
    return found


def _transport(tables: Tables, centers: Mapping[str, Any]) -> dict[str, Any]:
    """What lots take from one location to another."""
    found: dict[str, Any] = {}
    places = Known(
        "location", " where tools stand", [(at, at) for words in centers.values() if (at := words.get("location"))]
    )
    for row in tables.table("fromto.txt", FROM_TO):
        start, end = (tables.find(row, column, places) or "" for column in ("FROMLOC", "TOLOC"))
        name = f"{start} to {end}"
        if start and end and name in found:
            tables.wrong(row.place, f"the way from {start!r} to {end!r} is given twice", "PW1406", "FROMLOC", start)
        found[name] = {"time": tables.chance(row, "DDIST", "DTIME", "DUNITS", "DTIME2"), "from": start, "to": end}
    return found


def _product(orders: Orders, part: str, file: str) -> dict[str, Any]:
    return {
        "lot": orders.lot(part),
        "family": NO_SETUP,
        "release": orders.releases(part),
        **({"at start": _WIP} if orders.lots[part] else {}),
        "routing": file,
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
