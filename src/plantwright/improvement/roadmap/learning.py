"""The sum of the parts, held against the engine; and what is learnt where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

import numpy as np

from plantwright.improvement.ranking import NEGLIGIBLE
from plantwright.improvement.roadmap.candidates import without_lead
from plantwright.improvement.roadmap.cash import Starts, capital, cash, yearly_costs
from plantwright.improvement.roadmap.parts import ALIKE, Parts, by_parts, last_stage
from plantwright.improvement.roadmap.problem import Floats, Problem
from plantwright.improvement.roadmap.sequence import Sequences, Simulated
from plantwright.improvement.study import Study
from plantwright.simulation.statistics import chance_positive

SHORT = 0.5
"""A stage of fewer quarters says too little to learn from."""
FEW = 8
"""Of so many moves all pairs are measured; of more, those that the study measured."""
SMALL = 0.05
"""Of moves that bring less than this share of the largest it is not asked which relieve the same thing, before they are chosen."""
SURE = 0.9
"""The chance that a move brings anything, below which it is left out."""
WORTH_LEARNING = 0.002
"""What a stage brings more or less than thought is learnt where it is more than this share of all that its moves bring."""
PRECISE = 10
"""So many replications of moves together are enough to learn from; a study has as many of most moves alone."""
MOST_PAIRS = 40
"""So many pairs are measured by themselves at most, to tell which moves of a larger set it is that do not add up."""


def values(problem: Problem, parts: Parts, starts: Starts, simulated: Simulated) -> tuple[float, Floats]:
    """The net present value of a plan by the sum of its parts, and as simulated in each replication.

    `problem` has one scenario, all as given. After the last quarter both go on as the parts say, the simulated one by as much above or below
    as it was in the last stage.
    """
    stages = simulated.stages
    weights = problem.weights
    steps = replace(problem, moves=tuple(without_lead(move) for move in problem.moves))
    after = float(cash(steps, starts)[0, -1] + yearly_costs(steps, starts)[-1]) * float(weights[-1])
    yearly = float(yearly_costs(problem, starts) @ weights)
    factors = (1 + problem.discount) ** -np.arange(float(problem.quarters))
    paid = float(capital(problem, starts) @ factors) + yearly
    thought = float(4 * by_parts(parts, stages, problem.quarters) @ weights[:-1]) + after - paid
    last = last_stage(stages, SHORT)
    above = simulated.by_stage[:, last] - parts.brings(stages[last].moves)
    found: Floats = 4 * simulated.quarters @ weights[:-1] + after + above * float(weights[-1]) - paid
    return thought, found


def learn(parts: Parts, simulated: Simulated, sequences: Sequences, force_from: Mapping[str, float]) -> tuple[str, ...]:
    """Learn from a simulated sequence what sets of its moves bring beyond the sum of the parts; what was learnt, in words.

    Stage by stage, so that a set is told from what was in force before. Where a stage brings less than thought, it is asked first
    which of its moves relieve the same thing; what then remains belongs to the moves that bring nearly all.
    """
    said: list[str] = []
    before: set[str] = set()
    for k, stage in enumerate(simulated.stages):
        if not stage.moves or stage.end - stage.begin < SHORT:
            continue
        found = float(simulated.by_stage[:, k].mean())
        least = WORTH_LEARNING * parts.scale(stage.moves)
        if len(stage.moves) > 2 and found - parts.brings(stage.moves) < -5 * least:
            said += alike(parts, sequences, stage.moves, least)
        rest = found - parts.brings(stage.moves)
        if abs(rest) > least:
            core = parts.core(stage.moves)
            # What is learnt of this stage must say nothing of those before it.
            new = [name for name in stage.moves if name not in before]
            if before and new and not set(core).intersection(new):
                core = (*core, max(new, key=parts.size))
            said.append(parts.learn(core, rest))
        before = set(stage.moves)
    return tuple(said)


def alike(parts: Parts, sequences: Sequences, made: Sequence[str], least: float, widely: bool = False) -> list[str]:
    """Which moves relieve the same thing, and what they bring together: each is measured with the largest of each group so far.

    Those that exclude each other are never made together, so that nothing is asked of them. `widely`: other moves are measured with
    the largest group, too.
    """
    alone, apart = parts.alone(), excluded(parts)
    said: list[str] = []
    clusters: list[list[str]] = []
    for name in sorted((name for name in made if alone[name] > least), key=lambda name: (-alone[name], name)):
        for cluster in clusters:
            if frozenset((cluster[0], name)) in apart:
                continue
            said += _pair(parts, sequences, cluster[0], name)
            if _shares(parts, cluster[0], name):
                cluster.append(name)
                break
        else:
            clusters.append([name])
    known = frozenset[str]().union(*parts.clusters)
    parts.clusters += [frozenset(cluster) for cluster in clusters if len(cluster) > 1 and known.isdisjoint(cluster)]
    for cluster in clusters:
        whole: list[str] = []
        for name in cluster:
            if not any(frozenset((name, other)) in apart for other in whole):
                whole.append(name)
        key = frozenset(whole)
        if len(whole) > 2 and key not in parts.pairs:
            parts.pairs.add(key)
            more = float(sequences.together(whole, PRECISE).mean()) - parts.brings(whole)
            if abs(more) > least:
                said.append(parts.learn(whole, more))
    head = max(clusters, key=len, default=[])
    for item in parts.moves if widely else ():
        # What makes no more of anything may still spoil it: a higher price, where more could be sold.
        name = item.move.name
        if head and alone[name] <= least < abs(float(item.gains.mean())) and frozenset((head[0], name)) not in apart:
            said += _pair(parts, sequences, head[0], name)
    return said


def excluded(parts: Parts) -> set[frozenset[str]]:
    """The pairs of moves that exclude each other."""
    return {frozenset((item.move.name, other)) for item in parts.moves for other in item.candidate.excludes}


def _shares(parts: Parts, one: str, other: str) -> bool:
    """Whether two moves bring together, by selling more, hardly more than the larger alone."""
    alone = parts.alone()
    smaller = min(alone[one], alone[other])
    together = min(parts.sells((one, other)), float(parts.effects.ceiling[0]))
    return together <= alone[one] + alone[other] - ALIKE * smaller


def learn_pairs(parts: Parts, study: Study, sequences: Sequences) -> tuple[str, ...]:
    """What pairs of moves bring beyond the sum of both: of those that the study tells of, and of all of a few moves; in words. Of more
    moves it is asked which relieve the same thing.

    The study tells of a pair what it is worth today, with the longer of both lead times; here it is measured by the year.
    """
    said: list[str] = []
    names = [item.move.name for item in parts.moves]
    for pair in study.pairs:
        if {pair.first, pair.second} <= set(names):
            said += _pair(parts, sequences, pair.first, pair.second)
    if len(names) <= FEW:
        apart = excluded(parts)
        for k, one in enumerate(names):
            for other in names[k + 1 :]:
                if frozenset((one, other)) not in apart:
                    said += _pair(parts, sequences, one, other)
    else:
        said += alike(parts, sequences, names, SMALL * max(parts.alone().values(), default=0.0), widely=True)
    return tuple(said)


def worth_considering(parts: Parts, study: Study) -> dict[str, str]:
    """The moves that bring nothing by themselves, as far as can be told, nor with another, with why they are left out."""
    helped = {name for names, selling, other in parts.learnt if selling + other > 0 for name in names}
    needed = {name for item in parts.moves for name in item.candidate.needs}
    least = NEGLIGIBLE * abs(study.baseline.estimate("contribution").mean)
    left_out = {}
    for item in parts.moves:
        found = item.ranked.released["contribution"]
        mean = float(item.gains.mean())
        sure = chance_positive(replace(found, mean=mean, values=tuple(item.gains)))
        named = item.move.name in helped | needed or item.candidate.required
        if not named and (mean <= least or sure < SURE):
            left_out[item.move.name] = "by itself it brings nothing that can be told from luck"
    return left_out


def _pair(parts: Parts, sequences: Sequences, one: str, other: str) -> list[str]:
    """What two moves bring together beyond the sum of both, where that is more than luck."""
    key = frozenset((one, other))
    by_name = {item.move.name: item for item in parts.moves}
    if key in parts.pairs or len(parts.pairs) >= MOST_PAIRS or by_name[one].based or by_name[other].based:
        return []
    parts.pairs.add(key)
    n = min(PRECISE, sequences.replications, len(by_name[one].gains), len(by_name[other].gains))
    both = sequences.together((one, other), n)
    # The yearly costs of moves stand neither in the plant nor in these gains.
    more = both[:n] - by_name[one].gains[:n] - by_name[other].gains[:n]
    error = float(more.std(ddof=1)) / n**0.5 if n > 1 else 0.0
    thought = parts.brings((one, other)) - parts.brings((one,)) - parts.brings((other,))
    amount = float(more.mean()) - thought
    return [parts.learn((one, other), amount)] if abs(amount) > max(2 * error, 1e-9) else []
