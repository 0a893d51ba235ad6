"""Random draws: uniform, independent of each other, and distributed as they say."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from numba import njit
from scipy import special, stats

from plantwright.distributions import Distribution
from plantwright.plant import read_text
from plantwright.simulation.draws import bad_pieces, draw, normal_quantile, uniform
from plantwright.simulation.linking import WHOLE
from plantwright.simulation.memory import build
from plantwright.simulation.pointers import as_world
from plantwright.simulation.streams import YIELD, entity_key, mix, run_key, uniform_plain
from plantwright.simulation.tables import Tables
from plantwright.simulation.world import World
from tests.simulation.plants import EVERYTHING

N = 40_000


@njit(pipeline_class=WHOLE)  # type: ignore[untyped-decorator]
def fill_uniform(key: Any, purpose: Any, entity: Any, count: Any, part: Any, moving: Any, out: Any) -> None:
    """Uniform draws along one of the arguments."""
    for i in range(len(out)):
        step = [0, 0, 0, 0, 0]
        step[moving] = i
        out[i] = uniform(key + step[0], purpose + step[1], entity + step[2], count + step[3], part + step[4])


@njit(pipeline_class=WHOLE)  # type: ignore[untyped-decorator]
def fill(address: Any, which: Any, out: Any) -> None:
    world = as_world(address)
    for i in range(len(out)):
        out[i] = draw(world, which, 0, 12345, i, 0)


@njit(pipeline_class=WHOLE)  # type: ignore[untyped-decorator]
def fill_bad(address: Any, pieces: Any, good: Any, out: Any) -> None:
    world = as_world(address)
    for i in range(len(out)):
        out[i] = bad_pieces(world, pieces, good, YIELD, 99, i, 0)


@njit(pipeline_class=WHOLE)  # type: ignore[untyped-decorator]
def fill_quantiles(p: Any, out: Any) -> None:
    for i in range(len(p)):
        out[i] = normal_quantile(p[i])


class TestUniform:
    @pytest.mark.parametrize("moving", range(5), ids=["key", "purpose", "entity", "count", "part"])
    def test_uniform_along_every_argument(self, moving: int) -> None:
        """Kolmogorov-Smirnov, and chi-squared over pairs of neighbours: no pattern where one argument counts up."""
        out = np.empty(N)
        fill_uniform(run_key(1, 0), 3, entity_key("operation", "a"), 0, 0, moving, out)
        assert out.min() > 0
        assert out.max() < 1
        assert len(np.unique(out)) == N
        assert stats.kstest(out, "uniform").pvalue > 1e-3
        pairs = np.histogram2d(out[:-1:2], out[1::2], bins=10, range=[[0, 1], [0, 1]])[0]
        assert stats.chisquare(pairs.ravel()).pvalue > 1e-3
        assert abs(np.corrcoef(out[:-1], out[1:])[0, 1]) < 4 / np.sqrt(N)

    def test_replications_share_nothing(self) -> None:
        one, other = np.empty(N), np.empty(N)
        fill_uniform(run_key(1, 0), 0, 5, 0, 0, 3, one)
        fill_uniform(run_key(1, 1), 0, 5, 0, 0, 3, other)
        assert abs(np.corrcoef(one, other)[0, 1]) < 4 / np.sqrt(N)
        assert not set(one) & set(other)

    def test_compiled_and_plain_agree_to_the_bit(self) -> None:
        out = np.empty(1000)
        fill_uniform(run_key(7, 3), 2, entity_key("x"), 10, 4, 3, out)
        assert out.tolist() == [uniform_plain(run_key(7, 3), 2, entity_key("x"), 10 + i, 4) for i in range(1000)]

    def test_keys_fit_into_63_bits_and_differ(self) -> None:
        keys = {run_key(seed, replication) for seed in (-1, 0, 1, 2**63) for replication in range(100)}
        assert len(keys) == 400
        assert all(0 <= key < 1 << 63 for key in keys)
        assert entity_key("a", "bc") != entity_key("ab", "c")

    def test_the_mixer_is_that_of_splitmix64(self) -> None:
        """The first outputs of splitmix64 with seed 1234567, as its author publishes them."""
        state, golden = 1234567, 0x9E3779B97F4A7C15
        outputs = [mix((state + (k + 1) * golden) & ((1 << 64) - 1)) for k in range(3)]
        assert outputs == [6457827717110365317, 3203168211198807973, 9817491932198370423]


def test_normal_quantile_against_scipy() -> None:
    tiny = 10.0 ** -np.arange(1, 300, 3)
    p = np.concatenate([tiny, np.linspace(0.001, 0.999, 1999), 1 - 10.0 ** -np.arange(1, 16)])
    out = np.empty(len(p))
    fill_quantiles(p, out)
    np.testing.assert_allclose(out, special.ndtri(p), rtol=2e-14, atol=1e-15)


def world_of(*distributions: Distribution) -> World:
    """A world that knows these distributions, in this order from row 0 on."""
    tables = Tables(read_text(EVERYTHING), 86400.0)
    for distribution in distributions:
        tables.distribution(distribution)
    from plantwright.simulation import center_rows, product_rows

    center_rows.add_people(tables)
    center_rows.add_centers(tables)
    product_rows.add_products(tables)
    world = build(tables, 0.0, 0.0)
    world.run.key[0] = run_key(11, 0)
    return world


def drawn(distribution: Distribution, count: int = N) -> Any:
    world, out = world_of(distribution), np.empty(count)
    fill(world.address, 0, out)
    return out


def lognormal(mean: float, cv: float) -> Any:
    sigma = np.sqrt(np.log1p(cv**2))
    return stats.lognorm(sigma, scale=mean / np.sqrt(1 + cv**2))


CONTINUOUS = [
    (Distribution("exponential", (5.0,)), stats.expon(scale=5)),
    (Distribution("lognormal", (5.0, 0.8)), lognormal(5, 0.8)),
    (Distribution("gamma", (5.0, 0.5)), stats.gamma(4, scale=1.25)),
    (Distribution("gamma", (5.0, 2.0)), stats.gamma(0.25, scale=20)),
    (Distribution("erlang", (3.0, 6.0)), stats.gamma(3, scale=2)),
    (Distribution("weibull", (1.7, 600.0)), stats.weibull_min(1.7, scale=600)),
    (Distribution("uniform", (40.0, 60.0)), stats.uniform(40, 20)),
    (Distribution("triangular", (50.0, 60.0, 80.0)), stats.triang(1 / 3, 50, 30)),
    (Distribution("pert", (10.0, 15.0, 30.0)), stats.beta(2, 4, 10, 20)),
    (Distribution("normal", (120.0, 2.0)), stats.norm(120, 2)),
]


@pytest.mark.parametrize(("distribution", "truth"), CONTINUOUS, ids=lambda value: getattr(value, "kind", ""))
def test_continuous_draws_against_scipy(distribution: Distribution, truth: Any) -> None:
    """Kolmogorov-Smirnov, the mean within four standard errors, and the moments that the file's words promise."""
    out = drawn(distribution)
    assert stats.kstest(out, truth.cdf).pvalue > 1e-3
    assert abs(out.mean() - truth.mean()) < 4 * truth.std() / np.sqrt(N)
    assert distribution.mean == pytest.approx(truth.mean())
    assert distribution.variance == pytest.approx(truth.var())
    kurtosis = float(truth.stats(moments="k")) + 3
    if kurtosis < 40:
        assert abs(out.var() - truth.var()) < 5 * truth.var() * np.sqrt((kurtosis - 1) / N)


