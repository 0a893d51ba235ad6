"""How each kind of value is read from a text: one reader for each.

A reader gives a value, or notes a `Problem` and gives None, so that all that is wrong is found in one pass. It also tells
its JSON Schema.
"""

from __future__ import annotations

import difflib
import math
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, is_dataclass, replace
from typing import Any

from plantwright.distributions import Distribution
from plantwright.errors import PlantError, Problem
from plantwright.plant.beside import Beside
from plantwright.plant.document import Luck, Node, Scalar
from plantwright.plant.patterns import amount_pattern, money_pattern, number_pattern, quantity_pattern, random_pattern
from plantwright.plant.plant import Guess, Spread
from plantwright.plant.quantities import CHANCES, read_amount, read_distribution
from plantwright.units import UnitError, read, read_money, split_number

CURRENCY = re.compile(r"\b[kM]?([A-Z]{3})\b")
_GUESS = re.compile(r"\s+guess(?:\s+(.*))?$")
TEXT: Mapping[str, Any] = {"type": ["string", "number", "boolean"]}


def text_schema(pattern: str) -> dict[str, Any]:
    """The schema of a text of that form; numbers without a unit are texts of digits to an editor, or numbers."""
    return {"type": "string", "pattern": pattern}


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that a person most likely meant."""
    names = list(known)
    by_lower = {name.lower(): name for name in names}
    found = difflib.get_close_matches(word.lower(), list(by_lower), 1, 0.6)
    if not found and len(word) > 2:  # the beginning of one word and no other
        found = [name for name in by_lower if name.startswith(word.lower())]
    return by_lower[found[0]] if len(found) == 1 else None


_MOST_KEPT = 10_000
"""So many parts of a plant, and more are read anew each time that it is changed: those of the plant as it was first are kept first."""


@dataclass
class Context:
    """What reading knows and finds: the files beside the plant, problems, guesses, spreads, defaults taken, the currency.

    ``places`` tells where each path stands; ``broken`` are paths whose value is wrong, so that nobody complains that it is not
    there. ``luck`` says what the uncertain numbers are, ``variability`` by how much every time varies more than it stands there, ``factors`` by what the numbers at some paths are multiplied.
    """

    beside: Beside
    problems: list[Problem] = field(default_factory=list)
    guesses: list[Guess] = field(default_factory=list)
    spreads: list[Spread] = field(default_factory=list)
    defaults: list[tuple[str, str, str]] = field(default_factory=list)
    currency: str | None = None
    places: dict[str, Node] = field(default_factory=dict)
    broken: set[str] = field(default_factory=set)
    luck: Luck | None = None
    variability: float = 1.0
    factors: Mapping[str, float] = field(default_factory=dict)
    tabled: dict[str, Node] = field(default_factory=dict)
    """Steps that stand in a table beside the plant, by their paths."""
    kept: dict[Any, tuple[Any, ...]] = field(default_factory=dict)
    """What was made of nodes, as `once` keeps it."""

    def once(self, nodes: tuple[Node, ...], path: str, read: Callable[[Context], Any]) -> Any:
        """What `read` makes of nodes at a path: once, as most of a plant that is changed stands as it stood; what it notes is noted here."""
        if self.luck is not None or any(at.startswith(path) for at in self.factors):
            return read(self)
        key = (path, self.currency, self.variability, *map(id, nodes))
        kept_nodes, texts, value, noted = self.kept.get(key, (None, None, None, self))
        if kept_nodes is None or texts is not self.beside.texts:
            noted = Context(self.beside, currency=self.currency, variability=self.variability, kept=self.kept)
            value = read(noted)
            noted.kept = {}  # what is kept need not know what else is
            if len(self.kept) < _MOST_KEPT:
                # The nodes are kept, too: so nothing else can have their identity.
                self.kept[key] = (nodes, self.beside.texts, value, noted)
        self.currency = noted.currency
        self.problems += noted.problems
        self.guesses += noted.guesses
        self.spreads += noted.spreads
        self.defaults += noted.defaults
        self.places |= noted.places
        self.broken |= noted.broken
        self.tabled |= noted.tabled
        return value

    def wrong(
        self, code: str, node: Node, path: str, reason: str, known: Iterable[str] | None = None, word: str | None = None
    ) -> None:
        """Note a problem; `known` are the words that would be right there."""
        value = word if word is not None else node.text if isinstance(node, Scalar) else None
        suggestion = nearest(value, known) if known is not None and value else None
        self.problems.append(Problem(code, node.place, path, reason, value, suggestion))

    def beside_wrong(self, error: PlantError, node: Node, path: str) -> None:
        """Note what is wrong with a file beside the plant; one that cannot be read at all is noted where it is named."""
        for problem in error.problems:
            if problem.place.line is None:
                file = "" if repr(problem.place.file) in problem.reason else f"{problem.place.file!r} "
                problem = replace(problem, place=node.place, path=path, reason=f"{file}{problem.reason}")
            self.problems.append(replace(problem, path=problem.path or path))


def _varied(value: Any, factor: float) -> Any:
    """A random value with its variability multiplied; others as they are."""
    if isinstance(value, Distribution):
        return value.varied(factor)
    inner = getattr(value, "distribution", None)
    return replace(value, distribution=inner.varied(factor)) if isinstance(inner, Distribution) else value


class Reader:
    """Reads one kind of value.

    ``may_be_guessed``: it is a number, and may carry the word ``guess``. ``keeps_chance``: its value is a distribution; other
    numbers may be written as one too, and keep its mean.
    """

    schema: Mapping[str, Any] = TEXT
    kind = "a value"
    may_be_guessed = False
    keeps_chance = False

    def text(self, text: str, context: Context) -> Any:
        """The value of a text; raises ValueError saying what is wrong."""
        raise ValueError(f"{self.kind} is wanted here")

    def read(self, node: Node, context: Context, path: str) -> Any:
        """The value of a node, or None with a problem noted."""
        if not isinstance(node, Scalar):
            context.wrong("PW1220", node, path, f"{self.kind} is wanted here, not a list or keys")
            return None
        text = node.text.strip()
        match = _GUESS.search(text) if self.may_be_guessed and "guess" in text else None
        if match is not None:
            text = text[: match.start()]
        try:
            value = self._maybe_random(text, context, path)
            if match is not None:
                context.guesses.append(self._guess(path, match[1], value, context))
            if context.luck is not None and (factor := context.luck.factor(path)) != 1.0:
                value = self._times(value, factor)
            if path in context.factors:
                value = self._times(value, context.factors[path])
            if context.variability != 1.0:
                value = _varied(value, context.variability)
        except UnitError as error:
            context.wrong("PW1221", node, path, str(error))
        except PlantError as error:
            context.beside_wrong(error, node, path)
        except ValueError as error:
            context.wrong("PW1222", node, path, str(error))
        else:
            return value
        return None

    def inside(self, word: str) -> list[Reader]:
        """The readers of what stands one step down, for a value with an inside of its own."""
        return []

    def _maybe_random(self, text: str, context: Context, path: str) -> Any:
        if self.keeps_chance or not self.may_be_guessed or text.partition(" ")[0] not in CHANCES:
            return self.text(text, context)
        parts: list[Any] = []

        def number(part: str) -> float:
            parts.append(self.text(part, context))
            return middle(parts[-1])

        distribution = read_distribution(text, number, context.beside.text)
        value = _with_number(parts[-1], distribution.mean, text)
        context.spreads.append(Spread(path, distribution))
        return value if context.luck is None else self._instead(value, context.luck.value(path, distribution))

    def _times(self, value: Any, factor: float) -> Any:
        """A value with its number, or its distribution, multiplied by a factor; of several all are."""
        if isinstance(value, Distribution):
            return value.times(factor)
        if isinstance(value, tuple):
            return (self._times(value[0], factor), *value[1:])
        if isinstance(value, Mapping):
            return {key: self._times(one, factor) for key, one in value.items()}
        if is_dataclass(value) and not isinstance(value, type):
            name = next(name for name in _NUMBERS if hasattr(value, name))
            return replace(value, **{name: self._times(getattr(value, name), factor)})
        return self._instead(value, factor * value)

    def _instead(self, value: Any, number: float) -> Any:
        """A value with another number in it: a whole one where it is whole, within the bounds of the word."""
        number = math.floor(number + 0.5) if isinstance(value, int) else number
        return _with_number(value, min(max(number, getattr(self, "least", 0.0)), getattr(self, "most", math.inf)), "")

    def _guess(self, path: str, span: str | None, value: Any, context: Context) -> Guess:
        """The guess, with the range in which it may be moved."""
        if not span:
            return Guess(path, value=middle(value))
        low, separator, high = span.partition("..")
        if not separator:
            raise UnitError(f"'guess {span}' is not a range, such as 'guess 30..60 min'")
        unit = split_number(high)[1]
        ends = [self.text(text, context) for text in (low if split_number(low)[1] else f"{low} {unit}".strip(), high)]
        first, last = (middle(end) for end in ends)
        if first > last:
            raise UnitError(f"'guess {span}' must rise from left to right")
        if not first <= middle(value) <= last:
            raise UnitError(f"'guess {span}' does not hold the value that it is a guess of")
        return Guess(path, first, last, middle(value))


_NUMBERS = ("distribution", "default", "mean", "value", "amount", "share")


def middle(value: Any) -> float:
    """The number that a value stands for: a distribution's mean, a time's, an amount's."""
    while not isinstance(value, int | float):
        if isinstance(value, tuple):
            value = value[0]
        elif isinstance(value, Mapping):
            value = next(iter(value.values()))
        else:
            value = getattr(value, next(name for name in _NUMBERS if hasattr(value, name)))
    return float(value)


