"""What a family of moves is."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Literal

from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.plant.plant import Plant

Stage = Literal["exploit", "subordinate", "elevate"]


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of move.

    ``propose`` gives its moves for a plant and what such moves usually cost and bring there. ``spends`` says whether it is spent on
    (capital, wages or a project). ``stage``: whether it gets more out of what is there (exploit), sets other things by the limit
    (subordinate), or buys more (elevate; Goldratt, The Goal). ``usual``: costs and effects where the plant file says nothing.
    """

    name: str
    propose: Callable[[Plant, Usual], Iterable[Move]]
    spends: bool
    stage: Stage = "elevate"
    usual: Usual = field(default_factory=Usual)
