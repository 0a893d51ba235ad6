"""What each bucket of time brought: worked out by hand, and together the whole."""

from __future__ import annotations

import re
from datetime import datetime
from pathlib import Path

import numpy as np
import pytest

from plantwright.errors import SimulationError
from plantwright.plant import Plant
from plantwright.simulation import Run, books, simulate, tallies
from plantwright.simulation.blueprint import Blueprint
from plantwright.simulation.buckets import LEFT_OUT, SUMS, TABLES, edges
from plantwright.simulation.replications import Cancel, one
from tests.simulation.plants import EVERYTHING, shop
from tests.twin.test_twin import drawn


def visits(*orders: str, hours: int = 1) -> Plant:
    return shop(
        f"plant: Visits\nwork centers: {{m: {{machines: 1}}}}\nproducts: {{part: {{release: {{orders: orders.csv}}, routing: [x: {{at: m, time: {hours} h}}]}}}}\n",
        *orders,
    )


def told(run: Run, name: str, **of: str) -> dict[str, float]:
    """The hour at which a bucket begins, and its number."""
    return {e.of["from"][11:16]: round(e.mean, 9) for e in run.over_time(name, **of)}


@pytest.fixture(scope="module")
def run() -> Run:
    return simulate(visits("part 00:00", "part 02:30"), horizon="5 h", warmup=0.0, replications=2, bucket="1 h")


class TestStory:
    """An hour of work from 00:00, and one from 02:30; counted hour by hour."""

    def test_states(self, run: Run) -> None:
        hours = {"00:00": 1, "01:00": 0, "02:00": 0.5, "03:00": 0.5, "04:00": 0}
        assert told(run, "state share", work_center="m", state="working") == hours
        assert told(run, "work in process") == hours

    def test_what_ends_at_an_edge_belongs_to_the_bucket_before(self, run: Run) -> None:
        assert told(run, "throughput") == {"00:00": 24, "01:00": 0, "02:00": 0, "03:00": 24, "04:00": 0}

    def test_a_bucket_without_a_finished_lot_has_no_cycle_time(self, run: Run) -> None:
        assert told(run, "cycle time") == {"00:00": 3600, "03:00": 3600}

    def test_the_whole_is_what_it_is_without_buckets(self, run: Run) -> None:
        plain = simulate(visits("part 00:00", "part 02:30"), horizon="5 h", warmup=0.0, replications=2)
        assert run.estimates == plain.estimates
        assert plain.buckets == ()

    def test_programs_and_tables_have_them(self, run: Run) -> None:
        shown = [e for e in run.to_dict()["estimates"] if e["name"] == "throughput" and list(e["of"]) == ["from"]]
        assert [e["of"]["from"] for e in shown][:2] == ["2026-01-05T00:00+00:00", "2026-01-05T01:00+00:00"]
        table = run.table("work in process")
        assert table["from"].null_count() == 2  # of the plant, and of its product
        assert run.chart("work in process").to_dict()["layer"][1]["mark"]["type"] == "line"
        assert run.options["bucket"] == 3600


