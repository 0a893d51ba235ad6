"""The sheets of a workbook: their columns in the words of a shop, and an empty one with examples in grey."""

from __future__ import annotations

import io
from dataclasses import dataclass
from typing import Any

EXAMPLE_COLOUR = "9A9A9A"


@dataclass(frozen=True)
class Column:
    """A column: its heading, other headings that mean the same, what a bare number is counted in, what to write there."""

    name: str
    help: str
    example: Any = ""
    unit: str = ""
    also: tuple[str, ...] = ()
    needed: bool = False
    width: int = 18


SHEETS: dict[str, tuple[Column, ...]] = {
    "machines": (
        Column("work center", "a group of machines that can stand in for each other", "lathe", needed=True,
               also=("machine group", "workcenter", "work centre", "machine")),
        Column("how many", "machines in the group", 2, also=("machines", "number", "count")),
        Column("hours", "when they run", "Mon-Fri 07:00-15:00, break 11:00-11:30", also=("shift", "working hours"), width=40),
        Column("places in front", "lots that find a place before it; empty: no limit", "", "lots", ("buffer",)),
        Column("runs between failures", "hours of work between failures", "exponential 80 h", "h", ("mtbf",), width=24),
        Column("repair", "how long a repair takes", "2 h", "h", ("mttr", "repair time")),
        Column("price of one more", "if you know it", "85 kUSD", also=("price",)),
        Column("which lot next", "FIFO or EDD; empty: FIFO", "EDD", also=("rule", "dispatch rule")),
    ),
    "people": (
        Column("person or crew", "one, or several who are alike", "turners", needed=True, also=("person", "crew", "name")),
        Column("how many", "people", 2, also=("count", "number")),
        Column("hours", "when they are there", "Mon-Fri 07:00-15:00, break 11:00-11:30", also=("shift", "working hours"), width=40),
        Column("skills", "with level 1 to 4, separated by commas", "turning 3, milling 2", also=("skill",), width=30),
        Column("wage per hour", "if you want money in the answer", "29 USD/h", also=("wage", "pay")),
        Column("absence", "share of time that they do not come", "", "%"),
    ),
    "routings": (
        Column("product", "what is made", "shaft", needed=True, also=("part", "item")),
        Column("step", "its steps, from first to last", "turn", needed=True, also=("operation",)),
        Column("work center", "where it is done", "lathe", needed=True, also=("machine", "workcenter", "work centre")),
        Column("setup minutes", "before the first piece of another product", 75, "min", ("setup", "set-up minutes")),
        Column("minutes per piece", "standard time", 12, "min", ("standard time", "time per piece", "run minutes"), needed=True),
        Column("skill", "who does it: skill and level", "turning 2", also=("staff",)),
        Column("yield", "good share", "98 %", "%"),
    ),
    "orders": (
        Column("order", "its number", "A-1001", needed=True, also=("order number", "job")),
        Column("product", "as on the sheet routings", "shaft", needed=True, also=("part", "item")),
        Column("quantity", "pieces", 25, also=("qty", "pieces"), needed=True),
        Column("release", "when work on it may begin", "2026-01-05 07:00", also=("start", "release date"), needed=True),
        Column("due", "when it is promised", "2026-01-16", also=("due date", "promised")),
        Column("priority", "higher goes first", ""),
    ),
    "totals": (
        Column("what", "throughput, cycle time, late, work in process", "throughput", needed=True),
        Column("value", "what you know: 120 jobs/mo, 3 wk, 20 %, 60 lots", "120 jobs/mo", needed=True, also=("how much",)),
    ),
}  # fmt: skip
WRITTEN = ("machines", "people", "routings", "orders")


def workbook_bytes(rows: dict[str, list[dict[str, Any]]] | None = None) -> bytes:
    """A workbook with four sheets: each with headings, a note on each heading, and its rows, or one example row in grey."""
    import openpyxl
    from openpyxl.comments import Comment
    from openpyxl.styles import Alignment, Font, PatternFill
    from openpyxl.worksheet.datavalidation import DataValidation

    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    for name in [*WRITTEN, *(["totals"] if rows and "totals" in rows else [])]:
        sheet = workbook.create_sheet(name)
        columns = SHEETS[name]
        for number, column in enumerate(columns, 1):
            cell = sheet.cell(1, number, column.name)
            cell.font = Font(bold=True, color="FFFFFF")
            cell.fill = PatternFill("solid", fgColor="1F4E79")
            cell.alignment = Alignment(wrap_text=True)
            cell.comment = Comment(column.help, "Plantwright")
            sheet.column_dimensions[cell.column_letter].width = column.width
            given = [row.get(column.name) for row in rows[name]] if rows and name in rows else [column.example]
            for at, value in enumerate(given, 2):
                if value not in ("", None):
                    written = sheet.cell(at, number, value)
                    if not (rows and name in rows):
                        written.font = Font(italic=True, color=f"FF{EXAMPLE_COLOUR}")
        sheet.freeze_panes = "A2"
        for heading, choices in (("which lot next", '"FIFO,EDD,SPT,LIFO"'),):
            for number, column in enumerate(columns, 1):
                if column.name == heading:
                    letter = sheet.cell(1, number).column_letter
                    check = DataValidation(type="list", formula1=choices, allow_blank=True)
                    sheet.add_data_validation(check)
                    check.add(f"{letter}2:{letter}500")
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()
