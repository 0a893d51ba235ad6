"""How large batches are: of a work center, or of a step that says otherwise."""

from __future__ import annotations

from plantwright.plant.quantities import read_amount
from plantwright.plant.resources import Amount, Batch


def batch_of(largest: Amount, smallest: Amount | None = None, wait: float = 0.0) -> Batch:
    """The batch of what was read; ValueError where its sizes do not go together."""
    made = Batch(largest, smallest or read_amount("1 lot"), wait)
    if made.smallest.of == made.largest.of and made.smallest.value > made.largest.value:
        raise ValueError(f"min ({made.smallest.value:g}) is more than max ({made.largest.value:g})")
    if largest.value < 1:
        raise ValueError("max must be at least 1")
    return made
