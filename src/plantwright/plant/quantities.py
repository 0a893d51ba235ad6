"""Distributions, amounts and times as the plant file writes them: text to value and back."""

from __future__ import annotations

import csv
import functools
import io
import re
from collections.abc import Callable
from difflib import get_close_matches

from plantwright.distributions import PARAMETERS, Distribution
from plantwright.plant.products import Usage, WorkTime
from plantwright.plant.resources import Amount
from plantwright.units import UNITS, UnitError, read, split_number, write_duration

Table = Callable[[str], str]
"""Gives the text of a file beside the plant."""
Kind = str | Callable[[str], float]
"""A kind of quantity (``"duration"``, ``"length"``, ``"count"``...), or a function that reads one."""
CHANCES = tuple(kind for kind in PARAMETERS if kind != "constant")
"""The words with which a distribution begins; a bare number is a constant."""

_PER = re.compile(r"\s*/\s*([^\W\d_](?:[\w.-]|[ ](?!cv\b|sd\b|guess\b|\s|$))*)")


def singular(word: str) -> str:
    """``cells`` to ``cell``: what one of a unit is called."""
    if word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    return word[:-1] if len(word) > 2 and word.endswith("s") and not word.endswith("ss") else word


_SYMBOLS = ("m", "mm", "cm", "km", "kg", "g", "t", "l", "L", "hl", "ft", "yd", "in", "lb", "oz", "m2", "m3")


def several(unit: str) -> str:
    """``cell`` to ``cells``: what several of a unit are called; symbols such as ``m`` and ``kg`` have no plural."""
    if unit in _SYMBOLS:
        return unit
    return f"{unit}es" if unit.endswith(("s", "ch", "sh", "x")) else f"{unit}s"


def read_amount(text: str) -> Amount:
    """``8 lots``, ``40 pieces``, ``64 cells``."""
    number, unit = split_number(text)
    if not unit:
        raise UnitError(f"{text!r} does not say of what; write '{text.strip()} lots' or '{text.strip()} pieces'")
    if any(unit in units for units in UNITS.values()) and unit not in ("t", "l", "m", "g", "h", "kg"):
        raise UnitError(f"{text!r} is not a count of lots or pieces")
    if number < 0:
        raise UnitError(f"{text!r} is below zero")
    word = singular(unit)
    if word in ("lot", "order", "job"):
        return Amount(number, "lot", "lot")
    return Amount(number, "batch", "batch") if word == "batch" else Amount(number, "piece", word)


def _range(text: str, count: int, kind: Kind) -> tuple[float, ...]:
    parts = [part.strip() for part in text.split("..")]
    if len(parts) != count or not all(parts):
        example = "..".join(("40", "60", "80")[:count])
        raise UnitError(f"{text!r} is not a range such as '{example} min'")
    unit = split_number(parts[-1])[1]
    values = tuple(_value(part if split_number(part)[1] else f"{part} {unit}".strip(), kind) for part in parts)
    if list(values) != sorted(values):
        raise UnitError(f"{text!r} must rise from left to right")
    return values


def _value(text: str, kind: Kind) -> float:
    if callable(kind):
        return kind(text)
    if kind == "count":
        number, unit = split_number(text)
        if unit and singular(unit) not in ("piece", "lot", "cycle"):
            raise UnitError(f"{text!r} is not a count, such as '100 pieces'")
        return number
    return read(text, kind)


def _with_spread(word: str, rest: str, between: str, kind: Kind) -> tuple[float, str]:
    left, found, right = rest.partition(f" {between} ")
    if not found:
        example = "'normal 12 min sd 2 min'" if between == "sd" else f"'{word} 1.5 h cv 0.8'"
        raise UnitError(f"'{word} {rest}' needs {between!r}, such as {example}")
    return _value(left, kind), right


