"""The agenda of a world whose plant has changed: what was going to happen, and still can."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from plantwright.simulation.codes import KIND_SHIFT
from plantwright.simulation.identity import slots_from
from plantwright.simulation.memory import write_void
from plantwright.simulation.world import World


class CarriedAgenda:
    """Carries the agenda of a world over into that of the changed plant.

    Parameters
    ----------
    old, new : World
        As it was stopped, and as it goes on.
    rows : mapping
        The rows that those of each concept have in the new world.
    """

    def __init__(self, old: World, new: World, rows: Mapping[str, Any]) -> None:
        self._new = new
        before, there = old.records["slot"], new.records["slot"]
        slots = slots_from(old, new, rows)
        waiting = old.arrays["heap"][: int(old.run.heap[0])]
        kept = [slot for slot in waiting if slots[slot] >= 0]
        first, target = int(old.run.first_slot_of_lots[0]), int(new.run.first_slot_of_lots[0])
        there["kind"][target:] = before["kind"][first:]
        for slot in kept:
            there["time"][slots[slot]] = before["time"][slot]
            there["key"][slots[slot]] = before["key"][slot]
        self._write([int(slots[slot]) for slot in kept], len(kept) < len(waiting))

    def _write(self, slots: list[int], in_order: bool) -> None:
        """Write the slots that wait into the agenda, sorted where they do not stand as a heap any more."""
        slot = self._new.records["slot"]
        if in_order:
            slots = sorted(slots, key=lambda s: (slot["time"][s], slot["key"][s]))
        slot["place"] = -1
        slot["place"][slots] = np.arange(len(slots))
        self._new.arrays["heap"][: len(slots)] = slots
        self._new.arrays["heap_time"][: len(slots)] = slot["time"][slots]
        self._new.arrays["heap_key"][: len(slots)] = slot["key"][slots]
        self._new.run.heap[0] = len(slots)
        write_void(self._new)

    def pending(self) -> list[int]:
        """The slots of all that is going to happen."""
        return [int(slot) for slot in self._new.arrays["heap"][: int(self._new.run.heap[0])]]

    def move(self, slot: int, time: float | None) -> None:
        """Put the event of a slot at another time, or (None) take it out of the agenda."""
        pending = self.pending()
        there = self._new.records["slot"]
        if time is None:
            if slot in pending:
                self._write([other for other in pending if other != slot], True)
            return
        if slot in pending and there["time"][slot] == time:
            return
        there["time"][slot] = time
        there["key"][slot] = (int(there["kind"][slot]) << KIND_SHIFT) | int(self._new.run.sequence[0])
        self._new.run.sequence[0] += 1
        self._write(pending if slot in pending else [*pending, slot], True)
