"""Whose turn it is where something came free (5.3)."""

from __future__ import annotations

from collections.abc import Callable

from tests.twin.dispatch import Dispatch
from tests.twin.things import Center, Machine


class Turns(Dispatch):
    def could_use(self, thing: Machine | Center) -> set[str]:
        """The crews, tools and materials that a machine's work or stop, or some step of a work center, may need."""
        if isinstance(thing, Machine) and thing.stop:
            return {crew.name for need in thing.stop.words.by for crew in self.able(need)} | set(
                self.spare_parts(thing)
            )
        steps = [o for p in self.plant.products.values() for o in p.routing]
        if isinstance(thing, Machine):
            assert thing.operation
            steps = [thing.operation]
        else:
            steps = [o for o in steps if any(choice.center == thing.name for choice in o.at)]
        found: set[str] = set()
        for step in steps:
            found |= {crew.name for need in step.staff for crew in self.able(need)}
            found |= {use.tool for use in step.uses} | set(step.takes)
            found |= {name for name, loop in self.plant.loops.items() if loop.start == step.name}
        return found

    def serve(self) -> None:
        """Ask who waits, the longest first, if something that he could use came free or something is new for him."""
        everybody, freed = self.serving == "everybody", self.freed
        self.serving, self.freed = "", set()
        asked: list[Machine | Center] = []

        def next_of(
            waiting: list[Machine | Center], since: Callable[[Machine | Center], float]
        ) -> Machine | Center | None:
            for thing in sorted(waiting, key=since):
                if thing in asked:
                    continue
                if everybody or thing.news or self.could_use(thing) & (freed | self.freed):
                    return thing
                asked.append(thing)
            return None

        while True:
            self.step("whose turn it is")
            everybody = everybody or self.serving == "everybody"
            machine = next_of(
                [m for m in [*self.machines, *self.keepers] if m.wants_since is not None],
                lambda m: m.wants_since or 0.0,
            )
            if isinstance(machine, Machine):
                asked.append(machine)
                machine.news = False
                self.proceed(machine)
                continue
            center = next_of(
                [c for c in self.centers.values() if c.waits_since is not None], lambda c: c.waits_since or 0.0
            )
            if not isinstance(center, Center):
                break
            if not self.start_work(center, 1):
                asked.append(center)
                center.news = False
