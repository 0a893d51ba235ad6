"""Plants whose answer is known exactly, and what of a run is held against it.

The lengths are such that every interval, at the level at which all hold together, is at most half a percent of the truth
wide to each side, one percent for waits (`python -m benchmarks.truths`); tests run a small part of them.
"""

from __future__ import annotations

import json
import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from plantwright.plant import Plant, read_text
from plantwright.simulation import Run, simulate
from plantwright.simulation.statistics import estimate, simultaneous
from tests.simulation import exact
from tests.simulation.plants import line, queue

MINUTE, DAY = 60.0, 86400.0
REPLICATIONS, SEED = 60, 7
DATA = Path(os.environ.get("PLANTWRIGHT_TEST_DATA", "")) / "truth" / "serial_lines.json"

Found = tuple[float, float, float]
"""Mean, low and high of what was simulated."""


@dataclass(frozen=True, slots=True)
class Truth:
    """A number that is known, and how a run finds it; its interval may be `within` of it wide to each side."""

    name: str
    value: float
    found: Callable[[Run], Found]
    within: float = 0.005


@dataclass(frozen=True, slots=True)
class Case:
    """A plant with what is known of it; `length` and `warmup` in seconds."""

    name: str
    plant: Plant
    length: float
    truths: tuple[Truth, ...]
    warmup: float = 5000 * MINUTE


def scaled(run: Run, name: str, factor: float, less: float = 0.0, **of: str) -> Found:
    """An estimate in other units, less a constant."""
    found = run.estimate(name, **of)
    return found.mean * factor - less, found.low * factor - less, found.high * factor - less


def wait(value: float, center: str = "desk") -> Truth:
    return Truth("wait", value, lambda run: scaled(run, "queue time", 1 / MINUTE, work_center=center), 0.01)


def wait_of(product: str, value: float, work: float) -> Truth:
    """The wait of a product that is worked on once, `work` minutes on average."""
    return Truth(
        f"wait of {product}", value, lambda run: scaled(run, "cycle time", 1 / MINUTE, work, product=product), 0.01
    )


def rate(value: float, unit: float = MINUTE) -> Truth:
    return Truth("rate", value, lambda run: scaled(run, "throughput", unit / DAY))


def share(center: str, state: str, value: float) -> Truth:
    return Truth(f"share {state}", value, lambda run: scaled(run, "state share", 1.0, work_center=center, state=state))


def lots(value: float) -> Truth:
    return Truth("lots", value, lambda run: scaled(run, "work in process", 1.0))


def lost(value: float) -> Truth:
    return Truth("share lost", value, lambda run: scaled(run, "lost share", 1.0))


def lots_at(center: str, value: float) -> Truth:
    """Lots that wait and are worked on at a station of one machine."""

    def found(run: Run) -> Found:
        waits = run.estimate("buffer level", work_center=center).values
        works = run.estimate("state share", work_center=center, state="working").values
        total = estimate("L", {}, "lot", [a + b for a, b in zip(waits, works, strict=True)], run.level)
        return total.mean, total.low, total.high

    return Truth(f"lots at {center}", value, found)


def arrivals(load: float) -> str:
    return f"exponential {1 / load!r} min"


