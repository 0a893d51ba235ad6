"""The words at the top of a plant file."""

from __future__ import annotations

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from plantwright.plant.moments import (
    Instant,
)
from plantwright.plant.posterior import Posterior, read_posterior
from plantwright.plant.readers import (
    Context,
    From,
    Text,
)
from plantwright.plant.structures import NAMES, Keys, ListOf, MapOf, Named, Word
from plantwright.plant.words.centers import AREA, CENTERS, TOOL
from plantwright.plant.words.flow import LANE, LINE, LOOP, MOVER
from plantwright.plant.words.moves import MOVES
from plantwright.plant.words.people import PEOPLE
from plantwright.plant.words.products import PRODUCT
from plantwright.plant.words.sequences import SequenceOf
from plantwright.plant.words.shifts import SHIFTS
from plantwright.plant.words.supply import MATERIAL, SUPPLIER
from plantwright.plant.words.whole import CHANGE, HOLD_OUT, MONEY, TOTALS, Limit, limit_word

FORMAT = "1"


def _format(text: str) -> str:
    if text != FORMAT:
        raise ValueError(f"{text!r}: this version reads format {FORMAT}")
    return text


def _zone(text: str) -> str:
    try:
        ZoneInfo(text)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise ValueError(f"{text!r} is not a time zone such as America/New_York") from None
    return text


def _posterior(text: str, context: Context) -> Posterior:
    return read_posterior(text, context.beside)


def _currency(text: str) -> str:
    if not (len(text) == 3 and text.isupper()):
        raise ValueError(f"{text!r} is not a currency such as USD")
    return text


PLANT = Keys(
    (
        Word(
            "format",
            From("the format", lambda text, context: _format(text)),
            example="1",
            meaning="of the plant file",
            default="1",
            why="the only one so far",
        ),
        Word("plant", Text(), "name", "Pouch-cell pilot line", "its name", needed=True),
        Word(
            "currency",
            From("a currency", lambda text, context: _currency(text)),
            example="USD",
            meaning="all money is in it",
            default="the one that its prices are in",
            why="no conversion",
        ),
        Word(
            "time zone",
            From("a time zone", lambda text, context: _zone(text)),
            example="America/New_York",
            meaning="whose clock the shifts follow",
            default="UTC",
            why="no summer time",
        ),
        Word(
            "start",
            Instant(),
            example="2026-01-05 06:00",
            meaning="time 0",
            default="2026-01-05 00:00, a Monday",
            why="a week starts on Monday",
        ),
        Word("shifts", SHIFTS, example='{day: {from: "07:00", to: "15:00"}}', meaning="when work is done"),
        Word("people", PEOPLE, example="{Ana: {skills: {mixing: 2}}}", meaning="who does it"),
        Word("work centers", CENTERS, example="{mixer: {machines: 1}}", meaning="where it is done", needed=True),
        Word(
            "areas", Named(AREA), example="{Litho: {work centers: [a, b]}}", meaning="work centers that stop together"
        ),
        Word("tools", Named(TOOL, empty=True), example="{pallet: {count: 12}}", meaning="dies, fixtures, pallets"),
        Word("materials", Named(MATERIAL, empty=True), example="{steel: {price: 2 USD/kg}}", meaning="raw materials"),
        Word("suppliers", Named(SUPPLIER, empty=True), example="{Mill Co: {lead time: 3 wk}}", meaning="who delivers"),
        Word("buffers", Named(LANE), example="{lane: {capacity: 40 pieces}}", meaning="shared places"),
        Word("loops", Named(LOOP), example="{cards: {cards: 12 lots, from: mix, until: form}}", meaning="kanban"),
        Word("lines", Named(LINE), example="{final: {index: 45 s, stations: [a, b]}}", meaning="paced lines"),
        Word("transport", Named(MOVER), example="{AGV: {count: 3, speed: 1 m/s}}", meaning="movers"),
        Word(
            "rule",
            NAMES,
            example="EDD",
            meaning="which lot next, everywhere",
            default="FIFO, priority first",
            why="first come, first served, but urgent ones first",
        ),
        Word("sequence", SequenceOf(), example="order.csv", meaning="a given sequence of orders, everywhere"),
        Word(
            "products",
            Named(PRODUCT, once=True),
            example="{cell: {routing: [...]}}",
            meaning="what is made",
            needed=True,
        ),
        Word(
            "changes",
            ListOf(CHANGE),
            example="[{on: 2026-09-01, set: work centers > coater > machines, to: 2}]",
            meaning="dated changes",
        ),
        Word("totals", TOTALS, example="{throughput: 120 jobs/mo}", meaning="what the owner knows"),
        Word(
            "hold-out",
            HOLD_OUT,
            "hold_out",
            "{windows: 3, cycle time: {model: 24.3, ...}, ...}",
            "what calibration foretold of weeks held out",
        ),
        Word(
            "posterior",
            From("a file such as p.parquet", _posterior),
            example="p.parquet",
            meaning="what calibration believes: ways in which the numbers may be",
        ),
        Word("money", MONEY, example="{discount: 12 %}", meaning="how money is counted"),
        Word("limits", MapOf(Limit(), limit_word), example="{overtime: 4 h/wk}", meaning="what must not be passed"),
        Word(
            "moves",
            MOVES,
            example="{second coater: {set: {work centers > coater > machines: 2}}}",
            meaning="own moves",
        ),
    ),
    dict,
)
