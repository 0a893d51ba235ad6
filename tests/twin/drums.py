"""Drums and ropes (7.3): lots start while little work is on its way to a work center."""

from __future__ import annotations

from tests.twin.flow import Flow
from tests.twin.ranking import plus, work_of
from tests.twin.things import Lot, Rule

NEAR = 1e-6


class Drums(Flow):
    drums: tuple[str, ...] = ()
    on_their_way: tuple[Lot, ...] = ()

    def tie_ropes(self) -> None:
        """Find the drums; one that is new counts lots from their next step on."""
        tied = [rule.words.drum for rule in self.rules if rule.words.rule == "drum"]
        self.drums = tuple(drum for drum in dict.fromkeys(tied) if drum)
        for lot in self.on_their_way:
            lot.on_way = {drum: work for drum, work in lot.on_way.items() if drum in self.drums}

    def _set_work(self, lot: Lot, own: bool) -> None:
        """What work a lot has still to bring to each drum: that of its step too, or of what follows it."""
        for drum in self.drums:
            done = lot.step == len(lot.product.routing)
            work = (0.0, 0.0) if done else self.work_behind(lot.product, lot.step, drum)
            if own and not done:
                work = plus(work, work_of(lot.operation, drum))
            seconds = work[0] + lot.pieces * work[1]
            if seconds < lot.on_way.get(drum, 0.0):
                self.pulling = True
            lot.on_way[drum] = seconds
        if self.drums and lot not in self.on_their_way:
            self.on_their_way += (lot,)

    def come_nearer(self, lot: Lot) -> None:
        self._set_work(lot, True)

    def reach_drums(self, lot: Lot) -> None:
        self._set_work(lot, False)

    def forget_drums(self, lot: Lot) -> None:
        if lot in self.on_their_way:
            self.on_their_way = tuple(other for other in self.on_their_way if other is not lot)
            self.pulling = self.pulling or any(work > 0 for work in lot.on_way.values())
            lot.on_way = {}

    def slack_rope(self, drum: str) -> Rule | None:
        """Of the rules whose rope is longer than the work on its way, the one furthest behind its share of the mix."""
        work = sum(lot.on_way.get(drum, 0.0) for lot in self.on_their_way)
        best: Rule | None = None
        for rule in self.rules:
            if rule.words.rule != "drum" or rule.words.drum != drum or not work < (rule.words.rope or 0.0) - NEAR:
                continue
            if best is None or (rule.count + 1) * best.weight < (best.count + 1) * rule.weight:
                best = rule
        return best
