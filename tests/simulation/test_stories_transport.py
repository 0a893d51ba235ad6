"""Buffers that work centers share, with and without a transit, and vehicles that carry lots. Stories worked out by hand."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError, SimulationError
from plantwright.plant import Plant, changed
from plantwright.plant.document import Document, parse_yaml
from plantwright.plant.reading import from_document
from plantwright.simulation import simulate
from tests.simulation.plants import exactly, first_difference, hours, log_of, shop, tell


def two_ways(
    buffers: str, a: str = "", orders: tuple[str, ...] = (), lot: str = "1 piece", time: str = "2 h/lot"
) -> Plant:
    """A source of an hour a lot; reds go to `a`, blues to `b`, each of two hours."""
    text = f"""
plant: Two ways
work centers: {{source: {{machines: 1}}, a: {{machines: 1{a}}}, b: {{machines: 1}}}}
{buffers}
products:
"""
    for name, center in (("red", "a"), ("blue", "b")):
        if not any(order.startswith(name) for order in orders):
            continue
        text += (
            f"  {name}: {{lot: {lot}, release: {{orders: orders.csv}}, routing: [make: {{at: source, time: 1 h/lot}}, "
            f"work: {{at: {center}, time: {time}}}]}}\n"
        )
    return shop(text, *orders)


REDS = ("red 00:00",) * 4 + ("blue 00:10",)


class TestSharedBuffers:
    def test_lots_beyond_the_machines_share_its_places(self) -> None:
        """Reds come at 1, 2 and 3 o'clock: one is worked on, one waits in the only place until 03:00, then the third does. The fourth, done
        at 04:00, blocks the source until `a` is free at 05:00, so that the blue comes to its idle machine at 06:00.
        """
        free = two_ways("", orders=REDS)
        lane = two_ways("buffers: {lane: {capacity: 1 lot, feeds: [a, b]}}", orders=REDS)
        assert first_difference(free, lane, "8 h", "state", "started") == (
            (240, "started", "blue 5", "make", "source"),
            (240, "state", "source", "blocked"),
        )
        assert [row for row in log_of(lane, "8 h", "started") if row[3] == "work"] == [
            (60, "started", "red 1", "work", "a"),
            (180, "started", "red 2", "work", "a"),
            (300, "started", "red 3", "work", "a"),
            (360, "started", "blue 5", "work", "b"),
            (420, "started", "red 4", "work", "a"),
        ]
        assert hours(tell(lane, "8 h"), "source") == {"working": 5, "blocked": 1, "starved": 2}

    def test_what_waits_for_one_takes_the_place_of_the_other(self) -> None:
        """A red that waits for `a` keeps the second blue out, although `b` has nobody waiting; two places let it in."""
        orders = ("red 00:00", "red 00:00", "blue 00:10", "blue 00:20")
        one = two_ways("buffers: {lane: {capacity: 1 lot, feeds: [a, b]}}", orders=orders, time="9 h/lot")
        two = two_ways("buffers: {lane: {capacity: 2 lots, feeds: [a, b]}}", orders=orders, time="9 h/lot")
        queued = [row for row in log_of(two, "9 h", "queued") if row[3] == "work"]
        assert [row[0] for row in queued] == [60, 120, 180, 240]
        # A red starts at `a` at 01:00 and ends at 10:00, when the place falls free for the blue.
        assert [row[0] for row in log_of(one, "11 h", "queued") if row[3] == "work"] == [60, 120, 180, 600]
        assert exactly(tell(two, "9 h"), "buffer level", buffer="lane") == pytest.approx((7 + 5) / 9)

    def test_a_place_that_falls_free_serves_the_other_work_center(self) -> None:
        """The two sources are blocked by lots for `b`; the place is freed by `a`."""
        plant = shop(
            """
plant: Sources
work centers: {s: {machines: 1}, t: {machines: 1}, a: {machines: 1}, b: {machines: 1}}
buffers: {lane: {capacity: 1 lot, feeds: [a, b]}}
products:
  red: {release: {orders: orders.csv}, routing: [make: {at: s, time: 1 h}, work: {at: a, time: 3 h}]}
  blue: {release: {orders: orders.csv}, routing: [make: {at: t, time: 1 h}, work: {at: b, time: 9 h}]}
