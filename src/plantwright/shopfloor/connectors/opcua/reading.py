"""Reading a server: connect, go on or begin anew, and listen."""

from __future__ import annotations

import asyncio
import struct
import traceback
from collections.abc import Sequence
from dataclasses import dataclass, field

from asyncua import ua
from asyncua.ua import uaerrors

from plantwright.shopfloor.connectors import ConnectionLost, Inlet
from plantwright.shopfloor.connectors.opcua.browsing import Browser
from plantwright.shopfloor.connectors.opcua.session import Access, Held, Link, find, why
from plantwright.shopfloor.connectors.opcua.subscribing import Listener, Pace, marks, subscribe
from plantwright.shopfloor.connectors.opcua.values import Variable, nanoseconds
from plantwright.shopfloor.readings import Kind, Tag

SECURITY = (
    uaerrors.BadSecurityChecksFailed,
    uaerrors.BadCertificateInvalid,
    uaerrors.BadCertificateUntrusted,
    uaerrors.BadSecurityPolicyRejected,
)
UNREADABLE = (ValueError, LookupError, TypeError, AttributeError, ArithmeticError, AssertionError, struct.error)
PATIENT = 3
"""So often may a server refuse to go on before it is begun anew."""
CURRENT_TIME = ua.NodeId(2258, 0)
STOP_LOOKING = 0.1
"""Seconds between two looks at whether the collector stops while a server is connected to."""


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is read of a server.

    Parameters
    ----------
    source : str
    roots : sequence of str
        Nodes below which is browsed, by their ids.
    patterns : sequence of str
        Of paths.
    machine : str
        To which all belong; empty: as the paths say.
    most : int
        Nodes.
    """

    source: str
    roots: Sequence[str] = ()
    patterns: Sequence[str] = ()
    machine: str = ""
    most: int = 50_000


@dataclass
class Reader:
    """Reads one server for as long as its connection lasts, and knows what it has to go on with at the next."""

    access: Access
    wanted: Wanted
    pace: Pace = field(default_factory=Pace)
    held: Held | None = None
    _refused: int = 0

    def run(self, inlet: Inlet) -> None:
        """Read until the collector stops. Raises ConnectionLost."""
        asyncio.run(self._until_stopped(inlet))

    async def _until_stopped(self, inlet: Inlet) -> None:
        """Read, but end within a moment when the collector stops while the server is waited for."""
        work = asyncio.create_task(self._connected(inlet))
        while not work.done() and not inlet.stopping.is_set():
            await asyncio.wait({work}, timeout=STOP_LOOKING)
        if not work.done():
            await asyncio.wait({work}, timeout=1.5)
        if work.done():
            return work.result()
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)

    async def _connected(self, inlet: Inlet) -> None:
        link: Link | None = None
        try:
            endpoint = self.held.endpoint if self.held else await find(self.access)
            link = Link(self.access, endpoint, self.pace.holds)
            await link.open(self.held)
            if link.bare_password:
                inlet.note("PW5082", "the password goes over the network as it is; turn on the server's security")
            listener = await self._begin(link, inlet)
            await listener.listen()
            await link.end()
            self._refused = 0
        except (TimeoutError, OSError, ua.UaError) as error:
            if isinstance(error, ua.UaError):
                self._refuses(error)
            raise ConnectionLost(why(error, self.access)) from error
        except UNREADABLE as error:
            if not _while_parsing(error):
                raise
            self._refuses(error)
            raise ConnectionLost(f"the server says what cannot be read ({type(error).__name__}: {error})") from error
        finally:
            if link is not None:
                await link.drop()

    async def _begin(self, link: Link, inlet: Inlet) -> Listener:
        """Go on with the subscription of before where the server still has it, else make one."""
        held = self.held or await self._restarted(link, inlet)
        if held is not None and held.subscription and (not link.new_session or await link.transfer(held.subscription)):
            link.hold(held)
            self.held = held
            listener = Listener(link, held, inlet)
            if await listener.again():
                return listener
        self.held = None
        if inlet.heard is not None:
            inlet.cannot_resume("the server no longer held the subscription")
        await self._look_at_clock(link, inlet)
        variables = await self._browse(link, inlet)
        fresh = Held(link.endpoint, variables=variables, tags=_declare(variables, self.wanted.source, inlet))
        link.hold(fresh)
        await subscribe(link, fresh, self.pace, inlet)
        self.held = fresh
        return Listener(link, fresh, inlet)

    async def _restarted(self, link: Link, inlet: Inlet) -> Held | None:
        """What was read before the collector was started again, if it is the same today."""
        before = inlet.resume
        if not before or "subscription" not in before:
            return None
        variables = await self._browse(link, inlet)
        if marks(variables) != before.get("variables"):
            return None
        held = Held(
            link.endpoint,
            variables=variables,
            subscription=int(before["subscription"]),
            sequence=int(before["sequence"]),
        )
        held.keep_alive = 5.0
        held.tags = _declare(variables, self.wanted.source, inlet)
        return held

    async def _browse(self, link: Link, inlet: Inlet) -> list[Variable]:
        wanted = self.wanted
        browser = Browser(link.uaclient.session, wanted.most)
        found = await browser.variables(wanted.roots, wanted.patterns, wanted.source, wanted.machine)
        return [one for one in found if inlet.wants(tag_of(one, wanted.source))]

    async def _look_at_clock(self, link: Link, inlet: Inlet) -> None:
        told = await link.uaclient.session.read_attributes([CURRENT_TIME], ua.AttributeIds.Value)
        value = told[0].Value.Value if told and told[0].Value is not None else None
        instant = nanoseconds(value) if hasattr(value, "year") else None
        if instant is not None:
            inlet.clock(instant)

    def _refuses(self, error: Exception) -> None:
        """Ask for the endpoints again, and go on with the subscription by its number alone, where the server does not want the session."""
        self._refused += 1
        if isinstance(error, SECURITY) or self._refused >= PATIENT:
            self.held, self._refused = None, 0


def _while_parsing(error: BaseException) -> bool:
    """Whether an error arose in asyncua, which meets what a server says that it should not with errors of any kind."""
    names = [str(frame.f_globals.get("__name__", "")) for frame, _ in traceback.walk_tb(error.__traceback__)]
    own = [name for name in names if name.startswith(("plantwright", "asyncua"))]
    return bool(own) and own[-1].startswith("asyncua")


def _declare(variables: Sequence[Variable], source: str, inlet: Inlet) -> list[int]:
    return inlet.declare([tag_of(one, source) for one in variables])


def tag_of(one: Variable, source: str) -> Tag:
    """The tag of a variable."""
    kind: Kind = "sample" if one.number else "event"
    return Tag(
        one.name, kind, source, one.machine, one.type, one.unit, one.node.to_string(), "/".join(one.path), one.subtype
    )
