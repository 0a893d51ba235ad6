"""The studies that the tests of the report look at, made once."""

from __future__ import annotations

from typing import Any

import pytest

from plantwright.improvement import Study, improve
from plantwright.plant import Plant
from tests.improvement.plants import pouch

HOSTILE = "<script>document.title='taken'</script>"


def quick(plant: Plant, horizon: str = "30 d", warmup: str = "10 d", **options: Any) -> Study:
    """A study whose figures do not matter beyond being the ones that are shown."""
    return improve(plant, horizon=horizon, warmup=warmup, replications=3, **options)


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
    return quick(plant, "4 d", "1 d"), plant


def example_roadmap() -> dict[str, Any]:
    """The document of a roadmap of two moves, its figures made up so that each can be found again on a page."""

    def money(mean: float) -> dict[str, Any]:
        return {"name": "contribution", "of": {}, "unit": "USD/y", "mean": mean, "low": 0.9 * mean, "high": 1.1 * mean}

    steps = [
        {"quarter": 1, "move": "overtime", "title": "one hour overtime, mixer", "family": "overtime", "capital": 0.0, "cost per year": None,
         "begins": "2026-04-01", "in force": "2026-04-01", "full": "2026-04-01", "effect": money(272_000), "what changes": {}},
        {"quarter": 2, "move": "add", "title": "second mixer", "family": "add a machine", "capital": 180_000.0, "cost per year": None,
         "begins": "2026-07-01", "in force": "2026-10-01", "full": "2027-01-01", "effect": money(640_000), "what changes": {}},
    ]  # fmt: skip
    begins = ["2026-04-01", "2026-07-01", "2026-10-01", "2027-01-01"]
    return {
        "schema": "plantwright.roadmap/1", "plant": "0" * 64, "name": "Pouch-cell pilot line", "trust": "sketch", "version": "0.1.0",
        "currency": "USD", "budget": 200_000.0, "quarters": 4, "partial": False, "steps": steps,
        "cash": [{"quarter": k, "begins": day, "capital": 180_000.0 if k == 2 else 0.0, "mean": 60_000.0 * k, "low": 50_000.0 * k,
                  "high": 70_000.0 * k, "simulated": None} for k, day in enumerate(begins, 1)],
        "net present value": {"simulated": None, "expected": 2_100_000.0, "low": 1_700_000.0, "high": 2_600_000.0, "worst": 1_500_000.0,
                              "tail": 0.1, "loses": 0.0},
        "bound": 2_110_000.0, "gap": 0.005,
        "frontier": [
            {"budget": 0.0, "value": 900_000.0, "worst": 700_000.0, "capital": 0.0, "gap": 0.0, "moves": ["overtime"], "first": "overtime"},
            {"budget": 200_000.0, "value": 2_100_000.0, "worst": 1_500_000.0, "capital": 180_000.0, "gap": 0.0, "moves": ["overtime", "add"],
             "first": "overtime"},
        ],
        "agreement": {"asked": 0.02, "reached": True, "in one run": True,
                      "rounds": [{"moves": ["overtime", "add"], "by parts": 2.1e6, "simulated": 2.08e6, "differs": 0.0095, "learnt": []}]},
        "left out": {"second coater": "it is never worth its price"}, "assumed": ["a budget for four quarters"], "warnings": [],
        "not simulated": [], "options": {},
    }  # fmt: skip
