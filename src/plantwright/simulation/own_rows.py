"""All that the engine is told of one product, worked out once: its rows by numbers of its own, and what they mean for the rest."""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from plantwright.errors import SimulationError
from plantwright.plant.once import OnceFor
from plantwright.plant.products import Alternative, Operation, Product
from plantwright.plant.resources import PHASES
from plantwright.plant.ways import Ways, ways_of
from plantwright.simulation import codes
from plantwright.simulation.claim_rows import claim_row
from plantwright.simulation.codes import NOT_CARRIED
from plantwright.simulation.loads import expected_visits, work_ahead
from plantwright.simulation.records import records_of
from plantwright.simulation.short_ways import claims_nothing, just_goes_on, lines_up
from plantwright.simulation.step_rows import (
    OWNED,
    Around,
    Numbers,
    Own,
    centers_of,
    followers,
    forks,
    group_of,
    operation_row,
    own_part,
)
from plantwright.simulation.tables import Row
from plantwright.simulation.tool_rows import check_claims

INTO_STOCK = "into stock"
"""What coming into a finished stock that has a limit is called in the log."""
MOST_STEPS = 60_000
"""The steps of so many operations are kept at most, some 80 MB."""


@dataclass(frozen=True, eq=False)
class OwnRows:
    """The rows of a product, and of what its steps own, all by numbers of its own.

    Attributes
    ----------
    mains, alternatives : array
        Rows of its operations, and of the further work centers that can do them.
    claims, alternative_claims : array
        Four rows for each of these.
    owned : mapping
        Rows of needs and the like.
    product : mapping
        The row of the product.
    names, alternative_names : list of str
    setups, centers, stores, pools, skills, tended, defects, distributions, groups : list
        What has a number, each in the order of its numbers.
    first : tuple of int
        How many of the distributions and of the groups its mains have; behind them are those of its alternatives.
    reaches : array
        Of operations, the joins to which their lots may still come.
    asks : list
        What operations ask for, each once: numbers of skills, and of stores.
    asked, alternative_asked : array
        Which of them each operation asks for.
    asked_at : list
        Which of them is asked for at which work center.
    families, family : list, array
        The names of which a machine that does only some must be for one; and which of them each main has.
    marks : mapping
        What its work centers are told, for each of them.
    taken_at : list
        The work centers where something is taken, and the store.
    carried : tuple of int
        The pools of which its lots carry something.
    sizes : mapping
        The widest of its rows, as `memory` wants them.
    pooled : tuple
        Operations that use tools, or may begin with cards.
    """

    mains: Any
    alternatives: Any
    claims: Any
    alternative_claims: Any
    owned: dict[str, Any]
    product: Row
    names: list[str]
    alternative_names: list[str]
    setups: list[str]
    centers: list[str]
    stores: list[str]
    pools: list[tuple[str, str]]
    skills: list[tuple[str, int] | int]
    tended: list[tuple[int, int, int]]
    defects: list[str]
    distributions: list[Any]
    groups: list[tuple[object, ...]]
    first: tuple[int, int]
    reaches: Any
    asks: list[tuple[tuple[int, ...], tuple[int, ...]]]
    asked: Any
    alternative_asked: Any
    asked_at: list[tuple[int, int]]
    families: list[frozenset[str]]
    family: Any
    marks: dict[str, list[int]]
    taken_at: list[tuple[int, int]]
    carried: tuple[int, ...]
    sizes: dict[str, int]
    pooled: tuple[Operation, ...]


