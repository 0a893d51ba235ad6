"""The words of the collector's file that say how machines are understood."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plantwright.monitoring.uses import USES, USUAL, Use
from plantwright.plant.document import Entries, Items, Node, Scalar
from plantwright.plant.readers import Choice, Context, Quantity, Reader, Text
from plantwright.plant.structures import NAMES, Keys, ListOf, MapOf, Named, OneOf, Word
from plantwright.plant.words.shifts import SHIFT
from plantwright.shopfloor.machines.rules import StateRule, read_condition
from plantwright.shopfloor.machines.settings import REASONS, FloorSettings, MachineSettings
from plantwright.shopfloor.machines.signals import BY_TYPE

USE = Choice({use: use for use in USES})


class RuleOf(Reader):
    """A use of time with what must hold for it: ``{production: [load > 5, door is CLOSED]}``."""

    kind = "a use of time with conditions, such as {production: [load > 5, door is CLOSED]}"
    schema: Mapping[str, Any] = {"type": "object", "minProperties": 1, "maxProperties": 1}

    def read(self, node: Node, context: Context, path: str) -> Any:
        if not isinstance(node, Entries) or len(node.entries) != 1:
            context.wrong("PW1220", node, path, f"{self.kind} is wanted here")
            return None
        name, value = node.entries[0]
        if name.text not in USES:
            context.wrong("PW1223", name, path, f"unknown {name.text!r}; known are {', '.join(USES)}", USES)
            return None
        items = value.items if isinstance(value, Items) else (value,)
        conditions = []
        for item in items:
            try:
                conditions.append(read_condition(item.text if isinstance(item, Scalar) else ""))
            except ValueError as error:
                context.wrong("PW1222", item, f"{path} > {name.text}", str(error))
        return StateRule(name.text, tuple(conditions)) if len(conditions) == len(items) else None


class ZoneName(Reader):
    """A time zone by its name."""

    kind = "a time zone, such as Europe/Berlin"

    def text(self, text: str, context: Context) -> str:
        try:
            ZoneInfo(text)
        except (ZoneInfoNotFoundError, ValueError) as error:
            raise ValueError(f"{text!r} is no time zone; such as Europe/Berlin or America/New_York") from error
        return text


def _machine(states: Mapping[str, Use] | None = None, **values: Any) -> MachineSettings:
    uses = {**USUAL, **(states or {})}
    run_time = values.pop("run_time", None)
    if run_time is not None:
        values["run_times"] = run_time if isinstance(run_time, Mapping) else {"*": run_time}
    return MachineSettings(uses=uses, **values)


DURATION = Quantity("duration")
SIGNALS = {name: name for name in BY_TYPE}


class SignalsOf(Reader):
    """Tags by what they tell."""

    kind = "tags by what they tell, such as {parts: counter 3, job: order number}"
    schema: Mapping[str, Any] = {"type": "object", "additionalProperties": {"type": "string"}}

    def read(self, node: Node, context: Context, path: str) -> Any:
        found = MapOf(Text()).read(node, context, path)
        for name in list(found):
            if name not in SIGNALS:
                context.wrong(
                    "PW1223",
                    node,
                    f"{path} > {name}",
                    f"unknown {name!r}; known are {', '.join(SIGNALS)}",
                    SIGNALS,
                    name,
                )
                del found[name]
        return found


MACHINE = Keys(
    (
        Word("work center", Text(), "", "milling", "machines of one work center are told together", "its own name"),
        Word("states", MapOf(USE), "", "{STOPPED: idle}", "what its states count as", "as MTConnect's EXECUTION and PackML's states usually do"),
        Word("rules", ListOf(RuleOf()), "", "[{production: [load > 5, door is CLOSED]}, {setup: door is OPEN}]", "for a machine that tells no state: the first that holds counts, idle where none does"),
        Word("signals", SignalsOf(), "", "{parts: counter 3, job: order number}", "its tags by what they tell, where their types do not say so"),
        Word("shifts", NAMES, "", "day", "the shifts in which it is meant to work", "all"),
        Word("run time", OneOf(scalar=DURATION, entries=MapOf(DURATION)), "", "{gear: 4 min, shaft: 90 s}", "planned run time of a piece (PRI), by product; '*' is any"),
    ),
    _machine,
)  # fmt: skip

FLOOR_WORDS = (
    Word("time zone", ZoneName(), "zone", "Europe/Berlin", "of the shifts", "UTC"),
    Word("shifts", Named(SHIFT), "", '{day: {days: Mon-Fri, from: "07:00", to: "15:00", breaks: ["11:00-11:30"]}}', "when work is planned", "Mon-Fri 07:00 to 15:00"),
    Word("machines", MapOf(MACHINE), "", "{mill 1: {work center: milling}}", "how machines are understood, where it differs from the default"),
    Word("reasons", MapOf(USE), "", "{changeover: setup, no order: idle}", "what a stop may be, and what its time counts as then", ", ".join(REASONS)),
    Word("micro-stop", DURATION, "micro_stop", "5 min", "a shorter stop needs no reason", "5 min"),
    Word("time between failures", Choice({"failures": "failures", "failures + 1": "failures + 1"}), "divisor", "failures", "what its mean divides by", "failures"),
)  # fmt: skip
"""Words of the collector's file beside its sources."""


def floor_of(values: Mapping[str, Any]) -> FloorSettings:
    """The settings that the words give. Raises ValueError where a machine names a shift that is not there."""
    given = {word.field: values[word.field] for word in FLOOR_WORDS if word.field in values}
    made = FloorSettings(**given)
    for name, machine in made.machines.items():
        for shift in machine.shifts:
            if shift not in made.shifts:
                raise ValueError(
                    f"machines > {name} > shifts: there is no shift {shift!r}; there are: {', '.join(made.shifts)}"
                )
    return made
