"""Reads an MTConnect agent: what holds, then what changes, without a gap where the agent's buffer allows it."""

from __future__ import annotations

import time
from dataclasses import dataclass, field

from plantwright.shopfloor.connectors import ConnectionLost, Inlet, SourceQuarantined
from plantwright.shopfloor.connectors.mtconnect.agent import Address, Agent, Refused
from plantwright.shopfloor.connectors.mtconnect.assets import AssetsReader
from plantwright.shopfloor.connectors.mtconnect.devices import Device, read_devices, slots_of
from plantwright.shopfloor.connectors.mtconnect.documents import Element, Header, Malformed, header
from plantwright.shopfloor.connectors.mtconnect.naming import Names
from plantwright.shopfloor.connectors.mtconnect.sheet import Sheet
from plantwright.shopfloor.connectors.mtconnect.streams import Reading, StreamsReader

MOST_MALFORMED = 5
"""Documents in a row that cannot be read, after which the agent is left alone for a while."""

MOST_TURNS = 3
"""Times in a row that the agent is begun anew without anything new from it."""

PROBE_AGAIN = 30.0
"""Seconds between two looks at what the agent offers, where it speaks of items that it did not name."""


class StartAnew(Exception):  # noqa: N818  (a turn in the conversation)
    """What the agent says does not follow what it said before."""

    def __init__(self, reason: str, fresh: bool = False) -> None:
        super().__init__(reason)
        self.fresh = fresh


@dataclass
class MtconnectConnector:
    """Reads one agent, which may speak for many devices.

    Parameters
    ----------
    name : str
        The source's.
    address : Address
    names : Names
        Which devices, and what their machines are called.
    interval, heartbeat : float
        Seconds between two parts of the stream, and within which the agent says something even if nothing is new.
    count : int
        Observations in one document at most.
    assets : bool
        Whether assets are fetched when they change.
    past : bool
        Whether what the agent still has of the past is read when it is met for the first time.
    """

    name: str
    address: Address
    names: Names
    interval: float = 0.5
    heartbeat: float = 10.0
    count: int = 10_000
    assets: bool = True
    past: bool = True
    _malformed: int = field(default=0, repr=False)

    def run(self, inlet: Inlet) -> None:
        """Read until ``inlet.stopping`` is set. Raises ConnectionLost, and SourceQuarantined where hardly anything can be read."""
        try:
            _Conversation(self, inlet).run()
        except ConnectionLost:
            if not inlet.stopping.is_set():
                raise
        except Refused as error:
            raise ConnectionLost(f"the agent refuses: {error}") from None
        except Malformed as error:
            self._malformed += 1
            if self._malformed >= MOST_MALFORMED:
                self._malformed = 0
                raise SourceQuarantined(
                    f"{MOST_MALFORMED} documents in a row cannot be read; the last is {error}"
                ) from None
            raise ConnectionLost(f"{error}") from None

    def understood(self) -> None:
        """A document was read."""
        self._malformed = 0


