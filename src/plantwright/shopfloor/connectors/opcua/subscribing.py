"""A subscription: its items, its messages in their order, and what is asked for again after a cut."""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from zlib import crc32

from asyncua import ua
from asyncua.ua import uaerrors

from plantwright.shopfloor.connectors import ConnectionLost, Inlet
from plantwright.shopfloor.connectors.opcua.session import PATIENCE, Held, Link
from plantwright.shopfloor.connectors.opcua.values import Readings, Variable, nanoseconds

MOST_REQUESTS = 3
"""Publish requests that wait at the server at once."""
AT_ONCE = 500
MOST_AT_ONCE = 10_000
"""Values in one message."""
KEEP_ALIVE = 5.0
"""Seconds after which a server that has nothing to say says so."""
MOST_AGAIN = 1000
"""Messages that are asked for again."""
LAST = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Pace:
    """How often a server looks at its variables, and for how long it holds what it saw.

    Parameters
    ----------
    every : float
        Seconds between two messages.
    sampling : float
        Seconds between two looks at a variable.
    holds : float
        Seconds for which a cut may last without a loss.
    queue : int
        Values that are held of each variable; 0: as many as `holds` asks for.
    """

    every: float = 1.0
    sampling: float = 0.25
    holds: float = 300.0
    queue: int = 0

    @property
    def queued(self) -> int:
        """Values that are asked to be held of each variable."""
        return self.queue or max(10, min(10_000, int((self.holds + self.every) / max(self.sampling, 0.01)) + 1))


def after(sequence: int) -> int:
    """The number of the message after one."""
    return 1 if sequence >= LAST else sequence + 1


def marks(variables: Sequence[Variable]) -> int:
    """What tells a list of variables from another."""
    return crc32("\n".join(one.node.to_string() for one in variables).encode())


def position(held: Held) -> dict[str, Any]:
    """Where is gone on after the last message."""
    return {"subscription": held.subscription, "sequence": held.sequence, "variables": marks(held.variables)}


async def subscribe(link: Link, held: Held, pace: Pace, inlet: Inlet) -> None:
    """Make a subscription of the variables that are held."""
    asked = ua.CreateSubscriptionParameters()
    asked.RequestedPublishingInterval = pace.every * 1000
    asked.RequestedMaxKeepAliveCount = max(1, round(KEEP_ALIVE / pace.every))
    asked.RequestedLifetimeCount = max(3 * asked.RequestedMaxKeepAliveCount, round(pace.holds / pace.every))
    asked.MaxNotificationsPerPublish = MOST_AT_ONCE
    asked.PublishingEnabled = True
    told = await link.uaclient.session.create_subscription(asked, lambda _: None)
    held.subscription, held.sequence = told.SubscriptionId, 0
    held.keep_alive = told.RevisedMaxKeepAliveCount * told.RevisedPublishingInterval / 1000
    least, refused = pace.queued, []
    for at in range(0, len(held.variables), AT_ONCE):
        part = held.variables[at : at + AT_ONCE]
        items = ua.CreateMonitoredItemsParameters()
        items.SubscriptionId = held.subscription
        items.TimestampsToReturn = ua.TimestampsToReturn.Both
        items.ItemsToCreate = [_item(one, at + number, pace) for number, one in enumerate(part)]
        for one, result in zip(part, await link.uaclient.session.create_monitored_items(items), strict=True):
            if result.StatusCode.is_good():
                least = min(least, result.RevisedQueueSize)
            else:
                refused.append(f"{one.name} ({result.StatusCode.name})")
    if refused:
        inlet.note("PW5080", f"{len(refused):,} variables are refused by the server, such as {refused[0]}")
    if least < pace.queued:
        inlet.note(
            "PW5081",
            f"the server holds only {least:,} values of a variable where {pace.queued:,} were asked for; a longer cut loses some",
        )


def _item(one: Variable, handle: int, pace: Pace) -> ua.MonitoredItemCreateRequest:
    asked = ua.MonitoringParameters()
    asked.ClientHandle, asked.SamplingInterval = handle, pace.sampling * 1000
    asked.QueueSize, asked.DiscardOldest = pace.queued, True
    return ua.MonitoredItemCreateRequest(
        ItemToMonitor=ua.ReadValueId(NodeId=one.node, AttributeId=ua.AttributeIds.Value),
        MonitoringMode=ua.MonitoringMode.Reporting,
        RequestedParameters=asked,
    )


