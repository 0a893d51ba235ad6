"""A table of results as an Excel workbook."""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import polars


def frame_workbook(frame: polars.DataFrame, title: str = "results") -> bytes:
    """A Polars frame as the bytes of a workbook with one sheet, headings in bold and frozen."""
    import openpyxl
    from openpyxl.styles import Font

    workbook = openpyxl.Workbook()
    sheet = workbook.active
    sheet.title = title
    sheet.append(frame.columns)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for row in frame.iter_rows():
        sheet.append([", ".join(map(str, value)) if isinstance(value, list) else value for value in row])
    sheet.freeze_panes = "A2"
    for number, name in enumerate(frame.columns, 1):
        sheet.column_dimensions[sheet.cell(1, number).column_letter].width = max(12, min(48, len(name) + 4))
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()
