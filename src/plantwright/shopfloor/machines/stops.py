"""Stops, and the reasons that people give them. A reason is a layer over the readings: it never changes them."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np

from plantwright.errors import PlantwrightError
from plantwright.monitoring.steps import UNKNOWN, Codes, Steps, Times, joined, of_codes
from plantwright.monitoring.uses import STOPS, USES
from plantwright.shopfloor.history import History
from plantwright.shopfloor.machines.settings import MICRO_STOP, UNQUALIFIED, FloorSettings
from plantwright.shopfloor.machines.timelines import Timeline, timelines
from plantwright.shopfloor.readings import NANOSECONDS


class ReasonError(PlantwrightError):
    """A reason that cannot be given: no such reason, no stop there, or the file cannot be written."""

    code = "PW5200"


@dataclass(frozen=True, slots=True)
class Stop:
    """A machine that stood: from when until when, what its time counts as, and why. ``reason`` is `UNQUALIFIED` until somebody names it,
    `MICRO_STOP` where it was too short to ask. ``open`` is a stop that lasts yet. ``shift`` is empty outside all shifts.
    """

    machine: str
    start: int
    end: int
    use: str
    state: str
    reason: str
    shift: str
    open: bool = False
    by: str = ""

    @property
    def seconds(self) -> float:
        """How long it lasted."""
        return (self.end - self.start) / NANOSECONDS


@dataclass(frozen=True, slots=True)
class Reason:
    """What somebody said of a machine's time: `reason` from `start` to `end`; an empty one takes back what was said before. ``open`` is one
    that was given while the machine stood: it holds until that stop is over.
    """

    machine: str
    start: int
    end: int
    reason: str
    by: str
    at: int
    note: str = ""
    open: bool = False


@dataclass(frozen=True)
class Reasons:
    """All that was said, in the order in which it was said: of one instant the last word holds."""

    said: Sequence[Reason] = field(default_factory=tuple)

    def of(self, timeline: Timeline) -> Steps:
        """The reason at each instant of a timeline; unknown where nobody gave one."""
        own = [r for r in self.said if r.machine == timeline.machine and r.start < timeline.end]
        if not own:
            return Steps(np.empty(0, np.int64), np.empty(0, np.int32), ())
        stood = standing(timeline)
        ends = [_until(r, stood, timeline.end) for r in own]
        edges = np.unique(np.array([*(r.start for r in own), *ends], np.int64))
        names = tuple(dict.fromkeys(r.reason for r in own if r.reason))
        code = np.full(len(edges), UNKNOWN, np.int32)
        for r, end in zip(own, ends, strict=True):
            code[(edges >= r.start) & (edges < end)] = names.index(r.reason) if r.reason else UNKNOWN
        return of_codes(edges, code, names).within(timeline.start, timeline.end)


_STANDING = np.array([use in STOPS for use in USES] + [False])


def standing(timeline: Timeline) -> Steps:
    """Whether a machine stood, whatever the reason."""
    return Steps(timeline.use.time, _STANDING[timeline.use.code].astype(np.int32), ("ran", "stood")).merged()


def short_stops(timeline: Timeline, settings: FloorSettings) -> Steps:
    """``short`` while a machine stood for less than a micro-stop's limit in all; of what the window cuts nobody knows how long it was."""
    stood = standing(timeline)
    short = (stood.code == 1) & (stood.lengths(timeline.end) < settings.micro_stop * NANOSECONDS)
    if len(short):
        short[0] = short[-1] = False
    return Steps(stood.time, short.astype(np.int32), ("other", "short"))


def _until(reason: Reason, stood: Steps, end: int) -> int:
    """Until when a reason holds: one that was given to a stop that lasted yet, until that stop is over."""
    if not reason.open or stood.at(np.array([reason.end], np.int64))[0] != 1:
        return reason.end
    later = stood.time[(stood.time > reason.end) & (stood.code != 1)]
    return int(later[0]) if len(later) else end


LONGEST_CARRIED = 7 * 86_400 * NANOSECONDS
"""For so long a reason that was given to a stop that lasted yet is followed into later windows."""


def carried(history: History, several: Sequence[Timeline], reasons: Reasons, settings: FloorSettings) -> Reasons:
    """The reasons, where one that was given to a stop that lasted yet holds into a window that begins later, if the machine never ran between."""
    said = list(reasons.said)
    for one in several:
        own = [n for n, r in enumerate(said) if r.machine == one.machine and r.open and r.end < one.start]
        if not own or not len(one.use) or not _STANDING[one.use.code[0]]:
            continue
        last = max(own, key=lambda n: said[n].end)
        if one.start - said[last].end <= LONGEST_CARRIED:
            (between,) = timelines(history, said[last].end, one.start, settings, [one.machine])
            if _STANDING[between.use.code].all():
                said[last] = replace(said[last], end=one.start)
    return Reasons(tuple(said))


