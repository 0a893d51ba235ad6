"""The words of moves: those of the user's own, and what a family of moves usually costs and brings here."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import partial
from typing import Any

from plantwright.distributions import Distribution
from plantwright.doors import family_names
from plantwright.plant.document import Entries, Node, Scalar
from plantwright.plant.plant import FamilyDefault, OwnMove
from plantwright.plant.readers import Context, MoneyOf, Quantity, Random, Reader, nearest
from plantwright.plant.structures import NAMES, Keys, Raw, Word

_YEAR = 365.25 * 86400.0


def _made(name: str, cost_per_year: float | None = None, edits: Any = None, **values: Any) -> OwnMove | FamilyDefault:
    yearly = None if cost_per_year is None else cost_per_year * _YEAR
    if edits is None:
        return FamilyDefault(name, cost_per_year=yearly, **values)
    return OwnMove(name, edits, cost_per_year=yearly, **values)


MOVE = Keys(
    (
        Word(
            "set",
            Raw(),
            "edits",
            "{work centers > coater > machines: 2}",
            "paths and their new values; a family's name without it gives its defaults",
        ),
        Word("cost", MoneyOf(), example="650 kUSD", meaning="once"),
        Word("cost per year", MoneyOf("duration"), example="20 kUSD/y", meaning="every year"),
        Word("lead time", Quantity(), example="9 mo", meaning="until it is done"),
        Word("ramp-up", Quantity(), "ramp_up", "3 mo", "from then until it brings all that it brings"),
        Word(
            "training", Quantity(), example="40 h", meaning="time that people are away from work for it, all together"
        ),
        Word(
            "effect",
            Random("share"),
            example="pert 20..40..60 %",
            meaning="of a family: how large its effect is; of an own move: which share of its change comes true",
        ),
        Word("only with", NAMES, example="[x]", meaning="moves that it needs"),
        Word("not with", NAMES, example="[y]", meaning="moves that it excludes"),
    ),
    _made,
)


class MovesOf(Reader):
    """Own moves and defaults of families by name, and under ``ban`` the names of those that are not wanted."""

    kind = "moves by name"
    schema: Mapping[str, Any] = {
        "type": "object",
        "properties": {"ban": NAMES.schema},
        "additionalProperties": MOVE.schema,
    }

    def read(self, node: Node, context: Context, path: str) -> Any:
        if not isinstance(node, Entries):
            context.wrong("PW1220", node, path, "moves by name are wanted here")
            return None
        banned: tuple[str, ...] = ()
        moves: dict[str, OwnMove | FamilyDefault] = {}
        for key, value in node:
            at = f"{path} > {key.text}"
            if key.text == "ban":
                banned = NAMES.read(value, context, at)
                continue
            made = _move(key, value, context, at)
            if made is None:
                context.broken.add(at)
            else:
                moves[key.text] = made
        return moves, banned

    def inside(self, word: str) -> list[Reader]:
        """The words of a move, by its name."""
        return [NAMES if word == "ban" else replace(MOVE, make=partial(_made, word))]


MOVES = MovesOf()


def _move(key: Scalar, node: Node, context: Context, path: str) -> OwnMove | FamilyDefault | None:
    """One move, or None with all that is wrong with it noted."""
    context.places[path] = key
    before = len(context.problems)
    values = MOVE.values(node, context, path)
    if values is None:
        return None
    given = {word.text for word, _ in node} if isinstance(node, Entries) else set()
    for word, reason in _conflicts(key.text, values, given):
        at = f"{path} > {word}" if word else path
        context.wrong("PW1226", context.places.get(at, key), at, reason)
    return _made(key.text, **values) if len(context.problems) == before else None


def _conflicts(name: str, values: Mapping[str, Any], given: set[str]) -> Iterator[tuple[str, str]]:
    """What of the words of a move does not go together: the word, and why."""
    edits = values.get("edits")
    if "set" not in given:
        known = family_names()
        if name not in known:
            near = nearest(name, known)
            hint = f"did you mean {near!r}?" if near else f"those are {', '.join(known)}"
            yield "", (f"'set' is missing, such as 'set: {{work centers > coater > machines: 2}}'; without it, the name is that of a "
                       f"family; {hint}")  # fmt: skip
        elif "training" in values:
            yield "training", ("a family tells by itself how much training each of its moves takes; give it to an own move, with 'set', or "
                               "as the hours of a skill under 'learns'")  # fmt: skip
    elif not isinstance(edits, Mapping) or not edits:
        yield "set", "'set' is paths with their new values, such as {work centers > coater > machines: 2}"
    if "set" in given and "effect" in values and _most(values["effect"]) > 1:
        yield "effect", ("of an own move it is the share of the change under 'set' that comes true, at most 100 %; write such as "
                         "'pert 50..80..100 %', and a greater change under 'set'")  # fmt: skip
    both = [other for other in values.get("only_with", ()) if other in values.get("not_with", ())]
    if both:
        yield "not with", f"{' and '.join(map(repr, both))} cannot be both needed ('only with') and excluded"


def _most(effect: Distribution) -> float:
    """The greatest value that a distribution can have."""
    if effect.kind in ("constant", "uniform", "triangular", "pert"):
        return effect.parameters[-1]
    return max(effect.values) if effect.kind == "empirical" else math.inf
