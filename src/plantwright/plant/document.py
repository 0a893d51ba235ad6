"""The tree of a plant file: what was written where. YAML, a workbook and a program's mapping all become this tree."""

from __future__ import annotations

import gc
import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Protocol

from plantwright.distributions import Distribution
from plantwright.errors import Place, PlantError, Problem

LARGEST_FILE = 10_000_000
DEEPEST = 30
MOST_NODES = 1_000_000
MOST_PROBLEMS = 1_000
NOWHERE = Place()


def in_order(problem: Problem) -> tuple[str, str, int, int, str, int]:
    """The key by which problems are told in the order of their lines, or of their sheets, rows and columns."""
    place = problem.place
    letters = (place.cell or "").rstrip("0123456789")
    row = int((place.cell or "")[len(letters) :] or 0)
    return place.file, place.sheet or "", place.line or row, len(letters), letters, place.column or 0


@dataclass(frozen=True, slots=True)
class Scalar:
    """A value as text. ``start`` and ``end`` are its characters in the source; -1 where there is none."""

    text: str
    place: Place = NOWHERE
    start: int = -1
    end: int = -1


@dataclass(frozen=True, slots=True)
class Items:
    """A list of values; ``flow`` where it is written in brackets."""

    items: tuple[Node, ...] = ()
    place: Place = NOWHERE
    start: int = -1
    end: int = -1
    flow: bool = False


@dataclass(frozen=True, slots=True)
class Entries:
    """Keys with their values, in order; ``flow`` where it is written in braces."""

    entries: tuple[tuple[Scalar, Node], ...] = ()
    place: Place = NOWHERE
    start: int = -1
    end: int = -1
    flow: bool = False

    def get(self, key: str) -> Node | None:
        """The value of a key, or None."""
        for name, value in self.entries:
            if name.text == key:
                return value
        return None

    def __iter__(self) -> Iterator[tuple[Scalar, Node]]:
        return iter(self.entries)


Node = Scalar | Items | Entries


class Luck(Protocol):
    """Says what uncertain numbers are, by their path in the plant file."""

    def value(self, path: str, distribution: Distribution) -> float:
        """The number at a path that was given as a chance."""

    def factor(self, path: str) -> float:
        """By what the number at a path is multiplied."""

    @property
    def factors(self) -> Mapping[str, float]:
        """All that is multiplied, by path."""


@dataclass(frozen=True, slots=True)
class Document:
    """A plant as it was written.

    ``source`` is the YAML text, None for a workbook or a program's mapping. ``files`` holds the texts of the files beside it
    that were read; ``folder`` is where others would be looked for. ``encoding`` is that of the file, for it to be written in again.
    ``luck`` says what the uncertain numbers are; without it they are their means. ``variability`` multiplies the coefficient of variation of
    every time, ``factors`` the numbers at some paths. ``kept`` is what reading has made of its nodes: a document
    that differs from this one in little shares it.
    """

    root: Entries
    name: str = "plant.yaml"
    source: str | None = None
    folder: Path | None = None
    files: dict[str, str] = field(default_factory=dict)
    encoding: str = "utf-8"
    luck: Luck | None = None
    variability: float = 1.0
    factors: Mapping[str, float] = field(default_factory=dict)
    kept: dict[Any, Any] = field(default_factory=dict, compare=False, repr=False)


def plain(node: Node) -> Any:
    """A tree as dicts, lists and text."""
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Items):
        return [plain(item) for item in node.items]
    return {key.text: plain(value) for key, value in node.entries}


def node_of(value: Any, place: Place = NOWHERE) -> Node:
    """A tree from dicts, lists, numbers and text."""
    if isinstance(value, Mapping):
        pairs = ((Scalar(str(key), place), node_of(item, place)) for key, item in value.items())
        return Entries(tuple(pairs), place)
    if isinstance(value, list | tuple):
        return Items(tuple(node_of(item, place) for item in value), place)
    return Scalar(f"{value:.12g}" if isinstance(value, float) else str(value), place)


@contextmanager
def collector_paused() -> Iterator[None]:
    """Without Python's garbage collector: reading makes many small objects and frees few, so its rounds only cost time."""
    running = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if running:
            gc.enable()


@contextmanager
def collector_seldom() -> Iterator[None]:
    """With Python's garbage collector at work seldom: long work keeps many objects, which it would look through again and again."""
    before = gc.get_threshold()
    gc.set_threshold(max(before[0], 100_000) if before[0] else 0, *before[1:])
    try:
        yield
    finally:
        gc.set_threshold(*before)


def parse_yaml(text: str, name: str) -> Entries:
    """The tree of a YAML text. Raises PlantError with all that is wrong with its form."""
    root, problems = parse(text, name)
    if problems:
        raise PlantError(problems)
    return root


