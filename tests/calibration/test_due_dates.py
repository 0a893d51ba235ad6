"""Due dates in a log: found, read, told where they are wrong, and written where orders are released."""

from __future__ import annotations

import csv
from dataclasses import replace
from datetime import date, datetime, timedelta
from pathlib import Path

import pytest

from plantwright import simulate
from plantwright.calibration import Calibration, calibrate, inspect_log
from plantwright.calibration.cleaning import clean
from plantwright.calibration.drafting import totals
from plantwright.calibration.due_dates import due_words, late_between, late_share
from plantwright.calibration.finding import find
from plantwright.calibration.visits import History
from plantwright.errors import LogError
from plantwright.exchange import read_log
from plantwright.plant import read_plant
from tests.calibration.logs import row
from tests.calibration.small_shop import simulated

PROMISED = timedelta(days=1)


def with_dues(rows: list[dict[str, str]], name: str, form: str) -> list[dict[str, str]]:
    """Each order promised for the day after that on which it begins."""
    began: dict[str, datetime] = {}
    for one in rows:
        start = datetime.fromisoformat(one["Start Timestamp"].replace("/", "-"))
        began[one["Case ID"]] = min(began.get(one["Case ID"], start), start)
    return [one | {name: (began[one["Case ID"]] + PROMISED).strftime(form)} for one in rows]


def write(path: Path, rows: list[dict[str, str]]) -> Path:
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.DictWriter(file, list(rows[0]))
        writer.writeheader()
        writer.writerows(rows)
    return path


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return simulated(orders=150)


