"""The families of moves: each looks at a plant and proposes changes that a user could write in its file."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from functools import cache
from types import MappingProxyType
from typing import Any

from plantwright.improvement.families import (
    buffers,
    capacity,
    delays,
    flow,
    hours,
    machines,
    mix,
    outside,
    own,
    people,
    quality,
    reliability,
    robots,
    setups,
    stopping,
    technology,
    tending,
    training,
    transport,
)
from plantwright.improvement.families.family import Family, Stage
from plantwright.improvement.families.own import tied
from plantwright.improvement.families.usual import Usual, usual_of
from plantwright.improvement.on_people import people_of
from plantwright.improvement.study import OWN, Move
from plantwright.plant.plant import FamilyDefault, Plant

ENTRY_POINTS = "plantwright.moves"

_BUILT_IN = (
    *stopping.FAMILIES,
    *mix.FAMILIES,
    *flow.FAMILIES,
    *delays.FAMILIES,
    *buffers.FAMILIES,
    *transport.FAMILIES,
    *setups.FAMILIES,
    *reliability.FAMILIES,
    *quality.FAMILIES,
    *people.FAMILIES,
    *training.FAMILIES,
    *tending.FAMILIES,
    *hours.FAMILIES,
    *machines.FAMILIES,
    *technology.FAMILIES,
    *robots.FAMILIES,
    *capacity.FAMILIES,
    *outside.FAMILIES,
    *own.FAMILIES,
)
"""What can be stopped first, what must be bought last."""


@cache  # to ask what packages are installed takes longer than many a run
def all_families() -> Mapping[str, Family]:
    """All families by name: the built-in ones, and those that other packages offer as entry points ``plantwright.moves``.

    An entry point names a `Family`.
    """
    from importlib.metadata import entry_points

    found = {family.name: family for family in _BUILT_IN}
    for point in entry_points(group=ENTRY_POINTS):
        family = point.load()
        if not isinstance(family, Family):
            raise TypeError(f"entry point {point.name!r} of {ENTRY_POINTS} is not a Family")
        found[family.name] = family
    return MappingProxyType(found)


def propose(plant: Plant, names: Iterable[str] | None = None) -> tuple[Move, ...]:
    """The moves that this plant could make, family by family.

    Parameters
    ----------
    plant : Plant
    names : iterable of str, optional
        Only these families. What the plant bans (a family, a move, or a title) is left out. What a move costs, how long it
        takes and what it brings are, where the move itself does not say: those of its family in the plant file, else those that
        are usual for the family, which are named in ``assumed``.

    Raises
    ------
    KeyError
        For a family that is not known.

    Notes
    -----
    Of moves of two families that change the same, such as one more technician who is one more person, the first is kept.
    """
    known = all_families()
    chosen = list(known) if names is None else list(names)
    banned = set(plant.banned)
    made: dict[str, Move] = {}
    changes: set[str] = set()
    for name in chosen:
        if name in banned:
            continue
        usual = usual_of(plant, name, known[name].usual)
        for move in known[name].propose(plant, usual):
            if banned & {move.name, move.title} or move.name in made:
                continue
            whole = _with_defaults(plant, move, usual)
            if whole is not None and not _is_there(whole, changes):
                made[move.name] = whole
    return tuple(made.values())


def _is_there(move: Move, changes: set[str]) -> bool:
    """Whether a move changes what one before it does; its changes are noted. An own move is never left out."""
    change = repr((sorted(move.edits.items()), move.belief))
    there = change in changes and move.family != OWN
    changes.add(change)
    return there


_SAID = {"capital": "cost", "yearly": "cost_per_year", "lead_time": "lead_time", "ramp_up": "ramp_up"}
"""What a move has, and the word under ``moves`` that says it for a family."""


def _with_defaults(plant: Plant, move: Move, usual: Usual) -> Move | None:
    """A move with what is usual for its family where it says nothing itself; None where what it is tied to cannot be made."""
    own = plant.family_defaults.get(move.family)
    by_default = {"capital": usual.cost, "yearly": usual.yearly, "lead_time": usual.lead_time, "ramp_up": usual.ramp_up}
    filled: dict[str, Any] = {
        word: value for word, value in by_default.items() if getattr(move, word) is None and value is not None
    }
    assumed = [word.replace("_", "-" if word == "ramp_up" else " ") for word in filled if _is_silent(own, _SAID[word])]
    if usual.effect is not None and _is_silent(own, "effect"):
        assumed.append("effect")
    move = replace(move, **filled, assumed=(*move.assumed, *(word for word in assumed if word not in move.assumed)))
    return move if own is None else tied(plant, move, own.only_with, own.not_with)


def spends(plant: Plant, move: Move, after: Plant) -> bool:
    """Whether a move is spent on: it has a price, or its family is one of those that have.

    Where the plant file says that a move of the family costs nothing (``cost: 0``), it is spent on only if there are more people with it,
    machines cost more by the year, or something else is bought.
    """
    if move.capital or move.yearly:
        return True
    family, own = all_families().get(move.family), plant.family_defaults.get(move.family)
    if move.family == OWN or (family is not None and not family.spends):
        return False
    free = own is not None and own.cost == 0
    bought = bool(set(after.materials) - set(plant.materials))
    return not free or bought or _upkeep(after) > _upkeep(plant) or people_of(after) > people_of(plant)


def _upkeep(plant: Plant) -> float:
    """What machines cost a year, in money a second."""
    return sum((center.cost or 0.0) for center in plant.work_centers.values())


def _is_silent(own: FamilyDefault | None, word: str) -> bool:
    return own is None or getattr(own, word) is None


__all__ = ["ENTRY_POINTS", "Family", "Stage", "Usual", "all_families", "propose", "spends", "usual_of"]
