"""How long people are away from work to learn a skill, and what that costs."""

from __future__ import annotations

from dataclasses import dataclass

from plantwright.improvement.families.busy import share_open
from plantwright.plant.plant import Plant
from plantwright.plant.resources import Crew
from plantwright.plant.words.people import read_skill

HOURS_TO_LEVEL = {0: 0.0, 1: 20.0, 2: 80.0, 3: 240.0, 4: 640.0}
"""Hours of training from nothing to a level: our choice. The US Bureau of Labor Statistics calls on-the-job training short up to a month
(here to work alone, level 2) and moderate up to a year (here to work faultlessly and to teach, levels 3 and 4).
"""


def hours_to(level: int, start: int = 0) -> float:
    """Seconds of training that usually take a person from a level of a skill to a higher one."""
    highest = max(HOURS_TO_LEVEL)
    return 3600.0 * max(0.0, HOURS_TO_LEVEL[min(level, highest)] - HOURS_TO_LEVEL[min(max(start, 0), highest)])


def hours_told(crew: Crew, skill: str, level: int) -> float | None:
    """The time of training (seconds) that takes a person of a crew to a level of a skill or higher; None where nobody said."""
    found = []
    for text, seconds in crew.learns.items():
        name, learnt = read_skill(text)
        if name == skill and learnt >= level:
            found.append(seconds)
    return min(found, default=None)


@dataclass(frozen=True, slots=True)
class Training:
    """What it takes a crew to learn something: seconds of one person that all are away, wages for them, seconds until it is done.

    ``told`` says that the plant file gives the hours; else they are the usual ones.
    """

    seconds: float
    wages: float | None
    lasts: float
    told: bool


def training_of(plant: Plant, crew: Crew, skill: str, level: int) -> Training:
    """What it takes all of a crew to come to a level of a skill: the hours that it ``learns`` in, else the usual ones."""
    told = hours_told(crew, skill, level)
    each = hours_to(level, crew.skills.get(skill, 0)) if told is None else told
    wages = None if crew.wage is None or not each else each * crew.count * crew.wage
    return Training(each * crew.count, wages, each / share_open(plant, crew.shift), told is not None)
