"""What comes new while a plant runs, and what is no more, worked out by hand. Times are in minutes; jobs take an hour, lots come as listed."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError, SimulationError
from plantwright.plant import changed
from tests.simulation.plants import hours, log_of, shop, tell
from tests.simulation.test_stories_changes import SAW, THREE, after


def test_a_dated_change_brings_a_work_center_and_a_step_there() -> None:
    """From 30 on pins are polished for 5 minutes at a bench that comes then; without it the first pin is done at 60."""
    text = SAW + (
        "changes:\n"
        "  - {on: 2026-01-05 00:30, set: work centers > bench, to: {machines: 1}}\n"
        "  - {on: 2026-01-05 00:30, set: products > pin > routing, to: "
        "[{cut: {at: saw, time: 1 h}}, {polish: {at: bench, time: 5 min}}]}\n"
    )
    done = [(60, "ended", "pin 1", "cut", "saw"), (65, "ended", "pin 1", "polish", "bench")]
    assert log_of(shop(text, "pin 00:00"), "1 d", "ended") == done
    assert log_of(shop(SAW, "pin 00:00"), "1 d", "ended") == done[:1]


def test_a_dated_change_may_begin_a_section() -> None:
    text = SAW + "changes: [{on: 2026-01-05 00:30, set: tools > die, to: {count: 1}}]\n"
    assert log_of(shop(text, "pin 00:00"), "1 d", "ended") == [(60, "ended", "pin 1", "cut", "saw")]


def test_an_area_whose_maintenance_is_no_more_holds_nobody_back() -> None:
    """Maintenance of the yard is due at 20 and waits for the first pin until 60: the second starts at 65. If it is no more from 30 on,
    the second starts at 60.
    """
    care = [{"every": "5 h", "first": "20 min", "lasts": "5 min"}]
    failures = [{"every": "100 h", "repair": "1 h"}]
    yard = {"work centers": ["saw"], "maintenance": care, "failures": failures}
    kept = changed(shop(SAW, *THREE), {"areas > yard": yard})
    assert after(kept, "30 min", "started", work_centers__press__machines=1)[1] == (
        65,
        "started",
        "pin 2",
        "cut",
        "saw",
    )
    assert after(kept, "30 min", "started", areas__yard__maintenance=[])[1] == (60, "started", "pin 2", "cut", "saw")


def test_the_log_names_an_area_that_is_no_more() -> None:
    """Ana repairs the yard, which stops at 20 for 10 minutes; the yard's failures are no more from 40 on."""
    failures = [{"every": "20 min", "repair": "10 min", "by": "sawing"}]
    plant = changed(shop(SAW, "pin 00:00"), {"areas > yard": {"work centers": ["saw"], "failures": failures}})
    told = [
        (20, "people seized", None, "yard", "Ana"),
        (30, "people let go", None, "yard", "Ana"),
    ]
    found = after(plant, "40 min", "people seized", "people let go", areas=None)
    assert [(event[0], event[1], None, *event[2:]) for event in found] == told


def test_a_store_that_a_change_makes_low_is_ordered_for_at_once() -> None:
    """Nothing is taken; 5 kg are enough until the change at 30 makes 8 kg the level at which 15 kg are ordered; they come an hour later."""
    edits = {
        "suppliers > mill": {"lead time": "1 h"},
        "materials > steel": {"on hand": "5 kg", "from": "mill", "reorder": {"at": "2 kg", "up to": "20 kg"}},
    }
    plant = changed(shop(SAW, "pin 00:00"), edits)
    words = ("material ordered", "material delivered")
    assert [event[:2] for event in after(plant, "30 min", *words, materials__steel__reorder__at="8 kg")] == [
        (30, "material ordered"),
        (90, "material delivered"),
    ]
    assert after(plant, "30 min", *words, materials__steel__reorder__at="4 kg") == []


def test_outages_of_a_supplier_that_are_new_count_from_the_change() -> None:
    """An outage comes 10 minutes after the change at 30 and lasts an hour: steel that is ordered at 60 waits for its end at 100."""
    edits = {
        "suppliers > mill": {"lead time": "5 min"},
        "materials > steel": {"on hand": "5 kg", "from": "mill", "reorder": {"at": "4 kg", "up to": "20 kg"}},
        "products > pin > routing > cut > takes": {"steel": "2 kg/lot"},
    }
    plant = changed(shop(SAW, "pin 01:00"), edits)
    outage = {"lead time": "5 min", "outage": {"every": "10 min", "lasts": "1 h"}}
    assert after(plant, "30 min", "material delivered", suppliers__mill=outage)[0][0] == 105
    assert [event[0] for event in after(plant, "30 min", "material delivered", suppliers__mill__lead_time="6 min")] == [
        66
    ]


