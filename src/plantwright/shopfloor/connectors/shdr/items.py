"""What an adapter speaks of: data items by a devices file, or as what they say suggests."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from plantwright.shopfloor.connectors import Inlet
from plantwright.shopfloor.connectors.mtconnect.devices import DataItem, Device, Slot, read_devices, slots_of
from plantwright.shopfloor.connectors.mtconnect.documents import Malformed, parse
from plantwright.shopfloor.connectors.mtconnect.sheet import LEVELS, unavailable
from plantwright.shopfloor.connectors.mtconnect.texts import number


def device_in(file: Path, name: str = "") -> Device:
    """A device of a devices file: the named one, or its only one. Raises ValueError."""
    try:
        devices = [one for one in read_devices(parse(file.read_bytes())) if not one.agent]
    except OSError as error:
        raise ValueError(f"the devices file {file.name!r} cannot be read: {error.strerror or error}") from None
    except Malformed as error:
        raise ValueError(f"the devices file {file.name!r} cannot be used: {error}") from None
    found = [one for one in devices if not name or name in (one.name, one.uuid, one.id)]
    if len(found) != 1:
        there = ", ".join(one.name for one in devices)
        what = f"has no device {name!r}" if name else "has several devices; name one by 'device'"
        raise ValueError(f"the devices file {file.name!r} {what}; there are: {there or 'none'}")
    return found[0]


class KnownItems:
    """The items of a device by name, id or what the adapter calls them."""

    def __init__(self, device: Device, source: str, inlet: Inlet) -> None:
        slots = slots_of([device], source, inlet.wants, inlet.declare)
        self._slots: dict[str, Slot] = {}
        for word in ("source", "id", "name"):
            self._slots |= {called: slot for slot in slots.values() if (called := getattr(slot.item, word))}
        self.unknown: set[str] = set()

    def find(self, key: str, rest: Sequence[str]) -> Slot | None:
        """The item of a name; a device may stand before it with a colon."""
        slot = self._slots.get(key) or self._slots.get(key.partition(":")[2])
        if slot is None and len(self.unknown) < 1000:
            self.unknown.add(key)
        return slot


class GuessedItems:
    """Items without a devices file: a condition where five fields begin with a level, a sample where the first value that is there is a
    number, else an event. An item that has only been unavailable is not known yet, and not kept.
    """

    def __init__(self, machine: str, source: str, inlet: Inlet) -> None:
        self._machine, self._source, self._inlet = machine, source, inlet
        self._slots: dict[str, Slot] = {}
        self.unknown: set[str] = set()

    def find(self, key: str, rest: Sequence[str]) -> Slot | None:
        """The item of a name, made where it is new and says what it is."""
        slot = self._slots.get(key)
        if slot is not None and not (slot.shape == "sample" and self._is_word(rest[0])):
            return slot
        if len(rest) >= 5 and rest[0].upper() in LEVELS:
            return self._make(key, "CONDITION")
        if unavailable(rest[0]):
            return slot
        return self._make(key, "EVENT" if slot is not None or number(rest[0]) is None else "SAMPLE")

    def _is_word(self, text: str) -> bool:
        return number(text) is None and not unavailable(text)

    def _make(self, key: str, category: str) -> Slot:
        """A slot; of an item that said numbers and now a word, another that holds words."""
        known = self._slots.get(key)
        name = key if known is None else f"{key} in words"
        words = self._slots.get(name) if known is not None else None
        if words is not None:
            return words
        item = DataItem(id=name, category=category, type="", name=name, machine=self._machine)
        device = Device(self._machine, "", items=(item,))
        (slot,) = slots_of([device], self._source, self._inlet.wants, self._inlet.declare).values()
        self._slots[name] = slot
        return slot


Items = KnownItems | GuessedItems
