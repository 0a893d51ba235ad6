"""Frames: what is written at once and kept whole or not at all, with a checksum.

A frame is 20 bytes (mark, bytes of the body, bytes of its head, CRC-32 of both) and a body: a head in JSON (tags, positions, counts), then
columns as they lie in memory, little-endian. Samples: tag (int32), time (int64), value (float64), quality (uint8). Events: tag, time,
quality, where each value and each detail ends (uint32), and their texts in UTF-8.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import numpy.typing as npt

from plantwright.shopfloor.readings import NO_EVENTS, NO_SAMPLES, Batch, Events, Samples, Tag

MARK = b"PWf1"
FRONT = struct.Struct("<4sQII")
_SUM = struct.Struct("<QI")


@dataclass(frozen=True, slots=True)
class Frame:
    """What is kept at once: tags by id, readings, and the positions that go with them."""

    tags: Mapping[int, Tag] = field(default_factory=dict)
    samples: Samples = NO_SAMPLES
    events: Events = NO_EVENTS
    positions: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def frame_of(batches: Sequence[Batch]) -> Frame:
    """Batches as one frame, in their order."""
    samples = [batch.samples for batch in batches if len(batch.samples)]
    events = [batch.events for batch in batches if len(batch.events)]
    positions = {batch.source: batch.position for batch in batches if batch.position is not None}
    return Frame({}, joined_samples(samples), joined_events(events), positions)


def joined_samples(parts: Sequence[Samples]) -> Samples:
    """Samples one behind the other."""
    if len(parts) < 2:
        return parts[0] if parts else NO_SAMPLES
    return Samples(
        np.concatenate([part.tag for part in parts]),
        np.concatenate([part.time for part in parts]),
        np.concatenate([part.value for part in parts]),
        np.concatenate([part.quality for part in parts]),
    )


def joined_events(parts: Sequence[Events]) -> Events:
    """Events one behind the other."""
    if len(parts) < 2:
        return parts[0] if parts else NO_EVENTS
    return Events(
        np.concatenate([part.tag for part in parts]),
        np.concatenate([part.time for part in parts]),
        [text for part in parts for text in part.value],
        [text for part in parts for text in part.detail],
        np.concatenate([part.quality for part in parts]),
    )


def encode(frame: Frame) -> bytes:
    """A frame's bytes."""
    samples, events = frame.samples, frame.events
    texts = [text.encode("utf-8", "replace") for texts in (events.value, events.detail) for text in texts]
    ends = np.cumsum([len(text) for text in texts], dtype=np.uint64).astype("<u4")
    head = json.dumps(
        {
            "tags": [[number, _tag_out(tag)] for number, tag in frame.tags.items()],
            "positions": frame.positions,
            "samples": len(samples),
            "events": len(events),
        },
        ensure_ascii=True,
        separators=(",", ":"),
    ).encode()
    columns = [
        *(samples.tag.astype("<i4", copy=False), samples.time.astype("<i8", copy=False)),
        *(samples.value.astype("<f8", copy=False), samples.quality),
        *(events.tag.astype("<i4", copy=False), events.time.astype("<i8", copy=False), events.quality, ends),
    ]
    body = b"".join([head, *(column.tobytes() for column in columns), *texts])
    check = zlib.crc32(body, zlib.crc32(_SUM.pack(len(body), len(head))))
    return FRONT.pack(MARK, len(body), len(head), check) + body


def decode(data: memoryview, front: int, head_size: int) -> Frame:
    """The frame whose body (head and columns) begins after `front` bytes."""
    head = json.loads(bytes(data[front : front + head_size]))
    at = front + head_size
    count, words = head["samples"], head["events"]

    def column(kind: str, size: int) -> npt.NDArray[Any]:
        nonlocal at
        found = np.frombuffer(data, kind, size, at)
        at += found.nbytes
        return found.astype(found.dtype.newbyteorder("="))

    samples = NO_SAMPLES
    tag, time = column("<i4", count), column("<i8", count)
    if count:
        samples = Samples(tag, time, column("<f8", count), column("u1", count))
    events = NO_EVENTS
    if words:
        tag, time, quality = column("<i4", words), column("<i8", words), column("u1", words)
        ends = column("<u4", 2 * words).tolist()
        texts = [str(data[at + start : at + end], "utf-8") for start, end in zip([0, *ends[:-1]], ends, strict=True)]
        events = Events(tag, time, texts[:words], texts[words:], quality)
    return Frame({number: Tag(**tag) for number, tag in head["tags"]}, samples, events, head["positions"])


END = encode(Frame())
"""The frame that closes a segment: nothing comes behind it."""


def frames(data: bytes | memoryview, start: int = 0) -> Iterator[tuple[int, Frame]]:
    """Frames from a place on, each with the place behind it, up to the first that is none."""
    view = memoryview(data)
    while (found := _whole(view, start)) is not None:
        yield found[0], decode(view, start + FRONT.size, found[1])
        start = found[0]


def later_frame(data: bytes, start: int) -> int | None:
    """The place of a whole frame behind a place at which there is none: what lies between was damaged, not torn off."""
    at = data.find(MARK, start + 1)
    while at >= 0:
        if _whole(memoryview(data), at) is not None:
            return at
        at = data.find(MARK, at + 1)
    return None


def _whole(view: memoryview, start: int) -> tuple[int, int] | None:
    """Where the frame at a place ends, and the size of its head; None where there is no whole frame."""
    begin = start + FRONT.size
    if begin > len(view):
        return None
    mark, size, head, check = FRONT.unpack_from(view, start)
    if mark != MARK or begin + size > len(view) or head > size:
        return None
    if zlib.crc32(view[begin : begin + size], zlib.crc32(_SUM.pack(size, head))) != check:
        return None
    return begin + size, head


def _tag_out(tag: Tag) -> dict[str, str]:
    return {name: text for name in Tag.__slots__ if (text := getattr(tag, name)) != ""}
