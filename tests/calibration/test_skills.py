"""Who has done what, how fast and with what scrap: planted people are found, equal ones are left alone, and names need a purpose."""

from __future__ import annotations

import json
import math
import os
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import stats

from plantwright.calibration import Purpose, calibrate
from plantwright.calibration.cleaning import clean
from plantwright.calibration.drafting import Found, draft
from plantwright.calibration.finding import find
from plantwright.calibration.many_tests import limit_of
from plantwright.calibration.pace import Done, find_paces
from plantwright.calibration.scrapping import Made, _ratio, find_scrapped
from plantwright.calibration.show import found_dict
from plantwright.calibration.skills import SkillsFound
from plantwright.errors import InputError
from plantwright.exchange import read_log
from plantwright.plant import mapping_text
from tests.calibration.logs import at, row, run, write

SHOPS = 400 if "PLANTWRIGHT_STUDIES" in os.environ else 60

Visits = tuple[list[Done], list[Made]]


def drawn(seed: int, speeds: Any, scrap: Any, visits: int = 40) -> Visits:
    """So many visits of each person, on average, of four kinds of work whose times are gamma (cv .2 to .8) at two machines, one of which is slower;
    lots of 20 of which some are scrapped.
    """
    chance = np.random.default_rng(seed)
    done, made = [], []
    for _ in range(visits * len(speeds)):
        who, work = int(chance.integers(len(speeds))), int(chance.choice(4, p=[0.5, 0.3, 0.15, 0.05]))
        machine, shape = int(chance.integers(2)), (25.0, 4.0, 1.6, 11.0)[work]
        log_time = work + 0.2 * machine - math.log(speeds[who]) + math.log(chance.gamma(shape))
        done.append(Done(f"p{who}", work, f"m{machine}", log_time))
        made.append(Made(f"p{who}", work, 20, float(chance.binomial(20, scrap[who] * (0.5, 1.0, 1.0, 2.0)[work]))))
    return done, made


@pytest.mark.study
@pytest.mark.parametrize("people", [2, 5, 8])
def test_intervals_hold_and_equal_people_are_left_alone(people: int) -> None:
    """Of drawn shops whose people differ by nothing, by 5 % or by 20 % (standard deviations of logarithms; twice as much in scrap), intervals of 95 % hold
    the true pace and the true ratio of scrap; equal people are called different in one log of twenty (Bonferroni).
    """
    held: dict[str, list[bool]] = {"pace": [], "scrap": []}
    called = {"pace": 0, "scrap": 0}
    equal = 0
    for seed in range(SHOPS):
        chance = np.random.default_rng([seed, people])
        spread = (0.0, 0.05, 0.2)[seed % 3]
        speeds = np.exp(spread * chance.normal(size=people))
        scrap = 0.05 * np.exp(2 * spread * chance.normal(size=people))
        done, made = drawn(seed, speeds, scrap)
        paces, scraps = find_paces(done), find_scrapped(made)
        among = [int(name[1:]) for name in paces]
        middle = math.exp(np.mean(np.log(speeds[among])))
        for name, pace in paces.items():
            low, high = pace.told.interval()
            held["pace"].append(low <= speeds[int(name[1:])] / middle <= high)
        for name, found in scraps.items():
            held["scrap"].append(found.low <= true_ratio(made, name, scrap) <= found.high)
        if spread == 0:
            equal += 1
            called["pace"] += min(pace.p_value for pace in paces.values()) < 0.05 / len(paces)
            called["scrap"] += min(found.p_value for found in scraps.values()) < 0.05 / len(scraps)
    for what, right in held.items():
        assert stats.binom.cdf(sum(right), len(right), 0.95) > 0.001 / 6, (what, np.mean(right))
        assert stats.binom.sf(called[what] - 1, equal, 0.05) > 0.001 / 6, (what, called[what] / equal)


