"""Modbus TCP against pyModbusTCP's server and mbpoll: what registers say, in how few requests, refusals, cuts, garbage."""

from __future__ import annotations

import logging
import math
import random
import re
import ssl
import struct
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pyModbusTCP import utils
from pyModbusTCP.server import DeviceIdentification

from plantwright.shopfloor.config import Secret
from plantwright.shopfloor.connectors import ConnectionLost
from plantwright.shopfloor.connectors.modbus import KIND, make
from plantwright.shopfloor.connectors.modbus.connector import ModbusDevice
from plantwright.shopfloor.connectors.modbus.line import Address, Garbled, Refused, connected
from plantwright.shopfloor.connectors.modbus.registers import Register, read_shape
from plantwright.shopfloor.readings import Quality
from tests.shopfloor.checklist import Checklist, Collected, Rig, collecting, gaps
from tests.shopfloor.modbus_device import Device, Served, mbpoll, needs_mbpoll, saying, served, tunnel
from tests.shopfloor.test_mtconnect import certificate


def device(port: int, *registers: Register, **words: Any) -> ModbusDevice:
    given = {"interval": 0.02, "timeout": 2.0, **words}
    return make("mill", "127.0.0.1", {one.name: one for one in registers}, port, **given)


def register(name: str, address: int, type: str = "", **words: Any) -> Register:
    return Register(name, address, shape=read_shape(type) if type else None, **words)


def once(port: int, *registers: Register, **words: Any) -> Collected:
    """Read for a round."""
    names = [one.tag("mill", "mill") for one in registers]
    with collecting(("mill", device(port, *registers, **words))) as found:

        def all_read() -> bool:
            return all(found.samples(t.name) if t.kind == "sample" else found.events(t.name) for t in names)

        found.until(all_read)
    return found


class ModbusRig(Rig):
    sample = "mill/load"
    resumes = False
    remembers = False
    limits = {"deadbands": {"mill/load": (0.01, 0.0)}}  # noqa: RUF012

    def __init__(self, it: Served) -> None:
        self.served = it

    def connector(self) -> ModbusDevice:
        return device(self.served.port, register("load", 7, "float32", unavailable=(-1.0,)), timeout=0.5)

    def say(self, number: float) -> None:
        self.served.device.put(7, *struct.unpack(">HH", struct.pack(">f", number)))
        self.served.round()

    def cut(self) -> None:
        self.served.off()

    def mend(self) -> None:
        self.served.on()

    def unavailable(self) -> None:
        self.say(math.nan)

    def rubbish(self) -> None:
        self.say(math.inf)


class TestOfTheChecklist(Checklist):
    @pytest.fixture
    def rig(self) -> Iterator[Rig]:
        with served() as it:
            yield ModbusRig(it)


WORDS = (0x1234, 0xFEDC, 0xC2F6, 0xE979, 0x4048, 0xF5C3, 0x8000, 0x0001, 0xFFFF, 0x7FC1)


@pytest.mark.parametrize("order", ["ABCD", "CDAB"])
def test_every_type_is_read_as_another_implementation_reads_it(order: str) -> None:
    big = order == "ABCD"
    words = list(WORDS[:8])
    longs = utils.word_list_to_long(words, big_endian=big)
    quads = utils.word_list_to_long(words, big_endian=big, long_long=True)
    wanted = {
        "uint16": words,
        "int16": utils.get_list_2comp(words, 16),
        "uint32": longs,
        "int32": utils.get_list_2comp(longs, 32),
        "float32": [utils.decode_ieee(value) for value in longs],
        "uint64": quads,
        "int64": utils.get_list_2comp(quads, 64),
        "float64": [utils.decode_ieee(value, double=True) for value in quads],
    }
    with served() as it:
        it.device.put(100, *words)
        asked = [
            register(f"{kind} {n}", 100 + n * read_shape(kind).cells, kind, order=order)
            for kind, values in wanted.items()
            for n in range(len(values))
        ]
        found = once(it.port, *asked)
    for kind, values in wanted.items():
        assert [found.values(f"mill/{kind} {n}")[0] for n in range(len(values))] == [float(v) for v in values], kind


