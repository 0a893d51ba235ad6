"""Registers: what stands at an address of a Modbus device, and what its bits mean."""

from __future__ import annotations

import math
import re
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from plantwright.shopfloor.connectors.tables import HOLDING_TYPES
from plantwright.shopfloor.readings import Tag

TABLES = {"holding": 16, "input": 16, "coil": 1, "discrete": 1}
"""The four tables of a device, by the bits of what stands at one address: holding and input registers, coils and discrete inputs."""

ORDERS = {"ABCD": (False, False), "CDAB": (True, False), "BADC": (False, True), "DCBA": (True, True)}
"""How the bytes A B C D of a value of two registers come: whether the low register is the first, whether a register's low byte is."""

NUMBERS = {
    "int16": "h", "uint16": "H", "int32": "i", "uint32": "I", "int64": "q", "uint64": "Q", "float32": "f", "float64": "d",
}  # fmt: skip
"""Types of numbers by how `struct` calls them."""

LONGEST_STRING = 250
"""Characters: what one request can read."""

_BIT, _STRING = re.compile(r"bit (\d+)$"), re.compile(r"string (\d+)$")


@dataclass(frozen=True, slots=True)
class Shape:
    """A type: ``kind`` is one of `NUMBERS`, ``bool``, ``bit`` (of a register, ``size`` from 0, the least) or ``string`` (of ``size`` characters)."""

    kind: str = "uint16"
    size: int = 0

    @property
    def cells(self) -> int:
        """How many registers it takes; of coils and discrete inputs, one."""
        if self.kind in NUMBERS:
            return struct.calcsize(NUMBERS[self.kind]) // 2
        return (self.size + 1) // 2 if self.kind == "string" else 1


def read_shape(text: str) -> Shape:
    """The type that a text says. Raises ValueError."""
    if text in NUMBERS or text == "bool":
        return Shape(text)
    if (found := _BIT.match(text)) and int(found[1]) < 16:
        return Shape("bit", int(found[1]))
    if (found := _STRING.match(text)) and 0 < int(found[1]) <= LONGEST_STRING:
        return Shape("string", int(found[1]))
    known = ", ".join(NUMBERS)
    raise ValueError(
        f"{text!r} is no type; known are {known}, bool, 'bit 0' to 'bit 15', 'string 1' to 'string {LONGEST_STRING}'"
    )


@dataclass(frozen=True, slots=True)
class Register:
    """One value of a device.

    Parameters
    ----------
    name : str
    address : int
        As the map gives it; `at` is how it goes over the wire.
    table : str
        One of `TABLES`.
    shape : Shape, optional
        Without it an unsigned number of 16 bits, of coils and discrete inputs a bool.
    order : str
        One of `ORDERS`; empty: the source's. Of a string only the order of bytes counts.
    scale, offset : float
        The value is what stands there times `scale` plus `offset`.
    unit, tag_type, description, machine : str
    values : mapping of int to str
        Words for numbers; it holds words then.
    unavailable : sequence of float
        Numbers, before they are scaled, by which the device says that it does not know.
    unit_id, interval : optional
        The source's where None.

    Raises
    ------
    ValueError
        With all that does not go together.
    """

    name: str
    address: int
    table: str = "holding"
    shape: Shape | None = None
    order: str = ""
    scale: float = 1.0
    offset: float = 0.0
    unit: str = ""
    tag_type: str = ""
    description: str = ""
    machine: str = ""
    values: Mapping[int, str] = field(default_factory=dict)
    unavailable: Sequence[float] = ()
    unit_id: int | None = None
    interval: float | None = None

    def __post_init__(self) -> None:
        kind = self.type.kind
        wrong = []
        if TABLES[self.table] == 1 and kind != "bool":
            wrong.append(f"a {self.table} holds a bool, no {kind}")
        if self.address + self.type.cells > 65_536 + 1:
            wrong.append(
                f"{self.type.cells} registers from {self.address} on reach beyond 65536, the last there can be"
            )
        if kind == "string" and (self.values or self.unavailable):
            wrong.append("a string has no 'values' and no 'unavailable', which are for numbers")
        if kind not in NUMBERS and (self.scale != 1 or self.offset):
            wrong.append(f"a {kind} has no 'scale' and no 'offset'")
        if self.values and (self.scale != 1 or self.offset):
            wrong.append("'values' are words for what stands there; 'scale' and 'offset' do not go with them")
        if self.scale == 0 or not math.isfinite(self.scale):
            wrong.append("'scale' must be a number other than 0")
        wrong += [
            f"{number:.15g} cannot stand in a {kind}"
            for number in (*self.values, *self.unavailable)
            if kind != "string" and not _fits(kind, number)
        ]
        if wrong:
            raise ValueError("; ".join(dict.fromkeys(wrong)))

    @property
    def type(self) -> Shape:
        """Its type."""
        return self.shape or Shape("bool" if TABLES[self.table] == 1 else "uint16")

    @property
    def holds(self) -> bool:
        """Whether it is an event, whose value holds until the next, and no sample."""
        words = bool(self.values) or self.type.kind not in NUMBERS
        return words or self.tag_type.partition(".")[0] in HOLDING_TYPES

    def tag(self, source: str, machine: str) -> Tag:
        """What it is in the history."""
        machine = self.machine or machine
        kind, _, subtype = self.tag_type.partition(".")
        address = f"{self.table} {self.address}" + (f" unit {self.unit_id}" if self.unit_id is not None else "")
        return Tag(
            f"{machine}/{self.name}",
            "event" if self.holds else "sample",
            source,
            machine,
            kind,
            self.unit,
            address,
            self.description,
            subtype,
        )


