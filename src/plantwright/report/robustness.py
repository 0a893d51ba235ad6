"""What would change the answer: demand, variability, readings that would help, moves made together, limits that wander."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from plantwright.report import words
from plantwright.report.sentences import as_sentence, gain_said, is_sketch, money_said, sketched

if TYPE_CHECKING:
    from plantwright.improvement.study import Study
    from plantwright.simulation.run import Estimate

MOST_READINGS, MOST_PAIRS, MOST_BINDING = 8, 8, 8
LEVELS = {"low": "at low demand", "as given": "at the demand as given", "high": "at high demand"}


def titles(study: Study) -> dict[str, str]:
    """The titles of the moves by their names."""
    return {item.move.name: item.move.title for item in study.moves}


def demand_rows(study: Study) -> list[dict[str, str]]:
    """The first move at each level of demand, and whether it is the one of the demand as given."""
    named = titles(study)
    given = study.first_at.get("as given")
    return [
        {
            "level": LEVELS.get(level, level),
            "first": named.get(name, name) or "nothing tried is for the better",
            "flips": "yes" if given and name != given else "",
        }
        for level in (*LEVELS, *(level for level in study.first_at if level not in LEVELS))
        if (name := study.first_at.get(level)) is not None
    ]


def reading_rows(study: Study) -> list[dict[str, str]]:
    """What to measure better, the most useful first."""
    named = titles(study)
    rows = []
    for reading in study.readings[:MOST_READINGS]:
        before, after = reading.regret
        rows.append(
            {
                "what": reading.what,
                "path": reading.path,
                "readings": f"{reading.readings}",
                "spared": _regret(study, before, after),
                "low": named.get(reading.changes[0], reading.changes[0]),
                "high": named.get(reading.changes[1], reading.changes[1]),
            }
        )
    return rows


def _regret(study: Study, before: float, after: float) -> str:
    """How much of the expected loss of the choice a reading takes away, in the measure's own unit."""
    from plantwright.improvement.ranking import effect

    unit = next((main.unit for item in study.moves if (main := effect(item, study.by)) is not None), "")
    if unit == "s":
        return words.from_to(before, after) or words.long(before)
    if unit == "share":
        return f"{words.figures(100 * before)} -> {words.figures(100 * after)} points"
    divisor, prefix = words.money_scale(before, after) if unit.endswith("/y") or "/" not in unit else (1.0, "")
    what, _, per = unit.partition("/")
    said = f"{words.figures(before / divisor)} -> {words.figures(after / divisor)} {prefix}{what}"
    return sketched(
        said + {"y": " a year", "": ""}.get(per, f" a {per}"), is_sketch(study.baseline) and per in ("y", "")
    )


def guarantee_said(study: Study) -> str:
    """The guarantee as a sentence; the money of a sketch in it is called so."""
    found = study.guarantee
    if found is None:
        return ""
    money = found.unit.endswith("/y") or ("/" not in found.unit and found.unit not in ("s", "share"))
    return as_sentence(sketched(found.text.rstrip("."), money and is_sketch(study.baseline)))


def pair_rows(study: Study) -> list[dict[str, str]]:
    """Moves made together: what both bring, and how much more or less that is than the sum of each alone."""
    named = titles(study)
    sketch = is_sketch(study.baseline)

    def said(estimate: Estimate) -> str:
        money = estimate.unit.endswith("/y") or "/" not in estimate.unit
        return (
            sketched(money_said(estimate), sketch)
            if money and estimate.unit not in ("s", "share")
            else gain_said(estimate)
        )

    rows = []
    for pair in study.pairs[:MOST_PAIRS]:
        apart = pair.interaction
        judged = "as much as both alone" if apart.low <= 0 <= apart.high else said(apart)
        if not apart.low <= 0 <= apart.high:
            judged = f"{'more' if apart.mean > 0 else 'less'} than both alone: {judged}"
        rows.append(
            {
                "first": named.get(pair.first, pair.first),
                "second": named.get(pair.second, pair.second),
                "effect": said(pair.effect),
                "interaction": judged,
            }
        )
    return rows


def binding_rows(study: Study) -> list[dict[str, Any]]:
    """The share of time in which each work center or crew is what holds the plant back, the largest first."""
    ordered = sorted(study.binding.items(), key=lambda pair: -pair[1])[:MOST_BINDING]
    return [
        {"name": name, "share": share, "words": f"{100 * share:.0f} %"} for name, share in ordered if share >= 0.005
    ]


def next_limit_rows(study: Study) -> list[dict[str, str]]:
    """What holds the plant back after each of the first moves for which that was looked at."""
    unit = study.saturated.estimate("throughput").unit.partition("/")
    rows = []
    for item in study.moves:
        if item.next_limit:
            capacity = f"{words.figures(item.capacity)} {words.several(unit[0])} a {unit[2]}" if item.capacity else ""
            then = "no single thing" if item.next_limit == "several together" else item.next_limit
            rows.append({"rank": f"{item.rank}", "move": item.move.title, "then": then, "capacity": capacity})
    return rows
