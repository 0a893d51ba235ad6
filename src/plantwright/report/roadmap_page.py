"""A roadmap as one HTML page: what is bought when, what it is worth, and how far the engine agrees."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plantwright.report import words
from plantwright.report.html import GRADES, environment, style_text
from plantwright.report.roadmap_view import roadmap_view
from plantwright.units import show_duration

if TYPE_CHECKING:
    from plantwright.improvement.roadmap import Roadmap


def roadmap_html(roadmap: Roadmap, command: str | None = None) -> str:
    """A roadmap as one HTML page.

    Parameters
    ----------
    roadmap : Roadmap
    command : str, optional
        How it is repeated, if not by the command that its options give.
    """
    options = roadmap.options
    rule = options.get("warmup rule", "given")
    return (
        environment()
        .get_template("roadmap.html")
        .render(
            title=f"{roadmap.name}: roadmap",
            style=style_text(),
            grade=GRADES.get(roadmap.trust, roadmap.trust),
            run={
                "name": roadmap.name, "version": roadmap.version, "plant": roadmap.plant, "seed": options["seed"],
                "replications": options["replications"], "warmup_rule": rule, "partial": roadmap.partial,
            },
            horizon=show_duration(options["horizon"]),
            warmup=show_duration(options["warmup"]),
            level=f"{100 * options['level']:g}",
            command=command or command_of(roadmap),
            not_modelled=roadmap.not_simulated,
            unknown=(),
            roadmap=roadmap_view(roadmap, roadmap.currency),
            rounds=[_round(one, roadmap.currency) for one in roadmap.rounds],
        )
    )  # fmt: skip


def command_of(roadmap: Roadmap) -> str:
    """The command that repeats a roadmap."""
    options = roadmap.options
    budget = "unlimited" if roadmap.budget == float("inf") else f"{roadmap.budget:.12g}"
    told = [f"plantwright roadmap PLANT --budget {budget} --quarters {roadmap.quarters}"]
    if options.get("by quarter"):
        told.append(f"--by-quarter {options['by quarter'][0]:.12g}")
    if options.get("reinvest"):
        told.append("--reinvest")
    if options.get("least") is not None:
        told.append(f"--least {options['least']:.12g}")
    told += [f"--with '{name}'" for name in options.get("wanted", ())]
    told += [f"--ban '{name}'" for name in options.get("banned", ())]
    told.append(
        f"--at-once {options['at once']:g} --tail {100 * roadmap.tail:g}% --scenarios {options['scenarios']} "
        f"--seed {options['seed']} --replications {options['replications']} --horizon {options['horizon'] / 86400:.12g}d "
        f"--warmup {options['warmup'] / 86400:.12g}d --level {options['level']:g}"
    )
    return " ".join(told)


def _round(one: Any, currency: str) -> dict[str, str]:
    return {
        "moves": f"{len(one.moves)}",
        "thought": words.amount(one.by_parts, currency),
        "simulated": words.amount(one.simulated, currency),
        "replications": f"{one.replications}; known to {100 * one.within:.2g} % to either side",
    }