def read_reasons(path: Path) -> Reasons:
    """The reasons in a file of JSON lines; none where there is no file. A last line that was cut off is left out."""
    try:
        # nothing but a newline ends a line: a note may hold any other character
        *lines, _ = path.read_bytes().split(b"\n")
    except FileNotFoundError:
        return Reasons()
    except OSError as error:
        raise ReasonError(f"{path}: cannot be read: {error.strerror or error} [PW5200]") from error
    said = []
    for number, line in enumerate(lines, 1):
        try:
            said.append(_reason(json.loads(line)))
        except (ValueError, TypeError) as error:
            raise ReasonError(
                f"{path}:{number}: no reason stands here: {line[:80].decode(errors='replace')!r}; mend or take out the line [PW5200]"
            ) from error
    return Reasons(tuple(said))


def _reason(given: Mapping[str, Any]) -> Reason:
    """What a line of the file says. Raises TypeError or ValueError where it is no reason."""
    reason = Reason(**given)
    for name, kind in (("machine", str), ("start", int), ("end", int), ("reason", str), ("open", bool)):
        if type(getattr(reason, name)) is not kind:
            raise TypeError(name)
    return reason


def say_reason(path: Path, reason: Reason) -> None:
    """Write down what somebody said, for good, in one line at the end of the file. Raises ReasonError."""
    line = json.dumps(asdict(reason), ensure_ascii=False) + "\n"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with path.open("ab+") as file:
            _cut_half_line(file)
            file.write(line.encode("utf-8", "replace"))
            file.flush()
            os.fsync(file.fileno())
    except OSError as error:
        raise ReasonError(f"{path}: cannot be written: {error.strerror or error} [PW5200]") from error


def _cut_half_line(file: BinaryIO) -> None:
    """Take out a last line that a crash cut off: it was never said to be kept."""
    end = at = file.seek(0, os.SEEK_END)
    while at:
        start = max(0, at - 4096)
        file.seek(start)
        newline = file.read(at - start).rfind(b"\n")
        if newline >= 0:
            at = start + newline + 1
            break
        at = start
    if at < end:
        file.truncate(at)
    file.seek(at)


def stops(timeline: Timeline, reasons: Reasons | None = None, settings: FloorSettings | None = None) -> list[Stop]:
    """The stops of a timeline, in their order, also those outside shifts.

    A stop is a span without production, setup, planned down or unknown time. A reason that somebody gave for a part of it divides it.
    """
    settings = settings or FloorSettings()
    said = (reasons or Reasons()).of(timeline)
    tracks = [timeline.use, timeline.state, timeline.shift, said, short_stops(timeline, settings)]
    time, (use, state, shift, reason, short) = joined(tracks)
    ends = np.append(time[1:], timeline.end)
    found: list[Stop] = []
    stood = _STANDING[use]
    begin = 0
    while begin < len(time):
        if not stood[begin]:
            begin += 1
            continue
        end = begin
        while end + 1 < len(time) and stood[end + 1] and reason[end + 1] == reason[begin]:
            end += 1
        whole = slice(begin, end + 1)
        lengths = ends[whole] - time[whole]
        found.append(
            _stop(
                timeline,
                int(time[begin]),
                int(ends[end]),
                use[whole],
                state[whole],
                shift[whole],
                lengths,
                said,
                int(reason[begin]),
                bool(short[begin] == 1),
                settings,
            )
        )
        begin = end + 1
    return found


def _stop(
    timeline: Timeline, start: int, end: int, use: Codes, state: Codes,
    shift: Codes, lengths: Times, said: Steps, reason: int, short: bool, settings: FloorSettings,
) -> Stop:  # fmt: skip
    """One stop: a failure where any of it is one, else what most of it is; the state and shift of its longest part."""
    uses = {USES[code]: int(lengths[use == code].sum()) for code in np.unique(use).tolist()}
    counts_as = "failure" if "failure" in uses else max(uses, key=uses.__getitem__)
    longest = int(np.argmax(lengths))
    last = end >= timeline.end
    if reason != UNKNOWN:
        why = said.names[reason]
        counts_as = settings.reasons.get(why, counts_as)
    else:
        why = MICRO_STOP if short else UNQUALIFIED
    return Stop(
        timeline.machine, start, end, counts_as, _name(timeline.state, int(state[longest])), why,
        _name(timeline.shift, int(shift[longest])), last,
    )  # fmt: skip


def _name(steps: Steps, code: int) -> str:
    return "" if code == UNKNOWN else steps.names[code]


def with_reasons(timeline: Timeline, reasons: Reasons, uses: Mapping[str, str]) -> Steps:
    """What a machine's time counts as once reasons are looked at: only stops are changed by them."""
    said = reasons.of(timeline)
    if not len(said):
        return timeline.use
    time, (use, reason) = joined([timeline.use, said])
    table = np.array([USES.index(uses[name]) if name in uses else UNKNOWN for name in said.names] + [UNKNOWN], np.int32)
    by_reason = table[reason]
    standing = _STANDING[use]
    return of_codes(time, np.where(standing & (by_reason != UNKNOWN), by_reason, use).astype(np.int32), USES).within(
        timeline.start, timeline.end
    )
