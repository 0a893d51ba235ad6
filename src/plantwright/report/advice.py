"""What a study advises, chosen once for the first screen and for the page: what to do, to spend on, and not to buy."""

from __future__ import annotations

from plantwright.improvement.study import MONEY, OWN, RankedMove, Study
from plantwright.improvement.words import is_plural
from plantwright.plant.plant import Plant
from plantwright.report import words
from plantwright.report.limits import the
from plantwright.simulation.economics import YEAR
from plantwright.simulation.run import Estimate, Run

PAID = ("one more person", "another shift")
"""Families whose price is a wage."""
_DEAREST_FIRST = (OWN, "add a machine", "one more person", "faster machine", "another shift")


def mean_of(run: Run, name: str) -> float | None:
    """The mean of an estimate over all products, or None where the run has none."""
    try:
        return run.estimate(name).mean
    except KeyError:
        return None


def output_unit(run: Run) -> tuple[str, str]:
    """What is counted and per what: ``cell``, ``working day``."""
    unit, _, per = run.estimate("throughput").unit.partition("/")
    return unit, per


def best_of(study: Study, verdict: str, most: int) -> list[RankedMove]:
    """The best move of each family with that verdict, so that different ideas are seen."""
    found: dict[str, RankedMove] = {}
    for item in study.moves:
        if item.verdict == verdict:
            key = item.move.name if item.move.family == OWN else item.move.family
            found.setdefault(key, item)
    return list(found.values())[:most]


def spared(study: Study, most: int = 2) -> list[RankedMove]:
    """What not to buy: of each family one, those with a price first, the dearest before the others."""
    listed = [item for item in study.moves if item.verdict == "do not buy"]
    worth = {name: i for i, name in enumerate(_DEAREST_FIRST)}
    ordered = sorted(listed, key=lambda item: (-(item.move.capital or 0.0), worth.get(item.move.family, 6), item.rank))
    found: dict[str, RankedMove] = {}
    for item in ordered:
        found.setdefault(item.move.family, item)
    return list(found.values())[:most]


def why_not(study: Study, item: RankedMove) -> str:
    """Why a move is not worth its price: demand is met, something else binds, or it brings too little."""
    limit = study.limit
    subject = item.move.subject.get("work center") or item.move.subject.get("crew")
    if limit.kind == "demand":
        return "demand is met"
    if limit.kind == "release":
        return "not while release binds"
    gained, whole = item.saturated.get("throughput"), study.saturated.estimate("throughput").mean
    lifts = gained is not None and gained.low > 0 and gained.mean > 0.01 * whole
    if subject == limit.subject or limit.kind == "unknown" or lifts:
        return "costs more than it brings" if study.by in MONEY else "brings too little"
    return f"not while {limit.subject} {'bind' if is_plural(limit.subject) else 'binds'}"


def price(item: RankedMove, currency: str) -> str:
    """What a move costs once, else a year; or that nobody gave a price. Where wages are the price, they are told."""
    if item.move.family in PAID and item.wages:
        return words.amount(item.wages, currency) + "/yr"
    if item.move.capital is not None:
        return words.amount(item.move.capital, currency)
    if item.wages:
        return words.amount(item.wages, currency) + "/yr"
    return "no wage" if item.wages is None and item.move.family in PAID else "no price"


def consequence(item: RankedMove, plant: Plant) -> str:
    """What stops a move, what binds next, when it is paid back, how long it takes; empty where none is known."""
    said = []
    if item.meets_demand and item.capacity is not None:
        said.append("stops at demand")
    if item.next_limit and item.capacity is not None:
        alone = item.next_limit == "several together"
        then = "nothing alone" if alone else the(item.next_limit, plant)
        verb = "bind" if not alone and is_plural(item.next_limit) else "binds"
        said.append(f"with it {then} {verb} ({words.figures(item.capacity)})")
    gain = item.released.get("contribution")
    if item.move.capital and gain is not None:
        said.append(
            words.payback(item.payback / YEAR, 1.0) if item.payback else words.payback(item.move.capital, gain.mean)
        )
    if item.move.lead_time:
        said.append(f"takes {words.long(item.move.lead_time)}")
    return "; ".join(said)


def shown_effect(study: Study, item: RankedMove) -> Estimate | None:
    """The effect that people read: what is sold or made where money ranks, else the ranking's own measure."""
    if study.by in MONEY:
        return item.released.get("sales") or item.released.get("throughput")
    if study.by == "capacity":
        return item.saturated.get("throughput")
    return item.released.get("cycle time" if study.by == "cycle-time" else "on-time share")


def verdict(study: Study, plant: Plant) -> str:
    """What is sold or made, and how long it takes: ``Sells 311 of 400 cells asked per working day. Cycle time 3.4 days.``"""
    from plantwright.improvement.limits import asked

    run = study.baseline
    unit, per = output_unit(run)
    made, sales, time = mean_of(run, "throughput") or 0.0, mean_of(run, "sales"), mean_of(run, "cycle time")
    wanted = asked(plant, run)
    if sales is not None and wanted is not None:
        said = f"Sells {words.figures(sales)} of {words.figures(wanted, 4)} {words.several(unit)} asked per {per}."
        if made > 1.02 * sales and study.limit.kind == "demand":
            said = said[:-1] + f", makes {words.figures(made)}."
    else:
        said = f"Finishes {words.figures(made)} {words.several(unit)} per {per}."
    if time is not None:
        grows = "" if run.steady else " and growing"
        said += f" Cycle time {words.long(time)}{grows}."
    kept, held = mean_of(run, "on-time share"), mean_of(run, "work in process")
    if kept is not None:
        said += f" On time {100 * kept:.0f} %."
    elif sales is None and held is not None:
        said += f" {words.figures(held)} lots in process."
    return said
