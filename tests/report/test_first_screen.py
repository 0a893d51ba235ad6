"""The first screen: always 30 lines of 80 columns, and every sentence of it is about this plant."""

from __future__ import annotations

import re
from functools import lru_cache
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from plantwright.improvement import all_families, improve
from plantwright.plant import Plant, build_plant, read_text
from plantwright.report import first_screen
from tests.improvement.plants import POUCH, exact_line, one_pair_of_hands, pouch, two_steps

FAMILIES = (
    "add a machine", "faster machine", "better reliability", "more buffer", "CONWIP limit", "batch size", "yield", "one more person",
    "cross-train", "relieved breaks", "overtime", "another shift",
)  # fmt: skip
"""The moves that the pilot line's story is about; with others the places on the screen go to others."""


@lru_cache
def screen(**replaced: str) -> str:
    plant = pouch(**replaced)
    return first_screen(improve(plant, families=FAMILIES), plant, command="plant.yaml")


def line(text: str, start: str) -> str:
    """The line that starts so, blanks aside."""
    return next(row for row in text.splitlines() if row.strip().startswith(start))


def after(text: str, start: str) -> str:
    """The line after the one that starts so."""
    rows = text.splitlines()
    return rows[next(i for i, row in enumerate(rows) if row.strip().startswith(start)) + 1]


BY_HAND = 7.5 / 1.5 * 64 * 0.97


def test_the_mixers_plant_reads_as_an_answer() -> None:
    text = screen()
    assert line(text, "Pouch-cell").endswith("SKETCH: nobody has measured it yet")
    sold = re.fullmatch(r"Sells (\d+) of 400 cells asked per working day. Cycle time 3.4 days.", line(text, "Sells"))
    assert sold
    assert float(sold[1]) == pytest.approx(BY_HAND, rel=0.01)
    assert line(text, "THE") == "THE MIXER HOLDS YOU BACK.  7.5 h / 1.5 h = 5 lots x 64 x 97 % = 310."
    assert line(text, "mixer") == " mixer       ####################  100 % working"
    assert "relieve mixer at 11:00-11:30" in text
    assert line(text, "2 second mixer").endswith("270 kUSD")
    assert after(text, "1 another shift at mixer").startswith("     stops at demand; with it the coater binds (4")
    assert line(text, "second coater, 650 kUSD").endswith("not while mixer binds")
    assert line(text, "ANSWER CHANGES IF").startswith("ANSWER CHANGES IF  mix takes under 6")
    assert line(text, f"demand falls below {sold[1]}")
    assert line(text, "plantwright improve plant.yaml --save-move 1 better.yaml")
    assert "20 runs, paired, 95 %." in text
    promised = r"With 95 % nothing tried is better than another shift at mixer by more than [\d.]+ [kM]USD\."
    assert re.search(promised, " ".join(text.split()))
    assert "On time: no due dates." in text


SENTENCES = (
    "Sells", "THE", "1", "stops at demand", "second", "ANSWER CHANGES IF", "demand falls below", "mixer", "coater",
)  # fmt: skip


@pytest.mark.parametrize("start", SENTENCES)
def test_when_the_bottleneck_moves_every_sentence_changes(start: str) -> None:
    before, now = screen(), screen(coat="triangular 100..120..160 min/lot")
    assert line(before, start) != line(now, start)


def test_the_moved_bottleneck_is_named_everywhere() -> None:
    text = screen(coat="triangular 100..120..160 min/lot")
    assert line(text, "THE") == "THE COATER HOLDS YOU BACK."
    assert after(text, "THE COATER").startswith(" 7.5 h x 96.4 % up / 2.11 h = 3.4")
    assert "relieve coater at 11:00-11:30" in text
    assert line(text, "second mixer").endswith("not while coater binds")
    assert line(text, "ANSWER CHANGES IF").startswith("ANSWER CHANGES IF  coat takes under")


def test_a_plant_that_sells_all_that_is_asked() -> None:
    text = screen(demand="250 cells/working day")
    assert line(text, "DEMAND IS THE LIMIT") == "DEMAND IS THE LIMIT.  250 asked, all of them sold."
    most = re.search(r"With more work the mixer binds first, at (\d+)", text)
    assert most
    assert float(most[1]) == pytest.approx(BY_HAND, rel=0.01)
    assert line(text, "second coater, 650 kUSD").endswith("demand is met")
    assert f"demand rises above {most[1]}" in text


def test_a_plant_held_back_by_its_own_rule() -> None:
    text = screen(cards="3 lots")
    assert line(text, "YOUR OWN LIMIT ON LOTS IN PROCESS HOLDS YOU BACK")
    assert after(text, "YOUR OWN LIMIT").startswith(" 3 lots / 1.5 working days = 2 lots a day x 64")
    assert "3 -> 4 lots in process" in line(text, "1")


