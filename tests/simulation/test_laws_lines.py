"""Laws of serial lines of single machines: what turns round, what never gets worse, and books that add up to the last bit."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from plantwright.plant import Plant, plant_text
from plantwright.simulation import Run, history, simulate
from tests.simulation.plants import line, shop

Rates = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Drawn:
    """A saturated line: rates of work, failure and repair per minute, places between."""

    mu: Rates
    p: Rates
    r: Rates
    places: tuple[int, ...]

    def plant(self) -> Plant:
        return line(self.mu, self.p, self.r, self.places)

    def completions(self, seed: int) -> list[float]:
        """When each lot is done in 500 minutes."""
        events = history(self.plant(), horizon="500 min", seed=seed)
        return [event.time for event in events if event.what == "completed"]

    def with_rate(self, of: str, k: int, factor: float) -> Drawn:
        rates = getattr(self, of)
        return replace(self, **{of: tuple(rate * (factor if j == k else 1) for j, rate in enumerate(rates))})


@st.composite
def drawn(draw: st.DrawFn, failing: bool = True) -> Drawn:
    machines = draw(st.integers(2, 5))

    def rates(low: float, high: float) -> Rates:
        return tuple(draw(st.lists(st.floats(low, high), min_size=machines, max_size=machines)))

    return Drawn(
        rates(0.5, 2),
        tuple(rate if rate > 0.005 else 0.0 for rate in rates(0.0, 0.05)) if failing else (0.0,) * machines,
        rates(0.05, 0.5),
        tuple(draw(st.lists(st.integers(0, 3), min_size=machines - 1, max_size=machines - 1))),
    )


seeds = st.integers(0, 2**32)


class TestNeverWorse:
    """On common luck, what helps makes no lot later (Shanthikumar and Yao 1989): the n-th completion of the better line is not
    after that of the other, for every n. A nanosecond is rounding.
    """

    def check(self, better: Drawn, base: Drawn, seed: int) -> None:
        sooner, later = better.completions(seed), base.completions(seed)
        assert len(sooner) >= len(later)
        assert all(one <= other + 1e-9 for one, other in zip(sooner, later, strict=False))

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(drawn(), seeds, st.data())
    def test_a_place_more(self, base: Drawn, seed: int, data: st.DataObject) -> None:
        which = data.draw(st.integers(0, len(base.places) - 1))
        self.check(replace(base, places=tuple(n + (k == which) for k, n in enumerate(base.places))), base, seed)

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(drawn(), seeds, st.data(), st.floats(1.01, 3))
    def test_a_quicker_repair(self, base: Drawn, seed: int, data: st.DataObject, factor: float) -> None:
        self.check(base.with_rate("r", data.draw(st.integers(0, len(base.mu) - 1)), factor), base, seed)

    @settings(max_examples=60, deadline=None, derandomize=True)
    @given(drawn(failing=False), seeds, st.data(), st.floats(1.01, 3))
    def test_a_faster_machine(self, base: Drawn, seed: int, data: st.DataObject, factor: float) -> None:
        """One that does not fail: one that does meets its failures with other lots when it is faster."""
        self.check(base.with_rate("mu", data.draw(st.integers(0, len(base.mu) - 1)), factor), base, seed)

    def test_a_place_can_help(self) -> None:
        base = Drawn((1.0, 1.0), (0.01, 0.01), (0.1, 0.1), (0,))
        better = replace(base, places=(1,))
        assert len(better.completions(1)) > len(base.completions(1))


def one_by_one(times: list[list[float]], places: list[int]) -> Plant:
    """A line in which each lot is a product of its own with its own times, all there at the start, in the order of the list."""
    text = "plant: one by one\nwork centers:\n"
    for j in range(len(times[0])):
        text += f"  m{j}: {{machines: 1{f', buffer: {places[j - 1]} lots' if j else ''}}}\n"
    text += "products:\n"
    for k, own in enumerate(times):
        steps = ", ".join(f"s{j}: {{at: m{j}, time: {time!r} s}}" for j, time in enumerate(own))
        text += f"  p{k:02d}: {{release: {{orders: orders.csv}}, routing: [{steps}]}}\n"
    return shop(text, *(f"p{k:02d} 00:00" for k in range(len(times))))


class TestReversal:
    """A line turned round makes as much (Muth 1979): the last piece first, the last machine first."""

    @settings(max_examples=80, deadline=None, derandomize=True)
    @given(st.data())
    def test_as_many_lots_take_as_long(self, data: st.DataObject) -> None:
        """Path by path: lots with times of their own, sent backwards through the line turned round, are all done at the same time."""
        machines, lots = data.draw(st.integers(2, 5)), data.draw(st.integers(1, 10))
        row = st.lists(st.floats(0.5, 20), min_size=machines, max_size=machines)
        times = data.draw(st.lists(row, min_size=lots, max_size=lots))
        places = data.draw(st.lists(st.integers(0, 3), min_size=machines - 1, max_size=machines - 1))
        forth = self.last(one_by_one(times, places), lots)
        back = self.last(one_by_one([own[::-1] for own in times[::-1]], places[::-1]), lots)
        assert forth == pytest.approx(back, abs=1e-9)

    def last(self, plant: Plant, lots: int) -> float:
        """When the last lot is done."""
        done = [event.time for event in history(plant, horizon="10 min") if event.what == "completed"]
        assert len(done) == lots
        return done[-1]

    @settings(max_examples=8, deadline=None, derandomize=True)
    @given(drawn())
    def test_throughput(self, forth: Drawn) -> None:
        """On luck of its own: the difference of both is within its interval, all of them together at 99.9 %, and small."""
        back = Drawn(forth.mu[::-1], forth.p[::-1], forth.r[::-1], forth.places[::-1])
        level = 1 - 0.001 / 8
        one, other = (
            simulate(each.plant(), horizon="20000 min", warmup="1000 min", replications=20, seed=seed, level=level)
            for each, seed in ((forth, 1), (back, 2))
        )
        a, b = one.estimate("throughput"), other.estimate("throughput")
        assert abs(a.mean - b.mean) <= (a.half_width**2 + b.half_width**2) ** 0.5
        assert a.half_width < 0.05 * a.mean


class TestBooks:
    """Of a line that empties, sums over time are sums over lots, station by station."""

    LOTS = 40

    def run(self, drawn_line: Drawn) -> Run:
        """All lots are released in the first hours and done long before the end."""
        orders = [f"part {minute // 60:02d}:{minute % 60:02d}" for minute in range(0, self.LOTS * 2, 2)]
        plant = shop(plant_text(drawn_line.plant()).replace("saturated", "{orders: orders.csv}"), *orders)
        return simulate(plant, horizon="3 d", warmup="0 s", replications=2, threads=1)

    @settings(max_examples=25, deadline=None, derandomize=True)
    @given(drawn())
    def test_littles_law_at_each_station(self, drawn_line: Drawn) -> None:
        run = self.run(drawn_line)
        assert [made * run.working_days for made in run.estimate("throughput").values] == pytest.approx([self.LOTS] * 2)
        busy = 0.0
        for k in range(len(drawn_line.mu)):
            center = f"m{k + 1}"
            level, wait = (run.estimate(name, work_center=center).values for name in ("buffer level", "queue time"))
            for lots, seconds in zip(level, wait, strict=True):
                assert lots * run.horizon == pytest.approx(self.LOTS * seconds, rel=1e-9, abs=1e-6)
            shares = [e.values for e in run.named("state share") if e.of["work center"] == center]
            assert [sum(one) for one in zip(*shares, strict=True)] == pytest.approx([1, 1], abs=1e-12)
            idle = run.estimate("state share", work_center=center, state="starved").values[0]
            busy += (1 - idle) * run.horizon + level[0] * run.horizon
        inside = run.estimate("work in process").values[0] * run.horizon
        assert inside == pytest.approx(self.LOTS * run.estimate("cycle time").values[0], rel=1e-9)
        # Every lot is in a queue or on a machine, as no machine fails while it is empty.
        assert busy == pytest.approx(inside, rel=1e-9)
