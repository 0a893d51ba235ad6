"""What changes of the plant file say: those with a date, and those that are moves."""

from __future__ import annotations

from typing import Any

from plantwright.errors import Problem
from plantwright.plant.beside import Beside
from plantwright.plant.document import Document, Entries, Node, Scalar, find, names_below, node_of, segments, step
from plantwright.plant.plant import Plant
from plantwright.plant.readers import Context, Reader, middle, nearest
from plantwright.plant.structures import inside
from plantwright.plant.words.plant import PLANT


def check_edits(plant: Plant, document: Document, context: Context) -> None:
    """Note dated changes and own moves that lead nowhere, or to a value that is wrong there."""
    edits = [(f"changes > {number} > set", {change.path: change.to}) for number, change in enumerate(plant.changes, 1)]
    edits += [(f"moves > {name} > set", dict(move.edits)) for name, move in plant.moves.items()]
    for at, paths in edits:
        node = context.places.get(at, context.places.get(at.rpartition(" > ")[0], document.root))
        for path, value in paths.items():
            for reason, near in _wrong_edit(document, context, path, value):
                context.problems.append(Problem("PW1211", node.place, at, reason, path, near))
    for name, move in plant.moves.items():
        at = f"moves > {name} > effect"
        if move.effect is not None and not any(changes_number(document, *edit) for edit in move.edits.items()):
            reason = "no number of the file that could be any, such as a time, changes under 'set'; so no share of it can come true"
            context.wrong("PW1226", context.places[at], at, reason)


def _wrong_edit(document: Document, context: Context, path: str, value: Any) -> list[tuple[str, str | None]]:
    """What is wrong with a value at a path of the plant file: the path, or the value."""
    words = segments(path)
    readers: list[Reader] = [PLANT]
    node: Node | None = document.root
    for depth, word in enumerate(words):
        below = node if node is not None else Entries()
        readers = [found for reader in readers for found in inside(reader, word)]
        node = step(below, word)
        # A section may be begun by what comes new, what has a name must be there.
        if not readers or (node is None and isinstance(below, Entries) and depth + 1 < len(words) and depth == 1):
            known = names_below(below) or [name for reader in readers for name in getattr(reader, "by_name", ())]
            return [(f"{path!r} leads nowhere: there is no {word!r}", nearest(word, known))]
    if not words:
        return [("a path such as 'work centers > coater > machines' is wanted", None)]
    found: list[Problem] = []
    for reader in readers:
        trial = Context(Beside(document.folder, document.files), currency=context.currency)
        if value is None or (reader.read(node_of(value, document.root.place), trial, path), trial.problems)[1] == []:
            return []
        found = found or trial.problems
    return [(f"{path}: {problem.reason}", problem.suggestion) for problem in found]


def changes_number(document: Document, path: str, value: Any) -> bool:
    """Whether an edit replaces a number that may be any, such as a time or a share, by another."""
    old = find(document.root, path)
    if not isinstance(old, Scalar) or not isinstance(value, str):
        return False
    before, after = (number_of(read_at(document, path, text)) for text in (old.text, value))
    return before is not None and after is not None and before != after


def number_of(value: Any) -> float | None:
    """The number that a value stands for, in SI units, a distribution's mean; None for words, and for what is counted whole."""
    if isinstance(value, int):
        return None
    try:
        return middle(value)
    except (StopIteration, IndexError):  # it holds no number
        return None


def read_at(document: Document, path: str, value: Any) -> Any:
    """What a value would be at a path of the plant file; None where it would be wrong there or the path leads nowhere."""
    readers: list[Reader] = [PLANT]
    for word in segments(path):
        readers = [found for reader in readers for found in inside(reader, word)]
    for reader in readers:
        trial = Context(Beside(document.folder, document.files), currency=_currency(document))
        made = reader.read(node_of(value, document.root.place), trial, path)
        if made is not None and not trial.problems:
            return made
    return None


def _currency(document: Document) -> str | None:
    given = document.root.get("currency")
    return given.text if isinstance(given, Scalar) else None
