"""Show the routings that were found: which steps are optional, side by side or done again, who goes the same way, who was booked otherwise."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping
from typing import Any

from plantwright.calibration.along import expected_visits
from plantwright.calibration.routes_alike import THIN
from plantwright.calibration.routings import RoutingFound, RoutingStep, SideBySide, step_names

_SHOWN = 3
_WIDE = 118
_SELDOM = 0.1
"""Steps that fewer orders do are left out of the text; tables and the plant file have them."""


def step_rows(routings: Mapping[str, RoutingFound]) -> list[dict[str, Any]]:
    """A row for each step of each product: how it is done, by how many of the orders that come by, and whose orders tell that."""
    rows = []
    for product, routing in routings.items():
        names = step_names(routing.steps)
        beside = {step: block for block in routing.side_by_side for step in block.steps}
        for step in routing.steps:
            done = routing.done(step)
            low, high = done.interval() if done is not None else (None, None)
            rows.append(
                {
                    "product": product, "step": names[step], "work center": step.center,
                    "how": "again" if step.again else "branch" if step in routing.beside else "always" if done is None else "optional",
                    "side by side with": ", ".join(_others(beside[step], step, names)) if step in beside else None,
                    "share": 1.0 if done is None else done.value, "low": low, "high": high,
                    "orders that come by": None if done is None else round(done.trials),
                    "shares of": routing.borrowed or routing.orders,
                }
            )  # fmt: skip
    return rows


def _others(block: SideBySide, step: RoutingStep, names: Mapping[RoutingStep, str]) -> list[str]:
    return [names[other] for branch in block.branches if step not in branch for other in branch]


def odd_rows(routings: Mapping[str, RoutingFound]) -> list[dict[str, Any]]:
    """A row for each order that was booked against a sure order of two steps."""
    return [
        {"product": product, "order": odd.order, "booked first": _said(second), "comes first": _said(first)}
        for product, routing in routings.items()
        for odd in routing.odd
        for first, second in odd.pairs
    ]


def same_way_rows(routings: Mapping[str, RoutingFound]) -> list[dict[str, Any]]:
    """A row for each product: which others go the same way as far as orders tell, and of how many orders its shares are."""
    return [
        {
            "product": product, "orders": routing.orders, "ways": routing.variants, "same way as": ", ".join(routing.alike),
            "shares of": routing.borrowed or routing.orders, "shares of others": routing.borrowed > 0,
        }
        for product, routing in routings.items()
    ]  # fmt: skip


def _said(step: tuple[str, str]) -> str:
    return step[0] if step[0] == step[1] else f"{step[0]} at {step[1]}"


def route_lines(routings: Mapping[str, RoutingFound]) -> Iterator[str]:
    """The routings in some lines of text."""
    most = sorted(routings.values(), key=lambda routing: (-routing.orders, routing.product))
    yield "  routings (in brackets the share of orders that do a step; | side by side):"
    for routing in most[:_SHOWN]:
        yield from textwrap.wrap(
            f"{routing.product}: {_way(routing)}", _WIDE, initial_indent="    ", subsequent_indent="      "
        )
    groups = sorted(
        {(name, *routing.alike) for name, routing in routings.items() if routing.alike}, key=len, reverse=True
    )
    groups = list({tuple(sorted(group)): group for group in groups}.values())
    if groups:
        together = sum(map(len, groups))
        yield f"    {together} of {len(routings)} products go one of {len(groups)} ways, as far as their orders tell (table 'same ways')"
    borrowed = [routing for routing in routings.values() if routing.borrowed]
    if borrowed:
        orders = sum(routing.orders for routing in borrowed)
        yield f"    {len(borrowed)} products with fewer than {THIN} orders ({orders} in all) take the shares of those that go the same way"
    odd = [(routing, one) for routing in most for one in routing.odd]
    if odd:
        total = sum(routing.orders for routing in most)
        routing, one = odd[0]
        first, second = one.pairs[0]
        words = (
            f"{len(odd)} of {total} orders were booked against a sure order of steps ({one.order}: {_said(second)} before {_said(first)}, and so on; "
            "table 'odd orders'): booked late, or done out of turn for once. They make no branches; all that they did counts, in the usual order"
        )
        yield from textwrap.wrap(words, _WIDE, initial_indent="    ", subsequent_indent="      ")


def _way(routing: RoutingFound) -> str:
    names, visits = step_names(routing.steps), expected_visits(routing.follows)
    begins = sorted((step for step in routing.front if visits.get(step, 0.0) >= _SELDOM), key=lambda step: visits[step])
    told = [_step(step, names, visits[step]) for step in begins]
    for item in routing.line.items:
        if isinstance(item, SideBySide):
            shares = {step: visits.get(item, 0.0) * routing.inner[step].value for step in item.steps}
            told.append(
                " | ".join(" > ".join(_step(step, names, shares[step]) for step in own) for own in item.branches)
            )
        elif isinstance(item, RoutingStep) and visits.get(item, 0.0) >= _SELDOM:
            told.append(_step(item, names, visits[item]))
    more = len(routing.steps) - sum(visits.get(step, 1.0) >= _SELDOM and not step.again for step in routing.steps)
    return " > ".join(told) + (f"; {more} more done seldom or again" if more > 0 else "")


def _step(step: RoutingStep, names: Mapping[RoutingStep, str], visits: float) -> str:
    return names[step] if visits > 0.995 else f"{names[step]} ({100 * visits:.0f} %)"
