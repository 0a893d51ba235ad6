"""The two pages that a manager signs: the answer on the first, what is to be decided on the second."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plantwright.report import advice, words
from plantwright.report.robustness import guarantee_said
from plantwright.report.sentences import (
    cost_said,
    is_sketch,
    move_said,
    needs_said,
    people_in_short,
)

if TYPE_CHECKING:
    from plantwright.improvement.study import Flip, RankedMove, Study
    from plantwright.plant import Plant

MOST_NOW, MOST_SPEND, MOST_SPARED, MOST_FLIPS, MOST_RESTS = 3, 2, 2, 4, 6
LONGEST_NEED = 120
"""Both pages must stay pages; all of it opens under the move."""


def first_flips(study: Study) -> tuple[Flip, ...]:
    """What would change the answer, and the number to measure first where none of them asks for it already."""
    told = {flip.what for flip in study.flips}
    other = [
        flip
        for flip in study.measure_first
        if f"{flip.what.removeprefix('measure first: ').partition(' > time')[0]} takes under" not in told
    ]
    return (*study.flips[: MOST_FLIPS - 1], *other[:1])


def decisions(study: Study, plant: Plant) -> list[dict[str, Any]]:
    """The moves that are to be decided on, each with what it brings, costs, needs and asks of people."""
    now, spend = advice.best_of(study, "do now", MOST_NOW), advice.best_of(study, "if you spend", MOST_SPEND)
    listed = [("do", item) for item in now] + [("spend", item) for item in spend]
    listed += [("do not buy", item) for item in advice.spared(study, MOST_SPARED)]
    return [_decision(study, plant, what, item) for what, item in listed]


def _decision(study: Study, plant: Plant, what: str, item: RankedMove) -> dict[str, Any]:
    spared = what == "do not buy"
    tied = [
        other.move.title
        for other in study.moves
        if other.move.name in item.tied_with and other.verdict in ("do now", "if you spend")
    ]
    return {
        "what": what,
        "rank": item.rank,
        "title": item.move.title,
        "brings": advice.why_not(study, item) if spared else move_said(study, item),
        "costs": cost_said(item, plant.currency or "", is_sketch(study.baseline)),
        "sure": "" if spared else _sure(item),
        "needs": "" if spared else words.shortened(_needs(item), LONGEST_NEED),
        "ties": "" if spared or not tied else f"tied with {len(tied)} other{'s' if len(tied) > 1 else ''}",
    }


def _sure(item: RankedMove) -> str:
    said = f"{words.sureness(item.sure)} sure to help"
    return said if item.best is None or item.best < 0.01 else f"{said}, {words.sureness(item.best)} to be the best"


def _needs(item: RankedMove) -> str:
    """What it needs and does to people; which of the times are assumed opens under the move."""
    return "; ".join([*needs_said(item), *people_in_short(item.people)]).replace(" (assumed)", "")


def rests_on(study: Study, plant: Plant, guesses: int, defaults: int) -> list[str]:
    """What the answer rests on, in lines."""
    run = study.baseline
    lines = [guarantee_said(study)] if study.guarantee is not None else []
    if guesses:
        lines.append(f"{guesses} of your values are marked as guesses.")
    if defaults:
        lines.append(f"{defaults} values were taken by us where the file says nothing.")
    assumed = sum(bool(item.move.assumed) for item in study.moves)
    if assumed:
        lines.append(f"{assumed} moves have costs or times that their family assumes.")
    if run.not_simulated:
        lines.append(f"Not modelled: {', '.join(run.not_simulated)}.")
    lines += [f"Not known: {what} ({why})." for what, why in run.unknown.items()]
    return lines[:MOST_RESTS]
