"""How moves fare where things are not as they are: at lower and higher demand, with less and more variability."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any

from plantwright.errors import PlantError, SimulationError
from plantwright.improvement.bench import Bench
from plantwright.improvement.families.stopping import release_paths
from plantwright.improvement.orders_at import as_table, lists_at
from plantwright.improvement.ranking import OF, Base, effect, main_effect
from plantwright.improvement.study import OWN, Measure, RankedMove
from plantwright.plant import changed, with_variability
from plantwright.plant.plant import Plant
from plantwright.plant.products import Product
from plantwright.plant.texts import scaled, text_at
from plantwright.simulation.run import Estimate, Run

LOWER, HIGHER = 0.8, 1.2
"""Low and high demand, as shares of what is asked, where the plant gives no range."""
VARIABILITY = {"half": 0.5, "twice": 2.0}
AS_GIVEN = "as given"
OUTLOOK = 5
"""Of so many of the first moves it is asked."""


def demand_edits(plant: Plant, level: str) -> dict[str, Any]:
    """The edits with which what is asked, and what comes by itself, is ``low`` or ``high``; empty where nothing of the kind stands in the
    file. Lists of orders are `at_demand`'s, since they stand in files of their own.
    """
    edits: dict[str, Any] = {}
    for name, product in plant.products.items():
        factor = _factor(product, level)
        if product.demand is not None:
            base = f"products > {name} > demand"
            text = text_at(plant, f"{base} > rate")
            new = scaled(text, factor) if text is not None else None
            if new is None:
                continue
            edits[f"{base} > rate"] = new
            edits |= {
                f"{base} > {word}": None for word in ("low", "high") if text_at(plant, f"{base} > {word}") is not None
            }
        for number, release in enumerate(product.releases, 1):
            several = len(product.releases) > 1
            path = f"products > {name} > release{f' > {number}' if several else ''} > every"
            text = text_at(plant, path)
            new = scaled(text, 1 / factor) if release.every and text is not None and factor > 0 else None
            if new is not None:
                edits[path] = new
    return edits


def _factor(product: Product, level: str) -> float:
    """Low or high demand for a product, as a share of what is asked."""
    usual, demand = LOWER if level == "low" else HIGHER, product.demand
    if demand is None or not demand.rate:
        return usual
    given = demand.low if level == "low" else demand.high
    return usual if given is None else given / demand.rate


def at_demand(plant: Plant, level: str) -> Plant | None:
    """The plant at ``low`` or ``high`` demand, with other lists of orders in files beside it; None where its file asks for nothing.

    Raises PlantError where that makes no plant.
    """
    edits, files = demand_edits(plant, level), {}
    lists = lists_at(plant, {name: _factor(product, level) for name, product in plant.products.items()})
    for place, ((name, number), orders) in enumerate(lists.items(), 1):
        file = f"orders {place}, {level} demand.csv"
        files[file] = as_table(orders)
        edits[f"{release_paths(plant, name)[number]} > orders"] = file
    return changed(plant, edits, files) if edits else None


@dataclass(frozen=True)
class World:
    """The plant as it would be, and its run in the mode that the ranking needs."""

    plant: Plant
    base: Base


def _world(bench: Bench, base: Base, plant: Plant, by: Measure) -> World:
    saturated = OF[by][0] == "saturated"
    run = bench.run(plant, saturated=saturated)
    return World(plant, replace(base, saturated=run) if saturated else replace(base, released=run))


def _effect(bench: Bench, world: World, item: RankedMove, by: Measure) -> Estimate | None:
    try:
        trial = bench.trial(world.plant, saturated=OF[by][0] == "saturated", moves=[item.move])
        run: Run = bench.tried(trial, bench.replications)
    except (PlantError, SimulationError):
        return None
    trial.forget_plants()
    return main_effect(item.move, run, world.base, by)


def at_demands(
    bench: Bench, base: Base, moves: tuple[RankedMove, ...], by: Measure
) -> tuple[tuple[RankedMove, ...], dict[str, str]]:
    """The first moves with their effects at low, given and high demand, and which is the first at each.

    Tried are the first moves, and the first that cost nothing. Nothing is told where no other demand can be. Raises Stopped.
    """
    chosen = first_moves(moves, by)
    if not chosen:
        return moves, {}
    found: dict[int, dict[str, Estimate]] = {i: {AS_GIVEN: made} for i in chosen if (made := effect(moves[i], by))}
    first_at = {AS_GIVEN: moves[chosen[0]].move.name}
    for level in ("low", "high"):
        try:
            plant = at_demand(base.plant, level)
            if plant is None:
                continue
            world = _world(bench, base, plant, by)
        except (PlantError, SimulationError):
            continue
        effects = {i: made for i in chosen if (made := _effect(bench, world, moves[i], by)) is not None}
        for i, made in effects.items():
            found[i][level] = made
        first_at[level] = _first(effects, moves, by)
    if len(first_at) == 1:
        return moves, {}
    return _with(moves, {i: {"at_demand": made} for i, made in found.items()}), first_at


def _first(effects: dict[int, Estimate], moves: Sequence[RankedMove], by: Measure) -> str:
    """The name of the best of some effects; empty where none is for the better."""
    sign = OF[by][2]
    better = {i: made for i, made in effects.items() if min(sign * made.low, sign * made.high) > 0}
    if not better:
        return ""
    return moves[max(better, key=lambda i: sign * better[i].mean)].move.name


def at_variabilities(bench: Bench, base: Base, moves: tuple[RankedMove, ...], by: Measure) -> tuple[RankedMove, ...]:
    """The first moves with their effects at half and twice the variability of all times. Raises Stopped."""
    chosen = first_moves(moves, by)
    found: dict[int, dict[str, Estimate]] = {i: {} for i in chosen}
    for level, factor in VARIABILITY.items():
        try:
            world = _world(bench, base, with_variability(base.plant, factor), by)
        except (PlantError, SimulationError):
            continue
        for i in chosen:
            made = _effect(bench, world, moves[i], by)
            if made is not None:
                found[i][level] = made
    return _with(moves, {i: {"at_variability": made} for i, made in found.items()})


def first_moves(moves: Sequence[RankedMove], by: Measure, most: int = OUTLOOK) -> list[int]:
    """The places of the first moves that are for the better, of each family one, those that cost nothing among them."""
    chosen: list[int] = []
    families: set[str] = set()
    for i, item in enumerate(moves):
        if item.verdict in ("do now", "if you spend") and effect(item, by) is not None:
            key = item.move.name if item.move.family == OWN else item.move.family
            if key not in families:
                families.add(key)
                chosen.append(i)
    free = [i for i in chosen if moves[i].verdict == "do now"][:2]
    return sorted(dict.fromkeys([*free, *chosen][:most]))


def _with(moves: tuple[RankedMove, ...], changes: dict[int, dict[str, Any]]) -> tuple[RankedMove, ...]:
    return tuple(replace(item, **changes[i]) if i in changes else item for i, item in enumerate(moves))
