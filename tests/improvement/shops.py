"""A shop of two products at one press, whose limit and whose money can be worked out by hand."""

from __future__ import annotations

from typing import Any

from plantwright.improvement import Move, Study, improve, propose
from plantwright.plant import Plant, changed, read_text

PRESS = """
plant: A press that is sold out
currency: USD
materials: {sheet: {price: 2 USD/kg}}
work centers:
  press: {machines: 1}
  bench: {machines: 1}
products:
  lid:
    price: 9 USD
    demand: {rate: 100 pieces/day}
    routing:
      - form: {at: press, time: 10 min/piece, takes: {sheet: 0.5 kg/piece}}
      - check: {at: bench, time: 1 min/piece}
  pan:
    price: 20 USD
    demand: {rate: 40 pieces/day}
    routing:
      - form: {at: press, time: 20 min/piece, takes: {sheet: 2 kg/piece}}
      - check: {at: bench, time: 2 min/piece}
"""
"""A day of the press is 1,440 min; asked are 100 x 10 + 40 x 20 = 1,800 min: 125 %. An hour of it brings 6 lids of 8 USD, 48 USD, or
3 pans of 16 USD, 48 USD: `dear` makes pans of 26 USD, 66 USD an hour.
"""


def press(*edits: tuple[str, Any]) -> Plant:
    return changed(read_text(PRESS), dict(edits)) if edits else read_text(PRESS)


DEAR = ("products > pan > price", "26 USD")


def moves_of(plant: Plant, *families: str) -> dict[str, Move]:
    return {move.name: move for move in propose(plant, families)}


def studied(plant: Plant, *families: str, **options: Any) -> Study:
    return improve(plant, families=families, **{"replications": 2, "horizon": "30 d", "warmup": "5 d", **options})
