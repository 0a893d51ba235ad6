"""Checks of one product: its release, its steps and the ways between them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plantwright.plant.conversions import units_after, units_at
from plantwright.plant.document import Entries, Scalar
from plantwright.plant.forks import ForkChecks
from plantwright.plant.gathering import check_gathering
from plantwright.plant.material_flow import StoreChecks, check_units
from plantwright.plant.products import Operation, Product, QueueTime
from plantwright.plant.quantities import split_per
from plantwright.plant.resources import Batch
from plantwright.plant.staffing import differ
from plantwright.plant.ways import END, ways_of
from plantwright.units import UnitError

if TYPE_CHECKING:
    from plantwright.plant.checks import Checker


class RoutingChecks:
    """The checks of one product."""

    def __init__(self, checker: Checker, product: Product) -> None:
        self.checker, self.product = checker, product
        self.path = f"products > {product.name}"
        self.order = {operation.name: i for i, operation in enumerate(product.routing)}
        self.units, self.units_after = units_at(product), units_after(product)
        self.made_defects = {defect for operation in product.routing for defect in operation.defects}

    def all(self) -> None:
        """Note everything that does not fit."""
        checker, path = self.checker, self.path
        for operation in self.product.routing:
            self._operation(f"{path} > routing > {operation.name}", operation)
        if not checker.broken(f"{path} > routing"):
            self._way_out(f"{path} > routing")
            check_units(self)
            check_gathering(self)
        for release in self.product.releases:
            if release.rule == "demand" and self.product.demand is None:
                reason = "lots start at the demand's rate, but there is no demand"
                checker.wrong("PW1247", f"{path} > release", reason, ())
            if release.cards is not None:
                checker.unit(f"{path} > release > conwip", release.cards, {self.product.lot_unit or self.product.unit})
            if release.drum is not None:
                checker.centers_known(f"{path} > release > drum", [release.drum])
            single = dict.fromkeys(step for order in release.orders for step in order.routing)
            self._steps_known(f"{path} > release > orders", single)
            for steps in dict.fromkeys(order.routing for order in release.orders):
                self._own_routing(f"{path} > release > orders", steps)
        if self.product.stock is not None:
            checker.unit(f"{path} > stock > capacity", self.product.stock, {self.product.unit})
        self._steps_known(f"{path} > at start", dict.fromkeys(lot.operation for lot in self.product.at_start))

    def _units(self, operation: Operation) -> set[str]:
        """The units in which lots are counted as they come to a step and as they leave it."""
        return {self.units.get(operation.name, self.product.unit), self.units_after[operation.name]}

    def _steps_known(self, path: str, names: object) -> None:
        self.checker.known("PW1246", path, names, self.order, "step", f"{self.path} > routing")  # type: ignore[arg-type]

    def _own_routing(self, path: str, steps: tuple[str, ...]) -> None:
        """In an order's own routing, rework goes back to a step that it has, too, and lots come to each step in the unit that it counts."""
        unit = self.product.lot_unit or self.product.unit
        for i, name in enumerate(steps):
            if name in self.order:
                counted, before = self.units.get(name, unit), unit
                becomes = self.product.operation(name).becomes
                unit = becomes.unit if becomes else before
                if counted != before:
                    reason = (
                        f"lots come to {name!r} in {counted}, but in {before} in the routing {' > '.join(steps)!r} of an order; "
                        "leave out no step that turns them into another unit, and take it once"
                    )
                    self.checker.wrong("PW1275", path, reason, ())
                    return
            rework = self.product.routing[self.order[name]].rework if name in self.order else None
            if rework is not None and rework.back_to not in steps[: i + 1]:
                reason = (
                    f"{name!r} sends its rework back to {rework.back_to!r}, which does not stand before it in the routing "
                    f"{' > '.join(steps)!r} of an order"
                )
                self.checker.wrong("PW1248", path, reason, ())

    def _operation(self, path: str, operation: Operation) -> None:
        checker, plant = self.checker, self.checker.plant
        checker.centers_known(f"{path} > at", [choice.center for choice in operation.at])
        self._alternatives(f"{path} > at", operation)
        at = [plant.work_centers[choice.center] for choice in operation.at if choice.center in plant.work_centers]
        if operation.transfer is not None and any(center.places > 1 for center in at):
            reason = "pieces cannot go on before their lot is done where a machine has several places ('places')"
            checker.wrong("PW1258", f"{path} > transfer", reason, ())
        stations = {station for line in plant.lines.values() for station in line.stations}
        if operation.transfer is not None and any(choice.center in stations for choice in operation.at):
            checker.wrong(
                "PW1259",
                f"{path} > transfer",
                "a station of a paced line gives a lot when the line indexes, not before",
                (),
            )
        if operation.interval is not None and operation.time is not None:
            for choice in operation.at:
                center = plant.work_centers.get(choice.center)
                if center is not None and center.places == 1:
                    reason = f"nothing can start after an interval, as a machine of {choice.center!r} has one place; write 'places: 2' there"
                    checker.wrong("PW1257", f"{path} > interval", reason, ())
        if operation.batch is not None:
            self._batch(f"{path} > batch", operation, operation.batch)
        if operation.own_staff:
            checker.staff(f"{path} > staff", operation.staff)
        elif differ(operation, {name: center.staff for name, center in plant.work_centers.items()}):
            reason = (
                "its work centers need different people, and nobody knows yet which; say here who does it, with 'staff'"
            )
            checker.wrong("PW1252", f"{path} > at", reason, ())
        for use in operation.uses:
            tool = plant.tools.get(use.tool)
            checker.known("PW1246", f"{path} > uses", [use.tool], plant.tools, "tool", "tools")
            if tool is not None and use.count > tool.count:
                checker.wrong(
                    "PW1246", f"{path} > uses", f"{use.count} of {use.tool!r} are needed; there is {tool.count}", ()
                )
            self._steps_known(f"{path} > uses", [use.until] if use.until else ())
        StoreChecks(self, path, operation).all()
        self._flow(path, operation)
        self._quality(path, operation)
        self._times(path, operation)

    def _batch(self, path: str, operation: Operation, own: Batch) -> None:
        """Batches of its own: where there are batches, counted as there, and of one operation only."""
        for choice in operation.at:
            center = self.checker.plant.work_centers.get(choice.center)
            if center is None:
                continue
            reason = ""
            if center.batch is None:
                reason = f"{choice.center!r} does not work in batches; write 'batch: {{max: ...}}' there"
            elif center.batch.together != "same operation":
                reason = f"lots of several operations share a batch at {choice.center!r}; leave out 'batch with' there, or 'batch' here"
            elif (center.batch.largest.of, center.batch.smallest.of) != (own.largest.of, own.smallest.of):
                reason = f"count what {choice.center!r} counts: max in {center.batch.largest.unit}s, min in {center.batch.smallest.unit}s"
            if reason:
                self.checker.wrong("PW1276", path, reason, ())
        for word, amount in (("max", own.largest), ("min", own.smallest)):
            self.checker.unit(f"{path} > {word}", amount, self._units(operation))

    def _alternatives(self, path: str, operation: Operation) -> None:
        """Work centers to choose from: each once, and none that would take every lot at once."""
        names = [choice.center for choice in operation.at]
        twice = dict.fromkeys(name for name in names if names.count(name) > 1)
        for name in twice:
            self.checker.wrong("PW1252", path, f"{name!r} is named twice; name each work center once", (), name)
        centers = self.checker.plant.work_centers
        delays = {name: (centers[name].delay, centers[name].delay_shift) for name in names if name in centers}
        if len(set(delays.values())) > 1:
            reason = f"lots lie for different delays before {' and '.join(map(repr, delays))}, and nobody knows yet where they go; give each the same 'delay' and 'delay shift'"
            self.checker.wrong("PW1252", path, reason, ())
        for name in names if len(names) > 1 else ():
            center = self.checker.plant.work_centers.get(name)
            if center is not None and center.machines is None:
                reason = (
                    f"{name!r} has unlimited machines, so that every lot would go there; give it a number of machines"
                )
                self.checker.wrong("PW1252", path, reason, (), name)

    def _same_machine(self, path: str, operation: Operation, followed: Operation) -> None:
        """A lot can come back to its machine: the step is done at that work center, there alone, and not in a batch of several lots."""
        center = self.checker.plant.work_centers.get(operation.center)
        reason = ""
        if operation.center not in [choice.center for choice in followed.at]:
            reason = f"{followed.name!r} is not done at {operation.center!r}, so that no machine of it did it"
        elif len(operation.at) > 1:
            reason = f"the step may be done at several work centers; name the one where {followed.name!r} is done"
        elif center is not None and center.batch is not None:
            reason = f"{operation.center!r} works in batches, whose lots may come from different machines"
        elif center is not None and center.machines is None:
            reason = f"{operation.center!r} has unlimited machines"
        if reason:
            self.checker.wrong("PW1253", path, reason, (), operation.same_machine_as)

    def _flow(self, path: str, operation: Operation) -> None:
        checker = self.checker
        self._steps_known(f"{path} > next", [name for name in operation.next if name not in END])
        self._steps_known(f"{path} > after", operation.after)
        self._steps_known(f"{path} > same machine as", [operation.same_machine_as] if operation.same_machine_as else ())
        self._steps_known(f"{path} > share until", [operation.share_until] if operation.share_until else ())
        if operation.same_machine_as in self.order:
            self._same_machine(
                f"{path} > same machine as", operation, self.product.operation(operation.same_machine_as)
            )
        if operation.queue_time is not None:
            self._steps_known(f"{path} > queue time > until", [operation.queue_time.until])
            self._queue_time(f"{path} > queue time", operation.queue_time)
        if operation.next and abs(sum(operation.next.values()) - 1) > 1e-6:
            total = 100 * sum(operation.next.values())
            checker.wrong("PW1249", f"{path} > next", f"the shares add up to {total:g} %, not to 100 %", ())
        for word, amount in (("split", operation.split), ("merge", operation.merge), ("transfer", operation.transfer)):
            if amount is not None:
                checker.unit(f"{path} > {word}", amount, self._units(operation))
        if operation.transfer is not None:
            self._transfer(f"{path} > transfer", operation)

    def _queue_time(self, path: str, limit: QueueTime) -> None:
        """Who comes too late can be kept from starting only where lots wait."""
        if limit.until not in self.order or limit.past == "report":
            return
        step = self.product.operation(limit.until)
        center = self.checker.plant.work_centers.get(step.center)
        if center is not None and center.machines is None:
            reason = f"{step.center!r} has unlimited machines, where every lot starts at once; only 'past: report' is looked at there"
            self.checker.wrong("PW1273", f"{path} > past", reason, ())

    def _transfer(self, path: str, operation: Operation) -> None:
        """Pieces can go on before the others only where they are done one after the other."""
        reason = ""
        if operation.transfer is not None and operation.transfer.of != "piece":
            reason = "a transfer is so many pieces of a lot"
        for choice in operation.at:
            center = self.checker.plant.work_centers.get(choice.center)
            time = choice.time or operation.time
            if center is not None and center.machines is None:
                reason = f"{choice.center!r} has unlimited machines, where a lot spends its time as a whole"
            elif (center is not None and center.batch is not None) or (time is not None and time.per == "batch"):
                reason = f"{choice.center!r} works in batches, whose pieces are all done at once"
        if reason:
            self.checker.wrong("PW1270", path, reason, ())

    def _quality(self, path: str, operation: Operation) -> None:
        checker = self.checker
        checker.known("PW1246", f"{path} > finds", operation.finds, self.made_defects, "defect")
        if operation.rework is None:
            return
        back = operation.rework.back_to
        self._steps_known(f"{path} > rework > back to", [back])
        if self.order.get(back, -1) > self.order[operation.name]:
            reason = "rework goes back, not forward; use 'next' for that"
            checker.wrong("PW1248", f"{path} > rework > back to", reason, ())

    def _times(self, path: str, operation: Operation) -> None:
        given = f"{path} > time" in self.checker.context.places
        timed = operation.time or operation.interval or given or all(choice.time for choice in operation.at)
        if not timed:
            self.checker.wrong("PW1225", path, "'time' is missing, such as 'time: 90 min/lot'", ())
        words = ["time", "time > interval", "load", "unload", "interval", "at > time"]
        words += [f"at > {number} > time" for number in range(1, len(operation.at) + 1)]
        for word in words:
            self._per(f"{path} > {word}", operation)
        for word in ("takes", "gives"):
            node = self.checker.context.places.get(f"{path} > {word}")
            if isinstance(node, Entries):
                for key, value in node:
                    if isinstance(value, Scalar):
                        self._per_of(f"{path} > {word} > {key.text}", value.text, operation)

    def _per(self, path: str, operation: Operation) -> None:
        node = self.checker.context.places.get(path)
        if isinstance(node, Scalar):
            self._per_of(path, node.text, operation)

    def _per_of(self, path: str, text: str, operation: Operation) -> None:
        """A time or an amount says per what it counts, in the unit of the lots there; without that only where a lot is one piece."""
        try:
            per = split_per(text.partition(" guess")[0])[1]
        except UnitError:
            return  # said when it was read
        unit = self.units.get(operation.name, self.product.unit)
        if per is None and self.product.lot != 1:
            reason = f"{text!r} does not say per what; write '{text}/lot' or '{text}/{unit}'"
            self.checker.wrong("PW1250", path, reason, (), text)
        elif per is not None and per not in ("lot", "batch", "piece", unit):
            reason = f"per {per!r}: the unit of {self.product.name!r} is {unit!r}"
            if unit != self.product.unit:
                reason = f"per {per!r}: lots of {self.product.name!r} come to this step in {unit!r}"
            self.checker.wrong("PW1245", path, reason, ("lot", "batch", "piece", unit), per)

    def _way_out(self, path: str) -> None:
        """Every step must lead to the end: whatever cannot be walked back to from the end is stuck."""
        ways = ways_of(self.product)
        if any(step not in self.order for names in ways.following.values() for step in names):
            return  # an unknown step may lead anywhere; it is noted already
        if any(before not in self.order for operation in self.product.routing for before in operation.after):
            return
        forks = ForkChecks(self.checker, self.product, path)
        if not forks.named():
            return
        names = list(self.order)
        from_whom: dict[str, list[str]] = {}
        for name, following in ways.following.items():
            for target in following:
                from_whom.setdefault(target, []).append(name)
        ends = [operation.name for operation in self.product.routing if ways.ends(operation)]
        for operation in self.product.routing:
            behind = ways.behind(operation.share_until) if operation.share_until in self.order else operation.name
            if behind is None:
                ends.append(operation.name)
            elif behind != operation.name:
                from_whom.setdefault(behind, []).append(operation.name)
        leads = set(ends)
        while ends:
            for before in from_whom.get(ends.pop(), ()):
                if before not in leads:
                    leads.add(before)
                    ends.append(before)
        stuck = [name for name in names if name not in leads]
        if stuck:
            reason = f"from {', '.join(stuck)} no way leads to the end of the routing"
            self.checker.wrong("PW1251", f"{path} > {stuck[0]}", reason, ())
        else:
            forks.all()
            forks.left_out()
