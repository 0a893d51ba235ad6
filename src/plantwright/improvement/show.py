"""A study as JSON, as a table and as text."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from plantwright.improvement.study import (
    SCHEMA,
    Belief,
    Flip,
    Guarantee,
    Limit,
    OnPeople,
    Pair,
    RankedMove,
    Reading,
    Study,
)

if TYPE_CHECKING:
    import altair
    import polars

    from plantwright.simulation.run import Estimate


def study_dict(study: Study) -> dict[str, Any]:
    """The document ``plantwright.study/1``; effects are paired differences to the plant as it is."""
    run = study.baseline
    return {
        "schema": SCHEMA,
        "plant": run.plant,
        "name": run.name,
        "trust": run.trust,
        "version": run.version,
        "seed": run.seed,
        "replications": run.replications,
        "level": study.options.get("level", run.level),
        "horizon": {"value": run.horizon, "unit": "s", "working days": run.working_days},
        "warmup": {"value": run.warmup, "unit": "s", "rule": run.warmup_rule},
        "options": dict(study.options),
        "partial": study.partial,
        "by": study.by,
        "not simulated": list(run.not_simulated),
        "unknown": dict(study.unknown),
        "warnings": list(study.warnings),
        "limited by": _limit(study.limit),
        "capacity limited by": _limit(study.capacity_limit) if study.capacity_limit else None,
        "probes": [{"kind": item.kind, "subject": item.subject, "gain": item.gain.to_dict()} for item in study.probes],
        "moves": [_move(item) for item in study.moves],
        "answer changes if": [_flip(flip) for flip in study.flips],
        "measure first": [_flip(flip) for flip in study.measure_first],
        "readings": [_reading(reading) for reading in study.readings],
        "guarantee": _guarantee(study.guarantee),
        "pairs": [_pair(pair) for pair in study.pairs],
        "first at": dict(study.first_at),
        "binding": dict(study.binding),
        "under a work-in-process rule": study.reaction.to_dict() if study.reaction else None,
        "left out": [{"name": out.move.name, "title": out.move.title, "ground": out.ground} for out in study.left_out],
        "baseline": run.to_dict(),
        "saturated": study.saturated.to_dict(),
    }


def _limit(limit: Limit) -> dict[str, Any]:
    return {
        "kind": limit.kind,
        "subject": limit.subject,
        "arithmetic": limit.arithmetic,
        "by hand": limit.by_hand,
        "tied with": list(limit.tied_with),
    }


def _guarantee(guarantee: Guarantee | None) -> dict[str, Any] | None:
    if guarantee is None:
        return None
    return {
        "procedure": guarantee.procedure,
        "probability": guarantee.probability,
        "zone": guarantee.zone if math.isfinite(guarantee.zone) else None,
        "unit": guarantee.unit,
        "simulations": guarantee.simulations,
        "equal allocation": guarantee.equal,
        "said": guarantee.text,
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "moves": [pair.first, pair.second],
        "effect": pair.effect.to_dict(),
        "more than the sum": pair.interaction.to_dict(),
    }


def _reading(reading: Reading) -> dict[str, Any]:
    return {
        "path": reading.path,
        "what": reading.what,
        "readings": reading.readings,
        "expected regret now": reading.regret[0],
        "expected regret then": reading.regret[1],
        "if low": reading.changes[0],
        "if high": reading.changes[1],
    }


def _flip(flip: Flip) -> dict[str, str]:
    return {"what": flip.what, "threshold": flip.threshold, "then": flip.then, "measure by": flip.measure_by}


def _move(item: RankedMove) -> dict[str, Any]:
    move = item.move
    return {
        "rank": item.rank,
        "name": move.name,
        "family": move.family,
        "title": move.title,
        "what changes": dict(move.edits),
        "belief": _belief(move.belief),
        "subject": dict(move.subject),
        "capital": move.capital,
        "cost per year": item.cost_per_year,
        "lead time": move.lead_time,
        "ramp-up": move.ramp_up,
        "training": move.training,
        "assumed by us": list(move.assumed),
        "only with": list(move.needs),
        "not with": list(move.excludes),
        "cash": item.cash.to_dict() if item.cash else None,
        "net present value": item.net_present_value.to_dict() if item.net_present_value else None,
        "payback": item.payback,
        "effects": _effects(item.released, "released") + _effects(item.saturated, "saturated"),
        "shrunk": item.shrunk.to_dict() if item.shrunk else None,
        "verdict": item.verdict,
        "sure": item.sure,
        "chance of being the best": item.best,
        "expected regret": item.regret,
        "variance from": dict(item.shares),
        "at demand": {level: made.to_dict() for level, made in item.at_demand.items()},
        "at variability": {level: made.to_dict() for level, made in item.at_variability.items()},
        "people": _people(item.people),
        "tied with": list(item.tied_with),
        "capacity": item.capacity,
        "meets demand": item.meets_demand,
        "next limit": item.next_limit,
        "replications": item.replications,
        "ground": item.ground,
        "note": move.note,
    }


def _belief(belief: Belief | None) -> dict[str, Any] | None:
    if belief is None:
        return None
    ways = [{"share": share, "what changes": dict(way)} for share, way in zip(belief.shares, belief.ways, strict=True)]
    return {"said": belief.text, "ways": ways}


def _people(people: OnPeople | None) -> dict[str, Any] | None:
    if people is None:
        return None
    pairs = {
        "headcount": people.headcount, "overtime": people.overtime, "nights": people.nights, "peak": people.peak,
        "alone": people.alone,
    }  # fmt: skip
    return {name: None if pair is None else {"before": pair[0], "with": pair[1]} for name, pair in pairs.items()}


def _effects(effects: Mapping[str, Estimate], under: str) -> list[dict[str, Any]]:
    return [{**estimate.to_dict(), "under": under} for estimate in effects.values()]


def study_table(study: Study, name: str = "moves") -> polars.DataFrame:
    """``moves``: a row for each move with its effects; ``probes``: a row for each relief. KeyError for another name."""
    import polars

    if name == "probes":
        return polars.DataFrame(
            [
                {"kind": p.kind, "subject": p.subject, "unit": p.gain.unit, "gain": p.gain.mean, "low": p.gain.low,
                 "high": p.gain.high} for p in study.probes
            ]
        )  # fmt: skip
    if name != "moves":
        raise KeyError(f"{name!r}: a study has the tables 'moves' and 'probes'")
    rows: list[dict[str, Any]] = []
    for item in study.moves:
        row: dict[str, Any] = {
            "rank": item.rank, "move": item.move.title, "family": item.move.family, "verdict": item.verdict,
            "sure": item.sure, "capital": item.move.capital, "cost per year": item.cost_per_year,
            "net present value": item.net_present_value.mean if item.net_present_value else None,
        }  # fmt: skip
        for under, effects in (("", item.released), ("capacity ", item.saturated)):
            for key, estimate in effects.items():
                row |= {
                    f"{under}{key}": estimate.mean,
                    f"{under}{key} low": estimate.low,
                    f"{under}{key} high": estimate.high,
                }
        rows.append(row)
    return polars.DataFrame(rows, infer_schema_length=None)


MOST_CHARTED = 20


def study_chart(study: Study, name: str = "moves") -> altair.Chart | altair.LayerChart:
    """The first twenty moves, each its effect on the ranking's measure with its interval. KeyError for another name."""
    import altair

    from plantwright.improvement.ranking import effect

    if name != "moves":
        raise KeyError(f"{name!r}: a study has the chart 'moves'")
    rows = []
    for item in study.moves[:MOST_CHARTED]:
        main = effect(item, study.by)
        if main is not None:
            rows.append(
                {"move": f"{item.rank} {item.move.title}", "effect": main.mean, "low": main.low, "high": main.high,
                 "verdict": item.verdict}
            )  # fmt: skip
    unit = study.baseline.estimate("throughput").unit
    for item in study.moves[:1]:
        main = effect(item, study.by)
        unit = main.unit if main is not None else unit
    base = altair.Chart(altair.InlineData(rows)).encode(y=altair.Y("move:N", sort=None, title=None))
    x = altair.X("low:Q", title=f"{study.by}: paired difference, {unit}")
    spans = base.mark_rule(strokeWidth=3).encode(x=x, x2="high:Q", color="verdict:N")
    points = base.mark_point(filled=True, size=60).encode(x="effect:Q", color="verdict:N", shape="verdict:N")
    layered: altair.LayerChart = spans + points
    return layered


