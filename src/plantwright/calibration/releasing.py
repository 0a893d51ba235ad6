"""The list of releases: when each order of a log came, what it was for, and what an order begun before the log still had to do."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from plantwright.calibration.routings import BEGIN, RoutingFound, RoutingStep, step_names
from plantwright.calibration.visits import History, Step, Visit, order_pieces
from plantwright.distributions import Distribution

if TYPE_CHECKING:
    from plantwright.calibration.drafting import Found

COLUMNS = ("order", "product", "release", "quantity")
DUE, OWN = "due", "routing"


def release_list(found: Found, waits: Mapping[str, Distribution]) -> str:
    """The release list: an order starts when its first report does; its pieces as the log has them, else one; due when the log says, where
    it says so. One that began before
    the log has a routing of its own: the steps that the log shows of it, with the waits before them.
    """
    history = found.history
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    own = {
        order: _own_routing(visits, found.routings[visits[0].product], waits)
        for order, visits in _rests(history).items()
    }
    own = {order: steps for order, steps in own.items() if not any(">" in step for step in steps)}
    dues = {order: f"{due:%Y-%m-%d %H:%M}" for order, due in history.dues.items()}
    writer.writerow([*COLUMNS, *([DUE] if dues else []), *([OWN] if own else [])])
    for order, visits in sorted(history.orders.items(), key=lambda item: (item[1][0].start, item[0])):
        row = [order, visits[0].product, f"{history.reported[order][0]:%Y-%m-%d %H:%M}", f"{order_pieces(visits):g}"]
        row += [dues.get(order, "")] if dues else []
        writer.writerow([*row, " > ".join(own.get(order, ()))] if own else row)
    return out.getvalue()


def _rests(history: History) -> dict[str, Sequence[Visit]]:
    """The visits of the orders that began before the log."""
    return {order: history.orders[order] for order in sorted(history.begun)}


def _own_routing(visits: Sequence[Visit], routing: RoutingFound, waits: Mapping[str, Distribution]) -> list[str]:
    """The steps of an order as its product's routing calls them, each but the first after its wait."""
    names = step_names(routing.steps)
    seen: set[Step] = set()
    made: list[str] = []
    for visit in visits:
        step = RoutingStep(*visit.step, again=visit.step in seen)
        seen.add(visit.step)
        if made and step.center in waits and has_wait(routing, step):
            made.append(f"wait for {names[step]}")
        made.append(names[step])
    return made


def has_wait(routing: RoutingFound, step: RoutingStep) -> bool:
    """Whether a wait can come before a step: before each but the only one that orders begin with, and there if orders come back to it."""
    first = routing.shares(BEGIN)
    return (
        len(first) > 1
        or step not in first
        or any(step in after for before, after in routing.follows.items() if before != BEGIN)
    )
