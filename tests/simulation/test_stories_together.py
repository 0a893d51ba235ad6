"""Machines that stop together, and warm up after they have stood. Stories without chance, worked out by hand."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError
from plantwright.plant import Plant, read_text
from plantwright.simulation import begin, not_simulated
from tests.simulation.plants import exactly, first_difference, hours, log_of, shop, tell, told


def states(plant: Plant, machine: str, horizon: str = "1 d") -> list[tuple[object, object]]:
    """Minute and new state of a machine."""
    return [(row[0], row[-1]) for row in log_of(plant, horizon, "state") if row[2] == machine]


def lathe(words: str, time: str, *orders: str, shifts: str = "") -> Plant:
    return shop(
        f"plant: Lathe\n{shifts}work centers: {{lathe: {{machines: 1, {words}}}}}\n"
        f"products: {{pin: {{release: {{orders: orders.csv}}, routing: [turn: {{at: lathe, time: {time}}}]}}}}\n",
        *orders,
    )


DAY = 'shifts: {day: {days: Mon-Fri, from: "07:00", to: "15:00", breaks: ["07:10-07:30"]}}\n'


class TestStartUp:
    def test_after_a_night_but_not_after_a_break(self) -> None:
        """Off for 7 h before the first shift: 20 min of warming up, with the break between, until 07:40. The lot of 14:30 is half
        done at 15:00, and goes on after warming up on Tuesday.
        """
        cold = lathe("shift: day, start-up: {after: 2 h, lasts: 20 min}", "1 h", "pin 14:30", shifts=DAY)
        assert states(cold, "lathe", "34 h") == [
            (0, "off shift"), (420, "setup"), (430, "off shift"), (450, "setup"), (460, "starved"), (870, "working"),
            (900, "off shift"), (1860, "setup"), (1870, "off shift"), (1890, "setup"), (1900, "working"), (1930, "starved"),
        ]  # fmt: skip
        warm = lathe("shift: day", "1 h", "pin 14:30", shifts=DAY)
        assert first_difference(warm, cold, "34 h", "state") == (
            (420, "state", "lathe", "starved"),
            (420, "state", "lathe", "setup"),
        )

    def test_warming_up_begins_anew_after_another_long_stop(self) -> None:
        """The break of 20 min is longer than 15: another 20 min from 07:30."""
        plant = lathe("shift: day, start-up: {after: 15 min, lasts: 20 min}", "1 h", "pin 14:30", shifts=DAY)
        assert states(plant, "lathe", "8 h")[3:5] == [(450, "setup"), (470, "starved")]

    @pytest.mark.parametrize(("after", "ends"), [("2 h", 500), ("3 h", 480)])
    def test_after_a_repair_longer_than_that(self, after: str, ends: float) -> None:
        """Five hours of work, down from 2:30 to 5:30; 20 min of warming up after more than two hours, none after no more than three."""
        words = (
            f"failures: [{{every: 150 min, clock: calendar, repair: 3 h}}], start-up: {{after: {after}, lasts: 20 min}}"
        )
        plant = lathe(words, "5 h", "pin 00:00")
        assert states(plant, "lathe", "470 min")[-1] == (ends - 150, "working")

    def test_stops_one_after_the_other_are_one_stop(self) -> None:
        """Two repairs of an hour each, from 120 to 240, and 'after' 90 min."""
        words = (
            "failures: [{every: 2 h, clock: calendar, repair: 1 h}, {every: 2 h, clock: calendar, repair: 1 h}], "
            "start-up: {after: 90 min, lasts: 20 min}"
        )
        assert states(lathe(words, "5 h", "pin 00:00"), "lathe", "270 min") == [
            (0, "working"), (120, "in repair"), (240, "setup"), (260, "working"),
        ]  # fmt: skip

    def test_nobody_is_needed(self) -> None:
        """The setter is not there before 8:00: warming up is done at 07:40, the setup waits."""
        text = (
            DAY.replace("}}\n", '}, late: {days: Mon-Fri, from: "08:00", to: "15:00"}}\n')
            + "people: {Ana: {shift: late, skills: {setting: 1}}}\n"
        )
        plant = shop(
            f"""
plant: Lathe
{text}work centers: {{lathe: {{machines: 1, shift: day, start-up: {{after: 2 h, lasts: 20 min}}}}}}
products: {{pin: {{release: {{orders: orders.csv}}, routing: [turn: {{at: lathe, time: 1 h, staff: [{{skill: setting}}]}}]}}}}
""",
            "pin 00:00",
        )
        assert states(plant, "lathe", "8.9 h")[1:] == [
            (420, "setup"), (430, "off shift"), (450, "setup"), (460, "no staff"), (480, "working"),
        ]  # fmt: skip


def pair(maintenance: str, people: str = "") -> Plant:
    """Two machines, lots of 3 and 5 h, and one more that waits."""
    return shop(
        f"""