def _with_number(value: Any, number: float, text: str) -> Any:
    """A value with another number in it."""
    if isinstance(value, int):
        if not float(number).is_integer():
            raise ValueError(f"{text!r} has the mean {number:g}, which is not a whole number; write one number")
        return int(number)
    if isinstance(value, tuple):
        return (number, *value[1:])
    if isinstance(value, Mapping):
        return dict.fromkeys(value, number)
    if is_dataclass(value) and not isinstance(value, type):
        return replace(value, **{next(name for name in _NUMBERS if hasattr(value, name)): number})
    return number


class From(Reader):
    """A value that a function makes of the text; it may raise ValueError."""

    def __init__(
        self,
        kind: str,
        function: Callable[[str, Context], Any],
        may_be_guessed: bool = False,
        keeps_chance: bool = False,
        schema: Mapping[str, Any] = TEXT,
    ) -> None:
        self.kind, self.function, self.schema = kind, function, schema
        self.may_be_guessed, self.keeps_chance = may_be_guessed, keeps_chance

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
        self.schema = {"anyOf": [{"type": "number"}, text_schema(number_pattern())]}

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
        self.schema = text_schema(quantity_pattern(self.of))

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

    def __post_init__(self) -> None:
        self.schema = text_schema(money_pattern(self.per is not None))

    def text(self, text: str, context: Context) -> float:
        value = read_money(text, context.currency, self.per)
        if context.currency is None:  # the first money tells what all of it is in
            context.currency = CURRENCY.search(text)[1]  # type: ignore[index]
        if value < 0:
            raise ValueError(f"{text!r} must not be below zero")
        return value


@dataclass
class Random(Reader):
    """A distribution of a kind of quantity."""

    of: str = "duration"
    may_be_guessed = True
    keeps_chance = True

    def __post_init__(self) -> None:
        self.kind = f"a {self.of} or its distribution"
        self.schema = text_schema(random_pattern())

    def text(self, text: str, context: Context) -> Any:
        return read_distribution(text, self.of, context.beside.text)


class AmountOf(Reader):
    """A count of lots or pieces."""

    kind = "a count such as '8 lots'"
    may_be_guessed = True
    schema = text_schema(amount_pattern())

    def text(self, text: str, context: Context) -> Any:
        return read_amount(text)
