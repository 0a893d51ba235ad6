"""People who tend several machines, and who walk. Stories without chance, worked out by hand, in minutes."""

from __future__ import annotations

import math

import pytest

from plantwright.plant import Plant
from plantwright.simulation.streams import ABSENCE
from tests.simulation.plants import exactly, first_difference, hours, log_of, made, shop, tell
from tests.twin.luck import Luck, entity

WEAVING = """
plant: Weaving
people: {Ana: {skills: {weaving: 1}}}
work centers: {loom: {machines: 5}}
products:
  cloth: {release: {orders: orders.csv}, routing: [weave: {at: loom, time: 1 h, staff: [{skill: weaving, tends: 3 machines}]}]}
"""


def looms(*cloths: str, text: str = WEAVING) -> Plant:
    return shop(text, *(f"cloth {time}" for time in cloths))


class TestTending:
    def test_one_weaver_tends_three_looms(self) -> None:
        """The fourth cloth waits until one of the first three is woven."""
        three, one = looms("00:00", "00:10", "00:20", "00:30"), WEAVING.replace(", tends: 3 machines", "")
        assert [(row[0], row[2]) for row in log_of(three, "5 h", "started")] == [
            (0, "cloth 1"),
            (10, "cloth 2"),
            (20, "cloth 3"),
            (60, "cloth 4"),
        ]
        assert first_difference(three, looms("00:00", "00:10", "00:20", "00:30", text=one), "5 h", "started") == (
            (10, "started", "cloth 2", "weave", "loom 2"),
            (60, "started", "cloth 2", "weave", "loom 2"),
        )
        # At work from 00:00 to 02:00, whether one loom runs or three.
        assert exactly(tell(three, "4 h"), "use of people", crew="Ana") == pytest.approx(2 / 4)

    def test_four_looms_keep_two_of_a_crew_at_work(self) -> None:
        """From 00:30 to 01:00 four run: two people; before and after, three at most: one."""
        text = WEAVING.replace("Ana: {", "weavers: {count: 2, ")
        run = tell(looms("00:00", "00:10", "00:20", "00:30", text=text), "4 h")
        assert exactly(run, "use of people", crew="weavers") == pytest.approx((90 + 30) / 480)

    def test_people_share_their_looms_at_will(self) -> None:
        """Six looms for two; when two are done at 01:00 the four that go on could be tended as three and one: both are at work until
        a third is done at 01:10. Then one tends the three left, and the other mends a harness."""
        text = (WEAVING.replace("Ana: {", "weavers: {count: 2, ").replace("machines: 5", "machines: 6")).replace(
            "loom: {", "bench: {}, loom: {"
        )
        text += "  harness: {release: {orders: orders.csv}, routing: [mend: {at: bench, time: 5 min, staff: [{skill: weaving}]}]}\n"
        orders = [f"cloth {time}" for time in ("00:00", "00:00", "00:10", "00:20", "00:30", "00:40")]
        log = log_of(shop(text, *orders, "harness 00:50"), "5 h", "started")
        assert log[-1] == (70, "started", "harness 7", "mend", "bench")

    def test_the_next_claim_goes_to_who_tends_others_already(self) -> None:
        """Bea can do less and would go first; but Ana tends the first loom, so that Bea stays free for the knitting at 00:20."""
        text = """
plant: Ana and Bea
people: {Bea: {shift: late, skills: {weaving: 1}}, Ana: {skills: {weaving: 1, knitting: 1}}}
shifts: {late: {days: Mon-Sun, from: "00:05", to: "23:00"}}
work centers: {loom: {machines: 2}, needle: {}}
products:
  cloth: {release: {orders: orders.csv}, routing: [weave: {at: loom, time: 1 h, staff: [{skill: weaving, tends: 2 machines}]}]}
  sock: {release: {orders: orders.csv}, routing: [knit: {at: needle, time: 1 h, staff: [{skill: weaving}]}]}
"""
        plant = shop(text, "cloth 00:00", "cloth 00:10", "sock 00:20")
        assert log_of(plant, "5 h", "people seized") == [
            (0, "people seized", "weave", "loom 1", "Ana"),
            (10, "people seized", "weave", "loom 2", "Ana"),
            (20, "people seized", "knit", "needle", "Bea"),
        ]

    def test_two_people_at_each_machine_who_both_tend_several(self) -> None:
        """Two sides of a loom, a person each, who tends two looms: four people for four looms, and three are here."""
        text = WEAVING.replace("Ana: {", "weavers: {count: 3, ").replace("tends: 3", "count: 2, tends: 2")
        log = log_of(looms("00:00", "00:10", "00:20", text=text), "5 h", "started")
        assert [row[0] for row in log] == [0, 10, 60]

    def test_two_needs_that_are_alike_are_two_people_like_a_count_of_two(self) -> None:
        """Nobody tends both sides of one loom. With needs for loading and for running one person does both, at two looms at once."""
        weavers = WEAVING.replace("Ana: {", "weavers: {count: 3, ")
        alike = weavers.replace("tends: 3 machines}", "tends: 2 machines}, {skill: weaving, tends: 2 machines}")
        orders = ("00:00", "00:10", "00:20")
        assert [row[0] for row in log_of(looms(*orders, text=alike), "5 h", "started")] == [0, 10, 60]
        phases = alike.replace("tends: 2 machines}, {", "tends: 2 machines, for: load}, {for: run, ")
        phases = phases.replace("count: 3", "count: 1").replace("weave: {", "weave: {load: 20 min, ")
        log = log_of(looms(*orders, text=phases), "5 h", "started", "people seized", "ended")
        assert [(row[0], row[1], row[-1]) for row in log] == [
            (0, "people seized", "weavers"),
            (0, "started", "loom 1"),
            (10, "people seized", "weavers"),
            (10, "started", "loom 2"),
            (20, "people seized", "weavers"),  # to run the first
            (30, "people seized", "weavers"),
            (80, "ended", "loom 1"),
            (80, "people seized", "weavers"),
            (80, "started", "loom 3"),
            (90, "ended", "loom 2"),
            (100, "people seized", "weavers"),
            (160, "ended", "loom 3"),
        ]

    def test_who_does_not_come_stops_a_loom_that_needs_two(self) -> None:
        """Two weavers at one loom that needs both; one is away from the minute that is drawn, for 2 h (ln u, as the semantics say)."""
        text = WEAVING.replace("Ana: {", "weavers: {count: 2, absence: {share: 50 %, spell: 2 h}, ").replace(
            "1 h", "100 h"
        )
        text = text.replace("tends: 3 machines}", "tends: 2 machines}, {skill: weaving, tends: 2 machines}")
        luck, people = Luck(1, 0), [entity("absence", "weavers", k) for k in range(2)]
        away: list[tuple[float, float]] = []
        for person in people:
            back = 0.0
            for count in range(40):
                start = back - 120 * math.log(luck.uniform(ABSENCE, person, count))
                back = start + 120
                away.append((start, back))
        both = [0.0]  # from when on both are there, and until when
        for start, end in sorted(away):
            if start > both[-1]:
                both += [start, end]
            else:
                both[-1] = max(both[-1], end)
        states = log_of(looms("00:00", text=text), "30 h", "state")
        works = [row[0] for row in states if row[2] == "loom 1" and row[-1] in ("working", "no staff")]
        expected = [time for time in both if time < 30 * 60]
        assert works == [pytest.approx(time, abs=1e-5) for time in expected]
        assert len(works) > 4

    def test_at_the_end_of_the_shift_all_she_tends_rests(self) -> None:
        text = (
            WEAVING.replace("{skills:", "{shift: day, skills:")
            + "shifts: {day: {days: Mon-Sun, from: '06:00', to: '07:30'}}\n"
        )
        log = log_of(looms("06:40", "06:50", text=text), "3 d", "ended")
        assert log == [
            (24 * 60 + 370, "ended", "cloth 1", "weave", "loom 1"),
            (24 * 60 + 380, "ended", "cloth 2", "weave", "loom 2"),
        ]

    def test_all_that_she_tends_rests_when_she_does_not_come(self) -> None:
        """Ana leaves at 202.91 minutes (as `words_told.py` has it): both her looms stop, though one alone would keep her as busy."""
        text = WEAVING.replace("Ana: {", "Ana: {absence: {share: 50 %, spell: 3 h}, ")
        rows = log_of(looms("03:00", "03:10", text=text), "4 h", "state")
        assert [(time, *rest) for time, *rest in rows if time > 200][:2] == [
            (pytest.approx(202.910851), "state", "loom 2", "no staff"),
            (pytest.approx(202.910851), "state", "loom 1", "no staff"),
        ]

    def test_interference_of_looms(self) -> None:
        """Deterministic: three looms stop for 20 min of tending after each hour, one weaver for two at a time.

        In each round of 80 min two are served at once and the third 20 min later, so that they fall out of step after the first
        round and then never wait: 80 min a cloth, but for the first of the third loom, 100 min.
        """
        text = """
plant: Looms
people: {Ana: {skills: {weaving: 1}}}
work centers: {loom: {machines: 3}}
products:
  cloth:
    release: {conwip: 3 lots}
    routing: [weave: {at: loom, load: 20 min, time: 1 h, staff: [{skill: weaving, for: load, tends: 2 machines}]}]
"""
        run = tell(shop(text), "801 min")
        assert made(run) * run.horizon / 86400 / run.working_days == pytest.approx(10 + 10 + 9)
        assert hours(run, "loom")["no staff"] == pytest.approx(20 / 60 / 3, abs=1e-6)


