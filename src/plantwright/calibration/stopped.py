"""What each machine of a log worked, and when it stopped for how long."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

import numpy as np

from plantwright.calibration.quiet import Quiet
from plantwright.calibration.visits import History, shared_seconds

if TYPE_CHECKING:
    import polars

    from plantwright.calibration.centers import Center

_READ = ("start", "end", "order", "row")


@dataclass(frozen=True, slots=True)
class Stop:
    """A breakdown: when it began, the seconds that its machine had worked by then and since the stop before it, how long it lasted, the order that it
    stopped, and the rows of its reports.
    """

    begin: datetime
    done: float
    worked: float
    lasted: float
    order: str
    rows: tuple[int, ...]


@dataclass(frozen=True)
class Machine:
    """A machine: the seconds that it had worked by a moment, and by the end of the log; and its stops."""

    done: Callable[[datetime], float]
    total: float
    stops: tuple[Stop, ...]

    def between(self, since: datetime | None = None) -> tuple[list[float], float]:
        """Seconds of work before each of its stops, and after the last, since a moment."""
        stops = [stop for stop in self.stops if since is None or stop.begin > since]
        gaps = [stop.worked for stop in stops]
        begun = self.done(since) if since is not None else 0.0
        if stops and since is not None:
            gaps[0] = max(1.0, stops[0].done - begun)
        return gaps, max(0.0, self.total - (stops[-1].done if stops else begun))


@dataclass(frozen=True)
class Stopped:
    """The machines of a work center that broke down. Seconds of work are multiplied by ``factor`` to come out as those of its visits."""

    center: str
    machines: tuple[Machine, ...]
    factor: float

    @property
    def stops(self) -> list[Stop]:
        """All stops, as they began."""
        return sorted((stop for machine in self.machines for stop in machine.stops), key=lambda stop: stop.begin)

    def between(self, since: datetime | None = None) -> tuple[list[float], list[float]]:
        """Seconds of work of each machine between stops, and after its last one, since a moment."""
        gaps, still = [], []
        for machine in self.machines:
            own, rest = machine.between(since)
            gaps += [self.factor * gap for gap in own]
            still.append(self.factor * rest)
        return gaps, still

    def together(self, first: datetime) -> list[tuple[datetime, float]]:
        """The work of all machines together between stops, and when each such time began."""
        made = []
        begun, done = first, 0.0
        for stop in self.stops:
            now = sum(machine.done(stop.begin) for machine in self.machines)
            made.append((begun, self.factor * max(1.0, now - done)))
            begun, done = stop.begin, now
        return made


def machines_of(
    table: polars.DataFrame,
    history: History,
    centers: Sequence[Center],
    places: Mapping[str, int],
    quiet: Quiet | None = None,
) -> dict[str, Stopped]:
    """The machines of every work center that has reports of breakdowns; parameters as `times.find_times` takes them."""
    import polars

    work: dict[str, float] = {}
    for visit in history.visits():
        work[visit.step[1]] = work.get(visit.step[1], 0.0) + visit.work
    made = {}
    broken = table.filter((polars.col("type") == "breakdown") & polars.col("timed") & (polars.col("seconds") > 0))
    for center in centers:
        stops = broken.filter(polars.col("station").is_in(list(center.stations)))
        if stops.is_empty() or work.get(center.name, 0.0) <= 0:
            continue
        machines = []
        for station in center.stations:
            own = table.filter((polars.col("station") == station) & (polars.col("type") != "breakdown"))
            spans = stops.filter(polars.col("station") == station).sort("start", "end").select(_READ).rows()
            machines.append(_machine(own, spans, places.get(station, 1), quiet, history.typical))
        # Work of several orders at once at a place counts as often as there are orders, as everywhere.
        seen = sum(sum(gaps) + rest for gaps, rest in (machine.between() for machine in machines))
        factor = work[center.name] / seen if seen > 0 else 1.0
        made[center.name] = Stopped(center.name, tuple(machines), factor)
    return made


def _machine(
    own: polars.DataFrame,
    spans: Sequence[tuple[datetime, datetime, str, int]],
    places: int,
    quiet: Quiet | None,
    typical: Mapping[str, float],
) -> Machine:
    """A machine of its rows and the spans of its stops. Reports of one stop with no work between them are one."""
    shares = shared_seconds(own.iter_rows(named=True), places, quiet)
    rows = [row for row in own.iter_rows(named=True) if row["type"] == "work"]
    zero = min((row["start"] for row in rows), default=datetime.min)
    starts, ends = (np.array([(row[name] - zero).total_seconds() for row in rows]) for name in ("start", "end"))
    seconds = np.array(
        [shares.get(row["row"], 0.0) if row["timed"] else typical.get(row["operation"], 0.0) for row in rows]
    )

    def done(moment: datetime) -> float:
        # A report is worked evenly; one of a moment is done at once.
        past, lasted = (moment - zero).total_seconds() - starts, ends - starts
        return float((seconds * np.clip(past / np.maximum(lasted, 1e-6), 0.0, 1.0)).sum())

    stops: list[Stop] = []
    at = 0.0
    for start, end, order, line in spans:
        now = done(start)
        lasted = quiet.seconds(start, end) if quiet is not None else (end - start).total_seconds()
        if stops and now - at < 1.0:
            one = stops[-1]
            stops[-1] = Stop(one.begin, one.done, one.worked, one.lasted + lasted, one.order, (*one.rows, line))
            continue
        stops.append(Stop(start, now, max(now - at, 1.0), lasted, order, (line,)))
        at = now
    return Machine(done, float(seconds.sum()), tuple(stops))
