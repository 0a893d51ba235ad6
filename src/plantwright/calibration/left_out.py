"""Which times of a log are left out as outliers, and what that does to the means."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from statistics import fmean, median
from typing import Literal

from plantwright.calibration.cleaning import REPAIRED
from plantwright.calibration.fitting import FEWEST
from plantwright.calibration.knowing import is_measured, pieces_of
from plantwright.calibration.outliers import LEAST_OF_FEW, LEAST_RATIO, MANY, far_beyond
from plantwright.calibration.quality import CleanLog, Defect, Effect, Quality
from plantwright.calibration.visits import History, Step, Visit
from plantwright.units import show_duration

KIND = "times far beyond all others"
_FEWEST_OTHERS = 2
_SHOWN = 5

What = Literal["time", "setup", "repair"]
Key = tuple[str, Step] | str


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A time that is left out: its order, the rows of its reports, and its seconds."""

    order: str
    rows: tuple[int, ...]
    seconds: float


@dataclass(frozen=True)
class Outliers:
    """Times of one kind that are left out, with what the others are: `number` of them, their median and mean in seconds, and the mean that
    all would have. ``of`` says what they are times of, such as ``Sawing of Bolt``; ``key`` is the product and its step, or the work center.
    """

    what: What
    of: str
    key: Key
    times: tuple[LeftOut, ...]
    number: int
    median: float
    mean: float
    mean_with: float

    @property
    def words(self) -> str:
        """What a comment in the plant file says of them."""
        several = "outlier" if len(self.times) == 1 else "outliers"
        return f"{len(self.times)} {several} left out (with {'it' if len(self.times) == 1 else 'them'}, {show_duration(self.mean_with)} on average)"


def outliers_of(
    what: What,
    of: str,
    key: Key,
    seconds: Sequence[float],
    named: Sequence[tuple[str, tuple[int, ...]]],
    far: Sequence[int],
) -> Outliers:
    """The outliers among times, of which order and rows are `named`, at the places `far`."""
    out = set(far)
    others = [value for at, value in enumerate(seconds) if at not in out]
    times = tuple(LeftOut(*named[at], seconds[at]) for at in far)
    return Outliers(what, of, key, times, len(others), median(others), fmean(others), fmean(seconds))


def leave_out(history: History) -> tuple[Outliers, ...]:
    """The times of work, and of setups, that are far beyond all others of their kind (`outliers.far_beyond`).

    The work of each product at each step is held against that of its other visits there; of a product with fewer than `fitting.FEWEST`, against
    that of all products at the step, and a time is left out only beyond `LEAST_OF_FEW` times the longest other of its product, of which there must
    be two. Setups are held against all setups of the work center.
    """
    steps: dict[Step, dict[str, list[Visit]]] = {}
    setups: dict[str, list[Visit]] = {}
    for visit in history.visits():
        if is_measured(visit):
            steps.setdefault(visit.step, {}).setdefault(visit.product, []).append(visit)
        if visit.setup > 0:
            setups.setdefault(visit.step[1], []).append(visit)
    made = [one for step, products in steps.items() for one in _of_step(step, products)]
    for center, visits in setups.items():
        far = far_beyond([visit.setup for visit in visits])
        if far:
            made.append(_outliers("setup", f"setup of {center}", center, visits, far))
    return tuple(made)


def _of_step(step: Step, products: Mapping[str, Sequence[Visit]]) -> Iterator[Outliers]:
    marked: dict[str, list[int]] = {}
    for product, visits in products.items():
        marked[product] = far_beyond([v.work for v in visits], [pieces_of(v) for v in visits])
    few = {product for product, visits in products.items() if _FEWEST_OTHERS < len(visits) < FEWEST}
    if few:
        kept = [(p, at, v) for p, own in products.items() for at, v in enumerate(own) if at not in set(marked[p])]
        if len(kept) >= MANY:
            for place in far_beyond([v.work for _, _, v in kept], [pieces_of(v) for _, _, v in kept]):
                product, at, visit = kept[place]
                longest = max((v.work for k, v in enumerate(products[product]) if k != at), default=visit.work)
                if product in few and visit.work > LEAST_OF_FEW * longest:
                    marked[product] = [at]
    for product, far in marked.items():
        if far:
            of = f"{step[0]} of {product}" if step[0] == step[1] else f"{step[0]} at {step[1]} of {product}"
            yield _outliers("time", of, (product, step), products[product], far)


