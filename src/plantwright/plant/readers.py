"""How each kind of value is read from the tree: one reader for each, put together into the words of the plant file.

A reader gives a value, or notes a `Problem` and gives its fallback, so that all that is wrong is found in one pass. It also tells
its JSON Schema.
"""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from plantwright.errors import PlantError, Problem
from plantwright.plant.beside import Beside
from plantwright.plant.calendar import Span
from plantwright.plant.document import Entries, Items, Node, Scalar
from plantwright.plant.plant import Guess
from plantwright.plant.quantities import read_amount, read_distribution
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


class Instant(Reader):
    """A local date and time, or a date."""

    kind = "a date such as 2026-01-05 06:00"

    def text(self, text: str, context: Context) -> datetime:
        try:
            return datetime.fromisoformat(text).replace(tzinfo=None)
        except ValueError:
            raise ValueError(f"{text!r} is not a date and time such as '2026-01-05 06:00'") from None


def read_day(text: str) -> date:
    """An ISO date."""
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError(f"{text!r} is not a date such as 2026-12-25") from None


def read_clock(text: str) -> float:
    """``07:00`` as seconds after midnight; up to 48:00."""
    match = re.fullmatch(r"(\d{1,2}):(\d{2})(?::(\d{2}))?", text.strip())
    if match is None or int(match[2]) > 59 or int(match[1]) > 48:
        raise ValueError(f"{text!r} is not a time of day such as 07:00")
    return int(match[1]) * 3600.0 + int(match[2]) * 60.0 + int(match[3] or 0)


def read_span(text: str) -> Span:
    """``11:00-11:30``; an end before its start is on the next day."""
    begin, separator, end = text.partition("-")
    if not separator:
        raise ValueError(f"{text!r} is not a span of the day such as 11:00-11:30")
    first, last = read_clock(begin), read_clock(end)
    if first == last:
        raise ValueError(f"{text!r} has no length")
    return Span(first, last if last > first else last + 86400.0)


@dataclass
class Clock(Reader):
    """A time of day."""

    kind = "a time of day such as 07:00"

    def text(self, text: str, context: Context) -> float:
        return read_clock(text)


class SpanOf(Reader):
    """A span of the day."""

    kind = "a span such as 11:00-11:30"

    def text(self, text: str, context: Context) -> Span:
        return read_span(text)


@dataclass
class ListOf(Reader):
    """A list, or one value where a list may stand."""

    item: Reader

    def __post_init__(self) -> None:
        self.kind = f"a list of: {self.item.kind}"
        self.schema = {"anyOf": [self.item.schema, {"type": "array", "items": self.item.schema}]}

    def read(self, node: Node, context: Context, path: str) -> Any:
        if not isinstance(node, Items):
            value = self.item.read(node, context, path)
            return () if value is None else (value,)
        values = [self.item.read(item, context, f"{path} > {i}") for i, item in enumerate(node.items, 1)]
        return tuple(value for value in values if value is not None)


@dataclass
class MapOf(Reader):
    """Names with values of one kind."""

    item: Reader
    key: Callable[[str], Any] = str

    def __post_init__(self) -> None:
        self.kind = "names with values"
        self.schema = {"type": "object", "additionalProperties": self.item.schema}

    def read(self, node: Node, context: Context, path: str) -> Any:
        if not isinstance(node, Entries):
            context.wrong("PW1220", node, path, "names with values are wanted here, such as {a: ..., b: ...}")
            return {}
        values = {}
        for name, item in node:
            try:
                key = self.key(name.text)
            except ValueError as error:
                context.wrong("PW1222", name, f"{path} > {name.text}", str(error))
                continue
            context.places[f"{path} > {name.text}"] = name
            value = self.item.read(item, context, f"{path} > {name.text}")
            if value is not None:
                values[key] = value
        return values


@dataclass
class OneOf(Reader):
    """A value read one way where it is text, another where it is keys, another where it is a list."""

    scalar: Reader | None = None
    entries: Reader | None = None
    items: Reader | None = None

    def __post_init__(self) -> None:
        given = [reader for reader in (self.scalar, self.entries, self.items) if reader]
        self.kind = " or ".join(reader.kind for reader in given)
        self.schema = {"anyOf": [reader.schema for reader in given]}

    def read(self, node: Node, context: Context, path: str) -> Any:
        reader = self.items if isinstance(node, Items) else self.entries if isinstance(node, Entries) else self.scalar
        if reader is None:
            context.wrong("PW1220", node, path, f"{self.kind} is wanted here")
            return None
        return reader.read(node, context, path)


