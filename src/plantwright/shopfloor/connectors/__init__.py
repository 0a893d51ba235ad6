"""Connectors: how machines are read. Each is a kind with a few words in the collector's file, one class that reads, and a way to discover.

A connector turns what its protocol says into readings and hands them to its `Inlet`. It runs in a thread of its own; when its
connection is lost it raises `ConnectionLost` and is called again after a while. What it should hold to, one by one, stands in
``docs/reference/connectors.md``; `tests/shopfloor/checklist.py` asks most of it of each.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Protocol

from plantwright.errors import PlantwrightError
from plantwright.plant.structures import Word
from plantwright.shopfloor.readings import NO_EVENTS, NO_SAMPLES, Events, Samples, Tag

ENTRY_POINTS = "plantwright.connectors"
"""The group of entry points under which other packages offer connectors: each a `ConnectorKind` under its name."""


class ConnectionLost(PlantwrightError):  # noqa: N818  (a state, not a mistake)
    """The machine does not answer, or no longer: it is tried again. The message says why, and what a person may look at."""

    code = "PW5001"


class SourceQuarantined(PlantwrightError):  # noqa: N818
    """What the source says is rubbish: it is left alone for a while."""

    code = "PW5002"


class ConnectorMissing(PlantwrightError):  # noqa: N818
    """A connector needs an extra that is not installed."""

    code = "PW5003"


class Inlet(Protocol):
    """Where a connector puts what it reads."""

    stopping: threading.Event
    """Set when the collector ends; a connector looks at it at least twice a second and returns."""

    @property
    def resume(self) -> Mapping[str, Any] | None:
        """The position of the last batch that was put, or that is kept from before a restart; None where there is none."""

    @property
    def safe(self) -> Mapping[str, Any] | None:
        """The position of the last batch that is in the history: what the source may forget."""

    @property
    def heard(self) -> int | None:
        """When the source was last heard, in nanoseconds by the collector's clock; from before a restart where its batches had positions:
        those that have nothing to say in it put an empty one.
        """

    def wants(self, tag: Tag) -> bool:
        """Whether the collector's file asks for a tag (``only``, ``without``); a connector declares and reads no other."""

    def declare(self, tags: Sequence[Tag]) -> list[int]:
        """The ids of tags, in their order; those that are new are made. Raises SourceQuarantined where they are too many."""

    def put(
        self, samples: Samples = NO_SAMPLES, events: Events = NO_EVENTS, position: Mapping[str, Any] | None = None
    ) -> None:
        """Hand readings over, with the position after them. Waits where the history is slower than the source: for sources that can
        wait. Raises SourceQuarantined where it is rubbish.
        """

    def offer(
        self, samples: Samples = NO_SAMPLES, events: Events = NO_EVENTS, position: Mapping[str, Any] | None = None
    ) -> bool:
        """As `put`, for sources that cannot wait: where there is no room the readings are dropped, which is kept as a gap and said."""

    def reject(self, tag: int, text: str, why: str) -> None:
        """Tell of a reading that is none: its text, and why. It is counted and said; where there are too many, SourceQuarantined is raised."""

    def gap(self, start: int, end: int, reason: str) -> None:
        """Keep that nothing is known of the source between two instants, and why."""

    def cannot_resume(self, reason: str) -> None:
        """Keep a gap from when the source was last heard until now. Nothing where it was never heard."""

    def note(self, code: str, text: str) -> None:
        """Keep and show what a person should know of the source, once until something else is said."""

    def clock(self, instant: int, of: str = "") -> None:
        """What the source's own clock says right now; how far it is off is kept and said. Raises SourceQuarantined where it is days off.

        Where one source has several clocks, `of` says whose this is.
        """

    def alive(self) -> None:
        """The source answers, though it has nothing new to say."""

    def flush(self, timeout: float = 60.0) -> bool:
        """Wait until all that was put is kept; whether it is."""


class Connector(Protocol):
    """Reads one source."""

    def run(self, inlet: Inlet) -> None:
        """Read until ``inlet.stopping`` is set, or nothing is left to read. Raises ConnectionLost."""


@dataclass(frozen=True)
class Draft:
    """What was found at an address: the words of a source for the collector's file, and what it offers.

    Parameters
    ----------
    name : str
        A name for the source.
    words : mapping
        What to write under it.
    offers : sequence of Tag
    notes : sequence of str
        What a person should know before it is used, such as that nothing is encrypted.
    """

    name: str
    words: Mapping[str, Any]
    offers: Sequence[Tag] = ()
    notes: Sequence[str] = ()


@dataclass(frozen=True)
class ConnectorKind:
    """A kind of connector.

    Parameters
    ----------
    name : str
        As it stands after ``connector:``.
    says : str
        What it reads, in one line.
    words : sequence of Word
        Its words in the collector's file.
    make : callable
        ``make(name=..., **fields of the words)`` gives the connector of a source. Raises ValueError where the words do not go together.
    discover : callable, optional
        ``discover(host, timeout)`` yields a `Draft` for each source of this kind that answers at a host, a host with port, or an address.
    extra : str
        The extra of Plantwright that it needs, if any.
    live : bool
        Whether readings come as they arise. Of a source that is not live (a file, a table) nothing is known after its last reading, however
        often it is heard.
    in_folder : bool
        Whether ``make`` is also given the folder of the collector's file, as ``folder`` (None where it is none).
    """

    name: str
    says: str
    words: Sequence[Word]
    make: Callable[..., Connector]
    discover: Callable[[str, float], Iterator[Draft]] | None = None
    extra: str = ""
    live: bool = True
    in_folder: bool = False


BUILT_IN: Mapping[str, str] = {
    "files": "files",
    "modbus": "modbus",
    "mqtt": "mqtt.kind",
    "mtconnect": "mtconnect",
    "opcua": "opcua",
    "shdr": "shdr",
    "sql": "sql",
    "sparkplug": "sparkplug.kind",
}
"""Where the connectors of Plantwright itself stand: each module holds its ``KIND``."""


def kind_names() -> list[str]:
    """The names of all connectors: the built-in ones, and those that other packages offer."""
    from importlib.metadata import entry_points

    return sorted({*BUILT_IN, *(point.name for point in entry_points(group=ENTRY_POINTS))})


def kind(name: str) -> ConnectorKind:
    """The connector of a name. Raises KeyError where there is none, ConnectorMissing where its package is not installed."""
    from importlib.metadata import entry_points

    if name in BUILT_IN:
        return import_module(f"plantwright.shopfloor.connectors.{BUILT_IN[name]}").KIND  # type: ignore[no-any-return]
    for point in entry_points(group=ENTRY_POINTS, name=name):
        found = point.load()
        if not isinstance(found, ConnectorKind):
            raise ConnectorMissing(f"the connector {name!r} of {point.value} is no ConnectorKind [PW5003]")
        return found
    raise KeyError(name)


def needs(module: str, extra: str) -> Any:
    """The module of an extra. Raises ConnectorMissing, which names the extra, where it is not installed."""
    try:
        return import_module(module)
    except ImportError as error:
        raise ConnectorMissing(
            f"{module.partition('.')[0]} is not installed: pip install 'plantwright[{extra}]' [PW5003]"
        ) from error
