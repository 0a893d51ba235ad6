"""The words of the plant file: every key, what it means, and what it becomes.

One description serves reading, checking, the explanation of defaults and the JSON Schema.
"""

from __future__ import annotations

import re
from typing import Any

from plantwright.plant.calendar import Overtime, Shift, Span
from plantwright.plant.plant import Change, Lane, Loop, Money, Mover, OwnMove, PacedLine, Totals
from plantwright.plant.quantities import read_amount, singular
from plantwright.plant.readers import (
    AmountOf,
    Choice,
    Clock,
    Context,
    From,
    Instant,
    Keys,
    ListOf,
    MapOf,
    MoneyOf,
    Named,
    Number,
    OneOf,
    Quantity,
    Random,
    Raw,
    Reader,
    SpanOf,
    Text,
    Word,
    read_day,
    read_span,
)
from plantwright.plant.resources import (
    PHASES,
    Absence,
    Area,
    Batch,
    Crew,
    Failure,
    Machine,
    Maintenance,
    Material,
    SetupTimes,
    Staffing,
    StartUp,
    Supplier,
    Tool,
    WorkCenter,
)
from plantwright.units import UNITS, UnitError, read, split_number

DAYS = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
NAMES = ListOf(Text())
SHARE = Quantity("share", most=1.0)
_FULL_DAYS = {
    name.lower(): i
    for i, name in enumerate(("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"))
}


def read_days(text: str) -> tuple[int, ...]:
    """``Mon-Fri``, ``Mon, Wed``, ``Sat``, ``daily`` as weekdays, 0 is Monday."""
    if text.strip().lower() in ("daily", "every day"):
        return tuple(range(7))
    days: list[int] = []
    for part in re.split(r"[,\s]+", text.strip()):
        ends = [_day(word) for word in part.split("-")]
        if len(ends) > 2:
            raise ValueError(f"{part!r} is not a span of days such as Mon-Fri")
        last = ends[-1] if ends[-1] >= ends[0] else ends[-1] + 7
        days += [day % 7 for day in range(ends[0], last + 1)]
    return tuple(sorted(set(days)))


def _day(word: str) -> int:
    for name, number in _FULL_DAYS.items():
        if len(word) >= 2 and name.startswith(word.lower()):
            return number
    raise ValueError(f"{word!r} is not a day; write Mon, Tue, Wed, Thu, Fri, Sat or Sun")


class DaysOf(Reader):
    """Days of the week."""

    kind = "days such as Mon-Fri"

    def text(self, text: str, context: Context) -> tuple[int, ...]:
        return read_days(text)


class ExceptionOf(Reader):
    """``closed``, or the hours of that day."""

    kind = "'closed' or hours such as 07:00-12:00"

    def text(self, text: str, context: Context) -> Any:
        return "closed" if text == "closed" else read_span(text)


class Pay(Reader):
    """A share of the wage, which may be more than all of it."""

    kind = "a share of the wage such as 150 %"

    def text(self, text: str, context: Context) -> float:
        return read(text, "share")


def _hours(first: float, last: float, what: str) -> Span:
    if first == last:
        raise ValueError(f"{what} from and to are the same: it has no length")
    return Span(first, last if last > first else last + 86400.0)


def _overtime(days: Any, first: float, last: float, pay: float = 1.5) -> Overtime:
    return Overtime(_all_days(days), _hours(first, last, "overtime:"), pay)


def _all_days(days: Any) -> tuple[int, ...]:
    return tuple(sorted({day for part in days for day in part}))


def _shift(
    name: str, first: float, last: float, days: Any = ((0, 1, 2, 3, 4),), breaks: Any = (), exceptions: Any = None,
    overtime: Any = (),
) -> Shift:  # fmt: skip
    span = _hours(first, last, "a shift whose")
    inside = []
    for pause in breaks:
        moved = pause if pause.start >= span.start else Span(pause.start + 86400.0, pause.end + 86400.0)
        if moved.start < span.start or moved.end > span.end:
            raise ValueError("a break lies outside the shift")
        inside.append(moved)
    return Shift(name, _all_days(days), span, tuple(inside), exceptions or {}, overtime)


