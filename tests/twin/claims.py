"""Claims (section 5): people seized together or not at all."""

from __future__ import annotations

from plantwright.plant.resources import Staffing
from tests.twin.base import Base
from tests.twin.things import Crew, Machine


class Claims(Base):
    def free(self, crew: Crew) -> int:
        return (crew.count if self.is_open(crew.shift) else 0) - crew.busy

    def able(self, need: Staffing) -> list[Crew]:
        """Who can do it: those with the fewest skills first."""
        known = [crew for crew in self.crews if crew.skills.get(need.skill, -1) >= need.level]
        return sorted(known, key=lambda crew: len(crew.skills))

    def asked(self, machine: Machine) -> list[Staffing]:
        """One entry for each person who is needed now and not held."""
        if machine.stop:
            needs = machine.stop.words.by
        else:
            assert machine.operation
            needs = tuple(need for need in machine.operation.staff if machine.phase in need.phases)
        wanted: list[Staffing] = []
        for i, need in enumerate(needs):
            held = sum(have is need for have, _ in machine.held)
            assert not any(need is other for other in needs[:i])
            wanted += [need] * (need.count - held)
        return wanted

    def claim(self, machine: Machine) -> bool:
        """Seize all that the machine's phase or stop needs, or let go what is held; whether it has it now."""
        wanted = self.asked(machine)
        chosen: list[Crew | None] = [None] * len(wanted)
        found = all(self._match(row, wanted, chosen) for row in range(len(wanted)))
        if not found:
            self.release(machine)
            return False
        for need, crew in zip(wanted, chosen, strict=True):
            assert crew
            machine.held.append((need, crew))
            crew.busy += 1
            self.note("people seized", None, machine, crew.name, 1.0)
        return True

    def _match(self, row: int, wanted: list[Staffing], chosen: list[Crew | None]) -> bool:
        """Find somebody for a row, others moving on to other crews: an augmenting path, breadth first."""
        before: dict[int, int | None] = {row: None}
        line = [row]
        for here in line:
            able = self.able(wanted[here])
            for crew in able:
                if self.free(crew) > sum(other is crew for other in chosen):
                    at: int | None = here
                    moved: Crew | None = crew
                    while at is not None:
                        chosen[at], moved = moved, chosen[at]
                        at = before[at]
                    return True
            for crew in able:
                for other, holder in enumerate(chosen):
                    if other not in before and holder is crew:
                        before[other] = here
                        line.append(other)
        return False

    def release(self, machine: Machine, keep: str = "") -> None:
        """Let go whom the machine holds, but those whom the phase `keep` needs."""
        for held in list(machine.held):
            need, crew = held
            if keep and keep in need.phases:
                continue
            machine.held.remove(held)
            crew.busy -= 1
            self.note("people let go", None, machine, crew.name, 1.0)
            if self.waiting():
                self.serving = True

    def waiting(self) -> bool:
        """Whether any machine or work center waits for a claim."""
        return any(m.wants_since is not None for m in self.machines) or any(
            c.waits_since is not None for c in self.centers.values()
        )
