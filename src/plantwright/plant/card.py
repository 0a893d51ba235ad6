"""The deployment card of a move: who carries it out, where it is tried, how it is seen to work, and the way back."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any

from plantwright.errors import InputError, Place, Problem

SCHEMA = "plantwright.card/1"


@dataclass(frozen=True, slots=True)
class Pilot:
    """Where a move is tried first and how long: ``days`` working days of the test, after ``wait`` seconds until it brings all that it brings."""

    where: str
    days: int | None
    wait: float


@dataclass(frozen=True, slots=True)
class AcceptanceTest:
    """Which number tells whether a move works.

    ``measure`` in ``unit``: ``before`` and ``after`` as simulated; ``low`` and ``high`` the ends of the interval of the promised change. Its mean over
    ``days`` working days with the move must differ from that over as many before by at least ``least``, in the direction of the change: then there is a
    change at ``confidence``, and one as large as promised is seen with ``power``. ``spread`` is the standard deviation of one day. ``days`` and ``least``
    are None where no number of days that could be waited for would tell.
    """

    measure: str
    unit: str
    before: float
    after: float
    low: float
    high: float
    days: int | None
    least: float | None
    spread: float
    confidence: float
    power: float


@dataclass(frozen=True, slots=True)
class TimeReading:
    """A time of the plant file that a move changes: how often it is read, before and after, to see that; times in seconds."""

    path: str
    before: float
    after: float
    readings: int


@dataclass(frozen=True, slots=True)
class Signal:
    """What to expect on a machine: the share of a state in the time in which a work center is open, before and with the move, and the interval of
    the change.
    """

    work_center: str
    state: str
    before: float
    after: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class DeploymentCard:
    """A move that was chosen, as those need it who carry it out.

    ``plant`` is the plant's hash, ``edits`` what the move changes in its file, ``back`` the edits that take it back (None: take the word away). ``owner``
    is blank until somebody signs. ``capital`` and ``yearly`` are money, ``lead_time``, ``ramp_up`` and ``training`` seconds. ``manifest`` has what is
    needed to repeat the simulation.
    """

    plant: str
    plant_name: str
    trust: str
    move: str
    title: str
    family: str
    edits: Mapping[str, Any]
    back: Mapping[str, Any]
    pilot: Pilot
    test: AcceptanceTest
    readings: tuple[TimeReading, ...] = ()
    signals: tuple[Signal, ...] = ()
    owner: str = ""
    currency: str = ""
    capital: float | None = None
    yearly: float | None = None
    lead_time: float | None = None
    ramp_up: float | None = None
    training: float = 0.0
    manifest: Mapping[str, Any] = field(default_factory=dict)

    def to_dict(self) -> dict[str, Any]:
        """The card as the document ``plantwright.card/1``."""
        return {
            "schema": SCHEMA,
            "plant": self.plant,
            "name": self.plant_name,
            "trust": self.trust,
            "move": self.move,
            "title": self.title,
            "family": self.family,
            "owner": self.owner,
            "what changes": dict(self.edits),
            "way back": dict(self.back),
            "pilot": asdict(self.pilot),
            "acceptance test": asdict(self.test),
            "readings": [asdict(reading) for reading in self.readings],
            "signals": [_renamed(asdict(signal), "work_center", "work center") for signal in self.signals],
            "currency": self.currency,
            "capital": self.capital,
            "cost per year": self.yearly,
            "lead time": self.lead_time,
            "ramp-up": self.ramp_up,
            "training": self.training,
            "manifest": dict(self.manifest),
        }

    def __str__(self) -> str:
        test = self.test
        days = "no number of days tells" if test.days is None else f"over {test.days} working days"
        lines = [f"{self.plant_name}: {self.title}", f"  pilot: {self.pilot.where}"]
        lines.append(f"  test: {test.measure} {test.before:.4g} -> {test.after:.4g} {test.unit}, {days}")
        lines += [
            f"  signal: {s.work_center} {s.state} {100 * s.before:.0f} -> {100 * s.after:.0f} %" for s in self.signals
        ]
        return "\n".join(lines)


def _renamed(mapping: dict[str, Any], old: str, new: str) -> dict[str, Any]:
    return {new if key == old else key: value for key, value in mapping.items()}


def card_of(document: Mapping[str, Any], name: str = "card") -> DeploymentCard:
    """The card in a document that `DeploymentCard.to_dict` made. Raises InputError where it is none, with everything that is wrong."""
    if document.get("schema") != SCHEMA:
        reason = f"is no deployment card: its schema is {document.get('schema')!r}, not {SCHEMA!r}"
        raise InputError([Problem("PW1920", Place(name), "schema", reason)])
    words = {
        "plant": str, "name": str, "trust": str, "move": str, "title": str, "family": str, "owner": str, "what changes": Mapping,
        "way back": Mapping, "pilot": Mapping, "acceptance test": Mapping, "readings": list, "signals": list, "manifest": Mapping,
    }  # fmt: skip
    problems = [
        Problem("PW1920", Place(name), word, f"{word!r} is missing, or is no {kind.__name__.lower()}")
        for word, kind in words.items()
        if not isinstance(document.get(word), kind)
    ]
    if problems:
        raise InputError(problems)
    try:
        return DeploymentCard(
            plant=document["plant"],
            plant_name=document["name"],
            trust=document["trust"],
            move=document["move"],
            title=document["title"],
            family=document["family"],
            edits=dict(document["what changes"]),
            back=dict(document["way back"]),
            pilot=Pilot(**document["pilot"]),
            test=AcceptanceTest(**document["acceptance test"]),
            readings=tuple(TimeReading(**reading) for reading in document["readings"]),
            signals=tuple(Signal(**_renamed(signal, "work center", "work_center")) for signal in document["signals"]),
            owner=document["owner"],
            currency=str(document.get("currency") or ""),
            capital=_money(document.get("capital")),
            yearly=_money(document.get("cost per year")),
            lead_time=_money(document.get("lead time")),
            ramp_up=_money(document.get("ramp-up")),
            training=float(document.get("training") or 0.0),
            manifest=dict(document["manifest"]),
        )
    except (TypeError, ValueError, AttributeError) as error:
        raise InputError(
            [Problem("PW1920", Place(name), "", f"is no deployment card of this version: {error}")]
        ) from error


def _money(value: Any) -> float | None:
    number = None if value is None else float(value)
    if number is not None and not math.isfinite(number):
        raise ValueError(f"{value!r} is no amount")
    return number
