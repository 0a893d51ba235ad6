"""Tables of results as an Excel workbook."""

from __future__ import annotations

import io
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import polars


WIDEST, NARROWEST = 60, 8
"""Widths of columns, in characters."""


def frame_workbook(frame: polars.DataFrame, title: str = "results") -> bytes:
    """A Polars frame as the bytes of a workbook with one sheet, headings in bold and frozen."""
    return frames_workbook({title: frame})


def frames_workbook(frames: Mapping[str, polars.DataFrame]) -> bytes:
    """Polars frames as the bytes of a workbook, a sheet for each by its name; empty ones are left out, if there is another."""
    import openpyxl

    workbook = openpyxl.Workbook()
    workbook.remove(workbook.active)
    shown = {title: frame for title, frame in frames.items() if frame.height} or dict(frames)
    for title, frame in shown.items():
        _fill(workbook.create_sheet(title[:31]), frame)
    buffer = io.BytesIO()
    workbook.save(buffer)
    return buffer.getvalue()


def _fill(sheet: Any, frame: polars.DataFrame) -> None:
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE
    from openpyxl.styles import Alignment, Font

    sheet.append(frame.columns)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, row in enumerate(frame.iter_rows(), 2):
        for column, value in enumerate(row, 1):
            shown = ", ".join(map(str, value)) if isinstance(value, list) else value
            if isinstance(shown, str):
                shown = ILLEGAL_CHARACTERS_RE.sub(" ", shown)
            cell = sheet.cell(number, column, shown)
            if isinstance(shown, str):
                # A text that begins with "=" is a text, and never a formula.
                cell.data_type = "s"
                cell.alignment = Alignment(wrap_text=len(shown) > WIDEST, vertical="top")
    sheet.freeze_panes = "A2"
    for number, name in enumerate(frame.columns, 1):
        longest = max(
            (len(f"{value:.6g}" if isinstance(value, float) else str(value)) for value in frame[name]), default=0
        )
        width = max(NARROWEST, min(WIDEST, max(len(name), longest) + 2))
        sheet.column_dimensions[sheet.cell(1, number).column_letter].width = width
