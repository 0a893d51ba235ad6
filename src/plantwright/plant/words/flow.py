"""The words of flow between work centers: shared buffers, loops, paced lines, transport."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plantwright.errors import Place, PlantError, Problem
from plantwright.plant.plant import Lane, Loop, Mover, PacedLine
from plantwright.plant.quantities import (
    read_rows,
)
from plantwright.plant.readers import (
    AmountOf,
    Context,
    Number,
    Quantity,
    Random,
    Reader,
    Text,
)
from plantwright.plant.structures import NAMES, Keys, Word
from plantwright.units import split_number

LANE = Keys(
    (
        Word("capacity", AmountOf(), example="40 pieces", meaning="places", needed=True),
        Word("transit", Quantity(), example="3 min", meaning="from end to end", default="0 min", why="next to it"),
        Word("feeds", NAMES, example="[a, b]", meaning="work centers that take from it"),
    ),
    Lane,
)

LOOP = Keys(
    (
        Word("cards", AmountOf(), example="12 lots", meaning="how much may be between", needed=True),
        Word("from", Text(), "start", "mix", "the step that takes a card", needed=True),
        Word("until", Text(), example="form", meaning="the step that gives it back", needed=True),
    ),
    Loop,
)

LINE = Keys(
    (
        Word("index", Quantity(), example="45 s", meaning="time between two steps on", needed=True),
        Word("stations", NAMES, example="[a, b]", meaning="work centers in their order", needed=True),
    ),
    PacedLine,
)


class Distances(Reader):
    """A CSV file of distances between work centers: ``from, to, distance`` with a unit, or a square table in metres."""

    kind = "a file such as d.csv"

    schema: Mapping[str, Any] = {"type": "string"}

    def text(self, text: str, context: Context) -> dict[tuple[str, str], float]:
        found: dict[tuple[str, str], float] = {}
        problems: list[Problem] = []
        for number, row in read_rows(context.beside.text(text)):
            names = list(row)
            pairs = [(row[names[0]], name, row[name]) for name in names[1:] if row[name]]
            if {"from", "to", "distance"} <= set(row):
                pairs = [(row["from"], row["to"], row["distance"])]
            for start, end, value in pairs:
                try:
                    found[start, end] = Quantity("length").text(
                        value if split_number(value)[1] else f"{value} m", context
                    )
                except ValueError as error:
                    problems.append(Problem("PW1221", Place(text, number), "", str(error), value))
        if problems:
            raise PlantError(problems)
        if not found:
            raise ValueError(f"{text} holds no distances; its columns are from, to, distance")
        return found


def _mover(name: str, count: int | None = None, time: Any = None, **values: Any) -> Mover:
    if time is None:
        if count is None:
            raise ValueError(
                "'count' is missing, such as 'count: 3'; or say how long each way takes, such as 'time: 5 min'"
            )
        if "start" in values or "end" in values:
            raise ValueError("'from' and 'to' are locations between which a 'time' is taken; vehicles have 'distances'")
        return Mover(name, count, **values)
    if count is not None or "speed" in values or "distances" in values:
        raise ValueError(
            "'time' is of movers of which there are always enough; leave out 'count', 'speed' and 'distances'"
        )
    if not values.get("start") or not values.get("end"):
        raise ValueError(
            "'time' needs the locations between which it is taken, such as 'from: hall 1' and 'to: hall 1'"
        )
    return Mover(name, time=time, **values)


MOVER = Keys(
    (
        Word("count", Number(1, whole=True), example="3", meaning="how many"),
        Word("speed", Quantity("speed"), example="1 m/s", meaning="loaded or empty"),
        Word("distances", Distances(), example="d.csv", meaning="between work centers"),
        Word(
            "time", Random(), example="uniform 5..10 min", meaning="of each way, where there are always enough of them"
        ),
        Word("from", NAMES, "start", "hall 1", "locations from which it carries"),
        Word("to", NAMES, "end", "hall 1", "locations to which it carries"),
    ),
    _mover,
)
