"""How often intervals hold the truth: plants that are run with many seeds, each run as a user would make it."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

from plantwright.plant import Plant, changed, read_text
from plantwright.simulation import Run, simulate
from tests.simulation import exact
from tests.simulation.plants import line, queue

MINUTE, DAY = 60.0, 86400.0

LINE = ((1.0, 0.8, 1.2), (0.01, 0.02, 0.005), (0.1, 0.1, 0.05), (2, 3))
"""Rates of work, failure and repair per minute, and places, of the line that is studied."""

SHOP = """
plant: A shop by day
shifts:
  day: {days: Mon-Fri, from: "07:00", to: "15:00", breaks: ["11:00-11:30"]}
people:
  crew: {count: 2, shift: day, skills: {setting: 1}}
work centers:
  saw: {machines: 2, shift: day, setup: {default: 20 min}, failures: [{every: exponential 20 h, repair: lognormal 1 h cv 0.8}]}
  oven: {machines: 1, batch: {max: 4 lots, wait: 1 h}}
  check: {machines: 1, shift: day}
products:
  axle:
    lot: 10 pieces
    release: {every: exponential 4 h}
    routing:
      - saw: {at: saw, time: gamma 3 min cv 0.5/piece, staff: [{skill: setting, for: setup}], yield: 95 %}
      - harden: {at: oven, time: 90 min/batch}
      - check: {at: check, time: exponential 20 min/lot, rework: {share: 10 %, back to: saw, at most: 1}}
  pin:
    lot: 20 pieces
    release: {every: exponential 6 h}
    routing:
      - saw: {at: saw, time: gamma 2 min cv 0.5/piece, staff: [{skill: setting, for: setup}]}
      - check: {at: check, time: exponential 15 min/lot}
"""
"""Lots come day and night and are worked on by day: nobody knows its numbers, but a long run tells them well."""


@dataclass(frozen=True, slots=True)
class Number:
    """A number of a run by its name and subject, in the run's unit."""

    name: str
    of: tuple[tuple[str, str], ...] = ()
    quantile: float | None = None

    def __str__(self) -> str:
        percent = f", {100 * self.quantile:g} %" if self.quantile else ""
        return self.name + "".join(f" of {value}" for _, value in self.of) + percent

    def holds(self, run: Run, truth: float) -> bool:
        """Whether the interval of a run holds the truth."""
        found = run.estimate(self.name, quantile=self.quantile, **dict(self.of))
        return found.low <= truth <= found.high


@dataclass(frozen=True, slots=True)
class Study:
    """A plant, how it is run, and the true long-run value of some of its numbers. ``warmup`` is the one that is given, long enough."""

    name: str
    plant: Plant
    horizon: str
    warmup: str
    truths: tuple[tuple[Number, float], ...]
    replications: int = 20

    def runs(self, warmup: str, seeds: int) -> Iterator[Run]:
        """One run for each seed."""
        for seed in range(seeds):
            yield simulate(
                self.plant,
                horizon=self.horizon,
                warmup=warmup,
                replications=self.replications,
                seed=seed,
                threads=1,
            )


def station() -> Study:
    """M/M/1 at .8 with mean service 1 minute: waits 4, stays exponentially long with mean 5."""
    quantile = 5 * MINUTE * math.log(20)
    truths = (
        (Number("queue time", (("work_center", "desk"),)), 4 * MINUTE),
        (Number("cycle time"), 5 * MINUTE),
        (Number("cycle time", (), 0.95), quantile),
        (Number("work in process"), 4.0),
        (Number("state share", (("work_center", "desk"), ("state", "working"))), 0.8),
    )
    return Study("M/M/1 at .8", queue("exponential 1 min", "exponential 1.25 min"), "8000 min", "1000 min", truths)


def failing_line() -> Study:
    """Three unequal machines that fail, with few places between."""
    rate, lots = exact.exponential_line(*LINE)
    truths = ((Number("throughput"), rate * 1440), (Number("work in process"), lots))
    return Study("failing line", line(*LINE), "5000 min", "1000 min", truths)


def line_by_day() -> Study:
    """The same line, eight hours on five days: at night everything stands still, so that it makes in an hour what it always does."""
    rate, lots = exact.exponential_line(*LINE)
    day = {"days": "Mon-Fri", "from": "07:00", "to": "15:30", "breaks": ["11:00-11:30"]}
    shifts = {f"work centers > m{k} > shift": "day" for k in (1, 2, 3)}
    plant = changed(line(*LINE), {"shifts": {"day": day}} | shifts)
    truths = ((Number("throughput"), rate * 480), (Number("work in process"), lots))
    return Study("failing line by day", plant, "4 wk", "1 wk", truths)


def shop(long_runs: int = 200) -> Study:
    """Lots that come day and night; its truth is what so many runs of five years say together."""
    plant = read_text(SHOP)
    long = long_run(SHOP, long_runs)
    numbers = [Number(name, of) for of in ((), (("product", "axle"),)) for name in ("cycle time", "work in process")]
    numbers += [Number("throughput", (("product", "pin"),)), Number("scrap share")]
    truths = tuple((number, mean_of(long, number)) for number in numbers)
    return Study("shop by day", plant, "8 wk", "4 wk", truths)


@cache
def long_run(text: str, replications: int) -> Run:
    """A run that is as good as the truth for what short ones say."""
    return simulate(read_text(text), horizon="260 wk", warmup="13 wk", replications=replications, seed=987654321)


def mean_of(run: Run, number: Number) -> float:
    return run.estimate(number.name, quantile=number.quantile, **dict(number.of)).mean


STUDIES = (station, failing_line, line_by_day, shop)


def held(study: Study, warmup: str, seeds: int) -> dict[str, int]:
    """In how many runs the interval of each number holds its truth."""
    counts = {str(number): 0 for number, _ in study.truths}
    for run in study.runs(warmup, seeds):
        for number, truth in study.truths:
            counts[str(number)] += number.holds(run, truth)
    return counts