def read_distribution(text: str, kind: Kind, table: Table | None = None) -> Distribution:
    """A distribution of quantities of a kind (``"duration"``, ``"length"``, ``"count"``...); a bare quantity is a constant.

    `table` gives the text of a file beside the plant, for ``empirical times.csv:coat``. Raises UnitError.
    """
    text = " ".join(text.split())
    if "," in text and text[:1].isalpha():
        raise UnitError(f"{text!r} has a comma; distributions are written without: 'triangular 50..60..80 min'")
    word, _, rest = text.partition(" ")
    if "(" in text and text[:1].isalpha():
        raise UnitError(f"{text!r}: distributions are written without brackets: 'exponential 40 h'")
    if word == "exponential":
        made = Distribution("exponential", (_value(rest, kind),))
    elif word in ("lognormal", "gamma"):
        mean, cv = _with_spread(word, rest, "cv", kind)
        made = Distribution(word, (mean, read(cv, "number")))  # type: ignore[arg-type]
    elif word == "normal":
        mean, sd = _with_spread(word, rest, "sd", kind)
        made = Distribution("normal", (mean, _value(sd, kind)))
    elif word == "uniform":
        made = Distribution("uniform", _range(rest, 2, kind))
    elif word in ("triangular", "pert"):
        made = Distribution(word, _range(rest, 3, kind))  # type: ignore[arg-type]
    elif word == "erlang":
        stages, _, mean_text = rest.partition(" ")
        number = read(stages, "number")
        if number < 1 or not number.is_integer():
            raise UnitError(f"{text!r}: the number of stages must be a whole number, such as 'erlang 3 12 min'")
        made = Distribution("erlang", (number, _value(mean_text, kind)))
    elif word == "weibull":
        match = re.match(r"^shape (\S+) scale (.+)$", rest)
        if match is None:
            raise UnitError(f"{text!r} is not 'weibull shape 1.7 scale 600 h'")
        made = Distribution("weibull", (read(match[1], "number"), _value(match[2], kind)))
    elif word == "geometric":
        made = _geometric(rest, kind)
    elif word == "empirical":
        made = _empirical(rest, kind, table)
    elif word[:1].isalpha():
        near = get_close_matches(word.lower(), CHANCES, 1)
        hint = f"did you mean {near[0]!r}?" if near else f"known are {', '.join(CHANCES)}"
        raise UnitError(f"{text!r}: {word!r} is not a distribution; {hint}")
    else:
        made = Distribution.constant(_value(text, kind))
    return _checked(made, text)


def _checked(made: Distribution, text: str) -> Distribution:
    spread = made.parameters[1:] if made.kind in ("lognormal", "gamma", "normal") else ()
    if any(value < 0 for value in (*made.parameters[:1], *spread, *made.values)):
        raise UnitError(f"{text!r} is below zero")
    if made.kind in ("weibull", "exponential", "erlang") and min(made.parameters) <= 0:
        raise UnitError(f"{text!r} must be above zero")
    if made.kind == "geometric" and made.parameters[0] < (*made.parameters[1:], 1.0)[0]:
        raise UnitError(f"{text!r}: the mean must be at least 1")
    return made


def _geometric(rest: str, kind: Kind) -> Distribution:
    """A count by its mean; a time is a whole number of the unit in which its mean is written."""
    if kind == "duration":
        return Distribution("geometric", (_value(rest, kind), _value(f"1 {split_number(rest)[1]}", kind)))
    return Distribution("geometric", (_value(rest, kind if callable(kind) else "count"),))


def _empirical(rest: str, kind: Kind, table: Table | None) -> Distribution:
    name, _, column = rest.rpartition(":")
    if not name or not column:
        raise UnitError(f"'empirical {rest}' is not 'empirical FILE.csv:COLUMN'")
    if table is None:
        raise UnitError(f"'empirical {rest}': there is no folder to find {name!r} in")
    rows = read_table(table(name.strip()))
    values: list[float] = []
    for number, row in enumerate(rows, 2):
        if column.strip() not in row:
            raise UnitError(f"{name} has no column {column!r}; it has {', '.join(row)}")
        if text := row[column.strip()].strip():
            try:
                values.append(_value(text, kind))
            except UnitError as error:
                raise UnitError(f"{name}, line {number}: {error}") from error
    if not values:
        raise UnitError(f"{name}: column {column!r} is empty")
    return Distribution("empirical", (), tuple(sorted(values)))


@functools.lru_cache(maxsize=1)
def read_table(text: str) -> list[dict[str, str]]:
    """The rows of a CSV text, separated by commas, semicolons or tabs; with semicolons a comma is a decimal comma.

    The last one is kept, not to be changed: each distribution of measured times draws from another column of the same file.
    """
    return [row for _, row in read_rows(text)]