def queues() -> list[Case]:
    """Single stations."""
    one, lossy = "exponential 1 min", ", buffer: 4 lots"
    two_classes = read_text("""
plant: Two classes
work centers: {desk: {machines: 1}}
products:
  urgent: {release: {every: exponential 2.5 min, priority: 1}, routing: [serve: {at: desk, time: exponential 1 min}]}
  usual: {release: {every: exponential 2.5 min}, routing: [serve: {at: desk, time: exponential 1 min}]}
""")
    urgent, usual = exact.waits_by_class([0.4, 0.4])
    looms = read_text("""
plant: One weaver
people: {weaver: {count: 1, skills: {mending: 1}}}
work centers:
  looms: {machines: 10, failures: [{every: exponential 10 min, repair: exponential 1 min, by: mending}]}
products:
  cloth: {release: saturated, routing: [weave: {at: looms, time: 60 min}]}
""")
    return [
        Case("M/M/1 at .9", queue(one, arrivals(0.9)), 2.2e6 * MINUTE, (wait(exact.wait_of_servers(1, 0.9)),)),
        Case("M/M/3 at 2.7", queue(one, arrivals(2.7), 3), 9e5 * MINUTE, (wait(exact.wait_of_servers(3, 2.7)),)),
        Case("M/M/10 at 9", queue(one, arrivals(9), 10), 3.6e5 * MINUTE, (wait(exact.wait_of_servers(10, 9)),)),
        Case("M/D/1 at .9", queue("1 min", arrivals(0.9)), 8e5 * MINUTE, (wait(exact.wait_of_one_server(0.9, 0)),)),
        Case(
            "M/E2/1 at .9",
            queue("erlang 2 1 min", arrivals(0.9)),
            1.4e6 * MINUTE,
            (wait(exact.wait_of_one_server(0.9, 0.5)),),
        ),
        Case(
            "M/G/1 at .8, squared cv 4",
            queue("gamma 1 min cv 2", arrivals(0.8)),
            1.8e6 * MINUTE,
            (wait(exact.wait_of_one_server(0.8, 4)),),
        ),
        Case(
            "M/M/1 at .8, two classes",
            two_classes,
            8e5 * MINUTE,
            (wait_of("urgent", urgent, 1.0), wait_of("usual", usual, 1.0)),
        ),
        Case(
            "M/M/1/5 at .9",
            queue(one, arrivals(0.9), 1, lossy, ", when full: lost"),
            5.5e5 * MINUTE,
            (lost(exact.lost_share(0.9, 5)),),
        ),
        Case(
            "One weaver, 10 looms",
            looms,
            2e4 * MINUTE,
            (share("looms", "working", exact.running_share(10, 0.1)),),
        ),
    ]


def networks() -> list[Case]:
    """Stations in a row without limits, open and closed."""
    tandem = line((1.0, 1.25, 2.0), release=f"{{every: {arrivals(0.8)}}}")
    loads = (0.8, 0.8 / 1.25, 0.4)
    return [
        Case(
            "Jackson tandem",
            tandem,
            1.8e6 * MINUTE,
            tuple(lots_at(f"m{k}", load / (1 - load)) for k, load in enumerate(loads, 1)),
        ),
        Case(
            "CONWIP, 10 stations, 20 cards",
            line((1.0,) * 10, release="{conwip: 20 lots}"),
            1e4 * MINUTE,
            (rate(exact.rate_of_closed_network([1.0] * 10, 20)),),
        ),
        Case(
            "Closed network, 3 stations, 10 pallets",
            line((1.0, 1 / 0.8, 1 / 0.5), release="{conwip: 10 lots}"),
            2e4 * MINUTE,
            (rate(exact.rate_of_closed_network([1.0, 0.8, 0.5], 10)),),
        ),
    ]


EXPONENTIAL = [
    *((f"{k} machines, {b} places", (1.0,) * k, (0.0,) * k, (1.0,) * k, (b,) * (k - 1)) for k, b in (
        (2, 0), (3, 0), (5, 0), (6, 0), (8, 0), (2, 1), (2, 3), (2, 4), (2, 10), (3, 1), (3, 3), (3, 4), (3, 10), (4, 1),
        (4, 3), (4, 4), (5, 1), (5, 2), (6, 1),
    )),
    *((f"{k} failing machines, {b} places", (1.0,) * k, (0.01,) * k, (0.1,) * k, (b,) * (k - 1)) for k, b in (
        (2, 0), (2, 2), (2, 5), (2, 20), (3, 0), (3, 2), (3, 5), (4, 1), (4, 2),
    )),
    ("3 unequal machines", (1.0, 0.8, 1.2), (0.01, 0.02, 0.005), (0.1, 0.1, 0.05), (2, 3)),
    ("2 unequal machines", (2.0, 1.0), (0.05, 0.01), (0.2, 0.1), (4,)),
]  # fmt: skip
"""Lines of exponential machines: rates of work, failure and repair per minute, places between; those of the data."""


