"""The words of people: who is there, what they can do, and who an operation or a repair needs."""

from __future__ import annotations

from typing import Any

from plantwright.plant.quantities import (
    singular,
)
from plantwright.plant.readers import (
    Choice,
    Context,
    From,
    MoneyOf,
    Number,
    Quantity,
    Random,
    Reader,
)
from plantwright.plant.resources import (
    PHASES,
    Absence,
    Crew,
    Staffing,
)
from plantwright.plant.structures import NAMES, SHARE, Keys, ListOf, MapOf, Named, OneOf, Word
from plantwright.units import split_number


def read_skill(text: str) -> tuple[str, int]:
    """``mixing 2``: a skill at that level or higher; without a level, at 1."""
    name, _, level = text.rpartition(" ")
    if not name or not level.isdigit():
        return text, 1
    if not 0 <= int(level) <= 4:
        raise ValueError(f"{text!r}: levels of skill go from 0 to 4")
    return name, int(level)


SKILL = From("a skill with its level, such as 'mixing 2'", lambda text, context: read_skill(text))


def _staffing(
    skill: tuple[str, int], count: int = 1, phases: Any = PHASES, tends: Any = 1, walk: float = 0.0
) -> Staffing:
    chosen = PHASES if "all" in phases else tuple(phase for phase in PHASES if phase in phases)
    return Staffing(skill[0], skill[1], count, chosen, int(tends), walk)


class Tends(Reader):
    """``3 machines``."""

    kind = "a count such as '3 machines'"

    def text(self, text: str, context: Context) -> int:
        number, unit = split_number(text)
        if (unit and singular(unit) != "machine") or number < 1 or not number.is_integer():
            raise ValueError(f"{text!r} is not a count such as '3 machines'")
        return int(number)


STAFFING = OneOf(
    scalar=From("a skill with its level, such as 'mixing 2'", lambda text, context: _staffing(read_skill(text))),
    entries=Keys(
        (
            Word("skill", SKILL, example="mixing 2", meaning="who can do it: that level or higher", needed=True),
            Word(
                "count",
                Number(1, whole=True),
                example="1",
                meaning="how many people",
                default="1",
                why="one person does it",
            ),
            Word(
                "for",
                ListOf(Choice({**{phase: phase for phase in PHASES}, "all": "all"})),
                "phases",
                "[load, run]",
                "phases in which they are needed",
                default="all",
                why="whoever does it stays with it",
            ),
            Word(
                "tends",
                Tends(),
                example="3 machines",
                meaning="machines served by one person at a time",
                default="1",
                why="one person at one machine",
            ),
            Word("walk", Quantity(), example="2 min", meaning="time to walk there", default="0 min", why="next to it"),
        ),
        _staffing,
    ),
)

CREW = Keys(
    (
        Word("count", Number(0, whole=True), example="2", meaning="how many who are alike", default="1",
             why="a name alone is one person"),
        Word("shift", NAMES, example="day", meaning="when they are there", default="always there",
             why="no shift is named"),
        Word("skills", MapOf(Number(0, 4, whole=True)), example="{coating: 3}", meaning="skills with levels 0 to 4"),
        Word("wage", MoneyOf("duration"), example="36 USD/h", meaning="pay for an hour"),
        Word(
            "absence",
            OneOf(
                scalar=From("a share", lambda text, context: Absence(SHARE.text(text, context)), True, schema=SHARE.schema),
                entries=Keys((Word("share", SHARE, example="5 %", meaning="of their time", needed=True), Word("spell", Random(), example="3 d", meaning="how long they stay away")), Absence),
            ),
            example="5 %",
            meaning="share of time they do not come",
            default="0 %",
            why="whoever has a shift comes",
        ),
        Word("shift end", Choice({"pause": "pause", "finish piece": "finish piece"}), example="finish piece",
             meaning="what happens to work at the end of the shift", default="pause",
             why="work waits for the next day"),
        Word("learns", MapOf(Quantity()), example="{mixing 2: 80 h}", meaning="hours of training to a level"),
    ),
    Crew,
)  # fmt: skip

PEOPLE = Named(CREW, empty=True, once=True)
