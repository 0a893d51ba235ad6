"""A serial line by its recursion: when each lot comes to each station, starts, ends and leaves, without any events.

Of single machines with finite buffers between and blocking after service (Baccelli and others 1992, *Synchronization and
Linearity*): lot k starts at a station once it has left the one before and lot k - 1 has left this one; it leaves, once it is
done, when the lot that is one more than the places ahead has left the next station. The luck is the engine's, drawn as the page
on semantics says.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

TIME, FAILURE, REPAIR, RELEASE = 0, 8, 9, 10
_ALL = 2**64 - 1


def mix(v: int) -> int:
    v ^= v >> 30
    v = v * 0xBF58476D1CE4E5B9 & _ALL
    v ^= v >> 27
    v = v * 0x94D049BB133111EB & _ALL
    return v ^ v >> 31


def entity(*names: object) -> int:
    """FNV-1a of the names, mixed."""
    value = 0xCBF29CE484222325
    for byte in "\x1f".join(map(str, names)).encode():
        value = (value ^ byte) * 0x100000001B3 & _ALL
    return mix(value) >> 1


def run_key(seed: int, replication: int) -> int:
    golden = 0x9E3779B97F4A7C15
    return mix((mix(seed + golden & _ALL) + (replication + 1) * golden) & _ALL) >> 1


def uniform(key: int, purpose: int, of: int, count: int) -> float:
    golden = 0x9E3779B97F4A7C15
    stream = mix(key + purpose * 0xBF58476D1CE4E5B9 + of * golden & _ALL)
    return ((mix(stream + count * golden & _ALL) >> 11) + 0.5) / 2**53


Draw = Callable[[float], float]
"""A time from a uniform number."""


def exponential(mean: float) -> Draw:
    return lambda u: -mean * math.log(u)


def weibull(shape: float, scale: float) -> Draw:
    return lambda u: scale * (-math.log(u)) ** (1 / shape)


def between(low: float, high: float) -> Draw:
    return lambda u: low + (high - low) * u


def always(time: float) -> Draw:
    return lambda _: time


@dataclass(frozen=True, slots=True)
class Station:
    """A machine, the places in front of it (infinite where the buffer has no limit), and how it fails while it works."""

    work: Draw
    places: float = math.inf
    every: Draw | None = None
    repair: Draw | None = None


@dataclass(frozen=True, slots=True)
class Lot:
    """The times of one lot, one for each station: come, started, ended, left; and when it was released."""

    released: float
    came: list[float]
    started: list[float]
    ended: list[float]
    left: list[float]


class Line:
    """The lots of a line, one after the other; `key` is that of the run."""

    def __init__(self, stations: Sequence[Station], key: int, product: str = "part") -> None:
        self.stations, self.key, self.product = stations, key, product
        self.lots: list[Lot] = []
        self._failed = [0] * len(stations)
        self._next = [self._draw(FAILURE, j, 0, station.every) for j, station in enumerate(stations)]

    def _draw(self, purpose: int, j: int, count: int, draw: Draw | None) -> float:
        of = ("operation", self.product, f"s{j + 1}") if purpose == TIME else ("failure", f"m{j + 1}", 0, 0)
        return math.inf if draw is None else draw(uniform(self.key, purpose, entity(*of), count))

    def _work(self, j: int) -> float:
        """The work of the next lot at station j, with the repairs of failures that strike in it."""
        station = self.stations[j]
        left = self._draw(TIME, j, len(self.lots) * 4096, station.work)
        time = 0.0
        while self._next[j] < left:
            time += self._next[j] + self._draw(REPAIR, j, self._failed[j], station.repair)
            left -= self._next[j]
            self._failed[j] += 1
            self._next[j] = self._draw(FAILURE, j, self._failed[j], station.every)
        self._next[j] -= left
        return time + left

    def _before(self, count: float) -> list[float]:
        """When the lot so many before the next one left each station; long ago if there was none."""
        if count > len(self.lots):
            return [-math.inf] * len(self.stations)
        return self.lots[len(self.lots) - int(count)].left

    def add(self, released: float | None) -> Lot:
        """Send the next lot through: released at that time, or (None) as soon as the first machine is empty."""
        ahead = self._before(1)
        first = max(0.0, ahead[0]) if released is None else released
        # A full buffer in front of the first machine keeps a lot outside, beside the lots that wait there.
        came, started, ended, left = [max(first, self._before(self.stations[0].places + 1)[0])], [], [], []
        for j in range(len(self.stations)):
            started.append(max(came[j], ahead[j]))
            ended.append(started[j] + self._work(j))
            if j + 1 < len(self.stations):
                room = self._before(self.stations[j + 1].places + 1)[j + 1]
                left.append(max(ended[j], room))
                came.append(left[j])
            else:
                left.append(ended[j])
        self.lots.append(Lot(first, came, started, ended, left))
        return self.lots[-1]