SHIFT = Keys(
    (
        Word("days", ListOf(DaysOf()), example="Mon-Fri", meaning="weekdays on which it begins", default="Mon-Fri"),
        Word("from", Clock(), "first", '"07:00"', "when it begins", needed=True),
        Word("to", Clock(), "last", '"15:00"', "when it ends; before 'from': on the next day", needed=True),
        Word("breaks", ListOf(SpanOf()), example='["11:00-11:30"]', meaning="when work rests", default="none"),
        Word("except", MapOf(ExceptionOf(), read_day), "exceptions", "{2026-12-25: closed}", "days that differ"),
        Word(
            "overtime",
            ListOf(
                Keys(
                    (
                        Word("days", ListOf(DaysOf()), example="Sat", needed=True),
                        Word("from", Clock(), "first", '"07:00"', needed=True),
                        Word("to", Clock(), "last", '"12:00"', needed=True),
                        Word("pay", Pay(), example="150 %", meaning="share of the wage", default="150 %"),
                    ),
                    _overtime,
                )
            ),
            example='{days: Sat, from: "07:00", to: "12:00"}',
            meaning="extra hours",
        ),
    ),
    _shift,
)


def read_skill(text: str) -> tuple[str, int]:
    """``mixing 2``: a skill at that level or higher; without a level, at 1."""
    name, _, level = text.rpartition(" ")
    if not name or not level.isdigit():
        return text, 1
    if not 0 <= int(level) <= 4:
        raise ValueError(f"{text!r}: levels of skill go from 0 to 4")
    return name, int(level)


SKILL = From("a skill with its level, such as 'mixing 2'", lambda text, context: read_skill(text))


def _staffing(
    skill: tuple[str, int], count: int = 1, phases: Any = PHASES, tends: Any = 1, walk: float = 0.0
) -> Staffing:
    chosen = PHASES if "all" in phases else tuple(phase for phase in PHASES if phase in phases)
    return Staffing(skill[0], skill[1], count, chosen, int(tends), walk)


class Tends(Reader):
    """``3 machines``."""

    kind = "a count such as '3 machines'"

    def text(self, text: str, context: Context) -> int:
        number, unit = split_number(text)
        if (unit and singular(unit) != "machine") or number < 1 or not number.is_integer():
            raise ValueError(f"{text!r} is not a count such as '3 machines'")
        return int(number)


STAFFING = OneOf(
    scalar=From("a skill with its level, such as 'mixing 2'", lambda text, context: _staffing(read_skill(text))),
    entries=Keys(
        (
            Word("skill", SKILL, example="mixing 2", meaning="who can do it: that level or higher", needed=True),
            Word("count", Number(1, whole=True), example="1", meaning="how many people", default="1"),
            Word(
                "for",
                ListOf(Choice({**{phase: phase for phase in PHASES}, "all": "all"})),
                "phases",
                "[load, run]",
                "phases in which they are needed",
                default="all",
            ),
            Word("tends", Tends(), example="3 machines", meaning="machines served by one person at a time"),
            Word("walk", Quantity(), example="2 min", meaning="time to walk there"),
        ),
        _staffing,
    ),
)

CREW = Keys(
    (
        Word("count", Number(0, whole=True), example="2", meaning="how many who are alike", default="1"),
        Word("shift", NAMES, example="day", meaning="when they are there", default="always there"),
        Word("skills", MapOf(Number(0, 4, whole=True)), example="{coating: 3}", meaning="skills with levels 0 to 4"),
        Word("wage", MoneyOf("duration"), example="36 USD/h", meaning="pay for an hour"),
        Word(
            "absence",
            OneOf(
                scalar=From("a share", lambda text, context: Absence(SHARE.text(text, context))),
                entries=Keys((Word("share", SHARE, example="5 %", needed=True), Word("spell", Random())), Absence),
            ),
            example="5 %",
            meaning="share of time they do not come",
            default="0 %",
        ),
        Word("shift end", Choice({"pause": "pause", "finish piece": "finish piece"}), example="finish piece",
             meaning="what happens to work at the end of the shift", default="pause"),
        Word("learns", MapOf(Quantity()), example="{mixing 2: 80 h}", meaning="hours of training to a level"),
    ),
    Crew,
)  # fmt: skip

CLOCKS = {"working": "working", "calendar": "calendar", "count": "count"}
BY = ListOf(STAFFING)


def _failure(every: Any, repair: Any, clock: str = "working", **values: Any) -> Failure:
    return Failure(every, repair, clock, **values)  # type: ignore[arg-type]


class Every(Reader):
    """A time, or a count of pieces, between failures or maintenance."""

    kind = "a time or count, such as 'exponential 40 h'"
    may_be_guessed = True

    def text(self, text: str, context: Context) -> Any:
        try:
            return Random("duration").text(text, context)
        except UnitError as error:
            if re.search(r"\b(pieces?|cycles?|lots?)\b", text):
                return Random("count").text(text, context)
            raise error


