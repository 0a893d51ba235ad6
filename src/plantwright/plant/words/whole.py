"""The words of the plant as a whole: dated changes, totals, money, limits, own moves."""

from __future__ import annotations

from typing import Any

from plantwright.plant.moments import (
    Instant,
)
from plantwright.plant.plant import Change, Money, OwnMove, Totals
from plantwright.plant.quantities import (
    read_amount,
)
from plantwright.plant.readers import (
    AmountOf,
    Context,
    MoneyOf,
    Quantity,
    Reader,
    Text,
)
from plantwright.plant.structures import NAMES, SHARE, Keys, Raw, Word
from plantwright.units import UNITS, read, split_number

CHANGE = Keys(
    (
        Word("on", Instant(), example="2026-09-01", needed=True),
        Word("set", Text(), "path", "work centers > coater > machines", needed=True),
        Word("to", Raw(), example="2", needed=True),
    ),
    Change,
)


class RateOf(Reader):
    """``120 jobs/mo``: a quantity, of what, and the seconds that it covers."""

    kind = "a rate such as '120 jobs/mo'"

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
        Word("work in process", AmountOf(), example="60 lots"),
    ),
    Totals,
)

MONEY = Keys((Word("discount", SHARE, example="12 %"), Word("horizon", Quantity(), example="5 y")), Money)


class Limit(Reader):
    """A limit such as ``4 h/wk``, kept as a plain number in SI units."""

    kind = "a limit such as '4 h/wk'"

    def text(self, text: str, context: Context) -> float:
        amount, separator, per = text.partition("/")
        if text.endswith("%"):
            return read(text, "share")
        number, unit = split_number(amount)
        if unit and unit not in UNITS["duration"]:
            return number
        value = read(amount, "duration") if unit else number
        return value / read(f"1 {per.strip()}", "duration") if separator else value


def _own(
    name: str, edits: Any, cost: Any = None, cost_per_year: Any = None, lead_time: Any = None, only_with: Any = (),
    not_with: Any = (),
) -> OwnMove:  # fmt: skip
    return OwnMove(name, edits, cost, None if cost_per_year is None else cost_per_year * 365.25 * 86400.0, lead_time,
                   only_with, not_with)  # fmt: skip


OWN_MOVE = Keys(
    (
        Word("set", Raw(), "edits", "{work centers > coater > machines: 2}", "paths and their new values", needed=True),
        Word("cost", MoneyOf(), example="650 kUSD"),
        Word("cost per year", MoneyOf("duration"), example="20 kUSD/y"),
        Word("lead time", Quantity(), example="9 mo"),
        Word("only with", NAMES, example="[x]"),
        Word("not with", NAMES, example="[y]"),
    ),
    _own,
)