plant: Pair
{people}work centers: {{m: {{machines: 2, maintenance: [{{every: 20 h, lasts: 1 h, first: 2 h{maintenance}}}]}}}}
products:
  short: {{release: {{orders: orders.csv}}, routing: [turn: {{at: m, time: 3 h}}]}}
  long: {{release: {{orders: orders.csv}}, routing: [turn: {{at: m, time: 5 h}}]}}
""",
        "short 00:00", "long 00:00", "short 00:30",
    )  # fmt: skip


class TestWorkCentersMaintainedAtOnce:
    def test_no_new_job_until_all_are_empty_and_all_are_done(self) -> None:
        """Due at 2:00: the first is empty at 3:00 and waits, the second at 5:00; both are maintained until 6:00."""
        together, alone = pair(", per: work center"), pair("")
        assert states(together, "m 1", "7 h") == [
            (0, "working"), (180, "waiting for repair"), (300, "maintenance"), (360, "working"),
        ]  # fmt: skip
        assert states(together, "m 2", "7 h") == [(0, "working"), (300, "maintenance"), (360, "starved")]
        assert first_difference(alone, together, "7 h", "started") == (
            (240, "started", "short 3", "turn", "m 1"),
            (360, "started", "short 3", "turn", "m 1"),
        )
        assert not_simulated(together) == ()

    def test_one_crew_does_it_once(self) -> None:
        """Alone each machine takes him for an hour, together both take him for one."""
        people = "people: {Ben: {skills: {care: 1}}}\n"
        one, both = pair(", per: work center, by: care", people), pair(", by: care", people)
        assert exactly(tell(one, "8 h"), "use of people", crew="Ben") == pytest.approx(1 / 8)
        assert exactly(tell(both, "8 h"), "use of people", crew="Ben") == pytest.approx(2 / 8)

    def test_in_the_hours_of_its_shift(self) -> None:
        """Due at 23:00 of Monday, 8 h of maintenance: from 07:00 to 15:00 on Tuesday, with a break of 20 min until Wednesday."""
        words = "shift: day, maintenance: [{every: 1000 h, lasts: 8 h, first: 23 h, per: work center}]"
        plant = lathe(words, "1 h", "pin 23:00", shifts=DAY)
        assert hours(tell(plant, "56 h"), "lathe")["maintenance"] == 8

    @pytest.mark.parametrize("words", ["clock: working, ", "clock: count, "])
    def test_by_the_calendar_only(self, words: str) -> None:
        every = "100 pieces" if "count" in words else "20 h"
        with pytest.raises(PlantError, match="all machines of a work center stop together, by the calendar"):
            lathe(f"maintenance: [{{every: {every}, {words}lasts: 1 h, per: work center}}]", "1 h", "pin 00:00")

    def test_not_by_a_machine_alone(self) -> None:
        machine = "{name: a, maintenance: [{every: 9 h, lasts: 1 h, per: work center}]}"
        with pytest.raises(PlantError, match="own maintenance is of it alone"):
            read_text(
                f"plant: A\nwork centers: {{m: {{machines: [{machine}]}}}}\nproducts: {{p: {{release: saturated, routing: [a: {{at: m, time: 1 h}}]}}}}\n"
            )


def bay(
    words: str, saw: str = "", people: str = "", area: str = "areas: {{bay: {{work centers: [saw, press], {words}}}}}\n"
) -> Plant:
    """A saw that works an hour a lot, and a press that works 100 minutes; each has two lots."""
    return shop(
        f"""
plant: Bay
{people}work centers: {{saw: {{machines: 1{saw}}}, press: {{machines: 1}}}}
{area.format(words=words)}products:
  plank: {{release: {{orders: orders.csv}}, routing: [saw: {{at: saw, time: 60 min}}]}}
  plate: {{release: {{orders: orders.csv}}, routing: [press: {{at: press, time: 100 min}}]}}
