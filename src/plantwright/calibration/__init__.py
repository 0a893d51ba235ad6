"""From a shop's own records to a plant: the log's quality, what was found in it, and how well the plant reproduces it; without a log,
from its totals to its guesses.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from plantwright.calibration.calibrating import Calibration, calibrate, inspect_log, save
    from plantwright.calibration.matching import Fit
    from plantwright.calibration.quality import Defect, Quality
    from plantwright.calibration.renewing import Renewed
    from plantwright.calibration.skills import Purpose
    from plantwright.calibration.totals.matching import match_totals
    from plantwright.calibration.totals.result import TotalsMatch
    from plantwright.calibration.updating import Update, update

__all__ = [
    "Calibration",
    "Defect",
    "Fit",
    "Purpose",
    "Quality",
    "Renewed",
    "TotalsMatch",
    "Update",
    "calibrate",
    "inspect_log",
    "match_totals",
    "save",
    "update",
]

_HOMES = {
    "Defect": "quality",
    "Quality": "quality",
    "Fit": "matching",
    "Purpose": "skills",
    "TotalsMatch": "totals.result",
    "match_totals": "totals.matching",
    "Renewed": "renewing",
    "Update": "updating",
    "update": "updating",
}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(f"{__name__}.{_HOMES.get(name, 'calibrating')}"), name)
