"""How good a choice a move is once it was picked out of many: what it is still to be expected to bring, and what may be lost by it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import numpy.typing as npt

from plantwright.improvement.ranking import OF, effect
from plantwright.improvement.selection import chances, shrunk_effects
from plantwright.improvement.study import Measure, RankedMove

Floats = npt.NDArray[np.float64]


def with_odds(moves: Sequence[RankedMove], by: Measure, level: float) -> tuple[RankedMove, ...]:
    """The moves with their shrunk effects, the chance that each is the best of all, and the expected regret of choosing it."""
    sign = OF[by][2]
    known = [i for i, item in enumerate(moves) if (made := effect(item, by)) is not None and len(made.values) > 1]
    if not known:
        return tuple(moves)
    columns = [sign * np.array(made.values) for i in known if (made := effect(moves[i], by)) is not None]
    values = _side_by_side(columns)
    odds = chances(values)
    # Moves come as they are ranked: the first is the one that was picked.
    drawn = shrunk_effects(values, level, winner=0)
    told = list(moves)
    for k, i in enumerate(known):
        made = effect(moves[i], by)
        assert made is not None
        low, high = sorted((sign * float(drawn.lows[k]), sign * float(drawn.highs[k])))
        fair = replace(made, mean=sign * float(drawn.means[k]), low=low, high=high, values=())
        told[i] = replace(moves[i], shrunk=fair, best=float(odds.best[k]), regret=float(odds.regret[k]))
    return tuple(told)


def _side_by_side(columns: Sequence[Floats]) -> Floats:
    """Replications x alternatives, NaN where one has fewer."""
    values = np.full((max(map(len, columns)), len(columns)), np.nan)
    for k, column in enumerate(columns):
        values[: len(column), k] = column
    return values
