"""Modbus TCP: registers, coils and inputs of a device by a map of them, plain or in TLS."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from plantwright.plant.readers import Choice, Number, Quantity, Text
from plantwright.plant.structures import Word
from plantwright.shopfloor.config import FilePath, Secret, SecretText
from plantwright.shopfloor.connectors import Connector, ConnectorKind, Draft, needs
from plantwright.shopfloor.connectors.modbus.maps import INTERVAL, ORDER, REGISTER_MAP, UNIT_ID

if TYPE_CHECKING:
    from plantwright.shopfloor.connectors.modbus.connector import ModbusDevice
    from plantwright.shopfloor.connectors.modbus.registers import Register

PORT, SECURE_PORT = 502, 802


def make(
    name: str,
    host: str,
    registers: Mapping[str, Register],
    port: int | None = None,
    tls: bool | None = None,
    ca: Path | None = None,
    certificate: Path | None = None,
    key: Path | None = None,
    key_password: Secret | None = None,
    timeout: float = 3.0,
    first_address: int = 0,
    **values: object,
) -> ModbusDevice:
    """The connector of a device. Raises ValueError, ConnectorMissing."""
    needs("pymodbus", "shopfloor")
    from plantwright.shopfloor.connectors.modbus.connector import ModbusDevice
    from plantwright.shopfloor.connectors.modbus.line import Address, Security

    secure = port == SECURE_PORT if tls is None else tls
    security = Security(ca, certificate, key, key_password) if secure else None
    if security is not None:
        security.context()
    elif ca or certificate or key or key_password:
        raise ValueError("'ca', 'certificate', 'key' and 'key password' are for 'tls: yes'")
    for register in registers.values():
        last = register.address + register.type.cells - 1 - first_address
        if register.address < first_address or last > 65_535:
            raise ValueError(
                f"{register.name!r}: there is no address {register.address} where the first is {first_address}"
            )
    address = Address(host, port or (SECURE_PORT if secure else PORT), timeout, security)
    return ModbusDevice(name, address, tuple(registers.values()), first_address=first_address, **values)  # type: ignore[arg-type]


def discover(host: str, timeout: float) -> Iterator[Draft]:
    """The device at a host, or a host with port."""
    needs("pymodbus", "shopfloor")
    from plantwright.shopfloor.connectors.modbus.discovering import discover_devices

    return discover_devices(host, timeout)


def _make(name: str, **values: object) -> Connector:
    return make(name, **values)  # type: ignore[arg-type]


KIND = ConnectorKind(
    "modbus",
    "a Modbus TCP device, by a map of its registers",
    (
        Word("host", Text(), "", "192.168.1.30", "where the device or gateway is", needed=True),
        Word("port", Number(least=1, most=65_535, whole=True), "", "502", "its port", "502, with TLS 802"),
        Word("registers", REGISTER_MAP, "", "{pressure: {address: 100, type: float32, unit: bar}}", "what is read, by a name; or a CSV file of it", needed=True),
        Word("unit id", UNIT_ID, "", "1", "of the device", "1"),
        Word("interval", INTERVAL, "", "1 s", "how often registers are read", "1 s"),
        Word("order", ORDER, "", "CDAB", "how the bytes of a value of two registers come", "ABCD"),
        Word("first address", Number(most=1, whole=True), "", "1", "the number that the map gives to the first register", "0"),
        Word("holes", Number(most=124, whole=True), "", "8", "so many addresses in a row that nobody asked for may be read along", "0"),
        Word("most registers", Number(least=1, most=125, whole=True), "", "32", "in one request", "125"),
        Word("timeout", Quantity("duration", 0.05), "", "3 s", "so long it may take to answer", "3 s"),
        Word("machine", Text(), "", "oven 1", "the machine's name", "the source's"),
        Word("tls", Choice({"yes": True, "no": False}), "", "yes", "whether the line is encrypted", "yes at port 802, else no"),
        Word("ca", FilePath(), "", "certificates/ca.pem", "the authorities that are trusted in place of the system's"),
        Word("certificate", FilePath(), "", "certificates/collector.pem", "the collector's own, with its key or not"),
        Word("key", FilePath(), "", "certificates/collector.key", "the certificate's key"),
        Word("key password", SecretText(), "", "{env: KEY_PASSWORD}", "the key's, where it is encrypted"),
    ),
    _make,
    discover,
    "shopfloor",
)  # fmt: skip