def test_bytes_that_are_swapped_in_their_registers_and_bits_and_strings() -> None:
    value = struct.pack(">f", 21.5)
    a, b, c, d = value
    text = b"MILL 7\0\xff"
    with served() as it:
        it.device.put(0, a << 8 | b, c << 8 | d, c << 8 | d, a << 8 | b, b << 8 | a, d << 8 | c, d << 8 | c, b << 8 | a)
        it.device.put(10, *struct.unpack(">4H", text))
        it.device.put(20, *struct.unpack("<4H", text))
        it.device.put(30, 0b1000_0000_0000_0101)
        found = once(
            it.port,
            register("1", 0, "float32", order="ABCD"),
            register("2", 2, "float32", order="CDAB"),
            register("3", 4, "float32", order="BADC"),
            register("4", 6, "float32", order="DCBA"),
            register("text", 10, "string 8"),
            register("swapped", 20, "string 8", order="BADC"),
            register("short", 10, "string 3"),
            *(register(f"bit {n}", 30, f"bit {n}") for n in range(16)),
            register("any", 30, "bool"),
            register("none", 31, "bool", values={0: "OPEN", 1: "CLOSED"}, tag_type="DOOR_STATE"),
        )
    assert [found.values(f"mill/{n}")[0] for n in range(1, 5)] == [21.5] * 4
    texts = [found.events(f"mill/{name}")[0][0] for name in ("text", "swapped", "short", "any", "none")]
    assert texts == ["MILL 7", "MILL 7", "MIL", "true", "OPEN"]
    assert [n for n in range(16) if found.events(f"mill/bit {n}")[0][0] == "true"] == [0, 2, 15]


@needs_mbpoll
def test_what_mbpoll_reads_is_what_is_read() -> None:
    rng = random.Random(7)
    ints = [rng.randint(-(2**31), 2**31 - 1) for _ in range(10)]
    floats = [rng.uniform(-1e6, 1e6) for _ in range(10)]
    bits = [rng.random() < 0.5 for _ in range(40)]
    with served() as it:
        it.device.put(0, *(word & 0xFFFF for value in ints for word in (value >> 16, value)))
        it.device.put(40, *(word for value in floats for word in struct.unpack(">HH", struct.pack(">f", value))))
        it.device.data_bank.set_input_registers(0, list(WORDS))
        it.device.data_bank.set_coils(0, bits)
        it.device.data_bank.set_discrete_inputs(100, bits[::-1])
        theirs = {
            "int32 ABCD": mbpoll(it.port, "-t", "4:int", "-B", "-r", "0", "-c", "10"),
            "int32 CDAB": mbpoll(it.port, "-t", "4:int", "-r", "0", "-c", "10"),
            "float32 ABCD": mbpoll(it.port, "-t", "4:float", "-B", "-r", "40", "-c", "10"),
            "float32 CDAB": mbpoll(it.port, "-t", "4:float", "-r", "40", "-c", "10"),
            "uint16 input": mbpoll(it.port, "-t", "3", "-r", "0", "-c", str(len(WORDS))),
            "coil": mbpoll(it.port, "-t", "0", "-r", "0", "-c", "40"),
            "discrete": mbpoll(it.port, "-t", "1", "-r", "100", "-c", "40"),
        }
        asked = []
        for how, values in theirs.items():
            type, _, rest = how.partition(" ")
            table = rest or type if type in ("uint16", "coil", "discrete") else "holding"
            order = rest if len(rest) == 4 else ""
            kind = type if table in ("holding", "input") else ""
            asked += [register(f"{how} {address}", address, kind, table=table, order=order) for address in values]
        found = once(it.port, *asked)
    assert [len(values) for values in theirs.values()] == [10, 10, 10, 10, len(WORDS), 40, 40]
    for how, values in theirs.items():
        for address, text in values.items():
            plain = text.split()[0]
            name = f"mill/{how} {address}"
            if how in ("coil", "discrete"):
                assert found.events(name)[0][0] == ("true" if plain == "1" else "false")
            elif how.startswith("float32"):
                # mbpoll shows six digits
                assert float(f"{found.values(name)[0]:g}") == float(plain)
            else:
                assert found.values(name)[0] == float(plain)


