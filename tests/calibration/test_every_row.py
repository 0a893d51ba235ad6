"""Nothing is dropped in silence: whatever is done to a log, each of its rows is kept, repaired, joined or set aside with a reason."""

from __future__ import annotations

import csv
import io
import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as some

from plantwright.calibration.cleaning import clean
from plantwright.errors import LogError
from plantwright.exchange import read_log
from tests.calibration.logs import HEADER, at, row, stamp

BASE = [
    row(
        f"A{k % 6}",
        f"{name} - Machine {k % 3}",
        f"Machine {k % 3} - {name}",
        at(k, 7 + k % 5),
        at(k, 9 + k % 5),
        worker=f"W{k % 4}",
    )
    for k, name in enumerate(("Sawing", "Milling", "Drilling") * 8)
]

GARBAGE = some.one_of(
    some.sampled_from(["", "?", "0", "-1", "1e9", "12,5", "1899/12/31 01:00:00", "2026/13/45 99:99:00.000", "2126/01/05 07:00:00.000",
                       "0001/01/01 00:00:00.000", "x\ny", 'a "quoted" cell', "S", "B", "other"]),
    some.text(some.characters(codec="utf-8", exclude_characters="\r\0"), max_size=12),
)  # fmt: skip

DAMAGE = some.lists(
    some.one_of(
        some.tuples(some.just("cell"), some.integers(0, 23), some.sampled_from(HEADER), GARBAGE),
        some.tuples(some.just("copy"), some.integers(0, 23), some.just(""), some.just("")),
        some.tuples(some.just("turn round"), some.integers(0, 23), some.just(""), some.just("")),
        some.tuples(some.just("moment"), some.integers(0, 23), some.just(""), some.just("")),
        some.tuples(some.just("more cells"), some.integers(0, 23), some.just(""), some.just("")),
        some.tuples(some.just("fewer cells"), some.integers(0, 23), some.just(""), some.just("")),
        some.tuples(some.just("blank line"), some.integers(0, 23), some.just(""), some.just("")),
    ),
    max_size=25,
)


def damaged(damage: list[tuple[str, int, str, str]]) -> tuple[str, int]:
    """A log with damage done to it, and how many rows it has: blank lines are none."""
    rows = [dict(cells) for cells in BASE]
    copies, uneven, blank = [], {}, set()
    for kind, number, column, text in damage:
        if kind == "cell":
            rows[number][column] = text
        elif kind == "turn round":
            rows[number]["Start Timestamp"], rows[number]["Complete Timestamp"] = (
                stamp(at(number, 9)),
                stamp(at(number, 7)),
            )
        elif kind == "moment":
            rows[number]["Complete Timestamp"] = rows[number]["Start Timestamp"]
        elif kind == "copy":
            copies.append(number)
        elif kind == "blank line":
            blank.add(number)
        else:
            uneven[number] = kind
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(HEADER)
    written = 0
    for number, cells in enumerate([*rows, *(rows[number] for number in copies)]):
        values = [cells[name] for name in HEADER]
        if uneven.get(number) == "more cells":
            values.append("one more")
        elif uneven.get(number) == "fewer cells":
            del values[-3:]
        if number in blank:
            out.write("\n")
        writer.writerow(values)
        written += any(value.strip() for value in values)
    return out.getvalue(), written


@settings(max_examples=80, deadline=None)
@given(DAMAGE)
def test_rows_kept_repaired_and_set_aside_are_all_rows(damage: list[tuple[str, int, str, str]]) -> None:
    text, rows = damaged(damage)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "log.csv"
        path.write_bytes(text.encode())
        try:
            cleaned = clean(read_log(path))
        except LogError:
            return  # refused with its reason, which other tests read
    quality = cleaned.quality
    assert quality.rows_read == rows
    assert quality.kept + quality.repaired + quality.joined + quality.left_out == rows
    lines = [line for own in quality.set_aside.values() for line in own] + cleaned.table["row"].to_list()
    assert len(lines) == len(set(lines)) == rows
    assert all(reason for reason in quality.set_aside)
    last = text.count("\n") + 1
    assert all(2 <= line <= last for line in lines)
    assert all(set(defect.rows) <= set(range(2, last + 1)) for defect in quality.defects)
    assert cleaned.table.filter(cleaned.table["seconds"] < 0).is_empty()
