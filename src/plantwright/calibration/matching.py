"""Hold a drafted plant against its log: simulate the log's own releases, and fit the waiting that nothing else explains."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from plantwright.calibration.drafting import Draft, Found, draft
from plantwright.calibration.visits import History
from plantwright.distributions import Distribution
from plantwright.plant import Plant, build_plant
from plantwright.simulation import Cancel, Run, simulate
from plantwright.simulation.trust import TOLERANCE, Comparison, compare_totals

_FITTING_REPLICATIONS = 8
_TRIALS = 10
_SHORTEST = 900.0

Progress = Callable[[int, int], None]


@dataclass(frozen=True)
class Fit:
    """How well the plant reproduces its log.

    ``comparisons`` hold each total as simulated and as the log has it. ``waiting`` is the share of the log's waiting (cycle
    time less work) that is put down to unexplained waiting. ``why`` says what stands in the way where a total is not reproduced.
    """

    comparisons: tuple[Comparison, ...]
    waiting: float
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
                {"name": c.name, "simulated": c.simulated, "log": c.given, "shown": list(c.shown), "agrees": c.agrees}
                for c in self.comparisons
            ],
            "unexplained waiting": self.waiting,
            "why": list(self.why),
            "replications": self.run.replications,
            "seed": self.run.seed,
            "horizon": self.run.horizon,
        }

    def __str__(self) -> str:
        opening = "reproduces the log" if self.reproduces else "THIS MODEL DOES NOT REPRODUCE YOUR SHOP"
        lines = [
            f"  {opening}: {self.run.replications} runs over the log's own releases, within {100 * TOLERANCE:.0f} %"
        ]
        for c in self.comparisons:
            off = 100 * (c.simulated / c.given - 1)
            mark = "" if c.agrees else "   <-- off"
            lines.append(f"    {c.name:<16} {c.shown[0]:>14} simulated {c.shown[1]:>14} in the log  {off:+.0f} %{mark}")
        lines.append(f"    {100 * self.waiting:.0f} % of the log's waiting is unexplained: fitted, not found")
        return "\n".join([*lines, *(f"    why: {reason}" for reason in self.why)])


@dataclass(frozen=True)
class Match:
    """The draft that fits its log best, its plant, and the fit."""

    draft: Draft
    plant: Plant
    fit: Fit


def excess_waits(history: History) -> dict[str, Distribution]:
    """Before each work center, how much longer than its work a visit takes the order on: mean and spread, as a gamma."""
    excess: dict[str, list[float]] = {}
    for visits in history.orders.values():
        for visit in visits[1:]:
            excess.setdefault(visit.step[1], []).append(max(0.0, visit.progress - visit.work - visit.setup))
    made = {}
    for center, values in excess.items():
        mean = float(np.mean(values))
        if mean > 0:
            spread = float(np.std(values)) / mean if len(values) > 2 else 1.0
            made[center] = Distribution("gamma", (mean, min(3.0, max(0.3, spread))))
    return made


def match(
    found: Found,
    *,
    replications: int,
    seed: int,
    threads: int | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> Match:
    """Fit the unexplained waiting by one factor on what the log shows (`excess_waits`), so that simulated cycle time and work in
    process come as near to the log's as they can together; without people where, even without any such waiting, they are too long.
    """
    waits = excess_waits(found.history)
    steps = _Steps(_TRIALS * _FITTING_REPLICATIONS + replications, progress)

    def tried(factor: float, staffed: bool, number: int) -> tuple[Draft, Plant, Run]:
        made = draft(found, _scaled(waits, factor), staffed)
        plant = build_plant(made.words, name="plant.yaml", files=made.files)
        run = simulate(
            plant, horizon=found.history.span, warmup=0.0, replications=number, seed=seed, threads=threads,
            progress=steps.inner, cancel=cancel,
        )  # fmt: skip
        steps.done(number)
        return made, plant, run

    staffed = found.staff is not None
    _, plant, run = tried(0.0, staffed, _FITTING_REPLICATIONS)
    if staffed and _miss(plant, run) > 0:
        staffed = False
        _, plant, run = tried(0.0, False, _FITTING_REPLICATIONS)
    factor = 0.0
    if waits and _miss(plant, run) < 0:
        factor = _factor(lambda value: _miss(*tried(value, staffed, _FITTING_REPLICATIONS)[1:]), _miss(plant, run))
    made, plant, run = tried(factor, staffed, replications)
    comparisons = compare_totals(plant, run)
    return Match(
        made, plant, Fit(comparisons, _share(found.history, waits, factor), run, _why(run, comparisons, factor))
    )


def _scaled(waits: Mapping[str, Distribution], factor: float) -> dict[str, Distribution]:
    scaled = {center: wait.times(factor) for center, wait in waits.items()}
    return {center: wait for center, wait in scaled.items() if wait.mean >= _SHORTEST}


def _miss(plant: Plant, run: Run) -> float:
    """How much too long cycle time and too high work in process are together: the mean of the logarithms of their ratios."""
    ratios = [
        math.log(max(c.simulated, 1e-9) / c.given)
        for c in compare_totals(plant, run)
        if c.name in ("cycle time", "work in process")
    ]
    return sum(ratios) / len(ratios)


def _factor(miss: Callable[[float], float], at_zero: float) -> float:
    """The factor at which nothing is missed, by the secant rule within a bracket (Illinois)."""
    low, high, at_low = 0.0, 1.0, at_zero
    at_high = miss(high)
    trials = 1
    while at_high < 0 and trials < 4:
        low, at_low = high, at_high
        high *= 2
        at_high = miss(high)
        trials += 1
    if at_high < 0:
        return high
    middle = high
    while trials < _TRIALS - 1:
        middle = low + (high - low) * at_low / (at_low - at_high)
        missed = miss(middle)
        trials += 1
        if abs(missed) < 0.01:
            break
        if missed < 0:
            low, at_low, at_high = middle, missed, at_high / 2
        else:
            high, at_high, at_low = middle, missed, at_low / 2
    return middle


def _share(history: History, waits: Mapping[str, Distribution], factor: float) -> float:
    """Unexplained waiting as a share of all waiting that the log shows."""
    visits = history.visits()
    shown = sum(history.cycle_times().values()) - sum(visit.work + visit.setup for visit in visits)
    opening = {id(own[0]) for own in history.orders.values()}
    counted = [visit for visit in visits if id(visit) not in opening and visit.step[1] in waits]
    fitted = factor * sum(waits[visit.step[1]].mean for visit in counted)
    return min(1.0, fitted / shown) if shown > 0 else 0.0


def _why(run: Run, comparisons: tuple[Comparison, ...], factor: float) -> tuple[str, ...]:
    wrong = [comparison for comparison in comparisons if not comparison.agrees]
    if not wrong:
        return ()
    reasons = []
    busy = sorted(
        ((e.mean, e.of["work center"]) for e in run.named("queue time") if math.isfinite(e.mean)), reverse=True
    )[:1]
    for comparison in wrong:
        if comparison.simulated > comparison.given and factor == 0 and busy:
            reasons.append(
                f"{comparison.name} is too high without any unexplained waiting: lots wait longest for {busy[0][1]}; its machines, "
                "hours or people were more than the log shows, or work overlapped that is simulated one after the other"
            )
        elif comparison.name == "throughput":
            reasons.append(
                "throughput differs: orders end in the log before they are done, or were begun before it starts"
            )
        else:
            reasons.append(
                f"{comparison.name} differs while the others agree: the log begins or ends in the midst of work, or orders differ more "
                "than one routing for each product tells"
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
