"""The virtual plant's OPC UA server: its machines as objects, what they say as variables."""

from __future__ import annotations

import asyncio
import logging
import socket
import threading
import time
from collections.abc import Callable, Coroutine
from datetime import datetime, timedelta
from typing import Any

from plantwright.shopfloor.connectors import needs
from plantwright.shopfloor.virtual.devices import Item
from plantwright.shopfloor.virtual.faults import Faults
from plantwright.shopfloor.virtual.observations import UNAVAILABLE, Catalogue, Observations

NAMESPACE = "urn:plantwright:virtual"
MOST_CONNECTIONS, MOST_SUBSCRIPTIONS, MOST_QUEUED = 32, 64, 10_000
LONGEST_SESSION = 60.0
"""Seconds without a word after which a session ends, and its subscriptions with it."""
ORPHANED = 300
"""Publishing cycles without a client after which a subscription ends."""
_EPOCH = datetime(1970, 1, 1)  # naive, as asyncua wants instants in UTC


class OpcuaServer:
    """Serves the devices of a catalogue. It runs in a thread of its own.

    Parameters
    ----------
    catalogue : Catalogue
    name : str
        Of the plant.
    host : str
    port : int
        0: one that is free.
    faults : Faults
    since : int
        The instant from which nothing is known until something is said, in nanoseconds.
    """

    def __init__(
        self, catalogue: Catalogue, name: str, host: str, port: int, faults: Faults | None = None, since: int = 0
    ) -> None:
        self._ua = needs("asyncua.ua", "opcua")
        logging.getLogger("asyncua").setLevel(logging.CRITICAL)
        self._catalogue, self._name, self._host, self._port = catalogue, name, host, port
        self._faults, self._since = faults or Faults(), since
        self._loop = asyncio.new_event_loop()
        self._nodes: list[Any] = []
        self._kinds: list[Callable[[str], Any]] = []
        self._thread = threading.Thread(target=self._loop.run_forever, name="opc ua", daemon=True)

    @property
    def url(self) -> str:
        """Where it is reached."""
        host = f"[{self._host}]" if ":" in self._host else self._host
        return f"opc.tcp://{host}:{self._port}"

    def start(self) -> None:
        """Begin to answer. Raises OSError where the port cannot be served."""
        with socket.create_server((self._host, self._port), family=_family(self._host)):
            """It can be; the server's address space takes seconds to be made."""
        self._thread.start()
        try:
            self._do(self._open(), 60.0)
        except BaseException:
            self._end()
            raise

    def write(self, said: Observations) -> None:
        """Take the next observations; waits until they are told."""
        if self._loop.is_running():
            self._do(self._tell(said), 120.0)

    def cut(self) -> None:
        """Cut all connections, and take none."""
        self._loop.call_soon_threadsafe(self._cut, 0)

    def mend(self) -> None:
        """Take connections again."""
        self._loop.call_soon_threadsafe(self._cut, MOST_CONNECTIONS)

    def close(self) -> None:
        """End, with all connections."""
        try:
            self._do(self._server.stop(), 10.0)
        finally:
            self._end()

    def _end(self) -> None:
        async def last() -> None:
            tasks = [task for task in asyncio.all_tasks() if task is not asyncio.current_task()]
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

        self._do(last(), 5.0)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5.0)
        if not self._thread.is_alive():
            self._loop.close()

    def _do(self, work: Coroutine[Any, Any, Any], timeout: float) -> Any:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result(timeout)

    async def _open(self) -> None:
        ua, server = self._ua, needs("asyncua", "opcua").Server()
        self._server = server
        await server.init()
        inside = server.iserver
        inside.max_connections, inside.max_subscriptions = MOST_CONNECTIONS, MOST_SUBSCRIPTIONS
        inside.max_session_timeout_ms = LONGEST_SESSION * 1000
        inside.max_lifetime_count, inside.max_keep_alive_count = ORPHANED, ORPHANED // 3
        inside.max_monitored_item_queue_size = MOST_QUEUED
        inside.max_pending_activation_seconds = 10.0
        server.set_endpoint(self.url)
        server.set_server_name(f"Plantwright: {self._name}")
        await server.set_application_uri(f"{NAMESPACE}:server")
        server.set_security_policy([ua.SecurityPolicyType.NoSecurity])
        space = await server.register_namespace(NAMESPACE)
        await self._build(server, space)
        await server.start()
        assert server.bserver is not None
        self._port = server.bserver.port

    async def _build(self, server: Any, space: int) -> None:
        ua = self._ua
        objects = server.nodes.objects
        plant = await objects.add_folder(ua.NodeId("plant", space), ua.QualifiedName(self._name, space))
        parents = {}
        for device in self._catalogue.devices:
            node = ua.NodeId(device.name, space)
            parents[device.number] = await plant.add_object(node, ua.QualifiedName(device.name, space))
        for device, item in self._catalogue.items:
            kind = _kind(item)
            node = ua.NodeId(f"{device.name}/{item.key}", space)
            name = ua.QualifiedName(item.key, space)
            empty = ua.Variant(None, ua.VariantType.Null)
            made = await parents[device.number].add_variable(node, name, empty, datatype=ua.NodeId(_TYPES[kind], 0))
            self._nodes.append(made.nodeid)
            self._kinds.append(_variants(ua, kind))
        await self._tell(
            Observations([self._since] * len(self._nodes), [*range(len(self._nodes))], [UNAVAILABLE] * len(self._nodes))
        )

    async def _tell(self, said: Observations) -> None:
        ua = self._ua
        bad = ua.StatusCode(ua.StatusCodes.BadNoData)
        good, none = ua.StatusCode(ua.StatusCodes.Good), ua.Variant(None, ua.VariantType.Null)
        now = _EPOCH + timedelta(microseconds=(time.time_ns() + self._faults.ahead) // 1000)
        space = self._server.iserver.aspace
        for instant, item, value in zip(said.time, said.item, said.value, strict=True):
            is_known = not value.startswith(UNAVAILABLE)
            told = ua.DataValue(
                self._kinds[item](value) if is_known else none,
                good if is_known else bad,
                SourceTimestamp=_EPOCH + timedelta(microseconds=instant // 1000),
                ServerTimestamp=now,
            )
            await space.write_attribute_value(self._nodes[item], ua.AttributeIds.Value, told)

    def _cut(self, most: int) -> None:
        self._server.iserver.max_connections = most
        if most == 0:
            for transport in list(self._server.iserver.asyncio_transports):
                transport.abort()


_TYPES = {"Double": 11, "Int64": 8, "String": 12}
"""The types of variables, by their node in the standard's namespace."""


def _family(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def _kind(item: Item) -> str:
    if item.category == "SAMPLE":
        return "Double"
    return "Int64" if item.type == "PART_COUNT" else "String"


def _variants(ua: Any, kind: str) -> Callable[[str], Any]:
    if kind == "Double":
        return lambda text: ua.Variant(float(text), ua.VariantType.Double)
    if kind == "Int64":
        return lambda text: ua.Variant(int(text), ua.VariantType.Int64)
    return lambda text: ua.Variant(text, ua.VariantType.String)
