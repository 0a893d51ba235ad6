"""From metrics to readings: what kind of tag a metric is, and what its value is in a history."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from plantwright.shopfloor.connectors.sparkplug.payloads import (
    DataType,
    Message,
    as_json,
    moment,
    properties_of,
    value_of,
)
from plantwright.shopfloor.readings import NO_EVENTS, NO_SAMPLES, Events, Quality, Samples, Tag

NUMBERS = frozenset(range(1, 11))
"""Types whose values are numbers."""

UNAVAILABLE = "UNAVAILABLE"

QUALITIES = {192: Quality.GOOD, 500: Quality.UNCERTAIN, 0: Quality.BAD}
"""The property ``Quality``: 192 good, 500 stale, 0 bad."""

HELD = frozenset({"EXECUTION", "PROGRAM", "PART_COUNT", "PART_GROUP_ID", "PART_KIND_ID", "PACKML_STATE", "FUNCTIONAL_MODE", "CONTROLLER_MODE", "AVAILABILITY", "USER"})  # fmt: skip
"""Types of tags whose values hold until the next, also where they are numbers."""

MOST_BYTES = 8192
"""Bytes of a value that are kept with it."""


@dataclass(slots=True)
class Known:
    """A metric by its birth: its tag's id (-1 where the collector's file does not ask for it), its type, and whether it holds events."""

    name: str
    datatype: int
    number: int
    is_event: bool


@dataclass(slots=True)
class Rows:
    """Readings as they are gathered."""

    samples: list[tuple[int, int, float, int]] = field(default_factory=list)
    events: list[tuple[int, int, str, str, int]] = field(default_factory=list)

    def add(self, known: Known, time: int, value: Any, quality: int, metadata: Message | None = None) -> None:
        """Take a value in; None is unavailable. Raises ValueError where it cannot be told."""
        if value is None:
            quality = Quality.UNAVAILABLE
        if known.is_event:
            text, detail = (UNAVAILABLE, "") if value is None else told(known.datatype, value, metadata)
            self.events.append((known.number, time, text, detail, quality))
        else:
            self.samples.append((known.number, time, math.nan if value is None else float(value), quality))

    def parted(self) -> tuple[Samples, Events]:
        """As columns."""
        samples = Samples.of(*zip(*self.samples, strict=True)) if self.samples else NO_SAMPLES
        return samples, Events.of(*zip(*self.events, strict=True)) if self.events else NO_EVENTS


def tag_of(
    given: Message, source: str, machine: str, types: Mapping[str, str], words: Sequence[str], address: str
) -> Tag:
    """The tag of a metric in a birth.

    Its unit is the property ``engUnit``; what it means comes from the collector's file, else from the properties ``type`` and ``subType``.
    """
    name, known = given["name"], properties_of(given)
    full = f"{machine}/{name}"
    meaning = types.get(full) or types.get(name) or ""
    if not meaning and isinstance(known.get("type"), str):
        meaning = ".".join(str(part) for part in (known["type"], known.get("subType")) if part)
    type_, _, subtype = meaning.partition(".")
    is_number = given.get("datatype") in NUMBERS
    is_event = not is_number or type_ in HELD or name in words or full in words
    about = next(
        (known[key] for key in ("documentation", "Documentation", "tooltip") if isinstance(known.get(key), str)), ""
    )
    unit = next(
        (known[key] for key in ("engUnit", "EngUnit", "Engineering Units") if isinstance(known.get(key), str)), ""
    )
    return Tag(full, "event" if is_event else "sample", source, machine, type_, unit, address, about, subtype)


def told(kind: int, value: Any, metadata: Message | None) -> tuple[str, str]:
    """The text of a value, and as JSON what a text alone cannot hold."""
    if isinstance(value, bool):
        return ("true" if value else "false"), ""
    if kind == DataType.DATETIME:
        return moment(value), ""
    if isinstance(value, int | float):
        return format(value, ".17g") if isinstance(value, float) else str(value), ""
    if isinstance(value, str):
        return value, ""
    if isinstance(value, bytes):
        about: dict[str, Any] = {"size": len(value), **dict(metadata or {})}
        if len(value) <= MOST_BYTES:
            about["base64"] = base64.b64encode(value).decode()
        return (metadata or {}).get("file_name") or f"{len(value)} bytes", json.dumps(about, ensure_ascii=False)
    if isinstance(value, list):
        return json.dumps(value, ensure_ascii=False), ""
    if kind == DataType.DATASET:
        return f"{len(value.get('rows', ()))} rows", as_json(kind, value)
    return value.get("template_ref", "") or "definition", as_json(kind, value)


def quality_of(given: Message) -> int:
    """The quality that a metric says of itself."""
    if "properties" not in given:
        return Quality.GOOD
    said = properties_of(given)
    return QUALITIES.get(said.get("Quality", said.get("quality", 192)), Quality.UNCERTAIN)


def read_value(given: Message, known: Known) -> Any:
    """The value of a metric by its birth's type. Raises ValueError where it is not of that type."""
    return value_of(given, known.datatype or None)