def true_ratio(made: list[Made], name: str, scrap: Any) -> float:
    """The true scrap of a person's own work over what the others' true scrap makes of it."""
    own = others = 0.0
    for work, times in enumerate((0.5, 1.0, 1.0, 2.0)):
        mine = sum(one.pieces for one in made if one.work == work and one.person == name)
        rest = [(one.pieces, scrap[int(one.person[1:])]) for one in made if one.work == work and one.person != name]
        if mine and rest:
            own += mine * times * scrap[int(name[1:])]
            others += mine * times * sum(pieces * rate for pieces, rate in rest) / sum(pieces for pieces, _ in rest)
    return own / others


def test_pace_is_relative_to_the_same_work_at_the_same_machine() -> None:
    """A has the long work and the slow machine more often, and is the faster by a tenth all the same. Without noise, that is exact."""
    done = []
    for who, times, counts in (("A", 0.9, (2, 9)), ("B", 1.0, (9, 2))):
        for work, long in enumerate((1.0, 5.0)):
            for machine, slow in enumerate((1.0, 1.5)):
                for number in range(counts[work] + counts[machine]):
                    noise = 0.02 * (-1) ** number
                    done.append(Done(who, work, f"m{machine}", math.log(times * long * slow) + noise))
    paces = find_paces(done)
    assert paces["A"].told.value / paces["B"].told.value == pytest.approx(1 / 0.9, rel=0.01)
    assert paces["A"].told.value * paces["B"].told.value == pytest.approx(1.0)
    assert paces["A"].people == 2


def test_nothing_is_said_where_it_cannot_be_told() -> None:
    chance = np.random.default_rng(3)

    def visits(who: str, work: str, machine: str, number: int = 20) -> list[Done]:
        return [Done(who, work, machine, float(chance.normal())) for _ in range(number)]

    assert find_paces(visits("A", "x", "m1") + visits("B", "x", "m2")) == {}  # a person or a machine: who knows
    assert find_paces(visits("A", "x", "m1") + visits("B", "y", "m1")) == {}  # or the work
    assert set(find_paces(visits("A", "x", "m1") + visits("B", "x", "m1") + visits("C", "x", "m2"))) == {"A", "B"}
    assert find_paces(visits("A", "x", "m1") + visits("B", "x", "m1", 7)) == {}
    linked = visits("A", "x", "m1") + visits("B", "x", "m1") + visits("B", "y", "m2") + visits("C", "y", "m2")
    assert set(find_paces(linked)) == {"A", "B", "C"}
    assert find_scrapped([Made("A", "x", 10, 2.0), Made("B", "y", 10, 1.0)]) == {}


def test_two_people_are_compared_as_students_test_does() -> None:
    """One work, one machine, equal spreads: the pace is exp of half the difference of means, its p-value nearly that of Welch's statistic, with
    the degrees of freedom of one person's visits.
    """
    chance = np.random.default_rng(4)
    a, b = chance.normal(0.0, 0.3, 60), chance.normal(0.2, 0.3, 60)
    done = [Done("A", "x", "m", float(v)) for v in a] + [Done("B", "x", "m", float(v)) for v in b]
    paces = find_paces(done)
    welch = stats.ttest_ind(a, b, equal_var=False)
    assert paces["A"].told.value == pytest.approx(math.exp((b.mean() - a.mean()) / 2))
    assert paces["A"].p_value == pytest.approx(2 * stats.t(59).sf(abs(welch.statistic)), rel=0.2)


def test_scrap_is_that_of_two_poisson_counts() -> None:
    """Twelve scrapped of 400, of which the others, with 40 of 2000, would have scrapped eight."""
    made = [Made("A", "x", 400, 12.0), Made("B", "x", 2000, 40.0)]
    found = find_scrapped(made)["A"]
    assert (found.ratio, found.share) == pytest.approx((1.5, 0.03))
    given = stats.binomtest(12, 52, 400 / 2400, alternative="greater")
    assert found.p_value == pytest.approx(2 * given.pvalue)
    assert found.low < 1 < found.high
    low, high, p_value = _ratio(0.0, 8.0, 40.0, 0.95)
    assert low == 0
    assert p_value == pytest.approx(2 * stats.binom.pmf(0, 40, 8 / 48), rel=0.01)
    assert high < 1


