"""What a hold-out gave: how far the model, replay and chance are from what happened, with their intervals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np
import numpy.typing as npt

from plantwright.calibration.holdout.distances import ALL, MEASURES, UNITS

Floats = npt.NDArray[np.float64]

MODEL, REPLAY, TRUNCATED, FLOOR = "model", "replay", "truncated replay", "floor"
MEANING = {
    MODEL: "fitted before the cut, simulated after it",
    TRUNCATED: "past orders again, as a log that ends here has them",
    REPLAY: "past orders again, each to its end",
    FLOOR: "what happened, resampled: what chance alone leaves",
}


@dataclass(frozen=True)
class Score:
    """The distances of one source from what happened, in the order of `ALL` (those beside the five may be left out), and bootstrap draws of
    them.
    """

    source: str
    distances: Floats
    draws: Floats

    @property
    def names(self) -> tuple[str, ...]:
        """What the distances are of."""
        return ALL[: self.distances.size]

    @property
    def low(self) -> Floats:
        """The lower ends of the 95 % intervals."""
        return np.maximum(0.0, self._ends()[0])

    @property
    def high(self) -> Floats:
        """The upper ends of the 95 % intervals."""
        return self._ends()[1]

    @property
    def widths(self) -> Floats:
        """How wide the intervals are."""
        low, high = self._ends()
        return high - low

    def _ends(self) -> tuple[Floats, Floats]:
        # A resampled test is farther from everything than the test itself, by about the floor: draws are centered anew.
        low, high = np.quantile(self.draws, (0.025, 0.975), axis=0) - self.draws.mean(axis=0) + self.distances
        return low, high

    def to_dict(self) -> dict[str, Any]:
        """The score as JSON shows it."""
        return {
            name: {"distance": float(d), "low": float(low), "high": float(high)}
            for name, d, low, high in zip(self.names, self.distances, self.low, self.high, strict=True)
        }


def mean_of(scores: Sequence[Score]) -> Score:
    """The mean over windows, draw by draw."""
    return Score(
        scores[0].source,
        np.mean([score.distances for score in scores], axis=0),
        np.mean([score.draws for score in scores], axis=0),
    )


@dataclass(frozen=True)
class Window:
    """One part of the log that was held out: from the cut to `until`, with the orders before, in and across it, and the scores."""

    cut: datetime
    until: datetime
    before: int
    inside: int
    crossing: int
    scores: tuple[Score, ...]

    def score(self, source: str) -> Score:
        """The score of `MODEL`, `REPLAY`, `TRUNCATED` or `FLOOR`."""
        return next(score for score in self.scores if score.source == source)


@dataclass(frozen=True)
class HoldOut:
    """What a hold-out gave: one window after the other, the last at the end of the log, and windows left out with the reason."""

    share: float
    replications: int
    seed: int
    windows: tuple[Window, ...]
    left_out: tuple[str, ...] = ()

    def score(self, source: str) -> Score:
        """The mean over all windows."""
        return mean_of([window.score(source) for window in self.windows])

    @property
    def worse(self) -> tuple[str, ...]:
        """The measures of the five in which the model is farther from what happened than the truncated replay, or its interval not narrower."""
        model, replay = self.score(MODEL), self.score(TRUNCATED)
        good = (model.distances <= replay.distances) & (model.widths < replay.widths)
        return tuple(name for name, fine in zip(MEASURES, good, strict=False) if not fine)

    @property
    def predicts(self) -> bool:
        """Whether the weeks held out came out no worse than by replay, and more surely so, in all five distances."""
        return not self.worse

    def to_dict(self) -> dict[str, Any]:
        """The hold-out as JSON shows it."""
        sources = (MODEL, TRUNCATED, REPLAY, FLOOR)
        return {
            "share": self.share,
            "replications": self.replications,
            "seed": self.seed,
            "units": dict(zip(ALL, UNITS, strict=True)),
            "predicts": self.predicts,
            "no better than truncated replay in": list(self.worse),
            "mean": {source: self.score(source).to_dict() for source in sources},
            "windows": [
                {
                    "cut": f"{window.cut:%Y-%m-%d %H:%M}",
                    "until": f"{window.until:%Y-%m-%d %H:%M}",
                    "orders before": window.before,
                    "orders inside": window.inside,
                    "orders across": window.crossing,
                    **{source: window.score(source).to_dict() for source in sources},
                }
                for window in self.windows
            ],
            "left out": list(self.left_out),
        }

    def words(self) -> dict[str, Any]:
        """What the plant file says of it."""
        model, replay = self.score(MODEL), self.score(TRUNCATED)
        made: dict[str, Any] = {"windows": str(len(self.windows))}
        for at, name in enumerate(MEASURES):
            # Rounding must not turn a worse model into one that is no worse.
            made[name] = {
                "model": _up(model.distances[at]), "width": _up(model.widths[at]),
                "replay": _down(replay.distances[at]), "replay width": _down(replay.widths[at]),
            }  # fmt: skip
        return made

    def rows(self) -> list[dict[str, Any]]:
        """A row for each window and source, and for their means."""
        sources = (MODEL, TRUNCATED, REPLAY, FLOOR)
        parts = [(f"{w.cut:%Y-%m-%d} to {w.until:%Y-%m-%d}", w.inside, w.score) for w in self.windows]
        if len(parts) > 1:
            parts.append(("mean", sum(w.inside for w in self.windows), self.score))
        return [
            {"window": name, "orders": orders, "source": source, **_figures(score(source))}
            for name, orders, score in parts
            for source in sources
        ]

    def __str__(self) -> str:
        heads = [name if not unit else f"{name} ({unit})" for name, unit in zip(ALL, UNITS, strict=True)]
        lines = ["HELD OUT: distances from what happened, with 95 % intervals; less is better"]
        for window in self.windows:
            lines.append(
                f"  {window.cut:%Y-%m-%d %H:%M} to {window.until:%Y-%m-%d %H:%M}: {window.inside} orders begin in it, {window.before} end before "
                f"it, {window.crossing} cross"
            )
            lines += _table(heads, window.score)
        if len(self.windows) > 1:
            lines += [f"  mean of the {len(self.windows)} windows", *_table(heads, self.score)]
        lines += [f"  {source}: {meaning}" for source, meaning in MEANING.items()]
        lines += [f"  left out: {reason}" for reason in self.left_out]
        return "\n".join([*lines, f"  {self.verdict()}"])

    def verdict(self) -> str:
        """In a sentence, whether the model predicts."""
        if self.predicts:
            return (
                "The model is no farther from what happened than past orders replayed, and more surely so, in all five."
            )
        return f"The model does not beat past orders replayed in {', '.join(self.worse)}: it is farther, or not more surely so."


def _figures(score: Score) -> dict[str, str]:
    return {
        name: f"{_short(d)} ({_short(low)} to {_short(high)})"
        for name, d, low, high in zip(score.names, score.distances, score.low, score.high, strict=True)
    }


def _table(heads: Sequence[str], score: Any) -> list[str]:
    told = {source: list(_figures(score(source)).values()) for source in (MODEL, TRUNCATED, REPLAY, FLOOR)}
    lines = []
    for part in (slice(len(MEASURES)), slice(len(MEASURES), len(told[MODEL]))):
        if part.start == part.stop:
            continue
        lines.append(
            f"    {'' if part.start is None else 'beside the five':<17}"
            + "".join(f"{head:>24}" for head in heads[part])
        )
        lines += [
            f"    {source:<17}" + "".join(f"{text:>24}" for text in figures[part]) for source, figures in told.items()
        ]
    return lines


def _up(value: float) -> str:
    return f"{math.ceil(1000 * value) / 1000:.3f}"


def _down(value: float) -> str:
    return f"{math.floor(1000 * value) / 1000:.3f}"


def _short(value: float) -> str:
    return f"{value:.0f}" if value >= 99.95 else f"{value:.3g}"
