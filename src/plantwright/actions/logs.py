"""Actions on a shop's own records: look at their quality, make a plant of them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plantwright.actions.registry import action
from plantwright.actions.studies import check_output

if TYPE_CHECKING:
    from plantwright.calibration import Calibration, Quality


@action("log.read")
def inspect_event_log(path: str | Path, mapping: Mapping[str, str] | None = None) -> Quality:
    """The quality of an event log: its defects, their rows, and what would be done about each. Raises LogError."""
    from plantwright.calibration import inspect_log
    from plantwright.exchange import read_log

    return inspect_log(read_log(path, mapping))


@action("log.read")
def calibrate_log(path: str | Path, mapping: Mapping[str, str] | None = None, **options: Any) -> Calibration:
    """A plant made of an event log, with the log's quality and how well the plant reproduces it. Raises LogError."""
    from plantwright.calibration import calibrate
    from plantwright.exchange import read_log

    return calibrate(read_log(path, mapping), **options)


@action("plant.write")
def save_calibration(calibration: Calibration, path: str | Path) -> Path:
    """Write the plant file of a calibration and the files beside it."""
    from plantwright.calibration import save

    target = check_output(path, (".yaml", ".yml"))
    save(calibration, target)
    return target
