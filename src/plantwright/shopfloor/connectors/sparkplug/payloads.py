"""Payloads of Sparkplug B: metrics with names or aliases, types, times and values."""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from enum import IntEnum
from typing import Any

from plantwright.shopfloor.connectors.sparkplug import wire
from plantwright.shopfloor.connectors.sparkplug.wire import Shape

Message = Mapping[str, Any]
"""A payload or a part of it, by the names that the specification gives its fields; one that was not there is not in it."""


class DataType(IntEnum):
    """What a metric's value is, by the number on the wire."""

    UNKNOWN = 0
    INT8 = 1
    INT16 = 2
    INT32 = 3
    INT64 = 4
    UINT8 = 5
    UINT16 = 6
    UINT32 = 7
    UINT64 = 8
    FLOAT = 9
    DOUBLE = 10
    BOOLEAN = 11
    STRING = 12
    DATETIME = 13
    TEXT = 14
    UUID = 15
    DATASET = 16
    BYTES = 17
    FILE = 18
    TEMPLATE = 19
    PROPERTYSET = 20
    PROPERTYSETLIST = 21
    INT8ARRAY = 22
    INT16ARRAY = 23
    INT32ARRAY = 24
    INT64ARRAY = 25
    UINT8ARRAY = 26
    UINT16ARRAY = 27
    UINT32ARRAY = 28
    UINT64ARRAY = 29
    FLOATARRAY = 30
    DOUBLEARRAY = 31
    BOOLEANARRAY = 32
    STRINGARRAY = 33
    DATETIMEARRAY = 34


BASIC = frozenset(range(1, 15))
"""Types of columns, parameters and properties."""

_BITS = {1: 8, 2: 16, 3: 32, 4: 64, 5: 8, 6: 16, 7: 32, 8: 64, 13: 64}
_SIGNED = frozenset({1, 2, 3, 4})
_PACKED = {22: "b", 23: "h", 24: "i", 25: "q", 26: "B", 27: "H", 28: "I", 29: "Q", 30: "f", 31: "d", 34: "Q"}

VALUES = ("int_value", "long_value", "float_value", "double_value", "boolean_value", "string_value", "bytes_value", "dataset_value", "template_value", "propertyset_value", "propertysets_value")  # fmt: skip
"""The fields of which one holds a value."""


def _values(first: int) -> dict[int, wire.Field]:
    makers = (wire.uint32, wire.uint64, wire.float32, wire.float64, wire.boolean, wire.text)
    return {first + n: make(name) for n, (make, name) in enumerate(zip(makers, VALUES, strict=False))}


_PROPERTIES: dict[int, wire.Field] = {}
_PROPERTY_SETS: Shape = {1: wire.message("propertyset", _PROPERTIES, repeated=True)}
_PROPERTY: Shape = {
    1: wire.uint32("type"), 2: wire.boolean("is_null"), **_values(3),
    9: wire.message("propertyset_value", _PROPERTIES), 10: wire.message("propertysets_value", _PROPERTY_SETS),
}  # fmt: skip
_PROPERTIES.update({1: wire.text("keys", repeated=True), 2: wire.message("values", _PROPERTY, repeated=True)})

_ROW: Shape = {1: wire.message("elements", _values(1), repeated=True)}
_DATASET: Shape = {
    1: wire.uint64("num_of_columns"), 2: wire.text("columns", repeated=True),
    3: wire.uint32("types", repeated=True), 4: wire.message("rows", _ROW, repeated=True),
}  # fmt: skip
_PARAMETER: Shape = {1: wire.text("name"), 2: wire.uint32("type"), **_values(3)}
_METADATA: Shape = {
    1: wire.boolean("is_multi_part"), 2: wire.text("content_type"), 3: wire.uint64("size"), 4: wire.uint64("seq"),
    5: wire.text("file_name"), 6: wire.text("file_type"), 7: wire.text("md5"), 8: wire.text("description"),
}  # fmt: skip
_METRIC: dict[int, wire.Field] = {}
_TEMPLATE: Shape = {
    1: wire.text("version"), 2: wire.message("metrics", _METRIC, repeated=True),
    3: wire.message("parameters", _PARAMETER, repeated=True), 4: wire.text("template_ref"), 5: wire.boolean("is_definition"),
}  # fmt: skip
_METRIC.update({
    1: wire.text("name"), 2: wire.uint64("alias"), 3: wire.uint64("timestamp"), 4: wire.uint32("datatype"),
    5: wire.boolean("is_historical"), 6: wire.boolean("is_transient"), 7: wire.boolean("is_null"),
    8: wire.message("metadata", _METADATA), 9: wire.message("properties", _PROPERTIES),
    **_values(10), 16: wire.raw("bytes_value"), 17: wire.message("dataset_value", _DATASET),
    18: wire.message("template_value", _TEMPLATE),
})  # fmt: skip
_PAYLOAD: Shape = {
    1: wire.uint64("timestamp"), 2: wire.message("metrics", _METRIC, repeated=True), 3: wire.uint64("seq"),
    4: wire.text("uuid"), 5: wire.raw("body"),
}  # fmt: skip


