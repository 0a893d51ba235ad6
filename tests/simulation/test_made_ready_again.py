"""A changed plant that is made ready with what is kept of others is what it would be, were it the first that is made ready at all."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cache
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantwright.errors import PlantError, SimulationError
from plantwright.plant import Plant, build_plant, changed, plant_text, read_text
from plantwright.plant.document import plain, segments, with_value
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.own_rows import rows_of
from plantwright.simulation.records import draw_by
from plantwright.simulation.step_rows import around_of
from plantwright.simulation.streams import FAILURE, RELEASE, TIME, run_key, stream_plain
from plantwright.simulation.tables import Least, Tables
from tests.simulation.plants import EVERYTHING

DAY = 86400.0
TANGLED = """
plant: Everything that one product's steps share with another's
shifts:
  day: {days: Mon-Fri, from: "07:00", to: "15:00"}
people:
  Ana: {shift: day, skills: {setting: 3, running: 2}}
  Ben: {shift: day, skills: {running: 2, tending: 1}}
work centers:
  saw: {machines: 2, shift: day, setup: {default: 10 min, from: {blue: {red: 30 min}}}}
  lathe: {machines: [{name: old, only: [red, blue]}, {name: new, speed: 150 %}]}
  oven: {machines: 1, batch: {max: 8 lots, min: 2 lots, wait: 1 h}, batch with: same recipe}
  wash: {machines: 1, batch: {max: 4 lots}, batch with: any}
  rest: {machines: unlimited}
  pack: {machines: 3}
  bench: {machines: 1}
tools:
  jig: {count: 3}
  pallet: {count: 20}
materials:
  steel: {price: 2 EUR/kg, on hand: 900 kg, from: Mill, reorder: {at: 600 kg, up to: 2 t}}
  foil: {price: 1 EUR}
suppliers:
  Mill: {lead time: 2 d}
loops:
  cards: {cards: 12 lots, from: turn, until: harden}
products:
  red:
    lot: 4 pieces
    price: 9 EUR
    demand: {rate: 20 pieces/working day}
    stock: {capacity: 200 pieces}
    release: {conwip: 8 lots}
    routing:
      - cut: {at: [saw, lathe], time: exponential 2 min/piece, staff: [{skill: setting 2, for: setup}], takes: {steel: 3 kg/lot}, uses: [{tool: pallet, until: pack}]}
      - turn: {at: lathe, time: 3 min/piece, staff: [{skill: running 1, for: run}], defects: {crack: 2 %}, uses: [jig]}
      - harden: {at: oven, time: 90 min/batch}
      - cool: {at: rest, time: 2 h/lot}
      - look: {at: pack, time: 1 min/piece, finds: {crack: 90 %}, rework: {share: 5 %, back to: turn, at most: 2, then: scrap}}
      - pack: {at: pack, time: 5 min/lot, takes: {blue: 1/piece, foil: 1/piece, web: 3 m/lot}, queue time: {until: pack, within: 2 d}}
  blue:
    lot: 10 pieces
    family: blue
    release: {every: exponential 5 h}
    routing:
      - cut: {at: saw, time: exponential 2 min/piece, next: {mill: 60 %, wash: 40 %}}
      - mill: {at: [lathe, {center: pack, time: 9 min/lot, yield: 90 %}], time: 7 min/lot, yield: 97 %, split: 2 lots}
      - turn: {at: lathe, time: 2 min/lot}
      - wash: {at: wash, time: 20 min/batch, staff: [{skill: tending, tends: 3}], defects: {stain: 1 %}}
      - check: {at: lathe, time: 2 min/lot, same machine as: turn}
  grey:
    lot: 2 pieces
    release: {every: 9 h}
    routing:
      - wash: {at: wash, time: 20 min/batch}
      - saw: {at: saw, time: 4 min/lot, after: [wash]}
      - mark: {at: bench, time: 4 min/lot, after: [wash], staff: [{skill: running}]}
      - join: {at: pack, time: 2 min/lot, after: [saw, mark]}
  web:
    lot: 100 m
    release: {every: 9 h}
    routing:
      - weave: {at: bench, time: 1 h/lot}
      - fold: {at: bench, time: 1 h/lot, merge: 4 lots}
  bag:
    unit: bags
    lot: 50 m
    release: {every: 9 h}
    routing:
      - sew: {at: bench, time: 1 h/lot, gives: {bags: 2 bags/m}}
