"""Moves on stops: repairs that are shorter, failures that are rarer, maintenance more or less often, spare parts, technicians."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from plantwright.distributions import Distribution
from plantwright.improvement.beliefs import believed
from plantwright.improvement.families.busy import can
from plantwright.improvement.families.family import Family
from plantwright.improvement.families.people import alike
from plantwright.improvement.families.sound import MONTH, brief, less, span
from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.improvement.words import singular
from plantwright.plant.plant import Plant
from plantwright.plant.reading import value_at
from plantwright.plant.resources import Area, Failure, Machine, Maintenance, WorkCenter
from plantwright.plant.texts import scaled, text_at
from plantwright.units import show_duration

LONGER, SHORTER = 1.5, 2 / 3
MORE_SPARES = 1.5
LONG_REPAIR = 4 * 3600.0
"""A repair that takes so long in the mean may be one that waits for a part."""


def stop_paths(plant: Plant, center: str, word: str = "failures") -> list[str]:
    """The paths of the failures, or the ``maintenance``, of a work center, as they stand in the file; of its machines, too."""
    base = f"work centers > {center}"
    machines = value_at(plant, f"{base} > machines")
    count = len(machines) if isinstance(machines, list) else 0
    bases = [f"{base} > {word}", *(f"{base} > machines > {i} > {word}" for i in range(1, count + 1))]
    paths: list[str] = []
    for path in bases:
        value = value_at(plant, path)
        if isinstance(value, list):
            paths += [f"{path} > {i}" for i in range(1, len(value) + 1)]
        elif isinstance(value, dict):
            paths.append(path)
    return paths


def texts_of(plant: Plant, paths: list[str], word: str) -> list[tuple[str, str]]:
    """The paths and texts of a word of stops, where it can be made longer or shorter."""
    found = [(f"{path} > {word}", text_at(plant, f"{path} > {word}")) for path in paths]
    return [(path, text) for path, text in found if text is not None and scaled(text, 0.5) is not None]


def _times(texts: list[tuple[str, str]], factor: float) -> dict[str, Any]:
    return {path: scaled(text, factor) for path, text in texts}


def better_reliability(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Of each work center that fails: repairs shorter, and failures rarer, by a share of the lost time. Two moves: they are two projects."""
    effect = usual.effect or Distribution.constant(0.0)
    for name, center in plant.work_centers.items():
        paths = stop_paths(plant, name)
        worst = max((*center.failures, *(f for machine in center.unlike for f in machine.failures)),
                    key=lambda failure: failure.repair.mean / failure.every.mean, default=None)  # fmt: skip
        if worst is None:
            continue
        for word, what in (("repair", "repairs {} shorter"), ("every", "failures {} rarer")):
            texts = texts_of(plant, paths, word)
            said = what.format(span(effect))
            often = show_duration(worst.every.mean) if worst.clock != "count" else f"{worst.every.mean:g} pieces"
            move = Move(
                name=f"better reliability: {name} {word}",
                family="better reliability",
                title=f"{name} {what.format(brief(effect))}",
                edits={},
                subject={"work center": name},
                note=f"now {show_duration(worst.repair.mean)} every {often}",
            )
            if texts:
                yield believed(
                    move, effect, said,
                    lambda share, texts=texts, word=word: _times(texts, less(share) if word == "repair" else 1 / less(share)),  # type: ignore[misc]
                )  # fmt: skip


