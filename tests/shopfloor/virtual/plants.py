"""Plants for the tests of the virtual plant: between them every state, batches, people, tools, kilograms, and what changes."""

from __future__ import annotations

from collections.abc import Iterable

from plantwright.plant import Plant, read_plant, read_text
from plantwright.shopfloor.virtual.devices import devices_of
from plantwright.shopfloor.virtual.machine import Row
from plantwright.shopfloor.virtual.observations import Catalogue, Observations
from plantwright.shopfloor.virtual.rebuilding import Said
from plantwright.shopfloor.virtual.signals import Signals
from plantwright.simulation import Telling, history

SHOP = """
plant: A shop
time zone: America/New_York
shifts:
  day: {days: Mon-Fri, from: "06:00", to: "14:00", breaks: ["10:00-10:30"]}
people:
  Ana: {skills: {turning: 2}, shift: day}
  fitters: {count: 1, skills: {repair: 2, setting: 2}, shift: day}
work centers:
  lathe:
    machines: 2
    shift: day
    setup: {default: 20 min, minor: 4 min}
    failures: [{every: exponential 6 h, clock: working, repair: lognormal 40 min cv 0.5, by: repair 2}]
    maintenance: [{every: 30 h, clock: calendar, lasts: 1 h, by: repair 2}]
    power: {run: 9 kW, idle: 2 kW, setup: 3 kW}
    buffer: 4 lots
  oven: {machines: 1, batch: {max: 3 lots, min: 1 lot, wait: 20 min}, buffer: 3 lots}
  cooling: {machines: unlimited}
  check: {machines: 1, shift: day}
tools:
  "jaws; hard": {count: 1}
products:
  pin:
    unit: piece
    lot: 20 pieces
    demand: {rate: 240 pieces/working day}
    routing:
      - turn: {at: lathe, time: exponential 1 min/piece, load: 4 min/lot, unload: 2 min/lot, staff: [{skill: turning 1, for: [load, unload]}, {skill: setting 1, for: [setup]}], uses: ["jaws; hard"], yield: 95 %}
      - harden: {at: oven, time: 50 min/batch}
      - cool: {at: cooling, time: 15 min/lot}
      - measure: {at: check, time: 6 min/lot, yield: 99 %, rework: {share: 5 %, back to: turn}}
  axle:
    unit: piece
    lot: 5 pieces
    demand: {rate: 40 pieces/working day}
    routing:
      - turn: {at: lathe, time: 5 min/piece, staff: [{skill: turning 1}], yield: 90 %, scrap: lot}
      - measure: {at: check, time: 3 min/lot}
"""

DAIRY = """
plant: A dairy
work centers:
  vat: {machines: 1, failures: [{every: exponential 20 h, clock: working, repair: 1 h, then: scrap}]}
  press:
    machines: [{name: old press, speed: 80 %}, {name: new press}]
materials:
  milk: {on hand: 4000 l, reorder: {at: 2000 l, up to: 6000 l}, from: farm}
suppliers:
  farm: {lead time: 20 h}
products:
  cheese:
    unit: kg
    lot: 50 kg
    release: {conwip: 4 lots}
    routing:
      - curdle: {at: vat, time: gamma 40 min/lot cv 0.3, takes: {milk: 500 l/lot}, yield: 93 %}
      - press: {at: press, time: 70 min/lot, yield: 98.5 %}
"""

CHANGED = """
plant: A press shop that grows
work centers:
  press: {machines: 1, failures: [{every: exponential 9 h, clock: working, repair: 30 min}]}
changes:
  - {on: 2026-01-07 06:00, set: work centers > press > machines, to: 3}
  - {on: 2026-01-09 12:00, set: work centers > press > machines, to: 1}
products:
  lid: {unit: piece, lot: 10 pieces, release: {conwip: 5 lots}, routing: [form: {at: press, time: exponential 30 min/lot, yield: 97 %}]}
"""


def plants() -> dict[str, Plant]:
    """The plants, by name."""
    return {
        "shop": read_text(SHOP),
        "dairy": read_text(DAIRY),
        "changed": read_text(CHANGED),
        "pilot": read_plant("examples/pouch-cell-pilot.yaml"),
        "mill": read_plant("examples/weaving-dyeing-mill.yaml"),
    }


def played(plant: Plant, horizon: str, seed: int = 1) -> tuple[Signals, list[Observations]]:
    """What the machines of a plant say, at once."""
    telling = Telling(plant, horizon=horizon, seed=seed)
    signals = Signals(plant, devices_of(plant, telling.machines), telling.start, seed)
    said = [signals.begin()]

    class Log:
        def write(self, rows: object) -> None:
            said.append(signals.take(rows))  # type: ignore[arg-type]
            self.empty = rows.head(0)  # type: ignore[attr-defined]

        def complete(self) -> None:
            said.append(signals.take(self.empty, is_last=True))

    telling.play(Log())
    return signals, said


def as_said(catalogue: Catalogue, parts: Iterable[Observations]) -> list[Said]:
    """Observations by the names of devices and items."""
    return [
        (catalogue.items[item][0].name, catalogue.items[item][1].key, time, value)
        for part in parts
        for time, item, value in zip(part.time, part.item, part.value, strict=True)
    ]


def log_of(plant: Plant, horizon: str | float, seed: int = 1) -> list[Row]:
    """The event log that the engine writes of a plant's first replication."""
    return [Row(*event) for event in history(plant, horizon=horizon, seed=seed)]


def differences(found: Iterable[Row], wanted: Iterable[Row], resolution: float, ordered: bool = True) -> list[str]:
    """Where two logs differ: in what happened, when by more than `resolution`, or in the order in which it happened on each machine, where the
    machines tell all of it.
    """
    mine, theirs = (
        [row if row.amount is None else row._replace(amount=round(row.amount, 6)) for row in rows]
        for rows in (found, wanted)
    )
    told = []
    for machine in sorted({row.machine for row in [*mine, *theirs] if row.machine is not None}):
        one, other = (
            [row[1:] for row in rows if row.machine == machine and row.what in ON_MACHINES] for rows in (mine, theirs)
        )
        if ordered and one != other:
            at = next(
                (i for i, pair in enumerate(zip(one, other, strict=False)) if pair[0] != pair[1]),
                min(len(one), len(other)),
            )
            told.append(f"{machine}: {one[at : at + 1]} as row {at}, and {other[at : at + 1]} in the log")
    times, wanted_times = _times(mine), _times(theirs)
    for what in times.keys() | wanted_times.keys():
        pair = times.get(what, []), wanted_times.get(what, [])
        if len(pair[0]) != len(pair[1]) or any(abs(a - b) > resolution for a, b in zip(*pair, strict=True)):
            told.append(f"{what}: at {pair[0][:5]}, and at {pair[1][:5]} in the log")
    return told


ON_MACHINES = ("started", "ended", "state", "people seized", "people let go", "tool seized", "tool let go")


def _times(rows: Iterable[Row]) -> dict[object, list[float]]:
    found: dict[object, list[float]] = {}
    for row in rows:
        found.setdefault(row[1:], []).append(row.time)
    return {what: sorted(times) for what, times in found.items()}
