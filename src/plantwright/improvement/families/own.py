"""The user's own moves, as they stand in the plant file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from dataclasses import replace

from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.plant.plant import OwnMove, Plant


def own_moves(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Each move under ``moves``; one that goes only with others is tried together with them, at the cost of all."""
    for own in plant.moves.values():
        bundle = bundle_of(plant, [own])
        against = {name for part in bundle for name in part.not_with}
        if not may_go_together(plant, bundle, against):
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


def may_go_together(plant: Plant, bundle: Sequence[OwnMove], against: Collection[str]) -> bool:
    """Whether none of some moves is banned or excluded by another of them."""
    names = {part.name for part in bundle}
    return not names & set(plant.banned) and not names & set(against)


def tied(plant: Plant, move: Move, only_with: Sequence[str], not_with: Sequence[str]) -> Move | None:
    """A move of a family made together with the own moves that its family goes only with, at the cost of all; None where they exclude
    each other or are banned.
    """
    bundle = bundle_of(plant, [plant.moves[name] for name in only_with])
    against = {*not_with, *(name for part in bundle for name in part.not_with)}
    if not may_go_together(plant, bundle, against):
        return None
    leads = [move.lead_time, *(part.lead_time for part in bundle)]
    return replace(
        move,
        title=move.title + (f" with {' and '.join(part.name for part in bundle)}" if bundle else ""),
        edits={path: value for part in reversed(bundle) for path, value in part.edits.items()} | dict(move.edits),
        capital=_total([move.capital, *(part.cost for part in bundle)]),
        yearly=_total([move.yearly, *(part.cost_per_year for part in bundle)]),
        lead_time=max((lead for lead in leads if lead is not None), default=None),
        note=f"not with {', '.join(sorted(against))}" if against else move.note,
    )


def bundle_of(plant: Plant, first: Sequence[OwnMove]) -> list[OwnMove]:
    """Moves with all that they go only with, themselves first."""
    found = list(first)
    for part in found:
        for name in part.only_with:
            other = plant.moves.get(name)
            if other is not None and other not in found:
                found.append(other)
    return found


def _total(amounts: list[float | None]) -> float | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None
