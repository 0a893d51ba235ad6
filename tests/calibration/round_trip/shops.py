"""Shops drawn at random, of features that a log can show."""

from __future__ import annotations

import csv
import io
import math
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import yaml

from tests.calibration.logs import MONDAY
from tests.calibration.round_trip.laws import Law, draw_law

CENTERS = ("Sawing", "Milling", "Grinding", "Welding", "Painting")
PRODUCTS = ("Bracket", "Gear", "Shaft", "Plate")
TIMES = ("lognormal", "gamma", "triangular", "mixture", "constant")
WEEKS = 16
MEAN_PIECES = 22.5


@dataclass
class Shop:
    """A plant's words and files, and what of it is true.

    ``times`` is by product and center, with what they are per; ``shares`` by product and center, then by what comes next; ``failures`` has the
    times between and the repairs.
    """

    words: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, tuple[float, ...]] = field(default_factory=dict)
    orders: list[tuple[str, str, datetime, int]] = field(default_factory=list)
    machines: dict[str, int] = field(default_factory=dict)
    times: dict[tuple[str, str], tuple[Law, str]] = field(default_factory=dict)
    setups: dict[str, Law] = field(default_factory=dict)
    failures: dict[str, tuple[Law, Law]] = field(default_factory=dict)
    yields: dict[tuple[str, str], float] = field(default_factory=dict)
    shares: dict[tuple[str, str], dict[str, float]] = field(default_factory=dict)
    clocked: bool = True
    hours: tuple[str, str] = ("07:00", "15:00")

    def save(self, folder: Path) -> Path:
        """Write the plant file and what stands beside it."""
        folder.mkdir(parents=True, exist_ok=True)
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(["order", "product", "release", "quantity"])
        writer.writerows((o, p, f"{r:%Y-%m-%d %H:%M}", q) for o, p, r, q in self.orders)
        (folder / "orders.csv").write_text(out.getvalue())
        if self.columns:
            rows = zip(*self.columns.values(), strict=True)
            lines = [",".join(self.columns), *(",".join(f"{value:.3f} s" for value in row) for row in rows)]
            (folder / "times.csv").write_text("\n".join(lines) + "\n")
        path = folder / "shop.yaml"
        path.write_text(yaml.safe_dump(self.words, sort_keys=False, width=1000))
        return path


