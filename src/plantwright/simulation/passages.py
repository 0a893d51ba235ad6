"""From step to step: where the lots of a world may still come, whatever happens to them on the way."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cached_property

from plantwright.simulation import codes
from plantwright.simulation.layout import Columns
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
        self._columns = columns = {concept: Columns(rows) for concept, rows in world.records.items()}
        self._operation, self._product = columns["operation"], columns["product"]
        self._failures_scrap = codes.SCRAP in columns["mode"]["then"]
        self.product: dict[int, int] = {}
        """The product of each operation."""
        firsts = [*self._product["first_operation"], self._first_alternative()]
        for p, last in enumerate(self._product["last_operation"]):
            self.product |= dict.fromkeys(range(firsts[p], firsts[p + 1]), p)
            if last >= 0:
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
        stocks = [o for o in self._product["last_operation"] if o >= 0]
        return min(stocks, default=len(self._operation["main"]))

    def rows_of(self, o: int) -> list[int]:
        """The rows of an operation: that of the first work center that can do it, and of the others."""
        first = self._operation["first_choice"][o]
        return [o, *range(first, first + self._operation["choices"][o] - 1)]

    def begins(self, p: int) -> list[int]:
        """The operations before which lots of product `p` stand when they are released."""
        starts = self._product["starts"][p]
        if starts <= 1:
            return [self._product["first_operation"][p]]
        return self._forks(self._product["first_start"][p], starts)

    def _forks(self, first: int, count: int) -> list[int]:
        return self._columns["fork"]["operation"][first : first + count]

    @cached_property
    def following(self) -> dict[int, frozenset[int]]:
        """The operations that may follow each, rework and what sends back counted; `END` where a lot may be finished."""
        return {o: frozenset(self._following(o)) for o in self.product}

    def _following(self, o: int) -> Iterator[int]:
        p = self.product[o]
        last = self._product["last_operation"][p]
        ended = END if last < 0 or o == last else last
        if p in self._free:
            yield from (other for other, of in self.product.items() if of == p)
            yield ended
        forks, branches = self._operation["forks"][o], self._operation["branches"][o]
        if forks > 1:
            yield from self._forks(self._operation["first_fork"][o], forks)
        elif branches > 0:
            first = self._operation["first_branch"][o]
            for target in self._columns["branch"]["operation"][first : first + branches]:
                yield target if target >= 0 else ended
        else:
            following = self._operation["following"][o]
            yield following if following >= 0 else ended
        behind = self._operation["behind"][o]
        if behind != codes.AS_AFTER_IT:
            yield behind if behind >= 0 else ended
        if self._operation["rework"][o] > 0:
            yield self._operation["rework_to"][o]
        for past, back in self._limits(o):
            if past == codes.PAST_REWORK:
                yield back

    def _limits(self, o: int) -> list[tuple[int, int]]:
        """Of each queue time that ends before an operation: what is done past it, and where lots go back to."""
        first = self._operation["first_limit"][o]
        its = slice(first, first + self._operation["limits"][o])
        return list(zip(self._columns["limit"]["past"][its], self._columns["limit"]["back"][its], strict=True))

    def expels(self, o: int) -> bool:
        """Whether a lot may leave the queue before an operation, as it came too late."""
        return o in self._expelling

    @cached_property
    def _expelling(self) -> frozenset[int]:
        limited = (o for o, limits in enumerate(self._operation["limits"]) if limits)
        return frozenset(o for o in limited if any(past != codes.PAST_REPORT for past, _ in self._limits(o)))

    def may_scrap(self, o: int) -> bool:
        """Whether a lot may be scrapped whole at an operation, or before it."""
        row = self._operation
        spoils = bool(row["good"][o] < 1 or row["finds"][o] > 0 or row["rework_scrap"][o] == 1)
        return spoils or self._failures_scrap or self.expels(o)

    def passed_over(self, o: int) -> bool:
        """Whether not every lot needs an operation."""
        return bool(self._operation["share"][o] < 1)

    def given(self, o: int) -> set[int]:
        """The stores to which an operation gives."""
        first = self._operation["first_give"][o]
        return set(self._columns["take"]["store"][first : first + self._operation["gives"][o]])

    def works_for(self, o: int, drum: int) -> bool:
        """Whether what lots before an operation have still to be done counts at a drum."""
        p, on_way = self.product[o], self._columns["on_way"]
        first = self._product["first_drum"][p]
        own = self._columns["product_drum"]["drum"][first : first + self._product["drums"][p]]
        if drum not in own:
            return False
        row = self._operation["first_on_way"][o] + own.index(drum)
        return bool(on_way["of_lot"][row] > 0 or on_way["of_piece"][row] > 0)

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
