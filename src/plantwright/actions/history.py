"""Actions on a history: describe it, export from it, keep it in order."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

from plantwright.actions.registry import action


@action("machine.read")
def describe_history(place: str | Path) -> dict[str, Any]:
    """What a history holds, for programs: tags, rows and bytes by kind, days, gaps. Raises HistoryError where there is none."""
    from plantwright.shopfloor.history.describing import describe

    found = describe(place)
    gaps = [{**asdict(gap), "start": _iso(gap.start), "end": _iso(gap.end)} for gap in found.gaps]
    each = found.bytes_per_sample
    return {
        "tags": found.tags,
        "first": None if found.first is None else _iso(found.first),
        "last": None if found.last is None else _iso(found.last),
        "rows": found.rows,
        "bytes": found.bytes,
        "bytes per sample": None if each is None else round(each, 3),
        "days": found.days,
        "parts": found.parts,
        "let go": found.let_go,
        "keep": asdict(found.keep),
        "gaps": gaps,
    }


@action("machine.read")
def history_tags(place: str | Path) -> list[dict[str, Any]]:
    """The tags of a history. Raises HistoryError where there is none."""
    from plantwright.shopfloor.history.opening import open_history

    return [asdict(tag) for tag in open_history(place).tags()]


@action("machine.read")
def export_history(
    place: str | Path,
    output: str | Path,
    patterns: Sequence[str] = (),
    start: str | None = None,
    end: str | None = None,
    *,
    zone: str = "UTC",
    minutes: bool = False,
) -> dict[str, int]:
    """Write readings of some tags and a window into a file (.csv, .parquet, .xlsx). Times without an offset are of the zone.

    Raises HistoryError for a pattern that no tag fits, a time that is none, or a file that cannot be written.
    """
    from plantwright.shopfloor.history.exporting import (
        check_output,
        chosen_tags,
        export_frame,
        instant_of,
        write_export,
    )
    from plantwright.shopfloor.history.opening import open_history

    check_output(Path(output))
    first = -(2**62) if start is None else instant_of(start, zone)
    last = 2**62 if end is None else instant_of(end, zone)
    history = open_history(place)
    ids = chosen_tags(history.tags(), patterns)
    frame = export_frame(history, ids, first, last, "minutes" if minutes else "readings")
    write_export(frame, Path(output))
    return {"rows": len(frame), "tags": len(ids)}


@action("machine.write")
def seal_history(
    place: str | Path, *, follow: threading.Event | None = None, say: Callable[[str], None] | None = None
) -> bool:
    """Bring what was written into Parquet; with `follow` until that is set. Whether there was anything to do. Raises HistoryError."""
    from plantwright.shopfloor.history.sealer_process import seal

    return seal(place, follow=follow, **({} if say is None else {"say": say}))


@action("machine.write")
def mend_history(place: str | Path) -> list[dict[str, Any]]:
    """Keep what is whole of a damaged history; what was put aside. Raises HistoryError where someone writes or seals it."""
    from plantwright.shopfloor.history.mending import mend

    return [{**asdict(one), "aside": str(one.aside)} for one in mend(Path(place))]


def _iso(instant: int) -> str:
    import numpy as np

    return str(np.datetime64(instant, "ns").astype("datetime64[ms]")) + "Z"
