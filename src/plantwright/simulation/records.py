"""Rows as they lie in memory, made of rows by name, joined, and looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import chain
from typing import Any

import numpy as np

from plantwright.simulation.layout import RECORDS
from plantwright.simulation.streams import FAILURE, FIRST, GOLDEN, RELEASE, SECOND, TIME, entity_key

_MASK = (1 << 64) - 1
_STREAMS = (("operation", TIME), ("release", RELEASE), ("mode", FAILURE))

key_of = lru_cache(maxsize=1 << 15)(entity_key)
"""`entity_key`, worked out once: plants that differ in little have the same names."""


def records_of(concept: str, rows: Sequence[Mapping[str, Any]]) -> Any:
    """Rows of a concept as they lie in memory; a field that a row does not have is 0."""
    made = np.zeros(len(rows), RECORDS[concept])
    for field in dict.fromkeys(chain.from_iterable(rows)):
        made[field] = [row.get(field, 0) for row in rows]
    return made


def joined(tables: Sequence[Any]) -> Any:
    """Rows of several tables of one concept, one table behind the other; numpy would join records field by field."""
    return np.frombuffer(bytearray().join(map(memoryview, tables)), tables[0].dtype)


def draw_by(world: Any, key: int) -> None:
    """Let a world draw by the key of its replication, and find the streams that are drawn of most often, of all rows at once."""
    world.run.key[0] = key
    for concept, purpose in _STREAMS:
        rows = world.records[concept]
        rows["stream"] = _streams(key, purpose, rows["key"])


def _streams(key: int, purpose: int, entities: Any) -> Any:
    """`streams.stream_plain` of many entities, as signed numbers of 64 bits: what passes 64 bits is cut off here, too."""
    value = entities.astype(np.uint64) * np.uint64(GOLDEN) + np.uint64(key + purpose * FIRST & _MASK)
    value = (value ^ (value >> np.uint64(30))) * np.uint64(FIRST)
    value = (value ^ (value >> np.uint64(27))) * np.uint64(SECOND)
    return (value ^ (value >> np.uint64(31))).view(np.int64)