def draw_shop(seed: int) -> Shop:
    """A shop: two to four work centers of one to three machines, two to four products, and some of setups, failures, scrap, steps that are
    skipped, rework, breaks, and people who are needed.
    """
    random = np.random.default_rng(seed)
    shop = Shop(clocked=bool(random.random() < 0.7))
    centers = list(CENTERS[: random.integers(2, 5)])
    shop.hours = (("07:00", "15:00"), ("06:00", "22:00"))[int(random.random() < 0.4)]
    shift: dict[str, Any] = {"days": "Mon-Fri", "from": shop.hours[0], "to": shop.hours[1]}
    if shop.clocked and random.random() < 0.5:
        shift["breaks"] = ["11:00-11:30"]
    shop.machines = {center: int(random.choice([1, 1, 2, 3])) for center in centers}
    products = list(PRODUCTS[: random.integers(2, 5)])
    numbers = {product: int(random.integers(40, 121)) for product in products}
    if len(products) > 2 and random.random() < 0.5:
        numbers[products[-1]] = int(random.integers(5, 13))
    routes = {product: _route(random, centers) for product in products}
    for product in products:
        _draw_shares(random, shop, product, routes[product])
    words: dict[str, Any] = {
        "plant": f"Drawn shop {seed}",
        "start": f"{MONDAY:%Y-%m-%d} 00:00",
        "shifts": {"day": shift},
    }
    staffed = [center for center in centers if random.random() < 0.4]
    if staffed:
        words["people"] = {
            f"{center} person {number + 1}": {"shift": "day", "skills": {center: 2}}
            for center in staffed for number in range(shop.machines[center] + 1)
        }  # fmt: skip
    hours = (int(shop.hours[1][:2]) - int(shop.hours[0][:2]) - (0.5 if "breaks" in shift else 0)) * 5 * WEEKS
    visits = {center: sum(numbers[product] for product in products if center in routes[product]) for center in centers}
    words["work centers"] = {center: _center(random, shop, center, hours) for center in centers}
    words["products"] = {}
    for product in products:
        steps = []
        for center in routes[product]:
            lot = (
                3600.0
                * min(5.0, 0.5 * hours * shop.machines[center] / max(1, visits[center]))
                * random.uniform(0.6, 1.3)
            )
            steps.append({center: _step(random, shop, product, center, lot, center in staffed)})
        words["products"][product] = {"release": {"orders": "orders.csv"}, "routing": steps}
    shop.words = words
    last = (int(shop.hours[1][:2]) - int(shop.hours[0][:2])) * 60
    for product in products:
        for number in range(numbers[product]):
            day = int(random.integers(0, 5 * WEEKS - 2))
            release = MONDAY + timedelta(days=7 * (day // 5) + day % 5, hours=int(shop.hours[0][:2]), minutes=int(random.integers(0, last - 60)))  # fmt: skip
            shop.orders.append((f"{product[0]}{number + 1:03d}", product, release, int(random.integers(5, 41))))
    shop.orders.sort(key=lambda order: order[2])
    return shop


def _route(random: Any, centers: list[str]) -> list[str]:
    kept = [center for center in centers if random.random() < 0.75]
    return kept if len(kept) >= 2 else centers[:2]


def _draw_shares(random: Any, shop: Shop, product: str, route: list[str]) -> None:
    for at, center in enumerate(route):
        shop.shares[product, center] = {route[at + 1] if at + 1 < len(route) else "end": 1.0}
    if len(route) > 2 and random.random() < 0.5:
        skip = float(random.choice([0.1, 0.25, 0.4]))
        shop.shares[product, route[0]] = {route[1]: 1 - skip, route[2]: skip}
    if random.random() < 0.5:
        back = float(random.choice([0.08, 0.15, 0.25]))
        shop.shares[product, route[-1]] = {"end": 1 - back, route[-2]: back}


def _center(random: Any, shop: Shop, center: str, hours: float) -> dict[str, Any]:
    words: dict[str, Any] = {"machines": shop.machines[center], "shift": "day"}
    if random.random() < 0.5:
        law = draw_law(random, 60 * random.uniform(10, 45), ("lognormal", "triangular", "gamma", "constant"))
        shop.setups[center] = law
        words["setup"] = {"default": law.text}
    if random.random() < 0.5:
        mean = 3600 * 0.45 * hours * shop.machines[center] / random.uniform(6, 30)
        shape = float(random.choice([1.0, 1.5]))
        text = (
            f"exponential {mean:.3f} s"
            if shape == 1.0
            else f"weibull shape {shape} scale {mean / math.gamma(1 + 1 / shape):.3f} s"
        )
        every = Law("exponential" if shape == 1.0 else "weibull", mean, 1.0 if shape == 1.0 else 0.679, text)
        repair = draw_law(random, 3600 * random.uniform(0.5, 3), ("lognormal", "gamma"), most=1.0)
        shop.failures[center] = every, repair
        words["failures"] = [{"every": every.text, "clock": "working", "repair": repair.text}]
    return words


def _step(random: Any, shop: Shop, product: str, center: str, lot: float, staffed: bool) -> dict[str, Any]:
    per = "piece" if random.random() < 0.4 else "lot"
    kinds = tuple(kind for kind in TIMES if kind != "mixture") if per == "piece" else TIMES
    column = f"{product} {center}"
    law = draw_law(random, lot / MEAN_PIECES if per == "piece" else lot, kinds, column)
    if law.values:
        shop.columns[column] = law.values
    shop.times[product, center] = law, per
    step: dict[str, Any] = {"at": center, "time": f"{law.text}/{per}"}
    if staffed:
        step["staff"] = [{"skill": f"{center} 1"}]
    if random.random() < 0.4:
        good = float(random.choice([0.85, 0.95, 0.98]))
        shop.yields[product, center] = good
        step["yield"] = f"{100 * good:g} %"
    shares = shop.shares[product, center]
    if len(shares) > 1:
        step["next"] = {target: f"{100 * share:g} %" for target, share in shares.items()}
    return step
