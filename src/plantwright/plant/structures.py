"""Lists, names and keys: readers put together from others, down to the words of the plant file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from plantwright.plant.document import Entries, Items, Node, Scalar, plain
from plantwright.plant.readers import (
    Context,
    Quantity,
    Reader,
    Text,
)


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
            if key in values:
                context.wrong("PW1210", name, f"{path} > {name.text}", f"{name.text!r} is given twice; keep one")
                continue
            context.places[f"{path} > {name.text}"] = name
            value = self.item.read(item, context, f"{path} > {name.text}")
            if value is not None:
                values[key] = value
            else:
                context.broken.add(f"{path} > {name.text}")
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


ANYTHING: dict[str, Any] = {}


class Raw(Reader):
    """Anything, kept as it stands."""

    schema = ANYTHING
    kind = "anything"

    def read(self, node: Node, context: Context, path: str) -> Any:
        return plain(node)


@dataclass
class Word:
    """One key of a mapping: its reader, the field it fills, an example, what it means, the default taken without it and why."""

    name: str
    reader: Reader
    field: str = ""
    example: str = ""
    meaning: str = ""
    default: str = ""
    needed: bool = False
    why: str = ""

    def __post_init__(self) -> None:
        self.field = self.field or self.name.replace(" ", "_")


def _described(word: Word) -> dict[str, Any]:
    """The schema of a word, with what an editor shows about it."""
    shown: dict[str, Any] = {**word.reader.schema}
    if word.meaning:
        shown["description"] = word.meaning
    if word.example:
        shown["examples"] = [word.example]
    if word.default:
        shown["$comment"] = f"default: {word.default}"
    return shown


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
            "properties": {word.name: _described(word) for word in self.words},
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
        given = {key.text for key, _ in node}
        for word in self.words:
            if word.name not in given:
                if word.needed:
                    context.wrong(
                        "PW1225", node, path, f"{word.name!r} is missing, such as '{word.name}: {word.example}'"
                    )
                elif word.default:
                    at = f"{path} > {word.name}" if path else word.name
                    context.defaults.append((at, word.default, word.why or word.meaning))
        return values

    def read(self, node: Node, context: Context, path: str) -> Any:
        values = self.values(node, context, path)
        if values is None:
            return None
        if any(word.needed and word.field not in values for word in self.words):
            context.broken.add(path)
            return None
        try:
            return self.make(**values)
        except ValueError as error:
            context.wrong("PW1226", node, path, str(error))
            context.broken.add(path)
            return None


@dataclass
class Named(Reader):
    """Names, each with keys: `make(name=..., **values)`, in the order of the file. With `once` each is read once, however often the plant is
    changed elsewhere.
    """

    keys: Keys
    empty: bool = False
    once: bool = False

    def __post_init__(self) -> None:
        self.kind = "names with keys"
        self.schema = {"type": "object", "additionalProperties": self.keys.schema}

    def read(self, node: Node, context: Context, path: str) -> Any:
        if not isinstance(node, Entries):
            context.wrong("PW1220", node, path, "names with keys are wanted here")
            context.broken.add(path)
            return {}
        found = {}
        for name, item in node:
            at = f"{path} > {name.text}"
            read = partial(self._one, name, item, at)
            made = context.once((name, item), at, read) if self.once else read(context)
            if made is not None:
                found[name.text] = made
        return found

    def _one(self, name: Scalar, item: Node, at: str, context: Context) -> Any:
        """One of them, or None where it is wrong."""
        context.places[at] = name
        if self.empty and isinstance(item, Scalar) and not item.text:
            item = Entries(place=item.place)
        values = self.keys.values(item, context, at)
        if values is not None and all(w.field in values for w in self.keys.words if w.needed):
            try:
                return self.keys.make(name=name.text, **values)
            except ValueError as error:
                context.wrong("PW1226", name, at, str(error))
        context.broken.add(at)
        return None


def inside(reader: Reader, word: str) -> list[Reader]:
    """The readers of what stands one step down a path: under a key, or at an item of a list."""
    if isinstance(reader, Made):
        return inside(reader.inner, word)
    if isinstance(reader, OneOf):
        ways = [way for way in (reader.entries, reader.items, reader.scalar) if way is not None]
        return [found for way in ways for found in inside(way, word)]
    if isinstance(reader, Keys):
        return [reader.by_name[word].reader] if word in reader.by_name else []
    if isinstance(reader, Named):
        return [replace(reader.keys, make=partial(reader.keys.make, name=word))]
    if isinstance(reader, MapOf):
        return [reader.item]
    if isinstance(reader, ListOf):
        # A list's item by its number; and what stands in the one value that may stand for a list.
        return [reader.item] if word.isdigit() else inside(reader.item, word)
    return reader.inside(word)


NAMES = ListOf(Text())

SHARE = Quantity("share", most=1.0)
