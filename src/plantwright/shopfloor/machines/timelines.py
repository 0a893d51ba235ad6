"""Timelines: what each machine did over a window, without a hole; what is not known stands there as unknown."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from plantwright.monitoring.steps import UNKNOWN, Numbers, Steps, Times, joined, of_codes, spans, where_known
from plantwright.monitoring.uses import USES
from plantwright.shopfloor.history import History
from plantwright.shopfloor.machines.conditions import LOOKED_BACK, faulty
from plantwright.shopfloor.machines.counters import good_and_bad
from plantwright.shopfloor.machines.planned import planned
from plantwright.shopfloor.machines.rules import uses_by_rules
from plantwright.shopfloor.machines.settings import FloorSettings, MachineSettings
from plantwright.shopfloor.machines.signals import Signals, signals
from plantwright.shopfloor.readings import NANOSECONDS, Quality

if TYPE_CHECKING:
    import polars

FAULT = "fault"
DEFAULT = FloorSettings()
EVER = 2**62
"""An instant that lies ahead of all."""
NOTHING = Steps(np.empty(0, np.int64), np.empty(0, np.int32), ())


@dataclass(frozen=True)
class Timeline:
    """What a machine did from `start` to `end` (nanoseconds since 1970, UTC).

    Parameters
    ----------
    machine : str
    start, end : int
    state : Steps
        In the machine's own words.
    use : Steps
        What the time counts as, with names `USES`; before reasons are looked at.
    shift : Steps
        The shift, ``break``, or unknown outside all.
    job, product, operation, program, tool, worker : Steps
    parts : tuple of arrays (instants, increments)
        Good pieces as they were counted, or all where no counter tells them apart; None where no counter says so.
    bad_parts : tuple of arrays, optional
    """

    machine: str
    start: int
    end: int
    state: Steps
    use: Steps
    shift: Steps
    job: Steps = NOTHING
    product: Steps = NOTHING
    operation: Steps = NOTHING
    program: Steps = NOTHING
    tool: Steps = NOTHING
    worker: Steps = NOTHING
    parts: tuple[Times, Numbers] | None = None
    bad_parts: tuple[Times, Numbers] | None = None

    @property
    def covered(self) -> float:
        """The share of the window of which the machine's use is known."""
        unknown = self.use.totals(self.end).get(None, 0)
        return 1.0 - unknown / (self.end - self.start)

    def frame(self) -> polars.DataFrame:
        """Rows without a hole: ``machine``, ``start``, ``end``, ``state``, ``use``, ``shift``, ``job``, ``product``."""
        import polars

        parts = [self.state, self.use, self.shift, self.job, self.product]
        time, codes = joined(parts)
        named = [np.array([*part.names, None], dtype=object)[code] for part, code in zip(parts, codes, strict=True)]
        at = polars.Datetime("ns", "UTC")
        return polars.DataFrame(
            {
                "machine": [self.machine] * len(time),
                "start": polars.Series(time).cast(at),
                "end": polars.Series(np.append(time[1:], self.end)[: len(time)]).cast(at),
                **{
                    name: polars.Series(list(values), dtype=polars.String)
                    for name, values in zip(("state", "use", "shift", "job", "product"), named, strict=True)
                },
            }
        )


def frame_of(several: Sequence[Timeline]) -> polars.DataFrame:
    """The frames of timelines below each other; without rows where there are none."""
    import polars

    none = Timeline("", 0, 0, NOTHING, NOTHING, NOTHING)
    return polars.concat([one.frame() for one in several or [none]])


