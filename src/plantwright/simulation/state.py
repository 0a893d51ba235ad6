"""A plant in the middle of its run: it can be saved, cloned, and continued as if it had never stopped."""

from __future__ import annotations

import math
from collections.abc import Mapping
from copy import copy
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import numpy as np

from plantwright.errors import Interrupted
from plantwright.plant import changed
from plantwright.plant.plant import Plant
from plantwright.simulation import codes
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.carrying import carried
from plantwright.simulation.collect import Collector, counts_of
from plantwright.simulation.deadlock import raise_if_locked
from plantwright.simulation.histories import History
from plantwright.simulation.identity import translated
from plantwright.simulation.layout import RECORDS
from plantwright.simulation.ledger import carry_ledger, contribution, ledger_of
from plantwright.simulation.loads import lots_to_saturate
from plantwright.simulation.recording import Settled, open_log
from plantwright.simulation.replications import Cancel
from plantwright.simulation.run import Estimate
from plantwright.simulation.running import ended_at, run_on
from plantwright.simulation.saving import Kept, read_state, write_state
from plantwright.simulation.spans import horizon_of, seconds_of
from plantwright.simulation.tables import NOTHING, Least
from plantwright.simulation.timeline import local_start, seconds_at
from plantwright.simulation.uncertainty import drawn
from plantwright.simulation.window import window_of
from plantwright.simulation.world import World


class State:
    """One replication of a plant's run, stopped at an instant: all that happens before it has happened, nothing that happens at it.

    `begin` and `load` make one. It is the only thing in this room that changes: `run_until` lets it go on.
    """

    def __init__(self, kept: Kept, blueprint: Blueprint, world: World, pieces: list[Any]) -> None:
        self._kept, self._blueprint, self._world, self._pieces = kept, blueprint, world, pieces

    @property
    def plant(self) -> Plant:
        """The plant as it is now."""
        return self._blueprint.plant

    @property
    def seed(self) -> int:
        """The seed of its luck."""
        return self._kept.seed

    @property
    def replication(self) -> int:
        """Which replication of the seed it is, from 1 on."""
        return self._kept.replication

    @property
    def now(self) -> float:
        """Seconds from the start of the run."""
        return float(self._world.run.now[0])

    @property
    def end(self) -> float:
        """Seconds from the start of the run to its end, the warm-up included."""
        return self._kept.end

    @property
    def horizon(self) -> float:
        """Seconds from the end of the warm-up to the end of the run."""
        return self._kept.end - self._kept.warmup

    @property
    def world(self) -> World:
        """What the run keeps in mind, for this room; it is another one once the plant has changed."""
        return self._world

    @property
    def center_names(self) -> tuple[str, ...]:
        """The names of the work centers, in the order of their rows."""
        return tuple(self._blueprint.names["center"])

    @property
    def next_change(self) -> float:
        """When the plant changes next; infinite where it does not."""
        return self._blueprint.later[0][0] if self._blueprint.later else math.inf

    def enter_next(self) -> None:
        """Go on in the plant as it is from that instant on."""
        self._enter(self._blueprint.later[0][1])

    @property
    def date(self) -> datetime:
        """The local time in the plant."""
        zone = ZoneInfo(self.plant.time_zone)
        start = self.plant.start.replace(tzinfo=zone).astimezone(UTC)
        return (start + timedelta(seconds=self.now)).astimezone(zone)

    def run_until(self, moment: str | float | datetime, cancel: Cancel | None = None) -> State:
        """Let everything happen that happens before an instant.

        Parameters
        ----------
        moment : str, float or datetime
            Time from the start of the run, as text (``"30 d"``) or in seconds, or a local date and time in the plant.
        cancel : Cancel, optional
            Stops it from another thread; it can go on afterwards.

        Returns
        -------
        State
            Itself.

        Raises
        ------
        ValueError
            If the instant has passed, or lies after the end of the run.
        Interrupted
            If it was stopped on its way.
        """
        until = seconds_at(self.plant, moment) if isinstance(moment, datetime) else seconds_of(moment)
        if not self.now <= until <= self.end:
            raise ValueError(
                f"{moment}: the run stands at {_told(self.now)} and ends at {_told(self.end)}; "
                "give an instant between them, or begin it with a longer horizon"
            )
        cancel = cancel or Cancel()
        while (time := self.next_change) < until:
            self._go(time, cancel)
            self.enter_next()
        self._go(until, cancel)
        return self

    def _go(self, until: float, cancel: Cancel) -> None:
        sink = self._pieces.append if self._kept.log else None
        if run_on(self._world, until, cancel, sink) == codes.CANCELLED:
            raise Interrupted(f"stopped at {_told(self.now)}")

    def _enter(self, after: Blueprint) -> None:
        """Go on in a changed plant."""
        before = self._blueprint
        world, self._world = self._world, carried(self._world, before, after)
        carry_ledger(world, before, after, self._world, Cancel())
        self._pieces = [translated(rows, before, after) for rows in self._pieces]
        self._blueprint = after
        if self._kept.log:
            open_log(self._world)

    def clone(self) -> State:
        """Another state that is the same now; each goes on by itself."""
        other = copy(self)
        other._world, other._pieces = self._world.clone(), list(self._pieces)
        return other

    def estimates(self, level: float = 0.95) -> tuple[Estimate, ...]:
        """What was counted from the end of the warm-up to now, all that happens now included.

        They are the numbers of this one run: `simulate` with that horizon has them as the values of this replication. One run alone
        says nothing of the spread, so their intervals have no bounds.

        Raises
        ------
        ValueError
            If the warm-up is not over.
        SimulationError
            If the plant has locked up.
        """
        if self.now <= self._kept.warmup:
            raise ValueError(f"nothing is counted before the warm-up is over, at {_told(self._kept.warmup)}")
        world = self._finished()
        window = window_of(self.plant, self._kept.warmup, self.now)
        return Collector(self.plant, window, [counts_of(world, True, self._blueprint)], level).all()

    def contribution(self) -> float | None:
        """Money a year that was earned from the end of the warm-up to now, paid hours taken as their mean over the whole run.

        As `estimates` has it, in a fraction of the time. None where nothing has a price, or no day of demand has ended.
        """
        window = window_of(self.plant, self._kept.warmup, self.now, self.end)
        ledger = ledger_of(self._finished(), self._blueprint, self.now, self.end)
        return contribution(ledger, window) if ledger is not None and window.served and window.days else None

    def _finished(self) -> World:
        """A world of its own whose run ends now."""
        world = ended_at(self._world, self.now, Cancel())
        raise_if_locked(world, self.plant)
        return world

    def history(self) -> History:
        """Everything that happened so far. Raises ValueError where the run was begun without a log."""
        if not self._kept.log:
            raise ValueError("no log is written; begin the run with log=True")
        rows: list[Any] = [np.zeros(0, RECORDS["log"])]
        sink = Settled(rows.append)
        for piece in self._pieces:
            sink(piece)
        sink.close()
        return History(
            self.plant.name,
            self.seed,
            self.replication,
            self.now,
            local_start(self.plant),
            np.concatenate(rows),
            self._blueprint.names,
        )

    def changed(self, edits: Mapping[str, Any]) -> State:
        """Another state, in which the plant is changed from now on: `edits` as `plantwright.changed` takes them.

        Raises PlantError where a path leads nowhere or the changed plant is wrong, and what `continued` raises.
        """
        return self.continued(changed(self.plant, edits))

    def continued(self, plant: Plant) -> State:
        """Another state, in which the run goes on in another plant; all that goes on goes on.

        Parameters
        ----------
        plant : Plant
            What has the same name in it is the same. Lots keep their steps, and jobs the times that were drawn; machines that are
            no more leave when their job is done, new ones are idle. Dated changes of it that lie behind are made, too.

        Raises
        ------
        SimulationError
            If something that has a name is no more, such as a work center or a step, as lots, people and machines may be there.
        """
        other = copy(self)
        just_before = max(0.0, float(np.nextafter(self.now, -1.0)))
        other._enter(_blueprint(plant, self._kept, self._blueprint.least, just_before))
        return other

    def save(self, path: str | Path) -> None:
        """Write it into a file (``.npz``), with the plant; nothing in the file is code.

        Raises PlantError where the plant was not read from a file or mapping, OSError where the file cannot be written.
        """
        write_state(Path(path), self._kept, self._blueprint, self._world, self._pieces)