FAILURE = Keys(
    (
        Word("every", Every(), example="exponential 40 h", meaning="time between failures", needed=True),
        Word("clock", Choice(CLOCKS), example="working", meaning="which time counts", default="working"),
        Word("repair", Random(), example="lognormal 1.5 h cv 0.8", meaning="time to repair", needed=True),
        Word("by", BY, example="repair 2", meaning="who repairs", default="nobody in particular"),
        Word("takes", MapOf(From("a count", lambda text, context: split_number(text)[0])),
             example="{bearing: 1 piece}", meaning="spare parts"),
        Word("then", Choice({w: w for w in ("resume", "restart", "scrap")}), example="resume",
             meaning="what becomes of the work", default="resume"),
    ),
    _failure,
)  # fmt: skip
MAINTENANCE = Keys(
    (
        Word("every", Every(), example="500 h", meaning="time between", needed=True),
        Word("clock", Choice(CLOCKS), example="calendar", meaning="which time counts", default="calendar"),
        Word("lasts", Random(), example="4 h", meaning="how long it takes", needed=True),
        Word("by", BY, example="repair 2", meaning="who does it"),
        Word("per", Choice({"machine": "machine", "work center": "work center"}), example="machine", default="machine"),
        Word("first", From("'spread' or a time", lambda text, context: text if text == "spread" else Random().text(text, context)),
             example="spread", meaning="when the first is due", default="spread over alike machines"),
    ),
    Maintenance,
)  # fmt: skip
FAILURES, MAINTENANCES = ListOf(FAILURE), ListOf(MAINTENANCE)

MACHINE = Keys(
    (
        Word("name", Text(), example="M1", needed=True),
        Word("speed", Pay(), example="110 %", meaning="speed against the times of the routing", default="100 %"),
        Word("only", NAMES, example="[NMC]", meaning="families that it can make"),
        Word("failures", FAILURES),
        Word("maintenance", MAINTENANCES),
    ),
    Machine,
)


def _setup(default: Any = None, between: Any = None, into: Any = None, **values: Any) -> SetupTimes:
    pairs = {(old, new): time for old, row in (between or {}).items() for new, time in row.items()}
    return SetupTimes(default, pairs, into or {}, **values)


SETUP = OneOf(
    scalar=From("a time", lambda text, context: SetupTimes(Random().text(text, context)), True),
    entries=Keys(
        (
            Word("default", Random(), example="25 min", meaning="between any two families", default="none"),
            Word("from", MapOf(MapOf(Random())), "between", "{NMC: {LFP: 2 h}}", "from one family to another"),
            Word("into", MapOf(Random()), example="{SU128: 72 min}", meaning="into one family, from any"),
            Word("minor", Random(), example="5 min", meaning="between products of one family"),
            Word("minimum run", AmountOf(), example="7 lots"),
            Word("campaign", AmountOf(), example="20 lots"),
            Word("cleaning", Random(), example="2 h"),
        ),
        _setup,
    ),
)  # fmt: skip


class MachinesOf(Reader):
    """How many alike machines, or ``unlimited``."""

    kind = "a whole number, 'unlimited', or a list of machines"

    def text(self, text: str, context: Context) -> Any:
        return "unlimited" if text == "unlimited" else Number(1, whole=True).text(text, context)


def _batch(largest: Any, smallest: Any = None, wait: float = 0.0) -> Batch:
    made = Batch(largest, smallest or read_amount("1 lot"), wait)
    if made.smallest.of == made.largest.of and made.smallest.value > made.largest.value:
        raise ValueError(f"min ({made.smallest.value:g}) is more than max ({made.largest.value:g})")
    if largest.value < 1:
        raise ValueError("max must be at least 1")
    return made


def _center(
    name: str, machines: Any = 1, together: str | None = None, batch: Batch | None = None, **values: Any
) -> WorkCenter:
    from dataclasses import replace

    if isinstance(machines, tuple):
        values["unlike"] = machines
        machines = len(machines)
    if batch is not None and together is not None:
        batch = replace(batch, together=together)  # type: ignore[arg-type]
    return WorkCenter(name=name, machines=None if machines == "unlimited" else machines, batch=batch, **values)


