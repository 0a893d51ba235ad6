"""The KPIs of machines over a window: by machine, work center, shift and product, with the share of time that the data do not cover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from plantwright.monitoring.kpis import KPIS, Divisor, Elements, mean_operating_time_between_failures, together
from plantwright.monitoring.steps import UNKNOWN, Codes, Mask, Numbers, Steps, Times, joined
from plantwright.monitoring.uses import USES
from plantwright.shopfloor.machines.planned import BREAK
from plantwright.shopfloor.machines.settings import FloorSettings
from plantwright.shopfloor.machines.stops import Reasons, short_stops, with_reasons
from plantwright.shopfloor.machines.timelines import Timeline
from plantwright.shopfloor.readings import NANOSECONDS

By = Literal["machine", "work center", "shift", "product"]


@dataclass(frozen=True)
class Account:
    """What a machine, work center, shift or product did in planned time.

    Parameters
    ----------
    of : mapping of str to str
        ``machine`` or ``work center``, and ``shift`` or ``product`` where it is told by them.
    seconds : mapping of str to float
        By use of `USES`, and ``unknown``; within shifts, breaks left out.
    outside : mapping of str to float
        The same outside shifts and in breaks: nothing that happened then is hidden.
    elements : Elements
        Those of the time that is known.
    why_unknown : mapping of str to str
        Why an element is not known.
    micro_stops : int
        Stops too short to ask for a reason; counted, as failures are, where they first touch planned time.
    micro_stopped : float
        Their seconds in planned time; part of the stops in `seconds`.
    """

    of: Mapping[str, str]
    seconds: Mapping[str, float]
    outside: Mapping[str, float]
    elements: Elements
    why_unknown: Mapping[str, str] = field(default_factory=dict)
    divisor: Divisor = "failures"
    micro_stops: int = 0
    micro_stopped: float = 0.0

    @property
    def speed_loss(self) -> float | None:
        """APT - PRI x PQ: seconds of production in which nothing was made, measured by the planned run times. Below zero where these are too
        long; None where they or the pieces are not known.
        """
        made = self.elements.planned_production
        return None if made is None or self.elements.production is None else self.elements.production - made

    @property
    def covered(self) -> float | None:
        """The share of the planned time of which the use is known; None where none was planned."""
        planned = sum(self.seconds.values())
        return None if not planned else 1.0 - self.seconds.get("unknown", 0.0) / planned

    def kpi(self, name: str) -> float | None:
        """The KPI of a name, of the time that is known; None where it is not. Raises KeyError for a name that is none."""
        if name == "MTBF":
            return mean_operating_time_between_failures(self.elements, self.divisor)
        return next(kpi for kpi in KPIS if kpi.name == name).of(self.elements)

    def bounds(self, name: str = "availability") -> tuple[float, float] | None:
        """Between what the availability lies whatever happened in the time that is not known: all of it lost, or all of it production."""
        planned = self.elements.planned_busy
        if name != "availability" or planned is None or self.elements.production is None:
            return None
        unknown = self.seconds.get("unknown", 0.0)
        whole = planned + unknown
        return (self.elements.production / whole, (self.elements.production + unknown) / whole) if whole else None

    def to_dict(self) -> dict[str, Any]:
        """For JSON: times in seconds, shares from 0 to 1."""
        kpis = {kpi.name: value for kpi in KPIS if (value := self.kpi(kpi.name)) is not None}
        return {
            "of": dict(self.of), "covered": self.covered, "seconds": dict(self.seconds), "outside shifts": dict(self.outside),
            "micro-stops": {"count": self.micro_stops, "seconds": self.micro_stopped}, "speed loss": self.speed_loss,
            "failures": self.elements.failures, "produced": self.elements.produced, "good": self.elements.good, "kpis": kpis, "unknown": dict(self.why_unknown),
        }  # fmt: skip


def accounts(
    several: Sequence[Timeline],
    settings: FloorSettings | None = None,
    reasons: Reasons | None = None,
    by: Sequence[By] = ("machine",),
) -> list[Account]:
    """The accounts of machines, or of their work centers; each told by shift or product where `by` says so.

    Time is assigned to what holds when it passes, pieces to what held just before they were counted.
    """
    settings, reasons = settings or FloorSettings(), reasons or Reasons()
    found: dict[tuple[tuple[str, str], ...], list[Account]] = {}
    for timeline in several:
        machine = settings.machine(timeline.machine)
        whole = (
            ("work center", machine.work_center or timeline.machine)
            if "work center" in by
            else ("machine", timeline.machine)
        )
        for labels, account in _accounts(timeline, settings, reasons, by):
            found.setdefault((whole, *labels), []).append(account)
    return [_added(dict(key), parts) for key, parts in found.items()]


NOT_ANY = {"shift": "outside shifts", "product": "no product"}


def _accounts(
    timeline: Timeline, settings: FloorSettings, reasons: Reasons, by: Sequence[By]
) -> list[tuple[tuple[tuple[str, str], ...], Account]]:
    """The account of each shift, product, or both that `by` tells apart."""
    told = {"shift": timeline.shift, "product": timeline.product}
    groups = {name: track for name, track in told.items() if name in by}
    rows = _Rows(timeline, settings, reasons, list(groups.values()))
    labels = [
        np.array([*(held or NOT_ANY[name] for held in track.names), NOT_ANY[name]], object)[codes]
        for (name, track), codes in zip(groups.items(), rows.groups, strict=True)
    ]
    each = list(zip(*labels, strict=True)) if labels else [()] * len(rows.time)
    number = {label: place for place, label in enumerate(dict.fromkeys(each))}
    place = np.fromiter((number[label] for label in each), np.int64, len(each))
    return [
        (tuple(zip(groups, label, strict=True)), _account(rows, place == at)) for label, at in number.items()
    ]  # fmt: skip


class _Rows:
    """A timeline as rows in each of which nothing changes."""

    def __init__(self, timeline: Timeline, settings: FloorSettings, reasons: Reasons, groups: Sequence[Steps]) -> None:
        self.timeline, self.settings = timeline, settings
        said = reasons.of(timeline)
        tracks = [
            with_reasons(timeline, reasons, settings.reasons),
            timeline.shift,
            said,
            short_stops(timeline, settings),
        ]
        self.time, codes = joined([*tracks, *groups])
        self.use, shift, reason, short, *self.groups = codes
        self.lengths = np.diff(self.time, append=np.int64(timeline.end)) / NANOSECONDS
        rest = timeline.shift.names.index(BREAK) if BREAK in timeline.shift.names else UNKNOWN
        self.inside = (shift != UNKNOWN) & (shift != rest)
        self.micro = (short == 1) & (reason == UNKNOWN)


def _account(rows: _Rows, chosen: Mask) -> Account:
    """The account of the rows that are chosen."""
    planned = chosen & rows.inside
    seconds, outside = (_by_use(rows.use, rows.lengths, part) for part in (planned, chosen & ~rows.inside))
    pieces, why = _counts(rows.timeline, rows.settings, rows.time, planned)
    known = sum(length for use, length in seconds.items() if use != "unknown")
    elements = Elements(
        planned_operation=known,
        planned_busy=known - seconds.get("planned", 0.0),
        production=seconds.get("production", 0.0),
        setup=seconds.get("setup", 0.0),
        delay=seconds.get("delay", 0.0) + seconds.get("failure", 0.0),
        failures=float(_runs(rows.use == USES.index("failure"), planned)),
        corrective_maintenance=seconds.get("failure", 0.0),
        preventive_maintenance=seconds.get("planned", 0.0),
        **pieces,
    )
    micro = _runs(rows.micro, planned), float(rows.lengths[rows.micro & planned].sum())
    return Account({}, seconds, outside, elements, why, rows.settings.divisor, *micro)


def _runs(held: Mask, chosen: Mask) -> int:
    """How many runs of rows that hold touch the chosen ones: each counts once, where it first does."""
    run = np.cumsum(held & ~np.concatenate([[False], held[:-1]]))
    return len(np.unique(run[held & chosen]))


def _by_use(uses: Codes, lengths: Numbers, chosen: Mask) -> dict[str, float]:
    total = np.bincount(uses[chosen] + 1, lengths[chosen], len(USES) + 1).tolist()
    return {name: seconds for name, seconds in zip(("unknown", *USES), total, strict=True) if seconds}


def _counts(
    timeline: Timeline, settings: FloorSettings, time: Times, chosen: Mask
) -> tuple[dict[str, float | None], dict[str, str]]:
    """Pieces that were counted in the chosen time, planned seconds for them; and why something of it is not known."""
    if timeline.parts is None:
        return {}, {"produced": "no counter of pieces"}
    produced_for = timeline.use.totals(timeline.end).get("production", 0)
    if not timeline.parts[1].any() and produced_for > 3600 * NANOSECONDS:
        return {}, {"produced": "the counter of pieces never moved in hours of production"}
    counts = [_chosen(timeline, counted, time, chosen) for counted in (timeline.parts, timeline.bad_parts) if counted]
    run_times = settings.machine(timeline.machine).run_times
    runs = [_planned_run(timeline, run_times, *counted) for counted in counts] if run_times else [None]
    why: dict[str, str] = {}
    planned = None if None in runs else sum(run for run in runs if run is not None)
    if planned is None:
        why["planned run time"] = "no run time of a piece is given for what was made"
    good = float(counts[0][1].sum())
    if timeline.bad_parts is None:
        return {"produced": good, "planned_production": planned}, why | {"good": "no counter of bad pieces"}
    bad = float(counts[1][1].sum())
    return {"produced": good + bad, "good": good, "scrapped": bad, "planned_production": planned}, why


def _chosen(
    timeline: Timeline, counted: tuple[Times, Numbers], time: Times, chosen: Mask
) -> tuple[Times, Numbers]:  # fmt: skip
    """Pieces that belong to the chosen rows. A piece is counted when it is done: it belongs to what held just before."""
    made = np.maximum(counted[0] - 1, timeline.start)
    inside = chosen[np.searchsorted(time, made, side="right") - 1]
    return made[inside], counted[1][inside]


def _planned_run(timeline: Timeline, run_times: Mapping[str, float], made: Times, pieces: Numbers) -> float | None:
    """PRI x PQ; None where a product was made whose run time nobody gave."""
    code = timeline.product.at(made)
    other = run_times.get("*", np.nan)
    table = np.array([*(run_times.get(name, other) for name in timeline.product.names), other])
    total = float((table[code] * pieces)[pieces != 0].sum())
    return None if np.isnan(total) else total


def _added(of: dict[str, str], parts: list[Account]) -> Account:
    def add(several: Sequence[Mapping[str, float]]) -> dict[str, float]:
        names = dict.fromkeys(name for one in several for name in one)
        return {name: sum(one.get(name, 0.0) for one in several) for name in names}

    return Account(
        of, add([part.seconds for part in parts]), add([part.outside for part in parts]),
        together(part.elements for part in parts), {k: v for part in parts for k, v in part.why_unknown.items()}, parts[0].divisor,
        sum(part.micro_stops for part in parts), sum(part.micro_stopped for part in parts),
    )  # fmt: skip
