"""Replications on executors that a program gives: other processes get data, and give the same bits."""

from __future__ import annotations

import pickle
import re
import shutil
import time
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from multiprocessing import get_context
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from plantwright.errors import Interrupted, SimulationError
from plantwright.plant import Plant, read_plant
from plantwright.simulation import simulate
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.executing import OtherVersionError, heeding, jobs_of, program_here, recipe_of, run_job
from plantwright.simulation.uncertainty import TOGETHER

SHOP = """
plant: Shop
work centers: {saw: {machines: 1, failures: [{every: exponential 20 h, repair: lognormal 1 h cv 1}]}, mill: {machines: 2}}
changes: [{on: 2024-01-09, set: work centers > mill > machines, to: 3}]
start: 2024-01-01
products:
  bracket:
    demand: {rate: uniform 20..30 pieces/day}
    routing: [{cut: {at: saw, time: empirical times.csv:cut}}, {mill: {at: mill, time: exponential 1 h}}]
"""
ASKED: dict[str, Any] = {"horizon": "14 d", "warmup": "1 d", "replications": 6, "seed": 4, "bucket": "1 wk"}


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Plant:
    """Uncertain demand, a dated change, and times in a table; the folder is gone once it was read."""
    folder = tmp_path_factory.mktemp("shop")
    (folder / "shop.yaml").write_text(SHOP, "utf-8")
    (folder / "times.csv").write_text("cut\n20 min\n30 min\n45 min\n", "utf-8")
    plant = read_plant(folder / "shop.yaml")
    shutil.rmtree(folder)
    return plant


@pytest.fixture(scope="module")
def processes() -> Iterator[ProcessPoolExecutor]:
    with ProcessPoolExecutor(2, mp_context=get_context("spawn")) as pool:
        yield pool


def test_processes_and_threads_of_another_give_the_bits_of_one_thread(
    shop: Plant, processes: ProcessPoolExecutor
) -> None:
    one = simulate(shop, threads=1, **ASKED)
    assert len(set(one.estimate("throughput").values)) == 6
    assert simulate(shop, executor=processes, **ASKED) == one
    with ThreadPoolExecutor(2) as threads:
        assert simulate(shop, executor=threads, **ASKED) == one
        assert threads.submit(int, "7").result() == 7  # it stays open


def test_a_log_is_written_here_whoever_runs_the_others(shop: Plant, processes: ProcessPoolExecutor) -> None:
    logs: list[list[Any]] = [[], []]
    runs = [
        simulate(
            shop,
            executor=executor,
            log=SimpleNamespace(write=rows.append, complete=lambda: None),
            log_replication=2,
            **ASKED,
        )
        for executor, rows in zip((processes, None), logs, strict=True)
    ]
    assert runs[0] == runs[1]
    assert sum(frame.height for frame in logs[0]) == sum(frame.height for frame in logs[1]) > 100


def test_a_plant_that_cannot_run_says_so_from_afar(processes: ProcessPoolExecutor, tmp_path: Path) -> None:
    (tmp_path / "still.yaml").write_text(
        "plant: Still\nwork centers: {a: {machines: 1, buffer: 1 lot}, b: {machines: 1, buffer: 1 lot}}\n"
        "products: {p: {release: {conwip: 6 lots}, routing: [{x: {at: a, time: 1 h}}, {y: {at: b, time: 1 h}}, "
        "{z: {at: a, time: 1 h}}, {w: {at: b, time: 1 h}}]}}\n",
        "utf-8",
    )
    plant = read_plant(tmp_path / "still.yaml")
    said = []
    for executor in (processes, None):
        with pytest.raises(SimulationError) as error:
            simulate(plant, executor=executor, horizon="30 d", warmup="1 d", replications=4)
        said.append(str(error.value))
    assert said[0] == said[1]


def test_a_job_is_small_and_each_number_goes_out_once(shop: Plant) -> None:
    blueprint = Blueprint(shop, 15 * 86400.0, 86400.0, 0.0, False)
    recipe = recipe_of(blueprint)
    jobs = jobs_of(recipe, 4, range(1000), (), TOGETHER)
    assert [number for job in jobs for number in job.numbers] == list(range(1000))
    assert len(recipe) < 20_000
    assert len(pickle.dumps(jobs)) < 100 * len(jobs)
    with pytest.raises(OtherVersionError, match=re.escape(program_here())):
        run_job(replace(jobs[0], program="plantwright 0.0.1"), recipe)


def test_a_job_that_nobody_waits_for_stops_within_a_moment(tmp_path: Path) -> None:
    (tmp_path / "mint.yaml").write_text(
        "plant: Mint\nwork centers: {press: {machines: 1}}\n"
        "products: {coin: {release: {conwip: 3 lots}, routing: [{strike: {at: press, time: exponential 4 s}}]}}\n",
        "utf-8",
    )
    years = 100 * 365 * 86400.0
    recipe = recipe_of(Blueprint(read_plant(tmp_path / "mint.yaml"), years, 0.0, 0.0, False))
    asked: list[float] = []

    def is_given_up() -> bool:
        asked.append(time.monotonic())
        return len(asked) > 1

    with heeding(is_given_up), pytest.raises(Interrupted):
        run_job(jobs_of(recipe, 4, [0, 1], (), TOGETHER)[0], recipe)
    assert len(asked) == 2
    assert time.monotonic() - asked[-1] < 5  # its hundred years take many minutes
