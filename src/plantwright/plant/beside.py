"""Files beside a plant: tables that live in its folder, and nowhere else."""

from __future__ import annotations

import codecs
import stat
from dataclasses import dataclass, field
from difflib import get_close_matches
from pathlib import Path, PurePosixPath, PureWindowsPath

from plantwright.errors import Place, PlantError, Problem
from plantwright.plant.document import LARGEST_FILE


def text_of(path: Path) -> str:
    """The text of a file of at most 10 MB in UTF-8 (or UTF-16 with its mark). Raises PlantError."""
    return decoded(path)[0]


def decoded(path: Path) -> tuple[str, str]:
    """The text of a file, and the encoding in which it gives the same bytes again. Raises PlantError as `text_of`."""

    def refuse(code: str, reason: str) -> PlantError:
        return PlantError([Problem(code, Place(path.name), "", reason)])

    try:
        status = path.stat()
        if stat.S_ISDIR(status.st_mode):
            raise refuse("PW1200", "is a folder; name the plant file in it")
        if not stat.S_ISREG(status.st_mode):
            raise refuse("PW1200", "is not a file")
        if status.st_size > LARGEST_FILE:
            raise refuse("PW1201", f"is {status.st_size / 1e6:.0f} MB; at most {LARGEST_FILE // 1_000_000} MB are read")
        data = path.read_bytes()
    except FileNotFoundError as error:
        raise not_there(path) from error
    except (OSError, ValueError) as error:  # a name with a NUL is a ValueError
        raise refuse("PW1200", f"cannot be read: {getattr(error, 'strerror', None) or error}") from error
    encoding = next((name for mark, name in _MARKS.items() if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        said = encoding.removesuffix("-sig").upper()[:6].rstrip("-")
        raise refuse("PW1202", f"is not text in {said} (byte {error.start}); save it as UTF-8") from error
    if "\0" in text:
        raise refuse("PW1202", "is not a text file")
    return text.removeprefix("\ufeff"), encoding


def not_there(path: Path) -> PlantError:
    """The error for a file that is not there, with the one in the same folder that was most likely meant."""
    try:
        names = [other.name for other in path.parent.iterdir() if other.suffix in (".yaml", ".yml", ".xlsx", ".csv")]
    except OSError:
        names = []
    near = next(iter(get_close_matches(path.name, names, 1)), None)
    return PlantError([Problem("PW1200", Place(path.name), "", "is not there", suggestion=near)])


_MARKS = {
    b"\xef\xbb\xbf": "utf-8-sig",
    # Python writes UTF-16 with its mark in the order of this machine; the other order has a name of its own.
    codecs.BOM_UTF16: "utf-16",
    b"\xff\xfe": "utf-16-le",
    b"\xfe\xff": "utf-16-be",
}


@dataclass
class Beside:
    """The folder of a plant. ``texts`` holds what was read, so that a plant is read once and can be moved."""

    folder: Path | None = None
    texts: dict[str, str] = field(default_factory=dict)

    def text(self, name: str) -> str:
        """The text of a file in the plant's own folder. Raises PlantError for a path that leads out of it."""
        if name in self.texts:
            return self.texts[name]
        self.texts[name] = text_of(self.path(name))
        return self.texts[name]

    def path(self, name: str) -> Path:
        """Where a file in the plant's own folder lies. Raises PlantError where there is none, or the path leads out of it."""
        inside = self.named(name)
        if self.folder is None:
            raise self._refuse(name, "cannot be found: this plant has no folder")
        path = self.folder / inside
        try:
            there = path.is_file()
        except OSError:  # such as a name that is too long
            there = False
        if not there:
            raise self._refuse(name, "is not in the plant's folder", self._near(inside))
        if not path.resolve().is_relative_to(self.folder.resolve()):
            raise self._refuse(name, "is a link out of the plant's folder")
        return path

    def named(self, name: str) -> str:
        """The name of a file in the plant's own folder, with strokes as on every system. Raises PlantError if it leads out of it."""
        windows = PureWindowsPath(name)
        if PurePosixPath(name).is_absolute() or windows.is_absolute() or windows.drive or ".." in windows.parts:
            raise self._refuse(name, "leads out of the plant's folder; a file beside it is named by its path inside")
        return windows.as_posix()

    def _near(self, name: str) -> str | None:
        """The file that was most likely meant."""
        assert self.folder is not None
        wanted = self.folder / name
        try:
            names = [path.name for path in wanted.parent.iterdir() if path.name != wanted.name]
        except OSError:
            return None
        near = get_close_matches(wanted.name, names, 1)
        return wanted.with_name(near[0]).relative_to(self.folder).as_posix() if near else None

    def _refuse(self, name: str, reason: str, near: str | None = None) -> PlantError:
        return PlantError([Problem("PW1212", Place(name), "", f"{name!r} {reason}", name, near)])
