"""Steps: what was said holds until something else is said. Machine states, jobs, shifts and gaps are all of this kind."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Times = npt.NDArray[np.int64]
Codes = npt.NDArray[np.int32]
Mask = npt.NDArray[np.bool_]
Numbers = npt.NDArray[np.float64]

UNKNOWN = -1
"""The code of what is not known; it has no name."""


@dataclass(frozen=True, slots=True)
class Steps:
    """Values over time, each holding from its instant until the next one's. Before the first nothing is known.

    Parameters
    ----------
    time : array of int64, shape (n,)
        Strictly increasing; nanoseconds since 1970 in UTC, or any other whole numbers.
    code : array of int32, shape (n,)
        The value that holds from then on: its place in `names`, or `UNKNOWN`.
    names : tuple of str
    """

    time: Times
    code: Codes
    names: tuple[str, ...]

    def __len__(self) -> int:
        return len(self.time)

    def at(self, instants: Times) -> Codes:
        """The codes that hold at instants."""
        place = np.searchsorted(self.time, instants, side="right") - 1
        if not len(self.time):
            return np.full(len(instants), UNKNOWN, np.int32)
        return np.where(place < 0, np.int32(UNKNOWN), self.code[np.maximum(place, 0)]).astype(np.int32)

    def within(self, start: int, end: int) -> Steps:
        """What holds in a window: the first at its start, none at or after its end."""
        if end <= start:
            return Steps(np.empty(0, np.int64), np.empty(0, np.int32), self.names)
        inside = (self.time > start) & (self.time < end)
        first = self.at(np.array([start], np.int64))
        return Steps(
            np.concatenate([np.array([start], np.int64), self.time[inside]]),
            np.concatenate([first, self.code[inside]]),
            self.names,
        ).merged()

    def merged(self) -> Steps:
        """Without steps at which nothing changes."""
        if len(self.code) < 2:
            return self
        new = np.ones(len(self.code), bool)
        new[1:] = self.code[1:] != self.code[:-1]
        return self if new.all() else Steps(self.time[new], self.code[new], self.names)

    def lengths(self, end: int) -> Times:
        """How long each value holds, the last until `end`."""
        return np.diff(self.time, append=np.int64(end))

    def totals(self, end: int) -> dict[str | None, int]:
        """How long each value holds in all; None is what is not known."""
        spans = self.lengths(end)
        found: dict[str | None, int] = {}
        for code in np.unique(self.code).tolist():
            found[None if code == UNKNOWN else self.names[code]] = int(spans[self.code == code].sum())
        return found

    def names_held(self) -> list[str | None]:
        """The value of each step; None is what is not known."""
        return [None if code == UNKNOWN else self.names[code] for code in self.code.tolist()]


def steps(time: Sequence[int] | Times, value: Sequence[str | None], names: Sequence[str] = ()) -> Steps:
    """Steps from instants and values in any order; of several at one instant the last given holds. None is what is not known.

    `names` are names to begin with, so that codes mean the same in several steps.
    """
    times = np.asarray(time, np.int64)
    known = {name: code for code, name in enumerate(names)}
    codes = np.fromiter(
        (UNKNOWN if text is None else known.setdefault(text, len(known)) for text in value), np.int32, len(times)
    )
    return of_codes(times, codes, tuple(known))


def of_codes(time: Times, code: Codes, names: tuple[str, ...]) -> Steps:
    """Steps from instants and codes in any order; of several at one instant the last given holds."""
    if len(time) > 1 and not (np.diff(time) > 0).all():
        order = np.argsort(time, kind="stable")
        time, code = time[order], code[order]
        last = np.ones(len(time), bool)
        last[:-1] = time[1:] != time[:-1]
        time, code = time[last], code[last]
    return Steps(time, code, names).merged()


def spans(
    start: Sequence[int] | Times, end: Sequence[int] | Times, name: str = "in", outside: str | None = "out"
) -> Steps:
    """Steps that hold `name` within spans and `outside` between them; spans may touch or overlap."""
    starts, ends = np.asarray(start, np.int64), np.asarray(end, np.int64)
    keep = ends > starts
    starts, ends = starts[keep], ends[keep]
    at = np.concatenate([starts, ends])
    change = np.concatenate([np.ones(len(starts), np.int64), -np.ones(len(ends), np.int64)])
    order = np.argsort(at, kind="stable")
    at, depth = at[order], np.cumsum(change[order])
    names = (name,) if outside is None else (name, outside)
    else_code = UNKNOWN if outside is None else 1
    first = np.array([np.iinfo(np.int64).min], np.int64)
    code = np.where(depth > 0, 0, else_code).astype(np.int32)
    return of_codes(np.concatenate([first, at]), np.concatenate([np.array([else_code], np.int32), code]), names)


def joined(several: Sequence[Steps]) -> tuple[Times, list[Codes]]:
    """The instants at which any of several steps changes, and the codes of each from then on."""
    given = [one.time for one in several if len(one.time)]
    if len(given) < 2:
        time = given[0] if given else np.empty(0, np.int64)
    else:
        # each is sorted, so that a stable sort merges them
        merged = np.sort(np.concatenate(given), kind="stable")
        time = merged[np.concatenate([[True], merged[1:] != merged[:-1]])]
    return time, [one.at(time) for one in several]


def where_known(base: Steps, covers: Steps) -> Steps:
    """`base` where `covers` is known and holds its first name; elsewhere what is not known."""
    if not len(base):
        return base
    time, (code, cover) = joined([base, covers])
    return Steps(time, np.where(cover == 0, code, np.int32(UNKNOWN)).astype(np.int32), base.names).merged()
