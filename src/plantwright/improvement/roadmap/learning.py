"""The sum of the parts, held against the engine; and what is learnt where they differ."""

from __future__ import annotations

from collections.abc import Sequence
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
NEARLY = 0.005
"""What a run brings beyond its parts is learnt where it is more than this share of its net present value."""
PRECISE = 10
"""So many replications of moves together are enough to learn from; a study has as many of most moves alone."""
SIZE = 0.25
"""Moves are of about one size where the smallest brings at least this share of the largest."""
LEVEL = 0.75
"""Moves of a group that bring less than this share of its largest are asked what they relieve by themselves."""
MOST_PAIRS = 60
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


def learn(
    parts: Parts, problem: Problem, starts: Starts, simulated: Simulated, sequences: Sequences
) -> tuple[str, ...]:
    """Learn from a simulated sequence what sets of its moves bring beyond the sum of the parts; what was learnt, in words.

    Stage by stage, so that a set is told from what was in force before. What the moves of a stage bring is measured as that of each alone is,
    in a plant that has them from the first day on: a stage of the run holds what is worked off once, too. Where a stage brings less than
    thought, it is asked first which of its moves relieve the same thing; what then remains belongs to the moves that bring nearly all.
    What the run has beyond all that belongs to those of its last stage.
    """
    said: list[str] = []
    before: set[str] = set()
    for stage in simulated.stages:
        if not stage.moves or stage.end - stage.begin < SHORT:
            continue
        found = float(sequences.together(stage.moves, PRECISE).mean())
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
    return (*said, *_on_the_way(parts, problem, starts, simulated))


def _on_the_way(parts: Parts, problem: Problem, starts: Starts, simulated: Simulated) -> list[str]:
    """What a run brings beyond its parts in the mean of its quarters, as money a year of the moves that bring nearly all in its last stage."""
    thought, found = values(problem, parts, starts, simulated)
    last = simulated.stages[last_stage(simulated.stages, SHORT)]
    more = float(found.mean()) - thought
    if not last.moves or abs(more) <= NEARLY * abs(float(found.mean())):
        return []
    core = parts.core(last.moves)
    years = _years(problem, simulated, core)
    return [parts.add(core, more / years)] if years > 0 else []


def _years(problem: Problem, simulated: Simulated, core: Sequence[str]) -> float:
    """The discounted years in which all of these moves are in force in a run, those after its last quarter included."""
    weights = problem.weights
    held = [stage for stage in simulated.stages if set(core) <= set(stage.moves)]
    within = sum(
        float(weights[q]) * max(0.0, min(stage.end, q + 1.0) - max(stage.begin, float(q)))
        for stage in held
        for q in range(problem.quarters)
    )
    return within + float(weights[-1])


def alike(parts: Parts, sequences: Sequences, made: Sequence[str], least: float, widely: bool = False) -> list[str]:
    """Which moves relieve the same thing, and what they bring together: those of about one size are measured all together, and, where that
    does not tell, each with the largest of each group so far. Within a group those that bring much less than its largest may relieve
    something of their own first.

    Those that exclude each other are never made together, so that nothing is asked of them. `widely`: other moves are measured with
    the largest of each group, too.
    """
    alone, apart = parts.alone(), excluded(parts)
    pays = {item.move.name for item in parts.moves if item.gains.mean() > 0}
    names = sorted(
        (name for name in made if alone[name] > least and name in pays), key=lambda name: (-alone[name], name)
    )
    said: list[str] = []
    heads: list[str] = []
    _nested(parts, sequences, names, least, apart, said, heads)
    for item in parts.moves if widely else ():
        # What makes no more of anything may still spoil it: a higher price, where more could be sold.
        name = item.move.name
        if alone[name] <= least < float(item.gains.mean()):
            for head in heads:
                if frozenset((head, name)) not in apart:
                    said += _pair(parts, sequences, head, name)
    return said


def _nested(
    parts: Parts,
    sequences: Sequences,
    names: Sequence[str],
    least: float,
    apart: set[frozenset[str]],
    said: list[str],
    heads: list[str],
) -> None:
    """Groups of moves, the largest first in `names`, then groups within each; the largest of each group to `heads`."""
    alone = parts.alone()
    for cluster in _clusters(parts, sequences, names, least, apart, said):
        if len(cluster) < 2:
            continue
        heads.append(cluster[0])
        parts.widen(cluster)
        inner = [name for name in cluster if alone[name] < LEVEL * alone[cluster[0]]]
        top = [name for name in cluster if name not in inner]
        known = frozenset[str]().union(*parts.clusters)
        if len(top) > 1 and known.isdisjoint(top):
            parts.clusters.append(frozenset(top))
        if len(inner) > 1:
            _nested(parts, sequences, inner, least, apart, said, heads)


def _clusters(
    parts: Parts, sequences: Sequences, names: Sequence[str], least: float, apart: set[frozenset[str]], said: list[str]
) -> list[list[str]]:
    """Groups of moves that relieve the same thing, the largest first in each."""
    alone = parts.alone()
    whole = _whole(parts, names, apart)
    clusters: list[list[str]] = []
    if len(whole) > 2:
        sold = _sold_together(parts, sequences, whole)
        if ALIKE * alone[whole[0]] < sold <= alone[whole[0]] + ALIKE * alone[whole[-1]]:
            same = [name for name in names if alone[name] >= alone[whole[-1]] and not _lowers(parts, name)]
            parts.group(same, sold)
            said.append(f"{' + '.join(sorted(same))}: at most {sold:.4g} a year by selling more")
            clusters.append(same)
    settled = {name for cluster in clusters for name in cluster}
    for name in names:
        if name in settled:
            continue
        for cluster in clusters:
            if frozenset((cluster[0], name)) in apart:
                continue
            said += _pair(parts, sequences, cluster[0], name)
            if _shares(parts, cluster[0], name):
                cluster.append(name)
                break
        else:
            clusters.append([name])
    return clusters


def _whole(parts: Parts, names: Sequence[str], apart: set[frozenset[str]]) -> list[str]:
    """Of moves, the largest first, those of about one size that can all be made together."""
    alone = parts.alone()
    whole: list[str] = []
    for name in names:
        about = not whole or alone[name] >= SIZE * alone[whole[0]]
        if about and not _lowers(parts, name) and not any(frozenset((name, other)) in apart for other in whole):
            whole.append(name)
    return whole


def _lowers(parts: Parts, name: str) -> bool:
    """Whether less is asked where a move is in force."""
    return parts.could((name,)) < parts.could(()) - 1e-9 * abs(parts.could(()))


def _sold_together(parts: Parts, sequences: Sequences, names: Sequence[str]) -> float:
    """What moves bring together by selling more, as simulated: what they bring otherwise adds up."""
    other = sum(float(parts.effects.other[0, j]) for j, item in enumerate(parts.moves) if item.move.name in names)
    return float(sequences.together(names, PRECISE).mean()) - other


def excluded(parts: Parts) -> set[frozenset[str]]:
    """The pairs of moves that exclude each other."""
    return {frozenset((item.move.name, other)) for item in parts.moves for other in item.candidate.excludes}


def _shares(parts: Parts, one: str, other: str) -> bool:
    """Whether two moves bring together, by selling more, hardly more than the larger alone."""
    alone = parts.alone()
    smaller = min(alone[one], alone[other])
    together = min(parts.sells((one, other)), parts.could((one, other)))
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
