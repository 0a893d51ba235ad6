"""Changes that come true in part: each number somewhere between what it is and what it should become."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plantwright.improvement.words import counted
from plantwright.plant.edits import number_of, read_at
from plantwright.plant.plant import Plant
from plantwright.plant.resources import Amount
from plantwright.plant.texts import scaled, text_at


def partly(plant: Plant, edits: Mapping[str, Any], share: float) -> dict[str, Any]:
    """Edits with that share of the change of every number that may be any; what is a word, new, or counted whole changes in full.

    A distribution keeps the shape of the new one, with its mean between both: old + share x (new - old). Lots and pieces stay whole.
    """
    return {path: _between(plant, path, value, share) for path, value in edits.items()}


def _between(plant: Plant, path: str, new: Any, share: float) -> Any:
    old = text_at(plant, path)
    document = plant.document
    if old is None or document is None or not isinstance(new, str) or share >= 1:
        return new
    value = read_at(document, path, new)
    before, after = number_of(read_at(document, path, old)), number_of(value)
    if before is None or after is None or before == after:
        return new
    wanted = before + share * (after - before)
    if isinstance(value, Amount):
        return counted(new, max(1, round(wanted)))
    text = scaled(new, wanted / after) if after else scaled(old, wanted / before)
    found = None if text is None else number_of(read_at(document, path, text))
    return text if found is not None and abs(found - wanted) <= 1e-4 * abs(wanted) + 1e-12 else new