""",
        "plank 00:00", "plank 00:00", "plate 00:00", "plate 00:00",
    )  # fmt: skip


class TestAreas:
    def test_a_failure_stops_all_at_once_and_one_repair_ends_it(self) -> None:
        """Down from 90 to 120: the second plank is done at 150, the first plate at 130."""
        fails, never = bay("failures: [{every: 90 min, repair: 30 min}]"), bay("", area="")
        assert states(fails, "saw", "2.4 h") == [(0, "working"), (90, "in repair"), (120, "working")]
        assert states(fails, "press", "2.4 h") == [(0, "working"), (90, "in repair"), (120, "working")]
        assert first_difference(never, fails, "3 h", "ended")[1] == (130, "ended", "plate 2", "press", "press")
        assert not_simulated(fails) == ()

    def test_the_next_failure_counts_from_the_end_of_the_repair(self) -> None:
        plant = bay("failures: [{every: 90 min, repair: 30 min}]")
        assert hours(tell(plant, "6 h"), "saw")["in repair"] == 1.5  # from 90, 210 and 330 on

    def test_all_wait_for_the_one_who_repairs(self) -> None:
        people = 'shifts: {late: {days: Mon-Fri, from: "02:00", to: "10:00"}}\npeople: {Ben: {shift: late, skills: {care: 1}}}\n'
        plant = bay("failures: [{every: 90 min, repair: 30 min, by: care}]", people=people)
        assert states(plant, "press", "3 h") == [
            (0, "working"), (90, "waiting for repair"), (120, "in repair"), (150, "working"),
        ]  # fmt: skip

    def test_work_may_be_scrapped(self) -> None:
        plant = bay("failures: [{every: 90 min, repair: 30 min, then: scrap}]")
        assert [row[:3] for row in log_of(plant, "2 h", "scrapped")] == [
            (90, "scrapped", "plank 3"),
            (90, "scrapped", "plate 2"),
        ]

    def test_a_repair_of_a_machines_own_goes_on_meanwhile(self) -> None:
        """The saw's own from 60 to 120, the area's from 90 to 150."""
        own = ", failures: [{every: 60 min, clock: calendar, repair: 60 min}]"
        plant = bay("failures: [{every: 90 min, repair: 60 min}]", saw=own)
        assert states(plant, "saw", "2.9 h") == [(0, "working"), (60, "in repair"), (150, "working")]

    def test_a_failure_of_a_machines_own_waits_for_the_end(self) -> None:
        """The saw's own falls due at 100, while the area is down from 90 to 120: it is down until 130."""
        own = ", failures: [{every: 100 min, clock: calendar, repair: 10 min}]"
        plant = bay("failures: [{every: 90 min, repair: 30 min}]", saw=own)
        assert states(plant, "saw", "2.4 h") == [(0, "working"), (90, "in repair"), (130, "working")]

    def test_maintenance_waits_until_all_are_empty(self) -> None:
        """Due at 50: the saw is empty at 60, the press at 100; all are maintained until 120."""
        plant = bay("maintenance: [{every: 50 h, lasts: 20 min, first: 50 min}]")
        assert states(plant, "saw", "2.4 h") == [
            (0, "working"), (60, "waiting for repair"), (100, "maintenance"), (120, "working"),
        ]  # fmt: skip
        assert states(plant, "press", "2.4 h") == [(0, "working"), (100, "maintenance"), (120, "working")]

    def test_two_areas_share_a_machine(self) -> None:
        """The bay is down from 90 to 120, the yard, of the saw alone, from 100 to 140."""
        areas = (
            "areas:\n  bay: {{work centers: [saw, press], failures: [{{every: 90 min, repair: 30 min}}]}}\n"
            "  yard: {{work centers: [saw], failures: [{{every: 100 min, repair: 40 min}}]}}\n"
        )
        plant = bay("", area=areas)
        assert states(plant, "saw", "2.5 h") == [(0, "working"), (90, "in repair"), (140, "working")]
        assert states(plant, "press", "2.4 h") == [(0, "working"), (90, "in repair"), (120, "working")]

    @pytest.mark.parametrize(
        ("words", "said"),
        [
            (
                "failures: [{every: 90 min, clock: working, repair: 30 min}]",
                "the machines of an area stop together, by the calendar",
            ),
            (
                "failures: [{every: 90 pieces, repair: 30 min}]",
                "the machines of an area stop together, by the calendar",
            ),
            ("maintenance: [{every: 90 h, lasts: 30 min, per: work center}]", "leave out 'per'"),
        ],
    )
    def test_what_an_area_cannot_do(self, words: str, said: str) -> None:
        with pytest.raises(PlantError, match=said):
            bay(words)

    def test_an_area_that_is_no_more_lets_its_machines_go_on(self) -> None:
        """Down from 90 to 290, but the plant is changed at 100; and the other way round, an area that is new does not strike at once."""
        fails, never = bay("failures: [{every: 90 min, repair: 200 min}]"), bay("", area="")
        for before, then, expected in (
            (fails, never, [(0, "working"), (90, "in repair"), (100, "working"), (130, "starved")]),
            (never, fails, [(0, "working"), (120, "starved"), (190, "in repair")]),
        ):
            state = begin(before, horizon="1 d", log=True).run_until("100 min").continued(then).run_until("3.3 h")
            rows = [told(event) for event in state.history() if event.what == "state"]
            assert [(row[0], row[-1]) for row in rows if row[2] == "saw"] == expected

    def test_no_area_of_unlimited_machines(self) -> None:
        with pytest.raises(PlantError, match="'saw' has unlimited machines, which do not stop"):
            read_text(
                "plant: A\nwork centers: {saw: {machines: unlimited}}\nareas: {bay: {work centers: [saw]}}\n"
                "products: {p: {release: {conwip: 1 lot}, routing: [a: {at: saw, time: 1 h}]}}\n"
            )
