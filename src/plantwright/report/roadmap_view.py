"""A roadmap as a page shows it: moves on an axis of time, the money of each quarter, value against budget."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

from plantwright.report import words
from plantwright.report.axes import axis_of
from plantwright.report.sentences import as_sentence, sketched
from plantwright.simulation.run import Estimate

WIDE, LEFT, TOP, ROW, RIGHT = 1000.0, 250.0, 34.0, 30.0, 16.0
NAME, QUARTER_DAYS = 32, 365.25 / 4


def document_of(roadmap: Any) -> Mapping[str, Any] | None:
    """The document of a roadmap, or the document itself; None where there is none."""
    if roadmap is None:
        return None
    made: Mapping[str, Any] = roadmap if isinstance(roadmap, Mapping) else roadmap.to_dict()
    return made


def roadmap_view(roadmap: Any, currency: str) -> dict[str, Any] | None:
    """What the template draws of a roadmap, or of its document ``plantwright.roadmap/1``; None where there is none."""
    document = document_of(roadmap)
    if document is None:
        return None
    sketch = document["trust"] == "sketch"
    unit = document.get("currency") or currency

    def money(value: float | None) -> str:
        return "unlimited" if value is None else words.amount(value, unit)

    worth = document["net present value"]
    return {
        "said": sketched(_said(document, money), sketch),
        "sketch": sketch,
        "steps": [_step(step, money) for step in document["steps"]],
        "lane": _lane(document),
        "cash": [_quarter(row, money) for row in document["cash"]],
        "frontier": [
            {"budget": money(one["budget"]), "value": money(one["value"]), "worst": money(one["worst"]),
             "first": _title(one["first"], document), "moves": len(one["moves"])} for one in document["frontier"]
        ],
        "curve": _curve(document["frontier"], unit, sketch),
        "risk": f"In the worst {100 * worth['tail']:.0f} % of the scenarios it brings {money(worth['worst'])} in the mean; in "
        f"{100 * worth['loses']:.0f} % it loses money.",
        "agrees": _agreement(document["agreement"]),
        "left_out": list(document["left out"].items()),
        "assumed": list(document["assumed"]),
        "warnings": [as_sentence(line) for line in document["warnings"]],
    }  # fmt: skip


def roadmap_rows(roadmap: Any) -> list[dict[str, Any]]:
    """The steps of a roadmap as rows; none where there is none."""
    document = document_of(roadmap)
    if document is None:
        return []
    return [
        {
            "quarter": step["quarter"], "move": step["title"], "begins": step["begins"], "in force": step["in force"],
            "full": step["full"], "capital": step["capital"], "effect": step["effect"]["mean"], "low": step["effect"]["low"],
            "high": step["effect"]["high"], "unit": step["effect"]["unit"],
        } for step in document["steps"]
    ]  # fmt: skip


def _said(document: Mapping[str, Any], money: Any) -> str:
    """The roadmap in a sentence: how many moves, how much money, what it is worth."""
    steps, worth = document["steps"], document["net present value"]
    if not steps:
        return "No move is worth its money within this budget."
    spent = sum(step["capital"] for step in steps)
    said = (
        f"{words.plural(len(steps), 'move')} in {document['quarters']} quarters for {money(spent)} of a budget that is {money(document['budget'])}"
        f" bring {money(worth['expected'])} more than they cost, discounted: {money(worth['low'])} to {money(worth['high'])} in eight of ten scenarios"
    )
    gap = document["gap"]
    return said if gap is None else f"{said}; no plan brings over {100 * gap:.2g} % more"


def _step(step: Mapping[str, Any], money: Any) -> dict[str, str]:
    effect = step["effect"]
    return {
        "quarter": f"{step['quarter']}",
        "title": step["title"],
        "begins": _month(step["begins"]),
        "in_force": _month(step["in force"]),
        "full": _month(step["full"]),
        "capital": money(step["capital"]) if step["capital"] else "nothing",
        "effect": f"{money(effect['mean'])} a year",
    }


def _quarter(row: Mapping[str, Any], money: Any) -> dict[str, str]:
    simulated = row["simulated"]
    return {
        "quarter": f"{row['quarter']}",
        "begins": _month(row["begins"]),
        "capital": money(row["capital"]) if row["capital"] else "",
        "mean": f"{money(row['mean'])}, {money(row['low'])} to {money(row['high'])}",
        "simulated": money(simulated["mean"]) if simulated else "",
    }


def _agreement(agreement: Mapping[str, Any]) -> str:
    rounds = agreement["rounds"]
    if not rounds:
        return ""
    reached = "agree" if agreement["reached"] else "do not agree"
    return (
        f"The engine ran the sequence; after {words.plural(len(rounds), 'round')} it and the sum of the parts {reached} within "
        f"{100 * agreement['asked']:.2g} % (they differ by {100 * abs(rounds[-1]['differs']):.2g} %)."
    )


def _title(name: str | None, document: Mapping[str, Any]) -> str:
    return next((step["title"] for step in document["steps"] if step["move"] == name), name or "none")


def _month(day: str) -> str:
    return f"{date.fromisoformat(day):%b %Y}"


def _lane(document: Mapping[str, Any]) -> dict[str, Any]:
    """Each move as a bar from when it is begun: first put in place, then ramping up, then bringing all that it brings."""
    begins = [date.fromisoformat(row["begins"]) for row in document["cash"]]
    if not begins:
        return {}
    first, last = begins[0].toordinal(), begins[-1].toordinal() + QUARTER_DAYS
    wide = WIDE - LEFT - RIGHT

    def x(day: str | float) -> float:
        at = date.fromisoformat(day).toordinal() if isinstance(day, str) else day
        return LEFT + wide * min(1.0, max(0.0, (at - first) / (last - first)))

    rows = []
    for k, step in enumerate(document["steps"]):
        start, works, full, end = x(step["begins"]), x(step["in force"]), x(step["full"]), x(last)
        rows.append(
            {
                "y": f"{TOP + k * ROW:.0f}", "name": words.shortened(step["title"], NAME),
                "title": f"{step['title']}: begun {_month(step['begins'])}, works {_month(step['in force'])}, all of it {_month(step['full'])}",
                "start": f"{start:.1f}", "placing": f"{works - start:.1f}", "works": f"{works:.1f}", "ramping": f"{full - works:.1f}",
                "full": f"{full:.1f}", "bringing": f"{end - full:.1f}",
            }
        )  # fmt: skip
    return {
        "width": f"{WIDE:.0f}",
        "height": f"{TOP + max(1, len(rows)) * ROW + 6:.0f}",
        "rows": rows,
        "quarters": [
            {"x": f"{x(day.toordinal()):.1f}", "label": f"Q{(day.month - 1) // 3 + 1} {day:%y}"} for day in begins
        ],
    }


def _curve(frontier: Sequence[Mapping[str, Any]], unit: str, sketch: bool) -> dict[str, Any] | None:
    """Value against budget as a line, for budgets that have an end."""
    known = [(one["budget"], one["value"]) for one in frontier if one["budget"] is not None]
    if len(known) < 2:
        return None
    sizes = [words.money_scale(*(pair[k] for pair in known)) for k in (0, 1)]
    axes = [axis_of([Estimate("", {}, "", v / size, v / size, v / size) for v in (pair[k] for pair in known)])
            for k, (size, _) in enumerate(sizes)]  # fmt: skip
    left, top, wide, high = 64.0, 26.0, 560.0, 190.0

    def place(pair: tuple[float, float]) -> str:
        across, up = (axes[k].place(pair[k] / sizes[k][0]) for k in (0, 1))
        return f"{left + wide * across / 100:.1f},{top + high * (1 - up / 100):.1f}"

    return {
        "width": f"{left + wide + 20:.0f}",
        "height": f"{top + high + 44:.0f}",
        "left": f"{left:.0f}",
        "right": f"{left + wide:.0f}",
        "bottom": f"{top + high:.0f}",
        "line": " ".join(place(pair) for pair in known),
        "ticks_up": [{"at": f"{top + high * (1 - t.at / 100):.1f}", "label": t.label} for t in axes[1].ticks],
        "ticks_across": [
            {"at": f"{left + wide * t.at / 100:.1f}", "label": t.label.removeprefix("+")}
            for t in axes[0].ticks
            if not t.label.startswith("-")
        ],
        "up": sketched(f"{sizes[1][1]}{unit}, net present value", sketch),
        "across": f"budget, {sizes[0][1]}{unit}",
    }
