"""A run whose dispatch decisions somebody else makes: by which rules lots go, or which lot goes first.

Between two decisions the run stays in compiled code. A work center that is put to the caller stops the run each time that work may
start there and several lots wait; `Deciding.answer` says which goes first. Rules are changed between two instants.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np

from plantwright.errors import Interrupted
from plantwright.plant.plant import Plant
from plantwright.simulation import codes
from plantwright.simulation.center_rows import MOST_RULES, RULES
from plantwright.simulation.replications import Cancel
from plantwright.simulation.run import Estimate
from plantwright.simulation.running import run_on
from plantwright.simulation.state import State, begin
from plantwright.simulation.world import World

AS_IN_THE_PLANT = "as in the plant"
OF_A_LOT = ("is there", "wait", "slack", "work ahead", "run", "priority", "setup fits")
"""What is told of a lot: 1 where there is one; hours, the slack without a due time `NO_SLACK`; 1 if an idle machine is set up for it."""
OF_A_CENTER = ("lots waiting", "starved", "at work", "down", "off shift")
"""What is told of a work center: lots, and the shares of its machines."""
NO_SLACK = 1e4
_HOUR = 3600.0
_DOWN = [codes.WAITING_FOR_REPAIR, codes.REPAIR, codes.MAINTENANCE]
_FIELDS = ("rule", "second_rule", "third_rule", "usual", "moving", "least_setup")


def rule_row(option: str | Sequence[str]) -> Mapping[str, int] | None:
    """What the engine is told of a rule or a list of rules, with the words of the plant file; None for that of the plant itself.

    Raises ValueError for a word that is no rule.
    """
    names = [option] if isinstance(option, str) else list(option)
    if names == [AS_IN_THE_PLANT]:
        return None
    wrong = [name for name in names if name not in RULES and name != "least setup"]
    if wrong or not names:
        known = ", ".join([AS_IN_THE_PLANT, *RULES, "least setup"])
        raise ValueError(f"rules: {', '.join(map(repr, wrong)) or option!r}: no rule of that name; there are {known}")
    keys = [RULES[name] for name in names if name != "least setup"][:MOST_RULES]
    keys += [codes.FIFO] * (MOST_RULES - len(keys))
    values = (
        *keys,
        int(keys == [codes.BY_PRIORITY, codes.FIFO, codes.FIFO]),
        int(any(key >= codes.CRITICAL_RATIO for key in keys)),
        names.index("least setup") + 1 if "least setup" in names else 0,
    )
    return dict(zip(_FIELDS, values, strict=True))


def centers_to_decide(plant: Plant, names: Sequence[str] | None) -> tuple[str, ...]:
    """The work centers of these names; all that have machines where none are given. Raises ValueError for one that has nothing to decide."""
    able = [name for name, center in plant.work_centers.items() if center.machines is not None]
    wrong = [name for name in names or () if name not in able]
    if wrong:
        raise ValueError(
            f"centers: {', '.join(map(repr, wrong))}: no work center with machines; there are {', '.join(able)}"
        )
    return tuple(able if names is None else dict.fromkeys(names))


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
        The rules that it may choose, as `rule_row` gives them.
    horizon, warmup, seed, replication
        As `begin` takes them. The warm-up passes by the rules of the plant.

    Attributes
    ----------
    asked : int
        Of which of `centers` the caller is asked which lot goes first; -1: of none.
    """

    def __init__(
        self,
        plant: Plant,
        centers: Sequence[str],
        by_lot: bool,
        options: Sequence[Mapping[str, int] | None],
        *,
        horizon: str | float,
        warmup: str | float,
        seed: int,
        replication: int,
    ) -> None:
        self._state: State = begin(plant, horizon=horizon, warmup=warmup, seed=seed, replication=replication)
        self._names, self._by_lot, self._options = list(centers), by_lot, options
        self.asked = -1
        if warmup_end := self._state.end - self._state.horizon:
            # Books are opened anew at the end of the warm-up itself.
            self._state.run_until(float(np.nextafter(warmup_end, math.inf)))
        self._world: World | None = None
        self._take_over()

    def _take_over(self) -> None:
        """Look up rows in the world as it is now, and take the decisions there."""
        if self._world is self._state.world:
            return
        world = self._world = self._state.world
        rows = {name: c for c, name in enumerate(self._state.center_names)}
        self.rows = [rows[name] for name in self._names]
        center = world.records["center"]
        self._own = [{field: int(center[field][c]) for field in _FIELDS} for c in self.rows]
        goes_by_more = any(row and (row["moving"] or row["least_setup"]) for row in self._options)
        for c in self.rows:
            center["put_to_caller"][c] = int(self._by_lot)
            if self._by_lot or goes_by_more:
                center["short"][c] = 0  # the short way looks at the first lot alone
        self._machines = np.concatenate(
            [
                np.arange(center["first_machine"][c], center["first_machine"][c] + center["machines"][c])
                for c in self.rows
            ]
        )
        self._of = np.repeat(np.arange(len(self.rows)), [int(center["machines"][c]) for c in self.rows])

    @property
    def now(self) -> float:
        """Seconds from the start of the run."""
        return self._state.now

    @property
    def end(self) -> float:
        """Seconds from the start of the run to its end."""
        return self._state.end

    @property
    def world(self) -> World:
        """What the run keeps in mind now."""
        return self._state.world

    def go(self, until: float) -> None:
        """Let the run go on to an instant, or to the next question before it."""
        self.asked = -1
        cancel = Cancel()
        while True:
            later = self._state.next_change
            stop = min(until, later)
            code = run_on(self.world, stop, cancel)
            if code == codes.ASKED:
                self.asked = self.rows.index(int(self.world.run.question[0]) - 1)
                self.world.run.question[0] = 0
                return
            if code == codes.CANCELLED:
                raise Interrupted("stopped")
            if later >= until:
                return
            self._state.enter_next()
            self._take_over()

    def follow(self, choices: Sequence[int]) -> None:
        """From now on lots go by the option of that number at each work center."""
        world = self.world
        center = world.records["center"]
        for c, own, choice in zip(self.rows, self._own, choices, strict=True):
            row = self._options[choice] or own
            if any(center[field][c] != row[field] for field in _FIELDS):
                for field in _FIELDS:
                    center[field][c] = row[field]
                center["reordered"][c] = 1
                world.run.reordered[0] = 1

    def answer(self, place: int | None, rest: float = 0.0) -> None:
        """The lot that stands at this place of the queue, from 0 on, goes first; None leaves it to the rules. The work center asks no more
        for so many seconds.
        """
        world, c = self.world, self.rows[self.asked]
        center, ticket = world.center, world.ticket
        world.run.answered[0] = c + 1
        center.asked_from[c] = float(world.run.now[0]) + rest
        if place is None:
            if center.chosen[c] == 1:
                center.chosen[c] = 0
                center.reordered[c] = world.run.reordered[0] = 1
            return
        one = self.tickets(self.asked, place + 1)[place]
        center.chosen[c] = 1
        ahead, behind = int(ticket.previous[one]), int(ticket.next[one])
        if ahead < 0:
            return
        ticket.next[ahead] = behind
        if behind >= 0:
            ticket.previous[behind] = ahead
        else:
            center.tail[c] = ahead
        first = int(center.head[c])
        ticket.previous[first], ticket.next[one], ticket.previous[one] = one, first, -1
        center.head[c] = one

    def tickets(self, k: int, most: int) -> list[int]:
        """The first lots in the queue of the k-th work center, as rows of tickets."""
        found: list[int] = []
        following = self.world.ticket.next
        one = int(self.world.center.head[self.rows[k]])
        while one >= 0 and len(found) < most:
            found.append(one)
            one = int(following[one])
        return found

    def told_of_lots(self, which: Sequence[int], most: int) -> Any:
        """`OF_A_LOT` of the first lots in the queue of each of these work centers. float32, shape (work centers, most, 7)."""
        world = self.world
        told = np.zeros((len(which), most, len(OF_A_LOT)), np.float32)
        found: list[int] = []
        places: list[int] = []
        for i, k in enumerate(which):
            tickets = self.tickets(k, most)
            found += tickets
            places += range(i * most, i * most + len(tickets))
        if not found:
            return told
        lot, work, operation = world.ticket.lot[found], world.ticket.operation[found], world.operation
        main = operation.main[work]
        now, pieces = float(world.run.now[0]), world.lot.pieces[lot]
        ahead = operation.ahead_of_lot[main] + pieces * operation.ahead_of_piece[main]
        run = operation.work[work] * np.where(operation.time_per[work] == codes.PER_PIECE, pieces, 1.0)
        slack = np.clip((world.lot.due[lot] - now - ahead) / _HOUR, -NO_SLACK, NO_SLACK)
        wait = (now - world.lot.arrived[lot]) / _HOUR
        fits = self._fits(operation.center[work], operation.setup[work])
        columns = (np.ones(len(found)), wait, slack, ahead / _HOUR, run / _HOUR, world.lot.priority[lot], fits)
        told.reshape(-1, len(OF_A_LOT))[places] = np.column_stack(columns)
        return told

    def _fits(self, centers: Any, setups: Any) -> Any:
        """Whether an idle machine of each of these work centers is set up as it is to be. Shape (work centers,)."""
        ready: dict[int, set[int]] = {}
        for c in dict.fromkeys(centers.tolist()):
            if self.world.center.setup_offset[c] >= 0:
                ready[c] = set(self._setups(c))
        if not ready:
            return np.ones(len(setups))
        pairs = zip(centers.tolist(), setups.tolist(), strict=True)
        return np.array([float(c not in ready or setup in ready[c]) for c, setup in pairs])

    def _setups(self, c: int) -> Iterator[int]:
        machine = self.world.machine
        m = int(self.world.center.idle_head[c])
        while m >= 0:
            yield int(machine.setup[machine.lead[m]])
            m = int(machine.idle_next[m])

    def told_of_centers(self) -> Any:
        """`OF_A_CENTER` of each work center. float32, shape (work centers, 5)."""
        world, count = self.world, len(self.rows)
        states = world.machine.state[self._machines]
        table = np.bincount(self._of * (codes.STATE_COUNT + 1) + states, minlength=count * (codes.STATE_COUNT + 1))
        shares = table.reshape(count, -1) / np.maximum(1, table.reshape(count, -1).sum(axis=1, keepdims=True))
        told = np.empty((count, len(OF_A_CENTER)), np.float32)
        told[:, 0] = world.center.queue[self.rows] + world.center.visiting[self.rows]
        told[:, 1] = shares[:, codes.STARVED]
        told[:, 2] = shares[:, codes.WORKING : codes.IN_UNLOAD + 1].sum(axis=1)
        told[:, 3] = shares[:, _DOWN].sum(axis=1)
        told[:, 4] = shares[:, codes.OFF_SHIFT]
        return told

    def lots_in_process(self) -> tuple[int, float]:
        """Lots in process now, and lot-seconds since the warm-up."""
        run = self.world.run
        wip = int(run.wip[0])
        return wip, float(run.wip_area[0]) + wip * (float(run.now[0]) - float(run.wip_since[0]))

    def finished(self) -> tuple[int, int, int]:
        """Lots finished since the warm-up, those of them that have a due time, and those that were on time."""
        product = self.world.product
        return int(self.world.run.done[0]), int(product.with_due.sum()), int(product.on_time.sum())

    def estimates(self) -> tuple[Estimate, ...]:
        """What was counted since the warm-up, as `State.estimates` gives it."""
        put = self.world.center.put_to_caller
        kept = put.copy()
        put[:] = 0
        found = self._state.estimates()
        put[:] = kept
        return found
