"""Where Plantwright keeps on a computer what it can make again, and what the environment says of how that is made."""

from __future__ import annotations

import os
import sys
from pathlib import Path

CACHE_VARIABLE = "PLANTWRIGHT_CACHE_DIR"
"""The environment variable that names another cache folder."""


def cache_folder() -> Path:
    """The folder for what can be made again, such as the compiled engine; it need not exist.

    What `CACHE_VARIABLE` names; else the user's own: ``%LOCALAPPDATA%\\plantwright\\cache`` on Windows,
    ``~/Library/Caches/plantwright`` on macOS, ``$XDG_CACHE_HOME/plantwright`` or ``~/.cache/plantwright`` elsewhere.
    """
    if named := os.environ.get(CACHE_VARIABLE):
        return Path(named).expanduser().absolute()
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "plantwright" / "cache"
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "plantwright"
    # The standard for these folders has a relative name ignored.
    given = Path(os.environ.get("XDG_CACHE_HOME", ""))
    return (given if given.is_absolute() else Path.home() / ".cache") / "plantwright"


def compiler_settings() -> dict[str, str]:
    """What the environment tells numba, the compiler of the engine."""
    return {name: value for name, value in os.environ.items() if name.startswith("NUMBA_")}
