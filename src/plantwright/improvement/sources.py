"""Where the uncertainty of a move's effect comes from: the luck of the run, what records know, belief in the effect, demand."""

from __future__ import annotations

from dataclasses import replace

from plantwright.errors import PlantError, SimulationError
from plantwright.improvement.bench import Bench
from plantwright.improvement.outlook import first_moves
from plantwright.improvement.ranking import OF, Base, main_effect
from plantwright.improvement.selection import split
from plantwright.improvement.study import Measure, Move, RankedMove
from plantwright.plant.plant import Plant
from plantwright.simulation.uncertainty import DEMAND_RATE, TOGETHER, Seeds, uncertain_numbers

ASKED = 3
"""Of so many of the first moves it is asked."""
_ELSEWHERE = 0x2545F4914F6CDD1D
"""By how much the seed of what is drawn anew is moved."""


def sources_of(plant: Plant, move: Move) -> tuple[str, ...]:
    """What a move's effect in a plant may owe its variance to; luck first."""
    uncertain = uncertain_numbers(plant)
    found = ["luck"]
    if any(not path.endswith(DEMAND_RATE) for path in uncertain):
        found.append("records")
    if move.belief is not None:
        found.append("belief")
    if any(path.endswith(DEMAND_RATE) for path in uncertain):
        found.append("demand")
    return tuple(found)


def with_sources(bench: Bench, base: Base, moves: tuple[RankedMove, ...], by: Measure) -> tuple[RankedMove, ...]:
    """The first moves with the shares of the variance of their effects (`selection.split`): each source is drawn anew, all else kept.

    Raises Stopped.
    """
    told = list(moves)
    for i in first_moves(moves, by, ASKED):
        move = moves[i].move
        sources = sources_of(base.plant, move)
        if len(sources) == 1:
            told[i] = replace(moves[i], shares={"luck": 1.0})
            continue
        values = {source: _effects(bench, base, move, by, Seeds(**{source: _ELSEWHERE})) for source in sources}
        as_it_is = _effects(bench, base, move, by, TOGETHER)
        known = {source: made for source, made in values.items() if made is not None}
        if as_it_is is not None and len(known) == len(sources):
            told[i] = replace(moves[i], shares=dict(split(as_it_is, known).shares))
    return tuple(told)


def _effects(bench: Bench, base: Base, move: Move, by: Measure, seeds: Seeds) -> tuple[float, ...] | None:
    """The effect in each replication with these seeds."""
    saturated = OF[by][0] == "saturated"
    try:
        runs = []
        for moves in ((), (move,)):
            trial = bench.trial(base.plant, saturated=saturated, moves=moves, seeds=seeds)
            runs.append(bench.tried(trial, bench.replications))
            trial.forget_plants()
    except (PlantError, SimulationError):
        return None
    before, after = runs
    then = replace(base, saturated=before) if saturated else replace(base, released=before)
    made = main_effect(move, after, then, by)
    return None if made is None else made.values
