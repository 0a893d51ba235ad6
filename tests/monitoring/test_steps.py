"""Steps: what holds until something else is said."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from plantwright.monitoring.steps import joined, spans, steps, where_known


def test_a_value_holds_from_before_the_window() -> None:
    held = steps([0, 10, 20], ["ACTIVE", "READY", "ACTIVE"]).within(5, 25)
    assert held.time.tolist() == [5, 10, 20]
    assert held.names_held() == ["ACTIVE", "READY", "ACTIVE"]
    assert held.totals(25) == {"ACTIVE": 10, "READY": 10}


def test_before_the_first_word_nothing_is_known() -> None:
    held = steps([10], ["ACTIVE"]).within(0, 15)
    assert held.totals(15) == {None: 10, "ACTIVE": 5}
    assert steps([], []).within(0, 3).totals(3) == {None: 3}
    assert len(steps([1], ["A"]).within(5, 5)) == 0


def test_order_does_not_matter_and_of_one_instant_the_last_word_holds() -> None:
    held = steps([20, 0, 10, 10], ["C", "A", "X", "B"])
    assert held.time.tolist() == [0, 10, 20]
    assert held.names_held() == ["A", "B", "C"]


def test_the_same_word_twice_is_one_step() -> None:
    assert steps([0, 5, 9], ["A", "A", None]).time.tolist() == [0, 9]


def test_spans_may_touch_and_overlap() -> None:
    held = spans([0, 5, 20, 30], [10, 12, 30, 35], "day", "off").within(-5, 40)
    assert held.time.tolist() == [-5, 0, 12, 20, 35]
    assert held.totals(40) == {"day": 27, "off": 18}


def test_two_steps_side_by_side() -> None:
    time, (state, shift) = joined([steps([0, 4], ["A", "B"]), steps([2, 6], ["day", "off"])])
    assert time.tolist() == [0, 2, 4, 6]
    assert state.tolist() == [0, 0, 1, 1]
    assert shift.tolist() == [-1, 0, 0, 1]


def test_a_gap_makes_what_is_known_unknown() -> None:
    state = steps([0, 10], ["A", "B"])
    gap = spans([4], [12], "gap", "covered")
    covers = spans([-100, 12], [4, 100], "covered", None)
    assert where_known(state, covers).within(0, 20).totals(20) == {"A": 4, None: 8, "B": 8}
    assert gap.at(np.array([4, 11, 12])).tolist() == [0, 0, 1]


@given(
    st.lists(st.tuples(st.integers(0, 50), st.sampled_from(["A", "B", None])), max_size=20),
    st.integers(-5, 55),
    st.integers(1, 60),
)
def test_totals_are_those_of_looking_at_every_second(
    told: list[tuple[int, str | None]], start: int, length: int
) -> None:
    held = steps([t for t, _ in told], [v for _, v in told]).within(start, start + length)
    by_hand: dict[str | None, int] = {}
    for second in range(start, start + length):
        value = None
        for time, word in sorted(told, key=lambda pair: pair[0]):
            if time <= second:
                value = word
        by_hand[value] = by_hand.get(value, 0) + 1
    assert held.totals(start + length) == by_hand
