"""How moves fare where the next order is released as soon as another is done: a list of past starts fixes what management would have done."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from plantwright.errors import PlantError, SimulationError
from plantwright.improvement.bench import Bench, found, gain
from plantwright.improvement.ranking import OF, Base, effect, main_effect
from plantwright.improvement.study import MONEY, Measure, RankedMove
from plantwright.improvement.words import amount, figures, ordinal
from plantwright.plant.plant import Plant
from plantwright.plant.quantities import several
from plantwright.simulation.run import Estimate, Run
from plantwright.simulation.spans import WEEK, only_orders
from plantwright.simulation.statistics import estimate, simultaneous
from plantwright.simulation.trials import Conditions

LEADING, REPLICATIONS = 8, 8
"""So many of the leading moves are tried so, over so many replications."""


@dataclass(frozen=True, slots=True)
class Reacted:
    """A move under both ways of releasing orders: paired differences to the plant as it is, and its rank among those tried so.

    ``replayed`` is its effect on what ``Reaction.by`` names, with past starts; ``pulled`` that on ``Reaction.pulled_by`` under the rule,
    ``output`` that on the throughput and ``cycle_time`` that on the cycle time under the rule. Ranks count from 1; None where a move is surely
    not for the better.
    """

    name: str
    title: str
    replayed: Estimate
    pulled: Estimate
    output: Estimate
    cycle_time: Estimate | None
    rank_replayed: int | None
    rank_pulled: int | None


@dataclass(frozen=True, slots=True)
class Reaction:
    """The leading moves with past starts replayed, and with `lots` orders kept in process, the next of the list released when one is done.

    ``of``: whose level that is, the plant's own totals' or the replay's. ``as_is``: the plant's throughput under the rule. ``reversed``: pairs of moves of which
    the one is surely better with past starts, and the other under the rule, the better one with past starts first.
    """

    lots: int
    of: str
    by: str
    pulled_by: str
    replications: int
    as_is: Estimate
    moves: tuple[Reacted, ...]
    reversed: tuple[tuple[str, str], ...]
    level: float

    @property
    def differs(self) -> bool:
        """Whether another move surely comes first."""
        first, then = self.first(pulled=False), self.first(pulled=True)
        if then is None or first is None or then.name == first.name:
            return then is None != first is None
        return _apart(then.pulled, first.pulled, _sign(self.pulled_by), self.level) > 0

    def first(self, *, pulled: bool) -> Reacted | None:
        """The first move under the rule, or with past starts; None where none is surely for the better."""
        return next((item for item in self.moves if (item.rank_pulled if pulled else item.rank_replayed) == 1), None)

    @property
    def words(self) -> str:
        """Where the rankings differ, in a sentence or two."""
        then, first = self.first(pulled=True), self.first(pulled=False)
        rule = f"with {self.lots} order{'s' * (self.lots != 1)} kept in process, the next released when one is done"
        if then is None:
            return f"No move tried brings more {rule}."
        brings = _said(then.pulled)
        if first is None:
            return f"With past starts no move is surely better; {rule}, {then.title} brings {brings}."
        if first.name == then.name:
            return f"The first is the same {rule}: {then.title}, {brings}."
        if self.differs:
            place = "" if then.rank_replayed is None else f"is {ordinal(then.rank_replayed)} and "
            return (
                f"Past starts fix how management reacts: {rule}, the first is {then.title}, {brings}; with past starts it {place}brings "
                f"{_said(then.replayed)}. The first with past starts, {first.title}, brings {_said(first.pulled)} under the rule."
            )
        return f"{rule[:1].upper()}{rule[1:]}, {then.title} ({brings}) and {first.title} ({_said(first.pulled)}) cannot be told apart."

    def to_dict(self) -> dict[str, Any]:
        """As JSON shows it."""
        return {
            "lots": self.lots, "of": self.of, "by": self.by, "by under the rule": self.pulled_by, "replications": self.replications,
            "as it is": self.as_is.to_dict(), "differs": self.differs, "said": self.words,
            "moves": [
                {
                    "name": item.name, "title": item.title, "with past starts": item.replayed.to_dict(), "under the rule": item.pulled.to_dict(),
                    "output": item.output.to_dict(), "cycle time": item.cycle_time.to_dict() if item.cycle_time else None,
                    "rank with past starts": item.rank_replayed, "rank under the rule": item.rank_pulled,
                }
                for item in self.moves
            ],
            "reversed": [list(pair) for pair in self.reversed],
        }  # fmt: skip

    def rows(self) -> list[dict[str, Any]]:
        """A row for each move, the first under the rule first."""
        ordered = sorted(self.moves, key=lambda item: (item.rank_pulled or math.inf, item.rank_replayed or math.inf))
        return [
            {
                "move": item.title, "rank under the rule": item.rank_pulled, "brings under the rule": _said(item.pulled),
                "rank with past starts": item.rank_replayed, "brings with past starts": _said(item.replayed),
            }
            for item in ordered
        ]  # fmt: skip


def _said(made: Estimate) -> str:
    if made.low <= 0 <= made.high:
        return "nothing that is sure"
    if made.unit == "s":
        less = "less" if made.mean < 0 else "more"
        return f"{amount(abs(made.mean), 's')} {less} {made.name}"
    what, slash, per = made.unit.partition("/")
    unit = f"{several(what)} a {'year' if per == 'y' else per}" if slash else what
    low, high = figures(made.low), figures(made.high)
    return f"{'+' if made.mean >= 0 else ''}{figures(made.mean)} {unit}" + (
        f" ({low} to {high})" if low != high else ""
    )


def _sign(by: str) -> int:
    return OF[by][2] if by in OF else 1


def under_rule(bench: Bench, base: Base, moves: Sequence[RankedMove], by: Measure) -> Reaction | None:
    """The leading moves under a rule that keeps as many orders in process as there were.

    Parameters
    ----------
    bench, base
        Of the study.
    moves : sequence of RankedMove
        As ranked.
    by : str
        What they are ranked by. With past starts it is held against that, or cycle time where it is capacity; under the rule money where it is
        money, else output, which past starts do not let grow.

    Returns
    -------
    Reaction or None
        None where the plant's lots are not released by lists alone, a given sequence names its orders, or no leading move can be
        tried so. Raises Stopped.

    Notes
    -----
    A shop that works faster is given more work, by those who see its shelves empty. How much they would have given it is in no record; the two ends of what they may
    do are to go on as they did (replay) and to keep the work in process as it was (CONWIP; Spearman, Woodruff and Hopp 1990).
    The orders are those of the list, in its sequence, over and over; what happens until the first of them are through is not counted.
    """
    if not only_orders(base.plant) or base.plant.sequence or any(c.sequence for c in base.plant.work_centers.values()):
        return None
    replayed_by: Measure = by if OF[by][0] == "released" else "cycle-time"
    chosen = _leading(moves, replayed_by)
    if not chosen:
        return None
    lots, of = _level(base)
    conditions = _conditions(bench, base, lots)
    as_is = _run(bench, base.plant, conditions, None)
    if as_is is None:
        return None
    pulled_by = by if by in MONEY and found(as_is, "contribution") is not None else "throughput"
    then = replace(base, released=as_is)
    made: list[Reacted] = []
    for item in chosen:
        run, replayed = _run(bench, base.plant, conditions, item), effect(item, replayed_by)
        output = None if run is None else gain(run, as_is, "throughput", base.level)
        if run is None or output is None or replayed is None:
            continue
        money = main_effect(item.move, run, then, by) if pulled_by == by else None
        pulled, time = money or output, gain(run, as_is, "cycle time", base.level)
        made.append(Reacted(item.move.name, item.move.title, replayed, pulled, output, time, None, None))
    if not made:
        return None
    ranks = [_ranks([item.replayed for item in made], _sign(replayed_by)), _ranks([item.pulled for item in made], 1)]
    told = tuple(replace(item, rank_replayed=ranks[0][k], rank_pulled=ranks[1][k]) for k, item in enumerate(made))
    return Reaction(
        lots, of, replayed_by, pulled_by, as_is.replications, as_is.estimate("throughput"), told,
        _reversed(told, _sign(replayed_by), base.level), base.level,
    )  # fmt: skip


def _leading(moves: Sequence[RankedMove], replayed_by: Measure) -> list[RankedMove]:
    """The first moves of the ranking, with past starts, and with work enough, in turns; none that changes what is released."""
    known = [
        item for item in moves
        if item.replications > 0 and effect(item, replayed_by) is not None and not any("> release" in path for path in item.move.edits)
    ]  # fmt: skip
    sign = OF[replayed_by][2]

    def by_replay(item: RankedMove) -> float:
        made = effect(item, replayed_by)
        return math.inf if made is None else -sign * made.mean

    def by_capacity(item: RankedMove) -> float:
        made = item.saturated.get("throughput")
        return math.inf if made is None else -made.mean

    ways = [known, sorted(known, key=by_replay), sorted(known, key=by_capacity)]
    chosen: dict[str, RankedMove] = {}
    for row in zip(*ways, strict=True):
        for item in row:
            if len(chosen) < LEADING:
                chosen.setdefault(item.move.name, item)
    return list(chosen.values())


def _level(base: Base) -> tuple[int, str]:
    """How many orders there were in process, as the plant's totals have it, else the replay."""
    totals = base.plant.totals
    given = totals.work_in_process if totals is not None else None
    if given is not None and given.of != "piece":
        return max(1, round(given.value)), "totals"
    return max(1, round(base.released.estimate("work in process").mean)), "replay"


