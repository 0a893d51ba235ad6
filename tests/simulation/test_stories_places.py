"""Machines with several places (cascading). Stories without chance, worked out by hand."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError
from plantwright.plant import Plant
from plantwright.simulation import not_simulated
from tests.simulation.plants import exactly, first_difference, hours, log_of, made, shop, tell


def etcher(words: str, step: str, *orders: str, lot: int = 1) -> Plant:
    return shop(
        f"""
plant: Etcher
work centers: {{etcher: {{machines: 1{words}}}}}
products: {{wafer: {{lot: {lot}, release: {{orders: orders.csv}}, routing: [etch: {{at: etcher, {step}}}]}}}}
""",
        *(orders or ["wafer 00:00"] * 3),
    )


def times(plant: Plant, what: str, horizon: str = "1 d") -> list[object]:
    return [row[0] for row in log_of(plant, horizon, what)]


WORK = "time: 10 min/lot, load: 3 min/lot, unload: 2 min/lot"


class TestTwoPlaces:
    def test_load_and_unload_go_on_beside_the_run_ahead(self) -> None:
        """One place: 15 min each. Two: runs from 3, 13 and 23 (lot 3 comes in when lot 1 leaves, at 15, is loaded at 18, and runs
        after lot 2); lots leave at 15, 25 and 35.
        """
        one, two = etcher("", WORK), etcher(", places: 2", WORK)
        assert times(one, "ended") == [15, 30, 45]
        assert times(two, "started") == [0, 0, 15]
        assert times(two, "ended") == [15, 25, 35]
        assert first_difference(one, two, "1 d", "started") == (
            (15, "started", "wafer 2", "etch", "etcher"),
            (0, "started", "wafer 2", "etch", "etcher"),
        )
        assert not_simulated(two) == ()

    def test_after_the_interval_the_next_run_begins(self) -> None:
        """Four minutes after the run ahead: runs from 3 and 7, done at 15 and 19; the third comes in at 15, runs from 18."""
        plant = etcher(", places: 2", WORK + ", interval: 4 min/lot")
        assert times(plant, "ended") == [15, 19, 30]

    def test_pieces_of_a_lot_cascade_where_both_are_by_the_piece(self) -> None:
        """Five pieces a minute apart, of four minutes each: the last begins after 4 and is done after 8 min. The next lot begins after 5 min,
        and a third, which comes in at 8, after 10. Without an interval by the piece the five take 20 min.
        """
        three = ["wafer 00:00 quantity=5"] * 3
        plant = etcher(", places: 2", "time: 4 min/piece, interval: 1 min/piece", *three, lot=5)
        assert times(plant, "ended") == [8, 13, 18]
        by_lot = etcher(", places: 2", "time: 4 min/piece, interval: 5 min/lot", *three, lot=5)
        assert times(by_lot, "ended") == [20, 25, 40]

    def test_by_the_piece(self) -> None:
        """Lots of five: the run takes 10 min, the next begins after 5 x 1 min."""
        plant = etcher(", places: 3", "time: 10 min/lot, interval: 1 min/piece", *["wafer 00:00 quantity=5"] * 3, lot=5)
        assert times(plant, "ended") == [10, 15, 20]

    def test_with_an_interval_alone_runs_follow_one_another(self) -> None:
        plant = etcher(", places: 2", "time: {interval: 4 min/lot}, load: 1 min/lot")
        assert times(plant, "ended") == [5, 9, 13]

    def test_runs_end_in_the_order_in_which_they_began(self) -> None:
        """The long lot runs from 0 to 10, the short one from 2 to 4; it leaves at 10, behind the long one."""
        plant = shop(
            """
plant: Etcher
work centers: {etcher: {machines: 1, places: 2}}
products:
  long: {release: {orders: orders.csv}, routing: [etch: {at: etcher, time: 10 min, interval: 2 min}]}
  short: {release: {orders: orders.csv}, routing: [etch: {at: etcher, time: 2 min, interval: 2 min}]}
""",
            "long 00:00",
            "short 00:00",
        )
        assert [row[:3] for row in log_of(plant, "1 d", "ended")] == [(10, "ended", "long 1"), (10, "ended", "short 2")]

    def test_who_waits_for_a_run_that_is_still_set_up_begins_an_interval_after_it(self) -> None:
        """Set up from 0 to 5 for both; the first run is from 5 to 15, the second, ready since 0, from 9 to 19."""
        plant = etcher(
            ", places: 2, setup: 5 min", "time: 10 min/lot, interval: 4 min/lot", "wafer 00:00", "wafer 00:00"
        )
        assert times(plant, "ended") == [15, 19]

    def test_the_interval_rests_where_the_run_ahead_does(self) -> None:
        """A break from 2 to 22: the first run has 2 of its 4 min by then, so the second begins at 24; they end at 30 and 34."""
        plant = shop(
            """
