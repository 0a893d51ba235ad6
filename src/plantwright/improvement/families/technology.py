"""Moves of technology: machines watched so that they are mended before they break, short stops seen, tools set beforehand, scrap found
where it is made. Robots have a file of their own.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from plantwright.distributions import Distribution
from plantwright.improvement.beliefs import believed
from plantwright.improvement.families.family import Family
from plantwright.improvement.families.machines import time_edits
from plantwright.improvement.families.reliability import stop_paths
from plantwright.improvement.families.setups import setup_texts
from plantwright.improvement.families.sound import less, span
from plantwright.improvement.families.usual import Usual, times_usual
from plantwright.improvement.study import Move
from plantwright.plant.once import OnceFor
from plantwright.plant.plant import Plant
from plantwright.plant.products import Operation, Product
from plantwright.plant.reading import value_at
from plantwright.plant.resources import PHASES
from plantwright.plant.texts import scaled, text_at

WEEK = 7 * 86400.0
PLANNED = 0.5
"""A planned stop lasts so much of a breakdown's repair: people and parts are ready (our choice)."""
SEEN_COMING = 600.0
"""Breakdowns that are mended sooner (seconds) nobody sees coming (our choice)."""

CONDITION_MONITORING = Usual(
    effect=Distribution("triangular", (0.15, 0.35, 0.70)),
    cost=6_000.0,
    yearly=2_000.0,
    lead_time=13 * WEEK,
    ramp_up=26 * WEEK,
    source="our choice: the share of breakdowns foreseen, costs for a machine and times. What such maintenance is: Sullivan, Pugh, Melendez and "
    "Hunt, Operations & Maintenance Best Practices, Release 3.0, PNNL for the U.S. Department of Energy, 2010; how makers that rely on it "
    "fare: Thomas and Weiss, Int. J. of Prognostics and Health Management 12(1), 2021",
)
MACHINE_MONITORING = Usual(
    effect=Distribution("triangular", (0.01, 0.04, 0.08)),
    cost=2_500.0,
    yearly=1_200.0,
    lead_time=8 * WEEK,
    ramp_up=26 * WEEK,
    source="our choice, costs for a machine; sellers of such systems promise more",
)
TOOL_PRESETTING = Usual(
    effect=Distribution("triangular", (0.10, 0.25, 0.50)),
    cost=30_000.0,
    lead_time=10 * WEEK,
    ramp_up=8 * WEEK,
    source="to set a tool in the machine takes about five minutes (MoldMaking Technology, Using Presetters to Reduce Machine Idle Time), so "
    "six tools are a quarter of a setup of two hours; the range, cost and times are our choice",
)
INLINE_INSPECTION = Usual(
    effect=Distribution("triangular", (0.3, 0.6, 0.9)),
    cost=60_000.0,
    yearly=5_000.0,
    lead_time=26 * WEEK,
    ramp_up=13 * WEEK,
    source="our choice: the share that a camera or gauge sees at once, and its costs",
)


