"""The words of orders: what is asked, and what starts lots."""

from __future__ import annotations

from typing import Any

from plantwright.plant.moments import (
    read_instant,
)
from plantwright.plant.products import (
    Demand,
    InitialLot,
    Order,
    Release,
)
from plantwright.plant.quantities import (
    read_amount,
    read_table,
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
    if per in ("working day", "workday"):
        return made.value, "working day", made.unit
    if per in ("day", "d"):
        return made.value, "day", made.unit
    if per not in _PER_DAY:
        raise UnitError(f"{text!r}: per {per!r} is not per day, working day, wk, mo, y or h")
    return made.value * _PER_DAY[per], "day", made.unit


RATE = From("a rate such as '400 cells/working day'", lambda text, context: _pieces_per_day(text), True)


def _demand(rate: Any, low: Any = None, high: Any = None, season: Any = None, unmet: str = "lost") -> Demand:
    others = [value[1] for value in (low, high) if value]
    if any(per != rate[1] for per in others):
        raise ValueError("rate, low and high must all be per day or all per working day")
    return Demand(rate[0], rate[1], low and low[0], high and high[0], season or {}, unmet)  # type: ignore[arg-type]


MONTHS = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def _month(text: str) -> str:
    if text[:3].title() not in MONTHS:
        raise ValueError(f"{text!r} is not a month such as Dec")
    return text[:3].title()


DEMAND = Keys(
    (
        Word("rate", RATE, example="400 cells/working day", meaning="what is asked", needed=True),
        Word("low", RATE, example="300 cells/working day", meaning="if things go badly"),
        Word("high", RATE, example="500 cells/working day", meaning="if things go well"),
        Word("season", MapOf(From("a share", lambda text, context: read(text, "share")), _month),
             example="{Dec: 140 %}", meaning="by month"),
        Word("unmet", Choice({"lost": "lost", "backlog": "backlog"}), example="lost",
             meaning="what becomes of what cannot be sold", default="lost"),
    ),
    _demand,
)  # fmt: skip


class OrdersOf(Reader):
    """A CSV file of orders: order, product, release, quantity, due, priority; each product takes its own rows."""

    kind = "a file such as orders.csv"

    def text(self, text: str, context: Context) -> tuple[Order, ...]:
        orders = []
        for number, row in enumerate(read_table(context.beside.text(text)), 2):
            missing = [word for word in ("release", "quantity") if not row.get(word)]
            if missing:
                raise ValueError(f"{text}, line {number}: {' and '.join(missing)} missing")
            try:
                orders.append(
                    Order(
                        row.get("order") or str(number - 1),
                        read_instant(row["release"]),
                        split_number(row["quantity"])[0],
                        read_instant(row["due"]) if row.get("due") else None,
                        float(row["priority"]) if row.get("priority") else 0.0,
                        tuple(step.strip() for step in row.get("routing", "").split(">") if step.strip()),
                        row.get("product", ""),
                    )
                )
            except ValueError as error:
                raise ValueError(f"{text}, line {number}: {error}") from error
            if orders[-1].quantity <= 0:
                raise ValueError(f"{text}, line {number}: quantity {row['quantity']!r} must be above zero")
        if not orders:
            raise ValueError(
                f"{text} holds no orders; its columns are order, product, release, quantity, due, priority"
            )
        return tuple(orders)


def _release(
    conwip: Any = None, every: Any = None, orders: Any = (), drum: Any = None, rope: Any = None, **values: Any
) -> Release:
    given = [
        rule for rule, value in (("conwip", conwip), ("every", every), ("orders", orders), ("drum", drum)) if value
    ]
    if len(given) > 1:
        raise ValueError(f"{' and '.join(given)}: a release has one rule; write a list of releases for several")
    if conwip is not None and conwip.value < 1:
        raise ValueError("conwip: at least one lot")
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
            Word("orders", OrdersOf(), example="orders.csv", meaning="a list of orders"),
            Word("drum", Text(), example="coater"),
            Word("rope", Quantity(), example="6 h"),
            Word("class", Text(), "label", "Hot"),
            Word("priority", Number(float("-inf")), example="20", default="0"),
            Word("due", Quantity(), example="33 d", meaning="after its release"),
            Word("when full", Choice({"wait": "wait", "lost": "lost"}), example="lost",
                 meaning="what becomes of a lot that finds no place", default="wait"),
        ),
        _release,
    ),
)  # fmt: skip


class InitialOf(Reader):
    """A CSV file of lots at their steps: operation, quantity, due, priority."""

    kind = "a file such as wip.csv"

    def text(self, text: str, context: Context) -> tuple[InitialLot, ...]:
        return tuple(
            InitialLot(
                row.get("operation", ""),
                split_number(row.get("quantity", ""))[0],
                read_instant(row["due"]) if row.get("due") else None,
                float(row.get("priority") or 0),
            )
            for row in read_table(context.beside.text(text))
        )
