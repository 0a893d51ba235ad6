"""What was found in the log of a known shop, held against the truth."""

from __future__ import annotations

import math
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

import plantwright
from plantwright.calibration.cleaning import clean
from plantwright.calibration.drafting import Found
from plantwright.calibration.finding import find
from plantwright.calibration.parameters import Parameter, parameters_of
from plantwright.calibration.proportions import Proportion
from plantwright.calibration.routings import RoutingStep, step_names
from plantwright.exchange import read_log
from tests.calibration.logs import write
from tests.calibration.round_trip.damage import damaged
from tests.calibration.round_trip.laws import Law
from tests.calibration.round_trip.shops import WEEKS, Shop, draw_shop
from tests.calibration.round_trip.writing import Measured, book


@dataclass(frozen=True)
class Judged:
    """A number that was found: its true value, its interval, and how wide half of that is for half the interval of greatest likelihood
    of the undamaged data (both of logarithms; not a number where these leave no interval).
    """

    shop: int
    path: str
    what: str
    kind: str
    true: float
    value: float
    low: float
    high: float
    records: int
    width: float = math.nan

    @property
    def held(self) -> bool:
        """Whether the true value lies in the interval."""
        return self.low * (1 - 1e-9) <= self.true <= self.high * (1 + 1e-9)


@dataclass(frozen=True)
class Trip:
    """A shop that was drawn, and what came of its log: numbers judged, true numbers of which nothing was found, and what else differs."""

    shop: Shop
    found: Found
    judged: tuple[Judged, ...]
    lost: tuple[str, ...]
    wrong: tuple[str, ...]


def round_trip(seed: int, folder: Path | None = None) -> Trip:
    """Draw a shop, simulate it, book and damage its log, read and calibrate that, and judge what was found."""
    shop = draw_shop(seed)
    place = folder or Path(tempfile.mkdtemp())
    truth = _booked(seed, shop, place)
    found = find(clean(read_log(place / "log.csv")), "log.csv")
    judged, lost = _judge(seed, shop, found, truth)
    return Trip(shop, found, tuple(judged), tuple(lost), tuple(_differs(shop, found)))


def drawn_log(seed: int, folder: Path) -> Path:
    """The log of a shop that is drawn."""
    _booked(seed, draw_shop(seed), folder)
    return folder / "log.csv"


def _booked(seed: int, shop: Shop, place: Path) -> Measured:
    """Simulate a shop and write its log; what truly happened."""
    plant = plantwright.read_plant(shop.save(place))
    run = plantwright.history(plant, horizon=f"{7 * WEEKS} d", seed=seed, replication=1).table()
    numbers = {machine: str(at) for at, machine in enumerate(sorted(run["machine"].drop_nulls().unique()), 1)}
    rows, truth = book(shop, run, numbers)
    write(place / "log.csv", damaged(rows, np.random.default_rng(seed)))
    return truth


def _judge(seed: int, shop: Shop, found: Found, truth: Measured) -> tuple[list[Judged], list[str]]:
    judged: list[Judged] = []
    seen: set[str] = set()
    shares: set[str] = set()
    told: set[tuple[str, str]] = set()
    for own in parameters_of(found):
        known = _truth(shop, found, truth, own.path.split(" > "), own.what)
        if own.what == "share":
            own = _both_ways(found, own)
            if own.path in shares:
                continue
            shares.add(own.path)
        if known is None:
            judged.append(
                Judged(seed, own.path, own.what, "not there", math.nan, own.value, own.low, own.high, own.records)
            )
            continue
        key, kind, value, best = known
        if (key, own.what) in told:
            continue  # a step that is done again has the same times
        told.add((key, own.what))
        seen.add(key)
        half = math.log(own.high / own.low) / 2 if own.low > 0 else math.nan
        width = half / (1.959964 * best) if best > 0 else math.nan
        judged.append(Judged(seed, own.path, own.what, kind, value, own.value, own.low, own.high, own.records, width))
    return judged, [key for key in _expected(shop, truth) if key not in seen]


def _both_ways(found: Found, own: Parameter) -> Parameter:
    """A share of orders that go on to a step, be it the first time there or again: the plant that was drawn does not tell them apart."""
    if own.path.endswith(" > share"):
        return own
    _, product, _, step, _, target = own.path.split(" > ")
    routing = found.routings[product]
    names = step_names(routing.steps)
    ways = routing.ways(next(at for at, name in names.items() if name == step))
    target = target.removesuffix(" again")
    both = [share for at, share in ways.items() if isinstance(at, RoutingStep) and at.operation == target]
    if not both:
        return own  # along the line, or to the end
    share = Proportion(sum(one.hits for one in both), both[0].trials)
    path = " > ".join([*own.path.split(" > ")[:-1], target])
    return replace(own, path=path, value=share.value, low=share.interval()[0], high=share.interval()[1])


