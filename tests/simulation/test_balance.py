"""What flows through stores balances to the unit, and what is ordered is what comes, in a plant with all of them."""

from __future__ import annotations

import pytest

from plantwright.plant import Plant
from plantwright.plant.document import Document, parse_yaml
from plantwright.plant.reading import from_document
from plantwright.simulation import history, simulate

TEXT = """
plant: Everything that flows
shifts: {day: {days: Mon-Sat, from: "06:00", to: "22:00"}}
people: {Ann: {shift: day, skills: {joining: 1}}, Tom: {skills: {repair: 1}}}
work centers:
  melter: {machines: 2, failures: [{every: exponential 30 h, repair: 2 h, by: repair, takes: {lining: 1 piece}}]}
  caster: {machines: 2, shift: day}
  mill: {machines: 1}
  bench: {machines: 2, batch: {max: 3 lots, min: 1 lot, wait: 2 h}}
materials:
  ore: {on hand: 300 kg, from: Mine, reorder: {at: 200 kg, up to: 900 kg}}
  lining: {on hand: 2 pieces, from: Mine, reorder: {at: 1 piece, up to: 3 pieces}}
  screws: {on hand: 40 pieces, reorder: {at: 10 pieces, up to: 60 pieces}}
  slag: {on hand: 0 kg}
suppliers: {Mine: {lead time: gamma 30 h cv 0.6, outage: {every: exponential 9 d, lasts: exponential 1 d}}}
buffers: {lane: {capacity: 4 lots, transit: 10 min, feeds: [caster, mill]}}
transport: {cart: {count: 1, speed: 0.5 m/s, distances: d.csv}}
products:
  plate:
    unit: plate
    lot: 10 kg
    release: {every: exponential 90 min}
    stock: {capacity: 90 plates}
    routing:
      - melt: {at: melter, time: uniform 40..80 min/lot, takes: {ore: 1.3 kg/kg}, gives: {slag: 0.3 kg/kg}, yield: 95 %, rework: {share: 10 %, back to: melt}}
      - cast: {at: caster, time: 5 min/kg, gives: {plates: 3 plates/kg}, next: {mill: 70 %, end: 30 %}}
      - mill: {at: mill, time: exponential 90 s/plate, yield: 90 %}
  box:
    demand: {rate: 40 boxes/day, unmet: backlog, season: {Jan: 120 %}}
    unit: box
    lot: 4 boxes
    release: {conwip: 9 lots}
    routing:
      - join: {at: bench, time: 3 h/batch, staff: [{skill: joining}], takes: {plate: 4 plates/box, screws: 6 pieces/lot, slag: 0.1 kg/batch}}
"""


@pytest.fixture(scope="module")
def plant() -> Plant:
    files = {"d.csv": "from,to,distance\nmelter,caster,300 m\ncaster,mill,200 m\n"}
    return from_document(Document(parse_yaml(TEXT, "plant.yaml"), "plant.yaml", TEXT, None, files))


def test_stores_balance(plant: Plant) -> None:
    """At every moment: what there was, came, and was given or made, less what was taken and sold, is not below nothing; orders come whole."""
    rows = list(history(plant, horizon="28 d"))
    level = {name: material.on_hand or 0.0 for name, material in plant.materials.items()} | dict.fromkeys(
        plant.products, 0.0
    )
    ordered = dict.fromkeys(plant.materials, 0.0)
    kinds: dict[str, int] = {}
    for event in rows:
        kinds[event.what] = kinds.get(event.what, 0) + 1
        if event.what == "material ordered":
            ordered[event.detail] += event.amount  # type: ignore[index, operator]
            most = plant.materials[event.detail].reorder_up_to  # type: ignore[index]
            assert level[event.detail] + ordered[event.detail] == pytest.approx(most)  # type: ignore[index]
        elif event.what == "material delivered":
            ordered[event.detail] -= event.amount  # type: ignore[index, operator]
            level[event.detail] += event.amount  # type: ignore[index, operator]
        elif event.what == "material taken":
            level[event.detail] -= event.amount  # type: ignore[index, operator]
            assert level[event.detail] >= -1e-6  # type: ignore[index]
        elif event.what == "given":
            level[event.detail] += event.amount  # type: ignore[index, operator]
        elif event.what == "completed":
            level[event.product] += event.amount  # type: ignore[index, operator]
            # What comes in finds room, whatever a customer takes of it.
            assert event.product != "plate" or level["plate"] <= 90 + 1e-6
    assert min(ordered.values()) >= -1e-6
    for what in (
        "material ordered",
        "material delivered",
        "material taken",
        "given",
        "vehicle left",
        "vehicle came",
        "reworked",
    ):
        assert kinds[what] > 20, what
    assert 0 <= kinds["vehicle left"] - kinds["vehicle came"] <= 1


def test_books_agree_with_the_log(plant: Plant) -> None:
    """Of the second replication: what was used, and what was on hand in the mean, as the rows tell it."""
    span = 28 * 86400.0
    run = simulate(plant, horizon=span, warmup=0.0, replications=2)
    used = dict.fromkeys(plant.materials, 0.0)
    level = {name: material.on_hand or 0.0 for name, material in plant.materials.items()}
    area = {name: on_hand * span for name, on_hand in level.items()}
    for event in history(plant, horizon=span, replication=2):
        change = {"material delivered": 1, "given": 1, "material taken": -1}.get(event.what, 0)
        if change and event.detail in used:
            assert event.amount is not None
            area[event.detail] += change * event.amount * (span - event.time)
            if event.what != "material delivered":
                used[event.detail] -= change * event.amount
    for name in plant.materials:
        assert run.estimate("material used", material=name).values[1] * run.working_days == pytest.approx(used[name])
        assert run.estimate("buffer level", material=name).values[1] * span == pytest.approx(area[name])
