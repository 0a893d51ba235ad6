"""What of a plant can still go on: machines, work centers, steps, parts and cards.

All that can be shown to go on is gathered, again and again, until nothing more is found; what is left never will. A machine that
stands empty or works can go on; a blocked one can if a work center that its lot may go to will have room; a work center will have room
if one of its machines can go on and a lot before it can start there. A lot can start where a machine may be set up for it, and the
tools, cards, parts and materials that it lacks are free, or will be given back or made by who can go on. A machine that keeps its setup
for a least number of lots changes it once another lot of that setup can start. What waits for anything else (people, an order, an hour,
other lots) is taken to go on, so that a plant which is merely slow is never called locked.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cached_property

import numpy as np

from plantwright.simulation import codes
from plantwright.simulation.codes import NOT_CARRIED, PARTS_OF_A_PIECE
from plantwright.simulation.passages import END
from plantwright.simulation.whereabouts import Whereabouts
from plantwright.simulation.world import World


class Standstill(Whereabouts):
    """Which machines and work centers of a world can go on, where lots may still come, and what will be given back or made.

    Parameters
    ----------
    world : World
        At the end of a run.
    """

    def __init__(self, world: World) -> None:
        super().__init__(world)
        self._need = self.columns["need"]
        self._sizes = self._least_and_most()
        self.going: set[int] = set()
        """Machines that can go on."""
        self.roomy: set[int] = set()
        """Work centers that have or will have room."""
        self.draining: set[int] = set()
        """Work centers before which a lot waits that will start: of a buffer that they share places come free."""
        self.comes: set[int] = set()
        """Operations before which lots will come that are not there yet."""
        self.passes: set[int] = set()
        """Operations that lots will do or leave out."""
        self.supplied = self._always_supplied()
        """Stores that will get more."""
        self._gave: set[int] = set()
        self._leaving: set[int] = set()
        self._followed: set[int] = set()
        self.turning: set[int] = set()
        """Loops whose cards will come back."""
        self.changing = {m for m in self.machines if not self.keeps(m)}
        """Machines that may change their setup, or will have one lot more with the one that they have."""
        self._kept_for = {m: self.kept_for(m) for m in self.machines if m not in self.changing}
        self._supply: dict[int, int] = {}
        while self._look():
            pass

    def _look(self) -> bool:
        """Find what more can go on; whether anything was found."""
        found = (
            self.going,
            self.roomy,
            self.draining,
            self.comes,
            self.passes,
            self.supplied,
            self.turning,
            self.changing,
        )
        before = sum(map(len, found))
        self._supply = self._to_be_had()
        self.changing |= {m for m in self.machines if m not in self.changing and self._changes(m)}
        self.going |= {m for m in self.machines if m not in self.going and self._machine_goes_on(m)}
        self.roomy |= {c for c in self.centers if c not in self.roomy and self._has_room(c)}
        self.draining |= {c for c in self.centers if c not in self.draining and self._drains(c)}
        self._follow()
        self._supply_more()
        self.turning |= {loop for loop in self._tied if loop not in self.turning and self._turns(loop)}
        # Tools that come back because of what was found may let more go on.
        return sum(map(len, found)) > before or self._to_be_had() != self._supply

    def _has_way_in(self, o: int) -> bool:
        """Whether an operation can be come to: a work center that can do it has room."""
        targets = self.centers_of(o)
        return bool(targets & self.roomy) or any(self.lane_of(c) & self.draining for c in targets)

    def _machine_goes_on(self, m: int) -> bool:
        job = self.machine["job"][m]
        if job == codes.DONE:
            head = self.machine["head"][m]
            return self.machine["blocked_by"][m] < 0 or head < 0 or self._has_way_in(self.main(head))
        if job == codes.IN_PROCESS and self.machine["wants"][m] == 1 and self.machine["lacks"][m] == codes.LACKS_TOOL:
            return not self.lacked(self.machine["operation"][m], self.lots_on(m))
        return True

    def _has_room(self, c: int) -> bool:
        # Finished stock has room when it is sold.
        if self.center["places"][c] < 0 or self.center["stock"][c] == 1:
            return True
        return any(self._has_room_for(c, size) for size in self._sizes) or self._drains(c)

    def _has_room_for(self, c: int, size: float) -> bool:
        """Whether a lot of a size finds room at a work center once all machines that can go on are empty."""
        places = float(self.center["places"][c]) + 1e-9
        if self.center["lane"][c] < 0:
            return self._beyond(c, size) <= places
        beside = sum(max(0.0, self._beyond(other, size, 0)) for other in self.lane_of(c))
        own = self._beyond(c, size)
        return own <= 0 or beside + own - max(0.0, self._beyond(c, size, 0)) <= places

    def _beyond(self, c: int, size: float, more: int = 1) -> float:
        """What waits at a work center beyond one job for each machine that can go on, with so many lots of a size more."""
        in_pieces = self.center["places_in_pieces"][c] == 1
        used = float(self.center["queue_pieces" if in_pieces else "queue"][c])
        size = size if in_pieces else 1.0
        jobs: int = sum(m in self.going for m in self.of(c)) * self.center["batch_lots"][c]
        return used + more * size - jobs * size

    def _least_and_most(self) -> tuple[float, float]:
        """The pieces of the smallest and of the largest lot that there may be; nothing, where lots may lose some."""
        pieces = [self.lot["pieces"][lot] for lot in self.lots] + self.release["pieces"]
        operation = self.world.records["operation"]
        shrinks = (
            ((operation["good"] < 1) & (operation["scrap_lot"] == 0)).any()
            or (operation["finds"] > 0).any()
            or (operation["makes_lots"] == 1).any()
            or (operation["factor"] != 1).any()
            or codes.BY_ORDERS in self.release["rule"]
        )
        return (0.0 if shrinks else min(pieces, default=0.0)), max(pieces, default=0.0)

    def _drains(self, c: int) -> bool:
        if any(self.goes_in(c, ticket) for ticket in self.queue(c)):
            return True
        return any(self._is_passable(self.main(lot)) for lot in self.under_way.get(c, ()))

    def goes_in(self, c: int, ticket: int) -> bool:
        """Whether the lot of a ticket will start at a work center, or leave its queue as it comes too late."""
        o, lot = self.ticket["operation"][ticket], self.ticket["lot"][ticket]
        machines = [m for m in self.of(c) if m in self.going]
        if machines and self.passages.expels(self.operation["main"][o]):
            return True
        fits = any(self.may_take(m, o) and self._is_bound_to(m, o, lot) for m in machines)
        return fits and not self.lacked(o, [lot]) and not self.short_of(o, lot)

    def may_take(self, m: int, o: int) -> bool:
        """Whether a machine can do an operation, and is set up for it or will change its setup."""
        only = self.machine["only"][m]
        if only >= 0 and self.world.arrays["qualified"][only + self.operation["family"][o]] == 0:
            return False
        setup = self.machine["setup"][self.machine["lead"][m]]
        return setup in (-1, self.operation["setup"][o]) or m in self.changing

    def _is_bound_to(self, m: int, o: int, lot: int) -> bool:
        """Whether a lot is not bound to another machine than this one by the step before."""
        column = self.operation["bound"][o]
        if column < 0:
            return True
        bound = int(self.world.arrays["machines_of_lots"][lot, column])
        same = bound in (-1, self.machine["lead"][m])
        return same or self.machine["center"][bound] != self.machine["center"][m]

    def keeps(self, m: int) -> bool:
        """Whether a machine has not yet had so many lots of its setup as it must before it changes."""
        lead, c = self.machine["lead"][m], self.machine["center"][m]
        setup = self.machine["setup"][lead]
        if setup < 0 or self.center["minimum_run"][c] <= 0:
            return False
        run = self.world.arrays["minimum_runs"][self.center["minimum_offset"][c] + setup]
        return bool(self.machine["since_setup"][lead] < run)

    def kept_for(self, m: int) -> list[int]:
        """The operations for which a machine is set up and that it can do, by their rows at its work center."""
        c, setup = self.machine["center"][m], self.machine["setup"][self.machine["lead"][m]]
        rows = self._rows_by_setup.get((c, setup), [])
        only = self.machine["only"][m]
        return [o for o in rows if only < 0 or self.world.arrays["qualified"][only + self.operation["family"][o]]]

    @cached_property
    def _rows_by_setup(self) -> dict[tuple[int, int], list[int]]:
        """The operations of each work center that need each setup."""
        found: dict[tuple[int, int], list[int]] = {}
        for o, row in enumerate(zip(self.operation["center"], self.operation["setup"], strict=True)):
            found.setdefault(row, []).append(o)
        return found

    def _changes(self, m: int) -> bool:
        wanted = self._kept_for[m]
        if any(self.operation["main"][o] in self.comes and not self.short_of(o) for o in wanted):
            return True
        return any(
            self.ticket["operation"][ticket] in wanted and self._starts(ticket)
            for ticket in self.queue(self.machine["center"][m])
        )

    def _starts(self, ticket: int) -> bool:
        o, lot = self.ticket["operation"][ticket], self.ticket["lot"][ticket]
        return not self.lacked(o, [lot]) and not self.short_of(o, lot)

    def short_of(self, o: int, lot: int = -1) -> list[int]:
        """The stores of which an operation takes more than there is, for a lot or for any at all, and that will get no more."""
        take, store = self.columns["take"], self.columns["store"]
        first = self.operation["first_take"][o]
        found = []
        for t in range(first, first + self.operation["takes"][o]):
            s = take["store"][t]
            amount = 0.0 if lot < 0 else take["amount"][t]
            if lot >= 0 and take["per"][t] == codes.PER_PIECE:
                amount *= self.lot["pieces"][lot]
            level = store["level"][s]
            enough = level > 1e-9 if lot < 0 else level * (1 + 1e-9) >= amount
            if store["counted"][s] == 1 and not enough and s not in self.supplied:
                found.append(s)
        return found

    def lacked(self, o: int, lots: Iterable[int]) -> list[int]:
        """The pools of which an operation needs more for some lots than there will ever be."""
        lots = list(lots)
        first = self.operation["first_need"][o]
        wanted: dict[int, int] = {}
        for need in range(first, first + self.operation["needs"][o]):
            pool = self._need["pool"][need]
            if pool >= 0:
                count = self._wanted(need, lots) - sum(self._carried(lot, pool) for lot in lots)
                wanted[pool] = wanted.get(pool, 0) + max(0, count)
        return [pool for pool, count in wanted.items() if count > self._supply.get(pool, count)]

    def _wanted(self, need: int, lots: list[int]) -> int:
        count: int = self._need["count"][need]
        if self._need["until"][need] == NOT_CARRIED:
            return count
        if self._need["by_piece"][need]:
            return sum(int(self.lot["pieces"][lot] * PARTS_OF_A_PIECE + 0.5) for lot in lots)
        return count * len(lots)

    def _carried(self, lot: int, pool: int) -> int:
        holding = self.columns["holding"]
        return sum(holding["count"][h] for h in self.holdings(lot) if holding["pool"][h] == pool)

    def carriers(self) -> set[int]:
        """The lots of which is known where they are, and that carry something."""
        return {lot for lot in (*self.on_machine, *self.queued, *self.outside) if self.lot["carries"][lot] >= 0}

    def _to_be_had(self) -> dict[int, int]:
        """Of each pool: how much is free, or will be given back by who can go on."""
        holding = self.columns["holding"]
        found = dict(enumerate(self.columns["crew"]["count"]))
        stuck = {h for lot in self.carriers() if not self.lot_goes_on(lot) for h in self.holdings(lot)}
        for h in stuck:
            found[holding["pool"][h]] -= holding["count"][h]
        return found

    def lot_goes_on(self, lot: int) -> bool:
        """Whether a lot can leave where it is."""
        if lot not in self._leaving and self._leaves(lot):
            self._leaving.add(lot)
        return lot in self._leaving

    def _leaves(self, lot: int) -> bool:
        if lot in self.on_machine:
            return self.on_machine[lot] in self.going
        if lot in self.queued:
            return any(self.goes_in(c, ticket) for c, ticket in self.queued[lot])
        return lot not in self.outside or self._has_way_in(self.main(lot))

    def _follow(self) -> None:
        """Find to which operations lots come, and which they pass."""
        for lot in self.lots:
            if lot not in self._followed and self.lot_goes_on(lot):
                self._followed.add(lot)
                self._follow_lot(lot)
        for r in range(int(self.world.run.releases[0])):
            begins = self.passages.begins(self.release["product"][r])
            if not self.comes.issuperset(begins) and self.starts_lots(r):
                self.comes |= {o for o in begins if self._has_way_in(o)}
        self.passes |= {o for o in self.comes - self.passes if self._is_passable(o)}
        ahead = list(self.passes)
        while ahead:
            for o in self.passages.following[ahead.pop()] - {END}:
                if o not in self.comes and self._has_way_in(o):
                    self.comes.add(o)
                if self.passages.passed_over(o) and o not in self.passes:
                    self.passes.add(o)
                    ahead.append(o)

    def _follow_lot(self, lot: int) -> None:
        o = self.main(lot)
        placed = lot in self.on_machine
        if (placed and self.machine["job"][self.on_machine[lot]] == codes.IN_PROCESS) or lot in self.queued:
            self.passes.add(o)
        elif placed or lot in self.outside:
            self.comes.add(o)
        else:
            # Whoever waits for other lots, is under way or spends its time at a pure delay.
            self.comes.add(o)
            self.passes.add(o)

    def _is_passable(self, o: int) -> bool:
        """Whether a lot that comes to an operation may start it somewhere."""
        for row in self.passages.rows_of(o):
            c = self.operation["center"][row]
            if self.center["machines"][c] < 0 or self.center["stock"][c] == 1:
                return not self.short_of(row)
            if any(m in self.going and self.may_take(m, row) for m in self.of(c)) and not self.short_of(row):
                return True
        return self.passages.expels(o)

    def starts_lots(self, r: int) -> bool:
        """Whether a release has lots to start, and will have the cards or the rope for them."""
        rule = self.release["rule"][r]
        if rule == codes.BY_ORDERS:
            return bool(self.release["cursor"][r] < self.release["orders"][r])
        if rule == codes.LOOP:
            return self.release["loop"][r] in self.turning
        if rule == codes.DRUM:
            drum = self.release["drum"][r]
            slack = self.columns["drum"]["work"][drum] < self.release["rope"][r] - 1e-6
            return bool(slack) or any(self.passages.works_for(o, drum) for o in self.passes)
        if rule == codes.SATURATED:
            return any(
                c in self.draining
                or self.center["queue"][c] + self.center["visiting"][c]
                < self.center["empty"][c] * self.center["batch_lots"][c]
                for o in self.passages.begins(self.release["product"][r])
                for c in self.centers_of(o)
            )
        return True

    def _always_supplied(self) -> set[int]:
        """Stores that are not counted, are ordered for, or are delivered to."""
        store = self.world.records["store"]
        kept = (store["counted"] == 0) | (store["reorder_at"] >= 0) | (store["on_order"] > 0)
        return {int(s) for s in np.flatnonzero(kept)}

    def _supply_more(self) -> None:
        """Find the stores into which lots go that will be finished or done."""
        for o in self.passes - self._gave:
            self._gave.add(o)
            self.supplied |= self.passages.given(o)
            if END in self.passages.following[o]:
                self.supplied.add(int(self.passages.product[o]))

    def _turns(self, loop: int) -> bool:
        """Whether a loop has a card, or a lot that has one will be finished or may be scrapped."""
        loops, tied = self.columns["loop"], self._tied[loop]
        need = min((float(self.release["pieces"][r]) for r in tied), default=0.0) if loops["pieces"][loop] == 1 else 1.0
        if loops["cards"][loop] >= need:
            return True
        products = {self.release["product"][r] for r in tied}
        return any(o in self.passes for p in products for o in self._ends.get(p, ()))

    @cached_property
    def _tied(self) -> dict[int, list[int]]:
        """The releases that need cards of each loop."""
        found: dict[int, list[int]] = {loop: [] for loop in range(int(self.world.run.loops[0]))}
        for r in range(int(self.world.run.releases[0])):
            if self.release["rule"][r] == codes.LOOP:
                found[self.release["loop"][r]].append(r)
        return found

    @cached_property
    def _ends(self) -> dict[int, list[int]]:
        """The operations of each product after which its lots may be finished, or at which they may be scrapped."""
        found: dict[int, list[int]] = {}
        for o, p in self.passages.product.items():
            if END in self.passages.following.get(o, ()) or self.passages.may_scrap(o):
                found.setdefault(p, []).append(o)
        return found
