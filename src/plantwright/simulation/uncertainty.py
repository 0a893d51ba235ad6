"""Numbers that are not known for sure: in each replication the plant has other ones, drawn as their chances say.

They are drawn from (seed, purpose, path in the plant file, replication), so two plants that differ in one place have the same
luck elsewhere, and each number keeps its luck whatever is drawn beside it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from plantwright.distributions import Distribution
from plantwright.plant.factored import with_factors
from plantwright.plant.plant import Plant
from plantwright.plant.reading import from_document, ranges_of
from plantwright.simulation.streams import NUMBER, entity_key, run_key, uniform_plain


@dataclass(frozen=True)
class Seeds:
    """By how much the seed is moved for what is not known of a plant: what its ``records`` tell of its numbers, its ``demand``, the
    ``belief`` in what a move brings; and for the ``luck`` of the run. With all at 0 they are drawn together; one moved alone shows what it does.
    """

    luck: int = 0
    records: int = 0
    demand: int = 0
    belief: int = 0


TOGETHER = Seeds()
DEMAND_RATE = " > demand > rate"
"""How the paths of the rates of demand end."""


@dataclass(frozen=True)
class Luck:
    """What the numbers of a plant are in one replication; ``factors`` multiply those of the posterior, by path.

    ``demand`` is the key that the rates of demand are drawn with, where that is another.
    """

    key: int
    factors: Mapping[str, float] = field(default_factory=dict)
    demand: int | None = None

    def value(self, path: str, distribution: Distribution) -> float:
        """The number at a path of the plant file that was given as a chance."""
        other = self.demand is not None and path.endswith(DEMAND_RATE)
        return quantile(distribution, chance(self.demand if other and self.demand is not None else self.key, path))

    def factor(self, path: str) -> float:
        """By what the number at a path is multiplied."""
        return self.factors.get(path, 1.0)


def chance(key: int, path: str) -> float:
    """The uniform draw that belongs to a path of the plant file, in one replication."""
    return uniform_plain(key, NUMBER, entity_key("number", path), 0, 0)


def is_uncertain(plant: Plant) -> bool:
    """Whether a plant has numbers that are drawn anew in each replication."""
    return bool(plant.spreads or plant.posterior or ranges_of(plant))


def uncertain_numbers(plant: Plant) -> tuple[str, ...]:
    """The paths of the numbers that are drawn anew in each replication, in the order of the file; those of the posterior last."""
    paths = dict.fromkeys(spread.path for spread in plant.spreads)
    paths |= dict.fromkeys(ranges_of(plant))
    if plant.posterior is not None:
        paths |= dict.fromkeys(plant.posterior.paths)
    return tuple(paths)


def way(seed: int, replication: int, name: str, count: int, seeds: Seeds = TOGETHER) -> int:
    """Which of some equally likely ways something turns out in one replication (from 0 on) of a seed."""
    return math.floor(chance(run_key(seed + seeds.belief, replication), f"belief {name}") * count)


def drawn(plant: Plant, seed: int, replication: int, seeds: Seeds = TOGETHER) -> Plant:
    """The plant with the numbers that it has in one replication (from 0 on) of a seed; changed later on, it keeps its luck.

    Raises PlantError where numbers that were drawn do not go together.
    """
    if plant.document is None or not (is_uncertain(plant) or plant.changes):
        return plant
    key = run_key(seed + seeds.records, replication)
    demand = run_key(seed + seeds.demand, replication) if seeds.demand != seeds.records else None
    factors = posterior_factors(plant, key)
    document = replace(plant.document, luck=Luck(key, factors, demand))
    if not (plant.spreads or plant.changes or ranges_of(plant)):
        # What only a posterior says is multiplied; to read the file anew takes ten times as long.
        made = with_factors(plant, factors)
        if made is not None:
            return replace(made, document=document)
    return from_document(document)


def posterior_factors(plant: Plant, key: int) -> Mapping[str, float]:
    """By what the numbers of a plant's posterior are multiplied in the replication of a key, by path; nothing where it has none."""
    if plant.posterior is None:
        return {}
    return plant.posterior.factors(math.floor(chance(key, "posterior") * len(plant.posterior.rows)))


def quantile(distribution: Distribution, u: float) -> float:
    """The value below which a random quantity lies with chance `u`, in the open interval (0, 1)."""
    from scipy.special import betaincinv, gammaincinv, ndtri

    p = distribution.parameters
    match distribution.kind:
        case "constant":
            return p[0]
        case "exponential":
            return -p[0] * math.log1p(-u)
        case "lognormal":
            variance = math.log1p(p[1] ** 2)
            return p[0] * math.exp(math.sqrt(variance) * float(ndtri(u)) - variance / 2)
        case "gamma":
            shape = p[1] ** -2 if p[1] > 0 else math.inf
            return p[0] * float(gammaincinv(shape, u)) / shape if math.isfinite(shape) else p[0]
        case "erlang":
            return p[1] * float(gammaincinv(p[0], u)) / p[0]
        case "weibull":
            return float(p[1] * (-math.log1p(-u)) ** (1 / p[0]))
        case "normal":
            return max(0.0, p[0] + p[1] * float(ndtri(u)))
        case "uniform":
            return p[0] + (p[1] - p[0]) * u
        case "triangular":
            low, mode, high = p
            if high <= low:
                return low
            if u < (mode - low) / (high - low):
                return low + math.sqrt(u * (high - low) * (mode - low))
            return high - math.sqrt((1 - u) * (high - low) * (high - mode))
        case "pert":
            low, mode, high = p
            if high <= low:
                return low
            first, second = (1 + 4 * end / (high - low) for end in (mode - low, high - mode))
            return low + (high - low) * float(betaincinv(first, second, u))
        case "geometric":
            unit = p[1] if len(p) > 1 else 1.0
            return unit if p[0] <= unit else unit * max(1.0, math.ceil(math.log1p(-u) / math.log1p(-unit / p[0])))
        case "empirical":
            return distribution.values[int(u * len(distribution.values))]
