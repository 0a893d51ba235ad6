"""Small plants whose answer is known, as texts of plant files. Times are in minutes."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import zip_longest

from plantwright.plant import Plant, read_text
from plantwright.plant.document import Document, parse_yaml
from plantwright.plant.reading import from_document
from plantwright.simulation import Event, Run, history, simulate


def queue(time: str, every: str, machines: int = 1, center: str = "", release: str = "") -> Plant:
    """One work center with random arrivals."""
    return read_text(f"""
plant: queue
work centers:
  desk: {{machines: {machines}{center}}}
products:
  job:
    release: {{every: {every}{release}}}
    routing: [serve: {{at: desk, time: {time}}}]
""")


def line(
    mu: Sequence[float],
    p: Sequence[float] | None = None,
    r: Sequence[float] | None = None,
    places: Sequence[int] | None = None,
    release: str = "saturated",
) -> Plant:
    """A serial line of exponential machines: rates of work per minute, of failure while working, of repair; places between."""
    centers, steps = [], []
    for k, rate in enumerate(mu):
        words = ["machines: 1"]
        if places is not None and k > 0:
            words.append(f"buffer: {places[k - 1]} lots")
        if p is not None and r is not None and p[k] > 0:
            words.append(f"failures: [{{every: exponential {1 / p[k]!r} min, repair: exponential {1 / r[k]!r} min}}]")
        centers.append(f"  m{k + 1}: {{{', '.join(words)}}}")
        steps.append(f"      - s{k + 1}: {{at: m{k + 1}, time: exponential {1 / rate!r} min}}")
    return read_text(
        "plant: line\nwork centers:\n"
        + "\n".join(centers)
        + f"\nproducts:\n  part:\n    release: {release}\n    routing:\n"
        + "\n".join(steps)
        + "\n"
    )


def shop(text: str, *orders: str, at_start: tuple[str, ...] = (), files: Mapping[str, str] | None = None) -> Plant:
    """A plant from a text, whose ``orders.csv`` holds lines such as ``red 01:30 quantity=2 due=04:00 priority=5 routing=cut>bake``.

    Its ``wip.csv`` holds lines such as ``red cut quantity=2 due=04:00``. Times are of the first day, Monday 5 January 2026. `files` are
    further files, by their names.
    """
    lines = ["product,release,quantity,due,priority,routing"]
    for order in orders:
        product, release, *rest = order.split()
        lines.append(f"{product},2026-01-05 {release},{_cells(rest)}")
    standing = ["product,operation,quantity,due,priority"]
    for lot in at_start:
        product, step, *rest = lot.split()
        standing.append(f"{product},{step},{_cells(rest).rpartition(',')[0]}")
    beside = {"orders.csv": "\n".join(lines) + "\n", "wip.csv": "\n".join(standing) + "\n", **(files or {})}
    return from_document(Document(parse_yaml(text, "plant.yaml"), "plant.yaml", text, None, beside))


def _cells(words: Sequence[str]) -> str:
    """Quantity, due time, priority and routing of words such as ``quantity=2``, as cells of a table."""
    given = {"quantity": "1", "due": "", "priority": "", "routing": ""} | dict(word.split("=") for word in words)
    due = f"2026-01-05 {given['due']}" if given["due"] else ""
    return f"{given['quantity']},{due},{given['priority']},{given['routing']}"


def tell(plant: Plant, horizon: str, warmup: str = "0 s", replications: int = 2, saturated: bool = False) -> Run:
    """Run a story: from its first second, unless a warm-up is given."""
    return simulate(plant, horizon=horizon, warmup=warmup, replications=replications, saturated=saturated)


def exactly(run: Run, name: str, quantile: float | None = None, **of: str) -> float:
    """A number that has no chance in it: every replication must give the same."""
    estimate = run.estimate(name, quantile=quantile, **of)
    assert estimate.high - estimate.low <= 1e-9 * max(1.0, abs(estimate.mean)), f"{name}: chance plays a part"
    return estimate.mean


def hours(run: Run, center: str) -> dict[str, float]:
    """How many hours the machines of a work center spent in each state, states without any left out."""
    shares = {e.of["state"]: e.mean for e in run.named("state share") if e.of["work center"] == center}
    return {state: round(share * run.horizon / 3600, 6) for state, share in shares.items() if share > 0}


def made(run: Run, **of: str) -> float:
    """Pieces finished in the whole run."""
    return round(exactly(run, "throughput", **of) * run.working_days, 6)


def cycle_hours(run: Run, **of: str) -> float:
    """Mean cycle time in hours."""
    return round(exactly(run, "cycle time", **of) / 3600, 9)


def told(event: Event) -> tuple[object, ...]:
    """An event as a story tells it: minute, what, and those of lot, operation, machine (else work center), detail and amount that say
    something; a lot is named by its product and its number, and amounts are given where lots come, go or lose pieces.
    """
    row: list[object] = [round(event.time / 60, 6), event.what]
    if event.lot is not None:
        row.append(f"{event.product} {event.lot}")
    row += [word for word in (event.operation, event.machine or event.work_center, event.detail) if word is not None]
    if event.what in ("released", "completed", "scrapped", "lost", "found", "split", "merged") or (
        event.lot is None and event.amount not in (None, 1)
    ):
        row.append(event.amount if event.amount is None else round(event.amount, 9))
    return tuple(row)


def log_of(plant: Plant, horizon: str, *what: str) -> list[tuple[object, ...]]:
    """What happens in a plant from its first second on, as `told`; all of it, or only the kinds of event named."""
    return [told(event) for event in history(plant, horizon=horizon) if not what or event.what in what]


def first_difference(one: Plant, other: Plant, horizon: str, *what: str) -> tuple[tuple[object, ...], ...]:
    """The first event of each of two plants in which their logs differ, () for a log that is over; no difference is an error."""
    logs = log_of(one, horizon, *what), log_of(other, horizon, *what)
    for pair in zip_longest(*logs, fillvalue=()):
        if pair[0] != pair[1]:
            return pair
    raise AssertionError("the logs of both plants are the same")


EVERYTHING = """
plant: A bit of everything
shifts:
  day: {days: Mon-Fri, from: "07:00", to: "15:00", breaks: ["11:00-11:30"]}
  late: {days: Mon-Thu, from: "14:00", to: "22:00", overtime: [{days: Fri, from: "15:00", to: "18:00"}]}