COMPRESSED = "SPBV1.0_COMPRESSED"
"""The uuid of a payload whose body is another one, packed (no part of the specification, but of its first implementations)."""


def decode(data: bytes) -> Message:
    """The payload in bytes: ``timestamp`` in ms, ``metrics``, ``seq``; unpacked where it is packed. Raises WireError where they are none."""
    outer = wire.read(_PAYLOAD, data)
    if outer.get("uuid") != COMPRESSED:
        return outer
    inner = wire.read(_PAYLOAD, _unzipped(outer.get("body", b"")))
    return {**inner, **({"seq": outer["seq"]} if "seq" in outer else {})}


def _unzipped(body: bytes) -> bytes:
    """What DEFLATE or GZIP packed, within bounds."""
    try:
        unpacking = zlib.decompressobj(zlib.MAX_WBITS | 32)
        whole = unpacking.decompress(body, wire.LARGEST)
    except zlib.error as error:
        raise wire.WireError(f"a body that cannot be unpacked: {error} [PW5060]") from error
    if not unpacking.eof:
        raise wire.WireError(f"a body that is cut off, or of more than {wire.LARGEST:,} bytes unpacked [PW5060]")
    return whole


def deflated(data: bytes) -> bytes:
    """Packed by DEFLATE."""
    return zlib.compress(data)


def encode(payload: Message) -> bytes:
    """The bytes of a payload."""
    return wire.write(_PAYLOAD, payload)


def metric(
    name: str | None,
    datatype: DataType | int,
    value: Any,
    timestamp: int,
    *,
    alias: int | None = None,
    typed: bool = True,
    properties: Mapping[str, Any] | None = None,
    historical: bool = False,
) -> dict[str, Any]:
    """A metric with a value as Python has it; None is null.

    Parameters
    ----------
    name : str or None
    datatype : DataType
    value
        An int, float, bool or str; a list for arrays; a dict of ``dataset_value`` or ``template_value`` as the specification names fields.
    timestamp : int
        Milliseconds since 1970.
    alias : int, optional
    typed : bool
        Whether the type is written, as in births.
    properties : mapping, optional
        Texts, numbers and truths by key.
    historical : bool
    """
    made: dict[str, Any] = {"name": name, "alias": alias, "timestamp": timestamp}
    if typed:
        made["datatype"] = int(datatype)
    if historical:
        made["is_historical"] = True
    if value is None:
        made["is_null"] = True
    else:
        made.update(_carried(int(datatype), value))
    if properties:
        made["properties"] = property_set(properties)
    return {key: given for key, given in made.items() if given is not None}


def property_set(given: Mapping[str, Any]) -> dict[str, Any]:
    """Properties as a PropertySet: ints as Int32 where they fit, else Int64; floats as Double, the rest as String."""

    def one(value: Any) -> dict[str, Any]:
        if isinstance(value, bool):
            kind = DataType.BOOLEAN
        elif isinstance(value, int):
            kind = DataType.INT32 if -(2**31) <= value < 2**31 else DataType.INT64
        else:
            kind = DataType.DOUBLE if isinstance(value, float) else DataType.STRING
        return {"type": int(kind), **_carried(kind, value)}

    return {"keys": list(given), "values": [one(value) for value in given.values()]}


def _carried(datatype: int, value: Any) -> dict[str, Any]:
    """The field that holds a value of a type."""
    if datatype in _BITS:
        return {"long_value" if _BITS[datatype] == 64 else "int_value": int(value)}
    if datatype in (9, 10):
        return {"float_value" if datatype == 9 else "double_value": float(value)}
    if datatype == DataType.BOOLEAN:
        return {"boolean_value": bool(value)}
    if datatype in (12, 14, 15):
        return {"string_value": str(value)}
    if datatype in (16, 19):
        return {"dataset_value" if datatype == 16 else "template_value": value}
    return {"bytes_value": packed(datatype, value) if datatype >= 22 else bytes(value)}


