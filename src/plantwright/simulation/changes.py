"""Dated changes of a plant: when they are made, and the plant as it is from then on."""

from __future__ import annotations

from typing import Any

from plantwright.plant import changed, value_at
from plantwright.plant.plant import Plant
from plantwright.simulation.timeline import seconds_at


def dates_of(plant: Plant) -> list[float]:
    """The instants of a plant's dated changes, in seconds from the start, each once, in order."""
    return sorted({seconds_at(plant, change.on) for change in plant.changes})


def made_until(plant: Plant, time: float) -> Plant:
    """The plant in which all changes that are dated until `time` (seconds from the start) are made, in the order of their dates, and taken
    from its list.
    """
    dated = sorted(enumerate(plant.changes), key=lambda pair: pair[1].on)
    made = [number for number, change in dated if seconds_at(plant, change.on) <= time]
    if not made:
        return plant
    edits: dict[str, Any] = {}
    for number in made:
        edits.pop(plant.changes[number].path, None)
        edits[plant.changes[number].path] = plant.changes[number].to
    listed = value_at(plant, "changes")
    edits["changes"] = [change for number, change in enumerate(listed) if number not in made] or None
    return changed(plant, edits)
