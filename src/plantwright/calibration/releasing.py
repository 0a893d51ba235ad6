"""The list of releases: when each order of a log came, what it was for, and what an order begun before the log still had to do."""

from __future__ import annotations

import csv
import io
from typing import TYPE_CHECKING

from plantwright.calibration.routings import RoutingFound, step_names
from plantwright.calibration.visits import order_pieces

if TYPE_CHECKING:
    from plantwright.calibration.drafting import Found

COLUMNS = ("order", "product", "release", "quantity")
DUE, OWN = "due", "routing"


def release_list(found: Found) -> str:
    """The release list: an order starts when its first report does; its pieces as the log has them, else one; due when the log says, where
    it says so. One that began before
    the log has a routing of its own: the steps that the log shows of it.
    """
    history = found.history
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    own = {
        order: _own_routing(order, found.routings[history.orders[order][0].product]) for order in sorted(history.begun)
    }
    own = {order: steps for order, steps in own.items() if not any(">" in step for step in steps)}
    dues = {order: f"{due:%Y-%m-%d %H:%M}" for order, due in history.dues.items()}
    writer.writerow([*COLUMNS, *([DUE] if dues else []), *([OWN] if own else [])])
    for order, visits in sorted(history.orders.items(), key=lambda item: (item[1][0].start, item[0])):
        row = [order, visits[0].product, f"{history.reported[order][0]:%Y-%m-%d %H:%M}", f"{order_pieces(visits):g}"]
        row += [dues.get(order, "")] if dues else []
        writer.writerow([*row, " > ".join(own.get(order, ()))] if own else row)
    return out.getvalue()


def _own_routing(order: str, routing: RoutingFound) -> list[str]:
    """The steps of an order as its product's routing calls them."""
    names = step_names(routing.steps)
    return [names[step] for step in routing.paths[order]]
