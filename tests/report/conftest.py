"""The studies that the tests of the report look at, made once."""

from __future__ import annotations

import pytest

from plantwright.improvement import Study, improve
from plantwright.plant import Plant
from tests.improvement.plants import pouch

HOSTILE = "<script>document.title='taken'</script>"


def quick(plant: Plant) -> Study:
    """A study whose figures do not matter beyond being the ones that are shown."""
    return improve(plant, horizon="30 d", warmup="10 d", replications=3)


@pytest.fixture(scope="session")
def pouch_study() -> tuple[Study, Plant]:
    plant = pouch()
    return quick(plant), plant


@pytest.fixture(scope="session")
def hostile_study() -> tuple[Study, Plant]:
    """A plant all of whose names try to break out of the page."""
    from plantwright.plant import build_plant

    mean, quoted, long = HOSTILE, "\"><img src=x onerror=alert(1)> & 'more'", "verylongname" * 12
    plant = build_plant(
        {
            "plant": f"{mean} & sons",
            "currency": "USD",
            "work centers": {
                mean: {"machines": "1", "failures": [{"every": "exponential 9 h", "repair": "exponential 1 h"}]},
                quoted: {"machines": "2", "buffer": "2 lots"},
                long: {"machines": "1"},
            },
            "products": {
                quoted: {
                    "price": "9 USD",
                    "demand": {"rate": "500 pieces/d", "unmet": "lost"},
                    "release": {"conwip": "9 lots"},
                    "routing": [
                        {mean: {"at": mean, "time": "7 min/lot"}},
                        {quoted: {"at": quoted, "time": "9 min/lot"}},
                        {long: {"at": long, "time": "3 min/lot"}},
                    ],
                }
            },
        }
    )
    return quick(plant), plant
