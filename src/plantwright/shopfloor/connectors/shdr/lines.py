"""SHDR's lines into readings: ``instant|item|value|item|value...``, as adapters write them.

Written from what the reference agent takes: quoted fields, durations after ``@``, conditions of five fields, messages of two, time
series of three, data sets and tables with their resets, assets over several lines.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from plantwright.shopfloor.connectors.mtconnect.devices import Slot
from plantwright.shopfloor.connectors.mtconnect.sheet import LEVELS, Sheet, typed, unavailable
from plantwright.shopfloor.connectors.mtconnect.texts import instant, number, whole

LONGEST_LINE = 262_144
MOST_LINES_OF_ONE = 10_000
"""Lines of one asset."""

FIELDS = {"condition": 5, "alarm": 5, "series": 3, "message": 2, "asset": 2}

_MULTILINE = re.compile(r"--multiline--.{0,100}")


@dataclass(frozen=True, slots=True)
class Line:
    """A line's instant (None where it says none), its duration in seconds, and its fields."""

    time: int | None
    duration: float | None
    fields: Sequence[str]


@dataclass(frozen=True, slots=True)
class Asset:
    """A document about a thing, or its removal; ``name`` is empty where all of a type are removed."""

    name: str
    type: str
    xml: str | None


def fields_of(text: str) -> list[str]:
    """A line's fields: parted by ``|``, without spaces around; one in quotation marks may hold ``|``, written ``\\|``."""
    if '"' not in text:
        return [field.strip() for field in text.split("|")]
    found, rest = [], text
    while True:
        rest = rest.lstrip()
        quoted = _QUOTED.match(rest) if rest.startswith('"') else None
        if quoted:
            found.append(re.sub(r"\\(.)", r"\1", quoted[1]).strip())
            rest = rest[quoted.end() :]
            if not quoted[2]:
                return found
        else:
            field, bar, rest = rest.partition("|")
            found.append(field.strip())
            if not bar:
                return found


_QUOTED = re.compile(r'"((?:[^"\\|]|\\.)*)"\s*(\||$)')


def line_of(text: str) -> Line | None:
    """A line that says something; None where its instant is none."""
    stamp, bar, rest = text.partition("|")
    if not bar:
        return None
    stamp, at, lasting = stamp.strip().partition("@")
    time = instant(stamp) if stamp else None
    if stamp and time is None:
        return None
    return Line(time, number(lasting) if at else None, fields_of(rest))


class Assembler:
    """Lines from text that comes in pieces, with assets of several lines in one."""

    def __init__(self) -> None:
        self._held: list[str] = []
        self._mark = ""

    def take(self, text: str) -> str | None:
        """A whole line, None while one of several lines is not complete."""
        if self._mark:
            if text.strip() == self._mark:
                whole = "\n".join(self._held)
                self._mark, self._held = "", []
                return whole
            self._held.append(text)
            if len(self._held) > MOST_LINES_OF_ONE or sum(map(len, self._held[-2:])) > LONGEST_LINE:
                self._mark, self._held = "", []
            return None
        found = _MULTILINE.search(text)
        if found and text.rstrip().endswith(found[0].rstrip()) and "|@ASSET@|" in text:
            self._mark, self._held = found[0].strip(), [text[: found.start()]]
            return None
        return text