def _expected(shop: Shop, truth: Measured) -> list[str]:
    """What a log of so many visits should tell."""
    made = [f"time {product} {center}" for (product, center), times in truth.times.items() if len(times) >= 8]
    made += [f"setup {center}" for center in shop.setups if len(truth.setups.get(center, [])) >= 8]
    made += [f"failures {center}" for center in shop.failures if len(truth.repairs.get(center, [])) >= 1]
    return made


def _truth(
    shop: Shop, found: Found, truth: Measured, place: list[str], what: str
) -> tuple[str, str, float, float] | None:
    """A key, the kind, the true value, and the standard error of its logarithm that the undamaged data leave at best."""
    center = place[1]
    if place[0] == "work centers":
        if "setup" in what:
            law = shop.setups.get(center)
            return law and (f"setup {center}", law.kind, *_of(law, truth.setups[center], None, "cv" in what))
        if center not in shop.failures:
            return None
        every, repair = shop.failures[center]
        stops = truth.repairs[center]
        if what == "work between failures":
            return f"failures {center}", every.kind, every.mean, every.cv / math.sqrt(len(stops))
        return f"failures {center}", repair.kind, *_of(repair, stops, None, "cv" in what)
    product, step = place[1], place[3]
    again = step.endswith(" again")
    center = step.removesuffix(" again")
    if what == "share":
        routing = found.routings[product]
        at = next(s for s in routing.steps if s.operation == center and s.again == again)
        if place[4] == "share":
            # A step is left out by those that another does not send there.
            done = routing.done(at)
            n, p = done.trials if done else 0.0, _needed(shop, product, center)
            target = "or not"
        else:
            target = place[5].removesuffix(" again")
            n = next(iter(routing.ways(at).values())).trials
            p = shop.shares[product, center].get(target, 0.0)
        return f"share {product} {step} {target}", "share", p, math.sqrt((1 - p) / (p * n)) if p > 0 else 0.0
    if what == "yield":
        p = shop.yields.get((product, center), 1.0)
        pieces = sum(count for _, count in truth.times[product, center])
        return f"yield {product} {center}", "yield", p, math.sqrt((1 - p) / p / pieces) if p < 1 else 0.0
    law, per = shop.times[product, center]
    times = truth.times[product, center]
    got = found.times.steps[product, next(s.step for s in found.routings[product].steps if s.operation == center)]
    key, seconds = f"time {product} {center}", [seconds for seconds, _ in times]
    counts = [count for _, count in times]
    if got.per != per:
        # What is said per lot is of lots as they were; per piece, of their pieces. A spread says nothing of the other.
        size = sum(counts) / len(counts)
        true = law.mean * size if per == "piece" else law.mean / size
        return key, "of another unit", math.nan if "cv" in what else true, math.nan
    return key, law.kind, *_of(law, seconds, counts if per == "piece" else None, "cv" in what)


def _needed(shop: Shop, product: str, center: str) -> float:
    """The share of the orders that come by a step of a line that do it: what the step before it sends there."""
    route = [place for name, place in shop.shares if name == product]
    return shop.shares[product, route[route.index(center) - 1]][center] if center != route[0] else 1.0


def _of(law: Law, times: list[float], pieces: list[float] | None, cv: bool) -> tuple[float, float]:
    errors = law.best(times, pieces)
    return (law.cv, errors[1]) if cv else (law.mean, errors[0])


def _differs(shop: Shop, found: Found) -> list[str]:
    """What is not a number with an interval: machines, and hours."""
    made = []
    machines = {center.name: center.machines for center in found.centers}
    for center, number in shop.machines.items():
        if center in machines and machines[center] != number:
            made.append(f"{center}: {machines[center]} machines, not {number}")
    made += [f"{name}: no work center" for name in set(machines) - set(shop.machines)]
    hours = f"Mon-Fri {shop.hours[0]} to {shop.hours[1]}"
    shown = [pattern.name for pattern in found.plant_hours.patterns]
    if shown != [hours]:
        made.append(f"hours {shown}, not {hours}")
    return made


def table(judged: list[Judged], by: str) -> list[dict[str, Any]]:
    """How many intervals hold the true value, and their mean width over the best, for each of `by`."""
    groups: dict[str, list[Judged]] = {"all": judged}
    for own in judged:
        groups.setdefault(getattr(own, by), []).append(own)
    return [
        {
            "name": name,
            "intervals": len(own),
            "hold": float(np.mean([one.held for one in own])),
            "width": float(np.nanmean([one.width for one in own])) if any(one.width == one.width for one in own) else math.nan,
        }
        for name, own in sorted(groups.items())
    ]  # fmt: skip
