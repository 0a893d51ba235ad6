"""The payload codec: the specification's own bytes, there and back, and bytes that are none."""

from __future__ import annotations

import random
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantwright.shopfloor.connectors.sparkplug import payloads, wire
from plantwright.shopfloor.connectors.sparkplug.payloads import (
    DataType,
    decode,
    encode,
    metric,
    packed,
    unpacked,
    value_of,
)

ARRAYS = {
    DataType.INT8ARRAY: ([-17, 123], "ef7b"),
    DataType.INT16ARRAY: ([-30000, 30000], "d08a3075"),
    DataType.INT32ARRAY: ([-1, 315338746], "fffffffffaafcb12"),
    DataType.INT64ARRAY: ([-4270929666821191986, -3601064768563266876], "ce0672ac189cbac4c4ba9c18ac7206ce"),
    DataType.UINT8ARRAY: ([23, 250], "17fa"),
    DataType.UINT16ARRAY: ([30, 52360], "1e0088cc"),
    DataType.UINT32ARRAY: ([52, 3293969225], "3400000049fb55c4"),
    DataType.UINT64ARRAY: ([52, 16444743074749521625], "3400000000000000d99e02d1b27637e4"),
    DataType.STRINGARRAY: (["ABC", "hello"], "4142430068656c6c6f00"),
    DataType.BOOLEANARRAY: (
        [False, False, True, True, False, True, False, False, True, True, False, True],
        "0c00000034d0",
    ),
}
"""The examples of the specification, section 6.4.16 (where it prints -17 as -23, floats big-endian and DateTimes cut to six bytes)."""


@pytest.mark.parametrize("kind", list(ARRAYS), ids=lambda kind: kind.name)
def test_arrays_are_as_the_specification_shows_them(kind: DataType) -> None:
    values, shown = ARRAYS[kind]
    assert packed(kind, values).hex() == shown
    assert unpacked(kind, bytes.fromhex(shown)) == values


def test_a_payload_is_as_the_wire_format_says() -> None:
    """Worked out by hand: key = number * 8 + wire type, lengths before texts, seven bits at a time."""
    given = {"timestamp": 300, "metrics": [metric("A", DataType.INT8, -2, 1, alias=5)], "seq": 2}
    inner = bytes.fromhex("0a014110051801200150feffffff0f")
    assert encode(given) == bytes.fromhex("08ac02") + b"\x12" + bytes([len(inner)]) + inner + bytes.fromhex("1802")
    assert value_of(decode(encode(given))["metrics"][0]) == -2


SCALARS: dict[DataType, st.SearchStrategy[Any]] = {
    **{kind: st.integers(-(2 ** (b - 1)), 2 ** (b - 1) - 1) for kind, b in zip((DataType.INT8, DataType.INT16, DataType.INT32, DataType.INT64), (8, 16, 32, 64), strict=True)},
    **{kind: st.integers(0, 2**b - 1) for kind, b in zip((DataType.UINT8, DataType.UINT16, DataType.UINT32, DataType.UINT64, DataType.DATETIME), (8, 16, 32, 64, 64), strict=True)},
    DataType.FLOAT: st.floats(width=32, allow_nan=False),
    DataType.DOUBLE: st.floats(allow_nan=False),
    DataType.BOOLEAN: st.booleans(),
    **dict.fromkeys((DataType.STRING, DataType.TEXT, DataType.UUID), st.text()),
    **dict.fromkeys((DataType.BYTES, DataType.FILE), st.binary()),
    DataType.FLOATARRAY: st.lists(st.floats(width=32, allow_nan=False)),
    DataType.DOUBLEARRAY: st.lists(st.floats(allow_nan=False)),
    DataType.BOOLEANARRAY: st.lists(st.booleans()),
    DataType.STRINGARRAY: st.lists(st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]))),
    DataType.DATETIMEARRAY: st.lists(st.integers(0, 2**64 - 1)),
}  # fmt: skip


@given(st.sampled_from(list(SCALARS)).flatmap(lambda kind: st.tuples(st.just(kind), SCALARS[kind])))
@settings(max_examples=200, deadline=None)
def test_every_value_comes_back(case: tuple[DataType, Any]) -> None:
    kind, value = case
    sent = {"timestamp": 1, "metrics": [metric("x", kind, value, 7), metric("y", kind, None, 8)], "seq": 0}
    first, second = decode(encode(sent))["metrics"]
    assert value_of(first) == value
    assert first["datatype"] == kind
    assert second["is_null"] is True
    assert value_of(second) is None


