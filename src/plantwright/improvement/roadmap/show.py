"""A roadmap as JSON, as tables, as charts and as text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from plantwright.improvement.roadmap.result import SCHEMA, Roadmap, Step

if TYPE_CHECKING:
    import altair
    import polars

TABLES = ("steps", "cash", "frontier", "rounds")


def roadmap_dict(roadmap: Roadmap) -> dict[str, Any]:
    """The document ``plantwright.roadmap/1``; money in the plant's currency, an unlimited budget is null."""
    return {
        "schema": SCHEMA,
        "plant": roadmap.plant,
        "name": roadmap.name,
        "trust": roadmap.trust,
        "version": roadmap.version,
        "currency": roadmap.currency,
        "budget": _finite(roadmap.budget),
        "quarters": roadmap.quarters,
        "partial": roadmap.partial,
        "steps": [_step(step) for step in roadmap.steps],
        "cash": [
            {
                "quarter": row.quarter, "begins": row.begins.isoformat(), "capital": row.capital, "mean": row.mean, "low": row.low,
                "high": row.high, "simulated": row.simulated.to_dict() if row.simulated is not None else None,
            } for row in roadmap.cash
        ],
        "net present value": {
            "simulated": roadmap.value.to_dict() if roadmap.value is not None else None,
            "expected": roadmap.expected, "low": roadmap.low, "high": roadmap.high, "worst": roadmap.worst, "tail": roadmap.tail,
            "loses": roadmap.loses,
        },
        "bound": roadmap.bound,
        "gap": _finite(roadmap.gap),
        "frontier": [
            {
                "budget": _finite(one.budget), "value": one.value, "worst": one.worst, "capital": one.capital, "gap": _finite(one.gap),
                "moves": list(one.moves), "first": one.first,
            } for one in roadmap.frontier
        ],
        "agreement": {
            "asked": roadmap.agreement,
            "reached": roadmap.agrees,
            "in one run": roadmap.in_one_run,
            "rounds": [
                {
                    "moves": list(one.moves), "by parts": one.by_parts, "simulated": one.simulated, "differs": one.differs,
                    "learnt": list(one.learnt), "replications": one.replications, "within": _finite(one.within),
                } for one in roadmap.rounds
            ],
        },
        "left out": dict(roadmap.left_out),
        "assumed": list(roadmap.assumed),
        "warnings": list(roadmap.warnings),
        "not simulated": list(roadmap.not_simulated),
        "options": {key: _finite(value) for key, value in roadmap.options.items()},
    }  # fmt: skip


def _finite(value: Any) -> Any:
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _step(step: Step) -> dict[str, Any]:
    move = step.move
    return {
        "quarter": step.quarter, "move": move.name, "title": move.title, "family": move.family, "capital": step.capital,
        "cost per year": move.yearly, "begins": step.begins.isoformat(), "in force": step.in_force.isoformat(),
        "full": step.full.isoformat(), "effect": step.effect.to_dict(), "what changes": dict(move.edits),
    }  # fmt: skip


def roadmap_table(roadmap: Roadmap, name: str) -> polars.DataFrame:
    """``steps``, ``cash``, ``frontier`` or ``rounds``. KeyError for another name."""
    import polars

    rows: list[dict[str, Any]]
    if name == "steps":
        rows = [
            {
                "quarter": step.quarter, "move": step.move.title, "name": step.move.name, "begins": step.begins,
                "in force": step.in_force, "full": step.full, "capital": step.capital, "cost per year": step.move.yearly,
                "effect": step.effect.mean, "low": step.effect.low, "high": step.effect.high, "unit": step.effect.unit,
            } for step in roadmap.steps
        ]  # fmt: skip
    elif name == "cash":
        rows = [
            {
                "quarter": row.quarter, "begins": row.begins, "capital": row.capital, "mean": row.mean, "low": row.low,
                "high": row.high, "simulated": row.simulated.mean if row.simulated is not None else None,
                "simulated low": row.simulated.low if row.simulated is not None else None,
                "simulated high": row.simulated.high if row.simulated is not None else None,
            } for row in roadmap.cash
        ]  # fmt: skip
    elif name == "frontier":
        rows = [
            {
                "budget": one.budget, "value": one.value, "worst": one.worst, "capital": one.capital, "gap": one.gap,
                "first": one.first, "moves": ", ".join(one.moves),
            } for one in roadmap.frontier
        ]  # fmt: skip
    elif name == "rounds":
        rows = [
            {
                "round": number, "moves": ", ".join(one.moves), "by parts": one.by_parts, "simulated": one.simulated,
                "differs": one.differs, "replications": one.replications, "within": one.within, "learnt": "; ".join(one.learnt),
            } for number, one in enumerate(roadmap.rounds, 1)
        ]  # fmt: skip
    else:
        raise KeyError(f"{name!r}: a roadmap has the tables 'steps', 'cash', 'frontier' and 'rounds'")
    return polars.DataFrame(rows, infer_schema_length=None)


