"""Hold a drafted plant against its log: simulate the log's own releases, and fit the waiting that nothing else explains."""

from __future__ import annotations

import math
from collections.abc import Callable
from concurrent.futures import Executor
from dataclasses import dataclass, replace
from typing import Any

from plantwright.calibration.drafting import Draft, Found, draft
from plantwright.calibration.staffing import StaffFound
from plantwright.calibration.visits import History
from plantwright.calibration.waiting import excess_waits, pace, scaled, unexplained_share
from plantwright.errors import Interrupted
from plantwright.plant import Plant, build_plant
from plantwright.simulation import Cancel, Run, simulate
from plantwright.simulation.trust import MONTH, TOLERANCE, Comparison, compare_totals
from plantwright.units import show_duration

_FITTING_REPLICATIONS = 12
_MOST_TRIALS = 7
_SPREADS = (1.0, 0.5, 0.25)
_AGREE = math.log(1 + TOLERANCE)

LATE = "share late"
NOT_REPRODUCED = "THIS MODEL DOES NOT REPRODUCE YOUR SHOP"
_TIMES = ((2 * 86400.0, "d"), (7200.0, "h"), (60.0, "min"))

Progress = Callable[[int, int], None]


@dataclass(frozen=True, slots=True)
class Total:
    """One total as people read it: simulated and in the log, by which share it is off, with the half-width of the share's 95 %
    interval, and whether that is close enough. Shares are off by points.
    """

    name: str
    simulated: str
    log: str
    off: float
    half_width: float
    agrees: bool

    @property
    def off_text(self) -> str:
        """``-12 % (-15 to -9)``."""
        low, high = self.off - self.half_width, self.off + self.half_width
        unit = "points" if self.name == LATE else "%"
        return f"{100 * self.off:+.0f} {unit} ({100 * low:+.0f} to {100 * high:+.0f})"


@dataclass(frozen=True)
class Fit:
    """How well the plant reproduces its log.

    ``comparisons`` hold each total as simulated and as the log has it. ``waiting`` is the share of the waiting (cycle
    time less work) that the plant has only since unexplained waiting was fitted; ``factor`` and ``spread`` are the two numbers that were fitted: on the
    means of what `excess_waits` finds, and on their coefficients of variation. ``staffed`` is whether operations ask for people.
    ``why`` says what stands in the way where a total is not reproduced.
    """

    comparisons: tuple[Comparison, ...]
    waiting: float
    factor: float
    spread: float
    staffed: bool
    run: Run
    why: tuple[str, ...]

    @property
    def reproduces(self) -> bool:
        """Whether every total lies within 15 % of the log's."""
        return all(comparison.agrees for comparison in self.comparisons)

    def to_dict(self) -> dict[str, Any]:
        """The fit as JSON shows it."""
        return {
            "reproduces": self.reproduces,
            "tolerance": TOLERANCE,
            "totals": [
                {
                    "name": c.name,
                    "simulated": c.simulated,
                    "log": c.given,
                    "shown": [total.simulated, total.log],
                    "off": total.off,
                    "half width": total.half_width,
                    "agrees": c.agrees,
                }
                for c, total in zip(self.comparisons, self.totals(), strict=True)
            ],
            "unexplained waiting": self.waiting,
            "fitted": {"factor on mean waits": self.factor, "factor on their variation": self.spread},
            "operations ask for people": self.staffed,
            "why": list(self.why),
            "replications": self.run.replications,
            "seed": self.run.seed,
            "horizon": self.run.horizon,
        }

    def totals(self) -> tuple[Total, ...]:
        """Each total, simulated and in the log in one unit."""
        made = []
        for c in self.comparisons:
            if c.name == LATE:
                on_time = next(e for e in self.run.named("on-time share") if not e.of and e.quantile is None)
                shown = f"{100 * c.simulated:.0f} %", f"{100 * c.given:.0f} %"
                made.append(Total(c.name, *shown, c.simulated - c.given, on_time.half_width, c.agrees))
                continue
            estimate = next(e for e in self.run.named(c.name) if not e.of and e.quantile is None)
            simulated, log = _shown(c, c.simulated), _shown(c, c.given)
            half_width = estimate.half_width / estimate.mean * c.simulated / c.given if estimate.mean else 0.0
            made.append(Total(c.name, simulated, log, c.simulated / c.given - 1, half_width, c.agrees))
        return tuple(made)

    def __str__(self) -> str:
        opening = "reproduces the log" if self.reproduces else NOT_REPRODUCED
        lines = [
            f"  {opening}: {self.run.replications} runs over the log's own releases, within {100 * TOLERANCE:.0f} %"
        ]
        for total in self.totals():
            mark = "" if total.agrees else "   <-- off"
            lines.append(
                f"    {total.name:<16} {total.simulated:>16} simulated {total.log:>16} in the log  {total.off_text}{mark}"
            )
        lines.append(
            f"    {100 * self.waiting:.0f} % of the waiting was added, as machines, hours and people do not make it: fitted, not found"
        )
        return "\n".join([*lines, *(f"    why: {reason}" for reason in self.why)])


