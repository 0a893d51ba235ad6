"""New records against the numbers of a plant: what moved is found, what did not stays to the byte."""

from __future__ import annotations

import json
import math
import random
from datetime import datetime, timedelta
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from plantwright.calibration import Update, update
from plantwright.calibration.estimating import between_events, mean_of, rate_between, ratio, share
from plantwright.cli.main import group
from plantwright.errors import LogError
from plantwright.exchange import read_log
from plantwright.plant import read_plant, read_text
from tests.calibration.logs import at, row, write
from tests.calibration.small_shop import GOOD, simulated

SHOP = f"""
# Kept by the foreman. Do not tidy!
plant: "The small shop"
shifts:
  day: {{days: Mon-Fri, from: "07:00", to: "15:00"}}
work centers:
  Sawing:     {{machines: 1, shift: day}}
  Milling:    {{machines: 2, shift: day, setup: exponential 29 min}}   # at a change of product
  Inspection: {{machines: 1, shift: day}}
  Packing:    {{machines: 1, shift: day}}
products:
  BOLT:
    demand: {{rate: 2 lots/working day}}
    routing:
      - Sawing:     {{at: Sawing, time: gamma 60 min/lot cv 0.5}}
      - Milling:    {{at: Milling, time: lognormal 2 h/lot cv 0.444}}
      - Inspection: {{at: Inspection, time: exponential 48 min/lot, yield: {100 * GOOD:g} %}}
      - Packing:    {{at: Packing, time: 15 min/lot}}
  Nut:
    demand: {{rate: 2 lots/working day}}
    routing:
      - Sawing:     {{at: Sawing, time: gamma 60 min/lot cv 0.5}}
      - Milling:    {{at: Milling, time: lognormal 2 h/lot cv 0.444, share: 30 %}}
      - Inspection: {{at: Inspection, time: exponential 48 min/lot, yield: {100 * GOOD:g} %}}
      - Packing:    {{at: Packing, time: 15 min/lot}}
"""


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("update") / "small shop.csv"
    write(path, simulated())
    return path


def updated(text: str, log: Path) -> Update:
    return update(read_text(text), read_log(log))


class TestASmallShop:
    def test_a_plant_that_says_what_is_true_stays_as_it_is(self, log: Path) -> None:
        found = updated(SHOP, log)
        assert not found.edits
        assert not found.unknown
        spoken = {number.path for number in found.numbers}
        assert "products > BOLT > routing > Milling > time" in spoken
        assert "products > Nut > routing > Inspection > yield" in spoken
        assert "work centers > Milling > setup" in spoken
        assert {number.verdict for number in found.numbers} == {"within noise"}

    def test_what_moved_is_changed_and_every_other_byte_stays(self, log: Path, tmp_path: Path) -> None:
        wrong = SHOP.replace("2 h/lot cv 0.444}", "3 h/lot cv 0.444}", 1).replace(
            "15 min/lot}", "10 min/lot guess 5..30 min}", 1
        )
        wrong = wrong.replace("gamma 60 min/lot cv 0.5", "gamma 60 min/lot cv 0.5 guess", 1)
        (tmp_path / "shop.yaml").write_text(wrong, encoding="utf-8")
        result = CliRunner().invoke(
            group, ["update", str(tmp_path / "shop.yaml"), str(log), "-o", str(tmp_path / "shop.yaml")]
        )
        assert result.exit_code == 0, result.output
        now = (tmp_path / "shop.yaml").read_text(encoding="utf-8")
        changed = [(a, b) for a, b in zip(wrong.splitlines(), now.splitlines(), strict=True) if a != b]
        assert [a.split(":")[0].strip() for a, _ in changed] == ["- Sawing", "- Milling", "- Packing"]
        assert "guess" not in now
        made = read_plant(tmp_path / "shop.yaml").products["BOLT"]
        for name, hours in (("Sawing", 1.0), ("Milling", 2.0), ("Packing", 0.25)):
            time = made.operation(name).time
            assert time is not None
            assert time.distribution.mean == pytest.approx(3600 * hours, rel=0.12)
        assert "MOVED BEYOND NOISE" in result.output
        assert "GUESSED, AND MEASURED NOW" in result.output

    def test_without_o_nothing_is_written(self, log: Path, tmp_path: Path) -> None:
        path = tmp_path / "shop.yaml"
        path.write_text(SHOP.replace("2 h/lot", "5 h/lot"), encoding="utf-8")
        result = CliRunner().invoke(group, ["update", str(path), str(log)])
        assert result.exit_code == 0
        assert "Nothing was written: add -o" in result.output
        assert [each.name for each in tmp_path.iterdir()] == ["shop.yaml"]
        assert "5 h/lot" in path.read_text(encoding="utf-8")

    def test_what_the_plant_has_not_is_named(self, log: Path) -> None:
        other = SHOP.replace("  Nut:", "  Washer:").replace("- Packing: ", "- Wrapping:")
        found = updated(other, log)
        assert found.unknown["step 'Packing' of BOLT"] == len(set(_bolts(log)))
        assert "product 'Nut'" in found.unknown
        assert "Not in the plant, so not used: product 'Nut'" in str(found)


