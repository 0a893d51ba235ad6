"""Replications are added until intervals are as tight as asked; the answer does not depend on threads."""

from __future__ import annotations

import pytest

from plantwright.simulation import Run, simulate
from plantwright.simulation.replicate import HEADLINES
from plantwright.simulation.statistics import relative_half_width
from tests.simulation.plants import queue, shop

QUEUE = queue("exponential 0.8 min", "exponential 1 min")


def headlines(run: Run) -> dict[str, float]:
    return {
        e.name: relative_half_width(e) for e in run.estimates if e.name in HEADLINES and not e.of and e.quantile is None
    }


def test_blocks_are_added_until_every_headline_is_tight() -> None:
    """M/M/1 at .8: cycle time 1 / (mu - lambda) = 4 min. One block less was not tight enough."""
    run = simulate(QUEUE, horizon="10 d", warmup="1 d", replications=10, precision="2 %")
    assert run.replications % 10 == 0
    assert 10 < run.replications < 1000
    assert set(headlines(run)) == {"throughput", "work in process", "cycle time"}
    assert max(headlines(run).values()) <= 0.02
    before = simulate(QUEUE, horizon="10 d", warmup="1 d", replications=run.replications - 10)
    assert max(headlines(before).values()) > 0.02
    assert before.estimate("cycle time").values == run.estimate("cycle time").values[:-10]
    assert run.estimate("cycle time").mean == pytest.approx(240, rel=0.04)
    assert (run.precision, run.wider, run.partial) == (0.02, {}, False)


def test_the_answer_is_the_same_on_any_number_of_threads() -> None:
    one, three = (
        simulate(QUEUE, horizon="5 d", warmup="1 d", replications=8, precision=0.03, threads=n) for n in (1, 3)
    )
    assert one == three


def test_where_it_is_given_up_the_run_says_so() -> None:
    run = simulate(QUEUE, horizon="2 d", warmup="1 d", replications=4, precision="0.1 %", most_replications=10)
    assert run.replications == 10
    assert run.wider == {name: share for name, share in headlines(run).items() if share > 0.001}
    assert not run.partial
    assert "Not as precise as asked (0.1 %): " in str(run)
    assert run.to_dict()["precision"] == {"asked": 0.001, "wider": run.wider}


def test_what_has_no_chance_in_it_is_precise_at_once() -> None:
    plant = shop(
        "plant: x\nwork centers: {m: {}}\nproducts: {p: {release: saturated, routing: [a: {at: m, time: 1 h}]}}\n"
    )
    assert simulate(plant, horizon="10 h", warmup=0.0, replications=2, precision="1 %").replications == 2


@pytest.mark.parametrize("wrong", ["0 %", "100 %", 1.5])
def test_a_precision_that_makes_no_sense_is_refused(wrong: str | float) -> None:
    with pytest.raises(ValueError, match="between 0 % and 100 %"):
        simulate(QUEUE, precision=wrong)
