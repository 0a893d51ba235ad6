"""Moves on what is sold where more is asked than can be made: a higher price, and more of what brings most for an hour of the limit."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plantwright.distributions import Distribution
from plantwright.improvement.beliefs import believed
from plantwright.improvement.families.family import Family
from plantwright.improvement.families.limit import Load, brings_per_hour, sold_out
from plantwright.improvement.families.sound import MONTH, WEEK, is_sound, span, whose
from plantwright.improvement.families.stopping import release_paths
from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.improvement.words import counted, figures, number_of
from plantwright.plant.plant import Plant
from plantwright.plant.reading import value_at
from plantwright.plant.texts import scaled, text_at

DEARER = 0.05
FEWER = 0.75
FIRST = 1.0
"""So much more priority than any other product has the one that goes first."""
_RATES = ("rate", "low", "high")


def higher_price(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Where more is asked than the limit can make, by hand: a price 5 % higher for each product that the limit works on, of which less is
    asked then, by the share of demand lost for a share of price (the elasticity).
    """
    load = sold_out(plant)
    effect = usual.effect or Distribution.constant(0.0)
    for name in load.seconds if load is not None else ():
        base = f"products > {name}"
        price = text_at(plant, f"{base} > price")
        rates = [(f"{base} > demand > {word}", text) for word in _RATES
                 if (text := text_at(plant, f"{base} > demand > {word}")) is not None]  # fmt: skip
        if price is None or not rates or scaled(price, 1.0) is None:
            continue
        said = f"{span(effect)} of demand lost for 100 % of price"
        move = Move(
            name=f"price: {name}", family="price", title=f"{name} 5 % dearer", edits={}, subject={"product": name},
            note=f"{said}; by hand, {100 * load.least:.0f} % of {load.name} is asked for" if load is not None else "",
        )  # fmt: skip

        def edits_at(
            elasticity: float, path: str = f"{base} > price", price: str = price, rates: Any = rates
        ) -> dict[str, Any]:
            left = max(0.0, 1 - DEARER * elasticity)
            return {path: scaled(price, 1 + DEARER)} | {rate: scaled(text, left) for rate, text in rates}

        yield believed(move, effect, said, edits_at)


def product_mix(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Where more is asked than the limit can make, by hand: the product that brings most for an hour of the limit goes first; and
    a quarter less is taken on of the one that brings least.
    """
    load = sold_out(plant)
    if load is None:
        return
    each = {name: brings_per_hour(plant, name, load) for name in load.seconds}
    known = {name: value for name, value in each.items() if value is not None}
    if len(known) < 2 or len(known) < len(each) or max(known.values()) <= min(known.values()):
        return
    best, worst = max(known, key=lambda name: known[name]), min(known, key=lambda name: known[name])
    note = ", ".join(f"{name} {figures(known[name])}" for name in (best, worst))
    note = f"an hour of {load.name} brings {plant.currency or ''}: {note}"
    for what, name, title, edits in (
        ("first", best, f"{best} first", _first(plant, best, load)),
        ("less", worst, f"a quarter less{whose(plant, worst)} taken on", _fewer(plant, worst, load)),
    ):
        if edits and is_sound(plant, edits):
            yield Move(f"product mix: {name} {what}", "product mix", title, edits, subject={"product": name}, note=note)


def _first(plant: Plant, name: str, load: Load) -> dict[str, Any]:
    """The releases of a product with more priority than any other; empty where the limit does not look at it, or it has it already."""
    rules = [plant.work_centers[center].rule or plant.rule for center in load.centers]
    if all(rule and "priority" not in rule for rule in rules):
        return {}
    top = max(release.priority for other, made in plant.products.items() if other != name for release in made.releases)
    product = plant.products[name]
    if all(release.priority > top for release in product.releases) or any(
        release.orders for release in product.releases
    ):
        return {}
    base = f"products > {name} > release"
    paths = [base] if value_at(plant, base) is None else release_paths(plant, name)
    if any(text_at(plant, path) is not None for path in paths):  # 'saturated' has no words beside it
        return {}
    return {f"{path} > priority": f"{top + FIRST:g}" for path in paths}


def _fewer(plant: Plant, name: str, load: Load) -> dict[str, Any]:
    """A quarter less of a product asked for, and released where that does not follow the demand."""
    base = f"products > {name} > demand"
    edits: dict[str, Any] = {}
    for word in _RATES:
        text = text_at(plant, f"{base} > {word}")
        new = None if text is None else scaled(text, FEWER)
        if new is not None:
            edits[f"{base} > {word}"] = new
    for path in release_paths(plant, name):
        cards, every = text_at(plant, f"{path} > conwip"), text_at(plant, f"{path} > every")
        if cards is not None:
            edits[f"{path} > conwip"] = counted(cards, max(1, round(FEWER * number_of(cards))))
        rarer = None if every is None else scaled(every, 1 / FEWER)
        if rarer is not None:
            edits[f"{path} > every"] = rarer
    return edits if f"{base} > rate" in edits else {}


FAMILIES = (
    Family(
        "product mix", product_mix, False, "exploit",
        Usual(cost=0.0, lead_time=WEEK, ramp_up=0.0,
              source="What an hour of the limit brings decides: Goldratt, The Haystack Syndrome, 1990; Hopp and Spearman, Factory Physics, "
                     "chapter 16. A quarter and a week are our choice."),
    ),
    Family(
        "price", higher_price, False, "exploit",
        Usual(effect=Distribution("pert", (0.5, 1.76, 2.62)), cost=0.0, lead_time=3 * MONTH, ramp_up=0.0,
              source="Price elasticities of brands: 1.76 in the mean (Tellis, Journal of Marketing Research 25(4), 1988), 2.62 (Bijmolt, van "
                     "Heerde and Pieters, Journal of Marketing Research 42(2), 2005: 1,851 of them). Most are of consumer goods; the low end, "
                     "5 % and three months are our choice. Your customers may differ: give yours."),
    ),
)  # fmt: skip
