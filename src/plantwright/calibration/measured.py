"""Measured times as a file beside the plant file, which draws from its columns."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Mapping
from itertools import zip_longest
from pathlib import PurePath
from typing import Any

from plantwright.distributions import Distribution
from plantwright.plant import distribution_text

TIMES = "times.csv"


class MeasuredTimes:
    """The columns of measured times that a plant file draws from; it grows while the file is drafted."""

    def __init__(self) -> None:
        self._columns: dict[tuple[float, ...], str] = {}

    def text(self, distribution: Distribution, of: str, per: str = "") -> str:
        """A distribution as the plant file writes it; measured values become a column that is called after what they are `of`."""
        if distribution.kind != "empirical":
            return distribution_text(distribution, per=per)
        values = tuple(float(f"{value / 60:.4g}") for value in sorted(distribution.values))
        if values not in self._columns:
            name = _plain(of, " ") or "times"
            if name in self._columns.values():
                name = f"{name} {len(self._columns) + 1}"
            self._columns[values] = name
        return f"empirical {TIMES}:{self._columns[values]}{per}"

    def file(self) -> dict[str, str]:
        """The file by its name; nothing where no times are drawn as measured."""
        if not self._columns:
            return {}
        out = io.StringIO()
        writer = csv.writer(out, lineterminator="\n")
        writer.writerow(self._columns.values())
        for row in zip_longest(*self._columns):
            writer.writerow("" if value is None else f"{value:.10g} min" for value in row)
        return {TIMES: out.getvalue()}


def times_name(stem: str) -> str:
    """What the file of measured times beside a plant file is called; without signs that mean something where a distribution is written."""
    return f"{_plain(stem, '_')}-times.csv"


def _plain(name: str, instead: str) -> str:
    """A name without brackets, commas, colons and slashes, which mean something where a distribution is written."""
    return " ".join(re.sub(r"[^\w .-]", instead, name).split())


def renamed(words: Any, name: str) -> Any:
    """The words of a plant file whose measured times stand in the file `name`."""
    if isinstance(words, Mapping):
        return {key: renamed(value, name) for key, value in words.items()}
    if isinstance(words, list):
        return [renamed(value, name) for value in words]
    if isinstance(words, str) and words.startswith(f"empirical {TIMES}:"):
        return f"empirical {PurePath(name).name}{words[len(f'empirical {TIMES}') :]}"
    return words
