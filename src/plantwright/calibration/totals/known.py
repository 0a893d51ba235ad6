"""What the owner knows of the plant as a whole: each total, and how surely it is known."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plantwright.errors import Place, PlantError, Problem
from plantwright.plant import Plant
from plantwright.plant.document import find
from plantwright.simulation.run import Run
from plantwright.simulation.trust import TOLERANCE, Comparison, compare_totals

UNSAID = TOLERANCE / 3
"""The standard deviation of what is known of a total where its range is not said: the tolerance of the grade is three of them."""
SURE = 1.959964
"""A range that is said holds the total with 95 %: so many standard deviations on either side."""
STRAIGHT = 1.0
"""Logarithms of ratios beyond this are bent, 1 + ln, so that plants that are far off still tell where to go and do not rule the rest."""
PATHS = {
    "throughput": "totals > throughput",
    "cycle time": "totals > cycle time",
    "share late": "totals > late",
    "work in process": "totals > work in process",
}


@dataclass(frozen=True)
class Known:
    """A total: its name, what is given (as compared), the standard deviation of what is known of it, and whether ratios of it count.

    ``stated`` where the plant file gives its range.
    """

    name: str
    given: float
    deviation: float
    ratio: bool
    stated: bool

    def miss(self, compared: Comparison) -> float:
        """How far the simulated total is from the given: as the logarithm of their ratio, bent, or as a difference of shares."""
        if not self.ratio:
            return compared.simulated - self.given
        off = math.log(max(compared.simulated, 1e-300) / self.given)
        return off if abs(off) <= STRAIGHT else math.copysign(STRAIGHT + math.log(abs(off) / STRAIGHT), off)

    def error(self, compared: Comparison) -> float:
        """The standard error of that by simulation."""
        return compared.standard_error / max(compared.simulated, 1e-300) if self.ratio else compared.standard_error


def stated_totals(plant: Plant) -> dict[str, float]:
    """The totals that a plant file gives, by the names that comparisons have."""
    totals = plant.totals
    if totals is None:
        return {}
    given = {
        "throughput": totals.throughput[0] if totals.throughput else None,
        "cycle time": totals.cycle_time,
        "share late": totals.late,
        "work in process": totals.work_in_process.value if totals.work_in_process else None,
    }
    return {name: value for name, value in given.items() if value is not None}


def wrong_totals(plant: Plant) -> Iterator[Problem]:
    """What is wrong with the totals of a plant: none given, or one that is nothing."""
    document = plant.document
    file = document.name if document else ""
    given = stated_totals(plant)
    if not given:
        reason = (
            "says nothing of the plant as a whole that guesses could be held against: write what you know, such as "
            "'totals: {throughput: 120 jobs/mo, cycle time: 3 wk}', or a sheet 'totals' in a workbook"
        )
        yield Problem("PW3054", Place(file), "totals", reason)
    for name, value in given.items():
        node = find(document.root, PATHS[name]) if document else None
        if value <= 0 and name != "share late":
            reason = "is nothing: no ratio to it can be taken; leave it out, or give what you know"
            yield Problem("PW3055", node.place if node else Place(file), PATHS[name], reason)


def known_totals(plant: Plant, run: Run) -> tuple[Known, ...]:
    """The totals that a run of the plant can be held against. Raises PlantError where there is none."""
    compared = compare_totals(plant, run)
    if not compared:
        problems = []
        for name in stated_totals(plant):
            node = find(plant.document.root, PATHS[name]) if plant.document else None
            told = (
                "there are no due dates"
                if name == "share late"
                else "the simulation does not tell it: nothing is finished"
            )
            reason = f"cannot be held against a simulation: {told}"
            problems.append(Problem("PW3056", node.place if node else Place(""), PATHS[name], reason))
        raise PlantError(problems)
    ranges = {guess.path: guess for guess in plant.guesses}
    made = []
    for one in compared:
        ratio = one.name != "share late"
        guess = ranges.get(PATHS[one.name])
        if guess is None or guess.low is None or guess.high is None or not guess.value or guess.low == guess.high:
            made.append(Known(one.name, one.given, UNSAID, ratio, False))
        elif ratio and guess.low > 0:
            made.append(Known(one.name, one.given, math.log(guess.high / guess.low) / 2 / SURE, True, True))
        else:
            width = (guess.high - guess.low) / (guess.value if ratio else 1.0)
            made.append(Known(one.name, one.given, width / 2 / SURE, ratio, True))
    return tuple(made)


def passed_over(plant: Plant, known: Sequence[Known]) -> tuple[str, ...]:
    """The totals that are given but cannot be compared."""
    names = {one.name for one in known}
    return tuple(name for name in stated_totals(plant) if name not in names)