plant: Etcher
shifts: {day: {from: "00:00", to: "20:00", breaks: ["00:02-00:22"]}}
people: {crew: {count: 2, shift: day, skills: {etching: 1}}}
work centers: {etcher: {machines: 1, places: 2}}
products:
  wafer: {release: {orders: orders.csv}, routing: [etch: {at: etcher, time: 10 min, interval: 4 min, staff: etching}]}
""",
            "wafer 00:00",
            "wafer 00:00",
        )
        assert times(plant, "ended") == [30, 34]

    def test_the_place_that_has_been_free_longest_goes_first_if_that_is_said(self) -> None:
        """The places stand idle machine by machine: the second lot goes beside the first, where else it goes to the empty machine."""
        words = "machines: 2, places: 2"
        usual = etcher("", WORK, "wafer 00:00", "wafer 00:01")
        text = usual.document.source if usual.document else ""
        beside, apart = (
            shop(text.replace("machines: 1", words + more), "wafer 00:00", "wafer 00:01")
            for more in (", choose: longest idle place", "")
        )
        assert [row[4] for row in log_of(beside, "1 h", "started")] == ["etcher 1", "etcher 1"]
        assert [row[4] for row in log_of(apart, "1 h", "started")] == ["etcher 1", "etcher 2"]

    @pytest.mark.parametrize(
        ("words", "machines"),
        [
            ("", ["etcher 1", "etcher 1"]),
            ("choose: empty machine", ["etcher 1", "etcher 2"]),
            ("rule: least setup", ["etcher 1", "etcher 1"]),
            ("rule: least setup, choose: empty machine", ["etcher 1", "etcher 2"]),
        ],
    )
    def test_an_empty_machine_goes_before_one_that_is_set_up_if_that_is_said(
        self, words: str, machines: list[str]
    ) -> None:
        """The second lot comes while the first is worked on: beside it it needs no setup, at the empty machine one of 5 min."""
        usual = etcher(", places: 2, setup: 5 min", WORK, "wafer 00:00", "wafer 00:01")
        text = usual.document.source if usual.document else ""
        plant = shop(text.replace("machines: 1", f"machines: 2, {words}".rstrip(", ")), "wafer 00:00", "wafer 00:01")
        assert [row[4] for row in log_of(plant, "1 h", "started")] == machines

    def test_with_empty_machines_first_a_set_up_one_goes_before_others(self) -> None:
        """Lots of a and b have set up a machine each; the next b goes where b was, though that machine is idle for less time."""
        plant = shop(
            """
plant: Two
work centers: {etcher: {machines: 2, places: 2, setup: 5 min, choose: empty machine}}
products:
  a: {release: {orders: orders.csv}, routing: [etch: {at: etcher, time: 10 min}]}
  b: {release: {orders: orders.csv}, routing: [etch: {at: etcher, time: 10 min}]}
""",
            "a 00:00",
            "b 00:01",
            "b 02:00",
        )
        assert [row[4] for row in log_of(plant, "1 d", "started")] == ["etcher 1", "etcher 2", "etcher 2"]

    def test_an_empty_machine_goes_before_a_second_place(self) -> None:
        plant = shop(
            """
plant: Two
work centers: {etcher: {machines: 2, places: 2}}
products: {wafer: {release: {orders: orders.csv}, routing: [etch: {at: etcher, time: 10 min}]}}
""",
            *["wafer 00:00"] * 3,
        )
        assert [row[-1] for row in log_of(plant, "1 d", "started")] == ["etcher 1", "etcher 2", "etcher 1"]
        assert times(plant, "ended") == [10, 10, 20]

    def test_it_is_one_machine_in_one_state_that_of_the_job_which_came_first(self) -> None:
        two = etcher(", places: 2", WORK)
        assert [(row[0], row[-1]) for row in log_of(two, "1 d", "state")] == [
            (0, "load"), (3, "working"), (13, "unload"), (15, "working"), (23, "unload"), (25, "working"), (33, "unload"),
            (35, "starved"),
        ]  # fmt: skip
        assert hours(tell(two, "1 h"), "etcher") == pytest.approx(
            {"load": 3 / 60, "working": 26 / 60, "unload": 6 / 60, "starved": 25 / 60}, abs=1e-5
        )

    def test_one_setup_for_both_places(self) -> None:
        """The first lot needs one of 5 min, the second none: its run begins when the first is over, at 15."""
        plant = etcher(", places: 2, setup: 5 min", "time: 10 min/lot", "wafer 00:00", "wafer 00:00")
        assert times(plant, "ended") == [15, 25]
        assert exactly(tell(plant, "1 d"), "setups", work_center="etcher") == 1

    def test_both_places_count_as_room(self) -> None:
        """No buffer: two lots are in the machine, the third waits outside until the first leaves."""
        plant = etcher(", places: 2, buffer: 0 lots", "time: 10 min/lot")
        assert times(plant, "queued") == [0, 0, 10]

    def test_saturated_it_makes_one_an_interval(self) -> None:
        plant = shop("""
