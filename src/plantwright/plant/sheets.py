"""The sheets of a workbook: their columns in the words of a shop, and one to fill in with examples in grey."""

from __future__ import annotations

import io
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

EXAMPLE_COLOUR = "8A8A8A"
_WRITTEN_ON = datetime(2026, 1, 1)  # so that the same rows make the same file


@dataclass(frozen=True)
class Column:
    """A column of a sheet.

    Its heading and others that mean the same; what to write there; the cells of the example rows; what a bare number is
    counted in; whether every row needs it; whether it is money, and per what.
    """

    name: str
    help: str
    examples: tuple[Any, ...] = ()
    unit: str = ""
    also: tuple[str, ...] = ()
    needed: bool = False
    width: int = 18
    money: bool = False
    per: str = ""
    form: str = ""
    choices: str = ""


_DAY = "Mon-Fri 07:00-15:00, break 11:00-11:30"
_RELEASED = datetime(2026, 1, 5, 7)
_ORDERS = 24
"""Example orders: two a week for twelve weeks."""

TITLES = {
    "machines": "One row for each group of machines that can stand in for each other.",
    "people": "One row for each person, or for each crew of people who are alike. Leave the sheet empty if people are never short.",
    "routings": "One row for each step of each product, from first to last, with its standard times.",
    "orders": "One row for each order.",
    "totals": "What you know of the shop as a whole; it is compared with what is simulated.",
}
HOW = "Write over the grey rows: they are examples, and not read beside rows of yours. A column with a star is needed; others may stay empty."