def test_buckets_add_up_to_the_whole_in_every_replication() -> None:
    """Of a plant with a bit of everything: areas of time, lots and waits, after a warm-up; the last bucket is a shorter one."""
    run = simulate(shop(EVERYTHING), horizon="31 d", warmup="7 d", replications=3, bucket="1 wk", seed=7)
    lengths = [7, 7, 7, 7, 3]
    checked = set()
    for whole in run.estimates:
        if whole.quantile is not None or whole.name in LEFT_OUT:
            continue
        parts = run.over_time(whole.name, **{key.replace(" ", "_"): value for key, value in whole.of.items()})
        if whole.name in ("state share", "work in process", "buffer level"):
            assert len(parts) == 5
            total = sum(np.array(part.values) * days for part, days in zip(parts, lengths, strict=True)) / 31
            assert total == pytest.approx(whole.values, rel=1e-9, abs=1e-12), whole.of
            checked.add(whole.name)
        elif whole.name in ("throughput", "lots finished", "setups"):
            # Five working days a week; the last three days are Monday to Wednesday.
            total = sum(np.array(part.values) * days for part, days in zip(parts, [5, 5, 5, 5, 3], strict=True))
            assert total == pytest.approx(np.array(whole.values) * 23, rel=1e-9), whole.of
            checked.add(whole.name)
        elif whole.name == "cycle time" and whole.of:
            lots = run.over_time("lots finished", product=whole.of["product"])
            counts = np.array([np.array(e.values) * days for e, days in zip(lots, [5, 5, 5, 5, 3], strict=True)])
            times = np.array([part.values for part in parts])
            assert (counts * times).sum(axis=0) / counts.sum(axis=0) == pytest.approx(whole.values, rel=1e-9)
            checked.add(whole.name)
    assert checked == {
        "state share",
        "work in process",
        "buffer level",
        "throughput",
        "lots finished",
        "setups",
        "cycle time",
    }


def test_people_by_bucket() -> None:
    """Ben works from 00:00 to 01:00 and from 02:30 to 03:30, and is there all day."""
    plant = shop(
        """
plant: Staffed
people: {Ben: {skills: {care: 1}}}
work centers: {m: {machines: 1}}
products: {part: {release: {orders: orders.csv}, routing: [x: {at: m, time: 1 h, staff: [{skill: care}]}]}}
""",
        "part 00:00",
        "part 02:30",
    )
    run = simulate(plant, horizon="4 h", warmup=0.0, replications=2, bucket="2 h")
    assert told(run, "use of people", crew="Ben") == {"00:00": 0.5, "02:00": 0.5}


def test_days_are_days_of_the_local_calendar() -> None:
    """In New York the night to 8 March 2026 is an hour short: its day has 23 hours, and the next begins at midnight all the same."""
    plant = shop(
        "plant: Clocks\ntime zone: America/New_York\nstart: 2026-03-07 00:00\nwork centers: {m: {machines: 1}}\n"
        "products: {part: {release: saturated, routing: [x: {at: m, time: 1 h}]}}\n"
    )
    run = simulate(plant, horizon="71 h", warmup=0.0, replications=2, bucket="1 d")
    starts = [e.of["from"] for e in run.over_time("lots finished")]
    assert starts == ["2026-03-07T00:00-05:00", "2026-03-08T00:00-05:00", "2026-03-09T00:00-04:00"]
    assert np.diff(edges(plant, 0.0, 71 * 3600.0, 86400.0)).tolist() == [24 * 3600, 23 * 3600, 24 * 3600]
    spans = np.diff([datetime.fromisoformat(start).timestamp() for start in starts])
    assert spans.tolist() == [24 * 3600, 23 * 3600]


def test_the_same_on_any_number_of_threads() -> None:
    one, three = (
        simulate(shop(EVERYTHING), horizon="14 d", warmup="7 d", replications=4, bucket="3 d", threads=n)
        for n in (1, 3)
    )
    assert one == three


def test_a_bucket_of_no_length_is_refused() -> None:
    with pytest.raises(ValueError, match="longer than nothing"):
        simulate(visits("part 00:00"), horizon="5 h", warmup=0.0, bucket=0)


def test_a_dated_change_shows_in_its_bucket() -> None:
    """From the third day on there are two machines for the work of an hour, and from noon of the fourth one again."""
    plant = shop("""
plant: Growing
start: 2026-01-05
work centers: {m: {machines: 1}}
changes:
  - {on: 2026-01-07, set: work centers > m > machines, to: 2}
  - {on: 2026-01-08 12:00, set: work centers > m > machines, to: 1}
products: {part: {release: saturated, routing: [x: {at: m, time: 1 h}]}}
""")
    run = simulate(plant, horizon="5 d", warmup=0.0, replications=2, bucket="1 d")
    made = [round(e.mean) for e in run.over_time("throughput")]
    assert made == [24, 24, 48, 36, 24]
    assert run.over_time("throughput")[2].of["from"] == "2026-01-07T00:00+00:00"


