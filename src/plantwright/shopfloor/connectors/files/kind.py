"""The connector ``files``: a folder in which files are dropped."""

from __future__ import annotations

import os
import shutil
import zlib
from dataclasses import dataclass, field
from fnmatch import fnmatch
from pathlib import Path
from typing import Any

from plantwright.plant.readers import Quantity, Text
from plantwright.plant.structures import Word
from plantwright.shopfloor.config import FilePath
from plantwright.shopfloor.connectors import ConnectionLost, ConnectorKind, Inlet
from plantwright.shopfloor.connectors.files.cells import ENDINGS, pieces
from plantwright.shopfloor.connectors.tables import TABLE_WORDS, TableError, TableReader, TableShape, shape_of

DONE, FAILED = "done", "failed"


@dataclass(frozen=True)
class FolderOfFiles:
    """Reads each file in a folder once, in the order of their names; then it is moved to ``done`` beside it, or to ``failed``.

    A file that is written yet is left until it has not changed for `settled` seconds. Where the collector stops within a file it goes on
    behind the last row that is kept.
    """

    name: str
    folder: Path
    shape: TableShape = field(default_factory=TableShape)
    pattern: str = "*"
    sheet: str = ""
    every: float = 2.0
    settled: float = 2.0
    once: bool = False

    def run(self, inlet: Inlet) -> None:
        """Read what is there and what comes."""
        seen: dict[Path, tuple[int, int]] = {}
        reader = TableReader(self.name, self.shape)
        while not inlet.stopping.is_set():
            waiting = 0
            for path in self._files():
                state = path.stat().st_size, path.stat().st_mtime_ns
                if seen.get(path) != state and self.settled:
                    seen[path] = state
                    waiting += 1
                elif not self._read(path, reader, inlet):
                    return
            inlet.alive()
            if self.once and not waiting:
                return
            inlet.stopping.wait(self.settled if waiting else self.every)

    def _files(self) -> list[Path]:
        try:
            there = sorted(self.folder.iterdir())
        except OSError as error:
            raise ConnectionLost(f"the folder {self.folder} cannot be read: {error.strerror or error}") from error
        return [
            p
            for p in there
            if p.suffix.lower() in ENDINGS
            and p.is_file()
            and not p.name.startswith((".", "~$"))
            and fnmatch(p.name, self.pattern)
        ]

    def _read(self, path: Path, reader: TableReader, inlet: Inlet) -> bool:
        """Read a file and move it; false where the collector stopped within it."""
        mark = _mark(path)
        before = inlet.resume or {}
        skip = int(before.get("rows", 0)) if before.get("file") == mark else 0
        row = 0
        try:
            for piece in pieces(path, self.sheet):
                if inlet.stopping.is_set():
                    return False
                row += piece.height
                if row > skip:
                    reader.put(piece, inlet, {"file": mark, "rows": row})
        except TableError as error:
            inlet.note("PW5040", f"{path.name}: {str(error).removesuffix(' [PW5040]')}; it is moved to {FAILED!r}")
            self._move(path, FAILED)
            return True
        if not inlet.flush():
            return False
        self._move(path, DONE)
        return True

    def _move(self, path: Path, where: str) -> None:
        target = self.folder / where / path.name
        target.parent.mkdir(exist_ok=True)
        number = 1
        while target.exists():
            number += 1
            target = self.folder / where / f"{path.stem} ({number}){path.suffix}"
        shutil.move(os.fspath(path), target)


def _mark(path: Path) -> str:
    """What tells a file from others of its name: its size and how it begins and ends."""
    with path.open("rb") as file:
        head = file.read(4096)
        file.seek(-min(4096, path.stat().st_size), os.SEEK_END)
        tail = file.read()
    return f"{path.name} {path.stat().st_size} {zlib.crc32(tail, zlib.crc32(head)):08x}"


def _make(name: str, folder: Path, **values: Any) -> FolderOfFiles:
    shape = shape_of(values)
    return FolderOfFiles(name, folder, shape, **values)


KIND = ConnectorKind(
    "files",
    "reads CSV, Excel and Parquet files that are dropped in a folder",
    (
        Word("folder", FilePath(), "", "drop", "the folder in which files are dropped", needed=True),
        Word("pattern", Text(), "", "mill*.csv", "the files that are read", "all of its kinds"),
        Word("sheet", Text(), "", "readings", "the sheet of a workbook", "the first"),
        Word("every", Quantity("duration"), "", "2 s", "how often the folder is looked at", "2 s"),
        Word("settled", Quantity("duration"), "", "2 s", "a file that changed within so long is not read yet", "2 s"),
        *TABLE_WORDS,
    ),
    _make,
    live=False,
)
