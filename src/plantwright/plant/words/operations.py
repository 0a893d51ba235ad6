"""The words of operations: the steps of a routing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plantwright.distributions import Distribution
from plantwright.plant.document import Entries, Items, Node, Scalar
from plantwright.plant.patterns import stock_pattern, time_pattern
from plantwright.plant.products import (
    Alternative,
    Operation,
    QueueTime,
    Rework,
    ToolUse,
    WorkTime,
)
from plantwright.plant.quantities import (
    read_distribution,
    read_usage,
    read_work_time,
)
from plantwright.plant.readers import (
    AmountOf,
    Choice,
    Context,
    From,
    Number,
    Quantity,
    Reader,
    Text,
    text_schema,
)
from plantwright.plant.resources import PHASES
from plantwright.plant.structures import NAMES, SHARE, Keys, ListOf, MapOf, OneOf, Word
from plantwright.plant.words.batches import batch_of
from plantwright.plant.words.people import STAFFING
from plantwright.units import UNITS, UnitError


class TimeOf(Reader):
    """A time with what it counts; the word for it is checked against the product's unit later."""

    kind = "a time such as '90 min/lot'"
    may_be_guessed = True
    keeps_chance = True
    schema = text_schema(time_pattern())

    def text(self, text: str, context: Context) -> WorkTime:
        return read_work_time(text, context.beside.text)[0]


TIME = TimeOf()

ALTERNATIVE = OneOf(
    scalar=From("a work center", lambda text, context: Alternative(text)),
    entries=Keys(
        (
            Word("center", Text(), example="old lathe", meaning="a work center that can do it", needed=True),
            Word("time", TIME, example="7 min/piece", meaning="how long it runs there"),
            Word("yield", SHARE, "yield_", "99 %", "good share there"),
        ),
        Alternative,
    ),
)

PHASE_NAMES = ListOf(Choice({**{phase: phase for phase in PHASES}, "all": "all"}))


def _tool_use(tool: str, count: int = 1, phases: tuple[str, ...] = (), until: str | None = None) -> ToolUse:
    return ToolUse(tool, count, () if "all" in phases else phases, until)


TOOL_USE = OneOf(
    scalar=From("a tool", lambda text, context: ToolUse(text)),
    entries=Keys(
        (
            Word("tool", Text(), example="pallet", meaning="which tool", needed=True),
            Word("count", Number(1, whole=True), example="1", meaning="how many of it", default="1", why="one of it"),
            Word(
                "for",
                PHASE_NAMES,
                "phases",
                "run",
                "phases in which it is held",
                default="all",
                why="it is held for the whole operation",
            ),
            Word("until", Text(), example="unpack", meaning="the step after which it is free"),
        ),
        _tool_use,
    ),
)


def _rework(share: float, back_to: str, at_most: int = 1, then: str = "go on") -> Rework:
    return Rework(share, back_to, at_most, then)  # type: ignore[arg-type]


def _interval(interval: WorkTime) -> dict[str, WorkTime]:
    return {"interval": interval}


class NextOf(Reader):
    """The steps that may follow: a name, a list of names that share equally, or names with shares."""

    kind = "steps with shares, such as {grind: 70 %, lap: 30 %}"
    schema: Mapping[str, Any] = {"anyOf": [Text.schema, NAMES.schema, MapOf(SHARE).schema]}

    def inside(self, word: str) -> list[Reader]:
        """A share, by the name of its step."""
        return [SHARE]

    def read(self, node: Node, context: Context, path: str) -> Any:
        if isinstance(node, Scalar):
            return {node.text: 1.0}
        if isinstance(node, Items):
            names = NAMES.read(node, context, path)
            return {name: 1 / len(names) for name in names} if names else None
        return MapOf(SHARE).read(node, context, path)


USAGE = MapOf(
    From(
        "an amount such as '13.4 kg/lot'",
        lambda text, context: read_usage(text),
        True,
        schema=text_schema(stock_pattern()),
    )
)


class MeasuresOf(Reader):
    """What is measured: names, or names with how they are distributed, such as ``{thickness: normal 120 um sd 2 um}``."""

    kind = "names, or names with distributions, such as {thickness: normal 120 um sd 2 um}"
    schema: Mapping[str, Any] = {"anyOf": [NAMES.schema, {"type": "object", "additionalProperties": Text.schema}]}

    def read(self, node: Node, context: Context, path: str) -> Any:
        if isinstance(node, Entries):
            return MapOf(From("a quantity or its distribution", _measure, True, True)).read(node, context, path)
        return dict.fromkeys(NAMES.read(node, context, path))


def _measure(text: str, context: Context) -> Distribution:
    """A distribution of a quantity of whatever kind its unit tells, or of a plain number."""
    kinds = {kind for word in text.replace("..", " ").split() for kind, units in UNITS.items() if word in units}
    kind = "share" if "%" in text else "number" if not kinds else min(kinds) if len(kinds) == 1 else None
    if kind is None:
        raise UnitError(f"{text!r} has units of {' and of '.join(sorted(kinds))}")
    return read_distribution(text, kind, context.beside.text)