def maintenance_interval(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Maintenance half as long again apart, with failures more often by an uncertain share; and two thirds as far apart, with failures
    as much rarer. The file cannot say that failures depend on maintenance, so the move changes both.
    """
    effect = usual.effect or Distribution.constant(0.0)
    for name in plant.work_centers:
        care = texts_of(plant, stop_paths(plant, name, "maintenance"), "every")
        fails = texts_of(plant, stop_paths(plant, name), "every")
        if not care:
            continue
        for what, factor, title in (
            ("longer", LONGER, "half as long again apart"),
            ("shorter", SHORTER, "two thirds as far apart"),
        ):
            rarer = what == "shorter"
            said = f"failures {span(effect)} {'rarer' if rarer else 'more often'}"
            move = Move(
                name=f"maintenance interval: {name} {what}",
                family="maintenance interval",
                title=f"{name}: maintenance {title}",
                edits={},
                subject={"work center": name},
                note=said if fails else "it has no failures in the file, so only its planned stops change",
            )

            def edits_at(
                share: float, rarer: bool = rarer, factor: float = factor, care: Any = care, fails: Any = fails
            ) -> dict[str, Any]:
                return _times(care, factor) | _times(fails, 1 / less(share) if rarer else 1 / (1 + share))

            yield believed(move, effect if fails else Distribution.constant(0.0), said, edits_at)


def spare_parts(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Spare parts that repairs take, reordered at half as many again; and for repairs of four hours or more, a part of which may be the
    wait for a part that nobody keeps: that wait gone.
    """
    parts = {
        part: name
        for name, center in plant.work_centers.items()
        for failure in center.failures
        for part in failure.takes
    }
    for part, center in parts.items():
        base = f"materials > {part} > reorder"
        edits = {
            f"{base} > {word}": scaled(text, MORE_SPARES)
            for word in ("at", "up to")
            if (text := text_at(plant, f"{base} > {word}")) is not None
        }
        if edits:
            yield Move(
                name=f"spare parts: {part}",
                family="spare parts",
                title=f"half as many {part} again in store",
                edits=edits,
                subject={"work center": center},
            )
    effect = usual.effect or Distribution.constant(0.0)
    for name, center_of in plant.work_centers.items():
        paths = [
            path for path, failure in zip(stop_paths(plant, name), center_of.failures, strict=False)
            if not failure.takes and failure.repair.mean >= LONG_REPAIR
        ]  # fmt: skip
        texts = texts_of(plant, paths, "repair")
        said = f"{span(effect)} of long repairs, the wait for a part, gone"
        if texts:
            move = Move(f"spare parts: {name}", "spare parts", f"{name}: parts for long repairs in store", {},
                        subject={"work center": name}, note=said)  # fmt: skip
            yield believed(move, effect, said, lambda share, texts=texts: _times(texts, less(share)))  # type: ignore[misc]


def one_more_technician(plant: Plant, usual: Usual) -> Iterator[Move]:
    """One more in each crew that repairs or maintains, and whose skills no operation needs; people who are alike count once."""
    places: list[WorkCenter | Area | Machine] = [*plant.work_centers.values(), *plant.areas.values()]
    places += [machine for center in plant.work_centers.values() for machine in center.unlike]
    stops: list[Failure | Maintenance] = []
    for place in places:
        stops += [*place.failures, *place.maintenance]
    needs = [need for stop in stops for need in stop.by]
    worked = {need.skill for product in plant.products.values() for step in product.routing for need in step.staff}
    for crew in alike(plant):
        if any(can(crew, need) for need in needs) and not worked & set(crew.skills):
            yield Move(
                name=f"one more technician: {crew.name}",
                family="one more technician",
                title=f"one more in {crew.name}"
                if singular(crew.name) == crew.name
                else f"one more {singular(crew.name)}",
                edits={f"people > {crew.name} > count": str(crew.count + 1)},
                subject={"crew": crew.name},
            )


FAMILIES = (
    Family(
        "maintenance interval", maintenance_interval, False, "exploit",
        Usual(effect=Distribution("pert", (0.0, 0.1, 0.25)), cost=0.0, lead_time=MONTH, ramp_up=0.0,
              source="Planned stops against failures: Nakajima, Introduction to TPM, 1988; Sullivan, Pugh, Melendez and Hunt, Operations "
                     "& Maintenance Best Practices, Release 3.0, PNNL for the U.S. Department of Energy, 2010. How far failures depend on the interval is our choice: nobody knows "
                     "it of a machine that was not tried."),
    ),
    Family(
        "spare parts", spare_parts, True, "elevate",
        Usual(effect=Distribution("uniform", (0.1, 0.4)), cost=10e3, lead_time=2 * MONTH, ramp_up=0.0,
              source="Our choice: how much of a long repair is the wait for a part differs from shop to shop."),
    ),
    Family(
        "better reliability", better_reliability, True, "elevate",
        Usual(effect=Distribution("pert", (0.1, 0.3, 0.5)), cost=25e3, lead_time=4 * MONTH, ramp_up=6 * MONTH,
              source="Thomas and Weiss, Economics of Manufacturing Machinery Maintenance, NIST AMS 100-34, 2020: 3.3 times more downtime in "
                     "the quarter of makers that relies most on repair after failure than in the one that does least. The range, far within "
                     "it, cost and times are our choice."),
    ),
    Family(
        "one more technician", one_more_technician, True, "elevate",
        Usual(lead_time=3 * MONTH, ramp_up=0.0,
              source="The wage is the crew's own; three months to find somebody is our choice."),
    ),
)  # fmt: skip