class Listener:
    """Takes the messages of a subscription in their order and hands them over.

    A message is acknowledged when it is in the history, so that the server keeps it until then.
    """

    def __init__(self, link: Link, held: Held, inlet: Inlet) -> None:
        self._session, self._held, self._inlet = link.uaclient.session, held, inlet
        self._readings = Readings(held.variables, held.tags, inlet, held.last)
        self._unsafe: deque[int] = deque()
        self._most = MOST_REQUESTS

    async def again(self) -> bool:
        """Ask for what was sent and has not come; false where the server has no such subscription any longer."""
        for _ in range(MOST_AGAIN):
            number = after(self._held.sequence)
            try:
                message = await self._session.republish(self._held.subscription, number)
            except uaerrors.BadMessageNotAvailable:
                return True
            except (uaerrors.BadSubscriptionIdInvalid, uaerrors.BadNoSubscription):
                return False
            await self._take(message, fresh=False)
        return True

    async def listen(self) -> None:
        """Until the collector stops. Raises ConnectionLost, and what asyncua raises."""
        waiting: deque[asyncio.Task[Any]] = deque()
        heard = time.monotonic()
        limit = 2 * self._held.keep_alive + PATIENCE
        try:
            while not self._inlet.stopping.is_set():
                while len(waiting) < self._most:
                    waiting.append(asyncio.create_task(self._session.publish(self._safe())))
                await asyncio.wait({waiting[0]}, timeout=0.2)
                if not waiting[0].done():
                    if time.monotonic() - heard > limit:
                        raise ConnectionLost(
                            f"the server says nothing, though it should each {self._held.keep_alive:.0f} s"
                        )
                    continue
                heard = time.monotonic()
                told = self._answer(waiting.popleft())
                if told is not None:
                    await self._hear(told)
        finally:
            for task in waiting:
                task.cancel()
            await asyncio.gather(*waiting, return_exceptions=True)

    def _answer(self, task: asyncio.Task[Any]) -> ua.PublishResult | None:
        try:
            return task.result().Parameters
        except uaerrors.BadTooManyPublishRequests:
            self._most = max(1, self._most - 1)
        except uaerrors.BadTimeout:
            pass
        except uaerrors.UaStructParsingError:
            self._inlet.note("PW5022", "not kept: a message of the server that cannot be read")
        except (uaerrors.BadNoSubscription, uaerrors.BadSubscriptionIdInvalid) as error:
            self._held.subscription = 0
            raise ConnectionLost("the server has given up the subscription") from error
        return None

    async def _hear(self, told: ua.PublishResult) -> None:
        """One answer to a publish request: a message, or that there is none."""
        message = told.NotificationMessage
        if told.SubscriptionId != self._held.subscription:
            return
        number = int(message.SequenceNumber)
        if message.NotificationData or number:
            await self._missing(number, message)
        if message.NotificationData:
            await self._take(message, fresh=True)
        else:
            self._clock(message)

    async def _missing(self, number: int, message: ua.NotificationMessage) -> None:
        """Ask for messages that were left out before one."""
        many = (number - after(self._held.sequence)) % LAST
        if not 0 < many < LAST // 2:
            return
        lost = many > MOST_AGAIN
        for _ in range(0 if lost else many):
            next_one = after(self._held.sequence)
            try:
                await self._take(await self._session.republish(self._held.subscription, next_one), fresh=False)
            except (uaerrors.BadMessageNotAvailable, uaerrors.UaStructParsingError):
                lost = True
                self._held.sequence = next_one
        if lost:
            start = self._held.published or self._inlet.heard or 0
            self._inlet.gap(
                start, nanoseconds(message.PublishTime) or time.time_ns(), "the server no longer held what it had sent"
            )

    async def _take(self, message: ua.NotificationMessage, fresh: bool) -> None:
        published = nanoseconds(message.PublishTime) or time.time_ns()
        if fresh:
            self._clock(message)
        for data in message.NotificationData or []:
            if isinstance(data, ua.DataChangeNotification):
                for item in data.MonitoredItems or []:
                    self._readings.add(item.ClientHandle, item.Value, published)
            elif isinstance(data, ua.StatusChangeNotification) and data.Status.value == ua.StatusCodes.BadTimeout:
                self._held.subscription = 0
                raise ConnectionLost("the server has given up the subscription")
        self._held.sequence, self._held.published = int(message.SequenceNumber), published
        samples, events = self._readings.take()
        if self._readings.lost:
            self._inlet.gap(*self._readings.lost, "the server's queue was full")
            self._readings.lost = None
        await asyncio.to_thread(self._inlet.put, samples, events, position(self._held))
        self._unsafe.append(self._held.sequence)

    def _clock(self, message: ua.NotificationMessage) -> None:
        instant = nanoseconds(message.PublishTime)
        if instant is None:
            self._inlet.alive()
        else:
            self._inlet.clock(instant)

    def _safe(self) -> list[ua.SubscriptionAcknowledgement]:
        """Acknowledgements of what is in the history."""
        kept: Mapping[str, Any] = self._inlet.safe or {}
        if kept.get("subscription") != self._held.subscription:
            return []
        found = []
        while self._unsafe and (int(kept["sequence"]) - self._unsafe[0]) % LAST < LAST // 2:
            number = self._unsafe.popleft()
            found.append(ua.SubscriptionAcknowledgement(SubscriptionId=self._held.subscription, SequenceNumber=number))
        return found
