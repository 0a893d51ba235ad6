"""A comparison of two plants as JSON, as tables, as a picture and as text."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any

from plantwright.improvement.comparing import SCHEMA, Effect, PlantComparison
from plantwright.plant.quantities import several
from plantwright.simulation.show import number
from plantwright.units import show_duration

if TYPE_CHECKING:
    import altair
    import polars

    from plantwright.improvement.study import Limit
    from plantwright.simulation.run import Estimate, Run

MOST_DIFFERENCES, MOST_STATES, LEAST_STATE = 40, 8, 0.005
"""So many lines of text at most; a state whose share changes by less than the last is left out of them."""


def comparison_dict(comparison: PlantComparison) -> dict[str, Any]:
    """The document ``plantwright.comparison/1``; changes are those from the first plant to the second, paired."""
    pair = zip((comparison.before, comparison.after), comparison.limits, comparison.saturated, strict=True)
    return {
        "schema": SCHEMA,
        "version": comparison.before.version,
        "level": comparison.level,
        "options": dict(comparison.options),
        "plants": [_plant(run, limit, saturated) for run, limit, saturated in pair],
        "differs": [
            {"path": item.path, "kind": item.kind, "before": item.before, "after": item.after}
            for item in comparison.differs
        ],
        "effects": [_effect(item) for item in comparison.effects],
        "states": [_effect(item) for item in comparison.states],
    }


def _plant(run: Run, limit: Limit, saturated: Run) -> dict[str, Any]:
    return {
        "name": run.name,
        "plant": run.plant,
        "trust": run.trust,
        "limited by": {
            "kind": limit.kind,
            "subject": limit.subject,
            "arithmetic": limit.arithmetic,
            "by hand": limit.by_hand,
            "tied with": list(limit.tied_with),
        },
        "not simulated": list(run.not_simulated),
        "unknown": dict(run.unknown),
        "run": run.to_dict(),
        "saturated": saturated.to_dict(),
    }


def _effect(effect: Effect) -> dict[str, Any]:
    known = effect.after or effect.before
    assert known is not None
    return {
        "name": effect.name,
        "under": effect.under,
        "of": dict(known.of),
        "unit": known.unit,
        "before": effect.before.to_dict() if effect.before else None,
        "after": effect.after.to_dict() if effect.after else None,
        "change": effect.change.to_dict() if effect.change else None,
    }


def comparison_table(comparison: PlantComparison, name: str = "effects") -> polars.DataFrame:
    """``effects``, ``states``: a row for each number; ``differs``: one for each thing that differs. KeyError for another name."""
    import polars

    if name == "differs":
        rows = [{"path": d.path, "kind": d.kind, "before": d.before, "after": d.after} for d in comparison.differs]
        return polars.DataFrame(rows, schema=dict.fromkeys(("path", "kind", "before", "after"), polars.String))
    if name not in ("effects", "states"):
        raise KeyError(f"{name!r}: a comparison has the tables 'effects', 'states' and 'differs'")
    listed = comparison.effects if name == "effects" else comparison.states
    return polars.DataFrame([_row(effect) for effect in listed], infer_schema_length=None)


def _row(effect: Effect) -> dict[str, Any]:
    known = effect.after or effect.before
    assert known is not None
    row: dict[str, Any] = {"name": effect.name, **known.of, "unit": known.unit}
    for word, estimate in (("before", effect.before), ("after", effect.after), ("change", effect.change)):
        row |= {word: estimate.mean, f"{word} low": estimate.low, f"{word} high": estimate.high} if estimate else {
            word: None, f"{word} low": None, f"{word} high": None
        }  # fmt: skip
    return row


def comparison_chart(comparison: PlantComparison, name: str = "effects") -> altair.LayerChart:
    """Each effect as a share of what it changes, with its interval. KeyError for another name than ``effects``."""
    import altair

    if name != "effects":
        raise KeyError(f"{name!r}: a comparison has the chart 'effects'")
    rows = []
    for effect in comparison.effects:
        if effect.change is not None and effect.before is not None and effect.before.mean:
            whole = abs(effect.before.mean)
            shares = {word: getattr(effect.change, word) / whole for word in ("mean", "low", "high")}
            rows.append({"measure": effect.name, **shares})
    base: altair.Chart = altair.Chart(altair.InlineData(values=rows)).encode(
        y=altair.Y("measure:N", sort=None, title=None)
    )
    x = altair.X("low:Q", title="change, share of the first plant's", axis=altair.Axis(format="+%"))
    lines: altair.Chart = base.mark_rule(strokeWidth=3).encode(x=x, x2="high:Q")
    points: altair.Chart = base.mark_point(filled=True, size=60).encode(x="mean:Q")
    return altair.LayerChart(layer=[lines, points])


def comparison_text(comparison: PlantComparison) -> str:
    """What differs, what that does, what each plant is limited by, in lines of text."""
    before, after = comparison.before, comparison.after
    lines = [f"A  {before.name}   [{before.trust}]", f"B  {after.name}   [{after.trust}]", ""]
    shown = comparison.differs[:MOST_DIFFERENCES]
    lines += ["WHAT DIFFERS"] if shown else ["Both say the same."]
    lines += [f"{item}" for item in shown]
    if len(comparison.differs) > len(shown):
        lines.append(f"  and {len(comparison.differs) - len(shown)} more (--json, -o FILE.xlsx)")
    lines += ["", f"{'WHAT THAT DOES':<20}{'A':>12}{'B':>12}  B - A, {100 * comparison.level:g} %"]
    sketch = "sketch" in (before.trust, after.trust)
    for effect in comparison.effects:
        mark = " (sketch)" if sketch and effect.name == "contribution" else ""
        lines.append(
            f"{effect.name + mark:<20}{_value(effect.before):>12}{_value(effect.after):>12}  {change_text(effect)}"
        )
    moved = [s for s in comparison.states if s.change is not None and abs(s.change.mean) >= LEAST_STATE][:MOST_STATES]
    if moved:
        lines += ["", "SHARES OF TIME THAT CHANGE MOST"]
        for effect in moved:
            assert effect.before is not None
            name = f"{effect.before.of['work center']}: {effect.before.of['state']}"
            lines.append(
                f"{name[:31]:<32}{_value(effect.before):>6} -> {_value(effect.after):>6}  {change_text(effect)}"
            )
    lines += [
        "",
        *(f"{word} is limited by {_limit_said(limit)}" for word, limit in zip("AB", comparison.limits, strict=True)),
    ]
    for word, run in zip("AB", (before, after), strict=True):
        if not run.steady:
            lines.append(f"{word}: work in process keeps growing; its cycle times have no long-run mean")
        if run.not_simulated:
            lines.append(f"{word}: not simulated: {', '.join(run.not_simulated)}")
    lines.append(
        f"Seed {before.seed}, {before.replications} replications of {show_duration(before.horizon)} after "
        f"{show_duration(before.warmup)}, plants {before.plant[:12]} and {after.plant[:12]}, version {before.version}"
    )
    return "\n".join(lines)


def _limit_said(limit: Limit) -> str:
    if limit.kind == "unknown":
        return "no single thing"
    return f"{limit.subject} ({limit.kind}){f': {limit.arithmetic}' if limit.arithmetic else ''}"


def _value(estimate: Estimate | None) -> str:
    if estimate is None:
        return "-"
    if estimate.unit == "s":
        return show_duration(estimate.mean)
    return f"{100 * estimate.mean:.1f} %" if estimate.unit == "share" else number(estimate.mean)


def change_text(effect: Effect) -> str:
    """A change with its interval in the unit that people read; why there is none where there is none."""
    change = effect.change
    if change is None:
        return "only in A" if effect.after is None else "only in B" if effect.before is None else "not the same unit"
    what, stroke, per = change.unit.partition("/")
    size, unit = 1.0, several(what) + stroke + per
    if change.unit == "share":
        size, unit = 0.01, "points"
    elif change.unit == "s":
        assert effect.before is not None
        longest = max(abs(effect.before.mean), abs(change.mean))
        size, unit = next(
            ((s, u) for u, s in (("d", 86400.0), ("h", 3600.0), ("min", 60.0)) if longest >= 1.5 * s), (1.0, "s")
        )
    whole = max(abs(effect.before.mean if effect.before else 0.0), abs(change.mean))
    if max(abs(change.low), abs(change.high)) <= 1e-9 * whole:
        return f"0 {unit}"
    sign = "+" if change.mean > 0 else ""
    if change.half_width <= 1e-9 * whole:
        return f"{sign}{number(change.mean / size)} {unit}"
    places = 1 - math.floor(math.log10(change.half_width / size))
    rounded = [round(value / size, places) + 0.0 for value in (change.mean, change.low, change.high)]
    mean, low, high = (f"{value:,.{max(0, places)}f}" for value in rounded)
    return f"{sign}{mean} {unit} ({low} to {high})"
