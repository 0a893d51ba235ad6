"""Routes: the steps of each part, and the batches in which they are done."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal

from plantwright.exchange.smt2020.cells import alike, plain
from plantwright.exchange.smt2020.families import Families, known_families
from plantwright.exchange.smt2020.tables import Columns, Row, Tables

ROUTE = Columns(
    ("ROUTE", "STEP", "STNFAM", "PTIME", "PTUNITS", "PTPER"),
    (
        "DESC", "PDIST", "PTIME2", "BATCHMN", "BATCHMX", "SETUP", "WHEN", "STIME", "STUNITS", "SVESTN", "FORSTEP", "BatchInterval",
        "BatchIntUnits", "PartInterval", "PartIntUnits", "RWKSTEP", "REWORK", "RWKTYPE", "StepPercent", "STEP_CQT", "CQT", "CQTUNITS",
    ),
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Batch:
    """A batch: it starts with the least when a machine is free, and takes up to the most; ``of`` is ``"pieces"`` or ``"lots"``."""

    least: Decimal
    most: Decimal
    of: str

    def to_words(self) -> dict[str, str]:
        """The words of the plant file."""
        return {"max": f"{plain(self.most)} {self.of}", "min": f"{plain(self.least)} {self.of}"}


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a route: its name in the plant file, its number, the family that does it, its batch if it is done in batches."""

    name: str
    number: str
    center: str
    batch: Batch | None
    row: Row


def steps_of(tables: Tables, rows: Iterable[Row], families: Families) -> list[Step]:
    """The steps of one route, in their order; each is called by its number and description."""
    known = known_families(families)
    seen: dict[str, Row] = {}
    steps = []
    for row in rows:
        number = tables.text(row, "STEP")
        if alike(number) in seen:
            reason = f"step {number!r} stands in row {seen[alike(number)].place.line} already"
            tables.wrong(row.place, reason, "PW1406", "STEP", number)
            continue
        seen[alike(number)] = row
        center = tables.find(row, "STNFAM", known)
        if center is not None:
            batch = _batch_of(tables, row, families[center][0])
            steps.append(Step(f"{number} {row['DESC']}".strip(), number, center, batch, row))
    return steps


def _batch_of(tables: Tables, row: Row, family: Row) -> Batch | None:
    """The batch of a step; of one lot where its family works in batches, but the step names none."""
    if not family["BATCHCRITF"] and not row["BATCHMN"] and not row["BATCHMX"]:
        return None
    tables.one_of(family, "BATCHCRITF", ["crit_sameroutestep"])
    of = tables.one_of(family, "BATCHPER", ["piece", "lot"], "piece") + "s"
    if not row["BATCHMN"] and not row["BATCHMX"]:
        return Batch(Decimal(1), Decimal(1), of)
    least, most = tables.number(row, "BATCHMN", 1, "1"), tables.number(row, "BATCHMX", 1)
    if least > most:
        reason = f"the least batch, {plain(least)}, is more than the most, {plain(most)}"
        tables.wrong(row.place, reason, "PW1406", "BATCHMN", str(least))
    return Batch(least, most, of)
