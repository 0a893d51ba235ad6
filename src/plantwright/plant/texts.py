"""Values of the plant file as the texts that stand in it: looked up, and scaled."""

from __future__ import annotations

import re

from plantwright.plant.plant import Plant
from plantwright.plant.reading import value_at

_NUMBER = re.compile(r"(?<![\w.])(\d+\.?\d*(?:[eE][-+]?\d+)?)")
_GUESS = re.compile(r"\s+guess\b.*$")
_FIXED = re.compile(r"(?:\bcv|\bshape|\berlang)\s+$")


def text_at(plant: Plant, path: str) -> str | None:
    """The text at a path, or None where nothing stands or it is not one text."""
    value = value_at(plant, path)
    return value if isinstance(value, str) else None


def scaled(text: str, factor: float, count: int = 6) -> str | None:
    """A time or its distribution with every value multiplied by `factor`, its spread relative to it unchanged.

    ``lognormal 1.5 h cv 0.8`` times 2 is ``lognormal 3 h cv 0.8``. None where the text names a file, whose numbers do not
    stand in it. A guess stays a guess. Numbers are written with `count` figures.
    """
    guess = _GUESS.search(text)
    body = text[: guess.start()] if guess else text
    if body.split()[:1] in (["empirical"], ["geometric"]):
        return None

    def multiplied(match: re.Match[str]) -> str:
        if _FIXED.search(body[: match.start()]):
            return match[0]
        return f"{float(f'{float(match[1]) * factor:.{count}g}'):.12g}"

    spaced = re.sub(r"(?<=\d)\.\.(?=[\d.])", " .. ", body)
    body = spaced
    return _NUMBER.sub(multiplied, body).replace(" .. ", "..") + (" guess" if guess else "")
