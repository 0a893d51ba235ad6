"""Checks across a plant: names that must exist, shares that must add up, units that must agree."""

from __future__ import annotations

from collections.abc import Iterable

from plantwright.plant.document import Node, Scalar
from plantwright.plant.plant import Plant
from plantwright.plant.products import Operation, Product
from plantwright.plant.readers import Context, nearest
from plantwright.plant.resources import Amount, Staffing

_END = ("end", "done", "finished")


def check(plant: Plant, context: Context) -> None:
    """Note in the context everything about a plant that does not fit together."""
    checker = _Checker(plant, context)
    checker.people()
    checker.centers()
    checker.others()
    for product in plant.products.values():
        checker.product(product)
    if not plant.products:
        checker.wrong("PW1240", "products", "no product is given", ())
    if not plant.work_centers:
        checker.wrong("PW1240", "work centers", "no work center is given", ())


class _Checker:
    def __init__(self, plant: Plant, context: Context) -> None:
        self.plant, self.context = plant, context
        self.families = set(plant.families())
        self.best_skill: dict[str, int] = {}
        for crew in plant.people.values():
            if crew.count > 0:
                for skill, level in crew.skills.items():
                    self.best_skill[skill] = max(level, self.best_skill.get(skill, 0))

    def wrong(self, code: str, path: str, reason: str, known: Iterable[str], word: str | None = None) -> None:
        """Note a problem at the nearest place that the file has on that path."""
        at = path
        while at and at not in self.context.places:
            at = at.rpartition(" > ")[0]
        node: Node = self.context.places.get(at, Scalar(""))
        self.context.wrong(code, node, path, reason, known, word)

    def _known(self, code: str, path: str, names: Iterable[str], known: Iterable[str], what: str) -> None:
        known = list(known)
        for name in names:
            if name not in known:
                there = f"; there is {', '.join(known[:8])}" if known else ""
                self.wrong(code, path, f"unknown {what} {name!r}{there}", known, name)

    def _staff(self, path: str, staffing: Iterable[Staffing]) -> None:
        for need in staffing:
            best = self.best_skill.get(need.skill)
            if best is None:
                self.wrong("PW1242", path, f"nobody has the skill {need.skill!r}", self.best_skill, need.skill)
            elif best < need.level:
                self.wrong("PW1242", path, f"nobody has {need.skill!r} at level {need.level}; the best has {best}", ())
            elif self._able(need) < need.count:
                self.wrong(
                    "PW1242",
                    path,
                    f"{need.count} people with {need.skill!r} are needed; {self._able(need)} are there",
                    (),
                )

    def _able(self, need: Staffing) -> int:
        return sum(crew.count for crew in self.plant.people.values() if crew.skills.get(need.skill, -1) >= need.level)

    def people(self) -> None:
        for name, crew in self.plant.people.items():
            self._known("PW1241", f"people > {name} > shift", crew.shift, self.plant.shifts, "shift")

    def centers(self) -> None:
        for name, center in self.plant.work_centers.items():
            path = f"work centers > {name}"
            self._known("PW1241", f"{path} > shift", center.shift, self.plant.shifts, "shift")
            for failure in center.failures:
                self._staff(f"{path} > failures", failure.by)
                if failure.every.mean <= 0:
                    self.wrong("PW1243", f"{path} > failures", "the time between failures must be above zero", ())
            for care in center.maintenance:
                self._staff(f"{path} > maintenance", care.by)
            if center.setup is not None:
                named = {name for pair in center.setup.between for name in pair} | set(center.setup.into)
                # A family that nothing needs today may be kept for tomorrow; one that looks like another is a slip.
                slips = [name for name in sorted(named - self.families) if nearest(name, self.families)]
                self._known("PW1244", f"{path} > setup", slips, sorted(self.families), "family")
            if center.buffer is not None:
                self._unit(f"{path} > buffer", center.buffer, self._made_at(name))
            if center.batch is not None:
                self._unit(f"{path} > batch > max", center.batch.largest, self._made_at(name))

    def _made_at(self, center: str) -> list[Product]:
        return [
            product
            for product in self.plant.products.values()
            if any(choice.center == center for operation in product.routing for choice in operation.at)
        ]

    def _unit(self, path: str, amount: Amount, products: Iterable[Product]) -> None:
        if amount.of != "piece" or amount.unit == "piece":
            return
        units = {product.unit for product in products}
        if units and amount.unit not in units:
            self.wrong("PW1245", path, f"{amount.unit!r} is not a unit of what is made here; that is {', '.join(sorted(units))}",
                       units, amount.unit)  # fmt: skip

    def others(self) -> None:
        plant = self.plant
        for name, area in plant.areas.items():
            self._known("PW1246", f"areas > {name}", area.work_centers, plant.work_centers, "work center")
        for name, material in plant.materials.items():
            if material.supplier is not None:
                self._known("PW1246", f"materials > {name} > from", [material.supplier], plant.suppliers, "supplier")
        for name, lane in plant.buffers.items():
            self._known("PW1246", f"buffers > {name} > feeds", lane.feeds, plant.work_centers, "work center")
        for name, line in plant.lines.items():
            self._known("PW1246", f"lines > {name} > stations", line.stations, plant.work_centers, "work center")
        for name, move in plant.moves.items():
            others = [other for other in plant.moves if other != name]
            self._known("PW1246", f"moves > {name}", (*move.only_with, *move.not_with), others, "move")

    def product(self, product: Product) -> None:
        path = f"products > {product.name}"
        names = [operation.name for operation in product.routing]
        for operation in product.routing:
            self._operation(f"{path} > routing > {operation.name}", operation, product, names)
        self._way_out(f"{path} > routing", product)
        for release in product.releases:
            if release.rule == "demand" and product.demand is None:
                self.wrong("PW1247", path, "lots start at the demand's rate, but there is no demand", ())
            if release.cards is not None:
                self._unit(f"{path} > release > conwip", release.cards, [product])
            if release.drum is not None:
                self._known(
                    "PW1246", f"{path} > release > drum", [release.drum], self.plant.work_centers, "work center"
                )
        for lot in product.at_start:
            self._known("PW1246", f"{path} > at start", [lot.operation], names, "step")

    def _operation(self, path: str, operation: Operation, product: Product, names: list[str]) -> None:
        plant = self.plant
        centers = [choice.center for choice in operation.at]
        self._known("PW1246", f"{path} > at", centers, plant.work_centers, "work center")
        self._staff(f"{path} > staff", operation.staff)
        tools = [use.tool for use in operation.uses]
        self._known("PW1246", f"{path} > uses", tools, plant.tools, "tool")
        self._known("PW1246", f"{path} > takes", operation.takes, plant.materials, "material")
        self._known("PW1246", f"{path} > next", (n for n in operation.next if n not in _END), names, "step")
        self._known("PW1246", f"{path} > after", operation.after, names, "step")
        if operation.rework is not None:
            self._known("PW1246", f"{path} > rework > back to", [operation.rework.back_to], names, "step")
            if operation.rework.back_to in names[names.index(operation.name) + 1 :]:
                self.wrong(
                    "PW1248", f"{path} > rework > back to", "rework goes back, not forward; use 'next' for that", ()
                )
        if operation.queue_time is not None:
            self._known("PW1246", f"{path} > queue time > until", [operation.queue_time.until], names, "step")
        if operation.next and abs(sum(operation.next.values()) - 1) > 1e-6:
            total = 100 * sum(operation.next.values())
            self.wrong("PW1249", f"{path} > next", f"the shares add up to {total:g} %, not to 100 %", ())
        if (
            operation.time is None
            and operation.interval is None
            and all(choice.time is None for choice in operation.at)
        ):
            self.wrong("PW1225", path, "'time' is missing, such as 'time: 90 min/lot'", ())
        for word in ("time", "load", "unload"):
            self._per(path, word, product)

    def _per(self, path: str, word: str, product: Product) -> None:
        """A time says per what it counts, in the product's own unit; without that only where a lot is one piece."""
        from plantwright.plant.quantities import split_per

        node = self.context.places.get(f"{path} > {word}")
        if not isinstance(node, Scalar):
            return
        per = split_per(node.text.partition(" guess")[0])[1]
        if per is None and product.lot != 1:
            self.wrong("PW1250", f"{path} > {word}",
                       f"{node.text!r} does not say per what; write '{node.text}/lot' or '{node.text}/{product.unit}'", ())  # fmt: skip
        elif per is not None and per not in ("lot", "batch", "piece", product.unit):
            self.wrong("PW1245", f"{path} > {word}", f"per {per!r}: the unit of {product.name!r} is {product.unit!r}",
                       ("lot", "batch", "piece", product.unit), per)  # fmt: skip

    def _way_out(self, path: str, product: Product) -> None:
        """Every step must lead to the end."""
        names = [operation.name for operation in product.routing]
        leads: set[str] = set()
        for _ in names:
            for i, operation in enumerate(product.routing):
                targets = list(operation.next) or ([names[i + 1]] if i + 1 < len(names) else ["end"])
                if any(target in _END or target in leads for target in targets):
                    leads.add(operation.name)
        stuck = [name for name in names if name not in leads]
        if stuck:
            self.wrong(
                "PW1251", f"{path} > {stuck[0]}", f"from {', '.join(stuck)} no way leads to the end of the routing", ()
            )
