"""The documents that the agent writes: devices, streams, assets and errors of MTConnect 2.3."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from xml.sax.saxutils import escape, quoteattr

import numpy as np

from plantwright.shopfloor.virtual.devices import Device, Item
from plantwright.shopfloor.virtual.mtconnect.buffer import Entry, Part
from plantwright.shopfloor.virtual.observations import UNAVAILABLE, Catalogue

VERSION = "2.3"
MOST_ASSETS = 1024


def item_id(device: Device, item: Item) -> str:
    """The id of a data item in the agent's documents."""
    return f"d{device.number}_{item.key.replace(' ', '_')}"


def part_id(device: Device, part: str) -> str:
    """The id of a component, or of the device."""
    return f"d{device.number}" + (f"_{part.lower()}" if part else "")


def when(nanoseconds: int) -> str:
    """An instant as the documents write it, to the microsecond."""
    return str(np.datetime64(nanoseconds // 1000, "us")) + "Z"


@dataclass(frozen=True)
class Asset:
    """A cutting tool: how many seconds it is made for, and has worked when it was taken out."""

    name: str
    device: Device
    time: int
    worked: float = 0.0
    removed: bool = False


@dataclass(frozen=True)
class Writer:
    """Writes documents of one agent.

    Parameters
    ----------
    catalogue : Catalogue
    instance : int
        The agent's instance.
    buffer_size : int
    started : int
        When the agent started, in nanoseconds.
    """

    catalogue: Catalogue
    instance: int
    buffer_size: int
    started: int

    def probe(self, devices: Sequence[Device], now: int, assets: int) -> str:
        """What devices there are and what they say."""
        header = f'bufferSize="{self.buffer_size}" assetBufferSize="{MOST_ASSETS}" assetCount="{assets}"'
        return self._document("Devices", now, header, f"<Devices>{''.join(map(self.device, devices))}</Devices>")

    def device(self, device: Device) -> str:
        """One device."""
        parts: dict[str, list[Item]] = {"": [], "Controller": [], "Path": []}
        for item in device.items.values():
            parts[item.part].append(item)
        inner = ""
        if parts["Path"]:
            inner = f'<Components><Path id="{part_id(device, "Path")}" name="path">{_items(device, parts["Path"])}</Path></Components>'
            inner = (
                f'<Components><Controller id="{part_id(device, "Controller")}" name="controller">'
                f"{_items(device, parts['Controller'])}{inner}</Controller></Components>"
            )
        station = f" station={_attribute(device.center)}" if device.center else ""
        what = (
            f"a machine of the work center {device.center}"
            if device.center
            else "what is known of lots beside the machines"
        )
        return (
            f'<Device id="{part_id(device, "")}" name={_attribute(device.name)} uuid="{device.uuid}">'
            f"<Description{station}>{escape(_clean(what))}</Description>{_items(device, parts[''])}{inner}</Device>"
        )

    def streams(self, part: Part, now: int) -> str:
        """Observations, by device and component."""
        header = f'bufferSize="{self.buffer_size}" firstSequence="{part.first}" lastSequence="{part.last}" nextSequence="{part.next}"'
        groups: dict[int, dict[str, dict[str, list[str]]]] = {}
        for entry in part.entries:
            device, item = self.catalogue.items[entry.item]
            kinds = groups.setdefault(device.number, {}).setdefault(item.part, {})
            kinds.setdefault(item.category, []).append(_observation(device, item, entry))
        text = "".join(self._device_stream(number, parts) for number, parts in groups.items())
        return self._document("Streams", now, header, f"<Streams>{text}</Streams>")

    def assets(self, assets: Iterable[Asset], now: int, count: int) -> str:
        """Assets."""
        header = f'assetBufferSize="{MOST_ASSETS}" assetCount="{count}"'
        return self._document("Assets", now, header, f"<Assets>{''.join(map(_asset, assets))}</Assets>")

    def error(self, code: str, text: str, now: int) -> str:
        """An error."""
        inner = f'<Errors><Error errorCode="{code}">{escape(_clean(text))}</Error></Errors>'
        return self._document("Error", now, f'bufferSize="{self.buffer_size}"', inner)

    def _device_stream(self, number: int, parts: dict[str, dict[str, list[str]]]) -> str:
        device = self.catalogue.devices[number]
        text = ""
        for part, kinds in parts.items():
            inner = "".join(f"<{_LISTS[kind]}>{''.join(texts)}</{_LISTS[kind]}>" for kind, texts in kinds.items())
            name = part.lower() or device.name
            text += (
                f'<ComponentStream component="{part or "Device"}" name={_attribute(name)} componentId="{part_id(device, part)}">'
                f"{inner}</ComponentStream>"
            )
        return f'<DeviceStream name={_attribute(device.name)} uuid="{device.uuid}">{text}</DeviceStream>'

    def _document(self, kind: str, now: int, header: str, inner: str) -> str:
        space = f"urn:mtconnect.org:MTConnect{kind}:{VERSION}"
        changed = "" if kind == "Error" else f' deviceModelChangeTime="{when(self.started)}"'
        return (
            f'<?xml version="1.0" encoding="UTF-8"?>\n<MTConnect{kind} xmlns="{space}" xmlns:m="{space}" '
            f'xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance" '
            f'xsi:schemaLocation="{space} http://schemas.mtconnect.org/schemas/MTConnect{kind}_{VERSION}.xsd">'
            f'<Header creationTime="{when(now)}" sender="plantwright" instanceId="{self.instance}" version="{VERSION}.0.0"'
            f"{changed} {header}/>{inner}</MTConnect{kind}>"
        )


_LISTS = {"SAMPLE": "Samples", "EVENT": "Events", "CONDITION": "Condition"}


def _items(device: Device, items: Sequence[Item]) -> str:
    return f"<DataItems>{''.join(_item(device, item) for item in items)}</DataItems>"


def _item(device: Device, item: Item) -> str:
    attributes = f'category="{item.category}" id="{item_id(device, item)}" name="{item.key.replace(" ", "_")}" type="{item.type}"'
    attributes += f' subType="{item.subtype}"' if item.subtype else ""
    attributes += f' units="{item.units}"' if item.units else ""
    attributes += ' discrete="true"' if item.discrete else ""
    if item.limits is None:
        return f"<DataItem {attributes}/>"
    low, high = item.limits
    limits = f"<Minimum>{low:g}</Minimum><Maximum>{high:g}</Maximum><Nominal>{(low + high) / 2:g}</Nominal>"
    return f"<DataItem {attributes}><Constraints>{limits}</Constraints></DataItem>"


def _observation(device: Device, item: Item, entry: Entry) -> str:
    attributes = (
        f'dataItemId="{item_id(device, item)}" name="{item.key.replace(" ", "_")}" sequence="{entry.sequence}" '
        f'timestamp="{when(entry.time)}"'
    )
    if item.category == "CONDITION":
        level, code, text = entry.value.split("\t")
        coded = f" nativeCode={_attribute(code)} conditionId={_attribute(code)}" if code else ""
        return f'<{level.title()} {attributes} type="{item.type}"{coded}>{escape(_clean(text))}</{level.title()}>'
    attributes += f' subType="{item.subtype}"' if item.subtype else ""
    if item.type in ("ASSET_CHANGED", "ASSET_REMOVED"):
        attributes += f' assetType="{UNAVAILABLE if entry.value == UNAVAILABLE else "CuttingTool"}"'
    name = item.type.title().replace("_", "")
    return f"<{name} {attributes}>{escape(_clean(entry.value))}</{name}>"


def _asset(asset: Asset) -> str:
    removed = ' removed="true"' if asset.removed else ""
    life = asset.device.life or 0.0
    return (
        f"<CuttingTool serialNumber={_attribute(asset.name)} toolId={_attribute(asset.device.center)} "
        f'timestamp="{when(asset.time)}" assetId={_attribute(asset.name)} deviceUuid="{asset.device.uuid}"{removed}>'
        f"<CuttingToolLifeCycle><CutterStatus><Status>{'EXPIRED' if asset.removed else 'NEW'}</Status></CutterStatus>"
        f'<ToolLife type="MINUTES" countDirection="UP" initial="0" limit="{life / 60:.3f}">{asset.worked / 60:.3f}</ToolLife>'
        f"</CuttingToolLifeCycle></CuttingTool>"
    )


def _attribute(text: str) -> str:
    return quoteattr(_clean(text))


def _clean(text: str) -> str:
    """Without the characters that XML cannot hold."""
    if text.isprintable():
        return text
    return "".join(
        letter if letter >= " " and letter not in "\ufffe\uffff" and not "\ud800" <= letter <= "\udfff" else " "
        for letter in text
    )