def condition_monitoring(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Sensors on the machines of a work center: part of its breakdowns are seen coming and become planned stops half as long, which
    wait for the lot in process.
    """
    effect = usual.effect or CONDITION_MONITORING.effect or Distribution.constant(0.35)
    for name, center in plant.work_centers.items():
        paths = [
            path
            for path, failure in zip(stop_paths(plant, name), center.failures, strict=False)
            if failure.repair.mean >= SEEN_COMING and _foreseen(plant, path, 0.5) is not None
        ]
        if not paths or not center.machines:
            continue

        def edits(share: float, name: str = name, paths: list[str] = paths) -> dict[str, Any]:
            return _planned(plant, name, paths, min(max(share, 0.01), 0.95))

        move = Move(
            name=f"condition monitoring: {name}",
            family="condition monitoring",
            title=f"sensors on {name} see failures coming",
            edits={},
            subject={"work center": name},
            **times_usual(plant, "condition monitoring", usual, center.machines),
        )
        yield believed(move, effect, f"{span(effect)} of breakdowns become planned stops", edits)


def _foreseen(plant: Plant, path: str, share: float) -> tuple[str, dict[str, Any]] | None:
    """How often a machine still breaks down, and the planned stop for what is foreseen; None where its times stand in a file."""
    every, repair = text_at(plant, f"{path} > every"), text_at(plant, f"{path} > repair")
    if every is None or repair is None:
        return None
    rarer, planned, shorter = scaled(every, 1 / (1 - share)), scaled(every, 1 / share), scaled(repair, PLANNED)
    if rarer is None or planned is None or shorter is None:
        return None
    stop: dict[str, Any] = {"every": planned, "clock": text_at(plant, f"{path} > clock") or "working", "lasts": shorter}
    by = value_at(plant, f"{path} > by")
    return rarer, stop if by is None else {**stop, "by": by}


def _planned(plant: Plant, center: str, paths: list[str], share: float) -> dict[str, Any]:
    edits: dict[str, Any] = {}
    base = f"work centers > {center} > maintenance"
    stops = as_list(value_at(plant, base))
    for path in paths:
        found = _foreseen(plant, path, share)
        if found is not None:
            edits[f"{path} > every"] = found[0]
            stops.append(found[1])
    return {**edits, base: stops}


def as_list(value: Any) -> list[Any]:
    """What stands in the file where one or several may stand, as a list of its own."""
    if value is None:
        return []
    return list(value) if isinstance(value, list) else [value]


def machine_monitoring(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Signals from all machines that do not wait for hands: short stops and slow running, which are in the times of the routing, are seen and
    become fewer.
    """
    effect = usual.effect or MACHINE_MONITORING.effect or Distribution.constant(0.04)
    names = [
        name
        for name, center in plant.work_centers.items()
        if center.machines and runs_alone(plant, name) and time_edits(plant, name, 0.9)
    ]
    if not names:
        return

    def edits(share: float) -> Mapping[str, Any]:
        return {path: text for name in names for path, text in time_edits(plant, name, less(share)).items()}

    machines = sum(plant.work_centers[name].machines or 0 for name in names)
    move = Move(
        name="machine monitoring: all",
        family="machine monitoring",
        title="short stops seen on all machines",
        edits={},
        subject={"work center": names[0]} if len(names) == 1 else {},
        note=f"at {', '.join(names)}",
        **times_usual(plant, "machine monitoring", usual, machines),
    )
    yield believed(move, effect, f"times {span(effect)} shorter", edits)


def _operations_at(plant: Plant, center: str) -> tuple[tuple[Product, Operation], ...]:
    """The operations that have a work center among those where they can be done."""
    return tuple(
        (product, operation)
        for product in plant.products.values()
        for operation in product.routing
        if any(choice.center == center for choice in operation.at)
    )


operations_at = OnceFor(_operations_at)
"""The operations that have a work center among those where they can be done, each with its product."""


def runs_alone(plant: Plant, center: str) -> bool:
    """Whether a machine works there, and not people alone: nobody is needed while it runs, or it is set up or breaks down."""
    found = operations_at(plant, center)
    unattended = not any("run" in need.phases for _, operation in found for need in operation.staff)
    return bool(found) and (unattended or is_machine(plant, center))


def is_machine(plant: Plant, center: str) -> bool:
    """Whether a work center reads like machines rather than places where people work: it is set up, breaks down, is fed in batches,
    takes power, or needs people in some phases of the work only.
    """
    entry = plant.work_centers[center]
    failing = any(machine.failures for machine in entry.unlike)
    at_times = any(
        set(need.phases) != set(PHASES) for _, operation in operations_at(plant, center) for need in operation.staff
    )
    told = entry.setup or entry.failures or failing or entry.maintenance or entry.batch or entry.power
    return bool(told) or at_times


def tool_presetting(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Tools are measured and put together away from the machine, so that setups that somebody does lose the part of it."""
    effect = usual.effect or TOOL_PRESETTING.effect or Distribution.constant(0.25)
    for name in plant.work_centers:
        by_hand = any("setup" in need.phases for _, operation in operations_at(plant, name) for need in operation.staff)
        if not by_hand or not setup_edits(plant, name, 0.9):
            continue

        def edits(share: float, name: str = name) -> dict[str, str]:
            return setup_edits(plant, name, less(share))

        move = Move(
            name=f"tool presetting: {name}",
            family="tool presetting",
            title=f"tools of {name} set beforehand",
            edits={},
            subject={"work center": name},
        )
        yield believed(move, effect, f"setups {span(effect)} shorter", edits)


def setup_edits(plant: Plant, center: str, factor: float) -> dict[str, str]:
    """Edits that multiply every setup time of a work center that stands in the file as text."""
    found = {path: scaled(text, factor) for path, text in setup_texts(plant, center)}
    return {path: text for path, text in found.items() if text is not None}


_INSPECTS = re.compile(r"\b(inspect|test|check|look|control|gaug|measur|audit)", re.IGNORECASE)
"""What the name of a step or a work center says where it only looks at what was made before."""


def inline_inspection(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Scrap is found where it is made and not at an inspection later, so that no more work goes into it: hidden defects at the step that makes
    them; else the losses of a step that only inspects, right after the first step of the routing.
    """
    effect = usual.effect or INLINE_INSPECTION.effect or Distribution.constant(0.6)
    seen: dict[tuple[str, str], list[tuple[Product, Operation, Operation]]] = {}
    for product in plant.products.values():
        for source, late in _late(product):
            seen.setdefault((source.center, late.name), []).append((product, source, late))
    for (center, late_step), cases in seen.items():
        if not _found_early(plant, cases, 0.5):
            continue

        def edits(share: float, cases: list[tuple[Product, Operation, Operation]] = cases) -> dict[str, Any]:
            return _found_early(plant, cases, min(max(share, 0.0), 1.0))

        alone = cases[0][0].name if len(cases) == 1 and len(plant.products) > 1 else ""
        move = Move(
            name=f"inline inspection: {center} {late_step}",
            family="inline inspection",
            title=f"scrap of {late_step} found at {center}" + (f", {alone}" if alone else ""),
            edits={},
            subject={"work center": center},
        )
        yield believed(move, effect, f"{span(effect)} of it found at once", edits)


def _late(product: Product) -> Iterator[tuple[Operation, Operation]]:
    """Pairs of a step where scrap is made and a later one where it is found."""
    inspectors = [step for step in product.routing if step.finds]
    for source in product.routing:
        for late in inspectors:
            if late is not source and source.defects.keys() & late.finds.keys() and not source.finds:
                yield source, late
                break
    first = product.routing[0]
    for late in product.routing[2:]:
        if late.yield_ < 1 and late.scrap == first.scrap == "piece" and _INSPECTS.search(f"{late.name} {late.center}"):
            yield first, late


def _found_early(plant: Plant, cases: list[tuple[Product, Operation, Operation]], share: float) -> dict[str, Any]:
    edits: dict[str, Any] = {}
    for product, source, late in cases:
        base = f"products > {product.name} > routing"
        if source.defects:
            named = sorted(source.defects.keys() & late.finds.keys())
            edits[f"{base} > {source.name} > finds"] = dict.fromkeys(named, f"{100 * share:.4g} %")
        elif text_at(plant, f"{base} > {late.name} > yield") is not None:
            early = 1 - share * (1 - late.yield_)
            edits[f"{base} > {source.name} > yield"] = f"{100 * source.yield_ * early:.8g} %"
            edits[f"{base} > {late.name} > yield"] = f"{100 * late.yield_ / early:.8g} %"
    return edits


FAMILIES = (
    Family("tool presetting", tool_presetting, True, usual=TOOL_PRESETTING),
    Family("machine monitoring", machine_monitoring, True, usual=MACHINE_MONITORING),
    Family("condition monitoring", condition_monitoring, True, usual=CONDITION_MONITORING),
    Family("inline inspection", inline_inspection, True, usual=INLINE_INSPECTION),
)
