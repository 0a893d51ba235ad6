"""The agent: takes what the plant says in, and answers requests."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterator

from plantwright.shopfloor.virtual.faults import Faults
from plantwright.shopfloor.virtual.mtconnect.buffer import Buffer, OutOfRange, Part
from plantwright.shopfloor.virtual.mtconnect.choosing import Chooser, InvalidPath
from plantwright.shopfloor.virtual.mtconnect.documents import MOST_ASSETS, Asset, Writer
from plantwright.shopfloor.virtual.mtconnect.requests import Refused, Request
from plantwright.shopfloor.virtual.observations import UNAVAILABLE, Catalogue, Observations


class Agent:
    """An MTConnect agent for the devices of a catalogue.

    Parameters
    ----------
    catalogue : Catalogue
    buffer_size : int
        Observations that it keeps.
    clock : callable
        Nanoseconds since 1970.
    faults : Faults
        What is wrong with it now.
    """

    def __init__(
        self,
        catalogue: Catalogue,
        *,
        buffer_size: int = 131_072,
        clock: Callable[[], int] = time.time_ns,
        faults: Faults | None = None,
    ) -> None:
        self.catalogue, self.faults = catalogue, faults or Faults()
        self.buffer = Buffer(buffer_size)
        self._clock = clock
        started = clock()
        self.writer = Writer(catalogue, started // 1_000_000_000, buffer_size, started)
        self._chooser = Chooser(catalogue, self.writer)
        self._assets: OrderedDict[str, Asset] = OrderedDict()
        self._tool: dict[int, tuple[str, float]] = {}
        self.ended = False

    @property
    def now(self) -> int:
        """What the agent's clock says."""
        return self._clock() + self.faults.ahead

    def write(self, said: Observations) -> None:
        """Take observations in."""
        for instant, number, value in zip(said.time, said.item, said.value, strict=True):
            device, item = self.catalogue.items[number]
            if item.key == "wear" and device.number in self._tool and value != UNAVAILABLE:
                name, worn = self._tool[device.number]
                self._tool[device.number] = name, max(worn, float(value))
            elif item.key == "asset changed" and value != UNAVAILABLE:
                self._change(device.number, value, instant)
        self.buffer.add(said)

    def end(self) -> None:
        """No more is said; those who wait are let go."""
        self.ended = True
        self.buffer.wake()

    def answer(self, request: Request) -> str:
        """The document that answers a request. Raises Refused."""
        device = None
        if request.device is not None:
            device = self._chooser.device(request.device)
            if device is None:
                raise Refused("NO_DEVICE", f"there is no device {request.device!r}", 404)
        if request.verb == "assets":
            return self._answer_assets(request)
        if request.verb == "probe":
            devices = self.catalogue.devices if device is None else [device]
            return self.writer.probe(devices, self.now, len(self._assets))
        wanted = self.wanted(request)
        try:
            if request.verb == "current":
                part = self.buffer.current(wanted, request.at)
            else:
                part = self.buffer.sample(set(wanted), request.start, request.count, request.end)
        except OutOfRange as error:
            raise Refused("OUT_OF_RANGE", str(error), 400) from error
        return self.writer.streams(part, self.now)

    def wanted(self, request: Request) -> list[int]:
        """The numbers of the data items that a request is for. Raises Refused."""
        device = self._chooser.device(request.device) if request.device is not None else None
        if request.device is not None and device is None:
            raise Refused("NO_DEVICE", f"there is no device {request.device!r}", 404)
        try:
            return list(self._chooser.items(device, request.path))
        except InvalidPath as error:
            raise Refused("INVALID_PATH", str(error), 400) from error

    def stream(self, request: Request, ending: Callable[[], bool]) -> Iterator[str]:
        """Documents for as long as the request is heard: at every interval what is new, and an empty one where nothing was for as long as
        the heartbeat says. Raises Refused before the first one only; what is wrong later on is the last document.
        """
        assert request.interval is not None
        wanted = self.wanted(request)
        chosen = set(wanted)
        following = request.start
        while not (ending() or self.ended):
            sent = time.monotonic()
            try:
                if request.verb == "current":
                    part = self.buffer.current(wanted)
                else:
                    part = self.buffer.sample(chosen, following, abs(request.count))
            except OutOfRange as error:
                if following == request.start:
                    raise Refused("OUT_OF_RANGE", str(error), 400) from error
                yield self.writer.error("OUT_OF_RANGE", str(error), self.now)
                return
            yield self.writer.streams(part, self.now)
            following = part.next
            if request.verb == "sample":
                following = self._until_news(chosen, request, part, sent, ending)
            while not (ending() or self.ended) and (left := sent + request.interval - time.monotonic()) > 0:
                time.sleep(min(left, 0.25))

    def _until_news(
        self, chosen: set[int], request: Request, part: Part, sent: float, ending: Callable[[], bool]
    ) -> int:
        """Wait until one of the items says something new, or the heartbeat is over; from where to go on."""
        following = part.next
        while not (ending() or self.ended):
            left = sent + request.heartbeat - time.monotonic()
            if left <= 0:
                break
            if self.buffer.wait_beyond(following, min(left, 0.25), lambda: self.ended or ending()):
                try:
                    found = self.buffer.sample(chosen, following, 1)
                except OutOfRange:
                    break
                if found.entries:
                    break
                following = found.next
        return following

    def _answer_assets(self, request: Request) -> str:
        unknown = [name for name in request.assets if name not in self._assets]
        if unknown:
            raise Refused("ASSET_NOT_FOUND", f"there is no asset {', '.join(map(repr, unknown))}", 404)
        if request.assets:
            found = [self._assets[name] for name in request.assets]
        else:
            found = [
                asset
                for asset in reversed(self._assets.values())
                if (request.removed or not asset.removed)
                and request.type in (None, "CuttingTool")
                and request.device in (None, asset.device.name, asset.device.uuid)
            ][: abs(request.count)]
        return self.writer.assets(found, self.now, len(self._assets))

    def _change(self, number: int, name: str, instant: int) -> None:
        """A device has another tool; the one before is worn."""
        device = self.catalogue.devices[number]
        old = self._tool.get(number)
        if old is not None and old[0] in self._assets:
            self._assets[old[0]] = Asset(old[0], device, instant, old[1], True)
        self._tool[number] = name, 0.0
        self._assets[name] = Asset(name, device, instant)
        while len(self._assets) > MOST_ASSETS:
            self._assets.popitem(last=False)
