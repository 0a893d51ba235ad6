"""Cards of a CONWIP loop: how many a lot needs, and how they come back."""

from __future__ import annotations

from typing import Any

from plantwright.simulation.codes import LOOP
from plantwright.simulation.draws import compiled


@compiled
def cards_for(w: Any, r: Any, pieces: Any) -> Any:
    """How many cards of its loop a lot of so many pieces needs; 0 where rule `r` is none of a loop."""
    if r < 0 or w.release.rule[r] != LOOP:
        return 0.0
    return pieces if w.loop.pieces[w.release.loop[r]] == 1 else 1.0


@compiled
def give_cards_back(w: Any, r: Any, cards: Any) -> None:
    """Give a loop the cards that a lot of rule `r` had; a rule that is no more of a loop has none to take them."""
    if cards > 0.0 and r >= 0 and w.release.rule[r] == LOOP:
        w.loop.cards[w.release.loop[r]] += cards
        w.run.pull[0] = 1
