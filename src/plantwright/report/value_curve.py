"""Value against capital: what each move brings a year against what it costs once, with the ceiling that demand sets."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plantwright.plant import Plant
from plantwright.report import advice, words
from plantwright.report.axes import axis_of
from plantwright.report.sentences import currency_of, is_sketch, move_said, sketched
from plantwright.simulation.economics import YEAR
from plantwright.simulation.run import Estimate, Run

if TYPE_CHECKING:
    from plantwright.improvement.study import RankedMove, Study

MOST_POINTS = 40
WIDE, HIGH, LEFT, BOTTOM, TOP, RIGHT = 720.0, 330.0, 64.0, 44.0, 26.0, 24.0


def ceiling_of(plant: Plant, run: Run) -> float | None:
    """What all that is asked and not sold would bring a year, at its price less its material; None where nothing is asked or priced.

    More output than that is worth nothing. Material is what the plant used for a piece that it finished, on average over its products.
    """
    asked: dict[str, float] = {}
    for name, product in plant.products.items():
        if product.demand is None or product.price is None:
            return None
        asked[name] = product.demand.mean
    days = run.working_days / run.horizon * YEAR
    made = sum(e.mean for e in run.named("throughput") if set(e.of) == {"product"})
    material = 0.0
    for e in run.named("material used"):
        material += e.mean * (plant.materials[e.of["material"]].price or 0.0)
    each = material / made if made > 0 else 0.0
    total = 0.0
    for name, product in plant.products.items():
        sold = next((e.mean for e in run.named("sales") if e.of == {"product": name}), None)
        if sold is None:
            sold = next((e.mean for e in run.named("sales") if not e.of), 0.0) if len(plant.products) == 1 else None
        if sold is None:
            return None
        demand = product.demand
        assert demand is not None
        per_day = asked[name] * (365.25 / days if demand.per == "day" and plant.shifts else 1.0)
        total += max(0.0, per_day - sold) * max(0.0, (product.price or 0.0) - each) * days
    return total


def value_curve(study: Study, plant: Plant) -> dict[str, Any] | None:
    """What the template draws: a point for each move whose price is known, the ceiling of demand; None where there are fewer than two."""
    # What costs nothing and brings nothing, or harms, is no use of money, and would press the others together.
    listed = [item for item in study.moves if item.verdict in ("do now", "if you spend") or _capital(item)]
    known = [(item, value) for item in listed if (value := _value(item)) is not None and _capital(item) is not None]
    points = known[:MOST_POINTS]
    if len(points) < 2 or not any(_capital(item) for item, _ in points):
        return None
    currency = currency_of(plant)
    ceiling = ceiling_of(plant, study.baseline)
    values = [value for _, value in points]
    extra = [Estimate("", {}, "", ceiling, ceiling, ceiling)] if ceiling else []
    most = max([abs(e.high) for e in values] + [ceiling or 0.0])
    scale, prefix = words.money_scale(most)
    up = axis_of([_in(e, scale) for e in values + extra])
    capitals = [_capital(item) or 0.0 for item, _ in points]
    size, unit = words.money_scale(max(capitals))
    across = axis_of([Estimate("", {}, "", c / size, c / size, c / size) for c in capitals])
    line, named = _steps(points)
    wide, high = WIDE - LEFT - RIGHT, HIGH - TOP - BOTTOM

    def x(value: float) -> float:
        return LEFT + wide * across.place(value / size) / 100

    def y(value: float) -> float:
        return TOP + high * (1 - up.place(value / scale) / 100)

    return {
        "width": f"{WIDE:.0f}",
        "height": f"{HIGH:.0f}",
        "left": f"{LEFT:.0f}",
        "right": f"{WIDE - RIGHT:.0f}",
        "top": f"{TOP:.0f}",
        "bottom": f"{HIGH - BOTTOM:.0f}",
        "zero": f"{y(0.0):.1f}",
        "ticks_up": [{"at": f"{TOP + high * (1 - t.at / 100):.1f}", "label": t.label} for t in up.ticks],
        "ticks_across": [
            {"at": f"{LEFT + wide * t.at / 100:.1f}", "label": t.label.removeprefix("+")}
            for t in across.ticks
            if not t.label.startswith("-")
        ],
        "up": sketched(f"{prefix}{currency} a year", is_sketch(study.baseline)),
        "across": f"price once, {unit}{currency}",
        "ceiling": f"{y(ceiling):.1f}" if ceiling else "",
        "ceiling_words": words.amount(ceiling, currency) + " a year" if ceiling else "",
        "points": [
            _point(item, value, x(_capital(item) or 0.0), y, study, item.rank in named) for item, value in points
        ],
        "frontier": " ".join(f"{x(c):.1f},{y(v):.1f}" for c, v in line),
        "unpriced": sum(_value(item) is not None and _capital(item) is None for item in study.moves),
        "sketch": is_sketch(study.baseline),
    }


def _in(estimate: Estimate, size: float) -> Estimate:
    return Estimate("", {}, "", estimate.mean / size, estimate.low / size, estimate.high / size)


def _value(item: RankedMove) -> Estimate | None:
    return item.released.get("contribution")


def _capital(item: RankedMove) -> float | None:
    """What a move costs once; nothing where it is no move that costs money; None where nobody gave it."""
    if item.move.capital is not None:
        return item.move.capital
    from plantwright.report.advice import PAID

    return None if item.spends and item.move.family not in PAID else 0.0


def _point(item: RankedMove, value: Estimate, x: float, y: Any, study: Study, named: bool) -> dict[str, Any]:
    better = item.verdict in ("do now", "if you spend")
    return {
        "x": f"{x:.1f}",
        "y": f"{y(value.mean):.1f}",
        "low": f"{y(value.low):.1f}",
        "high": f"{y(value.high):.1f}",
        "tone": "good" if better else "bad" if item.verdict == "harms" else "none",
        "rank": f"{item.rank}",
        "label": named,
        "title": f"{item.rank} {item.move.title}: {move_said(study, item)}; {advice.price(item, '')}".rstrip("; "),
    }


def _steps(points: list[tuple[RankedMove, Estimate]]) -> tuple[list[tuple[float, float]], set[int]]:
    """The best single move that so much capital buys, as a line of steps; the ranks of these moves."""
    best, line, named = 0.0, [(0.0, 0.0)], set()
    for item, value in sorted(points, key=lambda pair: (_capital(pair[0]) or 0.0, -pair[1].mean)):
        if value.mean > best and item.verdict in ("do now", "if you spend"):
            capital = _capital(item) or 0.0
            line += [(capital, best), (capital, value.mean)]
            best = value.mean
            named.add(item.rank)
    most = max(_capital(item) or 0.0 for item, _ in points)
    return ([*line, (most, best)] if named else []), named