def _of_product(product: Product, around: Around) -> OwnRows:
    """The rows of a product. Raises SimulationError where nothing is ever to be done, or something is claimed at a pure delay."""
    _check_work(product)
    delays = dict(zip(centers_of(product), around.delays, strict=True))
    own, ways = Own(product, around), ways_of(product)
    index = {operation.name: i for i, operation in enumerate(product.routing)}
    returns = {until for _, until in around.carried}
    mains: list[Row] = []
    for i, operation in enumerate(product.routing):
        check_claims(product, operation, delays[operation.center])
        row = operation_row(own, product, operation, index, operation.name in returns)
        row |= followers(own, ways, operation, index)
        row["group"] = own.groups[group_of(own, operation, operation.at[0], row["key"])]
        mains.append(row | {"main": i, "choices": len(operation.at)})
    for row, (of_lot, of_piece) in zip(mains, work_ahead(product)[0], strict=True):
        row |= {"ahead_of_lot": float(of_lot), "ahead_of_piece": float(of_piece)}
    starts = {"first_start": forks(own, ways.starts, index), "starts": len(ways.starts)}
    first = len(own.distributions), len(own.groups)
    alternatives = _alternatives(own, product.routing, mains)
    return _all_of(own, product, mains, alternatives, starts | _demand(product), first)


def _of_stock(product: Product, around: Around) -> OwnRows:
    """The row of the step with which lots come into a finished stock that has a limit."""
    step = Operation(INTO_STOCK, (Alternative(f"stock of {product.name}"),))
    longer, alone = replace(product, routing=(*product.routing, step)), replace(product, routing=(step,))
    together, delays = (*around.together, None), (*around.delays, False)
    own = Own(longer, replace(around, together=together, delays=delays))
    row = operation_row(own, longer, step, {}, False)
    row |= followers(own, Ways(alone), step, {INTO_STOCK: 0})
    row |= {"group": own.groups["stock", product.name], "main": 0, "choices": 1}
    return _all_of(own, alone, [row], [], {}, (len(own.distributions), 1))


def _weight(product: Product) -> int:
    return len(product.routing)


rows_of = OnceFor(_of_product, MOST_STEPS, _weight)
"""All that the engine is told of a product whose surroundings are such."""
stock_rows_of = OnceFor(_of_stock)
"""The same of the step with which its lots come into a finished stock that has a limit."""


def _check_work(product: Product) -> None:
    """Raise SimulationError where no lot ever has anything to do: it would be done in no time, again and again."""
    if sum(expected_visits(product).values()) < 1e-9:
        raise SimulationError(
            f"products > {product.name} > routing: every step is left out by its 'share'; give one step a share above 0 %"
        )


def _demand(product: Product) -> Row:
    demand = product.demand
    return {
        "demand": demand.rate if demand else 0.0,
        "demand_rule": 0 if demand is None else 1 if demand.per == "day" else 2,
        "backlogged": int(demand is not None and demand.unmet == "backlog"),
    }


def _alternatives(own: Own, routing: Sequence[Operation], mains: Sequence[Row]) -> list[Row]:
    """Rows for the further work centers that can do an operation, behind those of all operations."""
    rows: list[Row] = []
    for main, operation in zip(mains, routing, strict=True):
        main["first_choice"] = len(rows)
        for choice in operation.at[1:]:
            row = main | own_part(own, operation, choice)
            rows.append(row | {"group": own.groups[group_of(own, operation, choice, row["key"])]})
    return rows


def _needs_of(own: Own, row: Row) -> list[Row]:
    return own.rows["need"][row["first_need"] : row["first_need"] + row["needs"]]


def _takes_of(own: Own, row: Row) -> list[Row]:
    return own.rows["take"][row["first_take"] : row["first_take"] + row["takes"]]


