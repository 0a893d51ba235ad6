"""Stations of any names that stand in for each other are one work center; what is not shown to be interchangeable, or is said not to be, stays apart."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from plantwright.calibration.centers import Center
from plantwright.calibration.cleaning import clean
from plantwright.calibration.finding import find_history
from plantwright.errors import LogError
from plantwright.exchange import read_log, read_mapping
from tests.calibration.logs import at, row, write

MILLS = ("Hermle", "Mazak", "Old mill")


def logged(
    folder: Path,
    seed: int = 1,
    *,
    speeds: tuple[float, ...] = (1.0, 1.0, 1.0),
    dedicated: bool = False,
    both: bool = False,
) -> Path:
    """Ninety orders of three products (gamma times, cv .3), each sawn and then milled at one of three mills: at any, four in five at that of
    their product, or at one after the other."""
    chance = np.random.default_rng(seed)
    rows = []
    for number in range(90):
        kind = number % 3
        mill = kind if dedicated and number % 5 else int(chance.integers(3))
        day, product = number, ("Bolt", "Nut", "Pin")[kind]
        rows.append(row(f"A{number}", "Sawing", "Saw", at(day, 6), at(day, 7), part_desc=product, span=""))
        hour = 7.0
        for one in range(3) if both else (mill,):
            hours = (1.0, 2.0, 3.0)[kind] * chance.gamma(11, 1 / 11) / speeds[one]
            rows.append(
                row(
                    f"A{number}",
                    "Milling",
                    MILLS[one],
                    at(day, hour),
                    at(day, hour + hours),
                    part_desc=product,
                    span="",
                )
            )
            hour += hours
    return write(folder / "log.csv", rows)


def centers(path: Path, mapping: Path | None = None) -> dict[str, Center]:
    log = read_log(path, read_mapping(mapping) if mapping else None)
    return {center.name: center for center in find_history(clean(log, True)).centers}


@pytest.mark.parametrize("seed", range(10))
def test_mills_that_get_the_same_products_at_the_same_pace_are_one_work_center(tmp_path: Path, seed: int) -> None:
    found = centers(logged(tmp_path, seed, speeds=(0.9, 1.0, 1.1)))
    assert set(found) == {"Saw", "Milling"}
    assert (found["Milling"].stations, found["Milling"].machines) == (MILLS, 3)
    assert found["Milling"].evidence.startswith("3 stations that do the same: ")


@pytest.mark.parametrize(
    "shop", [{"dedicated": True}, {"both": True}], ids=["each mostly its own product", "one after the other"]
)
def test_mills_that_do_not_stand_in_for_each_other_stay_apart(tmp_path: Path, shop: dict[str, bool]) -> None:
    assert {center.stations for center in centers(logged(tmp_path, **shop)).values()} >= {(mill,) for mill in MILLS}


def test_a_mill_of_half_the_speed_stays_apart(tmp_path: Path) -> None:
    found = centers(logged(tmp_path, speeds=(1.0, 1.0, 0.5)))
    assert {center.stations for center in found.values()} == {("Saw",), ("Hermle", "Mazak"), ("Old mill",)}


def test_who_knows_the_shop_says_which_machines_are_one_work_center(tmp_path: Path) -> None:
    mapping = tmp_path / "map.yaml"
    mapping.write_text("work centers: {Hermle: Hermle, Mazak: Other mills, Old mill: Other mills}\n", "utf-8")
    found = centers(logged(tmp_path), mapping)
    assert {name: center.stations for name, center in found.items()} == {
        "Saw": ("Saw",), "Hermle": ("Hermle",), "Other mills": ("Mazak", "Old mill"),
    }  # fmt: skip
    assert found["Other mills"].evidence == "as given: Mazak, Old mill"


def test_a_station_that_is_not_in_the_log_is_told(tmp_path: Path) -> None:
    mapping = tmp_path / "map.yaml"
    mapping.write_text("work centers: {Hermel: Mills, Mazak: Mills}\n", "utf-8")
    with pytest.raises(LogError) as refused:
        centers(logged(tmp_path), mapping)
    assert [(one.code, one.value) for one in refused.value.problems] == [("PW3071", "Hermel")]
    assert "did you mean 'Hermle'" in str(refused.value)
    assert "map.yaml:1" in str(refused.value)
