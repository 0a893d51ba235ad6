"""A first cut: who cannot be the best by what is known already."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from plantwright.improvement.selection.kim_nelson import paired_variances
from plantwright.improvement.selection.table import Floats
from plantwright.improvement.selection.wanted import fitting, is_share, refuse


def screened(values: Floats, probability: float, zone: float = 0.0) -> npt.NDArray[np.bool_]:
    """Which alternatives stay: with `probability` the best is among them, if it is at least `zone` ahead of all others.

    An alternative goes if it is behind any other by more than ``max(0, t S / sqrt(n) - zone)``: S the standard deviation of their paired difference
    over the n replications, t Student's quantile for an error of ``(1 - probability) / (k - 1)`` each. B. L. Nelson, J. Swann, D. Goldsman and W. Song (2001):
    Simple procedures for selecting the best simulated system when the number of alternatives is large, Operations Research 49, 950-963; with
    paired variances for common random numbers.

    Parameters
    ----------
    values : array, replications x alternatives
        More is better; at least two replications, none missing.
    """
    from scipy.special import stdtrit

    n, k = values.shape
    refuse(is_share("probability", probability), fitting(probability, k))
    if k == 1 or n < 2:
        return np.ones(k, bool)
    quantile = float(stdtrit(n - 1, 1 - (1 - probability) / (k - 1)))
    wait = np.maximum(0, quantile * np.sqrt(paired_variances(values) / n) - zone)
    means = values.mean(axis=0)
    stays: npt.NDArray[np.bool_] = (means[:, None] >= means - wait).all(axis=1)
    return stays
