"""Parts, orders and lots in process: products, what starts their lots, and the lots at their steps."""

from __future__ import annotations

from datetime import datetime, timedelta
from decimal import Decimal

from plantwright.exchange.smt2020.routes import Step
from plantwright.exchange.smt2020.tables import Columns, Row, Tables, agreeing, by, plain

PART = Columns(("PART", "ROUTEFILE", "ROUTE"), (), ("PARTGRP", "PARTFAM", "IGNORE"))
ORDER = Columns(
    ("LOT", "PART", "PIECES", "START", "REPEAT", "RUNITS", "DUE"),
    ("PRIOR", "RDIST", "RPT#", "LOTSPERRPT", "HOTLOT"),
    ("ORDER", "IGNORE"),
)
WIP = Columns(("LOT", "PART", "PIECES", "CURSTEP"), ("PRIOR", "START", "DUE", "HOTLOT"), ("ORDER", "TRACE", "IGNORE"))


class Orders:
    """Parts as products.

    Parameters
    ----------
    tables : Tables
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.parts = tables.table("part.txt", PART)
        self.orders = tables.table("order.txt", ORDER)
        self.lots = tables.table("WIP.txt", WIP)
        known = {row["PART"] for row in self.parts}
        for row in (*self.orders, *self.lots):
            if row["PART"] not in known:
                tables.wrong(row.place, f"there is no part {row['PART']!r}", "PW1407", "PART", row["PART"], known)
            tables.one_of(row, "HOTLOT", ["no"], "no")
        starts = [tables.moment(row, "START") for row in self.orders]
        self.start = min(starts, default=datetime(2000, 1, 1))

    def pieces(self) -> dict[str, str]:
        """Pieces of the lots of each part."""
        found = {}
        for part, rows in by(self.orders, "PART").items():
            pairs = [(row, plain(self.tables.number(row, "PIECES", 1))) for row in rows]
            found[part] = agreeing(self.tables, pairs, "PIECES", f"the lots of {part!r}")
        return found

    def releases(self) -> dict[str, list[dict[str, str]]]:
        """What starts lots of each part: lots at a constant interval, each class with its priority and due date."""
        found: dict[str, list[dict[str, str]]] = {}
        for row in self.orders:
            times = self.tables.number(row, "LOTSPERRPT", 1, "1")
            found.setdefault(row["PART"], []).extend([self._release(row)] * int(times))
        for row in self.parts:
            if row["PART"] not in found:
                self.tables.wrong(row.place, f"no order starts lots of {row['PART']!r}", "PW1407", "PART", row["PART"])
        return found

    def _release(self, row: Row) -> dict[str, str]:
        tables = self.tables
        start, due = tables.moment(row, "START"), tables.moment(row, "DUE")
        if due < start:
            tables.wrong(row.place, "is due before it starts", "PW1406", "DUE", row["DUE"])
        every = tables.chance(row, "RDIST", "REPEAT", "RUNITS")
        repeats = f"{plain(tables.number(row, 'RPT#', 1))} lots" if row["RPT#"] else ""
        words = {
            "every": every,
            "first": f"{plain(Decimal((start - self.start) // timedelta(seconds=1)))} s",
            "at most": repeats,
            "class": tables.text(row, "LOT"),
            "priority": plain(tables.number(row, "PRIOR", usual="0")),
            "due": _days(max(due, start) - start),
        }
        return {word: value for word, value in words.items() if value}

    def at_start(self, routes: dict[str, list[Step]]) -> list[dict[str, str]]:
        """The lots in process at their steps, as rows of a table; `routes` are the steps of each part."""
        tables = self.tables
        names = {part: {step.number: step.name for step in steps} for part, steps in routes.items()}
        rows = []
        for row in self.lots:
            if row["START"] and tables.moment(row, "START") > self.start:
                tables.wrong(row.place, "a lot in process starts later than the plant", "PW1404", "START", row["START"])
            step = names.get(row["PART"], {}).get(row["CURSTEP"])
            if step is None and row["PART"] in names:
                tables.wrong(
                    row.place, f"there is no step {row['CURSTEP']!r} in its route", "PW1407", "CURSTEP", row["CURSTEP"]
                )
            rows.append(
                {
                    "lot": row["LOT"],
                    "product": row["PART"],
                    "operation": step or "",
                    "quantity": plain(tables.number(row, "PIECES", 1)),
                    "due": tables.moment(row, "DUE").isoformat(" ") if row["DUE"] else "",
                    "priority": plain(tables.number(row, "PRIOR", usual="0")),
                }
            )
        return rows


def _days(time: timedelta) -> str:
    return f"{plain(round(Decimal(int(time.total_seconds())) / 86400, 6))} d"