SHEETS: dict[str, tuple[Column, ...]] = {
    "machines": (
        Column("work center", "name of the group", ("lathe", "mill", "inspection"), needed=True,
               also=("machine group", "workcenter", "work centre", "machine")),
        Column("how many", "machines in it; empty: 1", (2, 1, 1), also=("machines", "number", "count"), width=11),
        Column("hours", "days, from-to, breaks; empty: always", (_DAY, _DAY, _DAY), also=("shift", "working hours"), width=42),
        Column("places in front", "lots that find a place before it; empty: no limit", ("", 6, ""), "lots", ("buffer",), width=20),
        Column("runs between failures", "hours of work; a mean as 'exponential 80 h'; empty: never fails", ("exponential 80 h", "", ""), "h",
               ("mtbf",), width=26),
        Column("repair", "hours that one takes", (2, "", ""), "h", ("mttr", "repair time")),
        Column("price of one more", "with its currency, if you know it", ("85 kUSD", "140 kUSD", ""), also=("price",), money=True),
        Column("which lot next", "FIFO, EDD (earliest due date), SPT (shortest), LIFO; empty: FIFO", ("EDD", "", ""),
               also=("rule", "dispatch rule"), width=22, choices='"FIFO,EDD,SPT,LIFO"'),
    ),
    "people": (
        Column("person or crew", "name", ("turners", "inspector"), needed=True, also=("person", "crew", "name")),
        Column("how many", "people in it; empty: 1", (2, 1), also=("count", "number", "people"), width=11),
        Column("hours", "days, from-to, breaks; empty: always", (_DAY, _DAY), also=("shift", "working hours"), width=42),
        Column("skills", "with level 1 (learns) to 4 (teaches), commas between", ("turning 3, milling 2", "inspecting 3"), also=("skill",), width=30),
        Column("wage per hour", "with its currency, if you want money in the answer", ("29 USD", "33 USD"), also=("wage", "pay"), money=True,
               per="/h"),
        Column("absence", "share of their time, in percent", (), "%", form="0.0%", width=12),
    ),
    "routings": (
        Column("product", "what is made", ("shaft", "shaft", "shaft", "bracket", "bracket"), needed=True, also=("part", "item")),
        Column("step", "a name of its own for each step", ("turn", "mill", "inspect", "mill", "inspect"), needed=True, also=("operation",)),
        Column("work center", "a name from the sheet machines", ("lathe", "mill", "inspection", "mill", "inspection"), needed=True,
               also=("machine", "workcenter", "work centre"), choices="machines!$A$4:$A$1000"),
        Column("setup minutes", "before the first piece of another product", (75, 40, "", 30, ""), "min", ("setup", "set-up minutes"), width=20),
        Column("minutes per piece", "standard time; or '20 s', or 'triangular 8..10..15 min'", (12, 7, 2, 9, 1.5), "min",
               ("standard time", "time per piece", "run minutes", "standard minutes"), needed=True, width=26),
        Column("skill", "who does it: a skill and its least level", ("turning 2", "milling 2", "inspecting 2", "milling 2", "inspecting 2"),
               also=("staff",), width=20),
        Column("yield", "good share, in percent; empty: all", (0.98, "", "", 0.97, ""), "%", form="0.0%", width=14),
    ),
    "orders": (
        Column("order", "its number", tuple(f"A-{1001 + k}" for k in range(_ORDERS)), needed=True, also=("order number", "job")),
        Column("product", "a name from the sheet routings", tuple(("shaft", "bracket")[k % 2] for k in range(_ORDERS)), needed=True,
               also=("part", "item"), choices="routings!$A$4:$A$1000"),
        Column("quantity", "pieces", tuple((140, 130)[k % 2] for k in range(_ORDERS)), also=("qty", "pieces"), needed=True, width=12),
        Column("release", "date on which work on it may begin", tuple(_RELEASED + timedelta(days=7 * (k // 2) + 2 * (k % 2)) for k in range(_ORDERS)),
               also=("start", "release date"), needed=True, form="yyyy-mm-dd hh:mm"),
        Column("due", "date on which it is promised", tuple(_RELEASED + timedelta(days=7 * (k // 2) + 2 * (k % 2) + 9) for k in range(_ORDERS)),
               also=("due date", "promised"), form="yyyy-mm-dd hh:mm"),
        Column("priority", "a number; higher goes first", width=12),
    ),
    "totals": (
        Column("what", "throughput, cycle time, late, work in process", ("throughput",), needed=True),
        Column("value", "what you know: 120 jobs/mo, 3 wk, 20 %, 60 lots", ("120 jobs/mo",), needed=True, also=("how much",)),
    ),
}  # fmt: skip
WRITTEN = ("machines", "people", "routings", "orders")
FIRST_ROW = 4
"""The first row to fill in: below what the sheet is for, the headings, and what to write under each."""


def example_rows(name: str) -> list[dict[str, Any]]:
    """The rows of a sheet that are written in grey."""
    columns = SHEETS[name]
    count = max(len(column.examples) for column in columns)
    return [
        {c.name: c.examples[row] for c in columns if row < len(c.examples) and c.examples[row] != ""}
        for row in range(count)
    ]


def workbook_bytes(rows: Mapping[str, Sequence[Mapping[str, Any]]] | None = None) -> bytes:
    """A workbook with four sheets: what each is for, headings, what to write under each, and rows; examples in grey if none."""
    import openpyxl

    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    workbook.properties.creator = "Plantwright"
    workbook.properties.created = workbook.properties.modified = _WRITTEN_ON
    for name in [*WRITTEN, *(["totals"] if rows and "totals" in rows else [])]:
        sheet = workbook.create_sheet(name)
        _head(sheet, name, examples=rows is None)
        if rows is None:
            _fill(sheet, name, example_rows(name), grey=True)
        else:
            _fill(sheet, name, rows.get(name, ()), grey=False)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _head(sheet: Any, name: str, examples: bool) -> None:
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill

    sheet.cell(1, 1, f"{TITLES[name]} {HOW}" if examples else TITLES[name]).font = Font(bold=True)
    for number, column in enumerate(SHEETS[name], 1):
        cell = sheet.cell(2, number, f"{column.name} *" if column.needed else column.name)
        cell.font = Font(bold=True, color="FFFFFF")
        cell.fill = PatternFill("solid", fgColor="1F4E79")
        cell.alignment = Alignment(wrap_text=True, vertical="center")
        cell.comment = Comment(_note(column), "Plantwright", height=110, width=280)
        below = sheet.cell(3, number, column.help)
        below.font = Font(italic=True, size=9, color="595959")
        below.fill = PatternFill("solid", fgColor="DDE7F0")
        below.alignment = Alignment(wrap_text=True, vertical="top")
        sheet.column_dimensions[cell.column_letter].width = column.width
        if column.form:
            sheet.column_dimensions[cell.column_letter].number_format = column.form
        _validate(sheet, column, cell.column_letter)
    sheet.row_dimensions[3].height = 38
    sheet.freeze_panes = f"B{FIRST_ROW}"


def _note(column: Column) -> str:
    lines = [column.help[0].upper() + column.help[1:] + "."]
    if column.unit:
        unit = {"min": "minutes", "h": "hours", "%": "percent"}.get(column.unit, column.unit)
        lines.append(f"A bare number counts {unit}; you may write another unit behind it.")
    lines.append("Needed." if column.needed else "May stay empty.")
    if column.also:
        lines.append(f"You may call this column: {', '.join(column.also)}.")
    return "\n".join(lines)


def _validate(sheet: Any, column: Column, letter: str) -> None:
    """A list to choose from, or a kind of number: a warning in the sheet, so that nothing is forbidden there."""
    from openpyxl.worksheet.datavalidation import DataValidation

    cells = f"{letter}{FIRST_ROW}:{letter}1000"
    if column.choices:
        check = DataValidation(type="list", formula1=column.choices, allow_blank=True)
    elif column.name == "how many":
        check = DataValidation(type="whole", operator="greaterThanOrEqual", formula1="1", allow_blank=True)
    elif column.name == "quantity":
        check = DataValidation(type="decimal", operator="greaterThan", formula1="0", allow_blank=True)
    else:
        return
    check.errorStyle, check.errorTitle, check.error = "warning", column.name, column.help
    sheet.add_data_validation(check)
    check.add(cells)


def _fill(sheet: Any, name: str, rows: Sequence[Mapping[str, Any]], grey: bool) -> None:
    from openpyxl.styles import Font

    for at, row in enumerate(rows, FIRST_ROW):
        for number, column in enumerate(SHEETS[name], 1):
            value = row.get(column.name)
            if value in ("", None):
                continue
            cell = sheet.cell(at, number, value)
            if column.form:
                cell.number_format = column.form
            if grey:
                cell.font = Font(italic=True, color=f"FF{EXAMPLE_COLOUR}")
