"""Times that are left out as outliers: honest long ones stay, blunders are found as often as is stated, and what is done is said."""

from __future__ import annotations

import math
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from plantwright.calibration import calibrate, inspect_log, update
from plantwright.calibration.candidates import exponential
from plantwright.calibration.cleaning import clean
from plantwright.calibration.finding import find
from plantwright.calibration.left_out import KIND, leave_out
from plantwright.calibration.outliers import _beyond, _student, far_beyond
from plantwright.calibration.visits import History, Visit
from plantwright.exchange import read_log
from plantwright.plant import mapping_text, read_plant
from tests.calibration.logs import at, row, write

LOGS = 1000 if "PLANTWRIGHT_STUDIES" in os.environ else 100
"""A part of each study is run where studies are not run whole."""

Draw = Callable[[Any, int], Any]


def lognormal(cv: float) -> Draw:
    spread = math.sqrt(math.log1p(cv**2))
    return lambda chance, n: np.exp(spread * chance.normal(size=n) - spread**2 / 2)


LAWS: dict[str, Draw] = {
    "lognormal cv 0.2": lognormal(0.2),
    "lognormal cv 0.5": lognormal(0.5),
    "lognormal cv 1": lognormal(1.0),
    "lognormal cv 2": lognormal(2.0),
    "triangular": lambda chance, n: chance.triangular(0.4, 0.5, 1.8, n),
    "gamma cv 0.2": lambda chance, n: chance.gamma(25, 1 / 25, n),
    "gamma cv 0.8": lambda chance, n: chance.gamma(1.5625, 1 / 1.5625, n),
    "two kinds": lambda chance, n: np.where(chance.random(n) < 0.7, 0.5, 2.5) * lognormal(0.2)(chance, n),
    "constant": lambda chance, n: 1 + 0.001 * chance.random(n),
    "exponential": lambda chance, n: chance.exponential(1, n),
    "weibull 0.7": lambda chance, n: chance.weibull(0.7, n),
}


@pytest.mark.study
@pytest.mark.parametrize("law", LAWS)
def test_honest_times_stay(law: str) -> None:
    """Of a thousand logs of each law with 12, 40 or 150 times, hardly one loses a time: fewer than one in a thousand, where one in 10,000 is meant
    and the laws must be estimated; and on average the mean loses less than a thousandth.
    """
    logs, lost = 0, []
    for number in (12, 40, 150):
        for seed in range(LOGS):
            chance = np.random.default_rng([seed, number])
            times = LAWS[law](chance, number)
            far = far_beyond(times.tolist())
            logs += 1
            lost.append(float(times[far].sum() / times.sum()))
    found = sum(share > 0 for share in lost)
    assert stats.binom.sf(found - 1, logs, 0.001) > 0.001 or found == 0, found
    assert np.mean(lost) < 0.001