def exponential_lines() -> list[Case]:
    """Blocking after service, finite buffers, failures while working."""
    cases = []
    for name, mu, p, r, places in EXPONENTIAL:
        made, in_process = exact.exponential_line(mu, p, r, places)
        length = (1.2e5 if any(p) else 5e4) * (6 if max(places) >= 10 else 1)
        cases.append(Case(name, line(mu, p, r, places), length * MINUTE, (rate(made), lots(in_process))))
    return cases


def slotted(times: list[str], places: list[int] | None, failures: str = "", cards: Sequence[int] = ()) -> Plant:
    """A saturated line of machines that step together, a slot of one second at a time, with places or cards between them."""
    failing = f", failures: [{failures}]" if failures else ""
    centers, steps, loops = [], [], []
    for k, time in enumerate(times):
        buffer = f", buffer: {places[k - 1]} lots" if places is not None and k else ""
        centers.append(f"  m{k + 1}: {{machines: 1{buffer}{failing}}}\n")
        steps.append(f"      - s{k + 1}: {{at: m{k + 1}, time: {time}}}\n")
    for k, count in enumerate(cards, 1):
        loops.append(f"  loop {k}: {{cards: {count} lots, from: s{k}, until: s{k + 1}}}\n")
    product = "products:\n  part:\n    release: saturated\n    routing:\n"
    text = "plant: slots\nwork centers:\n" + "".join(centers) + ("loops:\n" if loops else "") + "".join(loops)
    return read_text(text + product + "".join(steps))


def slotted_lines() -> list[Case]:
    """Lines of Gershwin and Schick, and of Bernoulli.

    Of two machines, blocked before service with room for N pieces between them is the same as blocked after it with N - 2
    places: one piece lies on the second machine, and a finished one on the first, which starts no other. In longer lines a
    finished piece would be in the way of those before it, so there each pair of machines has N cards, which a piece carries from
    the start of its work on the first until the end of that on the second.
    """
    cases = []
    by_count = "{every: geometric 100 pieces, clock: count, repair: geometric 10 s}"
    by_work = "{every: geometric 100 s, repair: geometric 10 s}"
    for levels, failing, how in (
        (4, by_count, ""),
        (10, by_count, ""),
        (20, by_count, ""),
        (50, by_count, ""),
        (10, by_work, ", by working time"),
    ):
        plant = slotted(["1 s"] * 2, [levels - 2], failing)
        truth = exact.deterministic_line(0.01, 0.1, levels)
        cases.append(Case(f"Gershwin and Schick, N = {levels}{how}", plant, 1e5, (rate(truth, 1.0),), 5000.0))
    for p, between in (
        ((0.8, 0.7), (3,)),
        ((0.9, 0.9), (2,)),
        ((0.6, 0.9), (6,)),
        ((0.9, 0.85, 0.8), (2, 3)),
        ((0.7, 0.9, 0.8, 0.75), (2, 1, 3)),
    ):
        times = [f"geometric {1 / each!r} s" for each in p]
        plant = slotted(times, [between[0] - 2]) if len(p) == 2 else slotted(times, None, cards=between)
        truth = exact.bernoulli_line(p, partial(exact.at_work_before, places=between))
        name = f"Bernoulli line {', '.join(map(str, p))}, N = {', '.join(map(str, between))}"
        cases.append(Case(name, plant, 1.5e4, (rate(truth, 1.0),), 5000.0))
    return cases


CASES = queues() + networks() + exponential_lines() + slotted_lines()
LEVEL = simultaneous(0.999, sum(len(case.truths) for case in CASES))
"""The level of each interval, so that all of them hold together at 99.9 % (Bonferroni)."""


def run(case: Case, part: float = 1.0) -> Run:
    """Run a part of the length of a case."""
    return simulate(
        case.plant, horizon=case.length * part, warmup=case.warmup, replications=REPLICATIONS, seed=SEED, level=LEVEL
    )


def data() -> list[dict[str, object]]:
    """Lines of exponential machines that somebody else has solved, where they are at hand."""
    if not DATA.is_file():
        return []
    cases: list[dict[str, object]] = json.loads(DATA.read_text())["cases"]
    return cases
