"""The words of a given sequence: which order goes next."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plantwright.errors import Place, PlantError, Problem
from plantwright.plant.quantities import read_rows
from plantwright.plant.readers import Context, Reader
from plantwright.plant.resources import Turn


class SequenceOf(Reader):
    """A CSV file whose rows are the turns in order: order, and product, step, work center where that is said."""

    kind = "a file such as order.csv"
    schema: Mapping[str, Any] = {"type": "string"}

    def text(self, text: str, context: Context) -> tuple[Turn, ...]:
        rows = read_rows(context.beside.text(text))
        if not rows:
            raise ValueError(f"{text} holds no turns; its columns are order, product, step, work center")
        if "order" not in rows[0][1]:
            raise ValueError(f"{text} has no column 'order'; it has {', '.join(rows[0][1])}")
        empty = [number for number, row in rows if not row["order"]]
        if empty:
            raise PlantError([Problem("PW1222", Place(text, number), "", "order missing") for number in empty])
        return tuple(
            Turn(row["order"], row.get("product", ""), row.get("step", ""), row.get("work center", ""))
            for _, row in rows
        )
