"""Optional steps, steps side by side, products that go the same way and orders that were booked otherwise, in shops where all that is known."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any

import numpy as np
import pytest
from scipy import stats

import plantwright
from plantwright.calibration.along import ALONG, expected_visits, find_line
from plantwright.calibration.cleaning import clean
from plantwright.calibration.drafting import Found, draft
from plantwright.calibration.finding import find
from plantwright.calibration.holdout.simulating import traces_of_run
from plantwright.calibration.holdout.traces import moment
from plantwright.calibration.paths import BEGIN, END, orders_of, sure_pairs, usual_order
from plantwright.calibration.paths import Path as Way
from plantwright.calibration.routes_alike import find_alike
from plantwright.calibration.routings import RoutingFound, RoutingStep, SideBySide, find_routings, step_names
from plantwright.calibration.side_by_side import FALSE_ALARM, MISBOOKED, Overlap, blocks, concurrent, overlaps
from plantwright.calibration.visits import History, Visit
from plantwright.distributions import Distribution
from plantwright.exchange import read_log
from plantwright.plant import build_plant
from plantwright.simulation import loads
from tests.calibration.logs import MONDAY, write
from tests.calibration.round_trip.shops import Shop
from tests.calibration.round_trip.writing import book

ORDERS = 240
PLANT = """
format: 1
plant: Side by side
start: 2026-01-05 00:00
shifts: {day: {days: Mon-Fri, from: "06:00", to: "22:00"}}
work centers:
  Sawing: {machines: 1, shift: day}
  Milling: {machines: 2, shift: day}
  Deburring: {machines: 1, shift: day}
  Printing: {machines: 1, shift: day}
  Assembly: {machines: 1, shift: day}
  Painting: {machines: 1, shift: day}
  Packing: {machines: 1, shift: day}
products:
  Valve:
    release: {orders: orders.csv}
    routing:
      - Sawing: {at: Sawing, time: gamma 1.5 h/lot cv 0.5}
      - Milling: {at: Milling, time: gamma 2.5 h/lot cv 0.5, after: [Sawing]}
      - Deburring: {at: Deburring, time: gamma 1 h/lot cv 0.5, share: 70 %}
      - Printing: {at: Printing, time: gamma 2 h/lot cv 0.8, after: [Sawing]}
      - Assembly: {at: Assembly, time: gamma 1 h/lot cv 0.5, after: [Deburring, Printing]}
      - Painting: {at: Painting, time: gamma 1 h/lot cv 0.5, share: 40 %}
      - Packing: {at: Packing, time: gamma 30 min/lot cv 0.3}
"""


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> tuple[Found, set[str]]:
    """The shop above, simulated and booked, with the times of packing and sawing exchanged in 2 % of the orders; and these orders."""
    random = np.random.default_rng(5)
    folder = tmp_path_factory.mktemp("planted")
    shop = Shop(clocked=True)
    for number in range(ORDERS):
        day = int(random.integers(0, 75))
        release = MONDAY + timedelta(days=7 * (day // 5) + day % 5, hours=6, minutes=int(random.integers(0, 800)))
        shop.orders.append((f"V{number:03d}", "Valve", release, 10))
    shop.orders.sort(key=lambda order: order[2])
    lines = [f"{order},{product},{release:%Y-%m-%d %H:%M},{pieces}" for order, product, release, pieces in shop.orders]
    (folder / "orders.csv").write_text("\n".join(["order,product,release,quantity", *lines]) + "\n")
    (folder / "shop.yaml").write_text(PLANT)
    run = plantwright.history(
        plantwright.read_plant(folder / "shop.yaml"), horizon="110 d", seed=3, replication=1
    ).table()
    machines = {name: str(at) for at, name in enumerate(sorted(run["machine"].drop_nulls().unique()), 1)}
    rows, _ = book(shop, run, machines)
    odd = {f"V{number:03d}" for number in random.choice(ORDERS, 5, replace=False)}
    write(folder / "log.csv", _exchanged(rows, odd))
    return find(clean(read_log(folder / "log.csv")), "log.csv"), odd


def _exchanged(rows: list[dict[str, str]], odd: set[str]) -> list[dict[str, str]]:
    """The last report of sawing and of packing of some orders with each other's times."""
    times = ("Start Timestamp", "Complete Timestamp", "Span")
    last = {(row["Case ID"], row["Activity"].split(" - ")[0]): row for row in rows if row["Case ID"] in odd}
    for order in odd:
        saw, pack = last[order, "Sawing"], last[order, "Packing"]
        for name in times:
            saw[name], pack[name] = pack[name], saw[name]
        rows = [
            row for row in rows if row["Case ID"] != order or row["Activity"].split(" - ")[0] != "Sawing" or row is saw
        ]
    return rows