def _outliers(what: What, of: str, key: Key, visits: Sequence[Visit], far: Sequence[int]) -> Outliers:
    seconds = [visit.setup if what == "setup" else visit.work for visit in visits]
    usual = median(value for at, value in enumerate(seconds) if at not in set(far))
    kind = "setup" if what == "setup" else "work"
    named = [
        (v.order, ()) if at not in set(far) else (v.order, _odd_rows(v, kind, usual)) for at, v in enumerate(visits)
    ]
    return outliers_of(what, of, key, seconds, named, far)


def _odd_rows(visit: Visit, kind: str, usual: float) -> tuple[int, ...]:
    """The reports that make a visit too long: the longest, until what is left could be usual."""
    parts = sorted((part for part in visit.parts if part[1] == kind), key=lambda part: -part[2])
    rest = sum(seconds for _, _, seconds in parts)
    rows: list[int] = []
    for row, _, seconds in parts:
        if rows and rest < LEAST_RATIO * usual:
            break
        rows.append(row)
        rest -= seconds
    return tuple(sorted(rows))


def with_outliers(cleaned: CleanLog, found: Sequence[Outliers]) -> Quality:
    """The quality of a log, and that such times were left out of it."""
    import polars

    quality = cleaned.quality
    if not found:
        return quality
    seconds = float(cleaned.table.filter("timed")["seconds"].sum())
    defect = _defect(found, seconds)
    defects = sorted((*quality.defects, defect), key=lambda one: -(one.effect.share if one.effect else 0.0))
    flags = [name for name in REPAIRED if name in cleaned.table.columns]
    untouched = cleaned.table.filter(~polars.any_horizontal(flags))["row"] if flags else cleaned.table["row"]
    number = len(set(defect.rows) & set(untouched.to_list()))
    return replace(quality, kept=quality.kept - number, repaired=quality.repaired + number, defects=tuple(defects))


def _defect(found: Sequence[Outliers], seconds: float) -> Defect:
    times = sorted(((one, own) for one in found for own in one.times), key=lambda pair: -pair[1].seconds)
    hours = sum(own.seconds for _, own in times) / 3600
    shown = [
        f"{one.of} took {show_duration(own.seconds)} in order {own.order} ({_lines(own.rows)}; {show_duration(one.median)} in the middle of {one.number} others)"
        for one, own in times[:_SHOWN]
    ]
    shown += [f"and {len(times) - _SHOWN} more"] if len(times) > _SHOWN else []
    most = max(found, key=lambda one: one.mean_with / one.mean)
    excess = sum(own.seconds - one.median for one, own in times)
    share = excess / max(seconds, 1.0)
    words = (
        f"without it: {most.of} would take {show_duration(most.mean_with)} on average, not {show_duration(most.mean)}; {excess / 3600:,.3g} h of work "
        f"more ({100 * share:.1f} %)"
    )
    return Defect(
        KIND, len(times), tuple(sorted({row for _, own in times for row in own.rows})),
        "the longest of so many times is so long less than once in 10,000 logs: a digit too many, a wrong unit, or nobody clocked out: " + "; ".join(shown),
        f"kept for their places in the route; their {hours:,.3g} h are in the log's totals, and left out where times are found: the middle of the others "
        "stands for each",
        "times", Effect(words, max(share, most.mean_with / most.mean - 1), hours=excess / 3600),
    )  # fmt: skip


def _lines(rows: Sequence[int]) -> str:
    return f"line{'s' * (len(rows) != 1)} {', '.join(map(str, rows[:3]))}{', ...' if len(rows) > 3 else ''}"
