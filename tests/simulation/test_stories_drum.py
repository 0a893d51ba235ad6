"""Drum, buffer, rope: lots start while less work is on its way to the drum than the rope is long. In minutes, worked out by hand."""

from __future__ import annotations

from pathlib import Path

import pytest

from plantwright.errors import SimulationError
from plantwright.plant import Plant, changed, read_text
from plantwright.simulation import begin, load, not_simulated
from tests.simulation.plants import first_difference, log_of

LINE = """
plant: A line with a drum
work centers: {{saw: {{machines: 1}}, oven: {{machines: 1}}, rest: {{machines: unlimited}}}}
products:
  pin:
    release: {{drum: oven, rope: {rope}}}
    routing: [cut: {{at: saw, time: 10 min}}, bake: {{at: oven, time: 30 min}}, pack: {{at: rest, time: 7 min}}]
"""


def released(plant: Plant, horizon: str = "3 h") -> list[object]:
    return [event[0] for event in log_of(plant, horizon, "released")]


def test_a_lot_starts_while_less_work_is_on_its_way_than_the_rope_is_long() -> None:
    """Half an hour each at the oven, and a rope of an hour: two lots at once. The first is baked from 10 on, the second from 40 on: each
    time another starts. With a rope of 61 minutes a third would start: 60 are on their way. Where it is packed does not matter.
    """
    plant = read_text(LINE.format(rope="60 min"))
    assert released(plant) == [0, 0, 10, 40, 70, 100, 130, 160]
    assert released(read_text(LINE.format(rope="61 min"))) == [0, 0, 0, 10, 40, 70, 100, 130, 160]
    assert released(read_text(LINE.format(rope="1 min"))) == [0, 10, 40, 70, 100, 130, 160]
    assert not_simulated(plant) == ()
    assert first_difference(plant, read_text(LINE.format(rope="61 min")), "3 h", "released", "started") == (
        (0, "started", "pin 1", "cut", "saw"),
        (0, "released", "pin 3", "cut", "saw", 1),
    )


def test_a_drum_that_stands_still_pulls_nothing() -> None:
    """The oven is maintained from 30 to 90: the lot that is in it goes on at first, so that maintenance begins at 40, and ends at 100."""
    maintained = changed(
        read_text(LINE.format(rope="60 min")),
        {"work centers > oven > maintenance": [{"every": "1000 h", "first": "30 min", "lasts": "1 h"}]},
    )
    assert released(maintained) == [0, 0, 10, 100, 130, 160]


def test_several_visits_count_until_the_last_begins() -> None:
    """The oven bakes 30 minutes, and after 100 at rest 5 minutes again: 35 of work a lot, and a rope of 40. Two start at once. The first is
    baked at 10: 5 and 35 are on their way, which is the rope. When the second is baked, at 40, it is 5 and 5, and a third starts.
    """
    plant = changed(
        read_text(LINE.format(rope="40 min")),
        {
            "products > pin > routing": [
                {"cut": {"at": "saw", "time": "10 min"}},
                {"bake": {"at": "oven", "time": "30 min"}},
                {"cool": {"at": "rest", "time": "100 min"}},
                {"again": {"at": "oven", "time": "5 min"}},
            ]
        },
    )
    # On their way: 35 and 70 at 0, 40 at 10, 10 and with the third 45 at 40, 15 and 50 at 70, 20 and 55 at 100, 25 and 60 at 130.
    assert released(plant, "135 min") == [0, 0, 40, 70, 100, 130]


def test_a_lot_that_is_scrapped_gives_its_work_back() -> None:
    """The saw spoils every lot: it is on its way to nothing, and another starts at once."""
    plant = changed(read_text(LINE.format(rope="1 min")), {"products > pin > routing > cut > yield": "0 %"})
    assert released(plant, "45 min") == [0, 10, 20, 30, 40]


def test_work_by_the_piece_and_several_products_by_their_mix() -> None:
    """Nuts are asked for twice as much as pins; lots of 3 pieces of 10 minutes, as pins are of 30. The rope of an hour holds two lots."""
    text = LINE.format(rope="60 min").replace("  pin:\n", "  pin:\n    demand: {rate: 24 pieces/day}\n") + (
        "  nut:\n    lot: 3 pieces\n    demand: {rate: 144 pieces/day}\n    release: {drum: oven, rope: 1 h}\n"
        "    routing: [bake: {at: oven, time: 10 min/piece}]\n"
    )
    begun = [(event[0], str(event[2]).split()[0]) for event in log_of(read_text(text), "2 h", "released")]
    assert [product for _, product in begun][:6] == ["nut", "pin", "nut", "nut", "pin", "nut"]


def test_it_goes_on_in_a_saved_and_in_a_changed_run(tmp_path: Path) -> None:
    """From 45 on the rope holds 90 minutes: at 45, 60 are on their way, and one more starts."""
    state = begin(read_text(LINE.format(rope="60 min")), horizon="3 h", log=True).run_until("45 min")
    state.save(tmp_path / "run.npz")
    whole = [
        event.time / 60 for event in load(tmp_path / "run.npz").run_until("3 h").history() if event.what == "released"
    ]
    assert whole == [0, 0, 10, 40, 70, 100, 130, 160]
    longer = state.changed({"products > pin > release > rope": "90 min"}).run_until("3 h").history()
    assert [event.time / 60 for event in longer if event.what == "released"] == [0, 0, 10, 40, 45, 70, 100, 130, 160]


def test_a_drum_that_no_lot_comes_to_is_refused() -> None:
    plant = changed(read_text(LINE.format(rope="1 h")), {"products > pin > routing > bake > at": "rest"})
    with pytest.raises(SimulationError, match="products > pin > release > drum: its lots have no work at 'oven'"):
        begin(plant, horizon="1 d")


def test_the_drum_counts_its_own_time_where_others_can_do_the_work() -> None:
    """The kiln bakes in 30 minutes, the oven in 15, which is what a lot weighs: four start at once. At 10 the first is baked in the kiln,
    at 20 the second in the oven, at 35 the third: each time one more starts.
    """
    plant = changed(
        read_text(LINE.format(rope="60 min")),
        {
            "work centers > kiln": {"machines": "1"},
            "products > pin > routing > bake > at": [{"center": "kiln"}, {"center": "oven", "time": "15 min"}],
        },
    )
    assert released(plant, "36 min") == [0, 0, 0, 0, 10, 20, 35]


def test_what_follows_a_join_weighs_once() -> None:
    """A lot weighs 30 minutes to bake and 10 to fire, beside which it is painted. At 10, when the first is baked, 10 and 40 are on their
    way: with a rope of 55 a third starts. The next starts when the third is baked, at 70: 10 of each are left; at 100 the first is fired,
    10, 10 and 40 are on their way; at 110 the second is, and 50 are.
    """
    plant = changed(
        read_text(LINE.format(rope="55 min")),
        {
            "products > pin > routing": [
                {"cut": {"at": "saw", "time": "10 min"}},
                {"bake": {"at": "oven", "time": "30 min", "after": "cut"}},
                {"paint": {"at": "rest", "time": "20 min", "after": "cut"}},
                {"fire": {"at": "oven", "time": "10 min", "after": ["bake", "paint"]}},
            ]
        },
    )
    assert released(plant, "115 min") == [0, 0, 10, 70, 110]
