"""What holds a plant back, said in a headline with its arithmetic, and drawn as bars."""

from __future__ import annotations

from plantwright.improvement.study import Limit, Probe, Study
from plantwright.improvement.words import is_plural
from plantwright.plant.plant import Plant
from plantwright.report import words
from plantwright.simulation.run import Run

BAR, MOST_BARS, NAME = 20, 4, 11
AT_WORK = ("working", "load", "unload")
BUSY = ("working", "load", "unload", "setup", "waiting for repair", "in repair", "maintenance")


def the(subject: str, plant: Plant) -> str:
    """A work center or a crew with its article; a person, and what is written like a name, by name alone."""
    crew = plant.people.get(subject)
    named = subject[:1].isupper() or (crew is not None and crew.count == 1)
    return subject if named else f"the {subject}"


def headline(study: Study, plant: Plant, width: int = 80) -> list[str]:
    """The limit in capitals with the arithmetic that proves it; what binds next where demand or release is the limit."""
    said = f"{limit_said(study.limit, plant).upper()}."
    arithmetic, *then = headline_parts(study, plant)
    lines = [f"{said}  {arithmetic}" if arithmetic else said]
    if len(lines[0]) > width:
        lines = [words.shortened(said, width), *words.wrapped(f" {arithmetic}", width, 2)]
    return lines + [f" {line}" for line in then]


def headline_parts(study: Study, plant: Plant) -> list[str]:
    """The arithmetic that proves the limit, empty where there is none; then what binds next where work is the limit."""
    limit = study.limit
    parts = [f"{limit.arithmetic}." if limit.arithmetic else ""]
    if limit.kind in ("demand", "release") and study.capacity_limit is not None:
        capacity = words.figures(study.saturated.estimate("throughput").mean)
        then = study.capacity_limit
        if then.kind != "unknown":
            # Lists of orders are told in lots, and capacity in pieces: the two are not for comparison.
            at = "" if plant.release_rules() == {"orders"} else f", at {capacity}"
            parts.append(f"With more work {the(then.subject, plant)} {_verb(then.subject, 'bind')} first{at}.")
        else:
            parts.append(
                f"With more work it could make {capacity}{'; no single thing binds then' if study.probes else ''}."
            )
    return parts


def _verb(subject: str, verb: str) -> str:
    return verb if is_plural(subject) else f"{verb}s"


def limit_said(limit: Limit, plant: Plant) -> str:
    """The limit as a sentence without its point: ``The mixer holds you back``."""
    names = [limit.subject, *limit.tied_with][:3]
    joined = " and ".join(names)
    verb = "hold" if len(names) > 1 else _verb(joined, "hold")
    match limit.kind:
        case "machines":
            return f"{joined if joined[:1].isupper() else f'The {joined}'} {verb} you back"
        case "people":
            crew = plant.people.get(limit.subject)
            named = crew is not None and crew.count == 1
            return f"{joined} {verb} you back" if named else f"Too few people hold you back: {joined}"
        case "demand":
            return "The orders that come in are the limit" if limit.subject == "orders" else "Demand is the limit"
        case "release":
            return "Your own limit on lots in process holds you back"
        case "material":
            return f"Material holds you back: {joined}"
    return "No single thing holds you back"


def shares(run: Run, center: str) -> dict[str, float]:
    """The states of a work center as shares of the time in which it is open."""
    found: dict[str, float] = {}
    for estimate in run.named("state share"):
        if estimate.of.get("work center") == center:
            found[estimate.of["state"]] = estimate.mean
    there = 1 - found.pop("off shift", 0.0)
    return {state: share / there for state, share in found.items()} if there > 0 else {}


def time_spent(run: Run, plant: Plant) -> list[tuple[str, float]]:
    """Where lots spend their time, as shares of it, the largest first: before a work center, or in a pure delay.

    By Little's law a lot's share of time in a place is that place's share of the lots in process; what is missing to one is time
    on machines, their nights included.
    """
    try:
        whole = run.estimate("work in process").mean
    except KeyError:
        return []
    found = [
        (f"before {the(e.of['work center'], plant)}", e.mean)
        for e in run.named("buffer level")
        if "work center" in e.of
    ]
    found += [(f"in {e.of['work center']}", e.mean) for e in run.named("work in process") if "work center" in e.of]
    if delayed := run.named("lots delayed"):
        found.append(("in delays between steps", sum(e.mean for e in delayed)))
    shares = [(place, lots / whole) for place, lots in found if whole > 0]
    return sorted(shares, key=lambda item: -item[1])


def time_said(run: Run, plant: Plant) -> str:
    """``Of 22 days in process 12 are in unexplained waiting, 3.1 before the saw.``: the places that hold more than a twentieth."""
    spent = [(place, share) for place, share in time_spent(run, plant) if share > 0.05][:3]
    try:
        whole = run.estimate("cycle time").mean
    except KeyError:
        return ""
    if not spent:
        return ""
    size, name = words.time_unit(whole)
    told = ", ".join(f"{words.figures(share * whole / size, 2)} {place}" for place, share in spent)
    return f"Of {words.figures(whole / size, 2)} {name} in process: {told}."


def bars(study: Study, plant: Plant) -> list[str]:
    """A bar for the limit, then for the work centers that are busiest, with what they do and what relief would bring."""
    run = study.baseline
    limit = study.capacity_limit or study.limit
    probes = {(probe.kind, probe.subject): probe for probe in study.probes}
    busy: dict[str, float] = {}
    for name in plant.work_centers:
        states = shares(run, name)
        if states:
            busy[name] = sum(states.get(state, 0.0) for state in BUSY)
    ordered = sorted(busy, key=lambda name: (name != limit.subject, -busy[name]))
    lines = []
    if limit.kind == "people":
        lines.append(_crew_bar(run, limit.subject))
    for name in ordered[: MOST_BARS - len(lines)]:
        lines.append(_bar(name, shares(run, name), busy[name], probes.get(("machines", name)), name == limit.subject))
    return lines


def _drawn(name: str, share: float) -> str:
    filled = round(BAR * min(1.0, max(0.0, share)))
    return f" {words.shortened(name, NAME).ljust(NAME)} {'#' * filled}{'.' * (BAR - filled)} {100 * share:4.0f} %"


def _crew_bar(run: Run, crew: str) -> str:
    try:
        use = run.estimate("use of people", crew=crew).mean
    except KeyError:
        return f" {words.shortened(crew, NAME)}"
    return _drawn(crew, use) + " of paid time at work"


def _bar(name: str, states: dict[str, float], busy: float, probe: Probe | None, binding: bool) -> str:
    said = "working"
    down = sum(states.get(state, 0.0) for state in ("waiting for repair", "in repair", "maintenance"))
    if down > 0.02:
        said += f" (down {100 * down:.0f} %)"
    if states.get("setup", 0.0) > 0.02:
        said += f" (setup {100 * states['setup']:.0f} %)"
    waits = {state: states.get(state, 0.0) for state in ("starved", "blocked", "no staff", "no tool", "no material")}
    most = max(waits, key=lambda state: waits[state])
    idle = probe is not None and not binding and probe.gain.low <= 0
    if idle and busy < 0.5 and waits["blocked"] < 0.02:
        said += ", more brings nothing"
    elif waits[most] >= 0.02:
        said += f", {most} {'the rest' if waits[most] > 0.9 * (1 - busy) else f'{100 * waits[most]:.0f} %'}"
    return f"{_drawn(name, busy)} {said}"
