"""Which numbers may be moved, and how a moved one is written: as a person would have."""

from __future__ import annotations

import pytest

from plantwright.calibration.totals.known import UNSAID, known_totals
from plantwright.calibration.totals.movable import Fixed, Movable, guesses_of
from plantwright.plant import Plant, changed, read_text
from plantwright.simulation import simulate

SHOP = """
plant: Shop
currency: EUR
people: {turners: {count: 3 guess 2..5, skills: {turning: 2}, absence: 5 % guess 0..20 %}}
work centers:
  lathe:
    machines: 2
    failures: [{every: weibull shape 1.7 scale 600 h guess 200..900 h, repair: lognormal 1.5 h cv 0.8 guess 1..4 h}]
  oven: {machines: 1, batch: {max: 8 lots guess 4..12 lots}, price: 90 kEUR guess 80..100 kEUR}
products:
  ring:
    release: {conwip: 12 lots guess 6..24 lots}
    routing:
      - turn: {at: lathe, time: triangular 50..60..80 min/lot guess 30..120 min, staff: [turning 2], yield: 97 % guess 90..99 %}
      - wait: {at: oven, time: 0 min/batch guess 0..3 h}
      - pack: {at: lathe, time: 5 min/lot guess, load: 1 min/lot guess 2..2 min}
"""


@pytest.fixture(scope="module")
def plant() -> Plant:
    return read_text(SHOP.replace("load: 1 min/lot guess 2..2 min", "load: 2 min/lot guess 2..2 min"))


@pytest.fixture(scope="module")
def movable(plant: Plant) -> dict[str, Movable]:
    return {one.label: one for one in guesses_of(plant)[0]}


@pytest.fixture(scope="module")
def fixed(plant: Plant) -> dict[str, Fixed]:
    return {one.label: one for one in guesses_of(plant)[1]}


@pytest.mark.parametrize(
    ("label", "value", "count", "text", "shown"),
    [
        ("turn > time", 95 * 60, 3, "triangular 75..90..120 min/lot guess 30..120 min", "95 min"),
        ("turn > yield", 0.9432, 3, "94.3 % guess 90..99 %", "94.3 %"),
        ("lathe > failures > 1 > repair", 2 * 3600, 2, "lognormal 2 h cv 0.8 guess 1..4 h", "2 h"),
        ("turners > count", 4, 2, "4 guess 2..5", "4"),
        ("release > conwip", 9, 2, "9 lots guess 6..24 lots", "9 lots"),
        ("wait > time", 1.25 * 3600, 3, "1.25 h/batch guess 0..3 h", "1.25 h"),
        ("turners > absence", 0.12, 2, "12 % guess 0..20 %", "12 %"),
    ],
)
def test_what_is_written(
    plant: Plant, movable: dict[str, Movable], label: str, value: float, count: int, text: str, shown: str
) -> None:
    """The mean of a triangle is a third of its corners: 190 / 3 min becomes 95 with each corner half as large again."""
    one = movable[label]
    assert one.written(value, count) == text
    assert one.shown(value) == shown
    made = changed(plant, {one.path: text})
    assert next(guess.value for guess in made.guesses if guess.path == one.path) == pytest.approx(value, rel=0.002)


def test_whole_numbers_stay_whole(movable: dict[str, Movable]) -> None:
    whole = {label for label, one in movable.items() if one.whole}
    assert whole == {"turners > count", "release > conwip", "oven > batch > max"}
    crew = movable["turners > count"]
    assert [crew.at(z) for z in (0, 0.4, 0.6, 1)] == [2, 3, 3, 5]  # 2 x 2.5^z: 2, 2.89, 3.47, 5


def test_coordinates_lead_back(movable: dict[str, Movable]) -> None:
    """A range that is wide for its begin is walked in ratios: the middle of 30 to 120 min is 60; of 90 to 99 %, 94.5."""
    assert movable["turn > time"].at(0.5) == pytest.approx(3600)
    assert movable["turn > yield"].at(0.5) == pytest.approx(0.945)
    for one in movable.values():
        assert one.at(one.coordinate(one.value)) == pytest.approx(one.value)
        assert (one.at(0), one.at(1)) == pytest.approx((one.low, one.high))


def test_what_is_not_moved_says_why(fixed: dict[str, Fixed]) -> None:
    assert fixed["pack > time"].why == "has no range in which it may be moved"
    assert fixed["pack > time"].example == "5 min/lot guess 3.5..7 min"
    assert fixed["pack > load"].why == "its range is one number: there is nowhere to move it"


def test_a_range_of_a_total_is_its_95_percent() -> None:
    """24 to 26 h is 25 h less or more one hour: 4 %, 1.96 standard deviations. Without a range it is known to a third of the grade's 15 %."""
    plant = read_text(
        """
plant: Two
work centers: {saw: {machines: 1}}
products: {part: {release: {every: 1 h}, routing: [cut: {at: saw, time: 30 min/lot}]}}
totals: {cycle time: 25 h guess 24..26 h, throughput: 700 lots/mo guess 650..750 lots/mo, work in process: 2 lots}
"""
    )
    known = {one.name: one for one in known_totals(plant, simulate(plant, replications=2))}
    assert known["cycle time"].deviation == pytest.approx(0.04 / 1.96, rel=0.01)
    assert known["throughput"].deviation == pytest.approx(50 / 700 / 1.96, rel=0.01)
    assert known["work in process"].deviation == UNSAID == pytest.approx(0.05)
    assert [one.stated for one in known.values()] == [True, True, False]  # in the order in which runs are compared
