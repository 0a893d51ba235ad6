"""A shop with everything on, which the engine's speed is measured on: 100 work centers, 20 products of 15 operations each.

Each thing stands where a shop has it, at a share of work centers and operations that is like one:

- all: two shifts with breaks, failures with repairers, operators by skill who are away 3 % of the time; yields; priorities, due times
- half of the work centers: maintenance (one kind of oven as a whole, by working time, or by pieces)
- a third of them: setups by family (some with a minimum run, some with campaigns and cleaning), served by least setup; a third EDD, the
  others FIFO, SPT, CR or slack
- a tenth each: ovens in batches, cascading machines with intervals, unlike machines, start-up after a stop, spare parts for repairs, work
  that is finished at the end of the shift
- a fifth: finite buffers of their own; four more share two lanes with a transit; three are a paced line; four are pure delays; five are
  one area with stops of its own
- operations: half have operators to load and unload and a setter, the others to run (a tenth of them one for two machines, who walk);
  a fifth a die; a twentieth may go to a second work center; a quarter of the moves (those between the four halls) take a truck
- products: a quarter carry a pallet over four steps, a tenth have kanban cards over five; a fifth are split and merged, one is sent on in
  parts, two are forked and joined, one takes another's pieces; two are counted in kilograms first; all take counted material that is
  reordered from suppliers; hidden scratches are looked for in a sample of every product; one operation in fifteen has rework; a quarter
  have queue-time limits; a tenth branch, two have an optional step, two come back to the same machine
- lots start at random, at the rate of a demand with seasons, from an order list, by CONWIP, and by drum and rope

Left out are a given sequence (the lots of all other products would wait for its end) and a user's own rule.
"""

from __future__ import annotations

from plantwright.plant import Plant
from plantwright.plant.document import Document, parse_yaml
from plantwright.plant.reading import from_document

CENTERS, PRODUCTS, STEPS = 100, 20, 15
EVERY = 5.5
"""Mean hours between the lots of a product; the rates of the others are the same."""
MANY_MACHINES = (1, 6, 12, 18, 28, 41, 48, 94, 95)
"""Those that have more to do than two machines can; most have two."""
LINE = (97, 98, 99)
SHIFTS = ("early", "late")
CONWIP, DRUM, ORDERS, BY_DEMAND, AT_START = (3, 12), (9,), (15,), (2, 7, 17), 14
MAKER, TAKER = 11, 10
IN_KILOGRAMS = (8, 18)
FORKED, SPLIT, IN_PARTS, SAME_MACHINE = (5, 16), (3, 13, 6, 19), 4, (6, 14)


def full_shop(copies: int = 1) -> Plant:
    """The shop; `copies` of all of it in one plant, which have nothing in common but the calendar."""
    text, files = full_shop_files(copies)
    return from_document(Document(parse_yaml(text, "plant.yaml"), "plant.yaml", text, None, files))


