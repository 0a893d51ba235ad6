"""A study as one HTML page: the answer to sign, the plant with its limit, where time goes, the moves, what would change the answer."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plantwright.improvement.worth import money_of
from plantwright.plant import Plant
from plantwright.report import advice, words
from plantwright.report.flow_map import flow_map
from plantwright.report.html import common, environment, options_of
from plantwright.report.limits import headline_parts, limit_said, time_said
from plantwright.report.move_details import details_of, tie_runs
from plantwright.report.roadmap_view import roadmap_view
from plantwright.report.robustness import (
    binding_rows,
    demand_rows,
    guarantee_said,
    next_limit_rows,
    pair_rows,
    reading_rows,
)
from plantwright.report.sentences import is_sketch, verdict_said
from plantwright.report.summary import decisions, first_flips, rests_on
from plantwright.report.value_curve import value_curve
from plantwright.report.value_stream import value_streams
from plantwright.report.views import choices, effect_axis, flow_boxes, move_rows, relief_rows, total_rows
from plantwright.simulation.economics import YEAR

if TYPE_CHECKING:
    from plantwright.improvement.study import Study
    from plantwright.report.axes import Axis


def study_html(study: Study, plant: Plant, command: str | None = None, roadmap: Any = None) -> str:
    """A study as one HTML page.

    Parameters
    ----------
    study : Study
    plant : Plant
        The plant that was studied.
    command : str, optional
        How the study is repeated, if not by the command that its manifest gives.
    roadmap : Roadmap or its document, optional
        Which moves in which quarter; left out where there is none.
    """
    from plantwright.plant import default_kinds, value_at

    run = study.baseline
    axes = {worth: effect_axis(study, worth) for worth in (True, False)}
    axis = axes[True][0]
    arithmetic, *then = headline_parts(study, plant)
    limit = study.capacity_limit if study.limit.kind in ("demand", "release") else study.limit
    written = plant.document is not None
    streams = value_streams(study, plant)
    guesses = [{"path": g.path, "value": value_at(plant, g.path)} for g in plant.guesses] if written else []
    kinds = default_kinds(plant) if written else []
    page = environment().get_template("study.html")
    return page.render(
        **common(run, command or command_of(study), limit.subject if limit else ""),
        title=f"{run.name}: what to do next",
        time_said=time_said(run, plant),
        warnings=study.warnings,
        said=limit_said(study.limit, plant),
        answer=verdict_said(study),
        arithmetic=arithmetic,
        then=then,
        verdict=advice.verdict(study, plant),
        choices=choices(study, plant, axis),
        decisions=decisions(study, plant),
        rests=rests_on(study, plant, len(guesses), sum(map(len, kinds))),
        first_flips=first_flips(study),
        partial=study.partial,
        map=flow_map(study, plant),
        stream=streams[0],
        ways=streams[1:],
        flow=flow_boxes(study, plant),
        relief=relief_rows(study),
        axes=axes,
        moves=_moves(study, plant, {worth: axis for worth, (axis, _) in axes.items()}),
        has_time=any("cycle time" in item.released for item in study.moves),
        has_money=any("contribution" in item.released for item in study.moves),
        money_head=("sketch " if is_sketch(run) else "")
        + f"{words.money_scale(*_contributions(study))[1]}{plant.currency or 'money'} a year",
        sketch=is_sketch(run),
        ranked_by=ranked_by(study, plant),
        left_out=[(item.move.title, item.ground) for item in study.left_out],
        curve=value_curve(study, plant),
        roadmap=roadmap_view(roadmap, plant.currency or ""),
        flips=study.flips,
        demands=demand_rows(study),
        readings=reading_rows(study),
        pairs=pair_rows(study),
        guarantee=guarantee_said(study),
        reaction=study.reaction,
        nexts=next_limit_rows(study),
        binding=binding_rows(study),
        totals=total_rows(plant, run),
        guesses=guesses,
        defaults=[{"path": kind[0].path, "value": kind[0].value, "more": len(kind) - 1} for kind in kinds],
        default_count=sum(map(len, kinds)),
        assumed=assumed_rows(study),
    )


def command_of(study: Study) -> str:
    """The command that repeats a study."""
    return f"plantwright improve PLANT --by {study.by} {options_of(study.baseline)}"


def ranked_by(study: Study, plant: Plant) -> str:
    """By what the moves are ranked, in a sentence."""
    if study.by != "cash":
        return ""
    money = money_of(plant)
    years = (money.horizon or 0.0) / YEAR
    assumed = (
        ""
        if plant.money.discount is not None and plant.money.horizon is not None
        else ", as we take it where you do not say"
    )
    return (
        f"They are ranked by cash: what each brings over {words.figures(years)} years, discounted by "
        f"{100 * (money.discount or 0.0):.3g} % a year{assumed}, less its capital."
    )


def assumed_rows(study: Study) -> list[dict[str, str]]:
    """Of each move with costs or times that its family assumes, which they are."""
    return [
        {"move": item.move.title, "family": item.move.family, "what": ", ".join(item.move.assumed)}
        for item in study.moves
        if item.move.assumed
    ]


def _moves(study: Study, plant: Plant, axes: Mapping[bool, Axis]) -> list[Mapping[str, Any]]:
    """The rows of the table of moves, each with what opens under it and its place in the bracket of a tie."""
    ordered = sorted(study.moves, key=lambda item: item.rank)
    rows = move_rows(study, axes)
    ties = tie_runs(study, [item.move.name for item, row in zip(ordered, rows, strict=True) if row["worth"]])
    return [
        row | {"details": details_of(study, item, plant), "tie": ties.get(item.move.name, "")}
        for item, row in zip(ordered, rows, strict=True)
    ]


def _contributions(study: Study) -> list[float]:
    return [item.released["contribution"].mean for item in study.moves if "contribution" in item.released]
