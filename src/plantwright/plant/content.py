"""What of a plant file a hold-out speaks of: all that decides what is simulated, whatever it is called and in which order it stands."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from typing import Any

from plantwright.plant.document import Document, plain
from plantwright.plant.once import Once
from plantwright.plant.plant import Plant

_BESIDE = frozenset(("format", "plant", "currency", "hold-out", "totals", "moves", "limits", "money"))
"""Words of the whole file that change nothing in a run."""
_MONEY = frozenset(("price", "cost", "wage", "power"))
_GUESS = re.compile(r"\s+guess\b.*$")
_LONG = 16


def content_of(plant: Plant) -> str:
    """Sixteen hexadecimal digits of the SHA-256 of what decides how a plant runs: its words but for comments, their order, its name, totals, moves, limits, money and
    ranges of guesses, with what stands in the files beside it in place of their names. Empty for a plant that no file tells.
    """
    return "" if plant.document is None else _content(plant.document)


def _of_document(document: Document) -> str:
    root = {word: value for word, value in plain(document.root).items() if word not in _BESIDE}
    return _digest(json.dumps(_bare(root, document.files), sort_keys=True, ensure_ascii=False))[:_LONG]


_content = Once(_of_document, most=64)


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def _bare(value: Any, files: Mapping[str, str]) -> Any:
    if isinstance(value, dict):
        return {word: _bare(own, files) for word, own in value.items() if word not in _MONEY}
    if isinstance(value, list):
        return [_bare(own, files) for own in value]
    text = " ".join(_GUESS.sub("", value).split())
    for word in text.replace(":", " ").split() if files else ():
        if word in files:
            text = text.replace(word, _digest(files[word]))
    return _digest(files[text]) if text in files else text