def roadmap_chart(roadmap: Roadmap, name: str) -> altair.Chart | altair.LayerChart:
    """``steps`` on an axis of time: lead time, ramp-up, in force; or the ``frontier``. KeyError for another name."""
    if name == "steps":
        return _on_time(roadmap)
    if name == "frontier":
        return _value_against_budget(roadmap)
    raise KeyError(f"{name!r}: a roadmap has the charts 'steps' and 'frontier'")


def _on_time(roadmap: Roadmap) -> altair.LayerChart:
    import altair

    end = roadmap.cash[-1].begins
    rows = []
    for step in roadmap.steps:
        label = step.move.title
        last = max(end, step.full)
        for phase, begin, until in (
            ("being made", step.begins, step.in_force),
            ("ramping up", step.in_force, step.full),
            ("in force", step.full, last),
        ):
            if until > begin:
                rows.append({"move": label, "phase": phase, "begins": begin.isoformat(), "until": until.isoformat()})
    marks = [
        {
            "move": step.move.title,
            "begins": step.begins.isoformat(),
            "capital": _money(step.capital, roadmap) if step.capital else "no capital",
        }
        for step in roadmap.steps
    ]
    phases = ["being made", "ramping up", "in force"]
    y = altair.Y("move:N", sort=None, title=None)
    x = altair.X(
        "begins:T",
        title=f"roadmap{' of a sketch' if roadmap.trust == 'sketch' else ''}",
        axis=altair.Axis(format="%b %Y", tickCount=6),
    )
    colour = altair.Color(
        "phase:N", sort=phases, scale=altair.Scale(domain=phases, range=["#d9d9d9", "#9ecae1", "#2171b5"]), title=None
    )
    bars = altair.Chart(altair.InlineData(rows)).mark_bar(height=14).encode(y=y, x=x, x2="until:T", color=colour)
    words = (
        altair.Chart(altair.InlineData(marks))
        .mark_text(align="left", dy=-14, fontSize=10)
        .encode(y=y, x=x, text="capital:N")
    )
    layered: altair.LayerChart = (bars + words).properties(width=520, height={"step": 44})
    return layered


def _value_against_budget(roadmap: Roadmap) -> altair.LayerChart:
    import altair

    largest = max((one.budget for one in roadmap.frontier if math.isfinite(one.budget)), default=0.0)
    rows: list[dict[str, Any]] = []
    before: tuple[str, ...] | None = None
    for one in roadmap.frontier:
        # A name stands where the plan changes, so that those of a flat line do not lie on each other.
        first = "" if one.moves == before else one.first or "nothing"
        before = one.moves
        budget = one.budget if math.isfinite(one.budget) else max(one.capital, largest * 1.1)
        rows.append({"budget": budget, "value": one.value, "worst": one.worst, "first": first})
    sketch = "sketch: " if roadmap.trust == "sketch" else ""
    base = altair.Chart(altair.InlineData(rows)).encode(x=altair.X("budget:Q", title=f"budget, {roadmap.currency}"))
    line = base.mark_line(interpolate="step-after").encode(
        y=altair.Y("value:Q", title=f"{sketch}net present value, {roadmap.currency}")
    )
    points = base.mark_point(filled=True, size=60).encode(
        y="value:Q", tooltip=["budget:Q", "value:Q", "worst:Q", "first:N"]
    )
    words = base.mark_text(align="left", dx=8, dy=10, fontSize=10).encode(y="value:Q", text="first:N")
    layered: altair.LayerChart = line + points + words
    return layered


