"""A run whose dispatch decisions somebody else makes: by which rules lots go, or which lot goes first.

Between two decisions the run stays in compiled code, which also writes down what is seen at each (`observing`). A work center that is put
to the caller stops the run each time that work may start there and there is a choice; `Deciding.answer` says which goes first.
Rules are changed between two instants.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from copy import copy
from typing import Any

import numpy as np

from plantwright.errors import Interrupted
from plantwright.plant.plant import Plant
from plantwright.plant.readers import nearest
from plantwright.plant.resources import RULE_ENTRY_POINTS
from plantwright.simulation import codes
from plantwright.simulation.center_rows import MOST_RULES, RULES
from plantwright.simulation.compiling import advancing
from plantwright.simulation.observing import BEHIND, OF_A_CENTER, OF_A_LOT, OF_THE_RUN
from plantwright.simulation.own_rules import address_of
from plantwright.simulation.replications import Cancel
from plantwright.simulation.run import Estimate
from plantwright.simulation.running import run_on
from plantwright.simulation.state import State, begin
from plantwright.simulation.world import World

AS_IN_THE_PLANT = "as in the plant"
LEAST_SETUP = "least setup"
_FIELDS = ("rule", "second_rule", "third_rule", "usual", "moving", "least_setup")


def unknown(what: str, names: Sequence[str], known: Sequence[str]) -> list[str]:
    """What is wrong with names that are not among those that are known, and how to mend it."""
    found = []
    for name in names:
        if name not in known:
            near = nearest(str(name), known)
            hint = f"did you mean {near!r}? " if near else ""
            found.append(f"{name!r} is no {what}; {hint}there are {', '.join(known)}")
    return found


def rules_of(option: str | Sequence[str]) -> tuple[str, ...]:
    """The names of the rules of an option, which is one or a list."""
    return (option,) if isinstance(option, str) else tuple(option)


def wrong_rules(options: Sequence[str | Sequence[str]]) -> list[str]:
    """What is wrong with rules that are to be chosen from: a name that is none, of the plant file's or of another package's."""
    from importlib.metadata import entry_points

    offered = [point.name for point in entry_points(group=RULE_ENTRY_POINTS)]
    known = [*RULES, LEAST_SETUP, *offered]
    found = []
    for option in options:
        names = rules_of(option)
        if not names:
            found.append("an empty list; name at least one rule")
        elif AS_IN_THE_PLANT in names and len(names) > 1:
            found.append(f"{list(names)!r}: {AS_IN_THE_PLANT!r} stands alone")
        elif AS_IN_THE_PLANT not in names:
            found += unknown("rule", names, [AS_IN_THE_PLANT, *known])
    return list(dict.fromkeys(found))


def wrong_centers(plant: Plant, names: Sequence[str]) -> list[str]:
    """What is wrong with work centers at which something is to be decided."""
    return unknown("work center with machines", names, centers_to_decide(plant))


def centers_to_decide(plant: Plant) -> tuple[str, ...]:
    """The work centers at which something can be decided: those that have machines."""
    return tuple(name for name, center in plant.work_centers.items() if center.machines is not None)


def _row(option: str | Sequence[str], own: Mapping[str, int]) -> Mapping[str, int] | None:
    """What the engine is told of a rule or a list of rules, `own` being the numbers of other packages' rules; None for that of the plant."""
    names = rules_of(option)
    if names == (AS_IN_THE_PLANT,):
        return None
    numbers = {**RULES, **own}
    keys = [numbers[name] for name in names if name != LEAST_SETUP][:MOST_RULES]
    keys += [codes.FIFO] * (MOST_RULES - len(keys))
    values = (
        *keys,
        int(keys == [codes.BY_PRIORITY, codes.FIFO, codes.FIFO]),
        int(any(key >= codes.CRITICAL_RATIO for key in keys)),
        names.index(LEAST_SETUP) + 1 if LEAST_SETUP in names else 0,
    )
    return dict(zip(_FIELDS, values, strict=True))


