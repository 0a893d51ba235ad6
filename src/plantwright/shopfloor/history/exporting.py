"""Export: readings of some tags and a window into a file that other programs read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TYPE_CHECKING, Literal
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plantwright.shopfloor.history import History, HistoryError
from plantwright.shopfloor.readings import Tag

if TYPE_CHECKING:
    import polars

ENDINGS = (".csv", ".parquet", ".xlsx")
MOST_ROWS_OF_A_SHEET = 1_048_575
QUALITIES = {0: "good", 1: "uncertain", 2: "bad", 3: "unavailable"}

Form = Literal["readings", "minutes"]


def check_output(path: Path) -> None:
    """Raise HistoryError where a file cannot be written, or its ending does not say how."""
    if path.suffix.lower() not in ENDINGS:
        raise HistoryError(f"{path}: what should be written? End it in {', '.join(ENDINGS)} [PW5104]")
    if not path.parent.is_dir():
        raise HistoryError(f"{path}: there is no folder {str(path.parent)!r}; make it first [PW5104]")


def instant_of(text: str, zone: str) -> int:
    """A time in ISO 8601 in nanoseconds since 1970; one without an offset is of a zone. Raises HistoryError where it is none."""
    try:
        at = datetime.fromisoformat(text)
        if at.tzinfo is None:
            at = at.replace(tzinfo=ZoneInfo(zone))
    except (ValueError, ZoneInfoNotFoundError, OSError) as error:
        raise HistoryError(
            f"{text!r} in {zone!r} is no time; write it as 2026-03-02T06:00, and the zone as Europe/Berlin [PW5103]"
        ) from error
    since = at - datetime(1970, 1, 1, tzinfo=UTC)
    return ((since.days * 86_400 + since.seconds) * 1_000_000 + since.microseconds) * 1_000


def chosen_tags(tags: Sequence[Tag], patterns: Sequence[str]) -> list[int]:
    """The ids of tags whose name or type fits a pattern. Raises HistoryError for a pattern that no tag fits."""
    found: dict[int, None] = {}
    for pattern in patterns or ["*"]:
        fits = [i for i, tag in enumerate(tags) if any(fnmatchcase(name, pattern) for name in (tag.name, *tag.kinds))]
        if not fits:
            from difflib import get_close_matches

            near = get_close_matches(pattern, [tag.name for tag in tags], 3)
            also = f"; near are {', '.join(near)}" if near else ""
            raise HistoryError(
                f"no tag fits {pattern!r}{also}; 'plantwright history info HISTORY --tags' lists them [PW5103]"
            )
        found.update(dict.fromkeys(fits))
    return list(found)


def export_frame(
    history: History, ids: Sequence[int], start: int, end: int, form: Form = "readings"
) -> polars.DataFrame:
    """Readings of some tags as a table: tag's name, time, value or text, quality, unit; or samples by minute."""
    import polars

    tags = history.tags()
    names = polars.DataFrame(
        {"tag": list(ids), "name": [tags[i].name for i in ids], "unit": [tags[i].unit for i in ids]},
        schema={"tag": polars.Int32, "name": polars.String, "unit": polars.String},
    )
    if form == "minutes":
        found = history.minutes(ids, start, end).join(names, on="tag", maintain_order="left")
        return found.select(
            polars.col("name").alias("tag"), "minute", "count", "least", "most", "mean", "first", "last", "unit"
        )
    quality = polars.col("quality").replace_strict(QUALITIES, default="bad", return_dtype=polars.String)
    numbers = history.samples([i for i in ids if tags[i].kind == "sample"], start, end)
    words = history.events([i for i in ids if tags[i].kind != "sample"], start, end)
    both = polars.concat(
        [
            numbers.with_columns(
                value=polars.col("value").fill_nan(None),
                text=polars.lit(None, polars.String),
                detail=polars.lit(None, polars.String),
            ).select("tag", "time", "value", "text", "detail", "quality"),
            words.rename({"value": "text"})
            .with_columns(value=polars.lit(None, polars.Float64))
            .select("tag", "time", "value", "text", "detail", "quality"),
        ]
    ).sort("tag", "time", maintain_order=True)
    return both.join(names, on="tag", maintain_order="left").select(
        polars.col("name").alias("tag"), "time", "value", "text", "unit", quality.alias("quality"), "detail"
    )


def write_export(frame: polars.DataFrame, path: Path) -> None:
    """Write a table; the file's ending says how. Raises HistoryError where it cannot be; nothing half-written is left."""
    check_output(path)
    if path.suffix.lower() == ".xlsx" and len(frame) > MOST_ROWS_OF_A_SHEET:
        raise HistoryError(
            f"{path}: {len(frame):,} rows, and a sheet holds {MOST_ROWS_OF_A_SHEET:,}; choose fewer tags, a shorter time, "
            "--minutes, or .parquet [PW5104]"
        )
    draft = path.with_name(f".{path.name}.new")
    try:
        _write(frame, draft, path.suffix.lower())
        draft.replace(path)
    except OSError as error:
        raise HistoryError(f"{path}: cannot be written: {error.strerror or error} [PW5104]") from error
    finally:
        draft.unlink(missing_ok=True)


def _write(frame: polars.DataFrame, path: Path, ending: str) -> None:
    import polars

    if ending == ".parquet":
        frame.write_parquet(path, compression="zstd")
        return
    times = [name for name in ("time", "minute") if name in frame.columns]
    if ending == ".csv":
        frame.with_columns(
            polars.col(name).dt.strftime("%Y-%m-%dT%H:%M:%S%.9fZ").str.replace(r"\.?0+Z$", "Z") for name in times
        ).write_csv(path)
        return
    from openpyxl import Workbook
    from openpyxl.cell import WriteOnlyCell
    from openpyxl.cell.cell import ILLEGAL_CHARACTERS_RE

    book = Workbook(write_only=True)
    sheet = book.create_sheet("readings")
    sheet.append(frame.columns)
    for row in frame.with_columns(
        polars.col(name).dt.replace_time_zone(None).dt.cast_time_unit("us") for name in times
    ).rows():
        cells: list[object] = []
        for value in row:
            cell = value
            if isinstance(value, str):  # a text is never a formula
                cell = WriteOnlyCell(sheet, ILLEGAL_CHARACTERS_RE.sub("\ufffd", value))
                cell.data_type = "s"
            cells.append(cell)
        sheet.append(cells)
    book.save(path)