def read_rows(text: str) -> list[tuple[int, dict[str, str]]]:
    """The rows of a CSV text as `read_table` reads them, each with the number of its line. Raises ValueError."""
    text = text.lstrip("\ufeff")
    first = text.partition("\n")[0]
    if first.strip().startswith("sep="):  # a line that Excel writes to tell itself the separator
        separator = first.strip()[4:5] or ","
        text, skipped = text.partition("\n")[2], 1
    else:
        separator, skipped = max((";", "\t", ","), key=first.count), 0
    rows: list[tuple[int, dict[str, str]]] = []
    reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=separator)
    try:
        for row in reader:
            cells = {
                (key or "").strip(): (value or "").strip()
                for key, value in row.items()
                if isinstance(value, str | None)
            }
            if separator != ",":
                cells = {key: _decimal_points(value) for key, value in cells.items()}
            if any(cells.values()):
                rows.append((reader.line_num + skipped, cells))
    except csv.Error as error:
        raise ValueError(f"line {reader.line_num + skipped} is not a row of a table: {error}") from error
    return rows


def _decimal_points(cell: str) -> str:
    """A cell with points for its decimal commas, if it is a number or a distribution and not a name."""
    if not (cell[:1].isdigit() or cell[:1] in "+-" or cell.partition(" ")[0] in CHANCES):
        return cell
    return re.sub(r"(?<=\d),(?=\d)", ".", cell)


def split_per(text: str) -> tuple[str, str | None]:
    """``90 min/lot`` to ``90 min`` and ``lot``; None where nothing is said. Raises UnitError where it says two things."""
    words = {singular(match[1]) for match in _PER.finditer(text)}
    if not words:
        return text, None
    if len(words) > 1:
        raise UnitError(f"{text!r} is per {' and per '.join(sorted(words))}; it must be per one thing")
    return _PER.sub("", text), words.pop()


def per_of(word: str | None) -> str:
    """``lot``, ``batch`` or, for every other unit, ``piece``."""
    return word if word in ("lot", "batch") else "piece"


def distribution_text(distribution: Distribution, kind: str = "duration", per: str = "") -> str:
    """A distribution as the plant file writes it; `per` such as ``"/lot"`` comes behind the unit."""
    p = distribution.parameters

    def unit(value: float) -> str:
        return (write_duration(value) if kind == "duration" else f"{value:.12g}") + per

    def span(values: tuple[float, ...]) -> str:
        if kind != "duration":
            return "..".join(f"{value:.12g}" for value in values) + per
        size, name = next(
            ((size, name) for name, size in (("h", 3600.0), ("min", 60.0)) if values[-1] >= 2 * size), (1.0, "s")
        )
        return "..".join(f"{value / size:.10g}" for value in values) + f" {name}{per}"

    match distribution.kind:
        case "constant":
            return unit(p[0])
        case "exponential":
            return f"exponential {unit(p[0])}"
        case "lognormal" | "gamma":
            return f"{distribution.kind} {unit(p[0])} cv {p[1]:.12g}"
        case "normal":
            return f"normal {unit(p[0])} sd {write_duration(p[1]) if kind == 'duration' else f'{p[1]:.12g}'}"
        case "uniform" | "triangular" | "pert":
            return f"{distribution.kind} {span(p)}"
        case "erlang":
            return f"erlang {p[0]:g} {unit(p[1])}"
        case "weibull":
            return f"weibull shape {p[0]:.12g} scale {unit(p[1])}"
        case "geometric" if len(p) == 1:
            return f"geometric {p[0]:.12g} pieces"
        case "geometric":
            name = next((name for name, size in UNITS["duration"].items() if size == p[1]), None)
            if name is None:
                raise ValueError(f"no unit is {p[1]:.12g} s long: a geometric time is a whole number of a unit")
            return f"geometric {p[0] / p[1]:.12g} {name}{per}"
        case "empirical":
            raise ValueError("an empirical distribution is written as a file beside the plant")


def read_work_time(text: str, table: Table | None) -> tuple[WorkTime, str | None]:
    """A time with what it counts, and the word for it (None where nothing was said, which means the lot for now)."""
    time, word = split_per(text)
    return WorkTime(read_distribution(time, "duration", table), per_of(word) if word else "lot"), word  # type: ignore[arg-type]


def read_usage(text: str) -> Usage:
    """``13.4 kg/lot``: an amount in SI units per piece, lot or batch, and its kind (``mass``, ``length``, ``pieces``...)."""
    amount, word = split_per(text)
    number, unit = split_number(amount)
    if number < 0:
        raise UnitError(f"{text!r} is below zero")
    for kind, units in UNITS.items():
        if unit in units:
            if kind in ("duration", "power", "speed"):
                raise UnitError(f"{unit!r} is a unit of {kind}, but an amount is wanted, such as '13.4 kg/lot'")
            return Usage(number * units[unit], per_of(word), kind, unit, word or "")  # type: ignore[arg-type]
    return Usage(number, per_of(word), unit=singular(unit), counted=word or "")  # type: ignore[arg-type]
