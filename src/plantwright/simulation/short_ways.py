"""Which work centers and operations may go the short way: what they do not have is not asked for at every lot.

The short way (`short`) gives the results of the long one, to the bit. It is open to a work center that claims nothing, does one lot at a
time and chooses neither lots nor machines; and to an operation behind which a lot just goes on, or before which it just lines up.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plantwright.simulation import codes
from plantwright.simulation.tables import Row, Tables

_CENTER_LACKS = (
    "batch", "least_setup", "moving", "turns", "limited", "carries", "asks", "stock", "picky", "minimum_run", "campaign", "transit",
)  # fmt: skip
_MACHINE_LACKS = ("counts", "members")
_STEP_LACKS = ("needs", "takes", "transfer", "limits", "makes_lots")
_STEP_HAS_NOT = ("load", "unload", "interval", "binds", "bound")
_END_LACKS = ("judged", "rework", "makes", "returns", "split", "branches")


def add_short_ways(tables: Tables) -> None:
    """Mark the rows of work centers and operations that may go the short way, and machines for which no stop ever waits."""
    rows = tables.rows
    for row in rows["machine"]:
        stops = rows["mode"][row["first_mode"] : row["first_mode"] + row["modes"]]
        row["may_be_due"] = int(
            any(stop["kind"] != codes.REPAIR or stop["clock"] != codes.WORKING_CLOCK for stop in stops)
        )
    own: dict[int, list[Row]] = {}
    for row in rows["machine"]:
        own.setdefault(row["center"], []).append(row)
    for c, center in enumerate(rows["center"]):
        center["short"] = int(
            not rows["drum"]
            and c not in tables.claimed
            and _is_simple(center)
            and all(map(_never_bothers, own.get(c, [])))
        )
    lets = np.array([_lets_line_up(center) for center in rows["center"]], np.int64)
    operations = tables.arrays["operation"]
    operations["lines_up"] &= lets[operations["center"]]


def _lets_line_up(center: Row) -> bool:
    """Whether lots just line up before a work center."""
    return (
        center["machines"] > 0
        and not center["places_in_pieces"]
        and _lacks(center, ("stock", "fetched", "reached", "transit"))
        and center.get("lane", -1) < 0
    )


def lines_up(operation: Row) -> bool:
    """Whether lots just line up for an operation, if its work center lets them."""
    return operation["choices"] == 1 and not operation.get("gathers") and _has_not(operation, ("delay",))


def _lacks(row: Row, words: tuple[str, ...]) -> bool:
    return not any(row.get(word) for word in words)


def _has_not(row: Row, words: tuple[str, ...]) -> bool:
    """Whether none of some references to rows is there."""
    return all(row.get(word, -1) < 0 for word in words)


def _is_simple(center: Row) -> bool:
    return (
        center["machines"] > 0
        and center["beside"] == 1
        and _lacks(center, _CENTER_LACKS)
        and _has_not(center, ("setup_offset", "line", "lane"))
    )


def _never_bothers(machine: Row) -> bool:
    return _lacks(machine, _MACHINE_LACKS) and _has_not(machine, ("warm_up", "only", "whole"))


def claims_nothing(operation: Row) -> bool:
    """Whether an operation asks for nothing but its machine."""
    return operation["choices"] == 1 and _lacks(operation, _STEP_LACKS) and _has_not(operation, _STEP_HAS_NOT)


def just_goes_on(operation: Row, operations: Sequence[Row]) -> bool:
    """Whether lots just go on when an operation is done; `operations` are those of its product."""
    following = operation["following"]
    return (
        _lacks(operation, _END_LACKS)
        and operation.get("forks", 0) <= 1
        and _has_not(operation, ("clock",))
        and (following < 0 or operations[following]["share"] >= 1)
    )