def test_a_normal_time_is_cut_at_zero() -> None:
    out = drawn(Distribution("normal", (1.0, 1.0)))
    assert out.min() == 0
    assert abs((out == 0).mean() - stats.norm.cdf(-1)) < 4 * np.sqrt(0.1587 * 0.8413 / N)


def test_geometric_counts_from_one() -> None:
    out = drawn(Distribution("geometric", (4.0,)))
    counts = np.bincount(out.astype(int), minlength=12)
    assert counts[0] == 0
    expected = stats.geom(0.25).pmf(np.arange(1, 11)) * N
    assert stats.chisquare([*counts[1:11], counts[11:].sum()], [*expected, N - expected.sum()]).pvalue > 1e-3
    assert set(drawn(Distribution("geometric", (1.0,)), 100)) == {1.0}


def test_a_geometric_time_is_a_whole_number_of_its_unit() -> None:
    """``geometric 4 min``: as many minutes as a count of mean 4 has pieces."""
    minutes = drawn(Distribution("geometric", (240.0, 60.0)))
    assert (minutes == 60 * drawn(Distribution("geometric", (4.0,)))).all()
    assert set(drawn(Distribution("geometric", (60.0, 60.0)), 100)) == {60.0}


def test_empirical_values_are_equally_likely() -> None:
    values = (1.0, 2.0, 2.0, 7.0)
    out = drawn(Distribution("empirical", (), values))
    counts = [(out == value).sum() for value in (1.0, 2.0, 7.0)]
    assert sum(counts) == N
    assert stats.chisquare(counts, [N / 4, N / 2, N / 4]).pvalue > 1e-3


@pytest.mark.parametrize(
    "distribution",
    [
        Distribution("constant", (3.0,)),
        Distribution("gamma", (3.0, 0.0)),
        Distribution("lognormal", (3.0, 0.0)),
        Distribution("triangular", (3.0, 3.0, 3.0)),
        Distribution("pert", (3.0, 3.0, 3.0)),
        Distribution("uniform", (3.0, 3.0)),
    ],
    ids=lambda value: value.kind,
)
def test_no_spread_is_a_constant(distribution: Distribution) -> None:
    assert set(drawn(distribution, 50)) == {3.0}


@pytest.mark.parametrize(("low", "mode", "high"), [(0, 0, 1), (0, 1, 1)])
@pytest.mark.parametrize("kind", ["triangular", "pert"])
def test_the_mode_may_lie_at_an_end(kind: str, low: float, mode: float, high: float) -> None:
    out = drawn(Distribution(kind, (float(low), float(mode), float(high))))  # type: ignore[arg-type]
    truth = stats.triang(mode, 0, 1) if kind == "triangular" else stats.beta(1 + 4 * mode, 5 - 4 * mode)
    assert stats.kstest(out, truth.cdf).pvalue > 1e-3


@pytest.mark.parametrize("good", [0.02, 0.3, 0.5, 0.9, 0.999])
def test_bad_pieces_are_binomial(good: float) -> None:
    world, out = world_of(), np.empty(N)
    fill_bad(world.address, 20.0, good, out)
    counts = np.bincount(out.astype(int), minlength=21)
    expected = stats.binom(20, 1 - good).pmf(np.arange(21)) * N
    often = expected >= 5
    found = [*counts[often], counts[~often].sum()]
    wanted = [*expected[often], expected[~often].sum()]
    if wanted[-1] < 5:
        found[-2:], wanted[-2:] = [sum(found[-2:])], [sum(wanted[-2:])]
    assert stats.chisquare(found, np.array(wanted) / sum(wanted) * N).pvalue > 1e-3


def test_all_or_none_are_bad() -> None:
    world, out = world_of(), np.empty(10)
    for good, bad in ((1.0, 0.0), (0.0, 20.0)):
        fill_bad(world.address, 20.0, good, out)
        assert set(out) == {bad}
