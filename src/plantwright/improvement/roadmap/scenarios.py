"""What may come: demand, how far effects come true, and luck, as equally likely scenarios of what each move brings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from plantwright.improvement.arithmetic import good_share
from plantwright.improvement.roadmap.candidates import Measured
from plantwright.improvement.roadmap.problem import Floats
from plantwright.improvement.study import Study
from plantwright.improvement.worth import money_of, years_of_gain
from plantwright.plant import changed
from plantwright.plant.plant import Plant
from plantwright.simulation.economics import YEAR
from plantwright.simulation.run import Run
from plantwright.simulation.uncertainty import drawn, is_uncertain

LEVELS = (("low", 0.3), ("as given", 0.4), ("high", 0.3))
"""Three levels of demand with their chances: Swanson's rule for the 10 %, 50 % and 90 % points (Hurst, Brown and Swanson 2000)."""
SPREAD = 0.2
"""Low and high demand where the plant file gives no range: so much below and above."""


@dataclass(frozen=True, eq=False)
class Effects:
    """What the moves bring in each scenario, money a year: `selling` and `other` (scenarios x moves), the `ceiling` of demand, and by how
    much each move `lowers` that (scenarios x moves).
    """

    selling: Floats
    other: Floats
    ceiling: Floats
    lowers: Floats


def as_given(plant: Plant, study: Study, moves: Sequence[Measured]) -> Effects:
    """The one scenario in which all is as it was measured in the mean, with the demand as given."""
    worth = _piece_worth(plant, study.baseline)
    selling = np.array([[_sold(item, worth).mean() for item in moves]]).reshape(1, len(moves))
    whole = np.array([[item.gains.mean() for item in moves]]).reshape(1, len(moves))
    ceiling = np.array([_room(plant, study, worth, 1.0).mean()])
    return Effects(selling, whole - selling, ceiling, _lowered(plant, study, moves, worth)[None, :])


def drawn_effects(plant: Plant, study: Study, moves: Sequence[Measured], scenarios: int, seed: int) -> Effects:
    """Scenarios, equally likely.

    Each has a level of demand (`LEVELS`), a mean over replications drawn anew from them (the luck of what was measured; Efron 1979), the
    deviation of one replication as far as the spread between replications is not luck but numbers of the plant and beliefs that
    nobody knows, and for each move one of the ways in which it may turn out.
    """
    luck: Any = np.random.default_rng(seed)
    worth = _piece_worth(plant, study.baseline)
    # Moves that were hard to tell apart have more replications than the plant as it is.
    count = max([study.baseline.replications, *(len(item.gains) for item in moves)])
    levels, scales = luck.permutation(_levels(scenarios)), _scales(plant)
    picks = luck.integers(0, count, scenarios)
    means = luck.multinomial(count, np.full(count, 1 / count), scenarios).astype(float)
    selling, other = np.zeros((scenarios, len(moves))), np.zeros((scenarios, len(moves)))
    for j, item in enumerate(moves):
        known = _known_share(plant, item)
        factor = np.array(item.belief)[luck.integers(0, len(item.belief), scenarios)]
        sold = _sold(item, worth)
        for table, values in ((selling, sold), (other, item.gains - sold)):
            table[:, j] = factor * (_resampled(values, means) + known * (values[picks % len(values)] - values.mean()))
        for level, (word, _) in enumerate(LEVELS if scales[0] < 1 else ()):
            if item.based is None:
                selling[levels == level, j] += _at_demand(plant, study, item, word)
    ceiling = np.zeros(scenarios)
    for level, scale in enumerate(scales):
        room = _room(plant, study, worth, scale)
        at = levels == level
        ceiling[at] = room[picks[at] % len(room)] if is_uncertain(plant) else room.mean()
    lowers = np.outer(np.array(scales)[levels], _lowered(plant, study, moves, worth))
    return Effects(selling, other, ceiling, lowers)


def _lowered(plant: Plant, study: Study, moves: Sequence[Measured], worth: float | None) -> Floats:
    """By how much each move lowers what could be sold at most, money a year: a higher price of which less is asked, or less scrap, which
    raises it; beyond what the move that it is based on does.
    """
    if worth is None or not _limited(plant):
        return np.zeros(len(moves))
    before = _asked(plant, study.baseline)
    lowered = {
        item.move.name: (before - _asked(changed(plant, item.move.edits), study.baseline)) * worth for item in moves
    }
    return np.array([lowered[item.move.name] - lowered.get(item.based or "", 0.0) for item in moves])


def _limited(plant: Plant) -> bool:
    """Whether demand limits what is sold of every product."""
    return all(product.demand is not None for product in plant.products.values())


