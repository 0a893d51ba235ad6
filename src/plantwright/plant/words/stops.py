"""The words of stops: failures and maintenance."""

from __future__ import annotations

import re
from typing import Any

from plantwright.plant.readers import (
    Choice,
    Context,
    From,
    Random,
    Reader,
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


def _failure(every: Any, repair: Any, clock: str = "working", **values: Any) -> Failure:
    return Failure(every, repair, clock, **values)  # type: ignore[arg-type]


class Every(Reader):
    """A time, or a count of pieces, between failures or maintenance."""

    kind = "a time or count, such as 'exponential 40 h'"
    may_be_guessed = True

    def text(self, text: str, context: Context) -> Any:
        try:
            return Random("duration").text(text, context)
        except UnitError as error:
            if re.search(r"\b(pieces?|cycles?|lots?)\b", text):
                return Random("count").text(text, context)
            raise error


FAILURE = Keys(
    (
        Word("every", Every(), example="exponential 40 h", meaning="time between failures", needed=True),
        Word("clock", Choice(CLOCKS), example="working", meaning="which time counts", default="working"),
        Word("repair", Random(), example="lognormal 1.5 h cv 0.8", meaning="time to repair", needed=True),
        Word("by", BY, example="repair 2", meaning="who repairs", default="nobody in particular"),
        Word("takes", MapOf(From("a count", lambda text, context: split_number(text)[0])),
             example="{bearing: 1 piece}", meaning="spare parts"),
        Word("then", Choice({w: w for w in ("resume", "restart", "scrap")}), example="resume",
             meaning="what becomes of the work", default="resume"),
    ),
    _failure,
)  # fmt: skip

MAINTENANCE = Keys(
    (
        Word("every", Every(), example="500 h", meaning="time between", needed=True),
        Word("clock", Choice(CLOCKS), example="calendar", meaning="which time counts", default="calendar"),
        Word("lasts", Random(), example="4 h", meaning="how long it takes", needed=True),
        Word("by", BY, example="repair 2", meaning="who does it"),
        Word("per", Choice({"machine": "machine", "work center": "work center"}), example="machine", default="machine"),
        Word("first", From("'spread' or a time", lambda text, context: text if text == "spread" else Random().text(text, context)),
             example="spread", meaning="when the first is due", default="spread over alike machines"),
    ),
    Maintenance,
)  # fmt: skip

FAILURES, MAINTENANCES = ListOf(FAILURE), ListOf(MAINTENANCE)
