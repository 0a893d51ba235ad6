"""What must hold in every plant: Little's law, flow balance, sums of shares, the same luck for the same seed."""

from __future__ import annotations

import pytest

from plantwright.plant import Plant, read_text
from plantwright.simulation import Run, simulate
from plantwright.simulation.codes import STATES
from tests.simulation.plants import EVERYTHING, line, shop


@pytest.fixture(scope="module")
def everything() -> Run:
    return simulate(read_text(EVERYTHING), horizon="84 d", warmup="14 d", replications=6, seed=3)


def values(run: Run, name: str, **of: str) -> tuple[float, ...]:
    return run.estimate(name, **of).values


class TestBalance:
    def test_everything_goes_through(self, everything: Run) -> None:
        assert everything.not_simulated == ()
        assert everything.estimate("throughput", product="axle").mean > 10
        assert everything.estimate("throughput", product="pin").mean > 10
        seen = {e.of["state"] for e in everything.named("state share") if e.mean > 0}
        never = {"no tool", "no material"}
        assert seen == set(STATES) - never

    def test_shares_of_time_add_up_to_one(self, everything: Run) -> None:
        for center in ("saw", "mill", "oven", "check"):
            shares = [e.values for e in everything.named("state share") if e.of["work center"] == center]
            assert len(shares) == len(STATES)
            for one in zip(*shares, strict=True):
                assert sum(one) == pytest.approx(1, abs=1e-12)
                assert min(one) >= 0

    def test_machines_are_off_shift_as_the_calendar_says(self, everything: Run) -> None:
        """check works 37.5 of 168 hours; the saw from 07:00 to 22:00 but Friday, then to 15:00 and three hours more."""
        off = everything.estimate("state share", work_center="check", state="off shift").mean
        assert off == pytest.approx(1 - 37.5 / 168, rel=1e-12)
        # The break is the day shift's alone; the late shift has begun by 14:00.
        off = everything.estimate("state share", work_center="saw", state="off shift").mean
        assert off == pytest.approx(1 - (4 * 14.5 + 10.5) / 168, rel=1e-12)

    def test_nobody_works_more_than_all_the_time(self, everything: Run) -> None:
        use = {e.of["crew"]: e for e in everything.named("use of people")}
        assert set(use) == {"Ana", "Ben", "maintenance"}
        assert all(0 < value <= 1 + 1e-12 for e in use.values() for value in e.values)

    def test_sales_never_exceed_what_is_asked_or_made(self, everything: Run) -> None:
        for product, asked in (("axle", 40), ("pin", 50)):
            for sold in values(everything, "sales", product=product):
                assert sold <= asked + 10  # axles: what was asked in the warm-up and came later
        # All in all no more is sold than made: what lies in stock from the warm-up is less than a day.
        sold = everything.estimate("sales", product="pin").mean
        assert sold <= min(50, everything.estimate("throughput", product="pin").mean + 1)

    def test_the_whole_is_the_sum_of_the_products(self, everything: Run) -> None:
        for name in ("throughput", "work in process", "sales"):
            parts = zip(values(everything, name, product="axle"), values(everything, name, product="pin"), strict=True)
            for whole, pair in zip(values(everything, name), parts, strict=True):
                assert whole == pytest.approx(sum(pair), rel=1e-12)

    def test_littles_law_in_the_long_run(self) -> None:
        """In steady state the lots in process are the rate times the time; here to 2 % in each replication."""
        run = simulate(read_text(EVERYTHING), horizon="2 y", warmup="8 wk", replications=2, seed=5)
        wip, time = values(run, "work in process", product="pin"), values(run, "cycle time", product="pin")
        assert all(lots <= 6 + 1e-9 for lots in wip)
        # Some lots are scrapped at the mill, so that fewer are done than start: the law holds for those that are released.
        pieces = values(run, "throughput", product="pin")
        scrap = values(run, "scrap share", product="pin")
        for lots, seconds, made, bad in zip(wip, time, pieces, scrap, strict=True):
            done = made / 20 * run.working_days / run.horizon
            assert done * seconds <= lots <= done / (1 - bad) * seconds * 1.02


def orders(count: int, gap: int) -> list[str]:
    return [f"part {h // 60:02d}:{h % 60:02d} quantity=7" for h in range(0, count * gap, gap)]


CLOSED = """
plant: All are done at the end
work centers:
  a: {machines: 1, failures: [{every: exponential 3 h, repair: exponential 20 min}]}
  b: {machines: 2, buffer: 1 lot, batch: {max: 2 lots, wait: 10 min}}
products:
  part:
    lot: 7 pieces
    release: {orders: orders.csv}
    routing:
      - cut: {at: a, time: exponential 2 min/piece, yield: 90 %}
      - bake: {at: b, time: uniform 20..40 min/batch, rework: {share: 20 %, back to: cut, at most: 1}}
"""


@pytest.fixture(scope="module")
def closed() -> Run:
    return simulate(shop(CLOSED, *orders(40, 18)), horizon="4 d", warmup="0 s", replications=5)