def full_shop_files(copies: int = 1) -> tuple[str, dict[str, str]]:
    """Its plant file, and the tables beside it by name."""
    sections: dict[str, list[str]] = {
        "people": [],
        "tools": [],
        "materials": [],
        "suppliers": [],
        "areas": [],
        "buffers": [],
        "loops": [],
        "lines": [],
        "transport": [],
        "work centers": [],
        "products": [],
    }
    files: dict[str, str] = {}
    for copy in range(copies):
        sections["people"] += _people(copy)
        sections["tools"] += [f"  {_die(copy, k, g)}: {{count: 3}}" for k in (1, 6, 11) for g in range(5)]
        sections["tools"].append(f"  pallet {copy}: {{count: 30}}")
        sections["materials"] += _materials(copy)
        sections["suppliers"] += _suppliers(copy)
        sections["areas"].append(_area(copy))
        for first in (20, 70):
            feeds = f"[{_center(copy, first)}, {_center(copy, first + 1)}]"
            sections["buffers"].append(f"  lane {copy} {first}: {{capacity: 16 lots, transit: 3 min, feeds: {feeds}}}")
        for p in (1, 17):
            loop = f"{{cards: 14 lots, from: {_step(copy, p, 3)}, until: {_step(copy, p, 7)}}}"
            sections["loops"].append(f"  kanban {copy} {p}: {loop}")
        stations = ", ".join(_center(copy, c) for c in LINE)
        sections["lines"].append(f"  final {copy}: {{index: 40 min, stations: [{stations}]}}")
        sections["transport"].append(f"  trucks {copy}: {{count: 3, speed: 0.5 m/s, distances: distances {copy}.csv}}")
        files[f"distances {copy}.csv"] = _distances(copy)
        files[f"orders {copy}.csv"] = _orders(copy)
        files[f"wip {copy}.csv"] = _at_start(copy)
        sections["work centers"] += [
            f"  {_center(copy, c)}: {{{', '.join(_center_words(copy, c))}}}" for c in range(CENTERS)
        ]
        for p in range(PRODUCTS):
            sections["products"] += _product(copy, p)
    head = [
        "plant: shop",
        "shifts:",
        '  early: {days: Mon-Sat, from: "06:00", to: "14:00", breaks: ["10:00-10:30"]}',
        '  late: {days: Mon-Sat, from: "14:00", to: "22:00", breaks: ["18:00-18:30"]}',
        "changes: [{on: 2026-03-02, set: people > crew 0 0 early > count, to: 10}]",
    ]
    for name, rows in sections.items():
        head += [f"{name}:", *rows]
    return "\n".join(head), files


def _center(copy: int, c: int) -> str:
    return f"c{c}" if copy == 0 else f"c{c} of {copy}"


def _step(copy: int, p: int, k: int) -> str:
    return f"s{k} of {copy} {p}"


def _die(copy: int, k: int, group: int) -> str:
    return f"die {copy} {k} {group}"


def _people(copy: int) -> list[str]:
    """Two crews of operators for each tenth of the shop, setters who can also operate, and maintenance."""
    rows = []
    for shift in SHIFTS:
        for tenth in range(10):
            skill, other = f"running {copy} {tenth}", f"running {copy} {(tenth + 1) % 10}"
            words = [
                f"count: {(9, 9, 9, 9, 9, 9, 9, 7, 9, 4)[tenth]}",
                f"shift: {shift}",
                f"skills: {{'{skill}': 2, '{other}': 1, 'setting {copy} {tenth // 2}': 1}}",
                "absence: {share: 3 %, spell: 2 d}",
            ]
            if tenth == 6:
                words.append("shift end: finish piece")
            rows.append(f"  crew {copy} {tenth} {shift}: {{{', '.join(words)}}}")
        rows.append(f"  maintenance {copy} {shift}: {{count: 12, shift: {shift}, skills: {{'repair {copy}': 2}}}}")
    return rows


def _materials(copy: int) -> list[str]:
    rows = [
        f"  steel {copy} {m}: {{from: mill {copy}, on hand: 900 kg, reorder: {{at: 600 kg, up to: 1200 kg}}}}"
        for m in range(10)
    ]
    rows.append(
        f"  bearing {copy}: {{from: dealer {copy}, on hand: 40 pieces, reorder: {{at: 25 pieces, up to: 60 pieces}}}}"
    )
    rows.append(f"  scrap metal {copy}: {{price: 0.2 USD/kg}}")
    return rows


def _suppliers(copy: int) -> list[str]:
    return [
        f"  mill {copy}: {{lead time: gamma 2 d cv 0.4, outage: {{every: exponential 200 d, lasts: lognormal 1 d cv 0.5}}}}",
        f"  dealer {copy}: {{lead time: lognormal 1 d cv 0.5}}",
    ]


def _area(copy: int) -> str:
    centers = ", ".join(_center(copy, c) for c in range(60, 65))
    failure = "{every: exponential 30 d, clock: calendar, repair: lognormal 1 h cv 0.5}"
    return (
        f"  hall {copy}: {{work centers: [{centers}], failures: [{failure}], "
        "maintenance: [{every: 90 d, clock: calendar, lasts: 2 h}]}"
    )


