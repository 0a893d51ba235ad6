"""Which of a machine's tags say what: its execution, modes, alarms, job and counts, found by type or named in the collector's file."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from plantwright.shopfloor.readings import Tag

BY_TYPE: Mapping[str, tuple[str, ...]] = {
    "execution": ("EXECUTION",),
    "packml": ("PACKML_STATE", "STATECURRENT"),
    "functional mode": ("FUNCTIONAL_MODE",),
    "controller mode": ("CONTROLLER_MODE",),
    "availability": ("AVAILABILITY",),
    "program": ("PROGRAM",),
    "tool": ("TOOL_NUMBER", "TOOL_ID", "TOOL_ASSET_ID"),
    "job": ("PART_GROUP_ID.LOT", "PART_GROUP_ID.BATCH", "PART_GROUP_ID", "PROCESS_OCCURRENCE_ID", "JOB", "LOT"),
    "product": ("PART_KIND_ID.PART_NAME", "PART_KIND_ID.PART_NUMBER", "PART_KIND_ID", "PRODUCT", "PART_ID"),
    "operation": (
        "PROCESS_KIND_ID.PROCESS_NAME",
        "PROCESS_KIND_ID.PROCESS_PLAN",
        "PROCESS_KIND_ID",
        "OPERATION",
        "ACTIVITY",
    ),
    "worker": ("USER.OPERATOR", "USER", "OPERATOR_ID"),
    "order size": ("ORDER_QUANTITY",),
    "parts": ("PART_COUNT.ALL", "PART_COUNT.COMPLETE", "PART_COUNT"),
    "good parts": ("PART_COUNT.GOOD",),
    "bad parts": ("PART_COUNT.BAD",),
}
"""What a machine may tell, and the types of tags that tell it; the first type that a machine has is taken. A subtype stands behind a dot; a type alone is one without a subtype."""


@dataclass(frozen=True, slots=True)
class Signals:
    """The ids of a machine's tags by what they tell.

    Parameters
    ----------
    machine : str
    tags : mapping of str to int
        By the words of `BY_TYPE`.
    conditions : sequence of int
        Tags that tell alarms.
    gaps : mapping of str to int
        By source, the tag that tells when nothing was known of it.
    all : mapping of str to int
        Every tag of the machine by name.
    sources : mapping of int to str
        The source of every tag: a machine may be read from several.
    """

    machine: str
    tags: Mapping[str, int]
    conditions: tuple[int, ...] = ()
    gaps: Mapping[str, int] = field(default_factory=dict)
    all: Mapping[str, int] = field(default_factory=dict)
    sources: Mapping[int, str] = field(default_factory=dict)


def signals(tags: Sequence[Tag], named: Mapping[str, Mapping[str, str]] | None = None) -> dict[str, Signals]:
    """The signals of each machine of a history.

    `named` holds, by machine, tags that the collector's file names for what they tell (a name, or its end after the machine's).
    """
    by_machine: dict[str, dict[int, Tag]] = {}
    gaps: dict[str, int] = {}
    for number, tag in enumerate(tags):
        if tag.type == "GAP":
            gaps[tag.source] = number
        if tag.machine:
            by_machine.setdefault(tag.machine, {})[number] = tag
    found = {}
    for machine, own in by_machine.items():
        names = {tag.name: number for number, tag in own.items()}
        chosen = _by_type(own)
        for what, name in (named or {}).get(machine, {}).items():
            at = names.get(name, names.get(f"{machine}/{name}"))
            if at is not None:
                chosen[what] = at
        sources = {number: tag.source for number, tag in own.items()}
        conditions = tuple(number for number, tag in own.items() if tag.kind == "condition")
        lost = {source: gaps[source] for source in dict.fromkeys(sources.values()) if source in gaps}
        found[machine] = Signals(machine, chosen, conditions, lost, names, sources)
    return found


def _by_type(own: Mapping[int, Tag]) -> dict[str, int]:
    """The first tag of each wanted type; events and samples only."""
    first: dict[str, int] = {}
    for number, tag in own.items():
        if tag.kind in ("event", "sample"):
            first.setdefault(tag.kinds[-1].upper(), number)
    chosen = {}
    for what, types in BY_TYPE.items():
        for kind in types:
            if kind in first:
                chosen[what] = first[kind]
                break
    return chosen
