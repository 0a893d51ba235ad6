"""Past starts fix how management reacts: what a faster bottleneck brings with them and where the next order follows as one is done."""

from __future__ import annotations

from typing import Any

import pytest

from plantwright import Plant, improve
from plantwright.improvement import Move
from plantwright.plant import build_plant, changed
from plantwright.simulation.trials import Conditions, Trial

DAYS = 40


def shop(kept: int | None = None) -> Plant:
    """Twelve orders of two pieces a day; the mill takes two hours, the saw less; lots go through the oven for 20 h."""
    hours = [f"2026-01-{5 + day:02d}" if day < 27 else f"2026-02-{day - 26:02d}" for day in range(DAYS)]
    rows = [f"{date}-{k},{'AB'[k % 2]},{date} {2 * k:02d}:00,2" for date in hours for k in range(12)]
    routing = [
        {"cut": {"at": "saw", "time": "30 min/lot"}},
        {"mill": {"at": "mill", "time": "2 h/lot"}},
        {"heat": {"at": "oven", "time": "20 h/lot"}},
    ]
    words: dict[str, Any] = {
        "format": "1",
        "plant": "Shop of lists",
        "start": "2026-01-05 00:00",
        "work centers": {"saw": {"machines": "1"}, "mill": {"machines": "1"}, "oven": {"machines": "unlimited"}},
        "products": {name: {"release": {"orders": "orders.csv"}, "routing": routing} for name in "AB"},
    }
    if kept is not None:
        words["totals"] = {"work in process": f"{kept} lots"}
    table = "\n".join(["order,product,release,quantity", *rows]) + "\n"
    return build_plant(words, name="shop.yaml", files={"orders.csv": table})


def moved(name: str, step: str, time: str) -> Move:
    return Move(name, "own", name, {f"products > {p} > routing > {step} > time": time for p in "AB"})


FASTER_MILL = moved("faster mill", "mill", "1 h/lot")
SHORTER_OVEN = moved("shorter oven", "heat", "10 h/lot")


def test_a_faster_bottleneck_brings_its_gain_under_the_rule_and_none_with_past_starts() -> None:
    """With 40 orders kept in process (the plant's own totals) the mill is never without work: 12 orders of two pieces a day, and 24 once it
    takes an hour. With past starts what comes in goes out, 24 pieces a day, whatever the mill does, but for what is in process at the end: ten hours of
    a shorter oven are five orders in forty days, a quarter of a piece a day. Under the rule the oven brings nothing.
    """
    study = improve(shop(kept=40), by="cycle-time", moves=[FASTER_MILL, SHORTER_OVEN], replications=3, threads=1)
    reaction = study.reaction
    assert reaction is not None
    assert (reaction.lots, reaction.of) == (40, "totals")
    assert reaction.as_is.mean == pytest.approx(24, abs=0.1)
    brings = {item.name: item for item in reaction.moves}
    assert brings["faster mill"].output.mean == pytest.approx(24, abs=0.1)
    assert brings["shorter oven"].output.mean == pytest.approx(0, abs=0.1)
    assert [brings[name].replayed.mean for name in ("faster mill", "shorter oven")] == pytest.approx(
        [-3600, -36000], abs=1
    )
    assert [item.released["throughput"].mean for item in study.moves] == pytest.approx([0.25, 0.025], abs=0.05)
    assert reaction.differs
    assert reaction.reversed == (("shorter oven", "faster mill"),)
    assert reaction.words.startswith("Past starts fix how management reacts")
    assert (
        "the first is faster mill, +24 pieces a day; with past starts it is second and brings 60 min less"
        in reaction.words
    )
    assert "The first with past starts, shorter oven, brings nothing that is sure under the rule." in reaction.words


def test_the_level_is_that_of_the_replay_where_no_totals_say_it() -> None:
    """Lots are in process for 0.5 + 2 + 20 h, 12 a day come, so 11.25 are there on average. With 11 kept there, a mill of one hour is not the
    limit: 11 orders in 21.5 h instead of 22.5.
    """
    study = improve(shop(), by="cycle-time", moves=[FASTER_MILL], replications=3, threads=1)
    reaction = study.reaction
    assert reaction is not None
    assert (reaction.lots, reaction.of) == (11, "replay")
    assert reaction.as_is.mean == pytest.approx(2 * 11 * 24 / 22.5, abs=0.1)
    assert reaction.moves[0].output.mean == pytest.approx(2 * 11 * 24 * (1 / 21.5 - 1 / 22.5), abs=0.15)
    assert not reaction.differs
    assert reaction.words.startswith("The first is the same with 11 orders kept in process")


def test_a_plant_that_starts_its_lots_by_itself_is_not_asked() -> None:
    plant = changed(shop(), {f"products > {name} > release": {"conwip": "5 lots"} for name in "AB"})
    study = improve(plant, by="cycle-time", moves=[FASTER_MILL], replications=2, threads=1)
    assert study.reaction is None


def test_orders_come_in_the_sequence_of_their_lists_each_with_its_pieces() -> None:
    """One saw of an hour, one order in process: the orders leave in turn, two products in one sequence, and the list begins again."""
    rows = ["o1,A,2026-01-05 08:00,1", "o2,B,2026-01-05 09:00,2", "o3,A,2026-01-05 10:00,3", "o4,A,2026-01-05 11:00,4"]
    words: dict[str, Any] = {
        "format": "1",
        "plant": "In turn",
        "start": "2026-01-05 00:00",
        "work centers": {"saw": {"machines": "1"}},
        "products": {
            name: {"release": {"orders": "orders.csv"}, "routing": [{"cut": {"at": "saw", "time": "1 h/lot"}}]}
            for name in "AB"
        },
    }
    table = "\n".join(["order,product,release,quantity", *rows]) + "\n"
    plant = build_plant(words, name="turn.yaml", files={"orders.csv": table})
    made = []
    for hours in range(1, 7):
        trial = Trial(plant, Conditions(hours * 3600.0 + 1, 0.0, 1, 0.95, True, 1, listed=True))
        assert trial.more(1)
        made.append(trial.run().estimate("throughput").mean * (hours * 3600.0 + 1) / 86400)
    assert [round(after - before) for before, after in zip([0.0, *made], made, strict=False)] == [1, 2, 3, 4, 1, 2]
