"""Register maps: in the collector's file and in a CSV file, all that is wrong with them at once; and the requests that read them."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantwright.shopfloor.config import ConfigError, parse_config, read_config
from plantwright.shopfloor.connectors.modbus.blocks import Block, blocks, divided
from plantwright.shopfloor.connectors.modbus.connector import ModbusDevice
from plantwright.shopfloor.connectors.modbus.registers import Meaning, Register, Shape

CSV = """\
name;Address;type;table;order;scale;offset;unit;tag type;values;unavailable;unit id;interval;machine;description
pressure;100;float32;;CDAB;;;bar;;;;;;;zone 1, upper
state;0x66;;input;;;;;EXECUTION;1: ACTIVE, 2: READY;0xFFFF, 0;2;10 s;oven 2;

door;3;;coil;;;;;;0: OPEN, 1: CLOSED;;;;;
level;40;int16;;;0.1;-40;m;;;-32768;;;;
"""

YAML = """\
sources:
  oven:
    connector: modbus
    host: 10.0.0.9
    port: 1502
    unit id: 7
    interval: 500 ms
    order: DCBA
    holes: 4
    most registers: 64
    timeout: 1 s
    first address: 1
    registers:
      pressure: {address: 100, type: float32, order: CDAB, unit: bar, description: "zone 1, upper"}
      state: {address: 0x66, table: input, tag type: EXECUTION, values: {1: ACTIVE, 2: READY}, unavailable: [65535, 0], unit id: 2, interval: 10 s, machine: oven 2}
      door: {address: 3, table: coil, values: {0: OPEN, 1: CLOSED}}
      level: {address: 40, type: int16, scale: 0.1, offset: -40, unit: m, unavailable: -32768}