""",
            "red 00:00",
            "red 00:00",
            "blue 00:10",
            "blue 01:20",
        )
        # The second red has the place from 02:00 to 04:00; the second blue, ready at 02:20, comes in at 04:00.
        assert [row[:3] for row in log_of(plant, "8 h", "queued") if row[3] == "work"] == [
            (60, "queued", "red 1"),
            (70, "queued", "blue 3"),
            (120, "queued", "red 2"),
            (240, "queued", "blue 4"),
        ]

    def test_places_in_pieces(self) -> None:
        """Lots of four: of five pieces one lot more has room, of eight two."""
        words = "buffers: {lane: {capacity: %s, feeds: [a, b]}}"
        five, eight = (two_ways(words % amount, orders=("red 00:00 quantity=16",), lot="4 pieces", time="9 h/lot") for amount in ("5 pieces", "8 pieces"))  # fmt: skip
        assert [row[0] for row in log_of(five, "9 h", "queued") if row[3] == "work"] == [60, 120]
        assert [row[0] for row in log_of(eight, "9 h", "queued") if row[3] == "work"] == [60, 120, 180]

    @pytest.mark.parametrize("places", ["buffers: {lane: {capacity: 0.3 kg, feeds: [a, b]}}", ""])
    def test_places_in_kilograms_add_up(self, places: str) -> None:
        """Three lots of 0.1 kg find room in 0.3 kg, whatever rounding says; a fifth, done at 05:00, does not."""
        own = "" if places else ", buffer: 0.3 kg"
        plant = two_ways(places, own, orders=("red 00:00 quantity=0.1",) * 5, lot="0.1 kg", time="9 h/lot")
        assert [row[0] for row in log_of(plant, "9 h", "queued") if row[3] == "work"] == [60, 120, 180, 240]

    def test_a_lot_starts_once_it_is_through(self) -> None:
        """Ten minutes through the lane; it has its place, and the time there is no queue time."""
        plain = two_ways("buffers: {lane: {capacity: 1 lot, feeds: [a, b]}}", orders=("red 00:00", "red 00:00"))
        slow = changed(plain, {"buffers > lane > transit": "10 min"})
        assert first_difference(plain, slow, "9 h", "started") == (
            (60, "started", "red 1", "work", "a"),
            (60, "started", "red 2", "make", "source"),
        )
        assert [row[:3] for row in log_of(slow, "9 h", "queued", "started") if row[3] == "work"] == [
            (70, "queued", "red 1"),
            (70, "started", "red 1"),
            (130, "queued", "red 2"),
            (190, "started", "red 2"),
        ]
        run = tell(slow, "9 h")
        assert exactly(run, "queue time", work_center="a") == pytest.approx(60 * 60 / 2)
        assert exactly(run, "buffer level", work_center="a") == pytest.approx((10 + 10 + 60) / 60 / 9)
        assert run.not_simulated == ()

    def test_what_goes_through_takes_a_place(self) -> None:
        """Two hours through a lane of one place: `a` stands empty, so a first lot and a second may be on their way; the third, done at
        03:00 as the first is through, finds `a` busy and the place taken until 06:00.
        """
        plant = two_ways(
            "buffers: {lane: {capacity: 1 lot, transit: 2 h, feeds: [a]}}", orders=("red 00:00",) * 4, time="3 h/lot"
        )
        assert hours(tell(plant, "6.5 h"), "source") == {"working": 3.5, "blocked": 3}
        assert [row[:3] for row in log_of(plant, "6.5 h", "started") if row[3] == "work"] == [
            (180, "started", "red 1"),
            (360, "started", "red 2"),
        ]

    def test_a_ring_of_shared_buffers_locks_up(self) -> None:
        text = """
