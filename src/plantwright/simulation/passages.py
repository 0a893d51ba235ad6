"""From step to step: where the lots of a world may still come, whatever happens to them on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from plantwright.simulation import codes
from plantwright.simulation.world import World

END = -1
"""What follows a step with which a lot may be finished."""


class Passages:
    """The operations of a world by their rows, and what may follow each.

    Parameters
    ----------
    world : World
    """

    def __init__(self, world: World) -> None:
        self._records = world.records
        self._drums = int(world.run.drums[0])
        self._operation, self._product = world.records["operation"], world.records["product"]
        self._failures_scrap = bool((world.records["mode"]["then"] == codes.SCRAP).any())
        self.product: dict[int, int] = {}
        """The product of each operation."""
        firsts = [*self._product["first_operation"].tolist(), self._first_alternative()]
        for p in range(len(self._product)):
            self.product |= dict.fromkeys(range(firsts[p], firsts[p + 1]), p)
            if (last := int(self._product["last_operation"][p])) >= 0:
                self.product[last] = p
        # The order of an own routing is not looked at: its lots may come from any step to any other.
        orders, releases = world.records["order"], world.records["release"]
        self._free = {
            int(row["product"])
            for row in releases
            if (orders["route"][row["first_order"] : row["first_order"] + row["orders"]] >= 0).any()
        }

    def _first_alternative(self) -> int:
        main = self._operation["main"]
        return next((o for o in range(len(main)) if main[o] != o), self._first_stock())

    def _first_stock(self) -> int:
        stocks = [int(o) for o in self._product["last_operation"] if o >= 0]
        return min(stocks, default=len(self._operation))

    def rows_of(self, o: int) -> list[int]:
        """The rows of an operation: that of the first work center that can do it, and of the others."""
        first = int(self._operation["first_choice"][o])
        return [o, *range(first, first + int(self._operation["choices"][o]) - 1)]

    def begins(self, p: int) -> list[int]:
        """The operations before which lots of product `p` stand when they are released."""
        row = self._product[p]
        if row["starts"] <= 1:
            return [int(row["first_operation"])]
        return self._forks(int(row["first_start"]), int(row["starts"]))

    def _forks(self, first: int, count: int) -> list[int]:
        return [int(o) for o in self._records["fork"]["operation"][first : first + count]]

    @cached_property
    def following(self) -> dict[int, frozenset[int]]:
        """The operations that may follow each, rework and what sends back counted; `END` where a lot may be finished."""
        return {o: frozenset(self._following(o)) for o in self.product}

    def _following(self, o: int) -> Iterator[int]:
        row, p = self._operation[o], self.product[o]
        last = int(self._product["last_operation"][p])
        ended = END if last < 0 or o == last else last
        if p in self._free:
            yield from (other for other, of in self.product.items() if of == p)
            yield ended
        if row["forks"] > 1:
            yield from self._forks(int(row["first_fork"]), int(row["forks"]))
        elif row["branches"] > 0:
            first = int(row["first_branch"])
            for target in self._records["branch"]["operation"][first : first + int(row["branches"])]:
                yield int(target) if target >= 0 else ended
        else:
            yield int(row["following"]) if row["following"] >= 0 else ended
        if row["rework"] > 0:
            yield int(row["rework_to"])
        for limit in self._limits(o):
            if limit["past"] == codes.PAST_REWORK:
                yield int(limit["back"])

    def _limits(self, o: int) -> list[dict[str, int]]:
        first = int(self._operation["first_limit"][o])
        return list(self._records["limit"][first : first + int(self._operation["limits"][o])])

    def expels(self, o: int) -> bool:
        """Whether a lot may leave the queue before an operation, as it came too late."""
        return any(limit["past"] != codes.PAST_REPORT for limit in self._limits(o))

    def may_scrap(self, o: int) -> bool:
        """Whether a lot may be scrapped whole at an operation, or before it."""
        row = self._operation[o]
        spoils = bool(row["good"] < 1 or row["finds"] > 0 or row["rework_scrap"] == 1)
        return spoils or self._failures_scrap or self.expels(o)

    def passed_over(self, o: int) -> bool:
        """Whether not every lot needs an operation."""
        return bool(self._operation["share"][o] < 1)

    def given(self, o: int) -> set[int]:
        """The stores to which an operation gives."""
        first = int(self._operation["first_give"][o])
        return {int(s) for s in self._records["take"]["store"][first : first + int(self._operation["gives"][o])]}

    def works_for(self, o: int, drum: int) -> bool:
        """Whether what lots before an operation have still to be done counts at a drum."""
        row = self._records["on_way"][o * self._drums + drum]
        return bool(row["of_lot"] > 0 or row["of_piece"] > 0)

    @cached_property
    def beyond(self) -> dict[int, set[int]]:
        """All operations that may come after each, `END` among them."""
        found: dict[int, set[int]] = {}
        for o in self.product:
            seen: set[int] = set()
            ahead = list(self.following[o])
            while ahead:
                other = ahead.pop()
                if other not in seen:
                    seen.add(other)
                    ahead += self.following.get(other, ())
            found[o] = seen
        return found

    def comes_to(self, o: int, targets: Iterable[int]) -> bool:
        """Whether a lot that stands before an operation may come to one of others, that one counted."""
        return not ({o} | self.beyond[o]).isdisjoint(targets)
