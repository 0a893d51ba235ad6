"""The result of holding guesses against totals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

from plantwright.calibration.totals.known import SURE
from plantwright.calibration.totals.movable import Fixed, Movable
from plantwright.plant import Plant
from plantwright.simulation.run import Run
from plantwright.simulation.trust import TOLERANCE, Comparison

Verdict = Literal["told", "not told apart", "not told"]


@dataclass(frozen=True)
class MatchedTotal:
    """One total: as simulated with the plant as it was and as it is now.

    ``off`` is by how much the present one misses the given, as a share of it, or of lots for what is late; ``error`` is its standard error,
    ``deviation`` the standard deviation of what is known of the total, ``stated`` where the plant file says its range.
    """

    name: str
    before: Comparison
    now: Comparison
    off: float
    error: float
    deviation: float
    stated: bool

    @property
    def fits(self) -> bool:
        """Whether it lies within what is known of the total and what simulation leaves open (95 %)."""
        return bool(abs(self.off) <= SURE * (self.deviation**2 + self.error**2) ** 0.5)


@dataclass(frozen=True)
class MatchedGuess:
    """One guess: what it was, what it is now, and between which values totals allow it to be, in SI units, the others making up for it.

    ``alone`` is the same with the others as they are now. ``text`` is what stands in the plant file now, ``moved`` whether that is
    another number; ``binds`` tells the end of its range (``low``, ``high``) beyond which totals would match better; ``by`` which totals react to it.
    """

    guess: Movable
    text: str
    value: float
    low: float
    high: float
    alone: tuple[float, float]
    verdict: Verdict
    by: tuple[str, ...] = ()
    binds: Literal["", "low", "high"] = ""

    @property
    def moved(self) -> bool:
        """Whether another number stands there now."""
        return self.text != self.guess.text


@dataclass(frozen=True)
class Together:
    """Guesses that totals do not tell apart, by their paths; which of them to measure; two ways, each a value for each, that fit both."""

    paths: tuple[str, ...]
    measure: tuple[str, ...]
    ways: tuple[Mapping[str, float], Mapping[str, float]]


@dataclass(frozen=True)
class TotalsMatch:
    """Guesses of a plant moved within their ranges until its totals match, as far as they can.

    ``plant`` is the plant as it was, ``run`` that of the plant with the guesses as they are now: its grade is computed from it. ``fixed`` are
    guesses that were not moved, ``passed over`` totals that cannot be compared, ``why`` what stands in the way of a match.
    """

    plant: Plant
    matched: Plant
    run: Run
    totals: tuple[MatchedTotal, ...]
    guesses: tuple[MatchedGuess, ...]
    together: tuple[Together, ...]
    fixed: tuple[Fixed, ...]
    passed_over: tuple[str, ...]
    why: tuple[str, ...]
    tried: int

    @property
    def matches(self) -> bool:
        """Whether every total lies within the tolerance of the grade, and within what is known of it."""
        return all(total.now.agrees and total.fits for total in self.totals)

    @property
    def edits(self) -> dict[str, str]:
        """What changes in the plant file, by path."""
        return {one.guess.path: one.text for one in self.guesses if one.moved}

    def to_dict(self) -> dict[str, Any]:
        """The match as JSON shows it."""
        return {
            "schema": "plantwright.totals/1",
            "plant": self.run.plant,
            "trust": self.run.trust,
            "matches": self.matches,
            "tolerance": TOLERANCE,
            "totals": [
                {
                    "name": total.name,
                    "before": total.before.simulated,
                    "simulated": total.now.simulated,
                    "given": total.now.given,
                    "shown": [total.before.shown[0], *total.now.shown],
                    "off": total.off,
                    "standard error": total.error,
                    "known to": total.deviation,
                    "range stated": total.stated,
                    "agrees": total.now.agrees,
                    "fits": total.fits,
                }
                for total in self.totals
            ],
            "guesses": [
                {
                    "path": one.guess.path,
                    "before": one.guess.text,
                    "after": one.text if one.moved else None,
                    "was": one.guess.value,
                    "value": one.value,
                    "range": [one.guess.low, one.guess.high],
                    "allowed": [one.low, one.high],
                    "alone": list(one.alone),
                    "verdict": one.verdict,
                    "told by": list(one.by),
                    "binds": one.binds or None,
                }
                for one in self.guesses
            ],
            "not told apart": [
                {"guesses": list(one.paths), "measure": list(one.measure), "both fit": [dict(way) for way in one.ways]}
                for one in self.together
            ],
            "not moved": [{"path": one.path, "why": one.why} for one in self.fixed],
            "totals passed over": list(self.passed_over),
            "why": list(self.why),
            "plants simulated": self.tried,
            "replications": self.run.replications,
            "seed": self.run.seed,
            "horizon": self.run.horizon,
        }

    def __str__(self) -> str:
        from plantwright.calibration.totals.show import match_text

        return match_text(self)
