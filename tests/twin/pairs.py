"""Which features a plant is drawn with, so that each pair of them is on in many plants: those are wanted most that were rare so far."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Iterable
from itertools import combinations

import numpy as np

import tests.twin.features  # noqa: F401 - fills FEATURES
from tests.twin.drawing import FEATURES

ENOUGH = 20
"""In so many drawn plants that run is each pair of features on, in the study; CI draws fewer plants."""
EXCLUDING: dict[str, tuple[frozenset[str], ...]] = {
    "each says how the lots of a product start, and a product has few rules that last": (
        frozenset(
            {"conwip", "saturated", "order list", "lost where full", "release at the demand's rate", "drum and rope"}
        ),
        frozenset(
            {
                "conwip",
                "saturated",
                "a given sequence",
                "lost where full",
                "release at the demand's rate",
                "drum and rope",
            }
        ),
        frozenset(
            {
                "conwip",
                "saturated",
                "changes of sequences",
                "lost where full",
                "release at the demand's rate",
                "drum and rope",
            }
        ),
    ),
    "each is the rule of a work center": (
        frozenset({"rules of dispatch", "least setup", "slack and critical ratio", "a rule of a user's own"}),
    ),
    "each says what room there is before a work center": (
        frozenset({"a buffer of lots", "a buffer of pieces", "lost where full", "a shared buffer"}),
        frozenset({"a buffer of lots", "a buffer of pieces", "lost where full", "transit"}),
    ),
    "what batches do is not done on the machine of an earlier step in drawn plants": (
        frozenset({"batches", "same machine"}),
        frozenset({"time by the batch", "same machine"}),
    ),
}
"""Features that do not go together, with the reason: a plant has one of them at a time."""


def go_together(features: Iterable[str]) -> bool:
    """Whether a plant may have all of these features."""
    asked = set(features)
    return all(len(group & asked) < 2 for groups in EXCLUDING.values() for group in groups)


class Pairs:
    """In how many plants each pair of features was asked for, and in how many that run it was on."""

    def __init__(self) -> None:
        self.names = list(FEATURES)
        self.number = {name: i for i, name in enumerate(self.names)}
        self.compatible = [frozenset(pair) for pair in combinations(self.names, 2) if go_together(pair)]
        self._may = np.zeros((len(self.names), len(self.names)), bool)
        for pair in self.compatible:
            one, other = (self.number[name] for name in pair)
            self._may[one, other] = self._may[other, one] = True
        self._on = np.zeros(self._may.shape, int)
        self._asked = np.zeros(self._may.shape, int)
        self._chance = random.Random(7)

    def on(self, pair: Iterable[str]) -> int:
        one, other = (self.number[name] for name in pair)
        return int(self._on[one, other])

    def asked(self, pair: Iterable[str]) -> int:
        one, other = (self.number[name] for name in pair)
        return int(self._asked[one, other])

    def count(self, features: Iterable[str], on: Iterable[str]) -> None:
        """A plant was drawn with these features; those of `on` are on in it, none where it does not run."""
        for chosen, table in ((features, self._asked), (on, self._on)):
            rows = [self.number[name] for name in chosen]
            table[np.ix_(rows, rows)] += 1

    def choose(self, size: int) -> tuple[str, ...]:
        """Features of which the pairs are wanted most: not where enough had it, less where it was asked for often, be it in vain."""
        worth = np.where(self._may & (self._on < ENOUGH), 1.0 / (self._asked + 1.0), 0.0)
        best = np.argwhere(worth == worth.max())
        chosen = [int(name) for name in best[self._chance.randrange(len(best))]]
        while len(chosen) < size:
            able = self._may[chosen].all(axis=0)
            gain = np.where(able, worth[chosen].sum(axis=0), -1.0)
            chosen.append(int(self._chance.choice(np.flatnonzero(gain == gain.max()).tolist())))
        return tuple(self.names[i] for i in chosen)

    def counts(self) -> Counter[frozenset[str]]:
        """In how many plants each pair was on that goes together."""
        return Counter({pair: self.on(pair) for pair in self.compatible})

    def rarest(self) -> int:
        return min(self.counts().values())