def packed(datatype: int, values: Sequence[Any]) -> bytes:
    """An array as bytes, little-endian."""
    if datatype == DataType.BOOLEANARRAY:
        bits = bytearray((len(values) + 7) // 8)
        for n, value in enumerate(values):
            bits[n // 8] |= bool(value) << (7 - n % 8)
        return struct.pack("<I", len(values)) + bytes(bits)
    if datatype == DataType.STRINGARRAY:
        return b"".join(text.encode() + b"\0" for text in values)
    return struct.pack(f"<{len(values)}{_PACKED[datatype]}", *values)


def unpacked(datatype: int, data: bytes) -> list[Any]:
    """The array in bytes. Raises ValueError where they hold none."""
    if datatype == DataType.BOOLEANARRAY:
        if len(data) < 4 or (count := int.from_bytes(data[:4], "little")) > 8 * (len(data) - 4):
            raise ValueError("an array of truths that is cut off")
        return [bool(data[4 + n // 8] >> (7 - n % 8) & 1) for n in range(count)]
    if datatype == DataType.STRINGARRAY:
        if data and not data.endswith(b"\0"):
            raise ValueError("an array of texts that is cut off")
        return [part.decode() for part in data.split(b"\0")[:-1]]
    code = _PACKED[datatype]
    size = struct.calcsize(code)
    if len(data) % size:
        raise ValueError(f"an array of {len(data)} bytes, of values of {size}")
    return list(struct.unpack(f"<{len(data) // size}{code}", data))


def carrier(given: Message) -> str:
    """The name of the field that holds a value, empty where none does."""
    return next((name for name in VALUES if name in given), "")


def value_of(given: Message, datatype: int | None = None) -> Any:
    """The value of a metric, property, parameter or cell as Python has it; None where there is none.

    Raises ValueError where it is not of its type: a text where a number belongs, an array that is cut off.
    """
    kind = given.get("datatype", given.get("type")) if datatype is None else datatype
    field = carrier(given)
    if not field or given.get("is_null"):
        return None
    value = given[field]
    if kind in _BITS:
        if field not in ("int_value", "long_value"):
            raise ValueError(f"a {field} where a whole number belongs")
        bits = _BITS[kind]
        value &= (1 << bits) - 1
        return value - (1 << bits) if kind in _SIGNED and value >> (bits - 1) else value
    if kind in (9, 10) and field not in ("float_value", "double_value"):
        raise ValueError(f"a {field} where a number belongs")
    if kind == DataType.BOOLEAN and field != "boolean_value":
        raise ValueError(f"a {field} where a truth belongs")
    if kind in (12, 14, 15) and field != "string_value":
        raise ValueError(f"a {field} where a text belongs")
    if kind is not None and kind >= 22:
        if field != "bytes_value" or kind > 34:
            raise ValueError(f"a {field} where an array belongs")
        return unpacked(kind, value)
    return value


def moment(milliseconds: int) -> str:
    """A DateTime as a text in ISO 8601. Raises ValueError beyond the year 9999."""
    try:
        return (datetime(1970, 1, 1, tzinfo=UTC) + timedelta(milliseconds=milliseconds)).isoformat()
    except OverflowError as error:
        raise ValueError(f"a time of {milliseconds} ms since 1970") from error


def properties_of(given: Message) -> dict[str, Any]:
    """The properties of a metric by key; those that cannot be read are left out."""
    held = given.get("properties", {})
    found: dict[str, Any] = {}
    for key, value in zip(held.get("keys", ()), held.get("values", ()), strict=False):
        try:
            found[key] = value_of(value)
        except ValueError:
            continue
    return found


def as_json(kind: int | None, value: Any) -> str:
    """What a text alone cannot hold, as JSON: a DataSet's rows, a Template's members."""
    return json.dumps(_plain(kind, value), ensure_ascii=False, separators=(",", ":"))


def _plain(kind: int | None, value: Any) -> Any:
    if kind == DataType.DATASET and isinstance(value, Mapping):
        types = value.get("types", [])
        rows = [
            [_plain(t, value_of(cell, t)) for cell, t in zip(row.get("elements", ()), types, strict=False)]
            for row in value.get("rows", ())
        ]
        return {"columns": value.get("columns", []), "rows": rows}
    if kind == DataType.TEMPLATE and isinstance(value, Mapping):
        named: Iterable[Message] = value.get("parameters", ())
        parameters = {p.get("name", ""): _plain(p.get("type"), value_of(p)) for p in named}
        members = {m.get("name", ""): _plain(m.get("datatype"), value_of(m)) for m in value.get("metrics", ())}
        made = {"template": value.get("template_ref", ""), "members": members, "parameters": parameters}
        return {key: part for key, part in made.items() if part}
    if isinstance(value, bytes):
        return value.hex()
    return value
