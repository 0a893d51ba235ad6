"""The words of products: what is made, by which steps, for whom, and what starts it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from typing import Any

from plantwright.plant.document import Entries, Items, Node, Scalar
from plantwright.plant.products import (
    Alternative,
    Demand,
    InitialLot,
    Operation,
    Order,
    Product,
    QueueTime,
    Release,
    Rework,
    ToolUse,
    WorkTime,
)
from plantwright.plant.quantities import read_amount, read_table, read_usage, read_work_time, singular
from plantwright.plant.readers import (
    AmountOf,
    Choice,
    Context,
    From,
    Keys,
    ListOf,
    MapOf,
    MoneyOf,
    Number,
    OneOf,
    Quantity,
    Random,
    Reader,
    Text,
    Word,
)
from plantwright.plant.words import NAMES, SHARE, STAFFING
from plantwright.units import UnitError, read, split_number

_YEAR_DAYS = 365.25
_PER_DAY = {"wk": 1 / 7, "week": 1 / 7, "mo": 12 / _YEAR_DAYS, "month": 12 / _YEAR_DAYS, "y": 1 / _YEAR_DAYS,
            "year": 1 / _YEAR_DAYS, "h": 24.0, "hour": 24.0, "min": 1440.0}  # fmt: skip


class TimeOf(Reader):
    """A time with what it counts; the word for it is checked against the product's unit later."""

    kind = "a time such as '90 min/lot'"
    may_be_guessed = True

    def text(self, text: str, context: Context) -> WorkTime:
        return read_work_time(text, context.beside.text)[0]


TIME = TimeOf()
ALTERNATIVE = OneOf(
    scalar=From("a work center", lambda text, context: Alternative(text)),
    entries=Keys(
        (
            Word("center", Text(), example="old lathe", needed=True),
            Word("time", TIME, example="7 min/piece"),
            Word("yield", SHARE, "yield_", "99 %"),
        ),
        Alternative,
    ),
)
PHASE_NAMES = ListOf(Choice({word: word for word in ("setup", "load", "run", "unload", "all")}))
TOOL_USE = OneOf(
    scalar=From("a tool", lambda text, context: ToolUse(text)),
    entries=Keys(
        (
            Word("tool", Text(), example="pallet", needed=True),
            Word("count", Number(1, whole=True), example="1", default="1"),
            Word("for", PHASE_NAMES, "phases", "run"),
            Word("until", Text(), example="unpack"),
        ),
        ToolUse,
    ),
)


def _rework(share: float, back_to: str, at_most: int = 1, then: str = "go on") -> Rework:
    return Rework(share, back_to, at_most, then)  # type: ignore[arg-type]


def _interval(interval: WorkTime) -> dict[str, WorkTime]:
    return {"interval": interval}


class NextOf(Reader):
    """The steps that may follow: a name, a list of names that share equally, or names with shares."""

    kind = "steps with shares, such as {grind: 70 %, lap: 30 %}"

    def read(self, node: Node, context: Context, path: str) -> Any:
        if isinstance(node, Scalar):
            return {node.text: 1.0}
        if isinstance(node, Items):
            names = NAMES.read(node, context, path)
            return {name: 1 / len(names) for name in names}
        return MapOf(SHARE).read(node, context, path)


USAGE = MapOf(From("an amount such as '13.4 kg/lot'", lambda text, context: read_usage(text)[0]))


def _operation(name: str, at: Any, time: Any = None, interval: Any = None, **values: Any) -> Operation:
    if isinstance(time, dict):
        interval, time = time["interval"], None
    return Operation(name=name, at=at, time=time, interval=interval, **values)