def named(routing: RoutingFound) -> list[Any]:
    """The line in names: a list of names, and of lists of lists for steps side by side."""
    return [
        [[step.operation for step in branch] for branch in item.branches]
        if isinstance(item, SideBySide)
        else item.operation  # type: ignore[attr-defined]
        for item in routing.line.items
    ]


def front(routing: RoutingFound) -> list[str]:
    return [step.operation for step in routing.front] + named(routing)


def test_the_routing_of_a_known_shop_is_found(planted: tuple[Found, set[str]]) -> None:
    """Branches side by side and optional steps as they are; orders that were booked otherwise make no branches, and are named."""
    found, odd = planted
    routing = found.routings["Valve"]
    first, block, *rest = front(routing)
    assert (first, sorted(block), rest) == (
        "Sawing",
        [["Milling", "Deburring"], ["Printing"]],
        ["Assembly", "Painting", "Packing"],
    )
    assert not [step for step in routing.steps if step.again]
    assert {one.order for one in routing.odd} == odd
    for step, share in {"Deburring": 0.7, "Painting": 0.4}.items():
        done = routing.done(RoutingStep(step, step))
        assert done is not None
        low, high = done.interval(0.999)
        assert low < share < high
        assert done.trials == pytest.approx(ORDERS, abs=5)
    assert [step for step in routing.steps if routing.done(step) is not None] == [
        RoutingStep(s, s) for s in ("Deburring", "Painting")
    ]


def test_what_was_found_is_written_as_it_was_planted(planted: tuple[Found, set[str]]) -> None:
    """Word for word, but for times: no step of no time, no branch."""
    found, _ = planted
    written = draft(found, {}, found.staff)
    routing = {name: words for step in written.words["products"]["Valve"]["routing"] for name, words in step.items()}
    said = {
        name: {word: words[word] for word in ("after", "share", "next") if word in words}
        for name, words in routing.items()
    }
    assert set(said) == {"Sawing", "Milling", "Deburring", "Printing", "Assembly", "Painting", "Packing"}
    assert said["Sawing"] == said["Packing"] == {}
    assert said["Milling"] == said["Printing"] == {"after": ["Sawing"]}
    assert sorted(said["Assembly"]["after"]) == ["Deburring", "Printing"]
    assert (list(said["Deburring"]), list(said["Painting"])) == (["share"], ["share"])
    comments = written.comments
    assert "went on at the same time in" in comments["products > Valve > routing > Milling"]
    assert "of 240 orders were booked against a sure order of steps" in comments["products > Valve"]
    plant = build_plant(written.words, name="plant.yaml", files=written.files)
    visits = loads.expected_visits(plant.products["Valve"])
    assert visits["Deburring"] == pytest.approx(
        sum(v.step[0] == "Deburring" for v in found.history.visits()) / ORDERS, abs=0.01
    )


def test_side_by_side_keeps_its_cycle_time(planted: tuple[Found, set[str]]) -> None:
    """With waits before the steps, too, the plant is sound; and orders take as long as they did: one after the other they would take longer."""
    found, _ = planted
    waits = {name: Distribution("gamma", (600.0, 1.0)) for name in ("Milling", "Printing", "Painting")}
    with_waits = draft(found, waits, found.staff)
    build_plant(with_waits.words, name="plant.yaml", files=with_waits.files)
    own = draft(found, {}, found.staff)
    plant = build_plant(own.words, name="plant.yaml", files=own.files)
    run = plantwright.simulate(plant, horizon="110 d", warmup="0 s", replications=5, seed=2)
    times = [
        seconds for order, seconds in found.history.cycle_times().items() if order not in found.history.open_orders
    ]
    assert run.estimate("cycle time").mean == pytest.approx(np.mean(times), rel=0.1)


