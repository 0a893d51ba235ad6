"""Who can do what: machines for some families only, and lots that are bound to the machine of an earlier step."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from plantwright.errors import SimulationError
from plantwright.plant.products import Operation, Product
from plantwright.simulation.tables import Row, Tables

if TYPE_CHECKING:
    from plantwright.simulation.own_rows import OwnRows


def bindings(product: Product, operation: Operation) -> Row:
    """The columns in which an operation notes its machine, and finds the one that it is bound to; -1 for none."""
    followed = list(dict.fromkeys(other.same_machine_as for other in product.routing if other.same_machine_as))
    return {
        "binds": followed.index(operation.name) if operation.name in followed else -1,
        "bound": followed.index(operation.same_machine_as) if operation.same_machine_as else -1,
    }


def add_qualifications(tables: Tables, parts: Sequence[OwnRows]) -> None:
    """Which operations each machine can do, where it cannot do all.

    Raises SimulationError for an operation that no machine can do.
    """
    operations = tables.arrays["operation"]
    numbers: dict[frozenset[str], int] = {}
    of_mains = []
    for part in parts:
        own = [numbers.setdefault(wanted, len(numbers)) for wanted in part.families]
        of_mains.append(np.array(own, np.int64)[part.family])
    operations["family"] = np.concatenate(of_mains)[operations["main"]]
    for name, center in tables.plant.work_centers.items():
        first = tables.rows["center"][tables.centers[name]]["first_machine"]
        for k, machine in enumerate(center.unlike):
            if machine.only:
                for m in range(first + k * center.places, first + (k + 1) * center.places):
                    tables.rows["machine"][m]["only"] = len(tables.qualified)
                tables.qualified += [int(not wanted.isdisjoint(machine.only)) for wanted in numbers]
    if tables.qualified:
        _check(tables, list(numbers))


def _check(tables: Tables, families: list[frozenset[str]]) -> None:
    operations = tables.arrays["operation"]
    places = zip(*(operations[field].tolist() for field in ("main", "center", "family")), strict=True)
    rows = list(places)
    able = {main for main, center, family in rows if _somebody_can(tables, center, family)}
    for o, (main, center, family) in enumerate(rows):
        if main not in able:
            name = list(tables.plant.work_centers)[center]
            raise SimulationError(
                f"work centers > {name} > machines: none can do the step {tables.names['operation'][o]!r}, as each is 'only' for other "
                f"families; add {' or '.join(sorted(map(repr, families[family])))} to one"
            )


def _somebody_can(tables: Tables, c: int, family: int) -> bool:
    """Whether there is a machine for a family at a work center; a delay does everything."""
    center = tables.rows["center"][c]
    if center["machines"] < 0:
        return True
    first = center["first_machine"]
    here = tables.rows["machine"][first : first + center["machines"]]
    return any(machine["only"] < 0 or tables.qualified[machine["only"] + family] for machine in here)