def study_text(study: Study) -> str:
    """The study in a few lines: what limits, and every move with its effect on the ranking's measure."""
    from plantwright.improvement.ranking import effect

    run = study.baseline
    lines = [f"{study.baseline.name}: limited by {study.limit.subject} ({study.limit.kind})"]
    if study.limit.arithmetic:
        lines.append(f"  {study.limit.arithmetic}")
    lines += [f"  warning: {warning}" for warning in study.warnings]
    lines.append(f"{len(study.moves)} moves by {study.by}{', stopped early' if study.partial else ''}")
    for item in study.moves:
        main = effect(item, study.by)
        shown = "not known" if main is None else f"{main.mean:+.4g} ({main.low:.4g} to {main.high:.4g}) {main.unit}"
        ties = f", tied with {len(item.tied_with)}" if item.tied_with else ""
        value = item.net_present_value
        worth = f", worth {value.mean:.4g} ({value.low:.4g} to {value.high:.4g}) {value.unit} today" if value else ""
        lines.append(f"{item.rank:>3} {item.move.title} [{item.move.name}]: {shown}, {item.verdict}{ties}{worth}")
    if study.reaction is not None:
        lines.append(study.reaction.words)
    lines.append(
        f"each with --horizon {run.horizon:g}s --warmup {run.warmup:g}s --replications {run.replications} --seed {run.seed}"
    )
    return "\n".join(lines)
