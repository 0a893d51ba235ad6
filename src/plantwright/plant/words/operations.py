"""The words of operations: the steps of a routing."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from plantwright.plant.document import Entries, Items, Node, Scalar
from plantwright.plant.products import (
    Alternative,
    Operation,
    QueueTime,
    Rework,
    ToolUse,
    WorkTime,
)
from plantwright.plant.quantities import (
    read_table,
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
)
from plantwright.plant.structures import NAMES, SHARE, Keys, ListOf, MapOf, OneOf, Word
from plantwright.plant.words.people import STAFFING


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
