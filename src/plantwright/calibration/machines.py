"""Machines of one work center that are not alike: how fast each is against the others, and which products it is never given."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from plantwright.calibration.centers import Center
from plantwright.calibration.knowing import is_measured, pieces_of
from plantwright.calibration.many_tests import limit_of
from plantwright.calibration.pace import Done, Pace, find_paces
from plantwright.calibration.visits import History, Visit

if TYPE_CHECKING:
    from plantwright.calibration.times import Times

_FEWEST_NEVER = 8


@dataclass(frozen=True)
class MachineFound:
    """A machine of a work center of several: its visits, and its ``pace`` (1.2 is a fifth more in the same time than the geometric mean of
    those that can be compared), None where it cannot be told. ``differs`` is whether that is no chance, ``never`` are products that the others
    were given so often that chance alone would have brought it some.
    """

    center: str
    station: str
    visits: int
    pace: Pace | None
    differs: bool
    never: tuple[str, ...]

    @property
    def words(self) -> str:
        """What sets the machine apart, in words; nothing where it is as the others."""
        parts = []
        if self.pace is not None and self.differs:
            low, high = self.pace.told.interval()
            parts.append(
                f"{100 * self.pace.told.value:.0f} % of the others' mean speed ({100 * low:.0f} to {100 * high:.0f}, {self.pace.visits} visits)"
            )
        if self.never:
            parts.append(f"never had {', '.join(map(repr, self.never))}, which the others had often")
        return f"{self.station}: {'; '.join(parts)}" if parts else ""

    def row(self) -> dict[str, Any]:
        """The machine as a row of a table."""
        low, high = self.pace.told.interval() if self.pace is not None else (None, None)
        return {
            "work center": self.center, "machine": self.station, "visits": self.visits,
            "speed": None if self.pace is None else self.pace.told.value, "low": low, "high": high,
            "differs": self.differs, "never": ", ".join(self.never),
        }  # fmt: skip


def find_machines(history: History, times: Times, centers: Sequence[Center]) -> tuple[MachineFound, ...]:
    """The machines of each work center that has several.

    Notes
    -----
    Speeds come from visits to one machine, by least squares over what was done, machine and person (`pace.find_paces`, with machine and person in
    each other's place). Where each machine has its own person, nobody can tell the one from the other: nothing is said of either. Of all of them together, one differs by chance in one
    log of twenty at most (Holm 1979). A product never comes to a machine by chance with (1 - share of the machine in all visits) to the power of its
    orders; the same limit holds for all machines and products.
    """
    grouped = {center.name: center.stations for center in centers if len(center.stations) > 1}
    visits: dict[str, list[Visit]] = {name: [] for name in grouped}
    for visit in history.visits():
        if visit.step[1] in visits and len(visit.stations) == 1:
            visits[visit.step[1]].append(visit)
    paces = {name: _paces(own, times) for name, own in visits.items()}
    limit = limit_of([pace.p_value for own in paces.values() for pace in own.values()])
    never = {name: _never(visits[name], stations) for name, stations in grouped.items()}
    rarely = limit_of([p_value for own in never.values() for p_value in own.values()])
    return tuple(
        MachineFound(
            name,
            station,
            sum(visit.stations[0] == station for visit in visits[name]),
            pace := paces[name].get(station),
            pace is not None and pace.p_value <= limit,
            tuple(
                sorted(product for (of, product), p_value in never[name].items() if of == station and p_value <= rarely)
            ),
        )
        for name, stations in grouped.items()
        for station in stations
    )


def speeds_of(machines: Sequence[MachineFound]) -> dict[str, float]:
    """The speeds of the machines of work centers in which any differs, to the percent; 1 where it cannot be told."""
    centers = {machine.center for machine in machines if machine.differs}
    return {
        machine.station: 1.0 if machine.pace is None else round(machine.pace.told.value, 2)
        for machine in machines
        if machine.center in centers
    }


def at_speed(visit: Visit, speeds: Mapping[str, float]) -> Visit:
    """A visit as a machine of speed 1 would have done it; where several machines did it, at the geometric mean of their speeds."""
    own = [math.log(speeds.get(station, 1.0)) for station in visit.stations]
    speed = math.exp(sum(own) / len(own)) if own else 1.0
    if speed == 1.0:
        return visit
    latest = None if visit.latest is None else visit.latest * speed
    return replace(visit, work=visit.work * speed, made_up=visit.made_up * speed, latest=latest)


def _paces(visits: Sequence[Visit], times: Times) -> dict[str, Pace]:
    done = []
    for visit in visits:
        if not is_measured(visit):
            continue
        per_piece = times.pooled[visit.step].per == "piece"
        drift = times.changes.times.get(visit.step)
        work = (visit.product, visit.step, drift is not None and visit.start >= drift.since)
        log_time = math.log(visit.work / (pieces_of(visit) if per_piece else 1.0))
        done.append(Done(visit.stations[0], work, visit.worker or "", log_time))
    return find_paces(done)


def _never(visits: Sequence[Visit], stations: Sequence[str]) -> dict[tuple[str, str], float]:
    """For each machine and product that never met, how often that would be by chance."""
    machines = Counter(visit.stations[0] for visit in visits)
    products = Counter(product for _, product in {(visit.order, visit.product) for visit in visits})
    met = {(visit.stations[0], visit.product) for visit in visits}
    return {
        (station, product): (1 - machines[station] / len(visits)) ** number
        for station in stations
        for product, number in products.items()
        if (station, product) not in met and number >= _FEWEST_NEVER
    }