def test_cards_of_a_rule_that_has_none_any_more_go_nowhere() -> None:
    """Bolts and pins have a card each. Once pins come by the clock, the pin that is done at 120 brings no card to the bolts: the second
    bolt starts when the first is done, at 60, and the third at 180.
    """
    conwip = SAW.replace("{orders: orders.csv}", "{conwip: 1 lot}")
    bolt = {"release": {"conwip": "1 lot"}, "routing": [{"turn": {"at": "press", "time": "1 h"}}]}
    plant = changed(shop(conwip), {"products": {"bolt": bolt, "pin": {"release": {"conwip": "1 lot"}, "routing": [{"cut": {"at": "saw", "time": "2 h"}}]}}})  # fmt: skip
    released = after(plant, "30 min", "released", products__pin__release={"every": "10 h"})
    assert [event[:3] for event in released[:5]] == [
        (0, "released", "bolt 1"),
        (0, "released", "pin 2"),
        (60, "released", "bolt 3"),
        (120, "released", "bolt 4"),
        (180, "released", "bolt 5"),
    ]


def test_an_order_keeps_its_routing_when_its_list_is_no_more() -> None:
    """The order has a routing of its own, cut only; from 30 on pins come every 10 hours, and it still is not pressed."""
    steps = [{"cut": {"at": "saw", "time": "1 h"}}, {"press": {"at": "press", "time": "1 h"}}]
    plant = changed(shop(SAW, "pin 00:00 routing=cut"), {"products > pin > routing": steps})
    ended = after(plant, "30 min", "ended", products__pin__release={"every": "20 h"})
    assert [event[:4] for event in ended[:2]] == [(60, "ended", "pin 1", "cut"), (1290, "ended", "pin 2", "cut")]


def test_what_is_carried_until_a_step_is_given_back_there_though_the_step_before_asks_for_it_no_more() -> None:
    """Pins are cut on a pallet until they are pressed, at 120. From 30 on cutting needs none; the pallet comes back at 120 all the same."""
    edits = {
        "tools > pallet": {"count": "1"},
        "products > pin > routing": [
            {"cut": {"at": "saw", "time": "1 h", "uses": [{"tool": "pallet", "until": "press"}]}},
            {"press": {"at": "press", "time": "1 h"}},
            {"pack": {"at": "press", "time": "1 h"}},
        ],
    }
    plant = changed(shop(SAW, "pin 00:00"), edits)
    found = after(plant, "30 min", "tool let go", products__pin__routing__cut__uses=[])
    assert [event[0] for event in found] == [120]


def test_vehicles_that_come_take_the_lots_that_wait() -> None:
    """One cart takes an hour to the press and an hour back: of two pins that are cut at 10 and 20 the second leaves at 130, when the cart
    is back. A second cart from 30 on takes it at once.
    """
    edits = {
        "products > pin > routing": [
            {"cut": {"at": "saw", "time": "10 min"}},
            {"press": {"at": "press", "time": "1 min"}},
        ],
        "transport > cart": {"count": "1", "speed": "1 m/s", "distances": "ways.csv"},
    }
    plant = changed(shop(SAW, *THREE[:2], files={"ways.csv": "from,to,distance\nsaw,press,3600 m\n"}), edits)
    left = [event[0] for event in after(plant, "30 min", "vehicle left", work_centers__press__machines=1)]
    more = [event[0] for event in after(plant, "30 min", "vehicle left", transport__cart__count=2)]
    assert (left, more) == ([10, 130], [10, 30])


def test_customers_that_come_by_a_change_are_asked_at_the_next_midnight() -> None:
    """There is room for two; nobody buys, so that the third pin finds no place. With customers from 30 on both are sold at
    midnight, and the third, which is done at 180, comes into stock then.
    """
    plant = changed(shop(SAW, *THREE), {"products > pin > stock": {"capacity": "2 pieces"}})
    demand = {"on": "2026-01-05 00:30", "set": "products > pin > demand", "to": {"rate": "5 pieces/day"}}
    assert [event[0] for event in log_of(plant, "2 d", "completed")] == [60, 120]
    assert [event[0] for event in log_of(changed(plant, {"changes": [demand]}), "2 d", "completed")] == [60, 120, 1440]


