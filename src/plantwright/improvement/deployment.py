"""From a ranked move to its deployment card: where to try it, how many days tell that it works, the way back, the signal to expect."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from plantwright.errors import InputError, Place, Problem
from plantwright.improvement.bench import gain
from plantwright.plant import changed, value_at
from plantwright.plant.card import AcceptanceTest, DeploymentCard, Pilot, Signal, TimeReading
from plantwright.plant.document import find, segments, step
from plantwright.plant.plant import Plant
from plantwright.simulation.replicate import Cancel, Progress, simulate
from plantwright.simulation.run import Estimate, Run
from plantwright.simulation.statistics import estimate

if TYPE_CHECKING:
    from plantwright.improvement.study import Measure, RankedMove, Study

CONFIDENCE, POWER = 0.95, 0.90
LONGEST = 250
"""So many working days, a year, are the most that anybody waits for."""
MOST_SIGNALS, LEAST_SIGNAL = 4, 0.01
_FIRST: dict[str, str] = {"cycle-time": "cycle time", "on-time": "on-time share"}
_MEASURES = ("throughput", "cycle time", "scrap share", "on-time share", "work in process")

Days = npt.NDArray[np.float64]


def deployment_card(
    study: Study,
    plant: Plant,
    rank: int,
    *,
    threads: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> DeploymentCard:
    """The card of the move of that rank.

    The plant is simulated day by day without and with the move, with the study's own seed, horizon and replications.

    Parameters
    ----------
    study : Study
    plant : Plant
        The plant that was studied.
    rank : int
        The number of the move in the study.
    threads, executor, progress, cancel
        As `plantwright.simulation.simulate` takes them.

    Returns
    -------
    DeploymentCard

    Raises
    ------
    InputError
        If there is no move of that rank.
    """
    item = next((one for one in study.moves if one.rank == rank), None)
    if item is None:
        reason = f"there is no move {rank}; the study has {len(study.moves)}"
        raise InputError([Problem("PW1921", Place(), "card", reason, str(rank))])
    run = study.baseline
    options: dict[str, Any] = {
        "horizon": run.horizon, "warmup": run.warmup, "replications": run.replications, "seed": run.seed, "level": run.level,
        "bucket": 86400.0, "threads": threads, "executor": executor, "progress": progress, "cancel": cancel,
    }  # fmt: skip
    moved = changed(plant, item.move.edits)
    before, after = simulate(plant, **options), simulate(moved, **options)
    test = _test(before, after, study.by)
    move = item.move
    return DeploymentCard(
        plant=run.plant,
        plant_name=run.name,
        trust=run.trust,
        move=move.name,
        title=move.title,
        family=move.family,
        edits=dict(move.edits),
        back=way_back(plant, move.edits),
        pilot=Pilot(_where(item, plant), test.days, (move.lead_time or 0.0) + (move.ramp_up or 0.0)),
        test=test,
        readings=_readings(plant, moved, move.edits),
        signals=_signals(before, after, item),
        currency=plant.currency or "",
        capital=move.capital,
        yearly=item.cost_per_year,
        lead_time=move.lead_time,
        ramp_up=move.ramp_up,
        training=move.training,
        manifest={
            "version": run.version, "seed": run.seed, "replications": before.replications, "horizon": run.horizon,
            "warmup": run.warmup, "level": run.level,
        },
    )  # fmt: skip


def way_back(plant: Plant, edits: Mapping[str, Any]) -> dict[str, Any]:
    """The edits that take others back: what stood at each path, or None for the first word that was not there."""
    assert plant.document is not None
    back: dict[str, Any] = {}
    for path in edits:
        if find(plant.document.root, path) is not None:
            back[path] = value_at(plant, path)
            continue
        at: Any = plant.document.root
        words: list[str] = []
        for word in segments(path):
            words.append(word)
            inner = step(at, word)
            if inner is None:
                break
            at = inner
        back[" > ".join(words)] = None
    # What was added to the end of a list last is taken away first, so that the numbers of the others stay.
    return dict(reversed(back.items()))


def _test(before: Run, after: Run, by: Measure) -> AcceptanceTest:
    """The number that the ranking is about, or the first of the others that the move changes, and how many days tell."""
    ordered = [_FIRST[by]] if by in _FIRST else []
    ordered += [name for name in _MEASURES if name not in ordered]
    found = {name: made for name in ordered if (made := gain(after, before, name, before.level)) is not None}
    chosen = next((name for name, made in found.items() if _seen(made, before.estimate(name))), next(iter(found)))
    promised, was = found[chosen], before.estimate(chosen)
    series = [_series(run, chosen) for run in (before, after)]
    days, least = days_needed(series[0], series[1], abs(promised.mean))
    return AcceptanceTest(
        measure=chosen,
        unit=was.unit,
        before=was.mean,
        after=was.mean + promised.mean,
        low=promised.low,
        high=promised.high,
        days=days,
        least=least,
        spread=math.sqrt(_variance(series[0], 1)) if series[0].size else 0.0,
        confidence=CONFIDENCE,
        power=POWER,
    )


def _seen(change: Estimate, whole: Estimate) -> bool:
    return not change.low <= 0 <= change.high and abs(change.mean) > 0.005 * abs(whole.mean)


def _series(run: Run, name: str) -> Days:
    """A number for each replication and each day that has one."""
    return np.array([e.values for e in run.over_time(name)], float).T


def days_needed(before: Days, after: Days, change: float) -> tuple[int | None, float | None]:
    """After how many days a change shows, and how large the difference of the two means must be then.

    With n days before and n after, the difference of their means has the variance ``V0(n) + V1(n)``, where ``V(n)`` is that of means over n days, found
    within replications by batches, so that days that depend on each other count as such, and what is uncertain of the plant does not. A difference is seen
    at the two-sided level `CONFIDENCE`, and one of size `change` with `POWER`, once ``change >= (z1 + z2) sqrt(V0(n) + V1(n))`` (Montgomery, Design and Analysis
    of Experiments, section 2.4).

    Parameters
    ----------
    before, after : array, replications x days
    change : float
        The size of the change.

    Returns
    -------
    days : int or None
        None where it would take more than `LONGEST`.
    least : float or None
    """
    from scipy.special import ndtri

    sure, seen = float(ndtri(0.5 + CONFIDENCE / 2)), float(ndtri(POWER))
    longest = min(before.shape[-1], after.shape[-1]) // 3 if before.size and after.size else 0
    if change <= 0 or longest < 1:
        return None, None
    # A day, days of a week, then whole weeks.
    candidates = [n for n in (1, 2, 3, 4, *range(5, longest + 1, 5)) if n <= longest]
    for n in candidates:
        error = math.sqrt(_variance(before, n) + _variance(after, n))
        if (sure + seen) * error <= change:
            return n, sure * error
    # Longer means than were simulated: their variance falls with their length.
    last = candidates[-1]
    each = (_variance(before, last) + _variance(after, last)) * last
    days = math.ceil((sure + seen) ** 2 * each / change**2)
    return (days, sure * math.sqrt(each / days)) if days <= LONGEST else (None, None)


def _variance(series: Days, days: int) -> float:
    """The variance of means over so many days, within replications."""
    batches = series.shape[1] // days
    if batches < 2:
        return 0.0
    means = series[:, : batches * days].reshape(len(series), batches, days).mean(axis=2)
    return float(means.var(axis=1, ddof=1).mean())


def _where(item: RankedMove, plant: Plant) -> str:
    """Where a move is tried first: at one machine of several, with one crew, on one product."""
    subject = item.move.subject
    center = plant.work_centers.get(subject.get("work center", ""))
    if center is not None:
        several = (center.machines or 1) > 1
        return f"{center.name}, one of its {center.machines} machines first" if several else center.name
    for word in ("crew", "product", "shift"):
        if word in subject:
            return subject[word]
    return "the whole plant"


def _readings(plant: Plant, moved: Plant, edits: Mapping[str, Any]) -> tuple[TimeReading, ...]:
    """The times that a move changes, each with how often it must be read to see that; where it does not vary, five times."""
    from scipy.special import ndtri

    from plantwright.errors import PlantwrightError
    from plantwright.plant.quantities import read_work_time

    need = (float(ndtri(0.5 + CONFIDENCE / 2)) + float(ndtri(POWER))) ** 2
    made = []
    for path in edits:
        texts = [value_at(one, path) for one in (plant, moved)]
        if segments(path)[-1] not in _TIMES or not all(isinstance(text, str) for text in texts):
            continue
        try:
            one, other = (read_work_time(_told(text), None)[0].distribution for text in texts)
        except (ValueError, PlantwrightError):
            continue
        apart = abs(one.mean - other.mean)
        if apart > 0:
            spread = (one.cv * one.mean) ** 2 + (other.cv * other.mean) ** 2
            made.append(TimeReading(path, one.mean, other.mean, max(5, math.ceil(need * spread / apart**2))))
    return tuple(made)


_TIMES = ("time", "load", "unload", "setup", "default", "repair", "lasts")


def _told(text: str) -> str:
    return text.partition(" guess")[0]


def _signals(before: Run, after: Run, item: RankedMove) -> tuple[Signal, ...]:
    """The states of work centers that change most, those of the one that the move is about first."""
    found: list[Signal] = []
    for center in dict.fromkeys(e.of["work center"] for e in before.named("state share")):
        shares = [_open_shares(run, center) for run in (before, after)]
        for state in shares[0].keys() & shares[1].keys():
            was, now = shares[0][state], shares[1][state]
            change = estimate("state share", {}, "share", np.subtract(now, was), before.level)
            if abs(change.mean) >= LEAST_SIGNAL and not change.low <= 0 <= change.high:
                found.append(Signal(center, state, _mean(was), _mean(now), change.low, change.high))
    own = item.move.subject.get("work center")
    ordered = sorted(found, key=lambda s: (s.work_center != own, -abs(s.after - s.before), s.work_center, s.state))
    return tuple(ordered[:MOST_SIGNALS])


def _mean(values: Sequence[float]) -> float:
    return float(np.mean(values))


def _open_shares(run: Run, center: str) -> dict[str, list[float]]:
    """The states of a work center as shares of the time in which it is open, in each replication."""
    states = {e.of["state"]: e.values for e in run.named("state share") if e.of["work center"] == center}
    off = states.pop("off shift", None)
    if off is None:
        return {state: list(values) for state, values in states.items()}
    return {
        state: [value / (1 - closed) if closed < 1 else 0.0 for value, closed in zip(values, off, strict=True)]
        for state, values in states.items()
    }
