"""The user's own moves, as they stand in the plant file."""

from __future__ import annotations

from collections.abc import Iterator

from plantwright.improvement.study import Move
from plantwright.plant.plant import OwnMove, Plant


def own_moves(plant: Plant) -> Iterator[Move]:
    """Each move under ``moves``; one that goes only with others is tried together with them, at the cost of all."""
    for own in plant.moves.values():
        bundle = _bundle(plant, own)
        if any(name in plant.banned for name in (part.name for part in bundle)):
            continue
        against = {name for part in bundle for name in part.not_with}
        if against & {part.name for part in bundle}:
            continue
        edits = {path: value for part in reversed(bundle) for path, value in part.edits.items()}
        others = [part.name for part in bundle[1:]]
        subjects = {path.split(" > ")[1] for path in own.edits if path.startswith("work centers > ")}
        yield Move(
            name=own.name,
            family="own move",
            title=own.name + (f" with {' and '.join(others)}" if others else ""),
            edits=edits,
            capital=_total([part.cost for part in bundle]),
            yearly=_total([part.cost_per_year for part in bundle]),
            lead_time=max((part.lead_time for part in bundle if part.lead_time is not None), default=None),
            subject={"work center": subjects.pop()} if len(subjects) == 1 else {},
            note=f"not with {', '.join(sorted(against))}" if against else "",
        )


def _bundle(plant: Plant, own: OwnMove) -> list[OwnMove]:
    """A move with all that it goes only with, itself first."""
    found = [own]
    for part in found:
        for name in part.only_with:
            other = plant.moves.get(name)
            if other is not None and other not in found:
                found.append(other)
    return found


def _total(amounts: list[float | None]) -> float | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None