def timelines(
    history: History,
    start: int,
    end: int,
    settings: FloorSettings = DEFAULT,
    machines: Sequence[str] = (),
) -> list[Timeline]:
    """The timelines of machines over a window; of all in the history that tell what they do, where none is named.

    Raises ValueError for a window without length, KeyError for a machine that is not there.
    """
    if end <= start:
        raise ValueError("the window has no length")
    tags = history.tags()
    found = signals(tags, {name: machine.signals for name, machine in settings.machines.items()})
    missing = [name for name in machines if name not in found]
    if missing:
        raise KeyError(missing[0])
    telling = [
        name for name, own in found.items() if settings.machine(name).rules or {"execution", "packml"} & set(own.tags)
    ]
    wanted = {name: found[name] for name in (machines or telling)}
    heard = {tag.source: number for number, tag in enumerate(tags) if tag.type == "HEARD"}
    read = _Read(history, start, end, wanted.values(), settings, heard)
    shifts: dict[tuple[str, ...], Steps] = {}
    result = []
    for name, own in wanted.items():
        machine = settings.machine(name)
        if machine.shifts not in shifts:
            chosen = {
                key: shift for key, shift in settings.shifts.items() if not machine.shifts or key in machine.shifts
            }
            shifts[machine.shifts] = planned(chosen, settings.zone, start, end)
        result.append(_timeline(read, own, machine, shifts[machine.shifts]))
    return result


