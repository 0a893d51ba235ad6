"""What an agent offers: the devices of a probe, their data items, and the tags under which these are kept."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

from plantwright.shopfloor.connectors.mtconnect.documents import Element, Malformed, child, local
from plantwright.shopfloor.connectors.mtconnect.texts import number
from plantwright.shopfloor.readings import Kind, Tag

Shape = Literal["sample", "three", "series", "event", "message", "alarm", "asset", "set", "condition"]
"""How an item's values are written: a number, three of them, many at a fixed rate; a word; a message with its code; MTConnect 1.0's
alarm; the name of an asset; entries of a data set or table; a condition.
"""

THREE = {"PATH_POSITION", "ORIENTATION", "TRANSLATION", "ROTATION"}
AXES: Mapping[str, Sequence[str]] = {"DEGREE_3D": "ABC", "RADIAN_3D": "ABC"}


@dataclass(frozen=True, slots=True)
class DataItem:
    """A data item.

    Parameters
    ----------
    id : str
    category : str
        ``"SAMPLE"``, ``"EVENT"`` or ``"CONDITION"``.
    type, subtype : str
        As the device says, such as ``"PART_COUNT"`` and ``"BAD"``, ``"x:FLOW"``.
    name : str
    unit : str
    representation : str
        ``"VALUE"``, ``"DATA_SET"``, ``"TABLE"``, ``"TIME_SERIES"`` or ``"DISCRETE"``.
    machine : str
        The name of its device.
    path : tuple of str
        The components in which it stands, outermost first, and its composition.
    source : str
        What an adapter calls it, if not by its name.
    rate : float, optional
        Values a second of a time series.
    """

    id: str
    category: str
    type: str
    subtype: str = ""
    name: str = ""
    unit: str = ""
    representation: str = "VALUE"
    machine: str = ""
    path: tuple[str, ...] = ()
    source: str = ""
    rate: float | None = None

    @property
    def shape(self) -> Shape:
        """How its values are written."""
        if self.category == "CONDITION":
            return "condition"
        if self.representation in ("DATA_SET", "TABLE"):
            return "set"
        if self.category == "SAMPLE":
            if self.representation == "TIME_SERIES":
                return "series"
            return "three" if self.unit.endswith("_3D") or self.type in THREE else "sample"
        special: Mapping[str, Shape] = {
            "MESSAGE": "message",
            "ALARM": "alarm",
            "ASSET_CHANGED": "asset",
            "ASSET_REMOVED": "asset",
        }
        return special.get(self.type, "event")

    @property
    def label(self) -> str:
        """What a person calls it."""
        said = self.name or " ".join(part.rpartition(":")[2] for part in (self.type, self.subtype) if part).lower()
        return _plain(said.replace("_", " ") if not self.name else said)


@dataclass(frozen=True, slots=True)
class Device:
    """A device with its items. ``agent`` says that it is the agent's account of itself."""

    name: str
    uuid: str
    id: str = ""
    agent: bool = False
    description: str = ""
    items: tuple[DataItem, ...] = field(default=(), repr=False)


def read_devices(root: Element) -> list[Device]:
    """The devices of an MTConnectDevices document. Raises Malformed where it is another document."""
    if local(root.tag) != "MTConnectDevices":
        raise Malformed(f"<{local(root.tag)}> where the devices of an agent were asked for")
    group = child(root, "Devices")
    found = [_device(one) for one in (() if group is None else group) if local(one.tag)]
    counts: dict[str, int] = {}
    for device in found:
        counts[device.name] = counts.get(device.name, 0) + 1
    return [_renamed(one, f"{one.name} ({one.uuid or one.id})") if counts[one.name] > 1 else one for one in found]


def _renamed(device: Device, name: str) -> Device:
    return replace(device, name=name, items=tuple(replace(item, machine=name) for item in device.items))


