"""Orders that began before the log: a shop is simulated, the first part of its log is cut off, and what was cut off is known."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping

import pytest

from plantwright.calibration import Calibration, calibrate
from plantwright.calibration.routings import BEGIN
from plantwright.exchange import read_log
from plantwright.plant import build_plant
from tests.calibration import small_shop
from tests.calibration.logs import write

CUT = "2026/01/23 12:00:00.000"


@pytest.fixture(scope="module")
def rows() -> list[dict[str, str]]:
    return small_shop.simulated(orders=300, every=1.75, seed=8)


@pytest.fixture(scope="module")
def rest(rows: list[dict[str, str]], tmp_path_factory: pytest.TempPathFactory) -> Calibration:
    path = tmp_path_factory.mktemp("rest") / "log.csv"
    return calibrate(read_log(write(path, [row for row in rows if row["Start Timestamp"] >= CUT])), replications=5)


def halved(rows: list[dict[str, str]]) -> dict[str, list[str]]:
    """The orders of which the cut leaves something, but not the sawing with which each begins: the steps that are left."""
    left: dict[str, list[str]] = {}
    sawn = set()
    for row in sorted(rows, key=lambda row: row["Start Timestamp"]):
        order, step = row["Case ID"], row["Activity"].split(" - ")[0]
        if row["Start Timestamp"] < CUT:
            continue
        if step == "Sawing":
            sawn.add(order)
        steps = left.setdefault(order, [])
        if not steps or steps[-1] != step:
            steps.append(step)
    return {order: steps for order, steps in left.items() if order not in sawn}


def test_the_orders_that_the_cut_halved_are_found(rows: list[dict[str, str]], rest: Calibration) -> None:
    truth = halved(rows)
    assert len(truth) >= 5
    assert rest.found.history.begun == set(truth)
    assert rest.quality.count("orders begun before the log") == len(truth)


def test_every_order_to_come_begins_at_the_saw(rest: Calibration) -> None:
    """As all do in that shop; that some were first seen at the mill says nothing of how orders begin."""
    for product in ("Bolt", "Nut"):
        shares = rest.found.routings[product].shares(BEGIN)
        assert {step.operation: share for step, share in shares.items() if not isinstance(step, str)} == {"Sawing": 1.0}


def release_lines(rest: Calibration) -> dict[str, Mapping[str, str]]:
    return {row["order"]: row for row in csv.DictReader(io.StringIO(rest.draft.files["orders.csv"]))}


def test_a_halved_order_has_only_its_rest_to_do(rows: list[dict[str, str]], rest: Calibration) -> None:
    lines = release_lines(rest)
    truth = halved(rows)
    for order, row in lines.items():
        steps = [step.strip() for step in row["routing"].split(">") if step.strip()]
        assert [step.removesuffix(" again") for step in steps] == truth.get(order, [])


def test_the_plant_with_such_orders_is_sound(rest: Calibration) -> None:
    plant = build_plant(rest.draft.words, name="plant.yaml", files=rest.draft.files)
    assert {operation.name for operation in plant.products["Bolt"].routing} >= {
        "Sawing",
        "Milling",
        "Inspection",
        "Packing",
    }
    assert "begin" not in {operation.name for operation in plant.products["Bolt"].routing}
    assert rest.fit.reproduces