RULES = ("FIFO", "FIFO at step", "FIFO by release", "LIFO", "SPT", "EDD", "CR", "slack", "priority", "least setup")
POWER = OneOf(
    scalar=From("a power", lambda text, context: {"run": Quantity("power").text(text, context)}),
    entries=MapOf(Quantity("power")),
)
CENTER = Keys(
    (
        Word("machines", OneOf(scalar=MachinesOf(), items=ListOf(MACHINE)), example="4",
             meaning="alike, unlike, or 'unlimited': a pure delay", default="1"),
        Word("shift", NAMES, example="day", meaning="when it may work", default="always"),
        Word("places", Number(1, whole=True), example="2", meaning="lots that a machine takes in", default="1"),
        Word("setup", SETUP, example="{default: 25 min}", meaning="setup times", default="none"),
        Word("failures", FAILURES, example="[{every: exponential 40 h, repair: 1 h}]", default="none"),
        Word("maintenance", MAINTENANCES, example="[{every: 500 h, lasts: 4 h}]", default="none"),
        Word("start-up", Keys((Word("after", Quantity(), needed=True), Word("lasts", Random(), needed=True)), StartUp),
             "start_up", "{after: 2 h, lasts: 20 min}", "warming up after stops"),
        Word("batch", Keys(
            (
                Word("max", AmountOf(), "largest", "8 lots", needed=True),
                Word("min", AmountOf(), "smallest", "2 lots", default="1 lot"),
                Word("wait", Quantity(), "wait", "30 min", default="0 min"),
            ), _batch), example="{max: 8 lots}", meaning="lots worked together"),
        Word("batch with", Choice({w: w for w in ("same operation", "same recipe", "any")}), "together", "same recipe",
             "which lots may share a batch", default="same operation"),
        Word("buffer", AmountOf(), example="4 lots", meaning="places in front", default="unlimited"),
        Word("rule", NAMES, example="EDD", meaning="which lot next", default="FIFO, priority first"),
        Word("choose", Choice({w: w for w in ("longest idle", "least setup", "fastest")}), example="longest idle",
             meaning="which of several free machines", default="longest idle"),
        Word("price", MoneyOf(), example="650 kUSD", meaning="of one more machine"),
        Word("power", POWER, example="{run: 12 kW}", meaning="by state"),
        Word("cost", MoneyOf("duration"), example="20 kUSD/y", meaning="yearly cost of a machine"),
        Word("shift end", Choice({"pause": "pause", "finish piece": "finish piece"}), default="pause"),
    ),
    _center,
)  # fmt: skip

AREA = Keys(
    (
        Word("work centers", NAMES, example="[a, b]", needed=True),
        Word("failures", FAILURES),
        Word("maintenance", MAINTENANCES),
    ),
    Area,
)
TOOL = Keys((Word("count", Number(0, whole=True), example="2", meaning="how many", default="1"),), Tool)


class Stock(Reader):
    """An amount of material: a number and its kind."""

    kind = "an amount such as '900 kg'"
    may_be_guessed = True

    def text(self, text: str, context: Context) -> tuple[float, str]:
        number, unit = split_number(text)
        if number < 0:
            raise ValueError(f"{text!r} must not be below zero")
        for kind, units in UNITS.items():
            if unit in units and kind not in ("duration", "power", "energy", "speed"):
                return number * units[unit], kind
        return number, "pieces"


def _material(
    name: str, price: float | None = None, supplier: str | None = None, on_hand: Any = None, reorder: Any = None
) -> Material:
    at, up_to = reorder or (None, None)
    kinds = {value[1] for value in (on_hand, at, up_to) if value}
    if len(kinds) > 1:
        raise ValueError(f"amounts of different kinds: {', '.join(sorted(kinds))}")
    number = [value[0] if value else None for value in (on_hand, at, up_to)]
    return Material(name, kinds.pop() if kinds else "mass", price, supplier, *number)


MATERIAL = Keys(
    (
        Word("price", MoneyOf("any"), example="28 USD/kg"),
        Word("from", Text(), "supplier", "Cathode Co", "who delivers it"),
        Word("on hand", Stock(), example="900 kg", meaning="at the start"),
        Word("reorder", Keys((Word("at", Stock(), needed=True), Word("up to", Stock(), needed=True)),
                             lambda at, up_to: (at, up_to)), example="{at: 600 kg, up to: 1.5 t}"),
    ),
    _material,
)  # fmt: skip


def _supplier(name: str, lead_time: Any = None, outage: Any = None) -> Supplier:
    return Supplier(name, lead_time, *(outage or (None, None)))


SUPPLIER = Keys(
    (
        Word("lead time", Random(), example="gamma 21 d cv 0.4"),
        Word("outage", Keys((Word("every", Random(), needed=True), Word("lasts", Random(), needed=True)),
                            lambda every, lasts: (every, lasts)), example="{every: exponential 3 y, lasts: 6 wk}"),
    ),
    _supplier,
)  # fmt: skip

