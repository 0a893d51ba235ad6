"""Checks across a plant: names that must exist, shares that must add up, units that must agree."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from importlib.metadata import entry_points

from plantwright.doors import family_names
from plantwright.plant.document import Node, Scalar
from plantwright.plant.once import Seen
from plantwright.plant.plant import Lane, Plant
from plantwright.plant.products import Demand, Product
from plantwright.plant.readers import Context, nearest
from plantwright.plant.resources import (
    DISPATCH_RULES,
    RULE_ENTRY_POINTS,
    Amount,
    Failure,
    Maintenance,
    SetupTimes,
    Staffing,
    Turn,
    WorkCenter,
)
from plantwright.plant.routes import RoutingChecks
from plantwright.plant.surroundings import around_of, told_by


def check(plant: Plant, context: Context) -> None:
    """Note in the context everything about a plant that does not fit together."""
    checker = Checker(plant, context)
    checker.people()
    for name, center in plant.work_centers.items():
        checker.center(f"work centers > {name}", center)
    checker.others()
    checker.flow()
    for product in plant.products.values():
        _check_product(checker, product)
        if context.luck is None and product.demand is not None:
            checker.range_of(f"products > {product.name} > demand", product.demand)
    # A section whose every entry is wrong is not empty.
    if not plant.products and not checker.broken("products"):
        checker.wrong("PW1240", "products", "no product is given", ())
    if not plant.work_centers and not checker.broken("work centers"):
        checker.wrong("PW1240", "work centers", "no work center is given", ())


_fits: Seen[Product] = Seen()
"""Products in which nothing is wrong, each in such surroundings."""


def _check_product(checker: Checker, product: Product) -> None:
    """Check one product; not again where nothing was wrong with it in a plant that, as far as the checks can see, was the same."""
    context = checker.context
    if context.problems or context.broken:
        RoutingChecks(checker, product).all()
        return
    around = around_of(checker, product)
    if not _fits.has(product, around):
        RoutingChecks(checker, product).all()
        if not context.problems:
            _fits.add(product, around)


class Checker:
    """What the checks share: the plant, what reading found, and how a problem is noted."""

    def __init__(self, plant: Plant, context: Context) -> None:
        self.plant, self.context = plant, context
        self.families = set(plant.families())
        self.broken_below: set[str] = {path.rpartition(" > ")[0] for path in context.broken}
        self.steps: set[str] = set()
        self.units_at: dict[str, set[str]] = {}
        self.all_units: set[str] = set()
        for product in plant.products.values():
            told = told_by(product)
            self.steps |= told.steps
            self.all_units |= told.units
            for center, unit in told.units_at:
                self.units_at.setdefault(center, set()).add(unit)
        self.best_skill: dict[str, int] = {}
        for crew in plant.people.values():
            if crew.count > 0:
                for skill, level in crew.skills.items():
                    self.best_skill[skill] = max(level, self.best_skill.get(skill, 0))
        self.broken_skills = {
            path.rpartition(" > ")[2]
            for path in context.broken
            if path.startswith("people > ") and " > skills > " in path
        }
        self.able: dict[tuple[str, int], int] = {}

    def broken(self, section: str) -> bool:
        """Whether something in a section is so wrong that it is not there."""
        return section in self.context.broken or section in self.broken_below

    def wrong(self, code: str, path: str, reason: str, known: Iterable[str], word: str | None = None) -> None:
        """Note a problem at the nearest place that the file has on that path."""
        at = path
        while at and at not in self.context.places:
            at = at.rpartition(" > ")[0]
        node: Node = self.context.places.get(at, Scalar(""))
        self.context.wrong(code, node, path, reason, known, word)

    def known(
        self, code: str, path: str, names: Iterable[str], known: Collection[str], what: str, section: str = ""
    ) -> None:
        """Note every name that is not known; one that is given, but wrong, has its own problem already."""
        for name in names:
            if name in known or (section and f"{section} > {name}" in self.context.broken):
                continue
            shown = list(known)
            more = ", ..." if len(shown) > 8 else ""
            there = f"; there is {', '.join(shown[:8])}{more}" if shown else ""
            self.wrong(code, path, f"unknown {what} {name!r}{there}", shown, name)

    def centers_known(self, path: str, names: Iterable[str]) -> None:
        """Note every name that is no work center."""
        self.known("PW1246", path, names, self.plant.work_centers, "work center", "work centers")

    def staff(self, path: str, staffing: Iterable[Staffing]) -> None:
        """Note people who are needed and not there."""
        for need in staffing:
            best = self.best_skill.get(need.skill)
            if need.skill in self.broken_skills:
                continue
            if best is None:
                self.wrong("PW1242", path, f"nobody has the skill {need.skill!r}", self.best_skill, need.skill)
            elif best < need.level:
                reason = f"nobody has {need.skill!r} at level {need.level}; the best has {best}"
                self.wrong("PW1242", path, reason, (), f"{need.skill} {need.level}")
            elif (able := self._able(need)) < need.count:
                reason = f"{need.count} people with '{need.skill} {need.level}' are needed; {able} are there"
                self.wrong("PW1242", path, reason, (), str(need.count))

    def can_be_met(self, need: Staffing) -> bool:
        """Whether there are the people who are needed."""
        return self.best_skill.get(need.skill, -1) >= need.level and self._able(need) >= need.count

    def _able(self, need: Staffing) -> int:
        wanted = need.skill, need.level
        if wanted not in self.able:
            crews = self.plant.people.values()
            self.able[wanted] = sum(crew.count for crew in crews if crew.skills.get(need.skill, -1) >= need.level)
        return self.able[wanted]

    def people(self) -> None:
        """The shifts of people."""
        for name, crew in self.plant.people.items():
            self.known("PW1241", f"people > {name} > shift", crew.shift, self.plant.shifts, "shift", "shifts")

    def center(self, path: str, center: WorkCenter) -> None:
        """A work center, its machines and what it does not have."""
        self.known("PW1241", f"{path} > shift", center.shift, self.plant.shifts, "shift", "shifts")
        self.known("PW1241", f"{path} > delay shift", center.delay_shift, self.plant.shifts, "shift", "shifts")
        self.stops(path, center.failures, center.maintenance)
        self.staff(f"{path} > staff", center.staff)
        for number, machine in enumerate(center.unlike, 1):
            at = f"{path} > machines > {number}"
            self.stops(at, machine.failures, machine.maintenance)
            self._families(f"{at} > only", machine.only)
            if any(care.per == "work center" for care in machine.maintenance):
                reason = "a machine's own maintenance is of it alone; say 'per: work center' in the work center's 'maintenance'"
                self.wrong("PW1255", f"{at} > maintenance", reason, ())
            if machine.only and center.batch is not None and center.batch.together != "same operation":
                reason = (
                    "lots of several families share a batch here, so that a machine for some of them would be in doubt"
                )
                self.wrong("PW1254", f"{at} > only", f"{reason}; leave out 'batch with' or 'only'", ())
        if center.places > 1:
            self._places(path, center)
        if center.machines is None:
            self._unlimited(path, center)
        if center.setup is not None:
            self._setup(f"{path} > setup", center.setup, center.name)
        amounts = {"buffer": center.buffer}
        if center.batch is not None:
            amounts |= {"batch > max": center.batch.largest, "batch > min": center.batch.smallest}
        for word, amount in amounts.items():
            if amount is not None:
                self.unit(f"{path} > {word}", amount, self.units_at.get(center.name, ()))
        self.rules(f"{path} > rule", center.rule)
        self.sequence(f"{path} > sequence", center.sequence)

    def _unlimited(self, path: str, center: WorkCenter) -> None:
        """A pure delay has no machines of which one could be set up, stop or be filled."""
        given = {
            "setup": center.setup is not None,
            "failures": bool(center.failures),
            "maintenance": bool(center.maintenance),
            "batch": center.batch is not None,
            "start-up": center.start_up is not None,
            "delay": center.delay is not None,
            "delay shift": bool(center.delay_shift),
            "staff": bool(center.staff),
        }
        for word in (word for word, there in given.items() if there):
            reason = "unlimited machines are a pure delay, without this; give it a number of machines, such as 'machines: 20'"
            self.wrong("PW1259", f"{path} > {word}", reason, ())

    def _places(self, path: str, center: WorkCenter) -> None:
        """What a machine with several places cannot do: it is the machine that stops, not one job in it."""
        stops = [*center.failures, *(failure for machine in center.unlike for failure in machine.failures)]
        cares = [*center.maintenance, *(care for machine in center.unlike for care in machine.maintenance)]
        if any(failure.clock != "calendar" for failure in stops):
            self.wrong("PW1258", f"{path} > failures", "a machine with several places fails by 'clock: calendar'", ())
        if any(care.clock == "working" for care in cares):
            reason = "a machine with several places is maintained by 'clock: calendar', or by 'clock: count'"
            self.wrong("PW1258", f"{path} > maintenance", reason, ())
        others = {
            "start-up": center.start_up is not None,
            "shift end": center.shift_end != "pause",
            "machines": center.machines is None,
        }
        for word in (word for word, given in others.items() if given):
            self.wrong(
                "PW1258", f"{path} > {word}", f"not with several places in a machine ('places: {center.places}')", ()
            )

    def _setup(self, path: str, setup: SetupTimes, center: str) -> None:
        self._families(
            path, sorted({name for pair in setup.between for name in pair} | set(setup.into) | set(setup.minimum_runs))
        )
        for word, amount in (("minimum run", setup.minimum_run), ("campaign", setup.campaign)):
            if amount is not None:
                self.unit(f"{path} > {word}", amount, self.units_at.get(center, ()))

    def _families(self, path: str, names: Iterable[str]) -> None:
        # A family that nothing needs today may be kept for tomorrow; one that looks like another is a slip.
        slips = [name for name in names if name not in self.families and nearest(name, self.families)]
        self.known("PW1244", path, slips, sorted(self.families), "family", "products")

    def _can_stop(self, path: str, names: Iterable[str]) -> None:
        for name in names:
            center = self.plant.work_centers.get(name)
            if center is not None and center.machines is None:
                reason = (
                    f"{name!r} has unlimited machines, which do not stop; leave it out, or give it a number of machines"
                )
                self.wrong("PW1255", path, reason, (), name)

    def stops(self, path: str, failures: Iterable[Failure], maintenance: Iterable[Maintenance]) -> None:
        """Who ends stops, and with which spare parts."""
        for failure in failures:
            self.staff(f"{path} > failures", failure.by)
            self.known("PW1246", f"{path} > failures", failure.takes, self.plant.materials, "material", "materials")
            if failure.every.mean <= 0:
                self.wrong("PW1243", f"{path} > failures", "the time between failures must be above zero", ())
        for care in maintenance:
            self.staff(f"{path} > maintenance", care.by)
            if care.every.mean <= 0:
                self.wrong("PW1243", f"{path} > maintenance", "the time between maintenance must be above zero", ())

    def unit(self, path: str, amount: Amount, units: Collection[str]) -> None:
        """An amount counts lots, batches, or pieces in one of the units in which lots are counted there."""
        if amount.of != "piece" or amount.unit == "piece":
            return
        if units and amount.unit not in units:
            reason = f"{amount.unit!r} is not a unit of what is made here; that is {', '.join(sorted(units))}"
            self.wrong("PW1245", path, reason, [*sorted(units), "lot"], amount.unit)

    def rules(self, path: str, rules: Collection[str]) -> None:
        """Dispatch rules: those that are built in, and those that other packages offer."""
        if not set(rules) <= set(DISPATCH_RULES):
            offered = [point.name for point in entry_points(group=RULE_ENTRY_POINTS)]
            self.known("PW1246", path, rules, [*DISPATCH_RULES, *offered], "rule")

    def sequence(self, path: str, turns: Iterable[Turn]) -> None:
        """The names that a given sequence speaks of."""
        turns = tuple(turns)
        centers = dict.fromkeys(turn.center for turn in turns if turn.center)
        self.centers_known(path, centers)
        products = dict.fromkeys(turn.product for turn in turns if turn.product)
        self.known("PW1246", path, products, self.plant.products, "product", "products")
        if not self.broken("products"):
            steps = dict.fromkeys(turn.step for turn in turns if turn.step)
            self.known("PW1246", path, steps, self.steps, "step")

    def others(self) -> None:
        """Areas, materials, own moves."""
        plant = self.plant
        for name, area in plant.areas.items():
            self.centers_known(f"areas > {name} > work centers", area.work_centers)
            self._can_stop(f"areas > {name} > work centers", area.work_centers)
            self.stops(f"areas > {name}", area.failures, area.maintenance)
        for name, material in plant.materials.items():
            if name in plant.products:
                reason = f"a material and a product are both called {name!r}; what takes it cannot tell them apart"
                self.wrong("PW1260", f"materials > {name}", reason, ())
            if material.supplier is not None:
                self.known("PW1246", f"materials > {name} > from", [material.supplier], plant.suppliers, "supplier",
                           "suppliers")  # fmt: skip
        self.rules("rule", plant.rule)
        self.sequence("sequence", plant.sequence)
        if plant.limits.get("overtime", 0.0) > 1:
            self.wrong("PW1222", "limits > overtime", "more than all hours; say per what, such as '4 h/wk'", ())
        if plant.limits.get("hires", 0.0) > 1 / 3600:
            self.wrong("PW1222", "limits > hires", "more than one an hour; say per what, such as '2 people/y'", ())
        self.moves()

    def moves(self) -> None:
        """What moves go with: own moves; and what they do not go with: own moves, families, and moves that a family proposes."""
        plant = self.plant
        ties = [(name, move.only_with, move.not_with) for name, move in plant.family_defaults.items()]
        ties += [(name, move.only_with, move.not_with) for name, move in plant.moves.items()]
        for name, only_with, not_with in ties:
            others = [other for other in plant.moves if other != name]
            self.known("PW1246", f"moves > {name} > only with", only_with, others, "move", "moves")
            excluded = [other for other in not_with if other not in plant.moves or other == name]
            if excluded:
                offered = [other for other in excluded if other.partition(": ")[0] in family_names()]
                known = [*others, *family_names(), *offered]
                self.known("PW1246", f"moves > {name} > not with", excluded, known, "move", "moves")

    def range_of(self, path: str, demand: Demand) -> None:
        """The rate that is most likely lies between the low and the high one."""
        if demand.low is not None and demand.low > demand.rate:
            self.wrong("PW1222", f"{path} > low", "is more than the rate", ())
        if demand.high is not None and demand.high < demand.rate:
            self.wrong("PW1222", f"{path} > high", "is less than the rate", ())

    def _lane(self, path: str, name: str, lane: Lane, fed: dict[str, str]) -> None:
        """A shared buffer stands before some work centers, in place of their own."""
        if not lane.feeds:
            self.wrong(
                "PW1262", path, f"{name!r} feeds no work center; say which take from it, such as 'feeds: [a, b]'", ()
            )
        for center in lane.feeds:
            known = self.plant.work_centers.get(center)
            reason = ""
            if center in fed:
                reason = f"{center!r} is fed by {fed[center]!r} already"
            elif known is not None and known.buffer is not None:
                reason = f"{center!r} has a buffer of its own; leave one of the two out"
            elif known is not None and known.machines is None:
                reason = f"{center!r} has unlimited machines, before which nothing waits"
            if reason:
                self.wrong("PW1262", path, reason, (), center)
            fed[center] = name

    def _stations(self, path: str, names: tuple[str, ...]) -> None:
        """A station has one machine with one place, and is in one line, once."""
        for name in dict.fromkeys(names):
            center = self.plant.work_centers.get(name)
            if center is not None and (center.machines != 1 or center.places != 1):
                self.wrong(
                    "PW1259",
                    path,
                    f"{name!r} is not one machine with one place, as a station of a line must be",
                    (),
                    name,
                )
            if sum(line.stations.count(name) for line in self.plant.lines.values()) > 1:
                self.wrong("PW1259", path, f"{name!r} is a station twice", (), name)

    def flow(self) -> None:
        """Shared buffers, loops, paced lines, transport."""
        plant = self.plant
        fed: dict[str, str] = {}
        for name, lane in plant.buffers.items():
            self._lane(f"buffers > {name} > feeds", name, lane, fed)
            self.centers_known(f"buffers > {name} > feeds", lane.feeds)
            if lane.capacity is not None:
                self.unit(f"buffers > {name} > capacity", lane.capacity, self.all_units)
        for name, line in plant.lines.items():
            self.centers_known(f"lines > {name} > stations", line.stations)
            self._stations(f"lines > {name} > stations", line.stations)
            if line.index <= 0:
                self.wrong("PW1243", f"lines > {name} > index", "the time between two steps on must be above zero", ())
        for name, loop in plant.loops.items():
            self.unit(f"loops > {name} > cards", loop.cards, self.all_units)
            if not self.broken("products"):
                for word, step in (("from", loop.start), ("until", loop.until)):
                    self.known("PW1246", f"loops > {name} > {word}", [step], self.steps, "step")
        lucky: dict[str, str] = {}
        for name, center in plant.work_centers.items():
            other = lucky.setdefault(center.luck or name, name)
            if other != name:
                reason = f"{other!r} has the same luck, so that both would stop at once; give each its own"
                self.wrong("PW1277", f"work centers > {name} > luck", reason, ())
        for name, mover in plant.transport.items():
            if mover.distances and not mover.speed and f"transport > {name} > speed" not in self.context.places:
                self.wrong("PW1262", f"transport > {name}", "'speed' is missing, such as 'speed: 1 m/s'", ())
            places = dict.fromkeys(place for pair in mover.distances for place in pair)
            self.centers_known(f"transport > {name} > distances", places)
            locations = dict.fromkeys(center.location for center in plant.work_centers.values() if center.location)
            for word, named in (("from", mover.start), ("to", mover.end)):
                self.known("PW1246", f"transport > {name} > {word}", named, locations, "location", "work centers")
