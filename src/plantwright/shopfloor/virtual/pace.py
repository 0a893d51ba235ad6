"""Pace: which instant of the plant is now, on the wall clock."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from plantwright.plant import changed
from plantwright.plant.plant import Plant
from plantwright.shopfloor.virtual.errors import VirtualError

SECOND = 1_000_000_000
WEEK = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Pace:
    """How plant time goes on with the wall clock's.

    What the machines say has the plant's own instants, and these are never ahead of the wall clock: a plant that runs faster begins in
    the past, and goes on in real time once it has caught up.

    Parameters
    ----------
    zero : int
        The instant of the plant's time zero, in nanoseconds since 1970.
    begun : int
        The wall clock's instant at which it begins to run, in nanoseconds.
    speed : float
        Seconds of the plant in a second of the wall clock.
    skipped : float
        Seconds of the plant that have passed when it begins to run; what was said in them is said at once.
    """

    zero: int
    begun: int
    speed: float
    skipped: float = 0.0

    def position(self, wall: int) -> float:
        """How many seconds of the plant have passed at an instant of the wall clock."""
        return min(self.skipped + self.speed * (wall - self.begun) / SECOND, (wall - self.zero) / SECOND)

    def wait(self, position: float, wall: int) -> float:
        """Seconds of the wall clock until so many seconds of the plant have passed."""
        by_speed = self.begun + (position - self.skipped) / self.speed * SECOND
        return max(by_speed, self.zero + position * SECOND, float(wall)) / SECOND - wall / SECOND

    @property
    def catches_up(self) -> float:
        """Seconds of the wall clock after which it has caught up, and goes on in real time; infinite where it never does."""
        behind = (self.begun - self.zero) / SECOND - self.skipped
        return behind / (self.speed - 1.0) if self.speed > 1.0 else (0.0 if behind <= 0.0 else float("inf"))


def placed(plant: Plant, now: int, speed: float, lasts: float | None, start: str | None) -> tuple[Plant, Pace]:
    """The plant on the calendar on which it is run, and its pace.

    Parameters
    ----------
    plant : Plant
    now : int
        The wall clock, in nanoseconds since 1970.
    speed : float
    lasts : float, optional
        Seconds of the wall clock for which it is to run.
    start : str, optional
        Its first instant as a local date and time. Without it, a plant that names no dates is moved by whole weeks, so that it catches
        up with the wall clock as it is to end, or after four weeks of it; one with dates keeps its own.

    Raises
    ------
    VirtualError
        Where it would begin in the future.
    """
    if not speed > 0.0:
        raise VirtualError(f"--speed {speed:g}: a plant runs at a speed above 0, such as 60")
    span = 0.0 if speed <= 1.0 else (lasts if lasts is not None else 4 * 7 * 86400.0 / (speed - 1.0)) * (speed - 1.0)
    skipped = 0.0
    if start is not None:
        plant = _begun(plant, _local(start))
    elif not _has_dates(plant):
        begin = now / SECOND - span
        wanted = datetime.fromtimestamp(begin, ZoneInfo(plant.time_zone)).replace(tzinfo=None)
        plant = _begun(plant, plant.start + (wanted - plant.start) // WEEK * WEEK)
        skipped = max(0.0, begin - _zero(plant) / SECOND)
    zero = _zero(plant)
    if zero > now:
        raise VirtualError(
            f"the plant begins at {plant.start:%Y-%m-%d %H:%M}, which is in the future; give another --start"
        )
    return plant, Pace(zero, now, speed, skipped)


def ended(plant: Plant, now: int, span: float) -> tuple[Plant, Pace]:
    """The plant on a calendar on which it has run for a span of seconds by now, and the pace at which that is said at once."""
    begin = datetime.fromtimestamp(now / SECOND - span, ZoneInfo(plant.time_zone)).replace(tzinfo=None)
    plant = _begun(plant, plant.start + (begin - plant.start) // WEEK * WEEK)
    return plant, Pace(_zero(plant), now, 1.0, span)


def _begun(plant: Plant, start: datetime) -> Plant:
    if plant.document is None:
        return replace(plant, start=start)
    return changed(plant, {"start": f"{start:%Y-%m-%d %H:%M:%S}"})


def _has_dates(plant: Plant) -> bool:
    return bool(plant.changes) or bool({"orders"} & plant.release_rules())


def _zero(plant: Plant) -> int:
    whole = plant.start.replace(tzinfo=ZoneInfo(plant.time_zone)).astimezone(UTC)
    return int(whole.timestamp()) * SECOND + whole.microsecond * 1000


def _local(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError as error:
        raise VirtualError(
            f"--start {text!r}: a local date, or date and time, is wanted, such as 2026-03-02 06:00"
        ) from error
    if found.tzinfo is not None:
        raise VirtualError(f"--start {text!r}: the plant's local time is wanted, without a zone")
    return found
