"""What numbers look like in a plant file, as patterns of its JSON Schema: an editor marks a wrong unit while it is typed.

The patterns are wider than the readers: they let pass what only the reader can tell (a range that falls, a currency that is not
the plant's), and never refuse what the reader takes.
"""

from __future__ import annotations

import re

from plantwright.plant.quantities import CHANCES
from plantwright.units import UNITS

_NUMBER = r"[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?"
_GUESS = r"(\s+guess(\s+.*)?)?"
_CHANCE = rf"({'|'.join(CHANCES)}) .+"


def _whole(inside: str) -> str:
    return rf"^\s*({inside}|{_CHANCE}){_GUESS}\s*$"


def _units(kind: str) -> str:
    words = ["%"] if kind == "share" else sorted(UNITS[kind], key=len, reverse=True)
    return "(" + "|".join(re.escape(word).replace("\\ ", " ") for word in words) + ")"


def number_pattern() -> str:
    """A plain number."""
    return _whole(_NUMBER)


def quantity_pattern(kind: str) -> str:
    """A number with a unit of a kind."""
    return _whole(rf"{_NUMBER}\s*{_units(kind)}")


def random_pattern(per: bool = False) -> str:
    """A time, or a count of pieces for a clock that counts; `per` where it says of what."""
    below = r"(\s*/.*)?" if per else ""
    words = "" if per else r"|(pieces?|lots?|cycles?)"
    return _whole(rf"{_NUMBER}\s*({_units('duration')}{words}){below}")


def money_pattern(per: bool) -> str:
    """An amount of money, or one per something."""
    return _whole(rf"{_NUMBER}\s*[kM]?[A-Z]{{3}}" + (r"(\s*/.+)?" if per else ""))


def amount_pattern() -> str:
    """A count of something."""
    return _whole(rf"{_NUMBER}\s*[^\s\d].*")


def stock_pattern() -> str:
    """An amount of a material, or a bare count of pieces."""
    return _whole(rf"{_NUMBER}\s*([^\s\d].*)?")


def rate_pattern() -> str:
    """A count of something per a span of time."""
    return _whole(rf"{_NUMBER}\s*[^\s\d][^/]*/.+")


def time_pattern() -> str:
    """A time with what it counts."""
    return random_pattern(per=True)


CLOCK = r"^\s*\d{1,2}:\d{2}(:\d{2})?\s*$"
SPAN = r"^\s*\d{1,2}:\d{2}(:\d{2})?\s*-\s*\d{1,2}:\d{2}(:\d{2})?\s*$"