people:
  Ana: {shift: day, skills: {setting: 3, running: 2}}
  Ben: {shift: [day, late], skills: {running: 2}}
  maintenance: {count: 1, shift: day, skills: {repair: 2}}
work centers:
  saw:
    machines: 2
    shift: [day, late]
    setup: {default: uniform 10..20 min, from: {long: {short: 45 min}}, minor: 4 min}
    rule: [priority, least setup, FIFO]
  mill:
    machines: 2
    shift: [day, late]
    failures:
      - {every: exponential 20 h, repair: lognormal 1.5 h cv 0.8, by: repair 2}
      - {every: weibull shape 1.5 scale 90 h, clock: calendar, repair: gamma 1 h cv 0.5}
    maintenance: [{every: 60 h, lasts: 1 h}]
    buffer: 3 lots
  oven: {machines: 1, batch: {max: 4 lots, min: 2 lots, wait: 1 h}, batch with: same recipe, buffer: 6 lots}
  rest: {machines: unlimited}
  check: {machines: 1, shift: day, rule: EDD}
products:
  axle:
    lot: 10 pieces
    family: long
    demand: {rate: 40 pieces/working day, unmet: backlog}
    release: {every: exponential 3 h, due: 4 d}
    routing:
      - saw: {at: saw, time: triangular 1..2..4 min/piece, staff: [{skill: running 2, for: [load, run]}, {skill: setting, for: setup}], load: 5 min/lot}
      - mill: {at: mill, time: lognormal 3 min cv 0.4/piece, staff: [{skill: running 1, for: load}], load: 6 min/lot, unload: 2 min/lot, yield: 97 %}
      - harden: {at: oven, time: 90 min/batch}
      - cool: {at: rest, time: erlang 3 2 h/lot}
      - check: {at: check, time: pert 10..15..30 min/lot, rework: {share: 10 %, back to: mill, at most: 2, then: scrap}}
  pin:
    lot: 20 pieces
    family: short
    demand: {rate: 50 pieces/working day}
    release: {conwip: 6 lots, priority: 1}
    routing:
      - saw: {at: saw, time: normal 60 s sd 10 s/piece, staff: [{skill: running, for: run}], next: {mill: 60 %, harden: 40 %}}
      - mill: {at: mill, time: 70 s/piece, yield: 95 %, scrap: lot}
      - harden: {at: oven, time: 90 min/batch}
      - check: {at: check, time: gamma 12 min cv 0.3/lot, share: 70 %}
"""
"""Every word that the engine knows, in one plant; nobody has worked its answer out."""
