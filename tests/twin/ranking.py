"""Rules of dispatch (7.1): what the lots of a work center are ordered by."""

from __future__ import annotations

from tests.twin.parts import Parts
from tests.twin.things import Center, Lot


class Ranking(Parts):
    def rank(self, lot: Lot, center: Center) -> tuple[float, ...]:
        """What the rules of a work center order its lots by."""
        rules = [r for r in center.words.rule or self.plant.rule or ("priority",) if r != "least setup"]
        run = self.run_time(lot, center)
        mean = run.distribution.mean * (lot.pieces if run.per == "piece" else 1) if run else 0.0
        by = {
            "priority": -lot.priority,
            "FIFO": lot.came,
            "FIFO at step": lot.came,
            "FIFO by release": lot.released,
            "LIFO": -lot.came,
            "EDD": lot.due,
            "SPT": mean,
        }
        return tuple(by[rule] for rule in rules[:3])
