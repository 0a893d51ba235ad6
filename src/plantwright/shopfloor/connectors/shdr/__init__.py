"""SHDR: the lines that adapters of machines write, over TCP or recorded in files, without an MTConnect agent between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from plantwright.plant.readers import Number, Quantity, Text
from plantwright.plant.structures import ListOf, Word
from plantwright.shopfloor.config import FilePath
from plantwright.shopfloor.connectors import Connector, ConnectorKind, Draft, needs

if TYPE_CHECKING:
    from plantwright.shopfloor.connectors.shdr.connector import ShdrConnector


def make(
    name: str,
    host: str = "",
    port: int = 7878,
    files: Sequence[Path] = (),
    devices: Path | None = None,
    device: str = "",
    machine: str = "",
    heartbeat: float = 10.0,
) -> ShdrConnector:
    """The connector of an adapter, or of files. Raises ValueError, ConnectorMissing."""
    needs("lxml.etree", "shopfloor")
    needs("pyarrow", "shopfloor")
    from dataclasses import replace

    from plantwright.shopfloor.connectors.shdr.connector import ShdrConnector
    from plantwright.shopfloor.connectors.shdr.items import device_in

    if bool(host) == bool(files):
        raise ValueError("either 'host' or 'file' says where the lines are")
    if device and devices is None:
        raise ValueError("'device' is a device of the file that 'devices' names")
    found = device_in(devices, device) if devices is not None else None
    if found is not None and machine:
        found = replace(found, name=machine, items=tuple(replace(one, machine=machine) for one in found.items))
    called = found.name if found is not None else machine or name
    return ShdrConnector(name, called, found, host, port, files, heartbeat)


def discover(host: str, timeout: float) -> Iterator[Draft]:
    """The adapter at a host, or a host with port."""
    from plantwright.shopfloor.connectors.shdr.discovering import discover_adapters

    return discover_adapters(host, timeout)


def _make(name: str, **values: object) -> Connector:
    return make(name, **values)  # type: ignore[arg-type]


KIND = ConnectorKind(
    "shdr",
    "an adapter's SHDR lines, over TCP or from files",
    (
        Word("host", Text(), "", "192.168.1.20", "where the adapter is"),
        Word("port", Number(least=1, most=65_535, whole=True), "", "7878", "its port", "7878"),
        Word("file", ListOf(FilePath()), "files", "[mazak-20161129.txt]", "recorded lines that are read once, in this order, in place of an adapter"),
        Word("devices", FilePath(), "", "Devices.xml", "says what its items are; without it that is guessed"),
        Word("device", Text(), "", "Mazak01", "which device of that file, where it has several"),
        Word("machine", Text(), "", "mill 1", "the machine's name", "the device's, else the source's"),
        Word("heartbeat", Quantity("duration"), "", "10 s", "how often the adapter is asked whether it is there", "10 s, then what it says"),
    ),
    _make,
    discover,
    "shopfloor",
)  # fmt: skip
