"""How readings are packed into columns of Parquet, so that they take little room and come back to the bit.

A value that is a decimal number of a few places is kept as whole ``digits``, which hardly differ from one reading to the next, and the
power of ten ``per`` that divides them: both are exact in a double, so that their quotient rounds to the very double that was read. Any
other value is kept as it is (``real``). A time is kept in ``step`` of nanoseconds, the coarsest of which all of a tag's times are multiples.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from plantwright.shopfloor.readings import Events, Samples, Values

if TYPE_CHECKING:
    import pyarrow

STEPS = (1_000_000_000, 1_000_000, 1_000)
MOST_PLACES = 9
EXACT = 2.0**53
SAMPLE = 64
FEWEST_DECIMALS = 0.8
"""Where less of a tag's values are decimals, all are kept as they are."""


def pack_samples(samples: Samples) -> pyarrow.Table:
    """Samples, sorted by tag and time, as a table."""
    import pyarrow as pa

    starts = _starts(samples.tag)
    step = _steps(samples.time, starts)
    per = _divisors(samples.value, starts)
    with np.errstate(all="ignore"):
        digits = np.rint(samples.value * per)
        exact = (per > 0) & (np.abs(digits) < EXACT) & (digits / per == samples.value)
    exact &= ~((samples.value == 0) & np.signbit(samples.value))
    whole = np.where(exact, digits, 0).astype(np.int64)
    absent = ~exact
    real = absent & ~np.isnan(samples.value)
    return pa.table(
        {
            "tag": pa.array(samples.tag, pa.int32()),
            "time": pa.array(samples.time // step, pa.int64()),
            "step": pa.array(step, pa.int64()),
            "digits": pa.array(whole, pa.int64(), mask=absent),
            "per": pa.array(np.where(exact, per, 1.0), pa.float64(), mask=absent),
            "real": pa.array(samples.value, pa.float64(), mask=~real),
            "quality": pa.array(samples.quality, pa.uint8()),
        }
    )


def unpack_samples(table: pyarrow.Table) -> Samples:
    """The samples of such a table."""
    import pyarrow.compute as pc

    value = pc.coalesce(table["real"], pc.divide(table["digits"].cast("float64", safe=False), table["per"]))
    return Samples(
        _array(table["tag"], np.int32),
        _array(table["time"], np.int64) * _array(table["step"], np.int64),
        _array(pc.fill_null(value, float("nan")), np.float64),
        _array(table["quality"], np.uint8),
    )


def pack_events(events: Events) -> pyarrow.Table:
    """Events, sorted by tag and time, as a table."""
    import pyarrow as pa

    step = _steps(events.time, _starts(events.tag))
    return pa.table(
        {
            "tag": pa.array(events.tag, pa.int32()),
            "time": pa.array(events.time // step, pa.int64()),
            "step": pa.array(step, pa.int64()),
            "value": pa.array(list(events.value), pa.string()),
            "detail": pa.array(list(events.detail), pa.string()),
            "quality": pa.array(events.quality, pa.uint8()),
        }
    )


def unpack_events(table: pyarrow.Table) -> Events:
    """The events of such a table."""
    return Events(
        _array(table["tag"], np.int32),
        _array(table["time"], np.int64) * _array(table["step"], np.int64),
        table["value"].to_pylist(),
        table["detail"].to_pylist(),
        _array(table["quality"], np.uint8),
    )


def _array(column: Any, kind: Any) -> npt.NDArray[Any]:
    return np.ascontiguousarray(column.to_numpy(), dtype=kind)


def _starts(tag: npt.NDArray[np.int32]) -> npt.NDArray[np.intp]:
    """Where each tag begins."""
    return np.flatnonzero(np.concatenate([[True], tag[1:] != tag[:-1]])) if len(tag) else np.empty(0, np.intp)


def _spread(each: npt.NDArray[Any], starts: npt.NDArray[np.intp], size: int) -> npt.NDArray[Any]:
    """What holds for each tag, for each of its rows."""
    return np.repeat(each, np.diff(np.append(starts, size)))


def _steps(time: npt.NDArray[np.int64], starts: npt.NDArray[np.intp]) -> npt.NDArray[np.int64]:
    """For each row the coarsest step in which all times of its tag are whole."""
    found = np.ones(len(starts), np.int64)
    for step in STEPS:
        if not (found == 1).any():
            break
        whole = np.logical_and.reduceat(time % step == 0, starts) if len(starts) else np.empty(0, bool)
        found = np.where((found == 1) & whole, step, found)
    return _spread(found, starts, len(time))


def _divisors(value: Values, starts: npt.NDArray[np.intp]) -> Values:
    """For each row the power of ten with which most values of its tag are whole, 0 where there is none."""
    sizes = np.diff(np.append(starts, len(value)))
    places = _places(value)
    known = places >= 0
    finite = np.isfinite(value)
    if not len(starts):
        return np.empty(0)
    decimals = np.add.reduceat(known.astype(np.int64), starts)
    there = np.add.reduceat(finite.astype(np.int64), starts)
    most = np.maximum.reduceat(places, starts)
    good = (decimals > 0) & (decimals >= FEWEST_DECIMALS * there)
    return np.repeat(np.where(good, 10.0 ** np.maximum(most, 0), 0.0), sizes)


def _places(value: Values) -> npt.NDArray[np.int64]:
    """The decimal places of each value, -1 where it has more than are looked for."""
    found = np.full(len(value), -1, np.int64)
    left = np.flatnonzero(np.isfinite(value))
    for places in range(MOST_PLACES + 1):
        if not len(left):
            break
        some, power = value[left], 10.0**places
        with np.errstate(over="ignore"):
            digits = np.rint(some * power)
        whole = (digits / power == some) & (np.abs(digits) < EXACT)
        found[left[whole]] = places
        left = left[~whole]
    return found
