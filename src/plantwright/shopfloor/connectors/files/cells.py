"""The cells of a file, piece by piece."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

from plantwright.shopfloor.connectors.tables import TableError

if TYPE_CHECKING:
    import polars

ENDINGS = (".csv", ".txt", ".tsv", ".xlsx", ".parquet")
AT_ONCE = 50_000
LARGEST_WORKBOOK = 200_000_000
SEPARATORS = ",;\t|"


def pieces(path: Path, sheet: str = "") -> Iterator[polars.DataFrame]:
    """The rows of a file, some 50,000 at a time; texts as they stand in a text file. Raises TableError for what cannot be read."""
    import polars

    ending = path.suffix.lower()
    try:
        if ending == ".parquet":
            frame = polars.read_parquet(path)
        elif ending == ".xlsx":
            if path.stat().st_size > LARGEST_WORKBOOK:
                raise TableError("is larger than 200 MB; save it as CSV [PW5040]")
            frame = polars.read_excel(path, sheet_name=sheet or None, engine="openpyxl")
        else:
            frame = polars.read_csv(
                path,
                separator=_separator(path),
                infer_schema=False,
                truncate_ragged_lines=False,
                encoding=_encoding(path),
            )
    except TableError:
        raise
    except OSError as error:
        raise TableError(f"cannot be read: {error.strerror or error} [PW5040]") from error
    except Exception as error:
        # what polars and openpyxl raise for a file that is none has many kinds
        raise TableError(
            f"cannot be read: {str(error).splitlines()[0][:200] if str(error) else type(error).__name__} [PW5040]"
        ) from error
    if not frame.width or not frame.height:
        raise TableError("holds no rows [PW5040]")
    yield from frame.iter_slices(AT_ONCE)


def _encoding(path: Path) -> str:
    with path.open("rb") as file:
        head = file.read(65_536)
    try:
        head.decode("utf-8")
    except UnicodeDecodeError as error:
        if error.end < len(head) - 4:
            return "cp1252"
    return "utf8"


def _separator(path: Path) -> str:
    """The sign that parts the cells: the one that the first line holds most often."""
    with path.open("rb") as file:
        line = file.readline(65_536).decode("utf-8", "replace")
    return max(SEPARATORS, key=line.count)