def parse(text: str, name: str) -> tuple[Entries, list[Problem]]:
    """The tree of a YAML text, and what is wrong with its form but leaves it readable, such as a key given twice.

    Raises PlantError where its form is so wrong that there is no tree.
    """
    import yaml

    if not text.strip():
        raise PlantError([Problem("PW1205", Place(name), "", "is empty; 'plantwright new' starts a plant file")])
    if "\t" in text and (tabs := list(_tabs(text, name))):
        raise PlantError(tabs)
    loader: Any = getattr(yaml, "CBaseLoader", yaml.BaseLoader)
    builder = _Builder(name, text)
    steps = builder.steps()
    try:
        with collector_paused():
            for event in yaml.parse(text, Loader=loader):
                if (take := steps.get(type(event))) is not None:
                    take(event)
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        reason = str(getattr(error, "problem", None) or error).replace("\n", " ")
        reason += next((f"; {hint}" for words, hint in _HINTS.items() if words in reason), "")
        place = Place(name, mark.line + 1, mark.column + 1) if mark else Place(name)
        raise PlantError([*builder.problems, Problem("PW1203", place, "", f"not YAML: {reason}")]) from error
    if not isinstance(builder.root, Entries):
        reason = "a plant file is keys with values, such as 'plant: My plant'"
        raise PlantError([*builder.problems, Problem("PW1205", Place(name, 1), "", reason)])
    return builder.root, builder.problems


_HINTS = {
    "mapping values are not allowed": "a value with a colon in it stands in quotes; a key begins a new line",
    "did not find expected key": "look for a wrong indentation, or a bracket or quote that is not closed, in the lines before",
    "did not find expected ','": "a brace or bracket is not closed, or a comma is missing",
    "did not find expected node content": "a brace or bracket is not closed, or a value is missing",
    "cannot start any token": "a value that begins with this sign stands in quotes",
    "unexpected end of stream": "a quote is not closed",
}
"""What most often lies behind what YAML says."""


def _tabs(text: str, name: str) -> Iterator[Problem]:
    for number, line in enumerate(text.split("\n"), 1):
        if "\t" in line[: len(line) - len(line.lstrip())]:
            yield Problem("PW1204", Place(name, number), "", "a tab; YAML is indented with spaces", "\t")


class _Builder:
    """Makes nodes from YAML's events, which know where everything stands."""

    def __init__(self, name: str, text: str) -> None:
        self.name, self.source = name, text
        self.problems: list[Problem] = []
        self.root: Node | None = None
        self.stack: list[tuple[Any, list[Node]]] = []
        self.nodes = 0

    def steps(self) -> dict[type, Callable[[Any], None]]:
        """What is done with each kind of event."""
        from yaml import events

        return {
            events.ScalarEvent: self._scalar,
            events.AliasEvent: self._alias,
            events.MappingStartEvent: self._open,
            events.SequenceStartEvent: self._open,
            events.MappingEndEvent: self._close_mapping,
            events.SequenceEndEvent: self._close_list,
            events.DocumentStartEvent: self._document,
        }

    def _scalar(self, event: Any) -> None:
        if event.anchor or event.tag:
            self._plain(event)
        start, end = event.start_mark, event.end_mark
        self._put(Scalar(event.value, Place(self.name, start.line + 1, start.column + 1), start.index, end.index))

    def _alias(self, event: Any) -> None:
        self._plain(event)
        self._put(Scalar("", self._place(event)))

    def _open(self, event: Any) -> None:
        if event.anchor or event.tag:
            self._plain(event)
        if len(self.stack) > DEEPEST:
            raise PlantError([Problem("PW1208", self._place(event), "", "nested too deep")])
        self.stack.append((event, []))

    def _document(self, event: Any) -> None:
        if self.root is not None:
            self._wrong("PW1209", event, "a second document (---); a plant file holds one")

    def _plain(self, event: Any) -> None:
        """Note that neither anchors, aliases nor tags are used here."""
        if event.anchor:
            self._wrong("PW1206", event, "anchors and aliases (& and *) are not used here; write the value out")
        tag = getattr(event, "tag", None)
        if tag and tag != "!":
            self._wrong("PW1207", event, f"tags ({tag}) are not used here; write the value as text")

    def _place(self, event: Any) -> Place:
        return Place(self.name, event.start_mark.line + 1, event.start_mark.column + 1)

    def _path(self) -> list[str]:
        """The keys that lead to what is read now; the steps of a routing are known by name, other items by number."""
        words: list[str] = []
        for opened, children in self.stack:
            if type(opened).__name__ == "SequenceStartEvent":
                words += [] if words[-1:] == ["routing"] else [str(len(children) + 1)]
            elif len(children) % 2 and isinstance(children[-1], Scalar):
                words.append(children[-1].text)
        return words

    def _wrong(self, code: str, event: Any, reason: str) -> None:
        self.problems.append(Problem(code, self._place(event), " > ".join(self._path()), reason))
        if len(self.problems) >= MOST_PROBLEMS:
            raise PlantError(
                [*self.problems, Problem(code, self._place(event), "", "so much is wrong that no more is read")]
            )

    def _put(self, node: Node) -> None:
        self.nodes += 1
        if self.nodes > MOST_NODES:
            raise PlantError([Problem("PW1208", node.place, "", "too many values")])
        if self.stack:
            self.stack[-1][1].append(node)
        elif self.root is None:
            self.root = node

    def _span(self, opened: Any, children: list[Node], event: Any) -> tuple[int, int, bool]:
        flow = bool(opened.flow_style)
        # A block's end mark lies behind the blank lines and comments that follow it; its last value's end does not.
        return opened.start_mark.index, event.end_mark.index if flow or not children else children[-1].end, flow

    def _close_list(self, event: Any) -> None:
        opened, children = self.stack.pop()
        self._put(Items(tuple(children), self._place(opened), *self._span(opened, children, event)))

    def _close_mapping(self, event: Any) -> None:
        opened, children = self.stack.pop()
        span = self._span(opened, children, event)
        entries: list[tuple[Scalar, Node]] = []
        seen: dict[str, Scalar] = {}
        for key, value in zip(children[::2], children[1::2], strict=True):
            if not isinstance(key, Scalar):
                path = " > ".join(self._path())
                self.problems.append(Problem("PW1205", key.place, path, "a key must be a plain word"))
                continue
            if span[2] and entries and self._cut_by_comma(key, value, entries[-1][1]):
                whole = entries[-1][1]
                joined = Scalar(self.source[whole.start : key.end], whole.place, whole.start, key.end)
                entries[-1] = (entries[-1][0], joined)
                continue
            if key.text in seen:
                line = seen[key.text].place.line
                reason = f"{key.text!r} is given twice (first in line {line}); keep one"
                self.problems.append(
                    Problem("PW1210", key.place, " > ".join([*self._path(), key.text]), reason, key.text)
                )
                continue
            seen[key.text] = key
            entries.append((key, value))
        self._put(Entries(tuple(entries), self._place(opened), *span))

    def _cut_by_comma(self, key: Scalar, value: Node, before: Node) -> bool:
        """Whether a word in braces is the rest of a number or distribution that was written with commas.

        The value is then read whole, so that the error speaks of the comma and not of unknown words.
        """
        alone = isinstance(value, Scalar) and not value.text and value.start == value.end
        return alone and isinstance(before, Scalar) and before.text != "" and key.text[:1].isdigit()


