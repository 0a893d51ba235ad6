"""Which guesses of a plant may be moved, within which range, and how a moved one is written."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from plantwright.errors import Place, PlantError, Problem
from plantwright.plant import Plant, changed
from plantwright.plant.document import find
from plantwright.plant.plant import Guess
from plantwright.plant.texts import scaled, text_at
from plantwright.units import figures, split_number

FULL = 12
"""Figures with which numbers are tried."""
NO_RANGE = "has no range in which it may be moved"
_GUESS = re.compile(r"\s+guess\b.*$")
_WIDE = 2.0
"""Where the end of a range is so many times its begin, steps in it are ratios and no differences."""
_COUNTED = re.compile(r"^(lots?|pieces?|jobs?|orders?|machines?|people|persons?|cards?|places?|cells?)?$")
_NO_PART = ("moves", "limits", "money", "hold-out", "totals", "changes")
"""Sections of the plant file whose numbers a simulation of the plant as it is does not ask for."""


@dataclass(frozen=True)
class Movable:
    """A guess with its range: `value`, `low` and `high` in SI units, `text` as it stands in the file.

    ``unit`` is that of its range, ``size`` how large it is in SI. ``whole`` where it can only be a whole number of units, ``ratio`` where
    it is moved by ratios. Its coordinate is where in its range it is, from 0 to 1.
    """

    path: str
    label: str
    text: str
    value: float
    low: float
    high: float
    unit: str
    size: float
    whole: bool
    ratio: bool

    @property
    def range_text(self) -> str:
        """The range as it is shown: ``30..300 min``."""
        return f"{figures(self.low / self.size)}..{figures(self.high / self.size)} {self.unit}".rstrip()

    def coordinate(self, value: float) -> float:
        """Where in its range a value is."""
        if self.ratio:
            return math.log(value / self.low) / math.log(self.high / self.low)
        return (value - self.low) / (self.high - self.low)

    def at(self, coordinate: float) -> float:
        """The value at a coordinate; the nearest whole one where it has to be whole."""
        value: float
        if self.ratio:
            value = self.low * (self.high / self.low) ** coordinate
        else:
            value = self.low + (self.high - self.low) * coordinate
        if self.whole:
            value = round(value / self.size) * self.size
        return min(max(value, self.low), self.high)

    def written(self, value: float, count: int = FULL) -> str:
        """The text of the file with another value in it, and the guess and its range as they were; the value itself is kept to the byte."""
        if value == self.value:
            return self.text
        return f"{self._body(value, count)}{_guess_of(self.text)}"

    def rounded(self, value: float, count: int) -> float:
        """A value with so many figures in the unit of its range, within that range."""
        number = float(f"{value / self.size:.{count}g}") * self.size
        return min(max(number, self.low), self.high)

    def shown(self, value: float) -> str:
        """A value as people read it: ``52 min``."""
        return f"{figures(value / self.size)} {self.unit}".rstrip()

    def _body(self, value: float, count: int) -> str:
        body = _GUESS.sub("", self.text)
        if self.value:
            made = scaled(body, value / self.value, count)
            assert made is not None
            return made
        per = split_number(body)[1].partition("/")[2]
        unit = self.unit if "/" in self.unit or not per else f"{self.unit}/{per}"
        return f"{float(f'{value / self.size:.{count}g}'):.12g} {unit}".rstrip()


@dataclass(frozen=True)
class Fixed:
    """A guess that is not moved, and why."""

    path: str
    label: str
    why: str
    example: str = ""
    """How it is written with a range, where it has none."""


def guesses_of(plant: Plant) -> tuple[tuple[Movable, ...], tuple[Fixed, ...]]:
    """The guesses that may be moved and those that are not."""
    movable, fixed = [], []
    for guess in plant.guesses:
        if guess.path.partition(" > ")[0] == "totals":
            continue
        label = label_of(plant, guess.path)
        why = _why_fixed(plant, guess)
        if why:
            text = text_at(plant, guess.path)
            example = _example(_GUESS.sub("", text)) if text is not None and why == NO_RANGE else ""
            fixed.append(Fixed(guess.path, label, why, example))
        else:
            movable.append(_movable(plant, guess, label))
    return tuple(movable), tuple(fixed)


def label_of(plant: Plant, path: str) -> str:
    """What a number is called: its path without what goes without saying."""
    words = path.split(" > ")
    if words[0] == "products" and len(words) > 2:
        whose = f" of {words[1]}" if len(plant.products) > 1 else ""
        return " > ".join(word for word in words[2:] if word != "routing") + whose
    return " > ".join(words[1:])


def no_guesses(plant: Plant, fixed: Sequence[Fixed]) -> Iterator[Problem]:
    """What is wrong with a plant of which no guess can be moved: each guess with the reason, or that there is none."""
    document = plant.document
    file = document.name if document else ""
    if not fixed:
        reason = "no number is marked as a guess: write 'guess LOW..HIGH' behind those that may be moved, such as '45 min guess 30..60 min'"
        yield Problem("PW3052", Place(file), "", reason)
    for one in fixed:
        node = find(document.root, one.path) if document else None
        said = f"; write {one.example!r}" if one.example else ""
        yield Problem("PW3053", node.place if node else Place(file), one.path, f"{one.why}{said}")


def _why_fixed(plant: Plant, guess: Guess) -> str:
    text = text_at(plant, guess.path)
    if text is None:
        return "stands in a file beside the plant: it is not moved"
    if guess.path.partition(" > ")[0] in _NO_PART:
        return "the plant as it is does not ask for it: no total can tell"
    if guess.low is None or guess.high is None or guess.value is None:
        return NO_RANGE
    if guess.low == guess.high:
        return "its range is one number: there is nowhere to move it"
    body = _GUESS.sub("", text)
    if scaled(body, 1.0) is None or (not guess.value and not _plain(body)):
        return "is drawn from what was measured, or has no number that could be moved"
    return ""


def _plain(body: str) -> bool:
    try:
        split_number(body)
    except ValueError:
        return False
    return True


def _example(body: str) -> str:
    """A guess with a range that somebody could have meant."""
    try:
        number, unit = split_number(body.partition("/")[0])
    except ValueError:
        return f"{body} guess LOW..HIGH" if body else ""
    return f"{body} guess {figures(number * 0.7, 2)}..{figures(number * 1.4, 2)} {unit}".rstrip()


def _movable(plant: Plant, guess: Guess, label: str) -> Movable:
    text = text_at(plant, guess.path)
    assert text is not None
    assert guess.low is not None
    assert guess.high is not None
    assert guess.value is not None
    number, unit = split_number(text.rpartition("guess")[2].rpartition("..")[2].strip())
    size = guess.high / number if number else 1.0
    low, high = guess.low, guess.high
    ratio = low > 0 and high >= _WIDE * low
    made = Movable(guess.path, label, text, guess.value, low, high, unit, size, False, ratio)
    if not _is_whole(plant, made):
        return made
    low, high = math.ceil(low / size - 1e-9) * size, math.floor(high / size + 1e-9) * size
    return Movable(guess.path, label, text, guess.value, low, high, unit, size, True, ratio)


def _is_whole(plant: Plant, guess: Movable) -> bool:
    """Whether a guess is a count: the file takes no fraction there, or a unit that is counted stands behind whole numbers."""
    ends = [number / guess.size for number in (guess.low, guess.value, guess.high)]
    if not all(abs(end - round(end)) < 1e-9 for end in ends):
        return False
    if guess.unit and _COUNTED.match(guess.unit):
        return True
    if guess.unit:
        return False
    fraction = guess.low + 0.5 * guess.size
    try:
        changed(plant, {guess.path: guess.written(fraction)})
    except PlantError:
        return True
    return False


def _guess_of(text: str) -> str:
    match = _GUESS.search(text)
    return match[0] if match else ""