def _shown(comparison: Comparison, value: float) -> str:
    if comparison.name == "throughput":
        return f"{value * MONTH:,.0f} pieces/mo"
    if comparison.name == "cycle time":
        least, unit = next(pair for pair in _TIMES if comparison.given >= pair[0] or pair[1] == "min")
        return f"{value / (least / 2 if unit != 'min' else least):.3g} {unit}"
    return f"{value:.3g} lots"


@dataclass(frozen=True)
class Match:
    """The draft that fits its log best, its plant, and the fit."""

    draft: Draft
    plant: Plant
    fit: Fit


@dataclass(frozen=True, slots=True)
class Miss:
    """How far simulated totals are from the log's, as logarithms of ratios.

    ``slow`` is the worst excess (cycle time too long, too much in process, too little finished) less the worst shortfall of
    these: nothing where both are equally bad, which is the best that one factor on all waits can do. ``worst`` is the greatest.
    """

    slow: float
    worst: float
    agrees: bool
    cycle_time: float

    @classmethod
    def of(cls, plant: Plant, run: Run) -> Miss:
        """The miss of a run of a drafted plant."""
        signs = {"throughput": -1.0, "cycle time": 1.0, "work in process": 1.0}
        # What comes late follows from the others: it is told, and nothing is fitted to it.
        compared = tuple(c for c in compare_totals(plant, run) if c.name in signs)
        off = [signs[c.name] * math.log(max(c.simulated, 1e-9) / max(c.given, 1e-9)) for c in compared]
        agrees = all(c.agrees for c in compared)
        return cls(max(off) + min(off), max(map(abs, off)), agrees, _cycle_time(compared))


def _cycle_time(compared: tuple[Comparison, ...]) -> float:
    """The simulated mean cycle time, in seconds; without end where no lot is ever done."""
    return next((c.simulated for c in compared if c.name == "cycle time"), math.inf)


