"""Values of OPC UA as readings: their quality, time, and what they are called."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields, is_dataclass
from datetime import date, datetime
from enum import Enum
from typing import Any
from uuid import UUID

from asyncua import ua

from plantwright.shopfloor.connectors import Inlet
from plantwright.shopfloor.readings import NO_EVENTS, NO_SAMPLES, Events, Quality, Samples

UNAVAILABLE = "UNAVAILABLE"
LARGEST_DETAIL = 32 * 1024
"""Characters of an array or structure in JSON; a larger one is no reading."""
MOST_DEEP = 8
LATEST = 2**63 - 1
"""Nanoseconds: in 2262. What says to be later is no reading anyway."""
OVERFLOW = 0x480
"""The bits of a status by which a server says that it dropped older values of this one."""

_EPOCH = datetime(1970, 1, 1)

_UNAVAILABLE = frozenset(
    getattr(ua.StatusCodes, name)
    for name in (
        "BadNoCommunication", "BadWaitingForInitialData", "BadNotConnected", "BadNoData", "BadNoDataAvailable", "BadDataUnavailable",
        "BadServerNotConnected", "BadOutOfService", "BadDeviceFailure", "BadSensorFailure", "BadNodeIdUnknown", "BadStateNotActive",
    )
    if hasattr(ua.StatusCodes, name)
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Variable:
    """A variable that is read.

    Parameters
    ----------
    node : NodeId
    path : tuple of str
        Its names from the Objects folder on.
    machine : str
    name : str
        Of its tag.
    number : bool
        Whether its values are numbers that vary.
    type, subtype, unit : str
    words : mapping of str to str
        What its values are called.
    """

    node: ua.NodeId
    path: tuple[str, ...]
    machine: str
    name: str
    number: bool
    type: str = ""
    subtype: str = ""
    unit: str = ""
    words: Mapping[str, str] = field(default_factory=dict)


def quality_of(status: int) -> Quality:
    """How far a value of a status can be trusted."""
    severity = status >> 30
    if severity == 0:
        return Quality.GOOD
    if severity == 1:
        return Quality.UNCERTAIN
    return Quality.UNAVAILABLE if status & 0xFFFF0000 in _UNAVAILABLE else Quality.BAD


def nanoseconds(instant: datetime | None) -> int | None:
    """An instant of asyncua in nanoseconds since 1970; None where there is none, or one before 1970, which is a clock never set."""
    if instant is None:
        return None
    since = instant.replace(tzinfo=None) - _EPOCH
    whole = (since.days * 86_400 + since.seconds) * 1_000_000_000 + since.microseconds * 1000
    return min(whole, LATEST) if whole > 0 else None


def plain(value: Any, depth: int = 0) -> Any:
    """A value in what JSON knows."""
    if depth > MOST_DEEP:
        return "..."
    if value is None or (isinstance(value, bool | int | str) and not isinstance(value, Enum)):
        return value
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, list | tuple):
        return [plain(one, depth + 1) for one in value]
    if isinstance(value, ua.ExtensionObject) and hasattr(value, "Body"):
        return {"type": value.TypeId.to_string(), "bytes": (value.Body or b"").hex()}
    if is_dataclass(value) and not isinstance(value, ua.NodeId | ua.LocalizedText | ua.QualifiedName | ua.StatusCode):
        return {one.name: plain(getattr(value, one.name), depth + 1) for one in fields(value)}
    return text_of(value)


def text_of(value: Any) -> str:
    """A single value as a text."""
    if isinstance(value, str):
        return str(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Enum):
        return str(value.name)
    if isinstance(value, float):
        return repr(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, ua.LocalizedText):
        return value.Text or ""
    if isinstance(value, ua.QualifiedName):
        return value.Name or ""
    if isinstance(value, ua.NodeId):
        return str(value.to_string())
    if isinstance(value, ua.StatusCode):
        return str(value.name)
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, int | UUID) else type(value).__name__


class Readings:
    """Gathers what messages say.

    Parameters
    ----------
    variables : sequence of Variable
        A value's handle is its variable's place among them.
    tags : sequence of int
        Their tags.
    inlet : Inlet
    last : dict of int to int
        The time of the last value by handle, which is kept up.
    """

    def __init__(self, variables: Sequence[Variable], tags: Sequence[int], inlet: Inlet, last: dict[int, int]) -> None:
        self._variables, self._tags, self._inlet, self._last = variables, tags, inlet, last
        self.lost: tuple[int, int] | None = None
        self._clear()

    def add(self, handle: int, told: ua.DataValue, published: int) -> None:
        """A value of the variable of a handle. `published` is its time where it has none of its own."""
        if not 0 <= handle < len(self._variables):
            return
        status = told.StatusCode.value if told.StatusCode is not None else 0
        time = nanoseconds(told.SourceTimestamp) or nanoseconds(told.ServerTimestamp) or published
        if status & OVERFLOW == OVERFLOW:
            self._overflows(self._last.get(handle) or self._inlet.heard or time, time)
        self._last[handle] = time
        value = told.Value.Value if told.Value is not None else None
        quality = quality_of(status)
        if value is None and quality == Quality.GOOD:
            quality = Quality.UNAVAILABLE
        if self._variables[handle].number:
            self._sample(handle, time, value, quality)
        else:
            self._event(handle, time, value, quality, status)

    def take(self) -> tuple[Samples, Events]:
        """What was gathered."""
        samples, events = NO_SAMPLES, NO_EVENTS
        if self._samples:
            samples = Samples.of(*zip(*self._samples, strict=True))
        if self._events:
            events = Events.of(*zip(*self._events, strict=True))
        self._clear()
        return samples, events

    def _clear(self) -> None:
        self._samples: list[tuple[int, int, float, int]] = []
        self._events: list[tuple[int, int, str, str, int]] = []

    def _overflows(self, start: int, end: int) -> None:
        before = self.lost or (start, end)
        self.lost = min(before[0], start), max(before[1], end)

    def _sample(self, handle: int, time: int, value: Any, quality: Quality) -> None:
        if quality == Quality.UNAVAILABLE or value is None:
            value = math.nan
        elif isinstance(value, bool) or not isinstance(value, int | float):
            shown = text_of(value)[:40] if not isinstance(value, list) else f"an array of {len(value)}"
            self._inlet.reject(self._tags[handle], repr(shown), f"{self._variables[handle].name} holds numbers")
            return
        self._samples.append((self._tags[handle], time, float(value), int(quality)))

    def _event(self, handle: int, time: int, value: Any, quality: Quality, status: int) -> None:
        detail: dict[str, Any] = {}
        if quality != Quality.GOOD:
            detail["status"] = ua.StatusCode(status & 0xFFFF0000).name
        if quality == Quality.UNAVAILABLE or value is None:
            text = UNAVAILABLE
        elif isinstance(value, list | tuple) or _is_structure(value):
            detail["value"] = plain(value)
            text = f"{len(value)} values" if isinstance(value, list | tuple) else type(value).__name__
        else:
            text = text_of(value)
            text = self._variables[handle].words.get(text, text)
        shown = json.dumps(detail) if detail else ""
        if len(shown) > LARGEST_DETAIL:
            why = f"{len(shown):,} characters; the most that is kept of an array or structure is {LARGEST_DETAIL:,}"
            self._inlet.reject(self._tags[handle], text, f"{self._variables[handle].name} has {why}")
            return
        self._events.append((self._tags[handle], time, text, shown, int(quality)))


def _is_structure(value: Any) -> bool:
    simple = ua.NodeId | ua.LocalizedText | ua.QualifiedName | ua.StatusCode
    return is_dataclass(value) and not isinstance(value, simple)
