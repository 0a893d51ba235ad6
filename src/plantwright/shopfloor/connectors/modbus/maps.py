"""Register maps: read from the collector's file, or from a CSV file beside it, with all that is wrong at its line."""

from __future__ import annotations

import csv
import io
from dataclasses import replace
from functools import partial
from typing import Any

from plantwright.errors import Place, PlantError
from plantwright.plant.beside import text_of
from plantwright.plant.document import Entries, Items, Node, Scalar
from plantwright.plant.readers import Choice, Context, From, Number, Quantity, Reader, Text
from plantwright.plant.structures import Keys, ListOf, MapOf, Named, OneOf, Word
from plantwright.shopfloor.config import ConfigContext
from plantwright.shopfloor.connectors.modbus.registers import ORDERS, TABLES, Register, read_shape

SIGNED = partial(Number, least=float("-inf"))


def _address(text: str, context: Context) -> int:
    try:
        found = int(text, 16) if text.lower().startswith("0x") else int(text)
    except ValueError:
        raise ValueError(f"{text!r} is no address; write a whole number, such as 100 or 0x64") from None
    if not 0 <= found <= 65_536:
        raise ValueError(f"{text!r} is no address; they are from 0 to 65535 (40001 in a manual is holding register 0)")
    return found


def _key(text: str) -> int:
    try:
        return int(text)
    except ValueError:
        raise ValueError(f"{text!r} is no whole number; 'values' are words by numbers, such as {{1: ACTIVE}}") from None


def _exact(text: str, context: Context) -> float:
    """A number without loss: the largest of 64 bits is none of a float's."""
    try:
        return int(text, 0)
    except ValueError:
        return float(SIGNED().text(text, context))


ORDER = Choice({name: name for name in ORDERS})
INTERVAL = Quantity("duration", 0.01)
UNIT_ID = Number(least=0, most=255, whole=True)

WORDS = (
    Word("address", From("an address, such as 100", _address), "", "100", "the first register", needed=True),
    Word("table", Choice({name: name for name in TABLES}), "", "input", "holding or input registers, coils or discrete inputs", "holding"),
    Word("type", From("a type, such as float32", lambda text, _: read_shape(text)), "shape", "float32", "what stands there", "uint16, of coils and discrete inputs bool"),
    Word("order", ORDER, "", "CDAB", "how the bytes of a value come", "the source's"),
    Word("scale", SIGNED(), "", "0.1", "what stands there is multiplied by it", "1"),
    Word("offset", SIGNED(), "", "-40", "and this is added", "0"),
    Word("unit", Text(), "", "bar", "the value's unit"),
    Word("tag type", Text(), "", "EXECUTION", "what it means"),
    Word("values", MapOf(Text(), _key), "", "{1: ACTIVE, 2: READY}", "words for numbers"),
    Word("unavailable", ListOf(From("a number", _exact)), "", "65535", "numbers by which the device says that it does not know"),
    Word("unit id", UNIT_ID, "", "2", "of the device behind a gateway", "the source's"),
    Word("interval", INTERVAL, "", "10 s", "how often it is read", "the source's"),
    Word("machine", Text(), "", "oven 2", "to which it belongs", "the source's"),
    Word("description", Text(), "", "zone 1, upper", "what a person calls it"),
)  # fmt: skip


class Registers(Named):
    """Registers by their names, at least one."""

    def read(self, node: Node, context: Context, path: str) -> Any:
        if isinstance(node, Entries) and not node.entries:
            context.wrong(
                "PW1225", node, path, "no register is named, such as 'pressure: {address: 100, type: float32}'"
            )
        return super().read(node, context, path)


REGISTERS = Registers(Keys(WORDS, Register))


class RegisterFile(Reader):
    """A CSV file beside the collector's: a row for each register, its columns called as the words, and ``name``."""

    kind = "a CSV file, such as registers.csv"

    def read(self, node: Node, context: Context, path: str) -> Any:
        if not isinstance(node, Scalar) or not node.text:
            context.wrong("PW1220", node, path, f"{self.kind}, or registers by their names are wanted here")
            return None
        assert isinstance(context, ConfigContext)
        try:
            text = text_of(context.path_of(node.text))
        except PlantError as error:
            context.beside_wrong(error, node, path)
            return None
        rows = _rows(text, node.text, context, path)
        return REGISTERS.read(rows, context, path) if rows is not None else None


REGISTER_MAP = OneOf(scalar=RegisterFile(), entries=REGISTERS)


def _rows(text: str, file: str, context: Context, path: str) -> Entries | None:
    """A table as the words of the collector's file would stand, None where it is no table."""
    top = Scalar(file, Place(file, 1))
    head, _, _ = text.partition("\n")
    delimiter = max(",;\t", key=head.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
    known = {word.name for word in WORDS} | {"name"}
    try:
        columns = [name.strip().lower() for name in next(reader, [])]
        if "name" not in columns or "address" not in columns:
            context.wrong("PW1225", top, path, "its first line names columns, 'name' and 'address' among them")
            return None
        for name in columns:
            if name and name not in known:
                context.wrong("PW1224", replace(top, text=name), path, f"unknown column {name!r}", known, name)
            if name and columns.count(name) > 1:
                context.wrong("PW1210", replace(top, text=name), path, f"two columns are called {name!r}; keep one")
        return Entries(tuple(_entries(reader, columns, file, context, path)), Place(file, 1))
    except csv.Error as error:
        context.wrong("PW1202", Scalar(file, Place(file, reader.line_num)), path, f"is no CSV table: {error}")
        return None


def _entries(reader: Any, columns: list[str], file: str, context: Context, path: str) -> list[tuple[Scalar, Node]]:
    found: list[tuple[Scalar, Node]] = []
    known = {word.name for word in WORDS}
    seen: dict[str, int] = {}
    for cells in reader:
        place = Place(file, reader.line_num)
        row = {name: cell.strip() for name, cell in zip(columns, cells, strict=False) if cell.strip()}
        if not row:
            continue
        name = row.get("name", "")
        if not name:
            context.wrong("PW1225", Scalar("", place), path, "a register without a name")
            continue
        if name in seen:
            context.wrong(
                "PW1210", Scalar(name, place), f"{path} > {name}", f"{name!r} stands in line {seen[name]}, too"
            )
        seen.setdefault(name, reader.line_num)
        if any(cell.strip() for cell in cells[len(columns) :]):
            context.wrong("PW1222", Scalar(name, place), f"{path} > {name}", "has more cells than there are columns")
        words = ((Scalar(key, place), _cell(key, text, place)) for key, text in row.items() if key in known)
        found.append((Scalar(name, place), Entries(tuple(words), place)))
    return found


def _cell(word: str, text: str, place: Place) -> Node:
    """A cell: words for numbers, and several numbers, stand in one."""
    if word == "values":
        parts = [part.partition(":") for part in text.strip("{}").replace(";", ",").split(",") if part.strip()]
        return Entries(tuple((Scalar(k.strip(), place), Scalar(v.strip(), place)) for k, _, v in parts), place)
    if word == "unavailable":
        parts_ = text.strip("[]").replace(";", ",").split(",")
        return Items(tuple(Scalar(part.strip(), place) for part in parts_ if part.strip()), place)
    return Scalar(text, place)
