"""What the report's pages show, worked out: numbers, boxes of the flow, rows of moves."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

from plantwright.improvement.words import is_plural
from plantwright.plant import Plant
from plantwright.report import advice, words
from plantwright.report.axes import Axis, axis_of
from plantwright.report.limits import AT_WORK, BUSY, shares
from plantwright.simulation.run import Estimate, Run
from plantwright.simulation.trust import compare_totals

if TYPE_CHECKING:
    from plantwright.improvement.study import RankedMove, Study

_HEADLINES = ("throughput", "sales", "cycle time", "work in process", "on-time share", "scrap share", "contribution")
_NAMES = {"throughput": "Output", "on-time share": "On time", "scrap share": "Scrap", "work in process": "In process"}
STATES = (
    "working", "load", "unload", "setup", "waiting for repair", "in repair", "maintenance", "blocked", "no staff", "no tool",
    "no material", "starved",
)  # fmt: skip
MOST_BOXES = 12
"""A flow of more work centers than this shows the limit and the busiest of the others."""
VERDICTS = {
    "do now": ("do now", "\u25b2"),
    "if you spend": ("if you spend", "\u25c6"),
    "do not buy": ("do not buy", "\u2715"),
    "no effect": ("no effect", "\u25cb"),
    "harms": ("harms", "\u25bc"),
}
"""The words and the sign of each verdict, so that its colour is never the only thing that tells it."""
WORTH = ("do now", "if you spend")
"""The verdicts of what is worth doing; the other moves are shown apart, folded."""


def _scale(estimate: Estimate) -> tuple[float, str]:
    """How many of the estimate's unit are one of the unit that people read, and that unit."""
    if estimate.unit == "s":
        return words.time_unit(estimate.mean)
    if estimate.unit == "share":
        return 0.01, "%"
    if estimate.unit.endswith("/y"):
        divisor, prefix = words.money_scale(estimate.mean)
        return divisor, f"{prefix}{estimate.unit.partition('/')[0]} a year"
    return 1.0, _long_unit(estimate.unit)


def number_of(estimate: Estimate) -> dict[str, str]:
    """A number with as many figures as its interval knows; no interval where both ends read alike."""
    size, unit = _scale(estimate)
    half = estimate.half_width / size
    places = min(2, words.decimals(half)) if half > 0 else 1
    mean, low, high = (words.plain(value / size, places) for value in (estimate.mean, estimate.low, estimate.high))
    return {
        "name": _NAMES.get(estimate.name, estimate.name.capitalize()),
        "value": f"{mean} {unit}",
        "interval": "" if low == high else f"{low} to {high}",
    }


def _long_unit(unit: str) -> str:
    what, _, per = unit.partition("/")
    return f"{words.several(what)} a {per}" if per else words.several(what)


def binds_then(limit: str | None) -> str:
    """What holds the plant back once a move is made: ``then the looms bind``."""
    if not limit:
        return ""
    if limit == "several together":
        return "then no single thing binds"
    return f"then {limit} {'bind' if is_plural(limit) else 'binds'}"


def numbers_of(run: Run, estimates: Sequence[Estimate] | None = None) -> list[dict[str, str]]:
    """Headline numbers with their intervals."""
    chosen = estimates
    if chosen is None:
        chosen = [e for name in _HEADLINES for e in run.named(name) if not e.of and e.quantile is None]
    money = " (sketch)" if run.trust == "sketch" else ""
    return [number_of(e) | ({"name": f"Contribution{money}"} if e.name == "contribution" else {}) for e in chosen]


def state_parts(states: Mapping[str, float]) -> list[dict[str, Any]]:
    """The states of a work center for a bar: share and words, what is under half a percent left out."""
    return [
        {"name": name, "share": states[name], "words": f"{100 * states[name]:.0f} % {name}"}
        for name in STATES
        if states.get(name, 0.0) >= 0.005
    ]


def center_rows(run: Run, first: str = "") -> list[dict[str, Any]]:
    """Work centers with the states of their time, the limit first, then the busiest."""
    rows = []
    for name in dict.fromkeys(e.of["work center"] for e in run.named("state share")):
        states = shares(run, name)
        busy = sum(states.get(state, 0.0) for state in BUSY)
        rows.append({"name": name, "states": state_parts(states), "busy": busy, "limit": name == first})
    return sorted(rows, key=lambda row: (not row["limit"], -float(row["busy"])))


