"""From a study to the moves that a roadmap chooses from: what each costs, needs and excludes, and what it was measured to bring."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from plantwright.errors import InputError, Place
from plantwright.errors import Problem as Wrong
from plantwright.improvement.roadmap.problem import Candidate, Floats
from plantwright.improvement.study import Move, RankedMove, Study
from plantwright.plant.document import segments
from plantwright.simulation.economics import YEAR

QUARTER = YEAR / 4
MONEY = "contribution"


@dataclass(frozen=True, eq=False)
class Measured:
    """A move that a roadmap may hold.

    ``gains``: money a year that it brings in each replication, its own yearly cost not gone off, beyond what the move that it is ``based``
    on brings; ``sales``: pieces a working day more, in the same replications (None where they cannot be added up). ``belief``: by what its
    gain is multiplied in each way that it may turn out.
    """

    move: Move
    ranked: RankedMove
    candidate: Candidate
    gains: Floats
    sales: Floats | None
    based: str | None = None
    belief: tuple[float, ...] = (1.0,)


def chosen_from(
    study: Study,
    wanted: Collection[str],
    banned: Collection[str],
    effort: Mapping[str, float],
) -> tuple[tuple[Measured, ...], dict[str, str]]:
    """The moves of a study that can stand on a roadmap, and why the others cannot.

    Raises InputError for names in `wanted`, `banned` or `effort` that are not moves of the study, and for wanted moves that cannot be told.
    """
    _known(study, wanted, banned, effort)
    left_out: dict[str, str] = {}
    kept: list[RankedMove] = []
    for item in study.moves:
        why = _unfit(item, banned)
        if why:
            left_out[item.move.name] = why
        else:
            kept.append(item)
    missing = [name for name in wanted if name in left_out]
    if missing:
        raise InputError(
            Wrong("PW4082", Place(), f"with {name}", f"cannot stand on a roadmap: {left_out[name]}", name)
            for name in missing
        )
    return tuple(_measured(item, kept, wanted, effort) for item in kept), left_out


def _known(study: Study, wanted: Iterable[str], banned: Iterable[str], effort: Iterable[str]) -> None:
    from plantwright.plant.readers import nearest

    names = [item.move.name for item in study.moves]
    wrong = [
        Wrong(
            "PW4081",
            Place(),
            f"{word} {name}",
            "no such move in the study; 'improve PLANT --all' lists them",
            name,
            nearest(name, names),
        )
        for word, given in (("with", wanted), ("ban", banned), ("effort", effort))
        for name in given
        if name not in names
    ]
    wrong += [
        Wrong("PW4082", Place(), f"with {name}", "is wanted and banned", name) for name in wanted if name in set(banned)
    ]
    if wrong:
        raise InputError(wrong)


def _unfit(item: RankedMove, banned: Collection[str]) -> str:
    if item.move.name in banned or item.move.title in banned:
        return "banned"
    if MONEY not in item.released:
        return item.ground or "what it brings in money is not known"
    if item.spends and item.move.capital is None and item.move.yearly is None and not item.wages:
        return "no price: what it costs is not known"
    return ""


def _measured(
    item: RankedMove, kept: Sequence[RankedMove], wanted: Collection[str], effort: Mapping[str, float]
) -> Measured:
    move = item.move
    money = np.array(item.released[MONEY].values) + (move.yearly or 0.0)
    sales = np.array(item.released["sales"].values) if "sales" in item.released else None
    capital, yearly = move.capital or 0.0, move.yearly or 0.0
    # What a move needs is in its own edits, money and gain; on a roadmap it is bought by itself, and this move is what comes on top.
    based = _needed(move, kept)
    if based is not None:
        n = min(len(money), len(based.released[MONEY].values))
        money = money[:n] - (np.array(based.released[MONEY].values[:n]) + (based.move.yearly or 0.0))
        if sales is not None and "sales" in based.released:
            sales = sales[:n] - np.array(based.released["sales"].values[:n])
        capital = max(0.0, capital - (based.move.capital or 0.0))
        yearly -= based.move.yearly or 0.0
    excluded = [other.move.name for other in kept if other is not item and _cannot_both(item, other, kept)]
    shares = move.belief.shares if move.belief is not None and not item.shares.get("belief") else ()
    middle = sum(shares) / len(shares) if shares else 0.0
    return Measured(
        move=move,
        ranked=item,
        candidate=Candidate(
            name=move.name,
            capital=capital,
            yearly=yearly,
            lead_time=(move.lead_time or 0.0) / QUARTER,
            ramp_up=(move.ramp_up or 0.0) / QUARTER,
            effort=effort.get(move.name, 1.0),
            needs=(based.move.name,) if based is not None else (),
            excludes=tuple(excluded),
            required=move.name in wanted,
        ),
        gains=money,
        sales=sales,
        based=based.move.name if based is not None else None,
        belief=tuple(share / middle for share in shares) if middle else (1.0,),
    )


def _needed(move: Move, kept: Sequence[RankedMove]) -> RankedMove | None:
    """The one move whose edits stand in this one's because it goes only with it; None where it is a bundle that is bought as one."""
    inside = [item for item in kept if item.move.name in move.needs and _within(item.move, move)]
    widest = [item for item in inside if all(_within(other.move, item.move) for other in inside)]
    return widest[0] if widest and len(inside) == len(move.needs) else None


def _within(small: Move, large: Move) -> bool:
    return all(path in large.edits and large.edits[path] == value for path, value in small.edits.items())


def _cannot_both(one: RankedMove, other: RankedMove, kept: Sequence[RankedMove]) -> bool:
    """Whether two moves exclude each other: they say so, one is a part of the other, or they give a path of the plant file two values."""
    for a, b in ((one.move, other.move), (other.move, one.move)):
        if {b.name, b.title, b.family} & set(a.excludes):
            return True
        if b.name in a.needs and _needed(a, kept) is not None:
            return False
    return _within(one.move, other.move) or _within(other.move, one.move) or conflict(one.move, other.move)


def conflict(one: Move, other: Move) -> bool:
    """Whether two moves change the same path of the plant file to other values, or one changes what lies within what the other changes."""
    for path, value in one.edits.items():
        words = segments(path)
        for there, wanted in other.edits.items():
            others = segments(there)
            shorter = min(len(words), len(others))
            if words[:shorter] == others[:shorter] and not (words == others and value == wanted):
                return True
    return False


def edits_of(moves: Iterable[Move]) -> dict[str, object]:
    """The edits of several moves that go together."""
    made: dict[str, object] = {}
    for move in moves:
        made |= move.edits
    return made


def without_lead(candidate: Candidate) -> Candidate:
    """A move whose ramp-up is a step in its middle, as it is simulated: it brings as much, all at once."""
    return replace(candidate, lead_time=candidate.lead_time + candidate.ramp_up / 2, ramp_up=0.0)
