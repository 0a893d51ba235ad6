"""Which devices of an agent are read, and what their machines are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from plantwright.shopfloor.connectors.mtconnect.devices import Device


@dataclass
class Names:
    """Devices by their name, uuid or id.

    Parameters
    ----------
    only : sequence of str
        Those that are read; none is all.
    names : mapping of str to str
        Other names for their machines.
    """

    only: Sequence[str] = ()
    names: Mapping[str, str] = field(default_factory=dict)
    _left_out: frozenset[str] = field(default=frozenset(), repr=False)

    def __str__(self) -> str:
        return ", ".join(self.only) or "any"

    def chosen(self, devices: Sequence[Device]) -> list[Device]:
        """Those that are read, by the names that were given to them."""
        read = [one for one in devices if not self.only or {one.name, one.uuid, one.id} & set(self.only)]
        self._left_out = frozenset(item.id for one in devices if one not in read for item in one.items)
        return [self._named(one) for one in read]

    def leaves_out(self, item: str) -> bool:
        """Whether a data item belongs to a device that is not read."""
        return item in self._left_out

    def _named(self, device: Device) -> Device:
        for known in (device.name, device.uuid, device.id):
            if known and known in self.names:
                name = self.names[known]
                return replace(device, name=name, items=tuple(replace(item, machine=name) for item in device.items))
        return device
