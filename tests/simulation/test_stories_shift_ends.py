"""Shifts that end with the piece, and people who do not come. Stories worked out by hand, in minutes."""

from __future__ import annotations

import math

import pytest

from plantwright.errors import SimulationError
from plantwright.plant import Plant
from plantwright.simulation.streams import ABSENCE
from tests.simulation.plants import exactly, first_difference, log_of, shop, tell
from tests.twin.luck import Luck, entity

DAY = 24 * 60
CENTER_END = "{machines: 1, shift: day, shift end: finish piece}"


def day_shop(
    order: str,
    time: str = "40 min/piece",
    center: str = CENTER_END,
    people: str = "",
    more: str = "",
    breaks: str = "",
) -> Plant:
    """One machine by a shift from 07:00 to 15:00, and one order of three pieces."""
    return shop(
        f"plant: Day shop\nshifts:\n  day: {{days: Mon-Fri, from: '07:00', to: '15:00'{breaks}}}\n"
        f"people: {{{people}}}\nwork centers: {{m: {center}}}\n"
        f"products: {{part: {{lot: 3 pieces, release: {{orders: orders.csv}}, routing: [work: {{at: m, time: {time}{more}}}]}}}}\n",
        f"{order} quantity=3",
    )


class TestFinishPiece:
    def test_the_piece_is_finished_and_the_rest_waits_for_the_next_day(self) -> None:
        """From 14:00 on 40 min a piece: the second is done at 15:20, the third on Tuesday at 07:40; with `pause` at 08:00."""
        plant = day_shop("part 14:00")
        assert log_of(plant, "2 d", "state", "ended") == [
            (0, "state", "m", "off shift"),
            (420, "state", "m", "starved"),
            (840, "state", "m", "working"),
            (920, "state", "m", "off shift"),
            (DAY + 420, "state", "m", "working"),
            (DAY + 460, "ended", "part 1", "work", "m"),
            (DAY + 460, "state", "m", "starved"),
            (DAY + 900, "state", "m", "off shift"),
        ]
        pausing = day_shop("part 14:00", center="{machines: 1, shift: day}")
        assert first_difference(plant, pausing, "2 d", "state") == (
            (920, "state", "m", "off shift"),
            (900, "state", "m", "off shift"),
        )
        assert log_of(pausing, "2 d", "ended") == [(DAY + 480, "ended", "part 1", "work", "m")]

    @pytest.mark.parametrize(
        ("order", "time", "more", "ended"),
        [
            ("part 14:30", "120 min/lot", "", 990),  # by the lot the whole job: until 16:30
            ("part 14:20", "40 min/piece", "", DAY + 500),  # the first piece is done as the shift ends: it stops
            ("part 13:00", "40 min/piece", "", 900),  # the last one too
            ("part 14:50", "40 min/piece", ", load: 20 min/lot", DAY + 540),  # loaded by 15:10; it runs on Tuesday
            (
                "part 14:50",
                "5 min/piece",
                ", unload: 20 min/lot",
                DAY + 445,
            ),  # two pieces; Tuesday 07:05, unloaded 07:25
        ],
    )
    def test_which_work_is_finished(self, order: str, time: str, more: str, ended: float) -> None:
        assert [row[0] for row in log_of(day_shop(order, time, more=more), "2 d", "ended")] == [ended]

    def test_a_piece_that_outlasts_a_break_goes_on_through_it(self) -> None:
        """Begun at 10:30: pieces end at 11:10, 11:50, 12:30; the break from 11:20 to 11:40 passes unseen."""
        breaks = ", breaks: ['11:20-11:40']"
        assert log_of(day_shop("part 10:30", breaks=breaks), "1 d", "state", "ended")[2:5] == [
            (630, "state", "m", "working"),
            (750, "ended", "part 1", "work", "m"),
            (750, "state", "m", "starved"),
        ]

    def test_a_failure_ends_it(self) -> None:
        """It fails after 70 min of work, at 15:10, and is repaired on Tuesday from 07:00 to 08:00; 50 min of work are left."""
        center = CENTER_END[:-1] + ", failures: [{every: 70 min, repair: 1 h}]}"
        assert log_of(day_shop("part 14:00", center=center), "2 d", "state")[2:6] == [
            (840, "state", "m", "working"),
            (910, "state", "m", "off shift"),
            (DAY + 420, "state", "m", "in repair"),
            (DAY + 480, "state", "m", "working"),
        ]

    def test_people_who_finish_the_piece_stay_with_it(self) -> None:
        """The machine is always there. Ana's shift ends in the second piece, at 15:20 she leaves; she is 1 h 20 min at work."""
        people = "Ana: {shift: day, shift end: finish piece, skills: {work: 1}}"
        plant = day_shop("part 14:00", center="{machines: 1}", people=people, more=", staff: [{skill: work}]")
        assert log_of(plant, "2 d", "people seized", "people let go", "ended") == [
            (840, "people seized", "work", "m", "Ana"),
            (920, "people let go", "work", "m", "Ana"),
            (DAY + 420, "people seized", "work", "m", "Ana"),
            (DAY + 460, "people let go", "work", "m", "Ana"),
            (DAY + 460, "ended", "part 1", "work", "m"),
        ]
        assert exactly(tell(plant, "1 d"), "use of people", crew="Ana") == pytest.approx(80 / 480)
        leaving = day_shop(
            "part 14:00", center="{machines: 1}", people=people.replace("shift end: finish piece, ", ""),
            more=", staff: [{skill: work}]",
        )  # fmt: skip
        assert first_difference(plant, leaving, "2 d", "people let go") == (
            (920, "people let go", "work", "m", "Ana"),
            (900, "people let go", "work", "m", "Ana"),
        )

    def test_a_machine_that_would_finish_stops_when_its_people_leave(self) -> None:
        people = "Ana: {shift: day, skills: {work: 1}}"
        plant = day_shop("part 14:00", people=people, more=", staff: [{skill: work}]")
        assert log_of(plant, "2 d", "state", "ended")[2:5] == [
            (840, "state", "m", "working"),
            (900, "state", "m", "off shift"),
            (DAY + 420, "state", "m", "working"),
        ]

    def test_with_both_the_piece_is_done(self) -> None:
        people = "Ana: {shift: day, shift end: finish piece, skills: {work: 1}}"
        plant = day_shop("part 14:00", people=people, more=", staff: [{skill: work}]")
        assert log_of(plant, "2 d", "ended", "people let go")[0] == (920, "people let go", "work", "m", "Ana")
        assert log_of(plant, "2 d", "ended") == [(DAY + 460, "ended", "part 1", "work", "m")]

    def test_who_finishes_the_piece_is_relieved_after_it(self) -> None:
        """Ben comes at 15:00 and takes over after the piece that Ana finishes."""
        people = "Ana: {shift: day, shift end: finish piece, skills: {work: 1}}, Ben: {shift: late, skills: {work: 1, more: 1}}"
        plant = shop(
            "plant: Relief\nshifts: {day: {days: Mon-Fri, from: '07:00', to: '15:00'}, late: {days: Mon-Fri, from: '15:00', to: '23:00'}}\n"
            f"people: {{{people}}}\nwork centers: {{m: {{}}}}\nproducts:\n"
            "  part: {lot: 3 pieces, release: {orders: orders.csv}, routing: [work: {at: m, time: 40 min/piece, staff: [{skill: work}]}]}\n",
            "part 14:00 quantity=3",
        )
        assert log_of(plant, "1 d", "people seized", "ended") == [
            (840, "people seized", "work", "m", "Ana"),
            (920, "people seized", "work", "m", "Ben"),
            (960, "ended", "part 1", "work", "m"),
        ]


