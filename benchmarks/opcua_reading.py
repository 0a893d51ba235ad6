"""How many values of OPC UA one process takes: messages of a subscription as they come over the wire, parsed and made into readings.

python benchmarks/opcua_reading.py [--values 1000] [--seconds 5]
"""

from __future__ import annotations

import argparse
import asyncio
import threading
import time
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any

from asyncua import ua
from asyncua.common.utils import Buffer
from asyncua.ua.ua_binary import struct_from_binary, struct_to_binary

from plantwright.shopfloor.connectors.opcua.session import Held
from plantwright.shopfloor.connectors.opcua.subscribing import Listener
from plantwright.shopfloor.connectors.opcua.values import Variable


class Sink:
    """An inlet that counts."""

    def __init__(self) -> None:
        self.count, self.safe, self.heard, self.stopping = 0, None, 1, threading.Event()

    def put(self, samples: Any, events: Any, position: Any) -> None:
        self.count += len(samples) + len(events)

    def clock(self, instant: int) -> None:
        pass


def message(values: int) -> bytes:
    """A message of a subscription with so many numbers, as it comes over the wire."""
    now = datetime.now(UTC).replace(tzinfo=None)
    items = [
        ua.MonitoredItemNotification(
            at, ua.DataValue(ua.Variant(at + 0.25, ua.VariantType.Double), SourceTimestamp=now, ServerTimestamp=now)
        )
        for at in range(values)
    ]
    answer = ua.PublishResponse()
    answer.Parameters.SubscriptionId = 1
    answer.Parameters.NotificationMessage.PublishTime = now
    answer.Parameters.NotificationMessage.NotificationData = [ua.DataChangeNotification(MonitoredItems=items)]
    return bytes(struct_to_binary(answer))


async def measure(values: int, seconds: float) -> tuple[float, float]:
    """Values a second: parsed alone, and with all that is done with them."""
    data = message(values)
    begin, count = time.process_time(), 0
    while time.process_time() - begin < seconds / 2:
        struct_from_binary(ua.PublishResponse, Buffer(data))
        count += values
    parsed = count / (time.process_time() - begin)
    variables = [Variable(ua.NodeId(at, 1), (f"v{at}",), "mill", f"mill/v{at}", True) for at in range(values)]
    sink = Sink()
    held = Held(None, subscription=1, variables=variables, tags=list(range(values)))  # type: ignore[arg-type]
    listener = Listener(SimpleNamespace(uaclient=SimpleNamespace(session=None)), held, sink)  # type: ignore[arg-type]
    begin = time.process_time()
    while time.process_time() - begin < seconds / 2:
        told = struct_from_binary(ua.PublishResponse, Buffer(data)).Parameters
        told.NotificationMessage.SequenceNumber = held.sequence + 1
        await listener._hear(told)
    return parsed, sink.count / (time.process_time() - begin)


if __name__ == "__main__":
    words = argparse.ArgumentParser(description=__doc__)
    words.add_argument("--values", type=int, default=1000)
    words.add_argument("--seconds", type=float, default=5.0)
    told = words.parse_args()
    parsed, kept = asyncio.run(measure(told.values, told.seconds))
    print(f"parsed {parsed:,.0f} values a second of one core, with all that is done with them {kept:,.0f}")
