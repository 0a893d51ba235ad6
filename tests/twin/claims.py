"""Claims (section 5): people and tools seized together or not at all."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from plantwright.plant.products import ToolUse
from plantwright.plant.resources import Failure, Staffing
from tests.twin.base import FINE
from tests.twin.stores import Stores
from tests.twin.things import Carried, Crew, Holding, Lot, Machine, Rule, Want


def own_kinds(staff: Sequence[Staffing]) -> dict[tuple[int, int], int]:
    """Of those who tend several machines, and of whom a machine needs several alike in one phase, each has a kind of their own."""
    kinds: dict[tuple[int, int], int] = {}
    for place, need in enumerate(staff):
        for number in range(need.count):
            kind = 0
            while any(
                kinds[other, n] == kind and would_share(staff[other], need, other == place) for other, n in kinds
            ):
                kind += 1
            kinds[place, number] = kind
    return kinds


def would_share(one: Staffing, other: Staffing, same: bool) -> bool:
    alike = (one.skill, one.level, one.tends) == (other.skill, other.level, other.tends)
    return same or (alike and any(phase in other.phases for phase in one.phases))


class Claims(Stores):
    def free(self, crew: Crew) -> int:
        return (crew.count - crew.away if self.is_open(crew.shift) else 0) - crew.at_work

    def able(self, need: Staffing) -> list[Crew]:
        """Who can do it: those with the fewest skills first."""
        known = [crew for crew in self.crews if crew.skills.get(need.skill, -1) >= need.level]
        return sorted(known, key=lambda crew: len(crew.skills))

    def asked(self, machine: Machine) -> list[Want]:
        """One entry for each person who is needed now and not held."""
        wanted: list[Want] = []
        staff = self.staff_of(machine)
        for i, need in enumerate(staff):
            if machine.stop is None and machine.phase not in need.phases:
                continue
            numbers = range(need.count) if need.tends > 1 else [0] * need.count
            asked = [self.want(staff, i, number) for number in numbers]
            for want, _ in machine.held:
                if want in asked:
                    asked.remove(want)
            wanted += asked
        return wanted

    def alike(self, needs: Sequence[Any], wanted: Any) -> list[tuple[int, int]]:
        """The needs of a list that are of the same skill and level, or tool: of those who tend several machines each is one."""
        found: list[tuple[int, int]] = []
        for place, need in enumerate(needs):
            if self.kind_of(need) == self.kind_of(wanted):
                several = not isinstance(need, ToolUse) and need.tends > 1
                found += [(place, number) for number in range(need.count if several else 1)]
        return found

    def nth(self, needs: Sequence[Any], place: int, number: int) -> int:
        return self.alike(needs, needs[place]).index((place, number))

    def kind_of(self, need: Any) -> tuple[object, ...]:
        return (need.tool,) if isinstance(need, ToolUse) else (need.skill, need.level)

    def staff_of(self, machine: Machine) -> list[Staffing]:
        """The people that a machine's stop, or its step, needs at some time."""
        if machine.stop:
            return list(machine.stop.words.by)
        return list(machine.operation.staff) if machine.operation else []

    def want(self, staff: Sequence[Staffing], place: int, number: int) -> Want:
        """The number-th person of a need."""
        return Want(place, staff[place], number, self.nth(staff, place, number), own_kinds(staff)[place, number])

    def tools_wanted(self, machine: Machine, lots: list[Lot]) -> list[tuple[Want, int]]:
        """What the phase needs of tools, less what the machine holds and the job's lots carry."""
        wanted: list[tuple[Want, int]] = []
        if machine.stop or machine.operation is None:
            return wanted
        for number, use in enumerate(machine.operation.uses):
            if not use.until and (not use.phases or machine.phase in use.phases):
                held = sum(have == Want(number, use, number) for have, _ in machine.held)
                carried = sum(self.carried(lot, self.tools[use.tool]) for lot in lots)
                nth = self.nth(machine.operation.uses, number, 0)
                wanted.append((Want(number, use, number, nth), max(0, use.count - held - carried)))
        return wanted

    def carried(self, lot: Lot, tool: Crew) -> int:
        return sum(int(kept.holding.count) for kept in lot.carries if kept.holding.tool is tool)

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
        shared: set[int] = set()
        found = all(self._match(row, wanted, chosen, shared) for row in range(len(wanted)))
        missing = "" if found else "staff"
        planned: dict[str, int] = {}
        tools = self.tools_wanted(machine, lots)
        pools = [(self.tools[want.need.tool], count) for want, count in tools]
        for lot in starting or []:
            pools += [(tool, max(0, count - self.carried(lot, tool))) for tool, count, _ in self.to_carry(lot)]
        spare = self.spare_parts(machine)
        short = not self.are_there(spare or self.materials_for(starting or []))
        for tool, count in pools:
            planned[tool.name] = planned.get(tool.name, 0) + count
            if planned[tool.name] > self.free(tool):
                missing = missing or "tool"
        missing = missing or ("material" if short else "")
        if missing:
            self.release(machine)
            return missing
        machine.walk = max((want.need.walk for want in wanted), default=0.0)
        for want, crew in zip(wanted, chosen, strict=True):
            assert crew
            self.seize(machine, want, crew)
        for want, count in tools:
            tool = self.tools[want.need.tool]
            machine.held += [(want, tool)] * count
            tool.busy += count
            if count:
                self.note("tool seized", None, machine, tool.name, count)
        if spare:
            assert machine.stop
            machine.stop.fitted = True
            self.take_materials(spare, machine, None)
        return ""

    def spare_parts(self, machine: Machine) -> dict[str, float]:
        """What the repair that is to begin takes; a repair that goes on has it."""
        if machine.stop is None or machine.stop.fitted or not isinstance(machine.stop.words, Failure):
            return {}
        return dict(machine.stop.words.takes)

    def seize(self, machine: Machine, want: Want, crew: Crew) -> None:
        self.put_to_work(want, crew, 1)
        machine.held.append((want, crew))
        self.seized += 1
        machine.order.append((self.seized, crew))
        self.note("people seized", None, machine, crew.name, 1.0)

    def put_to_work(self, want: Want, crew: Crew, change: int) -> None:
        if want.need.tends > 1:
            crew.tends[want.kind] = crew.tends.get(want.kind, 0) + change
        else:
            crew.busy += change

    def pick_up(self, lot: Lot, tool: Crew, wanted: int, until: str | None) -> int:
        """A lot carries so many of a tool from now on, until that step; returns how many it did not have."""
        for kept in lot.carries:
            if kept.holding.tool is tool:
                kept.until = until
        count = wanted - self.carried(lot, tool)
        if count > 0:
            lot.carries.insert(0, Carried(Holding(tool, count), until))
            tool.busy += count
        return count

    def take(self, lot: Lot, machine: Machine | None) -> None:
        """A lot that starts takes what it carries from now on."""
        for tool, wanted, until in self.to_carry(lot):
            count = self.pick_up(lot, tool, wanted, until)
            if count > 0:
                self.note("tool seized", lot, machine, tool.name, count / self.fine(tool))

    def fine(self, tool: Crew) -> int:
        loop = self.plant.loops.get(tool.name) if tool is self.cards.get(tool.name) else None
        return FINE if loop and loop.cards.of == "piece" else 1

    def give_up(self, lot: Lot, step: str | None) -> None:
        """Give back what a lot carries until a step, or all of it; what parts share, the last gives back."""
        for kept in list(lot.carries):
            if step is not None and kept.until != step:
                continue
            lot.carries.remove(kept)
            holding = kept.holding
            holding.parts -= 1
            if holding.parts:
                continue
            if isinstance(holding.tool, Rule):
                self.give_back(holding.tool, holding.count)
                continue
            holding.tool.busy -= int(holding.count)
            self.note("tool let go", lot, None, holding.tool.name, holding.count / self.fine(holding.tool))
            self.came_free(holding.tool.name)

    def give_back(self, rule: Rule, cards: float) -> None:
        if rule.words.cards:
            rule.cards += cards
            self.pulling = True

    def _match(self, row: int, wanted: list[Want], chosen: list[Crew | None], shared: set[int]) -> bool:
        """Find somebody for a row, others moving on to other crews: an augmenting path, breadth first."""
        want = wanted[row]
        for crew in self.able(want.need) if want.need.tends > 1 else []:
            room = self.is_open(crew.shift) and self.free(crew) >= 0
            if room and crew.tends.get(want.kind, 0) % want.need.tends != 0:
                chosen[row] = crew  # somebody who tends others already
                shared.add(row)
                return True
        before: dict[int, int | None] = {row: None}
        line = [row]
        for here in line:
            able = self.able(wanted[here].need)
            for crew in able:
                if self.free(crew) > sum(other is crew and i not in shared for i, other in enumerate(chosen)):
                    at: int | None = here
                    moved: Crew | None = crew
                    while at is not None:
                        chosen[at], moved = moved, chosen[at]
                        at = before[at]
                    return True
            for crew in able:
                for other, holder in enumerate(chosen):
                    if other not in before and other not in shared and holder is crew:
                        before[other] = here
                        line.append(other)
        return False

    def release(self, machine: Machine, keep: str = "") -> None:
        """Let go what the machine holds, but what the phase `keep` needs."""
        gone = []
        for held in list(machine.held):
            phases = held[0].need.phases
            if not (keep and (not phases or keep in phases)):
                gone.append(held)
                if not held[1].tool:
                    people = [row for row in machine.held if not row[1].tool]
                    machine.order.pop(people.index(held))
                machine.held.remove(held)
        for want, crew in gone:
            if crew.tool:
                crew.busy -= 1
            else:
                self.put_to_work(want, crew, -1)
                self.note("people let go", None, machine, crew.name, 1.0)
        for use in dict.fromkeys(want.number for want, crew in gone if crew.tool):
            alike = [crew for want, crew in gone if crew.tool and want.number == use]
            self.note("tool let go", None, machine, alike[0].name, len(alike))
        if gone:
            self.came_free(*(crew.name for _, crew in gone))