OPERATION = Keys(
    (
        Word("at", ListOf(ALTERNATIVE), example="coater", meaning="the work center, or several", needed=True),
        Word("time", OneOf(scalar=TIME, entries=Keys((Word("interval", TIME, needed=True),), _interval)),
             example="90 min/lot", meaning="how long it runs"),
        Word("load", TIME, example="2 min/lot", meaning="loading the machine", default="0 min"),
        Word("unload", TIME, example="2 min/lot", meaning="unloading it", default="0 min"),
        Word("interval", TIME, example="0.64 min/piece", meaning="the next may start after it"),
        Word("staff", ListOf(STAFFING), example="[{skill: mixing 2}]", meaning="people it needs", default="nobody"),
        Word("uses", ListOf(TOOL_USE), example="[coating die]", meaning="tools it holds"),
        Word("setup", Text(), example="SU128", meaning="the setup it needs", default="its product's family"),
        Word("yield", SHARE, "yield_", "97 %", "good share", default="100 %"),
        Word("scrap", Choice({"piece": "piece", "lot": "lot"}), example="lot", meaning="what the yield counts",
             default="piece"),
        Word("takes", USAGE, example="{NMC811 powder: 13.4 kg/lot}", meaning="materials"),
        Word("gives", USAGE, example="{foil: 4.2 m/kg}", meaning="what it makes in other units"),
        Word("split", AmountOf(), example="4 lots"),
        Word("merge", AmountOf(), example="4 lots"),
        Word("transfer", AmountOf(), example="16 cells"),
        Word("next", NextOf(), example="{grind: 70 %, lap: 30 %}", meaning="what follows", default="the next in the list"),
        Word("after", NAMES, example="[cut, mix]", meaning="joins these"),
        Word("share", SHARE, example="80 %", meaning="lots that need it", default="100 %"),
        Word("rework", Keys(
            (
                Word("share", SHARE, example="3 %", needed=True),
                Word("back to", Text(), example="coat", needed=True),
                Word("at most", Number(1, whole=True), example="2", default="1"),
                Word("then", Choice({"scrap": "scrap", "go on": "go on"}), example="scrap", default="go on"),
            ), _rework), example="{share: 3 %, back to: coat}", meaning="the way back"),
        Word("defects", MapOf(SHARE), example="{scratch: 2 %}", meaning="made unseen"),
        Word("finds", MapOf(SHARE), example="{scratch: 95 %}", meaning="found by inspection"),
        Word("sample", SHARE, example="20 %", meaning="inspected share", default="100 %"),
        Word("measures", NAMES, example="[thickness]"),
        Word("queue time", Keys(
            (
                Word("until", Text(), example="form", needed=True),
                Word("within", Quantity(), example="8 h", needed=True),
                Word("past", Choice({w: w for w in ("scrap", "rework", "report")}), example="scrap", default="report"),
            ), QueueTime), example="{until: form, within: 8 h}"),
        Word("same machine as", Text(), "same_machine_as", "coat", "dedication"),
    ),
    _operation,
)  # fmt: skip


class RoutingOf(Reader):
    """A list of steps, or a CSV file of them with the same words as columns."""

    kind = "a list of steps, or a file such as routes/part_3.csv"
    schema: Mapping[str, Any] = {
        "anyOf": [
            {"type": "string"},
            {"type": "array", "items": {"type": "object", "additionalProperties": OPERATION.schema}},
        ]
    }

    def read(self, node: Node, context: Context, path: str) -> Any:
        if isinstance(node, Scalar):
            return self._file(node, context, path)
        if isinstance(node, Entries):
            context.wrong("PW1220", node, path, "a routing is a list of steps: '- mix: {at: mixer, ...}'")
            return None
        steps: list[Operation] = []
        seen: dict[str, Node] = {}
        for i, item in enumerate(node.items, 1):
            if not isinstance(item, Entries) or len(item.entries) != 1:
                context.wrong("PW1220", item, f"{path} > {i}", "a step is one name with its keys: '- mix: {at: mixer}'")
                continue
            key, body = item.entries[0]
            self._step(key, body, context, path, steps, seen)
        return tuple(steps) or None

    def _step(
        self, key: Scalar, body: Node, context: Context, path: str, steps: list[Operation], seen: dict[str, Node]
    ) -> None:
        at = f"{path} > {key.text}"
        context.places[at] = key
        if key.text in seen:
            context.wrong("PW1227", key, at, f"two steps are called {key.text!r}; give each its own name")
            return
        seen[key.text] = key
        values = OPERATION.values(body, context, at)
        if values is not None and values.get("at"):
            steps.append(_operation(key.text, **values))

    def _file(self, node: Scalar, context: Context, path: str) -> Any:
        steps: list[Operation] = []
        seen: dict[str, Node] = {}
        try:
            rows = read_table(context.beside.text(node.text))
        except Exception as error:
            from plantwright.errors import PlantError

            if not isinstance(error, PlantError):
                raise
            context.problems.extend(error.problems)
            return None
        for row in rows:
            name = row.get("step") or row.get("operation") or ""
            words = {word: text for word, text in row.items() if text and word not in ("step", "operation")}
            body = Entries(
                tuple((Scalar(word, node.place), _cell(text, node)) for word, text in words.items()), node.place
            )
            self._step(Scalar(name, node.place), body, context, path, steps, seen)
        if not steps:
            context.wrong(
                "PW1222", node, path, f"{node.text} holds no steps; its columns are 'step', 'at', 'time', ..."
            )
        return tuple(steps) or None


