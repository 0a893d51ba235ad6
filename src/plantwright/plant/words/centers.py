"""The words of work centers: machines, setups, batches, buffers; areas and tools."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from plantwright.plant.quantities import (
    read_amount,
)
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
from plantwright.plant.words.shifts import Pay
from plantwright.plant.words.stops import FAILURES, MAINTENANCES

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

CENTERS = Named(CENTER, empty=True)
