"""The words of products: what is made, by which steps, for whom."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from plantwright.plant.patterns import stock_pattern
from plantwright.plant.products import (
    Product,
    Release,
)
from plantwright.plant.quantities import (
    singular,
)
from plantwright.plant.readers import (
    AmountOf,
    From,
    MoneyOf,
    Text,
    text_schema,
)
from plantwright.plant.structures import Keys, ListOf, Word
from plantwright.plant.words.orders import DEMAND, RELEASE, InitialOf
from plantwright.plant.words.routings import RoutingOf
from plantwright.units import split_number


def _lot(text: str) -> tuple[float, str]:
    number, unit = split_number(text)
    if number <= 0:
        raise ValueError(f"{text!r}: a lot holds more than nothing")
    return number, singular(unit) if unit else ""


def _product(
    name: str, routing: Any, unit: str = "", lot: Any = (1.0, ""), releases: Any = (), family: str = "", **values: Any
) -> Product:
    one = singular(unit) if unit else lot[1] or "piece"
    begins = lot[1] if lot[1] not in ("", "piece", one) else ""
    if begins and not any(step.gives for step in routing):
        raise ValueError(f"lot is given in {lot[1]!r}, but the unit is {one!r}")
    demanded = values.get("demand")
    releases = tuple(_own_orders(name, release) for release in releases)
    if values.get("at_start"):
        values["at_start"] = tuple(lot for lot in values["at_start"] if lot.product in ("", name))
    rules = releases or ((Release(),) if demanded else (Release("saturated"),))
    return Product(
        name=name,
        routing=routing,
        unit=one,
        lot=lot[0],
        lot_unit=begins,
        releases=rules,
        family=family or name,
        **values,
    )


def _own_orders(name: str, release: Release) -> Release:
    if not any(order.product for order in release.orders):
        return release
    own = tuple(order for order in release.orders if order.product in ("", name))
    if not own:
        raise ValueError(f"release: the list of orders holds none of {name!r}")
    return replace(release, orders=own)


PRODUCT = Keys(
    (
        Word("unit", Text(), example="cell", meaning="what one piece is called", default="piece",
             why="the usual word"),
        Word("lot", From("a count such as '64 cells'", lambda text, context: _lot(text), True,
                         schema=text_schema(stock_pattern())), example="64 cells",
             meaning="what moves together", default="1 piece", why="pieces move one by one"),
        Word("family", Text(), example="NMC", meaning="which setup it needs", default="its own name",
             why="every product needs its own setup"),
        Word("price", MoneyOf("any"), example="38 USD", meaning="for a piece"),
        Word("demand", DEMAND, example="{rate: 400 cells/working day}", meaning="what customers ask"),
        Word("release", ListOf(RELEASE), "releases", "{conwip: 12 lots}", "what starts lots",
             default="at the demand's rate, evenly spaced; saturated without a demand",
             why="what is asked is made"),
        Word("stock", Keys((Word("capacity", AmountOf(), example="4000 cells", meaning="at most", needed=True),),
                           lambda capacity: capacity),
             example="{capacity: 4000 cells}", meaning="finished goods", default="unlimited", why="no limit is given"),
        Word("at start", InitialOf(), "at_start", "wip.csv", "lots at their steps at time 0", default="none",
             why="the plant starts empty and warms up"),
        Word("routing", RoutingOf(), example="[mix: {at: mixer, time: 90 min/lot}]", meaning="its steps", needed=True),
    ),
    _product,
)  # fmt: skip
