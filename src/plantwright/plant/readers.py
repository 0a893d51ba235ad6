"""How each kind of value is read from a text: one reader for each.

A reader gives a value, or notes a `Problem` and gives None, so that all that is wrong is found in one pass. It also tells
its JSON Schema.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from plantwright.errors import PlantError, Problem
from plantwright.plant.beside import Beside
from plantwright.plant.document import Node, Scalar
from plantwright.plant.plant import Guess
from plantwright.plant.quantities import (
    read_amount,
    read_distribution,
)
from plantwright.units import UnitError, read, read_money, split_number

_GUESS = re.compile(r"\s+guess(?:\s+(.*))?$")


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a person most likely meant."""
    names = list(known)
    by_lower = {name.lower(): name for name in names}
    found = difflib.get_close_matches(word.lower(), list(by_lower), 1, 0.6)
    return by_lower[found[0]] if found else None


@dataclass
class Context:
    """What reading knows and finds: the files beside the plant, problems, guesses, defaults taken, the currency."""

    beside: Beside
    problems: list[Problem] = field(default_factory=list)
    guesses: list[Guess] = field(default_factory=list)
    defaults: list[tuple[str, str, str]] = field(default_factory=list)
    currency: str | None = None
    places: dict[str, Node] = field(default_factory=dict)

    def wrong(
        self, code: str, node: Node, path: str, reason: str, known: Iterable[str] | None = None, word: str | None = None
    ) -> None:
        """Note a problem; `known` are the words that would be right there."""
        value = word if word is not None else node.text if isinstance(node, Scalar) else None
        suggestion = nearest(value, known) if known is not None and value else None
        self.problems.append(Problem(code, node.place, path, reason, value, suggestion))


class Reader:
    """Reads one kind of value."""

    schema: Mapping[str, Any] = {"type": ["string", "number", "boolean"]}
    kind = "a value"

    def text(self, text: str, context: Context) -> Any:
        """The value of a text; raises ValueError saying what is wrong."""
        raise ValueError(f"{self.kind} is wanted here")

    def read(self, node: Node, context: Context, path: str) -> Any:
        """The value of a node, or None with a problem noted."""
        if not isinstance(node, Scalar):
            context.wrong("PW1220", node, path, f"{self.kind} is wanted here, not a list or keys")
            return None
        text = node.text.strip()
        match = _GUESS.search(text)
        if match is not None and self.may_be_guessed:
            text = text[: match.start()]
        try:
            value = self.text(text, context)
            if match is not None and self.may_be_guessed:
                context.guesses.append(self._guess(path, match[1], context))
        except UnitError as error:
            context.wrong("PW1221", node, path, str(error))
        except PlantError as error:
            context.problems.extend(error.problems)
        except ValueError as error:
            context.wrong("PW1222", node, path, str(error))
        else:
            return value
        return None

    may_be_guessed = False

    def _guess(self, path: str, span: str | None, context: Context) -> Guess:
        if not span:
            return Guess(path)
        low, separator, high = span.partition("..")
        if not separator:
            raise UnitError(f"'guess {span}' is not a range, such as 'guess 30..60 min'")
        unit = split_number(high)[1]
        ends = [self.text(text, context) for text in (low if split_number(low)[1] else f"{low} {unit}", high)]
        return Guess(path, *(_middle(end) for end in ends))


def _middle(value: Any) -> float:
    """The number that a value stands for: a distribution's mean, a time's, an amount's."""
    while not isinstance(value, int | float):
        name = next(name for name in ("distribution", "default", "mean", "value") if hasattr(value, name))
        value = getattr(value, name)
    return float(value)


class From(Reader):
    """A value that a function makes of the text; it may raise ValueError."""

    def __init__(self, kind: str, function: Callable[[str, Context], Any], may_be_guessed: bool = False) -> None:
        self.kind, self.function, self.may_be_guessed = kind, function, may_be_guessed

    def text(self, text: str, context: Context) -> Any:
        return self.function(text, context)


class Text(Reader):
    """Any text that is not empty."""

    kind = "a word"

    def text(self, text: str, context: Context) -> str:
        if not text:
            raise ValueError("nothing stands here")
        return text


@dataclass
class Choice(Reader):
    """One of a few words."""

    words: Mapping[str, Any]

    def __post_init__(self) -> None:
        self.kind = "one of " + ", ".join(self.words)
        self.schema = {"enum": list(self.words)}

    def read(self, node: Node, context: Context, path: str) -> Any:
        if isinstance(node, Scalar) and node.text not in self.words:
            context.wrong("PW1223", node, path, f"unknown {node.text!r}; known are {', '.join(self.words)}", self.words)
            return None
        return super().read(node, context, path)

    def text(self, text: str, context: Context) -> Any:
        return self.words[text]


@dataclass
class Number(Reader):
    """A plain number within bounds."""

    least: float = 0.0
    most: float = float("inf")
    whole: bool = False
    may_be_guessed = True

    def __post_init__(self) -> None:
        self.kind = "a whole number" if self.whole else "a number"

    def text(self, text: str, context: Context) -> float | int:
        value = read(text, "number")
        if self.whole and not value.is_integer():
            raise ValueError(f"{text!r} is not a whole number")
        if not self.least <= value <= self.most:
            raise ValueError(f"{text!r} must be {self._bounds()}")
        return int(value) if self.whole else value

    def _bounds(self) -> str:
        return f"at least {self.least:g}" if self.most == float("inf") else f"from {self.least:g} to {self.most:g}"


@dataclass
class Quantity(Reader):
    """A number with a unit of a kind, such as a duration; zero or more."""

    of: str = "duration"
    least: float = 0.0
    most: float = float("inf")
    may_be_guessed = True

    def __post_init__(self) -> None:
        self.kind = f"a {self.of}"

    def text(self, text: str, context: Context) -> float:
        value = read(text, self.of)
        if value < self.least:
            raise ValueError(f"{text!r} must not be below {'zero' if self.least == 0 else self.least}")
        if value > self.most:
            raise ValueError(
                f"{text!r} must not be over {100 * self.most:g} %" if self.of == "share" else f"{text!r} is too much"
            )
        return value


@dataclass
class MoneyOf(Reader):
    """Money, or money per something."""

    per: str | None = None
    kind = "an amount of money"
    may_be_guessed = True

    def text(self, text: str, context: Context) -> float:
        value = read_money(text, context.currency, self.per)
        if value < 0:
            raise ValueError(f"{text!r} must not be below zero")
        return value


@dataclass
class Random(Reader):
    """A distribution of a kind of quantity."""

    of: str = "duration"
    may_be_guessed = True

    def __post_init__(self) -> None:
        self.kind = f"a {self.of} or its distribution"

    def text(self, text: str, context: Context) -> Any:
        return read_distribution(text, self.of, context.beside.text)


class AmountOf(Reader):
    """A count of lots or pieces."""

    kind = "a count such as '8 lots'"
    may_be_guessed = True

    def text(self, text: str, context: Context) -> Any:
        return read_amount(text)
