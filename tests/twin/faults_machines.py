"""Faults to be planted in what the engine does with buffers, stocks, vehicles, spare parts, places and calendars; see `tests.twin.faults`."""

from __future__ import annotations

OF_MACHINES: tuple[tuple[str, str, str, str, tuple[str, ...]], ...] = (
    ("one place too few in a shared buffer", "queues", "return used <= w.center.places[c] +", "return used + 1.0 <= w.center.places[c] +",
     ("a shared buffer",)),
    ("a place in a shared buffer is offered to nobody else", "engine", "if w.center.lane[c] >= 0:", "if w.center.lane[c] >= 1:",
     ("a shared buffer", "transit")),
    ("a buffer is gone through twice as fast", "arrivals", "w.run.now[0] + w.center.transit[c])", "w.run.now[0] + 0.5 * w.center.transit[c])",
     ("transit",)),
    ("nobody comes in where stock was taken", "stores", "        if fell:\n", "        if not fell:\n", ("limited stock",)),
    ("repairs need no spare parts", "people", "w.machine.parts[m] == 0 and w.mode.takes", "w.machine.parts[m] == 1 and w.mode.takes",
     ("spare parts",)),
    ("of several who walk the last of the list counts", "people", "walk = max(walk, w.need.walk[w.plan.need[row]])",
     "walk = w.need.walk[w.plan.need[row]]", ("several people",)),
    ("one person serves two claims of a machine", "tables", "if number not in beside)", "if number >= 0)", ("several people",)),
    ("needs of other phases are two people's", "tables", " and set(other.phases) & set(need.phases)\n", "\n", ("several people", "several machines", "absence")),
    ("the vehicle that is farthest comes", "movers", "if nearest < 0 or time < least:", "if nearest < 0 or time > least:", ("vehicles",)),
    ("vehicles do not stay where they were", "movers", "    w.vehicle.at[v] = c\n", "", ("vehicles",)),
    ("the way back is not known", "mover_rows", "if (end, start) not in mover.distances:", "if False:", ("vehicles",)),
    ("runs end as they like", "places", "w.machine.next_end[lead] != w.machine.turn[m]:", "False:", ("places", "load")),
    ("the interval does not wait for a run that is set up", "machines", "        _let_follow(w, m)\n", "        pass\n", ("places", "setups")),
    ("a full machine goes before an empty one", "choosing", "own = _at_work(w, m) +", "own = 0 +", ("places", "several machines")),
    ("a line indexes too soon", "pacing", "w.run.now[0] + w.line.index[line])", "w.run.now[0] + 0.5 * w.line.index[line])", ("a paced line",)),
    ("a line does not wait for a lot that could not start", "pacing", "and not waits\n", "\n", ("a paced line", "staff", "shifts of people")),
    ("clocks are never changed", "timeline", "steady = later - whole == 2 * DAY", "steady = True", ("clock changes",)),
)  # fmt: skip
