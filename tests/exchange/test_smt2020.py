"""Tables of SMT2020 become a plant, and what is not understood is named with file and row."""

from __future__ import annotations

import os
from datetime import datetime
from pathlib import Path

import pytest

from plantwright.actions import import_plant, save_import
from plantwright.distributions import Distribution
from plantwright.exchange.smt2020.importing import import_smt2020
from plantwright.exchange.smt2020.tables import TablesError
from plantwright.plant import Plant, read_plant
from plantwright.plant.products import QueueTime, Rework, WorkTime
from plantwright.plant.resources import Amount, Batch, Failure, Maintenance
from plantwright.simulation import simulate
from tests.exchange.small_fab import TABLES, write_fab

D = Distribution
MIN, HOUR, DAY = 60.0, 3600.0, 86400.0


def always(seconds: float) -> Distribution:
    return D.constant(seconds)


@pytest.fixture
def fab(tmp_path: Path) -> Plant:
    """The made-up fab, imported, written and read again."""
    tables, out = tmp_path / "Small fab", tmp_path / "out"
    tables.mkdir()
    out.mkdir()
    written = save_import(import_plant("smt2020", write_fab(tables), "fab.yaml"), out / "fab.yaml")
    assert [path.relative_to(out).as_posix() for path in written] == [
        "fab.yaml",
        "routes/wafer_7.csv",
        "routes/wafer_9.csv",
        "wip.csv",
    ]
    return read_plant(out / "fab.yaml")


