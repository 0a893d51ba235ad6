"""From replications to intervals, against scipy and by hand."""

from __future__ import annotations

import math

import numpy as np
import pytest
from scipy import stats

from plantwright.simulation import difference
from plantwright.simulation.bins import BINS, bin_at, low_of, middle_of
from plantwright.simulation.statistics import (
    chance_positive,
    estimate,
    mser5,
    quantiles,
    quantiles_of,
    remembered,
    simultaneous,
)

VALUES = [10.2, 9.1, 11.7, 10.9, 9.6]


@pytest.mark.parametrize("level", [0.5, 0.95, 0.999])
def test_student_interval(level: float) -> None:
    found = estimate("x", {}, "s", VALUES, level)
    low, high = stats.t.interval(level, 4, np.mean(VALUES), stats.sem(VALUES))
    assert (found.low, found.high) == pytest.approx((low, high), rel=1e-12)
    assert found.mean == pytest.approx(10.3)
    assert found.half_width == pytest.approx((high - low) / 2)


def test_one_value_has_no_interval() -> None:
    assert estimate("x", {}, "s", [3.0], 0.95).half_width == math.inf


def test_difference_is_paired() -> None:
    base = estimate("x", {}, "s", VALUES, 0.95)
    changed = estimate("x", {}, "s", [value + 1 + 0.01 * k for k, value in enumerate(VALUES)], 0.95)
    found = difference(changed, base)
    test = stats.ttest_rel(changed.values, base.values).confidence_interval(0.95)
    assert (found.low, found.high) == pytest.approx((test.low, test.high))
    assert found.half_width < 0.03 < base.half_width
    with pytest.raises(ValueError, match="5 and 2"):
        difference(base, estimate("x", {}, "s", [1.0, 2.0], 0.95))


def test_how_sure_a_gain_is() -> None:
    gain = estimate("x", {}, "s", [0.3, -0.1, 0.4, 0.2], 0.95)
    p = stats.ttest_1samp(gain.values, 0, alternative="less").pvalue
    assert chance_positive(gain) == pytest.approx(p)
    assert chance_positive(estimate("x", {}, "s", [0.0, 0.0], 0.95)) == 0.5
    assert chance_positive(estimate("x", {}, "s", [1.0, 1.0], 0.95)) == 1.0


def test_simultaneous_levels() -> None:
    assert simultaneous(0.95, 5) == pytest.approx(0.99)
    assert simultaneous(0.95, 1) == simultaneous(0.95, 0) == pytest.approx(0.95)


class TestWarmUp:
    """MSER-5 as White, Cobb and Spratt give it: batches of five, the smallest squared standard error of what is left."""

    def test_a_ramp_is_cut_off(self) -> None:
        """Buckets 0 to 99 rise to 10, then all are 10 but for a whiff: the cut falls at the end of the ramp."""
        rng = np.random.default_rng(1)
        series = np.minimum(np.arange(1000) / 10, 10) + rng.normal(0, 0.01, 1000)
        found = mser5(series)
        assert found.found
        assert 90 <= found.truncation <= 105

    def test_a_series_without_warm_up_is_kept(self) -> None:
        series = np.tile([1.0, 2.0], 500)
        assert mser5(series).truncation == 0

    def test_a_series_that_grows_without_end_does_not_settle(self) -> None:
        assert not mser5(np.arange(1000.0)).found

    def test_too_short_a_series_says_nothing(self) -> None:
        assert not mser5(np.ones(19)).found

    def test_by_hand(self) -> None:
        """Six batches 9, 1, 1, 3, 1, 3: variances of the rest over their number, from each start."""
        batches = np.array([9.0, 1, 1, 3, 1, 3])
        errors = [batches[d:].var() / (6 - d) for d in range(4)]
        assert int(np.argmin(errors)) == 1
        assert mser5(np.repeat(batches, 5)).truncation == 5

    def test_replications_are_averaged_first(self) -> None:
        """Two series that swing against each other are one that stands still."""
        swing = np.sin(np.arange(500) / 20)
        assert mser5([5 + swing, 5 - swing]).truncation == 0


