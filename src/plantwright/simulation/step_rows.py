"""The rows of one product's steps, by numbers of the product's own, whatever else is in the plant.

Most of a plant that is changed in one place stays as it was: so what the engine is told of a product is worked out once for as long as
nothing changes that it depends on (`Around`), and `joined_rows` puts the numbers of the plant in place of its own.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

from plantwright.distributions import Distribution
from plantwright.plant.once import Once
from plantwright.plant.products import Alternative, Operation, Product, WorkTime
from plantwright.plant.ways import Ways
from plantwright.simulation import codes, store_rows
from plantwright.simulation.codes import NOT_CARRIED
from plantwright.simulation.loads import pieces_cascade, work_time, yield_of
from plantwright.simulation.qualification import bindings
from plantwright.simulation.records import key_of
from plantwright.simulation.tables import Needs, Row, Tables
from plantwright.simulation.tool_rows import tool_needs, tools_carried

_PER = {"piece": codes.PER_PIECE, "lot": codes.PER_LOT, "batch": codes.PER_BATCH}
OWNED = ("need", "take", "branch", "fork", "limit", "flaw")
"""Concepts of which steps have rows of their own."""


class Numbers(dict[Any, int]):
    """Numbers of things, given to each as it is first asked for."""

    def __missing__(self, name: Hashable) -> int:
        number = self[name] = len(self)
        return number


@dataclass(frozen=True, slots=True)
class Around:
    """All of a plant that the rows of a product depend on, beside the product itself.

    Attributes
    ----------
    together : tuple
        Of each of its work centers (`centers_of`), which lots share a batch; None where lots come one by one.
    delays : tuple of bool
        Of each of them, whether it has unlimited machines.
    lies : tuple
        Of each of them, how long a lot from another step lies before it comes; None for not at all.
    units : tuple
        Of all that its steps take and give (`things_of`): the unit of a product, ``""`` for a material, None for neither.
    loops : tuple
        The name of each loop of the plant, whether its cards are of pieces, its first step and its last.
    carried : tuple
        What its lots may carry, and the step until which they do.
    """

    together: tuple[str | None, ...]
    delays: tuple[bool, ...]
    lies: tuple[Distribution | None, ...]
    units: tuple[str | None, ...]
    loops: tuple[tuple[str, bool, str, str], ...]
    carried: tuple[tuple[str, str], ...]


def _centers_of(product: Product) -> tuple[str, ...]:
    return tuple(dict.fromkeys(choice.center for operation in product.routing for choice in operation.at))


def _things_of(product: Product) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name for step in product.routing for name in (*step.takes, *step.gives)))


centers_of = Once(_centers_of)
"""The names of the work centers that can do a product's steps, as they come in its routing."""
things_of = Once(_things_of)
"""The names of all that a product's steps take and give."""


def around_of(tables: Tables, product: Product) -> Around:
    """What a product's rows depend on in a plant."""
    plant = tables.plant
    centers = [plant.work_centers[name] for name in centers_of(product)]
    things = things_of(product)
    return Around(
        tuple(None if center.batch is None else center.batch.together for center in centers),
        tuple(center.machines is None for center in centers),
        tuple(center.delay for center in centers),
        tuple(tables.unit_of(name) if name in tables.products else "" if name in tables.stores else None for name in things),
        tables.loops,
        tuple(tools_carried(tables, product)),
    )  # fmt: skip


class Own(Needs):
    """Rows of one product, in which everything has a number of the product's own.

    Parameters
    ----------
    product : Product
    around : Around
    """

    def __init__(self, product: Product, around: Around) -> None:
        self.product, self.around = product, around
        self.rows: dict[str, list[Row]] = {concept: [] for concept in OWNED}
        self.together = dict(zip(centers_of(product), around.together, strict=False))
        self.lies = dict(zip(centers_of(product), around.lies, strict=False))
        self.units = dict(zip(things_of(product), around.units, strict=True))
        self.setups, self.centers, self.stores, self.pools = Numbers(), Numbers(), Numbers(), Numbers()
        self.skills, self.tended, self.defects, self.groups = Numbers(), Numbers(), Numbers(), Numbers()
        self.distributions = Numbers()
        # Of operations, the joins to which their lots may still come.
        self.reaches: list[tuple[int, int]] = []

    def distribution(self, distribution: Distribution | None) -> int:
        """The number of a distribution; -1 for None."""
        return -1 if distribution is None else self.distributions[distribution]

    def skill(self, asked: tuple[str, int] | int) -> int:
        return self.skills[asked]

    def first_tended(self, skill: int, tends: int, number: int) -> int:
        return self.tended[skill, tends, number]

    def unit_of(self, name: str) -> str | None:
        """The unit of a product that is taken or given, None for a material."""
        return self.units[name] or None

    def is_stored(self, name: str) -> bool:
        """Whether what a step gives goes into a store: it is a product or a material."""
        return self.units[name] is not None


def passed(operation: Operation, choice: Alternative) -> tuple[float, float, int, WorkTime | None]:
    """Of an operation at one of its work centers: its yield, its mean work, whether pieces may be lost there, and its time."""
    time, good = work_time(operation, choice), yield_of(operation, choice)
    work = time.distribution.mean * (operation.sample if time.per == "piece" else 1.0) if time else 0.0
    return good, work, int(good < 1 or bool(operation.defects) or bool(operation.finds)), time


def own_part(own: Own, operation: Operation, choice: Alternative) -> Row:
    """What one of the work centers that can do an operation has of its own there."""
    good, work, judged, time = passed(operation, choice)
    return {
        "center": own.centers[choice.center],
        "good": good,
        "judged": judged,
        "work": work,
        "time": own.distribution(time.distribution) if time else -1,
        "time_per": _PER[time.per] if time else codes.PER_LOT,
        "cascades": int(pieces_cascade(operation, choice)),
    }


