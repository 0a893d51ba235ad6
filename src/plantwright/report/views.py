"""What the report's pages show, worked out: numbers, boxes of the flow, rows of moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plantwright.plant import Plant
from plantwright.report import words
from plantwright.report.limits import shares
from plantwright.simulation.run import Estimate, Run
from plantwright.simulation.trust import compare_totals

if TYPE_CHECKING:
    from plantwright.improvement.study import RankedMove, Study

_HEADLINES = ("throughput", "sales", "cycle time", "work in process", "on-time share", "scrap share", "contribution")
_NAMES = {"throughput": "Output", "on-time share": "On time", "scrap share": "Scrap"}
_ORDER = ("working", "setup", "in repair", "maintenance", "blocked", "no staff", "starved")


def _text(estimate: Estimate, value: float) -> str:
    if estimate.unit == "s":
        return words.long(value)
    if estimate.unit == "share":
        return f"{words.figures(100 * value)} %"
    if "/y" in estimate.unit:
        return words.amount(value, estimate.unit.partition("/")[0]) + " a year"
    places = words.decimals(estimate.half_width) if estimate.half_width > 0 else 1
    return f"{words.plain(value, min(places, 2))} {estimate.unit}"


def numbers_of(run: Run, estimates: Sequence[Estimate] | None = None) -> list[dict[str, str]]:
    """Headline numbers with their intervals."""
    chosen = estimates
    if chosen is None:
        chosen = [e for name in _HEADLINES for e in run.named(name) if not e.of and e.quantile is None]
    return [
        {
            "name": _NAMES.get(e.name, e.name.capitalize()),
            "value": _text(e, e.mean),
            "interval": "" if e.half_width == 0 else f"{_text(e, e.low).partition(' ')[0]} to {_text(e, e.high)}",
        }
        for e in chosen
    ]


def state_parts(states: Mapping[str, float]) -> list[dict[str, Any]]:
    """The states of a work center for a bar: share and words, what is under half a percent left out."""
    return [
        {"name": name, "share": states[name], "words": f"{100 * states[name]:.0f} % {name}"}
        for name in _ORDER
        if states.get(name, 0.0) >= 0.005
    ]


def flow_boxes(study: Study, plant: Plant) -> list[dict[str, Any]]:
    """Work centers in the order in which lots first come to them, the limit marked."""
    order = dict.fromkeys(operation.center for product in plant.products.values() for operation in product.routing)
    limits = {study.limit.subject, *study.limit.tied_with}
    if study.limit.kind in ("demand", "release") or study.limit.subject not in plant.work_centers:
        limits = set()
    boxes = []
    for name in order:
        center = plant.work_centers[name]
        states = shares(study.baseline, name) if center.machines is not None else {}
        size = "a delay" if center.machines is None else words.plural(center.machines, "machine")
        if center.buffer is not None:
            size += f", {center.buffer.value:g} {center.buffer.unit}s in front"
        busy = f"{100 * states.get('working', 0.0):.0f} % working" if states else ""
        boxes.append({"name": name, "size": size, "states": state_parts(states), "busy": busy, "limit": name in limits})
    return boxes


def _measured(study: Study, item: RankedMove) -> Estimate | None:
    """The effect that the ranking goes by."""
    if study.by == "capacity":
        return item.saturated.get("throughput")
    return item.released.get({"cycle-time": "cycle time", "on-time": "on-time share"}.get(study.by, study.by))


def _shown(study: Study, item: RankedMove) -> Estimate | None:
    """The effect that the axis shows: sales or output where money ranks, for people count pieces."""
    if study.by == "contribution":
        return item.released.get("sales") or item.released.get("throughput")
    return _measured(study, item)


def effect_axis(study: Study) -> dict[str, Any]:
    """The common axis of all moves' effects."""
    found = [e for item in study.moves if (e := _shown(study, item)) is not None]
    if not found:
        return {
            "name": study.by,
            "head": "Effect",
            "unit": "",
            "low": "0",
            "high": "0",
            "zero": 50.0,
            "from": -1.0,
            "to": 1.0,
        }
    first = found[0]
    size = words.time_unit(max(abs(e.mean) for e in found))[0] if first.unit == "s" else 1.0
    unit = words.time_unit(max(abs(e.mean) for e in found))[1] if first.unit == "s" else first.unit
    low, high = min(0.0, *(e.low for e in found)), max(0.0, *(e.high for e in found))
    margin = 0.05 * (high - low) or 1.0
    low, high = low - margin, high + margin
    return {
        "name": first.name,
        "head": f"{first.name}, {unit}".replace("/working day", " a day"),
        "unit": unit,
        "size": size,
        "low": words.figures(low / size, 2),
        "high": words.figures(high / size, 2),
        "zero": round(100 * -low / (high - low), 2),
        "from": low,
        "to": high,
    }


