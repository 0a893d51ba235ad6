"""Dispatching as a Gymnasium environment, on the same compiled engine as every other run.

It needs Gymnasium: ``pip install 'plantwright[gym]'``.
"""

from __future__ import annotations

from collections.abc import Sequence
from copy import copy, deepcopy
from operator import index
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
from plantwright.simulation.deciding import AS_IN_THE_PLANT, Deciding, centers_to_decide, wrong_centers, wrong_rules
from plantwright.simulation.observing import MOST, OF_A_CENTER, OF_A_LOT, OF_THE_RUN
from plantwright.simulation.spans import horizon_of, seconds_of

__all__ = ["DispatchEnv"]

_DAY = 86400.0
_REWARDS = ("lots in process", "on time", "finished")
_NAME = "plantwright/Dispatch-v0"


class DispatchEnv(gymnasium.Env[Any, Any]):
    """Choose dispatch rules, or lots, in a plant.

    Parameters
    ----------
    plant : Plant, str or Path
        A plant, or its file.
    centers : str or sequence of str, optional
        The work centers at which the agent decides; all that have machines if not given.
    mode : {"rule", "lot"}
        ``"rule"``: each time that `every` has passed, the agent says by which of `rules` lots go at each work center; an action is a
        vector with the number of a rule for each. ``"lot"``: each time that at least two of the first `lots` of the queue of one of the
        work centers may go, it says which goes first (0 .. lots - 1), or leaves it to the plant's rule (lots).
    rules : str or sequence
        Each is a rule of the plant file, that of another package (entry points ``plantwright.rules``), or a list of rules;
        ``"as in the plant"`` is what the plant says at that work center.
    every : str or float
        Text with a unit, or seconds. How long a choice of rules holds (``"8 h"`` if not given); in lot mode, for how long a work center
        that was answered goes by the plant's rule before it asks again (not at all).
    lots : int
        Of how many lots of a queue the agent is told; at least 2 in lot mode.
    horizon, warmup : str or float
        As `plantwright.simulation.begin` takes them. The warm-up passes by the plant's own rules, before the first decision.
    reward : {"lots in process", "on time", "finished"}
        For what happened since the last decision, or before the first one since the warm-up: minus the lot-days in process; the lots
        finished on time minus those finished late; the lots finished.
    render_mode : {"ansi"}, optional
        `render` gives a text: when it is, and what each work center does.

    Attributes
    ----------
    labels : tuple of str
        What each number of an observation is: float32, times in hours, at most a million.

    Notes
    -----
    ``reset(seed=s)`` begins the replication 1 of seed `s` of `simulate`; without a seed, the next replication. An episode is terminated
    at the horizon. ``info`` has ``time`` (seconds from the start), ``center`` (that is asked for, in lot mode) and ``action_mask``
    (int8, shape (lots + 1,): 1 for each lot that an idle machine may take now, and for the rule, in lot mode). Where an action is masked,
    the rule decides.

    A copy (``copy.deepcopy``) goes on by itself from where it is; what is pickled begins with `reset`.

    Raises
    ------
    ValueError
        For a work center, a rule, a mode or a reward that is not there, or numbers that are none: all that is wrong at once.
    PlantError
        For a plant file that is wrong.
    """

    metadata = {"render_modes": ["ansi"], "render_fps": 1}  # noqa: RUF012

    def __init__(
        self,
        plant: Plant | str | Path,
        *,
        centers: str | Sequence[str] | None = None,
        mode: Literal["rule", "lot"] = "rule",
        rules: str | Sequence[str | Sequence[str]] = (AS_IN_THE_PLANT, "FIFO", "EDD", "SPT", "CR"),
        every: str | float | None = None,
        lots: int = 5,
        horizon: str | float = "auto",
        warmup: str | float = 0.0,
        reward: str = "lots in process",
        render_mode: str | None = None,
    ) -> None:
        self.plant = plant if isinstance(plant, Plant) else read_plant(plant)
        rules = (rules,) if isinstance(rules, str) else rules
        named = (centers,) if isinstance(centers, str) else centers
        self.centers = centers_to_decide(self.plant) if named is None else tuple(dict.fromkeys(named))
        by_lot = self._by_lot = mode == "lot"
        span = seconds_of(every) if every is not None else 0.0 if by_lot else 8 * 3600.0
        wrong = [f"centers: {problem}" for problem in wrong_centers(self.plant, self.centers)]
        if not self.centers:
            wrong.append("centers: there is nothing to decide, as no work center that is named has machines")
        wrong += [f"rules: {problem}" for problem in wrong_rules(rules)]
        if not rules:
            wrong.append(f"rules: name at least one, such as {AS_IN_THE_PLANT!r}")
        wrong += [*_among("mode", mode, "rule", "lot"), *_among("reward", reward, *_REWARDS)]
        wrong += _among("render_mode", render_mode, None, "ansi")
        if lots < 1 + by_lot:
            wrong.append(f"lots: {lots}: give at least {1 + by_lot}, so that there is something to choose")
        if not (0 <= span < np.inf and (span > 0 or by_lot)):
            wrong.append(f"every: {every!r}: give a time that is longer than no time")
        if wrong:
            raise ValueError("\n".join(wrong))
        self.mode, self.rules, self.reward, self.render_mode = mode, tuple(rules), reward, render_mode
        self._reward = _REWARDS.index(reward)
        self._every, self._lots = span, lots
        self._span = {"horizon": horizon_of(self.plant, horizon), "warmup": seconds_of(warmup)}
        self._seed: int | None = None
        self._replication = 1
        self._run: Deciding | None = None
        self._over = False
        self.labels = self._labels()
        self.observation_space = gymnasium.spaces.Box(-MOST, MOST, (len(self.labels),), np.float32)
        if by_lot:
            self.action_space = gymnasium.spaces.Discrete(lots + 1)
        else:
            self.action_space = gymnasium.spaces.MultiDiscrete([len(self.rules)] * len(self.centers))

    def _labels(self) -> tuple[str, ...]:
        found = [*OF_THE_RUN, *(f"{center}: {word}" for center in self.centers for word in OF_A_CENTER)]
        if self._by_lot:
            found += [f"{center}: asked" for center in self.centers]
        of = ("asked",) if self._by_lot else self.centers
        found += [f"{center}: lot {k + 1}: {word}" for center in of for k in range(self._lots) for word in OF_A_LOT]
        return tuple(found)

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[Any, dict[str, Any]]:
        """Begin a run; returns the first observation and what else is told.

        Raises SimulationError where the plant, or a rule of another package, cannot be run.
        """
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
            self._by_lot,
            self.rules,
            self._lots,
            seed=self._seed,
            replication=self._replication,
            **self._span,
        )
        now, *_ = counted = run.counted.tolist()
        self._before, self._until, self._over = self._earned(counted), now, False
        if self._by_lot:
            run.go(run.end)
        return run.told(), self._told(run.counted.tolist())

    def step(self, action: Any) -> tuple[Any, float, bool, bool, dict[str, Any]]:
        """Make a decision, and let the run go on to the next one.

        Raises
        ------
        ValueError
            For an action that is not in the action space.
        ResetNeeded
            Before `reset`, and once the run is over.
        """
        run = self._run
        if run is None or self._over:
            raise gymnasium.error.ResetNeeded("the run is over, or has not begun: call reset()")
        if self._by_lot:
            try:
                place = index(action)
            except TypeError:
                place = -1
            if not 0 <= place <= self._lots:
                raise self._no_action(action)
            run.answer(place, self._every)
            run.go(run.end)
        else:
            if not self.action_space.contains(chosen := np.asarray(action)):
                raise self._no_action(action)
            run.follow(chosen.tolist())
            self._until += self._every
            run.go(min(self._until, run.end))
        counted = run.counted.tolist()
        earned = self._earned(counted)
        reward, self._before = earned - self._before, earned
        over = self._over = counted[0] >= run.end
        return run.told(), reward, over, False, self._told(counted)

    def _no_action(self, action: Any) -> ValueError:
        if self._by_lot:
            return ValueError(
                f"action: {action!r}: give a whole number from 0 to {self._lots}; {self._lots} leaves it to the rule"
            )
        return ValueError(
            f"action: {action!r}: give {len(self.centers)} whole numbers from 0 to {len(self.rules) - 1}, "
            "a rule for each work center"
        )

    def _earned(self, counted: Sequence[float]) -> float:
        """What the reward is the growth of."""
        _, _, lot_seconds, finished, with_due, on_time = counted
        if self._reward == 0:
            return -lot_seconds / _DAY
        return 2 * on_time - with_due if self._reward == 1 else finished

    def _told(self, counted: Sequence[float]) -> dict[str, Any]:
        if not self._by_lot:
            return {"time": counted[0]}
        assert self._run is not None
        asked = int(counted[1])
        return {
            "time": counted[0],
            "center": self.centers[asked] if asked >= 0 else None,
            "action_mask": self._run.may_go(),
        }

    def action_masks(self) -> Any:
        """Which actions mean something now, by the name under which the maskable algorithms of sb3-contrib look for it.

        int8; in lot mode ``info["action_mask"]``, in rule mode a 1 for each rule of each work center. Raises ResetNeeded before `reset`.
        """
        run = self._begun()
        return run.may_go() if self._by_lot else np.ones(len(self.centers) * len(self.rules), np.int8)

    def estimates(self) -> Any:
        """What was counted since the warm-up, as `State.estimates` gives it; before the first step there is nothing.

        Raises ResetNeeded before `reset`.
        """
        return self._begun().estimates()

    def _begun(self) -> Deciding:
        if self._run is None:
            raise gymnasium.error.ResetNeeded("no run has begun: call reset()")
        return self._run

    def render(self) -> Any:
        """The time, and what each work center does now, as text; nothing without ``render_mode="ansi"``."""
        if self.render_mode is None:
            return None
        run = self._begun()
        told, counted = run.told(), run.counted.tolist()
        lines = [f"{counted[0] / _DAY:.3f} d, {told[1]:.0f} lots in process"]
        if counted[1] >= 0:
            lines[0] += f"; {self.centers[int(counted[1])]} asks"
        width = max(map(len, self.centers))
        of_centers = told[len(OF_THE_RUN) :][: len(self.centers) * len(OF_A_CENTER)].reshape(len(self.centers), -1)
        for center, (waiting, *shares) in zip(self.centers, of_centers, strict=True):
            states = ", ".join(
                f"{100 * share:.0f} % {word}" for word, share in zip(OF_A_CENTER[1:], shares, strict=True) if share
            )
            lines.append(f"{center:<{width}}  {waiting:4.0f} waiting  {states}")
        return "\n".join(lines)

    def __getstate__(self) -> dict[str, Any]:
        """What is pickled: all but the run, which lies in the memory of this process."""
        return self.__dict__ | {"_run": None}

    def __deepcopy__(self, memo: dict[int, Any]) -> DispatchEnv:
        other = copy(self)
        other._np_random = deepcopy(self._np_random, memo)
        if self._run is not None:
            other._run = self._run.clone()
        return other


def _among(name: str, value: object, *known: object) -> list[str]:
    """What is wrong with a value that is to be one of those that are known."""
    return [] if value in known else [f"{name}: {value!r} is none of {', '.join(map(repr, known))}"]


gymnasium.register(_NAME, entry_point="plantwright.gym:DispatchEnv")
