"""The words of orders: what is asked, and what starts lots."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

from plantwright.errors import Place, PlantError, Problem
from plantwright.plant.moments import (
    read_instant,
)
from plantwright.plant.patterns import quantity_pattern, rate_pattern
from plantwright.plant.products import (
    MONTHS,
    Demand,
    InitialLot,
    Order,
    Release,
)
from plantwright.plant.quantities import (
    read_amount,
    read_rows,
)
from plantwright.plant.readers import (
    AmountOf,
    Choice,
    Context,
    From,
    Number,
    Quantity,
    Random,
    Reader,
    Text,
    nearest,
    text_schema,
)
from plantwright.plant.structures import Keys, MapOf, OneOf, Word
from plantwright.units import UnitError, read, split_number

_YEAR_DAYS = 365.25

_PER_DAY = {"wk": 1 / 7, "week": 1 / 7, "mo": 12 / _YEAR_DAYS, "month": 12 / _YEAR_DAYS, "y": 1 / _YEAR_DAYS,
            "year": 1 / _YEAR_DAYS, "h": 24.0, "hour": 24.0, "min": 1440.0}  # fmt: skip


def _pieces_per_day(text: str) -> tuple[float, str, str]:
    """A rate as pieces per day or working day, and the unit's name."""
    amount, separator, per = text.rpartition("/")
    per = per.strip()
    if not separator:
        raise UnitError(f"{text!r} is not a rate such as '400 cells/working day'")
    made = read_amount(amount)
    if made.of == "batch":
        raise UnitError(f"{text!r} is not a rate of pieces or lots")
    if per in ("working day", "workday"):
        return made.value, "working day", made.unit
    if per in ("day", "d"):
        return made.value, "day", made.unit
    if per not in _PER_DAY:
        raise UnitError(f"{text!r}: per {per!r} is not per day, working day, wk, mo, y or h")
    return made.value * _PER_DAY[per], "day", made.unit


RATE = From("a rate such as '400 cells/working day'", lambda text, context: _pieces_per_day(text), True,
            schema=text_schema(rate_pattern()))  # fmt: skip


def _demand(rate: Any, low: Any = None, high: Any = None, season: Any = None, unmet: str = "lost") -> Demand:
    others = [value[1] for value in (low, high) if value]
    if any(per != rate[1] for per in others):
        raise ValueError("rate, low and high must all be per day or all per working day")
    return Demand(rate[0], rate[1], low and low[0], high and high[0], season or {}, unmet)  # type: ignore[arg-type]


_MONTH_NAMES = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
                "December")  # fmt: skip


def _season(text: str, context: Context) -> float:
    share = read(text, "share")
    if share < 0:
        raise ValueError(f"{text!r} must not be below zero")
    return share


def _month(text: str) -> str:
    if text.title() not in _MONTH_NAMES and text.title() not in MONTHS:
        raise ValueError(f"{text!r} is not a month such as Dec")
    return text[:3].title()


DEMAND = Keys(
    (
        Word("rate", RATE, example="400 cells/working day", meaning="what is asked", needed=True),
        Word("low", RATE, example="300 cells/working day", meaning="if things go badly"),
        Word("high", RATE, example="500 cells/working day", meaning="if things go well"),
        Word("season", MapOf(From("a share", _season, True, schema=text_schema(quantity_pattern("share"))), _month),
             example="{Dec: 140 %}", meaning="by month"),
        Word("unmet", Choice({"lost": "lost", "backlog": "backlog"}), example="lost",
             meaning="what becomes of what cannot be sold", default="lost",
             why="customers buy elsewhere"),
    ),
    _demand,
)  # fmt: skip


class _TableOf(Reader, ABC):
    """A CSV file whose every row becomes a value; all that is wrong with its rows is found at once."""

    columns: tuple[str, ...] = ()
    needed: tuple[str, ...] = ()
    what = "rows"
    schema: Mapping[str, Any] = {"type": "string", "pattern": r"\S"}

    @abstractmethod
    def row(self, number: int, row: Mapping[str, str]) -> Any:
        """The value of one row; may raise ValueError."""

    def text(self, text: str, context: Context) -> tuple[Any, ...]:
        values, problems = _rows_of(self, text, context.beside.text(text))
        if problems:
            raise PlantError(problems)
        return values

    def values(self, name: str, table: str) -> tuple[tuple[Any, ...], list[Problem]]:
        """The values of all rows of a file, and all that is wrong with them. Raises ValueError where it has no rows."""
        rows = read_rows(table)
        if not rows:
            raise ValueError(f"{name} holds no {self.what}; its columns are {', '.join(self.columns)}")
        problems: list[Problem] = []
        lacking = [word for word in self.needed if word not in rows[0][1]]
        for word in lacking:
            reason = f"there is no column {word!r}; there is {', '.join(filter(None, rows[0][1]))}"
            near = nearest(word, [column for column in rows[0][1] if column not in self.columns])
            problems.append(Problem("PW1225", Place(name, 1), "", reason, word, near))
        if lacking:
            return (), problems
        values = []
        for number, row in rows:
            missing = [word for word in self.needed if not row[word]]
            try:
                if missing:
                    raise ValueError(f"{' and '.join(missing)} missing")
                values.append(self.row(number, row))
            except ValueError as error:
                problems.append(Problem("PW1222", Place(name, number), "", str(error)))
        return tuple(values), problems


