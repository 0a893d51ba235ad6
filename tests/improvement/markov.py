"""Saturated lines of single machines solved exactly, as Markov chains; nothing of the engine is here but the words of a plant file.

Work, times between failures and repairs are exponential. A machine fails only while it works, keeps its piece and goes on with it
after the repair. A piece that is done and finds no place stays on its machine, which is blocked (after service).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import numpy as np
from scipy import sparse
from scipy.sparse import linalg

from plantwright.plant import Plant, build_plant

STARVED, WORKING, BLOCKED, DOWN = range(4)
State = tuple[int, ...]
"""What each machine does, then how many pieces lie in front of each but the first."""


@dataclass(frozen=True)
class Line:
    """Rates per minute of each station, and places in front of each but the first."""

    work: tuple[float, ...]
    fails: tuple[float, ...]
    repair: tuple[float, ...]
    places: tuple[int, ...]

    def throughput(self) -> float:
        """Pieces per minute in the long run."""
        states, shares = self._solved()
        last = len(self.work) - 1
        return self.work[last] * sum(
            share for state, share in zip(states, shares, strict=True) if state[last] == WORKING
        )

    def _solved(self) -> tuple[list[State], np.ndarray]:
        count = len(self.work)
        start = self._settled([STARVED] * count + [0] * (count - 1))
        index, states = {start: 0}, [start]
        source, target, rates = [], [], []
        for state in states:
            for after, rate in self._moves(state):
                if after not in index:
                    index[after] = len(states)
                    states.append(after)
                source.append(index[state])
                target.append(index[after])
                rates.append(rate)
        n = len(states)
        flow = sparse.coo_matrix((rates, (target, source)), (n, n)).tocsc()
        balance = (flow - sparse.diags(np.asarray(flow.sum(axis=0)).ravel())).tocsc()
        # One state's share is set to 1 and its balance left out; then all are scaled.
        rest = linalg.spsolve(balance[1:, 1:], -balance[1:, [0]].toarray().ravel())
        shares = np.r_[1.0, rest]
        return states, shares / shares.sum()

    def _moves(self, state: State) -> Iterator[tuple[State, float]]:
        for k, work in enumerate(self.work):
            after = list(state)
            if state[k] == WORKING:
                after[k] = BLOCKED
                yield self._settled(after), work
                if self.fails[k] > 0:
                    after = list(state)
                    after[k] = DOWN
                    yield tuple(after), self.fails[k]
            elif state[k] == DOWN:
                after[k] = WORKING
                yield tuple(after), self.repair[k]

    def _settled(self, state: list[int]) -> State:
        """Every piece that can go on has gone on: from the last machine back, as often as something moves."""
        count, moved = len(self.work), True
        while moved:
            moved = False
            for k in reversed(range(count)):
                here = count + k - 1
                if state[k] == BLOCKED and (k == count - 1 or state[here + 1] < self.places[k]):
                    state[k], moved = STARVED, True
                    if k < count - 1:
                        state[here + 1] += 1
                elif state[k] == BLOCKED and state[k + 1] == STARVED:
                    state[k], state[k + 1], moved = STARVED, WORKING, True
                if state[k] == STARVED and (k == 0 or state[here] > 0):
                    state[k], moved = WORKING, True
                    if k:
                        state[here] -= 1
        return tuple(state)

    def faster(self, station: int, factor: float = 1.1) -> Line:
        return replace(self, work=_times(self.work, station, factor))

    def sooner_mended(self, station: int, factor: float = 1.5) -> Line:
        return replace(self, repair=_times(self.repair, station, factor))

    def more_places(self, station: int, places: int = 1) -> Line:
        changed = list(self.places)
        changed[station - 2] += places
        return replace(self, places=tuple(changed))

    def plant(self) -> Plant:
        """The same line as a plant file."""
        centers: dict[str, object] = {}
        steps = []
        for k, work in enumerate(self.work, 1):
            center: dict[str, object] = {"machines": "1"}
            if self.fails[k - 1] > 0:
                every, repair = 1 / self.fails[k - 1], 1 / self.repair[k - 1]
                center["failures"] = [
                    {"every": f"exponential {every:.12g} min", "repair": f"exponential {repair:.12g} min"}
                ]
            if k > 1:
                center["buffer"] = f"{self.places[k - 2]} lots"
            centers[f"station {k}"] = center
            steps.append({f"work {k}": {"at": f"station {k}", "time": f"exponential {1 / work:.12g} min"}})
        return build_plant(
            {
                "plant": "Exact line",
                "work centers": centers,
                "products": {"part": {"release": "saturated", "routing": steps}},
            }
        )


def _times(rates: tuple[float, ...], station: int, factor: float) -> tuple[float, ...]:
    return tuple(rate * factor if k == station else rate for k, rate in enumerate(rates, 1))


EXACT = Line((1.0, 0.9, 1.0, 1.0), (0.01, 0.005, 0.02, 0.01), (0.1, 0.05, 0.2, 0.1), (2, 2, 2))
"""The line of `plants.exact_line`."""


def usual_moves(line: Line) -> Mapping[str, Line]:
    """Each station 10 % faster, each that fails mended 1.5 times as fast, one place more in front of each but the first."""
    stations = range(1, len(line.work) + 1)
    return (
        {f"faster {k}": line.faster(k) for k in stations}
        | {f"repair {k}": line.sooner_mended(k) for k in stations if line.fails[k - 1] > 0}
        | {f"buffer {k}": line.more_places(k) for k in stations[1:]}
    )


def great_moves(line: Line) -> Mapping[str, Line]:
    """As `usual_moves`, but twice as fast and three places more, so that the best is well ahead."""
    stations = range(1, len(line.work) + 1)
    return (
        {f"faster {k}": line.faster(k, 2.0) for k in stations}
        | {f"repair {k}": line.sooner_mended(k, 4.0) for k in stations if line.fails[k - 1] > 0}
        | {f"buffer {k}": line.more_places(k, 3) for k in stations[1:]}
    )


LINES = {
    "slow third": Line((1.2, 1.2, 0.7, 1.2), (0.0, 0.0, 0.0, 0.0), (1.0,) * 4, (1, 1, 1)),
    "one that fails": Line((1.0, 1.0, 1.0), (0.002, 0.03, 0.002), (0.05, 0.05, 0.05), (3, 3)),
    "no places": Line((1.0, 1.0, 1.0, 1.0), (0.0, 0.0, 0.0, 0.0), (1.0,) * 4, (0, 2, 2)),
    "five stations": Line((1.0, 1.0, 0.9, 1.0, 0.75), (0.0, 0.01, 0.0, 0.01, 0.0), (0.1,) * 5, (1, 1, 1, 1)),
    "uneven": Line((0.8, 1.0, 1.3), (0.01, 0.02, 0.05), (0.2, 0.1, 0.3), (2, 5)),
}
"""Lines of other kinds, with `great_moves`."""
