"""The words of supply: materials and who delivers them."""

from __future__ import annotations

from typing import Any

from plantwright.plant.patterns import stock_pattern
from plantwright.plant.readers import (
    Context,
    MoneyOf,
    Random,
    Reader,
    Text,
    text_schema,
)
from plantwright.plant.resources import (
    Material,
    Supplier,
)
from plantwright.plant.structures import Keys, Word
from plantwright.units import UNITS, UnitError, split_number


class Stock(Reader):
    """An amount of material: a number and its kind."""

    kind = "an amount such as '900 kg'"
    may_be_guessed = True
    schema = text_schema(stock_pattern())

    def text(self, text: str, context: Context) -> tuple[float, str]:
        number, unit = split_number(text)
        if number < 0:
            raise ValueError(f"{text!r} must not be below zero")
        for kind, units in UNITS.items():
            if unit in units:
                if kind in ("duration", "power", "speed"):
                    raise UnitError(f"{unit!r} is a unit of {kind}, but an amount is wanted, such as '900 kg'")
                return number * units[unit], kind
        return number, "pieces"


class _PriceOf(MoneyOf):
    """Money for an amount of something, and the kind of that amount; for a piece where no unit follows."""

    def __init__(self) -> None:
        super().__init__("any")

    def text(self, text: str, context: Context) -> Any:
        unit = text.partition("/")[2].strip()
        kind = next((kind for kind, units in UNITS.items() if unit in units), "pieces")
        return super().text(text, context), kind


def _material(
    name: str, price: Any = None, supplier: str | None = None, on_hand: Any = None, reorder: Any = None
) -> Material:
    at, up_to = reorder or (None, None)
    if reorder and on_hand is None:
        raise ValueError("'reorder' without 'on hand': what is not counted is always there; say how much is on hand")
    kinds = {value[1] for value in (on_hand, at, up_to, price) if value}
    if len(kinds) > 1:
        raise ValueError(f"its price and amounts are of different kinds: {', '.join(sorted(kinds))}")
    money, *number = (value[0] if value else None for value in (price, on_hand, at, up_to))
    return Material(name, kinds.pop() if kinds else "", money, supplier, *number)


def _reorder(at: tuple[float, str], up_to: tuple[float, str]) -> tuple[Any, Any]:
    if at[1] == up_to[1] and at[0] > up_to[0]:
        raise ValueError(f"'at' ({at[0]:g}) is more than 'up to' ({up_to[0]:g})")
    return at, up_to


MATERIAL = Keys(
    (
        Word("price", _PriceOf(), example="28 USD/kg", meaning="for so much of it"),
        Word("from", Text(), "supplier", "Cathode Co", "who delivers it"),
        Word("on hand", Stock(), example="900 kg", meaning="at the start"),
        Word("reorder", Keys((Word("at", Stock(), example="600 kg", meaning="the stock at which it is ordered", needed=True),
                             Word("up to", Stock(), example="1.5 t", meaning="the stock that it is filled to", needed=True)),
                             _reorder), example="{at: 600 kg, up to: 1.5 t}",
             meaning="ordered at this stock, up to that"),
    ),
    _material,
)  # fmt: skip


def _supplier(name: str, lead_time: Any = None, outage: Any = None) -> Supplier:
    return Supplier(name, lead_time, *(outage or (None, None)))


SUPPLIER = Keys(
    (
        Word("lead time", Random(), example="gamma 21 d cv 0.4", meaning="from order to delivery"),
        Word("outage", Keys((Word("every", Random(), example="exponential 3 y", meaning="time between outages", needed=True),
                            Word("lasts", Random(), example="lognormal 6 wk cv 1", meaning="how long one lasts", needed=True)),
                            lambda every, lasts: (every, lasts)), example="{every: exponential 3 y, lasts: 6 wk}",
             meaning="when nothing comes"),
    ),
    _supplier,
)  # fmt: skip
