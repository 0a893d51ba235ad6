"""Moves that stop something: a product, an inspection that finds nothing, a batch rule, lead times as quoted, lots released too early."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from plantwright.improvement.families.family import Family
from plantwright.improvement.families.limit import Load, bottleneck, brings, brings_per_hour, sold_out
from plantwright.improvement.families.sound import DAY, MONTH, WEEK, is_sound, whose
from plantwright.improvement.families.usual import Usual
from plantwright.improvement.study import Move
from plantwright.improvement.words import figures
from plantwright.plant.plant import Plant
from plantwright.plant.products import Operation
from plantwright.plant.reading import value_at
from plantwright.plant.texts import scaled, text_at
from plantwright.simulation.loads import mix
from plantwright.units import show_duration

MOST_DROPPED = 3
LATER, SOONER = 1.5, 0.75
AT_THE_LIMIT = 0.95
"""Where more comes than the limit can do, releases are spaced so that it is busy for so much of its time."""
LOOKS = re.compile(r"\b(inspect\w*|check\w*|look\w*|verif\w*|audit\w*|review\w*|control|examin\w*|test\w*)\b", re.I)


def drop_product(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A product is made no more: of several, the three at most that bring least for an hour of the limit, as far as the limit by hand is
    known, else least for a piece. Not a part that others take, and none where not all have a price: what would be lost nobody has said.
    """
    if len(plant.products) < 2:
        return
    load = bottleneck(plant)
    for name, note in _droppable(plant, load)[:MOST_DROPPED]:
        edits = {f"products > {name}": None} | _without_family(plant, name)
        if is_sound(plant, edits):
            yield Move(
                name=f"drop a product: {name}",
                family="drop a product",
                title=f"no more {name}",
                edits=edits,
                subject={"product": name},
                note=note,
            )


def _droppable(plant: Plant, load: Load | None) -> list[tuple[str, str]]:
    """Products that could go, the one that is missed least first, each with what is known of it."""
    taken = {name for product in plant.products.values() for step in product.routing for name in step.takes}
    own = [name for name in plant.products if name not in taken]
    each = {name: brings(plant, name) for name in own}
    if any(value is None for value in each.values()):
        return []
    per_hour = {name: brings_per_hour(plant, name, load) if load else None for name in own}
    users = [name for name in own if per_hour[name] is not None]
    currency = plant.currency or ""
    if load is not None and len(users) > 1:
        users.sort(key=lambda name: per_hour[name] or 0.0)
        return [
            (name, f"brings {figures(per_hour[name] or 0.0)} {currency} for an hour of {load.name}") for name in users
        ]
    own.sort(key=lambda name: each[name] or 0.0)
    return [(name, f"brings {figures(each[name] or 0.0)} {currency} a piece") for name in own]


def _without_family(plant: Plant, product: str) -> dict[str, Any]:
    """Edits that take the setup families away that only one product needs, wherever the setups of a work center name them."""
    rest = {name: made for name, made in plant.products.items() if name != product}
    left = {step.setup or made.family or made.name for made in rest.values() for step in made.routing}
    gone = [family for family in plant.families() if family not in left]
    edits: dict[str, Any] = {}
    for name in plant.work_centers:
        base = f"work centers > {name} > setup"
        setup = value_at(plant, base)
        if not isinstance(setup, dict):
            continue
        for family in gone:
            edits |= {f"{base} > into > {family}": None} if family in (setup.get("into") or {}) else {}
            edits |= {f"{base} > from > {family}": None} if family in (setup.get("from") or {}) else {}
            for old, row in (setup.get("from") or {}).items():
                if old not in gone and isinstance(row, dict) and family in row:
                    edits[f"{base} > from > {old} > {family}"] = None
    return edits