@needs_mbpoll
def test_what_mbpoll_writes_is_read() -> None:
    with served() as it:
        mbpoll(it.port, "-t", "4:float", "-B", "-r", "0", write=("21.5", "-0.25"))
        mbpoll(it.port, "-t", "4:int", "-r", "10", write=("-123456789", "7"))
        mbpoll(it.port, "-t", "4", "-r", "20", write=("217", "2"))
        mbpoll(it.port, "-t", "0", "-r", "3", write=("1", "0", "1"))
        found = once(
            it.port,
            register("warm", 0, "float32", unit="°C"),
            register("cold", 2, "float32"),
            register("count", 10, "int32", order="CDAB", tag_type="PART_COUNT"),
            register("tenths", 20, "int16", scale=0.1, offset=-20),
            register("state", 21, values={1: "ACTIVE", 2: "READY"}, tag_type="EXECUTION"),
            *(register(f"coil {n}", n, table="coil") for n in (3, 4, 5)),
        )
    assert (found.values("mill/warm")[0], found.values("mill/cold")[0]) == (21.5, -0.25)
    assert found.values("mill/tenths")[0] == 21.7 - 20
    assert [found.events(f"mill/{name}")[0][0] for name in ("count", "state", "coil 3", "coil 4", "coil 5")] == [
        "-123456789",
        "READY",
        "true",
        "false",
        "true",
    ]


def test_neighbours_are_read_with_one_request_and_holes_only_where_they_are_allowed() -> None:
    with served() as it:
        registers = [register(f"r{n}", n) for n in (*range(200), 210, 220)]
        coils = [register(f"c{n}", n, table="coil") for n in range(2_100)]
        once(it.port, *registers, *coils, interval=60.0)
        strict = sorted(it.device.requests)
        it.device.requests.clear()
        once(it.port, *registers, holes=10, most_registers=100, interval=60.0)
        loose = sorted(it.device.requests)
    assert strict == [
        (1, "coil", 0, 2_000),
        (1, "coil", 2_000, 100),
        (1, "holding", 0, 125),
        (1, "holding", 125, 75),
        (1, "holding", 210, 1),
        (1, "holding", 220, 1),
    ]
    assert loose == [(1, "holding", 0, 100), (1, "holding", 100, 100), (1, "holding", 210, 11)]


def test_a_register_that_is_refused_is_named_and_the_others_go_on() -> None:
    with served() as it:
        it.device.put(0, *range(100, 200))
        it.device.forbidden["holding"] = {37, 38, 80}
        with collecting(("mill", device(it.port, *(register(f"r{n}", n) for n in range(100))))) as found:
            found.until(lambda: len(found.values("mill/r99")) > 3)
            told = found.of("PW5070")
            asked = len(it.device.requests)
            it.round(40, 5.0)
            rounds = it.device.requests[asked : asked + 40]
    assert told == [
        "refused: 'r37' (holding 37): illegal address; 'r38' (holding 38): illegal address; 'r80' (holding 80): illegal address; "
        "the others are read on"
    ]
    read = [n for n in range(100) if found.values(f"mill/r{n}")[:1] == [100.0 + n]]
    assert read == [n for n in range(100) if n not in (37, 38, 80)]
    assert [q for _, q in found.samples("mill/r37")] == [Quality.UNAVAILABLE]
    refused = [r for r in rounds if set(range(r[2], r[2] + r[3])) & {37, 38, 80}]
    assert not refused


def test_of_two_devices_behind_a_gateway_one_may_be_silent() -> None:
    with served() as it:
        it.device.exception[2] = 11
        both = [register("one", 0, unit_id=1), register("two", 0, unit_id=2)]
        with collecting(("mill", device(it.port, *both))) as found:
            found.until(lambda: len(found.values("mill/one")) > 3)
            assert [q for _, q in found.samples("mill/two")] == [Quality.UNAVAILABLE]
            assert "'two' (holding 0): the device behind the gateway does not answer" in found.of("PW5070")[0]
            del it.device.exception[2]
            found.until(lambda: bool(found.values("mill/two")))


def test_a_number_by_which_it_says_that_it_does_not_know_and_one_without_a_word() -> None:
    with served() as it:
        it.device.put(0, 65_535, 1)
        tags = [register("level", 0, unavailable=(65_535,)), register("state", 1, values={1: "ACTIVE", 2: "READY"})]
        with collecting(("mill", device(it.port, *tags))) as found:
            found.until(lambda: bool(found.events("mill/state")))
            it.device.put(0, 12, 9)
            found.until(lambda: len(found.events("mill/state")) == 2)
            it.device.put(1, 2)
            found.until(lambda: len(found.events("mill/state")) == 3)
    assert [q for _, q in found.samples("mill/level")][:2] == [Quality.UNAVAILABLE, Quality.GOOD]
    assert [text for text, _ in found.events("mill/state")] == ["ACTIVE", "UNAVAILABLE", "READY"]
    assert "'0009': there is no word for it in 'values' of 'state': 'state' (holding 1)" in found.of("PW5022")[0]


