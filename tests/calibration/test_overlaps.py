"""Reports that overlap, held against the definition looked up row by row."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import polars
import pytest

from plantwright.calibration.overlaps import overlapping

BEGIN = datetime(2026, 1, 5)


def by_definition(rows: list[tuple[int, str | None, datetime, datetime]]) -> list[int]:
    """The rows that start before the end of any row that comes before them, in order of starts and ends, at their station."""
    ordered = sorted(rows, key=lambda row: (row[2], row[3]))
    return [
        row[0] for number, row in enumerate(ordered)
        if row[1] is not None and any(other[1] == row[1] and row[2] < other[3] for other in ordered[:number])
    ]  # fmt: skip


@pytest.mark.parametrize("seed", range(20))
def test_rows_that_start_before_an_earlier_one_ends(seed: int) -> None:
    """From three stations on which nearly all overlap to sixty on which hardly any do."""
    chance = random.Random(seed)
    stations = [None, *(f"M{k}" for k in range(chance.choice((3, 10, 60))))]
    rows = []
    for number in range(200):
        start = BEGIN + timedelta(minutes=chance.randrange(0, 6000, 5))
        # Some take no time, some a whole day.
        rows.append(
            (number, chance.choice(stations), start, start + timedelta(minutes=chance.choice((0, 10, 40, 300, 1440))))
        )
    table = polars.DataFrame(rows, schema=["row", "station", "start", "end"], orient="row")
    for kind in (polars.String, polars.Categorical):
        found = overlapping(table.with_columns(polars.col("station").cast(kind)), "station")
        assert found["row"].to_list() == by_definition(rows)