@pytest.fixture(scope="module")
def shop(rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    path = write(tmp_path_factory.mktemp("log") / "shop.csv", with_dues(rows, "Liefertermin", "%d.%m.%Y"))
    return calibrate(read_log(path), replications=4)


def test_a_date_alone_means_until_the_end_of_its_day(shop: Calibration, rows: list[dict[str, str]]) -> None:
    history = shop.found.history
    assert set(history.dues) == set(history.orders)
    for order, due in history.dues.items():
        assert due == datetime.combine(
            history.reported[order][0].date() + PROMISED + timedelta(days=1), datetime.min.time()
        )
    assert "due: 'Liefertermin' (by its name)" in map(str, shop.quality.mapping)
    assert shop.quality.notes["due dates"].endswith("dates alone, so until the end of the day")


def test_the_share_that_comes_late_is_a_total_that_simulation_is_held_against(
    shop: Calibration, tmp_path: Path
) -> None:
    from plantwright.calibration import save

    history = shop.found.history
    done = [order for order in history.orders if order not in history.open_orders]
    late = sum(history.reported[order][1] > history.dues[order] for order in done) / len(done)
    assert 0.05 < late < 0.95
    compared = {one.name: one for one in shop.fit.comparisons}["share late"]
    assert compared.given == pytest.approx(late, abs=1e-4)
    assert compared.agrees
    assert "due dates, " not in shop.text()
    save(shop, tmp_path / "shop.yaml")
    plant = read_plant(tmp_path / "shop.yaml")
    assert all(order.due is not None for product in plant.products.values() for order in product.releases[0].orders)
    run = simulate(plant, replications=2)
    assert 1 - run.estimate("on-time share").mean == pytest.approx(late, abs=0.15)
    assert "due dates: 150 of 150 orders" in str(shop)


@pytest.mark.parametrize(
    ("name", "form"),
    [
        ("Due Date", "%Y-%m-%d"),
        ("Promised date", "%m/%d/%Y %H:%M"),
        ("Fecha de entrega", "%d/%m/%Y"),
        ("Date de livraison", "%d/%m/%Y"),
        ("交货日期", "%Y/%m/%d"),
    ],
)
def test_due_dates_are_found_by_their_names(rows: list[dict[str, str]], tmp_path: Path, name: str, form: str) -> None:
    log = read_log(write(tmp_path / "log.csv", with_dues(rows[:120], name, form)))
    assert {choice.what: choice.column for choice in log.mapping}["due"] == name
    assert log.dues is not None
    assert log.dues["due"].null_count() == 0
    first = log.dues.row(0, named=True)["due"]
    start = log.table.row(0, named=True)["start"]
    assert first.date() - start.date() in (PROMISED, PROMISED + timedelta(days=1))


def test_what_is_wrong_with_due_dates_is_told(tmp_path: Path) -> None:
    made = []
    for number in range(40):
        start = datetime(2026, 1, 5, 8) + timedelta(days=number)
        due = {0: "soon", 1: "9999-12-31", 3: f"{date(2026, 1, 1)}"}.get(number, f"{start.date() + PROMISED}")
        made.append(row(f"o{number}", "Saw", "M1", start, start + timedelta(hours=2)) | {"Due date": due})
        again = "2026-05-05" if number == 2 else due
        made.append(
            row(f"o{number}", "Pack", "M2", start + timedelta(hours=3), start + timedelta(hours=4))
            | {"Due date": again}
        )
    log = read_log(write(tmp_path / "log.csv", made))
    defects = {one.kind: one for one in inspect_log(log).defects}
    assert defects["unreadable due dates"].rows == (2, 3)
    assert defects["due dates far away"].rows == (4, 5)
    assert defects["due dates that differ"].rows == (7,)
    assert defects["due before it was begun"].rows == (8, 9)
    # Each order is done on the day on which it begins, and so in time; but for the one that was due before, and those that say no date.
    assert defects["due before it was begun"].effect is not None
    assert defects["due before it was begun"].effect.share == pytest.approx(1 / 38)
    assert defects["due before it was begun"].effect.words.endswith("without them 0 % would come late, not 2.63 %")


def promised(path: Path, *, doubtful: int, swapped: bool = False) -> History:
    """Twenty orders of two reports, done four hours after they begin: the first ten due an hour before that, the others an hour after; some of them state in the
    report that begins later that they are due two days later.
    """
    made = []
    for number in range(20):
        start = datetime(2026, 1, 5, 8) + timedelta(days=number)
        due = start + timedelta(hours=3 if number < 10 else 5)
        later = due + timedelta(days=2 * (number < doubtful))
        two = [row(f"o{number}", "Saw", "M1", start, start + timedelta(hours=2)) | {"Due date": f"{due:%Y-%m-%d %H:%M}"},
               row(f"o{number}", "Pack", "M2", start + timedelta(hours=3), start + timedelta(hours=4)) | {"Due date": f"{later:%Y-%m-%d %H:%M}"}]  # fmt: skip
        made += two[::-1] if swapped else two
    return find(clean(read_log(write(path / "log.csv", made))), "log").history


def test_the_first_date_that_an_order_states_counts(tmp_path: Path) -> None:
    """In the order of time, not of the file; an order that is done when it is due is not late, and one that is under way is in no share."""
    history = promised(tmp_path, doubtful=1, swapped=True)
    assert history.dues["o0"] == datetime(2026, 1, 5, 11)
    assert history.doubtful == {"o0": (datetime(2026, 1, 5, 11), datetime(2026, 1, 7, 11))}
    assert late_share(history, history.dues) == 0.5
    assert late_share(history, history.dues | {"o0": history.reported["o0"][1]}) == 9 / 20
    assert late_share(history, history.dues | {"unknown": datetime(2026, 1, 1)}) == 0.5
    assert late_share(replace(history, open_orders=frozenset({"o0"})), history.dues) == 9 / 19
    assert late_share(history, {}) is None


def test_dates_that_contradict_leave_open_how_many_came_late(tmp_path: Path) -> None:
    one, four = (promised(tmp_path, doubtful=doubtful) for doubtful in (1, 4))
    assert late_between(one) == (0.45, 0.5)
    assert totals(one)["late"] == "50 %"
    assert late_between(four) == (0.3, 0.5)
    assert "late" not in totals(four)
    assert due_words(four).startswith("20 of 20 orders; 30 to 50 % of those that were finished came late, by whichever")
    defect = inspect_log(read_log(tmp_path / "log.csv")).defect("due dates that differ")
    assert defect.count == 4
    assert defect.effect is not None
    assert defect.effect.share == pytest.approx(0.2)
    assert "no total" in defect.action


def test_a_column_without_dates_is_refused_if_it_was_named_and_passed_over_if_not(tmp_path: Path) -> None:
    made = [
        row(f"o{k}", "Saw", "M1", datetime(2026, 1, 5 + k, 8), datetime(2026, 1, 5 + k, 9))
        | {"Due date": f"week no {k}", "Wanted": f"week no {k}"}
        for k in range(20)
    ]
    path = write(tmp_path / "log.csv", made)
    log = read_log(path)
    assert log.dues is None
    assert any("'Due date' was taken for due dates" in warning for warning in log.warnings)
    with pytest.raises(LogError) as refused:
        read_log(path, {"due": "Wanted"})
    assert refused.value.problems[0].code == "PW3068"