@lru_cache(maxsize=16)
def _rows_of(kind: _TableOf, name: str, table: str) -> tuple[tuple[Any, ...], list[Problem]]:
    """What a file says is read once, however many products share it and however often a plant is changed."""
    return kind.values(name, table)


def read_pieces(text: str) -> float:
    """A quantity of an order, above zero; a word behind it (``25 pieces``) is not looked at."""
    number, unit = split_number(text)
    if unit and not unit[0].isalpha():
        raise ValueError(f"quantity {text!r} is not a number of pieces")
    if number <= 0:
        raise ValueError(f"quantity {text!r} must be above zero")
    return number


class OrdersOf(_TableOf):
    """A CSV file of orders: order, product, release, quantity, due, priority; each product takes its own rows."""

    kind = "a file such as orders.csv"
    columns = ("order", "product", "release", "quantity", "due", "priority", "routing")
    needed = ("release", "quantity")
    what = "orders"

    def row(self, number: int, row: Mapping[str, str]) -> Order:
        return Order(
            row.get("order") or str(number - 1),
            read_instant(row["release"]),
            read_pieces(row["quantity"]),
            read_instant(row["due"]) if row.get("due") else None,
            read(row["priority"], "number") if row.get("priority") else 0.0,
            tuple(step.strip() for step in row.get("routing", "").split(">") if step.strip()),
            row.get("product", ""),
        )


def _release(
    conwip: Any = None, every: Any = None, orders: Any = (), drum: Any = None, rope: Any = None, **values: Any
) -> Release:
    given = [
        rule for rule, value in (("conwip", conwip), ("every", every), ("orders", orders), ("drum", drum)) if value
    ]
    if len(given) > 1:
        raise ValueError(f"{' and '.join(given)}: a release has one rule; write a list of releases for several")
    if values.get("first") is not None and every is None:
        raise ValueError("'first' needs 'every': how long after the first lot the others start")
    if (most := values.get("most")) is not None:
        if every is None or most.of != "lot":
            raise ValueError("'at most' is how many lots 'every' starts, such as 'at most: 200 lots'")
        values["most"] = most.value
    if conwip is not None and conwip.value < 1:
        raise ValueError("conwip: at least one lot")
    if every is not None and every.mean <= 0:
        raise ValueError("every: the time between two lots must be above zero")
    if rope is not None and drum is None:
        raise ValueError("'rope' needs a 'drum': the work center that it is tied to")
    if drum is not None and not rope:
        raise ValueError("'drum' needs a 'rope': how much work may be on its way to it, such as 'rope: 6 h'")
    return Release(given[0] if given else "demand", every, conwip, orders, drum, rope, **values)  # type: ignore[arg-type]


def _unknown_release(text: str) -> Release:
    raise ValueError(f"{text!r} is not a release; write 'saturated' or a rule such as {{conwip: 12 lots}}")


RELEASE = OneOf(
    scalar=From(
        "'saturated', or a rule such as {conwip: 12 lots}",
        lambda text, context: Release(Choice({"saturated": "saturated", "demand": "demand"}).words[text])
        if text in ("saturated", "demand")
        else _unknown_release(text),
    ),
    entries=Keys(
        (
            Word("conwip", AmountOf(), example="12 lots", meaning="lots in process"),
            Word("every", Random(), example="51.69 min", meaning="time between lots"),
            Word("first", Quantity(), example="0 s", meaning="when the first of 'every' starts, if not after one interval"),
            Word("at most", AmountOf(), "most", "200 lots", "how many 'every' starts, if there is an end to it"),
            Word("orders", OrdersOf(), example="orders.csv", meaning="a list of orders"),
            Word("drum", Text(), example="coater", meaning="the work center that beats the time"),
            Word("rope", Quantity(), example="6 h", meaning="how long before the drum it starts"),
            Word("class", Text(), "label", "Hot", "what its lots are called"),
            Word("priority", Number(float("-inf")), example="20", meaning="higher goes first", default="0",
                 why="no lot before others"),
            Word("due", Quantity(), example="33 d", meaning="after its release"),
            Word("when full", Choice({"wait": "wait", "lost": "lost"}), example="lost",
                 meaning="what becomes of a lot that finds no place", default="wait",
                 why="it waits outside"),
        ),
        _release,
    ),
)  # fmt: skip


class InitialOf(_TableOf):
    """A CSV file of lots at their steps: operation, quantity, due, priority; and product, if it serves several."""

    kind = "a file such as wip.csv"
    columns = ("product", "operation", "quantity", "due", "priority")
    needed = ("operation", "quantity")
    what = "lots"

    def row(self, number: int, row: Mapping[str, str]) -> InitialLot:
        return InitialLot(
            row["operation"],
            read_pieces(row["quantity"]),
            read_instant(row["due"]) if row.get("due") else None,
            read(row["priority"], "number") if row.get("priority") else 0.0,
            row.get("product", ""),
        )
