"""Delays of work centers: lots from other steps lie before they come. Stories worked out by hand, and a queue known exactly."""

from __future__ import annotations

import pytest

from plantwright.errors import PlantError
from plantwright.plant.reading import read_text
from plantwright.simulation import simulate
from tests.simulation.plants import log_of, shop, tell

LINE = """
plant: Line with a delay
work centers: {{a: {{machines: 1}}, b: {{machines: 1, delay: 3 h{b}}}}}
products:
  red: {{lot: 1 piece, release: {{orders: orders.csv}}, routing: [{routing}]}}
"""
TWO = "cut: {at: a, time: 1 h/lot}, fit: {at: b, time: 2 h/lot}"


def started(routing: str = TWO, *orders: str, b: str = "") -> list[tuple[float, str, str]]:
    rows = log_of(shop(LINE.format(routing=routing, b=b), *orders), "24 h", "started")
    return [(row[0] / 60, row[2], row[3]) for row in rows]


def test_lots_lie_beside_each_other_and_hold_no_machine() -> None:
    """Cut at 0 and 1, there at 4 and 5: the second waits for the first until 6. The cutting machine is never blocked."""
    assert started(TWO, "red 00:00", "red 00:00") == [
        (0, "red 1", "cut"), (1, "red 2", "cut"), (4, "red 1", "fit"), (6, "red 2", "fit"),
    ]  # fmt: skip


def test_a_lot_that_has_lain_waits_outside_for_a_place() -> None:
    """No place but the machine: three lots are there at 4, 5 and 6, and are fitted at 4, 6 and 8; cutting goes on at 1 and 2."""
    found = started(TWO, "red 00:00", "red 00:00", "red 00:00", b=", buffer: 0 lots")
    assert [time for time, _, step in found if step == "cut"] == [0, 1, 2]
    assert [time for time, _, step in found if step == "fit"] == [4, 6, 8]


def test_a_released_lot_comes_at_once_and_one_that_comes_back_does_not() -> None:
    """Fitted at 0, away until 2, back after three hours."""
    routing = "fit: {at: b, time: 2 h/lot, rework: {share: 100 %, back to: fit, at most: 1}}"
    assert started(routing, "red 00:00") == [(0, "red 1", "fit"), (5, "red 1", "fit")]


def test_steps_in_no_time_at_the_release_are_no_coming_from_another_step() -> None:
    routing = "begin: {at: none, time: 0 h/lot}, fit: {at: b, time: 2 h/lot}, check: {at: b, time: 1 h/lot}"
    text = LINE.format(routing=routing, b="").replace("{a:", "{none: {machines: unlimited}, a:")
    rows = log_of(shop(text, "red 00:00"), "24 h", "started")
    assert [(row[0] / 60, row[3]) for row in rows] == [(0, "begin"), (0, "fit"), (5, "check")]


def test_parts_of_a_lot_lie_when_they_are_together() -> None:
    """The long part is done at 5; then the whole lot lies for three hours."""
    routing = (
        "cut: {at: a, time: 1 h/lot}, long: {at: c, time: 4 h/lot, after: [cut]}, short: {at: d, time: 1 h/lot, after: [cut]}, "
        "fit: {at: b, time: 2 h/lot, after: [long, short]}"
    )
    text = LINE.format(routing=routing, b="").replace("{a:", "{c: {machines: 1}, d: {machines: 1}, a:")
    rows = log_of(shop(text, "red 00:00"), "24 h", "started")
    assert [row[0] / 60 for row in rows if row[3] == "fit"] == [8]


def test_a_delay_passes_in_its_own_hours() -> None:
    """Cut at 0 and 1, open from 2 to 4 and on the next day: the first has lain for two hours at 4, both for three at 3 of the next day."""
    text = LINE.format(routing=TWO, b=", delay shift: office").replace(
        "plant: Line with a delay",
        "plant: Line with a delay\nshifts: {office: {days: Mon-Fri, from: '02:00', to: '04:00'}}",
    )
    rows = log_of(shop(text, "red 00:00", "red 00:00"), "48 h", "started")
    assert [(row[0] / 60, row[2]) for row in rows if row[3] == "fit"] == [(27, "red 1"), (29, "red 2")]


def test_what_lies_is_told() -> None:
    """Of 24 hours two lots lie for three each; none of it is a queue before the machine but the hour of the second."""
    run = tell(shop(LINE.format(routing=TWO, b=""), "red 00:00", "red 00:00"), "24 h")
    mean = {e.name: e.mean for e in run.estimates if e.of == {"work center": "b"} and e.quantile is None}
    assert mean["lots delayed"] == pytest.approx(6 / 24)
    assert mean["buffer level"] == pytest.approx(1 / 24)


def test_a_delay_between_two_queues_adds_its_mean_and_nothing_else() -> None:
    """Poisson arrivals, one machine, a delay, another: lots leave M/M/1 and M/G/infinity as a Poisson process, so that each queue is M/M/1 by itself (Burke
    1956; Mirasol 1963): (1 / (1 - .7) + 1 / (1 - .7) + 5) h for machines of one hour.
    """
    plant = read_text("""
plant: Tandem with a delay
work centers: {a: {machines: 1}, b: {machines: 1, delay: gamma 5 h cv 1.5}}
products:
  p: {lot: 1 piece, release: {every: exponential 1.4285714 h}, routing: [one: {at: a, time: exponential 1 h/lot}, two: {at: b, time: exponential 1 h/lot}]}
""")
    found = simulate(plant, horizon="4000 d", warmup="100 d", replications=8, seed=3, level=0.999).estimate(
        "cycle time"
    )
    assert found.low <= (2 / 0.3 + 5) * 3600 <= found.high
    assert found.high - found.low < 0.12 * found.mean


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("{a: {machines: 1, delay: 1 h}, b: {machines: 1}}", "PW1252"),
        ("{a: {machines: 1, delay: 1 h, delay shift: day}, b: {machines: 1, delay: 1 h}}", "PW1252"),
        ("{a: {machines: 1, delay: 1 h, delay shift: dya}, b: {machines: 1}}", "PW1241"),
        ("{a: {machines: 1, staff: [{skill: cutting 1}]}, b: {machines: 1}}", "PW1252"),
        ("{a: {machines: 1}, b: {machines: unlimited, delay: 1 h, staff: [{skill: cutting 1}]}}", "PW1259"),
    ],
)
def test_what_would_be_in_doubt_is_refused(text: str, code: str) -> None:
    with pytest.raises(PlantError) as error:
        read_text(
            f"plant: In doubt\nshifts: {{day: {{days: Mon-Fri, from: '07:00', to: '15:00'}}}}\npeople: {{Ana: {{skills: {{cutting: 2}}}}}}\nwork centers: {text}\nproducts: {{p: {{release: {{every: 1 h}}, routing: [cut: {{at: [a, b], time: 1 h}}]}}}}\n"
        )
    assert code in {problem.code for problem in error.value.problems}
