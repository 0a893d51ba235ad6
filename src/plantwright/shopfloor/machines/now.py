"""Now: what each machine does, since when, and what a person should look at."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

from plantwright.monitoring.steps import UNKNOWN, Steps
from plantwright.shopfloor.history import History
from plantwright.shopfloor.machines.conditions import active_at
from plantwright.shopfloor.machines.settings import FloorSettings
from plantwright.shopfloor.machines.timelines import timelines
from plantwright.shopfloor.readings import NANOSECONDS

LOOK_BACK = 35 * 86_400 * NANOSECONDS
"""A state that holds for longer is said to hold since then."""

AlarmCode = Literal["no data", "fault", "warning"]


@dataclass(frozen=True, slots=True)
class Alarm:
    """What a person should look at: of which source or machine, what, since when."""

    of: str
    code: AlarmCode
    text: str
    since: int


@dataclass(frozen=True, slots=True)
class MachineNow:
    """What a machine does: ``state`` in its own words and ``use`` (both empty where nothing is known), since when; its job, and when its
    source was last heard.
    """

    machine: str
    state: str
    use: str
    since: int
    job: str
    product: str
    heard: int | None
    alarms: tuple[Alarm, ...] = ()

    def to_dict(self, now: int) -> dict[str, Any]:
        """For JSON; times in seconds."""
        return {
            "machine": self.machine, "state": self.state or None, "use": self.use or None, "for": (now - self.since) / NANOSECONDS,
            "job": self.job or None, "product": self.product or None,
            "heard": None if self.heard is None else (now - self.heard) / NANOSECONDS,
            "alarms": [{"of": a.of, "code": a.code, "text": a.text, "for": (now - a.since) / NANOSECONDS} for a in self.alarms],
        }  # fmt: skip


def machines_now(
    history: History, now: int, settings: FloorSettings | None = None, no_data_after: Mapping[str, float] | None = None
) -> list[MachineNow]:
    """What every machine does now.

    Parameters
    ----------
    history : History
    now : int
        Nanoseconds since 1970.
    settings : FloorSettings, optional
    no_data_after : mapping of str to float, optional
        By source, the seconds of silence after which that is an alarm; 300 where nothing is said. Until then what a machine said last holds.
    """
    settings = settings or FloorSettings()
    heard = _heard(history, now)
    tags = history.tags()
    source_of = {tag.machine: tag.source for tag in tags if tag.machine}
    found = []
    for timeline in timelines(history, now - LOOK_BACK, now, settings):
        source = source_of[timeline.machine]
        last, limit = heard.get(source), (no_data_after or {}).get(source, 300.0)
        silent = last is None or now - last > limit * NANOSECONDS
        alarms = _conditions(history, timeline.machine, now)
        if silent:
            text = "nothing was ever heard" if last is None else f"no data for {_minutes(now - last)}"
            alarms.insert(0, Alarm(source, "no data", text, last if last is not None else now - LOOK_BACK))
        state, since = _last(timeline.state, silent)
        use, _ = _last(timeline.use, silent)
        job, product = _last(timeline.job, silent)[0], _last(timeline.product, silent)[0]
        found.append(MachineNow(timeline.machine, state, use, since, job, product, last, tuple(alarms)))
    return found


def _last(steps: Steps, silent: bool) -> tuple[str, int]:
    """What holds at the end, and since when. The short time since a source was last heard, of which nothing is known yet, does not count
    unless it is silent.
    """
    codes, times = steps.code.tolist(), steps.time.tolist()
    if not codes:
        return "", 0
    if codes[-1] == UNKNOWN and not silent and len(codes) > 1:
        codes, times = codes[:-1], times[:-1]
    return ("" if codes[-1] == UNKNOWN else steps.names[codes[-1]]), times[-1]


def _heard(history: History, now: int) -> dict[str, int]:
    """When each source was last heard; of one that tells no beat, its last event."""
    import polars

    tags = history.tags()
    beats = [number for number, tag in enumerate(tags) if tag.kind in ("event", "condition") or tag.type == "HEARD"]
    last = history.before(beats, now + 1).with_columns(polars.col("time").to_physical())
    found: dict[str, int] = {}
    for number, time in zip(last["tag"].to_list(), last["time"].to_list(), strict=True):
        source = tags[number].source
        found[source] = max(found.get(source, time), time)
    return found


def _conditions(history: History, machine: str, now: int) -> list[Alarm]:
    """The faults and warnings that are active at a machine."""
    tags = history.tags()
    own = [number for number, tag in enumerate(tags) if tag.machine == machine and tag.kind == "condition"]
    alarms: list[Alarm] = []
    for one in active_at(history, own, now):
        said = " ".join(str(one.detail[key]) for key in ("code", "text") if one.detail.get(key))
        text = f"{tags[one.tag].name.removeprefix(machine + '/')}: {said or one.level.lower()}"
        alarms.append(Alarm(machine, "fault" if one.level == "FAULT" else "warning", text, one.since))
    return alarms


def _minutes(span: int) -> str:
    minutes = span // (60 * NANOSECONDS)
    return f"{minutes} min" if minutes < 120 else f"{minutes // 60} h" if minutes < 2880 else f"{minutes // 1440} d"


def alarms_of(found: Sequence[MachineNow]) -> list[Alarm]:
    """All alarms, each once: a source that says nothing is one alarm, however many machines it tells of."""
    return list(dict.fromkeys(alarm for machine in found for alarm in machine.alarms))
