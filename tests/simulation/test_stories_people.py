"""People and hours: shifts, breaks, overtime, skills, crews that are shared. Stories without chance, worked out by hand."""

from __future__ import annotations

import pytest

from plantwright.plant import Plant
from tests.simulation.plants import cycle_hours, exactly, hours, made, shop, tell

DAY = "{days: Mon-Fri, from: '07:00', to: '15:00', breaks: ['11:00-11:30']}"


def day_shop(release: str, shift: str = DAY, time: str = "2 h") -> Plant:
    """One machine that works by a shift, and one order at the hour given of Monday 5 January 2026."""
    return shop(
        f"plant: Day shop\nshifts:\n  day: {shift}\nwork centers: {{m: {{machines: 1, shift: day}}}}\n"
        f"products: {{part: {{release: {{orders: orders.csv}}, routing: [work: {{at: m, time: {time}}}]}}}}\n",
        f"part {release}",
    )


class TestHours:
    @pytest.mark.parametrize(
        ("release", "time", "taken"),
        [
            ("08:00", "2 h", 2.0),
            ("10:00", "2 h", 2.5),  # the break
            ("11:10", "1 h", 1 + 1 / 3),  # comes in the break
            ("14:00", "2 h", 18.0),  # until Tuesday 08:00
            ("14:00", "1 h", 1.0),  # done as the shift ends
            ("16:00", "1 h", 16.0),  # comes after the shift
            ("03:00", "1 h", 5.0),  # comes before it
            ("07:00", "38.5 h", 7 * 24 + 1),  # five days of 7.5 h, and the next Monday until 08:00
        ],
    )
    def test_work_rests_off_shift_and_goes_on_where_it_stopped(self, release: str, time: str, taken: float) -> None:
        assert cycle_hours(tell(day_shop(release, time=time), "14 d")) == pytest.approx(taken)

    def test_states_of_a_week(self) -> None:
        run = tell(day_shop("10:00"), "7 d")
        assert hours(run, "m") == {"working": 2, "starved": 35.5, "off shift": 168 - 37.5}

    def test_closed_days_and_other_hours(self) -> None:
        """Tuesday is closed and Wednesday opens at 09:00."""
        shift = "{days: Mon-Fri, from: '07:00', to: '15:00', except: {2026-01-06: closed, 2026-01-07: '09:00-15:00'}}"
        run = tell(day_shop("14:00", shift), "7 d")
        assert cycle_hours(run) == 44  # until Wednesday 10:00
        assert hours(run, "m")["off shift"] == 168 - (8 + 0 + 6 + 8 + 8)

    def test_overtime_adds_hours(self) -> None:
        shift = (
            "{days: Mon-Fri, from: '07:00', to: '15:00', "
            "overtime: [{days: Mon, from: '15:00', to: '16:00'}, {days: Sat, from: '07:00', to: '12:00'}]}"
        )
        run = tell(day_shop("14:00", shift), "7 d")
        assert cycle_hours(run) == 2
        assert hours(run, "m")["off shift"] == 168 - 46

    def test_a_night_shift_works_over_midnight(self) -> None:
        shift = "{days: Mon-Fri, from: '22:00', to: '06:00'}"
        assert cycle_hours(tell(day_shop("21:00", shift, "4 h"), "7 d")) == 5

    def test_two_shifts_of_one_machine_follow_each_other(self) -> None:
        text = """
plant: Two shifts
shifts:
  early: {days: Mon-Fri, from: "06:00", to: "14:00"}
  late: {days: Mon-Fri, from: "14:00", to: "22:00"}
work centers: {m: {machines: 1, shift: [early, late]}}
products: {part: {release: {orders: orders.csv}, routing: [work: {at: m, time: 16 h}]}}
"""
        assert cycle_hours(tell(shop(text, "part 06:00"), "7 d")) == 16

    def test_a_delay_by_a_shift_counts_open_hours_only(self) -> None:
        text = f"""
plant: Inspection by hand
shifts: {{day: {DAY}}}
work centers: {{desk: {{machines: unlimited, shift: day}}}}
products: {{part: {{release: {{orders: orders.csv}}, routing: [look: {{at: desk, time: 2 h}}]}}}}
"""
        assert cycle_hours(tell(shop(text, "part 10:00"), "7 d")) == 2.5

    def test_repair_rests_with_the_machines_shift(self) -> None:
        """Fails at 14:00 after 7 h (a break lies between: 14:30), repair of an hour ends at 07:30 on Tuesday."""
        text = f"""
plant: Repair
shifts: {{day: {DAY}}}
work centers: {{m: {{machines: 1, shift: day, failures: [{{every: 7 h, repair: 1 h}}]}}}}
products: {{part: {{release: {{orders: orders.csv}}, routing: [work: {{at: m, time: 8 h}}]}}}}
"""
        run = tell(shop(text, "part 07:00"), "3 d")
        assert cycle_hours(run) == 25.5
        assert hours(run, "m")["in repair"] == 1


