"""Times of two kinds, and times that nothing fits: found, written beside the plant file, read back and simulated."""

from __future__ import annotations

import csv
import math
from pathlib import Path

import numpy as np
import pytest
from scipy import optimize, stats

from plantwright.calibration import calibrate, save
from plantwright.calibration.fitting import fit_times
from plantwright.calibration.measured import MeasuredTimes, renamed, times_name
from plantwright.calibration.mixtures import fit_mixture
from plantwright.distributions import Distribution
from plantwright.exchange import read_log
from plantwright.plant import read_plant
from plantwright.plant.quantities import read_work_time
from tests.calibration.logs import at, row, write


def two_kinds(number: int, seed: int, share: float = 0.6, apart: float = 2.5) -> np.ndarray:
    """A share of about 15 min, the others e^2.5 times as long."""
    chance = np.random.default_rng(seed)
    short = chance.random(number) < share
    return np.exp(
        math.log(900) + np.where(short, 0.3 * chance.normal(size=number), apart + 0.5 * chance.normal(size=number))
    )


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_no_search_finds_a_likelier_mixture(seed: int) -> None:
    """SciPy's simplex, begun at the truth, on the likelihood written with SciPy's own densities."""
    times = two_kinds(200, seed)
    found = fit_mixture(times)
    assert found is not None
    mixture, likelihood = found

    def loss(theta: np.ndarray) -> float:
        share = 1 / (1 + math.exp(-theta[0]))
        parts = [stats.lognorm(math.exp(theta[k + 2]), scale=math.exp(theta[k])).pdf(times) for k in (1, 2)]
        return -float(np.log(share * parts[0] + (1 - share) * parts[1]).sum())

    begin = [math.log(0.6 / 0.4), math.log(900), math.log(900) + 2.5, math.log(0.3), math.log(0.5)]
    best = optimize.minimize(loss, begin, method="Nelder-Mead", options={"maxiter": 5000, "fatol": 1e-9, "xatol": 1e-9})
    assert likelihood == pytest.approx(-best.fun, abs=1e-2)
    assert mixture.shares[0] == pytest.approx(1 / (1 + math.exp(-best.x[0])), abs=2e-3)
    assert [part.mean for part in mixture.parts] == pytest.approx(
        [math.exp(best.x[k] + math.exp(2 * best.x[k + 2]) / 2) for k in (1, 2)], rel=5e-3
    )


def test_two_kinds_are_found_and_stand_in_a_sample_of_the_same_mean() -> None:
    times = two_kinds(600, 4)
    found = fit_times(times.tolist())
    mixture = found.candidates[0].mixture
    assert found.name == "two lognormals"
    assert found.close
    assert mixture is not None
    # The standard error of the share is sqrt(0.6 * 0.4 / 600) = 2 %.
    assert mixture.shares[0] == pytest.approx(0.6, abs=0.06)
    assert mixture.parts[0].mean == pytest.approx(900 * math.exp(0.045), rel=0.08)
    assert found.distribution.mean == pytest.approx(mixture.mean)
    assert found.distribution.mean == pytest.approx(times.mean(), rel=0.05)
    sample = np.array(found.distribution.values)
    assert np.quantile(sample, [0.1, 0.5, 0.9]) == pytest.approx(np.quantile(times, [0.1, 0.5, 0.9]), rel=0.15)


@pytest.mark.parametrize(
    "drawn", [stats.lognorm(0.8, scale=3600), stats.gamma(2.0, scale=900), stats.weibull_min(1.5, scale=3600)],
)  # fmt: skip
def test_one_kind_is_not_taken_for_two(drawn: stats.rv_continuous) -> None:
    """Of 40 samples of 100 times, hardly one: the single fit must be doubted, and Bayes' criterion be better by ten."""
    chance = np.random.default_rng(8)
    names = [fit_times(drawn.rvs(100, random_state=chance).tolist()).name for _ in range(40)]
    assert sum(name in ("two lognormals", "as measured") for name in names) <= 1


def test_what_nothing_fits_is_drawn_as_it_was_measured() -> None:
    """Three kinds far apart: no single distribution, nor two, come near."""
    chance = np.random.default_rng(9)
    times = np.concatenate([chance.normal(mean, mean / 50, 50) for mean in (60, 3600, 86400)])
    found = fit_times(times.tolist())
    assert found.name == "as measured"
    assert found.distribution.values == tuple(sorted(times.tolist()))
    assert "nothing fits" in found.words
    many = fit_times([*np.repeat(times, 4).tolist(), 61.0])
    assert len(many.distribution.values) == 200
    assert many.distribution.mean == pytest.approx((4 * times.sum() + 61) / 601)


def test_measured_times_are_written_and_read_back() -> None:
    """Names with signs that mean something in a plant file, twice the same name, and twice the same times."""
    measured = MeasuredTimes()
    first = Distribution("empirical", (), (60.0, 90.0, 123.0))
    texts = [
        measured.text(first, "Turning & Milling, (5/6): A", "/lot"),
        measured.text(Distribution("empirical", (), (30.0,)), "Turning & Milling, (5/6): A", "/lot"),
        measured.text(first, "another", "/lot"),
        measured.text(Distribution.constant(60.0), "another", "/lot"),
    ]
    assert texts[0] == texts[2] != texts[1]
    assert texts[3] == "1 min/lot"
    (text,) = measured.file().values()
    assert [row["Turning Milling 5 6 A"] for row in csv.DictReader(text.splitlines())] == [
        "1 min",
        "1.5 min",
        "2.05 min",
    ]
    time, word = read_work_time(texts[0], lambda _: text)
    assert time.distribution.values == pytest.approx((60.0, 90.0, 123.0))
    assert word == "lot"
    assert MeasuredTimes().file() == {}
    name = times_name("our (new), shop")
    assert renamed({"a": [texts[0], "empirical other.csv:x"]}, name) == {
        "a": ["empirical our _new__ shop-times.csv:Turning Milling 5 6 A/lot", "empirical other.csv:x"]
    }


def test_a_plant_with_two_kinds_of_times_is_saved_read_and_simulated(tmp_path: Path) -> None:
    """Sawing takes a quarter of an hour or three hours; the plant that is read back draws them so."""
    times = two_kinds(160, 5) / 60
    rows = []
    for number, minutes in enumerate(times.round().tolist()):
        begin = 7 + (number % 2) * 0.25
        rows.append(row(f"O{number}", "Sawing", f"Machine {1 + number % 2} - Sawing", at(number // 2, begin), at(number // 2, begin + minutes / 60)))  # fmt: skip
        rows.append(row(f"O{number}", "Packing", "Packing", at(number // 2, 30), at(number // 2, 30.5)))
    found = calibrate(read_log(write(tmp_path / "log.csv", rows)), unattended=True, replications=2)
    sawing = next(fitted for step, fitted in found.found.times.pooled.items() if step[0] == "Sawing")
    assert sawing.name == "two lognormals"
    files = save(found, tmp_path / "my shop.yaml")
    assert {path.name for path in files} == {
        "my shop.yaml",
        "my shop-orders.csv",
        "my shop-times.csv",
        "my shop-posterior.csv",
    }
    plant = read_plant(tmp_path / "my shop.yaml")
    time = plant.products["Bolt"].routing[0].time
    assert time is not None
    assert time.distribution.kind == "empirical"
    assert time.distribution.mean / 60 == pytest.approx(times.mean(), rel=0.06)
    assert " median, 160 visits, two kinds: " in (tmp_path / "my shop.yaml").read_text("utf-8")
    assert found.fit.run.replications == 2
