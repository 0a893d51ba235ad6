"""Claims (section 5): people and tools seized together or not at all."""

from __future__ import annotations

from plantwright.plant.products import ToolUse
from plantwright.plant.resources import Staffing
from tests.twin.base import FINE, Base
from tests.twin.things import Carried, Crew, Lot, Machine


class Claims(Base):
    def free(self, crew: Crew) -> int:
        return (crew.count if self.is_open(crew.shift) else 0) - crew.busy

    def able(self, need: Staffing) -> list[Crew]:
        """Who can do it: those with the fewest skills first."""
        known = [crew for crew in self.crews if crew.skills.get(need.skill, -1) >= need.level]
        return sorted(known, key=lambda crew: len(crew.skills))

    def asked(self, machine: Machine) -> list[Staffing]:
        """One entry for each person who is needed now and not held."""
        wanted: list[Staffing] = []
        for need in self.people_needed(machine):
            held = sum(have is need for have, _ in machine.held)
            wanted += [need] * (need.count - held)
        return wanted

    def people_needed(self, machine: Machine) -> tuple[Staffing, ...]:
        if machine.stop:
            return machine.stop.words.by
        assert machine.operation
        return tuple(need for need in machine.operation.staff if machine.phase in need.phases)

    def tools_wanted(self, machine: Machine, lots: list[Lot]) -> list[tuple[ToolUse, int]]:
        """What the phase needs of tools, less what the machine holds and the job's lots carry."""
        wanted: list[tuple[ToolUse, int]] = []
        if machine.stop or machine.operation is None:
            return wanted
        for use in machine.operation.uses:
            if not use.until and (not use.phases or machine.phase in use.phases):
                held = sum(have is use for have, _ in machine.held)
                carried = sum(self.carried(lot, self.tools[use.tool]) for lot in lots)
                wanted.append((use, max(0, use.count - held - carried)))
        return wanted

    def carried(self, lot: Lot, tool: Crew) -> int:
        return sum(kept.count for kept in lot.carries if kept.tool is tool)

    def to_carry(self, lot: Lot) -> list[tuple[Crew, int, str | None]]:
        """What a lot must carry once its step begins: which, how many in all, and until when."""
        step = lot.operation
        found = [(self.tools[use.tool], use.count, use.until) for use in step.uses if use.until]
        for name, loop in self.plant.loops.items():
            if loop.start == step.name:
                known = any(other.name == loop.until for other in lot.product.routing)
                count = int(lot.pieces * FINE + 0.5) if loop.cards.of == "piece" else 1
                found.append((self.cards[name], count, loop.until if known else None))
        return found  # type: ignore[return-value]

    def claim(self, machine: Machine, starting: list[Lot] | None = None) -> str:
        """Seize all that the machine's phase or stop needs, or let go what is held; what is missing, "" for nothing.

        `starting` are the lots of a job that begins: they take what they carry from now on.
        """
        lots = machine.lots if starting is None else starting
        wanted = self.asked(machine)
        chosen: list[Crew | None] = [None] * len(wanted)
        missing = "" if all(self._match(row, wanted, chosen) for row in range(len(wanted))) else "staff"
        planned: dict[str, int] = {}
        tools = self.tools_wanted(machine, lots)
        pools = [(self.tools[use.tool], count) for use, count in tools]
        for lot in starting or []:
            pools += [(tool, max(0, count - self.carried(lot, tool))) for tool, count, _ in self.to_carry(lot)]
        for tool, count in pools:
            planned[tool.name] = planned.get(tool.name, 0) + count
            if planned[tool.name] > self.free(tool):
                missing = missing or "tool"
        if missing:
            self.release(machine)
            return missing
        for need, crew in zip(wanted, chosen, strict=True):
            assert crew
            self.seize(machine, need, crew)
        for use, count in tools:
            machine.held += [(use, self.tools[use.tool])] * count
            self.tools[use.tool].busy += count
            if count:
                self.note("tool seized", None, machine, use.tool, count)
        return ""

    def seize(self, machine: Machine, need: object, crew: Crew) -> None:
        machine.held.append((need, crew))
        crew.busy += 1
        self.note("people seized", None, machine, crew.name, 1.0)

    def take(self, lot: Lot, machine: Machine | None) -> None:
        """A lot that starts takes what it carries from now on."""
        for tool, wanted, until in self.to_carry(lot):
            for kept in lot.carries:
                if kept.tool is tool:
                    kept.until = until
            count = wanted - self.carried(lot, tool)
            if count > 0:
                lot.carries.insert(0, Carried(tool, count, until))
                tool.busy += count
                self.note("tool seized", lot, machine, tool.name, count / self.fine(tool))

    def fine(self, tool: Crew) -> int:
        loop = self.plant.loops.get(tool.name) if tool is self.cards.get(tool.name) else None
        return FINE if loop and loop.cards.of == "piece" else 1

    def give_up(self, lot: Lot, step: str | None) -> None:
        """Give back what a lot carries until a step, or all of it."""
        for kept in list(lot.carries):
            if step is None or kept.until == step:
                lot.carries.remove(kept)
                kept.tool.busy -= kept.count
                self.note("tool let go", lot, None, kept.tool.name, kept.count / self.fine(kept.tool))
                if self.waiting():
                    self.serving = True

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
        """Let go what the machine holds, but what the phase `keep` needs."""
        gone: list[tuple[object, Crew]] = []
        for need, crew in machine.held:
            phases = need.phases  # type: ignore[attr-defined]
            if keep and (not phases or keep in phases):
                continue
            gone.append((need, crew))
        machine.held = [held for held in machine.held if held not in gone]
        for _, crew in gone:
            crew.busy -= 1
            if not crew.tool:
                self.note("people let go", None, machine, crew.name, 1.0)
        for use in dict.fromkeys(id(need) for need, crew in gone if crew.tool):
            alike = [crew for need, crew in gone if id(need) == use]
            self.note("tool let go", None, machine, alike[0].name, len(alike))
        if gone and self.waiting():
            self.serving = True

    def waiting(self) -> bool:
        """Whether any machine or work center waits for a claim."""
        return any(m.wants_since is not None for m in self.machines) or any(
            c.waits_since is not None for c in self.centers.values()
        )