def test_a_machine_that_comes_back_warms_up() -> None:
    """The second saw is away from 30 to 100; saws warm up for 6 minutes after half an hour away, and have work all the time."""
    edits = {
        "work centers > saw > machines": "2",
        "work centers > saw > start-up": {"after": "30 min", "lasts": "6 min"},
    }
    changes = [
        {"on": "2026-01-05 00:30", "set": "work centers > saw > machines", "to": "1"},
        {"on": "2026-01-05 01:40", "set": "work centers > saw > machines", "to": "2"},
    ]
    lots = ("pin 00:00", "pin 01:20", "pin 01:20", "pin 01:20")
    plant = changed(shop(SAW, *lots), edits | {"changes": changes})
    assert log_of(plant, "1 d", "started")[1:3] == [
        (80, "started", "pin 2", "cut", "saw 1"),
        (106, "started", "pin 3", "cut", "saw 2"),
    ]


def test_a_machine_that_is_to_leave_and_stays_keeps_its_clocks() -> None:
    """The second saw fails after 50 minutes of work, at 50, for 5 minutes, whether or not it was to leave from 10 to 20."""
    edits = {
        "work centers > saw > machines": "2",
        "work centers > saw > failures": [{"every": "50 min", "repair": "5 min"}],
    }
    changes = [
        {"on": "2026-01-05 00:10", "set": "work centers > saw > machines", "to": "1"},
        {"on": "2026-01-05 00:20", "set": "work centers > saw > machines", "to": "2"},
    ]
    plant = changed(shop(SAW, "pin 00:00", "pin 00:00"), edits)
    ends = [log_of(p, "1 d", "ended") for p in (plant, changed(plant, {"changes": changes}))]
    assert ends[0] == ends[1] == [(65, "ended", "pin 1", "cut", "saw 1"), (65, "ended", "pin 2", "cut", "saw 2")]


@pytest.mark.parametrize(
    ("path", "to"),
    [("work centers > saw > places", "2"), ("transport > cart > count", "1"), ("products > pin > stock", None)],
)
def test_what_cannot_be_taken_away_is_refused(path: str, to: str | None) -> None:
    edits = {
        "transport > cart": {"count": "2", "speed": "1 m/s", "distances": "ways.csv"},
        "products > pin > stock": {"capacity": "9 pieces"},
    }
    plant = changed(shop(SAW, *THREE, files={"ways.csv": "from,to,distance\nsaw,press,3600 m\n"}), edits)
    with pytest.raises((PlantError, SimulationError), match=r"places|vehicle|stock"):
        after(plant, "30 min", "started", **{path.replace(" > ", "__").replace(" ", "_"): to})


def test_a_machine_that_is_to_leave_fails_as_long_as_it_has_its_job() -> None:
    """At 01:10 the second machine is to leave, in a repair until 01:40. A failure that fell due at 01:30 strikes then, until 02:10; without it
    work goes on at 01:40. It fails again an hour after its repairs, at 02:40, and leaves as it would have."""
    text = """
plant: Two failures
work centers:
  m:
    machines: 2
    failures:
      - {every: 1 h, clock: calendar, repair: 40 min}
      - {every: 90 min, clock: calendar, repair: 30 min}
products: {part: {release: {orders: orders.csv}, routing: [do: {at: m, time: 100 min}]}}
changes: [{on: 2026-01-05 01:10, set: work centers > m > machines, to: 1}]
"""
    two, one = (
        shop(text, "part 00:00", "part 00:00"),
        shop(text.replace("every: 90 min", "every: 9 d"), "part 00:00", "part 00:00"),
    )
    states = [row for row in log_of(two, "5 h", "state") if row[2] == "m 2" and row[0] > 0]
    # 60 min are worked until 01:00, 30 from 02:10 to 02:40 and, after another repair, the last 10 from 03:20 to 03:30.
    assert states == [
        (60, "state", "m 2", "in repair"),
        (130, "state", "m 2", "working"),
        (160, "state", "m 2", "in repair"),
        (200, "state", "m 2", "working"),
        (210, "state", "m 2", "not there"),
    ]
    assert [row[0] for row in log_of(one, "5 h", "state") if row[2] == "m 2" and row[0] > 0] == [60, 100, 140]


def test_a_machine_that_leaves_while_its_shift_is_off_was_off_shift_until_then() -> None:
    """Two saws, from 06:00 to 14:00; the second leaves at 02:00: 14 machine hours in the day's first twelve, of which two and six are off shift."""
    plant = shop(
        """
plant: Two saws
shifts: {day: {days: Mon-Fri, from: "06:00", to: "14:00"}}
work centers: {saw: {machines: 2, shift: day}}
products: {pin: {release: {orders: orders.csv}, routing: [cut: {at: saw, time: 1 h/lot}]}}
changes: [{on: 2026-01-05 02:00, set: work centers > saw > machines, to: 1}]
""",
        "pin 00:00",
    )
    of_twelve = hours(tell(plant, "12 h"), "saw")
    assert of_twelve == {
        state: pytest.approx(12 * share / 14) for state, share in {"off shift": 8, "starved": 5, "working": 1}.items()
    }
