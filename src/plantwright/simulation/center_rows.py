"""People, work centers and machines as rows for the engine."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from plantwright.distributions import Distribution
from plantwright.errors import SimulationError
from plantwright.plant.resources import Crew, SetupTimes, WorkCenter
from plantwright.simulation import codes
from plantwright.simulation.codes import PARTS_OF_A_PIECE
from plantwright.simulation.economics import watts
from plantwright.simulation.own_rules import address_of
from plantwright.simulation.records import key_of
from plantwright.simulation.stop_rows import add_keepers, add_stops, counts_pieces, start_up_row
from plantwright.simulation.tables import Row, Tables
from plantwright.simulation.timeline import DAY

RULES = {
    "FIFO": codes.FIFO,
    "FIFO at step": codes.FIFO,
    "FIFO by release": codes.FIFO_BY_RELEASE,
    "EDD": codes.EDD,
    "SPT": codes.SPT,
    "LIFO": codes.LIFO,
    "priority": codes.BY_PRIORITY,
    "slack": codes.SLACK,
    "CR": codes.CRITICAL_RATIO,
}
_UNITS = {"lot": codes.IN_LOTS, "piece": codes.IN_PIECES, "batch": codes.IN_BATCHES}
_CHOICES = {
    "longest idle": codes.LONGEST_IDLE,
    "longest idle place": codes.LONGEST_IDLE_PLACE,
    "empty machine": codes.EMPTY_MACHINE,
    "least setup": codes.LEAST_SETUP,
    "fastest": codes.FASTEST,
}
_WORK = {"run": "working", "load": "load", "unload": "unload"}
MOST_RULES = 3
"""So many rules of a list are followed, ``least setup`` not counted; lots that are equal by all go as they came."""


def add_people(tables: Tables) -> None:
    """A row for every crew, and after them one for every pool of tools and for the cards of every loop, which are always there."""
    for crew in tables.plant.people.values():
        _add_absences(tables, crew)
        tables.rows["crew"].append(
            {
                "count": crew.count,
                "calendar": tables.calendar(crew.shift),
                "scale": 1.0,
                "finishes": int(crew.shift_end == "finish piece"),
            }
        )
    for tool in tables.plant.tools.values():
        tables.pools["tool", tool.name] = len(tables.rows["crew"])
        tables.rows["crew"].append({"count": tool.count, "calendar": tables.calendar(()), "scale": 1.0})
    for loop in tables.plant.loops.values():
        scale = PARTS_OF_A_PIECE if loop.cards.of == "piece" else 1
        tables.pools["loop", loop.name] = len(tables.rows["crew"])
        row = {"count": round(loop.cards.value * scale), "calendar": tables.calendar(()), "scale": float(scale)}
        tables.rows["crew"].append(row)


def _add_absences(tables: Tables, crew: Crew) -> None:
    """A row for each of a crew who is away at times: in the mean for his share of the time."""
    absence = crew.absence
    if absence is None or absence.share <= 0:
        return
    spell = absence.spell or Distribution.constant(DAY)
    where = f"people > {crew.name} > absence"
    if absence.share >= 1:
        raise SimulationError(f"{where}: nobody of them would ever come; leave them out, or give a share below 100 %")
    if spell.mean <= 0:
        raise SimulationError(f"{where} > spell: a spell must last longer than no time")
    between = Distribution("exponential", (spell.mean * (1 - absence.share) / absence.share,))
    for k in range(crew.count):
        tables.rows["absence"].append(
            {
                "crew": len(tables.rows["crew"]),
                "between": tables.distribution(between),
                "spell": tables.distribution(spell),
                "key": key_of("absence", crew.name, k),
            }
        )


def add_centers(tables: Tables) -> None:
    """Rows for every work center, its machines, and what stops them."""
    for name, center in tables.plant.work_centers.items():
        c = add_center(tables, center)
        row = tables.rows["center"][c]
        for k in range(max(0, row["machines"])):
            for place in range(center.places):
                _add_machine(tables, name, center, k, place)
        if row["machines"] > 0:
            row["machines"] *= center.places
    add_keepers(tables)
    for i, line in enumerate(tables.plant.lines.values()):
        tables.rows["line"].append(
            {
                "index": line.index,
                "first_station": len(tables.rows["station"]),
                "stations": len(line.stations),
                "at": -1,
            }
        )
        tables.rows["station"] += [{"center": tables.centers[name]} for name in line.stations]
        for name in line.stations:
            tables.rows["center"][tables.centers[name]]["line"] = i


def add_center(tables: Tables, center: WorkCenter) -> int:
    """The row of a work center, whose machines come next."""
    row = _center_row(tables, center.name, center)
    if center.machines is not None:
        row["machines"] = max(center.machines, tables.least.machines.get(center.name, 0))
    row["first_machine"] = len(tables.rows["machine"])
    tables.rows["center"].append(row)
    return len(tables.rows["center"]) - 1


def _center_row(tables: Tables, name: str, center: WorkCenter) -> Row:
    rules = center.rule or tables.plant.rule
    keys = [_rule(tables, rule) for rule in rules if rule != "least setup"][:MOST_RULES] or (
        [] if rules else [codes.BY_PRIORITY]
    )
    keys += [codes.FIFO] * (MOST_RULES - len(keys))
    pieces = center.buffer is not None and center.buffer.of == "piece"
    batch = center.batch
    row: Row = {
        "machines": -1 if center.machines is None else center.machines,
        "calendar": tables.calendar(center.shift),
        "delay_calendar": tables.calendar(center.delay_shift if center.delay is not None else center.shift),
        "finishes": int(center.shift_end == "finish piece"),
        "places": -1.0 if center.buffer is None else center.buffer.value,
        "places_in_pieces": int(pieces),
        "rule": keys[0],
        "usual": int(keys == [codes.BY_PRIORITY, codes.FIFO, codes.FIFO]),
        "second_rule": keys[1],
        "third_rule": keys[2],
        "moving": int(any(key >= codes.CRITICAL_RATIO for key in keys)),
        "least_setup": _least_setup(rules),
        "setup_offset": _setup_matrix(tables, center),
        "minor": tables.distribution(center.setup.minor) if center.setup else -1,
        "batch": int(batch is not None),
        "batch_most": 1.0,
        "batch_least": 1.0,
        "batch_lots": 1,
        "beside": center.places,
        "line": -1,
        "opened": -1.0,
        "empty": (center.machines or 0) * center.places,
    }
    if center.machines is None:
        row |= {f"{word}_watts": watts(center, state) for word, state in _WORK.items()}
    row |= _setup_rules(tables, center)
    for link in ("head", "tail", "idle_head", "idle_tail", "blocked_head", "blocked_tail", "outside_head"):
        row[link] = -1
    row |= {"outside_tail": -1, "first_source": -1, "next_dirty": -1, "chosen": -1}
    if batch is not None:
        in_pieces = batch.largest.of == "piece"
        smallest = tables.smallest_lots[name]
        row |= {
            "batch_most": batch.largest.value,
            "batch_least": batch.smallest.value,
            "least_in_pieces": int(batch.smallest.of == "piece"),
            "batch_wait": batch.wait,
            "batch_in_pieces": int(in_pieces),
            "batch_lots": max(1, int(batch.largest.value // (smallest if in_pieces else 1.0))),
        }
    return row


def _setup_rules(tables: Tables, center: WorkCenter) -> Row:
    """How long a setup is kept, when the machines are cleaned, and how one of several free ones is chosen."""
    setup = center.setup
    minimum = setup.minimum_run if setup else None
    campaign = setup.campaign if setup else None
    alike = not any(machine.only or machine.speed != 1 for machine in center.unlike)
    return {
        **_minimum_runs(tables, setup),
        "minimum_unit": _UNITS[minimum.of] if minimum else 0,
        "campaign": campaign.value if campaign else 0.0,
        "campaign_unit": _UNITS[campaign.of] if campaign else 0,
        "cleaning": tables.distribution(setup.cleaning) if setup else -1,
        "choose": _CHOICES[center.choose],
        "picky": int(
            center.places > 1 or minimum is not None or not center.choose.startswith("longest idle") or not alike
        ),
    }


def _minimum_runs(tables: Tables, setup: SetupTimes | None) -> Row:
    """How long each setup of a work center is kept at least."""
    if setup is None or setup.minimum_run is None:
        return {"minimum_run": 0.0, "minimum_offset": 0}
    offset, usual = len(tables.minimum_runs), setup.minimum_run.value
    tables.minimum_runs += [setup.minimum_runs.get(name, usual) for name in tables.setups]
    return {"minimum_run": max(tables.minimum_runs[offset:], default=0.0), "minimum_offset": offset}


def _rule(tables: Tables, rule: str) -> int:
    """The number of a dispatch rule; a user's own is made ready."""
    if rule in RULES:
        return RULES[rule]
    if rule not in tables.own_rules:
        tables.own_rules[rule] = len(tables.rows["own_rule"])
        tables.rows["own_rule"].append({"address": address_of(rule)})
    return codes.OWN_RULE + tables.own_rules[rule]


