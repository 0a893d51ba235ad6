"""Checks of the places where a lot is forked into parts that go their own ways, and where these come together."""

from __future__ import annotations

from typing import TYPE_CHECKING

from plantwright.plant.products import Operation, Product
from plantwright.plant.ways import ways_of

if TYPE_CHECKING:
    from plantwright.plant.checks import Checker


class ForkChecks:
    """The checks of one product whose steps are all known."""

    def __init__(self, checker: Checker, product: Product, path: str) -> None:
        self.checker, self.product, self.path = checker, product, path
        self.ways = ways_of(product)

    def named(self) -> bool:
        """Note every step that `after` names and that does not lead there; whether there is none."""
        found = [self._leads(operation, before) for operation in self.product.routing for before in operation.after]
        return all(found)

    def all(self) -> None:
        """Note every fork whose parts do not come together, and what they cannot do before they are."""
        for place, parts in self.ways.parted:
            join = self.ways.join_of(parts)
            if join is None:
                reason = (
                    f"{' and '.join(parts)} follow {place or 'the release'} side by side, but do not come together: a step to which "
                    "all of them lead must name them, or what follows them, in its 'after'"
                )
                self.checker.wrong("PW1271", f"{self.path} > {place or parts[0]}", reason, ())
                continue
            if place and self.product.operation(place).share < 1:
                reason = "lots that leave out this step would not be forked; let every lot do it"
                self.checker.wrong("PW1272", f"{self.path} > {place} > share", reason, ())
            for name in sorted(self.ways.inside(parts), key=self.ways.order.__getitem__):
                self._inside(self.product.operation(name), self.ways.inside(parts), join)

    def left_out(self) -> None:
        """Note every `share until` that names no later step of the same way, or where lots are forked, joined or counted in another unit on it."""
        forked = {place for place, _ in self.ways.parted}
        for operation in self.product.routing:
            last = operation.share_until
            if last is None:
                continue
            path, first = f"{self.path} > {operation.name} > share until", self.ways.order[operation.name]
            steps = self.product.routing[first : self.ways.order[last] + 1]
            if last != operation.name and last not in self.ways.reach[operation.name]:
                reason = f"lots do not come from {operation.name!r} on to {last!r}; name a later step of the same way"
                self.checker.wrong("PW1248", path, reason, (), last)
            elif any(step.name in forked or step.becomes is not None for step in steps) or any(
                step.after for step in steps[1:]
            ):
                reason = "among the steps that are left out together lots are forked, joined or counted in another unit; let every lot do them"
                self.checker.wrong("PW1272", path, reason, (), last)

    def _leads(self, operation: Operation, before: str) -> bool:
        path = f"{self.path} > {operation.name} > after"
        if self.ways.order[before] >= self.ways.order[operation.name]:
            reason = f"{before!r} does not stand before {operation.name!r} in the list"
            self.checker.wrong("PW1271", path, reason, (), before)
            return False
        following = self.product.operation(before).next
        if following and operation.name not in following:
            reason = f"the 'next' of {before!r} does not lead here; it leads to {', '.join(following)}"
            self.checker.wrong("PW1271", path, reason, (), before)
            return False
        return True

    def _inside(self, operation: Operation, inside: frozenset[str], join: str) -> None:
        """What a part of a lot cannot do before it is one with the others again."""
        path = f"{self.path} > {operation.name}"
        given = {
            "split": operation.split is not None,
            "merge": operation.merge is not None,
            "transfer": operation.transfer is not None,
            "gives": operation.becomes is not None,
        }
        for word, there in given.items():
            if there:
                reason = f"a lot that is forked cannot do that before its parts are together again at {join!r}"
                self.checker.wrong("PW1272", f"{path} > {word}", reason, ())
        ways = [("next", name) for name in operation.next if name in self.ways.order]
        if operation.rework is not None:
            ways.append(("rework > back to", operation.rework.back_to))
        for step in self.product.routing:
            limit = step.queue_time
            if limit is not None and limit.past == "rework" and limit.until == operation.name:
                ways.append(("queue time", step.name))
        for word, target in ways:
            if target not in inside and target != join:
                reason = f"a part of a forked lot cannot go to {target!r}, outside its way to {join!r}"
                self.checker.wrong("PW1272", f"{path} > {word}", reason, (), target)
