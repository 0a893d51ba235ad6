"""What the report of a study says, as rows: the same in the JSON document and in the sheets of the workbook."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plantwright.improvement.ranking import effect
from plantwright.report import advice
from plantwright.report.html import GRADES, options_of
from plantwright.report.limits import headline_parts, limit_said, shares
from plantwright.report.roadmap_view import roadmap_rows
from plantwright.report.robustness import (
    binding_rows,
    demand_rows,
    guarantee_said,
    next_limit_rows,
    pair_rows,
    reading_rows,
)
from plantwright.report.sentences import (
    MONTH,
    is_sketch,
    move_said,
    needs_said,
    people_said,
    verdict_said,
)
from plantwright.report.summary import decisions
from plantwright.report.value_curve import ceiling_of
from plantwright.report.value_stream import ladders_of
from plantwright.report.views import edit_text, total_rows

if TYPE_CHECKING:
    from plantwright.improvement.study import RankedMove, Study
    from plantwright.plant import Plant
    from plantwright.simulation.run import Estimate

Rows = list[dict[str, Any]]
DAY = 86400.0


def study_content(study: Study, plant: Plant, roadmap: Any = None) -> dict[str, Rows]:
    """Every part of the report by its name, as rows with the same keys; a part of which there is nothing has no rows.

    Parameters
    ----------
    study : Study
    plant : Plant
        The plant that was studied.
    roadmap : Roadmap or its document, optional
    """
    return {
        "verdict": _verdict(study, plant),
        "decisions": decisions(study, plant),
        "moves": [_move(study, item) for item in study.moves],
        "changes": [
            {"rank": item.rank, "move": item.move.title, "path": path, "value": edit_text(value)}
            for item in study.moves
            for path, value in item.move.edits.items()
        ],
        "left out": [
            {"move": item.move.title, "family": item.move.family, "ground": item.ground} for item in study.left_out
        ],
        "answer changes if": [
            {"what": f.what, "threshold": f.threshold, "then": f.then, "measure by": f.measure_by}
            for f in study.flips
        ],
        "demand": _levels(study),
        "readings": reading_rows(study),
        "pairs": pair_rows(study),
        "next limit": next_limit_rows(study),
        "under a work-in-process rule": study.reaction.rows() if study.reaction else [],
        "binding": [{"name": row["name"], "share": row["share"]} for row in binding_rows(study)],
        "roadmap": roadmap_rows(roadmap),
        "value stream": _stream(study, plant),
        "time": _time(study),
        "relief": [
            {"what": f"twice {p.subject}", "unit": p.gain.unit, "brings": p.gain.mean, "low": p.gain.low, "high": p.gain.high}
            for p in study.probes
        ],
        "totals": list(total_rows(plant, study.baseline)),
        "assumptions": _assumptions(study, plant),
        "not modelled": _left_out(study),
        "how to repeat": _repeat(study),
    }  # fmt: skip


def study_document(study: Study, plant: Plant, roadmap: Any = None) -> dict[str, Any]:
    """The study's JSON document with the content of the report under ``report``."""
    return study.to_dict() | {"report": study_content(study, plant, roadmap)}


def study_workbook(study: Study, plant: Plant, roadmap: Any = None) -> bytes:
    """The content of the report as a workbook, a sheet for each part of which there is something."""
    import polars

    from plantwright.report.workbook import frames_workbook

    parts = study_content(study, plant, roadmap)
    return frames_workbook(
        {name: polars.DataFrame(rows, infer_schema_length=None) for name, rows in parts.items() if rows}
    )


def _verdict(study: Study, plant: Plant) -> Rows:
    run = study.baseline
    told = [
        ("plant", run.name),
        ("grade", GRADES.get(run.trust, run.trust)),
        ("verdict", verdict_said(study)),
        ("limit", limit_said(study.limit, plant)),
        *(("by hand" if k == 0 else "then", line) for k, line in enumerate(headline_parts(study, plant)) if line),
        ("as it is", advice.verdict(study, plant)),
    ]
    ceiling = ceiling_of(plant, run)
    if ceiling is not None:
        mark = " (sketch)" if is_sketch(run) else ""
        told.append((f"ceiling of demand, {plant.currency} a year{mark}", f"{ceiling:.6g}"))
    if study.guarantee is not None:
        told.append(("guarantee", guarantee_said(study)))
    told += [("warning", warning) for warning in study.warnings]
    if study.partial:
        told.append(("stopped", "before every move was tried"))
    return [{"what": what, "said": said} for what, said in told]


def _interval(name: str, estimate: Estimate | None) -> dict[str, float | None]:
    parts = (None, None, None) if estimate is None else (estimate.mean, estimate.low, estimate.high)
    return dict(zip((name, f"{name} low", f"{name} high"), parts, strict=True))