class TestASmallFab:
    def test_tools_are_work_centers(self, fab: Plant) -> None:
        bench, oven, implanter, stepper = fab.work_centers.values()
        assert (fab.name, fab.start) == ("Small fab", datetime(2018, 1, 1))
        assert [(c.name, c.machines, c.places, c.location) for c in fab.work_centers.values()] == [
            ("Bench", 2, 2, "Hall"),
            ("Oven", 1, 1, "Hall"),
            ("Implanter", 3, 1, "Hall"),
            ("Stepper", 2, 1, "Yard"),
        ]
        assert [c.choose for c in (bench, oven, implanter, stepper)] == [
            "longest idle place",
            "longest idle",
            "least setup",
            "least setup",
        ]
        assert implanter.rule == ("least setup", "priority", "FIFO at step")
        assert (bench.rule, fab.rule) == ((), ("priority", "FIFO at step"))

    def test_setups_are_those_that_their_steps_need(self, fab: Plant) -> None:
        implanter, stepper = fab.work_centers["Implanter"].setup, fab.work_centers["Stepper"].setup
        assert implanter
        assert stepper
        assert (implanter.into, implanter.between) == ({"boron": always(72 * MIN), "arsenic": always(72 * MIN)}, {})
        assert implanter.minimum_run == Amount(7, "lot", "lot")
        assert stepper.between == {
            ("redmask", "bluemask"): always(7 * MIN),
            ("bluemask", "redmask"): always(12 * MIN),
        }
        assert {product.family for product in fab.products.values()} == {"no setup"}

    def test_each_setup_may_have_a_least_run_of_its_own(self, tmp_path: Path) -> None:
        plant = import_plant("smt2020", write_fab(tmp_path, **edited("setupgrp", "- arsenic 7", "- arsenic 5"))).plant
        setup = plant.work_centers["Implanter"].setup
        assert setup
        assert setup.minimum_runs == {"boron": 7, "arsenic": 5}

    def test_stops(self, fab: Plant) -> None:
        bench, oven = fab.work_centers["Bench"], fab.work_centers["Oven"]
        assert bench.failures == (
            Failure(D("exponential", (100 * HOUR,)), D("exponential", (35.28 * MIN,)), "calendar"),
        )
        lasts = D("uniform", (pytest.approx(6.99 * HOUR), pytest.approx(10.49 * HOUR)))
        assert bench.maintenance == (Maintenance(always(500), lasts, "count", spread=400.0),)
        assert oven.maintenance == (Maintenance(always(30 * DAY), always(5 * HOUR), spread=27 * DAY),)
        assert oven.failures == ()

    def test_ways_between_locations(self, fab: Plant) -> None:
        ways = [(mover.start, mover.end, mover.time) for mover in fab.transport.values()]
        assert ways == [
            (("Hall",), ("Hall",), D("uniform", (5 * MIN, 10 * MIN))),
            (("Hall",), ("Yard",), always(20 * MIN)),
        ]

    def test_steps(self, fab: Plant) -> None:
        wash, fire, mask, implant, again = fab.products["wafer_7"].routing
        assert [step.name for step in (wash, fire, mask, implant, again)] == [
            "10 wash", "20 fire", "30 mask", "40 implant", "50 mask",
        ]  # fmt: skip
        uniform = D("uniform", (pytest.approx(0.8094 * MIN), pytest.approx(0.8946 * MIN)))
        assert (wash.time, wash.interval) == (WorkTime(uniform, "piece"), WorkTime(always(0.639 * MIN), "piece"))
        assert (wash.load, wash.unload) == (WorkTime(always(MIN), "lot"), WorkTime(always(2 * MIN), "lot"))
        assert wash.queue_time == QueueTime("20 fire", 2 * HOUR)
        assert (fire.time, fire.load) == (WorkTime(always(8 * HOUR), "batch"), None)
        assert (again.same_machine_as, mask.same_machine_as) == ("30 mask", None)
        assert again.rework == Rework(0.017, "30 mask", 1000)
        assert (implant.share, implant.setup, implant.load) == (0.56, "boron", WorkTime(always(30), "lot"))

    def test_batches_differ_by_step(self, fab: Plant) -> None:
        """The oven fires 50 to 75 pieces of one part, 20 to 40 of the other; the work center has the larger, the other part its own."""
        larger, smaller = (
            Batch(Amount(most, "piece", "piece"), Amount(least, "piece", "piece"))
            for most, least in ((75, 50), (40, 20))
        )
        assert fab.work_centers["Oven"].batch == larger
        assert [product.routing[1].batch for product in fab.products.values()] == [None, smaller]

    def test_orders_start_lots(self, fab: Plant) -> None:
        """The second class of the first part begins a day later, two lots at a time."""
        told = [
            [(r.label, r.every, r.first, r.most, r.priority, r.due) for r in product.releases]
            for product in fab.products.values()
        ]
        assert told == [
            [
                ("Lot_7", always(51.69 * MIN), 0.0, 200000, 10, pytest.approx(10.5 * DAY)),
                *[("Hot_7", always(7 * DAY), DAY, 2000, 20, 5 * DAY)] * 2,
            ],
            [("Lot_9", D("exponential", (2 * HOUR,)), 6 * HOUR, 200000, 10, 3 * DAY)],
        ]
        assert [product.lot for product in fab.products.values()] == [25, 10]

    def test_lots_in_process_stand_at_their_steps(self, fab: Plant) -> None:
        lots = [lot for product in fab.products.values() for lot in product.at_start]
        assert [(lot.operation, lot.quantity, lot.due, lot.priority) for lot in lots] == [
            ("30 mask", 25, datetime(2018, 1, 2, 6, 19, 32), 10),
            ("1 wash", 10, datetime(2018, 1, 3), 20),
        ]

    def test_it_runs(self, fab: Plant) -> None:
        """Lots are done, and each piece takes at least its way: 50 + 480 + 30 + 30 min of work and 3 ways of 5 min in the mean of wafer_7."""
        run = simulate(fab, horizon="30 d", warmup="0 d", replications=2)
        assert run.estimate("cycle time", product="wafer_7").mean > (16.2 + 480 + 30 + 30 + 5) * MIN
        assert run.estimate("throughput", product="wafer_9").mean > 0

    def test_names_of_families_mean_nothing(self, tmp_path: Path) -> None:
        """Other names of all families, and columns in another order, change no bit of what happens."""
        names = {"Bench": "Zeta", "Oven": "Alpha", "Implanter": "Omega", "Stepper": "Beta"}

        def renamed(text: str) -> str:
            for name, new in names.items():
                text = text.replace(name, new)
            return text

        tables = {name.partition(".")[0]: renamed(text) for name, text in TABLES.items()}
        rows = [line.split(" ") for line in tables["part"].strip().splitlines()]
        tables["part"] = "\n".join(" ".join(reversed(row)) for row in rows)
        plants = []
        for name, changed in (("one", {}), ("other", tables)):
            (tmp_path / name).mkdir()
            plants.append(import_plant("smt2020", write_fab(tmp_path / name, **changed)).plant)
        assert list(plants[1].work_centers) == list(names.values())
        one, other = (simulate(plant, horizon="30 d", warmup="0 d", replications=2) for plant in plants)
        assert [estimate.values for estimate in one.estimates] == [estimate.values for estimate in other.estimates]


