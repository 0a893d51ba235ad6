"""The way of a product as a value-stream map: a box of data for each step, and the ladder of time that adds value and time that waits.

As Rother and Shook draw it (Learning to See, Lean Enterprise Institute, 1999): process time is when somebody works on the lot, waiting all else.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from plantwright.improvement.families.busy import share_open
from plantwright.plant import Plant
from plantwright.plant.products import Operation, Product
from plantwright.report import words
from plantwright.report.limits import shares
from plantwright.simulation.loads import expected_visits, lots_at, mix, operation_seconds, parts_at
from plantwright.simulation.run import Run
from plantwright.units import show_duration

if TYPE_CHECKING:
    from plantwright.improvement.study import Study

MOST_STEPS, WIDEST = 15, 5
MOST_WAYS = 6
"""The ways of so many product families are told beside that of the main product."""
BOX, GAP, BAND = 138.0, 62.0, 226.0


@dataclass(frozen=True, slots=True)
class Rung:
    """A step of a product: what it takes and what waits before it, for one lot; times in seconds, those of all its visits together."""

    step: str
    center: str
    process: float
    waiting: float
    lots_waiting: float
    data: tuple[tuple[str, str], ...]
    limit: bool


@dataclass(frozen=True, slots=True)
class Ladder:
    """The steps of one product with its cycle time; ``other`` is what neither waits before a step nor is process time."""

    product: str
    rungs: tuple[Rung, ...]
    cycle_time: float | None

    @property
    def process(self) -> float:
        """Time that adds value, in seconds of a lot."""
        return sum(rung.process for rung in self.rungs)

    @property
    def waiting(self) -> float:
        """Time that a lot waits before steps, in seconds."""
        return sum(rung.waiting for rung in self.rungs)

    @property
    def other(self) -> float:
        """Nights, weekends, setups and stops while a lot is on a machine: what is left of the cycle time, in seconds."""
        return max(0.0, (self.cycle_time or 0.0) - self.process - self.waiting)


def ladders_of(study: Study, plant: Plant) -> tuple[Ladder, ...]:
    """The ladder of the main product, and one for each other product family (see `families_of`), that which brings most first; at most
    `MOST_WAYS` of these.
    """
    names = [family[0] for family in families_of(study, plant)]
    return tuple(ladder_of(study, plant, name) for name in names[: 1 + MOST_WAYS])


def families_of(study: Study, plant: Plant) -> list[tuple[str, ...]]:
    """Product families: products that pass the same work centers in the same order (Rother and Shook, Learning to See). In each, and of
    them, the product of which most lots are made comes first; the other families follow by what they bring, or by their lots without prices.
    """
    rates = mix(plant)
    found: dict[tuple[str, ...], list[str]] = {}
    for name, product in sorted(plant.products.items(), key=lambda pair: -rates[pair[0]]):
        found.setdefault(tuple(step.center for step in product.routing), []).append(name)
    brought = _brought(study, plant)
    first, *others = (tuple(names) for names in found.values())
    worth = rates if brought is None else brought
    return [first, *sorted(others, key=lambda names: -sum(worth[name] for name in names))]


def _brought(study: Study, plant: Plant) -> dict[str, float] | None:
    """What the sales of each product bring, price less material; None where one that is sold has no price."""
    from plantwright.improvement.families.limit import brings

    sold = {
        e.of["product"]: e.mean
        for e in study.baseline.named("sales")
        if set(e.of) == {"product"} and e.quantile is None
    }
    each = {name: brings(plant, name) if sold.get(name) else 0.0 for name in plant.products}
    if not any(sold.values()) or any(value is None for value in each.values()):
        return None
    return {name: sold.get(name, 0.0) * (value or 0.0) for name, value in each.items()}


def ladder_of(study: Study, plant: Plant, name: str) -> Ladder:
    """The steps of a product."""
    product, run = plant.products[name], study.baseline
    visits, pieces, parts = expected_visits(product), lots_at(product), parts_at(product)
    limits = {study.limit.subject, *study.limit.tied_with} if study.limit.kind not in ("demand", "release") else set()
    rungs: list[Rung] = []
    for step in product.routing:
        each = operation_seconds(step, pieces[step.name] / parts[step.name])
        delay = plant.work_centers[step.center].machines is None
        waits = _mean(run, "queue time", step.center) or 0.0
        lies = plant.work_centers[step.center].delay
        if lies is not None and rungs:
            waits += lies.mean / share_open(plant, plant.work_centers[step.center].delay_shift)
        rungs.append(
            Rung(
                step=step.name,
                center=step.center,
                process=0.0 if delay else each * visits[step.name],
                waiting=(waits + (each if delay else 0.0)) * visits[step.name],
                lots_waiting=_mean(run, "buffer level", step.center) or 0.0,
                data=_data(plant, product, step, run, each),
                limit=bool(limits & {choice.center for choice in step.at}),
            )
        )
    cycle = next((e.mean for e in run.named("cycle time") if e.of.get("product") == name and e.quantile is None), None)
    if cycle is None:
        cycle = next((e.mean for e in run.named("cycle time") if not e.of and e.quantile is None), None)
    return Ladder(name, tuple(rungs), cycle)


def _mean(run: Run, name: str, center: str) -> float | None:
    found = (e.mean for e in run.named(name) if e.of == {"work center": center} and e.quantile is None)
    return next(found, None)


def _data(plant: Plant, product: Product, step: Operation, run: Run, each: float) -> tuple[tuple[str, str], ...]:
    """The lines of a data box."""
    center = plant.work_centers[step.center]
    told = [("delay" if center.machines is None else "process", show_duration(each))]
    if center.setup is not None:
        times = [center.setup.default, *center.setup.into.values(), *center.setup.between.values()]
        known = [time.mean for time in times if time is not None]
        if known:
            longest = f" to {show_duration(max(known))}" if max(known) > min(known) else ""
            told.append(("setup", show_duration(min(known)) + longest))
    if center.failures or center.maintenance:
        states = shares(run, step.center)
        down = sum(states.get(state, 0.0) for state in ("waiting for repair", "in repair", "maintenance"))
        told.append(("up", f"{100 * (1 - down):.0f} %"))
    if center.batch is not None:
        size = center.batch.largest
        told.append(("batch", f"to {size.value:g} {words.several(size.unit)}"))
    elif product.lot > 1:
        told.append(("lot", f"{product.lot:g} {words.several(product.unit)}"))
    if step.staff:
        people = sum(need.count / need.tends for need in step.staff)
        told.append(("people", words.shortened(f"{people:.2g} {step.staff[0].skill}", 13)))
    return tuple(told)


def value_streams(study: Study, plant: Plant) -> list[dict[str, Any]]:
    """What the template draws, for the main product and for each other product family."""
    families = families_of(study, plant)
    drawn = [
        {**_stream(ladder), "id": str(number), "alike": _listed(families[number][1:])}
        for number, ladder in enumerate(ladders_of(study, plant))
    ]
    drawn[0]["hidden"] = max(0, len(families) - len(drawn))
    drawn[0]["order"] = "of which most lots are made" if _brought(study, plant) is None else "what brings most"
    return drawn


def _stream(ladder: Ladder) -> dict[str, Any]:
    """Bands of boxes with their ladders, the sums in words, and the same as a table."""
    shown = _longest(ladder.rungs)
    columns = math.ceil(len(shown) / math.ceil(len(shown) / WIDEST))
    bands = [shown[start : start + columns] for start in range(0, len(shown), columns)]
    cycle = ladder.cycle_time
    share = "" if not cycle else f"{100 * ladder.process / cycle:.2g} %"
    return {
        "product": ladder.product,
        "left": len(ladder.rungs) - len(shown),
        "width": f"{24 + columns * (BOX + GAP):.0f}",
        "height": f"{len(bands) * BAND:.0f}",
        "boxes": [_drawn(rung, k, band) for band, rungs in enumerate(bands) for k, rung in enumerate(rungs)],
        "rungs": [_row(rung) for rung in shown],
        "process": show_duration(ladder.process),
        "waiting": words.long(ladder.waiting),
        "other": words.long(ladder.other) if cycle and ladder.other > 0.01 * cycle else "",
        "cycle": words.long(cycle) if cycle else "",
        "share": share,
        "parts": _parts(ladder),
        "words": "; ".join(f"{r.step} at {r.center}: waits {show_duration(r.waiting)}, takes {show_duration(r.process)}" for r in shown),
    }  # fmt: skip


def _listed(names: Sequence[str]) -> str:
    """Names as one says them: of many the first two."""
    shown = list(names) if len(names) <= 3 else [*names[:2], f"{len(names) - 2} others"]
    return " and ".join(filter(None, (", ".join(shown[:-1]), *shown[-1:])))


def _longest(rungs: Sequence[Rung]) -> list[Rung]:
    """All steps, or those in which most time goes where they are very many, in their order."""
    if len(rungs) <= MOST_STEPS:
        return list(rungs)
    most = sorted(range(len(rungs)), key=lambda k: (not rungs[k].limit, -(rungs[k].waiting + rungs[k].process)))[
        :MOST_STEPS
    ]
    return [rungs[k] for k in sorted(most)]


def _drawn(rung: Rung, column: int, band: int) -> dict[str, Any]:
    return {
        "x": f"{12 + GAP + column * (BOX + GAP):.0f}",
        "y": f"{22 + band * BAND:.0f}",
        "first": column == 0,
        "name": words.shortened(rung.step, 15),
        "at": words.shortened(rung.center, 18),
        "data": rung.data[:5],
        "limit": rung.limit,
        "lots": words.plain(rung.lots_waiting, 0 if rung.lots_waiting >= 10 else 1),
        "wait": show_duration(rung.waiting) if rung.waiting >= 1 else "0",
        "process": show_duration(rung.process) if rung.process >= 0.5 else "0",
        "title": f"{rung.step} at {rung.center}",
    }


def _row(rung: Rung) -> dict[str, Any]:
    return {
        "step": rung.step,
        "center": rung.center,
        "wait": show_duration(rung.waiting) if rung.waiting >= 1 else "none",
        "process": show_duration(rung.process),
        "lots": words.plain(rung.lots_waiting, 1),
        "data": "; ".join(f"{name} {value}" for name, value in rung.data),
        "limit": rung.limit,
    }


def _parts(ladder: Ladder) -> list[dict[str, str]]:
    """Process time, waiting and the rest as shares of the cycle time, for a bar."""
    whole = ladder.process + ladder.waiting + ladder.other
    if whole <= 0:
        return []
    named = (("process", ladder.process), ("waiting", ladder.waiting), ("other", ladder.other))
    return [{"name": name, "width": f"{100 * time / whole:.2f}"} for name, time in named if time > 0]
