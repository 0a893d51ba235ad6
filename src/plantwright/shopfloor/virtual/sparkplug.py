"""The virtual plant as an edge node of Sparkplug B: each machine is a device, what it says are metrics."""

from __future__ import annotations

import time
from collections.abc import Callable

from plantwright.shopfloor.connectors.mqtt.broker import Broker
from plantwright.shopfloor.connectors.sparkplug.edge import Change, EdgeMetric, EdgeNode
from plantwright.shopfloor.connectors.sparkplug.payloads import DataType
from plantwright.shopfloor.virtual.devices import Item
from plantwright.shopfloor.virtual.errors import VirtualError
from plantwright.shopfloor.virtual.observations import UNAVAILABLE, Catalogue, Observations

NODE = "virtual"
MILLISECOND = 1_000_000
STORE = 500_000
"""Changes that wait for a broker that does not answer; beyond it the oldest are forgotten."""
LONGEST_BIRTH = 10.0


class SparkplugNode:
    """Publishes the devices of a catalogue.

    Parameters
    ----------
    catalogue : Catalogue
    name : str
        Of the plant: the group.
    broker : Broker
    clock : callable
        Nanoseconds since 1970, as the edge node's clock says.
    since : int, optional
        The instant from which nothing is known until something is said, in nanoseconds.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        name: str,
        broker: Broker,
        clock: Callable[[], int] = time.time_ns,
        since: int | None = None,
    ) -> None:
        self._broker, self.group = broker, _id(name)
        self._devices = [_id(device.name) for device in catalogue.devices]
        self._names = [(self._devices[device.number], item.key) for device, item in catalogue.items]
        self._values = [_value_of(item) for _, item in catalogue.items]
        self._clock = _Coarse([(item.category == "SAMPLE", device.number) for device, item in catalogue.items])
        metrics: dict[str, list[EdgeMetric]] = {device: [] for device in self._devices}
        for device, item in catalogue.items:
            about = {"engUnit": item.units, "type": item.type, "subType": item.subtype}
            told = {key: text for key, text in about.items() if text}
            metrics[self._devices[device.number]].append(EdgeMetric(item.key, _type_of(item), told))
        self._node = EdgeNode(broker, self.group, NODE, metrics, store=STORE, clock=clock, since=since)

    @property
    def url(self) -> str:
        """Where it is published: the broker, and the topics."""
        return f"{self._broker.url} spBv1.0/{self.group}/+/{NODE}/#"

    def start(self) -> None:
        """Begin to publish. Raises VirtualError where the broker does not answer."""
        self._node.start()
        if not self._node.is_born.wait(LONGEST_BIRTH):
            self._node.close(0.5)
            raise VirtualError(f"no broker answers at {self._broker.url}; is it on, and the port right?")

    def write(self, said: Observations) -> None:
        """Take the next observations."""
        changes = []
        for instant, item, text in zip(said.time, said.item, said.value, strict=True):
            value = None if text.startswith(UNAVAILABLE) else self._values[item](text)
            changes.append(Change(*self._names[item], value, self._clock(item, instant)))
        self._node.write(changes)

    def cut(self) -> None:
        """Lose the connection without a word."""
        self._node.cut()

    def mend(self) -> None:
        """Connect again."""
        self._node.mend()

    def close(self) -> None:
        """Say what waits, and die."""
        self._node.close(10.0)


class _Coarse:
    """Instants in whole milliseconds, as Sparkplug tells them: what one device says at one instant stays together, and what it says at
    another does not come to it; of samples only those of one item are kept apart.
    """

    def __init__(self, items: list[tuple[bool, int]]) -> None:
        self._of = [("item", number) if alone else ("device", device) for number, (alone, device) in enumerate(items)]
        self._last: dict[tuple[str, int], tuple[int, int]] = {}

    def __call__(self, item: int, instant: int) -> int:
        of = self._of[item]
        before, told = self._last.get(of, (-1, -1))
        if instant != before:
            told = max(instant // MILLISECOND, told + 1)
            self._last[of] = instant, told
        return told * MILLISECOND


def _type_of(item: Item) -> DataType:
    if item.category == "SAMPLE":
        return DataType.DOUBLE
    return DataType.INT64 if item.type == "PART_COUNT" else DataType.STRING


def _value_of(item: Item) -> Callable[[str], float | int | str]:
    if item.category == "SAMPLE":
        return float
    return int if item.type == "PART_COUNT" else str


def _id(name: str) -> str:
    """A name as topics can hold it."""
    return "".join("_" if letter in "+/#\0" else letter for letter in name)
