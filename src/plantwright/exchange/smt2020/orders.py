"""Parts, orders and lots in process: products, what starts their lots, and the lots at their steps."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from decimal import Decimal

from plantwright.exchange.smt2020.cells import Known, plain
from plantwright.exchange.smt2020.routes import Step
from plantwright.exchange.smt2020.tables import Columns, Row, Tables, agreeing

PART = Columns(("PART", "ROUTEFILE", "ROUTE"), (), ("PARTGRP", "PARTFAM", "IGNORE"))
ORDER = Columns(
    ("LOT", "PART", "PIECES", "START", "REPEAT", "RUNITS", "DUE"),
    ("PRIOR", "RDIST", "REPEAT2", "RPT#", "LOTSPERRPT", "HOTLOT"),
    ("ORDER", "IGNORE"),
)
WIP = Columns(("LOT", "PART", "PIECES", "CURSTEP"), ("PRIOR", "START", "DUE", "HOTLOT"), ("ORDER", "TRACE", "IGNORE"))
_NEVER = {"every": "1000 y", "at most": "0 lots"}
"""What starts no lot: of a part of which there are lots in process, and no order."""


class Orders:
    """Parts as products.

    Parameters
    ----------
    tables : Tables
    """

    def __init__(self, tables: Tables) -> None:
        self.tables = tables
        self.parts = self._parts()
        known = Known("part", "", {part: part for part in self.parts})
        self.orders, self.lots = (
            self._of_parts(name, columns, known) for name, columns in (("order.txt", ORDER), ("WIP.txt", WIP))
        )
        self.start = self._start()
        self.above = self._above()

    def _parts(self) -> dict[str, Row]:
        """The rows of the parts, by their names."""
        tables, found = self.tables, dict[str, Row]()
        for row in tables.table("part.txt", PART):
            part = tables.text(row, "PART")
            if part in found:
                tables.wrong(row.place, f"the part {part!r} is given twice", "PW1406", "PART", part)
            found[part] = row
        return found

    def _of_parts(self, name: str, columns: Columns, known: Known[str]) -> dict[str, list[Row]]:
        """The rows of a table by the part of which they are."""
        found: dict[str, list[Row]] = {part: [] for part in self.parts}
        for row in self.tables.table(name, columns):
            part = self.tables.find(row, "PART", known)
            if part is not None:
                found[part].append(row)
        return found

    def _start(self) -> datetime:
        """When the plant starts: with its first order, or once the lots in process are all there, whichever is earlier."""
        orders, lots = (
            [
                self.tables.moment(row, "START")
                for rows in of.values()
                for row in rows
                if row["START"] or of is self.orders
            ]
            for of in (self.orders, self.lots)
        )
        return min([*orders, *([max(lots)] if lots else [])], default=datetime(2000, 1, 1))

    def _above(self) -> Decimal:
        """What hot lots have on top of their priority, so that they go before all others."""
        hot: list[Decimal] = []
        others: list[Decimal] = []
        for row in (row for of in (self.orders, self.lots) for rows in of.values() for row in rows):
            is_hot = self.tables.one_of(row, "HOTLOT", ["no", "yes"], "no") == "yes"
            (hot if is_hot else others).append(self._prior(row))
        return max(max(others) + 1 - min(hot), Decimal(0)) if hot and others else Decimal(0)

    def _prior(self, row: Row) -> Decimal:
        return self.tables.number(row, "PRIOR", usual="0")

    def _priority(self, row: Row) -> str:
        return plain(self._prior(row) + (self.above if row["HOTLOT"].lower() == "yes" else 0))

    def lot(self, part: str) -> str:
        """How many pieces a lot of a part has: as its orders say, or else those in process."""
        rows = self.orders[part] or self.lots[part]
        pairs = [(row, plain(self.tables.number(row, "PIECES", 1))) for row in rows]
        return (
            f"{agreeing(self.tables, pairs, 'PIECES', f'the lots of {part!r}')} pieces"
            if self.orders[part]
            else f"{pairs[0][1]} pieces"
        )

    def releases(self, part: str) -> list[dict[str, str]]:
        """What starts lots of a part: lots at an interval, each class with its priority and due date."""
        found: list[dict[str, str]] = []
        for row in self.orders[part]:
            release, times = self._release(row), self.tables.whole(row, "LOTSPERRPT", 1, "1")
            if times > 1 and not release["every"][:1].isdigit():
                reason = f"{times} lots at a time, at times that are drawn"
                self.tables.wrong(row.place, reason, "PW1404", "LOTSPERRPT", row["LOTSPERRPT"])
            found += [release] * times
        return found or [_NEVER]

    def _release(self, row: Row) -> dict[str, str]:
        tables = self.tables
        start, due = tables.moment(row, "START"), tables.moment(row, "DUE")
        if due < start:
            tables.wrong(row.place, "is due before it starts", "PW1406", "DUE", row["DUE"])
        every = tables.chance(row, "RDIST", "REPEAT", "RUNITS", "REPEAT2")
        if tables.number(row, "REPEAT", usual="1") == 0:
            tables.wrong(row.place, "no time between two lots", "PW1405", "REPEAT", row["REPEAT"])
        words = {
            "every": every,
            "first": f"{plain(Decimal((start - self.start) // timedelta(seconds=1)))} s",
            "at most": f"{tables.whole(row, 'RPT#', 1)} lots" if row["RPT#"] else "",
            "class": tables.text(row, "LOT"),
            "priority": self._priority(row),
            "due": _days(max(due, start) - start),
        }
        return {word: value for word, value in words.items() if value}

    def at_start(self, routes: Mapping[str, Sequence[Step]]) -> list[dict[str, str]]:
        """The lots in process at their steps, as rows of a table in the order of theirs; `routes` are the steps of each part."""
        rows = [
            (row.place.line or 0, self._lot(row, part, steps))
            for part, steps in ((part, _numbered(own)) for part, own in routes.items())
            for row in self.lots[part]
        ]
        return [lot for _, lot in sorted(rows, key=lambda pair: pair[0])]

    def _lot(self, row: Row, part: str, steps: Known[str]) -> dict[str, str]:
        tables = self.tables
        if row["START"] and (start := tables.moment(row, "START")) > self.start:
            reason = f"the lot comes at {start}, after the plant starts at {self.start}"
            tables.wrong(row.place, reason, "PW1404", "START", row["START"])
        return {
            "lot": row["LOT"],
            "product": part,
            "operation": (tables.find(row, "CURSTEP", steps) or "") if steps.names else "",
            "quantity": plain(tables.number(row, "PIECES", 1)),
            "due": tables.moment(row, "DUE").isoformat(" ") if row["DUE"] else "",
            "priority": self._priority(row),
        }


def _numbered(steps: Sequence[Step]) -> Known[str]:
    """The names of the steps of a route, by their numbers."""
    return Known("step", " in its route", {step.number: step.name for step in steps})


def _days(time: timedelta) -> str:
    return f"{plain(round(Decimal(int(time.total_seconds())) / 86400, 6))} d"
