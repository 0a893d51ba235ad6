"""Queue times (3.8): lots that come too late to a step."""

from __future__ import annotations

from plantwright.plant.products import QueueTime
from tests.twin.sequences import Sequences
from tests.twin.things import Center, Lot


class Windows(Sequences):
    def limits(self, lot: Lot) -> list[tuple[int, QueueTime]]:
        """The queue times that the lot's step ends, of those that run."""
        found = []
        for step, operation in enumerate(lot.product.routing):
            limit = operation.queue_time
            if limit and limit.until == lot.operation.name and step in lot.clocks:
                found.append((step, limit))
        return found

    def meet_limits(self, lot: Lot) -> None:
        """A lot starts at its step: it is told if it comes too late."""
        for step, _ in self.limits(lot):
            until = lot.clocks.pop(step)
            if self.now > until:
                self.note("queue time passed", lot, None, lot.product.routing[step].name, self.now - until)

    def expel_late(self, center: Center) -> None:
        """Lots before a work center that come too late are scrapped, or go back to the step that began the clock."""
        expelled = False
        for lot in list(center.queue):
            late = [
                (step, limit)
                for step, limit in self.limits(lot)
                if limit.past != "report" and self.now > lot.clocks[step]
            ]
            if not late:
                continue
            expelled = True
            step, limit = late[0]
            stays = limit.past == "rework" and bool(lot.route) and step not in lot.route[: lot.at + 1]
            if not stays:
                self.dequeue(lot, center)
            until = lot.clocks.pop(step)
            self.note("queue time passed", lot, None, lot.product.routing[step].name, self.now - until)
            if stays:
                continue
            if limit.past == "scrap":
                self.scrap(lot, lot.pieces)
            else:
                self.send_back(lot, step)
                self.come_nearer(lot)
                self.come_or_wait(lot)
        if expelled:
            self.mark(center)
