"""The limit by hand, from the plant file alone: how much of each work center and of people is asked for, and what each product brings there."""

from __future__ import annotations

from dataclasses import dataclass

from plantwright.improvement.families.busy import is_told, machine_seconds, people_seconds, time_there, who_can
from plantwright.improvement.worth import material_money
from plantwright.plant.once import Once
from plantwright.plant.plant import Plant
from plantwright.plant.products import Product
from plantwright.plant.resources import SetupTimes, WorkCenter
from plantwright.simulation.loads import batch_lots, mix, sold_of_lot

DAY = 86400.0
SOLD_OUT = 1.0
"""Where more of a work center is asked for than there is, what is asked cannot be made."""


@dataclass(frozen=True, slots=True)
class Load:
    """What is asked of a work center, or of crews that share work which nobody else can do.

    ``name``: of the work center, or of the crews as one says it. ``use``: machine or people's time that is asked for, over the time that
    there is, with setups as they come in a random order; ``least``: without any setup. ``seconds``: time of one lot of each product that
    comes there, setups not counted. ``centers``: where that work is done. ``crews``: whose it is, none for a work center.
    """

    name: str
    use: float
    least: float
    seconds: dict[str, float]
    centers: tuple[str, ...]
    crews: tuple[str, ...] = ()

    @property
    def subject(self) -> dict[str, str]:
        """What a move that is about it is about."""
        return {"crew": self.crews[0]} if self.crews else {"work center": self.name}


def loads(plant: Plant) -> dict[str, Load]:
    """What is asked of each work center with a number of machines; empty where it is not known how much of some product is asked.

    The use is lots a second, times seconds a lot, over machines times the share of time in which the work center and those who run it
    are there, less failures, maintenance, and setups as they come in a random order (Hopp and Spearman, Factory Physics, chapter 8:
    utilization is the rate of arrivals over the effective rate).
    """
    return _loads(plant)


def _find(plant: Plant) -> dict[str, Load]:
    if not is_told(plant):
        return {}
    from plantwright.improvement.arithmetic import hours_per_day, working_share

    per_second, at = mix(plant), machine_seconds(plant)
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
            found[name] = Load(name, (working + setups) / able, working / able, seconds, (name,))
    return found


_loads: Once[Plant, dict[str, Load]] = Once(_find, most=20)


def load_of_people(plant: Plant) -> Load | None:
    """The crews of whom most is asked, however work is shared; None where nobody works, or it is not known how much is asked.

    Work goes to those who can do it so that the busiest are busy least: a linear programme, minimise u with the time that each crew is
    given at most u times the time that it is there. By its dual, u is the greatest quotient, over all sets of crews, of the work that only
    they can do and their time. Setups are not counted, nor who must be there together.
    """
    return _of_people(plant)


def _share_out(plant: Plant) -> Load | None:
    work = people_seconds(plant) if is_told(plant) else {}
    if not work or any(not crews for crews in work):
        return None
    import numpy as np
    from scipy.optimize import linprog

    rates, crews = mix(plant), sorted({name for able in work for name in able})
    ways = [(row, crews.index(name)) for row, able in enumerate(work) for name in able]
    given, taken = np.zeros((len(work), len(ways) + 1)), np.zeros((len(crews), len(ways) + 1))
    for way, (row, crew) in enumerate(ways):
        given[row, way] = taken[crew, way] = 1.0
    taken[:, -1] = [-time_there(plant, plant.people[name]) for name in crews]
    asked = [sum(rates[product] * each for product, each in seconds.items()) for seconds in work.values()]
    solved = linprog(
        [0.0] * len(ways) + [1.0], A_ub=taken, b_ub=np.zeros(len(crews)), A_eq=given, b_eq=asked, method="highs"
    )
    if solved.fun is None or not solved.success:
        return None
    bind = solved.ineqlin.marginals < -1e-9
    busiest = tuple(name for name, binds in zip(crews, bind, strict=True) if binds)
    seconds: dict[str, float] = {}
    for able, each in work.items():
        if set(able) <= set(busiest):
            for product, time in each.items():
                seconds[product] = seconds.get(product, 0.0) + time
    return Load(_together(busiest), float(solved.fun), float(solved.fun), seconds, _where(plant, busiest), busiest)


_of_people: Once[Plant, Load | None] = Once(_share_out, most=20)


def _together(names: tuple[str, ...]) -> str:
    """Names as one says them; of many the first two."""
    if len(names) > 3:
        return f"{names[0]}, {names[1]} and {len(names) - 2} others"
    return " and ".join(filter(None, (", ".join(names[:-1]), names[-1])))


def _where(plant: Plant, crews: tuple[str, ...]) -> tuple[str, ...]:
    """The work centers with work that nobody but some crews can do."""
    found = [
        operation.center
        for product in plant.products.values()
        for operation in product.routing
        if any(set(who_can(plant, need)) <= set(crews) for need in operation.staff)
    ]
    return tuple(dict.fromkeys(found))


def _all(plant: Plant) -> list[Load]:
    people = load_of_people(plant)
    return [*loads(plant).values(), *([people] if people is not None else [])]


def bottleneck(plant: Plant) -> Load | None:
    """The work center, or the crews, of which most is asked, by hand; None where that is not known."""
    return max(_all(plant), key=lambda load: load.use, default=None)


def sold_out(plant: Plant) -> Load | None:
    """What cannot do what is asked of it even without a setup, by hand: a work center or crews; None where all can, or it is not known.

    How many setups the lots need hangs on the order in which they come, which no hand arithmetic knows.
    """
    load = max(_all(plant), key=lambda load: load.least, default=None)
    return load if load is not None and load.least > SOLD_OUT else None


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
