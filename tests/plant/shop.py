"""A small shop as the text of a plant file, in which a story changes a word or two."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError, Problem
from plantwright.plant import Plant
from plantwright.plant.document import Document, parse
from plantwright.plant.reading import from_document

SHOP = """\
format: 1
plant: Small shop
currency: USD
shifts:
  day: {days: Mon-Fri, from: "07:00", to: "15:00", breaks: ["11:00-11:30"]}
people:
  Ana: {shift: day, skills: {sawing: 2}}
  fitters: {count: 3, shift: day, skills: {fitting: 3, repair: 2, mixing: 2}}
work centers:
  saw: {machines: 1, shift: day}
  mill: {machines: 2, shift: day}
  bench: {machines: 1}
materials:
  bar: {price: 2 USD/kg}
  bearing: {price: 9 USD}
products:
  bracket:
    lot: 20 pieces
    family: NMC
    demand: {rate: 160 pieces/working day}
    routing:
      - cut: {at: saw, time: 2 min/piece, staff: [{skill: sawing}]}
      - mill: {at: mill, time: 4 min/piece}
      - form: {at: bench, time: 30 min/lot}
  axle:
    family: LFP
    demand: {rate: 10 pieces/working day}
    routing:
      - turn: {at: bench, time: 12 min}
"""
"""``bracket`` goes in lots of 20 from saw to mill to bench, ``axle`` piece by piece over the bench."""


def shop(*changes: str, text: str = SHOP) -> str:
    """The shop's text with changes ``old -> new``; one that begins with ``+`` adds lines at the end."""
    for change in changes:
        if change.startswith("+"):
            text += change[1:].strip("\n") + "\n"
            continue
        old, _, new = change.partition(" -> ")
        assert old in text, f"{old!r} is not in the shop"
        text = text.replace(old, new, 1)
    return text


def read(text: str, **files: str) -> Plant:
    """The plant of a text; `files` are the files beside it, ``_`` for the point in their names."""
    root, problems = parse(text, "shop.yaml")
    beside = {name.replace("__", "/").replace("_csv", ".csv"): content for name, content in files.items()}
    return from_document(Document(root, "shop.yaml", text, None, beside), problems)


def problems_of(text: str, **files: str) -> list[Problem]:
    """All that is wrong with a text."""
    with pytest.raises(PlantError) as caught:
        read(text, **files)
    return list(caught.value.problems)


def only_problem(text: str, **files: str) -> Problem:
    """What is wrong with a text in which one thing is wrong."""
    found = problems_of(text, **files)
    assert len(found) == 1, "\n".join(map(str, found))
    return found[0]
