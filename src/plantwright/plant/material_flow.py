"""Checks of what steps take and give: materials, parts and units."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plantwright.plant.conversions import names_turned
from plantwright.plant.products import Operation, Usage
from plantwright.plant.quantities import several
from plantwright.plant.ways import ways_of
from plantwright.units import UNITS

if TYPE_CHECKING:
    from plantwright.plant.routes import RoutingChecks


class StoreChecks:
    """The checks of one step."""

    def __init__(self, routing: RoutingChecks, path: str, operation: Operation) -> None:
        self.checker, self.product = routing.checker, routing.product
        self.path, self.operation = path, operation
        self.unit = routing.units.get(operation.name, routing.product.unit)
        plant = self.checker.plant
        self.stored = {*plant.materials, *plant.products} - {self.product.name}

    def all(self) -> None:
        """Note everything that does not fit."""
        plant, operation = self.checker.plant, self.operation
        for name, usage in operation.takes.items():
            at = f"{self.path} > takes > {name}"
            known = [*plant.materials, *plant.products]
            broken = f"products > {name}" in self.checker.context.broken
            self.checker.known(
                "PW1246", f"{self.path} > takes", [] if broken else [name], known, "material", "materials"
            )
            self._same_kind(at, name, usage, "taken")
            material = plant.materials.get(name)
            counted = name in plant.products or (material is not None and material.on_hand is not None)
            if counted and self._is_delayed():
                reason = f"{name!r} may run out, but nothing waits at unlimited machines; give {operation.center!r} a number of machines"
                self.checker.wrong("PW1260", at, reason, ())
            if name == self.product.name:
                self.checker.wrong("PW1260", at, f"{name!r} is made of itself; take another product, or a material", ())
        for name, usage in operation.gives.items():
            if name in self.stored:
                self._same_kind(f"{self.path} > gives > {name}", name, usage, "given")
        self._turning()

    def _is_delayed(self) -> bool:
        center = self.checker.plant.work_centers.get(self.operation.center)
        return center is not None and center.machines is None

    def _same_kind(self, path: str, name: str, usage: Usage, done: str) -> None:
        """What is taken or given is counted as its store is."""
        material = self.checker.plant.materials.get(name)
        part = self.checker.plant.products.get(name)
        if material is not None and material.unit and material.unit != usage.of:
            reason = f"{name!r} is counted in {material.unit}, but {usage.of} of it is {done}"
            self.checker.wrong("PW1245", path, reason, ())
        elif part is not None and material is None:
            kind = next((kind for kind, units in UNITS.items() if part.unit in units), "pieces")
            if kind != usage.of or (kind == "pieces" and usage.unit not in ("", "piece", part.unit)):
                reason = f"{name!r} is counted in {part.unit!r}, but {usage.unit or 'pieces'!r} of it is {done}"
                self.checker.wrong("PW1245", path, reason, (part.unit, "piece"), usage.unit)

    def _turning(self) -> None:
        """A lot turns into one thing at most, so much for each of the unit in which it comes."""
        turned = names_turned(self.operation, self.stored)
        at = f"{self.path} > gives"
        if len(turned) > 1:
            reason = f"a lot can turn into one thing, not into {' and '.join(turned)}; what goes beside it is a material or a product"
            self.checker.wrong("PW1260", at, reason, ())
        elif turned and self.operation.share < 1:
            reason = "lots that pass this step by would stay in their unit; let every lot have it (no 'share')"
            self.checker.wrong("PW1260", at, reason, ())
        elif (turned and (usage := self.operation.gives[turned[0]]).amount <= 0) or (turned and usage.per == "batch"):
            reason = f"say how much of {turned[0]!r} comes of one {self.unit}, such as '4.2 m/{self.unit}'"
            self.checker.wrong("PW1260", f"{at} > {turned[0]}", reason, ())


def check_units(routing: RoutingChecks) -> None:
    """Lots come to a step in one unit, whichever way they came, and leave the last in the product's own."""
    product, checker = routing.product, routing.checker
    ways = ways_of(product)
    for operation in product.routing:
        after, at = routing.units_after[operation.name], f"{routing.path} > routing > {operation.name}"
        following = [name for name in ways.following[operation.name] if name in routing.order]
        for name in following:
            if routing.units[name] != after:
                reason = f"lots come from here to {name!r} in {after!r}, and from elsewhere in {routing.units[name]!r}"
                checker.wrong("PW1261", at, reason, ())
        if operation.rework is not None and operation.rework.back_to in routing.units:
            before, then = routing.units[operation.name], routing.units[operation.rework.back_to]
            if before != then:
                reason = f"lots are in {before!r} here and in {then!r} at {operation.rework.back_to!r}, so they cannot go back"
                checker.wrong("PW1261", f"{at} > rework", reason, ())
        if ways.ends(operation) and after != product.unit:
            reason = (
                f"lots of {product.name!r} begin in {product.lot_unit or product.unit!r} and end here in {after!r}, but the unit that is "
                f"sold is {product.unit!r}; let a step turn them into it, such as 'gives: {{{several(product.unit)}: 4 {several(product.unit)}/{after}}}'"
            )
            checker.wrong("PW1261", at, reason, ())
