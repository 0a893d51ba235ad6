"""Which products go the same way through the shop, as far as their orders can tell."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from plantwright.calibration.paths import BEGIN, END, Path

THIN = 5
"""A product with fewer orders than this takes the shares of those that go the same way."""

TOLD_APART = 0.05
"""Products are told apart where so few random divisions of their orders differ as much."""

USUAL = 0.25
"""A product with few orders that did what fewer of the others do keeps the way of its own orders."""

_SHUFFLES = 199
_MOST_ORDERS = 200
_MOST_GROUPS = 4

Moves = Counter[tuple[object, object]]


@dataclass(frozen=True)
class Alike:
    """Products whose ways cannot be told apart, with the chance of ways as different by chance for each that was compared with the ones
    before it; ``thin`` are those with few orders, which take the shares of all.
    """

    products: tuple[str, ...]
    chances: Mapping[str, float]
    thin: frozenset[str]


def find_alike(products: Mapping[str, Sequence[Path]]) -> list[Alike]:
    """Products that go the same way, each product once; those with most orders first.

    A product is compared with the groups that its orders fit best: the likelihood ratio of what followed each step, apart or together,
    against that of orders shuffled among the two. It joins the one that it is least different from, if that could be chance.
    """
    moves = {product: [_moves(path) for path in paths] for product, paths in products.items()}
    steps = {product: [frozenset(path.steps) for path in paths] for product, paths in products.items()}
    groups: list[list[str]] = []
    chances: dict[str, float] = {}
    thin: set[str] = set()
    for product in sorted(products, key=lambda name: (-len(products[name]), name)):
        few = len(products[product]) < THIN
        near = groups
        if few:
            near = [
                group
                for group in groups
                if _does_the_usual(steps[product], [one for name in group for one in steps[name]])
            ]
        best: tuple[float, list[str]] | None = None
        for group in _nearest(
            moves[product], [(group, [one for name in group for one in moves[name]]) for group in near]
        ):
            chance = _chance(moves[product], [one for name in group for one in moves[name]])
            if chance > TOLD_APART and (best is None or chance > best[0]):
                best = chance, group
        if best is None:
            groups.append([product])
            continue
        chances[product] = best[0]
        best[1].append(product)
        if few:
            thin.add(product)
    return [
        Alike(tuple(group), {n: chances[n] for n in group if n in chances}, frozenset(thin & set(group)))
        for group in groups
    ]


def _moves(path: Path) -> Moves:
    """What followed what in an order; of one under way, or begun before the log, only what was seen."""
    steps: list[object] = [*([] if path.begun else [BEGIN]), *path.steps, *([] if path.under_way else [END])]
    return Counter(itertools.pairwise(steps))


def _does_the_usual(own: Sequence[frozenset[object]], others: Sequence[frozenset[object]]) -> bool:
    """Whether others are many, and do all that these orders did often enough."""
    if len(others) < 2 * THIN:
        return False
    done = Counter(step for steps in others for step in steps)
    return all(done[step] >= USUAL * len(others) for steps in own for step in steps)


def _nearest(own: Sequence[Moves], groups: Sequence[tuple[list[str], list[Moves]]]) -> list[list[str]]:
    """The groups that the orders of a product fit best, by the likelihood of their moves where unseen ones count as half."""
    fits = []
    for group, moves in groups:
        total = sum(moves, Counter())
        rows: Counter[object] = Counter()
        for (before, _), times in total.items():
            rows[before] += times
        fit = sum(
            times * np.log((total[move] + 0.5) / (rows[move[0]] + 1.0)) for one in own for move, times in one.items()
        )
        fits.append((-fit, group[0], group))
    return [group for _, _, group in sorted(fits)[:_MOST_GROUPS]]


def _chance(own: Sequence[Moves], others: Sequence[Moves]) -> float:
    """How often orders shuffled among the two differ as much as these."""
    random = np.random.default_rng(1)
    parts = [_some(part, random) for part in (own, others)]
    every = [*parts[0], *parts[1]]
    names = sorted({move for one in every for move in one}, key=str)
    number = {move: at for at, move in enumerate(names)}
    table = np.zeros((len(every), len(names)))
    for row, one in enumerate(every):
        for move, times in one.items():
            table[row, number[move]] = times
    rows = sorted({move[0] for move in names}, key=str)
    belongs = np.zeros((len(names), len(rows)))
    for at, move in enumerate(names):
        belongs[at, rows.index(move[0])] = 1.0
    first = np.zeros((_SHUFFLES + 1, len(every)))
    first[0, : len(parts[0])] = 1.0
    for row in range(1, _SHUFFLES + 1):
        first[row, random.choice(len(every), len(parts[0]), replace=False)] = 1.0
    differ = _likelihood(first @ table, belongs) + _likelihood((1 - first) @ table, belongs)
    return float((differ >= differ[0] - 1e-9).sum()) / (_SHUFFLES + 1)


def _some(moves: Sequence[Moves], random: np.random.Generator) -> list[Moves]:
    if len(moves) <= _MOST_ORDERS:
        return list(moves)
    return [moves[at] for at in np.sort(random.choice(len(moves), _MOST_ORDERS, replace=False))]


def _likelihood(counts: npt.NDArray[np.float64], belongs: npt.NDArray[np.float64]) -> npt.NDArray[np.float64]:
    """The logarithm of the greatest likelihood of moves, given the step before each; row by row."""
    totals = counts @ belongs
    with np.errstate(divide="ignore", invalid="ignore"):
        parts = np.where(counts > 0, counts * np.log(counts), 0.0).sum(axis=1)
        whole = np.where(totals > 0, totals * np.log(totals), 0.0).sum(axis=1)
    return np.asarray(parts - whole)
