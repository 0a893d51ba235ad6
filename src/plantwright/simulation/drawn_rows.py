"""The numbers of a posterior, written over those of a plant that is ready for the engine: in each replication only they differ.

Of a plant of eight hundred steps some thousand numbers are drawn: times, yields, shares of what follows, default setups, failures. To make
it ready anew in each replication takes longer than to run it. So each of these numbers gets a row of its own once, and what it is in a
replication is written there. Where more hangs on them than can be written over, the plant is made ready anew.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any

import numpy as np

from plantwright.distributions import Distribution
from plantwright.plant.factored import Factor, center_with, groups_of, product_with
from plantwright.plant.once import OnceFor
from plantwright.plant.plant import Plant
from plantwright.plant.products import Alternative, Operation, Product
from plantwright.plant.reading import ranges_of
from plantwright.simulation import codes
from plantwright.simulation.loads import work_ahead
from plantwright.simulation.own_rows import OwnRows, rows_of
from plantwright.simulation.short_ways import just_goes_on
from plantwright.simulation.step_rows import Around, around_of, passed
from plantwright.simulation.tables import Tables, distribution_row

_FLOATS, _WHOLE, _AHEAD = ("good", "work"), ("judged", "goes_on"), ("ahead_of_lot", "ahead_of_piece")
_OF_DISTRIBUTION = ("mean", "a", "b", "c")
_GOES_ON = ("judged", "rework", "makes", "returns", "split", "branches", "forks", "clock", "following", "share")
_MOST = 200_000
"""The numbers of so many steps are kept, some 30 MB."""


@dataclass(frozen=True, eq=False)
class _Base:
    """A product as it stands in the file, and its rows; of each whether lots would just go on if nothing were lost there."""

    product: Product
    around: Around
    rows: OwnRows
    goes_on: Any


@dataclass(frozen=True, eq=False)
class _Steps:
    """What is written over of a product's steps, those of its operations or of their further work centers."""

    floats: Any
    whole: Any
    times: Any
    ahead: Any
    samples: tuple[float, ...]


@dataclass(frozen=True, eq=False)
class Drawn:
    """What is written over of a product."""

    mains: _Steps
    alternatives: _Steps
    shares: Any


@dataclass(frozen=True)
class Numbers:
    """What is written over in a replication: of each product, and the distributions of work centers by their rows."""

    products: tuple[Drawn, ...]
    centers: Mapping[int, Distribution]


class DrawnRows:
    """Where the numbers that a posterior draws stand in a plant that is being made ready; gives each a row of its own.

    Parameters
    ----------
    tables : Tables
        With the rows of all products and work centers, before they are laid into memory.
    """

    def __init__(self, tables: Tables) -> None:
        self._plant = tables.plant
        products = tables.plant.products.values()
        self._base = [_base_of(product, around_of(tables, product)) for product in products]
        self._steps = sum(len(base.rows.mains) + len(base.rows.alternatives) for base in self._base)
        self._timed, self._first, self._first_sample = _own_times(tables, self._steps)
        self._of_centers = dict(tables.of_centers)
        self._with_ahead = any(map(_looks_ahead, tables.rows["center"]))

    def numbers(self, factors: Mapping[str, float]) -> Numbers | None:
        """What the numbers are that are multiplied by these factors, by path; None where a path is none of those that are drawn."""
        groups = groups_of(factors)
        if groups is None or not groups[0].keys() <= self._plant.products.keys():
            return None
        found = [_drawn(base, (groups[0].get(base.product.name, ()), self._with_ahead)) for base in self._base]
        centers = self._centers(groups[1])
        if centers is None or None in found:
            return None
        return Numbers(tuple(one for one in found if one is not None), centers)

    def _centers(self, groups: Mapping[str, tuple[Factor, ...]]) -> dict[int, Distribution] | None:
        made: dict[int, Distribution] = {}
        for name, own in groups.items():
            center = self._plant.work_centers.get(name)
            drawn = center_with(center, own) if center is not None else None
            if drawn is None:
                return None
            if drawn.setup is not None and drawn.setup.default is not None and (name, "setup") in self._of_centers:
                made[self._of_centers[name, "setup"]] = drawn.setup.default
            for number, failure in enumerate(drawn.failures):
                for word, distribution in (("every", failure.every), ("repair", failure.repair)):
                    if (name, word, number) in self._of_centers:
                        made[self._of_centers[name, word, number]] = distribution
        return made

    def write(self, numbers: Numbers, world: Any) -> None:
        """Write the numbers of a replication into a world of the plant."""
        found = numbers.products
        steps = [part.mains for part in found] + [part.alternatives for part in found]
        operations, distributions = world.records["operation"], world.records["distribution"]
        everywhere = slice(0, self._steps)
        _put(operations, everywhere, _FLOATS, [one.floats for one in steps])
        _put(operations, everywhere, _WHOLE, [one.whole for one in steps])
        if self._with_ahead:
            _put(operations, everywhere, _AHEAD, [one.ahead for one in steps])
        own = slice(self._first, self._first + self._timed)
        _put(distributions, own, _OF_DISTRIBUTION, [one.times for one in steps])
        for row, distribution in numbers.centers.items():
            values = distribution_row(distribution)
            for field in _OF_DISTRIBUTION:
                distributions[field][row] = values[field]
            if distribution.values:
                first = int(distributions["first"][row])
                world.arrays["sample"][first : first + len(distribution.values)] = distribution.values
        shares = np.concatenate([part.shares for part in found])
        world.records["branch"]["share"][: len(shares)] = shares
        samples = [value for one in steps for value in one.samples]
        world.arrays["sample"][self._first_sample : self._first_sample + len(samples)] = samples


