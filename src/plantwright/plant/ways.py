"""The ways of a lot from step to step: what follows what, where a lot is forked, and where its parts come together."""

from __future__ import annotations

from functools import cached_property

from plantwright.plant.once import Once
from plantwright.plant.products import Operation, Product

END = ("end", "done", "finished")
"""Words for the end of a routing in `next`."""


class Ways:
    """The ways of a product's routing, its steps by name.

    Parameters
    ----------
    product : Product
    """

    def __init__(self, product: Product) -> None:
        self.product = product
        self.order = {operation.name: i for i, operation in enumerate(product.routing)}

    @cached_property
    def following(self) -> dict[str, tuple[str, ...]]:
        """The steps that may follow each step, in their order; none at the end of the routing."""
        named: dict[str, list[str]] = {}
        for operation in self.product.routing:
            for before in dict.fromkeys(operation.after):
                named.setdefault(before, []).append(operation.name)
        found: dict[str, tuple[str, ...]] = {}
        for i, operation in enumerate(self.product.routing):
            later = self.product.routing[i + 1 : i + 2]
            if operation.next:
                found[operation.name] = tuple(name for name in operation.next if name not in END)
            elif operation.name in named:
                found[operation.name] = tuple(named[operation.name])
            else:
                found[operation.name] = tuple(step.name for step in later if not step.after)
        return found

    def behind(self, name: str) -> str | None:
        """The step that stands behind one, whatever its `next`: that which names it in `after`, or the next of the list; None at the end."""
        named = [operation.name for operation in self.product.routing if name in operation.after]
        later = self.product.routing[self.order[name] + 1 : self.order[name] + 2]
        return next(iter([*named, *(step.name for step in later if not step.after)]), None)

    def ends(self, operation: Operation) -> bool:
        """Whether the routing may end with a step."""
        if operation.next:
            return any(name in END for name in operation.next)
        return not self.following[operation.name]

    @cached_property
    def forks(self) -> dict[str, tuple[str, ...]]:
        """The steps behind which a lot is forked, each with the first steps of its parts."""
        return {
            operation.name: self.following[operation.name]
            for operation in self.product.routing
            if not operation.next and len(self.following[operation.name]) > 1
        }

    @cached_property
    def starts(self) -> tuple[str, ...]:
        """The steps with which a lot begins: the first, and those that a join waits for and that nothing leads to."""
        led_to = {name for names in self.following.values() for name in names}
        waited_for = {name for operation in self.product.routing for name in operation.after}
        return tuple(name for i, name in enumerate(self.order) if i == 0 or (name in waited_for and name not in led_to))

    def forward(self, name: str) -> tuple[str, ...]:
        """The steps that may follow a step, done or left out, and stand behind it in the list."""
        until = self.product.routing[self.order[name]].share_until
        beyond = self.behind(until) if until in self.order else None
        ahead = self.following[name] if beyond is None else dict.fromkeys((*self.following[name], beyond))
        return tuple(step for step in ahead if self.order.get(step, -1) > self.order[name])

    @cached_property
    def reach(self) -> dict[str, frozenset[str]]:
        """The steps to which a lot may still come from each step, going forward."""
        found: dict[str, frozenset[str]] = {}
        for operation in reversed(self.product.routing):
            ahead = self.forward(operation.name)
            found[operation.name] = frozenset(ahead).union(*(found[step] for step in ahead))
        return found

    @cached_property
    def _certain(self) -> dict[str, frozenset[str]]:
        """The steps to which a lot certainly comes from each step, going forward, the step itself counted."""
        found: dict[str, frozenset[str]] = {}
        for operation in reversed(self.product.routing):
            ahead = [found[step] for step in self.forward(operation.name)]
            common = frozenset.intersection(*ahead) if ahead and not self.ends(operation) else frozenset()
            found[operation.name] = common | {operation.name}
        return found

    def join_of(self, parts: tuple[str, ...]) -> str | None:
        """The first step at which all parts that begin with these steps wait for each other; None where there is none."""
        common = frozenset.intersection(*(self._certain[name] for name in parts))
        joins = [name for name in common if self.product.operation(name).after]
        return min(joins, key=self.order.__getitem__, default=None)

    def inside(self, parts: tuple[str, ...]) -> frozenset[str]:
        """The steps that parts which begin with these may do before all of them are together."""
        join = self.join_of(parts)
        beyond = frozenset() if join is None else self.reach[join] | {join}
        return frozenset(parts).union(*(self.reach[name] for name in parts)) - beyond

    @property
    def parted(self) -> list[tuple[str, tuple[str, ...]]]:
        """Where lots are forked: the step behind which (``""`` for the release), and the first steps of the parts."""
        begin = [("", self.starts)] if len(self.starts) > 1 else []
        return begin + list(self.forks.items())

    def _parts_before(self, name: str, parts: tuple[str, ...]) -> frozenset[str]:
        """Of the first steps of parts, those from which a step is reached."""
        return frozenset(part for part in parts if part == name or name in self.reach[part])

    def side_by_side(self, one: str, other: str) -> bool:
        """Whether two steps are done by different parts of one lot."""
        for _, parts in self.parted:
            first, second = self._parts_before(one, parts), self._parts_before(other, parts)
            if first and second and not first & second:
                return True
        return False

    @cached_property
    def counted(self) -> dict[str, tuple[str, ...]]:
        """As `following`, but where parts of a lot come together, only the ways of one of them: of many visits there is one."""
        ways: dict[str, tuple[str, ...]] = {}
        come: dict[str, list[str]] = {}
        for name, following in self.following.items():
            kept = []
            for target in following:
                others = come.setdefault(target, [])
                if not any(self.side_by_side(name, other) for other in others):
                    others.append(name)
                    kept.append(target)
            ways[name] = tuple(kept)
        return ways


ways_of = Once(Ways)
"""The ways of a product, found once: the products of plants that differ in little are the same objects."""