def match(
    found: Found,
    *,
    replications: int,
    seed: int,
    threads: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Match:
    """Fit the unexplained waiting by two factors on what the log shows (`excess_waits`), one on its means and one on its spread, so
    that the worst of simulated throughput, cycle time and work in process comes as near to the log's as it can. Where, even without any such waiting,
    people are too slow to do what was done, machines of which one tends several need them for setups only, or operations need no people at all.
    """
    waits = excess_waits(found.history, found.calendars, found.weeks.closed, found.going_on)
    steps = _Steps(2 * _MOST_TRIALS * _FITTING_REPLICATIONS + replications, progress)

    def tried(factor: float, spread: float, staff: StaffFound | None, number: int) -> tuple[Draft, Plant, Run]:
        made = draft(found, scaled(waits, factor, spread), staff)
        plant = build_plant(made.words, name="plant.yaml", files=made.files)
        run = simulate(
            plant, horizon=found.history.span, warmup=0.0, replications=number, seed=seed, threads=threads,
            executor=executor, progress=steps.inner, cancel=cancel,
        )  # fmt: skip
        if run.partial or (cancel is not None and cancel.stopped):
            raise Interrupted("stopped before the plant was held against its log")
        steps.done(number)
        return made, plant, run

    def missed(factor: float, spread: float, staff: StaffFound | None) -> Miss:
        return Miss.of(*tried(factor, spread, staff, _FITTING_REPLICATIONS)[1:])

    staff, *others = _ways_to_man(found.staff)
    at_zero = missed(0.0, 1.0, staff)
    for other in others:
        if at_zero.slow <= 0 or at_zero.agrees:
            break
        with_other = missed(0.0, 1.0, other)
        if with_other.worst < at_zero.worst or with_other.slow < 0:
            staff, at_zero = other, with_other
    factor, spread = 0.0, 1.0
    if waits and at_zero.slow < 0:
        factor, spread = _fitted(lambda f, s: missed(f, s, staff), at_zero)
    made, plant, run = tried(factor, spread, staff, replications)
    comparisons = compare_totals(plant, run)
    share = unexplained_share(found.history, at_zero.cycle_time, _cycle_time(comparisons)) if factor else 0.0
    why = _why(found.history, run, comparisons, factor)
    return Match(made, plant, Fit(comparisons, share, factor, spread, staff is not None, run, why))


def _ways_to_man(staff: StaffFound | None) -> list[StaffFound | None]:
    """With all that people were found to do, without their tending several machines, and without people."""
    if staff is None:
        return [None]
    return [staff, replace(staff, tends={}), None] if staff.tends else [staff, None]


def _fitted(missed: Callable[[float, float], Miss], at_zero: Miss) -> tuple[float, float]:
    """The factor on the mean of waits that misses least, with their spread as the log has it; with a smaller one only where the totals agree then and
    do not else.
    """
    found: list[tuple[float, float]] = []
    guess = 1.0
    for spread in _SPREADS:
        guess, worst = _factor(lambda value, s=spread: missed(value, s), at_zero, guess)  # type: ignore[misc]
        found.append((guess, spread))
        if worst < _AGREE:
            return found[-1]
    return found[0]


def _factor(missed: Callable[[float], Miss], at_zero: Miss, guess: float) -> tuple[float, float]:
    """The factor that is neither too slow nor too fast, and its miss, by the secant rule within a bracket (Illinois)."""
    low, high = 0.0, guess
    found = missed(high)
    at_low, at_high = at_zero.slow, found.slow
    best = min((at_zero.worst, low), (found.worst, high))
    trials = 1
    while at_high < 0 and trials < 4:
        low, at_low = high, at_high
        high *= 2
        found = missed(high)
        at_high = found.slow
        best = min(best, (found.worst, high))
        trials += 1
    while at_high > 0 and trials < _MOST_TRIALS:
        middle = low + (high - low) * at_low / (at_low - at_high)
        found = missed(middle)
        best = min(best, (found.worst, middle))
        trials += 1
        if abs(found.slow) < 0.01:
            break
        if found.slow < 0:
            low, at_low, at_high = middle, found.slow, at_high / 2
        else:
            high, at_high, at_low = middle, found.slow, at_low / 2
    return best[1], best[0]


def _why(history: History, run: Run, comparisons: tuple[Comparison, ...], factor: float) -> tuple[str, ...]:
    wrong = [comparison for comparison in comparisons if not comparison.agrees]
    if not wrong:
        return ()
    reasons = []
    busy = max(
        (
            (e.mean, e.of["work center"])
            for e in run.named("queue time")
            if e.quantile is None and math.isfinite(e.mean)
        ),
        default=(0.0, ""),
    )
    slow = [c.name for c in wrong if c.simulated > c.given and factor == 0 and c.name not in ("throughput", LATE)]
    if slow:
        verb = "is" if len(slow) == 1 else "are"
        where = f": lots wait longest for {busy[1]}" if busy[0] > 0 else ""
        first = sum(bool(visits) and visits[0].step[1] == busy[1] for visits in history.orders.values())
        if busy[0] > 0 and first > 0.5 * len(history.orders):
            # What waits for a first report is in no log, and a simulated lot is released when that report starts.
            where += ", with which most orders begin: releases are the starts of their first reports, for which no order waits in the log"
        reasons.append(
            f"{' and '.join(slow)} {verb} too high without any unexplained waiting{where}; its machines, hours or people were more than "
            "the log shows, or work overlapped that is simulated one after the other"
        )
    if any(c.name == "throughput" for c in wrong):
        reasons.append("throughput differs: orders end in the log before they are done, or were begun before it starts")
    if any(c.name == LATE for c in wrong):
        reasons.append(
            "the share that comes late differs: who is urgent goes first in the shop, or due dates were moved; the model knows neither"
        )
    other = [c.name for c in wrong if c.name not in ("throughput", LATE) and c.name not in slow]
    if other:
        reasons.append(
            f"{' and '.join(other)} cannot be met together with the other totals: the log begins or ends in the midst of work, or orders "
            "differ more than one routing for each product tells"
        )
    visits = history.visits()
    parallel = sum(v.work + v.setup > 1.05 * (v.end - v.start).total_seconds() for v in visits if v.timed)
    if slow and parallel > 0.05 * len(visits):
        reasons.append(
            f"{parallel:,} of {len(visits):,} visits took more machine time than passed: an order is on several machines at once, "
            "which the model does one after the other"
        )
    kept = pace(history)
    if kept is not None:
        reasons.append(
            f"the shop did not keep its pace: {100 * kept[1]:.0f} % of the orders that began in the first half of the log were done within "
            f"{show_duration(kept[0])}, {100 * kept[2]:.0f} % of those of the second; the model has one pace"
        )
    return tuple(reasons)


class _Steps:
    """Progress over several simulations."""

    def __init__(self, expected: int, tell: Progress | None) -> None:
        self._expected, self._tell, self._before = expected, tell, 0

    def inner(self, done: int, of: int) -> None:
        """Progress of the simulation under way."""
        if self._tell is not None:
            self._tell(min(self._before + done, self._expected), self._expected)

    def done(self, number: int) -> None:
        """A simulation is done."""
        self._before += number
