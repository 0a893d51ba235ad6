"""How orders are released: logs of plants that hold their work in process, and of plants that take orders as they come."""

from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest

from plantwright.calibration.cleaning import clean
from plantwright.calibration.finding import find_history
from plantwright.calibration.policy import Policy, find_policy, followed
from plantwright.calibration.visits import History, Visit
from plantwright.exchange.run_records import records_of_run
from plantwright.plant import build_plant
from plantwright.simulation import history

WEEKS, SEEDS = 16, 3
EVERY = 24 * 7 / 20
"""Hours between orders, if four come on a working day."""


def logged(release: Any, seed: int, *, saw: float = 0.6, files: dict[str, str] | None = None) -> History:
    """Sixteen weeks of a shop: sawn, milled and looked at in two shifts, with two days of waiting after each of the first two."""
    rest = {"at": "rest", "time": "lognormal 40 h cv 0.6"}
    words: dict[str, Any] = {
        "format": "1",
        "plant": "Shop",
        "start": "2026-01-05 00:00",
        "shifts": {"day": {"days": "Mon-Fri", "from": "06:00", "to": "22:00"}},
        "work centers": {
            "saw": {"machines": "1", "shift": "day"},
            "mill": {"machines": "2", "shift": "day"},
            "check": {"machines": "1", "shift": "day"},
            "rest": {"machines": "unlimited"},
        },
        "products": {
            "A": {
                "release": release,
                "routing": [
                    {"cut": {"at": "saw", "time": f"gamma {3.2 * saw:g} h cv 0.5"}},
                    {"dry": rest},
                    {"mill": {"at": "mill", "time": "gamma 6.4 h cv 0.7"}},
                    {"cool": rest},
                    {"look": {"at": "check", "time": "gamma 2.2 h cv 0.5"}},
                ],
            }
        },
    }
    plant = build_plant(words, name="shop.yaml", files=files or {})
    rows = history(plant, horizon=7 * WEEKS * 86400.0, seed=seed, replication=1).table()
    return find_history(clean(records_of_run(rows, "run.csv"))).history


def listed(seed: int) -> dict[str, str]:
    """Orders in threes, at any hour of the working days."""
    random = np.random.default_rng(seed)
    rows = ["order,product,release,quantity"]
    for day in (day for day in range(7 * WEEKS) if day % 7 < 5):
        for number in range(3 * random.poisson(4 / 3)):
            at = datetime(2026, 1, 5) + timedelta(days=day, hours=6 + 16 * random.random())
            rows.append(f"{day}-{number},A,{at:%Y-%m-%d %H:%M},1")
    return {"orders.csv": "\n".join(rows) + "\n"}


def told(release: Any, **shop: Any) -> list[Policy]:
    return [find_policy(logged(release, seed, **shop)) for seed in range(SEEDS)]


@pytest.mark.parametrize("cards", [12, 30])
def test_a_limit_on_the_work_in_process_is_told_with_its_level(cards: int) -> None:
    found = told({"conwip": f"{cards} lots"})
    assert Counter(item.kind for item in found) == {"limit": SEEDS}
    assert all(item.level == pytest.approx(cards, rel=0.05) for item in found)
    assert all(item.spread < 0.3 * item.by_chance for item in found)


@pytest.mark.parametrize("release", [{"every": f"exponential {EVERY} h"}, {"every": f"{EVERY} h"}])
def test_orders_that_come_by_chance_or_by_the_clock_are_no_limit(release: Any) -> None:
    kinds = Counter(item.kind for item in told(release))
    assert not kinds["limit"]
    assert kinds["as they came"] >= SEEDS - 1


def test_orders_of_a_list_are_no_limit() -> None:
    found = [find_policy(logged({"orders": "orders.csv"}, seed, files=listed(seed))) for seed in range(SEEDS)]
    assert Counter(item.kind for item in found) == {"as they came": SEEDS}


@pytest.mark.parametrize("release", [{"conwip": "25 lots"}, {"every": f"exponential {EVERY} h"}])
def test_where_the_first_machine_is_always_busy_nobody_can_tell(release: Any) -> None:
    """Orders begin as the saw is free for them, whoever let them in, and what waits before it is in no log."""
    past = logged(release, 1, saw=1.05)
    assert followed(past) > 0.8
    found = find_policy(past)
    assert found.kind == "unknown"
    assert "as the machine of their first step is left by another" in found.words


def test_what_is_silent_at_the_end_of_the_log_is_in_no_mean() -> None:
    """An order a day, five days at the saw and five at the mill: ten in process. A log of what is done has none of the last five days' orders yet, which
    would make it nine and less; the days of that silence do not count.
    """
    begin, days = datetime(2026, 1, 5), 84
    orders = {}
    for number in range(days - 5):
        start = begin + timedelta(days=number)
        steps = [("saw", start), ("mill", start + timedelta(days=5))]
        orders[str(number)] = tuple(
            Visit(
                str(number),
                "A",
                (name, name),
                at,
                at + timedelta(days=5),
                (name,),
                3600.0,
                0.0,
                1.0,
                0.0,
                1.0,
                True,
                False,
            )
            for name, at in steps
            if at + timedelta(days=5) <= begin + timedelta(days=days)
        )
    reported = {order: (visits[0].start, visits[-1].end) for order, visits in orders.items()}
    is_open = frozenset(order for order, visits in orders.items() if len(visits) == 1)
    found = find_policy(History(orders, begin, begin + timedelta(days=days), is_open, None, {}, reported))
    assert found.level == pytest.approx(10.0)
