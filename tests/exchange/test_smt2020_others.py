"""What a sister data set may hold is read as it is meant: other words for the same, more of everything, and what the testbed does not use."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from plantwright.actions import import_plant
from plantwright.distributions import Distribution
from plantwright.exchange.smt2020.importing import import_smt2020
from plantwright.exchange.smt2020.tables import TablesError
from plantwright.plant import Plant
from plantwright.plant.products import Rework, WorkTime
from plantwright.plant.resources import Amount
from plantwright.simulation import simulate
from plantwright.simulation.loads import expected_visits
from tests.exchange.other_fabs import as_several_parts, read_tables, spelt_otherwise, work_offered, write_tables
from tests.exchange.small_fab import TABLES, table, write_fab

MIN, HOUR, DAY = 60.0, 3600.0, 86400.0
NEEDS_TESTBED = pytest.mark.skipif(
    "PLANTWRIGHT_TEST_DATA" not in os.environ, reason="needs the tables of SMT2020; set PLANTWRIGHT_TEST_DATA"
)


def always(seconds: float) -> Distribution:
    return Distribution.constant(seconds)


def plant_of(folder: Path) -> Plant:
    return import_plant("smt2020", folder).plant


@pytest.fixture
def small(tmp_path: Path) -> Path:
    folder = tmp_path / "small"
    folder.mkdir()
    return write_fab(folder)


@pytest.fixture
def edited(tmp_path: Path) -> Callable[..., Path]:
    """Writes the small fab with texts of some tables replaced: `edited(tool=("old", "new"), ...)`."""

    def write(**changes: tuple[str, str]) -> Path:
        changed: dict[str, str | None] = {}
        for name, (old, new) in changes.items():
            text = next(text for file, text in TABLES.items() if file.partition(".")[0] == name)
            assert old in text
            changed[name] = text.replace(old, new)
        folder = tmp_path / "edited"
        folder.mkdir()
        return write_fab(folder, **changed)

    return write


def refused(folder: Path) -> list[str]:
    with pytest.raises(TablesError) as told:
        import_smt2020(folder)
    return [str(problem) for problem in told.value.problems]


def figures(value: Any) -> Iterator[float]:
    """All numbers in a value, in their order, whatever things are called."""
    if isinstance(value, datetime):
        yield value.timestamp()
    elif isinstance(value, bool | int | float):
        yield float(value)
    elif isinstance(value, tuple | list):
        for one in value:
            yield from figures(one)
    elif isinstance(value, dict):
        yield from figures(list(value.values()))
    elif hasattr(value, "__dataclass_fields__"):
        for name in value.__dataclass_fields__:
            yield from figures(getattr(value, name))


def work_of(plant: Plant) -> dict[str, float]:
    """How many machines of each work center work at a time, in the mean, on what is released; without load, unload and setup."""
    work: dict[str, float] = {}
    for product in plant.products.values():
        rate = sum(1 / release.every.mean for release in product.releases if release.every)
        visits = expected_visits(product)
        for step in product.routing:
            assert step.time
            pieces = product.lot if step.time.per == "piece" else 1.0
            time = rate * visits[step.name] * step.time.distribution.mean * pieces
            work[step.center] = work.get(step.center, 0.0) + time
    return work


def check_work(plant: Plant, work: dict[str, float]) -> None:
    found = work_of(plant)
    assert {family: found[family] for family in work} == pytest.approx(work, rel=1e-6)


class TestTheSameInOtherWords:
    def test_the_plant_is_the_same(self, small: Path, tmp_path: Path) -> None:
        tables = spelt_otherwise(read_tables(small))
        assert set(tables) & set(TABLES) == set(TABLES) - {"tool.txt", "route_7.txt", "route_9.txt"}
        other = plant_of(write_tables(tmp_path / "other", tables, "\r\n"))
        plant = plant_of(small)
        assert not set(other.work_centers) & set(plant.work_centers)
        for section in ("work_centers", "products", "transport", "start"):
            told, expected = list(figures(getattr(other, section))), list(figures(getattr(plant, section)))
            assert told == pytest.approx(expected, rel=1e-9)
            assert len(expected) > 4 or section == "start"

    @pytest.mark.parametrize("coding", ["utf-16", "utf-8-sig", "cp1252"])
    def test_whatever_the_code_page(self, small: Path, coding: str) -> None:
        for path in small.iterdir():
            path.write_bytes(path.read_text(encoding="utf-8").replace("Oven", "Öfen").encode(coding))
        assert list(plant_of(small).work_centers) == ["Bench", "Öfen", "Implanter", "Stepper"]

    @pytest.mark.parametrize("moment", ["01/02/2018 06:19:32", "2018-01-02 06:19:32"])
    def test_moments(self, edited: Callable[..., Path], moment: str) -> None:
        plant = plant_of(edited(WIP=("01/02/18 06:19:32", moment.replace(" ", "\u00a0"))))
        assert plant.products["wafer_7"].at_start[0].due == datetime(2018, 1, 2, 6, 19, 32)


class TestSeveralParts:
    def test_the_same_work_in_other_parts(self, small: Path, tmp_path: Path) -> None:
        tables = read_tables(small)
        by_constant = [["constant" if cell == "exponential" else cell for cell in row] for row in tables["order.txt"]]
        units = [["min" if cell in ("day", "hr") else cell for cell in row] for row in by_constant]
        tables["order.txt"] = units
        several = as_several_parts(tables, 3)
        plant = plant_of(write_tables(tmp_path / "several", several))
        assert list(plant.products) == [f"wafer_{n}/{k}" for n in (7, 9) for k in range(3)]
        assert plant.document
        assert list(plant.document.files)[:2] == ["routes/1 wafer_7-0.csv", "routes/2 wafer_7-1.csv"]
        work = work_offered(tables)
        assert set(work) == {"Implanter", "Stepper"}
        assert work == pytest.approx(work_offered(several))
        check_work(plant, work)

    def test_names_that_differ_in_capitals_have_files_of_their_own(self, edited: Callable[..., Path]) -> None:
        folder = edited(
            part=("wafer_9", "Wafer_7"), order=("Lot_9 wafer_9", "Lot_9 Wafer_7"), WIP=("W2 wafer_9", "W2 Wafer_7")
        )
        plant = plant_of(folder)
        assert plant.document
        assert list(plant.document.files) == ["routes/wafer_7.csv", "routes/2 Wafer_7.csv", "wip.csv"]
        assert [len(product.at_start) for product in plant.products.values()] == [1, 1]

    def test_a_part_without_orders(self, edited: Callable[..., Path]) -> None:
        """The lots of it that are there go on, and no more of them start; of a part that has neither nothing comes."""
        lot = "Lot_9 wafer_9 10 10 01/01/18 06:00:00 exponential 2 hr 200000 1 01/04/18 06:00:00 O no\n"
        folder = edited(
            order=(lot, ""),
            part=("Sold fam wafer_9", "Sold fam old old.txt r\nSold fam wafer_9"),
            WIP=("wafer_9 20 10 01/01/18 00:00:00 1 ", "wafer_9 20 10 01/01/18 00:00:00 3 "),
        )
        made = import_smt2020(folder)
        assert list(made.passed_over) == ["part.txt:3  no order starts lots of 'old', and none are in process"]
        plant = plant_of(folder)
        assert [release.most for release in plant.products["wafer_9"].releases] == [0]
        run = simulate(plant, horizon="30 d", warmup="0 d", replications=2)
        assert run.estimate("throughput", product="wafer_9").mean * 30 == pytest.approx(10)


class TestWhatTheTestbedDoesNotUse:
    def test_two_times_for_one_setup(self, edited: Callable[..., Path]) -> None:
        """The same setup takes 8 minutes before one step and 15 before another, and none from one to the other; a third step leaves it to the table."""
        needs = "lot - - redmask need - -"
        plant = plant_of(
            edited(
                route_7=(needs, "lot - - redmask need 8 min"),
                route_9=("20 - min per_lot - - - - - -", "20 - min per_lot - - redmask need 15 min"),
            )
        )
        setup = plant.work_centers["Stepper"].setup
        assert setup
        assert setup.into == {"redmask (8 min)": always(8 * MIN), "redmask (15 min)": always(15 * MIN)}
        assert setup.between == {
            ("redmask (8 min)", "bluemask"): always(7 * MIN),
            ("redmask (15 min)", "bluemask"): always(7 * MIN),
            ("redmask (8 min)", "redmask (15 min)"): always(0),
            ("redmask (15 min)", "redmask (8 min)"): always(0),
        }
        assert [plant.products[part].routing[at].setup for part, at in (("wafer_7", 2), ("wafer_9", 3))] == [
            "redmask (8 min)",
            "redmask (15 min)",
        ]

    def test_a_setup_before_that_no_step_needs(self, edited: Callable[..., Path]) -> None:
        """The table knows a third mask, much like the others, that nothing made here needs."""
        folder = edited(setup=("redmask bluemask 7 min x", "redmask bluemask 7 min x\nrodmask bluemask 9 min x"))
        setup = plant_of(folder).work_centers["Stepper"].setup
        assert setup
        assert set(setup.between) == {("redmask", "bluemask"), ("bluemask", "redmask")}

    def test_a_step_without_batch_where_there_are_batches(self, edited: Callable[..., Path]) -> None:
        """It is done lot by lot: a lot comes every 3 hours and is fired alone for 4, as often as fits into 30 days less 5 hours of maintenance,
        and the half hour at least that it takes from there.
        """
        seven = [row + "\n" for row in TABLES["order.txt"].splitlines() if "wafer_7" in row]
        folder = edited(
            route_9=("4 - hr per_batch 20 40", "4 - hr per_batch - -"),
            order=("".join(seven), ""),
            WIP=("W1 wafer_7 10 25 01/01/18 00:00:00 30 01", "W1 wafer_9 10 10 01/01/18 00:00:00 2 01"),
        )
        orders = (folder / "order.txt").read_text(encoding="utf-8")
        (folder / "order.txt").write_text(orders.replace("exponential\t2", "constant\t3"), encoding="utf-8")
        plant = plant_of(folder)
        assert list(plant.products) == ["wafer_9"]
        run = simulate(plant, horizon="30 d", warmup="0 d", replications=2)
        assert run.estimate("throughput").mean * 30 / 10 == pytest.approx((30 * 24 - 5 - 0.5) // 4)

    def test_batches_in_lots(self, edited: Callable[..., Path]) -> None:
        plant = plant_of(
            edited(
                tool=("crit_sameroutestep piece", "crit_sameroutestep lot"),
                route_7=("50 75", "2 3"),
                route_9=("20 40", "2 4"),
            )
        )
        batches = [plant.work_centers["Oven"].batch, *(p.routing[1].batch for p in plant.products.values())]
        assert [batch and (batch.smallest, batch.largest) for batch in batches] == [
            (Amount(2), Amount(4)), (Amount(2), Amount(3)), None,
        ]  # fmt: skip

    def test_calendars_of_groups_families_and_tools(self, edited: Callable[..., Path]) -> None:
        """Maintenance of a group, a failure of a family, and one of a tool; several of each."""
        more = "Oven_MN pm stnfam Oven constant 27 day\nOven_MN pm stngrp Litho - - -\nBREAK_Wet down stnfam Oven - - -\nBREAK_Wet down stn Impl - - -"
        plant = plant_of(edited(attach=("Oven_MN pm stnfam Oven constant 27 day", more)))
        counts = {name: (len(c.failures), len(c.maintenance)) for name, c in plant.work_centers.items()}
        assert counts == {"Bench": (1, 1), "Oven": (1, 1), "Implanter": (1, 0), "Stepper": (0, 1)}
        care = plant.work_centers["Stepper"].maintenance[0]
        assert (care.first, care.spread, care.every) == ("spread", None, always(30 * DAY))

    def test_a_first_date_that_is_drawn(self, edited: Callable[..., Path]) -> None:
        folder = edited(attach=("Oven_MN pm stnfam Oven constant 27 day", "Oven_MN pm stnfam Oven exponential 27 day"))
        assert plant_of(folder).work_centers["Oven"].maintenance[0].first == Distribution("exponential", (27 * DAY,))

    def test_distributions(self, edited: Callable[..., Path]) -> None:
        plant = plant_of(
            edited(
                route_7=("uniform 30 1.5 min", "normal 30 1.5 min"),
                route_9=("constant 9 - min", "exponential 9 - min"),
                pmcal=("uniform 8.74 1.75 hr", "exponential 8.74 - hr"),
            )
        )
        mask, implant = plant.products["wafer_7"].routing[2], plant.products["wafer_9"].routing[2]
        assert mask.time == WorkTime(Distribution("normal", (30 * MIN, 1.5 * MIN)))
        assert implant.time == WorkTime(Distribution("exponential", (9 * MIN,)))
        assert plant.work_centers["Bench"].maintenance[0].lasts.kind == "exponential"

    @pytest.mark.parametrize(
        ("ranks", "rule"),
        [
            ("rank_FIFO", ("FIFO at step",)),
            ("rank_HP;rank_FIFO", ()),
            ("rank_hp; rank_fifo;", ()),
            ("rank_HP", ()),
        ],
    )
    def test_ranks(self, edited: Callable[..., Path], ranks: str, rule: tuple[str, ...]) -> None:
        old = "rule_HotLotFIRST rank_HP;rank_RSETUP;rank_FIFO - crit"
        folder = edited(tool=(old, f"rule_HotLotFIRST {ranks.replace(' ', chr(160))} - crit"))
        assert plant_of(folder).work_centers["Oven"].rule == rule

    @pytest.mark.parametrize(
        ("ranks", "rule"),
        [
            ("rank_HP;rank_RSETUP;rank_FIFO", ("priority", "least setup", "FIFO at step")),
            ("rank_HP;rank_FIFO", ()),
        ],
    )
    def test_tools_with_two_places_and_setups(
        self, edited: Callable[..., Path], ranks: str, rule: tuple[str, ...]
    ) -> None:
        """A tool that takes in a second lot ranks by setup, and one that is empty is woken first."""
        old = "rank_HP;rank_RSETUP;rank_FIFO wake_LeastSetupTime - - 0 min 0 min - Yard"
        folder = edited(tool=(old, f"{ranks} wake_LeastSetupTime - - 0 min 0 min 2.0 Yard"))
        stepper = plant_of(folder).work_centers["Stepper"]
        assert (stepper.places, stepper.rule, stepper.choose) == (2, rule, "empty machine")

    def test_ranks_that_are_not_understood(self, edited: Callable[..., Path]) -> None:
        folder = edited(tool=("rank_HP;rank_RSETUP;rank_FIFO - crit", "rank_RSETUP;rank_HP - crit"))
        assert refused(folder) == [
            "tool.txt:3  FWLRANK: 'rank_RSETUP;rank_HP' is not understood; what is: rank_HP;rank_RSETUP;rank_FIFO, or without some of them [PW1404]"
        ]

    def test_hot_lots_go_before_all_others(self, edited: Callable[..., Path]) -> None:
        """An order says that its lots are hot, and a lot in process is; the highest priority of the others is 20."""
        plant = plant_of(
            edited(
                order=("06:00:00 O no", "06:00:00 O yes"),
                WIP=("20 10 01/01/18 00:00:00 1 ", "3 10 01/01/18 00:00:00 1 "),
            )
        )
        assert [r.priority for p in plant.products.values() for r in p.releases] == [10, 20, 20, 21]
        assert [lot.priority for p in plant.products.values() for lot in p.at_start] == [10, 3]

    def test_families_that_nothing_needs(self, edited: Callable[..., Path]) -> None:
        """One has tools, one has none; the one without is left out."""
        row = "Wet Bench Bench1 2.0"
        rest = "rule_HotLotFIRST rank_HP;rank_RSETUP;rank_FIFO - - - 0 min 0 min - Hall no -\n"
        folder = edited(tool=(row, f"Wet Spare Spare1 2.0 {rest}Wet Gone Gone1 0 {rest}{row}"))
        made = import_smt2020(folder)
        assert list(made.passed_over) == ["tool.txt:3  'Gone' has no tools, and no step needs them"]
        plant = plant_of(folder)
        assert list(plant.work_centers) == ["Spare", "Bench", "Oven", "Implanter", "Stepper"]
        assert len(plant.work_centers["Spare"].failures) == 1

    def test_rework_and_sampling_in_one_step(self, edited: Callable[..., Path]) -> None:
        folder = edited(route_7=("30 1.7 lot - -", "30 1.7% lot 40 -"))
        again = plant_of(folder).products["wafer_7"].routing[4]
        assert (again.share, again.rework) == (0.4, Rework(0.017, "30 mask", 1000))
        visits = 1 + 0.4 * 0.017 / (1 - 0.4 * 0.017)
        assert visits == pytest.approx(expected_visits(plant_of(folder).products["wafer_7"])["30 mask"], rel=1e-9)

    @pytest.mark.parametrize("share", ["-", "60"])
    def test_of_two_steps_that_bind_a_third_the_last_counts(self, edited: Callable[..., Path], share: str) -> None:
        """Two masks go before another on a tool that the third must have; where not all lots need the second, nobody can say which."""
        mask = "mask Stepper constant 20 - min per_lot - - - - - -"
        rows = [
            f"r_9 4 {mask} yes 6 - - - - - - - - -",
            f"r_9 5 {mask} yes 6 - - - - - {share} - - -",
            f"r_9 6 {mask} - - - - - - - - - - -",
        ]
        folder = edited(route_9=(f"r_9 4 {mask} - - - - - - - - - - -", "\n".join(rows)))
        if share == "-":
            route = plant_of(folder).products["wafer_9"].routing
            assert [step.same_machine_as for step in route[3:]] == [None, None, "5 mask"]
        else:
            assert refused(folder) == [
                "route_9.txt:6  FORSTEP: step 6 is bound to '4 mask', too, and not every lot needs this step [PW1406]"
            ]

    def test_the_plant_starts_once_its_lots_are_there(self, edited: Callable[..., Path]) -> None:
        """The lots in process were started earlier, one by one; the last of them an hour before the first order."""
        folder = edited(WIP=("W1 wafer_7 10 25 01/01/18 00:00:00", "W1 wafer_7 10 25 11/05/17 08:00:00"))
        assert plant_of(folder).start == datetime(2018, 1, 1)
        text = TABLES["WIP.txt"].replace("01/01/18 00:00:00", "12/31/17 23:00:00")
        (folder / "WIP.txt").write_text(table(text), encoding="utf-8")
        plant = plant_of(folder)
        assert plant.start == datetime(2017, 12, 31, 23)
        assert plant.products["wafer_7"].releases[0].first == HOUR


class TestWhatCannotBe:
    @pytest.mark.parametrize(
        ("table", "old", "new", "said"),
        [
            ("tool", "Gas Implanter Impl 3.0", "Gas Implanter Impl 0", "tool.txt:4  STNQTY: 'Implanter' has no tools, but steps need them [PW1406]"),
            ("route_7", "constant 12 - min per_lot", "- 12 1 min per_lot", "route_7.txt:5  PDIST: is empty, but there is a second number (PTIME2) [PW1406]"),
            ("route_7", "- 30 1.7 lot", "- 30 170 lot", "route_7.txt:6  REWORK: '170' is no share between 0 and 100 % [PW1405]"),
            ("route_7", "yes 50 - - - - -", "yes 50 - - 40 1 lot", "route_7.txt:4  RWKSTEP: rework goes back, but step 40 comes after this one [PW1406]"),
            ("order", "exponential 2 hr 200000 1", "exponential 2 hr 200000 3", "order.txt:4  LOTSPERRPT: 3 lots at a time, at times that are drawn [PW1404]"),
            ("order", "constant 51.69 min", "constant 0 min", "order.txt:2  REPEAT: no time between two lots [PW1405]"),
            ("order", "constant 51.69 min", "constant inf min", "order.txt:2  REPEAT: 'inf' is not a number [PW1405]"),
            ("pmcal", "mtbpm_by_cal 30 day", "mtbpm_by_cal 30 -", "pmcal.txt:3  MTBPMUNITS: is empty; what is: s, sec,"),
            ("WIP", "W2 wafer_9 20 10 01/01/18", "W2 wafer_9 20 10 02/01/18", "WIP.txt:3  START: the lot comes at 2018-02-01 00:00:00, after the plant starts at 2018-01-01 00:00:00 [PW1404]"),
            ("downcal", "35.28 min", "35.28 min\nBREAK_Wet mttf_by_cal exponential 9 hr exponential 1 min", "downcal.txt:3  DOWNCALNAME: 'BREAK_Wet' stands in row 2 already [PW1406]"),
        ],
    )  # fmt: skip
    def test_is_named(self, edited: Callable[..., Path], table: str, old: str, new: str, said: str) -> None:
        told = refused(edited(**{table: (old, new)}))
        assert len(told) == 1, told
        assert told[0].startswith(said)

    def test_a_folder_without_tables(self, tmp_path: Path) -> None:
        inside = tmp_path / "set 1"
        inside.mkdir()
        assert refused(tmp_path) == [f"{tmp_path}  holds none of the tables tool.txt, part.txt, order.txt [PW1401]"]
        write_fab(inside)
        assert refused(tmp_path)[0].endswith("; say which of the folders in it: set 1 [PW1401]")
        assert refused(inside / "tool.txt") == [f"{inside / 'tool.txt'}  is not a folder with tables [PW1401]"]

    def test_a_table_that_is_empty_or_no_text(self, small: Path) -> None:
        (small / "setup.txt").write_bytes(b"")
        (small / "attach.txt").write_bytes(b"\x00\x01\x02" * 50)
        assert refused(small) == [
            "attach.txt  is not a text file; save the table as CSV [PW1401]",
            "setup.txt  is empty; its first row names its columns [PW1401]",
        ]


@NEEDS_TESTBED
class TestTheTestbedInOtherTables:
    """HVLM, told in other words, and with each of its two parts as five."""

    @pytest.fixture
    def tables(self) -> dict[str, Any]:
        return read_tables(Path(os.environ["PLANTWRIGHT_TEST_DATA"]) / "smt2020" / "HVLM")

    def test_in_other_words(self, tables: dict[str, Any], tmp_path: Path) -> None:
        plants = [
            plant_of(write_tables(tmp_path / name, made))
            for name, made in (("HVLM", tables), ("other", spelt_otherwise(tables)))
        ]
        for section in ("work_centers", "products", "transport"):
            told, expected = (list(figures(getattr(plant, section))) for plant in plants)
            assert told == pytest.approx(expected, rel=1e-9)

    def test_ten_parts(self, tables: dict[str, Any], tmp_path: Path) -> None:
        """The families whose lots do not overlap work as much as the tables ask for, within what 15 days leave to chance."""
        ten = as_several_parts(tables, 5)
        plant = plant_of(write_tables(tmp_path / "ten", ten))
        assert len(plant.products) == 10
        assert sum(len(product.at_start) for product in plant.products.values()) == 2255
        work = work_offered(ten)
        assert work == pytest.approx(work_offered(tables))
        check_work(plant, work)
        run = simulate(plant, horizon="15 d", warmup="0 d", replications=2)
        states = {e.of["work center"]: e.mean for e in run.named("state share") if e.of["state"] == "working"}
        off = [states[family] - amount / (plant.work_centers[family].machines or 1) for family, amount in work.items()]
        assert len(off) == 51
        assert sum(off) / len(off) == pytest.approx(0, abs=0.015)
        assert max(map(abs, off)) < 0.1
