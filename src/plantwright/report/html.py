"""The report as one self-contained HTML file: no scripts, nothing from elsewhere, good on paper, on a phone and in the dark."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from plantwright.plant import Plant
from plantwright.report.views import STATES, center_rows, numbers_of, people_rows, total_rows
from plantwright.simulation.run import Run
from plantwright.units import show_duration

if TYPE_CHECKING:
    from jinja2 import Environment

GRADES = {
    "sketch": "Sketch: nobody has measured it yet",
    "totals matched": "Totals matched: it agrees with the plant's own totals",
    "weeks predicted": "Weeks predicted: it foretold weeks that it had not seen",
    "move verified": "Move verified: a move made here brought what was promised",
}


@cache
def environment() -> Environment:
    """The templates of the pages; every text that is put into them is escaped."""
    from jinja2 import Environment, PackageLoader, StrictUndefined

    return Environment(
        loader=PackageLoader("plantwright.report", "pages"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )


def style_text() -> Any:
    """The style of all pages."""
    from importlib.resources import files

    from markupsafe import Markup

    return Markup(files("plantwright.report").joinpath("pages/style.css").read_text(encoding="utf-8"))


def common(run: Run, command: str, limit: str = "") -> dict[str, Any]:
    """What every page shows of a run; `limit` names the work center or crew that is marked."""
    centers = center_rows(run, limit)
    seen = {part["name"] for row in centers for part in row["states"]}
    return {
        "run": run,
        "style": style_text(),
        "grade": GRADES.get(run.trust, run.trust),
        "numbers": numbers_of(run),
        "centers": centers,
        "people": people_rows(run, limit),
        "keys": tuple(name for name in STATES if name in seen),
        "horizon": show_duration(run.horizon),
        "warmup": show_duration(run.warmup),
        "level": f"{100 * run.level:g}",
        "command": command,
        "not_modelled": run.not_simulated,
        "unknown": tuple(run.unknown.items()),
    }


def run_html(run: Run, plant: Plant | None = None, command: str | None = None) -> str:
    """A run as one HTML page.

    Parameters
    ----------
    run : Run
    plant : Plant, optional
        The plant that was simulated; with it its own totals are held against the run's.
    command : str, optional
        How the run is repeated, if not by the command that its manifest gives.
    """
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
    told = command or f"plantwright simulate PLANT {options_of(run)}"
    page = environment().get_template("run.html")
    return page.render(
        **common(run, told),
        title=f"{run.name}: simulation",
        products=products if len(products) > 1 else [],
        product_heads=list(heads.values()),
        totals=total_rows(plant, run) if plant is not None else [],
    )


def _saturated(run: Run) -> str:
    lots = run.options.get("lots in process")
    return f" --saturated --lots {lots}" if lots else ""


def options_of(run: Run) -> str:
    """The options with which a run is repeated to the bit."""
    return (
        f"--seed {run.seed} --replications {run.replications} --horizon {run.horizon / 86400:.12g}d "
        f"--warmup {run.warmup / 86400:.12g}d --level {run.level:g}{_saturated(run)}"
    )