def _conditions(bench: Bench, base: Base, lots: int) -> Conditions:
    """As long as the list; what happens in the first cycle time, in whole weeks where there are shifts, is not counted."""
    through = base.released.estimate("cycle time", quantile=None).mean
    warmup = math.ceil(through / WEEK) * WEEK if base.plant.shifts else through
    return Conditions(
        bench.horizon, min(warmup, bench.horizon), bench.seed, bench.level, True, lots, "a cycle time", listed=True
    )  # fmt: skip


def _run(bench: Bench, plant: Plant, conditions: Conditions, item: RankedMove | None) -> Run | None:
    """The plant under the rule, with a move if one is given; None where it cannot run."""
    try:
        trial = bench.trial(plant, saturated=True, moves=[item.move] if item else (), conditions=conditions)
        made = bench.tried(trial, min(REPLICATIONS, bench.replications))
    except (PlantError, SimulationError):
        return None
    trial.forget_plants()
    return made


def _ranks(effects: Sequence[Estimate], sign: int) -> list[int | None]:
    """The place of each by its mean, of those that are surely for the better."""
    better = [k for k, made in enumerate(effects) if min(sign * made.low, sign * made.high) > 0]
    places: dict[int, int] = {k: n for n, k in enumerate(sorted(better, key=lambda k: -sign * effects[k].mean), 1)}
    return [places.get(k) for k in range(len(effects))]


def _apart(one: Estimate, other: Estimate, sign: int, level: float) -> int:
    """1 where the one is surely better, -1 where the other is, else 0: on the replications of both, that have the same luck."""
    n = min(len(one.values), len(other.values))
    if n < 2:
        return 0
    values = [sign * (a - b) for a, b in zip(one.values[:n], other.values[:n], strict=True)]
    made = estimate(one.name, one.of, one.unit, values, level)
    return int(made.low > 0) - int(made.high < 0)


def _reversed(moves: Sequence[Reacted], sign: int, level: float) -> tuple[tuple[str, str], ...]:
    """Pairs whose sequence is surely another under the rule, all of them together with `level`."""
    pairs = list(combinations(moves, 2))
    each = simultaneous(level, max(1, 2 * len(pairs)))
    made = []
    for one, other in pairs:
        before, after = _apart(one.replayed, other.replayed, sign, each), _apart(one.pulled, other.pulled, 1, each)
        if before * after < 0:
            made.append((one.name, other.name) if before > 0 else (other.name, one.name))
    return tuple(made)