class LinesReader:
    """Puts what lines say into a sheet.

    Parameters
    ----------
    find : callable
        ``find(name, fields)`` gives the slot of an item by what an adapter calls it, with the fields after it; None where there is none.
    reject : callable
        ``reject(text, why)``.
    asset : callable
        ``asset(asset, time, sheet)`` keeps an asset.
    """

    def __init__(
        self,
        find: Callable[[str, Sequence[str]], Slot | None],
        reject: Callable[[str, str], None],
        asset: Callable[[Asset, int, Sheet], None],
    ) -> None:
        self._find, self._reject, self._asset = find, reject, asset

    def read(self, text: str, now: int | None, sheet: Sheet) -> int:
        """Put one line into a sheet; how many observations it held. `now` is the instant of a line that says none."""
        line = line_of(text)
        time = None if line is None else line.time if line.time is not None else now
        if line is None or time is None:
            self._reject(text, "no line that begins with an instant")
            return 0
        fields, count, i = line.fields, 0, 0
        if fields and fields[0].startswith("@"):
            self._assets(fields, time, sheet)
            return 1
        while i < len(fields):
            key = fields[i]
            rest = fields[i + 1 : i + 6]
            i += 1
            if not key or not rest:
                continue
            slot = self._find(key, rest)
            if slot is None:
                i += 5 if len(rest) >= 5 and rest[0].upper() in LEVELS else 1
                continue
            several = 1 if unavailable(rest[0]) and slot.shape != "condition" else FIELDS.get(slot.shape, 1)
            i += several
            count += 1
            self._item(slot, time, line.duration, rest[:several], sheet)
        return count

    def _item(self, slot: Slot, time: int, duration: float | None, said: Sequence[str], sheet: Sheet) -> None:
        lasting: dict[str, Any] = {} if duration is None else {"duration": duration}
        said = [*said, "", "", "", ""]
        match slot.shape:
            case "condition":
                level, code, severity, qualifier, text = said[:5]
                detail = {"code": code, "severity": severity, "qualifier": qualifier, "text": text, **lasting}
                sheet.condition(slot, time, level, detail)
            case "series":
                if unavailable(said[0]):
                    sheet.series(slot, time, said[0], None)
                elif whole(said[0]) != len(said[2].split()):
                    self._reject(said[2], f"a time series that says it has {said[0]!r} values")
                else:
                    sheet.series(slot, time, said[2], number(said[1]))
            case "message" | "asset" if not unavailable(said[0]):
                sheet.value(slot, time, said[1], 0, {"code" if slot.shape == "message" else "type": said[0], **lasting})
            case "alarm" if not unavailable(said[0]):
                names = ("code", "nativeCode", "severity", "state")
                sheet.value(slot, time, said[4], 0, {**dict(zip(names, said[:4], strict=True)), **lasting})
            case "set":
                self._entries(slot, time, said[0], lasting, sheet)
            case _:
                sheet.value(slot, time, said[0], 0, lasting)

    def _entries(self, slot: Slot, time: int, text: str, lasting: Mapping[str, Any], sheet: Sheet) -> None:
        if unavailable(text):
            sheet.entries(slot, time, None, {})
            return
        reset, text = _reset(text)
        detail = {**lasting, **({"reset": reset, "clears": True} if reset else {})}
        try:
            found = dict(entries_of(text))
        except ValueError as error:
            self._reject(text, str(error))
            return
        sheet.entries(slot, time, found, detail)

    def _assets(self, fields: Sequence[str], time: int, sheet: Sheet) -> None:
        said = [*fields, "", "", ""]
        match said[0]:
            case "@ASSET@" if said[1]:
                self._asset(Asset(said[1], said[2], "|".join(said[3:-3])), time, sheet)
            case "@REMOVE_ASSET@" if said[1]:
                self._asset(Asset(said[1], "", None), time, sheet)
            case "@REMOVE_ALL_ASSETS@":
                self._asset(Asset("", said[1], None), time, sheet)
            case _:
                self._reject(said[0], "not something that is said of assets")


def _reset(text: str) -> tuple[str, str]:
    """A reset before the entries, as ``:MANUAL a=1``, and what follows."""
    stripped = text.lstrip()
    if not stripped.startswith(":"):
        return "", text
    word, _, rest = stripped[1:].partition(" ")
    return word.upper(), rest


_KEY = re.compile(r"\s*([^\s=]+)")
_OPEN = {"{": "}", "'": "'", '"': '"'}


def entries_of(text: str, depth: int = 0) -> Iterator[tuple[str, Any]]:
    """The entries of a data set, ``a=1 b='two words' c={...}``; a key alone is an entry that is gone; ``{k=v}`` are a row's cells.
    Raises ValueError.
    """
    at = 0
    while found := _KEY.match(text, at):
        key, at = found[1], found.end()
        if at >= len(text) or text[at] != "=":
            yield key, None
            continue
        at += 1
        closing = _OPEN.get(text[at : at + 1])
        if closing is None:
            end = next((i for i in range(at, len(text)) if text[i].isspace()), len(text))
            value, at = text[at:end], end
            yield key, typed(value) if value else None
            continue
        end = _closed(text, at, closing)
        inner, opened, at = text[at + 1 : end], text[at], end + 1
        rows = opened == "{" and depth == 0 and "=" in inner
        yield key, dict(entries_of(inner, 1)) if rows else typed(inner) if opened == "{" else inner.replace("\\", "")


def _closed(text: str, at: int, closing: str) -> int:
    """Where what opens at a place closes."""
    depth, i = 0, at
    while i < len(text):
        if text[i] == "\\":
            i += 1
        elif closing == "}" and text[i] == "{":
            depth += 1
        elif text[i] == closing and i > at:
            depth -= 1
            if closing != "}" or depth == 0:
                return i
        i += 1
    raise ValueError(f"an entry that opens with {text[at]} and does not close")