def group_of(own: Own, operation: Operation, choice: Alternative, key: int) -> tuple[object, ...]:
    """What lots have in common that may share a batch."""
    together = own.together[choice.center]
    if together in (None, "same operation"):
        return ("operation", key)
    if together == "any":
        return ("any", choice.center)
    return ("recipe", choice.center, work_time(operation, choice))


def operation_row(own: Own, product: Product, operation: Operation, index: dict[str, int], returns: bool) -> Row:
    """The row of an operation; `index`: the rows of its product's. `returns`: lots may carry something until it is done."""
    key = key_of("operation", product.name, operation.name)
    tools = tool_needs(own, operation, index)
    row: Row = {
        "key": key,
        "setup": own.setups[operation.setup or product.family or product.name],
        "scrap_lot": int(operation.scrap == "lot"),
        "share": operation.share,
        "delay": own.distribution(own.lies.get(operation.center)),
        "rework_to": -1,
        **bindings(product, operation),
        **own_part(own, operation, operation.at[0]),
        **own.needs(operation.staff, tools),
        **store_rows.takes(own, operation.takes),
        **store_rows.gives(own, product, operation),
        "tools": int(bool(tools)),
        "carries": int(any(need["until"] != NOT_CARRIED for need in tools)),
        "returns": int(returns),
        "batch_most": operation.batch.largest.value if operation.batch else 0.0,
        "batch_least": operation.batch.smallest.value if operation.batch else 0.0,
        **_flaws(own, operation),
        **_parts(operation),
        **_limits(own, product, operation, index),
    }
    times: dict[str, WorkTime | None] = {
        "load": operation.load,
        "unload": operation.unload,
        "interval": operation.interval,
    }
    for word, given in times.items():
        row[word] = own.distribution(given.distribution) if given else -1
        row[f"{word}_per"] = _PER[given.per] if given else codes.PER_LOT
    if operation.rework:
        row |= {
            "rework": operation.rework.share,
            "rework_to": index[operation.rework.back_to],
            "rework_most": operation.rework.at_most,
            "rework_scrap": int(operation.rework.then == "scrap"),
            "rework_place": index[operation.name] - min(index.values()),
        }
    row["first_branch"] = len(own.rows["branch"])
    row["branches"] = len(operation.next)
    shares = accumulate(operation.next.values())
    own.rows["branch"] += [
        {"share": share, "operation": index.get(target, -1)}
        for target, share in zip(operation.next, shares, strict=True)
    ]
    return row


def _parts(operation: Operation) -> Row:
    """How many lots an operation makes of one, or one of many."""
    row: Row = {"gathered_head": -1, "gathers": int(operation.merge is not None or bool(operation.after))}
    for word, amount in (("split", operation.split), ("merge", operation.merge)):
        if amount is not None:
            row |= {word: amount.value, f"{word}_lots": int(amount.of != "piece")}
    row["transfer"] = operation.transfer.value if operation.transfer else 0.0
    return row


def followers(own: Own, ways: Ways, operation: Operation, index: dict[str, int]) -> Row:
    """What follows an operation whose lots do not branch, and whether it is a join."""
    following = ways.following[operation.name]
    forked = ways.forks.get(operation.name, ())
    joins = [step.name for step in ways.product.routing if step.after]
    for name in joins:
        if name in ways.reach[operation.name]:
            own.reaches.append((index[operation.name], joins.index(name)))
    return {
        "following": index[following[0]] if following and not operation.next else -1,
        "behind": codes.AS_AFTER_IT
        if not operation.share_until
        else index.get(ways.behind(operation.share_until) or "", -1),
        "first_fork": forks(own, forked, index) if forked else 0,
        "forks": len(forked),
        "joins": int(bool(operation.after)),
        "join_place": joins.index(operation.name) if operation.after else 0,
        "makes_lots": int(operation.split is not None or operation.transfer is not None or bool(forked)),
    }


def forks(own: Own, steps: Sequence[str], index: dict[str, int]) -> int:
    """The first of rows for the steps with which parts of a lot begin; they are added."""
    first = len(own.rows["fork"])
    own.rows["fork"] += [{"operation": index[step]} for step in steps]
    return first


_PAST = {"report": codes.PAST_REPORT, "scrap": codes.PAST_SCRAP, "rework": codes.PAST_REWORK}


def _limits(own: Own, product: Product, operation: Operation, index: dict[str, int]) -> Row:
    """The queue time that begins with an operation, and those that end with it; they are added."""
    timed = [step.name for step in product.routing if step.queue_time is not None]
    first = len(own.rows["limit"])
    for step in product.routing:
        if step.queue_time is not None and step.queue_time.until == operation.name:
            past = _PAST[step.queue_time.past]
            own.rows["limit"].append({"clock": timed.index(step.name), "past": past, "back": index[step.name]})
    begun = operation.queue_time
    return {
        "clock": timed.index(operation.name) if begun else -1,
        "within": begun.within if begun else 0.0,
        "first_limit": first,
        "limits": len(own.rows["limit"]) - first,
    }


def _flaws(own: Own, operation: Operation) -> Row:
    """Where the defects that an operation makes and finds stand; they are added."""
    row: Row = {"sample": operation.sample}
    for word, given in (("defect", operation.defects), ("find", operation.finds)):
        row |= {f"first_{word}": len(own.rows["flaw"]), f"{word}s": len(given)}
        own.rows["flaw"] += [{"defect": own.defects[name], "share": share} for name, share in given.items()]
    return row
