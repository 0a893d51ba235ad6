"""Dispatching as a Gymnasium environment, on the same compiled engine as every other run.

It needs Gymnasium: ``pip install 'plantwright[gym]'``.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Literal

import numpy as np

try:
    import gymnasium
except ImportError as error:
    raise ImportError(
        "plantwright.gym needs Gymnasium, which is not installed: pip install 'plantwright[gym]'"
    ) from error

from plantwright.plant import read_plant
from plantwright.plant.plant import Plant
from plantwright.simulation.deciding import (
    AS_IN_THE_PLANT,
    OF_A_CENTER,
    OF_A_LOT,
    Deciding,
    centers_to_decide,
    rule_row,
)
from plantwright.simulation.run import Estimate
from plantwright.simulation.spans import seconds_of

__all__ = ["DispatchEnv"]

_DAY = 86400.0
_MOST = 1e6
"""What is more is told as so much."""
_REWARDS = ("lots in process", "on time", "finished")


class DispatchEnv(gymnasium.Env[Any, Any]):
    """Choose dispatch rules, or lots, in a plant.

    Parameters
    ----------
    plant : Plant, str or Path
        A plant, or its file.
    centers : sequence of str, optional
        The work centers at which the agent decides; all that have machines if not given.
    mode : {"rule", "lot"}
        ``"rule"``: each time that `every` has passed, the agent says by which of `rules` lots go at each work center; an action is a
        vector with the number of a rule for each. ``"lot"``: each time that one of several lots may start at one of the work
        centers, it says which of the first `lots` goes first (0 .. lots - 1), or leaves it to the plant's rule (lots).
    rules : sequence
        Each is a rule of the plant file or a list of rules; ``"as in the plant"`` is what the plant says at that work center.
    every : str or float
        Text with a unit, or seconds. How long a choice of rules holds (``"8 h"`` if not given); in lot mode, for how long a work center
        that was answered goes by the plant's rule before it asks again (not at all).
    lots : int
        Of how many lots of a queue the agent is told.
    horizon, warmup : str or float
        As `plantwright.simulation.begin` takes them. The warm-up passes by the plant's own rules, before the first decision.
    reward : {"lots in process", "on time", "finished"}
        For what happened since the last decision: minus the lot-days in process; the lots finished on time minus those finished
        late; the lots finished.

    Attributes
    ----------
    labels : tuple of str
        What each number of an observation is: float32, times in hours, at most a million.

    Notes
    -----
    ``reset(seed=s)`` begins the replication 1 of seed `s` of `simulate`; without a seed, the next replication. An episode is terminated
    at the horizon. ``info`` has ``time`` (seconds from the start), ``center`` (that is asked for, in lot mode) and ``action_mask``
    (int8, shape (lots + 1,): 1 for each action that means something, in lot mode). Where an action is masked, the rule decides.

    Raises
    ------
    ValueError
        For a work center, a rule, a mode or a reward that is not there, or numbers that are none.
    """

    metadata = {"render_modes": []}  # noqa: RUF012

    def __init__(
        self,
        plant: Plant | str | Path,
        *,
        centers: Sequence[str] | None = None,
        mode: Literal["rule", "lot"] = "rule",
        rules: Sequence[str | Sequence[str]] = (AS_IN_THE_PLANT, "FIFO", "EDD", "SPT", "CR"),
        every: str | float | None = None,
        lots: int = 5,
        horizon: str | float = "auto",
        warmup: str | float = 0.0,
        reward: str = "lots in process",
    ) -> None:
        if mode not in ("rule", "lot"):
            raise ValueError(f"mode: {mode!r}: is 'rule' or 'lot'")
        if reward not in _REWARDS:
            raise ValueError(f"reward: {reward!r}: is one of {', '.join(_REWARDS)}")
        span = seconds_of(every) if every is not None else 8 * 3600.0 if mode == "rule" else 0.0
        if lots < 1 or not rules or span < 0 or (span == 0 and mode == "rule"):
            raise ValueError("lots must be at least 1, there must be a rule, and every must be longer than no time")
        self.plant = plant if isinstance(plant, Plant) else read_plant(plant)
        self.centers = centers_to_decide(self.plant, centers)
        self.mode, self.rules, self.reward = mode, tuple(rules), reward
        self._options = [rule_row(rule) for rule in rules]
        self._every, self._lots = span, lots
        self._span = {"horizon": horizon, "warmup": warmup}
        self._seed: int | None = None
        self._replication = 1
        self._run: Deciding | None = None
        self.labels = self._labels()
        self.observation_space = gymnasium.spaces.Box(-_MOST, _MOST, (len(self.labels),), np.float32)
        if mode == "rule":
            self.action_space = gymnasium.spaces.MultiDiscrete([len(self.rules)] * len(self.centers))
        else:
            self.action_space = gymnasium.spaces.Discrete(lots + 1)

    def _labels(self) -> tuple[str, ...]:
        found = ["time share", "lots in process"]
        found += [f"{center}: {word}" for center in self.centers for word in OF_A_CENTER]
        if self.mode == "lot":
            found += [f"{center}: asked" for center in self.centers]
        of = self.centers if self.mode == "rule" else ("asked",)
        found += [f"{center}: lot {k + 1}: {word}" for center in of for k in range(self._lots) for word in OF_A_LOT]
        return tuple(found)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin a run; returns the first observation and what else is told."""
        super().reset(seed=seed)
        if seed is not None:
            self._seed, self._replication = seed, 1
        elif self._seed is None:
            self._seed = int(self.np_random.integers(2**31))
        else:
            self._replication += 1
        run = self._run = Deciding(
            self.plant,
            self.centers,
            self.mode == "lot",
            self._options,
            seed=self._seed,
            replication=self._replication,
            **self._span,
        )
        self._until = run.now
        if self.mode == "lot":
            run.go(run.end)
        self._before, self._over = self._counted(), False
        return self._observe(), self._told()

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Make a decision, and let the run go on to the next one."""
        run = self._run
        if run is None or self._over:
            raise gymnasium.error.ResetNeeded("the run is over, or has not begun: call reset()")
        if not self.action_space.contains(action):
            raise ValueError(f"action: {action!r}: is not in {self.action_space}")
        if self.mode == "rule":
            run.follow([int(choice) for choice in action])
            self._until += self._every
            run.go(min(self._until, run.end))
        else:
            if run.asked >= 0:
                chosen = int(action) if action < self._lots and self.action_mask()[action] else None
                run.answer(chosen, self._every)
            run.go(run.end)
        counted = self._counted()
        reward, self._before = counted - self._before, counted
        self._over = run.now >= run.end
        return self._observe(), reward, self._over, False, self._told()

    def action_mask(self) -> Any:
        """Which actions mean something now: those of lots that are there, and to leave it to the rule. In lot mode."""
        mask = np.zeros(self._lots + 1, np.int8)
        if self._run is not None and self._run.asked >= 0:
            mask[: len(self._run.tickets(self._run.asked, self._lots))] = 1
        mask[-1] = 1
        return mask

    def estimates(self) -> tuple[Estimate, ...]:
        """What was counted since the warm-up, as `State.estimates` gives it; before the first step there is nothing."""
        if self._run is None:
            raise gymnasium.error.ResetNeeded("no run has begun: call reset()")
        return self._run.estimates()

    def _counted(self) -> float:
        """What the reward is the growth of."""
        assert self._run is not None
        if self.reward == "lots in process":
            return -self._run.lots_in_process()[1] / _DAY
        done, due, on_time = self._run.finished()
        return float(done if self.reward == "finished" else 2 * on_time - due)

    def _observe(self) -> Any:
        run = self._run
        assert run is not None
        parts = [np.array([run.now / run.end, run.lots_in_process()[0]], np.float32), run.told_of_centers().ravel()]
        if self.mode == "rule":
            parts += [run.told_of_lots(range(len(self.centers)), self._lots).ravel()]
        else:
            asked = np.zeros(len(self.centers), np.float32)
            of_lots = np.zeros(self._lots * len(OF_A_LOT), np.float32)
            if run.asked >= 0:
                asked[run.asked] = 1.0
                of_lots = run.told_of_lots([run.asked], self._lots).ravel()
            parts += [asked, of_lots]
        return np.clip(np.concatenate(parts), -_MOST, _MOST)

    def _told(self) -> dict[str, Any]:
        assert self._run is not None
        told: dict[str, Any] = {"time": self._run.now}
        if self.mode == "lot":
            told |= {"center": self.centers[self._run.asked] if self._run.asked >= 0 else None}
            told |= {"action_mask": self.action_mask()}
        return told
