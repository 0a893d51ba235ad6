"""Which row of one world is which row of another: the same product, machine or step, whatever stands before it in the file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Hashable, Iterable, Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from plantwright.simulation import codes
from plantwright.simulation.concepts import CONCEPTS
from plantwright.simulation.marks import NAMES, POOLS, STATE, fields_of
from plantwright.simulation.world import World

if TYPE_CHECKING:
    from plantwright.simulation.blueprint import Blueprint

_OWNERS = {"need": ("operation", "mode")}
"""Concepts whose rows belong to rows of others, ``first_need`` and ``needs`` of them."""
_CARRIED = dict.fromkeys(
    [*NAMES, *STATE, *(target for concept in STATE for target, _ in fields_of(concept).values() if target)]
)
"""What is carried over, and what that points to."""


class Keys:
    """What tells the rows of each concept of a world apart.

    Parameters
    ----------
    world : World
    names : mapping
        Names of the rows of concepts, as `Blueprint.names` holds them.
    """

    def __init__(self, world: World, names: Mapping[str, list[Any]]) -> None:
        self._world, self._names = world, names
        self.of = {concept: self._keys(concept) for concept in _CARRIED}

    def _keys(self, concept: str) -> list[Hashable]:
        if concept == "machine":
            return self._machines()
        rows = self._world.records.get(concept)
        if rows is None or (concept in self._names and "key" not in CONCEPTS[concept]):
            return _numbered(self._names.get(concept, []))
        if concept in _OWNERS:
            return self._owned(concept, len(rows))
        if f"{concept}s" in CONCEPTS["run"]:
            rows = rows[: int(self._world.records["run"][f"{concept}s"][0])]
        if concept == "loop":
            # Cards by the lot and by the piece are of two loops.
            first = self._world.records["release"]["key"]
            return [(int(first[row["first_release"]]), int(row["pieces"])) for row in rows]
        if concept == "mode":
            return _numbered((int(row["key"]), int(row["clock"])) for row in rows)
        if concept == "vehicle":
            movers = self._names["mover"]
            return _numbered(movers[row] for row in rows["mover"]) if movers else list(range(len(rows)))
        if "key" in CONCEPTS[concept] and concept not in POOLS:
            return _numbered(
                int(key) for key in rows["key"]
            )  # alternatives of an operation have its key, one after the other
        return list(range(len(rows)))

    def _machines(self) -> list[Hashable]:
        """The k-th machine of its work center; what stops several machines, by its name; what stops the places of one, by that machine."""
        centers = _numbered(self._names["center"])
        if not centers:
            return []
        count = int(self._world.run.machines[0])
        machine, member = self._world.records["machine"], self._world.records["member"]["machine"]
        found = _numbered(centers[c] for c in machine["center"][:count])
        whole = set(machine["whole"][:count].tolist())
        keepers: list[Hashable] = []
        for q in range(count, count + int(self._world.run.keepers[0])):
            named = self._names["machine"][q]
            of = found[int(member[machine["first_member"][q]])] if q in whole else named
            keepers.append(("keeper", of, int(machine["open_always"][q]), q in whole))
        return [*found, *_numbered(keepers)]

    def _owned(self, concept: str, rows: int) -> list[Hashable]:
        """The j-th of its owner that asks for the same skill or tool; one that nobody owns by its place."""
        found: list[Hashable] = [(concept, row) for row in range(rows)]
        asks = [self._asked(int(skill)) for skill in self._world.records[concept]["skill"]]
        for owner in _OWNERS[concept]:
            table = self._world.records[owner]
            keys = self._keys(owner)
            # Of alternatives, which share them, the first one names them.
            for row in reversed(range(len(table))):
                first, count = int(table[f"first_{concept}"][row]), int(table[f"{concept}s"][row])
                for j, asked in enumerate(_numbered(asks[first : first + count])):
                    found[first + j] = (owner, keys[row], asked)
        return found

    def _asked(self, skill: int) -> Hashable:
        """A skill with its level, or the name of a tool or of cards."""
        known = self._names.get("skill", [])
        name = known[skill] if skill < len(known) else skill
        return (
            name if isinstance(name, tuple) else self._names["crew"][name] if name < len(self._names["crew"]) else name
        )


def _numbered(names: Iterable[Hashable]) -> list[Hashable]:
    """Names with how often each came before, so that no two are the same."""
    seen: Counter[Hashable] = Counter()
    found: list[Hashable] = []
    for name in names:
        found.append((name, seen[name]))
        seen[name] += 1
    return found


def rows_from(old: Keys, new: Keys) -> dict[str, Any]:
    """For each concept: the row in the new world of each row of the old one, -1 where there is none; and -1 for -1 at the end."""
    found: dict[str, Any] = {}
    for concept, keys in old.of.items():
        at = {key: row for row, key in enumerate(new.of[concept])}
        found[concept] = np.array([*(at.get(key, -1) for key in keys), -1], np.int64)
    return found


def tickets_from(old: World, new: World) -> Any:
    """The row in the new world of each ticket of the old one: the same lot's, for its same choice."""
    width, wide = int(old.run.width[0]), int(new.run.width[0])
    lots, choices = np.divmod(np.arange(len(old.records["ticket"])), width)
    return np.append(np.where(choices < wide, lots * wide + choices, -1), -1)


def slots_from(old: World, new: World, rows: Mapping[str, Any]) -> Any:
    """The slot in the new world's agenda of each slot of the old one, -1 where there is none."""
    found = np.full(len(old.records["slot"]), -1, np.int64)
    for concept, fields in CONCEPTS.items():
        for field in fields:
            if field == "slot" or field.startswith("slot_") or field.endswith("_slot"):
                here, there = old.records[concept][field], new.records[concept][field]
                for row, target in enumerate(rows[concept][: len(here)]):
                    if target >= 0:
                        found[here[row]] = there[target]
    machines = int(old.run.machines[0] + old.run.keepers[0])
    found[:machines] = rows["machine"][:machines]
    first, target = int(old.run.first_slot_of_lots[0]), int(new.run.first_slot_of_lots[0])
    lots = len(old.records["lot"])
    found[first : first + lots] = np.arange(target, target + lots)
    return found


def translated(rows: Any, before: Blueprint, after: Blueprint) -> Any:
    """Rows of the log that a world of `before` wrote, in the numbers of the rows of `after`."""
    there = rows_from(before.keys, after.keys)
    known = after.names["machine"]
    for row, name in enumerate(before.names["machine"][: len(there["machine"]) - 1]):
        if there["machine"][row] < 0 and name in known:
            there["machine"][row] = known.index(name)
    made = rows.copy()
    for field in ("product", "operation", "center", "machine"):
        made[field] = there[field][made[field]]
    for kind, concept in codes.LOG_DETAILS.items():
        if concept in there:
            chosen = made["kind"] == kind
            made["detail"][chosen] = there[concept][made["detail"][chosen]]
    return made
