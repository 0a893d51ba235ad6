"""A small shop simulated in plain Python, minute by minute of its open hours, that writes its event log.

Bolts are sawn, milled, inspected and packed; one in eight inspections sends the order back to the mill. Nuts are sawn, of which three
in ten are milled, then inspected and packed. Two mills do the same work; a change of product is set up. Work is from 07:00 to 15:00,
Monday to Friday, and pauses over night.
"""

from __future__ import annotations

import heapq
import itertools
import random
from collections.abc import Callable
from datetime import datetime, timedelta

from tests.calibration.logs import MONDAY, row

DAY = 8.0
STATIONS = {
    "Sawing": ("Machine 1 - Sawing",),
    "Milling": ("Machine 2 - Milling", "Machine 3 - Milling"),
    "Inspection": ("Inspection",),
    "Packing": ("Packing",),
}
WORKERS = {
    "Machine 1 - Sawing": "ID1001", "Machine 2 - Milling": "ID1002", "Machine 3 - Milling": "ID1003", "Inspection": "ID1004",
    "Packing": "ID1005",
}  # fmt: skip
MEAN = {"Sawing": 1.0, "Milling": 2.0, "Inspection": 0.8, "Packing": 0.25}
SETUP = 0.5
REWORK, MILLED, GOOD = 1 / 8, 0.3, 0.97
PIECES = 20


def clock(open_hours: float) -> datetime:
    """The moment at which so many hours were open."""
    day, hour = divmod(open_hours, DAY)
    return MONDAY + timedelta(days=7 * (day // 5) + day % 5, hours=7 + hour)


def draw(chance: random.Random) -> dict[str, Callable[[], float]]:
    return {
        "Sawing": lambda: chance.gammavariate(4, MEAN["Sawing"] / 4),
        "Milling": lambda: chance.lognormvariate(0.605, 0.4247),  # mean 2 h, cv 0.444
        "Inspection": lambda: chance.expovariate(1 / MEAN["Inspection"]),
        "Packing": lambda: MEAN["Packing"],
    }


def following(product: str, step: str, chance: random.Random) -> str | None:
    match step:
        case "Sawing":
            return "Milling" if product == "Bolt" or chance.random() < MILLED else "Inspection"
        case "Milling":
            return "Inspection"
        case "Inspection":
            return "Milling" if product == "Bolt" and chance.random() < REWORK else "Packing"
        case _:
            return None


def reports(start: float, end: float, clocked: bool) -> list[tuple[datetime, datetime]]:
    """When work between two open hours is reported: at the end of each shift too, if people clock out."""
    edges = [start]
    if clocked:
        edges += [DAY * day for day in range(int(start // DAY) + 1, int(-(-end // DAY)))]
    edges.append(end)
    # The last moment of a day is 15:00, not 07:00 of the next.
    return [(clock(a), clock(b - 1e-9)) for a, b in itertools.pairwise(edges) if b - a > 1e-9]


def simulated(orders: int = 400, every: float = 1.9, seed: int = 1, clocked: bool = True) -> list[dict[str, str]]:
    """The log of so many orders, one released after another at exponential times of `every` open hours on average."""
    chance = random.Random(seed)
    times = draw(chance)
    events: list[tuple[float, int, str, str]] = []
    at, products = 0.0, {}
    for number in range(orders):
        at += chance.expovariate(1 / every)
        products[f"{number:03d}"] = "Bolt" if chance.random() < 0.5 else "Nut"
        heapq.heappush(events, (at, number, f"{number:03d}", "Sawing"))
    free: dict[str, list[str]] = {step: list(stations) for step, stations in STATIONS.items()}
    queue: dict[str, list[str]] = {step: [] for step in STATIONS}
    last: dict[str, str] = {}
    busy: dict[tuple[str, str], str] = {}
    rows: list[dict[str, str]] = []
    count = orders

    def begin(step: str, now: float) -> None:
        nonlocal count
        while queue[step] and free[step]:
            order, station = queue[step].pop(0), free[step].pop(0)
            product, start = products[order], now
            if step == "Milling" and last.get(station) != product:
                start += chance.expovariate(1 / SETUP)
                write(order, step, station, now, start, "S", 0)
                last[station] = product
            end = start + times[step]()
            bad = sum(chance.random() > GOOD for _ in range(PIECES)) if step == "Inspection" else 0
            write(order, step, station, start, end, "D", bad)
            busy[order, step] = station
            count += 1
            heapq.heappush(events, (end, count, order, f"done {step}"))

    def write(order: str, step: str, station: str, start: float, end: float, kind: str, bad: int) -> None:
        pieces = reports(start, end, clocked)
        for number, (a, b) in enumerate(pieces, 1):
            whole = number == len(pieces) and kind == "D"
            rows.append(
                row(f"Order {order}", f"{step} - {station[:9]}" if "Machine" in station else step, station, a, b, worker=WORKERS[station],
                    kind=kind, work_order__qty=PIECES, part_desc=products[order], span="",
                    qty_completed=PIECES - bad if whole else 0, qty_rejected=bad if whole else 0)
            )  # fmt: skip

    while events:
        now, _, order, what = heapq.heappop(events)
        if what.startswith("done "):
            step = what.removeprefix("done ")
            free[step].append(busy.pop((order, step)))
            begin(step, now)
            to = following(products[order], step, chance)
        else:
            step, to = "", what
        if to is not None:
            queue[to].append(order)
            begin(to, now)
    return rows
