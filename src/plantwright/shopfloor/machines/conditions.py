"""Conditions: which faults and warnings of a machine are active, where one tag tells of several at once."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plantwright.shopfloor.readings import NANOSECONDS

if TYPE_CHECKING:
    from plantwright.shopfloor.history import History

LOOKED_BACK = 30 * 86_400 * NANOSECONDS
"""So far back each change of a condition is looked at; before it, the last only."""

Row = tuple[int, int, str, Mapping[str, Any]]
"""A tag, an instant in nanoseconds, a level, and what else was said."""


@dataclass(frozen=True, slots=True)
class ActiveCondition:
    """A fault or warning that is active: of which tag, since when, and what was said with it (code, text and so on)."""

    tag: int
    level: str
    since: int
    detail: Mapping[str, Any]


def active(rows: Iterable[Row]) -> list[ActiveCondition]:
    """What is active after rows that stand in the order of time.

    As in MTConnect, each fault or warning of a tag is told apart by its id or else its code; ``NORMAL`` with one ends that one, without
    one it ends all, as does ``UNAVAILABLE``. A row with ``clears`` is the first of a tag after a gap: what was before it is over.
    """
    found: dict[int, dict[str, ActiveCondition]] = {}
    for row in rows:
        _take(found.setdefault(row[0], {}), row)
    return [one for of_tag in found.values() for one in of_tag.values()]


def faulty(levels: Sequence[str], details: Sequence[str]) -> list[bool]:
    """Whether a fault is active after each row of one tag; `details` as the history holds them."""
    of_tag: dict[str, ActiveCondition] = {}
    found = []
    for level, detail in zip(levels, details, strict=True):
        _take(of_tag, (0, 0, level.upper(), json.loads(detail) if detail else {}))
        found.append(any(one.level == "FAULT" for one in of_tag.values()))
    return found


def _take(of_tag: dict[str, ActiveCondition], row: Row) -> None:
    """What is active of a tag, after one more row."""
    tag, time, level, detail = row
    key = str(detail.get("id") or detail.get("code") or "")
    if detail.get("clears") or level == "UNAVAILABLE" or (level == "NORMAL" and not key):
        of_tag.clear()
    if level == "NORMAL":
        of_tag.pop(key, None)
    elif level in ("WARNING", "FAULT"):
        before = of_tag.get(key)
        since = before.since if before is not None and before.level == level else time
        of_tag[key] = ActiveCondition(tag, level, since, detail)


def active_at(history: History, tags: Sequence[int], now: int) -> list[ActiveCondition]:
    """What is active of some condition tags at an instant."""
    if not tags:
        return []
    start = now - LOOKED_BACK
    return active([*_rows(history.before(tags, start)), *_rows(history.events(tags, start, now + 1))])


def spells_within(
    history: History, tags: Sequence[int], start: int, end: int
) -> list[tuple[ActiveCondition, int, int]]:
    """The faults and warnings of some condition tags that were active in a window, each from when to when within it."""
    if not tags:
        return []
    since = start - LOOKED_BACK
    rows = sorted(
        [*_rows(history.before(tags, since)), *_rows(history.events(tags, since, end))], key=lambda row: row[1]
    )
    found: list[tuple[ActiveCondition, int, int]] = []
    by_tag: dict[int, dict[str, ActiveCondition]] = {}
    for row in rows:
        there = by_tag.setdefault(row[0], {})
        before = dict(there)
        _take(there, row)
        for key, one in before.items():
            if key not in there or there[key].level != one.level:
                found.append((one, one.since, row[1]))
    found += [(one, one.since, end) for of_tag in by_tag.values() for one in of_tag.values()]
    within = [(one, max(begin, start), until) for one, begin, until in found if until > start]
    return sorted(within, key=lambda spell: spell[1:])


def _rows(frame: Any) -> Iterator[Row]:
    import polars

    for row in frame.with_columns(polars.col("time").to_physical()).iter_rows(named=True):
        yield row["tag"], row["time"], row["value"].upper(), json.loads(row["detail"] or "{}")