def _all_of(
    own: Own, product: Product, mains: list[Row], alternatives: list[Row], row: Row, first: tuple[int, int]
) -> OwnRows:
    everything = [*mains, *alternatives]
    for step in everything:
        step |= {"lines_up": int(lines_up(step)), "goes_on": int(just_goes_on(step, mains))}
    asks = Numbers()
    asked = [asks[_ask(own, step)] for step in everything]
    claims = records_of("claim", [claim for step in everything for claim in _claims(own, step)])
    families = Numbers()
    family = [families[_family(product, operation)] for operation in product.routing]
    alternative_names = [operation.name for operation in product.routing for _ in operation.at[1:]]
    n = len(mains)
    return OwnRows(
        mains=records_of("operation", mains),
        alternatives=records_of("operation", alternatives),
        claims=claims[: len(PHASES) * n],
        alternative_claims=claims[len(PHASES) * n :],
        owned={concept: records_of(concept, own.rows[concept]) for concept in OWNED},
        product=row,
        names=[operation.name for operation in product.routing],
        alternative_names=alternative_names,
        **{
            name: list(getattr(own, name))
            for name in ("setups", "centers", "stores", "pools", "skills", "tended", "defects", "distributions", "groups")
        },
        first=first,
        reaches=np.array(own.reaches, np.int64).reshape(-1, 2),
        asks=list(asks),
        asked=np.array(asked[:n], np.int64),
        alternative_asked=np.array(asked[n:], np.int64),
        asked_at=list(dict.fromkeys(zip(asked, (step["center"] for step in everything), strict=True))),
        families=list(families),
        family=np.array(family, np.int64),
        marks=_marks(own, everything),
        taken_at=list(
            dict.fromkeys((step["center"], take["store"]) for step in everything for take in _takes_of(own, step))
        ),
        carried=tuple({need["pool"] for need in own.rows["need"] if need["until"] != NOT_CARRIED}),
        sizes=_sizes(own, everything),
        pooled=tuple(operation for operation in product.routing if operation.uses or own.around.loops),
    )  # fmt: skip


def _ask(own: Own, row: Row) -> Hashable:
    """What an operation asks for: numbers of skills, and of the stores of which it takes something."""
    skills = dict.fromkeys(need["skill"] for need in _needs_of(own, row))
    return tuple(skills), tuple(dict.fromkeys(take["store"] for take in _takes_of(own, row)))


def _claims(own: Own, row: Row) -> list[Row]:
    """A row for each phase of an operation."""
    needs = own.rows["need"]
    asked = [
        need
        for need in range(row["first_need"], row["first_need"] + row["needs"])
        if needs[need]["until"] == NOT_CARRIED
    ]
    return [claim_row(needs, [need for need in asked if needs[need]["phases"] & 1 << p]) for p in range(len(PHASES))]  # fmt: skip


def _family(product: Product, operation: Operation) -> frozenset[str]:
    return frozenset((operation.setup or product.family or product.name, product.family or product.name))


def _marks(own: Own, rows: Sequence[Row]) -> dict[str, list[int]]:
    """What work centers are told of what their operations claim."""
    count = len(own.centers)
    marks = {name: [0] * count for name in ("limited", "asks", "carries", "picky", "claimed")}
    for row in rows:
        c, needs = row["center"], _needs_of(own, row)
        limits = own.rows["limit"][row["first_limit"] : row["first_limit"] + row["limits"]]
        marks["limited"][c] |= any(limit["past"] != codes.PAST_REPORT for limit in limits)
        marks["asks"][c] |= bool(needs)
        marks["picky"][c] |= row["bound"] >= 0
        marks["claimed"][c] |= not claims_nothing(row)
        pools = [need for need in needs if need["pool"] >= 0]
        if any(need["until"] != NOT_CARRIED or need["borrows"] for need in pools):
            marks["carries"][c] = max(marks["carries"][c], 1 + int(any(need["by_piece"] for need in pools)))
    return marks


def rows_to_hold(need: Row) -> int:
    """People are held one by one, the tools of a need together; what lots carry no machine holds."""
    return int(need["count"]) if need["pool"] < 0 else int(need["until"] == NOT_CARRIED)


def _sizes(own: Own, rows: Sequence[Row]) -> dict[str, int]:
    def most(numbers: Iterable[int]) -> int:
        return max(numbers, default=0)

    return {
        "hold": most(sum(map(rows_to_hold, _needs_of(own, row))) for row in rows),
        "rework": most(int(row["rework_place"]) + 1 for row in rows if row.get("rework")),
        "bound": most(row["binds"] + 1 for row in rows),
        "choices": most(row["choices"] for row in rows),
        "clock": most(row["clock"] + 1 for row in rows),
        "makes_lots": most(row["makes_lots"] for row in rows),
    }


def all_carried(rows: OwnRows) -> set[tuple[str, str]]:
    """The pools of tools and cards of which lots carry something, by their names."""
    return {rows.pools[pool] for pool in rows.carried}