def _move(study: Study, item: RankedMove) -> dict[str, Any]:
    """A move as a row; the ranking's own measure is ``effect``."""
    move, main = item.move, effect(item, study.by)
    sketch = " (sketch)" if is_sketch(study.baseline) else ""
    return {
        "rank": item.rank,
        "move": move.title,
        "name": move.name,
        "family": move.family,
        "verdict": item.verdict,
        "in words": move_said(study, item),
        "unit": main.unit if main else None,
        **_interval("effect", main),
        **_interval("shrunk", item.shrunk),
        **_interval(f"contribution{sketch}", item.released.get("contribution")),
        **_interval("sales", item.released.get("sales")),
        **_interval("throughput", item.released.get("throughput")),
        **_interval("cycle time, days", _days(item.released.get("cycle time"))),
        **_interval(f"cash{sketch}", item.cash),
        "capital": move.capital,
        "cost per year": item.cost_per_year,
        "pays back in months": None if item.payback is None else item.payback / MONTH,
        **_interval(f"net present value{sketch}", item.net_present_value),
        "lead time, days": None if move.lead_time is None else move.lead_time / DAY,
        "ramp-up, days": None if move.ramp_up is None else move.ramp_up / DAY,
        "training, hours": move.training / 3600,
        "sure": item.sure,
        "best of all": item.best,
        "regret": item.regret,
        **{f"uncertain: {name}": item.shares.get(name) for name in ("luck", "records", "belief", "demand")},
        "tied with": ", ".join(item.tied_with),
        "needs": "; ".join(needs_said(item)),
        "people": "; ".join(people_said(item.people)),
        "belief": move.belief.text if move.belief else "",
        "assumed": ", ".join(move.assumed),
        "next limit": item.next_limit,
        "capacity": item.capacity,
        "meets demand": item.meets_demand,
        "remark": move.note,
        "not tried further": item.ground,
    }


def _days(estimate: Estimate | None) -> Estimate | None:
    from dataclasses import replace

    if estimate is None:
        return None
    return replace(estimate, mean=estimate.mean / DAY, low=estimate.low / DAY, high=estimate.high / DAY)


def _levels(study: Study) -> Rows:
    """The first move at each level of demand; then each move's effect at other demand and variability."""
    rows: Rows = [
        {"level": row["level"], "rank": 1, "move": row["first"], **_interval("effect", None)}
        for row in demand_rows(study)
    ]
    for item in study.moves:
        for kind, found in (("demand", item.at_demand), ("variability", item.at_variability)):
            rows += [
                {
                    "level": f"{kind}: {level}",
                    "rank": item.rank,
                    "move": item.move.title,
                    **_interval("effect", estimate),
                }
                for level, estimate in found.items()
            ]
    return rows


def _stream(study: Study, plant: Plant) -> Rows:
    return [
        {
            "product": ladder.product,
            "step": rung.step,
            "work center": rung.center,
            "waiting, hours": rung.waiting / 3600,
            "process time, hours": rung.process / 3600,
            "lots that wait": rung.lots_waiting,
            "data": "; ".join(f"{name} {value}" for name, value in rung.data),
            "the limit": rung.limit,
        }
        for ladder in ladders_of(study, plant)
        for rung in ladder.rungs
    ]


def _time(study: Study) -> Rows:
    run = study.baseline
    centers = dict.fromkeys(e.of["work center"] for e in run.named("state share"))
    rows: Rows = [
        {"what": "work center", "name": center, "state": state, "share": share}
        for center in centers
        for state, share in shares(run, center).items()
        if share > 0
    ]
    return rows + [
        {"what": "people", "name": e.of["crew"], "state": "at work", "share": e.mean}
        for e in run.named("use of people")
    ]


def _assumptions(study: Study, plant: Plant) -> Rows:
    from plantwright.plant import default_kinds, value_at

    rows: Rows = []
    if plant.document is not None:
        rows += [
            {"by": "you, a guess", "what": g.path, "value": str(value_at(plant, g.path)), "why": ""}
            for g in plant.guesses
        ]
    for item in study.moves:
        for what in item.move.assumed:
            rows.append(
                {
                    "by": f"the family {item.move.family}",
                    "what": item.move.title,
                    "value": what,
                    "why": "nobody gave it",
                }
            )
    if plant.document is not None:
        for first, *others in default_kinds(plant):
            more = f" (and {len(others)} more like it)" if others else ""
            rows.append({"by": "us, a default", "what": first.path + more, "value": first.value, "why": first.why})
    return rows


def _left_out(study: Study) -> Rows:
    run = study.baseline
    return [{"what": word, "why": "not simulated yet"} for word in run.not_simulated] + [
        {"what": what, "why": why} for what, why in run.unknown.items()
    ]


def _repeat(study: Study) -> Rows:
    run = study.baseline
    told = {
        "command": f"plantwright improve PLANT --by {study.by} {options_of(run)}",
        "plant (SHA-256)": run.plant,
        "version": run.version,
        "seed": run.seed,
        "replications": run.replications,
        "horizon, days": run.horizon / DAY,
        "warm-up, days": run.warmup / DAY,
        "level": run.level,
    }
    return [
        {"what": what, "value": f"{value:.12g}" if isinstance(value, float) else str(value)}
        for what, value in told.items()
    ]