class _Read:
    """The readings of a window that timelines ask for, read at once."""

    def __init__(
        self,
        history: History,
        start: int,
        end: int,
        machines: Iterable[Signals],
        settings: FloorSettings,
        heard: Mapping[str, int],
    ) -> None:
        import polars

        several = list(machines)
        self.start, self.end, self.heard, self._history = start, end, heard, history
        events: set[int] = set()
        samples: set[int] = set()
        kinds = [tag.kind for tag in history.tags()]
        for own in several:
            ruled = {c.tag for rule in settings.machine(own.machine).rules for c in rule.when}
            numbers = {number_of(own, name) for name in ruled} | set(own.tags.values()) | set(own.conditions)
            for number in numbers - {None}:
                (samples if kinds[number] == "sample" else events).add(number)  # type: ignore[index,arg-type]
            events.update(own.gaps.values())
        # several faults and gaps may reach into the window, of the others only the last word
        deep = sorted(number for number in events if kinds[number] in ("condition", "note"))
        since = start - LOOKED_BACK
        frame = polars.concat(
            [
                history.before(sorted(events - set(deep)), start),
                history.before(deep, since),
                history.events(deep, since, start),
                history.events(sorted(events), start, end),
            ]
        )
        frame = frame.sort("tag", maintain_order=True)
        self._rows = _slices(frame["tag"].to_numpy())
        self._times = frame["time"].cast(polars.Int64).to_numpy()
        self._good = frame["quality"].to_numpy() < Quality.BAD
        values = frame["value"]
        self._values, self._details = values, frame["detail"]
        unique = values.unique(maintain_order=True)
        self.names: tuple[str, ...] = tuple(unique.to_list())
        self._codes = (
            values.replace_strict(unique, np.arange(len(unique), dtype=np.int32), return_dtype=polars.Int32).to_numpy()
            if len(unique)
            else np.empty(0, np.int32)
        )
        beats = history.before(sorted(heard.values()), EVER)
        self._beats = dict(zip(beats["tag"].to_list(), beats["time"].cast(polars.Int64).to_list(), strict=True))
        self._cover: dict[tuple[str, str], Steps] = {}
        self._number_of = _numbers(self.names)
        self._samples = _samples(history, sorted(samples), start, end) if samples else None

    def rows(self, tag: int) -> slice:
        return self._rows.get(tag, _NO_ROWS)

    def known(self, own: Signals, tag: int | None) -> Steps:
        """What a tag said, unknown where it was unavailable and where its source was not read."""
        return NOTHING if tag is None else where_known(self.steps(tag), self._covered(own, own.sources[tag]))

    def steps(self, tag: int | None) -> Steps:
        """What a tag said, unknown where it was unavailable."""
        if tag is None:
            return NOTHING
        rows = self.rows(tag)
        if rows.start == rows.stop:
            return self._of_samples(tag)
        codes = np.where(self._good[rows], self._codes[rows], np.int32(UNKNOWN)).astype(np.int32)
        return of_codes(self._times[rows], codes, self.names)

    def _of_samples(self, tag: int) -> Steps:
        """What a sample tag said, as texts."""
        if self._samples is None:
            return NOTHING
        import polars

        own = self._samples.filter(polars.col("tag") == tag)
        values = own["value"].to_numpy()
        unique, code = np.unique(values, return_inverse=True)
        good = own["quality"].to_numpy() < Quality.BAD
        names = tuple(f"{value:.12g}" for value in unique.tolist())
        return of_codes(
            own["time"].cast(polars.Int64).to_numpy(), np.where(good, code, UNKNOWN).astype(np.int32), names
        )

    def numbers(self, tag: int | None) -> tuple[Times, Numbers] | None:
        """What a tag counted: instants and increments. A counter that falls began anew: what it shows then was counted since."""
        if tag is None:
            return None
        held = self.steps(tag)
        if not len(held):
            return None
        values = (self._number_of if held.names is self.names else _numbers(held.names))[held.code]
        known = np.isfinite(values)
        time, values = held.time[known], values[known]
        if not len(values):
            return None
        rise = np.diff(values, prepend=values[0])
        counted = np.where(rise < 0, np.maximum(values, 0.0), rise)
        inside = time >= self.start
        return time[inside], counted[inside]

    def _covered(self, own: Signals, source: str) -> Steps:
        """``covered`` where a source was read, unknown elsewhere: within gaps, and after it was last heard."""
        if (own.machine, source) not in self._cover:
            starts, ends = [self._last_heard(own, source)], [np.iinfo(np.int64).max]
            if source in own.gaps:
                for detail in self._details[self.rows(own.gaps[source])].to_list():
                    gap = json.loads(detail or "{}")
                    starts.append(int(gap.get("start", 0)))
                    ends.append(int(gap.get("end", 0)))
            gaps = spans(starts, ends, "gap", "covered")
            cover = np.where(gaps.code == 1, np.int32(0), np.int32(UNKNOWN)).astype(np.int32)
            self._cover[own.machine, source] = Steps(gaps.time, cover, ("covered",))
        return self._cover[own.machine, source]

    def _last_heard(self, own: Signals, source: str) -> int:
        """When a source was last heard: by its last beat or, if later, a machine's last event; by the last of the machine's readings where it
        gives no beats.
        """
        tags = [number for number, of in own.sources.items() if of == source and number not in own.gaps.values()]
        beat = self._beats.get(self.heard.get(source, -1))
        if beat is None:
            last = self._history.newest(tags)
            return self.start if last is None else last
        ends = [rows.stop for rows in map(self.rows, tags) if rows.stop > rows.start]
        return int(max([beat, *(self._times[end - 1] for end in ends)]))

    def faults(self, own: Signals) -> Steps:
        """``fault`` while any condition of the machine has one that is active, else ``normal``; unknown where it tells of none."""
        if not own.conditions:
            return NOTHING
        several: list[Steps] = []
        for tag in own.conditions:
            rows = self.rows(tag)
            active = faulty(self._values[rows].to_list(), self._details[rows].to_list())
            said = of_codes(self._times[rows], np.array(active, np.int32), ("normal", FAULT))
            several.append(where_known(said, self._covered(own, own.sources[tag])))
        time, codes = joined(several)
        fault = np.zeros(len(time), bool)
        for code in codes:
            fault |= code == 1
        return of_codes(time, np.where(fault, 0, 1).astype(np.int32), (FAULT, "normal"))


_NO_ROWS = slice(0, 0)


def _slices(tags: npt.NDArray[np.int32]) -> dict[int, slice]:
    """The rows of each tag in a sorted column of them."""
    if not len(tags):
        return {}
    begins = np.concatenate([[0], np.flatnonzero(np.diff(tags)) + 1])
    ends = [*begins[1:].tolist(), len(tags)]
    return {int(tags[begin]): slice(begin, end) for begin, end in zip(begins.tolist(), ends, strict=True)}


