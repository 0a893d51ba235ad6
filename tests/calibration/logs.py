"""Small event logs, made up row by row, and the published log where it is at hand."""

from __future__ import annotations

import csv
import os
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from plantwright.calibration import Quality, inspect_log
from plantwright.exchange import read_log

HEADER = (
    "Case ID", "Activity", "Resource", "Start Timestamp", "Complete Timestamp", "Span", "Work Order  Qty", "Part Desc.", "Worker ID",
    "Report Type", "Qty Completed", "Qty Rejected", "Rework",
)  # fmt: skip
"""The names of the published log, without two that nothing depends on."""

MONDAY = datetime(2026, 1, 5)


def real_log() -> Path:
    """The published production log; the test is skipped where it is not at hand."""
    folder = os.environ.get("PLANTWRIGHT_TEST_DATA")
    if not folder:
        pytest.skip("PLANTWRIGHT_TEST_DATA does not say where the public data sets are")
    path = Path(folder) / "production_log" / "Production_Data.csv"
    if not path.exists():
        pytest.skip(f"{path} is not there")
    return path


def at(day: int, hour: float = 0.0) -> datetime:
    """An hour of a day; day 0 is a Monday."""
    return MONDAY + timedelta(days=day, hours=hour)


def stamp(moment: datetime) -> str:
    return f"{moment:%Y/%m/%d %H:%M:%S}.000"


def span(start: datetime, end: datetime) -> str:
    minutes = round((end - start).total_seconds() / 60)
    return f"{minutes // 60:03d}:{minutes % 60:02d}"


def row(
    order: str, activity: str, station: str, start: datetime, end: datetime, *, worker: str = "W1", kind: str = "D", **cells: Any
) -> dict[str, str]:  # fmt: skip
    """One report; any cell of `HEADER` may be given, with blanks as underscores and without what stands in brackets."""
    made = {
        "Case ID": order, "Activity": activity, "Resource": station, "Start Timestamp": stamp(start), "Complete Timestamp": stamp(end),
        "Span": span(start, end), "Work Order  Qty": "10", "Part Desc.": "Bolt", "Worker ID": worker, "Report Type": kind,
        "Qty Completed": "10", "Qty Rejected": "0", "Rework": "",
    }  # fmt: skip
    names = {name.lower().replace(" ", "_").rstrip("."): name for name in HEADER}
    return made | {names[key]: str(value) for key, value in cells.items()}


def sound() -> list[dict[str, str]]:
    """Three orders that go through saw, mill and packing, one report at a time: nothing is wrong with it (lines 2 to 10)."""
    rows = []
    for day, order in enumerate(("A1", "A2", "A3")):
        rows.append(row(order, "Sawing - Machine 1", "Machine 1 - Sawing", at(day, 7), at(day, 9)))
        rows.append(row(order, "Milling - Machine 2", "Machine 2 - Milling", at(day, 9), at(day, 12)))
        rows.append(row(order, "Packing", "Packing", at(day, 12), at(day, 13)))
    return rows


def write(path: Path, rows: Iterable[Mapping[str, str]], header: Iterable[str] = HEADER) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, list(header), lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    return path


def inspected(folder: Path, rows: Iterable[Mapping[str, str]], **options: Any) -> Quality:
    return inspect_log(read_log(write(folder / "log.csv", rows)), **options)


def run(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    """What the command line answers: exit code, standard output, standard error."""
    from plantwright.cli import main

    capsys.readouterr()
    with pytest.raises(SystemExit) as stop:
        main(list(arguments))
    shown = capsys.readouterr()
    assert "Traceback" not in shown.out + shown.err
    return int(stop.value.code or 0), shown.out, shown.err