plant: Ring
work centers: {m1: {machines: 1}, m2: {machines: 1}}
buffers: {lane: {capacity: 0 lots, feeds: [m1, m2]}}
products: {part: {release: saturated, routing: [a: {at: m1, time: 1 h}, b: {at: m2, time: 1 h}, again: {at: m1, time: 1 h}]}}
"""
        with pytest.raises(SimulationError, match="locks up"):
            tell(shop(text), "1 d")

    @pytest.mark.parametrize(
        ("buffers", "a", "message"),
        [
            ("{lane: {capacity: 1 lot, feeds: [a]}}", ", buffer: 2 lots", "'a' has a buffer of its own"),
            (
                "{lane: {capacity: 1 lot, feeds: [a]}, other: {capacity: 1 lot, feeds: [a]}}",
                "",
                "fed by 'lane' already",
            ),
            ("{lane: {capacity: 1 lot}}", "", "'lane' feeds no work center"),
        ],
    )
    def test_what_contradicts_itself_is_refused(self, buffers: str, a: str, message: str) -> None:
        with pytest.raises(PlantError, match=message):
            two_ways(f"buffers: {buffers}", a, REDS)


def carried(
    transport: str = "transport: {AGV: {count: 1, speed: 1 m/s, distances: d.csv}}",
    distances: str = "from,to,distance\nsaw,mill,600 m\nmill,drill,300 m\nsaw,drill,900 m\n",
    orders: tuple[str, ...] = ("00:00", "00:00"),
    mill: str = "",
) -> Plant:
    """Sawing 5 min, milling 20 min, drilling 5 min; ten minutes from saw to mill, five on to the drill, fifteen from drill to saw."""
    text = f"""
plant: Carried
work centers: {{saw: {{machines: 1}}, mill: {{machines: 1{mill}}}, drill: {{machines: 1}}}}
{transport}
products:
  part: {{release: {{orders: orders.csv}}, routing: [saw: {{at: saw, time: 5 min}}, mill: {{at: mill, time: 20 min}}, drill: {{at: drill, time: 5 min}}]}}
"""
    lines = ["product,release,quantity", *(f"part,2026-01-05 {order},1" for order in orders)]
    files = {"orders.csv": "\n".join(lines) + "\n", "d.csv": distances}
    return from_document(Document(parse_yaml(text, "plant.yaml"), "plant.yaml", text, None, files))


WAYS = ("vehicle left", "vehicle came", "started")


class TestVehicles:
    def test_a_lot_is_carried_and_the_vehicle_drives_empty_to_the_next(self) -> None:
        """The AGV takes the first lot at 00:05 and is at the mill at 00:15; back to the saw by 00:25, where the second has waited since
        00:10, and at the mill again at 00:35, when the first is just done; with that it goes on to the drill, and comes back for
        the second, whose milling ends at 00:55, as it is called.
        """
        assert first_difference(carried(""), carried(), "2 h", "started", "vehicle left") == (
            (5, "started", "part 1", "mill", "mill"),
            (5, "vehicle left", "part 1", "mill", "mill", "AGV"),
        )
        assert log_of(carried(), "2 h", *WAYS) == [
            (0, "started", "part 1", "saw", "saw"),
            (5, "vehicle left", "part 1", "mill", "mill", "AGV"),
            (5, "started", "part 2", "saw", "saw"),
            (15, "vehicle came", "part 1", "mill", "mill", "AGV"),
            (15, "started", "part 1", "mill", "mill"),
            (25, "vehicle left", "part 2", "mill", "mill", "AGV"),
            (35, "vehicle came", "part 2", "mill", "mill", "AGV"),
            (35, "vehicle left", "part 1", "drill", "drill", "AGV"),
            (35, "started", "part 2", "mill", "mill"),
            (40, "vehicle came", "part 1", "drill", "drill", "AGV"),
            (40, "started", "part 1", "drill", "drill"),
            (60, "vehicle left", "part 2", "drill", "drill", "AGV"),
            (65, "vehicle came", "part 2", "drill", "drill", "AGV"),
            (65, "started", "part 2", "drill", "drill"),
        ]
        run = tell(carried(), "100 min")
        # Loaded 10 + 10 + 5 + 5 min; empty 10 back to the saw and 5 back to the mill.
        assert exactly(run, "use of vehicles", transport="AGV") == pytest.approx(45 / 100)
        assert exactly(run, "empty travel share", transport="AGV") == pytest.approx(15 / 100)
        assert exactly(run, "queue time", work_center="mill") == 0
        # On its way to the mill, waiting for the vehicle included: 10 min, and 25.
        assert exactly(run, "buffer level", work_center="mill") == pytest.approx(35 / 100)
        assert run.not_simulated == ()

    def test_with_two_vehicles_the_nearest_comes(self) -> None:
        """Both begin at the saw. One is at the mill at 00:15, the other at 00:20; at 00:35 the first of those that are there takes the lot."""
        plant = carried("transport: {AGV: {count: 2, speed: 1 m/s, distances: d.csv}}")
        run = tell(plant, "100 min")
        assert log_of(plant, "39 min", "vehicle left", "vehicle came") == [
            (5, "vehicle left", "part 1", "mill", "mill", "AGV"),
            (10, "vehicle left", "part 2", "mill", "mill", "AGV"),
            (15, "vehicle came", "part 1", "mill", "mill", "AGV"),
            (20, "vehicle came", "part 2", "mill", "mill", "AGV"),
            (35, "vehicle left", "part 1", "drill", "drill", "AGV"),
        ]
        assert exactly(run, "empty travel share", transport="AGV") == 0
        assert exactly(run, "use of vehicles", transport="AGV") == pytest.approx((10 + 10 + 5 + 5) / 200)

    def test_its_place_is_kept_while_it_is_on_its_way(self) -> None:
        """No place before the mill but the machine's own: the second lot stays on the saw until the first leaves the mill at 00:35, which the
        AGV takes to the drill first; it is back at 00:55. So it goes on every 50 min.
        """
        plant = carried(orders=("00:00", "00:00", "00:00"), mill=", buffer: 0 lots")
        assert log_of(plant, "34 min", "state")[3:] == [
            (10, "state", "saw", "blocked"),
            (15, "state", "mill", "working"),
        ]
        assert [row[0] for row in log_of(plant, "2 h", "vehicle left") if row[3] == "mill"] == [5, 55, 105]

    def test_without_a_distance_there_is_no_way(self) -> None:
        """Nobody carries from mill to drill; and the way from the saw is as long as the way that is given, to the saw."""
        plant = carried(distances="from,to,distance\nmill,saw,600 m\n")
        assert [row[:3] for row in log_of(plant, "45 min", "vehicle left", "vehicle came")] == [
            (15, "vehicle left", "part 1"),
            (25, "vehicle came", "part 1"),
            (35, "vehicle left", "part 2"),
            (45, "vehicle came", "part 2"),
        ]
        assert (45, "started", "part 1", "drill", "drill") in log_of(plant, "1 h", "started")

    def test_one_vehicle_is_a_server(self) -> None:
        """M/G/1: lots come at random to a vehicle that takes ten minutes there and ten back, every 30 min in the mean: a use of 2/3, of
        which half is empty; the last leg back is part of the next lot's call, so that who calls a vehicle that stands far waits, too.
        """
        text = """
