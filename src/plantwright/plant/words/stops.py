"""The words of stops: failures and maintenance."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from plantwright.plant.patterns import random_pattern
from plantwright.plant.readers import (
    Choice,
    Context,
    From,
    Random,
    Reader,
    text_schema,
)
from plantwright.plant.resources import (
    Failure,
    Maintenance,
)
from plantwright.plant.structures import Keys, ListOf, MapOf, Word
from plantwright.plant.words.people import STAFFING
from plantwright.units import UnitError, split_number

CLOCKS = {"working": "working", "calendar": "calendar", "count": "count"}

BY = ListOf(STAFFING)


def _clock(counted: bool, clock: str | None, usual: str) -> str:
    """The clock that counts for a time, or for a count of pieces."""
    if clock is None:
        return "count" if counted else usual
    if counted != (clock == "count"):
        reason = (
            "a count of pieces, so its clock is 'count'"
            if counted
            else "a time, which the clock 'count' does not count"
        )
        raise ValueError(f"'every' is {reason}; write 'every: 1000 pieces' with 'clock: count'")
    return clock


def _failure(every: tuple[Any, bool], repair: Any, clock: str | None = None, **values: Any) -> Failure:
    return Failure(every[0], repair, _clock(every[1], clock, "working"), **values)  # type: ignore[arg-type]


def _maintenance(
    every: tuple[Any, bool], lasts: Any, clock: str | None = None, first: Any = None, **values: Any
) -> Maintenance:
    by = _clock(every[1], clock, "calendar")
    if first is not None and first != "spread":
        if first[1] != every[1]:
            raise ValueError("'first' and 'every' must both be times, or both counts such as '1000 pieces'")
        values["spread" if first[2] else "first"] = first[0]
    made = Maintenance(every[0], lasts, by, **values)  # type: ignore[arg-type]
    return _together(made, "all machines of a work center") if made.per == "work center" else made


def _together(made: Any, what: str) -> Any:
    """What stops several machines at once goes by the calendar: they do not work the same hours."""
    if made.clock != "calendar":
        raise ValueError(f"{what} stop together, by the calendar; write 'clock: calendar' and a time in 'every'")
    return made


def _area_failure(every: tuple[Any, bool], repair: Any, clock: str | None = None, **values: Any) -> Failure:
    usual = "count" if every[1] else "calendar"
    return _together(_failure(every, repair, clock or usual, **values), "the machines of an area")  # type: ignore[no-any-return]


def _area_maintenance(every: tuple[Any, bool], lasts: Any, per: str | None = None, **values: Any) -> Maintenance:
    if per is not None:
        raise ValueError("an area is maintained as a whole; leave out 'per'")
    return _together(_maintenance(every, lasts, **values), "the machines of an area")  # type: ignore[no-any-return]


class Every(Reader):
    """A time, or a count of pieces, between failures or maintenance; and whether it is a count."""

    kind = "a time or count, such as 'exponential 40 h'"
    may_be_guessed = True
    keeps_chance = True
    schema = text_schema(random_pattern())

    def text(self, text: str, context: Context) -> tuple[Any, bool]:
        if re.search(r"\b(pieces?|cycles?|lots?)\b", text):
            return Random("count").text(text, context), True
        return Random("duration").text(text, context), False


class First(Reader):
    """When the first maintenance is due: ``spread``, ``spread 27 d`` or a time or count; with whether it is a count, and spread."""

    kind = "'spread', a time or a count, or one with 'spread' before it"
    keeps_chance = True
    schema: Mapping[str, Any] = {"anyOf": [text_schema(r"^\s*spread(\s.*)?$"), Random().schema]}

    def text(self, text: str, context: Context) -> Any:
        if text == "spread":
            return text
        spread, separator, over = text.partition(" ")
        if spread != "spread" or not separator:
            return (*Every().text(text, context), False)
        time, counted = Every().text(over, context)
        if time.kind != "constant":
            raise ValueError(f"{text!r}: machines are spread over one time or count, such as 'spread 27 d'")
        return time.mean, counted, True


def _spare(text: str) -> float:
    number = split_number(text)[0]
    if number < 0:
        raise UnitError(f"{text!r} is below zero")
    return number


FAILURE = Keys(
    (
        Word("every", Every(), example="exponential 40 h", meaning="time between failures", needed=True),
        Word("clock", Choice(CLOCKS), example="working", meaning="which time counts", default="working",
             why="a machine wears while it works"),
        Word("repair", Random(), example="lognormal 1.5 h cv 0.8", meaning="time to repair", needed=True),
        Word("by", BY, example="repair 2", meaning="who repairs", default="nobody in particular",
             why="somebody always comes"),
        Word("takes", MapOf(From("a count", lambda text, context: _spare(text), True)),
             example="{bearing: 1 piece}", meaning="spare parts"),
        Word("then", Choice({w: w for w in ("resume", "restart", "scrap")}), example="resume",
             meaning="what becomes of the work", default="resume",
             why="the work goes on where it stopped"),
    ),
    _failure,
)  # fmt: skip

MAINTENANCE = Keys(
    (
        Word("every", Every(), example="500 h", meaning="time between", needed=True),
        Word("clock", Choice(CLOCKS), example="calendar", meaning="which time counts", default="calendar",
             why="plans go by the calendar"),
        Word("lasts", Random(), example="4 h", meaning="how long it takes", needed=True),
        Word("by", BY, example="repair 2", meaning="who does it", default="nobody in particular",
             why="somebody always comes"),
        Word("per", Choice({"machine": "machine", "work center": "work center"}), example="machine",
             meaning="one machine at a time, or all together", default="machine", why="one machine at a time"),
        Word("first", First(), example="spread", meaning="when the first is due", default="spread over alike machines",
             why="alike machines are not stopped all at once"),
    ),
    _maintenance,
)  # fmt: skip

FAILURES, MAINTENANCES = ListOf(FAILURE), ListOf(MAINTENANCE)
AREA_FAILURES = ListOf(replace(FAILURE, make=_area_failure))
AREA_MAINTENANCES = ListOf(replace(MAINTENANCE, make=_area_maintenance))