def hands(
    people: str,
    first: str,
    *orders: str,
    second: str = "",
    centers: str = "left: {machines: 1}, right: {machines: 1}",
) -> Plant:
    """Two benches open day and night, the staff that each step needs, and orders of a (left) and b (right)."""
    products = {
        "a": f"  a: {{release: {{orders: orders.csv}}, routing: [cut: {{at: left, {first}}}]}}\n",
        "b": f"  b: {{release: {{orders: orders.csv}}, routing: [sew: {{at: right, {second or first}}}]}}\n",
    }
    return shop(
        f"""
plant: Hands
shifts:
  day: {DAY}
  early: {{days: Mon-Fri, from: "06:00", to: "14:00"}}
  late: {{days: Mon-Fri, from: "14:00", to: "22:00"}}
people:
{people}
work centers: {{{centers}}}
products:
{"".join(text for name, text in products.items() if any(order.startswith(name) for order in orders))}""",
        *orders,
    )


class TestSkills:
    def test_a_machine_without_its_person_stands_still(self) -> None:
        """Ben works from 07:00 to 15:00 with a break; the bench is always open."""
        plant = hands(
            "  Ben: {shift: day, skills: {sewing: 2}}", "time: 6 h, staff: [{skill: sewing}]", "a 10:00", "b 00:00"
        )
        run = tell(plant, "2 d")
        # b from 07:00 to 13:30 with the break; a from 13:30 on: 1.5 h, then 4.5 h from 07:00 to 12:00 on Tuesday.
        assert cycle_hours(run, product="b") == 13.5
        assert cycle_hours(run, product="a") == 26
        assert hours(run, "right")["no staff"] == 7.5
        assert exactly(run, "use of people", crew="Ben") == pytest.approx(12 / 15)

    def test_one_person_serves_two_benches_in_turn(self) -> None:
        """At 01:00 the right bench has waited for an hour, the left one's second lot for a minute less."""
        plant = hands(
            "  Ben: {skills: {sewing: 2}}", "time: 1 h, staff: [{skill: sewing}]", "a 00:00", "b 00:00", "a 00:01"
        )
        run = tell(plant, "1 d")
        assert hours(run, "left") == {"working": 2, "no staff": 1, "starved": 21}
        assert cycle_hours(run, product="b") == 2
        assert exactly(run, "use of people", crew="Ben") == pytest.approx(3 / 24)

    def test_who_only_loads_is_free_while_the_machine_runs(self) -> None:
        """Load 10 minutes, run 50 alone: the second machine waits for the first load only."""
        plant = hands(
            "  Ben: {skills: {loading: 1}}",
            "load: 10 min, time: 50 min, staff: [{skill: loading, for: load}]",
            "a 00:00",
            "b 00:00",
        )
        run = tell(plant, "1 d")
        assert cycle_hours(run, product="a") == 1
        assert cycle_hours(run, product="b") == pytest.approx(70 / 60)
        assert exactly(run, "use of people", crew="Ben") == pytest.approx(20 / 1440)

    def test_who_loads_and_unloads_comes_back(self) -> None:
        """Ben unloads a at 1:00 as planned, but b, loaded at 0:10, is finished at 1:00 too and waits for him until 1:10."""
        plant = hands(
            "  Ben: {skills: {handling: 1}}",
            "load: 10 min, time: 50 min, unload: 10 min, staff: [{skill: handling, for: [load, unload]}]",
            "a 00:00",
            "b 00:00",
            second="load: 10 min, time: 40 min, unload: 10 min, staff: [{skill: handling, for: [load, unload]}]",
        )
        run = tell(plant, "1 d")
        assert cycle_hours(run, product="a") == pytest.approx(70 / 60)
        assert cycle_hours(run, product="b") == pytest.approx(80 / 60)
        assert hours(run, "right")["no staff"] == pytest.approx(20 / 60, abs=1e-6)

    def test_a_setter_is_needed_for_the_setup_only(self) -> None:
        plant = hands(
            "  Eva: {shift: day, skills: {setting: 3}}",
            "time: 3 h, staff: [{skill: setting, for: setup}]",
            "a 14:30",
            "b 14:30",
            centers="left: {machines: 1, setup: 1 h}, right: {machines: 1}",
        )
        run = tell(plant, "2 d")
        # Half the setup on Monday, half on Tuesday from 07:00 to 07:30; the work needs nobody.
        assert cycle_hours(run, product="a") == 17 + 3
        assert cycle_hours(run, product="b") == 3

    def test_the_level_must_be_high_enough(self) -> None:
        """Only Ana may do it, and she comes at 07:00."""
        people = "  Ana: {shift: day, skills: {sewing: 3}}\n  Ben: {skills: {sewing: 1}}"
        run = tell(hands(people, "time: 1 h, staff: [{skill: sewing 3}]", "a 00:00"), "1 d")
        assert cycle_hours(run, product="a") == 8
        assert exactly(run, "use of people", crew="Ben") == 0

    def test_the_one_with_the_fewest_skills_goes_first(self) -> None:
        """Ben can only cut, so Ana stays free to sew."""
        people = "  Ana: {skills: {cutting: 2, sewing: 2}}\n  Ben: {skills: {cutting: 2}}"
        plant = hands(
            people,
            "time: 1 h, staff: [{skill: cutting}]",
            "a 00:00",
            "b 00:10",
            second="time: 1 h, staff: [{skill: sewing}]",
        )
        run = tell(plant, "1 d")
        assert cycle_hours(run, product="a") == cycle_hours(run, product="b") == 1
        assert exactly(run, "use of people", crew="Ana") == pytest.approx(1 / 24)

    def test_two_people_at_once_or_not_at_all(self) -> None:
        """The press needs two of three; the second press waits although one is free."""
        plant = hands(
            "  press: {count: 3, skills: {pressing: 1}}",
            "time: 1 h, staff: [{skill: pressing, count: 2}]",
            "a 00:00",
            "b 00:00",
        )
        run = tell(plant, "1 d")
        assert cycle_hours(run, product="b") == 2
        assert exactly(run, "use of people", crew="press") == pytest.approx(4 / 72)

    def test_two_skills_are_seized_together(self) -> None:
        """A needs Ana and Ben; while Ben sews for 3 h, Ana is not held and sets about her own work."""
        people = "  Ana: {skills: {cutting: 1}}\n  Ben: {skills: {sewing: 1}}"
        text = f"""
plant: Together
people:
{people}
work centers: {{left: {{machines: 1}}, right: {{machines: 1}}, third: {{machines: 1}}}}
products:
  a: {{release: {{orders: orders.csv}}, routing: [x: {{at: left, time: 1 h, staff: [{{skill: cutting}}, {{skill: sewing}}]}}]}}
  b: {{release: {{orders: orders.csv}}, routing: [x: {{at: right, time: 3 h, staff: [{{skill: sewing}}]}}]}}
  c: {{release: {{orders: orders.csv}}, routing: [x: {{at: third, time: 1 h, staff: [{{skill: cutting}}]}}]}}
"""
        run = tell(shop(text, "b 00:00", "a 00:10", "c 00:20"), "1 d")
        assert cycle_hours(run, product="c") == 1
        assert cycle_hours(run, product="a") == pytest.approx(4 - 1 / 6)

    def test_the_next_shift_takes_over(self) -> None:
        people = "  early: {shift: early, skills: {sewing: 1}}\n  late: {shift: late, skills: {sewing: 1}}"
        run = tell(hands(people, "time: 10 h, staff: [{skill: sewing}]", "a 06:00"), "1 d")
        assert cycle_hours(run, product="a") == 10
        assert exactly(run, "use of people", crew="early") == 1
        assert exactly(run, "use of people", crew="late") == 0.25

    def test_what_stopped_half_way_goes_before_what_has_not_begun(self) -> None:
        """a is interrupted at 15:00; on Tuesday Ben ends it first, although b has waited longer."""
        plant = hands(
            "  Ben: {shift: day, skills: {sewing: 1}}", "time: 2 h, staff: [{skill: sewing}]", "a 14:00", "b 14:10"
        )
        run = tell(plant, "3 d")
        assert cycle_hours(run, product="a") == 18
        assert cycle_hours(run, product="b") == pytest.approx(20 - 1 / 6)

    def test_a_repair_waits_for_its_technician(self) -> None:
        """Fails at 01:00; the technician comes at 07:00; the work ends at 09:00."""
        people = "  Tom: {shift: day, skills: {repair: 2}}"
        centers = "left: {machines: 1, failures: [{every: 1 h, repair: 1 h, by: repair 2}]}, right: {machines: 1}"
        run = tell(hands(people, "time: 1.5 h", "a 00:00", centers=centers), "8.4 h")
        assert hours(run, "left") == {"working": 1.4, "waiting for repair": 6, "in repair": 1}
        assert exactly(run, "use of people", crew="Tom") == pytest.approx(1 / 1.4)

    def test_demand_per_working_day_is_spread_over_open_hours(self) -> None:
        """Fifteen a day in 7.5 h: one every half hour, none of them in the break or at night."""
        text = f"""
plant: Evenly
shifts: {{day: {DAY}}}
work centers: {{m: {{machines: 1, shift: day}}}}
products: {{part: {{demand: {{rate: 15 pieces/working day}}, routing: [work: {{at: m, time: 20 min}}]}}}}
"""
        run = tell(shop(text), "14 d")
        assert made(run) == 150
        assert hours(run, "m")["working"] == 50
        assert cycle_hours(run) == pytest.approx(1 / 3)
