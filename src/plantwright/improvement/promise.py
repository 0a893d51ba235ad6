"""Which moves to look at first, where time may run out before all were: those on what is busiest, and before which most waits.

That is arithmetic on the run of the plant as it is, and no judgement: it decides the order in which moves are simulated, nothing else.
"""

from __future__ import annotations

from collections.abc import Sequence

from plantwright.improvement.bench import found
from plantwright.improvement.contest import Contender
from plantwright.improvement.ranking import OF, Base
from plantwright.improvement.study import OWN, Measure, Move
from plantwright.plant.plant import Plant
from plantwright.simulation.run import Run

_IDLE = ("starved", "off shift")


def by_promise(contenders: Sequence[Contender], base: Base, by: Measure) -> list[Contender]:
    """The moves in turn by family, in each those first whose work center, crew or shift has most to do; the user's own before all."""
    run = base.released if OF[by][0] == "released" else base.saturated
    scores = _Scores(base.plant, run)
    groups: dict[str, list[Contender]] = {}
    for item in sorted(contenders, key=lambda item: -scores.of(item.move)):
        groups.setdefault(item.move.family, []).append(item)
    turns = [
        (place if family != OWN else -1, -scores.of(item.move), number, item)
        for number, (family, group) in enumerate(groups.items())
        for place, item in enumerate(group)
    ]
    return [item for *_, item in sorted(turns, key=lambda turn: turn[:3])]


class _Scores:
    """How much each work center and crew has to do: its share of the time at work, and of the lots that wait in the plant."""

    def __init__(self, plant: Plant, run: Run) -> None:
        levels = {name: _mean(run, "buffer level", work_center=name) for name in plant.work_centers}
        waiting = sum(levels.values()) or 1.0
        self._centers: dict[str, float] = {}
        self._shifts: dict[str, float] = {}
        for name, center in plant.work_centers.items():
            if center.machines is None:
                continue
            idle = sum(_mean(run, "state share", work_center=name, state=state) for state in _IDLE)
            self._centers[name] = (1 - idle) + levels[name] / waiting
            for shift in center.shift:
                self._shifts[shift] = max(self._shifts.get(shift, 0.0), self._centers[name])
        self._crews = {name: _mean(run, "use of people", crew=name) for name in plant.people}
        self._most = max([*self._centers.values(), *self._crews.values()], default=1.0)

    def of(self, move: Move) -> float:
        """The score of what a move is about; of the whole plant the highest of all."""
        subject = move.subject
        found = [
            known.get(subject[word], 0.0)
            for word, known in (("work center", self._centers), ("crew", self._crews), ("shift", self._shifts))
            if word in subject
        ]
        return max(found, default=self._most)


def _mean(run: Run, name: str, **of: str) -> float:
    made = found(run, name, **of)
    return made.mean if made is not None else 0.0
