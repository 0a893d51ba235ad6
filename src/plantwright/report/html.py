"""The report as one self-contained HTML file: no scripts, nothing from elsewhere, good on paper, on a phone and in the dark."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from plantwright.plant import Plant
from plantwright.report import words
from plantwright.report.limits import headline, shares
from plantwright.report.views import effect_axis, flow_boxes, move_rows, numbers_of, state_parts, total_rows
from plantwright.simulation.run import Run
from plantwright.units import show_duration

if TYPE_CHECKING:
    from jinja2 import Environment

    from plantwright.improvement.study import Study

STATES = ("working", "setup", "in repair", "maintenance", "blocked", "no staff", "starved")
GRADES = {
    "sketch": "Sketch: nobody has measured it yet",
    "totals matched": "Totals matched: it agrees with the plant's own totals",
    "weeks predicted": "Weeks predicted: it foretold weeks that it had not seen",
    "move verified": "Move verified: a move made here brought what was promised",
}


@cache
def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("plantwright.report", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def _style() -> Any:
    from importlib.resources import files

    from markupsafe import Markup

    return Markup(files("plantwright.report").joinpath("pages/style.css").read_text(encoding="utf-8"))


def _common(run: Run, command: str) -> dict[str, Any]:
    centers = [
        {"name": center, "states": state_parts(shares(run, center))}
        for center in dict.fromkeys(e.of["work center"] for e in run.named("state share"))
    ]
    return {
        "run": run,
        "style": _style(),
        "grade": GRADES.get(run.trust, run.trust),
        "numbers": numbers_of(run),
        "centers": centers,
        "keys": STATES,
        "horizon": show_duration(run.horizon),
        "warmup": show_duration(run.warmup),
        "command": command,
        "not_modelled": run.not_simulated,
        "unknown": tuple(run.unknown.items()),
    }


def run_html(run: Run, plant: Plant | None = None, command: str | None = None) -> str:
    """A run as one HTML page."""
    heads = {
        "throughput": "Output",
        "cycle time": "Cycle time",
        "work in process": "In process",
        "scrap share": "Scrap",
    }
    products = []
    for name in dict.fromkeys(e.of["product"] for e in run.named("throughput") if "product" in e.of):
        cells = []
        for measure, head in heads.items():
            found = [e for e in run.named(measure) if e.of.get("product") == name and e.quantile is None]
            cells.append((head, numbers_of(run, found)[0]["value"] if found else ""))
        products.append({"name": name, "cells": cells})
    people = [{"name": e.of["crew"], "value": f"{100 * e.mean:.0f} %"} for e in run.named("use of people")]
    told = command or f"plantwright simulate PLANT --seed {run.seed} --replications {run.replications}"
    page = _environment().get_template("run.html")
    return page.render(
        **_common(run, told),
        title=f"{run.name}: simulation",
        products=products if len(products) > 1 else [],
        product_heads=list(heads.values()),
        people=people,
    )


def study_html(study: Study, plant: Plant, command: str | None = None) -> str:
    """A study as one HTML page: verdict, the plant with its limit, where time goes, the moves, what would change the answer."""
    from plantwright.plant import explain, value_at

    run = study.baseline
    axis = effect_axis(study)
    told = command or (
        f"plantwright improve PLANT --seed {run.seed} --replications {run.replications} "
        f"--horizon {run.horizon / 86400:g}d --warmup {run.warmup / 86400:g}d"
    )
    written = plant.document is not None
    page = _environment().get_template("study.html")
    return page.render(
        **_common(run, told),
        title=f"{run.name}: what to do next",
        warnings=study.warnings,
        verdict=[" ".join(line.split()) for line in headline(study, plant, 400)],
        advice=_advice(study),
        flow=flow_boxes(study, plant),
        proofs=_proofs(study),
        axis=axis,
        moves=move_rows(study, axis),
        has_time=any("cycle time" in item.released for item in study.moves),
        has_money=any("contribution" in item.released for item in study.moves),
        money_head=f"{words.money_scale(*_contributions(study))[1]}{plant.currency or 'money'} a year",
        sketch=run.trust == "sketch",
        flips=study.flips,
        measure_first=study.measure_first,
        totals=total_rows(plant, run),
        guesses=[{"path": g.path, "value": value_at(plant, g.path)} for g in plant.guesses] if written else [],
        defaults=explain(plant) if written else [],
    )


def _contributions(study: Study) -> list[float]:
    return [item.released["contribution"].mean for item in study.moves if "contribution" in item.released]


def _advice(study: Study) -> str:
    """Do, spend, do not buy: one sentence."""
    by_verdict: dict[str, list[str]] = {}
    for item in study.moves:
        by_verdict.setdefault(item.verdict, []).append(item.move.title)
    parts = []
    if found := by_verdict.get("do now"):
        parts.append(f"Do now, without capital: {found[0]}")
    if found := by_verdict.get("if you spend"):
        parts.append(f"if you spend: {found[0]}")
    if found := by_verdict.get("do not buy"):
        parts.append(f"do not buy: {found[0]}")
    text = "; ".join(parts)
    return f"{text[:1].upper()}{text[1:]}." if text else "No move of those that were tried brings anything."


def _proofs(study: Study) -> list[str]:
    """What relief of each thing brings, the largest first."""
    ordered = sorted(study.probes, key=lambda probe: -probe.gain.mean)[:4]
    return [
        f"{'more ' if p.kind == 'people' else 'twice the '}{p.subject}: {words.change(p.gain)} {p.gain.unit}"
        for p in ordered
    ]