class _Conversation:
    """One connection's worth of reading."""

    def __init__(self, connector: MtconnectConnector, inlet: Inlet) -> None:
        self._own, self._inlet = connector, inlet
        self._agent = Agent(connector.address, inlet.stopping)
        self._offered: list[Device] = []
        self._looked = 0.0
        self._held = 0
        self._followed = inlet.heard
        self._newest: int | None = (inlet.resume or {}).get("newest")
        if connector.address.bare:
            inlet.note("PW5052", "the password goes over the network as it is; use https:// where the agent can")

    def run(self) -> None:
        """Look at what is offered, find where to go on, and follow the stream."""
        found = self._look()
        at = self._inlet.resume
        if at is None and self._own.past:
            self._catch_up("")
        elif at is None:
            self._begin()
        elif at is not None and at.get("instance") != found.instance:
            self._catch_up("the agent was started anew, and its numbers with it")
        turns = 0
        while not self._inlet.stopping.is_set():
            followed = self._followed
            try:
                self._follow()
            except StartAnew as turn:
                turns = turns + 1 if self._followed == followed else 1
                if turns > MOST_TURNS:
                    raise ConnectionLost(f"the agent cannot be followed: {turn}") from None
                if turn.fresh:
                    self._look()
                self._catch_up(str(turn))

    def _look(self) -> Header:
        """Ask for the devices and declare their tags."""
        root = self._agent.ask("probe")
        said = self._heard(root)
        self._offered = self._own.names.chosen(read_devices(root))
        if not self._offered:
            raise ConnectionLost(f"the agent offers none of the devices that are asked for: {self._own.names}")
        slots = slots_of(self._offered, self._own.name, self._inlet.wants, self._inlet.declare)
        self._reader = StreamsReader(slots, self._inlet.reject)
        self._assets = AssetsReader(self._agent, self._offered, self._own.name, self._inlet)
        self._looked = time.monotonic()
        return said

    def _heard(self, root: Element) -> Header:
        """Look at a document's header and clock."""
        said = header(root)
        self._held = said.buffer or self._held
        self._inlet.alive()
        if said.created is not None:
            self._inlet.clock(said.created)
        return said

    def _begin(self) -> None:
        """Read what holds now."""
        root = self._agent.ask("current")
        said = self._heard(root)
        self._take(root, said, _after(said), whole_state=True)
        self._all_assets()

    def _catch_up(self, reason: str) -> None:
        """Go on with the oldest that the agent still has: a gap is kept from when it was last heard until then."""
        for attempt in range(4):
            now = self._agent.ask("current")
            said = self._heard(now)
            first, following = said.first, _after(said)
            if self._can_go_on(said):
                return
            if first is None or attempt == 3:
                break
            # where much comes in, the oldest is gone before it is asked for
            first += attempt * max(1, (following - first) // 20) if attempt else 0
            try:
                then = self._agent.ask("current", at=first)
            except Refused:
                continue
            if header(then).instance == said.instance:
                self._gap(_latest(then, first), reason)
                self._take(then, said, first + 1, whole_state=True)
                self._all_assets()
                return
        self._gap(None, reason)
        self._take(now, said, following, whole_state=True)
        self._all_assets()

    def _can_go_on(self, said: Header) -> bool:
        """Whether what is to follow is in the agent's buffer after all."""
        at = self._inlet.resume or {}
        following = int(at.get("next", 0))
        return at.get("instance") == said.instance and (said.first or 0) <= following <= _after(said) and following > 0

    def _gap(self, until: int | None, reason: str) -> None:
        """Keep a gap from when the agent was last followed until an instant (None: until now).

        Where machines say older instants than that (a replay, a clock that is behind), it begins with the last of theirs.
        """
        now = self._inlet.heard
        if self._followed is None or now is None:
            return
        end = now if until is None else min(until, now)
        start = self._followed if self._followed < end else min(self._newest or end, end)
        self._inlet.gap(start, end, reason)
        self._followed = now

    def _follow(self) -> None:
        """Follow the stream from where the last document ended. Raises StartAnew where the agent cannot go on from there."""
        at = self._inlet.resume or {}
        instance, following = str(at.get("instance", "")), int(at.get("next", 1))
        own, count = self._own, min(self._own.count, self._held or 100)
        values = {"from": following, "count": count, "interval": round(own.interval * 1000)}
        silence = 2 * own.heartbeat + own.interval
        try:
            for root in self._agent.stream("sample", silence, **values, heartbeat=round(own.heartbeat * 1000)):
                following = self._part(root, instance, following)
                if self._inlet.stopping.is_set():
                    return
        except Refused as error:
            if error.out_of_range:
                raise StartAnew(f"the agent's buffer no longer holds what followed ({error})", fresh=True) from None
            raise
        self._inlet.stopping.wait(own.interval)  # an agent that does not stream is asked again

    def _part(self, root: Element, instance: str, following: int) -> int:
        """Take one document of the stream; what follows it."""
        said = self._heard(root)
        if said.instance != instance:
            raise StartAnew("the agent was started anew, and its numbers with it", fresh=True)
        if said.first is not None and said.first > following:
            raise StartAnew(f"the agent's buffer begins at {said.first:,}, and {following:,} was to follow")
        after = said.next if said.next is not None else following
        if after < following:
            raise StartAnew(f"the agent's numbers went back from {following:,} to {after:,}")
        self._take(root, said, after)
        self._followed = self._inlet.heard
        return after

    def _take(self, root: Element, said: Header, after: int, *, whole_state: bool = False) -> None:
        """Put what a document says, with the assets that it says have changed."""
        sheet = Sheet(self._inlet.reject)
        reading = self._reader.read(root, sheet, whole_state=whole_state)
        if reading.unknown and self._new_items(reading):
            sheet = Sheet(self._inlet.reject)
            reading = self._reader.read(root, sheet, whole_state=whole_state)
        if reading.changed and self._own.assets and not whole_state:
            self._assets.fetch(reading.changed, sheet)
        self._own.understood()
        samples, events = sheet.readings()
        times = [int(some.time.max()) for some in (samples, events) if len(some)]
        self._newest = max([*times, *([] if self._newest is None else [self._newest])], default=None)
        self._inlet.put(samples, events, {"instance": said.instance, "next": after, "newest": self._newest})

    def _new_items(self, reading: Reading) -> bool:
        """Look again at what the agent offers where it speaks of other items, now and then; whether it was looked."""
        ours = {key for key in reading.unknown if not self._own.names.leaves_out(key)}
        if not ours or time.monotonic() - self._looked < PROBE_AGAIN:
            return False
        self._look()
        known = {item.id for device in self._offered for item in device.items}
        if rest := sorted(key for key in ours - known if not self._own.names.leaves_out(key)):
            more = f" and {len(rest) - 3} more" if len(rest) > 3 else ""
            self._inlet.note("PW5053", f"the agent speaks of items that its probe does not name: {rest[:3]}{more}")
        return True

    def _all_assets(self) -> None:
        if self._own.assets:
            self._assets.fetch_all()


def _after(said: Header) -> int:
    """The sequence number after all that a current document knows."""
    if said.next is not None:
        return said.next
    return said.last + 1 if said.last is not None else 1


def _latest(root: Element, sequence: int) -> int | None:
    """The instant of the observation with a sequence number."""
    from plantwright.shopfloor.connectors.mtconnect.texts import instant

    for one in root.iterfind("*/*/*/*/*"):
        if one.get("sequence") == str(sequence):
            return instant(one.get("timestamp") or "")
    return None