"""
EDITS: dict[str, list[Any]] = {
    "work centers > saw > machines": ["1", "3", "0", "many"],
    "work centers > oven > batch with": ["any", "same operation", "same recipe", None],
    "work centers > oven > batch": [None, {"max": "3 lots"}],
    "work centers > wash > batch": [None, {"max": "25 lots"}],
    "work centers > wash > machines": ["unlimited", "2"],
    "work centers > pack > machines": ["unlimited", "1"],
    "work centers > lathe > machines": [[{"name": "old", "only": ["grey"]}], "2"],
    "work centers > saw > setup": [None, "5 min", {"default": "1 min", "from": {"red": {"grey": "2 h"}}}],
    "work centers > mill": [{"machines": "2"}, None],
    "work centers > bench > machines": ["unlimited", "2"],
    "products > web > lot": ["1 km", "50 m"],
    "people > Ana > skills": [{"setting": "3"}, {"running": "3", "setting": "2"}],
    "people > Ben > skills > tending": [None, "2"],
    "people > Cleo": [{"shift": "day", "skills": {"running": "1", "tending": "2"}}, None],
    "tools > jig > count": ["1", "0"],
    "tools > pallet": [None, {"count": "40"}],
    "materials > steel > on hand": [None, "10 kg"],
    "materials > foil": [None, {"on hand": "50"}],
    "materials > blue": [{"price": "1 EUR"}, None],
    "loops > cards": [None, {"cards": "40 pieces", "from": "turn", "until": "harden"}],
    "loops > more": [{"cards": "5 lots", "from": "cut", "until": "cut"}, None],
    "loops > folded": [{"cards": "5 lots", "from": "weave", "until": "fold"}, {"cards": "3 lots", "from": "weave", "until": "fold"}, None],
    "materials > bags": [{"price": "1 EUR"}, None],
    "lines > belt": [{"index": "9 min", "stations": ["wash"]}, None],
    "products > blue > unit": ["m", "piece"],
    "products > blue > family": ["red", "blue", None],
    "products > blue > routing > mill > yield": ["80 %", None],
    "products > blue > routing > cut > time": ["exponential 3 min/piece", "3 min", "nothing"],
    "products > red > routing > turn > uses": [["jig", {"tool": "pallet", "until": "pack"}], None],
    "products > red > routing > turn > defects": [{"stain": "1 %", "crack": "3 %"}, None],
    "products > red > routing > cut > uses": [None, ["jig"]],
    "products > red > routing > cut > staff": [[{"skill": "running 2"}], [{"skill": "tending", "tends": "2"}], None],
    "products > red > routing > pack > takes": [{"steel": "1 kg/piece"}, {"grey": "1/lot"}, None],
    "products > red > stock": [None, {"capacity": "2 pieces"}, {"capacity": "9 lots"}],
    "products > grey": [None],
    "products > grey > routing > saw > after": [None, ["mark"]],
    "products > white": [
        {"lot": "5 pieces", "release": {"every": "3 h"}, "routing": [{"cut": {"at": "saw", "time": "2 min/piece"}}]},
        {"release": {"every": "3 h"}, "routing": [{"wash": {"at": "oven", "time": "2 h/batch"}}]},
        None,
    ],
    "rule": ["EDD", ["SPT", "FIFO"], None],
}  # fmt: skip


def of(blueprint: Blueprint) -> dict[str, Any]:
    """All of a plant that is ready, but where it lies in memory."""
    world = blueprint.template
    rows = {name: rows.tobytes() for name, rows in {**world.records, **world.arrays}.items()}
    names = {**blueprint.names, **blueprint._more_names}
    return {**rows, "names": {name: list(known) for name, known in names.items()}, "least": repr(blueprint.least)}


def ready(plant: Plant) -> dict[str, Any] | str:
    """The plant as released, saturated, and as a run goes on in it that began in the plant as it was; or why it cannot run."""
    return _ready([plant] * 3)


def alone(plant: Plant) -> dict[str, Any] | str:
    """The same of the plant's text, read anew each time: no object in it is known."""
    return _ready([read_text(plant_text(plant)) for _ in range(3)])


