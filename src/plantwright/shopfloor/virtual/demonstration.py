"""The plant of the demonstration, what its collector's file says, and what its numbers truly are."""

from __future__ import annotations

from plantwright.plant.plant import Plant
from plantwright.plant.products import WorkTime

SPAN = 90 * 86400.0
"""Seconds of the plant that the demonstration runs."""

PLANT = """# The plant of 'plantwright demo loop'. No real shop: every number is ours.
format: 1
plant: A small machine shop
time zone: America/Phoenix
shifts:
  day: {days: Mon-Fri, from: "06:00", to: "14:00"}
work centers:
  saw: {machines: 1, shift: day}
  mill:
    machines: 2
    shift: day
    setup: {default: triangular 10..15..25 min}
    failures: [{every: exponential 12 h, clock: working, repair: lognormal 30 min cv 0.6}]
  grinder: {machines: 1, shift: day}
products:
  bracket:
    unit: piece
    lot: 10 pieces
    demand: {rate: 90 pieces/working day}
    routing:
      - saw: {at: saw, time: triangular 12..15..20 min/lot}
      - mill: {at: mill, time: lognormal 40 min/lot cv 0.2, yield: 96 %}
      - grind: {at: grinder, time: gamma 18 min/lot cv 0.3, yield: 98 %}
  flange:
    unit: piece
    lot: 10 pieces
    demand: {rate: 60 pieces/working day}
    routing:
      - cut: {at: saw, time: triangular 8..10..14 min/lot}
      - mill: {at: mill, time: lognormal 55 min/lot cv 0.25, yield: 93 %}
      - grind: {at: grinder, time: gamma 12 min/lot cv 0.3, yield: 99 %}
"""


def floor_words(plant: Plant, machines: dict[str, str]) -> str:
    """What a shop says of itself in the collector's file: time zone, shifts, which machine stands where, and planned times of a piece."""
    lines = [f"time zone: {plant.time_zone}", "shifts:"]
    lines += [
        f'  {shift.name}: {{days: Mon-Fri, from: "{_clock(shift.span.start)}", to: "{_clock(shift.span.end)}"}}'
        for shift in plant.shifts.values()
    ]
    lines += ["machines:"]
    for name, center in machines.items():
        times = {product: time for product in plant.products if (time := _piece(plant, product, center)) is not None}
        run = ", ".join(f"{product}: {seconds:.1f} s" for product, seconds in times.items())
        lines += [f"  {name}: {{work center: {center}, run time: {{{run}}}}}"]
    return "\n".join(lines) + "\n"


def truth_of(plant: Plant, path: str, what: str) -> float | None:
    """A number of the plant by its path and what of it is meant, as calibration tells it; None where the plant has none such."""
    parts = path.split(" > ")
    if parts[0] == "products":
        product = plant.products.get(parts[1])
        step = next((one for one in product.routing if one.name == parts[3]), None) if product else None
        if product is None or step is None or step.time is None:
            return None
        if what == "yield":
            return step.yield_
        if what == "share":
            names = [one.name for one in product.routing]
            return float(parts[-1] == "share" or parts[-1] == [*names, "end"][names.index(step.name) + 1])
        return _of(step.time, float(product.lot), what == "cv of time")
    center = plant.work_centers.get(parts[1])
    if center is None:
        return None
    if parts[2] == "setup":
        setup = center.setup.default if center.setup else None
        return None if setup is None else setup.cv if "cv" in what else setup.mean
    if not center.failures:
        return None
    failure = center.failures[0]
    if what == "work between failures":
        return failure.every.mean
    return failure.repair.cv if "cv" in what else failure.repair.mean


def _of(time: WorkTime, lot: float, cv: bool) -> float:
    """The mean time of a lot, or its coefficient of variation."""
    law, pieces = time.distribution, lot if time.per == "piece" else 1.0
    return law.cv / pieces**0.5 if cv else law.mean * pieces


def _piece(plant: Plant, product: str, center: str) -> float | None:
    own = plant.products[product]
    times = [step.time for step in own.routing if step.center == center and step.time is not None]
    return _of(times[0], float(own.lot), False) / float(own.lot) if times else None


def _clock(seconds: float) -> str:
    return f"{int(seconds // 3600):02d}:{int(seconds % 3600 // 60):02d}"
