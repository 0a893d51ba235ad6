"""The stand-in for simulated totals knows a smooth function from a few of its values, and how well."""

from __future__ import annotations

import numpy as np
import pytest

from plantwright.calibration.totals.emulating import Emulator, Floats
from plantwright.calibration.totals.telling import _to_measure


def bent(points: Floats) -> Floats:
    """Falls, bends, and does not ask for the third."""
    made: Floats = np.log(0.2 + points[:, 0]) + 0.5 * np.sin(3 * points[:, 1])
    return made


@pytest.fixture(scope="module")
def learnt() -> Emulator:
    points = np.random.default_rng(1).random((60, 3))
    return Emulator(points, bent(points))


class TestEmulator:
    def test_it_foretells_what_it_has_not_seen(self, learnt: Emulator) -> None:
        others = np.random.default_rng(2).random((200, 3))
        off = learnt.mean(others) - bent(others)
        assert np.sqrt((off**2).mean()) < 0.03
        # Nearly all within three of the standard deviations that it states, and its own noise.
        assert (np.abs(off) <= 3 * np.sqrt(learnt.variance(others)) + 0.01).mean() > 0.97

    def test_its_slopes_are_those_of_its_means(self, learnt: Emulator) -> None:
        at, step = np.array([0.4, 0.7, 0.2]), 1e-5
        around = at + step * np.vstack([np.eye(3), -np.eye(3)])
        means = learnt.mean(around)
        assert learnt.slopes(at[None, :])[0] == pytest.approx((means[:3] - means[3:]) / (2 * step), abs=1e-5)
        assert abs(learnt.slopes(at[None, :])[0, 2]) < 0.02

    def test_a_plane_is_a_plane(self) -> None:
        points = np.random.default_rng(3).random((12, 2))
        flat = Emulator(points, np.full(12, 0.25))
        assert flat.mean(np.array([[0.9, 0.1]])) == pytest.approx([0.25], abs=1e-6)
        assert flat.variance(np.array([[0.9, 0.1]])) == pytest.approx([0.0], abs=1e-6)


class TestWhatToMeasure:
    def test_of_a_sum_all_but_one(self) -> None:
        """One total, the sum of three: two must be measured. Two totals, sums of two each: one of each."""
        assert len(_to_measure(np.array([[0.0, 20.0, 20.0, 20.0]]), (1, 2, 3))) == 2
        two = np.array([[20.0, 20.0, 0.0, 0.0], [0.0, 0.0, 20.0, 20.0]])
        chosen = _to_measure(two, (0, 1, 2, 3))
        assert {k // 2 for k in chosen} == {0, 1}
        assert len(chosen) == 2

    def test_first_what_tells_most(self) -> None:
        """a + b and a + c are known: a tells both others."""
        assert _to_measure(np.array([[20.0, 20.0, 0.0], [20.0, 0.0, 20.0]]), (0, 1, 2)) in ((0,), (1,), (2,))
