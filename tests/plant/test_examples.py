"""The worked examples: sound, simulated, and honest about where their figures come from."""

from __future__ import annotations

import os
import re
from pathlib import Path

import pytest

from plantwright.plant import read_plant
from plantwright.simulation import not_simulated, simulate

ROOT = Path(__file__).parents[2]
EXAMPLES = ROOT / "examples"
FILES = sorted(path.name for path in EXAMPLES.iterdir() if path.suffix in (".yaml", ".xlsx"))
YAML = [name for name in FILES if name.endswith(".yaml")]


def test_there_are_four() -> None:
    assert FILES == [
        "electronics-assembly.yaml",
        "pouch-cell-pilot.yaml",
        "precision-machine-shop.xlsx",
        "weaving-dyeing-mill.yaml",
    ]


@pytest.mark.parametrize("name", FILES)
def test_it_is_simulated(name: str) -> None:
    """Something is made, something waits, and only what the first version leaves out is left out."""
    plant = read_plant(EXAMPLES / name)
    run = simulate(plant, horizon="28 d", replications=2)
    assert run.estimate("throughput").mean > 0
    assert run.estimate("work in process").mean > 0
    assert set(not_simulated(plant)) <= {"tools", "materials", "suppliers", "absence"}
    for center in plant.work_centers:
        working = sum(e.mean for e in run.named("state share") if e.of == {"work center": center, "state": "working"})
        assert 0 < working < 1, center


@pytest.mark.parametrize("name", YAML)
def test_every_source_is_told_and_used(name: str) -> None:
    text = (EXAMPLES / name).read_text("utf-8")
    lines = text.splitlines()
    head = "\n".join(line for line in lines if line.startswith("#"))
    assert head.startswith("# An example, not a real company")
    assert "Every figure without a source beside it is ours" in head.replace("\n# ", " ")
    used = set(
        re.findall(
            r"\[([A-Za-z]+)\](?=[^\n]*$)",
            "\n".join(line.partition("#")[2] for line in lines if not line.startswith("#")),
            re.M,
        )
    )
    told = set(re.findall(r"\[([A-Za-z]+)\] ", head)) - {"ours"}
    assert used - {"ours"} == told, "a source that is told is used, and the other way round"


class TestFiguresOfTheSources:
    """What the comments claim, worked out."""

    def test_a_loom_of_the_mill_stops_as_its_source_says(self) -> None:
        """100,000 picks at 180 a minute take 555.6 min; in them the loom stands 17 + 4.5 + 0.72 min: 96.16 % efficient."""
        plant = read_plant(EXAMPLES / "weaving-dyeing-mill.yaml")
        failures = plant.work_centers["looms"].failures
        running = 100_000 / 180 * 60
        for failure, (often, minutes) in zip(failures, [(20, 0.85), (15, 0.30), (6, 0.12)], strict=True):
            assert running / failure.every.mean == pytest.approx(often, rel=2e-3)
            assert failure.repair.mean == pytest.approx(60 * minutes)
        stopped = sum(failure.repair.mean / failure.every.mean for failure in failures)
        assert 1 / (1 + stopped) == pytest.approx(0.9616, abs=5e-4)
        time = plant.products["shirting"].operation("weave").time
        assert time is not None
        assert time.distribution.mean == pytest.approx(2_000 / 180 * 60, rel=2e-3), "2,000 picks a metre"

    def test_changeover_and_transfer_lie_where_their_sources_say(self) -> None:
        plant = read_plant(EXAMPLES / "electronics-assembly.yaml")
        setup = plant.work_centers["placer"].setup
        assert setup is not None
        assert setup.default is not None
        assert (setup.default.parameters[0], setup.default.parameters[-1]) == (30 * 60, 60 * 60)

    def test_formation_lasts_no_longer_than_its_source_says(self) -> None:
        plant = read_plant(EXAMPLES / "pouch-cell-pilot.yaml")
        time = plant.products["NMC pouch"].operation("form").time
        assert time is not None
        assert time.distribution.mean <= 24 * 3600

    def test_the_machine_shop_s_times_are_those_of_its_records(self) -> None:
        """Minutes reported over pieces completed, of production rows whose end was recorded; the median of set-ups."""
        data = os.environ.get("PLANTWRIGHT_TEST_DATA")
        if not data or not Path(data, "production_log", "Production_Data.csv").is_file():
            pytest.skip("PLANTWRIGHT_TEST_DATA does not lead to the public production log")
        import polars as pl

        time = "%Y/%m/%d %H:%M:%S%.3f"
        log = pl.read_csv(Path(data, "production_log", "Production_Data.csv"), infer_schema_length=0).with_columns(
            begun=pl.col("Start Timestamp").str.to_datetime(time),
            ended=pl.col("Complete Timestamp").str.to_datetime(time),
            pieces=pl.col("Qty Completed").cast(pl.Float64),
        )
        log = log.filter(pl.col("Span") != "000:00").with_columns(
            minutes=(pl.col("ended") - pl.col("begun")).dt.total_seconds() / 60
        )
        plant = read_plant(EXAMPLES / "precision-machine-shop.xlsx")
        routing = plant.products["cable head"]
        for step, activity in {"turn": "^Turning & Milling - Machine", "check": "^Turning & Milling Q.C.", "grind": "^Round Grinding - Machine",
                               "inspect": "^Final Inspection Q.C."}.items():  # fmt: skip
            rows = log.filter(pl.col("Activity").str.contains(activity) & (pl.col("Report Type") == "D"))
            said = routing.operation(step).time
            assert said is not None
            assert said.distribution.mean / 60 == pytest.approx(
                rows["minutes"].sum() / rows["pieces"].sum(), abs=0.05
            ), step
        setups = log.filter(
            pl.col("Activity").str.contains("^Turning & Milling - Machine") & (pl.col("Report Type") == "S")
        )
        center = plant.work_centers["turning and milling"].setup
        assert center is not None
        assert center.into["cable head turn"].mean / 60 == pytest.approx(setups["minutes"].median(), abs=0.5)