def _fits(kind: str, number: float) -> bool:
    if kind in ("bool", "bit"):
        return number in (0, 1)
    if kind in ("float32", "float64"):
        return True
    try:
        struct.pack(NUMBERS[kind], int(number))
    except struct.error:
        return False
    return float(number).is_integer()


class Meaning:
    """What the cells of one register say.

    Parameters
    ----------
    register : Register
    order : str
        One of `ORDERS`.
    """

    def __init__(self, register: Register, order: str = "ABCD") -> None:
        self._register = register
        self._kind, self._size = register.type.kind, register.type.size
        self._low_first, self._swapped = ORDERS[register.order or order]
        self._format = ">" + NUMBERS.get(self._kind, "")
        self._lost = {self._as_it_stands(number) for number in register.unavailable}
        inverse = round(1 / register.scale) if 0 < abs(register.scale) < 1 else 0
        # 217 times 0.1 is 21.700000000000003; divided by 10 it is 21.7
        self._divide = inverse if inverse and math.isclose(register.scale * inverse, 1, rel_tol=1e-12) else 0

    def raw(self, cells: Sequence[int]) -> float | int | str | None:
        """What stands in its cells, None where the device does not know. Raises ValueError where it is no reading."""
        if self._kind == "bool":
            value: float | int = int(cells[0] != 0)
        elif self._kind == "bit":
            # The bits of a register are counted from its least, whichever byte comes first.
            value = (self._whole(cells[0]) >> self._size) & 1
        elif self._kind == "string":
            return self._text(cells)
        else:
            value = struct.unpack(self._format, self._bytes(cells))[0]
        return None if value != value or value in self._lost else value

    def number(self, raw: float | int) -> float:
        """The value in its unit."""
        register = self._register
        scaled = raw / self._divide if self._divide else raw * register.scale
        return scaled + register.offset

    def word(self, raw: float | int | str) -> str:
        """The value as a word. Raises ValueError where there is none for it."""
        if isinstance(raw, str):
            return raw
        if self._register.values:
            if raw not in self._register.values:
                raise ValueError(f"there is no word for it in 'values' of {self._register.name!r}")
            return self._register.values[int(raw)]
        if self._kind in ("bool", "bit"):
            return "true" if raw else "false"
        plain = isinstance(raw, int) and self._register.scale == 1 and self._register.offset == 0
        value = raw if plain else self.number(raw)
        if not math.isfinite(value):
            raise ValueError("not a finite number")
        return str(int(value)) if float(value).is_integer() and not isinstance(value, int) else str(value)

    def _whole(self, cell: int) -> int:
        return ((cell & 0xFF) << 8) | (cell >> 8) if self._swapped else cell

    def _bytes(self, cells: Sequence[int]) -> bytes:
        parts = [self._whole(cell).to_bytes(2, "big") for cell in cells]
        return b"".join(reversed(parts) if self._low_first and self._kind != "string" else parts)

    def _text(self, cells: Sequence[int]) -> str:
        data = self._bytes(cells)[: self._size].partition(b"\0")[0]
        try:
            return data.decode("utf-8").rstrip()
        except UnicodeDecodeError:
            raise ValueError("no text in UTF-8; is it a string, and its 'order' right?") from None

    def _as_it_stands(self, number: float) -> float:
        """A number as its type holds it."""
        if self._kind not in ("float32", "float64"):
            return int(number)
        try:
            return struct.unpack(self._format, struct.pack(self._format, number))[0]  # type: ignore[no-any-return]
        except OverflowError:
            return math.copysign(math.inf, number)
