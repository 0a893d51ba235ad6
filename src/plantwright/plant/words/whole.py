"""The words of the plant as a whole: dated changes, totals, money, limits."""

from __future__ import annotations

import re
from typing import Any

from plantwright.plant.moments import (
    Instant,
)
from plantwright.plant.patterns import rate_pattern
from plantwright.plant.plant import Change, Foretold, HeldOut, Money, Totals
from plantwright.plant.quantities import (
    read_amount,
)
from plantwright.plant.readers import (
    AmountOf,
    Context,
    MoneyOf,
    Number,
    Quantity,
    Reader,
    Text,
    nearest,
    text_schema,
)
from plantwright.plant.structures import SHARE, Keys, Raw, Word
from plantwright.units import UNITS, UnitError, read, read_money, split_number

CHANGE = Keys(
    (
        Word("on", Instant(), example="2026-09-01", meaning="from when it holds", needed=True),
        Word("set", Text(), "path", "work centers > coater > machines", "the path of what changes", needed=True),
        Word("to", Raw(), example="2", meaning="its new value", needed=True),
    ),
    Change,
)


class RateOf(Reader):
    """``120 jobs/mo``: a quantity, of what, and the seconds that it covers."""

    kind = "a rate such as '120 jobs/mo'"
    may_be_guessed = True
    schema = text_schema(rate_pattern())

    def text(self, text: str, context: Context) -> Any:
        amount, separator, per = text.rpartition("/")
        if not separator:
            raise ValueError(f"{text!r} is not a rate such as '120 jobs/mo'")
        made = read_amount(amount)
        of = "lot" if made.unit in ("lot", "job", "order") else "piece"
        return made.value, of, read(f"1 {per.strip()}", "duration")


TOTALS = Keys(
    (
        Word("throughput", RateOf(), example="120 jobs/mo", meaning="what the plant makes"),
        Word("cycle time", Quantity(), example="3 wk", meaning="from release to completion"),
        Word("late", SHARE, example="20 %", meaning="share of lots that come late"),
        Word("work in process", AmountOf(), example="60 lots", meaning="what is between release and completion"),
    ),
    Totals,
)

_FORETOLD = Keys(
    (
        Word("model", Number(), example="24.3", meaning="distance of the model from what happened", needed=True),
        Word("width", Number(), example="18.2", meaning="of its 95 % interval", needed=True),
        Word("replay", Number(), example="26.8", meaning="distance of past orders replayed and cut off", needed=True),
        Word("replay width", Number(), example="24.6", meaning="of its 95 % interval", needed=True),
    ),
    Foretold,
)
_EXAMPLE = "{model: 0.47, width: 0.14, replay: 0.49, replay width: 0.16}"

HOLD_OUT = Keys(
    (
        Word("windows", Number(1, whole=True), example="3", meaning="parts of the log that were held out", needed=True),
        Word("n-gram", _FORETOLD, "n_gram", _EXAMPLE, "of runs of three activities", needed=True),
        Word("absolute", _FORETOLD, "absolute", _EXAMPLE, "of hours of the calendar", needed=True),
        Word("circadian", _FORETOLD, "circadian", _EXAMPLE, "of hours of the day, by weekday", needed=True),
        Word("relative", _FORETOLD, "relative", _EXAMPLE, "of hours since the order began", needed=True),
        Word("cycle time", _FORETOLD, "cycle_time", _EXAMPLE, "of cycle times in hours", needed=True),
        Word("of", Text(), example="3f9a07c15be2d684", meaning="the content of the plant file that was held out"),
    ),
    HeldOut,
)

MONEY = Keys(
    (
        Word("discount", SHARE, example="12 %", meaning="a year"),
        Word("horizon", Quantity(), example="5 y", meaning="how far money counts"),
        Word("energy", MoneyOf("energy"), example="0.14 USD/kWh", meaning="price of energy"),
    ),
    Money,
)


LIMITS = (
    "overtime",
    "budget",
    "people",
    "hires",
    "machines",
    "power",
    "late",
    "work in process",
    "nights",
    "peak load",
    "alone",
)
"""What must not be passed: each with what it is held against in `plantwright.improvement.vetoes`."""


def limit_word(name: str) -> str:
    """The name of a limit; ValueError for one that nothing could be held against."""
    if name not in LIMITS:
        near = nearest(name, LIMITS)
        raise ValueError(
            f"{name!r} is no limit; {f'did you mean {near!r}? ' if near else ''}known are {', '.join(LIMITS)}"
        )
    return name


class Limit(Reader):
    """A limit such as ``4 h/wk``, kept as a plain number in SI units."""

    kind = "a limit such as '4 h/wk'"

    may_be_guessed = True

    def text(self, text: str, context: Context) -> float:
        amount, separator, per = text.partition("/")
        number, unit = split_number(amount)
        if number < 0:
            raise UnitError(f"{text!r} must not be below zero")
        seconds = read(f"1 {per.strip()}", "duration") if separator else 1.0
        if re.fullmatch(r"[kM]?[A-Z]{3}", unit):
            return read_money(amount, context.currency) / seconds
        if unit == "%":
            return number / 100 / seconds
        if unit in ("", *_COUNTED):
            return number / seconds
        for units in UNITS.values():
            if unit in units:
                return number * units[unit] / seconds
        raise UnitError(f"unknown unit {unit!r}; {self.kind} is wanted")


_COUNTED = (
    "piece",
    "pieces",
    "lot",
    "lots",
    "machine",
    "machines",
    "person",
    "people",
    "order",
    "orders",
    "shift",
    "shifts",
    "skill",
    "skills",
)
