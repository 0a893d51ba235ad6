"""Put together what was found of guesses and totals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Literal

import numpy as np
import numpy.typing as npt

from plantwright.calibration.totals.descending import BENT
from plantwright.calibration.totals.known import SURE, Known, passed_over
from plantwright.calibration.totals.movable import Fixed, Movable
from plantwright.calibration.totals.result import MatchedGuess, MatchedTotal, Together, TotalsMatch, Verdict
from plantwright.calibration.totals.surface import Surface
from plantwright.calibration.totals.telling import REACTS, Told, Trade
from plantwright.calibration.totals.trying import Floats, Tries
from plantwright.plant import Plant
from plantwright.simulation import Run
from plantwright.simulation.trust import Comparison, compare_totals
from plantwright.units import show_duration

UNSETTLED = "work in process or output does not settle, so that totals hang on how long it is simulated: does more come in than goes out?"
_AT_END = 0.01
_TELLS = 2.0
"""A guess is seen in the totals that it changes along its range by so many standard deviations; or else in the one that it changes most."""
_PUSHED = 1.0
"""An end of a range binds where the misfit falls by so much a range beyond it."""


def gathered(
    tries: Tries,
    surface: Surface,
    matched: Plant,
    run: Run,
    texts: Sequence[str],
    values: Sequence[float],
    told: Sequence[Told],
    trades: Sequence[Trade],
    fixed: Sequence[Fixed],
) -> TotalsMatch:
    """The result of a search: the plant as it is now, its run, each total and each guess, and what stands in the way."""
    start = tries.of([guess.value for guess in tries.guesses])
    assert start is not None
    before = {one.name: one for one in start.comparisons}
    now = {one.name: one for one in compare_totals(matched, run)}
    totals = tuple(_total(one, before[one.name], now[one.name]) for one in tries.known if one.name in now)
    point = tries.point(values)
    misfit = all(total.fits for total in totals)
    guesses = tuple(
        MatchedGuess(
            guess, texts[k], values[k], guess.at(told[k].allowed[0]), guess.at(told[k].allowed[1]),
            (guess.at(told[k].alone[0]), guess.at(told[k].alone[1])), _verdict(k, told[k], trades),
            _told_by(told[k], tries.known), "" if misfit else _binds(surface, point, k, told[k]),
        )
        for k, guess in enumerate(tries.guesses)
    )  # fmt: skip
    together = tuple(_together(tries.guesses, trade) for trade in trades)
    reacts = np.abs([one.reacts for one in told]).max(axis=0) >= REACTS
    unmoved = {one.name for one, moves in zip(tries.known, reacts, strict=True) if not moves}
    unsettled = () if run.steady else (UNSETTLED,)
    why = unsettled + tuple(
        _why(tries.known, totals, guesses, before, unmoved, _ranges_alone(surface, point, guesses, reacts))
    )
    return TotalsMatch(
        tries.plant, matched, run, totals, guesses, together, tuple(fixed), passed_over(tries.plant, tries.known), why, tries.done
    )  # fmt: skip


def _total(known: Known, before: Comparison, now: Comparison) -> MatchedTotal:
    off = now.simulated / now.given - 1 if known.ratio else now.simulated - now.given
    return MatchedTotal(known.name, before, now, off, known.error(now), known.deviation, known.stated)


def _verdict(number: int, told: Told, trades: Sequence[Trade]) -> Verdict:
    if not told.is_told:
        return "not told"
    return "not told apart" if any(number in trade.members for trade in trades) else "told"


def _told_by(told: Told, known: Sequence[Known]) -> tuple[str, ...]:
    if not told.is_told:
        return ()
    least = min(_TELLS, float(np.abs(told.reacts).max()))
    return tuple(one.name for one, reacts in zip(known, told.reacts, strict=True) if abs(reacts) >= least)


def _binds(surface: Surface, point: Floats, number: int, told: Told) -> Literal["", "low", "high"]:
    """The end of its range at which a guess is, if the totals would match better beyond it."""
    if not told.is_told or _AT_END < point[number] < 1 - _AT_END:
        return ""
    misses = surface.misses(point[None, :])[0] / surface.scale
    pushes = np.clip(2 * misses, -2 * BENT, 2 * BENT)  # the slope of what a miss counts
    slope = float(pushes @ surface.slopes(point)[:, number])
    if point[number] <= _AT_END:
        return "low" if slope > _PUSHED else ""
    return "high" if slope < -_PUSHED else ""


def _ranges_alone(
    surface: Surface, point: Floats, guesses: Sequence[MatchedGuess], reacts: npt.NDArray[np.bool_]
) -> bool:
    """Whether the totals that react would match if the ranges that bind were three times as wide; on slopes, as nothing was tried beyond them."""
    from scipy.optimize import lsq_linear

    if not reacts.any():
        return False
    misses = (surface.misses(point[None, :])[0] / surface.scale)[reacts]
    low = np.array([-1.0 if one.binds == "low" else 0.0 for one in guesses]) - point
    high = np.array([_beyond(one.guess) if one.binds == "high" else 1.0 for one in guesses]) - point
    slopes = surface.slopes(point)[reacts]
    step = lsq_linear(slopes, -misses, (low - 1e-9, high + 1e-9)).x
    return bool(np.abs(misses + slopes @ step).max() <= SURE)


def _beyond(guess: Movable) -> float:
    """How far a guess could be beyond the upper end of its range: by that range, but no share over 100 %."""
    return min(2.0, guess.coordinate(1.0)) if guess.unit == "%" and guess.high <= 1.0 else 2.0


def _together(guesses: Sequence[Movable], trade: Trade) -> Together:
    def way(place: Floats) -> dict[str, float]:
        return {guesses[k].path: guesses[k].at(float(place[k])) for k in trade.members}

    return Together(
        tuple(guesses[k].path for k in trade.members),
        tuple(guesses[k].path for k in trade.measure),
        (way(trade.ways[0]), way(trade.ways[1])),
    )


def _why(
    known: Sequence[Known],
    totals: Sequence[MatchedTotal],
    guesses: Sequence[MatchedGuess],
    before: dict[str, Comparison],
    unmoved: set[str],
    ranges_alone: bool,
) -> list[str]:
    """What stands in the way of totals that are not matched."""
    if all(total.fits and total.now.agrees for total in totals):
        return []
    law = _littles_law(known, before)
    bound = [one for one in guesses if one.binds] if ranges_alone or not law else []
    reasons = [law] if law else []
    for one in bound:
        end = one.guess.low if one.binds == "low" else one.guess.high
        more = "less" if one.binds == "low" else "more"
        reasons.append(f"the range of {one.guess.label!r} ends at {one.guess.shown(end)}; {more} would match better")
    off = [total.name for total in totals if not total.fits or not total.now.agrees]
    deaf, others = ([name for name in off if (name in unmoved) is asked] for asked in (True, False))
    if deaf:
        reasons.append(
            f"no guess that may be moved has an effect on {' and '.join(deaf)}: the cause lies in numbers that are not marked as guesses, or in what the "
            "plant lacks"
        )
    if others and not law and not (bound and (ranges_alone or len(totals) == 1)):
        reasons.append(
            f"what moves {' and '.join(others)} towards yours moves other totals away from it: they contradict each other, or the plant lacks something"
            if len(totals) > 1
            else f"within their ranges the guesses come no nearer to {others[0]}: the plant lacks something"
        )
    return reasons


def _littles_law(known: Sequence[Known], before: dict[str, Comparison]) -> str:
    """What is wrong where given throughput, cycle time and work in process break Little's law, in the units of the totals.

    Work in process is throughput times cycle time (J. D. C. Little 1961), whatever the guesses are; pieces for lots are turned as
    simulated.
    """
    of = {one.name: one for one in known}
    names = ("throughput", "cycle time", "work in process")
    if not all(name in of and before[name].simulated > 0 for name in names):
        return ""
    made, through, held = (before[name] for name in names)
    expected = held.simulated * (made.given / made.simulated) * (through.given / through.simulated)
    apart = math.log(held.given / expected)
    if abs(apart) <= 2 * math.sqrt(sum(of[name].deviation ** 2 for name in names)):
        return ""
    unit = held.shown[1].partition(" ")[2]
    return (
        f"by Little's law {made.shown[1]}, each in process for {show_duration(through.given)}, are some {expected:.3g} {unit} in process, "
        f"not {held.given:.3g}: one of the three is wrong"
    )
