"""Numbers that are not known for sure are drawn once for each replication, as their chances say, and keep their luck."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import polars
import pytest
from scipy import stats

from plantwright.distributions import Distribution
from plantwright.errors import PlantError
from plantwright.improvement import improve
from plantwright.plant import changed, read_plant, read_text
from plantwright.simulation import begin, load, not_simulated, simulate
from plantwright.simulation.uncertainty import drawn, quantile

STEP = "products > part > routing > form"
PRESS = """
plant: A press
work centers: {press: {machines: 1}}
products:
  part: {unit: part, release: saturated, routing: [form: {at: press, time: 10 min, yield: uniform 80..100 %}]}
"""


def sigma(cv: float) -> float:
    return math.sqrt(math.log1p(cv**2))


@pytest.mark.parametrize(
    ("kind", "parameters", "known"),
    [
        ("exponential", (3.0,), stats.expon(scale=3)),
        ("lognormal", (3.0, 0.5), stats.lognorm(sigma(0.5), scale=3 * math.exp(-(sigma(0.5) ** 2) / 2))),
        ("gamma", (3.0, 0.4), stats.gamma(6.25, scale=3 / 6.25)),
        ("erlang", (4.0, 3.0), stats.erlang(4, scale=0.75)),
        ("weibull", (1.7, 3.0), stats.weibull_min(1.7, scale=3)),
        ("normal", (3.0, 0.4), stats.norm(3, 0.4)),
        ("uniform", (2.0, 5.0), stats.uniform(2, 3)),
        ("triangular", (2.0, 3.0, 6.0), stats.triang(0.25, 2, 4)),
        ("pert", (2.0, 3.0, 6.0), stats.beta(2, 4, 2, 4)),
        ("geometric", (5.0,), stats.geom(0.2)),
    ],
)
def test_numbers_are_drawn_by_the_inverse(kind, parameters, known) -> None:  # type: ignore[no-untyped-def]
    for u in (0.001, 0.1, 0.37, 0.5, 0.9, 0.999):
        assert quantile(Distribution(kind, parameters), u) == pytest.approx(known.ppf(u), rel=1e-9)


def test_a_value_of_a_sample_is_drawn() -> None:
    sample = Distribution("empirical", (), (1.0, 2.0, 4.0, 8.0))
    assert [quantile(sample, u) for u in (0.01, 0.26, 0.74, 0.99)] == [1, 2, 4, 8]
    assert quantile(Distribution.constant(3.0), 0.2) == 3


def test_what_is_drawn_is_as_the_chance_says_and_differs_between_seeds() -> None:
    plant = read_text(PRESS)
    values = [drawn(plant, 5, r).products["part"].routing[0].yield_ for r in range(400)]
    assert stats.kstest(values, stats.uniform(0.8, 0.2).cdf).pvalue > 0.001
    others = [drawn(plant, 6, r).products["part"].routing[0].yield_ for r in range(400)]
    assert abs(np.corrcoef(values, others)[0, 1]) < 0.2


def test_each_replication_makes_what_its_own_yield_lets_through() -> None:
    # 144 parts a day are worked on, one in ten minutes: 100 days of them let a share show to 0.3 % (one standard deviation at .8).
    plant = read_text(PRESS)
    run = simulate(plant, horizon="100 d", warmup=0, replications=6, seed=3)
    shares = [1 - drawn(plant, 3, r).products["part"].routing[0].yield_ for r in range(6)]
    assert run.estimate("scrap share").values == pytest.approx(shares, abs=0.014)
    assert max(shares) - min(shares) > 0.05
    assert run.uncertain == (f"{STEP} > yield",)
    assert run.to_dict()["uncertain"] == [f"{STEP} > yield"]
    assert f"Drawn anew in each replication: {STEP} > yield" in str(run)
    assert not_simulated(plant) == ()


def test_what_is_known_for_sure_is_not_drawn() -> None:
    run = simulate(changed(read_text(PRESS), {f"{STEP} > yield": "90 %"}), horizon="1 d", warmup=0, replications=2)
    assert run.uncertain == ()
    assert "Drawn anew" not in str(run)


def test_a_number_keeps_its_luck_whatever_is_drawn_or_changed_beside_it() -> None:
    one = read_text(PRESS)
    other = changed(one, {"work centers > press > cost": "uniform 1..9 USD/h", "work centers > press > machines": "2"})
    for r in range(5):
        assert (
            drawn(one, 1, r).products["part"].routing[0].yield_ == drawn(other, 1, r).products["part"].routing[0].yield_
        )


def test_whole_numbers_stay_whole_and_shares_shares() -> None:
    plant = changed(
        read_text(PRESS), {f"{STEP} > yield": "normal 98 % sd 5 %", "work centers > press > machines": "uniform 1..3"}
    )
    found = [drawn(plant, 1, r) for r in range(60)]
    # Halves are rounded up: 1 of 4 draws is 1, 2 of 4 are 2, 1 of 4 is 3.
    assert [sum(p.work_centers["press"].machines == n for p in found) for n in (1, 2, 3)] == pytest.approx(
        [15, 30, 15], abs=9
    )
    yields = [p.products["part"].routing[0].yield_ for p in found]
    assert max(yields) == 1.0
    assert sum(y == 1.0 for y in yields) == pytest.approx(60 * stats.norm.sf(0.4), abs=10)


def test_replications_of_different_numbers_of_machines_are_counted_alike() -> None:
    text = PRESS.replace("machines: 1", "machines: uniform 1..3").replace("uniform 80..100 %", "100 %")
    run = simulate(read_text(text), horizon="10 d", warmup=0, replications=8, lots=9, saturated=True)
    machines = [drawn(read_text(text), 1, r).work_centers["press"].machines for r in range(8)]
    assert len(set(machines)) == 3
    assert run.estimate("throughput").values == pytest.approx([144 * m for m in machines])  # type: ignore[operator]
    assert run.estimate("state share", work_center="press", state="working").values == pytest.approx([1.0] * 8)


DEMAND = "products > part > demand"


def test_a_demand_with_a_range_is_triangular() -> None:
    plant = changed(read_text(PRESS), {DEMAND: {"rate": "60 parts/day", "low": "40 parts/day", "high": "120 parts/day"}, f"{STEP} > yield": None})  # fmt: skip
    rates = [drawn(plant, 1, r).products["part"].demand.rate for r in range(400)]  # type: ignore[union-attr]
    assert stats.kstest(rates, stats.triang(0.25, 40, 80).cdf).pvalue > 0.001
    # The press makes 144 a day, so all of what is asked is sold.
    run = simulate(plant, horizon="10 d", warmup="1 d", replications=5)
    assert run.estimate("sales").values == pytest.approx(rates[:5])
    assert run.uncertain == (f"{DEMAND} > rate",)


@pytest.mark.parametrize(
    ("word", "value", "said"),
    [("low", "70 parts/day", "is more than the rate"), ("high", "50 parts/day", "is less than the rate")],
)
def test_a_range_that_does_not_hold_the_rate_is_refused(word: str, value: str, said: str) -> None:
    with pytest.raises(PlantError, match=said):
        changed(read_text(PRESS), {DEMAND: {"rate": "60 parts/day", word: value}})


def test_threads_draw_the_same() -> None:
    one, two = (simulate(read_text(PRESS), horizon="3 d", warmup=0, replications=5, threads=n) for n in (1, 2))
    assert one.estimates == two.estimates


def test_a_run_step_by_step_draws_as_its_replication_does_also_after_a_change_and_from_a_file(tmp_path: Path) -> None:
    change = {"on": "2026-01-06", "set": f"{STEP} > yield", "to": "uniform 40..50 %"}
    plant = changed(read_text(PRESS), {"changes": [change], "work centers > press > machines": "uniform 1..3"})
    run = simulate(plant, horizon="2 d", warmup=0, replications=3)
    assert run.uncertain == ("work centers > press > machines", f"{STEP} > yield")
    for r in range(3):
        state = begin(plant, horizon="2 d", replication=r + 1).run_until("12 h")
        state.save(tmp_path / "state.npz")
        made = {
            (e.name, e.quantile, tuple(e.of.items())): e.mean
            for e in load(tmp_path / "state.npz").run_until("2 d").estimates()
        }
        for e in run.estimates:
            assert e.values[r] == made[e.name, e.quantile, tuple(e.of.items())]
    # Half of the time at about 90 %, half at about 45 %.
    assert run.estimate("scrap share").mean == pytest.approx(1 - (0.9 + 0.45) / 2, abs=0.06)


POSTERIOR = f"{STEP} > time,{STEP} > yield\n8,0.8\n12,1.0\n"


@pytest.mark.parametrize("kind", ["csv", "parquet"])
def test_a_posterior_gives_numbers_that_go_together(kind: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(POSTERIOR)
    if kind == "parquet":
        polars.read_csv(tmp_path / "p.csv").write_parquet(tmp_path / "p.parquet")
        (tmp_path / "p.csv").unlink()
    (tmp_path / "shop.yaml").write_text(f"posterior: p.{kind}\n" + PRESS.replace("uniform 80..100 %", "72 %"))
    plant = read_plant(tmp_path / "shop.yaml")
    found = set()
    for r in range(20):
        step = drawn(plant, 1, r).products["part"].routing[0]
        found.add(step.time.distribution.mean / 60)
        # 8 of a mean of 10 goes with .8 of a mean of .9, 12 with 1.
        assert (step.time.distribution.mean == pytest.approx(480)) == (step.yield_ == pytest.approx(0.72 * 0.8 / 0.9))
    assert sorted(found) == pytest.approx([8, 12])
    assert not_simulated(plant) == ()
    # A move that halves the time halves what is believed of it.
    faster = drawn(changed(plant, {f"{STEP} > time": "5 min"}), 1, 0)
    assert faster.products["part"].routing[0].time.distribution.mean == drawn(plant, 1, 0).products["part"].routing[0].time.distribution.mean / 2  # fmt: skip
    run = simulate(plant, horizon="5 d", warmup=0, replications=6)
    assert run.uncertain == (f"{STEP} > time", f"{STEP} > yield")
    state = begin(plant, horizon="5 d", replication=2).run_until("1 d")
    state.save(tmp_path / "state.npz")
    values = {
        e.name: e.mean for e in load(tmp_path / "state.npz").run_until("5 d").estimates() if not e.of and not e.quantile
    }
    assert values["throughput"] == run.estimate("throughput").values[1]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("products > part > routing > bake > time\n8\n", "is no number of this plant file"),
        (f"{STEP} > time\n", "has no rows"),
        (f"{STEP} > time\nfast\n", "line 2"),
        (f"{STEP} > time\n-1\n", "line 2"),
        (f"{STEP} > time,{STEP} > time\n1,2\n", "twice"),
    ],
)
def test_a_posterior_that_is_wrong_is_refused(text: str, said: str, tmp_path: Path) -> None:
    (tmp_path / "p.csv").write_text(text)
    (tmp_path / "shop.yaml").write_text("posterior: p.csv\n" + PRESS)
    with pytest.raises(PlantError, match=said):
        read_plant(tmp_path / "shop.yaml")


def test_a_posterior_that_is_not_there_or_no_table_is_refused(tmp_path: Path) -> None:
    (tmp_path / "shop.yaml").write_text("posterior: p.parquet\n" + PRESS)
    with pytest.raises(PlantError, match="not in the plant's folder"):
        read_plant(tmp_path / "shop.yaml")
    (tmp_path / "p.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(PlantError, match="is no Parquet table"):
        read_plant(tmp_path / "shop.yaml")


def test_moves_are_tried_on_the_same_draws() -> None:
    # A second press doubles what each replication makes, whatever its yield: the paired difference is what the plant made.
    study = improve(read_text(PRESS), horizon="30 d", warmup=0, replications=6, families=["add a machine"])
    gain = study.moves[0].saturated["throughput"]
    assert gain.values == pytest.approx(study.saturated.estimate("throughput").values, rel=0.02)
    assert np.std(gain.values) > 2


def test_a_price_that_is_not_known_counts_in_each_replication_as_drawn() -> None:
    plant = changed(read_text(PRESS), {"products > part > price": "uniform 1..9 USD", f"{STEP} > yield": None})
    run = simulate(plant, horizon="10 d", warmup=0, replications=4)
    prices = [drawn(plant, 1, r).products["part"].price for r in range(4)]
    # The last part of ten days may be done at the very end.
    assert run.estimate("contribution").values == pytest.approx([price * 144 * 365.25 for price in prices], rel=1e-3)  # type: ignore[operator]


def test_a_posterior_names_numbers_of_a_routing_that_stands_in_a_table(tmp_path: Path) -> None:
    """The cut takes 5 or 15 minutes, and nobody waits: each replication's cycle time is the one or the other, as with a list of steps."""
    text = "posterior: p.csv\nplant: P\nwork centers: {m: {}}\nproducts: {part: {release: {every: 1 h}, routing: ROUTING}}\n"
    (tmp_path / "p.csv").write_text("products > part > routing > cut > time\n0.5\n1.5\n")
    (tmp_path / "steps.csv").write_text("step,at,time\ncut,m,10 min\n")
    found = []
    for routing in ("[cut: {at: m, time: 10 min}]", "steps.csv"):
        (tmp_path / "shop.yaml").write_text(text.replace("ROUTING", routing))
        run = simulate(read_plant(tmp_path / "shop.yaml"), horizon="10 d", warmup=0.0, replications=8)
        found.append([round(value) for value in run.estimate("cycle time").values])
    assert set(found[0]) == {300, 900}
    assert found[0] == found[1]
    (tmp_path / "p.csv").write_text("products > part > routing > cut > load\n0.5\n1.5\n")
    with pytest.raises(PlantError, match="is no number of this plant file"):
        read_plant(tmp_path / "shop.yaml")
