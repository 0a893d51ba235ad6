"""Teams: people, tools and materials that may help the same work, as rows for the engine; and what can help whom."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from plantwright.simulation.tables import Row, Tables

_BITS = 62
"""So many of a team have a bit of their own; of more several share one."""


def add_teams(tables: Tables) -> None:
    """A row for each team. To every crew, store, work center and way to stop its team; to every step, stop and work center the bits of
    the crews and stores that can help.
    """
    rows = tables.rows
    members: list[Row] = [*rows["crew"], *rows["store"]]
    claims: list[Row] = [*rows["operation"], *rows["mode"]]
    helpers = [_helpers(tables, claim) for claim in claims]
    together = _Together(len(members) + len(rows["center"]))
    for claim, able in zip(claims, helpers, strict=True):
        # A work center stands in one line, whatever its steps claim.
        together.join([*able, len(members) + claim["center"]] if "center" in claim else able)
    numbers: dict[int, int] = {}
    for i in sorted({i for able in helpers for i in able}):
        numbers.setdefault(together.root(i), len(numbers))
    rows["team"] = [
        dict.fromkeys(("wait_head", "wait_tail", "wait_first_center", "wait_last_center"), -1)
        | dict.fromkeys(("next_told", "next_asked", "at"), -1)
        for _ in range(max(1, len(numbers)))
    ]
    asked = {i for able in helpers for i in able}
    counts: Counter[int] = Counter()
    for i, member in enumerate(members):
        # Whom nobody asks for has no bit, and is in the first team as well as in any.
        team = member["team"] = numbers.get(together.root(i), 0)
        member["bit"] = 1 << counts[team] % _BITS if i in asked else 0
        counts[team] += i in asked
    for c, center in enumerate(rows["center"], len(members)):
        center |= {"team": numbers.get(together.root(c), 0), "people": 0}
    for claim, able in zip(claims, helpers, strict=True):
        claim["people"] = _all_bits(members[i]["bit"] for i in able)
        if "center" in claim:
            rows["center"][claim["center"]]["people"] |= claim["people"]
        else:
            claim["team"] = numbers[together.root(able[0])] if able else 0


def _helpers(tables: Tables, claim: Row) -> list[int]:
    """Which crews, tools and cards can be what a step or stop needs, and behind all of them the stores of which it takes something."""
    rows = tables.rows
    found = []
    for need in rows["need"][claim["first_need"] : claim["first_need"] + claim["needs"]]:
        skill = rows["skill"][need["skill"]]
        found += [able["crew"] for able in rows["eligible"][skill["first"] : skill["first"] + skill["crews"]]]
    takes = rows["take"][claim["first_take"] : claim["first_take"] + claim["takes"]]
    return [*found, *(len(rows["crew"]) + take["store"] for take in takes)]


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
