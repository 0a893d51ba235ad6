"""Which source of uncertainty a result owes its variance to."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt


@dataclass(frozen=True)
class Split:
    """A variance split into its sources.

    Attributes
    ----------
    shares : mapping
        Of each source; they sum to 1 (all 0 where nothing varies). What sources do only together is given to those that take part in it.
    alone : mapping
        The share that each source has by itself; empty where that was not asked.
    total : mapping
        The share that would be gone if the source were known, with all that it does together with others; they may sum to more than 1.
    together : float
        What sources do only together: 1 less what they have alone; where that was not asked, by how much the totals exceed 1.
    """

    shares: Mapping[str, float]
    alone: Mapping[str, float]
    total: Mapping[str, float]
    together: float


def split(
    values: npt.ArrayLike,
    redrawn: Mapping[str, npt.ArrayLike],
    kept: Mapping[str, npt.ArrayLike] | None = None,
) -> Split:
    """Split the variance of a result.

    Parameters
    ----------
    values : array
        The result in each of many cases.
    redrawn : mapping
        For each source: the same cases with that source drawn anew, all else the same.
    kept : mapping, optional
        For each source: the same cases with all else drawn anew, that source the same.

    Notes
    -----
    Totals are half the mean squared difference over the variance (M. J. W. Jansen 1999), what a source has alone is the mean of
    ``values x (kept - another draw)``, here by Jansen's formula as well: 1 less half the mean squared difference to `kept`; A. Saltelli et al. (2010):
    Variance based sensitivity analysis of model output, Computer Physics Communications 181, 259-270, table 2. What is left after all have what they
    have alone is given out as total less alone is, so that the shares sum to 1; without `kept` shares are as the totals.
    """
    base = np.asarray(values, float)
    others = {name: np.asarray(column, float) for name, column in redrawn.items()}
    again = {name: np.asarray(column, float) for name, column in (kept or {}).items()}
    variance = float(np.concatenate([base, *others.values(), *again.values()]).var())
    if variance <= (1e-12 * float(np.abs(base).max(initial=0.0))) ** 2:
        none = dict.fromkeys(others, 0.0)
        return Split(none, dict(none) if again else {}, dict(none), 0.0)
    total = {name: float(((base - column) ** 2).mean()) / (2 * variance) for name, column in others.items()}
    if set(again) != set(others):
        whole = sum(total.values())
        shares = {name: part / whole if whole else 0.0 for name, part in total.items()}
        return Split(shares, {}, total, max(0.0, whole - 1))
    alone = {
        name: min(max(0.0, 1 - float(((base - column) ** 2).mean()) / (2 * variance)), total[name])
        for name, column in again.items()
    }
    rest = 1 - sum(alone.values())
    open_ = {name: total[name] - alone[name] for name in total}
    given = sum(open_.values())
    if rest <= 0 or given <= 0:
        whole = sum(alone.values())
        shares = {name: part / whole if whole else 0.0 for name, part in alone.items()}
        return Split(shares, alone, total, max(0.0, rest))
    shares = {name: alone[name] + rest * open_[name] / given for name in total}
    return Split(shares, alone, total, rest)