LANE = Keys(
    (
        Word("capacity", AmountOf(), example="40 pieces", needed=True),
        Word("transit", Quantity(), example="3 min", default="0 min"),
        Word("feeds", NAMES, example="[a, b]"),
    ),
    Lane,
)
LOOP = Keys(
    (
        Word("cards", AmountOf(), example="12 lots", needed=True),
        Word("from", Text(), "start", "mix", needed=True),
        Word("until", Text(), example="form", needed=True),
    ),
    Loop,
)
LINE = Keys(
    (Word("index", Quantity(), example="45 s", needed=True), Word("stations", NAMES, example="[a, b]", needed=True)),
    PacedLine,
)


class Distances(Reader):
    """A CSV file of distances between work centers: ``from, to, distance`` with a unit, or a square table in metres."""

    kind = "a file such as d.csv"

    def text(self, text: str, context: Context) -> Any:
        from plantwright.plant.quantities import read_table

        found: dict[tuple[str, str], float] = {}
        for row in read_table(context.beside.text(text)):
            if {"from", "to", "distance"} <= set(row):
                value = row["distance"]
                found[row["from"], row["to"]] = read(value if split_number(value)[1] else f"{value} m", "length")
            else:
                names = list(row)
                for name in names[1:]:
                    if row[name]:
                        found[row[names[0]], name] = split_number(row[name])[0]
        return found


MOVER = Keys(
    (
        Word("count", Number(1, whole=True), example="3", needed=True),
        Word("speed", Quantity("speed"), example="1 m/s"),
        Word("distances", Distances(), example="d.csv"),
    ),
    Mover,
)
CHANGE = Keys(
    (
        Word("on", Instant(), example="2026-09-01", needed=True),
        Word("set", Text(), "path", "work centers > coater > machines", needed=True),
        Word("to", Raw(), example="2", needed=True),
    ),
    Change,
)


class RateOf(Reader):
    """``120 jobs/mo``: a quantity, of what, and the seconds that it covers."""

    kind = "a rate such as '120 jobs/mo'"

    def text(self, text: str, context: Context) -> Any:
        amount, separator, per = text.rpartition("/")
        if not separator:
            raise ValueError(f"{text!r} is not a rate such as '120 jobs/mo'")
        made = read_amount(amount)
        of = "lot" if made.unit in ("lot", "job", "order") else "piece"
        return made.value, of, read(f"1 {per.strip()}", "duration")


TOTALS = Keys(
    (
        Word("throughput", RateOf(), example="120 jobs/mo", meaning="what the plant makes"),
        Word("cycle time", Quantity(), example="3 wk", meaning="from release to completion"),
        Word("late", SHARE, example="20 %", meaning="share of lots that come late"),
        Word("work in process", AmountOf(), example="60 lots"),
    ),
    Totals,
)
MONEY = Keys((Word("discount", SHARE, example="12 %"), Word("horizon", Quantity(), example="5 y")), Money)


class Limit(Reader):
    """A limit such as ``4 h/wk``, kept as a plain number in SI units."""

    kind = "a limit such as '4 h/wk'"

    def text(self, text: str, context: Context) -> float:
        amount, separator, per = text.partition("/")
        if text.endswith("%"):
            return read(text, "share")
        number, unit = split_number(amount)
        if unit and unit not in UNITS["duration"]:
            return number
        value = read(amount, "duration") if unit else number
        return value / read(f"1 {per.strip()}", "duration") if separator else value


def _own(
    name: str, edits: Any, cost: Any = None, cost_per_year: Any = None, lead_time: Any = None, only_with: Any = (),
    not_with: Any = (),
) -> OwnMove:  # fmt: skip
    return OwnMove(name, edits, cost, None if cost_per_year is None else cost_per_year * 365.25 * 86400.0, lead_time,
                   only_with, not_with)  # fmt: skip


OWN_MOVE = Keys(
    (
        Word("set", Raw(), "edits", "{work centers > coater > machines: 2}", "paths and their new values", needed=True),
        Word("cost", MoneyOf(), example="650 kUSD"),
        Word("cost per year", MoneyOf("duration"), example="20 kUSD/y"),
        Word("lead time", Quantity(), example="9 mo"),
        Word("only with", NAMES, example="[x]"),
        Word("not with", NAMES, example="[y]"),
    ),
    _own,
)
SHIFTS, PEOPLE, CENTERS = Named(SHIFT), Named(CREW, empty=True), Named(CENTER, empty=True)