class TestIdentities:
    """Where a plant is empty at the start and at the end, Little's law and the balance of pieces hold to the last bit."""

    def test_littles_law(self, closed: Run) -> None:
        for lots, seconds in zip(values(closed, "work in process"), values(closed, "cycle time"), strict=True):
            assert lots * closed.horizon == pytest.approx(40 * seconds, rel=1e-12)

    def test_pieces_are_done_or_scrapped(self, closed: Run) -> None:
        for made, scrap in zip(values(closed, "throughput"), values(closed, "scrap share"), strict=True):
            done = made * closed.working_days
            assert done == pytest.approx(round(done), abs=1e-9)
            assert done / (1 - scrap) == pytest.approx(40 * 7, rel=1e-12)

    def test_littles_law_of_the_queue(self, closed: Run) -> None:
        """Level x time = visits x wait; visits are at least one for each lot, and at most two."""
        level, wait = values(closed, "buffer level", work_center="a"), values(closed, "queue time", work_center="a")
        for lots, seconds in zip(level, wait, strict=True):
            visits = lots * closed.horizon / seconds
            assert visits == pytest.approx(round(visits), abs=1e-6)
            assert 40 <= round(visits) <= 80


class TestRepeatable:
    PLANT = read_text(EVERYTHING)

    def run(self, **options: int) -> Run:
        words = {"replications": 4, "seed": 9} | options
        return simulate(self.PLANT, horizon="28 d", warmup="7 d", **words)  # type: ignore[arg-type]

    def test_the_same_seed_gives_the_same_bits_on_one_and_more_threads(self) -> None:
        once = self.run(threads=1)
        assert self.run(threads=2).estimates == self.run(threads=3).estimates == once.estimates
        assert self.run(threads=1).estimates == once.estimates

    def test_more_replications_leave_the_first_as_they_were(self) -> None:
        few, many = self.run(replications=3), self.run(replications=5)
        for one, other in zip(few.estimates, many.estimates, strict=True):
            assert one.values == other.values[:3]

    def test_another_seed_gives_other_luck(self) -> None:
        one, other = self.run(seed=1).estimate("cycle time"), self.run(seed=2).estimate("cycle time")
        assert not set(one.values) & set(other.values)

    def test_negative_and_huge_seeds_are_seeds(self) -> None:
        assert self.run(seed=-1).estimates != self.run(seed=2**64 - 2).estimates


PAIR = """
plant: Pair
work centers:
  m1: {{machines: 1, failures: [{{every: exponential 5 h, repair: exponential {repair}}}]}}
  m2: {{machines: 1, failures: [{{every: exponential 5 h, repair: exponential 1 h}}]}}
products:
{extra}  a: {{release: {{every: exponential 1 h}}, routing: [x: {{at: m1, time: {time}}}]}}
  b: {{release: {{every: exponential 1 h}}, routing: [x: {{at: m2, time: gamma 40 min cv 0.5, rework: {{share: 5 %, back to: x}}}}]}}
"""


class TestCommonRandomNumbers:
    def run(self, time: str = "exponential 40 min", repair: str = "1 h", extra: str = "") -> Run:
        plant = read_text(PAIR.format(time=time, repair=repair, extra=extra))
        return simulate(plant, horizon="60 d", warmup="5 d", replications=3)

    @pytest.mark.parametrize("change", [{"time": "exponential 20 min"}, {"time": "5 min"}, {"repair": "2 h"}])
    def test_a_change_at_one_station_leaves_the_luck_of_another(self, change: dict[str, str]) -> None:
        base, changed = self.run(), self.run(**change)
        assert base.estimate("cycle time", product="b") == changed.estimate("cycle time", product="b")
        assert base.estimate("cycle time", product="a") != changed.estimate("cycle time", product="a")

    def test_a_new_product_leaves_the_luck_of_the_others(self) -> None:
        """It comes first in the file, so that every number of a place in it moves."""
        extra = "  new: {release: {every: exponential 3 h}, routing: [x: {at: m1, time: 5 min}]}\n"
        base, changed = self.run(), self.run(extra=extra)
        assert base.estimate("cycle time", product="b") == changed.estimate("cycle time", product="b")

    def test_a_faster_station_leaves_those_before_it(self) -> None:
        base = simulate(line((1, 1, 1), release="{every: exponential 1.2 min}"), horizon="5 d", replications=3)
        faster = simulate(line((1, 1, 2), release="{every: exponential 1.2 min}"), horizon="5 d", replications=3,
                          warmup=base.warmup)  # fmt: skip
        for center in ("m1", "m2"):
            assert base.estimate("queue time", work_center=center) == faster.estimate("queue time", work_center=center)

    def test_pairs_are_closer_than_strangers(self) -> None:
        """The difference of two plants on the same luck spreads less than a tenth of that on different luck."""
        slow, fast = line((1, 0.8)), line((1, 0.84))

        def output(plant: Plant, seed: int) -> tuple[float, ...]:
            run = simulate(plant, horizon="2 d", warmup="1 d", replications=20, seed=seed)
            return run.estimate("throughput").values

        def spread(one: tuple[float, ...], other: tuple[float, ...]) -> float:
            gains = [a - b for a, b in zip(one, other, strict=True)]
            mean = sum(gains) / len(gains)
            return sum((gain - mean) ** 2 for gain in gains)

        base = output(slow, 1)
        assert spread(output(fast, 1), base) < 0.1 * spread(output(fast, 2), base)
