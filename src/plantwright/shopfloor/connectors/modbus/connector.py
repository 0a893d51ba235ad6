"""Reads a Modbus device: its registers, again and again, in as few requests as they need."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from dataclasses import dataclass, field

from plantwright.shopfloor.connectors import ConnectionLost, Inlet
from plantwright.shopfloor.connectors.modbus.blocks import Block, blocks, divided
from plantwright.shopfloor.connectors.modbus.line import Address, Ending, Garbled, Line, Refused, connected
from plantwright.shopfloor.connectors.modbus.registers import Meaning, Register
from plantwright.shopfloor.connectors.mtconnect.sheet import Sheet
from plantwright.shopfloor.readings import Quality

UNAVAILABLE = "UNAVAILABLE"

AGAIN = 600.0
"""Seconds after which what was refused is asked for once more."""

SLOW = 20
"""So many rounds in a row that take longer than their interval are told."""

WRONG, TOO_MANY = 2, 3


@dataclass
class Channel:
    """One register on its way into one tag."""

    register: Register
    unit_id: int
    at: int
    interval: float
    meaning: Meaning
    tag: int = -1
    said: str | None = None
    """What the last event said, or `UNAVAILABLE`; None where that is to be said anew."""

    @property
    def table(self) -> str:
        return self.register.table

    @property
    def cells(self) -> int:
        return self.register.type.cells

    @property
    def where(self) -> str:
        """How a person finds it."""
        return f"{self.register.name!r} ({self.table} {self.register.address})"

    def take(self, cells: Sequence[int], now: int, sheet: Sheet, inlet: Inlet) -> None:
        """What was read of it."""
        try:
            raw = self.meaning.raw(cells)
            if raw is None:
                self.lose(now, sheet)
            elif not self.register.holds:
                assert not isinstance(raw, str)
                sheet.put(self.tag, now, self.meaning.number(raw))
                self.said = None
            elif (word := self.meaning.word(raw)) != self.said:
                sheet.tell(self.tag, now, word)
                self.said = word
        except ValueError as error:
            if self.said != UNAVAILABLE:
                inlet.reject(self.tag, " ".join(f"{cell:04X}" for cell in cells[:8]), f"{error}: {self.where}")
            self.lose(now, sheet)

    def lose(self, now: int, sheet: Sheet) -> None:
        """It is not known any longer; said once."""
        if self.said == UNAVAILABLE:
            return
        if self.register.holds:
            sheet.tell(self.tag, now, UNAVAILABLE, quality=Quality.UNAVAILABLE)
        else:
            sheet.put(self.tag, now, math.nan, Quality.UNAVAILABLE)
        self.said = UNAVAILABLE


@dataclass
class ModbusDevice:
    """Reads one device, or several behind one gateway.

    Parameters
    ----------
    name : str
        The source's.
    address : Address
    registers : sequence of Register
    machine : str
    unit_id : int
    interval : float
        Seconds between two readings of a register.
    order : str
        How the bytes of a value come, `registers.ORDERS`.
    first_address : int
        The number that the map gives to the very first register.
    holes : int
        So many addresses in a row that nobody asked for may be read along.
    most_registers : int
        In one request.
    """

    name: str
    address: Address
    registers: Sequence[Register]
    machine: str = ""
    unit_id: int = 1
    interval: float = 1.0
    order: str = "ABCD"
    first_address: int = 0
    holes: int = 0
    most_registers: int = 125
    _plan: dict[float, list[Block[Channel]]] | None = field(default=None, repr=False)
    _refused: list[tuple[float, Block[Channel]]] = field(default_factory=list, repr=False)

    def run(self, inlet: Inlet) -> None:
        """Read until ``inlet.stopping`` is set. Raises ConnectionLost."""
        plan = self._planned(inlet)
        try:
            with connected(self.address, inlet.stopping) as line:
                _Rounds(line, inlet, plan, self._refused).run()
        except Ending:
            return
        except Garbled as error:
            inlet.reject(-1, str(error), f"no answer in Modbus from {self.address}; is it another protocol's port?")
            raise ConnectionLost(f"{self.address} does not speak Modbus: {error}") from None

    def _planned(self, inlet: Inlet) -> dict[float, list[Block[Channel]]]:
        """The blocks by interval; what was refused in an earlier connection is known still."""
        if self._plan is None:
            tags = [register.tag(self.name, self.machine or self.name) for register in self.registers]
            chosen = [(r, tag) for r, tag in zip(self.registers, tags, strict=True) if inlet.wants(tag)]
            ids = inlet.declare([tag for _, tag in chosen])
            channels = [self._channel(register, number) for (register, _), number in zip(chosen, ids, strict=True)]
            self._plan = {
                interval: blocks([c for c in channels if c.interval == interval], self.holes, self.most_registers)
                for interval in sorted({channel.interval for channel in channels})
            }
        return self._plan

    def _channel(self, register: Register, tag: int) -> Channel:
        return Channel(
            register,
            self.unit_id if register.unit_id is None else register.unit_id,
            register.address - self.first_address,
            register.interval or self.interval,
            Meaning(register, self.order),
            tag,
        )


class _Rounds:
    """Reads on one connection, round after round.

    Parameters
    ----------
    line : Line
    inlet : Inlet
    plan : mapping of float to list of Block
        By interval; blocks that are refused are divided in it, and taken out.
    refused : list of (float, Block)
        What was taken out, with the interval.
    """

    def __init__(
        self,
        line: Line,
        inlet: Inlet,
        plan: dict[float, list[Block[Channel]]],
        refused: list[tuple[float, Block[Channel]]],
    ) -> None:
        self._line, self._inlet, self._plan, self._refused = line, inlet, plan, refused
        self._answered = False
        self._told: list[str] = []
        self._late: dict[float, int] = {}
        self._once_more()
        for block in (block for several in plan.values() for block in several):
            for channel in block.items:
                channel.said = None

    def run(self) -> None:
        """Until the collector ends. Raises ConnectionLost, Garbled, Ending."""
        begin = time.monotonic()
        due = dict.fromkeys(self._plan, begin)
        again = begin + AGAIN
        while not self._inlet.stopping.is_set():
            now = time.monotonic()
            if now >= again:
                self._once_more()
                again = now + AGAIN
            for interval, when in due.items():
                if when <= now:
                    self._read(interval)
                    due[interval] = self._next(interval, when)
            left = min(due.values(), default=math.inf) - time.monotonic()
            if left > 0:
                self._inlet.stopping.wait(min(left, 0.5))

    def _next(self, interval: float, when: float) -> float:
        """When it is read next: by the beat, those that are over already left out."""
        late = time.monotonic() - when
        self._late[interval] = self._late.get(interval, 0) + 1 if late > interval else 0
        if self._late[interval] == SLOW:
            self._inlet.note(
                "PW5071",
                f"all that is to be read every {interval:g} s takes longer than that; give it a longer 'interval', or allow 'holes'",
            )
        return when + interval * max(1, math.floor(late / interval) + 1)

    def _read(self, interval: float) -> None:
        """One round: what was read of it is handed over, also where the line is lost in the middle."""
        sheet = Sheet(self._inlet.reject)
        todo, done = self._plan[interval][::-1], []
        try:
            while todo:
                block = todo[-1]
                parts = self._block(interval, block, sheet)
                todo.pop()
                if parts == [block]:
                    done.append(block)
                else:
                    todo += parts[::-1]
        finally:
            self._plan[interval] = [*done, *todo[::-1]]
            if len(sheet):
                self._inlet.put(*sheet.readings(), {})
        self._tell()

    def _block(self, interval: float, block: Block[Channel], sheet: Sheet) -> list[Block[Channel]]:
        """Read one block. What stands in the plan for it afterwards: itself, its two halves that are to be read, or nothing."""
        try:
            read = self._line.read(block.table, block.unit_id, block.start, block.count)
        except Refused as error:
            self._heard()
            parts = divided(block) if error.code in (WRONG, TOO_MANY) else [block]
            if len(parts) > 1:
                return parts
            names = [channel.where for channel in block.items]
            for channel in block.items:
                channel.lose(time.time_ns(), sheet)
            self._told.append(f"{', '.join(names[:3])}{f' and {len(names) - 3} more' * (len(names) > 3)}: {error}")
            if error.code > TOO_MANY:
                return [block]  # it may be well again at any time
            self._refused.append((interval, block))
            return []
        now = time.time_ns()
        self._heard()
        for channel in block.items:
            channel.take(block.cells(channel, read), now, sheet, self._inlet)
        return [block]

    def _heard(self) -> None:
        if not self._answered:
            self._answered = True
            self._inlet.cannot_resume("Modbus does not tell what was while nobody asked")
        self._inlet.alive()

    def _once_more(self) -> None:
        for interval, block in self._refused:
            self._plan[interval].append(block)
        self._refused.clear()

    def _tell(self) -> None:
        if self._told:
            more = f"; and {len(self._told) - 3} more" if len(self._told) > 3 else ""
            self._inlet.note("PW5070", f"refused: {'; '.join(self._told[:3])}{more}; the others are read on")
            self._told.clear()
