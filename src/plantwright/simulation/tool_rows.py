"""What operations need of tools and cards as rows for the engine; claims that nobody could ever have are refused."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plantwright.errors import SimulationError
from plantwright.plant.once import Once
from plantwright.plant.plant import Plant
from plantwright.plant.products import Operation, Product, ToolUse
from plantwright.plant.resources import PHASES
from plantwright.simulation.codes import NOT_CARRIED, UNTIL_IT_LEAVES
from plantwright.simulation.tables import Least, Row, Tables, phase_bits

if TYPE_CHECKING:
    from plantwright.simulation.step_rows import Own


def tool_needs(own: Own, operation: Operation, index: dict[str, int]) -> list[Row]:
    """The needs of an operation for tools, and for the cards of loops that begin with it; `index` are the rows of its product's
    operations.
    """
    lent = {tool for tool, _ in own.around.carried}
    uses = [_of_use(own, use, index, use.tool in lent) for use in operation.uses]
    return uses + [_of_loop(own, loop, index) for loop in own.around.loops if loop[2] == operation.name]


def _of_use(own: Own, use: ToolUse, index: dict[str, int], lent: bool) -> Row:
    row = {"pool": own.pools["tool", use.tool], "count": use.count, "by_piece": 0}
    if use.until:
        return row | {"phases": 0, "until": index[use.until], "borrows": 0}
    return row | {"phases": phase_bits(use.phases or PHASES), "until": NOT_CARRIED, "borrows": int(lent)}


def _of_loop(own: Own, loop: tuple[str, bool, str, str], index: dict[str, int]) -> Row:
    name, by_piece, _, until = loop
    return {
        "pool": own.pools["loop", name],
        "count": 1,
        "by_piece": int(by_piece),
        "phases": 0,
        "until": index.get(until, UNTIL_IT_LEAVES),
        "borrows": 0,
    }


def carried_until(plant: Plant, least: Least) -> list[tuple[str, str, str]]:
    """What lots may carry: the product, the tool (``""`` for cards), and the step until which they do, in this plant or one before it."""
    uses = [carried for product in plant.products.values() for carried in _uses_until(product)]
    cards = [(name, "", loop.until) for name in plant.products for loop in plant.loops.values()]
    before = [(product, tool, until) for product, tool, until in least.carried]
    return list(dict.fromkeys([*uses, *cards, *before]))


@Once
def _uses_until(product: Product) -> tuple[tuple[str, str, str], ...]:
    """The tools that lots of a product hold until another step is done."""
    uses = [use for operation in product.routing for use in operation.uses]
    return tuple((product.name, use.tool, use.until) for use in uses if use.until)


def tools_carried(tables: Tables, product: Product) -> list[tuple[str, str]]:
    """What `carried_until` says of one product: the tool, and the step."""
    if tables.carried is None:
        tables.carried = {}
        for name, tool, until in carried_until(tables.plant, tables.least):
            tables.carried.setdefault(name, []).append((tool, until))
    return tables.carried.get(product.name, [])


def check_claims(product: Product, operation: Operation, delayed: bool) -> None:
    """Raise SimulationError where people or tools are needed at a pure delay: nobody would know how many lots wait for them."""
    if delayed and (operation.staff or operation.uses):
        word, what = ("staff", "people") if operation.staff else ("uses", "tools")
        raise SimulationError(
            f"products > {product.name} > routing > {operation.name} > {word}: {what} are claimed for a machine, and "
            f"{operation.center!r} has an unlimited number of them; say how many places to work it has, such as "
            f"'machines: 20'"
        )


def check_pools(tables: Tables, product: Product, operation: Operation) -> None:
    """Raise SimulationError where a whole batch could never have its tools, or the largest lot its cards."""
    center = tables.rows["center"][tables.centers[operation.center]]
    most_lots = center["batch_lots"] if center["batch"] else 1
    where = f"products > {product.name} > routing > {operation.name}"
    for use in operation.uses:
        have = tables.plant.tools[use.tool].count
        if use.until and most_lots * use.count > have:
            raise SimulationError(
                f"{where} > uses: a batch of {most_lots} lots at {operation.center!r} takes {most_lots * use.count} of "
                f"{use.tool!r}, and there are {have}; make the batch smaller, or the count of the tool larger"
            )
    for loop in tables.plant.loops.values():
        if loop.start == operation.name:
            pieces = loop.cards.of == "piece"
            largest = _largest_lot(product) if pieces else 1.0
            if most_lots * largest > loop.cards.value + 1e-9:
                what = f"a lot of {largest:g} pieces" if most_lots == 1 else f"a batch of {most_lots} lots"
                raise SimulationError(
                    f"loops > {loop.name} > cards: {what} at {where} needs {most_lots * largest:g} cards, and there are "
                    f"{loop.cards.value:g}; give the loop more of them, or make lots or batches smaller"
                )


def _largest_lot(product: Product) -> float:
    """Pieces of the largest lot that a release starts: orders that are larger than the product's lot are split."""
    orders = [order.quantity for release in product.releases for order in release.orders]
    if product.lot > 1 or not orders:
        return product.lot
    return max(orders)
