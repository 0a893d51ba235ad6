"""Choosing the best of many noisy alternatives with few simulations, and how sure that is.

Statistics only: alternatives are columns, replications are rows, more is better. It knows no plants.
"""

from __future__ import annotations

from plantwright.improvement.selection.halving import SequentialHalving
from plantwright.improvement.selection.kim_nelson import KimNelson
from plantwright.improvement.selection.measuring import Worth, worth_of_knowing
from plantwright.improvement.selection.regret import Chances, chances
from plantwright.improvement.selection.shrinking import Shrunk, shrunk, shrunk_effects
from plantwright.improvement.selection.table import Sampler, Selection, Table
from plantwright.improvement.selection.variance import Split, split

__all__ = [
    "Chances",
    "KimNelson",
    "Sampler",
    "Selection",
    "SequentialHalving",
    "Shrunk",
    "Split",
    "Table",
    "Worth",
    "chances",
    "shrunk",
    "shrunk_effects",
    "split",
    "worth_of_knowing",
]
