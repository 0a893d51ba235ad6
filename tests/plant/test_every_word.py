"""Every row of the plant file's table of words: its example is taken, and becomes the right field, typed and in SI."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, datetime
from typing import Any

import pytest

from plantwright.distributions import Distribution
from plantwright.plant import Plant
from plantwright.plant.calendar import Overtime, Span
from plantwright.plant.plant import (
    Change,
    FamilyDefault,
    Foretold,
    Guess,
    HeldOut,
    Lane,
    Loop,
    Money,
    Mover,
    OwnMove,
    PacedLine,
    Totals,
)
from plantwright.plant.posterior import Posterior
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
    Usage,
    WorkTime,
)
from plantwright.plant.resources import (
    Absence,
    Amount,
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
    Turn,
    WorkCenter,
)
from tests.plant.shop import read, shop

MIN, HOUR, DAY, WEEK, YEAR = 60.0, 3600.0, 86400.0, 7 * 86400.0, 365.25 * 86400.0
D = Distribution
ORDERS = "order,product,release,quantity,due,priority\nA1,bracket,2026-01-05 07:00,40,2026-01-09,3\n"


def always(value: float) -> Distribution:
    return Distribution.constant(value)


def saw(plant: Plant) -> WorkCenter:
    return plant.work_centers["saw"]


def cut(plant: Plant) -> Operation:
    return plant.products["bracket"].operation("cut")


def bracket(plant: Plant) -> Product:
    return plant.products["bracket"]


def at_saw(words: str) -> str:
    return f"saw: {{machines: 1, shift: day}} -> saw: {{machines: 1, shift: day, {words}}}"


def at_cut(words: str) -> str:
    return f"staff: [{{skill: sawing}}] -> {words}"


def time_of(text: str) -> str:
    return f"time: 2 min/piece, -> time: {text},"


def of_bracket(words: str) -> str:
    return f"    family: NMC ->     {words}\n    family: NMC"


def at_mill(words: str) -> str:
    return f"time: 4 min/piece}} -> time: 4 min/piece, {words}}}"


FAILURES = "failures: [{every: exponential 40 h, clock: working, repair: lognormal 1.5 h cv 0.8, by: [{skill: repair 2, count: 1}], takes: {bearing: 1 piece}, then: resume}]"
FAILURE = Failure(
    D("exponential", (40 * HOUR,)), D("lognormal", (1.5 * HOUR, 0.8)), "working", (Staffing("repair", 2, 1),), {"bearing": 1.0},
    "resume",
)  # fmt: skip
CARE = "maintenance: [{every: 500 h, clock: calendar, lasts: 4 h, per: machine, first: spread}]"
MAINTENANCE = Maintenance(always(500 * HOUR), always(4 * HOUR), "calendar", (), "machine", "spread")

Story = tuple[str, str | tuple[str, ...], Callable[[Plant], Any], Any]

TOP: list[Story] = [
    ("format", "format: 1 -> format: 1", lambda p: p.name, "Small shop"),
    ("plant", "Small shop -> Pouch-cell pilot line", lambda p: p.name, "Pouch-cell pilot line"),
    ("currency", (), lambda p: p.currency, "USD"),
    ("time zone", "+time zone: America/New_York", lambda p: p.time_zone, "America/New_York"),
    ("start", "+start: 2026-01-05 06:00", lambda p: p.start, datetime(2026, 1, 5, 6)),
    ("start, a date", "+start: 2026-01-05", lambda p: p.start, datetime(2026, 1, 5)),
    ("areas", f"+areas:\n  Litho: {{work centers: [saw, mill], {FAILURES.replace('working', 'calendar')}}}", lambda p: p.areas["Litho"],
     Area("Litho", ("saw", "mill"), (replace(FAILURE, clock="calendar"),))),
    ("areas, maintenance", f"+areas: {{Litho: {{work centers: [saw], {CARE.replace('per: machine, ', '')}}}}}", lambda p: p.areas["Litho"].maintenance, (MAINTENANCE,)),
    ("buffers", "+buffers: {lane: {capacity: 40 pieces, transit: 3 min, feeds: [saw, mill]}}", lambda p: p.buffers["lane"],
     Lane("lane", Amount(40, "piece", "piece"), 3 * MIN, ("saw", "mill"))),
    ("loops", "+loops: {cards: {cards: 12 lots, from: cut, until: form}}", lambda p: p.loops["cards"],
     Loop("cards", Amount(12, "lot", "lot"), "cut", "form")),
    ("lines", "+lines: {final: {index: 45 s, stations: [saw, bench]}}", lambda p: p.lines["final"], PacedLine("final", 45, ("saw", "bench"))),
    ("tools", "+tools: {pallet: {count: 12}}", lambda p: p.tools["pallet"], Tool("pallet", 12)),
    ("rule, top", "+rule: [priority, least setup, FIFO at step]", lambda p: p.rule, ("priority", "least setup", "FIFO at step")),
    ("critical ratio", "+rule: [CR, slack]", lambda p: p.rule, ("CR", "slack")),
    ("sequence, top", "+sequence: order.csv", lambda p: p.sequence, (Turn("A2", "bracket", "cut", "saw"), Turn("A1"))),
    ("materials", ("+suppliers: {Cathode Co: {}}", "bar: {price: 2 USD/kg} -> NMC811 powder: {price: 28 USD/kg, from: Cathode Co, on hand: 900 kg, reorder: {at: 600 kg, up to: 1.5 t}}"),
     lambda p: p.materials["NMC811 powder"], Material("NMC811 powder", "mass", 28, "Cathode Co", 900, 600, 1500)),
    ("materials, in pieces", (), lambda p: p.materials["bearing"], Material("bearing", "pieces", 9)),
    ("materials, by length", "  bar: {price: 2 USD/kg} ->   bar: {price: 2 USD/kg}\n  cloth: {price: 3 USD/m}", lambda p: p.materials["cloth"], Material("cloth", "length", 3)),
    ("suppliers", "+suppliers: {Cathode Co: {lead time: gamma 21 d cv 0.4, outage: {every: exponential 3 y, lasts: lognormal 6 wk cv 1}}}",
     lambda p: p.suppliers["Cathode Co"],
     Supplier("Cathode Co", D("gamma", (21 * DAY, 0.4)), D("exponential", (3 * YEAR,)), D("lognormal", (6 * WEEK, 1)))),
    ("transport", "+transport: {AGV: {count: 3, speed: 1 m/s, distances: d.csv}}", lambda p: p.transport["AGV"],
     Mover("AGV", 3, 1.0, {("saw", "mill"): 40.0, ("mill", "bench"): 12.5})),
    ("transport, a time", ("+transport: {porter: {time: uniform 5..10 min, from: hall 1, to: hall 1}}", "saw: {machines: 1, -> saw: {machines: 1, location: hall 1, "),
     lambda p: (p.transport["porter"], p.work_centers["saw"].location),
     (Mover("porter", time=D("uniform", (5 * MIN, 10 * MIN)), start=("hall 1",), end=("hall 1",)), "hall 1")),
    ("transport, a square table", "+transport: {AGV: {count: 3, speed: 60 m/min, distances: square.csv}}", lambda p: p.transport["AGV"],
     Mover("AGV", 3, 1.0, {("saw", "mill"): 40.0, ("mill", "saw"): 41.0})),
    ("changes", "+changes: [{on: 2026-09-01, set: work centers > saw > machines, to: 2}]", lambda p: p.changes,
     (Change(datetime(2026, 9, 1), "work centers > saw > machines", "2"),)),
    ("totals", "+totals: {throughput: 120 jobs/mo, cycle time: 3 wk, late: 20 %}", lambda p: p.totals,
     Totals((120, "lot", YEAR / 12), 3 * WEEK, 0.2)),
    ("totals, work in process", "+totals: {throughput: 160 pieces/d, work in process: 60 lots}", lambda p: p.totals,
     Totals((160, "piece", DAY), work_in_process=Amount(60, "lot", "lot"))),
    ("hold-out", "+hold-out: {windows: 3, " + ", ".join(
        f"{name}: {{model: {k}, width: 2.5, replay: 4, replay width: 3}}"
        for k, name in enumerate(("n-gram", "absolute", "circadian", "relative", "cycle time"))) + "}",
     lambda p: p.hold_out, HeldOut(3, *(Foretold(k, 2.5, 4, 3) for k in range(5)))),
    ("posterior", "+posterior: p.csv", lambda p: p.posterior,
     Posterior("p.csv", ("products > bracket > routing > cut > time", "work centers > saw > machines"), ((2.5, 1), (3, 2)))),
    ("money", "+money: {discount: 12 %, horizon: 5 y}", lambda p: p.money, Money(0.12, 5 * YEAR)),
    ("limits", "+limits: {overtime: 4 h/wk}", lambda p: p.limits["overtime"], pytest.approx(4 / 168)),
    ("limits of other kinds", "+limits: {budget: 1.2 MUSD, people: 30 people, late: 5 %, power: 200 kW}",
     lambda p: p.limits, {"budget": 1.2e6, "people": 30.0, "late": 0.05, "power": 2e5}),
    ("moves", "+moves:\n  second saw: {set: {work centers > saw > machines: 2}, cost: 650 kUSD, lead time: 9 mo, only with: [x], not with: [y]}\n"
     "  x: {set: {work centers > mill > machines: 3}}\n  y: {set: {work centers > mill > machines: 4}, cost per year: 20 kUSD/y}",
     lambda p: (p.moves["second saw"], round(p.moves["y"].cost_per_year or 0, 6)),
     (OwnMove("second saw", {"work centers > saw > machines": "2"}, 650e3, None, 9 * YEAR / 12, ("x",), ("y",)), 20e3)),
    ("moves, ban", "+moves: {ban: [overtime, second saw]}", lambda p: p.banned, ("overtime", "second saw")),
    ("moves, defaults of a family", "+moves: {faster machine: {cost: 5 kUSD, lead time: 2 wk}}", lambda p: p.family_defaults,
     {"faster machine": FamilyDefault("faster machine", 5e3, None, 2 * WEEK)}),
]  # fmt: skip

SHIFTS_AND_PEOPLE: list[Story] = [
    ("shifts", (), lambda p: (p.shifts["day"].days, p.shifts["day"].span, p.shifts["day"].breaks),
     ((0, 1, 2, 3, 4), Span(7 * HOUR, 15 * HOUR), (Span(11 * HOUR, 11.5 * HOUR),))),
    ("to before from is the next day",
     'from: "07:00", to: "15:00", breaks: ["11:00-11:30"] -> from: "22:00", to: "06:00", breaks: ["02:00-02:30"]',
     lambda p: (p.shifts["day"].span, p.shifts["day"].breaks), (Span(22 * HOUR, 30 * HOUR), (Span(26 * HOUR, 26.5 * HOUR),))),
    ("except", 'breaks: ["11:00-11:30"]} -> except: {2026-12-25: closed, 2026-12-24: "07:00-12:00"}}', lambda p: p.shifts["day"].exceptions,
     {date(2026, 12, 25): "closed", date(2026, 12, 24): Span(7 * HOUR, 12 * HOUR)}),
    ("overtime", 'breaks: ["11:00-11:30"]} -> overtime: {days: Sat, from: "07:00", to: "12:00", pay: 150 %}}', lambda p: p.shifts["day"].overtime,
     (Overtime((5,), Span(7 * HOUR, 12 * HOUR), 1.5),)),
    ("people, named", "Ana: {shift: day, skills: {sawing: 2}} -> Ana: {shift: day, skills: {sawing: 3}, wage: 36 USD/h}", lambda p: p.people["Ana"],
     Crew("Ana", 1, ("day",), {"sawing": 3}, 36 / HOUR)),
    ("people, alike", (), lambda p: p.people["fitters"], Crew("fitters", 3, ("day",), {"fitting": 3, "repair": 2, "mixing": 2})),
    ("absence", "Ana: {shift: day, -> Ana: {absence: {share: 5 %, spell: 3 d},", lambda p: p.people["Ana"].absence, Absence(0.05, always(3 * DAY))),
    ("absence, a share", "Ana: {shift: day, -> Ana: {absence: 5 %,", lambda p: p.people["Ana"].absence, Absence(0.05)),
    ("shift end", "Ana: {shift: day, -> Ana: {shift end: finish piece,", lambda p: p.people["Ana"].shift_end, "finish piece"),
    ("learns", "Ana: {shift: day, -> Ana: {learns: {mixing 2: 80 h},", lambda p: p.people["Ana"].learns, {"mixing 2": 80 * HOUR}),
    ("staff", at_cut("staff: [{skill: mixing 2, count: 1, for: [setup, load, run, unload], tends: 3 machines, walk: 2 min}]"),
     lambda p: cut(p).staff, (Staffing("mixing", 2, 1, ("setup", "load", "run", "unload"), 3, 2 * MIN),)),
]  # fmt: skip
NUMBERS: list[Story] = [
    ("exponential", time_of("exponential 40 h/lot"), lambda p: cut(p).time, WorkTime(D("exponential", (40 * HOUR,)), "lot")),
    ("lognormal", time_of("lognormal 1.5 h cv 0.8/lot"), lambda p: cut(p).time, WorkTime(D("lognormal", (1.5 * HOUR, 0.8)), "lot")),
    ("gamma", time_of("gamma 21 d cv 0.4/lot"), lambda p: cut(p).time, WorkTime(D("gamma", (21 * DAY, 0.4)), "lot")),
    ("uniform", time_of("uniform 40..60 min/lot"), lambda p: cut(p).time, WorkTime(D("uniform", (40 * MIN, 60 * MIN)), "lot")),
    ("triangular", time_of("triangular 50..60..80 min/lot"), lambda p: cut(p).time, WorkTime(D("triangular", (50 * MIN, 60 * MIN, 80 * MIN)), "lot")),
    ("pert", time_of("pert 50..60..80 min/lot"), lambda p: cut(p).time, WorkTime(D("pert", (50 * MIN, 60 * MIN, 80 * MIN)), "lot")),
    ("erlang", time_of("erlang 3 12 min/lot"), lambda p: cut(p).time, WorkTime(D("erlang", (3, 12 * MIN)), "lot")),
    ("weibull", time_of("weibull shape 1.7 scale 600 h/lot"), lambda p: cut(p).time, WorkTime(D("weibull", (1.7, 600 * HOUR)), "lot")),
    ("normal", at_cut("measures: {thickness: normal 120 um sd 2 um}"), lambda p: cut(p).measures["thickness"].parameters,  # type: ignore[union-attr]
     pytest.approx((120e-6, 2e-6))),
    ("normal, a time", time_of("normal 12 min/lot sd 2 min/lot"), lambda p: cut(p).time, WorkTime(D("normal", (12 * MIN, 2 * MIN)), "lot")),
    ("geometric", at_saw("failures: [{every: geometric 100 pieces, clock: count, repair: 1 h}]"), lambda p: saw(p).failures[0].every,
     D("geometric", (100,))),
    ("empirical", time_of("empirical times.csv:coat/lot"), lambda p: cut(p).time, WorkTime(D("empirical", (), (50 * MIN, 55 * MIN, 70 * MIN)), "lot")),
    ("a bare number is a constant", time_of("45 min/lot"), lambda p: cut(p).time, WorkTime(always(45 * MIN), "lot")),
    ("guess", time_of("45 min/lot guess 30..60 min"), lambda p: p.guesses,
     (Guess("products > bracket > routing > cut > time", 30 * MIN, 60 * MIN, 45 * MIN),)),
    ("guess without a range", "price: 2 USD/kg -> price: 2 USD/kg guess", lambda p: p.guesses, (Guess("materials > bar > price", value=2.0),)),
]  # fmt: skip

CENTERS: list[Story] = [
    ("machines, alike", "saw: {machines: 1 -> saw: {machines: 4", lambda p: saw(p).machines, 4),
    ("machines, unlike", "saw: {machines: 1 -> saw: {machines: [{name: M1, speed: 110 %, only: [NMC]}]",
     lambda p: (saw(p).machines, saw(p).unlike), (1, (Machine("M1", pytest.approx(1.1), ("NMC",)),))),
    ("machines, with stops of their own", f"saw: {{machines: 1 -> saw: {{machines: [{{name: M1, {FAILURES}, {CARE}}}]",
     lambda p: saw(p).unlike, (Machine("M1", 1.0, (), (FAILURE,), (MAINTENANCE,)),)),
    ("machines, unlimited", "saw: {machines: 1 -> saw: {machines: unlimited", lambda p: saw(p).machines, None),
    ("places", at_saw("places: 2"), lambda p: saw(p).places, 2),
    ("setup", at_saw("setup: {default: 25 min, from: {NMC: {LFP: 2 h}}, into: {SU128: 72 min}, minor: 5 min, minimum run: 7 lots, campaign: 20 lots, cleaning: 2 h}"),
     lambda p: saw(p).setup,
     SetupTimes(always(25 * MIN), {("NMC", "LFP"): always(2 * HOUR)}, {"SU128": always(72 * MIN)}, always(5 * MIN), Amount(7), Amount(20),
                always(2 * HOUR))),
    ("setup, least runs of single families", at_saw("setup: {default: 25 min, minimum run: {NMC: 7 lots, LFP: 3 lots}}"),
     lambda p: (saw(p).setup.minimum_run, saw(p).setup.minimum_runs), (Amount(0), {"NMC": 7.0, "LFP": 3.0})),  # type: ignore[union-attr]
    ("setup, one time", at_saw("setup: 25 min"), lambda p: saw(p).setup, SetupTimes(always(25 * MIN))),
    ("failures", at_saw(FAILURES), lambda p: saw(p).failures, (FAILURE,)),
    ("failures by the calendar", at_saw("failures: [{every: 40 h, clock: calendar, repair: 1 h, then: restart}, {every: 9 h, repair: 1 h, then: scrap}]"),
     lambda p: [(f.clock, f.then) for f in saw(p).failures], [("calendar", "restart"), ("working", "scrap")]),
    ("maintenance, spread over a time", at_saw(CARE.replace("first: spread", "first: spread 27 d")), lambda p: saw(p).maintenance,
     (replace(MAINTENANCE, spread=27 * DAY),)),
    ("maintenance", at_saw(CARE), lambda p: saw(p).maintenance, (MAINTENANCE,)),
    ("maintenance, a first time", at_saw("maintenance: [{every: 500 h, lasts: 4 h, first: 10 h}]"), lambda p: saw(p).maintenance[0].first, always(10 * HOUR)),
    ("maintenance, a random first", at_saw("maintenance: [{every: 500 h, lasts: 4 h, first: uniform 0..500 h, per: work center}]"),
     lambda p: (saw(p).maintenance[0].first, saw(p).maintenance[0].per), (D("uniform", (0, 500 * HOUR)), "work center")),
    ("staff", at_saw("staff: [{skill: mixing 2, for: [run]}]"), lambda p: saw(p).staff,
     (Staffing("mixing", 2, phases=("run",)),)),
    ("delay", at_saw("delay: exponential 6 h"), lambda p: saw(p).delay, D("exponential", (6 * HOUR,))),
    ("delay shift", at_saw("delay: 1 h, delay shift: [day]"), lambda p: saw(p).delay_shift, ("day",)),
    ("start-up", at_saw("start-up: {after: 2 h, lasts: 20 min}"), lambda p: saw(p).start_up, StartUp(2 * HOUR, always(20 * MIN))),
    ("batch", at_saw("batch: {max: 8 lots, min: 2 lots, wait: 30 min}"), lambda p: saw(p).batch, Batch(Amount(8), Amount(2), 30 * MIN)),
    ("batch, its defaults", at_saw("batch: {max: 8 lots}"), lambda p: saw(p).batch, Batch(Amount(8), Amount(1), 0.0)),
    ("batch with", at_saw("batch: {max: 8 lots}, batch with: same recipe"), lambda p: saw(p).batch, Batch(Amount(8), together="same recipe")),
    ("buffer", at_saw("buffer: 4 lots"), lambda p: saw(p).buffer, Amount(4, "lot", "lot")),
    ("no buffer is unlimited", (), lambda p: saw(p).buffer, None),
    ("rule", at_saw("rule: [priority, least setup, FIFO at step]"), lambda p: saw(p).rule, ("priority", "least setup", "FIFO at step")),
    ("sequence", at_saw("sequence: order.csv"), lambda p: saw(p).sequence, (Turn("A2", "bracket", "cut", "saw"), Turn("A1"))),
    ("luck", at_saw("luck: old saw"), lambda p: saw(p).luck, "old saw"),
    ("choose, longest idle", at_saw("choose: longest idle"), lambda p: saw(p).choose, "longest idle"),
    ("choose, least setup", at_saw("choose: least setup"), lambda p: saw(p).choose, "least setup"),
    ("choose, fastest", at_saw("choose: fastest"), lambda p: saw(p).choose, "fastest"),
    ("price", at_saw("price: 650 kUSD"), lambda p: saw(p).price, 650e3),
    ("power", at_saw("power: {run: 12 kW}"), lambda p: saw(p).power, {"run": 12e3}),
    ("power, one number", at_saw("power: 12 kW"), lambda p: saw(p).power, {"run": 12e3}),
    ("cost", at_saw("cost: 20 kUSD/y"), lambda p: saw(p).cost, pytest.approx(20e3 / YEAR)),
    ("shift end, of machines", at_saw("shift end: finish piece"), lambda p: saw(p).shift_end, "finish piece"),
]  # fmt: skip

OPERATIONS: list[Story] = [
    ("at", (), lambda p: cut(p).at, (Alternative("saw"),)),
    ("at, alternatives", "at: saw -> at: [{center: saw, time: 7 min/piece, yield: 99 %}, {center: mill, time: 4 min/piece}]", lambda p: cut(p).at,
     (Alternative("saw", WorkTime(always(7 * MIN), "piece"), 0.99), Alternative("mill", WorkTime(always(4 * MIN), "piece")))),
    ("time per piece, in its unit", ("    lot: 20 pieces\n ->     unit: cell\n    lot: 20 cells\n", "160 pieces -> 160 cells", time_of("12 s/cell")),
     lambda p: cut(p).time, WorkTime(always(12), "piece")),
    ("time per lot", time_of("90 min/lot"), lambda p: cut(p).time, WorkTime(always(90 * MIN), "lot")),
    ("time per batch", time_of("11 h/batch"), lambda p: cut(p).time, WorkTime(always(11 * HOUR), "batch")),
    ("time, where a lot is one piece", (), lambda p: p.products["axle"].operation("turn").time, WorkTime(always(12 * MIN), "lot")),
    ("load, unload", at_cut("load: 2 min/lot, unload: 30 s/piece"), lambda p: (cut(p).load, cut(p).unload),
     (WorkTime(always(120), "lot"), WorkTime(always(30), "piece"))),
    ("batch of a step", (at_cut("batch: {max: 6 lots, min: 2 lots}"), "saw: {machines: 1, -> saw: {machines: 1, batch: {max: 8 lots}, "), lambda p: cut(p).batch,
     Batch(Amount(6), Amount(2))),
    ("interval", (at_cut("interval: 0.64 min/piece"), "saw: {machines: 1, -> saw: {machines: 1, places: 2, "), lambda p: cut(p).interval, WorkTime(always(38.4), "piece")),
    ("time by its interval", time_of("{interval: 0.64 min/piece}"), lambda p: (cut(p).time, cut(p).interval), (None, WorkTime(always(38.4), "piece"))),
    ("setup, of an operation", at_cut("setup: SU128"), lambda p: cut(p).setup, "SU128"),
    ("uses", ("+tools: {pallet: {count: 12}}", at_cut("uses: [{tool: pallet, count: 1, for: run, until: form}]")), lambda p: cut(p).uses,
     (ToolUse("pallet", 1, ("run",), "form"),)),
    ("uses, by name", ("+tools: {coating die: {count: 2}}", at_cut("uses: [coating die]")), lambda p: cut(p).uses, (ToolUse("coating die"),)),
    ("same machine as", at_mill("same machine as: mill"), lambda p: bracket(p).operation("mill").same_machine_as, "mill"),
    ("next, with shares", at_cut("next: {mill: 70 %, form: 30 %}"), lambda p: cut(p).next, {"mill": 0.7, "form": 0.3}),
    ("next, one", at_cut("next: form"), lambda p: cut(p).next, {"form": 1.0}),
    ("after", at_mill("after: [cut]"), lambda p: bracket(p).operation("mill").after, ("cut",)),
    ("share", at_cut("share: 80 %"), lambda p: cut(p).share, 0.8),
    ("share until", at_cut("share: 80 %, share until: mill"), lambda p: (cut(p).share, cut(p).share_until), (0.8, "mill")),
    ("takes", at_cut("takes: {bar: 13.4 kg/lot, bearing: 2/piece}"), lambda p: cut(p).takes,
     {"bar": Usage(13.4, "lot", "mass"), "bearing": Usage(2, "piece", "pieces")}),
    ("gives", ("    lot: 20 pieces\n ->     unit: m\n    lot: 20 kg\n", "160 pieces -> 160 m", at_cut("gives: {foil: 4.2 m/kg}")), lambda p: cut(p).gives,
     {"foil": Usage(4.2, "piece", "length")}),
    ("split, merge", at_cut("split: 4 lots, merge: 4 lots"), lambda p: (cut(p).split, cut(p).merge), (Amount(4), Amount(4))),
    ("transfer", ("    lot: 20 pieces\n ->     unit: cell\n    lot: 20 cells\n", "160 pieces -> 160 cells", at_cut("transfer: 16 cells")),
     lambda p: cut(p).transfer, Amount(16, "piece", "cell")),
    ("yield, scrap", at_cut("yield: 97 %, scrap: lot"), lambda p: (cut(p).yield_, cut(p).scrap), (0.97, "lot")),
    ("yield applies per piece", at_cut("yield: 97 %"), lambda p: (cut(p).yield_, cut(p).scrap), (0.97, "piece")),
    ("defects, finds, sample", (at_cut("defects: {scratch: 2 %}"), at_mill("finds: {scratch: 95 %}, sample: 20 %")),
     lambda p: (cut(p).defects, bracket(p).operation("mill").finds, bracket(p).operation("mill").sample), ({"scratch": 0.02}, {"scratch": 0.95}, 0.2)),
    ("measures", at_cut("measures: [thickness]"), lambda p: cut(p).measures, {"thickness": None}),
    ("rework", at_mill("rework: {share: 3 %, back to: cut, at most: 2, then: scrap}"),
     lambda p: bracket(p).operation("mill").rework, Rework(0.03, "cut", 2, "scrap")),
    ("queue time", at_cut("queue time: {until: form, within: 8 h, past: scrap}"), lambda p: cut(p).queue_time, QueueTime("form", 8 * HOUR, "scrap")),
]  # fmt: skip

PRODUCTS: list[Story] = [
    ("family", (), lambda p: (bracket(p).family, p.families()), ("NMC", ("NMC", "LFP"))),
    ("unit, lot, price", ("    lot: 20 pieces\n ->     unit: cell\n    lot: 64 cells\n    price: 38 USD\n", "160 pieces -> 160 cells"),
     lambda p: (bracket(p).unit, bracket(p).lot, bracket(p).price), ("cell", 64, 38)),
    ("release, conwip", of_bracket("release: {conwip: 12 lots}"), lambda p: bracket(p).releases, (Release("conwip", cards=Amount(12)),)),
    ("release, its first lot", of_bracket("release: {every: 51.69 min, first: 0 s}"), lambda p: bracket(p).releases[0].first, 0.0),
    ("release, at most", of_bracket("release: {every: 51.69 min, at most: 200 lots}"), lambda p: bracket(p).releases[0].most, 200.0),
    ("release, every", of_bracket("release: {every: 51.69 min, class: Hot, priority: 20, due: 33 d}"), lambda p: bracket(p).releases,
     (Release("every", always(51.69 * MIN), due=33 * DAY, priority=20, label="Hot"),)),
    ("release, several", of_bracket("release: [{every: 50 min}, {every: 500 min, class: Hot}]"), lambda p: [r.label for r in bracket(p).releases], [None, "Hot"]),
    ("release, orders", of_bracket("release: {orders: orders.csv}"), lambda p: bracket(p).releases[0].orders,
     (Order("A1", datetime(2026, 1, 5, 7), 40, datetime(2026, 1, 9), 3, (), "bracket"),)),
    ("release, saturated", of_bracket("release: saturated"), lambda p: bracket(p).releases, (Release("saturated"),)),
    ("release, drum and rope", of_bracket("release: {drum: mill, rope: 6 h}"), lambda p: bracket(p).releases, (Release("drum", drum="mill", rope=6 * HOUR),)),
    ("without release, lots start at the demand's rate", (), lambda p: bracket(p).releases, (Release("demand"),)),
    ("demand", "{rate: 160 pieces/working day} -> {rate: 400 pieces/working day, low: 300 pieces/working day, high: 500 pieces/working day, season: {Dec: 140 %}, unmet: backlog}",
     lambda p: bracket(p).demand, Demand(400, "working day", 300, 500, {"Dec": 1.4}, "backlog")),
    ("demand, by the calendar", "{rate: 160 pieces/working day} -> {rate: 70 pieces/wk}", lambda p: bracket(p).demand, Demand(10, "day")),
    ("stock", of_bracket("stock: {capacity: 4000 pieces}"), lambda p: bracket(p).stock, Amount(4000, "piece", "piece")),
    ("at start", of_bracket("at start: wip.csv"), lambda p: bracket(p).at_start,
     (InitialLot("cut", 20, datetime(2026, 1, 8), 2, "bracket"), InitialLot("mill", 12))),
    ("routing, a table", "routing:\n      - turn: {at: bench, time: 12 min} -> routing: routes/part_3.csv", lambda p: p.products["axle"].routing,
     (Operation("face", (Alternative("bench"),), WorkTime(always(3 * MIN), "piece"), yield_=0.99),
      Operation("bore", (Alternative("mill"), Alternative("saw")), WorkTime(D("triangular", (180, 240, 300)), "piece"),
                staff=(Staffing("fitting", 2, 1, ("load",)),)))),
]  # fmt: skip

FILES = {
    "orders_csv": ORDERS,
    "order_csv": "order,product,step,work center\nA2,bracket,cut,saw\nA1,,,\n",
    "d_csv": "from,to,distance\nsaw,mill,40 m\nmill,bench,12.5\n",
    "p_csv": "products > bracket > routing > cut > time,work centers > saw > machines\n2.5,1\n3,2\n",
    "square_csv": ",saw,mill\nsaw,,40\nmill,41,\n",
    "times_csv": "cut,coat\n1 min,50 min\n,55 min\n,70 min\n",
    "wip_csv": "product,operation,quantity,due,priority\nbracket,cut,20,2026-01-08,2\n,mill,12,,\naxle,turn,1,,\n",
    "routes__part_3_csv": 'step,at,time,yield,staff\nface,bench,3 min/piece,99 %,\nbore,"[mill, saw]",triangular 3..4..5 min/piece,,"[{skill: fitting 2, for: load}]"\n',
}


@pytest.mark.parametrize(
    ("changes", "field", "expected"),
    [
        pytest.param(*rest, id=name)
        for name, *rest in [*TOP, *SHIFTS_AND_PEOPLE, *NUMBERS, *CENTERS, *OPERATIONS, *PRODUCTS]
    ],
)
def test_a_word_becomes_its_field(changes: str | tuple[str, ...], field: Callable[[Plant], Any], expected: Any) -> None:
    changes = (changes,) if isinstance(changes, str) else changes
    assert field(read(shop(*changes), **FILES)) == expected
