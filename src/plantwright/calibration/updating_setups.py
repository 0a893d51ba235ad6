"""Setup and loading times of a plant against new records: by what came after what, as the plant file has it."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from plantwright.calibration.estimating import ratio
from plantwright.calibration.placing import Placed, Where
from plantwright.calibration.renewing import Candidate
from plantwright.calibration.setups import OFTENER
from plantwright.calibration.visits import Visit
from plantwright.distributions import Distribution
from plantwright.plant import Plant
from plantwright.plant.resources import SetupTimes
from plantwright.plant.texts import text_at

EACH = "setups come with each lot here, not with changes of product: give its steps a 'load'"


@dataclass
class _Kind:
    """Seconds of setup of one kind, each with whether it came at a change (1) or at none (0), and the mean that the plant file says."""

    mean: float
    seconds: list[float] = field(default_factory=list)
    changes: list[float] = field(default_factory=list)

    @property
    def setups(self) -> int:
        """How many took any time."""
        return sum(value > 0 for value in self.seconds)


def setups_of(plant: Plant, found: Placed, clock: float, *, from_begin: bool) -> Iterator[Candidate]:
    """The time of each kind of change at a work center: all its setup seconds over all such changes, so that simulated setups take as many hours.

    A setup at a visit without a change counts for the kind into what it is for. The first visit to a machine is a change if records are all there are, `from_begin`;
    else nobody knows what came before it.
    """
    for center in sorted({center for center, _ in found.machines}):
        setup = plant.work_centers[center].setup
        visits = [own for (name, _), machine in found.machines.items() if name == center for own in machine]
        if setup is None:
            yield from _loads(plant, visits, clock)
            continue
        kinds = _kinds(plant, found, center, setup, from_begin)
        changes = sum(sum(own.changes) for own in kinds.values())
        each = sum(own.setups for own in kinds.values()) > OFTENER * changes
        for path, own in sorted(kinds.items()):
            if text_at(plant, path) is not None and own.setups:
                told = None if each else ratio(own.seconds, own.changes, clock)
                yield Candidate(path, own.mean, told, own.setups, why=EACH if each else "")


def _kinds(plant: Plant, found: Placed, center: str, setup: SetupTimes, from_begin: bool) -> dict[str, _Kind]:
    made: dict[str, _Kind] = {}
    for (name, _), machine in found.machines.items():
        if name != center:
            continue
        befores: list[Where | None] = [None, *(where for where, _ in machine)]
        for number, (before, (after, visit)) in enumerate(zip(befores, machine, strict=False)):
            if after is None or (before is None and (number or not from_begin)):
                continue
            kind = _kind(plant, center, setup, before, after)
            change = kind is not None
            kind = kind or _kind(plant, center, setup, None, after)
            if kind is None or not (change or visit.setup > 0):
                continue
            path, time = kind
            own = made.setdefault(path, _Kind(time.mean))
            # Several machines may have worked on one visit: its setup is shared among them.
            own.seconds.append(visit.setup / len(visit.stations))
            own.changes.append(float(change))
    return made


def _kind(
    plant: Plant, center: str, setup: SetupTimes, before: Where | None, after: Where
) -> tuple[str, Distribution] | None:
    """What of the plant file says how long a change takes, and its time; None where nothing changes."""
    base = f"work centers > {center} > setup"
    needed = _need(plant, after)
    if before is not None:
        had = _need(plant, before)
        if had == needed:
            return None if before[0] == after[0] or setup.minor is None else (f"{base} > minor", setup.minor)
        if (had, needed) in setup.between:
            return f"{base} > from > {had} > {needed}", setup.between[had, needed]
    if needed in setup.into:
        return f"{base} > into > {needed}", setup.into[needed]
    if setup.default is None:
        return None
    return base if text_at(plant, base) is not None else f"{base} > default", setup.default


def _need(plant: Plant, where: Where) -> str:
    product = plant.products[where[0]]
    return product.operation(where[1]).setup or product.family


def _loads(plant: Plant, visits: list[tuple[Where | None, Visit]], clock: float) -> Iterator[Candidate]:
    """Of a work center without setups: the setups of records are what it takes to load each lot, where the plant has a word for it."""
    by_step: dict[Where, list[Visit]] = {}
    for where, visit in visits:
        if where is not None:
            by_step.setdefault(where, []).append(visit)
    for (product, step), own in by_step.items():
        load = plant.products[product].operation(step).load
        number = sum(visit.setup > 0 for visit in own)
        if load is None or not number:
            continue
        path = f"products > {product} > routing > {step} > load"
        if load.per != "lot" or plant.products[product].lot > 1:
            yield Candidate(
                path, load.distribution.mean, None, number, why="records tell what it takes to load an order only"
            )
            continue
        told = ratio([visit.setup for visit in own], [1.0] * len(own), clock)
        yield Candidate(path, load.distribution.mean, told, number)


def without_words(plant: Plant, found: Placed) -> dict[str, int]:
    """Setups at work centers for which the plant has no word, with how many there were."""
    made: dict[str, int] = {}
    for (center, _), machine in found.machines.items():
        if plant.work_centers[center].setup is not None:
            continue
        for where, visit in machine:
            loads = where is not None and plant.products[where[0]].operation(where[1]).load is not None
            if visit.setup > 0 and not loads:
                made[f"setup at {center}"] = made.get(f"setup at {center}", 0) + 1
    return made
