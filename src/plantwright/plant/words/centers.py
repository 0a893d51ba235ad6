"""The words of work centers: machines, setups, batches, buffers; areas and tools."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from plantwright.plant.readers import (
    AmountOf,
    Choice,
    Context,
    From,
    MoneyOf,
    Number,
    Quantity,
    Random,
    Reader,
    Text,
    nearest,
)
from plantwright.plant.resources import (
    Area,
    Batch,
    Machine,
    SetupTimes,
    StartUp,
    Tool,
    WorkCenter,
)
from plantwright.plant.structures import NAMES, Keys, ListOf, MapOf, Named, OneOf, Word
from plantwright.plant.words.batches import batch_of
from plantwright.plant.words.people import STAFFING
from plantwright.plant.words.sequences import SequenceOf
from plantwright.plant.words.shifts import Pay
from plantwright.plant.words.stops import AREA_FAILURES, AREA_MAINTENANCES, FAILURES, MAINTENANCES

MACHINE = Keys(
    (
        Word("name", Text(), example="M1", meaning="what it is called", needed=True),
        Word(
            "speed",
            Pay(),
            example="110 %",
            meaning="speed against the times of the routing",
            default="100 %",
            why="the routing's times are its own",
        ),
        Word(
            "only", NAMES, example="[NMC]", meaning="families that it can make", default="all", why="no family is named"
        ),
        Word("failures", FAILURES, example="[{every: exponential 40 h, repair: 1 h}]", meaning="how it fails"),
        Word("maintenance", MAINTENANCES, example="[{every: 500 h, lasts: 4 h}]", meaning="planned stops"),
    ),
    Machine,
)


def _setup(
    default: Any = None, between: Any = None, into: Any = None, minimum: Any = None, **values: Any
) -> SetupTimes:
    if ("campaign" in values) != ("cleaning" in values):
        raise ValueError(
            "'campaign' says when a machine is cleaned and 'cleaning' how long that takes; give both or none"
        )
    if isinstance(minimum, dict):
        if len({amount.of for amount in minimum.values()}) > 1:
            raise ValueError("'minimum run' counts lots, pieces or batches, of all families the same")
        values["minimum_runs"] = {name: amount.value for name, amount in minimum.items()}
        minimum = replace(next(iter(minimum.values())), value=0.0) if minimum else None
    values["minimum_run"] = minimum
    pairs = {(old, new): time for old, row in (between or {}).items() for new, time in row.items()}
    return SetupTimes(default, pairs, into or {}, **values)


SETUP = OneOf(
    scalar=From("a time", lambda text, context: SetupTimes(Random().text(text, context)), True, True,
                schema=Random().schema),
    entries=Keys(
        (
            Word("default", Random(), example="25 min", meaning="between any two families", default="none",
                 why="only the pairs that are named need one"),
            Word("from", MapOf(MapOf(Random())), "between", "{NMC: {LFP: 2 h}}", "from one family to another"),
            Word("into", MapOf(Random()), example="{SU128: 72 min}", meaning="into one family, from any"),
            Word("minor", Random(), example="5 min", meaning="between products of one family"),
            Word("minimum run", OneOf(scalar=AmountOf(), entries=MapOf(AmountOf())), "minimum", "7 lots",
                 "of a family before another is set up"),
            Word("campaign", AmountOf(), example="20 lots", meaning="of a family at most, before it is cleaned"),
            Word("cleaning", Random(), example="2 h", meaning="after a campaign"),
        ),
        _setup,
    ),
)  # fmt: skip


class MachinesOf(Reader):
    """How many alike machines, or ``unlimited``."""

    kind = "a whole number, 'unlimited', or a list of machines"
    may_be_guessed = True
    schema: Mapping[str, Any] = {"anyOf": [*Number(1, whole=True).schema["anyOf"], {"const": "unlimited"}]}

    def text(self, text: str, context: Context) -> Any:
        return "unlimited" if text == "unlimited" else Number(1, whole=True).text(text, context)


def _count(name: str, values: dict[str, Any]) -> int:
    return sum(machine.name == name for machine in values["unlike"])


def _center(
    name: str, machines: Any = 1, together: str | None = None, batch: Batch | None = None, **values: Any
) -> WorkCenter:
    if isinstance(machines, tuple):
        values["unlike"] = machines
        machines = len(machines)
    if repeated := sorted({machine.name for machine in values.get("unlike", ()) if _count(machine.name, values) > 1}):
        raise ValueError(f"two machines are called {repeated[0]!r}; give each its own name")
    if batch is None and together is not None:
        raise ValueError("'batch with' says which lots share a batch, but there is no 'batch'")
    if batch is not None and together is not None:
        batch = replace(batch, together=together)  # type: ignore[arg-type]
    return WorkCenter(name=name, machines=None if machines == "unlimited" else machines, batch=batch, **values)


RULES = ("FIFO", "FIFO at step", "FIFO by release", "LIFO", "SPT", "EDD", "CR", "slack", "priority", "least setup")

POWER_STATES = ("setup", "load", "run", "unload", "idle", "down", "off")


def _power_state(text: str) -> str:
    if text not in POWER_STATES:
        near = nearest(text, POWER_STATES)
        hint = f"did you mean {near!r}?" if near else f"known are {', '.join(POWER_STATES)}"
        raise ValueError(f"{text!r} is not a state of a machine; {hint}")
    return text


POWER = OneOf(
    scalar=From("a power", lambda text, context: {"run": Quantity("power").text(text, context)}, True,
                schema=Quantity("power").schema),
    entries=MapOf(Quantity("power"), _power_state),
)  # fmt: skip

CENTER = Keys(
    (
        Word("machines", OneOf(scalar=MachinesOf(), items=ListOf(MACHINE)), example="4",
             meaning="alike, unlike, or 'unlimited': a pure delay", default="1", why="one machine"),
        Word("shift", NAMES, example="day", meaning="when it may work", default="always", why="no shift is named"),
        Word("location", Text(), example="hall 1", meaning="where it stands"),
        Word("luck", Text(), example="mill", meaning="by which name its stops are drawn, if not by its own"),
        Word("places", Number(1, whole=True), example="2", meaning="lots that a machine takes in", default="1",
             why="one lot at a time"),
        Word("setup", SETUP, example="{default: 25 min}", meaning="setup times", default="none", why="no setup time is given"),
        Word("failures", FAILURES, example="[{every: exponential 40 h, repair: 1 h}]", meaning="how it fails", default="none",
             why="no failure is given: it never fails"),
        Word("maintenance", MAINTENANCES, example="[{every: 500 h, lasts: 4 h}]", meaning="planned stops", default="none",
             why="no maintenance is given"),
        Word("start-up", Keys((Word("after", Quantity(), example="2 h", meaning="a stop longer than this", needed=True),
                               Word("lasts", Random(), example="20 min", meaning="what it costs", needed=True)), StartUp),
             "start_up", "{after: 2 h, lasts: 20 min}", "warming up after stops"),
        Word("batch", Keys(
            (
                Word("max", AmountOf(), "largest", "8 lots", "starts at once with so many", needed=True),
                Word("min", AmountOf(), "smallest", "2 lots", "starts with so many after the wait", default="1 lot",
                     why="whatever is there"),
                Word("wait", Quantity(), "wait", "30 min", "since the first lot came", default="0 min",
                     why="it starts as soon as it can"),
            ), batch_of), example="{max: 8 lots}", meaning="lots worked together"),
        Word("batch with", Choice({w: w for w in ("same operation", "same recipe", "any")}), "together", "same recipe",
             "which lots may share a batch", default="same operation", why="what is done alike"),
        Word("buffer", AmountOf(), example="4 lots", meaning="places in front", default="unlimited", why="lots can wait anywhere"),
        Word("staff", ListOf(STAFFING), example="[{skill: milling 2}]", meaning="people whom steps need that name none"),
        Word("delay", Random(), example="exponential 6 h", meaning="before a lot from another step may come", default="0 h",
             why="lots come at once"),
        Word("delay shift", NAMES, example="[office]", meaning="hours in which delays pass, else day and night"),
        Word("rule", NAMES, example="EDD", meaning="which lot next", default="FIFO, priority first",
             why="first come, first served, but urgent ones first"),
        Word("sequence", SequenceOf(), example="order.csv", meaning="a given sequence of orders"),
        Word("choose", Choice({w: w for w in ("longest idle", "longest idle place", "empty machine", "least setup", "fastest")}), example="longest idle",
             meaning="which of several free machines", default="longest idle",
             why="the work is spread evenly"),
        Word("price", MoneyOf(), example="650 kUSD", meaning="of one more machine"),
        Word("power", POWER, example="{run: 12 kW}", meaning="by state"),
        Word("cost", MoneyOf("duration"), example="20 kUSD/y", meaning="yearly cost of a machine"),
        Word("shift end", Choice({"pause": "pause", "finish piece": "finish piece"}), example="finish piece",
             meaning="what happens to work at the end of the shift", default="pause",
             why="work stops and goes on where it stopped"),
    ),
    _center,
)  # fmt: skip

AREA = Keys(
    (
        Word("work centers", NAMES, example="[a, b]", meaning="which stop together", needed=True),
        Word("failures", AREA_FAILURES, example="[{every: exponential 40 h, repair: 1 h}]", meaning="how it fails"),
        Word("maintenance", AREA_MAINTENANCES, example="[{every: 500 h, lasts: 4 h}]", meaning="planned stops"),
    ),
    Area,
)

TOOL = Keys(
    (Word("count", Number(0, whole=True), example="2", meaning="how many", default="1", why="one of a kind"),), Tool
)

CENTERS = Named(CENTER, empty=True, once=True)
