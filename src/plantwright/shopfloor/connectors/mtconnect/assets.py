"""Assets: documents about tools, programs and work pieces, kept when an agent says that they changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lxml import etree

from plantwright.shopfloor.connectors import Inlet
from plantwright.shopfloor.connectors.mtconnect.agent import Agent, Refused
from plantwright.shopfloor.connectors.mtconnect.devices import Device
from plantwright.shopfloor.connectors.mtconnect.documents import Element, child, local
from plantwright.shopfloor.connectors.mtconnect.sheet import Sheet
from plantwright.shopfloor.connectors.mtconnect.streams import Changed
from plantwright.shopfloor.connectors.mtconnect.texts import instant
from plantwright.shopfloor.readings import Tag

LONGEST_ASSET = 60_000
"""Characters of an asset that is kept; of a longer one only its name is."""

MOST_AT_ONCE = 50
"""Assets that are fetched of one document; one that says more have changed is read with all assets instead."""


class AssetsReader:
    """Fetches assets of one agent into a sheet."""

    def __init__(self, agent: Agent, devices: Sequence[Device], source: str, inlet: Inlet) -> None:
        self._agent, self._inlet = agent, inlet
        self._machines = {one.uuid: one.name for one in devices if one.uuid}
        self._some = bool(devices) and any(item.shape == "asset" for one in devices for item in one.items)
        self._first = next((one.name for one in devices if not one.agent), "")
        tags = [asset_tag(one.name, source) for one in devices if not one.agent]
        wanted = [tag for tag in tags if inlet.wants(tag)] if self._some else []
        self._tags = {tag.machine: number for tag, number in zip(wanted, inlet.declare(wanted), strict=True)}

    def fetch(self, changed: Sequence[Changed], sheet: Sheet) -> None:
        """The assets that were changed or removed, once each."""
        latest = {(one.machine, one.asset): one for one in changed if one.machine in self._tags}
        for one in list(latest.values())[-MOST_AT_ONCE:]:
            tag = self._tags[one.machine]
            if one.removed:
                sheet.tell(tag, one.time, one.asset, asset_detail(one.type, None, removed=True))
                continue
            try:
                root = self._agent.ask(f"asset/{one.asset}")
            except Refused as error:
                self._inlet.note("PW5054", f"the asset {one.asset!r} has changed and cannot be read: {error}")
                continue
            for element in _assets(root):
                self._tell(element, sheet, tag, one)

    def fetch_all(self) -> None:
        """All assets that the agent holds."""
        if not self._tags:
            return
        try:
            root = self._agent.ask("assets")
        except Refused:
            return
        sheet = Sheet(self._inlet.reject)
        for element in _assets(root):
            machine = self._machines.get(element.get("deviceUuid") or "", self._first)
            if machine in self._tags:
                self._tell(element, sheet, self._tags[machine], None)
        self._inlet.put(*sheet.readings())

    def _tell(self, element: Element, sheet: Sheet, tag: int, changed: Changed | None) -> None:
        name = element.get("assetId") or (changed.asset if changed else "")
        time = instant(element.get("timestamp") or "") or (changed.time if changed else None)
        if not name or time is None:
            self._inlet.reject(tag, name or local(element.tag), "an asset without its name or instant")
            return
        removed = (element.get("removed") or "").lower() == "true"
        text = etree.tostring(element, encoding="unicode", with_tail=False)
        sheet.tell(tag, time, name, asset_detail(local(element.tag), text, removed))


def asset_tag(machine: str, source: str) -> Tag:
    """The tag under which a machine's assets are kept."""
    return Tag(f"{machine}/assets", "asset", source, machine, "ASSET", description="documents about tools and the like")


def asset_detail(kind: str, text: str | None, removed: bool = False) -> Mapping[str, Any]:
    """What is kept of an asset beside its name: its type, its XML, whether it was removed."""
    found: dict[str, Any] = {"type": kind} if kind else {}
    if removed:
        found["removed"] = True
    if text is not None:
        found |= {"xml": text} if len(text) <= LONGEST_ASSET else {"left out": f"{len(text):,} characters"}
    return found


def _assets(root: Element) -> Sequence[Element]:
    group = child(root, "Assets")
    return [] if group is None else [one for one in group if local(one.tag)]