def _distances(copy: int) -> str:
    """Between the four halls of 25 work centers each: of those that a routing joins across them."""
    near = [c for c in range(CENTERS) if c // 25 != (c + 7) // 25 or c // 25 != (c - 7) // 25]
    rows = ["from,to,distance"]
    for a in near:
        for b in near:
            if a < b and a // 25 != b // 25:
                rows.append(
                    f"{_center(copy, a)},{_center(copy, b)},{60 * (b // 25 - a // 25) + 5 * (b % 25 + a % 25) // 2} m"
                )
    return "\n".join(rows) + "\n"


def _orders(copy: int) -> str:
    """Seven lots at the start of each working day but one, for two years."""
    from datetime import date, timedelta

    rows = ["order,product,release,quantity,due,priority"]
    for n in range(730):
        day = date(2026, 1, 5) + timedelta(days=n)
        if day.weekday() < 6:
            rows.append(f"{copy}-{n},product {copy} {ORDERS[0]},{day} 06:00,20,{day + timedelta(days=9)} 22:00,1")
    return "\n".join(rows) + "\n"


def _at_start(copy: int) -> str:
    """A lot before each of the first ten steps."""
    rows = ["product,operation,quantity,due,priority"]
    rows += [f"product {copy} {AT_START},{_step(copy, AT_START, k)},4,2026-01-12 22:00,1" for k in range(10)]
    return "\n".join(rows) + "\n"


def _is_oven(c: int) -> bool:
    return c % 10 == 7 and c not in LINE


def _is_delay(c: int) -> bool:
    return c % 25 == 8


def _is_cascading(c: int) -> bool:
    return c % 10 == 3 and not _is_delay(c)


def _rule(c: int) -> str:
    if c % 3 == 0:
        return "rule: [priority, least setup, FIFO]"
    if c % 3 == 1:
        return "rule: EDD"
    return ("rule: FIFO by release", "rule: SPT", "rule: CR", "rule: slack", "rule: [priority, FIFO]")[c // 3 % 5]


def _machines(c: int) -> str:
    if c in LINE:
        return "machines: 1"
    if c % 10 == 9:
        return "machines: [{name: old, only: [F0, F1, F2]}, {name: new, speed: 125 %}]"
    if _is_oven(c) or _is_cascading(c):
        return "machines: 2"
    return f"machines: {4 if c in (93, 96) else 3 if c in MANY_MACHINES else 1 if c in (68, 71, 86, 92) else 2}"


def _center_words(copy: int, c: int) -> list[str]:
    if _is_delay(c):
        return ["machines: unlimited"]
    repair = f"by: 'repair {copy} 1'"
    words = [_machines(c), "shift: [early, late]"]
    if c in LINE:
        return [*words, f"failures: [{{every: exponential 90 h, repair: exponential 30 min, {repair}}}]"]
    parts = f", takes: {{bearing {copy}: 1 piece}}" if c % 10 == 0 else ""
    clock = ("working", "working", "working", "calendar", "count")[c % 5]
    every = {"working": "60 h", "calendar": "110 h", "count": "400 pieces"}[clock]
    then = ", then: restart" if c % 20 == 1 else ", then: scrap" if c == 31 else ""
    words.append(
        f"failures: [{{every: exponential {every}, clock: {clock}, repair: lognormal 1.5 h cv 0.8, {repair}{parts}{then}}}]"
    )
    if c % 4 == 0:
        words.append(f"maintenance: [{{every: 200 h, clock: calendar, lasts: 2 h, {repair}}}]")
    elif c % 4 == 2:
        per = "clock: working, per: machine" if c % 3 else "clock: count, per: machine"
        length = "every: 100 h" if c % 3 else "every: 300 pieces"
        words.append(f"maintenance: [{{{length}, {per}, lasts: 2 h, {repair}}}]")
    elif c % 20 == 7:
        words.append(f"maintenance: [{{every: 336 h, clock: calendar, per: work center, lasts: 3 h, {repair}}}]")
    if _is_oven(c):
        words += ["batch: {max: 4 lots, min: 2 lots, wait: 1 h}", "batch with: any"]
    elif _is_cascading(c):
        words.append("places: 2")
        words.append(_rule(1))
    else:
        if c % 3 == 0:
            extra = (
                ", minimum run: 2 lots"
                if c % 30 == 15
                else ", campaign: 20 lots, cleaning: 30 min"
                if c % 15 == 6
                else ""
            )
            words.append(f"setup: {{default: uniform 10..20 min, from: {{F0: {{F1: 30 min}}}}, minor: 3 min{extra}}}")
        words.append(_rule(c))
    if c % 10 == 9:
        words.append("choose: fastest")
    if c % 10 == 5:
        words.append("start-up: {after: 4 h, lasts: 15 min}")
    if c % 10 == 6:
        words.append("shift end: finish piece")
    if c % 5 == 4:
        words.append("buffer: 14 lots")
    if c % 10 == 2:
        words.append("power: {run: 12 kW, idle: 2 kW}")
    return words


def _product(copy: int, p: int) -> list[str]:
    unit = "4 kg" if p in IN_KILOGRAMS else "4 pieces"
    rows = [
        f"  product {copy} {p}:",
        f"    lot: {unit}",
        "    unit: piece",
        f"    family: F{p % 4}",
    ]
    demand = [f"rate: {8 if p == MAKER else 24} pieces/working day"]
    if p in BY_DEMAND:
        demand = ["rate: 14 pieces/working day", "season: {Dec: 90 %, Jul: 105 %, Aug: 95 %}"]
    elif p == 5:
        demand = ["rate: 15 pieces/working day", "unmet: backlog"]
    rows.append(f"    demand: {{{', '.join(demand)}}}")
    if p % 6 == 0:
        rows.append("    stock: {capacity: 400 pieces}")
    if p == AT_START:
        rows.append(f"    at start: wip {copy}.csv")
    rows += _release(copy, p)
    rows.append("    routing:")
    for k in range(STEPS):
        rows.append(f"      - {_step(copy, p, k)}: {{{', '.join(_step_words(copy, k, p))}}}")
    return rows


def _release(copy: int, p: int) -> list[str]:
    if p in BY_DEMAND:
        return ["    release: {due: 9 d}"]
    if p in CONWIP:
        return ["    release: {conwip: 12 lots}"]
    if p in DRUM:
        return [f"    release: {{drum: {_center(copy, _center_of(p, 9))}, rope: 14 h, due: 9 d}}"]
    if p in ORDERS:
        return [f"    release: {{orders: orders {copy}.csv}}"]
    if p == 0:
        hot = f"{{every: exponential {EVERY * 8} h, class: Hot, due: 6 d, priority: 20}}"
        return [f"    release: [{{every: exponential {EVERY * 8 / 7:.3f} h, due: 9 d}}, {hot}]"]
    return [f"    release: {{every: exponential {EVERY} h, due: 9 d, priority: {p % 3}}}"]


def _center_of(p: int, k: int) -> int:
    """Which work center does a step: from lower to higher ones, so that places can be few without a lock-up."""
    if p >= 17 and k >= 12:
        return LINE[k - 12]
    if k == 14:
        return 93 + p * 4 // 17
    if p in SAME_MACHINE and k == 10:
        k = 9
    return (k * PRODUCTS + p) // 3


def _step_words(copy: int, k: int, p: int) -> list[str]:
    c = _center_of(p, k)
    unit = "kg" if p in IN_KILOGRAMS and k < 2 else "piece"
    words = [_where(copy, c, k, p), _time(c, k, p, unit)]
    if not _is_delay(c):
        words += _claims(copy, c, k, p)
    words.append(f"yield: {98 + (k + p) % 2} %")
    if p in SAME_MACHINE and k == 10:
        words.append(f"same machine as: {_step(copy, p, 9)}")
    words += _way(copy, c, k, p)
    words += _goods(copy, k, p, unit)
    return words


def _where(copy: int, c: int, k: int, p: int) -> str:
    if c % 10 == 1 and k % 2 and not _is_delay(c + 1):
        return (
            f"at: [{{center: {_center(copy, c)}}}, {{center: {_center(copy, c + 1)}, time: 24 min/piece, yield: 97 %}}]"
        )
    return f"at: {_center(copy, c)}"


def _time(c: int, k: int, p: int, unit: str) -> str:
    if c in LINE:
        return "time: uniform 20..35 min/lot"
    if _is_oven(c):
        return "time: 2 h/batch"
    if _is_delay(c):
        return "time: uniform 1..3 h/lot"
    if _is_cascading(c):
        return f"time: 16 min/{unit}, interval: 11 min/{unit}"
    if k == 10 or (p in SPLIT and 4 <= k < 9) or (p == IN_PARTS and k < 3) or k % 3 == 0:
        return f"time: triangular 15..20..30 min/{unit}"
    return "time: lognormal 80 min cv 0.4/lot" if k % 3 == 1 else "time: gamma 80 min cv 0.3/lot"


def _claims(copy: int, c: int, k: int, p: int) -> list[str]:
    """People for half of the steps to load, unload and set up, for the others to run; dies; pallets."""
    words = []
    skill = f"running {copy} {c // 10}"
    if k % 2 == 0 and not _is_oven(c) and not _is_cascading(c) and c not in LINE:
        setter = f"{{skill: 'setting {copy} {c // 20} 1', for: setup}}"
        words += ["load: 5 min/lot", "unload: 3 min/lot"]
        words.append(f"staff: [{{skill: '{skill} 1', for: [load, unload]}}, {setter}]")
    elif _is_oven(c):
        words.append(f"staff: [{{skill: '{skill} 1', for: load}}]")
    else:
        more = ", tends: 2 machines, walk: 1 min" if (k + p) % 10 == 1 else ""
        words.append(f"staff: [{{skill: '{skill} 1', for: run{more}}}]")
    uses = []
    if k in (1, 6, 11) and not _is_oven(c):
        uses.append(f"{{tool: {_die(copy, k, p // 4)}, for: run}}")
    if p % 4 == 1 and k == 8:
        uses.append(f"{{tool: pallet {copy}, until: {_step(copy, p, 12)}}}")
    if uses:
        words.append(f"uses: [{', '.join(uses)}]")
    return words


def _way(copy: int, c: int, k: int, p: int) -> list[str]:
    """Where lots go on, in which parts, and how long they may wait for it."""
    words = []
    if k % 5 == 2 and c % 5 != 4 and k not in (12,):
        words.append(f"rework: {{share: 3 %, back to: {_step(copy, p, k)}, at most: 2, then: scrap}}")
    if p in SPLIT and k == 3:
        words.append("split: 2 lots")
    if p in SPLIT and k == 9:
        words.append("merge: 2 lots")
    if p == IN_PARTS and k == 0:
        words.append("transfer: 2 pieces")
    if p == IN_PARTS and k == 3:
        words.append("merge: 4 pieces")
    if p in FORKED and k in (5, 6):
        words.append(f"after: [{_step(copy, p, 4)}]")
    if p in FORKED and k == 7:
        words.append(f"after: [{_step(copy, p, 5)}, {_step(copy, p, 6)}]")
    if p in (2, 12) and k == 7:
        words.append("share: 80 %")
    if p in (0, 11) and k == 9:
        words.append(f"next: {{{_step(copy, p, 10)}: 70 %, {_step(copy, p, 11)}: 30 %}}")
    if p % 4 == 2 and k == 6:
        past = "rework" if p == 2 else "report"
        words.append(f"queue time: {{until: {_step(copy, p, 7)}, within: 1 d, past: {past}}}")
    return words


def _goods(copy: int, k: int, p: int, unit: str) -> list[str]:
    """Materials, other units and co-products; scratches that are made unseen, and looked for."""
    words = []
    takes = []
    if k == 0:
        takes.append(f"steel {copy} {p // 2}: 2 kg/{unit}")
    if p == TAKER and k == 5:
        takes.append(f"product {copy} {MAKER}: 2 pieces/lot")
    if takes:
        words.append(f"takes: {{{', '.join(takes)}}}")
    if p in IN_KILOGRAMS and k == 1:
        words.append("gives: {pieces: 1 piece/kg}")
    if p % 10 == 7 and k == 3:
        words.append(f"gives: {{scrap metal {copy}: 0.1 kg/piece}}")
    if k == 4:
        words.append("defects: {scratch: 2 %}")
    if k == 10:
        words += ["finds: {scratch: 90 %}", "sample: 50 %"]
    return words
