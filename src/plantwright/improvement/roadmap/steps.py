"""The steps and the quarters of a roadmap with their dates and money."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from plantwright.improvement.roadmap.candidates import QUARTER, Measured
from plantwright.improvement.roadmap.cash import Starts, capital, cash
from plantwright.improvement.roadmap.problem import Problem
from plantwright.improvement.roadmap.result import Cash, Step
from plantwright.improvement.roadmap.sequence import Simulated
from plantwright.plant.plant import Plant
from plantwright.simulation.statistics import estimate


def day_of(plant: Plant, quarters: float) -> date:
    """The day so many quarters after the plant's start."""
    return (plant.start + timedelta(seconds=quarters * QUARTER)).date()


def steps_of(plant: Plant, moves: Sequence[Measured], starts: Starts) -> tuple[Step, ...]:
    """The moves that are made, in order of time."""
    made = []
    for start, j in sorted((start, j) for j, start in enumerate(starts) if start is not None):
        item = moves[j]
        ready = start + item.candidate.lead_time
        made.append(
            Step(
                quarter=start + 1,
                move=item.move,
                capital=item.candidate.capital,
                begins=day_of(plant, start),
                in_force=day_of(plant, ready),
                full=day_of(plant, ready + item.candidate.ramp_up),
                effect=item.ranked.released["contribution"],
            )
        )
    return tuple(made)


def cash_rows(
    plant: Plant, problem: Problem, starts: Starts, simulated: Simulated | None, level: float, unit: str
) -> tuple[Cash, ...]:
    """The money of each quarter; what moves cost a year has gone off, of what was simulated, too."""
    each = cash(problem, starts)[:, :-1] / 4
    low, high = np.quantile(each, [0.1, 0.9], axis=0)
    spent = capital(problem, starts)
    yearly = sum(
        (
            problem.moves[j].yearly * problem.paid[j, start, :-1] / 4
            for j, start in enumerate(starts)
            if start is not None
        ),
        np.zeros(problem.quarters),
    )
    rows = []
    for q in range(problem.quarters):
        found = None
        if simulated is not None:
            found = estimate("cash", {"quarter": f"{q + 1}"}, unit, simulated.quarters[:, q] - yearly[q], level)
        rows.append(
            Cash(
                q + 1, day_of(plant, q), float(spent[q]), float(each[:, q].mean()), float(low[q]), float(high[q]), found
            )
        )
    return tuple(rows)
