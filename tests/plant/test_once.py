"""A plant that is changed is read anew only where it differs, and says all that it would say if it were read as a whole."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from plantwright.errors import PlantError
from plantwright.plant import build_plant, changed, explain, fingerprint, plant_text, read_plant, read_text
from plantwright.plant.once import Once
from plantwright.plant.ways import ways_of

EXAMPLES = sorted((Path(__file__).parents[2] / "examples").glob("*.yaml"))
SHOP: dict[str, Any] = {
    "plant": "shop",
    "currency": "EUR",
    "work centers": {"mill": {"machines": 2}, "wash": {"machines": 1}},
    "products": {
        "part": {
            "release": {"every": "20 min"},
            "routing": [
                {"turn": {"at": "mill", "time": "12 min guess 8..20 min"}},
                {"clean": {"at": "wash", "time": "5 min"}},
            ],
        },
        "ring": {"price": "3 EUR", "release": {"every": "2 h"}, "routing": [{"turn": {"at": "mill", "time": "9 min"}}]},
    },
}


def test_what_did_not_change_is_not_read_again() -> None:
    shop = build_plant(SHOP)
    other = changed(shop, {"products > part > routing > turn > time": "11 min"})
    assert other.products["ring"] is shop.products["ring"]
    assert other.products["part"] is not shop.products["part"]
    assert ways_of(other.products["ring"]) is ways_of(shop.products["ring"])
    assert (
        changed(other, {"products > part > routing > turn > time": "12 min guess 8..20 min"}).products == shop.products
    )


@pytest.mark.parametrize("path", EXAMPLES, ids=lambda path: str(path.stem))
def test_it_says_what_the_whole_would_say(path: Path) -> None:
    """Values, guesses, spreads and defaults of a changed example are those of its text read by itself."""
    plant = read_plant(path)
    center = next(iter(plant.work_centers))
    for edits in ({f"work centers > {center} > machines": 3}, {"plant": "another"}, {}):
        again = changed(plant, edits)
        assert again.document is not None
        alone = read_text(plant_text(again), folder=path.parent)
        for field in ("products", "work_centers", "people", "guesses", "spreads", "materials"):
            assert getattr(again, field) == getattr(alone, field), field
        assert explain(again) == explain(alone)
        assert fingerprint(again) == fingerprint(alone)


def test_what_is_wrong_is_told_each_time() -> None:
    shop = build_plant(SHOP)
    for _ in range(2):
        with pytest.raises(PlantError) as raised:
            changed(shop, {"products > part > routing > turn > time": "11 apples", "plant": "other"})
        assert [problem.path for problem in raised.value.problems] == ["products > part > routing > turn > time"]


def test_another_currency_is_another_reading() -> None:
    """A price in euros is right in one plant, and wrong in the same plant that counts in dollars."""
    with pytest.raises(PlantError, match="EUR"):
        changed(build_plant(SHOP), {"currency": "USD"})


def test_what_is_kept_is_by_identity_and_bounded() -> None:
    asked: list[list[int]] = []

    def total(numbers: list[int]) -> int:
        asked.append(numbers)
        return sum(numbers)

    once, one, alike = Once(total, most=2), [1, 2], [1, 2]
    assert [once(one), once(one), once(alike)] == [3, 3, 3]
    assert len(asked) == 2
    assert once([4]) == 4
    assert once(one) == 3
    assert len(asked) == 4
