"""Actions on a plant without a log: move its guesses until its totals match."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

from plantwright.actions.clusters import workers_at
from plantwright.actions.registry import action
from plantwright.actions.studies import OutputError, check_output
from plantwright.errors import Place, Problem

if TYPE_CHECKING:
    from plantwright.calibration import TotalsMatch

_PLANTS = (".yaml", ".yml")
_PAGES = (".html",)
_SHEET = re.compile(rb'<(?:\w+:)?sheet\s[^>]*?\bname="([^"]*)"')
_OF_A_PLANT = {b"machines", b"routings"}
_READ = 1_000_000


def is_plant(path: str | Path) -> bool:
    """Whether a file is a plant and no log: a plant file, or a workbook with the sheets of one."""
    path = Path(path)
    if path.suffix.lower() in _PLANTS:
        return True
    if path.suffix.lower() != ".xlsx" or not path.is_file():
        return False
    try:
        with zipfile.ZipFile(path) as packed, packed.open("xl/workbook.xml") as book:
            sheets = {name.strip().lower() for name in _SHEET.findall(book.read(_READ))}
    except (OSError, KeyError, zipfile.BadZipFile, NotImplementedError, RuntimeError):
        return False
    return sheets >= _OF_A_PLANT


@action("plant.simulate")
def match_plant_totals(
    path: str | Path, *, cluster: str | None = None, insecure_cluster: bool = False, **options: Any
) -> TotalsMatch:
    """The guesses of the plant in a file moved within their ranges until its totals match; options as
    `plantwright.calibration.match_totals` takes them, `cluster` as `clusters.cluster_executor` does. Raises PlantError, SimulationError.
    """
    from plantwright.calibration import match_totals
    from plantwright.plant import read_plant

    plant = read_plant(path)
    with workers_at(cluster, insecure_cluster) as executor:
        return match_totals(plant, executor=executor, **options)


def check_match_output(path: str | Path, report: str | Path | None = None) -> None:
    """Refuse, before any work is done, a plant file or a page that cannot be written. Raises OutputError."""
    check_output(path, _PLANTS)
    if report is not None:
        check_output(report, _PAGES)


@action("plant.write")
def save_match(
    match: TotalsMatch, path: str | Path, report: str | Path | None = None, command: str | None = None
) -> tuple[Path, ...]:
    """Write the plant file with its guesses moved, each with a comment that says why (every other byte stays), and, if asked, a page that shows them;
    the files written. Raises OutputError.
    """
    from plantwright.calibration.totals.writing import matched_text
    from plantwright.plant import save_plant
    from plantwright.plant.writing import write_whole

    target = check_output(path, _PLANTS)
    page = None if report is None else check_output(report, _PAGES)
    at = target
    try:
        if page is not None:
            from plantwright.report import totals_html

            at = page
            write_whole(page, totals_html(match, command))
            at = target
        save_plant(match.plant, target, text=matched_text(match))
    except OSError as error:
        reason = f"cannot be written: {error.strerror or error}"
        raise OutputError([Problem("PW1900", Place(str(at)), "", reason)]) from error
    return (target,) if page is None else (target, page)
