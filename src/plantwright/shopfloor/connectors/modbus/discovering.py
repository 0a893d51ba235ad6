"""Finding a Modbus device: it answers a request, if only by refusing it."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping

from plantwright.shopfloor.connectors import ConnectionLost, Draft
from plantwright.shopfloor.connectors.modbus.line import Address, Ending, Garbled, Line, Refused, connected
from plantwright.shopfloor.connectors.modbus.registers import TABLES, Register

PORT = 502

UNITS = (1, 255, 0)
"""Unit ids under which a device itself answers: serial lines begin with 1, devices with an address of their own take 255 or 0."""

NO_PATH = (10, 11)

SAYS = {0: "vendor", 1: "product", 2: "revision", 3: "address", 4: "product's name", 5: "model", 6: "application"}
"""Objects of a device's identification (MODBUS Application Protocol 1.1b3, 6.21)."""


def discover_devices(host: str, timeout: float) -> Iterator[Draft]:
    """A draft of the device that answers, if one does."""
    if "://" in host:
        return
    name, _, port = host.rpartition(":") if host.count(":") == 1 else (host, "", str(PORT))
    if not port.isdigit() or not 0 < int(port) < 65_536:
        return
    address = Address(name, int(port), min(timeout, 2.0))
    for unit in UNITS:
        reached = False
        try:
            with connected(address, threading.Event()) as line:
                reached = True
                draft = _draft(line, name, int(port), unit)
        except (Garbled, Ending):
            return
        except ConnectionLost:
            if not reached:
                return
            continue
        if draft is not None:
            yield draft
            return


def _draft(line: Line, host: str, port: int, unit: int) -> Draft | None:
    """What a device says under a unit id, None where there is none."""
    readable: list[str] = []
    for table in TABLES:
        try:
            line.read(table, unit, 0, 1)
            readable.append(table)
        except Refused as error:
            if error.code in NO_PATH:
                return None
    said = _said(line, unit)
    words: dict[str, object] = {"connector": "modbus", "host": host}
    words |= ({} if port == PORT else {"port": port}) | ({} if unit == 1 else {"unit id": unit})
    notes = [f"it says: {', '.join(f'{what} {text}' for what, text in said.items())}"] if said else []
    source, offers = f"device {host}", []
    if readable:
        table = readable[0]
        words["registers"] = {f"{table} 0": {"address": 0} | ({} if table == "holding" else {"table": table})}
        offers = [Register(f"{table} 0", 0, table).tag(source, source)]
    notes += [
        "Modbus does not say what a device's registers are: take their addresses and types from its manual",
        f"address 0 can be read of: {', '.join(readable) or 'no table'}",
        "nothing is encrypted",
    ]
    return Draft(source, words, offers, notes)


def _said(line: Line, unit: int) -> Mapping[str, str]:
    try:
        found = line.identity(unit)
    except (Refused, Garbled, ConnectionLost):
        return {}
    return {SAYS[number]: text for number, text in found.items() if number in SAYS and text}
