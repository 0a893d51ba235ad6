"""What the engine and the twin say of one plant, side by side."""

from __future__ import annotations

from itertools import groupby, zip_longest

from plantwright.plant import Plant
from plantwright.simulation import history
from tests.twin.base import Noted
from tests.twin.engine import Twin
from tests.twin.own_rules import offered

NEAR = 1e-9
"""Times agree to this, relative to the length of the run."""


def engine_log(plant: Plant, end: float, seed: int = 1) -> list[Noted]:
    with offered():
        events = history(plant, horizon=end, seed=seed)
        return [Noted(e.time, e.what, e.lot, e.operation, e.machine, e.detail, e.amount) for e in events]


def twin_log(plant: Plant, end: float, seed: int = 1) -> list[Noted]:
    with offered():
        twin = Twin(plant, end, seed)
    twin.run()
    return twin.log


TOGETHER = {"people seized": 1, "tool seized": 1, "people let go": 2, "tool let go": 2}
"""What is seized, or let go, together has no order."""


def streams(log: list[Noted]) -> dict[str, list[Noted]]:
    """Lots, people and things in the order of what happened; the states of each machine, those left out that it was in for no time."""
    states = [row for row in log if row.what == "state"]
    others = [row for row in log if row.what != "state"]
    found: dict[str, list[Noted]] = {"": []}
    for _, rows in groupby(others, key=lambda row: (row.time, TOGETHER.get(row.what, 0))):
        alike = list(rows)
        found[""] += sorted(alike, key=str) if alike[0].what in TOGETHER else alike
    for row in states:
        own = found.setdefault(str(row.machine), [])
        if own and row.time - own[-1].time <= NEAR:
            own.pop()
        if not own or own[-1].detail != row.detail:
            own.append(row)
    return found


def first_difference(one: list[Noted], other: list[Noted], end: float) -> str | None:
    """The rows in which two logs differ first, with what went before, or None."""
    ours, theirs = streams(one), streams(other)
    for name in dict.fromkeys([*ours, *theirs]):
        a, b = ours.get(name, []), theirs.get(name, [])
        for i, (x, y) in enumerate(zip_longest(a, b)):
            if x is None or y is None or not _alike(x, y, end):
                before = "\n".join(f"    {row[:]}" for row in a[max(0, i - 4) : i])
                return f"{before}\nengine {x and x[:]}\ntwin   {y and y[:]}"
    return None


def _alike(x: Noted, y: Noted, end: float) -> bool:
    if x[1:6] != y[1:6] or abs(x.time - y.time) > NEAR * max(1.0, end):
        return False
    return x.amount == y.amount or (
        x.amount is not None and y.amount is not None and abs(x.amount - y.amount) <= NEAR * max(1.0, abs(x.amount))
    )
