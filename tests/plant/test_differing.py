"""What differs between two plants: by the paths of the file, whatever the way in which a value is written."""

from __future__ import annotations

import pytest

from plantwright.plant import changed, read_text
from plantwright.plant.differing import Difference, differences, same_value
from tests.improvement.plants import POUCH, pouch

ORDERS = """\
plant: Shop
work centers: {saw: {machines: 1}}
products:
  bracket:
    release: {orders: %s}
    routing: [{cut: {at: saw, time: 5 min/piece}}]
"""


def test_a_plant_does_not_differ_from_itself() -> None:
    assert differences(pouch(), pouch()) == ()


def test_comments_spaces_and_the_unit_of_a_time_say_nothing() -> None:
    other = read_text("# another hand\n" + POUCH.replace("90 min/lot", "1.5 h/lot").replace("650 kUSD", "650000  USD"))
    assert differences(pouch(), other) == ()


def test_what_is_changed_added_and_taken_away_stands_with_its_path() -> None:
    edits = {
        "work centers > mixer > machines": "2",
        "work centers > coater > price": None,
        "work centers > coater > setup": {"default": "25 min"},
        "products > NMC pouch > routing > coat > time": "50 min/lot",
    }
    assert differences(pouch(), changed(pouch(), edits)) == (
        Difference("work centers > mixer > machines", "1", "2"),
        Difference("work centers > coater > price", "650 kUSD", None),
        Difference("work centers > coater > setup", None, "{default: 25 min}"),
        Difference("products > NMC pouch > routing > coat > time", "triangular 50..60..80 min/lot", "50 min/lot"),
    )
    assert [d.kind for d in differences(pouch(), changed(pouch(), edits))] == ["changed", "removed", "added", "changed"]


def test_steps_that_change_places_are_told_once() -> None:
    lines = POUCH.splitlines(keepends=True)
    mix, coat = (next(line for line in lines if line.startswith(f"      - {name}:")) for name in ("mix", "coat"))
    turned = POUCH.replace(mix + coat, coat + mix)
    assert [str(d) for d in differences(pouch(), read_text(turned))] == [
        "  products > NMC pouch > routing (order): mix, coat, form -> coat, mix, form"
    ]


def shop(rows: str, name: str = "orders.csv") -> object:
    from plantwright.plant import build_plant

    routing = [{"cut": {"at": "saw", "time": "5 min/piece"}}]
    mapping = {
        "plant": "Shop",
        "work centers": {"saw": {"machines": "1"}},
        "products": {"bracket": {"release": {"orders": name}, "routing": routing}},
    }
    return build_plant(mapping, files={name: "order,release,quantity\n" + rows})


def test_tables_beside_the_file_are_compared_by_the_name_of_the_row() -> None:
    before = shop("A1,2026-01-05 08:00,4\nA2,2026-01-06 08:00,6\n")
    after = shop("A2,2026-01-06 08:00,9\nA1,2026-01-05 08:00,4\nA3,2026-01-07 08:00,1\n", "others.csv")
    at = "products > bracket > release > orders (others.csv)"
    assert differences(before, after) == (  # type: ignore[arg-type]
        Difference(f"{at} > A2 > quantity", "6", "9"),
        Difference(f"{at} > A3", None, "A3, 2026-01-07 08:00, 1"),
    )


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        ("90 min", "1.5 h", True),
        ("90 min/lot", "5400 s/lot", True),
        ("90 min/lot", "90 min/piece", False),
        ("1 kUSD", "1000 USD", True),
        ("1000 USD", "1000 EUR", False),
        ("13.4 kg/lot", "13400 g/lot", True),
        ("25 min guess", "25 min", False),
        ("mixer", "Mixer", False),
        ("1", "1.0", True),
    ],
)
def test_quantities_are_the_same_in_any_unit(one: str, other: str, same: bool) -> None:
    assert same_value(one, other) is same
