"""What a history holds: tags, readings, days, bytes, and the gaps that sources have told."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from plantwright.shopfloor.history import History
from plantwright.shopfloor.history.keeping import Keep
from plantwright.shopfloor.history.manifest import Manifest, read_manifest
from plantwright.shopfloor.history.opening import open_history
from plantwright.shopfloor.history.reading import FolderHistory

EVER = (-(2**63), 2**63 - 1)


@dataclass(frozen=True, slots=True)
class Gap:
    """Nothing is known of a source between two instants, and why."""

    source: str
    start: int
    end: int
    reason: str


@dataclass(frozen=True)
class Description:
    """A history as a whole.

    Parameters
    ----------
    tags : int
    first, last : int or None
        The instants between which its readings lie.
    rows, bytes : mapping of str to int
        By ``samples``, ``events``, ``minutes``, and ``segments`` (what is not sealed yet; its rows are those of both kinds).
    days : int
        Days (UTC) of which there are sealed samples or events.
    parts : int
    let_go : mapping of str to int
        Rows that retention has removed.
    keep : Keep
    gaps : list of Gap
    """

    tags: int
    first: int | None
    last: int | None
    rows: dict[str, int]
    bytes: dict[str, int]
    days: int
    parts: int
    let_go: dict[str, int]
    keep: Keep
    gaps: list[Gap]

    @property
    def bytes_per_sample(self) -> float | None:
        """Bytes that a sealed sample takes, its share of the minutes left out; None where that is not known."""
        return self.bytes["samples"] / self.rows["samples"] if self.rows["samples"] and self.bytes["samples"] else None


def describe(place: str | Path) -> Description:
    """Describe the history at a place. Raises HistoryError."""
    history = open_history(place)
    kinds = ("samples", "events", "minutes", "segments")
    amounts = history.amounts()
    manifest = read_manifest(Path(place)) if isinstance(history, FolderHistory) else Manifest()
    return Description(
        len(history.tags()),
        history.oldest(),
        history.newest(),
        {kind: amounts.get(kind, (0, 0))[0] for kind in kinds},
        {kind: amounts.get(kind, (0, 0))[1] for kind in kinds},
        len({part.day for part in manifest.parts if part.kind != "minutes"}),
        len(manifest.parts),
        dict(manifest.counts),
        history.keeps(),
        gaps_of(history),
    )


def gaps_of(history: History) -> list[Gap]:
    """The gaps that sources have told, as they came."""
    tags = history.tags()
    ids = [number for number, tag in enumerate(tags) if tag.type == "GAP" and tag.kind == "note"]
    found = []
    for tag, detail, reason in history.events(ids, *EVER).select("tag", "detail", "value").rows():
        told = json.loads(detail or "{}")
        found.append(Gap(tags[tag].source, int(told.get("start", 0)), int(told.get("end", 0)), reason))
    return sorted(found, key=lambda gap: gap.start)
