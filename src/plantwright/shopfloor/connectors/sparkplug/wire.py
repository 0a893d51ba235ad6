"""The wire format of Protocol Buffers, read and written by tables of fields, with hard bounds.

https://protobuf.dev/programming-guides/encoding: a message is fields, each a key (number and wire type) and a value. A message is a dict
here; a field that was not there is not in it, one that is not in the table is passed over.
"""

from __future__ import annotations

import struct
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from plantwright.errors import PlantwrightError

LARGEST = 64 * 1024 * 1024
"""Bytes of a message; a larger one is refused unread."""

DEEPEST = 24
"""Messages within messages."""

VARINT, EIGHT, BYTES, FOUR = 0, 1, 2, 5
"""Wire types."""


class WireError(PlantwrightError):
    """Bytes that are no such message."""

    code = "PW5060"


@dataclass(frozen=True, slots=True)
class Field:
    """A field: its name, wire type, how its value is read and written, and the message that it holds.

    Parameters
    ----------
    name : str
    wire : int
    read, write : callable
        From what the wire holds (an int, or bytes) and to it.
    repeated : bool
    shape : mapping, optional
        The fields of the message within, by number.
    """

    name: str
    wire: int
    read: Callable[[Any], Any]
    write: Callable[[Any], Any]
    repeated: bool = False
    shape: Mapping[int, Field] | None = None


Shape = Mapping[int, Field]


def _text(raw: bytes) -> str:
    return raw.decode("utf-8")


def _float(raw: bytes) -> float:
    return struct.unpack("<f", raw)[0]  # type: ignore[no-any-return]


def _double(raw: bytes) -> float:
    return struct.unpack("<d", raw)[0]  # type: ignore[no-any-return]


def uint32(name: str, repeated: bool = False) -> Field:
    """A ``uint32``. What is longer is cut, as the format says; a negative number is written in two's complement."""
    return Field(name, VARINT, lambda n: n & 0xFFFF_FFFF, lambda n: n & 0xFFFF_FFFF, repeated)


def uint64(name: str) -> Field:
    """A ``uint64``; a negative number is written in two's complement."""
    return Field(name, VARINT, int, lambda n: n & 0xFFFF_FFFF_FFFF_FFFF)


def boolean(name: str) -> Field:
    """A ``bool``."""
    return Field(name, VARINT, bool, int)


def text(name: str, repeated: bool = False) -> Field:
    """A ``string``, which must be UTF-8."""
    return Field(name, BYTES, _text, str.encode, repeated)


def raw(name: str) -> Field:
    """``bytes``."""
    return Field(name, BYTES, bytes, bytes)


def float32(name: str) -> Field:
    """A ``float``."""
    return Field(name, FOUR, _float, lambda x: struct.pack("<f", x))


def float64(name: str) -> Field:
    """A ``double``."""
    return Field(name, EIGHT, _double, lambda x: struct.pack("<d", x))


def message(name: str, shape: Shape, repeated: bool = False) -> Field:
    """A message within."""
    return Field(name, BYTES, bytes, bytes, repeated, shape)


def read(shape: Shape, data: bytes) -> dict[str, Any]:
    """The message in bytes. Raises WireError where they are none."""
    if len(data) > LARGEST:
        raise WireError(f"{len(data):,} bytes; at most {LARGEST:,} are read [PW5060]")
    try:
        return _read(shape, memoryview(data), 0, len(data), 0)
    except (UnicodeDecodeError, IndexError, struct.error) as error:
        what = "a text that is not UTF-8" if isinstance(error, UnicodeDecodeError) else "it ends within a field"
        raise WireError(f"{what} [PW5060]") from error


def _read(shape: Shape, data: memoryview, at: int, end: int, depth: int) -> dict[str, Any]:
    if depth > DEEPEST:
        raise WireError(f"more than {DEEPEST} messages within one another [PW5060]")
    found: dict[str, Any] = {}
    while at < end:
        key = data[at]
        at += 1
        if key > 127:
            key, at = _varint(data, at - 1, end)
        wire = key & 7
        if wire == VARINT:
            value: Any = data[at] if at < end else _short()
            at += 1
            if value > 127:
                value, at = _varint(data, at - 1, end)
            stop = at
        elif wire == BYTES:
            size, at = _varint(data, at, end)
            stop = at + size
        elif wire in (FOUR, EIGHT):
            stop = at + (4 if wire == FOUR else 8)
        else:
            raise WireError(f"a wire type {wire}, which no field has [PW5060]")
        if stop > end:
            _short()
        field = shape.get(key >> 3)
        if field is not None and (field.wire == wire or (field.repeated and field.wire == VARINT and wire == BYTES)):
            _keep(found, field, value if wire == VARINT else None, data, at, stop, depth)
        elif key < 8:
            raise WireError("a field of number 0 [PW5060]")
        at = stop
    return found


def _keep(found: dict[str, Any], field: Field, value: Any, data: memoryview, at: int, stop: int, depth: int) -> None:
    if value is not None:
        value = field.read(value)
    elif field.shape is not None:
        value = _read(field.shape, data, at, stop, depth + 1)
    elif field.wire == VARINT:
        while at < stop:
            number, at = _varint(data, at, stop)
            found.setdefault(field.name, []).append(field.read(number))
        return
    else:
        value = field.read(bytes(data[at:stop]))
    if field.repeated:
        found.setdefault(field.name, []).append(value)
    else:
        found[field.name] = value


def _varint(data: memoryview, at: int, end: int) -> tuple[int, int]:
    number = shift = 0
    while True:
        if at >= end:
            _short()
        byte = data[at]
        at += 1
        number |= (byte & 127) << shift
        if byte < 128:
            return number & 0xFFFF_FFFF_FFFF_FFFF, at
        shift += 7
        if shift > 63:
            raise WireError("a number of more than 64 bits [PW5060]")


def _short() -> int:
    raise WireError("it ends within a field [PW5060]")


def write(shape: Shape, values: Mapping[str, Any]) -> bytes:
    """The bytes of a message, its fields in the order of their numbers."""
    out = bytearray()
    for number, field in shape.items():
        value = values.get(field.name)
        if value is None:
            continue
        key = _number(number << 3 | field.wire)
        for one in value if field.repeated else (value,):
            out += key
            if field.wire == VARINT:
                out += _number(field.write(one))
            elif field.wire == BYTES:
                inner = field.write(one) if field.shape is None else write(field.shape, one)
                out += _number(len(inner))
                out += inner
            else:
                out += field.write(one)
    return bytes(out)


def _number(number: int) -> bytes:
    if number < 128:
        return bytes((number,))
    out = bytearray()
    while number > 127:
        out.append(number & 127 | 128)
        number >>= 7
    out.append(number)
    return bytes(out)
