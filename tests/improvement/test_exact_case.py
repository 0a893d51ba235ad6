"""A line that is solved exactly: every true gain of eleven moves, and which is the best."""

from __future__ import annotations

import os

import pytest

from plantwright.improvement import improve, propose
from plantwright.improvement.ranking import simultaneous_effects
from plantwright.plant import changed

from .plants import exact_line

PART = 1 if "PLANTWRIGHT_STUDIES" in os.environ else 8
"""A part of the study is run where studies are not run whole; its intervals are wider by the square root of it."""
BASE = 0.5502328
TRUE = {
    "faster machine: station 1": 1.58,
    "faster machine: station 2": 3.02,
    "faster machine: station 3": 2.26,
    "faster machine: station 4": 1.49,
    "better reliability: station 1 repair": 1.69,
    "better reliability: station 2 repair": 2.04,
    "better reliability: station 3 repair": 1.65,
    "better reliability: station 4 repair": 1.67,
    "more buffer: station 2": 1.75,
    "more buffer: station 3": 2.47,
    "more buffer: station 4": 1.59,
}
"""Gains in percent of the base: 10 % faster, repairs 1.5 times as fast, one more place in front."""


@pytest.mark.study
def test_all_true_gains_lie_in_their_simultaneous_intervals_and_the_best_comes_first() -> None:
    # The truths are those of repairs 1.5 times as fast and failures 1.5 times as rare: a third of the lost time less.
    plant = changed(
        exact_line(),
        {"moves": {"better reliability": {"effect": "33.3333333 %"}, "faster machine": {"effect": "10 %"}}},
    )
    moves = [move for move in propose(plant) if move.name in TRUE]
    assert len(moves) == len(TRUE)
    study = improve(plant, moves=moves, horizon=150_000 * 60.0 / PART, warmup=2_000 * 60.0, replications=24)
    base = study.saturated.estimate("throughput")
    assert base.mean / (24 * 60) == pytest.approx(BASE, rel=0.002 * PART**0.5)
    effects = {item.move.name: item.saturated["throughput"] for item in study.moves}
    for name, (low, high) in simultaneous_effects(effects, 0.95).items():
        per_cent = 100 / base.mean
        assert (high - low) / 2 * per_cent <= 0.15 * PART**0.5, name
        # The truths are given to two places.
        assert low * per_cent - 0.005 <= TRUE[name] <= high * per_cent + 0.005, name
    assert study.moves[0].move.name == "faster machine: station 2"
    assert study.limit.subject == "station 2"


def test_the_second_best_is_a_buffer_and_no_station_at_all() -> None:
    best = sorted(TRUE, key=lambda name: -TRUE[name])
    assert best[:2] == ["faster machine: station 2", "more buffer: station 3"]