class TestQuantiles:
    def test_from_the_histogram_within_one_percent(self) -> None:
        times = np.random.default_rng(2).lognormal(8, 1, 20_000)
        bins = [bin_at(time) for time in times]
        found = quantiles(np.bincount(bins, minlength=BINS), (0.1, 0.5, 0.9, 0.99))
        assert found == pytest.approx(np.quantile(times, (0.1, 0.5, 0.9, 0.99)), rel=0.0081)

    def test_times_that_lie_close_are_told_apart(self) -> None:
        """Cycle times of some 50 days that vary by 2: a bin is half a day wide, and quantiles are met to an eighth of one."""
        times = np.random.default_rng(3).normal(50 * 86400, 2 * 86400, 20_000)
        shares = (0.05, 0.25, 0.5, 0.9, 0.95)
        found = np.array(quantiles(np.bincount([bin_at(time) for time in times], minlength=BINS), shares))
        assert found / 86400 == pytest.approx(np.quantile(times, shares) / 86400, abs=0.066)

    def test_one_time_is_one_time(self) -> None:
        """Times that are all in one bin are in its middle; of two apart each has its own."""
        counts = np.zeros(BINS, int)
        counts[bin_at(3600)] = 7
        assert quantiles(counts, (0.05, 0.5, 0.95)) == pytest.approx([3600] * 3, rel=1 / 128)
        assert len(set(quantiles(counts, (0.05, 0.5, 0.95)))) == 1
        counts[bin_at(7200)] = 3
        assert quantiles(counts, (0.5, 0.9)) == pytest.approx([3600, 7200], rel=1 / 128)

    def test_a_bin_whose_one_neighbour_holds_times(self) -> None:
        """Nine times in the first of two bins are spread from its middle to the second, one in the second from there to its middle."""
        counts = np.zeros(BINS, int)
        b = bin_at(3600)
        counts[b : b + 2] = 9, 1
        wide = low_of(b + 1) - low_of(b)
        expected = [low_of(b) + wide * (0.5 + 0.5 * 4.5 / 9), low_of(b + 1) + wide * 0.25]
        assert quantiles(counts, (0.5, 1.0)) == pytest.approx(expected, rel=1e-12)

    def test_each_histogram_has_its_own(self) -> None:
        """The last bin of one and the first of the next lie side by side, and have nothing to do with each other."""
        counts = np.zeros((2, BINS), int)
        counts[0, BINS - 1], counts[1, 0] = 4, 4
        assert quantiles_of(counts, (0.5,))[:, 0].tolist() == [middle_of(BINS - 1), 0.0]

    def test_without_counts_there_is_none(self) -> None:
        assert math.isnan(quantiles(np.zeros(10), (0.5,))[0])

    def test_no_time_at_all_is_zero(self) -> None:
        assert quantiles([5, 0, 0], (0.5,)) == [0.0]


class TestRemembered:
    """The sum of autocorrelations of batches of five buckets, in buckets."""

    def series(
        self, phi: float, replications: int = 20, batches: int = 2000
    ) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
        """Each batch is `phi` times the one before and noise, so that its autocorrelations are the powers of `phi`."""
        noise = np.random.default_rng(1).normal(size=(replications, batches))
        for k in range(1, batches):
            noise[:, k] += phi * noise[:, k - 1]
        return np.repeat(noise, 5, axis=1)

    @pytest.mark.parametrize("phi", [0.3, 0.8, 0.95])
    def test_correlations_that_die_out(self, phi: float) -> None:
        assert remembered(self.series(phi), 100) == pytest.approx(5 * phi / (1 - phi), rel=0.15)

    def test_noise_and_what_stands_still_remember_nothing(self) -> None:
        assert remembered(self.series(0.0, 5, 26), 0) == 0
        assert remembered(np.full((5, 100), 12.0), 0) == 0

    def test_what_swings_to_and_fro_remembers_nothing(self) -> None:
        assert remembered(self.series(-0.6), 0) == 0

    def test_what_was_cut_off_does_not_count(self) -> None:
        start = self.series(0.0)
        start[:, :500] += 50
        assert remembered(start, 500) == 0
        assert remembered(start, 0) > 100
