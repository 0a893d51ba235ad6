"""Paced lines. Stories without chance, worked out by hand: an index of 10 min, stations a, b and what follows."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError
from plantwright.plant import Plant, read_text
from plantwright.simulation import not_simulated
from tests.simulation.plants import first_difference, log_of, made, shop, tell

ORDERS = ("car 00:00",) * 3


def line(
    *orders: str,
    a: str = "6 min",
    b: str = "8 min",
    words: str = "",
    then: str = "",
    after: str = "",
    lines: str = "lines: {final: {index: 10 min, stations: [a, b]}}",
    b_words: str = "",
) -> Plant:
    return shop(
        f"""
plant: Line
work centers: {{a: {{machines: 1{words}}}, b: {{machines: 1{b_words}}}{after}}}
{lines}
products:
  car: {{release: {{orders: orders.csv}}, routing: [one: {{at: a, time: {a}}}, two: {{at: b, time: {b}}}{then}]}}
""",
        *(orders or ORDERS),
    )


def happened(plant: Plant, *what: str, horizon: str = "1 d") -> list[tuple[object, ...]]:
    """Minute, lot and station."""
    return [(row[0], row[2], row[4]) for row in log_of(plant, horizon, *what)]


class TestIndexing:
    def test_all_stations_take_and_give_at_once(self) -> None:
        """Each lot spends an index at each station, however soon its job is done, and is finished at the index that follows."""
        plant = line()
        assert happened(plant, "started") == [
            (0, "car 1", "a"), (10, "car 1", "b"), (10, "car 2", "a"), (20, "car 2", "b"), (20, "car 3", "a"), (30, "car 3", "b"),
        ]  # fmt: skip
        assert happened(plant, "ended")[:3] == [(6, "car 1", "a"), (16, "car 2", "a"), (18, "car 1", "b")]
        assert happened(plant, "completed") == [(20, "car 1", "b"), (30, "car 2", "b"), (40, "car 3", "b")]
        assert not_simulated(plant) == ()

    def test_without_the_line_lots_go_on_as_soon_as_they_can(self) -> None:
        assert first_difference(line(lines=""), line(), "1 d", "started") == (
            (6, "started", "car 1", "two", "b"),
            (10, "started", "car 1", "two", "b"),
        )

    def test_a_station_that_is_done_is_blocked_until_then(self) -> None:
        told = [(row[0], row[-1]) for row in log_of(line("car 00:00"), "25 min", "state") if row[2] == "a"]
        assert told == [(0, "working"), (6, "blocked"), (10, "starved")]

    def test_the_slowest_job_makes_all_wait_and_the_next_index_counts_from_there(self) -> None:
        """b takes 13 min: indexes at 0, 10, 23, 36 and 49."""
        assert happened(line(b="13 min"), "completed") == [(23, "car 1", "b"), (36, "car 2", "b"), (49, "car 3", "b")]

    def test_a_lot_that_comes_between_waits_for_the_next_index(self) -> None:
        """At 00:03 nothing moves; at 00:10 it is taken. One that comes at the very instant is taken, too."""
        plant = line("car 00:03", "car 00:20")
        assert happened(plant, "started")[:3] == [(10, "car 1", "a"), (20, "car 1", "b"), (20, "car 2", "a")]

    def test_saturated_it_makes_one_an_index(self) -> None:
        plant = read_text("""
plant: Line
work centers: {a: {machines: 1}, b: {machines: 1}}
lines: {final: {index: 10 min, stations: [a, b]}}
products: {car: {release: saturated, routing: [one: {at: a, time: 6 min}, two: {at: b, time: 8 min}]}}
""")
        assert made(tell(plant, "10 h")) == 59  # the first at 20 min, the last at 600


class TestWaiting:
    def test_a_failed_station_stops_the_line(self) -> None:
        """b has worked 4 min at 14, is down until 29 and done at 33: indexes at 0, 10 and 33."""
        plant = line(b_words=", failures: [{every: 4 min, clock: working, repair: 15 min}]")
        assert happened(plant, "started", horizon="50 min") == [
            (0, "car 1", "a"), (10, "car 1", "b"), (10, "car 2", "a"), (33, "car 2", "b"), (33, "car 3", "a"),
        ]  # fmt: skip

    def test_a_lot_without_a_place_behind_the_line_holds_all(self) -> None:
        """The wash has no buffer and takes 25 min: car 1 is washed from 20, car 2 would follow at 30 and finds no place until 45."""
        plant = line(then=", three: {at: wash, time: 25 min}", after=", wash: {machines: 1, buffer: 0 lots}")
        assert happened(plant, "started")[2:] == [
            (10, "car 2", "a"), (20, "car 1", "wash"), (20, "car 2", "b"), (20, "car 3", "a"), (45, "car 2", "wash"),
            (45, "car 3", "b"), (70, "car 3", "wash"),
        ]  # fmt: skip

    @pytest.mark.parametrize(("places", "second", "third"), [("", 20, 30), (", buffer: 0 lots", 18, 28)])
    def test_a_lot_may_come_to_a_later_station_from_elsewhere(self, places: str, second: float, third: float) -> None:
        """The van comes to b at 5, and is taken as the line indexes at 10. Car 1 waits there until the line indexes at 20; without a
        buffer it waits at a, and the line with it, until the van is done at 18.
        """
        plant = shop(
            f"""