def _at_demand(plant: Plant, study: Study, item: Measured, level: str) -> float:
    """What a move brings a year more at a level of demand than at the given one, as far as the study measured that."""
    found = item.ranked.at_demand
    if level not in found or "as given" not in found or study.by not in ("cash", "contribution"):
        return 0.0
    more = found[level].mean - found["as given"].mean
    if study.by == "contribution":
        return more
    years = years_of_gain(money_of(plant), item.move.lead_time or 0.0, item.move.ramp_up or 0.0)
    return more / years if years > 0 else 0.0


def _levels(scenarios: int) -> Any:
    """The level of demand of each scenario, in their shares as far as whole numbers go."""
    edges = np.round(np.cumsum([0.0] + [chance for _, chance in LEVELS]) * scenarios).astype(int)
    return np.repeat(np.arange(len(LEVELS)), np.diff(edges))


def _scales(plant: Plant) -> tuple[float, float, float]:
    """Low, given and high demand, as shares of the given; a range of the plant file is drawn in each replication already."""
    if any(product.demand is not None and product.demand.range is not None for product in plant.products.values()):
        return (1.0, 1.0, 1.0)
    return (1 - SPREAD, 1.0, 1 + SPREAD)


def _known_share(plant: Plant, item: Measured) -> float:
    """How far the spread between replications is not luck, as a share of the standard deviation."""
    shares = item.ranked.shares
    if shares:
        return float(np.sqrt(max(0.0, 1.0 - shares.get("luck", 0.0))))
    return 1.0 if is_uncertain(plant) else 0.0


def _resampled(values: Floats, means: Floats) -> Floats:
    """The mean of the replications drawn in each scenario; all of them where none of those that a move has was drawn."""
    weights = means[:, : len(values)]
    total = weights.sum(axis=1)
    made: Floats = np.where(total > 0, weights @ values / np.maximum(total, 1.0), values.mean())
    return made


def _piece_worth(plant: Plant, run: Run) -> float | None:
    """What a piece sold a working day leaves in a year, its material paid; None where pieces cannot be added up or have no demand."""
    priced = {name: p.price for name, p in plant.products.items() if p.price is not None and p.demand is not None}
    sold = {}
    for estimate in run.named("sales"):
        name = estimate.of.get("product")
        if name is None and len(plant.products) == 1:
            name = next(iter(plant.products))
        if name in priced:
            sold[name] = estimate.mean
    if not sold or len({plant.products[name].unit for name in plant.products}) > 1 or sum(sold.values()) <= 0:
        return None
    used = sum(
        estimate.mean * (plant.materials[estimate.of["material"]].price or 0.0)
        for estimate in run.named("material used")
    )
    income = sum(priced[name] * amount for name, amount in sold.items())
    return (income - used) / sum(sold.values()) * _days_a_year(run)


def _days_a_year(run: Run) -> float:
    return run.working_days / run.horizon * YEAR


def _sold(item: Measured, worth: float | None) -> Floats:
    """Of what a move brings, the part by selling more; nothing where pieces cannot be told, so that no demand limits it."""
    if worth is None or item.sales is None:
        return np.zeros_like(item.gains)
    made: Floats = item.sales[: len(item.gains)] * worth
    return made


def _room(plant: Plant, study: Study, worth: float | None, scale: float) -> Floats:
    """What more could be sold in each replication, money a year, were demand so much of the given; infinite where nothing limits it."""
    run = study.baseline
    count = len(run.estimate("contribution").values)
    if worth is None or not _limited(plant):
        return np.full(count, np.inf)
    sales = np.array(run.estimate("sales").values)
    could = np.array(study.saturated.estimate("throughput").values)
    asked = np.array([_asked(drawn(plant, run.seed, r) if is_uncertain(plant) else plant, run) for r in range(count)])
    # A plant that sells all that is asked would sell more to a higher demand, as far as it can make it.
    n = min(count, len(could))
    most = np.where(sales[:n] >= 0.99 * asked[:n], np.maximum(sales[:n], could[:n]), sales[:n])
    room = np.maximum(0.0, scale * asked[:n] - np.minimum(scale * asked[:n], most)) * worth
    made: Floats = room
    return made


def _asked(plant: Plant, run: Run) -> float:
    """Pieces a working day that customers ask for and can get: where lots are started at the rate that is asked, less what is scrapped."""
    total = 0.0
    for product in plant.products.values():
        if product.demand is not None:
            days = 1.0 if product.demand.per == "working day" else run.horizon / 86400.0 / run.working_days
            started = {release.rule for release in product.releases} == {"demand"}
            total += product.demand.mean * days * (good_share(product) if started else 1.0)
    return total