def _edit_text(value: Any) -> str:
    from plantwright.plant.document import node_of
    from plantwright.plant.writing import flow_text

    return "(taken away)" if value is None else flow_text(node_of(value))


def move_rows(study: Study, axis: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The moves as rows of the table, in the order of their rank."""
    ranks = {item.move.name: item.rank for item in study.moves}
    contributions = [i.released["contribution"].mean for i in study.moves if "contribution" in i.released]
    divisor, _ = words.money_scale(*contributions)
    before = next((e.mean for e in study.baseline.named("cycle time") if not e.of and e.quantile is None), None)
    currency = next((e.unit.partition("/")[0] for e in study.baseline.named("contribution")), "")
    rows = []
    for item in sorted(study.moves, key=lambda item: item.rank):
        effect = _shown(study, item)
        money = item.released.get("contribution")
        time = item.released.get("cycle time")
        rows.append(
            {
                "rank": item.rank,
                "title": item.move.title,
                "verdict": item.verdict,
                "ties": ", ".join(f"{ranks[name]}" for name in item.tied_with if name in ranks),
                "then": f"then {item.next_limit} binds" if item.next_limit else "",
                "edits": [(path, _edit_text(value)) for path, value in item.move.edits.items()],
                "note": item.move.note,
                "effect": "" if effect is None else words.change(_scaled(effect, float(axis.get("size", 1.0)))),
                "time": words.from_to(before, before + time.mean) if time is not None and before is not None else "",
                "money": words.signed(words.figures(money.mean / divisor)) if money is not None else "",
                "price": _price(item, currency),
                "sure": words.sureness(item.sure),
                **_marks(effect, axis, item),
            }
        )
    return rows


def _scaled(estimate: Estimate, size: float) -> Estimate:
    return Estimate("", {}, "", estimate.mean / size, estimate.low / size, estimate.high / size)


def _price(item: RankedMove, currency: str) -> str:
    parts = []
    if item.move.capital is not None:
        parts.append(words.amount(item.move.capital, currency))
    if item.cost_per_year is not None:
        parts.append(words.amount(item.cost_per_year, currency) + " a year")
    return " and ".join(parts) or ("no price" if item.spends else "none")


def _marks(effect: Estimate | None, axis: Mapping[str, Any], item: RankedMove) -> dict[str, Any]:
    if effect is None:
        return {"left": 50.0, "width": 0.0, "at": 50.0, "tone": "none"}
    span = axis["to"] - axis["from"]

    def place(value: float) -> float:
        return round(100 * (value - axis["from"]) / span, 2)

    tone = "bad" if item.verdict == "harms" else "none" if item.verdict in ("no effect", "do not buy") else "good"
    return {
        "left": place(effect.low),
        "width": round(place(effect.high) - place(effect.low), 2),
        "at": place(effect.mean),
        "tone": tone,
    }


def total_rows(plant: Plant, run: Run) -> list[dict[str, str]]:
    """The owner's totals beside the simulated ones."""
    return [
        {
            "name": total.name,
            "given": total.shown[1],
            "simulated": total.shown[0],
            "agrees": "yes" if total.agrees else "no",
        }
        for total in compare_totals(plant, run)
    ]
