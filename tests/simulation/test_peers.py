"""Plants that mix what the stories tell one by one, on the engine and on a second simulator with the same luck."""

from __future__ import annotations

import pytest

from plantwright.plant import Plant, read_text
from plantwright.simulation import simulate
from plantwright.simulation.codes import STATES
from tests.simulation.test_peers_people import DAY
from tests.simulation.test_peers_simulator import Peer

SHIFTS = """
shifts:
  day: {days: Mon-Sun, from: "06:00", to: "14:00", breaks: ["10:00-10:30"]}
  late: {days: Mon-Sun, from: "14:00", to: "21:00", breaks: ["17:00-17:30"]}
"""

PLANTS = {
    "one person between two machines of a line": """
people: {Ann: {skills: {load: 1}}}
work centers: {press: {machines: 1}, oven: {machines: 1}}
products:
  pot:
    release: {every: exponential 60 min}
    routing:
      - form: {at: press, time: exponential 15 min, load: exponential 6 min, staff: [{skill: load, for: load}]}
      - fire: {at: oven, time: exponential 18 min, staff: [{skill: load, for: run}]}
""",
    "a setter and a runner, setups, repairs by the setter": SHIFTS
    + """
people:
  Sue: {shift: day, skills: {set: 1, run: 1}}
  Roy: {shift: [day, late], skills: {run: 1}}
work centers:
  lathe:
    machines: 1
    shift: [day, late]
    setup: {default: exponential 12 min}
    failures: [{every: exponential 303 min, clock: working, repair: exponential 30 min, by: set 1}]
  wash: {machines: 1, shift: [day, late], buffer: 3 lots}
products:
  axle:
    release: {every: exponential 180 min}
    routing:
      - turn:
          at: lathe
          time: exponential 25 min
          load: 3.3 min
          staff: [{skill: set, for: setup}, {skill: run, for: [load, run]}]
      - wash: {at: wash, time: exponential 21 min, unload: 2.3 min, staff: [{skill: run, for: [run, unload]}]}
  bush:
    release: {every: exponential 200 min}
    routing:
      - turn: {at: lathe, time: exponential 20 min, staff: [{skill: set, for: setup}, {skill: run, for: [load, run]}]}
      - wash: {at: wash, time: exponential 11 min}
""",
    "failures by work and by the calendar, repairs by people across the end of their shift, maintenance": SHIFTS
    + """
people: {fitter: {shift: late, skills: {repair: 1}}}
work centers:
  saw:
    machines: 1
    shift: [day, late]
    failures: [{every: exponential 300 min, clock: working, repair: lognormal 90 min cv 0.8}]
  mill:
    machines: 2
    shift: [day, late]
    failures:
      - {every: exponential 400 min, clock: working, repair: exponential 70 min, by: repair 1}
      - {every: exponential 4000 min, clock: calendar, repair: 100 min}
    maintenance: [{every: 3011.7 min, lasts: 123.1 min}]
products:
  part:
    release: {every: exponential 60 min}
    routing: [cut: {at: saw, time: exponential 15 min}, mill: {at: mill, time: lognormal 30 min cv 0.5}]
""",
    "one person loads two machines": """
people: {Ann: {skills: {load: 1}}}
work centers: {press: {machines: 1}, oven: {machines: 1}}
products:
  lid:
    release: {every: exponential 40 min}
    routing: [form: {at: press, time: exponential 15 min, load: exponential 6 min, staff: [{skill: load, for: load}]}]
  pot:
    release: {every: exponential 45 min}
    routing: [fire: {at: oven, time: exponential 15 min, load: exponential 8 min, staff: [{skill: load, for: load}]}]
""",
    "setups by family, the earliest due first, priority": """
work centers:
  lathe: {machines: 2, rule: EDD, setup: {default: 17.3 min, from: {steel: {brass: 41.1 min}}, minor: 5.3 min}}
  check: {machines: 1, rule: [priority, FIFO]}
products:
  axle:
    family: steel
    release: {every: exponential 50 min, due: 431 min, priority: 1}
    routing: [turn: {at: lathe, time: exponential 13.7 min}, look: {at: check, time: exponential 9.1 min}]
  tap:
    family: brass
    release: {every: exponential 60 min, due: 199 min}
    routing: [turn: {at: lathe, time: exponential 11.3 min}, look: {at: check, time: lognormal 8.3 min cv 0.6}]
  nut:
    family: brass
    release: {every: exponential 80 min, due: 311 min, priority: 2}
    routing:
      - sort: {at: check, time: exponential 9.3 min}
      - turn: {at: lathe, time: uniform 10..20 min}
      - look: {at: check, time: exponential 4.3 min}
""",
    "batches that wait": """
work centers: {oven: {machines: 1, batch: {max: 4 lots, min: 2 lots, wait: 40 min}}, pack: {machines: 1}}
products:
  bun:
    release: {every: exponential 30 min}
    routing: [bake: {at: oven, time: exponential 60 min/batch}, pack: {at: pack, time: exponential 12 min}]
  loaf:
    release: {every: exponential 60 min}
    routing: [bake: {at: oven, time: exponential 50 min/batch}, pack: {at: pack, time: exponential 12 min}]
""",
    "batches between few places": """
work centers:
  shape: {machines: 1}
  oven: {machines: 2, batch: {max: 4 lots, min: 2 lots, wait: 37 min}, buffer: 5 lots}
  pack: {machines: 1, buffer: 2 lots}
products:
  bun:
    release: {every: exponential 40 min}
    routing:
      - shape: {at: shape, time: exponential 13.7 min}
      - bake: {at: oven, time: exponential 101.3 min/batch}
      - pack: {at: pack, time: exponential 17.1 min}
  loaf:
    release: {every: exponential 80 min}
    routing:
      - shape: {at: shape, time: exponential 11.3 min}
      - bake: {at: oven, time: exponential 91.3 min/batch}
      - pack: {at: pack, time: exponential 15.3 min}
""",
    "lots of pieces in a loop with cards, rework, scrap by piece and by lot, a delay, blocking, failures": """
work centers:
  print: {machines: 2, failures: [{every: exponential 771 min, clock: calendar, repair: exponential 54 min}]}
  place:
    machines: 1
    buffer: 3 lots
    failures: [{every: exponential 214 min, clock: working, repair: exponential 40 min}]
  cool: {machines: unlimited}
  test: {machines: 1, buffer: 40 lots}
products:
  board:
    lot: 10 pieces
    release: {conwip: 9 lots}
    routing:
      - print: {at: print, time: exponential 3 min/piece, yield: 90 %}
      - place: {at: place, time: lognormal 1.2 min cv 0.7/piece, load: 3 min/lot}
      - cool: {at: cool, time: exponential 60 min/lot}
      - test:
          at: test
          time: exponential 12 min/lot
          yield: 95 %
          scrap: lot
          rework: {share: 20 %, back to: place, at most: 1, then: scrap}
""",
    "demand lost and waiting, two products by priority, two shifts": SHIFTS
    + """
work centers:
  fill: {machines: 1, shift: day, rule: [priority, FIFO]}
  label: {machines: 1, shift: late, buffer: 40 lots}
products:
  soap:
    demand: {rate: 11 pieces/day, unmet: backlog}
    release: {every: exponential 120 min, priority: 2}
    routing: [fill: {at: fill, time: exponential 13.7 min}, label: {at: label, time: exponential 8.3 min}]
  salve:
    demand: {rate: 14 pieces/day, unmet: lost}
    release: {every: exponential 100 min}
    routing: [fill: {at: fill, time: exponential 12.7 min}, label: {at: label, time: exponential 7.3 min}]
""",
}