SAMPLES_BACK = (1200, 86_400, 30 * 86_400)
"""Seconds before a window in which a sample is looked for that held when it began: within a source's longest silence, as a rule."""


def _samples(history: History, tags: Sequence[int], start: int, end: int) -> polars.DataFrame:
    """The samples of a window, and before them the last of each tag."""
    import polars

    found = [history.samples(tags, start, end)]
    missing, until = list(tags), start
    for back in SAMPLES_BACK:
        since = start - back * NANOSECONDS
        before = history.samples(missing, since, until).group_by("tag", maintain_order=True).last()
        found.insert(0, before.select(found[-1].columns))
        missing = sorted(set(missing) - set(before["tag"].to_list()))
        until = since
        if not missing:
            break
    return polars.concat(found)


def number_of(own: Signals, name: str) -> int | None:
    """A tag of a machine by what it tells, by its name, or by the end of its name after the machine's."""
    return own.tags.get(name, own.all.get(name, own.all.get(f"{own.machine}/{name}")))


def _timeline(read: _Read, own: Signals, machine: MachineSettings, shift: Steps) -> Timeline:
    state, use = _state(read, own, machine)

    def told(name: str) -> Steps:
        return read.known(own, own.tags.get(name)).within(read.start, read.end)

    return Timeline(
        own.machine,
        read.start,
        read.end,
        state.within(read.start, read.end),
        use.within(read.start, read.end),
        shift,
        told("job"),
        told("product"),
        told("operation"),
        told("program"),
        told("tool"),
        told("worker"),
        *good_and_bad(*(read.numbers(own.tags.get(name)) for name in ("parts", "good parts", "bad parts"))),
    )


def _state(read: _Read, own: Signals, machine: MachineSettings) -> tuple[Steps, Steps]:
    """A machine's state in its own words, and what it counts as."""
    if machine.rules:
        wanted = {condition.tag for rule in machine.rules for condition in rule.when}
        use = uses_by_rules(machine.rules, {name: read.known(own, number_of(own, name)) for name in wanted})
        return use, use
    state = read.known(own, own.tags.get("execution", own.tags.get("packml")))
    use = _by_word(state, machine.uses)
    mode = read.known(own, own.tags.get("functional mode"))
    fault = read.faults(own)
    if not len(mode) and not len(fault):
        return state, use
    time, (uses, by_mode, faults) = joined([use, _by_word(mode, machine.modes), fault])
    if len(mode):
        uses = np.where((by_mode != UNKNOWN) & (uses != UNKNOWN), by_mode, uses)
    if len(fault):
        stopped = (faults == 0) & np.isin(uses, [USES.index("delay"), USES.index("idle")])
        uses = np.where(stopped, USES.index("failure"), uses)
    return state, of_codes(time, uses.astype(np.int32), USES)


def _by_word(said: Steps, uses: Mapping[str, str]) -> Steps:
    """What each word of steps counts as."""
    table = np.full(len(said.names) + 1, UNKNOWN, np.int32)
    for code in np.unique(said.code[said.code != UNKNOWN]).tolist():
        table[code] = _use(uses, said.names[code])
    return of_codes(said.time, table[said.code], USES)


def _use(uses: Mapping[str, str], name: str) -> int:
    """The code of what a state counts as. A state that nobody explained is not known."""
    use = uses.get(name, uses.get(name.upper()))
    return UNKNOWN if use is None else USES.index(use)


def _numbers(names: tuple[str, ...]) -> Numbers:
    """The numbers that texts are, and one more that is none for what is not known."""
    import polars

    read = polars.Series(names, dtype=polars.String).cast(polars.Float64, strict=False)
    return np.append(read.fill_null(float("nan")).to_numpy(), np.nan)