def refused(folder: Path, **changed: str | None) -> list[str]:
    """What is said of the tables with some changed."""
    with pytest.raises(TablesError) as told:
        import_smt2020(write_fab(folder, **changed))
    return [str(problem) for problem in told.value.problems]


def edited(table: str, old: str, new: str) -> dict[str, str | None]:
    text = next(text for name, text in TABLES.items() if name.partition(".")[0] == table)
    assert text.count(old) == 1
    return {table: text.replace(old, new)}


@pytest.mark.parametrize(
    ("table", "old", "new", "said"),
    [
        ("tool", "STNCAP", "STNCAPS", "tool.txt:1  STNCAPS: the column 'STNCAPS' is not known (did you mean 'STNCAP'?) [PW1402]"),
        ("tool", "Gas Implanter Impl 3.0 rule_LSSU", "Gas Implanter Impl 3.0 rule_Slack", "tool.txt:4  RULE: 'rule_Slack' is not understood; what is: rule_HotLotFIRST, rule_LSSU"),
        ("tool", "Gas Implanter Impl 3.0", "Gas Implanter Impl 2.5", "tool.txt:4  STNQTY: 2.5 is no whole number [PW1405]"),
        ("route_7", "10 wash Bench", "10 wash Bensh", "route_7.txt:2  STNFAM: there is no family 'Bensh' among the tools (did you mean 'Bench'?) [PW1407]"),
        ("route_7", "8 - hr per_batch", "8 - kg per_batch", "route_7.txt:3  PTUNITS: 'kg' is not understood; what is: s, sec, second, min, minute, hr, hour, h, day, d, wk, week [PW1404]"),
        ("route_7", "0.852 0.0426", "0.852 0.9", "route_7.txt:2  PTIME2: half the width (0.9) is more than the mean (0.852) [PW1405]"),
        ("route_7", "50 75", "80 75", "route_7.txt:3  BATCHMN: the least batch, 80, is more than the most, 75 [PW1406]"),
        ("route_7", "yes 50", "yes 40", "route_7.txt:4  FORSTEP: step 40 is done at 'Implanter', where no machine of 'Stepper' can do it [PW1406]"),
        ("route_7", "lot - - boron", "lot - - boran", "route_7.txt:5  SETUP: how long the setup 'boran' takes is said nowhere (did you mean 'boron'?) [PW1407]"),
        ("route_7", "30 1.7 lot", "35 1.7 lot", "route_7.txt:6  RWKSTEP: there is no step '35' in this route [PW1407]"),
        ("tool", "2.0 min 2.0 Hall", "2.0 min 1.0 Hall", "route_7.txt:2  PartInterval: an interval, but a tool of 'Bench' takes one lot at a time (STNCAP) [PW1406]"),
        ("attach", "BREAK_Wet down stngrp Wet", "BREAK_Wet down stngrp Dry", "attach.txt:2  RESNAME: there is no group 'Dry' among the tools [PW1407]"),
        ("attach", "Wet exponential 100", "Wet exponential 90", "attach.txt:2  FOA: the first failure comes after exponential 90 h, and the others after exponential 100 h [PW1404]"),
        ("attach", "Oven_MN pm", "Oven_MM pm", "attach.txt:4  CALNAME: there is no calendar 'Oven_MM' in pmcal.txt (did you mean 'Oven_MN'?) [PW1407]"),
        ("pmcal", "mtbpm_by_pieces", "mtbpm_by_lots", "pmcal.txt:2  PMCALTYPE: 'mtbpm_by_lots' is not understood; what is: mtbpm_by_cal, mtbpm_by_pieces"),
        ("fromto", "Hall Yard", "Hall Yart", "fromto.txt:3  TOLOC: there is no location 'Yart' where tools stand (did you mean 'Yard'?) [PW1407]"),
        ("order", "51.69 min 200000", "51.69 min 0", "order.txt:2  RPT#: '0' is less than 1 [PW1405]"),
        ("order", "Hot_7 wafer_7", "Hot_7 wafer_8", "order.txt:3  PART: there is no part 'wafer_8' (did you mean 'wafer_9'?) [PW1407]"),
        ("order", "Hot_7 wafer_7 20 25", "Hot_7 wafer_7 20 24", "order.txt:3  PIECES: '24' differs from '25' in row 2, and both are of the lots of 'wafer_7' [PW1406]"),
        ("WIP", "00:00:00 30 ", "00:00:00 31 ", "WIP.txt:2  CURSTEP: there is no step '31' in its route [PW1407]"),
        ("WIP", "01/02/18 06:19:32", "31/02/18 06:19:32", "WIP.txt:2  DUE: '31/02/18 06:19:32' is not a moment such as '01/31/18 07:29:20': month, day, year [PW1405]"),
    ],
)  # fmt: skip
def test_what_is_not_understood_is_named(tmp_path: Path, table: str, old: str, new: str, said: str) -> None:
    told = refused(tmp_path, **edited(table, old, new))
    assert [line for line in told if line.startswith(said)], told


