"""How messages of plain JSON become rows: topics with wildcards, paths within documents, names from the levels of topics."""

from __future__ import annotations

import json
import re
import string
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from plantwright.plant.readers import Text
from plantwright.plant.structures import NAMES, Keys, MapOf, Word
from plantwright.shopfloor.connectors.tables import TableShape
from plantwright.shopfloor.machines.words import ZoneName

LARGEST = 4 * 1024 * 1024
"""Bytes of a message; a larger one is no reading."""
MOST_VALUES = 10_000
DEEPEST = 8


class NoReading(ValueError):  # noqa: N818
    """A message that is no reading."""


@dataclass(frozen=True, slots=True)
class Row:
    """One value of a message. ``time`` is what the document says, None where it says none."""

    machine: str
    tag: str
    value: str
    time: int | float | str | None


@dataclass(frozen=True)
class TopicMap:
    """How the messages of a topic are read.

    Parameters
    ----------
    topic : str
        With ``+`` for one level and ``#`` for all further ones.
    machine : str
        With ``{1}`` for the first level of the topic, ``{-1}`` for the last; empty: the source's name.
    tag : str
        What stands before the tag's name, in the same way.
    values : mapping of str to str
        Tags by path, such as ``data.temperature`` or ``axes[0].load``; ``.`` is the whole document. Empty: all that it holds.
    each : str
        The path of a list whose items are each read as a document.
    time : str
        The path of the time; empty: when it came.
    time_format, zone, types, units, events
        As in a table.
    """

    topic: str = "#"
    machine: str = ""
    tag: str = ""
    values: Mapping[str, str] = field(default_factory=dict)
    each: str = ""
    time: str = ""
    time_format: str = ""
    zone: str = "UTC"
    types: Mapping[str, str] = field(default_factory=dict)
    units: Mapping[str, str] = field(default_factory=dict)
    events: Sequence[str] = ()

    def __post_init__(self) -> None:
        levels = self.topic.split("/")
        for at, level in enumerate(levels):
            if ("+" in level and level != "+") or ("#" in level and (level != "#" or at != len(levels) - 1)):
                raise ValueError(f"{self.topic!r} is no topic: '+' is a whole level, '#' the last")
        for template in (self.machine, self.tag):
            for _, known, _, _ in string.Formatter().parse(template):
                if known is not None and (
                    not re.fullmatch(r"-?[1-9]\d?", known) or (int(known) > len(levels) > 0 and "#" not in self.topic)
                ):
                    raise ValueError(
                        f"{template!r} names {{{known}}}; {{1}} is the first level of a topic, {{-1}} the last"
                    )
        for path in (*self.values.values(), self.each, self.time):
            if path:
                steps_of(path)

    @property
    def shape(self) -> TableShape:
        """How its rows are read."""
        return TableShape("time", "", "UTC", "machine", "tag", "value", self.types, self.units, self.events)

    def rows(self, topic: str, payload: bytes, source: str) -> Iterator[Row]:
        """The values in a message. Raises NoReading where it holds none."""
        if len(payload) > LARGEST:
            raise NoReading(f"a message of {len(payload):,} bytes; at most {LARGEST:,} are read")
        try:
            document = json.loads(payload)
        except (ValueError, RecursionError) as error:
            raise NoReading(f"no JSON: {str(error)[:80]}") from error
        levels = topic.split("/")
        machine, prefix = (_named(template, levels) for template in (self.machine or source, self.tag))
        found = found_at(document, self.each) if self.each else [document]
        if not isinstance(found, list):
            raise NoReading(f"no list at {self.each!r}")
        count = 0
        for item in found:
            time = found_at(item, self.time) if self.time else None
            if self.time and (time is None or isinstance(time, bool | dict | list)):
                raise NoReading(f"no time at {self.time!r}")
            for tag, value in self._values(item):
                count += 1
                if count > MOST_VALUES:
                    raise NoReading(f"more than {MOST_VALUES:,} values")
                yield Row(machine, "/".join(part for part in (prefix, tag) if part) or "value", _text(value), time)

    def _values(self, document: Any) -> Iterator[tuple[str, Any]]:
        if not self.values:
            for tag, value in _leaves(document, "", 0):
                if not self.time or tag != self.time.replace(".", "/"):
                    yield tag, value
            return
        for tag, path in self.values.items():
            value = found_at(document, path, ABSENT)
            if value is not ABSENT:
                yield tag, value


ABSENT: Any = object()


def steps_of(path: str) -> list[str | int]:
    """The steps of a path: names, and numbers in brackets. Raises ValueError where it is none."""
    if path == ".":
        return []
    steps: list[str | int] = []
    for part in path.split("."):
        match = re.fullmatch(r"([^\[\]]*)((?:\[-?\d{1,6}\])*)", part)
        if match is None or not part:
            raise ValueError(f"{path!r} is no path, such as data.axes[0].load")
        steps += [match[1]] if match[1] else []
        steps += [int(number) for number in re.findall(r"-?\d+", match[2])]
    return steps


def found_at(document: Any, path: str, otherwise: Any = None) -> Any:
    """What stands at a path."""
    for step in steps_of(path):
        holds: Any = list if isinstance(step, int) else dict
        if not isinstance(document, holds):
            return otherwise
        try:
            document = document[step]
        except (KeyError, IndexError):
            return otherwise
    return document


def _leaves(document: Any, name: str, depth: int) -> Iterator[tuple[str, Any]]:
    if isinstance(document, dict) and depth < DEEPEST:
        for key, value in document.items():
            yield from _leaves(value, f"{name}/{key}" if name else key, depth + 1)
    else:
        yield name, document


def _named(template: str, levels: Sequence[str]) -> str:
    def level(match: re.Match[str]) -> str:
        at = int(match[1])
        at = at - 1 if at > 0 else len(levels) + at
        if not 0 <= at < len(levels):
            raise NoReading(f"the topic has no level {match[1]}")
        return levels[at]

    return re.sub(r"\{(-?\d+)\}", level, template)


def _text(value: Any) -> str:
    """A value as a table holds it."""
    if value is None:
        return "UNAVAILABLE"
    if isinstance(value, str):
        return value
    return json.dumps(value, ensure_ascii=False)


def _made(**values: Any) -> dict[str, Any]:
    return values


TOPIC = Keys(
    (
        Word("machine", Text(), "", '"{3}"', "the machine: {1} is the first level of the topic, {-1} the last", "the source's name"),
        Word("tag", Text(), "", '"{4}"', "what stands before the tag's name"),
        Word("values", MapOf(Text()), "", '{load: "data.axes[0].load", state: state}', "tags, each by its path in the document", "all that it holds"),
        Word("each", Text(), "", "readings", "the path of a list whose items are each read"),
        Word("time", Text(), "", "ts", "the path of the time", "when it came"),
        Word("time format", Text(), "", '"%d.%m.%Y %H:%M:%S"', "how times are written", "ISO 8601, or a number since 1970"),
        Word("zone", ZoneName(), "", "Europe/Berlin", "of times that say none", "UTC"),
        Word("types", MapOf(Text()), "", "{state: EXECUTION}", "what tags mean"),
        Word("units", MapOf(Text()), "", "{load: kN}", "the units of tags"),
        Word("events", NAMES, "", "[order]", "tags that hold words, though they may look like numbers"),
    ),
    _made,
)  # fmt: skip
