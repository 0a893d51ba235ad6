"""Names as people type them: blanks made regular, the operation told from the machine."""

from __future__ import annotations

import re

_MACHINE = re.compile(r"\bmachine\s*(\d+\w?)\b", re.IGNORECASE)
_MACHINE_WORD = re.compile(r"\s*-?\s*\b(?:machine|mach\.?|mc|m/c)\s*#?\d+\w?\b\s*-?\s*", re.IGNORECASE)
_SETUP = re.compile(r"^\s*set[\s-]?up\b[\s:-]*", re.IGNORECASE)
_REWORK = re.compile(r"\b(?:rework|fix|repair of part)\b", re.IGNORECASE)
_LUMPED = ("other", "others", "rare", "misc", "unknown", "sonstige")


def tidy(name: str) -> str:
    """One blank where several stand, and one on each side of a dash that stands between words."""
    return re.sub(r"\s+-\s*|\s*-\s+", " - ", " ".join(name.split()))


def machine_number(name: str) -> str | None:
    """``Turning - Machine 8`` to ``8``."""
    match = _MACHINE.search(name)
    return match[1] if match else None


def operation_name(activity: str) -> str:
    """What is done, without on which machine and without the word setup: ``SETUP Turning & Milling - Machine 5`` to ``Turning
    & Milling``; empty where nothing else is said.
    """
    return _MACHINE_WORD.sub(" ", _SETUP.sub("", tidy(activity))).strip(" -")


def is_rework(activity: str) -> bool:
    """Whether the name of an activity says that something is done again."""
    return _REWORK.search(activity) is not None


def is_lumped(name: str | None) -> bool:
    """Whether a name stands for several that somebody merged."""
    return name is not None and name.strip().lower() in _LUMPED