def _money(amount: float, roadmap: Roadmap) -> str:
    """An amount with three figures and the currency, in thousands or millions."""
    size, prefix = next(((s, p) for s, p in ((1e6, "M"), (1e3, "k")) if abs(amount) >= s), (1.0, ""))
    return f"{amount / size + 0.0:.3g} {prefix}{roadmap.currency}"


def roadmap_text(roadmap: Roadmap) -> str:
    """The roadmap as a person reads it."""
    sketch = "sketch: " if roadmap.trust == "sketch" else ""
    said = "no limit" if math.isinf(roadmap.budget) else _money(roadmap.budget, roadmap)
    stopped = ", stopped early: the best so far" if roadmap.partial else ""
    lines = [f"{roadmap.name}: roadmap of {roadmap.quarters} quarters, budget {said}{stopped}"]
    lines += [f"  warning: {warning}" for warning in roadmap.warnings]
    if not roadmap.steps:
        lines.append("Make none of the moves: nothing that keeps the budget and the rules is worth its money.")
    for step in roadmap.steps:
        cost = _money(step.capital, roadmap) if step.capital else "no capital"
        effect = step.effect
        lines.append(
            f"  Q{step.quarter:<2} {step.begins:%b %Y}  {step.move.title}: {cost}, in force {step.in_force:%b %Y}; alone {sketch}"
            f"{_money(effect.mean, roadmap)} a year ({_money(effect.low, roadmap)} to {_money(effect.high, roadmap)})"
        )
    lines += _worth(roadmap, sketch)
    lines += _frontier(roadmap, sketch)
    lines += [f"assumed: {text}" for text in roadmap.assumed]
    if roadmap.left_out:
        lines.append(f"{len(roadmap.left_out)} moves were left out; --json says why")
    return "\n".join(lines)


def _worth(roadmap: Roadmap, sketch: str) -> list[str]:
    lines = []
    if roadmap.value is not None:
        value = roadmap.value
        lines.append(
            f"worth today, as simulated: {sketch}{_money(value.mean, roadmap)} "
            f"({_money(value.low, roadmap)} to {_money(value.high, roadmap)})"
        )
    lines.append(
        f"over demand, belief and luck: {sketch}{_money(roadmap.expected, roadmap)} in the mean; a tenth below "
        f"{_money(roadmap.low, roadmap)}, a tenth above {_money(roadmap.high, roadmap)};\n  the worst {roadmap.tail:.0%} {_money(roadmap.worst, roadmap)} in the mean; "
        f"it loses money in {roadmap.loses:.0%}"
    )
    gap = "infinite" if math.isinf(roadmap.gap) else f"{roadmap.gap:.1%}"
    lines.append(f"no plan brings more than {_money(roadmap.bound, roadmap)} by the sum of its parts; the gap is {gap}")
    if roadmap.rounds:
        last = roadmap.rounds[-1]
        lines.append(
            f"engine and sum of the parts {'agree' if roadmap.agrees else 'do not agree'}: {last.differs:.1%} apart after "
            f"{len(roadmap.rounds)} round{'s' if len(roadmap.rounds) > 1 else ''}; what was simulated is known to {last.within:.1%} "
            f"to either side ({last.replications} replications)"
        )
        lines += [f"  learnt: {text}" for one in roadmap.rounds for text in one.learnt]
    return lines


def _frontier(roadmap: Roadmap, sketch: str) -> list[str]:
    lines = ["value against budget:"] if roadmap.frontier else []
    before: tuple[str, ...] | None = None
    for one in roadmap.frontier:
        if one.moves == before and math.isfinite(one.budget):
            continue
        before = one.moves
        budget = "no limit" if math.isinf(one.budget) else _money(one.budget, roadmap)
        count = f"{len(one.moves)} move{'' if len(one.moves) == 1 else 's'}"
        first = f"; first {one.first}" if one.first else ""
        lines.append(f"  {budget:>10}: {sketch}{_money(one.value, roadmap)}, {count}{first}")
    return lines