def test_visits_of_parts_are_those_of_their_order(planted: tuple[Found, set[str]]) -> None:
    """A run of the plant that was found has as many visits for each order as the log, in which an order is one."""
    found, _ = planted
    own = draft(found, {}, found.staff)
    plant = build_plant(own.words, name="plant.yaml", files=own.files)
    rows = plantwright.history(plant, horizon="110 d", seed=1, replication=1).table()
    traces = traces_of_run(rows, found, moment(MONDAY), moment(MONDAY + timedelta(days=110)))
    seen = np.mean([len(trace.activities) for trace in traces])
    assert len(traces) == ORDERS
    assert seen == pytest.approx(len(found.history.visits()) / ORDERS, abs=0.2)
    assert any("Printing" in trace.activities and "Milling" in trace.activities for trace in traces)


# Paths made up.
def visit(order: str, name: str, start: float, end: float) -> Visit:
    begin, until = (MONDAY + timedelta(hours=8 + hours) for hours in (start, end))
    return Visit(order, "p", (name, name), begin, until, (name,), 60 * (end - start), 0.0, 1.0, 0.0, 1.0, True, False)


def way(order: str, *visits: tuple[str, float, float]) -> Way:
    made = [visit(order, *one) for one in visits]
    return Way(order, tuple(sorted(made, key=lambda one: (one.start, one.end))))


def steps_of(order: str, names: Sequence[str]) -> Way:
    return way(order, *((name, at, at + 1.0) for at, name in enumerate(names)))


def found_in(ways: Sequence[Way]) -> set[frozenset[str]]:
    pairs = overlaps(ways)
    return {frozenset(step[0] for step in pair) for pair in concurrent(pairs, len(pairs))}


def test_pieces_passed_on_early_and_any_order_are_not_side_by_side() -> None:
    """Steps that overlap, but always begin in the same order, and steps that come in either order one after the other; a few misbooked."""
    random = np.random.default_rng(1)
    ways = []
    for order in range(100):
        begin = 0.5 if random.random() < 0.97 else -0.5
        turned = random.random() < 0.5
        ways.append(
            way(str(order), ("a", 0, 2), ("b", begin, 3), ("x", 4 + turned, 5 + turned), ("y", 5 - turned, 6 - turned))
        )
    assert found_in(ways) == set()
    both = [way(str(order), ("a", 0, 2), ("b", 0.5 - (order % 2), 3)) for order in range(30)]
    assert found_in(both) == {frozenset("ab")}


def test_false_alarms_are_as_seldom_as_promised() -> None:
    """In logs at the edge of what is taken for misbooked: eight steps, each two of which overlap, with the later begun first in 5 % of the orders."""
    random = np.random.default_rng(2)
    alarms, logs, names = 0, 300, 8
    for _ in range(logs):
        orders = int(random.integers(20, 200))
        pairs = {}
        for pair in itertools.combinations(range(names), 2):
            late = int(random.binomial(orders, MISBOOKED))
            pairs[(str(pair[0]), ""), (str(pair[1]), "")] = (orders, orders - late, late, orders - late, late)
        alarms += bool(concurrent({pair: Overlap(*own) for pair, own in pairs.items()}, len(pairs)))
    assert stats.binom.sf(alarms - 1, logs, FALSE_ALARM) > 0.001


def test_steps_that_are_concurrent_with_all_of_others_are_branches() -> None:
    """b before c, both beside d; e beside f, g beside neither of them: a circle has no cut."""
    both = lambda *pairs: frozenset(pair for a, b in pairs for pair in (((a, a), (b, b)), ((b, b), (a, a))))  # noqa: E731
    order = [(name, name) for name in "abcdefg"]
    assert blocks(order, both("bd", "cd", "ef")) == [
        ((("b", "b"), ("c", "c")), (("d", "d"),)),
        ((("e", "e"),), (("f", "f"),)),
    ]
    assert blocks(order, both("ab", "cd", "bd")) == []


