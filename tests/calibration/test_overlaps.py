"""Reports that overlap, held against the definition looked up row by row."""

from __future__ import annotations

import random
from datetime import datetime, timedelta

import polars
import pytest

from plantwright.calibration.overlaps import overlapping
from plantwright.calibration.spans import usual_at_once

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


def test_how_many_are_usually_at_once() -> None:
    """At most, in 95 % of the time in which any is: two at once for 6 s of 100 are usual, for 4 s they are not. Times of all groups count together."""
    assert usual_at_once([[(0.0, 100.0), (0.0, 6.0)]]) == 2
    assert usual_at_once([[(0.0, 100.0), (0.0, 4.0)]]) == 1
    assert usual_at_once([[(0.0, 100.0)], [(0.0, 5.0), (0.0, 5.0)]]) == 1
    assert usual_at_once([[(0.0, 90.0)], [(0.0, 5.0), (0.0, 5.0)]]) == 2
    assert usual_at_once([[(0.0, 100.0)], [(0.0, 100.0)]]) == 1  # of two people each has one
    assert usual_at_once([[(0.0, 10.0), (10.0, 20.0), (5.0, 5.0)]]) == 1
    assert usual_at_once([]) == 1
