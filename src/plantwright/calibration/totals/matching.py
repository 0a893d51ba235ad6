"""Move the guesses of a plant within their ranges until its simulated totals match those that it states."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, replace

import numpy as np

from plantwright.calibration.totals.gathering import gathered
from plantwright.calibration.totals.known import known_totals, wrong_totals
from plantwright.calibration.totals.movable import FULL, Movable, guesses_of, no_guesses
from plantwright.calibration.totals.result import TotalsMatch
from plantwright.calibration.totals.surface import Surface
from plantwright.calibration.totals.telling import REACTS, Told, Trade, tell
from plantwright.calibration.totals.trying import Floats, Progress, Tried, Tries
from plantwright.errors import Interrupted, PlantError
from plantwright.plant import Plant, changed
from plantwright.simulation import Cancel, simulate
from plantwright.simulation.spans import find_warmup, horizon_of
from plantwright.simulation.trials import Conditions

REPLICATIONS = 20
_FIRST, _FIRST_EACH, _NEAR = 12, 2, 0.2
"""Plants that are tried all over the ranges: so many, and so many more for each guess; and two for each with it alone moved by so much."""
_WAVES = 4
_CLOSE, _MOSTLY = 0.5, 0.8
"""What was taken to be is close enough to what is simulated where this share of it is off by less than so many standard deviations."""
_ALIKE = 0.01
_ENOUGH = 1.0
"""Guesses stay as they are where moving them would make the misfit no better than by this."""
_LOOKS = 8
"""So often the best place is simulated and sought anew."""
_LONGER = 1.2
_ROUGH = 0.1
"""Rounding may make the misfit worse by so much."""


def match_totals(
    plant: Plant,
    *,
    replications: int = REPLICATIONS,
    seed: int = 1,
    threads: int | None = None,
    executor: Executor | None = None,
    progress: Progress | None = None,
    cancel: Cancel | None = None,
) -> TotalsMatch:
    """Move the guesses of a plant, within the ranges that it states, until its totals match.

    Plants are tried all over the ranges on the same luck; a Gaussian process learns from them what each total is anywhere; where it finds the
    totals to match best, and at both ends of what they allow of each guess, further plants are tried, until it foretells them
    (history matching by waves: Andrianakis et al. 2015). The least misfit is sought, in standard deviations of what is known of each total and of
    simulation, with a weak pull of each guess to what was guessed: so a guess that no total reacts to stays.

    Parameters
    ----------
    plant : Plant
        Read from a file or a workbook, with guesses that have ranges, and totals. A total is known to a third of the tolerance of the
        grade (standard deviation), or, where it is marked as a guess with a range, to that range (95 %).
    replications : int
        Of each plant that is tried; at least 2.
    seed : int
        Of the random draws.
    threads, executor, cancel
        As `plantwright.simulation.simulate` takes them.
    progress : callable, optional
        Called with the plants tried and expected.

    Raises
    ------
    PlantError
        Where it has no totals, or no guess that could be moved; with all of that at once.
    SimulationError
        Where the plant as it stands cannot run.
    Interrupted
        If it was stopped.
    """
    guesses, fixed = guesses_of(plant)
    problems = [*wrong_totals(plant), *(() if guesses else no_guesses(plant, fixed))]
    if problems:
        raise PlantError(problems)
    cancel = cancel or Cancel()
    workers = threads if executor is None else executor
    span = horizon_of(plant, "auto")
    warmup, rule, _ = find_warmup(plant, span, seed, None, workers, cancel)
    conditions = Conditions(span, warmup, seed, 0.95, warmup_rule=rule)
    tries = Tries(plant, guesses, conditions, replications, workers, cancel, progress)
    tries.expected = 10 + _first_count(guesses) + 9 * len(guesses)
    _, run = tries.run([guess.text for guess in guesses])
    tries.known = known_totals(plant, run)
    search = _Search(tries, seed)
    search.look_around()
    search.settle()
    best, told, trades = search.found()
    values, texts = search.rounded(best, told)
    matched, _ = tries.run(texts)
    run = simulate(matched, replications=replications, seed=seed, threads=threads, executor=executor, cancel=cancel)
    if run.partial or cancel.stopped:
        raise Interrupted("stopped before the totals were matched")
    if progress is not None:
        progress(tries.expected, tries.expected)
    return gathered(tries, search.surface(), matched, run, texts, values, told, trades, fixed)


def _first_count(guesses: Sequence[Movable]) -> int:
    return _FIRST + _FIRST_EACH * len(guesses)


@dataclass
class _Search:
    """The search for the best place, and what is tried on the way."""

    tries: Tries
    seed: int
    learnt: Surface | None = None

    @property
    def start(self) -> Floats:
        """Where the guesses are as they were guessed."""
        return self.tries.point([guess.value for guess in self.tries.guesses])

    @property
    def deviations(self) -> Floats:
        """The standard deviations of what is known of the totals."""
        return np.array([known.deviation for known in self.tries.known])

    def surface(self) -> Surface:
        """What the plants that were tried so far teach."""
        tried = self.tries.all
        if self.learnt is None or [id(one) for one in self.learnt.tried] != [id(one) for one in tried]:
            self.learnt = Surface(self.tries.guesses, tried, self.deviations, self.start, self.learnt)
        return self.learnt

    def look_around(self) -> None:
        """Try plants all over the ranges: a Latin hypercube. Where the best needs a longer warm-up, all over again with that."""
        generator = np.random.default_rng(self.seed)
        count = _first_count(self.tries.guesses)
        columns = [(generator.permutation(count) + generator.random(count)) / count for _ in self.tries.guesses]
        first = [self.start, *self._near_start(), *np.column_stack(columns)]
        for point in first:
            self.tries.at(point)
        values = self.tries.values(self.surface().best())
        plant, _ = self.tries.run([guess.written(v) for guess, v in zip(self.tries.guesses, values, strict=True)])
        c = self.tries.conditions
        warmup, rule, _ = find_warmup(plant, c.horizon, c.seed, None, self.tries.threads, self.tries.cancel or Cancel())
        if warmup > _LONGER * c.warmup:
            self.tries.conditions = replace(c, warmup=warmup, warmup_rule=rule)
            self.tries.kept.clear()
            self.tries.expected += len(first)
            for point in first:
                self.tries.at(point)

    def _near_start(self) -> list[Floats]:
        """Places with one guess moved a little from where it was guessed, to either side."""
        made = []
        for k in range(len(self.start)):
            for step in (-_NEAR, _NEAR):
                place = self.start
                place[k] = min(max(place[k] + step, 0.0), 1.0)
                made.append(place)
        return made

    def settle(self) -> None:
        """Try plants at the best place and at both ends of what totals allow of each guess, until these come out as foretold."""
        for _ in range(_WAVES):
            surface = self.surface()
            best = surface.best()
            places = [best]
            profiles = surface.profiles(range(len(best)), best)
            least = min(float(one.misfits.min()) for one in profiles)
            for profile in profiles:
                places += profile.places_in(*profile.interval(least))
            off = []
            for place in places:
                known = len(self.tries.kept)
                tried = None if self._is_known(place) else self.tries.at(place)
                if tried is not None and len(self.tries.kept) > known:
                    apart = np.abs(tried.misses - surface.misses(tried.point[None, :])[0]) / surface.scale
                    off.append(float(apart.max()))
            if not off or float(np.quantile(off, _MOSTLY)) < _CLOSE:
                return

    def found(self) -> tuple[Floats, list[Told], list[Trade]]:
        """The best place, what totals tell of each guess there, and which make up for each other."""
        surface = self.surface()
        reactions = self._reactions(surface.best(), surface)
        kept = {k: float(self.start[k]) for k, told in reactions.items() if np.abs(told).max() < REACTS}
        best = self._best(kept)
        at_start = self.tries.at(self.start)
        if at_start is not None:
            there = float(surface.misfit(best[None, :])[0])
            if surface.misfit_of(at_start) - there < _ENOUGH:
                best = self.start
        told, trades = tell(surface, best, reactions)
        return best, told, trades

    def rounded(self, best: Floats, told: Sequence[Told]) -> tuple[list[float], list[str]]:
        """The values at the best place with as few figures as keep the totals as they are, and as texts of the plant file."""
        guesses = self.tries.guesses
        values = [guess.value if abs(z - s) < _ALIKE else guess.at(z)
                  for guess, z, s in zip(guesses, map(float, best), map(float, self.start), strict=True)]  # fmt: skip
        counts = []
        for k, (guess, value) in enumerate(zip(guesses, values, strict=True)):
            ends = [guess.at(z) for z in told[k].alone]
            step = max(ends[1] - ends[0], 1e-9 * abs(value)) / 20
            counts.append(next((n for n in (2, 3, 4, 5) if abs(guess.rounded(value, n) - value) <= step), 6))
        surface, exact = self.surface(), self.tries.of(values)
        said: list[tuple[float, str]] = []
        for more in range(3):
            said = [self._said(g, v, n + more) for g, v, n in zip(guesses, values, counts, strict=True)]
            tried = self.tries.of([value for value, _ in said])
            if exact is None or (tried is not None and surface.misfit_of(tried) <= surface.misfit_of(exact) + _ROUGH):
                break
        return [value for value, _ in said], [text for _, text in said]

    def _said(self, guess: Movable, value: float, count: int) -> tuple[float, str]:
        """A value with so many figures, and its text; with more where these lead out of its range."""
        if value == guess.value:
            return value, guess.text
        for figures in (*range(count, 7), FULL):
            text = guess.written(guess.rounded(value, figures), figures)
            try:
                plant = changed(self.tries.plant, {guess.path: text})
            except PlantError:
                continue
            said = next(one.value for one in plant.guesses if one.path == guess.path)
            return (value if said is None else min(max(said, guess.low), guess.high)), text
        return value, guess.written(value)

    def _best(self, kept: Mapping[int, float]) -> Floats:
        """The best place of those that were simulated where the totals were taken to match best."""
        one_way = self._one_way()
        found: list[Tried] = []
        best: Floats | None = None
        for _ in range(_LOOKS):
            surface = self.surface()
            freely = surface.best(kept, best)
            surface.ends = one_way
            proposed = surface.best(kept, best)
            if surface.loss_at(proposed) > surface.loss_at(freely) + _ENOUGH:
                surface.ends, proposed = None, freely
            proposed = surface.least_moved(proposed, kept)
            surface.ends = None
            known = len(self.tries.kept)
            tried = self.tries.at(proposed)
            if tried is None:
                break
            found.append(tried)
            best = min(found, key=surface.cost_of).point
            off = np.abs(tried.misses - surface.misses(tried.point[None, :])[0]) / surface.scale
            if len(self.tries.kept) == known or float(off.max()) < _CLOSE / 2:
                break
        return self.start if best is None else best

    def _one_way(self) -> tuple[Floats, Floats]:
        """Each range from where the guess is towards where it alone, moved a little, makes the totals match better."""
        low, high = np.zeros(len(self.start)), np.ones(len(self.start))
        surface, near = self.surface(), self._near_start()
        for k in range(len(self.start)):
            less, more = self.tries.at(near[2 * k]), self.tries.at(near[2 * k + 1])
            if less is None or more is None:
                continue
            if surface.misfit_of(less) < surface.misfit_of(more):
                high[k] = self.start[k]
            else:
                low[k] = self.start[k]
        return low, high

    def _reactions(self, best: Floats, surface: Surface) -> dict[int, Floats]:
        """By how many standard deviations each total changes as each guess goes along its range alone, simulated at both ends and the best."""
        middle = self.tries.at(best)
        made = {}
        for k in range(len(best)):
            seen: list[Tried] = [] if middle is None else [middle]
            for end in (0.0, 1.0):
                place = best.copy()
                place[k] = end
                tried = self.tries.at(place)
                if tried is not None:
                    seen.append(tried)
            misses = np.array([one.misses for one in seen])
            cannot = len(seen) < 3
            made[k] = np.ptp(misses, axis=0) / surface.scale if len(seen) > 1 else np.zeros(len(surface.scale))
            if cannot:  # where the plant cannot even run the guess matters
                made[k] = np.maximum(made[k], REACTS)
        return made

    def _is_known(self, place: Floats) -> bool:
        """Whether a plant was tried so near that another one would teach nothing."""
        return any(float(np.abs(one.point - place).max()) < _ALIKE for one in self.tries.all)