class Deciding:
    """One replication of a plant's run, and its decisions.

    Parameters
    ----------
    plant : Plant
    centers : sequence of str
        Where the caller decides.
    by_lot : bool
        It says which lot goes first, and not only by which rules lots go.
    options : sequence
        The rules that it may choose, each a name or a list of names that `wrong_rules` finds nothing wrong with.
    lots : int
        Of how many lots of a queue it is told.
    horizon, warmup, seed, replication
        As `begin` takes them. The warm-up passes by the rules of the plant.

    Attributes
    ----------
    counted : array
        What `observing.BEHIND` names, as it is now; it lies elsewhere once the run has gone on.
    """

    counted: Any

    def __init__(
        self,
        plant: Plant,
        centers: Sequence[str],
        by_lot: bool,
        options: Sequence[str | Sequence[str]],
        lots: int,
        *,
        horizon: str | float,
        warmup: str | float,
        seed: int,
        replication: int,
    ) -> None:
        self._state: State = begin(plant, horizon=horizon, warmup=warmup, seed=seed, replication=replication)
        self._names, self._by_lot, self._options, self._lots = list(centers), by_lot, options, lots
        names = dict.fromkeys(name for option in options for name in rules_of(option))
        self._own = [name for name in names if name not in (*RULES, LEAST_SETUP, AS_IN_THE_PLANT)]
        if warmup_end := self._state.end - self._state.horizon:
            # Books are opened anew at the end of the warm-up itself.
            self._state.run_until(float(np.nextafter(warmup_end, math.inf)))
        self.end = self._state.end
        self._choices: list[int | None] = [None] * len(centers)
        self._take_over()
        self._look()

    def clone(self) -> Deciding:
        """Another run that is the same now; each goes on by itself."""
        other = copy(self)
        other._state = self._state.clone()
        other._bind()
        return other

    def _take_over(self) -> None:
        """Make room in the world as it is now for what is seen and said, and take the decisions there."""
        world = self._state.world
        first = self._make_room(world)
        own = {name: codes.OWN_RULE + first + k for k, name in enumerate(self._own)}
        self._rows_of_options = [_row(option, own) for option in self._options]
        numbers = {name: c for c, name in enumerate(self._state.center_names)}
        rows = self._rows = np.array([numbers[name] for name in self._names])
        center, run = world.center, world.run
        self._rows_of_plant = [{field: int(getattr(center, field)[c]) for field in _FIELDS} for c in rows]
        center.put_to_caller[rows] = int(self._by_lot)
        center.stirred[rows] = 1
        self._short = center.short[rows].tolist()
        if self._by_lot:
            center.short[rows] = 0
        run.watched[0], run.by_lot[0], run.shown[0] = len(rows), int(self._by_lot), self._lots
        world.arrays["watch"][: len(rows)] = rows
        world.arrays["may_go"][self._lots] = 1  # the rules may always decide
        self._bind()
        choices, self._choices = self._choices, [None] * len(rows)
        self.follow(choices)

    def _make_room(self, world: World) -> int:
        """Give a world the rows that are needed, with the rules of other packages; returns the first row of those."""
        watched, per_lot = len(self._names), self._lots * len(OF_A_LOT)
        told = watched * (1 + len(OF_A_CENTER)) + per_lot if self._by_lot else watched * (len(OF_A_CENTER) + per_lot)
        self._told = len(OF_THE_RUN) + told
        rows = {"watch": watched, "seen": self._told + len(BEHIND), "offered": self._lots, "may_go": self._lots + 1}
        first = len(world.records["own_rule"])
        world.resize(rows | {"own_rule": first + len(self._own)})
        for row, name in enumerate(self._own, first):
            world.own_rule.address[row] = address_of(name)
        return first

    def _bind(self) -> None:
        """Look up what each step needs where it lies now."""
        world = self._state.world
        self._world, self._memory = world, world.table
        self._advance: Callable[[], int] = advancing(world)
        seen = world.arrays["seen"]
        self._seen, self.counted = seen[: self._told], seen[self._told :]
        self._may_go = world.arrays["may_go"]
        self._answer, self._rest, self._stop = world.run.answer, world.run.rest, world.run.stop

    def _look(self) -> None:
        self._world.run.look[0] = 1
        self._advance()

    def go(self, until: float) -> None:
        """Let the run go on to an instant, or to the next question before it."""
        later = self._state.next_change
        self._stop[0] = min(until, later)
        code = self._advance()
        if code != codes.ASKED and (code != codes.PAUSED or later < until):
            self._go_on(until)

    def _go_on(self, until: float) -> None:
        """Go on where the world needs more than to be run."""
        cancel = Cancel()
        while True:
            later = self._state.next_change
            code = run_on(self._state.world, min(until, later), cancel)
            if code == codes.CANCELLED:
                raise Interrupted("stopped")
            if self._state.world.table is not self._memory:
                self._bind()
            if code == codes.ASKED or later >= until:
                return
            self._state.enter_next()
            self._take_over()

    def follow(self, choices: Sequence[int | None]) -> None:
        """From now on lots go by the option of that number at each work center; None is as in the plant."""
        center, run = self._world.center, self._world.run
        for k, choice in enumerate(choices):
            if choice == self._choices[k]:
                continue
            c, row = self._rows[k], None if choice is None else self._rows_of_options[choice]
            new = row or self._rows_of_plant[k]
            if any(getattr(center, field)[c] != number for field, number in new.items()):
                for field, number in new.items():
                    getattr(center, field)[c] = number
                # The short way looks at the first lot alone.
                center.short[c] = 0 if self._by_lot or new["moving"] or new["least_setup"] else self._short[k]
                center.reordered[c] = run.reordered[0] = 1
        self._choices = list(choices)

    def answer(self, place: int, rest: float = 0.0) -> None:
        """The lot of this place among those that were told, from 0 on, goes first; what lies beyond leaves it to the rules. The work center
        asks no more for so many seconds.
        """
        self._answer[0] = place
        self._rest[0] = rest

    def told(self) -> Any:
        """`OF_THE_RUN`, `OF_A_CENTER` of each work center, by lot which of them asks, and `OF_A_LOT` of its lots, or those of each.
        float32, shape (numbers,).
        """
        return self._seen.astype(np.float32)

    def may_go(self) -> Any:
        """Which lots may go now where the caller is asked, and behind them 1, for the rules. int8, shape (lots + 1,)."""
        return self._may_go.astype(np.int8)

    def estimates(self) -> tuple[Estimate, ...]:
        """What was counted since the warm-up, as `State.estimates` gives it."""
        state = self._state.clone()
        run = state.world.run
        state.world.center.put_to_caller[:] = 0
        run.watched[0] = run.question[0] = 0
        return state.estimates()