def _bolts(log: Path) -> list[str]:
    import polars

    return polars.read_csv(log).filter(polars.col("Part Desc.") == "Bolt")["Case ID"].to_list()


def drifting(path: Path, breakdowns: bool = False) -> Path:
    """Forty orders of one hour and a bit, then forty of an hour and a half; a station each day, from Monday on."""
    chance, rows = random.Random(3), []
    for number in range(80):
        begin = at(7 * (number // 20) + number % 20 // 4, 7 + 2 * (number % 4))
        minutes = (60 if number < 40 else 90) + chance.uniform(-10, 10)
        rows.append(row(f"O{number}", "Press", "Press", begin, begin + timedelta(minutes=minutes)))
        if breakdowns and number % 4 == 3:
            rows.append(
                row(
                    f"O{number}", "Press", "Press", begin + timedelta(hours=1.8), begin + timedelta(hours=2.3), kind="B"
                )
            )
    write(path, rows)
    return path


PRESS = """
plant: A press
work centers:
  Press: {machines: 1, failures: [{every: exponential 100 h, clock: working, repair: exponential 30 min}]}
products:
  Bolt: {demand: {rate: 4 lots/working day}, routing: [Press: {at: Press, time: 60 min/lot}]}
"""


class TestSince:
    def test_only_records_since_then_count(self, tmp_path: Path) -> None:
        log = read_log(drifting(tmp_path / "press.csv"))
        whole = update(read_text(PRESS), log)
        recent = update(read_text(PRESS), log, since=at(14))
        a, b = (next(own for own in each.numbers if own.path.endswith("Press > time")) for each in (whole, recent))
        assert (a.records, b.records) == (80, 40)
        assert a.found == pytest.approx(75 * 60, rel=0.03)
        assert b.found == pytest.approx(90 * 60, rel=0.03)
        assert (b.verdict, recent.orders) == ("moved", 40)
        before = update(read_text(PRESS.replace("60 min/lot", "90 min/lot")), log, since=at(14))
        assert before.numbers[0].verdict == "within noise"

    def test_failures_are_counted_against_the_work_since_then(self, tmp_path: Path) -> None:
        # One stop of half an hour after every fourth order of 90 min, all reported apart from the work.
        log = read_log(drifting(tmp_path / "press.csv", breakdowns=True))
        found = {number.path: number for number in update(read_text(PRESS), log, since=at(14)).numbers}
        every = found["work centers > Press > failures > 1 > every"]
        assert (every.records, every.verdict) == (10, "moved")
        assert every.found == pytest.approx(6 * 3600, rel=0.05)
        repair = found["work centers > Press > failures > 1 > repair"]
        assert repair.found == pytest.approx(1800)
        assert repair.verdict == "within noise"

    def test_a_day_after_the_last_record_is_refused(self, tmp_path: Path) -> None:
        log = read_log(drifting(tmp_path / "press.csv"))
        with pytest.raises(LogError, match="has no work that began on 2026-03-02 00:00 or later") as error:
            update(read_text(PRESS), log, since=datetime(2026, 3, 2))
        assert error.value.problems[0].code == "PW3035"


class TestFromTheCommandLine:
    def test_json_has_every_number(self, tmp_path: Path) -> None:
        (tmp_path / "press.yaml").write_text(PRESS, encoding="utf-8")
        log = drifting(tmp_path / "press.csv")
        result = CliRunner().invoke(
            group, ["update", str(tmp_path / "press.yaml"), str(log), "--since", "2026-01-19", "--json"]
        )
        document = json.loads(result.output)
        assert (document["schema"], document["since"], document["rows"]) == (
            "plantwright.update/1",
            "2026-01-19 00:00",
            40,
        )
        number = next(own for own in document["numbers"] if own["path"].endswith("Press > time"))
        minutes = float(number["after"].removesuffix(" min/lot"))
        assert (number["before"], minutes) == ("60 min/lot", pytest.approx(number["found"] / 60, abs=0.051))
        low, high = number["interval"]
        assert low < number["found"] < high

    def test_the_log_is_not_written_over_and_a_wrong_ending_is_refused(self, tmp_path: Path) -> None:
        (tmp_path / "press.yaml").write_text(PRESS, encoding="utf-8")
        log = drifting(tmp_path / "press.csv")
        before = log.read_bytes()
        for output in (log, tmp_path / "press.docx"):
            result = CliRunner().invoke(group, ["update", str(tmp_path / "press.yaml"), str(log), "-o", str(output)])
            assert result.exit_code != 0
        assert log.read_bytes() == before
        assert {each.name for each in tmp_path.iterdir()} == {"press.yaml", "press.csv"}


class TestIntervals:
    def test_of_a_mean_cover_what_they_promise(self) -> None:
        """Lognormal times, cv 0.6: of 2,000 intervals of 95 % from 25 times, between 93 and 97 % hold the mean."""
        chance = np.random.default_rng(5)
        spread = math.sqrt(math.log1p(0.6**2))
        held = 0
        for _ in range(2000):
            made = mean_of(list(chance.lognormal(-(spread**2) / 2, spread, 25)))
            assert made is not None
            low, high = made.interval(0.95)
            held += low <= 1 <= high
        assert 0.93 <= held / 2000 <= 0.97

    def test_of_a_time_between_events_is_garwoods(self) -> None:
        # Garwood 1936: of 5 events, the 95 % limits of their expected number are 1.623 and 11.668.
        made = between_events(100.0, 5)
        assert made is not None
        low, high = made.interval(0.95)
        assert (100 / high, 100 / low) == (pytest.approx(1.6235, abs=1e-4), pytest.approx(11.6683, abs=1e-4))
        assert made.mean == 20

    def test_of_a_ratio_by_hand(self) -> None:
        # 10, 20 and 33 min of 1, 2 and 3 pieces: 10.5 a piece; left over -0.5, -1 and 1.5, whose squares sum to 3.5.
        made = ratio([10, 20, 33], [1, 2, 3])
        assert made is not None
        assert made.mean == 10.5
        low, high = made.interval(0.95)
        away = 4.302653 * math.sqrt(3 * 3.5 / 2) / 63
        assert (low, high) == (pytest.approx(10.5 * math.exp(-away)), pytest.approx(10.5 * math.exp(away)))

    def test_scrap_that_comes_by_the_lot_is_less_sure_than_by_the_piece(self) -> None:
        spread = share([9.0] * 40, [10.0] * 40)
        lumped = share([10.0] * 36 + [0.0] * 4, [10.0] * 40)
        assert spread is not None
        assert lumped is not None
        assert spread.mean == lumped.mean == 0.9
        assert spread.interval(0.95) == (pytest.approx(0.9), pytest.approx(0.9))
        assert lumped.interval(0.95)[0] < 0.8

    def test_setups_that_come_at_some_changes(self) -> None:
        # Three setups of 10, 20 and 30 min in six changes: 10 a change; the sum has the variance 100 + 400 + 900.
        made = rate_between([10, 20, 30], 6)
        assert made is not None
        assert made.mean == 10
        assert made.interval(0.95)[1] == pytest.approx(10 * math.exp(4.302653 * math.sqrt(1400) / 60))

    def test_too_few_are_none(self) -> None:
        assert ratio([5.0], [1.0]) is None
        assert between_events(10.0, 0) is None
        assert rate_between([], 3) is None