"""


def read(text: str, folder: Path | None = None) -> ModbusDevice:
    made = parse_config(text, folder=folder).sources["oven"].connector
    assert isinstance(made, ModbusDevice)
    return made


def test_a_map_in_the_file_and_one_in_a_table_are_the_same(tmp_path: Path) -> None:
    (tmp_path / "oven.csv").write_text(CSV)
    made = read(YAML)
    assert (str(made.address), made.address.timeout, made.unit_id, made.interval) == ("10.0.0.9:1502", 1.0, 7, 0.5)
    assert (made.order, made.holes, made.most_registers, made.first_address) == ("DCBA", 4, 64, 1)
    pressure, state, door, level = made.registers
    assert pressure == Register(
        "pressure", 100, shape=Shape("float32"), order="CDAB", unit="bar", description="zone 1, upper"
    )
    assert (state.address, state.values, state.unavailable) == (102, {1: "ACTIVE", 2: "READY"}, (65_535, 0))
    assert (state.unit_id, state.interval, state.machine, state.holds) == (2, 10.0, "oven 2", True)
    assert door.type == Shape("bool")
    assert (level.scale, level.offset, level.unavailable, level.holds) == (0.1, -40.0, (-32_768,), False)
    from_table = read(f"{YAML.partition('    registers:')[0]}    registers: oven.csv\n", tmp_path)
    assert from_table.registers == made.registers


def test_all_that_is_wrong_with_a_table_is_said_with_its_line(tmp_path: Path) -> None:
    (tmp_path / "oven.csv").write_text(
        "name,address,type,scale,values,tag typ\n"
        "one,100,float31,,,\n"
        "two,seventy,,0,,\n"
        ",5,,,,\n"
        "one,6,uint16,,1: A,\n"
        "six,70000,uint16,x,,\n"
        "seven,7,uint16,,one: A,,8\n"
        "eight,65535,float64,,,\n"
        "nine,9,uint16,2,70000: A,\n"
    )
    (tmp_path / "collect.yaml").write_text(
        "sources:\n  oven:\n    connector: modbus\n    host: oven\n    registers: oven.csv\n    port: 0\n"
    )
    with pytest.raises(ConfigError) as caught:
        read_config(tmp_path / "collect.yaml")
    said = [(p.place.file.rpartition("/")[2], p.place.line, p.reason) for p in caught.value.problems]
    assert [(file, line) for file, line, _ in said] == [
        ("collect.yaml", 6),
        *(("oven.csv", line) for line in (1, 2, 3, 4, 5, 6, 6, 7, 7, 8, 9)),
    ]
    for (_, _, reason), wanted in zip(
        said,
        [
            "'0' must be from 1 to 65535",
            "unknown column 'tag typ'",
            "'float31' is no type; known are int16",
            "'seventy' is no address",
            "a register without a name",
            "'one' stands in line 2, too",
            "'70000' is no address; they are from 0 to 65535 (40001 in a manual is holding register 0)",
            "'x'",
            "has more cells than there are columns",
            "'one' is no whole number",
            "4 registers from 65535 on reach beyond",
            "'values' are words for what stands there; 'scale' and 'offset' do not go with them; 70000 cannot stand in a uint16",
        ],
        strict=True,
    ):
        assert wanted in reason, (reason, wanted)


@pytest.mark.parametrize(
    ("registers", "said"),
    [
        ("{a: {address: 1, table: coil, type: float32}}", "a coil holds a bool, no float32"),
        ("{a: {address: 1, type: int16, unavailable: 65535}}", "65535 cannot stand in a int16"),
        ("{a: {address: 1, type: uint64, unavailable: 18446744073709551616}}", "cannot stand in a uint64"),
        ("{a: {address: 1, type: string 8, unavailable: 0}}", "a string has no 'values' and no 'unavailable'"),
        ("{a: {address: 1, type: bit 3, scale: 2}}", "a bit has no 'scale' and no 'offset'"),
        ("{a: {address: 1, type: bit 16}}", "'bit 16' is no type"),
        ("{a: {address: 1, table: holdings}}", "did you mean 'holding'"),
        ("{a: {adress: 1}}", "did you mean 'address'"),
        ("{a: {address: 1, interval: 0 s}}", "must not be below 0.01"),
        ("{}", "no register is named"),
        ("there.csv", "is not there"),
        ("[1, 2]", "keys"),
    ],
)
def test_what_is_wrong_with_a_map_is_said(registers: str, said: str, tmp_path: Path) -> None:
    with pytest.raises(ConfigError) as caught:
        parse_config(f"sources: {{oven: {{connector: modbus, host: oven, registers: {registers}}}}}", folder=tmp_path)
    assert said in str(caught.value)


def test_an_address_before_the_first_is_said() -> None:
    with pytest.raises(ConfigError, match="'a': there is no address 0 where the first is 1"):
        parse_config("sources: {oven: {connector: modbus, host: oven, first address: 1, registers: {a: {address: 0}}}}")


@settings(max_examples=60, deadline=None)
@given(st.text(st.sampled_from('name,adrestypvlu;:{}"\n\r\t0123xé\0')), st.booleans())
def test_any_table_is_read_or_refused(tmp_path_factory: pytest.TempPathFactory, text: str, headed: bool) -> None:
    folder = tmp_path_factory.mktemp("maps")
    (folder / "oven.csv").write_text(("name,address,values\n" if headed else "") + text, encoding="utf-8", newline="")
    try:
        made = read("sources: {oven: {connector: modbus, host: oven, registers: oven.csv}}", folder)
    except ConfigError:
        return
    assert made.registers


@dataclass(frozen=True)
class At:
    at: int
    cells: int
    unit_id: int = 1
    table: str = "holding"


PLACES = st.lists(st.builds(At, st.integers(0, 300), st.integers(1, 4), st.integers(1, 2)), min_size=1, max_size=40)


def spans(block: Block[At]) -> list[tuple[int, int]]:
    """The stretches of addresses that nobody asked for within a block."""
    wanted = {n for item in block.items for n in range(item.at, item.at + item.cells)}
    holes, begin = [], None
    for n in range(block.start, block.start + block.count + 1):
        if n not in wanted and n < block.start + block.count:
            begin = n if begin is None else begin
        elif begin is not None:
            holes.append((begin, n))
            begin = None
    return holes


@settings(max_examples=100, deadline=None)
@given(PLACES, st.integers(0, 20), st.integers(4, 125))
def test_every_item_is_read_once_within_the_limits_and_by_the_fewest_requests(
    items: list[At], holes: int, most: int
) -> None:
    found = blocks(items, holes, most)
    assert sorted((i for b in found for i in b.items), key=repr) == sorted(items, key=repr)
    for block in found:
        assert block.count <= most
        assert all(end - begin <= holes for begin, end in spans(block))
        assert {(item.unit_id, item.table) for item in block.items} == {(block.unit_id, block.table)}
        for item in block.items:
            assert list(block.cells(item, range(block.start, block.start + block.count))) == list(
                range(item.at, item.at + item.cells)
            )
    # no two neighbours would fit into one request
    for one, two in pairwise(found):
        reach = max(two.start + two.items[0].cells, one.start + one.count) - one.start
        apart = two.start - (one.start + one.count)
        assert one.unit_id != two.unit_id or apart > holes or reach > most


@settings(max_examples=100, deadline=None)
@given(PLACES)
def test_a_block_is_divided_until_each_stands_alone(items: list[At]) -> None:
    todo, alone = blocks(items, 20), []
    while todo:
        block = todo.pop()
        parts = divided(block)
        assert [item for part in parts for item in part.items] == list(block.items)
        assert len(parts) in (1, 2)
        if len(parts) == 1:
            alone.append(block)
        todo += parts if len(parts) == 2 else []
    assert all(len({(item.at, item.cells) for item in block.items}) == 1 for block in alone)
    assert sum(len(block.items) for block in alone) == len(items)


@given(st.integers(-(2**15), 2**15 - 1), st.sampled_from([1, 2, 3]))
def test_decimals_stay_decimals(raw: int, digits: int) -> None:
    scaled = Meaning(Register("a", 0, shape=Shape("int16"), scale=10.0**-digits)).number(raw)
    assert scaled == float(f"{raw}e-{digits}")