def test_a_plant_without_prices_demand_or_due_dates_says_so() -> None:
    text = screen(price="", wanted="")
    assert "Sales: no demand; on time: no due dates; money: no prices." in " ".join(text.split())
    made = re.match(r"Finishes (\d+) cells per working day. Cycle time 3.4 days. 12 lots", line(text, "Finishes"))
    assert made
    assert float(made[1]) == pytest.approx(BY_HAND, rel=0.01)
    assert "USD/yr*" not in text


def test_people_are_called_by_name() -> None:
    plant = one_pair_of_hands()
    text = first_screen(improve(plant, replications=4), plant)
    assert line(text, "BEN") == "BEN HOLDS YOU BACK.  1 person x 8 h / 60 min = 8 lots."
    assert line(text, "Ben").endswith("100 % of paid time at work")


def test_money_of_a_sketch_is_called_so() -> None:
    assert "sketch kUSD*" in line(screen(), "DO NOW")
    plant = read_text(POUCH + "totals: {throughput: 221 cells/d, cycle time: 3.4 d}\n")
    text = first_screen(improve(plant, families=["overtime"]), plant)
    assert "TOTALS MATCHED" in text
    assert "sketch" not in text


def test_a_model_that_does_not_reproduce_the_shop_says_so_before_anything_else() -> None:
    plant = read_text(POUCH + "totals: {throughput: 500 cells/d}\n")
    text = first_screen(improve(plant, families=["overtime"], replications=4), plant)
    assert text.splitlines()[1].startswith("THIS MODEL DOES NOT REPRODUCE YOUR SHOP: throughput 6")


def fits(plant: Plant, *sizes: tuple[int, int], horizon: str = "10 d", warmup: str = "2 d", **options: Any) -> None:
    study = improve(plant, replications=2, horizon=horizon, warmup=warmup, **options)
    for width, lines in sizes:
        text = first_screen(
            study, plant, width=width, lines=lines, command="a folder/with a rather long name/plant.yaml"
        )
        rows = text.splitlines()
        assert len(rows) <= lines
        assert max(map(len, rows)) <= width
        assert all(row == row.rstrip() for row in rows)


@pytest.mark.parametrize("plant", [pouch(), pouch(name="A plant with a name " * 8)])
def test_the_screen_always_fits(plant: Plant) -> None:
    fits(plant, (80, 30), (60, 20))


@pytest.mark.parametrize("plant", [exact_line(), two_steps()])
def test_so_does_that_of_a_plant_of_minutes(plant: Plant) -> None:
    fits(plant, (80, 30), (60, 20), horizon="1 d", warmup="2 h")


names = st.text(st.characters(categories=["Lu", "Ll", "Nd"], include_characters=" "), min_size=1, max_size=60).map(
    lambda text: "w" + " ".join(text.split())
)


@st.composite
def plants(draw: st.DrawFn) -> Plant:
    """Lines of one to five centers with any names, times, machines, buffers and one or two products."""
    centers = draw(st.lists(names, min_size=1, max_size=5, unique=True))
    shift: dict[str, Any] = {"shift": "day"} if draw(st.booleans()) else {}
    entries: dict[str, Any] = {}
    for name in centers:
        entries[name] = {"machines": str(draw(st.integers(1, 12))), **shift}
    products: dict[str, Any] = {}
    for p in range(draw(st.integers(1, 2))):
        steps = [
            {f"step {k}": {"at": name, "time": f"{draw(st.integers(1, 90))} min/lot"}} for k, name in enumerate(centers)
        ]
        release = draw(st.sampled_from(["saturated", {"conwip": "5 lots"}, {"every": "7 h"}]))
        products[f"product {p}"] = {"routing": steps, "release": release}
        if draw(st.booleans()):
            products[f"product {p}"]["price"] = "9999999 EUR"
    plant: dict[str, Any] = {
        "plant": draw(names),
        "currency": "EUR",
        "work centers": entries,
        "products": products,
    }
    if shift:
        plant["shifts"] = {"day": {"days": "Mon-Sun", "from": "06:00", "to": "14:00"}}
    return build_plant(plant)


some_families = st.lists(st.sampled_from(sorted(all_families())), min_size=2, max_size=5, unique=True)


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(plants(), some_families)
def test_the_screen_fits_whatever_the_plant(plant: Plant, families: list[str]) -> None:
    fits(plant, (80, 30), horizon="2 d", warmup="4 h", families=families)
