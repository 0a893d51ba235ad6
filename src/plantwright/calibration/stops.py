"""Failures and repairs of a log: the work that each machine did between its breakdowns, with what it had done when the log ended."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from plantwright.calibration.candidates import Candidate
from plantwright.calibration.drift import Drift
from plantwright.calibration.estimating import of_few
from plantwright.calibration.fitting import FEWEST, FittedTime, fit_known, fit_times, judged
from plantwright.calibration.intervals import mean_and_cv
from plantwright.calibration.knowing import half_width
from plantwright.calibration.left_out import Outliers, outliers_of
from plantwright.calibration.likelihood import Floats, Known, log_likelihood, most_likely, theta_of
from plantwright.calibration.names import machine_number
from plantwright.calibration.outliers import far_beyond
from plantwright.calibration.pooling import shrink_rates
from plantwright.calibration.quiet import Quiet
from plantwright.calibration.stopped import Stopped, machines_of
from plantwright.calibration.visits import History
from plantwright.distributions import Distribution
from plantwright.units import show_duration

if TYPE_CHECKING:
    import polars

    from plantwright.calibration.centers import Center

_SAME_MEAN = 0.05
_FEW_CENSORED = 0.1
_NO_DRIFT: Mapping[str, Drift] = {}


@dataclass(frozen=True)
class StopsFound:
    """Breakdowns of a work center: how many, the machine's time at work between them, and how long they last.

    ``gaps`` is the fit of the times between, where there are enough to tell more than their mean; ``worked`` all seconds at work.
    ``evidence`` says in words where ``every`` comes from. ``lasts`` are the seconds of the repairs, but for their `outliers`, since
    they changed (``drift``); stops and work are those since failures did.
    """

    stops: int
    every: Distribution
    repair: Distribution
    fitted: FittedTime | None
    gaps: FittedTime | None = None
    worked: float = 0.0
    evidence: str = ""
    lasts: tuple[float, ...] = ()
    outliers: Outliers | None = None
    drift: Drift | None = None

    @property
    def repairs(self) -> int:
        """How many repairs, with outliers."""
        return len(self.lasts) + (len(self.outliers.times) if self.outliers is not None else 0)

    @property
    def repair_words(self) -> str:
        """What a comment in the plant file says of the repairs."""
        repairs = "1 repair" if self.repairs == 1 else f"{self.repairs} repairs"
        left_out = f", {self.outliers.words}" if self.outliers is not None else ""
        changed = f"; {self.drift.words}" if self.drift is not None else ""
        return f"repair: {show_duration(median(self.lasts))} median, {repairs}{left_out}{changed}"

    def every_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Where the true mean of the work between failures lies: of few failures, `estimating.of_few`."""
        if self.gaps is not None:
            return mean_and_cv(self.gaps)[0].interval(level)
        low, high = of_few(self.worked / self.stops, self.stops).interval(level)
        return min(low, self.every.mean), max(high, self.every.mean)

    def repair_interval(self, level: float = 0.95) -> tuple[float, float]:
        """Where the true mean repair lies (of few: `estimating.of_few`)."""
        if self.fitted is not None:
            return mean_and_cv(self.fitted)[0].interval(level)
        return of_few(self.repair.mean, len(self.lasts)).interval(level)


def find_stops(
    table: polars.DataFrame,
    history: History,
    centers: Sequence[Center],
    places: Mapping[str, int],
    quiet: Quiet | None = None,
    clock: float = 0.0,
) -> dict[str, StopsFound]:
    """The failures of every work center that has reports of breakdowns.

    Every machine is taken to be as good as new when the log begins and after each repair; what it has worked since when the log
    ends is a time that is only known to be longer. Parameters as `times.find_times` takes them; ``clock`` is the log's `resolution`.
    """
    return stops_of(machines_of(table, history, centers, places, quiet), history, centers, clock)


def stops_of(
    stopped: Mapping[str, Stopped],
    history: History,
    centers: Sequence[Center],
    clock: float = 0.0,
    failures: Mapping[str, Drift] = _NO_DRIFT,
    repairs: Mapping[str, Drift] = _NO_DRIFT,
) -> dict[str, StopsFound]:
    """As `find_stops`, of machines whose `failures` or `repairs` may have changed: then those since count."""
    made = {name: _found(own, failures.get(name), repairs.get(name), clock) for name, own in stopped.items()}
    work: dict[str, float] = {}
    for visit in history.visits():
        work[visit.step[1]] = work.get(visit.step[1], 0.0) + visit.work
    return _pooled(made, {center.name: work.get(center.name, 0.0) for center in centers if _of_machines(center)})


def _of_machines(center: Center) -> bool:
    return len(center.stations) > 1 or all(machine_number(station) is not None for station in center.stations)


