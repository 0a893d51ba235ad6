"""Quantities with their units, as people write them: "45 s", "2.5 h", "12 kW", "34 USD/h", to SI numbers and back."""

from __future__ import annotations

import math
import re

_MINUTE, _HOUR, _DAY = 60.0, 3600.0, 86400.0
_YEAR = 365.25 * _DAY

UNITS: dict[str, dict[str, float]] = {
    "duration": {
        **dict.fromkeys(("ms",), 1e-3),
        **dict.fromkeys(("us", "µs"), 1e-6),
        **dict.fromkeys(("s", "sec", "second", "seconds"), 1.0),
        **dict.fromkeys(("min", "minute", "minutes"), _MINUTE),
        **dict.fromkeys(("h", "hr", "hour", "hours"), _HOUR),
        **dict.fromkeys(("d", "day", "days"), _DAY),
        **dict.fromkeys(("wk", "week", "weeks"), 7 * _DAY),
        **dict.fromkeys(("mo", "month", "months"), _YEAR / 12),
        **dict.fromkeys(("y", "yr", "year", "years"), _YEAR),
    },
    "length": {"um": 1e-6, "µm": 1e-6, "mm": 1e-3, "cm": 1e-2, "m": 1.0, "km": 1e3, "in": 0.0254, "ft": 0.3048,
               "yd": 0.9144},
    "mass": {"mg": 1e-6, "g": 1e-3, "kg": 1.0, "t": 1e3, "lb": 0.45359237, "oz": 0.028349523125},
    "volume": {"ml": 1e-6, "l": 1e-3, "L": 1e-3, "m3": 1.0, "gal": 3.785411784e-3},
    "area": {"mm2": 1e-6, "cm2": 1e-4, "m2": 1.0, "ft2": 0.09290304},
    "power": {"W": 1.0, "kW": 1e3, "MW": 1e6, "hp": 745.6998715822702},
    "energy": {"J": 1.0, "kJ": 1e3, "MJ": 1e6, "Wh": 3600.0, "kWh": 3.6e6, "MWh": 3.6e9},
    "speed": {"m/s": 1.0, "m/min": 1 / 60, "km/h": 1 / 3.6, "ft/min": 0.3048 / 60, "mph": 0.44704},
}  # fmt: skip
"""Every unit of every kind, with its size in SI."""

_EXAMPLES = {
    "duration": "45 min", "length": "2 m", "mass": "13.4 kg", "volume": "5 l", "area": "2 m2", "power": "12 kW",
    "energy": "3 kWh", "speed": "1 m/s", "share": "97 %",
}  # fmt: skip
_NUMBER = re.compile(r"^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)\s*(.*?)\s*$", re.DOTALL)
_DECIMAL_COMMA = re.compile(r"\d,\d")
_MONEY = re.compile(r"^([kM]?)([A-Z]{3})(?:\s*/\s*(.+))?$")


class UnitError(ValueError):
    """A text that is not a quantity of the kind that is wanted; its message says how to mend it."""


def split_number(text: str) -> tuple[float, str]:
    """The number at the start of a text and what follows it; UnitError where there is none or it has a comma."""
    if _DECIMAL_COMMA.search(text):
        raise UnitError(f"{text!r} has a comma in its number; write a point for decimals and nothing for thousands")
    match = _NUMBER.match(text)
    if match is None:
        raise UnitError(f"{text!r} does not begin with a number")
    number = float(match[1])
    if not math.isfinite(number):
        raise UnitError(f"{text!r} is too large a number")
    return number, match[2]


def factor(unit: str, kind: str) -> float:
    """The size of a unit in SI; UnitError where it is not of that kind."""
    table = UNITS[kind]
    if unit in table:
        return table[unit]
    example = _EXAMPLES[kind]
    if not unit:
        raise UnitError(f"needs a unit of {kind}, such as {example!r}")
    for other, units in UNITS.items():
        if unit in units:
            raise UnitError(f"{unit!r} is a unit of {other}, but a {kind} is wanted, such as {example!r}")
    raise UnitError(f"unknown unit {unit!r}: a {kind} is wanted, such as {example!r}")