def test_scrap_that_comes_by_the_lot_says_less() -> None:
    """Of ten lots of 20, all of two are bad with A and all of one with B: 40 against 20 pieces, but lots are all or nothing, so Pearson's statistic over
    its degrees of freedom is 20 * 10 / 9, and two lots against one are no difference.
    """
    made = [
        Made(who, "x", 20, 20.0 if number < bad else 0.0) for who, bad in (("A", 2), ("B", 1)) for number in range(10)
    ]
    found = find_scrapped(made)["A"]
    spread = 20 * 10 / 9
    low, high, p_value = _ratio(40 / spread, 20 / spread, 20 / spread, 0.95)
    assert (found.ratio, found.low, found.high, found.p_value) == pytest.approx((2.0, low, high, p_value))
    assert found.p_value > 0.5
    assert find_scrapped([Made(who, "x", 200, bad) for who, bad in (("A", 40.0), ("B", 20.0))])["A"].p_value < 0.02


def test_of_many_tests_the_least_are_held_against_the_strictest_limit() -> None:
    """Holm: the smallest against .05 / 3, the next against .05 / 2, the last against .05; none after one that fails."""
    assert limit_of([0.04, 0.01, 0.02]) == 0.04
    assert limit_of([0.01, 0.04, 0.045]) == 0.01
    assert limit_of([0.02, 0.03, 0.04]) == -1
    assert limit_of([]) == -1


SPEEDS = {"Ann": 1.2, "Bob": 0.8, "Cid": 1.0, "Dan": 1.0, "Eve": 1.0}


def planted(path: Path) -> Path:
    """Eighty days of five people at two mills, an order each in turn; Ann works at 120 %, Bob at 80 %, Dan scraps twice what others do; packing is one person's."""
    chance = np.random.default_rng(6)
    rows = []
    names = list(SPEEDS)
    number = 0
    for day in range(80):
        if day % 7 > 4:
            continue
        for mill in (1, 2):
            hour = 6.0
            for _ in range(4):
                who = names[number % 5]
                product, mean = (("Bolt", 1.0), ("Nut", 2.0), ("Pin", 1.5))[int(chance.integers(3))]
                hours = round(60 * mean * chance.gamma(25, 1 / 25) / SPEEDS[who]) / 60
                bad = int(chance.binomial(20, 0.12 if who == "Dan" else 0.06))
                order = f"O{number}"
                rows.append(row(order, "Milling", f"Machine {mill} - Milling", at(day, hour), at(day, hour + hours), worker=who, part_desc=product,
                                work_order__qty=20, qty_completed=20 - bad, qty_rejected=bad))  # fmt: skip
                rows.append(row(order, "Packing", "Packing", at(day, hour + hours), at(day, hour + hours + 0.1), worker="Flo", part_desc=product,
                                work_order__qty=20, qty_completed=20 - bad))  # fmt: skip
                hour += hours
                number += 1
    return write(path, rows)


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return planted(tmp_path_factory.mktemp("skills") / "log.csv")


def test_planted_people_are_found(log: Path) -> None:
    skills = find(
        clean(read_log(log), True), "log", names=True, purpose=Purpose("test of what is found", date(2026, 1, 2))
    ).skills
    assert skills is not None
    mill = {own.person: own for own in skills.rows if own.center == "Milling"}
    middle = math.exp(np.mean(np.log(list(SPEEDS.values()))))
    for name, own in mill.items():
        assert own.pace is not None
        low, high = own.pace.told.interval()
        assert low <= SPEEDS[name] / middle <= high, name
        assert own.paced == (name in ("Ann", "Bob")), name
        assert own.scrap is not None
        assert (own.scraps and own.scrap.ratio > 1) == (name == "Dan"), name
    assert mill["Dan"].scrap is not None
    assert mill["Dan"].scrap.low < 2 < mill["Dan"].scrap.high
    packing = next(own for own in skills.rows if own.center == "Packing")
    assert packing.pace is None
    assert packing.why.startswith("pace: too few visits of work that others did")
    assert (packing.reports, packing.last) == (sum(own.reports for own in mill.values()), at(79).date())
    assert packing.hours == pytest.approx(0.1 * packing.reports, rel=0.05)  # less where lots of both mills overlap


