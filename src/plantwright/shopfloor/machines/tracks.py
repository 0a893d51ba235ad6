"""Tracks: when which job, product, program or tool was at a machine, and which alarms were active."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Literal, get_args

from plantwright.monitoring.steps import Steps
from plantwright.shopfloor.history import History
from plantwright.shopfloor.machines.conditions import spells_within
from plantwright.shopfloor.machines.signals import signals
from plantwright.shopfloor.machines.timelines import Timeline

if TYPE_CHECKING:
    import polars

Track = Literal["job", "product", "operation", "program", "tool", "worker", "alarm"]
TRACKS: tuple[Track, ...] = get_args(Track)


def tracks(history: History, several: Sequence[Timeline], of: Track) -> polars.DataFrame:
    """A row for each span in which something was there: ``machine``, ``start``, ``end`` (both cut by the window), and what: under the name of
    the track, or for alarms ``level``, ``of`` (the condition), ``code`` and ``text``. Time of which nothing is known has no row.
    """
    import polars

    rows: list[dict[str, object]] = []
    found = signals(history.tags()) if of == "alarm" else {}
    for one in several:
        if of == "alarm":
            rows += _alarms(history, one, found[one.machine].conditions)
        else:
            rows += _held(one, getattr(one, of), of)
    at = polars.Datetime("ns", "UTC")
    words = ("level", "of", "code", "text") if of == "alarm" else (of,)
    kinds: dict[str, Any] = {"machine": polars.String, "start": at, "end": at, **dict.fromkeys(words, polars.String)}
    return polars.DataFrame(rows, kinds)


def _held(one: Timeline, held: Steps, name: str) -> list[dict[str, object]]:
    ends = [*held.time[1:].tolist(), one.end]
    return [
        {"machine": one.machine, "start": start, "end": end, name: value}
        for start, end, value in zip(held.time.tolist(), ends, held.names_held(), strict=True)
        if value
    ]


def _alarms(history: History, one: Timeline, conditions: Sequence[int]) -> list[dict[str, object]]:
    tags = history.tags()
    return [
        {
            "machine": one.machine, "start": start, "end": end, "level": spell.level.lower(),
            "of": tags[spell.tag].name.removeprefix(one.machine + "/"), "code": str(spell.detail.get("code") or ""),
            "text": str(spell.detail.get("text") or ""),
        }
        for spell, start, end in spells_within(history, conditions, one.start, one.end)
    ]  # fmt: skip
