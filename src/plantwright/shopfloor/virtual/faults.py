"""What is wrong with the virtual plant's servers right now, set by a scenario."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Faults:
    """The state of the injected faults; servers look at it whenever they say something.

    Parameters
    ----------
    cut : bool
        No connection is taken, and those that stand end.
    cut_midway : bool
        The next document ends in its middle, and its connection with it.
    ahead : int
        Nanoseconds by which the servers' clock is ahead.
    rubbish : str
        What kind of rubbish is said instead of documents: empty for none, else ``markup``, ``text``, ``values`` or ``huge``.
    """

    cut: bool = False
    cut_midway: bool = False
    ahead: int = 0
    rubbish: str = ""
