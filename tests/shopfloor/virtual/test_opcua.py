"""The virtual plant's OPC UA server: what is subscribed is the event log of `simulate`; sessions and subscriptions are limited."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from datetime import UTC
from typing import Any

import pytest

asyncua = pytest.importorskip("asyncua")

from plantwright.plant import read_text  # noqa: E402
from plantwright.shopfloor.virtual import opcua  # noqa: E402
from plantwright.shopfloor.virtual.opcua import OpcuaServer  # noqa: E402
from plantwright.shopfloor.virtual.rebuilding import Said, rebuilt  # noqa: E402
from tests.shopfloor.virtual.plants import DAIRY, differences, log_of, played  # noqa: E402


@pytest.fixture(scope="module")
def server() -> Iterator[OpcuaServer]:
    signals, _ = played(read_text(DAIRY), "1 d")
    served = OpcuaServer(signals.catalogue, "A dairy", "127.0.0.1", 0)
    served.start()
    yield served
    served.close()


class Heard:
    """Keeps what a subscription tells."""

    def __init__(self) -> None:
        self.said: list[Said] = []

    def datachange_notification(self, node: Any, value: Any, data: Any) -> None:
        told = data.monitored_item.Value
        device, key = node.nodeid.Identifier.split("/")
        stamp = told.SourceTimestamp.replace(tzinfo=UTC)
        whole = int(stamp.replace(microsecond=0).timestamp()) * 1_000_000 + stamp.microsecond
        self.said.append((device, key, whole * 1000, "UNAVAILABLE" if value is None else str(value)))


async def eventually(holds: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline
        await asyncio.sleep(0.02)


def test_what_is_subscribed_is_the_log(server: OpcuaServer) -> None:
    plant = read_text(DAIRY)
    signals, said = played(plant, "3 d")
    heard = Heard()

    async def follow() -> None:
        async with asyncua.Client(server.url) as client:
            folder = client.get_node("ns=2;s=plant")
            nodes = [v for device in await folder.get_children() for v in await device.get_children()]
            assert len(nodes) == len(signals.catalogue.items)
            subscription = await client.create_subscription(20, heard)
            server.write(said[0])
            value = await client.get_node("ns=2;s=vat/execution").read_data_value(raise_on_bad_status=False)
            assert (value.Value.Value, value.StatusCode.name) == (None, "BadNoData")
            await subscription.subscribe_data_change(nodes, queuesize=10_000)
            await asyncio.to_thread(lambda: [server.write(part) for part in said[1:]])
            last = max(time for part in said for time in part.time) // 1000
            await eventually(lambda: any(one[2] // 1000 == last for one in heard.said))
            value = await client.get_node("ns=2;s=vat/execution").read_data_value()
            assert (value.Value.Value, value.StatusCode.is_good()) in (
                ("ACTIVE", True),
                ("READY", True),
                ("INTERRUPTED", True),
                ("WAIT", True),
                ("PROGRAM_COMPLETED", True),
            )
            with pytest.raises(asyncua.ua.UaStatusCodeError):
                await client.get_node("ns=2;s=vat/execution").write_value("ACTIVE")

    asyncio.run(follow())
    found = rebuilt(sorted(heard.said, key=lambda one: one[2]), signals.zero * 1000)
    wanted = log_of(plant, "3 d")
    assert len(found) == len(wanted) > 300
    assert not differences(found, wanted, 1e-3)


def test_connections_and_subscriptions_are_limited_and_an_orphaned_one_ends(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(opcua, "MOST_CONNECTIONS", 3)
    monkeypatch.setattr(opcua, "MOST_SUBSCRIPTIONS", 2)
    monkeypatch.setattr(opcua, "ORPHANED", 6)
    signals, said = played(read_text(DAIRY), "1 d")
    served = OpcuaServer(signals.catalogue, "A dairy", "127.0.0.1", 0)
    served.start()
    there = served._server.iserver.subscription_service.subscriptions

    async def crowd() -> None:
        clients = [asyncua.Client(served.url, timeout=2) for _ in range(4)]
        for client in clients[:3]:
            await client.connect()
        with pytest.raises((asyncio.TimeoutError, ConnectionError, asyncua.ua.UaError)):
            await clients[3].connect()
        for client in clients[:2]:
            subscription = await client.create_subscription(20, Heard())
            await subscription.subscribe_data_change(client.get_node("ns=2;s=vat/execution"))
        with pytest.raises(asyncua.ua.UaStatusCodeError, match="TooManySubscriptions"):
            await clients[2].create_subscription(100, Heard())
        assert len(there) == 2
        for client in clients[:2]:
            client.uaclient.protocol.transport.abort()  # as if its computer were switched off
        place = iter(range(10**6))
        await eventually(lambda: not there or served.write(said[1].part(at := next(place), at + 1)) is not None)
        for client in clients[:3]:
            await client.disconnect()

    try:
        served.write(said[0])
        asyncio.run(crowd())
    finally:
        served.close()


def test_a_cut_ends_connections_and_none_is_taken(server: OpcuaServer) -> None:
    async def connects() -> bool:
        client = asyncua.Client(server.url, timeout=1)
        try:
            await client.connect()
        except (TimeoutError, ConnectionError, asyncua.ua.UaError):
            return False
        await client.disconnect()
        return True

    async def story(step: Callable[[], Awaitable[bool]]) -> None:
        assert await step()
        server.cut()
        await asyncio.sleep(0.1)
        assert not await step()
        server.mend()
        await asyncio.sleep(0.1)
        assert await step()

    asyncio.run(story(connects))


def test_a_port_in_use_is_told(server: OpcuaServer) -> None:
    signals, _ = played(read_text(DAIRY), "1 d")
    port = int(server.url.rsplit(":", 1)[1])
    before = threading.active_count()
    with pytest.raises(OSError, match="in use"):
        OpcuaServer(signals.catalogue, "A dairy", "127.0.0.1", port).start()
    assert threading.active_count() <= before