def file_of(found: Found) -> str:
    drafted = draft(found, {}, found.staff)
    return mapping_text(drafted.words, drafted.comments)


def shown(found: SkillsFound | None) -> list[dict[str, Any]]:
    assert found is not None
    return found.table()


def test_pseudonyms_by_default_and_names_only_with_a_purpose(log: Path) -> None:
    records = read_log(log)
    by_default = calibrate(records, unattended=True, replications=2, posterior=0)
    text = by_default.text()
    assert not any(name in text + str(by_default) + json.dumps(by_default.to_dict(), default=str) for name in SPEEDS)
    assert text.count(", pace 1") == 1
    assert "faster" not in text
    assert {own["purpose"] for own in shown(by_default.found.skills)} == {None}
    assert sum(bool(own["pace differs"]) for own in by_default.to_dict()["skills"]) == 2
    assert by_default.table("skills").height == 6
    assert "skills: pace can be told of 5 of 6 pairs" in " ".join(str(by_default).split())

    cleaned = clean(records, True)
    named = find(cleaned, "log", names=True)
    assert "# Milling: " in file_of(named)
    for own in shown(named.skills):
        assert own["person"] in (*SPEEDS, "Flo")
        assert {own[key] for key in own if "pace" in key or "scrap" in key} == {None}
        assert own["not told"] == "people stand here by name: pace and scrap by name need a stated purpose"
        assert own["hours"] is None  # over reports they are a pace
    assert "pace" not in file_of(named)
    assert " h, last" not in file_of(named)
    for own in found_dict(named)["people"]:
        assert (own["days"], own["hours"]) == (None, None)
    assert all(own["hours"] for own in found_dict(find(cleaned, "log"))["people"])

    purpose = Purpose(" training plan\nfor the mill ", date(2026, 11, 29))
    asked = find(cleaned, "log", names=True, purpose=purpose)
    assert "by name for this purpose only: training plan for the mill (asked for on 2026-11-29)" in file_of(asked)
    assert asked.skills is not None
    assert asked.skills.text().endswith("by name for: training plan for the mill (asked for on 2026-11-29)")
    rows = shown(asked.skills)
    assert {(own["purpose"], own["asked"]) for own in rows} == {("training plan for the mill", "2026-11-29")}
    bob = next(own for own in rows if own["person"] == "Bob")
    assert bob["pace differs"]
    assert (
        f"# Milling: {bob['reports']} reports, {bob['hours']:.3g} h, last {bob['last']}, pace {100 * bob['pace']:.0f} % ("
        in file_of(asked)
    )


@pytest.mark.parametrize("words", ["", "   ", "- -", "because"])
def test_a_purpose_that_says_nothing_is_refused(
    words: str, log: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    with pytest.raises(InputError, match="says no purpose"):
        Purpose(words, date(2026, 11, 29))
    code, _, said = run(capsys, "calibrate", str(log), "-o", str(tmp_path / "a.yaml"), "--names", "--purpose", words)
    assert code == 2
    assert "PW3065" in said
    assert "as in --purpose 'training plan for the mill'" in " ".join(said.split())
    assert not list(tmp_path.iterdir())


def test_a_purpose_is_for_names(log: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    code, _, said = run(capsys, "calibrate", str(log), "-o", str(tmp_path / "a.yaml"), "--purpose", "training plan")
    assert code == 2
    assert "PW3066" in said
    with pytest.raises(InputError, match="say --names too"):
        calibrate(read_log(log), purpose=Purpose("training plan", date(2026, 11, 29)))
