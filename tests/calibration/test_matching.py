"""A shop that no routing of whole orders can tell: the report, the exit code and the plant file say first that it is not reproduced."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path

import pytest

from plantwright.calibration import Calibration, calibrate
from plantwright.calibration.cleaning import clean
from plantwright.calibration.finding import find_history
from plantwright.calibration.matching import NOT_REPRODUCED, _why
from plantwright.errors import Interrupted, LogError
from plantwright.exchange import read_log
from plantwright.plant import build_plant
from plantwright.simulation import Cancel, simulate
from plantwright.simulation.trust import Comparison
from tests.calibration.logs import at, row, run, write
from tests.calibration.small_shop import simulated

WORDS = "this model does not reproduce your shop"


def split_orders() -> list[dict[str, str]]:
    """Each order is milled on four machines at once, two hours on each, so that it is done after three hours; a model that sends whole
    orders to one machine needs eight hours, and the mills are open for two a day.
    """
    chance = random.Random(4)
    rows = []
    for number in range(120):
        start = at(7 * (number // 5) + number % 5, 7)
        for machine in range(1, 5):
            end = 2 + chance.uniform(-0.1, 0.1)
            rows.append(
                row(f"A{number:03d}", "Milling", f"Machine {machine} - Milling", start, start.replace(hour=7) + (at(0, end) - at(0)),
                    worker=f"W{machine}", work_order__qty=40, part_desc="Bolt")
            )  # fmt: skip
        rows.append(
            row(
                f"A{number:03d}",
                "Packing",
                "Packing",
                start.replace(hour=9, minute=30),
                start.replace(hour=10),
                worker="W5",
            )
        )
    return rows


def changed_pace() -> list[dict[str, str]]:
    """Orders begun in the first half of the log wait 45 days between two short steps, those of the second a day."""
    rows = []
    for day in range(100):
        done = day + (45 if day < 50 else 1)
        rows.append(row(f"A{day:03d}", "Milling", "Machine 1 - Milling", at(day, 7), at(day, 8)))
        rows.append(row(f"A{day:03d}", "Packing", "Packing", at(done, 9), at(done, 10)))
    return rows


@pytest.fixture(scope="module")
def split(tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    return calibrate(read_log(write(tmp_path_factory.mktemp("log") / "split.csv", split_orders())), replications=5)


def test_the_report_opens_with_it_and_says_why(split: Calibration) -> None:
    assert not split.fit.reproduces
    first, *_ = str(split).splitlines()
    assert WORDS in first.lower()
    assert NOT_REPRODUCED.lower() == WORDS
    assert "work overlapped that is simulated one after the other" in str(split.fit)
    assert "cycle time and work in process are too high without any unexplained waiting" in split.fit.why[0]
    # The orders are those on four machines at once; packing takes as long as it should.
    assert "120 of 240 visits took more machine time than passed" in split.fit.why[1]
    assert "<-- off" in str(split.fit)


def test_where_orders_begin_a_wait_is_one_that_no_log_shows(tmp_path: Path) -> None:
    """Lots that come by chance wait for the mill (load .9), and hardly for packing; the log has an order a day, released as its first report starts."""
    rows = []
    for day in range(20):
        rows.append(row(f"A{day}", "Milling", "Machine 1 - Milling", at(day, 7), at(day, 8)))
        rows.append(row(f"A{day}", "Packing", "Packing", at(day, 8), at(day, 9)))
    history = find_history(clean(read_log(write(tmp_path / "log.csv", rows)), True)).history
    run_ = simulate(
        build_plant({
            "plant": "p", "work centers": {"Milling": {"machines": "1"}, "Packing": {"machines": "1"}},
            "products": {"x": {"release": {"every": "exponential 1 h"},
                               "routing": [{"mill": {"at": "Milling", "time": "54 min"}}, {"pack": {"at": "Packing", "time": "1 min"}}]}},
        }), horizon="60 d", warmup="10 d", replications=3, seed=1)  # fmt: skip
    slow = (Comparison("cycle time", 7200.0, 3600.0, ("2 h", "1 h"), False),)
    assert (
        "for Milling, with which most orders begin: releases are the starts of their first reports"
        in _why(history, run_, slow, 0.0)[0]
    )
    later = replace(history, orders={order: visits[1:] for order, visits in history.orders.items()})
    assert "for Milling; its machines" in _why(later, run_, slow, 0.0)[0]


def test_the_plant_file_and_the_json_say_it_too(split: Calibration) -> None:
    opening = [line for line in split.text().splitlines() if line.startswith("#")][:8]
    assert any(WORDS in line.lower() for line in opening)
    assert any(split.fit.why[0] in line for line in opening)
    document = split.to_dict()["fit"]
    assert document["reproduces"] is False
    assert document["why"] == list(split.fit.why)
    assert {total["name"]: total["agrees"] for total in document["totals"]}["cycle time"] is False


def test_no_unexplained_waiting_is_added_where_all_is_too_slow_already(split: Calibration) -> None:
    assert split.fit.factor == 0
    assert split.fit.waiting == 0


def test_the_command_exits_with_1_and_still_writes_the_plant(
    capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    log = write(tmp_path / "split.csv", split_orders())
    target, page = tmp_path / "shop.yaml", tmp_path / "fit.html"
    code, out, _ = run(capsys, "calibrate", str(log), "-o", str(target), "--report", str(page), "--replications", "3")
    assert code == 1
    assert WORDS in out.splitlines()[0].lower()
    assert target.exists()
    shown = page.read_text("utf-8")
    assert "This model does not reproduce your shop." in shown
    assert "<strong>Why:</strong>" in shown
    assert "Totals matched" not in shown


def test_improve_opens_with_it(split: Calibration) -> None:
    from plantwright.improvement import improve

    study = improve(split.plant, horizon="60 d", warmup="0 d", replications=2)
    assert any(WORDS in warning.lower() for warning in study.warnings)


def test_a_changed_pace_is_named_where_it_makes_the_fit_fail(tmp_path: Path) -> None:
    calibration = calibrate(read_log(write(tmp_path / "pace.csv", changed_pace())), replications=5)
    assert not calibration.fit.reproduces
    assert "did not keep its pace" in calibration.fit.why[-1]
    from plantwright.calibration.waiting import pace

    kept = pace(calibration.found.history)
    assert kept is not None
    assert kept[1] < 0.1 < 0.9 < kept[2]


def test_waiting_that_the_log_does_not_explain_is_fitted(tmp_path: Path) -> None:
    """Two short steps with a day and a half between them: all but two hours of the cycle time is waiting, and nothing explains it."""
    chance = random.Random(2)
    rows = []
    for day in range(90):
        start, wait = chance.uniform(6, 10), chance.gammavariate(4, 9)
        rows.append(row(f"A{day:02d}", "Milling", "Machine 1 - Milling", at(day, start), at(day, start + 1)))
        rows.append(row(f"A{day:02d}", "Packing", "Packing", at(day, start + 1 + wait), at(day, start + 2 + wait)))
    calibration = calibrate(read_log(write(tmp_path / "wait.csv", rows)), replications=10)
    assert calibration.fit.reproduces
    assert calibration.fit.waiting > 0.6
    centers = calibration.draft.words["work centers"]
    assert "delay" in centers["Packing"]
    assert "delay" not in centers["Milling"]  # orders are released when they are milled
    assert "fitted, not found" in str(calibration.fit)


def test_the_same_seed_gives_the_same_plant_and_another_thread_too(tmp_path: Path) -> None:
    log = read_log(write(tmp_path / "shop.csv", simulated(orders=120)))
    one, two = (calibrate(log, replications=4, seed=3, threads=threads) for threads in (1, 2))
    assert one.text() == two.text()
    assert one.to_dict() == two.to_dict()


def test_progress_is_told_and_never_goes_back(tmp_path: Path) -> None:
    told: list[tuple[int, int]] = []
    log = read_log(write(tmp_path / "shop.csv", simulated(orders=120)))
    calibrate(log, replications=4, progress=lambda done, of: told.append((done, of)))
    assert told
    assert [done for done, _ in told] == sorted(done for done, _ in told)
    assert all(done <= of for done, of in told)


def test_it_can_be_stopped(tmp_path: Path) -> None:
    cancel = Cancel()
    cancel.stop()
    with pytest.raises(Interrupted):
        calibrate(read_log(write(tmp_path / "shop.csv", simulated(orders=120))), replications=4, cancel=cancel)


def test_a_log_of_two_days_is_too_short(tmp_path: Path) -> None:
    with pytest.raises(LogError, match=r"spans 1\.\d days; hours of work and routings need at least a week"):
        calibrate(read_log(write(tmp_path / "short.csv", simulated(orders=5))))


def test_a_log_without_people_stations_or_quantities_makes_a_plant(tmp_path: Path) -> None:
    """The least that a log can be: order, activity, start and end."""
    names = ("Case ID", "Activity", "Start Timestamp", "Complete Timestamp")
    rows = [{name: cells[name] for name in names} for cells in simulated(orders=150) if cells["Report Type"] == "D"]
    calibration = calibrate(read_log(write(tmp_path / "bare.csv", rows, names)), replications=5)
    assert calibration.found.staff is None
    assert "people" not in calibration.draft.words
    assert set(calibration.plant.products) == {"order"}
    assert {center.name for center in calibration.found.centers} >= {"Inspection", "Packing"}