def people_rows(run: Run, first: str = "") -> list[dict[str, Any]]:
    """Crews with the share of their paid time at work, the limit first, then the busiest."""
    rows = [
        {"name": e.of["crew"], "share": min(1.0, e.mean), "words": f"{100 * e.mean:.0f} %",
         "limit": e.of["crew"] == first}
        for e in run.named("use of people")
    ]  # fmt: skip
    return sorted(rows, key=lambda row: (not row["limit"], -float(str(row["share"]))))


def flow_boxes(study: Study, plant: Plant) -> dict[str, Any]:
    """Work centers in the order in which lots first come to them, the limit marked; whether one follows the other."""
    routes = [
        tuple(dict.fromkeys(operation.center for operation in product.routing)) for product in plant.products.values()
    ]
    limits = {study.limit.subject, *study.limit.tied_with}
    if study.limit.kind in ("demand", "release"):
        limits = set()
    boxes = []
    for name in dict.fromkeys(center for route in routes for center in route):
        center = plant.work_centers[name]
        states = shares(study.baseline, name) if center.machines is not None else {}
        size = "a delay" if center.machines is None else words.plural(center.machines, "machine")
        if center.buffer is not None:
            count = center.buffer.value
            places = center.buffer.unit if count == 1 else words.several(center.buffer.unit)
            size += f", room for {count:g} {places} before it"
        boxes.append(
            {
                "name": name,
                "size": size,
                "states": state_parts(states),
                "busy": f"{100 * sum(states.get(state, 0.0) for state in AT_WORK):.0f} % working" if states else "",
                "limit": name in limits,
                "rank": sum(states.get(state, 0.0) for state in BUSY),
            }
        )
    shown = sorted(boxes, key=lambda box: (not box["limit"], -float(str(box["rank"]))))[:MOST_BOXES]
    return {
        "boxes": [box for box in boxes if box in shown],
        "left": len(boxes) - len(shown),
        "line": len(set(routes)) == 1 and len(boxes) <= MOST_BOXES,
    }


def relief_rows(study: Study, most: int = 6) -> dict[str, Any]:
    """What twice as much of each thing would bring, with more work than it can do: the proof of the limit."""
    ordered = sorted(study.probes, key=lambda probe: -probe.gain.mean)[:most]
    axis = axis_of([probe.gain for probe in ordered])
    return {
        "axis": axis,
        "unit": _long_unit(axis.unit),
        "rows": [
            {
                "name": f"twice {probe.subject}",
                "effect": axis.text(probe.gain),
                "mark": axis.mark(probe.gain),
                "tone": "good" if probe.gain.low > 0 else "none",
                "limit": probe.subject in (study.limit.subject, *study.limit.tied_with),
            }
            for probe in ordered
        ],
    }


def effect_axis(study: Study, worth: bool) -> tuple[Axis, str]:
    """The common axis of the effects of the moves that are worth it, or of the others, and the name of what it shows.

    Each has its own, so that a move that does great harm does not press those that help into a point.
    """
    listed = [item for item in study.moves if (item.verdict in WORTH) is worth]
    found = [e for item in listed if (e := advice.shown_effect(study, item)) is not None]
    axis = axis_of(found)
    name = found[0].name if found else study.by
    if study.by == "capacity":
        name = "most it could make"
    return axis, f"{name}, {_long_unit(axis.unit).replace('working day', 'day')}" if axis.unit else name


