"""Choosing the best of many noisy alternatives with few simulations, and how sure that is.

Statistics only: alternatives are columns, replications are rows, more is better. It knows no plants.
"""

from __future__ import annotations

from plantwright.improvement.selection.halving import SequentialHalving
from plantwright.improvement.selection.kim_nelson import KimNelson
from plantwright.improvement.selection.screening import screened
from plantwright.improvement.selection.table import Sampler, Selection, Table

__all__ = ["KimNelson", "Sampler", "Selection", "SequentialHalving", "Table", "screened"]
