"""Texts into numbers and instants, by the column where all are plain and one by one where they are not."""

from __future__ import annotations

import calendar
import re
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt

from plantwright.shopfloor.readings import NANOSECONDS, Instants, Values

UNAVAILABLE = "UNAVAILABLE"

NO_INSTANT = np.iinfo(np.int64).min
"""Stands in a column of instants for a text that is none."""

_INSTANT = re.compile(
    r"(\d{4}-\d\d-\d\d)[Tt ](\d\d):(\d\d):(\d\d)(?:[.,](\d{1,30}))?(?:[Zz]|([+-])(\d\d):?(\d\d))?", re.ASCII
)
_NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,5})?", re.ASCII)


def instant(text: str) -> int | None:
    """An ISO 8601 instant in nanoseconds since 1970, UTC where no zone is said; None where the text is none."""
    found = _INSTANT.fullmatch(text)
    if found is None:
        return None
    day, hour, minute, second, fraction, sign, zone_hours, zone_minutes = found.groups()
    midnight = _midnight(day)
    if midnight is None or int(hour) > 24 or int(minute) > 59 or int(second) > 60:
        return None
    seconds = midnight + int(hour) * 3600 + int(minute) * 60 + int(second)
    if sign:
        seconds -= (1 if sign == "+" else -1) * (int(zone_hours) * 3600 + int(zone_minutes) * 60)
    return seconds * NANOSECONDS + (int(fraction[:9].ljust(9, "0")) if fraction else 0)


@lru_cache(maxsize=4096)
def _midnight(day: str) -> int | None:
    """Seconds since 1970 at the beginning of a day that nanoseconds can hold."""
    year, month, date = int(day[:4]), int(day[5:7]), int(day[8:])
    if not (1700 <= year <= 2250 and 1 <= month <= 12 and 1 <= date <= calendar.monthrange(year, month)[1]):
        return None
    return calendar.timegm((year, month, date, 0, 0, 0))


def instants(texts: Sequence[str | None]) -> Instants:
    """A column of instants, `NO_INSTANT` where a text is none."""
    import pyarrow

    if not texts:
        return np.empty(0, np.int64)
    try:
        column = pyarrow.array(texts, pyarrow.string()).cast(pyarrow.timestamp("ns", "UTC"))
        if not column.null_count:
            found: Instants = column.cast(pyarrow.int64()).to_numpy()
            return found
    except (pyarrow.ArrowException, UnicodeError):
        pass
    each = ((NO_INSTANT if text is None or (at := instant(text)) is None else at) for text in texts)
    return np.fromiter(each, np.int64, len(texts))


def number(text: str | None) -> float | None:
    """A finite number, None where the text is none."""
    if text is None or _NUMBER.fullmatch(stripped := text.strip()) is None:
        return None
    found = float(stripped)
    return found if abs(found) != float("inf") else None


def numbers(texts: Sequence[str | None]) -> tuple[Values, npt.NDArray[np.bool_], list[int]]:
    """A column of numbers (NaN where there is none), where it says unavailable, and the rows of texts that are neither."""
    import pyarrow
    from pyarrow import compute

    try:
        column = pyarrow.array(texts, pyarrow.string())
        missing = compute.equal(column, UNAVAILABLE)
        cast = compute.if_else(missing, None, column).cast(pyarrow.float64())
        values = cast.to_numpy(zero_copy_only=False).astype(np.float64)
        if not column.null_count and np.isfinite(values[~(known := missing.to_numpy(zero_copy_only=False))]).all():
            return values, known, []
    except (pyarrow.ArrowException, UnicodeError):
        pass
    return _one_by_one(texts)


def _one_by_one(texts: Sequence[str | None]) -> tuple[Values, npt.NDArray[np.bool_], list[int]]:
    values, missing = np.full(len(texts), np.nan), np.zeros(len(texts), bool)
    wrong = []
    for row, text in enumerate(texts):
        if (found := number(text)) is not None:
            values[row] = found
        elif text is not None and text.strip().upper() == UNAVAILABLE:
            missing[row] = True
        else:
            wrong.append(row)
    return values, missing, wrong


def whole(text: str | None) -> int | None:
    """A whole number that 63 bits hold, not below zero; None where the text is none."""
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else None