def segments(path: str) -> list[str]:
    """The words of a path: ``work centers > coater > machines``; a name may hold a ``>`` that has no blanks around it."""
    return [word for word in re.split(r"\s+>\s+", path.strip()) if word]


def step(node: Node, word: str) -> Node | None:
    """The value one step down: a key of a mapping, a list's item by its number from 1, or by the one key that it has."""
    if isinstance(node, Entries):
        return node.get(word)
    if isinstance(node, Items):
        for item in node.items:
            if isinstance(item, Entries) and len(item.entries) == 1 and item.entries[0][0].text == word:
                return item.entries[0][1]
        if word.isdigit() and 1 <= int(word) <= len(node.items):
            return node.items[int(word) - 1]
    return None


def names_below(node: Node) -> list[str]:
    """The words that lead one step down from a node."""
    if isinstance(node, Entries):
        return [key.text for key, _ in node]
    if isinstance(node, Items):
        return [item.entries[0][0].text for item in node.items if isinstance(item, Entries) and len(item.entries) == 1]
    return []


def find(node: Node, path: str) -> Node | None:
    """The value at a path, or None."""
    at: Node | None = node
    for word in segments(path):
        if at is None:
            return None
        at = step(at, word)
    return at


def with_value(node: Node, words: list[str], value: Any, path: str) -> Node:
    """The tree with the value at a path replaced, added, or (None) taken away. Raises PlantError where the path leads nowhere."""
    if not words:
        return node_of(value, node.place)
    word, rest = words[0], words[1:]
    if isinstance(node, Entries):
        old = node.get(word)
        if old is None:
            if value is None:
                return node
            fresh = node_of(value, node.place) if not rest else with_value(Entries(place=node.place), rest, value, path)
            return replace(node, entries=(*node.entries, (Scalar(word, node.place), fresh)))
        if value is None and not rest:
            return replace(node, entries=tuple(pair for pair in node.entries if pair[0].text != word))
        new = with_value(old, rest, value, path)
        return replace(node, entries=tuple((key, new if key.text == word else item) for key, item in node.entries))
    if isinstance(node, Items):
        for i, item in enumerate(node.items):
            named = isinstance(item, Entries) and len(item.entries) == 1 and item.entries[0][0].text == word
            if named or word == str(i + 1):
                if value is None and not rest:
                    return replace(node, items=node.items[:i] + node.items[i + 1 :])
                new = with_value(item, words if named else rest, value, path)
                return replace(node, items=(*node.items[:i], new, *node.items[i + 1 :]))
        if word == str(len(node.items) + 1) and value is not None and not rest:
            return replace(node, items=(*node.items, node_of(value, node.place)))
    raise PlantError([Problem("PW1211", node.place, path, f"there is no {word!r} to change here", word)])
