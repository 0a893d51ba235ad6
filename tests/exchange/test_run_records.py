"""The log of a run, read as records of work, and made a plant again."""

from __future__ import annotations

from datetime import datetime
from pathlib import Path

import polars
import pytest

from plantwright.actions import simulate_plant
from plantwright.calibration import calibrate
from plantwright.errors import LogError
from plantwright.exchange import read_log
from plantwright.exchange.run_log import log_file
from plantwright.exchange.run_records import records_of_run
from plantwright.plant import read_text
from plantwright.simulation import history

SMALL = """
plant: Small
time zone: America/New_York
start: 2026-01-05 06:00
shifts: {day: {days: Mon-Fri, from: "07:00", to: "15:00"}}
people: {Ana: {shift: day, skills: {sawing: 1}}}
work centers: {saw: {shift: day, setup: {default: 5 min}}, kiln: {machines: unlimited}}
products:
  bolt:
    lot: 4 bolts
    release: {every: 2 h}
    routing:
      - cut: {at: saw, time: 12 min/piece, staff: sawing, yield: 50 %}
      - dry: {at: kiln, time: 1 h/lot}
"""
DAY = datetime(2026, 1, 5)


def test_a_lot_is_recorded_with_its_setup_its_work_its_worker_and_what_was_scrapped() -> None:
    # Released at 08:00 and begun at once: 5 minutes of setup, 48 of work; the next at 10:00 finds the machine set up.
    found = records_of_run(history(read_text(SMALL), horizon="5 h").table(), "small")
    setup, first, dried, second = found.table.sort("start", "row").head(4).iter_rows(named=True)
    assert (setup["type"], setup["start"], setup["end"], setup["order"]) == (
        "setup", DAY.replace(hour=8), DAY.replace(hour=8, minute=5), first["order"],
    )  # fmt: skip
    assert (first["type"], first["start"], first["end"]) == (
        "work",
        DAY.replace(hour=8, minute=5),
        DAY.replace(hour=8, minute=53),
    )
    assert (first["activity"], first["station"], first["worker"], first["product"]) == ("cut", "saw", "Ana", "bolt")
    assert (first["quantity"] + first["rejected"], first["order quantity"]) == (4, 4)
    assert (dried["station"], dried["worker"], dried["start"]) == ("kiln", None, DAY.replace(hour=8, minute=53))
    assert dried["quantity"] == first["quantity"]
    assert (second["activity"], second["start"], second["type"]) == ("cut", DAY.replace(hour=10), "work")
    # Lots come at 08:00 and 10:00, and dry until 09:53 and 11:48 or, of the second, past the end at 11:00.
    assert found.table.height == 4
    assert [one.reason for one in found.aside] == ["had not ended when the log ended"]
    assert found.rows_read == found.table.height + len(found.aside) + found.joined


SHOP = """
plant: Two benches
time zone: America/New_York
shifts: {day: {days: Mon-Fri, from: "07:00", to: "15:00"}}
people: {Ana: {shift: day, skills: {sawing: 1}}}
work centers: {saw: {shift: day, setup: 10 min}, mill: {machines: 2, shift: day}}
products:
  bolt:
    lot: 10 bolts
    release: {every: exponential 105 min}
    routing:
      - cut: {at: saw, time: gamma 20 min/lot cv 0.5, staff: sawing, yield: 95 %}
      - form: {at: mill, time: lognormal 50 min/lot cv 0.4}
  nut:
    lot: 10 nuts
    release: {every: exponential 120 min}
    routing:
      - cut: {at: saw, time: gamma 10 min/lot cv 0.5, staff: sawing}
      - form: {at: mill, time: lognormal 30 min/lot cv 0.4}
"""


@pytest.fixture(scope="module")
def logs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("logs")
    (folder / "shop.yaml").write_text(SHOP)
    for ending in ("csv", "parquet"):
        simulate_plant(folder / "shop.yaml", horizon="60 d", warmup=0, replications=2, log=folder / f"run.{ending}")
    return folder


def test_both_kinds_of_file_and_the_history_itself_hold_the_same_records(logs: Path) -> None:
    of_csv, of_parquet = read_log(logs / "run.csv"), read_log(logs / "run.parquet")
    assert of_csv.table.equals(of_parquet.table)
    itself = records_of_run(history(read_text(SHOP), horizon="60 d").table(), "itself")
    assert itself.table.equals(of_csv.table)
    assert of_csv.notes["kind"] == "the log of a run"


def test_calibration_finds_the_plant_again_of_which_the_log_is(logs: Path) -> None:
    made = calibrate(read_log(logs / "run.csv"), replications=2, names=True).plant
    saw, mill = made.work_centers["saw"], made.work_centers["mill"]
    assert (saw.machines, mill.machines) == (1, 2)
    assert saw.setup is not None
    assert saw.setup.default is not None
    assert saw.setup.default.mean == pytest.approx(600, rel=0.01)
    assert {shift.span for shift in made.shifts.values()} == {made.shifts[mill.shift[0]].span}
    assert (made.shifts[mill.shift[0]].span.start, made.shifts[mill.shift[0]].span.end) == (7 * 3600, 15 * 3600)
    # Some 820 and 720 lots: three standard errors of the mean are 5 % of it at a coefficient of variation of .5.
    for product, step, minutes, cv in (
        ("bolt", "cut", 20, 0.5),
        ("bolt", "form", 50, 0.4),
        ("nut", "cut", 10, 0.5),
        ("nut", "form", 30, 0.4),
    ):
        time = next(one for one in made.products[product].routing if one.name == step).time
        assert time is not None
        assert time.distribution.mean == pytest.approx(60 * minutes, rel=0.06), (product, step)
        assert time.distribution.cv == pytest.approx(cv, rel=0.15), (product, step)
    assert [step.name for step in made.products["bolt"].routing] == ["cut", "form"]
    assert {crew.shift for crew in made.people.values()} == {mill.shift}


def test_the_xes_of_a_run_tells_the_same_work_as_its_csv(tmp_path: Path) -> None:
    """Traces of machines are no orders; each lot is at the same work centers until the same times."""
    rows = history(read_text(SHOP), horizon="20 d").table()
    told = []
    for ending in ("csv", "xes"):
        with log_file(tmp_path / f"log.{ending}", "shop") as log:
            log.write(rows)
            log.complete()
        found = read_log(tmp_path / f"log.{ending}")
        work = found.table.filter(polars.col("type") == "work") if ending == "csv" else found.table
        told.append(sorted(work.select("activity", "station", "product", "end").rows()))
        assert found.rows_read == found.table.height + found.joined + len(found.aside)
    assert told[0] == told[1]
    assert len(told[0]) > 100


def test_what_is_no_log_of_a_run_is_refused(tmp_path: Path) -> None:
    polars.DataFrame({"a": [1, 2]}).write_parquet(tmp_path / "other.parquet")
    with pytest.raises(LogError, match="no column is found for 'case'"):
        read_log(tmp_path / "other.parquet")
    (tmp_path / "broken.parquet").write_bytes(b"PAR1no")
    with pytest.raises(LogError, match="cannot be read"):
        read_log(tmp_path / "broken.parquet")
    idle = history(read_text(SMALL), horizon="1 h").table()
    with pytest.raises(LogError, match="no work ended"):
        records_of_run(idle, "idle")