def test_the_usual_order_contradicts_fewest_orders() -> None:
    """Of all orders of six steps, by trying them all."""
    random = np.random.default_rng(3)
    for _ in range(20):
        ways = [steps_of(str(o), [str(s) for s in random.permutation(6)[: random.integers(2, 7)]]) for o in range(12)]
        before = orders_of(ways)
        found = usual_order(ways, before)

        def wrong(order: Sequence[Any], before: Any = before) -> int:
            return sum(before.get((b, a), 0) for a, b in itertools.combinations(order, 2))

        assert wrong(found) <= min(map(wrong, itertools.permutations(found))) + 1


def test_a_sure_order_of_steps_needs_enough_orders() -> None:
    """One of 60 the other way round is misbooked; one of 30 may be how it is, and so is what a product always does."""
    pair, turned = (("a", "a"), ("b", "b")), (("b", "b"), ("a", "a"))
    own = {pair: 10, turned: 1}
    assert sure_pairs(own, {pair: 59, turned: 1}) == {pair}
    assert sure_pairs(own, {pair: 29, turned: 1}) == set()
    assert sure_pairs({turned: 4}, {pair: 196, turned: 4}) == set()


# The line.
def optional_orders(random: Any, shares: dict[str, float], number: int) -> list[list[str]]:
    return [[name for name, share in shares.items() if random.random() < share] for _ in range(number)]


def counts_of(ways: Sequence[Sequence[str]]) -> dict[Any, Counter[Any]]:
    counts: dict[Any, Counter[Any]] = {}
    for steps in ways:
        for before, after in itertools.pairwise([BEGIN, *steps, END]):
            counts.setdefault(before, Counter())[after] += 1
    return counts


SHARES = {"a": 1.0, "b": 0.6, "c": 0.3, "d": 0.9, "e": 0.5, "f": 1.0}


def test_optional_steps_make_no_branches() -> None:
    """Of 200 products whose orders leave out steps at random few have a branch, and the shares are the true ones."""
    random = np.random.default_rng(4)
    branched, held = 0, []
    for _ in range(200):
        counts = counts_of(optional_orders(random, SHARES, 60))
        line = find_line(list(SHARES), counts, {name: at + 1 for at, name in enumerate(SHARES)})
        branched += any(set(ways) != {ALONG} for row, ways in line.ways.items() if row != BEGIN)
        held += [line.shares.get(name, 1.0) for name in "bcde"]
    assert stats.binom.sf(branched - 1, 200, 0.01) > 0.001
    assert np.mean(np.reshape(held, (-1, 4)), axis=0) == pytest.approx([0.6, 0.3, 0.9, 0.5], abs=0.02)


def test_a_step_that_goes_another_way_has_branches_of_its_own() -> None:
    """After b none has c, which half of the others have."""
    random = np.random.default_rng(5)
    ways = []
    for _ in range(200):
        b = random.random() < 0.5
        ways.append(["a", *(["b"] if b else []), *(["c"] if not b and random.random() < 0.5 else []), "d"])
    line = find_line(list("abcd"), counts_of(ways), {name: at + 1 for at, name in enumerate("abcd")})
    assert set(line.ways["b"]) == {"d"}
    assert set(line.ways["a"]) == {ALONG}
    assert line.shares["c"] == pytest.approx(0.5, abs=0.12)


