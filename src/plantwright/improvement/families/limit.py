"""The limit by hand, from the plant file alone: how much of each work center is asked for, and what each product brings there."""

from __future__ import annotations

from dataclasses import dataclass

from plantwright.improvement.worth import material_money
from plantwright.plant.once import Once
from plantwright.plant.plant import Plant
from plantwright.plant.products import Product
from plantwright.plant.resources import SetupTimes, WorkCenter
from plantwright.simulation.loads import (
    batch_lots,
    choice_shares,
    expected_visits,
    lots_at,
    mix,
    parts_at,
    seconds_at,
    sold_of_lot,
)

DAY = 86400.0
SOLD_OUT = 1.0
"""Where more of a work center is asked for than there is, what is asked cannot be made."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of a work center.

    ``use``: machine time that is asked for, over the time that its machines can work, with setups as they come in a random order;
    ``least``: without any setup. ``seconds``: machine time of one lot of each product that comes there, setups not counted.
    """

    center: str
    use: float
    least: float
    seconds: dict[str, float]


def loads(plant: Plant) -> dict[str, Load]:
    """What is asked of each work center with a number of machines; empty where it is not known how much of some product is asked.

    The use is lots a second, times seconds a lot, over machines times the share of time in which the work center and those who run it
    are there, less failures, maintenance, and setups as they come in a random order (Hopp and Spearman, Factory Physics, chapter 8:
    utilization is the rate of arrivals over the effective rate).
    """
    return _loads(plant)


def _find(plant: Plant) -> dict[str, Load]:
    if not all(_is_asked(product) for product in plant.products.values()):
        return {}
    from plantwright.improvement.arithmetic import hours_per_day, working_share

    per_second, at = mix(plant), _seconds(plant)
    found: dict[str, Load] = {}
    for name, center in plant.work_centers.items():
        seconds = at.get(name, {})
        if center.machines is None or not seconds:
            continue
        days = working_share(plant) if plant.shifts else 1.0
        there = hours_per_day(plant, name) * days / DAY
        working = sum(per_second[product] * each for product, each in seconds.items())
        setups = sum(per_second[product] * _setup(plant, center, product, per_second) for product in seconds)
        able = center.machines * there * _up(center)
        if able > 0:
            found[name] = Load(name, (working + setups) / able, working / able, seconds)
    return found


_loads: Once[Plant, dict[str, Load]] = Once(_find, most=20)


def bottleneck(plant: Plant) -> Load | None:
    """The work center of which most is asked, by hand; None where that is not known."""
    return max(loads(plant).values(), key=lambda load: load.use, default=None)


def sold_out(plant: Plant) -> Load | None:
    """The work center that cannot do what is asked of it even without a setup, by hand; None where all can, or where it is not known.

    How many setups the lots need hangs on the order in which they come, which no hand arithmetic knows.
    """
    load = max(loads(plant).values(), key=lambda load: load.least, default=None)
    return load if load is not None and load.least > SOLD_OUT else None


def _is_asked(product: Product) -> bool:
    return product.demand is not None or any(release.every or release.orders for release in product.releases)


def _seconds(plant: Plant) -> dict[str, dict[str, float]]:
    """Machine seconds that one lot brings to each work center, by product."""
    found: dict[str, dict[str, float]] = {}
    for name, product in plant.products.items():
        visits, parts, wholes = expected_visits(product), parts_at(product), lots_at(product)
        for operation in product.routing:
            times = visits[operation.name] * parts[operation.name]
            pieces = wholes[operation.name] / parts[operation.name]
            shares = choice_shares(plant, operation, pieces)
            for choice in operation.at:
                each = seconds_at(plant, operation, choice, pieces, batch_lots(plant, choice.center, pieces))
                if times * each > 0:
                    here = found.setdefault(choice.center, {})
                    here[name] = here.get(name, 0.0) + times * shares[choice.center] * each
    return found


def _up(center: WorkCenter) -> float:
    lost = sum(failure.repair.mean / failure.every.mean for failure in center.failures if failure.clock != "count")
    lost += sum(care.lasts.mean / care.every.mean for care in center.maintenance if care.clock != "count")
    return 1 / (1 + lost)


def _setup(plant: Plant, center: WorkCenter, product: str, per_second: dict[str, float]) -> float:
    """Seconds of setup for a lot of a product if the lots of all come in a random order, shared by the lots of a batch."""
    setup = center.setup
    if (
        setup is None
        or "least setup" in center.rule
        or "least setup" in plant.rule
        or setup.minimum_run
        or setup.campaign
    ):
        return 0.0
    total = sum(per_second.values())
    mine = _family(plant, product, center.name)
    lots = batch_lots(plant, center.name, plant.products[product].lot)
    before = {name: _family(plant, name, center.name) for name in plant.products}
    mean = sum(per_second[name] / total * _between(setup, family, mine) for name, family in before.items() if family)
    return mean / lots


def _family(plant: Plant, product: str, center: str) -> str:
    made = plant.products[product]
    for operation in made.routing:
        if any(choice.center == center for choice in operation.at):
            return operation.setup or made.family or made.name
    return ""


def _between(setup: SetupTimes, old: str, new: str) -> float:
    if old == new:
        return 0.0
    time = setup.between.get((old, new)) or setup.into.get(new) or setup.default
    return 0.0 if time is None else time.mean


def brings(plant: Plant, name: str) -> float | None:
    """What one piece sold of a product brings: its price less its materials (throughput in Goldratt's sense); None without a price."""
    product = plant.products[name]
    if product.price is None:
        return None
    return product.price - sum(material_money(plant, product)) / max(1e-12, _sold_of(product))


def brings_per_hour(plant: Plant, name: str, load: Load) -> float | None:
    """What a product brings for each hour of the limit (Goldratt and Cox, The Goal; Goldratt, The Haystack Syndrome)."""
    each = brings(plant, name)
    if each is None or not load.seconds.get(name):
        return None
    return each * _sold_of(plant.products[name]) / load.seconds[name] * 3600.0


def _sold_of(product: Product) -> float:
    """Good pieces of one lot."""
    from plantwright.improvement.arithmetic import good_share

    return sold_of_lot(product) * good_share(product)
