"""Drums as rows for the engine: the work that each step has still to bring to each."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from plantwright.errors import SimulationError
from plantwright.plant.plant import Plant
from plantwright.plant.products import Product
from plantwright.simulation.loads import work_ahead
from plantwright.simulation.step_rows import centers_of
from plantwright.simulation.tables import Least, Tables


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
    of: dict[str, list[str]] = {}
    for name, drum in drums_of(plant, tables.least, tables.drums):
        of.setdefault(name, []).append(drum)
    for p, product in enumerate(plant.products.values()):
        _add_ways(tables, p, product, sorted(of.get(product.name, ()), key=tables.drums.__getitem__))


def drums_of(plant: Plant, least: Least, drums: Iterable[str]) -> list[tuple[str, str]]:
    """The drums to which lots of each product may bring work, or may have brought some in a plant before this one."""
    known = dict.fromkeys(drums)
    if not known:
        return []
    visited = [(product.name, center) for product in plant.products.values() for center in centers_of(product)]
    return [(name, drum) for name, drum in dict.fromkeys([*visited, *map(tuple, least.drums)]) if drum in known]


def _add_ways(tables: Tables, p: int, product: Product, drums: Sequence[str]) -> None:
    """What each operation of a product, and what follows it, brings to each drum that its lots may have work at."""
    rows, row = tables.rows, tables.rows["product"][p]
    row |= {"first_drum": len(rows["product_drum"]), "drums": len(drums)}
    rows["product_drum"] += [{"drum": tables.drums[drum]} for drum in drums]
    if not drums and not rows["on_way"]:
        return
    works = [work_ahead(product, drum) for drum in drums]
    first, operations = row["first_operation"], tables.arrays["operation"]
    for i in range(len(product.routing)):
        ahead = any(abs(whole[i]).sum() + abs(later[i]).sum() > 0 for whole, later in works)
        operations["drums"][first + i], operations["first_on_way"][first + i] = int(ahead), len(rows["on_way"])
        rows["on_way"] += [
            {
                "of_lot": float(whole[i, 0]),
                "of_piece": float(whole[i, 1]),
                "later_of_lot": float(later[i, 0]),
                "later_of_piece": float(later[i, 1]),
            }
            for whole, later in works
        ]
    if row["last_operation"] >= 0:  # finished stock brings no work to anything
        operations["first_on_way"][row["last_operation"]] = len(rows["on_way"])
        rows["on_way"] += [{} for _ in drums]
