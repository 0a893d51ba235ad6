"""The log of a run as a file: Parquet, CSV or XES, written piece by piece, and there whole or not at all."""

from __future__ import annotations

import shutil
import tempfile
from abc import ABC, abstractmethod
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from types import TracebackType

    import polars


class LogFile(ABC):
    """A log that is being written, in a folder of its own beside its place, where it goes when it is complete.

    `write` takes the next rows; `complete` says that no more come. Leaving the ``with`` block puts the file in its place if it is
    complete and nothing went wrong; else nothing is left behind.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self.is_complete = False

    def __enter__(self) -> LogFile:
        self.folder = Path(tempfile.mkdtemp(dir=self.path.parent, prefix=f".{self.path.name}."))
        self._open()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            done = self._finish(kind is None and self.is_complete)
            if done is not None:
                done.chmod(0o644)
                done.replace(self.path)
        finally:
            shutil.rmtree(self.folder, ignore_errors=True)

    def complete(self) -> None:
        """Say that the log is whole."""
        self.is_complete = True

    @abstractmethod
    def _open(self) -> None: ...

    @abstractmethod
    def write(self, rows: polars.DataFrame) -> None:
        """Take the next rows, with the columns of `plantwright.simulation.Event` and ``timestamp``."""

    @abstractmethod
    def _finish(self, wanted: bool) -> Path | None:
        """Close what is open; the finished file, if it is wanted."""


class _CsvLog(LogFile):
    _file: BinaryIO

    def _open(self) -> None:
        self._begun = False
        self._file = (self.folder / "log.csv").open("wb")

    def write(self, rows: polars.DataFrame) -> None:
        rows.write_csv(self._file, include_header=not self._begun, datetime_format="%Y-%m-%dT%H:%M:%S%.6f%:z")
        self._begun = True

    def _finish(self, wanted: bool) -> Path | None:
        self._file.close()
        return self.folder / "log.csv" if wanted else None


class _ParquetLog(LogFile):
    def _open(self) -> None:
        self._parts: list[Path] = []

    def write(self, rows: polars.DataFrame) -> None:
        self._parts.append(self.folder / f"part {len(self._parts)}.parquet")
        rows.write_parquet(self._parts[-1])

    def _finish(self, wanted: bool) -> Path | None:
        if not wanted or not self._parts:
            return None
        import polars as pl

        whole = self.folder / "whole.parquet"
        pl.scan_parquet(self._parts).sink_parquet(whole)
        return whole


def log_file(path: Path, plant: str) -> LogFile:
    """A log file of the kind that the path's ending says (``.csv``, ``.parquet``, else XES); `plant` is its name."""
    if path.suffix.lower() == ".csv":
        return _CsvLog(path)
    if path.suffix.lower() == ".parquet":
        return _ParquetLog(path)
    from plantwright.exchange.xes import XesLog

    return XesLog(path, plant)
