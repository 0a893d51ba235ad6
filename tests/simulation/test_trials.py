"""Replications a few at a time are those of one run; what is uncertain is drawn as its seeds say."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from plantwright.distributions import Distribution
from plantwright.plant import build_plant, changed, read_plant, with_factors, with_variability
from plantwright.plant.plant import Plant
from plantwright.simulation import Cancel, simulate
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.trials import Conditions, Trial
from plantwright.simulation.uncertainty import Seeds, way

EXAMPLES = Path(__file__).parents[2] / "examples"
DAY = 86400.0


def bench(time: str = "exponential 10 min", **more: object) -> Plant:
    return build_plant(
        {
            "plant": "One bench",
            "work centers": {"bench": {"machines": "1"}},
            "products": {"bag": {"release": "saturated", "routing": [{"sew": {"at": "bench", "time": time}}], **more}},
        }
    )


CONDITIONS = Conditions(5 * DAY, 1 * DAY, seed=3, level=0.95)


def test_replications_a_few_at_a_time_are_those_of_one_run() -> None:
    trial = Trial(bench(), CONDITIONS)
    assert trial.more(2)
    assert trial.more(7)
    whole = simulate(bench(), horizon=5 * DAY, warmup=1 * DAY, replications=7, seed=3)
    assert trial.run().estimates == whole.estimates
    first = simulate(bench(), horizon=5 * DAY, warmup=1 * DAY, replications=2, seed=3)
    assert trial.run(2).estimates == first.estimates
    assert (trial.done, trial.simulated) == (7, 7)


def test_what_was_kept_is_not_simulated_again() -> None:
    before = Trial(bench(), CONDITIONS)
    before.more(4)
    after = Trial(bench(), CONDITIONS)
    after.keep(before.run())
    after.more(6)
    before.more(6)
    assert after.run().estimates == before.run().estimates
    assert (after.simulated, before.simulated) == (2, 6)


def test_a_trial_that_is_stopped_keeps_what_it_had() -> None:
    trial = Trial(bench(), CONDITIONS)
    trial.more(2)
    stopped = Cancel()
    stopped.stop()
    assert not trial.more(5, cancel=stopped)
    assert trial.done == 2


def test_a_plant_that_turns_out_in_two_ways_is_each_of_them_in_its_replications() -> None:
    slow, quick = bench("10 min"), bench("5 min")
    trial = Trial(slow, CONDITIONS, lambda r: (slow, quick)[r % 2])
    trial.more(4)
    # A day has 144 times ten minutes.
    assert trial.run().estimate("throughput").values == pytest.approx((144, 288, 144, 288))


def test_ways_are_equally_likely_and_each_move_has_its_own() -> None:
    drawn = [way(1, r, "quicker setups", 5) for r in range(2000)]
    counts = [drawn.count(k) for k in range(5)]
    # Binomial(2000, 1/5): five standard deviations are 89.
    assert max(abs(count - 400) for count in counts) < 89
    other = [way(1, r, "another move", 5) for r in range(2000)]
    same = sum(a == b for a, b in zip(drawn, other, strict=True))
    assert abs(same - 400) < 89
    assert [way(1, r, "quicker setups", 5, Seeds(belief=9)) for r in range(50)] != drawn[:50]
    assert [way(1, r, "quicker setups", 5, Seeds(luck=9)) for r in range(50)] == drawn[:50]


class TestSeeds:
    """A plant in which demand alone is uncertain, and one in which luck alone is."""

    PLANT = bench(
        "1 min", demand={"rate": "400 pieces/day", "low": "200 pieces/day", "high": "600 pieces/day"}, price="1 USD"
    )

    def values(self, seeds: Seeds) -> tuple[float, ...]:
        trial = Trial(self.PLANT, Conditions(5 * DAY, 1 * DAY, 3, 0.95, seeds=seeds))
        trial.more(4)
        return trial.run().estimate("sales").values

    def test_what_is_drawn_anew_is_what_changes(self) -> None:
        together = self.values(Seeds())
        assert self.values(Seeds(luck=7)) == together
        assert self.values(Seeds(belief=7)) == together
        assert self.values(Seeds(records=7)) == together
        assert self.values(Seeds(demand=7)) != together

    def test_luck_alone_leaves_the_numbers_of_the_plant(self) -> None:
        def run(seeds: Seeds) -> tuple[float, ...]:
            trial = Trial(bench(), Conditions(5 * DAY, 1 * DAY, 3, 0.95, seeds=seeds))
            trial.more(3)
            return trial.run().estimate("throughput").values

        assert run(Seeds(luck=7)) != run(Seeds())
        assert run(Seeds(records=7, demand=7)) == run(Seeds())


class TestVaried:
    @pytest.mark.parametrize(
        "distribution",
        [
            Distribution("exponential", (40.0,)),
            Distribution("lognormal", (1.5, 0.8)),
            Distribution("uniform", (40.0, 60.0)),
            Distribution("triangular", (50.0, 60.0, 80.0)),
            Distribution("weibull", (1.7, 600.0)),
            Distribution("erlang", (3.0, 12.0)),
        ],
    )
    def test_the_mean_stays_and_the_variation_is_multiplied(self, distribution: Distribution) -> None:
        for factor in (0.5, 2.0):
            made = distribution.varied(factor)
            assert made.mean == pytest.approx(distribution.mean)
            assert made.cv == pytest.approx(factor * distribution.cv)

    def test_measured_values_are_drawn_together_around_their_mean(self) -> None:
        made = Distribution("empirical", (), (4.0, 8.0, 12.0)).varied(0.5)
        assert made.values == (6.0, 8.0, 10.0)

    def test_a_constant_stays_one(self) -> None:
        assert Distribution.constant(5.0).varied(2.0) == Distribution.constant(5.0)

    def test_every_time_of_a_plant_varies_more_and_changed_later_on_it_stays_so(self) -> None:
        wild = with_variability(bench("lognormal 10 min cv 0.5"), 2.0)
        time = wild.products["bag"].routing[0].time
        assert time is not None
        assert time.distribution == Distribution("lognormal", (600.0, 1.0))
        again = changed(wild, {"work centers > bench > machines": "2"}).products["bag"].routing[0].time
        assert again == time


def test_a_factor_multiplies_the_number_at_its_path_alone() -> None:
    plant = with_factors(bench("lognormal 10 min cv 0.5"), {"products > bag > routing > sew > time": 1.5})
    time = plant.products["bag"].routing[0].time
    assert time is not None
    assert time.distribution == Distribution("lognormal", (900.0, 0.5))
    assert plant.work_centers == bench().work_centers


def test_a_factor_leaves_the_chance_and_the_clock_of_a_failure() -> None:
    stops = [{"every": "exponential 40 h", "clock": "working", "repair": "2 h"}]
    plant = changed(bench(), {"work centers > bench > failures": stops})
    (before,) = plant.work_centers["bench"].failures
    path = "work centers > bench > failures > 1 > every"
    (after,) = with_factors(plant, {path: 1.5}).work_centers["bench"].failures
    assert after.every == Distribution("exponential", (60 * 3600.0,))
    assert replace(after, every=before.every) == before


@pytest.mark.parametrize("name", ["pouch-cell-pilot.yaml", "electronics-assembly.yaml", "weaving-dyeing-mill.yaml"])
def test_every_guess_of_the_examples_may_be_doubted(name: str) -> None:
    plant = read_plant(EXAMPLES / name)
    assert plant.guesses
    for guess in plant.guesses:
        doubted = with_factors(plant, {guess.path: 1.1})
        Blueprint(doubted, DAY, 0.0, 0.0, False, None)
        (after,) = [other.value for other in doubted.guesses if other.path == guess.path]
        assert after == guess.value
