"""Drums as rows for the engine: the work that each step has still to bring to each."""

from __future__ import annotations

import numpy as np

from plantwright.errors import SimulationError
from plantwright.simulation.loads import work_ahead
from plantwright.simulation.tables import Tables


def add_drums(tables: Tables) -> None:
    """A row for each work center that is a drum of some release, and for each operation and drum."""
    plant = tables.plant
    for product in plant.products.values():
        for release in product.releases:
            if release.drum is not None and release.rule == "drum":
                if not work_ahead(product, release.drum)[0][0].sum() > 0:
                    raise SimulationError(
                        f"products > {product.name} > release > drum: its lots have no work at {release.drum!r}, so that no rope would "
                        "ever hold them; name a work center of its routing"
                    )
                tables.drums.setdefault(release.drum, len(tables.drums))
    tables.rows["drum"] = [{} for _ in tables.drums]
    for product in plant.products.values():
        nothing = np.zeros((len(product.routing), 2))
        visited = {choice.center for operation in product.routing for choice in operation.at}
        works = [work_ahead(product, drum) if drum in visited else (nothing, nothing) for drum in tables.drums]
        first = tables.first_operation(product.name)
        for i in range(len(product.routing)):
            ahead = any(abs(whole[i]).sum() + abs(later[i]).sum() > 0 for whole, later in works)
            tables.rows["operation"][first + i]["drums"] = int(ahead)
            tables.rows["on_way"] += [
                {
                    "of_lot": float(whole[i, 0]),
                    "of_piece": float(whole[i, 1]),
                    "later_of_lot": float(later[i, 0]),
                    "later_of_piece": float(later[i, 1]),
                }
                for whole, later in works
            ]
    # Alternatives look at their first row, and finished stock brings no work to anything.
    missing = len(tables.rows["operation"]) * len(tables.drums) - len(tables.rows["on_way"])
    tables.rows["on_way"] += [{} for _ in range(missing)]