def begin(
    plant: Plant,
    *,
    horizon: str | float = "auto",
    warmup: str | float = 0.0,
    seed: int = 1,
    replication: int = 1,
    saturated: bool = False,
    lots: int | None = None,
    log: bool = False,
) -> State:
    """Begin one replication of a run, to be continued step by step.

    Parameters
    ----------
    plant : Plant
    horizon, warmup : str or float
        As `simulate` takes them, but there is no ``"auto"`` warm-up. The run can go no further than they say.
    seed : int
    replication : int
        From 1 on: the same luck as that replication of `simulate` with the seed.
    saturated, lots
        As `simulate` takes them; `lots` is a first guess if not given.
    log : bool
        Write down what happens, for `State.history`.

    Returns
    -------
    State
        At the first instant of the run; nothing has happened.
    """
    start = seconds_of(warmup)
    kept = Kept(
        seed=seed,
        replication=replication,
        end=start + horizon_of(plant, horizon),
        warmup=start,
        saturated=saturated,
        lots=(lots or lots_to_saturate(plant)) if saturated else None,
        log=log,
    )
    blueprint = _blueprint(plant, kept)
    world = blueprint.world(seed, replication - 1)
    if log:
        open_log(world)
    return State(kept, blueprint, world, [])


def load(path: str | Path) -> State:
    """The state in a file that `State.save` wrote: it goes on as if it had never stopped, to the bit.

    Raises StateError where the file holds no state, is damaged, or was written by another version.
    """
    kept, plant, least, fill, pieces = read_state(Path(path))
    blueprint = _blueprint(plant, kept, least)
    world = blueprint.world(kept.seed, kept.replication - 1)
    fill(world)
    if kept.log:
        open_log(world)
    return State(kept, blueprint, world, pieces)


def _blueprint(plant: Plant, kept: Kept, least: Least = NOTHING, since: float = 0.0) -> Blueprint:
    plant = drawn(plant, kept.seed, kept.replication - 1)
    return Blueprint(plant, kept.end, kept.warmup, 0.0, kept.saturated, kept.lots, least, since)


def _told(seconds: float) -> str:
    return f"{seconds / 86400:.6g} d" if seconds >= 86400 else f"{seconds / 3600:.6g} h"
