"""The sum of the parts, held against the engine; and what is learnt where they differ."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np

from plantwright.improvement.ranking import NEGLIGIBLE
from plantwright.improvement.roadmap.candidates import Measured, without_lead
from plantwright.improvement.roadmap.cash import Starts, capital, cash, yearly_costs
from plantwright.improvement.roadmap.problem import Floats, Problem, Together
from plantwright.improvement.roadmap.scenarios import Effects
from plantwright.improvement.roadmap.sequence import Sequences, Simulated, Stage
from plantwright.improvement.study import Study
from plantwright.simulation.statistics import chance_positive

SHORT = 0.5
"""A stage of fewer quarters says too little to learn from."""
FEW = 8
"""Of so many moves all pairs are measured; of more, those that the study measured."""
SURE = 0.9
"""The chance that a move brings anything, below which it is left out."""
WORTH_LEARNING = 0.002
"""What a stage brings more or less than thought is learnt where it is more than this share of all that its moves bring."""
CORE = 0.9
"""The moves that bring so much of all that a set brings are what is learnt about."""
MOST_PAIRS = 40
"""So many pairs are measured by themselves at most, to tell which moves of a larger set it is that do not add up."""


@dataclass
class Parts:
    """What moves bring by themselves, all as given, and what was learnt of sets of them."""

    moves: Sequence[Measured]
    effects: Effects
    learnt: list[tuple[tuple[str, ...], float, float]] = field(default_factory=list)
    pairs: set[frozenset[str]] = field(default_factory=set)

    def of(self, moves: Sequence[Measured], effects: Effects) -> Parts:
        """What was learnt of these moves alone."""
        names = {item.move.name for item in moves}
        kept = [item for item in self.learnt if names.issuperset(item[0])]
        return Parts(moves, effects, kept, self.pairs)

    def brings(self, made: Sequence[str]) -> float:
        """Money a year of moves that are all in force, by the sum of the parts."""
        chosen = set(made)
        sold = other = 0.0
        for j, item in enumerate(self.moves):
            if item.move.name in chosen:
                sold += self.effects.selling[0, j]
                other += self.effects.other[0, j]
        for names, selling, rest in self.learnt:
            if chosen.issuperset(names):
                sold += selling
                other += rest
        return float(min(sold, self.effects.ceiling[0]) + other)

    def scale(self, made: Sequence[str]) -> float:
        """The sum of what each brings, whatever its sign."""
        return sum(abs(float(item.gains.mean())) for item in self.moves if item.move.name in made)

    def core(self, made: Sequence[str]) -> tuple[str, ...]:
        """Of moves in force those that bring nearly all: what does not add up is theirs, and not of one that hardly does anything, without
        which the programme would only seem to be rid of it.
        """
        size = {item.move.name: abs(float(item.gains.mean())) for item in self.moves if item.move.name in made}
        whole, covered = sum(size.values()), 0.0
        kept: list[str] = []
        for name in sorted(size, key=lambda name: -size[name]):
            if kept and covered >= CORE * whole:
                break
            kept.append(name)
            covered += size[name]
        return tuple(kept)

    def learn(self, names: Sequence[str], amount: float) -> str:
        """Moves in force together bring so much more than thought; says so in words."""
        names = tuple(sorted(names))
        before = self.brings(names)
        self.learnt.append((names, amount, 0.0))
        # Where demand is met already, more by selling changes nothing; what was simulated is then counted as it is.
        if abs(self.brings(names) - before - amount) > 0.01 * abs(amount):
            self.learnt[-1] = (names, 0.0, amount)
        return f"{' + '.join(names)}: {amount:+.4g} a year"

    def together(self, scenarios: int) -> tuple[Together, ...]:
        """What was learnt, as the programme takes it; the same in every scenario."""
        return tuple(
            Together(names, np.full(scenarios, other), np.full(scenarios, selling))
            for names, selling, other in self.learnt
        )


def by_parts(parts: Parts, stages: Sequence[Stage], quarters: int) -> Floats:
    """Money in each quarter by the sum of the parts."""
    made = np.zeros(quarters)
    for stage in stages:
        brings = parts.brings(stage.moves)
        for q in range(quarters):
            made[q] += brings * max(0.0, min(stage.end, q + 1.0) - max(stage.begin, float(q))) / 4
    return made


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
    long_enough = [k for k, stage in enumerate(stages) if stage.end - stage.begin >= SHORT] or [len(stages) - 1]
    last = long_enough[-1]
    above = simulated.by_stage[:, last] - parts.brings(stages[last].moves)
    found: Floats = 4 * simulated.quarters @ weights[:-1] + after + above * float(weights[-1]) - paid
    return thought, found


def learn(parts: Parts, simulated: Simulated, sequences: Sequences, force_from: Mapping[str, float]) -> tuple[str, ...]:
    """Learn from a simulated sequence what sets of its moves bring beyond the sum of the parts; what was learnt, in words.

    Stage by stage, so that a set is told from what was in force before. Of sets of three and more the pairs that the new moves make are
    measured first, as it is mostly two moves that do not add up; what then remains belongs to the set.
    """
    said: list[str] = []
    before: set[str] = set()
    for k, stage in enumerate(simulated.stages):
        if not stage.moves or stage.end - stage.begin < SHORT:
            continue
        found = float(simulated.by_stage[:, k].mean())
        least = WORTH_LEARNING * parts.scale(stage.moves)
        if len(stage.moves) > 2 and abs(found - parts.brings(stage.moves)) > 5 * least:
            for one in sorted(set(stage.moves) - before):
                for other in sorted(set(stage.moves) - {one}):
                    said += _pair(parts, sequences, one, other)
        rest = found - parts.brings(stage.moves)
        if abs(rest) > least:
            said.append(parts.learn(parts.core(stage.moves), rest))
        before = set(stage.moves)
    return tuple(said)


def learn_pairs(parts: Parts, study: Study, sequences: Sequences) -> tuple[str, ...]:
    """What pairs of moves bring beyond the sum of both: of those that the study tells of, and of all of a few moves; in words.

    The study tells of a pair what it is worth today, with the longer of both lead times; here it is measured by the year.
    """
    said: list[str] = []
    names = [item.move.name for item in parts.moves]
    for pair in study.pairs:
        if {pair.first, pair.second} <= set(names):
            said += _pair(parts, sequences, pair.first, pair.second)
    if len(names) <= FEW:
        apart = {(item.move.name, other) for item in parts.moves for other in item.candidate.excludes}
        for k, one in enumerate(names):
            for other in names[k + 1 :]:
                if (one, other) not in apart and (other, one) not in apart:
                    said += _pair(parts, sequences, one, other)
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
    both = sequences.together((one, other))
    n = min(len(both), len(by_name[one].gains), len(by_name[other].gains))
    # The yearly costs of moves stand neither in the plant nor in these gains.
    more = both[:n] - by_name[one].gains[:n] - by_name[other].gains[:n]
    error = float(more.std(ddof=1)) / n**0.5 if n > 1 else 0.0
    thought = parts.brings((one, other)) - parts.brings((one,)) - parts.brings((other,))
    amount = float(more.mean()) - thought
    return [parts.learn((one, other), amount)] if abs(amount) > max(2 * error, 1e-9) else []