def operation_of(name: str, at: Any, time: Any = None, interval: Any = None, **values: Any) -> Operation:
    """The operation of what was read; ``time: {interval: ...}`` gives its interval."""
    if isinstance(time, dict):
        interval, time = time["interval"], None
    return Operation(name=name, at=at, time=time, interval=interval, own_staff="staff" in values, **values)


OPERATION = Keys(
    (
        Word("at", ListOf(ALTERNATIVE), example="coater", meaning="the work center, or several", needed=True),
        Word("time", OneOf(scalar=TIME, entries=Keys((Word("interval", TIME, example="0.64 min/piece",
                                                          meaning="the next may start after it", needed=True),), _interval)),
             example="90 min/lot", meaning="how long it runs"),
        Word("load", TIME, example="2 min/lot", meaning="loading the machine", default="0 min",
             why="counted in the time"),
        Word("unload", TIME, example="2 min/lot", meaning="unloading it", default="0 min",
             why="counted in the time"),
        Word("interval", TIME, example="0.64 min/piece", meaning="the next may start after it"),
        Word("staff", ListOf(STAFFING), example="[{skill: mixing 2}]", meaning="people it needs", default="nobody",
             why="it runs by itself"),
        Word("uses", ListOf(TOOL_USE), example="[coating die]", meaning="tools it holds"),
        Word("batch", Keys(
            (
                Word("max", AmountOf(), "largest", "6 lots", "starts at once with so many", needed=True),
                Word("min", AmountOf(), "smallest", "2 lots", "starts with so many after the wait", default="1 lot",
                     why="whatever is there"),
            ), batch_of), example="{max: 6 lots}", meaning="how large its batches are, if not as others there"),
        Word("setup", Text(), example="SU128", meaning="the setup it needs", default="its product's family",
             why="what is alike needs no setup between"),
        Word("yield", SHARE, "yield_", "97 %", "good share", default="100 %", why="all that is made is good"),
        Word("scrap", Choice({"piece": "piece", "lot": "lot"}), example="lot", meaning="what the yield counts",
             default="piece", why="a bad piece does not spoil its lot"),
        Word("takes", USAGE, example="{NMC811 powder: 13.4 kg/lot}", meaning="materials"),
        Word("gives", USAGE, example="{foil: 4.2 m/kg}", meaning="what it makes in other units"),
        Word("split", AmountOf(), example="4 lots", meaning="into so many, or into lots of so many pieces"),
        Word("merge", AmountOf(), example="4 lots", meaning="so many go on as one"),
        Word("transfer", AmountOf(), example="16 cells", meaning="so many go on before the lot is done"),
        Word("next", NextOf(), example="{grind: 70 %, lap: 30 %}", meaning="what follows", default="the next in the list",
             why="steps stand in their order"),
        Word("after", NAMES, example="[cut, mix]", meaning="joins these"),
        Word("share", SHARE, example="80 %", meaning="lots that need it", default="100 %", why="every lot"),
        Word("share until", Text(), "share_until", "lap", "the others leave out this step and all until that one, too"),
        Word("rework", Keys(
            (
                Word("share", SHARE, example="3 %", meaning="lots that go back", needed=True),
                Word("back to", Text(), example="coat", meaning="the step that they do again", needed=True),
                Word("at most", Number(1, whole=True), example="2", meaning="how often", default="1", why="once is usual"),
                Word("then", Choice({"scrap": "scrap", "go on": "go on"}), example="scrap",
                     meaning="what becomes of it then", default="go on", why="it is good after the last rework"),
            ), _rework), example="{share: 3 %, back to: coat}", meaning="the way back"),
        Word("defects", MapOf(SHARE), example="{scratch: 2 %}", meaning="made unseen"),
        Word("finds", MapOf(SHARE), example="{scratch: 95 %}", meaning="found by inspection"),
        Word("sample", SHARE, example="20 %", meaning="inspected share", default="100 %", why="every piece"),
        Word("measures", MeasuresOf(), example="[thickness]", meaning="what is measured"),
        Word("queue time", Keys(
            (
                Word("until", Text(), example="form", meaning="the step that must start", needed=True),
                Word("within", Quantity(), example="8 h", meaning="so long after this one", needed=True),
                Word("past", Choice({w: w for w in ("scrap", "rework", "report")}), example="scrap",
                     meaning="what becomes of a lot that waits longer", default="report", why="it is counted, and goes on"),
            ), QueueTime), example="{until: form, within: 8 h}",
             meaning="how long it may wait"),
        Word("same machine as", Text(), "same_machine_as", "coat", "dedication"),
    ),
    operation_of,
)  # fmt: skip
