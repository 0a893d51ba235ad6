"""The user's own moves, as they stand in the plant file."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any

from plantwright.improvement.beliefs import believed, shares_of
from plantwright.improvement.families.family import Family
from plantwright.improvement.families.partly import partly
from plantwright.improvement.families.usual import Usual, usual_of
from plantwright.improvement.study import OWN, Belief, Move
from plantwright.plant.plant import OwnMove, Plant


def own_moves(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Each move under ``moves``; one that goes only with others is tried together with them, at the cost of all."""
    for own in plant.moves.values():
        bundle = bundle_of(plant, [own])
        against = {name for part in bundle for name in part.not_with}
        if not may_go_together(plant, bundle, against):
            continue
        others = [part.name for part in bundle[1:]]
        subjects = {path.split(" > ")[1] for path in own.edits if path.startswith("work centers > ")}
        move = Move(
            name=own.name,
            family=OWN,
            title=own.name + (f" with {' and '.join(others)}" if others else ""),
            edits={},
            capital=_total([_with_training(plant, part) for part in bundle]),
            yearly=_total([part.cost_per_year for part in bundle]),
            lead_time=_longest(part.lead_time for part in bundle),
            ramp_up=_longest(part.ramp_up for part in bundle),
            training=sum(part.training for part in bundle),
            subject={"work center": subjects.pop()} if len(subjects) == 1 else {},
            note=f"not with {', '.join(sorted(against))}" if against else "",
            needs=tuple(others),
            excludes=tuple(sorted(against)),
        )
        parts = [_one(plant, part, usual) for part in reversed(bundle)]
        yield _together(move, parts)


def _one(plant: Plant, own: OwnMove, usual: Usual) -> Move:
    """What one own move changes, by itself, with what it may turn out to bring."""
    move = Move(own.name, OWN, own.name, own.edits)
    effect = own.effect if own.effect is not None else usual.effect
    if effect is None or partly(plant, own.edits, 0.5) == dict(own.edits):  # no number of it could come true in part
        return move
    return believed(
        move, effect, _comes_true(shares_of(effect), own.name), lambda share: partly(plant, own.edits, share)
    )


def _comes_true(shares: Sequence[float], name: str) -> str:
    low, high = 100 * min(shares), 100 * max(shares)
    return f"{low:.0f} to {high:.0f} % of {name} comes true" if high > low else f"{low:.0f} % of {name} comes true"


def _together(move: Move, parts: Sequence[Move]) -> Move:
    """A move that makes all that its parts make, the later ones first where they differ; what is uncertain in several of them goes
    well or ill in all at a time.
    """
    edits = _merged([part.edits for part in parts])
    beliefs = [part.belief for part in parts if part.belief is not None]
    if not beliefs:
        return replace(move, edits=edits)
    count = max(len(belief.ways) for belief in beliefs)
    ways = tuple(
        _merged([part.edits if part.belief is None else part.belief.ways[k % len(part.belief.ways)] for part in parts])
        for k in range(count)
    )
    text = "; ".join(belief.text for belief in beliefs)
    return replace(move, edits=edits, belief=Belief(text, beliefs[-1].shares, ways))


def _merged(parts: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    return {path: value for edits in parts for path, value in edits.items()}


def _with_training(plant: Plant, own: OwnMove) -> float | None:
    """What a move costs once: its cost, and the wages of the hours that people are away for it.

    The wage is the mean of the crews that it changes, else of all people.
    """
    if not own.training:
        return own.cost
    named = {path.split(" > ")[1] for path in own.edits if path.startswith("people > ")}
    paid = [crew for crew in plant.people.values() if crew.wage is not None and crew.count > 0]
    paid = [crew for crew in paid if crew.name in named] or paid
    people = sum(crew.count for crew in paid)
    if not people:
        return own.cost
    wage = sum(crew.count * (crew.wage or 0.0) for crew in paid) / people
    return (own.cost or 0.0) + own.training * wage


def may_go_together(plant: Plant, bundle: Sequence[OwnMove], against: Collection[str]) -> bool:
    """Whether none of some moves is banned or excluded by another of them."""
    names = {part.name for part in bundle}
    return not names & set(plant.banned) and not names & set(against)


def tied(plant: Plant, move: Move, only_with: Sequence[str], not_with: Sequence[str]) -> Move | None:
    """A move of a family made together with the own moves that its family goes only with, at the cost of all; None where they exclude
    each other or are banned.
    """
    if not only_with and not not_with:
        return move
    bundle = bundle_of(plant, [plant.moves[name] for name in only_with])
    against = {*not_with, *(name for part in bundle for name in part.not_with)}
    if not may_go_together(plant, bundle, against) or against & {move.name, move.family, move.title}:
        return None
    usual = usual_of(plant, OWN, Usual())
    names = tuple(part.name for part in bundle)
    whole = replace(
        move,
        title=move.title + (f" with {' and '.join(names)}" if bundle else ""),
        capital=_total([move.capital, *(_with_training(plant, part) for part in bundle)]),
        yearly=_total([move.yearly, *(part.cost_per_year for part in bundle)]),
        lead_time=_longest([move.lead_time, *(part.lead_time for part in bundle)]),
        ramp_up=_longest([move.ramp_up, *(part.ramp_up for part in bundle)]),
        training=move.training + sum(part.training for part in bundle),
        note=f"not with {', '.join(sorted(against))}" if against else move.note,
        needs=(*move.needs, *(name for name in names if name not in move.needs)),
        excludes=(*move.excludes, *(name for name in sorted(against) if name not in move.excludes)),
    )
    return _together(whole, [*(_one(plant, part, usual) for part in reversed(bundle)), move])


def bundle_of(plant: Plant, first: Sequence[OwnMove]) -> list[OwnMove]:
    """Moves with all that they go only with, themselves first."""
    found = list(first)
    for part in found:
        for name in part.only_with:
            other = plant.moves.get(name)
            if other is not None and other not in found:
                found.append(other)
    return found


def _total(amounts: Sequence[float | None]) -> float | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known) if known else None


def _longest(times: Any) -> float | None:
    return max((time for time in times if time is not None), default=None)


FAMILIES = (Family(OWN, own_moves, True),)
