"""The words of supply: materials and who delivers them."""

from __future__ import annotations

from typing import Any

from plantwright.plant.readers import (
    Context,
    MoneyOf,
    Random,
    Reader,
    Text,
)
from plantwright.plant.resources import (
    Material,
    Supplier,
)
from plantwright.plant.structures import Keys, Word
from plantwright.units import UNITS, split_number


class Stock(Reader):
    """An amount of material: a number and its kind."""

    kind = "an amount such as '900 kg'"
    may_be_guessed = True

    def text(self, text: str, context: Context) -> tuple[float, str]:
        number, unit = split_number(text)
        if number < 0:
            raise ValueError(f"{text!r} must not be below zero")
        for kind, units in UNITS.items():
            if unit in units and kind not in ("duration", "power", "energy", "speed"):
                return number * units[unit], kind
        return number, "pieces"


def _material(
    name: str, price: float | None = None, supplier: str | None = None, on_hand: Any = None, reorder: Any = None
) -> Material:
    at, up_to = reorder or (None, None)
    kinds = {value[1] for value in (on_hand, at, up_to) if value}
    if len(kinds) > 1:
        raise ValueError(f"amounts of different kinds: {', '.join(sorted(kinds))}")
    number = [value[0] if value else None for value in (on_hand, at, up_to)]
    return Material(name, kinds.pop() if kinds else "mass", price, supplier, *number)


MATERIAL = Keys(
    (
        Word("price", MoneyOf("any"), example="28 USD/kg"),
        Word("from", Text(), "supplier", "Cathode Co", "who delivers it"),
        Word("on hand", Stock(), example="900 kg", meaning="at the start"),
        Word("reorder", Keys((Word("at", Stock(), needed=True), Word("up to", Stock(), needed=True)),
                             lambda at, up_to: (at, up_to)), example="{at: 600 kg, up to: 1.5 t}"),
    ),
    _material,
)  # fmt: skip


def _supplier(name: str, lead_time: Any = None, outage: Any = None) -> Supplier:
    return Supplier(name, lead_time, *(outage or (None, None)))


SUPPLIER = Keys(
    (
        Word("lead time", Random(), example="gamma 21 d cv 0.4"),
        Word("outage", Keys((Word("every", Random(), needed=True), Word("lasts", Random(), needed=True)),
                            lambda every, lasts: (every, lasts)), example="{every: exponential 3 y, lasts: 6 wk}"),
    ),
    _supplier,
)  # fmt: skip
