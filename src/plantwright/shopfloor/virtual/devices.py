"""The devices of a virtual plant: its machines, and the floor that knows of lots what no machine does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Literal
from uuid import NAMESPACE_URL, uuid5

from plantwright.plant.plant import Plant
from plantwright.plant.resources import Failure, Maintenance
from plantwright.shopfloor.virtual.states import STATES
from plantwright.units import UNITS

Category = Literal["SAMPLE", "EVENT", "CONDITION"]
Part = Literal["", "Controller", "Path"]

_MEASURED = frozenset(unit for kind in ("mass", "length", "area", "volume") for unit in UNITS[kind])
"""Units of what is weighed or measured, and not counted."""


@dataclass(frozen=True, slots=True)
class Item:
    """One data item of a device.

    Parameters
    ----------
    key : str
        What it is, by one word: `Device.items` holds it under that word.
    type, subtype : str
        In MTConnect's words.
    part : str
        The component of the device on which it stands; empty for the device itself.
    discrete : bool
        Whether a value that is the same again is told again.
    """

    key: str
    category: Category
    type: str
    subtype: str = ""
    part: Part = ""
    units: str = ""
    discrete: bool = False
    limits: tuple[float, float] | None = None

    @property
    def is_number(self) -> bool:
        """Whether its values are numbers."""
        return self.category == "SAMPLE" or self.type == "PART_COUNT"


@dataclass(frozen=True, slots=True)
class Device:
    """One device: a machine, or the floor.

    Parameters
    ----------
    name : str
        The machine's name in the plant.
    number : int
        From 0 on, in the order of the plant; the floor is the last.
    center : str
        Its work center; empty for the floor.
    life : float or None
        Seconds of work after which it fails or is maintained, on average; None where it does not wear.
    """

    name: str
    number: int
    uuid: str
    center: str
    items: Mapping[str, Item]
    life: float | None = None
    watts: Mapping[str, float] | None = None


FLOOR = (
    Item("available", "EVENT", "AVAILABILITY"),
    Item("notice", "EVENT", "MESSAGE", discrete=True),
    Item("row", "EVENT", "VARIABLE"),
    Item("what", "EVENT", "VARIABLE"),
    Item("lot", "EVENT", "PART_GROUP_ID", "LOT"),
    Item("product", "EVENT", "PART_KIND_ID", "PART_NAME"),
    Item("operation", "EVENT", "PROCESS_KIND_ID", "PROCESS_NAME"),
    Item("work center", "EVENT", "VARIABLE"),
    Item("machine", "EVENT", "VARIABLE"),
    Item("detail", "EVENT", "VARIABLE"),
    Item("amount", "EVENT", "VARIABLE"),
)

_MACHINE = (
    Item("available", "EVENT", "AVAILABILITY"),
    Item("work center", "EVENT", "VARIABLE"),
    Item("functional mode", "EVENT", "FUNCTIONAL_MODE"),
    Item("power", "EVENT", "EQUIPMENT_MODE", "POWERED"),
    Item("controller mode", "EVENT", "CONTROLLER_MODE", part="Controller"),
    Item("alarm", "CONDITION", "SYSTEM", part="Controller"),
    Item("execution", "EVENT", "EXECUTION", part="Path"),
    Item("wait state", "EVENT", "WAIT_STATE", part="Path"),
    Item("program", "EVENT", "PROGRAM", part="Path"),
    Item("lot", "EVENT", "PART_GROUP_ID", "LOT", "Path"),
    Item("product", "EVENT", "PART_KIND_ID", "PART_NAME", "Path"),
    Item("operation", "EVENT", "PROCESS_KIND_ID", "PROCESS_NAME", "Path"),
    Item("quantity", "EVENT", "VARIABLE", part="Path"),
    Item("operator", "EVENT", "USER", "OPERATOR", "Path"),
    Item("repairer", "EVENT", "USER", "MAINTENANCE", "Path"),
    Item("tool", "EVENT", "TOOL_GROUP", part="Path"),
)
_COUNTS = tuple(Item(key, "EVENT", "PART_COUNT", key.upper(), "Path") for key in ("all", "good", "bad"))
_AMOUNTS = tuple(Item(key, "EVENT", "VARIABLE", part="Path") for key in ("all", "good", "bad"))
_WEAR = Item("wear", "SAMPLE", "EQUIPMENT_TIMER", "WORKING", "Path", "SECOND")
_DEVIATION = Item("deviation", "SAMPLE", "LENGTH", "", "Path", "MILLIMETER", limits=(-1.0, 1.0))
_WATTS = Item("watts", "SAMPLE", "WATTAGE", "", "", "WATT")
_ASSETS = (Item("asset changed", "EVENT", "ASSET_CHANGED", discrete=True), Item("asset removed", "EVENT", "ASSET_REMOVED"))  # fmt: skip


def devices_of(plant: Plant, machines: Mapping[str, str]) -> list[Device]:
    """The devices of a plant whose machines stand at the work centers given, in their order, and the floor as the last."""
    measured = _measured(plant)
    graded = {
        at.center
        for product in plant.products.values()
        for operation in product.routing
        for at in operation.at
        if (operation.yield_ if at.yield_ is None else at.yield_) < 1.0
    }
    found = []
    for number, (name, center) in enumerate(machines.items()):
        life, watts = _life(plant, name, center), _watts(plant, center)
        items: list[Item] = [*_MACHINE, *(_AMOUNTS if center in measured else _COUNTS)]
        items += [_WEAR, *_ASSETS] if life else []
        items += [_DEVIATION] if center in graded else []
        items += [_WATTS] if watts else []
        found.append(Device(name, number, _uuid(plant, name), center, _by_key(items), life, watts))
    floor = _free("floor", machines)
    return [*found, Device(floor, len(found), _uuid(plant, floor), "", _by_key(FLOOR))]


def _measured(plant: Plant) -> set[str]:
    """The work centers at some of whose lots not whole pieces are counted."""
    from plantwright.plant.conversions import units_after, units_at

    found = set()
    for product in plant.products.values():
        before, after = units_at(product), units_after(product)
        whole = float(product.lot).is_integer()
        for operation in product.routing:
            if not whole or before[operation.name] in _MEASURED or after[operation.name] in _MEASURED:
                found |= {at.center for at in operation.at}
    return found


def _life(plant: Plant, machine: str, center: str) -> float | None:
    """Seconds of work until the first stop by the working clock, as the rates of all of them add up."""
    of = plant.work_centers[center]
    own = next((one for one in of.unlike if one.name == machine), None)
    stops: list[Failure | Maintenance] = [*of.failures, *of.maintenance]
    stops += [*own.failures, *own.maintenance] if own else []
    rate = sum(1.0 / stop.every.mean for stop in stops if stop.clock == "working" and stop.every.mean > 0.0)
    return 1.0 / rate if rate > 0.0 else None


def _watts(plant: Plant, center: str) -> Mapping[str, float] | None:
    if not plant.work_centers[center].power:
        return None
    from plantwright.simulation.economics import watts

    return {state: watts(plant.work_centers[center], state) for state in STATES}


def _by_key(items: Iterable[Item]) -> Mapping[str, Item]:
    return {item.key: item for item in items}


def _uuid(plant: Plant, name: str) -> str:
    return str(uuid5(NAMESPACE_URL, f"urn:plantwright:{plant.name}:{name}"))


def _free(name: str, taken: Mapping[str, str]) -> str:
    while name in taken:
        name = f"the {name}"
    return name