def test_each_register_by_its_interval_and_machine_and_a_map_that_counts_from_one() -> None:
    with served() as it:
        it.device.put(0, 5, 6)
        words = {"first_address": 1, "machine": "oven"}
        tags = [register("quick", 1), register("slow", 2, interval=30.0, machine="oven 2")]
        with collecting(("mill", device(it.port, *tags, **words))) as found:
            found.until(lambda: len(found.values("oven/quick")) > 5)
    assert set(found.values("oven/quick")) == {5.0}
    assert found.values("oven 2/slow") == [6.0]
    assert it.device.requests.count((1, "holding", 1, 1)) == 1
    assert {tag.machine for tag in found.history.tags() if tag.machine} == {"oven", "oven 2"}


def secured(folder: Path) -> tuple[ssl.SSLContext, Path, Path]:
    public, private = certificate(folder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(public, private)
    return context, public, private


def test_in_tls_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    context, public, private = secured(tmp_path)
    context.verify_mode = ssl.CERT_REQUIRED
    context.load_verify_locations(public)
    with served() as it, tunnel(it.port, context) as port:
        it.device.put(0, 5)
        words = {"tls": True, "ca": public, "certificate": public, "key": private}
        assert once(port, register("load", 0), **words).values("mill/load")[0] == 5
        with collecting(("mill", device(port, register("load", 0), tls=True))) as found:
            found.until(lambda: bool(found.of("PW5001")))
    assert "refused: self-signed certificate" in found.of("PW5001")[0].replace("self signed", "self-signed")
    assert "by 'ca'" in found.of("PW5001")[0]


def test_what_is_wrong_with_tls_is_said_before_it_is_read(tmp_path: Path) -> None:
    _, public, private = secured(tmp_path)
    for words, said in [
        ({"tls": True, "ca": private}, "'ca' .* holds no certificate"),
        ({"tls": True, "certificate": public}, "'certificate' .* cannot be used"),
        ({"ca": public}, "are for 'tls: yes'"),
    ]:
        with pytest.raises(ValueError, match=said):
            device(802 if "tls" in words else 502, register("load", 0), **words)
    assert device(802, register("load", 0)).address.security is not None
    assert device(502, register("load", 0)).address.security is None


def test_the_password_of_a_key_opens_it_and_is_told_to_nobody(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    from cryptography.hazmat.primitives import serialization as form

    caplog.set_level(logging.DEBUG)
    context, public, private = secured(tmp_path)
    key = form.load_pem_private_key(private.read_bytes(), None)
    locked = form.BestAvailableEncryption(b"swordfish 7")
    private.write_bytes(key.private_bytes(form.Encoding.PEM, form.PrivateFormat.PKCS8, locked))
    words = {"tls": True, "ca": public, "certificate": public, "key": private}
    with pytest.raises(ValueError, match="a key that is encrypted needs its 'key password'"):
        device(802, register("load", 0), **words)
    with pytest.raises(ValueError, match="cannot be used") as caught:
        device(802, register("load", 0), **words, key_password=Secret("swordfish 8"))
    with served() as it, tunnel(it.port, context) as port:
        connector = device(port, register("load", 0), **words, key_password=Secret("swordfish 7"))
        with collecting(("mill", connector)) as found:
            found.until(lambda: len(found.values("mill/load")) > 2)
    lines = private.read_text().splitlines()[1:-1]
    for said in (caplog.text, str(found.notes), repr(connector), str(caught.value)):
        assert "swordfish" not in said
        assert not any(line in said for line in lines)
    assert "pymodbus" in caplog.text


def frame(request: bytes, pdu: bytes, tid: int | None = None, protocol: int = 0, length: int | None = None) -> bytes:
    number = int.from_bytes(request[:2], "big") if tid is None else tid
    return struct.pack(">HHHB", number, protocol, len(pdu) + 1 if length is None else length, request[6]) + pdu


ANSWER = struct.pack(">BBf", 3, 4, 5.0)

GARBAGE = {
    "another protocol": (lambda r: b"HTTP/1.1 400 Bad Request\r\n\r\n", "did not answer|does not speak Modbus"),
    "another number of the transaction": (lambda r: frame(r, ANSWER, tid=99), "did not answer"),
    "another protocol's number": (lambda r: frame(r, ANSWER, protocol=7), "did not answer"),
    "half a frame": (lambda r: frame(r, ANSWER)[:9], "did not answer"),
    "a frame that is too long": (lambda r: frame(r, ANSWER, length=60_000), "did not answer"),
    "megabytes": (lambda r: bytes(1_000_000), "does not speak Modbus"),
    "another function": (lambda r: frame(r, struct.pack(">BBf", 4, 4, 5.0)), "by function 4 where 2 of holding"),
    "too few registers": (lambda r: frame(r, b"\x03\x02\0\5"), "1 values by function 3 where 2"),
    "too many registers": (lambda r: frame(r, b"\x03\x06" + bytes(6)), "3 values by function 3 where 2"),
    "a count that is not held": (lambda r: frame(r, b"\x03\xf0\0\0"), "does not speak Modbus"),
    "an empty answer": (lambda r: frame(r, b""), "did not answer|does not speak Modbus"),
    "nothing": (lambda r: None, "did not answer within 0.2 s"),
}


@pytest.mark.parametrize("what", GARBAGE)
def test_garbage_is_told_and_not_kept(what: str) -> None:
    answer, said = GARBAGE[what]
    with saying(answer) as port, collecting(("mill", device(port, register("load", 0, "float32"), timeout=0.2))) as found:  # fmt: skip
        found.until(lambda: bool(found.of("PW5001")))
        assert found.samples("mill/load") == []
        assert gaps(found) == []
    assert re.search(said, found.of("PW5001")[0]), found.notes
    assert not found.of("PW5004")


def test_answers_with_any_byte_changed_are_read_or_refused() -> None:
    rng = random.Random(8)

    def answer(request: bytes) -> bytes:
        data = bytearray(frame(request, ANSWER))
        how, at = rng.randrange(3), rng.randrange(len(data))
        if how == 0:
            data[at] = rng.randrange(256)
        elif how == 1:
            del data[at:]
        else:
            data[at:at] = bytes(rng.randrange(256) for _ in range(rng.randrange(300)))
        return bytes(data)

    ends: list[str] = []
    with saying(answer) as port:
        for _ in range(150):
            try:
                with connected(Address("127.0.0.1", port, 0.02), threading.Event()) as line:
                    ends.append(f"{len(line.read('holding', 1, 0, 2))} registers")
            except (Refused, Garbled, ConnectionLost) as error:
                ends.append(type(error).__name__)
    assert set(ends) == {"2 registers", "Refused", "Garbled", "ConnectionLost"}


def test_it_is_discovered_by_what_it_says_of_itself() -> None:
    identity = DeviceIdentification(b"Example Controls", b"X-1", b"2.3", model_name=b"Loop controller")
    device_ = Device()
    device_.forbidden["coil"] = {0}
    assert KIND.discover is not None
    with served(device_, identity) as it:
        (draft,) = KIND.discover(f"127.0.0.1:{it.port}", 2.0)
        assert list(KIND.discover("127.0.0.1:1", 0.5)) == []
    assert draft.words == {
        "connector": "modbus",
        "host": "127.0.0.1",
        "port": it.port,
        "registers": {"holding 0": {"address": 0}},
    }
    assert draft.notes[0] == "it says: vendor Example Controls, product X-1, revision 2.3"
    assert "address 0 can be read of: holding, input, discrete" in draft.notes
    with saying(lambda r: b"HTTP/1.1 400 Bad Request\r\n\r\n") as port:
        assert list(KIND.discover(f"127.0.0.1:{port}", 0.2)) == []


def test_a_device_is_discovered_under_the_unit_id_at_which_it_answers() -> None:
    asked: list[int] = []

    def answer(request: bytes) -> bytes | None:
        asked.append(request[6])
        return frame(request, bytes([request[7] | 0x80, 2])) if request[6] == 255 else None

    assert KIND.discover is not None
    with saying(answer) as port:
        (draft,) = KIND.discover(f"127.0.0.1:{port}", 0.2)
    assert asked == [1, 255, 255, 255, 255, 255]
    assert draft.words["unit id"] == 255
    assert "address 0 can be read of: no table" in draft.notes
