"""Who does the steps that name nobody: those whom their work center needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from plantwright.plant.once import OnceFor
from plantwright.plant.products import Operation, Product
from plantwright.plant.resources import PHASES, Staffing, WorkCenter

Staffs = tuple[tuple[str, tuple[Staffing, ...]], ...]


def with_staff(products: Mapping[str, Product], centers: Mapping[str, WorkCenter]) -> dict[str, Product]:
    """Products whose steps need, where they say nothing of people themselves, those of their work centers."""
    staffs = tuple((name, center.staff) for name, center in centers.items() if center.staff)
    if not staffs:
        return dict(products)
    return {name: _staffed(product, staffs) for name, product in products.items()}


def _with_staffs(product: Product, staffs: Staffs) -> Product:
    of = dict(staffs)
    return replace(product, routing=tuple(_step(step, of) for step in product.routing))


_staffed = OnceFor(_with_staffs)


def _step(step: Operation, of: Mapping[str, tuple[Staffing, ...]]) -> Operation:
    if step.own_staff:
        return step
    staff = of.get(step.center, ())
    return replace(step, staff=staff) if staff and not differ(step, of) else step


def differ(step: Operation, of: Mapping[str, tuple[Staffing, ...]]) -> bool:
    """Whether the work centers that can do a step need different people."""
    return len({of.get(choice.center, ()) for choice in step.at}) > 1


def staffing_words(need: Staffing) -> dict[str, Any]:
    """A need of people in the words of the plant file."""
    words: dict[str, Any] = {"skill": f"{need.skill} {need.level}"}
    if need.count != 1:
        words["count"] = str(need.count)
    if need.phases != PHASES:
        words["for"] = list(need.phases)
    if need.tends != 1:
        words["tends"] = f"{need.tends} machines"
    if need.walk:
        words["walk"] = f"{need.walk:g} s"
    return words
