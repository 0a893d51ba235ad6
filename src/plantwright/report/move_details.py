"""What opens under a move: what it brings, costs, pays back, how sure it is, what it needs, what it does to people."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from plantwright.improvement.ranking import effect
from plantwright.report import advice, words
from plantwright.report.sentences import (
    cost_said,
    gain_said,
    is_sketch,
    money_gain,
    money_said,
    needs_said,
    payback_said,
    people_said,
    shares_said,
    sketched,
    sure_said,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

    from plantwright.improvement.study import RankedMove, Study
    from plantwright.plant import Plant
    from plantwright.simulation.run import Estimate

LEVELS = {"low": "low", "as given": "as given", "high": "high"}


def details_of(study: Study, item: RankedMove, plant: Plant) -> list[tuple[str, str]]:
    """Pairs of a word and what is to be said; what is not known is left out."""
    sketch = is_sketch(study.baseline)
    pairs = [*_brings(study, item, sketch), *_money(item, plant, sketch), *_sure(study, item, sketch)]
    pairs.append(("Needs", "; ".join(needs_said(item))))
    pairs.append(("People", "; ".join(people_said(item.people))))
    pairs += _elsewhere(item, sketch)
    if item.next_limit:
        then = "no single thing" if item.next_limit == "several together" else item.next_limit
        at = f", at {words.figures(item.capacity)} a day" if item.capacity is not None else ""
        pairs.append(("Next limit", f"{then}{at}"))
    if item.meets_demand:
        pairs.append(("Demand", "with it, everything that is asked is sold: more would be worth nothing"))
    pairs.append(("Assumed by the family, not by you", ", ".join(item.move.assumed)))
    pairs.append(("Why it was not tried further", item.ground))
    pairs.append(("Remark", item.move.note))
    return [(name, said) for name, said in pairs if said]


def _brings(study: Study, item: RankedMove, sketch: bool) -> list[tuple[str, str]]:
    shown = advice.shown_effect(study, item)
    pairs = [("Brings", gain_said(shown))] if shown is not None else []
    time = item.released.get("cycle time")
    if time is not None and shown is not time and not time.low <= 0 <= time.high:
        pairs.append(("Cycle time", gain_said(time).removeprefix("cycle time ")))
    money = money_gain(item)
    if money is not None:
        pairs.append(("Contribution", sketched(money_said(money), sketch)))
    if item.shrunk is not None:
        said = _measured(item.shrunk, sketch)
        pairs.append(("Expected, having been picked out of many", said))
    if item.move.belief is not None:
        pairs.append(("Its effect is not certain", item.move.belief.text))
    return pairs


def _measured(estimate: Estimate, sketch: bool) -> str:
    said = gain_said(estimate)
    return sketched(said, sketch) if _is_money(estimate) else said


def _is_money(estimate: Estimate) -> bool:
    return estimate.unit.endswith("/y") or ("/" not in estimate.unit and estimate.unit not in ("s", "share", "lot"))


def _money(item: RankedMove, plant: Plant, sketch: bool) -> list[tuple[str, str]]:
    pairs = [
        ("Costs", cost_said(item, plant.currency or "", sketch)),
        ("Pays back", sketched(payback_said(item), sketch)),
    ]
    if item.net_present_value is not None:
        pairs.append(("Net present value", sketched(money_said(item.net_present_value), sketch)))
    elif item.cash is not None:
        pairs.append(("Worth today, before its price", sketched(money_said(item.cash), sketch)))
    return pairs


def _sure(study: Study, item: RankedMove, sketch: bool) -> list[tuple[str, str]]:
    pairs = [("How sure", "; ".join(sure_said(item)))]
    main = effect(item, study.by)
    if item.regret is not None and main is not None:
        lost = replace(main, mean=abs(item.regret), low=abs(item.regret), high=abs(item.regret))
        said = money_said(lost) if _is_money(main) else gain_said(lost)
        pairs.append(
            (
                "Lost in the mean by choosing it",
                sketched(said, sketch and _is_money(main)) if item.regret else "nothing",
            )
        )
    pairs.append(("What is uncertain in it", shares_said(item)))
    return pairs


def _elsewhere(item: RankedMove, sketch: bool) -> list[tuple[str, str]]:
    """Its effect at other levels of demand and variability."""

    def told(found: Mapping[str, Estimate]) -> str:
        return "; ".join(f"{level}: {_measured(estimate, sketch)}" for level, estimate in found.items())

    return [("At other demand", told(item.at_demand)), ("At other variability", told(item.at_variability))]


def tie_runs(study: Study, names: list[str]) -> dict[str, str]:
    """Which rows a bracket holds together: moves that follow each other and cannot be told apart, all with all.

    Each name of a move with its place in the bracket: ``first``, ``within`` or ``last``.
    """
    tied = {item.move.name: {item.move.name, *item.tied_with} for item in study.moves}
    places: dict[str, str] = {}
    start = 0
    while start < len(names):
        end = start + 1
        while end < len(names) and all(names[end] in tied[name] for name in names[start:end]):
            end += 1
        if end - start > 1:
            for k, name in enumerate(names[start:end]):
                places[name] = "first" if k == 0 else "last" if k == end - start - 1 else "within"
        start = end
    return places
