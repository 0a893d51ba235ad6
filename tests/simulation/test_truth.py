"""The engine against answers that are known exactly: queues, networks, and lines solved as Markov chains.

Every interval of this file holds together with the others at 99.9 % (Bonferroni), with fixed seeds, and is at most half a
percent of the truth wide to each side (one percent for waiting times).
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from plantwright.plant import Plant
from plantwright.simulation import Run, simulate
from plantwright.simulation.statistics import estimate, simultaneous
from tests.simulation.plants import line, queue

QUEUES, LINES = 9, 60
LEVEL = simultaneous(0.999, QUEUES + LINES)
MINUTE, DAY = 60.0, 86400.0
DATA = Path(os.environ.get("PLANTWRIGHT_TEST_DATA", "")) / "truth" / "serial_lines.json"


def run(plant: Plant, minutes: float, replications: int = 60, warmup: float = 5000.0) -> Run:
    return simulate(
        plant, horizon=minutes * MINUTE, warmup=warmup * MINUTE, replications=replications, seed=7, level=LEVEL
    )


def holds(found: tuple[float, float, float], truth: float, within: float) -> None:
    mean, low, high = found
    assert low <= truth <= high, f"{truth} lies outside {low:.6g} to {high:.6g}"
    assert (high - low) / 2 <= within * truth, f"half-width {(high - low) / 2 / truth:.4%} of the truth; {mean}"


def waiting(result: Run) -> tuple[float, float, float]:
    wait = result.estimate("queue time", work_center="desk")
    return wait.mean / MINUTE, wait.low / MINUTE, wait.high / MINUTE


def rate(result: Run) -> tuple[float, float, float]:
    made = result.estimate("throughput")
    return made.mean * MINUTE / DAY, made.low * MINUTE / DAY, made.high * MINUTE / DAY


@pytest.mark.parametrize(
    ("plant", "truth", "minutes"),
    [
        pytest.param(queue("exponential 1 min", f"exponential {1 / 0.9!r} min"), 9.0, 1.6e6, id="M/M/1 at .9"),
        pytest.param(queue("exponential 1 min", f"exponential {1 / 2.7!r} min", 3), 2.7235367, 7e5, id="M/M/3 at 2.7"),
        pytest.param(queue("1 min", f"exponential {1 / 0.9!r} min"), 4.5, 1.6e6, id="M/D/1 at .9"),
    ],
)
def test_waiting_time_of_queues(plant: Plant, truth: float, minutes: float) -> None:
    holds(waiting(run(plant, minutes)), truth, 0.01)


def test_a_full_queue_loses_arrivals() -> None:
    """M/M/1/5: four places and the machine's own; the loss is (1 - rho) rho^5 / (1 - rho^6)."""
    plant = queue("exponential 1 min", f"exponential {1 / 0.9!r} min", 1, ", buffer: 4 lots", ", when full: lost")
    lost = run(plant, 5.5e5).estimate("lost share")
    holds((lost.mean, lost.low, lost.high), 0.1260225, 0.005)


def test_jackson_tandem() -> None:
    """Three stations in line without limits: L = rho / (1 - rho) at each, waiting and in work."""
    result = run(line((1.0, 1.25, 2.0), release=f"{{every: exponential {1 / 0.8!r} min}}"), 2.1e6)
    for center, truth in (("m1", 4.0), ("m2", 1.7777778), ("m3", 0.6666667)):
        waits = result.estimate("buffer level", work_center=center)
        works = result.estimate("state share", work_center=center, state="working")
        both = [a + b for a, b in zip(waits.values, works.values, strict=True)]
        total = estimate("L", {}, "lot", both, LEVEL)
        holds((total.mean, total.low, total.high), truth, 0.005)


def test_conwip_line_by_mean_value_analysis() -> None:
    """Ten balanced exponential stations with 20 cards: w / (w + n - 1)."""
    holds(rate(run(line((1.0,) * 10, release="{conwip: 20 lots}"), 2e5)), 0.6896552, 0.005)


def lines() -> list[dict[str, object]]:
    if not DATA.is_file():
        return []
    cases: list[dict[str, object]] = json.loads(DATA.read_text())["cases"]
    return cases


@pytest.mark.skipif(not DATA.is_file(), reason="the exact serial lines are not here (PLANTWRIGHT_TEST_DATA)")
@pytest.mark.parametrize("case", lines(), ids=lambda case: str(case["case"]))
def test_serial_line(case: dict[str, list[float]]) -> None:
    """Throughput and work in process of lines with blocking after service, failures and finite buffers."""
    unreliable = any(case["p"])
    plant = line(case["mu"], case["p"], case["r"], [int(places) for places in case["cap"]])
    roomy = max(case["cap"]) >= 10
    result = run(plant, 8e5 if unreliable else 3e5 if roomy else 1.5e5)
    holds(rate(result), float(case["th"]), 0.005)  # type: ignore[arg-type]
    wip = result.estimate("work in process")
    holds((wip.mean, wip.low, wip.high), float(case["wip"]), 0.005)  # type: ignore[arg-type]