def _cell(text: str, node: Scalar) -> Node:
    """A cell of a table as a node: braces and brackets as in the plant file."""
    if text[:1] not in "{[":
        return Scalar(text, node.place)
    from plantwright.plant.document import parse_yaml

    inner = parse_yaml(f"x: {text}", node.text).get("x")
    return inner if inner is not None else Scalar(text, node.place)


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
                        _instant(row["release"]),
                        split_number(row["quantity"])[0],
                        _instant(row["due"]) if row.get("due") else None,
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


def _instant(text: str) -> datetime:
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        raise ValueError(f"{text!r} is not a date and time such as '2026-01-05 06:00'") from None


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


def _unknown_release(text: str) -> Release:
    raise ValueError(f"{text!r} is not a release; write 'saturated' or a rule such as {{conwip: 12 lots}}")


class InitialOf(Reader):
    """A CSV file of lots at their steps: operation, quantity, due, priority."""

    kind = "a file such as wip.csv"

    def text(self, text: str, context: Context) -> tuple[InitialLot, ...]:
        return tuple(
            InitialLot(
                row.get("operation", ""),
                split_number(row.get("quantity", ""))[0],
                _instant(row["due"]) if row.get("due") else None,
                float(row.get("priority") or 0),
            )
            for row in read_table(context.beside.text(text))
        )


def _lot(text: str) -> tuple[float, str]:
    number, unit = split_number(text)
    if number <= 0:
        raise ValueError(f"{text!r}: a lot holds more than nothing")
    return number, singular(unit) if unit else ""


def _product(
    name: str, routing: Any, unit: str = "", lot: Any = (1.0, ""), releases: Any = (), family: str = "", **values: Any
) -> Product:
    one = singular(unit) if unit else lot[1] or "piece"
    if lot[1] and lot[1] not in (one, "piece"):
        raise ValueError(f"lot is given in {lot[1]!r}, but the unit is {one!r}")
    demanded = values.get("demand")
    releases = tuple(_own_orders(name, release) for release in releases)
    rules = releases or ((Release(),) if demanded else (Release("saturated"),))
    return Product(name=name, routing=routing, unit=one, lot=lot[0], releases=rules, family=family or name, **values)


def _own_orders(name: str, release: Release) -> Release:
    if not any(order.product for order in release.orders):
        return release
    own = tuple(order for order in release.orders if order.product == name)
    if not own:
        raise ValueError(f"release: the list of orders holds none of {name!r}")
    return replace(release, orders=own)


PRODUCT = Keys(
    (
        Word("unit", Text(), example="cell", meaning="what one piece is called", default="piece"),
        Word("lot", From("a count such as '64 cells'", lambda text, context: _lot(text), True), example="64 cells",
             meaning="what moves together", default="1 piece"),
        Word("family", Text(), example="NMC", meaning="which setup it needs", default="its own name"),
        Word("price", MoneyOf("any"), example="38 USD", meaning="for a piece"),
        Word("demand", DEMAND, example="{rate: 400 cells/working day}", meaning="what customers ask"),
        Word("release", ListOf(RELEASE), "releases", "{conwip: 12 lots}", "what starts lots",
             default="at the demand's rate, evenly spaced; saturated without a demand"),
        Word("stock", Keys((Word("capacity", AmountOf(), needed=True),), lambda capacity: capacity),
             example="{capacity: 4000 cells}"),
        Word("at start", InitialOf(), "at_start", "wip.csv"),
        Word("routing", RoutingOf(), example="[mix: {at: mixer, time: 90 min/lot}]", meaning="its steps", needed=True),
    ),
    _product,
)  # fmt: skip