@dataclass
class Made(Reader):
    """A value read by another reader and then made into something else by a function that may raise ValueError."""

    inner: Reader
    make: Callable[[Any], Any]

    def __post_init__(self) -> None:
        self.kind, self.schema = self.inner.kind, self.inner.schema

    def read(self, node: Node, context: Context, path: str) -> Any:
        value = self.inner.read(node, context, path)
        if value is None:
            return None
        try:
            return self.make(value)
        except ValueError as error:
            context.wrong("PW1222", node, path, str(error))
            return None


@dataclass
class Raw(Reader):
    """Anything, kept as it stands."""

    schema = {}
    kind = "anything"

    def read(self, node: Node, context: Context, path: str) -> Any:
        from plantwright.plant.document import plain

        return plain(node)


@dataclass
class Word:
    """One key of a mapping: its reader, the field it fills, an example, what it means, the default taken without it."""

    name: str
    reader: Reader
    field: str = ""
    example: str = ""
    meaning: str = ""
    default: str = ""
    needed: bool = False

    def __post_init__(self) -> None:
        self.field = self.field or self.name.replace(" ", "_")


@dataclass
class Keys(Reader):
    """A mapping with known words, made into a value by `make(values, name)`."""

    words: tuple[Word, ...]
    make: Callable[..., Any]
    kind: str = "keys with values"

    def __post_init__(self) -> None:
        self.by_name = {word.name: word for word in self.words}
        self.schema = {
            "type": "object",
            "properties": {word.name: {**word.reader.schema, "description": word.meaning} for word in self.words},
            "required": [word.name for word in self.words if word.needed],
            "additionalProperties": False,
        }

    def values(self, node: Node, context: Context, path: str) -> dict[str, Any] | None:
        """The fields that were given, or None where the node has no keys."""
        if not isinstance(node, Entries):
            example = f"{{{self.words[0].name}: {self.words[0].example}}}" if self.words else "{}"
            context.wrong("PW1220", node, path, f"keys are wanted here, such as {example}")
            return None
        values: dict[str, Any] = {}
        for key, item in node:
            word = self.by_name.get(key.text)
            at = f"{path} > {key.text}" if path else key.text
            if word is None:
                context.wrong("PW1224", key, at, f"unknown word {key.text!r}", self.by_name, key.text)
                continue
            context.places[at] = item
            value = word.reader.read(item, context, at)
            if value is not None:
                values[word.field] = value
        for word in self.words:
            if node.get(word.name) is None:
                if word.needed:
                    context.wrong(
                        "PW1225", node, path, f"{word.name!r} is missing, such as '{word.name}: {word.example}'"
                    )
                elif word.default:
                    context.defaults.append(
                        (f"{path} > {word.name}" if path else word.name, word.default, word.meaning)
                    )
        return values

    def read(self, node: Node, context: Context, path: str) -> Any:
        values = self.values(node, context, path)
        if values is None:
            return None
        if any(word.needed and word.field not in values for word in self.words):
            return None
        try:
            return self.make(**values)
        except ValueError as error:
            context.wrong("PW1226", node, path, str(error))
            return None


@dataclass
class Named(Reader):
    """Names, each with keys: `make(name=..., **values)`, in the order of the file."""

    keys: Keys
    empty: bool = False

    def __post_init__(self) -> None:
        self.kind = "names with keys"
        self.schema = {"type": "object", "additionalProperties": self.keys.schema}

    def read(self, node: Node, context: Context, path: str) -> Any:
        if not isinstance(node, Entries):
            context.wrong("PW1220", node, path, "names with keys are wanted here")
            return {}
        found = {}
        for name, item in node:
            at = f"{path} > {name.text}"
            context.places[at] = name
            if self.empty and isinstance(item, Scalar) and not item.text:
                item = Entries(place=item.place)
            values = self.keys.values(item, context, at)
            if values is None or any(w.needed and w.field not in values for w in self.keys.words):
                continue
            try:
                found[name.text] = self.keys.make(name=name.text, **values)
            except ValueError as error:
                context.wrong("PW1226", name, at, str(error))
        return found
