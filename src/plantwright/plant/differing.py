"""What differs between two plants, by the paths of the plant file, the tables beside it among them."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Literal

from plantwright.plant.document import Entries, Items, Node, Scalar
from plantwright.plant.plant import Plant
from plantwright.plant.writing import flow_text
from plantwright.units import UNITS, UnitError, split_number

Kind = Literal["added", "removed", "changed"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One thing that differs: its path, and how it is written in the first plant and in the second; None where it is not there."""

    path: str
    before: str | None
    after: str | None

    @property
    def kind(self) -> Kind:
        """Whether the second plant adds it, lacks it, or has another value."""
        if self.before is None:
            return "added"
        return "removed" if self.after is None else "changed"

    def __str__(self) -> str:
        if self.before is None:
            return f"+ {self.path}: {self.after}"
        return (
            f"- {self.path}: {self.before}" if self.after is None else f"  {self.path}: {self.before} -> {self.after}"
        )


def differences(before: Plant, after: Plant) -> tuple[Difference, ...]:
    """Everything that two plants say differently, in the order of the first one's file, what the second adds last in its section.

    Steps of a routing are known by name, items of other lists by number. How a value is written does not count: ``90 min`` is ``1.5 h``.
    Where a word names a table beside the file, its rows are compared, and not its name.

    Raises ValueError for a plant that was not read from a file, text or mapping.
    """
    if before.document is None or after.document is None:
        raise ValueError("only plants that were read from a file, text or mapping can be compared")
    return tuple(
        _Trees(before.document.files, after.document.files).nodes("", before.document.root, after.document.root)
    )


@dataclass(frozen=True)
class _Trees:
    """Two trees with the tables beside them."""

    before: Mapping[str, str]
    after: Mapping[str, str]

    def nodes(self, path: str, one: Node | None, other: Node | None) -> Iterator[Difference]:
        one, other = _alone(one), _alone(other)
        if one is None or other is None:
            shown = [None if node is None else flow_text(node) for node in (one, other)]
            yield Difference(path, *shown)
        elif isinstance(one, Entries) and isinstance(other, Entries):
            yield from self._named(path, _pairs(one), _pairs(other))
        elif isinstance(one, Items) and isinstance(other, Items):
            yield from self._listed(path, one, other)
        elif isinstance(one, Scalar) and isinstance(other, Scalar):
            yield from self._texts(path, one.text, other.text)
        else:
            yield Difference(path, flow_text(one), flow_text(other))

    def _named(self, path: str, one: Mapping[str, Node], other: Mapping[str, Node]) -> Iterator[Difference]:
        for name in [*one, *(name for name in other if name not in one)]:
            if name not in one or name not in other or one[name] is not other[name]:
                yield from self.nodes(f"{path} > {name}" if path else name, one.get(name), other.get(name))

    def _listed(self, path: str, one: Items, other: Items) -> Iterator[Difference]:
        first, second = _by_name(one), _by_name(other)
        if first is None or second is None:
            numbered = [{str(k): item for k, item in enumerate(items.items, 1)} for items in (one, other)]
            yield from self._named(path, *numbered)
            return
        yield from self._named(path, first, second)
        kept = [[name for name in names if name in first and name in second] for names in (first, second)]
        if kept[0] != kept[1]:
            yield Difference(f"{path} (order)", ", ".join(kept[0]), ", ".join(kept[1]))

    def _texts(self, path: str, one: str, other: str) -> Iterator[Difference]:
        if one in self.before and other in self.after:
            yield from _rows(f"{path} ({other})", self.before[one], self.after[other])
        elif not same_value(one, other):
            yield Difference(path, " ".join(one.split()), " ".join(other.split()))


def _alone(node: Node | None) -> Node | None:
    """A list of one item as that item: where one value stands, a list may."""
    return (
        node.items[0]
        if isinstance(node, Items) and len(node.items) == 1 and isinstance(node.items[0], Scalar)
        else node
    )


def _pairs(entries: Entries) -> dict[str, Node]:
    return {key.text: value for key, value in entries}


def _by_name(items: Items) -> dict[str, Node] | None:
    """The items of a routing by their names; None where a list has none."""
    named: dict[str, Node] = {}
    for item in items.items:
        if not isinstance(item, Entries) or len(item.entries) != 1 or item.entries[0][0].text in named:
            return None
        named[item.entries[0][0].text] = item.entries[0][1]
    return named


def same_value(one: str, other: str) -> bool:
    """Whether two texts say the same: alike but for spaces, or one quantity in two units of a kind."""
    if one.split() == other.split():
        return True
    first, second = _quantity(one), _quantity(other)
    if first is None or second is None or first[1:] != second[1:]:
        return False
    return abs(first[0] - second[0]) <= 1e-12 * max(abs(first[0]), abs(second[0]))


def _quantity(text: str) -> tuple[float, str, str] | None:
    """A number in the smallest unit of its kind, the kind, and all that follows the unit."""
    try:
        number, rest = split_number(text)
    except UnitError:
        return None
    unit, stroke, behind = rest.partition("/")
    word, blank, more = unit.strip().partition(" ")
    for kind, sizes in UNITS.items():
        if word in sizes:
            return number * sizes[word], kind, blank + more + stroke + behind
    if len(word) == 4 and word[0] in "kM" and word[1:].isupper():
        return number * {"k": 1e3, "M": 1e6}[word[0]], word[1:], blank + more + stroke + behind
    return number, word, blank + more + stroke + behind


def _rows(path: str, one: str, other: str) -> Iterator[Difference]:
    """How two tables differ: cell by cell where the first column is a name that each row has for itself, else row by row."""
    if one == other:
        return
    before, after = (list(csv.reader(io.StringIO(text))) for text in (one, other))
    head = before[0] if before else []
    if head != (after[0] if after else []):
        yield Difference(f"{path} > columns", ", ".join(head), ", ".join(after[0] if after else []))
        return
    first, second = _keyed(before[1:]), _keyed(after[1:])
    if first is None or second is None:
        counts = [Counter(",".join(row) for row in rows[1:] if any(row)) for rows in (before, after)]
        for row, number in (counts[0] - counts[1]).items():
            yield Difference(f"{path} > row", row + (f" ({number} times)" if number > 1 else ""), None)
        for row, number in (counts[1] - counts[0]).items():
            yield Difference(f"{path} > row", None, row + (f" ({number} times)" if number > 1 else ""))
        return
    for name in [*first, *(name for name in second if name not in first)]:
        if name not in first or name not in second:
            rows = [", ".join(table[name]) if name in table else None for table in (first, second)]
            yield Difference(f"{path} > {name}", *rows)
            continue
        for word, was, now in zip(head, first[name], second[name], strict=False):
            if not same_value(was, now):
                yield Difference(f"{path} > {name} > {word}", was, now)


def _keyed(rows: list[list[str]]) -> dict[str, list[str]] | None:
    """Rows by their first cell; None where two have the same."""
    filled = [row for row in rows if any(row)]
    named = {row[0].strip(): row for row in filled}
    return named if len(named) == len(filled) else None