def read(text: str, kind: str) -> float:
    """A quantity as a number in SI units.

    Parameters
    ----------
    text : str
        A number and a unit, such as ``"2.5 h"``, ``"90d"``; a share ends with ``%``.
    kind : str
        A key of `UNITS`, or ``"share"``, ``"number"``.

    Raises
    ------
    UnitError
        Saying what is wrong and what a right value looks like.
    """
    number, unit = split_number(text)
    if kind == "share":
        if unit != "%":
            meant = "97 %" if unit else f"{100 * number if 0 < number <= 1 else number:g} %"
            raise UnitError(f"{text!r} is not a share; write it with a percent sign, such as {meant!r}")
        return number / 100
    if kind == "number":
        if unit:
            raise UnitError(f"{text!r} has a unit {unit!r} where a plain number is wanted")
        return number
    if not unit and kind in UNITS:
        raise UnitError(f"{text!r} needs a unit of {kind}, such as {_EXAMPLES[kind]!r}")
    return number * factor(unit, kind)


def read_money(text: str, currency: str | None, per: str | None = None) -> float:
    """An amount of money, in the currency and, where `per` names a kind of quantity, per SI unit of it.

    ``read_money("34 USD/h", "USD", "duration")`` is money per second. ``per`` may also be ``"any"``: the unit after the
    stroke is looked up in every kind, and a word that is no unit counts pieces.
    """
    number, unit = split_number(text)
    match = _MONEY.match(unit)
    if match is None:
        example = "34 USD/h" if per else "650 kUSD"
        raise UnitError(f"{text!r} is not an amount of money, such as {example!r}")
    prefix, code, below = match.groups()
    if currency is not None and code != currency:
        raise UnitError(f"{text!r} is in {code}, but this plant counts in {currency}")
    amount = number * {"": 1.0, "k": 1e3, "M": 1e6}[prefix]
    if per is None:
        if below:
            raise UnitError(f"{text!r}: a plain amount is wanted, not one per {below}")
        return amount
    if below is None:
        if per == "any":
            return amount
        raise UnitError(f"{text!r} needs 'per what', such as '34 USD/h'")
    if per == "any":
        for units in UNITS.values():
            if below in units:
                return amount / units[below]
        return amount
    return amount / factor(below, per)


_SHOWN = (
    ("wk", 7 * _DAY, 21 * _DAY),
    ("d", _DAY, 1.5 * _DAY),
    ("h", _HOUR, 1.5 * _HOUR),
    ("min", _MINUTE, 1.5 * _MINUTE),
)
"""Units in which durations are shown, the largest first: name, length, and from how long on."""


def figures(value: float, count: int = 3) -> str:
    """A number with so many figures, never in powers of ten: ``"5063"``, ``"19.8"``."""
    if value == 0 or not math.isfinite(value):
        return f"{value:g}"
    places = max(0, count - 1 - math.floor(math.log10(abs(value))))
    text = f"{value:.{places}f}"
    return text.rstrip("0").rstrip(".") if places else text


def show_duration(seconds: float, like: float | None = None) -> str:
    """A duration in the unit that a person would choose, with three figures: ``"1.5 h"``, ``"3.4 d"``.

    `like` is another duration in whose unit it is shown, so that the two can be compared at a glance.
    """
    size = abs(seconds if like is None else like)
    for unit, length, least in _SHOWN:
        if size >= least:
            return f"{figures(seconds / length)} {unit}"
    return f"{figures(seconds)} s"


def write_duration(seconds: float) -> str:
    """A duration as text that `read` gives back: the largest unit in which it is short, else seconds in full."""
    for unit, length in (("d", _DAY), ("h", _HOUR), ("min", _MINUTE), ("s", 1.0)):
        number = seconds / length
        text = f"{number:.10g}"
        if abs(number) >= 1 and len(text) <= 6 and float(text) * length == seconds:
            return f"{text} {unit}"
    return f"{seconds:.12g} s"


def show(value: float, kind: str) -> str:
    """A quantity as text with its unit, three figures."""
    if kind == "duration":
        return show_duration(value)
    if kind == "share":
        return f"{100 * value:.3g} %"
    unit = next((unit for unit, size in UNITS.get(kind, {}).items() if size == 1.0), "")
    return f"{value:.3g} {unit}".strip()


def clock(seconds: float) -> str:
    """Seconds after midnight as a time of day, ``07:30``, of the next day if past midnight, and midnight as the end of a day, ``24:00``."""
    minutes = round(seconds / 60)
    if minutes != 24 * 60:
        minutes %= 24 * 60
    return f"{minutes // 60:02d}:{minutes % 60:02d}"
