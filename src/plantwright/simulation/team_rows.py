"""Teams: people, tools and materials that may help the same work, as rows for the engine; and what can help whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from plantwright.simulation.tables import Row, Tables

_BITS = 62
"""So many of a team have a bit of their own; of more several share one."""


def add_teams(tables: Tables) -> None:
    """A row for each team. To every crew, store, work center and way to stop its team; to every step, stop and work center the bits of
    the crews and stores that can help.
    """
    rows = tables.rows
    members: list[Row] = [*rows["crew"], *rows["store"]]
    steps = [_who_helps(tables, skills, stores) for skills, stores in tables.asks]
    stops = [_helpers(tables, mode) for mode in rows["mode"]]
    together = _Together(len(members) + len(rows["center"]))
    for able in stops:
        together.join(able)
    for ask, c in tables.asked_at:
        # A work center stands in one line, whatever its steps claim.
        together.join([*steps[ask], len(members) + c])
    asked = {i for able in (*steps, *stops) for i in able}
    numbers: dict[int, int] = {}
    for i in sorted(asked):
        numbers.setdefault(together.root(i), len(numbers))
    rows["team"] = [
        dict.fromkeys(("wait_head", "wait_tail", "wait_first_center", "wait_last_center"), -1)
        | dict.fromkeys(("next_told", "next_asked", "at"), -1)
        for _ in range(max(1, len(numbers)))
    ]
    counts: Counter[int] = Counter()
    for i, member in enumerate(members):
        # Whom nobody asks for has no bit, and is in the first team as well as in any.
        team = member["team"] = numbers.get(together.root(i), 0)
        member["bit"] = 1 << counts[team] % _BITS if i in asked else 0
        counts[team] += i in asked
    for c, center in enumerate(rows["center"], len(members)):
        center |= {"team": numbers.get(together.root(c), 0), "people": 0}
    of_steps = [_all_bits(members[i]["bit"] for i in able) for able in steps]
    for ask, c in tables.asked_at:
        rows["center"][c]["people"] |= of_steps[ask]
    tables.arrays["operation"]["people"] = np.array(of_steps, np.int64)[tables.asked]
    for mode, able in zip(rows["mode"], stops, strict=True):
        mode["people"] = _all_bits(members[i]["bit"] for i in able)
        mode["team"] = numbers[together.root(able[0])] if able else 0


def _helpers(tables: Tables, stop: Row) -> list[int]:
    """Which crews can be what a stop needs, and behind all of them the stores of which it takes something."""
    needs = tables.rows["need"][stop["first_need"] : stop["first_need"] + stop["needs"]]
    takes = tables.rows["take"][stop["first_take"] : stop["first_take"] + stop["takes"]]
    return _who_helps(tables, [need["skill"] for need in needs], [take["store"] for take in takes])


def _who_helps(tables: Tables, skills: Sequence[int], stores: Sequence[int]) -> list[int]:
    """The crews, tools and cards of these lists, and behind all of them the stores."""
    rows = tables.rows
    found = []
    for number in skills:
        skill = rows["skill"][number]
        found += [able["crew"] for able in rows["eligible"][skill["first"] : skill["first"] + skill["crews"]]]
    return [*found, *(len(rows["crew"]) + store for store in stores)]


def _all_bits(bits: Iterable[int]) -> int:
    found = 0
    for bit in bits:
        found |= bit
    return found


class _Together:
    """What belongs together, directly or by way of others: numbers below `count`."""

    def __init__(self, count: int) -> None:
        self._above = list(range(count))

    def root(self, i: int) -> int:
        """The same number for all that belong together."""
        while self._above[i] != i:
            self._above[i] = self._above[self._above[i]]
            i = self._above[i]
        return i

    def join(self, members: Iterable[int]) -> None:
        roots = [self.root(i) for i in members]
        for root in roots[1:]:
            self._above[self.root(root)] = self.root(roots[0])