@pytest.mark.study
@pytest.mark.parametrize(
    ("law", "blunder", "number", "least"),
    [
        ("lognormal cv 0.2", 10, 60, 0.99), ("gamma cv 0.2", 10, 200, 0.99), ("constant", 10, 60, 0.99), ("triangular", 10, 200, 0.8),
        ("lognormal cv 0.5", 60, 60, 0.95), ("lognormal cv 0.5", 10, 60, 0.2), ("lognormal cv 0.2", 60, 12, 0.99),
        ("exponential", 60, 200, 0.5), ("lognormal cv 1", 60, 60, 0.2), ("lognormal cv 0.2", 0, 60, 0.99),
    ],
)  # fmt: skip
def test_blunders_are_found(law: str, blunder: int, number: int, least: float) -> None:
    """One time in a hundred has a digit too many (times 10), is in minutes that were typed as hours (times 60), or ran for a night of eight times
    the mean (0); no other time is left out with it.
    """
    logs = LOGS // 2
    found = wrong = planted = 0
    for seed in range(logs):
        chance = np.random.default_rng([seed, number])
        times = LAWS[law](chance, number)
        bad = chance.choice(number, max(1, number // 100), replace=False)
        times[bad] = times[bad] * blunder if blunder else times[bad] + 8
        far = set(far_beyond(times.tolist()))
        planted += bad.size
        found += len(far & set(bad.tolist()))
        wrong += len(far - set(bad.tolist()))
    assert stats.binom.cdf(found, planted, least) > 0.001, found / planted
    assert wrong <= 0.01 * logs


def test_blunders_do_not_hide_each_other() -> None:
    """Three of 118 setups are so long that no single one of them would stand out with the two others among the rest (Student's 3.3)."""
    times = np.concatenate([lognormal(0.3)(np.random.default_rng(1), 115), [40.0, 45.0, 50.0]])
    logs = np.log(times)
    assert (logs.max() - logs.mean()) / logs.std() < 7
    assert far_beyond(times.tolist()) == [115, 116, 117]
    assert far_beyond(times.tolist(), [10.0] * 118) == [115, 116, 117]


def test_many_long_ones_are_a_kind_of_their_own() -> None:
    times = np.concatenate(
        [lognormal(0.3)(np.random.default_rng(1), 110), 40 * lognormal(0.3)(np.random.default_rng(2), 8)]
    )
    assert far_beyond(times.tolist()) == []
    assert far_beyond([1.0] * 7 + [60.0]) == [7]
    assert far_beyond([1.0] * 6 + [60.0]) == []
    assert far_beyond([1.0] * 40 + [2.9]) == []


def test_large_lots_are_not_outliers() -> None:
    """A lot of 400 pieces among lots of ten takes forty times as long; one of ten that takes as long is a blunder."""
    chance = np.random.default_rng(3)
    pieces = np.full(80, 10.0)
    pieces[7] = 400.0
    times = pieces * chance.gamma(10 * pieces, 1 / (10 * pieces))
    assert far_beyond(times.tolist(), pieces.tolist()) == []
    times[20] = 400.0
    assert far_beyond(times.tolist(), pieces.tolist()) == [20]


def test_chances_are_those_of_students_and_fishers_distributions() -> None:
    """A further normal value is Student's over sqrt(1 + 1/m); a further exponential time over the mean of m is Fisher's with 2 and 2m degrees."""
    others = np.random.default_rng(4).exponential(3.0, 25)
    logs = np.log(others)
    z = (4.0 - logs.mean()) / logs.std(ddof=1) / math.sqrt(1 + 1 / 25)
    assert _student(4.0, logs) == pytest.approx(stats.t(24).sf(z))
    assert _beyond(exponential(others), others, 20.0, 1.0) == pytest.approx(stats.f(2, 50).sf(20.0 / others.mean()))


def blundered() -> tuple[list[dict[str, str]], list[int]]:
    """A hundred and twenty orders of a mill, each set up (20 min, cv .2) and milled (an hour, cv .2), and repairs of half an hour; of one order the milling
    was booked as ten hours, of one the setup as 20 h, and one repair as two days. Their lines.
    """
    chance = np.random.default_rng(5)
    rows: list[dict[str, str]] = []
    lines = []
    mill = "Machine 1 - Milling"

    def book(order: str, kind: str, day: int, hour: float, hours: float) -> None:
        hours = round(60 * hours) / 60
        rows.append(
            row(order, "Milling", mill, at(day, hour), at(day, hour + hours), kind=kind, part_desc="AB"[day % 2])
        )

    for day in range(120):
        setup, milled = (float(chance.gamma(25, 1 / 25)) for _ in range(2))
        order = f"O{day}"
        if day == 50:
            lines.append(len(rows) + 2)
        book(order, "S", day, 6, setup / 3 if day != 50 else 4)
        if day == 70:
            lines.append(len(rows) + 2)
        book(order, "D", day, 10, milled if day != 70 else 10 * milled)
        if day % 3 == 0:
            if day == 90:
                lines.append(len(rows) + 2)
            book(order, "B", day, 20, 0.5 * float(chance.gamma(25, 1 / 25)) if day != 90 else 44)
    return rows, lines


@pytest.mark.parametrize(("number", "left"), [(2, 0), (3, 1)])
def test_a_product_with_a_single_other_visit_keeps_all_its_times(number: int, left: int) -> None:
    """Forty visits of other products tell that a visit of a hundred hours is odd, and two others of its own product that it is so of that one; a
    single other one does not.
    """
    chance = np.random.default_rng(7)
    hours = (
        [("Bolt", float(chance.gamma(25, 1 / 25))) for _ in range(40)]
        + [("Rare", 1.0)] * (number - 1)
        + [("Rare", 100.0)]
    )
    visits = [
        Visit(f"A{k}", product, ("Mill", "Mill"), at(9 * k), at(9 * k, own), ("M1",), 3600 * own, 0.0, 1.0, 0.0, 1.0, True, False)
        for k, (product, own) in enumerate(hours)
    ]  # fmt: skip
    history = History({v.order: (v,) for v in visits}, at(0), at(500), frozenset(), None)
    assert sum(len(one.times) for one in leave_out(history)) == left


def test_what_is_left_out_is_said(tmp_path: Path) -> None:
    rows, lines = blundered()
    path = write(tmp_path / "log.csv", rows)
    found = calibrate(read_log(path), unattended=True, replications=2, posterior=0)
    assert {(one.what, own.order, own.rows) for one in found.found.times.outliers for own in one.times} == {
        ("setup", "O50", (lines[0],)), ("time", "O70", (lines[1],)), ("repair", "O90", (lines[2],)),
    }  # fmt: skip
    defect = found.quality.defect(KIND)
    assert (defect.count, defect.unit) == (3, "times")
    assert defect.rows == tuple(sorted(lines))
    assert defect.effect is not None
    assert f"repair of Milling took 1.83 d in order O90 (line {lines[2]}; " in defect.cause
    assert inspect_log(read_log(path), unattended=True).defect(KIND) == defect
    assert found.quality.kept + found.quality.repaired == found.quality.rows_read
    assert found.quality.repaired == 3
    text = found.text()
    assert "120 setups, 1 outlier left out (with it, " in text
    assert "40 repairs, 1 outlier left out (with it, " in text
    setup, repair = found.found.times.setups["Milling"], found.found.times.stops["Milling"]
    assert setup.fitted.distribution.mean == pytest.approx(20 * 60, rel=4 * 0.2 / math.sqrt(119))
    assert setup.distribution.mean == pytest.approx(setup.fitted.distribution.mean * 120 / setup.changes, rel=1e-3)
    assert repair.repair.mean == pytest.approx(30 * 60, rel=4 * 0.2 / math.sqrt(39))
    time = found.found.times.steps["A", ("Milling", "Milling")]
    assert "1 outlier left out" in time.evidence
    assert time.distribution.mean == pytest.approx(3600, rel=4 * 0.2 / math.sqrt(59))


def test_a_blunder_hides_no_change(tmp_path: Path) -> None:
    """Setups of the plant are half too long, its repairs a third; the rest is true. With the blunders, intervals would be so wide that nothing moves."""
    rows, lines = blundered()
    words = {
        "format": "1", "plant": "Mill", "work centers": {"Milling": {"machines": "1", "setup": {"default": "30 min"},
        "failures": [{"every": "3 h", "clock": "working", "repair": "40 min"}]}},
        "products": {name: {"release": {"every": "2 d"}, "routing": [{"Milling": {"at": "Milling", "time": "60 min/lot"}}]} for name in "AB"},
    }  # fmt: skip
    (tmp_path / "mill.yaml").write_text(mapping_text(words))
    made = update(read_plant(tmp_path / "mill.yaml"), read_log(write(tmp_path / "log.csv", rows)), unattended=True)
    moved = {number.path: number.found for number in made.numbers if number.verdict == "moved"}
    assert moved == {
        "work centers > Milling > setup > default": pytest.approx(20 * 60, rel=0.1),
        "work centers > Milling > failures > 1 > repair": pytest.approx(30 * 60, rel=0.1),
    }
    assert made.left_out == 3
    assert made.quality.defect(KIND).rows == tuple(sorted(lines))
    assert "Left out, for no law of the others makes them likely: 3 times; " in str(made)
    assert made.to_dict()["left out"] == 3


def test_who_works_beside_a_blunder_has_all_the_time(tmp_path: Path) -> None:
    """A job of an hour that nobody ended until the next evening overlaps with three others on its machine: these would have half their time each."""
    rows = [
        row(f"O{day}", "Milling", "Machine 1 - Milling", at(day, 7), at(day, 8 + (day % 7) / 60)) for day in range(60)
    ]
    rows[30] = row("O30", "Milling", "Machine 1 - Milling", at(30, 7), at(33, 18))
    history = find(clean(read_log(write(tmp_path / "log.csv", rows)), True), "log").history
    assert [round(history.orders[f"O{day}"][0].work / 60) for day in (31, 32, 33)] == [63, 64, 65]
    assert history.orders["O30"][0].work == pytest.approx(3600, rel=0.1)