def test_everything_is_named_at_once(tmp_path: Path) -> None:
    """Three tables are wrong, and one is not there."""
    changed = edited("tool", "rule_LSSU", "rule_Slack") | edited("route_9", "9 - min", "nine - min") | {"fromto": None}
    told = refused(tmp_path, **changed, **edited("WIP", "wafer_9 20 10", "wafer_9 20 0"))
    assert [line.partition("  ")[0] for line in told] == ["WIP.txt:3", "fromto.txt", "route_9.txt:4", "tool.txt:4"]
    assert "fromto.txt  is not in" in told[1]


def test_a_missing_route_is_named_once(tmp_path: Path) -> None:
    assert [line for line in refused(tmp_path, route_9=None) if "route_9" in line] == [
        f"route_9.txt  is not in {tmp_path.name}; all of these tables are needed [PW1401]"
    ]


def test_an_empty_column_is_passed_over(tmp_path: Path) -> None:
    text = TABLES["part.txt"].strip().splitlines()
    (tmp_path / "plain").mkdir()
    (tmp_path / "more").mkdir()
    plain = import_smt2020(write_fab(tmp_path / "plain"))
    more = import_smt2020(write_fab(tmp_path / "more", part="\n".join([f"{text[0]} NOTE", *text[1:]])))
    assert more.files == plain.files
    assert more.text.replace("more", "plain") == plain.text


def test_other_tables_are_told_and_nothing_is_written_of_bad_ones(tmp_path: Path) -> None:
    write_fab(tmp_path)
    (tmp_path / "operators.txt").write_text("NAME\nAna\n", encoding="utf-8")
    assert list(import_smt2020(tmp_path).not_read) == ["operators.txt"]


@pytest.fixture(scope="module")
def plant() -> Plant:
    """The testbed with two parts, imported."""
    return import_plant("smt2020", Path(os.environ["PLANTWRIGHT_TEST_DATA"]) / "smt2020" / "HVLM").plant


@pytest.mark.skipif(
    "PLANTWRIGHT_TEST_DATA" not in os.environ, reason="needs the tables of SMT2020; set PLANTWRIGHT_TEST_DATA"
)
class TestTheTestbed:
    """HVLM: counts that its authors publish, and what stands in its tables."""

    def test_its_size(self, plant: Plant) -> None:
        assert (len(plant.work_centers), sum(center.machines or 0 for center in plant.work_centers.values())) == (
            106,
            1443,
        )
        assert [len(product.routing) for product in plant.products.values()] == [583, 343]
        assert sum(len(product.at_start) for product in plant.products.values()) == 2255

    def test_what_its_steps_ask_for(self, plant: Plant) -> None:
        steps = [step for product in plant.products.values() for step in product.routing]
        assert sum(step.rework is not None for step in steps) == 14
        assert sum(step.queue_time is not None for step in steps) == 66
        assert sum(step.same_machine_as is not None for step in steps) == 18
        assert sum(plant.work_centers[step.center].batch is not None for step in steps) == 28
        assert sum(center.places == 2 for center in plant.work_centers.values()) == 45

    def test_five_days_of_it(self, plant: Plant) -> None:
        """Work in process stays: 2,255 lots at the start, within 3 %. Its page shows the work centers that lack work least."""
        run = simulate(plant, horizon="5 d", warmup="0 d", replications=2)
        assert run.estimate("work in process").mean == pytest.approx(2255, rel=0.03)
        assert run.not_simulated == ()
        lacking = {e.of["work center"]: e.mean for e in run.named("state share") if e.of["state"] == "starved"}
        least = sorted(plant.work_centers, key=lambda center: lacking.get(center, 0.0))[:30]
        page = str(run).splitlines()
        shown = page[page.index("Work centers, share of the time on shift") + 1 :][:31]
        assert shown[0] == "(the 30 of 106 that lack work least; all of them: --json, or -o run.html)"
        assert [line.split()[0] for line in shown[1:]] == [c[:16] for c in plant.work_centers if c in least]
        assert all(len(line) <= 80 and "%" in line for line in shown[1:])