def stop_inspection(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A step that is called an inspection and finds nothing is left out: one of which the file says so (``yield: 100 %``), without ``finds``,
    without rework, that changes nothing about its lots. A file that is silent does not say that nothing is found. All products that have it at the same work center go together.
    """
    found: dict[tuple[str, str], list[str]] = {}
    for product in plant.products.values():
        for step in product.routing:
            path = f"products > {product.name} > routing > {step.name}"
            said = value_at(plant, f"{path} > yield") is not None
            if said and _finds_nothing(step) and len(product.routing) > 1 and isinstance(value_at(plant, path), dict):
                found.setdefault((step.name, step.center), []).append(product.name)
    for (step_name, center), products in found.items():
        edits = {f"products > {name} > routing > {step_name} > share": "0 %" for name in products}
        if is_sound(plant, edits):
            alone = products[0] if len(products) == 1 else ""
            yield Move(
                name=f"stop an inspection: {step_name}" + (f" of {alone}" if alone else f" at {center}"),
                family="stop an inspection",
                title=f"no more '{step_name}'" + (whose(plant, alone) if alone else ""),
                edits=edits,
                subject={"work center": center} | ({"product": alone} if alone else {}),
                note="as the file has it, it finds nothing; make sure that nobody asks for it",
            )


def _finds_nothing(step: Operation) -> bool:
    named = LOOKS.search(step.name) or LOOKS.search(step.center)
    loses = step.yield_ < 1 or any(choice.yield_ is not None and choice.yield_ < 1 for choice in step.at)
    acts = step.takes or step.gives or step.split or step.merge or step.transfer or step.becomes or step.defects
    leads = step.next or step.after or step.rework or step.queue_time or step.finds or step.uses
    return bool(named) and not loses and not acts and not leads and step.share > 0


def no_batch_rule(plant: Plant, usual: Usual) -> Iterator[Move]:
    """A work center that waits for a batch starts with what is there: without minimum and without wait."""
    for name, center in plant.work_centers.items():
        base = f"work centers > {name} > batch"
        words = [word for word in ("min", "wait") if value_at(plant, f"{base} > {word}") is not None]
        if center.batch is None or not words or (center.batch.smallest.value <= 1 and center.batch.wait <= 0):
            continue
        yield Move(
            name=f"batch rule: {name}",
            family="batch rule",
            title=f"{name} starts with what is there",
            edits={f"{base} > {word}": None for word in words},
            subject={"work center": name},
        )


def quoted_lead_time(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Due dates half as long again after the release, and a quarter shorter, wherever a release says when its lots are due."""
    for what, factor in (("longer", LATER), ("shorter", SOONER)):
        edits: dict[str, Any] = {}
        shown = ""
        for name, product in plant.products.items():
            for path, release in zip(release_paths(plant, name), product.releases, strict=False):
                text = text_at(plant, f"{path} > due")
                new = None if text is None else scaled(text, factor)
                if new is not None and release.due:
                    edits[f"{path} > due"] = new
                    shown = shown or f"{show_duration(release.due)} -> {show_duration(release.due * factor)}"
        if edits:
            more = " and others alike" if len({*edits.values()}) > 1 else ""
            yield Move(
                name=f"quoted lead time: {what}",
                family="quoted lead time",
                title=f"quote {shown}{more}",
                edits=edits,
                note="what customers say to it is not in it" if what == "longer" else "",
            )


def release_paths(plant: Plant, product: str) -> list[str]:
    """The paths of the releases of a product, as they stand in the file."""
    base = f"products > {product} > release"
    value = value_at(plant, base)
    if isinstance(value, list):
        return [f"{base} > {i}" for i in range(1, len(value) + 1)]
    return [base] if value is not None else []


def release_less(plant: Plant, usual: Usual) -> Iterator[Move]:
    """Where more is released than the limit can do, by hand: releases spaced so that the limit is busy for 95 % of its time. And a rope
    of two thirds, wherever a drum has one.
    """
    load = sold_out(plant)
    edits = {} if load is None else _spaced(plant, load)
    if load is not None and edits and is_sound(plant, edits):
        yield Move(
            name=f"release less: what {load.name} can do",
            family="release less",
            title=f"release what {load.name} can do",
            edits=edits,
            subject=load.subject,
            note=f"by hand, {100 * load.least:.0f} % of its time is asked for",
        )
    for name in plant.products:
        for path in release_paths(plant, name):
            text = text_at(plant, f"{path} > rope")
            new = None if text is None else scaled(text, 2 / 3)
            if new is not None:
                yield Move(
                    name=f"release less: shorter rope {name}",
                    family="release less",
                    title=f"rope of {new}{whose(plant, name)}",
                    edits={f"{path} > rope": new},
                    subject={"product": name},
                )


def _spaced(plant: Plant, load: Load) -> dict[str, Any]:
    """Releases by demand or at intervals of the products that the limit works on, each as much rarer as is too much."""
    factor = load.least / AT_THE_LIMIT
    edits: dict[str, Any] = {}
    rates = mix(plant)
    for name in load.seconds:
        product = plant.products[name]
        if len(product.releases) != 1:
            return {}
        release, base = product.releases[0], f"products > {name} > release"
        if release.rule == "every":
            path = f"{release_paths(plant, name)[0]} > every"
            new = scaled(text_at(plant, path) or "empirical", factor)
            if new is None:
                return {}
            edits[path] = new
        elif release.rule == "demand":
            given = value_at(plant, base)
            kept = given if isinstance(given, dict) else {}
            edits[base] = {**kept, "every": f"{factor / rates[name] / 60:.6g} min"}
        else:
            return {}
    return edits


FREE = "Costs nothing but the decision; how long it takes is our choice."
FAMILIES = (
    Family(
        "drop a product", drop_product, False, "exploit",
        Usual(cost=0.0, lead_time=3 * MONTH, ramp_up=0.0,
              source="What a product brings for an hour of the limit: Goldratt and Cox, The Goal, 1984, and Goldratt, The Haystack "
                     f"Syndrome, 1990. {FREE}"),
    ),
    Family(
        "stop an inspection", stop_inspection, False, "exploit",
        Usual(cost=0.0, lead_time=MONTH, ramp_up=0.0,
              source=f"An inspection that neither finds nor prevents is waste: Shingo, Zero Quality Control, 1986. {FREE}"),
    ),
    Family(
        "batch rule", no_batch_rule, False, "exploit",
        Usual(cost=0.0, lead_time=DAY, ramp_up=0.0,
              source=f"Lots wait for their batch: Hopp and Spearman, Factory Physics, chapter 9. {FREE}"),
    ),
    Family(
        "quoted lead time", quoted_lead_time, False, "exploit",
        Usual(cost=0.0, lead_time=MONTH, ramp_up=0.0,
              source=f"Lead times that are quoted by the load: Hopp and Spearman, Factory Physics, chapter 15. {FREE}"),
    ),
    Family(
        "release less", release_less, False, "exploit",
        Usual(cost=0.0, lead_time=WEEK, ramp_up=0.0,
              source="Little 1961; a plant that is asked for more than it can do only fills up: Hopp and Spearman, Factory Physics, "
                     f"chapters 7 and 10. {FREE}"),
    ),
)  # fmt: skip