plant: Ferry
work centers: {here: {machines: unlimited}, there: {machines: unlimited}}
transport: {ferry: {count: 1, speed: 1 m/s, distances: d.csv}}
products: {car: {release: {every: exponential 30 min}, routing: [come: {at: here, time: 1 s}, go: {at: there, time: 1 s}]}}
"""
        files = {"d.csv": "from,to,distance\nhere,there,600 m\n"}
        plant = from_document(Document(parse_yaml(text, "plant.yaml"), "plant.yaml", text, None, files))
        run = simulate(plant, horizon="60 d", warmup="2 d", replications=8, level=0.999)
        use, empty = (
            run.estimate("use of vehicles", transport="ferry"),
            run.estimate("empty travel share", transport="ferry"),
        )
        assert use.low < 2 / 3 < use.high
        assert empty.low < 1 / 3 < empty.high
        # Pollaczek and Khinchine with a service of 20 min: a wait of 20 min, then 20 min of service, two seconds of work.
        cycle = run.estimate("cycle time")
        assert cycle.low < 40 * 60 + 2 < cycle.high
        assert cycle.high - cycle.low < 15 * 60

    def test_a_vehicle_has_a_speed(self) -> None:
        with pytest.raises(PlantError, match="'speed' is missing"):
            carried("transport: {AGV: {count: 1, distances: d.csv}}")


class TestWaysThatTakeATime:
    """Somebody is always there to carry: a way takes a time, from location to location."""

    PORTER = "transport: {porter: {time: 7 min, from: hall, to: [hall, yard]}}"

    def at(self, *locations: str, transport: str = PORTER, more: str = "") -> Plant:
        saw, mill, drill = (f", location: {place}" if place else "" for place in locations)
        text = f"""
plant: Porters
work centers: {{saw: {{machines: 1{saw}}}, mill: {{machines: 2{mill}{more}}}, drill: {{machines: unlimited{drill}}}}}
{transport}
products:
  part: {{release: {{orders: orders.csv}}, routing: [saw: {{at: saw, time: 5 min}}, mill: {{at: mill, time: 20 min}}, again: {{at: mill, time: 10 min}}, drill: {{at: drill, time: 5 min}}]}}