def alone(absence: str, crew: str = "Ana: {", more: str = "", every: str = "1 h") -> Plant:
    """A person, or a crew, at a machine with work for ever."""
    return shop(
        f"plant: Alone\npeople: {{{crew}absence: {absence}, skills: {{work: 1}}}}{more}}}\nwork centers: {{m: {{machines: 2}}}}\n"
        f"products: {{part: {{release: {{every: {every}}}, routing: [work: {{at: m, time: 100 d, staff: [{{skill: work}}]}}]}}}}\n"
    )


class TestAbsence:
    def test_the_first_spells_are_where_the_draws_put_them(self) -> None:
        """Away half the time, 2 h each: between spells exponential with mean 2 h, drawn by -2 h ln(u), u as the semantics say.

        Work comes at 01:00 and rests while she is away.
        """
        luck, person = Luck(1, 0), entity("absence", "Ana", 0)
        there = [-120 * math.log(luck.uniform(ABSENCE, person, count)) for count in range(2)]
        plant = alone("{share: 50 %, spell: 2 h}")
        seen = [(row[0], row[1]) for row in log_of(plant, "10 h", "people seized", "people let go")]
        away = [(there[0], there[0] + 120), (there[0] + 120 + there[1], there[0] + 240 + there[1])]
        expected = [(60, "people seized")] if not away[0][0] < 60 < away[0][1] else []
        for start, end in away:
            expected += [(start, "people let go")] if start > 60 else []
            expected += [(end, "people seized")] if end > 60 else []
        assert seen[: len(expected)] == [(pytest.approx(time, abs=1e-5), what) for time, what in expected if time < 600]
        assert len(seen) >= 2

    def test_the_share_is_what_is_lost(self) -> None:
        """Two people with work for ever, away 20 % of the time in spells of a day: at work 80 %, over 20 runs of 400 days."""
        plant = alone("20 %", crew="pair: {count: 2, ")
        run = tell(plant, "420 d", warmup="20 d", replications=20)
        use = run.estimate("use of people", crew="pair")
        assert use.low <= 0.8 <= use.high
        assert use.high - use.low < 0.03

    def test_without_absence_nothing_is_lost(self) -> None:
        plant = alone("0 %")
        assert exactly(tell(plant, "20 d"), "use of people", crew="Ana") == pytest.approx(1 - 1 / 480)

    def test_another_takes_over(self) -> None:
        """Ana is back at 04:15 and has work from 05:00 on; when she is away again, at 08:17, Ben takes it over at once."""
        plant = alone("{share: 50 %, spell: 2 h}", more=", Ben: {skills: {work: 1, more: 1}}", every="5 h")
        seized, let_go, taken, *_ = log_of(plant, "12 h", "people seized", "people let go")
        assert seized == (300, "people seized", "work", "m 1", "Ana")
        assert let_go[0] == pytest.approx(497.7, abs=0.1)
        assert let_go[1:] == ("people let go", "work", "m 1", "Ana")
        assert taken == (let_go[0], "people seized", "work", "m 1", "Ben")

    @pytest.mark.parametrize(
        ("absence", "said"),
        [("100 %", "nobody of them would ever come"), ("{share: 5 %, spell: 0 d}", "longer than no time")],
    )
    def test_absence_that_makes_no_sense_is_refused(self, absence: str, said: str) -> None:
        with pytest.raises(SimulationError, match=rf"people > Ana > absence.*{said}"):
            tell(alone(absence), "1 d")