plant: Full
work centers: {etcher: {machines: 1, places: 4}}
products: {wafer: {release: saturated, routing: [etch: {at: etcher, time: 12 min, interval: 4 min}]}}
""")
        # The k-th run begins at 4k and ends at 4k + 12: 60 min hold those of k = 0 to 12.
        assert made(tell(plant, "60.5 min")) == 13


class TestTies:
    def test_who_waits_to_run_keeps_its_place_among_events_of_its_instant(self) -> None:
        """Of three lots the third waits from 11 on to run at 21, also when the first is done at 13. At 21 one of two people is free, and
        the lot beside is to be unloaded: who was scheduled first gets her, and the other waits until the second lot is done at 23."""
        text = """
plant: Ties
people: {crew: {count: 2, skills: {run: 1}}}
work centers: {m: {places: 3}, n: {}}
products:
  a:
    release: {orders: orders.csv}
    routing: [do: {at: m, load: 1 min, time: 12 min, interval: 10 min, staff: [{skill: run, for: run}]}]
  b:
    release: {orders: orders.csv}
    routing: [do: {at: n, time: 9 min, unload: 3 min, staff: [{skill: run, for: unload}]}]
"""
        lots = ("a 00:00", "a 00:00", "a 00:00")
        later, earlier = shop(text, *lots, "b 00:12"), shop(text.replace("9 min", "11 min"), *lots, "b 00:10")
        rows = log_of(later, "1 h", "people seized")
        assert [(row[0], row[3]) for row in rows] == [(1, "m"), (11, "m"), (21, "m"), (23, "n")]
        # Scheduled at 10, before the run that waits, it goes before it.
        rows = log_of(earlier, "1 h", "people seized")
        assert [(row[0], row[3]) for row in rows] == [(1, "m"), (11, "m"), (21, "n"), (23, "m")]


class TestStops:
    def test_a_failure_stops_all_of_it(self) -> None:
        """Down from 5 to 25, from 30 to 50, and from 55 on."""
        plant = etcher(
            ", places: 2, failures: [{every: 5 min, clock: calendar, repair: 20 min}]",
            WORK,
            "wafer 00:00",
            "wafer 00:00",
        )
        # Both loaded at 3; 2 min of the first run done at 5; it runs from 25, is down again from 30 to 50, and so on: 3 min from 50
        # and 2 min of unloading take it to 55, when it strikes again.
        assert times(plant, "ended")[0] == 55
        assert [(row[0], row[-1]) for row in log_of(plant, "52 min", "state")] == [
            (0, "load"), (3, "working"), (5, "in repair"), (25, "working"), (30, "in repair"), (50, "working"),
        ]  # fmt: skip

    def test_the_interval_rests_with_the_machine(self) -> None:
        """The second run may begin 4 min after the first; down from 5 to 25, two minutes after that began at 3: so at 27."""
        plant = etcher(
            ", places: 2, failures: [{every: 5 min, clock: calendar, repair: 20 min}]",
            "time: 4 min/lot, load: 3 min/lot, interval: 3 min/lot", "wafer 00:00", "wafer 00:00",
        )  # fmt: skip
        # First run: 3 to 5, and 25 to 27. The second begins at 26 (3 min of work after 3) and takes 4 min, until 30.
        assert times(plant, "ended") == [27, 30]

    def test_maintenance_waits_until_it_is_empty_and_lets_nobody_in(self) -> None:
        """Due at 12: lots 1 and 2 leave at 15 and 25; lot 3 comes in after 10 min of maintenance."""
        plant = etcher(", places: 2, maintenance: [{every: 50 h, lasts: 10 min, first: 12 min}]", WORK)
        assert times(plant, "started") == [0, 0, 35]
        assert [row[0] for row in log_of(plant, "1 d", "state") if row[-1] == "maintenance"] == [25]

    def test_maintenance_by_count(self) -> None:
        """Due with the second piece, at the end of the second run, at 23; lot 3 came in at 15 already and leaves at 35, lot 4 waits."""
        plant = etcher(", places: 2, maintenance: [{every: 2 pieces, lasts: 10 min}]", WORK, *["wafer 00:00"] * 4)
        assert times(plant, "started") == [0, 0, 15, 45]
        assert [row[0] for row in log_of(plant, "60 min", "state") if row[-1] == "maintenance"] == [35]

    def test_scrapped_lots_leave_room_for_others(self) -> None:
        """Lot 1 runs from 1 to 5 and ends as the failure strikes; lot 2 has begun to run and lot 3 has come in. Lot 4 comes in at 6,
        and runs from 7 to 11.
        """
        plant = etcher(
            ", places: 2, failures: [{every: 5 min, clock: calendar, repair: 1 min, then: scrap}]",
            "time: 4 min/lot, load: 1 min/lot",
            *["wafer 00:00"] * 4,
        )
        assert {row[:3] for row in log_of(plant, "10 h", "scrapped")} == {
            (5, "scrapped", "wafer 2"),
            (5, "scrapped", "wafer 3"),
        }
        assert times(plant, "ended") == [5, 11]

    @pytest.mark.parametrize(("every", "due"), [(1, True), (2, False)])
    def test_a_scrapped_lot_that_waited_to_run_counts_no_piece(self, every: int, due: bool) -> None:
        """At 8 lot 1 runs from 0 on and lot 2 waits until 9 to run: one piece had begun to run when both are scrapped."""
        plant = etcher(
            ", places: 2, failures: [{every: 8 min, clock: calendar, repair: 5 min, then: scrap}], "
            f"maintenance: [{{every: {every} pieces, lasts: 10 min}}]",
            "time: 10 min/lot, interval: 9 min/lot",
            *["wafer 00:00"] * 2,
        )
        assert [row[2] for row in log_of(plant, "10 min", "scrapped")] == ["wafer 1", "wafer 2"]
        told = [row[-1] for row in log_of(plant, "14 min", "state")]
        assert ("maintenance" in told) is due

    def test_maintenance_that_a_scrapped_job_makes_due_follows_the_repair(self) -> None:
        """The third piece has begun to run at 10 when the machine fails and scraps it: 5 min of repair, then 10 of maintenance."""
        plant = etcher(
            ", places: 2, failures: [{every: 12 min, clock: calendar, repair: 5 min, then: scrap}], "
            "maintenance: [{every: 3 pieces, lasts: 10 min}]",
            "time: 5 min/lot",
            *["wafer 00:00"] * 5,
        )
        assert [(row[0], row[-1]) for row in log_of(plant, "28 min", "state")] == [
            (0, "working"), (12, "in repair"), (17, "maintenance"), (27, "working"),
        ]  # fmt: skip
        # Down again from 29 (12 min after the repair) on; the last lot is scrapped, too.
        assert times(plant, "ended", "28 min") == [5, 10]

    def test_who_waits_with_a_run_that_has_not_begun_goes_home(self) -> None:
        """The first lot runs from 0 to 40, past the end of the shift at 30, as its people finish the piece; the second has begun nothing
        and waits for the next day, 1440 to 1480.
        """
        plant = shop(
            """
plant: Etcher
shifts: {early: {days: Mon-Sun, from: 00:00, to: "00:30"}}
people: {ana: {count: 2, shift: early, shift end: finish piece, skills: {run: 1}}}
work centers: {etcher: {machines: 1, places: 2}}
products: {wafer: {release: {orders: orders.csv}, routing: [etch: {at: etcher, time: 40 min/lot, staff: [{skill: run}]}]}}
""",
            *["wafer 00:00"] * 2,
        )
        assert times(plant, "ended", "2 d") == [40, 1480]

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            ("failures: [{every: 5 h, repair: 1 h}]", "fails by 'clock: calendar'"),
            ("maintenance: [{every: 5 h, clock: working, lasts: 1 h}]", "is maintained by"),
            ("start-up: {after: 1 h, lasts: 1 h}", "not with several places"),
            ("shift end: finish piece", "not with several places"),
        ],
    )
    def test_what_it_cannot_do(self, words: str, said: str) -> None:
        with pytest.raises(PlantError, match=said):
            etcher(f", places: 2, {words}", WORK)

    def test_an_interval_needs_a_second_place(self) -> None:
        with pytest.raises(PlantError, match="write 'places: 2' there"):
            etcher("", "time: 10 min/lot, interval: 4 min/lot")
