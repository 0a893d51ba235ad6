"""The words of routings: the steps of a product, in the plant file or in a table beside it."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

from plantwright.errors import Place, PlantError
from plantwright.plant.document import Entries, Node, Scalar, parse_yaml
from plantwright.plant.products import Operation
from plantwright.plant.quantities import read_rows
from plantwright.plant.readers import Context, Reader
from plantwright.plant.words.operations import OPERATION, operation_of

_NAMES = ("step", "operation")


class RoutingOf(Reader):
    """A list of steps, or a CSV file of them with the same words as columns."""

    kind = "a list of steps, or a file such as routes/part_3.csv"
    schema: Mapping[str, Any] = {
        "anyOf": [
            {"type": "string"},
            {
                "type": "array",
                "minItems": 1,
                "items": {
                    "type": "object",
                    "minProperties": 1,
                    "maxProperties": 1,
                    "additionalProperties": OPERATION.schema,
                },
            },
        ]
    }

    def inside(self, word: str) -> list[Reader]:
        """The words of a step, by its name."""
        return [OPERATION]

    def read(self, node: Node, context: Context, path: str) -> Any:
        if isinstance(node, Scalar):
            return self._file(node, context, path)
        if isinstance(node, Entries):
            context.wrong("PW1220", node, path, "a routing is a list of steps: '- mix: {at: mixer, ...}'")
            return None
        if not node.items:
            context.wrong("PW1220", node, path, "a routing has at least one step: '- mix: {at: mixer, ...}'")
        steps: list[Operation] = []
        seen: dict[str, Node] = {}
        for i, item in enumerate(node.items, 1):
            if isinstance(item, Scalar) and item.text.lower().endswith(".csv"):
                reason = f"{item.text!r} stands among steps; a routing is given here or in a file, not in both"
                context.wrong("PW1220", item, f"{path} > {i}", reason)
            elif not isinstance(item, Entries) or len(item.entries) != 1:
                context.wrong("PW1220", item, f"{path} > {i}", "a step is one name with its keys: '- mix: {at: mixer}'")
            else:
                key, body = item.entries[0]
                self._step(key, body, context, path, steps, seen)
        return tuple(steps) or None

    def _step(
        self, key: Scalar, body: Node, context: Context, path: str, steps: list[Operation], seen: dict[str, Node]
    ) -> None:
        at = f"{path} > {key.text}"
        if key.text in seen:
            context.wrong("PW1227", key, at, f"two steps are called {key.text!r}; give each its own name")
            return
        seen[key.text] = key
        # The rows of a table are new nodes each time that it is read.
        read = partial(_step_of, key, body, at)
        made = read(context) if at in context.tabled else context.once((key, body), at, read)
        if made is not None:
            steps.append(made)

    def _file(self, node: Scalar, context: Context, path: str) -> Any:
        try:
            rows = read_rows(context.beside.text(node.text))
        except PlantError as error:
            context.beside_wrong(error, node, path)
            return None
        except ValueError as error:
            context.wrong("PW1222", node, path, f"{node.text}: {error}")
            return None
        words = list(rows[0][1]) if rows else []
        if not any(name in words for name in _NAMES):
            context.wrong(
                "PW1222", node, path, f"{node.text} holds no steps; its columns are 'step', 'at', 'time', ..."
            )
            return None
        unknown = [word for word in words if word and word not in _NAMES and word not in OPERATION.by_name]
        for word in unknown:
            heading = Scalar(word, Place(node.text, 1))
            context.wrong("PW1224", heading, path, f"unknown column {word!r}", OPERATION.by_name, word)
        steps: list[Operation] = []
        seen: dict[str, Node] = {}
        for number, row in rows:
            place = Place(node.text, number)
            name = next((row[word] for word in _NAMES if row.get(word)), "")
            if not name:
                context.wrong("PW1222", Scalar("", place), path, "the step has no name")
                continue
            cells = [(word, text) for word, text in row.items() if text and word in OPERATION.by_name]
            entries = tuple((Scalar(word, place), _cell(text, place, context, path)) for word, text in cells)
            body = Entries(entries, place)
            context.tabled.setdefault(f"{path} > {name}", body)
            self._step(Scalar(name, place), body, context, path, steps, seen)
        return tuple(steps) or None


def _step_of(key: Scalar, body: Node, at: str, context: Context) -> Operation | None:
    """A step, or None where it is wrong."""
    context.places[at] = key
    values = OPERATION.values(body, context, at)
    if values is not None and values.get("at"):
        return operation_of(key.text, **values)
    context.broken.add(at)
    return None


def _cell(text: str, place: Place, context: Context, path: str) -> Node:
    """A cell of a table as a node: braces and brackets as in the plant file."""
    if text[:1] in ("{", "["):
        try:
            inner = parse_yaml(f"x: {text}", place.file).get("x")
        except PlantError as error:
            context.wrong("PW1203", Scalar(text, place), path, error.problems[0].reason)
        else:
            if inner is not None:
                return _placed(inner, place)
    return Scalar(text, place)


def _placed(node: Node, place: Place) -> Node:
    """A tree whose every value stands at that place."""
    if isinstance(node, Scalar):
        return Scalar(node.text, place)
    if isinstance(node, Entries):
        return Entries(tuple((Scalar(key.text, place), _placed(value, place)) for key, value in node.entries), place)
    return type(node)(tuple(_placed(item, place) for item in node.items), place)
