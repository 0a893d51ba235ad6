"""What the cells of a workbook say, as the plant file would write it: dates, times, percent, money, numbers with their unit."""

from __future__ import annotations

import re
from datetime import date, datetime, time, timedelta
from typing import Any

from plantwright.plant.sheets import Column
from plantwright.units import write_duration

_SYMBOLS = {"$": "USD", "€": "EUR", "£": "GBP", "¥": "JPY", "₹": "INR", "₩": "KRW"}
_NUMBER = re.compile(r"[-+]?\d+(?:[.,]\d+)?")
_GUESS = re.compile(rf"({_NUMBER.pattern})\s+guess(?:\s+({_NUMBER.pattern})\s*\.\.\s*({_NUMBER.pattern}))?")
"""A guess of bare numbers: ``19.4 guess 10..40``."""
_MONEY = re.compile(r"[-+]?\d+(?:\.\d+)?\s*[kM]?[A-Z]{3}")
_SIGN = re.compile(r"\[\$([^\]-]+)|\"([^\"]+)\"|([$€£¥₹₩])")


class CellError(ValueError):
    """A cell whose value cannot stand in its column."""


def cell_text(value: Any, number_format: str, column: Column, unit: str) -> str:
    """The text of a cell's value, in a column whose bare numbers are counted in `unit`. Raises CellError."""
    if isinstance(value, datetime):
        return value.isoformat(sep=" ", timespec="seconds" if value.second else "minutes")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, time | timedelta):
        return _time_text(value, column)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, int | float):
        if "%" in number_format:
            return f"{value * 100:.10g} %"
        if column.money and (currency := _currency_of(number_format)):
            return f"{value:.10g} {currency}{column.per}"
        return _number_text(f"{value:.10g}", column, unit)
    text = " ".join(str(value).replace("\u2013", "-").replace("\u2014", "-").split())
    if column.money:
        return _money_text(text, column)
    if _NUMBER.fullmatch(text):  # a number typed as text, perhaps with a decimal comma
        return _number_text(text.replace(",", "."), column, unit)
    if (guess := _GUESS.fullmatch(text)) is not None:
        return _guess_text(guess, column, unit)
    if unit and re.match(r"[-+]?\d+,\d+\s*\D", text):
        return text.replace(",", ".", 1)
    return text


def _number_text(number: str, column: Column, unit: str) -> str:
    """A bare number with the unit of its column; a share typed as 0.98 is one, too."""
    if unit != "%":
        return f"{number} {unit}".strip()
    value = float(number)
    if value == 1:
        raise CellError(f"{number} may be 1 % or 100 %; write it with a percent sign")
    return f"{100 * value:.10g} %" if 0 < value < 1 else f"{number} %"


def _guess_text(guess: re.Match[str], column: Column, unit: str) -> str:
    """A guess and its range of bare numbers, with the unit of their column."""
    said, *ends = (
        None if part is None else _number_text(part.replace(",", "."), column, unit) for part in guess.groups()
    )
    if ends[0] is None or ends[1] is None:
        return f"{said} guess"
    return f"{said} guess {ends[0].removesuffix(unit).strip()}..{ends[1]}"


def _time_text(value: time | timedelta, column: Column) -> str:
    """A time of day in a column of durations is a duration, as when 1:15 is typed for an hour and a quarter."""
    if column.unit not in ("min", "h"):
        raise CellError(f"{str(value)[:5]} is a time of day; {column.help} is wanted, such as {column.examples[0]!r}")
    if isinstance(value, time):
        return write_duration(value.hour * 3600.0 + value.minute * 60.0 + value.second)
    return write_duration(value.total_seconds())


def _currency_of(number_format: str) -> str | None:
    """The currency of a money format such as ``#,##0.00 "USD"`` or ``[$€-407] #,##0``."""
    for match in _SIGN.finditer(number_format):
        sign = (match[1] or match[2] or match[3]).strip()
        if sign in _SYMBOLS or re.fullmatch(r"[A-Z]{3}", sign):
            return _SYMBOLS.get(sign, sign)
    return None


def _money_text(text: str, column: Column) -> str:
    """``€ 29`` or ``29 USD`` as ``29 EUR/h`` and ``29 USD/h`` in a column of wages."""
    for symbol, code in _SYMBOLS.items():
        if symbol in text:
            text = (
                f"{text.replace(symbol, ' ').strip()} {code}"
                if text.startswith(symbol)
                else text.replace(symbol, f" {code}")
            )
    text = " ".join(text.split())
    if re.match(r"[-+]?\d+,\d{1,2}(?!\d)", text):
        text = text.replace(",", ".", 1)
    return text + column.per if _MONEY.fullmatch(text) else text
