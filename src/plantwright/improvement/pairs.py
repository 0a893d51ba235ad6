"""Moves made together: the best pair is not always that of the two best moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations

from plantwright.errors import PlantError, SimulationError
from plantwright.improvement.bench import Bench, edits_of
from plantwright.improvement.contest import Contender, Contest, held
from plantwright.improvement.ranking import OF, Base, main_effect
from plantwright.improvement.study import OWN, Limit, Measure, Move, Pair, Probe, RankedMove
from plantwright.simulation.run import Estimate
from plantwright.simulation.statistics import estimate

BEST, BESIDE, MOST = 5, 5, 40
"""Pairs are made of so many of the best moves, and so many that may help only beside others; at most so many pairs."""
TOLD = 3


def together(first: Move, second: Move) -> Move | None:
    """Two moves as one; None where they cannot be made together."""
    if first.edits.keys() & second.edits.keys() or excluded(first, second):
        return None
    return Move(
        name=f"{first.name} + {second.name}",
        family="pair",
        title=f"{first.title} and {second.title}",
        edits=edits_of([first, second]),
        capital=_sum(first.capital, second.capital),
        yearly=_sum(first.yearly, second.yearly),
        lead_time=max(first.lead_time or 0.0, second.lead_time or 0.0),
        ramp_up=max(first.ramp_up or 0.0, second.ramp_up or 0.0),
        training=first.training + second.training,
    )


def excluded(first: Move, second: Move) -> bool:
    """Whether one of two moves, its family or its title, is excluded by the other."""
    return any(
        {other.name, other.family, other.title} & set(move.excludes)
        for move, other in ((first, second), (second, first))
    )


def _sum(first: float | None, second: float | None) -> float | None:
    known = [amount for amount in (first, second) if amount is not None]
    return sum(known) if known else None


def pool_of(moves: Sequence[RankedMove], limit: Limit, probes: Sequence[Probe]) -> list[Move]:
    """Of which moves pairs are made: the best, of each subject and family one, and those on what binds beside the limit or after it.

    What binds beside it are those tied with it, what relief shows to come next, and what was found to bind once a move is made.
    """
    best: dict[tuple[str, str], Move] = {}
    for item in moves:
        if item.verdict in ("do now", "if you spend"):
            best.setdefault(_kind(item.move), item.move)
    chosen = list(best.values())[:BEST]
    next_ones = [limit.subject, *limit.tied_with, *(item.next_limit for item in moves if item.next_limit)]
    near = dict.fromkeys([*next_ones, *(item.subject for item in probes[:3])])
    beside: dict[tuple[str, str], Move] = {}
    for subject in near:
        for item in moves:
            if _subject(item.move) == subject and item.move not in chosen:
                beside.setdefault(_kind(item.move), item.move)
    ordered = sorted(beside.values(), key=lambda move: (move.family not in _WHOLE, move.capital or 0.0))
    return chosen + ordered[:BESIDE]


_WHOLE = ("add a machine", "one more person", OWN)
"""Families that relieve a thing altogether are tried beside others first."""


def _kind(move: Move) -> tuple[str, str]:
    """Moves of one kind on one thing are tried beside others once; each of the user's own is a kind of its own."""
    return (move.family, _subject(move)) if move.family != OWN else (move.family, move.name)


def _subject(move: Move) -> str:
    return move.subject.get("work center") or move.subject.get("crew") or ""


def best_pairs(
    bench: Bench,
    extended: Callable[[int], Base],
    moves: Sequence[RankedMove],
    by: Measure,
    limit: Limit,
    probes: Sequence[Probe],
    enough: Callable[[], bool] | None = None,
) -> tuple[Pair, ...]:
    """The best pairs of moves, each with how much more it brings than both alone; `extended` gives the plant as it is with so many
    replications. Raises Stopped.
    """
    base = extended(bench.replications)
    contenders = _contenders(bench, base, pool_of(moves, limit, probes))
    if not contenders:
        return ()
    contest = Contest(bench, base.plant, by, contenders, base=extended)
    selection, _ = held(
        contest, probability=0.95, zone=None, first=2, budget=4 * len(contenders) + 4 * bench.replications,
        enough=enough, scale=1.0,
    )  # fmt: skip
    if selection is None:
        return ()
    sign = OF[by][2]
    base = extended(bench.replications)
    means = {
        number: sign * made.mean
        for number, run in contest.runs.items()
        if (made := main_effect(contest.contenders[number - 1].move, run, base, by)) is not None
    }
    order = sorted(means, key=lambda number: (-contest.runs[number].replications, -means[number]))
    first = [_pair(bench, base, contenders[number - 1], by) for number in order[: TOLD + 2]]
    pairs = [pair for pair in first if pair is not None]
    return tuple(sorted(pairs, key=lambda pair: -sign * pair.effect.mean)[:TOLD])


def _contenders(bench: Bench, base: Base, pool: Sequence[Move]) -> list[Contender]:
    found: list[Contender] = []
    for first, second in combinations(pool, 2):
        both = together(first, second)
        if both is None or len(found) >= MOST:
            continue
        try:
            plant = bench.changed(both.edits, base.plant)
        except PlantError:
            continue
        found.append(Contender(both, plant, True, parts=(first, second)))
    return found


def _pair(bench: Bench, base: Base, item: Contender, by: Measure) -> Pair | None:
    """A pair and both of its moves in full."""
    saturated = OF[by][0] == "saturated"
    effects: list[Estimate] = []
    for moves, told in ((item.parts, item.move), *(((part,), part) for part in item.parts)):
        try:
            run = bench.tried(bench.trial(base.plant, saturated=saturated, moves=moves), bench.replications)
        except (PlantError, SimulationError):
            return None
        made = main_effect(told, run, base, by)
        if made is None:
            return None
        effects.append(made)
    whole, first, second = effects
    n = min(len(made.values) for made in effects)
    more = [w - a - b for w, a, b in zip(whole.values[:n], first.values[:n], second.values[:n], strict=True)]
    beyond = estimate(whole.name, whole.of, whole.unit, more, base.level)
    return Pair(item.parts[0].name, item.parts[1].name, whole, beyond)


def is_surprising(pairs: Sequence[Pair], moves: Sequence[RankedMove]) -> bool:
    """Whether the best pair is not that of the two best moves that can be made together."""
    ranks: Mapping[str, int] = {item.move.name: item.rank for item in moves}
    return bool(pairs) and {ranks.get(pairs[0].first), ranks.get(pairs[0].second)} != {1, 2}
