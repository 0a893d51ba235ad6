"""The plants that the engine's speed is measured on: one server, a line of ten, and a shop with everything on."""

from __future__ import annotations

STATIONS, PLACES = 10, 2
BETWEEN, SERVICE, UP, DOWN = 66.5, 60.0, 3600.0, 360.0
"""Mean seconds: between arrivals, of a step, to a failure, to the end of its repair."""
CENTERS, PRODUCTS, STEPS = 100, 20, 15

QUEUE = f"""
plant: M/M/1
work centers: {{desk: {{machines: 1}}}}
products:
  job:
    release: {{every: exponential {BETWEEN} s}}
    routing: [serve: {{at: desk, time: exponential {SERVICE} s}}]
"""


def line() -> str:
    """Ten exponential stations that fail while they work, two places between them, always work at the first."""
    failures = f"failures: [{{every: exponential {UP} s, clock: working, repair: exponential {DOWN} s}}]"
    centers, steps = [], []
    for k in range(STATIONS):
        buffer = f", buffer: {PLACES} lots" if k else ""
        centers.append(f"  m{k}: {{machines: 1, {failures}{buffer}}}")
        steps.append(f"      - s{k}: {{at: m{k}, time: exponential {SERVICE} s}}")
    return "\n".join(
        [
            "plant: line",
            "work centers:",
            *centers,
            "products:",
            "  part:",
            "    release: saturated",
            "    routing:",
            *steps,
        ]
    )


def shop(copies: int = 1) -> str:
    """100 work centers, 20 products of 15 operations each; `copies` of all of it in one plant, which have nothing in common.

    Lots of four pieces flow from lower to higher work centers, so that places can be few without a lock-up. Machines, people and
    batches are about three quarters loaded.
    """
    people, centers, products = [], [], []
    for copy in range(copies):
        people += _people(copy)
        centers += [f"  {_center(copy, c)}: {{{', '.join(_center_words(copy, c))}}}" for c in range(CENTERS)]
        for p in range(PRODUCTS):
            products += _product(copy, p)
    return "\n".join(
        [
            "plant: shop",
            "shifts:",
            '  early: {days: Mon-Sat, from: "06:00", to: "14:00", breaks: ["10:00-10:30"]}',
            '  late: {days: Mon-Sat, from: "14:00", to: "22:00", breaks: ["18:00-18:30"]}',
            "people:",
            *people,
            "work centers:",
            *centers,
            "products:",
            *products,
        ]
    )


def _center(copy: int, c: int) -> str:
    return f"c{c}" if copy == 0 else f"c{c} of {copy}"


def _people(copy: int) -> list[str]:
    """Two crews of operators for each tenth of the shop, setters who can also operate, and maintenance."""
    rows = []
    for shift in ("early", "late"):
        for tenth in range(10):
            skill, other = f"running {copy} {tenth}", f"running {copy} {(tenth + 1) % 10}"
            rows.append(
                f"  crew {copy} {tenth} {shift}: "
                f"{{count: 9, shift: {shift}, skills: {{'{skill}': 2, '{other}': 1, 'setting {copy} {tenth // 2}': 1}}}}"
            )
        rows.append(f"  maintenance {copy} {shift}: {{count: 12, shift: {shift}, skills: {{'repair {copy}': 2}}}}")
    return rows


def _is_oven(c: int) -> bool:
    return c % 10 == 7


def _center_words(copy: int, c: int) -> list[str]:
    repair = f"by: 'repair {copy} 1'"
    words = [f"machines: {2 if _is_oven(c) else 3}", "shift: [early, late]"]
    words.append(f"failures: [{{every: exponential 60 h, repair: lognormal 1.5 h cv 0.8, {repair}}}]")
    if c % 2 == 0:
        words.append(f"maintenance: [{{every: 200 h, clock: calendar, lasts: 2 h, {repair}}}]")
    if _is_oven(c):
        words.append("batch: {max: 4 lots, min: 2 lots, wait: 1 h}")
        words.append("batch with: any")
    elif c % 3 == 0:
        words.append("setup: {default: uniform 10..20 min, from: {F0: {F1: 30 min}}, minor: 3 min}")
        words.append("rule: [priority, least setup, FIFO]")
    elif c % 3 == 1:
        words.append("rule: EDD")
    if c % 5 == 4:
        words.append("buffer: 12 lots")
    return words


def _product(copy: int, p: int) -> list[str]:
    rows = [
        f"  product {copy} {p}:",
        "    lot: 4 pieces",
        f"    family: F{p % 4}",
        "    demand: {rate: 14 pieces/working day}",
        f"    release: {{every: exponential 5.5 h, due: 9 d, priority: {p % 3}}}",
        "    routing:",
    ]
    for k in range(STEPS):
        rows.append(f"      - s{k}: {{{', '.join(_step_words(copy, (k * PRODUCTS + p) // 3, k, p))}}}")
    return rows


def _step_words(copy: int, c: int, k: int, p: int) -> list[str]:
    words = [f"at: {_center(copy, c)}"]
    if _is_oven(c):
        words.append("time: 2 h/batch")
    elif k % 3 == 0:
        words.append("time: triangular 15..20..30 min/piece")
    elif k % 3 == 1:
        words.append("time: lognormal 80 min cv 0.4/lot")
    else:
        words.append("time: gamma 80 min cv 0.3/lot")
    skill = f"running {copy} {c // 10}"
    if k % 2 == 0 and not _is_oven(c):
        words.append("load: 5 min/lot")
        words.append("unload: 3 min/lot")
        words.append(
            f"staff: [{{skill: '{skill} 1', for: [load, unload]}}, {{skill: 'setting {copy} {c // 20} 1', for: setup}}]"
        )
    else:
        words.append(f"staff: [{{skill: '{skill} 1', for: {'load' if _is_oven(c) else 'run'}}}]")
    words.append(f"yield: {98 + (k + p) % 2} %")
    if k % 5 == 2 and c % 5 != 4:
        words.append(f"rework: {{share: 3 %, back to: s{k}, at most: 2, then: scrap}}")
    return words
