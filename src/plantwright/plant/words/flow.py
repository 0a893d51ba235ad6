"""The words of flow between work centers: shared buffers, loops, paced lines, transport."""

from __future__ import annotations

from typing import Any

from plantwright.plant.plant import Lane, Loop, Mover, PacedLine
from plantwright.plant.quantities import (
    read_table,
)
from plantwright.plant.readers import (
    AmountOf,
    Context,
    Number,
    Quantity,
    Reader,
    Text,
)
from plantwright.plant.structures import NAMES, Keys, Word
from plantwright.units import read, split_number

LANE = Keys(
    (
        Word("capacity", AmountOf(), example="40 pieces", needed=True),
        Word("transit", Quantity(), example="3 min", default="0 min"),
        Word("feeds", NAMES, example="[a, b]"),
    ),
    Lane,
)

LOOP = Keys(
    (
        Word("cards", AmountOf(), example="12 lots", needed=True),
        Word("from", Text(), "start", "mix", needed=True),
        Word("until", Text(), example="form", needed=True),
    ),
    Loop,
)

LINE = Keys(
    (Word("index", Quantity(), example="45 s", needed=True), Word("stations", NAMES, example="[a, b]", needed=True)),
    PacedLine,
)


class Distances(Reader):
    """A CSV file of distances between work centers: ``from, to, distance`` with a unit, or a square table in metres."""

    kind = "a file such as d.csv"

    def text(self, text: str, context: Context) -> Any:

        found: dict[tuple[str, str], float] = {}
        for row in read_table(context.beside.text(text)):
            if {"from", "to", "distance"} <= set(row):
                value = row["distance"]
                found[row["from"], row["to"]] = read(value if split_number(value)[1] else f"{value} m", "length")
            else:
                names = list(row)
                for name in names[1:]:
                    if row[name]:
                        found[row[names[0]], name] = split_number(row[name])[0]
        return found


MOVER = Keys(
    (
        Word("count", Number(1, whole=True), example="3", needed=True),
        Word("speed", Quantity("speed"), example="1 m/s"),
        Word("distances", Distances(), example="d.csv"),
    ),
    Mover,
)
