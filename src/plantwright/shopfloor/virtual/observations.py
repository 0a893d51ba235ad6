"""Observations: what the devices of a virtual plant say, in columns; and the catalogue of what they can say."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from plantwright.shopfloor.virtual.devices import Device, Item


@dataclass(frozen=True)
class Catalogue:
    """All data items of all devices, each by a number."""

    devices: Sequence[Device]
    items: Sequence[tuple[Device, Item]] = field(init=False)
    _numbers: dict[tuple[int, str], int] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        items = [(device, item) for device in self.devices for item in device.items.values()]
        object.__setattr__(self, "items", items)
        numbers = {(device.number, item.key): number for number, (device, item) in enumerate(items)}
        object.__setattr__(self, "_numbers", numbers)

    def number(self, device: Device, key: str) -> int:
        """The number of a data item."""
        return self._numbers[device.number, key]

    def of(self, device: Device) -> dict[str, int]:
        """The numbers of a device's data items, by their keys."""
        return {key: self._numbers[device.number, key] for key in device.items}


@dataclass(slots=True)
class Observations:
    """What was said, in order of time: instants in nanoseconds since 1970 in UTC, the item's number, what it says.

    Where an item is a condition the value is ``NORMAL``, ``WARNING`` or ``FAULT``, with its code and a text after it, apart by tabs.
    Where it is not available the value is ``UNAVAILABLE``.
    """

    time: list[int] = field(default_factory=list)
    item: list[int] = field(default_factory=list)
    value: list[str] = field(default_factory=list)

    def __len__(self) -> int:
        return len(self.time)

    def add(self, time: int, item: int, value: str) -> None:
        """One more."""
        self.time.append(time)
        self.item.append(item)
        self.value.append(value)

    def in_order(self) -> Observations:
        """In the order of time; what is said at one instant stays in its order."""
        order = sorted(range(len(self.time)), key=self.time.__getitem__)
        time, item, value = self.time, self.item, self.value
        return Observations([time[i] for i in order], [item[i] for i in order], [value[i] for i in order])

    def part(self, start: int, end: int | None = None) -> Observations:
        """Some rows."""
        return Observations(self.time[start:end], self.item[start:end], self.value[start:end])


UNAVAILABLE = "UNAVAILABLE"


def amount_text(amount: float) -> str:
    """An amount as it is said: whole numbers without a point, others so that they read back as the same."""
    return str(int(amount)) if amount == int(amount) else repr(float(amount))


def listed(texts: Sequence[str]) -> str:
    """Several texts as one; what would part them is written as a percent sign and a number."""
    return "; ".join(text.replace("%", "%25").replace(";", "%3B") for text in texts)


def unlisted(text: str) -> list[str]:
    """The texts of `listed`."""
    return [part.replace("%3B", ";").replace("%25", "%") for part in text.split("; ")] if text else []