plant: Line
work centers: {{a: {{machines: 1}}, b: {{machines: 1{places}}}}}
lines: {{final: {{index: 10 min, stations: [a, b]}}}}
products:
  car: {{release: {{orders: orders.csv}}, routing: [one: {{at: a, time: 6 min}}, two: {{at: b, time: 8 min}}]}}
  van: {{release: {{orders: orders.csv}}, routing: [two: {{at: b, time: 8 min}}]}}
""",
            *("car 00:00", "car 00:00", "van 00:05"),
        )
        at_b = [row for row in happened(plant, "started") if row[2] == "b"]
        assert at_b == [(10, "van 3", "b"), (second, "car 1", "b"), (third, "car 2", "b")]

    def test_a_job_without_people_starts_when_they_come_and_the_line_waits(self) -> None:
        """Ann comes at 00:15: station a starts then, is done at 21, and the line indexes at 21."""
        plant = shop(
            """
plant: Line
shifts: {late: {from: "00:15", to: "23:00"}}
people: {Ann: {shift: late, skills: {fitting: 1}}}
work centers: {a: {machines: 1}, b: {machines: 1}}
lines: {final: {index: 10 min, stations: [a, b]}}
products:
  car: {release: {orders: orders.csv}, routing: [one: {at: a, time: 6 min, staff: [{skill: fitting}]}, two: {at: b, time: 8 min}]}
""",
            "car 00:00",
        )
        assert happened(plant, "started") == [(15, "car 1", "a"), (21, "car 1", "b")]

    def test_it_rests_out_of_its_shift(self) -> None:
        """Open from 00:00 to 00:25 and from 01:00: indexes at 0, 10, 20 and 60."""
        text = 'shifts: {day: {from: "00:00", to: "23:00", breaks: ["00:25-01:00"]}}\n'
        plant = shop(
            f"""
plant: Line
{text}work centers: {{a: {{machines: 1, shift: day}}, b: {{machines: 1, shift: day}}}}
lines: {{final: {{index: 10 min, stations: [a, b]}}}}
products:
  car: {{release: {{orders: orders.csv}}, routing: [one: {{at: a, time: 4 min}}, two: {{at: b, time: 4 min}}]}}
""",
            *["car 00:00"] * 3,
        )
        assert happened(plant, "completed") == [(20, "car 1", "b"), (60, "car 2", "b"), (70, "car 3", "b")]

    def test_maintenance_of_a_station_comes_when_it_is_empty(self) -> None:
        """Due at b from 12 on: it is empty as the line indexes at 20, and maintained for 7 min; car 2 starts there at 27, is done at
        35, and the line indexes then.
        """
        plant = line(b_words=", maintenance: [{every: 50 h, lasts: 7 min, first: 12 min}]")
        assert happened(plant, "started")[3:] == [(20, "car 3", "a"), (27, "car 2", "b"), (35, "car 3", "b")]


class TestTheBorder:
    @pytest.mark.parametrize(
        ("changes", "said"),
        [
            ({"words": ", places: 2"}, "'a' is not one machine with one place"),
            ({"lines": "lines: {final: {index: 10 min, stations: [a, b, a]}}"}, "'a' is a station twice"),
            (
                {"lines": "lines: {x: {index: 9 min, stations: [a]}, y: {index: 9 min, stations: [a, b]}}"},
                "'a' is a station twice",
            ),
            ({"a": "6 min, transfer: 1 piece"}, "not before"),
        ],
    )
    def test_what_a_station_cannot_be(self, changes: dict[str, str], said: str) -> None:
        with pytest.raises(PlantError, match=said):
            line(**changes)

    @pytest.mark.parametrize(
        "words",
        ["setup: 5 min", "failures: [{every: 5 h, repair: 1 h}]", "maintenance: [{every: 5 h, lasts: 1 h}]", "batch: {max: 4 lots}",
         "start-up: {after: 1 h, lasts: 1 h}"],
    )  # fmt: skip
    def test_a_pure_delay_has_no_machines_to_set_up_to_stop_or_to_fill(self, words: str) -> None:
        with pytest.raises(PlantError, match="unlimited machines are a pure delay"):
            read_text(
                f"plant: D\nwork centers: {{room: {{machines: unlimited, {words}}}}}\nproducts: {{p: {{release: {{conwip: 1 lot}}, routing: [a: {{at: room, time: 1 h}}]}}}}\n"
            )
