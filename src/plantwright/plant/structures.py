"""Lists, names and keys: readers put together from others, down to the words of the plant file."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
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


ANYTHING: dict[str, Any] = {}


class Raw(Reader):
    """Anything, kept as it stands."""

    schema = ANYTHING
    kind = "anything"

    def read(self, node: Node, context: Context, path: str) -> Any:
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


NAMES = ListOf(Text())

SHARE = Quantity("share", most=1.0)