WALKING = """
plant: Walking
people: {Ana: {skills: {tending: 1}}}
work centers: {one: {}, other: {}}
products:
  a: {release: {orders: orders.csv}, routing: [do: {at: one, load: 5 min, time: 30 min, staff: [{skill: tending, walk: 2 min}]}]}
  b: {release: {orders: orders.csv}, routing: [do: {at: other, time: 30 min, staff: [{skill: tending, walk: 4 min}]}]}
"""


class TestWalking:
    def test_whoever_is_called_walks_first(self) -> None:
        """Two minutes to a, who stays from loading to running; four to b, which starts when a is done at 00:37."""
        plant = shop(WALKING, "a 00:00", "b 00:10")
        assert log_of(plant, "3 h", "people seized", "people let go", "ended") == [
            (0, "people seized", "do", "one", "Ana"),
            (37, "people let go", "do", "one", "Ana"),
            (37, "ended", "a 1", "do", "one"),
            (37, "people seized", "do", "other", "Ana"),
            (71, "people let go", "do", "other", "Ana"),
            (71, "ended", "b 2", "do", "other"),
        ]
        run = tell(plant, "2 h")
        assert exactly(run, "use of people", crew="Ana") == pytest.approx(71 / 120)
        assert hours(run, "one") == {
            "no staff": round(2 / 60, 6),
            "load": round(5 / 60, 6),
            "working": 0.5,
            "starved": round(83 / 60, 6),
        }
        assert first_difference(
            plant, shop(WALKING.replace(", walk: 2 min", ""), "a 00:00", "b 00:10"), "3 h", "ended"
        ) == (
            (37, "ended", "a 1", "do", "one"),
            (35, "ended", "a 1", "do", "one"),
        )

    def test_work_begins_when_the_last_has_come(self) -> None:
        text = """
plant: Two
people: {Ana: {skills: {tending: 1}}, Ben: {skills: {lifting: 1}}}
work centers: {one: {}}
products:
  a:
    release: {orders: orders.csv}
    routing: [do: {at: one, time: 30 min, staff: [{skill: tending, walk: 2 min}, {skill: lifting, walk: 7 min}]}]
"""
        assert log_of(shop(text, "a 00:00"), "3 h", "ended") == [(37, "ended", "a 1", "do", "one")]

    def test_a_walk_is_begun_anew_after_a_break(self) -> None:
        """The break is at 00:01; she walks again at 00:11, so that a is done at 00:48."""
        text = WALKING.replace("{skills: {tending: 1}}", "{shift: day, skills: {tending: 1}}")
        text += "shifts: {day: {days: Mon-Sun, from: '00:00', to: '12:00', breaks: ['00:01-00:11']}}\n"
        assert log_of(shop(text, "a 00:00", "b 02:00"), "2 h", "ended") == [(48, "ended", "a 1", "do", "one")]

    def test_a_technician_walks_too_and_the_machine_waits_for_repair_meanwhile(self) -> None:
        """Fails at 00:20, repair begins at 00:30 and ends at 01:30; the rest of the work, 10 min, at 01:40."""
        text = """
plant: Repair
people: {Tom: {skills: {repair: 1}}}
work centers: {one: {failures: [{every: 20 min, repair: 1 h, by: [{skill: repair, walk: 10 min}]}]}}
products: {a: {release: {orders: orders.csv}, routing: [do: {at: one, time: 30 min}]}}
"""
        run = tell(shop(text, "a 00:00"), "2 h")
        assert hours(run, "one") == {
            "starved": round(20 / 60, 6), "working": 0.5, "waiting for repair": round(10 / 60, 6), "in repair": 1,
        }  # fmt: skip