def _device(element: Element) -> Device:
    name = _plain(element.get("name") or element.get("uuid") or element.get("id") or "device")
    about = child(element, "Description")
    said = [] if about is None else [about.get("manufacturer"), about.get("model"), about.get("serialNumber")]
    return Device(
        name,
        element.get("uuid") or "",
        element.get("id") or "",
        local(element.tag) == "Agent",
        " ".join(part for part in said if part),
        tuple(_items(element, name, ())),
    )


def _items(element: Element, machine: str, path: tuple[str, ...]) -> Iterator[DataItem]:
    """The data items of a component and of those in it."""
    parts = child(element, "Compositions")
    compositions = {
        one.get("id"): _plain(one.get("name") or (one.get("type") or "").replace("_", " ").lower())
        for one in (() if parts is None else parts)
    }
    listed = child(element, "DataItems")
    for one in () if listed is None else listed:
        if local(one.tag) == "DataItem":
            composition = compositions.get(one.get("compositionId"), "")
            yield _item(one, machine, (*path, composition) if composition else path)
    inner = child(element, "Components")
    for one in () if inner is None else inner:
        if local(one.tag):
            yield from _items(one, machine, (*path, _plain(one.get("name") or local(one.tag))))


def _item(element: Element, machine: str, path: tuple[str, ...]) -> DataItem:
    get = element.get
    source = child(element, "Source")
    kind = (get("type") or "").strip()
    return DataItem(
        id=get("id") or get("name") or "",
        category=(get("category") or "EVENT").strip().upper(),
        type=kind,
        subtype=(get("subType") or "").strip(),
        name=(get("name") or "").strip(),
        unit=(get("units") or "").strip(),
        representation=(get("representation") or "VALUE").strip().upper(),
        machine=machine,
        path=path,
        source="" if source is None else (source.text or "").strip(),
        rate=number(get("sampleRate")),
    )


def _plain(name: str) -> str:
    """A name as a part of a tag's name."""
    return " ".join(name.replace("/", "-").split())


@dataclass(frozen=True, slots=True)
class Slot:
    """A data item with the ids of the tags in which its values are kept."""

    item: DataItem
    shape: Shape
    tags: tuple[int, ...]


KINDS: Mapping[str, Kind] = {"sample": "sample", "three": "sample", "series": "sample", "condition": "condition"}


def tags_of(devices: Sequence[Device], source: str) -> dict[str, list[Tag]]:
    """The tags of each data item by its id. Names: the machine, its components, the item; each once."""
    found: dict[str, list[Tag]] = {}
    used: set[str] = set()
    for device in devices:
        root = f"{source} agent" if device.agent else device.name
        for item in device.items:
            if not item.id or item.id in found:
                continue
            name = "/".join((root, *item.path, item.label))
            if name in used:
                name = f"{name} ({item.id})"
            while name in used:
                name += "'"
            used.add(name)
            machine = "" if device.agent else device.name
            found[item.id] = list(_tags(item, name, machine, source))
    return found


def _tags(item: DataItem, name: str, machine: str, source: str) -> Iterator[Tag]:
    unit = item.unit.removesuffix("_3D") if item.shape == "three" else item.unit
    plain = Tag(name, KINDS.get(item.shape, "event"), source, machine, item.type, unit, item.id, "", item.subtype)
    if item.shape != "three":
        yield plain
        return
    for axis in AXES.get(item.unit, "XYZ"):
        yield replace(plain, name=f"{name}/{axis}", description=axis)


def slots_of(
    devices: Sequence[Device],
    source: str,
    wants: Callable[[Tag], bool],
    declare: Callable[[Sequence[Tag]], list[int]],
) -> dict[str, Slot]:
    """A slot for each data item by its id; those that are not wanted have no tags."""
    tags = tags_of(devices, source)
    items = {item.id: item for device in reversed(devices) for item in reversed(device.items)}
    chosen = {key: several for key, several in tags.items() if any(map(wants, several))}
    ids = iter(declare([tag for several in chosen.values() for tag in several]))
    kept = {key: tuple(next(ids) for _ in several) for key, several in chosen.items()}
    return {key: Slot(items[key], items[key].shape, kept.get(key, ())) for key in tags}
