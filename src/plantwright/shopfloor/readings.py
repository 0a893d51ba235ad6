"""Readings: what a machine says, with its time and quality; in columns, not objects.

Instants are whole nanoseconds since 1970 in UTC, as no protocol tells time more finely and a float of seconds cannot hold it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any, Literal

import numpy as np
import numpy.typing as npt

Instants = npt.NDArray[np.int64]
Ids = npt.NDArray[np.int32]
Values = npt.NDArray[np.float64]
Qualities = npt.NDArray[np.uint8]

Kind = Literal["sample", "event", "condition", "asset", "note"]
"""What a tag holds: numbers that vary (``sample``); words, counts and messages that hold until the next (``event``); alarms by level
(``condition``); documents about a thing (``asset``); what the collector itself has to say about a source (``note``).
"""

NANOSECONDS = 1_000_000_000


class Quality(IntEnum):
    """How far a reading can be trusted. ``UNAVAILABLE`` is data: the source said that it does not know."""

    GOOD = 0
    UNCERTAIN = 1
    BAD = 2
    UNAVAILABLE = 3


@dataclass(frozen=True, slots=True)
class Tag:
    """A thing that is read, by its name in the history.

    Parameters
    ----------
    name : str
        Unique in a history, such as ``"mill 1/path/execution"``: the machine first, then where in it.
    kind : Kind
    source : str
        The source in the collector's configuration from which it comes.
    machine : str
        The machine to which it belongs; empty where it belongs to none.
    type : str
        What it means in its protocol's own words, such as ``"PART_COUNT"``.
    unit : str
    address : str
        Where it is read: a data item's id, a node's id, a topic and metric, a register.
    description : str
    subtype : str
        What of it, in the protocol's own words, such as ``"BAD"``.
    """

    name: str
    kind: Kind
    source: str
    machine: str = ""
    type: str = ""
    unit: str = ""
    address: str = ""
    description: str = ""
    subtype: str = ""

    @property
    def kinds(self) -> tuple[str, ...]:
        """What it is chosen by beside its name: its type, and its type with its subtype, such as ``"PART_COUNT.BAD"``."""
        return (self.type, f"{self.type}.{self.subtype}") if self.subtype else (self.type,)


@dataclass(frozen=True, slots=True)
class Samples:
    """Numbers: tag, time, value and quality of each, all of one length. A value that is not there is NaN and not of good quality."""

    tag: Ids
    time: Instants
    value: Values
    quality: Qualities

    def __len__(self) -> int:
        return len(self.tag)

    @staticmethod
    def of(
        tag: Sequence[int] | Ids,
        time: Sequence[int] | Instants,
        value: Sequence[float] | Values,
        quality: Sequence[int] | Qualities | int = Quality.GOOD,
    ) -> Samples:
        """From anything that numpy makes an array of; one quality may stand for all."""
        tags = np.asarray(tag, np.int32)
        given = np.asarray(quality, np.uint8)
        return Samples(
            tags,
            np.asarray(time, np.int64),
            np.asarray(value, np.float64),
            np.broadcast_to(given, tags.shape).copy() if given.ndim == 0 else given,
        )

    def where(self, keep: npt.NDArray[np.bool_]) -> Samples:
        """Those for which `keep` is true."""
        return Samples(self.tag[keep], self.time[keep], self.value[keep], self.quality[keep])


@dataclass(frozen=True, slots=True)
class Events:
    """Words: tag, time, text and quality of each, all of one length.

    ``detail`` holds what a text alone cannot: a JSON object (a condition's native code, severity and message; a data set's entries; the
    end of a gap), or an empty text.
    """

    tag: Ids
    time: Instants
    value: Sequence[str]
    detail: Sequence[str]
    quality: Qualities

    def __len__(self) -> int:
        return len(self.tag)

    @staticmethod
    def of(
        tag: Sequence[int] | Ids,
        time: Sequence[int] | Instants,
        value: Sequence[str],
        detail: Sequence[str] | None = None,
        quality: Sequence[int] | Qualities | int = Quality.GOOD,
    ) -> Events:
        """From anything that numpy makes an array of; one quality may stand for all."""
        tags = np.asarray(tag, np.int32)
        given = np.asarray(quality, np.uint8)
        return Events(
            tags,
            np.asarray(time, np.int64),
            value,
            [""] * len(tags) if detail is None else detail,
            np.broadcast_to(given, tags.shape).copy() if given.ndim == 0 else given,
        )

    def where(self, keep: npt.NDArray[np.bool_]) -> Events:
        """Those for which `keep` is true."""
        rows = np.flatnonzero(keep).tolist()
        return Events(
            self.tag[keep],
            self.time[keep],
            [self.value[i] for i in rows],
            [self.detail[i] for i in rows],
            self.quality[keep],
        )


NO_SAMPLES = Samples.of([], [], [], [])
NO_EVENTS = Events.of([], [], [], [], [])


@dataclass(frozen=True, slots=True)
class Batch:
    """What a source hands over at once; it is kept whole or not at all.

    ``position`` is where the source goes on after this batch (a sequence number, a file and its row), in values that JSON knows. It is
    kept with the readings, so that after a crash nothing is read twice and nothing is left out. None leaves the last one.
    """

    source: str
    samples: Samples = NO_SAMPLES
    events: Events = NO_EVENTS
    position: Mapping[str, Any] | None = None

    def __len__(self) -> int:
        return len(self.samples) + len(self.events)