def test_no_visit_is_lost() -> None:
    """Whatever orders do (steps at random, again and again, some begun before the log, some under way), the plant file's routing has the visits
    of the chain of what followed what, to the rounding of its shares.
    """
    random = np.random.default_rng(6)
    for seed in range(12):
        orders, still, begun = {}, set(), set()
        for number in range(40):
            names = [
                str(name)
                for name in random.choice(
                    list("abcdefg"), size=random.integers(1, 9), p=[0.3, 0.2, 0.2, 0.1, 0.1, 0.05, 0.05]
                )
            ]
            steps = sorted(names) if random.random() < 0.7 else names
            order = f"{seed} {number}"
            orders[order] = steps_of(order, [name for name, _ in itertools.groupby(steps)]).visits
            still |= {order} if random.random() < 0.1 else set()
            begun |= {order} if random.random() < 0.1 else set()
        history = History(orders, MONDAY, MONDAY + timedelta(days=30), frozenset(still), None, {}, {}, frozenset(begun))
        routing = find_routings(history)["p"]
        plant = _written(routing)
        got, names_of = loads.expected_visits(plant.products["p"]), step_names(routing.steps)
        for step, visits in expected_visits(routing.follows).items():
            if isinstance(step, RoutingStep):
                assert got[names_of[step]] == pytest.approx(visits, abs=0.02 + 0.01 * visits)


def _written(routing: RoutingFound) -> Any:
    from plantwright.calibration.writing_routings import write_routing

    written = write_routing(
        routing,
        {"at": "desk", "time": "0 h/lot"},
        lambda step: {"at": step.center, "time": "1 h/lot"},
        lambda step: "",
    )
    centers = {step.center: {"machines": "1"} for step in routing.steps} | {"desk": {"machines": "unlimited"}}
    return build_plant(
        {
            "format": "1",
            "plant": "p",
            "work centers": centers,
            "products": {"p": {"release": {"every": "1 d"}, "routing": written.steps}},
        },
        name="plant.yaml",
        files={},
    )


# Who goes the same way.
def test_products_are_told_apart_as_often_as_they_should() -> None:
    """Two that go one way are told apart in one of twenty pairs; two of which one has a step more, nearly always."""
    random = np.random.default_rng(7)
    apart, pairs = 0, 100
    for _ in range(pairs):
        ways = optional_orders(random, SHARES, 50)
        groups = find_alike({"p": _ways(ways[:30]), "q": _ways(ways[30:])})
        apart += len(groups) == 2
    assert 0.001 < stats.binom.cdf(apart, pairs, 0.05) < 0.999
    other = SHARES | {"c": 0.95}
    told = [
        find_alike({"p": _ways(optional_orders(random, SHARES, 30)), "q": _ways(optional_orders(random, other, 30))})
        for _ in range(10)
    ]
    assert sum(len(groups) == 2 for groups in told) >= 9


def _ways(orders: Sequence[Sequence[str]]) -> list[Way]:
    return [steps_of(str(number), steps) for number, steps in enumerate(orders)]


def history_of(products: dict[str, Sequence[Sequence[str]]]) -> History:
    orders = {}
    for product, ways in products.items():
        for number, steps in enumerate(ways):
            order = f"{product} {number}"
            orders[order] = tuple(replace(one, product=product) for one in steps_of(order, steps).visits)
    return History(orders, MONDAY, MONDAY + timedelta(days=30), frozenset(), None)


def test_a_product_with_few_orders_takes_the_shares_of_others() -> None:
    """Unless it did what they hardly ever do; then its own orders are all that is known of its way."""
    random = np.random.default_rng(8)
    ways = {"usual": optional_orders(random, SHARES, 40), "thin": [["a", "b", "d", "f"]], "other": [["a", "z", "f"]]}
    routings = find_routings(history_of(ways))
    usual, thin, other = (routings[name] for name in ways)
    assert (thin.borrowed, thin.alike, usual.alike, usual.borrowed) == (41, ("usual",), ("thin",), 0)
    c = thin.done(RoutingStep("c", "c"))
    assert c is not None
    assert 0.1 < c.value < 0.5
    assert (other.borrowed, other.alike) == (0, ())
    assert [step.operation for step in other.steps] == ["a", "z", "f"]


def test_an_order_booked_otherwise_makes_no_branch() -> None:
    """Two of 120 orders have packing before the saw."""
    ways = [["saw", "mill", "pack"]] * 118 + [["pack", "saw", "mill"]] * 2
    routing = find_routings(history_of({"p": ways}))["p"]
    assert [step.operation for step in routing.steps] == ["saw", "mill", "pack"]
    assert {one.order for one in routing.odd} == {"p 118", "p 119"}
    assert routing.shares(RoutingStep("pack", "pack")) == {END: 1.0}
