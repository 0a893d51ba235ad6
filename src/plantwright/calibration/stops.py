"""Failures and repairs of a log: the work that each machine did between its breakdowns, with what it had done when the log ended."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from statistics import median
from typing import TYPE_CHECKING

import numpy as np

from plantwright.calibration.candidates import Candidate
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
from plantwright.calibration.visits import History, shared_seconds
from plantwright.distributions import Distribution
from plantwright.units import show_duration

if TYPE_CHECKING:
    import polars

    from plantwright.calibration.centers import Center

_SAME_MEAN = 0.05
_FEW_CENSORED = 0.1
_READ = ("start", "end", "order", "row")

Repair = tuple[float, str, tuple[int, ...]]
"""Seconds of a repair, the order that it stopped, and the rows of its reports."""


@dataclass(frozen=True)
class StopsFound:
    """Breakdowns of a work center: how many, the machine's time at work between them, and how long they last.

    ``gaps`` is the fit of the times between, where there are enough to tell more than their mean; ``worked`` all seconds at work.
    ``evidence`` says in words where ``every`` comes from. ``lasts`` are the seconds of the repairs, but for their `outliers`.
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

    @property
    def repair_words(self) -> str:
        """What a comment in the plant file says of the repairs."""
        repairs = "1 repair" if self.stops == 1 else f"{self.stops} repairs"
        left_out = f", {self.outliers.words}" if self.outliers is not None else ""
        return f"repair: {show_duration(median(self.lasts))} median, {repairs}{left_out}"

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
        return of_few(self.repair.mean, self.stops).interval(level)


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
    import polars

    work: dict[str, float] = {}
    for visit in history.visits():
        work[visit.step[1]] = work.get(visit.step[1], 0.0) + visit.work
    made = {}
    broken = table.filter((polars.col("type") == "breakdown") & polars.col("timed") & (polars.col("seconds") > 0))
    for center in centers:
        stops = broken.filter(polars.col("station").is_in(list(center.stations)))
        if stops.is_empty() or work.get(center.name, 0.0) <= 0:
            continue
        between: list[float] = []
        still: list[float] = []
        lasts: list[Repair] = []
        for station in center.stations:
            own = table.filter((polars.col("station") == station) & (polars.col("type") != "breakdown"))
            spans = stops.filter(polars.col("station") == station).sort("start", "end").select(_READ).rows()
            gaps, rest, repairs = _between(own, spans, places.get(station, 1), quiet, history.typical)
            between += gaps
            still.append(rest)
            lasts += repairs
        # Work of several orders at once at a place counts as often as there are orders, as everywhere.
        seen = sum(between) + sum(still)
        factor = work[center.name] / seen if seen > 0 else 1.0
        made[center.name] = _found(
            center.name, [g * factor for g in between], [s * factor for s in still], lasts, clock
        )
    return _pooled(made, {center.name: work.get(center.name, 0.0) for center in centers if _of_machines(center)})


def _of_machines(center: Center) -> bool:
    return all(machine_number(station) is not None for station in center.stations)


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


def _between(
    own: polars.DataFrame,
    spans: Sequence[tuple[datetime, datetime, str, int]],
    places: int,
    quiet: Quiet | None,
    typical: Mapping[str, float],
) -> tuple[list[float], float, list[Repair]]:
    """Seconds of work of a machine before each of its stops, and since the last; and how long the stops lasted. Reports of one
    stop with no work between them are one.
    """
    shares = shared_seconds(own.iter_rows(named=True), places, quiet)
    rows = [row for row in own.iter_rows(named=True) if row["type"] == "work"]
    zero = min((row["start"] for row in rows), default=datetime.min)
    starts, ends = (np.array([(row[name] - zero).total_seconds() for row in rows]) for name in ("start", "end"))
    seconds = np.array(
        [shares.get(row["row"], 0.0) if row["timed"] else typical.get(row["operation"], 0.0) for row in rows]
    )
    total = float(seconds.sum())

    def before(moment: datetime) -> float:
        # A report is worked evenly; one of a moment is done at once.
        past, lasted = (moment - zero).total_seconds() - starts, ends - starts
        return float((seconds * np.clip(past / np.maximum(lasted, 1e-6), 0.0, 1.0)).sum())

    gaps: list[float] = []
    repairs: list[Repair] = []
    at = 0.0
    for start, end, order, line in spans:
        done = before(start)
        lasted = quiet.seconds(start, end) if quiet is not None else (end - start).total_seconds()
        if repairs and done - at < 1.0:
            before_it, of, earlier = repairs[-1]
            repairs[-1] = before_it + lasted, of, (*earlier, line)
            continue
        gaps.append(max(done - at, 1.0))
        repairs.append((lasted, order, (line,)))
        at = done
    return gaps, max(0.0, total - at), repairs


def _found(
    center: str, between: Sequence[float], still: Sequence[float], repairs: Sequence[Repair], clock: float
) -> StopsFound:
    number, worked = len(between), sum(between) + sum(still)
    lasts = [lasted for lasted, _, _ in repairs]
    far = far_beyond(lasts)
    out = None
    if far:
        named = [(order, rows) for _, order, rows in repairs]
        out = outliers_of("repair", f"repair of {center}", f"repair {center}", lasts, named, far)
        lasts = [lasted for at, lasted in enumerate(lasts) if at not in set(far)]
    read = Known.of(lasts, half_widths=[half_width(clock, 1)] * len(lasts))
    fitted = fit_known(read) if len(lasts) >= FEWEST else None
    repair = fitted.distribution if fitted else Distribution("exponential", (sum(lasts) / len(lasts),))
    gaps = fit_gaps(between, [rest for rest in still if rest > 0]) if number >= FEWEST else None
    every = gaps.distribution if gaps else Distribution("exponential", (worked / number,))
    words = gaps.words if gaps else "too few for more than their mean"
    return StopsFound(number, every, repair, fitted, gaps, worked, words, tuple(lasts), out)


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
