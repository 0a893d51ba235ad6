"""What machines did over a window, as a picture and as a page with their stops and KPIs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np
import numpy.typing as npt

from plantwright.monitoring.steps import UNKNOWN, Steps
from plantwright.monitoring.uses import USES
from plantwright.report.html import environment, style_text
from plantwright.units import show_duration

NANOSECONDS = 1_000_000_000
LEFT, WIDTH, TALL, GAP, TOP = 130, 1100, 26, 14, 8
COLUMNS = WIDTH - LEFT
MOST_STOPS = 200
LONGEST_NAME = 15
_STEPS = (60, 300, 900, 1800, 3600, 2 * 3600, 4 * 3600, 6 * 3600, 12 * 3600, 86_400, 2 * 86_400, 7 * 86_400)
KPI_NAMES = ("availability", "effectiveness", "quality ratio", "OEE index", "NEE index")


@dataclass(frozen=True, slots=True)
class MachineLine:
    """One machine of the picture: what its time was used for, and when it was in a shift (unknown is outside all)."""

    machine: str
    use: Steps
    shift: Steps


def timeline_svg(lines: Sequence[MachineLine], start: int, end: int, zone: str = "UTC") -> str:
    """A picture of what machines did from `start` to `end` (nanoseconds since 1970), with the clock of a time zone."""
    template = environment().get_template("timeline_svg.html")
    return str(template.module.timeline_svg(_picture(lines, start, end, zone)))  # type: ignore[attr-defined]


def timeline_html(
    lines: Sequence[MachineLine], start: int, end: int, zone: str, stops: Sequence[Mapping[str, Any]], accounts: Sequence[Mapping[str, Any]], command: str
) -> str:  # fmt: skip
    """A page: the picture, the stops (``machine``, ``start``, ``seconds``, ``reason``, ``use``, ``shift``) and the accounts of machines as
    `Account.to_dict` gives them.
    """
    local = ZoneInfo(zone)
    first, last = (datetime.fromtimestamp(instant / NANOSECONDS, local) for instant in (start, end))
    lost = sum(stop["seconds"] for stop in stops)
    unnamed = [stop for stop in stops if stop["reason"] == "unqualified"]
    longest = sorted(stops, key=lambda stop: -stop["seconds"])[:MOST_STOPS]
    told = sorted(longest, key=lambda stop: (stop["start"], stop["machine"]))
    return environment().get_template("timeline.html").render(
        title=f"{len(lines)} machines" if len(lines) != 1 else lines[0].machine,
        lead=f"{first:%Y-%m-%d %H:%M} to {last:%Y-%m-%d %H:%M}, {zone}",
        style=style_text() + type(style_text())(".scroll { overflow-x: auto; } .timeline { display: block; min-width: 46rem; width: 100%; height: auto; margin: .8rem 0 1.2rem; }"),
        picture=_picture(lines, start, end, zone),
        stops_said=f"{len(stops)} stops, {show_duration(lost)} in all; {len(unnamed)} without a reason."
        + (f" The longest {MOST_STOPS} are shown." if len(stops) > MOST_STOPS else ""),
        stops=[
            {
                "machine": s["machine"], "start": s["start"], "lasted": show_duration(s["seconds"]), "reason": s["reason"], "use": s["use"],
                "shift": s["shift"] or "outside shifts",
            }
            for s in told
        ],
        kpi_names=KPI_NAMES,
        accounts=[_account(account) for account in accounts],
        command=command,
    )  # fmt: skip


def _account(account: Mapping[str, Any]) -> dict[str, Any]:
    return {
        "name": ", ".join(account["of"].values()),
        "covered": "" if account["covered"] is None else f"{100 * account['covered']:.1f} %",
        "kpis": {name: f"{100 * account['kpis'][name]:.1f} %" if name in account["kpis"] else "" for name in KPI_NAMES},
        "micro": f"{account['micro-stops']['count']}, {show_duration(account['micro-stops']['seconds'])}",
        "speed": "" if account["speed loss"] is None else show_duration(account["speed loss"]),
        "unknown": "; ".join(f"{what}: {why}" for what, why in account["unknown"].items()),
    }


def _picture(lines: Sequence[MachineLine], start: int, end: int, zone: str) -> dict[str, Any]:
    rows: list[dict[str, Any]] = []
    for number, line in enumerate(lines):
        top = TOP + number * (TALL + GAP)
        name = " ".join(line.machine.split())
        bars, paths = _bars(line.use, start, end, top, 2 if len(lines) > 12 else 1)
        rows.append(
            {
                "machine": name if len(name) <= LONGEST_NAME else name[: LONGEST_NAME - 1] + "\u2026",
                "whole": name if len(name) > LONGEST_NAME else "",
                "top": top,
                "middle": top + 18,
                "bars": bars,
                "paths": paths,
                "off": _outside(line.shift, start, end),
            }
        )
    bottom = TOP + len(lines) * (TALL + GAP)
    seen = {bar["use"] for row in rows for bar in (*row["bars"], *row["paths"])}
    keys = [use for use in (*USES, "unknown") if use in seen]
    return {
        "width": WIDTH, "height": bottom + 56, "left": LEFT, "right": WIDTH, "top": TOP, "bottom": bottom, "tall": TALL, "rows": rows,
        "ticks": _ticks(start, end, zone), "legend": [{"use": use, "x": LEFT + 120 * i} for i, use in enumerate(keys)],
        "label": f"What {len(lines)} machines did: " + "; ".join(_in_words(line, start, end) for line in lines[:20]),
    }  # fmt: skip


def _in_words(line: MachineLine, start: int, end: int) -> str:
    """A line of the picture for those who do not see it."""
    totals = line.use.within(start, end).totals(end)
    shares = sorted(totals.items(), key=lambda item: -item[1])
    return f"{line.machine} " + ", ".join(
        f"{use or 'unknown'} {100 * spent / (end - start):.0f} %" for use, spent in shares
    )


def _bars(use: Steps, start: int, end: int, top: float, wide: int) -> tuple[list[dict[str, Any]], list[dict[str, str]]]:
    """What fills the line of one machine, in columns `wide` units wide: bars where a use holds for whole columns; and, where several fall
    into one, a path for each use, stacked by their shares.
    """
    columns = COLUMNS // wide
    shares = _shares(use, start, end, columns)
    names = ("unknown", *USES)
    bars: list[dict[str, Any]] = []
    paths: dict[str, list[str]] = {}
    begin = 0
    while begin < columns:
        stop = begin + 1
        while stop < columns and np.array_equal(shares[stop], shares[begin]):
            stop += 1
        x, width, y = LEFT + begin * wide, (stop - begin) * wide, float(top)
        for kind in np.flatnonzero(shares[begin] > 0).tolist():
            height = TALL * float(shares[begin, kind])
            if shares[begin, kind] == 1.0:
                lasted = show_duration((stop - begin) * (end - start) / columns / NANOSECONDS, like=60.0)
                title = f"{names[kind]}, about {lasted}"
                bars.append({"use": names[kind], "x": x, "width": width, "y": top, "height": TALL, "title": title})
            else:
                paths.setdefault(names[kind], []).append(f"M{x} {y:.1f}h{width}v{height:.1f}h-{width}z")
            y += height
        begin = stop
    return bars, [{"use": name, "d": "".join(parts)} for name, parts in paths.items()]


def _shares(use: Steps, start: int, end: int, columns: int) -> npt.NDArray[np.float64]:
    """The share of each use in each column of the picture; what is not known first."""
    edges = np.linspace(start, end, columns + 1).astype(np.int64)
    within = use.within(start, end)
    time = np.unique(np.concatenate([within.time, edges[:-1]]))
    code, column = within.at(time), np.clip(np.searchsorted(edges, time, side="right") - 1, 0, columns - 1)
    spent = np.zeros((columns, len(USES) + 1))
    np.add.at(spent, (column, code + 1), np.diff(time, append=np.int64(end)).astype(float))
    shares: npt.NDArray[np.float64] = spent / np.maximum(spent.sum(1, keepdims=True), 1.0)
    return shares


def _outside(shift: Steps, start: int, end: int) -> list[dict[str, float]]:
    """The parts of the line below that are outside all shifts."""
    within = shift.within(start, end)
    ends = np.append(within.time[1:], end)
    scale = COLUMNS / (end - start)
    return [
        {"x": round(LEFT + (int(a) - start) * scale, 1), "width": round((int(b) - int(a)) * scale, 1)}
        for a, b, code in zip(within.time, ends, within.code, strict=True)
        if code == UNKNOWN
    ]


def _ticks(start: int, end: int, zone: str) -> list[dict[str, Any]]:
    """Times of the clock below the picture: at most a dozen, at round hours or days."""
    local = ZoneInfo(zone)
    seconds = (end - start) / NANOSECONDS
    step = next((s for s in _STEPS if seconds / s <= 12), 28 * 86_400)
    moment = datetime.fromtimestamp(start / NANOSECONDS, local).replace(hour=0, minute=0, second=0, microsecond=0)
    ticks = []
    while (at := int(moment.timestamp()) * NANOSECONDS) <= end:
        x = LEFT + (at - start) * COLUMNS / (end - start)
        if at >= start and x < WIDTH - 20:
            ticks.append(
                {
                    "x": round(x, 1),
                    "label": f"{moment:%a %d.%m.}"
                    if step >= 86_400 or (moment.hour, moment.minute) == (0, 0)
                    else f"{moment:%H:%M}",
                }
            )
        # by the clock on the wall, so that days of 23 and 25 hours keep their midnights
        moment = (moment.replace(tzinfo=None) + timedelta(seconds=step)).replace(tzinfo=local)
    return ticks