GROWING = """
plant: Growing
start: 2026-01-05
work centers: {m: {machines: 1, power: {run: 2 kW, off: 100 W}, shift: day}, n: {machines: 1}}
shifts: {day: {days: Mon-Sun, from: "06:00", to: "22:00"}}
changes:
  - {on: 2026-01-07 09:00, set: work centers > m > machines, to: 2}
  - {on: 2026-01-08 12:00, set: work centers > m > power, to: {run: 3 kW}}
  - {on: 2026-01-08 15:00, set: work centers > o, to: {machines: 1}}
  - {on: 2026-01-09 12:00, set: work centers > m > machines, to: 1}
products: {part: {release: {every: exponential 40 min}, routing: [x: {at: m, time: exponential 1 h}, y: {at: n, time: exponential 20 min}]}}
"""


@pytest.mark.parametrize(("plant", "days"), [(shop(EVERYTHING), 7), (shop(GROWING), 1)], ids=["everything", "growing"])
def test_a_bucket_says_what_a_run_does_that_begins_and_ends_with_it(plant: Plant, days: int) -> None:
    """Such a run has the same luck, and forgets at the end of its warm-up what went before."""
    run = simulate(plant, horizon=f"{5 * days} d", warmup=0.0, replications=2, bucket=f"{days} d", seed=3)
    for k in range(1, 5):
        alone = simulate(plant, horizon=f"{days} d", warmup=f"{days * k} d", replications=2, seed=3)
        first = run.over_time("work in process")[k].of["from"]
        mine = {(e.name, str(e.of), e.quantile): e.values for e in run.buckets if e.of["from"] == first}
        theirs = {
            (e.name, str({**e.of, "from": first}), e.quantile): e.values
            for e in alone.estimates
            if e.name not in LEFT_OUT
        }
        assert mine.keys() == theirs.keys()
        for name, values in theirs.items():
            assert mine[name] == pytest.approx(values, rel=1e-9, abs=1e-9), name


def test_buckets_of_plants_that_change_add_up_to_the_whole() -> None:
    """All that is counted, of drawn plants whose changes lie at any time of the first of two buckets, or at their edge."""
    done = 0
    for number in range(16):
        plant, _ = drawn(("dated changes", "machines that come back", "limited stock", "changes of releases", "shifts", "rework"), number) or (None, ())  # fmt: skip
        if plant is None:
            continue
        end = 1.5 * 86400.0
        between = (3600.0, 14 * 3600.0, 86400.0, end)
        try:
            whole = one(Blueprint(plant, end, between[0], 0.0, False, None), 1, 0, Cancel(), None, between)
        except SimulationError:
            continue
        done += 1
        for concept in ("product", "center", "crew", "store", "lot_class"):
            for field in SUMS[concept].split():
                parts = sum(getattr(part, concept)[field] for part in whole.parts)
                assert parts == pytest.approx(getattr(whole, concept)[field], rel=1e-9, abs=1e-6), (number, field)
        times = sum(part.state_time for part in whole.parts)
        np.testing.assert_allclose(times, whole.state_time, rtol=1e-9, atol=1e-6)
    assert done >= 8


def test_what_is_told_by_bucket_is_what_a_warmup_forgets() -> None:
    text = "".join(
        Path(module.__file__).read_text(encoding="utf-8").partition(f"def {name}(")[2].partition("@seldom")[0]
        for module, name in ((books, "forget_warmup"), (tallies, "forget_tallies"))
        if module.__file__
    )
    forgotten = {tuple(found) for found in re.findall(r"w\.(\w+)\.(\w+)\[\w+\] = 0", text)}
    assert forgotten == {(concept, field) for concept, fields in SUMS.items() for field in fields.split()}
    assert set(re.findall(r"w\.(\w+)\[\w+, \w+\] = 0", text)) == set(TABLES)
