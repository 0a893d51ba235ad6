"""The KPIs of machines over a window: by machine, work center, shift and product, with the share of time that the data do not cover."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np

from plantwright.monitoring.kpis import KPIS, Elements, mean_operating_time_between_failures, together
from plantwright.monitoring.steps import UNKNOWN, Codes, Mask, Numbers, Steps, Times, joined
from plantwright.monitoring.uses import USES
from plantwright.shopfloor.machines.planned import BREAK
from plantwright.shopfloor.machines.settings import FloorSettings
from plantwright.shopfloor.machines.stops import Reasons, with_reasons
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
    """

    of: Mapping[str, str]
    seconds: Mapping[str, float]
    outside: Mapping[str, float]
    elements: Elements
    why_unknown: Mapping[str, str] = field(default_factory=dict)
    divisor: Literal["failures", "failures + 1"] = "failures"

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
            "produced": self.elements.produced, "good": self.elements.good, "kpis": kpis, "unknown": dict(self.why_unknown),
        }  # fmt: skip


def accounts(
    several: Sequence[Timeline],
    settings: FloorSettings | None = None,
    reasons: Reasons | None = None,
    by: Sequence[By] = ("machine",),
) -> list[Account]:
    """The accounts of machines, or of their work centers; each told by shift or product where `by` says so.

    Time is assigned to what holds when it passes, pieces to what holds when they are counted.
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
        split = {"shift": timeline.shift, "product": timeline.product}
        group = next((name for name in ("shift", "product") if name in by), None)
        for label, account in _accounts(timeline, settings, reasons, split[group] if group else None):
            key = (whole,) if group is None else (whole, (group, label))
            found.setdefault(key, []).append(account)
    return [_added(dict(key), parts) for key, parts in found.items()]


def _accounts(
    timeline: Timeline, settings: FloorSettings, reasons: Reasons, group: Steps | None
) -> list[tuple[str, Account]]:
    use = with_reasons(timeline, reasons, settings.reasons)
    parts = [use, timeline.shift, timeline.product, *([group] if group is not None else [])]
    time, codes = joined(parts)
    lengths = np.diff(time, append=np.int64(timeline.end)) / NANOSECONDS
    uses, shifts = codes[0], codes[1]
    rest = timeline.shift.names.index(BREAK) if BREAK in timeline.shift.names else UNKNOWN
    inside = (shifts != UNKNOWN) & (shifts != rest)
    labels = [""] if group is None else [*group.names, ""]
    found = []
    for number, label in enumerate(labels):
        chosen = np.ones(len(time), bool) if group is None else codes[3] == (number if label else UNKNOWN)
        if chosen.any():
            counts = _counts(timeline, settings, time, chosen & inside)
            seconds = _by_use(uses, lengths, chosen & inside)
            outside = _by_use(uses, lengths, chosen & ~inside)
            if group is None or seconds or outside:
                found.append(
                    (
                        label or ("no product" if group is timeline.product else "outside shifts"),
                        _account(timeline, uses, chosen & inside, seconds, outside, counts, settings),
                    )
                )
    return found


def _account(
    timeline: Timeline, uses: Codes, inside: Mask, seconds: dict[str, float],
    outside: dict[str, float], counts: tuple[dict[str, float | None], dict[str, str]], settings: FloorSettings,
) -> Account:  # fmt: skip
    pieces, why = counts
    failing = uses == USES.index("failure")
    begins = failing & ~np.concatenate([[False], failing[:-1]]) & inside
    known = sum(length for use, length in seconds.items() if use != "unknown")
    elements = Elements(
        planned_operation=known,
        planned_busy=known - seconds.get("planned", 0.0),
        production=seconds.get("production", 0.0),
        setup=seconds.get("setup", 0.0),
        delay=seconds.get("delay", 0.0) + seconds.get("failure", 0.0),
        failures=float(begins.sum()),
        corrective_maintenance=seconds.get("failure", 0.0),
        preventive_maintenance=seconds.get("planned", 0.0),
        **pieces,
    )
    return Account({}, seconds, outside, elements, why, settings.divisor)


def _by_use(
    uses: Codes, lengths: Numbers, chosen: Mask
) -> dict[str, float]:  # fmt: skip
    total = np.bincount(uses[chosen] + 1, lengths[chosen], len(USES) + 1).tolist()
    return {name: seconds for name, seconds in zip(("unknown", *USES), total, strict=True) if seconds}


def _counts(
    timeline: Timeline, settings: FloorSettings, time: Times, chosen: Mask
) -> tuple[dict[str, float | None], dict[str, str]]:  # fmt: skip
    """Pieces that were counted in the chosen time, planned seconds for them; and why something of it is not known."""
    why: dict[str, str] = {}
    if timeline.parts is None:
        why["produced"] = "no counter of pieces"
        return {}, why

    def within(counted: tuple[Any, Any]) -> Any:
        place = np.searchsorted(time, counted[0], side="right") - 1
        return np.where(place >= 0, chosen[np.maximum(place, 0)], False)

    instants, pieces = timeline.parts
    inside = within(timeline.parts)
    good = float(pieces[inside].sum())
    if not pieces.sum() and timeline.use.totals(timeline.end).get("production", 0) > 3600 * NANOSECONDS:
        why["produced"] = "the counter of pieces never moved in hours of production"
        return {}, why
    run_times = settings.machine(timeline.machine).run_times
    planned: float | None = None
    if run_times:
        planned = _planned_run(timeline, run_times, instants[inside], pieces[inside])
    if planned is None:
        why["planned run time"] = "no run time of a piece is given for what was made"
    if timeline.bad_parts is None:
        why["good"] = "no counter of bad pieces"
        return {"produced": good, "planned_production": planned}, why
    bad_inside = within(timeline.bad_parts)
    bad = float(timeline.bad_parts[1][bad_inside].sum())
    if planned is not None:
        more = _planned_run(timeline, run_times, timeline.bad_parts[0][bad_inside], timeline.bad_parts[1][bad_inside])
        planned = None if more is None else planned + more
    return {"produced": good + bad, "good": good, "scrapped": bad, "planned_production": planned}, why


def _planned_run(timeline: Timeline, run_times: Mapping[str, float], instants: Any, pieces: Any) -> float | None:
    """PRI x PQ; None where a product was made whose run time nobody gave."""
    # a piece is counted when its product is done: what held just before is what was made
    code = timeline.product.at(instants - 1)
    table = np.array(
        [run_times.get(name, run_times.get("*", np.nan)) for name in timeline.product.names]
        + [run_times.get("*", np.nan)]
    )
    total = float((table[code] * pieces)[pieces > 0].sum())
    return None if np.isnan(total) else total


def _added(of: dict[str, str], parts: list[Account]) -> Account:
    def add(several: Sequence[Mapping[str, float]]) -> dict[str, float]:
        names = dict.fromkeys(name for one in several for name in one)
        return {name: sum(one.get(name, 0.0) for one in several) for name in names}

    return Account(
        of, add([part.seconds for part in parts]), add([part.outside for part in parts]),
        together(part.elements for part in parts), {k: v for part in parts for k, v in part.why_unknown.items()}, parts[0].divisor,
    )  # fmt: skip