def by_the_peer(plant: Plant, warm: float, end: float, replication: int) -> dict[str, float]:
    """What the peer counts, by the names of the engine's estimates."""
    peer = Peer(plant, 5, replication)
    peer.run(warm, end)
    span = end - warm
    found = {"work in process": peer.area["in process"] / span}
    for name, center in plant.work_centers.items():
        own = [machine for machine in peer.machines if machine.center == name]
        if center.machines is not None:
            for state in STATES:
                found[f"state share {name} {state}"] = sum(m.time[state] for m in own) / span / len(own)
            found[f"buffer level {name}"] = peer.area[name] / span
            waits = peer.sums["queue time " + name]
            found[f"queue time {name}"] = sum(waits) / len(waits)
    for name, product in plant.products.items():
        found[f"throughput {name}"] = sum(peer.sums["throughput " + name]) / span * DAY
        found[f"cycle time {name}"] = sum(peer.sums["cycle time " + name]) / len(peer.sums["cycle time " + name])
        if product.demand:
            found[f"sales {name}"] = sum(peer.sums["sales " + name]) / span * DAY
    for name, crew in plant.people.items():
        there = sum(end - start for start, end in peer.spans(crew.shift)) if crew.shift else DAY
        found[f"use of people {name}"] = peer.area["use of " + name] / (span * there / DAY) / crew.count
    return found


@pytest.mark.parametrize("text", PLANTS.values(), ids=list(PLANTS))
def test_both_count_the_same_to_rounding(text: str) -> None:
    plant = read_text("plant: told twice\n" + text)
    run = simulate(plant, horizon=40 * DAY, warmup=5 * DAY, replications=2, seed=5)
    assert not run.not_simulated
    told = {
        " ".join((estimate.name, *estimate.of.values())): estimate.values
        for estimate in run.estimates
        if estimate.quantile is None
    }
    for replication in range(2):
        found = by_the_peer(plant, 5 * DAY, 45 * DAY, replication)
        assert {name: told[name][replication] for name in found} == pytest.approx(found, rel=1e-6, abs=1e-6)
