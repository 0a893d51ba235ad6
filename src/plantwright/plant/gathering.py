"""Lots that are merged must all be in process at a time: whether the cards of conwip rules and loops let so many in."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from plantwright.plant.plant import Loop
from plantwright.plant.products import Operation
from plantwright.plant.resources import Amount

if TYPE_CHECKING:
    from plantwright.plant.routes import RoutingChecks


def check_gathering(checks: RoutingChecks) -> None:
    """Note every step that gathers more lots than there can be, so that its lots would wait for each other for ever."""
    product, path = checks.product, f"{checks.path} > routing"
    if product.releases and all(release.rule == "conwip" for release in product.releases):
        cards = sum(_lots(release.cards, product.lot) for release in product.releases if release.cards is not None)
        _check(checks, path, product.routing, cards, "conwip")
    names = [step.name for step in product.routing]
    for loop in checks.checker.plant.loops.values():
        if loop.start in names:
            steps = product.routing[names.index(loop.start) : _end(names, loop)]
            _check(checks, path, steps, _lots(loop.cards, product.lot), f"the loop {loop.name!r}")


def _end(names: list[str], loop: Loop) -> int:
    return names.index(loop.until) + 1 if loop.until in names else len(names)


def _lots(cards: Amount, lot: float) -> float:
    return cards.value if cards.of == "lot" else math.floor(cards.value / lot + 1e-9)


def _check(checks: RoutingChecks, path: str, steps: tuple[Operation, ...], cards: float, whose: str) -> None:
    """How many lots with a card of their own one lot at a step has come of; what cannot be told ends the search."""
    of = 1.0
    for step in steps:
        if step.merge is not None:
            of = of * step.merge.value if step.merge.of == "lot" else max(of, step.merge.value / checks.product.lot)
            if of > cards * (1 + 1e-9):
                reason = (
                    f"gathers what comes of {math.ceil(of - 1e-9)} lots, but {whose} lets {cards:g} be in process: they would wait for "
                    "each other for ever; give it more cards, or merge fewer"
                )
                checks.checker.wrong("PW1274", f"{path} > {step.name} > merge", reason, ())
                return
        if step.becomes is not None or step.transfer is not None or (step.split is not None and step.split.of != "lot"):
            return
        if step.split is not None:
            of /= step.split.value
