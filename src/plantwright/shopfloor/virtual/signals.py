"""From the log of a run to what its machines say, instant by instant."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from plantwright.plant.plant import Plant
from plantwright.shopfloor.virtual.devices import Device
from plantwright.shopfloor.virtual.machine import Machine, Row
from plantwright.shopfloor.virtual.observations import UNAVAILABLE, Catalogue, Observations, amount_text
from plantwright.simulation.streams import run_key

if TYPE_CHECKING:
    import polars


class Signals:
    """Turns the rows of a log, as they come, into observations.

    What one device says at one instant of the engine is said a microsecond apart, in the order in which it happened: so all that it says
    at one timestamp is one event, and the log can be rebuilt from what it says (docs/concepts/virtual-plant.md).

    Parameters
    ----------
    plant : Plant
    devices : sequence of Device
        The floor as the last.
    start : datetime
        The instant of the engine's time zero.
    seed, replication : int
    """

    def __init__(
        self, plant: Plant, devices: Sequence[Device], start: datetime, seed: int, replication: int = 1
    ) -> None:
        self.catalogue = Catalogue(devices)
        whole = start.astimezone(UTC)
        self.zero = int(whole.timestamp()) * 1_000_000 + whole.microsecond
        key = run_key(seed, replication - 1)
        self._machines = {
            device.name: Machine(plant, device, self.catalogue.of(device), key, self._micros) for device in devices[:-1]
        }
        self._notice = self.catalogue.number(devices[-1], "notice")
        self._floor = _Floor(self.catalogue.of(devices[-1]))
        self._held: list[Row] = []
        self._told: set[tuple[int | None, float]] = set()

    def begin(self) -> Observations:
        """What all devices say before the run begins: that nothing is known, and of the floor that it is there."""
        said = Observations()
        for number, (_, item) in enumerate(self.catalogue.items):
            said.add((self.zero - 1_000_000) * 1000, number, UNAVAILABLE if item.key != "alarm" else "UNAVAILABLE\t\t")
        self._floor.say(said, self.zero - 1, {"available": "AVAILABLE"})
        return said

    def notice(self, time: float, text: str) -> Observations:
        """A message of the floor, after so many seconds of the plant."""
        return Observations([self._micros(time) * 1000], [self._notice], [text])

    def take(self, rows: polars.DataFrame, is_last: bool = False) -> Observations:
        """What is said in the next rows of the log. Rows after which it is not known yet why a machine stopped are kept for the next time,
        but for the last.
        """
        given = self._held + [Row(*values) for values in rows.drop("timestamp").iter_rows()]
        why, known = self._reasons(given, is_last)
        self._held = given[known:]
        said = Observations()
        for place in range(known):
            row = given[place]
            machine = self._machines.get(row.machine) if row.machine is not None else None
            if machine is not None and machine.tells(row):
                if row.what == "ended":
                    bad = _scrapped(given, place)
                    if bad:
                        self._told.add((row.lot, row.time))
                    machine.end(said, row, bad)
                else:
                    machine.see(said, row, why.get(place, ""))
            elif row.what == "scrapped" and (row.lot, row.time) in self._told:
                self._told.remove((row.lot, row.time))
            else:
                if row.what == "scrapped":
                    for other in self._machines.values():
                        other.lose(said, row)
                self._floor.see(said, self._micros(row.time), row)
        if known:
            for machine in self._machines.values():
                machine.tick(said, given[known - 1].time)
        return said.in_order()

    def _micros(self, time: float) -> int:
        return self.zero + round(time * 1e6)

    def _reasons(self, rows: Sequence[Row], is_last: bool) -> tuple[Mapping[int, str], int]:
        """For each machine that waits for repair or maintenance, for which; and how many rows are known that far."""
        found: dict[int, str] = {}
        open_: dict[str, int] = {}
        for place, row in enumerate(rows):
            if row.what != "state" or row.machine is None:
                continue
            if row.detail == "waiting for repair":
                open_.setdefault(row.machine, place)
                found[place] = ""
            elif row.detail != "off shift" and row.machine in open_:
                first = open_.pop(row.machine)
                for each in range(first, place):
                    if each in found and rows[each].machine == row.machine:
                        found[each] = row.detail or ""
        known = len(rows) if is_last else min(open_.values(), default=len(rows))
        return found, known


def _scrapped(rows: Sequence[Row], place: int) -> float:
    """How many pieces are scrapped with the end of an operation."""
    row = rows[place]
    for later in rows[place + 1 :]:
        if later.time != row.time or (
            later.lot == row.lot and later.what in ("queued", "started", "ended", "completed")
        ):
            return 0.0
        if later.lot == row.lot and later.what == "scrapped":
            return float(later.amount or 0.0)
    return 0.0


@dataclass
class _Floor:
    """What is known of lots, materials and vehicles beside the machines: each row of the log as it is."""

    numbers: Mapping[str, int]
    last: int = 0
    rows: int = 0

    def __post_init__(self) -> None:
        self._shown: dict[str, str] = {}

    def see(self, said: Observations, at: int, row: Row) -> None:
        """Say a row."""
        texts = {
            "lot": "" if row.lot is None else str(row.lot),
            "product": row.product or "",
            "operation": row.operation or "",
            "work center": row.work_center or "",
            "machine": row.machine or "",
            "detail": row.detail or "",
            "amount": "" if row.amount is None else amount_text(row.amount),
        }
        self.rows += 1
        self.say(said, at, texts | {"what": row.what, "row": str(self.rows)})

    def say(self, said: Observations, at: int, texts: Mapping[str, Any]) -> None:
        """Say what is another than before, and what happened."""
        self.last = max(at, self.last + 1)
        for key, text in texts.items():
            if self._shown.get(key) != text:
                self._shown[key] = text
                said.add(self.last * 1000, self.numbers[key], text)