def test_a_data_set_and_a_template_are_told_as_json() -> None:
    rows = [{"elements": [{"int_value": 2**32 - 1}, {"string_value": "a"}]}]
    table = {"num_of_columns": 2, "columns": ["n", "s"], "types": [3, 12], "rows": rows}
    member = metric("speed", DataType.DOUBLE, 2.5, 1)
    mould = {
        "template_ref": "motor",
        "is_definition": False,
        "metrics": [member],
        "parameters": [{"name": "poles", "type": 3, "int_value": 4}],
    }
    sent = {"metrics": [metric("t", DataType.DATASET, table, 1), metric("m", DataType.TEMPLATE, mould, 1)]}
    first, second = decode(encode(sent))["metrics"]
    assert payloads.as_json(16, value_of(first)) == '{"columns":["n","s"],"rows":[[-1,"a"]]}'
    assert (
        payloads.as_json(19, value_of(second))
        == '{"template":"motor","members":{"speed":2.5},"parameters":{"poles":4}}'
    )


def test_properties_come_back() -> None:
    given_ = {"engUnit": "mm", "engHigh": 12.5, "Quality": 192, "on": True, "big": 2**40}
    made = metric("x", DataType.DOUBLE, 1.0, 1, properties=given_)
    assert payloads.properties_of(decode(encode({"metrics": [made]}))["metrics"][0]) == given_


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [(DataType.INT32, {"string_value": "x"}), (DataType.DOUBLE, {"int_value": 1}), (DataType.BOOLEAN, {"int_value": 1}), (DataType.STRING, {"bytes_value": b"x"}), (DataType.INT16ARRAY, {"bytes_value": b"x"}), (DataType.STRINGARRAY, {"bytes_value": b"x"}), (DataType.BOOLEANARRAY, {"bytes_value": b"\x09\0\0\0\1"})],
    ids=lambda case: getattr(case, "name", ""),
)  # fmt: skip
def test_a_value_that_is_not_of_its_type_is_none(kind: DataType, wrong: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match=r"array|belongs"):
        value_of(wrong, kind)


def test_bytes_that_are_no_payload_are_refused_and_never_break_it() -> None:
    draw = random.Random(4)
    good = encode({
        "timestamp": 1700000000000, "seq": 3,
        "metrics": [
            metric("a", DataType.DOUBLE, 1.5, 1, alias=1, properties={"engUnit": "mm"}),
            metric("b", DataType.DATASET, {"num_of_columns": 1, "columns": ["x"], "types": [12], "rows": [{"elements": [{"string_value": "y"}]}]}, 1),
            metric("c", DataType.TEMPLATE, {"is_definition": True, "metrics": [metric("d", DataType.BOOLEAN, True, 1)]}, 1),
        ],
    })  # fmt: skip
    refused = 0
    for _ in range(3000):
        broken = bytearray(good[: draw.randrange(len(good)) if draw.random() < 0.3 else len(good)])
        for _ in range(draw.randrange(6)):
            if broken:
                broken[draw.randrange(len(broken))] = draw.randrange(256)
        try:
            read = decode(bytes(broken))
        except wire.WireError:
            refused += 1
            continue
        for one in read.get("metrics", ()):
            try:
                payloads.as_json(one.get("datatype"), value_of(one))
            except ValueError:
                continue
    assert 300 < refused < 3000


def test_bounds_hold() -> None:
    deep = b""
    for _ in range(40):
        deep = b"\x92\x01" + wire._number(len(deep)) + deep  # template_value within a metric
        deep = b"\x12" + wire._number(len(deep)) + deep
    with pytest.raises(wire.WireError, match="24 messages within"):
        decode(deep)
    with pytest.raises(wire.WireError, match="64 bits"):
        decode(b"\x08" + b"\xff" * 12)
    with pytest.raises(wire.WireError, match="at most"):
        decode(bytes(wire.LARGEST + 1))
    with pytest.raises(wire.WireError, match="ends within"):
        decode(b"\x0a\xff\xff\xff\xff\x0f")
    bomb = payloads.encode({"uuid": payloads.COMPRESSED, "body": payloads.deflated(bytes(wire.LARGEST + 10))})
    assert len(bomb) < 100_000
    with pytest.raises(wire.WireError, match="unpacked"):
        decode(bomb)


def test_what_is_not_in_the_table_is_passed_over() -> None:
    assert decode(bytes.fromhex("08ac02") + b"\x7a\x03abc" + b"\x3d" + struct.pack("<f", 1)) == {"timestamp": 300}