def _least_setup(rules: Sequence[str]) -> int:
    """The place of that rule in the list, from 1 on; 0 without it."""
    return rules.index("least setup") + 1 if "least setup" in rules else 0


def _setup_matrix(tables: Tables, center: WorkCenter) -> int:
    setup = center.setup
    if setup is None or not tables.setups:
        return -1
    usual = tables.distribution(setup.default, (center.name, "setup"))
    into = [tables.distribution(setup.into[new]) if new in setup.into else usual for new in tables.setups]
    matrix = np.tile(np.array(into, np.int64), (len(into) + 1, 1))  # in the first row nothing is set up
    own = [
        (tables.setups[old], tables.setups[new])
        for old, new in setup.between
        if old in tables.setups and new in tables.setups
    ]
    names = list(tables.setups)
    for old, new in sorted(own):
        matrix[1 + old, new] = tables.distribution(setup.between[names[old], names[new]])
    alike = np.arange(len(into))
    matrix[1 + alike, alike] = -1
    offset = sum(map(len, tables.matrix))
    tables.matrix.append(matrix.reshape(-1))
    return offset


def _add_machine(tables: Tables, name: str, center: WorkCenter, k: int, place: int) -> None:
    """A row for a place of the k-th machine, of which there is usually one; what stops several together is a keeper's."""
    m = len(tables.rows["machine"])
    own = center.unlike[k] if k < len(center.unlike) else None
    tables.names["machine"].append(
        own.name if own else name if tables.rows["center"][-1]["machines"] == 1 else f"{name} {k + 1}"
    )
    warm_up = start_up_row(tables, name, center, k)
    first = len(tables.rows["mode"])
    if center.places == 1:
        add_stops(tables, m, name, center, k)
    tables.rows["machine"].append(
        {
            "center": tables.centers[name],
            "gone": int(k >= (center.machines or 0)),
            "head": -1,
            "setup": -1,
            "last_product": -1,
            "speed": own.speed if own else 1.0,
            "only": -1,
            "stop_mode": -1,
            "warm_up": warm_up,
            "cold_after": center.start_up.after if center.start_up else 0.0,
            "away_since": -1.0,
            "lead": m - place,
            "beside": center.places,
            "whole": -1,
            "next_run": 1,
            "next_end": 1,
            "fails": -1,
            "blocked_by": -1,
            "first_mode": first,
            "modes": len(tables.rows["mode"]) - first,
            "counts": int(counts_pieces(center, own)),
        }
    )