def move_rows(study: Study, axes: Mapping[bool, Axis]) -> list[dict[str, Any]]:
    """The moves as rows of the tables, in the order of their rank; `axes` has that of those that are worth it under True."""
    ranks = {item.move.name: item.rank for item in study.moves if item.verdict in WORTH}
    contributions = [i.released["contribution"].mean for i in study.moves if "contribution" in i.released]
    divisor, _ = words.money_scale(*contributions)
    before = next((e.mean for e in study.baseline.named("cycle time") if not e.of and e.quantile is None), None)
    currency = next((e.unit.partition("/")[0] for e in study.baseline.named("contribution")), "")
    rows = []
    for item in sorted(study.moves, key=lambda item: item.rank):
        effect, axis = advice.shown_effect(study, item), axes[item.verdict in WORTH]
        money = item.released.get("contribution")
        time = item.released.get("cycle time")
        said, sign = VERDICTS[item.verdict]
        known = time is not None and before is not None and not time.low <= 0 <= time.high
        changed = words.from_to(before or 0.0, (before or 0.0) + time.mean) if known and time is not None else ""
        rows.append(
            {
                "rank": item.rank,
                "title": item.move.title,
                "verdict": said,
                "sign": sign,
                "tone": {"do now": "good", "if you spend": "good", "harms": "bad"}.get(item.verdict, "none"),
                "worth": item.verdict in WORTH,
                "ties": _numbers([ranks[name] for name in item.tied_with if name in ranks])
                if item.verdict in WORTH
                else "",
                "then": binds_then(item.next_limit),
                "edits": [(path, edit_text(value)) for path, value in item.move.edits.items()],
                "note": item.move.note,
                "effect": "not known" if effect is None else axis.text(effect),
                "mark": None if effect is None else axis.mark(effect),
                "time": changed or "as before",
                "money": words.signed(words.figures(money.mean / divisor)) if money is not None else "",
                "price": _price(item, currency),
                "sure": words.sureness(item.sure),
            }
        )
    return rows


def _numbers(ranks: Sequence[int]) -> str:
    """Ranks in words, runs of them as a span: ``2, 5 to 9``."""
    spans: list[list[int]] = []
    for rank in sorted(ranks):
        if spans and rank == spans[-1][1] + 1:
            spans[-1][1] = rank
        else:
            spans.append([rank, rank])
    return ", ".join(f"{a}" if a == b else f"{a} to {b}" for a, b in spans)


def edit_text(value: Any) -> str:
    """A new value as the plant file would have it."""
    from plantwright.plant.document import node_of
    from plantwright.plant.writing import flow_text

    return "(taken away)" if value is None else flow_text(node_of(value))


def _price(item: RankedMove, currency: str) -> str:
    parts = []
    if item.move.capital is not None:
        parts.append(words.amount(item.move.capital, currency))
    if item.cost_per_year:
        parts.append(words.amount(item.cost_per_year, currency) + " a year")
    return " and ".join(parts) or ("no price" if item.spends else "none")


def choices(study: Study, plant: Plant, axis: Axis) -> list[dict[str, Any]]:
    """The answer in three cards: what costs nothing, what to spend on, what not to buy."""
    money = [item.released["contribution"].mean for item in study.moves if "contribution" in item.released]
    divisor, prefix = words.money_scale(*money)
    currency = plant.currency or ""
    unit = _long_unit(axis.unit)

    def line(item: RankedMove, note: str) -> dict[str, str]:
        effect = advice.shown_effect(study, item)
        gain = item.released.get("contribution")
        said = "" if effect is None else f"{axis.text(effect)} {unit}".strip()
        worth = f"{words.signed(words.figures(gain.mean / divisor))} {prefix}{currency} a year" if gain else ""
        return {"rank": f"{item.rank}", "title": item.move.title, "effect": said, "worth": worth, "note": note}

    now, spend = advice.best_of(study, "do now", 3), advice.best_of(study, "if you spend", 3)
    notes = [advice.price(item, currency).replace("/yr", " a year") for item in spend]
    if spend and (then := advice.consequence(spend[0], plant)):
        notes[0] += f"; {then}"
    found = [
        {"name": "Do now, no capital", "kind": "now",
         "items": [line(item, _shorter(study, item)) | _not_for_money(item) for item in now]},
        {"name": "If you spend", "kind": "spend",
         "items": [line(item, note) for item, note in zip(spend, notes, strict=True)]},
        {"name": "Do not buy", "kind": "spare",
         "items": [line(item, advice.why_not(study, item)) | {"worth": ""} for item in advice.spared(study)]},
    ]  # fmt: skip
    return [card for card in found if card["items"]]


def _not_for_money(item: RankedMove) -> dict[str, str]:
    """A move that is made for its shorter cycle time is not shown with money that it does not bring."""
    gain = item.released.get("contribution")
    return {"worth": ""} if gain is not None and gain.low <= 0 else {}


def _shorter(study: Study, item: RankedMove) -> str:
    time, before = item.released.get("cycle time"), advice.mean_of(study.baseline, "cycle time")
    if time is None or before is None or not time.high < 0:
        return ""
    said = words.from_to(before, before + time.mean)
    return f"cycle time {said}" if said else ""


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
