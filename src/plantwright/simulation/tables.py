"""The rows of a world while it is being made: what several concepts share, each thing kept once."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import Any

import numpy as np

from plantwright.distributions import Distribution
from plantwright.plant.plant import Plant
from plantwright.plant.resources import PHASES, Staffing
from plantwright.simulation.codes import NOT_CARRIED
from plantwright.simulation.concepts import CONCEPTS
from plantwright.simulation.loads import smallest_lots
from plantwright.simulation.records import records_of
from plantwright.simulation.streams import KINDS
from plantwright.simulation.timeline import calendar

Row = dict[str, Any]
_FROM_PRODUCTS = ("operation", "claim", "need", "take", "branch", "fork", "limit", "flaw", "group")


@dataclass(frozen=True)
class Least:
    """What a plant must know of another in which its run began, as what was begun there goes on.

    Attributes
    ----------
    machines : mapping
        So many machines of each work center: one that is no more in the plant may still have work.
    holds : int
        So many people and tools may one machine hold.
    keepers : sequence of str
        The names of what stopped several machines: the log tells who repaired an area that is no more.
    routes : sequence
        Of orders with a routing of their own: the product, and its steps.
    orders : sequence of str
        The orders of which lots may be in process.
    carried : sequence
        What lots may carry: the product, the tool (``""`` for cards), and the step until which they do.
    drums : sequence
        To what lots may have brought work: the product, and the drum.
    """

    machines: Mapping[str, int] = field(default_factory=dict)
    holds: int = 0
    keepers: Sequence[str] = ()
    routes: Sequence[tuple[str, Sequence[str]]] = ()
    orders: Sequence[str] = ()
    carried: Sequence[tuple[str, str, str]] = ()
    drums: Sequence[tuple[str, str]] = ()


NOTHING = Least()


class Needs:
    """Rows of what operations and repairs need: people, tools and cards."""

    rows: dict[str, list[Row]]

    def skill(self, asked: tuple[str, int] | int) -> int:
        """The number of a skill with its level, or of a pool of tools or cards."""
        raise NotImplementedError

    def first_tended(self, skill: int, tends: int, number: int) -> int:
        """Where the claims of a kind are counted: of a skill, of people who tend so many, of the number-th of them at a machine."""
        raise NotImplementedError

    def needs(self, staffing: Sequence[Staffing], tools: Sequence[Row] = ()) -> Row:
        """Where the needs of an operation or repair stand, and how many they are; they are added.

        `tools` are the rows of the tools and cards that an operation needs, without their ``skill``.
        """
        first = len(self.rows["need"])
        if staffing:
            for need, numbers in zip(staffing, _numbers(staffing), strict=True):
                self.rows["need"] += self._of_people(need, numbers)
        for row in tools:
            self.rows["need"].append(row | {"skill": self.skill(row["pool"])})
        return {"first_need": first, "needs": len(self.rows["need"]) - first}

    def _of_people(self, need: Staffing, numbers: Sequence[int]) -> list[Row]:
        """The row of people who are needed; of those who tend several machines one for each, as each has claims of its own to tend."""
        skill = self.skill((need.skill, need.level))
        row: Row = {
            "skill": skill,
            "count": need.count,
            "phases": phase_bits(need.phases),
            "pool": -1,
            "until": NOT_CARRIED,
        }
        row |= {"tends": need.tends, "walk": need.walk}
        if need.tends == 1:
            return [row]
        firsts = [self.first_tended(skill, need.tends, k) for k in numbers]
        return [row | {"count": 1, "first_tended": first} for first in firsts]


class Tables(Needs):
    """Rows of every concept, samples of empirical distributions, and the matrices of setups.

    Parameters
    ----------
    plant : Plant
    end : float
        Seconds from the start to the end of the run: as far as calendars reach.
    least : Least
        What there must be room for.
    draws : bool
        Numbers are multiplied anew in each replication: those that may be have rows of their own.
    """

    def __init__(self, plant: Plant, end: float, least: Least = NOTHING, draws: bool = False) -> None:
        self.plant, self.end, self.least, self.draws = plant, end, least, draws
        self.rows: dict[str, list[Row]] = {concept: [] for concept in CONCEPTS}
        # Of concepts that come of products, behind those of `rows`: as they lie in memory.
        self.arrays: dict[str, Any] = {concept: records_of(concept, []) for concept in _FROM_PRODUCTS}
        # Of operations, the joins to which their lots may still come.
        self.reaches: Any = np.zeros((0, 2), np.int64)
        # What operations ask for, numbers of skills and of stores, each once; which of them each operation asks for; and which is asked for
        # at which work center.
        self.asks: dict[tuple[tuple[int, ...], tuple[int, ...]], int] = {}
        self.asked: Any = np.zeros(0, np.int64)
        self.asked_at: dict[tuple[int, int], None] = {}
        # The work centers of which an operation claims more than a machine; the widest of the rows of products; and the pools of which lots of
        # each product carry something.
        self.claimed: set[int] = set()
        self.sizes: dict[str, int] = {}
        self.pools_carried: dict[str, set[tuple[str, str]]] = {}
        # Of concepts with thousands of rows, field by field.
        self.columns: dict[str, dict[str, list[Any]]] = {"calendar_row": {"time": [], "on": []}}
        self.sample: list[float] = []
        # How long setups take, the table of each work center.
        self.matrix: list[Any] = []
        self.qualified: list[int] = []
        self.products = {name: p for p, name in enumerate(plant.products)}
        self.centers = {name: c for c, name in enumerate(plant.work_centers)}
        # The names of rows, for the log.
        self.names: dict[str, list[str]] = {"operation": [], "machine": [], "store": [], "mover": [], "defect": []}
        self.stores: dict[str, int] = {}
        # Of each mover, its place in the table of travel for every work center, and that table row by row.
        self.minimum_runs: list[float] = []
        self.ways: Any = np.full((1, 1), -1, np.int64)
        self.stops: list[list[int]] = []
        self.travel: list[float] = []
        # Of each row of a route, of which it is a step.
        self.route_names: list[tuple[str, tuple[str, ...], int]] = []
        self.classes: dict[str, int] = {}
        # The rows of tools and of loops.
        self.drums: dict[str, int] = {}
        self.own_rules: dict[str, int] = {}
        self.sequenced: dict[str, int] = {name: number for number, name in enumerate(least.orders)}
        self.turn_names: list[tuple[object, ...]] = []
        self.pools: dict[tuple[str, str], int] = {}
        # What lots of a product may carry, as `tool_rows` finds it.
        self.carried: dict[str, list[tuple[str, str]]] | None = None
        self.setups = {name: i for i, name in enumerate(plant.families())}
        self._defects: dict[str, int] = {}
        self._distributions: dict[Distribution, int] = {}
        # Of work centers, the rows of distributions that a posterior may draw.
        self.of_centers: dict[tuple[object, ...], int] = {}
        self._calendars: dict[tuple[str, ...], int] = {}
        self._tended: dict[tuple[int, int, int], int] = {}
        self._skills: dict[tuple[str, int] | int, int] = {}

    @cached_property
    def smallest_lots(self) -> Mapping[str, float]:
        """Pieces of the smallest typical lot that comes to each work center."""
        return smallest_lots(self.plant)

    def unit_of(self, name: str) -> str | None:
        """The unit of a product, None for a material."""
        return self.plant.products[name].unit if name in self.products else None

    @cached_property
    def loops(self) -> tuple[tuple[str, bool, str, str], ...]:
        """The name of each loop, whether its cards are of pieces, its first step and its last."""
        loops = self.plant.loops.values()
        return tuple((loop.name, loop.cards.of == "piece", loop.start, loop.until) for loop in loops)

    def first_operation(self, product: str) -> int:
        """The row of a product's first operation: operations stand in the order of the products and their routings."""
        return self._first_operations[product]

    @cached_property
    def _first_operations(self) -> dict[str, int]:
        products = self.plant.products.values()
        ends = accumulate((len(product.routing) for product in products), initial=0)
        return {product.name: first for product, first in zip(products, ends, strict=False)}

    @property
    def calendar_names(self) -> list[tuple[str, ...]]:
        """The shifts that each calendar is the union of."""
        return list(self._calendars)

    @property
    def skill_names(self) -> list[tuple[str, int] | int]:
        """The skill and level that each list of crews has, or the row of the tools or cards that it is."""
        return list(self._skills)

    @property
    def tended_names(self) -> list[tuple[object, ...]]:
        """The kind and the crew of each count of claims that are tended."""
        skills = list(self._skills)
        crews = list(self.plant.people)
        found: list[tuple[object, ...]] = []
        for skill, tends, number in self._tended:
            first = self.rows["skill"][skill]["first"]
            able = self.rows["eligible"][first : first + self.rows["skill"][skill]["crews"]]
            found += [(skills[skill], tends, number, crews[row["crew"]]) for row in able]
        return found

    def distribution(self, distribution: Distribution | None, drawn: tuple[object, ...] | None = None) -> int:
        """The row of a distribution, added where it is new; -1 for None. What a posterior may draw, of a name, has a row of its own."""
        if distribution is None:
            return -1
        if drawn is not None and self.draws:
            if drawn not in self.of_centers:
                row = distribution_row(distribution) | {"first": len(self.sample)}
                self.of_centers[drawn] = len(self.rows["distribution"])
                self.rows["distribution"].append(row)
                self.sample.extend(distribution.values)
            return self.of_centers[drawn]
        if distribution not in self._distributions:
            self._distributions[distribution] = len(self.rows["distribution"])
            row = distribution_row(distribution)
            self.rows["distribution"].append(row | {"first": len(self.sample)})
            self.sample.extend(distribution.values)
        return self._distributions[distribution]

    def calendar(self, shifts: tuple[str, ...]) -> int:
        """The row of the calendar that is the union of the shifts named."""
        if shifts not in self._calendars:
            plant = self.plant
            made = calendar(
                [plant.shifts[name] for name in shifts],
                start=plant.start,
                time_zone=plant.time_zone,
                horizon=self.end,
            )
            self._calendars[shifts] = len(self.rows["calendar"])
            rows = self.columns["calendar_row"]
            self.rows["calendar"].append({"first": len(rows["time"]), "rows": len(made.times), "on": int(made.on[0])})
            rows["time"] += made.times.tolist()
            rows["on"] += made.on.tolist()
        return self._calendars[shifts]

    def ask(self, skills: tuple[int, ...], stores: tuple[int, ...]) -> int:
        """The number of what operations ask for, added where it is new."""
        return self.asks.setdefault((skills, stores), len(self.asks))

    def defect(self, name: str) -> int:
        """The number of a defect, added where it is new."""
        if name not in self._defects:
            self._defects[name] = len(self.names["defect"])
            self.names["defect"].append(name)
        return self._defects[name]

    def centers_at(self, operation: int) -> list[int]:
        """The rows of the work centers that can do an operation."""
        rows = self.arrays["operation"]
        first, choices = int(rows["first_choice"][operation]), int(rows["choices"][operation])
        return [int(rows["center"][o]) for o in (operation, *range(first, first + choices - 1))]

    def skill(self, asked: tuple[str, int] | int) -> int:
        """The row of the list of crews that can be what is needed, or of the pool of tools or cards of that row; it is added where it is new."""
        if asked not in self._skills:
            able = [asked] if isinstance(asked, int) else self._able(*asked)
            self._skills[asked] = len(self.rows["skill"])
            self.rows["skill"].append({"first": len(self.rows["eligible"]), "crews": len(able)})
            self.rows["eligible"] += [{"crew": i} for i in able]
        return self._skills[asked]

    def _able(self, skill: str, level: int) -> list[int]:
        """The crews that can do what is needed, those with the fewest skills first."""
        known = self._crews_by_skill.get(skill, ())
        return [i for _, i, there in sorted(known) if there >= level]

    @cached_property
    def _crews_by_skill(self) -> dict[str, list[tuple[int, int, int]]]:
        """Who has a skill: how many each has, the row, and the level."""
        found: dict[str, list[tuple[int, int, int]]] = {}
        for i, crew in enumerate(self.plant.people.values()):
            for skill, level in crew.skills.items():
                found.setdefault(skill, []).append((len(crew.skills), i, level))
        return found

    def first_tended(self, skill: int, tends: int, number: int) -> int:
        kind = skill, tends, number
        if kind not in self._tended:
            self._tended[kind] = len(self.rows["tended"])
            self.rows["tended"] += [{} for _ in range(self.rows["skill"][skill]["crews"])]
        return self._tended[kind]