def drawn_rows(tables: Tables) -> DrawnRows | None:
    """Where the numbers stand that are drawn; None where there are none, or where more hangs on them than can be written over."""
    written = tables.draws and not tables.rows["drum"] and may_be_written(tables.plant)
    return DrawnRows(tables) if written else None


def may_be_written(plant: Plant) -> bool:
    """Whether numbers of a plant that are multiplied can be written over: nothing else is drawn, and no more hangs on them."""
    known = plant.document is not None and not (plant.spreads or plant.changes or ranges_of(plant))
    return known and "drum" not in plant.release_rules() and not _more_hangs_on_them(plant)


def _more_hangs_on_them(plant: Plant) -> bool:
    """Whether lots come by what is sold or taken of each, batches are of so many of them, or what a step gives is worth so much."""
    products = plant.products.values()
    return (
        any(center.batch is not None for center in plant.work_centers.values())
        or any(product.demand is not None or product.stock is not None or not product.releases for product in products)
        or any(
            step.gives or step.takes.keys() & plant.products.keys() for product in products for step in product.routing
        )
    )


def _looks_ahead(center: Mapping[str, Any]) -> bool:
    """Whether a rule of a work center asks how much work is ahead of a lot."""
    rules = [center["rule"], center["second_rule"], center["third_rule"]]
    return any(rule in (codes.SLACK, codes.CRITICAL_RATIO) or rule >= codes.OWN_RULE for rule in rules)


def _own_times(tables: Tables, steps: int) -> tuple[int, int, int]:
    """Give the time of each step a row of its own; how many have one, the first of these rows, and the first value of their samples."""
    operations, rows = tables.arrays["operation"], tables.rows["distribution"]
    timed = np.flatnonzero(operations["time"][:steps] >= 0)
    first, first_sample = len(rows), len(tables.sample)
    for time in operations["time"][timed].tolist():
        row = dict(rows[time])
        if row["values"]:
            begin = row["first"]
            row["first"] = len(tables.sample)
            tables.sample += tables.sample[begin : begin + row["values"]]
        rows.append(row)
    operations["time"][timed] = np.arange(first, len(rows))
    return len(timed), first, first_sample


def _put(rows: Any, where: slice, names: Sequence[str], tables: Iterable[Any]) -> None:
    """Write tables, one behind the other, into fields of rows, a column into each."""
    values = np.concatenate(list(tables))
    for column, name in enumerate(names):
        rows[name][where] = values[:, column]


def _based(product: Product, around: Around) -> _Base:
    rows = rows_of(product, around)
    mains = [dict(zip(_GOES_ON, row, strict=True)) for row in rows.mains[list(_GOES_ON)].tolist()]
    goes_on = [just_goes_on(row | {"judged": 0}, mains) for row in mains]
    return _Base(product, around, rows, np.array(goes_on, np.int64))


_base_of = OnceFor(_based)


def _drawn_of(base: _Base, draw: tuple[tuple[Factor, ...], bool]) -> Drawn | None:
    factors, with_ahead = draw
    product = product_with(base.product, factors)
    if product is None:
        return None
    ahead = np.array(work_ahead(product)[0]) if with_ahead else np.zeros((len(product.routing), 2))
    choices = [(i, step, choice) for i, step in enumerate(product.routing) for choice in step.at[1:]]
    mains = _steps([(step, step.at[0]) for step in product.routing], base.goes_on, ahead)
    which = [i for i, _, _ in choices]
    others = _steps([(step, choice) for _, step, choice in choices], base.goes_on[which], ahead[which])
    shares = [share for step in product.routing for share in accumulate(step.next.values())]
    return Drawn(mains, others, np.array(shares, float))


def _steps(steps: Sequence[tuple[Operation, Alternative]], goes_on: Any, ahead: Any) -> _Steps:
    floats, whole, times = [], [], []
    samples: list[float] = []
    for (step, choice), goes in zip(steps, goes_on.tolist(), strict=True):
        *numbers, lost, time = passed(step, choice)
        floats.append(numbers)
        whole.append((lost, goes and not lost))
        if time is not None:
            row = distribution_row(time.distribution)
            times.append([row[name] for name in _OF_DISTRIBUTION])
            samples += time.distribution.values
    arrays = (np.array(floats, float), np.array(whole, np.int64), np.array(times, float))
    widths = (len(_FLOATS), len(_WHOLE), len(_OF_DISTRIBUTION))
    good, judged, drawn = (array.reshape(-1, width) for array, width in zip(arrays, widths, strict=True))
    return _Steps(good, judged, drawn, ahead, tuple(samples))


_drawn = OnceFor(_drawn_of, _MOST, lambda base: len(base.product.routing))
