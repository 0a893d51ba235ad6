"""Who can do what: machines for some families only, and lots that are bound to the machine of an earlier step."""

from __future__ import annotations

from plantwright.errors import SimulationError
from plantwright.plant.products import Operation, Product
from plantwright.simulation.tables import Row, Tables


def bindings(product: Product, operation: Operation) -> Row:
    """The columns in which an operation notes its machine, and finds the one that it is bound to; -1 for none."""
    followed = list(dict.fromkeys(other.same_machine_as for other in product.routing if other.same_machine_as))
    return {
        "binds": followed.index(operation.name) if operation.name in followed else -1,
        "bound": followed.index(operation.same_machine_as) if operation.same_machine_as else -1,
    }


def add_qualifications(tables: Tables) -> None:
    """Which operations each machine can do, where it cannot do all; center rows learn whether lots must look for their machine.

    Raises SimulationError for an operation that no machine can do.
    """
    operations = tables.rows["operation"]
    for row in operations:
        if row["bound"] >= 0:
            tables.rows["center"][row["center"]]["picky"] = 1
    of_mains = [
        frozenset((operation.setup or product.family or product.name, product.family or product.name))
        for product in tables.plant.products.values()
        for operation in product.routing
    ]
    families = [of_mains[row["main"]] for row in operations]
    numbers = {wanted: number for number, wanted in enumerate(dict.fromkeys(of_mains))}
    for row, wanted in zip(operations, families, strict=True):
        row["family"] = numbers[wanted]
    for name, center in tables.plant.work_centers.items():
        first = tables.rows["center"][tables.centers[name]]["first_machine"]
        for k, own in enumerate(center.unlike):
            if own.only:
                for m in range(first + k * center.places, first + (k + 1) * center.places):
                    tables.rows["machine"][m]["only"] = len(tables.qualified)
                tables.qualified += [int(not wanted.isdisjoint(own.only)) for wanted in numbers]
    if tables.qualified:
        _check(tables, families)


def _check(tables: Tables, families: list[frozenset[str]]) -> None:
    operations = tables.rows["operation"]
    able = {row["main"] for o, row in enumerate(operations) if _somebody_can(tables, o)}
    for o, row in enumerate(operations):
        if row["main"] not in able:
            name = list(tables.plant.work_centers)[row["center"]]
            raise SimulationError(
                f"work centers > {name} > machines: none can do the step {tables.names['operation'][o]!r}, as each is 'only' for other "
                f"families; add {' or '.join(sorted(map(repr, families[o])))} to one"
            )


def _somebody_can(tables: Tables, o: int) -> bool:
    """Whether there is a machine for an operation row; a delay does everything."""
    center = tables.rows["center"][tables.rows["operation"][o]["center"]]
    if center["machines"] < 0:
        return True
    first, family = center["first_machine"], tables.rows["operation"][o]["family"]
    here = tables.rows["machine"][first : first + center["machines"]]
    return any(machine["only"] < 0 or tables.qualified[machine["only"] + family] for machine in here)