@lru_cache(maxsize=4096)
def distribution_row(distribution: Distribution) -> Row:
    """What the engine is told of a distribution, but for where its sample begins."""
    p = distribution.parameters
    a, b, c = (*p, 0.0, 0.0, 0.0)[:3]
    kind = distribution.kind
    if kind in ("lognormal", "gamma") and p[1] <= 0:
        kind, a, b = "constant", p[0], 0.0
    elif kind == "lognormal":
        b = math.sqrt(math.log1p(p[1] ** 2))
        a = math.log(p[0]) - b * b / 2 if p[0] > 0 else -math.inf
    elif kind == "gamma":
        a, b = 1 / p[1] ** 2, p[0] * p[1] ** 2
    elif kind == "erlang":
        a, b = p[0], p[1] / p[0]
    elif kind == "geometric" and len(p) == 1:
        b = 1.0
    values = len(distribution.values)
    return {"kind": KINDS.index(kind), "mean": distribution.mean, "a": a, "b": b, "c": c, "values": values}


def phase_bits(phases: Sequence[str]) -> int:
    """The bits of phases."""
    return sum(1 << k for k, phase in enumerate(PHASES) if phase in phases)


def _numbers(staffing: Sequence[Staffing]) -> list[list[int]]:
    """The numbers of those who are needed among their like at a machine in one phase: nobody tends two claims of one machine."""
    found: list[list[int]] = []
    for need in staffing:
        alike = need.skill, need.level, need.tends
        beside = [
            number
            for other, numbers in zip(staffing, found, strict=False)
            for number in numbers
            if (other.skill, other.level, other.tends) == alike and set(other.phases) & set(need.phases)
        ]
        free = (number for number in range(len(beside) + need.count) if number not in beside)
        found.append([next(free) for _ in range(need.count)])
    return found