def _ready(plants: Sequence[Plant]) -> dict[str, Any] | str:
    first, second, third = plants
    try:
        made = [
            Blueprint(first, 9 * DAY, 2 * DAY, 0.0, False),
            Blueprint(second, 9 * DAY, 2 * DAY, 0.0, True, 20),
            Blueprint(third, 9 * DAY, 2 * DAY, 0.0, False, None, began()),
        ]
    except SimulationError as error:
        return str(error)
    return {f"{name} {k}": value for k, one in enumerate(made) for name, value in of(one).items()}


@cache
def began() -> Least:
    """What is begun in the plant before any edit."""
    return Blueprint(read_text(TANGLED), 9 * DAY, 2 * DAY, 0.0, False).least


def problems(error: PlantError) -> list[tuple[object, ...]]:
    """What is wrong, wherever it stands."""
    told = ((found.code, found.path, found.reason, found.value, found.suggestion) for found in error.problems)
    return sorted(told, key=repr)


def tried(plant: Plant, path: str, value: Any) -> Plant:
    """The plant with an edit, if that leads anywhere and it is right then; it must be wrong in the same way that it is when read alone."""
    assert plant.document is not None
    try:
        root = with_value(plant.document.root, segments(path), value, path)
    except PlantError:
        return plant
    whole, after = told(lambda: build_plant(plain(root))), told(lambda: changed(plant, {path: value}))
    if isinstance(after, list):
        assert after == whole
        return plant
    assert not isinstance(whole, list), whole
    return after


def told(make: Callable[[], Plant]) -> Plant | list[tuple[object, ...]]:
    """A plant, or what is wrong with it."""
    try:
        return make()
    except PlantError as error:
        return problems(error)


@settings(max_examples=20, deadline=None)
@given(st.lists(st.sampled_from([(path, value) for path, values in EDITS.items() for value in values]), max_size=4))
def test_what_is_kept_changes_nothing(edits: list[tuple[str, Any]]) -> None:
    """Whatever was made ready before: row by row the changed plant is the one whose text was read by itself, of other objects."""
    plant = read_text(TANGLED)
    for path, value in edits:
        plant = tried(plant, path, value)
        assert ready(plant) == alone(plant), (path, value)


@pytest.mark.parametrize("text", [EVERYTHING, TANGLED], ids=["everything", "tangled"])
def test_each_edit_by_itself(text: str) -> None:
    plant = read_text(text)
    before = ready(plant)
    for path, values in EDITS.items():
        for value in values:
            after = tried(plant, path, value)
            assert ready(after) == alone(after), (path, value)
    assert ready(plant) == before


def test_a_product_that_stays_keeps_its_rows() -> None:
    plant = read_text(TANGLED)
    after = changed(
        plant, {"work centers > saw > machines": "3", "products > red > routing > turn > time": "4 min/piece"}
    )

    def kept(name: str) -> list[Any]:
        tables = [Tables(one, DAY) for one in (plant, after)]
        return [rows_of(table.plant.products[name], around_of(table, table.plant.products[name])) for table in tables]

    one, other = kept("blue")
    assert one is other
    one, other = kept("red")
    assert one is not other


def test_it_may_be_made_ready_on_threads() -> None:
    plant = read_text(TANGLED)
    others = [changed(plant, {"products > red > routing > turn > time": f"{k} min/piece"}) for k in range(1, 9)]
    expected = [alone(other) for other in others]
    rows_of.forget()
    with ThreadPoolExecutor(8) as pool:
        assert list(pool.map(ready, others)) == expected


def test_the_streams_of_all_rows_at_once_are_those_of_one_after_the_other() -> None:
    blueprint = Blueprint(read_text(EVERYTHING), 9 * DAY, 2 * DAY, 0.0, False)
    for seed, replication in ((1, 0), (2, 7), (2**63 + 5, 3), (-4, 1)):
        world, key = blueprint.template.clone(), run_key(seed, replication)
        draw_by(world, key)
        assert int(world.run.key[0]) == key
        for concept, purpose in (("operation", TIME), ("release", RELEASE), ("mode", FAILURE)):
            rows = world.records[concept]
            alone = [stream_plain(key, purpose, int(entity)) for entity in rows["key"]]
            assert rows["stream"].astype(np.uint64).tolist() == alone
