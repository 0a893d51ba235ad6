"""The rows of all products, one behind the other: what each knows by a number of its own gets its number in the plant."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from plantwright.simulation import codes
from plantwright.simulation.own_rows import OwnRows
from plantwright.simulation.records import joined
from plantwright.simulation.step_rows import OWNED
from plantwright.simulation.tables import Tables

_SHIFTED = {
    "first_need": "need", "first_take": "take", "first_give": "take", "first_branch": "branch", "first_limit": "limit", "first_defect": "flaw",
    "first_find": "flaw", "main": "operation",
}  # fmt: skip
"""Fields of operations that hold a row, and of what."""
_SHIFTED_IF_ANY = {"rework_to": "operation", "following": "operation", "behind": "operation"}
"""The same, where -1 stands for none."""
_NAMED = {"setup": "setups", "center": "centers", "group": "groups"}
_NAMED_IF_ANY = dict.fromkeys(("time", "load", "unload", "interval", "delay"), "distributions")


class Joined:
    """Rows of several products, joined.

    Parameters
    ----------
    tables : Tables
        Its rows learn what is new; the arrays of operations and of what they own get longer.
    parts : sequence of OwnRows
    groups : dict
        Numbers of what lots have in common that may share a batch.
    """

    def __init__(self, tables: Tables, parts: Sequence[OwnRows], groups: dict[tuple[object, ...], int]) -> None:
        self.tables, self.parts, self.groups = tables, parts, groups
        self._start = self._starts()
        self._numbers = self._numbered()

    def _starts(self) -> dict[str, Any]:
        """The row with which those of each product begin."""
        tables = self.tables
        found = {"operation": _begins([len(part.mains) for part in self.parts], len(tables.arrays["operation"]))}
        mains = sum(len(part.mains) for part in self.parts)
        found["alternative"] = _begins(
            [len(part.alternatives) for part in self.parts], len(tables.arrays["operation"]) + mains
        )
        for concept in OWNED:
            begun = len(tables.rows[concept]) + len(tables.arrays[concept])
            found[concept] = _begins([len(part.owned[concept]) for part in self.parts], begun)
        return found

    def _numbered(self) -> dict[str, tuple[Any, Any]]:
        """Of each kind of name: the numbers in the plant, product by product, and where those of each product begin."""
        tables, parts = self.tables, self.parts
        found: dict[str, list[list[int]]] = {
            name: [] for name in ("setups", "centers", "stores", "pools", "skills", "tended", "defects")
        }
        of_first = []
        for part in parts:
            found["setups"].append([tables.setups[name] for name in part.setups])
            found["centers"].append([tables.centers[name] for name in part.centers])
            found["stores"].append([tables.stores[name] for name in part.stores])
            pools = [tables.pools[name] for name in part.pools]
            skills = [tables.skill(pools[asked] if isinstance(asked, int) else asked) for asked in part.skills]
            found["pools"].append(pools)
            found["skills"].append(skills)
            found["tended"].append([tables.first_tended(skills[skill], *kind) for skill, *kind in part.tended])
            found["defects"].append([tables.defect(name) for name in part.defects])
            of_first.append(self._first(part, slice(None, part.first[0]), slice(None, part.first[1])))
        # As they stand behind all, alternatives have the higher numbers.
        of_others = [self._first(part, slice(part.first[0], None), slice(part.first[1], None)) for part in parts]
        for k, name in enumerate(("distributions", "groups")):
            found[name] = [one[k] + other[k] for one, other in zip(of_first, of_others, strict=True)]
        return {name: (_flat(listed), _begins(map(len, listed), 0)) for name, listed in found.items()}

    def _first(self, part: OwnRows, distributions: slice, groups: slice) -> tuple[list[int], list[int]]:
        numbers = [self.tables.distribution(distribution) for distribution in part.distributions[distributions]]
        return numbers, [self.groups.setdefault(group, len(self.groups)) for group in part.groups[groups]]

    def start(self, concept: str) -> list[int]:
        """The row with which those of each product begin."""
        return self._start[concept].tolist()  # type: ignore[no-any-return]

    def add(self) -> None:
        """Add the rows to the tables."""
        tables, parts = self.tables, self.parts
        operations = []
        for mains in (True, False):
            rows = joined([part.mains if mains else part.alternatives for part in parts])
            counts = [len(part.mains if mains else part.alternatives) for part in parts]
            self._settle_operations(rows, np.repeat(np.arange(len(parts)), counts))
            operations.append(rows)
        self._append("operation", operations)
        claims = [
            self._settled_claims([part.claims for part in parts]),
            self._settled_claims([part.alternative_claims for part in parts]),
        ]
        self._append("claim", claims)
        for concept in OWNED:
            rows = joined([part.owned[concept] for part in parts])
            if len(rows):
                which = np.repeat(np.arange(len(parts)), [len(part.owned[concept]) for part in parts])
                self._settle(concept, rows, which)
                self._append(concept, [rows])
        tables.names["operation"] += [name for part in parts for name in part.names]
        tables.names["operation"] += [name for part in parts for name in part.alternative_names]
        self._add_reaches()
        self._add_asks()
        self._add_sizes()

    def _append(self, concept: str, rows: Sequence[Any]) -> None:
        there = [table for table in (self.tables.arrays[concept], *rows) if len(table)]
        if there:
            self.tables.arrays[concept] = there[0] if len(there) == 1 else joined(there)

    def _settle_operations(self, rows: Any, which: Any) -> None:
        if not len(rows):
            return
        starts = {concept: begun[which] for concept, begun in self._start.items()}
        for field, concept in _SHIFTED.items():
            rows[field] += starts[concept]
        for field, concept in _SHIFTED_IF_ANY.items():
            rows[field] = _shifted_if_any(rows[field], starts[concept])
        rows["first_fork"] += np.where(rows["forks"] > 0, starts["fork"], 0)
        rows["first_choice"] += starts["alternative"]
        for field, name in {**_NAMED, **_NAMED_IF_ANY}.items():
            rows[field] = self._named(rows[field], name, which)

    def _named(self, own: Any, name: str, which: Any) -> Any:
        """The numbers in the plant of numbers of the products', -1 for -1."""
        numbers, begins = self._numbers[name]
        return np.where(own < 0, own, numbers[np.maximum(own, 0) + begins[which]])

    def _settled_claims(self, claims: Sequence[Any]) -> Any:
        """Claims whose needs and pools have their numbers, and in place of their crews the skill."""
        rows = joined(claims)
        which = np.repeat(np.arange(len(self.parts)), [len(own) for own in claims])
        one = rows["kind"] == codes.ONE_PERSON
        with_tool = one & (rows["tool"] >= 0)
        rows["need"] += np.where(one, self._start["need"][which], 0)
        rows["tool"] += np.where(with_tool, self._start["need"][which], 0)
        rows["first"] = np.where(one, self._named(rows["first"], "skills", which), 0)
        rows["pool"] = np.where(with_tool, self._named(rows["pool"], "pools", which), 0)
        return rows

    def _settle(self, concept: str, rows: Any, which: Any) -> None:
        """Put the plant's numbers into rows of what operations own."""
        operation = self._start["operation"][which]
        if concept == "need":
            rows["skill"] = self._named(rows["skill"], "skills", which)
            rows["pool"] = self._named(rows["pool"], "pools", which)
            rows["until"] = _shifted_if_any(rows["until"], operation)
            many = rows["tends"] > 1
            if many.any():
                rows["first_tended"] = np.where(many, self._named(rows["first_tended"], "tended", which), 0)
        elif concept == "take":
            rows["store"] = self._named(rows["store"], "stores", which)
        elif concept == "flaw":
            rows["defect"] = self._named(rows["defect"], "defects", which)
        elif concept == "limit":
            rows["back"] += operation
        else:
            rows["operation"] = _shifted_if_any(rows["operation"], operation)

    def _add_reaches(self) -> None:
        reaches = [
            np.add(part.reaches, (start, 0))
            for part, start in zip(self.parts, self._start["operation"].tolist(), strict=True)
            if len(part.reaches)
        ]
        self.tables.reaches = np.concatenate([self.tables.reaches, *reaches])

    def _add_asks(self) -> None:
        """What operations ask for, each once in the plant."""
        tables = self.tables
        mains, others = [], []
        for p, part in enumerate(self.parts):
            skills, stores, centers = (self._own(name, p) for name in ("skills", "stores", "centers"))
            own = [
                tables.ask(tuple(skills[k] for k in of_skills), tuple(stores[k] for k in of_stores))
                for of_skills, of_stores in part.asks
            ]
            tables.asked_at |= dict.fromkeys((own[ask], centers[center]) for ask, center in part.asked_at)
            numbers = np.array(own, np.int64)
            mains.append(numbers[part.asked])
            others.append(numbers[part.alternative_asked])
        tables.asked = np.concatenate([tables.asked, *mains, *others])

    def _own(self, name: str, part: int) -> list[int]:
        """The numbers in the plant of one product's names of a kind."""
        numbers, begins = self._numbers[name]
        end = begins[part + 1] if part + 1 < len(self.parts) else len(numbers) - 1
        return numbers[begins[part] : end].tolist()  # type: ignore[no-any-return]

    def _add_sizes(self) -> None:
        """The tables learn how wide rows are, and what lots carry."""
        tables = self.tables
        for part in self.parts:
            for name, size in part.sizes.items():
                tables.sizes[name] = max(size, tables.sizes.get(name, 0))

    def tell_centers(self) -> None:
        """Work centers learn what their operations claim."""
        rows = self.tables.rows
        for p, part in enumerate(self.parts):
            centers, stores = self._own("centers", p), self._own("stores", p)
            self.tables.claimed |= {c for c, claimed in zip(centers, part.marks["claimed"], strict=True) if claimed}
            told = zip(centers, *(part.marks[name] for name in _MARKS), strict=True)
            for c, *marks in told:
                row = rows["center"][c]
                for name, mark in zip(_MARKS, marks, strict=True):
                    if mark > row.get(name, 0):
                        row[name] = mark
            for c, store in part.taken_at:
                if rows["store"][stores[store]]["counted"]:
                    rows["center"][centers[c]]["asks"] = 1


_MARKS = ("limited", "asks", "carries", "picky")


def _begins(counts: Iterable[int], first: int) -> Any:
    """Where each of several things begins that lie one behind the other, so many rows each."""
    ends = np.cumsum([first, *counts], dtype=np.int64)
    return ends[:-1]


def _flat(listed: Sequence[Sequence[int]]) -> Any:
    """All numbers behind each other, and one more, that there be one to look up where nothing has a number."""
    return np.array([number for numbers in listed for number in numbers] + [0], np.int64)


def _shifted_if_any(rows: Any, by: Any) -> Any:
    return np.where(rows < 0, rows, rows + by)
