"""Observations of a streams document into columns.

Plain numbers, which are most of what machines say, go from the tree into columns without an object each; all else is taken one by one.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Generic, TypeVar

import numpy as np
from lxml import etree

from plantwright.shopfloor.connectors.mtconnect.devices import Slot
from plantwright.shopfloor.connectors.mtconnect.documents import Element, Malformed, local
from plantwright.shopfloor.connectors.mtconnect.sheet import Sheet, joined, typed, unavailable
from plantwright.shopfloor.connectors.mtconnect.texts import (
    NO_INSTANT,
    UNAVAILABLE,
    instant,
    instants,
    number,
    numbers,
    whole,
)
from plantwright.shopfloor.readings import Quality, Samples

QUALITIES = {"VALID": Quality.GOOD, "UNVERIFIABLE": Quality.UNCERTAIN, "INVALID": Quality.BAD}

SAYS_QUALITY = etree.XPath("boolean(*/*/*/*/*[@quality])")
"""Whether a document has observations with a quality, which few do: its numbers are then taken one by one."""

PLAIN_ATTRIBUTES = {"dataItemId", "timestamp", "sequence", "name", "subType", "type", "compositionId"}


@dataclass(frozen=True, slots=True)
class Changed:
    """An asset that was changed or removed, as an event says."""

    machine: str
    asset: str
    type: str
    time: int
    removed: bool


@dataclass
class Reading:
    """What a streams document held beside its readings.

    ``count`` counts its observations, ``unknown`` are the data items that the probe did not name.
    """

    count: int = 0
    unknown: set[str] = field(default_factory=set)
    changed: list[Changed] = field(default_factory=list)


T = TypeVar("T")


@dataclass
class _Columns(Generic[T]):
    """Observations by the column: whose they are, when, and what."""

    whose: list[T] = field(default_factory=list)
    times: list[str | None] = field(default_factory=list)
    texts: list[str | None] = field(default_factory=list)


class StreamsReader:
    """Reads streams documents of one agent.

    Parameters
    ----------
    slots : mapping of str to Slot
        The data items by their ids.
    reject : callable
        ``reject(tag, text, why)``.
    """

    def __init__(self, slots: Mapping[str, Slot], reject: Callable[[int, str, str], None]) -> None:
        self._slots, self._reject = slots, reject
        self._plain = {key: slot.tags[0] if slot.tags else -1 for key, slot in slots.items() if slot.shape == "sample"}
        self._three = {key: slot for key, slot in slots.items() if slot.shape == "three" and slot.tags}

    def read(self, root: Element, sheet: Sheet, *, whole_state: bool = False) -> Reading:
        """Put the observations of a document into a sheet. With `whole_state` it is all that held at one instant, not what changed.
        Raises Malformed where it is another document.
        """
        if local(root.tag) != "MTConnectStreams":
            raise Malformed(f"<{local(root.tag)}> where a stream of observations was asked for")
        found, plain, three = Reading(), _Columns[int](), _Columns[Slot]()
        quick, quick_three = ({}, {}) if SAYS_QUALITY(root) else (self._plain, self._three)  # type: tuple[Any, Any]
        plain_get, three_get = quick.get, quick_three.get
        put_tag, put_time, put_text = plain.whose.append, plain.times.append, plain.texts.append
        for group in root.iterfind("*/*/*/*"):
            told: set[str] = set()
            found.count += len(group)
            for one in group:
                key = one.get("dataItemId")
                if (tag := plain_get(key)) is not None:
                    put_tag(tag)
                    put_time(one.get("timestamp"))
                    put_text(one.text)
                elif (slot := three_get(key)) is not None:
                    three.whose.append(slot)
                    three.times.append(one.get("timestamp"))
                    three.texts.append(one.text)
                else:
                    self._one(one, sheet, found, told if whole_state else None)
        self._add(sheet, plain.whose, plain.times, plain.texts)
        self._add_three(sheet, three)
        return found

    def _add(self, sheet: Sheet, tags: Sequence[int], times: Sequence[str | None], texts: Sequence[str | None]) -> None:
        """Columns of plain samples."""
        if not tags:
            return
        tag, time = np.array(tags, np.int32), instants(times)
        value, missing, wrong = numbers(texts)
        quality = np.where(missing, np.uint8(Quality.UNAVAILABLE), np.uint8(Quality.GOOD))
        keep = (tag >= 0) & (time != NO_INSTANT)
        for row in wrong:
            if keep[row]:
                self._reject(tags[row], texts[row] or "", "not a number")
        for row in np.flatnonzero((tag >= 0) & (time == NO_INSTANT)).tolist():
            self._reject(tags[row], times[row] or "", "not an instant")
        keep[wrong] = False
        samples = Samples(tag, time, value, quality)
        sheet.add(samples if keep.all() else samples.where(keep))

    def _add_three(self, sheet: Sheet, three: _Columns[Slot]) -> None:
        """Columns of three numbers in one text each, as plain samples where all are."""
        words = [[UNAVAILABLE] * 3 if text == UNAVAILABLE else (text or "").split() for text in three.texts]
        if all(len(some) == 3 for some in words):
            tags = [tag for slot in three.whose for tag in slot.tags]
            times = [time for time in three.times for _ in range(3)]
            self._add(sheet, tags, times, [word for some in words for word in some])
            return
        for slot, said, text in zip(three.whose, three.times, three.texts, strict=True):
            if (time := instant(said or "")) is None:
                self._reject(slot.tags[0], said or "", "not an instant")
            else:
                sheet.value(slot, time, text or "")

    def _one(self, one: Element, sheet: Sheet, found: Reading, told: set[str] | None) -> None:
        """An observation that is no plain number."""
        get = one.get
        key = get("dataItemId")
        slot = self._slots.get(key) if key else None
        if slot is None:
            if key and len(found.unknown) < 1000:
                found.unknown.add(key)
            return
        if not slot.tags:
            return
        time = instant(get("timestamp") or "")
        if time is None:
            self._reject(slot.tags[0], get("timestamp") or "", "not an instant")
            return
        if len(one.keys()) > 64:
            self._reject(slot.tags[0], "", f"an observation of {len(one.keys()):,} attributes")
            return
        first = told is not None and key not in told
        if told is not None and key:
            told.add(key)
        self._shaped(one, slot, time, sheet, found, first)

    def _shaped(self, one: Element, slot: Slot, time: int, sheet: Sheet, found: Reading, clears: bool) -> None:
        get, text = one.get, one.text or ""
        quality = QUALITIES.get(get("quality") or "VALID", Quality.UNCERTAIN)
        match slot.shape:
            case "condition":
                sheet.condition(slot, time, local(one.tag), {**_condition(one), "clears": clears})
            case "set":
                detail = _some(count=whole(get("count")), reset=get("resetTriggered"), duration=number(get("duration")))
                detail |= {"clears": True} if clears or get("resetTriggered") else {}
                sheet.entries(slot, time, None if unavailable(text) else _entries(one), detail, quality)
            case "series":
                sheet.series(slot, time, text, number(get("sampleRate")), quality)
            case "asset":
                if not unavailable(text) and text.strip():
                    removed = slot.item.type == "ASSET_REMOVED"
                    found.changed.append(
                        Changed(slot.item.machine, text.strip(), get("assetType") or "", time, removed)
                    )
                kind = get("assetType") or ""
                sheet.value(slot, time, text, quality, _some(type=None if kind == UNAVAILABLE else kind))
            case _:
                said = _some(**{key: value for key, value in one.items() if key not in PLAIN_ATTRIBUTES})
                said.pop("quality", None)
                sheet.value(slot, time, text, quality, said)


def _some(**values: Any) -> dict[str, Any]:
    """Those that are there."""
    return {key: value for key, value in values.items() if value not in (None, "")}


def _condition(one: Element) -> dict[str, Any]:
    get = one.get
    return {
        "code": get("nativeCode"),
        "severity": get("nativeSeverity"),
        "qualifier": get("qualifier"),
        "id": get("conditionId"),
        "text": joined([one.text or ""]),
    }


def _entries(one: Element) -> dict[str, Any]:
    """The entries of a data set, or of a table with their cells; None for those that are gone."""
    found: dict[str, Any] = {}
    for entry in one:
        key = entry.get("key")
        if key is None:
            continue
        if (entry.get("removed") or "").lower() in ("true", "1"):
            found[key] = None
        elif len(entry):
            found[key] = {cell.get("key") or "": typed(cell.text or "") for cell in entry}
        else:
            found[key] = typed(entry.text or "")
    return found
