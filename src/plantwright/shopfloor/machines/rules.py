"""Rules on signals: for a machine that tells no state, what its signals mean."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np

from plantwright.monitoring.steps import UNKNOWN, Steps, joined, of_codes
from plantwright.monitoring.uses import USES, Use

COMPARE: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge, "<=": operator.le, ">": operator.gt, "<": operator.lt,
}  # fmt: skip
_IS = re.compile(r"^\s*(?P<tag>.+?)\s+is\s+(?P<no>not\s+)?(?P<words>.+?)\s*$")
_NUMBER = re.compile(r"^\s*(?P<tag>.+?)\s*(?P<how>>=|<=|>|<)\s*(?P<number>[-+]?\d+(?:\.\d+)?(?:[eE][-+]?\d+)?)\s*$")


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold of one tag: that it is one of a few words (or none of them), or compares so with a number."""

    tag: str
    words: tuple[str, ...] = ()
    negated: bool = False
    how: str = ""
    number: float = 0.0

    def holds(self, value: str) -> bool:
        """Whether it holds of a value. A text that is no number compares with none."""
        if self.how:
            try:
                return COMPARE[self.how](float(value), self.number)
            except ValueError:
                return False
        return (value in self.words) != self.negated


@dataclass(frozen=True, slots=True)
class StateRule:
    """A use of time, and all that must hold for it."""

    use: Use
    when: tuple[Condition, ...]


def read_condition(text: str) -> Condition:
    """``spindle speed > 100``, ``execution is ACTIVE``, ``mode is not MANUAL or EDIT``. Raises ValueError."""
    if match := _NUMBER.match(text):
        return Condition(match["tag"], how=match["how"], number=float(match["number"]))
    if match := _IS.match(text):
        words = tuple(word.strip() for word in re.split(r"\s+or\s+|,", match["words"]) if word.strip())
        return Condition(match["tag"], words, bool(match["no"]))
    raise ValueError(f"{text!r} is no condition; write 'TAG is WORD', 'TAG is not WORD or WORD', or 'TAG > NUMBER'")


def uses_by_rules(rules: tuple[StateRule, ...], signals: Mapping[str, Steps]) -> Steps:
    """The use of time by the first rule that holds. Where a tag that a rule asks for is not known, and no rule before it holds, neither is
    the use; where all are known and no rule holds it is ``idle``.
    """
    names = sorted({condition.tag for rule in rules for condition in rule.when})
    time, codes = joined([signals[name] for name in names])
    by_name = dict(zip(names, codes, strict=True))
    found = np.full(len(time), USES.index("idle"), np.int32)
    open_ = np.ones(len(time), bool)
    for rule in rules:
        holds, known = np.ones(len(time), bool), np.ones(len(time), bool)
        for condition in rule.when:
            values = signals[condition.tag].names
            table = np.array([condition.holds(value) for value in values] + [False])
            code = by_name[condition.tag]
            holds &= table[code]
            known &= code != UNKNOWN
        found[open_ & holds] = USES.index(rule.use)
        found[open_ & ~holds & ~known] = UNKNOWN
        open_ &= known & ~holds
    return of_codes(time, found, USES)
