"""Clock skew: how far a source's clock is off the collector's."""

from __future__ import annotations

from plantwright.shopfloor.readings import NANOSECONDS


class Skew:
    """Follows what a source's clock said against when that came.

    What is on the way takes time and makes a source look late, never early: so the least lateness within a minute is the skew, but for
    the shortest way.

    Parameters
    ----------
    limit : float
        Seconds off that a person should know of.
    """

    A_DAY = 86_400 * NANOSECONDS
    """So far off, a source's times are of no use."""

    def __init__(self, limit: float = 5.0) -> None:
        self._limit = int(limit * NANOSECONDS)
        self._minute = -1
        self._least: int | None = None

    def saw(self, said: int, now: int) -> int | None:
        """Take in what the clock said; once a minute, the skew of the minute before in nanoseconds (ahead is above zero)."""
        told = None
        minute = now // (60 * NANOSECONDS)
        if minute != self._minute:
            told = None if self._least is None else -self._least
            self._minute, self._least = minute, None
        late = now - said
        self._least = late if self._least is None else min(self._least, late)
        return told

    def too_far(self, skew: int) -> bool:
        """Whether a person should know."""
        return abs(skew) > self._limit
