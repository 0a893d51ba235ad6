"""Values of the plant file as people name and count them."""

from __future__ import annotations

import re
from typing import Any

from plantwright.plant.quantities import several
from plantwright.plant.quantities import singular as unit_singular
from plantwright.units import show_duration

_NUMBER = re.compile(r"(?<![\w.])(\d+\.?\d*(?:[eE][-+]?\d+)?)")
_GUESS = re.compile(r"\s+guess\b.*$")
_ORDINALS = {2: "second", 3: "third", 4: "fourth", 5: "fifth"}


def counted(text: str, count: float) -> str:
    """An amount such as ``12 lots`` with another count."""
    one = unit_singular(_NUMBER.sub("", _GUESS.sub("", text), count=1).strip())
    return f"{count:g} {several(one) if one and count != 1 else one}".strip()


def number_of(text: str) -> float:
    """The number at the start of an amount."""
    match = _NUMBER.search(text)
    return float(match[1]) if match else 0.0


def is_plural(name: str) -> bool:
    """Whether a name reads as several: ``looms`` or ``dyers, morning``, not ``press`` or ``final inspection``."""
    name = name.partition(",")[0]
    return name.endswith("s") and not name.endswith(("ss", "us", "is"))


def singular(name: str) -> str:
    """One of them, as far as English spelling tells: ``loom`` of ``looms``, ``bench`` of ``benches``."""
    if not is_plural(name):
        return name
    name, comma, rest = name.partition(",")
    return _one(name) + comma + rest


def _one(name: str) -> str:
    if name.endswith(("ches", "shes", "sses", "xes")):
        return name[:-2]
    return f"{name[:-3]}y" if name.endswith("ies") and len(name) > 4 else name[:-1]


def figures(value: float, count: int = 3) -> str:
    """A number with so many figures, never in powers of ten."""
    return f"{float(f'{value:.{count}g}'):.6f}".rstrip("0").rstrip(".")


def amount(value: float, unit: str) -> str:
    """A number with its unit; thousands and millions of money as such: ``103 kUSD``."""
    if re.fullmatch(r"[A-Z]{3}|money", unit) and abs(value) >= 2000:
        divisor, prefix = (1e6, "M") if abs(value) >= 2e6 else (1e3, "k")
        return f"{figures(value / divisor)} {prefix}{unit}"
    if unit == "s":
        return show_duration(float(f"{value:.2g}"))
    return f"{figures(value)} {unit}"


def ordinal(number: int) -> str:
    """``second`` for 2; ``12th`` for 12."""
    return _ORDINALS.get(number, f"{number}th")


def fresh(name: str, taken: Any) -> str:
    """`name`, or `name` with a number behind it where that name is taken."""
    if name not in taken:
        return name
    number = 2
    while f"{name} {number}" in taken:
        number += 1
    return f"{name} {number}"
