"""The servers of a virtual plant, opened together or not at all."""

from __future__ import annotations

import time
from collections.abc import Mapping
from contextlib import suppress

from plantwright.shopfloor.virtual.errors import VirtualError
from plantwright.shopfloor.virtual.running import VirtualPlant


def open_servers(
    virtual: VirtualPlant,
    host: str,
    *,
    mtconnect: int | None = None,
    opcua: int | None = None,
    sparkplug: str | None = None,
    buffer: int = 131_072,
) -> Mapping[str, str]:
    """Serve a virtual plant by protocols; the address of each. Raises VirtualError, and then none is open."""
    addresses: dict[str, str] = {}
    try:
        if mtconnect is not None:
            addresses["mtconnect"] = _mtconnect(virtual, host, mtconnect, buffer)
        if opcua is not None:
            addresses["opcua"] = _opcua(virtual, host, opcua)
        if sparkplug is not None:
            addresses["sparkplug"] = _sparkplug(virtual, sparkplug)
    except BaseException:
        for sink in virtual.sinks:
            with suppress(Exception):
                sink.close()
        raise
    return addresses


def _mtconnect(virtual: VirtualPlant, host: str, port: int, buffer: int) -> str:
    from plantwright.shopfloor.virtual.mtconnect.agent import Agent
    from plantwright.shopfloor.virtual.mtconnect.server import AgentServer

    agent = Agent(virtual.signals.catalogue, buffer_size=buffer, faults=virtual.conductor.faults)
    try:
        server = AgentServer(agent, host, port)
    except (OSError, OverflowError) as error:
        raise cannot_listen(host, port, error) from error
    server.start()
    virtual.sinks.append(server)
    return server.url


def _opcua(virtual: VirtualPlant, host: str, port: int) -> str:
    from plantwright.shopfloor.virtual.opcua import OpcuaServer

    before = virtual.pace.zero - 1_000_000_000
    server = OpcuaServer(virtual.signals.catalogue, virtual.plant.name, host, port, virtual.conductor.faults, before)
    try:
        server.start()
    except OSError as error:
        raise cannot_listen(host, port, error) from error
    virtual.sinks.append(server)
    return server.url


def _sparkplug(virtual: VirtualPlant, broker: str) -> str:
    from plantwright.shopfloor.connectors.mqtt.broker import Broker
    from plantwright.shopfloor.virtual.sparkplug import SparkplugNode

    faults, before = virtual.conductor.faults, virtual.pace.zero - 1_000_000_000

    def clock() -> int:
        return time.time_ns() + faults.ahead

    try:
        node = SparkplugNode(virtual.signals.catalogue, virtual.plant.name, Broker(broker), clock, before)
    except ValueError as error:
        raise VirtualError(f"--sparkplug: {error}") from error
    node.start()
    virtual.sinks.append(node)
    return node.url


def cannot_listen(host: str, port: int, error: Exception) -> VirtualError:
    """Why a port cannot be served."""
    why = getattr(error, "strerror", None) or str(error)
    return VirtualError(
        f"{host}:{port} cannot be served: {why}; is another program there? Give another port, or 0 for one that is free"
    )