"""
        return shop(text, "part 00:00", "part 00:00")

    def test_every_lot_is_carried_at_once(self) -> None:
        """Sawn at 5 and 10, at the mill at 12 and 17, whoever else is on the way; done at 32 and 37, back at the mill after 7 min more, and
        on at the drill, done there, at 61 and 66.
        """
        plant = self.at("hall", "hall", "yard")
        began = [row[0] for row in log_of(plant, "2 h", "started")]
        assert began == [0, 5, 12, 17, 39, 44, 56, 61]
        assert [row[0] for row in log_of(plant, "2 h", "ended") if row[3] == "drill"] == [61, 66]
        run = tell(plant, "100 min")
        assert exactly(run, "queue time", work_center="mill") == 0
        # 7 min on the way to the mill, twice each; nothing is counted at a pure delay before the lot is there.
        assert exactly(run, "buffer level", work_center="mill") == pytest.approx(4 * 7 / 100)

    def test_from_elsewhere_nobody_carries(self) -> None:
        """The saw stands in the yard, from which there is no way, and the drill nowhere in particular."""
        assert [row[0] for row in log_of(self.at("yard", "hall", ""), "2 h", "started")] == [
            0,
            5,
            5,
            10,
            32,
            37,
            42,
            47,
        ]

    def test_the_first_of_the_file_carries(self) -> None:
        two = "transport: {cart: {time: 2 min, from: hall, to: hall}, porter: {time: 7 min, from: hall, to: [hall, yard]}}"
        assert [row[0] for row in log_of(self.at("hall", "hall", "yard", transport=two), "2 h", "started")][:4] == [
            0,
            5,
            7,
            12,
        ]

    def test_its_place_is_kept_on_the_way(self) -> None:
        """No place before the mill but the machine's own, which the first lot has from 5, when it leaves the saw, to 32, when it is milled.
        Then the second, sawn at 10, leaves the saw for the third, and is at the mill at 39.
        """
        text = """
plant: Kept
work centers: {saw: {location: hall}, mill: {location: hall, buffer: 0 lots}}
transport: {porter: {time: 7 min, from: hall, to: hall}}
products: {part: {release: {orders: orders.csv}, routing: [saw: {at: saw, time: 5 min}, mill: {at: mill, time: 20 min}]}}
"""
        plant = shop(text, "part 00:00", "part 00:00", "part 00:00")
        assert [row[0] for row in log_of(plant, "2 h", "started") if row[3] == "mill"] == [12, 39, 66]
        assert [row[0] for row in log_of(plant, "2 h", "started") if row[3] == "saw"] == [0, 5, 32]

    def test_each_way_is_drawn_anew(self) -> None:
        """Uniform from 5 to 10 min: mean 7.5, of 2,000 ways within 0.1 (the standard deviation of the mean is 1.44 / 45 = 0.03)."""
        text = """
plant: Draws
work centers: {a: {machines: unlimited, location: hall}, b: {machines: 1, location: hall}}
transport: {porter: {time: uniform 5..10 min, from: hall, to: hall}}
products: {part: {release: {every: 1 h}, routing: [one: {at: a, time: 0 min}, two: {at: b, time: 0 min}]}}
"""
        run = simulate(shop(text), horizon="1000 h", warmup="0 s", replications=2)
        assert run.estimate("cycle time").mean == pytest.approx(7.5 * 60, abs=6)

    @pytest.mark.parametrize(
        ("transport", "message"),
        [
            ("{porter: {time: 7 min, from: hall, to: hal}}", "unknown location 'hal'"),
            ("{porter: {time: 7 min, from: hall}}", "'time' needs the locations"),
            ("{porter: {time: 7 min, count: 2, from: hall, to: hall}}", "leave out 'count'"),
            ("{porter: {from: hall, to: hall}}", "'count' is missing"),
            ("{porter: {count: 2, from: hall, to: hall}}", "vehicles have 'distances'"),
        ],
    )
    def test_what_contradicts_itself_is_refused(self, transport: str, message: str) -> None:
        with pytest.raises(PlantError, match=message):
            self.at("hall", "hall", "", transport=f"transport: {transport}")