def _pooled(found: Mapping[str, StopsFound], worked: Mapping[str, float]) -> dict[str, StopsFound]:
    """Failure rates of work centers with few failures, pulled towards those of all work centers of machines, also of those that never
    failed.
    """
    names = list(dict.fromkeys([*found, *(name for name, seconds in worked.items() if seconds > 0)]))
    if len(names) < 3:
        return dict(found)
    exposure = [found[name].worked if name in found else worked[name] for name in names]
    rates = shrink_rates([found[name].stops if name in found else 0 for name in names], exposure)
    made = dict(found)
    for name, rate in zip(names, rates.rates, strict=True):
        if name in found and found[name].stops < FEWEST:
            words = f"too few to tell more than a mean, which is pooled with {len(names)} work centers (alone {show_duration(found[name].every.mean)})"
            made[name] = replace(found[name], every=Distribution("exponential", (1 / rate,)), evidence=words)
    return made


def _found(stopped: Stopped, failures: Drift | None, repairs: Drift | None, clock: float) -> StopsFound:
    center = stopped.center
    between, still = stopped.between(failures.since if failures else None)
    number, worked = len(between), sum(between) + sum(still)
    stops = [stop for stop in stopped.stops if repairs is None or stop.begin >= repairs.since]
    lasts = [stop.lasted for stop in stops]
    far = far_beyond(lasts)
    out = None
    if far:
        out = outliers_of("repair", f"repair of {center}", f"repair {center}", lasts, [(s.order, s.rows) for s in stops], far)  # fmt: skip
        lasts = [lasted for at, lasted in enumerate(lasts) if at not in set(far)]
    read = Known.of(lasts, half_widths=[half_width(clock, 1)] * len(lasts))
    fitted = fit_known(read) if len(lasts) >= FEWEST else None
    repair = fitted.distribution if fitted else Distribution("exponential", (sum(lasts) / len(lasts),))
    gaps = fit_gaps(between, [rest for rest in still if rest > 0]) if number >= FEWEST else None
    every = gaps.distribution if gaps else Distribution("exponential", (worked / number,))
    words = gaps.words if gaps else "too few for more than their mean"
    words = f"{words}; {failures.words}" if failures else words
    return StopsFound(number, every, repair, fitted, gaps, worked, words, tuple(lasts), out, repairs)


def fit_gaps(between: Sequence[float], still: Sequence[float]) -> FittedTime:
    """The distribution of the times between failures.

    Parameters
    ----------
    between : sequence of float
        Seconds from one failure (or from new) to the next.
    still : sequence of float
        Seconds that each machine has gone without a failure when the log ends.

    Returns
    -------
    FittedTime
        The Weibull distribution of greatest likelihood, or the exponential where that is as likely by Akaike's criterion and has the same mean
        to 5 %. Gamma and lognormal are tried too where no more than one time in ten is censored: what lies beyond the
        end of a log hangs on the kind, and data do not tell it. The Weibull's scale is divided by exp(v / 2), v being the variance of the
        logarithm of its mean (delta method on the observed information): the logarithm is hardly biased, and the mean of exponentials
        of a normal error of variance v is exp(v / 2) too long.
    """
    known = Known.of([*between, *still], longer=[False] * len(between) + [True] * len(still))
    if not still and len(between) >= FEWEST:
        return fit_times(between)
    mean = float(known.low.sum()) / len(between)
    exponential = Candidate(Distribution("exponential", (mean,)), "lot", 2 + 2 * len(between) * (math.log(mean) + 1))
    found = [exponential]
    kinds = ("weibull",) if len(still) > _FEW_CENSORED * known.low.size else ("weibull", "gamma", "lognormal")
    starts = {"weibull": (1.0, mean), "gamma": (mean, 1.0), "lognormal": (mean, 1.0)}
    for kind in kinds:
        best, likelihood = most_likely(kind, known, Distribution(kind, starts[kind]))  # type: ignore[arg-type]
        if math.isfinite(likelihood):
            found.append(Candidate(_unbiased(best, known), "lot", 4 - 2 * likelihood))
    found.sort(key=lambda candidate: candidate.aic)
    others = [candidate for candidate in found if candidate is not exponential]
    if others and found[0] is exponential and abs(math.log(others[0].distribution.mean / mean)) > _SAME_MEAN:
        found = [*others, exponential]
    return judged(found, known)


def _unbiased(weibull: Distribution, known: Known) -> Distribution:
    if weibull.kind != "weibull":
        return weibull
    variance = log_mean_variance(weibull, known)
    return weibull.times(math.exp(-variance / 2)) if 0 < variance < 1 else weibull


def log_mean_variance(weibull: Distribution, known: Known) -> float:
    """The variance of the logarithm of the mean of a Weibull distribution of greatest likelihood, by the delta method."""
    theta, step = theta_of(weibull), 1e-3
    ways = np.eye(2) * step

    def at(change: Floats) -> float:
        return log_likelihood("weibull", theta + change, known)

    information = np.array(
        [[-(at(a + b) - at(a - b) - at(b - a) + at(-a - b)) / (4 * step**2) for b in ways] for a in ways]
    )

    def log_mean(log_shape: float) -> float:
        return math.lgamma(1 + math.exp(-log_shape))

    slope = np.array([1.0, (log_mean(theta[1] + step) - log_mean(theta[1] - step)) / (2 * step)])
    try:
        return float(slope @ np.linalg.solve(information, slope))
    except np.linalg.LinAlgError:
        return math.nan
